//! How high numbers are over time: counts by bucket and height, and percentiles of each bucket.

use model::lanes::Heat;
use model::quantity::Unit;

use crate::answer::quantiles::{RELATIVE_ERROR, bucket_of, middle_of};
use crate::quick_hash::QuickMap;

/// In hundredths of a percent.
const PERCENTILES: [u64; 3] = [5000, 9500, 9900];

/// Cells that are told apart: more than a picture has, few enough to be put together anew in a few milliseconds.
const MOST_CELLS: usize = 1 << 18;

/// Numbers by bucket of time and height: within 0.8 %, or where that were too many cells, within twice as much, and so on.
#[derive(Clone, Debug, Default)]
pub struct HeatCount {
    unit: Unit,
    counts: QuickMap<(u32, i32), u32>,
    /// Each height is 2 to the power of this many of [`bucket_of`]'s.
    n_halvings: u32,
}

impl HeatCount {
    pub fn set_unit(&mut self, unit: Unit) {
        if unit != Unit::Plain {
            self.unit = unit;
        }
    }

    /// `number`: finite.
    #[inline]
    pub fn add(&mut self, bucket: u32, number: f64) {
        *self.counts.entry((bucket, halved(bucket_of(number), self.n_halvings))).or_insert(0) += 1;
        if self.counts.len() > MOST_CELLS {
            self.halve();
        }
    }

    /// Puts every two heights together.
    fn halve(&mut self) {
        self.n_halvings += 1;
        for ((bucket, height), n) in std::mem::take(&mut self.counts) {
            *self.counts.entry((bucket, halved(height, 1))).or_insert(0) += n;
        }
    }

    /// Rows of equal ratios where `is_log` and some number is above zero; numbers up to zero are then in the lowest row.
    pub fn heat(&self, n_buckets: usize, n_rows: usize, is_log: bool) -> Heat {
        let error = RELATIVE_ERROR * f64::from(1 << self.n_halvings.min(30));
        let mut heat = Heat {
            unit: self.unit,
            edges: Vec::new(),
            cells: vec![Vec::new(); n_buckets],
            percentiles: vec![None; n_buckets],
            error,
        };
        let middle = |(&(at, height), &n): (&(u32, i32), &u32)| (at, self.middle(height), n);
        let mut sorted: Vec<(u32, f64, u32)> = self.counts.iter().map(middle).collect();
        sorted.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let heights = || sorted.iter().map(|&(_, height, _)| height);
        let (low, high) = heights().fold((f64::MAX, f64::MIN), |(low, high), n| (low.min(n), high.max(n)));
        if sorted.is_empty() || n_rows == 0 {
            return heat;
        }
        let least_above_zero = heights().filter(|&n| n > 0.0).fold(f64::MAX, f64::min);
        let is_log = is_log && high > 0.0;
        let (from, to) = match is_log {
            true => (least_above_zero.ln(), high.ln()),
            false => (low.min(0.0), high),
        };
        // All of one height is one row's. From the lowest number there is to the highest is farther than a number can be.
        let step = to / n_rows as f64 - from / n_rows as f64;
        let step = step.max(f64::EPSILON * to.abs()).max(f64::MIN_POSITIVE);
        let edge = |row: usize| {
            let at = from + step * row as f64;
            if is_log { at.exp() } else { at }.clamp(f64::MIN, f64::MAX)
        };
        let row_of = |number: f64| {
            let at = if is_log { number.max(least_above_zero).ln() } else { number };
            ((at / step - from / step) as usize).min(n_rows - 1)
        };
        heat.edges = (0..=n_rows).map(edge).collect();
        heat.cells = vec![vec![0; n_rows]; n_buckets];
        for of_bucket in sorted.chunk_by(|a, b| a.0 == b.0) {
            let bucket = of_bucket[0].0 as usize;
            for &(_, height, n) in of_bucket {
                heat.cells[bucket][row_of(height)] += n;
            }
            heat.percentiles[bucket] = Some(PERCENTILES.map(|hundredths| percentile(of_bucket, hundredths)));
        }
        heat
    }

