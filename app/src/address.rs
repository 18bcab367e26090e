//! The scope in the address: everything after `#`, which never reaches a server.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use leptos::prelude::*;
use model::scope::Scope;
use wasm_bindgen::JsValue;

/// Browsers limit how often an address may change; steps are written at once, the rest at this pace.
const SETTLE: Duration = Duration::from_millis(250);

thread_local! {
    static UNWRITTEN: RefCell<Option<String>> = const { RefCell::new(None) };
    /// When the last key was typed, in milliseconds since 1970; `None` where somebody did something else since.
    static TYPED: Cell<Option<f64>> = const { Cell::new(None) };
}

/// Who types on after this time has looked at what the query found: it is worth going back to.
const SETTLED_MILLIS: f64 = 2500.0;

/// What a change of scope does to the browser's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visit {
    /// A step that "back" takes back.
    New,
    /// The first keystroke is a step, those after it belong to it until there is a pause.
    Typing,
    /// Not a step: moving the selection.
    Same,
}

pub fn read() -> Scope {
    let hash = window().location().hash().unwrap_or_default();
    Scope::from_hash(&hash)
}

/// Takes over what "back", "forward" and an edited address say.
pub fn follow(scope: RwSignal<Scope>) {
    let take_over = move |_| {
        UNWRITTEN.take();
        TYPED.take();
        let there = read();
        if scope.with_untracked(|here| *here != there) {
            scope.set(there);
        }
    };
    let _ = window_event_listener_untyped("popstate", take_over);
}

pub fn write(scope: &Scope, visit: Visit) {
    let hash = scope.to_hash();
    let now = js_sys::Date::now();
    let is_step = match visit {
        Visit::New => true,
        Visit::Typing => TYPED.get().is_none_or(|last| now - last > SETTLED_MILLIS),
        Visit::Same => false,
    };
    if visit != Visit::Same {
        TYPED.set((visit == Visit::Typing).then_some(now));
    }
    if is_step {
        flush();
        put(&hash, true);
        return;
    }
    let is_waiting = UNWRITTEN.replace(Some(hash)).is_some();
    if !is_waiting {
        set_timeout(flush, SETTLE);
    }
}

/// The typing is over: the next keystroke is a step of its own.
pub fn commit() {
    TYPED.take();
    flush();
}

/// Whether the query is being written, a letter after the other, and was a moment ago.
pub fn is_typing() -> bool {
    TYPED.get().is_some_and(|last| js_sys::Date::now() - last < SETTLED_MILLIS)
}

fn flush() {
    if let Some(hash) = UNWRITTEN.take() {
        put(&hash, false);
    }
}

fn put(hash: &str, is_step: bool) {
    let location = window().location();
    // An empty hash would leave the old one; the bare path takes it away.
    let address = match hash.trim_start_matches('#') {
        "" => location.pathname().unwrap_or_default() + &location.search().unwrap_or_default(),
        hash => format!("#{hash}"),
    };
    let Ok(history) = window().history() else { return };
    // Refused only when the address changes too often; the next change writes it.
    let _ = if is_step {
        history.push_state_with_url(&JsValue::NULL, "", Some(&address))
    } else {
        history.replace_state_with_url(&JsValue::NULL, "", Some(&address))
    };
}
