//! Which groups of entries that share an id are unlike the others: looks for fields that could be such ids, and for ids in the text, groups by one of
//! them a few blocks a step, and then scores the groups in steps as small.

use std::rc::Rc;

use analysis::answer::{Needs, needs_of};
use analysis::group::{Entry, Grouping, Ordering, Ranked, WrittenIds, fields_to_group_by, id_of_form};
use analysis::numbered::Numbered;
use analysis::outlier::{Scored, Scoring};
use model::group::{GroupField, Groups, GroupsAsk, is_written, names_trace};
use model::protocol::{Answer, FacetsAsk, Failure};

use super::facets::FacetsJob;
use super::walk::{Opened, Walk};
use super::{Job, OTHER_SERVICES, Rhythm, STEP_BYTES, Step};
use crate::store::{BlockHits, Blocks, Counted as CountedIn, FoundTemplates, Result, Search, Slot, Store};

/// Values of a field that are looked at to see whether they are ids.
const N_VALUES: u32 = 20;
/// Taking an entry into its group costs about as much as scanning so many bytes.
const ENTRY_BYTES: u64 = 64;
/// Looking for ids in a text costs about as much as scanning it so many times.
const LOOKING_TIMES: u64 = 8;

pub struct GroupsJob {
    ask: GroupsAsk,
    rhythm: Rhythm,
    stage: Stage,
}

/// Finding fields, finding ids in texts, counting, and scoring.
const N_STAGES: u64 = 4;

enum Stage {
    Looking(FacetsJob),
    Reading { fields: Vec<GroupField>, progress: Option<(Walk, WrittenIds)> },
    Grouping { fields: Vec<GroupField>, field: String, counting: Option<Counting> },
    Scoring(Box<Counted>),
}

/// All is counted; what is left is to score it.
struct Counted {
    answer: Groups,
    grouping: Grouping,
    services: Numbered,
    templates: Rc<FoundTemplates>,
    ordering: Ordering,
    /// When entries are in order.
    scoring: Option<Scoring>,
}

impl GroupsJob {
    pub fn new(ask: GroupsAsk) -> Self {
        let facets = FacetsAsk { filter: ask.filter.clone(), n_values: N_VALUES, field: None };
        Self { ask, rhythm: Rhythm::default(), stage: Stage::Looking(FacetsJob::new(facets)) }
    }

    /// Goes on with looking for ids in the texts.
    fn read_some(&mut self, store: &mut Store) -> std::result::Result<Step, Failure> {
        let Stage::Reading { fields, progress } = &mut self.stage else { return Err(Failure::Gone) };
        let generation = store.generation();
        let blocks = &mut store.blocks;
        let search = store.searches.get(&self.ask.filter, blocks)?;
        if progress.as_ref().is_none_or(|(walk, _)| walk.generation != generation) {
            *progress = Some(Walk::go_on(generation, blocks, search.written_ids.clone()));
        }
        let (walk, written) = progress.as_mut().expect("just begun");
        let mut work = 0;
        while work < STEP_BYTES
            && !written.is_hopeless()
            && let Some((slot, hits, looked_at)) = walk.next(search, blocks)?
        {
            work += looked_at;
            if matches!(hits, BlockHits::None) {
                continue;
            }
            let (columns, text) = (blocks.columns(slot)?, blocks.text(slot)?);
            let found = (0..columns.len()).filter(|&entry| hits.has(entry));
            written.add_block(found.map(|entry| text.get(columns.text_range(entry)).unwrap_or_default()));
            work += text.len() as u64 * LOOKING_TIMES;
        }
        if !walk.is_done() && !written.is_hopeless() {
            return Ok(Step::more_of(1, N_STAGES, (walk.n_done as u64, walk.slots.len() as u64), None));
        }
        let fields = written.join(std::mem::take(fields));
        search.written_ids = Some(CountedIn { n_blocks: walk.n_blocks, result: std::mem::take(written) });
        let Some(field) = self.ask.field.clone().or(fields.first().map(|field| field.name.clone())) else {
            return Ok(Step::Finished(Answer::Groups(Box::default())));
        };
        self.stage = Stage::Grouping { fields, field, counting: None };
        Ok(Step::more_of(2, N_STAGES, (0, 1), None))
    }

