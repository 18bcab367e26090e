//! Puts the entries of groups into the order of time, in small steps: what each group is made of.

use model::time::Nanos;

use super::Grouping;
use super::grouping::Held;

/// Entries sorted in one step: a few milliseconds.
const SORTED_AT_ONCE: usize = 1 << 16;

/// On the way from what a [`Grouping`] holds to the events of its groups.
pub struct Ordering {
    entries: std::vec::IntoIter<Vec<Held>>,
    timed: Vec<Vec<(Nanos, u32)>>,
    events: Vec<Vec<u32>>,
}

impl Ordering {
    /// Takes from the grouping what it holds.
    pub fn begin(grouping: &mut Grouping) -> Self {
        let n_groups = grouping.groups.len();
        Self {
            entries: grouping.take_entries().into_iter(),
            timed: vec![Vec::new(); n_groups],
            events: Vec::with_capacity(n_groups),
        }
    }

    /// Goes on a little; `false` when there is nothing more to do. `of_shape`: the template of each shape, the same in every step.
    pub fn step(&mut self, of_shape: &[u32]) -> bool {
        if let Some(chunk) = self.entries.next() {
            for held in chunk {
                self.timed[held.group as usize].push((held.time, of_shape[held.shape as usize]));
            }
            return true;
        }
        let mut n_sorted = 0;
        while n_sorted < SORTED_AT_ONCE && self.events.len() < self.timed.len() {
            let mut events = std::mem::take(&mut self.timed[self.events.len()]);
            n_sorted += events.len() + 1;
            events.sort_by_key(|&(time, _)| time);
            self.events.push(events.into_iter().map(|(_, template)| template).collect());
        }
        self.events.len() < self.timed.len()
    }

    /// By group: the templates of its entries in time order, those of one time as they came. All steps are done.
    pub fn take_events(&mut self) -> Vec<Vec<u32>> {
        std::mem::take(&mut self.events)
    }
}
