//! Puts the keyboard somewhere on the page.

use std::time::Duration;

use leptos::prelude::{document, set_timeout};
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

/// What was pressed may be put up anew, more than once while an answer comes in parts.
const LOOK_AGAIN: Duration = Duration::from_millis(60);
const N_LOOKS: u32 = 40;

/// What was pressed goes away: as soon as the keyboard is nowhere, it is put on what the first of the selectors finds.
pub fn focus_when_lost(selectors: Vec<String>) {
    look(selectors, N_LOOKS);
}

fn look(selectors: Vec<String>, n_left: u32) {
    let is_lost = document().active_element().is_none_or(|element| element.tag_name() == "BODY");
    if is_lost {
        focus_first(&selectors.iter().map(String::as_str).collect::<Vec<_>>());
    }
    if n_left > 0 {
        set_timeout(move || look(selectors, n_left - 1), LOOK_AGAIN);
    }
}

/// Any text as a string of a selector.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            // A line break ends a string, so it is written as its number.
            c if c.is_control() => quoted += &format!("\\{:x} ", u32::from(c)),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_selector_takes_any_text() {
        assert_eq!(quoted("a \"b\" \\ c\nd"), "\"a \\\"b\\\" \\\\ c\\a d\"");
    }
}
