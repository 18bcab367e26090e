//! The directory: what is known of every block without opening it, kept in memory, and the blocks in time order.
//!
//! A block's entries lie between its `lowest` and its `highest` key, but where sources overlap in time, so do blocks.
//! [`TimeOrder`] finds the few blocks that can hold a key; `search` turns that into ranks.

use std::collections::BTreeSet;
use std::rc::Rc;

use analysis::block::Block;
use model::entry::{RowKey, SourceId};
use model::time::{Nanos, TimeRange};
use rusqlite::Connection;

use super::error::Result;

/// Numbers the blocks of a workspace in the order they were inserted, from 1; never used again.
pub type BlockId = u32;

/// Numbers the zones a workspace has had, from 1.
pub type ZoneNumber = u16;

/// Place of a block in the directory; good until a block is removed.
pub type Slot = usize;

#[derive(Clone, Debug, PartialEq)]
pub struct BlockInfo {
    pub id: BlockId,
    pub source: SourceId,
    /// Ordinal in the source of the first entry.
    pub first_entry: u64,
    /// Lines of the source before the first entry.
    pub first_line: u64,
    pub min_time: Nanos,
    pub max_time: Nanos,
    pub n_entries: u32,
    pub n_lines: u32,
    pub text_bytes: u32,
    /// Bit `b` is set if an entry's severity is in the band numbered `b`.
    pub bands: u8,
    /// No entry of the block has a time, nor any before it: its times are the file's date.
    pub undated: bool,
    /// Number of the zone that stamps without one were read in; 0 where every stamp names its own.
    pub zone: ZoneNumber,
    /// What was added to the times as they are read.
    pub offset_nanos: i64,
}

impl BlockInfo {
    /// `zone`, `offset_nanos`: as they were when the block was made.
    pub fn of(block: &Block, id: BlockId, source: SourceId, zone: ZoneNumber, offset_nanos: i64) -> Self {
        Self {
            id,
            source,
            first_entry: block.first_entry,
            first_line: block.first_line,
            min_time: block.min_time,
            max_time: block.max_time,
            n_entries: block.n_entries,
            n_lines: block.n_lines,
            text_bytes: block.text_bytes,
            bands: block.bands,
            undated: block.undated,
            zone: if block.naive { zone } else { 0 },
            offset_nanos,
        }
    }

    /// No entry of the block comes before this key.
    pub fn lowest(&self) -> RowKey {
        RowKey { time: self.min_time, source: self.source, entry: self.first_entry }
    }

    /// No entry of the block comes after this key.
    pub fn highest(&self) -> RowKey {
        let last = self.first_entry + u64::from(self.n_entries.saturating_sub(1));
        RowKey { time: self.max_time, source: self.source, entry: last }
    }

    /// First to last instant.
    pub fn range(&self) -> TimeRange {
        TimeRange { start: self.min_time, end: Nanos(self.max_time.0.saturating_add(1)) }
    }
}

/// The blocks sorted by their lowest and by their highest keys. Lowest keys are distinct.
#[derive(Debug, Default)]
pub struct TimeOrder {
    /// Slots by lowest key, and those keys.
    pub by_lowest: Vec<Slot>,
    pub lowest: Vec<RowKey>,
    /// Slots by highest key, and those keys.
    pub by_highest: Vec<Slot>,
    pub highest: Vec<RowKey>,
    /// `reach[i]`: the greatest of the highest keys of `by_lowest[..=i]`.
    reach: Vec<RowKey>,
}

impl TimeOrder {
    /// This order with the blocks that have come since. What is in order already costs a look, not a sort.
    fn grown(&self, blocks: &[BlockInfo]) -> Self {
        let with_new = |slots: &[Slot], key: fn(&BlockInfo) -> RowKey| {
            let mut slots: Vec<Slot> = slots.iter().copied().chain(slots.len()..blocks.len()).collect();
            // A stable sort takes ascending runs as they are.
            slots.sort_by_key(|&slot| key(&blocks[slot]));
            slots
        };
        let by_lowest = with_new(&self.by_lowest, BlockInfo::lowest);
        let by_highest = with_new(&self.by_highest, BlockInfo::highest);
        let mut reach = Vec::with_capacity(blocks.len());
        for &slot in &by_lowest {
            let highest = blocks[slot].highest();
            reach.push(reach.last().map_or(highest, |&before: &RowKey| before.max(highest)));
        }
        Self {
            lowest: by_lowest.iter().map(|&slot| blocks[slot].lowest()).collect(),
            highest: by_highest.iter().map(|&slot| blocks[slot].highest()).collect(),
            by_lowest,
            by_highest,
            reach,
        }
    }

