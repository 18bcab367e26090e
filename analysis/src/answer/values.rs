//! The values in the templates of a block's entries, as answers see them: columns like those of fields, read when asked for.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::block::{Amounts, Numbered};
use crate::quick_hash::QuickMap;
use crate::search::Bitmap;
use crate::template::{Template, ValueReader};

/// Values by their place in the templates, counted from 0.
#[derive(Clone, Debug, Default)]
pub struct BlockValues {
    by_place: BTreeMap<usize, Column>,
}

/// Where nobody asks for values.
pub static NO_VALUES: BlockValues = BlockValues { by_place: BTreeMap::new() };

/// The values in one place of the entries' templates, each with what it is measured in.
#[derive(Clone, Debug, Default)]
struct Column {
    /// As [`Numbered::ids`].
    ids: Vec<u32>,
    values: Vec<String>,
    units: Vec<String>,
    numbers: QuickMap<Box<str>, Vec<u32>>,
}

impl BlockValues {
    /// Reads the values in these places of the entries of `hits`, or of all.
    pub fn read(
        reader: &ValueReader<'_>,
        n_entries: usize,
        hits: Option<&Bitmap>,
        places: impl Iterator<Item = usize>,
    ) -> Self {
        let column = || Column { ids: vec![0; n_entries], ..Column::default() };
        let mut by_place: BTreeMap<usize, Column> = places.map(|place| (place, column())).collect();
        let Some((&first, _)) = by_place.first_key_value() else { return Self::default() };
        let mut take = |entry: usize| {
            if reader.has_place(entry, first) {
                reader.with_values(entry, |template, values| {
                    for (&place, column) in &mut by_place {
                        if let Some(value) = values.get(place).filter(|value| !value.is_empty()) {
                            column.add(entry, value, template, place);
                        }
                    }
                });
            }
        };
        match hits {
            None => (0..n_entries).for_each(&mut take),
            Some(hits) => hits.iter().for_each(&mut take),
        }
        Self { by_place }
    }

    /// Which places were read.
    pub fn places(&self) -> impl Iterator<Item = usize> {
        self.by_place.keys().copied()
    }

    /// The values as they are written. Of entries that were not read, and of those without, there are none.
    pub fn numbered(&self, place: usize, n_entries: usize) -> Numbered<'_> {
        match self.by_place.get(&place) {
            Some(column) => {
                let values = column.values.iter().map(|value| Cow::Borrowed(value.as_str())).collect();
                Numbered { ids: column.ids.clone(), values }.merged()
            }
            None => Numbered { ids: vec![0; n_entries], values: Vec::new() },
        }
    }

    /// The values with what their templates say behind them that they are measured in.
    pub fn measured(&self, place: usize, n_entries: usize) -> Numbered<'_> {
        let Some(column) = self.by_place.get(&place) else { return self.numbered(place, n_entries) };
        let measured = |(value, unit): (&String, &String)| Cow::Owned(format!("{value}{unit}"));
        Numbered { ids: column.ids.clone(), values: column.values.iter().zip(&column.units).map(measured).collect() }
    }

    pub fn amounts(&self, place: usize, n_entries: usize) -> Amounts {
        self.measured(place, n_entries).amounts()
    }
}

impl Column {
    fn add(&mut self, entry: usize, value: &str, template: &Template, place: usize) {
        let unit = template.unit(place);
        let known = self.numbers.get(value).into_iter().flatten().copied();
        let number = known.into_iter().find(|&number| self.units[number as usize - 1] == unit).unwrap_or_else(|| {
            self.values.push(value.to_owned());
            self.units.push(unit.to_owned());
            let number = self.values.len() as u32;
            self.numbers.entry(value.into()).or_default().push(number);
            number
        });
        self.ids[entry] = number;
    }
}
