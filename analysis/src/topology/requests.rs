//! The same request line in the logs of two services at the same time: one handed it on to the other.
//!
//! For services without a common id, as an access log in front of the others. What tells who calls whom are lines that nobody else
//! wrote in those seconds, of paths that say more than a route. Where it is told, all lines that both have at their times are calls.

use std::collections::{BTreeMap, BTreeSet};

use model::entry::RowKey;
use model::time::NANOS_PER_SECOND;

use super::sighting::RequestLine;
use super::tally::Tally;
use crate::quick_hash::QuickMap;

/// Access logs have whole seconds, and write when the request ended.
const MOST_APART: i64 = 1_500_000_000;
/// Another such line of the same service as near as this makes it ambiguous.
const ALONE_WITHIN: i64 = 3 * NANOS_PER_SECOND;
/// Fewer are chance.
const LEAST_MATCHES: u64 = 3;
const LEAST_SHARE: f64 = 0.3;
/// So many of the callee's lines of a route must be the caller's at that time: else both have it of somebody else (`/health`).
const LEAST_SHARE_OF_ROUTE: f64 = 0.5;
/// Later ones are not kept: enough to know. So many that say more than a route, and so many that do not.
const MOST_LINES: usize = 400_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    pub key: RowKey,
    pub service: u32,
    pub has_trace: bool,
    pub is_error: bool,
    pub duration: Option<i64>,
}

#[derive(Default)]
pub struct Requests {
    telling: Lines,
    routes: Lines,
}

/// By their hash.
#[derive(Default)]
struct Lines {
    by_line: QuickMap<u64, Vec<Line>>,
    n_lines: usize,
}

impl Lines {
    fn push(&mut self, hash: u64, line: Line) {
        if self.n_lines < MOST_LINES {
            self.n_lines += 1;
            self.by_line.entry(hash).or_default().push(line);
        }
    }
}

impl Requests {
    pub fn push(&mut self, request: RequestLine, line: Line) {
        let lines = if request.is_route { &mut self.routes } else { &mut self.telling };
        lines.push(request.hash, line);
    }

    /// Pairs of services, the caller first, with the share of the callee's requests that match. `of`: services with several
    /// names as one.
    pub fn edges(&self, of: impl Fn(u32) -> u32) -> Vec<((u32, u32), f64, Tally)> {
        let mut pairs: BTreeMap<(u32, u32), Pair> = BTreeMap::new();
        let mut n_alone: BTreeMap<u32, Count> = BTreeMap::new();
        for lines in self.telling.by_line.values() {
            let mut lines: Vec<Line> = lines.iter().map(|line| Line { service: of(line.service), ..*line }).collect();
            lines.sort_unstable();
            let alone: Vec<&Line> =
                lines.iter().enumerate().filter(|(at, _)| is_alone(*at, &lines)).map(|(_, line)| line).collect();
            for (at, line) in alone.iter().enumerate() {
                let count = n_alone.entry(line.service).or_default();
                count.n += 1;
                count.n_with_trace += u64::from(line.has_trace);
                for other in &alone[at + 1..] {
                    if other.key.time.0 - line.key.time.0 > MOST_APART {
                        break;
                    }
                    if other.service != line.service {
                        pairs
                            .entry((line.service.min(other.service), line.service.max(other.service)))
                            .or_default()
                            .add(line, other);
                    }
                }
            }
        }
        let mut found = Vec::new();
        for ((a, b), pair) in pairs {
            let share = |service| pair.n_calls as f64 / (n_alone[&service] as Count).n as f64;
            if pair.n_calls < LEAST_MATCHES || share(a).max(share(b)) < LEAST_SHARE {
                continue;
            }
            // The one that hands requests on has more of them, and is often the one that has no ids.
            let has_traces = |service: u32| n_alone[&service].n_with_trace * 2 > n_alone[&service].n;
            let a_calls = match share(b) - share(a) {
                difference if difference.abs() > 0.05 => difference > 0.0,
                _ if has_traces(a) != has_traces(b) => has_traces(b),
                _ => pair.n_first_of_lower * 2 < pair.n_calls,
            };
            let (from, to) = if a_calls { (a, b) } else { (b, a) };
            found.push(((from, to), share(to).min(1.0), Tally::default()));
        }
        self.count(&mut found, of);
        found
    }

