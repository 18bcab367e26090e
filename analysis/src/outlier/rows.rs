//! Sparse rows of numbers, each standing for one or more groups: what detectors on counts look at.

use std::ops::Range;

/// Columns that are not named in a row are 0 there.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    n_columns: usize,
    /// Where each row's cells begin; one more at the end.
    starts: Vec<usize>,
    cells: Vec<(u32, f64)>,
    /// For how many groups each row stands.
    weights: Vec<u32>,
}

impl Rows {
    /// `counts`: columns in rising order, and how many there are of each.
    pub fn push(&mut self, counts: impl IntoIterator<Item = (u32, u32)>, weight: u32) {
        self.push_values(counts.into_iter().map(|(column, n)| (column, f64::from(n))), weight);
    }

    fn push_values(&mut self, values: impl IntoIterator<Item = (u32, f64)>, weight: u32) {
        if self.starts.is_empty() {
            self.starts.push(0);
        }
        self.cells.extend(values);
        let begin = self.starts[self.len()];
        self.n_columns = self.cells[begin..].last().map_or(0, |&(column, _)| column as usize + 1).max(self.n_columns);
        self.starts.push(self.cells.len());
        self.weights.push(weight);
    }

    pub fn len(&self) -> usize {
        self.weights.len()
    }

    pub fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    pub fn n_columns(&self) -> usize {
        self.n_columns
    }

    pub fn n_cells(&self) -> usize {
        self.cells.len()
    }

    pub fn row(&self, row: usize) -> &[(u32, f64)] {
        &self.cells[self.starts[row]..self.starts[row + 1]]
    }

    /// Rows from this one on, with about so many cells.
    pub fn some(&self, begin: usize, n_cells: usize) -> Range<usize> {
        let mut end = begin;
        while end < self.len() && self.starts[end] - self.starts[begin] + (end - begin) < n_cells {
            end += 1;
        }
        begin..end
    }

    pub fn value(&self, row: usize, column: u32) -> f64 {
        let cells = self.row(row);
        cells.binary_search_by_key(&column, |&(column, _)| column).map_or(0.0, |at| cells[at].1)
    }

    pub fn weight(&self, row: usize) -> f64 {
        f64::from(self.weights[row])
    }

    /// How many groups all rows stand for.
    pub fn total_weight(&self) -> f64 {
        self.weights.iter().map(|&weight| f64::from(weight)).sum()
    }

    pub fn column_means(&self) -> Vec<f64> {
        let mut means = vec![0.0; self.n_columns];
        for row in 0..self.len() {
            self.row(row).iter().for_each(|&(column, value)| means[column as usize] += value * self.weight(row));
        }
        let total = self.total_weight();
        means.iter_mut().for_each(|mean| *mean /= total);
        means
    }

    /// Logarithms of the counts, so that 100 beside 101 is no difference, each column weighted by how much being in a group
    /// tells: TF-IDF (Spärck Jones, 1972), with the inverse share of the rarer of "has it" and "has it not", as an entry that is
    /// missing where all have it tells as much as one that nobody else has.
    pub fn weighted(&self) -> Self {
        let (tells, mut weighted) = (self.telling(), Self::default());
        weighted.push_weighted(self, 0..self.len(), &tells);
        weighted
    }

    /// The same with cells of further columns behind those of each row, whose values are weighted already.
    pub fn weighted_beside(&self, further: &[Vec<(u32, f64)>]) -> Self {
        let (tells, mut weighted) = (self.telling(), Self::default());
        for (row, further) in further.iter().enumerate() {
            weighted.push_values(self.weighted_row(row, &tells).chain(further.iter().copied()), self.weights[row]);
        }
        weighted
    }

    /// Makes the values of columns larger or smaller.
    pub fn scale(&mut self, of_column: impl Fn(u32) -> f64) {
        self.cells.iter_mut().for_each(|(column, value)| *value *= of_column(*column));
    }

    /// By column: how much being in a group tells.
    pub fn telling(&self) -> Vec<f64> {
        let total = self.total_weight();
        let mut holders = vec![0.0; self.n_columns];
        for row in 0..self.len() {
            self.row(row).iter().for_each(|&(column, _)| holders[column as usize] += self.weight(row));
        }
        holders.into_iter().map(|n: f64| 1.0 + (total / n.min(total - n).max(1.0)).ln()).collect()
    }

    /// Some rows of another, as [`Rows::weighted`] has them.
    pub fn push_weighted(&mut self, other: &Self, range: Range<usize>, tells: &[f64]) {
        for row in range {
            self.push_values(other.weighted_row(row, tells), other.weights[row]);
        }
    }

    fn weighted_row(&self, row: usize, tells: &[f64]) -> impl Iterator<Item = (u32, f64)> {
        self.row(row).iter().map(|&(column, n)| (column, (1.0 + n).ln() * tells[column as usize]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_stands_for_its_groups_in_means() {
        let mut rows = Rows::default();
        rows.push([(0, 2), (2, 4)], 3);
        rows.push([(2, 8)], 1);
        assert_eq!((rows.len(), rows.n_columns()), (2, 3));
        assert_eq!(rows.column_means(), [1.5, 0.0, 5.0]);
        assert_eq!((rows.value(0, 1), rows.value(1, 2)), (0.0, 8.0));
    }

    #[test]
    fn what_few_have_and_what_few_lack_tells_most() {
        let mut rows = Rows::default();
        rows.push([(0, 1), (1, 1)], 50);
        rows.push([(1, 1)], 49);
        rows.push([(2, 1)], 1);
        let weighted = rows.weighted();
        assert_eq!(weighted.value(0, 1), weighted.value(2, 2));
        assert!(weighted.value(0, 0) < 0.5 * weighted.value(0, 1));
    }
}
