//! What the page asks: the engine answers the views, changes of the workspace are made here.

use std::rc::Rc;

use model::entry::SourceId;
use model::protocol::{Answer, Ask, AskId, Failure, Role, Status, Storage, ToApp};
use model::source::SourceState;
use model::time::Zone;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use super::super::estimate;
use super::super::persist::Disk;
use super::super::scope;
use super::import::is_open;
use super::opening::POLL_MILLIS;
use super::{Data, State};
use crate::engine::Engine;
use crate::intake::words::ToReader;
use crate::intake::{Leave, Left};
use crate::store::Store;

/// A change that waits until nobody reads what it is about.
pub struct Held {
    pub id: AskId,
    pub ask: Ask,
    /// Sources that are still being read.
    pub waits_for: Vec<SourceId>,
    /// Sources to go on with afterwards.
    pub rests: Vec<SourceId>,
}

impl Data {
    pub(super) fn take_ask(&self, id: AskId, ask: Ask, files: Vec<File>) {
        match self.try_ask(id, ask, files) {
            Ok(None) => {}
            Ok(Some(answer)) => done(id, Ok(answer)),
            Err(failure) => done(id, Err(failure)),
        }
    }

    /// `None`: the answer comes later.
    fn try_ask(&self, id: AskId, ask: Ask, files: Vec<File>) -> Result<Option<Answer>, Failure> {
        match ask {
            Ask::Status => Ok(Some(Answer::Status(Box::new(self.status())))),
            Ask::TakeOver => {
                if self.state.borrow().role != Role::Owner {
                    self.ownership.steal();
                }
                Ok(Some(Answer::Accepted))
            }
            Ask::OpenReadOnly => self.later(id, async |data| data.open_read_only().await.map(accepted)),
            // The page has asked the browser; what it said is read here.
            Ask::Persist => self.later(id, async |data| {
                data.estimate.set(estimate::ask().await);
                Ok(Some(Answer::Accepted))
            }),
            Ask::Close => self.later(id, async |data| data.close().await.map(accepted)),
            ask => self.ask_engine(id, ask, files),
        }
    }

