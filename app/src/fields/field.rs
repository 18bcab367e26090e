//! One field: how many entries have it, and its values.

use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::ev;
use leptos::prelude::*;
use model::facet::{Distinct, Facet, FieldKind, ValueCount};
use model::protocol::FacetsAsk;
use model::query::{Change, Expr, Stage, is_chosen, split, toggle_choice, variable_place, without_choice};
use model::scope::Filter;
use model::{counted, say};

use super::numbers::Numbers;
use super::stages::Stages;
use super::{Counted, N_VALUES, OPEN_AT_FIRST, condition};
use crate::answer::use_answer;
use crate::entries::visible;
use crate::focus::{focus_when_lost, quoted};
use crate::scope::{Shared, Visit, use_shared};
use crate::{icons, wording};

/// Numbers of more different values than this are seen as a whole: which one is the most frequent says nothing.
const FEW_NUMBERS: u64 = 20;
/// Of a field with so many values that not each is counted beside the others.
const MOST_FREQUENT: u32 = 20;

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
    // More values than all fields have listed at first.
    let n_values = RwSignal::new(N_VALUES);
    // Where some of its values are chosen, the others are there to be chosen too.
    let alone = use_answer(shared.port, shared.revision, move || {
        let filter = Filter { order: Default::default(), ..shared.filter.get() };
        let unchosen = name.with_value(|name| without_choice(&filter.query, name));
        let is_asked = is_open.get() && (unchosen.is_some() || n_values.get() > N_VALUES);
        let filter = Filter { query: unchosen.unwrap_or_else(|| filter.query.clone()), ..filter };
        is_asked.then(|| FacetsAsk { filter, n_values: n_values.get(), field: Some(name.get_value()) })
    });
    let facet = Memo::new(move |_| match alone.with(|alone| alone.answer.clone()) {
        Some(facets) => facets.fields.first().cloned(),
        None => in_scope.get(),
    });
    let n_entries = Memo::new(move |_| {
        let n_alone = alone.with(|alone| alone.answer.as_ref().map(|facets| facets.n_entries));
        n_alone.unwrap_or_else(|| counted.with(|counted| counted.n_entries))
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
    let many = move || {
        facet.with(|facet| {
            facet.as_ref().filter(|facet| facet.is_of_many()).map(|facet| different_in_words(facet.distinct))
        })
    };
    view! {
        <li class="field" data-field=name.get_value()>
            <button class="field-head quiet" aria-expanded=move || is_open.get().to_string() on:click=turn>
                {move || kind().map(|(glyph, word)| view! {
                    <span class="glyph" aria-hidden="true" title=word>{glyph}</span><span class="unseen">{word}</span>
                })}
                <span class="name" title=name.with_value(|name| hint(name))>{name.get_value()}</span>
                {move || many().map(|different| {
                    let hint = say!("{different}, of few entries each, as ids have: to look for one, not to group by", different);
                    view! { <span class="many" title=hint>{say!("many")}</span> }
                })}
                <span class="share" title=say!("Share of the entries that have it")>{share}</span>
            </button>
            <Show when=move || is_open.get()>
                <Numbers shared name facet />
                <Values shared name facet n_entries n_values />
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
    n_values: RwSignal<u32>,
) -> impl IntoView {
    // Numbers that measure something are listed one by one only on request.
    let is_list = Memo::new(move |_| n_values.get() > N_VALUES);
    let lines = Memo::new(move |_| {
        facet.with(|facet| {
            let Some(facet) = facet else { return Vec::new() };
            let values = listed(facet, is_list.get()).iter().map(|top| Line::Value(top.value.clone()));
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
    let more = Memo::new(move |_| facet.with(|facet| facet.as_ref().map(|facet| More::of(facet, is_list.get()))));
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
                        Line::Value(value) => visible(value).into_owned(),
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
        {move || more.get().and_then(|more| match more {
            More::None => None,
            More::Values { n_shown, n_left } => Some(view! {
                <button class="small quiet more-values" on:click=move |_| {
                    n_values.set(next_size(n_shown));
                    focus_when_lost(near_field(&name.get_value()));
                }>{match n_shown {
                    0 => say!("List the {}", counted!(n_left, "value", "values")),
                    _ => say!("{} more of {n_left} others", n_left.min(u64::from(next_size(n_shown)) - n_shown), wording::count(n_left)),
                }}</button>
            }.into_any()),
            More::TooMany(different) => {
                let top = move |_| {
                    let stage = Stage::Top { n: MOST_FREQUENT, by: vec![name.get_value()] };
                    let query = shared.query.with_untracked(|query| format!("{} | {stage}", split(query).0.trim_end()));
                    shared.set_query(query.trim_start().to_owned(), Visit::New);
                };
                Some(view! {
                    <p class="summary">{different}</p>
                    <button class="small quiet more-values" on:click=top>{say!("The most frequent")}</button>
                }.into_any())
            }
        })}
    }
}

/// Where the keyboard is after a value was pressed: on it, else on its field.
fn near(name: &str, line: &Line) -> Vec<String> {
    let field = format!("#fields [data-field={}]", quoted(name));
    let value = match line {
        Line::Value(value) => format!("{field} [data-value={}] .pick", quoted(value)),
        Line::Absent => format!("{field} .absent .pick"),
    };
    [vec![value], near_field(name)].concat()
}

fn near_field(name: &str) -> Vec<String> {
    vec![format!("#fields [data-field={}] .field-head", quoted(name)), "#find-field".to_owned()]
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
        // The second of two quick ones would take back what the first did, or be for the value that came in its place.
        if event.detail() > 1 {
            return;
        }
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
pub fn is_measured(facet: &Facet) -> bool {
    let are_few = matches!(facet.distinct, Distinct::Exactly(n) if n <= FEW_NUMBERS);
    facet.numbers.is_some() && !are_few
}

/// The values that the list shows.
fn listed(facet: &Facet, is_list: bool) -> &[ValueCount] {
    if is_measured(facet) && !is_list { &[] } else { &facet.top }
}

/// What there is beyond the values that are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum More {
    None,
    Values {
        n_shown: u64,
        n_left: u64,
    },
    /// Not each is counted; how many there are, in words.
    TooMany(String),
}

impl More {
    fn of(facet: &Facet, is_list: bool) -> Self {
        let n_shown = listed(facet, is_list).len() as u64;
        match facet.distinct {
            Distinct::Exactly(n) if n <= n_shown => Self::None,
            Distinct::Exactly(n) => Self::Values { n_shown, n_left: n - n_shown },
            Distinct::MoreThan(_) | Distinct::About(_) => Self::TooMany(different_in_words(facet.distinct)),
        }
    }
}

/// How many values the list has when more are asked for: ever larger steps, each of which is put up in a moment.
fn next_size(n_shown: u64) -> u32 {
    match n_shown {
        // Not `N_VALUES`: that is what is listed without being asked for.
        0..20 => 30,
        20..100 => 100,
        _ => (n_shown as u32 / 100 + 1) * 100,
    }
}

/// How many different values there are.
pub fn different_in_words(distinct: Distinct) -> String {
    match distinct {
        Distinct::Exactly(n) => counted!(n, "value", "values"),
        Distinct::MoreThan(n) => say!("more than {} values", wording::count(n)),
        Distinct::About(n) => say!("about {} values", wording::count(n)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::facet::Spread;

    fn numbers(n_values: u64) -> Facet {
        let spread = Spread {
            unit: Default::default(),
            has_parts: false,
            min: 1.0,
            p50: 2.0,
            p95: 3.0,
            max: 4.0,
            bars: Vec::new(),
        };
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
    fn status_codes_are_listed_and_durations_only_on_request() {
        assert_eq!(listed(&numbers(6), false).len(), 1);
        assert_eq!(More::of(&numbers(6), false), More::Values { n_shown: 1, n_left: 5 });
        assert!(listed(&numbers(1000), false).is_empty());
        assert_eq!(More::of(&numbers(1000), false), More::Values { n_shown: 0, n_left: 1000 });
        assert_eq!(listed(&numbers(1000), true).len(), 1);
        assert_eq!(More::of(&numbers(1), true), More::None);
    }

    #[test]
    fn values_that_are_not_counted_one_by_one_are_not_listed_as_if_they_were() {
        let ids = Facet { distinct: Distinct::About(12_000), top: Vec::new(), ..numbers(1) };
        assert_eq!(More::of(&ids, false), More::TooMany("about 12,000 values".to_owned()));
    }

    #[test]
    fn lists_grow_in_steps() {
        let mut sizes = vec![u64::from(N_VALUES)];
        while sizes.last().is_some_and(|&size| size < 300) {
            sizes.extend(sizes.last().map(|&size| u64::from(next_size(size))));
        }
        assert_eq!(sizes, [10, 30, 100, 200, 300]);
    }
}
