//! The source's panel: how a file was read, and saying that it is to be read otherwise.

use anyhow::Context;
use browser_tests::axe;
use browser_tests::chromium::Chromium;
use browser_tests::dendro::{ALL_SAVED, OPENED, ROWS, click, expect_found, press, rows, search};
use browser_tests::stage::{DESKTOP, Stage, close, play};
use serde_json::{Value, json};
use thirtyfour::prelude::*;

const PHONE: (u32, u32) = (390, 844);
const OPEN: &str = "document.querySelector('#source-panel:popover-open h2') !== null";
const KNOWN: &str = "document.querySelector('#source-panel .known').innerText";
/// What was asked for is done, and said to be.
const APPLIED: &str = "document.querySelector('#undo-read-as:enabled') !== null && document.querySelector('#source-panel progress') === null";
/// Times of the rows on screen.
const TIMES: &str =
    "[...document.querySelectorAll('#entries .entry')].map((row) => row.innerText.match(/\\d\\d:\\d\\d:\\d\\d/)?.[0])";

/// Times that name no zone, one of them out of order; the last two lines are of no format.
const NAIVE: &str = "2026-11-19 10:00:00.000 INFO [main] shop.Cart - opened\n\
    2026-11-19 10:00:02.000 INFO [main] shop.Cart - filled\n\
    2026-11-19 10:00:01.000 WARN [main] shop.Cart - belated\n\
    2026-11-19 10:00:03.000 INFO [main] shop.Cart - paid\n";

#[test]
fn the_panel_opens_by_keyboard_and_gives_the_focus_back() {
    play(|stage| async move {
        let mut browser = with_file(&stage, DESKTOP, NAIVE).await?;
        browser.run("document.querySelector('#sources .look').focus();", Value::Null).await?;
        press(&browser, &char::from(Key::Enter).to_string()).await?;
        browser.wait_for(OPEN).await?;
        browser.wait_for(&format!("{KNOWN}.includes('cart.log') && {KNOWN}.includes('4 lines')")).await?;
        browser.wait_for(&format!("{KNOWN}.includes('No time names its zone: read as UTC')")).await?;
        let inside = "document.activeElement.closest('#source-panel') !== null";
        browser.wait_for(inside).await?;
        press(&browser, &char::from(Key::Escape).to_string()).await?;
        browser.wait_for(&format!("!({OPEN})")).await?;
        browser.wait_for("document.activeElement.matches('#sources .look')").await?;
        close(browser).await
    });
}

#[test]
fn an_offset_is_previewed_applied_kept_and_taken_back() {
    play(|stage| async move {
        let mut browser = with_file(&stage, DESKTOP, NAIVE).await?;
        open_panel(&mut browser).await?;
        fill(&browser, "#source-offset", "-2 h").await?;
        let preview = "document.querySelector('#time-changes tbody tr')?.innerText";
        let first = browser.wait_for(preview).await?.as_str().unwrap_or_default().to_owned();
        assert!(first.contains("10:00:00.000") && first.contains("08:00:00.000"), "before and after: {first}");
        assert!(rows(&browser).await?[0].contains("10:00:00"), "a preview moves nothing");

        click(&browser, "#apply-read-as").await?;
        browser.wait_for(APPLIED).await?;
        browser.wait_for(&format!("{TIMES}[0] === '08:00:00'")).await?;
        browser.wait_for(&format!("{KNOWN}.includes('moved by -2 h')")).await?;
        browser.wait_for(ALL_SAVED).await?;

        browser.driver().refresh().await?;
        browser.wait_for(&format!("{TIMES}[0] === '08:00:00'")).await?;
        open_panel(&mut browser).await?;
        browser.wait_for("document.querySelector('#source-offset')?.value === '-2 h'").await?;
        click(&browser, "#undo-read-as").await?;
        browser.wait_for(&format!("{TIMES}[0] === '10:00:00'")).await?;
        browser.wait_for("document.querySelector('#source-offset').value === '0 s'").await?;
        close(browser).await
    });
}

