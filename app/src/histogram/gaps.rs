//! Times in which nothing was written though there usually is something: found from the bars alone.

use model::protocol::Histogram;
use model::time::TimeRange;

use super::{picture, question};

/// Bars with entries that it takes to tell what is usual.
const LEAST_BARS: usize = 12;

/// A gap is so many times as long as nearly all stretches of empty bars, and as many bars longer.
const TIMES: usize = 3;
const LEAST_EMPTY: usize = 2;

/// What nearly all is, in percent.
const MOST_PERCENT: usize = 90;

/// Between the first bar with entries and the last.
pub fn gaps(histogram: &Histogram) -> Vec<TimeRange> {
    let filled: Vec<usize> =
        (0..histogram.buckets.len()).filter(|&bar| picture::total(&histogram.buckets[bar]) > 0).collect();
    if filled.len() < LEAST_BARS || !histogram.complete {
        return Vec::new();
    }
    let n_empty = |pair: &[usize]| pair[1] - pair[0] - 1;
    let mut empty: Vec<usize> = filled.windows(2).map(n_empty).collect();
    let usual = (empty.len() - 1) * MOST_PERCENT / 100;
    let usual = *empty.select_nth_unstable(usual).1;
    let is_gap = |pair: &&[usize]| n_empty(pair) >= TIMES * usual + LEAST_EMPTY;
    let gap = |pair: &[usize]| question::across(histogram, pair[0] + 1, pair[1] - 1);
    filled.windows(2).filter(is_gap).map(gap).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::severity::N_BANDS;
    use model::time::Nanos;

    /// A bar for each sign: a dot is an empty one.
    fn found(bars: &str) -> Vec<(i64, i64)> {
        let bar = |sign: char| if sign == '.' { [0; N_BANDS] } else { [0, 0, 0, 5, 0, 0, 0] };
        let histogram = Histogram {
            start: Nanos(0),
            width_nanos: 1,
            buckets: bars.chars().map(bar).collect(),
            complete: true,
            ..Histogram::default()
        };
        gaps(&histogram).iter().map(|gap| (gap.start.0, gap.end.0)).collect()
    }

    #[test]
    fn a_long_silence_among_entries_is_a_gap_and_what_is_rare_has_none() {
        assert_eq!(found("..xxxxxxxx....xxxxxxxx.."), [(10, 14)]);
        assert_eq!(found(&"x..".repeat(20)), []);
        assert_eq!(found(&("x..".repeat(20) + "........" + &"x..".repeat(20))), [(58, 68)]);
        assert_eq!(found("x......x"), [], "of two nothing is known");
    }
}
