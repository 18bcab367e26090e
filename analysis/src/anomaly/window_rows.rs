//! Each sliding window ([`super::slide`]) as a row of numbers: how many entries there were of each message, of each severity and
//! of each service, and how far what they measured (latencies, sizes) was from usual.
//!
//! Counts are weighted as words of documents are (TF-IDF, Spärck Jones 1972: [`Rows::telling`]); single messages may be too few to
//! show what their service or severity shows as a whole. Measures are scaled robustly, by their median and what is left of
//! them beside it (Hampel 1974). Then all aspects vary as much as each other in all, so that hundreds of messages do not drown
//! what a few services tell (groups of variables are balanced so in multiple factor analysis, Escofier & Pagès 1994).

use model::incident::Aspect;
use model::severity::BANDS;

use super::numbers::{in_chances, telling};
use super::tally::{NumberCell, Numbers, Tallied};
use super::{slide, sum};
use crate::outlier::Rows;
use crate::robust::median;

/// Measures count as no further from usual than so many standard deviations.
const FURTHEST: f64 = 10.0;

#[derive(Default)]
pub struct WindowRows {
    pub rows: Rows,
    /// By [`Aspect`]: where its columns end.
    ends: [u32; Aspect::ALL.len()],
}

impl WindowRows {
    pub fn of(tallied: &Tallied) -> Self {
        let n_windows = tallied.n_windows();
        let n_slid = slide::n_slid(n_windows);
        let mut columns = Columns { of_window: vec![Vec::new(); n_slid], n: 0 };
        for series in &tallied.series {
            let cells = series.cells.iter().map(|cell| (cell.window, cell.n));
            columns.push(slide::joined(cells, n_windows, |a, b| a + b));
        }
        let messages = columns.n;
        // Where all are of one kind, it tells no more than how many entries there are.
        let of_band = |band| tallied.series.iter().filter(move |series| series.key.band == band);
        let bands = BANDS.into_iter().filter(|&band| of_band(band).next().is_some());
        if bands.clone().count() > 1 {
            bands.for_each(|band| columns.push_sum(&slide::sums(&sum(of_band(band), n_windows))));
        }
        let severities = columns.n;
        if tallied.services().nth(1).is_some() {
            tallied.services().for_each(|of_service| columns.push_sum(&slide::sums(&sum(of_service, n_windows))));
        }
        let services = columns.n;
        let (measured, numbers) = measured(tallied, services);
        let mut rows = Rows::default();
        columns.of_window.into_iter().for_each(|cells| rows.push(cells, 1));
        let mut windows =
            Self { rows: rows.weighted_beside(&measured), ends: [messages, severities, services, numbers] };
        let n_rows = n_slid as f64;
        let scales = windows.distances().map(|squares| (squares.iter().sum::<f64>() / n_rows).sqrt().max(1e-9).recip());
        let ends = windows.ends;
        windows.rows.scale(|column| scales[aspect_of(&ends, column)]);
        windows
    }

    /// By [`Aspect`], of each window: its squared distance from the middle of all.
    pub fn distances(&self) -> [Vec<f64>; Aspect::ALL.len()] {
        let means = self.rows.column_means();
        let aspect = |column: u32| aspect_of(&self.ends, column);
        let mut of_means = [0.0; Aspect::ALL.len()];
        means.iter().zip(0..).for_each(|(mean, column)| of_means[aspect(column)] += mean * mean);
        let of_row = |row: usize| {
            let mut squares = of_means;
            for &(column, value) in self.rows.row(row) {
                squares[aspect(column)] += value * (value - 2.0 * means[column as usize]);
            }
            squares
        };
        let of_rows: Vec<_> = (0..self.rows.len()).map(of_row).collect();
        std::array::from_fn(|aspect| of_rows.iter().map(|squares| squares[aspect]).collect())
    }
}

fn aspect_of(ends: &[u32; Aspect::ALL.len()], column: u32) -> usize {
    ends.iter().position(|&end| column < end).unwrap_or_default()
}

/// Counts by window: columns in rising order.
struct Columns {
    of_window: Vec<Vec<(u32, u32)>>,
    n: u32,
}

impl Columns {
    fn push(&mut self, counts: impl IntoIterator<Item = (u32, u32)>) {
        counts.into_iter().for_each(|(window, n)| self.of_window[window as usize].push((self.n, n)));
        self.n += 1;
    }

    fn push_sum(&mut self, counts: &[f64]) {
        self.push((0..).zip(counts.iter().map(|&n| n as u32)).filter(|(_, n)| *n > 0));
    }
}

/// By window: how far each measure is from usual, in columns from this one on; and where those end.
fn measured(tallied: &Tallied, first: u32) -> (Vec<Vec<(u32, f64)>>, u32) {
    let mut of_window = vec![Vec::new(); slide::n_slid(tallied.n_windows())];
    let mut column = first;
    for numbers in &tallied.numbers {
        let numbers = slid(numbers, tallied.n_windows());
        let Some((cells, means)) = telling(&numbers) else { continue };
        let middle = median(means.clone());
        let differences: Vec<f64> = means.iter().map(|mean| mean - middle).collect();
        for (cell, off) in cells.iter().zip(in_chances(&cells, &differences)) {
            of_window[cell.window as usize].push((column, off.clamp(-FURTHEST, FURTHEST)));
        }
        column += 1;
    }
    (of_window, column)
}

/// A field's numbers in windows that slide.
fn slid(numbers: &Numbers, n_windows: usize) -> Numbers {
    let join = |a: NumberCell, b: NumberCell| NumberCell {
        n: a.n + b.n,
        sum: a.sum + b.sum,
        sum_of_squares: a.sum_of_squares + b.sum_of_squares,
        ..a
    };
    let cells = slide::joined(numbers.cells.iter().map(|cell| (cell.window, *cell)), n_windows, join);
    let cells = cells.into_iter().map(|(window, cell)| NumberCell { window, ..cell }).collect();
    Numbers { key: numbers.key, field: numbers.field, unit: numbers.unit, scale: numbers.scale, cells }
}
