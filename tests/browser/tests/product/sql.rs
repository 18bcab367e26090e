//! The SQL console: statements over the scope, their rows, what is wrong with them, and a search that waits for none.

use browser_tests::chromium::Chromium;
use browser_tests::dendro::{ALL_SAVED, click, expect_found, press, search, with_shop_log};
use browser_tests::stage::{close, play};
use serde_json::{Value, json};
use thirtyfour::prelude::*;

const SAID: &str = "document.querySelector('#sql-said')?.innerText";
const CELLS: &str = "[...document.querySelectorAll('#sql-rows .record:not(.columns)')].map((row) => [...row.children].map((cell) => cell.innerText).join(' ')).join()";

#[test]
fn a_statement_sees_the_scope_and_a_row_opens_its_entry() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        press(&browser, "8").await?;
        run(&mut browser, "SELECT level, count(*) AS n FROM entries GROUP BY level ORDER BY n DESC").await?;
        browser.wait_for("document.querySelectorAll('#sql-result .hbar').length === 3").await?;
        click(&browser, "#sql-as-table").await?;
        browser.wait_for(&format!("{CELLS} === 'info 900,warn 90,error 10'")).await?;

        // Another search asks the statement anew, over what that finds.
        search(&browser, "level>=warn").await?;
        browser.wait_for(&format!("{CELLS} === 'warn 90,error 10'")).await?;

        run(&mut browser, "SELECT line, entry FROM entries WHERE level = 'error' ORDER BY line LIMIT 1").await?;
        browser.wait_for(&format!("{SAID} === '1 row'")).await?;
        browser.wait_for("document.querySelector('#sql-rows .record:not(.columns)') !== null").await?;
        click(&browser, "#sql-rows .record:not(.columns)").await?;
        browser.wait_for("document.querySelector('#details') !== null && location.hash.includes('row=')").await?;

        // Two steps back is the statement before: one takes the entry back.
        browser.run("history.go(-2);", Value::Null).await?;
        browser.wait_for("document.querySelector('#sql-text').value.startsWith('SELECT level')").await?;
        browser.wait_for(&format!("{CELLS} === 'warn 90,error 10'")).await?;
        close(browser).await
    });
}

#[test]
fn tables_of_ones_own_are_made_once_and_kept() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        press(&browser, "8").await?;
        let make = "CREATE TABLE refused AS SELECT line FROM entries WHERE level = 'error'";
        run(&mut browser, make).await?;
        browser.wait_for(&format!("{SAID}.startsWith('The console only reads')")).await?;
        click(&browser, "#own-tables").await?;
        run(&mut browser, make).await?;
        let has = |n_rows: u32| {
            format!(
                "document.querySelector('#sql-own summary')?.innerText.replace(/\\s+/g, ' ') === 'refused {n_rows} rows'"
            )
        };
        browser.wait_for(&has(10)).await?;
        run(&mut browser, "INSERT INTO refused VALUES (0)").await?;
        browser.wait_for(&has(11)).await?;
        // Another search, and another look at the page, do not do it again.
        search(&browser, "level>=warn").await?;
        expect_found(&mut browser, 100).await?;
        browser.wait_for(ALL_SAVED).await?;
        browser.driver().refresh().await?;
        browser.wait_for(&format!("{} && {SAID}?.startsWith('The console only reads') === true", has(11))).await?;
        run(&mut browser, "SELECT count(*) AS n, min(line) AS least FROM refused").await?;
        browser.wait_for(&format!("{CELLS} === '11 0'")).await?;
        close(browser).await
    });
}

#[test]
fn a_head_sorts_the_rows_of_a_statement() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        press(&browser, "8").await?;
        run(&mut browser, "SELECT level, count(*) AS n FROM entries GROUP BY level; -- three").await?;
        browser.wait_for("document.querySelectorAll('#sql-result .hbar').length === 3").await?;
        click(&browser, "#sql-as-table").await?;
        for (head, expected) in
            [(2, "info 900,warn 90,error 10"), (2, "error 10,warn 90,info 900"), (1, "error 10,info 900,warn 90")]
        {
            let button = format!("#sql-rows [role=columnheader]:nth-child({head}) button");
            browser.wait_for(&format!("document.querySelector('{button}') !== null")).await?;
            click(&browser, &button).await?;
            browser.wait_for(&format!("{CELLS} === '{expected}'")).await?;
        }
        close(browser).await
    });
}

