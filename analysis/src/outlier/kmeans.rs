//! How far each point is from the middle of its kind: k-means (Lloyd 1982) from well-spread beginnings (k-means++, Arthur &
//! Vassilvitskii 2007).
//!
//! In the page: "Times that are far from every usual one."

use crate::sample::random::Random;

const N_ROUNDS: usize = 30;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kinds {
    /// By point.
    pub of: Vec<u32>,
    /// By point: to the middle of its kind.
    pub distances: Vec<f64>,
    /// By kind.
    pub middles: Vec<Vec<f64>>,
}

impl Kinds {
    /// The middles of those kinds that so many points or more are of.
    pub fn usual(&self, n_least: usize) -> Vec<Vec<f64>> {
        let is_usual = |&kind: &usize| self.of.iter().filter(|&&of| of as usize == kind).count() >= n_least;
        (0..self.middles.len()).filter(is_usual).map(|kind| self.middles[kind].clone()).collect()
    }

    /// By point: how far it is from the nearest of the kinds that so many points or more are of.
    pub fn distances_to_usual(&self, points: &[Vec<f64>], n_least: usize) -> Vec<f64> {
        let usual = self.usual(n_least);
        if usual.is_empty() { self.distances.clone() } else { nearest(points, &usual).distances }
    }
}

/// At most `n_kinds`; the same points in the same order give the same kinds.
pub fn kinds(points: &[Vec<f64>], n_kinds: usize) -> Kinds {
    if points.is_empty() {
        return Kinds::default();
    }
    let mut middles = beginnings(points, n_kinds);
    let mut kinds = nearest(points, &middles);
    for _ in 0..N_ROUNDS {
        for (kind, middle) in middles.iter_mut().enumerate() {
            let members: Vec<&Vec<f64>> = members(points, &kinds.of, kind as u32).collect();
            if !members.is_empty() {
                let mean = |axis: usize| members.iter().map(|point| point[axis]).sum::<f64>() / members.len() as f64;
                *middle = (0..middle.len()).map(mean).collect();
            }
        }
        let next = nearest(points, &middles);
        let is_settled = next.of == kinds.of;
        kinds = next;
        if is_settled {
            break;
        }
    }
    Kinds { middles, ..kinds }
}

fn members<'p>(points: &'p [Vec<f64>], of: &[u32], kind: u32) -> impl Iterator<Item = &'p Vec<f64>> {
    points.iter().zip(of).filter(move |(_, of)| **of == kind).map(|(point, _)| point)
}

fn beginnings(points: &[Vec<f64>], n_kinds: usize) -> Vec<Vec<f64>> {
    let mut random = Random::new(3);
    let mut middles = vec![points[random.below(points.len() as u32) as usize].clone()];
    while middles.len() < n_kinds {
        let squares: Vec<f64> = nearest(points, &middles).distances.iter().map(|distance| distance.powi(2)).collect();
        let mut place = random.unit() * squares.iter().sum::<f64>();
        let chosen = squares.iter().position(|square| {
            place -= square;
            place < 0.0
        });
        let Some(chosen) = chosen else { break };
        middles.push(points[chosen].clone());
    }
    middles
}

pub(super) fn distance(from: &[f64], to: &[f64]) -> f64 {
    square_distance(from, to).sqrt()
}

fn square_distance(from: &[f64], to: &[f64]) -> f64 {
    from.iter().zip(to).map(|(from, to)| (from - to) * (from - to)).sum()
}

fn nearest(points: &[Vec<f64>], middles: &[Vec<f64>]) -> Kinds {
    let mut kinds = Kinds::default();
    for point in points {
        let each = middles.iter().enumerate().map(|(kind, middle)| (kind, square_distance(point, middle)));
        let (kind, square) = each.min_by(|a, b| a.1.total_cmp(&b.1)).expect("there is at least one kind");
        kinds.of.push(kind as u32);
        kinds.distances.push(square.sqrt());
    }
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_far_from_every_crowd_is_far_from_its_middle() {
        let mut points: Vec<Vec<f64>> =
            (0..40).map(|n| vec![f64::from(n % 2) * 50.0 + f64::from(n % 5), 0.0]).collect();
        points.push(vec![20.0, 0.0]);
        let kinds = kinds(&points, 2);
        assert_ne!(kinds.of[0], kinds.of[1]);
        assert!(kinds.distances[..40].iter().all(|&distance| distance < kinds.distances[40] / 2.0), "{kinds:?}");
    }

    #[test]
    fn a_few_points_of_one_kind_are_far_from_the_usual_ones() {
        let mut points: Vec<Vec<f64>> = (0..40).map(|n| vec![f64::from(n % 5)]).collect();
        points.extend((0..3).map(|n| vec![90.0 + f64::from(n)]));
        let kinds = kinds(&points, 2);
        assert!(kinds.distances[40] < 2.0);
        assert!(kinds.distances_to_usual(&points, 4)[40] > 80.0);
    }

    #[test]
    fn equal_points_are_one_kind() {
        assert_eq!(kinds(&vec![vec![1.0]; 5], 3).distances, [0.0; 5]);
        assert_eq!(kinds(&[], 3), Kinds::default());
    }
}
