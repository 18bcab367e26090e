//! From a field on: to what the stages of a query make of it, to lanes of the timeline, to its column in the table.

use leptos::prelude::*;
use model::facet::Facet;
use model::lanes::Split;
use model::query::{Aggregate, Measure, Stage, split};
use model::say;

use super::field::is_measured;
use crate::entries::{is_column, toggle_column};
use crate::scope::{Shared, Visit};

#[component]
pub fn Stages(shared: Shared, name: StoredValue<String>, facet: Memo<Option<Facet>>) -> impl IntoView {
    let is_measured = Memo::new(move |_| facet.with(|facet| facet.as_ref().is_some_and(is_measured)));
    let ask = move |stage: Stage| {
        let query = shared.query.with_untracked(|query| format!("{} | {stage}", split(query).0.trim_end()));
        shared.set_query(query.trim_start().to_owned(), Visit::New);
    };
    let by = move || vec![name.get_value()];
    let count = move |_| ask(Stage::Stats { measures: vec![Measure::count()], by: by() });
    let over_time = move |_| {
        let (measures, by) = match is_measured.get_untracked() {
            true => (name.with_value(|name| middle_and_high(name)), Vec::new()),
            false => (vec![Measure::count()], by()),
        };
        ask(Stage::Timeline { width_nanos: None, measures, by });
    };
    let is_split = Memo::new(move |_| {
        let of_it = name.with_value(|name| split_by(name, is_measured.get()));
        shared.scope.with(|scope| scope.split == of_it)
    });
    let is_there = Memo::new(move |_| name.with_value(|name| is_column(shared, name)));
    view! {
        <div class="stages">
            <button class="small quiet" title=say!("How many entries have each value") on:click=count>{say!("Count by")}</button>
            <button class="small quiet" title=say!("The values over time") on:click=over_time>{say!("Over time")}</button>
            <button class="small quiet" data-split title=say!("Group the timeline by it (t)") aria-pressed=move || is_split.get().to_string()
                on:click=move |_| name.with_value(|name| toggle_split(shared, name, is_measured.get_untracked()))>{say!("Lanes")}</button>
                    <button class="small quiet" data-column title=say!("A column of it in the table of entries (c)") aria-pressed=move || is_there.get().to_string()
                        on:click=move |_| name.with_value(|name| toggle_column(shared, name))>{say!("Column")}</button>
        </div>
    }
}

/// The two percentiles that a field's numbers are drawn as.
pub fn middle_and_high(field: &str) -> Vec<Measure> {
    let percentile =
        |hundredths| Measure { what: Aggregate::Percentile(hundredths), field: field.to_owned(), alias: None };
    vec![percentile(5000), percentile(9500)]
}

/// Numbers that measure something are a heat map, other values lanes.
fn split_by(field: &str, is_measured: bool) -> Split {
    if is_measured { Split::Heat(field.to_owned()) } else { Split::Lanes(field.to_owned()) }
}

/// Groups the timeline by the field, or no longer.
pub fn toggle_split(shared: Shared, field: &str, is_measured: bool) {
    let wanted = split_by(field, is_measured);
    shared.change(Visit::New, |scope| {
        scope.split = if scope.split == wanted { Split::None } else { wanted };
    });
}
