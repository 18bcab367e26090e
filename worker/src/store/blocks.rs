//! The blocks of the workspace: directory, indexes and contents behind one door.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use analysis::block::{Block, Columns, Corrupt, decode_text, moved, words_of};
use analysis::format::{Clock, Formats};
use analysis::search::{IndexQuery, Token};
use analysis::topology::service_of_path;
use model::entry::SourceId;
use model::meaning::Meanings;
use model::naming::Naming;
use model::query::Present;
use model::time::{Nanos, Zone};
use rusqlite::{Connection, params};

use super::cache::Cache;
use super::derived;
use super::directory::{BlockId, BlockInfo, Directory, Slot, ZoneNumber};
use super::error::{Error, Result};
use super::fields::FieldStore;
use super::formats;
use super::index::{Candidates, Index, TokenCounts};
use super::open_columns::OpenColumns;
use super::templates::TemplateStore;
use super::{meanings, naming};

/// Decoded columns that are kept: those of about a million entries.
const COLUMNS_CACHE_BYTES: usize = 16 << 20;
/// Texts that are kept: those around the rows on screen, and all of a small workspace.
const TEXT_CACHE_BYTES: usize = 8 << 20;

const PUT_BLOCK: &str = "INSERT INTO blocks (id, source, first_entry, n_entries, first_line, n_lines, min_time, \
                         max_time, bands, zone, text_bytes, undated, offset_nanos) \
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
const PUT_COLUMNS: &str = "INSERT OR REPLACE INTO block_columns (id, bytes) VALUES (?1, ?2)";
const PUT_TEXT: &str = "INSERT INTO block_texts (id, bytes) VALUES (?1, ?2)";
const COLUMNS: &str = "SELECT bytes FROM block_columns WHERE id = ?1";
const TEXT: &str = "SELECT bytes FROM block_texts WHERE id = ?1";
const TEXT_BYTES: &str = "SELECT text_bytes FROM blocks WHERE id = ?1";
const MERGE_WORDS: &str = "INSERT INTO words(words, rank) VALUES ('merge', ?1)";
const RETIME: &str = "UPDATE blocks SET min_time = ?2, max_time = ?3, zone = ?4, offset_nanos = ?5 WHERE id = ?1";

pub struct Blocks {
    connection: Connection,
    formats: &'static Formats,
    directory: Directory,
    index: Index,
    /// Path and own service of each source, for queries that ask for them.
    origins: HashMap<SourceId, Rc<Origin>>,
    columns: Cache<OpenColumns>,
    texts: Cache<Vec<u8>>,
    pub(super) fields: FieldStore,
    pub(super) templates: TemplateStore,
    /// The workspace's.
    zone: Zone,
    meanings: Rc<Meanings>,
    naming: Rc<Naming>,
}

/// Which times a block is to have.
pub struct Times {
    /// Number of the zone to read stamps without one in; 0 for one that no block was read in yet.
    pub zone: ZoneNumber,
    /// The zone they were read in, and that zone.
    pub from: Zone,
    pub to: Zone,
    /// Reads for that zone.
    pub clock: Clock,
    pub offset_nanos: i64,
}

/// Where entries come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    pub path: String,
    /// The service of entries that name none.
    pub service: String,
    /// That is the name of a folder.
    pub is_of_folder: bool,
}

impl Origin {
    pub fn of(path: &str) -> Self {
        let service = service_of_path(path);
        Self { path: path.to_owned(), service: service.name, is_of_folder: service.is_folder }
    }
}

impl Blocks {
    pub fn load(connection: Connection) -> Result<Self> {
        let directory = Directory::load(&connection)?;
        Ok(Self {
            formats: formats::of_workspace(&connection)?,
            fields: FieldStore::load(&connection, &directory)?,
            templates: TemplateStore::load(&connection)?,
            directory,
            index: Index::load(&connection)?,
            meanings: Rc::new(meanings::load(&connection)?),
            naming: Rc::new(naming::load(&connection)?),
            connection,
            origins: HashMap::new(),
            columns: Cache::new(COLUMNS_CACHE_BYTES),
            texts: Cache::new(TEXT_CACHE_BYTES),
            zone: Zone::utc(),
        })
    }

