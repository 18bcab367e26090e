//! The pseudonyms that were given, kept so that what is saved tomorrow has the same as what was saved today.
//!
//! They are in a database of their own beside the workspace's, which is in no case file: whoever gets entries with pseudonyms does
//! not get what stands behind those. What is forgotten leaves its name there, so that nobody else gets it. All of it goes when the workspace is emptied, or another takes its place.

use std::cell::RefCell;
use std::rc::Rc;

use analysis::disguise::{Disguiser, Pseudonyms};
use model::disguise::{Disguise, Given, PseudonymList, PseudonymsAsk, Trait};
use model::protocol::Failure;
use rusqlite::{Connection, params};

use super::Store;
use super::error::{Error, Result};

/// Taken up in one step.
const STEP_PSEUDONYMS: usize = 2000;

/// Row ids are the order in which they were given.
const TABLE: &str = "
PRAGMA journal_mode = memory;
PRAGMA synchronous = off;
PRAGMA secure_delete = on;
CREATE TABLE IF NOT EXISTS pseudonyms (id INTEGER PRIMARY KEY, what TEXT NOT NULL, value TEXT NOT NULL, name TEXT NOT NULL);
";
const SOME: &str = "SELECT id, what, value, name FROM pseudonyms WHERE id > ?1 ORDER BY id LIMIT ?2";
/// Nothing is behind the name any more.
const FORGET: &str = "UPDATE pseudonyms SET value = '' WHERE what = ?1 AND name = ?2";
const REMEMBER: &str = "UPDATE pseudonyms SET value = ?3 WHERE what = ?1 AND name = ?2 AND value = ''";
const FORGET_SOME: &str = "UPDATE pseudonyms SET value = '' WHERE id > ?1 AND id <= ?2";
const LAST: &str = "SELECT coalesce(max(id), 0) FROM pseudonyms";
const ADD: &str = "INSERT INTO pseudonyms (what, value, name) VALUES (?1, ?2, ?3)";

/// Opens the database that keeps them, which may be new. After a failure it is asked again.
pub type Opener = Box<dyn Fn() -> std::result::Result<Connection, Failure>>;

/// What was given, and where that is kept.
#[derive(Default)]
pub(super) struct Kept {
    known: Rc<RefCell<Pseudonyms>>,
    place: Place,
}

#[derive(Default)]
enum Place {
    /// In memory only.
    #[default]
    Nowhere,
    /// Nobody asked for any so far.
    Closed(Opener),
    /// `last`: of those that were taken up; `is_whole`: there are no others.
    Open { connection: Connection, last: i64, is_whole: bool },
}

impl Store {
    /// From now on they are kept there, and those that are there are known.
    pub fn keep_pseudonyms_in(&mut self, opener: Opener) {
        self.pseudonyms = Kept { known: Rc::default(), place: Place::Closed(opener) };
    }

    /// A step of taking up what was kept: whether all of it is known. Until then none are given.
    pub fn take_up_pseudonyms(&mut self) -> std::result::Result<bool, Failure> {
        if let Place::Closed(opener) = &self.pseudonyms.place {
            let connection = opener()?;
            connection.execute_batch(TABLE).map_err(Error::from)?;
            self.pseudonyms.place = Place::Open { connection, last: 0, is_whole: false };
        }
        Ok(self.pseudonyms.take_up_some()?)
    }

    /// Gives pseudonyms for a file, those that were given before among them.
    pub fn disguiser(&self, disguise: Disguise) -> Disguiser {
        Disguiser::new(disguise, self.pseudonyms.known.clone())
    }

    /// A step of listing those that were given: takes those behind `last` into the list. Whether there are no more.
    pub fn list_pseudonyms(
        &mut self,
        ask: &PseudonymsAsk,
        last: &mut i64,
        list: &mut PseudonymList,
    ) -> std::result::Result<bool, Failure> {
        Ok(self.pseudonyms.list_some(ask, last, list)?)
    }

    /// Forgets what stands behind one.
    pub fn forget_pseudonym(&mut self, given: &Given) -> std::result::Result<(), Failure> {
        self.keep_pseudonyms()?;
        if let Place::Open { connection, .. } = &self.pseudonyms.place {
            connection.execute(FORGET, params![given.what.name(), given.name]).map_err(Error::from)?;
        }
        self.pseudonyms.known.borrow_mut().forget(given);
        Ok(())
    }

