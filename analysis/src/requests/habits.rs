//! What most requests do, and what few: why one is unusual, in a sentence about the one thing that tells most.

use std::collections::BTreeSet;

/// What requests do, by the numbers of [`super::RequestCount`]: how many do it.
#[derive(Default)]
pub struct Habits {
    n_requests: u64,
    n_with: Vec<u64>,
    /// What half of them or more do.
    usual: Vec<u16>,
}

/// What a request does, or does not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Oddity {
    pub kind: u16,
    pub is_done: bool,
    /// Requests that do it.
    pub n_with: u64,
}

/// What as many do as do not says nothing.
const LEAST_BITS: f64 = 1.0;

impl Habits {
    /// `groups`: what each request does, one thing as often as it does.
    pub fn of(groups: &[Vec<u32>]) -> Self {
        let mut n_with: Vec<u64> = Vec::new();
        // The last group that does it, counted from 1.
        let mut last: Vec<usize> = Vec::new();
        for (number, group) in (1..).zip(groups) {
            for &kind in group {
                let kind = kind as usize;
                if kind >= n_with.len() {
                    n_with.resize(kind + 1, 0);
                    last.resize(kind + 1, 0);
                }
                if last[kind] != number {
                    last[kind] = number;
                    n_with[kind] += 1;
                }
            }
        }
        let n_requests = groups.len() as u64;
        let usual = (0..=u16::MAX).zip(&n_with).filter(|(_, n)| **n * 2 >= n_requests).map(|(kind, _)| kind).collect();
        Self { n_requests, n_with, usual }
    }

    pub fn n_requests(&self) -> u64 {
        self.n_requests
    }

    /// What a request does that the fewest do, or does not do that nearly all do: whichever is rarer. `None`: it does what others do.
    pub fn oddest(&self, kinds: &BTreeSet<u16>) -> Option<Oddity> {
        let bits = |n: u64| (self.n_requests as f64 / n.max(1) as f64).log2();
        let n_with = |kind: u16| self.n_with.get(usize::from(kind)).copied().unwrap_or_default();
        let done = kinds.iter().map(|&kind| (bits(n_with(kind)), kind, true));
        let left_out = self.usual.iter().filter(|kind| !kinds.contains(*kind));
        let left_out = left_out.map(|&kind| (bits(self.n_requests - n_with(kind)), kind, false));
        let oddest = done.chain(left_out).max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        let (_, kind, is_done) = oddest.filter(|(bits, ..)| *bits >= LEAST_BITS)?;
        Some(Oddity { kind, is_done, n_with: n_with(kind) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_unusual_for_what_few_do_or_for_what_nearly_all_do() {
        // All but one read, one writes, and all begin.
        let mut groups = vec![vec![0, 1, 1]; 62];
        groups.extend([vec![0, 1, 2], vec![0]]);
        let habits = Habits::of(&groups);
        let oddest = |kinds: &[u16]| habits.oddest(&kinds.iter().copied().collect());
        assert_eq!(oddest(&[0, 1]), None);
        assert_eq!(oddest(&[0, 1, 2]), Some(Oddity { kind: 2, is_done: true, n_with: 1 }));
        assert_eq!(oddest(&[0]), Some(Oddity { kind: 1, is_done: false, n_with: 63 }));
        assert_eq!(habits.n_requests(), 64);
    }
}
