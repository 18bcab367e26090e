//! Windows that slide: each is two of those that lie side by side, and the next begins with the second of them.
//!
//! What is cut by the border of two windows lies whole in the one across it. Single messages are counted in windows side by side, so that
//! none counts twice; where windows are looked at as wholes, those that slide are. What holds of a time holds of all sliding windows
//! that it lies in, which says where in them it was.

use model::incident::N_SLID;

/// How many slide over so many that lie side by side.
pub fn n_slid(n_windows: usize) -> usize {
    (n_windows + 1).saturating_sub(N_SLID)
}

/// Sums of numbers by window.
pub fn sums(of_window: &[f64]) -> Vec<f64> {
    of_window.windows(N_SLID).map(|some| some.iter().sum()).collect()
}

/// The same of cells in the order of windows, each window at most once; of those that slide only the ones with a cell.
pub fn joined<T: Copy>(
    cells: impl IntoIterator<Item = (u32, T)>,
    n_windows: usize,
    join: impl Fn(T, T) -> T,
) -> Vec<(u32, T)> {
    let n_slid = n_slid(n_windows) as u32;
    let mut slid: Vec<(u32, T)> = Vec::new();
    for (window, cell) in cells {
        // In the one that began before, and in the one that begins with it.
        for over in window.saturating_sub(N_SLID as u32 - 1)..=window {
            match slid.last_mut() {
                Some((last, sum)) if *last == over => *sum = join(*sum, cell),
                _ if over < n_slid => slid.push((over, cell)),
                _ => {}
            }
        }
    }
    slid
}

/// What is said of sliding windows, by the windows side by side: the least that is said of any it lies in. The first and the last lie
/// in one only, with the one beside them: nothing tells whether that is said of them as well.
pub fn least(of_slid: &[f64], n_windows: usize) -> Vec<f64> {
    let over = |window: usize| (window + 1).saturating_sub(N_SLID)..(window + 1).min(of_slid.len());
    let least_of = |window: usize| of_slid.get(over(window)).unwrap_or_default().iter().copied().reduce(f64::min);
    (0..n_windows).map(|window| least_of(window).unwrap_or(0.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_window_is_in_the_one_that_began_before_it_and_the_one_that_begins_with_it() {
        let joined = joined([(0, 1), (1, 2), (3, 4)], 4, |a, b| a + b);
        assert_eq!(joined, [(0, 3), (1, 2), (2, 4)]);
        assert_eq!(sums(&[1.0, 2.0, 0.0, 4.0]), [3.0, 2.0, 4.0]);
        assert_eq!(n_slid(4), 3);
    }

    #[test]
    fn what_is_said_of_sliding_windows_is_told_where_it_was() {
        // Something in the third of five windows alone, and in the last two.
        assert_eq!(least(&[0.0, 9.0, 8.0, 0.0], 5), [0.0, 0.0, 8.0, 0.0, 0.0]);
        assert_eq!(least(&[0.0, 0.0, 5.0, 7.0], 5), [0.0, 0.0, 0.0, 5.0, 7.0]);
        assert_eq!(least(&[], 1), [0.0]);
        // Something in the second alone: the first cannot be told from it.
        assert_eq!(least(&[9.0, 8.0, 0.0, 0.0], 5), [9.0, 8.0, 0.0, 0.0, 0.0]);
    }
}
