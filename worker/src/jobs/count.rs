//! How many entries a filter finds.

use model::protocol::{Answer, Count, Counted, Failure};

use super::{Job, Rhythm, STEP_BYTES, Step};
use crate::store::{Blocks, Search, Store};

pub struct CountJob {
    ask: Count,
    rhythm: Rhythm,
}

impl CountJob {
    pub fn new(ask: Count) -> Self {
        Self { ask, rhythm: Rhythm::default() }
    }
}

impl Job for CountJob {
    fn step(&mut self, store: &mut Store) -> std::result::Result<Step, Failure> {
        let blocks = &mut store.blocks;
        let search = store.searches.get(&self.ask.filter, blocks)?;
        search.advance(blocks, self.ask.filter.order, STEP_BYTES)?;
        if search.is_complete() {
            return Ok(Step::Finished(Answer::Count(counted(search, blocks))));
        }
        let so_far = match self.rhythm.is_due() {
            true => Some(Answer::Count(counted(search, blocks))),
            false => None,
        };
        let (done, total) = search.progress();
        Ok(Step::More { done, total, so_far })
    }
}

/// What the search knows by now.
pub fn counted(search: &Search, blocks: &Blocks) -> Counted {
    Counted {
        n_entries: search.n_hits(),
        complete: search.is_complete(),
        problems: search.problems(blocks),
        let_go_on: search.let_go_on.clone(),
    }
}
