//! What happens to files and to the user's mind while files are read.

use std::fs::OpenOptions;
use std::io::Write as _;

use browser_tests::chromium::Chromium;
use browser_tests::dendro::{ALL_SAVED, N_FOUND, OPENED, expect_found, press, rows, search, states};
use browser_tests::logs::shop_log;
use browser_tests::stage::{Stage, close, play};
use serde_json::Value;

/// About 190 MB: there is time to do something in the middle.
const N_ENTRIES: usize = 2_000_000;
const IS_READING: &str = "document.querySelector('#sources [data-state=reading]') !== null";
/// The sentence under a source.
const REASON: &str = "document.querySelector('#sources .reason')?.innerText";

#[test]
fn a_file_that_is_written_to_while_it_is_read_says_so_and_keeps_what_was_read() {
    play(|stage| async move {
        let log = stage.file("growing.log", shop_log(N_ENTRIES))?;
        let mut browser = begin_reading(&stage, &log).await?;
        OpenOptions::new().append(true).open(&log)?.write_all(shop_log(10).as_bytes())?;
        browser.wait_for("document.querySelector('#sources [data-state=failed]')").await?;
        browser.wait_for(&format!("{REASON}?.includes('was changed while it was read')")).await?;
        let n_kept = n_found(&mut browser).await?;
        assert!((1..N_ENTRIES as u64).contains(&n_kept), "{n_kept} entries were read before");
        search(&browser, "order-000000").await?;
        expect_found(&mut browser, 1).await?;
        close(browser).await
    });
}

#[test]
fn a_file_that_goes_away_while_it_is_read_says_so_and_keeps_what_was_read() {
    play(|stage| async move {
        let log = stage.file("gone.log", shop_log(N_ENTRIES))?;
        let mut browser = begin_reading(&stage, &log).await?;
        std::fs::remove_file(&log)?;
        browser.wait_for("document.querySelector('#sources [data-state=failed]')").await?;
        browser.wait_for(&format!("/no longer there|was changed while it was read/.test({REASON})")).await?;
        assert!(n_found(&mut browser).await? > 0);
        close(browser).await
    });
}

#[test]
fn a_line_of_100_mb_is_taken_in_as_parts_while_the_page_stays_alive() {
    const LINE_BYTES: usize = 100_000_000;
    /// Notes the longest time in which the page did nothing else.
    const WATCH: &str = "window.longestGap = 0; let before = performance.now();
        setInterval(() => { const now = performance.now(); longestGap = Math.max(longestGap, now - before); before = now; }, 20);";
    play(|stage| async move {
        let mut line = "2026-11-20T08:00:00Z INFO payload".to_owned();
        while line.len() < LINE_BYTES {
            line.push_str(" part=0123456789abcdef of=a-long-line");
        }
        let n_parts = line.len().div_ceil(1 << 20) as u64;
        let log = stage.file("long.log", format!("{line}\n2026-11-20T08:00:01Z INFO after the line\n"))?;
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        browser.run(WATCH, Value::Null).await?;
        browser.drop_files(&[&log]).await?;
        browser.wait_for(ALL_SAVED).await?;
        expect_found(&mut browser, n_parts + 1).await?;
        let gap = browser.run("return longestGap;", Value::Null).await?.as_f64().unwrap_or(f64::MAX);
        assert!(gap < 2000.0, "the page stood still for {gap} ms");
        assert!(rows(&browser).await?[0].contains("first part"));
        search(&browser, "\"after the line\"").await?;
        expect_found(&mut browser, 1).await?;
        close(browser).await
    });
}

#[test]
fn reading_that_is_stopped_ends_and_keeps_what_was_read() {
    play(|stage| async move {
        let log = stage.file("checkout.log", shop_log(N_ENTRIES))?;
        let mut browser = begin_reading(&stage, &log).await?;
        press_button(&browser, "#sources button[aria-label^=Stop]").await?;
        browser.wait_for(&format!("{ALL_SAVED} && document.querySelector('#sources [data-state=stopped]')")).await?;
        let n_kept = n_found(&mut browser).await?;
        assert!((1..N_ENTRIES as u64).contains(&n_kept), "{n_kept} entries were read before");
        close(browser).await?;
        let mut browser = stage.browser().await?;
        expect_found(&mut browser, n_kept).await?;
        assert_eq!(states(&browser).await?, ["stopped"]);
        close(browser).await
    });
}

