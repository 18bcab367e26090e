//! Facets: which fields the entries of a scope have, and which values.

use serde::{Deserialize, Serialize};

use crate::quantity::{Unit, unit_of_name};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facets {
    /// Entries counted so far.
    pub n_entries: u64,
    /// The well-known ones first (level, service, source), then those that most entries have.
    pub fields: Vec<Facet>,
    /// No field was passed over: where the keys of logs are data, only the first of them are counted.
    pub has_all_fields: bool,
    /// All entries of the scope were counted; until then every number is a lower bound.
    pub complete: bool,
}

/// A field and what its values are. Entries without it: `n_entries - n_present`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facet {
    pub name: String,
    pub kind: FieldKind,
    pub n_present: u64,
    pub distinct: Distinct,
    /// The values that most entries have, most frequent first; none where there are too many to count them.
    pub top: Vec<ValueCount>,
    /// How the numbers are spread, where all values are numbers.
    pub numbers: Option<Spread>,
}

/// Values that are this many are many, however often each comes.
const MANY_VALUES: u64 = 1000;
/// Fewer are no burden to anybody.
const FEW_VALUES: u64 = 30;
/// Where values come so rarely, a group of each says nothing.
const RARE_ENTRIES: u64 = 10;

impl Facet {
    /// So many values, each of so few entries, that one looks for one of them rather than grouping by it: ids, addresses, paths
    /// with ids in them. Not what is measured, whose values are a spread.
    pub fn is_of_many(&self) -> bool {
        let are_many = match self.distinct {
            // Counts of things vary, too; numbers that name something are as many as what they name.
            Distinct::Exactly(n) if self.numbers.is_some() => n >= MANY_VALUES && n * RARE_ENTRIES > self.n_present,
            Distinct::Exactly(n) => n >= MANY_VALUES || n > FEW_VALUES && n * RARE_ENTRIES > self.n_present,
            Distinct::MoreThan(_) | Distinct::About(_) => true,
        };
        are_many && !self.is_a_measure()
    }

    /// Numbers with a unit, or with a part behind the point.
    fn is_a_measure(&self) -> bool {
        let has_unit = |spread: &Spread| spread.unit != Unit::Plain || unit_of_name(&self.name).is_some();
        self.numbers.as_ref().is_some_and(|spread| has_unit(spread) || spread.has_parts)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FieldKind {
    Text,
    Number,
    Bool,
    /// Values of more than one kind.
    Mixed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Distinct {
    Exactly(u64),
    /// Counted up to this number.
    MoreThan(u64),
    /// Estimated, within a few percent.
    About(u64),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueCount {
    /// As it is shown; [`crate::query::with_term`] filters for it.
    pub value: String,
    pub n_entries: u64,
}

/// How numbers are spread. Percentiles and bounds of bars are within 0.8 % where there are more than a few thousand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// As they are written; a [name](unit_of_name) may say more.
    pub unit: Unit,
    /// Some numbers are not whole.
    pub has_parts: bool,
    pub min: f64,
    pub p50: f64,
    pub p95: f64,
    pub max: f64,
    /// Side by side, ascending, with round edges, of equal widths or, where the numbers reach over several magnitudes, of equal
    /// ratios.
    pub bars: Vec<Bar>,
}

/// Numbers with `from <= number < to`; the last bar holds its end too.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    pub from: f64,
    pub to: f64,
    pub n_entries: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facet(name: &str, n_present: u64, distinct: Distinct, numbers: Option<Spread>) -> Facet {
        let kind = if numbers.is_some() { FieldKind::Number } else { FieldKind::Text };
        Facet { name: name.to_owned(), kind, n_present, distinct, top: Vec::new(), numbers }
    }

    #[test]
    fn ids_are_of_many_and_levels_and_measures_are_not() {
        let whole =
            Spread { unit: Unit::Plain, has_parts: false, min: 1.0, p50: 2.0, p95: 3.0, max: 4.0, bars: Vec::new() };
        let broken = Spread { has_parts: true, ..whole.clone() };
        let is_of_many = |name, n_present, distinct, numbers| facet(name, n_present, distinct, numbers).is_of_many();
        assert!(is_of_many("trace_id", 10_000, Distinct::Exactly(3000), None));
        assert!(is_of_many("trace_id", 300, Distinct::Exactly(60), None));
        assert!(is_of_many("order", 900, Distinct::About(800), Some(whole.clone())));
        assert!(!is_of_many("level", 10_000, Distinct::Exactly(6), None));
        assert!(!is_of_many("host", 10_000, Distinct::Exactly(200), None));
        assert!(!is_of_many("user", 20, Distinct::Exactly(20), None));
        assert!(!is_of_many("waiting", 200, Distinct::Exactly(60), Some(whole.clone())));
        assert!(!is_of_many("took_ms", 900, Distinct::Exactly(800), Some(whole)));
        assert!(!is_of_many("load", 900, Distinct::Exactly(800), Some(broken)));
    }
}
