//! How long requests lasted by right clocks, found in steps: as long as their waterfalls do, since both are placed alike. One of which
//! nothing has come since is not placed again.

use super::{Event, Request, RequestCount};
use crate::topology::placing::extent;

#[derive(Default)]
pub struct Placing {
    n_looked_at: usize,
}

impl Placing {
    /// Looks at further requests, of so many spans and entries or a few more; `false`: there are no more.
    pub fn step(&mut self, count: &mut RequestCount, n_events: usize) -> bool {
        let mut n = 0;
        while n < n_events && self.n_looked_at < count.requests.len() {
            let at = self.n_looked_at;
            self.n_looked_at += 1;
            n += 1;
            let Some(whole) = count.whole(at).filter(|whole| whole.n_placed != whole.n_parts()) else { continue };
            let (n_parts, written) = (whole.n_parts(), (whole.start, whole.end));
            n += whole.events.len();
            let found = may_differ(&whole).then(|| extent(whole.events.iter().map(Event::piece))).flatten();
            drop(whole);
            count.requests[at].n_placed = n_parts;
            match found.filter(|found| (found.start, found.end) != written) {
                Some(found) => _ = count.placed.insert(at as u32, found),
                None => _ = count.placed.remove(&(at as u32)),
            }
        }
        count.is_placed = self.n_looked_at == count.requests.len();
        !count.is_placed
    }

    /// Requests that were looked at, and how many there are.
    pub fn how_far(&self, count: &RequestCount) -> (u64, u64) {
        (self.n_looked_at as u64, count.requests.len() as u64)
    }
}

/// All that there is of it is kept, and there are spans, or entries that name who called, which clocks put before those that called them, or
/// spans around which entries are written.
fn may_differ(request: &Request) -> bool {
    let may_be_apart = || request.services.len() > 1 && request.events.iter().any(|event| event.parent != 0);
    request.events.len() as u64 == request.n_parts()
        && match request.n_spans {
            0 => may_be_apart(),
            _ => request.n_entries > 0 || request.services.len() > 1,
        }
}
