//! What one keeps: bookmarks with notes, saved views; over a reload, another format, and a file that goes and comes back.

use std::path::{Path, PathBuf};

use anyhow::Context;
use browser_tests::axe::{self, in_both_themes};
use browser_tests::chromium::Chromium;
use browser_tests::dendro::{ALL_SAVED, OPENED, click, expect_found, press, search};
use browser_tests::logs::shop_log;
use browser_tests::stage::{Stage, close, play};
use serde_json::{Value, json};
use thirtyfour::prelude::*;

/// What the list says of each bookmark.
const MARKS: &str = "[...document.querySelectorAll('#marks .kept-mark')].map((mark) => mark.innerText).join('|')";
const N_MARKED_ROWS: &str = "document.querySelectorAll('#entries .entry.marked').length";
const SELECTED: &str = "document.querySelector('#entries [aria-selected=true]')?.innerText ?? ''";
/// Everything that was done is on disk.
const ALL_KEPT: &str = "document.querySelector('#saved')?.dataset.complete === 'true'";

#[test]
fn a_bookmark_with_its_note_is_set_found_and_taken_off_with_the_keyboard() {
    play(|stage| async move {
        let (mut browser, _) = with_log(&stage, "checkout.log").await?;
        focus_entries(&browser).await?;
        // The first error, and the first warning before it.
        mark_first_error(&mut browser).await?;
        press(&browser, "g").await?;
        browser.wait_for(&format!("{SELECTED}.includes('order-000000')")).await?;
        press(&browser, "w").await?;
        browser.wait_for(&format!("{SELECTED}.includes('order-000009')")).await?;
        press(&browser, "m").await?;
        browser.wait_for("document.querySelectorAll('#histogram .flag').length === 2").await?;
        press(&browser, "u").await?;
        browser.wait_for(&format!("{SELECTED}.includes('order-000099')")).await?;
        press(&browser, "U").await?;
        browser.wait_for(&format!("{SELECTED}.includes('order-000009')")).await?;
        press(&browser, "u").await?;
        browser.wait_for(&format!("{SELECTED}.includes('order-000099')")).await?;

        browser.wait_for("document.querySelector('#bookmark')?.ariaPressed === 'true'").await?;
        click(&browser, "#write-note").await?;
        browser.wait_for("document.activeElement.id === 'note-text'").await?;
        press(&browser, "the **first** #refusal").await?;
        press(&browser, Key::Escape.value().to_string().as_str()).await?;
        browser.wait_for("document.querySelector('#note strong')?.innerText === 'first'").await?;
        browser.wait_for("document.querySelector('#note .tag')?.innerText === '#refusal'").await?;
        // The keyboard is in the table again, and the details are still there.
        browser.wait_for("document.activeElement.id === 'entries'").await?;

        press(&browser, "b").await?;
        let both = format!("{MARKS}.includes('order-000009') && {MARKS}.includes('#refusal')");
        browser.wait_for(&both).await?;
        search_kept(&browser, "refusal").await?;
        browser.wait_for("document.querySelectorAll('#marks .kept-mark').length === 1").await?;
        search_kept(&browser, "").await?;

        // The mark goes with its note, and comes back with it.
        press_in_entries(&browser, "m").await?;
        browser.wait_for(&format!("{MARKS} !== '' && !{MARKS}.includes('refusal')")).await?;
        click(&browser, "#put-back").await?;
        browser.wait_for(&both).await?;

        browser.wait_for(ALL_KEPT).await?;
        browser.quit().await?;
        let mut browser = stage.browser().await?;
        browser.wait_for(&both).await?;
        browser.run("document.querySelectorAll('#marks .go')[0].click();", Value::Null).await?;
        browser.wait_for(&format!("{SELECTED}.includes('order-000009')")).await?;
        close(browser).await
    });
}

