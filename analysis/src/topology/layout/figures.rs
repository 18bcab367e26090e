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

/// Middles of the figures of each edge; `None`: there is no room. `ways`: of the edges.
pub fn figures(asked: &LayoutAsk, places: &[Place], ways: &[Vec<Place>]) -> Vec<Option<Place>> {
    if ways.len() > MOST_FIGURES {
        return ways.iter().map(|way| Some(curve(*way.first()?, *way.get(1)?, asked.picture).at(STEPS[0]))).collect();
    }
    let passing = Passing::new(ways, asked.picture);
    let mut found = vec![None; ways.len()];
    let mut taken: Vec<Room> = places
        .iter()
        .map(|place| Room {
            middle: Place { x: place.x + NODE_WIDTH / 2.0, y: place.y + NODE_HEIGHT / 2.0 },
            wide: NODE_WIDTH,
            high: NODE_HEIGHT,
        })
        .collect();
    // Those with the fewest places to choose from first, then what is called most.
    let mut order: Vec<usize> = (0..ways.len()).collect();
    order.sort_by_key(|&at| (ways[at].len(), std::cmp::Reverse(asked.arrows[at].calls), at));
    for at in order {
        let (wide, high) = room_of(&asked.arrows[at]);
        let mut best: Option<(usize, Room)> = None;
        for (nth, middle) in places_on(&ways[at], asked.picture).enumerate() {
            let room = Room { middle, wide, high };
            if taken.iter().any(|other| room.touches(other)) {
                continue;
            }
            // An edge that passes behind is worse than a place further off.
            let cost = passing.n_within(&room, at) * STEPS.len() + nth;
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, room));
            }
        }
        if let Some((_, room)) = best {
            found[at] = Some(room.middle);
            taken.push(room);
        }
    }
    found
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
