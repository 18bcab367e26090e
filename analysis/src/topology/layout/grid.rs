//! Layers of nodes, and of places where edges pass a layer: their order with few crossings, and their heights.

use model::topology::NODE_HEIGHT;

/// From the middle of a node to that of the next one of its layer.
pub const NODE_PIXELS: f32 = NODE_HEIGHT + 32.0;
/// An edge that passes a layer takes less room there than a node, and where many do all of them about as much as the nodes.
const PASSING_PIXELS: f32 = 36.0;
const LEAST_PASSING_PIXELS: f32 = 5.0;
/// Places where edges pass a layer. Where all call all in circles there are a hundred layers, and hardly an edge that passes none: edges of
/// the fewest calls then go straight.
pub const MOST_PASSING: usize = 10_000;
/// Further ones change next to nothing.
const N_ROUNDS: usize = 16;
/// Exchanging neighbours is for maps that are looked at as a whole.
const MOST_EXCHANGED: usize = 600;
/// How much a long edge wants to be straight where it passes layers, and at its ends (Gansner et al., 1993).
const STRAIGHT_BETWEEN: f32 = 8.0;
const STRAIGHT_AT_ENDS: f32 = 2.0;

/// Nodes, and items where edges pass a layer.
pub struct Grid {
    n_nodes: usize,
    pub layer_of: Vec<usize>,
    /// Items of each layer, from top to bottom.
    layers: Vec<Vec<usize>>,
    before: Vec<Vec<usize>>,
    behind: Vec<Vec<usize>>,
    /// The items of each arrow, from its start to its end.
    pub ways: Vec<Vec<usize>>,
}

