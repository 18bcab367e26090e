//! A topology with what drawing it needs of each node and edge, worked out once.

use std::sync::Arc;

use model::topology::{Place, Topology};

use super::draw;

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
    /// What stands on each edge.
    pub figures: Vec<String>,
    pub most_calls: u64,
    /// By how much edges are thinner than those of a small map.
    pub thinned: f32,
    /// Left, top, right and bottom of each edge.
    pub bounds: Vec<[f32; 4]>,
    /// Points along each edge, near enough to each other for straight lines.
    traces: Vec<Vec<(f32, f32)>>,
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
        let traces: Vec<_> = topology.layout.ways.iter().map(|way| draw::along(way)).collect();
        Arc::new(Self {
            thinned: (60.0 / topology.edges.len().max(1) as f32).sqrt().clamp(0.25, 1.0),
            bounds: traces.iter().map(|trace| around(trace)).collect(),
            extent: draw::extent(&topology),
            called: figures.iter().map(|figures| (figures.calls, figures.n_errors)).collect(),
            labels,
            figures: topology.edges.iter().map(draw::edge_label).collect(),
            most_calls: topology.edges.iter().map(|edge| edge.calls).max().unwrap_or_default(),
            traces,
            topology,
        })
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

    /// The edge that is nearest to a point of the map, no further than `near`. Cost: a look at every edge's points.
    pub fn edge_near(&self, point: (f32, f32), near: f32) -> Option<usize> {
        let may_be_near = |[left, top, right, bottom]: &[f32; 4]| {
            (left - near..=right + near).contains(&point.0) && (top - near..=bottom + near).contains(&point.1)
        };
        let candidates =
            self.traces.iter().zip(&self.bounds).enumerate().filter(|(_, (_, bounds))| may_be_near(bounds));
        let distances = candidates.map(|(at, (trace, _))| (at, distance(point, trace)));
        let nearest = distances.min_by(|a, b| a.1.total_cmp(&b.1))?;
        (nearest.1 <= near).then_some(nearest.0)
    }
}

fn around(trace: &[(f32, f32)]) -> [f32; 4] {
    let far = f32::INFINITY;
    trace.iter().fold([far, far, -far, -far], |[left, top, right, bottom], &(x, y)| {
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
    use model::topology::Layout;

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
}
