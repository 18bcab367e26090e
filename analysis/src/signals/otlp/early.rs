//! Spans, metrics and records that come before the resource and the scope they are of, as members of an object may come in any order: they
//! wait for them.

use std::sync::Arc;

/// What is beyond that, items and names, is read without its resource, and without its scope's name.
const MOST_BYTES: usize = 16 << 20;
/// That an item takes beside its text.
const ITEM_BYTES: usize = 64;

#[derive(Default)]
pub struct Early {
    /// Each with the name of its scope.
    items: Vec<(Arc<str>, Vec<u8>)>,
    /// So many of them have it; the others are of the scope that is being read.
    n_named: usize,
    n_bytes: usize,
}

impl Early {
    /// `false`: there is no room for another one.
    pub fn hold(&mut self, item: Vec<u8>) -> bool {
        self.n_bytes += item.len() + ITEM_BYTES;
        self.items.push((Arc::default(), item));
        self.n_bytes <= MOST_BYTES
    }

    /// The scope of what is held since the one before is known. Cost: nothing if there is none.
    pub fn name(&mut self, scope: &str) {
        let unnamed = &mut self.items[self.n_named..];
        if unnamed.is_empty() {
            return;
        }
        let name: Arc<str> = scope.into();
        unnamed.iter_mut().for_each(|(of_item, _)| *of_item = name.clone());
        self.n_bytes += name.len();
        self.n_named = self.items.len();
    }

    pub fn take(&mut self) -> Vec<(Arc<str>, Vec<u8>)> {
        (self.n_bytes, self.n_named) = (0, 0);
        std::mem::take(&mut self.items)
    }
}
