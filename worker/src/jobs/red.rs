//! Rate, errors and duration of each service and route among the entries of a filter.

use analysis::red::RedCount;
use model::protocol::Answer;
use model::time::TimeRange;

use super::sightings::each_sighting;
use super::signals::Signals;
use crate::store::{BlockHits, Blocks, Result, Slot};

impl Signals for RedCount {
    fn begin(range: Option<TimeRange>, n_spans: usize) -> Self {
        Self::new(range, n_spans)
    }

    fn take(&mut self, blocks: &mut Blocks, slot: Slot, hits: &BlockHits) -> Result<u64> {
        let is_dated = !blocks.info(slot).undated;
        each_sighting(blocks, slot, hits, &mut |seen| self.push(seen, is_dated))
    }

    fn so_far(&self) -> Option<Answer> {
        Some(Answer::Red(Box::new(self.red(false))))
    }

    fn tell(&mut self) -> Option<Answer> {
        Some(Answer::Red(Box::new(self.red(true))))
    }
}
