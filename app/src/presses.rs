//! Actions that have no key at first: the palette finds them. They copy the selected entry in other forms, or press what is in sight.

use leptos::prelude::*;
use model::entry::Entry;
use model::protocol::{Answer, Ask, TitlesAsk};
use model::say;
use model::scope::View;
use model::written::{entry_as_curl, entry_as_json, entry_as_markdown};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::actions::Action;
use crate::details;
use crate::focus::focus_first;
use crate::port::Reply;
use crate::scope::Shared;

pub fn answer_actions(shared: Shared) {
    shared.actions.on(move |action| {
        match action {
            Action::CopyJson => copy_selected(shared, "JSON", |entry, path| Some(entry_as_json(entry, path))),
            Action::CopyMarkdown => {
                copy_selected(shared, "Markdown", |entry, path| Some(entry_as_markdown(entry, path)))
            }
            Action::CopyCurl => copy_selected(shared, say!("curl command"), |entry, _| entry_as_curl(entry)),
            Action::Pattern => show_pattern(shared),
            Action::CopyLink => details::copy(shared, details::link(shared), say!("Link")),
            Action::OpenFiles | Action::OpenFolder if !shared.owns.get_untracked() => {
                shared.said.set(say!("This tab only reads.").to_owned());
            }
            // Nobody sees the input itself.
            Action::OpenFiles => all("#file-input").iter().for_each(HtmlElement::click),
            Action::OpenFolder => all("#folder-input").iter().for_each(HtmlElement::click),
            // In a narrow window they are not in sight.
            Action::TimelineSvg => press_first(shared, ["#lanes-svg", "#bars-svg"]),
            Action::TimelinePng => press_first(shared, ["#lanes-png", "#bars-png"]),
            Action::Zone => press(shared, "#zone"),
            Action::Lanes => {
                if !focus_first(&["#split"]) {
                    is_not_here(shared);
                }
            }
            Action::TurnHeights => press(shared, "#lanes-log, #bars-log"),
            Action::RunSql => press(shared, "#run-sql"),
            Action::StopSql => press(shared, "#stop-sql"),
            Action::TurnPicture => press(shared, "#as-table, #sql-as-table, #map-as-table"),
            _ => return false,
        }
        true
    });
}

/// `write`: `None` where the entry has nothing of the kind.
fn copy_selected(shared: Shared, what: &'static str, write: fn(&Entry, &str) -> Option<String>) {
    let Some(key) = shared.scope.with_untracked(|scope| scope.selected) else {
        return shared.said.set(say!("Choose an entry first.").to_owned());
    };
    let on_reply = move |reply: Reply| match reply {
        Reply::Done(Ok(Answer::Entry(entry))) => {
            let path = shared.sources.with_untracked(|sources| {
                let mut all = sources.answer.iter().flatten();
                all.find(|source| source.id == entry.key.source).map(|source| source.path.clone())
            });
            match write(&entry, &path.unwrap_or_default()) {
                Some(text) => details::copy(shared, text, what),
                None => shared.said.set(say!("The entry tells of no request that could be made again.").to_owned()),
            }
        }
        reply => shared.show_failure(reply),
    };
    shared.port.with_value(|port| port.ask(Ask::Entry(key.into()), on_reply).forget());
}

/// Looks closely at the pattern that the selected entry is made from.
pub fn show_pattern(shared: Shared) {
    let Some(key) = shared.scope.with_untracked(|scope| scope.selected) else {
        return shared.said.set(say!("Choose an entry first.").to_owned());
    };
    let on_reply = move |reply: Reply| match reply {
        Reply::Done(Ok(Answer::TemplateTitles(titles))) => {
            shared.wanted_pattern.set(titles.first().map(|title| title.id));
            shared.turn_to(View::Patterns);
        }
        reply => shared.show_failure(reply),
    };
    let ask = Ask::TemplateTitles(TitlesAsk { of: Some(key) });
    shared.port.with_value(|port| port.ask(ask, on_reply).forget());
}

/// Presses the first of these that is in sight and can be pressed.
fn press(shared: Shared, selector: &str) {
    let can_be_pressed = |button: &HtmlElement| button.offset_parent().is_some() && !button.has_attribute("disabled");
    match all(selector).into_iter().find(can_be_pressed) {
        Some(button) => button.click(),
        None => is_not_here(shared),
    }
}

/// Presses what the first of these finds, whether it is in sight or not.
fn press_first(shared: Shared, selectors: [&str; 2]) {
    match selectors.into_iter().flat_map(all).next() {
        Some(button) => button.click(),
        None => is_not_here(shared),
    }
}

fn is_not_here(shared: Shared) {
    shared.said.set(say!("There is nothing of the kind in sight.").to_owned());
}

fn all(selector: &str) -> Vec<HtmlElement> {
    let Ok(found) = document().query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|at| found.get(at)?.dyn_into().ok()).collect()
}
