//! The ways of edges: from the side of a node through the gaps between layers, level beside the nodes that they pass.

use model::topology::{NODE_HEIGHT, NODE_WIDTH, Place};

use super::grid::Grid;

/// From one edge to the next on the side of a node, where there is room for all of them.
const PORT_PIXELS: f32 = 10.0;
/// Of a node's side, without its round corners.
const SIDE_PIXELS: f32 = NODE_HEIGHT - 22.0;

/// Of each arrow of the grid. `lefts`: of its layers; `height`: of its items.
pub fn ways(grid: &Grid, lefts: &[f32], height: &[f32]) -> Vec<Vec<Place>> {
    let (starts, ends) = ports(grid, height);
    let of_arrow = |(items, (start, end)): (&Vec<usize>, (f32, f32))| {
        let (first, last) = (items[0], items[items.len() - 1]);
        let (left, right) =
            (|item: usize| lefts[grid.layer_of[item]], |item: usize| lefts[grid.layer_of[item]] + NODE_WIDTH);
        let mut way = vec![Place { x: right(first), y: start }];
        for &item in &items[1..items.len() - 1] {
            let y = height[item] + NODE_HEIGHT / 2.0;
            way.extend([Place { x: left(item), y }, Place { x: right(item), y }]);
        }
        // Of the same layer: out on the right, and back.
        let x = if grid.layer_of[first] == grid.layer_of[last] { right(last) } else { left(last) };
        way.push(Place { x, y: end });
        way
    };
    grid.ways.iter().zip(starts.into_iter().zip(ends)).map(of_arrow).collect()
}

/// Where each arrow leaves its node and where it arrives: on one side of a node in the order of where they come from or go to, so that
/// they do not cross right there.
fn ports(grid: &Grid, height: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let n_arrows = grid.ways.len();
    // Of each end: node, side, height of what is at the other end of the first or last part; starts, then ends.
    let mut ends: Vec<(usize, bool, f32, usize)> = Vec::with_capacity(2 * n_arrows);
    for (at, items) in grid.ways.iter().enumerate() {
        let (first, last) = (items[0], items[items.len() - 1]);
        let is_level = grid.layer_of[first] == grid.layer_of[last];
        ends.push((first, true, height[items[1]], at));
        ends.push((last, is_level, height[items[items.len() - 2]], n_arrows + at));
    }
    ends.sort_by(|a, b| {
        (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2)).then((a.3 % n_arrows).cmp(&(b.3 % n_arrows)))
    });
    let mut port = vec![0.0; 2 * n_arrows];
    for side in ends.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let n_between = (side.len() - 1).max(1) as f32;
        let step = PORT_PIXELS.min(SIDE_PIXELS / n_between);
        let middle = height[side[0].0] + NODE_HEIGHT / 2.0;
        for (nth, end) in side.iter().enumerate() {
            port[end.3] = middle + (nth as f32 - (side.len() - 1) as f32 / 2.0) * step;
        }
    }
    let ends = port.split_off(n_arrows);
    (port, ends)
}