#[test]
fn a_bookmark_waits_for_its_file_and_stays_when_that_is_read_otherwise() {
    play(|stage| async move {
        let (mut browser, log) = with_log(&stage, "checkout.log").await?;
        mark_first_error(&mut browser).await?;
        press(&browser, "b").await?;
        browser.wait_for("document.querySelector('#marks [data-here=true]') !== null").await?;

        let as_lines = "location.hash = ''; document.querySelector('#tab-sources').click();";
        browser.run(as_lines, Value::Null).await?;
        browser.wait_for("document.querySelector('#sources .source') !== null").await?;
        click(&browser, "#clear").await?;
        click(&browser, "#clear-question .danger").await?;
        browser.wait_for("document.querySelector('[data-stage=empty]') !== null").await?;

        let other = stage.file("other.log", shop_log(50))?;
        browser.drop_files(&[&other]).await?;
        // The workbench waits out of sight while there is nothing to show.
        browser.wait_for("document.querySelector('#tab-saved')?.checkVisibility()").await?;
        click(&browser, "#tab-saved").await?;
        browser.wait_for("document.querySelector('#marks [data-here=false]') !== null").await?;
        browser.wait_for(&format!("{MARKS}.includes('Its file is not here.')")).await?;

        browser.drop_files(&[&log]).await?;
        browser.wait_for("document.querySelector('#marks [data-here=true]') !== null").await?;
        browser.run("document.querySelector('#marks .go').click();", Value::Null).await?;
        browser.wait_for(&format!("{SELECTED}.includes('order-000099')")).await?;
        close(browser).await
    });
}

#[test]
fn a_view_is_saved_opened_renamed_and_deleted() {
    const VIEWS: &str = "[...document.querySelectorAll('.kept-view')].map((view) => view.dataset.name).join()";
    play(|stage| async move {
        let (mut browser, _) = with_log(&stage, "checkout.log").await?;
        search(&browser, "level:error").await?;
        expect_found(&mut browser, 10).await?;
        focus_entries(&browser).await?;
        browser.driver().action_chain().key_down(Key::Control).send_keys("k").key_up(Key::Control).perform().await?;
        browser.wait_for("document.activeElement.id === 'palette-search'").await?;
        press(&browser, "save this view").await?;
        press(&browser, Key::Enter.value().to_string().as_str()).await?;
        browser.wait_for("document.activeElement.id === 'view-name'").await?;
        press(&browser, &format!("Refusals{}", Key::Enter.value())).await?;
        browser.wait_for(&format!("{VIEWS} === 'Refusals'")).await?;
        browser.wait_for("document.querySelector('.kept-view .go').ariaCurrent === 'true'").await?;

        browser.run("location.hash = '';", Value::Null).await?;
        expect_found(&mut browser, 1000).await?;
        click(&browser, ".kept-view .go").await?;
        expect_found(&mut browser, 10).await?;
        // It was a step like any.
        browser.driver().back().await?;
        expect_found(&mut browser, 1000).await?;
        // Commands have it by its name.
        focus_entries(&browser).await?;
        browser.driver().action_chain().key_down(Key::Control).send_keys("k").key_up(Key::Control).perform().await?;
        browser.wait_for("document.activeElement.id === 'palette-search'").await?;
        press(&browser, "refusals").await?;
        browser.wait_for("document.querySelector('#commands li')?.innerText.includes('Refusals') === true").await?;
        press(&browser, Key::Enter.value().to_string().as_str()).await?;
        expect_found(&mut browser, 10).await?;
        browser.driver().back().await?;
        expect_found(&mut browser, 1000).await?;

        click(&browser, ".kept-view button[aria-label^=Rename]").await?;
        browser.wait_for("document.activeElement.id === 'view-name'").await?;
        let name = browser.driver().find(By::Id("view-name")).await?;
        name.send_keys(Key::Control + "a").await?;
        press(&browser, &format!("Errors{}", Key::Enter.value())).await?;
        browser.wait_for(&format!("{VIEWS} === 'Errors'")).await?;

        search(&browser, "level:warn").await?;
        expect_found(&mut browser, 90).await?;
        click(&browser, ".kept-view button[aria-label^=Save]").await?;
        browser.wait_for("document.querySelector('.kept-view .said').innerText === 'level:warn'").await?;

        browser.wait_for(ALL_KEPT).await?;
        browser.quit().await?;
        let mut browser = stage.browser().await?;
        browser.wait_for(&format!("{VIEWS} === 'Errors'")).await?;
        click(&browser, ".kept-view button[aria-label^=Delete]").await?;
        browser.wait_for(&format!("{VIEWS} === ''")).await?;
        click(&browser, "#undo-view").await?;
        browser.wait_for(&format!("{VIEWS} === 'Errors'")).await?;
        browser.wait_for("document.querySelector('#undo-view') === null").await?;
        close(browser).await
    });
}