#[test]
fn a_search_that_changes_while_a_statement_runs_leaves_it() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        press(&browser, "8").await?;
        // Ends only where nothing is found.
        let text = "WITH RECURSIVE n(i) AS (SELECT count(*) FROM entries UNION ALL SELECT i FROM n WHERE i > 0) SELECT count(*) FROM n";
        run(&mut browser, text).await?;
        browser.wait_for("document.querySelector('#sql-result').ariaBusy === 'true'").await?;
        search(&browser, "level:error").await?;
        search(&browser, "level:erro OR level:fatal").await?;
        search(&browser, "nowhereatall").await?;
        browser.wait_for(&format!("{CELLS} === '1'")).await?;
        close(browser).await
    });
}

#[test]
fn what_is_wrong_is_marked_and_what_is_begun_is_completed() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        press(&browser, "8").await?;
        run(&mut browser, "SELECT sevice FROM entries").await?;
        browser.wait_for(&format!("{SAID} === 'No such column: sevice.'")).await?;
        browser.wait_for("document.querySelector('#sql .wrong')?.innerText === 'sevice'").await?;
        run(&mut browser, "DELETE FROM sources").await?;
        browser.wait_for(&format!("{SAID}.startsWith('The console only reads')")).await?;

        write(&mut browser, "SELECT ser").await?;
        browser
            .wait_for("document.querySelector('#sql-suggestions [aria-selected=true] code')?.innerText === 'service'")
            .await?;
        press(&browser, &format!("{}", Key::Tab.value())).await?;
        browser.wait_for("document.querySelector('#sql-text').value === 'SELECT service'").await?;
        // What was run is kept.
        browser.wait_for("document.querySelectorAll('#sql-earlier li').length === 2").await?;
        close(browser).await
    });
}

#[test]
fn a_statement_without_an_end_holds_nothing_up_and_is_stopped() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        press(&browser, "8").await?;
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
        run(&mut browser, endless).await?;
        browser.wait_for("document.querySelector('#sql-result').ariaBusy === 'true'").await?;
        browser.run("document.querySelector('#tab-entries').click();", Value::Null).await?;
        search(&browser, "level:error").await?;
        expect_found(&mut browser, 10).await?;
        click(&browser, "#tab-sql").await?;
        click(&browser, "#stop-sql").await?;
        browser.wait_for(&format!("{SAID} === 'Stopped.'")).await?;
        run(&mut browser, "SELECT count(*) FROM all_entries").await?;
        browser.wait_for(&format!("{CELLS} === '1,000'")).await?;
        close(browser).await
    });
}

#[test]
fn a_statement_that_may_write_is_stopped_and_makes_nothing() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        press(&browser, "8").await?;
        browser.wait_for("document.querySelector('#own-tables') !== null").await?;
        click(&browser, "#own-tables").await?;
        let endless = "CREATE TABLE endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS n FROM n";
        run(&mut browser, endless).await?;
        browser.wait_for("document.querySelector('#sql-result').ariaBusy === 'true'").await?;
        click(&browser, "#stop-sql").await?;
        browser.wait_for(&format!("{SAID} === 'Stopped.'")).await?;
        browser.wait_for("document.querySelector('#sql-result').ariaBusy === 'false'").await?;
        // Were it still at work, the next would wait behind it for ever.
        run(&mut browser, "SELECT count(*) FROM all_entries").await?;
        browser.wait_for(&format!("{CELLS} === '1,000'")).await?;
        browser.wait_for("document.querySelectorAll('#sql-own summary').length === 0").await?;
        close(browser).await
    });
}

/// Writes a statement in place of the one before.
async fn write(browser: &mut Chromium, statement: &str) -> anyhow::Result<()> {
    browser.wait_for("document.querySelector('#sql-text') !== null").await?;
    let written = "const text = document.querySelector('#sql-text'); text.focus(); text.value = arguments[0]; \
        text.dispatchEvent(new Event('input', {bubbles: true}));";
    browser.run(written, json!(statement)).await.map(drop)
}

async fn run(browser: &mut Chromium, statement: &str) -> anyhow::Result<()> {
    write(browser, statement).await?;
    click(browser, "#run-sql").await
}
