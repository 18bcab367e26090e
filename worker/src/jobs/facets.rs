//! Which fields and values the entries of a filter have.

use analysis::answer::FacetCount;
use model::facet::Facets;
use model::protocol::{Answer, FacetsAsk, Failure};
use model::query::only_template;

use super::walk::{Opened, Walk};
use super::{Job, Rhythm, STEP_BYTES, Step};
use crate::store::{BlockHits, Counted, Store};

pub struct FacetsJob {
    ask: FacetsAsk,
    rhythm: Rhythm,
    progress: Option<(Walk, FacetCount)>,
}

impl FacetsJob {
    pub fn new(ask: FacetsAsk) -> Self {
        Self { ask, rhythm: Rhythm::default(), progress: None }
    }

    fn asked(ask: &FacetsAsk, count: &FacetCount, n_values: usize, is_complete: bool) -> Facets {
        match &ask.field {
            Some(name) => count.facet(name, n_values, is_complete),
            None => count.facets(n_values, is_complete),
        }
    }
}

impl Job for FacetsJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        let generation = store.generation();
        let blocks = &mut store.blocks;
        let search = store.searches.get(&self.ask.filter, blocks)?;
        if self.progress.as_ref().is_none_or(|(walk, _)| walk.generation != generation) {
            // Many are asked for: each goes on from a copy of what is counted.
            self.progress = Some(Walk::go_on(generation, blocks, search.facets.clone()));
        }
        // Of one pattern the values are fields like others.
        let n_places = match only_template(&search.expr) {
            Some(id) => blocks.templates()?.named(id).map_or(0, |template| template.variables.len()),
            None => 0,
        };
        let (walk, count) = self.progress.as_mut().expect("just begun");
        let mut work = 0;
        while work < STEP_BYTES
            && let Some((slot, hits, looked_at)) = walk.next(search, blocks)?
        {
            work += looked_at;
            let hits = match &hits {
                BlockHits::None => continue,
                BlockHits::All => None,
                BlockHits::Some(bitmap) => Some(&**bitmap),
            };
            let opened = Opened::open(blocks, slot, |fields, meanings| Ok(count.needs(fields, meanings)?))?;
            let opened = opened.with_values(blocks, hits, 0..n_places)?;
            work += opened.work;
            count.add(&opened.view(blocks, hits)).map_err(crate::store::Error::from)?;
        }
        let n_values = self.ask.n_values as usize;
        if walk.is_done() {
            let facets = Self::asked(&self.ask, count, n_values, true);
            search.facets = Some(Counted { n_blocks: walk.n_blocks, result: std::mem::take(count) });
            return Ok(Step::Finished(Answer::Facets(facets)));
        }
        let (done, total) = (walk.n_done as u64, walk.slots.len() as u64);
        let so_far =
            self.rhythm.is_rarely_due().then(|| Answer::Facets(Self::asked(&self.ask, count, n_values, false)));
        Ok(Step::More { done, total, so_far })
    }
}
