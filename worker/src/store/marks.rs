//! Bookmarks: kept by what the file says, found again among the entries there are.
//!
//! A mark names a line of a file ([`Anchor`]). Its entry is the one that this line is in now, whatever format cut the text into
//! entries, in the source of the same content or, where a file grew, of the same path. It is the right one if the line has
//! the same text; where the line was moved inside of its file, an entry of the same time and text is. So a mark outlives its
//! source, and is there again when the file is.

use std::collections::HashMap;

use analysis::quick_hash::hash_of;
use model::entry::{Row, RowKey, SourceId};
use model::kept::{Anchor, Mark, MarkId};
use model::protocol::Failure;
use model::severity::Severity;
use model::time::{Nanos, Precision};
use rusqlite::{Connection, OptionalExtension, params};

use super::error::{Error, Result};
use super::sources::SourceRecord;
use super::{Store, notebook};

const ALL_MARKS: &str = "SELECT id, path, file_bytes, fingerprint, copy, line, line_hash, note, time, precision, severity, \
                         service, text FROM marks ORDER BY time, id";
const PUT_MARK: &str = "INSERT INTO marks (id, path, file_bytes, fingerprint, copy, line, line_hash, note, time, precision, \
                        severity, service, text) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
/// The last number of a mark, 0 where there is none, and whether one has this number.
const KNOWN_NUMBERS: &str =
    "SELECT (SELECT coalesce(max(id), 0) FROM marks), EXISTS (SELECT 1 FROM marks WHERE id = ?1)";
/// Its number, and whether it has a note.
const MARK_ON: &str = "SELECT id, note <> '' FROM marks WHERE path = ?1 AND file_bytes = ?2 AND fingerprint = ?3 AND copy = ?4 \
                       AND line = ?5 AND line_hash = ?6";
const SET_NOTE: &str = "UPDATE marks SET note = ?2 WHERE id = ?1";
const HAS_NOTE: &str = "SELECT note <> '' FROM marks WHERE id = ?1";
/// Behind the note there is.
const ADD_NOTE: &str =
    "UPDATE marks SET note = CASE note WHEN '' THEN ?2 ELSE note || char(10, 10) || ?2 END WHERE id = ?1";
const MOVE_MARKS: &str = "UPDATE marks SET path = ?4, file_bytes = ?5, fingerprint = ?6 WHERE path = ?1 AND file_bytes = ?2 AND \
                          fingerprint = ?3";
const DELETE_MARK: &str = "DELETE FROM marks WHERE id = ?1";

/// A line that is too long for one entry is cut into parts; of more than these none is looked for.
const MOST_PARTS: u64 = 256;

/// Where the entries of marks are, as far as that was found since entries went away or got other times.
#[derive(Debug, Default)]
pub struct FoundMarks {
    generation: u64,
    by_mark: HashMap<MarkId, RowKey>,
}

impl Store {
    /// All marks in the order of their times, those of which nothing is known yet to be looked up by [`Store::find_mark`].
    pub fn marks(&mut self) -> std::result::Result<Vec<Mark>, Failure> {
        let generation = self.generation();
        if self.found_marks.generation != generation {
            self.found_marks = FoundMarks { generation, by_mark: HashMap::new() };
        }
        let mut marks = read_all(self.connection())?;
        for mark in &mut marks {
            mark.key = self.found_marks.by_mark.get(&mark.id).copied();
        }
        Ok(marks)
    }

    /// The entry of a mark, where it is here: by now as [`Store::marks`] gives it.
    pub fn find_mark(&mut self, mark: &Mark) -> std::result::Result<Option<RowKey>, Failure> {
        let found = match self.find_anchor(&mark.anchor)? {
            None => self.find_moved(mark)?,
            found => found,
        };
        if let Some(key) = found {
            self.found_marks.by_mark.insert(mark.id, key);
        }
        Ok(found)
    }

    /// Marks an entry, which looks like `row`. One that is marked stays as it is.
    pub fn put_mark(&mut self, row: &Row) -> std::result::Result<(), Failure> {
        let mark = Mark {
            id: MarkId::default(),
            anchor: self.anchor_of(row.key)?,
            note: String::new(),
            time: row.key.time,
            precision: row.precision,
            severity: row.severity,
            service: row.service.clone(),
            text: row.text[..row.message_bytes as usize].to_owned(),
            key: Some(row.key),
        };
        self.keep_mark(&mark)
    }

