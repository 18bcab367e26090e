//! A set of a block's entries, one bit each.

/// A set of the numbers below `len`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bitmap {
    words: Vec<u64>,
    len: usize,
}

impl Bitmap {
    pub fn none(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)], len }
    }

    pub fn all(len: usize) -> Self {
        let mut bitmap = Self { words: vec![!0; len.div_ceil(64)], len };
        bitmap.clear_beyond_end();
        bitmap
    }

    /// The entries `test` holds for.
    pub fn from_fn(len: usize, mut test: impl FnMut(usize) -> bool) -> Self {
        let mut bitmap = Self::none(len);
        for (i, word) in bitmap.words.iter_mut().enumerate() {
            for bit in 0..(len - i * 64).min(64) {
                *word |= u64::from(test(i * 64 + bit)) << bit;
            }
        }
        bitmap
    }

    /// How many entries there are, in the set or not.
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|&word| word == 0)
    }

    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// How many of the set are below `end`.
    pub fn count_below(&self, end: usize) -> usize {
        let whole = &self.words[..end / 64];
        let part = self.words.get(end / 64).map_or(0, |word| word & ((1 << (end % 64)) - 1));
        whole.iter().map(|word| word.count_ones() as usize).sum::<usize>() + part.count_ones() as usize
    }

    pub fn has(&self, i: usize) -> bool {
        self.words[i / 64] >> (i % 64) & 1 != 0
    }

    pub fn insert(&mut self, i: usize) {
        debug_assert!(i < self.len);
        self.words[i / 64] |= 1 << (i % 64);
    }

    pub fn remove(&mut self, i: usize) {
        self.words[i / 64] &= !(1 << (i % 64));
    }

    pub fn and(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
    }

    pub fn or(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
    }

    /// Takes the other's entries out.
    pub fn and_not(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= !other;
        }
    }

    pub fn not(&mut self) {
        for word in &mut self.words {
            *word = !*word;
        }
        self.clear_beyond_end();
    }

    /// The entries in the set, ascending.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(i, &word)| {
            std::iter::successors(Some(word), |&rest| Some(rest & rest.wrapping_sub(1)))
                .take_while(|&rest| rest != 0)
                .map(move |rest| i * 64 + rest.trailing_zeros() as usize)
        })
    }

    /// The first entry of the set at or after `from`.
    pub fn next(&self, from: usize) -> Option<usize> {
        if from >= self.len {
            return None;
        }
        let first = self.words[from / 64] & (!0 << (from % 64));
        if first != 0 {
            return Some(from / 64 * 64 + first.trailing_zeros() as usize);
        }
        let i = (from / 64 + 1..self.words.len()).find(|&i| self.words[i] != 0)?;
        Some(i * 64 + self.words[i].trailing_zeros() as usize)
    }

    fn clear_beyond_end(&mut self) {
        if let Some(last) = self.words.last_mut()
            && !self.len.is_multiple_of(64)
        {
            *last &= (1 << (self.len % 64)) - 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bitmap(bits: &[bool]) -> Bitmap {
        Bitmap::from_fn(bits.len(), |i| bits[i])
    }

    proptest! {
        #[test]
        fn a_bitmap_is_the_set_it_was_made_from(bits in proptest::collection::vec(any::<bool>(), 0..200)) {
            let set = bitmap(&bits);
            let members: Vec<usize> = (0..bits.len()).filter(|&i| bits[i]).collect();
            prop_assert_eq!(set.iter().collect::<Vec<_>>(), members.clone());
            prop_assert_eq!(set.count(), members.len());
            prop_assert_eq!(set.is_empty(), members.is_empty());
            for from in 0..=bits.len() {
                prop_assert_eq!(set.count_below(from), members.iter().filter(|&&i| i < from).count());
                prop_assert_eq!(set.next(from), members.iter().copied().find(|&i| i >= from));
            }
        }

        #[test]
        fn set_algebra_is_boolean_algebra_of_each_bit(bits in proptest::collection::vec(any::<(bool, bool)>(), 0..200)) {
            let a = bitmap(&bits.iter().map(|bit| bit.0).collect::<Vec<_>>());
            let b = bitmap(&bits.iter().map(|bit| bit.1).collect::<Vec<_>>());
            let check = |change: fn(&mut Bitmap, &Bitmap), truth: fn(bool, bool) -> bool| {
                let mut result = a.clone();
                change(&mut result, &b);
                result == bitmap(&bits.iter().map(|bit| truth(bit.0, bit.1)).collect::<Vec<_>>())
            };
            prop_assert!(check(Bitmap::and, |a, b| a && b));
            prop_assert!(check(Bitmap::or, |a, b| a || b));
            prop_assert!(check(Bitmap::and_not, |a, b| a && !b));
            prop_assert!(check(|a, _| a.not(), |a, _| !a));
        }
    }

    #[test]
    fn all_has_exactly_the_entries_there_are() {
        for len in [0, 1, 63, 64, 65, 128] {
            assert_eq!(Bitmap::all(len).count(), len);
        }
    }
}
