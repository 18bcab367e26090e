//! The data thread: hears the page, lets the engine answer, and takes files in beside that.
//!
//! Everything happens in short turns ([`Data::turn`]) between which messages are heard: first the questions of the views,
//! then blocks that readers sent, then a commit when one is due. Saving goes on while the next turns run.

mod asks;

mod case_file;

mod fields;

mod import;

mod opening;

mod saving;

mod sql;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::{Rc, Weak};

use model::entry::SourceId;
use model::protocol::{AskId, BUILD, Failure, Revision, Role, ToApp, ToWorker};
use model::source::{FileOffer, SourceState};
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use super::estimate::Estimate;
use super::ownership::{News, Ownership};
use super::persist::Disk;
use super::readers::{Heard, Reader};
use super::scope::{self, Ticker};
use super::sql::SqlThread;
use crate::engine::Engine;
use crate::intake::words::ToReader;
use crate::intake::{Pace, ReaderId, Roster, Starts};
use crate::store::Commit;

/// While files are read, one turn's time for questions, and again for blocks: a message waits no longer than both.
const TURN_MILLIS: f64 = 10.0;
/// One turn's time for questions when nothing else is to be done. A keystroke asks for count, histogram and rows in this
/// order: rows, which go first, are not to wait until the others have used up a long turn.
const QUICK_TURN_MILLIS: f64 = 2.0;
/// Views hear of changes four times a second at most.
const CHANGED_MILLIS: f64 = 250.0;

pub fn start() {
    let data = Rc::new_cyclic(|me: &Weak<Data>| {
        let (turns, hears) = (me.clone(), me.clone());
        Data {
            me: me.clone(),
            ticker: Ticker::new(move || {
                if let Some(data) = turns.upgrade() {
                    data.turn();
                }
            }),
            ownership: Ownership::new(move |news| {
                if let Some(data) = hears.upgrade() {
                    data.hear_news(news);
                }
            }),
            disk: OnceCell::new(),
            is_told_ready: Cell::new(false),
            estimate: Cell::new(Estimate::default()),
            state: RefCell::new(State::default()),
        }
    });
    let hears = data.clone();
    scope::listen(move |message, files| hears.hear(message, files));
    spawn_local(async move { data.open().await });
}

pub struct Data {
    me: Weak<Data>,
    ticker: Ticker,
    ownership: Ownership,
    /// Set once, before anything is asked of it.
    disk: OnceCell<Disk>,
    is_told_ready: Cell<bool>,
    estimate: Cell<Estimate>,
    state: RefCell<State>,
}

/// A file that is not read to its end.
struct OpenFile {
    file: File,
    /// What was read of its source before is there until the first of this file has come.
    anew: Option<Anew>,
}

/// The grown file of a source that is read from its beginning.
struct Anew {
    offer: FileOffer,
    fingerprint: u64,
}

/// Never borrowed across an await.
struct State {
    role: Role,
    /// Counts how often this tab became the owner.
    ownership: u64,
    /// `None` while the workspace is not open here.
    engine: Option<Engine>,
    /// Added to the store's own revisions, which start anew with each opening: the page sees them grow.
    first_revision: u64,
    told: Revision,
    told_millis: f64,

    roster: Roster,
    /// Each is started when there is a source for it.
    readers: Vec<Option<Reader>>,
    starts: Starts,
    /// Makes sample logs, for as long as that takes.
    sampler: Option<(Reader, AskId)>,
    /// Runs statements of SQL, from the first one on.
    sql: Option<SqlThread>,
    /// What readers said, in order, until there is a turn for it.
    heard: VecDeque<Heard>,
    /// Files that are not read to their end.
    files: BTreeMap<SourceId, OpenFile>,
    /// Changes that wait until nobody reads what they are about.
    held: Vec<asks::Held>,
    /// The case file of some entries that is being written.
    excerpt: Option<AskId>,
    /// What an `Ask::OpenCase` among those waits with.
    incoming: Option<case_file::Incoming>,
    /// Sources to go on with when the change under way is done.
    resting: BTreeMap<AskId, Vec<SourceId>>,

    pace: Pace,
    is_saving: bool,
    unsaved: Option<Commit>,
    /// No commit and no save before this.
    retry_millis: f64,
    /// What went wrong with opening or storing.
    trouble: Option<Failure>,
    /// What went wrong with the last save; the next that succeeds clears it.
    saving_trouble: Option<Failure>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            role: Role::OpenElsewhere,
            ownership: 0,
            engine: None,
            first_revision: 0,
            told: Revision::default(),
            told_millis: 0.0,
            roster: Roster::new(0),
            readers: Vec::new(),
            starts: Starts::default(),
            sampler: None,
            sql: None,
            heard: VecDeque::new(),
            files: BTreeMap::new(),
            held: Vec::new(),
            excerpt: None,
            incoming: None,
            resting: BTreeMap::new(),
            pace: Pace::default(),
            is_saving: false,
            unsaved: None,
            retry_millis: 0.0,
            trouble: None,
            saving_trouble: None,
        }
    }
}

impl State {
    fn revision(&self) -> Revision {
        Revision(self.first_revision + self.engine.as_ref().map_or(0, |engine| engine.revision().0))
    }

