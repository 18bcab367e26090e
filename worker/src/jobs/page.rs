//! A window of the table.

use analysis::search::Highlighter;
use model::entry::RowKey;
use model::protocol::{Answer, At, Failure, Page, PageAsk};
use model::query::{Expr, parse};

use super::count::counted;
use super::{Job, Rhythm, STEP_BYTES, Step, row};
use crate::store::{Blocks, Result, Search, Store};

/// More rows than any screen has; a page must stay one small step.
const MAX_ROWS: u64 = 1000;

pub struct PageJob {
    ask: PageAsk,
    rhythm: Rhythm,
    /// Final rows of the last partial answer.
    n_shown: u64,
}

impl PageJob {
    pub fn new(ask: PageAsk) -> Self {
        Self { ask, rhythm: Rhythm::default(), n_shown: 0 }
    }
}

/// Where the page begins, and the rank of the key that was asked for.
struct Window {
    first: u64,
    asked_rank: Option<u64>,
}

impl Job for PageJob {
    fn step(&mut self, store: &mut Store) -> std::result::Result<Step, Failure> {
        let blocks = &mut store.blocks;
        let search = store.searches.get(&self.ask.filter, blocks)?;
        let order = self.ask.filter.order;
        let n_rows = u64::from(self.ask.n_rows).min(MAX_ROWS);
        // What is certain may suffice; if not, look further first and then decide.
        for looked_further in [false, true] {
            if looked_further {
                search.advance(blocks, order, STEP_BYTES)?;
            }
            let Some(window) = self.window(search, blocks, n_rows)? else {
                continue;
            };
            let n_final = search.n_final(blocks, order)?;
            if search.is_complete() || n_final >= window.first.saturating_add(n_rows) {
                let page = self.page(search, blocks, &window, n_rows)?;
                return Ok(Step::Finished(Answer::Page(with_zones(store, page))));
            }
            let n_shown = n_final.saturating_sub(window.first);
            if looked_further && self.rhythm.is_due() && n_shown > self.n_shown {
                self.n_shown = n_shown;
                let (done, total) = search.progress();
                let page = self.page(search, blocks, &window, n_shown)?;
                return Ok(Step::More { done, total, so_far: Some(Answer::Page(with_zones(store, page))) });
            }
        }
        let (done, total) = search.progress();
        Ok(Step::More { done, total, so_far: None })
    }
}

fn with_zones(store: &Store, mut page: Page) -> Page {
    for row in &mut page.rows {
        row.zone = row::with_zone_read_in(store, row.key, row.zone);
    }
    page
}

impl PageJob {
    /// `None` until the rank of the asked key is certain.
    fn window(&self, search: &mut Search, blocks: &mut Blocks, n_rows: u64) -> Result<Option<Window>> {
        match self.ask.at {
            At::Rank(first) => Ok(Some(Window { first, asked_rank: None })),
            At::Key(key) => self.window_around(search, blocks, key, n_rows),
        }
    }

    fn window_around(
        &self,
        search: &mut Search,
        blocks: &mut Blocks,
        key: RowKey,
        n_rows: u64,
    ) -> Result<Option<Window>> {
        let order = self.ask.filter.order;
        if !search.is_final_at(blocks, order, key) {
            return Ok(None);
        }
        let rank = search.rank(blocks, order, key)?;
        let mut first = rank.saturating_sub(n_rows / 2);
        if search.is_complete() {
            first = first.min(search.n_hits().saturating_sub(n_rows));
        }
        Ok(Some(Window { first, asked_rank: Some(rank) }))
    }

    fn page(&self, search: &mut Search, blocks: &mut Blocks, window: &Window, n_rows: u64) -> Result<Page> {
        let ranks = window.first..window.first.saturating_add(n_rows);
        let found = search.page(blocks, self.ask.filter.order, ranks)?;
        let found_among = blocks.meanings().widen(parse(&self.ask.form.marks).0);
        let marked = Expr::and([search.expr.clone(), found_among]);
        let highlighter = Highlighter::new(&marked);
        let mut rows = Vec::with_capacity(found.len());
        for found in found {
            rows.push(row::row(blocks, found, &highlighter, &self.ask.form)?);
        }
        Ok(Page { first: window.first, rows, counted: counted(search, blocks), asked_rank: window.asked_rank })
    }
}
