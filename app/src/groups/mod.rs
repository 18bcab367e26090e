//! Which requests, sessions or other groups of entries that share an id are unlike the others, and in what.

mod list;

use std::sync::Arc;

use leptos::prelude::*;
use model::group::{Groups as Found, GroupsAsk};
use model::protocol::{Answer, Ask};
use model::scope::{Filter, View};
use model::{counted, say};

use self::list::List;
use crate::answer::{Question, Remote, State, use_answer};
use crate::focus::focus_first;
use crate::nothing::NothingHere;
use crate::scope::use_shared;
use crate::wording;

impl Question for GroupsAsk {
    type Answer = Arc<Found>;
    fn ask(&self) -> Ask {
        Ask::Groups(self.clone())
    }
    fn read(answer: Answer) -> Option<Arc<Found>> {
        if let Answer::Groups(found) = answer { Some(Arc::from(found)) } else { None }
    }
}

#[component]
pub fn Groups() -> impl IntoView {
    let shared = use_shared();
    let field = RwSignal::new(None::<String>);
    let filter = Memo::new(move |_| Filter { order: Default::default(), ..shared.filter.get() });
    let answer = use_answer(shared.port, shared.revision, move || {
        let is_in_sight = shared.view.get() == View::Groups;
        is_in_sight.then(|| GroupsAsk { filter: filter.get(), field: field.get() })
    });
    // Stays while it is counted anew, and when the view is left.
    let found = Memo::new(move |before: Option<&Option<Arc<Found>>>| {
        let now = answer.with(|answer| answer.answer.clone().filter(|_| answer.state == State::Final));
        now.or_else(|| before.cloned().flatten())
    });
    let offered = Memo::new(move |_| {
        let fields = |found: &Arc<Found>| (found.fields.clone(), found.field.clone());
        answer
            .with(|answer| answer.answer.as_ref().map(fields))
            .or_else(|| found.with(|found| found.as_ref().map(fields)))
    });
    let options = move || {
        let (fields, chosen) = offered.get().unwrap_or_default();
        let option = |field: &model::group::GroupField| {
            let n_groups = counted!(field.n_groups, "group", "groups");
            let n_groups = if field.is_exact { n_groups } else { say!("about {n_groups}", n_groups) };
            let words = format!("{} ({n_groups}, {})", field.name, counted!(field.n_entries, "entry", "entries"));
            let is_chosen = chosen.as_ref() == Some(&field.name);
            view! { <option value=field.name.clone() selected=is_chosen>{words}</option> }
        };
        // One that was chosen stays to be seen, though nothing in this scope looks like it.
        let other = chosen.clone().filter(|chosen| fields.iter().all(|field| field.name != *chosen));
        let other = other.map(|name| view! { <option value=name.clone() selected=true>{name.clone()}</option> });
        (fields.iter().map(option).collect_view(), other)
    };
    let has_fields =
        Memo::new(move |_| offered.with(|offered| offered.as_ref().is_some_and(|(_, field)| field.is_some())));
    let is_stale = Memo::new(move |_| answer.with(Remote::is_stale));
    let is_final = move || answer.with(|answer| answer.state == State::Final);
    let nothing = Memo::new(move |_| found.with(|found| found.as_deref().and_then(nothing)));
    view! {
        <section id="groups" aria-label=say!("Groups") class:stale=move || is_stale.get() aria-busy=move || is_stale.get().to_string()
            data-complete=move || is_final().to_string()>
            <div class="result-head">
                <Show when=move || has_fields.get()>
                    <label class="by">{say!("Grouped by")}" "
                        <select class="small" id="group-field" on:change=move |event| field.set(Some(event_target_value(&event)))>{options}</select>
                    </label>
                </Show>
                <span class="summary" role="status">{move || answer.with(|answer| found.with(|found| summary(answer, found.as_deref())))}</span>
            </div>
            <div class="incident-list">
                {move || nothing.get().map(|words| view! { <NothingHere><p class="nothing">{words}</p></NothingHere> })}
                <List found />
            </div>
        </section>
    }
}

/// `1,204 groups of 9,813 entries, 3 unlike the others; 17 entries have no such id`
fn summary(answer: &Remote<Arc<Found>>, found: Option<&Found>) -> String {
    let groups_of = |found: &Found| {
        say!("{} of {}", counted!(found.n_groups, "group", "groups"), counted!(found.n_entries, "entry", "entries"))
    };
    match (&answer.state, &answer.answer) {
        (State::Failed(failure), _) => return failure.to_string(),
        (State::Partial { done, total }, Some(so_far)) => {
            return say!("{} so far, looking… {} %", groups_of(so_far), wording::percent(*done, *total));
        }
        _ => {}
    }
    let Some(found) = found else { return say!("looking for ids…").to_owned() };
    if found.field.is_none() {
        return String::new();
    }
    let mut words = groups_of(found);
    if found.n_without > 0 {
        words += &say!("; {} without it", counted!(found.n_without, "entry", "entries"));
    }
    if found.n_left_out > 0 {
        words += &say!(
            "; {} left out: further groups, very large ones, or values too long for an id",
            counted!(found.n_left_out, "entry", "entries")
        );
    }
    words
}

fn nothing(found: &Found) -> Option<&'static str> {
    match found {
        Found { field: None, .. } => Some(say!(
            "Nothing in these entries looks like an id that several of them share: a trace, a request, a session, a block."
        )),
        Found { n_groups: ..2, .. } => Some(say!("There are too few groups to compare.")),
        found if found.odd.is_empty() => {
            Some(say!("No group is unlike the others: all have the same messages in the same order."))
        }
        _ => None,
    }
}

/// Puts the keyboard into the list, if there is one.
pub fn focus_groups() -> bool {
    focus_first(&["#groups .title"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_compared_is_told() {
        let found = Found {
            field: Some("trace_id".to_owned()),
            n_groups: 1204,
            n_entries: 9813,
            n_without: 17,
            ..Found::default()
        };
        let answer = Remote { answer: None, state: State::Final };
        assert_eq!(summary(&answer, Some(&found)), "1,204 groups of 9,813 entries; 17 entries without it");
        assert!(nothing(&found).is_some_and(|words| words.contains("same messages")));
        assert!(nothing(&Found::default()).is_some_and(|words| words.contains("looks like an id")));
    }
}
