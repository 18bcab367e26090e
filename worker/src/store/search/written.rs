//! Hits in the order in which they were written: by source, and by place in it.

use std::ops::Range;

use model::entry::{RowKey, SourceId};

use super::ranks::key_of;
use super::{BlockHits, Found, Hits, Search};
use crate::store::blocks::Blocks;
use crate::store::directory::Slot;
use crate::store::error::Result;

impl Search {
    /// Known hits in the first `i` blocks as they were written.
    pub(super) fn written_sums(&mut self, blocks: &Blocks) -> &[u64] {
        if self.written_sums.is_none() {
            let mut sums = vec![0];
            for &slot in &*self.written {
                let sum = sums[sums.len() - 1] + self.hits[slot].count(blocks.info(slot).n_entries);
                sums.push(sum);
            }
            self.written_sums = Some(sums);
        }
        self.written_sums.as_deref().expect("just made")
    }

    /// Known hits that were written before `key`.
    pub(super) fn n_written_before(&mut self, blocks: &mut Blocks, key: RowKey) -> Result<u64> {
        let written = self.written.clone();
        let begins_before = |&slot: &Slot| place_written(blocks.info(slot).lowest()) < place_written(key);
        let Some(last) = written.partition_point(begins_before).checked_sub(1) else { return Ok(0) };
        let slot = written[last];
        let info = blocks.info(slot);
        let n_entries = match info.source == key.source {
            true => (key.entry - info.first_entry).min(u64::from(info.n_entries)) as usize,
            false => info.n_entries as usize,
        };
        let n_inside = match self.hits[slot] {
            Hits::Unknown | Hits::None => 0,
            _ => match self.hits_of(blocks, slot)? {
                BlockHits::None => 0,
                BlockHits::All => n_entries as u64,
                BlockHits::Some(bitmap) => bitmap.count_below(n_entries) as u64,
            },
        };
        Ok(self.written_sums(blocks)[last] + n_inside)
    }

    /// The known hits with these ranks as they were written.
    pub(super) fn written_page(&mut self, blocks: &mut Blocks, ranks: Range<u64>) -> Result<Vec<Found>> {
        let written = self.written.clone();
        let mut found = Vec::new();
        let n_wanted = (ranks.end - ranks.start) as usize;
        let sums = self.written_sums(blocks);
        let first = sums.partition_point(|&sum| sum <= ranks.start).saturating_sub(1);
        let mut n_skipped = (ranks.start - sums.get(first).copied().unwrap_or(ranks.start)) as usize;
        for &slot in written.iter().skip(first) {
            if found.len() >= n_wanted {
                break;
            }
            if matches!(self.hits[slot], Hits::Unknown | Hits::None) {
                continue;
            }
            let hits = self.hits_of(blocks, slot)?;
            let columns = blocks.columns(slot)?;
            let info = blocks.info(slot);
            let entries = (0..columns.len()).filter(|&entry| hits.has(entry)).skip(n_skipped);
            let as_found = |entry| Found { key: key_of(&columns, info, entry), slot, entry: entry as u32 };
            found.extend(entries.map(as_found).take(n_wanted - found.len()));
            n_skipped = 0;
        }
        Ok(found)
    }
}

/// Where an entry was written.
pub(super) fn place_written(key: RowKey) -> (SourceId, u64) {
    (key.source, key.entry)
}
