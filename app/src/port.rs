//! The page's end of the line to the data thread.
//!
//! ```ignore
//! let port = Port::open(move |event| match event { Event::Changed(revision) => …, … });
//! let pending = port.ask(Ask::Count(count), move |reply| match reply {
//!     Reply::Progress { so_far, .. } => …,   // replaces what came before
//!     Reply::Done(outcome) => …,             // exactly once, last
//! });
//! drop(pending);                             // cancels; the closure is not called again
//! ```
//! Asks made before the data thread is ready wait here. When it stops working, every open ask is done with
//! [`Failure::Crashed`], and so is every later one.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use model::entry::SourceId;
use model::protocol::{Answer, Ask, AskId, BUILD, Failure, Import, Imported, OnKnown, Revision, ToApp, ToWorker};
use model::say;
use model::source::FileOffer;
use model::wire;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{ErrorEvent, Event as DomEvent, File, MessageEvent, Worker, WorkerOptions, WorkerType};

use crate::handles;

/// Loads the data thread; relative to the page, so that the product works under a sub-path.
const LOADER: &str = "./worker_loader.js";

/// A line to one data thread; clones share it.
#[derive(Clone)]
pub struct Port {
    line: Rc<Line>,
}

/// What the data thread says unasked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Ready(Revision),
    Changed(Revision),
    /// Page and data thread are of different builds: only a reload helps.
    OtherBuild,
    /// The data thread stopped working; a sentence for the user.
    Crashed(String),
}

/// What comes back for one ask.
pub enum Reply {
    /// `so_far` replaces the partial answer before it.
    Progress {
        done: u64,
        total: u64,
        so_far: Option<Answer>,
    },
    Done(Result<Answer, Failure>),
}

/// A file the user handed over.
#[derive(Clone, Debug)]
pub struct PickedFile {
    /// Path inside the dropped folder ("var/log/app.log"), or the bare name.
    pub path: String,
    pub file: File,
    /// The `FileSystemFileHandle` it came from, where there is one: kept, so that an interrupted import can go on.
    pub handle: Option<JsValue>,
}

impl PickedFile {
    /// A file from an input or a drop; inside a picked folder it knows its own path.
    pub fn new(file: File) -> Self {
        let inside_folder = js_sys::Reflect::get(&file, &"webkitRelativePath".into()).ok().and_then(|p| p.as_string());
        let path = inside_folder.filter(|path| !path.is_empty()).unwrap_or_else(|| file.name());
        Self { path, file, handle: None }
    }

    fn offer(&self) -> FileOffer {
        FileOffer {
            path: self.path.clone(),
            bytes: self.file.size() as u64,
            modified_millis: self.file.last_modified() as i64,
        }
    }
}

/// An ask under way. Dropping it cancels.
#[must_use = "dropping it cancels the ask; `forget` lets it run"]
pub struct Pending {
    line: Rc<Line>,
    id: AskId,
}

impl Pending {
    /// Lets the ask run to its end.
    pub fn forget(self) {
        std::mem::forget(self);
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.line.cancel(self.id);
    }
}

impl Port {
    /// Starts the data thread; `on_event` hears what it says unasked.
    pub fn open(on_event: impl Fn(Event) + 'static) -> Self {
        let line = Rc::new(Line {
            worker: RefCell::new(None),
            state: RefCell::new(State::Starting(Vec::new())),
            replies: RefCell::new(BTreeMap::new()),
            n_asked: Cell::new(0),
            outgoing: RefCell::default(),
            on_event: Box::new(on_event),
        });
        line.start();
        Self { line }
    }

    /// Asks; `on_reply` is never called from inside this call.
    ///
    /// What only a page can do is done on the way: [`Ask::Persist`] asks the browser first, and [`Ask::Resume`] looks for a
    /// kept handle where the data thread has no file (and fails with [`Failure::FileNeeded`] where there is none, with
    /// [`Failure::FileChanged`] where it leads to another file by now).
    pub fn ask(&self, ask: Ask, on_reply: impl Fn(Reply) + 'static) -> Pending {
        match ask {
            Ask::Persist => return self.persist(on_reply),
            Ask::Remove(source) => {
                return self.ask_and_then(ask, on_reply, move || spawn_local(handles::forget(source)));
            }
            Ask::Clear => return self.ask_and_then(ask, on_reply, || spawn_local(handles::forget_all())),
            Ask::Resume(source) => return self.resume(source, on_reply),
            _ => {}
        }
        self.ask_with_files(ask, &[], on_reply)
    }

    /// Takes files in; see [`Ask::Import`].
    pub fn import(&self, files: &[PickedFile], known: OnKnown, on_reply: impl Fn(Reply) + 'static) -> Pending {
        let offers = files.iter().map(PickedFile::offer).collect();
        let offered: Vec<Option<JsValue>> = files.iter().map(|picked| picked.handle.clone()).collect();
        self.ask_with_files(Ask::Import(Import { offers, known }), files, move |reply| {
            if let Reply::Done(Ok(Answer::Imported(imported))) = &reply {
                spawn_local(keep_handles(imported.clone(), offered.clone()));
            }
            on_reply(reply);
        })
    }

