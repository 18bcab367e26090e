//! Who may have caused an incident, by who calls whom among all entries.

use analysis::blame::suspects;
use model::blame::BlameAsk;
use model::protocol::{Answer, Failure};
use model::scope::Filter;
use model::topology::TopologyAsk;

use super::topology::TopologyJob;
use super::{Job, Step};
use crate::store::Store;

pub struct BlameJob {
    ask: BlameAsk,
    calls: TopologyJob,
}

impl BlameJob {
    pub fn new(ask: BlameAsk) -> Self {
        Self { ask, calls: TopologyJob::new(TopologyAsk { filter: Filter::default() }) }
    }
}

impl Job for BlameJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        Ok(match self.calls.step(store)? {
            Step::Finished(Answer::Topology(topology)) => {
                Step::Finished(Answer::Suspects(Box::new(suspects(&self.ask.signs, &topology))))
            }
            Step::More { done, total, .. } => Step::More { done, total, so_far: None },
            finished => finished,
        })
    }
}
