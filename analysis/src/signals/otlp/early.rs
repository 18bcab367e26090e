//! Spans, metrics and records that come before the resource and the scope they are of, as members of an object may come in any order: they
//! wait for them.

/// What is beyond that is read without its resource, and without its scope's name.
const MOST_BYTES: usize = 16 << 20;
/// That an item takes beside its text.
const ITEM_BYTES: usize = 64;

#[derive(Default)]
pub struct Early {
    /// Each with the name of its scope.
    items: Vec<(String, Vec<u8>)>,
    /// So many of them have it; the others are of the scope that is being read.
    n_named: usize,
    n_bytes: usize,
}

impl Early {
    /// `false`: there is no room for another one.
    pub fn hold(&mut self, item: Vec<u8>) -> bool {
        self.n_bytes += item.len() + ITEM_BYTES;
        self.items.push((String::new(), item));
        self.n_bytes <= MOST_BYTES
    }

    /// The scope of what is held since the one before is known. Cost: nothing if there is none.
    pub fn name(&mut self, scope: &str) {
        self.items[self.n_named..].iter_mut().for_each(|(name, _)| scope.clone_into(name));
        self.n_named = self.items.len();
    }

    pub fn take(&mut self) -> Vec<(String, Vec<u8>)> {
        (self.n_bytes, self.n_named) = (0, 0);
        std::mem::take(&mut self.items)
    }
}
