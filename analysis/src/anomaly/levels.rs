//! Changes that stay: from one window on there is more, or less, of something than before, among all that is written.
//!
//! The splits that explain most (binary segmentation, Scott & Knott 1974; Fryzlewicz 2014), measured against the noise from
//! one window to the next, which a level shift does not touch. Where entries are few, windows are taken together until there are
//! enough in each to tell a rate.

use std::ops::Range;

use model::incident::Detector;

use super::baseline::steady;
use super::finding::{Finding, Subject};
use super::tally::{Series, Tallied};
use super::{active_in, sum};
use crate::robust::{median, spread};

/// Entries a series needs, and windows on both sides of a split (as a share of all, and at least).
const LEAST_ENTRIES: u64 = 100;
const LEAST_SHARE: usize = 12;
const LEAST_WINDOWS: usize = 6;

/// Windows are taken together until so many entries are in each part on average, but not into fewer parts than this.
const ENOUGH: f64 = 8.0;
const FEWEST_PARTS: usize = 24;

/// Smaller changes happen every day.
const LEAST_RATIO: f64 = 1.6;

/// So much it must change by itself: nothing is the matter with what stays as it is while others change.
const LEAST_OWN_RATIO: f64 = 1.25;

/// A series beside which there is less than this, as a share of it, is compared with time alone.
const LEAST_OTHERS: f64 = 0.2;

/// Then so much of the change must come at once: as a share of its logarithm.
const SUDDEN: f64 = 0.7;

/// How often the time is split, and then each part of it.
const MOST_DEPTH: usize = 2;

/// A long series makes the smallest change certain; certainty is not importance. So strong is a change by a factor of e at most.
const STRONGEST: f64 = 8.0;

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

/// Windows that are taken together.
#[derive(Clone, Copy)]
struct Part {
    /// The first of them.
    window: usize,
    n_windows: f64,
    n_entries: f64,
    /// Entries of others, or windows: what its rate is measured against.
    n_others: f64,
}

/// A series in the windows in which nothing else is known to be unusual about it.
struct Course {
    windows: Vec<Part>,
    n_together: usize,
    parts: Vec<Part>,
    /// By part: how far from a rate that is always the same, in standard deviations of chance.
    off: Vec<f64>,
    noise: f64,
    /// There is next to nothing beside it.
    is_alone: bool,
}

/// `totals`: entries it is measured against, by window, its own among them; `active`: the windows in which the series' service wrote
/// at all; `found`: what else is unusual about the series.
pub fn find(
    tallied: &Tallied,
    series: &Series,
    totals: &[f64],
    active: Range<usize>,
    found: &[Finding],
    threshold: f64,
) -> Vec<Finding> {
    // What begins or ends has another rate before or after that.
    let is_known = found.iter().any(|finding| matches!(finding.detector, Detector::New | Detector::Vanished));
    if series.n < LEAST_ENTRIES || is_known {
        return Vec::new();
    }
    let course = Course::of(&series.counts(tallied.n_windows()), totals, &active, found);
    let parts = &course.parts;
    let mut ends = vec![0];
    course.split(0..parts.len(), 2.0 * threshold, MOST_DEPTH, &mut ends);
    ends.push(parts.len());
    let levels: Vec<Part> = ends.windows(2).filter_map(|ends| joined(&parts[ends[0]..ends[1]])).collect();
    let mut findings = Vec::new();
    for (at, ends) in ends.windows(3).enumerate() {
        let (before, after) = (levels[at], levels[at + 1]);
        let certainty = course.certainty(ends[0]..ends[1], ends[1]..ends[2]);
        // What is as it was before is no more than over; where nothing is written at all, others tell.
        let is_over = levels[..at].iter().any(|earlier| !differ(earlier.rate(), after.rate(), LEAST_RATIO));
        let is_told = is_over || after.n_entries == 0.0;
        if certainty < 2.0 * threshold || is_told || !course.is_shift(before, after, ends) {
            continue;
        }
        let window = course.first_window(ends[1], before, after);
        findings.push(Finding {
            detector: Detector::Level,
            subject: Subject::Template(series.key),
            band: series.key.band,
            windows: window..parts.get(ends[2]).map_or(active.end, |next| next.window),
            onset: tallied.windows.begin(window),
            seen: after.n_entries,
            usual: before.rate() * after.n_others,
            strength: certainty.min(STRONGEST * (after.rate() / before.rate()).ln().abs()),
        });
    }
    findings
}

impl Part {
    fn rate(self) -> f64 {
        self.n_entries / self.n_others.max(1.0)
    }

    fn own_rate(self) -> f64 {
        self.n_entries / self.n_windows
    }
}

fn joined(parts: &[Part]) -> Option<Part> {
    let sum = |of: fn(&Part) -> f64| parts.iter().map(of).sum();
    Some(Part {
        window: parts.first()?.window,
        n_windows: sum(|part| part.n_windows),
        n_entries: sum(|part| part.n_entries),
        n_others: sum(|part| part.n_others),
    })
}

fn differ(a: f64, b: f64, ratio: f64) -> bool {
    a.max(b) > ratio * a.min(b)
}

