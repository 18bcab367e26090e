//! Logs come in by drop and by picker, once each, and stay text.

use browser_tests::axe::{self, in_both_themes};
use browser_tests::dendro::{ALL_SAVED, N_FOUND, OPENED, click, expect_found, rows, search, states, try_samples};
use browser_tests::logs::{gzip, shop_log};
use browser_tests::stage::{Stage, close, play};
use serde_json::Value;
use thirtyfour::prelude::*;

#[test]
fn files_and_folders_are_taken_in_by_drop() {
    play(|stage| async move {
        let plain = stage.file("checkout.log", shop_log(1000))?;
        stage.file("bundle/today/cart.log", shop_log(300))?;
        stage.file("bundle/yesterday/cart.log.gz", gzip(&shop_log(200)))?;
        stage.file("bundle/core.dump", [0_u8, 159, 146, 150, 0, 1, 2, 3, 0, 0, 255, 254].repeat(500))?;
        let bundle = plain.with_file_name("bundle");

        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        browser.drop_files(&[&plain, &bundle]).await?;
        browser.wait_for(ALL_SAVED).await?;
        expect_found(&mut browser, 1500).await?;
        let mut states = states(&browser).await?;
        states.sort();
        assert_eq!(states, ["complete", "complete", "complete", "skipped"]);
        close(browser).await
    });
}

#[test]
fn what_was_taken_for_no_log_is_read_anyway() {
    const ANYWAY: &str = "#sources button[aria-label^='Read it anyway']";
    play(|stage| async move {
        let noise = [0_u8, 159, 146, 150, 0, 1, 2, 3, 0, 0, 255, 254].repeat(500);
        let dump = |n_lines: usize| [&noise[..], b"\n", shop_log(n_lines).as_bytes()].concat();
        let (now, later) = (stage.file("now.dump", dump(20))?, stage.file("later.dump", dump(30))?);
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        browser.drop_files(&[&now, &later]).await?;
        browser.wait_for("document.querySelectorAll('#sources [data-state=skipped]').length === 2").await?;
        click(&browser, &format!("{ANYWAY}[aria-label$='now.dump']")).await?;
        expect_found(&mut browser, 21).await?;
        browser.wait_for(ALL_SAVED).await?;

        // The page that was handed the file is gone: it is asked for again.
        browser.driver().refresh().await?;
        browser.wait_for(OPENED).await?;
        let anyway = format!("{ANYWAY}[aria-label$='later.dump']");
        browser.wait_for(&format!("document.querySelector(\"{anyway}\") !== null")).await?;
        click(&browser, &anyway).await?;
        browser.wait_for("document.querySelector('#sources [data-state=interrupted]') !== null").await?;
        browser.driver().find(By::Id("file-input")).await?.send_keys(later.display().to_string()).await?;
        expect_found(&mut browser, 52).await?;
        browser.wait_for(ALL_SAVED).await?;
        let mut states = states(&browser).await?;
        states.sort();
        assert_eq!(states, ["complete", "complete"]);
        close(browser).await
    });
}

#[test]
fn many_files_stand_under_their_folders_and_are_found_by_name() {
    const SHOWN: &str = "document.querySelectorAll('#sources .source').length";
    const HEADS: &str = "document.querySelectorAll('#sources .folder-head').length";
    play(|stage| async move {
        for nth in 0..12 {
            let folder = if nth % 3 == 0 { "web" } else { "db" };
            // Of different lengths: they are not the same file twice.
            stage.file(&format!("all/{folder}/{nth:02}.log"), shop_log(10 + nth))?;
        }
        let all = stage.file("all/top.log", shop_log(5))?.with_file_name("");
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        browser.drop_files(&[&all]).await?;
        browser.wait_for(ALL_SAVED).await?;
        browser.wait_for(&format!("{SHOWN} === 13 && {HEADS} === 3")).await?;
        axe::load(&browser).await?;
        let violations = in_both_themes(&browser, "a long list of sources").await?;
        assert!(violations.is_empty(), "{violations:#?}");
        click(&browser, "#sources .folder-head [title^='all/db/: 8 sources']").await?;
        browser.wait_for(&format!("{SHOWN} === 5")).await?;
        let search = browser.driver().find(By::Id("find-source")).await?;
        search.send_keys("web/ 09").await?;
        browser.wait_for(&format!("{SHOWN} === 1 && {HEADS} === 0")).await?;
        close(browser).await
    });
}

