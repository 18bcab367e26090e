//! How far apart clocks are, by calls that two services saw.
//!
//! A call cannot begin before its caller began it, and whoever waits for an answer cannot end before the call did. How far apart two
//! clocks are is estimated as NTP does it (Mills 1991, "Internet time synchronization"): the difference of the middles of the
//! call as caller and callee saw it, its median over all calls.

use std::collections::BTreeMap;

use model::time::NANOS_PER_SECOND;

use crate::answer::quantiles::Quantiles;

/// Fewer calls are chance.
const LEAST_CALLS: u64 = 20;
/// So many of the calls must be impossible.
const LEAST_SHARE: f64 = 0.5;
/// Something that runs on under one id, and no request: of a trace of more entries no calls are told.
pub const MOST_OF_REQUEST: usize = 5_000;
/// Stamps are rounded to milliseconds.
pub const TOLERANCE_NANOS: i64 = 2_000_000;

/// Caller and callee.
pub type Pair = (u32, u32);

/// From when to when something ran, as one service saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    pub start: i64,
    pub end: i64,
}

impl Seen {
    pub fn extend(&mut self, other: Self) {
        (self.start, self.end) = (self.start.min(other.start), self.end.max(other.end));
    }
}

/// What an entry of a log says of its request.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub service: u32,
    /// Zero: it names none.
    pub span: u64,
    pub parent: u64,
    /// One more than the service it tells of having called; zero for none.
    pub callee: u32,
    pub seen: Seen,
}

/// A call of which entries of both sides tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    pub pair: Pair,
    pub caller: Seen,
    pub callee: Seen,
    /// The caller ends after the callee.
    pub waits: bool,
    /// An entry of each side, by their number.
    pub shown: (usize, usize),
}

/// The calls between the entries of one request. Cost: n log n.
pub fn calls(entries: &[Entry]) -> Vec<Call> {
    let mut calls = by_parents(entries);
    calls.extend(by_names(entries));
    calls
}

/// Entries that carry the span of their caller. When that ended they do not say.
fn by_parents(entries: &[Entry]) -> Vec<Call> {
    let mut by_span: BTreeMap<(u32, u64), (Seen, usize)> = BTreeMap::new();
    let mut by_parent = by_span.clone();
    for (at, entry) in entries.iter().enumerate() {
        for (seen, span) in [(&mut by_span, entry.span), (&mut by_parent, entry.parent)] {
            if span != 0 {
                seen.entry((entry.service, span)).or_insert((entry.seen, at)).0.extend(entry.seen);
            }
        }
    }
    let mut callers_by_span: BTreeMap<u64, Vec<(u32, Seen, usize)>> = BTreeMap::new();
    for (&(service, span), &(seen, at)) in &by_span {
        callers_by_span.entry(span).or_default().push((service, seen, at));
    }
    let mut calls = Vec::new();
    for (&(service, parent), &(callee, of_callee)) in &by_parent {
        let Some(callers) = callers_by_span.get(&parent) else { continue };
        let mut callers = callers.iter().filter(|(other, ..)| *other != service);
        if let (Some(&(other, caller, of_caller)), None) = (callers.next(), callers.next()) {
            calls.push(Call { pair: (other, service), caller, callee, waits: false, shown: (of_caller, of_callee) });
        }
    }
    calls
}

/// One entry tells of a call with its duration; what the one that was called wrote must be within.
fn by_names(entries: &[Entry]) -> Vec<Call> {
    let mut n_calls: BTreeMap<u32, usize> = BTreeMap::new();
    let mut by_service: BTreeMap<u32, (Seen, usize)> = BTreeMap::new();
    for (at, entry) in entries.iter().enumerate() {
        *n_calls.entry(entry.callee).or_default() += 1;
        by_service.entry(entry.service).or_insert((entry.seen, at)).0.extend(entry.seen);
    }
    let mut calls = Vec::new();
    for (at, caller) in entries.iter().enumerate().filter(|(_, one)| one.callee > 0 && one.seen.end > one.seen.start) {
        let callee = caller.callee - 1;
        // Of several calls nobody knows which was which.
        let is_only = n_calls[&caller.callee] == 1 && callee != caller.service;
        let Some(&(seen, first)) = by_service.get(&callee).filter(|_| is_only) else { continue };
        let pair = (caller.service, callee);
        calls.push(Call { pair, caller: caller.seen, callee: seen, waits: true, shown: (at, first) });
    }
    calls
}

/// What is known of the clocks of each two services.
#[derive(Default)]
pub struct Skews {
    pairs: BTreeMap<Pair, Compared>,
}

#[derive(Default)]
struct Compared {
    n: u64,
    n_impossible: u64,
    /// Nanoseconds that the clock of the callee is ahead.
    ahead: Quantiles,
}

/// A clock that does not agree with the others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wrong {
    pub service: u32,
    pub other: u32,
    /// That show it.
    pub pair: Pair,
    /// Of the service, before that of the other.
    pub ahead_nanos: f64,
    /// Calls that cannot have been so, of so many that were compared.
    pub n_impossible: u64,
    pub n: u64,
}

