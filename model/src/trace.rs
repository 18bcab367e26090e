//! One request: its spans, or what its log entries show of them, as a waterfall.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::entry::RowKey;
use crate::key;
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
    /// Data points of metrics that have it as an example (OpenMetrics' exemplars).
    pub n_points: u64,
    /// Requests that the same id was given to at other times, half an hour of silence or more away; nothing of them is here.
    pub n_other_times: u64,
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

    /// Spans and log entries that say they failed: as many as the list of requests counts.
    pub fn n_failed(&self) -> u64 {
        let spans = self.bars.iter().filter(|bar| bar.is_span && bar.is_error).count();
        let marks = self.bars.iter().flat_map(|bar| &bar.marks);
        (spans + marks.filter(|mark| mark.severity >= Severity::ERROR).count()) as u64
    }

    /// The services that are drawn later than their stamps say, and how much.
    pub fn moved(&self) -> BTreeMap<&str, i64> {
        let moved = self.bars.iter().filter(|bar| bar.moved_nanos != 0);
        moved.map(|bar| (&*bar.service, bar.moved_nanos)).collect()
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
    /// So much later than its stamps say all of it is drawn: its clock is behind those of its callers.
    pub moved_nanos: i64,
    /// What of it nothing that it called takes.
    pub own_nanos: i64,
    /// How many called each other down to it.
    pub depth: u32,
    /// Else it is inferred from log entries.
    pub is_span: bool,
    pub is_error: bool,
    /// When of it nothing that it called runs: where each begins, and its nanoseconds. What is too near to be told apart is one.
    pub own: Vec<(Nanos, i64)>,
    /// When of it the request waited for nothing else: were that shorter, the request would be.
    pub critical: Vec<(Nanos, i64)>,
    /// What it waited for, where it says so.
    pub waits: Vec<Wait>,
    /// What it says happened in it.
    pub happenings: Vec<Happening>,
    /// Log entries written in it; their times are as they were written.
    pub marks: Vec<Mark>,
}

impl Bar {
    pub fn is_critical(&self) -> bool {
        !self.critical.is_empty()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happening {
    pub time: Nanos,
    pub name: String,
}

/// A part of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    pub phase: Phase,
    pub start: Nanos,
    pub nanos: i64,
}

/// In the order in which a call has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Phase {
    Queue,
    Dns,
    Connect,
    Tls,
    Send,
    Server,
    Receive,
    Serialise,
}

impl Phase {
    pub const ALL: [Self; 8] =
        [Self::Queue, Self::Dns, Self::Connect, Self::Tls, Self::Send, Self::Server, Self::Receive, Self::Serialise];

    pub fn name(self) -> &'static str {
        match self {
            Self::Queue => key!("waiting in a queue"),
            Self::Dns => key!("looking up the address"),
            Self::Connect => key!("connecting"),
            Self::Tls => key!("TLS"),
            Self::Send => key!("sending"),
            Self::Server => key!("waiting for the server"),
            Self::Receive => key!("receiving"),
            Self::Serialise => key!("serialisation"),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    pub key: RowKey,
    pub severity: Severity,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_is_counted_by_spans_and_entries_and_not_by_bars() {
        let mark = |severity| Mark { key: RowKey::default(), severity };
        let bar = |is_span, is_error, marks: &[Severity]| Bar {
            name: String::new(),
            service: String::new(),
            key: RowKey::default(),
            start: Nanos(0),
            nanos: 0,
            moved_nanos: 0,
            own_nanos: 0,
            depth: 0,
            is_span,
            is_error,
            own: Vec::new(),
            critical: Vec::new(),
            waits: Vec::new(),
            happenings: Vec::new(),
            marks: marks.iter().copied().map(mark).collect(),
        };
        let bars = vec![
            bar(true, true, &[Severity::ERROR, Severity::INFO]),
            // An inferred one failed because of its entries.
            bar(false, true, &[Severity::ERROR, Severity::ERROR]),
            bar(true, false, &[Severity::WARN]),
        ];
        assert_eq!(Trace { bars, ..Trace::default() }.n_failed(), 4);
    }
}
