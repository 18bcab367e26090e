//! Opening the workspace, and what becomes of it when tabs compete for it.

use model::protocol::{Failure, Role};
use wasm_bindgen_futures::spawn_local;

use super::super::estimate;
use super::super::persist::Disk;
use super::super::readers;
use super::super::scope;
use super::asks::done;
use super::{Data, State, sql};
use crate::engine::Engine;
use crate::intake::{Pace, Roster};
use crate::store::Store;

/// A tab that is loaded anew waits for its predecessor to let go; longer, and another tab must have the workspace.
const LOCK_MILLIS: i32 = 400;
/// How often something short is looked at that tells nobody when it ends.
pub const POLL_MILLIS: i32 = 10;

impl Data {
    pub(super) async fn open(&self) {
        match Disk::new().await {
            Ok(disk) => {
                let _ = self.disk.set(disk);
            }
            // Only a second registration in one worker could fail.
            Err(failure) => return scope::say_last_words(&failure.to_string()),
        }
        self.refresh_estimate();
        // What is in this tab's memory no other tab can have.
        if !self.disk().is_kept() {
            return self.become_owner().await;
        }
        self.ownership.queue();
    }

    /// Another tab has the workspace.
    pub(super) async fn wait_for_ownership(&self) {
        scope::pause(LOCK_MILLIS).await;
        if self.state.borrow().role == Role::OpenElsewhere {
            self.tell_ready();
        }
    }

    /// The lock is ours: everything that is stored, and nothing else, is the workspace.
    pub(super) async fn become_owner(&self) {
        let ownership = {
            let mut state = self.state.borrow_mut();
            state.role = Role::Owner;
            state.ownership += 1;
            state.ownership
        };
        self.close_store();
        // A save from before this tab lost the workspace puts back what it took, unless it succeeds.
        while self.state.borrow().is_saving {
            scope::pause(POLL_MILLIS).await;
        }
        let loaded = self.disk().load_to_write().await;
        let is_still_owner = {
            let state = self.state.borrow();
            state.role == Role::Owner && state.ownership == ownership
        };
        if is_still_owner {
            self.open_store(loaded);
            let mut state = self.state.borrow_mut();
            if state.readers.is_empty() {
                let n_readers = readers::suitable_number();
                state.roster = Roster::new(n_readers);
                state.readers.resize_with(n_readers, || None);
                // The first file is not to wait for a program to load.
                self.start_reader(&mut state, 0);
            }
        }
        self.show_opened();
    }

    pub(super) async fn open_read_only(&self) -> Result<(), Failure> {
        if self.state.borrow().role == Role::Owner {
            return Ok(());
        }
        self.close_store();
        let loaded = self.disk().load_to_read().await;
        if self.state.borrow().role != Role::Owner {
            self.state.borrow_mut().role = Role::ReadOnly;
            self.open_store(loaded);
        }
        self.show_opened();
        Ok(())
    }

    /// Another tab took the workspace: what is here may be looked at, and nothing more is written.
    pub(super) fn lose(&self) {
        let mut state = self.state.borrow_mut();
        if state.role != Role::Owner {
            return;
        }
        state.role = Role::TakenOver;
        stop_reading(&mut state);
        if let Some(engine) = &mut state.engine {
            // What other tabs do not know of would only confuse; a failure leaves it to be looked at.
            let _ = engine.store_mut().roll_back();
        }
        drop(state);
        self.ownership.queue_again();
        self.tell_role();
    }

    /// Lets go of the workspace for good, everything being saved.
    pub(super) fn give_up(&self) {
        self.state.borrow_mut().role = Role::OpenElsewhere;
        self.close_store();
        self.ownership.release();
    }

    fn close_store(&self) {
        let mut state = self.state.borrow_mut();
        stop_reading(&mut state);
        state.sql.take().into_iter().for_each(sql::give_up);
        // Asks under way are answered, since nobody else will.
        if let Some(mut engine) = state.engine.take() {
            engine.cancel_all();
            for message in engine.step() {
                scope::post(&message, &[]);
            }
        }
        state.pace = Pace::default();
        state.unsaved = None;
    }

    fn open_store(&self, loaded: Result<(), Failure>) {
        let opened = loaded.and_then(|()| self.disk().connect()).and_then(Store::open);
        let mut state = self.state.borrow_mut();
        match opened {
            Ok(mut store) => {
                store.keep_pseudonyms_in(Box::new(Disk::connect_pseudonyms));
                let mut engine = Engine::new(store);
                if state.role == Role::Owner {
                    engine.resume_changes();
                }
                state.engine = Some(engine);
                state.try_anew();
            }
            Err(failure) => state.trouble = Some(failure),
        }
    }

    fn show_opened(&self) {
        match self.is_told_ready.get() {
            false => self.tell_ready(),
            true => self.tell_role(),
        }
        self.ticker.tick();
    }

    /// Views ask again when they hear of a change, and see the new role in the status.
    fn tell_role(&self) {
        self.state.borrow_mut().skip_revision();
        self.tell_changes();
        self.ticker.tick();
    }

    pub(super) fn refresh_estimate(&self) {
        let data = self.this();
        spawn_local(async move { data.estimate.set(estimate::ask().await) });
    }
}

/// Readers end at once; whoever waits for one is told.
fn stop_reading(state: &mut State) {
    let waiting = state.held.drain(..).map(|held| held.id);
    let sampling = state.sampler.take().map(|(_, id)| id);
    for id in waiting.chain(sampling) {
        done(id, Err(Failure::NotOwner));
    }
    state.incoming = None;
    state.readers.clear();
    state.roster = Roster::new(0);
    state.heard.clear();
    state.files.clear();
    state.resting.clear();
}