    /// Knows again what stood behind one that was forgotten; [`Failure::Gone`] where that has another name by now.
    pub fn remember_pseudonym(&mut self, given: &Given) -> std::result::Result<(), Failure> {
        self.keep_pseudonyms()?;
        if !self.pseudonyms.known.borrow_mut().remember(given) {
            return Err(Failure::Gone);
        }
        if let Place::Open { connection, .. } = &self.pseudonyms.place {
            let written = connection.execute(REMEMBER, params![given.what.name(), given.name, given.value]);
            written.map_err(Error::from)?;
        }
        Ok(())
    }

    /// A step of forgetting what stands behind all of them, those behind `last` next. Whether there are no more.
    pub fn forget_pseudonyms(&mut self, last: &mut i64) -> std::result::Result<bool, Failure> {
        self.keep_pseudonyms()?;
        let is_done = self.pseudonyms.forget_some(last)?;
        if is_done {
            self.pseudonyms.known.borrow_mut().forget_all();
        }
        Ok(is_done)
    }

    /// Writes down those that were given since the last time.
    pub fn keep_pseudonyms(&mut self) -> std::result::Result<(), Failure> {
        Ok(self.pseudonyms.keep_fresh()?)
    }
}

impl Kept {
    fn take_up_some(&mut self) -> Result<bool> {
        let Place::Open { connection, last, is_whole } = &mut self.place else { return Ok(true) };
        if *is_whole {
            return Ok(true);
        }
        let mut known = self.known.borrow_mut();
        *is_whole = for_some(connection, last, |given| known.restore(&given))?;
        Ok(*is_whole)
    }

    fn list_some(&self, ask: &PseudonymsAsk, last: &mut i64, list: &mut PseudonymList) -> Result<bool> {
        let Place::Open { connection, .. } = &self.place else { return Ok(true) };
        let words = ask.words.trim().to_lowercase();
        for_some(connection, last, |given| {
            if given.value.is_empty() {
                return;
            }
            list.n_all += 1;
            let has_words = |text: &str| text.to_lowercase().contains(&words);
            let is_found =
                ask.what.is_none_or(|what| what == given.what) && (has_words(&given.value) || has_words(&given.name));
            if is_found {
                list.n_found += 1;
                if list.given.len() < ask.n_most as usize {
                    list.given.push(given);
                }
            }
        })
    }

    fn forget_some(&self, last: &mut i64) -> Result<bool> {
        let Place::Open { connection, .. } = &self.place else { return Ok(true) };
        let next = *last + STEP_PSEUDONYMS as i64;
        connection.execute(FORGET_SOME, params![*last, next])?;
        *last = next;
        Ok(connection.query_row(LAST, [], |row| row.get::<_, i64>(0))? <= next)
    }

    /// After a failure they are written down the next time.
    fn keep_fresh(&mut self) -> Result<()> {
        let fresh = self.known.borrow_mut().take_fresh();
        let Place::Open { connection, .. } = &mut self.place else { return Ok(()) };
        let written = if fresh.is_empty() { Ok(()) } else { write_down(connection, &fresh) };
        if written.is_err() {
            self.known.borrow_mut().put_back_fresh(fresh);
        }
        written
    }
}

/// Some of what was kept behind `last`, in the order it was given in. Whether there is no more.
fn for_some(connection: &Connection, last: &mut i64, mut each: impl FnMut(Given)) -> Result<bool> {
    let mut statement = connection.prepare_cached(SOME)?;
    let rows = statement.query_map(params![*last, STEP_PSEUDONYMS as i64], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get(2)?, row.get(3)?))
    })?;
    let mut n_rows = 0;
    for row in rows {
        let (id, what, value, name) = row?;
        (*last, n_rows) = (id, n_rows + 1);
        // Of a kind that only a later build knows.
        let Some(what) = Trait::ALL.into_iter().find(|known| known.name() == what) else { continue };
        each(Given { what, value, name });
    }
    Ok(n_rows < STEP_PSEUDONYMS)
}

fn write_down(connection: &mut Connection, fresh: &[Given]) -> Result<()> {
    let transaction = connection.transaction()?;
    {
        let mut add = transaction.prepare_cached(ADD)?;
        for Given { what, value, name } in fresh {
            add.execute(params![what.name(), value, name])?;
        }
    }
    Ok(transaction.commit()?)
}
