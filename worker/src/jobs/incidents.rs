//! What is unusual in the entries of a filter that have a time: counts them in windows, a few blocks a step, and then looks.
//!
//! How wide the windows are depends on how many entries there are, so those are found first. What was found stays with the search:
//! another verdict is applied to it, and nothing is counted again.

use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;

use analysis::anomaly::{
    Findings, Key, Look, Names, Sampler, Tallied, Tally, choose_windows, clusters_within, each_measure, is_outcome,
    lack_of, needs_text, windows_of,
};
use analysis::ids::id_hash;
use analysis::numbered::Numbered;
use analysis::topology::names::service_of;
use analysis::topology::{Services, says_own_name};
use model::entry::SourceId;
use model::incident::{Incidents, TemplateName, Windows};
use model::naming::Naming;
use model::protocol::{Answer, ClustersAsk, Failure, IncidentsAsk};
use model::query::variable_name;
use model::time::Nanos;
use model::verdict::FindingKind;

use super::row::{MAX_PARSED_BYTES, text_of};
use super::sightings::READING_TIMES;
use super::walk::READING_BYTES;
use super::{Job, OTHER_SERVICES, STEP_BYTES, Step};
use crate::store::{BlockHits, Blocks, Counted, FoundIncidents, FoundTemplates, Result, Searches, Slot, Store};

/// Counting a block's entries costs about as much as scanning this much text for each.
const ENTRY_BYTES: u64 = 48;

pub struct IncidentsJob {
    ask: IncidentsAsk,
    looking: Option<Looking>,
    counting: Option<Counting>,
    detecting: Option<Box<Look>>,
    linking: Option<Linking>,
}

/// Finding the entries, counting them, reading the values of some, looking at the counts, and reading the ids of some entries.
const N_STAGES: u64 = 5;

impl IncidentsJob {
    pub fn new(ask: IncidentsAsk) -> Self {
        Self { ask, looking: None, counting: None, detecting: None, linking: None }
    }

    fn is_begun(&self, generation: u64) -> bool {
        self.looking.as_ref().is_some_and(|looking| looking.generation == generation)
            || self.counting.as_ref().is_some_and(|counting| counting.generation == generation)
    }
}

