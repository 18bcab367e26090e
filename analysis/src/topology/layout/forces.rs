//! Places the nodes of a topology by forces: services that call each other attract, all repel each other.
//!
//! After Fruchterman & Reingold (1991), with the repulsion of what is far away summed up by a quadtree (Barnes & Hut, 1986) and a pull to the
//! middle, so that parts without a call between them stay together. In the end nodes that lie on each other are pushed apart, as far
//! as a bounded number of pushes goes.
//! Deterministic: nodes begin on a spiral in their order. Cost: O(rounds × n log n); rounds can be taken a few at a time.

use model::topology::{Layout, LayoutAsk, NODE_HEIGHT, NODE_WIDTH, Picture, Place};

use super::figures;

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

pub struct Forces {
    asked: LayoutAsk,
    points: Vec<Place>,
    n_done: usize,
}

impl Forces {
    pub fn new(asked: LayoutAsk) -> Self {
        const GOLDEN: f32 = 2.399_963;
        let on_spiral = |at: u32| {
            let (far, turn) = (IDEAL * 0.7 * (at as f32 + 0.5).sqrt(), at as f32 * GOLDEN);
            Place { x: far * turn.cos(), y: far * turn.sin() }
        };
        Self { points: (0..asked.n_nodes).map(on_spiral).collect(), asked, n_done: 0 }
    }

    /// Takes so many rounds, or what is left. `false`: there are no more.
    pub fn step(&mut self, n_rounds: usize) -> bool {
        let end = (self.n_done + n_rounds).min(N_ROUNDS);
        while self.n_done < end {
            self.round();
            self.n_done += 1;
        }
        self.n_done < N_ROUNDS
    }

    fn round(&mut self) {
        let points = &mut self.points;
        let tree = Tree::new(points);
        let mut forces: Vec<Place> = points.iter().map(|&point| tree.repulsion(point)).collect();
        for (force, point) in forces.iter_mut().zip(points.iter()) {
            (force.x, force.y) = (force.x - point.x * PULL * IDEAL / 10.0, force.y - point.y * PULL * IDEAL / 10.0);
        }
        for arrow in &self.asked.arrows {
            let (from, to) = (arrow.from as usize, arrow.to as usize);
            let (dx, dy) = (points[to].x - points[from].x, points[to].y - points[from].y);
            let pull = dx.hypot(dy) / IDEAL;
            (forces[from].x, forces[from].y) = (forces[from].x + dx * pull, forces[from].y + dy * pull);
            (forces[to].x, forces[to].y) = (forces[to].x - dx * pull, forces[to].y - dy * pull);
        }
        // It cools down: steps become shorter.
        let heat = IDEAL * (1.0 - self.n_done as f32 / N_ROUNDS as f32).powi(2) + 0.5;
        for (point, force) in points.iter_mut().zip(&forces) {
            let length = force.x.hypot(force.y).max(f32::MIN_POSITIVE);
            let share = length.min(heat) / length;
            (point.x, point.y) = (point.x + force.x * share, point.y + force.y * share);
        }
    }

    pub fn finish(mut self) -> Layout {
        self.points.iter_mut().for_each(|point| point.x *= STRETCH);
        push_apart(&mut self.points);
        let least = |of: fn(&Place) -> f32| self.points.iter().map(of).fold(f32::INFINITY, f32::min);
        let (left, top) = (least(|point| point.x), least(|point| point.y));
        let places: Vec<Place> =
            self.points.iter().map(|point| Place { x: point.x - left, y: point.y - top }).collect();
        let way = |from: u32, to: u32| way(places[from as usize], places[to as usize]);
        let ways: Vec<Vec<Place>> = self.asked.arrows.iter().map(|arrow| way(arrow.from, arrow.to)).collect();
        let figures = figures::figures(&self.asked, &places, &ways);
        Layout { places, ways, figures, picture: Picture::Forces }
    }
}

/// Corners of boxes: none of them lies on another in the end, unless so many rounds do not suffice for a very crowded map.
fn push_apart(points: &mut [Place]) {
    let (wide, high) = (NODE_WIDTH + APART.0, NODE_HEIGHT + APART.1);
    for _ in 0..MOST_PUSHES {
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
        if is_apart {
            return;
        }
    }
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
    use super::*;
    use model::topology::Arrow;
    use proptest::prelude::*;

    fn drawn(n_nodes: u32, arrows: &[(u32, u32)]) -> Layout {
        let arrow = |&(from, to): &(u32, u32)| Arrow { from, to, calls: 1, n_errors: 0 };
        let arrows = arrows.iter().map(arrow).collect();
        let mut forces = Forces::new(LayoutAsk { n_nodes, arrows, picture: Picture::Forces });
        while forces.step(7) {}
        forces.finish()
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
