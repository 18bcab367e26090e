//! One template looked at closely: some of its entries, and which values stand in each of its places.
//!
//! Its entries are counted first, from columns, so that those that are read are all of them or come evenly from all of the scope.

use analysis::answer::PlaceCount;
use analysis::template::{Template, line_of};
use model::entry::RowKey;
use model::facet::{Bar, Spread};
use model::protocol::{Answer, Failure, TemplateAsk};
use model::quantity::Unit;
use model::template::{Example, TemplateDetail, VariableDetail};

use super::walk::Walk;
use super::{Job, STEP_BYTES, Step};
use crate::store::{BlockHits, Blocks, Result, Search, Slot, Store};

/// Values are taken from so many entries at most, evenly from all of them.
const MOST_ENTRIES: u64 = 50_000;
/// Counting the entries, and reading some.
const N_STAGES: u64 = 2;
/// Looking which entries of a block are of the template costs about as much as scanning this much text.
const LOOKING_BYTES: u64 = 8 << 10;
/// Values that are sent.
const VALUES_SENT: usize = 12;
/// Longer values are cut.
const LONGEST_VALUE: usize = 200;
const EXAMPLES_SENT: usize = 5;

pub struct TemplateJob {
    ask: TemplateAsk,
    progress: Option<(Walk, Seen)>,
}

/// What was seen so far.
struct Seen {
    template: Template,
    /// The blocks with entries of it, how many entries there are in all, and how many blocks and entries of these were passed.
    slots: Vec<Slot>,
    n_all: u64,
    n_slots_done: usize,
    n_passed: u64,
    n_entries: u64,
    n_read: u64,
    values: Vec<PlaceCount>,
    /// Every so manieth entry is an example.
    stride: u64,
    examples: Vec<Example>,
}

impl TemplateJob {
    pub fn new(ask: TemplateAsk) -> Self {
        Self { ask, progress: None }
    }
}

impl Job for TemplateJob {
    fn step(&mut self, store: &mut Store) -> std::result::Result<Step, Failure> {
        let generation = store.generation();
        let blocks = &mut store.blocks;
        let found = blocks.templates()?;
        let search = store.searches.get(&self.ask.filter, blocks)?;
        if self.progress.as_ref().is_none_or(|(walk, _)| walk.generation != generation) {
            let id = self.ask.id;
            let Some(template) = found.templates.list.iter().find(|template| template.id == id) else {
                return Ok(Step::Finished(Answer::Template(Box::default())));
            };
            let values = template.variables.iter().map(|_| PlaceCount::default()).collect();
            let template = template.clone();
            let seen = Seen {
                template,
                slots: Vec::new(),
                n_all: 0,
                n_slots_done: 0,
                n_passed: 0,
                n_entries: 0,
                n_read: 0,
                values,
                stride: 1,
                examples: Vec::new(),
            };
            self.progress = Some((Walk::oldest_first(generation, blocks), seen));
        }
        let (walk, seen) = self.progress.as_mut().expect("just begun");
        let mut work = 0;
        while work < STEP_BYTES
            && let Some((slot, hits, looked_at)) = walk.next(search, blocks)?
        {
            work += LOOKING_BYTES + looked_at;
            let n = seen.meant(blocks, slot, &hits)?.len() as u64;
            if n > 0 {
                seen.n_all += n;
                seen.slots.push(slot);
            }
        }
        if !walk.is_done() {
            return Ok(Step::more_of(0, N_STAGES, (walk.n_done as u64, walk.slots.len() as u64), None));
        }
        while work < STEP_BYTES && seen.n_slots_done < seen.slots.len() {
            work += seen.read_next(search, blocks)?;
        }
        let (done, total) = (seen.n_slots_done as u64, seen.slots.len() as u64);
        if done < total {
            return Ok(Step::more_of(1, N_STAGES, (done, total), None));
        }
        let (_, seen) = self.progress.take().expect("just begun");
        Ok(Step::Finished(Answer::Template(Box::new(seen.detail()))))
    }
}

