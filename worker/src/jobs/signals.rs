//! Golden signals over the time of a filter's entries: counted a few blocks a step, and put together in steps where that takes long.

use std::rc::Rc;

use model::naming::Naming;
use model::protocol::{Answer, Failure};
use model::scope::Filter;
use model::time::TimeRange;

use super::walk::{Walk, within};
use super::{Job, Rhythm, STEP_BYTES, Step};
use crate::store::{BlockHits, Blocks, Result, Slot, Store};

/// More spans of time than a course has pixels for.
const MOST_SPANS: u32 = 400;

/// What is counted.
pub trait Signals {
    /// `range`: what courses of `n_spans` spans are over. `naming`: what the user says of names of services.
    fn begin(range: Option<TimeRange>, n_spans: usize, naming: &Rc<Naming>) -> Self;

    /// Takes in what is found in a block. Gives a measure of the work.
    fn take(&mut self, blocks: &mut Blocks, slot: Slot, hits: &BlockHits) -> Result<u64>;

    /// What is known before all is counted; `None` where putting that together takes too long.
    fn so_far(&self) -> Option<Answer>;

    /// All is counted. A step of putting it together; `None` while there is more to do.
    fn tell(&mut self) -> Option<Answer>;
}

pub struct SignalsJob<S> {
    filter: Filter,
    n_spans: usize,
    rhythm: Rhythm,
    progress: Option<(Walk, S)>,
}

impl<S: Signals> SignalsJob<S> {
    pub fn new(filter: Filter, n_spans: u32) -> Self {
        Self { filter, n_spans: n_spans.clamp(1, MOST_SPANS) as usize, rhythm: Rhythm::default(), progress: None }
    }
}

impl<S: Signals> Job for SignalsJob<S> {
    fn step(&mut self, store: &mut Store) -> std::result::Result<Step, Failure> {
        let generation = store.generation();
        let blocks = &mut store.blocks;
        let search = store.searches.get(&self.filter, blocks)?;
        if self.progress.as_ref().is_none_or(|(walk, _)| walk.generation != generation) {
            let range = within(self.filter.range, blocks);
            let count = S::begin(range, self.n_spans, blocks.naming());
            self.progress = Some((Walk::oldest_first(generation, blocks), count));
        }
        let (walk, count) = self.progress.as_mut().expect("just begun");
        let how_far = |walk: &Walk| (walk.n_done as u64, walk.slots.len() as u64);
        if walk.is_done() {
            let (done, total) = how_far(walk);
            return Ok(match count.tell() {
                Some(answer) => Step::Finished(answer),
                None => Step::More { done, total, so_far: None },
            });
        }
        let mut work = 0;
        while work < STEP_BYTES
            && let Some((slot, hits, looked_at)) = walk.next(search, blocks)?
        {
            work += looked_at + count.take(blocks, slot, &hits)?;
        }
        let so_far = if self.rhythm.is_rarely_due() && !walk.is_done() { count.so_far() } else { None };
        let (done, total) = how_far(walk);
        Ok(Step::More { done, total, so_far })
    }
}
