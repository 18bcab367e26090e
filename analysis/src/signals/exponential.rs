//! The buckets of exponential histograms, as bounds and counts like those of other histograms.
//!
//! Source: OpenTelemetry, "Metrics Data Model", ExponentialHistogram. The bucket at an index holds what is above base^index, up to
//! base^(index + 1); the base is 2^(2^-scale). A scale that is one less puts buckets together two by two.

/// So many of positive numbers, and of negative ones: percentiles stay within some percent, lines and memory small.
const MOST_BUCKETS: usize = 64;
/// Exporters keep some 160; of a point with more than this no bucket is read.
const MOST_COUNTS: usize = 1 << 14;

/// The numbers above zero, or those below.
#[derive(Clone, Debug, Default)]
pub struct Side {
    /// The index of the first bucket.
    pub offset: i32,
    counts: Vec<u64>,
}

/// `counts` has one more than `bounds`, for what is beyond the highest.
#[derive(Clone, Debug, PartialEq)]
pub struct Buckets {
    pub bounds: Vec<f64>,
    pub counts: Vec<u64>,
}

impl Side {
    pub fn push(&mut self, count: u64) {
        if self.counts.len() <= MOST_COUNTS {
            self.counts.push(count);
        }
    }

    /// Without buckets at the ends that have nothing in them.
    fn trim(&mut self) {
        let n_empty = self.counts.iter().take_while(|&&count| count == 0).count();
        self.counts.drain(..n_empty);
        self.offset = self.offset.saturating_add(n_empty as i32);
        let n_kept = self.counts.iter().rposition(|&count| count > 0).map_or(0, |last| last + 1);
        self.counts.truncate(n_kept);
    }

    /// As it is at a scale that is one less.
    fn halve(&mut self) {
        let first = self.offset >> 1;
        let mut halved: Vec<u64> = Vec::with_capacity(self.counts.len() / 2 + 1);
        for (at, &count) in self.counts.iter().enumerate() {
            let place = (self.offset & 1) as usize + at;
            match halved.get_mut(place / 2) {
                None => halved.push(count),
                Some(both) => *both = count.saturating_add(*both),
            }
        }
        *self = Self { offset: first, counts: halved };
    }

    /// The index behind that of the bucket.
    fn end(&self, bucket: usize) -> i64 {
        i64::from(self.offset) + bucket as i64 + 1
    }
}

/// `None`: there are no buckets, or such as no number can be in.
pub fn buckets(scale: i64, n_zero: u64, mut positive: Side, mut negative: Side) -> Option<Buckets> {
    if positive.counts.len().max(negative.counts.len()) > MOST_COUNTS {
        return None;
    }
    positive.trim();
    negative.trim();
    let mut scale = scale as f64;
    while positive.counts.len().max(negative.counts.len()) > MOST_BUCKETS {
        scale -= 1.0;
        positive.halve();
        negative.halve();
    }
    let width = (-scale).exp2();
    let power = |index: i64| (index as f64 * width).exp2().min(f64::MAX);
    let mut up_to = Vec::new();
    if !negative.counts.is_empty() {
        up_to.push((-power(negative.end(negative.counts.len() - 1)), 0));
        let from_lowest = negative.counts.iter().enumerate().rev();
        up_to.extend(from_lowest.map(|(at, &count)| (-power(negative.end(at) - 1), count)));
    }
    if n_zero > 0 && !(positive.counts.is_empty() && up_to.is_empty()) {
        up_to.push((0.0, n_zero));
    }
    if !positive.counts.is_empty() {
        up_to.push((power(i64::from(positive.offset)), 0));
        up_to.extend(positive.counts.iter().enumerate().map(|(at, &count)| (power(positive.end(at)), count)));
    }
    let are_in_order = up_to.windows(2).all(|pair| pair[0].0 < pair[1].0);
    (are_in_order && !up_to.is_empty()).then(|| Buckets {
        bounds: up_to.iter().map(|(bound, _)| *bound).collect(),
        counts: up_to.iter().map(|(_, count)| *count).chain([0]).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(offset: i32, counts: &[u64]) -> Side {
        let mut side = Side { offset, ..Side::default() };
        counts.iter().for_each(|&count| side.push(count));
        side
    }

    fn check(scale: i64, n_zero: u64, [positive, negative]: [Side; 2], bounds: &[f64], counts: &[u64]) {
        let expected = Buckets { bounds: bounds.to_vec(), counts: counts.to_vec() };
        assert_eq!(buckets(scale, n_zero, positive, negative), Some(expected));
    }

    #[test]
    fn a_bucket_ends_at_the_next_power_of_the_base() {
        check(0, 0, [side(-1, &[2, 4]), side(0, &[])], &[0.5, 1.0, 2.0], &[0, 2, 4, 0]);
        check(-1, 0, [side(1, &[7]), side(0, &[0, 0])], &[4.0, 16.0], &[0, 7, 0]);
    }

    #[test]
    fn numbers_below_zero_and_zeros_come_first() {
        let sides = || [side(0, &[0, 5]), side(1, &[3, 1])];
        check(0, 9, sides(), &[-8.0, -4.0, -2.0, 0.0, 2.0, 4.0], &[0, 1, 3, 9, 0, 5, 0]);
        assert_eq!(buckets(0, 9, side(0, &[]), side(0, &[])), None);
    }

    #[test]
    fn many_buckets_are_put_together_and_nothing_is_lost() {
        // From 2^-1 on, a quarter of a power each: 65 of them.
        let found = buckets(2, 0, side(-3, &[1; 65]), Side::default()).unwrap();
        assert_eq!((found.counts.iter().sum::<u64>(), found.counts.len()), (65, 33 + 2));
        // Index -3 at scale 2 is the upper half of index -2 at scale 1.
        assert_eq!((found.bounds[0], found.bounds[1], &found.counts[..3]), (0.5, (-0.5_f64).exp2(), &[0, 1, 2][..]));
    }

    #[test]
    fn what_no_number_can_be_in_is_left_out() {
        for (scale, offset) in [(1000, 0), (-1000, 1), (0, i32::MAX), (0, i32::MIN), (i64::MIN, 0), (i64::MAX, -5)] {
            assert_eq!(buckets(scale, 0, side(offset, &[1, 1]), Side::default()), None, "{scale} {offset}");
        }
        let many = side(0, &[0; MOST_COUNTS + 9]);
        assert_eq!(buckets(0, 0, many, side(0, &[1])), None);
    }
}
