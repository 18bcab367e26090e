//! Which of the rows of a filter somebody chose: a stretch of them, whatever its length, and single ones.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::entry::{RowKey, SourceId};
use crate::scope::Order;
use crate::time::Nanos;

/// More are not bookmarked at once.
pub const MOST_MARKED: u64 = 1000;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Chosen {
    /// The ends of the stretch, both in it; either may come first.
    pub stretch: Option<[RowKey; 2]>,
    /// Chosen where they are outside of the stretch, left out where they are in it.
    pub turned: BTreeSet<RowKey>,
}

impl Chosen {
    /// All there are.
    pub fn all() -> Self {
        let first = RowKey { time: Nanos(i64::MIN), source: SourceId(0), entry: 0 };
        let last = RowKey { time: Nanos(i64::MAX), source: SourceId(u32::MAX), entry: u64::MAX };
        Self { stretch: Some([first, last]), turned: BTreeSet::new() }
    }

    pub fn between(one: RowKey, other: RowKey) -> Self {
        Self { stretch: Some([one, other]), turned: BTreeSet::new() }
    }

    pub fn is_empty(&self) -> bool {
        self.stretch.is_none() && self.turned.is_empty()
    }

    pub fn has(&self, key: RowKey, order: Order) -> bool {
        let place = order.place(key);
        let is_between = |[one, other]: [RowKey; 2]| {
            let (one, other) = (order.place(one), order.place(other));
            one.min(other) <= place && place <= one.max(other)
        };
        self.stretch.is_some_and(is_between) != self.turned.contains(&key)
    }

    /// Chooses the row, or leaves it out.
    pub fn turn(&mut self, key: RowKey) {
        if !self.turned.remove(&key) {
            self.turned.insert(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(time: i64, source: u32, entry: u64) -> RowKey {
        RowKey { time: Nanos(time), source: SourceId(source), entry }
    }

    #[test]
    fn a_stretch_has_what_lies_between_its_ends_in_the_order_of_the_table() {
        let chosen = Chosen::between(key(9, 1, 4), key(3, 2, 0));
        assert!(chosen.has(key(3, 2, 0), Order::OldestFirst) && chosen.has(key(9, 1, 4), Order::NewestFirst));
        assert!(chosen.has(key(5, 7, 7), Order::OldestFirst) && !chosen.has(key(3, 1, 9), Order::OldestFirst));
        // As written, source 1 comes before source 2 and goes on behind its fourth entry.
        assert!(chosen.has(key(99, 1, 5), Order::AsWritten) && !chosen.has(key(5, 7, 7), Order::AsWritten));
        assert!(Chosen::all().has(key(i64::MAX, u32::MAX, 0), Order::AsWritten));
    }

    #[test]
    fn single_rows_come_to_a_stretch_and_go_from_it() {
        let mut chosen = Chosen::between(key(1, 1, 1), key(5, 1, 5));
        chosen.turn(key(3, 1, 3));
        chosen.turn(key(9, 1, 9));
        let has = |chosen: &Chosen| [1, 3, 9].map(|time| chosen.has(key(time, 1, time as u64), Order::OldestFirst));
        assert_eq!(has(&chosen), [true, false, true]);
        chosen.turn(key(3, 1, 3));
        assert_eq!(has(&chosen), [true, true, true]);
        assert!(!chosen.is_empty() && Chosen::default().is_empty());
    }
}
