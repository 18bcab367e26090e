//! What the common patterns of all rows leave unexplained of one: the squared prediction error of a principal component
//! analysis (Jackson & Mudholkar 1979; on counts of log templates: Xu et al. 2009).
//!
//! In the page: "These messages do not go together as they do elsewhere."

use std::ops::Range;

use super::Rows;
use crate::sample::random::Random;

/// Patterns are taken until they explain this share of all that varies (as in Xu et al.).
const EXPLAINED: f64 = 0.95;

/// More patterns than these are never needed in practice.
const MOST_PATTERNS: usize = 12;

/// Rounds of subspace iteration: the first patterns are exact to many digits, the last good enough.
const N_ROUNDS: usize = 24;

/// The patterns that vary most, strongest first.
pub struct Components {
    means: Vec<f64>,
    /// How far along each axis the means lie.
    means_along: Vec<f64>,
    /// Unit vectors, a number per column.
    pub axes: Vec<Vec<f64>>,
    /// How much of all variance each axis has.
    pub shares: Vec<f64>,
}

/// Looks for the patterns round by round (subspace iteration, Stewart 1975, on the covariance, which is never made: rows stay
/// sparse), always in the same rows.
pub struct Search {
    means: Vec<f64>,
    axes: Vec<Vec<f64>>,
    strengths: Vec<f64>,
    n_rounds: usize,
    /// Axes of this round that are done.
    n_turned: usize,
}

impl Search {
    pub fn begin(rows: &Rows) -> Self {
        Self::for_axes(rows, MOST_PATTERNS)
    }

    /// As many patterns at most.
    pub fn for_axes(rows: &Rows, n_axes: usize) -> Self {
        let n_columns = rows.n_columns();
        let mut random = Random::new(1);
        let random_axis = |_| (0..n_columns).map(|_| random.unit() - 0.5).collect();
        let mut axes: Vec<Vec<f64>> = (0..n_axes.min(n_columns).min(rows.len())).map(random_axis).collect();
        orthonormalise(&mut axes);
        Self { means: rows.column_means(), strengths: vec![0.0; axes.len()], axes, n_rounds: 0, n_turned: 0 }
    }

    /// One more axis of a round; `false` when all rounds are done. Cost: O(cells), and at the end of a round O(columns × patterns²).
    pub fn advance(&mut self, rows: &Rows) -> bool {
        if self.n_rounds == N_ROUNDS {
            return false;
        }
        if let Some(axis) = self.axes.get_mut(self.n_turned) {
            *axis = covariance_times(rows, &self.means, axis);
            self.strengths[self.n_turned] = dot(axis, axis).sqrt();
            self.n_turned += 1;
        }
        if self.n_turned == self.axes.len() {
            orthonormalise(&mut self.axes);
            self.n_rounds += 1;
            self.n_turned = 0;
        }
        true
    }

    /// The patterns, strongest first.
    pub fn finish(self, rows: &Rows) -> Components {
        let Self { means, mut axes, strengths, .. } = self;
        let total = total_variance(rows, &means);
        let mut order: Vec<usize> = (0..axes.len()).filter(|&axis| strengths[axis] > 1e-9 * total).collect();
        order.sort_by(|&a, &b| strengths[b].total_cmp(&strengths[a]));
        let shares = order.iter().map(|&axis| strengths[axis] / total).collect();
        let axes: Vec<Vec<f64>> = order.into_iter().map(|axis| std::mem::take(&mut axes[axis])).collect();
        let means_along = axes.iter().map(|axis| dot(&means, axis)).collect();
        Components { means, means_along, axes, shares }
    }
}

impl Components {
    /// Of some of the rows: the squared length of what the patterns do not explain.
    pub fn residuals_of(&self, rows: &Rows, range: Range<usize>) -> Vec<f64> {
        let mut explained = 0.0;
        let before = |&share: &f64| {
            explained += share;
            explained - share < EXPLAINED
        };
        let n_patterns = self.shares.iter().copied().take_while(before).count();
        let squared_mean: f64 = self.means.iter().map(|mean| mean * mean).sum();
        let residual = |row: usize| {
            let cells = rows.row(row);
            let to_mean = |&(column, value): &(u32, f64)| value * (value - 2.0 * self.means[column as usize]);
            let whole: f64 = squared_mean + cells.iter().map(to_mean).sum::<f64>();
            let projected = (0..n_patterns).map(|pattern| self.project(cells, pattern).powi(2)).sum::<f64>();
            (whole - projected).max(0.0)
        };
        range.map(residual).collect()
    }

