//! The timeline cut in lanes, one for each value of a field, or as a heat map of a field's numbers.

use serde::{Deserialize, Serialize};

use crate::quantity::Unit;
use crate::scope::Filter;
use crate::severity::N_BANDS;
use crate::template::{Kind, with_kinds};
use crate::time::{Nanos, Zone};

/// What is shown below the bars of the timeline.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Split {
    #[default]
    None,
    /// A lane for each of the most frequent values of this field; `template` for patterns.
    Lanes(String),
    /// How high the numbers of this field are.
    Heat(String),
}

/// Buckets are those of a [`HistogramAsk`](crate::protocol::HistogramAsk) with the same range, number and zone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LanesAsk {
    pub filter: Filter,
    pub split: Split,
    pub max_buckets: u32,
    pub zone: Zone,
    /// Lanes at most, without that of the others; of a heat map its rows.
    pub n_rows: u32,
    /// Rows of a heat map are of equal ratios instead of equal widths.
    pub is_log: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Lanes {
    /// Of the first bucket.
    pub start: Nanos,
    pub width_nanos: i64,
    pub n_buckets: u32,
    pub drawn: Drawn,
    /// Entries without the field, or with a value that is no number.
    pub n_without: u64,
    pub complete: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Drawn {
    /// The one of most entries first; the others together last.
    Lanes(Vec<Lane>),
    Heat(Heat),
}

impl Default for Drawn {
    fn default() -> Self {
        Self::Lanes(Vec::new())
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Lane {
    /// What a query asks for; `None` for all other values together.
    pub value: Option<String>,
    pub title: String,
    /// Of a pattern: one for each of its values.
    pub kinds: Vec<Kind>,
    pub n_entries: u64,
    /// Entries by band in each bucket.
    pub buckets: Vec<[u32; N_BANDS]>,
}

impl Lane {
    /// The title as people read it: a pattern with what its values look like.
    pub fn called(&self) -> String {
        with_kinds(&self.title, &self.kinds)
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Heat {
    pub unit: Unit,
    /// Where the rows begin and end, ascending: one more than there are rows.
    pub edges: Vec<f64>,
    /// By bucket, from the lowest row to the highest.
    pub cells: Vec<Vec<u32>>,
    /// The percentiles of each bucket that has numbers: p50, p95, p99.
    pub percentiles: Vec<Option<[f64; 3]>>,
    /// Numbers are known within this share: 0.8 %, more where they are of very many heights.
    pub error: f64,
}
