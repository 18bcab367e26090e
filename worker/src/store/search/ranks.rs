//! Which hit is the n-th by time, and the how manieth a hit is.
//!
//! Ranks come from hits per block: those of blocks that end before a key are added up, and only the few blocks that reach
//! across it are opened.

use std::ops::Range;

use analysis::block::Columns;
use model::entry::RowKey;
use model::scope::Order;

use super::written::place_written;
use super::{BlockHits, Found, Hits, Search};
use crate::store::blocks::Blocks;
use crate::store::directory::{BlockInfo, Slot};
use crate::store::error::Result;
use crate::store::open_columns::{OpenColumns, partition};

/// Known hits in the first `i` blocks by lowest and by highest key.
pub struct Sums {
    by_lowest: Vec<u64>,
    by_highest: Vec<u64>,
}

impl Search {
    /// How many hits from the front of `order` are certain to stay where they are.
    pub fn n_final(&mut self, blocks: &mut Blocks, order: Order) -> Result<u64> {
        let Some(slot) = self.next_unknown(order) else {
            return Ok(self.n_hits);
        };
        match order {
            Order::OldestFirst => self.n_before(blocks, blocks.info(slot).lowest()),
            Order::NewestFirst => {
                let frontier = blocks.info(slot).highest();
                self.n_from(blocks, after(frontier))
            }
            Order::AsWritten => {
                let n_known = self.written_unknown;
                Ok(self.written_sums(blocks)[n_known])
            }
        }
    }

    /// Whether nothing unknown can come before `key` in `order`, so that its rank is final.
    pub fn is_final_at(&mut self, blocks: &Blocks, order: Order, key: RowKey) -> bool {
        match (self.next_unknown(order), order) {
            (None, _) => true,
            (Some(slot), Order::OldestFirst) => blocks.info(slot).lowest() > key,
            (Some(slot), Order::NewestFirst) => blocks.info(slot).highest() < key,
            (Some(slot), Order::AsWritten) => place_written(blocks.info(slot).lowest()) > place_written(key),
        }
    }

    /// Position of `key` in `order`, among the known hits: how many come before it.
    pub fn rank(&mut self, blocks: &mut Blocks, order: Order, key: RowKey) -> Result<u64> {
        match order {
            Order::OldestFirst => self.n_before(blocks, key),
            Order::NewestFirst => self.n_from(blocks, after(key)),
            Order::AsWritten => self.n_written_before(blocks, key),
        }
    }

    /// The known hits with these ranks, in `order`; fewer where there are no more.
    pub fn page(&mut self, blocks: &mut Blocks, order: Order, ranks: Range<u64>) -> Result<Vec<Found>> {
        let start = ranks.start.min(self.n_hits);
        let end = ranks.end.min(self.n_hits);
        match order {
            Order::OldestFirst => self.ascending(blocks, start..end),
            Order::NewestFirst => {
                let mut page = self.ascending(blocks, self.n_hits - end..self.n_hits - start)?;
                page.reverse();
                Ok(page)
            }
            Order::AsWritten => self.written_page(blocks, start..end),
        }
    }

    fn sums(&mut self, blocks: &Blocks) -> &Sums {
        if self.sums.is_none() {
            let running = |slots: &[Slot]| {
                let mut sum = 0;
                let mut sums = Vec::with_capacity(slots.len() + 1);
                sums.push(0);
                for &slot in slots {
                    sum += self.hits[slot].count(blocks.info(slot).n_entries);
                    sums.push(sum);
                }
                sums
            };
            self.sums =
                Some(Sums { by_lowest: running(&self.order.by_lowest), by_highest: running(&self.order.by_highest) });
        }
        self.sums.as_ref().expect("just made")
    }

    /// Known hits before `key`. Opens the blocks that reach across it.
    fn n_before(&mut self, blocks: &mut Blocks, key: RowKey) -> Result<u64> {
        let order = self.order.clone();
        let across = order.overlapping(blocks.directory().blocks(), key, Some(key));
        let mut n_across = 0;
        for slot in across {
            n_across += self.n_before_in(blocks, slot, key)?;
        }
        let n_ended = order.highest.partition_point(|&highest| highest < key);
        Ok(n_across + self.sums(blocks).by_highest[n_ended])
    }

    /// Known hits from `key` on.
    fn n_from(&mut self, blocks: &mut Blocks, key: RowKey) -> Result<u64> {
        // This opens blocks, so that more hits may be known after it.
        let n_before = self.n_before(blocks, key)?;
        Ok(self.n_hits - n_before)
    }

