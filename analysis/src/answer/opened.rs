//! A block on its way through the stages that work entry by entry: with new fields, and fewer entries.

use model::query::{is_time_name, variable_place};
use model::time::Nanos;

use super::block::{Amounts, BlockView, Numbered};
use super::condition::{Condition, Part};
use super::extract::Extractor;
use super::measures::Fields;
use crate::block::Corrupt;
use crate::search::Bitmap;

/// A block with the fields that were extracted from it.
pub struct Opened<'a, 'b> {
    block: &'a BlockView<'b>,
    extracted: Vec<(String, Numbered<'static>)>,
}

impl<'a, 'b> Opened<'a, 'b> {
    pub fn new(block: &'a BlockView<'b>) -> Self {
        Self { block, extracted: Vec::new() }
    }

    /// Adds the fields that the extractor finds in `entries`; gives in how many it finds something.
    pub fn extract(&mut self, extractor: &Extractor, entries: &[u32]) -> Result<u64, Corrupt> {
        let texts = self.numbered(&extractor.from)?;
        // Each different text is looked at once.
        let mut found: Vec<Option<Option<Vec<Option<String>>>>> = vec![None; texts.values.len()];
        let mut values: Vec<Vec<Option<String>>> = vec![vec![None; self.block.n_entries()]; extractor.names.len()];
        let mut n_found = 0;
        for &entry in entries {
            let Some(place) = (texts.ids[entry as usize] as usize).checked_sub(1) else { continue };
            let found = found[place].get_or_insert_with(|| extractor.find(&texts.values[place]));
            n_found += u64::from(found.is_some());
            for (values, value) in values.iter_mut().zip(found.iter().flatten()) {
                values[entry as usize].clone_from(value);
            }
        }
        for ((name, _), values) in extractor.names.iter().zip(values) {
            self.extracted.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
            self.extracted.push((name.clone(), Numbered::of(values.into_iter())));
        }
        Ok(n_found)
    }

    fn has_extracted(&self, name: &str) -> bool {
        self.extracted.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    /// The entries that the condition holds for.
    pub fn passing(&self, condition: &Condition) -> Result<Bitmap, Corrupt> {
        let by_value = |numbered: &Numbered<'_>, holds: &dyn Fn(&str) -> bool| {
            let passes: Vec<bool> = numbered.values.iter().map(|value| holds(value)).collect();
            Bitmap::from_fn(self.block.n_entries(), |entry| {
                numbered.ids[entry] > 0 && passes[numbered.ids[entry] as usize - 1]
            })
        };
        condition.entries(self.block.n_entries(), &mut |part| match part {
            Part::Column(test) if test.asks_for_time() && !self.has_extracted(&test.name) => {
                let times = &self.block.columns.times;
                Ok(Bitmap::from_fn(self.block.n_entries(), |entry| test.holds_for_time(times[entry])))
            }
            Part::Column(test) if test.asks_for_level() && !self.has_extracted(&test.name) => {
                let columns = self.block.columns;
                Ok(Bitmap::from_fn(self.block.n_entries(), |entry| test.holds_for_severity(columns.severity(entry))))
            }
            Part::Column(test) if self.has_extracted(&test.name) => {
                Ok(by_value(&self.numbered(&test.name)?, &|value| test.holds_for_extracted(value)))
            }
            Part::Column(test) => {
                let place = variable_place(&test.name).filter(|_| test.asks_for_unit());
                let numbered = match place {
                    Some(place) => self.block.values.measured(place, self.block.n_entries()),
                    None => self.numbered(&test.name)?,
                };
                Ok(by_value(&numbered, &|value| test.holds_for_text(value)))
            }
            Part::Any(test) => {
                let mut found = by_value(&self.block.numbered("message")?, &|value| test.holds_for_text(value));
                for (_, numbered) in &self.extracted {
                    found.or(&by_value(numbered, &|value| test.holds_for_text(value)));
                }
                Ok(found)
            }
        })
    }
}

impl Fields for Opened<'_, '_> {
    fn numbered(&self, name: &str) -> Result<Numbered<'_>, Corrupt> {
        match self.extracted.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, numbered)) => Ok(numbered.clone()),
            None => self.block.numbered(name),
        }
    }

    fn amounts(&self, name: &str) -> Result<Amounts, Corrupt> {
        match self.extracted.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, numbered)) => Ok(numbered.amounts()),
            None => self.block.amounts(name),
        }
    }

    fn times(&self, name: &str) -> Option<Vec<Option<Nanos>>> {
        let is_of_entries = is_time_name(name) && !self.has_extracted(name);
        let time = |&time: &Nanos| Some(time).filter(|_| !self.block.undated);
        is_of_entries.then(|| self.block.columns.times.iter().map(time).collect())
    }
}

/// No entries: makes room for a group that has none.
pub struct NoEntries;

impl Fields for NoEntries {
    fn numbered(&self, _: &str) -> Result<Numbered<'_>, Corrupt> {
        Ok(Numbered::default())
    }

    fn amounts(&self, _: &str) -> Result<Amounts, Corrupt> {
        Ok(Amounts::default())
    }
}
