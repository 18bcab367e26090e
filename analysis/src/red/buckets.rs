//! Percentiles of the buckets of histograms, as Prometheus' `histogram_quantile` has them.
//!
//! Within a bucket numbers are taken to be spread evenly; a lowest bucket with a bound above zero begins at zero, and what is beyond the
//! highest bound is at that bound (Prometheus documentation, "Query functions", `histogram_quantile()`). Histograms with other bounds are added
//! up as well: the share of each bucket below a number counts.

/// Numbers from `low` to `high`, in units of the caller's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    pub low: f64,
    pub high: f64,
    pub n: f64,
}

/// The buckets between bounds; `counts` has one more than `bounds`, for what is beyond the highest.
pub fn buckets(bounds: &[f64], counts: &[f64]) -> Vec<Bucket> {
    let (Some(&first), true) = (bounds.first(), counts.len() == bounds.len() + 1) else { return Vec::new() };
    let bucket = |(at, &n): (usize, &f64)| {
        let high = bounds.get(at).copied().unwrap_or(bounds[bounds.len() - 1]);
        let low = match at {
            0 if first > 0.0 => 0.0,
            // Nobody knows where one below zero begins.
            0 => first,
            _ => bounds[at - 1],
        };
        Bucket { low, high, n }
    };
    counts.iter().enumerate().map(bucket).collect()
}

/// How many of the numbers that are in a bucket now were there `before`. Exponential histograms get other buckets as they grow, larger ones
/// or more of them: then what was within counts.
pub fn n_before(before: &[Bucket], now: &[Bucket], place: usize) -> f64 {
    let Bucket { low, high, .. } = now[place];
    if let Some(same) = before.get(place).filter(|same| (same.low, same.high) == (low, high)) {
        return same.n;
    }
    let is_within = |b: &&Bucket| low <= b.low && b.high <= high && (low < b.high || (low, high) == (b.low, b.high));
    before.iter().filter(is_within).map(|b| b.n).sum()
}

/// Ordered by bounds.
#[derive(Clone, Debug, Default)]
pub struct Histogram(Vec<Bucket>);

impl Histogram {
    pub fn add(&mut self, bucket: Bucket) {
        let order = |other: &Bucket| other.low.total_cmp(&bucket.low).then(other.high.total_cmp(&bucket.high));
        match self.0.binary_search_by(order) {
            Ok(same) => self.0[same].n += bucket.n,
            Err(place) => self.0.insert(place, bucket),
        }
    }

    pub fn merge(&mut self, other: &Self) {
        other.0.iter().for_each(|&bucket| self.add(bucket));
    }

    /// What `share` of the numbers is at most. `None`: there are no numbers. Cost: O(buckets · log buckets), some twenty of them, or hundreds of
    /// exponential histograms.
    pub fn at(&self, share: f64) -> Option<f64> {
        let all: f64 = self.0.iter().map(|bucket| bucket.n).sum();
        let rank = share * all;
        let mut bounds: Vec<f64> = self.0.iter().filter(|b| b.n > 0.0).flat_map(|b| [b.low, b.high]).collect();
        bounds.sort_by(f64::total_cmp);
        bounds.dedup();
        // How many numbers are at most, and how many are less.
        let up_to = |x: f64| -> f64 { self.0.iter().map(|b| if b.high <= x { b.n } else { b.n * below(b, x) }).sum() };
        let less_than = |x: f64| -> f64 { self.0.iter().map(|b| b.n * below(b, x)).sum() };
        let at = bounds.partition_point(|&bound| up_to(bound) < rank);
        let &bound = bounds.get(at)?;
        let n_before = at.checked_sub(1).map_or(0.0, |before| up_to(bounds[before]));
        let n_within = less_than(bound) - n_before;
        if at == 0 || n_within <= 0.0 || rank >= less_than(bound) && up_to(bound) > less_than(bound) {
            return Some(bound);
        }
        Some(bounds[at - 1] + (bound - bounds[at - 1]) * ((rank - n_before) / n_within).clamp(0.0, 1.0))
    }
}

/// The share of a bucket that is below a number.
fn below(bucket: &Bucket, x: f64) -> f64 {
    match bucket.high > bucket.low {
        true => ((x - bucket.low) / (bucket.high - bucket.low)).clamp(0.0, 1.0),
        false => f64::from(u8::from(bucket.high < x)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(histograms: &[(&[f64], &[f64])]) -> Histogram {
        let mut all = Histogram::default();
        histograms.iter().flat_map(|(bounds, counts)| buckets(bounds, counts)).for_each(|bucket| all.add(bucket));
        all
    }

    #[test]
    fn a_quantile_lies_within_its_bucket_as_in_prometheus() {
        // promql/quantile_test: rank 5 is the third of eight from 0.1 to 0.5.
        let one = of(&[(&[0.1, 0.5], &[2.0, 8.0, 0.0])]);
        assert_eq!([0.0, 0.1, 0.5, 1.0].map(|share| one.at(share)), [0.0, 0.05, 0.25, 0.5].map(Some));
    }

    #[test]
    fn beyond_the_highest_bound_is_the_highest_bound() {
        let one = of(&[(&[1.0, 2.0], &[0.0, 1.0, 9.0])]);
        assert_eq!([one.at(0.05), one.at(0.5), one.at(0.99)], [Some(1.5), Some(2.0), Some(2.0)]);
    }

    #[test]
    fn a_lowest_bucket_below_zero_is_its_bound() {
        assert_eq!(of(&[(&[-1.0, 1.0], &[4.0, 4.0, 0.0])]).at(0.25), Some(-1.0));
    }

    #[test]
    fn histograms_with_other_bounds_are_added_up() {
        let both = of(&[(&[1.0, 2.0], &[4.0, 4.0, 0.0]), (&[2.0, 4.0], &[8.0, 0.0, 0.0])]);
        assert_eq!([both.at(0.5), both.at(1.0)], [Some(1.0), Some(2.0)]);
    }

    #[test]
    fn what_was_counted_before_is_found_in_buckets_that_grew() {
        let before = buckets(&[1.0, 2.0, 4.0], &[0.0, 5.0, 7.0, 0.0]);
        let before_in = |now: Vec<Bucket>| (0..now.len()).map(|at| n_before(&before, &now, at)).collect::<Vec<_>>();
        assert_eq!(before_in(buckets(&[0.5, 1.0, 2.0, 4.0], &[0.0; 5])), [0.0, 0.0, 5.0, 7.0, 0.0]);
        assert_eq!(before_in(buckets(&[1.0, 4.0, 16.0], &[0.0; 4])), [0.0, 12.0, 0.0, 0.0]);
        assert_eq!(before_in(before.clone()), [0.0, 5.0, 7.0, 0.0]);
    }

    #[test]
    fn of_nothing_there_is_no_quantile() {
        assert_eq!((Histogram::default().at(0.5), of(&[(&[1.0], &[0.0, 0.0])]).at(0.5)), (None, None));
    }
}