    /// Has a case file take the place of the workspace; see [`Ask::OpenCase`].
    pub fn open_case(&self, case: &PickedFile, on_reply: impl Fn(Reply) + 'static) -> Pending {
        self.ask_with_files(Ask::OpenCase, std::slice::from_ref(case), move |reply| {
            if let Reply::Done(Ok(_)) = reply {
                // They are of sources that are gone.
                spawn_local(handles::forget_all());
            }
            on_reply(reply);
        })
    }

    /// `persist` is for pages alone; whether it was granted is what the data thread then tells.
    fn persist(&self, on_reply: impl Fn(Reply) + 'static) -> Pending {
        let pending = self.expect(on_reply);
        let (line, id) = (self.line.clone(), pending.id);
        spawn_local(async move {
            let storage = web_sys::window().map(|window| window.navigator().storage());
            if let Some(promise) = storage.and_then(|storage| storage.persist().ok()) {
                let _ = JsFuture::from(promise).await;
            }
            line.send(Letter { message: ToWorker::Ask { id, ask: Ask::Persist }, files: Vec::new() });
        });
        pending
    }

    fn resume(&self, source: SourceId, on_reply: impl Fn(Reply) + 'static) -> Pending {
        let (port, on_reply) = (self.clone(), Rc::new(on_reply));
        self.ask_with_files(Ask::Resume(source), &[], move |reply| {
            if !matches!(reply, Reply::Done(Err(Failure::FileNeeded))) {
                return on_reply(reply);
            }
            let (port, on_reply) = (port.clone(), on_reply.clone());
            spawn_local(async move {
                let Some(file) = handles::file_of(source).await else {
                    return on_reply(Reply::Done(Err(Failure::FileNeeded)));
                };
                // The same file as before goes on where it stopped. One that has changed (a log that grew) would be read
                // beside it, all that is known once more.
                let on_imported = move |reply| {
                    if let Reply::Done(outcome) = reply {
                        on_reply(Reply::Done(outcome.map(|_| Answer::Accepted)));
                    }
                };
                port.import(&[PickedFile::new(file)], OnKnown::GoOn, on_imported).forget();
            });
        })
    }

    /// With something to do once it has been done.
    fn ask_and_then(&self, ask: Ask, on_reply: impl Fn(Reply) + 'static, then: impl Fn() + 'static) -> Pending {
        self.ask_with_files(ask, &[], move |reply| {
            if let Reply::Done(Ok(_)) = reply {
                then();
            }
            on_reply(reply);
        })
    }

    fn ask_with_files(&self, ask: Ask, files: &[PickedFile], on_reply: impl Fn(Reply) + 'static) -> Pending {
        let pending = self.expect(on_reply);
        let files = files.iter().map(|picked| picked.file.clone()).collect();
        self.line.send(Letter { message: ToWorker::Ask { id: pending.id, ask }, files });
        pending
    }

    /// The place for the replies to an ask that is about to be sent.
    fn expect(&self, on_reply: impl Fn(Reply) + 'static) -> Pending {
        let id = AskId(self.line.n_asked.get());
        self.line.n_asked.set(id.0 + 1);
        self.line.replies.borrow_mut().insert(id, Rc::new(on_reply));
        Pending { line: self.line.clone(), id }
    }
}

/// A message and the files that travel beside it.
struct Letter {
    message: ToWorker,
    files: Vec<File>,
}

impl Letter {
    fn id(&self) -> AskId {
        match self.message {
            ToWorker::Ask { id, .. } | ToWorker::Cancel { id } => id,
        }
    }
}

enum State {
    /// Letters wait until the data thread is ready.
    Starting(Vec<Letter>),
    Ready,
    Broken(Failure),
}

type OnReply = Rc<dyn Fn(Reply)>;

struct Line {
    worker: RefCell<Option<Worker>>,
    state: RefCell<State>,
    replies: RefCell<BTreeMap<AskId, OnReply>>,
    n_asked: Cell<u64>,
    /// Letters of this moment.
    outgoing: RefCell<Vec<Letter>>,
    on_event: Box<dyn Fn(Event)>,
}

impl Line {
    /// The data thread lives as long as the page, so its listeners are never taken back.
    fn start(self: &Rc<Self>) {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        options.set_name("dendro data");
        let worker = match Worker::new_with_options(LOADER, &options) {
            Ok(worker) => worker,
            Err(_) => return self.break_soon(say!("The browser refused to start the data thread.")),
        };

        let line = self.clone();
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| line.receive(&event.data()))
            .into_js_value();
        worker.set_onmessage(Some(on_message.unchecked_ref()));

