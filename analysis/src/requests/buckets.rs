//! How long requests took: counted in buckets each of which is a part wider than the one before it.

use std::collections::BTreeMap;

use model::requests::Bucket;
use model::topology::Durations;

use crate::answer::quantiles::Quantiles;

/// More are merged, two and two: a picture has no room for them.
const MOST_BUCKETS: usize = 60;
/// Buckets in which a duration doubles, at first.
const PER_DOUBLING: f64 = 8.0;

#[derive(Default)]
pub struct Spread {
    /// By the number of the bucket: how many, and how many of them failed.
    counted: BTreeMap<i32, (u64, u64)>,
    quantiles: Quantiles,
}

impl Spread {
    pub fn add(&mut self, nanos: i64, has_failed: bool) {
        let bucket = self.counted.entry(bucket_of(nanos)).or_default();
        bucket.0 += 1;
        bucket.1 += u64::from(has_failed);
        self.quantiles.add(nanos as f64, 1);
    }

    pub fn n(&self) -> u64 {
        self.counted.values().map(|(n, _)| n).sum()
    }

    pub fn n_failed(&self) -> u64 {
        self.counted.values().map(|(_, n_failed)| n_failed).sum()
    }

    pub fn durations(&self) -> Option<Durations> {
        let at = |hundredths| self.quantiles.at(hundredths).map(|nanos| nanos as i64);
        Some(Durations { p50: at(50_00)?, p95: at(95_00)?, p99: at(99_00)? })
    }

    /// From the shortest to the longest. What took no time at all, as far as stamps tell, has the first one to itself.
    pub fn buckets(&self) -> Vec<Bucket> {
        let bounds = || self.counted.keys().copied().filter(|&bucket| bucket > 0);
        let (Some(first), Some(last)) = (bounds().min(), bounds().max()) else {
            return self.zero().into_iter().collect();
        };
        let mut merged = 1;
        while (last / merged - first / merged) as usize >= MOST_BUCKETS {
            merged *= 2;
        }
        let of_time = (first / merged..=last / merged).map(|at| {
            let within = self.counted.range((at * merged).max(1)..(at + 1) * merged);
            let (n, n_failed) = within.fold((0, 0), |sum, (_, one)| (sum.0 + one.0, sum.1 + one.1));
            Bucket { from: start_of((at * merged).max(1)), to: start_of((at + 1) * merged), n, n_failed }
        });
        self.zero().into_iter().chain(of_time).collect()
    }

    fn zero(&self) -> Option<Bucket> {
        self.counted.get(&0).map(|&(n, n_failed)| Bucket { from: 0, to: 1, n, n_failed })
    }
}

/// 0 for what took no time; from 1 on, those of more and more nanoseconds.
fn bucket_of(nanos: i64) -> i32 {
    if nanos < 1 {
        return 0;
    }
    let about = ((nanos as f64).log2() * PER_DOUBLING) as i32 + 1;
    // A rounded logarithm may be a bucket off at its edges.
    (about - 1..=about + 1).rev().find(|&bucket| bucket >= 1 && start_of(bucket) <= nanos).unwrap_or(1)
}

fn start_of(bucket: i32) -> i64 {
    2f64.powf(f64::from(bucket - 1) / PER_DOUBLING).ceil() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_request_is_in_the_bucket_that_says_so() {
        let millis = 1_000_000;
        let took = [0, 1, 999, 5 * millis, 5 * millis + 1, 80 * millis, 3_600_000 * millis];
        let mut spread = Spread::default();
        took.iter().for_each(|&nanos| spread.add(nanos, nanos == 999));
        let buckets = spread.buckets();
        assert!(buckets.len() <= MOST_BUCKETS + 2, "{}", buckets.len());
        for bucket in &buckets {
            let inside = took.iter().filter(|&&nanos| (bucket.from..bucket.to).contains(&nanos)).count();
            assert_eq!(bucket.n, inside as u64, "{bucket:?}");
        }
        assert!(buckets.windows(2).all(|pair| pair[0].to == pair[1].from), "{buckets:?}");
        assert_eq!((spread.n(), spread.n_failed(), buckets.iter().map(|one| one.n).sum::<u64>()), (7, 1, 7));
    }

    #[test]
    fn without_any_request_there_is_nothing_to_draw() {
        let spread = Spread::default();
        assert_eq!((spread.buckets(), spread.durations()), (Vec::new(), None));
    }
}