#[test]
fn a_view_is_saved_from_the_palette_while_what_was_saved_is_in_sight() {
    play(|stage| async move {
        let (mut browser, _) = with_log(&stage, "checkout.log").await?;
        press_in_entries(&browser, "b").await?;
        browser.wait_for("document.querySelector('#save-view') !== null").await?;
        // Asked for once more, the panel stays, and so does what is written in it.
        search_kept(&browser, "refus").await?;
        browser.driver().action_chain().key_down(Key::Control).send_keys("k").key_up(Key::Control).perform().await?;
        browser.wait_for("document.activeElement.id === 'palette-search'").await?;
        press(&browser, &format!("save this view{}", Key::Enter.value())).await?;
        browser.wait_for("document.activeElement.id === 'view-name'").await?;
        browser.wait_for("document.querySelector('#find-kept').value === 'refus'").await?;
        press(&browser, Key::Escape.value().to_string().as_str()).await?;
        browser.wait_for("document.activeElement.id === 'save-view'").await?;
        click(&browser, "#save-view").await?;
        browser.wait_for("document.activeElement.id === 'view-name'").await?;
        press(&browser, &format!("Refusals{}", Key::Enter.value())).await?;
        browser.wait_for("document.querySelector('.kept-view')?.dataset.name === 'Refusals'").await?;
        browser.wait_for("document.activeElement.id === 'save-view'").await?;
        close(browser).await
    });
}

