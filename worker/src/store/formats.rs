//! The formats of a workspace: the shipped ones and the user's own.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use analysis::format::Formats;
use model::entry::SourceId;
use model::protocol::Failure;
use rusqlite::{Connection, params};

use super::Store;
use super::directory::Slot;
use super::error::Result;

/// The shipped formats; compiled once.
pub static FORMATS: LazyLock<Formats> = LazyLock::new(Formats::builtin);

/// Sets with formats of a user. A set lives as long as the program, since readers and searches refer to it: there are as
/// many as a user saves formats in one sitting.
static SETS: LazyLock<Mutex<HashMap<Vec<String>, &'static Formats>>> = LazyLock::new(Mutex::default);

const ALL_FORMATS: &str = "SELECT text FROM formats ORDER BY name";
const NAMED_FORMATS: &str = "SELECT name, text FROM formats ORDER BY name";
const PUT_FORMAT: &str = "INSERT OR REPLACE INTO formats (name, text) VALUES (?1, ?2)";
const PUT_NEW_FORMAT: &str = "INSERT OR IGNORE INTO formats (name, text) VALUES (?1, ?2)";
const DELETE_FORMAT: &str = "DELETE FROM formats WHERE name = ?1";

/// A change of the user's formats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormatChange {
    /// Its text is known to be usable.
    Keep {
        text: String,
    },
    Delete {
        name: String,
    },
}

/// The shipped formats and these. One that cannot be used (another version of Dendro wrote it) is left out.
pub fn formats_with(texts: Vec<String>) -> &'static Formats {
    if texts.is_empty() {
        return &FORMATS;
    }
    let mut sets = SETS.lock().unwrap_or_else(PoisonError::into_inner);
    sets.entry(texts).or_insert_with_key(|texts| Box::leak(Box::new(Formats::with_all(texts))))
}

pub fn of_workspace(connection: &Connection) -> Result<&'static Formats> {
    Ok(formats_with(texts(connection)?))
}

/// The user's own, as they wrote them, by name.
pub fn texts(connection: &Connection) -> Result<Vec<String>> {
    let mut statement = connection.prepare_cached(ALL_FORMATS)?;
    let texts = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    Ok(texts)
}

fn named(connection: &Connection) -> Result<Vec<(String, String)>> {
    let mut statement = connection.prepare_cached(NAMED_FORMATS)?;
    let named = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    Ok(named)
}

impl Store {
    /// Name and text of the user's own formats.
    pub fn own_formats_by_name(&self) -> std::result::Result<Vec<(String, String)>, Failure> {
        Ok(named(self.blocks.connection())?)
    }

    /// The user's own formats, as they wrote them, by name.
    pub fn own_formats(&self) -> std::result::Result<Vec<String>, Failure> {
        Ok(texts(self.blocks.connection())?)
    }

    /// Some entry of the block was read by the format of this name, alone or with another.
    pub fn is_read_by(&mut self, slot: Slot, name: &str) -> std::result::Result<bool, Failure> {
        let formats = self.blocks.formats();
        let columns = self.blocks.columns(slot)?;
        Ok(columns.shapes.iter().any(|shape| formats.takes_part(name, shape.format)))
    }

    /// Makes the change, and has these sources read again: all those of which the format named `name` read something. The
    /// sources that were to be read by a format that is deleted are read by evidence.
    pub fn change_formats(
        &mut self,
        name: &str,
        change: &FormatChange,
        readers: &[SourceId],
    ) -> std::result::Result<(), Failure> {
        let changed = self.try_change_formats(name, change, readers);
        Ok(self.or_roll_back(changed)?)
    }

    fn try_change_formats(&mut self, name: &str, change: &FormatChange, readers: &[SourceId]) -> Result<()> {
        self.begin()?;
        let connection = self.blocks.connection();
        match change {
            FormatChange::Keep { text } => connection.execute(PUT_FORMAT, params![name, text])?,
            FormatChange::Delete { name } => connection.execute(DELETE_FORMAT, [name])?,
        };
        self.blocks.load_formats()?;
        let is_deleted = matches!(change, FormatChange::Delete { .. });
        let chosen = |read_as: &model::source::ReadAs| is_deleted && read_as.format.as_deref() == Some(name);
        let of_chosen: Vec<SourceId> = self
            .sources
            .iter()
            .filter(|record| chosen(&record.shown.read_as) || record.shown.read_before.as_ref().is_some_and(chosen))
            .map(|record| record.shown.id)
            .collect();
        for id in of_chosen {
            let shown = &mut self.sources.change(id)?.shown;
            if chosen(&shown.read_as) {
                shown.read_as.format = None;
            }
            // To what is gone, or to what is so already, there is no way back.
            if shown.read_before.as_ref().is_some_and(|before| chosen(before) || *before == shown.read_as) {
                shown.read_before = None;
            }
        }
        for &id in readers {
            // A source may have gone since it was looked at.
            if self.sources.get(id).is_some() {
                self.drop_successor(id)?;
                self.begin_reread(id)?;
            }
        }
        self.invalidate();
        Ok(())
    }

    /// Takes over those formats of another workspace whose names are free here.
    pub fn take_own_formats(&mut self, from: &Self) -> std::result::Result<(), Failure> {
        let taken = self.try_take_own_formats(from);
        Ok(self.or_roll_back(taken)?)
    }

    fn try_take_own_formats(&mut self, from: &Self) -> Result<()> {
        let mut n_new = 0;
        for (name, text) in named(from.blocks.connection())? {
            self.begin()?;
            n_new += self.blocks.connection().execute(PUT_NEW_FORMAT, params![name, text])?;
        }
        if n_new > 0 { self.blocks.load_formats() } else { Ok(()) }
    }

    /// The formats of another workspace, taken over. `written`: their texts as they are then.
    pub(super) fn try_take_formats(&mut self, from: &Self, written: impl Fn(&str) -> String) -> Result<()> {
        self.begin()?;
        for (name, text) in named(from.blocks.connection())? {
            self.blocks.connection().execute(PUT_FORMAT, params![name, written(&text)])?;
        }
        self.blocks.load_formats()
    }
}
