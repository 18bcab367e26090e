//! The store: sources, blocks and indexes of a workspace in one SQLite database.
//!
//! Blocks are visible to every question as soon as they are inserted; [`Store::commit`] makes one transaction of blocks,
//! indexes and the positions that reading goes on from. Whether that is on disk is the file system's business: who
//! flushes tells the store by [`Store::saved`].

mod error;
pub use error::{Error, Result};

mod schema;

mod pass_through;

mod directory;
pub use directory::{BlockId, BlockInfo, Directory, Slot, TimeOrder, ZoneNumber};

mod index;
pub use index::{Candidates, TokenCounts};

mod cache;

mod open_columns;
pub use open_columns::OpenColumns;

mod blocks;
pub use blocks::{Blocks, Origin, Times};

mod formats;
pub use formats::{FORMATS, FormatChange, formats_with};

mod derived;

mod fields;

mod templates;
pub use templates::FoundTemplates;

mod sources;

mod meta;

mod zones;
pub use zones::Retimed;

mod template_notes;
pub use template_notes::TemplateNotes;

mod template_texts;
pub use template_texts::Following;

mod meanings;
mod naming;

mod verdicts;
pub use verdicts::Verdicts;

mod removal;
pub use removal::Swept;

mod marks;

mod case_file;
pub use case_file::{may_be_case_file, no_case_file};

mod excerpt;
pub use excerpt::{Copied, Excerpt};

mod disguised;

mod pseudonyms;

mod views;

mod pins;

mod notebook;

mod own_tables;

mod reread;
pub use reread::Rereading;

mod growth;
pub use growth::{Shorter, path_when_grown};

mod entries;
pub use entries::{ENTRY_TYPE, TIME_TYPE, key_of, register_elsewhere as register_entries};

mod search;
pub use search::{
    AskedTable, Bars, BlockHits, Counted, Found, FoundIncidents, Search, Searches, ToldVersions, read_filter,
};

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use analysis::block::{Block, Columns};
use analysis::format::Formats;
use analysis::read::Position;
use model::entry::SourceId;
use model::protocol::{Failure, Revision, Role, Status, Storage};
use model::source::{FileOffer, Source, SourceState};
use rusqlite::Connection;

use meta::Meta;
use removal::Removal;
use sources::Sources;

/// Formats are counted in the first blocks of a source and in every 16th after: decoding all columns would cost the
/// import a twentieth.
const FORMATS_LOOKED_AT: u64 = 4;
const FORMATS_EVERY: u64 = 16;

const NANOS_PER_MILLI: i64 = 1_000_000;

/// Prepared statements that are kept: all that the store has, with some room.
const N_STATEMENTS: usize = 32;

/// Counts the stores this program opened, so that none takes another's commit for its own.
static N_OPENED: AtomicU64 = AtomicU64::new(0);

pub struct Store {
    number: u64,
    pub(crate) blocks: Blocks,
    pub(crate) searches: Searches,
    sources: Sources,
    removal: Removal,
    found_marks: marks::FoundMarks,
    found_pins: pins::FoundPins,
    meta: Meta,
    revision: Revision,
    /// Grows when entries were taken away or got other times: what was worked out before is void.
    generation: u64,
    in_transaction: bool,
    /// Changes of marks and views: how many there were, and up to which [`Store::commit`] and [`Store::saved`] know of them.
    kept_changes: KeptChanges,
    /// What was written with pseudonyms: whatever is written next has the same.
    pseudonyms: pseudonyms::Kept,
    asked_texts: template_texts::AskedTexts,
    /// When the last commit was, in the caller's milliseconds.
    committed_millis: Option<f64>,
    n_inserted_bytes: u64,
}

/// What a commit contains; given back to [`Store::saved`] when it has reached the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// The store it was made in.
    store: u64,
    n_entries: Vec<(SourceId, u64)>,
    n_kept_changes: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct KeptChanges {
    n_made: u64,
    n_committed: u64,
    n_saved: u64,
}