    /// Keeps a mark; one that was taken off, under the number it had: what has a place for it in the notebook goes by that.
    pub fn keep_mark(&mut self, mark: &Mark) -> std::result::Result<(), Failure> {
        if on(self.connection(), &mark.anchor).map_err(Error::from)?.is_some() {
            return Ok(());
        }
        let id = number_for(self.connection(), mark.id)?;
        self.change_kept(|connection| put(connection, mark, id))
    }

    pub fn set_note(&mut self, mark: MarkId, note: &str) -> std::result::Result<(), Failure> {
        self.change_kept(|connection| connection.prepare_cached(SET_NOTE)?.execute(params![mark.0, note]))
    }

    /// Puts a note on a mark, behind the one it may have.
    pub fn add_note(&mut self, mark: MarkId, note: &str) -> std::result::Result<(), Failure> {
        self.change_kept(|connection| connection.prepare_cached(ADD_NOTE)?.execute(params![mark.0, note]))
    }

    /// The mark on an entry, and whether it has a note: one that was set on it, or one that was found in it, whose file had another
    /// name or whose line is in another entry since. Those must have been [found](Store::find_mark) before.
    pub fn mark_on(&mut self, key: RowKey) -> std::result::Result<Option<(MarkId, bool)>, Failure> {
        let anchor = self.anchor_of(key)?;
        let set = on(self.connection(), &anchor).map_err(Error::from)?;
        if set.is_some() || self.found_marks.generation != self.generation() {
            return Ok(set);
        }
        let is_in = |found: &RowKey| (found.source, found.entry) == (key.source, key.entry);
        let found = self.found_marks.by_mark.iter().filter(|(_, found)| is_in(found)).map(|(&mark, _)| mark).min();
        Ok(match found {
            Some(mark) => has_note(self.connection(), mark).map_err(Error::from)?.map(|has_note| (mark, has_note)),
            None => None,
        })
    }

    /// Those of a file that has become another by what was written behind it. Each file: its path, its bytes and its fingerprint.
    pub(super) fn move_marks(
        &mut self,
        from: (&str, u64, u64),
        to: (&str, u64, u64),
    ) -> std::result::Result<(), Failure> {
        let files = params![from.0, from.1 as i64, from.2 as i64, to.0, to.1 as i64, to.2 as i64];
        match self.change_kept(|connection| connection.prepare_cached(MOVE_MARKS)?.execute(files)) {
            // It has none.
            Err(Failure::Gone) => Ok(()),
            moved => moved,
        }
    }

    pub fn unmark(&mut self, mark: MarkId) -> std::result::Result<(), Failure> {
        self.found_marks.by_mark.remove(&mark);
        self.change_kept(|connection| connection.prepare_cached(DELETE_MARK)?.execute([mark.0]))
    }

    /// Lets go of the marks whose entries are not here.
    pub(super) fn unmark_missing(&mut self) -> std::result::Result<(), Failure> {
        for mark in self.marks()? {
            if self.find_mark(&mark)?.is_none() {
                self.unmark(mark.id)?;
            }
        }
        Ok(())
    }

    /// Changes what the user keeps, for the next commit; [`Failure::Gone`] where no row was changed.
    pub(super) fn change_kept(
        &mut self,
        change: impl FnOnce(&Connection) -> rusqlite::Result<usize>,
    ) -> std::result::Result<(), Failure> {
        Ok(match self.try_change_kept(change) {
            // Nothing was changed: nothing has to be taken back.
            Err(Error::Gone) => Err(Error::Gone),
            changed => self.or_roll_back(changed),
        }?)
    }

    fn try_change_kept(&mut self, change: impl FnOnce(&Connection) -> rusqlite::Result<usize>) -> Result<()> {
        self.begin()?;
        let n_changed = change(self.connection())?;
        if n_changed == 0 {
            return Err(Error::Gone);
        }
        self.kept_changes.n_made += 1;
        self.changed();
        Ok(())
    }

