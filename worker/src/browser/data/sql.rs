//! Statements of SQL: handed to their thread when its copy of the database is that of now.

use std::rc::Rc;

use model::protocol::{AskId, BUILD, Failure, Role, ToApp};
use model::sql::SqlAsk;
use wasm_bindgen_futures::spawn_local;

use super::super::scope;
use super::super::sql::{Heard, SqlThread, crashed};
use super::asks::done;
use super::{Data, State};
use crate::sql::OwnTables;

/// A thread that nobody asks anything gives its memory back after this time.
const IDLE_MILLIS: i32 = 120_000;
/// A statement that is not waited for any more ends its thread after this time. Most are done before, and the copy stays
/// for the next: while somebody types in the search box, one statement after the other is asked.
const LEFT_MILLIS: i32 = 500;

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
            // A new version was published since this page was loaded.
            Heard::Said(ToApp::Ready { build, .. }, _) if build != BUILD => {
                for id in state.sql.take().into_iter().flat_map(|thread| asked(&thread)) {
                    done(id, Err(Failure::OtherBuild));
                }
            }
            Heard::Said(ToApp::Ready { .. }, _) => thread.is_ready = true,
            // What nobody waits for any more was not done: the thread that did it goes with its copy.
            Heard::Said(_, Some(_)) if thread.is_left => {
                if let Some(thread) = state.sql.take() {
                    self.ask_waiting(&mut state, thread);
                }
            }
            Heard::Said(message, own) => {
                thread.running = None;
                let (data, n_run) = (self.this(), thread.n_run);
                if !std::mem::take(&mut thread.is_left) {
                    let (message, is_kept) = kept(&mut state, message, own);
                    scope::post(&message, &[]);
                    // Its copy has what could not be kept.
                    if let Some(thread) = state.sql.take_if(|_| !is_kept) {
                        self.ask_waiting(&mut state, thread);
                    }
                }
                spawn_local(async move {
                    scope::pause(IDLE_MILLIS).await;
                    let sql = &mut data.state.borrow_mut().sql;
                    if sql.as_ref().is_some_and(|thread| thread.n_run == n_run && thread.is_idle()) {
                        *sql = None;
                    }
                });
            }
            Heard::Crashed { why } => match state.sql.take_if(|thread| thread.is_left) {
                // Of a statement that nobody waits for: those behind it did not crash.
                Some(thread) => self.ask_waiting(&mut state, thread),
                None => {
                    for id in state.sql.take().into_iter().flat_map(|thread| asked(&thread)) {
                        done(id, Err(crashed(&why)));
                    }
                }
            },
        }
        drop(state);
        self.ticker.tick();
    }

    /// `false`: it is no statement that is asked for.
    pub(super) fn cancel_sql(&self, id: AskId) -> bool {
        let sql = &mut self.state.borrow_mut().sql;
        let Some(thread) = sql else { return false };
        if thread.running == Some(id) {
            (thread.running, thread.is_left) = (None, true);
            let (data, n_run) = (self.this(), thread.n_run);
            spawn_local(async move {
                scope::pause(LEFT_MILLIS).await;
                data.end_left(n_run);
            });
        } else if !thread.take_back(id) {
            return false;
        }
        done(id, Err(Failure::Cancelled));
        true
    }

    /// Nothing but the end of its thread stops a statement; those that wait behind it get another.
    fn end_left(&self, n_run: u64) {
        let mut state = self.state.borrow_mut();
        let Some(thread) = state.sql.take_if(|thread| thread.is_left && thread.n_run == n_run) else { return };
        self.ask_waiting(&mut state, thread);
    }

    /// The statements that waited for a thread get another. It is gone before that one starts: what changes in the database
    /// is told to one copy at a time.
    fn ask_waiting(&self, state: &mut State, mut gone: SqlThread) {
        let waiting = std::mem::take(&mut gone.waiting);
        drop(gone);
        for (id, ask) in waiting {
            if let Err(failure) = self.ask_sql(state, id, ask) {
                done(id, Err(failure));
            }
        }
    }

    /// Brings the copy nearer to what the database is now; where it is that, the next statement is run.
    pub(super) fn supply_sql(&self) {
        let mut state = self.state.borrow_mut();
        let Some(thread) = state.sql.as_ref().filter(|thread| thread.has_work()) else { return };
        let is_begun = if thread.needs_moment() { begin_moment(&mut state) } else { Ok(()) };
        let supplied = is_begun.and_then(|()| state.sql.as_mut().map_or(Ok(()), SqlThread::go_on));
        if let Err(failure) = supplied {
            for id in state.sql.take().into_iter().flat_map(|thread| asked(&thread)) {
                done(id, Err(failure.clone()));
            }
        }
    }
}

/// Keeps what a statement made of the user's own tables; `false`, and another message, where that cannot be.
fn kept(state: &mut State, message: ToApp, own: Option<OwnTables>) -> (ToApp, bool) {
    let Some(own) = own else { return (message, true) };
    let kept = match state.engine.as_mut().filter(|_| state.role == Role::Owner) {
        Some(engine) => engine.store_mut().set_own_tables(&own),
        None => Err(Failure::NotOwner),
    };
    match (kept, message) {
        (Err(failure), ToApp::Done { id, .. }) => (ToApp::Done { id, outcome: Err(failure) }, false),
        (kept, message) => (message, kept.is_ok()),
    }
}

/// The copy is to be the workspace as it is now, with what was read and is not yet committed.
fn begin_moment(state: &mut State) -> Result<(), Failure> {
    if let Some(engine) =
        state.engine.as_mut().filter(|engine| state.role == Role::Owner && engine.store().has_uncommitted())
    {
        let commit = engine.store_mut().commit(scope::now_millis())?;
        state.pace.committed();
        state.unsaved = Some(commit);
    }
    state.sql.iter_mut().for_each(SqlThread::begin_moment);
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
