//! Messages that are more, or fewer, than they usually are at that time: robust z-scores (Iglewicz & Hoaglin 1993) of
//! variance-stabilised counts against a running median, and against their turn where bursts come in a [`rhythm`](super::rhythm).

use std::ops::Range;

use model::incident::Detector;
use model::severity::Band;
use model::time::Nanos;

use super::baseline::{count_of, steady, usual};
use super::finding::{Finding, STILL_OFF, Subject, stretches};
use super::rhythm::Rhythm;
use super::tally::{Series, Tallied};
use crate::robust::{quantile, spread};

/// Less is no burst, whatever the odds.
const LEAST_EXCESS: f64 = 4.0;

/// A message is new if at least this share of the time passed without it.
const NEW_AFTER: f64 = 0.1;

/// Fewer bursts have no rhythm.
const LEAST_BURSTS: usize = 4;

/// `active`: the windows in which its service wrote at all; elsewhere nothing is said about it.
pub fn find(
    tallied: &Tallied,
    series: &Series,
    active: Range<usize>,
    period: Option<usize>,
    threshold: f64,
) -> Vec<Finding> {
    let counts = &series.counts(tallied.n_windows())[active.clone()];
    let values: Vec<f64> = counts.iter().map(|&count| steady(count)).collect();
    let usual = usual(&values, period);
    let mut differences: Vec<f64> = values.iter().zip(&usual).map(|(value, usual)| value - usual).collect();
    let rhythm = rhythm_of(&differences, threshold);
    if let Some(rhythm) = rhythm {
        differences = rhythm.differences(&differences, STILL_OFF);
    }
    let chance = chance_of(&differences);
    let usual: Vec<f64> = usual.into_iter().map(count_of).collect();
    let found = Found { tallied, series, active: &active, counts, usual: &usual, rhythm };
    let above: Vec<f64> = differences.iter().map(|difference| difference / chance).collect();

    let mut findings = Vec::new();
    for stretch in stretches(&above, threshold) {
        let (seen, expected) = found.sums(&stretch.windows);
        if seen - expected < LEAST_EXCESS {
            continue;
        }
        let first = series.first().map_or(0, |cell| cell.window as usize);
        let is_new = stretch.windows.contains(&(first - active.start))
            && (first - active.start) as f64 >= NEW_AFTER * active.len() as f64;
        let detector = if is_new { Detector::New } else { Detector::Burst };
        findings.push(found.finding(detector, stretch.windows, stretch.peak));
    }

    let mut below: Vec<f64> = above.iter().map(|value| -value).collect();
    // The logs may begin and end in the middle of a window.
    if let [first, .., last] = &mut below[..] {
        (*first, *last) = (0.0, 0.0);
    }
    for stretch in stretches(&below, threshold) {
        let (seen, expected) = found.sums(&stretch.windows);
        if expected - seen >= LEAST_EXCESS {
            findings.push(found.finding(Detector::Fewer, stretch.windows, stretch.peak));
        }
    }
    findings
}

fn rhythm_of(differences: &[f64], threshold: f64) -> Option<Rhythm> {
    let chance = spread(differences).max(1.0);
    let off: Vec<f64> = differences.iter().map(|difference| difference / chance).collect();
    if stretches(&off, threshold).len() < LEAST_BURSTS { None } else { Rhythm::of(&off) }
}

/// How much chance moves the differences: at least as a Poisson count, and as much as nine of ten of them show.
pub fn chance_of(differences: &[f64]) -> f64 {
    let of_most = quantile(differences.iter().map(|difference| difference.abs()).collect(), 0.9) / 1.645;
    spread(differences).max(of_most).max(1.0)
}

struct Found<'a> {
    tallied: &'a Tallied,
    series: &'a Series,
    active: &'a Range<usize>,
    counts: &'a [f64],
    usual: &'a [f64],
    rhythm: Option<Rhythm>,
}

impl Found<'_> {
    fn sums(&self, windows: &Range<usize>) -> (f64, f64) {
        let usual: f64 = self.usual[windows.clone()].iter().sum();
        let in_turn = self.rhythm.map_or(0.0, |rhythm| rhythm.usual_in(self.counts, windows));
        (self.counts[windows.clone()].iter().sum(), usual.max(in_turn))
    }

    fn finding(&self, detector: Detector, windows: Range<usize>, strength: f64) -> Finding {
        let (seen, usual) = self.sums(&windows);
        let onset = match detector == Detector::Fewer && self.usual[windows.start] < 0.5 {
            // A turn that is missing: there is nothing to begin with.
            true => self.tallied.windows.begin(windows.start + self.active.start),
            false => self.onset(windows.start),
        };
        let shifted = windows.start + self.active.start..windows.end + self.active.start;
        let band = if detector == Detector::Fewer { Band::Unspecified } else { self.series.key.band };
        Finding {
            detector,
            subject: Subject::Template(self.series.key),
            band,
            windows: shifted,
            onset,
            seen,
            usual,
            strength,
        }
    }

    /// Where a message is rare otherwise, its first entry; else where in the window the change must lie, if the next window
    /// shows all of it.
    fn onset(&self, window: usize) -> Nanos {
        let begin = self.tallied.windows.begin(window + self.active.start);
        if self.usual[window] < 0.5 {
            return self.series.first_from(window + self.active.start).unwrap_or(begin);
        }
        let change = |window: usize| Some((self.counts.get(window)? - self.usual.get(window)?).abs());
        let share = match (change(window), change(window + 1)) {
            (Some(now), Some(next)) if next > now => now / next,
            _ => 1.0,
        };
        Nanos(begin.0 + ((1.0 - share) * self.tallied.windows.width_nanos as f64) as i64)
    }
}
