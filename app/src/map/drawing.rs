//! A topology with what drawing it needs of each node and edge, worked out once.

use std::sync::Arc;

use model::topology::{Edge, Place, Topology};
use model::{counted, say};

use super::draw;
use super::replay::Window;

/// Below this scale nodes are too small for their texts.
const TEXT_ZOOM: f64 = 0.42;
/// More edges are painted as pixels.
const MANY_EDGES: usize = 300;

pub fn is_far(zoom: f64) -> bool {
    zoom < TEXT_ZOOM
}

pub struct Drawing {
    pub topology: Arc<Topology>,
    /// Left, top, width and height of all of it.
    pub extent: (f32, f32, f32, f32),
    /// Calls that each node got, and how many of them failed.
    pub called: Vec<(u64, u64)>,
    /// The line below each node's name.
    pub labels: Vec<String>,
    pub most_calls: u64,
    /// By how much edges are thinner than those of a small map.
    pub thinned: f32,
    /// Left, top, right and bottom that no edge reaches beyond.
    pub bounds: Vec<[f32; 4]>,
}

/// A map as of a window of time; in the order of its nodes and edges.
#[derive(PartialEq)]
pub struct Then {
    /// Calls of each edge, and errors among them.
    pub counted: Vec<(u64, u64)>,
    /// The same of each node that was called.
    pub called: Vec<(u64, u64)>,
    /// Nodes that neither called nor were called.
    pub is_silent: Vec<bool>,
    pub labels: Vec<String>,
    pub most_calls: u64,
}

impl PartialEq for Drawing {
    /// The same picture.
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (&self.topology, &other.topology);
        a.nodes == b.nodes && a.edges == b.edges && a.layout == b.layout
    }
}

impl Drawing {
    pub fn new(topology: Arc<Topology>) -> Arc<Self> {
        let figures = draw::figures(&topology);
        let labels =
            topology.nodes.iter().zip(&figures).map(|(node, figures)| draw::node_label(node, figures)).collect();
        let picture = topology.layout.picture;
        let bounds_of = |way: &Vec<Place>| {
            around(draw::curves(way, picture).iter().flat_map(|curve| curve.0).map(|Place { x, y }| (x, y)))
        };
        Arc::new(Self {
            thinned: (60.0 / topology.edges.len().max(1) as f32).sqrt().clamp(0.25, 1.0),
            bounds: topology.layout.ways.iter().map(bounds_of).collect(),
            extent: draw::extent(&topology),
            called: figures.iter().map(|figures| (figures.calls, figures.n_errors)).collect(),
            labels,
            most_calls: topology.edges.iter().map(|edge| edge.calls).max().unwrap_or_default(),
            topology,
        })
    }

    /// What it says of a window of time.
    pub fn then(&self, window: Window) -> Then {
        let edges = &self.topology.edges;
        let counted: Vec<(u64, u64)> = edges.iter().map(|edge| window.counted(&edge.course)).collect();
        let mut called = vec![(0, 0); self.called.len()];
        let mut is_silent = vec![true; self.called.len()];
        for (edge, &(calls, n_errors)) in edges.iter().zip(&counted) {
            let of_node = &mut called[edge.to as usize];
            *of_node = (of_node.0 + calls, of_node.1 + n_errors);
            if calls > 0 {
                is_silent[edge.from as usize] = false;
                is_silent[edge.to as usize] = false;
            }
        }
        let node_label = |&(calls, n_errors): &(u64, u64)| match (calls, n_errors) {
            (0, _) => String::new(),
            (calls, 0) => counted!(calls, "call", "calls"),
            (calls, n) => {
                format!("{} · {}", counted!(calls, "call", "calls"), say!("{share} failed", draw::share(n, calls)))
            }
        };
        Then {
            labels: called.iter().map(node_label).collect(),
            most_calls: counted.iter().map(|count| count.0).max().unwrap_or_default(),
            counted,
            called,
            is_silent,
        }
    }

    pub fn is_large(&self) -> bool {
        self.topology.edges.len() > MANY_EDGES
    }

    /// Where the figures of an edge stand; `None`: there is no room.
    pub fn figures_at(&self, edge: usize) -> Option<Place> {
        self.topology.layout.figures.get(edge).copied().flatten()
    }

    /// The corner of a node.
    pub fn place_of(&self, name: &str) -> Option<Place> {
        let at = self.topology.nodes.iter().position(|node| node.name == name)?;
        self.topology.layout.places.get(at).copied()
    }

