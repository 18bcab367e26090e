//! Bursts that come again and again after the same time: a job every hour, a scrape every minute.
//!
//! How long that time is shows in the autocorrelation of what is off: it has a hill there, behind a valley (Vlachos, Yu &
//! Castelli 2005, "On periodicity detection and structural similarity"), clipped, so that one huge burst does not hide the
//! rest. What is usual then is the median of the nearest turns, each with its neighbours: no clock strikes in the same window
//! for ever.

use std::ops::Range;

use crate::robust::{median, spread};

/// A rhythm shorter than this is in the spread of the counts already: more than a tenth of them are bursts.
const SHORTEST: usize = 8;

/// Turns that must fit into the time.
const LEAST_TURNS: usize = 4;

/// Turns that are compared, the nearest.
const MOST_TURNS: usize = 10;

/// Windows that a turn may come early or late.
const JITTER: usize = 1;

/// Within so many windows of its turn a burst is not missing.
const LATE: usize = 2;

/// What is off by more counts as this, in standard deviations.
const CLIP: f64 = 5.0;

/// The least autocorrelation at the top of the hill, and the most in the valley, as a share of the top.
const LEAST_HILL: f64 = 0.35;
const VALLEY_SHARE: f64 = 0.5;

/// Of hills about as high the first counts: the others are its multiples.
const AS_HIGH: f64 = 0.9;

/// After how many windows what happens happens again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rhythm {
    period: f64,
}

impl Rhythm {
    /// `off`: by window, in standard deviations of chance. Cost: O(n²) for n windows.
    pub fn of(off: &[f64]) -> Option<Self> {
        let near = |window: usize| highest(off, window, JITTER).clamp(0.0, CLIP);
        let clipped: Vec<f64> = (0..off.len()).map(near).collect();
        let mean = clipped.iter().sum::<f64>() / clipped.len().max(1) as f64;
        let centred: Vec<f64> = clipped.iter().map(|value| value - mean).collect();
        let power: f64 = centred.iter().map(|value| value * value).sum();
        if power <= 0.0 {
            return None;
        }
        // As if there were as many pairs at each distance.
        let at = |lag: usize| {
            let products: f64 = centred.iter().zip(&centred[lag..]).map(|(a, b)| a * b).sum();
            products / power * centred.len() as f64 / (centred.len() - lag) as f64
        };
        let longest = centred.len() / LEAST_TURNS;
        let correlations: Vec<f64> = (0..=longest).map(at).collect();
        let first = first_hill(&correlations)?;
        let mut period = first as f64;
        // Many turns tell the time of one more exactly than one does.
        for n_turns in [2_usize, 4, 8, 16] {
            let middle = (period * n_turns as f64).round() as usize;
            if middle + 2 > centred.len() / 2 {
                break;
            }
            let best = (middle - 2..=middle + 2).max_by(|&a, &b| at(a).total_cmp(&at(b)))?;
            if at(best) < VALLEY_SHARE * correlations[first] {
                break;
            }
            period = best as f64 / n_turns as f64;
        }
        Some(Self { period })
    }

    /// What is off from that, where other turns are off by at least `least`: a turn that comes a little early or late is not.
    pub fn differences(&self, values: &[f64], least: f64) -> Vec<f64> {
        let difference = |(window, &value): (usize, &f64)| {
            let (usual, spread) = self.usual_at(values, window);
            if usual < least {
                return value;
            }
            let is_at_edge = window <= LATE || window + LATE + 1 >= values.len();
            let missing = if is_at_edge { 0.0 } else { usual - highest(values, window, LATE).max(0.0) };
            let difference = if value > usual { value - usual } else { -missing.max(0.0) };
            // Where the turns differ much, each may.
            difference / spread.max(1.0)
        };
        values.iter().enumerate().map(difference).collect()
    }

