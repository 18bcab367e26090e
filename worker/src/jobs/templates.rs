//! What the entries of a filter are made from: templates with counts, severities, services and when they came.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use analysis::block::Columns;
use analysis::numbered::Numbered;
use analysis::topology::Services;
use model::naming::Naming;
use model::protocol::{Answer, Failure, TemplatesAsk};
use model::severity::{Band, N_BANDS};
use model::template::{Novelty, TemplateCount, TemplateId, TemplateList, TemplateNote};
use model::time::{Nanos, TimeRange};

use super::walk::{Walk, within};
use super::{Job, OTHER_SERVICES, Rhythm, STEP_BYTES, Step};
use crate::store::{BlockHits, Blocks, FoundTemplates, Result, Store, TemplateNotes};

/// More spans than a sparkline has pixels for.
const MOST_SPANS: u32 = 200;
/// Services of a template that are named; how many there are is told.
const SERVICES_NAMED: usize = 4;
/// Blocks that are looked at for what templates that are gone were like.
const MOST_LOOKED_BACK: usize = 512;

pub struct TemplatesJob {
    ask: TemplatesAsk,
    rhythm: Rhythm,
    progress: Option<(Walk, Tallies)>,
}

impl TemplatesJob {
    pub fn new(ask: TemplatesAsk) -> Self {
        let ask = TemplatesAsk { n_spans: ask.n_spans.clamp(1, MOST_SPANS), ..ask };
        Self { ask, rhythm: Rhythm::default(), progress: None }
    }
}

impl Job for TemplatesJob {
    fn step(&mut self, store: &mut Store) -> std::result::Result<Step, Failure> {
        let generation = store.generation();
        let blocks = &mut store.blocks;
        let filter = &self.ask.filter;
        let search = store.searches.get(filter, blocks)?;
        if self.progress.as_ref().is_none_or(|(walk, _)| walk.generation != generation) {
            let range = within(filter.range, blocks);
            let walk = Walk::oldest_first(generation, blocks);
            self.progress = Some((walk, Tallies::new(range, self.ask.n_spans)));
        }
        let (walk, tallies) = self.progress.as_mut().expect("just begun");
        let mut work = 0;
        while work < STEP_BYTES
            && let Some((slot, hits, looked_at)) = walk.next(search, blocks)?
        {
            work += looked_at + tallies.add(blocks, slot, &hits)?;
        }
        if !walk.is_done() {
            let (done, total) = (walk.n_done as u64, walk.slots.len() as u64);
            let so_far = match self.rhythm.is_rarely_due() {
                true => {
                    let found = blocks.templates()?;
                    let list = tallies.list(&found, blocks.naming());
                    Some(Answer::Templates(Box::new(noted(list, &store.template_notes_in(&found)?))))
                }
                false => None,
            };
            return Ok(Step::More { done, total, so_far });
        }
        let found = blocks.templates()?;
        found.find_families();
        let mut list = tallies.list(&found, blocks.naming());
        if let Some(range) = filter.range
            && blocks.directory().dated_range().is_some_and(|all| all.start < range.start)
        {
            let before = seen_before(range.start, blocks)?;
            // Which entries another query would have found before is not known.
            let are_all_meant = search.expr == model::query::Expr::All;
            compare(&mut list, &found, &before);
            if are_all_meant {
                add_gone(&mut list, &found, (range.start, &before[..]), blocks)?;
            }
        }
        Ok(Step::Finished(Answer::Templates(Box::new(noted(list, &store.template_notes_in(&found)?)))))
    }
}

/// With what the user says of them.
fn noted(mut list: TemplateList, notes: &TemplateNotes) -> TemplateList {
    if !notes.is_empty() {
        for template in &mut list.templates {
            template.note = notes.get(&template.id).cloned().unwrap_or_default();
        }
    }
    list
}

/// Keeps what the user says of a template.
pub struct NoteJob {
    pub id: TemplateId,
    pub note: TemplateNote,
}

