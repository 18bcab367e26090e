//! Field columns of the blocks: made beside everything else, and on the way for a question that comes before.
//!
//! A block's columns are made once and then stored. Until then those that a question made are kept in memory, so that a
//! tab that only reads has them, too. They depend on the formats (see `derived`).

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use analysis::fields::{BlockFields, make};
use model::protocol::Failure;
use rusqlite::{Connection, params};

use super::Store;
use super::blocks::Blocks;
use super::cache::Cache;
use super::directory::{BlockId, Directory, Slot};
use super::error::{Error, Result};

/// Opened columns that are kept: all of a small workspace; of a large one every answer reads them anew.
const CACHE_BYTES: usize = 16 << 20;

const PUT_FIELDS: &str = "INSERT OR REPLACE INTO block_fields (id, bytes) VALUES (?1, ?2)";
const FIELDS: &str = "SELECT bytes FROM block_fields WHERE id = ?1";
const ALL_IDS: &str = "SELECT id FROM block_fields";

/// Which blocks have their columns.
pub struct FieldStore {
    stored: BTreeSet<BlockId>,
    /// Made for a question, not stored yet.
    fresh: BTreeMap<BlockId, Vec<u8>>,
    /// None can be made of these: their entries cannot be read.
    unreadable: BTreeSet<BlockId>,
    opened: Cache<BlockFields>,
    /// Every slot below has its columns stored, or cannot be read.
    first_without: Slot,
}

impl FieldStore {
    /// `directory`: blocks that are not in it are being removed.
    pub fn load(connection: &Connection, directory: &Directory) -> Result<Self> {
        let mut statement = connection.prepare(ALL_IDS)?;
        let mut stored: BTreeSet<BlockId> =
            statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        stored.retain(|&id| directory.slot_of(id).is_some());
        Ok(Self {
            stored,
            fresh: BTreeMap::new(),
            unreadable: BTreeSet::new(),
            opened: Cache::new(CACHE_BYTES),
            first_without: 0,
        })
    }

    /// The block goes; slots change.
    pub fn forget(&mut self, id: BlockId) {
        self.first_without = 0;
        self.stored.remove(&id);
        self.fresh.remove(&id);
        self.unreadable.remove(&id);
        self.opened.remove(id);
    }

    /// Blocks that are not in the directory are gone; slots change.
    pub fn keep(&mut self, directory: &Directory) {
        let is_gone = |id: &BlockId| directory.slot_of(*id).is_none();
        let known = self.stored.iter().chain(self.fresh.keys()).chain(&self.unreadable);
        let gone: Vec<BlockId> = known.copied().filter(is_gone).collect();
        gone.into_iter().for_each(|id| self.forget(id));
        self.first_without = 0;
    }

    /// Nothing is to be made of the block any more.
    fn is_done_with(&self, id: BlockId) -> bool {
        self.stored.contains(&id) || self.unreadable.contains(&id)
    }

    fn n_done_with(&self) -> usize {
        self.stored.len() + self.unreadable.len()
    }
}

impl Blocks {
    /// The field columns of a block; made if there are none yet, which takes some milliseconds.
    pub fn fields(&mut self, slot: Slot) -> Result<Rc<BlockFields>> {
        let id = self.info(slot).id;
        if let Some(fields) = self.fields.opened.get(id) {
            return Ok(fields);
        }
        let bytes = if self.fields.stored.contains(&id) {
            let mut statement = self.connection().prepare_cached(FIELDS)?;
            statement.query_row([id], |row| row.get(0))?
        } else if let Some(bytes) = self.fields.fresh.get(&id) {
            bytes.clone()
        } else {
            let bytes = make(&*self.columns(slot)?, &self.text(slot)?, self.formats());
            self.fields.fresh.insert(id, bytes.clone());
            bytes
        };
        let fields = Rc::new(BlockFields::open(bytes)?);
        self.fields.opened.put(id, fields.clone(), fields.size());
        Ok(fields)
    }

    /// Whether the columns are at hand without opening the block's entries.
    pub fn has_fields(&self, slot: Slot) -> bool {
        let id = self.info(slot).id;
        self.fields.stored.contains(&id) || self.fields.fresh.contains_key(&id)
    }

    /// A block whose columns are not stored, and can be made.
    fn without_fields(&mut self) -> Option<Slot> {
        let slots = self.fields.first_without..self.directory().blocks().len();
        let slot = slots.clone().find(|&slot| !self.fields.is_done_with(self.info(slot).id));
        self.fields.first_without = slot.unwrap_or(slots.end);
        slot
    }

    fn store_fields(&mut self, slot: Slot) -> Result<()> {
        let id = self.info(slot).id;
        let bytes = match self.fields.fresh.remove(&id) {
            Some(bytes) => bytes,
            None => make(&*self.columns(slot)?, &self.text(slot)?, self.formats()),
        };
        self.connection().prepare_cached(PUT_FIELDS)?.execute(params![id, bytes])?;
        self.fields.stored.insert(id);
        Ok(())
    }
}

impl Store {
    /// Some block's field columns are not stored, and can be made.
    pub fn lacks_fields(&self) -> bool {
        self.blocks.fields.n_done_with() < self.blocks.directory().blocks().len()
    }

    /// Makes and stores the field columns of one block, within a transaction that it begins if none is open. Gives the
    /// block's size; `None` when all blocks have theirs. One that cannot be read is passed over: answers that need it say so.
    pub fn make_fields(&mut self) -> std::result::Result<Option<u64>, Failure> {
        let made = self.try_make_fields();
        Ok(self.or_roll_back(made)?)
    }

    fn try_make_fields(&mut self) -> Result<Option<u64>> {
        let Some(slot) = self.blocks.without_fields() else { return Ok(None) };
        self.begin()?;
        let id = self.blocks.info(slot).id;
        match self.blocks.store_fields(slot) {
            // Nothing was written of it.
            Err(Error::Unreadable { .. }) => _ = self.blocks.fields.unreadable.insert(id),
            stored => stored?,
        }
        Ok(Some(u64::from(self.blocks.info(slot).text_bytes)))
    }
}
