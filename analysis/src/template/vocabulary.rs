//! How often words were seen, about, in a fixed amount of memory.

use super::mask::SLOT;
use crate::tokenize::token_hash;

const N_PLACES: usize = 1 << 15;

/// Counts of the commonest words. A word that finds its place taken wears the other's count down (Misra & Gries, 1982, for
/// each place), so words that come once leave nothing behind.
#[derive(Clone, Debug)]
pub struct WordCounts {
    /// Hash and count.
    places: Box<[(u64, u64)]>,
    n_messages: u64,
}

impl Default for WordCounts {
    fn default() -> Self {
        Self { places: vec![(0, 0); N_PLACES].into_boxed_slice(), n_messages: 0 }
    }
}

impl WordCounts {
    pub fn n_messages(&self) -> u64 {
        self.n_messages
    }

    pub fn memory_bytes(&self) -> usize {
        size_of_val(&*self.places)
    }

    /// Counts the words of a masked text.
    pub fn add(&mut self, text: &[u8], n_messages: u64) {
        self.n_messages += n_messages;
        for word in text.split(|&byte| byte == b' ').filter(|word| !word.contains(&SLOT)) {
            let hash = token_hash(word);
            let (own, count) = &mut self.places[place(hash)];
            if *own == hash {
                *count += n_messages;
            } else if *count <= n_messages {
                (*own, *count) = (hash, n_messages);
            } else {
                *count -= n_messages;
            }
        }
    }

    /// The text with words seen less often as values; values in a row are one.
    pub fn keep_common(&self, text: &[u8], often: u64) -> Vec<u8> {
        let mut kept: Vec<u8> = Vec::with_capacity(text.len());
        for word in text.split(|&byte| byte == b' ') {
            let is_kept = word.contains(&SLOT) || self.count(word) >= often;
            let word = if is_kept { word } else { &[SLOT] };
            let ends_with_value = kept.ends_with(&[b' ', SLOT]) || kept == [SLOT];
            if word == [SLOT] && ends_with_value {
                continue;
            }
            if !kept.is_empty() {
                kept.push(b' ');
            }
            kept.extend_from_slice(word);
        }
        kept
    }

    fn count(&self, word: &[u8]) -> u64 {
        let hash = token_hash(word);
        let (own, count) = self.places[place(hash)];
        if own == hash { count } else { 0 }
    }
}

fn place(hash: u64) -> usize {
    (hash >> 20) as usize % N_PLACES
}
