//! Places the nodes of a topology in layers from left to right, callers before those they call, with few crossings.
//!
//! After Sugiyama, Tagawa & Toda (1981): edges that close a cycle are turned, the rarest first; layers by longest paths; order within
//! layers by barycentres; heights by least squares with a least distance. Very many layers are drawn as fewer. Deterministic: the same topology, the same picture.
//! Cost: O(rounds × items × logarithm), where items are nodes and at most 10,000 places at which edges pass a layer.

use model::topology::{Layout, Place, Topology};

/// Pixels from layer to layer, and from node to node in a layer.
const LAYER_PIXELS: f32 = 250.0;
const NODE_PIXELS: f32 = 92.0;
/// An edge that passes a layer takes less room there than a node, and where many do all of them about as much as the nodes.
const PASSING_PIXELS: f32 = 46.0;
const LEAST_PASSING_PIXELS: f32 = 5.0;
/// Where services call each other in circles a way may lead through most of them. Of more layers than so many times the root of the number
/// of nodes, neighbouring ones are drawn as one, so that the picture is about as high as wide.
const MOST_LAYERS_PER_ROOT: f32 = 1.25;
const FEW_LAYERS: usize = 12;
/// Places where edges pass a layer. Where all call all in circles there are a hundred layers, and hardly an edge that passes none: edges of
/// the fewest calls then go straight.
const MOST_PASSING: usize = 10_000;
/// Further ones change next to nothing.
const N_ROUNDS: usize = 16;

