//! The answer of a query's stages: a table, with the way from each row back to its entries.

use serde::{Deserialize, Serialize};

use crate::entry::RowKey;
use crate::quantity::Unit;
use crate::time::{Nanos, TimeRange};

/// More rows than any spreadsheet is made of by hand; an answer must stay one message, made in one step.
pub const MOST_ROWS: u32 = 50_000;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    pub columns: Vec<Column>,
    /// The first rows; see `n_rows`.
    pub rows: Vec<TableRow>,
    /// How many rows there are, those not sent included.
    pub n_rows: u64,
    /// Entries that went in so far.
    pub n_entries: u64,
    /// All entries of the scope went in; until then every number may still change.
    pub complete: bool,
    /// What shows this table best.
    pub picture: Picture,
    /// Percentiles may be off by this share of their value (0.008 is 0.8 %); `None` where all are exact.
    pub percentile_error: Option<f64>,
    /// Numbers of distinct values are off by no more than this share, two times out of three; `None` where all are exact.
    pub distinct_error: Option<f64>,
    /// Rows that were more than fit, and are not in the table.
    pub n_left_out: u64,
    /// Entries of groups that were more than fit, and are not in the table.
    pub n_entries_left_out: u64,
    /// What of the stages could not be done, as sentences. Those that [`crate::query::parse_query`] finds are not among them.
    pub problems: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    pub name: String,
    pub role: ColumnRole,
    /// In what the column's numbers are.
    pub unit: Unit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ColumnRole {
    /// Start of a span of time; `width_nanos` long.
    Time { width_nanos: i64 },
    /// An instant.
    Instant,
    /// What rows are grouped by, or a field of an entry.
    Key,
    /// What was counted or worked out.
    Measure,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Picture {
    #[default]
    Table,
    /// One measure for each of some groups.
    Bars,
    /// Measures over time, a line or a layer for each group.
    Lines,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableRow {
    /// One for each column.
    pub cells: Vec<Cell>,
    pub entries: Drill,
}

/// The way to the entries behind a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Drill {
    /// Exactly these: the filter and range of a scope.
    Entries { query: String, range: Option<TimeRange> },
    /// These and perhaps a few more.
    Nearly { query: String, range: Option<TimeRange> },
    /// This one.
    Entry(RowKey),
    /// There is none: a row of SQL that names no entry.
    Nowhere,
}

/// `Nothing` is the absence of a field, and comes last in every order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Cell {
    #[default]
    Nothing,
    Text(String),
    Count(u64),
    Number(f64),
    Time(Nanos),
}

impl std::fmt::Display for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nothing => Ok(()),
            Self::Text(text) => f.write_str(text),
            Self::Count(number) => write!(f, "{number}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Time(time) => write!(f, "{}", time.0),
        }
    }
}
