//! How resources are used (Gregg's USE method): utilisation, saturation and errors of each service's CPU, memory, disks, pools and queues.

use crate::key;
use serde::{Deserialize, Serialize};

use crate::scope::Filter;
use crate::time::TimeRange;

/// What the metrics among the entries of a filter say of resources. Streams.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ResourcesAsk {
    pub filter: Filter,
    /// Spans of time of each course.
    pub n_spans: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Resources {
    /// Ordered by service, instance, resource and part.
    pub rows: Vec<ResourceRow>,
    /// By which rules figures are made of metrics, in the order in which they are tried.
    pub rules: Vec<ResourceRule>,
    /// What courses are over; `None` without any time.
    pub range: Option<TimeRange>,
    /// Data points that a rule asks for.
    pub n_points: u64,
    /// Of these, those that there was no room for.
    pub n_points_left_out: u64,
    /// Rows beyond those that are told.
    pub n_rows_left_out: u64,
    pub complete: bool,
}

/// A resource of one instance of a service, or one part of it: a device, a pool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResourceRow {
    pub service: String,
    /// The field that tells instances apart, and its value.
    pub instance: Option<(String, String)>,
    pub resource: Resource,
    /// Which device, volume, pool or queue, where there are several.
    pub part: String,
    /// Utilisation before saturation before errors, in the order of the rules.
    pub measures: Vec<Measure>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    /// Of [`Resources::rules`].
    pub rule: u32,
    pub sign: Sign,
    pub counted: Counted,
    /// The metric that is measured, as it calls itself.
    pub metric: String,
    /// The mean over the time; of errors how many there were.
    pub amount: f64,
    /// The highest of the course.
    pub most: f64,
    /// In spans of equal width over the range; `None` where nothing is known. Empty without any time.
    pub course: Vec<Option<f32>>,
    /// There is one scrape only: it is all since the process began.
    pub is_since_start: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceRule {
    pub resource: Resource,
    pub sign: Sign,
    pub counted: Counted,
    /// `1 - rate(node_cpu_seconds_total{mode="idle"})`
    pub formula: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    Cpu,
    Memory,
    Disk,
    Network,
    Files,
    Threads,
    Connections,
    Queue,
}

impl Resource {
    pub const ALL: [Self; 8] = [
        Self::Cpu,
        Self::Memory,
        Self::Disk,
        Self::Network,
        Self::Files,
        Self::Threads,
        Self::Connections,
        Self::Queue,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "CPU",
            Self::Memory => key!("memory"),
            Self::Disk => key!("disk"),
            Self::Network => key!("network"),
            Self::Files => key!("file descriptors"),
            Self::Threads => key!("threads"),
            Self::Connections => key!("connections"),
            Self::Queue => key!("queue"),
        }
    }
}

/// What a measure is a sign of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    /// How much of it is in use, or how much of the time.
    Utilisation,
    /// What had to wait for it, or was refused for want of it.
    Saturation,
    Errors,
}

impl Sign {
    pub const ALL: [Self; 3] = [Self::Utilisation, Self::Saturation, Self::Errors];
}

/// What a measure's numbers are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Of all there is, or of the time: 1 is all of it.
    #[default]
    Share,
    /// How many at once: requests in a queue, processes that wait.
    AtOnce,
    PerSecond,
    Seconds,
    /// How many there were.
    InAll,
}
