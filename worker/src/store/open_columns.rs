//! The columns of a block, and the order of its entries in time.

use std::cell::OnceCell;
use std::ops::Range;

use analysis::block::Columns;
use analysis::search::Bitmap;

/// The columns of a block and the order of its entries in time.
#[derive(Default)]
pub struct OpenColumns {
    columns: Columns,
    /// Entries by time, then place; `None` where that is the order they are in. Made when it is first asked for.
    by_time: OnceCell<Option<Vec<u16>>>,
}

impl std::ops::Deref for OpenColumns {
    type Target = Columns;

    fn deref(&self) -> &Columns {
        &self.columns
    }
}

impl OpenColumns {
    pub fn new(columns: Columns) -> Self {
        Self { columns, by_time: OnceCell::new() }
    }

    fn by_time(&self) -> Option<&[u16]> {
        let times = &self.columns.times;
        let by_time = self.by_time.get_or_init(|| {
            (!times.is_sorted()).then(|| {
                // A block has no more entries than 16 bits count (MAX_BLOCK_ENTRIES).
                let mut entries: Vec<u16> = (0..times.len()).map(|entry| entry as u16).collect();
                entries.sort_by_key(|&entry| times[usize::from(entry)]);
                entries
            })
        });
        by_time.as_deref()
    }

    /// The entry at a place in time order.
    pub fn entry_at(&self, place: usize) -> usize {
        self.by_time().map_or(place, |entries| usize::from(entries[place]))
    }

    /// The first place in time order whose entry `is_before` does not hold for; it holds for none after.
    pub fn place_after(&self, is_before: impl Fn(usize) -> bool) -> usize {
        partition(0..self.columns.len(), |place| is_before(self.entry_at(place)))
    }

    /// How many of `entries` are before a place in time order.
    pub fn count_before(&self, entries: &Bitmap, place: usize) -> usize {
        match self.by_time() {
            None => entries.count_below(place),
            Some(by_time) => by_time[..place].iter().filter(|&&entry| entries.has(usize::from(entry))).count(),
        }
    }
}

/// The first `i` of the range that `test` does not hold for; it holds for none after.
pub fn partition(range: Range<usize>, test: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (range.start, range.end.max(range.start));
    while low < high {
        let middle = low + (high - low) / 2;
        if test(middle) { low = middle + 1 } else { high = middle }
    }
    low
}
