//! Counts the values of one field of a stream of blocks.
//!
//! A field of more than [`MOST_VALUES`] values is not counted value by value any further: how many there are is then estimated, or
//! said to be more.

use std::borrow::Cow;

use model::facet::{Distinct, Facet, FieldKind, Spread, ValueCount};
use model::quantity::{Quantity, Unit};

use super::bars::bars;
use super::block::{BlockView, unit_of_suffix};
use super::many::{HANDFUL, Many};
use super::quantiles::Quantiles;
use crate::block::Corrupt;
use crate::fields::decimal::{Form, MAX_TEXT};
use crate::fields::sketch::Sketch;
use crate::fields::{FieldHead, Kept, Kinds, Values};
use crate::quick_hash::QuickMap;
use crate::search::Bitmap;

/// Values of one field that are counted.
const MOST_VALUES: usize = 10_000;
/// The same where nearly every entry has another: ids, of which no one is more frequent than others.
const MOST_IDS: usize = 2_000;

#[derive(Clone, Default)]
pub struct FieldCount {
    /// As the first block that has it writes it.
    first_name: String,
    /// Other ways to write it, with how many entries do.
    other_names: Vec<(Box<str>, u64)>,
    /// The last block that was counted, from 1.
    pub last_block: u64,
    kinds: Kinds,
    pub n_present: u64,
    texts: QuickMap<Box<str>, u64>,
    numbers: Vec<NumberCount>,
    /// There are too many values,
    pub is_full: bool,
    /// and there were this many when that was found out.
    n_counted: u64,
    sketch: Sketch,
    pub many: Many,
    /// Blocks that have the field, and the values in each of them, summed up.
    pub n_blocks: u64,
    pub n_in_blocks: u64,
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

impl FieldCount {
    /// Nothing yet of a field that the first block writes so.
    pub fn of(name: &str) -> Self {
        Self { first_name: name.to_owned(), ..Self::default() }
    }

    pub fn counted(&self) -> CountedField<'_> {
        let values = self.values();
        let n_different = if self.is_full { self.estimate() } else { values.len() as u64 };
        let known = if self.kinds == Kinds::NUMBER { self.numbers(&values) } else { None };
        let FieldNumbers { unit, counted: mut numbers, others } = known.unwrap_or_default();
        if others.n() > 0 {
            numbers.extend(others.spread());
        }
        CountedField {
            name: self.name(),
            n_present: self.n_present,
            values: (!self.is_full).then_some(values),
            n_different,
            are_numbers: !numbers.is_empty(),
            numbers,
            unit,
        }
    }

    /// As most entries write it.
    pub fn name(&self) -> &str {
        let n_others: u64 = self.other_names.iter().map(|(_, n_entries)| n_entries).sum();
        let first = (self.n_present.saturating_sub(n_others), self.first_name.as_str());
        let others = self.other_names.iter().map(|(name, n_entries)| (*n_entries, &**name));
        others.fold(first, Ord::max).1
    }

    /// So many entries more write it like this.
    pub fn count_name(&mut self, name: &str, n_entries: u64) {
        if name == self.first_name {
            return;
        }
        match self.other_names.iter_mut().find(|(other, _)| **other == *name) {
            Some((_, n)) => *n += n_entries,
            None => self.other_names.push((name.into(), n_entries)),
        }
    }

    /// Of a block that was counted, the field under another name: of entries that have it under none of those before. `before`: what is
    /// before it in the block. An entry that has several has the first.
    pub fn add_beside(
        &mut self,
        block: &BlockView<'_>,
        head: &FieldHead<'_>,
        before: &[FieldHead<'_>],
    ) -> Result<(), Corrupt> {
        let mut left = block.hits.cloned().unwrap_or_else(|| Bitmap::all(block.n_entries()));
        for other in before.iter().filter(|other| other.name.eq_ignore_ascii_case(head.name)) {
            for entry in block.fields.present_entries(other)? {
                left.remove(entry as usize);
            }
        }
        let n_before = self.n_present;
        let n_values = self.add_values_of(&BlockView { hits: Some(&left), ..*block }, head)?;
        self.n_in_blocks += n_values.unwrap_or(self.n_present - n_before);
        if let (None, Kept::Places { sketch }) = (block.hits, &head.kept) {
            self.sketch.merge(sketch);
        }
        Ok(())
    }

    pub fn add(&mut self, block: &BlockView<'_>, head: &FieldHead<'_>) -> Result<(), Corrupt> {
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

    pub fn add_text(&mut self, text: &str, n_entries: u64) {
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
            let mut room = [0; MAX_TEXT];
            for &(number, _) in numbers {
                self.sketch.add(form.bytes(number, &mut room));
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

    /// Values that are counted; one that blocks keep in different ways may be several.
    fn n_values(&self) -> usize {
        self.texts.len() + self.numbers.iter().map(|known| known.counts.len()).sum::<usize>()
    }

    /// There are far fewer than entries that have one.
    pub fn has_few_values(&self) -> bool {
        !self.is_full && 2 * (self.n_values() as u64) < self.n_present
    }

    /// Where there are too many values, what is known of them goes on without them.
    fn fill_up(&mut self) {
        let n_values = self.n_values();
        let are_ids = n_values > MOST_IDS && n_values as u64 * 10 > self.n_present * 9;
        if n_values <= MOST_VALUES && !are_ids {
            return;
        }
        self.is_full = true;
        self.n_counted = n_values as u64;
        let texts = self.texts.keys().map(|text| String::from(&**text));
        let numbers = self
            .numbers
            .iter()
            .flat_map(|NumberCount { form, counts }| counts.keys().map(move |&number| form.text(number)));
        self.many.handful = texts.chain(numbers).take(HANDFUL).collect();
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

    pub fn facet(&self, n_values: usize, is_partial: bool) -> Facet {
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
            true => Distinct::About(self.estimate()),
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
        Facet { name: self.name().to_owned(), kind, n_present: self.n_present, distinct, top, numbers }
    }

    /// About how many different values there are: no more than entries that have one.
    fn estimate(&self) -> u64 {
        self.sketch.estimate().max(self.n_counted).min(self.n_present)
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