#[test]
fn what_was_kept_is_a_notebook_to_read_and_to_send() {
    play(|stage| async move {
        let (mut browser, _) = with_log(&stage, "checkout.log").await?;
        axe::load(&browser).await?;
        mark_first_error(&mut browser).await?;
        press(&browser, Key::Enter.value().to_string().as_str()).await?;
        browser.wait_for("document.querySelector('#bookmark')?.ariaPressed === 'true'").await?;
        click(&browser, "#write-note").await?;
        browser.wait_for("document.activeElement.id === 'note-text'").await?;
        press(&browser, "the **first** <refusal>").await?;
        press(&browser, Key::Escape.value().to_string().as_str()).await?;
        browser.wait_for("document.querySelector('#note strong')?.innerText === 'first'").await?;
        press(&browser, "b").await?;
        for (query, word, name) in
            [("level>=error", "error", "all that failed"), ("* | count by level", "count", "how grave <it> is")]
        {
            search(&browser, query).await?;
            // What is saved is the address.
            browser.wait_for(&format!("location.hash.includes('{word}')")).await?;
            click(&browser, "#save-view").await?;
            browser.wait_for("document.activeElement?.id === 'view-name'").await?;
            press(&browser, name).await?;
            press(&browser, Key::Enter.value().to_string().as_str()).await?;
            let is_listed =
                format!("[...document.querySelectorAll('.kept-view')].some((view) => view.dataset.name === '{name}')");
            browser.wait_for(&is_listed).await?;
        }
        click(&browser, "#open-notebook").await?;
        let pages = "[...document.querySelectorAll('#notebook .page h2')].map((head) => head.innerText.trim().split(/\\s/)[0]).join()";
        browser
            .wait_for(&format!(
                "document.querySelector('#notebook')?.dataset.complete === 'true' && {pages} === 'all,how,ERROR'"
            ))
            .await?;
        let chart = "document.querySelector('.page[data-name^=all] img')?.naturalWidth > 0";
        let table = "document.querySelectorAll('.page[data-name^=how] .hbars li').length > 1";
        browser.wait_for(&format!("{chart} && {table}")).await?;
        click(&browser, ".page[data-name^=all] .write").await?;
        browser.wait_for("document.activeElement?.id === 'page-note'").await?;
        press(&browser, "see *this* #cause").await?;
        press(&browser, Key::Escape.value().to_string().as_str()).await?;
        browser.wait_for("document.querySelector('.page[data-name^=all] .note em')?.innerText === 'this'").await?;
        // A text of one's own stands where it was begun, and goes where it is moved.
        click(&browser, "#add-text").await?;
        browser.wait_for("document.activeElement?.id === 'page-note'").await?;
        press(&browser, "## What <we> know").await?;
        press(&browser, Key::Escape.value().to_string().as_str()).await?;
        browser.wait_for("document.querySelector('.page.text h3')?.innerText === 'What <we> know'").await?;
        let order = "[...document.querySelectorAll('#notebook .page')].map((page) => page.dataset.name?.slice(0, 3) ?? (page.matches('.text') ? 'text' : 'mark')).join()";
        browser.wait_for(&format!("{order} === 'text,all,how,mark'")).await?;
        click(&browser, ".page.text .later").await?;
        browser.wait_for(&format!("{order} === 'all,text,how,mark'")).await?;
        browser.wait_for("document.activeElement.matches('.page.text .later')").await?;
        click(&browser, ".page[data-name^=how] .remove").await?;
        browser.wait_for(&format!("{order} === 'all,text,mark'")).await?;
        click(&browser, "#notes-all").await?;
        browser.wait_for(&format!("{order} === 'all,text,how,mark'")).await?;
        assert_eq!(in_both_themes(&browser, "notebook").await?, [""; 0]);
        browser.wait_for("document.querySelector('#notebook')?.dataset.complete === 'true'").await?;
        catch_downloads(&browser).await?;
        click(&browser, "#notes-markdown").await?;
        let is_saved = |name: &str, text: &str| {
            format!("window.saved.name === '{name}' && {text}.every((part) => window.saved.text?.includes(part))")
        };
        browser
            .wait_for(&is_saved(
                "notebook.md",
                "['the **first** <refusal>', 'checkout.log', 'payment refused', 'order-000099', 'see *this* #cause', '| level | count |']",
            ))
            .await?;
        click(&browser, "#notes-html").await?;
        // Nothing that somebody wrote is markup of the page.
        browser
            .wait_for(&is_saved(
                "notebook.html",
                "['<!doctype html>', '<strong>first</strong>', '&lt;refusal', 'order-000099', '<em>this</em>', 'how grave &lt;it&gt; is', '<h3>What &lt;we&gt; know</h3>', '<img src=\"data:image/svg+xml,']",
            ))
            .await?;
        close(browser).await
    });
}

#[test]
fn what_is_anonymised_has_the_same_pseudonym_everywhere_and_none_of_the_names() {
    play(|stage| async move {
        let lines = (0..20).map(|i| {
            let (mail, host) = (["ada@example.org", "bob@example.org"][i % 2], format!("10.1.0.{}", i % 3));
            format!("2026-11-01T00:00:{i:02}.000Z INFO mail - sent to {mail} by {host}\n")
        });
        let log = stage.file("mail.log", lines.collect::<String>())?;
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        browser.drop_files(&[&log]).await?;
        expect_found(&mut browser, 20).await?;
        search(&browser, "ada").await?;
        expect_found(&mut browser, 10).await?;
        focus_entries(&browser).await?;
        catch_downloads(&browser).await?;
        press(&browser, "x").await?;
        click(&browser, "#disguise").await?;
        browser.wait_for("document.querySelector('#disguise-preview s')?.innerText === 'ada@example.org' || document.querySelector('#disguise-preview')?.innerText.includes('ada@example.org')").await?;
        click(&browser, "#export-menu [data-form=log]").await?;
        browser.wait_for("window.saved.text !== undefined").await?;
        let text = browser.run("return window.saved.text;", Value::Null).await?;
        let text = text.as_str().unwrap_or_default();
        assert_eq!(text.lines().count(), 10, "{text}");
        assert!(!text.contains("ada") && !text.contains("10.1.0."), "{text}");
        let pseudonym =
            |line: &str| line.split_once("sent to ").map(|(_, rest)| rest.split(' ').next().map(str::to_owned));
        let pseudonyms: std::collections::BTreeSet<_> = text.lines().map(pseudonym).collect();
        assert_eq!(pseudonyms.len(), 1, "{text}");
        close(browser).await
    });
}