    /// Goes on with the walk over the blocks.
    fn group_some(&mut self, store: &mut Store) -> std::result::Result<Step, Failure> {
        let Stage::Grouping { fields, field, counting } = &mut self.stage else { return Err(Failure::Gone) };
        let generation = store.generation();
        let blocks = &mut store.blocks;
        let search = store.searches.get(&self.ask.filter, blocks)?;
        if counting.as_ref().is_none_or(|counting| counting.walk.generation != generation) {
            *counting = Some(Counting::new(Walk::oldest_first(generation, blocks)));
        }
        let known = counting.as_mut().expect("just begun");
        let mut work = 0;
        while work < STEP_BYTES && !known.walk.is_done() {
            work += known.add_next(field, search, blocks)?;
        }
        let answer = |known: &Counting| Answer::Groups(Box::new(known.answer(fields, field)));
        if !known.walk.is_done() {
            let so_far = self.rhythm.is_rarely_due().then(|| answer(known));
            return Ok(Step::more_of(2, N_STAGES, known.how_far(), so_far));
        }
        let so_far = answer(known);
        let answer = known.answer(fields, field);
        let Some(Counting { mut grouping, services, .. }) = counting.take() else { return Err(Failure::Gone) };
        let ordering = Ordering::begin(&mut grouping);
        let counted = Counted { answer, grouping, services, templates: blocks.templates()?, ordering, scoring: None };
        self.stage = Stage::Scoring(Box::new(counted));
        Ok(Step::more_of(3, N_STAGES, (0, 1), Some(so_far)))
    }
}

impl Job for GroupsJob {
    fn step(&mut self, store: &mut Store) -> std::result::Result<Step, Failure> {
        match &mut self.stage {
            Stage::Looking(facets) => {
                let facets = match facets.step(store)? {
                    Step::More { done, total, .. } => return Ok(Step::more_of(0, N_STAGES, (done, total), None)),
                    Step::Finished(Answer::Facets(facets)) => facets,
                    Step::Finished(_) => return Err(Failure::Gone),
                };
                let search = store.searches.get(&self.ask.filter, &mut store.blocks)?;
                let fields = match &search.facets {
                    Some(CountedIn { result: counted, .. }) => {
                        fields_to_group_by(&counted.to_judge(N_VALUES as usize), &counted.recurring())
                    }
                    None => fields_to_group_by(&facets.fields, &[]),
                };
                self.stage = Stage::Reading { fields, progress: None };
                Ok(Step::more_of(1, N_STAGES, (0, 1), None))
            }
            Stage::Reading { .. } => self.read_some(store),
            Stage::Grouping { .. } => self.group_some(store),
            Stage::Scoring(counted) => Ok(counted.score_some()),
        }
    }
}

impl Counted {
    fn score_some(&mut self) -> Step {
        let Some(scoring) = &mut self.scoring else {
            if !self.ordering.step(&self.templates.templates.of_shape) {
                self.scoring = Some(Scoring::begin(self.ordering.take_events()));
            }
            return Step::more_of(3, N_STAGES, (0, 1), None);
        };
        if scoring.step() {
            return Step::more_of(3, N_STAGES, scoring.how_far(), None);
        }
        let scored = self.scoring.take().map(Scoring::finish).expect("it has scored");
        Step::Finished(Answer::Groups(Box::new(self.ranked(&scored))))
    }

    /// With the groups that are unlike the others.
    fn ranked(&mut self, scored: &Scored) -> Groups {
        let ranked = Ranked {
            grouping: &self.grouping,
            scored,
            templates: &self.templates.templates.list,
            services: &self.services.names,
        };
        let mut answer = std::mem::take(&mut self.answer);
        answer.odd = ranked.odd();
        // Now it is known.
        for field in answer.fields.iter_mut().filter(|field| Some(&field.name) == answer.field.as_ref()) {
            (field.n_groups, field.is_exact) = (answer.n_groups, answer.n_left_out == 0);
        }
        answer
    }
}

