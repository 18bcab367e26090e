//! The queries typed letter by letter, with the keys of a keyboard.

use anyhow::Context;
use serde_json::{Value, json};
use thirtyfour::prelude::*;

use super::{percentile, rounded};
use crate::chromium::Chromium;

/// Notes when what a key does is painted.
const NOTE_KEYS: &str = include_str!("keys.js");

/// What is in the box goes at once, and is not among the times.
const EMPTY_BOX: &str = "const box = document.querySelector('#search');
    box.value = '';
    box.dispatchEvent(new Event('input', { bubbles: true }));
    await bench.typed;";

/// Each letter of each query, the next one when the first page of the one before is painted: percentiles of the times until the page
/// shows what a letter does (rows that go are dimmed first), and until it shows the first page.
pub async fn keystroke_ms(browser: &Chromium, queries: &[(&'static str, String)]) -> anyhow::Result<Value> {
    browser.run(NOTE_KEYS, Value::Null).await?;
    let input = browser.driver().find(By::Id("search")).await.context("there is no search box")?;
    let (mut said, mut page) = (Vec::new(), Vec::new());
    for (_, query) in queries {
        browser.run_async(EMPTY_BOX, Value::Null).await?;
        for letter in query.chars() {
            input.send_keys(letter.to_string()).await?;
            let typed = browser.run_async("return await bench.typed;", Value::Null).await?;
            said.extend(typed["said"].as_f64());
            page.extend(typed["page"].as_f64());
        }
    }
    browser.run_async(EMPTY_BOX, Value::Null).await?;
    said.sort_by(f64::total_cmp);
    page.sort_by(f64::total_cmp);
    Ok(json!({
        "n_keys": said.len(),
        "p50": rounded(percentile(&said, 0.5)),
        "p95": rounded(percentile(&said, 0.95)),
        "first_page_p50": rounded(percentile(&page, 0.5)),
        "first_page_p95": rounded(percentile(&page, 0.95)),
    }))
}
