//! How requests ended whose messages have the same words either way: by their status, or else by how grave they were.

use std::ops::Range;

use model::severity::Band;

use super::scale::number_of;
use super::tally::{Key, NumberCell, Tallied};

/// What tells the entries of a message in some windows apart from others with its words: `503`, `5xx`, `error`; empty where there is
/// nothing to tell apart.
pub fn outcome(key: Key, windows: &Range<usize>, tallied: &Tallied) -> String {
    let status = tallied.outcomes_of(key).first().and_then(|numbers| {
        let cells = numbers.cells.iter().filter(|cell| windows.contains(&(cell.window as usize)));
        status_of(cells, numbers.scale)
    });
    let is_also_fine = || tallied.with_words_of(key).iter().any(|series| series.key.band < Band::Warn);
    match status {
        Some(status) => status,
        None if key.band >= Band::Warn && is_also_fine() => key.band.name().to_owned(),
        None => String::new(),
    }
}

/// The one status of all, or the class that all are of.
fn status_of<'c>(cells: impl Iterator<Item = &'c NumberCell>, scale: f64) -> Option<String> {
    let (mut n, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for cell in cells {
        n += f64::from(cell.n);
        sum += cell.sum;
        squares += cell.sum_of_squares;
    }
    if n == 0.0 {
        return None;
    }
    let mean = sum / n;
    let deviation = (squares / n - mean * mean).max(0.0).sqrt();
    let bound = |log: f64| number_of(log, scale).round();
    let (low, high) = (bound(mean - 2.0 * deviation), bound(mean + 2.0 * deviation));
    let class = (low / 100.0).floor();
    match (1.0..6.0).contains(&class) && class == (high / 100.0).floor() {
        true if low == high => Some(format!("{low:.0}")),
        true => Some(format!("{class:.0}xx")),
        false => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anomaly::scale::log_of;

    fn told(statuses: &[f64]) -> Option<String> {
        let mut cell = NumberCell::default();
        for status in statuses {
            let log = log_of(*status, 1.0);
            (cell.n, cell.sum, cell.sum_of_squares) = (cell.n + 1, cell.sum + log, cell.sum_of_squares + log * log);
        }
        status_of([cell].iter(), 1.0)
    }

    #[test]
    fn one_status_is_told_as_it_is_and_several_by_their_class() {
        assert_eq!(told(&[503.0; 1000]).as_deref(), Some("503"));
        assert_eq!(told(&[502.0, 503.0, 504.0]).as_deref(), Some("5xx"));
        assert_eq!(told(&[200.0, 503.0]), None);
        assert_eq!(told(&[7.0, 7.0]), None);
        assert_eq!(told(&[]), None);
    }
}
