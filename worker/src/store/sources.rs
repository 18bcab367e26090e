//! The sources of the workspace: kept in memory, written with each commit.

use std::collections::BTreeMap;

use analysis::block::Block;
use analysis::format::Formats;
use analysis::read::Position;
use analysis::reread::Recoding;
use model::entry::SourceId;
use model::source::{FileOffer, ReadAs, Source, SourceState};
use model::time::{Nanos, TimeRange};
use model::wire;
use rusqlite::{Connection, Row, params};

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
    /// The source that this one takes the place of when it has been read again.
    pub replaces: Option<SourceId>,
    /// Blocks inserted since the workspace was opened.
    pub n_blocks: u64,
    /// Entries in the last commit, flushed or not.
    n_committed: u64,
    /// Since when the speed is measured; none before the first commit.
    measured: Option<Measured>,
    changed: bool,
}

/// A speed is shown when it was measured for this long: what came in a moment says nothing of a second.
const MEASURED_SECONDS: f64 = 1.0;

#[derive(Clone, Debug, PartialEq)]
struct Measured {
    /// The log text there was at its beginning.
    from_bytes: u64,
    seconds: f64,
}

#[derive(Debug, Default)]
pub struct Sources {
    records: BTreeMap<SourceId, SourceRecord>,
}

const ALL_SOURCES: &str = "SELECT id, path, file_bytes, modified_millis, fingerprint, state, position, read_bytes, \
                           text_bytes, n_entries, n_lines, min_time, max_time, formats, read_as, read_before, replaces, \
                           archive FROM sources ORDER BY id";
const PUT_SOURCE: &str = "INSERT OR REPLACE INTO sources (id, path, file_bytes, modified_millis, fingerprint, state, \
                          position, read_bytes, text_bytes, n_entries, n_lines, min_time, max_time, formats, read_as, \
                          read_before, replaces, archive) \
                          VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";

