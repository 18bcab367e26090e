//! Rate, errors and duration of the sample logs: routes with their figures, a service leads to its entries.

use browser_tests::axe::{self, in_both_themes};
use browser_tests::chromium::Chromium;
use browser_tests::dendro::{N_FOUND, N_SAMPLES, click, expect_found, with_samples};
use browser_tests::stage::{Stage, close, play};
use serde_json::Value;

const COUNTED: &str = "document.querySelector('#signals')?.dataset.complete === 'true'";

async fn with_routes(stage: &Stage) -> anyhow::Result<Chromium> {
    let mut browser = with_samples(stage).await?;
    click(&browser, "#tab-signals").await?;
    browser.wait_for(COUNTED).await?;
    browser.wait_for("document.querySelector('#signals tbody tr') !== null").await?;
    Ok(browser)
}

#[test]
fn routes_have_figures_and_a_service_leads_to_its_entries_and_back() {
    play(|stage| async move {
        let mut browser = with_routes(&stage).await?;
        let routes = "[...document.querySelectorAll('#signals .route')].map(cell => cell.innerText)";
        browser.wait_for(&format!("{routes}.includes('GET /products/{{id}}')")).await?;
        click(&browser, "#signals-by-service").await?;
        browser.wait_for("document.querySelectorAll('#signals tbody tr').length > 1").await?;
        browser.run("document.querySelector('#signals tbody button').click();", Value::Null).await?;
        browser.wait_for(&format!("{N_FOUND} > 0 && {N_FOUND} < {N_SAMPLES}")).await?;
        browser.run("history.back();", Value::Null).await?;
        expect_found(&mut browser, N_SAMPLES).await?;
        close(browser).await
    });
}

#[test]
fn golden_signals_are_accessible() {
    play(|stage| async move {
        let browser = with_routes(&stage).await?;
        axe::load(&browser).await?;
        let violations = in_both_themes(&browser, "golden signals").await?;
        assert!(violations.is_empty(), "{violations:#?}");
        close(browser).await
    });
}
