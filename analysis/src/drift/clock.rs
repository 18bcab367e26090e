//! Drift 3: clocks that are apart, and stamps too coarse to tell the order.
//!
//! Clocks are compared by the calls that both sides saw ([`crate::skew`]).

use std::collections::BTreeMap;

use model::drift::{ClockOffset, Drift, DriftKind};
use model::time::{NANOS_PER_SECOND, Nanos};

use super::moment::{Kind, Moment};
use super::side::Examples;
use super::{Known, percent, side};
use crate::skew::{self, Call, Entry, Seen, Skews, Wrong};

const MILLI: f64 = 1e6;
/// Requests in which a coarse stamp meets finer ones.
const LEAST_REQUESTS: u64 = 10;
/// So many of the entries in whole milliseconds or microseconds must have finer stamps within theirs: now and then some always have.
const LEAST_CLOSE: f64 = 0.6;

/// How fine stamps are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Precision {
    #[default]
    Second,
    Milli,
    Micro,
    Nano,
}

impl Precision {
    pub fn of(time: Nanos) -> Self {
        [Self::Second, Self::Milli, Self::Micro]
            .into_iter()
            .find(|precision| time.0.rem_euclid(precision.nanos()) == 0)
            .unwrap_or(Self::Nano)
    }

    fn nanos(self) -> i64 {
        match self {
            Self::Second => NANOS_PER_SECOND,
            Self::Milli => 1_000_000,
            Self::Micro => 1_000,
            Self::Nano => 1,
        }
    }
}

/// What is compared between services, in requests.
#[derive(Default)]
pub struct Clocks {
    skews: Skews,
    /// Of calls that cannot have been so, as caller and callee saw them.
    shown: BTreeMap<skew::Pair, (Examples, Examples)>,
    coarse: BTreeMap<u32, Coarse>,
    close: BTreeMap<u32, Close>,
}

/// Entries in whole milliseconds or microseconds, in requests in which others have finer stamps.
#[derive(Default)]
struct Close {
    n_entries: u64,
    /// Others have stamps within theirs.
    n_close: u64,
    own: Examples,
    others: Examples,
}

#[derive(Default)]
struct Coarse {
    n_requests: u64,
    own: Examples,
    others: Examples,
}

impl Clocks {
    pub fn request(&mut self, moments: &[Moment], known: &Known) {
        self.coarse(moments, known);
        self.close(moments, known);
        self.spans(moments, known);
        self.logs(moments, known);
    }