    fn n_before_in(&mut self, blocks: &mut Blocks, slot: Slot, key: RowKey) -> Result<u64> {
        if matches!(self.hits[slot], Hits::Unknown | Hits::None) {
            return Ok(0);
        }
        let hits = self.hits_of(blocks, slot)?;
        let columns = blocks.columns(slot)?;
        let place = place_of(&columns, blocks.info(slot), key);
        Ok(match hits {
            BlockHits::None => 0,
            BlockHits::All => place as u64,
            BlockHits::Some(bitmap) => columns.count_before(&bitmap, place) as u64,
        })
    }

    /// The greatest `i` of `places` with no more than `n` known hits before `order.lowest[i]`, and that number of hits.
    /// The first of `places` must be such a one.
    fn cut_before(&mut self, blocks: &mut Blocks, places: Range<usize>, n: u64) -> Result<(usize, u64)> {
        let order = self.order.clone();
        // Hits before a cut are at most those of all blocks that begin before it, at least those of all that end before it.
        let n_ended = |sums: &Sums, i: usize| {
            sums.by_highest[order.highest.partition_point(|&highest| highest < order.lowest[i])]
        };
        let sums = self.sums(blocks);
        let mut low = partition(places.clone(), |i| sums.by_lowest[i] <= n).max(places.start + 1) - 1;
        let mut high = partition(low + 1..places.end, |i| n_ended(sums, i) <= n);
        let mut n_low = None;
        // An exact count opens all blocks that reach across the cut, so few are made: the place is guessed half-way between
        // the bounds, moved by how far the last guess was off. Every third time it is the middle, whatever the spread.
        let mut off = 0;
        for round in 1.. {
            if high - low <= 1 {
                break;
            }
            let sums = self.sums(blocks);
            let guess = |i: usize| (sums.by_lowest[i] + n_ended(sums, i)) as i64 / 2;
            let middle = match round % 3 {
                0 => low + (high - low) / 2,
                _ => partition(low + 1..high, |i| guess(i) + off <= n as i64).min(high - 1),
            };
            let guessed = guess(middle);
            let n_middle = self.n_before(blocks, order.lowest[middle])?;
            off = n_middle as i64 - guessed;
            if n_middle <= n {
                (low, n_low) = (middle, Some(n_middle));
            } else {
                high = middle;
            }
        }
        match n_low {
            Some(n_low) => Ok((low, n_low)),
            None => Ok((low, self.n_before(blocks, order.lowest[low])?)),
        }
    }

    /// The known hits with these ranks by ascending key.
    fn ascending(&mut self, blocks: &mut Blocks, ranks: Range<u64>) -> Result<Vec<Found>> {
        if ranks.is_empty() {
            return Ok(Vec::new());
        }
        let order = self.order.clone();
        let (first_cut, n_before) = self.cut_before(blocks, 0..order.lowest.len(), ranks.start)?;
        let (last_cut, _) = self.cut_before(blocks, first_cut..order.lowest.len(), ranks.end - 1)?;
        let from = order.lowest[first_cut];
        let to = order.lowest.get(last_cut + 1).copied();
        let mut found = Vec::new();
        for slot in order.overlapping(blocks.directory().blocks(), from, to) {
            self.collect(blocks, slot, from, to, &mut found)?;
        }
        found.sort_unstable();
        let skipped = (ranks.start - n_before) as usize;
        Ok(found.into_iter().skip(skipped).take((ranks.end - ranks.start) as usize).collect())
    }

    fn collect(
        &mut self,
        blocks: &mut Blocks,
        slot: Slot,
        from: RowKey,
        to: Option<RowKey>,
        found: &mut Vec<Found>,
    ) -> Result<()> {
        if matches!(self.hits[slot], Hits::Unknown | Hits::None) {
            return Ok(());
        }
        let hits = self.hits_of(blocks, slot)?;
        let columns = blocks.columns(slot)?;
        let info = blocks.info(slot);
        let end = to.map_or(columns.len(), |to| place_of(&columns, info, to));
        for place in place_of(&columns, info, from)..end {
            let entry = columns.entry_at(place);
            if hits.has(entry) {
                found.push(Found { key: key_of(&columns, info, entry), slot, entry: entry as u32 });
            }
        }
        Ok(())
    }
}

pub(super) fn key_of(columns: &Columns, info: &BlockInfo, entry: usize) -> RowKey {
    RowKey { time: columns.times[entry], source: info.source, entry: info.first_entry + entry as u64 }
}

/// How many entries of the block come before `key`.
fn place_of(columns: &OpenColumns, info: &BlockInfo, key: RowKey) -> usize {
    columns.place_after(|entry| key_of(columns, info, entry) < key)
}

/// The least key after `key`.
fn after(key: RowKey) -> RowKey {
    RowKey { entry: key.entry.saturating_add(1), ..key }
}
