//! The next entry of some severity (next error, previous warning) in a filter's order.

use std::rc::Rc;

use model::entry::RowKey;
use model::protocol::{Answer, Direction, Failure, StepAsk, Stepped};
use model::scope::Order;
use model::severity::Band;

use super::{Job, STEP_BYTES, Step};
use crate::store::{Blocks, Result, Search, Slot, Store, TimeOrder};

pub struct StrideJob {
    ask: StepAsk,
    /// Order of the walk, and whether it goes from its end to its beginning.
    walk: Order,
    is_backward: bool,
    /// How many blocks have been passed, from the walk's front.
    n_passed: usize,
    /// The nearest found so far.
    nearest: Option<RowKey>,
    /// The walk is over; what remains is the rank.
    walked: bool,
    /// The blocks as they were at the first step.
    order: Rc<TimeOrder>,
    generation: Option<u64>,
}

impl StrideJob {
    pub fn new(ask: StepAsk) -> Self {
        let (walk, is_backward) = match (ask.direction, ask.filter.order) {
            (direction, Order::AsWritten) => (Order::AsWritten, direction == Direction::Backward),
            (Direction::Forward, order) => (order, false),
            (Direction::Backward, Order::OldestFirst) => (Order::NewestFirst, false),
            (Direction::Backward, Order::NewestFirst) => (Order::OldestFirst, false),
        };
        Self {
            ask,
            walk,
            is_backward,
            n_passed: 0,
            nearest: None,
            walked: false,
            order: Rc::default(),
            generation: None,
        }
    }
}

impl Job for StrideJob {
    fn step(&mut self, store: &mut Store) -> std::result::Result<Step, Failure> {
        let generation = store.generation();
        let blocks = &mut store.blocks;
        if self.generation.replace(generation) != Some(generation) {
            (self.n_passed, self.nearest, self.walked) = (0, None, false);
            self.order = blocks.directory_mut().order();
        }
        let search = store.searches.get(&self.ask.filter, blocks)?;
        if !self.walked {
            self.walked = self.walk(search, blocks)?;
        } else {
            search.advance(blocks, self.ask.filter.order, STEP_BYTES)?;
        }
        if self.walked {
            let Some(key) = self.nearest else {
                return Ok(Step::Finished(Answer::Step(None)));
            };
            if search.is_final_at(blocks, self.ask.filter.order, key) {
                let rank = search.rank(blocks, self.ask.filter.order, key)?;
                return Ok(Step::Finished(Answer::Step(Some(Stepped { key, rank }))));
            }
        }
        let (done, total) = search.progress();
        Ok(Step::More { done, total, so_far: None })
    }
}

impl StrideJob {
    /// Passes blocks until the nearest entry is certain (then true) or the step is used up.
    fn walk(&mut self, search: &mut Search, blocks: &mut Blocks) -> Result<bool> {
        let order = self.order.clone();
        let written = blocks.directory_mut().written();
        let slots = match self.walk {
            Order::OldestFirst => &order.by_lowest,
            Order::NewestFirst => &order.by_highest,
            Order::AsWritten => &*written,
        };
        let mut work = 0;
        while let Some(place) = self.place(slots.len()) {
            let slot = slots[place];
            let info = blocks.info(slot);
            let (first, last) = match self.walk {
                Order::OldestFirst => (info.lowest(), info.highest()),
                Order::NewestFirst => (info.highest(), info.lowest()),
                Order::AsWritten if self.is_backward => (info.highest(), info.lowest()),
                Order::AsWritten => (info.lowest(), info.highest()),
            };
            if self.nearest.is_some_and(|nearest| self.comes_before(nearest, first)) {
                return Ok(true);
            }
            let is_behind = self.ask.from.is_some_and(|from| !self.comes_before(from, last));
            if !is_behind && has_band_from(info.bands, self.ask.least) {
                work += 1024 + search.look_at(blocks, slot)?;
                self.look_into(search, blocks, slot)?;
            }
            self.n_passed += 1;
            if work > STEP_BYTES {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn place(&self, n_blocks: usize) -> Option<usize> {
        match self.walk {
            Order::OldestFirst => Some(self.n_passed).filter(|&place| place < n_blocks),
            Order::NewestFirst => n_blocks.checked_sub(self.n_passed + 1),
            Order::AsWritten if self.is_backward => n_blocks.checked_sub(self.n_passed + 1),
            Order::AsWritten => Some(self.n_passed).filter(|&place| place < n_blocks),
        }
    }

    fn look_into(&mut self, search: &mut Search, blocks: &mut Blocks, slot: Slot) -> Result<()> {
        let hits = search.hits_of(blocks, slot)?;
        let columns = blocks.columns(slot)?;
        let (source, first_entry) = (blocks.info(slot).source, blocks.info(slot).first_entry);
        for entry in 0..columns.len() {
            if columns.severity(entry).band() < self.ask.least || !hits.has(entry) {
                continue;
            }
            let key = RowKey { time: columns.times[entry], source, entry: first_entry + entry as u64 };
            let is_ahead = self.ask.from.is_none_or(|from| self.comes_before(from, key));
            if is_ahead && self.nearest.is_none_or(|nearest| self.comes_before(key, nearest)) {
                self.nearest = Some(key);
            }
        }
        Ok(())
    }

    fn comes_before(&self, a: RowKey, b: RowKey) -> bool {
        match self.walk {
            Order::OldestFirst => a < b,
            Order::NewestFirst => a > b,
            Order::AsWritten if self.is_backward => (a.source, a.entry) > (b.source, b.entry),
            Order::AsWritten => (a.source, a.entry) < (b.source, b.entry),
        }
    }
}

/// Whether a block with these bands can have an entry of at least `least`.
fn has_band_from(bands: u8, least: Band) -> bool {
    bands >> (least as u8) != 0
}
