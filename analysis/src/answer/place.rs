//! Counts the values in one place of a template's entries, however many there are: the most frequent, how many different ones, and
//! how they are spread.

use model::facet::{Distinct, Spread};
use model::quantity::{Quantity, Unit};

use super::field_count::{spread_of, spread_of_many};
use super::quantiles::Quantiles;
use crate::fields::sketch::Sketch;
use crate::frequent::Frequent;

/// Different values that are counted one by one.
const MOST_VALUES: usize = 20_000;

pub struct PlaceCount {
    counts: Frequent,
    /// What is known of all values where they are too many to count each.
    spilled: Option<Box<Spilled>>,
}

#[derive(Default)]
struct Spilled {
    n_entries: u64,
    sketch: Sketch,
    quantiles: Quantiles,
    unit: Unit,
    has_parts: bool,
    /// A value is no number.
    has_words: bool,
}

impl Default for PlaceCount {
    fn default() -> Self {
        Self { counts: Frequent::new(MOST_VALUES), spilled: None }
    }
}

impl PlaceCount {
    pub fn add(&mut self, value: &str) {
        if self.spilled.is_none() && !self.counts.has_room_for(value) {
            let mut spilled = Spilled::default();
            self.counts.iter().for_each(|(value, n)| spilled.add(value, n));
            self.spilled = Some(Box::new(spilled));
        }
        if let Some(spilled) = &mut self.spilled {
            spilled.add(value, 1);
        }
        self.counts.add(value, 1);
    }

    pub fn distinct(&self) -> Distinct {
        match &self.spilled {
            // No more than entries that have one.
            Some(spilled) => Distinct::About(spilled.sketch.estimate().max(MOST_VALUES as u64).min(spilled.n_entries)),
            None => Distinct::Exactly(self.counts.len() as u64),
        }
    }

    /// The most frequent values first, with how many entries have each, or nearly as many.
    pub fn most_frequent(&self, n_values: usize) -> Vec<(String, u64)> {
        self.counts.most_frequent(n_values).into_iter().map(|(value, n)| (value.to_owned(), n)).collect()
    }

    /// How all of them are spread, if they are numbers.
    pub fn spread(&self) -> Option<Spread> {
        match &self.spilled {
            Some(spilled) if spilled.has_words => None,
            Some(spilled) => spread_of_many(spilled.unit, spilled.has_parts, &spilled.quantiles),
            None => spread_of(self.counts.iter()),
        }
    }
}

impl Spilled {
    fn add(&mut self, value: &str, n_entries: u64) {
        self.n_entries += n_entries;
        self.sketch.add(value.as_bytes());
        if self.has_words {
            return;
        }
        let Some(quantity) = Quantity::read(value) else {
            self.has_words = true;
            return;
        };
        if quantity.unit != Unit::Plain {
            self.unit = quantity.unit;
        }
        self.has_parts |= quantity.amount.fract() != 0.0;
        self.quantiles.add(quantity.amount, n_entries);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(values: impl Iterator<Item = String>) -> PlaceCount {
        let mut counted = PlaceCount::default();
        values.for_each(|value| counted.add(&value));
        counted
    }

    #[test]
    fn numbers_that_come_late_count_as_those_that_come_early() {
        let rising = counted((1..=50_000).map(|i| format!("{}.5", i % 25_000 + i)));
        let spread = rising.spread().unwrap();
        assert_eq!((spread.min, spread.max, spread.has_parts), (2.5, 74_998.5, true));
        assert!((spread.p50 / 37_500.0 - 1.0).abs() < 0.01, "{}", spread.p50);
        assert_eq!(spread.bars.iter().map(|bar| bar.n_entries).sum::<u64>(), 50_000);
    }

    #[test]
    fn a_value_that_is_frequent_late_is_found_and_how_many_there_are_is_estimated() {
        let late = |i| if i > 30_000 && i % 10 == 0 { "late".to_owned() } else { format!("id-{i}") };
        let found = counted((0..50_000).map(late));
        let (value, n) = &found.most_frequent(3)[0];
        assert!(value == "late" && (1_990..=2_000).contains(n), "{value} {n}");
        assert!(matches!(found.distinct(), Distinct::About(35_000..=62_000)), "{:?}", found.distinct());
        assert_eq!(found.spread(), None);
    }

    #[test]
    fn there_are_no_more_different_values_than_entries() {
        for n in [20_500, 23_000, 30_000, 40_000, 55_000] {
            let found = counted((0..n).map(|i| format!("order-{i}")));
            assert!(matches!(found.distinct(), Distinct::About(about) if about <= n), "{n}: {:?}", found.distinct());
        }
    }

    #[test]
    fn few_values_are_counted_exactly() {
        let few = counted((0..1000).map(|i| format!("{}ms", i % 7)));
        assert_eq!(few.distinct(), Distinct::Exactly(7));
        assert_eq!(few.most_frequent(1), [("0ms".to_owned(), 143)]);
        assert_eq!(few.spread().map(|spread| (spread.unit, spread.max)), Some((Unit::Seconds, 0.006)));
    }
}
