//! The tables that statements of the user's made. They go with the workspace: what is in them may be of its entries.

use model::protocol::Failure;

use super::error::Result;
use super::{Store, meta};
use crate::sql::OwnTables;

/// Name in `meta`.
const OWN_TABLES: &str = "own tables";

impl Store {
    pub fn own_tables(&self) -> std::result::Result<OwnTables, Failure> {
        Ok(meta::value(self.connection(), OWN_TABLES)?.unwrap_or_default())
    }

    pub fn set_own_tables(&mut self, own: &OwnTables) -> std::result::Result<(), Failure> {
        let set = self.try_set_own_tables(own);
        self.or_roll_back(set)?;
        self.changed();
        Ok(())
    }

    fn try_set_own_tables(&mut self, own: &OwnTables) -> Result<()> {
        self.begin()?;
        meta::put(self.connection(), OWN_TABLES, own)?;
        self.kept_changes.n_made += 1;
        Ok(())
    }
}