impl Grid {
    pub fn new(n_nodes: usize, layer_of: &[usize], arrows: &[(usize, usize)]) -> Self {
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

    /// What [`Grid::sort_round`] begins with.
    pub fn unsorted(&self) -> Sorting {
        Sorting { best: (self.n_crossings(), self.layers.clone()), place: self.places(), round: 0 }
    }

    /// Orders each layer by the middle of its neighbours, forth or back; after the last round the order with the fewest crossings stays.
    /// `false`: that was the last.
    pub fn sort_round(&mut self, sorting: &mut Sorting) -> bool {
        let Sorting { best, place, round } = sorting;
        let is_forth = *round % 2 == 0;
        let n_layers = self.layers.len();
        for step in 1..n_layers {
            let layer = if is_forth { step } else { n_layers - 1 - step };
            let neighbours = if is_forth { &self.before } else { &self.behind };
            let middle = |item: usize| match &neighbours[item][..] {
                [] => place[item] as f64,
                list => list.iter().map(|&other| place[other] as f64).sum::<f64>() / list.len() as f64,
            };
            let mut items: Vec<(f64, usize)> = self.layers[layer].iter().map(|&item| (middle(item), item)).collect();
            items.sort_by(|a, b| a.0.total_cmp(&b.0));
            self.layers[layer] = items.into_iter().map(|(_, item)| item).collect();
            self.layers[layer].iter().enumerate().for_each(|(at, &item)| place[item] = at);
        }
        let n_crossings = self.n_crossings();
        if n_crossings < best.0 {
            *best = (n_crossings, self.layers.clone());
        }
        *round += 1;
        if *round < N_ROUNDS {
            return true;
        }
        self.layers = std::mem::take(&mut best.1);
        if self.layer_of.len() <= MOST_EXCHANGED {
            self.exchange();
        }
        false
    }

    /// Neighbours of a layer change places while that takes crossings away.
    fn exchange(&mut self) {
        let mut place = self.places();
        for _ in 0..N_ROUNDS {
            let mut is_better = false;
            for layer in &mut self.layers {
                for at in 1..layer.len() {
                    let (upper, lower) = (layer[at - 1], layer[at]);
                    // Of the edges of two items on one side: pairs that cross while the first is above the second.
                    let crossings = |upper: usize, lower: usize| -> usize {
                        let on = |side: &[Vec<usize>]| -> usize {
                            let n_above =
                                |&end: &usize| side[lower].iter().filter(|&&other| place[other] < place[end]).count();
                            side[upper].iter().map(n_above).sum()
                        };
                        on(&self.before) + on(&self.behind)
                    };
                    if crossings(lower, upper) < crossings(upper, lower) {
                        layer.swap(at - 1, at);
                        place.swap(upper, lower);
                        is_better = true;
                    }
                }
            }
            if !is_better {
                break;
            }
        }
    }

    /// How much an edge from one item to another wants to be level.
    fn straightness(&self, item: usize, other: usize) -> f32 {
        match (item < self.n_nodes, other < self.n_nodes) {
            (true, true) => 1.0,
            (false, false) => STRAIGHT_BETWEEN,
            _ => STRAIGHT_AT_ENDS,
        }
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

    /// One below the other, each layer around the same middle.
    pub fn unsettled(&self) -> Settling {
        let mut height = vec![0.0; self.layer_of.len()];
        for layer in &self.layers {
            let mut at = 0.0;
            for &item in layer {
                height[item] = at;
                at += self.room(item);
            }
            layer.iter().for_each(|&item| height[item] -= at / 2.0);
        }
        Settling { height, round: 0 }
    }

    /// Moves all nearer to their neighbours, no two of a layer too near each other. `false`: that was the last round.
    pub fn settle_round(&self, settling: &mut Settling) -> bool {
        let Settling { height, round } = settling;
        let n_layers = self.layers.len();
        for step in 0..n_layers {
            let layer = &self.layers[if *round % 2 == 0 { step } else { n_layers - 1 - step }];
            let wanted = |&item: &usize| {
                let near = self.before[item].iter().chain(&self.behind[item]);
                let (n, sum) = near.fold((0.0, 0.0), |(n, sum), &other| {
                    let weight = self.straightness(item, other);
                    (n + weight, sum + weight * height[other])
                });
                if n == 0.0 { (height[item], 1.0) } else { (sum / n, n) }
            };
            let wanted: Vec<(f32, f32)> = layer.iter().map(wanted).collect();
            let rooms: Vec<f32> = layer.iter().map(|&item| self.room(item)).collect();
            for (&item, placed) in layer.iter().zip(apart(&wanted, &rooms)) {
                height[item] = placed;
            }
        }
        *round += 1;
        if *round < N_ROUNDS {
            return true;
        }
        let top = height[..self.n_nodes].iter().copied().fold(f32::INFINITY, f32::min);
        height.iter_mut().for_each(|at| *at -= top);
        false
    }

    fn room(&self, item: usize) -> f32 {
        let n_passing = self.layer_of.len() - self.n_nodes;
        let as_nodes = NODE_PIXELS * self.n_nodes as f32 / n_passing.max(1) as f32;
        if item < self.n_nodes { NODE_PIXELS } else { as_nodes.clamp(LEAST_PASSING_PIXELS, PASSING_PIXELS) }
    }
}

/// The order of a grid while it is looked for.
pub struct Sorting {
    /// Crossings, and the layers that have so few.
    best: (usize, Vec<Vec<usize>>),
    /// Of each item in its layer.
    place: Vec<usize>,
    round: usize,
}

/// Heights while they are looked for.
pub struct Settling {
    pub height: Vec<f32>,
    round: usize,
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

/// The places nearest to the wanted ones (least squares, each with its weight) in their order and half of each one's and the next
/// one's room apart: pool adjacent violators (Ayer et al., 1955).
fn apart(wanted: &[(f32, f32)], rooms: &[f32]) -> Vec<f32> {
    let mut offset = 0.0;
    let mut offsets = Vec::new();
    let mut pools: Vec<(f32, f32, usize)> = Vec::new();
    for (at, &(wanted, weight)) in wanted.iter().enumerate() {
        offset += if at > 0 { (rooms[at - 1] + rooms[at]) / 2.0 } else { 0.0 };
        offsets.push(offset);
        let mut pool = (wanted - offset, weight, 1);
        while let Some(&(before, heavy, n)) = pools.last()
            && before > pool.0
        {
            let both = heavy + pool.1;
            pool = ((before * heavy + pool.0 * pool.1) / both, both, n + pool.2);
            pools.pop();
        }
        pools.push(pool);
    }
    let placed = pools.into_iter().flat_map(|(at, _, n)| std::iter::repeat_n(at, n));
    placed.zip(offsets).map(|(at, offset)| at + offset).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crossings_are_pairs_whose_ends_are_the_other_way_round() {
        let slow = |numbers: &[usize]| -> usize {
            (0..numbers.len()).map(|at| numbers[..at].iter().filter(|&&before| before > numbers[at]).count()).sum()
        };
        for numbers in [&[][..], &[3], &[0, 1, 2], &[2, 1, 0], &[1, 1, 0, 5, 3, 3, 0]] {
            assert_eq!(n_inversions(numbers.iter().copied()), slow(numbers), "{numbers:?}");
        }
    }

    #[test]
    fn two_pairs_that_need_not_cross_do_not() {
        let mut grid = Grid::new(4, &[0, 0, 1, 1], &[(0, 3), (1, 2)]);
        let mut sorting = grid.unsorted();
        while grid.sort_round(&mut sorting) {}
        assert_eq!(grid.n_crossings(), 0);
    }
}
