//! Numbers that shift: the mean logarithm of a field in each window (a geometric mean: typical latency) against its running
//! median and its time of the day, by what it varies from window to window and what chance does to so few values (robust z and
//! season, as for counts).

use std::ops::Range;

use model::incident::Detector;
use model::time::Nanos;

use super::baseline::usual_at;
use super::finding::{Finding, Subject, stretches};
use super::scale::number_of;
use super::tally::{NumberCell, Numbers, Tallied};
use crate::robust::{median, quantile, spread};

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
    let usual = usual_at(&means, tallied.windows_a_day(), |at| cells[at].window as usize);
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

#[cfg(test)]
mod tests {
    use model::incident::Windows;

    use super::*;
    use crate::anomaly::{Key, Tally};
    use crate::sample::random::Random;

    const WINDOWS: Windows = Windows { start: Nanos(0), width_nanos: 1_800_000_000_000, n: 5 * 48 };

    /// What is told of five days in which a number is ten times as large from noon to two, and in these windows.
    fn told(slow: Range<usize>) -> Vec<(usize, usize)> {
        let (mut tally, mut random) = (Tally::new(WINDOWS), Random::new(7));
        for window in 0..WINDOWS.n as usize {
            let is_slow = (24..28).contains(&(window % 48)) || slow.contains(&window);
            let typical = if is_slow { 300.0 } else { 30.0 };
            for _ in 0..20 {
                tally.add(0, Key::default(), WINDOWS.begin(window));
                tally.add_number(Key::default(), 0, WINDOWS.begin(window), typical * (0.5 + random.unit()));
            }
        }
        let tallied = tally.finish();
        find(&tallied, &tallied.numbers[0], 6.0)
            .into_iter()
            .map(|found| (found.windows.start, found.windows.end))
            .collect()
    }

    #[test]
    fn what_is_slow_at_the_same_time_of_each_day_is_no_shift() {
        assert_eq!(told(0..0), []);
        assert_eq!(told(100..104), [(100, 104)]);
    }
}
