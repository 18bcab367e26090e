//! The mapping table. It is about the system, not about files: it outlives the emptying of a workspace.

use model::meaning::{Meaning, Meanings};
use model::protocol::Failure;
use rusqlite::Connection;

use super::error::Result;
use super::{Store, meta};

/// Name in `meta`.
const MEANINGS: &str = "meanings";

pub fn load(connection: &Connection) -> Result<Meanings> {
    Ok(meta::value(connection, MEANINGS)?.unwrap_or_default())
}

impl Store {
    pub fn meanings(&self) -> &Meanings {
        self.blocks.meanings()
    }

    /// Puts this table in place of the one there is.
    pub fn set_meanings(&mut self, meanings: Meanings) -> std::result::Result<(), Failure> {
        let meanings = Meanings { rows: meanings.rows.into_iter().map(Meaning::tidied).collect() };
        if let Some(message) = meanings.problem() {
            return Err(Failure::Meanings { message });
        }
        if meanings == *self.meanings() {
            return Ok(());
        }
        let set = self.try_set_meanings(&meanings);
        Ok(self.or_roll_back(set)?)
    }

    fn try_set_meanings(&mut self, meanings: &Meanings) -> Result<()> {
        self.begin()?;
        meta::put(self.connection(), MEANINGS, meanings)?;
        self.kept_changes.n_made += 1;
        let before = self.blocks.meanings().clone();
        self.blocks.load_meanings()?;
        // What is under way was read by the table before.
        self.generation += 1;
        self.searches.mean_otherwise(&before, meanings);
        self.changed();
        Ok(())
    }

    pub(super) fn try_take_meanings(&mut self, before: &Self) -> Result<()> {
        if before.meanings().is_empty() {
            return Ok(());
        }
        self.begin()?;
        meta::put(self.connection(), MEANINGS, before.meanings())?;
        self.blocks.load_meanings()
    }
}
