//! Places the nodes of a topology in layers from left to right, callers before those they call, with few crossings.
//!
//! After Sugiyama, Tagawa & Toda (1981): edges that close a cycle are turned, the rarest first; layers by longest paths; order within
//! layers by barycentres and by exchanging neighbours ([`grid`]); heights by least squares with a least distance. Edges run between layers and
//! pass a layer where it has room for them, so that none lies on a node ([`ways`]); their figures stand on them, none on another
//! ([`figures`]). Very many layers are drawn as fewer. Deterministic: the same topology, the same picture.
//! Cost: O(rounds × items × logarithm), where items are nodes and at most 10,000 places at which edges pass a layer.

mod forces;
pub use forces::Forces;

mod grid;

mod ways;

mod figures;
use figures::room_of;

use model::topology::{Layout, LayoutAsk, NODE_WIDTH, Picture, Place};

use grid::Grid;

/// Between layers: as much as the widest figures need, within these.
const LEAST_GAP: f32 = 92.0;
const MOST_GAP: f32 = 176.0;
/// Of a gap, beside the figures: for the bends and tips of edges.
const BENDS: f32 = 64.0;
/// The figures of more edges are not read all at once: they stand where they may.
const MOST_FIGURES: usize = 400;
/// Where services call each other in circles a way may lead through most of them. Of more layers than so many times the root of the number
/// of nodes, neighbouring ones are drawn as one, so that the picture is about as high as wide.
const MOST_LAYERS_PER_ROOT: f32 = 1.25;
const FEW_LAYERS: usize = 12;

pub fn layout(asked: &LayoutAsk) -> Layout {
    let n_nodes = asked.n_nodes as usize;
    let mut weighted: Vec<(u64, usize, usize, usize)> = asked
        .arrows
        .iter()
        .enumerate()
        .map(|(at, edge)| (edge.calls, at, edge.from as usize, edge.to as usize))
        .collect();
    weighted.sort_by_key(|&(calls, at, ..)| (std::cmp::Reverse(calls), at));
    let (arrows, is_turned) = without_cycles(n_nodes, &weighted);
    let layer_of = fewer(layers(n_nodes, &arrows));
    let mut grid = Grid::new(n_nodes, &layer_of, &arrows);
    grid.sort();
    let height = grid.heights();
    let lefts = lefts(asked, &layer_of);
    let places: Vec<Place> = (0..n_nodes).map(|node| Place { x: lefts[layer_of[node]], y: height[node] }).collect();
    let mut by_edge = vec![Vec::new(); weighted.len()];
    for ((way, is_turned), (_, at, ..)) in ways::ways(&grid, &lefts, &height).into_iter().zip(is_turned).zip(&weighted)
    {
        by_edge[*at] = if is_turned { way.into_iter().rev().collect() } else { way };
    }
    let figures = figures::figures(asked, &places, &by_edge);
    Layout { places, ways: by_edge, figures, picture: Picture::Layers }
}

/// Where each layer begins.
fn lefts(asked: &LayoutAsk, layer_of: &[usize]) -> Vec<f32> {
    let n_layers = layer_of.iter().max().map_or(0, |last| last + 1);
    let mut gaps = vec![LEAST_GAP; n_layers];
    if asked.arrows.len() <= MOST_FIGURES {
        for edge in &asked.arrows {
            let (from, to) = (layer_of[edge.from as usize], layer_of[edge.to as usize]);
            // Figures of longer edges have room where those pass a layer.
            if from.abs_diff(to) <= 1 {
                let gap = &mut gaps[from.min(to)];
                *gap = gap.max(room_of(edge).0 + BENDS).min(MOST_GAP);
            }
        }
    }
    let mut next = 0.0;
    gaps.iter_mut().for_each(|gap| next += NODE_WIDTH + std::mem::replace(gap, next));
    gaps
}

/// The arrows, those that would close a cycle turned round, and which those are. `weighted`: those to keep first.
fn without_cycles(n_nodes: usize, weighted: &[(u64, usize, usize, usize)]) -> (Vec<(usize, usize)>, Vec<bool>) {
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); n_nodes];
    let (mut arrows, mut is_turned) = (Vec::new(), Vec::new());
    for &(_, _, from, to) in weighted {
        let closes = reaches(&next, to, from);
        let (from, to) = if closes { (to, from) } else { (from, to) };
        next[from].push(to);
        arrows.push((from, to));
        is_turned.push(closes);
    }
    (arrows, is_turned)
}

fn reaches(next: &[Vec<usize>], from: usize, wanted: usize) -> bool {
    let (mut is_seen, mut left) = (vec![false; next.len()], vec![from]);
    while let Some(node) = left.pop() {
        if node == wanted {
            return true;
        }
        if !std::mem::replace(&mut is_seen[node], true) {
            left.extend(&next[node]);
        }
    }
    false
}

/// By the longest way to each; those that nobody calls stand right before the first they call.
fn layers(n_nodes: usize, arrows: &[(usize, usize)]) -> Vec<usize> {
    let mut layer = vec![0; n_nodes];
    // There are no cycles: as many rounds as the longest way is long settle all.
    let mut is_settled = false;
    while !is_settled {
        is_settled = true;
        for &(from, to) in arrows {
            if layer[to] <= layer[from] {
                layer[to] = layer[from] + 1;
                is_settled = false;
            }
        }
    }
    for node in 0..n_nodes {
        let is_called = arrows.iter().any(|&(_, to)| to == node);
        let first = arrows.iter().filter(|&&(from, _)| from == node).map(|&(_, to)| layer[to]).min();
        if let (false, Some(first)) = (is_called, first) {
            layer[node] = first - 1;
        }
    }
    layer
}

/// Layers with about as many nodes each in place of very many: the order of nodes from left to right stays.
fn fewer(layer_of: Vec<usize>) -> Vec<usize> {
    let n_layers = layer_of.iter().max().map_or(0, |last| last + 1);
    let most = ((layer_of.len() as f32).sqrt() * MOST_LAYERS_PER_ROOT) as usize;
    let most = most.max(FEW_LAYERS);
    if n_layers <= most {
        return layer_of;
    }
    let mut n_before = vec![0; n_layers + 1];
    layer_of.iter().for_each(|&layer| n_before[layer + 1] += 1);
    for layer in 0..n_layers {
        n_before[layer + 1] += n_before[layer];
    }
    layer_of.iter().map(|&layer| n_before[layer] * most / layer_of.len()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::topology::{Arrow, NODE_HEIGHT, curve};
    use proptest::prelude::*;

    fn drawn(n_nodes: u32, arrows: &[(u32, u32)]) -> Layout {
        let arrow = |&(from, to): &(u32, u32)| Arrow { from, to, calls: 1, n_errors: 0 };
        layout(&LayoutAsk { n_nodes, arrows: arrows.iter().map(arrow).collect(), picture: Picture::Layers })
    }

    #[test]
    fn callers_stand_left_of_whom_they_call() {
        let layout = drawn(4, &[(0, 1), (1, 2), (0, 2), (3, 2)]);
        let x: Vec<f32> = layout.places.iter().map(|place| place.x).collect();
        assert!(x[0] < x[1] && x[1] < x[2] && x[1] == x[3], "{x:?}");
        assert_eq!(layout.ways[2].len(), 4, "it passes the layer between, from its left to its right");
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
