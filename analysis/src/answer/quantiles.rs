//! Percentiles of a stream of numbers: exact of few, within 0.8 % of many.
//!
//! Many numbers are counted in buckets of equal ratio, as in DDSketch (Masson, Rim & Lee, VLDB 2019), with each power of two
//! cut into equal parts, as in HdrHistogram: finding a bucket takes a shift of the number's bits and no logarithm.

use std::collections::BTreeMap;

/// So many numbers are kept as they are.
const MOST_EXACT: usize = 4096;
/// Each power of two is cut into 2⁶ buckets.
const PART_BITS: u32 = 6;

/// A bucket's middle is within this share of every number in it: half of 2⁻⁶.
pub const RELATIVE_ERROR: f64 = 1.0 / 128.0;

#[derive(Clone, Debug)]
pub struct Quantiles {
    n: u64,
    min: f64,
    max: f64,
    kept: Kept,
}

#[derive(Clone, Debug)]
enum Kept {
    Exact(Vec<f64>),
    /// How many numbers are in each bucket, the lowest numbers first.
    Buckets(BTreeMap<i32, u64>),
}

impl Default for Quantiles {
    fn default() -> Self {
        Self { n: 0, min: f64::INFINITY, max: f64::NEG_INFINITY, kept: Kept::Exact(Vec::new()) }
    }
}

impl Quantiles {
    /// `number` must be finite.
    pub fn add(&mut self, number: f64, n: u64) {
        self.n += n;
        self.min = self.min.min(number);
        self.max = self.max.max(number);
        match &mut self.kept {
            Kept::Exact(numbers) if numbers.len() + n as usize <= MOST_EXACT => {
                numbers.extend(std::iter::repeat_n(number, n as usize));
            }
            Kept::Exact(numbers) => {
                let mut buckets = BTreeMap::new();
                for &mut number in numbers {
                    *buckets.entry(bucket_of(number)).or_insert(0) += 1;
                }
                *buckets.entry(bucket_of(number)).or_insert(0) += n;
                self.kept = Kept::Buckets(buckets);
            }
            Kept::Buckets(buckets) => *buckets.entry(bucket_of(number)).or_insert(0) += n,
        }
    }

    /// Adds numbers that rise, each with how many there are of it: those of one bucket are counted together.
    pub fn add_rising(&mut self, numbers: impl Iterator<Item = (f64, u64)>) {
        let mut run: Option<(i32, u64)> = None;
        for (number, n) in numbers {
            let Kept::Buckets(buckets) = &mut self.kept else {
                self.add(number, n);
                continue;
            };
            self.n += n;
            self.min = self.min.min(number);
            self.max = self.max.max(number);
            let bucket = bucket_of(number);
            run = match run {
                Some((of, n_run)) if of == bucket => Some((of, n_run + n)),
                Some((of, n_run)) => {
                    *buckets.entry(of).or_insert(0) += n_run;
                    Some((bucket, n))
                }
                None => Some((bucket, n)),
            };
        }
        if let (Some((of, n_run)), Kept::Buckets(buckets)) = (run, &mut self.kept) {
            *buckets.entry(of).or_insert(0) += n_run;
        }
    }

    pub fn n(&self) -> u64 {
        self.n
    }

    /// Numbers that finding one goes through.
    pub fn n_kept(&self) -> usize {
        match &self.kept {
            Kept::Exact(numbers) => numbers.len(),
            Kept::Buckets(buckets) => buckets.len(),
        }
    }

    pub fn min(&self) -> Option<f64> {
        (self.n > 0).then_some(self.min)
    }

    pub fn max(&self) -> Option<f64> {
        (self.n > 0).then_some(self.max)
    }

    pub fn is_exact(&self) -> bool {
        matches!(self.kept, Kept::Exact(_))
    }

