//! Pseudonyms: what would be replaced in a file of a filter's entries, by a look at the first of them; and those of values that the
//! page has.

use analysis::disguise::Disguiser;
use analysis::search::Highlighter;
use model::disguise::{Disguise, DisguisePreview};
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
    disguiser: Option<Disguiser>,
    n_done: u64,
}

impl DisguiseJob {
    pub fn new(ask: DisguiseAsk) -> Self {
        Self { disguiser: None, ask, n_done: 0 }
    }
}

impl Job for DisguiseJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        if !store.take_up_pseudonyms()? {
            return Ok(Step::More { done: 0, total: 2, so_far: None });
        }
        let of_store = store.disguiser(self.ask.disguise.clone());
        let disguiser = self.disguiser.get_or_insert(of_store);
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
            disguiser.entry(&mut entry);
        }
        self.n_done += found.len() as u64;
        if self.n_done < total && !found.is_empty() {
            return Ok(Step::More { done: self.n_done, total, so_far: None });
        }
        let preview = DisguisePreview { n_entries: self.n_done, found: disguiser.found() };
        Ok(Step::Finished(Answer::Disguised(preview)))
    }
}

/// Values of one step.
const STEP_VALUES: usize = 500;

pub struct DisguiseValuesJob {
    disguise: Disguise,
    /// Each with the name that it stands under.
    values: Vec<(String, String)>,
    /// Values looked at so far to know whom they speak of. A name may stand in one before the one that tells that it is a name.
    n_met: usize,
    written: Vec<String>,
}

impl DisguiseValuesJob {
    pub fn new(disguise: Disguise, values: Vec<(String, String)>) -> Self {
        Self { disguise, written: Vec::with_capacity(values.len()), values, n_met: 0 }
    }
}

impl Job for DisguiseValuesJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        if !store.take_up_pseudonyms()? {
            return Ok(Step::More { done: 0, total: 2, so_far: None });
        }
        let mut disguiser = store.disguiser(self.disguise.clone());
        let is_met = self.n_met == self.values.len();
        let n_done = if is_met { self.written.len() } else { self.n_met };
        let rest = self.values[n_done..].iter().take(STEP_VALUES);
        let written: Vec<String> = rest.map(|(name, value)| disguiser.value(name, value)).collect();
        match is_met {
            true => self.written.extend(written),
            false => self.n_met += written.len(),
        }
        let (done, total) = ((self.n_met + self.written.len()) as u64, 2 * self.values.len() as u64);
        Ok(match done < total {
            true => Step::More { done, total, so_far: None },
            false => Step::Finished(Answer::DisguisedValues(std::mem::take(&mut self.written))),
        })
    }
}
