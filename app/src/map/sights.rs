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

/// From this scale on edges have room for their texts, and nodes for more than a name.
const EDGE_TEXTS: f64 = 0.5;
const NODE_FIGURES: f64 = 0.75;
/// More figures at once are not read.
const MOST_FIGURES: usize = 150;
const MOST_NAMES: usize = 60;
/// Of a character of a name on screen, in pixels, and of a line.
const CHARACTER: f64 = 7.5;
/// Between a name and the next, of which a part is their outline.
const BETWEEN_NAMES: f64 = 4.0;
const LINE: f64 = 18.0;
/// No text is smaller on screen.
const LEAST_TEXT: f64 = 11.0;
/// Of a node's name in its own size; a character is so much as wide as high. Beside the name nodes have this for their outline.
const NAME_PIXELS: f64 = 14.0;
const NARROW: f64 = 0.58;
const OUTLINE: f64 = 10.0;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// Nodes are too small for their texts.
    pub is_far: bool,
    /// Nodes whose names stand on the map in the size of the screen, since they are too small themselves.
    pub names: Vec<usize>,
    /// Nodes have room for their name alone.
    pub is_small: bool,
    /// Characters of its name that a node has room for.
    pub name_chars: usize,
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
            Self::Figures => say!("Zoom in, or point at an edge, for its number of calls"),
        }
    }
}

