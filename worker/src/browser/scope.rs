//! This worker's own surroundings: its name, its clock, and messages to whoever started it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, Function, Promise, Uint8Array};
use model::wire;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DedicatedWorkerGlobalScope, File, MessageChannel, MessageEvent, MessagePort};

fn this() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

pub fn name() -> String {
    this().name()
}

/// Address of the loader script, to start readers with.
pub fn loader() -> String {
    this().location().href()
}

/// Cores of the machine, as far as the browser tells.
pub fn n_cores() -> usize {
    this().navigator().hardware_concurrency().max(1.0) as usize
}

/// WebAssembly memory of this thread; it never shrinks.
pub fn memory_bytes() -> u64 {
    const PAGE_BYTES: u64 = 64 << 10;
    core::arch::wasm32::memory_size::<0>() as u64 * PAGE_BYTES
}

/// Milliseconds of a steady clock.
pub fn now_millis() -> f64 {
    this().performance().map_or_else(js_sys::Date::now, |performance| performance.now())
}

/// A message and the files beside it, as `postMessage` takes them; `transfer` are the buffers that move over.
pub struct Parcel {
    pub content: JsValue,
    pub transfer: Array,
    pub n_bytes: u64,
}

impl Parcel {
    pub fn new<T: Serialize>(message: &T, files: &[File]) -> Self {
        let bytes = Uint8Array::from(wire::encode(message).as_slice());
        let (transfer, n_bytes) = (Array::of1(&bytes.buffer()), u64::from(bytes.length()));
        let content = match files {
            [] => bytes.into(),
            files => Array::of2(&bytes, &files.iter().collect::<Array>()).into(),
        };
        Self { content, transfer, n_bytes }
    }

    /// With buffers that move over; [`open_beside`] is the inverse.
    pub fn with_buffers<T: Serialize>(message: &T, buffers: &[Uint8Array]) -> Self {
        let bytes = Uint8Array::from(wire::encode(message).as_slice());
        let transfer = std::iter::once(&bytes).chain(buffers).map(Uint8Array::buffer).collect();
        let content = Array::of2(&bytes, &buffers.iter().collect::<Array>()).into();
        Self { content, transfer, n_bytes: u64::from(bytes.length()) }
    }
}

/// The inverse of [`Parcel::new`]; `None` for what is no such message.
pub fn open<T: DeserializeOwned>(content: &JsValue) -> Option<(T, Vec<File>)> {
    let (message, beside) = open_beside(content)?;
    Some((message, beside.into_iter().filter_map(|file| file.dyn_into().ok()).collect()))
}

/// A message, and whatever travelled beside it.
fn open_beside<T: DeserializeOwned>(content: &JsValue) -> Option<(T, Vec<JsValue>)> {
    let (bytes, beside) = match content.dyn_ref::<Array>() {
        Some(parts) => {
            (parts.get(0), parts.get(1).dyn_into::<Array>().map(|beside| beside.to_vec()).unwrap_or_default())
        }
        None => (content.clone(), Vec::new()),
    };
    let message = wire::decode(&bytes.dyn_ref::<Uint8Array>()?.to_vec()).ok()?;
    Some((message, beside))
}

/// To the page, from the data thread; to the data thread, from a reader. Returns the size of the message.
pub fn post<T: Serialize>(message: &T, files: &[File]) -> u64 {
    let parcel = Parcel::new(message, files);
    // Bytes and files can always be cloned.
    let _ = this().post_message_with_transfer(&parcel.content, &parcel.transfer);
    parcel.n_bytes
}

/// A bare string, which no message is: this thread is about to stop for good.
pub fn say_last_words(words: &str) {
    let _ = this().post_message(&words.into());
}

/// Hears whoever started this worker, as long as it lives.
pub fn listen<T: DeserializeOwned>(on_message: impl Fn(T, Vec<File>) + 'static) {
    listen_beside(move |message, beside| {
        on_message(message, beside.into_iter().filter_map(|file| file.dyn_into().ok()).collect());
    });
}

/// The same with whatever travels beside the messages.
pub fn listen_beside<T: DeserializeOwned>(on_message: impl Fn(T, Vec<JsValue>) + 'static) {
    let listener = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        if let Some((message, beside)) = open_beside(&event.data()) {
            on_message(message, beside);
        }
    });
    this().set_onmessage(Some(listener.into_js_value().unchecked_ref()));
}

/// Runs a task again and again, letting messages in between: through a message of its own, since timers are slowed down.
pub struct Ticker {
    port: MessagePort,
    is_due: Rc<Cell<bool>>,
    has_alarm: Rc<Cell<bool>>,
}

impl Ticker {
    pub fn new(on_tick: impl Fn() + 'static) -> Self {
        let channel = MessageChannel::new().expect("every worker can make a message channel");
        let is_due = Rc::new(Cell::new(false));
        let due = is_due.clone();
        let listener = Closure::<dyn Fn()>::new(move || {
            due.set(false);
            on_tick();
        });
        channel.port1().set_onmessage(Some(listener.into_js_value().unchecked_ref()));
        Self { port: channel.port2(), is_due, has_alarm: Rc::default() }
    }

    /// Soon, and once however often it is asked for.
    pub fn tick(&self) {
        if !self.is_due.replace(true) {
            let _ = self.port.post_message(&JsValue::NULL);
        }
    }

    /// Later, if nothing else does it before.
    pub fn tick_after(&self, millis: i32) {
        if self.has_alarm.replace(true) {
            return;
        }
        let (port, is_due, has_alarm) = (self.port.clone(), self.is_due.clone(), self.has_alarm.clone());
        let wake = Closure::once_into_js(move || {
            has_alarm.set(false);
            if !is_due.replace(true) {
                let _ = port.post_message(&JsValue::NULL);
            }
        });
        let _ = this().set_timeout_with_callback_and_timeout_and_arguments_0(wake.unchecked_ref(), millis);
    }
}

/// Resolves after so many milliseconds.
pub async fn pause(millis: i32) {
    let promise = Promise::new(&mut |resolve, _| {
        let _ = this().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, millis);
    });
    let _ = JsFuture::from(promise).await;
}

/// Lets one task wait until another rings; a ring that nobody waits for is not kept.
#[derive(Default)]
pub struct Bell {
    waiting: RefCell<Option<Function>>,
}

impl Bell {
    pub fn ring(&self) {
        if let Some(resolve) = self.waiting.take() {
            let _ = resolve.call0(&JsValue::NULL);
        }
    }

    pub async fn wait(&self) {
        let promise = Promise::new(&mut |resolve, _| {
            self.waiting.replace(Some(resolve));
        });
        let _ = JsFuture::from(promise).await;
    }
}
