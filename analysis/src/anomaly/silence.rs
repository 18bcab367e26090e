//! A source that spoke regularly, and then for a while not at all. What chance makes of it: windows without an entry are as
//! frequent around it as they are, and a run of k of them is that share to the k (runs, Wald & Wolfowitz 1940).
//!
//! One that speaks in nearly every window is regular as it is. One that does not, since its rhythm is slow or the silence long, is
//! judged by what it does apart from that silence, which must be far longer than any other; and only while the others go on, as
//! all may be silent at night.

use std::ops::Range;

use model::incident::Detector;
use model::severity::Band;

use super::baseline::{count_of, steady, usual};
use super::finding::{Finding, Subject};
use super::sum;
use super::tally::{Series, Tallied};
use crate::robust::median;

/// It speaks regularly if it does so in this share of the windows between its first and its last entry.
const REGULAR: f64 = 0.7;

/// Share of all windows, to both sides, that tell how frequent empty ones are.
const REACH_SHARE: usize = 8;

/// Where it does not, windows in which it must have spoken, and how many times as long as any other the silence must be.
const LEAST_SPOKEN: usize = 12;
const LONGER: usize = 2;

/// Entries of all sources, by window.
pub fn totals(tallied: &Tallied) -> Vec<f64> {
    sum(&tallied.sources, tallied.n_windows())
}

/// `totals`: those of all sources.
pub fn find(tallied: &Tallied, source: usize, totals: &[f64], threshold: f64) -> Vec<Finding> {
    let series = &tallied.sources[source];
    let (Some(first), Some(last)) = (series.first(), series.last()) else { return Vec::new() };
    let (first, last) = (first.window as usize, last.window as usize);
    let gaps = || series.cells.windows(2).map(|pair| pair[0].window as usize + 1..pair[1].window as usize);
    let is_regular = series.cells.len() as f64 >= REGULAR * (last + 1 - first) as f64;
    let mut lengths: Vec<usize> = gaps().map(|gap| gap.len()).collect();
    lengths.sort_unstable_by(|a, b| b.cmp(a));
    let [longest, second, ..] = lengths[..] else { return Vec::new() };
    // What is silent for longer than it speaks comes now and then.
    let stands_out = series.cells.len() >= LEAST_SPOKEN && longest > LONGER * second && 2 * longest < last + 1 - first;
    if !is_regular && !stands_out {
        return Vec::new();
    }
    let counts = &series.counts(tallied.n_windows())[first..=last];
    let values: Vec<f64> = counts.iter().map(|&count| steady(count)).collect();
    let usual: Vec<f64> = usual(&values, None).into_iter().map(count_of).collect();
    let mut findings = Vec::new();
    for gap in gaps().filter(|gap| !gap.is_empty() && (is_regular || gap.len() == longest)) {
        let (from, to) = (gap.start, gap.end);
        let reach = (counts.len() / REACH_SHARE).max(gap.len());
        let around = from.saturating_sub(first + reach)..(to - first + reach).min(counts.len());
        let n_around = around.len() - gap.len();
        let n_empty = counts[around].iter().filter(|&&count| count == 0.0).count() - gap.len();
        let share = (n_empty + 1) as f64 / (n_around + 2) as f64;
        let n_heard = if is_regular { gap.len() as f64 } else { heard(series, totals, first..last + 1, gap.clone()) };
        let expected: f64 = match is_regular {
            true => usual[from - first..to - first].iter().sum(),
            false => series.n as f64 * gap.len() as f64 / (counts.len() - gap.len()) as f64,
        };
        let strength = (-2.0 * n_heard * share.ln()).sqrt();
        if strength >= threshold {
            findings.push(Finding {
                detector: Detector::Silence,
                subject: Subject::Source(source as u32),
                band: Band::Unspecified,
                windows: gap,
                onset: tallied.windows.begin(from),
                seen: 0.0,
                usual: expected,
                strength,
            });
        }
    }
    findings
}

/// Of the windows of a gap, how many in which the others said as much as they do in `spoken` apart from it; all, where there are none.
fn heard(series: &Series, totals: &[f64], spoken: Range<usize>, gap: Range<usize>) -> f64 {
    let mut others = totals.to_vec();
    series.cells.iter().for_each(|cell| others[cell.window as usize] -= f64::from(cell.n));
    let usual = median(spoken.filter(|window| !gap.contains(window)).map(|window| others[window]).collect());
    if usual < 1.0 {
        return gap.len() as f64;
    }
    gap.map(|window| (others[window] / usual).min(1.0)).sum()
}