impl Job for IncidentsJob {
    fn step(&mut self, store: &mut Store) -> std::result::Result<Step, Failure> {
        let generation = store.generation();
        let has_fields = !store.lacks_fields();
        if !self.is_begun(generation)
            && let Some(found) = known(&self.ask, has_fields, store)?
        {
            let templates = store.blocks.templates()?;
            return judged(found, &templates, store);
        }
        let (blocks, searches) = (&mut store.blocks, &mut store.searches);
        let mut work = 0;
        if self.counting.as_ref().is_none_or(|counting| counting.generation != generation) {
            if self.looking.as_ref().is_none_or(|looking| looking.generation != generation) {
                self.looking = Some(Looking::begin(generation, blocks));
            }
            let looking = self.looking.as_mut().expect("just begun");
            while let Some(&slot) = looking.slots.get(looking.n_done) {
                work += looking.look_at(&self.ask, searches, blocks, slot)?;
                if work >= STEP_BYTES {
                    let (done, total) = (looking.n_done as u64, looking.slots.len() as u64);
                    return Ok(Step::more_of(0, N_STAGES, (done, total), None));
                }
            }
            let looking = self.looking.take().expect("it has looked at all");
            self.counting = Some(Counting::begin(&self.ask, looking, has_fields, blocks)?);
            (self.detecting, self.linking) = (None, None);
        }
        let counting = self.counting.as_mut().expect("just begun");
        while work < STEP_BYTES
            && let Some(&slot) = counting.slots.get(counting.n_done)
        {
            let hits = searches.get(&self.ask.filter, blocks)?.hits_of(blocks, slot)?;
            work += counting.add(blocks, slot, &hits)?;
            counting.n_done += 1;
        }
        let (done, total) = (counting.n_done as u64, counting.slots.len() as u64);
        if done < total {
            return Ok(Step::more_of(1, N_STAGES, (done, total), None));
        }
        let n_to_read = counting.begin_reading();
        while work < STEP_BYTES && counting.n_read < n_to_read {
            let slot = counting.slots[counting.n_read];
            let hits = searches.get(&self.ask.filter, blocks)?.hits_of(blocks, slot)?;
            work += counting.read_values(blocks, slot, &hits)?;
            counting.n_read += 1;
        }
        if counting.n_read < n_to_read {
            return Ok(Step::more_of(2, N_STAGES, (counting.n_read as u64, n_to_read as u64), None));
        }
        if self.linking.is_none() {
            let look =
                self.detecting.get_or_insert_with(|| Box::new(Look::begin(counting.take_counted(blocks.naming()))));
            if look.step() {
                return Ok(Step::more_of(3, N_STAGES, (0, 1), None));
            }
            let look = self.detecting.take().expect("just looked");
            self.linking = Some(Linking::begin(look.finish(), counting, blocks));
        }
        let linking = self.linking.as_mut().expect("just begun");
        while work < STEP_BYTES
            && let Some(&slot) = linking.slots.get(linking.n_done)
        {
            let hits = searches.get(&self.ask.filter, blocks)?.hits_of(blocks, slot)?;
            work += linking.add(counting, blocks, slot, &hits)?;
            linking.n_done += 1;
        }
        let (done, total) = (linking.n_done as u64, linking.slots.len() as u64);
        if done < total {
            return Ok(Step::more_of(4, N_STAGES, (done, total), None));
        }
        let known = linking.known.get_or_insert_with(|| counting.known(blocks));
        if linking.findings.step(&known.names(counting)) {
            return Ok(Step::more_of(4, N_STAGES, (1, 1), None));
        }
        let (counting, linking) = self.counting.take().zip(self.linking.take()).expect("both are done");
        let Counting { n_blocks, epoch, .. } = counting;
        let (templates, naming) = (counting.templates.clone(), counting.naming.clone());
        let found = counting.find(linking);
        let kept = FoundIncidents { window_nanos: self.ask.window_nanos, epoch, naming, found: found.clone() };
        let search = store.searches.get(&self.ask.filter, &mut store.blocks)?;
        search.incidents = Some(Counted { n_blocks, result: kept });
        judged(found, &templates, store)
    }
}

/// What was found for the same ask before, if nothing has changed since of which it was made.
fn known(ask: &IncidentsAsk, has_numbers: bool, store: &mut Store) -> Result<Option<Incidents>> {
    let n_blocks = store.blocks.directory().blocks().len();
    let epoch = store.blocks.templates_epoch()?;
    let kept = store.searches.get(&ask.filter, &mut store.blocks)?.incidents.as_ref();
    let kept = kept.filter(|kept| kept.n_blocks == n_blocks).map(|kept| &kept.result);
    let is_same = |kept: &&FoundIncidents| {
        kept.window_nanos == ask.window_nanos
            && kept.epoch == epoch
            && kept.naming == *store.blocks.naming()
            && kept.found.has_numbers == has_numbers
    };
    Ok(kept.filter(is_same).map(|kept| kept.found.clone()))
}

/// The incidents with what the user thinks of such ones.
fn judged(mut found: Incidents, templates: &FoundTemplates, store: &Store) -> std::result::Result<Step, Failure> {
    let former = store.former_in(templates)?;
    let verdicts = store.verdicts()?;
    for incident in &mut found.incidents {
        // What was thought of a service under another of its names, or of a pattern by the text it had before, holds as well.
        incident.verdict = incident.judge(|kind| {
            let services =
                || std::iter::once(&kind.service).chain(found.aliases.get(&kind.service).into_iter().flatten());
            let templates = std::iter::once(&kind.template).chain(former.get(&kind.template).into_iter().flatten());
            let both = templates.flat_map(|template| services().map(move |service| (service, template)));
            let mut kinds = both.map(|(service, template)| FindingKind {
                service: service.clone(),
                template: template.clone(),
                subject: kind.subject.clone(),
            });
            kinds.find_map(|kind| verdicts.get(&kind)).copied()
        });
    }
    Ok(Step::Finished(Answer::Incidents(Box::new(found))))
}

