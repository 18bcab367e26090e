//! Traces whose ids some services know whole and others by half: B3 lets a service of 64 bits pass on the lower half of 128.

use crate::ids::lower_half;
use crate::quick_hash::{QuickMap, hash_of};

#[derive(Default)]
pub struct Halves {
    /// Traces of whole ids by the lower half; 0 where it is that of several, which says nothing.
    whole_of: QuickMap<u64, u64>,
}

impl Halves {
    /// A trace that was not there before, by its id in plain spelling and what that hashes to.
    pub fn take(&mut self, id: &str, trace: u64) {
        if let Some(half) = lower_half(id) {
            self.whole_of.entry(hash_of(half.as_bytes())).and_modify(|whole| *whole = 0).or_insert(trace);
        }
    }

    /// The trace that this half is of.
    pub fn whole_of(&self, half: u64) -> Option<u64> {
        self.whole_of.get(&half).copied().filter(|&whole| whole != 0)
    }

    /// Forgets traces that are not kept.
    pub fn retain(&mut self, is_kept: impl Fn(u64) -> bool) {
        self.whole_of.retain(|_, whole| *whole == 0 || is_kept(*whole));
    }

    /// Traces by half, by those that they are half of.
    pub fn by_whole(&self, is_there: impl Fn(u64) -> bool) -> QuickMap<u64, u64> {
        let are_there = |(half, whole): &(&u64, &u64)| is_there(**half) && is_there(**whole);
        self.whole_of.iter().filter(are_there).map(|(&half, &whole)| (whole, half)).collect()
    }
}
