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
    let mut forest = Forest::begin(rows);
    while forest.grow(rows) {}
    forest.scores()
}

/// A forest that grows tree by tree, always over the same rows.
pub struct Forest {
    random: Random,
    grown: Grown,
    sample: usize,
    n_trees: usize,
}

impl Forest {
    pub fn begin(rows: &Rows) -> Self {
        let sample = (rows.total_weight() as usize).min(SAMPLE);
        let grown = Grown { depths: vec![0.0; rows.len()], ranges: Ranges::new(rows.n_columns()) };
        Self { random: Random::new(2), grown, sample, n_trees: 0 }
    }

    /// Grows one more tree; `false` when all have grown. Cost: O(cells × logarithm of the sample).
    pub fn grow(&mut self, rows: &Rows) -> bool {
        if self.n_trees == N_TREES || rows.len() < 2 {
            return false;
        }
        self.n_trees += 1;
        let most_cuts = self.sample.ilog2() + 1;
        let drawn = draw(rows, self.sample, &mut self.random);
        let all = (0..rows.len() as u32).collect();
        isolate(rows, drawn, all, most_cuts, &mut self.grown, &mut self.random);
        true
    }

    pub fn scores(self) -> Vec<f64> {
        if self.n_trees == 0 {
            return vec![0.0; self.grown.depths.len()];
        }
        let usual = usual_depth(self.sample);
        let score = |depth: &f64| (-depth / self.n_trees as f64 / usual * std::f64::consts::LN_2).exp();
        self.grown.depths.iter().map(score).collect()
    }
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

/// What grows: the sum of each row's depths, and room to work in.
struct Grown {
    depths: Vec<f64>,
    ranges: Ranges,
}

/// Grows a tree from `drawn` and sends `all` through it in the same pass: no tree is kept.
fn isolate(rows: &Rows, drawn: Vec<u32>, all: Vec<u32>, most_cuts: u32, grown: &mut Grown, random: &mut Random) {
    let can_go_on = most_cuts > 0 && drawn.len() > 1;
    let cut = if can_go_on { grown.ranges.random_cut(rows, &drawn, random) } else { None };
    let Some((column, limit)) = cut else {
        all.into_iter().for_each(|row| grown.depths[row as usize] += usual_depth(drawn.len()));
        return;
    };
    all.iter().for_each(|&row| grown.depths[row as usize] += 1.0);
    let is_below = |&row: &u32| rows.value(row as usize, column) < limit;
    let (drawn_below, drawn_above) = drawn.into_iter().partition(is_below);
    let (below, above) = all.into_iter().partition(is_below);
    isolate(rows, drawn_below, below, most_cuts - 1, grown, random);
    isolate(rows, drawn_above, above, most_cuts - 1, grown, random);
}

/// What the drawn rows have in each column; kept between cuts, so that nothing is allocated for one.
struct Ranges {
    of_column: Vec<Range>,
    touched: Vec<u32>,
}

#[derive(Clone, Copy, Default)]
struct Range {
    low: f64,
    high: f64,
    n: usize,
}

impl Ranges {
    fn new(n_columns: usize) -> Self {
        Self { of_column: vec![Range::default(); n_columns], touched: Vec::new() }
    }

    /// A column in which the drawn rows differ, and a place between its lowest and highest value.
    fn random_cut(&mut self, rows: &Rows, drawn: &[u32], random: &mut Random) -> Option<(u32, f64)> {
        for column in self.touched.drain(..) {
            self.of_column[column as usize] = Range::default();
        }
        for &(column, value) in drawn.iter().flat_map(|&row| rows.row(row as usize)) {
            let range = &mut self.of_column[column as usize];
            if range.n == 0 {
                *range = Range { low: value, high: value, n: 0 };
                self.touched.push(column);
            }
            (range.low, range.high) = (range.low.min(value), range.high.max(value));
            range.n += 1;
        }
        for &column in &self.touched {
            let range = &mut self.of_column[column as usize];
            // A row that does not name the column has 0 there.
            range.low = if range.n < drawn.len() { range.low.min(0.0) } else { range.low };
        }
        self.touched.sort_unstable();
        let differs = |column: &&u32| self.of_column[**column as usize].low < self.of_column[**column as usize].high;
        let n_differ = self.touched.iter().filter(differs).count() as u32;
        if n_differ == 0 {
            return None;
        }
        let chosen = *self.touched.iter().filter(differs).nth(random.below(n_differ) as usize)?;
        let Range { low, high, .. } = self.of_column[chosen as usize];
        // Never the lowest value itself: both sides get something.
        Some((chosen, high - random.unit() * (high - low)))
    }
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
