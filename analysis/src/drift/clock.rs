//! Drift 3: clocks that are apart, and stamps too coarse to tell the order.
//!
//! A call cannot begin before its caller began it, and whoever waits for an answer cannot end before the call did. How far apart two
//! clocks are is estimated as NTP does it (Mills 1991, "Internet time synchronization"): the difference of the middles of the
//! call as caller and callee saw it, its median over all calls.

use std::collections::BTreeMap;

use model::drift::{ClockOffset, Drift, DriftKind};
use model::time::NANOS_PER_SECOND;

use super::moment::{Kind, Moment};
use super::side::Examples;
use super::{Known, side};
use crate::answer::quantiles::Quantiles;

/// Fewer calls are chance.
const LEAST_CALLS: u64 = 20;
/// So many of the calls must be impossible.
const LEAST_SHARE: f64 = 0.5;
/// Stamps are rounded to milliseconds.
const TOLERANCE_NANOS: i64 = 2_000_000;
const MILLI: f64 = 1e6;
/// Requests in which a coarse stamp meets finer ones.
const LEAST_REQUESTS: u64 = 10;

/// What is compared between services, in requests.
#[derive(Default)]
pub struct Clocks {
    /// Of caller and callee.
    pairs: BTreeMap<(u32, u32), Pair>,
    coarse: BTreeMap<u32, Coarse>,
}

#[derive(Default)]
struct Pair {
    n: u64,
    n_impossible: u64,
    /// Nanoseconds that the clock of the callee is ahead.
    ahead: Quantiles,
    caller: Examples,
    callee: Examples,
}

#[derive(Default)]
struct Coarse {
    n_requests: u64,
    own: Examples,
    others: Examples,
}

/// A time in which something ran, as one service saw it.
#[derive(Clone, Copy)]
struct Seen {
    start: i64,
    end: i64,
    moment: Moment,
}

impl Clocks {
    pub fn request(&mut self, moments: &[Moment], known: &Known) {
        self.coarse(moments, known);
        self.spans(moments, known);
        self.parents_in_logs(moments, known);
        self.named_calls(moments, known);
    }

    fn coarse(&mut self, moments: &[Moment], known: &Known) {
        let is_coarse = |moment: &&Moment| known.is_coarse[moment.service as usize];
        let Some(other) = moments.iter().find(|moment| !is_coarse(moment)) else { return };
        let mut last = None;
        for moment in moments.iter().filter(is_coarse) {
            let sum = self.coarse.entry(moment.service).or_default();
            sum.n_requests += u64::from(last != Some(moment.service));
            last = Some(moment.service);
            sum.own.show(moment.key());
            sum.others.show(other.key());
        }
    }

    fn spans(&mut self, moments: &[Moment], known: &Known) {
        let spans = || moments.iter().filter(|moment| moment.kind != Kind::Log);
        let by_id: BTreeMap<u64, &Moment> =
            spans().filter(|span| span.span != 0).map(|span| (span.span, span)).collect();
        for callee in spans().filter(|span| span.kind != Kind::Consumer) {
            let Some(caller) = by_id.get(&callee.parent).filter(|caller| caller.service != callee.service) else {
                continue;
            };
            let waits = caller.kind == Kind::Client && callee.kind == Kind::Server;
            let seen = |moment: &Moment| Seen { start: moment.start, end: moment.end, moment: *moment };
            self.compare(seen(caller), seen(callee), waits, known);
        }
    }

    /// Entries that carry the span of their caller. When that ended they do not say.
    fn parents_in_logs(&mut self, moments: &[Moment], known: &Known) {
        let logs = || moments.iter().filter(|moment| moment.kind == Kind::Log);
        let mut by_span: BTreeMap<(u32, u64), Seen> = BTreeMap::new();
        for moment in logs().filter(|moment| moment.span != 0) {
            extend(by_span.entry((moment.service, moment.span)), moment);
        }
        let mut by_parent: BTreeMap<(u32, u64), Seen> = BTreeMap::new();
        for moment in logs().filter(|moment| moment.parent != 0) {
            extend(by_parent.entry((moment.service, moment.parent)), moment);
        }
        for (&(service, parent), callee) in &by_parent {
            let mut callers = by_span.iter().filter(|((other, span), _)| *span == parent && *other != service);
            if let (Some((_, caller)), None) = (callers.next(), callers.next()) {
                self.compare(*caller, *callee, false, known);
            }
        }
    }

    /// One entry tells of a call with its duration; what the one that was called wrote must be within.
    fn named_calls(&mut self, moments: &[Moment], known: &Known) {
        let logs = || moments.iter().filter(|moment| moment.kind == Kind::Log);
        for caller in logs().filter(|moment| moment.callee > 0 && moment.end > moment.start) {
            let callee = caller.callee - 1;
            // Of several calls nobody knows which was which.
            let n_calls = logs().filter(|moment| moment.callee == caller.callee).count();
            if n_calls > 1 || callee == caller.service {
                continue;
            }
            let mut seen: BTreeMap<(u32, u64), Seen> = BTreeMap::new();
            for moment in logs().filter(|moment| moment.service == callee) {
                extend(seen.entry((0, 0)), moment);
            }
            if let Some(callee) = seen.values().next() {
                let caller = Seen { start: caller.start, end: caller.end, moment: *caller };
                self.compare(caller, *callee, true, known);
            }
        }
    }

