//! `cargo xtask bench reading`: how fast each format is read, natively and by a reader in the browser.

use std::path::Path;
use std::process::Command;

use analysis::sample::typical::{FORMATS, TEXT_BYTES, text_of};
use anyhow::Context;
use serde_json::{Map, Value, json};

use crate::{command, root};

/// `browser`: megabytes a second of a reader there, by format. Runs the native bench, and gives of each format megabytes and
/// lines a second and what the browser does of it.
pub fn measure(browser: &Value) -> anyhow::Result<Value> {
    let mut bench = Command::new("cargo");
    bench.current_dir(root()).args(["bench", "--package", "analysis", "--bench", "reading"]);
    command::run(&mut bench)?;
    let figures = FORMATS.map(|format| Ok((format.to_owned(), of_format(format, browser)?)));
    Ok(Value::Object(figures.into_iter().collect::<anyhow::Result<Map<String, Value>>>()?))
}

fn of_format(format: &str, browser: &Value) -> anyhow::Result<Value> {
    let text = text_of(format, TEXT_BYTES);
    let n_lines = text.iter().filter(|&&byte| byte == b'\n').count() as f64;
    let per_second = |what: &str, amount: f64| anyhow::Ok((amount / seconds(format, what)?).round());
    let megabytes = text.len() as f64 / 1e6;
    let (blocks, in_browser) = (per_second("blocks", megabytes)?, browser[format].as_f64().unwrap_or_default());
    Ok(json!({
        "mb_per_s": per_second("all formats", megabytes)?,
        "lines_per_s": per_second("all formats", n_lines)?,
        "lines_per_s_with_ten_formats": per_second("ten formats", n_lines)?,
        "blocks_mb_per_s": blocks,
        "blocks_mb_per_s_in_browser": in_browser,
        "browser_to_native": (in_browser / blocks * 100.0).round() / 100.0,
    }))
}

/// The median of an iteration, as Criterion left it.
fn seconds(format: &str, what: &str) -> anyhow::Result<f64> {
    let path = root().join(Path::new("target/criterion")).join(format).join(what).join("new/estimates.json");
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let estimates: Value = serde_json::from_str(&text)?;
    let nanos = estimates["median"]["point_estimate"].as_f64().with_context(|| path.display().to_string())?;
    Ok(nanos / 1e9)
}
