//! How high numbers are over time: counts by bucket and height, and percentiles of each bucket.

use model::lanes::Heat;
use model::quantity::Unit;

use crate::answer::quantiles::{bucket_of, middle_of};
use crate::quick_hash::QuickMap;

/// In hundredths of a percent.
const PERCENTILES: [u64; 3] = [5000, 9500, 9900];

/// Numbers by bucket of time and, within 0.8 %, height.
#[derive(Clone, Debug, Default)]
pub struct HeatCount {
    unit: Unit,
    counts: QuickMap<(u32, i32), u32>,
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
        *self.counts.entry((bucket, bucket_of(number))).or_insert(0) += 1;
    }

    /// Rows of equal ratios where `is_log` and all numbers are above zero; numbers up to zero are then in the lowest row.
    pub fn heat(&self, n_buckets: usize, n_rows: usize, is_log: bool) -> Heat {
        let mut sorted: Vec<(u32, i32, u32)> = self.counts.iter().map(|(&(at, height), &n)| (at, height, n)).collect();
        sorted.sort_unstable();
        let heights = || sorted.iter().map(|&(_, height, _)| middle_of(height));
        let (low, high) = heights().fold((f64::MAX, f64::MIN), |(low, high), n| (low.min(n), high.max(n)));
        if sorted.is_empty() || n_rows == 0 {
            return Heat {
                unit: self.unit,
                percentiles: vec![None; n_buckets],
                cells: vec![Vec::new(); n_buckets],
                edges: Vec::new(),
            };
        }
        let least_above_zero = heights().filter(|&n| n > 0.0).fold(f64::MAX, f64::min);
        let is_log = is_log && high > 0.0;
        let (from, to) = match is_log {
            true => (least_above_zero.ln(), high.ln()),
            false => (low.min(0.0), high),
        };
        // All of one height is one row's.
        let step = ((to - from) / n_rows as f64).max(f64::EPSILON * to.abs()).max(f64::MIN_POSITIVE);
        let edge = |row: usize| {
            let at = from + step * row as f64;
            if is_log { at.exp() } else { at }
        };
        let row_of = |number: f64| {
            let at = if is_log { number.max(least_above_zero).ln() } else { number };
            (((at - from) / step) as usize).min(n_rows - 1)
        };
        let mut heat = Heat {
            unit: self.unit,
            edges: (0..=n_rows).map(edge).collect(),
            cells: vec![vec![0; n_rows]; n_buckets],
            percentiles: vec![None; n_buckets],
        };
        for of_bucket in sorted.chunk_by(|a, b| a.0 == b.0) {
            let bucket = of_bucket[0].0 as usize;
            for &(_, height, n) in of_bucket {
                heat.cells[bucket][row_of(middle_of(height))] += n;
            }
            heat.percentiles[bucket] = Some(PERCENTILES.map(|hundredths| percentile(of_bucket, hundredths)));
        }
        heat
    }
}

/// The nearest rank. `counts`: by rising height.
fn percentile(counts: &[(u32, i32, u32)], hundredths: u64) -> f64 {
    let n: u64 = counts.iter().map(|&(_, _, n)| u64::from(n)).sum();
    let rank = (n * hundredths).div_ceil(10_000).max(1);
    let mut n_passed = 0;
    let found = counts.iter().find(|&&(_, _, n)| {
        n_passed += u64::from(n);
        n_passed >= rank
    });
    found.map_or(f64::NAN, |&(_, height, _)| middle_of(height))
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
}
