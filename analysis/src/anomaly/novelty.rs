//! Messages that appear, or are written no more, in the middle of the logs; and those of which there are next to none.
//!
//! Had a message been possible all along, the chance that the first share f of the time has none of the k windows in which it
//! occurs is (1 − f)^k (the rule of succession, turned around). Windows count, not entries: messages come in crowds.

use std::ops::Range;

use model::incident::Detector;

use super::finding::{Finding, Subject};
use super::tally::{Series, Tallied};

/// Messages of no more entries are rare: each of them is worth a look where other things change.
pub const RARE: u64 = 4;

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
    if is_gone >= threshold {
        findings.push(Finding {
            detector: Detector::Vanished,
            windows: last_window + 1..active.end,
            onset: tallied.windows.begin(last_window + 1),
            seen: 0.0,
            strength: is_gone,
            ..base
        });
    }
    findings
}

/// `share`^`n` as standard deviations of a normal variable, about.
fn surprise_of(share: f64, n: usize) -> f64 {
    (-2.0 * n as f64 * share.clamp(1e-9, 1.0).ln()).sqrt()
}
