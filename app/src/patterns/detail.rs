//! One template looked at closely: what to do with it, some of its entries, and which values stand in its places.

use std::sync::Arc;

use leptos::prelude::*;
use model::entry::RowKey;
use model::facet::{Bar, Spread};
use model::query::{Change, Expr, Measure, Stage, Test, split, variable_name, with_condition};
use model::scope::View;
use model::template::{Example, TemplateCount, TemplateDetail, TemplateId, VariableDetail};
use model::time::format_wall;
use model::{counted, say};

use super::list::{Shown, times};
use super::text::template_text;
use super::{is_made_from, isolate, leave_out, narrow, show_entries};
use crate::answer::{Remote, State};
use crate::entries::{is_column, toggle_column};
use crate::fields::condition::{is_in_bar, is_value};
use crate::fields::{different_in_words, middle_and_high};
use crate::scope::{Shared, Visit, use_shared};
use crate::{icons, wording};

#[component]
pub fn Detail(
    template: TemplateCount,
    detail: Signal<Remote<Arc<TemplateDetail>>>,
    shown: Shown,
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
                <button class="small" id="without-pattern" title=say!("Filter it out (-)") on:click=move |_| leave_out(shared, shown, chosen, id)>{say!("Leave out")}</button>
                <button class="small" id="pattern-alone" title=say!("Of all patterns this one alone, whatever was filtered for or left out; the rest of the search stays") on:click=move |_| isolate(shared, id)>{say!("Isolate")}</button>
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
    let sampled = (detail.n_unread > 0).then(|| {
        let of_all = wording::count(n_entries + detail.n_unread);
        view! {
            <p class="aside" id="pattern-sampled">
                {say!("The values are those of {} of its {of_all} entries, chosen evenly.", wording::count(n_entries), of_all)}
            </p>
        }
    });
    view! {
        {sampled}
        <div class="places">{variables}</div>
        <h3>{say!("Examples")}</h3>
        <ul class="examples">{detail.examples.iter().map(|example| shown(shared, example)).collect_view()}</ul>
    }
}

/// The values of one place: how they are spread if they are numbers, and the most frequent of them. All of it leads to the
/// entries, where the place is the field `var1`, `var2`, ….
fn values(
    shared: Shared,
    id: TemplateId,
    place: usize,
    variable: &VariableDetail,
    n_entries: u64,
) -> impl IntoView + use<> {
    let name = variable_name(place);
    let n_different = different_in_words(variable.distinct);
    let value = |(value, n): &(String, u64)| {
        let share = format!("{:.1}%", *n as f64 / n_entries.max(1) as f64 * 100.0);
        let asked = match value.strip_suffix('…') {
            Some(begin) => Expr::Field { name: name.clone(), test: Test::StartsWith(begin.to_owned()) },
            None => is_value(&name, value),
        };
        view! {
            <li class="value">
                <button class="pick quiet" style=("--share", share) title=say!("Filter for entries with it") on:click=move |_| ask(shared, id, Some(&asked), None)>
                    <span class="text">{value.clone()}</span><span class="n">{wording::count(*n)}</span>
                </button>
            </li>
        }
    };
    let values = variable.values.iter().map(value).collect_view();
    let by = vec![name.clone()];
    let count = Stage::Stats { measures: vec![Measure::count()], by: by.clone() };
    let over_time = match &variable.spread {
        Some(_) => Stage::Timeline { width_nanos: None, measures: middle_and_high(&name), by: Vec::new() },
        None => Stage::Timeline { width_nanos: None, measures: vec![Measure::count()], by },
    };
    let column = name.clone();
    let as_column = move |_| {
        if !is_column(shared, &column) {
            toggle_column(shared, &column);
        }
        show_entries(shared, id);
    };
    view! {
        <section class="place">
            <h3><code>{name.clone()}</code>" "{variable.kind.name()}" "<span class="many">{n_different}</span></h3>
            {variable.spread.as_ref().map(|spread| self::spread(shared, id, &name, spread))}
            <ul class="values">{values}</ul>
            <div class="stages">
                <button class="small quiet" title=say!("How many entries have each value")
                    on:click=move |_| ask(shared, id, None, Some(&count))>{say!("Count by")}</button>
                <button class="small quiet" title=say!("The values over time")
                    on:click=move |_| ask(shared, id, None, Some(&over_time))>{say!("Chart")}</button>
                <button class="small quiet" title=say!("A column of it in the table of entries") on:click=as_column>{say!("Column")}</button>
            </div>
        </section>
    }
}

/// Filters for entries of the template, and for more where that is given; and asks what a stage makes of them.
fn ask(shared: Shared, id: TemplateId, asked: Option<&Expr>, stage: Option<&Stage>) {
    let query = shared.query.with_untracked(|query| {
        let of_it = with_condition(split(query).0, &is_made_from(id), Change::Include);
        let with_it = asked.map_or(of_it.clone(), |asked| with_condition(&of_it, asked, Change::Include));
        stage.map_or(with_it.clone(), |stage| format!("{} | {stage}", with_it.trim_end()))
    });
    shared.set_query(query, Visit::New);
}

fn spread(shared: Shared, id: TemplateId, name: &str, spread: &Spread) -> impl IntoView + use<> {
    let most = spread.bars.iter().map(|bar| bar.n_entries).max().unwrap_or_default().max(1);
    let unit = spread.unit;
    let bar = |bar: &Bar| {
        let height = format!("{:.1}%", bar.n_entries as f64 / most as f64 * 100.0);
        let words = say!(
            "{} to {}: {}",
            wording::amount(bar.from, unit),
            wording::amount(bar.to, unit),
            counted!(bar.n_entries, "entry", "entries")
        );
        let asked = is_in_bar(name, spread, bar);
        view! {
            <button class="bar quiet" tabindex="-1" title=words.clone() aria-label=words style=("--share", height)
                on:click=move |_| ask(shared, id, Some(&asked), None)></button>
        }
    };
    let figures = [("min", spread.min), ("p50", spread.p50), ("p95", spread.p95), ("max", spread.max)];
    let figure = move |(label, amount): (&'static str, f64)| {
        view! { <div><dt>{label}</dt><dd>{wording::amount(amount, unit)}</dd></div> }
    };
    view! {
        <div class="bars" role="group" aria-label=say!("How {name} is spread", name)>{spread.bars.iter().map(bar).collect_view()}</div>
        <dl class="figures">{figures.into_iter().map(figure).collect_view()}</dl>
    }
}

fn shown(shared: Shared, example: &Example) -> impl IntoView + use<> {
    let (key, time) = (example.key, example.time);
    let clock = move || time.map(|time| shared.zone.with(|zone| format_wall(time, zone, 3)));
    view! {
        <li><button class="quiet" title=say!("Open this entry") on:click=move |_| open(shared, key)><span class="clock">{clock}</span>{example.text.clone()}</button></li>
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
