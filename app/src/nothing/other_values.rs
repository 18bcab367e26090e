//! Values that may have been meant by one that nothing has, each one click away.

use leptos::prelude::*;
use model::facet::{Distinct, Facet, Facets};
use model::protocol::FacetsAsk;
use model::query::{AskedValue, Expr, Test, with_beginning, with_other_value};
use model::scope::Filter;
use model::{counted, say};

use crate::answer::{State, use_answer};
use crate::scope::{Shared, Visit};

/// Values that the one that was written is looked for in.
const N_VALUES: u32 = 300;
/// Each as a button of its own.
const MOST_OFFERED: usize = 3;

/// A query to be asked instead, and what a button says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Offer {
    query: String,
    words: String,
}

#[component]
pub fn OtherValues(shared: Shared, asked: AskedValue) -> impl IntoView {
    let question = asked.clone();
    let facets = use_answer(shared.port, shared.revision, move || {
        let range = shared.filter.with(|filter| filter.range);
        let filter = Filter { query: question.rest.clone(), range, ..Filter::default() };
        Some(FacetsAsk { filter, n_values: N_VALUES, field: Some(question.field.clone()) })
    });
    let offers = Memo::new(move |_| {
        let facets = facets.with(|facets| facets.answer.clone().filter(|_| facets.state == State::Final));
        shared.query.with(|query| facets.map(|facets| offered(query, &asked, &facets)).unwrap_or_default())
    });
    let offer = move |Offer { query, words }: Offer| {
        view! {
            <button class="other-value" on:click=move |_| shared.set_query(query.clone(), Visit::New)>{words}</button>
        }
    };
    view! {
        <div class="instead">{move || offers.get().into_iter().map(offer).collect_view()}</div>
    }
}

/// All that begin so, where these are several, and then one by one.
fn offered(query: &str, asked: &AskedValue, facets: &Facets) -> Vec<Offer> {
    let Some(facet) = facets.fields.first() else { return Vec::new() };
    let known: Vec<&str> = facet.top.iter().map(|top| &*top.value).filter(|value| !value.is_empty()).collect();
    let meant = asked.meant(&known);
    let n_begin = meant.iter().filter(|value| asked.begins(value)).count();
    // Where there are too many values to list them, which of them begin so is not known.
    let may_begin = facet.top.is_empty() && facet.n_present > 0;
    let mut offers = Vec::new();
    if n_begin > 1 || may_begin {
        let beginning = Expr::Field { name: asked.field.clone(), test: Test::StartsWith(asked.value.clone()) };
        let words = match lists_all(facet) {
            true => {
                let values = counted!(n_begin as u64, "value", "values");
                say!("Search {beginning} ({values})", beginning, values)
            }
            false => say!("Search {meant}", beginning),
        };
        offers.push(Offer { query: with_beginning(query, asked), words });
    }
    offers.extend(meant.into_iter().take(MOST_OFFERED).map(|value| {
        let query = with_other_value(query, asked, value);
        Offer { words: say!("Search {meant}", asked.with_value(value)), query }
    }));
    offers
}

fn lists_all(facet: &Facet) -> bool {
    facet.distinct == Distinct::Exactly(facet.top.len() as u64)
}

#[cfg(test)]
mod tests {
    use model::facet::{FieldKind, ValueCount};
    use model::query::asked_values;

    use super::*;

    fn check(query: &str, values: &[&str], expected: &[&str]) {
        let top = values.iter().map(|&value| ValueCount { value: value.to_owned(), n_entries: 5 }).collect();
        let facet = Facet {
            name: "service".to_owned(),
            kind: FieldKind::Text,
            n_present: 100,
            distinct: Distinct::Exactly(if values.is_empty() { 5000 } else { values.len() as u64 }),
            top,
            numbers: None,
        };
        let facets = Facets { n_entries: 100, fields: vec![facet], has_all_fields: true, complete: true };
        let asked = asked_values(query).remove(0);
        let words: Vec<_> = offered(query, &asked, &facets).into_iter().map(|offer| offer.words).collect();
        assert_eq!(words, expected);
    }

    #[test]
    fn values_that_begin_so_are_offered_together_and_one_by_one() {
        let services = ["payment", "cart", "pay-gateway", "paper", "page"];
        let expected = [
            "Search service:pa* (4 values)",
            "Search service:payment",
            "Search service:pay-gateway",
            "Search service:paper",
        ];
        check("service:pa", &services, &expected);
        check("timeout service:c", &services, &["Search service:cart"]);
    }

    #[test]
    fn of_too_many_values_the_beginning_is_offered_unseen() {
        check("service:pa", &[], &["Search service:pa*"]);
    }

    #[test]
    fn nothing_is_offered_for_a_value_like_no_other() {
        check("service:zebra", &["payment", "cart"], &[]);
    }
}