#[test]
fn pseudonyms_are_the_same_after_a_reload_and_gone_when_all_is_removed() {
    play(|stage| async move {
        let line =
            |i: usize| format!("2026-11-01T00:00:{i:02}.000Z INFO shop - order customer={}\n", ["ada", "bob"][i % 2]);
        let log = stage.file("shop.log", (0..20).map(line).collect::<String>())?;
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        browser.drop_files(&[&log]).await?;
        expect_found(&mut browser, 20).await?;
        search(&browser, "bob").await?;
        expect_found(&mut browser, 10).await?;
        let preview = "(document.querySelector('#disguise-preview')?.innerText ?? '')";
        focus_entries(&browser).await?;
        press(&browser, "x").await?;
        click(&browser, "#disguise").await?;
        browser.wait_for(&format!("{preview}.includes('bob user-1')")).await?;
        browser.wait_for(ALL_SAVED).await?;
        // Entries are what that speaks of; pseudonyms are saved a moment after they were given.
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        browser.run("location.hash = ''; location.reload();", Value::Null).await?;
        expect_found(&mut browser, 20).await?;
        focus_entries(&browser).await?;
        press(&browser, "x").await?;
        click(&browser, "#disguise").await?;
        browser.wait_for(&format!("{preview}.includes('ada user-2') && {preview}.includes('bob user-1')")).await?;
        press(&browser, &Key::Escape.value().to_string()).await?;
        click(&browser, "#clear").await?;
        click(&browser, "#clear-question .danger").await?;
        browser.wait_for("document.querySelector('[data-stage=empty]') !== null").await?;
        browser.drop_files(&[&log]).await?;
        expect_found(&mut browser, 20).await?;
        focus_entries(&browser).await?;
        // Whoever asked for pseudonyms before still does.
        press(&browser, "x").await?;
        browser.wait_for(&format!("{preview}.includes('ada user-1')")).await?;
        close(browser).await
    });
}

#[test]
fn rows_of_a_result_are_saved_with_the_pseudonyms_that_entries_have() {
    play(|stage| async move {
        let lines = (0..30).map(|i| format!("2026-11-01T00:00:{i:02}.000Z INFO mail - sent by 10.1.0.{}\n", i % 3));
        let log = stage.file("mail.log", lines.collect::<String>())?;
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        browser.drop_files(&[&log]).await?;
        expect_found(&mut browser, 30).await?;
        search(&browser, "sent | extract \"by {peer}\" | count by peer").await?;
        browser.wait_for("document.querySelector('#result')?.dataset.complete === 'true'").await?;
        browser.run("document.activeElement.blur();", Value::Null).await?;
        catch_downloads(&browser).await?;
        press(&browser, "x").await?;
        click(&browser, "#disguise").await?;
        browser.wait_for("document.querySelector('#disguise-preview')?.innerText.includes('10.1.0.0')").await?;
        click(&browser, "#export-menu [data-rows=csv]").await?;
        browser.wait_for("window.saved.name === 'result.csv' && window.saved.text?.includes('ip-1,10')").await?;
        click(&browser, "#export-menu [data-form=log]").await?;
        browser
            .wait_for("window.saved.name === 'entries.log' && window.saved.text?.split('by ip-1').length === 11")
            .await?;
        let text = browser.run("return window.saved.text;", Value::Null).await?;
        assert!(!text.as_str().unwrap_or_default().contains("10.1.0."), "{text}");
        // The choice holds for the buttons of the result, too.
        press(&browser, &Key::Escape.value().to_string()).await?;
        click(&browser, "#save-csv").await?;
        browser.wait_for("window.saved.name === 'result.csv' && window.saved.text?.includes('ip-1,10')").await?;
        let catch = "navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); };";
        browser.run(catch, Value::Null).await?;
        click(&browser, "#copy-markdown").await?;
        browser.wait_for("window.copied?.includes('ip-1') && !window.copied.includes('10.1.0.')").await?;
        close(browser).await
    });
}

