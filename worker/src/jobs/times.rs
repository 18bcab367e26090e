//! What another zone or clock offset would do to the times of a source.

use model::entry::SourceId;
use model::protocol::{Answer, Failure};
use model::source::{ReadAs, SHOWN_LINE_CHARS, TimeChange, TimesPreview};
use model::time::{Nanos, Precision};

use super::{Job, Step, row};
use crate::store::{Slot, Store};

/// Changes that are shown: as many as one takes in at a glance.
const MOST_CHANGES: usize = 5;
/// Blocks looked at in one step.
const STEP_BLOCKS: usize = 8;

pub struct TimesJob {
    source: SourceId,
    read_as: ReadAs,
    generation: Option<u64>,
    slots: Vec<Slot>,
    n_passed: usize,
    /// Time, as it would be read, of the entry before the next block.
    before: Option<Nanos>,
    preview: TimesPreview,
}

impl TimesJob {
    pub fn new(source: SourceId, read_as: ReadAs) -> Self {
        Self {
            source,
            read_as,
            generation: None,
            slots: Vec::new(),
            n_passed: 0,
            before: None,
            preview: TimesPreview::default(),
        }
    }

    fn look_at(&mut self, store: &mut Store, slot: Slot) -> Result<(), Failure> {
        let mut times = store.times_for(slot, &self.read_as);
        let blocks = &mut store.blocks;
        let columns = blocks.columns(slot)?;
        let retimed = blocks.retimed(slot, self.before, &mut times)?;
        let first_line = blocks.info(slot).first_line;
        for entry in 0..columns.len() {
            let (before, after, shape) = (columns.times[entry], retimed.times[entry], columns.shape(entry));
            // Entries that take over a time say nothing of their own.
            if before == after || matches!(shape.precision, Precision::Inherited | Precision::Doubted) {
                continue;
            }
            if self.preview.changes.len() == MOST_CHANGES {
                break;
            }
            let text = row::text_of(blocks, slot, entry, SHOWN_LINE_CHARS * 4)?;
            self.preview.changes.push(TimeChange {
                line: first_line + columns.lines_before(entry) + 1,
                text: row::shown_line(&text),
                precision: shape.precision,
                before,
                after,
            });
        }
        if !blocks.info(slot).undated {
            self.before = retimed.times.last().map(|time| Nanos(time.0.wrapping_sub(self.read_as.offset_nanos)));
        }
        Ok(())
    }
}

impl Job for TimesJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        store.source(self.source).ok_or(Failure::Gone)?;
        let generation = store.generation();
        if self.generation != Some(generation) {
            *self = Self { generation: Some(generation), ..Self::new(self.source, self.read_as.clone()) };
            self.slots = store.blocks.directory().slots_of(self.source);
        }
        for _ in 0..STEP_BLOCKS {
            let is_enough = self.preview.changes.len() == MOST_CHANGES;
            let Some(&slot) = self.slots.get(self.n_passed).filter(|_| !is_enough) else {
                return Ok(Step::Finished(Answer::Times(self.preview.clone())));
            };
            self.look_at(store, slot)?;
            self.n_passed += 1;
        }
        Ok(Step::More { done: self.n_passed as u64, total: self.slots.len() as u64, so_far: None })
    }
}
