//! One workspace, two tabs: one owns it, the other asks.

use browser_tests::chromium::Chromium;
use browser_tests::dendro::{ALL_SAVED, OPENED, click, expect_found};
use browser_tests::logs::shop_log;
use browser_tests::stage::{Stage, close, play};
use serde_json::Value;

#[test]
fn the_second_tab_opens_read_only() {
    play(|stage| async move {
        let mut browser = with_saved_log(&stage).await?;
        second_tab(&mut browser, &stage).await?;
        click(&browser, "#open-read-only").await?;
        expect_found(&mut browser, 400).await?;
        close(browser).await
    });
}

#[test]
fn a_tab_that_only_reads_takes_nothing_in_and_offers_no_change() {
    play(|stage| async move {
        let mut browser = with_saved_log(&stage).await?;
        second_tab(&mut browser, &stage).await?;
        click(&browser, "#open-read-only").await?;
        expect_found(&mut browser, 400).await?;
        let log = stage.file("later.log", shop_log(100))?;
        browser.drop_files(&[&log]).await?;
        browser.wait_for("document.body.innerText.includes('This tab only reads')").await?;
        let offered =
            "return document.querySelectorAll('#clear, #naive-zone, #sources button[aria-label^=Remove]').length;";
        assert_eq!(browser.run(offered, Value::Null).await?, 0);
        expect_found(&mut browser, 400).await?;
        close(browser).await?;
        let mut browser = stage.browser().await?;
        expect_found(&mut browser, 400).await?;
        close(browser).await
    });
}

#[test]
fn the_second_tab_takes_over_and_the_first_says_so() {
    play(|stage| async move {
        let mut browser = with_saved_log(&stage).await?;
        let first = browser.driver().window().await?;
        second_tab(&mut browser, &stage).await?;
        let second = browser.driver().window().await?;
        click(&browser, "#take-over").await?;
        expect_found(&mut browser, 400).await?;

        browser.driver().switch_to_window(first).await?;
        browser.wait_for("document.querySelector('#take-back') !== null").await?;

        // The second one writes, and what it writes is there when both are gone.
        browser.driver().switch_to_window(second).await?;
        let log = stage.file("later.log", shop_log(100))?;
        browser.drop_files(&[&log]).await?;
        browser.wait_for(ALL_SAVED).await?;
        expect_found(&mut browser, 500).await?;
        close(browser).await?;
        let mut browser = stage.browser().await?;
        expect_found(&mut browser, 500).await?;
        close(browser).await
    });
}

#[test]
fn without_web_locks_a_tab_that_lost_the_workspace_has_it_back_only_when_it_is_asked() {
    play(|stage| async move {
        stage.take_locks_away()?;
        let mut browser = with_saved_log(&stage).await?;
        let first = browser.driver().window().await?;
        let second = browser.driver().new_tab().await?;
        browser.driver().switch_to_window(second.clone()).await?;
        browser.open(stage.address()).await?;
        expect_found(&mut browser, 400).await?;

        // The first one hears of it when it saves.
        browser.driver().switch_to_window(first.clone()).await?;
        let lost = stage.file("lost.log", shop_log(50))?;
        browser.drop_files(&[&lost]).await?;
        browser.wait_for("document.querySelector('#take-back') !== null").await?;

        // It leaves the second one alone.
        browser.driver().switch_to_window(second).await?;
        let log = stage.file("later.log", shop_log(100))?;
        browser.drop_files(&[&log]).await?;
        expect_found(&mut browser, 500).await?;
        browser.wait_for(ALL_SAVED).await?;

        browser.driver().switch_to_window(first).await?;
        browser.run("document.querySelector('#take-back').click();", Value::Null).await?;
        expect_found(&mut browser, 500).await?;
        close(browser).await
    });
}

async fn with_saved_log(stage: &Stage) -> anyhow::Result<Chromium> {
    let log = stage.file("checkout.log", shop_log(400))?;
    let mut browser = stage.browser().await?;
    browser.wait_for(OPENED).await?;
    browser.drop_files(&[&log]).await?;
    browser.wait_for(ALL_SAVED).await?;
    Ok(browser)
}

async fn second_tab(browser: &mut Chromium, stage: &Stage) -> anyhow::Result<()> {
    let tab = browser.driver().new_tab().await?;
    browser.driver().switch_to_window(tab).await?;
    browser.open(stage.address()).await?;
    browser.wait_for("document.querySelector('dialog[open] #take-over') !== null").await.map(drop)
}
