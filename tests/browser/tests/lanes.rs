//! The timeline in lanes: chosen by a field, kept in the address, a lane leads to its entries; a heat map of a number.

use browser_tests::axe::{self, in_both_themes};
use browser_tests::chromium::Chromium;
use browser_tests::dendro::{N_FOUND, N_SAMPLES, click, expect_found, with_samples};
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
