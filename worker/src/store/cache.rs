//! What was used lately of the blocks.

use std::collections::HashMap;
use std::rc::Rc;

use super::directory::BlockId;

/// Keeps what was used lately, in two generations: what was not used while the younger one filled up is let go.
pub struct Cache<T> {
    max_bytes: usize,
    young_bytes: usize,
    young: HashMap<BlockId, (Rc<T>, usize)>,
    old: HashMap<BlockId, (Rc<T>, usize)>,
}

impl<T> Cache<T> {
    pub fn new(max_bytes: usize) -> Self {
        Self { max_bytes, young_bytes: 0, young: HashMap::new(), old: HashMap::new() }
    }

    pub fn get(&mut self, id: BlockId) -> Option<Rc<T>> {
        if let Some((value, _)) = self.young.get(&id) {
            return Some(value.clone());
        }
        let (value, bytes) = self.old.remove(&id)?;
        self.put(id, value.clone(), bytes);
        Some(value)
    }

    pub fn put(&mut self, id: BlockId, value: Rc<T>, bytes: usize) {
        if self.young_bytes + bytes > self.max_bytes / 2 {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.young_bytes += bytes;
        self.young.insert(id, (value, bytes));
    }

    pub fn remove(&mut self, id: BlockId) {
        self.young.remove(&id);
        self.old.remove(&id);
    }

    pub fn clear(&mut self) {
        self.young.clear();
        self.old.clear();
        self.young_bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_keeps_what_is_used_and_stays_small() {
        let mut cache = Cache::new(100);
        for id in 1..=1000 {
            cache.put(id, Rc::new(id), 10);
            assert_eq!(cache.get(1).as_deref(), Some(&1), "used each time");
            assert!(cache.young.len() + cache.old.len() <= 12);
        }
        assert_eq!(cache.get(500), None);
    }
}
