//! The palette: every action, every view and column, found by a few of its letters; and entries by number or time.

use std::sync::Arc;

use leptos::ev;
use leptos::html::{Div, Input};
use leptos::prelude::*;
use model::columns::USUAL;
use model::facet::Facets;
use model::kept::SavedView;
use model::language::told;
use model::protocol::FacetsAsk;
use model::say;
use model::scope::{Filter, Scope, View};

use crate::actions::{ACTIONS, Action, shown_key};
use crate::answer::{Remote, use_answer};
use crate::entries::{column_title, is_column, toggle_column};
use crate::go_to::{self, Place};
use crate::saved::use_views_while;
use crate::scope::{Shared, use_shared};
use crate::sidebar::Side;
use crate::views;

/// What a line of the palette does.
#[derive(Clone, Debug, PartialEq)]
enum Command {
    Act(Action),
    Turn(View),
    /// Shows a column in the table of entries, or hides it.
    Column(String),
    /// Opens a view that was saved, by its address.
    Open(String),
    /// Selects the entry there.
    GoTo(Place),
}

#[derive(Clone, Debug, PartialEq)]
struct Line {
    command: Command,
    words: String,
    keys: Vec<String>,
}

#[component]
pub fn Palette() -> impl IntoView {
    let (shared, side) = (use_shared(), expect_context::<Side>());
    let wanted = RwSignal::new(String::new());
    let active = RwSignal::new(0usize);
    let input = NodeRef::<Input>::new();
    let popup = NodeRef::<Div>::new();
    let is_open = RwSignal::new(false);
    let fields = use_answer(shared.port, shared.revision, move || {
        is_open.get().then(|| FacetsAsk { filter: Filter::default(), n_values: 0, field: None })
    });
    let saved = use_views_while(shared, move || is_open.get());
    let lines = Memo::new(move |_| {
        let mut found: Vec<(u32, Line)> = wanted.with(|wanted| {
            let wanted = go_to::bare(wanted);
            let fitting = |line: Line| fit(&line.words, wanted).map(|fit| (fit, line));
            // Fields may be many: they are there for those who write.
            let columns = if wanted.trim().is_empty() { Vec::new() } else { columns(shared, fields) };
            let saved = saved.with(|saved| saved.iter().map(open_line).collect::<Vec<_>>());
            let place = go_to::written(shared, wanted).map(|place| (0, place_line(shared, place)));
            let named = all(shared).into_iter().chain(saved).chain(columns).filter_map(fitting);
            place.into_iter().chain(named).collect()
        });
        found.sort_by_key(|(fit, _)| *fit);
        found.into_iter().map(|(_, line)| line).collect::<Vec<_>>()
    });
    let show = move |is_shown: bool| {
        if let Some(popup) = popup.get_untracked() {
            // Refused only where it is as asked for already.
            let _ = if is_shown { popup.show_popover() } else { popup.hide_popover() };
        }
    };
    shared.actions.on(move |action| {
        if action == Action::Palette {
            show(true);
        }
        action == Action::Palette
    });
    let run = move |at: usize| {
        let Some(line) = lines.with_untracked(|lines| lines.get(at).cloned()) else { return };
        // The focus goes back to where it was, and the action may move it from there.
        show(false);
        match line.command {
            Command::Act(action) => drop(shared.actions.act(action)),
            Command::Turn(view) => shared.turn_to(view),
            Command::Column(name) => toggle_column(shared, &name),
            Command::Open(address) => {
                shared.visit(Scope::from_hash(&address));
                side.make_room();
            }
            Command::GoTo(place) => {
                go_to::go(shared, place);
                side.make_room();
            }
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        let n = lines.with_untracked(Vec::len).max(1);
        match event.key().as_str() {
            "ArrowDown" => active.update(|at| *at = (*at + 1) % n),
            "ArrowUp" => active.update(|at| *at = (*at + n - 1) % n),
            "Enter" if !event.is_composing() => run(active.get_untracked()),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    Effect::new(move || {
        let id = line_id(active.get());
        if let Some(line) = document().get_element_by_id(&id) {
            let nearest = web_sys::ScrollIntoViewOptions::new();
            nearest.set_block(web_sys::ScrollLogicalPosition::Nearest);
            line.scroll_into_view_with_scroll_into_view_options(&nearest);
        }
    });
    let option = move |(at, line): (usize, Line)| {
        let keys = line.keys.iter().map(|key| view! { <kbd>{shown_key(key).to_owned()}</kbd>" " }).collect_view();
        view! {
            <li role="option" id=line_id(at) aria-selected=move || (active.get() == at).to_string() on:click=move |_| run(at)>
                <span class="text">{line.words}</span><span class="keys">{keys}</span>
            </li>
        }
    };
    let why_none = move || {
        let why_not = wanted.with(|wanted| go_to::why_not(shared, wanted));
        why_not.or_else(|| lines.with(Vec::is_empty).then(|| say!("No command is called so.").to_owned()))
    };
    let what = say!("A command, the number of an entry, or a time: 10:23");
    view! {
        <div popover="auto" id="palette" role="dialog" aria-label=say!("Commands") node_ref=popup
            on:toggle=move |_| {
                is_open.set(popup.get_untracked().is_some_and(|popup| popup.matches(":popover-open").unwrap_or_default()));
                wanted.set(String::new());
                active.set(0);
            }>
            <input type="text" autofocus id="palette-search" role="combobox" aria-expanded="true" aria-controls="commands"
                aria-autocomplete="list" aria-label=what placeholder=what autocomplete="off"
                spellcheck="false" node_ref=input prop:value=move || wanted.get()
                aria-activedescendant=move || lines.with(|lines| !lines.is_empty()).then(|| line_id(active.get()))
                on:input=move |event| { wanted.set(event_target_value(&event)); active.set(0); } on:keydown=on_key />
            <ul id="commands" role="listbox" aria-label=say!("Commands")>
                {move || lines.get().into_iter().enumerate().map(option).collect_view()}
            </ul>
            <p class="aside" role="status">{why_none}</p>
        </div>
    }
}

fn all(shared: Shared) -> Vec<Line> {
    let views = views::offered(shared).into_iter().map(|(view, title, key)| Line {
        command: Command::Turn(view),
        words: say!("Show: {title}", title),
        keys: vec![key.to_owned()],
    });
    let actions = ACTIONS.iter().filter(|known| known.action != Action::Palette).map(|known| Line {
        command: Command::Act(known.action),
        words: told(known.words).to_owned(),
        keys: shared.actions.keys(known),
    });
    actions.chain(views).collect()
}

fn place_line(shared: Shared, place: Place) -> Line {
    Line { words: go_to::in_words(shared, place), command: Command::GoTo(place), keys: Vec::new() }
}

fn open_line(view: &SavedView) -> Line {
    Line {
        words: say!("Open the view: {name}", view.name),
        command: Command::Open(view.address.clone()),
        keys: Vec::new(),
    }
}

/// A line for each column that the table can have: the usual ones, then the fields of the workspace.
fn columns(shared: Shared, fields: Signal<Remote<Arc<Facets>>>) -> Vec<Line> {
    let line = |name: &str| Line {
        words: format!(
            "{}: {}",
            if is_column(shared, name) { say!("Hide the column") } else { say!("Add a column") },
            column_title(name)
        ),
        command: Command::Column(name.to_owned()),
        keys: Vec::new(),
    };
    fields.with(|fields| {
        let names = fields.answer.iter().flat_map(|facets| &facets.fields).map(|facet| facet.name.as_str());
        USUAL.into_iter().chain(names.filter(|name| !USUAL.contains(name))).map(line).collect()
    })
}

fn line_id(at: usize) -> String {
    format!("command-{at}")
}

/// How well a text fits what is wanted, the best first: begins a word, is in it, has its letters in this order. `None` where
/// it does not.
fn fit(text: &str, wanted: &str) -> Option<u32> {
    let (text, wanted) = (text.to_lowercase(), wanted.trim().to_lowercase());
    if wanted.is_empty() || text.starts_with(&wanted) {
        return Some(0);
    }
    match text.find(&wanted) {
        Some(at) if text[..at].ends_with(|c: char| !c.is_alphanumeric()) => Some(1),
        Some(_) => Some(2),
        None => {
            let mut letters = text.chars();
            wanted.chars().filter(|c| !c.is_whitespace()).all(|c| letters.any(|other| other == c)).then_some(3)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_by_beginnings_parts_and_letters_in_this_order() {
        let texts = ["Next error", "Previous error", "Open the entry", "Errata"];
        let mut found: Vec<_> = texts.into_iter().filter_map(|text| Some((fit(text, "er")?, text))).collect();
        found.sort_by_key(|(fit, _)| *fit);
        let found: Vec<_> = found.into_iter().map(|(_, text)| text).collect();
        assert_eq!(found, ["Errata", "Next error", "Previous error", "Open the entry"]);
        assert_eq!(fit("Next error", "nxer"), Some(3));
        assert_eq!(fit("Next error", "zz"), None);
    }
}
