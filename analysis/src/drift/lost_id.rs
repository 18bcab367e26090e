//! Drift 1: the id of a request is lost between components.
//!
//! An entry without an id that names a value (an order, a session) which entries with an id name too, all of one request, is of that
//! request. If its service writes the same message with an id at other times, or never has ids though others call it with one,
//! the id was lost on the way. Besides: ids that break their format, and spans whose parent nobody sent.

use std::collections::{BTreeMap, BTreeSet};

use model::drift::{Drift, DriftKind};
use model::entry::RowKey;

use super::moment::{Kind, Moment};
use super::side::Examples;
use super::{Gatherer, Known, Request, percent, side};
use crate::ids::SILENCE;
use crate::topology::Sighting;

/// Fewer are chance.
const LEAST: u64 = 10;
/// Shares below this are accidents, not habits.
const LEAST_SHARE: f64 = 0.05;
/// Of entries without an id that name the same value, these are remembered.
const MOST_WITHOUT: usize = 4;
/// Services of which it is remembered when they named a value.
const MOST_SERVICES: usize = 8;

/// What is known of a value that may name a request.
#[derive(Default)]
pub struct Value {
    /// Of the entries with an id: 0 for none yet.
    request: u64,
    /// Entries of several requests name it.
    is_shared: bool,
    /// The id of the request may be given to another one later.
    may_recur: bool,
    with: Option<(RowKey, u32)>,
    /// Of each service that names it with an id: when it first did, and last.
    services: Vec<(u32, i64, i64)>,
    /// Without an id: key, service, kind of message. The earliest.
    without: Vec<(RowKey, u32, u64)>,
}

impl Value {
    pub fn take(&mut self, service: u32, kind: u64, request: Request, key: RowKey) {
        if request.hash == 0 {
            let at = self.without.partition_point(|(other, ..)| *other < key);
            self.without.insert(at, (key, service, kind));
            self.without.truncate(MOST_WITHOUT);
            return;
        }
        self.is_shared |= self.request != 0 && self.request != request.hash;
        self.request = request.hash;
        self.may_recur |= request.may_recur;
        if self.with.is_none_or(|(other, _)| key < other) {
            self.with = Some((key, service));
        }
        let time = key.time.0;
        let is_known = self.services.iter().any(|(known, ..)| *known == service);
        if !is_known && self.services.len() >= MOST_SERVICES {
            return;
        }
        match self.services.iter_mut().find(|(known, ..)| *known == service) {
            Some((_, first, last)) => (*first, *last) = (time.min(*first), time.max(*last)),
            None => self.services.push((service, time, time)),
        }
    }

    /// Whether entries of one request alone name it. Of an id that may be given again, what a service wrote over so long may be of several.
    fn is_of_one(&self) -> bool {
        let is_long = |&(_, first, last): &(u32, i64, i64)| last.saturating_sub(first) > SILENCE;
        self.request != 0 && !self.is_shared && !(self.may_recur && self.services.iter().any(is_long))
    }
}

/// A kind of message of one service.
#[derive(Default)]
pub struct MessageKind {
    pub service: u32,
    pub n_with: u64,
    pub n_without: u64,
    with: Examples,
    without: Examples,
}

impl MessageKind {
    pub fn take(&mut self, service: u32, has_id: bool, seen: &Sighting<'_>) {
        self.service = service;
        if has_id {
            self.n_with += 1;
            self.with.show(seen.key);
        } else {
            self.n_without += 1;
            self.without.show(seen.key);
        }
    }
}

/// Entries without an id of one service that are of a request, as a value of theirs shows.
#[derive(Default)]
pub struct Joined {
    pub n: u64,
    pub n_same_service: u64,
    /// Between two entries with the id of the same service.
    pub n_within: u64,
    pub without: Examples,
    pub with: Examples,
    /// The service whose entries have the id, as often as it was the one.
    pub others: BTreeMap<u32, u64>,
}

/// By kind of message.
pub fn joined(gatherer: &Gatherer, known: &Known) -> BTreeMap<u64, Joined> {
    let mut found: BTreeMap<u64, Joined> = BTreeMap::new();
    for value in gatherer.values.map.values().filter(|value| value.is_of_one()) {
        let Some((with, other)) = value.with else { continue };
        for &(key, service, kind) in &value.without {
            // Much earlier or later it is the same thing, but another request.
            const NEAR: i64 = 3_600_000_000_000;
            if (key.time.0 - with.time.0).abs() > NEAR {
                continue;
            }
            let group = known.group_of[service as usize];
            let joined = found.entry(kind).or_default();
            joined.n += 1;
            let own = || value.services.iter().filter(|(other, ..)| known.group_of[*other as usize] == group);
            joined.n_same_service += u64::from(own().next().is_some());
            let (first, last) =
                own().fold((i64::MAX, i64::MIN), |(a, b), (_, first, last)| (a.min(*first), b.max(*last)));
            joined.n_within += u64::from((first..=last).contains(&key.time.0));
            joined.without.show(key);
            joined.with.show(with);
            *joined.others.entry(known.group_of[other as usize]).or_default() += 1;
        }
    }
    found
}

