//! One field: how many entries have it, its values, how its numbers are spread.

use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::ev;
use leptos::prelude::*;
use model::facet::{Bar, Distinct, Facet, FieldKind, Spread, ValueCount};
use model::protocol::FacetsAsk;
use model::query::{
    Aggregate, Change, Expr, Measure, Stage, is_chosen, split, toggle_choice, variable_place, without_choice,
};
use model::scope::Filter;
use model::{counted, say};

use super::{Counted, N_VALUES, OPEN_AT_FIRST, condition};
use crate::answer::use_answer;
use crate::entries::{can_be_column, is_column, toggle_column};
use crate::focus::{focus_when_lost, quoted};
use crate::scope::{Shared, Visit, use_shared};
use crate::{icons, wording};

/// Numbers of more different values than this are seen as a whole: which one is the most frequent says nothing.
const FEW_NUMBERS: u64 = 20;

/// A line under the field's name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Line {
    Value(String),
    /// Entries without the field.
    Absent,
}

#[component]
pub fn FieldItem(name: String, counted: Memo<Arc<Counted>>, turned: RwSignal<BTreeMap<String, bool>>) -> impl IntoView {
    let shared = use_shared();
    let name = StoredValue::new(name);
    let in_scope =
        Memo::new(move |_| counted.with(|counted| name.with_value(|name| counted.fields.get(name).cloned())));
    let is_open = Memo::new(move |_| {
        name.with_value(|name| {
            turned.with(|turned| turned.get(name).copied()).unwrap_or(OPEN_AT_FIRST.contains(&name.as_str()))
        })
    });
    // Where some of its values are chosen, the others are there to be chosen too.
    let unchosen = use_answer(shared.port, shared.revision, move || {
        let filter = Filter { order: Default::default(), ..shared.filter.get() };
        let query = name.with_value(|name| without_choice(&filter.query, name)).filter(|_| is_open.get())?;
        let filter = Filter { query, ..filter };
        Some(FacetsAsk { filter, n_values: N_VALUES, field: Some(name.get_value()) })
    });
    let facet = Memo::new(move |_| match unchosen.with(|unchosen| unchosen.answer.clone()) {
        Some(facets) => facets.fields.first().cloned(),
        None => in_scope.get(),
    });
    let n_entries = Memo::new(move |_| {
        let n_unchosen = unchosen.with(|unchosen| unchosen.answer.as_ref().map(|facets| facets.n_entries));
        n_unchosen.unwrap_or_else(|| counted.with(|counted| counted.n_entries))
    });
    let turn = move |_| {
        let is_open = !is_open.get_untracked();
        turned.update(|turned| {
            turned.insert(name.get_value(), is_open);
        });
    };
    let share = move || {
        let n_present = facet.with(|facet| facet.as_ref().map_or(0, |facet| facet.n_present));
        wording::share(n_present, n_entries.get())
    };
    let kind = move || facet.with(|facet| facet.as_ref().map(|facet| glyph(facet.kind)));
    let is_of_many = move || facet.with(|facet| facet.as_ref().is_some_and(Facet::is_of_many));
    view! {
        <li class="field" data-field=name.get_value()>
            <button class="field-head quiet" aria-expanded=move || is_open.get().to_string() on:click=turn>
                {move || kind().map(|(glyph, word)| view! {
                    <span class="glyph" aria-hidden="true" title=word>{glyph}</span><span class="unseen">{word}</span>
                })}
                <span class="name" title=name.with_value(|name| hint(name))>{name.get_value()}</span>
                <Show when=is_of_many><span class="many" title=say!("So many values that not each is counted")>{say!("many")}</span></Show>
                <span class="share" title=say!("Share of the entries that have it")>{share}</span>
            </button>
            <Show when=move || is_open.get()>
                <Numbers shared name facet />
                <Values shared name facet n_entries />
                <Stages shared name facet />
            </Show>
        </li>
    }
}

