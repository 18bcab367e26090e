//! Entries over time by a field: a lane for each value, or a heat map of its numbers.

use std::borrow::Cow;
use std::rc::Rc;

use analysis::lanes::{HeatCount, LaneCount};
use analysis::search::Bitmap;
use model::lanes::{Drawn, Lane, Lanes, LanesAsk, Split};
use model::protocol::{Answer, Failure, Histogram};
use model::query::is_level_name;
use model::severity::BANDS;
use model::template::Kind;

use super::histogram::{bucket_of, empty};
use super::walk::{Opened, Walk, closed};
use super::{Job, Rhythm, STEP_BYTES, Step};
use crate::store::{BlockHits, Blocks, FoundTemplates, OpenColumns, Result, Slot, Store, TemplateNotes};

/// More than any screen has room for.
const MOST_ROWS: u32 = 200;
/// Taking an entry in costs about as much as scanning so many bytes.
const ENTRY_BYTES: u64 = 24;

pub struct LanesJob {
    ask: LanesAsk,
    rhythm: Rhythm,
    progress: Option<Progress>,
}

struct Progress {
    walk: Walk,
    /// Where the buckets are; none is filled.
    buckets: Histogram,
    counting: Counting,
    n_without: u64,
    /// The blocks are gone through once more, with lanes for the largest.
    is_second: bool,
}

enum Counting {
    Lanes(LaneCount),
    Heat(HeatCount),
}

impl LanesJob {
    pub fn new(ask: LanesAsk) -> Self {
        let ask = LanesAsk { n_rows: ask.n_rows.clamp(1, MOST_ROWS), ..ask };
        Self { ask, rhythm: Rhythm::default(), progress: None }
    }

    /// By pattern: what an entry has is only known when all shapes are.
    fn is_by_template(&self) -> bool {
        matches!(&self.ask.split, Split::Lanes(field) if field.eq_ignore_ascii_case("template"))
    }

    fn begin(&self, generation: u64, blocks: &mut Blocks) -> Progress {
        let order = blocks.directory_mut().order();
        let range = closed(self.ask.filter.range, blocks);
        let buckets = empty(range, self.ask.max_buckets, &self.ask.zone);
        let dated = order.by_lowest.iter().copied().filter(|&slot| !blocks.info(slot).undated);
        let counting = match &self.ask.split {
            Split::Heat(_) => Counting::Heat(HeatCount::default()),
            Split::Lanes(_) | Split::None => Counting::Lanes(LaneCount::new(buckets.buckets.len())),
        };
        Progress { walk: Walk::begin(generation, dated, 0), buckets, counting, n_without: 0, is_second: false }
    }

    fn answer(
        &self,
        progress: &Progress,
        templates: Option<(&FoundTemplates, &TemplateNotes)>,
        complete: bool,
    ) -> Answer {
        let n_rows = self.ask.n_rows as usize;
        let n_buckets = progress.buckets.buckets.len();
        let titled = |value| {
            let template = templates.and_then(|(found, notes)| Some((found.named(value)?, notes)));
            template.map_or(Cow::Borrowed(value), |(template, notes)| {
                let name = notes.get(&template.id).map(|note| &note.name).filter(|name| !name.is_empty());
                Cow::Owned(name.unwrap_or(&template.text).clone())
            })
        };
        let drawn = match &progress.counting {
            Counting::Lanes(count) => {
                let mut lanes = count.lanes(n_rows, titled);
                for lane in &mut lanes {
                    lane.kinds = templates.and_then(|(found, _)| kinds_of(lane, found)).unwrap_or_default();
                }
                Drawn::Lanes(lanes)
            }
            Counting::Heat(count) => Drawn::Heat(count.heat(n_buckets, n_rows, self.ask.is_log)),
        };
        Answer::Lanes(Box::new(Lanes {
            start: progress.buckets.start,
            width_nanos: progress.buckets.width_nanos,
            n_buckets: n_buckets as u32,
            drawn,
            n_without: progress.n_without,
            complete,
        }))
    }
}

