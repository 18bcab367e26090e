//! `cargo xtask bench`: measures the built product, and how fast it reads.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::args::Args;
use crate::build::Kind;
use crate::{baseline, command, dist, reading, root, tools};

/// `cargo xtask bench browser [--files F…] [--spans N] [--runs N] [--baseline] --json OUT [--no-install]`, or
/// `cargo xtask bench reading [--runs N] --json OUT [--no-install]`
pub fn run(mut args: Args) -> anyhow::Result<()> {
    let install = tools::install_option(&mut args);
    let with_baseline = args.flag("--baseline");
    let n_runs = args.value::<usize>("--runs")?.unwrap_or(1);
    let n_spans = args.value::<u64>("--spans")?;
    let out: PathBuf = args.value("--json")?.context("--json wants the file that the figures go to")?;
    let files = args.values("--files");
    let what = args.rest()?;
    let is_reading = what == ["reading"];
    ensure!(is_reading || what == ["browser"], "what can be measured is: browser, reading");
    ensure!(
        is_reading || !files.is_empty() || n_spans.is_some(),
        "--files wants the log files to measure with, --spans how many spans"
    );
    let files = files.iter().map(|file| file.canonicalize().with_context(|| file.display().to_string()));
    let files: Vec<PathBuf> = files.collect::<anyhow::Result<_>>()?;

    tools::for_browser_tests(install)?;
    dist::make(Kind::Release, install)?;
    let mut bench = Command::new("cargo");
    bench.args(["run", "--quiet", "--package", "browser-tests", "--bin", "bench-browser", "--"]);
    bench.args(["--runs", &n_runs.to_string()]);
    if is_reading {
        bench.arg("--reading");
    }
    if let Some(n_spans) = n_spans {
        bench.args(["--spans", &n_spans.to_string()]);
    }
    if !files.is_empty() {
        bench.arg("--files").args(&files);
    }
    let text = command::read(bench.current_dir(root()))?;
    let mut figures: Value = serde_json::from_str(&text).context("the bench did not print JSON")?;
    write(&out, &figures)?;
    // Another build and some minutes: what was measured is safe by then.
    if is_reading {
        figures = json!({ "reading": reading::measure(&figures)? });
        write(&out, &figures)?;
    }
    if with_baseline {
        figures["baseline"] = serde_json::to_value(baseline::measure(&files)?)?;
        write(&out, &figures)?;
    }
    println!("{figures:#}");
    Ok(())
}

fn write(out: &Path, figures: &Value) -> anyhow::Result<()> {
    std::fs::write(out, format!("{figures:#}\n")).with_context(|| out.display().to_string())
}