    /// Counts all lines that two services have in common where it is known who calls whom.
    fn count(&self, found: &mut [((u32, u32), f64, Tally)], of: impl Fn(u32) -> u32) {
        let ends: BTreeSet<u32> = found.iter().flat_map(|((from, to), ..)| [*from, *to]).collect();
        for (lines, least_share) in [(&self.telling, 0.0), (&self.routes, LEAST_SHARE_OF_ROUTE)] {
            for lines in lines.by_line.values() {
                let mut by_service: BTreeMap<u32, Vec<&Line>> = BTreeMap::new();
                for (service, line) in lines.iter().map(|line| (of(line.service), line)) {
                    if ends.contains(&service) {
                        by_service.entry(service).or_default().push(line);
                    }
                }
                by_service.values_mut().for_each(|lines| lines.sort_unstable());
                for ((from, to), _, tally) in &mut *found {
                    let (from, to) = (*from, *to);
                    if let (Some(calling), Some(called)) = (by_service.get(&from), by_service.get(&to)) {
                        let matched = matched(calling, called);
                        if matched.len() as f64 >= least_share * called.len() as f64 {
                            matched.into_iter().for_each(|(calling, called)| add(tally, calling, called));
                        }
                    }
                }
            }
        }
    }
}

/// Each line with one of the other side at its time, and no line with two. Both in the order of time.
fn matched<'l>(calling: &[&'l Line], called: &[&'l Line]) -> Vec<(&'l Line, &'l Line)> {
    let mut matched = Vec::new();
    let (mut at, mut other) = (0, 0);
    while let (Some(&calling), Some(&called)) = (calling.get(at), called.get(other)) {
        let apart = calling.key.time.0.saturating_sub(called.key.time.0);
        let is_near = apart.saturating_abs() <= MOST_APART;
        if is_near {
            matched.push((calling, called));
        }
        at += usize::from(is_near || apart < 0);
        other += usize::from(is_near || apart > 0);
    }
    matched
}

fn add(tally: &mut Tally, calling: &Line, called: &Line) {
    // Who was called knows best how long it took.
    let duration = called.duration.or(calling.duration);
    tally.add(calling.is_error || called.is_error, duration, [calling.key, called.key]);
}

#[derive(Clone, Copy, Default)]
struct Count {
    n: u64,
    n_with_trace: u64,
}

#[derive(Default)]
struct Pair {
    n_calls: u64,
    /// The service with the lower number wrote first: who hands on writes when the answer is back.
    n_first_of_lower: u64,
}

impl Pair {
    fn add(&mut self, first: &Line, second: &Line) {
        self.n_calls += 1;
        self.n_first_of_lower += u64::from(first.service < second.service);
    }
}

fn is_alone(at: usize, lines: &[Line]) -> bool {
    let line = &lines[at];
    let is_near = |other: &&Line| (other.key.time.0 - line.key.time.0).abs() <= ALONE_WITHIN;
    let before = lines[..at].iter().rev().take_while(is_near);
    let after = lines[at + 1..].iter().take_while(is_near);
    !before.chain(after).any(|other| other.service == line.service)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::entry::SourceId;
    use model::time::Nanos;

    fn line(service: u32, time: i64, has_trace: bool) -> Line {
        let key = RowKey { time: Nanos(time), source: SourceId(service), entry: time as u64 };
        let duration = has_trace.then_some(7_000_000);
        Line { key, service, has_trace, is_error: false, duration }
    }

    /// Two services that have this line of a request at each of these times.
    fn push(requests: &mut Requests, hash: u64, is_route: bool, times: impl Iterator<Item = i64>) {
        for time in times {
            for (service, after, has_trace) in [(1, 900_000_000, false), (2, 700_000_000, true)] {
                requests.push(RequestLine { hash, is_route }, line(service, time + after, has_trace));
            }
        }
    }

    #[test]
    fn who_has_no_ids_hands_on() {
        let mut requests = Requests::default();
        push(&mut requests, 0, false, (0..3).map(|n| n * 120 * NANOS_PER_SECOND));
        push(&mut requests, 1, false, (0..2).map(|n| (n * 120 + 60) * NANOS_PER_SECOND));
        let edges = requests.edges(|service| service);
        assert_eq!(edges.len(), 1);
        assert_eq!((edges[0].0, edges[0].2.calls), ((1, 2), 5));
    }

    #[test]
    fn where_one_hands_on_to_another_lines_that_say_no_more_than_a_route_are_calls_too() {
        let mut requests = Requests::default();
        // Those alone say nothing, however many there are.
        push(&mut requests, 8, true, (0..20).map(|n| n * NANOS_PER_SECOND));
        assert_eq!(requests.edges(|service| service).len(), 0);
        push(&mut requests, 1, false, (0..3).map(|n| n * 60 * NANOS_PER_SECOND));
        // Both are asked how they are, each at times of its own.
        for n in 0..10 {
            for service in [1, 2] {
                let time = (n * 30 + i64::from(service) * 10) * NANOS_PER_SECOND;
                requests.push(RequestLine { hash: 9, is_route: true }, line(service, time, false));
            }
        }
        let edges = requests.edges(|service| service);
        assert_eq!(edges.len(), 1);
        assert_eq!((edges[0].0, edges[0].2.calls), ((1, 2), 23));
        assert_eq!(edges[0].2.durations().map(|of| of.p50 / 1_000_000), Some(7));
    }
}
