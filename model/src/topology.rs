//! Which service calls which: nodes, edges, and what is known of each.

use crate::{key, say};
use serde::{Deserialize, Serialize};

use crate::entry::RowKey;
use crate::scope::Filter;
use crate::time::Nanos;

/// Who calls whom among the entries that the filter finds. Streams.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TopologyAsk {
    pub filter: Filter,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Topology {
    /// Ordered by name.
    pub nodes: Vec<Node>,
    /// The most certain first.
    pub edges: Vec<Edge>,
    pub n_entries: u64,
    /// Traces and requests that entries were joined by.
    pub n_traces: u64,
    /// Calls are found in one trace of so many: more are not kept in memory.
    pub one_trace_of: u64,
    /// Ids that are not what their format says.
    pub n_malformed_ids: u64,
    /// All entries of the scope were looked at.
    pub complete: bool,
    /// What the courses of edges are over; `None`: when calls were is not known, or it was all at once.
    pub spans: Option<Spans>,
    /// Where it is drawn.
    pub layout: Layout,
}

/// Spans of time of equal width, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spans {
    pub start: Nanos,
    /// Width of each.
    pub nanos: i64,
    pub n: u32,
}

/// Where so many nodes and what is between them are best drawn.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LayoutAsk {
    pub n_nodes: u32,
    pub arrows: Vec<Arrow>,
    pub picture: Picture,
}

/// How a topology is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Picture {
    /// Callers left of whom they call.
    #[default]
    Layers,
    /// Who call each other near each other.
    Forces,
}

/// What a layout has to know of an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Arrow {
    /// Numbers of nodes.
    pub from: u32,
    pub to: u32,
    pub calls: u64,
    pub n_errors: u64,
}

impl Topology {
    /// Calls in a second, over the time in which there were any of any edge. `None`: when they were is not known.
    pub fn calls_per_second(&self, edge: &Edge) -> Option<f64> {
        let Spans { nanos, n, .. } = self.spans?;
        let seconds = nanos as f64 * f64::from(n) / 1e9;
        let calls: u64 = edge.course.iter().map(|&(calls, _)| u64::from(calls)).sum();
        (calls > 0 && seconds > 0.0).then(|| calls as f64 / seconds)
    }

    pub fn to_lay_out(&self, picture: Picture) -> LayoutAsk {
        let arrow = |&Edge { from, to, calls, n_errors, .. }: &Edge| Arrow { from, to, calls, n_errors };
        LayoutAsk { n_nodes: self.nodes.len() as u32, arrows: self.edges.iter().map(arrow).collect(), picture }
    }
}

/// Of a node where it is drawn.
pub const NODE_WIDTH: f32 = 164.0;
pub const NODE_HEIGHT: f32 = 54.0;

/// Where all of it is drawn, in pixels.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Layout {
    /// The upper left corner of each node.
    pub places: Vec<Place>,
    /// Of each edge the points that [curves](curve) join, from the side of the one node to the side of the other.
    pub ways: Vec<Vec<Place>>,
    /// Of each edge the middle of its figures, where there is room for them.
    pub figures: Vec<Option<Place>>,
    pub picture: Picture,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Place {
    pub x: f32,
    pub y: f32,
}

/// Cubic: a start, the two points that draw it, and an end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Curve(pub [Place; 4]);