/// What would be saved is looked at instead.
async fn catch_downloads(browser: &Chromium) -> anyhow::Result<()> {
    let catch = "window.saved = {};
        URL.createObjectURL = (blob) => { window.saved = {}; blob.text().then((text) => window.saved.text = text); return '#'; };
        HTMLAnchorElement.prototype.click = function () { window.saved.name = this.download; };";
    browser.run(catch, Value::Null).await.map(drop)
}

#[test]
fn a_case_file_opens_in_another_browser_as_it_was() {
    play(|stage| async move {
        let (mut browser, _) = with_log(&stage, "checkout.log").await?;
        mark_first_error(&mut browser).await?;
        let folder = downloads(&browser).await?;
        press(&browser, "x").await?;
        let case = save_case(&mut browser, "#save-case", &folder.path().join("case.dendro")).await?;
        browser.quit().await?;

        let other = Stage::new()?;
        let mut browser = other.browser().await?;
        browser.wait_for(OPENED).await?;
        // Into an empty workspace it is opened at once.
        browser.drop_files(&[&case]).await?;
        expect_found(&mut browser, 1000).await?;
        browser.wait_for(ALL_SAVED).await?;
        browser
            .wait_for(&format!("{N_MARKED_ROWS} === 0 && document.querySelectorAll('#histogram .flag').length === 1"))
            .await?;
        search(&browser, "order-000099").await?;
        expect_found(&mut browser, 1).await?;
        browser.wait_for(&format!("{N_MARKED_ROWS} === 1")).await?;

        // In place of another it asks; what is no case file changes nothing.
        let broken = other.file("broken.dendro", "SQLite format 3\0 and no more")?;
        // What comes with it is taken in when that is decided.
        let beside = other.file("beside.log", "2026-11-21T10:00:00Z INFO beside - order-000099 again\n")?;
        browser.drop_files(&[&broken, &beside]).await?;
        browser.wait_for("document.querySelector('#open-case') !== null").await?;
        browser.run("document.querySelector('#open-case').click();", Value::Null).await?;
        browser
            .wait_for("document.querySelector('#trouble')?.innerText.includes('“broken.dendro” cannot be opened')")
            .await?;
        expect_found(&mut browser, 2).await?;
        browser.drop_files(&[&case]).await?;
        browser.wait_for("document.querySelector('#case-question')?.open === true").await?;
        browser.run("document.querySelector('#open-case').click();", Value::Null).await?;
        browser.wait_for("document.querySelector('#sources').innerText.includes('beside.log') === false").await?;
        browser.wait_for("document.querySelector('#toast').innerText.includes('is open')").await?;
        browser.wait_for(ALL_SAVED).await?;
        browser.quit().await?;

        let mut browser = other.browser().await?;
        browser.wait_for("document.querySelector('#sources [data-state=complete]') !== null").await?;
        expect_found(&mut browser, 1000).await?;
        close(browser).await
    });
}

#[test]
fn a_case_file_of_what_was_found_has_that_and_no_more() {
    play(|stage| async move {
        let (mut browser, _) = with_log(&stage, "checkout.log").await?;
        mark_first_error(&mut browser).await?;
        let folder = downloads(&browser).await?;
        search(&browser, "level:error").await?;
        expect_found(&mut browser, 10).await?;
        press_in_entries(&browser, "x").await?;
        browser.wait_for("document.querySelector('#save-excerpt')?.innerText === 'Of 10 entries'").await?;
        let case = save_case(&mut browser, "#save-excerpt", &folder.path().join("entries.dendro")).await?;
        // What it was taken from stays as it is.
        search(&browser, "").await?;
        expect_found(&mut browser, 1000).await?;
        browser.quit().await?;

        let other = Stage::new()?;
        let mut browser = other.browser().await?;
        browser.wait_for(OPENED).await?;
        browser.drop_files(&[&case]).await?;
        expect_found(&mut browser, 10).await?;
        browser.wait_for(ALL_SAVED).await?;
        browser.wait_for(&format!("{N_MARKED_ROWS} === 1")).await?;
        search(&browser, "order-000199").await?;
        expect_found(&mut browser, 1).await?;
        close(browser).await
    });
}