/// The blocks there were at the first step, and those of them that have entries of the filter.
struct Looking {
    generation: u64,
    /// All there were.
    n_blocks: usize,
    slots: Vec<Slot>,
    n_done: usize,
    found: Vec<Slot>,
    n_entries: u64,
}

impl Looking {
    fn begin(generation: u64, blocks: &mut Blocks) -> Self {
        let n_blocks = blocks.directory().blocks().len();
        let order = blocks.directory_mut().order();
        let slots = order.by_lowest.iter().copied().filter(|&slot| !blocks.info(slot).undated).collect();
        Self { generation, n_blocks, slots, n_done: 0, found: Vec::new(), n_entries: 0 }
    }

    /// Gives a measure of the work.
    fn look_at(&mut self, ask: &IncidentsAsk, searches: &mut Searches, blocks: &mut Blocks, slot: Slot) -> Result<u64> {
        self.n_done += 1;
        let search = searches.get(&ask.filter, blocks)?;
        let work = search.look_at(blocks, slot)?;
        let n_found = match search.hits_of(blocks, slot)? {
            BlockHits::None => return Ok(work),
            BlockHits::All => u64::from(blocks.info(slot).n_entries),
            BlockHits::Some(bitmap) => bitmap.count() as u64,
        };
        self.n_entries += n_found;
        self.found.push(slot);
        Ok(work)
    }
}

/// The blocks with entries of the filter, and what is counted of them.
struct Counting {
    generation: u64,
    n_blocks: usize,
    slots: Vec<Slot>,
    n_done: usize,
    templates: Rc<FoundTemplates>,
    /// Of these.
    epoch: u64,
    windows: Windows,
    tally: Tally,
    n_entries: u64,
    has_numbers: bool,
    /// Which messages are read for the values in them, when all are counted; and in how many blocks they were.
    sampler: Option<Sampler>,
    n_read: usize,
    /// As entries name them.
    services: Numbered,
    /// Those of them that services have for themselves, and of which names of which source that was asked.
    own: BTreeSet<String>,
    asked: HashSet<(u32, SourceId)>,
    /// Once all are counted.
    called: Services,
    /// By which they are called so.
    naming: Rc<Naming>,
    fields: Numbered,
    sources: Vec<SourceId>,
}

impl Counting {
    fn begin(ask: &IncidentsAsk, looking: Looking, has_numbers: bool, blocks: &mut Blocks) -> Result<Self> {
        let Looking { generation, n_blocks, found: slots, n_entries, .. } = looking;
        let mut first = slots.iter().map(|&slot| blocks.info(slot).min_time).min().unwrap_or_default();
        let mut last = slots.iter().map(|&slot| blocks.info(slot).max_time).max().unwrap_or_default();
        if let Some(range) = ask.filter.range {
            first = first.max(range.start);
            last = last.min(Nanos(range.end.0.saturating_sub(1))).max(first);
        }
        let windows = match ask.window_nanos {
            Some(width) => windows_of(first, last, width),
            None => choose_windows(first, last, n_entries),
        };
        let epoch = blocks.templates_epoch()?;
        let templates = blocks.templates()?;
        Ok(Self {
            generation,
            n_blocks,
            slots,
            n_done: 0,
            sampler: None,
            n_read: 0,
            templates,
            epoch,
            windows,
            tally: Tally::new(windows),
            n_entries,
            has_numbers,
            services: Numbered::new(OTHER_SERVICES),
            own: BTreeSet::new(),
            asked: HashSet::new(),
            called: Services::default(),
            naming: Rc::default(),
            fields: Numbered::new("(other fields)"),
            sources: Vec::new(),
        })
    }

