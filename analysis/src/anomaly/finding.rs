//! What a detector found, before it is known what it goes with.

use std::ops::Range;

use model::incident::Detector;
use model::severity::Band;
use model::time::Nanos;

use super::tally::Key;

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    Template(Key),
    /// A field's numbers.
    Field(Key, u32),
    Service(u32),
    Source(u32),
    Everything,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub detector: Detector,
    pub subject: Subject,
    pub band: Band,
    pub windows: Range<usize>,
    /// When it began, as exactly as can be told.
    pub onset: Nanos,
    /// As in [`model::incident::Evidence`].
    pub seen: f64,
    pub usual: f64,
    /// In standard deviations of chance.
    pub strength: f64,
}

impl Subject {
    pub fn service(self) -> Option<u32> {
        match self {
            Self::Template(key) | Self::Field(key, _) => Some(key.service),
            Self::Service(service) => Some(service),
            Self::Source(_) | Self::Everything => None,
        }
    }
}

/// Consecutive windows that are off in one direction.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    pub windows: Range<usize>,
    pub peak: f64,
}

/// As off as this, a window belongs to a stretch that reaches further elsewhere.
pub const STILL_OFF: f64 = 2.5;

/// Windows between two parts of one stretch.
const GAP: usize = 1;

/// A stretch begins where it is as off as this share of its peak: what chance put just before it does not belong to it.
const BEGINS_AT: f64 = 0.1;

/// The stretches of values of at least [`STILL_OFF`] that reach `threshold` somewhere.
pub fn stretches(off: &[f64], threshold: f64) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = Vec::new();
    for (at, &value) in off.iter().enumerate().filter(|(_, value)| **value >= STILL_OFF) {
        match found.last_mut() {
            Some(last) if last.windows.end + GAP >= at => {
                last.windows.end = at + 1;
                last.peak = last.peak.max(value);
            }
            _ => found.push(Stretch { windows: at..at + 1, peak: value }),
        }
    }
    found.retain(|stretch| stretch.peak >= threshold);
    for stretch in &mut found {
        let begins = stretch.windows.clone().find(|&at| off[at] >= (BEGINS_AT * stretch.peak).max(STILL_OFF));
        stretch.windows.start = begins.unwrap_or(stretch.windows.start);
    }
    found
}

/// What the largest of `n` values of nothing but chance stays below, mostly (the universal threshold of Donoho & Johnstone
/// 1994), and a little more, as real logs vary more than chance.
pub fn threshold_for(n: usize) -> f64 {
    1.0 + (2.0 * (n.max(2) as f64).ln()).sqrt()
}

/// The same of so many times as many values.
pub fn threshold_of_looks(threshold: f64, times: f64) -> f64 {
    1.0 + ((threshold - 1.0).powi(2) + 2.0 * times.ln()).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_reaches_as_far_as_values_are_off() {
        let off = [0.0, 3.0, 9.0, 1.0, 4.0, 0.0, 0.0, 3.0, 0.0];
        assert_eq!(stretches(&off, 5.0), [Stretch { windows: 1..5, peak: 9.0 }]);
    }

    #[test]
    fn what_chance_put_before_a_stretch_is_not_its_beginning() {
        assert_eq!(stretches(&[0.0, 2.6, 50.0, 2.6], 5.0), [Stretch { windows: 2..4, peak: 50.0 }]);
    }

    #[test]
    fn more_values_need_a_higher_threshold() {
        assert!((4.7..5.0).contains(&threshold_for(1000)));
        assert!(threshold_for(100_000) > 5.5);
        assert!((threshold_of_looks(threshold_for(1000), 3.0) - threshold_for(3000)).abs() < 1e-9);
    }
}
