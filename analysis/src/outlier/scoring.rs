//! Scores groups in small steps, so that somebody who waits for something else is not kept waiting.

use std::collections::BTreeMap;

use super::isolation::Forest;
use super::order::{self, Chain, Step};
use super::rarity::{Difference, Norms};
use super::residual::Search;
use super::{Rows, WEIGHT_OF_ISOLATION, WEIGHT_OF_ORDER, WEIGHT_OF_RARITY, WEIGHT_OF_RESIDUAL, add_surprise};

/// Groups whose entries are counted in one step: about a millisecond.
const COUNTED_AT_ONCE: usize = 2_000;

/// How often each template occurs in a group, by template.
type Counts = Vec<(u32, u32)>;

/// What is known of the groups so far. The result does not depend on how the steps are spread over time.
pub struct Scoring {
    groups: Vec<Vec<u32>>,
    /// Most groups have the same counts as others; each kind is looked at once.
    kinds: BTreeMap<Counts, Vec<u32>>,
    scores: Vec<f64>,
    stage: Stage,
}

enum Stage {
    Counting { n_counted: usize },
    Residual { looking: Looking, search: Search },
    Isolation { looking: Looking, forest: Forest },
    Order { looking: Looking },
    Done { looking: Looking, chain: Chain },
}

struct Looking {
    members: Vec<Vec<u32>>,
    rows: Rows,
    /// The rows as the detectors of whole groups want them.
    scaled: Rows,
    norms: Norms,
}

impl Scoring {
    /// `groups`: the template numbers of each one's entries, in time order.
    pub fn begin(groups: Vec<Vec<u32>>) -> Self {
        let scores = vec![0.0; groups.len()];
        Self { groups, kinds: BTreeMap::new(), scores, stage: Stage::Counting { n_counted: 0 } }
    }

    /// Goes on a little; `false` when there is nothing more to do.
    pub fn step(&mut self) -> bool {
        let stage = std::mem::replace(&mut self.stage, Stage::Counting { n_counted: 0 });
        self.stage = match stage {
            Stage::Counting { n_counted } => self.count(n_counted),
            Stage::Residual { looking, mut search } => {
                if search.advance(&looking.scaled) {
                    Stage::Residual { looking, search }
                } else {
                    let residuals = search.finish(&looking.scaled).residuals(&looking.scaled);
                    self.add(&looking, WEIGHT_OF_RESIDUAL, &residuals);
                    let forest = Forest::begin(&looking.scaled);
                    Stage::Isolation { looking, forest }
                }
            }
            Stage::Isolation { looking, mut forest } => {
                if forest.grow(&looking.scaled) {
                    Stage::Isolation { looking, forest }
                } else {
                    self.add(&looking, WEIGHT_OF_ISOLATION, &forest.scores());
                    Stage::Order { looking }
                }
            }
            Stage::Order { looking } => {
                let chain = Chain::of(&self.groups);
                add_surprise(&mut self.scores, WEIGHT_OF_ORDER, &order::scores(&self.groups, &chain));
                Stage::Done { looking, chain }
            }
            done @ Stage::Done { .. } => done,
        };
        !matches!(self.stage, Stage::Done { .. })
    }

    fn count(&mut self, n_counted: usize) -> Stage {
        let end = (n_counted + COUNTED_AT_ONCE).min(self.groups.len());
        for group in n_counted..end {
            self.kinds.entry(counts_of(&self.groups[group])).or_default().push(group as u32);
        }
        if end < self.groups.len() {
            return Stage::Counting { n_counted: end };
        }
        let (mut rows, mut members) = (Rows::default(), Vec::with_capacity(self.kinds.len()));
        for (counts, of_kind) in std::mem::take(&mut self.kinds) {
            rows.push(counts, of_kind.len() as u32);
            members.push(of_kind);
        }
        let norms = Norms::of(&rows);
        let rarity: Vec<f64> = (0..rows.len()).map(|row| norms.bits(rows.row(row))).collect();
        let scaled = rows.weighted();
        let looking = Looking { members, rows, scaled, norms };
        self.add(&looking, WEIGHT_OF_RARITY, &rarity);
        let search = Search::begin(&looking.scaled);
        Stage::Residual { looking, search }
    }

    /// Adds what a detector says of each kind.
    fn add(&mut self, looking: &Looking, weight: f64, of_kind: &[f64]) {
        let mut of_group = vec![0.0; self.groups.len()];
        for (members, &score) in looking.members.iter().zip(of_kind) {
            members.iter().for_each(|&group| of_group[group as usize] = score);
        }
        add_surprise(&mut self.scores, weight, &of_group);
    }

    /// What was found; where steps are left they are done now.
    pub fn finish(mut self) -> Scored {
        while self.step() {}
        let Stage::Done { looking: Looking { members, rows, norms, .. }, chain } = self.stage else {
            unreachable!("steps end with this stage")
        };
        Scored { groups: self.groups, scores: self.scores, members, rows, norms, chain }
    }
}

/// Groups with their scores, and why.
pub struct Scored {
    pub groups: Vec<Vec<u32>>,
    /// How unlike the others each group is; see [`scores`](super::scores).
    pub scores: Vec<f64>,
    /// By kind: the groups with exactly the same number of entries of each template, ascending.
    pub members: Vec<Vec<u32>>,
    rows: Rows,
    norms: Norms,
    chain: Chain,
}

impl Scored {
    /// In which templates a kind differs from what is usual, the most unusual first.
    pub fn differences(&self, kind: usize) -> Vec<Difference> {
        self.norms.differences(self.rows.row(kind))
    }

    pub fn norms(&self) -> &Norms {
        &self.norms
    }

    /// The step of a group that the fewest take.
    pub fn oddest_step(&self, group: usize) -> Option<Step> {
        self.chain.oddest_step(&self.groups[group])
    }
}

fn counts_of(events: &[u32]) -> Counts {
    let mut sorted = events.to_vec();
    sorted.sort_unstable();
    sorted.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u32)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_the_same_entries_are_one_kind_and_differ_in_what_they_have_alone() {
        let mut groups = vec![vec![0, 1, 2]; 63];
        groups.push(vec![0, 5, 2, 5]);
        let scored = Scoring::begin(groups).finish();
        let mut sizes: Vec<usize> = scored.members.iter().map(Vec::len).collect();
        sizes.sort_unstable();
        assert_eq!(sizes, [1, 63]);
        let odd = scored.members.iter().position(|members| members == &[63]).unwrap();
        let differences = scored.differences(odd);
        let found: Vec<(u32, f64)> = differences.iter().map(|found| (found.column, found.count)).collect();
        assert_eq!(found, [(1, 0.0), (5, 2.0)]);
        assert_eq!(scored.norms().usual(1), (1, 1, 63));
        assert_eq!(scored.norms().n_with(5, 2.0), 1);
        assert_eq!(scored.oddest_step(63).map(|step| (step.from, step.to)), Some((Some(2), Some(5))));
    }
}
