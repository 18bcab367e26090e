//! Set up, build, serve, test and measure Dendro.

pub mod args;

pub mod command;

pub mod tools;

pub mod build;

pub mod split;

pub mod headers;

pub mod index;

pub mod dist;

pub mod sizes;

pub mod serve;

pub mod check;

pub mod test;

pub mod incidents;

pub mod outliers;

pub mod parse;

pub mod reachable;

pub mod templates;

pub mod topology;

pub mod drift;

pub mod bench;

pub mod sample_logs;

pub mod baseline;

pub mod reading;

use std::path::PathBuf;

/// The folder of the repository.
pub fn root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root
}