/// What joins two points of an edge's way. Between layers it is level at both ends; between two nodes above each other it stands out on the right.
pub fn curve(from: Place, to: Place, picture: Picture) -> Curve {
    const OUT: f32 = 56.0;
    if picture == Picture::Forces {
        let at = |share: f32| Place { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
        return Curve([from, at(1.0 / 3.0), at(2.0 / 3.0), to]);
    }
    let x = if from.x == to.x { from.x + OUT } else { (from.x + to.x) / 2.0 };
    Curve([from, Place { x, y: from.y }, Place { x, y: to.y }, to])
}

impl Curve {
    /// `t` from 0 to 1.
    pub fn at(&self, t: f32) -> Place {
        let shares = [(1.0 - t).powi(3), 3.0 * t * (1.0 - t).powi(2), 3.0 * t * t * (1.0 - t), t.powi(3)];
        let sum = |of: fn(&Place) -> f32| self.0.iter().zip(shares).map(|(point, share)| share * of(point)).sum();
        Place { x: sum(|point| point.x), y: sum(|point| point.y) }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    pub name: String,
    pub kind: NodeKind,
    /// What entries call it where that is not its name, and the rule that knew.
    pub aliases: Vec<Alias>,
    /// Zero: others name it, it has said nothing itself.
    pub n_entries: u64,
    pub n_errors: u64,
    /// Attributes by which spans name what is no service, as their fields are called, with their values: `attributes.db.system`, `mysql`.
    pub named_by: Vec<(String, String)>,
}

/// Attributes of spans that [name](Node::named_by) what is no service.
pub const NAMING_ATTRIBUTES: [&str; 12] = [
    "messaging.destination.name",
    "messaging.destination",
    "kafka.topic",
    "rabbit.queue",
    "messaging.system",
    "db.namespace",
    "db.name",
    "db.system.name",
    "db.system",
    "peer.service",
    "server.address",
    "net.peer.name",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum NodeKind {
    Service,
    Database,
    Queue,
    /// Of somebody else, or known by its address only.
    Host,
}

impl NodeKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Service => key!("service"),
            Self::Database => key!("database"),
            Self::Queue => key!("queue"),
            Self::Host => key!("host"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Alias {
    pub name: String,
    /// `pod of a deployment`.
    pub rule: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edge {
    /// Indices into [`Topology::nodes`].
    pub from: u32,
    pub to: u32,
    pub calls: u64,
    pub n_errors: u64,
    /// Of the calls whose duration is known, in nanoseconds.
    pub durations: Option<Durations>,
    /// Every way it was found by, the most certain first, with the number of calls each found.
    pub methods: Vec<(Method, u64)>,
    /// 0 to 1.
    pub confidence: f32,
    /// Calls, and errors among them, in each of [`Topology::spans`].
    pub course: Vec<(u32, u32)>,
    /// Entries that show it, the earliest first: a few, some of them of calls that failed.
    pub evidence: Vec<RowKey>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Durations {
    pub p50: i64,
    pub p95: i64,
    pub p99: i64,
}

/// How an edge was found, the most certain way first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Method {
    /// A span of one service is the parent of one of the other, or linked to by it.
    Spans,
    /// A log entry names the span that called.
    ParentId,
    /// A log entry or span names the other side.
    Named,
    /// One publishes to a topic that the other reads.
    Topic,
    /// Within a trace, all that one says lies between two entries of the other.
    Within,
    /// Both wrote the same request line at the same time.
    SameRequest,
    /// Within a trace, one follows the other's end.
    After,
    /// One begins its requests at the very times at which the other has requests without an id.
    Together,
}

impl Method {
    /// A few words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Spans => say!("spans"),
            Self::ParentId => say!("parent span id in logs"),
            Self::Named => say!("named in entries"),
            Self::Topic => say!("same topic"),
            Self::Within => say!("within the caller's entries of a trace"),
            Self::SameRequest => say!("same request line"),
            Self::After => say!("after the caller's entries of a trace"),
            Self::Together => say!("at the same times, and nothing more"),
        }
    }

    /// It says so itself; the others are inferred.
    pub fn is_said(self) -> bool {
        self <= Self::Topic
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_over_the_time_that_all_calls_are_of() {
        let edge = |course: Vec<(u32, u32)>| Edge {
            from: 0,
            to: 1,
            calls: 30,
            n_errors: 0,
            durations: None,
            methods: vec![(Method::Spans, 30)],
            confidence: 1.0,
            course,
            evidence: Vec::new(),
        };
        let spans = Some(Spans { start: Nanos(0), nanos: 5_000_000_000, n: 4 });
        let topology = Topology { spans, ..Topology::default() };
        assert_eq!(topology.calls_per_second(&edge(vec![(20, 0), (0, 0), (0, 0), (10, 3)])), Some(1.5));
        assert_eq!(topology.calls_per_second(&edge(vec![(0, 0); 4])), None);
        assert_eq!(Topology::default().calls_per_second(&edge(Vec::new())), None);
    }
}
