//! What the stages behind a filter make of its entries.

use analysis::answer::{Pipeline, Spans};
use model::protocol::{Answer, Failure, TableAsk};
use model::query::{Stage, parse_query};
use model::scope::Order;
use model::table::MOST_ROWS;

use super::histogram::width_for;
use super::walk::{Opened, Walk, closed};
use super::{Job, Rhythm, STEP_BYTES, Step};
use crate::store::{AskedTable, BlockHits, Blocks, Counted, Error, Search, Store};

/// Of more rows nobody looks at those so far, nor at the entries behind one: they are asked for to be saved.
const MOST_STREAMED: u32 = 10_000;
/// Spans of time of a timeline that says no width.
const AUTO_SPANS: u32 = 120;
/// The width where there are no times.
const NO_TIMES_WIDTH: i64 = 60_000_000_000;

pub struct TableJob {
    ask: TableAsk,
    rhythm: Rhythm,
    progress: Option<(Walk, AskedTable)>,
}

impl TableJob {
    pub fn new(ask: TableAsk) -> Self {
        Self {
            ask: TableAsk { max_rows: ask.max_rows.min(MOST_ROWS), ..ask },
            rhythm: Rhythm::default(),
            progress: None,
        }
    }

    fn is_to_be_saved(&self) -> bool {
        self.ask.max_rows > MOST_STREAMED
    }

    /// Goes on with the search's last table where that is of the same stages.
    fn begin(
        &self,
        generation: u64,
        search: &mut Search,
        blocks: &mut Blocks,
    ) -> crate::store::Result<(Walk, AskedTable)> {
        let filter = &self.ask.filter;
        let range = closed(filter.range, blocks);
        let auto_width = range.map_or(NO_TIMES_WIDTH, |range| width_for(range, AUTO_SPANS));
        let present = blocks.present();
        let kept = search.table.take();
        let is_of_templates = kept.as_ref().is_some_and(|kept| kept.result.epoch.is_some());
        let epoch = if is_of_templates { Some(blocks.templates_epoch()?) } else { None };
        let is_same = |table: &AskedTable| {
            table.query == filter.query
                && table.epoch == epoch
                && (!table.asks_for_now || table.present == present)
                && table.order == filter.order
                && table.auto_width == auto_width
                && table.zone == self.ask.zone
                && table.max_rows == self.ask.max_rows
        };
        let order = blocks.directory_mut().order();
        let (n_counted, table) = match kept {
            Some(counted) if is_same(&counted.result) => (counted.n_blocks, counted.result),
            _ => {
                let (mut query, _) = parse_query(&filter.query);
                blocks.meanings().in_stages(&mut query.stages);
                let asks_for_now = query.stages.iter().any(Stage::asks_for_now);
                let (zone, max_rows) = (self.ask.zone.clone(), self.ask.max_rows);
                let auto_spans = Spans { width_nanos: auto_width, zone: zone.clone() };
                let pipeline = Pipeline::new(&query, filter, &present, auto_spans, max_rows as usize);
                let (query, order) = (filter.query.clone(), filter.order);
                let epoch = if pipeline.needs_templates() { Some(blocks.templates_epoch()?) } else { None };
                (0, AskedTable { query, order, auto_width, zone, max_rows, present, epoch, asks_for_now, pipeline })
            }
        };
        let walk = match filter.order {
            Order::OldestFirst => Walk::begin(generation, order.by_lowest.iter().copied(), n_counted),
            Order::NewestFirst => Walk::begin(generation, order.by_highest.iter().rev().copied(), n_counted),
            Order::AsWritten => {
                let written = blocks.directory_mut().written();
                Walk::begin(generation, written.iter().copied(), n_counted)
            }
        };
        Ok((walk, table))
    }
}

impl Job for TableJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        let generation = store.generation();
        let blocks = &mut store.blocks;
        let search = store.searches.get(&self.ask.filter, blocks)?;
        let (mut walk, mut table) = match self.progress.take() {
            Some(progress) if progress.0.generation == generation => progress,
            _ => self.begin(generation, search, blocks)?,
        };
        let pipeline = &mut table.pipeline;
        let (needs_templates, places) = (pipeline.needs_templates(), pipeline.places());
        let mut work = 0;
        while work < STEP_BYTES
            && let Some((slot, hits, looked_at)) = walk.next(search, blocks)?
        {
            work += looked_at;
            let info = blocks.info(slot);
            let (hits, n_hits) = match &hits {
                BlockHits::None => continue,
                BlockHits::All => (None, u64::from(info.n_entries)),
                BlockHits::Some(bitmap) => (Some(&**bitmap), bitmap.count() as u64),
            };
            if pipeline.can_pass(info.lowest(), info.highest()) {
                pipeline.pass(n_hits);
                continue;
            }
            let mut opened = Opened::open(blocks, slot, |fields, meanings| Ok(pipeline.needs(fields, meanings)?))?;
            if needs_templates {
                opened = opened.with_templates(blocks)?;
            }
            opened = opened.with_values(blocks, hits, places.iter().copied())?;
            work += opened.work;
            pipeline.add(&opened.view(blocks, hits)).map_err(Error::from)?;
        }
        if walk.is_done() {
            let answer = match self.is_to_be_saved() {
                true => pipeline.bare_table(),
                false => pipeline.table(true),
            };
            let answer = answer.map_err(Error::from)?;
            search.table = Some(Counted { n_blocks: walk.n_blocks, result: table });
            return Ok(Step::Finished(Answer::Table(Box::new(answer))));
        }
        let (done, total) = (walk.n_done as u64, walk.slots.len() as u64);
        let is_to_be_saved = self.is_to_be_saved();
        let is_told = is_to_be_saved || !pipeline.is_costly();
        let so_far = match is_told && self.rhythm.is_rarely_due() {
            // How far it is, and nothing else.
            true if is_to_be_saved => Some(Answer::Table(Box::default())),
            true => Some(Answer::Table(Box::new(pipeline.table(false).map_err(Error::from)?))),
            false => None,
        };
        self.progress = Some((walk, table));
        Ok(Step::More { done, total, so_far })
    }
}
