//! Suggestions under the search box: a list that is there while one types, and takes no key before it was entered.

use leptos::ev;
use leptos::html::Input;
use leptos::prelude::*;
use model::protocol::FacetsAsk;
use model::query::{
    KNOWN_NAMES, Place, Wants, alike_names, asked_fields, fields_of_stages, name_of_every, nearest_name, only_template,
    parse, place_at, split, value_term, variable_place, while_written,
};
use model::say;
use model::scope::Filter;
use model::source::SourceState;

use super::suggest::{Suggestion, patterns, suggestions};
use crate::answer::{State, use_answer};
use crate::entries::visible;
use crate::patterns::use_titles;
use crate::scope::{Shared, Visit};

/// Values that what is typed is looked for in, the most frequent of a field. They are asked for once, not with each letter; each letter
/// goes through all of them, on the page.
const N_VALUES: u32 = 2000;

/// Fields that are offered in the place of one that no entry has.
const MOST_MEANT: usize = 3;

#[derive(Clone, Copy)]
pub struct Completion {
    shared: Shared,
    pub input: NodeRef<Input>,
    /// Where the cursor is, while suggestions are wanted.
    place: RwSignal<Option<Place>>,
    /// Asked for with a key: shown although nothing is typed yet.
    is_asked_for: RwSignal<bool>,
    list: Memo<Vec<Suggestion>>,
    /// The one that the arrow keys are at.
    active: RwSignal<Option<usize>>,
    unknown: Memo<Vec<(String, Vec<String>)>>,
}

