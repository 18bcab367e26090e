//! Which of many groups of entries (a request, a session, a block) is unlike the others, and in what.
//!
//! A group is the templates of its entries, in their order. Four detectors, each by itself, say how odd a group is:
//! [`rarity`] (how rarely a group has so many entries of a template), [`residual`] (counts that do not go together as they do
//! elsewhere), [`isolation`] (how easily random cuts set it apart) and [`order`] (one template follows another as it seldom
//! does). Their scales have nothing in common, so each score becomes the share of groups that are at least as odd; the
//! negative logarithms of these shares are added up (Fisher's method, 1925). What all groups agree on adds nothing. Whether a group
//! is far from all kinds of groups, or in no crowd (`crowds`), is told beside that.
//!
//! The result depends on the groups alone, not on their order.

pub use rarity::{Difference, Norms};
pub use rows::Rows;

mod crowds;

pub mod dbscan;

pub mod isolation;

pub mod kmeans;

pub mod order;

pub mod rarity;

pub mod residual;

mod rows;

mod scoring;
pub use scoring::{Scored, Scoring};

pub mod vote;

/// How much a detector's word counts. The first three look at the same counts and share one voice and a half; the order of
/// entries that are written at the same time is chance in part, so that it counts for less.
const WEIGHT_OF_RARITY: f64 = 1.0;
const WEIGHT_OF_RESIDUAL: f64 = 0.25;
const WEIGHT_OF_ISOLATION: f64 = 0.25;
const WEIGHT_OF_ORDER: f64 = 0.1;

/// How unlike the others each group is: 0 is like all, each further 1 about e times rarer.
///
/// `groups`: the template numbers of each one's entries, in time order. Cost: a few passes over all distinct groups.
pub fn scores(groups: Vec<Vec<u32>>) -> Vec<f64> {
    let mut scoring = Scoring::begin(groups);
    while scoring.step() {}
    scoring.finish().scores
}

/// Scores that differ by less than this are one: sums that come about in another order.
const SAME: f64 = 1e-6;

fn add_surprise(sums: &mut [f64], weight: f64, scores: &[f64]) {
    // With the scores beside the places nothing has to be looked up while they are put in order.
    let mut order: Vec<(f64, u32)> = scores.iter().copied().zip(0..).collect();
    order.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let n = scores.len() as f64;
    let mut at = 0;
    while at < order.len() {
        let score = order[at].0;
        let n_same = order[at..].iter().take_while(|(other, _)| score - other <= SAME * score.abs()).count();
        let surprise = -((at + n_same) as f64 / n).ln();
        order[at..at + n_same].iter().for_each(|&(_, group)| sums[group as usize] += weight * surprise);
        at += n_same;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::random::Random;

    /// Requests that begin (0), read (1) one to three times, write (2) as often, and end (3).
    fn requests(n: usize) -> Vec<Vec<u32>> {
        let mut random = Random::new(5);
        let request = |_| {
            let n_items = 1 + random.below(3);
            let mut events = vec![0];
            (0..n_items).for_each(|_| events.extend([1, 2]));
            events.push(3);
            events
        };
        (0..n).map(request).collect()
    }

    #[track_caller]
    fn check_oddest(odd: &[u32]) {
        let mut groups = requests(500);
        groups.insert(123, odd.to_vec());
        let scores = scores(groups.clone());
        let oddest = (0..groups.len()).max_by(|&a, &b| scores[a].total_cmp(&scores[b])).unwrap();
        assert_eq!(oddest, 123, "{:?} before {:?}", groups[oddest], (scores[oddest], scores[123]));
    }

    #[test]
    fn an_entry_that_nobody_else_has_is_odd() {
        check_oddest(&[0, 1, 2, 9, 3]);
    }

    #[test]
    fn a_request_that_never_ends_is_odd() {
        check_oddest(&[0, 1, 2, 1, 2]);
    }

    #[test]
    fn counts_that_do_not_go_together_are_odd_though_each_is_usual() {
        check_oddest(&[0, 1, 1, 1, 2, 3]);
    }

    #[test]
    fn an_unusual_order_of_usual_entries_is_odd() {
        check_oddest(&[0, 2, 1, 3]);
    }

    #[test]
    fn the_scores_do_not_depend_on_the_order_of_the_groups() {
        let groups = requests(200);
        let forward = scores(groups.clone());
        let reversed: Vec<Vec<u32>> = groups.iter().rev().cloned().collect();
        let mut backward = scores(reversed);
        backward.reverse();
        assert_eq!(forward, backward);
    }

    #[test]
    fn groups_that_are_all_the_same_are_not_odd_and_none_at_all_are_no_trouble() {
        assert_eq!(scores(vec![vec![1, 2]; 3]), [0.0; 3]);
        assert_eq!(scores(vec![]), [0.0; 0]);
        assert_eq!(scores(vec![vec![]]), [0.0]);
    }
}