#[component]
fn Values(
    shared: Shared,
    name: StoredValue<String>,
    facet: Memo<Option<Facet>>,
    n_entries: Memo<u64>,
) -> impl IntoView {
    let lines = Memo::new(move |_| {
        facet.with(|facet| {
            let Some(facet) = facet else { return Vec::new() };
            let values = listed(facet).iter().map(|top| Line::Value(top.value.clone()));
            let is_lacking = facet.n_present < n_entries.get();
            values.chain(is_lacking.then_some(Line::Absent)).collect()
        })
    });
    let n_with = move |line: &Line| {
        facet.with(|facet| {
            let Some(facet) = facet else { return 0 };
            match line {
                Line::Value(value) => facet.top.iter().find(|top| top.value == *value).map_or(0, |top| top.n_entries),
                Line::Absent => n_entries.get().saturating_sub(facet.n_present),
            }
        })
    };
    let most = Memo::new(move |_| lines.with(|lines| lines.iter().map(n_with).max().unwrap_or_default().max(1)));
    let more = move || facet.with(|facet| facet.as_ref().and_then(others_in_words));
    view! {
        <ul class="values">
            <For each=move || lines.get() key=|line| line.clone() let:line>
                {
                    let asked = name.with_value(|name| match &line {
                        Line::Value(value) => condition::is_value(name, value),
                        Line::Absent => condition::is_absent(name),
                    });
                    let words = match &line {
                        Line::Value(value) if value.is_empty() => say!("(empty)").to_owned(),
                        Line::Value(value) => value.clone(),
                        Line::Absent => say!("not there").to_owned(),
                    };
                    let class = match &line {
                        Line::Value(value) if name.with_value(|name| name == "level") => format!("value sev-{value}"),
                        Line::Value(_) => "value".to_owned(),
                        Line::Absent => "value absent".to_owned(),
                    };
                    let value = match &line {
                        Line::Value(value) => Some(value.clone()),
                        Line::Absent => None,
                    };
                    let near = StoredValue::new(near(&name.get_value(), &line));
                    let n_with = Memo::new(move |_| n_with(&line));
                    let share = move || format!("{:.1}%", n_with.get() as f64 / most.get() as f64 * 100.0);
                    let (text, hint) = (words.clone(), words.clone());
                    let hint = move || say!("{hint}: {} of the entries", hint, wording::share(n_with.get(), n_entries.get()));
                    view! {
                        <li class=class data-value=value style=("--share", share)>
                            <Pick shared asked=asked.clone() near hint=Signal::derive(hint)>
                                <span class="text">{text.clone()}</span>
                                <span class="n">{move || wording::count(n_with.get())}</span>
                            </Pick>
                            <button class="quiet out" tabindex="-1" title=say!("Filter this out (-)") aria-label=say!("Filter out {words}", words)
                                on:click=move |_| {
                                    shared.narrow(&asked, Change::Exclude);
                                    focus_when_lost(near.get_value());
                                }>
                                {icons::icon(icons::MINUS)}
                            </button>
                        </li>
                    }
                }
            </For>
        </ul>
        {move || more().map(|words| view! { <p class="summary">{words}</p> })}
    }
}

/// Where the keyboard is after a value was pressed: on it, else on its field.
fn near(name: &str, line: &Line) -> Vec<String> {
    let field = format!("#fields [data-field={}]", quoted(name));
    let value = match line {
        Line::Value(value) => format!("{field} [data-value={}] .pick", quoted(value)),
        Line::Absent => format!("{field} .absent .pick"),
    };
    vec![value, format!("{field} .field-head"), "#find-field".to_owned()]
}

/// Filters for its condition; pressed again it takes that back, and with Alt it filters it out.
#[component]
fn Pick(
    shared: Shared,
    asked: Expr,
    near: StoredValue<Vec<String>>,
    hint: Signal<String>,
    children: Children,
) -> impl IntoView {
    let asked = StoredValue::new(asked);
    let is_asked = Memo::new(move |_| shared.query.with(|query| asked.with_value(|asked| is_chosen(query, asked))));
    let choose = move |event: ev::MouseEvent| {
        asked.with_value(|asked| match event.alt_key() {
            true => shared.narrow(asked, Change::Exclude),
            false => {
                let query = shared.query.with_untracked(|query| toggle_choice(query, asked));
                shared.set_query(query, Visit::New);
            }
        });
        // Values come in another order then, and some go.
        focus_when_lost(near.get_value());
    };
    view! {
        <button class="pick quiet" title=move || hint.get() aria-pressed=move || is_asked.get().to_string() on:click=choose>
            {children()}
        </button>
    }
}

#[component]
fn Numbers(shared: Shared, name: StoredValue<String>, facet: Memo<Option<Facet>>) -> impl IntoView {
    let spread = Memo::new(move |_| facet.with(|facet| facet.as_ref().and_then(|facet| facet.numbers.clone())));
    view! { {move || spread.get().map(|spread| name.with_value(|name| numbers(shared, name, &spread)))} }
}

