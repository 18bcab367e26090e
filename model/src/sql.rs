//! The SQL console: what is asked, and which tables there are.

use serde::{Deserialize, Serialize};

use crate::scope::Filter;
use crate::time::Zone;

/// A statement over the entries of a filter. It sees the workspace as it was when it was asked, and changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SqlAsk {
    /// What the tables tell of; `all_entries` has all, whatever the filter.
    pub filter: Filter,
    pub text: String,
    /// At most this many rows are sent; [`Table::complete`](crate::table::Table::complete) says whether those are all.
    pub max_rows: u32,
    /// All rows are sorted by one of their columns, whatever the statement says.
    pub sort: Option<SqlSort>,
    /// On whose clock `bucket` cuts.
    pub zone: Zone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SqlSort {
    /// From 0.
    pub column: u32,
    pub is_descending: bool,
}

pub struct SqlTable {
    pub name: &'static str,
    pub words: &'static str,
    /// Their names, and what is in them.
    pub columns: &'static [(&'static str, &'static str)],
}

const ENTRY_COLUMNS: &[(&str, &str)] = &[
    ("source", "path of the file"),
    ("line", "first line in it, from 1"),
    ("time", "nanoseconds since 1970-01-01 UTC"),
    ("severity", "number from 1 (trace) to 24 (fatal); 0 where none is stated"),
    ("level", "trace, debug, info, warn, error, fatal"),
    ("service", ""),
    ("message", ""),
    ("raw", "the text as it is; raw MATCH 'timeout' searches"),
    ("fields", "JSON object: fields->>'status'"),
    ("trace_id", ""),
    ("span_id", ""),
    ("template", "as in templates"),
    ("entry", "its number; a row that has it opens the entry"),
];

pub const SQL_TABLES: &[SqlTable] = &[
    SqlTable { name: "entries", words: "the entries of the search and the time", columns: ENTRY_COLUMNS },
    SqlTable { name: "all_entries", words: "all entries of the workspace", columns: ENTRY_COLUMNS },
    SqlTable {
        name: "spans",
        words: "those of the entries that are spans of traces",
        columns: &[
            ("trace_id", ""),
            ("span_id", ""),
            ("parent_span_id", ""),
            ("service", ""),
            ("name", "of the operation"),
            ("kind", "server, client, producer, consumer or internal"),
            ("start_time", ""),
            ("duration_ms", ""),
            ("status", "error, ok or nothing"),
            ("entry", ""),
        ],
    },
    SqlTable {
        name: "templates",
        words: "what the entries are made from",
        columns: &[
            ("template", "its id"),
            ("text", "values as <*>"),
            ("n_entries", ""),
            ("n_errors", "errors and fatal ones"),
            ("first_time", ""),
            ("last_time", ""),
        ],
    },
    SqlTable {
        name: "fields",
        words: "the fields that the entries have",
        columns: &[
            ("name", ""),
            ("kind", "text, number, bool or mixed"),
            ("n_entries", "that have it"),
            ("n_values", "different ones; where there are very many, about"),
            ("min", "of numbers"),
            ("p50", ""),
            ("p95", ""),
            ("max", ""),
        ],
    },
    SqlTable {
        name: "sources",
        words: "the files of the workspace",
        columns: &[
            ("source", "its path"),
            ("format", "that most of it was read in"),
            ("n_entries", ""),
            ("n_lines", ""),
            ("text_bytes", "of log text"),
            ("first_time", ""),
            ("last_time", ""),
        ],
    },
    SqlTable {
        name: "bookmarks",
        words: "what was bookmarked",
        columns: &[("source", ""), ("line", ""), ("time", ""), ("text", ""), ("note", "")],
    },
];

/// The console's own functions.
pub const SQL_FUNCTIONS: &[(&str, &str)] =
    &[("bucket(time, '5m')", "the start of the five minutes a time is in, on the clock that times are shown in")];
