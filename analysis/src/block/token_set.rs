//! The distinct tokens of a block, each with the number of entries that have it.
//!
//! An open-addressing table keyed by hash, scanned in hash order: what it gives is nearly sorted already.

use super::TokenCount;

const INITIAL_SLOT_BITS: u32 = 13;

/// Grows when more than this share of its slots (in eighths) is taken.
const MAX_LOAD_EIGHTHS: usize = 5;

#[derive(Clone, Copy, Default)]
struct Slot {
    /// The token's hash with the lowest bit set; 0 for an empty slot.
    key: u64,
    /// The last entry counted, so that an entry counts once.
    last_entry: u32,
    n_entries: u32,
}

pub struct TokenSet {
    slots: Vec<Slot>,
    slot_bits: u32,
    n_tokens: usize,
}

impl TokenSet {
    pub fn new() -> Self {
        Self { slots: vec![Slot::default(); 1 << INITIAL_SLOT_BITS], slot_bits: INITIAL_SLOT_BITS, n_tokens: 0 }
    }

    /// Counts `entry` for a token, once; true if no entry had it before. Entries come in order.
    #[inline]
    pub fn count(&mut self, hash: u64, entry: u32) -> bool {
        let key = hash | 1;
        let mask = self.slots.len() - 1;
        let mut i = (key >> (64 - self.slot_bits)) as usize;
        loop {
            let slot = &mut self.slots[i & mask];
            if slot.key == key {
                slot.n_entries += u32::from(slot.last_entry != entry);
                slot.last_entry = entry;
                return false;
            }
            if slot.key == 0 {
                *slot = Slot { key, last_entry: entry, n_entries: 1 };
                self.n_tokens += 1;
                if self.n_tokens * 8 > self.slots.len() * MAX_LOAD_EIGHTHS {
                    self.grow();
                }
                return true;
            }
            i += 1;
        }
    }

    /// The tokens by hash, and leaves the set empty.
    pub fn take(&mut self) -> Vec<TokenCount> {
        let mut tokens = Vec::with_capacity(self.n_tokens);
        for slot in &mut self.slots {
            if slot.key != 0 {
                tokens.push(TokenCount::new(slot.key, slot.n_entries));
                slot.key = 0;
            }
        }
        self.n_tokens = 0;
        sort_nearly_sorted(&mut tokens);
        tokens
    }

    #[cold]
    fn grow(&mut self) {
        let slots = std::mem::take(&mut self.slots);
        self.slot_bits += 1;
        self.slots = vec![Slot::default(); slots.len() * 2];
        let mask = self.slots.len() - 1;
        for slot in slots.into_iter().filter(|slot| slot.key != 0) {
            let mut i = (slot.key >> (64 - self.slot_bits)) as usize;
            while self.slots[i & mask].key != 0 {
                i += 1;
            }
            self.slots[i & mask] = slot;
        }
    }
}

/// By insertion: a token stands at most a few places from where its hash put it.
fn sort_nearly_sorted(tokens: &mut [TokenCount]) {
    for end in 1..tokens.len() {
        let token = tokens[end];
        let mut at = end;
        while at > 0 && tokens[at - 1] > token {
            tokens[at] = tokens[at - 1];
            at -= 1;
        }
        tokens[at] = token;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    proptest! {
        #[test]
        fn counts_entries_not_occurrences(numbers in proptest::collection::vec(0..9_000u64, 0..30_000)) {
            let mut set = TokenSet::new();
            let mut expected = BTreeMap::<u64, BTreeSet<u32>>::new();
            for (i, number) in numbers.iter().enumerate() {
                let (hash, entry) = (number.wrapping_mul(0x9E37_79B9_7F4A_0000), i as u32 / 7);
                let entries = expected.entry(hash).or_default();
                prop_assert_eq!(set.count(hash, entry), entries.is_empty());
                entries.insert(entry);
            }
            let expected: Vec<_> =
                expected.iter().map(|(&hash, entries)| TokenCount::new(hash, entries.len() as u32)).collect();
            prop_assert_eq!(set.take(), expected);
            prop_assert_eq!(set.take(), vec![]);
        }
    }
}
