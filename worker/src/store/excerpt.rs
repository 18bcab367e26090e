//! An excerpt: a workspace of its own with some of the entries of another, for a case file of what a search found.
//!
//! Entries keep their text, their lines, their times, and all that was read of them; they are numbered anew. Blocks are
//! cut where entries between are missing. What the user keeps goes along, but for bookmarks on, and pins of, entries that are not
//! there, and texts of templates that none of the entries has. With pseudonyms the texts are other ones, and all that was read of
//! them stays (`disguised`).

use std::collections::{BTreeSet, VecDeque};
use std::ops::Range;

use analysis::block::{BlockBuilder, Columns};
use analysis::disguise::Disguiser;
use analysis::format::Formats;
use analysis::read::Position;
use analysis::template::BlockTemplates;
use model::disguise::Disguise;
use model::entry::SourceId;
use model::protocol::Failure;
use model::scope::Filter;
use model::source::{FileOffer, Source, SourceState};
use model::template::TemplateId;

use super::directory::{BlockInfo, Slot};
use super::error::{Error, Result};
use super::search::BlockHits;
use super::{Store, formats_in};

/// Text copied in one step. Each is cut into words again.
const STEP_BYTES: u64 = 256 << 10;
/// Making a block costs about as much as copying so much text, however little is in it: it is compressed, and goes into
/// every table.
const BLOCK_BYTES: u64 = 16 << 10;
/// A search that finds entries in more places than that, with others between, makes too large a file.
const MOST_BLOCKS: usize = 1 << 15;

/// What is still to be copied.
pub struct Excerpt {
    filter: Filter,
    /// Which workspace is copied from, by its [`Store::number`], and how it was then.
    from: (u64, u64),
    slots: VecDeque<Slot>,
    n_slots: u64,
    /// The block that was left half done.
    rest: Option<Rest>,
    /// The source that is being copied.
    source: Option<(SourceId, BlockBuilder)>,
    n_blocks: usize,
    disguiser: Option<Disguiser>,
    /// Templates of the entries that were copied, as far as templates were found; `None` where no texts of templates go along.
    templates: Option<BTreeSet<TemplateId>>,
}

/// What is left of a block.
struct Rest {
    slot: Slot,
    /// The first entry that was not looked at.
    first: usize,
    /// Lines of the block before it.
    n_lines: u64,
}

/// Blocks that were looked at, and all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    pub n_done: u64,
    pub n_blocks: u64,
    pub is_done: bool,
}

impl Excerpt {
    /// `from`: what is copied from; `into`: an empty workspace. `disguise`: what gets pseudonyms in it, in all that it says.
    pub fn begin(
        from: &mut Store,
        into: &mut Store,
        filter: Filter,
        disguise: Option<Disguise>,
    ) -> std::result::Result<Self, Failure> {
        let disguiser = disguise.map(|disguise| from.disguiser(disguise));
        match &disguiser {
            Some(_) => into.succeed_unnamed(from)?,
            None => into.succeed_without_texts(from)?,
        }
        let takes_texts = disguiser.is_none() && from.has_template_texts()?;
        let slots: VecDeque<Slot> = from.blocks.directory_mut().written().iter().copied().collect();
        let (n_slots, from) = (slots.len() as u64, (from.number(), from.generation()));
        let templates = takes_texts.then(BTreeSet::new);
        Ok(Self { filter, from, slots, n_slots, rest: None, source: None, n_blocks: 0, disguiser, templates })
    }

    /// One bounded step. Entries that came since the beginning are not copied.
    pub fn step(&mut self, from: &mut Store, into: &mut Store) -> std::result::Result<Copied, Failure> {
        // Another workspace may have come in its place, whose blocks are others under the same numbers.
        if (from.number(), from.generation()) != self.from {
            return Err(Failure::Gone);
        }
        if self.disguiser.is_some() && !from.take_up_pseudonyms()? {
            return Ok(Copied { n_done: 0, n_blocks: self.n_slots, is_done: false });
        }
        let copied = self.try_step(from, into);
        let is_done = into.or_roll_back(copied)?;
        if self.n_blocks > MOST_BLOCKS {
            return Err(Failure::Scattered);
        }
        if is_done {
            match &mut self.disguiser {
                Some(disguiser) => into.take_disguised(from, disguiser)?,
                None => {
                    into.unmark_missing()?;
                    into.unpin_missing()?;
                }
            }
            if let Some(templates) = &self.templates {
                into.take_texts_of(from, templates)?;
            }
            tell_whole_sources(from, into)?;
        }
        from.keep_pseudonyms()?;
        let n_left = self.slots.len() as u64 + u64::from(self.rest.is_some());
        Ok(Copied { n_done: self.n_slots - n_left, n_blocks: self.n_slots, is_done })
    }

    fn try_step(&mut self, from: &mut Store, into: &mut Store) -> Result<bool> {
        into.begin()?;
        let mut work = 0;
        while work < STEP_BYTES && self.n_blocks <= MOST_BLOCKS {
            let begun = self.rest.take();
            let next = begun.or_else(|| self.slots.pop_front().map(|slot| Rest { slot, first: 0, n_lines: 0 }));
            let Some(rest) = next else { return Ok(true) };
            let search = from.searches.get(&self.filter, &mut from.blocks)?;
            work += 1 + search.look_at(&mut from.blocks, rest.slot)?;
            let hits = search.hits_of(&mut from.blocks, rest.slot)?;
            if !matches!(hits, BlockHits::None) {
                self.copy(from, into, rest, &hits, &mut work)?;
            }
        }
        Ok(self.slots.is_empty() && self.rest.is_none())
    }

