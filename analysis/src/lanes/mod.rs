//! Counts entries over time by a field: as lanes, one for each value, or as a heat map of its numbers.
//!
//! Blocks are taken in one by one, in any order; the picture so far can be asked for at any time.

mod heat;
pub use heat::HeatCount;

use std::borrow::Cow;
use std::cmp::Reverse;

use model::lanes::Lane;
use model::severity::N_BANDS;

use crate::frequent::Frequent;
use crate::quick_hash::QuickMap;

/// Values that have lanes as they come; entries of further ones are those of others.
const MOST_VALUES: usize = 1000;
/// Further values whose entries are counted, to know whether one of them is among the largest.
const MOST_FURTHER: usize = 20_000;

/// Entries by value, bucket and band.
#[derive(Clone, Debug)]
pub struct LaneCount {
    n_buckets: usize,
    places: QuickMap<Box<str>, usize>,
    lanes: Vec<Lane>,
    others: Lane,
    /// Values without a lane.
    further: Frequent,
    /// Lanes are of the largest only, found before: how many values there are, and whether they are all.
    chosen_from: Option<(usize, bool)>,
}

impl LaneCount {
    pub fn new(n_buckets: usize) -> Self {
        Self {
            n_buckets,
            places: QuickMap::default(),
            lanes: Vec::new(),
            others: empty(n_buckets),
            further: Frequent::new(MOST_FURTHER),
            chosen_from: None,
        }
    }

    /// Where one of the largest came when all lanes were given, and was [counted](Self::count_further): an empty count with lanes for
    /// the largest alone, to take in all blocks once more.
    pub fn of_largest(&self, n: usize) -> Option<Self> {
        if self.chosen_from.is_some() || self.further.is_empty() {
            return None;
        }
        let with_lane = self.lanes.iter().filter_map(|lane| Some((lane.value.as_deref()?, lane.n_entries)));
        let mut largest: Vec<(&str, u64)> = with_lane.chain(self.further.most_frequent(n)).collect();
        let is_further = |value: &str| !self.places.contains_key(value);
        // For one that is no larger nothing is gone through again.
        largest.sort_by_key(|&(value, n_entries)| (Reverse(n_entries), is_further(value), value));
        largest.truncate(n);
        if !largest.iter().any(|&(value, _)| is_further(value)) {
            return None;
        }
        let mut chosen = Self::new(self.n_buckets);
        for (value, _) in largest {
            chosen.lane(value);
        }
        let are_all = self.further.n_entries() == self.others.n_entries;
        chosen.chosen_from = Some((self.lanes.len() + self.further.len(), are_all));
        Some(chosen)
    }

    /// More values came than have lanes.
    pub fn is_full(&self) -> bool {
        self.others.n_entries > 0
    }

    /// The lane of a value; `None` where no more are told apart.
    pub fn lane(&mut self, value: &str) -> Option<usize> {
        if let Some(&place) = self.places.get(value) {
            return Some(place);
        }
        if self.lanes.len() == MOST_VALUES || self.chosen_from.is_some() {
            return None;
        }
        self.places.insert(value.into(), self.lanes.len());
        self.lanes.push(Lane { value: Some(value.to_owned()), title: value.to_owned(), ..empty(self.n_buckets) });
        Some(self.lanes.len() - 1)
    }

    #[inline]
    pub fn add(&mut self, lane: Option<usize>, bucket: usize, band: usize) {
        let lane = match lane {
            Some(place) => &mut self.lanes[place],
            None => &mut self.others,
        };
        lane.buckets[bucket][band] += 1;
        lane.n_entries += 1;
    }

    /// So many entries of a block have a value that has no lane.
    pub fn count_further(&mut self, value: &str, n_entries: u64) {
        if self.chosen_from.is_none() {
            self.further.add(value, n_entries);
        }
    }

