//! Which key presses are commands.

use leptos::ev;
use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::Element;

const SCROLL_KEYS: [&str; 7] = ["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End", " "];

/// Nobody else wants this press: no field is typed in, no button would be pressed, no dialog waits, no modifier is held.
/// What popped up takes every key but `?`, which closes the help it opened.
pub fn is_free(event: &ev::KeyboardEvent) -> bool {
    if event.default_prevented() || event.ctrl_key() || event.meta_key() || event.alt_key() {
        return false;
    }
    let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let tag = element.as_ref().map(Element::tag_name).unwrap_or_default();
    let key = event.key();
    let is_taken = match tag.as_str() {
        "INPUT" => match element.as_ref().and_then(|element| element.get_attribute("type")).as_deref() {
            Some("range") => SCROLL_KEYS.contains(&key.as_str()),
            Some("checkbox" | "radio") => matches!(key.as_str(), "Enter" | " "),
            _ => true,
        },
        "TEXTAREA" | "SELECT" => true,
        "BUTTON" | "A" | "SUMMARY" => matches!(key.as_str(), "Enter" | " "),
        // Text that is longer than its pane is scrolled.
        _ if is_in(&element, "#details") => SCROLL_KEYS.contains(&key.as_str()),
        _ => false,
    };
    let is_behind = if key == "?" { is_behind_dialog() } else { is_behind_popup() };
    !is_taken && !is_behind
}

/// A text is being written there, which takes back its own changes.
pub fn is_in_text(event: &ev::KeyboardEvent) -> bool {
    let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let written = "textarea, input:not([type=range], [type=checkbox], [type=radio])";
    element.is_some_and(|element| element.matches(written).unwrap_or_default())
}

/// What is in front of everything waits for an answer.
pub fn is_behind_dialog() -> bool {
    is_there("dialog[open]")
}

/// So does what popped up.
pub fn is_behind_popup() -> bool {
    is_there("dialog[open], :popover-open")
}

fn is_there(selector: &str) -> bool {
    // A selector that is right is never refused.
    matches!(document().query_selector(selector), Ok(Some(_)))
}

fn is_in(element: &Option<Element>, selector: &str) -> bool {
    element.as_ref().is_some_and(|element| matches!(element.closest(selector), Ok(Some(_))))
}
