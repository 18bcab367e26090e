//! One filter over all blocks: which entries it finds, how many, and which is the n-th.
//!
//! A search looks at blocks in the order that is asked for and remembers each block's hits, so that asking again, in the
//! other order, or for another page costs only what has not been looked at. Ranks come from hits per block: those of
//! blocks that end before a key are added up, and only the few blocks that reach across it are opened.
//!
//! With one token the postings give the hits per block at once: every rank is known before any text is read.

use std::collections::VecDeque;
use std::ops::Range;
use std::rc::Rc;

use analysis::answer::{FacetCount, Pipeline};
use analysis::block::Columns;
use analysis::drift;
use analysis::search::{Bitmap, Matcher, OpenBlock, count_plan, plan, possible_bands, unknown_paths};
use analysis::template::BlockTemplates;
use analysis::topology::Gatherer;
use model::entry::{RowKey, SourceId};
use model::protocol::Histogram;
use model::query::{self, Expr, Present};
use model::scope::{Filter, Order};
use model::time::TimeRange;

use super::blocks::{Blocks, OpenColumns, partition};
use super::directory::{BlockInfo, Slot, TimeOrder};
use super::error::Result;
use super::index::Candidates;

/// Searches that are kept: the one on screen and those the user is likely to go back to.
const N_KEPT: usize = 4;

/// What is known of the hits in one block.
#[derive(Clone, Debug)]
enum Hits {
    /// Not looked at.
    Unknown,
    /// As many as the postings say (not zero); which ones, only a look at the text tells.
    Counted(u32),
    None,
    All,
    Some(Rc<Bitmap>, u32),
}

/// An entry that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    pub key: RowKey,
    pub slot: Slot,
    /// Place in the block.
    pub entry: u32,
}

pub struct Search {
    query: String,
    range: Option<TimeRange>,
    pub expr: Expr,
    /// Severity bands that the filter leaves possible.
    bands: u8,
    matcher: Matcher<'static>,
    /// What the times of the query were read by.
    present: Present,
    /// Of the templates that the query asks for, if it does.
    epoch: Option<u64>,
    /// By slot.
    hits: Vec<Hits>,
    n_unknown: usize,
    /// Known hits.
    n_hits: u64,
    order: Rc<TimeOrder>,
    /// The blocks as they were written.
    written: Rc<Vec<Slot>>,
    /// Every block before this place of `written` has been looked at.
    written_unknown: usize,
    /// Known hits in the first `i` blocks of `written`; void when more are known.
    written_sums: Option<Vec<u64>>,
    /// Every block before this place of `order.by_lowest` has been looked at.
    oldest_unknown: usize,
    /// Every block from this place of `order.by_highest` on has been looked at.
    newest_unknown: usize,
    /// What is summed up of the known hits; void when more are known.
    sums: Option<Sums>,
    /// The last histogram, to be gone on with when blocks have come.
    pub bars: Option<Bars>,
    /// The last facets, what the last topology is of, and the last table, likewise.
    pub facets: Option<Counted<FacetCount>>,
    pub topology: Option<Counted<Gatherer>>,
    pub drift: Option<Counted<drift::Gatherer>>,
    pub table: Option<Counted<AskedTable>>,
}

/// What was worked out from the hits in the first blocks.
pub struct Counted<T> {
    /// Every slot below this is counted in.
    pub n_blocks: usize,
    pub result: T,
}

/// The stages that were asked for, and what they have so far.
pub struct AskedTable {
    pub query: String,
    pub order: Order,
    pub auto_width: i64,
    pub max_rows: u32,
    pub present: Present,
    /// Its stages ask for times before the end of the data.
    pub asks_for_now: bool,
    pub pipeline: Pipeline,
}

/// A histogram of the hits in the first blocks.
pub struct Bars {
    /// As it was asked for.
    pub max_buckets: u32,
    /// Every slot below this is counted in.
    pub n_blocks: usize,
    pub histogram: Histogram,
}

/// Known hits in the first `i` blocks by lowest and by highest key.
struct Sums {
    by_lowest: Vec<u64>,
    by_highest: Vec<u64>,
}

/// The last few searches, most recently used first.
#[derive(Default)]
pub struct Searches {
    kept: VecDeque<Search>,
}

