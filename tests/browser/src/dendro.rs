//! Dendro's page by its stable names: what tests and measurements do and read in it.

use anyhow::Context;
use serde_json::Value;
use thirtyfour::prelude::*;

use crate::chromium::Chromium;
use crate::logs::shop_log;
use crate::stage::Stage;

/// The data thread has answered: there is either a welcome or a workbench.
pub const OPENED: &str = "document.querySelector('[data-stage=empty], [data-stage=workbench]') !== null";
/// How many entries the query finds; the table has one row more, its heads.
pub const N_FOUND: &str = "(document.querySelector('#entries')?.ariaRowCount ?? 0) - 1";
/// Text of the rows that are on screen.
pub const ROWS: &str = "[...document.querySelectorAll('#entries [role=row].entry')].map((row) => row.innerText)";
/// States of the sources, in the order of the list.
pub const STATES: &str =
    "[...document.querySelectorAll('#sources [data-state]')].map((source) => source.dataset.state)";
/// Nothing is being read any more, and nothing of it can be lost any more.
pub const ALL_SAVED: &str = "document.querySelector('#saved')?.dataset.complete === 'true' \
    && document.querySelector('#sources [data-state]') !== null \
    && document.querySelector('#sources [data-state=reading], #sources [data-state=waiting]') === null";

/// A browser that has taken in the log of a shop, of a thousand entries.
pub async fn with_shop_log(stage: &Stage) -> anyhow::Result<Chromium> {
    let log = stage.file("checkout.log", shop_log(1000))?;
    let mut browser = stage.browser().await?;
    browser.wait_for(OPENED).await?;
    browser.drop_files(&[&log]).await?;
    browser.wait_for(ALL_SAVED).await?;
    expect_found(&mut browser, 1000).await?;
    Ok(browser)
}

/// Entries of the sample logs that the page offers.
pub const N_SAMPLES: u64 = 100_000;

/// A browser that has taken in the sample logs.
pub async fn with_samples(stage: &Stage) -> anyhow::Result<Chromium> {
    let mut browser = stage.browser().await?;
    browser.wait_for(OPENED).await?;
    try_samples(&mut browser).await?;
    browser.wait_for(ALL_SAVED).await?;
    expect_found(&mut browser, N_SAMPLES).await?;
    Ok(browser)
}

/// Takes the sample logs in, as one who needs no tour.
pub async fn try_samples(browser: &mut Chromium) -> anyhow::Result<()> {
    click(browser, "#try-samples").await?;
    browser.wait_for("document.querySelector('#tour-skip') !== null").await?;
    browser.run("document.querySelector('#tour-skip').click();", Value::Null).await?;
    browser.wait_for("document.querySelector('#tour') === null").await.map(drop)
}

/// Types a query where a user types it, in place of the one before.
pub async fn search(browser: &Chromium, query: &str) -> anyhow::Result<()> {
    let input = browser.driver().find(By::Id("search")).await.context("there is no search box")?;
    input.send_keys(Key::Control + "a").await?;
    match query {
        "" => input.send_keys(Key::Delete + "").await?,
        query => input.send_keys(query).await?,
    }
    Ok(())
}

/// Waits until exactly so many entries are found.
pub async fn expect_found(browser: &mut Chromium, n_entries: u64) -> anyhow::Result<()> {
    browser.wait_for(&format!("{N_FOUND} === {n_entries}")).await.map(drop)
}

pub async fn rows(browser: &Chromium) -> anyhow::Result<Vec<String>> {
    strings(browser.run(&format!("return {ROWS};"), Value::Null).await?)
}

pub async fn states(browser: &Chromium) -> anyhow::Result<Vec<String>> {
    strings(browser.run(&format!("return {STATES};"), Value::Null).await?)
}

pub async fn click(browser: &Chromium, selector: &str) -> anyhow::Result<()> {
    let element = browser.driver().find(By::Css(selector)).await.with_context(|| format!("there is no {selector}"))?;
    element.click().await.with_context(|| format!("{selector} cannot be clicked"))
}

/// Presses keys wherever the focus is.
pub async fn press(browser: &Chromium, keys: &str) -> anyhow::Result<()> {
    browser.driver().action_chain().send_keys(keys).perform().await?;
    Ok(())
}

fn strings(value: Value) -> anyhow::Result<Vec<String>> {
    serde_json::from_value(value).context("not a list of strings")
}