impl Sources {
    /// `zone`: the workspace's. What was being read when the page went away is interrupted now.
    pub fn load(connection: &Connection, zone: ZoneNumber, formats: &Formats) -> Result<Self> {
        let mut statement = connection.prepare(ALL_SOURCES)?;
        let mut rows = statement.query([])?;
        let mut records = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let mut record = read_record(row, zone, formats)?;
            if matches!(record.shown.state, SourceState::Waiting | SourceState::Reading | SourceState::Paused) {
                record.shown.state = SourceState::Interrupted;
                record.changed = true;
            }
            records.insert(record.shown.id, record);
        }
        Ok(Self { records })
    }

    /// What is taken out of an archive is no archive itself: whoever asks for a file's archive, and for that of this, comes to an end.
    pub fn check_archives(&self) -> Result<()> {
        let is_member = |id: SourceId| self.get(id).is_some_and(|record| record.shown.archive.is_some());
        let mut archives = self.records.values().filter_map(|record| record.shown.archive);
        if archives.any(is_member) { Err(Error::Garbled("source")) } else { Ok(()) }
    }

    /// `archive`: the source it is taken out of, if it is.
    pub fn add(
        &mut self,
        id: SourceId,
        offer: &FileOffer,
        archive: Option<SourceId>,
        fingerprint: u64,
        zone: ZoneNumber,
    ) {
        let shown = Source {
            id,
            path: offer.path.clone(),
            archive,
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
            read_as: ReadAs::default(),
            read_before: None,
            rereading: None,
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
                replaces: None,
                n_blocks: 0,
                n_committed: 0,
                measured: None,
                changed: true,
            },
        );
    }

    /// A new reading of `source`, to be filled with blocks in `zone`.
    pub fn add_successor(&mut self, id: SourceId, source: SourceId, zone: ZoneNumber) -> Result<()> {
        let record = self.get(source).ok_or(Error::Gone)?;
        let offer = FileOffer {
            path: record.shown.path.clone(),
            bytes: record.shown.file_bytes,
            modified_millis: record.modified_millis,
        };
        let read_as = record.shown.read_as.clone();
        let (archive, fingerprint) = (record.shown.archive, record.fingerprint);
        self.add(id, &offer, archive, fingerprint, zone);
        let successor = self.change(id)?;
        successor.replaces = Some(source);
        successor.shown.read_as = read_as;
        // Nobody waits for a file.
        successor.shown.state = SourceState::Complete;
        Ok(())
    }

    /// The new reading of a source, while it is made.
    pub fn successor_of(&self, source: SourceId) -> Option<&SourceRecord> {
        self.records.values().find(|record| record.replaces == Some(source))
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

    /// All but those that are yet to take the place of another.
    pub fn iter(&self) -> impl Iterator<Item = &SourceRecord> {
        self.records.values().filter(|record| record.replaces.is_none())
    }

    /// The sources that are being read again.
    pub fn being_reread(&self) -> impl Iterator<Item = SourceId> {
        self.records.values().filter_map(|record| record.replaces)
    }

    pub fn remove(&mut self, id: SourceId) -> Result<()> {
        self.records.remove(&id).map(|_| ()).ok_or(Error::Gone)
    }

    pub fn is_changed(&self) -> bool {
        self.records.values().any(|record| record.changed)
    }

    /// Writes what has changed, within the caller's transaction. `seconds`: since the last commit, for the speed;
    /// none where that is counted with the next.
    pub fn write(&mut self, connection: &Connection, seconds: Option<f64>) -> Result<()> {
        let mut put = connection.prepare_cached(PUT_SOURCE)?;
        for record in self.records.values_mut() {
            record.measure(seconds.unwrap_or(0.0));
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
                (shown.read_as != ReadAs::default()).then(|| wire::encode(&shown.read_as)),
                shown.read_before.as_ref().map(wire::encode),
                record.replaces.map(|source| source.0),
                shown.archive.map(|archive| archive.0),
            ])?;
        }
        Ok(())
    }

    /// The transaction with everything written so far has been committed.
    pub fn committed(&mut self) {
        for record in self.records.values_mut() {
            record.changed = false;
            record.n_committed = record.shown.n_entries;
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
    /// `seconds`: since the last commit.
    fn measure(&mut self, seconds: f64) {
        let begin = Measured { from_bytes: self.shown.text_bytes, seconds: 0.0 };
        let Some(measured) = self.measured.as_mut().filter(|_| self.shown.state == SourceState::Reading) else {
            self.measured = Some(begin);
            self.shown.bytes_per_second = 0;
            return;
        };
        measured.seconds += seconds;
        if measured.seconds >= MEASURED_SECONDS {
            let fresh_bytes = self.shown.text_bytes.saturating_sub(measured.from_bytes);
            self.shown.bytes_per_second = (fresh_bytes as f64 / measured.seconds) as u64;
            self.measured = Some(begin);
        }
    }

    /// How its bytes are to be decoded anew, where its text was decoded from another encoding than the user says.
    pub fn recoding(&self) -> Option<Recoding> {
        let (from, to) = (self.position.as_ref()?.encoding, self.shown.read_as.encoding);
        let was_told = self.shown.read_before.as_ref().is_some_and(|before| before.encoding.is_some());
        to.map_or(was_told, |to| to != from).then_some(Recoding { from, to })
    }

    /// Its entries are those of the new reading from now on.
    pub fn take_over(&mut self, new: Self) {
        let recodes = self.recoding().is_some();
        let shown = &mut self.shown;
        shown.n_entries = new.shown.n_entries;
        shown.n_lines = new.shown.n_lines;
        shown.text_bytes = new.shown.text_bytes;
        shown.n_saved = shown.n_saved.min(shown.n_entries);
        shown.formats = new.shown.formats;
        shown.range = new.shown.range;
        self.formats = new.formats;
        self.measured = None;
        self.n_blocks = new.n_blocks;
        if let (Some(old), Some(new)) = (&mut self.position, new.position) {
            // Reading goes on with the bytes of the file, which the old one counted.
            let encoding = if recodes { new.encoding } else { old.encoding };
            *old = Position { offset: old.offset, encoding, in_line: old.in_line, ..new };
        }
    }

    /// Counts a block in that goes on where the last one ended.
    /// `counts`: its entries by format name, if they were counted; `formats`: what those names say to the user.
    pub fn add_block(&mut self, block: &Block, counts: impl IntoIterator<Item = (String, u64)>, formats: &Formats) {
        let shown = &mut self.shown;
        shown.n_entries += u64::from(block.n_entries);
        shown.n_lines += u64::from(block.n_lines);
        shown.text_bytes += u64::from(block.text_bytes);
        if block.n_entries > 0 && !block.undated {
            shown.range = Some(widened(shown.range, block.min_time, block.max_time));
        }
        for (name, n_entries) in counts {
            *self.formats.entry(name).or_default() += n_entries;
        }
        shown.formats = by_frequency(&self.formats, formats);
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

fn by_frequency(counts: &BTreeMap<String, u64>, formats: &Formats) -> Vec<String> {
    let mut names: Vec<_> = counts.iter().collect();
    names.sort_by_key(|&(name, &n_entries)| (std::cmp::Reverse(n_entries), name));
    names.into_iter().map(|(name, _)| formats.title(formats.id(name)).to_owned()).collect()
}

fn read_record(row: &Row<'_>, zone: ZoneNumber, formats: &Formats) -> Result<SourceRecord> {
    let number = |index: usize| row.get::<_, i64>(index).map(|number| number as u64);
    let position = match row.get::<_, Option<Vec<u8>>>(6)? {
        Some(bytes) => Some(read_position(&bytes)?),
        None => None,
    };
    let counts = wire::decode(row.get_ref(13)?.as_blob().unwrap_or_default()).map_err(|_| Error::Garbled("source"))?;
    let read_as = |index: usize| match row.get::<_, Option<Vec<u8>>>(index)? {
        Some(bytes) => read_read_as(&bytes).map(Some),
        None => Ok(None),
    };
    let range = match (row.get::<_, Option<i64>>(11)?, row.get::<_, Option<i64>>(12)?) {
        (Some(start), Some(end)) => Some(TimeRange { start: Nanos(start), end: Nanos(end) }),
        _ => None,
    };
    let shown = Source {
        id: SourceId(row.get(0)?),
        path: row.get(1)?,
        archive: row.get::<_, Option<u32>>(17)?.map(SourceId),
        file_bytes: number(2)?,
        read_bytes: number(7)?,
        text_bytes: number(8)?,
        n_entries: number(9)?,
        n_lines: number(10)?,
        formats: by_frequency(&counts, formats),
        range,
        n_saved: number(9)?,
        bytes_per_second: 0,
        state: wire::decode(row.get_ref(5)?.as_blob().unwrap_or_default()).map_err(|_| Error::Garbled("source"))?,
        read_as: read_as(14)?.unwrap_or_default(),
        read_before: read_as(15)?,
        rereading: None,
    };
    Ok(SourceRecord {
        modified_millis: row.get(3)?,
        fingerprint: number(4)?,
        position,
        formats: counts,
        zone,
        replaces: row.get::<_, Option<u32>>(16)?.map(SourceId),
        n_blocks: 0,
        n_committed: shown.n_entries,
        measured: None,
        changed: false,
        shown,
    })
}

/// Older builds did not know of encodings.
fn read_read_as(bytes: &[u8]) -> Result<ReadAs> {
    let read = (0..=1).find_map(|n_lacking| wire::decode(&[bytes, &vec![0; n_lacking]].concat()).ok());
    read.ok_or(Error::Garbled("source"))
}

/// Positions of older builds end before what those did not know: whether dates begin with the day, how lines begin, how
/// steady times are, and lists in one line. Of each nothing is known, which is zeros.
fn read_position(bytes: &[u8]) -> Result<Position> {
    let read = (0..=5).find_map(|n_lacking| wire::decode(&[bytes, &vec![0; n_lacking]].concat()).ok());
    read.ok_or(Error::Garbled("position"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_of_older_builds_are_read() {
        let position = Position { offset: 7, formats: vec!["json".to_owned()], ..Position::default() };
        let bytes = wire::encode(&position);
        assert_eq!(read_position(&bytes).unwrap(), position);
        for n_lacking in [1, 3, 4, 5] {
            assert_eq!(read_position(&bytes[..bytes.len() - n_lacking]).unwrap(), position);
        }
        // As it was before lists: offset 7, line 2, entry 2, times 5 and 5 with a stamp without a zone, UTF-8, `json`, not in a
        // line, the day first, no headers, sixteen near times and then a doubted one.
        let before_lists = b"\x07\x02\x02\x01\x0a\x01\x01\x0a\0\x01\x04json\0\x01\x01\0\x10\x01\x0c";
        let read = read_position(before_lists).unwrap();
        assert_eq!((read.offset, read.last_dated, read.day_first), (7, Some(Nanos(5)), Some(true)));
        assert!(!read.in_line && !read.in_list);
        assert_eq!(wire::encode(&read), [&before_lists[..], &[0]].concat());
        assert!(read_position(&bytes[..3]).is_err());
        let read_as = ReadAs { format: Some("json".to_owned()), offset_nanos: 7, ..ReadAs::default() };
        let bytes = wire::encode(&read_as);
        for bytes in [&bytes[..], &bytes[..bytes.len() - 1]] {
            assert_eq!(read_read_as(bytes).unwrap(), read_as);
        }
    }
}