    /// Blocks that may hold entries with `from <= key < to`. Cost: their number, or more where a block reaches far.
    pub fn overlapping(&self, blocks: &[BlockInfo], from: RowKey, to: Option<RowKey>) -> Vec<Slot> {
        let end = to.map_or(self.lowest.len(), |to| self.lowest.partition_point(|&lowest| lowest < to));
        let mut found = Vec::new();
        for i in (0..end).rev() {
            if self.reach[i] < from {
                break;
            }
            let slot = self.by_lowest[i];
            if blocks[slot].highest() >= from {
                found.push(slot);
            }
        }
        found
    }
}

/// All blocks, ascending by id.
#[derive(Debug, Default)]
pub struct Directory {
    blocks: Vec<BlockInfo>,
    /// Blocks of sources that are being read again, ascending by id: no question finds them before that is done.
    hidden: Vec<BlockInfo>,
    /// Of all blocks, or of the first ones.
    order: Option<Rc<TimeOrder>>,
    /// All blocks, or the first ones, by source and place in it.
    written: Option<Rc<Vec<Slot>>>,
}

/// Reads the whole table, but for the blocks of sources that were removed.
const ALL_BLOCKS: &str = "SELECT blocks.id, source, first_entry, blocks.n_entries, first_line, blocks.n_lines, \
                          blocks.min_time, blocks.max_time, bands, zone, blocks.text_bytes, undated, offset_nanos, \
                          replaces IS NOT NULL \
                          FROM blocks JOIN sources ON sources.id = source ORDER BY blocks.id";

