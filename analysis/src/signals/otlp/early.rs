//! Spans, metrics and records that come before the resource they are of, as members of an object may come in any order: they wait for it.
//! For a scope that comes behind them they do not: its name is left out of these.

/// What is beyond that is read without its resource.
const MOST_BYTES: usize = 16 << 20;
/// That an item takes beside its text.
const ITEM_BYTES: usize = 64;

#[derive(Default)]
pub struct Early {
    /// Each with the name of its scope.
    items: Vec<(String, Vec<u8>)>,
    n_bytes: usize,
}

impl Early {
    /// `false`: there is no room for another one.
    pub fn hold(&mut self, scope: &str, item: Vec<u8>) -> bool {
        self.n_bytes += item.len() + ITEM_BYTES;
        self.items.push((scope.to_owned(), item));
        self.n_bytes <= MOST_BYTES
    }

    pub fn take(&mut self) -> Vec<(String, Vec<u8>)> {
        self.n_bytes = 0;
        std::mem::take(&mut self.items)
    }
}