impl Job for NoteJob {
    fn step(&mut self, store: &mut Store) -> std::result::Result<Step, Failure> {
        store.note_template(self.id, &self.note)?;
        Ok(Step::Finished(Answer::Accepted))
    }
}

/// What was counted of one shape.
#[derive(Clone, Debug, Default)]
struct Tally {
    n_entries: u64,
    bands: [u64; N_BANDS],
    /// By number of the service.
    services: Vec<(u32, u64)>,
    times: Option<(Nanos, Nanos)>,
    spans: Vec<u32>,
}

impl Tally {
    fn merge(&mut self, other: &Self) {
        self.n_entries += other.n_entries;
        self.bands.iter_mut().zip(&other.bands).for_each(|(own, other)| *own += other);
        other.services.iter().for_each(|&(service, n)| self.add_service(service, n));
        self.times = match (self.times, other.times) {
            (Some(own), Some(other)) => Some((own.0.min(other.0), own.1.max(other.1))),
            (own, other) => own.or(other),
        };
        if self.spans.is_empty() {
            self.spans.clone_from(&other.spans);
        } else {
            self.spans.iter_mut().zip(&other.spans).for_each(|(own, other)| *own += other);
        }
    }

    fn add_service(&mut self, service: u32, n: u64) {
        match self.services.iter_mut().find(|(known, _)| *known == service) {
            Some((_, count)) => *count += n,
            None => self.services.push((service, n)),
        }
    }
}

/// What was counted so far, by shape: which template a shape belongs to may change until the end.
struct Tallies {
    range: Option<TimeRange>,
    span_nanos: i64,
    n_spans: usize,
    of_shape: Vec<Tally>,
    services: Numbered,
}

impl Tallies {
    fn new(range: Option<TimeRange>, n_spans: u32) -> Self {
        let nanos = range.map_or(0, |range| range.end.0.saturating_sub(range.start.0));
        let span_nanos = (nanos / i64::from(n_spans)).saturating_add(1).max(1);
        Self {
            range,
            span_nanos,
            n_spans: n_spans as usize,
            of_shape: Vec::new(),
            services: Numbered::new(OTHER_SERVICES),
        }
    }

    /// Adds the block's hits. Gives the work it took, in bytes of text that could have been scanned.
    fn add(&mut self, blocks: &mut Blocks, slot: usize, hits: &BlockHits) -> Result<u64> {
        if matches!(hits, BlockHits::None) {
            return Ok(0);
        }
        let columns = blocks.columns(slot)?;
        let of_entry = blocks.shapes_of_entries(slot)?;
        let numbers = blocks.shape_numbers(slot);
        let own_service = blocks.origin(blocks.info(slot).source).service.clone();
        let services = self.number_services(&columns, &own_service);
        let is_dated = !blocks.info(slot).undated;
        let n_shapes = numbers.iter().max().map_or(0, |&last| last as usize + 1);
        if self.of_shape.len() < n_shapes {
            self.of_shape.resize_with(n_shapes, Tally::default);
        }
        let mut add = |entry: usize| {
            let tally = &mut self.of_shape[numbers[usize::from(of_entry[entry])] as usize];
            let shape = columns.shape(entry);
            tally.n_entries += 1;
            tally.bands[shape.severity.band() as usize] += 1;
            tally.add_service(services[usize::from(shape.service)], 1);
            if is_dated {
                let time = columns.times[entry];
                tally.times = Some(tally.times.map_or((time, time), |(first, last)| (first.min(time), last.max(time))));
                if let Some(range) = self.range {
                    if tally.spans.is_empty() {
                        tally.spans = vec![0; self.n_spans];
                    }
                    let span = (time.0.saturating_sub(range.start.0) / self.span_nanos) as usize;
                    tally.spans[span.min(self.n_spans - 1)] += 1;
                }
            }
        };
        match hits {
            BlockHits::None => {}
            BlockHits::All => (0..columns.len()).for_each(&mut add),
            BlockHits::Some(bitmap) => bitmap.iter().for_each(&mut add),
        }
        Ok(columns.len() as u64 * 16)
    }

