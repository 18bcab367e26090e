//! The same request line in the logs of two services at the same time: one handed it on to the other.
//!
//! For services without a common id, as an access log in front of the others. Only lines that nobody else wrote in those
//! seconds count, and only paths that say more than a route.

use std::collections::BTreeMap;

use model::entry::RowKey;
use model::time::NANOS_PER_SECOND;

use super::tally::Tally;
use crate::quick_hash::QuickMap;

/// Access logs have whole seconds, and write when the request ended.
const MOST_APART: i64 = 1_500_000_000;
/// Another such line of the same service as near as this makes it ambiguous.
const ALONE_WITHIN: i64 = 3 * NANOS_PER_SECOND;
/// Fewer are chance.
const LEAST_MATCHES: u64 = 3;
const LEAST_SHARE: f64 = 0.3;
/// Later ones are not kept: enough to know.
const MOST_LINES: usize = 400_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    pub key: RowKey,
    pub service: u32,
    pub has_trace: bool,
    pub is_error: bool,
}

#[derive(Default)]
pub struct Requests {
    by_line: QuickMap<u64, Vec<Line>>,
    n_lines: usize,
}

impl Requests {
    pub fn push(&mut self, request: u64, line: Line) {
        if self.n_lines < MOST_LINES {
            self.n_lines += 1;
            self.by_line.entry(request).or_default().push(line);
        }
    }

    /// Pairs of services, the caller first, with the share of the callee's requests that match. `of`: services with several
    /// names as one.
    pub fn edges(&self, of: impl Fn(u32) -> u32) -> Vec<((u32, u32), f64, Tally)> {
        let mut pairs: BTreeMap<(u32, u32), Pair> = BTreeMap::new();
        let mut n_alone: BTreeMap<u32, Count> = BTreeMap::new();
        for lines in self.by_line.values() {
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
            let share = |service| pair.tally.calls as f64 / (n_alone[&service] as Count).n as f64;
            if pair.tally.calls < LEAST_MATCHES || share(a).max(share(b)) < LEAST_SHARE {
                continue;
            }
            // The one that hands requests on has more of them, and is often the one that has no ids.
            let has_traces = |service: u32| n_alone[&service].n_with_trace * 2 > n_alone[&service].n;
            let a_calls = match share(b) - share(a) {
                difference if difference.abs() > 0.05 => difference > 0.0,
                _ if has_traces(a) != has_traces(b) => has_traces(b),
                _ => pair.n_first_of_lower * 2 < pair.tally.calls,
            };
            let (from, to) = if a_calls { (a, b) } else { (b, a) };
            found.push(((from, to), share(to).min(1.0), pair.tally));
        }
        found
    }
}

#[derive(Clone, Copy, Default)]
struct Count {
    n: u64,
    n_with_trace: u64,
}

#[derive(Default)]
struct Pair {
    tally: Tally,
    /// The service with the lower number wrote first: who hands on writes when the answer is back.
    n_first_of_lower: u64,
}

impl Pair {
    fn add(&mut self, first: &Line, second: &Line) {
        self.tally.add(first.is_error || second.is_error, None, [first.key, second.key]);
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

    #[test]
    fn who_has_no_ids_hands_on() {
        let mut requests = Requests::default();
        for n in 0..5 {
            for (service, after, has_trace) in [(1, 900_000_000, false), (2, 700_000_000, true)] {
                let time = Nanos(n * 60 * NANOS_PER_SECOND + after);
                let key = RowKey { time, source: SourceId(service), entry: n as u64 };
                requests.push(n as u64 % 2, Line { key, service, has_trace, is_error: false });
            }
        }
        let edges = requests.edges(|service| service);
        assert_eq!(edges.len(), 1);
        assert_eq!((edges[0].0, edges[0].2.calls), ((1, 2), 5));
    }
}
