//! The last few searches, and what was worked out from their hits.

use std::collections::VecDeque;

use analysis::answer::Pipeline;
use model::meaning::Meanings;
use model::protocol::Histogram;
use model::query::{self, Present, Query};
use model::scope::{Filter, Order};
use model::time::Zone;

use super::Search;
use super::typed::is_there;
use crate::store::blocks::Blocks;
use crate::store::error::Result;

/// Searches that are kept: the one on screen and those the user is likely to go back to.
const N_KEPT: usize = 4;
/// A job asks for no more than these: what is found and all of its range, or the two that are compared.
const N_OF_A_JOB: usize = 2;

/// The last few searches, most recently used first.
#[derive(Default)]
pub struct Searches {
    kept: VecDeque<Search>,
    n_jobs: usize,
}

impl Searches {
    /// So many jobs are under way. They take turns, and what each has found is to be there at its next: some have all their
    /// progress in it, and would begin anew for ever.
    pub fn serve(&mut self, n_jobs: usize) {
        self.n_jobs = n_jobs;
    }

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
        // The word that nobody had may have come.
        let mut is_to_be_dropped = false;
        if let Some(search) = self.kept.iter().find(|search| same(search))
            && let Some(word) = &search.let_go_on
            && search.hits.len() < blocks.directory().blocks().len()
        {
            is_to_be_dropped = is_there(word, blocks)?;
        }
        self.kept.retain(|search| !(is_to_be_dropped && same(search)));
        let mut search = match self.kept.iter().position(same).and_then(|i| self.kept.remove(i)) {
            Some(search) => search,
            None => {
                let mut search = Search::new(filter, blocks)?;
                // Who types on begins where the letter before has come to.
                self.kept.iter().for_each(|before| search.go_on_from(before, blocks));
                search
            }
        };
        search.extend(blocks);
        // Everything is what people go back to; it takes next to no room.
        let is_dispensable = |search: &Search| !(search.query.is_empty() && search.range.is_none());
        // An excerpt is written beside the jobs.
        let n_most = N_KEPT.max((self.n_jobs + 1) * N_OF_A_JOB);
        while self.kept.len() >= n_most
            && let Some(last) = self.kept.iter().rposition(is_dispensable)
        {
            self.kept.remove(last);
        }
        self.kept.push_front(search);
        Ok(self.kept.front_mut().expect("one was just put there"))
    }

    /// The mapping table is another one: what was found by the one before, or counted by it, is void.
    pub fn mean_otherwise(&mut self, before: &Meanings, now: &Meanings) {
        let asks = |meanings: &Meanings, query: &Query| !meanings.asked_by(query).is_empty();
        self.kept.retain(|search| {
            let query = query::parse_query(&search.query).0;
            !asks(before, &query) && !asks(now, &query)
        });
        for search in &mut self.kept {
            (search.facets, search.table) = (None, None);
        }
    }

    /// Services are called otherwise: what was counted by their names is void.
    pub fn call_otherwise(&mut self) {
        for search in &mut self.kept {
            (search.drift, search.requests) = (None, None);
        }
    }

    /// Before a search keeps the requests it counted: those of another take some 100 MB.
    pub fn drop_requests(&mut self) {
        self.kept.iter_mut().for_each(|search| search.requests = None);
    }

    pub fn clear(&mut self) {
        self.kept.clear();
    }
}

/// What was worked out from the hits in the first blocks.
#[derive(Clone)]
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
    pub zone: Zone,
    pub max_rows: u32,
    pub present: Present,
    /// Of the templates that its stages ask for, if they do.
    pub epoch: Option<u64>,
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
