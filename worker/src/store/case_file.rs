//! Case files: a whole workspace as one file, which is its SQLite database as it is.
//!
//! One that comes from elsewhere is not trusted. It is opened only if its tables are, word for word, those that this build makes,
//! if SQLite finds nothing wrong with it, and if every block and all that the user kept can be read; it takes the place of
//! a workspace after that.

use std::collections::BTreeSet;

use model::entry::SourceId;
use model::protocol::Failure;
use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::Store;
use super::error::{Error, Result};
use super::{FoundTemplates, pass_through, schema};

/// Numbers that files do not reach; sums of a few of them do not overflow.
const MOST: u64 = 1 << 48;

/// Pages given back between two looks at whether there are more.
const STEP_FREE_PAGES: usize = 1024;

impl Store {
    /// Opens a workspace that came as a file.
    pub fn open_case(connection: Connection) -> std::result::Result<Self, Failure> {
        Self::try_open_case(connection).map_err(|error| Failure::CaseFile { message: why(&error) })
    }

    fn try_open_case(connection: Connection) -> Result<Self> {
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        pass_through::register(&connection)?;
        schema::check(&connection)?;
        let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if found != "ok" {
            return Err(Error::Garbled("page"));
        }
        let mut store = Self::load(connection)?;
        store.check_blocks()?;
        store.check_kept()?;
        store.reread_anew()?;
        Ok(store)
    }

    /// Commits what there is and leaves nothing in the file of what was removed from it.
    pub fn prepare_case(&mut self, now_millis: f64) -> std::result::Result<super::Commit, Failure> {
        let freed = self.try_free_all();
        self.or_roll_back(freed)?;
        self.commit(now_millis)
    }

    fn try_free_all(&mut self) -> Result<()> {
        self.begin()?;
        while !self.try_sweep()?.is_done {}
        self.begin()?;
        while self.blocks.free_pages(STEP_FREE_PAGES)? {}
        Ok(())
    }

    /// Every block can be read, says the truth about itself, and goes on where the one before it ended.
    fn check_blocks(&mut self) -> Result<()> {
        let written = self.blocks.directory_mut().written();
        let mut before = None;
        for &slot in written.iter() {
            let info = self.blocks.info(slot).clone();
            let (columns, text) = (self.blocks.columns(slot)?, self.blocks.text(slot)?);
            let (first_entry, first_line) = match before {
                Some((source, entry, line)) if source == info.source => (entry, line),
                _ => (0, 0),
            };
            let times = || columns.times.iter().copied();
            let is_true = columns.len() == info.n_entries as usize
                && columns.text_bytes() == text.len()
                && times().min() == Some(info.min_time)
                && times().max() == Some(info.max_time)
                && info.first_entry == first_entry
                && (first_line..MOST).contains(&info.first_line);
            if !is_true {
                return Err(Error::Garbled("block"));
            }
            let next_entry = info.first_entry + u64::from(info.n_entries);
            before = Some((info.source, next_entry, info.first_line + u64::from(info.n_lines)));
        }
        Ok(())
    }

    /// What the user kept can be read. It outlives the emptying of a workspace, so that one with something unreadable in it could
    /// never be emptied.
    fn check_kept(&mut self) -> Result<()> {
        let garbled = |what: &'static str| move |_: Failure| Error::Garbled(what);
        self.marks().map_err(garbled("bookmark"))?;
        self.views().map_err(garbled("view"))?;
        self.notebook().map_err(garbled("notebook"))?;
        self.verdicts().map_err(garbled("verdict"))?;
        self.template_notes().map_err(garbled("name of a pattern"))?;
        self.former_in(&FoundTemplates::default()).map_err(|_| Error::Garbled("text of a pattern"))?;
        self.own_formats_by_name().map_err(garbled("format"))?;
        self.own_tables().map_err(garbled("table"))?;
        self.naming_before().map_err(|_| Error::Garbled("name of a service"))?;
        Ok(())
    }

    /// New readings that are under way begin anew: what there is of them is hidden, so that nobody looked at it, and it would come
    /// to light as it is.
    fn reread_anew(&mut self) -> Result<()> {
        let being_reread: BTreeSet<SourceId> = self.being_reread().into_iter().collect();
        if being_reread.is_empty() {
            return Ok(());
        }
        self.begin()?;
        for id in being_reread {
            while self.drop_successor(id)? {}
            if self.sources.get(id).is_none_or(|record| record.replaces.is_some()) {
                return Err(Error::Garbled("source"));
            }
            self.begin_reread(id)?;
        }
        while !self.try_sweep()?.is_done {}
        Ok(())
    }
}

/// What every SQLite database begins with.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// Whether a file that begins so may be a case file.
pub fn may_be_case_file(first_bytes: &[u8]) -> bool {
    first_bytes.starts_with(MAGIC)
}

/// For those that cannot be.
pub fn no_case_file() -> Failure {
    Failure::CaseFile { message: why(&Error::Foreign) }
}

fn why(error: &Error) -> String {
    match error {
        Error::Newer => "it was written by a newer version of Dendro. Reload the page to get that.".to_owned(),
        Error::Foreign => "it is no case file of Dendro.".to_owned(),
        Error::Sqlite(error) => format!("it is damaged ({error})."),
        error => format!("it is damaged: {error}."),
    }
}
