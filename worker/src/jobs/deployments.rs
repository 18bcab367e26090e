//! When services came to run another version: looks at what may announce one, at the names of pods, and at field columns that hold a version,
//! a few blocks a step.

use analysis::deployment::{Gatherer, Told, announced, may_announce, told_by_field};
use analysis::fields::{Kept, Values};
use analysis::topology::OWN_NAME;
use analysis::topology::names::pod_of_path;
use model::entry::RowKey;
use model::protocol::{Answer, Failure};
use model::scope::Filter;

use super::row::{MAX_PARSED_BYTES, text_of};
use super::sightings::READING_TIMES;
use super::walk::Walk;
use super::{Job, STEP_BYTES, Step};
use crate::store::{Blocks, Counted, OpenColumns, Result, Slot, Store, ToldVersions};

/// Looking at the shapes and the names of the fields of a block costs about as much as scanning this much text.
const LOOKING_BYTES: u64 = 32 << 10;

/// Messages of one shape in a block that are read: of more of one text none announces anything.
const MOST_READ: usize = 64;

#[derive(Default)]
pub struct DeploymentsJob {
    progress: Option<(Walk, ToldVersions)>,
}

impl Job for DeploymentsJob {
    fn step(&mut self, store: &mut Store) -> std::result::Result<Step, Failure> {
        let generation = store.generation();
        let blocks = &mut store.blocks;
        let search = store.searches.get(&Filter::default(), blocks)?;
        if self.progress.as_ref().is_none_or(|(walk, _)| walk.generation != generation) {
            let (mut walk, told) = Walk::go_on(generation, blocks, search.deployments.clone());
            walk.slots.extend(told.without_fields.iter().filter(|&&slot| blocks.has_fields(slot)));
            self.progress = Some((walk, told));
        }
        let (walk, told) = self.progress.as_mut().expect("just begun");
        let mut work = 0;
        while work < STEP_BYTES
            && let Some(&slot) = walk.slots.get(walk.n_done)
        {
            walk.n_done += 1;
            work += LOOKING_BYTES;
            if !blocks.info(slot).undated {
                work += look_at(told, blocks, slot)?;
            }
        }
        if !walk.is_done() {
            let (done, total) = (walk.n_done as u64, walk.slots.len() as u64);
            return Ok(Step::More { done, total, so_far: None });
        }
        let answer = Answer::Deployments(told.gatherer.deployments(blocks.naming()));
        let (walk, result) = self.progress.take().expect("it is done");
        search.deployments = Some(Counted { n_blocks: walk.n_blocks, result });
        Ok(Step::Finished(answer))
    }
}

/// What was not looked at of the block. Gives a measure of the work.
fn look_at(told: &mut ToldVersions, blocks: &mut Blocks, slot: Slot) -> Result<u64> {
    let columns = blocks.columns(slot)?;
    let mut n_bytes = 0;
    if !told.without_fields.remove(&slot) {
        n_bytes += look_at_starts(&mut told.gatherer, &columns, blocks, slot)?;
        look_at_pods(&mut told.gatherer, &columns, blocks, slot);
    }
    if blocks.has_fields(slot) {
        n_bytes += look_at_fields(&mut told.gatherer, &columns, blocks, slot)?;
    } else {
        told.without_fields.insert(slot);
    }
    Ok(n_bytes)
}

fn look_at_starts(gatherer: &mut Gatherer, columns: &OpenColumns, blocks: &mut Blocks, slot: Slot) -> Result<u64> {
    let mut n_bytes = 0;
    for (template, entries) in blocks.entries_with(slot, MOST_READ, may_announce)? {
        for entry in entries {
            let text = text_of(blocks, slot, entry, MAX_PARSED_BYTES)?;
            n_bytes += text.len() as u64 * READING_TIMES;
            let parsed = blocks.formats().parse(columns.shape(entry).format, &text);
            if let Some(told) = announced(&parsed.message) {
                let service = service_of(entry, columns, blocks, slot);
                gatherer.announce(&service, &template, key_of(entry, columns, blocks, slot), &told);
            }
        }
    }
    Ok(n_bytes)
}

/// The log of each pod is a file by itself, named after it: `cart-5c67c48447-fj8b7.log`, `shop_cart-5c67c48447-fj8b7_4f3a/cart/0.log`.
fn look_at_pods(gatherer: &mut Gatherer, columns: &OpenColumns, blocks: &Blocks, slot: Slot) {
    let path = &blocks.origin(blocks.info(slot).source).path;
    if let Some((deployment, template)) = pod_of_path(path)
        && !columns.is_empty()
    {
        let told = Told::Pod(deployment, template);
        let last = columns.len() - 1;
        gatherer.say("", "", key_of(0, columns, blocks, slot), told, columns.len() as u64);
        // So that it shows how long it goes on beside others.
        gatherer.say("", "", key_of(last, columns, blocks, slot), told, 0);
    }
}

fn look_at_fields(gatherer: &mut Gatherer, columns: &OpenColumns, blocks: &mut Blocks, slot: Slot) -> Result<u64> {
    let fields = blocks.fields(slot)?;
    let mut n_bytes = 0;
    for head in fields.heads()? {
        // Of a version there are few values.
        let Kept::Few(known) = &head.kept else { continue };
        if head.name.ends_with(OWN_NAME) {
            known.iter().for_each(|known| gatherer.call_own(known.text));
        }
        let told: Vec<Option<Told<'_>>> = known.iter().map(|known| told_by_field(head.name, known.text)).collect();
        if told.iter().all(Option::is_none) {
            continue;
        }
        let Values::Few(values) = fields.values(&head, columns)? else { continue };
        n_bytes += values.len() as u64 * READING_TIMES;
        // Entries that follow each other and say the same of the same service: the first, what it says, how many, and the last.
        let mut same: Option<(usize, usize, u64, usize)> = None;
        let service_number = |entry: usize| usize::from(columns.shape(entry).service);
        let mut said = Vec::new();
        for (entry, &value) in values.iter().enumerate() {
            let Some(value) = usize::from(value).checked_sub(1).filter(|&value| told[value].is_some()) else {
                continue;
            };
            match &mut same {
                Some((first, of, n, last)) if *of == value && service_number(*first) == service_number(entry) => {
                    (*n, *last) = (*n + 1, entry);
                }
                _ => said.extend(same.replace((entry, value, 1, entry))),
            }
        }
        said.extend(same);
        for (entry, value, n, last) in said {
            let Some(told) = told[value] else { continue };
            let service = service_of(entry, columns, blocks, slot);
            gatherer.say(&service, head.name, key_of(entry, columns, blocks, slot), told, n);
            if matches!(told, Told::Pod(..)) && last > entry {
                gatherer.say(&service, head.name, key_of(last, columns, blocks, slot), told, 0);
            }
        }
    }
    Ok(n_bytes)
}

fn service_of(entry: usize, columns: &OpenColumns, blocks: &Blocks, slot: Slot) -> String {
    match columns.service(entry) {
        "" => blocks.origin(blocks.info(slot).source).service.clone(),
        service => service.to_owned(),
    }
}

fn key_of(entry: usize, columns: &OpenColumns, blocks: &Blocks, slot: Slot) -> RowKey {
    let info = blocks.info(slot);
    RowKey { time: columns.times[entry], source: info.source, entry: info.first_entry + entry as u64 }
}