/// The groups so far.
struct Counting {
    walk: Walk,
    grouping: Grouping,
    services: Numbered,
    n_without: u64,
    /// Other names of the field, met where it is not.
    also: Vec<String>,
}

impl Counting {
    fn new(walk: Walk) -> Self {
        Self {
            walk,
            grouping: Grouping::default(),
            services: Numbered::new(OTHER_SERVICES),
            n_without: 0,
            also: Vec::new(),
        }
    }

    fn how_far(&self) -> (u64, u64) {
        (self.walk.n_done as u64, self.walk.slots.len() as u64)
    }

    fn answer(&self, fields: &[GroupField], field: &str) -> Groups {
        let mut also = self.also.clone();
        also.sort();
        Groups {
            fields: fields.to_vec(),
            field: Some(field.to_owned()),
            also,
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
        let found = match hits {
            BlockHits::Some(bitmap) => Some(&**bitmap),
            BlockHits::None | BlockHits::All => None,
        };
        let is_of_trace = names_trace(field);
        let opened = match is_of_trace {
            true => Opened::open(blocks, slot, |fields, meanings| {
                let mut needs = needs_of(field, meanings, fields)?.max(Needs::Columns);
                for head in fields.heads()?.iter().filter(|head| names_trace(head.name)) {
                    needs = needs.max(needs_of(head.name, meanings, fields)?);
                }
                Ok(needs)
            })?,
            false => Opened::for_field(blocks, slot, found, field)?,
        };
        let columns = blocks.columns(slot)?;
        let (of_entry, numbers) = (blocks.shapes_of_entries(slot)?, blocks.shape_numbers(slot));
        let is_dated = !blocks.info(slot).undated;
        let own = blocks.origin(blocks.info(slot).source);
        let services: Vec<u32> = columns
            .service_names
            .iter()
            .map(|name| self.services.number(if name.is_empty() { &own.service } else { name }))
            .collect();
        let mut work = opened.work + columns.len() as u64 * ENTRY_BYTES;
        let text = if is_written(field) { Some(blocks.text(slot)?) } else { None };
        work += text.as_ref().map_or(0, |text| text.len() as u64 * LOOKING_TIMES);
        let view = opened.view(blocks, None);
        let ids = view.numbered(field)?;
        let mut others = Vec::new();
        if is_of_trace {
            let is_other = |name: &str| names_trace(name) && !name.eq_ignore_ascii_case(field);
            for head in opened.fields.heads()?.iter().filter(|head| is_other(head.name)) {
                others.push((head.name.to_owned(), view.numbered(head.name)?));
            }
        }
        // A number of the grouping's for each of the block's values, as soon as an entry has it.
        let mut groups: Vec<Option<Option<u32>>> = vec![None; ids.values.len()];
        for entry in 0..columns.len() {
            if !hits.has(entry) {
                continue;
            }
            let group = match &text {
                Some(text) => {
                    let text = text.get(columns.text_range(entry)).unwrap_or_default();
                    id_of_form(text, field).map(|id| self.grouping.group(&id))
                }
                None => match ids.ids[entry].checked_sub(1) {
                    Some(value) => {
                        let value = value as usize;
                        Some(*groups[value].get_or_insert_with(|| self.grouping.group(&ids.values[value])))
                    }
                    None => others.iter().find_map(|(name, other)| {
                        let value = other.ids[entry].checked_sub(1)? as usize;
                        if !self.also.contains(name) {
                            self.also.push(name.clone());
                        }
                        Some(self.grouping.group(&other.values[value]))
                    }),
                },
            };
            let Some(group) = group else {
                self.n_without += 1;
                continue;
            };
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
        Ok(work)
    }
}