    fn coarse(&mut self, moments: &[Moment], known: &Known) {
        let is_coarse = |moment: &&Moment| known.is_coarse(moment.service);
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

    /// Whole milliseconds are as coarse as seconds where others do several things in one.
    fn close(&mut self, moments: &[Moment], known: &Known) {
        let precision = |moment: &Moment| known.precision[moment.service as usize];
        for unit in [Precision::Milli, Precision::Micro] {
            if !moments.iter().any(|moment| precision(moment) == unit) {
                continue;
            }
            let own = moments.iter().filter(|moment| precision(moment) == unit);
            let mut finer: Vec<_> = moments.iter().filter(|moment| precision(moment) > unit).map(Moment::key).collect();
            if finer.is_empty() {
                continue;
            }
            finer.sort_unstable();
            for moment in own {
                let (key, sum) = (moment.key(), self.close.entry(moment.service).or_default());
                sum.n_entries += 1;
                let next = finer.get(finer.partition_point(|other| other.time < key.time));
                if let Some(&other) = next.filter(|other| other.time.0 - key.time.0 < unit.nanos()) {
                    sum.n_close += 1;
                    sum.own.show(key);
                    sum.others.show(other);
                }
            }
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
            let pair = (caller.service, callee.service);
            let call = Call { pair, caller: seen(caller), callee: seen(callee), waits, shown: (0, 1) };
            self.compare(&call, &[caller, callee], known);
        }
    }

    fn logs(&mut self, moments: &[Moment], known: &Known) {
        let logs: Vec<&Moment> = moments.iter().filter(|moment| moment.kind == Kind::Log).collect();
        let entry = |moment: &&Moment| Entry {
            service: moment.service,
            span: moment.span,
            parent: moment.parent,
            callee: moment.callee,
            seen: seen(moment),
        };
        let entries: Vec<Entry> = logs.iter().map(entry).collect();
        for call in skew::calls(&entries) {
            self.compare(&call, &logs, known);
        }
    }

    /// `of`: the moments that the call shows by their numbers.
    fn compare(&mut self, call: &Call, of: &[&Moment], known: &Known) {
        let is_coarse = known.is_coarse(call.pair.0) || known.is_coarse(call.pair.1);
        if self.skews.compare(call, is_coarse) {
            let (callers, callees) = self.shown.entry(call.pair).or_default();
            callers.show(of[call.shown.0].key());
            callees.show(of[call.shown.1].key());
        }
    }

    pub fn find(&self, known: &Known) -> Vec<Drift> {
        let mut drifts: Vec<Drift> = self.coarse_drifts(known);
        drifts.extend(self.close_drifts(known));
        for wrong in self.skews.wrong() {
            drifts.push(skew(&wrong, &self.shown[&wrong.pair], known));
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

    fn close_drifts(&self, known: &Known) -> impl Iterator<Item = Drift> {
        let is_habit =
            |sum: &Close| sum.n_close >= LEAST_REQUESTS && sum.n_close as f64 >= LEAST_CLOSE * sum.n_entries as f64;
        let found = self.close.iter().filter(move |(_, sum)| is_habit(sum));
        found.map(move |(&service, sum)| {
            let name = known.name(service);
            let unit = if known.precision[service as usize] == Precision::Milli { "ms" } else { "µs" };
            let share = percent(sum.n_close, sum.n_entries);
            Drift {
                services: vec![name.to_owned()],
                what: format!(
                    "{name} stamps its entries with whole {unit}, and in {share} of those others do something too: which came first cannot be told."
                ),
                fix: format!("Let {name} write stamps as fine as those of the services that it works with."),
                n: sum.n_close,
                of: sum.n_entries,
                sides: vec![
                    side(format!("{name}, whole {unit}"), &sum.own),
                    side("finer stamps of the same requests".to_owned(), &sum.others),
                ],
                ..Drift::of(DriftKind::Clock)
            }
        })
    }
}

fn seen(moment: &Moment) -> Seen {
    Seen { start: moment.start, end: moment.end }
}

/// `shown`: calls as their caller and their callee saw them.
fn skew(wrong: &Wrong, shown: &(Examples, Examples), known: &Known) -> Drift {
    let ahead = wrong.ahead_nanos;
    let (name, other) = (known.name(wrong.service), known.name(wrong.other));
    let seconds = ahead.abs() / 1e9;
    let apart = if seconds >= 1.0 { format!("{seconds:.1} s") } else { format!("{:.0} ms", seconds * 1e3) };
    let (way, sign) = if ahead < 0.0 { ("behind", "+") } else { ("ahead of", "−") };
    // What is in whole milliseconds says all that an estimate can.
    let offset_nanos = -(ahead / MILLI).round() as i64 * MILLI as i64;
    let sources = known.own_sources[wrong.service as usize].clone();
    let shared = if sources.is_empty() { known.sources[wrong.service as usize].clone() } else { Vec::new() };
    let offset = (offset_nanos != 0).then_some(ClockOffset { offset_nanos, sources, shared });
    let is_callee = wrong.service == wrong.pair.1;
    let (own, others) = if is_callee { (&shown.1, &shown.0) } else { (&shown.0, &shown.1) };
    Drift {
        services: vec![name.to_owned(), other.to_owned()],
        what: format!(
            "The clock of {name} is about {apart} {way} that of {other}: calls would begin before their cause."
        ),
        fix: format!("Synchronise the clock of {name}; until then give its sources a clock offset of {sign}{apart}."),
        n: wrong.n_impossible,
        of: wrong.n,
        sides: vec![side(format!("{name}, as it saw the call"), own), side(format!("{other}, as it saw it"), others)],
        offset,
        ..Drift::of(DriftKind::Clock)
    }
}
