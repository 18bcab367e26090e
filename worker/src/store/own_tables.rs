//! The tables that statements of the user's made. They go with the workspace: what is in them may be of its entries.

use model::protocol::Failure;
use model::sql::OwnTable;

use super::error::Result;
use super::{Store, meta};
use crate::sql::OwnTables;

/// Names in `meta`: the list, and what is in them.
const LIST: &str = "own tables";
const IMAGE: &str = "own tables' image";

impl Store {
    pub fn own_tables(&self) -> std::result::Result<OwnTables, Failure> {
        let image = meta::bytes(self.connection(), IMAGE)?.unwrap_or_default();
        Ok(OwnTables { tables: self.list_of_own_tables()?, image })
    }

    pub fn list_of_own_tables(&self) -> std::result::Result<Vec<OwnTable>, Failure> {
        Ok(meta::value(self.connection(), LIST)?.unwrap_or_default())
    }

    pub fn set_own_tables(&mut self, own: &OwnTables) -> std::result::Result<(), Failure> {
        let set = self.try_set_own_tables(own);
        self.or_roll_back(set)?;
        self.changed();
        Ok(())
    }

    fn try_set_own_tables(&mut self, own: &OwnTables) -> Result<()> {
        self.begin()?;
        meta::put(self.connection(), LIST, &own.tables)?;
        meta::put_bytes(self.connection(), IMAGE, &own.image)?;
        self.kept_changes.n_made += 1;
        Ok(())
    }
}