pub fn layout(topology: &Topology) -> Layout {
    let n_nodes = topology.nodes.len();
    let mut weighted: Vec<(u64, usize, usize, usize)> = topology
        .edges
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
    let place = |item: usize| Place { x: grid.layer_of[item] as f32 * LAYER_PIXELS, y: height[item] };
    let ways = arrows.iter().zip(&grid.ways).zip(is_turned).map(|((_, items), is_turned)| {
        let way = items.iter().map(|&item| place(item));
        if is_turned { way.rev().collect() } else { way.collect() }
    });
    let mut by_edge: Vec<(usize, Vec<Place>)> = weighted.iter().map(|&(_, at, ..)| at).zip(ways).collect();
    by_edge.sort_by_key(|(at, _)| *at);
    Layout { places: (0..n_nodes).map(place).collect(), ways: by_edge.into_iter().map(|(_, way)| way).collect() }
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

/// Nodes, and items where edges pass a layer.
struct Grid {
    n_nodes: usize,
    layer_of: Vec<usize>,
    /// Items of each layer, from top to bottom.
    layers: Vec<Vec<usize>>,
    before: Vec<Vec<usize>>,
    behind: Vec<Vec<usize>>,
    /// The items of each arrow, from its start to its end.
    ways: Vec<Vec<usize>>,
}

impl Grid {
    fn new(n_nodes: usize, layer_of: &[usize], arrows: &[(usize, usize)]) -> Self {
        let n_layers = layer_of.iter().max().map_or(0, |last| last + 1);
        let mut grid = Self {
            n_nodes,
            layer_of: layer_of.to_vec(),
            layers: vec![Vec::new(); n_layers],
            before: vec![Vec::new(); n_nodes],
            behind: vec![Vec::new(); n_nodes],
            ways: Vec::new(),
        };
        (0..n_nodes).for_each(|node| grid.layers[layer_of[node]].push(node));
        let mut n_passing = 0;
        for &(from, to) in arrows {
            let n_passed = layer_of[to].saturating_sub(layer_of[from] + 1);
            if layer_of[to] == layer_of[from] || n_passing + n_passed > MOST_PASSING {
                grid.ways.push(vec![from, to]);
                continue;
            }
            n_passing += n_passed;
            let mut way = vec![from];
            for layer in layer_of[from] + 1..layer_of[to] {
                let item = grid.layer_of.len();
                grid.layer_of.push(layer);
                grid.layers[layer].push(item);
                grid.before.push(Vec::new());
                grid.behind.push(Vec::new());
                way.push(item);
            }
            way.push(to);
            for pair in way.windows(2) {
                grid.behind[pair[0]].push(pair[1]);
                grid.before[pair[1]].push(pair[0]);
            }
            grid.ways.push(way);
        }
        grid
    }

    /// Orders each layer by the middle of its neighbours, forth and back; the order with the fewest crossings stays.
    fn sort(&mut self) {
        let mut best = (self.n_crossings(), self.layers.clone());
        let mut place = self.places();
        for round in 0..N_ROUNDS {
            let is_forth = round % 2 == 0;
            let n_layers = self.layers.len();
            for step in 1..n_layers {
                let layer = if is_forth { step } else { n_layers - 1 - step };
                let neighbours = if is_forth { &self.before } else { &self.behind };
                let middle = |item: usize| match &neighbours[item][..] {
                    [] => place[item] as f64,
                    list => list.iter().map(|&other| place[other] as f64).sum::<f64>() / list.len() as f64,
                };
                let mut items: Vec<(f64, usize)> =
                    self.layers[layer].iter().map(|&item| (middle(item), item)).collect();
                items.sort_by(|a, b| a.0.total_cmp(&b.0));
                self.layers[layer] = items.into_iter().map(|(_, item)| item).collect();
                self.layers[layer].iter().enumerate().for_each(|(at, &item)| place[item] = at);
            }
            let n_crossings = self.n_crossings();
            if n_crossings < best.0 {
                best = (n_crossings, self.layers.clone());
            }
        }
        self.layers = best.1;
    }

    fn places(&self) -> Vec<usize> {
        let mut place = vec![0; self.layer_of.len()];
        for layer in &self.layers {
            layer.iter().enumerate().for_each(|(at, &item)| place[item] = at);
        }
        place
    }

    fn n_crossings(&self) -> usize {
        let place = self.places();
        let mut n_crossings = 0;
        for layer in &self.layers {
            let mut ends: Vec<(usize, usize)> = Vec::new();
            for &item in layer {
                ends.extend(self.behind[item].iter().map(|&other| (place[item], place[other])));
            }
            ends.sort_unstable();
            n_crossings += n_inversions(ends.iter().map(|&(_, end)| end));
        }
        n_crossings
    }

    /// Heights that are near those of the neighbours, no two of a layer too near each other.
    fn heights(&self) -> Vec<f32> {
        let n_passing = self.layer_of.len() - self.n_nodes;
        let as_nodes = NODE_PIXELS * self.n_nodes as f32 / n_passing.max(1) as f32;
        let passing = as_nodes.clamp(LEAST_PASSING_PIXELS, PASSING_PIXELS);
        let room = |item: usize| if item < self.n_nodes { NODE_PIXELS } else { passing };
        let mut height = vec![0.0; self.layer_of.len()];
        for layer in &self.layers {
            let mut at = 0.0;
            for &item in layer {
                height[item] = at;
                at += room(item);
            }
            layer.iter().for_each(|&item| height[item] -= at / 2.0);
        }
        for round in 0..N_ROUNDS {
            let n_layers = self.layers.len();
            for step in 0..n_layers {
                let layer = &self.layers[if round % 2 == 0 { step } else { n_layers - 1 - step }];
                let wanted = |&item: &usize| {
                    let near = self.before[item].iter().chain(&self.behind[item]);
                    let (n, sum) = near.fold((0, 0.0), |(n, sum), &other| (n + 1, sum + height[other]));
                    if n == 0 { height[item] } else { sum / n as f32 }
                };
                let wanted: Vec<f32> = layer.iter().map(wanted).collect();
                let rooms: Vec<f32> = layer.iter().map(|&item| room(item)).collect();
                for (&item, placed) in layer.iter().zip(apart(&wanted, &rooms)) {
                    height[item] = placed;
                }
            }
        }
        let top = height[..self.n_nodes].iter().copied().fold(f32::INFINITY, f32::min);
        height.iter().map(|at| at - top).collect()
    }
}

/// Pairs of which the larger comes first, with a tree of sums (Barth, Jünger & Mutzel, 2002). Cost: O(n log n).
fn n_inversions(numbers: impl Iterator<Item = usize> + Clone) -> usize {
    let most = numbers.clone().max().map_or(0, |most| most + 1);
    // Of each number how many there were, in sums over powers of two (Fenwick, 1994).
    let mut sums = vec![0; most + 1];
    let mut n_inversions = 0;
    for (n_before, number) in numbers.enumerate() {
        let mut n_up_to = 0;
        let mut at = number + 1;
        while at > 0 {
            n_up_to += sums[at];
            at &= at - 1;
        }
        n_inversions += n_before - n_up_to;
        let mut at = number + 1;
        while at <= most {
            sums[at] += 1;
            at += at & at.wrapping_neg();
        }
    }
    n_inversions
}

/// The places nearest to the wanted ones (least squares) in their order and half of each one's and the next one's room
/// apart: pool adjacent violators (Ayer et al., 1955).
fn apart(wanted: &[f32], rooms: &[f32]) -> Vec<f32> {
    let mut offset = 0.0;
    let mut offsets = Vec::new();
    let mut pools: Vec<(f32, usize)> = Vec::new();
    for (at, &wanted) in wanted.iter().enumerate() {
        offset += if at > 0 { (rooms[at - 1] + rooms[at]) / 2.0 } else { 0.0 };
        offsets.push(offset);
        let mut pool = (wanted - offset, 1);
        while let Some(&(before, n)) = pools.last()
            && before > pool.0
        {
            pool = ((before * n as f32 + pool.0 * pool.1 as f32) / (n + pool.1) as f32, n + pool.1);
            pools.pop();
        }
        pools.push(pool);
    }
    let placed = pools.into_iter().flat_map(|(at, n)| std::iter::repeat_n(at, n));
    placed.zip(offsets).map(|(at, offset)| at + offset).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::topology::{Edge, Method, Node, NodeKind};
    use proptest::prelude::*;

    fn topology(n_nodes: u32, arrows: &[(u32, u32)]) -> Topology {
        let node = |at: u32| Node {
            name: format!("n{at:03}"),
            kind: NodeKind::Service,
            aliases: Vec::new(),
            n_entries: 1,
            n_errors: 0,
        };
        let edge = |&(from, to): &(u32, u32)| Edge {
            from,
            to,
            calls: 1,
            n_errors: 0,
            durations: None,
            methods: vec![(Method::Spans, 1)],
            confidence: 1.0,
            evidence: Vec::new(),
        };
        Topology {
            nodes: (0..n_nodes).map(node).collect(),
            edges: arrows.iter().map(edge).collect(),
            ..Topology::default()
        }
    }

    #[test]
    fn callers_stand_left_of_whom_they_call() {
        let layout = layout(&topology(4, &[(0, 1), (1, 2), (0, 2), (3, 2)]));
        let x: Vec<f32> = layout.places.iter().map(|place| place.x).collect();
        assert_eq!(x, [0.0, LAYER_PIXELS, 2.0 * LAYER_PIXELS, LAYER_PIXELS]);
        assert_eq!(layout.ways[2].len(), 3, "it passes the layer between");
    }

    #[test]
    fn two_that_call_each_other_are_drawn_both_ways() {
        let layout = layout(&topology(2, &[(0, 1), (1, 0)]));
        assert_eq!(layout.ways[0], [layout.places[0], layout.places[1]]);
        assert_eq!(layout.ways[1], [layout.places[1], layout.places[0]]);
    }

    #[test]
    fn five_hundred_services_that_call_each_other_in_circles_have_a_picture_of_bounded_size() {
        let called = |from: u32| (0..6).map(move |nth| (from, (from * 7 + 1 + nth) % 500));
        let arrows: Vec<(u32, u32)> = (0..500).flat_map(called).filter(|(from, to)| from != to).collect();
        let layout = layout(&topology(500, &arrows));
        let n_passing: usize = layout.ways.iter().map(|way| way.len() - 2).sum();
        assert!((1..=MOST_PASSING).contains(&n_passing), "{n_passing}");
        assert!(layout.places.iter().all(|place| place.x.is_finite() && place.y.is_finite()));
        let most = |of: fn(&Place) -> f32| layout.places.iter().map(of).fold(0.0, f32::max);
        let (wide, high) = (most(|place| place.x), most(|place| place.y));
        assert!(wide < 8_000.0 && high < 8_000.0, "{wide} × {high}");
    }

    #[test]
    fn crossings_are_pairs_whose_ends_are_the_other_way_round() {
        let slow = |numbers: &[usize]| -> usize {
            (0..numbers.len()).map(|at| numbers[..at].iter().filter(|&&before| before > numbers[at]).count()).sum()
        };
        for numbers in [&[][..], &[3], &[0, 1, 2], &[2, 1, 0], &[1, 1, 0, 5, 3, 3, 0]] {
            assert_eq!(n_inversions(numbers.iter().copied()), slow(numbers), "{numbers:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_nodes_lie_on_each_other(arrows in proptest::collection::vec((0..12u32, 0..12u32), 0..30)) {
            let arrows: std::collections::BTreeSet<_> = arrows.into_iter().filter(|(from, to)| from != to).collect();
            let layout = layout(&topology(12, &arrows.into_iter().collect::<Vec<_>>()));
            for (at, a) in layout.places.iter().enumerate() {
                for b in &layout.places[..at] {
                    prop_assert!((a.x - b.x).abs() > 1.0 || (a.y - b.y).abs() > NODE_PIXELS - 1.0, "{a:?} {b:?}");
                }
            }
        }
    }
}