    /// Gives a measure of the work.
    fn add(&mut self, blocks: &mut Blocks, slot: Slot, hits: &BlockHits) -> Result<u64> {
        let (columns, source) = (blocks.columns(slot)?, blocks.info(slot).source);
        let keys = self.keys(blocks, slot)?;
        let source = self.sources.iter().position(|&known| known == source).unwrap_or_else(|| {
            self.sources.push(source);
            self.sources.len() - 1
        }) as u32;
        for (entry, (&key, &time)) in keys.iter().zip(&columns.times).enumerate() {
            if hits.has(entry) {
                self.tally.add(source, key, time);
            }
        }
        if self.has_numbers && blocks.has_fields(slot) {
            let fields = blocks.fields(slot)?;
            let text = if needs_text(&fields)? { blocks.text(slot)? } else { Rc::default() };
            let mut known: Option<(String, u32)> = None;
            each_measure(&fields, &columns, &text, &mut |name, entry, quantity| {
                if !hits.has(entry) {
                    return;
                }
                // A field's numbers come one after the other.
                if known.as_ref().is_none_or(|(before, _)| before != name) {
                    let field = self.fields.number(name);
                    if is_outcome(name) {
                        self.tally.tells_apart(field);
                    }
                    known = Some((name.to_owned(), field));
                }
                let field = known.as_ref().map_or(0, |(_, field)| *field);
                self.tally.add_quantity(keys[entry], field, columns.times[entry], quantity);
            })?;
        }
        Ok(columns.len() as u64 * ENTRY_BYTES)
    }

    /// When all are counted: in how many blocks numbers that stand in messages alone are to be read.
    fn begin_reading(&mut self) -> usize {
        let Self { sampler, tally, templates, .. } = self;
        let sampler = sampler.get_or_insert_with(|| Sampler::new(&templates.templates.list, tally));
        if self.has_numbers && !sampler.is_empty() { self.slots.len() } else { 0 }
    }

    /// Counts the numbers in the messages of some entries. Gives a measure of the work.
    fn read_values(&mut self, blocks: &mut Blocks, slot: Slot, hits: &BlockHits) -> Result<u64> {
        if !blocks.has_fields(slot) {
            return Ok(0);
        }
        let (columns, keys) = (blocks.columns(slot)?, self.keys(blocks, slot)?);
        let Self { sampler: Some(sampler), windows, tally, fields, .. } = self else { return Ok(0) };
        let mut wants = |entry: usize| hits.has(entry) && sampler.wants(keys[entry], windows.of(columns.times[entry]));
        let wanted: Vec<usize> = (0..keys.len()).filter(|&entry| wants(entry)).collect();
        let work = keys.len() as u64 * ENTRY_BYTES;
        if wanted.is_empty() {
            return Ok(work);
        }
        blocks.with_values(slot, |reader| {
            for &entry in &wanted {
                reader.with_values(entry, |_, values| {
                    sampler.each_measure(keys[entry].template, values, &mut |place, quantity| {
                        let field = fields.number(&variable_name(place));
                        tally.add_quantity(keys[entry], field, columns.times[entry], quantity);
                    });
                });
            }
        })?;
        Ok(work + wanted.len() as u64 * READING_BYTES)
    }

    /// What each entry of a block is counted as. Services have the numbers of their names.
    fn keys(&mut self, blocks: &mut Blocks, slot: Slot) -> Result<Vec<Key>> {
        let columns = blocks.columns(slot)?;
        let origin = blocks.origin(blocks.info(slot).source);
        let shapes = blocks.shapes_of_entries(slot)?;
        let numbers = blocks.shape_numbers(slot);
        let of_shape = &self.templates.templates.of_shape;
        let template_of: Vec<u32> = numbers.iter().map(|&number| of_shape[number as usize]).collect();
        let mut heads = Vec::with_capacity(columns.shapes.len());
        for (place, head) in columns.shapes.iter().enumerate() {
            let named = &*columns.service_names[usize::from(head.service)];
            let service = self.services.number(if named.is_empty() { &origin.service } else { named });
            heads.push(Key { service, template: 0, band: head.severity.band() });
            // A rule would make it a part of another service.
            if self.asked.insert((service, blocks.info(slot).source)) && !service_of(named).rules.is_empty() {
                let entry = columns.shape_of.iter().position(|&shape| usize::from(shape) == place);
                let text = entry.map(|entry| text_of(blocks, slot, entry, MAX_PARSED_BYTES)).transpose()?;
                let is_own = |text: &str| says_own_name(&blocks.formats().parse(head.format, text));
                if text.is_some_and(|text| is_own(&text)) {
                    self.own.insert(named.trim().to_owned());
                }
            }
        }
        Ok(columns
            .shape_of
            .iter()
            .zip(&*shapes)
            .map(|(&head, &shape)| Key { template: template_of[usize::from(shape)], ..heads[usize::from(head)] })
            .collect())
    }