    /// At most `n` lanes, that of most entries first, and behind them one of all others, or of the only other. `titled`: what a value is called.
    pub fn lanes<'v>(&'v self, n: usize, titled: impl Fn(&'v str) -> Cow<'v, str>) -> Vec<Lane> {
        let mut order: Vec<&Lane> = self.lanes.iter().filter(|lane| lane.n_entries > 0).collect();
        order.sort_by(|a, b| b.n_entries.cmp(&a.n_entries).then_with(|| a.value.cmp(&b.value)));
        // A lane of one other value says no less than one of "others" would.
        let n = if order.len() == n + 1 && self.others.n_entries == 0 { n + 1 } else { n };
        let rest = order.split_off(order.len().min(n));
        let mut lanes: Vec<Lane> = order
            .into_iter()
            .map(|lane| {
                let title = lane.value.as_deref().map(&titled).unwrap_or_default().into_owned();
                Lane { title, ..lane.clone() }
            })
            .collect();
        let mut others = self.others.clone();
        for lane in &rest {
            others.n_entries += lane.n_entries;
            for (sum, bucket) in others.buckets.iter_mut().zip(&lane.buckets) {
                sum.iter_mut().zip(bucket).for_each(|(sum, n)| *sum += n);
            }
        }
        if others.n_entries > 0 {
            let (n_values, are_all) = self.chosen_from.unwrap_or_else(|| {
                let are_all = self.further.n_entries() == self.others.n_entries;
                (lanes.len() + rest.len() + self.further.len(), are_all)
            });
            others.title = match are_all {
                true => format!("{} others", n_values.saturating_sub(lanes.len())),
                false => format!("more than {} others", n_values.saturating_sub(lanes.len())),
            };
            lanes.push(others);
        }
        lanes
    }
}

fn empty(n_buckets: usize) -> Lane {
    Lane { buckets: vec![[0; N_BANDS]; n_buckets], ..Lane::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_have_lanes_and_all_others_share_one() {
        let mut count = LaneCount::new(2);
        for (value, n) in [("a", 1), ("b", 5), ("c", 3), ("d", 1)] {
            for i in 0..n {
                let lane = count.lane(value);
                count.add(lane, i % 2, 3);
            }
        }
        let lanes = count.lanes(2, Cow::Borrowed);
        let told: Vec<(&str, u64)> = lanes.iter().map(|lane| (lane.title.as_str(), lane.n_entries)).collect();
        assert_eq!(told, [("b", 5), ("c", 3), ("2 others", 2)]);
        assert_eq!(lanes[0].buckets, [[0, 0, 0, 3, 0, 0, 0], [0, 0, 0, 2, 0, 0, 0]]);
        assert_eq!((&lanes[2].value, lanes[2].buckets[0][3]), (&None, 2));
        let with_last = count.lanes(3, Cow::Borrowed);
        assert_eq!((with_last.len(), with_last[3].value.as_deref()), (4, Some("d")), "the only other has its name");
    }

    #[test]
    fn a_value_that_comes_when_all_lanes_are_given_has_one_in_the_end() {
        let fill = |mut count: LaneCount| {
            for n in 0..1500 {
                let value = if n >= 1200 { "late".to_owned() } else { n.to_string() };
                let lane = count.lane(&value);
                count.add(lane, 0, 0);
                if lane.is_none() {
                    count.count_further(&value, 1);
                }
            }
            count
        };
        let first = fill(LaneCount::new(1));
        let told = |count: &LaneCount| {
            let lanes = count.lanes(2, Cow::Borrowed);
            lanes.into_iter().map(|lane| (lane.title, lane.n_entries)).collect::<Vec<_>>()
        };
        let lane = |title: &str, n_entries: u64| (title.to_owned(), n_entries);
        assert_eq!(told(&first), [lane("0", 1), lane("1", 1), lane("1199 others", 1498)]);
        let second = fill(first.of_largest(2).unwrap());
        assert_eq!(told(&second), [lane("late", 300), lane("0", 1), lane("1199 others", 1199)]);
        assert!(second.of_largest(2).is_none() && LaneCount::new(1).of_largest(2).is_none());
    }

    #[test]
    fn blocks_are_not_gone_through_again_for_values_that_are_no_larger_than_those_with_lanes() {
        let mut count = LaneCount::new(1);
        for n in 0..1500 {
            let (value, n_entries) = (format!("id-{n:04}"), if n < 2 { 3 } else { 1 });
            for _ in 0..n_entries {
                let lane = count.lane(&value);
                count.add(lane, 0, 0);
                if lane.is_none() {
                    count.count_further(&value, 1);
                }
            }
        }
        assert!(count.is_full() && count.of_largest(2).is_none() && count.of_largest(8).is_none());
        // These come first by name.
        count.count_further("a", 1);
        assert!(count.of_largest(8).is_none());
        count.count_further("a", 1);
        assert!(count.of_largest(2).is_none() && count.of_largest(3).is_some());
    }

    #[test]
    fn however_many_values_there_are_no_entry_is_lost() {
        let mut count = LaneCount::new(1);
        for n in 0..3000 {
            let lane = count.lane(&n.to_string());
            count.add(lane, 0, 0);
        }
        let lanes = count.lanes(8, Cow::Borrowed);
        assert_eq!(lanes.iter().map(|lane| lane.n_entries).sum::<u64>(), 3000);
        assert!(lanes[8].title.starts_with("more than 9"), "{}", lanes[8].title);
    }
}
