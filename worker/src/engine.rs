//! Runs jobs: takes asks, does one bounded step at a time, says what there is to say to the page.
//!
//! Pure: whoever drives it decides how long to go on. Every ask gets exactly one `Done`, last, cancelled or not.

use std::collections::VecDeque;

use model::protocol::{Ask, AskId, Failure, Revision, ToApp};

use crate::jobs::{Job, ReadAsJob, RemovalJob, Step, Urgency, job_for};
use crate::store::Store;

pub struct Engine {
    store: Store,
    /// Jobs of the same urgency take turns: the one that had its step goes to the back.
    running: VecDeque<Running>,
    outbox: Vec<ToApp>,
    is_closing: bool,
}

struct Running {
    /// `None`: nobody asked, and nobody is told.
    id: Option<AskId>,
    urgency: Urgency,
    job: Box<dyn Job>,
}

impl Engine {
    pub fn new(store: Store) -> Self {
        Self { store, running: VecDeque::new(), outbox: Vec::new(), is_closing: false }
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    pub fn store_mut(&mut self) -> &mut Store {
        &mut self.store
    }

    pub fn revision(&self) -> Revision {
        self.store.revision()
    }

    /// Takes an ask on; gives it back where the store alone cannot answer it (imports, status, roles).
    pub fn ask(&mut self, id: AskId, ask: Ask) -> Option<Ask> {
        // Nobody finds it from now on, however long other answers take: the same file may be dropped again at once.
        if let Ask::Remove(source) = ask
            && let Err(failure) = self.store.begin_removal(source)
        {
            self.outbox.push(ToApp::Done { id, outcome: Err(failure) });
            return None;
        }
        match job_for(ask) {
            Ok((urgency, job)) => {
                self.running.push_back(Running { id: Some(id), urgency, job });
                None
            }
            Err(ask) => Some(*ask),
        }
    }

    /// Goes on with what a change of the workspace left undone when the program ended.
    pub fn resume_changes(&mut self) {
        for source in self.store.being_reread() {
            let job = Box::new(ReadAsJob::resumed(source, &self.store));
            self.running.push_back(Running { id: None, urgency: Urgency::Change, job });
        }
    }

    /// Takes out of the tables what no question finds any more. Reading goes on meanwhile.
    pub fn sweep(&mut self) {
        let job = Box::new(RemovalJob::default());
        self.running.push_back(Running { id: None, urgency: Urgency::Summary, job });
    }

    /// Ends the ask's job, if it has one; its `Done` comes with the next step. A change of the workspace is not left half
    /// done: it goes on to its end. An ask that is not (or no longer) the engine's is left alone.
    pub fn cancel(&mut self, id: AskId) {
        let Some(place) = self.running.iter().position(|running| running.id == Some(id)) else { return };
        if self.running[place].urgency != Urgency::Change {
            self.running.remove(place);
            self.outbox.push(ToApp::Done { id, outcome: Err(Failure::Cancelled) });
        }
    }

    /// Ends all jobs, before the store is closed or exchanged.
    pub fn cancel_all(&mut self) {
        for id in self.running.drain(..).filter_map(|running| running.id) {
            self.outbox.push(ToApp::Done { id, outcome: Err(Failure::Cancelled) });
        }
    }

    /// Goes on with another store; asks under way are cancelled.
    pub fn exchange_store(&mut self, store: Store) -> Store {
        self.cancel_all();
        std::mem::replace(&mut self.store, store)
    }

    /// The workspace is being changed: nothing else is to begin that would change it too.
    pub fn is_changing(&self) -> bool {
        self.running.iter().any(|running| running.urgency == Urgency::Change)
    }

    /// The workspace is to be closed: what can be gone on with when it is opened again rests from now on.
    pub fn set_closing(&mut self, is_closing: bool) {
        self.is_closing = is_closing;
    }

    pub fn is_closing(&self) -> bool {
        self.is_closing
    }

    fn is_due(&self, running: &Running) -> bool {
        !(self.is_closing && (running.job.may_rest() || running.urgency == Urgency::Unasked))
    }

    /// Nothing to do now and nothing to say.
    pub fn is_idle(&self) -> bool {
        self.outbox.is_empty() && !self.running.iter().any(|running| self.is_due(running))
    }

    /// Somebody waits for an answer or a change. What nobody waits for shares the time with what is done beside questions.
    pub fn is_waited_for(&self) -> bool {
        let is_waited_for = |running: &Running| running.urgency != Urgency::Unasked && self.is_due(running);
        !self.outbox.is_empty() || self.running.iter().any(is_waited_for)
    }

    /// The most urgent job's next step (a few milliseconds). Gives what is to be sent to the page.
    pub fn step(&mut self) -> Vec<ToApp> {
        let mut messages = std::mem::take(&mut self.outbox);
        let due = (0..self.running.len()).filter(|&place| self.is_due(&self.running[place]));
        let most_urgent = due.min_by_key(|&place| self.running[place].urgency);
        let Some(mut running) = most_urgent.and_then(|place| self.running.remove(place)) else {
            return messages;
        };
        let id = running.id;
        self.store.searches.serve(self.running.len() + 1);
        let stepped = running.job.step(&mut self.store).and_then(|step| self.store.keep_pseudonyms().map(|()| step));
        match stepped {
            Ok(Step::More { done, total, so_far }) => {
                if let Some(id) = id
                    && (so_far.is_some() || running.urgency == Urgency::Change)
                {
                    messages.push(ToApp::Progress { id, done, total, so_far });
                }
                self.running.push_back(running);
            }
            Ok(Step::Finished(answer)) => messages.extend(id.map(|id| ToApp::Done { id, outcome: Ok(answer) })),
            Err(failure) => messages.extend(id.map(|id| ToApp::Done { id, outcome: Err(failure) })),
        }
        messages
    }
}