impl Store {
    /// Opens the workspace in `connection`, whose file may be new. Sources that were being read are interrupted now.
    pub fn open(connection: Connection) -> std::result::Result<Self, Failure> {
        Ok(Self::load(connection)?)
    }

    fn load(connection: Connection) -> Result<Self> {
        connection.set_prepared_statement_cache_capacity(N_STATEMENTS);
        pass_through::register(&connection)?;
        entries::register(&connection)?;
        schema::open(&connection)?;
        derived::drop_outdated(&connection)?;
        let mut store = Self::take_up(connection)?;
        // What was interrupted is brought to its end: a removal, a change of zone.
        store.removal = Removal::load(&store)?;
        store.forget_words_of_none()?;
        while !store.try_sweep()?.is_done {}
        while !store.try_retime(usize::MAX)?.is_done() {}
        Ok(store)
    }

    /// Opens a copy of a workspace that another store has open, to look at: nothing is ever written to it.
    pub fn look_at(connection: Connection) -> std::result::Result<Self, Failure> {
        let looked_at = || {
            connection.set_prepared_statement_cache_capacity(N_STATEMENTS);
            pass_through::register(&connection)?;
            schema::prepare_to_look(&connection)
        };
        looked_at()?;
        Ok(Self::take_up(connection)?)
    }

    /// The workspace as its tables say.
    fn take_up(connection: Connection) -> Result<Self> {
        let meta = Meta::load(&connection)?;
        meta.check_numbers(&connection)?;
        let blocks = Blocks::load(connection)?;
        if blocks.directory().zones().any(|zone| usize::from(zone) > meta.zones.len()) {
            return Err(Error::Garbled("block"));
        }
        let mut store = Self {
            number: N_OPENED.fetch_add(1, Ordering::Relaxed),
            sources: Sources::load(blocks.connection(), meta.zone, blocks.formats())?,
            removal: Removal::default(),
            found_marks: marks::FoundMarks::default(),
            found_pins: pins::FoundPins::default(),
            meta,
            blocks,
            searches: Searches::default(),
            revision: Revision(1),
            generation: 0,
            in_transaction: false,
            kept_changes: KeptChanges::default(),
            pseudonyms: pseudonyms::Kept::default(),
            asked_texts: template_texts::AskedTexts::default(),
            committed_millis: None,
            n_inserted_bytes: 0,
        };
        store.sources.check_archives()?;
        store.name_origins();
        Ok(store)
    }

    /// No other store that this program opened has it.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// What queries ask of sources and times goes by these.
    fn name_origins(&mut self) {
        self.blocks.set_zone(self.zone().clone());
        for record in self.sources.iter() {
            self.blocks.set_origin(record.shown.id, Origin::of(&record.shown.path));
        }
    }

