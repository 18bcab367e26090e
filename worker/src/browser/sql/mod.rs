//! SQL has a thread of its own, so that a statement may take as long as it likes; here is what the data thread knows of it.
//!
//! That thread keeps a copy of the database. Before a statement it gets the extents that changed since the one before, as
//! they were right after a commit, a few at a turn of the data thread. Stopping a statement that does not end soon by itself
//! ends the thread, and the next one starts with a whole copy again.

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
use crate::extents::NoMemory;
use crate::sql::OwnTables;

/// Tells it from the data thread; see [`super::start`].
pub const NAME: &str = "dendro sql";

/// Extents copied in one turn: two milliseconds, as everything that is asked meanwhile has to wait for them.
const STEP_EXTENTS: usize = 8;

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

/// What the thread says.
#[derive(Serialize, Deserialize)]
struct FromSql {
    message: ToApp,
    /// The user's own tables, where a statement changed them.
    own: Option<OwnTables>,
}

/// What came from the thread.
pub enum Heard {
    Said(ToApp, Option<OwnTables>),
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
    /// What runs is not waited for any more.
    pub is_left: bool,
    /// The copy is on its way to a moment of the database.
    is_copying: bool,
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
                Some((FromSql { message, own }, _)) => Heard::Said(message, own),
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
        Ok(Self {
            worker,
            is_ready: false,
            file,
            waiting: VecDeque::new(),
            running: None,
            is_left: false,
            is_copying: false,
            n_run: 0,
        })
    }

    pub fn is_of(&self, file: &Rc<RefCell<OpenFile>>) -> bool {
        Rc::ptr_eq(&self.file, file)
    }

    /// Something waits to be copied or run.
    pub fn has_work(&self) -> bool {
        self.is_ready && self.running.is_none() && !self.is_left && !self.waiting.is_empty()
    }

    pub fn is_idle(&self) -> bool {
        self.running.is_none() && !self.is_left && self.waiting.is_empty()
    }

    pub fn needs_moment(&self) -> bool {
        !self.is_copying
    }

    /// The next statement is to see the database as it is now: between two transactions.
    pub fn begin_moment(&mut self) {
        self.file.borrow_mut().bytes.begin_moment();
        self.is_copying = true;
    }

    /// A turn's part of the copy, and where that was the last of it the next statement.
    pub fn go_on(&mut self) -> Result<(), Failure> {
        if self.file.borrow().bytes.n_due() > 0 {
            let copied = self.file.borrow_mut().bytes.take_due(STEP_EXTENTS).map_err(|NoMemory| Failure::NoMemory)?;
            let extents = copied.extents.iter().map(|(index, extent)| (*index, extent.is_some())).collect();
            let buffers: Vec<Uint8Array> =
                copied.extents.into_iter().filter_map(|(_, extent)| extent).map(|extent| extent.0).collect();
            self.send(&ToSql::Copied { size: copied.size, extents }, &buffers);
        }
        if self.file.borrow().bytes.n_due() == 0 {
            self.is_copying = false;
            self.run_next();
        }
        Ok(())
    }

    /// Takes back what waits to be run; `false` where it does not.
    pub fn take_back(&mut self, id: AskId) -> bool {
        let Some(place) = self.waiting.iter().position(|(waiting, _)| *waiting == id) else { return false };
        self.waiting.remove(place);
        if self.waiting.is_empty() && self.is_copying {
            self.file.borrow_mut().bytes.leave_moment();
            self.is_copying = false;
        }
        true
    }

    /// The copy is whole.
    fn run_next(&mut self) {
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
