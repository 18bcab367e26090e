//! What is counted of an edge, the same in whatever order entries come.

use model::entry::RowKey;
use model::topology::Durations;

use super::course::Course;
use crate::answer::quantiles::Quantiles;

/// Entries kept as evidence: as many as are looked at.
pub const MOST_EVIDENCE: usize = 8;
/// So many of them are of calls that failed, if there are as many.
const MOST_FAILED: usize = MOST_EVIDENCE / 2;

#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub calls: u64,
    pub n_errors: u64,
    durations: Quantiles,
    pub course: Course,
    /// The earliest ones, and the earliest of calls that failed.
    evidence: Vec<RowKey>,
    failed: Vec<RowKey>,
}

impl Tally {
    pub fn add(&mut self, is_error: bool, duration: Option<i64>, shown_by: impl IntoIterator<Item = RowKey>) {
        self.calls += 1;
        self.n_errors += u64::from(is_error);
        if let Some(nanos) = duration {
            self.durations.add(nanos as f64, 1);
        }
        let mut shown_by = shown_by.into_iter().peekable();
        if let Some(first) = shown_by.peek() {
            self.course.add(first.time.0, is_error);
        }
        for key in shown_by {
            self.show(key);
            if is_error {
                keep_earliest(&mut self.failed, key, MOST_FAILED);
            }
        }
    }

    pub fn merge(&mut self, other: &Self) {
        self.calls += other.calls;
        self.n_errors += other.n_errors;
        for (number, n) in other.durations.spread() {
            self.durations.add(number, n);
        }
        self.course.merge(&other.course);
        other.evidence.iter().for_each(|&key| self.show(key));
        other.failed.iter().for_each(|&key| keep_earliest(&mut self.failed, key, MOST_FAILED));
    }

    /// Keeps the earliest.
    pub fn show(&mut self, key: RowKey) {
        keep_earliest(&mut self.evidence, key, MOST_EVIDENCE);
    }

    /// In the order of time.
    pub fn evidence(&self) -> Vec<RowKey> {
        let others = self.evidence.iter().filter(|key| !self.failed.contains(key));
        let others = others.take(MOST_EVIDENCE - self.failed.len());
        let mut evidence: Vec<RowKey> = self.failed.iter().chain(others).copied().collect();
        evidence.sort_unstable();
        evidence
    }

    pub fn durations(&self) -> Option<Durations> {
        let at = |hundredths| self.durations.at(hundredths).map(|nanos| nanos as i64);
        Some(Durations { p50: at(50_00)?, p95: at(95_00)?, p99: at(99_00)? })
    }
}

fn keep_earliest(kept: &mut Vec<RowKey>, key: RowKey, most: usize) {
    if let Err(at) = kept.binary_search(&key)
        && at < most
    {
        kept.truncate(most - 1);
        kept.insert(at, key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_that_failed_are_among_the_evidence_however_late_they_are() {
        let key = |entry: u64| RowKey { entry, ..RowKey::default() };
        let numbers = |tally: &Tally| tally.evidence().iter().map(|key| key.entry).collect::<Vec<_>>();
        let (mut early, mut late) = (Tally::default(), Tally::default());
        (0..20).for_each(|entry| early.add(false, None, [key(entry)]));
        assert_eq!(numbers(&early), [0, 1, 2, 3, 4, 5, 6, 7]);
        (20..40).for_each(|entry| late.add(entry % 2 == 1, None, [key(entry)]));
        late.merge(&early);
        assert_eq!(numbers(&late), [0, 1, 2, 3, 21, 23, 25, 27]);
    }
}