    /// Names the line that an entry begins with.
    pub(super) fn anchor_of(&mut self, key: RowKey) -> Result<Anchor> {
        let line = self.line_of(key).ok().flatten().ok_or(Error::Gone)?;
        let line_hash = self.line_hash(key.source, key.entry, line)?.ok_or(Error::Gone)?;
        let record = self.sources.get(key.source).ok_or(Error::Gone)?;
        let (path, file_bytes, fingerprint) = (record.shown.path.clone(), record.shown.file_bytes, record.fingerprint);
        let is_copy = |other: &&SourceRecord| {
            other.shown.id < key.source && other.shown.path == path && is_content(other, file_bytes, fingerprint)
        };
        let copy = self.sources.iter().filter(is_copy).count() as u32;
        Ok(Anchor { path, file_bytes, fingerprint, copy, line, line_hash })
    }

    /// The entry that the line is in now, where it is here.
    pub(super) fn find_anchor(&mut self, anchor: &Anchor) -> Result<Option<RowKey>> {
        let nearness = |source: &SourceRecord| {
            let is_content = is_content(source, anchor.file_bytes, anchor.fingerprint);
            match (is_content, source.shown.path == anchor.path) {
                (true, true) => Some(0),
                (true, false) => Some(1),
                (false, true) => Some(2),
                (false, false) => None,
            }
        };
        let mut candidates: Vec<(u32, SourceId)> =
            self.sources.iter().filter_map(|source| Some((nearness(source)?, source.shown.id))).collect();
        candidates.sort_unstable();
        // The same copy of the file comes first.
        let n_copies = candidates.iter().filter(|(nearness, _)| *nearness == 0).count();
        if let Some(copy) = candidates.get(..n_copies).and_then(|copies| copies.get(anchor.copy as usize)).copied() {
            candidates.retain(|candidate| *candidate != copy);
            candidates.insert(0, copy);
        }
        for (_, source) in candidates {
            if let Some(key) = self.find_in(source, anchor)? {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    fn find_in(&mut self, source: SourceId, anchor: &Anchor) -> Result<Option<RowKey>> {
        let Ok(Some(last)) = self.entry_with(source, anchor.line) else { return Ok(None) };
        // Of a line that is cut this is the last part; the others are right before it.
        for entry in (last.entry.saturating_sub(MOST_PARTS)..=last.entry).rev() {
            if self.line_hash(source, entry, anchor.line)? == Some(anchor.line_hash) {
                let slot = self.blocks.directory().find_entry(source, entry).ok_or(Error::Gone)?;
                let first_entry = self.blocks.info(slot).first_entry;
                let time = self.blocks.columns(slot)?.times[(entry - first_entry) as usize];
                return Ok(Some(RowKey { time, source, entry }));
            }
            let Some(before) = entry.checked_sub(1) else { break };
            if !self.is_cut_after(source, before)? {
                break;
            }
        }
        Ok(None)
    }

    /// Where other lines stand before it now: in a file of its path an entry of its time that begins with the same line, the
    /// nearest to where it was.
    fn find_moved(&mut self, mark: &Mark) -> Result<Option<RowKey>> {
        if mark.precision == Precision::Undated {
            return Ok(None);
        }
        let is_of_path = |source: &&SourceRecord| source.shown.path == mark.anchor.path;
        let sources: Vec<SourceId> = self.sources.iter().filter(is_of_path).map(|source| source.shown.id).collect();
        let mut nearest: Option<(u64, RowKey)> = None;
        for source in sources {
            for slot in self.blocks.directory().slots_of(source) {
                let info = self.blocks.info(slot);
                let (first_entry, first_line) = (info.first_entry, info.first_line);
                if !info.range().contains(mark.time) {
                    continue;
                }
                let columns = self.blocks.columns(slot)?;
                for place in (0..columns.len()).filter(|&place| columns.times[place] == mark.time) {
                    let (entry, line) = (first_entry + place as u64, first_line + columns.lines_before(place));
                    let n_away = line.abs_diff(mark.anchor.line);
                    if nearest.is_none_or(|(n_least, _)| n_away < n_least)
                        && self.line_hash(source, entry, line)? == Some(mark.anchor.line_hash)
                    {
                        nearest = Some((n_away, RowKey { time: mark.time, source, entry }));
                    }
                }
            }
        }
        Ok(nearest.map(|(_, key)| key))
    }

    /// The hash of a line, from 0, of a source, as far as it is in this entry.
    pub(super) fn line_hash(&mut self, source: SourceId, entry: u64, line: u64) -> Result<Option<u64>> {
        let Some(slot) = self.blocks.directory().find_entry(source, entry) else { return Ok(None) };
        let (columns, text) = (self.blocks.columns(slot)?, self.blocks.text(slot)?);
        let info = self.blocks.info(slot);
        let place = (entry - info.first_entry) as usize;
        let first_line = info.first_line + columns.lines_before(place);
        let bytes = text.get(columns.text_range(place)).ok_or(Error::Garbled("block"))?;
        let Some(nth) = line.checked_sub(first_line) else { return Ok(None) };
        let text = usize::try_from(nth).ok().and_then(|nth| bytes.split(|&byte| byte == b'\n').nth(nth));
        Ok(text.map(|text| hash_of(text.strip_suffix(b"\r").unwrap_or(text))))
    }

    /// The entry ends no line: the next one goes on with it.
    fn is_cut_after(&mut self, source: SourceId, entry: u64) -> Result<bool> {
        let Some(slot) = self.blocks.directory().find_entry(source, entry) else { return Ok(false) };
        let place = (entry - self.blocks.info(slot).first_entry) as usize;
        Ok(self.blocks.columns(slot)?.shape(place).n_lines == 0)
    }
}

fn is_content(source: &SourceRecord, file_bytes: u64, fingerprint: u64) -> bool {
    source.shown.file_bytes == file_bytes && source.fingerprint == fingerprint
}

fn read_all(connection: &Connection) -> Result<Vec<Mark>> {
    let mut statement = connection.prepare_cached(ALL_MARKS)?;
    let marks = statement.query_map([], |row| {
        let number = |index: usize| row.get::<_, i64>(index).map(|number| number as u64);
        Ok(Mark {
            id: MarkId(row.get(0)?),
            anchor: Anchor {
                path: row.get(1)?,
                file_bytes: number(2)?,
                fingerprint: number(3)?,
                copy: row.get(4)?,
                line: number(5)?,
                line_hash: number(6)?,
            },
            note: row.get(7)?,
            time: Nanos(row.get(8)?),
            precision: Precision::from_u8(row.get(9)?),
            severity: Severity(row.get(10)?),
            service: row.get(11)?,
            text: row.get(12)?,
            key: None,
        })
    })?;
    Ok(marks.collect::<rusqlite::Result<_>>()?)
}

fn on(connection: &Connection, anchor: &Anchor) -> rusqlite::Result<Option<(MarkId, bool)>> {
    let Anchor { path, file_bytes, fingerprint, copy, line, line_hash } = anchor;
    let values = params![path, *file_bytes as i64, *fingerprint as i64, copy, *line as i64, *line_hash as i64];
    let mut statement = connection.prepare_cached(MARK_ON)?;
    statement.query_row(values, |row| Ok((MarkId(row.get(0)?), row.get(1)?))).optional()
}

/// `None`: there is no such mark.
fn has_note(connection: &Connection, mark: MarkId) -> rusqlite::Result<Option<bool>> {
    connection.prepare_cached(HAS_NOTE)?.query_row([mark.0], |row| row.get(0)).optional()
}

/// The number that a mark had, where no mark has it now; for a new one a number that no mark has, and no page of the notebook.
fn number_for(connection: &Connection, before: MarkId) -> Result<MarkId> {
    let mut statement = connection.prepare_cached(KNOWN_NUMBERS)?;
    let (last, is_taken): (u32, bool) = statement.query_row([before.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if before != MarkId::default() && !is_taken {
        return Ok(before);
    }
    let last = MarkId(last).max(notebook::last_mark(connection)?);
    Ok(MarkId(last.0.saturating_add(1)))
}

fn put(connection: &Connection, mark: &Mark, id: MarkId) -> rusqlite::Result<usize> {
    let Anchor { path, file_bytes, fingerprint, copy, line, line_hash } = &mark.anchor;
    connection.prepare_cached(PUT_MARK)?.execute(params![
        id.0,
        path,
        *file_bytes as i64,
        *fingerprint as i64,
        copy,
        *line as i64,
        *line_hash as i64,
        mark.note,
        mark.time.0,
        mark.precision as u8,
        mark.severity.0,
        mark.service,
        mark.text,
    ])
}

/// Takes over the marks of another workspace, where there are none, under their numbers: its notebook goes by those.
pub(super) fn take_over(from: &Connection, to: &Connection) -> Result<()> {
    for mark in read_all(from)? {
        put(to, &mark, mark.id)?;
    }
    Ok(())
}