#[test]
fn a_source_that_is_removed_while_it_is_read_leaves_nothing() {
    play(|stage| async move {
        let (log, other) = (stage.file("checkout.log", shop_log(N_ENTRIES))?, stage.file("small.log", shop_log(100))?);
        let mut browser = begin_reading(&stage, &log).await?;
        press_button(&browser, "#sources button[aria-label^=Remove]").await?;
        press_button(&browser, "#remove-question .danger").await?;
        browser.wait_for("document.querySelector('#sources [data-state]') === null").await?;
        browser.drop_files(&[&other]).await?;
        browser.wait_for(ALL_SAVED).await?;
        expect_found(&mut browser, 100).await?;
        close(browser).await?;
        let mut browser = stage.browser().await?;
        expect_found(&mut browser, 100).await?;
        assert_eq!(states(&browser).await?, ["complete"]);
        close(browser).await
    });
}

#[test]
fn a_workspace_that_is_emptied_while_files_are_read_is_empty() {
    play(|stage| async move {
        let (log, other) = (stage.file("checkout.log", shop_log(N_ENTRIES))?, stage.file("small.log", shop_log(100))?);
        let mut browser = begin_reading(&stage, &log).await?;
        press_button(&browser, "#clear").await?;
        press_button(&browser, "#clear-question .danger").await?;
        browser.wait_for("document.querySelector('#try-samples') !== null").await?;
        browser.drop_files(&[&other]).await?;
        browser.wait_for(ALL_SAVED).await?;
        expect_found(&mut browser, 100).await?;
        close(browser).await?;
        let mut browser = stage.browser().await?;
        expect_found(&mut browser, 100).await?;
        close(browser).await
    });
}

#[test]
fn another_zone_during_an_import_is_that_of_every_entry() {
    play(|stage| async move {
        // Without the Z no stamp names a zone.
        let log = stage.file("naive.log", shop_log(N_ENTRIES).replace(".000Z ", " "))?;
        let mut browser = begin_reading(&stage, &log).await?;
        let choose = "const zone = document.querySelector('#naive-zone'); zone.value = '+02:00';
            zone.dispatchEvent(new Event('change', { bubbles: true }));";
        browser.run("document.querySelector('#zone').click();", Value::Null).await?;
        browser.run(choose, Value::Null).await?;
        browser.run("document.querySelector('#zone-menu').hidePopover();", Value::Null).await?;
        browser.wait_for(&format!("{ALL_SAVED} && document.querySelector('#sources [data-state=complete]')")).await?;
        expect_found(&mut browser, N_ENTRIES as u64).await?;

        browser.run("location.hash = '#zone=UTC';", Value::Null).await?;
        browser.wait_for("document.querySelector('#entries .entry')?.innerText.includes('22:00:00')").await?;
        assert!(rows(&browser).await?[0].contains("2026-10-31"), "midnight of 1 November was 22:00 in UTC");
        browser.run("document.querySelector('#entries').focus();", Value::Null).await?;
        press(&browser, "G").await?;
        // 1,999,999 seconds later; read before or after the change makes no difference.
        browser
            .wait_for("[...document.querySelectorAll('#entries .entry')].at(-1)?.innerText.includes('01:33:19')")
            .await?;
        close(browser).await
    });
}

async fn begin_reading(stage: &Stage, log: &std::path::Path) -> anyhow::Result<Chromium> {
    let mut browser = stage.browser().await?;
    browser.wait_for(OPENED).await?;
    browser.drop_files(&[log]).await?;
    browser.wait_for(&format!("{IS_READING} && {N_FOUND} > 0")).await?;
    Ok(browser)
}

/// Also one in a list that is not in sight.
async fn press_button(browser: &Chromium, selector: &str) -> anyhow::Result<()> {
    browser.run("document.querySelector(arguments[0]).click();", selector).await.map(drop)
}

/// When nothing is read any more.
async fn n_found(browser: &mut Chromium) -> anyhow::Result<u64> {
    browser.wait_for(ALL_SAVED).await?;
    Ok(browser.run(&format!("return {N_FOUND};"), Value::Null).await?.as_u64().unwrap_or_default())
}
