//! A walk over the blocks of a filter, with what answers need of each.

use std::rc::Rc;

use analysis::answer::{BlockValues, BlockView, Needs, needs_of};
use analysis::fields::BlockFields;
use analysis::search::Bitmap;
use analysis::template::BlockTemplates;
use model::meaning::Meanings;
use model::query::variable_place;
use model::time::TimeRange;

use crate::store::{BlockHits, Blocks, Counted, OpenColumns, Origin, Result, Search, Slot};

/// Opening a block costs about as much as scanning this much text.
const OPENING_BYTES: u64 = 32 << 10;
/// Making field columns costs about as much as scanning so many times the text.
const MAKING_TIMES: u64 = 40;
/// Reading the values in a message costs about as much as scanning this much text.
pub const READING_BYTES: u64 = 1 << 10;

/// The blocks there were at the first step, those left out that were counted in before.
pub struct Walk {
    pub generation: u64,
    pub n_blocks: usize,
    pub slots: Vec<Slot>,
    pub n_done: usize,
}

impl Walk {
    /// `slots`: all, in the order of the walk.
    pub fn begin(generation: u64, slots: impl Iterator<Item = Slot> + Clone, n_counted: usize) -> Self {
        let n_blocks = slots.clone().count();
        Self { generation, n_blocks, slots: slots.filter(|&slot| slot >= n_counted).collect(), n_done: 0 }
    }

    /// All blocks, the oldest entries first.
    pub fn oldest_first(generation: u64, blocks: &mut Blocks) -> Self {
        Self::begin(generation, blocks.directory_mut().order().by_lowest.iter().copied(), 0)
    }

    /// The blocks that have come since, and what was worked out from those before: while logs are read, the same is asked
    /// for again and again.
    pub fn go_on<T: Default>(generation: u64, blocks: &mut Blocks, counted: Option<Counted<T>>) -> (Self, T) {
        let (n_counted, result) = counted.map_or_else(Default::default, |counted| (counted.n_blocks, counted.result));
        let order = blocks.directory_mut().order();
        (Self::begin(generation, order.by_lowest.iter().copied(), n_counted), result)
    }

    /// The same blocks from the first on.
    pub fn again(&self) -> Self {
        Self { slots: self.slots.clone(), n_done: 0, ..*self }
    }

    pub fn is_done(&self) -> bool {
        self.n_done == self.slots.len()
    }

    /// The next block with the entries the search finds in it, and the work it took; `None` at the end.
    pub fn next(&mut self, search: &mut Search, blocks: &mut Blocks) -> Result<Option<(Slot, BlockHits, u64)>> {
        let Some(&slot) = self.slots.get(self.n_done) else { return Ok(None) };
        self.n_done += 1;
        let looked_at = search.look_at(blocks, slot)?;
        Ok(Some((slot, search.hits_of(blocks, slot)?, looked_at)))
    }
}

/// An open range ends where the entries do.
pub fn within(range: Option<TimeRange>, blocks: &Blocks) -> Option<TimeRange> {
    let all = blocks.directory().dated_range();
    match (range, all) {
        (Some(range), Some(all)) => Some(TimeRange { start: range.start.max(all.start), end: range.end.min(all.end) }),
        (range, all) => range.or(all),
    }
}

/// All that is to be seen of a range: an end that is open is where the entries end, others are as they were chosen.
pub fn closed(range: Option<TimeRange>, blocks: &Blocks) -> Option<TimeRange> {
    let all = blocks.directory().dated_range();
    let (Some(range), Some(all)) = (range, all) else { return range.or(all) };
    Some(TimeRange {
        start: if range.start.0 == i64::MIN { all.start } else { range.start },
        end: if range.end.0 == i64::MAX { all.end } else { range.end },
    })
}

/// All parts of a block that a [`BlockView`] shows.
pub struct Opened {
    pub fields: Rc<BlockFields>,
    columns: Rc<OpenColumns>,
    text: Rc<Vec<u8>>,
    origin: Rc<Origin>,
    templates: BlockTemplates,
    values: BlockValues,
    meanings: Rc<Meanings>,
    slot: Slot,
    /// What it took, in bytes of text that could have been scanned.
    pub work: u64,
}

impl Opened {
    pub fn open(
        blocks: &mut Blocks,
        slot: Slot,
        needs: impl Fn(&BlockFields, &Meanings) -> Result<Needs>,
    ) -> Result<Self> {
        let text_bytes = u64::from(blocks.info(slot).text_bytes);
        let mut work = OPENING_BYTES;
        if !blocks.has_fields(slot) {
            work += text_bytes * MAKING_TIMES;
        }
        let fields = blocks.fields(slot)?;
        let meanings = blocks.meanings().clone();
        let needs = needs(&fields, &meanings)?;
        let (mut columns, mut text) = (Rc::default(), Rc::default());
        if needs >= Needs::Columns {
            columns = blocks.columns(slot)?;
            work += columns.len() as u64 * 16;
        }
        if needs >= Needs::ColumnsAndText {
            text = blocks.text(slot)?;
            work += text_bytes;
        }
        let origin = blocks.origin(blocks.info(slot).source);
        Ok(Self {
            fields,
            columns,
            text,
            origin,
            templates: BlockTemplates::default(),
            values: BlockValues::default(),
            meanings,
            slot,
            work,
        })
    }

    /// With what the values of a field need, in all entries of the block or in these.
    pub fn for_field(blocks: &mut Blocks, slot: Slot, hits: Option<&Bitmap>, field: &str) -> Result<Self> {
        let opened =
            Self::open(blocks, slot, |fields, meanings| Ok(needs_of(field, meanings, fields)?.max(Needs::Columns)))?;
        opened.with_values(blocks, hits, variable_place(field).into_iter())
    }

    /// With the templates of its entries.
    pub fn with_templates(self, blocks: &mut Blocks) -> Result<Self> {
        Ok(Self { templates: blocks.block_templates(self.slot)?, ..self })
    }

    /// With the values in these places of its entries' templates.
    pub fn with_values(
        self,
        blocks: &mut Blocks,
        hits: Option<&Bitmap>,
        places: impl Iterator<Item = usize>,
    ) -> Result<Self> {
        let mut places = places.peekable();
        if places.peek().is_none() {
            return Ok(self);
        }
        let n_entries = blocks.info(self.slot).n_entries as usize;
        let values = blocks.with_values(self.slot, |reader| BlockValues::read(reader, n_entries, hits, places))?;
        let n_read = hits.map_or(n_entries, |hits| hits.count());
        Ok(Self { values, work: self.work + n_read as u64 * READING_BYTES, ..self })
    }

    pub fn view<'v>(&'v self, blocks: &Blocks, hits: Option<&'v Bitmap>) -> BlockView<'v> {
        let info = blocks.info(self.slot);
        BlockView {
            fields: &self.fields,
            columns: &self.columns,
            text: &self.text,
            path: &self.origin.path,
            service: &self.origin.service,
            templates: &self.templates,
            values: &self.values,
            meanings: &self.meanings,
            source: info.source,
            first_entry: info.first_entry,
            undated: info.undated,
            hits,
        }
    }
}
