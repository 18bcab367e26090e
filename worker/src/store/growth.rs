//! Logs that have grown since they were read: which source a file may be a later state of, and how that goes on.

use model::entry::SourceId;
use model::protocol::Failure;
use model::source::{FileOffer, SourceState};

use super::Store;
use super::error::Error;
use super::sources::SourceRecord;

impl Store {
    /// Sources that this file may be, with more written behind what was read of it: each with the bytes and the fingerprint that it
    /// had. They are of the same name, as they are, and were read to their end.
    pub fn may_have_grown(&self, offer: &FileOffer) -> Vec<(SourceId, u64, u64)> {
        let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
        let is_shorter = |source: &&SourceRecord| {
            let shown = &source.shown;
            // Of one that was packed, bytes of the file are none of the text.
            let is_read = source.position.as_ref().is_some_and(|at| at.offset == shown.file_bytes && !at.in_line);
            let is_dropped = shown.archive.is_none() && shown.state == SourceState::Complete;
            is_dropped && is_read && shown.file_bytes < offer.bytes && name(&shown.path) == name(&offer.path)
        };
        let shorter = self.sources.iter().filter(is_shorter);
        shorter.map(|source| (source.shown.id, source.shown.file_bytes, source.fingerprint)).collect()
    }

    /// The source's file has grown to this one: reading goes on where it ended, and marks stay on their entries.
    pub fn grow(&mut self, source: SourceId, offer: &FileOffer, fingerprint: u64) -> std::result::Result<(), Failure> {
        let record = self.sources.get(source).ok_or(Error::Gone)?;
        let (path, bytes, before) = (record.shown.path.clone(), record.shown.file_bytes, record.fingerprint);
        self.move_marks(&path, (bytes, before), (offer.bytes, fingerprint))?;
        let record = self.sources.change(source)?;
        record.shown.file_bytes = offer.bytes;
        record.fingerprint = fingerprint;
        record.modified_millis = offer.modified_millis;
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
