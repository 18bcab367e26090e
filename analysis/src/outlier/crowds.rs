//! Where groups lie among all others, as windows of time do on their map: far from each of the few kinds of groups there usually
//! are ([`kmeans`]), or in no crowd ([`dbscan`](super::dbscan)).
//!
//! Both are found from a sample of the groups, in the space of the patterns that vary most ([`residual`](super::residual)); each
//! other group is held against that. They tell that a group is apart, and add nothing to its score: three detectors look at the
//! same counts already.

use std::f64::consts::LN_2;

use model::group::GroupVoter;

use super::dbscan::Distances;
use super::isolation::draw;
use super::residual::Components;
use super::vote::{VOTE, usual};
use super::{Rows, SAME, kmeans};
use crate::sample::random::Random;

/// Groups that are drawn: each is held against each other.
const SAMPLE: usize = 512;

/// Kinds of groups that k-means looks for; one of no more than this part of the groups drawn is no usual one.
const N_KINDS: usize = 4;
const FEW_SHARE: usize = 24;

/// Where nearly all groups coincide, chance does not tell what is far: farther than this part of what one entry makes that no other
/// group has. One more of a message that each group has is nearer (log 3/2 to log 2, 0.58).
const LEAST_FAR: f64 = 0.6;

/// Groups within reach that make one the middle of a crowd.
const N_NEAR: u32 = 4;

pub struct Crowds {
    components: Components,
    /// The middles of the usual kinds.
    usual: Vec<Vec<f64>>,
    /// Farther than this from all of them a group is far.
    far: f64,
    /// Groups in the middle of crowds; within this of one of them a group is of a crowd.
    middles: Vec<Vec<f64>>,
    reach: f64,
    /// A row that stands for more groups is a usual kind by itself.
    n_few: f64,
}

impl Crowds {
    /// `components`: of these rows. Cost: O(sample²), a few milliseconds.
    pub fn of(rows: &Rows, components: Components) -> Self {
        let n_drawn = (rows.total_weight() as usize).min(SAMPLE);
        // In rising order.
        let drawn = if rows.is_empty() { Vec::new() } else { draw(rows, n_drawn, &mut Random::new(4)) };
        let points: Vec<Vec<f64>> = drawn.iter().map(|&row| components.place(rows.row(row as usize))).collect();
        let kinds = kmeans::kinds(&points, N_KINDS);
        let n_usual = points.len() / FEW_SHARE + 1;
        let least_far = LEAST_FAR * LN_2 * (1.0 + rows.total_weight().max(1.0).ln());
        let (middle, chance) = usual(&kinds.distances_to_usual(&points, n_usual));
        let far = middle + if chance > SAME { VOTE * chance } else { least_far };
        let n_few = rows.total_weight() / FEW_SHARE as f64;

        // Most groups are like others: how near those are that are not tells what is near.
        let same: Vec<&[u32]> = drawn.chunk_by(|a, b| a == b).collect();
        let distinct: Vec<Vec<f64>> = same.iter().map(|same| components.place(rows.row(same[0] as usize))).collect();
        let distances = Distances::of(&distinct);
        let reach = if distinct.len() > N_NEAR as usize { distances.usual_reach(N_NEAR as usize) } else { least_far };
        let n_around = |point: usize| {
            let near = (0..same.len()).filter(|&other| distances.between(point, other) <= reach);
            near.map(|other| same[other].len() as u32).sum::<u32>()
        };
        let is_middle: Vec<bool> = (0..same.len()).map(|point| n_around(point) >= N_NEAR).collect();
        let middles = distinct.into_iter().zip(is_middle).filter(|(_, is_middle)| *is_middle);
        let middles = middles.map(|(point, _)| point).collect();
        Self { far, usual: kinds.usual(n_usual), middles, reach, n_few, components }
    }

    /// Who says of a group that it is apart. `cells`: a row of those that the components are of; `n_same`: how many groups it stands
    /// for, of which hardly one may have been drawn.
    pub fn voters(&self, cells: &[(u32, f64)], n_same: f64) -> Vec<GroupVoter> {
        let point = self.components.place(cells);
        let is_near =
            |others: &[Vec<f64>], reach: f64| others.iter().any(|other| kmeans::distance(&point, other) <= reach);
        let is_far = n_same <= self.n_few.max(1.0) && !self.usual.is_empty() && !is_near(&self.usual, self.far);
        let is_alone = n_same < f64::from(N_NEAR) && !self.middles.is_empty() && !is_near(&self.middles, self.reach);
        let said = [(GroupVoter::Kinds, is_far), (GroupVoter::Crowds, is_alone)];
        said.into_iter().filter(|(_, is_said)| *is_said).map(|(voter, _)| voter).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::residual::Search;
    use super::*;

    fn crowds(rows: &Rows) -> Crowds {
        let mut search = Search::begin(rows);
        while search.advance(rows) {}
        Crowds::of(rows, search.finish(rows))
    }

    #[test]
    fn a_group_unlike_all_others_is_far_from_their_kinds_and_in_no_crowd() {
        let mut rows = Rows::default();
        (0..200).for_each(|n| rows.push([(0, 10 + n % 7), (1, 20 + n % 5)], 1));
        rows.push([(0, 600), (1, 3)], 1);
        let rows = rows.weighted();
        let crowds = crowds(&rows);
        assert_eq!(crowds.voters(rows.row(200), 1.0), [GroupVoter::Kinds, GroupVoter::Crowds]);
        let n_apart = (0..200).filter(|&row| !crowds.voters(rows.row(row), 1.0).is_empty()).count();
        assert!(n_apart < 10, "{n_apart}");
    }

    #[test]
    fn where_nearly_all_groups_are_the_same_another_one_is_apart_and_they_are_not() {
        let mut rows = Rows::default();
        rows.push([(0, 1), (1, 1)], 4000);
        rows.push([(0, 1), (2, 1)], 1);
        let rows = rows.weighted();
        let crowds = crowds(&rows);
        assert_eq!(crowds.voters(rows.row(0), rows.weight(0)), []);
        assert_eq!(crowds.voters(rows.row(1), rows.weight(1)), [GroupVoter::Kinds, GroupVoter::Crowds]);
    }

    #[test]
    fn where_nearly_all_groups_are_the_same_one_with_an_entry_more_is_not_apart() {
        let mut rows = Rows::default();
        rows.push([(0, 1), (1, 1)], 4000);
        rows.push([(0, 2), (1, 1)], 1);
        let rows = rows.weighted();
        assert_eq!(crowds(&rows).voters(rows.row(1), rows.weight(1)), []);
    }

    #[test]
    fn groups_of_which_hardly_one_is_drawn_are_a_crowd_and_a_kind_where_they_are_many() {
        let mut rows = Rows::default();
        rows.push([(0, 1), (1, 1)], 199_800);
        rows.push([(0, 1), (2, 1)], 200);
        let rows = rows.weighted();
        let crowds = crowds(&rows);
        let said_of = |n_same: f64| crowds.voters(rows.row(1), n_same);
        assert_eq!(said_of(1.0), [GroupVoter::Kinds, GroupVoter::Crowds]);
        assert_eq!(said_of(rows.weight(1)), [GroupVoter::Kinds]);
        assert_eq!(said_of(10_000.0), []);
    }

    #[test]
    fn of_no_groups_nothing_is_said() {
        let rows = Rows::default();
        assert_eq!(crowds(&rows).voters(&[], 1.0), []);
    }
}
