//! Messages that are more, or fewer, than they usually are at that time: robust z-scores (Iglewicz & Hoaglin 1993) of
//! variance-stabilised counts against a running median, and against their turn where bursts come in a [`rhythm`](super::rhythm).

use std::ops::Range;

use model::incident::Detector;
use model::severity::Band;
use model::time::Nanos;

use super::baseline::{count_of, steady, usual};
use super::finding::{Finding, STILL_OFF, Subject, stretches, threshold_of_looks};
use super::rhythm::Rhythm;
use super::tally::{Series, Tallied};
use crate::robust::{quantile, spread};

/// Less is no burst, whatever the odds.
const LEAST_EXCESS: f64 = 4.0;

/// A message is new if at least this share of the time passed without it.
const NEW_AFTER: f64 = 0.1;

/// A message that is in no more than one of so many windows is not beside its burst by chance.
const SELDOM: usize = 20;

/// Fewer bursts have no rhythm.
const LEAST_BURSTS: usize = 4;

/// So many neighbouring windows are taken together too. Lengths that double are enough to meet any stretch of time with a sum that
/// has most of it (Arias-Castro, Donoho & Huo 2005).
const TOGETHER: [usize; 4] = [2, 4, 8, 16];

/// Windows that hold more of a message than this, as usual, tell enough of it: more of them together would show the course of the day.
const ENOUGH: f64 = 8.0;

/// Fewer sums have no usual one.
const FEWEST_SUMS: usize = 24;

/// With the sums of all lengths, which begin at each half of their length, there are so many times as many values as windows, at
/// most: the threshold for sums is that of so many more looks (Naus & Wallenstein 2004, on scans with several windows).
const LOOKS: f64 = 3.0;

