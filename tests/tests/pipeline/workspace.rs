//! A workspace as the data thread has it, in memory or in a file, and short ways to fill and ask it.

use std::path::PathBuf;

use analysis::block::{Block, BlockBuilder};
use analysis::read::{Context, Position, Reader};
use model::entry::{Row, SourceId};
use model::protocol::{Answer, Ask, AskId, At, Count, Counted, Failure, Page, PageAsk, RowForm, ToApp};
use model::scope::{Filter, Order};
use model::source::{FileOffer, SourceState};
use model::time::{Nanos, Zone};
use rusqlite::{Connection, OpenFlags};
use worker::engine::Engine;
use worker::store::{FORMATS, Store};

pub struct Workspace {
    pub engine: Engine,
    n_asks: u64,
}

impl Workspace {
    pub fn in_memory() -> Self {
        Self::open(Connection::open_in_memory().unwrap())
    }

    pub fn open(connection: Connection) -> Self {
        Self { engine: Engine::new(Store::open(connection).unwrap()), n_asks: 0 }
    }

    pub fn store(&mut self) -> &mut Store {
        self.engine.store_mut()
    }

    pub fn add_source(&mut self, path: &str, bytes: u64) -> SourceId {
        let offer = FileOffer { path: path.to_owned(), bytes, modified_millis: 0 };
        let id = self.store().add_source(&offer, bytes);
        self.store().set_source_state(id, SourceState::Reading).unwrap();
        id
    }

    /// Takes a whole file in, in blocks of `n_entries`, and commits.
    pub fn take_in(&mut self, path: &str, text: &str, n_entries: usize) -> SourceId {
        let id = self.add_source(path, text.len() as u64);
        self.store().insert_blocks(id, blocks_of(path, text, n_entries)).unwrap();
        self.store().set_source_state(id, SourceState::Complete).unwrap();
        self.commit();
        id
    }

    pub fn commit(&mut self) {
        let commit = self.store().commit(0.0).unwrap();
        self.store().saved(&commit);
    }

    /// Asks and waits for the end; partial answers must be what the final one goes on from.
    pub fn ask(&mut self, ask: Ask) -> Result<Answer, Failure> {
        self.n_asks += 1;
        let id = AskId(self.n_asks);
        assert_eq!(self.engine.ask(id, ask), None);
        let mut so_far = None;
        loop {
            assert!(!self.engine.is_idle(), "an ask without an end");
            for message in self.engine.step() {
                match message {
                    ToApp::Progress { id: of, so_far: Some(answer), .. } if of == id => so_far = Some(answer),
                    ToApp::Done { id: of, outcome } if of == id => {
                        if let (Some(so_far), Ok(answer)) = (&so_far, &outcome) {
                            assert_goes_on(so_far, answer);
                        }
                        return outcome;
                    }
                    _ => {}
                }
            }
        }
    }

    /// Asks and waits for the end; all that was said of it.
    pub fn messages(&mut self, ask: Ask) -> Vec<ToApp> {
        self.begin(ask);
        let mut messages = Vec::new();
        while !self.engine.is_idle() {
            messages.extend(self.engine.step());
        }
        messages
    }

    /// Asks without waiting: whoever steps the engine goes on.
    /// In how many steps it is answered.
    pub fn n_steps(&mut self, ask: Ask) -> usize {
        self.begin(ask);
        std::iter::from_fn(|| (!self.engine.is_idle()).then(|| self.engine.step())).count()
    }

    pub fn begin(&mut self, ask: Ask) {
        self.n_asks += 1;
        assert_eq!(self.engine.ask(AskId(self.n_asks), ask), None);
    }

    pub fn count(&mut self, filter: &Filter) -> Counted {
        match self.ask(Ask::Count(Count { filter: filter.clone() })) {
            Ok(Answer::Count(counted)) => counted,
            other => panic!("not a count: {other:?}"),
        }
    }

