//! What stands around an entry: its neighbours in the source it is from, or among the entries that a query finds.
//!
//! Only blocks near the entry are opened, whatever the size of the workspace.

use analysis::search::Highlighter;
use model::entry::RowKey;
use model::protocol::{Answer, Context, ContextAsk, Failure, MOST_NEIGHBOURS, Near, RowForm};
use model::scope::Filter;

use super::{Job, STEP_BYTES, Step, row};
use crate::store::{Blocks, Found, Result, Search, Slot, Store, read_filter};

/// Opening a block costs about as much as scanning this much text.
const OPENING_BYTES: u64 = 4 << 10;

pub struct ContextJob {
    ask: ContextAsk,
    generation: Option<u64>,
    before: Side,
    after: Side,
}

/// The neighbours in one direction, the nearest first.
#[derive(Default)]
struct Side {
    slots: Vec<Slot>,
    n_passed: usize,
    found: Vec<Found>,
    is_done: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Direction {
    Before,
    After,
}

impl ContextJob {
    pub fn new(ask: ContextAsk) -> Self {
        let most = |n_rows: u32| n_rows.min(MOST_NEIGHBOURS);
        let ask = ContextAsk { n_before: most(ask.n_before), n_after: most(ask.n_after), ..ask };
        Self { ask, generation: None, before: Side::default(), after: Side::default() }
    }
}

impl Job for ContextJob {
    fn step(&mut self, store: &mut Store) -> std::result::Result<Step, Failure> {
        let generation = store.generation();
        let blocks = &mut store.blocks;
        // The key's time may be of another zone: source and ordinal name the entry for good.
        let key = self.ask.key;
        let slot = blocks.directory().find_entry(key.source, key.entry).ok_or(Failure::Gone)?;
        let own = found_at(blocks, slot, (key.entry - blocks.info(slot).first_entry) as usize)?;
        let (n_before, n_after) = (self.ask.n_before as usize, self.ask.n_after as usize);
        // One more on each side tells whether there are more.
        let is_done = match &self.ask.near {
            Near::Source => {
                self.before.found = in_source(blocks, own, Direction::Before, n_before + 1)?;
                self.after.found = in_source(blocks, own, Direction::After, n_after + 1)?;
                true
            }
            Near::Found(query) => {
                if self.generation.replace(generation) != Some(generation) {
                    self.before = Side::begin(blocks, own.key, Direction::Before);
                    self.after = Side::begin(blocks, own.key, Direction::After);
                }
                let filter = Filter { query: query.clone(), ..Filter::default() };
                let search = store.searches.get(&filter, blocks)?;
                self.before.walk(search, blocks, own.key, Direction::Before, n_before + 1)?;
                self.after.walk(search, blocks, own.key, Direction::After, n_after + 1)?;
                self.before.is_done && self.after.is_done
            }
        };
        if !is_done {
            let done = (self.before.n_passed + self.after.n_passed) as u64;
            return Ok(Step::More { done, total: blocks.directory().blocks().len() as u64, so_far: None });
        }
        let (is_start, is_end) = (self.before.found.len() <= n_before, self.after.found.len() <= n_after);
        self.before.found.truncate(n_before);
        self.after.found.truncate(n_after);
        let (marked, _) = read_filter(&self.ask.query, blocks)?;
        let highlighter = Highlighter::new(&marked);
        let around = self.before.found.iter().rev().chain([&own]).chain(&self.after.found);
        let mut rows = Vec::with_capacity(self.before.found.len() + 1 + self.after.found.len());
        for &found in around {
            rows.push(row::row(blocks, found, &highlighter, &RowForm::default())?);
        }
        Ok(Step::Finished(Answer::Context(Context {
            rows,
            n_before: self.before.found.len() as u32,
            is_start,
            is_end,
        })))
    }
}

/// Neighbours as they stand in the file.
fn in_source(blocks: &mut Blocks, own: Found, direction: Direction, n_rows: usize) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    let (source, mut at) = (own.key.source, own.key.entry);
    let mut slot = own.slot;
    while found.len() < n_rows {
        let next = match direction {
            Direction::Before => at.checked_sub(1),
            Direction::After => at.checked_add(1),
        };
        let Some(next) = next else { break };
        let info = blocks.info(slot);
        let is_here = info.first_entry <= next && next < info.first_entry + u64::from(info.n_entries);
        if !is_here {
            let Some(there) = blocks.directory().find_entry(source, next) else { break };
            slot = there;
        }
        let first_entry = blocks.info(slot).first_entry;
        found.push(found_at(blocks, slot, (next - first_entry) as usize)?);
        at = next;
    }
    Ok(found)
}

fn found_at(blocks: &mut Blocks, slot: Slot, entry: usize) -> Result<Found> {
    let time = blocks.columns(slot)?.times[entry];
    let info = blocks.info(slot);
    let key = RowKey { time, source: info.source, entry: info.first_entry + entry as u64 };
    Ok(Found { key, slot, entry: entry as u32 })
}

impl Side {
    /// The blocks that reach beyond `key`, those that begin nearest to it first.
    fn begin(blocks: &mut Blocks, key: RowKey, direction: Direction) -> Self {
        let order = blocks.directory_mut().order();
        let slots = match direction {
            Direction::Before => {
                order.by_highest.iter().rev().copied().filter(|&slot| blocks.info(slot).lowest() < key).collect()
            }
            Direction::After => {
                order.by_lowest.iter().copied().filter(|&slot| blocks.info(slot).highest() > key).collect()
            }
        };
        Self { slots, ..Self::default() }
    }

    /// Looks into blocks until the nearest `n_rows`, at least one, are certain or the step is used up.
    fn walk(
        &mut self,
        search: &mut Search,
        blocks: &mut Blocks,
        key: RowKey,
        direction: Direction,
        n_rows: usize,
    ) -> Result<()> {
        let is_beyond = |one: RowKey, other: RowKey| match direction {
            Direction::Before => one < other,
            Direction::After => one > other,
        };
        let mut work = 0;
        while !self.is_done && work < STEP_BYTES {
            let Some(&slot) = self.slots.get(self.n_passed) else {
                self.is_done = true;
                break;
            };
            let nearest = match direction {
                Direction::Before => blocks.info(slot).highest(),
                Direction::After => blocks.info(slot).lowest(),
            };
            if self.found.get(n_rows - 1).is_some_and(|last| is_beyond(nearest, last.key)) {
                self.is_done = true;
                break;
            }
            self.n_passed += 1;
            work += OPENING_BYTES + search.look_at(blocks, slot)?;
            let hits = search.hits_of(blocks, slot)?;
            for entry in 0..blocks.info(slot).n_entries as usize {
                if hits.has(entry) {
                    let found = found_at(blocks, slot, entry)?;
                    if is_beyond(found.key, key) {
                        self.found.push(found);
                    }
                }
            }
            self.found.sort_unstable_by(|a, b| match direction {
                Direction::Before => b.cmp(a),
                Direction::After => a.cmp(b),
            });
            self.found.truncate(n_rows);
        }
        Ok(())
    }
}
