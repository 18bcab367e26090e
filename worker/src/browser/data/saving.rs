//! Commits, and the saves that follow them: a commit is *saved* when IndexedDB has it.

use model::protocol::{Failure, Role};
use wasm_bindgen_futures::spawn_local;

use super::super::scope;
use super::Data;
use crate::intake::Tempo;
use crate::store::Commit;

/// After a failed commit or save the next is tried so much later, or when the user does something about it.
pub const RETRY_MILLIS: f64 = 5000.0;

impl Data {
    pub(super) fn commit_and_save(&self) {
        let mut guard = self.state.borrow_mut();
        let state = &mut *guard;
        let Some(engine) = state.engine.as_mut().filter(|_| state.role == Role::Owner) else { return };
        let now_millis = scope::now_millis();
        let store = engine.store();
        // Field columns can wait for company, entries that were read cannot.
        let is_making = store.lacks_fields() && !store.has_uncommitted_entries();
        let is_more_to_come = !state.roster.is_idle() || !state.heard.is_empty() || engine.is_changing() || is_making;
        // Nothing waits for company that will not come.
        let is_reading = is_more_to_come && !engine.is_closing();
        let tempo = Tempo { now_millis, is_saving: state.is_saving, is_reading };
        if engine.store().has_uncommitted() {
            if now_millis < state.retry_millis || !state.pace.is_commit_due(tempo) {
                return;
            }
            match engine.store_mut().commit(now_millis) {
                Ok(commit) => {
                    state.pace.committed();
                    state.unsaved = Some(commit);
                }
                Err(failure) => return self.stop_reading_after(state, failure),
            }
        }
        let has_changes = self.disk().has_changes();
        if !has_changes
            && !state.is_saving
            && let Some(commit) = state.unsaved.take()
        {
            // Memory only: nothing will be saved any better.
            engine.store_mut().saved(&commit);
        }
        if has_changes && !state.is_saving && now_millis >= state.retry_millis {
            state.is_saving = true;
            let (save, data) = (self.disk().save(), self.this());
            let (commit, ownership) = (state.unsaved.take(), state.ownership);
            spawn_local(async move {
                let outcome = save.await;
                data.saved(outcome, commit, ownership);
            });
        }
    }

    fn saved(&self, outcome: Result<(), Failure>, commit: Option<Commit>, ownership: u64) {
        let mut state = self.state.borrow_mut();
        state.is_saving = false;
        match outcome {
            // Of files that are no longer the workspace: it was lost since, and taken back.
            _ if ownership != state.ownership => return,
            Ok(()) => {
                if let (Some(engine), Some(commit)) = (&mut state.engine, commit) {
                    engine.store_mut().saved(&commit);
                }
                state.saving_trouble = None;
            }
            Err(Failure::NotOwner) => {
                drop(state);
                return self.lose();
            }
            Err(failure) => {
                // What is in memory stays to be looked at and is saved as soon as there is room; no more is read.
                state.unsaved = state.unsaved.take().or(commit);
                state.retry_millis = scope::now_millis() + RETRY_MILLIS;
                state.saving_trouble = Some(failure);
                self.pause_all(&mut state);
            }
        }
        drop(state);
        self.refresh_estimate();
        self.ticker.tick();
    }
}
