//! `cargo xtask test`: every test, those in a real browser included.

use std::process::Command;

use crate::args::Args;
use crate::build::Kind;
use crate::tools;
use crate::{command, dist, root};

/// `cargo xtask test [--no-install]`: builds what users get, since the browser tests drive that.
pub fn run(mut args: Args) -> anyhow::Result<()> {
    let install = tools::install_option(&mut args);
    args.finish()?;
    tools::for_browser_tests(install)?;
    dist::make(Kind::Release, install)?;
    command::run(Command::new("cargo").current_dir(root()).args(["test", "--workspace", "--no-fail-fast"]))
}
