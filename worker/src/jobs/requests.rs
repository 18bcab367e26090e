//! The requests of which a filter finds an entry: counts all entries of the range by their ids, a few blocks a step, and, where the unusual
//! ones are asked for, scores them in steps as small.

use analysis::outlier::Scoring;
use analysis::requests::{Gathering, Listing, Placing, RequestCount};
use analysis::topology::Sighting;
use model::protocol::{Answer, Failure};
use model::requests::{RequestOrder, Requests, RequestsAsk};
use model::scope::Filter;

use super::sightings::each_sighting;
use super::walk::Walk;
use super::{Job, Rhythm, STEP_BYTES, Step};
use crate::store::{Counted, Store};

/// More lines nobody reads.
const MOST_SHOWN: u32 = 5_000;
/// Of more requests nothing is told before all are counted.
const MOST_SO_FAR: usize = 20_000;
/// Requests, and spans and entries of them, that are looked at in a step: a few milliseconds.
const LISTED_AT_ONCE: usize = 20_000;
const EVENTS_AT_ONCE: usize = 1 << 16;
/// The same of those that are placed as in a waterfall.
const PLACED_AT_ONCE: usize = 1 << 12;
/// Counting, placing them in time, gathering what requests do, scoring that, and listing them.
const N_STAGES: u64 = 5;

pub struct RequestsJob {
    ask: RequestsAsk,
    /// All entries of the range: a request is more than what is searched for in it.
    whole: Filter,
    rhythm: Rhythm,
    progress: Option<(Walk, RequestCount)>,
    stage: Stage,
}

enum Stage {
    Counting,
    Placing(Placing),
    Gathering(Gathering),
    /// With the requests that are scored.
    Scoring(Vec<u32>, Box<Scoring>),
    Listing(Listing),
}

/// What is done when all are counted and placed.
fn behind_placing(ask: &RequestsAsk, count: &RequestCount) -> Stage {
    match ask.order == RequestOrder::Unusual && !count.is_scored() {
        true => Stage::Gathering(Gathering::default()),
        false => Stage::Listing(Listing::new(ask.order, ask.took)),
    }
}

impl RequestsJob {
    pub fn new(ask: RequestsAsk) -> Self {
        let ask = RequestsAsk { n_shown: ask.n_shown.clamp(1, MOST_SHOWN), ..ask };
        let whole = Filter { query: String::new(), ..ask.filter.clone() };
        Self { ask, whole, rhythm: Rhythm::default(), progress: None, stage: Stage::Counting }
    }

    /// Goes on with the walk over the blocks.
    fn count_some(&mut self, store: &mut Store) -> Result<Step, Failure> {
        let (walk, count) = self.progress.as_mut().expect("begun before");
        let blocks = &mut store.blocks;
        let mut work = 0;
        while work < STEP_BYTES && !walk.is_done() {
            let search = store.searches.get(&self.ask.filter, blocks)?;
            let Some((slot, found, looked_at)) = walk.next(search, blocks)? else { break };
            let all = store.searches.get(&self.whole, blocks)?;
            work += looked_at + all.look_at(blocks, slot)?;
            let hits = all.hits_of(blocks, slot)?;
            let first_entry = blocks.info(slot).first_entry;
            let mut take = |seen: Sighting<'_>| {
                let is_found = found.has((seen.key.entry - first_entry) as usize);
                count.push(seen, is_found);
            };
            work += each_sighting(blocks, slot, &hits, &mut take)?;
        }
        if walk.is_done() {
            self.stage = match count.is_placed() {
                true => behind_placing(&self.ask, count),
                false => Stage::Placing(Placing::default()),
            };
            return Ok(Step::more_of(1, N_STAGES, (0, 1), None));
        }
        let is_due = count.n_requests() < MOST_SO_FAR && self.rhythm.is_rarely_due();
        let so_far = is_due.then(|| {
            Answer::Requests(Box::new(count.requests(self.ask.order, self.ask.took, self.ask.n_shown as usize)))
        });
        Ok(Step::more_of(0, N_STAGES, (walk.n_done as u64, walk.slots.len() as u64), so_far))
    }
}

impl Job for RequestsJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        let generation = store.generation();
        if self.progress.as_ref().is_none_or(|(walk, _)| walk.generation != generation) {
            let counted = store.searches.get(&self.ask.filter, &mut store.blocks)?.requests.take();
            let (walk, mut count): (Walk, RequestCount) = Walk::go_on(generation, &mut store.blocks, counted);
            count.call_by(store.blocks.naming());
            self.progress = Some((walk, count));
            self.stage = Stage::Counting;
        }
        if matches!(self.stage, Stage::Counting) {
            return self.count_some(store);
        }
        let (_, count) = self.progress.as_mut().expect("all is counted");
        match &mut self.stage {
            Stage::Placing(placing) => {
                if placing.step(count, PLACED_AT_ONCE) {
                    return Ok(Step::more_of(1, N_STAGES, placing.how_far(count), None));
                }
                self.stage = behind_placing(&self.ask, count);
                return Ok(Step::more_of(2, N_STAGES, (0, 1), None));
            }
            Stage::Gathering(gathering) => {
                if gathering.step(count, EVENTS_AT_ONCE) {
                    return Ok(Step::more_of(2, N_STAGES, gathering.how_far(count), None));
                }
                let (requests, groups) = std::mem::take(gathering).into_groups();
                self.stage = Stage::Scoring(requests, Box::new(Scoring::begin(groups)));
                return Ok(Step::more_of(3, N_STAGES, (0, 1), None));
            }
            Stage::Scoring(_, scoring) => {
                if scoring.step() {
                    return Ok(Step::more_of(3, N_STAGES, scoring.how_far(), None));
                }
                let listing = Stage::Listing(Listing::new(self.ask.order, self.ask.took));
                if let Stage::Scoring(requests, scoring) = std::mem::replace(&mut self.stage, listing) {
                    count.finish_scoring(&requests, *scoring);
                }
                return Ok(Step::more_of(4, N_STAGES, (0, 1), None));
            }
            Stage::Listing(listing) => {
                if listing.step(count, LISTED_AT_ONCE) {
                    return Ok(Step::more_of(4, N_STAGES, (0, 1), None));
                }
            }
            Stage::Counting => {}
        }
        let (walk, count) = self.progress.take().expect("all is counted");
        let Stage::Listing(listing) = std::mem::replace(&mut self.stage, Stage::Counting) else {
            return Err(Failure::Gone);
        };
        let requests = Requests { complete: true, ..listing.finish(&count, self.ask.n_shown as usize) };
        store.searches.drop_requests();
        let search = store.searches.get(&self.ask.filter, &mut store.blocks)?;
        search.requests = Some(Counted { n_blocks: walk.n_blocks, result: count });
        Ok(Step::Finished(Answer::Requests(Box::new(requests))))
    }
}