    pub fn page(&mut self, filter: &Filter, at: At, n_rows: u32) -> Page {
        self.page_of(filter, at, n_rows, RowForm::default())
    }

    pub fn page_of(&mut self, filter: &Filter, at: At, n_rows: u32, form: RowForm) -> Page {
        match self.ask(Ask::Page(PageAsk { filter: filter.clone(), at, n_rows, form })) {
            Ok(Answer::Page(page)) => page,
            other => panic!("not a page: {other:?}"),
        }
    }

    /// All rows, page by page.
    pub fn rows(&mut self, filter: &Filter, n_rows: u32) -> Vec<Row> {
        let mut rows: Vec<Row> = Vec::new();
        loop {
            let page = self.page(filter, At::Rank(rows.len() as u64), n_rows);
            assert_eq!(page.first, rows.len() as u64);
            let n_got = page.rows.len();
            rows.extend(page.rows);
            if n_got < n_rows as usize {
                return rows;
            }
        }
    }
}

/// A database file that goes away with the test.
pub struct File(PathBuf);

impl File {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("dendro-{}-{name}.sqlite", std::process::id()));
        let _ = std::fs::remove_file(&path);
        Self(path)
    }

    pub fn open(&self) -> Workspace {
        Workspace::open(Connection::open(&self.0).unwrap())
    }

    /// What is committed, to look at.
    pub fn look_at(&self) -> Store {
        Store::look_at(Connection::open_with_flags(&self.0, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()).unwrap()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn assert_goes_on(so_far: &Answer, answer: &Answer) {
    match (so_far, answer) {
        (Answer::Page(so_far), Answer::Page(page)) => {
            assert_eq!(so_far.first, page.first);
            let keys = |page: &Page| page.rows.iter().map(|row| row.key).collect::<Vec<_>>();
            assert!(keys(page).starts_with(&keys(so_far)), "rows once shown stay where they are");
        }
        (Answer::Count(so_far), Answer::Count(counted)) => assert!(so_far.n_entries <= counted.n_entries),
        _ => {}
    }
}

pub fn filter(query: &str, order: Order) -> Filter {
    Filter { query: query.to_owned(), range: None, order }
}

/// Sources that a file may be a later state of: each with the bytes and the fingerprint that its own had.
pub fn shorter(store: &Store, offer: &FileOffer) -> Vec<(SourceId, u64, u64)> {
    store.may_have_grown(offer).into_iter().map(|before| (before.source, before.bytes, before.fingerprint)).collect()
}

/// The blocks of a file, of `n_entries` each: small ones, so that a short text has many.
pub fn blocks_of(path: &str, text: &str, n_entries: usize) -> Vec<Block> {
    resumed_blocks_of(path, text, n_entries, None)
}

/// The blocks from `position` on.
pub fn resumed_blocks_of(path: &str, text: &str, n_entries: usize, position: Option<Position>) -> Vec<Block> {
    let context = Context { path: path.to_owned(), modified: Nanos(0), zone: Zone::utc() };
    let (mut reader, mut builder, from) = match position {
        None => (Reader::new(&FORMATS, context), BlockBuilder::new(Nanos(0)), 0),
        Some(position) => {
            let from = position.offset as usize;
            let builder = BlockBuilder::resume(Nanos(0), &position);
            (Reader::resume(&FORMATS, context, position), builder, from)
        }
    };
    let mut blocks = Vec::new();
    let mut n_pushed = 0;
    reader.push(&text.as_bytes()[from..]);
    reader.finish();
    while let Some(record) = reader.next_record() {
        builder.push(&record);
        n_pushed += 1;
        if n_pushed == n_entries {
            blocks.push(builder.finish(reader.position(), &FORMATS));
            n_pushed = 0;
        }
    }
    if n_pushed > 0 {
        blocks.push(builder.finish(reader.position(), &FORMATS));
    }
    blocks
}
