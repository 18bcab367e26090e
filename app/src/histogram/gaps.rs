//! Times in which nothing was written though there usually is something: found from the bars alone.

use model::protocol::Histogram;
use model::query::{Comparison, Expr, Test, is_time_name, parse};
use model::time::TimeRange;

use super::{picture, question};

/// Bars with entries that it takes to tell what is usual.
const LEAST_BARS: usize = 12;

/// A gap is so many times as long as nearly all stretches of empty bars, and as many bars longer.
const TIMES: usize = 3;
const LEAST_EMPTY: usize = 2;

/// What nearly all is, in percent.
const MOST_PERCENT: usize = 90;

/// Between the first bar with entries and the last; none where the query leaves out times between others itself.
pub fn gaps(histogram: &Histogram, query: &str) -> Vec<TimeRange> {
    let filled: Vec<usize> =
        (0..histogram.buckets.len()).filter(|&bar| picture::total(&histogram.buckets[bar]) > 0).collect();
    if filled.len() < LEAST_BARS || !histogram.complete || leaves_times_out(&parse(query).0) {
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

/// Whether a filter may find nothing in a time between two in which it finds something. Conditions that all have to hold leave one
/// stretch of time.
fn leaves_times_out(filter: &Expr) -> bool {
    match filter {
        Expr::And(parts) => parts.iter().any(leaves_times_out),
        Expr::Or(_) | Expr::Not(_) => asks_for_time(filter),
        Expr::Field { name, test } => is_time_name(name) && matches!(test, Test::Compare(Comparison::NotEqual, _)),
        _ => false,
    }
}

fn asks_for_time(filter: &Expr) -> bool {
    match filter {
        Expr::And(parts) | Expr::Or(parts) => parts.iter().any(asks_for_time),
        Expr::Not(inner) => asks_for_time(inner),
        Expr::Field { name, .. } => is_time_name(name),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::severity::N_BANDS;
    use model::time::Nanos;

    /// A bar for each sign: a dot is an empty one.
    fn found(bars: &str) -> Vec<(i64, i64)> {
        found_by("", bars)
    }

    fn found_by(query: &str, bars: &str) -> Vec<(i64, i64)> {
        let bar = |sign: char| if sign == '.' { [0; N_BANDS] } else { [0, 0, 0, 5, 0, 0, 0] };
        let histogram = Histogram {
            start: Nanos(0),
            width_nanos: 1,
            buckets: bars.chars().map(bar).collect(),
            complete: true,
            ..Histogram::default()
        };
        gaps(&histogram, query).iter().map(|gap| (gap.start.0, gap.end.0)).collect()
    }

    #[test]
    fn a_long_silence_among_entries_is_a_gap_and_what_is_rare_has_none() {
        assert_eq!(found("..xxxxxxxx....xxxxxxxx.."), [(10, 14)]);
        assert_eq!(found(&"x..".repeat(20)), []);
        assert_eq!(found(&("x..".repeat(20) + "........" + &"x..".repeat(20))), [(58, 68)]);
        assert_eq!(found("x......x"), [], "of two nothing is known");
    }

    #[test]
    fn times_that_the_query_leaves_out_are_no_gaps() {
        let bars = "..xxxxxxxx....xxxxxxxx..";
        for query in [
            "(time<2026-11-20 OR time>=2026-11-21)",
            "failed ((time>=2026-11-20 time<2026-11-21) OR time>=2026-11-22) | count",
            "NOT (time>=2026-11-20 time<2026-11-21)",
            "time!=2026-11-20",
        ] {
            assert_eq!(found_by(query, bars), [], "{query}");
        }
        for query in ["time>=2026-11-20 time<2026-11-22 (a OR b)", "NOT level:info"] {
            assert_eq!(found_by(query, bars), [(10, 14)], "{query}");
        }
    }
}
