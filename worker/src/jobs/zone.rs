//! Reads stamps that name no zone as another zone's wall clock.

use model::protocol::{Answer, Failure};
use model::time::Zone;

use super::{Job, Step};
use crate::store::Store;

/// Blocks given other times in one step: a few thousand entries.
const STEP_BLOCKS: usize = 16;

/// Once begun it goes to its end, or the next opening of the workspace would.
pub struct ZoneJob {
    zone: Option<Zone>,
    n_done: u64,
}

impl ZoneJob {
    pub fn new(zone: Zone) -> Self {
        Self { zone: Some(zone), n_done: 0 }
    }
}

impl Job for ZoneJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        if let Some(zone) = self.zone.take() {
            store.set_zone(zone)?;
        }
        let retimed = store.retime(STEP_BLOCKS)?;
        if retimed.is_done() {
            return Ok(Step::Finished(Answer::Accepted));
        }
        self.n_done += STEP_BLOCKS as u64;
        Ok(Step::More { done: self.n_done, total: self.n_done + retimed.n_left as u64, so_far: None })
    }

    fn may_rest(&self) -> bool {
        self.zone.is_none()
    }
}