    fn number_services(&mut self, columns: &Columns, own: &str) -> Vec<u32> {
        let named = |name: &'_ String| self.services.number(if name.is_empty() { own } else { name });
        columns.service_names.iter().map(named).collect()
    }

    /// `naming`: what the user says of names of services. One that was renamed counts once.
    fn list(&self, found: &FoundTemplates, naming: &Naming) -> TemplateList {
        let written: Vec<&str> = self.services.names.iter().map(String::as_str).collect();
        // As entries name them: no rule makes one a part of another here.
        let called = Services::new(naming, &written, &written.iter().copied().collect());
        let templates = &found.templates;
        let mut of_template = vec![Tally::default(); templates.list.len()];
        for (tally, &template) in self.of_shape.iter().zip(&templates.of_shape) {
            of_template[template as usize].merge(tally);
        }
        let counted = of_template.into_iter().enumerate().filter(|(_, tally)| tally.n_entries > 0);
        let mut list: Vec<TemplateCount> = counted.map(|(place, tally)| count(found, &called, place, tally)).collect();
        sort(&mut list);
        let n_entries = list.iter().map(|template| template.n_entries).sum();
        let n_general = templates.n_general;
        TemplateList { templates: list, n_entries, range: self.range, n_general, has_before: false }
    }
}

fn count(found: &FoundTemplates, called: &Services, place: usize, tally: Tally) -> TemplateCount {
    let mut n_of: BTreeMap<u32, u64> = BTreeMap::new();
    for &(number, n) in &tally.services {
        *n_of.entry(called.of[number as usize]).or_default() += n;
    }
    let mut services: Vec<(String, u64)> =
        n_of.into_iter().map(|(service, n)| (called.names[service as usize].clone(), n)).collect();
    services.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let n_services = services.len() as u32;
    services.truncate(SERVICES_NAMED);
    TemplateCount {
        n_entries: tally.n_entries,
        bands: tally.bands,
        services,
        n_services,
        first: tally.times.map(|(first, _)| first),
        last: tally.times.map(|(_, last)| last),
        spans: tally.spans,
        ..bare(found, place)
    }
}

/// A template of which no entry is counted.
fn bare(found: &FoundTemplates, place: usize) -> TemplateCount {
    let template = &found.templates.list[place];
    TemplateCount {
        id: template.id,
        family: found.family(place),
        text: template.text.clone(),
        kinds: template.variables.iter().map(|variable| variable.kind).collect(),
        ..TemplateCount::default()
    }
}

fn sort(list: &mut [TemplateCount]) {
    list.sort_by(|a, b| b.n_entries.cmp(&a.n_entries).then_with(|| a.text.cmp(&b.text)));
}

/// Which of all shapes some entry before this instant has.
fn seen_before(start: Nanos, blocks: &mut Blocks) -> Result<Vec<bool>> {
    let mut seen = Vec::new();
    let mut see = |number: u32| {
        if seen.len() <= number as usize {
            seen.resize(number as usize + 1, false);
        }
        seen[number as usize] = true;
    };
    for slot in 0..blocks.directory().blocks().len() {
        let info = blocks.info(slot);
        if info.undated || info.min_time >= start {
            continue;
        }
        let is_before = info.max_time < start;
        let numbers = blocks.shape_numbers(slot);
        if is_before {
            numbers.iter().for_each(|&number| see(number));
            continue;
        }
        let (columns, of_entry) = (blocks.columns(slot)?, blocks.shapes_of_entries(slot)?);
        for (time, &shape) in columns.times.iter().zip(of_entry.iter()) {
            if *time < start {
                see(numbers[usize::from(shape)]);
            }
        }
    }
    Ok(seen)
}

/// Which templates there were, by the shapes that were seen.
fn were_there(found: &FoundTemplates, before: &[bool]) -> Vec<bool> {
    let templates = &found.templates;
    let mut was_there = vec![false; templates.list.len()];
    for (&seen, &template) in before.iter().zip(&templates.of_shape) {
        was_there[template as usize] |= seen;
    }
    was_there
}

