//! `bench-browser [--files F…] [--spans N] [--reading] [--runs N] --json OUT`; use it by `cargo xtask bench browser`, which builds first.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::ensure;
use browser_tests::bench;
use serde_json::{Map, Value};
use xtask::args::Args;

fn main() -> ExitCode {
    match run(Args::new(std::env::args().skip(1).collect())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench-browser: {error:?}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut args: Args) -> anyhow::Result<()> {
    let files: Vec<PathBuf> = args.values("--files");
    let n_runs = args.value::<usize>("--runs")?.unwrap_or(1);
    let n_spans = args.value::<u64>("--spans")?;
    let with_reading = args.flag("--reading");
    let out = args.value::<PathBuf>("--json")?;
    args.finish()?;
    ensure!(
        !files.is_empty() || n_spans.is_some() || with_reading,
        "--files wants the log files to measure with, --spans how many spans, --reading nothing"
    );
    let runtime = tokio::runtime::Runtime::new()?;
    let mut runs: Vec<Map<String, Value>> = Vec::new();
    for number in 1..=n_runs {
        eprintln!("run {number} of {n_runs}");
        let mut figures = if files.is_empty() { Map::new() } else { runtime.block_on(bench::run(&files))? };
        if let Some(n_spans) = n_spans {
            figures.extend(runtime.block_on(bench::spans::run(n_spans))?);
        }
        if with_reading {
            figures.extend(runtime.block_on(bench::reading::run())?);
        }
        runs.push(figures);
    }
    let mut result = bench::medians(&runs);
    result["runs"] = runs.into_iter().map(Value::Object).collect();
    let text = format!("{result:#}\n");
    match out {
        Some(path) => std::fs::write(path, text)?,
        None => print!("{text}"),
    }
    Ok(())
}
