//! Places the nodes of a topology by forces: services that call each other attract, all repel each other.
//!
//! After Fruchterman & Reingold (1991), with the repulsion of what is far away summed up by a quadtree (Barnes & Hut, 1986) and a pull to the
//! middle. In the end nodes that lie on each other are pushed apart, as far as a bounded number of pushes goes. Parts of the map without a
//! call between them are drawn each by itself and put beside each other ([`pack`](super::pack)).
//! Deterministic: nodes begin on a spiral in their order. Cost: O(rounds × n log n); rounds are taken a few at a time.

use model::topology::{Arrow, LayoutAsk, NODE_HEIGHT, NODE_WIDTH, Place};

use super::pack;

/// How far apart two nodes want to be that call each other, in pixels.
const IDEAL: f32 = 125.0;
const N_ROUNDS: usize = 220;
/// Pull to the middle, as a share of the distance.
const PULL: f32 = 0.012;
/// A cell of the tree counts as one node where it is smaller than this share of its distance.
const FAR: f32 = 0.8;
/// Nodes are wider than high.
const STRETCH: f32 = 1.35;
/// Between the boxes of two nodes.
const APART: (f32, f32) = (34.0, 26.0);
const MOST_PUSHES: usize = 400;
/// Depth of the tree: nodes at one point are told apart no further.
const MOST_DEPTH: usize = 24;
/// Between two edges that go there and back.
const BESIDE: f32 = 5.0;

/// Rounds in one step, of about so many nodes.
const STEP_NODES: usize = 2_000;

pub struct Forces {
    parts: Vec<Part>,
    /// The part that is drawn, and its rounds and pushes so far.
    at: usize,
    n_done: usize,
}

/// Nodes that calls lead to from each other.
struct Part {
    nodes: Vec<usize>,
    /// Both ends, by their place in the part.
    arrows: Vec<(usize, usize)>,
    points: Vec<Place>,
}

impl Forces {
    pub fn new(asked: &LayoutAsk) -> Self {
        let arrows = || asked.arrows.iter().map(|arrow| (arrow.from as usize, arrow.to as usize));
        let mut place = vec![(0, 0); asked.n_nodes as usize];
        let mut parts = Vec::new();
        for (nth, nodes) in pack::parts(asked.n_nodes as usize, arrows()).into_iter().enumerate() {
            nodes.iter().enumerate().for_each(|(at, &node)| place[node] = (nth, at));
            parts.push(Part { points: (0..nodes.len()).map(on_spiral).collect(), nodes, arrows: Vec::new() });
        }
        for (from, to) in arrows() {
            parts[place[from].0].arrows.push((place[from].1, place[to].1));
        }
        Self { parts, at: 0, n_done: 0 }
    }

    /// A few rounds; in the end places of nodes and ways of edges.
    pub fn step(&mut self, asked: &LayoutAsk) -> Option<(Vec<Place>, Vec<Vec<Place>>)> {
        let mut n_looked_at = 0;
        while n_looked_at < STEP_NODES {
            let Some(part) = self.parts.get_mut(self.at) else { return Some(self.placed(asked)) };
            n_looked_at += part.points.len() + 1;
            let is_drawn = match self.n_done {
                // One by itself stays where it is.
                _ if part.points.len() == 1 => true,
                n_done @ ..N_ROUNDS => {
                    part.round(n_done);
                    if n_done + 1 == N_ROUNDS {
                        part.points.iter_mut().for_each(|point| point.x *= STRETCH);
                    }
                    false
                }
                n_done => push_apart(&mut part.points) || n_done + 1 == N_ROUNDS + MOST_PUSHES,
            };
            (self.at, self.n_done) = if is_drawn { (self.at + 1, 0) } else { (self.at, self.n_done + 1) };
        }
        None
    }