impl Completion {
    pub fn new(shared: Shared) -> Self {
        let place = RwSignal::new(None::<Place>);
        let is_asked_for = RwSignal::new(false);
        let asked_fields = Memo::new(move |_| {
            let mut asked = shared.filter.with(|filter| asked_fields(&filter.query));
            for name in shared.query.with(|query| fields_of_stages(query)) {
                if !asked.contains(&name) {
                    asked.push(name);
                }
            }
            asked.into_iter().filter(|name| !is_known(name)).collect::<Vec<_>>()
        });
        let is_reading = Memo::new(move |_| {
            let is_read = |state: &SourceState| matches!(state, SourceState::Reading | SourceState::Waiting);
            shared.sources.with(|sources| sources.answer.iter().flatten().any(|source| is_read(&source.state)))
        });
        let wants_names = Memo::new(move |was_wanted: Option<&bool>| {
            // Once they are counted they stay at hand: what is typed next does not wait for a count of all fields.
            if was_wanted == Some(&true) && !is_reading.get() {
                return true;
            }
            let is_written = place.with(|place| {
                let wants = place.as_ref().map(|place| &place.wants);
                matches!(wants, Some(Wants::Word | Wants::Column(_) | Wants::Measure { .. }))
            });
            // While files are read, what is not there may still come.
            is_written || asked_fields.with(|asked| !asked.is_empty()) && !is_reading.get()
        });
        let fields = use_answer(shared.port, shared.revision, move || {
            wants_names.get().then(|| FacetsAsk { filter: Filter::default(), n_values: 0, field: None })
        });
        // The values of the pattern that the query is about are fields beside those that all entries may have.
        let pattern = Memo::new(move |_| {
            let filter = shared.query.with(|query| parse(split(query).0).0);
            only_template(&filter).map(|id| value_term("template", id).to_string())
        });
        let of_pattern = use_answer(shared.port, shared.revision, move || {
            let query = pattern.get().filter(|_| wants_names.get())?;
            Some(FacetsAsk { filter: Filter { query, ..Filter::default() }, n_values: 0, field: None })
        });
        let values = use_answer(shared.port, shared.revision, move || {
            let Place { wants, rest, .. } = place.get()?;
            let Wants::Value(field) = wants else { return None };
            // Those are told by what they are called.
            if field.eq_ignore_ascii_case("template") {
                return None;
            }
            let range = shared.filter.with(|filter| filter.range);
            let filter = Filter { query: rest, range, ..Filter::default() };
            Some(FacetsAsk { filter, n_values: N_VALUES, field: Some(field) })
        });
        let wants_patterns =
            move || place.with(|place| place.as_ref().is_some_and(|place| is_value_of(&place.wants, "template")));
        let titles = use_titles(shared, wants_patterns);
        let list = Memo::new(move |_| {
            place.with(|place| {
                let Some(place) = place else { return Vec::new() };
                if place.typed.is_empty() && place.wants == Wants::Word && !is_asked_for.get() {
                    return Vec::new();
                }
                if is_value_of(&place.wants, "template") {
                    return titles.with(|titles| patterns(place, titles));
                }
                let of_values = values.with(|values| values.answer.clone().filter(|_| !values.is_stale()));
                let of_pattern = of_pattern.with(|fields| fields.answer.clone()).filter(|_| pattern.get().is_some());
                fields.with(|fields| {
                    let names = [of_pattern.as_deref(), fields.answer.as_deref()];
                    suggestions(place, names, of_values.as_deref())
                })
            })
        });
        let unknown = Memo::new(move |_| {
            let is_counted = fields.with(|fields| fields.state == State::Final) && !is_reading.get();
            // Of more fields than are counted any may be there.
            let fields = fields.with(|fields| fields.answer.clone());
            let fields = fields.filter(|fields| is_counted && fields.has_all_fields);
            let Some(fields) = fields else { return Vec::new() };
            let names = || fields.fields.iter().map(|facet| facet.name.as_str());
            let is_there = |asked: &str| {
                names().any(|name| name.eq_ignore_ascii_case(asked) || name.starts_with(&format!("{asked}.")))
            };
            let asked = asked_fields.get().into_iter().filter(|asked| !is_there(asked));
            let with_meant = |asked: String| {
                let of_every: Option<&str> = name_of_every(&asked);
                let nearest = nearest_name(&asked, names()).filter(|name| Some(*name) != of_every);
                let alike = alike_names(&asked, names());
                let alike = alike.into_iter().filter(|name| Some(*name) != nearest && Some(*name) != of_every);
                let meant = of_every.into_iter().chain(nearest).chain(alike).take(MOST_MEANT);
                let meant: Vec<String> = meant.map(str::to_owned).collect();
                (asked, meant)
            };
            asked.map(with_meant).collect()
        });
        let active = RwSignal::new(None);
        // Another list: what was chosen in the one before is not.
        Effect::new(move || {
            list.track();
            active.set(None);
        });
        Self { shared, input: NodeRef::new(), place, is_asked_for, list, active, unknown }
    }

    pub fn is_open(self) -> bool {
        self.list.with(|list| !list.is_empty())
    }

    pub fn active_id(self) -> Option<String> {
        self.active.get().map(id)
    }

    /// Fields of the query that no entry has, each with those that may be meant, the likeliest first.
    pub fn unknown_fields(self) -> Vec<(String, Vec<String>)> {
        self.unknown.get()
    }

    pub fn close(self) {
        self.place.set(None);
        self.is_asked_for.set(false);
    }

    /// What is written is whole.
    pub fn end(self) {
        self.close();
        self.shared.unfinished.set(None);
    }

    pub fn on_input(self) {
        self.is_asked_for.set(false);
        self.look();
        self.shared.unfinished.set(self.written().and_then(|(text, cursor)| while_written(&text, cursor)));
    }

    /// A value that the cursor has left is whole.
    pub fn follow_cursor(self) {
        let Some(open) = self.shared.unfinished.get_untracked() else { return };
        let now = self.written().and_then(|(text, cursor)| while_written(&text, cursor));
        if now.is_none_or(|now| now != open) {
            self.shared.unfinished.set(None);
        }
    }

    fn look(self) {
        self.place.set(self.written().map(|(text, cursor)| place_at(&text, cursor)));
    }

    /// What is in the box, and where the cursor is in it.
    fn written(self) -> Option<(String, usize)> {
        let input = self.input.get_untracked()?;
        let text = input.value();
        let caret = input.selection_start().ok().flatten().unwrap_or_default() as usize;
        let cursor = byte_at(&text, caret);
        Some((text, cursor))
    }

