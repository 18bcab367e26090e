//! What of a map can be read where it is looked at: names and figures that have room on screen, and what is left out.

use model::say;

use super::draw;
use super::drawing::{Drawing, is_far};

/// What of the map is in sight: its scale, and how far it is moved, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sight {
    pub zoom: f64,
    pub x: f64,
    pub y: f64,
}

/// From this scale on the texts of edges are large enough to be read.
const EDGE_TEXTS: f64 = 0.6;
/// So few edges have their figures at any scale.
const FEW_EDGES: usize = 60;
/// More figures at once are not read.
const MOST_FIGURES: usize = 150;
const MOST_NAMES: usize = 60;
/// Of a character of a name on screen, in pixels, and of a line.
const CHARACTER: f64 = 7.5;
const LINE: f64 = 18.0;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// Nodes are too small for their texts.
    pub is_far: bool,
    /// Nodes whose names stand on the map in the size of the screen, since they are too small themselves.
    pub names: Vec<usize>,
    /// What makes a text as large as it is on screen without the map.
    pub text_scale: f64,
    /// Edges whose figures are shown.
    pub figures: Vec<usize>,
    pub hidden: Option<Hidden>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hidden {
    NamesAndFigures,
    Figures,
}

impl Hidden {
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NamesAndFigures => {
                say!("Only the names of those called most, without figures: zoom in, or point at an edge")
            }
            Self::Figures => say!("Figures of calls from nearer on: zoom in, or point at an edge"),
        }
    }
}

/// `size`: of the frame.
pub fn in_sight(drawing: &Drawing, sight: Sight, size: (f64, f64)) -> Seen {
    let topology = &drawing.topology;
    let is_far = is_far(sight.zoom);
    let has_few = topology.edges.len() <= FEW_EDGES;
    let on_screen = |x: f32, y: f32| (f64::from(x) * sight.zoom + sight.x, f64::from(y) * sight.zoom + sight.y);
    let is_inside = |(x, y): (f64, f64)| x > -80.0 && y > -40.0 && x < size.0 + 80.0 && y < size.1 + 40.0;
    let mut seen = Seen { is_far, text_scale: 1.0 / sight.zoom, ..Seen::default() };
    if has_few {
        seen.figures = (0..topology.edges.len()).collect();
    } else if sight.zoom >= EDGE_TEXTS {
        let of_edge = |way: &[_]| {
            let at = draw::label_at(way);
            on_screen(at.x, at.y)
        };
        let inside = (0..topology.edges.len()).filter(|&at| is_inside(of_edge(&topology.layout.ways[at])));
        seen.figures = without_overlap(inside, MOST_FIGURES, |&at| {
            let (x, y) = of_edge(&topology.layout.ways[at]);
            Room { x, y, wide: 60.0 * sight.zoom, high: 12.0 * sight.zoom }
        });
    } else {
        seen.hidden = Some(Hidden::Figures);
    }
    if is_far {
        let places = &topology.layout.places;
        let mut nodes: Vec<usize> = (0..topology.nodes.len()).filter(|&at| at < places.len()).collect();
        nodes.sort_by_key(|&at| std::cmp::Reverse((drawing.called[at].0, topology.nodes[at].n_entries)));
        let middle =
            |at: usize| on_screen(places[at].x + draw::NODE_WIDTH / 2.0, places[at].y + draw::NODE_HEIGHT / 2.0);
        let n_nodes = nodes.len();
        let inside = nodes.into_iter().filter(|&at| is_inside(middle(at)));
        seen.names = without_overlap(inside, MOST_NAMES, |&at| {
            let ((x, y), n_chars) = (middle(at), draw::shortened(&topology.nodes[at].name).chars().count());
            Room { x, y, wide: n_chars as f64 * CHARACTER + 12.0, high: LINE }
        });
        seen.hidden =
            Some(if has_few || seen.names.len() == n_nodes { Hidden::Figures } else { Hidden::NamesAndFigures });
    }
    seen
}

/// Around its middle.
struct Room {
    x: f64,
    y: f64,
    wide: f64,
    high: f64,
}

/// The first ones, none of which lies on another.
fn without_overlap(from: impl Iterator<Item = usize>, most: usize, room: impl Fn(&usize) -> Room) -> Vec<usize> {
    let mut taken: Vec<(usize, Room)> = Vec::new();
    for one in from {
        let own = room(&one);
        let lies_on = |(_, other): &(usize, Room)| {
            (own.x - other.x).abs() < (own.wide + other.wide) / 2.0
                && (own.y - other.y).abs() < (own.high + other.high) / 2.0
        };
        if taken.len() < most && !taken.iter().any(lies_on) {
            taken.push((one, own));
        }
    }
    taken.into_iter().map(|(one, _)| one).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use model::topology::{Edge, Layout, Node, NodeKind, Place, Topology};

    /// So many services below each other, each calls the next.
    fn chain(n_nodes: usize) -> Arc<Drawing> {
        let node = |at| Node {
            name: format!("n{at}"),
            kind: NodeKind::Service,
            aliases: Vec::new(),
            n_entries: 1,
            n_errors: 0,
        };
        let edge = |at: usize| Edge {
            from: at as u32,
            to: at as u32 + 1,
            calls: at as u64 + 1,
            n_errors: 0,
            durations: None,
            methods: Vec::new(),
            confidence: 1.0,
            evidence: Vec::new(),
        };
        let places: Vec<Place> =
            (0..n_nodes).map(|at| Place { x: at as f32 % 2.0 * 250.0, y: at as f32 * 90.0 }).collect();
        let ways = places.windows(2).map(<[Place]>::to_vec).collect();
        Drawing::new(Arc::new(Topology {
            nodes: (0..n_nodes).map(node).collect(),
            edges: (1..n_nodes).map(|at| edge(at - 1)).collect(),
            layout: Layout { places, ways },
            ..Topology::default()
        }))
    }

    const FRAME: (f64, f64) = (1000.0, 600.0);

    #[test]
    fn of_many_in_little_room_the_most_called_are_named_and_it_is_said() {
        let seen = in_sight(&chain(200), Sight { zoom: 0.03, x: 0.0, y: 0.0 }, FRAME);
        assert!(seen.is_far && (5..=MOST_NAMES).contains(&seen.names.len()), "{seen:?}");
        assert!(seen.names.contains(&199), "it is called most");
        assert_eq!((seen.hidden, seen.figures.len()), (Some(Hidden::NamesAndFigures), 0));
    }

    #[test]
    fn nearby_what_is_in_the_frame_has_its_figures() {
        let seen = in_sight(&chain(200), Sight { zoom: 1.0, x: 0.0, y: -9000.0 }, FRAME);
        assert!(!seen.is_far && seen.hidden.is_none() && (5..10).contains(&seen.figures.len()), "{seen:?}");
        assert!(seen.figures.iter().all(|&at| (98..108).contains(&at)), "{seen:?}");
    }

    #[test]
    fn a_small_map_hides_nothing() {
        let seen = in_sight(&chain(5), Sight { zoom: 0.9, x: 0.0, y: 0.0 }, FRAME);
        assert_eq!((seen.figures.len(), seen.hidden), (4, None));
    }
}
