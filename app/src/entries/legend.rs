//! Above the table while rows are coloured by a field: which colour is which value, of the rows in sight.

use std::collections::BTreeMap;

use leptos::prelude::*;
use model::columns::LEVEL;
use model::say;

use super::colour;
use super::columns::title;
use super::line::visible;
use super::rows::Rows;
use super::table::Table;
use crate::icons;
use crate::series::N_COLOURS;

/// As many as there are colours, of which two values may still share one: a value has its colour whatever stands beside it.
const MOST_VALUES: usize = N_COLOURS as usize;

/// A value, `None` where there is none, and the class of its colour.
type Value = (Option<String>, String);

#[component]
pub fn Legend(table: Table) -> impl IntoView {
    let shared = table.shared;
    let field = Memo::new(move |_| shared.scope.with(|scope| scope.colour.clone()));
    let values = Memo::new(move |_| {
        let visible = table.visible.get();
        field.with(|field| table.rows.with(|rows| in_sight(rows, visible, field)))
    });
    let value = |(value, class): &Value| {
        let words = value.as_ref().map_or_else(|| say!("not there").to_owned(), |value| visible(value).into_owned());
        view! { <li class=class.clone() title=words.clone()><span class="swatch" aria-hidden="true"></span><span class="says">{words.clone()}</span></li> }
    };
    let shown = move || values.with(|values| values.iter().take(MOST_VALUES).map(value).collect_view());
    let n_more = move || values.with(|values| values.len().saturating_sub(MOST_VALUES));
    let words = move || field.with(|field| say!("Colours: {}", title(field)));
    view! {
        <Show when=move || !field.with(String::is_empty)>
            <div id="colour-legend" role="group" aria-label=words>
                <span class="by">{words}</span>
                <ul>{shown}</ul>
                {move || (n_more() > 0).then(|| view! { <span class="aside">{say!("and {} more in sight", n_more())}</span> })}
                <button class="quiet square" id="colour-by-level" title=say!("Colour by level again") aria-label=say!("Colour by level again")
                    on:click=move |_| colour::set_colour(shared, LEVEL)>{icons::icon(icons::CLOSE)}</button>
            </div>
        </Show>
    }
}

/// Those of the rows in sight, the most frequent first.
fn in_sight(rows: &Rows, visible: std::ops::Range<u64>, field: &str) -> Vec<Value> {
    let mut counts: BTreeMap<Value, usize> = BTreeMap::new();
    for row in visible.filter_map(|rank| rows.get(rank)) {
        *counts.entry((row.colour.clone(), colour::class(field, &row))).or_default() += 1;
    }
    let mut values: Vec<(Value, usize)> = counts.into_iter().collect();
    values.sort_by_key(|((value, _), n_rows)| (value.is_none(), std::cmp::Reverse(*n_rows)));
    values.into_iter().map(|(value, _)| value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::entry::Row;
    use model::protocol::{Page, Revision, RowForm};

    #[test]
    fn the_legend_has_each_value_in_sight_once_and_those_without_one_last() {
        let row = |colour: Option<&str>| Row { colour: colour.map(str::to_owned), ..Row::default() };
        let page =
            Page { rows: [None, Some("b"), Some("a"), Some("a"), Some("far")].map(row).to_vec(), ..Page::default() };
        let mut rows = Rows::default();
        rows.take_in(&page, &RowForm::default(), Revision(1));
        let values = in_sight(&rows, 0..4, "user");
        let named: Vec<_> = values.iter().map(|(value, _)| value.as_deref()).collect();
        assert_eq!(named, [Some("a"), Some("b"), None]);
        assert_eq!(values[2].1, "series-7");
        assert_eq!(values[0].1, colour::class("user", &row(Some("a"))));
    }
}
