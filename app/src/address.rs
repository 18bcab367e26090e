//! The scope in the address: everything after `#`, which never reaches a server.
//!
//! Each step in the browser's history has its number with it, so that taking back ends where the page was opened, and not before.

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
    /// The number of the step that is in sight, and the highest one that there is.
    static STEP: Cell<u32> = const { Cell::new(0) };
    static HIGHEST_STEP: Cell<u32> = const { Cell::new(0) };
    /// The step that the browser was told to go to, until it has.
    static HEADING_FOR: Cell<Option<u32>> = const { Cell::new(None) };
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
    // It has a number where it was loaded again, or come back to from another page.
    HIGHEST_STEP.set(kept_highest_step());
    number_step(0);
    let take_over = move |_| {
        // An address that somebody edited is a step as well.
        number_step(STEP.get() + 1);
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

/// Goes so many steps back or on; `false` where that would leave what was done here.
pub fn go(by: i32) -> bool {
    // What belongs to the step that is left is in it when it is come back to.
    flush();
    let from = HEADING_FOR.get().unwrap_or(STEP.get());
    let Some(step) = step_at(from, by, HIGHEST_STEP.get()) else { return false };
    let Ok(history) = window().history() else { return false };
    HEADING_FOR.set(Some(step));
    // Refused only for pages that are no longer shown.
    let _ = history.go_with_delta(by);
    true
}

/// `None`: no such step was made.
fn step_at(from: u32, by: i32, highest: u32) -> Option<u32> {
    from.checked_add_signed(by).filter(|&step| step <= highest)
}

/// Reads the number of the step that came into sight; one that has none gets `new`.
fn number_step(new: u32) {
    HEADING_FOR.take();
    let Ok(history) = window().history() else { return };
    let number = history.state().ok().and_then(|state| state.as_f64()).map(|number| number as u32);
    if number.is_none() {
        // Refused only when the address changes too often; the next change writes it.
        let _ = history.replace_state(&JsValue::from(new), "");
    }
    let step = number.unwrap_or(new);
    STEP.set(step);
    keep_highest_step(match number {
        Some(step) => HIGHEST_STEP.get().max(step),
        // What came after the step before is gone.
        None => step,
    });
}

/// Where the number outlives a reload, as the history of the tab does.
const HIGHEST_STEP_KEY: &str = "dendro-highest-step";

fn keep_highest_step(step: u32) {
    HIGHEST_STEP.set(step);
    // Where nothing may be kept, redo begins anew with the page.
    if let Ok(Some(storage)) = window().session_storage() {
        let _ = storage.set_item(HIGHEST_STEP_KEY, &step.to_string());
    }
}

fn kept_highest_step() -> u32 {
    let kept = window().session_storage().ok().flatten().and_then(|storage| storage.get_item(HIGHEST_STEP_KEY).ok()?);
    kept.and_then(|number| number.parse().ok()).unwrap_or_default()
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
    if is_step {
        let step = STEP.get() + 1;
        if history.push_state_with_url(&JsValue::from(step), "", Some(&address)).is_ok() {
            STEP.set(step);
            keep_highest_step(step);
            HEADING_FOR.take();
        }
    } else {
        let _ = history.replace_state_with_url(&JsValue::from(STEP.get()), "", Some(&address));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_before_the_page_was_opened_is_not_taken_back() {
        assert_eq!(step_at(2, -1, 3), Some(1));
        assert_eq!(step_at(2, 1, 3), Some(3));
        assert_eq!(step_at(0, -1, 3), None);
        assert_eq!(step_at(3, 1, 3), None);
    }
}