#[test]
fn files_are_taken_in_from_the_picker() {
    play(|stage| async move {
        let (first, second) = (stage.file("a.log", shop_log(20))?, stage.file("b.log", shop_log(30))?);
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        let input = browser.driver().find(By::Id("file-input")).await?;
        input.send_keys(format!("{}\n{}", first.display(), second.display())).await?;
        browser.wait_for(ALL_SAVED).await?;
        expect_found(&mut browser, 50).await?;
        close(browser).await
    });
}

#[test]
fn the_same_file_again_is_asked_about_not_doubled() {
    play(|stage| async move {
        let log = stage.file("checkout.log", shop_log(500))?;
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        browser.drop_files(&[&log]).await?;
        browser.wait_for(ALL_SAVED).await?;
        browser.drop_files(&[&log]).await?;
        browser.wait_for("document.querySelector('dialog[open]')?.innerText.includes('checkout.log')").await?;
        click(&browser, "#known-files .primary").await?;
        browser.wait_for("document.querySelector('dialog[open]') === null").await?;
        assert_eq!(browser.run(&format!("return {N_FOUND};"), Value::Null).await?, 500);
        // Under another name, too: what it is here as is told.
        let copy = stage.file("copy.log", shop_log(500))?;
        browser.drop_files(&[&copy]).await?;
        browser
            .wait_for("document.querySelector('dialog[open]')?.innerText.includes('copy.log is checkout.log')")
            .await?;
        click(&browser, "#known-files .primary").await?;
        browser.wait_for("document.querySelector('dialog[open]') === null").await?;
        close(browser).await
    });
}

#[test]
fn of_a_log_that_has_grown_only_what_is_new_is_taken_in() {
    play(|stage| async move {
        let log = stage.file("checkout.log", shop_log(500))?;
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        browser.drop_files(&[&log]).await?;
        browser.wait_for(ALL_SAVED).await?;
        expect_found(&mut browser, 500).await?;
        let grown = stage.file("checkout.log", shop_log(720))?;
        let input = browser.driver().find(By::Id("file-input")).await?;
        input.send_keys(grown.display().to_string()).await?;
        expect_found(&mut browser, 720).await?;
        browser.wait_for(ALL_SAVED).await?;
        assert_eq!(states(&browser).await?, ["complete"]);
        // Another log of the name, which begins otherwise, is another.
        let other = shop_log(900).replace("checkout", "kiosk");
        let other = stage.file("checkout.log", other)?;
        browser.drop_files(&[&other]).await?;
        expect_found(&mut browser, 1620).await?;
        close(browser).await
    });
}

#[test]
fn a_log_that_ended_in_half_a_line_has_it_whole_once_it_has_grown() {
    play(|stage| async move {
        let whole = shop_log(500);
        let log = stage.file("checkout.log", &whole[..whole.len() - 20])?;
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        browser.drop_files(&[&log]).await?;
        browser.wait_for(ALL_SAVED).await?;
        expect_found(&mut browser, 500).await?;
        let grown = stage.file("checkout.log", shop_log(720))?;
        browser.drop_files(&[&grown]).await?;
        expect_found(&mut browser, 720).await?;
        browser.wait_for(ALL_SAVED).await?;
        assert_eq!(states(&browser).await?, ["complete"]);
        close(browser).await
    });
}

