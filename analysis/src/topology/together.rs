//! A service whose requests carry no id, and another that begins its own at the very same times: the last resort, and marked as one.
//!
//! An access log in front of the others may say nothing but `POST /checkout 200`. Where nearly each line of such a route has one request of
//! another service at its time and no more, and that does not come about by chance, the one hands on to the other.

use std::collections::BTreeMap;

use model::entry::RowKey;
use model::time::NANOS_PER_SECOND;

use super::tally::Tally;

/// Access logs have whole seconds, and write when the request ended.
const MOST_APART: i64 = 1_500_000_000;
/// Fewer are chance.
const LEAST_MATCHES: u64 = 10;
/// So many of a route's lines must have one,
const LEAST_SHARE_OF_LINES: f64 = 0.8;
/// and so many of the other's requests must have a line of one of those routes.
const LEAST_SHARE_OF_ROOTS: f64 = 0.5;
/// Where chance alone would find this many, times say nothing.
const MOST_CHANCE: f64 = 0.4;
/// Lines, and beginnings of requests. Later ones are not kept: enough to know.
const MOST_KEPT: usize = 50_000;
/// The most frequent ones are looked at.
const MOST_ROUTES: usize = 50;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    key: RowKey,
    service: u32,
    route: u64,
    is_error: bool,
}

/// Lines of requests that carry no id.
#[derive(Default)]
pub struct Routes(Earliest<Line>);

/// The beginning of a request, in the service that nobody is known to have called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Root {
    pub last: i64,
    pub key: RowKey,
    pub service: u32,
}

#[derive(Default)]
pub struct Roots(Earliest<Root>);

/// The first [`MOST_KEPT`] of what comes, in the order of time, in whatever order it comes.
struct Earliest<T> {
    /// Up to twice as many, before the later half is left out.
    kept: Vec<T>,
    has_left_out: bool,
}

impl<T> Default for Earliest<T> {
    fn default() -> Self {
        Self { kept: Vec::new(), has_left_out: false }
    }
}

impl<T: Copy + Ord> Earliest<T> {
    fn push(&mut self, one: T) {
        self.kept.push(one);
        self.has_left_out |= self.kept.len() > MOST_KEPT;
        if self.kept.len() == 2 * MOST_KEPT {
            self.kept.select_nth_unstable(MOST_KEPT);
            self.kept.truncate(MOST_KEPT);
        }
    }

    /// In their order; with the last of them where there were later ones.
    fn sorted(&self) -> (Vec<T>, Option<T>) {
        let mut sorted = self.kept.clone();
        sorted.sort_unstable();
        sorted.truncate(MOST_KEPT);
        let last = sorted.last().copied().filter(|_| self.has_left_out);
        (sorted, last)
    }
}

impl Roots {
    pub fn push(&mut self, root: Root) {
        self.0.push(root);
    }
}

impl Routes {
    pub fn push(&mut self, service: u32, route: u64, key: RowKey, is_error: bool) {
        self.0.push(Line { key, service, route, is_error });
    }

    /// Pairs of services, the caller first, with the share of the callee's requests that have a line. `of`: services with several
    /// names as one.
    pub fn edges(&self, roots: &Roots, of: impl Fn(u32) -> u32) -> Vec<((u32, u32), f64, Tally)> {
        let ((mut lines, last_line), (mut roots, last_root)) = (self.0.sorted(), roots.0.sorted());
        // Behind the end of one the other has nothing to be matched with.
        let until_line = last_line.map_or(i64::MAX, |line| line.key.time.0);
        let until = last_root.map_or(i64::MAX, |root| root.last).min(until_line);
        lines.retain(|line| line.key.time.0 <= until);
        roots.retain(|root| root.last <= until);
        let mut by_service: BTreeMap<u32, Vec<Root>> = BTreeMap::new();
        roots.iter().for_each(|root| by_service.entry(root.service).or_default().push(*root));
        let mut by_route: BTreeMap<(u32, u64), Vec<Line>> = BTreeMap::new();
        for line in &lines {
            by_route.entry((of(line.service), line.route)).or_default().push(*line);
        }
        let mut routes: Vec<((u32, u64), Vec<Line>)> = by_route.into_iter().collect();
        routes.sort_by_key(|((service, route), lines)| (std::cmp::Reverse(lines.len()), *service, *route));
        routes.truncate(MOST_ROUTES);
        let mut pairs: BTreeMap<(u32, u32), Tally> = BTreeMap::new();
        for ((caller, _), lines) in &routes {
            for (&callee, roots) in by_service.iter().filter(|(callee, _)| *callee != caller) {
                if let Some(tally) = matched(lines, roots) {
                    pairs.entry((*caller, callee)).or_default().merge(&tally);
                }
            }
        }
        let share = |callee: u32, tally: &Tally| tally.calls as f64 / by_service[&callee].len() as f64;
        let found = pairs.into_iter().map(|(pair, tally)| (pair, share(pair.1, &tally), tally));
        found.filter(|(_, share, _)| *share >= LEAST_SHARE_OF_ROOTS).collect()
    }
}

