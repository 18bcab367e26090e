//! `cargo xtask VERB`: everything a developer of Dendro does, without tools beyond Rust itself.

use std::process::ExitCode;

use xtask::args::Args;
use xtask::{
    bench, check, dist, drift, incidents, outliers, parse, reachable, sample_logs, serve, templates, test, topology,
};

const VERBS: &str = "\
cargo xtask serve [--port P] [--dev]   build Dendro and serve it on this machine
cargo xtask dist [--dev]               build it into dist/, for any static host; prints the sizes
cargo xtask check [--fuzz]             formatting, clippy, walls, habits, texts, licences; fuzzing
cargo xtask test                       every test, those in a real browser included
cargo xtask parse PATH… [--zone Z]     what Dendro reads in log files, as JSON lines
cargo xtask reachable PATH…            whether each byte of log files is in an entry
cargo xtask templates FILE             the template of each line of a log file, as CSV
cargo xtask incidents PATH… [--window S]
                                       what is unusual in log files and goes together, as JSON
cargo xtask outliers FILE.jsonl        how unlike the others each group of entries is, as CSV
cargo xtask topology DIR…              which service calls which, by its traces and logs, as JSON
cargo xtask drift DIR…                 where logs, traces and metrics do not agree, as JSON
cargo xtask sample-logs --entries N [--seed S] [--quiet] [--drift] --out DIR
                                       logs of a shop with an incident (or without), and truth.json
cargo xtask bench browser --files F… [--runs N] [--baseline] --json OUT
                                       times and memory of the built product in Chromium
cargo xtask bench reading --json OUT   how fast each format is read, natively and there

--dev builds fast instead of small, and leaves out the service worker.
--no-install never installs anything; it says what is missing instead.";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let verb = args.next().unwrap_or_default();
    match run(&verb, Args::new(args.collect())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cargo xtask {verb}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(verb: &str, args: Args) -> anyhow::Result<()> {
    match verb {
        "serve" => serve::run(args),
        "dist" => dist::run(args),
        "check" => check::run(args),
        "test" => test::run(args),
        "parse" => parse::run(args),
        "reachable" => reachable::run(args),
        "templates" => templates::run(args),
        "incidents" => incidents::run(args),
        "outliers" => outliers::run(args),
        "topology" => topology::run(args),
        "drift" => drift::run(args),
        "bench" => bench::run(args),
        "sample-logs" => sample_logs::run(args),
        "" | "help" | "--help" => {
            println!("{VERBS}");
            Ok(())
        }
        _ => anyhow::bail!("there is no such verb. These are:\n\n{VERBS}"),
    }
}