    fn middle(&self, height: i32) -> f64 {
        if self.n_halvings == 0 {
            return middle_of(height);
        }
        let first = height << self.n_halvings;
        let last = first + (((1 << self.n_halvings) - 1) * height.signum());
        middle_of(first) / 2.0 + middle_of(last) / 2.0
    }
}

/// Mirrored at zero, as heights are.
fn halved(height: i32, n_times: u32) -> i32 {
    (height.abs() >> n_times) * height.signum()
}

/// The nearest rank. `counts`: by rising height.
fn percentile(counts: &[(u32, f64, u32)], hundredths: u64) -> f64 {
    let n: u64 = counts.iter().map(|&(_, _, n)| u64::from(n)).sum();
    let rank = (n * hundredths).div_ceil(10_000).max(1);
    let mut n_passed = 0;
    let found = counts.iter().find(|&&(_, _, n)| {
        n_passed += u64::from(n);
        n_passed >= rank
    });
    found.map_or(f64::NAN, |&(_, height, _)| height)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bucket_has_its_percentiles_and_every_number_a_cell() {
        let mut count = HeatCount::default();
        (1..=100).for_each(|n| count.add(0, f64::from(n)));
        count.add(2, 1000.0);
        let heat = count.heat(3, 10, false);
        let near = |a: f64, b: f64| (a / b - 1.0).abs() < 0.01;
        let [p50, p95, p99] = heat.percentiles[0].unwrap();
        assert!(near(p50, 50.0) && near(p95, 95.0) && near(p99, 99.0), "{:?}", heat.percentiles);
        assert_eq!(heat.percentiles[1], None);
        assert_eq!((heat.cells[0].iter().sum::<u32>(), heat.cells[2][9]), (100, 1));
        assert!(heat.edges[0] == 0.0 && near(heat.edges[10], 1000.0), "{:?}", heat.edges);
    }

    #[test]
    fn rows_of_equal_ratios_tell_small_numbers_apart() {
        let mut count = HeatCount::default();
        [1.0, 20.0, 300.0, 1000.0, 0.0].into_iter().for_each(|number| count.add(0, number));
        let heat = count.heat(1, 3, true);
        assert_eq!(heat.cells[0], [2, 1, 2], "zero is in the lowest, the highest in the last");
        assert!(heat.edges.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn one_number_and_none_are_no_trouble() {
        let mut count = HeatCount::default();
        assert_eq!(count.heat(2, 4, true).percentiles, [None, None]);
        for number in [-7.0, 0.0, 5.0] {
            count = HeatCount::default();
            count.add(0, number);
            for is_log in [false, true] {
                let heat = count.heat(1, 4, is_log);
                assert_eq!(heat.cells[0].iter().sum::<u32>(), 1);
                assert!(heat.edges.iter().all(|edge| edge.is_finite()), "{number}: {:?}", heat.edges);
            }
        }
    }

    #[test]
    fn the_lowest_and_the_highest_number_there_are_make_a_picture() {
        let mut count = HeatCount::default();
        [f64::MIN, -1e308, 0.0, 1e308, f64::MAX].into_iter().for_each(|number| count.add(0, number));
        for is_log in [false, true] {
            let heat = count.heat(1, 4, is_log);
            assert!(heat.edges.iter().all(|edge| edge.is_finite()), "{:?}", heat.edges);
            assert!(heat.edges.is_sorted() && heat.percentiles[0].unwrap().iter().all(|number| number.is_finite()));
            assert_eq!(heat.cells[0].iter().sum::<u32>(), 5);
        }
        assert_eq!(count.heat(1, 4, false).cells, [[2, 0, 1, 2]]);
    }

    #[test]
    fn numbers_of_all_heights_take_bounded_memory_and_the_error_is_told() {
        let mut count = HeatCount::default();
        let number = |n: u32| f64::from_bits(u64::from(n) << 46);
        (0..520_000).for_each(|n| count.add(n % 4, number(n / 4)));
        assert!(count.counts.len() <= MOST_CELLS);
        let heat = count.heat(4, 8, true);
        assert_eq!(heat.cells.iter().flatten().sum::<u32>(), 520_000);
        let [p50, ..] = heat.percentiles[1].unwrap();
        assert!(heat.error > RELATIVE_ERROR && (p50 / number(65_000) - 1.0).abs() <= heat.error, "{p50}");
    }
}
