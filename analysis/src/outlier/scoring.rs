//! Scores groups in small steps, so that somebody who waits for something else is not kept waiting.

use std::collections::{BTreeMap, btree_map};
use std::ops::Range;

use model::group::GroupVoter;

use super::crowds::Crowds;
use super::isolation::Forest;
use super::order::{Chain, Step};
use super::rarity::{Difference, Norms};
use super::residual::{Components, Search};
use super::{Rows, WEIGHT_OF_ISOLATION, WEIGHT_OF_ORDER, WEIGHT_OF_RARITY, WEIGHT_OF_RESIDUAL, add_surprise};

/// Entries, cells and rows that are looked at in one step: a few milliseconds.
const AT_ONCE: usize = 1 << 16;

/// How often each template occurs in a group, by template.
type Counts = Vec<(u32, u32)>;

/// What is known of the groups so far. The result does not depend on how the steps are spread over time.
pub struct Scoring {
    groups: Vec<Vec<u32>>,
    scores: Vec<f64>,
    stage: Stage,
}

/// Most groups have the same counts as others; each kind is looked at once.
enum Stage {
    Counting { n_counted: usize, kinds: BTreeMap<Counts, Vec<u32>> },
    Gathering { kinds: btree_map::IntoIter<Counts, Vec<u32>>, rows: Rows, members: Vec<Vec<u32>> },
    Norms { looking: Looking, n_counted: usize },
    Rarity { looking: Looking, rarity: Vec<f64> },
    Weighting { looking: Looking, tells: Vec<f64> },
    Axes { looking: Looking, search: Search },
    Residual { looking: Looking, components: Components, residuals: Vec<f64> },
    Crowds { looking: Looking, components: Components },
    Isolation { looking: Looking, forest: Forest },
    Following { looking: Looking, chain: Chain, n_followed: usize },
    Order { looking: Looking, chain: Chain, of_group: Vec<f64> },
    Done { looking: Looking, chain: Chain },
}

struct Looking {
    members: Vec<Vec<u32>>,
    rows: Rows,
    /// The rows as the detectors of whole groups want them.
    scaled: Rows,
    norms: Norms,
    crowds: Option<Crowds>,
}

impl Scoring {
    /// `groups`: the template numbers of each one's entries, in time order.
    pub fn begin(groups: Vec<Vec<u32>>) -> Self {
        let scores = vec![0.0; groups.len()];
        Self { groups, scores, stage: Stage::Counting { n_counted: 0, kinds: BTreeMap::new() } }
    }

    /// Goes on a little; `false` when there is nothing more to do.
    pub fn step(&mut self) -> bool {
        let stage = std::mem::replace(&mut self.stage, Stage::Counting { n_counted: 0, kinds: BTreeMap::new() });
        self.stage = match stage {
            Stage::Counting { n_counted, mut kinds } => {
                let some = some_of(&self.groups, n_counted);
                for group in some.clone() {
                    kinds.entry(counts_of(&self.groups[group])).or_default().push(group as u32);
                }
                if some.end < self.groups.len() {
                    Stage::Counting { n_counted: some.end, kinds }
                } else {
                    Stage::Gathering { kinds: kinds.into_iter(), rows: Rows::default(), members: Vec::new() }
                }
            }
            Stage::Gathering { mut kinds, mut rows, mut members } => {
                let mut n_cells = 0;
                while n_cells < AT_ONCE
                    && let Some((counts, of_kind)) = kinds.next()
                {
                    n_cells += counts.len() + 1;
                    rows.push(counts, of_kind.len() as u32);
                    members.push(of_kind);
                }
                if kinds.len() > 0 {
                    Stage::Gathering { kinds, rows, members }
                } else {
                    let norms = Norms::begin(&rows);
                    let looking = Looking { members, rows, scaled: Rows::default(), norms, crowds: None };
                    Stage::Norms { looking, n_counted: 0 }
                }
            }
            Stage::Norms { mut looking, n_counted } => {
                let some = looking.rows.some(n_counted, AT_ONCE);
                looking.norms.count(&looking.rows, some.clone());
                if some.end < looking.rows.len() {
                    Stage::Norms { looking, n_counted: some.end }
                } else {
                    looking.norms.finish();
                    Stage::Rarity { looking, rarity: Vec::new() }
                }
            }
            Stage::Rarity { looking, mut rarity } => {
                let some = looking.rows.some(rarity.len(), AT_ONCE);
                rarity.extend(some.map(|row| looking.norms.bits(looking.rows.row(row))));
                if rarity.len() < looking.rows.len() {
                    Stage::Rarity { looking, rarity }
                } else {
                    self.add(&looking, WEIGHT_OF_RARITY, &rarity);
                    let tells = looking.rows.telling();
                    Stage::Weighting { looking, tells }
                }
            }
            Stage::Weighting { mut looking, tells } => {
                let some = looking.rows.some(looking.scaled.len(), AT_ONCE);
                looking.scaled.push_weighted(&looking.rows, some, &tells);
                if looking.scaled.len() < looking.rows.len() {
                    Stage::Weighting { looking, tells }
                } else {
                    let search = Search::begin(&looking.scaled);
                    Stage::Axes { looking, search }
                }
            }
            Stage::Axes { looking, mut search } => {
                if search.advance(&looking.scaled) {
                    Stage::Axes { looking, search }
                } else {
                    let components = search.finish(&looking.scaled);
                    Stage::Residual { looking, components, residuals: Vec::new() }
                }
            }
            Stage::Residual { looking, components, mut residuals } => {
                let some = looking.scaled.some(residuals.len(), AT_ONCE);
                residuals.extend(components.residuals_of(&looking.scaled, some));
                if residuals.len() < looking.scaled.len() {
                    Stage::Residual { looking, components, residuals }
                } else {
                    self.add(&looking, WEIGHT_OF_RESIDUAL, &residuals);
                    Stage::Crowds { looking, components }
                }
            }
            Stage::Crowds { mut looking, components } => {
                looking.crowds = Some(Crowds::of(&looking.scaled, components));
                let forest = Forest::begin(&looking.scaled);
                Stage::Isolation { looking, forest }
            }
            Stage::Isolation { looking, mut forest } => {
                if forest.grow(&looking.scaled) {
                    Stage::Isolation { looking, forest }
                } else {
                    self.add(&looking, WEIGHT_OF_ISOLATION, &forest.scores());
                    Stage::Following { looking, chain: Chain::default(), n_followed: 0 }
                }
            }
            Stage::Following { looking, mut chain, n_followed } => {
                let some = some_of(&self.groups, n_followed);
                self.groups[some.clone()].iter().for_each(|events| chain.add(events));
                if some.end < self.groups.len() {
                    Stage::Following { looking, chain, n_followed: some.end }
                } else {
                    Stage::Order { looking, chain, of_group: Vec::with_capacity(self.groups.len()) }
                }
            }
            Stage::Order { looking, chain, mut of_group } => {
                let some = some_of(&self.groups, of_group.len());
                of_group.extend(self.groups[some].iter().map(|events| chain.score(events)));
                if of_group.len() < self.groups.len() {
                    Stage::Order { looking, chain, of_group }
                } else {
                    add_surprise(&mut self.scores, WEIGHT_OF_ORDER, &of_group);
                    Stage::Done { looking, chain }
                }
            }
            done @ Stage::Done { .. } => done,
        };
        !matches!(self.stage, Stage::Done { .. })
    }

