//! Reads a source otherwise: in another format, from the text of its own blocks; in another zone, with another offset.
//!
//! The new reading is a source of its own, which *replaces* the one that is read again. Its blocks are written and indexed
//! like any, but hidden: every question finds the old ones, until one transaction exchanges them. What was done so far is
//! in the tables, so that after a crash it is gone on with. The old blocks are then left over, as those of a removed source.

use analysis::format::{Clock, Formats};
use analysis::read::Context;
use analysis::reread::Rereader;
use model::entry::{RowKey, SourceId};
use model::protocol::Failure;
use model::source::{ReadAs, SourceState};
use model::time::Nanos;
use rusqlite::params;

use super::blocks::Times;
use super::directory::{BlockInfo, Slot};
use super::error::{Error, Result};
use super::removal::{REMOVE_SOURCE, Removal};
use super::sources::SourceRecord;
use super::{NANOS_PER_MILLI, Store};

/// Blocks of no source: no source has this number.
const LET_GO: &str = "UPDATE blocks SET source = 0 WHERE source = ?1";
const TAKE_OVER: &str = "UPDATE blocks SET source = ?2 WHERE source = ?1";

/// A source being read again, in memory; made anew from the tables where it does not fit them any more.
pub struct Rereading {
    successor: SourceId,
    rereader: Rereader<'static>,
    /// Ordinal of the next old entry to be read.
    next_entry: u64,
    /// Entries made so far.
    n_made: u64,
    /// Those it reads by.
    formats: &'static Formats,
}

impl Store {
    /// Says how the source is to be read. [`Store::reread`] (where the format is another) and [`Store::retime`] do it.
    pub fn set_read_as(&mut self, id: SourceId, read_as: ReadAs) -> std::result::Result<(), Failure> {
        self.sources.get(id).ok_or(Failure::Gone)?;
        let set = self.try_set_read_as(id, read_as);
        Ok(self.or_roll_back(set)?)
    }

    fn try_set_read_as(&mut self, id: SourceId, read_as: ReadAs) -> Result<()> {
        self.begin()?;
        let was_rereading = self.drop_successor(id)?;
        if let Some(zone) = &read_as.zone {
            self.meta.number_of(zone.clone());
        }
        let record = self.sources.change(id)?;
        let now = &record.shown.read_as;
        let is_other_text = (&now.format, now.encoding) != (&read_as.format, read_as.encoding);
        if record.shown.read_as != read_as {
            record.shown.read_before = Some(std::mem::replace(&mut record.shown.read_as, read_as));
        }
        if matches!(record.shown.state, SourceState::Skipped { .. }) {
            // Nothing was read of it, so that nothing is read again: its file is.
            record.shown.state = SourceState::Interrupted;
        } else if is_other_text || was_rereading {
            self.begin_reread(id)?;
        }
        self.changed();
        Ok(())
    }

    /// Has the source read again from the beginning, in the formats as they are now.
    pub(super) fn begin_reread(&mut self, id: SourceId) -> Result<()> {
        let successor = SourceId(self.meta.next_source);
        self.meta.next_source += 1;
        let zone = self.zone_number(id);
        self.sources.add_successor(successor, id, zone)
    }

    /// Sources that are to be read again.
    pub fn being_reread(&self) -> Vec<SourceId> {
        self.sources.being_reread().collect()
    }

    /// The new reading that is being made of a source.
    pub fn successor_of(&self, id: SourceId) -> Option<SourceId> {
        self.sources.successor_of(id).map(|record| record.shown.id)
    }

    /// Bytes of text that have been read again, and all.
    pub fn reread_progress(&self, id: SourceId) -> (u64, u64) {
        let text_bytes = |record: &super::sources::SourceRecord| record.shown.text_bytes;
        (self.sources.successor_of(id).map_or(0, text_bytes), self.sources.get(id).map_or(0, text_bytes))
    }

    /// Reads the next of the source's old blocks again; the last one brings the new ones to light and commits that. False
    /// when there is nothing (more) to do for this new reading.
    pub fn reread(
        &mut self,
        id: SourceId,
        successor: SourceId,
        rereading: &mut Option<Rereading>,
    ) -> std::result::Result<bool, Failure> {
        if self.successor_of(id) != Some(successor) {
            return Ok(false);
        }
        let reread = self.try_reread(id, successor, rereading);
        Ok(self.or_roll_back(reread)?)
    }

    fn try_reread(&mut self, id: SourceId, successor: SourceId, rereading: &mut Option<Rereading>) -> Result<bool> {
        let n_entries = self.sources.get(successor).ok_or(Error::Gone)?.shown.n_entries;
        let formats = self.blocks.formats();
        let fits = |rereading: &Rereading| {
            rereading.successor == successor
                && rereading.n_made == n_entries
                && std::ptr::eq(rereading.formats, formats)
        };
        if !rereading.as_ref().is_some_and(fits) {
            *rereading = Some(self.rereading(id, successor)?);
        }
        let rereading = rereading.as_mut().expect("just made");
        let mut blocks = Vec::new();
        let next = self.blocks.directory().find_entry(id, rereading.next_entry);
        match next {
            Some(slot) => {
                let (columns, text) = (self.blocks.columns(slot)?, self.blocks.text(slot)?);
                rereading.rereader.push(&columns, &text, &mut blocks);
                rereading.next_entry += columns.len() as u64;
            }
            None => rereading.rereader.finish(&mut blocks),
        }
        rereading.n_made += blocks.iter().map(|block| u64::from(block.n_entries)).sum::<u64>();
        if !blocks.is_empty() {
            self.try_insert(successor, blocks)?;
        }
        if next.is_none() {
            self.exchange(id, successor)?;
        }
        Ok(next.is_some())
    }

