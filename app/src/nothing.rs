//! Why there is nothing to see, and the ways on.

mod other_values;

use leptos::prelude::*;
use model::query::{Query, Stage, asked_values, parse_query, split, with_bar, with_open_words};
use model::scope::{Now, View};
use model::{counted, say};

use self::other_values::OtherValues;
use crate::answer::State;
use crate::scope::{Shared, Visit, use_shared};
use crate::wording;

/// Values of a query that other values are looked for: each is a question of its own.
const MOST_ASKED: usize = 3;

/// Whether the search finds no entry at all, as soon as that is known.
pub fn finds_nothing(shared: Shared) -> Memo<bool> {
    Memo::new(move |_| {
        shared.counted.with(|counted| {
            let finds_none = counted.answer.as_ref().is_some_and(|counted| counted.n_entries == 0);
            counted.state == State::Final && finds_none
        })
    })
}

/// What a view says where it has nothing to show of what the search finds; where that is no entry at all, it is not what is amiss.
#[component]
pub fn NothingHere(children: ChildrenFn) -> impl IntoView {
    let shared = use_shared();
    let finds_nothing = finds_nothing(shared);
    view! {
        <Show when=move || finds_nothing.get() fallback=move || children()><NothingFound shared /></Show>
    }
}

/// No entry matches.
#[component]
pub fn NothingFound(shared: Shared) -> impl IntoView {
    let has_query = move || shared.filter.with(|filter| !filter.query.is_empty());
    // A word is a whole one: whoever typed half of it is told how to go on.
    let opened = move || {
        let was_let_go_on = shared.counted.with(|counted| counted.answer.as_ref().and_then(|c| c.let_go_on.clone()));
        let is_new = |words: &Vec<String>| words.iter().any(|word| Some(word) != was_let_go_on.as_ref());
        shared.query.with(|query| with_open_words(query)).filter(|(_, words)| is_new(words))
    };
    // A stage without its bar is words.
    let barred = move || shared.query.with(|query| with_bar(query));
    // A value is a whole one, too.
    let asked = Memo::new(move |_| {
        shared.filter.with(|filter| asked_values(&filter.query).into_iter().take(MOST_ASKED).collect::<Vec<_>>())
    });
    let has_range = move || shared.filter.with(|filter| filter.range.is_some());
    // By the clock, the logs of yesterday have no last hour.
    let data_end = move || {
        let range = shared.status.with(|status| status.answer.as_ref().and_then(|status| status.range));
        let end = range.filter(|_| shared.clock.get().is_some())?.end;
        Some(shared.zone.with(|zone| wording::moment(end, zone, 0)))
    };
    view! {
        <div class="nothing">
            <p>{move || match has_query() || has_range() {
                true => say!("No entry matches."),
                false => say!("There are no entries. The list of sources says what became of each file."),
            }}</p>
            {move || barred().map(|query| {
                let words = say!("Search {meant}", query);
                view! { <button id="with-bar" on:click=move |_| shared.set_query(query.clone(), Visit::New)>{words}</button> }
            })}
            {move || opened().map(|(query, words)| view! {
                <button id="open-words" on:click=move |_| shared.set_query(query.clone(), Visit::New)>
                    {say!("Search words that begin with {}", words.join(", "))}
                </button>
            })}
            {move || asked.get().into_iter().map(|asked| view! { <OtherValues shared asked /> }).collect_view()}
            {move || data_end().map(|end| view! {
                <button id="from-data-end" on:click=move |_| shared.change(Visit::New, |scope| scope.now = Now::DataEnd)>
                    {say!("“now” as where the data ends: {end}", end)}
                </button>
            })}
            <Show when=has_query>
                <button on:click=move |_| shared.set_query(String::new(), Visit::New)>{say!("Clear the search")}</button>
            </Show>
            <Show when=has_range>
                <button on:click=move |_| shared.set_range(None)>{say!("Look in all of the time")}</button>
            </Show>
        </div>
    }
}

/// Entries match, but the stages leave none of what they make.
#[component]
pub fn NoRows(shared: Shared, n_entries: Signal<u64>) -> impl IntoView {
    let conditions = move || shared.query.with(|query| without_each_condition(query));
    view! {
        <div class="nothing" id="no-rows">
            <p>{move || say!("The search finds {}, but its stages leave no row.", counted!(n_entries.get(), "entry", "entries"))}</p>
            {move || conditions().into_iter().map(|(condition, without)| view! {
                <button on:click=move |_| shared.set_query(without.clone(), Visit::New)>
                    {say!("Without “{condition}”", condition)}
                </button>
            }).collect_view()}
            <button on:click=move |_| shared.turn_to(View::Entries)>{say!("Show the entries")}</button>
        </div>
    }
}

/// Each stage that takes rows away, and the query without it.
fn without_each_condition(query: &str) -> Vec<(String, String)> {
    let (Query { stages, .. }, _) = parse_query(query);
    let filter = split(query).0.trim_end();
    let without = |left_out: usize| {
        let rest = stages.iter().enumerate().filter(|(place, _)| *place != left_out);
        rest.fold(filter.to_owned(), |text, (_, stage)| format!("{text} | {stage}")).trim_start().to_owned()
    };
    let takes_away = |stage: &Stage| matches!(stage, Stage::Where(_) | Stage::Limit(0));
    let places = stages.iter().enumerate().filter(|(_, stage)| takes_away(stage));
    places.map(|(place, stage)| (stage.to_string(), without(place))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_condition_can_be_left_out() {
        let left = without_each_condition("a AND b | count by path | where count>10 | sort path | where path:x");
        assert_eq!(
            left,
            [
                ("where count>10".to_owned(), "a AND b | count by path | sort path | where path:x".to_owned()),
                ("where path:x".to_owned(), "a AND b | count by path | where count>10 | sort path".to_owned()),
            ]
        );
        assert!(without_each_condition("a | count").is_empty());
    }
}
