//! The data thread: SQLite and the jobs that answer the page's questions.
//!
//! Everything here runs natively as well as in a web worker; what only a browser has is in `browser/`.

pub mod store;

pub mod jobs;

pub mod engine;

pub mod sql;

pub mod intake;

pub mod extents;

#[cfg(target_arch = "wasm32")]
mod browser;
