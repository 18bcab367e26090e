//! The differences, the largest first: what it is, its share in both, how much. A click goes to the entries; "back" comes back.

use std::sync::Arc;

use leptos::ev;
use leptos::prelude::*;
use model::compare::{Comparison, Difference, Seen, Subject};
use model::query::{Change, Expr, Test, value_term, with_condition};
use model::scope::View;
use model::{counted, say};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::{numbers, words};
use crate::fields::condition;
use crate::scope::{Shared, Visit, use_shared};
use crate::{icons, wording};

/// Differences that are shown before more are asked for.
const SHOWN: usize = 40;
/// What goes with one is named so many times before more is asked for.
const MOST_ALSO: usize = 4;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    A,
    B,
}

#[component]
pub fn List(found: Signal<Option<Arc<Comparison>>>) -> impl IntoView {
    let shared = use_shared();
    let is_long = RwSignal::new(false);
    let n_hidden = Memo::new(move |_| {
        found.with(|found| found.as_ref().map_or(0, |found| found.differences.len().saturating_sub(SHOWN)))
    });
    let rows = move || {
        let found = found.get()?;
        let n_shown = if is_long.get() { usize::MAX } else { SHOWN };
        let row = |(at, difference)| row(shared, at, difference, &found);
        Some(found.differences.iter().take(n_shown).enumerate().map(row).collect_view())
    };
    let on_key = move |event: ev::KeyboardEvent| {
        let row = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok())
            .and_then(|target| target.closest("li").ok().flatten());
        let Some(row) = row.filter(|_| !event.ctrl_key() && !event.meta_key() && !event.alt_key()) else { return };
        match event.key().as_str() {
            "ArrowDown" | "j" => focus_name(row.next_element_sibling()),
            "ArrowUp" | "k" => focus_name(row.previous_element_sibling()),
            key @ ("+" | "-") => {
                let at = row.get_attribute("data-at").and_then(|at| at.parse::<usize>().ok()).unwrap_or_default();
                let asked = found.with_untracked(|found| {
                    found
                        .as_ref()
                        .and_then(|found| found.differences.get(at))
                        .and_then(|difference| entries_of(&difference.subject))
                });
                if let Some(asked) = asked {
                    shared.narrow(&asked, if key == "+" { Change::Include } else { Change::Exclude });
                }
            }
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let more = move || found.with(|found| found.as_ref().map_or(0, |found| found.n_more));
    // Without any that is listed they are told above.
    let n_slight = move || {
        let of = |found: &Arc<Comparison>| if found.differences.is_empty() { 0 } else { found.n_slight };
        found.with(|found| found.as_ref().map_or(0, of))
    };
    view! {
        <div class="differences-frame">
            <ol id="differences" on:keydown=on_key>{rows}</ol>
            <Show when=move || n_hidden.get() != 0>
                <button class="small quiet" id="more-differences" on:click=move |_| is_long.update(|is_long| *is_long = !*is_long)>
                    {move || if is_long.get() { say!("Fewer").to_owned() } else { say!("{} more", wording::count(n_hidden.get() as u64)) }}
                </button>
            </Show>
            <Show when=move || more() != 0>
                <p class="aside">{move || say!("and {} of less weight", counted!(more(), "difference", "differences"))}</p>
            </Show>
            <Show when=move || n_slight() != 0>
                <p class="aside">
                    {move || say!("and {} that are more than chance, too slight to be listed", counted!(n_slight(), "difference", "differences"))}
                </p>
            </Show>
        </div>
    }
}

fn focus_name(row: Option<Element>) {
    let name = row
        .and_then(|row| row.query_selector(".name").ok().flatten())
        .and_then(|name| name.dyn_into::<HtmlElement>().ok());
    if let Some(name) = name {
        // Refused only for an element that is not on the page.
        let _ = name.focus();
    }
}

fn row(shared: Shared, at: usize, difference: &Difference, comparison: &Comparison) -> impl IntoView + use<> {
    let subject = difference.subject.clone();
    let asked = entries_of(&subject);
    // Where A has none of it, there are only B's to be shown.
    let main = if matches!(difference.seen, Seen::Share { a: 0, .. }) { Of::B } else { Of::A };
    let has_both = comparison.n_both > 0;
    let hint = words::measured(difference, comparison);
    let in_words = words::subject(&subject);
    let seen = match &difference.seen {
        Seen::Share { a, b } => {
            let bars = [(Of::A, *a, comparison.n_a), (Of::B, *b, comparison.n_b)];
            let bars = bars.map(|(of, n, whole)| bar(shared, &subject, of, n, whole, has_both));
            view! { <div class="pair">{bars.into_iter().collect_view()}</div> }.into_any()
        }
        Seen::Numbers(seen) => {
            let middle = |letter: &'static str, p50: f64, p95: f64| {
                let told =
                    format!("{letter} {} … {}", wording::amount(p50, seen.unit), wording::amount(p95, seen.unit));
                view! { <span title=say!("The median, and what 95 % are not above")>{told}</span> }
            };
            view! {
                <div class="pair numbers">
                    {numbers::picture(seen)}
                    <div class="middles">{middle("A", seen.a.p50, seen.a.p95)}{middle("B", seen.b.p50, seen.b.p95)}</div>
                </div>
            }
            .into_any()
        }
    };
    let also = (!difference.also.is_empty()).then(|| also(difference));
    let narrow = |change: Change, icon: &'static str, word: &'static str| {
        let asked = asked.clone()?;
        let label = format!("{word}: {in_words}");
        Some(view! {
            <button class="quiet square" title=word aria-label=label on:click=move |_| shared.narrow(&asked, change)>{icons::icon(icon)}</button>
        })
    };
    let is_narrowing = !matches!(subject, Subject::Numbers { .. } | Subject::Measure { .. });
    let buttons = is_narrowing.then(|| {
        (
            narrow(Change::Include, icons::PLUS, say!("Filter for this (+)")),
            narrow(Change::Exclude, icons::MINUS, say!("Filter this out (-)")),
        )
    });
    let shown = named(&subject);
    let show = {
        let subject = subject.clone();
        move |_| show_entries(shared, &subject, main, has_both)
    };
    let direction = if difference.effect > 0.0 { "more" } else { "less" };
    view! {
        <li class="difference" data-at=at.to_string() data-effect=format!("{:.2}", difference.effect)>
            <div class="subject">
                <button class="name quiet" title=say!("Show these entries") on:click=show>{shown}</button>
                {also}
            </div>
            {seen}
            <span class=format!("much {direction}") title=hint>{words::how_much(difference, comparison)}</span>
            <span class="acts">{buttons}</span>
        </li>
    }
}

