//! Draws a topology: in layers ([`layers`]) or by forces ([`forces`]), both with the figures of edges standing on them, none on another
//! ([`figures`]). Deterministic: the same topology, the same picture. A few milliseconds of work at a time.

mod forces;

mod pack;

mod layers;

mod grid;

mod ways;

mod figures;

use model::topology::{Arrow, Layout, LayoutAsk, NODE_HEIGHT, NODE_WIDTH, Picture, Place};

use figures::Figures;
use forces::Forces;
use grid::NODE_PIXELS;
use layers::Layers;

/// The figures of more edges are not read all at once: they stand where they may.
const MOST_FIGURES: usize = 400;

/// A topology while it is laid out.
pub struct Layouting {
    asked: LayoutAsk,
    /// Which nodes those that are asked for are; others call nobody and are called by none.
    linked: Vec<usize>,
    n_nodes: usize,
    stage: Stage,
}

enum Stage {
    Layers(Layers),
    Forces(Forces),
    Figures(Vec<Place>, Vec<Vec<Place>>, Figures),
}

impl Layouting {
    pub fn new(asked: LayoutAsk) -> Self {
        let n_nodes = asked.n_nodes as usize;
        let (asked, linked) = match asked.picture {
            Picture::Layers => linked_of(asked),
            // Its parts are put beside each other.
            Picture::Forces => (asked, (0..n_nodes).collect()),
        };
        let stage = match asked.picture {
            Picture::Layers => Stage::Layers(Layers::new(&asked)),
            Picture::Forces => Stage::Forces(Forces::new(&asked)),
        };
        Self { asked, linked, n_nodes, stage }
    }

    /// A step of it; once it is done, what came of it.
    pub fn step(&mut self) -> Option<Layout> {
        let placed = match &mut self.stage {
            Stage::Layers(layers) => layers.step(&self.asked),
            Stage::Forces(forces) => forces.step(&self.asked),
            Stage::Figures(places, ways, figures) => {
                let found = figures.step(&self.asked, ways)?;
                let (places, ways) = (std::mem::take(places), std::mem::take(ways));
                let places = with_others(self.n_nodes, &self.linked, &places, &ways);
                return Some(Layout { places, ways, figures: found, picture: self.asked.picture });
            }
        };
        if let Some((places, ways)) = placed {
            let figures = Figures::new(&self.asked, &places, &ways);
            self.stage = Stage::Figures(places, ways, figures);
        }
        None
    }

    /// All steps at once.
    pub fn finish(mut self) -> Layout {
        loop {
            if let Some(layout) = self.step() {
                return layout;
            }
        }
    }
}

/// Only the nodes that have an edge, and which those are.
fn linked_of(asked: LayoutAsk) -> (LayoutAsk, Vec<usize>) {
    let mut number = vec![None; asked.n_nodes as usize];
    asked.arrows.iter().for_each(|arrow| (number[arrow.from as usize], number[arrow.to as usize]) = (Some(0), Some(0)));
    let linked: Vec<usize> = (0..number.len()).filter(|&node| number[node].is_some()).collect();
    linked.iter().zip(0..).for_each(|(&node, at)| number[node] = Some(at));
    let new = |node: u32| number[node as usize].unwrap_or_default();
    let arrows = asked.arrows.into_iter().map(|arrow| Arrow { from: new(arrow.from), to: new(arrow.to), ..arrow });
    (LayoutAsk { n_nodes: linked.len() as u32, arrows: arrows.collect(), ..asked }, linked)
}

/// Between nodes that have no edge, beside each other, and above the first of them.
const ASIDE_GAP: f32 = 24.0;
const ASIDE_BELOW: f32 = 48.0;
/// They make no picture wider that has fewer columns of its own.
const LEAST_COLUMNS: usize = 5;