    fn ask_engine(&self, id: AskId, ask: Ask, files: Vec<File>) -> Result<Option<Answer>, Failure> {
        let mut state = self.state.borrow_mut();
        let is_owner = state.role == Role::Owner;
        let engine = match &mut state.engine {
            Some(engine) => engine,
            // A workspace that cannot be opened can at least be emptied.
            None if is_owner && ask == Ask::Clear => return self.clear(&mut state).map(|()| Some(Answer::Accepted)),
            None => return Err(state.trouble().unwrap_or(Failure::NotOwner)),
        };
        let ask = match ask {
            // Readers know how they were told to read, and read what is to be removed: they are left first.
            Ask::SetZone(_)
            | Ask::SetReadAs { .. }
            | Ask::Remove(_)
            | Ask::SaveFormat { .. }
            | Ask::DeleteFormat { .. }
                if is_owner =>
            {
                ask
            }
            Ask::SetZone(_)
            | Ask::SetReadAs { .. }
            | Ask::Remove(_)
            | Ask::SaveFormat { .. }
            | Ask::DeleteFormat { .. } => {
                return Err(Failure::NotOwner);
            }
            Ask::Mark(_)
            | Ask::MarkChosen { .. }
            | Ask::KeepMark(_)
            | Ask::SetNote { .. }
            | Ask::Unmark(_)
            | Ask::SaveView { .. }
            | Ask::SetViewNote { .. }
            | Ask::DeleteView { .. }
            | Ask::SetNotebook(_)
            | Ask::SetMeanings(_)
            | Ask::SetNaming(_)
            | Ask::Judge { .. }
            | Ask::NoteTemplate { .. }
            | Ask::ForgetPseudonyms { .. }
            | Ask::RememberPseudonym(_)
                if !is_owner =>
            {
                return Err(Failure::NotOwner);
            }
            Ask::Sql(ask) => return self.ask_sql(&mut state, id, ask).map(|()| None),
            ask => match engine.ask(id, ask) {
                None => return Ok(None),
                Some(ask) => ask,
            },
        };
        if !is_owner {
            return Err(Failure::NotOwner);
        }
        match ask {
            Ask::Import(import) => self.later(id, async move |data| {
                data.import(id, import, files).await.map(|imported| Some(Answer::Imported(imported)))
            }),
            Ask::ExportCase { of: None, disguise: None } => self.export_case(&mut state).map(Some),
            Ask::ExportCase { of, disguise } => {
                state.excerpt = Some(id);
                let filter = of.unwrap_or_default();
                self.later(id, async move |data| data.export_excerpt(id, filter, disguise).await.map(Some))
            }
            Ask::OpenCase => self.later(id, async move |data| data.take_case(id, files.into_iter().next()).await),
            Ask::ImportSamples { n_entries, seed } => self.make_samples(&mut state, id, n_entries, seed).map(|()| None),
            Ask::Pause(source) => leave(&mut state, source, Leave::Pause).map(Some),
            Ask::Stop(source) => leave(&mut state, source, Leave::Stop).map(Some),
            Ask::Resume(source) => resume(&mut state, source).map(Some),
            // The file of an archive that is being read is passed over.
            Ask::Remove(source) => match archive_to_come(&state, source) {
                Some(archive) if state.roster.archive_of(source).is_none() => {
                    self.hold(&mut state, id, ask, vec![archive], Leave::Rest)
                }
                _ => self.hold(&mut state, id, ask, vec![source], Leave::Remove),
            },
            Ask::Clear => {
                let all = state.roster.sources();
                self.hold(&mut state, id, ask, all, Leave::Remove)
            }
            Ask::SetReadAs { source, .. } => {
                let archive = archive_to_come(&state, source);
                let is_meant = |reading: &SourceId| *reading == source || Some(*reading) == archive;
                let rests = state.roster.sources().into_iter().filter(is_meant).collect();
                self.hold(&mut state, id, ask, rests, Leave::Rest)
            }
            Ask::SetZone(_) | Ask::SaveFormat { .. } | Ask::DeleteFormat { .. } => {
                let all = state.roster.sources();
                self.hold(&mut state, id, ask, all, Leave::Rest)
            }
            // The engine, or the page itself, has taken all others.
            _ => Ok(Some(Answer::Accepted)),
        }
    }

    /// Answers when `run` has ended, unless the answer comes later still. What it changed is saved and told in a turn.
    fn later<F>(&self, id: AskId, run: F) -> Result<Option<Answer>, Failure>
    where
        F: AsyncFnOnce(Rc<Self>) -> Result<Option<Answer>, Failure> + 'static,
    {
        let data = self.this();
        spawn_local(async move {
            match run(data.clone()).await.transpose() {
                None => {}
                Some(outcome) => done(id, outcome),
            }
            data.ticker.tick();
        });
        Ok(None)
    }

    pub(super) fn cancel(&self, id: AskId) {
        if self.cancel_sql(id) {
            return;
        }
        self.state.borrow_mut().excerpt.take_if(|excerpt| *excerpt == id);
        if let Some(engine) = &mut self.state.borrow_mut().engine {
            engine.cancel(id);
        }
        // Everything else goes on to its end, and says so: readers have been told already.
    }

    /// Makes the change when its sources are no longer read.
    pub(super) fn hold(
        &self,
        state: &mut State,
        id: AskId,
        ask: Ask,
        sources: Vec<SourceId>,
        why: Leave,
    ) -> Result<Option<Answer>, Failure> {
        let mut waits_for = Vec::new();
        for &source in &sources {
            if let Some((_, reader)) = state.roster.archive_of(source) {
                state.tell_reader(reader, &ToReader::Pass);
                waits_for.push(source);
            } else if let Left::Soon(reader) = state.roster.leave(source, why) {
                state.tell_reader(reader, &ToReader::Stop);
                waits_for.push(source);
            }
        }
        let rests = if why == Leave::Rest { sources } else { Vec::new() };
        state.held.push(Held { id, ask, waits_for, rests });
        self.make_due_changes(state);
        Ok(None)
    }

    /// `source` is no longer read: what waited for that goes on.
    pub(super) fn is_free(&self, state: &mut State, source: SourceId) {
        for held in &mut state.held {
            held.waits_for.retain(|&waiting| waiting != source);
        }
        self.make_due_changes(state);
    }

