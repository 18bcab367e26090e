//! The fields of the entries that the query finds, with their values: what there is to filter by.

pub mod condition;

mod field;
pub use field::different_in_words;

mod numbers;
pub use numbers::in_unit;

mod stages;
pub use stages::middle_and_high;

use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::ev;
use leptos::prelude::*;
use model::facet::{Facet, Facets};
use model::protocol::{Answer, Ask, FacetsAsk};
use model::scope::Filter;
use model::{counted, say};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use self::field::{FieldItem, is_measured};
use self::stages::toggle_split;
use crate::answer::{Question, Remote, State, use_answer};
use crate::entries::toggle_column;
use crate::scope::{Shared, use_shared};
use crate::wording;

/// Values of one field, as long as nobody asks for more.
const N_VALUES: u32 = 10;
/// Fields in the list: more are found by name.
const MOST_FIELDS: usize = 150;
/// Nearly every log has them, and they are what one looks at first.
const OPEN_AT_FIRST: [&str; 2] = ["level", "service"];

impl Question for FacetsAsk {
    type Answer = Arc<Facets>;
    fn ask(&self) -> Ask {
        Ask::Facets(self.clone())
    }
    fn read(answer: Answer) -> Option<Arc<Facets>> {
        if let Answer::Facets(facets) = answer { Some(Arc::new(facets)) } else { None }
    }
}

/// What is counted, by the names of the fields.
#[derive(Clone, Debug, Default, PartialEq)]
struct Counted {
    n_entries: u64,
    /// In the order of the answer.
    names: Vec<String>,
    fields: BTreeMap<String, Facet>,
}

impl Counted {
    fn new(facets: &Facets) -> Self {
        let named = |facet: &Facet| (facet.name.clone(), facet.clone());
        Self {
            n_entries: facets.n_entries,
            names: facets.fields.iter().map(|facet| facet.name.clone()).collect(),
            fields: facets.fields.iter().map(named).collect(),
        }
    }

    /// Names that have this text in them, whatever its case.
    fn named_like(&self, wanted: &str) -> Vec<String> {
        let wanted = wanted.trim().to_lowercase();
        self.names.iter().filter(|name| name.to_lowercase().contains(&wanted)).cloned().collect()
    }
}

#[component]
pub fn Fields() -> impl IntoView {
    let shared = use_shared();
    let answer = use_answer(shared.port, shared.revision, move || {
        let filter = Filter { order: Default::default(), ..shared.filter.get() };
        Some(FacetsAsk { filter, n_values: N_VALUES, field: None })
    });
    let counted = Memo::new(move |_| {
        Arc::new(answer.with(|answer| answer.answer.as_ref().map(|facets| Counted::new(facets)).unwrap_or_default()))
    });
    let wanted = RwSignal::new(String::new());
    let names = Memo::new(move |_| counted.with(|counted| wanted.with(|wanted| counted.named_like(wanted))));
    let turned = RwSignal::new(BTreeMap::<String, bool>::new());
    let is_stale = Memo::new(move |_| answer.with(Remote::is_stale));
    let shown = move || names.with(|names| names.iter().take(MOST_FIELDS).cloned().collect::<Vec<_>>());
    let left_out = move || names.with(|names| names.len().checked_sub(MOST_FIELDS).filter(|&n| n > 0));
    view! {
        <section id="fields" aria-label=say!("Fields") aria-busy=move || is_stale.get().to_string()
            data-complete=move || answer.with(|answer| answer.state == State::Final).to_string()>
            <div class="panel-search">
                <input id="find-field" type="search" autocomplete="off" spellcheck="false" placeholder=say!("Find a field")
                    aria-label=say!("Find a field") prop:value=move || wanted.get()
                    on:input=move |event| wanted.set(event_target_value(&event)) />
            </div>
            <p class="summary" role="status">{move || answer.with(summary)}</p>
            <ul class="field-list" class:stale=move || is_stale.get() on:keydown=move |event| on_key(shared, counted, event)>
                <For each=shown key=|name| name.clone() let:name>
                    <FieldItem name counted turned />
                </For>
            </ul>
            {move || left_out().map(|n| view! {
                <p class="summary">{say!("{} are found by name.", counted!(n as u64, "more field", "more fields"))}</p>
            })}
        </section>
    }
}

/// `24 fields in 1,204 entries`, and whether that is all.
fn summary(answer: &Remote<Arc<Facets>>) -> String {
    let facets = answer.answer.as_deref();
    let n_fields = facets.map_or(0, |facets| facets.fields.len() as u64);
    let found = say!(
        "{} in {}",
        counted!(n_fields, "field", "fields"),
        counted!(facets.map_or(0, |facets| facets.n_entries), "entry", "entries")
    );
    match &answer.state {
        State::Final if n_fields == 0 => say!("No entry has a field.").to_owned(),
        State::Final if facets.is_some_and(|facets| !facets.has_all_fields) => {
            say!("The first {found}; there are more, which only a search finds.", found)
        }
        State::Final => found,
        State::Partial { done, total } => {
            say!("{found} so far, counting… {} %", found, wording::percent(*done, *total))
        }
        State::Idle | State::Asked => say!("counting…").to_owned(),
        State::Failed(failure) => failure.to_string(),
    }
}