    /// Where a row lies along an axis; 0 is the middle of all.
    pub fn project(&self, cells: &[(u32, f64)], axis: usize) -> f64 {
        let weights = &self.axes[axis];
        cells.iter().map(|&(column, value)| value * weights[column as usize]).sum::<f64>() - self.means_along[axis]
    }

    /// Where it lies in the space of all axes.
    pub fn place(&self, cells: &[(u32, f64)]) -> Vec<f64> {
        (0..self.axes.len()).map(|axis| self.project(cells, axis)).collect()
    }
}

fn covariance_times(rows: &Rows, means: &[f64], axis: &[f64]) -> Vec<f64> {
    let of_mean = dot(means, axis);
    let mut product = vec![0.0; axis.len()];
    let mut sum_of_all = 0.0;
    for row in 0..rows.len() {
        let cells = rows.row(row);
        let along: f64 = cells.iter().map(|&(column, value)| value * axis[column as usize]).sum::<f64>() - of_mean;
        let along = along * rows.weight(row);
        cells.iter().for_each(|&(column, value)| product[column as usize] += along * value);
        sum_of_all += along;
    }
    let n = rows.total_weight();
    product.iter_mut().zip(means).for_each(|(value, mean)| *value = (*value - sum_of_all * mean) / n);
    product
}

fn total_variance(rows: &Rows, means: &[f64]) -> f64 {
    let squares = |row: usize| rows.weight(row) * rows.row(row).iter().map(|&(_, value)| value * value).sum::<f64>();
    let mean_square: f64 = (0..rows.len()).map(squares).sum::<f64>() / rows.total_weight().max(1.0);
    (mean_square - dot(means, means)).max(f64::MIN_POSITIVE)
}

/// Gram–Schmidt, as it is numerically stable; an axis that is nothing but others becomes zero.
fn orthonormalise(axes: &mut [Vec<f64>]) {
    for at in 0..axes.len() {
        let (done, rest) = axes.split_at_mut(at);
        let axis = &mut rest[0];
        let before = dot(axis, axis);
        for other in done.iter() {
            let along = dot(axis, other);
            axis.iter_mut().zip(other).for_each(|(value, other)| *value -= along * other);
        }
        let squared = dot(axis, axis);
        let scale = if squared > 1e-20 * before { 1.0 / squared.sqrt() } else { 0.0 };
        axis.iter_mut().for_each(|value| *value *= scale);
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn components(rows: &Rows, n_axes: usize) -> Components {
        let mut search = Search::for_axes(rows, n_axes);
        while search.advance(rows) {}
        search.finish(rows)
    }

    #[test]
    fn a_row_off_the_common_line_is_not_explained() {
        let mut rows = Rows::default();
        (1..40).for_each(|n| rows.push([(0, n), (1, 2 * n)], 1));
        rows.push([(0, 20), (1, 30)], 1);
        let residuals = components(&rows, MOST_PATTERNS).residuals_of(&rows, 0..rows.len());
        assert!(residuals[..39].iter().all(|&residual| residual < residuals[39] / 10.0), "{residuals:?}");
    }

    #[test]
    fn the_strongest_pattern_comes_first() {
        let mut rows = Rows::default();
        (0..100).for_each(|n| rows.push([(0, n), (1, n), (2, n * 7 % 5)], 1));
        let components = components(&rows, 3);
        let [x, y, z] = components.axes[0][..] else { panic!("three columns") };
        assert!((x - y).abs() < 1e-9 && z.abs() < 0.05, "{:?}", components.axes[0]);
        assert!(components.shares[0] > 0.99 && components.shares.iter().sum::<f64>() < 1.0 + 1e-9);
    }
}
