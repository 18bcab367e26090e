//! Saved views: a scope's address under a name.

use model::kept::SavedView;
use model::protocol::Failure;
use rusqlite::{Connection, params};

use super::Store;
use super::error::Result;

const ALL_VIEWS: &str = "SELECT name, address, note FROM views ORDER BY name COLLATE NOCASE, name";
const PUT_VIEW: &str = "INSERT OR REPLACE INTO views (name, address, note) VALUES (?1, ?2, ?3)";
/// What is said of it stays.
const SAVE_VIEW: &str =
    "INSERT INTO views (name, address) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET address = excluded.address";
const RENAME_VIEW: &str = "UPDATE OR REPLACE views SET name = ?2, address = ?3 WHERE name = ?1";
const SET_NOTE: &str = "UPDATE views SET note = ?2 WHERE name = ?1";
const DELETE_VIEW: &str = "DELETE FROM views WHERE name = ?1";

impl Store {
    /// By name.
    pub fn views(&self) -> std::result::Result<Vec<SavedView>, Failure> {
        Ok(read_all(self.connection())?)
    }

    /// Keeps a view in place of one of its name, and of the one called `before`, whose note it gets.
    pub fn save_view(&mut self, name: &str, address: &str, before: Option<&str>) -> std::result::Result<(), Failure> {
        self.change_kept(|connection| {
            let renamed = match before {
                Some(before) => connection.prepare_cached(RENAME_VIEW)?.execute([before, name, address])?,
                None => 0,
            };
            if renamed > 0 { Ok(renamed) } else { connection.prepare_cached(SAVE_VIEW)?.execute([name, address]) }
        })?;
        self.keep_texts_of_views()?;
        before.map_or(Ok(()), |before| self.rename_in_notebook(before, name))
    }

    pub fn set_view_note(&mut self, name: &str, note: &str) -> std::result::Result<(), Failure> {
        self.change_kept(|connection| connection.prepare_cached(SET_NOTE)?.execute([name, note]))
    }

    pub fn delete_view(&mut self, name: &str) -> std::result::Result<(), Failure> {
        self.change_kept(|connection| connection.prepare_cached(DELETE_VIEW)?.execute([name]))?;
        self.keep_texts_of_views()
    }
}

/// By name.
pub(super) fn read_all(connection: &Connection) -> Result<Vec<SavedView>> {
    let mut statement = connection.prepare_cached(ALL_VIEWS)?;
    let views =
        statement.query_map([], |row| Ok(SavedView { name: row.get(0)?, address: row.get(1)?, note: row.get(2)? }))?;
    Ok(views.collect::<rusqlite::Result<_>>()?)
}

fn put(connection: &Connection, view: &SavedView) -> rusqlite::Result<usize> {
    connection.prepare_cached(PUT_VIEW)?.execute(params![view.name, view.address, view.note])
}

/// Takes over the views of another workspace.
pub(super) fn take_over(from: &Connection, to: &Connection) -> Result<()> {
    for view in read_all(from)? {
        put(to, &view)?;
    }
    Ok(())
}