impl Searches {
    /// The search for a filter (its order does not matter), extended to blocks that have come since.
    pub fn get(&mut self, filter: &Filter, blocks: &mut Blocks) -> Result<&mut Search> {
        // What the stages behind a filter do with its entries is their own matter.
        let query = query::split(&filter.query).0.trim_end();
        let same = |search: &Search| search.query == query && search.range == filter.range;
        let epoch = match self.kept.iter().any(|search| search.epoch.is_some()) {
            true => Some(blocks.templates_epoch()?),
            false => None,
        };
        // Entries that have come since may show that others are made from another template.
        self.kept.retain(|search| search.epoch.is_none() || search.epoch == epoch);
        // More entries move the end of the data.
        if self.kept.iter().any(|search| query::asks_for_now(&search.expr)) {
            let present = blocks.present();
            self.kept.retain(|search| search.present == present || !query::asks_for_now(&search.expr));
        }
        let mut search = match self.kept.iter().position(same).and_then(|i| self.kept.remove(i)) {
            Some(search) => search,
            None => Search::new(filter, blocks)?,
        };
        search.extend(blocks);
        // Everything is what people go back to; it takes next to no room.
        let is_dispensable = |search: &Search| !(search.query.is_empty() && search.range.is_none());
        if self.kept.len() >= N_KEPT
            && let Some(last) = self.kept.iter().rposition(is_dispensable)
        {
            self.kept.remove(last);
        }
        self.kept.push_front(search);
        Ok(self.kept.front_mut().expect("one was just put there"))
    }

    pub fn clear(&mut self) {
        self.kept.clear();
    }
}

impl Search {
    pub fn new(filter: &Filter, blocks: &mut Blocks) -> Result<Self> {
        let (expr, _) = query::parse(&filter.query);
        let query = query::split(&filter.query).0.trim_end();
        let present = blocks.present();
        let matcher = Matcher::new(&expr, blocks.formats(), &present);
        let epoch = if matcher.needs_templates() { Some(blocks.templates_epoch()?) } else { None };
        let mut search = Self {
            query: query.to_owned(),
            epoch,
            range: filter.range,
            bands: possible_bands(&expr),
            matcher,
            present,
            expr,
            hits: Vec::new(),
            n_unknown: 0,
            n_hits: 0,
            order: Rc::default(),
            written: Rc::default(),
            written_unknown: 0,
            written_sums: None,
            oldest_unknown: 0,
            newest_unknown: 0,
            sums: None,
            bars: None,
            facets: None,
            topology: None,
            drift: None,
            table: None,
        };
        search.extend(blocks);
        search.consult_indexes(blocks)?;
        Ok(search)
    }

    /// Takes in blocks that have come since; they are looked at without asking the indexes.
    fn extend(&mut self, blocks: &mut Blocks) {
        for slot in self.hits.len()..blocks.directory().blocks().len() {
            let info = blocks.info(slot);
            let hits = match self.reach_of(info.range()) {
                Reach::Outside => Hits::None,
                _ if info.bands & self.bands == 0 => Hits::None,
                reach => match (self.matcher.decided_by_time(info.range()), reach) {
                    (Some(false), _) => Hits::None,
                    (Some(true), Reach::Inside) => Hits::All,
                    _ => Hits::Unknown,
                },
            };
            self.hits.push(Hits::Unknown);
            self.n_unknown += 1;
            self.learn(blocks, slot, hits);
        }
        let order = blocks.directory_mut().order();
        if !Rc::ptr_eq(&order, &self.order) {
            self.order = order;
            self.oldest_unknown = 0;
            self.newest_unknown = self.order.by_highest.len();
            self.written = blocks.directory_mut().written();
            self.written_unknown = 0;
            self.forget_sums();
        }
    }

    fn forget_sums(&mut self) {
        self.sums = None;
        self.written_sums = None;
    }

    /// Rules out what the indexes rule out, and counts what they count.
    fn consult_indexes(&mut self, blocks: &mut Blocks) -> Result<()> {
        if self.n_unknown == 0 {
            return Ok(());
        }
        if let Some(token) = count_plan(&self.expr) {
            let counts = blocks.token_counts(&token)?;
            let mut found = vec![Hits::None; self.hits.len()];
            for (id, n_entries) in counts.exact {
                if let Some(slot) = blocks.directory().slot_of(id) {
                    found[slot] = Hits::Counted(n_entries);
                }
            }
            for id in counts.unsure {
                if let Some(slot) = blocks.directory().slot_of(id) {
                    found[slot] = Hits::Unknown;
                }
            }
            for (slot, hits) in found.into_iter().enumerate() {
                let is_inside = matches!(self.reach_of(blocks.info(slot).range()), Reach::Inside);
                match hits {
                    Hits::Counted(n) if is_inside => self.learn(blocks, slot, Hits::Counted(n)),
                    Hits::None => self.learn(blocks, slot, Hits::None),
                    _ => {}
                }
            }
        } else if let Candidates::Only(candidates) = blocks.candidates(&plan(&self.expr))? {
            for slot in 0..self.hits.len() {
                if candidates.binary_search(&blocks.info(slot).id).is_err() {
                    self.learn(blocks, slot, Hits::None);
                }
            }
        }
        Ok(())
    }

