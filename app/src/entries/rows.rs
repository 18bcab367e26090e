//! Rows at hand, by their place in the order.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use model::entry::{Row, RowKey, Shown};
use model::protocol::{Page, Revision, RowForm};

/// Rows kept around the visible ones: scrolling back a little asks for nothing.
const KEPT_AROUND: u64 = 600;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    by_rank: BTreeMap<u64, Known>,
    /// Revision of the page that came last.
    as_of: Option<Revision>,
}

#[derive(Clone, Debug, PartialEq)]
struct Known {
    revision: Revision,
    form: Arc<RowForm>,
    row: Arc<Row>,
}

impl Known {
    /// `None`: was not asked for.
    fn value(&self, column: &str) -> Option<&Option<Shown>> {
        let place = self.form.columns.iter().position(|name| name == column)?;
        self.row.values.get(place)
    }
}

impl Rows {
    pub fn get(&self, rank: u64) -> Option<Arc<Row>> {
        self.by_rank.get(&rank).map(|known| known.row.clone())
    }

    pub fn key(&self, rank: u64) -> Option<RowKey> {
        self.by_rank.get(&rank).map(|known| known.row.key)
    }

    pub fn rank_of(&self, key: RowKey) -> Option<u64> {
        self.by_rank.iter().find(|(_, known)| known.row.key == key).map(|(&rank, _)| rank)
    }

    /// What a row holds in a column; the outer `None` where that is not known yet.
    pub fn value(&self, rank: u64, column: &str) -> Option<Option<Shown>> {
        self.by_rank.get(&rank)?.value(column).cloned()
    }

    /// Characters of the longest value in a column.
    pub fn widest(&self, column: &str) -> usize {
        let values = self.by_rank.values().filter_map(|known| known.value(column)?.as_ref());
        values.map(|value| value.text.chars().count()).max().unwrap_or_default()
    }

    /// Whether all of `ranks` are at hand, of `revision` and in this form; where none are visible, whether that is known.
    pub fn covers(&self, mut ranks: Range<u64>, revision: Revision, form: &RowForm) -> bool {
        if ranks.is_empty() {
            return self.as_of >= Some(revision);
        }
        let suffices = |known: &Known| {
            let other = &known.form;
            let has = |name| other.columns.contains(name);
            let is_alike = (other.n_lines, other.shows) == (form.n_lines, form.shows)
                && (&other.marks, &other.colour) == (&form.marks, &form.colour);
            known.revision >= revision && is_alike && form.columns.iter().all(has)
        };
        ranks.all(|rank| self.by_rank.get(&rank).is_some_and(suffices))
    }

    /// Takes a page of this form in, as of `revision`; forgets rows far from it.
    pub fn take_in(&mut self, page: &Page, form: &RowForm, revision: Revision) {
        let form = Arc::new(form.clone());
        let end = page.first + page.rows.len() as u64;
        let near = page.first.saturating_sub(KEPT_AROUND)..end + KEPT_AROUND;
        self.as_of = Some(revision);
        self.by_rank.retain(|rank, _| near.contains(rank));
        for (rank, row) in (page.first..).zip(&page.rows) {
            let known = Known { revision, form: form.clone(), row: Arc::new(row.clone()) };
            self.by_rank.insert(rank, known);
        }
    }

    pub fn forget_from(&mut self, rank: u64) {
        self.by_rank.split_off(&rank);
    }

    pub fn clear(&mut self) {
        self.by_rank.clear();
    }

    pub fn iter(&self) -> impl Iterator<Item = &Row> {
        self.by_rank.values().map(|known| known.row.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::Nanos;

    fn page(first: u64, n_rows: u64) -> Page {
        let row = |rank: u64| Row { key: RowKey { time: Nanos(rank as i64), ..Default::default() }, ..Row::default() };
        Page { first, rows: (first..first + n_rows).map(row).collect(), ..Default::default() }
    }

    #[test]
    fn rows_of_an_older_revision_are_shown_but_do_not_suffice() {
        let mut rows = Rows::default();
        rows.take_in(&page(10, 5), &RowForm::default(), Revision(1));
        assert!(rows.covers(10..15, Revision(1), &RowForm::default()));
        assert!(!rows.covers(10..16, Revision(1), &RowForm::default()));
        assert!(!rows.covers(10..15, Revision(2), &RowForm::default()));
        assert_eq!(rows.get(12).map(|row| row.key.time), Some(Nanos(12)));
    }

    #[test]
    fn a_row_without_a_column_does_not_suffice_for_it_and_one_with_more_does() {
        let form = |names: &[&str]| RowForm {
            columns: names.iter().map(|&name| name.to_owned()).collect(),
            ..RowForm::default()
        };
        let mut rows = Rows::default();
        let mut page = page(0, 1);
        page.rows[0].values = vec![Some(Shown { text: "/cart".to_owned(), highlights: Vec::new() }), None];
        rows.take_in(&page, &form(&["path", "status"]), Revision(1));
        assert!(rows.covers(0..1, Revision(1), &form(&["status"])));
        assert!(!rows.covers(0..1, Revision(1), &form(&["status", "user"])));
        assert!(!rows.covers(0..1, Revision(1), &RowForm { n_lines: 3, ..form(&[]) }));
        assert_eq!(rows.value(0, "path").flatten().map(|value| value.text), Some("/cart".to_owned()));
        assert_eq!((rows.value(0, "status"), rows.value(0, "user")), (Some(None), None));
        assert_eq!((rows.widest("path"), rows.widest("user")), (5, 0));
    }

    #[test]
    fn that_there_is_nothing_is_known_as_of_a_revision() {
        let mut rows = Rows::default();
        assert!(!rows.covers(0..0, Revision(0), &RowForm::default()));
        rows.take_in(&page(0, 0), &RowForm::default(), Revision(1));
        assert!(rows.covers(0..0, Revision(1), &RowForm::default()));
        assert!(!rows.covers(0..0, Revision(2), &RowForm::default()));
    }

    #[test]
    fn far_rows_are_forgotten() {
        let mut rows = Rows::default();
        rows.take_in(&page(0, 10), &RowForm::default(), Revision(1));
        rows.take_in(&page(1_000_000, 10), &RowForm::default(), Revision(1));
        assert!(rows.get(5).is_none());
        assert_eq!(rows.rank_of(RowKey { time: Nanos(1_000_003), ..Default::default() }), Some(1_000_003));
    }
}