    fn placed(&mut self, asked: &LayoutAsk) -> (Vec<Place>, Vec<Vec<Place>>) {
        let mut points: Vec<Vec<Place>> = self.parts.iter_mut().map(|part| std::mem::take(&mut part.points)).collect();
        pack::beside_each_other(&mut points);
        let mut places = vec![Place::default(); asked.n_nodes as usize];
        for (part, points) in self.parts.iter().zip(&points) {
            part.nodes.iter().zip(points).for_each(|(&node, &point)| places[node] = point);
        }
        let way = |arrow: &Arrow| way(places[arrow.from as usize], places[arrow.to as usize]);
        let ways = asked.arrows.iter().map(way).collect();
        (places, ways)
    }
}

fn on_spiral(at: usize) -> Place {
    const GOLDEN: f32 = 2.399_963;
    let (far, turn) = (IDEAL * 0.7 * (at as f32 + 0.5).sqrt(), at as f32 * GOLDEN);
    Place { x: far * turn.cos(), y: far * turn.sin() }
}

impl Part {
    fn round(&mut self, n_done: usize) {
        let points = &mut self.points;
        let tree = Tree::new(points);
        let mut forces: Vec<Place> = points.iter().map(|&point| tree.repulsion(point)).collect();
        for (force, point) in forces.iter_mut().zip(points.iter()) {
            (force.x, force.y) = (force.x - point.x * PULL * IDEAL / 10.0, force.y - point.y * PULL * IDEAL / 10.0);
        }
        for &(from, to) in &self.arrows {
            let (dx, dy) = (points[to].x - points[from].x, points[to].y - points[from].y);
            let pull = dx.hypot(dy) / IDEAL;
            (forces[from].x, forces[from].y) = (forces[from].x + dx * pull, forces[from].y + dy * pull);
            (forces[to].x, forces[to].y) = (forces[to].x - dx * pull, forces[to].y - dy * pull);
        }
        // It cools down: steps become shorter.
        let heat = IDEAL * (1.0 - n_done as f32 / N_ROUNDS as f32).powi(2) + 0.5;
        for (point, force) in points.iter_mut().zip(&forces) {
            let length = force.x.hypot(force.y).max(f32::MIN_POSITIVE);
            let share = length.min(heat) / length;
            (point.x, point.y) = (point.x + force.x * share, point.y + force.y * share);
        }
    }
}

/// One push of all boxes that lie on another. `points`: their corners. `true`: none did.
fn push_apart(points: &mut [Place]) -> bool {
    let (wide, high) = (NODE_WIDTH + APART.0, NODE_HEIGHT + APART.1);
    let mut is_apart = true;
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|&a, &b| points[a].x.total_cmp(&points[b].x).then(a.cmp(&b)));
    for (nth, &a) in order.iter().enumerate() {
        for &b in &order[nth + 1..] {
            let (dx, dy) = (points[b].x - points[a].x, points[b].y - points[a].y);
            if dx >= wide && points[a].x + 2.0 * wide < points[b].x {
                break;
            }
            let (over_x, over_y) = (wide - dx.abs(), high - dy.abs());
            if over_x <= 0.01 || over_y <= 0.01 {
                continue;
            }
            is_apart = false;
            // By the shorter way, a little further than need be.
            if over_x < over_y {
                let by = (over_x / 2.0 + 0.5).copysign(dx);
                (points[a].x, points[b].x) = (points[a].x - by, points[b].x + by);
            } else {
                let by = (over_y / 2.0 + 0.5).copysign(if dy == 0.0 { (b as f32) - (a as f32) } else { dy });
                (points[a].y, points[b].y) = (points[a].y - by, points[b].y + by);
            }
        }
    }
    is_apart
}

/// Straight from box to box, a little to the left of the line between their middles.
fn way(from: Place, to: Place) -> Vec<Place> {
    let middle = |place: Place| Place { x: place.x + NODE_WIDTH / 2.0, y: place.y + NODE_HEIGHT / 2.0 };
    let (from, to) = (middle(from), middle(to));
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let length = dx.hypot(dy).max(1.0);
    let (aside_x, aside_y) = (dy / length * BESIDE, -dx / length * BESIDE);
    // As far from the middle as the box reaches in this direction.
    let reach = (NODE_WIDTH / 2.0 / dx.abs().max(0.01)).min(NODE_HEIGHT / 2.0 / dy.abs().max(0.01)).min(0.5);
    let at = |share: f32| Place { x: from.x + dx * share + aside_x, y: from.y + dy * share + aside_y };
    vec![at(reach), at(1.0 - reach)]
}

