//! What the timeline is split by: chosen from what nearly all logs have, and from the fields of these.

use std::sync::Arc;

use leptos::prelude::*;
use model::facet::{Distinct, Facet, Facets};
use model::lanes::Split;
use model::language::told;
use model::protocol::FacetsAsk;
use model::scope::Filter;
use model::{key, say};

use crate::answer::use_answer;
use crate::scope::{Visit, use_shared};

/// By the names that queries have for them.
const USUAL: [(&str, &str); 4] = [
    ("service", key!("by service")),
    ("source", key!("by source")),
    ("level", key!("by level")),
    ("template", key!("by pattern")),
];

/// A field of more values is not offered: its lanes would be of a few of its entries.
const MOST_VALUES: u64 = 1000;

#[component]
pub fn Choice() -> impl IntoView {
    let shared = use_shared();
    let split = Memo::new(move |_| shared.scope.with(|scope| scope.split.clone()));
    // Fields are looked for when somebody is about to choose.
    let is_wanted = RwSignal::new(false);
    let answer = use_answer(shared.port, shared.revision, move || {
        is_wanted.get().then(|| FacetsAsk {
            filter: Filter { order: Default::default(), ..shared.filter.get() },
            n_values: 1,
            field: None,
        })
    });
    let offered = Memo::new(move |before: Option<&(Vec<String>, Vec<String>)>| {
        let now = answer.with(|answer| answer.answer.as_ref().map(|facets: &Arc<Facets>| fields(&facets.fields)));
        let (mut lanes, mut heat) = now.or_else(|| before.cloned()).unwrap_or_default();
        // What is chosen can be seen, whatever fields there are now.
        match split.get() {
            Split::Lanes(field) if !is_usual(&field) && !lanes.contains(&field) => lanes.push(field),
            Split::Heat(field) if !heat.contains(&field) => heat.push(field),
            _ => {}
        }
        (lanes, heat)
    });
    let option = move |meant: Split, words: String| {
        let value = written(&meant);
        view! { <option value=value prop:selected=move || split.with(|split| *split == meant)>{words}</option> }
    };
    let more = move || {
        let (lanes, heat) = offered.get();
        let lanes = lanes.into_iter().map(|field| option(Split::Lanes(field.clone()), say!("by {field}", field)));
        let heat = heat.into_iter().map(|field| option(Split::Heat(field.clone()), say!("heat map of {field}", field)));
        lanes.chain(heat).collect_view()
    };
    let choose = move |event| {
        let chosen = read(&event_target_value(&event));
        shared.change(Visit::New, |scope| scope.split = chosen);
    };
    view! {
        <select class="small" id="split" aria-label=say!("Split the timeline") title=say!("Split the timeline: lanes by a field, or a heat map of its numbers")
            on:pointerenter=move |_| is_wanted.set(true) on:focus=move |_| is_wanted.set(true)
            on:pointerleave=move |_| is_wanted.set(false) on:blur=move |_| is_wanted.set(false) on:change=choose>
            {option(Split::None, say!("no lanes").to_owned())}
            {USUAL.map(|(field, words)| option(Split::Lanes(field.to_owned()), told(words).to_owned())).into_iter().collect_view()}
            {more}
        </select>
    }
}

fn is_usual(field: &str) -> bool {
    USUAL.iter().any(|(usual, _)| *usual == field)
}

/// Fields for lanes, and fields of numbers.
fn fields(facets: &[Facet]) -> (Vec<String>, Vec<String>) {
    let name = |facet: &Facet| facet.name.clone();
    let is_of_few =
        |facet: &&Facet| matches!(facet.distinct, Distinct::Exactly(2..=MOST_VALUES)) && !is_usual(&facet.name);
    let is_measured = |facet: &&Facet| facet.numbers.as_ref().is_some_and(|numbers| numbers.min < numbers.max);
    let lanes = facets.iter().filter(is_of_few).map(name).collect();
    (lanes, facets.iter().filter(is_measured).map(name).collect())
}

fn written(split: &Split) -> String {
    match split {
        Split::None => String::new(),
        Split::Lanes(field) => format!("lanes {field}"),
        Split::Heat(field) => format!("heat {field}"),
    }
}

fn read(value: &str) -> Split {
    match value.split_once(' ') {
        Some(("lanes", field)) => Split::Lanes(field.to_owned()),
        Some(("heat", field)) => Split::Heat(field.to_owned()),
        _ => Split::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_chosen_is_what_is_read() {
        for split in [Split::None, Split::Lanes("a b".to_owned()), Split::Heat("took".to_owned())] {
            assert_eq!(read(&written(&split)), split);
        }
    }
}
