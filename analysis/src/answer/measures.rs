//! What is worked out for each group of entries: counts, sums, percentiles.

use std::collections::HashSet;
use std::hash::BuildHasherDefault;

use model::quantity::Unit;
use model::query::{Aggregate, Measure, is_time_name};
use model::table::Cell;
use model::time::Nanos;

use super::block::{Amounts, Numbered};
use super::quantiles::Quantiles;
use crate::block::Corrupt;
use crate::fields::sketch::Sketch;
use crate::quick_hash::{QuickHasher, hash_of};

/// Where measures and groups get values from: a block, or a table that was made before.
pub trait Fields {
    fn numbered(&self, name: &str) -> Result<Numbered<'_>, Corrupt>;
    fn amounts(&self, name: &str) -> Result<Amounts, Corrupt>;
    /// By entry; `None` where it holds no times.
    fn times(&self, _name: &str) -> Option<Vec<Option<Nanos>>> {
        None
    }
}

/// More different values of one group are estimated.
const MOST_DISTINCT: usize = 10_000;
/// Standard error of the estimate.
pub const DISTINCT_ERROR: f64 = 0.065;

#[derive(Clone, Debug)]
pub struct Measures {
    list: Vec<Measure>,
    /// Entries of each group.
    counts: Vec<u64>,
    numbers: Vec<NumberField>,
    values: Vec<ValueField>,
}

/// A field whose numbers are summed up.
#[derive(Clone, Debug)]
struct NumberField {
    name: String,
    /// That of all numbers so far; plain where they have several.
    unit: Option<Unit>,
    /// Some measure is a percentile.
    with_quantiles: bool,
    groups: Vec<Sum>,
    /// Of a field that holds times the first and the last of each group.
    times: Vec<Option<(Nanos, Nanos)>>,
    quantiles: Vec<Quantiles>,
}

#[derive(Clone, Copy, Debug)]
struct Sum {
    n: u64,
    sum: f64,
    /// What rounding lost of the sum so far (Neumaier, 1974).
    lost: f64,
    min: f64,
    max: f64,
}

/// A field whose values are counted.
#[derive(Clone, Debug)]
struct ValueField {
    name: String,
    n_present: Vec<u64>,
    distinct: Vec<Distinct>,
}

#[derive(Clone, Debug)]
enum Distinct {
    Exact(HashSet<u64, BuildHasherDefault<QuickHasher>>),
    Estimated(Box<Sketch>),
}

impl Default for Sum {
    fn default() -> Self {
        Self { n: 0, sum: 0.0, lost: 0.0, min: f64::INFINITY, max: f64::NEG_INFINITY }
    }
}

impl Sum {
    fn add(&mut self, number: f64) {
        let sum = self.sum + number;
        self.lost += if self.sum.abs() >= number.abs() { self.sum - sum + number } else { number - sum + self.sum };
        self.sum = sum;
        self.n += 1;
        self.min = self.min.min(number);
        self.max = self.max.max(number);
    }
}

impl Distinct {
    fn add(&mut self, hash: u64) {
        match self {
            Self::Exact(hashes) => {
                hashes.insert(hash);
                if hashes.len() > MOST_DISTINCT {
                    let mut sketch = Sketch::default();
                    hashes.iter().for_each(|&hash| sketch.add_hash(hash));
                    *self = Self::Estimated(Box::new(sketch));
                }
            }
            Self::Estimated(sketch) => sketch.add_hash(hash),
        }
    }

    fn count(&self) -> u64 {
        match self {
            Self::Exact(hashes) => hashes.len() as u64,
            Self::Estimated(sketch) => sketch.estimate(),
        }
    }
}

impl Measures {
    pub fn new(list: &[Measure]) -> Self {
        let (mut numbers, mut values): (Vec<NumberField>, Vec<ValueField>) = (Vec::new(), Vec::new());
        for measure in list {
            let name = &measure.field;
            match measure.what {
                Aggregate::Count if name.is_empty() => {}
                Aggregate::Count | Aggregate::Distinct => {
                    if !values.iter().any(|field| field.name == *name) {
                        values.push(ValueField { name: name.clone(), n_present: Vec::new(), distinct: Vec::new() });
                    }
                }
                what => {
                    let with_quantiles = matches!(what, Aggregate::Percentile(_));
                    match numbers.iter_mut().find(|field| field.name == *name) {
                        Some(field) => field.with_quantiles |= with_quantiles,
                        None => numbers.push(NumberField {
                            name: name.clone(),
                            unit: None,
                            with_quantiles,
                            groups: Vec::new(),
                            times: Vec::new(),
                            quantiles: Vec::new(),
                        }),
                    }
                }
            }
        }
        Self { list: list.to_vec(), counts: Vec::new(), numbers, values }
    }

