//! Who calls whom among the entries of a filter.

use analysis::topology::{Assembly, Gatherer, Layouting};
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
    /// What is known, on its way to the page: put together, then laid out. The walk goes on behind it, if it is not at its end.
    assembly: Option<Assembly>,
    laid_out: Option<(Topology, Layouting)>,
    /// Steps of the walk since something was told, and steps that telling it took: as many go on before the next time.
    n_walked: u64,
    n_telling: u64,
}

impl TopologyJob {
    pub fn new(ask: TopologyAsk) -> Self {
        Self {
            ask,
            rhythm: Rhythm::default(),
            progress: None,
            assembly: None,
            laid_out: None,
            n_walked: 0,
            n_telling: 0,
        }
    }
}

impl Job for TopologyJob {
    fn step(&mut self, store: &mut Store) -> std::result::Result<Step, Failure> {
        let generation = store.generation();
        let blocks = &mut store.blocks;
        let search = store.searches.get(&self.ask.filter, blocks)?;
        if self.progress.as_ref().is_none_or(|(walk, _)| walk.generation != generation) {
            self.progress = Some(Walk::go_on(generation, blocks, search.topology.take()));
            (self.assembly, self.laid_out) = (None, None);
            (self.n_walked, self.n_telling) = (0, 0);
        }
        let (walk, gatherer) = self.progress.as_mut().expect("just begun");
        gatherer.cover(within(self.ask.filter.range, blocks));
        gatherer.call_by(blocks.naming());
        let (done, total) = (walk.n_done as u64, walk.slots.len() as u64);
        let more = Ok(Step::More { done, total, so_far: None });
        if let Some(mut assembly) = self.assembly.take() {
            self.n_telling += 1;
            if assembly.step(gatherer, STEP_MOMENTS) {
                self.assembly = Some(assembly);
                return more;
            }
            let topology = assembly.finish(gatherer);
            let layouting = Layouting::new(topology.to_lay_out(Picture::Layers));
            self.laid_out = Some((topology, layouting));
            return more;
        }
        if let Some((mut topology, mut layouting)) = self.laid_out.take() {
            self.n_telling += 1;
            let Some(layout) = layouting.step() else {
                self.laid_out = Some((topology, layouting));
                return more;
            };
            topology.layout = layout;
            topology.complete = walk.is_done();
            let answer = Answer::Topology(Box::new(topology));
            if !walk.is_done() {
                return Ok(Step::More { done, total, so_far: Some(answer) });
            }
            search.topology = self.progress.take().map(|(walk, result)| Counted { n_blocks: walk.n_blocks, result });
            return Ok(Step::Finished(answer));
        }
        let mut work = 0;
        while work < STEP_BYTES
            && let Some((slot, hits, looked_at)) = walk.next(search, blocks)?
        {
            work += looked_at + each_sighting(blocks, slot, &hits, &mut |seen| gatherer.push(seen))?;
        }
        self.n_walked += 1;
        let is_due = self.rhythm.is_rarely_due()
            && self.n_walked >= self.n_telling
            && gatherer.n_moments() < MOST_MOMENTS_SO_FAR;
        if walk.is_done() || is_due {
            (self.n_walked, self.n_telling) = (0, 0);
            self.assembly = Some(Assembly::begin(gatherer));
        }
        more
    }
}

/// Lays out what the page has.
pub struct LayoutJob(Layouting);

impl LayoutJob {
    pub fn new(ask: LayoutAsk) -> Self {
        Self(Layouting::new(ask))
    }
}

impl Job for LayoutJob {
    fn step(&mut self, _: &mut Store) -> std::result::Result<Step, Failure> {
        Ok(match self.0.step() {
            Some(layout) => Step::Finished(Answer::Layout(Box::new(layout))),
            None => Step::More { done: 0, total: 1, so_far: None },
        })
    }
}
