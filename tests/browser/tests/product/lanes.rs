//! The timeline in lanes: chosen by a field, kept in the address, a lane leads to its entries; a heat map of a number. What is drawn over
//! both: where the pointer is, deployments, gaps; and what a drag over them asks for.

use browser_tests::axe::{self, in_both_themes};
use browser_tests::chromium::Chromium;
use browser_tests::dendro::{ALL_SAVED, N_FOUND, N_SAMPLES, OPENED, click, expect_found, with_samples};
use browser_tests::stage::{Stage, close, play};
use serde_json::Value;

const DRAWN: &str =
    "document.querySelector('#lanes')?.dataset.complete === 'true' && document.querySelector('#lanes path') !== null";

async fn with_timeline(stage: &Stage) -> anyhow::Result<Chromium> {
    let mut browser = with_samples(stage).await?;
    browser.wait_for("document.querySelector('#split') !== null").await?;
    Ok(browser)
}

async fn split_by(browser: &mut Chromium, value: &str) -> anyhow::Result<()> {
    // Fields are looked for when one is about to choose.
    browser.run("document.querySelector('#split').focus();", Value::Null).await?;
    browser.wait_for(&format!("document.querySelector('#split option[value=\"{value}\"]') !== null")).await?;
    let choose = format!(
        "const split = document.querySelector('#split'); split.value = '{value}'; \
         split.dispatchEvent(new Event('change', {{ bubbles: true }}));"
    );
    browser.run(&choose, Value::Null).await?;
    browser.wait_for(DRAWN).await?;
    Ok(())
}

#[test]
fn a_lane_leads_to_the_entries_of_its_service_and_the_address_keeps_the_lanes() {
    play(|stage| async move {
        let mut browser = with_timeline(&stage).await?;
        split_by(&mut browser, "lanes service").await?;
        browser.wait_for("document.querySelectorAll('#lanes button.lane-name').length > 3").await?;
        browser.wait_for("location.hash.includes('lanes=service')").await?;
        browser.run("document.querySelector('#lanes button.lane-name').click();", Value::Null).await?;
        browser.wait_for(&format!("{N_FOUND} > 0 && {N_FOUND} < {N_SAMPLES}")).await?;
        browser.wait_for("document.querySelectorAll('#lanes .lane-name').length === 1").await?;
        browser.run("history.back();", Value::Null).await?;
        expect_found(&mut browser, N_SAMPLES).await?;
        browser.run("history.back();", Value::Null).await?;
        browser.wait_for("document.querySelector('#lanes') === null").await?;
        close(browser).await
    });
}

#[test]
fn a_number_is_shown_as_a_heat_map_with_percentiles() {
    play(|stage| async move {
        let mut browser = with_timeline(&stage).await?;
        split_by(&mut browser, "heat duration_ms").await?;
        browser.wait_for("document.querySelector('#lanes .p95') !== null").await?;
        browser.wait_for("document.querySelector('#lanes-log').getAttribute('aria-pressed') === 'true'").await?;
        let before =
            browser.run("return document.querySelector('#lanes .p95').getAttribute('d');", Value::Null).await?;
        click(&browser, "#lanes-log").await?;
        browser
            .wait_for(&format!("{DRAWN} && document.querySelector('#lanes .p95').getAttribute('d') !== {before}"))
            .await?;
        close(browser).await
    });
}

/// Moves the pressed pointer over an element, from one place to another; both in shares of its size.
async fn drag(
    browser: &Chromium,
    over: &str,
    from: (f64, f64),
    to: (f64, f64),
    with_shift: bool,
) -> anyhow::Result<()> {
    let script = format!(
        "const element = document.querySelector('{over}'), box = element.getBoundingClientRect(); \
         const send = (type, [x, y]) => element.dispatchEvent(new PointerEvent(type, {{ bubbles: true, button: 0, pointerId: 1, \
         clientX: box.left + box.width * x, clientY: box.top + box.height * y, shiftKey: {with_shift} }})); \
         const from = [{}, {}], to = [{}, {}]; send('pointerdown', from); send('pointermove', to); send('pointerup', to);",
        from.0, from.1, to.0, to.1
    );
    browser.run(&script, Value::Null).await?;
    Ok(())
}

#[test]
fn a_drag_over_a_heat_map_asks_for_its_time_and_its_numbers() {
    play(|stage| async move {
        let mut browser = with_timeline(&stage).await?;
        split_by(&mut browser, "heat duration_ms").await?;
        drag(&browser, "#lanes .lane-rows", (0.3, 0.2), (0.6, 0.5), false).await?;
        browser.wait_for("document.querySelector('#search').value.includes('duration_ms>=')").await?;
        browser.wait_for("document.querySelector('#zoom-out') !== null").await?;
        browser.wait_for(&format!("{N_FOUND} < {N_SAMPLES}")).await?;
        browser.run("history.back();", Value::Null).await?;
        expect_found(&mut browser, N_SAMPLES).await?;
        close(browser).await
    });
}

