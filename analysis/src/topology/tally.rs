//! What is counted of an edge, the same in whatever order entries come.

use model::entry::RowKey;
use model::topology::Durations;

use super::course::Course;
use crate::answer::quantiles::Quantiles;

/// Entries kept as evidence: as many as are looked at.
pub const MOST_EVIDENCE: usize = 8;

#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub calls: u64,
    pub n_errors: u64,
    durations: Quantiles,
    pub course: Course,
    evidence: Vec<RowKey>,
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
        shown_by.for_each(|key| self.show(key));
    }

    pub fn merge(&mut self, other: &Self) {
        self.calls += other.calls;
        self.n_errors += other.n_errors;
        for (number, n) in other.durations.spread() {
            self.durations.add(number, n);
        }
        self.course.merge(&other.course);
        other.evidence.iter().for_each(|&key| self.show(key));
    }

    /// Keeps the earliest.
    pub fn show(&mut self, key: RowKey) {
        if let Err(at) = self.evidence.binary_search(&key)
            && at < MOST_EVIDENCE
        {
            self.evidence.truncate(MOST_EVIDENCE - 1);
            self.evidence.insert(at, key);
        }
    }

    pub fn evidence(&self) -> &[RowKey] {
        &self.evidence
    }

    pub fn durations(&self) -> Option<Durations> {
        let at = |hundredths| self.durations.at(hundredths).map(|nanos| nanos as i64);
        Some(Durations { p50: at(50_00)?, p95: at(95_00)?, p99: at(99_00)? })
    }
}
