//! Density clusters and what belongs to none: DBSCAN (Ester, Kriegel, Sander & Xu 1996).
//!
//! In the page: "Times that have few others like them."

/// By point: its cluster from 0 on, or none for noise. `distances`: between all pairs, a row a point; `n_near`: points within
/// `reach`, itself included, that make a point the core of a cluster.
///
/// Clusters are numbered by their first point; a point at the edge of two belongs to the first. Cost: O(n²).
pub fn cluster(distances: &Distances, reach: f64, n_near: usize) -> Vec<Option<u32>> {
    let n = distances.n;
    let near = |point: usize| (0..n).filter(move |&other| distances.between(point, other) <= reach);
    let is_core: Vec<bool> = (0..n).map(|point| near(point).count() >= n_near).collect();
    let mut clusters = vec![None; n];
    let mut n_clusters = 0;
    for start in 0..n {
        if !is_core[start] || clusters[start].is_some() {
            continue;
        }
        clusters[start] = Some(n_clusters);
        let mut open = vec![start];
        while let Some(point) = open.pop() {
            for other in near(point) {
                if clusters[other].is_none() {
                    clusters[other] = Some(n_clusters);
                    if is_core[other] {
                        open.push(other);
                    }
                }
            }
        }
        n_clusters += 1;
    }
    clusters
}

/// Euclidean distances between points.
#[derive(Clone, Debug, Default)]
pub struct Distances {
    n: usize,
    squares: Vec<f32>,
}

impl Distances {
    /// `points`: equally many coordinates each.
    pub fn of(points: &[Vec<f64>]) -> Self {
        let n = points.len();
        let mut squares = vec![0.0; n * n];
        for (a, from) in points.iter().enumerate() {
            for (b, to) in points.iter().enumerate().skip(a + 1) {
                let square: f64 = from.iter().zip(to).map(|(from, to)| (from - to).powi(2)).sum();
                squares[a * n + b] = square.sqrt() as f32;
                squares[b * n + a] = square.sqrt() as f32;
            }
        }
        Self { n, squares }
    }

    pub fn between(&self, a: usize, b: usize) -> f64 {
        f64::from(self.squares[a * self.n + b])
    }

    /// A reach that most points find `n_near` others in, and odd ones do not: where the sorted distances to the n-th
    /// neighbour bend (Ester et al., section 4.2), found as the upper quartile and three interquartile ranges (Tukey 1977).
    pub fn usual_reach(&self, n_near: usize) -> f64 {
        let to_nth = |point: usize| {
            let mut row: Vec<f32> = self.squares[point * self.n..(point + 1) * self.n].to_vec();
            let nth = n_near.min(row.len()) - 1;
            *row.select_nth_unstable_by(nth, f32::total_cmp).1
        };
        let mut reaches: Vec<f32> = (0..self.n).map(to_nth).collect();
        reaches.sort_by(f32::total_cmp);
        let [low, high] = [1, 3].map(|quarter| reaches.get(reaches.len() * quarter / 4).copied().unwrap_or(0.0));
        f64::from(high + 3.0 * (high - low)).max(1e-6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_crowds_are_clusters_and_what_lies_between_is_noise() {
        let crowd = |at: f64| (0..10).map(move |n| vec![at + 0.1 * f64::from(n), 0.0]);
        let mut points: Vec<Vec<f64>> = crowd(0.0).chain(crowd(50.0)).collect();
        points.push(vec![25.0, 0.0]);
        let distances = Distances::of(&points);
        let clusters = cluster(&distances, distances.usual_reach(4), 4);
        assert!(clusters[..10].iter().all(|&cluster| cluster == Some(0)), "{clusters:?}");
        assert!(clusters[10..20].iter().all(|&cluster| cluster == Some(1)), "{clusters:?}");
        assert_eq!(clusters[20], None);
    }

    #[test]
    fn no_points_have_no_clusters() {
        let distances = Distances::of(&[]);
        assert!(cluster(&distances, 1.0, 3).is_empty());
        assert!(distances.usual_reach(3) > 0.0);
    }
}
