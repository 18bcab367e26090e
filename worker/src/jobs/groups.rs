//! Which groups of entries that share an id are unlike the others: looks for fields that could be such ids, groups by one of
//! them a few blocks a step, and then scores the groups in steps as small.

use std::rc::Rc;

use analysis::answer::Needs;
use analysis::fields::Kept;
use analysis::group::{Entry, Grouping, Ranked, fields_to_group_by};
use analysis::outlier::Scoring;
use model::group::{GroupField, Groups, GroupsAsk};
use model::protocol::{Answer, FacetsAsk, Failure};

use super::facets::FacetsJob;
use super::walk::{Opened, Walk};
use super::{Job, Rhythm, STEP_BYTES, Step};
use crate::store::{BlockHits, Blocks, FoundTemplates, Result, Search, Slot, Store};

/// Values of a field that are looked at to see whether they are ids.
const N_VALUES: u32 = 20;
/// Taking the shapes of a block in costs about as much as scanning this much text.
const MERGING_BYTES: u64 = 16 << 10;
/// Taking an entry into its group costs about as much as scanning so many bytes.
const ENTRY_BYTES: u64 = 64;

pub struct GroupsJob {
    ask: GroupsAsk,
    rhythm: Rhythm,
    stage: Stage,
}

enum Stage {
    Looking(FacetsJob),
    Grouping { fields: Vec<GroupField>, field: String, counting: Option<Counting> },
    Ranking(Box<Ranking>),
}

/// All is counted; what is left is to score it.
struct Ranking {
    answer: Groups,
    counting: Counting,
    templates: Rc<FoundTemplates>,
    scoring: Scoring,
}

impl GroupsJob {
    pub fn new(ask: GroupsAsk) -> Self {
        let facets = FacetsAsk { filter: ask.filter.clone(), n_values: N_VALUES, field: None };
        Self { ask, rhythm: Rhythm::default(), stage: Stage::Looking(FacetsJob::new(facets)) }
    }
}

impl Job for GroupsJob {
    fn step(&mut self, store: &mut Store) -> std::result::Result<Step, Failure> {
        match &mut self.stage {
            Stage::Looking(facets) => {
                let (done, total, found) = match facets.step(store)? {
                    Step::More { done, total, .. } => (done, total, None),
                    Step::Finished(Answer::Facets(facets)) => (1, 1, Some(fields_to_group_by(&facets.fields))),
                    Step::Finished(_) => return Err(Failure::Gone),
                };
                if let Some(fields) = found {
                    let Some(field) = self.ask.field.clone().or(fields.first().map(|field| field.name.clone())) else {
                        return Ok(Step::Finished(Answer::Groups(Box::default())));
                    };
                    self.stage = Stage::Grouping { fields, field, counting: None };
                }
                Ok(Step::More { done, total: 3 * total, so_far: None })
            }
            Stage::Grouping { fields, field, counting } => {
                let (done, total) = group_some(&self.ask, field, counting, store)?;
                let Some(known) = counting else { return Ok(Step::More { done, total, so_far: None }) };
                if done < total || !known.walk.is_done() {
                    let so_far = self.rhythm.is_rarely_due().then(|| known.answer(fields, field).into());
                    return Ok(Step::More { done: total + done, total: 3 * total, so_far: so_far.map(Answer::Groups) });
                }
                let answer = known.answer(fields, field);
                let templates = store.blocks.templates()?;
                let events = known.grouping.take_events(&templates.templates.of_shape);
                let so_far = Some(Answer::Groups(answer.clone().into()));
                let counting = counting.take().expect("it has counted");
                let scoring = Scoring::begin(events);
                self.stage = Stage::Ranking(Box::new(Ranking { answer, counting, templates, scoring }));
                Ok(Step::More { done: 2, total: 3, so_far })
            }
            Stage::Ranking(ranking) => Ok(match ranking.step() {
                Some(answer) => Step::Finished(Answer::Groups(Box::new(answer))),
                None => Step::More { done: 2, total: 3, so_far: None },
            }),
        }
    }
}

impl Ranking {
    /// The answer, when all is scored.
    fn step(&mut self) -> Option<Groups> {
        if self.scoring.step() {
            return None;
        }
        let scored = std::mem::replace(&mut self.scoring, Scoring::begin(Vec::new())).finish();
        let ranked = Ranked {
            grouping: &self.counting.grouping,
            scored: &scored,
            templates: &self.templates.templates.list,
            services: &self.counting.services,
        };
        let mut answer = std::mem::take(&mut self.answer);
        answer.odd = ranked.odd();
        // Now it is known.
        for field in answer.fields.iter_mut().filter(|field| Some(&field.name) == answer.field.as_ref()) {
            (field.n_groups, field.is_exact) = (answer.n_groups, answer.n_left_out == 0);
        }
        Some(answer)
    }
}

