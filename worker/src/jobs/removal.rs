//! Takes out of the tables what no question finds any more: a removed source and all its entries.

use model::protocol::{Answer, Failure};

use super::{Job, Step};
use crate::store::Store;

/// The removal was begun ([`Store::begin_removal`]). The job goes on to its end, or the next opening of the workspace would.
#[derive(Default)]
pub struct RemovalJob {
    /// Blocks to take out at the most that were seen.
    n_blocks: usize,
}

impl Job for RemovalJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        let swept = store.sweep()?;
        if swept.is_done {
            return Ok(Step::Finished(Answer::Accepted));
        }
        self.n_blocks = self.n_blocks.max(swept.n_left);
        let (done, total) = ((self.n_blocks - swept.n_left) as u64, self.n_blocks as u64);
        Ok(Step::More { done, total, so_far: None })
    }

    fn may_rest(&self) -> bool {
        true
    }
}
