//! The thread for SQL: takes in a copy of the database and runs one statement after the other on it.

use std::cell::RefCell;

use js_sys::Uint8Array;
use model::protocol::{Answer, BUILD, Failure, Revision, ToApp};
use model::sql::SqlAsk;
use wasm_bindgen::prelude::*;

use super::super::persist::{CopiedDisk, JsExtent};
use super::super::scope;
use super::{FromSql, ToSql};
use crate::extents::Copied;
use crate::sql::Console;
use crate::store::Store;

pub fn start() {
    let disk = match CopiedDisk::new() {
        Ok(disk) => disk,
        // Only a second registration in one worker could fail.
        Err(failure) => return scope::say_last_words(&failure.to_string()),
    };
    let console = RefCell::new(None::<Console>);
    scope::listen_beside(move |message, beside| match message {
        ToSql::Copied { size, extents } => {
            // What SQLite remembers of the file would not be true any more.
            console.replace(None);
            disk.take(Copied { size, extents: in_place(extents, beside) });
        }
        ToSql::Run { id, ask } => {
            let mut console = console.borrow_mut();
            let outcome = run(&disk, &mut console, &ask);
            let own = console.as_mut().and_then(Console::take_changed);
            scope::post(&FromSql { message: ToApp::Done { id, outcome }, own }, &[]);
        }
    });
    let ready = ToApp::Ready { build: BUILD.to_owned(), revision: Revision::default() };
    scope::post(&FromSql { message: ready, own: None }, &[]);
}

fn in_place(extents: Vec<(u32, bool)>, bytes: Vec<JsValue>) -> Vec<(u32, Option<JsExtent>)> {
    let mut bytes = bytes.into_iter().filter_map(|bytes| bytes.dyn_into::<Uint8Array>().ok());
    extents
        .into_iter()
        .map(|(index, has_bytes)| (index, if has_bytes { bytes.next().map(JsExtent) } else { None }))
        .collect()
}

fn run(disk: &CopiedDisk, console: &mut Option<Console>, ask: &SqlAsk) -> Result<Answer, Failure> {
    let console = match console {
        Some(console) => console,
        None => console.insert(Console::new(Store::look_at(disk.connect()?)?)?),
    };
    Ok(Answer::Table(Box::new(console.run(ask)?)))
}
