//! Reads a source otherwise: in another format, zone, or with a clock offset.

use model::entry::{RowKey, SourceId};
use model::protocol::{Answer, Failure};
use model::source::ReadAs;

use super::{Job, Step};
use crate::store::{Rereading, Store};

/// Blocks given other times in one step: a few thousand entries.
const STEP_BLOCKS: usize = 16;

/// Once begun it goes to its end, or it is gone on with when the workspace is opened again.
pub struct ReadAsJob {
    source: SourceId,
    /// What was asked for, until it is begun.
    ask: Option<(ReadAs, Option<RowKey>)>,
    /// The line, from 0, that the selected entry began with.
    line: Option<u64>,
    successor: Option<SourceId>,
    rereading: Option<Rereading>,
    n_retimed: u64,
}

impl ReadAsJob {
    pub fn new(source: SourceId, read_as: ReadAs, selected: Option<RowKey>) -> Self {
        let ask = Some((read_as, selected.filter(|key| key.source == source)));
        Self { source, ask, line: None, successor: None, rereading: None, n_retimed: 0 }
    }

    /// Goes on with a new reading that was broken off.
    pub fn resumed(source: SourceId, store: &Store) -> Self {
        let successor = store.successor_of(source);
        Self { source, ask: None, line: None, successor, rereading: None, n_retimed: 0 }
    }
}

impl Job for ReadAsJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        if let Some((read_as, selected)) = self.ask.take() {
            self.line = match selected {
                Some(key) => store.line_of(key)?,
                None => None,
            };
            store.set_read_as(self.source, read_as)?;
            self.successor = store.successor_of(self.source);
        }
        if let Some(successor) = self.successor {
            if store.reread(self.source, successor, &mut self.rereading)? {
                let (done, total) = store.reread_progress(self.source);
                return Ok(Step::More { done, total, so_far: None });
            }
            (self.successor, self.rereading) = (None, None);
        }
        let retimed = store.retime(STEP_BLOCKS)?;
        if !retimed.is_done() {
            self.n_retimed += STEP_BLOCKS as u64;
            let total = self.n_retimed + retimed.n_left as u64;
            return Ok(Step::More { done: self.n_retimed, total, so_far: None });
        }
        let swept = store.sweep()?;
        if !swept.is_done {
            return Ok(Step::More { done: 1, total: 1, so_far: None });
        }
        let selected = match self.line {
            Some(line) => store.entry_with(self.source, line)?,
            None => None,
        };
        Ok(Step::Finished(Answer::Reread(selected)))
    }

    fn may_rest(&self) -> bool {
        self.ask.is_none()
    }
}
