//! Logs that have grown since they were read: which source a file may be a later state of, and how that goes on.

use analysis::read::Position;
use model::entry::SourceId;
use model::protocol::Failure;
use model::rotation::part_of;
use model::source::{FileOffer, SourceState};

use super::Store;
use super::blocks::Origin;
use super::error::Error;
use super::sources::SourceRecord;

/// A source that a file may be a later state of.
#[derive(Clone, Debug, PartialEq)]
pub struct Shorter {
    pub source: SourceId,
    /// Size and fingerprint of its file.
    pub bytes: u64,
    pub fingerprint: u64,
    /// Where reading it goes on.
    pub position: Position,
}

impl Shorter {
    /// What its file must have ended with, so that reading goes on where it ended: what is behind half a line is not an entry of its
    /// own. `None`: whatever that was, it does not.
    pub fn line_end(&self) -> Option<&'static [u8]> {
        match &self.position {
            // It was left between two entries.
            position if position.offset != self.bytes => Some(b""),
            position if position.in_line => None,
            _ => Some(b"\n"),
        }
    }
}

impl Store {
    /// Sources that this file may be, with more written to it. They are parts of a log of the same name, since the file may have been
    /// rotated before it is dropped again, and nobody reads them.
    pub fn may_have_grown(&self, offer: &FileOffer) -> Vec<Shorter> {
        use SourceState::{Complete, Failed, Interrupted, Paused, Stopped};
        let log = |path: &str| name(&part_of(path).0).to_owned();
        let of_log = log(&offer.path);
        let shorter = |record: &SourceRecord| {
            let shown = &record.shown;
            let is_left = matches!(shown.state, Complete | Failed { .. } | Interrupted | Stopped | Paused);
            let may_be = is_left && shown.archive.is_none() && shown.file_bytes < offer.bytes;
            let position = record.position.clone().filter(|_| may_be && log(&shown.path) == of_log)?;
            let (bytes, fingerprint) = (shown.file_bytes, record.fingerprint);
            Some(Shorter { source: shown.id, bytes, fingerprint, position })
        };
        self.sources.iter().filter_map(shorter).collect()
    }

    /// The source's file has grown to this one: reading goes on where it ended, and marks stay on their entries. Where it was rotated,
    /// the source has its name from now on: under the one before there is another file.
    pub fn grow(&mut self, source: SourceId, offer: &FileOffer, fingerprint: u64) -> std::result::Result<(), Failure> {
        let record = self.sources.get(source).ok_or(Error::Gone)?;
        let (before, before_bytes, before_fingerprint) =
            (record.shown.path.clone(), record.shown.file_bytes, record.fingerprint);
        let is_renamed = name(&before) != name(&offer.path);
        let path = if is_renamed { offer.path.as_str() } else { before.as_str() };
        self.move_marks((before.as_str(), before_bytes, before_fingerprint), (path, offer.bytes, fingerprint))?;
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
    /// another entry than the whole. [`Store::sweep`] takes out what was read before.
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

/// The last part of a path.
fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
