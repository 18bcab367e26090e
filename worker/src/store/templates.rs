//! Templates: the shapes of each block, those of all blocks together, and what is found from these.
//!
//! Readers make a block's shapes with the block. Those of an earlier build's blocks are made beside everything else, and on
//! the way for a question that comes before. All shapes together are in memory only: they are put together from the blocks'
//! when they are first asked for, and anew when blocks go.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use analysis::format::FieldSlots;
use analysis::template::{
    BlockShapes, BlockTemplates, Finding, Miner, SourceMiner, Template, Templates, ValueReader, families,
};
use model::entry::SourceId;
use model::protocol::Failure;
use model::template::TemplateId;
use rusqlite::{Connection, params};

use super::Store;
use super::blocks::Blocks;
use super::cache::Cache;
use super::directory::{BlockId, Slot};
use super::error::{Error, Result};

/// Shapes of about two million entries, two bytes each.
const CACHE_BYTES: usize = 8 << 20;

/// A step of finding templates costs about as much for each shape as scanning this much text.
const FINDING_BYTES: u64 = 64;

const PUT_SHAPES: &str = "INSERT OR REPLACE INTO block_shapes (id, bytes) VALUES (?1, ?2)";
const SHAPES: &str = "SELECT bytes FROM block_shapes WHERE id = ?1";
const ALL_IDS: &str = "SELECT id FROM block_shapes";

/// Which blocks have their shapes, and what is known of all together.
pub struct TemplateStore {
    stored: BTreeSet<BlockId>,
    /// Made for a question, not stored yet.
    fresh: BTreeMap<BlockId, Vec<u8>>,
    /// None can be made of these: their entries cannot be read.
    unreadable: BTreeSet<BlockId>,
    /// Every slot below has its shapes stored, or cannot be read.
    first_without: Slot,
    /// Of sources in whose messages something was looked for: how lines begin.
    sources: HashMap<SourceId, Learnt>,
    /// Which shape of its block each entry has.
    of_entry: Cache<Vec<u16>>,
    /// Shared with what is being found from it; then what comes changes a copy.
    all: Rc<Miner>,
    /// Every slot below is in `all`.
    n_merged: Slot,
    /// By block: which of all shapes those of the block are.
    numbers: HashMap<BlockId, Rc<[u32]>>,
    found: Option<Rc<FoundTemplates>>,
    /// On the way to it.
    underway: Option<Underway>,
    /// Counts how often entries came to have another template than before.
    epoch: u64,
}

/// How the lines of a source begin, as far as its blocks were looked at.
#[derive(Default)]
struct Learnt {
    miner: SourceMiner,
    /// Blocks that begin with an entry before this one were looked at.
    n_seen: u64,
    /// Of each format that the miner has a header of: the first entry of the block that told.
    since: Vec<u64>,
}

impl Learnt {
    /// What the blocks up to the one with this first entry told.
    fn as_of(&self, first_entry: u64) -> SourceMiner {
        SourceMiner::resume(self.miner.headers().first(self.since.partition_point(|&since| since <= first_entry)))
    }
}

/// On the way to the templates of the blocks there were when that began; what comes meanwhile does not disturb it.
struct Underway {
    finding: Finding,
    of: Rc<Miner>,
    n_merged: Slot,
}

/// The templates of all entries so far.
#[derive(Clone, Default)]
pub struct FoundTemplates {
    pub templates: Templates,
    /// Of each template, once they were looked for.
    families: OnceCell<Vec<u32>>,
    /// Index into the list, by the id as queries write it.
    by_name: HashMap<String, u32>,
    /// The same by the id itself.
    by_id: HashMap<TemplateId, u32>,
    /// Of how many blocks they were found; shapes of later ones are told as far as they are known.
    n_found: Slot,
}

impl FoundTemplates {
    fn of(templates: Templates, n_found: Slot) -> Self {
        let mut found = Self { templates, n_found, ..Self::default() };
        found.number(0);
        found
    }

    /// Shapes that came since have one, too. Cost: that of the new ones.
    fn take_in(&mut self, all: &Miner) {
        let n_before = self.templates.list.len();
        self.templates.take_in(all, &mut self.by_id);
        self.number(n_before);
        self.families = OnceCell::new();
    }

