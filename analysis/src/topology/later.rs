//! How much later the bars of a service are drawn whose clock cannot be right, by the calls of the one request alone.
//!
//! What is called cannot begin before its caller began. Where it does, the clocks of the two are apart by what the middles of the call
//! differ as both saw it, as in [`crate::skew`]; Jaeger's adjuster of clock skew puts the spans of a trace right in the same way.

use std::collections::{BTreeMap, BTreeSet};

use model::time::NANOS_PER_SECOND;

use crate::skew::{Seen, TOLERANCE_NANOS};

/// A bar of the waterfall, as little of it as is compared.
#[derive(Clone, Copy)]
pub struct Placed {
    pub service: u32,
    pub seen: Seen,
    pub is_span: bool,
    /// The bar that called it.
    pub caller: Option<usize>,
    /// It is known which bar that is, and when it began.
    pub is_compared: bool,
}

impl Placed {
    /// Its stamp is no whole second: a span's is that of its beginning, an entry is written at the end.
    fn is_fine(&self) -> bool {
        let stamp = if self.is_span { self.seen.start } else { self.seen.end };
        stamp.rem_euclid(NANOS_PER_SECOND) != 0
    }
}

/// Nanoseconds by service, for those alone that are to be moved. A service is, when half or more of its calls from others, as far as it is
/// known when those began, begin before them; whole seconds say when something began no better than that. `bars`: without rings of
/// callers. Cost: n log n.
pub fn later(bars: &[Placed]) -> BTreeMap<u32, i64> {
    let mut of_service: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    let mut depth_of: BTreeMap<u32, u32> = BTreeMap::new();
    for (at, depth) in depths(bars).into_iter().enumerate() {
        let service = bars[at].service;
        depth_of.entry(service).and_modify(|least| *least = depth.min(*least)).or_insert(depth);
        let is_of_other = |caller: usize| bars[caller].service != service;
        if bars[at].is_compared && bars[at].caller.is_some_and(is_of_other) {
            of_service.entry(service).or_default().push(at);
        }
    }
    let fine: BTreeSet<u32> = bars.iter().filter(|bar| bar.is_fine()).map(|bar| bar.service).collect();
    // Callers are put right before what they called.
    let mut services: Vec<(u32, u32)> = of_service.keys().map(|service| (depth_of[service], *service)).collect();
    services.sort_unstable();
    let mut later: BTreeMap<u32, i64> = BTreeMap::new();
    for (_, service) in services {
        let mut ahead: Vec<i64> = Vec::new();
        let mut n_impossible = 0;
        let tolerance = if fine.contains(&service) { TOLERANCE_NANOS } else { NANOS_PER_SECOND + TOLERANCE_NANOS };
        for &at in &of_service[&service] {
            let Some(caller) = bars[at].caller.map(|caller| bars[caller]) else { continue };
            let moved = later.get(&caller.service).copied().unwrap_or_default();
            let callee = bars[at].seen;
            let at_start = callee.start.saturating_sub(caller.seen.start.saturating_add(moved));
            let at_end = callee.end.saturating_sub(caller.seen.end.saturating_add(moved));
            n_impossible += usize::from(at_start < -tolerance);
            // Whoever is done before the callee did not wait for it.
            let nanos = |seen: Seen| seen.end.saturating_sub(seen.start);
            let waits = nanos(callee) <= nanos(caller.seen);
            ahead.push(if waits { at_start / 2 + at_end / 2 } else { at_start });
        }
        ahead.sort_unstable();
        let middle = ahead.get(ahead.len() / 2).copied().unwrap_or_default();
        if n_impossible > 0 && 2 * n_impossible >= ahead.len() && middle < 0 {
            later.insert(service, middle.saturating_neg());
        }
    }
    later
}

/// How many called each other down to each bar.
fn depths(bars: &[Placed]) -> Vec<u32> {
    let mut depths: Vec<Option<u32>> = vec![None; bars.len()];
    let mut way: Vec<usize> = Vec::new();
    for bar in 0..bars.len() {
        // Up to one that is known, and down again.
        way.push(bar);
        while let Some(caller) = way.last().and_then(|&at| bars[at].caller)
            && depths[caller].is_none()
        {
            way.push(caller);
        }
        for at in way.drain(..).rev() {
            depths[at] = Some(bars[at].caller.and_then(|caller| depths[caller]).map_or(0, |depth| depth + 1));
        }
    }
    depths.into_iter().map(Option::unwrap_or_default).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLI: i64 = 1_000_000;

    /// Service, beginning and end in milliseconds, and caller.
    fn check(bars: &[(u32, i64, i64, Option<usize>)], expected: &[(u32, i64)]) {
        let placed = |&(service, start, end, caller): &(u32, i64, i64, Option<usize>)| Placed {
            service,
            seen: Seen { start: start * MILLI, end: end * MILLI },
            is_span: true,
            caller,
            is_compared: true,
        };
        let found = later(&bars.iter().map(placed).collect::<Vec<_>>());
        let found: Vec<(u32, i64)> = found.into_iter().map(|(service, nanos)| (service, nanos / MILLI)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_begins_before_its_caller_is_drawn_in_its_middle_and_what_that_calls_goes_with_it() {
        let bars = [
            (1, 0, 100, None),
            // A clock that is 500 ms behind, and another one that agrees with it.
            (2, -480, -420, Some(0)),
            (3, -470, -430, Some(1)),
            // Of the second service itself.
            (2, -460, -450, Some(1)),
        ];
        check(&bars, &[(2, 500), (3, 500)]);
    }

    #[test]
    fn what_goes_on_after_its_caller_and_what_is_a_little_early_stays() {
        check(&[(1, 0, 100, None), (2, 90, 400, Some(0)), (3, -1, 50, Some(0))], &[]);
        // One that is odd among many.
        let calls = [(2, 10, 20, Some(0)), (2, -30, 20, Some(0)), (2, 40, 50, Some(0))];
        check(&[[(1, 0, 100, None)].as_slice(), &calls].concat(), &[]);
    }

    #[test]
    fn what_is_stamped_in_whole_seconds_did_not_begin_with_its_second() {
        let root = (1, 700, 900, None);
        check(&[root, (2, 0, 0, Some(0)), (2, 0, 0, Some(0))], &[]);
        // As much before its caller by finer stamps, or by more than a second.
        check(&[root, (2, 1, 1, Some(0)), (2, 1, 1, Some(0))], &[(2, 799)]);
        check(&[root, (2, -1000, -1000, Some(0))], &[(2, 1800)]);
    }

    #[test]
    fn stamps_as_far_apart_as_can_be_are_compared() {
        let placed = |service, start, end, caller| {
            let seen = Seen { start, end };
            Placed { service, seen, is_span: true, caller, is_compared: true }
        };
        let bars = [placed(1, i64::MAX - 1, i64::MAX, None), placed(2, i64::MIN + 1, i64::MIN + 9, Some(0))];
        assert_eq!(later(&bars), BTreeMap::from([(2, i64::MAX)]));
    }

    #[test]
    fn what_waited_longer_than_its_caller_begins_with_it() {
        check(&[(1, 0, 10, None), (2, -300, 0, Some(0))], &[(2, 300)]);
    }
}
