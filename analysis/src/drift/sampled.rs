//! A table that stays small whatever comes, and is the same for every order in which it came.

use crate::quick_hash::QuickMap;

/// Keeps all keys while there are few; of more, every second one, every fourth, and so on, chosen by the key, which is a hash.
pub struct Sampled<V> {
    pub map: QuickMap<u64, V>,
    most: usize,
    level: u32,
}

impl<V: Default> Sampled<V> {
    pub fn new(most: usize) -> Self {
        Self { map: QuickMap::default(), most, level: 0 }
    }

    /// The value of a key; `None` for those that are left out.
    pub fn get_mut(&mut self, key: u64) -> Option<&mut V> {
        if !self.has_room_for(key) {
            return None;
        }
        while self.map.len() >= self.most && !self.map.contains_key(&key) && self.level < 63 {
            self.thin();
            if !self.has_room_for(key) {
                return None;
            }
        }
        Some(self.map.entry(key).or_default())
    }

    /// Leaves out every second key.
    pub fn thin(&mut self) {
        self.level += 1;
        let level = self.level;
        self.map.retain(|key, _| key.trailing_zeros() >= level);
    }

    fn has_room_for(&self, key: u64) -> bool {
        key.trailing_zeros() >= self.level
    }

    /// One key of so many is kept.
    pub fn one_of(&self) -> u64 {
        1 << self.level
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_does_not_depend_on_the_order() {
        let kept = |keys: &mut dyn Iterator<Item = u64>| {
            let mut sampled = Sampled::<u32>::new(100);
            keys.for_each(|key| {
                if let Some(n) = sampled.get_mut(crate::quick_hash::hash_of(&key.to_le_bytes())) {
                    *n += 1;
                }
            });
            let mut kept: Vec<(u64, u32)> = sampled.map.into_iter().collect();
            kept.sort_unstable();
            kept
        };
        let forwards = kept(&mut (0..5000));
        assert!((50..=100).contains(&forwards.len()));
        assert_eq!(forwards, kept(&mut (0..5000).rev()));
    }
}
