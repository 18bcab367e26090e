//! Tries for a few seconds to break what reads foreign bytes; on stable Rust, without cargo-fuzz.

use std::process::Command;

use crate::command;
use crate::root;

/// For each target.
const SECONDS: &str = "5";

/// A breaking input is kept in `tests/fuzz/corpus`, where `cargo test` finds it from then on.
pub fn run() -> anyhow::Result<()> {
    let mut fuzz = Command::new("cargo");
    fuzz.current_dir(root()).args(["run", "--quiet", "--package", "tests", "--bin", "fuzz", "--", SECONDS]);
    command::run(&mut fuzz)
}
