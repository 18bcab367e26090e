//! What another encoding would do to the lines of a source.

use analysis::read::{decode, encode};
use model::entry::SourceId;
use model::protocol::{Answer, Failure};
use model::source::{Encoding, TextChange};

use super::{Job, Step, row};
use crate::store::{Slot, Store};

/// Changes that are shown: as many as one takes in at a glance.
const MOST_CHANGES: usize = 5;
/// Blocks looked at in one step.
const STEP_BLOCKS: usize = 8;

pub struct TextsJob {
    source: SourceId,
    encoding: Option<Encoding>,
    generation: Option<u64>,
    slots: Vec<Slot>,
    n_passed: usize,
    changes: Vec<TextChange>,
}

impl TextsJob {
    pub fn new(source: SourceId, encoding: Option<Encoding>) -> Self {
        Self { source, encoding, generation: None, slots: Vec::new(), n_passed: 0, changes: Vec::new() }
    }

    fn look_at(&mut self, store: &mut Store, slot: Slot) -> Result<(), Failure> {
        let from = store.source_position(self.source).unwrap_or_default().encoding;
        let first_line = store.blocks.info(slot).first_line;
        let before = store.blocks.text(slot)?;
        let mut bytes = Vec::new();
        encode(from, &before, &mut bytes);
        let after = decode(self.encoding, &bytes);
        let lines = |text: &[u8]| text.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>();
        let shown = |line: &[u8]| row::shown_line(&String::from_utf8_lossy(line));
        let pairs = lines(&before).into_iter().zip(lines(&after));
        let others = pairs.enumerate().filter(|(_, (before, after))| before != after);
        for (at, (before, after)) in others.take(MOST_CHANGES - self.changes.len()) {
            let line = first_line + at as u64 + 1;
            self.changes.push(TextChange { line, before: shown(&before), after: shown(&after) });
        }
        Ok(())
    }
}

impl Job for TextsJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        store.source(self.source).ok_or(Failure::Gone)?;
        let generation = store.generation();
        if self.generation != Some(generation) {
            *self = Self { generation: Some(generation), ..Self::new(self.source, self.encoding) };
            self.slots = store.blocks.directory().slots_of(self.source);
        }
        for _ in 0..STEP_BLOCKS {
            let is_enough = self.changes.len() == MOST_CHANGES;
            let Some(&slot) = self.slots.get(self.n_passed).filter(|_| !is_enough) else {
                return Ok(Step::Finished(Answer::Texts(std::mem::take(&mut self.changes))));
            };
            self.look_at(store, slot)?;
            self.n_passed += 1;
        }
        Ok(Step::More { done: self.n_passed as u64, total: self.slots.len() as u64, so_far: None })
    }
}
