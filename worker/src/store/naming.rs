//! What the user says of names of services. It is about the system, not about files: it outlives the emptying of a workspace.

use model::naming::Naming;
use model::protocol::Failure;
use rusqlite::Connection;

use super::error::Result;
use super::{Store, meta};

/// Names in `meta`: of the table, and of the one before its last change.
const NAMING: &str = "naming";
const BEFORE: &str = "naming-before";

pub fn load(connection: &Connection) -> Result<Naming> {
    Ok(meta::value(connection, NAMING)?.unwrap_or_default())
}

impl Store {
    /// The table before its last change, or this one where there was none.
    pub fn naming_before(&self) -> Result<Naming> {
        Ok(meta::value(self.connection(), BEFORE)?.unwrap_or_else(|| (**self.blocks.naming()).clone()))
    }

    /// Puts this table in place of the one there is.
    pub fn set_naming(&mut self, naming: Naming) -> std::result::Result<(), Failure> {
        let naming = naming.tidied();
        if let Some(message) = naming.problem() {
            return Err(Failure::Naming { message });
        }
        if naming == **self.blocks.naming() {
            return Ok(());
        }
        let set = self.try_set_naming(&naming);
        Ok(self.or_roll_back(set)?)
    }

    fn try_set_naming(&mut self, naming: &Naming) -> Result<()> {
        self.begin()?;
        meta::put(self.connection(), BEFORE, &**self.blocks.naming())?;
        meta::put(self.connection(), NAMING, naming)?;
        self.kept_changes.n_made += 1;
        self.blocks.load_naming()?;
        // What is under way calls services by the table before.
        self.generation += 1;
        self.searches.call_otherwise();
        self.changed();
        Ok(())
    }

    pub(super) fn try_take_naming(&mut self, before: &Self) -> Result<()> {
        if before.blocks.naming().is_empty() {
            return Ok(());
        }
        self.begin()?;
        meta::put(self.connection(), NAMING, &**before.blocks.naming())?;
        self.blocks.load_naming()
    }
}