    fn make_due_changes(&self, state: &mut State) {
        while let Some(due) = state.held.iter().position(|held| held.waits_for.is_empty()) {
            let Held { id, ask, rests, .. } = state.held.remove(due);
            let Some(engine) = &mut state.engine else { return };
            let changed = match ask {
                Ask::Clear => {
                    let cleared = self.clear(state);
                    if let (Err(_), Some(engine)) = (&cleared, &mut state.engine) {
                        // Nobody reads any more: what was being read is interrupted. A failure here would be the same.
                        let _ = engine.store_mut().roll_back();
                    }
                    cleared
                }
                Ask::OpenCase => self.open_case(state),
                ask => {
                    if let Ask::Remove(source) = ask {
                        state.files.remove(&source);
                    }
                    engine.ask(id, ask);
                    state.resting.insert(id, rests);
                    continue;
                }
            };
            if changed.is_ok() {
                state.try_anew();
            }
            done(id, changed.map(|()| Answer::Accepted));
        }
    }

    /// A new database in place of the old one gives its space back at once, however much was in it.
    fn clear(&self, state: &mut State) -> Result<(), Failure> {
        let store = self.disk().begin_anew(|connection| {
            let mut store = Store::open(connection)?;
            if let Some(engine) = &state.engine {
                store.succeed(engine.store())?;
            }
            Ok(store)
        })?;
        let store = self.without_pseudonyms(store);
        match &mut state.engine {
            Some(engine) => drop(engine.exchange_store(store)),
            None => state.engine = Some(Engine::new(store)),
        }
        state.files.clear();
        state.excerpt = None;
        state.pace.committed();
        state.unsaved = None;
        state.try_anew();
        state.skip_revision();
        Ok(())
    }

    /// Those that were given in the workspace before are not known in this one.
    pub(super) fn without_pseudonyms(&self, mut store: Store) -> Store {
        self.disk().forget_pseudonyms();
        store.keep_pseudonyms_in(Box::new(Disk::connect_pseudonyms));
        store
    }

    /// Ends reading, saves, and lets go of the store. What can be gone on with when it is opened again is not waited for.
    async fn close(&self) -> Result<(), Failure> {
        {
            let mut state = self.state.borrow_mut();
            for source in state.roster.sources() {
                // A source that is gone has nothing to interrupt.
                let _ = leave(&mut state, source, Leave::Interrupt);
            }
            state.try_anew();
            state.set_closing(true);
        }
        self.ticker.tick();
        while self.is_busy() {
            scope::pause(POLL_MILLIS).await;
        }
        let lacks = {
            let state = self.state.borrow();
            let is_safe = state.role != Role::Owner || self.is_all_saved(&state);
            state.trouble().filter(|_| !is_safe)
        };
        match lacks {
            // What is only here is not dropped: the user decides.
            Some(trouble) => {
                self.state.borrow_mut().set_closing(false);
                self.ticker.tick();
                Err(trouble)
            }
            None => {
                self.give_up();
                Ok(())
            }
        }
    }

    /// Something is still read, stored or saved, and nothing has gone wrong with it.
    fn is_busy(&self) -> bool {
        let state = self.state.borrow();
        let is_reading = (0..state.readers.len()).any(|reader| state.roster.is_reading(reader));
        let is_done = !is_reading && state.heard.is_empty() && self.is_all_saved(&state);
        state.role == Role::Owner && (state.is_saving || (state.trouble().is_none() && !is_done))
    }

    fn is_all_saved(&self, state: &State) -> bool {
        let is_stored = state.engine.as_ref().is_none_or(|engine| !engine.store().has_uncommitted());
        is_stored && !self.disk().has_changes()
    }

    fn status(&self) -> Status {
        let state = self.state.borrow();
        let known = state.engine.as_ref().map(|engine| engine.store().status());
        let estimate = self.estimate.get();
        let of_readers = state.readers.iter().flatten().map(|reader| reader.memory_bytes);
        Status {
            role: state.role,
            storage: if self.disk().is_kept() { Storage::IndexedDb } else { Storage::MemoryOnly },
            usage_bytes: estimate.usage_bytes,
            quota_bytes: estimate.quota_bytes,
            persisted: estimate.persisted,
            wasm_memory_bytes: scope::memory_bytes() + of_readers.sum::<u64>(),
            trouble: state.trouble(),
            ..known.unwrap_or_else(nothing)
        }
    }
}

