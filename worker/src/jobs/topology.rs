//! Who calls whom among the entries of a filter.

use analysis::topology::{Assembly, Forces, Gatherer, layout};
use model::protocol::{Answer, Failure};
use model::topology::{LayoutAsk, Picture, Topology, TopologyAsk};

use super::sightings::each_sighting;
use super::walk::{Walk, within};
use super::{Job, Rhythm, STEP_BYTES, Step};
use crate::store::{Counted, Store};

/// Entries of traces put together in one step.
const STEP_MOMENTS: usize = 2000;
/// Of more, putting together what is known so far takes too long to do it again and again.
const MOST_MOMENTS_SO_FAR: usize = 30_000;

pub struct TopologyJob {
    ask: TopologyAsk,
    rhythm: Rhythm,
    progress: Option<(Walk, Gatherer)>,
    assembly: Option<Assembly>,
}

impl TopologyJob {
    pub fn new(ask: TopologyAsk) -> Self {
        Self { ask, rhythm: Rhythm::default(), progress: None, assembly: None }
    }
}

impl Job for TopologyJob {
    fn step(&mut self, store: &mut Store) -> std::result::Result<Step, Failure> {
        let generation = store.generation();
        let blocks = &mut store.blocks;
        let search = store.searches.get(&self.ask.filter, blocks)?;
        if self.progress.as_ref().is_none_or(|(walk, _)| walk.generation != generation) {
            self.progress = Some(Walk::go_on(generation, blocks, search.topology.take()));
            self.assembly = None;
        }
        let (walk, gatherer) = self.progress.as_mut().expect("just begun");
        gatherer.cover(within(self.ask.filter.range, blocks));
        let (done, total) = (walk.n_done as u64, walk.slots.len() as u64);
        if let Some(assembly) = &mut self.assembly {
            if assembly.step(gatherer, STEP_MOMENTS) {
                return Ok(Step::More { done, total, so_far: None });
            }
            let assembly = self.assembly.take().expect("it is there");
            let topology = Topology { complete: true, ..assembly.finish(gatherer) };
            search.topology = self.progress.take().map(|(walk, result)| Counted { n_blocks: walk.n_blocks, result });
            return Ok(Step::Finished(Answer::Topology(Box::new(topology))));
        }
        let mut work = 0;
        while work < STEP_BYTES
            && let Some((slot, hits, looked_at)) = walk.next(search, blocks)?
        {
            work += looked_at + each_sighting(blocks, slot, &hits, &mut |seen| gatherer.push(seen))?;
        }
        if walk.is_done() {
            self.assembly = Some(Assembly::begin(gatherer));
            return Ok(Step::More { done, total, so_far: None });
        }
        let is_due = self.rhythm.is_rarely_due() && gatherer.n_moments() < MOST_MOMENTS_SO_FAR;
        let so_far = is_due.then(|| Answer::Topology(Box::new(gatherer.topology())));
        Ok(Step::More { done, total, so_far })
    }
}

/// Rounds of forces in one step: a few milliseconds for five hundred services.
const STEP_ROUNDS: usize = 4;

/// Lays out what the page has: layers in one step of tens of milliseconds for five hundred services, forces in many.
pub struct LayoutJob {
    pub ask: LayoutAsk,
    pub forces: Option<Forces>,
}

impl Job for LayoutJob {
    fn step(&mut self, _: &mut Store) -> std::result::Result<Step, Failure> {
        if self.ask.picture == Picture::Layers {
            return Ok(Step::Finished(Answer::Layout(Box::new(layout(&self.ask)))));
        }
        let mut forces = self.forces.take().unwrap_or_else(|| Forces::new(self.ask.clone()));
        if forces.step(STEP_ROUNDS) {
            self.forces = Some(forces);
            return Ok(Step::More { done: 0, total: 1, so_far: None });
        }
        Ok(Step::Finished(Answer::Layout(Box::new(forces.finish()))))
    }
}
