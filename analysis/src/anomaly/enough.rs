//! Whether there is enough to tell what is usual: where nothing was found, that says something only then.

use model::incident::Lack;
use model::severity::Band;

use super::sum;
use super::tally::Tallied;

/// Entries without which windows are too few, or too empty, to be compared.
const LEAST_ENTRIES: u64 = 200;

/// Windows with an entry: of fewer none is unlike the others.
const LEAST_WINDOWS: usize = 16;

/// What is missing, if anything is.
pub fn lack_of(tallied: &Tallied) -> Option<Lack> {
    let n_entries: u64 = tallied.series.iter().map(|series| series.n).sum();
    let n_windows = sum(&tallied.series, tallied.n_windows()).into_iter().filter(|n| *n > 0.0).count();
    let is_all_errors = || tallied.series.iter().all(|series| series.key.band >= Band::Error);
    match n_entries {
        0 => Some(Lack::Times),
        // How many errors there are usually only the other entries tell.
        _ if is_all_errors() => Some(Lack::OtherThanErrors),
        1..LEAST_ENTRIES => Some(Lack::Entries { least: LEAST_ENTRIES as u32 }),
        _ if n_windows < LEAST_WINDOWS => {
            Some(Lack::Windows { n_windows: n_windows as u32, least: LEAST_WINDOWS as u32 })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use model::incident::Windows;
    use model::time::Nanos;

    use super::*;
    use crate::anomaly::{Key, Tally};

    const WINDOWS: Windows = Windows { start: Nanos(0), width_nanos: 10, n: 40 };

    /// What is missing if there are as many entries of such a severity in each of the first windows.
    fn lack(band: Band, n_windows: i64, n_each: i64) -> Option<Lack> {
        let mut tally = Tally::new(WINDOWS);
        for at in 0..n_windows * n_each {
            tally.add(0, Key { band, ..Key::default() }, Nanos(at % n_windows * 10));
        }
        lack_of(&tally.finish())
    }

    #[test]
    fn what_is_missing_to_tell_what_is_usual_is_named() {
        assert_eq!(lack(Band::Info, 0, 1), Some(Lack::Times));
        assert_eq!(lack(Band::Info, 40, 1), Some(Lack::Entries { least: 200 }));
        assert_eq!(lack(Band::Info, 4, 100), Some(Lack::Windows { n_windows: 4, least: 16 }));
        assert_eq!(lack(Band::Fatal, 40, 100), Some(Lack::OtherThanErrors));
        assert_eq!(lack(Band::Warn, 40, 100), None);
    }
}
