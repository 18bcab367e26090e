//! A block as answers see it: any field as numbered values or as numbers, one for each entry.

use std::borrow::Cow;

use model::entry::{RowKey, SourceId};
use model::meaning::Meanings;
use model::quantity::{Quantity, Unit};
use model::query::{is_level_name, variable_place};

use super::values::BlockValues;
use crate::block::{Columns, Corrupt};
use crate::fields::{BlockFields, FieldHead, Kept, Values};
use crate::quick_hash::QuickMap;
use crate::search::Bitmap;
use crate::template::BlockTemplates;

/// A block with the entries of it that are in the answer.
pub struct BlockView<'b> {
    pub fields: &'b BlockFields,
    /// May be empty where [`Needs`] says so.
    pub columns: &'b Columns,
    /// May be empty where [`Needs`] says so.
    pub text: &'b [u8],
    /// Path of the source.
    pub path: &'b str,
    /// The source's own service, for entries that name none.
    pub service: &'b str,
    /// May be empty where the answer does not [need](super::Pipeline::needs_templates) them.
    pub templates: &'b BlockTemplates,
    /// May be empty but for the [places](super::Pipeline::places) that the answer asks for.
    pub values: &'b BlockValues,
    /// The workspace's mapping table.
    pub meanings: &'b Meanings,
    pub source: SourceId,
    /// Ordinal in the source of the first entry.
    pub first_entry: u64,
    /// No entry has a time.
    pub undated: bool,
    /// `None`: all.
    pub hits: Option<&'b Bitmap>,
}

/// What of a block has to be opened beside its field columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Needs {
    FieldsOnly,
    Columns,
    ColumnsAndText,
}

/// A field's different values in a block, and which of them each entry has.
#[derive(Clone, Debug, Default)]
pub struct Numbered<'v> {
    /// By entry: 0 where it has none, else the place in `values` counted from 1.
    pub ids: Vec<u32>,
    pub values: Vec<Cow<'v, str>>,
}

/// A field's numbers, NaN where an entry has none.
#[derive(Clone, Debug, Default)]
pub struct Amounts {
    pub amounts: Vec<f64>,
    pub unit: Unit,
}

impl<'b> BlockView<'b> {
    pub fn n_entries(&self) -> usize {
        self.fields.n_entries()
    }

    /// The entries in the answer, ascending.
    pub fn entries(&self) -> Vec<u32> {
        match self.hits {
            None => (0..self.n_entries() as u32).collect(),
            Some(hits) => hits.iter().map(|entry| entry as u32).collect(),
        }
    }

    pub fn key(&self, entry: usize) -> RowKey {
        RowKey { time: self.columns.times[entry], source: self.source, entry: self.first_entry + entry as u64 }
    }

    /// The values of a field, whatever it is kept as, or of a meaning.
    pub fn numbered(&self, name: &str) -> Result<Numbered<'b>, Corrupt> {
        match self.meanings.named(name) {
            Some(meaning) => self.meant(meaning),
            None => self.numbered_as_written(name),
        }
    }

    /// The values of a field alone.
    pub(super) fn numbered_as_written(&self, name: &str) -> Result<Numbered<'b>, Corrupt> {
        if name.eq_ignore_ascii_case("source") {
            return Ok(Numbered { ids: vec![1; self.n_entries()], values: vec![Cow::Borrowed(self.path)] });
        }
        if name.eq_ignore_ascii_case("template") {
            let BlockTemplates { of_entry, ids } = self.templates;
            let values = ids.iter().map(|id| Cow::Owned(id.to_string())).collect();
            // Several shapes of a block may be of one template.
            let of_entry = of_entry.iter().map(|&shape| u32::from(shape) + 1);
            let ids = of_entry.chain(std::iter::repeat(0)).take(self.n_entries()).collect();
            return Ok(Numbered { ids, values }.merged());
        }
        if let Some(place) = variable_place(name) {
            return Ok(self.values.numbered(place, self.n_entries()));
        }
        let mut heads = self.fields.find_all(column_name(name))?.into_iter();
        let Some(first) = heads.next() else {
            return Ok(Numbered { ids: vec![0; self.n_entries()], values: Vec::new() });
        };
        let mut numbered = self.numbered_of(name, first)?;
        let n_of_first = numbered.values.len();
        // Programs that write into one file may spell a name otherwise.
        for head in heads {
            let other = self.numbered_of(name, head)?;
            let n_before = numbered.values.len() as u32;
            for (id, &of_other) in numbered.ids.iter_mut().zip(&other.ids) {
                if *id == 0 && of_other > 0 {
                    *id = n_before + of_other;
                }
            }
            numbered.values.extend(other.values);
        }
        Ok(if numbered.values.len() > n_of_first { numbered.merged() } else { numbered })
    }

    /// The values of one column.
    fn numbered_of(&self, name: &str, head: FieldHead<'b>) -> Result<Numbered<'b>, Corrupt> {
        let is_service = name.eq_ignore_ascii_case("service");
        match (self.fields.values(&head, self.columns)?, head.kept) {
            (Values::Few(ids), Kept::Few(known)) => {
                let own = |text: &'b str| if is_service && text.is_empty() { self.service } else { text };
                let ids = ids.into_iter().map(u32::from).collect();
                let numbered =
                    Numbered { ids, values: known.iter().map(|known| Cow::Borrowed(own(known.text))).collect() };
                // The source's own service may be one that other entries name.
                Ok(if is_service { numbered.merged() } else { numbered })
            }
            (Values::Numbers(numbers), Kept::Numbers { form, .. }) => {
                let mut numbering = Numbering::new(self.n_entries());
                for (entry, number) in numbers {
                    numbering.add(entry, number);
                }
                Ok(numbering.finish(|&number| Cow::Owned(form.text(number))))
            }
            (Values::Places(places, beside), Kept::Places { .. }) => {
                let mut numbering = Numbering::new(self.n_entries());
                for &(entry, place) in &places {
                    numbering.add(entry, place.of(self.text, &beside));
                }
                // Of the text itself the values could be borrowed, of those beside it not.
                Ok(numbering.finish(|&bytes| Cow::Owned(String::from_utf8_lossy(bytes).into_owned())))
            }
            _ => Err(Corrupt),
        }
    }

    /// The numbers of a field; values that are no numbers count as absent.
    pub fn amounts(&self, name: &str) -> Result<Amounts, Corrupt> {
        if let Some(place) = variable_place(name) {
            return Ok(self.values.amounts(place, self.n_entries()));
        }
        if let Some(meaning) = self.meanings.named(name) {
            return Ok(self.meant(meaning)?.amounts());
        }
        if let [head] = self.fields.find_all(column_name(name))?.as_slice()
            && let Kept::Numbers { form, .. } = &head.kept
        {
            let Values::Numbers(numbers) = self.fields.values(head, self.columns)? else { return Err(Corrupt) };
            let (unit, one) = unit_of_suffix(&form.suffix);
            let mut amounts = vec![f64::NAN; self.n_entries()];
            for (entry, number) in numbers {
                amounts[entry as usize] = form.number(number) * one;
            }
            return Ok(Amounts { amounts, unit });
        }
        Ok(self.numbered(name)?.amounts())
    }
}

