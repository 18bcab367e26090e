//! Places nodes in layers from left to right, callers before those they call, with few crossings.
//!
//! After Sugiyama, Tagawa & Toda (1981): edges that close a cycle are turned, the rarest first; layers by longest paths; order within
//! layers by barycentres and by exchanging neighbours ([`grid`](super::grid)); heights by least squares with a least distance. Edges run between
//! layers and pass a layer where it has room for them, so that none lies on a node ([`ways`](super::ways)). Very many layers are drawn as fewer.
//! Cost: O(rounds × items × logarithm), where items are nodes and at most 10,000 places at which edges pass a layer.

use model::topology::{LayoutAsk, NODE_WIDTH, Place};

use super::MOST_FIGURES;
use super::figures::room_of;
use super::grid::{Grid, Settling, Sorting};
use super::ways;

/// Between layers: as much as the widest figures need, within these.
const LEAST_GAP: f32 = 92.0;
const MOST_GAP: f32 = 176.0;
/// Of a gap, beside the figures: for the bends and tips of edges.
const BENDS: f32 = 64.0;
/// Where services call each other in circles a way may lead through most of them. Of more layers than so many times the root of the number
/// of nodes, neighbouring ones are drawn as one, so that the picture is about as high as wide.
const MOST_LAYERS_PER_ROOT: f32 = 1.25;
const FEW_LAYERS: usize = 12;
/// Arrows that are looked at in one step: each may mean a walk over all before it.
const STEP_ARROWS: usize = 150;
const STEP_ROUNDS: usize = 4;

pub struct Layers {
    /// Calls, number, and both ends of each edge, what is called most first.
    weighted: Vec<(u64, usize, usize, usize)>,
    /// The edges so far, those that would close a cycle turned round, and which those are.
    arrows: Vec<(usize, usize)>,
    is_turned: Vec<bool>,
    next: Vec<Vec<usize>>,
    stage: Stage,
}

enum Stage {
    Turning,
    Sorting(Grid, Vec<usize>, Sorting),
    Settling(Grid, Vec<usize>, Settling),
}

impl Layers {
    pub fn new(asked: &LayoutAsk) -> Self {
        let ends = asked.arrows.iter().enumerate();
        let mut weighted: Vec<(u64, usize, usize, usize)> =
            ends.map(|(at, edge)| (edge.calls, at, edge.from as usize, edge.to as usize)).collect();
        weighted.sort_by_key(|&(calls, at, ..)| (std::cmp::Reverse(calls), at));
        let next = vec![Vec::new(); asked.n_nodes as usize];
        Self { weighted, arrows: Vec::new(), is_turned: Vec::new(), next, stage: Stage::Turning }
    }

    /// A few milliseconds of work; in the end places of nodes and ways of edges.
    pub fn step(&mut self, asked: &LayoutAsk) -> Option<(Vec<Place>, Vec<Vec<Place>>)> {
        self.stage = match std::mem::replace(&mut self.stage, Stage::Turning) {
            Stage::Turning if self.arrows.len() < self.weighted.len() => self.turn(),
            Stage::Turning => {
                let layer_of = fewer(layers(self.next.len(), &self.arrows));
                let grid = Grid::new(self.next.len(), &layer_of, &self.arrows);
                let sorting = grid.unsorted();
                Stage::Sorting(grid, layer_of, sorting)
            }
            Stage::Sorting(mut grid, layer_of, mut sorting) => match grid.sort_round(&mut sorting) {
                true => Stage::Sorting(grid, layer_of, sorting),
                false => {
                    let settling = grid.unsettled();
                    Stage::Settling(grid, layer_of, settling)
                }
            },
            Stage::Settling(grid, layer_of, mut settling) => {
                let is_settled = (0..STEP_ROUNDS).any(|_| !grid.settle_round(&mut settling));
                if is_settled {
                    return Some(self.placed(asked, &grid, &layer_of, &settling.height));
                }
                Stage::Settling(grid, layer_of, settling)
            }
        };
        None
    }

    /// Takes further edges in, those that would close a cycle turned round.
    fn turn(&mut self) -> Stage {
        let begun = self.arrows.len();
        for &(_, _, from, to) in self.weighted.iter().skip(begun).take(STEP_ARROWS) {
            let closes = reaches(&self.next, to, from);
            let (from, to) = if closes { (to, from) } else { (from, to) };
            self.next[from].push(to);
            self.arrows.push((from, to));
            self.is_turned.push(closes);
        }
        Stage::Turning
    }

    fn placed(
        &self,
        asked: &LayoutAsk,
        grid: &Grid,
        layer_of: &[usize],
        height: &[f32],
    ) -> (Vec<Place>, Vec<Vec<Place>>) {
        let lefts = lefts(asked, layer_of);
        let places = layer_of.iter().zip(height).map(|(&layer, &y)| Place { x: lefts[layer], y }).collect();
        let mut by_edge = vec![Vec::new(); self.weighted.len()];
        let ways = ways::ways(grid, &lefts, height).into_iter();
        for ((way, is_turned), (_, at, ..)) in ways.zip(&self.is_turned).zip(&self.weighted) {
            by_edge[*at] = if *is_turned { way.into_iter().rev().collect() } else { way };
        }
        (places, by_edge)
    }
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
    let (mut is_called, mut first) = (vec![false; n_nodes], vec![usize::MAX; n_nodes]);
    for &(from, to) in arrows {
        is_called[to] = true;
        first[from] = first[from].min(layer[to]);
    }
    for node in (0..n_nodes).filter(|&node| !is_called[node] && first[node] < usize::MAX) {
        layer[node] = first[node] - 1;
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