#[test]
fn a_drag_with_shift_compares_with_the_rest_at_once() {
    play(|stage| async move {
        let mut browser = with_timeline(&stage).await?;
        split_by(&mut browser, "lanes service").await?;
        drag(&browser, "#lanes .lane-rows", (0.5, 0.1), (0.7, 0.1), true).await?;
        browser.wait_for("document.querySelector('#compare')?.dataset.complete === 'true'").await?;
        browser.run("history.back();", Value::Null).await?;
        browser.wait_for("document.querySelector('#entries').checkVisibility()").await?;
        drag(&browser, "#histogram .plot", (0.5, 0.4), (0.7, 0.4), true).await?;
        browser.wait_for("document.querySelector('#compare').checkVisibility()").await?;
        close(browser).await
    });
}

#[test]
fn what_is_pointed_at_in_the_bars_or_in_the_lanes_is_marked_in_the_other() {
    play(|stage| async move {
        let mut browser = with_timeline(&stage).await?;
        split_by(&mut browser, "lanes service").await?;
        for (over, other) in [("#lanes .lane-rows", "#histogram .plot"), ("#histogram .plot", "#lanes .lane-rows")] {
            let point = format!(
                "const element = document.querySelector('{over}'), box = element.getBoundingClientRect(); \
                 element.dispatchEvent(new PointerEvent('pointermove', {{ bubbles: true, clientX: box.left + box.width * 0.4, clientY: box.top + 9 }}));"
            );
            browser.run(&point, Value::Null).await?;
            browser
                .wait_for(&format!(
                    "parseFloat(document.querySelector('{other} .pointed-line')?.style.left).toFixed(0) === '40'"
                ))
                .await?;
            let leave = format!("document.querySelector('{over}').dispatchEvent(new PointerEvent('pointerleave'));");
            browser.run(&leave, Value::Null).await?;
            browser.wait_for("document.querySelector('.pointed-line') === null").await?;
        }
        close(browser).await
    });
}

#[test]
fn deployments_have_flags_that_lead_to_the_entry_that_says_so() {
    play(|stage| async move {
        let mut browser = with_timeline(&stage).await?;
        let flag = "[...document.querySelectorAll('.flag.deployed')].find((flag) => flag.title.startsWith('inventory 2.14.0'))";
        browser.wait_for(&format!("{flag} !== undefined")).await?;
        browser.wait_for("document.querySelectorAll('#histogram .deployed-line').length === 2").await?;
        browser.run(&format!("{flag}.click();"), Value::Null).await?;
        browser.wait_for("document.querySelector('#details')?.innerText.includes('inventory 2.14.0 started')").await?;
        close(browser).await
    });
}

#[test]
fn an_hour_without_an_entry_is_marked_as_a_gap() {
    play(|stage| async move {
        let line =
            |minute: u32| format!("2026-11-20T{:02}:{:02}:00Z INFO served {minute}\n", 8 + minute / 60, minute % 60);
        let log: String = (0..120).chain(180..300).map(line).collect();
        let file = stage.file("web.log", log)?;
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        browser.drop_files(&[&file]).await?;
        browser.wait_for(ALL_SAVED).await?;
        browser.wait_for("document.querySelectorAll('#histogram .gap-band').length === 1").await?;
        close(browser).await
    });
}

#[test]
fn the_bars_are_shown_by_magnitude_where_one_asks_for_it() {
    play(|stage| async move {
        let mut browser = with_timeline(&stage).await?;
        let pixels = "document.querySelector('#histogram canvas').toDataURL()";
        let before = browser.run(&format!("return {pixels};"), Value::Null).await?;
        click(&browser, "#bars-log").await?;
        browser.wait_for("document.querySelector('#bars-log').ariaPressed === 'true'").await?;
        browser.wait_for(&format!("{pixels} !== {before}")).await?;
        close(browser).await
    });
}

#[test]
fn lanes_are_accessible() {
    play(|stage| async move {
        let mut browser = with_timeline(&stage).await?;
        split_by(&mut browser, "lanes service").await?;
        axe::load(&browser).await?;
        let violations = in_both_themes(&browser, "lanes").await?;
        assert!(violations.is_empty(), "{violations:#?}");
        close(browser).await
    });
}
