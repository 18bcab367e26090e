//! How a field's numbers are spread: bars to filter by, and the numbers that matter.

use leptos::prelude::*;
use model::facet::{Bar, Facet, Spread};
use model::quantity::{Unit, unit_of_name};
use model::query::Change;
use model::{counted, say};

use super::condition;
use crate::scope::Shared;
use crate::wording;

#[component]
pub fn Numbers(shared: Shared, name: StoredValue<String>, facet: Memo<Option<Facet>>) -> impl IntoView {
    let spread = Memo::new(move |_| facet.with(|facet| facet.as_ref().and_then(|facet| facet.numbers.clone())));
    view! { {move || spread.get().map(|spread| name.with_value(|name| numbers(shared, name, &spread)))} }
}

/// A number of the field as people read it, in the unit that it is written with or that the field's name says.
pub fn in_unit(name: &str, unit: Unit) -> impl Fn(f64) -> String + Copy + use<> {
    let (unit, one) = match unit {
        Unit::Plain => unit_of_name(name).unwrap_or((Unit::Plain, 1.0)),
        unit => (unit, 1.0),
    };
    move |number| wording::amount(number * one, unit)
}

fn numbers(shared: Shared, name: &str, spread: &Spread) -> impl IntoView + use<> {
    let most = spread.bars.iter().map(|bar| bar.n_entries).max().unwrap_or_default().max(1);
    let shown = in_unit(name, spread.unit);
    let bar = |bar: &Bar| {
        let asked = condition::is_in_bar(name, spread, bar);
        let words = say!("{} to {}: {}", shown(bar.from), shown(bar.to), counted!(bar.n_entries, "entry", "entries"));
        // What is there at all is seen.
        let height = match bar.n_entries {
            0 => 0.0,
            n_entries => (n_entries as f64 / most as f64 * 100.0).max(4.0),
        };
        view! {
            <button class="bar quiet" tabindex="-1" title=words.clone() aria-label=words disabled=bar.n_entries == 0
                style=("--share", format!("{height:.1}%")) on:click=move |_| shared.narrow(&asked, Change::Include)></button>
        }
    };
    let ends = spread.bars.first().zip(spread.bars.last()).map(|(first, last)| (shown(first.from), shown(last.to)));
    let figures = [("min", spread.min), ("p50", spread.p50), ("p95", spread.p95), ("max", spread.max)];
    let figure = |(label, amount): (&'static str, f64)| view! { <div><dt>{label}</dt><dd>{shown(amount)}</dd></div> };
    view! {
        <div class="bars" role="group" aria-label=say!("How {name} is spread", name)>
            {spread.bars.iter().map(bar).collect_view()}
        </div>
        {ends.map(|(from, to)| view! {
            <div class="bar-ends" aria-hidden="true">
                <span>{from}</span>
                {is_by_magnitude(spread).then(|| view! { <span title=say!("Each bar is wider than the one before it: the numbers reach over magnitudes")>{say!("log")}</span> })}
                <span>{to}</span>
            </div>
        })}
        <dl class="figures">{figures.into_iter().map(figure).collect_view()}</dl>
    }
}

/// Bars of equal ratios grow.
fn is_by_magnitude(spread: &Spread) -> bool {
    let width = |bar: &Bar| bar.to - bar.from;
    let (first, last) = (spread.bars.iter().map(width).find(|&width| width > 0.0), spread.bars.last().map(width));
    matches!((first, last), (Some(first), Some(last)) if last > 4.0 * first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_unit_of_their_values_or_of_their_name() {
        assert_eq!(in_unit("took", Unit::Seconds)(0.25), "250 ms");
        assert_eq!(in_unit("duration_ms", Unit::Plain)(95_000.0), "95 s");
        assert_eq!(in_unit("bytes", Unit::Plain)(31_996.0), "32 kB");
        assert_eq!(in_unit("attempt", Unit::Plain)(3.0), "3");
    }

    #[test]
    fn bars_that_grow_say_so() {
        let spread = |edges: &[f64]| Spread {
            unit: Unit::Plain,
            has_parts: false,
            min: 0.0,
            p50: 1.0,
            p95: 1.0,
            max: 1.0,
            bars: edges.windows(2).map(|pair| Bar { from: pair[0], to: pair[1], n_entries: 1 }).collect(),
        };
        assert!(is_by_magnitude(&spread(&[0.0, 1.0, 2.0, 5.0, 10.0, 20.0])));
        assert!(!is_by_magnitude(&spread(&[0.0, 5.0, 10.0, 15.0])));
    }
}
