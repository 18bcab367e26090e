//! Which of some entries a filter keeps: of those in sight, for a look ahead while a query is written, and of bookmarks.

use model::protocol::{Answer, Failure, KeepsAsk};

use super::{Job, STEP_BYTES, Step};
use crate::store::Store;

pub struct KeepsJob {
    ask: KeepsAsk,
    keeps: Vec<bool>,
}

impl KeepsJob {
    pub fn new(ask: KeepsAsk) -> Self {
        Self { ask, keeps: Vec::new() }
    }
}

impl Job for KeepsJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        let blocks = &mut store.blocks;
        let search = store.searches.get(&self.ask.filter, blocks)?;
        let mut work = 0;
        // Each block is looked at once. Those in sight are in few blocks; of bookmarks each may be in one of its own.
        while let Some(key) = self.ask.keys.get(self.keeps.len()).filter(|_| work < STEP_BYTES) {
            let is_kept = match blocks.directory().find_entry(key.source, key.entry) {
                Some(slot) => {
                    work += search.look_at(blocks, slot)?;
                    let place = key.entry - blocks.info(slot).first_entry;
                    search.hits_of(blocks, slot)?.has(place as usize)
                }
                None => false,
            };
            self.keeps.push(is_kept);
        }
        let (done, total) = (self.keeps.len() as u64, self.ask.keys.len() as u64);
        if done < total {
            return Ok(Step::More { done, total, so_far: None });
        }
        Ok(Step::Finished(Answer::Keeps(std::mem::take(&mut self.keeps))))
    }
}