/// What is at the same times, if that is nearly all lines and no chance. Both in the order of time.
fn matched(lines: &[Line], roots: &[Root]) -> Option<Tally> {
    let (first, last) = (lines.first()?.key.time.0, lines.last()?.key.time.0);
    let span = (last - first).max(NANOS_PER_SECOND) as f64;
    let chance = 1.0 - (-(roots.len() as f64) * 2.0 * MOST_APART as f64 / span).exp();
    if chance > MOST_CHANCE || (lines.len().min(roots.len()) as u64) < LEAST_MATCHES {
        return None;
    }
    let mut tally = Tally::default();
    let mut n_without = 0_u64;
    let mut from = 0;
    for (at, line) in lines.iter().enumerate() {
        let time = line.key.time.0;
        while roots.get(from).is_some_and(|root| root.last < time - MOST_APART) {
            from += 1;
        }
        let near = roots[from..].iter().take_while(|root| root.last <= time + MOST_APART);
        let is_near = |other: &Line| (other.key.time.0 - time).abs() <= 2 * MOST_APART;
        let is_alone = !lines[at.saturating_sub(1)..at].iter().chain(lines.get(at + 1)).any(is_near);
        // One, or more than one: how many there are is no matter.
        match near.clone().take(2).count() {
            0 => n_without += 1,
            1 if is_alone => near.for_each(|root| tally.add(line.is_error, None, [line.key, root.key])),
            // Which of them it was nobody knows.
            _ => {}
        }
    }
    let share = tally.calls as f64 / (tally.calls + n_without).max(1) as f64;
    (tally.calls >= LEAST_MATCHES && share >= LEAST_SHARE_OF_LINES).then_some(tally)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::entry::SourceId;
    use model::time::Nanos;

    fn key(source: u32, time: i64) -> RowKey {
        RowKey { time: Nanos(time), source: SourceId(source), entry: time as u64 }
    }

    /// Requests at these seconds, in a gateway without ids, and in another service so much later.
    fn found(seconds: &[i64], is_served: impl Fn(i64) -> bool) -> Vec<(u32, u32)> {
        let (mut routes, mut roots) = (Routes::default(), Roots::default());
        for &second in seconds {
            let time = second * NANOS_PER_SECOND;
            routes.push(1, 7, key(1, time), false);
            if is_served(second) {
                roots.push(Root { last: time + 300_000_000, key: key(2, time), service: 2 });
            }
        }
        routes.edges(&roots, |service| service).into_iter().map(|(pair, ..)| pair).collect()
    }

    #[test]
    fn who_serves_each_of_them_at_its_time_was_called() {
        let seconds: Vec<i64> = (0..40).map(|n| n * 97 + n * n % 31).collect();
        assert_eq!(found(&seconds, |_| true), [(1, 2)]);
        assert_eq!(found(&seconds, |second| second % 2 == 0), [], "half of them are chance, or something else");
    }

    #[test]
    fn of_more_requests_than_are_kept_the_same_ones_are_on_both_sides() {
        let times = (0..2 * MOST_KEPT as i64).map(|n| (n * 20 + n * n % 7) * NANOS_PER_SECOND);
        let (mut routes, mut roots) = (Routes::default(), Roots::default());
        times.clone().for_each(|time| routes.push(1, 7, key(1, time), false));
        // Traces come in the order of their ids.
        for time in times.rev() {
            roots.push(Root { last: time + 300_000_000, key: key(2, time), service: 2 });
        }
        let edges = routes.edges(&roots, |service| service);
        assert_eq!(edges.iter().map(|(pair, ..)| *pair).collect::<Vec<_>>(), [(1, 2)]);
    }

    #[test]
    fn where_requests_come_all_the_time_their_times_say_nothing() {
        assert_eq!(found(&(0..400).collect::<Vec<_>>(), |_| true), []);
        assert_eq!(found(&(0..400).map(|n| n * 2).collect::<Vec<_>>(), |_| true), []);
    }
}
