//! `cargo xtask test`: every test, those in a real browser included.

use std::process::Command;

use crate::args::Args;
use crate::build::Kind;
use crate::tools::{self, MUST_PLAY};
use crate::{command, dist, root};

/// Property tests draw the same cases on every machine, so that what fails here fails for everybody.
/// `PROPTEST_RNG_SEED=… cargo test` draws others.
const SEED: (&str, &str) = ("PROPTEST_RNG_SEED", "20050617");

/// `cargo xtask test [--no-install]`: builds what users get, since the browser tests drive that.
pub fn run(mut args: Args) -> anyhow::Result<()> {
    let install = tools::install_option(&mut args);
    args.finish()?;
    // Before minutes of building: a browser that does not start fails every one of its tests.
    tools::for_browser_tests(install)?.try_out()?;
    // What users get is linked on one core: the tests are compiled on the other.
    std::thread::scope(|scope| {
        let dist = scope.spawn(|| dist::make(Kind::Release, install));
        command::run(cargo_test().arg("--no-run"))?;
        dist.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })?;
    let mut test = cargo_test();
    test.args(["--no-fail-fast"]).env(MUST_PLAY, "1");
    if std::env::var_os(SEED.0).is_none() {
        test.env(SEED.0, SEED.1);
    }
    command::run(&mut test)
}

fn cargo_test() -> Command {
    let mut test = Command::new("cargo");
    test.current_dir(root()).args(["test", "--workspace"]);
    test
}