/// Nodes by where they are: a cell has its four quarters, how many nodes are in it, and their middle.
struct Tree {
    cells: Vec<Cell>,
}

#[derive(Clone, Copy, Default)]
struct Cell {
    /// Its middle, and half of its width.
    centre: Place,
    half: f32,
    n: f32,
    /// Sum of its nodes' places.
    sum: Place,
    /// Numbers of its quarters; zero: none.
    quarters: [u32; 4],
}

impl Tree {
    fn new(points: &[Place]) -> Self {
        let far = points.iter().flat_map(|point| [point.x.abs(), point.y.abs()]).fold(1.0, f32::max);
        let mut tree = Self { cells: vec![Cell { half: far, ..Cell::default() }] };
        points.iter().for_each(|&point| tree.put(point));
        tree
    }

    fn put(&mut self, point: Place) {
        let mut at = 0;
        for _ in 0..MOST_DEPTH {
            let cell = &mut self.cells[at];
            let before = cell.sum;
            let was_single = cell.n == 1.0;
            let was_empty = cell.n == 0.0;
            cell.n += 1.0;
            cell.sum = Place { x: before.x + point.x, y: before.y + point.y };
            if was_empty {
                return;
            }
            if was_single {
                // The one that had it to itself moves down.
                let quarter = self.quarter(at, before);
                let cell = &mut self.cells[quarter];
                (cell.n, cell.sum) = (1.0, before);
            }
            at = self.quarter(at, point);
        }
        let cell = &mut self.cells[at];
        cell.n += 1.0;
        cell.sum = Place { x: cell.sum.x + point.x, y: cell.sum.y + point.y };
    }

    /// The quarter of a cell that a point is in.
    fn quarter(&mut self, at: usize, point: Place) -> usize {
        let Cell { centre, half, quarters, .. } = self.cells[at];
        let (is_right, is_low) = (point.x >= centre.x, point.y >= centre.y);
        let nth = usize::from(is_right) + 2 * usize::from(is_low);
        if quarters[nth] == 0 {
            let half = half / 2.0;
            let aside = |is_further: bool| if is_further { half } else { -half };
            let centre = Place { x: centre.x + aside(is_right), y: centre.y + aside(is_low) };
            self.cells[at].quarters[nth] = self.cells.len() as u32;
            self.cells.push(Cell { centre, half, ..Cell::default() });
        }
        self.cells[at].quarters[nth] as usize
    }

    /// What all nodes do to one at this point: k² / distance each.
    fn repulsion(&self, point: Place) -> Place {
        let mut force = Place::default();
        let mut left = vec![0];
        while let Some(at) = left.pop() {
            let cell = &self.cells[at];
            let (dx, dy) = (point.x - cell.sum.x / cell.n, point.y - cell.sum.y / cell.n);
            let distance = dx.hypot(dy);
            let has_quarters = cell.quarters.iter().any(|&quarter| quarter > 0);
            if has_quarters && 2.0 * cell.half > FAR * distance {
                left.extend(cell.quarters.iter().filter(|&&quarter| quarter > 0).map(|&quarter| quarter as usize));
            } else if distance > 0.01 {
                let push = IDEAL * IDEAL * cell.n / (distance * distance);
                (force.x, force.y) = (force.x + dx * push, force.y + dy * push);
            }
        }
        force
    }
}

#[cfg(test)]
mod tests {
    use super::super::Layouting;
    use super::*;
    use model::topology::{Layout, Picture};
    use proptest::prelude::*;

    fn drawn(n_nodes: u32, arrows: &[(u32, u32)]) -> Layout {
        let arrow = |&(from, to): &(u32, u32)| Arrow { from, to, calls: 1, n_errors: 0 };
        let arrows = arrows.iter().map(arrow).collect();
        Layouting::new(LayoutAsk { n_nodes, arrows, picture: Picture::Forces }).finish()
    }