fn numbers(shared: Shared, name: &str, spread: &Spread) -> impl IntoView + use<> {
    let most = spread.bars.iter().map(|bar| bar.n_entries).max().unwrap_or_default().max(1);
    let shown = |amount: f64| wording::amount(amount, spread.unit);
    let bar = |bar: &Bar| {
        let asked = condition::is_in_bar(name, spread, bar);
        let words = say!("{} to {}: {}", shown(bar.from), shown(bar.to), counted!(bar.n_entries, "entry", "entries"));
        // What is there at all is seen.
        let height = match bar.n_entries {
            0 => 0.0,
            n_entries => (n_entries as f64 / most as f64 * 100.0).max(4.0),
        };
        view! {
            <button class="bar quiet" tabindex="-1" title=words.clone() aria-label=words
                style=("--share", format!("{height:.1}%")) on:click=move |_| shared.narrow(&asked, Change::Include)></button>
        }
    };
    let figures = [("min", spread.min), ("p50", spread.p50), ("p95", spread.p95), ("max", spread.max)];
    let figure = |(label, amount): (&'static str, f64)| view! { <div><dt>{label}</dt><dd>{shown(amount)}</dd></div> };
    view! {
        <div class="bars" role="group" aria-label=say!("How {name} is spread", name)>
            {spread.bars.iter().map(bar).collect_view()}
        </div>
        <dl class="figures">{figures.into_iter().map(figure).collect_view()}</dl>
    }
}

/// From a field on to what the stages of a query make of it, and to its column in the table.
#[component]
fn Stages(shared: Shared, name: StoredValue<String>, facet: Memo<Option<Facet>>) -> impl IntoView {
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
    view! {
        <div class="stages">
            <button class="small quiet" title=say!("How many entries have each value") on:click=count>{say!("Count by")}</button>
            <button class="small quiet" title=say!("The values over time") on:click=over_time>{say!("Over time")}</button>
            {name.with_value(|name| can_be_column(name)).then(|| {
                let is_there = Memo::new(move |_| name.with_value(|name| is_column(shared, name)));
                view! {
                    <button class="small quiet" title=say!("A column of it in the table of entries") aria-pressed=move || is_there.get().to_string()
                        on:click=move |_| name.with_value(|name| toggle_column(shared, name))>{say!("Column")}</button>
                }
            })}
        </div>
    }
}

/// The two percentiles that a field's numbers are drawn as.
pub fn middle_and_high(field: &str) -> Vec<Measure> {
    let percentile =
        |hundredths| Measure { what: Aggregate::Percentile(hundredths), field: field.to_owned(), alias: None };
    vec![percentile(5000), percentile(9500)]
}

/// What the name stands for where it does not say so itself.
fn hint(name: &str) -> String {
    match variable_place(name) {
        Some(place) => say!("Value {} in the pattern", place + 1),
        None => name.to_owned(),
    }
}

fn glyph(kind: FieldKind) -> (&'static str, &'static str) {
    match kind {
        FieldKind::Text => ("Aa", say!("text")),
        FieldKind::Number => ("#", say!("numbers")),
        FieldKind::Bool => ("✓", say!("yes or no")),
        FieldKind::Mixed => ("±", say!("values of several kinds")),
    }
}

/// Numbers that measure something, and do not name it as status codes do.
fn is_measured(facet: &Facet) -> bool {
    let are_few = matches!(facet.distinct, Distinct::Exactly(n) if n <= FEW_NUMBERS);
    facet.numbers.is_some() && !are_few
}

/// The values that the list shows.
fn listed(facet: &Facet) -> &[ValueCount] {
    if is_measured(facet) { &[] } else { &facet.top }
}

/// How many values there are that the list does not show.
fn others_in_words(facet: &Facet) -> Option<String> {
    let n_shown = listed(facet).len() as u64;
    match facet.distinct {
        Distinct::Exactly(n) if n <= n_shown => None,
        Distinct::Exactly(n) if n_shown == 0 => Some(counted!(n, "value", "values")),
        Distinct::Exactly(n) => Some(counted!(n - n_shown, "more value", "more values")),
        Distinct::MoreThan(n) => Some(say!("more than {} values", wording::count(n))),
        Distinct::About(n) => Some(say!("about {} values", wording::count(n))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(n_values: u64) -> Facet {
        let spread = Spread { unit: Default::default(), min: 1.0, p50: 2.0, p95: 3.0, max: 4.0, bars: Vec::new() };
        Facet {
            name: "n".to_owned(),
            kind: FieldKind::Number,
            n_present: 100,
            distinct: Distinct::Exactly(n_values),
            top: vec![ValueCount { value: "1".to_owned(), n_entries: 5 }],
            numbers: Some(spread),
        }
    }

    #[test]
    fn status_codes_are_listed_and_durations_are_not() {
        assert_eq!(listed(&numbers(6)).len(), 1);
        assert_eq!(others_in_words(&numbers(6)).as_deref(), Some("5 more values"));
        assert!(listed(&numbers(1000)).is_empty());
        assert_eq!(others_in_words(&numbers(1000)).as_deref(), Some("1,000 values"));
    }
}
