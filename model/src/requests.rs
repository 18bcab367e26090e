//! The requests that entries belong to: how long each took, what failed, and which are unlike the others.

use serde::{Deserialize, Serialize};

use crate::entry::RowKey;
use crate::key;
use crate::scope::Filter;
use crate::time::Nanos;
use crate::topology::Durations;

/// The requests of which the filter finds an entry, each with all of its entries in the range. Streams.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RequestsAsk {
    pub filter: Filter,
    pub order: RequestOrder,
    /// Those that took so many nanoseconds, from the first up to and without the last.
    pub took: Option<(i64, i64)>,
    /// Lines of the list.
    pub n_shown: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RequestOrder {
    #[default]
    Slowest,
    Failed,
    Unusual,
    Latest,
}

impl RequestOrder {
    pub const ALL: [Self; 4] = [Self::Slowest, Self::Failed, Self::Unusual, Self::Latest];

    pub fn name(self) -> &'static str {
        match self {
            Self::Slowest => key!("slowest first"),
            Self::Failed => key!("most failures first"),
            Self::Unusual => key!("most unusual first"),
            Self::Latest => key!("latest first"),
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Requests {
    /// In the order asked for, as many as were asked for.
    pub lines: Vec<RequestLine>,
    pub n_requests: u64,
    pub n_failed: u64,
    /// Requests under an id that was given to others as well, with half an hour or more between in which nothing was written of either.
    pub n_again: u64,
    /// Requests that took as long as was asked for.
    pub n_within: u64,
    pub durations: Option<Durations>,
    /// How long they took, from the shortest to the longest, empty stretches between them included.
    pub buckets: Vec<Bucket>,
    /// Entries of further requests, where there are more than can be told apart.
    pub n_left_out: u64,
    pub complete: bool,
}

/// Requests that took `from` nanoseconds or more, and less than `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    pub from: i64,
    pub to: i64,
    pub n: u64,
    pub n_failed: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestLine {
    pub id: String,
    /// Of its first span, or its first entry.
    pub key: RowKey,
    pub start: Nanos,
    /// From its first beginning to its last end.
    pub nanos: i64,
    /// Services that by their clocks began before they were called, and how much later they count: as in the waterfall.
    pub moved: Vec<(String, i64)>,
    /// What its first span, or its first entry, says, and whose that is.
    pub name: String,
    pub service: String,
    pub n_spans: u64,
    pub n_entries: u64,
    pub n_errors: u64,
    pub n_services: u64,
    /// How unlike the others its spans and entries are: 0 is like all, each further 1 about e times rarer. `None`: not known yet.
    pub oddity: Option<f32>,
    /// What of it that tells most, where there is one such thing.
    pub reason: Option<Reason>,
}

/// Why a request is unusual: it does what few do, or does not do what most do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// What a span or entry says, and whose that is.
    pub name: String,
    pub service: String,
    pub is_done: bool,
    /// So many requests do it, of so many.
    pub n_with: u64,
    pub n_requests: u64,
}