    /// Reads directory and index again, after a rollback.
    pub fn reload(&mut self) -> Result<()> {
        self.formats = formats::of_workspace(&self.connection)?;
        self.directory = Directory::load(&self.connection)?;
        self.index = Index::load(&self.connection)?;
        self.columns.clear();
        self.texts.clear();
        self.fields = FieldStore::load(&self.connection, &self.directory)?;
        self.templates = TemplateStore::load(&self.connection)?;
        self.load_meanings()?;
        self.load_naming()
    }

    /// Takes up the mapping table that the workspace has now.
    pub fn load_meanings(&mut self) -> Result<()> {
        self.meanings = Rc::new(meanings::load(&self.connection)?);
        Ok(())
    }

    /// Takes up what the user says of names of services now.
    pub fn load_naming(&mut self) -> Result<()> {
        self.naming = Rc::new(naming::load(&self.connection)?);
        Ok(())
    }

    /// What the user says of names of services.
    pub fn naming(&self) -> &Rc<Naming> {
        &self.naming
    }

    /// What fields mean, whatever they are called.
    pub fn meanings(&self) -> &Rc<Meanings> {
        &self.meanings
    }

    /// Takes up the formats that the tables have now. What was opened names them by numbers of the ones before.
    pub fn load_formats(&mut self) -> Result<()> {
        self.formats = formats::of_workspace(&self.connection)?;
        self.columns.clear();
        derived::approve(&self.connection)
    }

    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The shipped formats and those of the workspace.
    pub fn formats(&self) -> &'static Formats {
        self.formats
    }

    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    pub fn directory_mut(&mut self) -> &mut Directory {
        &mut self.directory
    }

    pub fn info(&self, slot: Slot) -> &BlockInfo {
        &self.directory.blocks()[slot]
    }

    pub fn set_zone(&mut self, zone: Zone) {
        self.zone = zone;
    }

    /// What the times of queries are read by.
    pub fn present(&self) -> Present {
        let last = self.directory.dated_range().map(|range| Nanos(range.end.0.saturating_sub(1)));
        Present { zone: self.zone.clone(), now: last.unwrap_or_default() }
    }

    pub fn set_origin(&mut self, source: SourceId, origin: Origin) {
        self.origins.insert(source, Rc::new(origin));
    }

    pub fn origin(&self, source: SourceId) -> Rc<Origin> {
        self.origins.get(&source).cloned().unwrap_or_default()
    }

    /// Of all sources, those without blocks included.
    pub fn paths(&self) -> Vec<&str> {
        self.origins.values().map(|origin| origin.path.as_str()).collect()
    }

    /// Writes and indexes a block within the caller's transaction. No question finds it if it is hidden.
    pub fn insert(&mut self, info: BlockInfo, block: Block, is_hidden: bool) -> Result<()> {
        self.connection.prepare_cached(PUT_BLOCK)?.execute(params![
            info.id,
            info.source.0,
            info.first_entry as i64,
            info.n_entries,
            info.first_line as i64,
            info.n_lines,
            info.min_time.0,
            info.max_time.0,
            info.bands,
            info.zone,
            info.text_bytes,
            info.undated,
            info.offset_nanos,
        ])?;
        self.connection.prepare_cached(PUT_COLUMNS)?.execute(params![info.id, block.columns])?;
        self.connection.prepare_cached(PUT_TEXT)?.execute(params![info.id, block.text])?;
        self.put_shapes(info.id, &block.shapes)?;
        self.index.add(&self.connection, info.id, &block.words, block.tokens)?;
        if is_hidden {
            self.directory.push_hidden(info)
        } else {
            self.directory.push(info)
        }
        Ok(())
    }

    /// Writes the postings that are in memory, before a commit.
    pub fn close_group(&mut self) -> Result<()> {
        self.index.close_group(&self.connection)
    }

    pub fn columns(&mut self, slot: Slot) -> Result<Rc<OpenColumns>> {
        let (id, text_bytes) = (self.info(slot).id, self.info(slot).text_bytes);
        if let Some(columns) = self.columns.get(id) {
            return Ok(columns);
        }
        let columns = self.read_columns(id, text_bytes).map_err(|error| self.told_of(slot, error))?;
        let columns = Rc::new(OpenColumns::new(columns));
        let bytes = columns.len() * 16;
        self.columns.put(id, columns.clone(), bytes);
        Ok(columns)
    }

    fn read_columns(&self, id: BlockId, text_bytes: u32) -> Result<Columns> {
        let mut statement = self.connection.prepare_cached(COLUMNS)?;
        let columns =
            statement.query_row([id], |row| Ok(Columns::decode(row.get_ref(0)?.as_blob()?, self.formats)))??;
        if columns.text_bytes() == text_bytes as usize { Ok(columns) } else { Err(Corrupt.into()) }
    }

    /// The text of all entries; [`Columns::text_range`] says which part is whose.
    pub fn text(&mut self, slot: Slot) -> Result<Rc<Vec<u8>>> {
        let (id, text_bytes) = (self.info(slot).id, self.info(slot).text_bytes);
        if let Some(text) = self.texts.get(id) {
            return Ok(text);
        }
        let text = Rc::new(self.read_text(id, text_bytes).map_err(|error| self.told_of(slot, error))?);
        self.texts.put(id, text.clone(), text.len());
        Ok(text)
    }

    fn read_text(&self, id: BlockId, text_bytes: u32) -> Result<Vec<u8>> {
        let mut statement = self.connection.prepare_cached(TEXT)?;
        Ok(statement.query_row([id], |row| Ok(decode_text(row.get_ref(0)?.as_blob()?, text_bytes)))??)
    }

    /// Why a block cannot be opened, with its file: whoever reads that can take the file in anew. A block that the directory has
    /// and the tables have not is damaged like one with other bytes.
    fn told_of(&self, slot: Slot, error: Error) -> Error {
        match error {
            Error::Garbled(_) | Error::Gone => {
                Error::Unreadable { path: self.origin(self.info(slot).source).path.clone() }
            }
            error => error,
        }
    }

    pub fn candidates(&self, query: &IndexQuery) -> Result<Candidates> {
        self.index.candidates(&self.connection, query)
    }

    pub fn token_counts(&self, token: &Token) -> Result<TokenCounts> {
        self.index.token_counts(&self.connection, token)
    }

    /// The columns of a block with other times. `before`: the time, as read, of the source's entry before the block.
    pub fn retimed(&mut self, slot: Slot, before: Option<Nanos>, times: &mut Times) -> Result<Columns> {
        let info = self.info(slot);
        let (is_undated, offset_nanos) = (info.undated, info.offset_nanos);
        let is_other_zone = info.zone != 0 && info.zone != times.zone;
        let mut columns = Columns::clone(&*self.columns(slot)?);
        if is_undated {
            return Ok(columns);
        }
        columns.move_times(-offset_nanos);
        if is_other_zone {
            let text = self.text(slot)?;
            let Times { from, to, clock, .. } = times;
            columns.reread_naive_times(&text, clock, before, |time| to.from_wall(from.to_wall(time)));
        }
        columns.move_times(times.offset_nanos);
        Ok(columns)
    }

    /// Stores a block's times anew. Blocks of a source come in their order. Gives the time, as read, of the last entry.
    pub fn retime(&mut self, slot: Slot, times: &mut Times) -> Result<Option<Nanos>> {
        let info = self.info(slot).clone();
        let before = match self.directory.blocks()[..slot].iter().rposition(|block| block.source == info.source) {
            Some(before) if !self.info(before).undated => {
                let offset_nanos = self.info(before).offset_nanos;
                self.columns(before)?.times.last().map(|&time| moved(time, -offset_nanos))
            }
            _ => None,
        };
        let columns = self.retimed(slot, before, times)?;
        let all = || columns.times.iter().copied();
        let (Some(min_time), Some(max_time)) = (all().min(), all().max()) else {
            return Ok(None);
        };
        let zone = if info.zone == 0 { 0 } else { times.zone };
        let retimed = BlockInfo { min_time, max_time, zone, offset_nanos: times.offset_nanos, ..info };
        self.connection.prepare_cached(PUT_COLUMNS)?.execute(params![retimed.id, columns.encode(self.formats)])?;
        let values = params![retimed.id, min_time.0, max_time.0, zone, retimed.offset_nanos];
        self.connection.prepare_cached(RETIME)?.execute(values)?;
        self.columns.remove(retimed.id);
        self.directory.retime(slot, retimed);
        Ok(all().next_back().map(|time| moved(time, -times.offset_nanos)))
    }

    /// The blocks of `successor` take the place of those of `source`, which no question finds any more.
    pub fn reveal(&mut self, successor: SourceId, source: SourceId) {
        for block in self.directory.blocks().iter().filter(|block| block.source == source) {
            self.columns.remove(block.id);
            self.texts.remove(block.id);
        }
        self.directory.reveal(successor, source);
        self.fields.keep(&self.directory);
        self.templates.begin_anew();
        self.forget_unwritten();
    }

    /// What was read again of a source so far is of no use.
    pub fn forget_hidden(&mut self, successor: SourceId) {
        self.directory.forget_hidden(successor);
        self.forget_unwritten();
    }

    fn forget_unwritten(&mut self) {
        let directory = &self.directory;
        self.index.forget_unwritten(|id| directory.is_of_use(id));
    }

    /// No question finds the blocks of these sources from now on.
    pub fn hide_sources(&mut self, sources: &BTreeSet<SourceId>) {
        for block in self.directory.blocks().iter().filter(|block| sources.contains(&block.source)) {
            self.columns.remove(block.id);
            self.texts.remove(block.id);
        }
        self.directory.remove_sources(sources);
        self.fields.keep(&self.directory);
        self.templates.begin_anew();
        self.origins.retain(|source, _| !sources.contains(source));
        self.forget_unwritten();
    }

    /// Takes these blocks (ascending) out of one group of postings; false when none names them.
    pub fn sweep_postings(&mut self, gone: &[BlockId]) -> Result<bool> {
        let directory = &self.directory;
        self.index.sweep_group(&self.connection, gone, |id| directory.is_of_use(id))
    }

    /// Takes a block that no question finds out of the tables; out of the word index too if it has its words.
    pub fn sweep_block(&mut self, id: BlockId, has_words: bool) -> Result<()> {
        if has_words {
            let text_bytes = self.connection.prepare_cached(TEXT_BYTES)?.query_row([id], |row| row.get(0))?;
            let columns: Vec<u8> = self.connection.prepare_cached(COLUMNS)?.query_row([id], |row| row.get(0))?;
            let text: Vec<u8> = self.connection.prepare_cached(TEXT)?.query_row([id], |row| row.get(0))?;
            let (columns, text) = (Columns::decode(&columns, self.formats), decode_text(&text, text_bytes));
            // The words of a block that cannot be read any more are not known.
            if let (Ok(columns), Ok(text)) = (columns, text)
                && columns.text_bytes() == text.len()
            {
                self.index.forget_words(&self.connection, id, &words_of(&columns, &text))?;
            }
        }
        for statement in [
            "DELETE FROM blocks WHERE id = ?1",
            "DELETE FROM block_columns WHERE id = ?1",
            "DELETE FROM block_texts WHERE id = ?1",
            "DELETE FROM block_fields WHERE id = ?1",
            "DELETE FROM block_shapes WHERE id = ?1",
        ] {
            self.connection.prepare_cached(statement)?.execute([id])?;
        }
        Ok(())
    }

    pub fn forget_all_words(&self) -> Result<()> {
        Ok(self.connection.execute_batch("INSERT INTO words(words) VALUES ('delete-all')")?)
    }

    /// Merges about `n_pages` of the word index. True when there is nothing left to merge.
    pub fn merge_words(&self, n_pages: i64) -> Result<bool> {
        let n_before = self.connection.total_changes();
        self.connection.prepare_cached(MERGE_WORDS)?.execute([n_pages])?;
        // The statement itself counts as one.
        Ok(self.connection.total_changes() - n_before < 2)
    }

    /// Makes the file shorter by up to `n_pages`. False when no page is free any more.
    pub fn free_pages(&self, n_pages: usize) -> Result<bool> {
        // One step a page.
        let mut statement = self.connection.prepare("PRAGMA incremental_vacuum")?;
        let mut pages = statement.query([])?;
        for _ in 0..n_pages {
            if pages.next()?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