    /// Fields it asks for.
    pub fn names<'m>(&'m self, names: &mut Vec<&'m str>) {
        names.extend(self.numbers.iter().map(|field| field.name.as_str()));
        names.extend(self.values.iter().map(|field| field.name.as_str()));
    }

    /// Takes entries in. `group_of`: the group of each of `entries`, [`u32::MAX`] for none. `n_groups`: how many there are now.
    pub fn add(
        &mut self,
        fields: &dyn Fields,
        entries: &[u32],
        group_of: &[u32],
        n_groups: usize,
    ) -> Result<(), Corrupt> {
        self.counts.resize(n_groups, 0);
        let members = || entries.iter().zip(group_of).filter(|&(_, &group)| group != u32::MAX);
        for (_, &group) in members() {
            self.counts[group as usize] += 1;
        }
        for field in &mut self.numbers {
            field.groups.resize(n_groups, Sum::default());
            field.times.resize(n_groups, None);
            if field.with_quantiles {
                field.quantiles.resize(n_groups, Quantiles::default());
            }
            if let Some(times) = fields.times(&field.name) {
                for (&entry, &group) in members() {
                    let Some(time) = times[entry as usize] else { continue };
                    let span = &mut field.times[group as usize];
                    *span = Some(span.map_or((time, time), |(first, last)| (first.min(time), last.max(time))));
                }
                continue;
            }
            let Amounts { amounts, unit } = fields.amounts(&field.name)?;
            let is_something = |&(entry, _): &(&u32, &u32)| {
                let amount = amounts[*entry as usize];
                amount.is_finite() && amount != 0.0
            };
            if members().any(|member| is_something(&member)) {
                field.unit = Some(field.unit.filter(|&before| before != unit).map_or(unit, |_| Unit::Plain));
            }
            for (&entry, &group) in members() {
                let amount = amounts[entry as usize];
                if amount.is_finite() {
                    field.groups[group as usize].add(amount);
                    if field.with_quantiles {
                        field.quantiles[group as usize].add(amount, 1);
                    }
                }
            }
        }
        for field in &mut self.values {
            field.n_present.resize(n_groups, 0);
            field.distinct.resize_with(n_groups, || Distinct::Exact(HashSet::default()));
            let Numbered { ids, values } = fields.numbered(&field.name)?;
            let hashes: Vec<u64> = values.iter().map(|value| hash_of(value.as_bytes())).collect();
            for (&entry, &group) in members() {
                if let Some(place) = ids[entry as usize].checked_sub(1) {
                    field.n_present[group as usize] += 1;
                    field.distinct[group as usize].add(hashes[place as usize]);
                }
            }
        }
        Ok(())
    }

    /// Fields of which no entry had a number.
    pub fn without_numbers(&self) -> impl Iterator<Item = &str> {
        // Of times there is a first and a last one, and nothing else.
        let asks_for_number = move |name: &str| {
            let is_end = |what| matches!(what, Aggregate::Min | Aggregate::Max);
            self.list.iter().any(|measure| measure.field == name && !is_end(measure.what))
        };
        let is_empty = move |field: &&NumberField| {
            let has_times = field.times.iter().any(Option::is_some);
            field.groups.iter().all(|sum| sum.n == 0) && (!has_times || asks_for_number(&field.name))
        };
        self.numbers.iter().filter(is_empty).map(|field| field.name.as_str())
    }

    pub fn cell(&self, measure: usize, group: usize) -> Cell {
        let Measure { what, field, .. } = &self.list[measure];
        let number = |number: Option<f64>| number.map_or(Cell::Nothing, Cell::Number);
        match what {
            Aggregate::Count if field.is_empty() => Cell::Count(self.counts[group]),
            Aggregate::Count => Cell::Count(self.value_field(field).n_present[group]),
            Aggregate::Distinct => {
                let field = self.value_field(field);
                // No more than entries that have one, however many are estimated.
                Cell::Count(field.distinct[group].count().min(field.n_present[group]))
            }
            Aggregate::Percentile(hundredths) => number(self.number_field(field).quantiles[group].at(*hundredths)),
            what => {
                let field = self.number_field(field);
                if let (Aggregate::Min | Aggregate::Max, Some((first, last))) = (what, field.times[group]) {
                    return Cell::Time(if *what == Aggregate::Min { first } else { last });
                }
                let sum = &field.groups[group];
                let total = sum.sum + sum.lost;
                let result = match what {
                    Aggregate::Sum => total,
                    Aggregate::Average => total / sum.n as f64,
                    Aggregate::Min => sum.min,
                    _ => sum.max,
                };
                number((sum.n > 0).then_some(result))
            }
        }
    }

    pub fn unit(&self, measure: usize) -> Unit {
        let Measure { what, field, .. } = &self.list[measure];
        match what {
            Aggregate::Count | Aggregate::Distinct => Unit::Plain,
            _ => self.number_field(field).unit.unwrap_or_default(),
        }
    }

    /// Whether it is the first or the last of times.
    pub fn is_time(&self, measure: usize) -> bool {
        let Measure { what, field, .. } = &self.list[measure];
        matches!(what, Aggregate::Min | Aggregate::Max) && self.number_field(field).times.iter().any(Option::is_some)
    }

    /// Whether it asks for the time of entries.
    pub fn needs_times(&self) -> bool {
        self.numbers.iter().any(|field| is_time_name(&field.name))
    }

    pub fn list(&self) -> &[Measure] {
        &self.list
    }

    /// By what share of themselves percentiles may be off.
    pub fn percentile_error(&self) -> Option<f64> {
        let mut quantiles = self.numbers.iter().flat_map(|field| &field.quantiles);
        quantiles.any(|quantiles| !quantiles.is_exact()).then_some(super::quantiles::RELATIVE_ERROR)
    }

    /// By what share of themselves numbers of distinct values are mostly off.
    pub fn distinct_error(&self) -> Option<f64> {
        let is_estimated = |field: &ValueField| {
            let is_asked = self.list.iter().any(|m| m.what == Aggregate::Distinct && m.field == field.name);
            is_asked && field.distinct.iter().any(|distinct| matches!(distinct, Distinct::Estimated(_)))
        };
        self.values.iter().any(is_estimated).then_some(DISTINCT_ERROR)
    }

    fn number_field(&self, name: &str) -> &NumberField {
        self.numbers.iter().find(|field| field.name == name).expect("made in new()")
    }

    fn value_field(&self, name: &str) -> &ValueField {
        self.values.iter().find(|field| field.name == name).expect("made in new()")
    }
}