    fn reach_of(&self, block: TimeRange) -> Reach {
        match self.range {
            None => Reach::Inside,
            Some(range) if block.end <= range.start || range.end <= block.start => Reach::Outside,
            Some(range) if range.start <= block.start && block.end <= range.end => Reach::Inside,
            Some(_) => Reach::Across,
        }
    }

    fn learn(&mut self, blocks: &Blocks, slot: Slot, hits: Hits) {
        let before = std::mem::replace(&mut self.hits[slot], hits);
        let n_entries = blocks.info(slot).n_entries;
        if matches!(before, Hits::Unknown) && !matches!(self.hits[slot], Hits::Unknown) {
            self.n_unknown -= 1;
        }
        let (n_before, n_now) = (before.count(n_entries), self.hits[slot].count(n_entries));
        if n_before != n_now {
            self.n_hits = self.n_hits - n_before + n_now;
            self.forget_sums();
        }
    }

    /// Every block's hits have been counted.
    pub fn is_complete(&self) -> bool {
        self.n_unknown == 0
    }

    /// Known hits: all of them when the search is complete.
    pub fn n_hits(&self) -> u64 {
        self.n_hits
    }

    /// Why parts of the query find nothing, as sentences.
    pub fn problems(&self, blocks: &Blocks) -> Vec<String> {
        let mut problems = self.matcher.problems().to_vec();
        problems.extend(unknown_paths(&self.expr, &blocks.paths()));
        problems
    }

    /// Blocks that have been looked at, and all.
    pub fn progress(&self) -> (u64, u64) {
        ((self.hits.len() - self.n_unknown) as u64, self.hits.len() as u64)
    }

    /// Looks at further blocks from the front of `order`, about `budget_bytes` of text.
    pub fn advance(&mut self, blocks: &mut Blocks, order: Order, budget_bytes: u64) -> Result<()> {
        let mut looked_at = 0;
        while looked_at < budget_bytes {
            let Some(slot) = self.next_unknown(order) else {
                break;
            };
            looked_at += self.look_at(blocks, slot)?;
        }
        Ok(())
    }

    fn next_unknown(&mut self, order: Order) -> Option<Slot> {
        let is_unknown = |slot: &Slot| matches!(self.hits[*slot], Hits::Unknown);
        match order {
            Order::OldestFirst => {
                let rest = &self.order.by_lowest[self.oldest_unknown..];
                let place = rest.iter().position(is_unknown);
                self.oldest_unknown += place.unwrap_or(rest.len());
                self.order.by_lowest.get(self.oldest_unknown).copied()
            }
            Order::NewestFirst => {
                let rest = &self.order.by_highest[..self.newest_unknown];
                let place = rest.iter().rposition(is_unknown);
                self.newest_unknown = place.map_or(0, |place| place + 1);
                place.map(|place| rest[place])
            }
            Order::AsWritten => {
                let rest = &self.written[self.written_unknown..];
                self.written_unknown += rest.iter().position(is_unknown).unwrap_or(rest.len());
                self.written.get(self.written_unknown).copied()
            }
        }
    }

    /// Which entries of the block are hits; `None`: all. Looks at the block if that is not known.
    pub fn hits_of(&mut self, blocks: &mut Blocks, slot: Slot) -> Result<BlockHits> {
        if matches!(self.hits[slot], Hits::Unknown | Hits::Counted(_)) {
            self.look_at(blocks, slot)?;
        }
        Ok(match &self.hits[slot] {
            Hits::All => BlockHits::All,
            Hits::Some(bitmap, _) => BlockHits::Some(bitmap.clone()),
            _ => BlockHits::None,
        })
    }

