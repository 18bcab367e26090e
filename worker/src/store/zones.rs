//! The zone of stamps that name none: the workspace's, or a source's own; and what a change of it moves.

use std::collections::{BTreeMap, HashMap};

use model::entry::SourceId;
use model::protocol::Failure;
use model::time::Zone;

use super::Store;
use super::directory::{BlockInfo, Slot, ZoneNumber};
use super::error::Result;
use super::sources::{self, SourceRecord};

/// How far a change of zone has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retimed {
    /// Blocks that still have the times of another zone.
    pub n_left: usize,
}

impl Retimed {
    pub fn is_done(self) -> bool {
        self.n_left == 0
    }
}

impl Store {
    pub fn zone(&self) -> &Zone {
        self.meta.zone_of(self.meta.zone)
    }

    /// The zone that the stamps of a block which name none were read in; `None`: all name theirs.
    pub fn zone_of(&self, slot: Slot) -> Option<&Zone> {
        let number = self.blocks.info(slot).zone;
        (number != 0).then(|| self.meta.zone_of(number))
    }

    /// The zone for a reader that starts on this source now: blocks inserted after this are taken to be read in it.
    pub fn reading_zone(&mut self, id: SourceId) -> std::result::Result<Zone, Failure> {
        let zone = self.zone_number(id);
        self.sources.change(id)?.zone = zone;
        Ok(self.meta.zone_of(zone).clone())
    }

    /// The zone of a source's stamps that name none: its own, else the workspace's.
    pub(super) fn zone_number(&self, id: SourceId) -> ZoneNumber {
        let own = self.sources.get(id).and_then(|record| record.shown.read_as.zone.as_ref());
        own.and_then(|zone| self.meta.known(zone)).unwrap_or(self.meta.zone)
    }

    /// Makes this the workspace's zone. [`Store::retime`] then gives the entries their new times.
    pub fn set_zone(&mut self, zone: Zone) -> std::result::Result<(), Failure> {
        let number = self.meta.number_of(zone);
        if number != self.meta.zone {
            self.meta.zone = number;
            self.blocks.set_zone(self.zone().clone());
            let begun = self.begin();
            self.or_roll_back(begun)?;
            self.invalidate();
        }
        Ok(())
    }

    /// Gives up to `n_blocks` blocks the times that their stamps have in the zone, and with the offset, of their source.
    pub fn retime(&mut self, n_blocks: usize) -> std::result::Result<Retimed, Failure> {
        let retimed = self.try_retime(n_blocks);
        Ok(self.or_roll_back(retimed)?)
    }

    pub(super) fn try_retime(&mut self, n_blocks: usize) -> Result<Retimed> {
        let wanted: HashMap<SourceId, (ZoneNumber, i64)> = {
            let of = |record: &SourceRecord| {
                let id = record.shown.id;
                (id, (self.zone_number(id), record.shown.read_as.offset_nanos))
            };
            self.sources.iter().map(of).collect()
        };
        let blocks = self.blocks.directory().blocks();
        let is_stale = |block: &BlockInfo| {
            wanted.get(&block.source).is_some_and(|&(zone, offset_nanos)| {
                block.zone != 0 && block.zone != zone || block.offset_nanos != offset_nanos
            })
        };
        let stale: Vec<Slot> = (0..blocks.len()).filter(|&slot| is_stale(&blocks[slot])).collect();
        if stale.is_empty() {
            return Ok(Retimed { n_left: 0 });
        }
        self.begin()?;
        for &slot in stale.iter().take(n_blocks) {
            let source = self.blocks.info(slot).source;
            let Some(read_as) = self.sources.get(source).map(|record| record.shown.read_as.clone()) else { continue };
            let mut times = self.times_for(slot, &read_as);
            let last_time = self.blocks.retime(slot, &mut times)?;
            let info = self.blocks.info(slot);
            let n_entries = info.first_entry + u64::from(info.n_entries);
            let record = self.sources.change(source)?;
            // Entries without a stamp inherit this time when reading goes on.
            if let Some(position) = &mut record.position
                && record.shown.n_entries == n_entries
                && position.last_naive
            {
                position.last_time = last_time;
            }
        }
        let n_left = stale.len().saturating_sub(n_blocks);
        if n_left == 0 {
            self.sum_up_ranges()?;
        }
        self.invalidate();
        Ok(Retimed { n_left })
    }

    /// Each source's first and last instant, from its blocks.
    fn sum_up_ranges(&mut self) -> Result<()> {
        let mut ranges = BTreeMap::new();
        for block in self.blocks.directory().blocks().iter().filter(|block| !block.undated) {
            let range = ranges.get(&block.source).copied();
            ranges.insert(block.source, sources::widened(range, block.min_time, block.max_time));
        }
        for (id, range) in ranges {
            self.sources.change(id)?.shown.range = Some(range);
        }
        Ok(())
    }
}
