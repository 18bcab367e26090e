//! How few random cuts set a row apart from the others: isolation forest (Liu, Ting & Zhou 2008).
//!
//! In the page: "Few steps tell this apart from everything else."

use super::Rows;
use crate::sample::random::Random;

/// As in the paper: more trees or larger samples hardly change the ranking.
const N_TREES: usize = 100;
const SAMPLE: usize = 256;

/// By row: in (0, 1], about 0.5 for the usual, higher for what is soon apart.
pub fn scores(rows: &Rows) -> Vec<f64> {
    if rows.len() < 2 {
        return vec![0.0; rows.len()];
    }
    let mut random = Random::new(2);
    let sample = (rows.total_weight() as usize).min(SAMPLE);
    let most_cuts = sample.ilog2() + 1;
    let mut depths = vec![0.0; rows.len()];
    for _ in 0..N_TREES {
        let drawn = draw(rows, sample, &mut random);
        let all = (0..rows.len() as u32).collect();
        isolate(rows, drawn, all, 0, most_cuts, &mut depths, &mut random);
    }
    let usual = usual_depth(sample);
    depths.iter().map(|depth| (-depth / N_TREES as f64 / usual * std::f64::consts::LN_2).exp()).collect()
}

/// Rows by chance, each as often as it stands for groups.
fn draw(rows: &Rows, n: usize, random: &mut Random) -> Vec<u32> {
    let total = rows.total_weight();
    let mut places: Vec<f64> = (0..n).map(|_| random.unit() * total).collect();
    places.sort_by(f64::total_cmp);
    let (mut drawn, mut row, mut end) = (Vec::with_capacity(n), 0, rows.weight(0));
    for place in places {
        while end <= place && row + 1 < rows.len() {
            row += 1;
            end += rows.weight(row);
        }
        drawn.push(row as u32);
    }
    drawn
}

/// Grows a tree from `drawn` and sends `all` through it in the same pass: nothing is kept.
fn isolate(
    rows: &Rows,
    drawn: Vec<u32>,
    all: Vec<u32>,
    depth: u32,
    most_cuts: u32,
    depths: &mut [f64],
    random: &mut Random,
) {
    let cut = if depth < most_cuts && drawn.len() > 1 { random_cut(rows, &drawn, random) } else { None };
    let Some((column, limit)) = cut else {
        let depth = f64::from(depth) + usual_depth(drawn.len());
        all.into_iter().for_each(|row| depths[row as usize] += depth);
        return;
    };
    let is_below = |&row: &u32| rows.value(row as usize, column) < limit;
    let (drawn_below, drawn_above) = drawn.into_iter().partition(is_below);
    let (below, above) = all.into_iter().partition(is_below);
    isolate(rows, drawn_below, below, depth + 1, most_cuts, depths, random);
    isolate(rows, drawn_above, above, depth + 1, most_cuts, depths, random);
}

/// A column in which the drawn rows differ, and a place between its lowest and highest value.
fn random_cut(rows: &Rows, drawn: &[u32], random: &mut Random) -> Option<(u32, f64)> {
    let mut seen: Vec<(u32, f64)> = drawn.iter().flat_map(|&row| rows.row(row as usize)).copied().collect();
    seen.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut ranges = Vec::new();
    for of_column in seen.chunk_by(|a, b| a.0 == b.0) {
        let low = if of_column.len() < drawn.len() { 0.0 } else { of_column[0].1 };
        let high = of_column[of_column.len() - 1].1;
        if low < high {
            ranges.push((of_column[0].0, low, high));
        }
    }
    if ranges.is_empty() {
        return None;
    }
    let (column, low, high) = ranges[random.below(ranges.len() as u32) as usize];
    // Never the lowest value itself: both sides get something.
    Some((column, high - random.unit() * (high - low)))
}

/// Mean depth of an unsuccessful search in a binary tree of `n` (the paper's c(n)).
fn usual_depth(n: usize) -> f64 {
    const EULER: f64 = 0.577_215_664_901_532_9;
    match n {
        0 | 1 => 0.0,
        2 => 1.0,
        _ => {
            let n = n as f64;
            2.0 * ((n - 1.0).ln() + EULER) - 2.0 * (n - 1.0) / n
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_far_from_a_crowd_is_soon_apart() {
        let mut rows = Rows::default();
        (0..200).for_each(|n| rows.push([(0, 10 + n % 7), (1, 20 + n % 5)], 1));
        rows.push([(0, 60), (1, 3)], 1);
        let scores = scores(&rows);
        assert!(scores[..200].iter().all(|&score| score < scores[200] - 0.15), "{:?}", &scores[195..]);
    }
}