/// Marks templates that are new.
fn compare(list: &mut TemplateList, found: &FoundTemplates, before: &[bool]) {
    let templates = &found.templates;
    let was_there = were_there(found, before);
    let known: HashMap<_, _> =
        templates.list.iter().zip(&was_there).map(|(template, &was)| (template.id, was)).collect();
    for template in &mut list.templates {
        if known.get(&template.id) == Some(&false) {
            template.novelty = Novelty::New;
        }
    }
    list.has_before = true;
}

/// Adds templates that are gone. `before`: where the scope begins, and which shapes were seen before.
fn add_gone(
    list: &mut TemplateList,
    found: &FoundTemplates,
    before: (Nanos, &[bool]),
    blocks: &mut Blocks,
) -> Result<()> {
    let (start, before) = before;
    let there: HashSet<TemplateId> = list.templates.iter().map(|template| template.id).collect();
    let mut is_gone = were_there(found, before);
    for (is_gone, template) in is_gone.iter_mut().zip(&found.templates.list) {
        *is_gone &= !there.contains(&template.id);
    }
    let last = last_before(start, &is_gone, found, blocks)?;
    for place in (0..is_gone.len()).filter(|&place| is_gone[place]) {
        let mut gone = TemplateCount { novelty: Novelty::Gone, ..bare(found, place) };
        if let Some(last) = last.get(&place) {
            gone.bands[last.band as usize] = 1;
            gone.services = vec![(last.service.clone(), 0)];
            gone.n_services = 1;
            (gone.first, gone.last) = (Some(last.time), Some(last.time));
        }
        list.templates.push(gone);
    }
    sort(&mut list.templates);
    Ok(())
}

/// What is told of the last entry of a template.
struct Last {
    time: Nanos,
    band: Band,
    service: String,
}

/// The last entry before this instant of each template that is asked for, by its place, from the last blocks there are of it.
fn last_before(
    start: Nanos,
    is_asked: &[bool],
    found: &FoundTemplates,
    blocks: &mut Blocks,
) -> Result<HashMap<usize, Last>> {
    let mut last: HashMap<usize, Last> = HashMap::new();
    let all = 0..blocks.directory().blocks().len();
    let mut slots: Vec<usize> =
        all.filter(|&slot| !blocks.info(slot).undated && blocks.info(slot).min_time < start).collect();
    slots.sort_by_key(|&slot| Reverse(blocks.info(slot).max_time));
    let mut n_looked_at = 0;
    for slot in slots {
        let latest = blocks.info(slot).max_time;
        let numbers = blocks.shape_numbers(slot);
        let of_shape: Vec<usize> =
            numbers.iter().map(|&number| found.templates.of_shape[number as usize] as usize).collect();
        let may_be_last =
            |place: &usize| is_asked[*place] && last.get(place).is_none_or(|known| known.time < latest.min(start));
        if !of_shape.iter().any(may_be_last) {
            continue;
        }
        n_looked_at += 1;
        if n_looked_at > MOST_LOOKED_BACK {
            break;
        }
        let (columns, of_entry) = (blocks.columns(slot)?, blocks.shapes_of_entries(slot)?);
        let mut in_block: HashMap<usize, usize> = HashMap::new();
        for (entry, (&time, &shape)) in columns.times.iter().zip(of_entry.iter()).enumerate() {
            let place = of_shape[usize::from(shape)];
            if time < start && is_asked[place] {
                let latest = in_block.entry(place).or_insert(entry);
                if columns.times[*latest] <= time {
                    *latest = entry;
                }
            }
        }
        let own = blocks.origin(blocks.info(slot).source).service.clone();
        for (place, entry) in in_block {
            let (time, head) = (columns.times[entry], columns.shape(entry));
            if last.get(&place).is_none_or(|known| known.time < time) {
                let named = &columns.service_names[usize::from(head.service)];
                let service = if named.is_empty() { own.clone() } else { named.clone() };
                last.insert(place, Last { time, band: head.severity.band(), service });
            }
        }
    }
    Ok(last)
}
