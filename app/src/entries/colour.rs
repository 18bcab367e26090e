//! The colour at the start of a row: of its level, or of what it has of a field. The value stands beside it in words.

use leptos::prelude::*;
use model::columns::{LEVEL, SERVICE};
use model::entry::Row;
use model::facet::Facet;
use model::protocol::{Answer, Ask, FacetsAsk};
use model::query::is_level_name;
use model::say;
use model::scope::Filter;

use super::columns::title;
use crate::port::Reply;
use crate::scope::{Shared, Visit};
use crate::search::is_known;
use crate::series::{class_of_number, class_of_value};

/// Fields that every log has, by which rows are coloured without naming one; the level first, which is the usual one.
pub const USUAL_COLOURS: [&str; 3] = [LEVEL, SERVICE, SOURCE];

const SOURCE: &str = "source";

/// The class of the row's colour; that of the level is the row's own.
pub fn class(field: &str, row: &Row) -> String {
    match field {
        "" => String::new(),
        // Sources are numbered: two that are read together have two colours, whatever their paths are.
        name if name.eq_ignore_ascii_case(SOURCE) => class_of_number(row.key.source.0),
        _ => class_of_value(row.colour.as_deref().unwrap_or_default()),
    }
}

/// What the colour tells, in words.
pub fn in_words(field: &str, row: &Row) -> Option<String> {
    let value = row.colour.as_deref().unwrap_or(say!("not there"));
    (!field.is_empty()).then(|| format!("{}: {value}", title(field)))
}

pub fn is_colour(shared: Shared, field: &str) -> bool {
    shared.scope.with(|scope| if scope.colour.is_empty() { is_level_name(field) } else { scope.colour == field })
}

/// From now on rows are coloured by this field.
pub fn set_colour(shared: Shared, field: &str) {
    let colour = if is_level_name(field) { "" } else { field };
    if shared.scope.with_untracked(|scope| scope.colour != colour) {
        shared.change(Visit::New, |scope| scope.colour = colour.to_owned());
    }
    shared.said.set(say!("Colour at the start by {}", title(field)));
}

/// The same, if an entry has this field. `otherwise`: done where none has.
pub fn choose_colour(shared: Shared, field: &str, otherwise: impl Fn() + 'static) {
    if is_known(field) {
        return set_colour(shared, field);
    }
    let named = field.to_owned();
    let before = shared.scope.with_untracked(|scope| scope.colour.clone());
    let on_reply = move |reply: Reply| match reply {
        // Another was chosen since.
        Reply::Done(_) if shared.scope.with_untracked(|scope| scope.colour != before) => {}
        Reply::Done(Ok(Answer::Facets(facets))) => {
            let has_it = |facet: &Facet| facet.n_present > 0 && facet.name.eq_ignore_ascii_case(&named);
            match facets.fields.iter().find(|facet| has_it(facet)) {
                Some(facet) => set_colour(shared, &facet.name),
                None => {
                    shared.said.set(say!("No entry has a field “{}”: rows stay as they are.", named));
                    otherwise();
                }
            }
        }
        reply => shared.show_failure(reply),
    };
    let ask = FacetsAsk { filter: Filter::default(), n_values: 0, field: Some(field.to_owned()) };
    shared.port.with_value(|port| port.ask(Ask::Facets(ask), on_reply).forget());
}

/// By the next of those that every log has.
pub fn turn_colour(shared: Shared) {
    let place = USUAL_COLOURS.iter().position(|field| untrack(|| is_colour(shared, field)));
    set_colour(shared, USUAL_COLOURS[place.map_or(0, |place| (place + 1) % USUAL_COLOURS.len())]);
}

#[cfg(test)]
mod tests {
    use model::entry::{RowKey, SourceId};

    use super::*;

    fn of(field: &str, value: Option<&str>) -> String {
        class(field, &Row { colour: value.map(str::to_owned), ..Row::default() })
    }

    #[test]
    fn a_value_has_one_colour_and_entries_without_one_have_none_of_those() {
        assert_eq!(of("service", Some("cart")), of("team", Some("cart")));
        assert_ne!(of("service", Some("cart")), of("service", Some("payment")));
        assert_eq!(of("service", None), "series-7");
        assert_eq!(of("", Some("cart")), "");
    }

    #[test]
    fn sources_that_were_read_one_after_the_other_have_different_colours() {
        let of_source = |number: u32| {
            let key = RowKey { source: SourceId(number), ..RowKey::default() };
            class("source", &Row { key, colour: Some("web.log".to_owned()), ..Row::default() })
        };
        let classes: std::collections::BTreeSet<_> = (1..=7).map(of_source).collect();
        assert_eq!(classes.len(), 7, "{classes:?}");
    }

    #[test]
    fn the_colour_is_told_in_words() {
        let row = Row { colour: Some("eve".to_owned()), ..Row::default() };
        assert_eq!(in_words("user", &row).as_deref(), Some("user: eve"));
        assert_eq!(in_words("user", &Row::default()).as_deref(), Some("user: not there"));
        assert_eq!(in_words("", &row), None);
    }
}