    fn distance(layout: &Layout, a: usize, b: usize) -> f32 {
        let (a, b) = (layout.places[a], layout.places[b]);
        (a.x - b.x).hypot(a.y - b.y)
    }

    #[test]
    fn who_calls_each_other_stands_nearer_than_who_does_not() {
        // Two stars, and one call between them.
        let layout = drawn(10, &[(0, 1), (0, 2), (0, 3), (0, 4), (5, 6), (5, 7), (5, 8), (5, 9), (0, 5)]);
        assert!(distance(&layout, 0, 1) < distance(&layout, 1, 6), "{layout:?}");
        assert!(distance(&layout, 5, 8) < distance(&layout, 3, 8), "{layout:?}");
    }

    #[test]
    fn the_far_ones_summed_up_push_like_each_by_itself() {
        let points: Vec<Place> =
            (0..60).map(|at: u8| Place { x: f32::from(at % 8) * 150.0, y: f32::from(at / 8) * 90.0 }).collect();
        let tree = Tree::new(&points);
        for &point in &points {
            let exact = points.iter().fold((0.0, 0.0), |sum, other| {
                let (dx, dy) = (point.x - other.x, point.y - other.y);
                let square = dx * dx + dy * dy;
                let push = if square > 0.0 { IDEAL * IDEAL / square } else { 0.0 };
                (sum.0 + dx * push, sum.1 + dy * push)
            });
            let summed = tree.repulsion(point);
            let off = (summed.x - exact.0).hypot(summed.y - exact.1);
            assert!(off < 0.12 * IDEAL * 12.0, "{point:?} {summed:?} {exact:?}");
        }
    }

    #[test]
    fn five_hundred_services_have_places_of_their_own() {
        let arrows: Vec<(u32, u32)> =
            (1..500).flat_map(|to| [(to / 5, to), (to * 7 % 500, to)]).filter(|(a, b)| a != b).collect();
        let layout = drawn(500, &arrows);
        for (at, a) in layout.places.iter().enumerate() {
            for b in &layout.places[..at] {
                assert!((a.x - b.x).abs() > NODE_WIDTH || (a.y - b.y).abs() > NODE_HEIGHT, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn parts_without_a_call_between_them_stand_near_each_other_and_do_not_mingle() {
        // A star of five, a pair, a chain of three, and three by themselves.
        let arrows = [(0, 1), (0, 2), (0, 3), (0, 4), (5, 6), (7, 8), (8, 9)];
        let layout = drawn(13, &arrows);
        let of = |nodes: std::ops::Range<usize>| {
            let places = &layout.places[nodes];
            let far = f32::INFINITY;
            places.iter().fold([far, far, -far, -far], |[left, top, right, low], place| {
                [left.min(place.x), top.min(place.y), right.max(place.x + NODE_WIDTH), low.max(place.y + NODE_HEIGHT)]
            })
        };
        let parts = [of(0..5), of(5..7), of(7..10), of(10..11), of(11..12), of(12..13)];
        for (at, a) in parts.iter().enumerate() {
            for b in &parts[..at] {
                assert!(a[0] >= b[2] || b[0] >= a[2] || a[1] >= b[3] || b[1] >= a[3], "{a:?} {b:?}");
            }
        }
        let [left, top, right, low] = of(0..13);
        let filled: f32 = parts.iter().map(|part| (part[2] - part[0]) * (part[3] - part[1])).sum();
        assert!(filled > 0.25 * (right - left) * (low - top), "{filled} of {left} {top} {right} {low}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_services_lie_on_each_other(arrows in proptest::collection::vec((0..14u32, 0..14u32), 0..40)) {
            let arrows: Vec<_> = arrows.into_iter().filter(|(from, to)| from != to).collect();
            let layout = drawn(14, &arrows);
            for (at, a) in layout.places.iter().enumerate() {
                prop_assert!(a.x.is_finite() && a.y.is_finite());
                for b in &layout.places[..at] {
                    prop_assert!((a.x - b.x).abs() > NODE_WIDTH || (a.y - b.y).abs() > NODE_HEIGHT, "{a:?} {b:?}");
                }
            }
        }
    }
}
