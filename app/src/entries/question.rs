//! Which page of the table to ask for: what is visible, with some rows around it.

use std::ops::Range;

use model::entry::RowKey;
use model::protocol::{At, PageAsk, RowForm};
use model::scope::Filter;

/// Rows asked for beyond each edge: several turns of the wheel.
const MARGIN_ROWS: u64 = 40;
/// Before the size of the view is known.
const LEAST_ROWS: u64 = 60;
/// A page's limit, whatever the screen: a 4K screen shows 90 rows.
const MOST_ROWS: u64 = 400;

/// The rows by their place in the order.
pub fn page_at(filter: &Filter, form: &RowForm, visible: Range<u64>) -> PageAsk {
    let first = visible.start.saturating_sub(MARGIN_ROWS);
    let n_rows = (visible.end + MARGIN_ROWS - first).clamp(LEAST_ROWS, MOST_ROWS);
    PageAsk { filter: filter.clone(), at: At::Rank(first), n_rows: n_rows as u32, form: form.clone() }
}

/// The rows around an entry, wherever it is by now; as many as needed to fill the view on both sides of it.
pub fn page_around(filter: &Filter, form: &RowForm, key: RowKey, n_visible: u64) -> PageAsk {
    let n_rows = (2 * n_visible + MARGIN_ROWS).clamp(LEAST_ROWS, MOST_ROWS);
    PageAsk { filter: filter.clone(), at: At::Key(key), n_rows: n_rows as u32, form: form.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_covers_what_is_visible_and_some_more() {
        let ask = page_at(&Filter::default(), &RowForm::default(), 1_000..1_050);
        assert_eq!((ask.at, ask.n_rows), (At::Rank(960), 130));
        let first = page_at(&Filter::default(), &RowForm::default(), 0..0);
        assert_eq!((first.at, first.n_rows), (At::Rank(0), 60));
    }

    #[test]
    fn a_page_around_an_entry_fills_the_view_on_either_side() {
        assert_eq!(page_around(&Filter::default(), &RowForm::default(), RowKey::default(), 50).n_rows, 140);
    }
}
