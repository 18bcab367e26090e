//! Takes a source and all its entries out of the workspace.

use model::entry::SourceId;
use model::protocol::{Answer, Failure};

use super::{Job, Step};
use crate::store::Store;

/// Its first step hides the entries; the following ones take them out of tables and indexes. Those go on to their end, or
/// the next opening of the workspace would.
pub struct RemovalJob {
    source: Option<SourceId>,
    /// Blocks to take out at the most that were seen.
    n_blocks: usize,
}

impl RemovalJob {
    pub fn new(source: SourceId) -> Self {
        Self { source: Some(source), n_blocks: 0 }
    }

    /// Of what no question finds any more.
    pub fn of_left_over() -> Self {
        Self { source: None, n_blocks: 0 }
    }
}

impl Job for RemovalJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        if let Some(source) = self.source.take() {
            store.begin_removal(source)?;
        }
        let swept = store.sweep()?;
        if swept.is_done {
            return Ok(Step::Finished(Answer::Accepted));
        }
        self.n_blocks = self.n_blocks.max(swept.n_left);
        let (done, total) = ((self.n_blocks - swept.n_left) as u64, self.n_blocks as u64);
        Ok(Step::More { done, total, so_far: None })
    }

    fn may_rest(&self) -> bool {
        self.source.is_none()
    }
}