    /// Copies what is found in the rest of a block, until the step's work is done: at least one run of entries.
    fn copy(
        &mut self,
        from: &mut Store,
        into: &mut Store,
        mut rest: Rest,
        hits: &BlockHits,
        work: &mut u64,
    ) -> Result<()> {
        let info = from.blocks.info(rest.slot).clone();
        let (columns, text) = (from.blocks.columns(rest.slot)?, from.blocks.text(rest.slot)?);
        let (source, mut builder) = match self.source.take() {
            Some((source, builder)) if source == info.source => (source, builder),
            _ => (info.source, begin_source(from, into, info.source, self.disguiser.as_mut())?),
        };
        let zone = match info.zone {
            0 => 0,
            zone => into.meta.number_of(from.meta.zone_of(zone).clone()),
        };
        let of_entries = match &self.templates {
            // They are not looked for on the way: that takes long.
            Some(_) if from.blocks.known_templates().is_some() => Some(from.blocks.block_templates(rest.slot)?),
            _ => None,
        };
        let n_blocks = self.n_blocks;
        let lines_of =
            |entries: Range<usize>| -> u64 { entries.map(|entry| u64::from(columns.shape(entry).n_lines)).sum() };
        while let Some(start) = (rest.first..columns.len()).find(|&entry| hits.has(entry)) {
            if *work >= STEP_BYTES && self.n_blocks > n_blocks || self.n_blocks > MOST_BLOCKS {
                self.rest = Some(rest);
                break;
            }
            let end = (start..columns.len()).find(|&entry| !hits.has(entry)).unwrap_or(columns.len());
            let n_before = rest.n_lines + lines_of(rest.first..start);
            let formats = from.blocks.formats();
            let first_line = info.first_line + n_before;
            let block = match &mut self.disguiser {
                None => builder.excerpt(&columns, &text, start..end, first_line, formats),
                Some(disguiser) => {
                    let (columns, text) = disguised(&columns, &text, start..end, formats, disguiser);
                    builder.excerpt(&columns, &text, 0..columns.len(), first_line, formats)
                }
            };
            if let (Some(templates), Some(BlockTemplates { of_entry, ids })) = (&mut self.templates, &of_entries) {
                templates.extend(of_entry[start..end].iter().map(|&shape| ids[usize::from(shape)]));
            }
            *work += BLOCK_BYTES + u64::from(block.text_bytes);
            rest = Rest { first: end, n_lines: n_before + u64::from(block.n_lines), ..rest };
            let counts = formats_in(&block, formats)?;
            into.sources.change(source)?.add_block(&block, counts, formats);
            let id = into.meta.next_block;
            into.meta.next_block += 1;
            let copied = BlockInfo::of(&block, id, source, zone, info.offset_nanos);
            into.blocks.insert(copied, block, false)?;
            self.n_blocks += 1;
        }
        self.source = Some((source, builder));
        Ok(())
    }
}

/// Sources that were read to their end, and of which no entry is left out, are as they were.
fn tell_whole_sources(from: &Store, into: &mut Store) -> Result<()> {
    let is_whole = |&(copied, source): &(&Source, &Source)| {
        copied.n_entries == source.n_entries && matches!(source.state, SourceState::Complete | SourceState::Opened)
    };
    let copied = into.sources.iter().map(|record| &record.shown);
    let both = copied.filter_map(|copied| Some((copied, from.source(copied.id)?)));
    let whole: Vec<_> = both.filter(is_whole).map(|(_, source)| (source.id, source.state.clone())).collect();
    for (id, state) in whole {
        into.sources.change(id)?.shown.state = state;
    }
    Ok(())
}

/// The source under its number, as one of which some entries are left out. A file of an archive stands for itself.
fn begin_source(
    from: &Store,
    into: &mut Store,
    id: SourceId,
    disguiser: Option<&mut Disguiser>,
) -> Result<BlockBuilder> {
    let record = from.sources.get(id).ok_or(Error::Gone)?;
    let shown = &record.shown;
    let path = disguiser.map_or_else(|| shown.path.clone(), |disguiser| disguiser.text(&shown.path));
    let offer = FileOffer { path, bytes: shown.file_bytes, modified_millis: record.modified_millis };
    let zone = into.meta.zone;
    into.sources.add(id, &offer, None, record.fingerprint, zone);
    let added = into.sources.change(id)?;
    added.shown.read_as = shown.read_as.clone();
    added.shown.read_bytes = shown.file_bytes;
    added.shown.state = SourceState::Excerpt;
    if let Some(zone) = &shown.read_as.zone {
        into.meta.number_of(zone.clone());
    }
    into.name_origins();
    let position = record.position.clone().unwrap_or_default();
    let fallback = from.context(id).ok_or(Error::Gone)?.modified;
    Ok(BlockBuilder::resume(fallback, &Position { offset: 0, lines: 0, entries: 0, ..position }))
}

/// Entries of a block with pseudonyms in their texts; they are read as they were.
fn disguised(
    columns: &Columns,
    text: &[u8],
    entries: Range<usize>,
    formats: &Formats,
    disguiser: &mut Disguiser,
) -> (Columns, Vec<u8>) {
    let (mut columns, text) = columns.rewritten(text, entries, |shape, bytes| {
        let text = String::from_utf8_lossy(bytes);
        let fields = formats.parse(shape.format, &text).fields;
        let stamp = shape.stamp.start as usize..shape.stamp.end as usize;
        let (text, stamp) = disguiser.line(&text, &fields, stamp);
        (text.into_bytes(), stamp.start as u32..stamp.end as u32)
    });
    for name in &mut columns.service_names {
        *name = disguiser.text(name);
    }
    (columns, text)
}