#[test]
fn reading_can_be_paused_and_goes_on_where_it_was() {
    /// About 95 MB: there is time to press the button.
    const N_ENTRIES: u64 = 1_000_000;
    play(|stage| async move {
        let log = stage.file("checkout.log", shop_log(N_ENTRIES as usize))?;
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        browser.drop_files(&[&log]).await?;
        browser.wait_for("document.querySelector('#sources [data-state=reading]')").await?;
        browser.run("document.querySelector('#sources button[aria-label^=Pause]').click();", Value::Null).await?;
        browser.wait_for("document.querySelector('#sources [data-state=paused]')").await?;
        let n_before = browser.run(&format!("return {N_FOUND};"), Value::Null).await?.as_u64().unwrap_or_default();
        assert!(n_before < N_ENTRIES, "it was paused too late: all {n_before} entries are there");
        click(&browser, "#sources button[aria-label^=Resume]").await?;
        browser.wait_for(&format!("{ALL_SAVED} && document.querySelector('#sources [data-state=complete]')")).await?;
        expect_found(&mut browser, N_ENTRIES).await?;
        close(browser).await
    });
}

#[test]
fn sample_logs_are_one_click_away() {
    play(|stage| async move {
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        try_samples(&mut browser).await?;
        browser.wait_for(ALL_SAVED).await?;
        expect_found(&mut browser, 100_000).await?;
        search(&browser, "level>=error").await?;
        browser.wait_for("document.querySelector('#entries .entry.sev-error') !== null").await?;
        close(browser).await
    });
}

#[test]
fn markup_in_a_log_stays_text() {
    play(|stage: Stage| async move {
        let attack = "<img src=x onerror=\"document.title='taken over'\"> <script>document.title='taken over'</script>";
        let line = format!("2026-11-20T08:00:00Z ERROR {attack} field={attack}\n");
        let json = format!("{{\"time\":\"2026-11-20T08:00:01Z\",\"msg\":{attack:?},{attack:?}:{attack:?}}}\n");
        let log = stage.file("<img src=x onerror=alert(1)>.log", format!("{line}{json}"))?;
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        browser.drop_files(&[&log]).await?;
        browser.wait_for(ALL_SAVED).await?;
        expect_found(&mut browser, 2).await?;
        search(&browser, "onerror").await?;
        expect_found(&mut browser, 2).await?;
        assert!(rows(&browser).await?[0].contains("<img src=x onerror="));
        for row in 1..=2 {
            let click = format!("document.querySelectorAll('#entries .entry')[{}].click();", row - 1);
            browser.run(&click, Value::Null).await?;
            browser.wait_for("document.querySelector('#details')?.innerText.includes('<img src=x onerror=')").await?;
        }
        let foreign = "return document.querySelectorAll('img[src=x], body script').length;";
        assert_eq!(browser.run(foreign, Value::Null).await?, 0);
        assert_eq!(browser.driver().title().await?, "Dendro");
        close(browser).await
    });
}

#[test]
fn terminal_colours_are_seen_and_are_no_text() {
    play(|stage: Stage| async move {
        let line = "2026-11-20T08:00:00Z INFO deploy \u{1b}[31mfailed\u{1b}[0m on web-1\n";
        let json = r#"{"time":"2026-11-20T08:00:01Z","msg":"deploy \u001b[1;32mdone\u001b[0m on web-2"}"#;
        let log = stage.file("deploy.log", line)?;
        let lines = stage.file("deploy.jsonl", format!("{json}\n"))?;
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        browser.drop_files(&[&log, &lines]).await?;
        browser.wait_for(ALL_SAVED).await?;
        expect_found(&mut browser, 2).await?;
        browser.wait_for("document.querySelector('#entries .ink-red')?.innerText === 'failed'").await?;
        browser.wait_for("document.querySelector('#entries .ink-green.bold')?.innerText === 'done'").await?;
        let rows = rows(&browser).await?;
        assert!(rows[0].contains("deploy failed on web-1") && rows[1].contains("deploy done on web-2"), "{rows:?}");
        browser.run("document.querySelector('#entries .entry').click();", Value::Null).await?;
        browser.wait_for("document.querySelector('#raw .ink-red')?.innerText === 'failed'").await?;
        close(browser).await
    });
}
