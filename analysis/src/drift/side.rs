//! Entries that are shown for one side: the earliest few, in whatever order they come.

use model::entry::RowKey;

/// As many as are looked at.
const MOST: usize = 5;

#[derive(Clone, Debug, Default)]
pub struct Examples {
    keys: Vec<RowKey>,
}

impl Examples {
    pub fn show(&mut self, key: RowKey) {
        if let Err(at) = self.keys.binary_search(&key)
            && at < MOST
        {
            self.keys.truncate(MOST - 1);
            self.keys.insert(at, key);
        }
    }

    pub fn keys(&self) -> &[RowKey] {
        &self.keys
    }
}