    /// Evaluates the filter over one block. Gives the bytes looked at, as a measure of the work.
    pub fn look_at(&mut self, blocks: &mut Blocks, slot: Slot) -> Result<u64> {
        if !matches!(self.hits[slot], Hits::Unknown | Hits::Counted(_)) {
            return Ok(0);
        }
        let columns = blocks.columns(slot)?;
        let n_entries = columns.len();
        // Opening the columns costs about as much as scanning this much text.
        let mut work = n_entries as u64 * 16;
        let mut found = match self.range {
            Some(range) if matches!(self.reach_of(blocks.info(slot).range()), Reach::Across) => {
                Bitmap::from_fn(n_entries, |entry| range.contains(columns.times[entry]))
            }
            _ => Bitmap::all(n_entries),
        };
        if self.expr != Expr::All && !found.is_empty() {
            let origin = blocks.origin(blocks.info(slot).source);
            let templates = match self.epoch {
                Some(_) => blocks.block_templates(slot)?,
                None => BlockTemplates::default(),
            };
            let (path, service) = (&*origin.path, &*origin.service);
            let open = |text| OpenBlock { columns: &columns, text, path, service, templates: &templates };
            found.and(&self.matcher.candidates(open(&[])));
            if self.matcher.needs_text() && !found.is_empty() {
                let text = blocks.text(slot)?;
                work += text.len() as u64;
                found = self.matcher.matches(open(&text), &found);
            }
        }
        let hits = match found.count() {
            0 => Hits::None,
            n if n == n_entries => Hits::All,
            n => Hits::Some(Rc::new(found), n as u32),
        };
        self.learn(blocks, slot, hits);
        Ok(work)
    }

    /// How many hits from the front of `order` are certain to stay where they are.
    pub fn n_final(&mut self, blocks: &mut Blocks, order: Order) -> Result<u64> {
        let Some(slot) = self.next_unknown(order) else {
            return Ok(self.n_hits);
        };
        match order {
            Order::OldestFirst => self.n_before(blocks, blocks.info(slot).lowest()),
            Order::NewestFirst => {
                let frontier = blocks.info(slot).highest();
                self.n_from(blocks, after(frontier))
            }
            Order::AsWritten => {
                let n_known = self.written_unknown;
                Ok(self.written_sums(blocks)[n_known])
            }
        }
    }

    /// Whether nothing unknown can come before `key` in `order`, so that its rank is final.
    pub fn is_final_at(&mut self, blocks: &Blocks, order: Order, key: RowKey) -> bool {
        match (self.next_unknown(order), order) {
            (None, _) => true,
            (Some(slot), Order::OldestFirst) => blocks.info(slot).lowest() > key,
            (Some(slot), Order::NewestFirst) => blocks.info(slot).highest() < key,
            (Some(slot), Order::AsWritten) => place_written(blocks.info(slot).lowest()) > place_written(key),
        }
    }

    /// Position of `key` in `order`, among the known hits: how many come before it.
    pub fn rank(&mut self, blocks: &mut Blocks, order: Order, key: RowKey) -> Result<u64> {
        match order {
            Order::OldestFirst => self.n_before(blocks, key),
            Order::NewestFirst => self.n_from(blocks, after(key)),
            Order::AsWritten => self.n_written_before(blocks, key),
        }
    }

    /// The known hits with these ranks, in `order`; fewer where there are no more.
    pub fn page(&mut self, blocks: &mut Blocks, order: Order, ranks: Range<u64>) -> Result<Vec<Found>> {
        let start = ranks.start.min(self.n_hits);
        let end = ranks.end.min(self.n_hits);
        match order {
            Order::OldestFirst => self.ascending(blocks, start..end),
            Order::NewestFirst => {
                let mut page = self.ascending(blocks, self.n_hits - end..self.n_hits - start)?;
                page.reverse();
                Ok(page)
            }
            Order::AsWritten => self.written_page(blocks, start..end),
        }
    }

    fn sums(&mut self, blocks: &Blocks) -> &Sums {
        if self.sums.is_none() {
            let running = |slots: &[Slot]| {
                let mut sum = 0;
                let mut sums = Vec::with_capacity(slots.len() + 1);
                sums.push(0);
                for &slot in slots {
                    sum += self.hits[slot].count(blocks.info(slot).n_entries);
                    sums.push(sum);
                }
                sums
            };
            self.sums =
                Some(Sums { by_lowest: running(&self.order.by_lowest), by_highest: running(&self.order.by_highest) });
        }
        self.sums.as_ref().expect("just made")
    }

    /// Known hits in the first `i` blocks as they were written.
    fn written_sums(&mut self, blocks: &Blocks) -> &[u64] {
        if self.written_sums.is_none() {
            let mut sums = vec![0];
            for &slot in &*self.written {
                let sum = sums[sums.len() - 1] + self.hits[slot].count(blocks.info(slot).n_entries);
                sums.push(sum);
            }
            self.written_sums = Some(sums);
        }
        self.written_sums.as_deref().expect("just made")
    }