    /// Makes the templates from this place on be found by their ids.
    fn number(&mut self, first: usize) {
        for (template, at) in self.templates.list.iter().zip(0..).skip(first) {
            self.by_name.insert(template.id.to_string(), at);
            self.by_id.insert(template.id, at);
        }
    }

    /// Looks for the families, if that was not done: with thousands of templates a step's work.
    pub fn find_families(&self) {
        self.families.get_or_init(|| families(&self.templates.list));
    }

    /// The template that the family of this one, by its place in the list, is called by: itself until families were looked
    /// for.
    pub fn family(&self, place: usize) -> TemplateId {
        let leader = self.families.get().map_or(place, |leaders| leaders[place] as usize);
        self.templates.list[leader].id
    }

    /// The template whose id a query writes so.
    pub fn named(&self, id: &str) -> Option<&Template> {
        self.by_name.get(id).map(|&at| &self.templates.list[at as usize])
    }

    pub fn id(&self, shape: u32) -> TemplateId {
        self.template(shape).id
    }

    pub fn template(&self, shape: u32) -> &Template {
        &self.templates.list[self.templates.of_shape[shape as usize] as usize]
    }
}

impl TemplateStore {
    pub fn load(connection: &Connection) -> Result<Self> {
        let mut statement = connection.prepare(ALL_IDS)?;
        Ok(Self {
            stored: statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?,
            fresh: BTreeMap::new(),
            unreadable: BTreeSet::new(),
            first_without: 0,
            sources: HashMap::new(),
            of_entry: Cache::new(CACHE_BYTES),
            all: Rc::default(),
            n_merged: 0,
            numbers: HashMap::new(),
            found: None,
            underway: None,
            epoch: 0,
        })
    }

    /// Blocks are gone, or others are in their place: what is known of all together is not true any more.
    pub fn begin_anew(&mut self) {
        self.unreadable.clear();
        self.first_without = 0;
        self.sources.clear();
        self.all = Rc::default();
        self.n_merged = 0;
        self.numbers.clear();
        self.found = None;
        self.underway = None;
        self.epoch += 1;
    }

    /// Nothing is to be made of the block any more.
    fn is_done_with(&self, id: BlockId) -> bool {
        self.stored.contains(&id) || self.unreadable.contains(&id)
    }
}

impl TemplateStore {
    /// Goes on with the templates of all shapes. Gives what that took, in bytes of text that could have been looked at.
    fn find_some(&mut self) -> u64 {
        let mut underway = self.underway.take().unwrap_or_else(|| Underway {
            finding: Finding::begin(&self.all),
            of: self.all.clone(),
            n_merged: self.n_merged,
        });
        let work = underway.of.n_shapes() as u64 * FINDING_BYTES;
        if underway.finding.step(&underway.of) {
            self.underway = Some(underway);
            return work;
        }
        let mut found = FoundTemplates::of(underway.finding.finish(), underway.n_merged);
        found.take_in(&self.all);
        let is_changed = |before: &Rc<FoundTemplates>| {
            (0..before.templates.of_shape.len() as u32).any(|shape| before.id(shape) != found.id(shape))
        };
        self.epoch += u64::from(self.found.as_ref().is_some_and(is_changed));
        self.found = Some(Rc::new(found));
        work
    }

    /// Shapes that came since templates were found have one, too.
    fn take_in_later_ones(&mut self) {
        if let Some(found) = &mut self.found
            && found.templates.of_shape.len() < self.all.n_shapes()
        {
            // A copy is made only where a job holds those of before.
            Rc::make_mut(found).take_in(&self.all);
        }
    }
}

impl Blocks {
    /// Stores the shapes that came with a block.
    pub(super) fn put_shapes(&mut self, id: BlockId, bytes: &[u8]) -> Result<()> {
        self.connection().prepare_cached(PUT_SHAPES)?.execute(params![id, bytes])?;
        self.templates.stored.insert(id);
        Ok(())
    }