/// Goes on with the walk over the blocks. Gives how far that is, and how far it goes.
fn group_some(
    ask: &GroupsAsk,
    field: &str,
    counting: &mut Option<Counting>,
    store: &mut Store,
) -> std::result::Result<(u64, u64), Failure> {
    let generation = store.generation();
    let blocks = &mut store.blocks;
    let mut work = 0;
    while !blocks.are_shapes_merged() {
        work += MERGING_BYTES + blocks.merge_shapes()?;
        if work >= STEP_BYTES {
            return Ok((0, blocks.directory().blocks().len() as u64));
        }
    }
    let search = store.searches.get(&ask.filter, blocks)?;
    if counting.as_ref().is_none_or(|counting| counting.walk.generation != generation) {
        *counting = Some(Counting::new(Walk::oldest_first(generation, blocks)));
    }
    let counting = counting.as_mut().expect("just begun");
    while work < STEP_BYTES && !counting.walk.is_done() {
        work += counting.add_next(field, search, blocks)?;
    }
    Ok((counting.walk.n_done as u64, counting.walk.slots.len() as u64))
}

/// The groups so far.
struct Counting {
    walk: Walk,
    grouping: Grouping,
    services: Vec<String>,
    n_without: u64,
}

impl Counting {
    fn new(walk: Walk) -> Self {
        Self { walk, grouping: Grouping::default(), services: Vec::new(), n_without: 0 }
    }

    fn answer(&self, fields: &[GroupField], field: &str) -> Groups {
        Groups {
            fields: fields.to_vec(),
            field: Some(field.to_owned()),
            n_groups: self.grouping.groups.len() as u64,
            n_entries: self.grouping.n_entries(),
            n_without: self.n_without,
            n_left_out: self.grouping.n_left_out,
            odd: Vec::new(),
        }
    }

    /// Takes the next block in. Gives a measure of the work.
    fn add_next(&mut self, field: &str, search: &mut Search, blocks: &mut Blocks) -> Result<u64> {
        let Some((slot, hits, work)) = self.walk.next(search, blocks)? else { return Ok(0) };
        match hits {
            BlockHits::None => Ok(work),
            hits => Ok(work + self.add(field, blocks, slot, &hits)?),
        }
    }

    fn add(&mut self, field: &str, blocks: &mut Blocks, slot: Slot, hits: &BlockHits) -> Result<u64> {
        let opened = Opened::open(blocks, slot, |fields| {
            let is_elsewhere = fields.find(field)?.is_some_and(|head| matches!(head.kept, Kept::Places { .. }));
            Ok(if is_elsewhere { Needs::ColumnsAndText } else { Needs::Columns })
        })?;
        let columns = blocks.columns(slot)?;
        let (of_entry, numbers) = (blocks.shapes_of_entries(slot)?, blocks.shape_numbers(slot));
        let is_dated = !blocks.info(slot).undated;
        let own = blocks.origin(blocks.info(slot).source);
        let services: Vec<u32> = columns
            .service_names
            .iter()
            .map(|name| self.service(if name.is_empty() { &own.service } else { name }))
            .collect();
        let ids = opened.view(blocks, None).numbered(field)?;
        // A number of the grouping's for each of the block's values, as soon as an entry has it.
        let mut groups: Vec<Option<Option<u32>>> = vec![None; ids.values.len()];
        for entry in 0..columns.len() {
            if !hits.has(entry) {
                continue;
            }
            let Some(value) = ids.ids[entry].checked_sub(1).map(|value| value as usize) else {
                self.n_without += 1;
                continue;
            };
            let group = *groups[value].get_or_insert_with(|| self.grouping.group(&ids.values[value]));
            let head = columns.shape(entry);
            self.grouping.add(
                group,
                Entry {
                    time: is_dated.then(|| columns.times[entry]),
                    shape: numbers[usize::from(of_entry[entry])],
                    band: head.severity.band(),
                    service: services[usize::from(head.service)],
                },
            );
        }
        Ok(opened.work + columns.len() as u64 * ENTRY_BYTES)
    }

    fn service(&mut self, name: &str) -> u32 {
        let known = self.services.iter().position(|known| known == name);
        known.unwrap_or_else(|| {
            self.services.push(name.to_owned());
            self.services.len() - 1
        }) as u32
    }
}