#[test]
fn a_zone_of_its_own_moves_the_times_that_name_none() {
    play(|stage| async move {
        let mut browser = with_file(&stage, DESKTOP, NAIVE).await?;
        open_panel(&mut browser).await?;
        fill(&browser, "#source-zone", "Europe/Berlin").await?;
        let preview = "document.querySelector('#time-changes tbody tr')?.innerText";
        let first = browser.wait_for(preview).await?.as_str().unwrap_or_default().to_owned();
        assert!(first.contains("10:00:00.000") && first.contains("09:00:00.000"), "before and after: {first}");
        click(&browser, "#apply-read-as").await?;
        browser.wait_for(APPLIED).await?;
        browser.wait_for(&format!("{TIMES}[0] === '09:00:00'")).await?;
        browser.wait_for(&format!("{KNOWN}.includes(\"read as Europe/Berlin, this source's own\")")).await?;

        click(&browser, "#workspace-zone").await?;
        click(&browser, "#apply-read-as").await?;
        browser.wait_for(&format!("{TIMES}[0] === '10:00:00'")).await?;
        close(browser).await
    });
}

#[test]
fn what_is_no_offset_is_refused_in_words() {
    play(|stage| async move {
        let mut browser = with_file(&stage, DESKTOP, NAIVE).await?;
        open_panel(&mut browser).await?;
        fill(&browser, "#source-offset", "1 week").await?;
        browser.wait_for("document.querySelector('#source-panel [role=alert]')?.innerText.includes('+1.5 s')").await?;
        let disabled = browser.run("return document.querySelector('#apply-read-as').disabled;", Value::Null).await?;
        assert_eq!(disabled, true);
        close(browser).await
    });
}

/// What no shipped format takes apart.
const TOLD: &str =
    "<ok> job-1 took 10 ms: paid\n<bad> job-2 took 250 ms: shipped\n~~ what is this\n<ok> job-3 took 7 ms: paid\n";
/// How the preview takes a line apart: its parts by their names.
const PARTS: &str = "[...document.querySelectorAll('#format-lines [data-reading=begins]:first-child ruby')].map((part) => part.title).join()";
const READS: &str = "document.querySelector('#format-reads')?.innerText";

#[test]
fn a_format_is_written_tried_kept_and_read_with() {
    play(|stage| async move {
        let mut browser = with_file(&stage, DESKTOP, TOLD).await?;
        axe::load(&browser).await?;
        open_panel(&mut browser).await?;
        browser.wait_for("document.querySelector('#edit-format')?.innerText === 'Write a format for it…'").await?;
        click(&browser, "#edit-format").await?;
        browser.wait_for(&format!("{READS} === 'Reads all 4 lines looked at.'")).await?;
        write(&browser, r"(?<message>.*)", r"<(?<level>\w+)> (?<job>\S+) took (?<millis>\d+) ms: (?<message>.*)")
            .await?;
        browser.wait_for(&format!("{READS} === 'Reads 3 of 4 lines looked at.'")).await?;
        browser.wait_for(&format!("{PARTS} === 'level,job,millis,message'")).await?;
        let stopped = "document.querySelector('#format-lines [data-reading=stops]')?.innerText";
        browser
            .wait_for(&format!("{stopped}.includes('~~ what is this') && {stopped}.includes('Nothing matches')"))
            .await?;
        assert_eq!(axe::in_both_themes(&browser, "format editor").await?, [""; 0]);

        // What cannot be read is said with its line, and is not kept.
        write(&browser, r"(?<job>", "(?<job").await?;
        browser.wait_for("document.querySelector('#format-problems button')?.innerText === 'Line 9'").await?;
        browser.wait_for("document.querySelector('#save-and-read').disabled").await?;
        write(&browser, "(?<job", "(?<job>").await?;
        browser.wait_for("document.querySelector('#save-and-read:enabled') !== null").await?;

        click(&browser, "#save-and-read").await?;
        browser.wait_for(&format!("{OPEN} && {KNOWN}.includes('Chosen by you')")).await?;
        browser.wait_for(APPLIED).await?;
        browser.wait_for("document.querySelector('#kept-formats li')?.innerText.includes('My format')").await?;
        // A download would take the keyboard away: what would be saved is looked at instead.
        let catch = "window.saved = {};
            URL.createObjectURL = (blob) => { blob.text().then((text) => window.saved.text = text); return '#'; };
            HTMLAnchorElement.prototype.click = function () { window.saved.name = this.download; };";
        browser.run(catch, Value::Null).await?;
        click(&browser, "#kept-formats [data-export]").await?;
        browser.wait_for("window.saved.name === 'my-format.toml' && window.saved.text?.includes('[[sample]]')").await?;
        press(&browser, &char::from(Key::Escape).to_string()).await?;
        search(&browser, "millis>=100 job:job-2").await?;
        expect_found(&mut browser, 1).await?;
        press(&browser, &char::from(Key::Enter).to_string()).await?;
        browser.wait_for("location.hash.includes('job-2')").await?;
        browser.wait_for(ALL_SAVED).await?;

        browser.driver().refresh().await?;
        expect_found(&mut browser, 1).await?;
        open_panel(&mut browser).await?;
        click(&browser, "#kept-formats button[aria-label^=Edit]").await?;
        browser.wait_for(&format!("{READS} === 'Reads 3 of 4 lines looked at.'")).await?;
        // What was changed is not lost by a slip.
        write(&browser, "My format", "Told").await?;
        press(&browser, &char::from(Key::Escape).to_string()).await?;
        browser.wait_for("document.querySelector('#discard-format') !== null").await?;
        click(&browser, "#discard-format").await?;
        browser.wait_for(OPEN).await?;
        click(&browser, "#kept-formats button[aria-label^=Delete]").await?;
        click(&browser, "#kept-formats .danger").await?;
        browser.wait_for("document.querySelector('#kept-formats li') === null").await?;
        browser.wait_for(&format!("{KNOWN}.includes('no format reads it')")).await?;
        close(browser).await
    });
}

