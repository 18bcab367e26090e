//! Changes that stay: from one window on there is more, or less, of something among all that is written.
//!
//! The split that explains most (binary segmentation, Scott & Knott 1974; Fryzlewicz 2014), measured against the noise from
//! one window to the next, which a level shift does not touch.

use std::ops::Range;

use model::incident::Detector;

use super::baseline::{median, spread, steady};
use super::finding::{Finding, Subject};
use super::tally::{Series, Tallied};
use super::{active_in, sum};

/// Entries a series needs, and windows on both sides of a split (as a share of all, and at least).
const LEAST_ENTRIES: u64 = 100;
const LEAST_SHARE: usize = 12;
const LEAST_WINDOWS: usize = 6;

/// Smaller changes happen every day.
const LEAST_RATIO: f64 = 1.6;

/// A service that begins or ends within this share of the windows from the ends of all is there throughout.
const EDGE_SHARE: usize = 24;

/// Entries of all services that are there from the beginning to the end, by window: if one dies, the others' share grows, and
/// nothing is the matter with them.
pub fn of_services_throughout(tallied: &Tallied) -> Vec<f64> {
    let n_windows = tallied.n_windows();
    let is_throughout = |of_service: &&[Series]| is_throughout(&active_in(of_service), n_windows);
    sum(tallied.services().filter(is_throughout).flatten(), n_windows)
}

/// What a service's messages are measured against: those of services that are there throughout, and its own.
pub fn compared_with(throughout: &[f64], of_service: &[Series], active: &Range<usize>) -> Vec<f64> {
    if is_throughout(active, throughout.len()) {
        return throughout.to_vec();
    }
    let own = sum(of_service, throughout.len());
    throughout.iter().zip(own).map(|(others, own)| others + own).collect()
}

fn is_throughout(active: &Range<usize>, n_windows: usize) -> bool {
    let edge = n_windows / EDGE_SHARE;
    active.start <= edge && active.end + edge >= n_windows
}

/// `totals`: entries it is measured against, by window; `active`: the windows in which the series' service wrote at all.
pub fn find(
    tallied: &Tallied,
    series: &Series,
    totals: &[f64],
    active: Range<usize>,
    threshold: f64,
) -> Option<Finding> {
    if series.n < LEAST_ENTRIES {
        return None;
    }
    let counts = &series.counts(tallied.n_windows())[active.clone()];
    let totals = &totals[active.clone()];
    let share = counts.iter().sum::<f64>() / totals.iter().sum::<f64>();
    // What is off is how it compares with everything else: a busy hour is no change.
    let off: Vec<f64> = counts.iter().zip(totals).map(|(n, total)| steady(*n) - steady(total * share)).collect();
    let steps: Vec<f64> = off.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let noise = (spread(&steps) / std::f64::consts::SQRT_2).max(1.0);
    let (at, gain) = best_split(&off)?;
    // Two thirds of a long series on either side of a trend would do; the two middles must differ as well.
    let middles = median(off[at..].to_vec()) - median(off[..at].to_vec());
    let strength = gain.sqrt() / noise;
    if strength < 2.0 * threshold || middles.abs() < 1.5 * noise {
        return None;
    }
    let rate =
        |part: Range<usize>| counts[part.clone()].iter().sum::<f64>() / totals[part].iter().sum::<f64>().max(1.0);
    let (before, after) = (rate(0..at), rate(at..off.len()));
    if after < LEAST_RATIO * before && before < LEAST_RATIO * after {
        return None;
    }
    let window = active.start + at;
    let n_after: f64 = totals[at..].iter().sum();
    Some(Finding {
        detector: Detector::Level,
        subject: Subject::Template(series.key),
        band: series.key.band,
        windows: window..active.end,
        onset: tallied.windows.begin(window),
        seen: after * n_after,
        usual: before * n_after,
        // A long series makes the smallest change certain; certainty is not importance.
        strength: strength.min(middles.abs() / noise * 2.0),
    })
}

/// Where the means of both sides differ most, and by how much: the sum of squares that the split explains.
fn best_split(values: &[f64]) -> Option<(usize, f64)> {
    let least = (values.len() / LEAST_SHARE).max(LEAST_WINDOWS);
    let total: f64 = values.iter().sum();
    let mut sum = 0.0;
    let mut best = None;
    for (at, value) in values.iter().enumerate() {
        if at >= least && values.len() - at >= least {
            let (n_before, n_after) = (at as f64, (values.len() - at) as f64);
            let difference = sum / n_before - (total - sum) / n_after;
            let gain = difference * difference * n_before * n_after / (n_before + n_after);
            if best.is_none_or(|(_, most)| gain > most) {
                best = Some((at, gain));
            }
        }
        sum += value;
    }
    best
}