    /// Whether the templates of at least the first blocks are found; [`Blocks::find_some_templates`] brings that about.
    pub fn are_templates_found(&self, n_blocks: usize) -> bool {
        let n_blocks = n_blocks.min(self.directory().blocks().len());
        self.templates.found.as_ref().is_some_and(|found| found.n_found >= n_blocks)
    }

    /// Blocks whose shapes are taken in.
    pub fn n_with_shapes_merged(&self) -> Slot {
        self.templates.n_merged
    }

    /// Takes the shapes of one more block in, or, when those of the first blocks are, goes on a little with finding templates. Gives
    /// what that took, in bytes of text that could have been looked at.
    pub fn find_some_templates(&mut self, n_blocks: usize) -> Result<u64> {
        let are_merged = self.templates.n_merged >= n_blocks.min(self.directory().blocks().len());
        if self.templates.underway.is_some() || are_merged {
            return Ok(self.templates.find_some());
        }
        self.merge_next()
    }

    /// Takes the shapes of one more block in; there is one.
    fn merge_next(&mut self) -> Result<u64> {
        let slot = self.templates.n_merged;
        let id = self.info(slot).id;
        let is_made = self.templates.stored.contains(&id) || self.templates.fresh.contains_key(&id);
        let shapes = BlockShapes::decode(&self.shapes(slot)?)?;
        let numbers = Rc::make_mut(&mut self.templates.all).merge_block(&shapes);
        self.templates.numbers.insert(id, numbers.into());
        self.templates.n_merged += 1;
        Ok(if is_made { 0 } else { u64::from(self.info(slot).text_bytes) })
    }

    /// The templates of all entries. Whoever can wait has those of the blocks there are found in steps before; of what came since,
    /// the shapes that are new are templates of their own.
    pub fn templates(&mut self) -> Result<Rc<FoundTemplates>> {
        let n_blocks = self.directory().blocks().len();
        while self.templates.found.is_none() {
            self.find_some_templates(n_blocks)?;
        }
        while self.templates.n_merged < n_blocks {
            self.merge_next()?;
        }
        self.templates.take_in_later_ones();
        Ok(self.templates.found.clone().unwrap_or_default())
    }

    /// The templates, if they were found: without those of blocks that came since.
    pub fn known_templates(&self) -> Option<Rc<FoundTemplates>> {
        self.templates.found.clone()
    }

    /// Grows when entries come to have another template than before.
    pub fn templates_epoch(&mut self) -> Result<u64> {
        self.templates()?;
        Ok(self.templates.epoch)
    }

    /// Which of all shapes those of the block are. Its shapes have been merged.
    pub fn shape_numbers(&self, slot: Slot) -> Rc<[u32]> {
        self.templates.numbers.get(&self.info(slot).id).cloned().unwrap_or_default()
    }

    /// Which shape of its block each entry has.
    pub fn shapes_of_entries(&mut self, slot: Slot) -> Result<Rc<Vec<u16>>> {
        let id = self.info(slot).id;
        if let Some(of_entry) = self.templates.of_entry.get(id) {
            return Ok(of_entry);
        }
        let of_entry = Rc::new(BlockShapes::decode_entries(&self.shapes(slot)?)?);
        self.templates.of_entry.put(id, of_entry.clone(), of_entry.len() * size_of::<u16>());
        Ok(of_entry)
    }