/// A folder, gone with the test, where the browser puts what it saves.
async fn downloads(browser: &Chromium) -> anyhow::Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    let here = json!({ "behavior": "allow", "downloadPath": folder.path() });
    browser.devtools("Browser.setDownloadBehavior", here).await?;
    Ok(folder)
}

/// Has the case file written that the button stands for; it comes to `path`.
async fn save_case(browser: &mut Chromium, button: &str, path: &Path) -> anyhow::Result<PathBuf> {
    click(browser, button).await?;
    let name = path.file_name().and_then(|name| name.to_str()).context("a case file has a name")?;
    browser.wait_for(&format!("document.querySelector('#toast').innerText.startsWith('{name} written')")).await?;
    browser.wait_for_file(path).await?;
    Ok(path.to_owned())
}

async fn with_log(stage: &Stage, name: &str) -> anyhow::Result<(Chromium, std::path::PathBuf)> {
    let log = stage.file(name, shop_log(1000))?;
    let mut browser = stage.browser().await?;
    browser.wait_for(OPENED).await?;
    browser.drop_files(&[&log]).await?;
    browser.wait_for(ALL_SAVED).await?;
    expect_found(&mut browser, 1000).await?;
    Ok((browser, log))
}

async fn mark_first_error(browser: &mut Chromium) -> anyhow::Result<()> {
    press_in_entries(browser, "e").await?;
    browser.wait_for(&format!("{SELECTED}.includes('order-000099')")).await?;
    press(browser, "m").await?;
    browser.wait_for(&format!("{N_MARKED_ROWS} === 1")).await?;
    Ok(())
}

async fn focus_entries(browser: &Chromium) -> anyhow::Result<()> {
    browser.run("document.querySelector('#entries').focus();", Value::Null).await?;
    Ok(())
}

async fn press_in_entries(browser: &Chromium, keys: &str) -> anyhow::Result<()> {
    focus_entries(browser).await?;
    press(browser, keys).await
}

async fn search_kept(browser: &Chromium, text: &str) -> anyhow::Result<()> {
    let script = "const box = document.querySelector('#find-kept'); box.value = arguments[0]; box.dispatchEvent(new Event('input'));";
    browser.run(script, text).await?;
    Ok(())
}

#[test]
fn a_time_is_kept_with_a_note_and_stands_on_the_timeline() {
    play(|stage| async move {
        let (mut browser, _) = with_log(&stage, "checkout.log").await?;
        browser.run("document.querySelector('#histogram .plot').focus();", Value::Null).await?;
        press(&browser, Key::Home.value().to_string().as_str()).await?;
        press(&browser, Key::Enter.value().to_string().as_str()).await?;
        browser.wait_for("document.querySelector('#note-time') !== null").await?;
        focus_entries(&browser).await?;
        press(&browser, "M").await?;
        browser.wait_for("document.activeElement?.id === 'view-name' && document.activeElement.value !== ''").await?;
        press(&browser, "the beginning").await?;
        press(&browser, Key::Enter.value().to_string().as_str()).await?;
        browser.wait_for("document.activeElement?.id === 'page-note'").await?;
        press(&browser, "nothing *yet* #calm").await?;
        press(&browser, Key::Escape.value().to_string().as_str()).await?;
        browser.wait_for("document.querySelector('.kept-view .note em')?.innerText === 'yet'").await?;
        let kept = "document.querySelector('#histogram .kept-time')";
        browser.wait_for(&format!("{kept}?.title === 'the beginning: nothing yet #calm'")).await?;

        click(&browser, "#zoom-reset").await?;
        browser.wait_for(&format!("{kept} !== null && {kept}.offsetWidth < 200")).await?;
        browser.wait_for(ALL_KEPT).await?;
        browser.quit().await?;
        let mut browser = stage.browser().await?;
        browser.wait_for(&format!("{kept} !== null && document.querySelector('#zoom-out') === null")).await?;
        browser.run(&format!("{kept}.click();"), Value::Null).await?;
        browser.wait_for("document.querySelector('#zoom-out') !== null").await?;
        close(browser).await
    });
}
