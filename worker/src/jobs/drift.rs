//! Where the signals do not agree among the entries of a filter.

use analysis::drift::{Assembly, Gatherer};
use model::drift::DriftAsk;
use model::protocol::{Answer, Failure};

use super::sightings::each_sighting;
use super::walk::Walk;
use super::{Job, STEP_BYTES, Step};
use crate::store::{Counted, Store};

/// Entries of requests compared in one step.
const STEP_MOMENTS: usize = 2000;

pub struct DriftJob {
    ask: DriftAsk,
    progress: Option<(Walk, Gatherer)>,
    assembly: Option<Assembly>,
}

impl DriftJob {
    pub fn new(ask: DriftAsk) -> Self {
        Self { ask, progress: None, assembly: None }
    }
}

impl Job for DriftJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        let generation = store.generation();
        let blocks = &mut store.blocks;
        let search = store.searches.get(&self.ask.filter, blocks)?;
        if self.progress.as_ref().is_none_or(|(walk, _)| walk.generation != generation) {
            let (walk, mut gatherer): (Walk, Gatherer) = Walk::go_on(generation, blocks, search.drift.take());
            gatherer.call_by(blocks.naming());
            self.progress = Some((walk, gatherer));
            self.assembly = None;
        }
        let (walk, gatherer) = self.progress.as_mut().expect("just begun");
        let (done, total) = (walk.n_done as u64, walk.slots.len() as u64);
        if let Some(assembly) = &mut self.assembly {
            if assembly.step(gatherer, STEP_MOMENTS) {
                return Ok(Step::More { done, total, so_far: None });
            }
            let assembly = self.assembly.take().expect("it is there");
            let report = assembly.finish(gatherer);
            search.drift = self.progress.take().map(|(walk, result)| Counted { n_blocks: walk.n_blocks, result });
            return Ok(Step::Finished(Answer::Drift(Box::new(report))));
        }
        let mut work = 0;
        while work < STEP_BYTES
            && let Some((slot, hits, looked_at)) = walk.next(search, blocks)?
        {
            work += looked_at + each_sighting(blocks, slot, &hits, &mut |seen| gatherer.push(seen))?;
        }
        if walk.is_done() {
            self.assembly = Some(Assembly::begin(gatherer));
        }
        Ok(Step::More { done, total, so_far: None })
    }
}
