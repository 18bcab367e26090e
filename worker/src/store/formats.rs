//! The formats of a workspace: the shipped ones and the user's own.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use analysis::format::Formats;
use rusqlite::Connection;

use super::error::Result;

/// The shipped formats; compiled once.
pub static FORMATS: LazyLock<Formats> = LazyLock::new(Formats::builtin);

/// Sets with formats of a user. A set lives as long as the program, since readers and searches refer to it: there are as
/// many as a user saves formats in one sitting.
static SETS: LazyLock<Mutex<HashMap<Vec<String>, &'static Formats>>> = LazyLock::new(Mutex::default);

const ALL_FORMATS: &str = "SELECT text FROM formats ORDER BY name";

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
