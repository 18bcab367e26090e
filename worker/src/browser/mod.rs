//! What only a browser has: messages, files, locks and storage.
//!
//! The same program runs as the data thread and, started by that under other names, as a reader and as the thread for SQL.

mod data;

mod reader;

mod readers;

mod samples;

mod ownership;

mod estimate;

mod persist;

mod sql;

mod files;

mod scope;

use wasm_bindgen::prelude::*;

/// Runs when the module is loaded. The page and the data thread start it by the loader script.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|panic| scope::say_last_words(&panic.to_string())));
    match scope::name().as_str() {
        readers::NAME => reader::start(),
        sql::NAME => sql::thread::start(),
        _ => data::start(),
    }
}