    /// Adds what a detector says of each kind.
    fn add(&mut self, looking: &Looking, weight: f64, of_kind: &[f64]) {
        let mut of_group = vec![0.0; self.groups.len()];
        for (members, &score) in looking.members.iter().zip(of_kind) {
            members.iter().for_each(|&group| of_group[group as usize] = score);
        }
        add_surprise(&mut self.scores, weight, &of_group);
    }

    /// How far it is, and how far it goes, by the detectors that are done.
    pub fn how_far(&self) -> (u64, u64) {
        let done = match self.stage {
            Stage::Counting { .. } => 0,
            Stage::Gathering { .. } => 1,
            Stage::Norms { .. } | Stage::Rarity { .. } | Stage::Weighting { .. } => 2,
            Stage::Axes { .. } => 3,
            Stage::Residual { .. } | Stage::Crowds { .. } => 4,
            Stage::Isolation { .. } => 5,
            Stage::Following { .. } => 6,
            Stage::Order { .. } => 7,
            Stage::Done { .. } => 8,
        };
        (done, 8)
    }

    /// What was found; where steps are left they are done now.
    pub fn finish(mut self) -> Scored {
        while self.step() {}
        let Stage::Done { looking: Looking { members, rows, scaled, norms, crowds }, chain } = self.stage else {
            unreachable!("steps end with this stage")
        };
        Scored { groups: self.groups, scores: self.scores, members, rows, scaled, norms, crowds, chain }
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
    scaled: Rows,
    norms: Norms,
    crowds: Option<Crowds>,
    chain: Chain,
}

impl Scored {
    /// In which templates a kind differs from what is usual, the most unusual first.
    pub fn differences(&self, kind: usize) -> Vec<Difference> {
        self.norms.differences(self.rows.row(kind))
    }

    /// Who says of a kind that it is apart from all others.
    pub fn voters(&self, kind: usize) -> Vec<GroupVoter> {
        let voters = |crowds: &Crowds| crowds.voters(self.scaled.row(kind), self.scaled.weight(kind));
        self.crowds.as_ref().map(voters).unwrap_or_default()
    }

    pub fn norms(&self) -> &Norms {
        &self.norms
    }

    /// The step of a group that the fewest take, of those that are wanted.
    pub fn oddest_step(&self, group: usize, is_wanted: impl Fn(&Step) -> bool) -> Option<Step> {
        self.chain.oddest_step(&self.groups[group], is_wanted)
    }
}

/// From this one on, as many as are looked at in one step.
fn some_of(groups: &[Vec<u32>], begin: usize) -> Range<usize> {
    let (mut end, mut n) = (begin, 0);
    while end < groups.len() && n < AT_ONCE {
        n += groups[end].len() + 1;
        end += 1;
    }
    begin..end
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
        assert_eq!(scored.oddest_step(63, |_| true).map(|step| (step.from, step.to)), Some((Some(2), Some(5))));
    }
}