/// Replaces a part of the format's text, as typing does.
async fn write(browser: &Chromium, from: &str, to: &str) -> anyhow::Result<()> {
    let script = "const [from, to] = arguments[0];
        const field = document.querySelector('#format-text');
        const at = field.value.lastIndexOf(from);
        if (at < 0) throw new Error(`no ${from} in ${field.value}`);
        field.setRangeText(to, at, at + from.length);
        field.dispatchEvent(new InputEvent('input', { bubbles: true }));";
    browser.run(script, json!([from, to])).await?;
    Ok(())
}

#[test]
fn a_forced_format_reads_again_and_the_search_follows() {
    play(|stage| async move {
        let text = "{\"time\":\"2026-11-19T10:00:00Z\",\"level\":\"error\",\"msg\":\"card refused\",\"order\":17}\n\
            {\"time\":\"2026-11-19T10:00:01Z\",\"level\":\"info\",\"msg\":\"card taken\",\"order\":18}\n\
            what no format reads\n";
        let mut browser = with_file(&stage, DESKTOP, text).await?;
        for (format, query, n_found) in
            [("raw", "format:raw refused", 1), ("json", "level:error order:17", 1), ("", "order:18", 1)]
        {
            search(&browser, "").await?;
            open_panel(&mut browser).await?;
            let is_offered = format!("document.querySelector('#source-format option[value=\"{format}\"]') !== null");
            browser.wait_for(&is_offered).await?;
            choose_format(&browser, format).await?;
            browser.wait_for("document.querySelector('#apply-read-as:enabled')?.innerText === 'Read again'").await?;
            // What it would read is seen before it is applied.
            let n_begun = "document.querySelectorAll('#source-panel .tried [data-reading=begins]').length";
            browser.wait_for(&format!("{n_begun} === {}", if format == "json" { 2 } else { 0 })).await?;
            click(&browser, "#apply-read-as").await?;
            browser.wait_for(APPLIED).await?;
            browser.wait_for("document.querySelector('#apply-read-as').disabled").await?;
            press(&browser, &char::from(Key::Escape).to_string()).await?;
            search(&browser, query).await?;
            expect_found(&mut browser, n_found).await?;
            if format == "raw" {
                search(&browser, "level:error").await?;
                expect_found(&mut browser, 0).await?;
            }
        }
        close(browser).await
    });
}

#[test]
fn an_encoding_that_was_told_decodes_the_text_anew() {
    play(|stage| async move {
        let mut browser = with_file(&stage, DESKTOP, "2026-11-19T10:00:00Z INFO caf\u{e9}\n").await?;
        open_panel(&mut browser).await?;
        browser.wait_for(&format!("{KNOWN}.includes('UTF-8')")).await?;
        choose(&browser, "#source-encoding", "Windows-1252").await?;
        browser.wait_for("document.querySelector('#apply-read-as:enabled')?.innerText === 'Read again'").await?;
        click(&browser, "#apply-read-as").await?;
        browser.wait_for(APPLIED).await?;
        browser.wait_for(&format!("{KNOWN}.includes('Windows-1252')")).await?;
        browser.wait_for(&format!("{ROWS}[0].includes('caf\u{c3}\u{a9}')")).await?;
        click(&browser, "#undo-read-as").await?;
        browser.wait_for(&format!("{ROWS}[0].includes('caf\u{e9}')")).await?;
        close(browser).await
    });
}