impl Job for LanesJob {
    fn step(&mut self, store: &mut Store) -> std::result::Result<Step, Failure> {
        let generation = store.generation();
        let blocks = &mut store.blocks;
        let search = store.searches.get(&self.ask.filter, blocks)?;
        let mut progress = match self.progress.take() {
            Some(progress) if progress.walk.generation == generation => progress,
            _ => self.begin(generation, blocks),
        };
        let mut work = 0;
        while work < STEP_BYTES
            && let Some((slot, hits, looked_at)) = progress.walk.next(search, blocks)?
        {
            work += 256 + looked_at;
            let hits = match &hits {
                BlockHits::None => continue,
                BlockHits::All => None,
                BlockHits::Some(bitmap) => Some(&**bitmap),
            };
            work += progress.add(&self.ask.split, blocks, slot, hits)?;
        }
        let is_walked = progress.walk.is_done();
        let largest = if is_walked { progress.with_largest(self.ask.n_rows as usize) } else { None };
        let is_done = is_walked && largest.is_none();
        // The whole picture with other lanes says more than a part of it with the right ones.
        let is_due = is_walked || !progress.is_second && self.rhythm.is_rarely_due();
        let so_far = match is_due {
            true => {
                let templates = if self.is_by_template() { Some(blocks.templates()?) } else { None };
                let notes = templates.as_deref().map(|found| store.template_notes_in(found)).transpose()?;
                Some(self.answer(&progress, templates.as_deref().zip(notes.as_ref()), is_done))
            }
            false => None,
        };
        if let Some(largest) = largest {
            progress = largest;
        }
        let (stage, n_stages) = progress.stages();
        let how_far = (progress.walk.n_done as u64, progress.walk.slots.len() as u64);
        self.progress = Some(progress);
        Ok(match so_far {
            Some(answer) if is_done => Step::Finished(answer),
            so_far => Step::more_of(stage, n_stages, how_far, so_far),
        })
    }
}

impl Progress {
    /// Where more values came than have lanes, which are the largest is known only now: if some of those have none, all blocks are gone
    /// through once more.
    fn with_largest(&self, n_rows: usize) -> Option<Self> {
        let Counting::Lanes(count) = &self.counting else { return None };
        let counting = Counting::Lanes(count.of_largest(n_rows)?);
        let (walk, buckets) = (self.walk.again(), self.buckets.clone());
        Some(Self { walk, buckets, counting, n_without: 0, is_second: true })
    }

    /// Which it is in, of how many, as far as that is known.
    fn stages(&self) -> (u64, u64) {
        let is_full = matches!(&self.counting, Counting::Lanes(count) if count.is_full());
        (u64::from(self.is_second), if self.is_second || is_full { 2 } else { 1 })
    }

    /// Takes the found entries of a block in. Gives a measure of the work.
    fn add(&mut self, split: &Split, blocks: &mut Blocks, slot: Slot, hits: Option<&Bitmap>) -> Result<u64> {
        let columns = blocks.columns(slot)?;
        let mut work = columns.len() as u64 * ENTRY_BYTES;
        let Self { buckets, counting, n_without, .. } = self;
        match (counting, split) {
            (Counting::Heat(count), Split::Heat(field)) => {
                let opened = Opened::for_field(blocks, slot, hits, field)?;
                work += opened.work;
                let amounts = opened.view(blocks, None).amounts(field)?;
                count.set_unit(amounts.unit);
                each_in_bucket(buckets, &columns, hits, |entry, bucket| match amounts.amounts[entry] {
                    number if number.is_finite() => count.add(bucket as u32, number),
                    _ => *n_without += 1,
                });
            }
            (Counting::Lanes(count), Split::Lanes(field)) => {
                let valued = valued(field, blocks, slot, hits, &columns, &mut work)?;
                let bands: Vec<usize> = columns.shapes.iter().map(|shape| shape.severity.band() as usize).collect();
                // The lane of each of the block's values, as soon as an entry has it.
                let mut lanes: Vec<Option<Option<usize>>> = vec![None; valued.values.len()];
                let mut n_further = vec![0u64; valued.values.len()];
                each_in_bucket(buckets, &columns, hits, |entry, bucket| {
                    let Some(value) = valued.of_entry(entry, &columns) else {
                        *n_without += 1;
                        return;
                    };
                    let lane = *lanes[value].get_or_insert_with(|| count.lane(&valued.values[value]));
                    n_further[value] += u64::from(lane.is_none());
                    count.add(lane, bucket, bands[usize::from(columns.shape_of[entry])]);
                });
                for (value, &n_entries) in valued.values.iter().zip(&n_further).filter(|(_, n_entries)| **n_entries > 0)
                {
                    count.count_further(value, n_entries);
                }
            }
            _ => {}
        }
        Ok(work)
    }
}

