//! How a source was read, or the parts of a log together, from all entries.

use std::collections::BTreeMap;

use analysis::format::{FormatId, Formats, RAW};
use model::entry::{Inferred, SourceId};
use model::protocol::{Answer, Failure};
use model::source::{FormatShare, SHOWN_LINE_CHARS, ServiceRule, ServiceShare, Survey, UnreadLine};

use super::{Job, Rhythm, STEP_BYTES, Step, row};
use crate::store::{Result, Slot, Store};

/// Lines that no format read: as many as show what is wrong with them.
const MOST_UNREAD: usize = 5;
/// Services that are named.
const MOST_SERVICES: usize = 5;

pub struct SurveyJob {
    sources: Vec<SourceId>,
    generation: Option<u64>,
    slots: Vec<(SourceId, Slot)>,
    n_passed: usize,
    survey: Survey,
    n_by_format: BTreeMap<FormatId, u64>,
    n_by_service: BTreeMap<(String, ServiceRule), u64>,
    rhythm: Rhythm,
}

impl SurveyJob {
    pub fn new(sources: Vec<SourceId>) -> Self {
        Self {
            sources,
            generation: None,
            slots: Vec::new(),
            n_passed: 0,
            survey: Survey::default(),
            n_by_format: BTreeMap::new(),
            n_by_service: BTreeMap::new(),
            rhythm: Rhythm::default(),
        }
    }

    fn look_at(&mut self, store: &mut Store, source: SourceId, slot: Slot) -> Result<u64> {
        let blocks = &mut store.blocks;
        let columns = blocks.columns(slot)?;
        let origin = blocks.origin(source);
        let own_rule = if origin.is_of_folder { ServiceRule::Folder } else { ServiceRule::File };
        let first_line = blocks.info(slot).first_line;
        let has_zoneless = blocks.info(slot).zone != 0;
        let text = if has_zoneless { Some(blocks.text(slot)?) } else { None };
        let survey = &mut self.survey;
        let mut line = first_line;
        for entry in 0..columns.len() {
            let shape = columns.shape(entry);
            let n_lines = u64::from(shape.n_lines);
            survey.n_lines += n_lines;
            *self.n_by_format.entry(shape.format).or_default() += n_lines;
            if shape.precision.is_own() {
                survey.n_stamped += 1;
                if shape.naive {
                    survey.n_zoneless += 1;
                    let start = columns.text_range(entry).start;
                    let stamp = start + shape.stamp.start as usize..start + shape.stamp.end as usize;
                    let stamp = text.as_ref().and_then(|text| text.get(stamp)).filter(|_| !shape.date_apart);
                    match stamp.map_or(Inferred::Nothing, Formats::inferred) {
                        Inferred::Nothing => {}
                        Inferred::Year => survey.n_yearless += 1,
                        Inferred::Date => survey.n_dateless += 1,
                    }
                }
            }
            if shape.format == RAW && survey.unread.len() < MOST_UNREAD {
                let text = row::text_of(blocks, slot, entry, SHOWN_LINE_CHARS * 4)?;
                survey.unread.push(UnreadLine { source, line: line + 1, text: row::shown_line(&text) });
            }
            line += n_lines;
        }
        // Entries of one shape have one service.
        let mut n_by_shape = vec![0_u64; columns.shapes.len()];
        columns.shape_of.iter().for_each(|&shape| n_by_shape[usize::from(shape)] += 1);
        for (shape, n_entries) in columns.shapes.iter().zip(n_by_shape) {
            let named = &columns.service_names[usize::from(shape.service)];
            let service = match named.as_str() {
                "" => (origin.service.clone(), own_rule),
                named => (named.to_owned(), ServiceRule::Entry),
            };
            *self.n_by_service.entry(service).or_default() += n_entries;
        }
        let text_bytes = text.map_or(0, |text| text.len() as u64);
        Ok(columns.len() as u64 * 16 + text_bytes)
    }

    fn so_far(&self, formats: &Formats) -> Survey {
        let share = |(&id, &n_lines): (&FormatId, &u64)| FormatShare {
            name: formats.name(id).to_owned(),
            title: formats.title(id).to_owned(),
            n_lines,
        };
        let mut by_format: Vec<_> = self.n_by_format.iter().map(share).collect();
        by_format.sort_by(|a, b| (b.n_lines, &a.name).cmp(&(a.n_lines, &b.name)));
        let share = |((name, rule), &n_entries): (&(String, ServiceRule), &u64)| ServiceShare {
            name: name.clone(),
            n_entries,
            rule: *rule,
        };
        let mut services: Vec<_> = self.n_by_service.iter().map(share).filter(|share| share.n_entries > 0).collect();
        services.sort_by(|a, b| (b.n_entries, &a.name).cmp(&(a.n_entries, &b.name)));
        let n_services = services.len() as u64;
        services.truncate(MOST_SERVICES);
        let complete = self.n_passed == self.slots.len();
        Survey { formats: by_format, services, n_services, complete, ..self.survey.clone() }
    }
}

impl Job for SurveyJob {
    fn step(&mut self, store: &mut Store) -> std::result::Result<Step, Failure> {
        for &source in &self.sources {
            store.source(source).ok_or(Failure::Gone)?;
        }
        let generation = store.generation();
        if self.generation != Some(generation) {
            // What was looked at is no longer there.
            *self = Self { generation: Some(generation), ..Self::new(std::mem::take(&mut self.sources)) };
            let mut encodings: Vec<&str> = Vec::new();
            for &source in &self.sources {
                let slots = store.blocks.directory().slots_of(source);
                self.slots.extend(slots.into_iter().map(|slot| (source, slot)));
                let encoding = store.source_position(source).unwrap_or_default().encoding.name();
                if !encodings.contains(&encoding) {
                    encodings.push(encoding);
                }
            }
            self.survey.encoding = encodings.join(", ");
        }
        let mut work = 0;
        while work < STEP_BYTES
            && let Some(&(source, slot)) = self.slots.get(self.n_passed)
        {
            work += self.look_at(store, source, slot)?;
            self.n_passed += 1;
        }
        let formats = store.blocks.formats();
        if self.n_passed == self.slots.len() {
            return Ok(Step::Finished(Answer::Survey(self.so_far(formats))));
        }
        let so_far = self.rhythm.is_due().then(|| Answer::Survey(self.so_far(formats)));
        Ok(Step::More { done: self.n_passed as u64, total: self.slots.len() as u64, so_far })
    }
}
