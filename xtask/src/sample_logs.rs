//! Writes sample logs with a known truth: the same that the page offers to try.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use analysis::sample::{Samples, Truth};
use anyhow::Context;

use crate::args::Args;

/// `cargo xtask sample-logs --entries N [--seed S] [--quiet] [--drift] --out DIR`: with `--quiet`, of a day on which nothing goes wrong; with
/// `--drift`, one disagreement of each kind between the services.
pub fn run(mut args: Args) -> anyhow::Result<()> {
    let n_entries = args.value("--entries")?.context("how many? --entries N")?;
    let is_quiet = args.flag("--quiet");
    let has_drift = args.flag("--drift");
    let seed = args.value("--seed")?.unwrap_or(1);
    let folder: PathBuf = args.value("--out")?.context("where to? --out DIR")?;
    args.finish()?;
    let samples = samples_of(n_entries, seed, is_quiet);
    let samples = if has_drift { samples.with_drift() } else { samples };
    let (truth, n_bytes) = write(samples, &folder)?;
    let truth_path = folder.join("truth.json");
    fs::write(&truth_path, serde_json::to_string_pretty(&truth)?)
        .with_context(|| format!("{} could not be written", truth_path.display()))?;
    for file in &truth.files {
        println!("{:>10} entries  {:<20}  {}", file.n_entries, file.path, file.format);
    }
    println!("{:>10} entries, {} MB in {}", truth.n_entries, n_bytes / 1_000_000, folder.display());
    Ok(())
}

fn samples_of(n_entries: u64, seed: u64, is_quiet: bool) -> Samples {
    if is_quiet { Samples::of_quiet_day(n_entries, seed) } else { Samples::new(n_entries, seed) }
}

/// Returns what is true of the logs, and their size.
pub fn write(mut samples: Samples, folder: &Path) -> anyhow::Result<(Truth, u64)> {
    fs::create_dir_all(folder).with_context(|| format!("{} could not be made", folder.display()))?;
    let mut files = Vec::new();
    for path in Samples::paths() {
        let path = folder.join(path);
        let file = File::create(&path).with_context(|| format!("{} could not be written", path.display()))?;
        files.push(BufWriter::new(file));
    }
    let mut n_bytes = 0;
    while let Some((file, bytes)) = samples.next_chunk() {
        n_bytes += bytes.len() as u64;
        files[file].write_all(&bytes)?;
    }
    for mut file in files {
        file.flush()?;
    }
    Ok((samples.truth(), n_bytes))
}
