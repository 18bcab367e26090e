//! One filter over all blocks: which entries it finds, how many, and which is the n-th.
//!
//! A search looks at blocks in the order that is asked for and remembers each block's hits, so that asking again, in the
//! other order, or for another page costs only what has not been looked at.
//!
//! With one token the postings give the hits per block at once: every rank is known before any text is read.

mod kept;
pub use kept::{AskedTable, Bars, Counted, Searches};

mod ranks;

mod typed;
pub use typed::read_filter;

mod written;

use std::collections::BTreeSet;
use std::rc::Rc;

use analysis::answer::FacetCount;
use analysis::deployment;
use analysis::drift;
use analysis::group::WrittenIds;
use analysis::requests::RequestCount;
use analysis::search::{Bitmap, Matcher, OpenBlock, count_plan, plan, possible_bands, unknown_paths};
use analysis::template::BlockTemplates;
use analysis::topology::Gatherer;
use model::entry::RowKey;
use model::incident::Incidents;
use model::naming::Naming;
use model::query::{self, Expr, Present};
use model::scope::{Filter, Order};
use model::time::TimeRange;

use self::ranks::Sums;
use super::blocks::Blocks;
use super::directory::{Slot, TimeOrder};
use super::error::Result;
use super::index::Candidates;

/// Reading the messages of a block costs about as much as scanning so many times its text.
const READING_TIMES: u64 = 4;

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

/// What entries say of versions.
#[derive(Clone, Default)]
pub struct ToldVersions {
    pub gatherer: deployment::Gatherer,
    /// Of these blocks the announcements alone: their field columns were not made yet.
    pub without_fields: BTreeSet<Slot>,
}

/// Incidents as they were found, before it is known what the user thinks of them.
#[derive(Clone)]
pub struct FoundIncidents {
    /// As it was asked for.
    pub window_nanos: Option<i64>,
    /// Of the templates that they name.
    pub epoch: u64,
    /// What the user said of names, when they were found.
    pub naming: Rc<Naming>,
    pub found: Incidents,
}

pub struct Search {
    query: String,
    range: Option<TimeRange>,
    pub expr: Expr,
    /// The word at its end that no entry had, so that those are found that begin so.
    pub let_go_on: Option<String>,
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
    /// Ids that stand in texts.
    pub written_ids: Option<Counted<WrittenIds>>,
    pub topology: Option<Counted<Gatherer>>,
    pub requests: Option<Counted<RequestCount>>,
    pub drift: Option<Counted<drift::Gatherer>>,
    pub deployments: Option<Counted<ToldVersions>>,
    /// Of all blocks there were; they are not gone on with.
    pub incidents: Option<Counted<FoundIncidents>>,
    pub table: Option<Counted<AskedTable>>,
}

impl Search {
    pub fn new(filter: &Filter, blocks: &mut Blocks) -> Result<Self> {
        Self::of_all(std::slice::from_ref(&filter.query), filter.range, blocks)
    }

    /// A search for what the filters of all of these queries find.
    pub fn of_all(queries: &[String], range: Option<TimeRange>, blocks: &mut Blocks) -> Result<Self> {
        let (mut exprs, mut let_go_on) = (Vec::new(), None);
        for query in queries {
            let (expr, word) = read_filter(query, blocks)?;
            exprs.push(expr);
            let_go_on = let_go_on.or(word);
        }
        let expr = Expr::and(exprs);
        let query = queries.iter().map(|query| query::split(query).0.trim_end()).collect::<Vec<_>>().join(" ");
        let present = blocks.present();
        let matcher = Matcher::new(&expr, blocks.formats(), &present);
        let epoch = if matcher.needs_templates() { Some(blocks.templates_epoch()?) } else { None };
        let mut search = Self {
            query,
            epoch,
            range,
            bands: possible_bands(&expr),
            matcher,
            present,
            expr,
            let_go_on,
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
            written_ids: None,
            topology: None,
            requests: None,
            drift: None,
            deployments: None,
            incidents: None,
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
        if self.epoch.is_some() {
            let matcher = &self.matcher;
            let may_hold = blocks.may_hold(|name, n_places| matcher.may_find_made_from(name, n_places))?;
            for (slot, _) in may_hold.into_iter().enumerate().filter(|(_, may_hold)| !may_hold) {
                self.learn(blocks, slot, Hits::None);
            }
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

    /// Takes over the blocks in which a search that finds as much and more is known to find nothing.
    fn go_on_from(&mut self, before: &Self, blocks: &Blocks) {
        let is_same_time = before.present == self.present || !query::asks_for_now(&before.expr);
        let is_same_range = before.range.is_none() || before.range == self.range;
        if !is_same_time || !is_same_range || !self.expr.narrows(&before.expr) {
            return;
        }
        for (slot, hits) in (0..self.hits.len()).zip(&before.hits) {
            if matches!((hits, &self.hits[slot]), (Hits::None, Hits::Unknown)) {
                self.learn(blocks, slot, Hits::None);
            }
        }
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
            let open = OpenBlock { columns: &columns, text: &[], path, service, templates: &templates, values: None };
            found.and(&self.matcher.candidates(open));
            if self.matcher.needs_text() && !found.is_empty() {
                let text = blocks.text(slot)?;
                work += text.len() as u64;
                found = match self.matcher.needs_values() {
                    false => self.matcher.matches(OpenBlock { text: &text, ..open }, &found),
                    true => {
                        work += text.len() as u64 * READING_TIMES;
                        let matcher = &mut self.matcher;
                        blocks.with_values(slot, |values| {
                            matcher.matches(OpenBlock { text: &text, values: Some(values), ..open }, &found)
                        })?
                    }
                };
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
