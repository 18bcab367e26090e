//! Where the figures of edges stand: each on its own edge, on no node and on no other figures, and where few other edges pass.

use std::collections::BTreeMap;

use model::topology::{Arrow, LayoutAsk, NODE_HEIGHT, NODE_WIDTH, Picture, Place, curve};

use super::MOST_FIGURES;

/// Of a character of figures and around all of them, in pixels.
const CHARACTER: f32 = 6.1;
const AROUND: f32 = 10.0;
const HIGH: f32 = 16.0;
/// Between figures, and to the nodes.
const APART: f32 = 3.0;
/// Where on a curve figures may stand. Nearer to its end those that begin at one node have parted.
const STEPS: [f32; 11] = [0.6, 0.66, 0.54, 0.72, 0.48, 0.78, 0.42, 0.36, 0.3, 0.84, 0.24];
/// Cells of the table of what passes where.
const CELL: f32 = 24.0;
/// Points of a curve in that table.
const N_POINTS: u8 = 16;

/// Width and height of what is written on an edge: its calls, and the share that failed.
pub fn room_of(edge: &Arrow) -> (f32, f32) {
    let n_digits = edge.calls.max(1).ilog10() + 1;
    let n_chars = n_digits + (n_digits - 1) / 3 + if edge.n_errors > 0 { 8 } else { 0 };
    (n_chars as f32 * CHARACTER + AROUND, HIGH)
}

/// Edges whose figures are placed in one step.
const STEP_EDGES: usize = 40;

/// Where figures stand, while that is looked for.
pub struct Figures {
    passing: Passing,
    /// Middles of the figures of each edge; `None`: there is no room.
    found: Vec<Option<Place>>,
    taken: Vec<Room>,
    /// Edges that are left, the next one last.
    left: Vec<usize>,
}

impl Figures {
    /// `ways`: of the edges.
    pub fn new(asked: &LayoutAsk, places: &[Place], ways: &[Vec<Place>]) -> Self {
        if ways.len() > MOST_FIGURES {
            let at_once = |way: &Vec<Place>| Some(curve(*way.first()?, *way.get(1)?, asked.picture).at(STEPS[0]));
            let found = ways.iter().map(at_once).collect();
            return Self { passing: Passing(BTreeMap::new()), found, taken: Vec::new(), left: Vec::new() };
        }
        let of_node = |place: &Place| Room {
            middle: Place { x: place.x + NODE_WIDTH / 2.0, y: place.y + NODE_HEIGHT / 2.0 },
            wide: NODE_WIDTH,
            high: NODE_HEIGHT,
        };
        // Those with the fewest places to choose from first, then what is called most.
        let mut left: Vec<usize> = (0..ways.len()).collect();
        left.sort_by_key(|&at| std::cmp::Reverse((ways[at].len(), std::cmp::Reverse(asked.arrows[at].calls), at)));
        Self {
            passing: Passing::new(ways, asked.picture),
            found: vec![None; ways.len()],
            taken: places.iter().map(of_node).collect(),
            left,
        }
    }

    /// Places a few more; once none are left, the middles of all.
    pub fn step(&mut self, asked: &LayoutAsk, ways: &[Vec<Place>]) -> Option<Vec<Option<Place>>> {
        for _ in 0..STEP_EDGES {
            let Some(at) = self.left.pop() else { return Some(std::mem::take(&mut self.found)) };
            if let Some(room) = self.room_for(at, asked, &ways[at]) {
                self.found[at] = Some(room.middle);
                self.taken.push(room);
            }
        }
        None
    }

    fn room_for(&self, at: usize, asked: &LayoutAsk, way: &[Place]) -> Option<Room> {
        let (wide, high) = room_of(&asked.arrows[at]);
        let mut best: Option<(usize, Room)> = None;
        for (nth, middle) in places_on(way, asked.picture).enumerate() {
            let room = Room { middle, wide, high };
            if self.taken.iter().any(|other| room.touches(other)) {
                continue;
            }
            // An edge that passes behind is worse than a place further off.
            let cost = self.passing.n_within(&room, at) * STEPS.len() + nth;
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, room));
            }
        }
        best.map(|(_, room)| room)
    }
}

/// The places on a way, the best ones first.
fn places_on(way: &[Place], picture: Picture) -> impl Iterator<Item = Place> + '_ {
    STEPS.iter().flat_map(move |&step| way.windows(2).map(move |part| curve(part[0], part[1], picture).at(step)))
}

/// Around its middle.
struct Room {
    middle: Place,
    wide: f32,
    high: f32,
}

impl Room {
    fn touches(&self, other: &Self) -> bool {
        (self.middle.x - other.middle.x).abs() < (self.wide + other.wide) / 2.0 + APART
            && (self.middle.y - other.middle.y).abs() < (self.high + other.high) / 2.0 + APART
    }

    fn has(&self, point: Place) -> bool {
        (self.middle.x - point.x).abs() < self.wide / 2.0 && (self.middle.y - point.y).abs() < self.high / 2.0
    }
}

/// Points of all edges by where they are.
struct Passing(BTreeMap<(i32, i32), Vec<(usize, Place)>>);

fn cell_of(at: f32) -> i32 {
    (at / CELL).floor() as i32
}

impl Passing {
    fn new(ways: &[Vec<Place>], picture: Picture) -> Self {
        let mut cells: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (at, way) in ways.iter().enumerate() {
            for part in way.windows(2) {
                let curve = curve(part[0], part[1], picture);
                for step in 0..=N_POINTS {
                    let point = curve.at(f32::from(step) / f32::from(N_POINTS));
                    cells.entry((cell_of(point.x), cell_of(point.y))).or_default().push((at, point));
                }
            }
        }
        Self(cells)
    }

    /// Other edges that pass a room.
    fn n_within(&self, room: &Room, own: usize) -> usize {
        let Room { middle, wide, high } = room;
        let mut others: Vec<usize> = Vec::new();
        for column in cell_of(middle.x - wide / 2.0)..=cell_of(middle.x + wide / 2.0) {
            let rows = (column, cell_of(middle.y - high / 2.0))..=(column, cell_of(middle.y + high / 2.0));
            for (at, point) in self.0.range(rows).flat_map(|(_, points)| points) {
                if *at != own && room.has(*point) && !others.contains(at) {
                    others.push(*at);
                }
            }
        }
        others.len()
    }
}