    /// Whether the key was for the list: arrows, Tab and Escape while it is open; Enter only once an arrow went into it.
    pub fn on_key(self, event: &ev::KeyboardEvent) -> bool {
        if event.key() == " " && event.ctrl_key() {
            self.is_asked_for.set(true);
            self.look();
            return true;
        }
        let n = self.list.with_untracked(Vec::len);
        if n == 0 || event.ctrl_key() || event.meta_key() || event.alt_key() {
            return false;
        }
        let active = self.active.get_untracked();
        match event.key().as_str() {
            "ArrowDown" => self.active.set(Some(active.map_or(0, |at| (at + 1) % n))),
            "ArrowUp" => self.active.set(Some(active.map_or(n - 1, |at| (at + n - 1) % n))),
            "Tab" if !event.shift_key() => self.accept(active.unwrap_or(0)),
            "Enter" => match active {
                Some(at) => self.accept(at),
                None => return false,
            },
            "Escape" => self.close(),
            _ => return false,
        }
        true
    }

    fn accept(self, at: usize) {
        let Some(suggestion) = self.list.with_untracked(|list| list.get(at).cloned()) else { return };
        let Some(Place { start, end, .. }) = self.place.get_untracked() else { return };
        let query = self.shared.query.get_untracked();
        let (Some(before), Some(after)) = (query.get(..start), query.get(end..)) else { return };
        let text = match after.starts_with(' ') {
            true => suggestion.text.trim_end(),
            false => &suggestion.text,
        };
        let caret = before.len() + text.len();
        let query = format!("{before}{text}{after}");
        self.shared.set_query(query.clone(), Visit::Typing);
        if let Some(input) = self.input.get_untracked() {
            input.set_value(&query);
            let caret = query[..caret].encode_utf16().count() as u32;
            // Refused only for inputs that have no cursor.
            let _ = input.set_selection_range(caret, caret);
            let _ = input.focus();
        }
        self.is_asked_for.set(false);
        self.look();
        // What was chosen is whole.
        self.shared.unfinished.set(None);
    }
}

#[component]
pub fn Suggestions(completion: Completion) -> impl IntoView {
    let option = move |(at, suggestion): (usize, Suggestion)| {
        // The input keeps the focus.
        let on_down = move |event: ev::PointerEvent| {
            event.prevent_default();
            completion.accept(at);
        };
        view! {
            <li id=id(at) role="option" aria-selected=move || (completion.active.get() == Some(at)).to_string()
                on:pointerdown=on_down>
                <span class="text">{visible(&suggestion.label).into_owned()}</span>
                <span class="aside">{visible(&suggestion.remark).into_owned()}</span>
            </li>
        }
    };
    view! {
        <ul id="suggestions" role="listbox" aria-label=say!("Suggestions") hidden=move || !completion.is_open()>
            {move || completion.list.get().into_iter().enumerate().map(option).collect_view()}
        </ul>
    }
}

fn id(at: usize) -> String {
    format!("suggestion-{at}")
}

/// Whether every log may have it, so that it need not be looked for.
pub fn is_known(name: &str) -> bool {
    KNOWN_NAMES.iter().any(|known| known.eq_ignore_ascii_case(name)) || variable_place(name).is_some()
}

fn is_value_of(wants: &Wants, field: &str) -> bool {
    matches!(wants, Wants::Value(name) if name.eq_ignore_ascii_case(field))
}

/// The place of a cursor that the page counts in UTF-16.
fn byte_at(text: &str, n_utf16: usize) -> usize {
    let mut left = n_utf16;
    for (at, c) in text.char_indices() {
        if left == 0 {
            return at;
        }
        left = left.saturating_sub(c.len_utf16());
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_counts_letters_otherwise() {
        assert_eq!((byte_at("aé𝄞b", 2), byte_at("aé𝄞b", 4), byte_at("a", 9)), (3, 7, 1));
    }
}
