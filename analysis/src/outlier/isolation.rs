//! How few random cuts set a row apart from the others: isolation forest (Liu, Ting & Zhou 2008).
//!
//! In the page: "Few steps tell this apart from everything else."

use super::Rows;
use crate::sample::random::Random;

/// As in the paper: more trees or larger samples hardly change the ranking.
const N_TREES: usize = 100;
const SAMPLE: usize = 256;

/// Rows that are sent through a tree in one step: a few milliseconds.
const SENT_AT_ONCE: usize = 1 << 13;

/// A forest that grows tree by tree, always over the same rows. Of all trees only the sums of depths are kept.
pub struct Forest {
    random: Random,
    ranges: Ranges,
    /// The sum of each row's depths.
    depths: Vec<f64>,
    sample: usize,
    n_trees: usize,
    tree: Vec<Node>,
    /// Rows that were sent through the tree.
    n_sent: usize,
}

#[derive(Clone, Copy)]
enum Node {
    /// Below the limit to the one, else to the other.
    Cut {
        column: u32,
        limit: f64,
        below: u32,
        above: u32,
    },
    Leaf {
        depth: f64,
    },
}

impl Forest {
    pub fn begin(rows: &Rows) -> Self {
        Self {
            random: Random::new(2),
            ranges: Ranges::new(rows.n_columns()),
            depths: vec![0.0; rows.len()],
            sample: (rows.total_weight() as usize).min(SAMPLE),
            n_trees: 0,
            tree: Vec::new(),
            n_sent: rows.len(),
        }
    }

    /// Grows one more tree, or sends some rows through it; `false` when all is done. Cost of a tree: O(rows × logarithm of the sample).
    pub fn grow(&mut self, rows: &Rows) -> bool {
        if self.n_sent == rows.len() {
            if self.n_trees == N_TREES || rows.len() < 2 {
                return false;
            }
            self.n_trees += 1;
            let drawn = draw(rows, self.sample, &mut self.random);
            self.tree.clear();
            self.grow_from(rows, drawn, self.sample.ilog2() + 1, 0);
            self.n_sent = 0;
        }
        let end = (self.n_sent + SENT_AT_ONCE).min(rows.len());
        for row in self.n_sent..end {
            self.depths[row] += depth_in(&self.tree, rows, row);
        }
        self.n_sent = end;
        true
    }

    /// Grows what lies `n_cuts` below the root from the drawn rows. Gives its place in the tree.
    fn grow_from(&mut self, rows: &Rows, drawn: Vec<u32>, most_cuts: u32, n_cuts: u32) -> u32 {
        let place = self.tree.len() as u32;
        self.tree.push(Node::Leaf { depth: f64::from(n_cuts) + usual_depth(drawn.len()) });
        if most_cuts > 0
            && drawn.len() > 1
            && let Some((column, limit)) = self.ranges.random_cut(rows, &drawn, &mut self.random)
        {
            let (below, above) = drawn.into_iter().partition(|&row| rows.value(row as usize, column) < limit);
            let below = self.grow_from(rows, below, most_cuts - 1, n_cuts + 1);
            let above = self.grow_from(rows, above, most_cuts - 1, n_cuts + 1);
            self.tree[place as usize] = Node::Cut { column, limit, below, above };
        }
        place
    }

    /// By row: in (0, 1], about 0.5 for the usual, higher for what is soon apart.
    pub fn scores(self) -> Vec<f64> {
        if self.n_trees == 0 {
            return vec![0.0; self.depths.len()];
        }
        let usual = usual_depth(self.sample);
        let score = |depth: &f64| (-depth / self.n_trees as f64 / usual * std::f64::consts::LN_2).exp();
        self.depths.iter().map(score).collect()
    }
}

/// Rows by chance, each as often as it stands for groups; in rising order.
pub fn draw(rows: &Rows, n: usize, random: &mut Random) -> Vec<u32> {
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

fn depth_in(tree: &[Node], rows: &Rows, row: usize) -> f64 {
    let mut at = 0;
    loop {
        match tree[at as usize] {
            Node::Cut { column, limit, below, above } => {
                at = if rows.value(row, column) < limit { below } else { above }
            }
            Node::Leaf { depth } => return depth,
        }
    }
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
        let mut forest = Forest::begin(&rows);
        while forest.grow(&rows) {}
        let scores = forest.scores();
        assert!(scores[..200].iter().all(|&score| score < scores[200] - 0.15), "{:?}", &scores[195..]);
    }
}