impl Directory {
    pub fn load(connection: &Connection) -> Result<Self> {
        let mut statement = connection.prepare(ALL_BLOCKS)?;
        let mut directory = Self::default();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let block = BlockInfo {
                id: row.get(0)?,
                source: SourceId(row.get(1)?),
                first_entry: row.get::<_, i64>(2)? as u64,
                n_entries: row.get(3)?,
                first_line: row.get::<_, i64>(4)? as u64,
                n_lines: row.get(5)?,
                min_time: Nanos(row.get(6)?),
                max_time: Nanos(row.get(7)?),
                bands: row.get(8)?,
                zone: row.get(9)?,
                text_bytes: row.get(10)?,
                undated: row.get(11)?,
                offset_nanos: row.get(12)?,
            };
            let is_hidden = row.get(13)?;
            if is_hidden { directory.hidden.push(block) } else { directory.blocks.push(block) }
        }
        Ok(directory)
    }

    pub fn blocks(&self) -> &[BlockInfo] {
        &self.blocks
    }

    pub fn slot_of(&self, id: BlockId) -> Option<Slot> {
        self.blocks.binary_search_by_key(&id, |block| block.id).ok()
    }

    /// Ids must come ascending.
    pub fn push(&mut self, block: BlockInfo) {
        self.blocks.push(block);
    }

    /// Adds a block that no question finds yet. Ids must come ascending.
    pub fn push_hidden(&mut self, block: BlockInfo) {
        self.hidden.push(block);
    }

    /// The hidden blocks of `successor` take the place of those of `source`; slots change.
    pub fn reveal(&mut self, successor: SourceId, source: SourceId) {
        self.remove_sources(&[source].into());
        let (revealed, hidden) =
            std::mem::take(&mut self.hidden).into_iter().partition(|info| info.source == successor);
        self.hidden = hidden;
        let revealed: Vec<BlockInfo> = revealed;
        self.blocks.extend(revealed.into_iter().map(|info| BlockInfo { source, ..info }));
        self.blocks.sort_by_key(|block| block.id);
        self.written = None;
    }

    pub fn forget_hidden(&mut self, successor: SourceId) {
        self.hidden.retain(|block| block.source != successor);
    }

    /// Whether the block is of use, now or when its source was read again.
    pub fn is_of_use(&self, id: BlockId) -> bool {
        self.slot_of(id).is_some() || self.hidden.binary_search_by_key(&id, |block| block.id).is_ok()
    }

    /// No block at all.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty() && self.hidden.is_empty()
    }

    /// Changes what a block's times are; its slot stays.
    pub fn retime(&mut self, slot: Slot, retimed: BlockInfo) {
        self.blocks[slot] = retimed;
        self.order = None;
    }

    /// Takes the blocks of these sources out; slots change.
    pub fn remove_sources(&mut self, sources: &BTreeSet<SourceId>) {
        self.blocks.retain(|block| !sources.contains(&block.source));
        self.order = None;
        self.written = None;
    }

    /// The blocks in time order; made anew when blocks have come.
    pub fn order(&mut self) -> Rc<TimeOrder> {
        let order = match self.order.take() {
            Some(order) if order.by_lowest.len() == self.blocks.len() => order,
            Some(order) => Rc::new(order.grown(&self.blocks)),
            None => Rc::new(TimeOrder::default().grown(&self.blocks)),
        };
        self.order.insert(order).clone()
    }

    /// The blocks one source after the other, each in its order; made anew when blocks have come.
    pub fn written(&mut self) -> Rc<Vec<Slot>> {
        let known = self.written.take().filter(|written| written.len() == self.blocks.len());
        let written = known.unwrap_or_else(|| {
            let mut slots: Vec<Slot> = (0..self.blocks.len()).collect();
            slots.sort_by_key(|&slot| (self.blocks[slot].source, self.blocks[slot].first_entry));
            Rc::new(slots)
        });
        self.written.insert(written).clone()
    }

    /// First and last instant of the entries whose files say when they were written.
    pub fn dated_range(&self) -> Option<TimeRange> {
        let dated = self.blocks.iter().filter(|block| !block.undated).map(BlockInfo::range);
        dated.reduce(|all, one| TimeRange { start: all.start.min(one.start), end: all.end.max(one.end) })
    }

    /// The block that holds a line (from 0) of a source. Cost: one look at every block.
    pub fn find_line(&self, source: SourceId, line: u64) -> Option<Slot> {
        self.blocks.iter().position(|block| {
            block.source == source && block.first_line <= line && line < block.first_line + u64::from(block.n_lines)
        })
    }

    /// Of all blocks, hidden ones too.
    pub fn zones(&self) -> impl Iterator<Item = ZoneNumber> {
        self.blocks.iter().chain(&self.hidden).map(|block| block.zone)
    }

    /// The blocks of a source, in their order.
    pub fn slots_of(&self, source: SourceId) -> Vec<Slot> {
        (0..self.blocks.len()).filter(|&slot| self.blocks[slot].source == source).collect()
    }

    /// The block that holds an entry of a source. Cost: one look at every block.
    pub fn find_entry(&self, source: SourceId, entry: u64) -> Option<Slot> {
        self.blocks.iter().position(|block| {
            block.source == source
                && block.first_entry <= entry
                && entry < block.first_entry + u64::from(block.n_entries)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(id: BlockId, source: u32, min: i64, max: i64) -> BlockInfo {
        BlockInfo {
            id,
            source: SourceId(source),
            first_entry: u64::from(id) * 10,
            first_line: 0,
            min_time: Nanos(min),
            max_time: Nanos(max),
            n_entries: 10,
            n_lines: 10,
            text_bytes: 100,
            bands: 0,
            undated: false,
            zone: 0,
            offset_nanos: 0,
        }
    }

    fn at(time: i64) -> RowKey {
        RowKey { time: Nanos(time), ..RowKey::default() }
    }

    #[test]
    fn overlapping_blocks_are_found_also_behind_one_that_reaches_far() {
        let blocks = [block(1, 1, 0, 100), block(2, 1, 10, 20), block(3, 2, 15, 30), block(4, 1, 40, 50)];
        let order = TimeOrder::default().grown(&blocks);
        let ids = |from: i64, to: i64| {
            let mut ids: Vec<_> =
                order.overlapping(&blocks, at(from), Some(at(to))).into_iter().map(|slot| blocks[slot].id).collect();
            ids.sort_unstable();
            ids
        };
        assert_eq!(ids(18, 25), [1, 2, 3]);
        assert_eq!(ids(31, 40), [1]);
        assert_eq!(ids(45, 46), [1, 4]);
        assert_eq!(ids(101, 200), [] as [u32; 0]);
    }

    #[test]
    fn an_order_that_grew_is_that_of_all_blocks() {
        let blocks: Vec<_> = (0..40).map(|i| block(i, 1, i64::from(i * 7 % 13), i64::from(20 + i * 5 % 11))).collect();
        for n_before in 0..blocks.len() {
            let grown = TimeOrder::default().grown(&blocks[..n_before]).grown(&blocks);
            let at_once = TimeOrder::default().grown(&blocks);
            assert_eq!((grown.lowest, grown.highest, grown.reach), (at_once.lowest, at_once.highest, at_once.reach));
            assert_eq!((grown.by_lowest, grown.by_highest), (at_once.by_lowest, at_once.by_highest));
        }
    }

    #[test]
    fn blocks_of_one_instant_do_not_overlap() {
        let blocks = [block(1, 1, 7, 7), block(2, 1, 7, 7), block(3, 1, 7, 7)];
        let order = TimeOrder::default().grown(&blocks);
        assert_eq!(order.overlapping(&blocks, order.lowest[1], Some(order.lowest[2])), [1]);
    }
}