/// The name that columns have for it.
fn column_name(name: &str) -> &str {
    if is_level_name(name) { "level" } else { name }
}

/// What the suffix of numbers says they count, and what one of them is.
pub fn unit_of_suffix(suffix: &str) -> (Unit, f64) {
    match Quantity::read(&format!("1{suffix}")) {
        Some(one) => (one.unit, one.amount),
        None => (Unit::Plain, 1.0),
    }
}

impl<'v> Numbered<'v> {
    /// With each value once.
    pub fn merged(self) -> Self {
        let mut numbers: QuickMap<Cow<'v, str>, u32> = QuickMap::default();
        let mut values = Vec::new();
        let mut new_ids = vec![0];
        for value in self.values {
            let id = *numbers.entry(value.clone()).or_insert_with(|| {
                values.push(value);
                values.len() as u32
            });
            new_ids.push(id);
        }
        Self { ids: self.ids.into_iter().map(|id| new_ids[id as usize]).collect(), values }
    }

    pub fn of(texts: impl Iterator<Item = Option<String>>) -> Numbered<'static> {
        let texts: Vec<Option<String>> = texts.collect();
        let mut numbering = Numbering::new(texts.len());
        for (entry, text) in texts.iter().enumerate() {
            if let Some(text) = text {
                numbering.add(entry as u32, text.as_str());
            }
        }
        numbering.finish(|&text| Cow::Owned(text.to_owned()))
    }

    pub fn value(&self, entry: usize) -> Option<&str> {
        let id = self.ids[entry] as usize;
        id.checked_sub(1).map(|place| &*self.values[place])
    }

    pub fn amounts(&self) -> Amounts {
        let quantities: Vec<Option<Quantity>> = self.values.iter().map(|value| Quantity::read(value)).collect();
        // Where some are of another unit, no unit is that of all. Nothing is nothing in every unit.
        let mut units =
            quantities.iter().flatten().filter(|quantity| quantity.amount != 0.0).map(|quantity| quantity.unit);
        let unit = units.next().filter(|&first| units.all(|unit| unit == first));
        let of = |id: u32| (id as usize).checked_sub(1).and_then(|place| quantities[place]);
        let amounts = self.ids.iter().map(|&id| of(id).map_or(f64::NAN, |quantity| quantity.amount)).collect();
        Amounts { amounts, unit: unit.unwrap_or_default() }
    }
}

/// Numbers values as they come.
struct Numbering<K> {
    ids: Vec<u32>,
    known: QuickMap<K, u32>,
    keys: Vec<K>,
}

impl<K: Copy + Eq + std::hash::Hash> Numbering<K> {
    fn new(n_entries: usize) -> Self {
        Self { ids: vec![0; n_entries], known: QuickMap::default(), keys: Vec::new() }
    }

    fn add(&mut self, entry: u32, key: K) {
        let id = *self.known.entry(key).or_insert_with(|| {
            self.keys.push(key);
            self.keys.len() as u32
        });
        self.ids[entry as usize] = id;
    }

    fn finish<'v>(self, text: impl Fn(&K) -> Cow<'v, str>) -> Numbered<'v> {
        Numbered { values: self.keys.iter().map(text).collect(), ids: self.ids }
    }
}
