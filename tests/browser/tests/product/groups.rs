//! The groups of the sample logs: the oddest request is told with what is odd about it, a click leads to its entries and back.

use browser_tests::axe::{self, in_both_themes};
use browser_tests::chromium::Chromium;
use browser_tests::dendro::{N_FOUND, N_SAMPLES, click, expect_found, with_samples};
use browser_tests::stage::{Stage, close, play};
use serde_json::Value;

const FOUND: &str = "document.querySelector('#groups')?.dataset.complete === 'true'";

async fn with_groups(stage: &Stage) -> anyhow::Result<Chromium> {
    let mut browser = with_samples(stage).await?;
    click(&browser, "#tab-groups").await?;
    browser.wait_for(FOUND).await?;
    browser.wait_for("document.querySelector('#groups .odd-group') !== null").await?;
    Ok(browser)
}

#[test]
fn the_oddest_request_leads_to_its_entries_and_back() {
    play(|stage| async move {
        let mut browser = with_groups(&stage).await?;
        browser.wait_for("document.querySelector('#group-field').value === 'trace_id'").await?;
        browser.wait_for("document.querySelector('#groups .phrase').innerText.includes('×')").await?;
        let n_entries = "return Number(document.querySelector('#groups .odd-group').dataset.entries);";
        let n_entries = browser.run(n_entries, Value::Null).await?.as_u64().unwrap_or_default();
        assert!(n_entries > 0);
        browser.run("document.querySelector('#groups .title').click();", Value::Null).await?;
        browser.wait_for(&format!("{N_FOUND} === {n_entries}")).await?;
        browser.run("history.back();", Value::Null).await?;
        expect_found(&mut browser, N_SAMPLES).await?;
        browser.wait_for("document.querySelector('#groups .title').offsetParent !== null").await?;
        close(browser).await
    });
}

#[test]
fn another_field_makes_other_groups() {
    play(|stage| async move {
        let mut browser = with_groups(&stage).await?;
        let before = browser.run("return document.querySelector('#groups .title').innerText;", Value::Null).await?;
        let choose = "const field = document.querySelector('#group-field'); field.value = field.options[1].value; \
            field.dispatchEvent(new Event('change', { bubbles: true }));";
        browser.run(choose, Value::Null).await?;
        browser
            .wait_for(&format!("{FOUND} && document.querySelector('#groups .title')?.innerText !== {before}"))
            .await?;
        close(browser).await
    });
}

#[test]
fn groups_are_accessible() {
    play(|stage| async move {
        let browser = with_groups(&stage).await?;
        axe::load(&browser).await?;
        let violations = in_both_themes(&browser, "groups").await?;
        assert!(violations.is_empty(), "{violations:#?}");
        close(browser).await
    });
}
