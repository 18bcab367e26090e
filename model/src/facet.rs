//! Facets: which fields the entries of a scope have, and which values.

use serde::{Deserialize, Serialize};

use crate::quantity::Unit;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facets {
    /// Entries counted so far.
    pub n_entries: u64,
    /// The well-known ones first (level, service, source), then those that most entries have.
    pub fields: Vec<Facet>,
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

impl Facet {
    /// Nearly every entry has another value: ids and the like.
    pub fn is_of_many(&self) -> bool {
        !matches!(self.distinct, Distinct::Exactly(_))
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
    /// What the field's name says its numbers are.
    pub unit: Unit,
    pub min: f64,
    pub p50: f64,
    pub p95: f64,
    pub max: f64,
    /// Side by side, ascending, of equal widths or, where the numbers reach over several magnitudes, of equal ratios.
    pub bars: Vec<Bar>,
}

/// Numbers with `from <= number < to`; the last bar holds its end too.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    pub from: f64,
    pub to: f64,
    pub n_entries: u64,
}