    /// Known hits that were written before `key`.
    fn n_written_before(&mut self, blocks: &mut Blocks, key: RowKey) -> Result<u64> {
        let written = self.written.clone();
        let begins_before = |&slot: &Slot| place_written(blocks.info(slot).lowest()) < place_written(key);
        let Some(last) = written.partition_point(begins_before).checked_sub(1) else { return Ok(0) };
        let slot = written[last];
        let info = blocks.info(slot);
        let n_entries = match info.source == key.source {
            true => (key.entry - info.first_entry).min(u64::from(info.n_entries)) as usize,
            false => info.n_entries as usize,
        };
        let n_inside = match self.hits[slot] {
            Hits::Unknown | Hits::None => 0,
            _ => match self.hits_of(blocks, slot)? {
                BlockHits::None => 0,
                BlockHits::All => n_entries as u64,
                BlockHits::Some(bitmap) => bitmap.count_below(n_entries) as u64,
            },
        };
        Ok(self.written_sums(blocks)[last] + n_inside)
    }

    /// The known hits with these ranks as they were written.
    fn written_page(&mut self, blocks: &mut Blocks, ranks: Range<u64>) -> Result<Vec<Found>> {
        let written = self.written.clone();
        let mut found = Vec::new();
        let n_wanted = (ranks.end - ranks.start) as usize;
        let sums = self.written_sums(blocks);
        let first = sums.partition_point(|&sum| sum <= ranks.start).saturating_sub(1);
        let mut n_skipped = (ranks.start - sums.get(first).copied().unwrap_or(ranks.start)) as usize;
        for &slot in written.iter().skip(first) {
            if found.len() >= n_wanted {
                break;
            }
            if matches!(self.hits[slot], Hits::Unknown | Hits::None) {
                continue;
            }
            let hits = self.hits_of(blocks, slot)?;
            let columns = blocks.columns(slot)?;
            let info = blocks.info(slot);
            let entries = (0..columns.len()).filter(|&entry| hits.has(entry)).skip(n_skipped);
            let as_found = |entry| Found { key: key_of(&columns, info, entry), slot, entry: entry as u32 };
            found.extend(entries.map(as_found).take(n_wanted - found.len()));
            n_skipped = 0;
        }
        Ok(found)
    }

    /// Known hits before `key`. Opens the blocks that reach across it.
    fn n_before(&mut self, blocks: &mut Blocks, key: RowKey) -> Result<u64> {
        let order = self.order.clone();
        let across = order.overlapping(blocks.directory().blocks(), key, Some(key));
        let mut n_across = 0;
        for slot in across {
            n_across += self.n_before_in(blocks, slot, key)?;
        }
        let n_ended = order.highest.partition_point(|&highest| highest < key);
        Ok(n_across + self.sums(blocks).by_highest[n_ended])
    }

    /// Known hits from `key` on.
    fn n_from(&mut self, blocks: &mut Blocks, key: RowKey) -> Result<u64> {
        // This opens blocks, so that more hits may be known after it.
        let n_before = self.n_before(blocks, key)?;
        Ok(self.n_hits - n_before)
    }

    fn n_before_in(&mut self, blocks: &mut Blocks, slot: Slot, key: RowKey) -> Result<u64> {
        if matches!(self.hits[slot], Hits::Unknown | Hits::None) {
            return Ok(0);
        }
        let hits = self.hits_of(blocks, slot)?;
        let columns = blocks.columns(slot)?;
        let place = place_of(&columns, blocks.info(slot), key);
        Ok(match hits {
            BlockHits::None => 0,
            BlockHits::All => place as u64,
            BlockHits::Some(bitmap) => columns.count_before(&bitmap, place) as u64,
        })
    }

