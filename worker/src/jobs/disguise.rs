//! What would be replaced in a file of a filter's entries: looks at the first of them.

use analysis::disguise::Disguiser;
use analysis::search::Highlighter;
use model::disguise::DisguisePreview;
use model::protocol::{Answer, DisguiseAsk, Failure};
use model::query::Expr;

use super::{Job, STEP_BYTES, Step, row};
use crate::store::Store;

/// Enough to see what there is of each kind.
const MOST_ENTRIES: u64 = 1000;
/// Entries of one step.
const STEP_ENTRIES: u64 = 50;

pub struct DisguiseJob {
    ask: DisguiseAsk,
    disguiser: Disguiser,
    n_done: u64,
}

impl DisguiseJob {
    pub fn new(ask: DisguiseAsk) -> Self {
        Self { disguiser: Disguiser::new(ask.disguise.clone()), ask, n_done: 0 }
    }
}

impl Job for DisguiseJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        let blocks = &mut store.blocks;
        let order = self.ask.filter.order;
        let search = store.searches.get(&self.ask.filter, blocks)?;
        search.advance(blocks, order, STEP_BYTES)?;
        if !search.is_complete() {
            let (done, total) = search.progress();
            return Ok(Step::More { done, total, so_far: None });
        }
        let total = search.n_hits().min(MOST_ENTRIES);
        let found = search.page(blocks, order, self.n_done..(self.n_done + STEP_ENTRIES).min(total))?;
        for found in &found {
            let mut entry = row::entry(blocks, found.slot, found.entry as usize, &Highlighter::new(&Expr::All))?;
            self.disguiser.entry(&mut entry);
        }
        self.n_done += found.len() as u64;
        if self.n_done < total && !found.is_empty() {
            return Ok(Step::More { done: self.n_done, total, so_far: None });
        }
        let preview = DisguisePreview { n_entries: self.n_done, found: self.disguiser.found() };
        Ok(Step::Finished(Answer::Disguised(preview)))
    }
}