impl Course {
    fn of(counts: &[f64], totals: &[f64], active: &Range<usize>, found: &[Finding]) -> Self {
        let is_usual = |window: &usize| !found.iter().any(|finding| finding.windows.contains(window));
        let window = |window: usize| {
            let n_entries = counts[window];
            Part { window, n_windows: 1.0, n_entries, n_others: (totals[window] - n_entries).max(0.0) }
        };
        let mut windows: Vec<Part> = active.clone().filter(is_usual).map(window).collect();
        let all = |of: fn(&Part) -> f64| windows.iter().map(of).sum::<f64>();
        let (n_entries, n_others) = (all(|part| part.n_entries), all(|part| part.n_others));
        let is_alone = n_others < LEAST_OTHERS * n_entries;
        if is_alone {
            windows.iter_mut().for_each(|part| part.n_others = 1.0);
        }
        let n_together = (ENOUGH * windows.len() as f64 / n_entries.max(1.0)).ceil() as usize;
        let n_together = n_together.clamp(1, (windows.len() / FEWEST_PARTS).max(1));
        let parts: Vec<Part> = windows.chunks(n_together).filter_map(joined).collect();
        // What is off is how it compares with everything else: a busy hour is no change.
        let share = joined(&parts).map_or(0.0, Part::rate);
        let off: Vec<f64> = parts.iter().map(|part| steady(part.n_entries) - steady(part.n_others * share)).collect();
        let steps: Vec<f64> = off.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let noise = (spread(&steps) / std::f64::consts::SQRT_2).max(1.0);
        Self { windows, n_together, parts, off, noise, is_alone }
    }

    /// Appends where the parts are best split, and where those are in which that leaves them, in their order.
    fn split(&self, range: Range<usize>, least_certainty: f64, depth: usize, cuts: &mut Vec<usize>) {
        if depth == 0 {
            return;
        }
        let least = (self.windows.len() / LEAST_SHARE).max(LEAST_WINDOWS).div_ceil(self.n_together);
        let Some(at) = best_split(&self.off[range.clone()], least).map(|at| range.start + at) else { return };
        if self.certainty(range.start..at, at..range.end) < least_certainty {
            return;
        }
        self.split(range.start..at, least_certainty, depth - 1, cuts);
        cuts.push(at);
        self.split(at..range.end, least_certainty, depth - 1, cuts);
    }

    /// By how much the means of both differ, in standard deviations of chance.
    fn certainty(&self, before: Range<usize>, after: Range<usize>) -> f64 {
        let mean = |range: Range<usize>| self.off[range.clone()].iter().sum::<f64>() / range.len() as f64;
        let (n_before, n_after) = (before.len() as f64, after.len() as f64);
        let difference = mean(after) - mean(before);
        difference.abs() * (n_before * n_after / (n_before + n_after)).sqrt() / self.noise
    }

    /// `ends`: where the parts before, and those after, begin, and where these end.
    fn is_shift(&self, before: Part, after: Part, ends: &[usize]) -> bool {
        let sign = if after.rate() > before.rate() { 1.0 } else { -1.0 };
        let is_more =
            |before: f64, after: f64, ratio: f64| sign * (after - before) > 0.0 && differ(before, after, ratio);
        // Two thirds of a long series on either side of a trend would do; the two middles must differ as well.
        let middle = |range: Range<usize>| median(self.off[range].to_vec());
        let middles = middle(ends[1]..ends[2]) - middle(ends[0]..ends[1]);
        // By time alone a busy day differs from the night, but comes slowly.
        let near = |range: Range<usize>| joined(&self.parts[range]).map_or(0.0, Part::rate);
        let is_sudden = || {
            let near_before = near(ends[0].max(ends[1].saturating_sub(LEAST_WINDOWS))..ends[1]);
            let near_after = near(ends[1]..ends[2].min(ends[1] + LEAST_WINDOWS));
            sign * (near_after / near_before).ln() >= SUDDEN * (after.rate() / before.rate()).ln().abs()
        };
        sign * middles >= 1.5 * self.noise
            && is_more(before.rate(), after.rate(), LEAST_RATIO)
            && is_more(before.own_rate(), after.own_rate(), LEAST_OWN_RATIO)
            && (!self.is_alone || is_sudden())
    }

    /// From which window on, about this part, the entries are more likely those of the later rate.
    fn first_window(&self, part: usize, before: Part, after: Part) -> usize {
        const LEAST_RATE: f64 = 1e-9;
        let likelier = (after.rate().max(LEAST_RATE) / before.rate().max(LEAST_RATE)).ln();
        let from = (part - 1) * self.n_together;
        let near = &self.windows[from..((part + 1) * self.n_together).min(self.windows.len())];
        let (mut sum, mut best) = (0.0, (f64::NEG_INFINITY, self.parts[part].window));
        for window in near.iter().rev() {
            sum += window.n_entries * likelier - (after.rate() - before.rate()) * window.n_others;
            if sum > best.0 {
                best = (sum, window.window);
            }
        }
        best.1
    }
}

/// Where the means of both sides differ most: the split that explains the largest sum of squares.
fn best_split(values: &[f64], least: usize) -> Option<usize> {
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
    best.map(|(at, _)| at)
}
