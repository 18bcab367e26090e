//! Statements of SQL: handed to their thread when its copy of the database is that of now.

use std::rc::Rc;

use model::protocol::{AskId, Failure, Role, ToApp};
use model::sql::SqlAsk;
use wasm_bindgen_futures::spawn_local;

use super::super::scope;
use super::super::sql::{Heard, STEP_EXTENTS, SqlThread, crashed};
use super::asks::done;
use super::{Data, State};

/// A thread that nobody asks anything gives its memory back after this time.
const IDLE_MILLIS: i32 = 120_000;

impl Data {
    pub(super) fn ask_sql(&self, state: &mut State, id: AskId, ask: SqlAsk) -> Result<(), Failure> {
        let file = self.disk().database().ok_or(Failure::Gone)?;
        let thread = match state.sql.take() {
            Some(thread) if thread.is_of(&file) => thread,
            // That of a workspace that is no more.
            other => {
                other.into_iter().for_each(give_up);
                let data = Rc::downgrade(&self.this());
                SqlThread::start(file, move |heard| {
                    if let Some(data) = data.upgrade() {
                        data.hear_sql(heard);
                    }
                })?
            }
        };
        state.sql.insert(thread).waiting.push_back((id, ask));
        Ok(())
    }

    fn hear_sql(&self, heard: Heard) {
        let mut state = self.state.borrow_mut();
        let Some(thread) = &mut state.sql else { return };
        match heard {
            Heard::Said(ToApp::Ready { .. }) => thread.is_ready = true,
            Heard::Said(message) => {
                thread.running = None;
                scope::post(&message, &[]);
                let (data, n_run) = (self.this(), thread.n_run);
                spawn_local(async move {
                    scope::pause(IDLE_MILLIS).await;
                    let sql = &mut data.state.borrow_mut().sql;
                    let is_idle = |thread: &SqlThread| thread.running.is_none() && thread.waiting.is_empty();
                    if sql.as_ref().is_some_and(|thread| thread.n_run == n_run && is_idle(thread)) {
                        *sql = None;
                    }
                });
            }
            Heard::Crashed { why } => {
                for id in state.sql.take().into_iter().flat_map(|thread| asked(&thread)) {
                    done(id, Err(crashed(&why)));
                }
            }
        }
        drop(state);
        self.ticker.tick();
    }

    /// `false`: it is no statement that is asked for.
    pub(super) fn cancel_sql(&self, id: AskId) -> bool {
        let sql = &mut self.state.borrow_mut().sql;
        let Some(thread) = sql else { return false };
        if thread.running == Some(id) {
            // Nothing else stops a statement. The page asks for one at a time, so that none waits behind it.
            sql.take().into_iter().for_each(give_up);
        } else if let Some(place) = thread.waiting.iter().position(|(waiting, _)| *waiting == id) {
            thread.waiting.remove(place);
            done(id, Err(Failure::Cancelled));
        } else {
            return false;
        }
        true
    }

    /// Brings the copy nearer to what the database is now; where it is that, the next statement is run.
    pub(super) fn supply_sql(&self) {
        let mut state = self.state.borrow_mut();
        let Some(thread) = state.sql.as_ref().filter(|thread| thread.has_work()) else { return };
        let supplied = match thread.lacks_much() {
            true => thread.copy(STEP_EXTENTS),
            false => complete(&mut state),
        };
        if let Err(failure) = supplied {
            for id in state.sql.take().into_iter().flat_map(|thread| asked(&thread)) {
                done(id, Err(failure.clone()));
            }
        }
    }
}

/// The last of the copy, between two transactions.
fn complete(state: &mut State) -> Result<(), Failure> {
    if let Some(engine) =
        state.engine.as_mut().filter(|engine| state.role == Role::Owner && engine.store().has_uncommitted())
    {
        let commit = engine.store_mut().commit(scope::now_millis())?;
        state.pace.committed();
        state.unsaved = Some(commit);
    }
    if let Some(thread) = &mut state.sql {
        if thread.lacks_some() {
            thread.copy(usize::MAX)?;
        }
        thread.run_next();
    }
    Ok(())
}

fn asked(thread: &SqlThread) -> Vec<AskId> {
    thread.running.into_iter().chain(thread.waiting.iter().map(|(id, _)| *id)).collect()
}

/// Ends it; what is asked of it is cancelled.
pub fn give_up(thread: SqlThread) {
    for id in asked(&thread) {
        done(id, Err(Failure::Cancelled));
    }
}
