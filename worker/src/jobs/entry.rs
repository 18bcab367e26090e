//! Everything known of one entry.

use model::entry::RowKey;
use model::protocol::{Answer, Failure};

use super::{Job, Step, row};
use crate::store::Store;

pub struct EntryJob {
    pub key: RowKey,
}

impl Job for EntryJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        // The key's time may be of another zone: source and ordinal name the entry for good.
        let slot = store.blocks.directory().find_entry(self.key.source, self.key.entry).ok_or(Failure::Gone)?;
        let entry = (self.key.entry - store.blocks.info(slot).first_entry) as usize;
        Ok(Step::Finished(Answer::Entry(Box::new(row::entry(&mut store.blocks, slot, entry)?))))
    }
}
