//! What requests do, gathered in steps as groups for the detectors: a request with all that there is of it is one group.

use super::RequestCount;

#[derive(Default)]
pub struct Gathering {
    n_looked_at: usize,
    /// Of which request each group is.
    requests: Vec<u32>,
    groups: Vec<Vec<u32>>,
}

impl Gathering {
    /// Looks at further requests, of so many spans and entries or a few more; `false`: there are no more.
    pub fn step(&mut self, count: &RequestCount, n_events: usize) -> bool {
        let mut n = 0;
        while n < n_events
            && let Some(request) = count.requests.get(self.n_looked_at)
        {
            let at = self.n_looked_at;
            self.n_looked_at += 1;
            n += request.events.len() + 1;
            // What is a part of another is in the group of that, and of a free place there is nothing to tell.
            let Some(whole) = count.whole(at).filter(|whole| whole.n_spans + whole.n_entries > 0) else { continue };
            let mut events: Vec<(i64, u16)> = whole.events.iter().map(|event| (event.time(), event.kind)).collect();
            events.sort_unstable();
            self.requests.push(at as u32);
            self.groups.push(events.into_iter().map(|(_, kind)| u32::from(kind)).collect());
        }
        self.n_looked_at < count.requests.len()
    }

    /// Requests that were looked at, and how many there are.
    pub fn how_far(&self, count: &RequestCount) -> (u64, u64) {
        (self.n_looked_at as u64, count.requests.len() as u64)
    }

    /// Of which request each group is, and what each does, in the order of time.
    pub fn into_groups(self) -> (Vec<u32>, Vec<Vec<u32>>) {
        (self.requests, self.groups)
    }
}
