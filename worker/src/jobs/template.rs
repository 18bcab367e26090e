//! One template looked at closely: some of its entries, and which values stand in each of its places.

use std::collections::HashMap;

use analysis::answer::spread_of;
use analysis::template::{Template, line_of};
use model::entry::RowKey;
use model::protocol::{Answer, Failure, TemplateAsk};
use model::template::{Example, TemplateDetail, VariableDetail};

use super::walk::Walk;
use super::{Job, STEP_BYTES, Step};
use crate::store::{BlockHits, Blocks, Result, Store};

/// Values are taken from so many entries at most, the first in time.
const MOST_ENTRIES: u64 = 50_000;
/// Different values of one place that are told apart.
const MOST_DIFFERENT: usize = 20_000;
/// Values that are sent.
const VALUES_SENT: usize = 12;
/// Longer values are cut.
const LONGEST_VALUE: usize = 200;
const EXAMPLES_SENT: usize = 5;

pub struct TemplateJob {
    ask: TemplateAsk,
    progress: Option<(Walk, Seen)>,
}

/// What was seen so far.
struct Seen {
    template: Template,
    n_entries: u64,
    n_read: u64,
    values: Vec<HashMap<String, u64>>,
    /// Every so manieth entry is an example.
    stride: u64,
    examples: Vec<Example>,
}

impl TemplateJob {
    pub fn new(ask: TemplateAsk) -> Self {
        Self { ask, progress: None }
    }
}

impl Job for TemplateJob {
    fn step(&mut self, store: &mut Store) -> std::result::Result<Step, Failure> {
        let generation = store.generation();
        let blocks = &mut store.blocks;
        let found = blocks.templates()?;
        let search = store.searches.get(&self.ask.filter, blocks)?;
        if self.progress.as_ref().is_none_or(|(walk, _)| walk.generation != generation) {
            let id = self.ask.id;
            let Some(template) = found.templates.list.iter().find(|template| template.id == id) else {
                return Ok(Step::Finished(Answer::Template(Box::default())));
            };
            let values = vec![HashMap::new(); template.variables.len()];
            let template = template.clone();
            let seen = Seen { template, n_entries: 0, n_read: 0, values, stride: 1, examples: Vec::new() };
            self.progress = Some((Walk::oldest_first(generation, blocks), seen));
        }
        let (walk, seen) = self.progress.as_mut().expect("just begun");
        let mut work = 0;
        while work < STEP_BYTES
            && let Some((slot, hits, looked_at)) = walk.next(search, blocks)?
        {
            work += 1024 + looked_at;
            let numbers = blocks.shape_numbers(slot);
            let is_of_it: Vec<bool> = numbers.iter().map(|&shape| found.id(shape) == self.ask.id).collect();
            if matches!(hits, BlockHits::None) || !is_of_it.contains(&true) {
                continue;
            }
            let of_entry = blocks.shapes_of_entries(slot)?;
            let is_meant = |&entry: &usize| is_of_it[usize::from(of_entry[entry])] && hits.has(entry);
            let entries: Vec<usize> = (0..of_entry.len()).filter(is_meant).collect();
            work += u64::from(blocks.info(slot).text_bytes);
            seen.add(blocks, slot, &entries)?;
        }
        if walk.is_done() || seen.n_read >= MOST_ENTRIES {
            let (_, seen) = self.progress.take().expect("just begun");
            return Ok(Step::Finished(Answer::Template(Box::new(seen.detail()))));
        }
        let (done, total) = (walk.n_done as u64, walk.slots.len() as u64);
        Ok(Step::More { done, total, so_far: None })
    }
}

impl Seen {
    fn add(&mut self, blocks: &mut Blocks, slot: usize, entries: &[usize]) -> Result<()> {
        let columns = blocks.columns(slot)?;
        let info = blocks.info(slot);
        let (source, first_entry, is_dated) = (info.source, info.first_entry, !info.undated);
        for (&entry, message) in entries.iter().zip(blocks.messages(slot, entries)?) {
            let line = line_of(&message);
            self.n_read += 1;
            if self.n_read.is_multiple_of(self.stride) || self.examples.is_empty() {
                let time = columns.times[entry];
                let key = RowKey { time, source, entry: first_entry + entry as u64 };
                let text = line.chars().take(LONGEST_VALUE * 2).collect();
                self.examples.push(Example { key, time: is_dated.then_some(time), text });
                if self.examples.len() == EXAMPLES_SENT * 2 {
                    let mut place = 0;
                    self.examples.retain(|_| {
                        place += 1;
                        place % 2 == 1
                    });
                    self.stride *= 2;
                }
            }
            let Some(values) = self.template.values(&line) else { continue };
            self.n_entries += 1;
            for (counts, value) in self.values.iter_mut().zip(values) {
                if let Some(count) = counts.get_mut(value) {
                    *count += 1;
                } else if counts.len() < MOST_DIFFERENT {
                    counts.insert(value.to_owned(), 1);
                }
            }
        }
        Ok(())
    }

    fn detail(self) -> TemplateDetail {
        let of = |(counts, variable): (&HashMap<String, u64>, &analysis::template::Variable)| {
            let mut values: Vec<(String, u64)> = counts.iter().map(|(value, &n)| (value.clone(), n)).collect();
            values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            let spread = spread_of(values.iter().map(|(value, n)| (value.as_str(), *n)));
            values.truncate(VALUES_SENT);
            for (value, _) in &mut values {
                if let Some((cut, _)) = value.char_indices().nth(LONGEST_VALUE) {
                    value.truncate(cut);
                    value.push('…');
                }
            }
            VariableDetail { kind: variable.kind, n_different: counts.len() as u64, values, spread }
        };
        let variables = self.values.iter().zip(&self.template.variables).map(of).collect();
        let mut examples = self.examples;
        examples.truncate(EXAMPLES_SENT);
        TemplateDetail { examples, variables, n_entries: self.n_entries }
    }
}
