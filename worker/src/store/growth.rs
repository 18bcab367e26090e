//! Logs that have grown since they were read: which source a file may be a later state of, and how that goes on; or takes the place of one
//! that could not be read.

use std::cmp::Reverse;

use analysis::read::Position;
use model::entry::SourceId;
use model::protocol::Failure;
use model::rotation::part_of;
use model::source::{Encoding, FileOffer, SourceState};

use super::Store;
use super::blocks::Origin;
use super::error::Error;
use super::sources::SourceRecord;

/// A source that a file may be a later state of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shorter {
    pub source: SourceId,
    /// It has the path of the file.
    pub is_of_path: bool,
    /// Size and fingerprint of its file.
    pub bytes: u64,
    pub fingerprint: u64,
    /// Where reading it goes on.
    pub offset: u64,
    /// What its file must have ended with for that: what is behind half a line is not an entry of its own. `None`: whatever that was,
    /// reading cannot go on.
    pub line_end: Option<&'static [u8]>,
}

impl Store {
    /// Sources that this file may be, with more written to it. They are parts of a log of the same name, since the file may have been
    /// rotated before it is dropped again, and nobody reads them. The likeliest come first: of the same path, in the
    /// same folders, the latest.
    pub fn may_have_grown(&self, offer: &FileOffer) -> Vec<Shorter> {
        use SourceState::{Complete, Failed, Interrupted, Paused, Stopped};
        let log = part_of(name(&offer.path)).0;
        let may_be = |record: &&SourceRecord| {
            let shown = &record.shown;
            let is_left = matches!(shown.state, Complete | Failed { .. } | Interrupted | Stopped | Paused);
            let is_of_log = || name(&shown.path) == name(&offer.path) || part_of(name(&shown.path)).0 == log;
            is_left && shown.archive.is_none() && shown.file_bytes < offer.bytes && is_of_log()
        };
        let mut likely: Vec<&SourceRecord> = self.sources.iter().filter(may_be).collect();
        likely.sort_by_cached_key(|record| {
            let (path, id) = (&record.shown.path, record.shown.id);
            (*path != offer.path, Reverse(n_folders_in_common(path, &offer.path)), Reverse(id))
        });
        let shorter = |record: &SourceRecord| {
            let (shown, position) = (&record.shown, record.position.as_ref()?);
            Some(Shorter {
                source: shown.id,
                is_of_path: shown.path == offer.path,
                bytes: shown.file_bytes,
                fingerprint: record.fingerprint,
                offset: position.offset,
                line_end: line_end(position, shown.file_bytes),
            })
        };
        likely.into_iter().filter_map(shorter).collect()
    }

    /// The file takes the place of that of a source [of which nothing could be read](Self::failed_before).
    pub fn replace_failed(
        &mut self,
        source: SourceId,
        offer: &FileOffer,
        fingerprint: u64,
    ) -> std::result::Result<(), Failure> {
        let record = self.sources.change(source)?;
        record.shown.file_bytes = offer.bytes;
        record.shown.read_bytes = 0;
        record.fingerprint = fingerprint;
        record.modified_millis = offer.modified_millis;
        self.changed();
        Ok(())
    }

    /// The source of this path of which nothing was read before that failed: beside this file it would say for ever that it is to be
    /// dropped again. Of an archive, files of their own have what was read.
    pub fn failed_before(&self, offer: &FileOffer) -> Option<SourceId> {
        let has_files = |id: SourceId| self.sources.iter().any(|record| record.shown.archive == Some(id));
        let is_failed = |record: &&SourceRecord| {
            let shown = &record.shown;
            let is_empty = shown.n_entries == 0 && record.position.is_none();
            let is_dropped = shown.archive.is_none() && shown.path == offer.path;
            is_dropped && is_empty && matches!(shown.state, SourceState::Failed { .. }) && !has_files(shown.id)
        };
        self.sources.iter().find(is_failed).map(|record| record.shown.id)
    }

    /// The source's file has grown to this one: reading goes on where it ended, and marks stay on their entries. Where it was rotated,
    /// the source has its name from now on: under the one before there is another file.
    pub fn grow(&mut self, source: SourceId, offer: &FileOffer, fingerprint: u64) -> std::result::Result<(), Failure> {
        let record = self.sources.get(source).ok_or(Error::Gone)?;
        let (before, before_bytes, before_fingerprint) =
            (record.shown.path.clone(), record.shown.file_bytes, record.fingerprint);
        let path = path_when_grown(&before, offer);
        let is_renamed = path != before;
        let (before, now) = ((before.as_str(), before_bytes, before_fingerprint), (path, offer.bytes, fingerprint));
        self.move_marks(before, now)?;
        self.move_pins(before, now)?;
        let record = self.sources.change(source)?;
        record.shown.path = path.to_owned();
        record.shown.file_bytes = offer.bytes;
        record.fingerprint = fingerprint;
        record.modified_millis = offer.modified_millis;
        if is_renamed {
            self.blocks.set_origin(source, Origin::of(path));
            // Searches ask for paths, too.
            self.invalidate();
        }
        Ok(())
    }

    /// The same of a file whose last line was not whole: it is read from its beginning, since half a line may have been taken for
    /// another entry than the whole. What was read before is gone from then on, so that this is for when the first of the file
    /// has come; [`Store::sweep`] takes it out of the tables.
    pub fn grow_anew(
        &mut self,
        source: SourceId,
        offer: &FileOffer,
        fingerprint: u64,
    ) -> std::result::Result<(), Failure> {
        self.grow(source, offer, fingerprint)?;
        let begun = self.begin_anew(source);
        Ok(self.or_roll_back(begun)?)
    }
}

/// The path of a source, `before`, whose file has grown to this one.
pub fn path_when_grown<'path>(before: &'path str, offer: &'path FileOffer) -> &'path str {
    if name(before) != name(&offer.path) { &offer.path } else { before }
}

fn line_end(position: &Position, file_bytes: u64) -> Option<&'static [u8]> {
    match position.encoding {
        // It was left between two entries.
        _ if position.offset != file_bytes => Some(b""),
        _ if position.in_line => None,
        Encoding::Utf16Le => Some(b"\n\0"),
        Encoding::Utf16Be => Some(b"\0\n"),
        Encoding::Utf8 | Encoding::Windows1252 | Encoding::Iso8859_15 => Some(b"\n"),
    }
}

/// The last part of a path.
fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// How many folders two files are in that have the same names, from the innermost on.
fn n_folders_in_common(one: &str, other: &str) -> usize {
    let (one, other) = (one.rsplit('/').skip(1), other.rsplit('/').skip(1));
    one.zip(other).take_while(|(one, other)| one == other).count()
}
