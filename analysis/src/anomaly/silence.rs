//! A source that spoke in nearly every window, and then for a while not at all. What chance makes of it: windows without an
//! entry are as frequent around it as they are, and a run of k of them is that share to the k (runs, Wald & Wolfowitz 1940).

use model::incident::Detector;
use model::severity::Band;

use super::baseline::{count_of, steady, usual};
use super::finding::{Finding, Subject};
use super::tally::Tallied;

/// It speaks regularly if it does so in this share of the windows between its first and its last entry.
const REGULAR: f64 = 0.7;

/// Share of all windows, to both sides, that tell how frequent empty ones are.
const REACH_SHARE: usize = 8;

pub fn find(tallied: &Tallied, source: usize, threshold: f64) -> Vec<Finding> {
    let series = &tallied.sources[source];
    let (Some(first), Some(last)) = (series.first(), series.last()) else { return Vec::new() };
    let (first, last) = (first.window as usize, last.window as usize);
    if (series.cells.len() as f64) < REGULAR * (last + 1 - first) as f64 {
        return Vec::new();
    }
    let counts = &series.counts(tallied.n_windows())[first..=last];
    let values: Vec<f64> = counts.iter().map(|&count| steady(count)).collect();
    let usual: Vec<f64> = usual(&values, None).into_iter().map(count_of).collect();
    let mut findings = Vec::new();
    for pair in series.cells.windows(2) {
        let (from, to) = (pair[0].window as usize + 1, pair[1].window as usize);
        let expected: f64 = usual[from - first..to - first].iter().sum();
        let reach = (counts.len() / REACH_SHARE).max(to - from);
        let around = from.saturating_sub(first + reach)..(to - first + reach).min(counts.len());
        let n_around = around.len() - (to - from);
        let n_empty = counts[around].iter().filter(|&&count| count == 0.0).count() - (to - from);
        let share = (n_empty + 1) as f64 / (n_around + 2) as f64;
        let strength = (-2.0 * (to - from) as f64 * share.ln()).sqrt();
        if to > from && strength >= threshold {
            findings.push(Finding {
                detector: Detector::Silence,
                subject: Subject::Source(source as u32),
                band: Band::Unspecified,
                windows: from..to,
                onset: tallied.windows.begin(from),
                seen: 0.0,
                usual: expected,
                strength,
            });
        }
    }
    findings
}
