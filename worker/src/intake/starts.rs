//! Numbers the starts of readers, and gives up where none of them loads.
//!
//! A reader that stops working is heard of twice (its last words, then the browser's error), and what it said before may
//! still be on its way when another has taken its place: what comes from another start than the present one is dropped.

/// So many starts in a row may fail: a page that is just being updated, or a machine that is short of memory for a moment.
const MOST_FAILED: u32 = 3;

#[derive(Debug, Default)]
pub struct Starts {
    n_started: u64,
    n_failed: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    TryAgain,
    GiveUp,
}

impl Starts {
    /// The number of a start that comes now.
    pub fn begin(&mut self) -> u64 {
        self.n_started += 1;
        self.n_started
    }

    /// A reader has loaded, so others can.
    pub fn loaded(&mut self) {
        self.n_failed = 0;
    }

    /// A reader stopped working before it had loaded.
    pub fn failed(&mut self) -> Next {
        self.n_failed += 1;
        if self.n_failed < MOST_FAILED { Next::TryAgain } else { Next::GiveUp }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_that_never_load_are_not_started_without_end() {
        let mut starts = Starts::default();
        assert_eq!([starts.failed(), starts.failed(), starts.failed()], [Next::TryAgain, Next::TryAgain, Next::GiveUp]);
        assert_eq!(starts.failed(), Next::GiveUp, "not before one has loaded");
        starts.loaded();
        assert_eq!(starts.failed(), Next::TryAgain);
    }

    #[test]
    fn no_two_starts_have_one_number() {
        let mut starts = Starts::default();
        assert_ne!(starts.begin(), starts.begin());
    }
}
