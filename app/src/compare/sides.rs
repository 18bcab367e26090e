//! The two sets in words: A is what is searched and chosen on the timeline, B is chosen here.

use std::sync::Arc;

use leptos::prelude::*;
use model::compare::{Against, Comparison, When};
use model::language::told;
use model::{counted, key, say};

use super::words::{described, when};
use crate::scope::{Visit, use_shared};

/// Times of B as seen from A's, by the words that offer them.
const TIMES: [(When, &str); 6] = [
    (When::Any, key!("all other times")),
    (When::Before, key!("all times before")),
    (When::JustBefore, key!("just before, as long")),
    (When::DayBefore, key!("a day before")),
    (When::WeekBefore, key!("a week before")),
    (When::Same, key!("the same time")),
];

#[component]
pub fn Sides(found: Signal<Option<Arc<Comparison>>>) -> impl IntoView {
    let shared = use_shared();
    let against = Memo::new(move |_| shared.scope.with(|scope| scope.against.clone()));
    let has_range = Memo::new(move |_| shared.filter.with(|filter| filter.range.is_some()));
    let of_a = move || shared.filter.with(|filter| shared.zone.with(|zone| described(filter, zone)));
    let n_of = move |n: fn(&Comparison) -> u64| {
        found.with(|found| found.as_ref().map(|found| counted!(n(found), "entry", "entries")))
    };
    let both = move || {
        let n_both = found.with(|found| found.as_ref().map_or(0, |found| found.n_both));
        // Of A and everything else those in both are all of A.
        let is_rest = found.with(|found| found.as_ref().is_some_and(|found| found.n_both == found.n_a));
        (n_both > 0 && !is_rest).then(|| say!("{} in both count as A’s", counted!(n_both, "entry", "entries")))
    };
    let change = move |change: &dyn Fn(&mut Against)| shared.change(Visit::New, |scope| change(&mut scope.against));
    let choose_time = move |event| {
        let chosen = event_target_value(&event);
        if let Some((time, _)) = TIMES.iter().find(|(_, words)| *words == chosen) {
            change(&|against| against.time = *time);
        }
    };
    let choose_query = move |event| {
        let query = event_target_value(&event);
        change(&|against| against.query = Some(query.trim().to_owned()).filter(|query| !query.is_empty()));
    };
    let usual = move || match has_range.get() && against.with(|against| against.time != When::Same) {
        true => say!("the same search"),
        false => say!("everything else"),
    };
    let fixed = move || match against.with(|against| against.time) {
        When::Within(range) => Some(shared.zone.with(|zone| when(range, zone))),
        _ => None,
    };
    let option = move |(time, words): (When, &'static str)| {
        view! { <option value=words selected=move || against.with(|against| against.time) == time>{told(words)}</option> }
    };
    view! {
        <div class="sides">
            <div class="side">
                <b class="letter of-a">"A"</b>
                <span class="what" id="side-a" title=say!("What is searched, and chosen on the timeline")>{of_a}</span>
                <span class="n">{move || n_of(|found| found.n_a)}</span>
            </div>
            <div class="side">
                <b class="letter of-b">"B"</b>
                <input type="search" id="against-query" autocomplete="off" spellcheck="false" aria-label=say!("Search for the entries of B")
                    title=say!("Another search, or * for every entry") placeholder=usual
                    prop:value=move || against.with(|against| against.query.clone().unwrap_or_default()) on:change=choose_query />
                <Show when=move || has_range.get() || fixed().is_some()>
                    <select id="against-time" class="small" aria-label=say!("Time of B") on:change=choose_time>
                        {move || fixed().map(|words| view! { <option selected>{words}</option> })}
                        {TIMES.map(option).collect_view()}
                    </select>
                </Show>
                <span class="n">{move || n_of(|found| found.n_b)}</span>
            </div>
            {move || both().map(|words| view! { <span class="aside">{words}</span> })}
        </div>
    }
}
