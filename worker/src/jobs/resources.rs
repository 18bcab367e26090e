//! Utilisation, saturation and errors of resources, from the metrics among the entries of a filter.

use analysis::resources::ResourceCount;
use model::protocol::{Answer, Failure};
use model::resources::ResourcesAsk;

use super::sightings::each_point;
use super::walk::{Walk, within};
use super::{Job, Rhythm, STEP_BYTES, Step};
use crate::store::Store;

/// More spans of time than a course has pixels for.
const MOST_SPANS: u32 = 400;

pub struct ResourcesJob {
    ask: ResourcesAsk,
    rhythm: Rhythm,
    progress: Option<(Walk, ResourceCount)>,
}

impl ResourcesJob {
    pub fn new(ask: ResourcesAsk) -> Self {
        let ask = ResourcesAsk { n_spans: ask.n_spans.clamp(1, MOST_SPANS), ..ask };
        Self { ask, rhythm: Rhythm::default(), progress: None }
    }
}

impl Job for ResourcesJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        let generation = store.generation();
        let blocks = &mut store.blocks;
        let search = store.searches.get(&self.ask.filter, blocks)?;
        if self.progress.as_ref().is_none_or(|(walk, _)| walk.generation != generation) {
            let range = within(self.ask.filter.range, blocks);
            let walk = Walk::oldest_first(generation, blocks);
            self.progress = Some((walk, ResourceCount::new(range, self.ask.n_spans as usize)));
        }
        let (walk, count) = self.progress.as_mut().expect("just begun");
        let mut work = 0;
        while work < STEP_BYTES
            && let Some((slot, hits, looked_at)) = walk.next(search, blocks)?
        {
            work += looked_at + each_point(blocks, slot, &hits, &mut |seen| count.push(seen))?;
        }
        if walk.is_done() {
            return Ok(Step::Finished(Answer::Resources(Box::new(count.resources()))));
        }
        let so_far = self.rhythm.is_rarely_due().then(|| count.so_far()).flatten();
        let so_far = so_far.map(|so_far| Answer::Resources(Box::new(so_far)));
        Ok(Step::More { done: walk.n_done as u64, total: walk.slots.len() as u64, so_far })
    }
}
