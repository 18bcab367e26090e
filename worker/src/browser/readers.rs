//! The readers, from the data thread's side.

use std::rc::Rc;

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{ErrorEvent, Event, File, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::scope::{self, Parcel};
use crate::intake::ReaderId;
use crate::intake::words::{ToData, ToReader};

/// Tells a reader from the data thread; see [`super::start`].
pub const NAME: &str = "dendro reader";

/// More than this many read at once would only wait for the one thread that stores.
const MOST_READERS: usize = 4;

/// How many readers suit this machine: storing what a reader sends takes the data thread about 0.4 of the reader's time
/// (measured: 0.45 s against 1.17 s for 187 MB), so each reader wants 1.4 cores.
pub fn suitable_number() -> usize {
    (scope::n_cores() * 5).div_ceil(7).clamp(1, MOST_READERS)
}

/// What a reader said.
pub struct Heard {
    pub reader: ReaderId,
    /// Which start of that reader; see [`crate::intake::Starts`].
    pub start: u64,
    pub message: ToData,
    pub files: Vec<File>,
    /// Size of the message: what it took of the credit.
    pub n_bytes: u64,
}

/// A thread that reads. Dropping it ends it.
pub struct Reader {
    start: u64,
    /// `None` where the browser refused to start it.
    worker: Option<Worker>,
    is_ready: bool,
    /// As it last said.
    pub memory_bytes: u64,
    /// What was said before it could hear.
    unsent: Vec<Parcel>,
}

impl Reader {
    /// `on_heard` hears all it says, and that it crashed or could not be started; never within this call.
    pub fn start(reader: ReaderId, start: u64, on_heard: Rc<dyn Fn(Heard)>) -> Self {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        options.set_name(NAME);
        let worker = Worker::new_with_options(&scope::loader(), &options).ok();
        if let Some(worker) = &worker {
            let hears = on_heard.clone();
            let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                let content = event.data();
                let heard = match (content.as_string(), scope::open(&content)) {
                    (None, Some((message, files))) => {
                        let n_bytes = content.dyn_ref::<Uint8Array>().map_or(0, |bytes| u64::from(bytes.length()));
                        Heard { reader, start, message, files, n_bytes }
                    }
                    (last_words, _) => failed(reader, start, &last_words.unwrap_or_default()),
                };
                hears(heard);
            });
            worker.set_onmessage(Some(on_message.into_js_value().unchecked_ref()));
            let on_error = Closure::<dyn Fn(Event)>::new(move |event: Event| {
                let message = event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message).unwrap_or_default();
                // The data thread tells the user; the console need not.
                event.prevent_default();
                on_heard(failed(reader, start, &message));
            });
            worker.set_onerror(Some(on_error.into_js_value().unchecked_ref()));
        } else {
            spawn_local(async move { on_heard(failed(reader, start, "the browser refused to start it")) });
        }
        Self { start, worker, is_ready: false, memory_bytes: 0, unsent: Vec::new() }
    }

    /// Its number; what comes from another is not this reader's.
    pub fn number(&self) -> u64 {
        self.start
    }

    pub fn is_ready(&self) -> bool {
        self.is_ready
    }

    pub fn tell(&mut self, message: &ToReader, files: &[File]) {
        let parcel = Parcel::new(message, files);
        match self.is_ready {
            true => self.send(&parcel),
            false => self.unsent.push(parcel),
        }
    }

    pub fn became_ready(&mut self) {
        self.is_ready = true;
        for parcel in std::mem::take(&mut self.unsent) {
            self.send(&parcel);
        }
    }

    fn send(&self, parcel: &Parcel) {
        if let Some(worker) = &self.worker {
            // Bytes and files can always be cloned.
            let _ = worker.post_message_with_transfer(&parcel.content, &parcel.transfer);
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some(worker) = &self.worker {
            worker.set_onmessage(None);
            worker.set_onerror(None);
            worker.terminate();
        }
    }
}

fn failed(reader: ReaderId, start: u64, why: &str) -> Heard {
    let why = if why.is_empty() { "no reason was given" } else { why };
    let reason = format!("The reader stopped working ({why}); what was read stays.");
    Heard { reader, start, message: ToData::Crashed { reason }, files: Vec::new(), n_bytes: 0 }
}