/// What the values of a lane's pattern look like, where it is titled by its text.
fn kinds_of(lane: &Lane, found: &FoundTemplates) -> Option<Vec<Kind>> {
    let template = found.named(lane.value.as_deref()?).filter(|template| template.text == lane.title)?;
    Some(template.variables.iter().map(|variable| variable.kind).collect())
}

/// Goes through the found entries with their buckets. Neighbours are mostly of one: its bounds spare most divisions.
fn each_in_bucket(
    buckets: &Histogram,
    columns: &OpenColumns,
    hits: Option<&Bitmap>,
    mut each: impl FnMut(usize, usize),
) {
    let (mut bucket, mut from, mut to) = (0, 0, 0);
    let mut place = |entry: usize| {
        let time = columns.times[entry];
        if !(from..to).contains(&time.0) {
            let Some(place) = bucket_of(buckets, time) else { return };
            bucket = place;
            from = buckets.start.0 + place as i64 * buckets.width_nanos;
            to = from.saturating_add(buckets.width_nanos);
        }
        each(entry, bucket);
    };
    match hits {
        None => (0..columns.len()).for_each(&mut place),
        Some(bitmap) => bitmap.iter().for_each(&mut place),
    }
}

/// A block's values of a field, and which of them each entry has.
struct Valued {
    values: Vec<String>,
    of: Of,
}

enum Of {
    /// One value for all.
    Block,
    /// By the head of its line.
    Head(Vec<usize>),
    /// By its message's shape.
    Shape(Rc<Vec<u16>>),
    /// By entry: 0 where it has none, else the value's place counted from 1.
    Entry(Vec<u32>),
}

impl Valued {
    #[inline]
    fn of_entry(&self, entry: usize, columns: &OpenColumns) -> Option<usize> {
        match &self.of {
            Of::Block => Some(0),
            Of::Head(of_head) => Some(of_head[usize::from(columns.shape_of[entry])]),
            Of::Shape(of_entry) => Some(usize::from(of_entry[entry])),
            Of::Entry(ids) => (ids[entry] as usize).checked_sub(1),
        }
    }
}

/// What most ask for is known without field columns.
fn valued(
    field: &str,
    blocks: &mut Blocks,
    slot: Slot,
    hits: Option<&Bitmap>,
    columns: &OpenColumns,
    work: &mut u64,
) -> Result<Valued> {
    let origin = blocks.origin(blocks.info(slot).source);
    let is = |name: &str| field.eq_ignore_ascii_case(name);
    if is("source") {
        return Ok(Valued { values: vec![origin.path.clone()], of: Of::Block });
    }
    if is("service") {
        let named = |name: &String| if name.is_empty() { origin.service.clone() } else { name.clone() };
        let of_head = columns.shapes.iter().map(|head| usize::from(head.service)).collect();
        return Ok(Valued { values: columns.service_names.iter().map(named).collect(), of: Of::Head(of_head) });
    }
    if is_level_name(field) {
        let of_head = columns.shapes.iter().map(|head| head.severity.band() as usize).collect();
        return Ok(Valued { values: BANDS.map(|band| band.name().to_owned()).into(), of: Of::Head(of_head) });
    }
    if is("template") {
        let templates = blocks.block_templates(slot)?;
        let values = templates.ids.iter().map(ToString::to_string).collect();
        return Ok(Valued { values, of: Of::Shape(blocks.shapes_of_entries(slot)?) });
    }
    let opened = Opened::for_field(blocks, slot, hits, field)?;
    *work += opened.work;
    let numbered = opened.view(blocks, None).numbered(field)?;
    let values = numbered.values.into_iter().map(Cow::into_owned).collect();
    Ok(Valued { values, of: Of::Entry(numbered.ids) })
}