    /// The greatest `i` of `places` with no more than `n` known hits before `order.lowest[i]`, and that number of hits.
    /// The first of `places` must be such a one.
    fn cut_before(&mut self, blocks: &mut Blocks, places: Range<usize>, n: u64) -> Result<(usize, u64)> {
        let order = self.order.clone();
        // Hits before a cut are at most those of all blocks that begin before it, at least those of all that end before it.
        let n_ended = |sums: &Sums, i: usize| {
            sums.by_highest[order.highest.partition_point(|&highest| highest < order.lowest[i])]
        };
        let sums = self.sums(blocks);
        let mut low = partition(places.clone(), |i| sums.by_lowest[i] <= n).max(places.start + 1) - 1;
        let mut high = partition(low + 1..places.end, |i| n_ended(sums, i) <= n);
        let mut n_low = None;
        // An exact count opens all blocks that reach across the cut, so few are made: the place is guessed half-way between
        // the bounds, moved by how far the last guess was off. Every third time it is the middle, whatever the spread.
        let mut off = 0;
        for round in 1.. {
            if high - low <= 1 {
                break;
            }
            let sums = self.sums(blocks);
            let guess = |i: usize| (sums.by_lowest[i] + n_ended(sums, i)) as i64 / 2;
            let middle = match round % 3 {
                0 => low + (high - low) / 2,
                _ => partition(low + 1..high, |i| guess(i) + off <= n as i64).min(high - 1),
            };
            let guessed = guess(middle);
            let n_middle = self.n_before(blocks, order.lowest[middle])?;
            off = n_middle as i64 - guessed;
            if n_middle <= n {
                (low, n_low) = (middle, Some(n_middle));
            } else {
                high = middle;
            }
        }
        match n_low {
            Some(n_low) => Ok((low, n_low)),
            None => Ok((low, self.n_before(blocks, order.lowest[low])?)),
        }
    }

    /// The known hits with these ranks by ascending key.
    fn ascending(&mut self, blocks: &mut Blocks, ranks: Range<u64>) -> Result<Vec<Found>> {
        if ranks.is_empty() {
            return Ok(Vec::new());
        }
        let order = self.order.clone();
        let (first_cut, n_before) = self.cut_before(blocks, 0..order.lowest.len(), ranks.start)?;
        let (last_cut, _) = self.cut_before(blocks, first_cut..order.lowest.len(), ranks.end - 1)?;
        let from = order.lowest[first_cut];
        let to = order.lowest.get(last_cut + 1).copied();
        let mut found = Vec::new();
        for slot in order.overlapping(blocks.directory().blocks(), from, to) {
            self.collect(blocks, slot, from, to, &mut found)?;
        }
        found.sort_unstable();
        let skipped = (ranks.start - n_before) as usize;
        Ok(found.into_iter().skip(skipped).take((ranks.end - ranks.start) as usize).collect())
    }

    fn collect(
        &mut self,
        blocks: &mut Blocks,
        slot: Slot,
        from: RowKey,
        to: Option<RowKey>,
        found: &mut Vec<Found>,
    ) -> Result<()> {
        if matches!(self.hits[slot], Hits::Unknown | Hits::None) {
            return Ok(());
        }
        let hits = self.hits_of(blocks, slot)?;
        let columns = blocks.columns(slot)?;
        let info = blocks.info(slot);
        let end = to.map_or(columns.len(), |to| place_of(&columns, info, to));
        for place in place_of(&columns, info, from)..end {
            let entry = columns.entry_at(place);
            if hits.has(entry) {
                found.push(Found { key: key_of(&columns, info, entry), slot, entry: entry as u32 });
            }
        }
        Ok(())
    }
}

/// Where an entry was written.
fn place_written(key: RowKey) -> (SourceId, u64) {
    (key.source, key.entry)
}

fn key_of(columns: &Columns, info: &BlockInfo, entry: usize) -> RowKey {
    RowKey { time: columns.times[entry], source: info.source, entry: info.first_entry + entry as u64 }
}

/// How many entries of the block come before `key`.
fn place_of(columns: &OpenColumns, info: &BlockInfo, key: RowKey) -> usize {
    columns.place_after(|entry| key_of(columns, info, entry) < key)
}

/// Where a block lies as seen from a time range.
enum Reach {
    Outside,
    Inside,
    Across,
}

/// The hits of a block that was looked at.
#[derive(Clone, Debug)]
pub enum BlockHits {
    None,
    All,
    Some(Rc<Bitmap>),
}

impl BlockHits {
    pub fn has(&self, entry: usize) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Some(bitmap) => bitmap.has(entry),
        }
    }
}

impl Hits {
    fn count(&self, n_entries: u32) -> u64 {
        match self {
            Self::Unknown | Self::None => 0,
            Self::Counted(n) | Self::Some(_, n) => u64::from(*n),
            Self::All => u64::from(n_entries),
        }
    }
}

/// The least key after `key`.
fn after(key: RowKey) -> RowKey {
    RowKey { entry: key.entry.saturating_add(1), ..key }
}
