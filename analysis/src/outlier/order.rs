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
        self.oddest_step(events).map_or(0.0, |step| step.bits)
    }

    pub fn oddest_step(&self, events: &[u32]) -> Option<Step> {
        let bits = |step: (u32, u32)| {
            let (n_from, n_step) = (self.n_from.get(&step.0), self.n_steps.get(&step));
            let [n_from, n_step] = [n_from, n_step].map(|n| f64::from(n.copied().unwrap_or(0)));
            ((n_from + 1.0) / (n_step + 1.0)).log2().max(0.0)
        };
        let odd = steps(events).map(|step| (bits(step), step)).max_by(|a, b| a.0.total_cmp(&b.0))?;
        let named = |event: u32| (event != EDGE).then_some(event);
        let n_from = self.n_from.get(&odd.1.0).copied().unwrap_or(0);
        let n_groups = self.n_steps.get(&odd.1).copied().unwrap_or(0);
        Some(Step { from: named(odd.1.0), to: named(odd.1.1), bits: odd.0, n_from, n_groups })
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
        let step = chain.oddest_step(&groups[63]);
        assert_eq!(
            step,
            Some(Step { from: Some(1), to: Some(3), bits: (65.0_f64 / 2.0).log2(), n_from: 64, n_groups: 1 })
        );
        assert_eq!(chain.oddest_step(&[]), None);
    }
}
