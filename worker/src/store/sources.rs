//! The sources of the workspace: kept in memory, written with each commit.

use std::collections::BTreeMap;

use analysis::block::Block;
use analysis::read::Position;
use model::entry::SourceId;
use model::source::{FileOffer, Source, SourceState};
use model::time::{Nanos, TimeRange};
use model::wire;
use rusqlite::{Connection, Row, params};

use super::blocks::FORMATS;
use super::directory::ZoneNumber;
use super::error::{Error, Result};

/// One source with what only the store needs.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceRecord {
    pub shown: Source,
    pub modified_millis: i64,
    pub fingerprint: u64,
    /// Where reading goes on after the last block inserted.
    pub position: Option<Position>,
    /// Entries by format name.
    pub formats: BTreeMap<String, u64>,
    /// Zone that stamps without one are being read in.
    pub zone: ZoneNumber,
    /// Blocks inserted since the workspace was opened.
    pub n_blocks: u64,
    /// Entries in the last commit, flushed or not.
    n_committed: u64,
    /// Log text in the last commit, for the speed.
    text_committed: u64,
    changed: bool,
}

#[derive(Debug, Default)]
pub struct Sources {
    records: BTreeMap<SourceId, SourceRecord>,
}

const ALL_SOURCES: &str = "SELECT id, path, file_bytes, modified_millis, fingerprint, state, position, read_bytes, \
                           text_bytes, n_entries, n_lines, min_time, max_time, formats FROM sources ORDER BY id";
const PUT_SOURCE: &str = "INSERT OR REPLACE INTO sources (id, path, file_bytes, modified_millis, fingerprint, state, \
                          position, read_bytes, text_bytes, n_entries, n_lines, min_time, max_time, formats) \
                          VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";

impl Sources {
    /// `zone`: the workspace's. What was being read when the page went away is interrupted now.
    pub fn load(connection: &Connection, zone: ZoneNumber) -> Result<Self> {
        let mut statement = connection.prepare(ALL_SOURCES)?;
        let mut rows = statement.query([])?;
        let mut records = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let mut record = read_record(row, zone)?;
            if matches!(record.shown.state, SourceState::Waiting | SourceState::Reading | SourceState::Paused) {
                record.shown.state = SourceState::Interrupted;
                record.changed = true;
            }
            records.insert(record.shown.id, record);
        }
        Ok(Self { records })
    }

    pub fn add(&mut self, id: SourceId, offer: &FileOffer, fingerprint: u64, zone: ZoneNumber) {
        let shown = Source {
            id,
            path: offer.path.clone(),
            file_bytes: offer.bytes,
            read_bytes: 0,
            text_bytes: 0,
            n_entries: 0,
            n_lines: 0,
            formats: Vec::new(),
            range: None,
            n_saved: 0,
            bytes_per_second: 0,
            state: SourceState::Waiting,
        };
        self.records.insert(
            id,
            SourceRecord {
                shown,
                modified_millis: offer.modified_millis,
                fingerprint,
                position: None,
                formats: BTreeMap::new(),
                zone,
                n_blocks: 0,
                n_committed: 0,
                text_committed: 0,
                changed: true,
            },
        );
    }

    pub fn get(&self, id: SourceId) -> Option<&SourceRecord> {
        self.records.get(&id)
    }

    /// The record to be changed; it is written with the next commit.
    pub fn change(&mut self, id: SourceId) -> Result<&mut SourceRecord> {
        let record = self.records.get_mut(&id).ok_or(Error::Gone)?;
        record.changed = true;
        Ok(record)
    }

    pub fn iter(&self) -> impl Iterator<Item = &SourceRecord> {
        self.records.values()
    }

    pub fn remove(&mut self, id: SourceId) -> Result<()> {
        self.records.remove(&id).map(|_| ()).ok_or(Error::Gone)
    }

    pub fn is_changed(&self) -> bool {
        self.records.values().any(|record| record.changed)
    }

    /// Writes what has changed, within the caller's transaction. `seconds`: since the last commit, for the speed,
    /// which stays as it is without.
    pub fn write(&mut self, connection: &Connection, seconds: Option<f64>) -> Result<()> {
        let mut put = connection.prepare_cached(PUT_SOURCE)?;
        for record in self.records.values_mut() {
            if let Some(seconds) = seconds {
                let fresh_bytes = record.shown.text_bytes.saturating_sub(record.text_committed);
                record.shown.bytes_per_second = match record.shown.state {
                    SourceState::Reading if seconds > 0.0 => (fresh_bytes as f64 / seconds) as u64,
                    _ => 0,
                };
            }
            if !record.changed {
                continue;
            }
            let shown = &record.shown;
            put.execute(params![
                shown.id.0,
                shown.path,
                shown.file_bytes as i64,
                record.modified_millis,
                record.fingerprint as i64,
                wire::encode(&shown.state),
                record.position.as_ref().map(wire::encode),
                shown.read_bytes as i64,
                shown.text_bytes as i64,
                shown.n_entries as i64,
                shown.n_lines as i64,
                shown.range.map(|range| range.start.0),
                shown.range.map(|range| range.end.0),
                wire::encode(&record.formats),
            ])?;
        }
        Ok(())
    }

    /// The transaction with everything written so far has been committed.
    pub fn committed(&mut self) {
        for record in self.records.values_mut() {
            record.changed = false;
            record.n_committed = record.shown.n_entries;
            record.text_committed = record.shown.text_bytes;
        }
    }

    /// Entries of each source in the last commit.
    pub fn n_committed(&self) -> Vec<(SourceId, u64)> {
        self.records.values().map(|record| (record.shown.id, record.n_committed)).collect()
    }

    /// These entries can no longer be taken away by a crash.
    pub fn saved(&mut self, n_entries: &[(SourceId, u64)]) {
        for (id, n_saved) in n_entries {
            if let Some(record) = self.records.get_mut(id) {
                record.shown.n_saved = record.shown.n_saved.max(*n_saved);
            }
        }
    }
}