    /// Grows with every change that a view can see.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    fn changed(&mut self) {
        self.revision.0 += 1;
    }

    /// Entries went away or got other times.
    fn invalidate(&mut self) {
        self.generation += 1;
        self.searches.clear();
        self.changed();
    }

    fn begin(&mut self) -> Result<()> {
        if !self.in_transaction {
            self.blocks.connection().execute_batch("BEGIN")?;
            self.in_transaction = true;
        }
        Ok(())
    }

    /// Takes over what outlives the emptying of a workspace: its zone, the user's formats, marks, views, verdicts, names of templates, the mapping table and what is said of services' names, and that a source's
    /// number is never given again, since links and kept files go by it.
    pub fn succeed(&mut self, before: &Store) -> std::result::Result<(), Failure> {
        self.succeed_without_texts(before)?;
        let taken = self.try_take_template_texts(before, |_| true);
        Ok(self.or_roll_back(taken)?)
    }

    /// The same without the texts of templates, which may be of messages that are not to be here.
    fn succeed_without_texts(&mut self, before: &Store) -> std::result::Result<(), Failure> {
        self.meta.next_source = self.meta.next_source.max(before.meta.next_source);
        self.meta.zone = self.meta.number_of(before.zone().clone());
        self.blocks.set_zone(before.zone().clone());
        let taken = self.try_take_over(before);
        Ok(self.or_roll_back(taken)?)
    }

    fn try_take_over(&mut self, before: &Store) -> Result<()> {
        self.try_take_formats(before, str::to_owned)?;
        self.try_take_verdicts(before)?;
        self.try_take_template_notes(before)?;
        self.try_take_meanings(before)?;
        self.try_take_naming(before)?;
        marks::take_over(before.connection(), self.connection())?;
        views::take_over(before.connection(), self.connection())?;
        notebook::take_over(before.connection(), self.connection())
    }

    // Sources.

    /// The source with the same size and content fingerprint, if the workspace has it; of several one whose
    /// reading may go on, if there is one. Files in archives are known by their archives; of an excerpt more can be read.
    pub fn known(&self, bytes: u64, fingerprint: u64) -> Option<SourceId> {
        let same =
            |source: &&sources::SourceRecord| source.shown.file_bytes == bytes && source.fingerprint == fingerprint;
        let is_dropped = |source: &&sources::SourceRecord| {
            source.shown.archive.is_none() && source.shown.state != SourceState::Excerpt
        };
        let is_done = |source: &&sources::SourceRecord| {
            use SourceState::{Failed, Interrupted, Paused, Stopped};
            !matches!(source.shown.state, Interrupted | Stopped | Paused | Failed { .. })
        };
        self.sources.iter().filter(is_dropped).filter(same).min_by_key(is_done).map(|source| source.shown.id)
    }

    pub fn add_source(&mut self, offer: &FileOffer, fingerprint: u64) -> SourceId {
        self.add(offer, None, fingerprint)
    }

    /// The file that comes as number `ordinal` out of an archive: as it is known from an earlier reading, or new. `None`:
    /// the user removed it.
    pub fn member(
        &mut self,
        archive: SourceId,
        ordinal: u64,
        offer: &FileOffer,
    ) -> std::result::Result<Option<SourceId>, Failure> {
        if removal::is_removed_member(self.blocks.connection(), archive, ordinal)? {
            return Ok(None);
        }
        let known = |source: &&sources::SourceRecord| {
            source.shown.archive == Some(archive) && source.fingerprint == ordinal && source.shown.path == offer.path
        };
        let known = self.sources.iter().find(known).map(|source| source.shown.id);
        Ok(Some(known.unwrap_or_else(|| self.add(offer, Some(archive), ordinal))))
    }

    /// Some file of the archive is not read to its end.
    pub fn lacks_of_archive(&self, archive: SourceId) -> bool {
        use SourceState::{Interrupted, Paused, Waiting};
        let mut of_archive = self.sources.iter().filter(|source| source.shown.archive == Some(archive));
        of_archive.any(|source| matches!(source.shown.state, Interrupted | Paused | Waiting))
    }

    fn add(&mut self, offer: &FileOffer, archive: Option<SourceId>, fingerprint: u64) -> SourceId {
        let id = SourceId(self.meta.next_source);
        self.meta.next_source += 1;
        self.sources.add(id, offer, archive, fingerprint, self.meta.zone);
        self.blocks.set_origin(id, Origin::of(&offer.path));
        self.changed();
        id
    }

    pub fn sources(&self) -> Vec<Source> {
        let being_reread = self.being_reread();
        let shown = |record: &sources::SourceRecord| {
            let id = record.shown.id;
            let rereading = being_reread.contains(&id).then(|| self.reread_progress(id));
            Source { rereading, ..record.shown.clone() }
        };
        self.sources.iter().map(shown).collect()
    }

    pub fn source(&self, id: SourceId) -> Option<&Source> {
        self.sources.get(id).map(|record| &record.shown)
    }

    /// Last change of the file, as it was offered.
    pub fn modified_millis(&self, id: SourceId) -> Option<i64> {
        self.sources.get(id).map(|record| record.modified_millis)
    }

    /// Where reading goes on after the last block inserted; `None` before the first.
    pub fn source_position(&self, id: SourceId) -> Option<Position> {
        self.sources.get(id)?.position.clone()
    }

    pub fn set_source_state(&mut self, id: SourceId, state: SourceState) -> std::result::Result<(), Failure> {
        let record = self.sources.change(id)?;
        if !matches!(state, SourceState::Reading) {
            record.shown.bytes_per_second = 0;
        }
        if matches!(state, SourceState::Complete | SourceState::Opened) {
            // Some archives tell the size of a file only behind it.
            if record.shown.file_bytes == 0 {
                record.shown.file_bytes = record.shown.text_bytes;
            }
            record.shown.read_bytes = record.shown.file_bytes;
        }
        record.shown.state = state;
        self.changed();
        Ok(())
    }

    /// How many bytes of the file have been read.
    pub fn set_read_bytes(&mut self, id: SourceId, read_bytes: u64) -> std::result::Result<(), Failure> {
        self.sources.change(id)?.shown.read_bytes = read_bytes;
        self.changed();
        Ok(())
    }

    // Blocks.

    /// Adds blocks that go on where the source's last one ended. Begins a transaction if none is open; on failure what
    /// was not committed is gone ([`Store::source_position`] says where to go on).
    pub fn insert_blocks(&mut self, source: SourceId, blocks: Vec<Block>) -> std::result::Result<(), Failure> {
        // A batch that cannot be right must not cost the others what they have under way.
        let mut n_entries = self.sources.get(source).ok_or(Failure::Gone)?.shown.n_entries;
        for block in &blocks {
            if block.first_entry != n_entries {
                return Err(Error::OutOfOrder.into());
            }
            n_entries += u64::from(block.n_entries);
        }
        let inserted = self.try_insert(source, blocks);
        Ok(self.or_roll_back(inserted)?)
    }

    fn try_insert(&mut self, source: SourceId, blocks: Vec<Block>) -> Result<()> {
        self.begin()?;
        if self.sources.get(source).is_some_and(|record| record.n_blocks == 0) {
            // SQL within this transaction wants to know where the entries come from.
            self.sources.write(self.blocks.connection(), None)?;
        }
        for block in blocks {
            let formats = self.blocks.formats();
            let record = self.sources.change(source)?;
            let counts = match record.n_blocks {
                n if n < FORMATS_LOOKED_AT || n.is_multiple_of(FORMATS_EVERY) => formats_in(&block, formats)?,
                _ => BTreeMap::new(),
            };
            record.add_block(&block, counts, formats);
            self.n_inserted_bytes += u64::from(block.text_bytes);
            if block.n_entries > 0 {
                let id = self.meta.next_block;
                self.meta.next_block += 1;
                let info = BlockInfo::of(&block, id, source, record.zone, record.shown.read_as.offset_nanos);
                self.blocks.insert(info, block, record.replaces.is_some())?;
            }
        }
        self.changed();
        Ok(())
    }

    /// Text inserted since the workspace was opened.
    pub fn n_inserted_bytes(&self) -> u64 {
        self.n_inserted_bytes
    }

    /// Ends the transaction: blocks, indexes and each source's position. `now_millis`: any steady clock.
    pub fn commit(&mut self, now_millis: f64) -> std::result::Result<Commit, Failure> {
        let committed = self.try_commit(Some(now_millis));
        Ok(self.or_roll_back(committed)?)
    }

    fn try_commit(&mut self, now_millis: Option<f64>) -> Result<Commit> {
        self.begin()?;
        self.blocks.close_group()?;
        let seconds = match (now_millis, self.committed_millis) {
            (Some(now), Some(before)) => Some((now - before) / 1000.0),
            _ => None,
        };
        self.sources.write(self.blocks.connection(), seconds)?;
        self.meta.write(self.blocks.connection())?;
        self.write_asked_texts()?;
        self.blocks.connection().execute_batch("COMMIT")?;
        self.in_transaction = false;
        if now_millis.is_some() {
            self.kept_changes.n_committed = self.kept_changes.n_made;
        }
        self.committed_millis = now_millis.or(self.committed_millis);
        self.sources.committed();
        self.asked_texts.committed();
        self.changed();
        let n_kept_changes = self.kept_changes.n_committed;
        Ok(Commit { store: self.number, n_entries: self.sources.n_committed(), n_kept_changes })
    }

    /// Whether something waits for a commit.
    pub fn has_uncommitted(&self) -> bool {
        self.in_transaction || self.has_uncommitted_entries()
    }

    /// Entries, what is known of their sources, or what the user keeps wait for a commit; not only what can be made again.
    pub fn has_uncommitted_entries(&self) -> bool {
        self.sources.is_changed() || self.kept_changes.n_made > self.kept_changes.n_committed
    }

    /// The commit has reached the disk. That of another store says nothing here.
    pub fn saved(&mut self, commit: &Commit) {
        if commit.store != self.number {
            return;
        }
        self.sources.saved(&commit.n_entries);
        self.kept_changes.n_saved = self.kept_changes.n_saved.max(commit.n_kept_changes);
        self.changed();
    }

    /// Drops what was not committed. Sources that were being read are interrupted then.
    pub fn roll_back(&mut self) -> std::result::Result<(), Failure> {
        Ok(self.try_roll_back()?)
    }

    fn try_roll_back(&mut self) -> Result<()> {
        // SQLite may have rolled back by itself, then there is nothing to end.
        if !self.blocks.connection().is_autocommit() {
            self.blocks.connection().execute_batch("ROLLBACK")?;
        }
        self.in_transaction = false;
        self.kept_changes.n_made = self.kept_changes.n_committed;
        self.blocks.reload()?;
        // The page may know the number of a source that is gone now.
        let next_source = self.meta.next_source;
        self.meta = Meta::load(self.blocks.connection())?;
        self.meta.next_source = self.meta.next_source.max(next_source);
        self.sources = Sources::load(self.blocks.connection(), self.meta.zone, self.blocks.formats())?;
        self.removal = Removal::load(self)?;
        self.name_origins();
        self.invalidate();
        Ok(())
    }

    fn or_roll_back<T>(&mut self, result: Result<T>) -> Result<T> {
        if result.is_err() {
            self.try_roll_back()?;
        }
        result
    }

    // The workspace.

    /// What the store knows of the workspace's health; role, quota and the like are the browser's to fill in.
    pub fn status(&self) -> Status {
        let total = |part: fn(&Source) -> u64| self.sources.iter().map(|record| part(&record.shown)).sum();
        Status {
            role: Role::Owner,
            storage: Storage::IndexedDb,
            n_entries: total(|source| source.n_entries),
            n_saved: total(|source| source.n_saved),
            is_kept_saved: self.kept_changes.n_saved >= self.kept_changes.n_made,
            n_verdicts: self.verdicts().map_or(0, |verdicts| verdicts.len() as u64),
            n_template_notes: self.template_notes().map_or(0, |notes| notes.len() as u64),
            text_bytes: total(|source| source.text_bytes),
            stored_bytes: self.stored_bytes().unwrap_or(0),
            usage_bytes: None,
            quota_bytes: None,
            persisted: false,
            zone: self.zone().clone(),
            range: self.blocks.directory().dated_range(),
            wasm_memory_bytes: 0,
            trouble: None,
        }
    }

    fn stored_bytes(&self) -> Result<u64> {
        let number = |pragma: &str| self.blocks.connection().query_row(pragma, [], |row| row.get::<_, i64>(0));
        Ok((number("PRAGMA page_count")? - number("PRAGMA freelist_count")?) as u64
            * number("PRAGMA page_size")? as u64)
    }

    /// For SQL over the virtual table `entries`.
    pub fn connection(&self) -> &Connection {
        self.blocks.connection()
    }
}

/// Entries by format name.
fn formats_in(block: &Block, formats: &Formats) -> Result<BTreeMap<String, u64>> {
    let columns = Columns::decode(&block.columns, formats)?;
    let mut counts = BTreeMap::new();
    for entry in 0..columns.len() {
        *counts.entry(columns.shape(entry).format).or_insert(0) += 1;
    }
    Ok(counts.into_iter().map(|(id, n_entries)| (formats.name(id).to_owned(), n_entries)).collect())
}
