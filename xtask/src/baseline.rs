//! What other tools do with the same files on the same machine: SQLite with a row for each line, ripgrep, lnav.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, bail};
use serde::Serialize;
use serde_json::Value;

use crate::root;

#[derive(Clone, Debug, Serialize)]
pub struct Baseline {
    /// `tests/benches/baseline.rs`: raw_bytes, lines, seconds, mb_per_s, db_bytes.
    pub sqlite_row_per_line: Value,
    /// `None` where the tool is not installed.
    pub ripgrep: Option<Vec<Timed>>,
    pub lnav: Option<Vec<Timed>>,
}

/// Median of [`RUNS`], after one that warms the file cache.
#[derive(Clone, Debug, Serialize)]
pub struct Timed {
    pub command: String,
    pub milliseconds: f64,
    pub mb_per_s: f64,
}

const RUNS: usize = 5;

/// Counting what Dendro's bench counts: a word, an alternation, one that ignores case.
const RIPGREP: [&[&str]; 3] = [
    &["--count", "--word-regexp", "error"],
    &["--count", "timed out|connection|declined"],
    &["--count", "--ignore-case", "exception|refused"],
];

/// Reads and indexes every line, keeps nothing.
const LNAV: [&[&str]; 1] = [&["-n", "-c", ";SELECT count(*) FROM all_logs"]];

pub fn measure(files: &[PathBuf]) -> anyhow::Result<Baseline> {
    let files =
        files.iter().map(|file| file.canonicalize().with_context(|| format!("{} is not there", file.display())));
    let files = &files.collect::<Result<Vec<_>, _>>()?;
    let sqlite_row_per_line = sqlite(files)?;
    let raw_bytes = sqlite_row_per_line["raw_bytes"].as_f64().context("the baseline says how much it read")?;
    let timed = |program: &str, commands: &[&[&str]]| -> anyhow::Result<Option<Vec<Timed>>> {
        if !is_installed(program) {
            eprintln!("{program} is not installed: SKIPPED");
            return Ok(None);
        }
        commands.iter().map(|words| time(program, words, files, raw_bytes)).collect::<Result<_, _>>().map(Some)
    };
    Ok(Baseline { ripgrep: timed("rg", &RIPGREP)?, lnav: timed("lnav", &LNAV)?, sqlite_row_per_line })
}

/// Built as releases are: SQLite without optimisation would be an easy match.
fn sqlite(files: &[PathBuf]) -> anyhow::Result<Value> {
    let files =
        files.iter().map(|file| file.canonicalize().with_context(|| format!("{} is not there", file.display())));
    let files = files.collect::<Result<Vec<_>, _>>()?;
    let mut bench = Command::new("cargo");
    bench.current_dir(root()).args(["bench", "--quiet", "--package", "tests", "--bench", "baseline", "--"]).args(files);
    let output = bench.stderr(Stdio::inherit()).output().context("cargo could not be run")?;
    if !output.status.success() {
        bail!("the SQLite baseline failed");
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let json = text.lines().find(|line| line.starts_with('{')).context("the SQLite baseline said nothing")?;
    Ok(serde_json::from_str(json)?)
}

fn is_installed(program: &str) -> bool {
    let version = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

fn time(program: &str, words: &[&str], files: &[PathBuf], raw_bytes: f64) -> anyhow::Result<Timed> {
    // A home and a folder of its own: lnav leaves its settings in the one or, failing that, in the other.
    let home = std::env::temp_dir().join(format!("dendro-{program}-{}", std::process::id()));
    std::fs::create_dir_all(&home)?;
    let mut times = Vec::new();
    for _ in 0..=RUNS {
        times.push(run_once(program, words, files, &home)?);
    }
    std::fs::remove_dir_all(&home)?;
    let warm = &mut times[1..];
    warm.sort_by(f64::total_cmp);
    let seconds = warm[RUNS / 2];
    Ok(Timed {
        command: format!("{program} {}", words.join(" ")),
        milliseconds: seconds * 1e3,
        mb_per_s: raw_bytes / 1e6 / seconds,
    })
}

fn run_once(program: &str, words: &[&str], files: &[PathBuf], home: &Path) -> anyhow::Result<f64> {
    let mut command = Command::new(program);
    command.args(words).args(files).current_dir(home).env("HOME", home).env("TERM", "dumb");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let begin = Instant::now();
    command.status().with_context(|| format!("{program} could not be run"))?;
    Ok(begin.elapsed().as_secs_f64())
}