/// The archive of a file that is not read to its end, where the archive is being read or waits for that: its reader has come
/// to the file, or will, and would take it up in the middle of a change.
fn archive_to_come(state: &State, file: SourceId) -> Option<SourceId> {
    let file = state.engine.as_ref()?.store().source(file).filter(|file| is_open(&file.state))?;
    file.archive.filter(|archive| state.roster.sources().contains(archive))
}

fn accepted((): ()) -> Option<Answer> {
    Some(Answer::Accepted)
}

pub fn done(id: AskId, outcome: Result<Answer, Failure>) {
    scope::post(&ToApp::Done { id, outcome }, &[]);
}

/// Takes a source from its reader, now or soon. A file of an archive is left alone when it is stopped; for any other
/// reason its archive is left with it.
pub fn leave(state: &mut State, source: SourceId, why: Leave) -> Result<Answer, Failure> {
    let source = match state.roster.archive_of(source) {
        Some((_, reader)) if why == Leave::Stop => {
            state.tell_reader(reader, &ToReader::Pass);
            return Ok(Answer::Accepted);
        }
        Some((archive, _)) => archive,
        None => source,
    };
    match state.roster.leave(source, why) {
        Left::Soon(reader) => state.tell_reader(reader, &ToReader::Stop),
        Left::AtOnce => set_left(state, source, why)?,
    }
    Ok(Answer::Accepted)
}

/// A source has left its reader, or the queue, before its end.
pub fn set_left(state: &mut State, source: SourceId, why: Leave) -> Result<(), Failure> {
    let Some(engine) = &mut state.engine else { return Ok(()) };
    let store = engine.store_mut();
    let now = store.source(source).ok_or(Failure::Gone)?.state.clone();
    let was_read = matches!(now, SourceState::Waiting | SourceState::Reading | SourceState::Paused);
    let next = match why {
        Leave::Rest => SourceState::Waiting,
        Leave::Pause => SourceState::Paused,
        Leave::Stop => SourceState::Stopped,
        Leave::Interrupt => SourceState::Interrupted,
        Leave::Remove => return Ok(()),
    };
    if why == Leave::Stop {
        state.files.remove(&source);
    }
    // A source that came to its end before it heard of this stays as it is.
    if was_read { store.set_source_state(source, next) } else { Ok(()) }
}

fn resume(state: &mut State, source: SourceId) -> Result<Answer, Failure> {
    let Some(engine) = &mut state.engine else { return Err(Failure::NotOwner) };
    let store = engine.store_mut();
    let archive = store.source(source).ok_or(Failure::Gone)?.archive;
    if let Some(archive) = archive {
        // It is read on when its archive is, which may have passed it by now.
        store.set_source_state(source, SourceState::Waiting)?;
        state.roster.read_again(archive);
        let resumed = resume(state, archive);
        if let (Err(_), Some(engine)) = (&resumed, &mut state.engine) {
            engine.store_mut().set_source_state(source, SourceState::Interrupted)?;
        }
        return resumed;
    }
    if !state.files.contains_key(&source) {
        return Err(Failure::FileNeeded);
    }
    if state.roster.is_read(source) {
        return Ok(Answer::Accepted);
    }
    let Some(engine) = &mut state.engine else { return Err(Failure::NotOwner) };
    engine.store_mut().set_source_state(source, SourceState::Waiting)?;
    state.try_anew();
    state.roster.add(source);
    Ok(Answer::Accepted)
}

/// The status of a workspace that is not open here.
fn nothing() -> Status {
    Status {
        role: Role::OpenElsewhere,
        storage: Storage::IndexedDb,
        n_entries: 0,
        n_saved: 0,
        is_kept_saved: true,
        n_verdicts: 0,
        n_template_notes: 0,
        text_bytes: 0,
        stored_bytes: 0,
        usage_bytes: None,
        quota_bytes: None,
        persisted: false,
        zone: Zone::utc(),
        range: None,
        wasm_memory_bytes: 0,
        trouble: None,
    }
}
