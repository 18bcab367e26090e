//! Who looks around does not get lost: places are kept, choices add up, and there is a way back.

use browser_tests::chromium::Chromium;
use browser_tests::dendro::{ALL_SAVED, OPENED, click, expect_found, press};
use browser_tests::logs::shop_log;
use browser_tests::stage::{Stage, close, play};
use serde_json::Value;

#[test]
fn two_sources_that_are_pressed_are_both_found() {
    play(|stage| async move {
        let logs = [("cart.log", 3), ("bank.log", 5), ("shop.log", 7)];
        let mut browser = with_logs(&stage, &logs).await?;
        for (name, n_found) in [("cart.log", 3), ("bank.log", 8), ("cart.log", 5), ("bank.log", 15)] {
            click(&browser, &format!("#sources button.name[title$='{name}']")).await?;
            expect_found(&mut browser, n_found).await?;
        }
        close(browser).await
    });
}

#[test]
fn turning_the_order_keeps_the_entry_in_sight() {
    play(|stage| async move {
        let mut browser = with_logs(&stage, &[("shop.log", 10_000)]).await?;
        let has_row = |text: &str| {
            format!("[...document.querySelectorAll('#entries .entry')].some((row) => row.innerText.includes('{text}'))")
        };
        browser.run("document.querySelector('#entries').scrollTop = 24 * 4321;", Value::Null).await?;
        browser.wait_for(&has_row("order-004321")).await?;
        press(&browser, "o").await?;
        browser.wait_for("location.hash.includes('newest')").await?;
        browser.wait_for(&has_row("order-004321")).await?;
        browser.wait_for(&format!("!{}", has_row("order-009999"))).await?;

        press(&browser, "j").await?;
        browser.wait_for("document.querySelector('#entries [aria-selected=true]') !== null").await?;
        let selected = "document.querySelector('#entries [aria-selected=true]').innerText";
        let before = browser.run(&format!("return {selected};"), Value::Null).await?;
        press(&browser, "oo").await?;
        browser.wait_for("!location.hash.includes('newest')").await?;
        browser
            .wait_for(&format!("document.querySelector('#entries').ariaBusy === 'false' && {selected} === {before}"))
            .await?;
        close(browser).await
    });
}

async fn with_logs(stage: &Stage, logs: &[(&str, usize)]) -> anyhow::Result<Chromium> {
    let mut browser = stage.browser().await?;
    browser.wait_for(OPENED).await?;
    let mut n_all = 0;
    for &(name, n_entries) in logs {
        let log = stage.file(name, shop_log(n_entries))?;
        browser.drop_files(&[&log]).await?;
        n_all += n_entries as u64;
        expect_found(&mut browser, n_all).await?;
    }
    browser.wait_for(ALL_SAVED).await?;
    Ok(browser)
}
