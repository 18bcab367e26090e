//! Which of a table's numbers its chart draws.

use std::sync::Arc;

use leptos::prelude::*;
use model::say;
use model::table::{ColumnRole, Picture, Table};
use model::time::TimeRange;

use super::chart::{Bars, Lines};
use super::series;

/// The measures of a table and the one that was chosen; handles only.
#[derive(Clone, Copy)]
pub struct Measures {
    table: Signal<Option<Arc<Table>>>,
    /// Place and name.
    all: Memo<Vec<(usize, String)>>,
    /// By its name, so that it stays chosen when columns come and go.
    chosen: RwSignal<Option<String>>,
    place: Memo<Option<usize>>,
    /// Shows the entries of a time that is clicked.
    go: Callback<TimeRange>,
}

impl Measures {
    pub fn of(table: Signal<Option<Arc<Table>>>, go: Callback<TimeRange>) -> Self {
        let all = Memo::new(move |_| {
            table.with(|table| {
                let Some(table) = table else { return Vec::new() };
                let places = series::places(table, ColumnRole::Measure).into_iter();
                places.map(|place| (place, table.columns[place].name.clone())).collect::<Vec<_>>()
            })
        });
        let chosen = RwSignal::new(None::<String>);
        let place = Memo::new(move |_| {
            let chosen = chosen.get();
            all.with(|all| {
                let found = all.iter().find(|(_, name)| Some(name) == chosen.as_ref()).or(all.first());
                found.map(|&(place, _)| place)
            })
        });
        Self { table, all, chosen, place, go }
    }

    /// The table's picture of the chosen one.
    pub fn chart(self) -> AnyView {
        let (Some(table), Some(measure)) = (self.table.get(), self.place.get()) else { return ().into_any() };
        // While the next answer comes, columns and choice may be of different ones.
        let is_fit = table.columns.get(measure).is_some_and(|column| column.role == ColumnRole::Measure);
        match table.picture {
            _ if !is_fit => ().into_any(),
            Picture::Lines => view! { <div class="chart"><Lines table measure go=self.go /></div> }.into_any(),
            Picture::Bars | Picture::Table => view! { <div class="chart"><Bars table measure /></div> }.into_any(),
        }
    }
}

/// Offers the measures where there are several, and names it where there is one: a chart's axis has numbers only.
#[component]
pub fn MeasureChoice(measures: Measures, is_chart: Memo<bool>) -> impl IntoView {
    let Measures { all, chosen, place, .. } = measures;
    let only = move || {
        all.with(|all| match &all[..] {
            [(_, name)] if is_chart.get() => Some(name.clone()),
            _ => None,
        })
    };
    view! {
        {move || only().map(|name| view! { <code class="measure" title=say!("Measure")>{name}</code> })}
        <Show when=move || is_chart.get() && all.with(|all| all.len() > 1)>
            <select class="small" aria-label=say!("Measure") on:change=move |event| chosen.set(Some(event_target_value(&event)))>
                {move || all.get().into_iter().map(|(at, name)| view! {
                    <option value=name.clone() selected=move || place.get() == Some(at)>{name.clone()}</option>
                }).collect_view()}
            </select>
        </Show>
    }
}
