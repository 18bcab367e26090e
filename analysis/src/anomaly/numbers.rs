//! Numbers that shift: the mean logarithm of a field in each window (a geometric mean: typical latency) against its running
//! median, by what it varies from window to window and what chance does to so few values (robust z, as for counts).

use std::ops::Range;

use model::incident::Detector;
use model::time::Nanos;

use super::baseline::{median, quantile, spread, usual};
use super::finding::{Finding, Subject, stretches};
use super::scale::number_of;
use super::tally::{NumberCell, Numbers, Tallied};

/// Windows with fewer values say little.
pub const LEAST_VALUES: u32 = 4;
pub const LEAST_WINDOWS: usize = 12;

/// Numbers that hardly vary are as good as certain to a twentieth.
const LEAST_CHANCE: f64 = 0.05;

/// Smaller shifts happen every day: as a difference of logarithms, a factor of 1.4.
const LEAST_SHIFT: f64 = 0.336;

pub fn find(tallied: &Tallied, numbers: &Numbers, threshold: f64) -> Vec<Finding> {
    let Some((cells, means)) = telling(numbers) else { return Vec::new() };
    let Some(series) = tallied.series_of(numbers.key) else { return Vec::new() };
    let usual = usual(&means, None);
    let differences: Vec<f64> = means.iter().zip(&usual).map(|(mean, usual)| mean - usual).collect();
    let off = in_chances(&cells, &differences);
    let mut findings = Vec::new();
    for sign in [1.0, -1.0] {
        let off: Vec<f64> = off.iter().map(|off| sign * off).collect();
        for stretch in stretches(&off, threshold) {
            let seen = mean_of(&means[stretch.windows.clone()], &cells[stretch.windows.clone()]);
            let expected = median(usual[stretch.windows.clone()].to_vec());
            if (seen - expected).abs() < LEAST_SHIFT {
                continue;
            }
            let windows = window_of(&cells, &stretch.windows);
            findings.push(Finding {
                detector: Detector::Value,
                subject: Subject::Field(numbers.key, numbers.field),
                band: series.key.band,
                onset: onset(tallied, &differences, &stretch.windows, windows.start),
                windows,
                seen: number_of(seen, numbers.scale),
                usual: number_of(expected, numbers.scale),
                strength: stretch.peak,
            });
        }
    }
    findings
}

/// The windows that say something of these numbers, and the mean logarithm in each; `None` if there are too few.
pub fn telling(numbers: &Numbers) -> Option<(Vec<&NumberCell>, Vec<f64>)> {
    let cells: Vec<&NumberCell> = numbers.cells.iter().filter(|cell| cell.n >= LEAST_VALUES).collect();
    let means = cells.iter().map(|cell| cell.sum / f64::from(cell.n)).collect();
    (cells.len() >= LEAST_WINDOWS).then_some((cells, means))
}

/// Differences of windows' means from what is usual as multiples of what chance makes of them: what the means vary from window to
/// window, and what the values within one do to the mean of so few.
pub fn in_chances(cells: &[&NumberCell], differences: &[f64]) -> Vec<f64> {
    let of_most = quantile(differences.iter().map(|difference| difference.abs()).collect(), 0.9) / 1.645;
    let between = spread(differences).max(of_most);
    let within = median(cells.iter().map(|cell| variance(cell)).collect());
    let chance = |cell: &NumberCell| (between * between + within / f64::from(cell.n)).sqrt().max(LEAST_CHANCE);
    cells.iter().zip(differences).map(|(cell, difference)| difference / chance(cell)).collect()
}

fn variance(cell: &NumberCell) -> f64 {
    let n = f64::from(cell.n);
    (cell.sum_of_squares / n - (cell.sum / n).powi(2)).max(0.0)
}

fn mean_of(means: &[f64], cells: &[&NumberCell]) -> f64 {
    let n: f64 = cells.iter().map(|cell| f64::from(cell.n)).sum();
    means.iter().zip(cells).map(|(mean, cell)| mean * f64::from(cell.n)).sum::<f64>() / n
}

fn window_of(cells: &[&NumberCell], places: &Range<usize>) -> Range<usize> {
    cells[places.start].window as usize..cells[places.end - 1].window as usize + 1
}

/// Where in its first window the change must lie, if the next shows all of it.
fn onset(tallied: &Tallied, differences: &[f64], places: &Range<usize>, window: usize) -> Nanos {
    let now = differences[places.start].abs();
    let next = differences.get(places.start + 1).map_or(now, |next| next.abs());
    let share = if next > now { now / next } else { 1.0 };
    let begin = tallied.windows.begin(window);
    Nanos(begin.0 + ((1.0 - share) * tallied.windows.width_nanos as f64) as i64)
}
