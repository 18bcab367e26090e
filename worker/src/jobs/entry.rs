//! Everything known of one entry.

use analysis::format::Formats;
use analysis::search::Highlighter;
use model::entry::RowKey;
use model::protocol::{Answer, EntryAsk, Failure};
use model::time::{NANOS_PER_SECOND, Nanos, Reading, Zone};

use super::{Job, Step, row};
use crate::store::{self, BlockInfo, Slot, Store, read_filter};

const DAY_NANOS: i64 = 86_400 * NANOS_PER_SECOND;

pub struct EntryJob {
    pub ask: EntryAsk,
}

impl Job for EntryJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        let key = self.ask.key;
        let slot = slot_of(store, key)?.ok_or(Failure::Gone)?;
        let entry = (key.entry - store.blocks.info(slot).first_entry) as usize;
        let (marked, _) = read_filter(&self.ask.query, &store.blocks)?;
        let highlighter = Highlighter::new(&marked);
        let mut opened = row::entry(&mut store.blocks, slot, entry, &highlighter)?;
        if opened.naive && opened.precision.is_own() {
            opened.reading = reading(store, slot, entry)?;
        }
        opened.zone = row::with_zone_read_in(store, opened.key, opened.zone);
        Ok(Step::Finished(Answer::Entry(Box::new(opened))))
    }
}

/// The block of an entry. The key's time may be of another zone: source and ordinal name the entry for good, inside of a workspace.
/// Where the same files were taken in in another order, as by somebody who opens a link, the entry of that ordinal and time is in
/// another source.
fn slot_of(store: &mut Store, key: RowKey) -> store::Result<Option<Slot>> {
    let named = store.blocks.directory().find_entry(key.source, key.entry);
    if let Some(slot) = named
        && time_in(store, slot, key.entry)? == Some(key.time)
    {
        return Ok(named);
    }
    let is_it = |(_, block): &(usize, &BlockInfo)| {
        let entries = block.first_entry..block.first_entry + u64::from(block.n_entries);
        block.source != key.source && entries.contains(&key.entry) && block.range().contains(key.time)
    };
    let blocks = store.blocks.directory().blocks().iter().enumerate();
    let others: Vec<Slot> = blocks.filter(is_it).map(|(slot, _)| slot).collect();
    let mut found = Vec::new();
    for slot in others {
        if time_in(store, slot, key.entry)? == Some(key.time) {
            found.push(slot);
        }
    }
    // Of two nobody knows which one is meant.
    Ok(match found[..] {
        [slot] => Some(slot),
        _ => named,
    })
}

fn time_in(store: &mut Store, slot: Slot, entry: u64) -> store::Result<Option<Nanos>> {
    let place = entry - store.blocks.info(slot).first_entry;
    Ok(store.blocks.columns(slot)?.times.get(place as usize).copied())
}

/// What the zone makes of an entry's stamp, which names none.
fn reading(store: &mut Store, slot: Slot, entry: usize) -> store::Result<Reading> {
    let zone = store.zone_of(slot).map_or_else(Zone::utc, Zone::clone);
    let blocks = &mut store.blocks;
    let offset_nanos = blocks.info(slot).offset_nanos;
    let (columns, text) = (blocks.columns(slot)?, blocks.text(slot)?);
    let start = columns.text_range(entry).start;
    let stamp = &columns.shape(entry).stamp;
    let stamp = text.get(start + stamp.start as usize..start + stamp.end as usize);
    let time = Nanos(columns.times[entry].0.wrapping_sub(offset_nanos));
    let shown = zone.to_wall(time);
    // Where the clock skipped what the stamp says, it shows another time of the day at the instant that was taken.
    let written = stamp.and_then(Formats::clock_of).map_or(shown, |clock| {
        let ahead = shown.0.wrapping_sub(clock).wrapping_add(DAY_NANOS / 2).rem_euclid(DAY_NANOS) - DAY_NANOS / 2;
        Nanos(shown.0.wrapping_sub(ahead))
    });
    Ok(zone.reading(written, time))
}
