//! When to commit what was inserted.
//!
//! Large commits cost less per byte, small ones save sooner. A save (the flush after a commit) runs beside the next inserts,
//! and the next commit waits for it, so inserts must pause when too much piles up behind a slow disk.

/// A commit of this much log text costs little more per byte than a larger one.
const COMMIT_BYTES: u64 = 24 << 20;
/// Nothing stays uncommitted for longer while blocks keep coming.
const COMMIT_MILLIS: f64 = 1000.0;
/// Inserts pause when this much waits behind a save.
const MOST_BYTES: u64 = 96 << 20;

#[derive(Default)]
pub struct Pace {
    /// Log text inserted since the last commit.
    uncommitted_bytes: u64,
    oldest_millis: Option<f64>,
}

/// How things stand around the store.
#[derive(Clone, Copy, Debug)]
pub struct Tempo {
    pub now_millis: f64,
    pub is_saving: bool,
    /// More blocks are to come.
    pub is_reading: bool,
}

impl Pace {
    pub fn inserted(&mut self, text_bytes: u64, now_millis: f64) {
        self.uncommitted_bytes += text_bytes;
        self.oldest_millis.get_or_insert(now_millis);
    }

    pub fn committed(&mut self) {
        *self = Self::default();
    }

    /// Whether the next blocks may be inserted now.
    pub fn may_insert(&self) -> bool {
        self.uncommitted_bytes < MOST_BYTES
    }

    /// Whether what was inserted, if anything, is due to be committed.
    pub fn is_commit_due(&self, tempo: Tempo) -> bool {
        if tempo.is_saving {
            return false;
        }
        let waits_millis = self.oldest_millis.map_or(0.0, |oldest| tempo.now_millis - oldest);
        !tempo.is_reading || self.uncommitted_bytes >= COMMIT_BYTES || waits_millis >= COMMIT_MILLIS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READING: Tempo = Tempo { now_millis: 100.0, is_saving: false, is_reading: true };

    fn pace(text_bytes: u64) -> Pace {
        let mut pace = Pace::default();
        pace.inserted(text_bytes, 0.0);
        pace
    }

    #[test]
    fn a_commit_waits_for_enough_text_or_enough_time() {
        assert!(!pace(1000).is_commit_due(READING));
        assert!(pace(COMMIT_BYTES).is_commit_due(READING));
        assert!(pace(1000).is_commit_due(Tempo { now_millis: 1000.0, ..READING }));
    }

    #[test]
    fn the_end_of_reading_is_committed_at_once() {
        assert!(pace(1000).is_commit_due(Tempo { is_reading: false, ..READING }));
    }

    #[test]
    fn a_slow_disk_holds_commits_first_and_inserts_in_the_end() {
        let mut pace = pace(COMMIT_BYTES);
        let saving = Tempo { is_saving: true, now_millis: 60_000.0, is_reading: false };
        assert!(!pace.is_commit_due(saving) && pace.may_insert());
        pace.inserted(MOST_BYTES, 0.0);
        assert!(!pace.may_insert());
        pace.committed();
        assert!(pace.may_insert());
    }
}
