//! Measures the built product in a browser: what a user waits for, and what it takes of the machine.

mod answers;
mod keys;
mod memory;
mod queries;
pub mod reading;
pub mod spans;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use serde_json::{Map, Value, json};
use xtask::serve::{Host, Site};

use crate::chromium::Chromium;
use crate::dendro::{N_FOUND, OPENED};
use crate::stage::DESKTOP;

/// Notes, from before the page's own scripts run, when things happen.
const WATCH: &str = include_str!("bench/watch.js");
/// Types queries and times the answers.
const TIME_QUERIES: &str = include_str!("bench/time_queries.js");
/// Asks the data thread for facets and tables.
const TIME_ANSWERS: &str = include_str!("bench/answers.js");
/// Scrolls, and times the frames.
const SCROLL: &str = include_str!("bench/scroll.js");

const LONGEST_IMPORT: Duration = Duration::from_secs(1800);
/// Enough for a 95th percentile that is not just the slowest.
const REPETITIONS: usize = 20;
const ANSWER_REPETITIONS: usize = 5;

/// One fresh profile, one drop of all files, one reopening; keys as printed.
pub async fn run(files: &[PathBuf]) -> anyhow::Result<Map<String, Value>> {
    let folder = tempfile::TempDir::new()?;
    let profile = folder.path().join("profile");
    let site = Site::start(&xtask::root().join("dist"), 0, Host::Dendro)?;
    let mut browser = start(&profile, &site).await?;
    browser.wait_for(OPENED).await?;
    browser.wait_for("navigator.serviceWorker.controller !== null").await?;

    let memory = memory::Watch::start(browser.pid());
    let paths: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    browser.drop_files(&paths).await?;
    browser.wait_long_for("bench.saved", LONGEST_IMPORT).await?;
    let mut result = Map::new();
    let raw_bytes = raw_bytes(files)?;
    let noted = browser.run("return bench;", Value::Null).await?;
    let millis = |name: &str| noted[name].as_f64().unwrap_or_default() - noted["dropped"].as_f64().unwrap_or_default();
    let status = browser.run("return { ...document.querySelector('#status').dataset };", Value::Null).await?;
    let of_status = |name: &str| status[name].as_str().and_then(|digits| digits.parse::<u64>().ok());
    result.insert("raw_bytes".into(), raw_bytes.into());
    result.insert("entries".into(), browser.run(&format!("return {N_FOUND};"), Value::Null).await?);
    result.insert("first_rows_ms".into(), rounded(millis("firstRows")));
    result.insert("saved_ms".into(), rounded(millis("saved")));
    result.insert("mb_per_s".into(), rounded(raw_bytes as f64 / 1000.0 / millis("saved")));
    result.insert("db_bytes".into(), of_status("storedBytes").into());
    result.insert("wasm_memory_bytes_peak".into(), noted["wasmMemory"].clone());
    result.insert("longest_main_thread_task_ms".into(), noted["longestTask"].clone());
    result.insert("tab_memory_bytes_peak".into(), memory.stop().into());

    let ask = async |round, fill: &dyn Fn(&mut answers::Asks)| {
        let mut asks = answers::Asks::new(round);
        fill(&mut asks);
        browser.run_async(TIME_ANSWERS, asks.input()).await
    };
    // Field columns are hardly begun now; the next question finds them made.
    let timed = ask(0, &answers::Asks::facets).await?;
    result.insert("facets_after_import_ms".into(), answers::facets_ms(&timed));
    let facets = answers::answered(&timed);
    let tables = answers::tables(&facets);
    let all = |asks: &mut answers::Asks| {
        for _ in 0..ANSWER_REPETITIONS {
            asks.facets();
            asks.templates();
            asks.incidents();
            asks.recluster();
            asks.lanes(&facets);
            asks.groups();
            tables.iter().for_each(|(name, query)| asks.table(name, query));
        }
    };
    let timed = ask(1, &all).await?;
    result.insert("facets_ms".into(), answers::facets_ms(&timed));
    result.insert("templates_ms".into(), answers::templates_ms(&timed));
    result.insert("incidents_ms".into(), answers::incidents_ms(&timed));
    result.insert("recluster_ms".into(), answers::recluster_ms(&timed));
    result.insert("lanes_ms".into(), answers::lanes_ms(&timed));
    result.insert("heat_ms".into(), answers::heat_ms(&timed));
    result.insert("groups_ms".into(), answers::groups_ms(&timed));
    result.insert("pipe_ms".into(), answers::pipe_ms(&timed, &tables));

    let n_entries = result["entries"].as_u64().unwrap_or_default();
    let timed = ask(2, &|asks| asks.middle(n_entries)).await?;
    if let Some(row) = answers::answered_row(&timed) {
        let timed = ask(3, &|asks| (0..ANSWER_REPETITIONS).for_each(|_| asks.context(&row))).await?;
        result.insert("context_ms".into(), answers::context_ms(&timed));
        let timed = ask(4, &|asks| (0..ANSWER_REPETITIONS).for_each(|_| asks.compare(&row))).await?;
        result.insert("compare_ms".into(), answers::compare_ms(&timed));
    }

    let queries = queries::choose(files)?;
    let input = json!({ "queries": queries, "repetitions": REPETITIONS });
    let timed = browser.run_async(TIME_QUERIES, input).await?;
    result.insert("queries".into(), queries::summarise(&queries, &timed));
    let before = now(&browser).await?;
    result.insert("keystroke_ms".into(), keys::keystroke_ms(&browser, &queries).await?);
    result.insert("longest_task_typing_ms".into(), longest_task_since(&browser, before).await?);
    let before = now(&browser).await?;
    result.insert("scroll_fps_p5".into(), browser.run_async(SCROLL, Value::Null).await?);
    result.insert("longest_task_scrolling_ms".into(), longest_task_since(&browser, before).await?);
    browser.quit().await?;

    let mut browser = start(&profile, &site).await?;
    let first_rows = browser.wait_long_for("bench.firstRows", LONGEST_IMPORT).await?;
    result.insert("reopen_first_rows_ms".into(), rounded(first_rows.as_f64().unwrap_or_default()));
    browser.quit().await?;
    Ok(result)
}