    /// What the nearest other turns have in or next to a window, and how much that varies between them.
    fn usual_at(&self, values: &[f64], window: usize) -> (f64, f64) {
        let turns: Vec<f64> = self.turns(window, values.len()).map(|turn| highest(values, turn, JITTER)).collect();
        let usual = median(turns.clone());
        (usual, spread(&turns.iter().map(|turn| turn - usual).collect::<Vec<f64>>()))
    }

    /// How much there is in all of some windows in the nearest other turns.
    pub fn usual_in(&self, counts: &[f64], windows: &Range<usize>) -> f64 {
        let whole = |start: &usize| start + windows.len() <= counts.len();
        let sum = |start: usize| counts[start..start + windows.len()].iter().sum::<f64>();
        median(self.turns(windows.start, counts.len()).filter(whole).map(sum).collect())
    }

    fn turns(&self, window: usize, n_windows: usize) -> impl Iterator<Item = usize> {
        let period = self.period;
        let both = (1..).flat_map(|n: i32| [f64::from(n), f64::from(-n)]);
        let places = both.map(move |n| window as f64 + n * period);
        let most = (n_windows as f64 / period) as usize * 2 + 2;
        let within = move |place: &f64| *place > -0.5 && *place < n_windows as f64 - 0.5;
        places.take(most).filter(within).map(|place| place.round() as usize).take(MOST_TURNS)
    }
}

/// The highest value within so many windows of one.
fn highest(values: &[f64], window: usize, reach: usize) -> f64 {
    let near = &values[window.saturating_sub(reach)..(window + reach + 1).min(values.len())];
    near.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

/// The distance at the top of the first of the highest hills.
fn first_hill(correlations: &[f64]) -> Option<usize> {
    let mut lowest = f64::INFINITY;
    let mut tops = Vec::new();
    for (lag, &value) in correlations.iter().enumerate().skip(1) {
        let is_top = value >= correlations[lag - 1] && correlations.get(lag + 1).is_none_or(|next| value >= *next);
        if lag >= SHORTEST && is_top && value >= LEAST_HILL && lowest <= VALLEY_SHARE * value {
            tops.push((lag, value));
        }
        lowest = lowest.min(value);
    }
    let highest = tops.iter().map(|(_, value)| *value).fold(0.0, f64::max);
    tops.into_iter().find(|(_, value)| *value >= AS_HIGH * highest).map(|(lag, _)| lag)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bursts at these windows.
    fn bursts(n_windows: usize, at: impl Iterator<Item = f64>) -> Vec<f64> {
        let mut values = vec![0.0; n_windows];
        at.map(|at| at as usize).filter(|&at| at < n_windows).for_each(|at| values[at] = 13.0);
        values
    }

    #[test]
    fn the_time_from_turn_to_turn_is_learnt_also_where_it_is_no_whole_number_of_windows() {
        for period in [12.0, 12.3, 20.0, 61.5] {
            let found = Rhythm::of(&bursts(480, (0..480).map(|n| 5.0 + f64::from(n) * period))).expect("it has one");
            assert!((found.period - period).abs() < 0.15, "{period}: {found:?}");
        }
    }

    #[test]
    fn what_happens_twice_or_lasts_long_has_no_rhythm() {
        let long = bursts(480, (200..230).map(f64::from));
        assert_eq!(Rhythm::of(&long), None);
        let twice = bursts(480, [100.0, 150.0].into_iter());
        let usual = Rhythm::of(&twice).map_or(0.0, |rhythm| rhythm.usual_at(&twice, 100).0);
        assert_eq!(usual, 0.0);
        assert_eq!(Rhythm::of(&[]), None);
    }

    #[test]
    fn what_is_usual_in_a_turn_is_what_the_others_have() {
        let values = bursts(480, (0..40).map(|n| 5.0 + f64::from(n) * 12.0));
        let rhythm = Rhythm::of(&values).expect("it has one");
        assert_eq!(rhythm.usual_at(&values, 17), (13.0, 0.0));
        assert_eq!(rhythm.usual_at(&values, 23), (0.0, 0.0));
        assert_eq!(rhythm.usual_in(&values, &(16..19)), 13.0);
    }
}
