//! Which key presses are commands.

use leptos::ev;
use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::Element;

/// Nobody else wants this press: no field is typed in, no button would be pressed, no dialog waits, no modifier is held.
pub fn is_free(event: &ev::KeyboardEvent) -> bool {
    if event.default_prevented() || event.ctrl_key() || event.meta_key() || event.alt_key() {
        return false;
    }
    let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let tag = element.map(|element| element.tag_name()).unwrap_or_default();
    let is_taken = match tag.as_str() {
        "INPUT" | "TEXTAREA" | "SELECT" => true,
        "BUTTON" | "A" | "SUMMARY" => matches!(event.key().as_str(), "Enter" | " "),
        _ => false,
    };
    // A selector that is right is never refused.
    !is_taken && !matches!(document().query_selector("dialog[open]"), Ok(Some(_)))
}