/// Messages that sometimes have an id and sometimes not, services that never have one, and ids that are malformed.
/// `joined`: as [`joined`] gives it.
pub fn find(gatherer: &Gatherer, known: &Known, joined: &BTreeMap<u64, Joined>) -> Vec<Drift> {
    let mut drifts = Vec::new();
    let mut of_service: BTreeMap<u32, (u64, u64, Examples, Examples)> = BTreeMap::new();
    for (kind, joined) in joined {
        let Some(message) = gatherer.kinds.map.get(kind) else { continue };
        let n = message.n_with + message.n_without;
        let is_habit = |part: u64| part >= LEAST && part as f64 >= LEAST_SHARE * n as f64;
        if joined.n >= LEAST && is_habit(message.n_with) && is_habit(message.n_without) {
            let sum = of_service.entry(known.group_of[message.service as usize]).or_default();
            sum.0 += message.n_without;
            sum.1 += n;
            joined.without.keys().iter().for_each(|&key| sum.2.show(key));
            message.with.keys().iter().chain(joined.with.keys()).for_each(|&key| sum.3.show(key));
        }
    }
    for (service, (n, of, without, with)) in of_service {
        let name = known.name(service);
        drifts.push(Drift {
            services: vec![name.to_owned()],
            what: format!(
                "{} of the entries of {name} that name a request carry no id, while the same messages do at other times.",
                percent(n, of)
            ),
            fix: format!(
                "Hand the trace context on to every thread and client of {name}, and put its id into the log context there."
            ),
            n,
            of,
            sides: vec![side(format!("{name}, without an id"), &without), side("with the id".to_owned(), &with)],
            ..Drift::of(DriftKind::LostId)
        });
    }
    drifts.extend(never(gatherer, known, joined));
    drifts.extend(within(gatherer, known, joined));
    let with_group = gatherer.services.iter().zip(&known.group_of);
    drifts.extend(with_group.filter(|(service, _)| service.n_malformed >= LEAST).map(|(service, &group)| {
        let name = known.name(group);
        Drift {
            services: vec![name.to_owned()],
            what: format!("{name} writes ids that break their own format, so that others may not follow them."),
            fix: "Write the header exactly as it came: W3C traceparent has 2, 32, 16 and 2 lower-case hexadecimal digits. The search malformed_id:* finds all of them.".to_owned(),
            n: service.n_malformed,
            of: service.n_entries,
            sides: vec![side("malformed ids".to_owned(), &service.malformed)],
            ..Drift::of(DriftKind::LostId)
        }
    }));
    drifts
}

/// Services that others call with an id, and that name what those requests are about, but never have an id.
fn never(gatherer: &Gatherer, known: &Known, joined: &BTreeMap<u64, Joined>) -> Vec<Drift> {
    let mut with_id = vec![0; known.names.len()];
    let mut called = vec![false; known.names.len()];
    for (at, service) in gatherer.services.iter().enumerate() {
        with_id[known.group_of[at] as usize] += service.n_with_id;
    }
    for moment in gatherer.requests.map.values().flatten().filter(|moment| moment.callee > 0) {
        if let Some(callee) = known.group_of_host[moment.callee as usize - 1] {
            called[callee as usize] |= callee != known.group_of[moment.service as usize];
        }
    }
    let mut sums: BTreeMap<u32, (u64, u64, Examples, Examples)> = BTreeMap::new();
    for (kind, joined) in joined {
        let Some(message) = gatherer.kinds.map.get(kind) else { continue };
        let group = known.group_of[message.service as usize];
        if with_id[group as usize] == 0 && called[group as usize] {
            let sum = sums.entry(group).or_default();
            sum.0 += joined.n;
            sum.1 += message.n_without;
            joined.without.keys().iter().for_each(|&key| sum.2.show(key));
            joined.with.keys().iter().for_each(|&key| sum.3.show(key));
        }
    }
    let of_request = sums.into_iter().filter(|(_, (n, ..))| *n >= LEAST);
    of_request
        .map(|(group, (n, of, without, with))| {
            let name = known.name(group);
            Drift {
                services: vec![name.to_owned()],
                what: format!("{name} is called with an id and writes none, though its entries are of those requests."),
                fix: format!(
                    "Read the trace context from the incoming request in {name} and write its id in every entry."
                ),
                n,
                of: of.max(n),
                sides: vec![side(format!("{name}, without an id"), &without), side("with the id".to_owned(), &with)],
                ..Drift::of(DriftKind::LostId)
            }
        })
        .collect()
}