    /// All that was counted, by the services that are meant.
    fn take_counted(&mut self, naming: &Rc<Naming>) -> Tallied {
        let tally = std::mem::replace(&mut self.tally, Tally::new(self.windows));
        let written: Vec<&str> = self.services.names.iter().map(String::as_str).collect();
        self.naming = naming.clone();
        self.called = Services::new(naming, &written, &self.own.iter().map(String::as_str).collect());
        tally.finish_as(|service| self.called.of[service as usize])
    }

    fn known(&self, blocks: &Blocks) -> Known {
        let name = |template: &analysis::template::Template| TemplateName {
            id: template.id.to_string(),
            text: template.text.clone(),
        };
        Known {
            templates: self.templates.templates.list.iter().map(name).collect(),
            sources: self.sources.iter().map(|&source| blocks.origin(source).path.clone()).collect(),
        }
    }

    fn find(self, linking: Linking) -> Incidents {
        let Linking { mut findings, known, .. } = linking;
        let incidents = known.map(|known| findings.incidents(&known.names(&self))).unwrap_or_default();
        Incidents {
            incidents,
            windows: self.windows,
            map: findings.map(),
            n_entries: self.n_entries,
            has_numbers: self.has_numbers,
            lack: lack_of(findings.tallied()),
            aliases: self.called.aliases(),
        }
    }
}

/// What numbers stand for, beside what was counted.
struct Known {
    templates: Vec<TemplateName>,
    sources: Vec<String>,
}

impl Known {
    fn names<'n>(&'n self, counting: &'n Counting) -> Names<'n> {
        Names {
            services: &counting.called,
            templates: &self.templates,
            fields: &counting.fields.names,
            sources: &self.sources,
        }
    }
}

/// What was found, and the blocks in which ids may tell what of it goes together.
struct Linking {
    findings: Findings,
    slots: Vec<Slot>,
    n_done: usize,
    /// When all ids are there.
    known: Option<Known>,
}

impl Linking {
    fn begin(findings: Findings, counting: &Counting, blocks: &Blocks) -> Self {
        let (windows, wanted) = (counting.windows, findings.links.windows());
        let is_wanted = |slot: &&Slot| {
            let info = blocks.info(**slot);
            wanted.as_ref().is_some_and(|wanted| {
                windows.of(info.min_time) < wanted.end && windows.of(info.max_time) >= wanted.start
            })
        };
        let slots = counting.slots.iter().filter(is_wanted).copied().collect();
        Self { findings, slots, n_done: 0, known: None }
    }

    /// Gives a measure of the work.
    fn add(&mut self, counting: &mut Counting, blocks: &mut Blocks, slot: Slot, hits: &BlockHits) -> Result<u64> {
        let (columns, mut keys) = (blocks.columns(slot)?, counting.keys(blocks, slot)?);
        keys.iter_mut().for_each(|key| key.service = counting.called.of[key.service as usize]);
        let mut n_bytes = columns.len() as u64 * ENTRY_BYTES;
        for entry in (0..columns.len()).filter(|&entry| hits.has(entry)) {
            let window = counting.windows.of(columns.times[entry]);
            if self.findings.links.asks_for(keys[entry], window) {
                let text = text_of(blocks, slot, entry, MAX_PARSED_BYTES)?;
                let parsed = blocks.formats().parse(columns.shape(entry).format, &text);
                self.findings.links.add(keys[entry], window, id_hash(&parsed));
                n_bytes += text.len() as u64 * READING_TIMES;
            }
        }
        Ok(n_bytes)
    }
}

/// Needs nothing of the store, but comes as quickly as a row.
pub struct ClustersJob {
    pub ask: ClustersAsk,
}

impl Job for ClustersJob {
    fn step(&mut self, _: &mut Store) -> std::result::Result<Step, Failure> {
        Ok(Step::Finished(Answer::Clusters(clusters_within(&self.ask.points, self.ask.by, self.ask.reach))))
    }
}
