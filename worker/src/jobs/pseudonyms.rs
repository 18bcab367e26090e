//! The pseudonyms that were given: listed, forgotten, and known again.

use model::disguise::{Given, PseudonymList, PseudonymsAsk};
use model::protocol::{Answer, Failure};

use super::{Job, Step};
use crate::store::Store;

pub struct PseudonymsJob {
    ask: PseudonymsAsk,
    last: i64,
    list: PseudonymList,
}

impl PseudonymsJob {
    pub fn new(ask: PseudonymsAsk) -> Self {
        Self { ask, last: 0, list: PseudonymList::default() }
    }
}

impl Job for PseudonymsJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        if !store.take_up_pseudonyms()? || !store.list_pseudonyms(&self.ask, &mut self.last, &mut self.list)? {
            return Ok(Step::More { done: 0, total: 1, so_far: None });
        }
        Ok(Step::Finished(Answer::Pseudonyms(std::mem::take(&mut self.list))))
    }
}

pub struct ForgetJob {
    /// `None`: what stands behind all of them.
    which: Option<Given>,
    last: i64,
}

impl ForgetJob {
    pub fn new(which: Option<Given>) -> Self {
        Self { which, last: 0 }
    }
}

impl Job for ForgetJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        if !store.take_up_pseudonyms()? {
            return Ok(Step::More { done: 0, total: 1, so_far: None });
        }
        let is_done = match &self.which {
            Some(given) => store.forget_pseudonym(given).map(|()| true)?,
            None => store.forget_pseudonyms(&mut self.last)?,
        };
        Ok(if is_done { Step::Finished(Answer::Accepted) } else { Step::More { done: 0, total: 1, so_far: None } })
    }
}

pub struct RememberJob {
    pub given: Given,
}

impl Job for RememberJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        if !store.take_up_pseudonyms()? {
            return Ok(Step::More { done: 0, total: 1, so_far: None });
        }
        store.remember_pseudonym(&self.given)?;
        Ok(Step::Finished(Answer::Accepted))
    }
}
