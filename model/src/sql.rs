//! The SQL console: what is asked, and which tables there are.

use crate::key;

use serde::{Deserialize, Serialize};

use crate::scope::Filter;
use crate::time::Zone;

/// More rows than anybody reads. Those that are saved may be more: as many as of any other result.
pub const MOST_ROWS: u32 = 20_000;

/// A statement over the entries of a filter. It sees the workspace as it was when it was asked, and changes nothing of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SqlAsk {
    /// What the tables tell of; `all_entries` has all, whatever the filter.
    pub filter: Filter,
    pub text: String,
    /// At most this many rows are sent, and never more than [`MOST_ROWS`](crate::table::MOST_ROWS); [`Table::complete`](crate::table::Table::complete) says whether those are all.
    pub max_rows: u32,
    /// All rows are sorted by one of their columns, whatever the statement says.
    pub sort: Option<SqlSort>,
    /// On whose clock `bucket` cuts.
    pub zone: Zone,
    /// The statement may make and change tables of the user's own, and nothing else.
    pub may_write: bool,
}

/// A table that a statement of the user's made; it is kept with the workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnTable {
    pub name: String,
    pub columns: Vec<String>,
    pub n_rows: u64,
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
    ("source", key!("path of the file")),
    ("line", key!("first line in it, from 1")),
    ("time", key!("nanoseconds since 1970-01-01 UTC")),
    ("severity", key!("number from 1 (trace) to 24 (fatal); 0 where none is stated")),
    ("level", key!("trace, debug, info, warn, error, fatal")),
    ("service", ""),
    ("message", ""),
    ("raw", key!("the text as it is; raw MATCH 'timeout' searches")),
    ("fields", key!("JSON object: fields->>'status'")),
    ("trace_id", ""),
    ("span_id", ""),
    ("template", key!("as in templates")),
    ("vars", key!("JSON array, the values of its pattern: vars->>0 is var1")),
    ("entry", key!("its number; a row that has it opens the entry")),
];

pub const SQL_TABLES: &[SqlTable] = &[
    SqlTable { name: "entries", words: key!("the entries of the search and the time"), columns: ENTRY_COLUMNS },
    SqlTable { name: "all_entries", words: key!("all entries of the workspace"), columns: ENTRY_COLUMNS },
    SqlTable {
        name: "spans",
        words: key!("those of the entries that are spans of traces"),
        columns: &[
            ("trace_id", ""),
            ("span_id", ""),
            ("parent_span_id", ""),
            ("service", ""),
            ("name", key!("of the operation")),
            ("kind", key!("server, client, producer, consumer or internal")),
            ("start_time", ""),
            ("duration_ms", ""),
            ("status", key!("error, ok or nothing")),
            ("entry", ""),
        ],
    },
    SqlTable {
        name: "metrics",
        words: key!("those of the entries that are points of metrics"),
        columns: &[
            ("time", ""),
            ("service", ""),
            ("name", key!("of the metric")),
            ("kind", key!("gauge, sum, histogram or summary")),
            ("unit", ""),
            ("value", key!("of a gauge or a sum")),
            ("count", key!("of a histogram or a summary")),
            ("sum", ""),
            ("labels", key!("JSON object: labels->>'route'")),
            ("entry", ""),
        ],
    },
    SqlTable {
        name: "templates",
        words: key!("what the entries are made from"),
        columns: &[
            ("template", key!("its id")),
            ("text", key!("values as <*>")),
            ("n_entries", ""),
            ("n_errors", key!("errors and fatal ones")),
            ("first_time", ""),
            ("last_time", ""),
        ],
    },
    SqlTable {
        name: "fields",
        words: key!("the fields that the entries have"),
        columns: &[
            ("name", ""),
            ("kind", key!("text, number, bool or mixed")),
            ("n_entries", key!("that have it")),
            ("n_values", key!("different ones; where there are very many, about")),
            ("is_exact", key!("0 where n_values is about right")),
            ("min", key!("of numbers")),
            ("p50", ""),
            ("p95", ""),
            ("max", ""),
        ],
    },
    SqlTable {
        name: "sources",
        words: key!("the files of the workspace"),
        columns: &[
            ("source", key!("its path")),
            ("format", key!("that most of it was read in")),
            ("n_entries", ""),
            ("n_lines", ""),
            ("text_bytes", key!("of log text")),
            ("first_time", ""),
            ("last_time", ""),
        ],
    },
    SqlTable {
        name: "bookmarks",
        words: key!("what was bookmarked"),
        columns: &[("source", ""), ("line", ""), ("time", ""), ("text", ""), ("note", "")],
    },
];

/// The console's own functions.
pub const SQL_FUNCTIONS: &[(&str, &str)] =
    &[("bucket(time, '5m')", key!("the start of the five minutes a time is in, on the clock that times are shown in"))];
