//! What the user keeps: marks and saved views, asked for and changed.

use analysis::search::Highlighter;
use model::entry::{Entry, RowKey};
use model::kept::{Mark, MarkId, SavedView};
use model::notebook::Notebook;
use model::protocol::{Answer, Failure, RowForm};
use model::query::Expr;
use model::template::Followed;

use super::{Job, Step, row};
use crate::store::{Following, Found, Store};

/// Marks whose entries are looked for in one step: each opens a block.
const STEP_MARKS: usize = 16;

/// Views that are followed in one step: each may name a template that is held against all others.
const STEP_VIEWS: usize = 16;

/// All marks, with the entries they are on now.
#[derive(Default)]
pub struct MarksJob {
    generation: Option<u64>,
    marks: Vec<Mark>,
    n_done: usize,
}

impl Job for MarksJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        let generation = store.generation();
        if self.generation.replace(generation) != Some(generation) {
            (self.marks, self.n_done) = (store.marks()?, 0);
        }
        let mut n_looked_up = 0;
        while let Some(mark) = self.marks.get_mut(self.n_done).filter(|_| n_looked_up < STEP_MARKS) {
            if mark.key.is_none() {
                mark.key = store.find_mark(mark)?;
                n_looked_up += 1;
            }
            mark.time = mark.key.map_or(mark.time, |key| key.time);
            self.n_done += 1;
        }
        if self.n_done < self.marks.len() {
            return Ok(Step::More { done: self.n_done as u64, total: self.marks.len() as u64, so_far: None });
        }
        self.marks.sort_by_key(|mark| (mark.time, mark.id));
        Ok(Step::Finished(Answer::Marks(std::mem::take(&mut self.marks))))
    }
}

/// The marks, then their entries.
#[derive(Default)]
pub struct MarkedEntriesJob {
    marks: MarksJob,
    found: Option<Vec<Mark>>,
}

impl Job for MarkedEntriesJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        let Some(found) = self.found.take() else {
            return Ok(match self.marks.step(store)? {
                Step::Finished(Answer::Marks(marks)) => {
                    self.found = Some(marks);
                    Step::More { done: 0, total: 1, so_far: None }
                }
                step => step,
            });
        };
        let mut marked = Vec::with_capacity(found.len());
        for mark in found {
            let entry = match mark.key {
                Some(key) => opened(store, key)?,
                None => None,
            };
            marked.push((mark, entry));
        }
        Ok(Step::Finished(Answer::MarkedEntries(marked)))
    }
}

fn opened(store: &mut Store, key: RowKey) -> Result<Option<Box<Entry>>, Failure> {
    let Some(slot) = store.blocks.directory().find_entry(key.source, key.entry) else { return Ok(None) };
    let place = (key.entry - store.blocks.info(slot).first_entry) as usize;
    Ok(Some(Box::new(row::entry(&mut store.blocks, slot, place, &Highlighter::new(&Expr::All))?)))
}

pub struct OwnTablesJob;

impl Job for OwnTablesJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        Ok(Step::Finished(Answer::OwnTables(store.list_of_own_tables()?)))
    }
}

/// All saved views, as they ask for the templates there are now.
#[derive(Default)]
pub struct ViewsJob {
    generation: Option<u64>,
    views: Vec<SavedView>,
    n_done: usize,
    following: Option<Following>,
}

impl Job for ViewsJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        let generation = store.generation();
        if self.generation.replace(generation) != Some(generation) {
            (self.views, self.n_done) = (store.views()?, 0);
            // Where templates are not found yet, the page follows them when it shows the view.
            let found = store.blocks.known_templates();
            self.following = found.map(|found| store.following(found)).transpose()?;
        }
        if let Some(following) = &mut self.following {
            for view in self.views.iter_mut().skip(self.n_done).take(STEP_VIEWS) {
                if let Some(address) = following.address(&view.address) {
                    view.address = address;
                }
                self.n_done += 1;
            }
            if self.n_done < self.views.len() {
                return Ok(Step::More { done: self.n_done as u64, total: self.views.len() as u64, so_far: None });
            }
        }
        Ok(Step::Finished(Answer::Views(std::mem::take(&mut self.views))))
    }
}

/// Which templates a query is meant for.
pub struct FollowJob {
    pub query: String,
}

impl Job for FollowJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        let found = store.blocks.templates()?;
        store.remember_asked(&self.query, &found)?;
        let now = store.following(found)?.query(&self.query);
        Ok(Step::Finished(Answer::Followed(Followed { query: std::mem::take(&mut self.query), now })))
    }
}

pub struct NotebookJob;

impl Job for NotebookJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        Ok(Step::Finished(Answer::Notebook(store.notebook()?)))
    }
}

/// A change of what is kept; one step.
pub enum KeepJob {
    Mark(RowKey),
    KeepMark(Box<Mark>),
    SetNote { mark: MarkId, note: String },
    Unmark(MarkId),
    SaveView { name: String, address: String, before: Option<String> },
    SetViewNote { name: String, note: String },
    DeleteView { name: String },
    SetNotebook(Notebook),
}

impl Job for KeepJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        match self {
            Self::Mark(key) => mark(store, *key)?,
            Self::KeepMark(mark) => store.keep_mark(mark)?,
            Self::SetNote { mark, note } => store.set_note(*mark, note)?,
            Self::Unmark(mark) => store.unmark(*mark)?,
            Self::SaveView { name, address, before } => store.save_view(name, address, before.as_deref())?,
            Self::SetViewNote { name, note } => store.set_view_note(name, note)?,
            Self::DeleteView { name } => store.delete_view(name)?,
            Self::SetNotebook(notebook) => store.set_notebook(notebook)?,
        }
        Ok(Step::Finished(Answer::Accepted))
    }
}

pub fn mark(store: &mut Store, key: RowKey) -> Result<(), Failure> {
    // The key's time may be of another zone: source and ordinal name the entry for good.
    let slot = store.blocks.directory().find_entry(key.source, key.entry).ok_or(Failure::Gone)?;
    let place = (key.entry - store.blocks.info(slot).first_entry) as usize;
    let time = store.blocks.columns(slot)?.times[place];
    let found = Found { key: RowKey { time, ..key }, slot, entry: place as u32 };
    let row = row::row(&mut store.blocks, found, &Highlighter::new(&Expr::All), &RowForm::default())?;
    store.put_mark(&row)
}
