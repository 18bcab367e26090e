//! Rate, errors and duration of each service and route among the entries of a filter.

use std::rc::Rc;

use analysis::red::{RedCount, Telling};
use model::naming::Naming;
use model::protocol::Answer;
use model::time::TimeRange;

use super::sightings::each_sighting;
use super::signals::Signals;
use crate::store::{BlockHits, Blocks, Result, Slot};

/// Numbers that are gone through in one step: a few milliseconds.
const NUMBERS_AT_ONCE: usize = 10_000;

/// The requests, and how far their figures are put together.
pub struct Requests {
    count: RedCount,
    telling: Option<Telling>,
}

impl Signals for Requests {
    fn begin(range: Option<TimeRange>, n_spans: usize, naming: &Rc<Naming>) -> Self {
        Self { count: RedCount::new(range, n_spans, naming), telling: None }
    }

    fn take(&mut self, blocks: &mut Blocks, slot: Slot, hits: &BlockHits) -> Result<u64> {
        let is_dated = !blocks.info(slot).undated;
        each_sighting(blocks, slot, hits, &mut |seen| self.count.push(seen, is_dated))
    }

    fn so_far(&self) -> Option<Answer> {
        Some(Answer::Red(Box::new(self.count.so_far())))
    }

    fn tell(&mut self) -> Option<Answer> {
        let telling = self.telling.get_or_insert_default();
        if telling.step(&self.count, NUMBERS_AT_ONCE) {
            return None;
        }
        let telling = self.telling.take().unwrap_or_default();
        Some(Answer::Red(Box::new(telling.finish(&self.count))))
    }
}