    /// The source that a file of this size and content is, or is about to be.
    fn known(&self, bytes: u64, fingerprint: u64) -> Option<SourceId> {
        let store = self.engine.as_ref()?.store();
        store.known(bytes, fingerprint).or_else(|| {
            let is_same = |anew: &Anew| anew.offer.bytes == bytes && anew.fingerprint == fingerprint;
            self.files.iter().find(|(_, open)| open.anew.as_ref().is_some_and(is_same)).map(|(&source, _)| source)
        })
    }

    fn trouble(&self) -> Option<Failure> {
        self.saving_trouble.as_ref().or(self.trouble.as_ref()).cloned()
    }

    /// The user did something about what went wrong, or it is worth another try for another reason.
    fn try_anew(&mut self) {
        self.trouble = None;
        self.saving_trouble = None;
        self.retry_millis = 0.0;
    }

    fn set_closing(&mut self, is_closing: bool) {
        if let Some(engine) = &mut self.engine {
            engine.set_closing(is_closing);
        }
    }

    /// What a reader that does not run need not hear is dropped.
    fn tell_reader(&mut self, reader: ReaderId, message: &ToReader) {
        if let Some(Some(reader)) = self.readers.get_mut(reader) {
            reader.tell(message, &[]);
        }
    }

    /// The page is to see a change, whatever the store says.
    fn skip_revision(&mut self) {
        self.first_revision = self.told.0 + 1;
    }
}

impl Data {
    fn this(&self) -> Rc<Self> {
        self.me.upgrade().expect("whoever calls a method holds it")
    }

    fn hear(&self, message: ToWorker, files: Vec<File>) {
        match message {
            ToWorker::Ask { id, ask } => self.take_ask(id, ask, files),
            ToWorker::Cancel { id } => self.cancel(id),
        }
        self.ticker.tick();
    }

    fn hear_news(&self, news: News) {
        let data = self.this();
        match news {
            News::Granted => spawn_local(async move { data.become_owner().await }),
            News::Waiting => spawn_local(async move { data.wait_for_ownership().await }),
            News::Stolen => self.lose(),
        }
    }

    /// Tells the page that asks are welcome; once.
    fn tell_ready(&self) {
        if !self.is_told_ready.replace(true) {
            let mut state = self.state.borrow_mut();
            state.told = state.revision();
            scope::post(&ToApp::Ready { build: BUILD.to_owned(), revision: state.told }, &[]);
        }
    }

    fn turn(&self) {
        self.answer();
        self.take_in();
        self.make_fields();
        self.commit_and_save();
        self.supply_sql();
        self.tell_changes();
        let state = self.state.borrow();
        let has_questions = state.engine.as_ref().is_some_and(|engine| !engine.is_idle());
        let has_blocks = !state.heard.is_empty() && state.pace.may_insert();
        let has_statements = state.sql.as_ref().is_some_and(SqlThread::has_work);
        if has_questions || has_blocks || has_statements || fields::may_make_fields(&state) {
            self.ticker.tick();
        } else if self.is_waiting(&state) {
            self.ticker.tick_after(CHANGED_MILLIS as i32);
        }
    }

    /// Something is due later: a commit, another try to save, or news for the views.
    fn is_waiting(&self, state: &State) -> bool {
        let Some(engine) = &state.engine else { return false };
        let is_unsaved = engine.store().has_uncommitted() || self.disk().has_changes();
        state.revision() != state.told || (state.role == Role::Owner && is_unsaved)
    }

    fn disk(&self) -> &Disk {
        self.disk.get().expect("set before the first ask and the first news")
    }

    /// Lets the engine work on the views' questions.
    fn answer(&self) {
        let mut state = self.state.borrow_mut();
        let millis = if state.heard.is_empty() { QUICK_TURN_MILLIS } else { TURN_MILLIS };
        let deadline = scope::now_millis() + millis;
        let mut done = Vec::new();
        let state = &mut *state;
        if let Some(engine) = &mut state.engine {
            let n_bytes_before = engine.store().n_inserted_bytes();
            while !engine.is_idle() {
                for message in engine.step() {
                    if let ToApp::Done { id, .. } = message {
                        done.push(id);
                    }
                    scope::post(&message, &[]);
                }
                if scope::now_millis() >= deadline {
                    break;
                }
            }
            // A source that is read again makes blocks too.
            let n_bytes = engine.store().n_inserted_bytes() - n_bytes_before;
            if n_bytes > 0 {
                state.pace.inserted(n_bytes, scope::now_millis());
            }
        }
        for id in done {
            let Some(rested) = state.resting.remove(&id) else { continue };
            // A source that is gone may have made the room that was lacking.
            state.try_anew();
            for source in rested {
                go_on_after_rest(state, source);
            }
        }
    }

    fn tell_changes(&self) {
        let mut state = self.state.borrow_mut();
        let now = scope::now_millis();
        let revision = state.revision();
        if self.is_told_ready.get() && revision != state.told && now - state.told_millis >= CHANGED_MILLIS {
            state.told = revision;
            state.told_millis = now;
            scope::post(&ToApp::Changed { revision }, &[]);
        }
    }
}

/// Unless the user decided otherwise meanwhile.
fn go_on_after_rest(state: &mut State, source: SourceId) {
    let now = state.engine.as_ref().and_then(|engine| engine.store().source(source));
    if now.is_some_and(|source| source.state == SourceState::Waiting) {
        state.roster.add(source);
    }
}