/// Messages that never have an id and are written between entries of the same service and request that have it.
fn within(gatherer: &Gatherer, known: &Known, joined: &BTreeMap<u64, Joined>) -> Vec<Drift> {
    /// So many of all such messages: what is mostly written outside of requests is no part of them.
    const LEAST_WITHIN: f64 = 0.5;
    let mut of_group: BTreeMap<u32, (u64, Examples, Examples)> = BTreeMap::new();
    // Where messages are taken from a queue it is the hand-over that loses the context.
    let reads_topics: BTreeSet<u32> = {
        let readers = gatherer.services.iter().zip(&known.group_of).filter(|(service, _)| service.reads_topics);
        readers.map(|(_, &group)| group).collect()
    };
    for (kind, joined) in joined {
        let Some(message) = gatherer.kinds.map.get(kind) else { continue };
        let group = known.group_of[message.service as usize];
        // Of the values some are left out where there are many.
        let n_seen = message.n_without as f64 / gatherer.values.one_of() as f64;
        let is_habit = joined.n_within >= LEAST && joined.n_within as f64 >= LEAST_WITHIN * n_seen;
        if message.n_with == 0 && is_habit && !reads_topics.contains(&group) {
            let sum = of_group.entry(group).or_default();
            sum.0 += message.n_without;
            joined.without.keys().iter().for_each(|&key| sum.1.show(key));
            joined.with.keys().iter().for_each(|&key| sum.2.show(key));
        }
    }
    let found = of_group.into_iter().map(|(group, (n, without, with))| {
        let name = known.name(group);
        Drift {
            services: vec![name.to_owned()],
            what: format!("{name} never writes the id with some messages, in the middle of requests whose other entries there have it."),
            fix: format!("Find the threads and libraries of {name} that write them, and give their loggers the context of the request."),
            n,
            of: known.n_entries[group as usize].max(n),
            sides: vec![side(format!("{name}, without an id"), &without), side("with the id".to_owned(), &with)],
            ..Drift::of(DriftKind::LostId)
        }
    });
    found.collect()
}

/// Spans whose parent nobody sent, and that have no link, by service.
#[derive(Default)]
pub struct Orphans {
    of_service: BTreeMap<u32, Orphaned>,
}

#[derive(Default)]
struct Orphaned {
    n_children: u64,
    n: u64,
    shown: Examples,
    others: Examples,
}

impl Orphans {
    pub fn request(&mut self, moments: &[Moment]) {
        let mut spans = moments.iter().filter(|moment| moment.kind != Kind::Log);
        // The first may have been called from outside.
        let Some(first) = spans.next() else { return };
        let known: BTreeSet<u64> = moments.iter().map(|moment| moment.span).collect();
        // A link says what a span goes on with, wherever its parent is.
        for span in spans.filter(|span| span.parent != 0 && !span.is_linked) {
            let sum = self.of_service.entry(span.service).or_default();
            sum.n_children += 1;
            if !known.contains(&span.parent) && span.parent != first.parent {
                sum.n += 1;
                sum.shown.show(span.key());
                sum.others.show(first.key());
            }
        }
    }

    pub fn find(&self, known: &Known) -> Vec<Drift> {
        let is_habit = |sum: &Orphaned| sum.n >= LEAST && sum.n as f64 >= LEAST_SHARE * sum.n_children as f64;
        let found = self.of_service.iter().filter(|(_, sum)| is_habit(sum));
        found
            .map(|(&service, sum)| {
                let name = known.name(service);
                Drift {
                    services: vec![name.to_owned()],
                    what: format!(
                        "The parents of {} of the spans of {name} are in no file: the tree of the request is torn there.",
                        percent(sum.n, sum.n_children)
                    ),
                    fix: format!("Export the spans of what calls {name} too, and sample whole traces rather than single spans."),
                    n: sum.n,
                    of: sum.n_children,
                    sides: vec![
                        side(format!("{name}, without its parent"), &sum.shown),
                        side("the beginning of the trace".to_owned(), &sum.others),
                    ],
                    ..Drift::of(DriftKind::LostId)
                }
            })
            .collect()
    }
}
