//! How seldom one template follows another as it does in this group: a Markov chain of the first order with
//! Laplace smoothing (as in Ye 2000, on audit events).
//!
//! In the page: "One message follows another as it seldom does."

use crate::quick_hash::QuickMap;

/// Stands before the first and after the last entry.
const EDGE: u32 = u32::MAX;

/// One template after another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// `None` is the beginning.
    pub from: Option<u32>,
    /// `None` is the end.
    pub to: Option<u32>,
    pub bits: f64,
    /// Groups in which the one stands, and those of them in which the other follows.
    pub n_from: u32,
    pub n_groups: u32,
}

/// In how many groups each step occurs.
#[derive(Default)]
pub struct Chain {
    n_from: QuickMap<u32, u32>,
    n_steps: QuickMap<(u32, u32), u32>,
}

impl Chain {
    /// Takes a group in.
    pub fn add(&mut self, events: &[u32]) {
        // A loop of a thousand rounds in one group is still one group's habit.
        let mut own: Vec<(u32, u32)> = steps(events).collect();
        own.sort_unstable();
        own.dedup();
        own.iter().for_each(|&step| *self.n_steps.entry(step).or_default() += 1);
        own.dedup_by_key(|step| step.0);
        own.iter().for_each(|step| *self.n_from.entry(step.0).or_default() += 1);
    }

    /// Bits of a group's most surprising step, when all groups are in. Empty groups have none.
    pub fn score(&self, events: &[u32]) -> f64 {
        self.oddest_step(events, |_| true).map_or(0.0, |step| step.bits)
    }

    /// Of the steps that are wanted.
    pub fn oddest_step(&self, events: &[u32], is_wanted: impl Fn(&Step) -> bool) -> Option<Step> {
        let named = |event: u32| (event != EDGE).then_some(event);
        let told = |step: (u32, u32)| {
            let n_from = self.n_from.get(&step.0).copied().unwrap_or(0);
            let n_groups = self.n_steps.get(&step).copied().unwrap_or(0);
            let bits = ((f64::from(n_from) + 1.0) / (f64::from(n_groups) + 1.0)).log2().max(0.0);
            Step { from: named(step.0), to: named(step.1), bits, n_from, n_groups }
        };
        steps(events).map(told).filter(is_wanted).max_by(|a, b| a.bits.total_cmp(&b.bits))
    }
}

fn steps(events: &[u32]) -> impl Iterator<Item = (u32, u32)> {
    let before = std::iter::once(EDGE).chain(events.iter().copied());
    let after = events.iter().copied().chain((!events.is_empty()).then_some(EDGE));
    before.zip(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_step_that_nobody_else_takes_is_named() {
        let mut groups = vec![vec![1, 2, 3]; 63];
        groups.push(vec![1, 3]);
        let mut chain = Chain::default();
        groups.iter().for_each(|events| chain.add(events));
        let step = chain.oddest_step(&groups[63], |_| true);
        assert_eq!(
            step,
            Some(Step { from: Some(1), to: Some(3), bits: (65.0_f64 / 2.0).log2(), n_from: 64, n_groups: 1 })
        );
        assert_eq!(chain.oddest_step(&[], |_| true), None);
    }

    #[test]
    fn of_steps_as_odd_as_each_other_one_is_named_that_is_wanted() {
        let mut groups = vec![vec![1, 2, 3]; 63];
        groups.push(vec![3, 2, 1]);
        let mut chain = Chain::default();
        groups.iter().for_each(|events| chain.add(events));
        let named = |step: Option<Step>| step.map(|step| (step.from, step.to));
        assert_eq!(named(chain.oddest_step(&groups[63], |_| true)), Some((Some(1), None)), "the last");
        let is_about_others = |step: &Step| step.from != Some(1) && step.to != Some(1);
        assert_eq!(named(chain.oddest_step(&groups[63], is_about_others)), Some((Some(3), Some(2))));
    }
}