#[test]
fn lines_of_no_format_are_shown_and_found() {
    play(|stage| async move {
        let text = "{\"time\":\"2026-11-19T09:00:00Z\",\"msg\":\"a\"}\n%% odd\n\
            {\"time\":\"2026-11-19T09:00:01Z\",\"msg\":\"b\"}\n";
        let mut browser = with_file(&stage, DESKTOP, text).await?;
        open_panel(&mut browser).await?;
        browser.wait_for("document.querySelector('#source-panel .unread li')?.innerText.includes('%% odd')").await?;
        click(&browser, "#show-unread").await?;
        browser.wait_for(&format!("!({OPEN})")).await?;
        expect_found(&mut browser, 1).await?;
        browser.wait_for(&format!("{ROWS}[0].includes('%% odd')")).await?;
        close(browser).await
    });
}

#[test]
fn as_written_is_the_order_of_the_file() {
    play(|stage| async move {
        let mut browser = with_file(&stage, DESKTOP, NAIVE).await?;
        let order = ["opened", "belated", "filled", "paid"];
        expect_order(&mut browser, &order).await?;
        browser.run("document.querySelector('#entries').focus();", Value::Null).await?;
        press(&browser, "r").await?;
        expect_order(&mut browser, &["paid", "filled", "belated", "opened"]).await?;
        press(&browser, "r").await?;
        expect_order(&mut browser, &["opened", "filled", "belated", "paid"]).await?;
        press(&browser, "r").await?;
        expect_order(&mut browser, &order).await?;
        close(browser).await
    });
}

#[test]
fn the_panel_is_accessible_and_fits_on_a_desk_and_on_a_phone() {
    for size in [DESKTOP, PHONE] {
        play(|stage| async move {
            let text = format!("{NAIVE}\u{1}\n");
            let mut browser = with_file(&stage, size, &text).await?;
            axe::load(&browser).await?;
            open_panel(&mut browser).await?;
            fill(&browser, "#source-offset", "+1.5 s").await?;
            browser.wait_for("document.querySelector('#time-changes tbody tr') !== null").await?;
            let wide =
                "const panel = document.querySelector('#source-panel'); return panel.scrollWidth - panel.clientWidth;";
            assert_eq!(browser.run(wide, Value::Null).await?, 0, "nothing sticks out sideways at {size:?}");
            assert_eq!(axe::in_both_themes(&browser, "source panel").await?, [""; 0], "{size:?}");
            close(browser).await
        });
    }
}

async fn with_file(stage: &Stage, size: (u32, u32), text: &str) -> anyhow::Result<Chromium> {
    let file = stage.file("cart.log", text)?;
    let mut browser = stage.browser_of_size(size).await?;
    browser.wait_for(OPENED).await?;
    browser.drop_files(&[&file]).await?;
    browser.wait_for("document.querySelector('#saved')?.dataset.complete === 'true'").await?;
    Ok(browser)
}

async fn open_panel(browser: &mut Chromium) -> anyhow::Result<()> {
    browser.wait_for("document.querySelector('#entries .entry') !== null").await?;
    let seen = "return document.querySelector('#sources .look')?.checkVisibility() ?? false;";
    if browser.run(seen, Value::Null).await? == false {
        click(browser, "#toggle-sources").await?;
    }
    browser.wait_for("document.querySelector('#sources .look') !== null").await?;
    click(browser, "#sources .look").await?;
    browser.wait_for(OPEN).await.map(drop)
}

/// Types in place of what is there, and is done with it.
async fn fill(browser: &Chromium, selector: &str, text: &str) -> anyhow::Result<()> {
    let input = browser.driver().find(By::Css(selector)).await.with_context(|| format!("there is no {selector}"))?;
    input.send_keys(Key::Control + "a").await?;
    input.send_keys(text).await?;
    Ok(input.send_keys(Key::Enter + "").await?)
}

async fn choose_format(browser: &Chromium, name: &str) -> anyhow::Result<()> {
    choose(browser, "#source-format", name).await
}

async fn choose(browser: &Chromium, list: &str, name: &str) -> anyhow::Result<()> {
    let choose = "const [list, name] = arguments[0]; const select = document.querySelector(list); select.value = name;
        select.dispatchEvent(new Event('change', { bubbles: true }));";
    browser.run(choose, json!([list, name])).await.map(drop)
}

/// Waits until the rows say these words, one each, from top to bottom.
async fn expect_order(browser: &mut Chromium, words: &[&str]) -> anyhow::Result<()> {
    let expected = words.iter().enumerate().map(|(i, word)| format!("{ROWS}[{i}]?.includes('{word}')"));
    browser.wait_for(&expected.collect::<Vec<_>>().join(" && ")).await.map(drop)
}