    /// What stands on an edge.
    pub fn figures(&self, edge: usize, then: Option<&Then>) -> Option<String> {
        let of_edge = |edge: &Edge| (edge.calls, edge.n_errors);
        let counted = match then {
            Some(then) => then.counted.get(edge).copied(),
            None => self.topology.edges.get(edge).map(of_edge),
        };
        counted.map(|(calls, n_errors)| draw::calls_label(calls, n_errors))
    }

    /// The edge that is nearest to a point of the map, no further than `near`. Cost: a look at every edge, and at the points of those near it.
    pub fn edge_near(&self, point: (f32, f32), near: f32) -> Option<usize> {
        let may_be_near = |[left, top, right, bottom]: [f32; 4]| {
            (left - near..=right + near).contains(&point.0) && (top - near..=bottom + near).contains(&point.1)
        };
        let layout = &self.topology.layout;
        let distance_to = |(at, way): (usize, &Vec<Place>)| {
            let curves = draw::curves(way, layout.picture).into_iter();
            let near = curves.filter(|curve| may_be_near(around(curve.0.into_iter().map(|Place { x, y }| (x, y)))));
            let nearest = near.map(|curve| distance(point, &draw::along(&curve))).fold(f32::INFINITY, f32::min);
            (at, nearest)
        };
        let candidates = layout.ways.iter().enumerate().filter(|(at, _)| may_be_near(self.bounds[*at]));
        let nearest = candidates.map(distance_to).min_by(|a, b| a.1.total_cmp(&b.1))?;
        (nearest.1 <= near).then_some(nearest.0)
    }
}

/// Of points left, top, right and bottom.
fn around(points: impl Iterator<Item = (f32, f32)>) -> [f32; 4] {
    let far = f32::INFINITY;
    points.fold([far, far, -far, -far], |[left, top, right, bottom], (x, y)| {
        [left.min(x), top.min(y), right.max(x), bottom.max(y)]
    })
}

/// From a point to a line of straight parts.
fn distance(point: (f32, f32), trace: &[(f32, f32)]) -> f32 {
    let to_part = |pair: &[(f32, f32)]| {
        let (from, to) = (pair[0], pair[1]);
        let along = (to.0 - from.0, to.1 - from.1);
        let length = along.0 * along.0 + along.1 * along.1;
        let share = if length > 0.0 {
            (((point.0 - from.0) * along.0 + (point.1 - from.1) * along.1) / length).clamp(0.0, 1.0)
        } else {
            0.0
        };
        (from.0 + along.0 * share - point.0).hypot(from.1 + along.1 * share - point.1)
    };
    trace.windows(2).map(to_part).fold(f32::INFINITY, f32::min)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::topology::{Layout, Node, NodeKind};

    #[test]
    fn a_point_near_a_curve_means_its_edge() {
        let start = Place { x: 164.0, y: 27.0 };
        let (far, near) = (Place { x: 250.0, y: 327.0 }, Place { x: 250.0, y: 27.0 });
        let ways = vec![vec![start, far], vec![start, near]];
        let topology = Topology { layout: Layout { ways, ..Layout::default() }, ..Topology::default() };
        let drawing = Drawing::new(Arc::new(topology));
        assert_eq!(drawing.edge_near((205.0, 30.0), 7.0), Some(1));
        assert_eq!(drawing.edge_near((203.0, 177.0), 7.0), Some(0));
        assert_eq!(drawing.edge_near((205.0, 90.0), 7.0), None);
    }
    #[test]
    fn at_another_time_other_services_call() {
        let node = |name: &str| Node {
            name: name.to_owned(),
            kind: NodeKind::Service,
            aliases: Vec::new(),
            n_entries: 1,
            n_errors: 0,
            named_by: Vec::new(),
        };
        let edge = |from, to, course| Edge {
            from,
            to,
            calls: 5,
            n_errors: 1,
            durations: None,
            methods: Vec::new(),
            confidence: 1.0,
            course,
            evidence: Vec::new(),
        };
        let drawing = Drawing::new(Arc::new(Topology {
            nodes: ["a", "b", "c"].map(node).to_vec(),
            edges: vec![edge(0, 1, vec![(4, 1), (1, 0)]), edge(0, 2, vec![(0, 0), (5, 1)])],
            ..Topology::default()
        }));
        let then = drawing.then(Window { first: 0, n: 1 });
        assert_eq!(then.labels, ["", "4 calls · 25 % failed", ""]);
        assert_eq!(drawing.figures(0, Some(&then)).as_deref(), Some("4 · 25 %"));
        assert_eq!((then.is_silent, then.most_calls), (vec![false, false, true], 4));
    }
}
