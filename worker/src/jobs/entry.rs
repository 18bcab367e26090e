//! Everything known of one entry.

use analysis::search::Highlighter;
use model::protocol::{Answer, EntryAsk, Failure};
use model::query::parse;

use super::{Job, Step, row};
use crate::store::Store;

pub struct EntryJob {
    pub ask: EntryAsk,
}

impl Job for EntryJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        let key = self.ask.key;
        // The key's time may be of another zone: source and ordinal name the entry for good.
        let slot = store.blocks.directory().find_entry(key.source, key.entry).ok_or(Failure::Gone)?;
        let entry = (key.entry - store.blocks.info(slot).first_entry) as usize;
        let highlighter = Highlighter::new(&parse(&self.ask.query).0);
        Ok(Step::Finished(Answer::Entry(Box::new(row::entry(&mut store.blocks, slot, entry, &highlighter)?))))
    }
}