impl SourceRecord {
    /// Counts a block in that goes on where the last one ended.
    pub fn add_block(&mut self, block: &Block, formats: impl IntoIterator<Item = (String, u64)>) {
        let shown = &mut self.shown;
        shown.n_entries += u64::from(block.n_entries);
        shown.n_lines += u64::from(block.n_lines);
        shown.text_bytes += u64::from(block.text_bytes);
        if block.n_entries > 0 && !block.undated {
            shown.range = Some(widened(shown.range, block.min_time, block.max_time));
        }
        for (name, n_entries) in formats {
            *self.formats.entry(name).or_default() += n_entries;
        }
        shown.formats = by_frequency(&self.formats);
        self.n_blocks += 1;
        self.position = Some(block.position.clone());
    }
}

/// The range with `min` and `max` inside.
pub fn widened(range: Option<TimeRange>, min: Nanos, max: Nanos) -> TimeRange {
    let end = Nanos(max.0.saturating_add(1));
    match range {
        None => TimeRange { start: min, end },
        Some(range) => TimeRange { start: range.start.min(min), end: range.end.max(end) },
    }
}

fn by_frequency(formats: &BTreeMap<String, u64>) -> Vec<String> {
    let mut names: Vec<_> = formats.iter().collect();
    names.sort_by_key(|&(name, &n_entries)| (std::cmp::Reverse(n_entries), name));
    names.into_iter().map(|(name, _)| FORMATS.title(FORMATS.id(name)).to_owned()).collect()
}

fn read_record(row: &Row<'_>, zone: ZoneNumber) -> Result<SourceRecord> {
    let number = |index: usize| row.get::<_, i64>(index).map(|number| number as u64);
    let position = match row.get::<_, Option<Vec<u8>>>(6)? {
        Some(bytes) => Some(wire::decode(&bytes).map_err(|_| Error::Garbled("position"))?),
        None => None,
    };
    let formats = wire::decode(row.get_ref(13)?.as_blob().unwrap_or_default()).map_err(|_| Error::Garbled("source"))?;
    let range = match (row.get::<_, Option<i64>>(11)?, row.get::<_, Option<i64>>(12)?) {
        (Some(start), Some(end)) => Some(TimeRange { start: Nanos(start), end: Nanos(end) }),
        _ => None,
    };
    let shown = Source {
        id: SourceId(row.get(0)?),
        path: row.get(1)?,
        file_bytes: number(2)?,
        read_bytes: number(7)?,
        text_bytes: number(8)?,
        n_entries: number(9)?,
        n_lines: number(10)?,
        formats: by_frequency(&formats),
        range,
        n_saved: number(9)?,
        bytes_per_second: 0,
        state: wire::decode(row.get_ref(5)?.as_blob().unwrap_or_default()).map_err(|_| Error::Garbled("source"))?,
    };
    Ok(SourceRecord {
        modified_millis: row.get(3)?,
        fingerprint: number(4)?,
        position,
        formats,
        zone,
        n_blocks: 0,
        n_committed: shown.n_entries,
        text_committed: shown.text_bytes,
        changed: false,
        shown,
    })
}