    /// `waits`: the caller ends after the callee.
    fn compare(&mut self, caller: Seen, callee: Seen, waits: bool, known: &Known) {
        let (one, other) = (caller.moment.service, callee.moment.service);
        let is_coarse = known.is_coarse[one as usize] || known.is_coarse[other as usize];
        let tolerance = if is_coarse { NANOS_PER_SECOND + TOLERANCE_NANOS } else { TOLERANCE_NANOS };
        let (at_start, at_end) = (callee.start - caller.start, callee.end - caller.end);
        let is_before = at_start < -tolerance;
        let is_after = waits && at_end > tolerance;
        let pair = self.pairs.entry((one, other)).or_default();
        pair.n += 1;
        let ahead = if waits { at_start / 2 + at_end / 2 } else { at_start };
        pair.ahead.add(ahead as f64, 1);
        if is_before || is_after {
            pair.n_impossible += 1;
            pair.caller.show(caller.moment.key());
            pair.callee.show(callee.moment.key());
        }
    }

    pub fn find(&self, known: &Known) -> Vec<Drift> {
        let mut drifts: Vec<Drift> = self.coarse_drifts(known);
        let is_apart = |pair: &Pair| {
            let at = |hundredths| pair.ahead.at(hundredths).unwrap_or_default();
            let same_way = at(25_00) * at(75_00) > 0.0;
            pair.n >= LEAST_CALLS && pair.n_impossible as f64 >= LEAST_SHARE * pair.n as f64 && same_way
        };
        let mut apart: Vec<(&(u32, u32), &Pair)> = self.pairs.iter().filter(|(_, pair)| is_apart(pair)).collect();
        // One wrong clock shows in every pair that it is part of.
        while !apart.is_empty() {
            let mut n_pairs: BTreeMap<u32, u32> = BTreeMap::new();
            for ((caller, callee), _) in &apart {
                *n_pairs.entry(*callee).or_default() += 1;
                *n_pairs.entry(*caller).or_default() += 1;
            }
            let most = n_pairs.values().copied().max().unwrap_or_default();
            let last = apart.iter().find(|((caller, callee), _)| n_pairs[callee] == most || n_pairs[caller] == most);
            let Some(&((caller, callee), pair)) = last else { break };
            let wrong = if n_pairs[callee] == most { *callee } else { *caller };
            let other = if wrong == *callee { *caller } else { *callee };
            drifts.push(skew(wrong, other, wrong == *callee, pair, known));
            apart.retain(|((caller, callee), _)| *caller != wrong && *callee != wrong);
        }
        drifts
    }

    fn coarse_drifts(&self, known: &Known) -> Vec<Drift> {
        let found = self.coarse.iter().filter(|(_, sum)| sum.n_requests >= LEAST_REQUESTS);
        found
            .map(|(&service, sum)| {
                let name = known.name(service);
                Drift {
                    services: vec![name.to_owned()],
                    what: format!(
                        "{name} stamps its entries with whole seconds; the order within a request cannot be told there."
                    ),
                    fix: format!("Let {name} write milliseconds, or better microseconds, with a zone."),
                    n: sum.n_requests,
                    of: sum.n_requests,
                    sides: vec![
                        side(format!("{name}, whole seconds"), &sum.own),
                        side("finer stamps of the same requests".to_owned(), &sum.others),
                    ],
                    ..Drift::of(DriftKind::Clock)
                }
            })
            .collect()
    }
}

fn extend(entry: std::collections::btree_map::Entry<'_, (u32, u64), Seen>, moment: &Moment) {
    let seen = entry.or_insert(Seen { start: moment.start, end: moment.end, moment: *moment });
    seen.start = seen.start.min(moment.start);
    seen.end = seen.end.max(moment.end);
}

/// `is_callee`: the wrong clock is that of the pair's callee.
fn skew(wrong: u32, other: u32, is_callee: bool, pair: &Pair, known: &Known) -> Drift {
    let median = pair.ahead.at(50_00).unwrap_or_default() * if is_callee { 1.0 } else { -1.0 };
    let (name, other) = (known.name(wrong), known.name(other));
    let seconds = median.abs() / 1e9;
    let apart = if seconds >= 1.0 { format!("{seconds:.1} s") } else { format!("{:.0} ms", seconds * 1e3) };
    let (way, sign) = if median < 0.0 { ("behind", "+") } else { ("ahead of", "−") };
    // What is in whole milliseconds says all that an estimate can.
    let offset_nanos = -(median / MILLI).round() as i64 * MILLI as i64;
    let sources = known.own_sources[wrong as usize].clone();
    let offset = (!sources.is_empty() && offset_nanos != 0).then_some(ClockOffset { offset_nanos, sources });
    let (own, others) = if is_callee { (&pair.callee, &pair.caller) } else { (&pair.caller, &pair.callee) };
    Drift {
        services: vec![name.to_owned(), other.to_owned()],
        what: format!(
            "The clock of {name} is about {apart} {way} that of {other}: calls would begin before their cause."
        ),
        fix: format!("Synchronise the clock of {name}; until then give its sources a clock offset of {sign}{apart}."),
        n: pair.n_impossible,
        of: pair.n,
        sides: vec![side(format!("{name}, as it saw the call"), own), side(format!("{other}, as it saw it"), others)],
        offset,
        ..Drift::of(DriftKind::Clock)
    }
}