/// `active`: the windows in which its service wrote at all; elsewhere nothing is said about it.
pub fn find(
    tallied: &Tallied,
    series: &Series,
    active: Range<usize>,
    period: Option<usize>,
    threshold: f64,
) -> Vec<Finding> {
    let counts = &series.counts(tallied.n_windows())[active.clone()];
    let course = Course::of(counts, period, threshold);
    let found = Found { tallied, series, active: &active, counts, usual: &course.usual, rhythm: course.rhythm };

    let mut findings = Vec::new();
    for stretch in stretches(&course.off, threshold) {
        findings.extend(found.more(found.reaching_back(stretch.windows), stretch.peak));
    }
    // A rhythm is one of windows: what comes in its turn is usual.
    if course.rhythm.is_none() {
        more_together(found, period, threshold, &mut findings);
    }

    let mut below: Vec<f64> = course.off.iter().map(|value| -value).collect();
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

/// Adds where there are more than usual of a rare message only if windows are taken together: each of them has too few of it. Sums
/// are counts in wider windows, with what is usual in these and how much that varies.
///
/// Cost: about twice that of the windows, of messages alone that are rare enough and not too rare.
fn more_together(found: Found<'_>, period: Option<usize>, threshold: f64, findings: &mut Vec<Finding>) {
    let threshold = threshold_of_looks(threshold, LOOKS);
    let can_tell = |n_entries: f64| steady(n_entries) - steady(0.0) >= threshold;
    let (n_entries, n_windows) = (found.counts.iter().sum::<f64>(), found.counts.len());
    if !can_tell(n_entries) {
        return;
    }
    let has_room = |&n: &usize| n_entries * n as f64 <= ENOUGH * n_windows as f64 && n_windows / n >= FEWEST_SUMS;
    for n in TOGETHER.into_iter().filter(has_room) {
        // Else the hours of the days would not lie one above the other.
        if period.is_some_and(|period| !period.is_multiple_of(n)) {
            continue;
        }
        for shift in [0, n / 2] {
            let sums: Vec<f64> = found.counts[shift..].chunks_exact(n).map(|some| some.iter().sum()).collect();
            if !sums.iter().any(|&sum| can_tell(sum)) {
                continue;
            }
            let course = Course::of(&sums, period.map(|period| period / n), threshold);
            if course.rhythm.is_some() {
                continue;
            }
            let of_window = |window: usize| course.usual[(window.saturating_sub(shift) / n).min(sums.len() - 1)];
            let usual: Vec<f64> = (0..n_windows).map(|window| of_window(window) / n as f64).collect();
            let found = Found { usual: &usual, ..found };
            for stretch in stretches(&course.off, threshold) {
                let windows = shift + stretch.windows.start * n..shift + stretch.windows.end * n;
                let Some(more) = found.more(found.reaching_back(found.those_with_more(windows)), stretch.peak) else {
                    continue;
                };
                let is_near = |known: &Finding| {
                    known.windows.start <= more.windows.end && more.windows.start <= known.windows.end
                };
                if !findings.iter().any(is_near) {
                    findings.push(more);
                }
            }
        }
    }
}

/// Counts in windows of equal width, beside what is usual.
struct Course {
    usual: Vec<f64>,
    /// How far above that, in standard deviations of chance.
    off: Vec<f64>,
    rhythm: Option<Rhythm>,
}

impl Course {
    fn of(counts: &[f64], period: Option<usize>, threshold: f64) -> Self {
        let values: Vec<f64> = counts.iter().map(|&count| steady(count)).collect();
        let usual = usual(&values, period);
        let mut differences: Vec<f64> = values.iter().zip(&usual).map(|(value, usual)| value - usual).collect();
        let rhythm = rhythm_of(&differences, threshold);
        if let Some(rhythm) = rhythm {
            differences = rhythm.differences(&differences, STILL_OFF);
        }
        let chance = chance_of(&differences);
        let off = differences.iter().map(|difference| difference / chance).collect();
        Self { usual: usual.into_iter().map(count_of).collect(), off, rhythm }
    }
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

#[derive(Clone, Copy)]
struct Found<'a> {
    tallied: &'a Tallied,
    series: &'a Series,
    active: &'a Range<usize>,
    counts: &'a [f64],
    usual: &'a [f64],
    rhythm: Option<Rhythm>,
}

impl Found<'_> {
    /// More than usual in these windows, if it is enough to be told.
    fn more(&self, windows: Range<usize>, strength: f64) -> Option<Finding> {
        let (seen, expected) = self.sums(&windows);
        if seen - expected < LEAST_EXCESS {
            return None;
        }
        let first = self.series.first().map_or(0, |cell| cell.window as usize) - self.active.start;
        let is_new = windows.contains(&first) && first as f64 >= NEW_AFTER * self.active.len() as f64;
        let detector = if is_new { Detector::New } else { Detector::Burst };
        Some(self.finding(detector, windows, strength))
    }

    /// These windows with those just before them that have entries too, where a message is otherwise too seldom for that to be chance:
    /// a window may begin just after the first few.
    fn reaching_back(&self, windows: Range<usize>) -> Range<usize> {
        let has_some = |&at: &usize| self.counts[at] > 0.0 && self.usual[at] < 0.5;
        let n_before = (0..windows.start).rev().take_while(has_some).count();
        let before = windows.start - n_before..windows.end;
        let n_elsewhere = (0..self.counts.len()).filter(|at| !before.contains(at) && self.counts[*at] > 0.0).count();
        let is_seldom = n_elsewhere * SELDOM <= self.counts.len();
        if is_seldom && self.usual[windows.start] < 0.5 { before } else { windows }
    }

    /// From the first to the last of these windows that has more than usual.
    fn those_with_more(&self, windows: Range<usize>) -> Range<usize> {
        let has_more = |&at: &usize| self.counts[at] > self.usual[at];
        let first = windows.clone().find(has_more).unwrap_or(windows.start);
        let last = windows.clone().rfind(has_more).unwrap_or(first);
        first..last + 1
    }

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

#[cfg(test)]
mod tests {
    use model::incident::Windows;

    use super::*;
    use crate::anomaly::finding::threshold_for;
    use crate::anomaly::{Key, Tally};
    use crate::sample::random::Random;

    const WINDOWS: Windows = Windows { start: Nanos(0), width_nanos: 180_000_000_000, n: 480 };
    const DAY: Range<usize> = 0..480;

    /// Entries of one message, so many in each window.
    fn tallied(n: impl Fn(usize) -> usize) -> Tallied {
        let mut tally = Tally::new(WINDOWS);
        for window in DAY {
            (0..n(window)).for_each(|at| tally.add(0, Key::default(), Nanos(WINDOWS.begin(window).0 + at as i64)));
        }
        tally.finish()
    }

    fn found(tallied: &Tallied, threshold: f64) -> Vec<Finding> {
        find(tallied, &tallied.series[0], DAY, Some(480), threshold)
    }

    #[test]
    fn a_run_of_errors_is_found_though_no_window_has_many_of_them() {
        let threshold = threshold_for(480 * 20);
        let run = tallied(|window| if (200..206).contains(&window) { 8 } else { 0 });
        assert!(steady(8.0) - steady(0.0) < threshold, "a window alone does not tell");
        let found = found(&run, threshold);
        let told: Vec<_> =
            found.iter().map(|one| (one.detector, one.windows.clone(), one.seen, one.usual.round())).collect();
        assert_eq!(told, [(Detector::New, 200..206, 48.0, 0.0)]);
    }

    #[test]
    fn a_message_is_new_from_its_first_entry_on_though_that_is_in_the_window_before() {
        let counts = |window: usize| [(199, 2), (200, 93)].iter().find(|(of, _)| *of == window).map_or(0, |(_, n)| *n);
        let one = tallied(counts);
        let found = found(&one, 5.3);
        let told: Vec<_> = found.iter().map(|one| (one.detector, one.seen, one.onset)).collect();
        assert_eq!(told, [(Detector::New, 95.0, WINDOWS.begin(199))]);
        // Where there are some now and then, those before are chance.
        let now_and_then = tallied(|window| counts(window).max(usize::from(window % 9 == 0 || window == 199)));
        let found = super::find(&now_and_then, &now_and_then.series[0], DAY, Some(480), 5.3);
        assert_eq!(found.iter().map(|one| one.windows.start).collect::<Vec<_>>(), [200], "{found:#?}");
    }

    #[test]
    fn what_windows_tell_alone_is_not_told_again_by_their_sums() {
        let run = tallied(|window| if (200..206).contains(&window) { 40 } else { usize::from(window % 31 == 0) });
        let found = found(&run, 5.3);
        assert_eq!(found.iter().map(|one| one.detector).collect::<Vec<_>>(), [Detector::Burst], "{found:#?}");
    }

    #[test]
    fn rare_messages_that_come_by_chance_are_no_burst_however_many_windows_are_taken_together() {
        let mut random = Random::new(17);
        for rate in [0.02, 0.1, 0.3, 0.7, 1.5, 4.0] {
            for _ in 0..30 {
                let mut counts = vec![0; 480];
                let mut time = random.exponential() / rate;
                while time < 480.0 {
                    counts[time as usize] += 1;
                    time += random.exponential() / rate;
                }
                let found = found(&tallied(|window| counts[window]), threshold_for(480 * 180));
                assert_eq!(found, [], "{rate}");
            }
        }
    }
}
