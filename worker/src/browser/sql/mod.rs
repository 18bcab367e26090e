//! SQL has a thread of its own, so that a statement may take as long as it likes; here is what the data thread knows of it.
//!
//! That thread keeps a copy of the database. It gets the extents that changed since the statement before, a few at a turn
//! and the last ones right after a commit, so that the copy is the workspace of one moment. Stopping a statement ends the
//! thread, and the next one starts with a whole copy again.

pub mod thread;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use js_sys::Uint8Array;
use model::protocol::{AskId, Failure, ToApp};
use model::sql::SqlAsk;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, Event, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::persist::OpenFile;
use super::scope::{self, Parcel};

/// Tells it from the data thread; see [`super::start`].
pub const NAME: &str = "dendro sql";

/// Extents copied in one turn: two milliseconds, as everything that is asked meanwhile has to wait for them.
pub const STEP_EXTENTS: usize = 8;

#[derive(Serialize, Deserialize)]
enum ToSql {
    /// The size of the file, and which extents travel beside this; those without bytes are holes.
    Copied {
        size: u64,
        extents: Vec<(u32, bool)>,
    },
    Run {
        id: AskId,
        ask: SqlAsk,
    },
}

/// What came from the thread.
pub enum Heard {
    Said(ToApp),
    Crashed { why: String },
}

/// The thread. Dropping it ends it.
pub struct SqlThread {
    worker: Worker,
    pub is_ready: bool,
    /// The database that it has a copy of.
    file: Rc<RefCell<OpenFile>>,
    pub waiting: VecDeque<(AskId, SqlAsk)>,
    pub running: Option<AskId>,
    /// How many statements have been run.
    pub n_run: u64,
}

impl SqlThread {
    /// `on_heard` is never called within this call.
    pub fn start(file: Rc<RefCell<OpenFile>>, on_heard: impl Fn(Heard) + 'static) -> Result<Self, Failure> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        options.set_name(NAME);
        let refused = |_| crashed("the browser refused to start it");
        let worker = Worker::new_with_options(&scope::loader(), &options).map_err(refused)?;
        let on_heard = Rc::new(on_heard);
        let hears = on_heard.clone();
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let content = event.data();
            hears(match scope::open(&content) {
                Some((message, _)) => Heard::Said(message),
                None => Heard::Crashed { why: content.as_string().unwrap_or_default() },
            });
        });
        worker.set_onmessage(Some(on_message.into_js_value().unchecked_ref()));
        let on_error = Closure::<dyn Fn(Event)>::new(move |event: Event| {
            let why = event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message).unwrap_or_default();
            // The console tells the user; that of the browser need not.
            event.prevent_default();
            on_heard(Heard::Crashed { why });
        });
        worker.set_onerror(Some(on_error.into_js_value().unchecked_ref()));
        file.borrow_mut().bytes.begin_copy();
        Ok(Self { worker, is_ready: false, file, waiting: VecDeque::new(), running: None, n_run: 0 })
    }

    pub fn is_of(&self, file: &Rc<RefCell<OpenFile>>) -> bool {
        Rc::ptr_eq(&self.file, file)
    }

    /// Something waits to be copied or run.
    pub fn has_work(&self) -> bool {
        self.is_ready && self.running.is_none() && !self.waiting.is_empty()
    }

    /// Whether the copy lacks more than one turn copies.
    pub fn lacks_much(&self) -> bool {
        self.file.borrow().bytes.n_uncopied() > STEP_EXTENTS
    }

    pub fn lacks_some(&self) -> bool {
        self.file.borrow().bytes.n_uncopied() > 0
    }

    pub fn copy(&self, most: usize) -> Result<(), Failure> {
        let taken = self.file.borrow_mut().bytes.take_uncopied(most);
        let file = self.file.borrow();
        let mut buffers = Vec::new();
        let mut extents = Vec::with_capacity(taken.len());
        for index in taken {
            let extent = file.bytes.extent(index);
            extents.push((index, extent.is_some()));
            if let Some(extent) = extent {
                buffers.push(extent.copied().ok_or(Failure::NoMemory)?.0);
            }
        }
        self.send(&ToSql::Copied { size: file.bytes.size(), extents }, &buffers);
        Ok(())
    }

    /// The copy is whole.
    pub fn run_next(&mut self) {
        if let Some((id, ask)) = self.waiting.pop_front() {
            self.send(&ToSql::Run { id, ask }, &[]);
            self.running = Some(id);
            self.n_run += 1;
        }
    }

    fn send(&self, message: &ToSql, buffers: &[Uint8Array]) {
        let parcel = Parcel::with_buffers(message, buffers);
        // Buffers that were just made can be transferred.
        let _ = self.worker.post_message_with_transfer(&parcel.content, &parcel.transfer);
    }
}

impl Drop for SqlThread {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
        self.file.borrow_mut().bytes.end_copy();
    }
}

pub fn crashed(why: &str) -> Failure {
    let why = if why.is_empty() { "no reason was given" } else { why };
    Failure::Sql {
        message: format!("The thread for SQL stopped working ({why}). Nothing is lost; run it again."),
        at: None,
    }
}
