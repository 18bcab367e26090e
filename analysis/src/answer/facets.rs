//! Counts the fields and values of a stream of blocks.
//!
//! Of a block that is in the scope as a whole the directory of its field columns says nearly everything; only numbers, and
//! values that are too many for the directory, are looked at one by one. A field of more than [`MOST_VALUES`] values is not
//! counted value by value any further: how many there are is then estimated, or said to be more.

use std::borrow::Cow;
use std::collections::BTreeSet;

use model::entry::SourceId;
use model::facet::{Distinct, Facet, Facets, FieldKind, Spread, ValueCount};
use model::meaning::Meanings;
use model::quantity::{Quantity, Unit};
use model::query::{variable_name, variable_place};

use super::bars::bars;
use super::block::{BlockView, Needs, Numbered, unit_of_suffix};
use super::many::{HANDFUL, Many};
use super::meant::needs_of;
use super::quantiles::Quantiles;
use crate::block::Corrupt;
use crate::fields::decimal::Form;
use crate::fields::sketch::Sketch;
use crate::fields::{BlockFields, FieldHead, Kept, Kinds, Values};
use crate::quick_hash::QuickMap;

/// Values of one field that are counted.
const MOST_VALUES: usize = 10_000;
/// The same where nearly every entry has another: ids, of which no one is more frequent than others.
const MOST_IDS: usize = 2_000;
/// Fields that are counted; logs have no more unless their keys are data.
const MOST_FIELDS: usize = 1000;
/// Values that are in so many blocks for each source, and in so large a share of all that have the field, recur.
const RECURRING_BLOCKS: f64 = 2.0;
const RECURRING_SHARE: f64 = 0.2;

/// Shown first, in this order; the others by how many entries have them.
const FIRST: [&str; 3] = ["level", "service", "source"];
/// A text for people, not a value.
const LEFT_OUT: &str = "message";

#[derive(Clone, Default)]
pub struct FacetCount {
    n_entries: u64,
    fields: Vec<FieldCount>,
    places: QuickMap<Box<str>, usize>,
    /// Some entries of a block were left out, so that what blocks say of themselves does not count.
    is_partial: bool,
    sources: BTreeSet<SourceId>,
}

#[derive(Clone, Default)]
struct FieldCount {
    name: String,
    kinds: Kinds,
    n_present: u64,
    texts: QuickMap<Box<str>, u64>,
    numbers: Vec<NumberCount>,
    /// There are too many values,
    is_full: bool,
    /// and there were this many when that was found out.
    n_counted: u64,
    sketch: Sketch,
    many: Many,
    /// Blocks that have the field, and the values in each of them, summed up.
    n_blocks: u64,
    n_in_blocks: u64,
    /// Numbers of a field that has too many values to count each.
    quantiles: Quantiles,
    /// Some of them are not whole.
    has_parts: bool,
    unit: Unit,
}

/// All numbers of a field.
#[derive(Default)]
struct FieldNumbers {
    unit: Unit,
    /// Each value with how many entries have it.
    counted: Vec<(f64, u64)>,
    /// Those that came when there were too many values to count each.
    others: Quantiles,
}

/// Numbers of one form.
#[derive(Clone)]
struct NumberCount {
    form: Form,
    counts: QuickMap<i64, u64>,
}

impl FacetCount {
    pub fn needs(&self, fields: &BlockFields, meanings: &Meanings) -> Result<Needs, Corrupt> {
        let is_full = |name: &str| self.places.get(name).is_some_and(|&place| self.fields[place].is_full);
        let is_looked_at = |name: &str| name != LEFT_OUT && !is_full(name);
        let needs_text = fields.has_places(is_looked_at)?;
        let mut needs = if needs_text { Needs::ColumnsAndText } else { Needs::FieldsOnly };
        for meaning in &meanings.rows {
            needs = needs.max(needs_of(&meaning.name, meanings, fields)?);
        }
        Ok(needs)
    }

