//! `cargo xtask check`: everything that is asked of the sources before they are tested.

mod fuzz;
mod language;
mod licences;
mod literals;
mod sources;
mod walls;

use std::process::Command;

use anyhow::bail;

use crate::args::Args;
use crate::build::with_clang;
use crate::command;
use crate::root;
use crate::tools::{self, Install};

type Check = (&'static str, fn(Install) -> anyhow::Result<()>);

const CHECKS: [Check; 7] = [
    ("formatting", formatting),
    ("walls between the crates", |_| walls::check()),
    ("habits of the sources", |_| sources::check()),
    ("texts in every language", |_| language::check()),
    ("licences", |_| licences::check()),
    ("clippy, native", clippy_native),
    ("clippy, wasm", clippy_wasm),
];

/// `cargo xtask check [--fuzz] [--no-install]`: runs every check even if one fails.
pub fn run(mut args: Args) -> anyhow::Result<()> {
    let install = tools::install_option(&mut args);
    let fuzz: Option<Check> = args.flag("--fuzz").then_some(("fuzz targets", |_| fuzz::run()));
    args.finish()?;
    let checks: Vec<Check> = CHECKS.into_iter().chain(fuzz).collect();
    let mut failed = Vec::new();
    for &(name, check) in &checks {
        eprintln!("\n== {name}");
        if let Err(error) = check(install) {
            eprintln!("{error:#}");
            failed.push(name);
        }
    }
    if !failed.is_empty() {
        bail!("not in order: {}", failed.join("; "));
    }
    println!("\nAll {} checks passed.", checks.len());
    Ok(())
}

fn formatting(_: Install) -> anyhow::Result<()> {
    command::run(Command::new("cargo").current_dir(root()).args(["fmt", "--all", "--check"]))
}

fn clippy_native(_: Install) -> anyhow::Result<()> {
    let mut clippy = Command::new("cargo");
    clippy.current_dir(root()).args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    command::run(&mut clippy)
}

fn clippy_wasm(install: Install) -> anyhow::Result<()> {
    let clang = tools::for_build(install)?;
    let mut clippy = Command::new("cargo");
    clippy.current_dir(root()).args(["clippy", "--target", "wasm32-unknown-unknown"]);
    // Tests and developers' tools may read files: what is disallowed is so for the product alone.
    clippy.env("CLIPPY_CONF_DIR", root().join("xtask/src/check/wasm"));
    for package in walls::PRODUCT {
        clippy.args(["--package", package]);
    }
    clippy.args(["--", "-D", "warnings"]);
    command::run(with_clang(&mut clippy, &clang))
}
