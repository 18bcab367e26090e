//! What every view of the page shares: which entries, in which order, in which zone, and which one is selected.

use serde::{Deserialize, Serialize};

use crate::entry::RowKey;
use crate::time::TimeRange;

/// Which entries, in which order; the part of a scope that the data thread needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Filter {
    /// Query text as typed.
    pub query: String,
    pub range: Option<TimeRange>,
    pub order: Order,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Order {
    #[default]
    OldestFirst,
    NewestFirst,
}

/// The whole scope; mirrored in the URL hash.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    pub filter: Filter,
    /// Name of the zone that times are shown in; empty means the workspace's.
    pub zone: String,
    pub selected: Option<RowKey>,
}