fn named(subject: &Subject) -> AnyView {
    match subject {
        Subject::Template(template) => {
            let parts = template.text.split("<*>").map(str::to_owned).enumerate();
            let part = |(at, text): (usize, String)| view! { {(at > 0).then(|| view! { <span class="value-pill">"…"</span> })}{text} };
            view! { <code>{parts.map(part).collect_view()}</code> }.into_any()
        }
        Subject::Value { field, value } => {
            let value = if value.is_empty() { say!("(empty)").to_owned() } else { value.clone() };
            view! { <span class="of-field">{field.clone()}" = "</span><code>{value}</code> }.into_any()
        }
        Subject::Measure { template, place } => {
            view! { <code>{words::with_place(&template.text, *place)}</code> }.into_any()
        }
        other => view! { <span class="of-field">{words::subject(other)}</span> }.into_any(),
    }
}

/// What most likely goes with it; of much the first, and the others when they are asked for.
fn also(difference: &Difference) -> AnyView {
    let mut named: Vec<String> = difference.also.iter().map(words::subject).collect();
    let others = named.split_off(named.len().min(MOST_ALSO)).join(", ");
    let named = named.join(", ");
    match (difference.also.len() - difference.also.len().min(MOST_ALSO)) as u64 {
        0 => view! { <p class="aside">{say!("exactly as {named}", named)}</p> }.into_any(),
        n_others => {
            let head = say!("exactly as {named} and {} more", named, wording::count(n_others));
            view! { <details class="aside"><summary>{head}</summary>{others}</details> }.into_any()
        }
    }
}

/// A share as a bar. Lengths are on the scale that differences are measured on (the arcsine), on which 0.1 % is seen beside all.
fn bar(shared: Shared, subject: &Subject, of: Of, n: u64, whole: u64, has_both: bool) -> impl IntoView + use<> {
    let (letter, class) = if of == Of::A { ("A", "share of-a") } else { ("B", "share of-b") };
    let length = (n as f64 / whole.max(1) as f64).sqrt().asin() / std::f64::consts::FRAC_PI_2 * 100.0;
    let count = counted!(n, "entry", "entries");
    let hint = say!("{count} of {letter}; show them", count, letter);
    let subject = subject.clone();
    view! {
        <button class=class disabled=n == 0 title=hint on:click=move |_| show_entries(shared, &subject, of, has_both)>
            <span class="letter">{letter}</span>
            <span class="track"><span class="length" style:width=format!("{length:.2}%")></span></span>
            <span class="percent">{words::share(n, whole)}</span>
        </button>
    }
}

/// The query for the entries it is about; `None` where no query tells them from others.
fn entries_of(subject: &Subject) -> Option<Expr> {
    Some(match subject {
        Subject::Template(template) | Subject::Measure { template, .. } => value_term("template", &template.id),
        Subject::Value { field, value } => condition::is_value(field, value),
        Subject::Absent { field } => condition::is_absent(field),
        Subject::Present { field } | Subject::Numbers { field } => {
            Expr::Field { name: field.clone(), test: Test::Exists }
        }
    })
}

/// `has_both`: some entries are found by both, and are A's.
fn show_entries(shared: Shared, subject: &Subject, of: Of, has_both: bool) {
    let Some(asked) = entries_of(subject) else { return };
    shared.change(Visit::New, |scope| {
        if of == Of::B {
            let others = match has_both {
                true => scope.against.filter_without(&scope.filter),
                false => scope.against.filter(&scope.filter),
            };
            scope.filter = model::scope::Filter { order: scope.filter.order, ..others };
        }
        scope.filter.query = with_condition(&scope.filter.query, &asked, Change::Include);
        scope.view = View::Entries;
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_difference_leads_to_its_entries() {
        let field = || "user".to_owned();
        let asked = |subject: Subject| entries_of(&subject).map(|asked| asked.to_string()).unwrap_or_default();
        assert_eq!(asked(Subject::Value { field: field(), value: "/a b".to_owned() }), r#"user=="/a b""#);
        assert_eq!(asked(Subject::Absent { field: field() }), "-user:*");
        assert_eq!(asked(Subject::Present { field: field() }), "user:*");
    }
}