    /// Takes the entries of a block in.
    pub fn add(&mut self, block: &BlockView<'_>) -> Result<(), Corrupt> {
        let n_entries = block.hits.map_or(block.n_entries(), |hits| hits.count());
        if n_entries == 0 {
            return Ok(());
        }
        self.n_entries += n_entries as u64;
        self.is_partial |= n_entries < block.n_entries();
        self.sources.insert(block.source);
        let source = self.field("source");
        source.n_present += n_entries as u64;
        source.add_text(block.path, n_entries as u64);
        for head in block.fields.heads()? {
            // A field that is called like a meaning is counted as that.
            if head.name == LEFT_OUT || block.meanings.named(head.name).is_some() {
                continue;
            }
            if self.fields.len() >= MOST_FIELDS && !self.places.contains_key(head.name) {
                continue;
            }
            self.field(head.name).add(block, &head)?;
        }
        for place in block.values.places() {
            // The values in one place of the entries' templates.
            self.add_values(block, &variable_name(place), &block.values.numbered(place, block.n_entries()));
        }
        for meaning in &block.meanings.rows {
            self.add_values(block, &meaning.name, &block.meant(meaning)?);
        }
        Ok(())
    }

    /// Counts values that are of no field of the block.
    fn add_values(&mut self, block: &BlockView<'_>, name: &str, numbered: &Numbered<'_>) {
        let mut counts = vec![0; numbered.values.len() + 1];
        match block.hits {
            None => numbered.ids.iter().for_each(|&id| counts[id as usize] += 1),
            Some(hits) => hits.iter().for_each(|entry| counts[numbered.ids[entry] as usize] += 1),
        }
        if numbered.values.is_empty() {
            return;
        }
        let field = self.field(name);
        for (value, &n_entries) in numbered.values.iter().zip(&counts[1..]).filter(|(_, n)| **n > 0) {
            field.n_present += n_entries;
            field.add_text(value, n_entries);
        }
    }

    fn field(&mut self, name: &str) -> &mut FieldCount {
        let place = match self.places.get(name) {
            Some(&place) => place,
            None => {
                self.fields.push(FieldCount { name: name.to_owned(), ..FieldCount::default() });
                self.places.insert(name.into(), self.fields.len() - 1);
                self.fields.len() - 1
            }
        };
        &mut self.fields[place]
    }

    /// The answer so far.
    pub fn facets(&self, n_values: usize, is_complete: bool) -> Facets {
        let mut fields: Vec<&FieldCount> = self.fields.iter().filter(|field| field.n_present > 0).collect();
        let place = |field: &FieldCount| match FIRST.iter().position(|&name| name == field.name) {
            Some(place) => place,
            // Of one pattern all are there, in their order.
            None => FIRST.len() + variable_place(&field.name).unwrap_or(usize::MAX - FIRST.len()),
        };
        fields.sort_by(|a, b| (place(a), b.n_present, &a.name).cmp(&(place(b), a.n_present, &b.name)));
        Facets {
            n_entries: self.n_entries,
            fields: fields.into_iter().map(|field| field.facet(n_values, self.is_partial)).collect(),
            complete: is_complete,
        }
    }

    /// The answer so far, of one field.
    pub fn facet(&self, name: &str, n_values: usize, is_complete: bool) -> Facets {
        let field = self.fields.iter().find(|field| field.name == name && field.n_present > 0);
        Facets {
            n_entries: self.n_entries,
            fields: field.map(|field| field.facet(n_values, self.is_partial)).into_iter().collect(),
            complete: is_complete,
        }
    }
}

/// All that was counted of a field.
pub struct CountedField<'c> {
    pub name: &'c str,
    pub n_present: u64,
    /// Every value once; `None` where there are too many to count each.
    pub values: Option<Vec<(Cow<'c, str>, u64)>>,
    /// How many different values there are, or about how many.
    pub n_different: u64,
    /// All values are numbers: these, within their [error](super::quantiles::RELATIVE_ERROR) where not each is counted.
    pub are_numbers: bool,
    pub numbers: Vec<(f64, u64)>,
    pub unit: Unit,
}

