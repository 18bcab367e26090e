//! Who looks around does not get lost: places are kept, choices add up, and there is a way back.

use browser_tests::chromium::Chromium;
use browser_tests::dendro::{ALL_SAVED, OPENED, click, expect_found, press, search};
use browser_tests::logs::shop_log;
use browser_tests::stage::{Stage, close, play};
use serde_json::Value;
use thirtyfour::prelude::*;

#[test]
fn two_sources_that_are_pressed_are_both_found() {
    play(|stage| async move {
        let logs = [("cart.log", 3), ("bank.log", 5), ("shop.log", 7)];
        let mut browser = with_logs(&stage, &logs).await?;
        for (name, n_found) in [("cart.log", 3), ("bank.log", 8), ("cart.log", 5), ("bank.log", 15)] {
            click(&browser, &format!("#sources button.name[title*='{name}']")).await?;
            expect_found(&mut browser, n_found).await?;
        }
        close(browser).await
    });
}

#[test]
fn beside_the_widest_details_entries_can_be_read_and_the_width_is_remembered() {
    play(|stage| async move {
        let mut browser = with_logs(&stage, &[("shop.log", 100)]).await?;
        browser.driver().set_window_rect(0, 0, 1280, 800).await?;
        press(&browser, "j").await?;
        press(&browser, &char::from(Key::Enter).to_string()).await?;
        let width = |part: &str| format!("document.querySelector('{part}').getBoundingClientRect().width");
        browser.wait_for("document.querySelector('#details')?.offsetWidth > 200").await?;
        let before = browser.run(&format!("return {};", width("#sidebar")), Value::Null).await?;
        let widen = "for (let i = 0; i < 30; i++) { \
                document.querySelector('.split > .handle').dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowLeft', bubbles: true })); \
                await new Promise(requestAnimationFrame); \
            }";
        browser.run_async(widen, Value::Null).await?;
        browser.wait_for(&format!("{} >= 480 && {} < 500", width(".views"), width(".views"))).await?;
        browser.wait_for(&format!("{} < {before}", width("#sidebar"))).await?;
        let kept = browser.run("return Number(localStorage.getItem('dendro.details'));", Value::Null).await?;
        assert!(kept.as_f64().is_some_and(|pixels| (300.0..=800.0).contains(&pixels)), "{kept}");
        close(browser).await
    });
}

#[test]
fn where_tabs_have_no_room_a_list_has_all_views() {
    play(|stage| async move {
        let mut browser = with_logs(&stage, &[("shop.log", 100)]).await?;
        browser.driver().set_window_rect(0, 0, 1280, 800).await?;
        press(&browser, "j").await?;
        press(&browser, &char::from(Key::Enter).to_string()).await?;
        browser.wait_for("document.querySelector('#details')?.offsetWidth > 200").await?;
        let tabs = "[...document.querySelectorAll('.views > .panel-head [role=tab]')]";
        browser.wait_for(&format!("new Set({tabs}.map((tab) => tab.getBoundingClientRect().top)).size === 1")).await?;
        click(&browser, "#all-views").await?;
        let listed = "[...document.querySelectorAll('#views-menu button')]";
        browser.wait_for(&format!("{listed}.length === {tabs}.length")).await?;
        browser
            .run(&format!("{listed}.find((one) => one.innerText.includes('Notebook')).click();"), Value::Null)
            .await?;
        // The tab that is chosen is in sight.
        let place = "document.querySelector('#tab-notebook').getBoundingClientRect()";
        let row = "document.querySelector('.views > .panel-head').getBoundingClientRect()";
        browser.wait_for(&format!("location.hash.includes('notebook') && {place}.right <= {row}.right")).await?;
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
        press(&browser, "r").await?;
        browser.wait_for("location.hash.includes('newest')").await?;
        browser.wait_for(&has_row("order-004321")).await?;
        browser.wait_for(&format!("!{}", has_row("order-009999"))).await?;

        press(&browser, "j").await?;
        browser.wait_for("document.querySelector('#entries [aria-selected=true]') !== null").await?;
        let selected = "document.querySelector('#entries [aria-selected=true]').innerText";
        let before = browser.run(&format!("return {selected};"), Value::Null).await?;
        press(&browser, "rr").await?;
        browser.wait_for("!location.hash.includes('newest')").await?;
        browser
            .wait_for(&format!("document.querySelector('#entries').ariaBusy === 'false' && {selected} === {before}"))
            .await?;
        close(browser).await
    });
}

#[test]
fn escape_backs_out_one_step_and_leaves_the_query() {
    play(|stage| async move {
        let mut browser = with_logs(&stage, &[("shop.log", 100)]).await?;
        search(&browser, "placed").await?;
        expect_found(&mut browser, 90).await?;
        browser.run("document.querySelector('#entries .entry').click();", Value::Null).await?;
        browser.wait_for("document.querySelector('#details') !== null").await?;
        browser.run("document.querySelector('#search').focus();", Value::Null).await?;
        let escape = Key::Escape.value().to_string();
        press(&browser, &escape).await?;
        browser.wait_for("document.querySelector('#details') === null").await?;
        browser.wait_for("document.querySelector('#entries [aria-selected=true]') !== null").await?;
        press(&browser, &escape).await?;
        browser.wait_for("document.querySelector('#entries [aria-selected=true]') === null").await?;
        browser.wait_for("document.activeElement.id === 'search'").await?;
        press(&browser, &escape).await?;
        browser.wait_for("document.activeElement.id === 'entries'").await?;
        browser.wait_for("document.querySelector('#search').value === 'placed'").await?;
        close(browser).await
    });
}

#[test]
fn details_of_an_entry_that_is_gone_are_closed() {
    play(|stage| async move {
        let mut browser = with_logs(&stage, &[("shop.log", 100)]).await?;
        browser.run("document.querySelector('#entries .entry').click();", Value::Null).await?;
        browser.wait_for("document.querySelector('#details')?.innerText.includes('order-000000')").await?;
        browser.run("document.querySelector('#sources button[title^=Remove]').click();", Value::Null).await?;
        click(&browser, "#remove-question button.danger").await?;
        browser.wait_for("document.querySelector('[data-stage=empty]') !== null").await?;
        browser.wait_for("document.querySelector('#details') === null && !location.hash.includes('row=')").await?;
        close(browser).await
    });
}

#[test]
fn a_long_text_stands_behind_the_fields_and_opens_on_demand() {
    play(|stage| async move {
        let frames: String = (0..100).map(|i| format!("\tat shop.Cart.add{i}(Cart.java:{i})\n")).collect();
        let log = stage.file("trace.log", format!("2026-11-20T10:00:00Z ERROR it broke\n{frames}"))?;
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        browser.drop_files(&[&log]).await?;
        expect_found(&mut browser, 1).await?;
        browser.run("document.querySelector('#entries .entry').click();", Value::Null).await?;
        let n_lines = "document.querySelector('#raw')?.innerText.trim().split('\\n').length";
        browser.wait_for(&format!("{n_lines} === 40")).await?;
        browser
            .wait_for(
                "document.querySelector('#details table').getBoundingClientRect().top \
                < document.querySelector('#raw').getBoundingClientRect().top",
            )
            .await?;
        click(&browser, "#details button[aria-controls=raw]").await?;
        browser.wait_for(&format!("{n_lines} === 101")).await?;
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