    /// The texts that are wanted of a block's messages, values left out, each with its entries; none that more than `most` have.
    pub fn entries_with(
        &mut self,
        slot: Slot,
        most: usize,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Result<Vec<(String, Vec<usize>)>> {
        Ok(BlockShapes::decode(&self.shapes(slot)?)?.entries_with(most, is_wanted))
    }

    /// The template of one entry.
    pub fn template_of(&mut self, slot: Slot, entry: usize) -> Result<TemplateId> {
        let found = self.templates()?;
        Ok(found.id(self.shape_of(slot, entry)?))
    }

    /// Which of all shapes one entry has. The block's have been merged.
    pub fn shape_of(&mut self, slot: Slot, entry: usize) -> Result<u32> {
        let shape = self.shapes_of_entries(slot)?[entry];
        Ok(self.shape_numbers(slot)[usize::from(shape)])
    }

    pub fn block_templates(&mut self, slot: Slot) -> Result<BlockTemplates> {
        let found = self.templates()?;
        let of_entry = self.shapes_of_entries(slot)?.to_vec();
        Ok(BlockTemplates { of_entry, ids: self.shape_numbers(slot).iter().map(|&shape| found.id(shape)).collect() })
    }

    /// Reads the values in the messages of a block; what for is said by the closure.
    pub fn with_values<T>(&mut self, slot: Slot, read: impl FnOnce(&ValueReader<'_>) -> T) -> Result<T> {
        let found = self.templates()?;
        let (of_entry, numbers) = (self.shapes_of_entries(slot)?, self.shape_numbers(slot));
        let of_shape: Vec<&Template> = numbers.iter().map(|&shape| found.template(shape)).collect();
        let (columns, text) = (self.columns(slot)?, self.text(slot)?);
        let formats = self.formats();
        self.with_miner(slot, |miner| {
            read(&ValueReader::new(formats, (&columns, &text), miner, (&of_entry, &of_shape)))
        })
    }

    /// Which blocks have an entry that a test of templates may find, by those alone. `may_find`: by id as queries write it, and
    /// how many values it has.
    pub fn may_hold(&mut self, may_find: impl Fn(&str, usize) -> bool) -> Result<Vec<bool>> {
        let found = self.templates()?;
        let templates = found.templates.list.iter();
        let of_template: Vec<bool> =
            templates.map(|template| may_find(&template.id.to_string(), template.variables.len())).collect();
        let of_shape = |shape: &u32| of_template[found.templates.of_shape[*shape as usize] as usize];
        Ok((0..self.directory().blocks().len()).map(|slot| self.shape_numbers(slot).iter().any(of_shape)).collect())
    }

    fn shapes(&mut self, slot: Slot) -> Result<Vec<u8>> {
        let id = self.info(slot).id;
        if self.templates.stored.contains(&id) {
            let mut statement = self.connection().prepare_cached(SHAPES)?;
            return Ok(statement.query_row([id], |row| row.get(0))?);
        }
        if let Some(bytes) = self.templates.fresh.get(&id) {
            return Ok(bytes.clone());
        }
        let bytes = self.make_shapes(slot)?;
        self.templates.fresh.insert(id, bytes.clone());
        Ok(bytes)
    }

    /// As the block's reader would have made them: it had read the blocks before.
    fn make_shapes(&mut self, slot: Slot) -> Result<Vec<u8>> {
        let (columns, text) = (self.columns(slot)?, self.text(slot)?);
        let formats = self.formats();
        self.with_miner(slot, |miner| miner.shapes(formats, &columns, &text).encode())
    }

    /// What these entries of a block say, as their templates see it.
    pub fn messages(&mut self, slot: Slot, entries: &[usize]) -> Result<Vec<String>> {
        let (columns, text) = (self.columns(slot)?, self.text(slot)?);
        let formats = self.formats();
        let mut slots = FieldSlots::default();
        self.with_miner(slot, |miner| {
            let message = |&entry: &usize| {
                let text = String::from_utf8_lossy(&text[columns.text_range(entry)]);
                miner.message(formats, columns.shape(entry).format, &text, &mut slots).into_owned()
            };
            entries.iter().map(message).collect()
        })
    }

    /// With how the lines of the block's source begin, as its blocks up to this one tell.
    fn with_miner<T>(&mut self, slot: Slot, take: impl FnOnce(&mut SourceMiner) -> T) -> Result<T> {
        let (source, first_entry) = (self.info(slot).source, self.info(slot).first_entry);
        let (formats, columns) = (self.formats(), self.columns(slot)?);
        let mut learnt = self.templates.sources.remove(&source).unwrap_or_default();
        // Most formats say where the message begins: then nothing is to be learnt from the blocks before.
        if learnt.n_seen <= first_entry && learnt.miner.would_learn(formats, &columns) {
            self.learn_up_to(slot, &mut learnt)?;
        }
        let taken = match learnt.since.last() {
            Some(&since) if since > first_entry => take(&mut learnt.as_of(first_entry)),
            _ => take(&mut learnt.miner),
        };
        self.templates.sources.insert(source, learnt);
        Ok(taken)
    }

    /// Learns how lines begin from the blocks of the slot's source that were not looked at, up to this one.
    fn learn_up_to(&mut self, slot: Slot, learnt: &mut Learnt) -> Result<()> {
        let (source, first_entry) = (self.info(slot).source, self.info(slot).first_entry);
        for before in 0..=slot {
            let info = self.info(before);
            if info.source != source || !(learnt.n_seen..=first_entry).contains(&info.first_entry) {
                continue;
            }
            match self.learn_from(before, learnt) {
                // What cannot be read tells nothing.
                Ok(()) | Err(Error::Unreadable { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        learnt.n_seen = first_entry + 1;
        Ok(())
    }

    fn learn_from(&mut self, slot: Slot, learnt: &mut Learnt) -> Result<()> {
        let (formats, since) = (self.formats(), self.info(slot).first_entry);
        let columns = self.columns(slot)?;
        if learnt.miner.would_learn(formats, &columns) {
            learnt.miner.shapes(formats, &columns, &self.text(slot)?);
            learnt.since.resize(learnt.miner.headers().n_formats(), since);
        }
        Ok(())
    }

    /// A block whose shapes are not stored, and can be made.
    fn without_shapes(&mut self) -> Option<Slot> {
        let slots = self.templates.first_without..self.directory().blocks().len();
        let slot = slots.clone().find(|&slot| !self.templates.is_done_with(self.info(slot).id));
        self.templates.first_without = slot.unwrap_or(slots.end);
        slot
    }
}

impl Store {
    /// Some block's shapes are not stored, and can be made.
    pub fn lacks_shapes(&self) -> bool {
        let blocks = self.blocks.directory().blocks();
        let unchecked = blocks.get(self.blocks.templates.first_without..).unwrap_or_default();
        unchecked.iter().any(|block| !self.blocks.templates.is_done_with(block.id))
    }

    /// Makes and stores the shapes of one block, within a transaction that it begins if none is open. Gives the block's
    /// size; `None` when all blocks have theirs. One that cannot be read is passed over: answers that need it say so.
    pub fn make_shapes(&mut self) -> std::result::Result<Option<u64>, Failure> {
        let made = self.try_make_shapes();
        Ok(self.or_roll_back(made)?)
    }

    fn try_make_shapes(&mut self) -> Result<Option<u64>> {
        let Some(slot) = self.blocks.without_shapes() else { return Ok(None) };
        self.begin()?;
        let id = self.blocks.info(slot).id;
        let made = match self.blocks.templates.fresh.remove(&id) {
            Some(bytes) => Ok(bytes),
            None => self.blocks.make_shapes(slot),
        };
        match made {
            Err(Error::Unreadable { .. }) => _ = self.blocks.templates.unreadable.insert(id),
            made => self.blocks.put_shapes(id, &made?)?,
        }
        Ok(Some(u64::from(self.blocks.info(slot).text_bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_that_come_later_are_taken_in_without_copying_all_that_was_found() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE block_shapes (id INTEGER, bytes BLOB)").unwrap();
        let mut store = TemplateStore::load(&connection).unwrap();
        let push = |store: &mut TemplateStore, text: &str| Rc::make_mut(&mut store.all).push(text);
        push(&mut store, "cart opened");
        while store.found.is_none() {
            store.find_some();
        }
        let place = |store: &TemplateStore| store.found.as_ref().map(Rc::as_ptr);
        let before = place(&store);
        let shape = push(&mut store, "bank is closed");
        store.take_in_later_ones();
        assert_eq!(place(&store), before);
        let held = store.found.clone().unwrap();
        let named = held.named(&held.id(shape).to_string()).map(|template| template.text.as_str());
        assert_eq!(named, Some("bank is closed"));
        // Who counts by the templates of before goes on with them.
        push(&mut store, "shop is open");
        store.take_in_later_ones();
        assert_eq!(
            (held.templates.list.len(), store.found.as_ref().map(|found| found.templates.list.len())),
            (2, Some(3))
        );
    }
}