impl<'c> CountedField<'c> {
    /// A field that no entry has.
    pub fn none(name: &'c str) -> Self {
        let (n_present, n_different, unit) = Default::default();
        Self { name, n_present, values: Some(Vec::new()), n_different, are_numbers: false, numbers: Vec::new(), unit }
    }
}

impl FacetCount {
    pub fn n_entries(&self) -> u64 {
        self.n_entries
    }

    /// Fields whose values come again and again throughout the logs, as those of a catalogue do (products, hosts): a request is written
    /// about in one block of each source, or in few.
    pub fn recurring(&self) -> Vec<&str> {
        let n_sources = self.sources.len() as f64;
        let recurs = |field: &&FieldCount| {
            let blocks_each = field.n_in_blocks as f64 / field.counted().n_different.max(1) as f64;
            blocks_each >= RECURRING_BLOCKS * n_sources && blocks_each >= RECURRING_SHARE * field.n_blocks as f64
        };
        let known = self.fields.iter().filter(|field| field.n_present > 0);
        known.filter(recurs).map(|field| field.name.as_str()).collect()
    }

    /// Every field with its most frequent values; of those with too many to count each a handful, and about how many there are.
    pub fn to_judge(&self, n_values: usize) -> Vec<Facet> {
        let fields = self.fields.iter().filter(|field| field.n_present > 0);
        let judged = |field: &FieldCount| {
            let facet = field.facet(n_values, self.is_partial);
            if !field.is_full {
                return facet;
            }
            // Of values that are kept in the text, those of entries outside the scope are sketched with the others.
            let n_different = field.many.n_different().max(field.counted().n_different);
            let top =
                field.many.handful.iter().map(|value| ValueCount { value: value.clone(), n_entries: 1 }).collect();
            Facet { distinct: Distinct::About(n_different), top, ..facet }
        };
        fields.map(judged).collect()
    }

    /// No field was passed over because there were too many.
    pub fn has_all_fields(&self) -> bool {
        self.fields.len() < MOST_FIELDS
    }

    /// Every field that some entry has.
    pub fn counted(&self) -> impl Iterator<Item = CountedField<'_>> {
        self.fields.iter().filter(|field| field.n_present > 0).map(FieldCount::counted)
    }
}

