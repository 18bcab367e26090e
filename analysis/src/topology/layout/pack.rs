//! Parts of a map without a call between them, put beside each other.
//!
//! On shelves: the highest parts first, from left to right, below each other where a shelf is full (next-fit decreasing height;
//! Coffman, Garey, Johnson & Tarjan, 1980).

use model::topology::{NODE_HEIGHT, NODE_WIDTH, Place};

/// Between two parts.
const APART: f32 = 64.0;
/// All of it is best so much wider than high, as there is room on screens.
const WIDER: f32 = 1.9;
/// Widths of shelves that are tried.
const N_WIDTHS: u8 = 32;

/// Which nodes each part has, the part of the first node first. `arrows`: pairs of nodes.
pub fn parts(n_nodes: usize, arrows: impl Iterator<Item = (usize, usize)>) -> Vec<Vec<usize>> {
    let mut above: Vec<usize> = (0..n_nodes).collect();
    fn top(above: &mut [usize], mut node: usize) -> usize {
        while above[node] != node {
            above[node] = above[above[node]];
            node = above[node];
        }
        node
    }
    for (from, to) in arrows {
        let (from, to) = (top(&mut above, from), top(&mut above, to));
        above[from.max(to)] = from.min(to);
    }
    let mut parts: Vec<Vec<usize>> = vec![Vec::new(); n_nodes];
    (0..n_nodes).for_each(|node| parts[top(&mut above, node)].push(node));
    parts.retain(|part| !part.is_empty());
    parts
}

/// Moves the parts' nodes so that no part lies on another. `parts`: corners of the nodes of each.
pub fn beside_each_other(parts: &mut [Vec<Place>]) {
    let sizes: Vec<(f32, f32)> = parts
        .iter_mut()
        .map(|part| {
            let least = |of: fn(&Place) -> f32| part.iter().map(of).fold(f32::INFINITY, f32::min);
            let (left, top) = (least(|place| place.x), least(|place| place.y));
            part.iter_mut().for_each(|place| (place.x, place.y) = (place.x - left, place.y - top));
            let most = |of: fn(&Place) -> f32| part.iter().map(of).fold(0.0, f32::max);
            (most(|place| place.x) + NODE_WIDTH + APART, most(|place| place.y) + NODE_HEIGHT + APART)
        })
        .collect();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by(|&a, &b| sizes[b].1.total_cmp(&sizes[a].1).then(sizes[b].0.total_cmp(&sizes[a].0)).then(a.cmp(&b)));
    let widest = sizes.iter().map(|size| size.0).fold(0.0, f32::max);
    let all: f32 = sizes.iter().map(|size| size.0).sum();
    let mut best: Option<(f32, Vec<Place>)> = None;
    for width in 0..=N_WIDTHS {
        // Small steps near the widest part, large ones where all is one shelf.
        let share = f32::from(width) / f32::from(N_WIDTHS);
        let (wide, high, corners) = shelves(&sizes, &order, widest + (all - widest) * share * share);
        let length = (wide / WIDER).max(high);
        if best.as_ref().is_none_or(|(least, _)| length < *least) {
            best = Some((length, corners));
        }
    }
    let corners = best.map_or(Vec::new(), |(_, corners)| corners);
    for (part, corner) in parts.iter_mut().zip(corners) {
        part.iter_mut().for_each(|place| (place.x, place.y) = (place.x + corner.x, place.y + corner.y));
    }
}

/// Width and height of all shelves of so much room, and where each part begins.
fn shelves(sizes: &[(f32, f32)], order: &[usize], room: f32) -> (f32, f32, Vec<Place>) {
    let mut corners = vec![Place::default(); sizes.len()];
    let (mut x, mut y, mut shelf, mut widest) = (0.0, 0.0, 0.0, 0.0_f32);
    for &part in order {
        let (wide, high) = sizes[part];
        // Sums of the same numbers in another order are a little apart.
        if x > 0.0 && x + wide > room + 0.5 {
            (x, y) = (0.0, y + shelf);
        }
        if x == 0.0 {
            shelf = high;
        }
        corners[part] = Place { x, y };
        x += wide;
        widest = widest.max(x);
    }
    (widest, y + shelf, corners)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_the_nodes_that_calls_lead_to() {
        let arrows = [(0, 2), (5, 4), (2, 6)];
        assert_eq!(parts(7, arrows.into_iter()), [vec![0, 2, 6], vec![1], vec![3], vec![4, 5]]);
    }

    #[test]
    fn many_small_parts_fill_shelves_about_as_wide_as_a_screen() {
        let mut parts = vec![vec![Place { x: 900.0, y: -20.0 }]; 40];
        beside_each_other(&mut parts);
        let most = |of: fn(&Place) -> f32| parts.iter().flatten().map(of).fold(0.0, f32::max);
        let (wide, high) = (most(|place| place.x) + NODE_WIDTH, most(|place| place.y) + NODE_HEIGHT);
        assert!((1.0..2.5).contains(&(wide / high)), "{wide} × {high}");
    }
}
