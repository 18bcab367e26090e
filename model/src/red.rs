//! Golden signals of services and their routes: rate, errors, duration.

use crate::{key, say};
use serde::{Deserialize, Serialize};

use crate::entry::RowKey;
use crate::scope::Filter;
use crate::time::TimeRange;
use crate::topology::Durations;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RedAsk {
    pub filter: Filter,
    /// Spans of time of each route's course.
    pub n_spans: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Red {
    /// The one of most requests first.
    pub routes: Vec<RouteRed>,
    /// All routes of each service together, in the same order; their `route` is empty.
    pub services: Vec<RouteRed>,
    /// What courses are over, and rates whose own time is not known; `None` without any time.
    pub range: Option<TimeRange>,
    pub n_requests: u64,
    /// Those among them on further routes, where there are more than can be told apart.
    pub n_left_out: u64,
    /// Data points that count requests, where there are more than can be kept.
    pub n_points_left_out: u64,
    pub complete: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RouteRed {
    pub service: String,
    /// What its entries call it, in the order of the alphabet: a query finds these.
    pub names: Vec<String>,
    /// `GET /users/{id}`; of a span without a path its name.
    pub route: String,
    pub told_by: ToldBy,
    pub n_requests: u64,
    pub n_errors: u64,
    /// Requests that the caller is to blame for: a status from 400 to 499. `None`: no status is known.
    pub n_refused: Option<u64>,
    /// The time that was counted over, in seconds, where that is not the range of all: from the first scrape to the last, or from the
    /// first request of any service that entries tell of to the last. Zero: not known.
    pub seconds: Option<f64>,
    /// Of those whose duration is known.
    pub durations: Option<Durations>,
    /// Requests, and errors among them, in spans of equal width over the range; empty without any time.
    pub course: Vec<(u32, u32)>,
    pub slowest: Option<RowKey>,
    pub last_error: Option<RowKey>,
}

/// What the figures of a service are from: spans where it has any, else its access log, else its metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ToldBy {
    Spans,
    AccessLog,
    Metrics,
}

impl ToldBy {
    pub fn name(self) -> &'static str {
        match self {
            Self::Spans => say!("spans"),
            Self::AccessLog => say!("access log"),
            Self::Metrics => say!("metrics"),
        }
    }
}

/// How parts of paths give way to what they have in common: the sign, and which parts it stands for.
pub const ROUTE_RULES: [(&str, &str); 5] = [
    ("{id}", key!("a number, or a word with at least three digits")),
    ("{uuid}", key!("a UUID")),
    ("{hash}", key!("at least eight hexadecimal digits, letters among them")),
    ("{date}", key!("a date: 2026-11-20")),
    ("…", key!("parts beyond the eighth")),
];
