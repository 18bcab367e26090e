//! Utilisation, saturation and errors of resources, from the metrics among the entries of a filter.

use std::rc::Rc;

use analysis::resources::{ResourceCount, Telling};
use model::naming::Naming;
use model::protocol::Answer;
use model::time::TimeRange;

use super::sightings::each_point;
use super::signals::Signals;
use crate::store::{BlockHits, Blocks, Result, Slot};

/// Points that are gone through in one step: a few milliseconds.
const POINTS_AT_ONCE: usize = 20_000;

/// The points, and how far they are put together.
pub struct Points {
    count: ResourceCount,
    telling: Option<Telling>,
}

impl Signals for Points {
    fn begin(range: Option<TimeRange>, n_spans: usize, _: &Rc<Naming>) -> Self {
        Self { count: ResourceCount::new(range, n_spans), telling: None }
    }

    fn take(&mut self, blocks: &mut Blocks, slot: Slot, hits: &BlockHits) -> Result<u64> {
        each_point(blocks, slot, hits, &mut |seen| self.count.push(seen))
    }

    fn so_far(&self) -> Option<Answer> {
        self.count.so_far().map(|resources| Answer::Resources(Box::new(resources)))
    }

    fn tell(&mut self) -> Option<Answer> {
        let telling = self.telling.get_or_insert_default();
        if telling.step(&self.count, POINTS_AT_ONCE) {
            return None;
        }
        let telling = self.telling.take().unwrap_or_default();
        Some(Answer::Resources(Box::new(telling.finish(&self.count))))
    }
}
