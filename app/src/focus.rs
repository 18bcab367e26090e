//! Puts the keyboard somewhere on the page.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, SvgElement};

/// On the element of the first selector that finds one; `false` where none does.
pub fn focus_first(selectors: &[&str]) -> bool {
    let found = selectors.iter().find_map(|selector| document().query_selector(selector).ok().flatten());
    let Some(element) = found else { return false };
    let focused = match (element.dyn_ref::<HtmlElement>(), element.dyn_ref::<SvgElement>()) {
        (Some(element), _) => element.focus(),
        (None, Some(element)) => element.focus(),
        (None, None) => return false,
    };
    focused.is_ok()
}
