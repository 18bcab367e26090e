//! Saved views: a scope's address under a name.

use model::kept::{Anchor, SavedView};
use model::protocol::Failure;
use model::scope::Scope;
use rusqlite::{Connection, params};

use super::Store;
use super::error::{Error, Result};
use super::pins::{line_of, with_line};

const ALL_VIEWS: &str = "SELECT name, address, note FROM views ORDER BY name COLLATE NOCASE, name";
const PUT_VIEW: &str = "INSERT OR REPLACE INTO views (name, address, note) VALUES (?1, ?2, ?3)";
/// What is said of it stays.
const SAVE_VIEW: &str =
    "INSERT INTO views (name, address) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET address = excluded.address";
const RENAME_VIEW: &str = "UPDATE OR REPLACE views SET name = ?2, address = ?3 WHERE name = ?1";
const SET_ADDRESS: &str = "UPDATE views SET address = ?2 WHERE name = ?1";
const SET_NOTE: &str = "UPDATE views SET note = ?2 WHERE name = ?1";
const DELETE_VIEW: &str = "DELETE FROM views WHERE name = ?1";

impl Store {
    /// By name; what each has pinned is the row that its line is in now.
    pub fn views(&mut self) -> std::result::Result<Vec<SavedView>, Failure> {
        let mut views = read_all(self.connection())?;
        for view in &mut views {
            match self.address_now(&view.address) {
                Ok(address) => view.address = address,
                // Of a block that cannot be read no line is told: the view is as it was kept.
                Err(Error::Unreadable { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(views)
    }

    /// Keeps a view in place of one of its name, and of the one called `before`, whose note it gets.
    pub fn save_view(&mut self, name: &str, address: &str, before: Option<&str>) -> std::result::Result<(), Failure> {
        let address = self.address_to_keep(address)?;
        self.change_kept(|connection| {
            let renamed = match before {
                Some(before) => connection.prepare_cached(RENAME_VIEW)?.execute([before, name, address.as_str()])?,
                None => 0,
            };
            if renamed > 0 {
                Ok(renamed)
            } else {
                connection.prepare_cached(SAVE_VIEW)?.execute([name, address.as_str()])
            }
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

    /// Lets go of pinned rows whose lines are not here.
    pub(super) fn unpin_missing(&mut self) -> std::result::Result<(), Failure> {
        for view in read_all(self.connection())? {
            let address = self.address_without_missing(&view.address)?;
            self.set_address(&view, &address)?;
        }
        Ok(())
    }

    /// Those of a file that has become another by what was written behind it. Each file: its path, its bytes and its fingerprint.
    pub(super) fn move_pins(
        &mut self,
        from: (&str, u64, u64),
        (path, file_bytes, fingerprint): (&str, u64, u64),
    ) -> std::result::Result<(), Failure> {
        for view in read_all(self.connection())? {
            let Some(anchor) = line_of(&view.address) else { continue };
            if (anchor.path.as_str(), anchor.file_bytes, anchor.fingerprint) == from {
                let anchor = Anchor { path: path.to_owned(), file_bytes, fingerprint, ..anchor };
                let address = with_line(Scope::from_hash(&view.address).to_hash(), &anchor);
                self.set_address(&view, &address)?;
            }
        }
        Ok(())
    }

    fn set_address(&mut self, view: &SavedView, address: &str) -> std::result::Result<(), Failure> {
        if view.address == address {
            return Ok(());
        }
        self.change_kept(|connection| connection.prepare_cached(SET_ADDRESS)?.execute([view.name.as_str(), address]))
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
