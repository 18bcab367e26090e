//! What the user says of names of services: asked for, read from a text, changed.

use model::naming::Naming;
use model::protocol::{Answer, Failure};

use super::{Job, Step};
use crate::store::Store;

pub struct NamingJob;

impl Job for NamingJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        Ok(Step::Finished(Answer::Naming((**store.blocks.naming()).clone())))
    }
}

pub struct BeforeJob;

impl Job for BeforeJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        Ok(Step::Finished(Answer::Naming(store.naming_before()?)))
    }
}

pub struct ReadJob {
    pub text: String,
}

impl Job for ReadJob {
    fn step(&mut self, _: &mut Store) -> Result<Step, Failure> {
        let naming = analysis::naming::read(&self.text).map_err(|message| Failure::Naming { message })?;
        Ok(Step::Finished(Answer::Naming(naming)))
    }
}

pub struct SetJob {
    pub naming: Naming,
}

impl Job for SetJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        store.set_naming(std::mem::take(&mut self.naming))?;
        Ok(Step::Finished(Answer::Accepted))
    }
}
