//! How rarely a group has as many entries of each template as this one: histograms of each column by itself (HBOS,
//! Goldstein & Dengel 2012), in bits.
//!
//! In the page: "Few groups have so many, or so few, of these messages."

use std::ops::Range;

use super::Rows;

/// Counts from 0 to 3 stand alone, more lie together by halves of powers of two.
const N_BUCKETS: usize = 64;

fn bucket(count: f64) -> usize {
    if count < 5.0 {
        return count as usize;
    }
    // 4–5, 6–7, 8–11, 12–15, 16–23 …
    let n = count as u64;
    let log = n.ilog2() as usize;
    let half = (n >> (log - 1) & 1) as usize;
    (2 * log + half).min(N_BUCKETS - 1)
}

/// The counts that lie in a bucket, first and last.
fn counts_in(bucket: usize) -> (u32, u32) {
    match bucket {
        0..4 => (bucket as u32, bucket as u32),
        _ => {
            let (log, half) = (bucket / 2, bucket as u32 % 2);
            let first = (2 + half) << (log - 1);
            (first, first + (1 << (log - 1)) - 1)
        }
    }
}

/// What is usual for each template.
pub struct Norms {
    n_groups: f64,
    /// By column and bucket: how many groups.
    n_with: Vec<[f64; N_BUCKETS]>,
    /// By column: the commonest bucket.
    usual: Vec<usize>,
    /// The bits of a group without any entry.
    bits_of_none: f64,
}

/// A template of which a group has unusually many or few entries.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    pub column: u32,
    pub count: f64,
    /// How much rarer this is than what is usual: 10 bits are about one in a thousand.
    pub bits: f64,
}

impl Norms {
    /// Before any row is counted.
    pub fn begin(rows: &Rows) -> Self {
        let n_groups = rows.total_weight();
        let mut n_with = vec![[0.0; N_BUCKETS]; rows.n_columns()];
        n_with.iter_mut().for_each(|buckets| buckets[0] = n_groups);
        Self { n_groups, n_with, usual: Vec::new(), bits_of_none: 0.0 }
    }

    pub fn count(&mut self, rows: &Rows, range: Range<usize>) {
        for row in range {
            for &(column, count) in rows.row(row) {
                self.n_with[column as usize][0] -= rows.weight(row);
                self.n_with[column as usize][bucket(count)] += rows.weight(row);
            }
        }
    }

    /// When all rows are counted.
    pub fn finish(&mut self) {
        self.usual = self.n_with.iter().map(commonest).collect();
        self.bits_of_none = (0..self.usual.len()).map(|column| self.bits_of(column, 0)).sum();
    }

    /// The whole surprise of a group.
    pub fn bits(&self, group: &[(u32, f64)]) -> f64 {
        let changes = group
            .iter()
            .map(|&(column, count)| self.bits_of(column as usize, bucket(count)) - self.bits_of(column as usize, 0));
        (self.bits_of_none + changes.sum::<f64>()).max(0.0)
    }

    /// What makes a group unusual, the most unusual first.
    pub fn differences(&self, group: &[(u32, f64)]) -> Vec<Difference> {
        let mut counts = vec![0.0; self.usual.len()];
        group.iter().for_each(|&(column, count)| counts[column as usize] = count);
        let all = counts.into_iter().enumerate().map(|(column, count)| Difference {
            column: column as u32,
            count,
            bits: self.bits_of(column, bucket(count)),
        });
        let mut differences: Vec<_> = all.filter(|difference| difference.bits >= 1.0).collect();
        differences.sort_by(|a, b| b.bits.total_cmp(&a.bits).then(a.column.cmp(&b.column)));
        differences
    }

    /// How many entries of a template most groups have, first and last, and how many groups have so many.
    pub fn usual(&self, column: u32) -> (u32, u32, u64) {
        let bucket = self.usual[column as usize];
        let (first, last) = counts_in(bucket);
        (first, last, self.n_with[column as usize][bucket] as u64)
    }

    /// How many groups have about so many entries of a template.
    pub fn n_with(&self, column: u32, count: f64) -> u64 {
        self.n_with[column as usize][bucket(count)] as u64
    }

    fn bits_of(&self, column: usize, bucket: usize) -> f64 {
        let buckets = &self.n_with[column];
        // A group that is looked at is one of those that have what it has.
        let n = buckets[bucket].max(1.0);
        (buckets[self.usual[column]].min(self.n_groups) / n).log2()
    }
}

fn commonest(buckets: &[f64; N_BUCKETS]) -> usize {
    (0..N_BUCKETS).rev().max_by(|&a, &b| buckets[a].total_cmp(&buckets[b])).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_as_surprising_as_its_counts_are_rare() {
        let mut rows = Rows::default();
        rows.push([(0, 1), (1, 3)], 1024);
        rows.push([(0, 1)], 1);
        let mut norms = Norms::begin(&rows);
        norms.count(&rows, 0..rows.len());
        norms.finish();
        assert_eq!(norms.bits(rows.row(0)), 0.0);
        assert_eq!(norms.bits(rows.row(1)), 10.0);
        assert_eq!(norms.differences(rows.row(1)), [Difference { column: 1, count: 0.0, bits: 10.0 }]);
    }

    #[test]
    fn buckets_grow_with_the_counts() {
        let counts = [0.0, 4.0, 5.0, 6.0, 7.0, 8.0, 11.0, 12.0, 15.0, 16.0];
        assert_eq!(counts.map(bucket), [0, 4, 4, 5, 5, 6, 6, 7, 7, 8]);
        assert_eq!(bucket(1e18), N_BUCKETS - 1);
        for count in [0, 1, 4, 5, 6, 7, 8, 11, 12, 15, 16, 23, 24, 31, 32, 1000, 1_000_000] {
            let (first, last) = counts_in(bucket(f64::from(count)));
            assert!(first <= count && count <= last, "{count} in {first}..={last}");
            assert_eq!(bucket(f64::from(first)), bucket(f64::from(last)));
            assert_ne!(bucket(f64::from(last)), bucket(f64::from(last + 1)));
        }
    }
}
