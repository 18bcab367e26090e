//! One request: its spans, or what its log entries show of them, as a waterfall.

use serde::{Deserialize, Serialize};

use crate::entry::RowKey;
use crate::severity::Severity;
use crate::time::Nanos;

/// The trace that an entry belongs to, whatever the query; of the whole workspace. Streams nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TraceAsk {
    pub key: RowKey,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// Empty: the entry has no id of a trace or request.
    pub id: String,
    /// Which rule read the id.
    pub rule: String,
    /// In the order of the waterfall: each before what it called.
    pub bars: Vec<Bar>,
    pub n_spans: u64,
    /// Log entries, spans left out.
    pub n_entries: u64,
    /// There are more entries than are looked at.
    pub is_cut: bool,
}

impl Trace {
    /// From the first beginning to the last end.
    pub fn extent(&self) -> Option<(Nanos, Nanos)> {
        let start = self.bars.iter().map(|bar| bar.start).min()?;
        let end = self.bars.iter().map(|bar| bar.start.0.saturating_add(bar.nanos)).max()?;
        Some((start, Nanos(end)))
    }
}

/// A span, or what a service wrote for one call from its first entry to its last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    pub name: String,
    pub service: String,
    /// The span, or the first entry.
    pub key: RowKey,
    pub start: Nanos,
    pub nanos: i64,
    /// What of it nothing that it called takes.
    pub own_nanos: i64,
    /// How many called each other down to it.
    pub depth: u32,
    /// Else it is inferred from log entries.
    pub is_span: bool,
    pub is_error: bool,
    /// Were it shorter, the request would be.
    pub is_critical: bool,
    /// Log entries written in it.
    pub marks: Vec<Mark>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    pub key: RowKey,
    pub severity: Severity,
}
