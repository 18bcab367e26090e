//! One template looked at closely: what to do with it, some of its entries, and which values stand in its places.

use std::sync::Arc;

use leptos::prelude::*;
use model::entry::RowKey;
use model::facet::Spread;
use model::query::{Change, Expr};
use model::scope::View;
use model::template::{Example, TemplateCount, TemplateDetail, TemplateId, VariableDetail};
use model::{counted, say};

use super::list::times;
use super::text::template_text;
use super::{is_made_from, narrow, show_entries};
use crate::answer::{Remote, State};
use crate::scope::{Shared, Visit, use_shared};
use crate::{icons, wording};

#[component]
pub fn Detail(
    template: TemplateCount,
    detail: Signal<Remote<Arc<TemplateDetail>>>,
    chosen: RwSignal<Option<TemplateId>>,
) -> impl IntoView {
    let shared = use_shared();
    let id = template.id;
    let in_time = template.clone();
    let over_time = move |_| {
        let query = format!("{} | timeline by service", is_made_from(id));
        shared.set_query(query, Visit::New);
    };
    let closely = move || {
        detail.with(|detail| match (&detail.answer, &detail.state) {
            (_, State::Failed(failure)) => view! { <p class="summary">{failure.to_string()}</p> }.into_any(),
            (Some(answer), State::Final) => found(shared, id, answer).into_any(),
            _ => view! { <p class="summary">{say!("looking at its entries…")}</p> }.into_any(),
        })
    };
    view! {
        <section id="pattern-detail" aria-label=say!("Pattern") data-complete=move || detail.with(|detail| detail.state == State::Final).to_string()>
            <div class="panel-head">
                <h2><code>{template_text(&template)}</code></h2>
                <button class="small primary" id="show-entries" on:click=move |_| show_entries(shared, id)>{say!("Show its entries")}</button>
                <button class="small" id="only-pattern" title=say!("Filter for it (+)") on:click=move |_| narrow(shared, id, Change::Include)>{say!("Only this")}</button>
                <button class="small" id="without-pattern" title=say!("Filter it out (-)") on:click=move |_| narrow(shared, id, Change::Exclude)>{say!("Leave out")}</button>
                <button class="small quiet" on:click=over_time>{say!("Over time")}</button>
                <button class="quiet square" aria-label=say!("Close") title=say!("Close (Esc)") on:click=move |_| chosen.set(None)>
                    {icons::icon(icons::CLOSE)}
                </button>
            </div>
            <p class="summary">
                {counted!(template.n_entries, "entry", "entries")}", "{move || times(shared, &in_time)}
                ", "<code>{format!("template:{id}")}</code>
            </p>
            {closely}
        </section>
    }
}

fn found(shared: Shared, id: TemplateId, detail: &TemplateDetail) -> impl IntoView + use<> {
    let n_entries = detail.n_entries;
    let variables = detail.variables.iter().enumerate();
    let variables: Vec<_> = variables.map(|(place, variable)| values(shared, id, place, variable, n_entries)).collect();
    view! {
        <div class="places">{variables}</div>
        <h3>{say!("Examples")}</h3>
        <ul class="examples">{detail.examples.iter().map(|example| shown(shared, example)).collect_view()}</ul>
    }
}

/// The values of one place: how they are spread if they are numbers, and the most frequent of them.
fn values(
    shared: Shared,
    id: TemplateId,
    place: usize,
    variable: &VariableDetail,
    n_entries: u64,
) -> impl IntoView + use<> {
    let head = format!("{}. {}", place + 1, variable.kind.name());
    let n_different = counted!(variable.n_different, "value", "values");
    let value = |(value, n): &(String, u64)| {
        let share = format!("{:.1}%", *n as f64 / n_entries.max(1) as f64 * 100.0);
        let words = value.clone();
        let pick = move |_| {
            let query = shared.query.with_untracked(|query| {
                let of_it = model::query::with_condition(query, &is_made_from(id), Change::Include);
                model::query::with_condition(&of_it, &Expr::Phrase(words.clone()), Change::Include)
            });
            shared.set_query(query, Visit::New);
        };
        view! {
            <li class="value">
                <button class="pick quiet" style=("--share", share) title=say!("Filter for entries with it") on:click=pick>
                    <span class="text">{value.clone()}</span><span class="n">{wording::count(*n)}</span>
                </button>
            </li>
        }
    };
    view! {
        <section class="place">
            <h3>{head}" "<span class="many">{n_different}</span></h3>
            {variable.spread.as_ref().map(spread)}
            <ul class="values">{variable.values.iter().map(value).collect_view()}</ul>
        </section>
    }
}

fn spread(spread: &Spread) -> impl IntoView + use<> {
    let most = spread.bars.iter().map(|bar| bar.n_entries).max().unwrap_or_default().max(1);
    let unit = spread.unit;
    let bar = |bar: &model::facet::Bar| {
        let height = format!("{:.1}%", bar.n_entries as f64 / most as f64 * 100.0);
        let words = say!(
            "{} to {}: {}",
            wording::amount(bar.from, unit),
            wording::amount(bar.to, unit),
            counted!(bar.n_entries, "entry", "entries")
        );
        view! { <span class="bar" title=words style=("--share", height)></span> }
    };
    let figures = [("min", spread.min), ("p50", spread.p50), ("p95", spread.p95), ("max", spread.max)];
    let figure = move |(label, amount): (&'static str, f64)| {
        view! { <div><dt>{label}</dt><dd>{wording::amount(amount, unit)}</dd></div> }
    };
    view! {
        <div class="bars" aria-hidden="true">{spread.bars.iter().map(bar).collect_view()}</div>
        <dl class="figures">{figures.into_iter().map(figure).collect_view()}</dl>
    }
}

fn shown(shared: Shared, example: &Example) -> impl IntoView + use<> {
    let key = example.key;
    view! {
        <li><button class="quiet" title=say!("Open this entry") on:click=move |_| open(shared, key)>{example.text.clone()}</button></li>
    }
}

/// The entry among the others of the scope, with its details.
fn open(shared: Shared, key: RowKey) {
    shared.change(Visit::New, |scope| {
        scope.view = View::Entries;
        scope.selected = Some(key);
    });
    shared.details_open.set(true);
}
