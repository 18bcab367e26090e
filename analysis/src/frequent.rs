//! The most frequent of any number of values, in bounded memory (Misra & Gries 1982).
//!
//! While all values fit each is counted. After that a new value takes its entries off each of those that are kept: what is frequent
//! stays, whenever it comes, and is counted low by at most one entry in so many as there is room for.

use crate::quick_hash::QuickMap;

#[derive(Clone, Debug)]
pub struct Frequent {
    counts: QuickMap<Box<str>, u64>,
    most_values: usize,
}

impl Frequent {
    /// `most_values`: that are kept.
    pub fn new(most_values: usize) -> Self {
        Self { counts: QuickMap::default(), most_values }
    }

    /// Whether nothing is forgotten for it.
    pub fn has_room_for(&self, value: &str) -> bool {
        self.counts.len() < self.most_values || self.counts.contains_key(value)
    }

    /// Takes in so many entries with a value.
    pub fn add(&mut self, value: &str, mut n_entries: u64) {
        if let Some(n) = self.counts.get_mut(value) {
            *n += n_entries;
            return;
        }
        while n_entries > 0 && self.counts.len() >= self.most_values {
            let least = self.counts.values().copied().min().unwrap_or_default();
            let n_taken = least.min(n_entries);
            n_entries -= n_taken;
            self.counts.retain(|_, n| {
                *n -= n_taken;
                *n > 0
            });
        }
        if n_entries > 0 {
            self.counts.insert(value.into(), n_entries);
        }
    }

    /// Values that are kept.
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Entries of the values that are kept: less than were taken in where some were forgotten.
    pub fn n_entries(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Each that is kept with its entries, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.counts.iter().map(|(value, &n)| (&**value, n))
    }

    /// The most frequent first.
    pub fn most_frequent(&self, n_values: usize) -> Vec<(&str, u64)> {
        let mut values: Vec<(&str, u64)> = self.iter().collect();
        values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        values.truncate(n_values);
        values
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

        #[test]
        fn no_count_is_too_high_nor_lower_than_one_in_so_many_as_there_is_room_for(
            added in proptest::collection::vec((0usize..12, 1u64..9), 1..80),
        ) {
            const ROOM: usize = 4;
            let mut frequent = Frequent::new(ROOM);
            let mut exact = [0; 12];
            for &(value, n) in &added {
                frequent.add(&value.to_string(), n);
                exact[value] += n;
            }
            let n_all: u64 = exact.iter().sum();
            prop_assert!(frequent.len() <= ROOM && frequent.n_entries() <= n_all);
            for (value, &n) in exact.iter().enumerate() {
                let value = value.to_string();
                let kept = frequent.iter().find(|(kept, _)| **kept == *value).map_or(0, |(_, n)| n);
                prop_assert!(kept <= n && n <= kept + n_all / (ROOM as u64 + 1), "{value}: {kept} of {n}");
            }
            let is_all_kept = exact.iter().filter(|n| **n > 0).count() <= ROOM;
            prop_assert!(!is_all_kept || frequent.n_entries() == n_all);
        }
    }
}
