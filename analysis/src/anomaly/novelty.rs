//! Messages that appear, or are written no more, in the middle of the logs; and those of which there are next to none.
//!
//! Had a message been possible all along, the chance that the first share f of the time has none of the k windows in which it
//! occurs is (1 − f)^k (the rule of succession, turned around). Windows count, not entries: messages come in crowds.
//!
//! Only what was there all along before can vanish. What was not, since there is a gap before it that the same chance does not make,
//! flared up and is over: k windows lie that near each other by the chance that a scan finds them so (Naus 1965).

use std::ops::Range;

use model::incident::Detector;
use model::severity::Band;

use super::finding::{Finding, Subject};
use super::tally::{Series, Tallied};

/// Messages of no more entries are rare: each of them is worth a look where other things change.
pub const RARE: u64 = 4;

/// So many warnings or errors are rare too, where all of them lie within this share of the time.
const FEW: u64 = 16;
const SHORT_SHARE: usize = 12;

/// A gap that chance makes as seldom as this, in standard deviations, is none between entries that come regularly: one in a hundred.
const IRREGULAR: f64 = 3.0;

/// `active`: the windows in which its service wrote at all.
pub fn find(tallied: &Tallied, series: &Series, active: Range<usize>, threshold: f64) -> Vec<Finding> {
    let (Some(first), Some(last)) = (series.first(), series.last()) else { return Vec::new() };
    let base = Finding {
        detector: Detector::Rare,
        subject: Subject::Template(series.key),
        band: series.key.band,
        windows: 0..0,
        onset: first.first,
        seen: series.n as f64,
        usual: 0.0,
        strength: 0.0,
    };
    if series.n <= RARE {
        let one = |cell: &super::tally::Cell| Finding {
            windows: cell.window as usize..cell.window as usize + 1,
            onset: cell.first,
            seen: f64::from(cell.n),
            strength: surprise_of(1.0 / active.len() as f64, 1),
            ..base.clone()
        };
        return series.cells.iter().map(one).collect();
    }
    let share = |n_windows: usize| n_windows as f64 / active.len() as f64;
    let n_windows = series.cells.len();
    let (first_window, last_window) = (first.window as usize, last.window as usize);
    let mut findings = Vec::new();
    let is_new = surprise_of(1.0 - share(first_window - active.start), n_windows);
    if is_new >= threshold {
        let windows = first_window..last_window + 1;
        findings.push(Finding { detector: Detector::New, windows, strength: is_new, ..base.clone() });
    }
    let is_gone = surprise_of(1.0 - share(active.end - 1 - last_window), n_windows);
    let flare = if is_gone >= threshold { Some(flared_up_at(series, active.start)) } else { None };
    match flare {
        None => {}
        Some(None) => findings.push(Finding {
            detector: Detector::Vanished,
            windows: last_window + 1..active.end,
            onset: tallied.windows.begin(last_window + 1),
            seen: 0.0,
            strength: is_gone,
            ..base.clone()
        }),
        // What is new is told by that, with when it was.
        Some(Some(_)) if !findings.is_empty() => {}
        Some(Some(at)) => {
            let flare = &series.cells[at..];
            let windows = flare[0].window as usize..last_window + 1;
            findings.push(Finding {
                detector: Detector::Burst,
                onset: flare[0].first,
                seen: flare.iter().map(|cell| f64::from(cell.n)).sum(),
                strength: crowded(share(windows.len()), flare.len()),
                windows,
                ..base.clone()
            });
        }
    }
    let windows = first_window..last_window + 1;
    let is_rare = series.n <= FEW && windows.len() * SHORT_SHARE <= active.len();
    if findings.is_empty() && is_rare && series.key.band >= Band::Warn {
        findings.push(Finding { strength: surprise_of(share(windows.len()), 1), windows, ..base });
    }
    findings
}

/// The cell behind the longest gap, from the beginning on, if chance does not make gaps as long as that.
fn flared_up_at(series: &Series, start: usize) -> Option<usize> {
    let windows = || series.cells.iter().map(|cell| cell.window as usize);
    let before = std::iter::once(start).chain(windows().map(|window| window + 1));
    let gaps = windows().zip(before).map(|(window, before)| window.saturating_sub(before));
    let (at, gap) = gaps.enumerate().max_by_key(|(at, gap)| (*gap, std::cmp::Reverse(*at)))?;
    let n_before = series.last()?.window as usize + 1 - start;
    let n_windows = series.cells.len();
    // Any of the gaps may be the longest.
    let chance = surprise_of(1.0 - gap as f64 / n_before as f64, n_windows);
    let looks = 2.0 * (n_windows as f64).ln();
    (chance.powi(2) - looks >= IRREGULAR.powi(2)).then_some(at)
}

/// That `n` windows anywhere lie within this share of all, as standard deviations of a normal variable, about.
fn crowded(share: f64, n: usize) -> f64 {
    let (share, n) = (share.clamp(1e-9, 1.0), n as f64);
    let ln_chance = (n - 1.0) * share.ln() + (n - (n - 1.0) * share).ln();
    (-2.0 * ln_chance).max(0.0).sqrt()
}

/// `share`^`n` as standard deviations of a normal variable, about.
fn surprise_of(share: f64, n: usize) -> f64 {
    (-2.0 * n as f64 * share.clamp(1e-9, 1.0).ln()).sqrt()
}

#[cfg(test)]
mod tests {
    use model::incident::Windows;
    use model::time::Nanos;

    use super::*;
    use crate::anomaly::{Key, Tally};

    const WINDOWS: Windows = Windows { start: Nanos(0), width_nanos: 60_000_000_000, n: 360 };

    /// What is told of a message with three entries in each of these windows.
    fn told(windows: impl Iterator<Item = usize>) -> Vec<(Detector, Range<usize>, f64)> {
        let mut tally = Tally::new(WINDOWS);
        for window in windows {
            (0..3).for_each(|at| tally.add(0, Key::default(), Nanos(WINDOWS.begin(window).0 + at)));
        }
        let tallied = tally.finish();
        let found = find(&tallied, &tallied.series[0], 0..360, 5.5);
        found.into_iter().map(|one| (one.detector, one.windows, one.seen)).collect()
    }

    #[test]
    fn what_was_written_regularly_and_then_no_more_has_vanished() {
        assert_eq!(told((0..250).step_by(5)), [(Detector::Vanished, 246..360, 0.0)]);
        assert_eq!(told(0..250), [(Detector::Vanished, 250..360, 0.0)]);
    }

    #[test]
    fn what_only_flared_up_is_a_burst_from_its_first_to_its_last_entry() {
        assert_eq!(told(120..138), [(Detector::Burst, 120..138, 54.0)]);
        // Though there was one long before.
        assert_eq!(told(std::iter::once(0).chain(120..138)), [(Detector::Burst, 120..138, 54.0)]);
    }

    #[test]
    fn what_begins_late_and_ends_is_new() {
        assert_eq!(told(250..268), [(Detector::New, 250..268, 54.0)]);
    }
}
