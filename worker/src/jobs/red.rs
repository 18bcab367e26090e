//! Rate, errors and duration of each service and route among the entries of a filter.

use analysis::red::RedCount;
use model::protocol::{Answer, Failure};
use model::red::RedAsk;

use super::sightings::each_sighting;
use super::walk::Walk;
use super::{Job, Rhythm, STEP_BYTES, Step};
use crate::store::Store;

/// More spans of time than a course has pixels for.
const MOST_SPANS: u32 = 400;

pub struct RedJob {
    ask: RedAsk,
    rhythm: Rhythm,
    progress: Option<(Walk, RedCount)>,
}

impl RedJob {
    pub fn new(ask: RedAsk) -> Self {
        let ask = RedAsk { n_spans: ask.n_spans.clamp(1, MOST_SPANS), ..ask };
        Self { ask, rhythm: Rhythm::default(), progress: None }
    }
}

impl Job for RedJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        let generation = store.generation();
        let blocks = &mut store.blocks;
        let search = store.searches.get(&self.ask.filter, blocks)?;
        if self.progress.as_ref().is_none_or(|(walk, _)| walk.generation != generation) {
            let order = blocks.directory_mut().order();
            let all = blocks.directory().dated_range();
            // An open range ends where the entries do.
            let range = match (self.ask.filter.range, all) {
                (Some(asked), Some(all)) => {
                    Some(model::time::TimeRange { start: asked.start.max(all.start), end: asked.end.min(all.end) })
                }
                (_, all) => all,
            };
            let walk = Walk::begin(generation, order.by_lowest.iter().copied(), 0);
            self.progress = Some((walk, RedCount::new(range, self.ask.n_spans as usize)));
        }
        let (walk, count) = self.progress.as_mut().expect("just begun");
        let mut work = 0;
        while work < STEP_BYTES
            && let Some((slot, hits, looked_at)) = walk.next(search, blocks)?
        {
            let is_dated = !blocks.info(slot).undated;
            work += looked_at + each_sighting(blocks, slot, &hits, &mut |seen| count.push(seen, is_dated))?;
        }
        if walk.is_done() {
            return Ok(Step::Finished(Answer::Red(Box::new(count.red(true)))));
        }
        let so_far = self.rhythm.is_rarely_due().then(|| Answer::Red(Box::new(count.red(false))));
        Ok(Step::More { done: walk.n_done as u64, total: walk.slots.len() as u64, so_far })
    }
}