        let line = self.clone();
        let on_error = Closure::<dyn Fn(DomEvent)>::new(move |event: DomEvent| {
            // A loader that could not be fetched gives a plain event without a message.
            let message = event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message).unwrap_or_default();
            let message = if message.is_empty() { say!("its program could not be loaded").to_owned() } else { message };
            line.break_down(Failure::Crashed { message });
        })
        .into_js_value();
        worker.set_onerror(Some(on_error.unchecked_ref()));
        self.worker.replace(Some(worker));
    }

    fn send(self: &Rc<Self>, letter: Letter) {
        let broken = match &mut *self.state.borrow_mut() {
            State::Starting(waiting) => return waiting.push(letter),
            State::Ready => None,
            State::Broken(failure) => Some(failure.clone()),
        };
        match broken {
            None => self.post_soon(letter),
            Some(failure) => {
                let line = self.clone();
                soon(move || line.reply(letter.id(), Reply::Done(Err(failure))));
            }
        }
    }

    /// What is asked in one go goes out together: the data thread then sees at once which of it is urgent.
    fn post_soon(self: &Rc<Self>, letter: Letter) {
        let mut outgoing = self.outgoing.borrow_mut();
        outgoing.push(letter);
        if let [_] = **outgoing {
            let line = self.clone();
            soon(move || line.outgoing.take().iter().for_each(|letter| line.post(letter)));
        }
    }

    fn post(&self, letter: &Letter) {
        let bytes = Uint8Array::from(wire::encode(&letter.message).as_slice());
        let files: Array = letter.files.iter().collect();
        let transferred = Array::of1(&bytes.buffer());
        if let Some(worker) = &*self.worker.borrow() {
            // Plain bytes and `File` objects can always be cloned.
            let _ = worker.post_message_with_transfer(&Array::of2(&bytes, &files), &transferred);
        }
    }

    fn receive(self: &Rc<Self>, data: &JsValue) {
        // Its last words, when it panics, are a bare string.
        if let Some(message) = data.as_string() {
            return self.break_down(Failure::Crashed { message });
        }
        let Some(bytes) = data.dyn_ref::<Uint8Array>() else { return };
        match wire::decode(&bytes.to_vec()) {
            Ok(ToApp::Ready { build, .. }) if build != BUILD => self.break_down(Failure::OtherBuild),
            Ok(ToApp::Ready { revision, .. }) => {
                if let State::Starting(waiting) = self.state.replace(State::Ready) {
                    waiting.iter().for_each(|letter| self.post(letter));
                }
                (self.on_event)(Event::Ready(revision));
            }
            Ok(ToApp::Changed { revision }) => (self.on_event)(Event::Changed(revision)),
            Ok(ToApp::Progress { id, done, total, so_far }) => self.reply(id, Reply::Progress { done, total, so_far }),
            Ok(ToApp::Done { id, outcome }) => self.reply(id, Reply::Done(outcome)),
            // Messages of one build always decode.
            Err(wire::Garbled) => self.break_down(Failure::OtherBuild),
        }
    }

    /// A reply to an ask that was cancelled meanwhile finds nobody.
    fn reply(&self, id: AskId, reply: Reply) {
        let mut replies = self.replies.borrow_mut();
        let on_reply = match reply {
            Reply::Progress { .. } => replies.get(&id).cloned(),
            Reply::Done(_) => replies.remove(&id),
        };
        drop(replies);
        if let Some(on_reply) = on_reply {
            on_reply(reply);
        }
    }

    fn cancel(self: &Rc<Self>, id: AskId) {
        let was_open = self.replies.borrow_mut().remove(&id).is_some();
        if !was_open {
            return;
        }
        let is_ready = match &mut *self.state.borrow_mut() {
            State::Starting(waiting) => {
                waiting.retain(|letter| letter.id() != id);
                false
            }
            State::Ready => true,
            State::Broken(_) => false,
        };
        if is_ready {
            self.post_soon(Letter { message: ToWorker::Cancel { id }, files: Vec::new() });
        }
    }

    fn break_soon(self: &Rc<Self>, message: &str) {
        let (line, failure) = (self.clone(), Failure::Crashed { message: message.to_owned() });
        soon(move || line.break_down(failure));
    }

    /// Only the first failure is told: those that follow are its echoes.
    fn break_down(&self, failure: Failure) {
        if matches!(&*self.state.borrow(), State::Broken(_)) {
            return;
        }
        self.state.replace(State::Broken(failure.clone()));
        let open: Vec<AskId> = self.replies.borrow().keys().copied().collect();
        for id in open {
            self.reply(id, Reply::Done(Err(failure.clone())));
        }
        (self.on_event)(match failure {
            Failure::OtherBuild => Event::OtherBuild,
            failure => Event::Crashed(failure.to_string()),
        });
    }
}

fn soon(run: impl FnOnce() + 'static) {
    spawn_local(async move { run() });
}

/// Sources come in the order of the offers, those left out that are known.
async fn keep_handles(imported: Imported, offered: Vec<Option<JsValue>>) {
    let taken =
        offered.into_iter().zip(0..).filter(|(_, index)| !imported.known.iter().any(|(known, _)| known == index));
    for (source, (handle, _)) in imported.added.into_iter().zip(taken) {
        if let Some(handle) = handle {
            handles::keep(source, &handle).await;
        }
    }
}
