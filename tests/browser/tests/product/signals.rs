//! Rate, errors and duration of the sample logs: routes with their figures, a service leads to its entries. Resources of scraped metrics.

use browser_tests::axe::{self, in_both_themes};
use browser_tests::chromium::Chromium;
use browser_tests::dendro::{ALL_SAVED, N_FOUND, N_SAMPLES, OPENED, click, expect_found, with_samples, with_shop_log};
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

/// Two scrapes of a node, a minute apart: its CPU was in use nine tenths of the time, one disk half of it.
const SCRAPES: &str = r#"# TYPE node_cpu_seconds_total counter
node_cpu_seconds_total{cpu="0",mode="idle",instance="node-1:9100",job="node"} 100 1795000000000
node_cpu_seconds_total{cpu="0",mode="user",instance="node-1:9100",job="node"} 100 1795000000000
node_disk_io_time_seconds_total{device="sda",instance="node-1:9100",job="node"} 10 1795000000000
node_network_receive_errs_total{device="eth0",instance="node-1:9100",job="node"} 4 1795000000000
node_cpu_seconds_total{cpu="0",mode="idle",instance="node-1:9100",job="node"} 106 1795000060000
node_cpu_seconds_total{cpu="0",mode="user",instance="node-1:9100",job="node"} 154 1795000060000
node_disk_io_time_seconds_total{device="sda",instance="node-1:9100",job="node"} 40 1795000060000
node_network_receive_errs_total{device="eth0",instance="node-1:9100",job="node"} 7 1795000060000
"#;

#[test]
fn metrics_tell_how_resources_are_used_and_lead_to_their_points() {
    play(|stage| async move {
        let metrics = stage.file("node.prom", SCRAPES)?;
        let mut browser = stage.browser().await?;
        browser.wait_for(OPENED).await?;
        browser.drop_files(&[&metrics]).await?;
        browser.wait_for(ALL_SAVED).await?;
        expect_found(&mut browser, 8).await?;
        click(&browser, "#tab-signals").await?;
        browser.wait_for(COUNTED).await?;
        click(&browser, "#signals-use").await?;
        browser.wait_for("document.querySelectorAll('#signals .resources tbody tr').length === 3").await?;
        let of_row = r"[...document.querySelectorAll('#signals .resources tbody tr')].map((row) => row.innerText.replace(/\s+/g, ' '))";
        let has = |wanted: &str| format!("{of_row}.some((row) => {wanted})");
        browser.wait_for(&has("row.includes('node-1:9100') && row.includes('CPU') && row.includes('90 %')")).await?;
        browser.wait_for(&has("row.includes('disk sda') && row.includes('50 %')")).await?;
        browser
            .wait_for(&has("row.includes('network eth0') && row.includes('3 node_network_receive_errs_total')"))
            .await?;
        browser.wait_for("document.querySelectorAll('#signals .rules tr').length > 100").await?;
        axe::load(&browser).await?;
        let violations = in_both_themes(&browser, "resources").await?;
        assert!(violations.is_empty(), "{violations:#?}");
        browser.run("[...document.querySelectorAll('#signals .metric')].find((metric) => metric.innerText === 'node_disk_io_time_seconds_total').click();", Value::Null).await?;
        expect_found(&mut browser, 2).await?;
        close(browser).await
    });
}

#[test]
fn logs_without_metrics_say_which_would_tell_of_resources() {
    play(|stage| async move {
        let mut browser = with_shop_log(&stage).await?;
        click(&browser, "#tab-signals").await?;
        click(&browser, "#signals-use").await?;
        browser.wait_for("document.querySelector('#signals .nothing')?.innerText.includes('node_exporter')").await?;
        browser.wait_for("document.querySelector('#signals details').open").await?;
        close(browser).await
    });
}