/// The places of all nodes: those without an edge in rows below the others and their edges.
fn with_others(n_nodes: usize, linked: &[usize], places: &[Place], ways: &[Vec<Place>]) -> Vec<Place> {
    let mut all: Vec<Option<Place>> = vec![None; n_nodes];
    linked.iter().zip(places).for_each(|(&node, &place)| all[node] = Some(place));
    let x = places.iter().map(|place| place.x);
    let (left, right) = (x.clone().reduce(f32::min).unwrap_or_default(), x.reduce(f32::max));
    let lowest = ways.iter().flatten().map(|bend| bend.y).chain(places.iter().map(|place| place.y + NODE_HEIGHT));
    let top = lowest.reduce(f32::max).map_or(0.0, |y| y + ASIDE_BELOW);
    let of_width = right.map_or(0, |right| ((right - left) / (NODE_WIDTH + ASIDE_GAP)) as usize + 1);
    let n_others = n_nodes - linked.len();
    // Very many are about as high as wide.
    let n_columns = of_width.max(LEAST_COLUMNS).max((n_others as f32 / 3.0).sqrt() as usize);
    let mut nth = 0;
    all.into_iter()
        .map(|place| {
            place.unwrap_or_else(|| {
                let (column, row) = (nth % n_columns, nth / n_columns);
                nth += 1;
                let (x, y) = (column as f32 * (NODE_WIDTH + ASIDE_GAP), row as f32 * NODE_PIXELS);
                Place { x: left + x, y: top + y }
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::topology::curve;
    use proptest::prelude::*;

    fn drawn(n_nodes: u32, arrows: &[(u32, u32)]) -> Layout {
        let arrow = |&(from, to): &(u32, u32)| Arrow { from, to, calls: 1, n_errors: 0 };
        let asked = LayoutAsk { n_nodes, arrows: arrows.iter().map(arrow).collect(), picture: Picture::Layers };
        Layouting::new(asked).finish()
    }

    #[test]
    fn callers_stand_left_of_whom_they_call() {
        let layout = drawn(4, &[(0, 1), (1, 2), (0, 2), (3, 2)]);
        let x: Vec<f32> = layout.places.iter().map(|place| place.x).collect();
        assert!(x[0] < x[1] && x[1] < x[2] && x[1] == x[3], "{x:?}");
        assert_eq!(layout.ways[2].len(), 4, "it passes the layer between, from its left to its right");
    }

    #[test]
    fn who_calls_nobody_stands_below_in_rows() {
        let layout = drawn(20, &[(3, 7), (7, 11)]);
        let linked = [3, 7, 11].map(|node: usize| layout.places[node]);
        assert!(linked[0].x < linked[1].x && linked[1].x < linked[2].x, "{linked:?}");
        let lowest = linked.iter().map(|place| place.y).fold(0.0, f32::max);
        let others = (0..20).filter(|node| ![3, 7, 11].contains(node)).map(|node: usize| layout.places[node]);
        let others: Vec<Place> = others.collect();
        assert!(others.iter().all(|place| place.y >= lowest + NODE_HEIGHT), "{others:?}");
        let mut rows: Vec<f32> = others.iter().map(|place| place.y).collect();
        rows.dedup();
        assert!((2..6).contains(&rows.len()), "{rows:?}");
    }

    #[test]
    fn who_calls_nobody_stands_below_the_edges_that_pass_under_all_others() {
        let arrows = [(1, 6), (2, 8), (3, 9), (3, 10), (5, 1), (5, 8), (5, 11), (6, 7), (7, 10), (8, 1), (10, 5)];
        let layout = drawn(12, &arrows);
        let lowest = layout.ways.iter().flatten().map(|bend| bend.y).fold(0.0, f32::max);
        let (alone, linked): (Vec<usize>, Vec<usize>) = (0..12).partition(|node| [0, 4].contains(node));
        assert!(linked.iter().all(|&node| layout.places[node].y + NODE_HEIGHT < lowest), "one passes under all");
        assert!(alone.iter().all(|&node| layout.places[node].y > lowest), "{layout:?}");
    }

    #[test]
    fn two_that_call_each_other_are_drawn_both_ways() {
        let layout = drawn(2, &[(0, 1), (1, 0)]);
        let [there, back] = &layout.ways[..] else { panic!("two ways") };
        assert!(there[0].x < there[1].x && back[0].x > back[1].x && there[0].y != back[1].y, "{there:?} {back:?}");
    }

    #[test]
    fn five_hundred_services_that_call_each_other_in_circles_have_a_picture_of_bounded_size() {
        let called = |from: u32| (0..6).map(move |nth| (from, (from * 7 + 1 + nth) % 500));
        let arrows: Vec<(u32, u32)> = (0..500).flat_map(called).filter(|(from, to)| from != to).collect();
        let layout = drawn(500, &arrows);
        let n_passing: usize = layout.ways.iter().map(|way| way.len() / 2 - 1).sum();
        assert!((1..=grid::MOST_PASSING).contains(&n_passing), "{n_passing}");
        assert!(layout.places.iter().all(|place| place.x.is_finite() && place.y.is_finite()));
        let most = |of: fn(&Place) -> f32| layout.places.iter().map(of).fold(0.0, f32::max);
        let (wide, high) = (most(|place| place.x), most(|place| place.y));
        assert!(wide < 8_000.0 && high < 8_000.0, "{wide} × {high}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn nothing_lies_on_a_node(arrows in proptest::collection::vec((0..12u32, 0..12u32), 0..30)) {
            let arrows: std::collections::BTreeSet<_> = arrows.into_iter().filter(|(from, to)| from != to).collect();
            let layout = drawn(12, &arrows.into_iter().collect::<Vec<_>>());
            for (at, a) in layout.places.iter().enumerate() {
                for b in &layout.places[..at] {
                    prop_assert!((a.x - b.x).abs() > 1.0 || (a.y - b.y).abs() > grid::NODE_PIXELS - 1.0, "{a:?} {b:?}");
                }
            }
            let is_on_node = |x: f32, y: f32| {
                let is_on = |place: &Place| {
                    x > place.x + 0.5 && x < place.x + NODE_WIDTH - 0.5 && y > place.y + 0.5 && y < place.y + NODE_HEIGHT - 0.5
                };
                layout.places.iter().any(is_on)
            };
            for part in layout.ways.iter().flat_map(|way| way.windows(2)) {
                let curve = curve(part[0], part[1], Picture::Layers);
                for step in 0..=20_u8 {
                    let Place { x, y } = curve.at(f32::from(step) / 20.0);
                    prop_assert!(!is_on_node(x, y), "{x} {y} of {part:?}");
                }
            }
            let rooms: Vec<_> = layout.figures.iter().flatten().collect();
            for (at, a) in rooms.iter().enumerate() {
                prop_assert!(!is_on_node(a.x, a.y), "{a:?}");
                prop_assert!(rooms[..at].iter().all(|b| (a.x - b.x).abs() > 10.0 || (a.y - b.y).abs() > 10.0), "{rooms:?}");
            }
        }
    }
}