    /// The number that `hundredths` of a percent of all are not above (the nearest rank: one of the numbers).
    pub fn at(&self, hundredths: u16) -> Option<f64> {
        if self.n == 0 {
            return None;
        }
        let rank = (self.n as u128 * u128::from(hundredths)).div_ceil(10_000).max(1) as u64;
        match &self.kept {
            Kept::Exact(numbers) => {
                let mut numbers = numbers.clone();
                let (_, &mut number, _) = numbers.select_nth_unstable_by(rank as usize - 1, f64::total_cmp);
                Some(number)
            }
            Kept::Buckets(buckets) => {
                let mut n_passed = 0;
                let bucket = buckets.iter().find(|&(_, &n)| {
                    n_passed += n;
                    n_passed >= rank
                });
                // The ends are known exactly.
                bucket.map(|(&bucket, _)| middle_of(bucket).clamp(self.min, self.max))
            }
        }
    }

    /// Numbers (or middles of buckets) with how many there are of each; ascending where there are many.
    pub fn spread(&self) -> Vec<(f64, u64)> {
        match &self.kept {
            Kept::Exact(numbers) => numbers.iter().map(|&number| (number, 1)).collect(),
            Kept::Buckets(buckets) => {
                buckets.iter().map(|(&bucket, &n)| (middle_of(bucket).clamp(self.min, self.max), n)).collect()
            }
        }
    }
}

/// Ascending with the number; negative ones mirrored, zero (and what is next to nothing) in bucket 0.
pub fn bucket_of(number: f64) -> i32 {
    // Sign, exponent, and the first bits of the fraction.
    let magnitude = (number.abs().to_bits() >> (52 - PART_BITS)) as i32;
    if number < 0.0 { -magnitude } else { magnitude }
}

/// The middle of the number's bucket: what [`Quantiles`] knows of it among many.
pub fn coarse(number: f64) -> f64 {
    middle_of(bucket_of(number))
}

/// The middle of a bucket of [`bucket_of`].
pub fn middle_of(bucket: i32) -> f64 {
    let edge = |magnitude: u32| f64::from_bits(u64::from(magnitude) << (52 - PART_BITS));
    let magnitude = bucket.unsigned_abs();
    if magnitude == 0 {
        return 0.0;
    }
    // Above the largest number is infinity.
    let middle = f64::midpoint(edge(magnitude), edge(magnitude + 1).min(f64::MAX));
    if bucket < 0 { -middle } else { middle }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sorted_rank(numbers: &mut [f64], hundredths: u16) -> f64 {
        numbers.sort_by(f64::total_cmp);
        let rank = (numbers.len() * usize::from(hundredths)).div_ceil(10_000).max(1);
        numbers[rank - 1]
    }

    #[test]
    fn nothing_has_no_percentiles() {
        assert_eq!(Quantiles::default().at(5000), None);
        assert_eq!(Quantiles::default().min(), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

        #[test]
        fn few_are_exact_and_many_within_the_error(
            few in proptest::collection::vec(-1e6..1e6f64, 1..20),
            n_copies in prop_oneof![Just(1usize), Just(3000)],
            hundredths in 0..=10_000u16,
        ) {
            let mut quantiles = Quantiles::default();
            let mut all = Vec::new();
            for (i, number) in few.iter().enumerate() {
                quantiles.add(*number, (n_copies + i) as u64);
                all.extend(std::iter::repeat_n(*number, n_copies + i));
            }
            let (found, wanted) = (quantiles.at(hundredths).unwrap(), sorted_rank(&mut all, hundredths));
            if quantiles.is_exact() {
                prop_assert_eq!(found, wanted);
            } else {
                prop_assert!((found - wanted).abs() <= wanted.abs() * RELATIVE_ERROR, "{} for {}", found, wanted);
            }
            prop_assert_eq!(quantiles.min(), Some(sorted_rank(&mut all, 0)));
            let mut rising = Quantiles::default();
            rising.add_rising(all.chunk_by(|a, b| a == b).map(|run| (run[0], run.len() as u64)));
            let sorted = |quantiles: &Quantiles| {
                let mut spread = quantiles.spread();
                spread.sort_by(|a, b| a.0.total_cmp(&b.0));
                spread
            };
            prop_assert_eq!(sorted(&rising), sorted(&quantiles));
            prop_assert_eq!((rising.n(), rising.min(), rising.max()), (quantiles.n(), quantiles.min(), quantiles.max()));
            prop_assert_eq!(quantiles.n(), all.len() as u64);
        }
    }
}