/// The medians of several runs' numbers; what is no number is that of the last run.
pub fn medians(runs: &[Map<String, Value>]) -> Value {
    let all: Vec<Value> = runs.iter().cloned().map(Value::Object).collect();
    median_of(&all)
}

fn median_of(values: &[Value]) -> Value {
    if let Some(Value::Object(last)) = values.last() {
        let of = |name: &String| median_of(&values.iter().map(|value| value[name].clone()).collect::<Vec<_>>());
        return Value::Object(last.keys().map(|name| (name.clone(), of(name))).collect());
    }
    let mut numbers: Vec<f64> = values.iter().filter_map(Value::as_f64).collect();
    if numbers.len() < values.len() {
        return values.last().cloned().unwrap_or_default();
    }
    numbers.sort_by(f64::total_cmp);
    rounded(percentile(&numbers, 0.5))
}

/// Nearest rank; `sorted` ascending. Zero where there is nothing.
fn percentile(sorted: &[f64], share: f64) -> f64 {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

/// To a tenth where that says something.
fn rounded(number: f64) -> Value {
    let tenths = (number * 10.0).round();
    if number.abs() >= 1000.0 || tenths % 10.0 == 0.0 { json!(number.round() as i64) } else { json!(tenths / 10.0) }
}

/// By the page's own clock.
async fn now(browser: &Chromium) -> anyhow::Result<Value> {
    browser.run("return performance.now();", Value::Null).await
}

async fn longest_task_since(browser: &Chromium, start: Value) -> anyhow::Result<Value> {
    browser.run_async("return await bench.longestTaskSince(input);", start).await
}

async fn start(profile: &Path, site: &Site) -> anyhow::Result<Chromium> {
    let browser = Chromium::start(profile, DESKTOP).await?;
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": WATCH })).await?;
    browser.open(&site.address()).await?;
    Ok(browser)
}

fn raw_bytes(files: &[PathBuf]) -> anyhow::Result<u64> {
    let sizes = files.iter().map(|path| Ok(fs::metadata(path).with_context(|| path.display().to_string())?.len()));
    sizes.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_measured_values() {
        let sorted = [1.0, 2.0, 3.0, 4.0];
        assert_eq!(percentile(&sorted, 0.5), 2.0);
        assert_eq!(percentile(&sorted, 0.95), 4.0);
        assert_eq!(percentile(&[], 0.5), 0.0);
    }

    #[test]
    fn medians_reach_into_objects() {
        let run = |ms: i64| json!({ "saved_ms": ms, "queries": { "id": { "n": ms, "text": "a" } } });
        let runs: Vec<_> = [3, 1, 2].into_iter().filter_map(|ms| run(ms).as_object().cloned()).collect();
        assert_eq!(medians(&runs), run(2));
    }
}
