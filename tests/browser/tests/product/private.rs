//! A window that keeps nothing: Dendro works until it is closed, and says so.

use browser_tests::dendro::{ALL_SAVED, OPENED, click, expect_found};
use browser_tests::logs::shop_log;
use browser_tests::stage::{close, play};
use serde_json::Value;

const WORDS: &str = "return document.querySelector('#status').innerText;";

#[test]
fn without_storage_logs_can_be_searched_and_the_page_says_that_they_are_not_kept() {
    play(|stage| async move {
        stage.take_storage_away()?;
        let log = stage.file("checkout.log", shop_log(400))?;
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        browser.drop_files(&[&log]).await?;
        browser.wait_for(ALL_SAVED).await?;
        expect_found(&mut browser, 400).await?;
        let words = browser.run(WORDS, Value::Null).await?;
        assert!(words.as_str().is_some_and(|words| words.contains("In memory only")), "{words}");
        close(browser).await
    });
}

#[test]
fn without_storage_an_update_is_not_waited_for_in_vain() {
    play(|stage| async move {
        stage.take_storage_away()?;
        let log = stage.file("checkout.log", shop_log(400))?;
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        browser.drop_files(&[&log]).await?;
        browser.wait_for(ALL_SAVED).await?;
        let announce = "window.addEventListener('dendro-update-accepted', () => { window.isClosed = true; });
            window.dispatchEvent(new Event('dendro-update-ready'));";
        browser.run(announce, Value::Null).await?;
        browser.wait_for("document.querySelector('#update button') !== null").await?;
        click(&browser, "#update button").await?;
        // Where a service worker waits the page is loaded anew, and is empty.
        browser.wait_for("window.isClosed || document.querySelector('#try-samples') !== null").await?;
        close(browser).await
    });
}

#[test]
fn without_storage_two_tabs_do_not_mind_each_other() {
    play(|stage| async move {
        stage.take_storage_away()?;
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        let tab = browser.driver().new_tab().await?;
        browser.driver().switch_to_window(tab).await?;
        browser.open(stage.address()).await?;
        browser.wait_for(OPENED).await?;
        let log = stage.file("checkout.log", shop_log(100))?;
        browser.drop_files(&[&log]).await?;
        expect_found(&mut browser, 100).await?;
        close(browser).await
    });
}
