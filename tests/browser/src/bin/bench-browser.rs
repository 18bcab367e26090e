//! `bench-browser --files F… [--runs N] --json OUT`; use it by `cargo xtask bench browser`, which builds first.

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
    let out = args.value::<PathBuf>("--json")?;
    args.finish()?;
    ensure!(!files.is_empty(), "--files wants the log files to measure with");
    let runtime = tokio::runtime::Runtime::new()?;
    let mut runs: Vec<Map<String, Value>> = Vec::new();
    for number in 1..=n_runs {
        eprintln!("run {number} of {n_runs}");
        runs.push(runtime.block_on(bench::run(&files))?);
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
