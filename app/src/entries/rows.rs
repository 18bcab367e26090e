//! Rows at hand, by their place in the order.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use model::entry::{Row, RowKey};
use model::protocol::{Page, Revision};

/// Rows kept around the visible ones: scrolling back a little asks for nothing.
const KEPT_AROUND: u64 = 600;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    by_rank: BTreeMap<u64, (Revision, Arc<Row>)>,
    /// Revision of the page that came last.
    as_of: Option<Revision>,
}

impl Rows {
    pub fn get(&self, rank: u64) -> Option<Arc<Row>> {
        self.by_rank.get(&rank).map(|(_, row)| row.clone())
    }

    pub fn key(&self, rank: u64) -> Option<RowKey> {
        self.by_rank.get(&rank).map(|(_, row)| row.key)
    }

    pub fn rank_of(&self, key: RowKey) -> Option<u64> {
        self.by_rank.iter().find(|(_, (_, row))| row.key == key).map(|(&rank, _)| rank)
    }

    /// Whether all of `ranks` are at hand and of `revision`; where none are visible, whether that is known.
    pub fn covers(&self, mut ranks: Range<u64>, revision: Revision) -> bool {
        if ranks.is_empty() {
            return self.as_of >= Some(revision);
        }
        ranks.all(|rank| self.by_rank.get(&rank).is_some_and(|(of, _)| *of >= revision))
    }

    /// Takes a page in, as of `revision`; forgets rows far from it.
    pub fn take_in(&mut self, page: &Page, revision: Revision) {
        let end = page.first + page.rows.len() as u64;
        let near = page.first.saturating_sub(KEPT_AROUND)..end + KEPT_AROUND;
        self.as_of = Some(revision);
        self.by_rank.retain(|rank, _| near.contains(rank));
        for (rank, row) in (page.first..).zip(&page.rows) {
            self.by_rank.insert(rank, (revision, Arc::new(row.clone())));
        }
    }

    pub fn forget_from(&mut self, rank: u64) {
        self.by_rank.split_off(&rank);
    }

    pub fn clear(&mut self) {
        self.by_rank.clear();
    }

    pub fn iter(&self) -> impl Iterator<Item = &Row> {
        self.by_rank.values().map(|(_, row)| row.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::Nanos;

    fn page(first: u64, n_rows: u64) -> Page {
        let row = |rank: u64| Row {
            key: RowKey { time: Nanos(rank as i64), ..Default::default() },
            precision: Default::default(),
            severity: Default::default(),
            service: String::new(),
            text: String::new(),
            message_bytes: 0,
            highlights: Vec::new(),
            paints: Vec::new(),
            n_more_lines: 0,
            part: Default::default(),
        };
        Page { first, rows: (first..first + n_rows).map(row).collect(), ..Default::default() }
    }

    #[test]
    fn rows_of_an_older_revision_are_shown_but_do_not_suffice() {
        let mut rows = Rows::default();
        rows.take_in(&page(10, 5), Revision(1));
        assert!(rows.covers(10..15, Revision(1)));
        assert!(!rows.covers(10..16, Revision(1)));
        assert!(!rows.covers(10..15, Revision(2)));
        assert_eq!(rows.get(12).map(|row| row.key.time), Some(Nanos(12)));
    }

    #[test]
    fn that_there_is_nothing_is_known_as_of_a_revision() {
        let mut rows = Rows::default();
        assert!(!rows.covers(0..0, Revision(0)));
        rows.take_in(&page(0, 0), Revision(1));
        assert!(rows.covers(0..0, Revision(1)));
        assert!(!rows.covers(0..0, Revision(2)));
    }

    #[test]
    fn far_rows_are_forgotten() {
        let mut rows = Rows::default();
        rows.take_in(&page(0, 10), Revision(1));
        rows.take_in(&page(1_000_000, 10), Revision(1));
        assert!(rows.get(5).is_none());
        assert_eq!(rows.rank_of(RowKey { time: Nanos(1_000_003), ..Default::default() }), Some(1_000_003));
    }
}