impl Seen {
    /// Entries of the template among those that were found in a block.
    fn meant(&self, blocks: &mut Blocks, slot: Slot, hits: &BlockHits) -> Result<Vec<usize>> {
        let (found, id) = (blocks.templates()?, self.template.id);
        let is_of_it: Vec<bool> = blocks.shape_numbers(slot).iter().map(|&shape| found.id(shape) == id).collect();
        if matches!(hits, BlockHits::None) || !is_of_it.contains(&true) {
            return Ok(Vec::new());
        }
        let of_entry = blocks.shapes_of_entries(slot)?;
        let is_meant = |&entry: &usize| is_of_it[usize::from(of_entry[entry])] && hits.has(entry);
        Ok((0..of_entry.len()).filter(is_meant).collect())
    }

    /// Reads what is to be read of the next block. Gives a measure of the work.
    fn read_next(&mut self, search: &mut Search, blocks: &mut Blocks) -> Result<u64> {
        let slot = self.slots[self.n_slots_done];
        self.n_slots_done += 1;
        let hits = search.hits_of(blocks, slot)?;
        let mut entries = self.meant(blocks, slot, &hits)?;
        let n_read_of = |n_passed: u64| n_passed * self.n_all.min(MOST_ENTRIES) / self.n_all;
        let mut n_passed = self.n_passed;
        entries.retain(|_| {
            n_passed += 1;
            n_read_of(n_passed) > n_read_of(n_passed - 1)
        });
        self.n_passed = n_passed;
        if entries.is_empty() {
            return Ok(LOOKING_BYTES);
        }
        self.add(blocks, slot, &entries)?;
        Ok(LOOKING_BYTES + u64::from(blocks.info(slot).text_bytes))
    }

    fn add(&mut self, blocks: &mut Blocks, slot: usize, entries: &[usize]) -> Result<()> {
        let columns = blocks.columns(slot)?;
        let info = blocks.info(slot);
        let (source, first_entry, is_dated) = (info.source, info.first_entry, !info.undated);
        for (&entry, message) in entries.iter().zip(blocks.messages(slot, entries)?) {
            let line = line_of(&message);
            self.n_read += 1;
            if self.n_read.is_multiple_of(self.stride) || self.examples.is_empty() {
                let time = columns.times[entry];
                let key = RowKey { time, source, entry: first_entry + entry as u64 };
                let text = line.chars().take(LONGEST_VALUE * 2).collect();
                self.examples.push(Example { key, time: is_dated.then_some(time), text });
                if self.examples.len() == EXAMPLES_SENT * 2 {
                    let mut place = 0;
                    self.examples.retain(|_| {
                        place += 1;
                        place % 2 == 1
                    });
                    self.stride *= 2;
                }
            }
            let Some(values) = self.template.values(&line) else { continue };
            self.n_entries += 1;
            for (counted, value) in self.values.iter_mut().zip(values) {
                counted.add(value);
            }
        }
        Ok(())
    }

    fn detail(self) -> TemplateDetail {
        let of = |(place, (counted, variable)): (usize, (&PlaceCount, &analysis::template::Variable))| {
            let mut values = counted.most_frequent(VALUES_SENT);
            for (value, _) in &mut values {
                if let Some((cut, _)) = value.char_indices().nth(LONGEST_VALUE) {
                    value.truncate(cut);
                    value.push('…');
                }
            }
            let spread = counted.spread().map(|spread| in_unit(spread, self.template.measure(place)));
            VariableDetail { kind: variable.kind, distinct: counted.distinct(), values, spread }
        };
        let variables = self.values.iter().zip(&self.template.variables).enumerate().map(of).collect();
        let mut examples = self.examples;
        examples.truncate(EXAMPLES_SENT);
        TemplateDetail { examples, variables, n_entries: self.n_entries, n_unread: self.n_all - self.n_read }
    }
}

/// In the unit that the word behind the value says; numbers that bring their unit with them are in that already.
fn in_unit(spread: Spread, measure: Option<(Unit, f64)>) -> Spread {
    let Some((unit, one)) = measure.filter(|_| spread.unit == Unit::Plain) else { return spread };
    let bar = |bar: &Bar| Bar { from: bar.from * one, to: bar.to * one, n_entries: bar.n_entries };
    let [min, p50, p95, max] = [spread.min, spread.p50, spread.p95, spread.max].map(|number| number * one);
    Spread { unit, has_parts: spread.has_parts, min, p50, p95, max, bars: spread.bars.iter().map(bar).collect() }
}