/// `size`: of the frame. `chosen`: the node whose name, and those of its neighbours, come before others.
pub fn in_sight(drawing: &Drawing, sight: Sight, size: (f64, f64), chosen: Option<usize>) -> Seen {
    let topology = &drawing.topology;
    let is_far = is_far(sight.zoom);
    let on_screen = |x: f32, y: f32| (f64::from(x) * sight.zoom + sight.x, f64::from(y) * sight.zoom + sight.y);
    let is_inside = |(x, y): (f64, f64)| x > -80.0 && y > -40.0 && x < size.0 + 80.0 && y < size.1 + 40.0;
    let text_scale = 1.0 / sight.zoom;
    let name_pixels = NAME_PIXELS.max(LEAST_TEXT * text_scale);
    let name_chars = ((f64::from(draw::NODE_WIDTH) - OUTLINE) / (name_pixels * NARROW)) as usize;
    let mut seen = Seen {
        is_far,
        is_small: sight.zoom < NODE_FIGURES,
        name_chars: if is_far { draw::MOST_CHARS } else { name_chars.min(draw::MOST_CHARS) },
        text_scale,
        ..Seen::default()
    };
    let places = &topology.layout.places;
    let middle = |at: usize| on_screen(places[at].x + draw::NODE_WIDTH / 2.0, places[at].y + draw::NODE_HEIGHT / 2.0);
    if sight.zoom >= EDGE_TEXTS {
        let box_of = |at: usize| {
            let (x, y) = middle(at);
            Room {
                x,
                y,
                wide: f64::from(draw::NODE_WIDTH) * sight.zoom,
                high: f64::from(draw::NODE_HEIGHT) * sight.zoom,
            }
        };
        let boxes = (0..places.len()).filter(|&at| is_inside(middle(at))).map(box_of).collect();
        let large = sight.zoom.max(1.0);
        let room_of = |at: usize| {
            let place = drawing.figures_at(at)?;
            let (x, y) = on_screen(place.x, place.y);
            if !is_inside((x, y)) {
                return None;
            }
            let (wide, high) = draw::label_room(&drawing.figures(at, None)?);
            Some((at, Room { x, y, wide: f64::from(wide) * large, high: f64::from(high) * large }))
        };
        let rooms: Vec<_> = (0..topology.edges.len()).filter_map(room_of).collect();
        let n_inside = rooms.len();
        seen.figures = without_overlap(rooms.into_iter(), MOST_FIGURES, boxes);
        if seen.figures.len() < n_inside {
            seen.hidden = Some(Hidden::Figures);
        }
    } else {
        seen.hidden = Some(Hidden::Figures);
    }
    if is_far {
        let mut near = vec![false; places.len().max(topology.nodes.len())];
        for ends in topology.edges.iter().map(|edge| [edge.from as usize, edge.to as usize]) {
            if chosen.is_some_and(|chosen| ends.contains(&chosen)) {
                ends.into_iter().for_each(|end| near[end] = true);
            }
        }
        let mut nodes: Vec<usize> = (0..topology.nodes.len()).filter(|&at| at < places.len()).collect();
        nodes.sort_by_key(|&at| {
            let first = (Some(at) == chosen, near[at], drawing.called[at].0, topology.nodes[at].n_entries);
            std::cmp::Reverse(first)
        });
        let n_nodes = nodes.len();
        let room_of = |at: usize| {
            let ((x, y), n_chars) =
                (middle(at), draw::shortened(&topology.nodes[at].name, draw::MOST_CHARS).chars().count());
            (at, Room { x, y, wide: n_chars as f64 * CHARACTER + BETWEEN_NAMES, high: LINE })
        };
        let inside = nodes.into_iter().filter(|&at| is_inside(middle(at))).map(room_of);
        seen.names = without_overlap(inside, MOST_NAMES, Vec::new());
        seen.hidden = Some(if seen.names.len() == n_nodes { Hidden::Figures } else { Hidden::NamesAndFigures });
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

impl Room {
    fn lies_on(&self, other: &Self) -> bool {
        (self.x - other.x).abs() < (self.wide + other.wide) / 2.0
            && (self.y - other.y).abs() < (self.high + other.high) / 2.0
    }
}

/// The first ones, none of which lies on another or on what is there already.
fn without_overlap(from: impl Iterator<Item = (usize, Room)>, most: usize, mut taken: Vec<Room>) -> Vec<usize> {
    let mut kept = Vec::new();
    for (one, own) in from {
        if kept.len() < most && !taken.iter().any(|other| own.lies_on(other)) {
            kept.push(one);
            taken.push(own);
        }
    }
    kept
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
            named_by: Vec::new(),
        };
        let edge = |at: usize| Edge {
            from: at as u32,
            to: at as u32 + 1,
            calls: at as u64 + 1,
            n_errors: 0,
            durations: None,
            methods: Vec::new(),
            confidence: 1.0,
            course: Vec::new(),
            evidence: Vec::new(),
        };
        let places: Vec<Place> =
            (0..n_nodes).map(|at| Place { x: at as f32 % 2.0 * 250.0, y: at as f32 * 90.0 }).collect();
        let ways: Vec<_> = places.windows(2).map(<[Place]>::to_vec).collect();
        let between = |way: &Vec<Place>| Some(Place { x: 207.0, y: (way[0].y + way[1].y) / 2.0 + 27.0 });
        let figures = ways.iter().map(between).collect();
        Drawing::new(Arc::new(Topology {
            nodes: (0..n_nodes).map(node).collect(),
            edges: (1..n_nodes).map(|at| edge(at - 1)).collect(),
            layout: Layout { places, ways, figures, ..Layout::default() },
            ..Topology::default()
        }))
    }

    const FRAME: (f64, f64) = (1000.0, 600.0);

    #[test]
    fn of_many_in_little_room_the_most_called_are_named_and_it_is_said() {
        let seen = in_sight(&chain(200), Sight { zoom: 0.03, x: 0.0, y: 0.0 }, FRAME, None);
        assert!(seen.is_far && (5..=MOST_NAMES).contains(&seen.names.len()), "{seen:?}");
        assert!(seen.names.contains(&199), "it is called most");
        assert_eq!((seen.hidden, seen.figures.len()), (Some(Hidden::NamesAndFigures), 0));
    }

    #[test]
    fn nearby_what_is_in_the_frame_has_its_figures() {
        let seen = in_sight(&chain(200), Sight { zoom: 1.0, x: 0.0, y: -9000.0 }, FRAME, None);
        assert!(!seen.is_far && seen.hidden.is_none() && (5..10).contains(&seen.figures.len()), "{seen:?}");
        assert!(seen.figures.iter().all(|&at| (98..108).contains(&at)), "{seen:?}");
    }

    #[test]
    fn a_small_map_hides_nothing() {
        let seen = in_sight(&chain(5), Sight { zoom: 0.9, x: 0.0, y: 0.0 }, FRAME, None);
        assert_eq!((seen.figures.len(), seen.hidden), (4, None));
    }
    #[test]
    fn from_afar_the_chosen_one_and_its_neighbours_are_named_first() {
        let seen = in_sight(&chain(200), Sight { zoom: 0.3, x: 0.0, y: 0.0 }, FRAME, Some(10));
        assert_eq!(seen.names[..3], [10, 11, 9]);
    }

    #[test]
    fn smaller_nodes_have_room_for_less_of_a_name_in_a_text_that_can_be_read() {
        let chars = |zoom| in_sight(&chain(5), Sight { zoom, x: 0.0, y: 0.0 }, FRAME, None).name_chars;
        assert_eq!((chars(1.0), chars(0.5)), (17, 12));
    }
}