impl Skews {
    /// `is_coarse`: stamps of one side are whole seconds. Gives whether it cannot have been so.
    pub fn compare(&mut self, call: &Call, is_coarse: bool) -> bool {
        let Call { pair, caller, callee, waits, .. } = *call;
        let tolerance = if is_coarse { NANOS_PER_SECOND + TOLERANCE_NANOS } else { TOLERANCE_NANOS };
        let (at_start, at_end) = (callee.start - caller.start, callee.end - caller.end);
        let is_impossible = at_start < -tolerance || waits && at_end > tolerance;
        let compared = self.pairs.entry(pair).or_default();
        compared.n += 1;
        compared.n_impossible += u64::from(is_impossible);
        let ahead = if waits { at_start / 2 + at_end / 2 } else { at_start };
        compared.ahead.add(ahead as f64, 1);
        is_impossible
    }

    /// The clocks that are wrong, each once: those that would put most pairs right first.
    pub fn wrong(&self) -> Vec<Wrong> {
        let is_apart = |compared: &Compared| {
            let at = |hundredths| compared.ahead.at(hundredths).unwrap_or_default();
            let same_way = at(25_00) * at(75_00) > 0.0;
            compared.n >= LEAST_CALLS && compared.n_impossible as f64 >= LEAST_SHARE * compared.n as f64 && same_way
        };
        let mut apart: Vec<(Pair, &Compared)> = self
            .pairs
            .iter()
            .filter(|(_, compared)| is_apart(compared))
            .map(|(pair, compared)| (*pair, compared))
            .collect();
        let mut found = Vec::new();
        // One wrong clock shows in every pair that it is part of.
        while !apart.is_empty() {
            let mut n_pairs: BTreeMap<u32, u32> = BTreeMap::new();
            for ((caller, callee), _) in &apart {
                *n_pairs.entry(*callee).or_default() += 1;
                *n_pairs.entry(*caller).or_default() += 1;
            }
            let most = n_pairs.values().copied().max().unwrap_or_default();
            let first = apart.iter().find(|((caller, callee), _)| n_pairs[callee] == most || n_pairs[caller] == most);
            let Some(&(pair, compared)) = first else { break };
            let (caller, callee) = pair;
            let (service, other, way) =
                if n_pairs[&callee] == most { (callee, caller, 1.0) } else { (caller, callee, -1.0) };
            let ahead_nanos = way * compared.ahead.at(50_00).unwrap_or_default();
            let Compared { n, n_impossible, .. } = *compared;
            found.push(Wrong { service, other, pair, ahead_nanos, n_impossible, n });
            apart.retain(|((caller, callee), _)| *caller != service && *callee != service);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLI: i64 = 1_000_000;

    fn seen(start: i64, end: i64) -> Seen {
        Seen { start: start * MILLI, end: end * MILLI }
    }

    fn call(pair: Pair, caller: Seen, callee: Seen) -> Call {
        Call { pair, caller, callee, waits: true, shown: (0, 0) }
    }

    #[test]
    fn calls_are_told_by_parents_and_by_names() {
        let entry = |service, span, parent, callee, seen| Entry { service, span, parent, callee, seen };
        let entries = [
            entry(1, 7, 0, 0, seen(0, 0)),
            entry(2, 8, 7, 0, seen(10, 10)),
            entry(2, 8, 7, 0, seen(20, 20)),
            entry(3, 0, 0, 0, seen(12, 14)),
            // Of the service 3.
            entry(2, 8, 7, 4, seen(11, 15)),
        ];
        let told: Vec<(Pair, Seen, bool)> =
            calls(&entries).iter().map(|call| (call.pair, call.callee, call.waits)).collect();
        assert_eq!(told, [((1, 2), seen(10, 20), false), ((2, 3), seen(12, 14), true)]);
    }

    #[test]
    fn one_wrong_clock_is_found_once_however_many_it_calls() {
        let mut skews = Skews::default();
        for at in 0..30 {
            let at = at * 1_000;
            // The second is 400 ms ahead of the others.
            skews.compare(&call((1, 2), seen(at, at + 100), seen(at + 410, at + 490)), false);
            skews.compare(&call((2, 3), seen(at + 420, at + 480), seen(at + 30, at + 70)), false);
            skews.compare(&call((1, 4), seen(at, at + 100), seen(at + 10, at + 90)), false);
        }
        let wrong: Vec<(u32, i64)> =
            skews.wrong().iter().map(|wrong| (wrong.service, wrong.ahead_nanos as i64 / MILLI)).collect();
        assert_eq!(wrong, [(2, 400)]);
    }

    #[test]
    fn a_second_is_nothing_where_stamps_are_no_finer() {
        let mut skews = Skews::default();
        let is_impossible = (0..30).map(|_| skews.compare(&call((1, 2), seen(900, 990), seen(0, 0)), true));
        assert!(!is_impossible.into_iter().any(|is| is));
        assert_eq!(skews.wrong(), []);
    }
}