impl FieldCount {
    fn counted(&self) -> CountedField<'_> {
        let values = self.values();
        let n_different = if self.is_full { self.sketch.estimate().max(self.n_counted) } else { values.len() as u64 };
        let known = if self.kinds == Kinds::NUMBER { self.numbers(&values) } else { None };
        let FieldNumbers { unit, counted: mut numbers, others } = known.unwrap_or_default();
        if others.n() > 0 {
            numbers.extend(others.spread());
        }
        CountedField {
            name: &self.name,
            n_present: self.n_present,
            values: (!self.is_full).then_some(values),
            n_different,
            are_numbers: !numbers.is_empty(),
            numbers,
            unit,
        }
    }

    fn add(&mut self, block: &BlockView<'_>, head: &FieldHead<'_>) -> Result<(), Corrupt> {
        let n_before = self.n_present;
        let n_values = self.add_values_of(block, head)?;
        let n_new = self.n_present - n_before;
        self.n_blocks += u64::from(n_new > 0);
        self.n_in_blocks += n_values.unwrap_or(n_new);
        Ok(())
    }

    /// Gives how many values the block has of it, where not nearly every entry has another.
    fn add_values_of(&mut self, block: &BlockView<'_>, head: &FieldHead<'_>) -> Result<Option<u64>, Corrupt> {
        let mut n_values = None;
        match &head.kept {
            Kept::Few(known) => {
                let counts: Vec<u64> = match block.hits {
                    None => known.iter().map(|known| u64::from(known.n_entries)).collect(),
                    Some(hits) => {
                        let Values::Few(ids) = block.fields.values(head, block.columns)? else { return Err(Corrupt) };
                        let mut counts = vec![0u64; known.len() + 1];
                        hits.iter().for_each(|entry| counts[usize::from(ids[entry])] += 1);
                        counts.remove(0);
                        counts
                    }
                };
                n_values = Some(counts.iter().filter(|&&n| n > 0).count() as u64);
                for (known, n_entries) in known.iter().zip(counts) {
                    if n_entries == 0 {
                        continue;
                    }
                    let is_own_service = head.name == "service" && known.text.is_empty();
                    let text = if is_own_service { block.service } else { known.text };
                    self.n_present += n_entries;
                    self.add_text(text, n_entries);
                }
                if block.hits.is_none() {
                    self.kinds.add(head.kinds);
                }
            }
            Kept::Numbers { form, .. } => {
                let counted = if block.hits.is_none() { block.fields.number_counts(head)? } else { None };
                let found = match counted {
                    Some(counted) => counted,
                    None => self.numbers_one_by_one(block, head)?,
                };
                self.n_present += found.iter().map(|(_, n_entries)| n_entries).sum::<u64>();
                if !found.is_empty() {
                    self.kinds.add(Kinds::NUMBER);
                }
                self.add_numbers(form, &found);
            }
            Kept::Places { sketch } => {
                let n_before = self.n_present;
                self.add_places(block, head, sketch)?;
                self.many.meet(sketch, u64::from(head.n_present), self.n_present - n_before);
            }
        }
        Ok(n_values)
    }

    /// The numbers of the hits; where they are not counted each, rising, and each once.
    fn numbers_one_by_one(&self, block: &BlockView<'_>, head: &FieldHead<'_>) -> Result<Vec<(i64, u64)>, Corrupt> {
        let Values::Numbers(numbers) = block.fields.values(head, block.columns)? else { return Err(Corrupt) };
        let is_hit = |entry: u32| block.hits.is_none_or(|hits| hits.has(entry as usize));
        let found = numbers.into_iter().filter(|&(entry, _)| is_hit(entry)).map(|(_, number)| number);
        if !self.is_full {
            return Ok(found.map(|number| (number, 1)).collect());
        }
        let mut found: Vec<i64> = found.collect();
        found.sort_unstable();
        Ok(found.chunk_by(|a, b| a == b).map(|run| (run[0], run.len() as u64)).collect())
    }

    fn add_places(&mut self, block: &BlockView<'_>, head: &FieldHead<'_>, sketch: &[u8]) -> Result<(), Corrupt> {
        if block.hits.is_none() {
            self.sketch.merge(sketch);
        }
        if self.is_full {
            self.n_present += match block.hits {
                None => u64::from(head.n_present),
                Some(hits) => {
                    let present = block.fields.present_entries(head)?;
                    present.iter().filter(|&&entry| hits.has(entry as usize)).count() as u64
                }
            };
            self.kinds.add(head.kinds);
            return Ok(());
        }
        let Values::Places(places, beside) = block.fields.values(head, block.columns)? else { return Err(Corrupt) };
        for (entry, place) in places {
            if block.hits.is_some_and(|hits| !hits.has(entry as usize)) {
                continue;
            }
            self.n_present += 1;
            if self.is_full {
                continue;
            }
            self.add_text(&String::from_utf8_lossy(place.of(block.text, &beside)), 1);
        }
        if self.is_full {
            self.kinds.add(head.kinds);
        }
        Ok(())
    }

    fn add_text(&mut self, text: &str, n_entries: u64) {
        if self.is_full {
            self.sketch.add(text.as_bytes());
            self.kinds.add(Kinds::of(text));
            if self.kinds == Kinds::NUMBER
                && let Some(quantity) = Quantity::read(text)
            {
                self.add_quantity(quantity.amount, n_entries);
            }
            return;
        }
        match self.texts.get_mut(text) {
            Some(count) => *count += n_entries,
            None => {
                self.kinds.add(Kinds::of(text));
                self.texts.insert(text.into(), n_entries);
                self.fill_up();
            }
        }
    }

    /// `numbers`: each with how many entries have it; where the field has too many values, they rise.
    fn add_numbers(&mut self, form: &Form, numbers: &[(i64, u64)]) {
        if self.is_full {
            let (unit, one) = unit_of_suffix(&form.suffix);
            self.unit = unit;
            let mut text = String::new();
            for &(number, _) in numbers {
                text.clear();
                form.write(number, &mut text);
                self.sketch.add(text.as_bytes());
            }
            let amount = |number: i64| form.number(number) * one;
            self.has_parts |= numbers.iter().any(|&(number, _)| amount(number).fract() != 0.0);
            self.quantiles.add_rising(numbers.iter().map(|&(number, n_entries)| (amount(number), n_entries)));
            return;
        }
        let place = self.numbers.iter().position(|known| known.form == *form).unwrap_or_else(|| {
            self.numbers.push(NumberCount { form: form.clone(), counts: QuickMap::default() });
            self.numbers.len() - 1
        });
        let counts = &mut self.numbers[place].counts;
        for &(number, n_entries) in numbers {
            *counts.entry(number).or_insert(0) += n_entries;
        }
        self.fill_up();
    }

    fn add_quantity(&mut self, amount: f64, n_entries: u64) {
        self.quantiles.add(amount, n_entries);
        self.has_parts |= amount.fract() != 0.0;
    }

    /// Where there are too many values, what is known of them goes on without them.
    fn fill_up(&mut self) {
        let n_values = self.texts.len() + self.numbers.iter().map(|known| known.counts.len()).sum::<usize>();
        let are_ids = n_values > MOST_IDS && n_values as u64 * 10 > self.n_present * 9;
        if n_values <= MOST_VALUES && !are_ids {
            return;
        }
        self.is_full = true;
        self.n_counted = n_values as u64;
        self.many.handful = self.values().into_iter().take(HANDFUL).map(|(value, _)| value.into_owned()).collect();
        for (text, n_entries) in std::mem::take(&mut self.texts) {
            self.sketch.add(text.as_bytes());
            if let Some(quantity) = Quantity::read(&text).filter(|_| self.kinds == Kinds::NUMBER) {
                self.add_quantity(quantity.amount, n_entries);
            }
        }
        for NumberCount { form, counts } in std::mem::take(&mut self.numbers) {
            let (unit, one) = unit_of_suffix(&form.suffix);
            self.unit = unit;
            for (number, n_entries) in counts {
                self.sketch.add(form.text(number).as_bytes());
                self.add_quantity(form.number(number) * one, n_entries);
            }
        }
    }

    fn facet(&self, n_values: usize, is_partial: bool) -> Facet {
        let kind = match self.kinds {
            Kinds::TEXT => FieldKind::Text,
            Kinds::NUMBER => FieldKind::Number,
            Kinds::BOOL => FieldKind::Bool,
            _ => FieldKind::Mixed,
        };
        let values = self.values();
        let distinct = match self.is_full {
            false => Distinct::Exactly(values.len() as u64),
            // What blocks say of their values is of entries outside the scope, too.
            true if is_partial => Distinct::MoreThan(self.n_counted - 1),
            true => Distinct::About(self.sketch.estimate().max(self.n_counted)),
        };
        let numbers = if kind == FieldKind::Number { self.spread(&values) } else { None };
        let mut top = values;
        let most_first = |a: &(Cow<'_, str>, u64), b: &(Cow<'_, str>, u64)| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0));
        if top.len() > n_values && n_values > 0 {
            top.select_nth_unstable_by(n_values - 1, most_first);
        }
        top.truncate(n_values);
        top.sort_by(most_first);
        let top =
            top.into_iter().map(|(value, n_entries)| ValueCount { value: value.into_owned(), n_entries }).collect();
        Facet { name: self.name.clone(), kind, n_present: self.n_present, distinct, top, numbers }
    }

    /// Every value once.
    fn values(&self) -> Vec<(Cow<'_, str>, u64)> {
        let texts = self.texts.iter().map(|(text, &n_entries)| (Cow::Borrowed(&**text), n_entries));
        let numbers = self.numbers.iter().flat_map(|NumberCount { form, counts }| {
            counts.iter().map(|(&number, &n_entries)| (Cow::Owned(form.text(number)), n_entries))
        });
        if self.numbers.is_empty() {
            return texts.collect();
        }
        // Blocks keep the same value in different ways.
        let mut values: QuickMap<Cow<'_, str>, u64> = QuickMap::default();
        for (text, n_entries) in texts.chain(numbers) {
            *values.entry(text).or_insert(0) += n_entries;
        }
        values.into_iter().collect()
    }

    fn spread(&self, values: &[(Cow<'_, str>, u64)]) -> Option<Spread> {
        let FieldNumbers { unit, counted: numbers, others: mut quantiles } = self.numbers(values)?;
        let from_values = !numbers.is_empty();
        if from_values && quantiles.n() > 0 {
            numbers.iter().for_each(|&(number, n_entries)| quantiles.add(number, n_entries));
        }
        if quantiles.n() == 0 {
            return exact_spread(unit, numbers);
        }
        spread_of_many(unit, self.has_parts, &quantiles)
    }

    /// `None` where a value is no number.
    fn numbers(&self, values: &[(Cow<'_, str>, u64)]) -> Option<FieldNumbers> {
        let mut unit = self.unit;
        let mut numbers: Vec<(f64, u64)> = Vec::with_capacity(values.len());
        for &(ref text, n_entries) in values {
            let quantity = Quantity::read(text)?;
            if quantity.unit != Unit::Plain {
                unit = quantity.unit;
            }
            numbers.push((quantity.amount, n_entries));
        }
        Some(FieldNumbers { unit, counted: numbers, others: self.quantiles.clone() })
    }
}

/// How these numbers are spread; `None` of none.
pub(super) fn spread_of_many(unit: Unit, has_parts: bool, quantiles: &Quantiles) -> Option<Spread> {
    let (min, max, p50, p95) = (quantiles.min()?, quantiles.max()?, quantiles.at(5000)?, quantiles.at(9500)?);
    let mut spread = quantiles.spread();
    if !has_parts {
        // Between those that are known within an error are none that are not whole.
        spread.iter_mut().for_each(|(number, _)| *number = number.round());
    }
    Some(Spread { unit, has_parts, min, p50, p95, max, bars: bars(min, max, p50, &spread) })
}

/// How these values are spread, if all of them are numbers; with how many entries have each.
pub(super) fn spread_of<'v>(values: impl Iterator<Item = (&'v str, u64)>) -> Option<Spread> {
    let mut unit = Unit::Plain;
    let mut numbers = Vec::new();
    for (text, n_entries) in values {
        let quantity = Quantity::read(text)?;
        if quantity.unit != Unit::Plain {
            unit = quantity.unit;
        }
        numbers.push((quantity.amount, n_entries));
    }
    exact_spread(unit, numbers)
}

/// Every number is known: percentiles are exact.
fn exact_spread(unit: Unit, mut numbers: Vec<(f64, u64)>) -> Option<Spread> {
    numbers.sort_by(|a, b| a.0.total_cmp(&b.0));
    let n: u64 = numbers.iter().map(|&(_, n_entries)| n_entries).sum();
    let at = |hundredths: u64| {
        let rank = (n * hundredths).div_ceil(10_000).max(1);
        let mut n_passed = 0;
        let found = numbers.iter().find(|&&(_, n_entries)| {
            n_passed += n_entries;
            n_passed >= rank
        });
        found.map(|&(number, _)| number)
    };
    let (min, max, p50, p95) = (numbers.first()?.0, numbers.last()?.0, at(5000)?, at(9500)?);
    let has_parts = numbers.iter().any(|(number, _)| number.fract() != 0.0);
    Some(Spread { unit, has_parts, min, p50, p95, max, bars: bars(min, max, p50, &numbers) })
}