    /// Goes on after the last block of the new reading.
    fn rereading(&self, id: SourceId, successor: SourceId) -> Result<Rereading> {
        let new = self.sources.get(successor).ok_or(Error::Gone)?;
        let formats = self.blocks.formats();
        let context = Context { zone: self.meta.zone_of(new.zone).clone(), ..self.context(id).ok_or(Error::Gone)? };
        let ReadAs { format, offset_nanos, .. } = &new.shown.read_as;
        let only = format.as_ref().map(|name| formats.id(name));
        let recoding = self.sources.get(id).and_then(SourceRecord::recoding);
        let rereader = Rereader::new(formats, context, only, *offset_nanos, new.position.clone(), recoding);
        Ok(Rereading { successor, rereader, next_entry: 0, n_made: new.shown.n_entries, formats })
    }

    /// What is known of a source's file beside its text.
    pub fn context(&self, id: SourceId) -> Option<Context> {
        let record = self.sources.get(id)?;
        let zone = self.meta.zone_of(self.zone_number(id)).clone();
        Some(Context { path: record.shown.path.clone(), modified: modified(record.modified_millis), zone })
    }

    /// The new reading takes the place of the old one.
    fn exchange(&mut self, id: SourceId, successor: SourceId) -> Result<()> {
        self.begin()?;
        let new = self.sources.get(successor).ok_or(Error::Gone)?.clone();
        let connection = self.blocks.connection();
        connection.execute(LET_GO, [id.0])?;
        connection.execute(TAKE_OVER, params![successor.0, id.0])?;
        connection.execute(REMOVE_SOURCE, [successor.0])?;
        self.sources.remove(successor)?;
        self.sources.change(id)?.take_over(new);
        self.blocks.reveal(successor, id);
        self.removal = Removal::with_more(self)?;
        self.invalidate();
        self.try_commit(None)?;
        Ok(())
    }

    /// Lets go of all that was read of a source: its file is to be read from the beginning.
    pub(super) fn begin_anew(&mut self, id: SourceId) -> Result<()> {
        self.begin()?;
        self.drop_successor(id)?;
        // A new reading without any entry takes the place of the one there is.
        self.begin_reread(id)?;
        let successor = self.successor_of(id).ok_or(Error::Gone)?;
        let record = self.sources.change(id)?;
        record.position = None;
        record.shown.read_bytes = 0;
        self.exchange(id, successor)
    }

    /// Lets go of a new reading that was not brought to its end, if there is one.
    pub(super) fn drop_successor(&mut self, id: SourceId) -> Result<bool> {
        let Some(successor) = self.successor_of(id) else { return Ok(false) };
        self.sources.remove(successor)?;
        self.blocks.connection().execute(REMOVE_SOURCE, [successor.0])?;
        self.blocks.forget_hidden(successor);
        self.removal = Removal::with_more(self)?;
        Ok(true)
    }

    /// First line, from 0, of an entry.
    pub fn line_of(&mut self, key: RowKey) -> std::result::Result<Option<u64>, Failure> {
        let Some(slot) = self.blocks.directory().find_entry(key.source, key.entry) else { return Ok(None) };
        let entry = (key.entry - self.blocks.info(slot).first_entry) as usize;
        let first_line = self.blocks.info(slot).first_line;
        Ok(Some(first_line + self.blocks.columns(slot)?.lines_before(entry)))
    }

    /// The entry that a line, from 0, of a source is in.
    pub fn entry_with(&mut self, source: SourceId, line: u64) -> std::result::Result<Option<RowKey>, Failure> {
        let Some(slot) = self.blocks.directory().find_line(source, line) else { return Ok(None) };
        let columns = self.blocks.columns(slot)?;
        let BlockInfo { first_line, first_entry, .. } = *self.blocks.info(slot);
        let mut end = first_line;
        let entry = (0..columns.len()).find(|&entry| {
            end += u64::from(columns.shape(entry).n_lines);
            line < end
        });
        Ok(entry.map(|entry| RowKey { time: columns.times[entry], source, entry: first_entry + entry as u64 }))
    }

    /// The times that a block would have if its source was read so.
    pub fn times_for(&self, slot: Slot, read_as: &ReadAs) -> Times {
        let info = self.blocks.info(slot);
        let to = read_as.zone.as_ref().unwrap_or_else(|| self.zone());
        let from = if info.zone == 0 { to } else { self.meta.zone_of(info.zone) };
        let (path, modified_millis) =
            self.sources.get(info.source).map_or(("", 0), |record| (&record.shown.path, record.modified_millis));
        Times {
            zone: self.meta.known(to).unwrap_or(0),
            from: from.clone(),
            to: to.clone(),
            clock: Clock::of_file(to.clone(), modified(modified_millis), path),
            offset_nanos: read_as.offset_nanos,
        }
    }
}

fn modified(millis: i64) -> Nanos {
    Nanos(millis.saturating_mul(NANOS_PER_MILLI))
}
