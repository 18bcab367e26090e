//! What a meaning of the mapping table is in a block: its fields as one, in the words that are shown.

use std::borrow::Cow;

use model::meaning::{Meaning, Meanings, POINT_FIELD, SPAN_FIELD, Signals};

use super::block::{BlockView, Needs, Numbered};
use crate::block::Corrupt;
use crate::fields::{BlockFields, Kept};

/// Where there is no mapping table.
pub static NO_MEANINGS: Meanings = Meanings { rows: Vec::new() };

/// What of a block has to be opened for the values of a field, or of a meaning.
pub fn needs_of(name: &str, meanings: &Meanings, fields: &BlockFields) -> Result<Needs, Corrupt> {
    let is_elsewhere =
        |name: &str| Ok(fields.find_all(name)?.iter().any(|head| matches!(head.kept, Kept::Places { .. })));
    let needs = |is_elsewhere| if is_elsewhere { Needs::ColumnsAndText } else { Needs::FieldsOnly };
    let Some(meaning) = meanings.named(name) else { return is_elsewhere(name).map(needs) };
    for (name, _) in meaning.fields() {
        if is_elsewhere(name)? {
            return Ok(Needs::ColumnsAndText);
        }
    }
    Ok(Needs::FieldsOnly)
}

impl<'b> BlockView<'b> {
    /// Of each entry the first of the meaning's fields that it has.
    pub(super) fn meant(&self, meaning: &Meaning) -> Result<Numbered<'b>, Corrupt> {
        let n_entries = self.n_entries();
        let mut meant = Numbered { ids: vec![0; n_entries], values: Vec::new() };
        for (name, signals) in meaning.fields() {
            let own = self.numbered_as_written(name)?;
            if own.values.is_empty() {
                continue;
            }
            let is_meant = self.of_signals(signals)?;
            let first = meant.values.len() as u32;
            for (entry, id) in meant.ids.iter_mut().enumerate() {
                if *id == 0 && own.ids[entry] > 0 && is_meant.as_ref().is_none_or(|meant| meant[entry]) {
                    *id = first + own.ids[entry];
                }
            }
            let shown = |value: Cow<'b, str>| match meaning.shown(&value) {
                shown if *shown == *value => value,
                shown => Cow::Owned(shown.to_owned()),
            };
            meant.values.extend(own.values.into_iter().map(shown));
        }
        Ok(meant.merged())
    }

    /// Whether some entry has two of the meaning's fields, which do not say the same.
    pub(super) fn contradicts_itself(&self, meaning: &Meaning) -> Result<bool, Corrupt> {
        let mut fields = Vec::new();
        for (name, signals) in meaning.fields() {
            if self.fields.find(name)?.is_some() {
                fields.push((name, signals));
            }
        }
        if fields.len() < 2 {
            return Ok(false);
        }
        let meant = self.meant(meaning)?;
        for (name, signals) in fields {
            let (own, is_meant) = (self.numbered_as_written(name)?, self.of_signals(signals)?);
            for entry in self.entries() {
                let entry = entry as usize;
                if let Some(value) = own.value(entry)
                    && is_meant.as_ref().is_none_or(|meant| meant[entry])
                    && meant.value(entry) != Some(meaning.shown(value))
                {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Which entries are of one of these signals; `None`: all.
    fn of_signals(&self, signals: Signals) -> Result<Option<Vec<bool>>, Corrupt> {
        if signals == Signals::ALL {
            return Ok(None);
        }
        let (spans, points) = (self.numbered_as_written(SPAN_FIELD)?, self.numbered_as_written(POINT_FIELD)?);
        let is_meant = |entry: usize| signals.are_of(spans.ids[entry] > 0, points.ids[entry] > 0);
        Ok(Some((0..self.n_entries()).map(is_meant).collect()))
    }
}
