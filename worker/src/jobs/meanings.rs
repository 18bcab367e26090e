//! The mapping table: asked for, read from a text, changed.

use model::meaning::Meanings;
use model::protocol::{Answer, Failure};

use super::{Job, Step};
use crate::store::Store;

pub struct MeaningsJob;

impl Job for MeaningsJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        Ok(Step::Finished(Answer::Meanings(store.meanings().clone())))
    }
}

pub struct ReadJob {
    pub text: String,
}

impl Job for ReadJob {
    fn step(&mut self, _: &mut Store) -> Result<Step, Failure> {
        let meanings = analysis::meaning::read(&self.text).map_err(|message| Failure::Meanings { message })?;
        Ok(Step::Finished(Answer::Meanings(meanings)))
    }
}

pub struct SetJob {
    pub meanings: Meanings,
}

impl Job for SetJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        store.set_meanings(std::mem::take(&mut self.meanings))?;
        Ok(Step::Finished(Answer::Accepted))
    }
}