/// What the arrow keys stop at.
const STOPS: &str = "#fields .field-head, #fields .pick, #fields .bars > :first-child, #fields .more-values, #fields .stages > :first-child";

/// Arrows go from line to line, and along the bars of a line; `-` filters out, `t` groups the timeline by the field, `c` gives it a
/// column.
fn on_key(shared: Shared, counted: Memo<Arc<Counted>>, event: ev::KeyboardEvent) {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let Some(focused) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
    let is_head = focused.class_list().contains("field-head");
    let is_open = focused.get_attribute("aria-expanded").as_deref() == Some("true");
    match event.key().as_str() {
        "ArrowDown" => go(&focused, 1),
        "ArrowUp" => go(&focused, -1),
        "ArrowRight" if is_head && !is_open => click(Some(focused)),
        "ArrowLeft" if is_head && is_open => click(Some(focused)),
        "ArrowRight" if !is_head => focus(focused.next_element_sibling()),
        "ArrowLeft" if !is_head => focus(focused.previous_element_sibling()),
        "-" => {
            let value = focused.closest(".value").ok().flatten();
            if let Some(value) = value {
                // The value is about to go: the keyboard stays in the list.
                go(&focused, 1);
                click(value.query_selector(".out").ok().flatten());
            }
        }
        key @ ("t" | "c") => {
            let field = focused.closest("[data-field]").ok().flatten();
            let Some(name) = field.and_then(|field| field.get_attribute("data-field")) else { return };
            match key {
                "t" => {
                    let is_measured =
                        counted.with_untracked(|counted| counted.fields.get(&name).is_some_and(is_measured));
                    toggle_split(shared, &name, is_measured);
                }
                _ => toggle_column(shared, &name),
            }
        }
        _ => return,
    }
    event.prevent_default();
    event.stop_propagation();
}

/// Focuses the stop that is this many further.
fn go(focused: &Element, by: i64) {
    let Ok(stops) = document().query_selector_all(STOPS) else { return };
    let row = focused.closest(".bars, .stages").ok().flatten().and_then(|row| row.first_element_child());
    let from = row.as_ref().unwrap_or(focused);
    let is_from = |&place: &u32| stops.get(place).is_some_and(|stop| stop.is_same_node(Some(from)));
    let Some(place) = (0..stops.length()).find(is_from) else { return };
    let next = u32::try_from(i64::from(place) + by).ok().and_then(|place| stops.get(place));
    focus(next.and_then(|stop| stop.dyn_into::<Element>().ok()));
}

fn focus(element: Option<Element>) {
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // Refused only for an element that is not on the page.
        let _ = element.focus();
    }
}

fn click(element: Option<Element>) {
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        element.click();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::facet::{Distinct, FieldKind};

    fn facets(names: &[&str]) -> Facets {
        let facet = |name: &&str| Facet {
            name: (*name).to_owned(),
            kind: FieldKind::Text,
            n_present: 1,
            distinct: Distinct::Exactly(1),
            top: Vec::new(),
            numbers: None,
        };
        Facets { n_entries: 1, fields: names.iter().map(facet).collect(), has_all_fields: true, complete: true }
    }

    #[test]
    fn fields_are_found_by_any_part_of_their_names_in_the_order_of_the_answer() {
        let counted = Counted::new(&facets(&["level", "http.Status", "status", "path"]));
        assert_eq!(counted.named_like(" STAT "), ["http.Status", "status"]);
        assert_eq!(counted.named_like("").len(), 4);
    }

    #[test]
    fn numbers_that_may_still_grow_say_so() {
        let answer = |state| Remote { answer: Some(Arc::new(facets(&["level"]))), state };
        assert_eq!(summary(&answer(State::Final)), "1 field in 1 entry");
        let partial = State::Partial { done: 1, total: 4 };
        assert_eq!(summary(&answer(partial)), "1 field in 1 entry so far, counting… 25 %");
        assert_eq!(summary(&answer(State::Asked)), "counting…");
    }

    #[test]
    fn a_part_of_the_fields_is_not_said_to_be_all() {
        let facets = Facets { has_all_fields: false, ..facets(&["level"]) };
        let answer = Remote { answer: Some(Arc::new(facets)), state: State::Final };
        assert_eq!(summary(&answer), "The first 1 field in 1 entry; there are more, which only a search finds.");
    }
}
