//! The requests that entries belong to, by their trace or request ids: when each began and ended, what failed in it, and how unlike
//! the others it is.
//!
//! In: opened entries, in any order. Memory is bounded: of more requests than are told apart the entries are counted only, and of
//! the spans and entries of one the first are kept by their kind. What a service has under the lower half of an id is of the request of
//! the whole id, unless that is the half of several. How long a request took is what its waterfall says ([`crate::topology::placing`]),
//! as far as all spans and entries of it are kept. Which requests are unusual is asked of the detectors for groups of
//! entries ([`crate::outlier`]), with the service and the operation of each span and entry in the place of a template.

mod buckets;

mod gathering;
pub use gathering::Gathering;

mod habits;
use habits::{Habits, Oddity};

mod placing;
pub use placing::Placing;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use buckets::Spread;
use model::entry::RowKey;
use model::naming::Naming;
use model::requests::{Reason, RequestLine, RequestOrder, Requests};
use model::time::Nanos;

use crate::ids::{SILENCE, canonical, ids_of, lower_half, may_go_on, may_recur};
use crate::outlier::Scoring;
use crate::quick_hash::{QuickMap, hash_of};
use crate::topology::Sighting;
use crate::topology::halves::Halves;
use crate::topology::names::{Plainest, service_unless};
use crate::topology::placing::{Extent, Piece, Side, hash_of_id, side_of};
use crate::topology::sighting::{extent_of, is_error, is_point, is_span, name_of, operation_of, says_own_name};

/// Requests that are told apart. Where all limits are reached some 140 MB in a browser: 29 MB themselves, 20 MB their ids and what finds
/// them by those, up to 24 MB their names, 64 MB their events. What vectors hold in reserve comes on top: as much again as the events at worst.
const MOST_REQUESTS: usize = 200_000;
/// Spans and entries of one request that its shape is made of, and from when to when it lasted by right clocks.
const MOST_EVENTS: usize = 500;
/// Of all requests together.
const MOST_EVENTS_IN_ALL: usize = 2_000_000;
/// What is done, by service and operation, that is told apart.
const MOST_KINDS: usize = 50_000;

/// The requests so far.
#[derive(Default)]
pub struct RequestCount {
    /// By what the id hashes to in plain spelling.
    numbers: QuickMap<u64, u32>,
    halves: Halves,
    /// Those whose ids may be given again, by that and by their beginning.
    recurring: BTreeMap<(u64, i64), u32>,
    requests: Vec<Request>,
    /// Places of requests that turned out to be of others.
    free: Vec<u32>,
    /// Void when another entry came.
    joined: OnceCell<Joined>,
    naming: Rc<Naming>,
    services: Plainest,
    kinds: QuickMap<(u32, u64), u16>,
    /// Service and name of each, as the first that did it says it: some megabytes at worst.
    done: Vec<(u32, Box<str>)>,
    n_events: usize,
    n_left_out: u64,
    /// By request, 0 where it is a part of another; void when another entry came.
    oddities: Option<Vec<f64>>,
    /// What all did when that was found out.
    habits: Habits,
    /// Of the requests that last otherwise than their times are written; void where there is more of one than was placed.
    placed: BTreeMap<u32, Extent>,
    /// All requests are placed: no entry came since.
    is_placed: bool,
}

/// What other services write under an id after a silence is of the request before it ([`crate::ids::stretches`]).
#[derive(Default)]
struct Joined {
    /// By the first part of a request its others.
    others: QuickMap<u32, Vec<u32>>,
    of_others: BTreeSet<u32>,
    /// Requests by the id that they have one after the other, of those that come back.
    n_of_id: QuickMap<u64, u32>,
}

#[derive(Clone)]
struct Request {
    id: Box<str>,
    hash: u64,
    /// What the lower half of the id hashes to; 0: it has none.
    half: u64,
    key: RowKey,
    name: Box<str>,
    service: u32,
    /// What the name is from: a span that nobody called, any other span, an entry. The least is the best.
    named_by: (u8, i64),
    start: i64,
    end: i64,
    n_spans: u64,
    n_entries: u64,
    n_errors: u64,
    services: Vec<u32>,
    events: Vec<Event>,
    /// Spans and entries of all of it when it was placed.
    n_placed: u64,
    /// The filter finds one of its entries.
    is_found: bool,
}

/// A span or an entry of a request: what is done by its kind, and its place among the others. 32 bytes.
#[derive(Clone, Copy)]
struct Event {
    start: i64,
    end: i64,
    /// The lower half of what [`hash_of_id`] gives: among the few of one request that tells as much.
    span: u32,
    parent: u32,
    service: u32,
    kind: u16,
    is_span: bool,
    side: Option<Side>,
}

impl Event {
    /// Of the entry: a span has the time of its beginning, any other is written at the end.
    fn time(&self) -> i64 {
        if self.is_span { self.start } else { self.end }
    }

    fn piece(&self) -> Piece {
        let &Self { start, end, span, parent, service, is_span, side, .. } = self;
        let tells_start = is_span || end > start;
        Piece { service, is_span, tells_start, side, span: u64::from(span), parent: u64::from(parent), start, end }
    }
}

impl Request {
    fn new(id: &str, hash: u64, half: u64, key: RowKey) -> Self {
        Self {
            id: id.to_ascii_lowercase().into(),
            hash,
            half,
            key,
            name: "".into(),
            service: 0,
            named_by: (u8::MAX, 0),
            start: i64::MAX,
            end: i64::MIN,
            n_spans: 0,
            n_entries: 0,
            n_errors: 0,
            services: Vec::new(),
            events: Vec::new(),
            n_placed: 0,
            is_found: false,
        }
    }

    /// Spans and entries.
    fn n_parts(&self) -> u64 {
        self.n_spans + self.n_entries
    }

    /// Takes in what there is of it under another id.
    fn take(&mut self, other: &Self) {
        if other.named_by < self.named_by {
            self.named_by = other.named_by;
            self.key = other.key;
            self.service = other.service;
            self.name.clone_from(&other.name);
        }
        self.start = self.start.min(other.start);
        self.end = self.end.max(other.end);
        self.n_spans += other.n_spans;
        self.n_entries += other.n_entries;
        self.n_errors += other.n_errors;
        self.services.extend(&other.services);
        self.services.sort_unstable();
        self.services.dedup();
        self.events.extend(&other.events);
        self.events.truncate(MOST_EVENTS);
        self.is_found |= other.is_found;
    }
}

impl RequestCount {
    /// What the user says of names of services; before the first entry.
    pub fn call_by(&mut self, naming: &Rc<Naming>) {
        self.naming = naming.clone();
    }

    /// Takes an entry in, if it is of a request. `is_found`: by the filter.
    pub fn push(&mut self, seen: Sighting<'_>, is_found: bool) {
        let Sighting { key, service, severity, parsed } = seen;
        if is_point(parsed) {
            return;
        }
        let (ids, _) = ids_of(parsed);
        let Some(id) = ids.trace else { return };
        let (start, end) = extent_of(parsed, key.time.0);
        let Some(number) = self.number(id, key, start, end) else {
            self.n_left_out += 1;
            return;
        };
        self.oddities = None;
        self.is_placed = false;
        self.joined = OnceCell::new();
        let is_span = is_span(parsed);
        // As in the waterfall.
        let naming = &*self.naming;
        let is_final = |name: &str| says_own_name(parsed) || naming.of(name).is_some();
        let service = self.services.number(naming, service_unless(service, is_final).name);
        let kind = self.kind(service, &parsed.message);
        let request = &mut self.requests[number as usize];
        let rank = match (is_span, ids.parent) {
            (true, None) => 0,
            (true, Some(_)) => 1,
            (false, _) => 2,
        };
        if (rank, start) < request.named_by {
            request.named_by = (rank, start);
            request.key = key;
            request.service = service;
            request.name = name_of(&parsed.message).into();
        }
        request.start = request.start.min(start);
        request.end = request.end.max(end);
        request.n_spans += u64::from(is_span);
        request.n_entries += u64::from(!is_span);
        request.n_errors += u64::from(is_error(severity));
        request.is_found |= is_found;
        if let Err(at) = request.services.binary_search(&service) {
            request.services.insert(at, service);
        }
        if request.events.len() < MOST_EVENTS && self.n_events < MOST_EVENTS_IN_ALL {
            let [span, parent] = [ids.span, ids.parent].map(|id| hash_of_id(id) as u32);
            let side = side_of(parsed);
            request.events.push(Event { start, end, span, parent, service, kind, is_span, side });
            self.n_events += 1;
        }
    }

    fn number(&mut self, written: &str, key: RowKey, start: i64, end: i64) -> Option<u32> {
        let id = canonical(written);
        let hash = hash_of(id.as_bytes());
        let recurs = may_recur(&id);
        let known = if recurs { self.at_time(hash, start, end) } else { self.numbers.get(&hash).copied() };
        if let Some(number) = known {
            // It is shown with all the digits that any entry gives it, in hexadecimal before Datadog's number.
            let shown = &mut self.requests[number as usize].id;
            let rank = |id: &str| (!id.bytes().all(|byte| byte.is_ascii_digit()), id.len());
            if rank(written) > rank(shown) {
                *shown = written.to_ascii_lowercase().into();
            }
            return Some(number);
        }
        if self.requests.len() == MOST_REQUESTS && self.free.is_empty() {
            return None;
        }
        let half = lower_half(&id).filter(|half| !may_recur(half)).map_or(0, |half| hash_of(half.as_bytes()));
        if half != 0 {
            self.halves.take(&id, hash);
        }
        let request = Request::new(written, hash, half, key);
        let number = self.free.pop().unwrap_or(self.requests.len() as u32);
        match self.requests.get_mut(number as usize) {
            Some(free) => *free = request,
            None => self.requests.push(request),
        }
        if recurs {
            self.recurring.insert((hash, start), number);
        } else {
            self.numbers.insert(hash, number);
        }
        Some(number)
    }

    /// What there is under this id around this time. An entry between two such parts, with no long silence to either, makes them one.
    fn at_time(&mut self, hash: u64, start: i64, end: i64) -> Option<u32> {
        let (from, until) = (start.saturating_sub(SILENCE), end.saturating_add(SILENCE));
        let before = self.recurring.range((hash, i64::MIN)..=(hash, until)).rev();
        let near = before.take_while(|(_, number)| self.requests[**number as usize].end >= from);
        let near: Vec<(i64, u32)> = near.map(|(&(_, begin), &number)| (begin, number)).collect();
        let (&(first, number), others) = near.split_last()?;
        for &(begin, other) in others {
            let gone = Request::new("", 0, 0, self.requests[other as usize].key);
            let gone = std::mem::replace(&mut self.requests[other as usize], gone);
            self.requests[number as usize].take(&gone);
            self.recurring.remove(&(hash, begin));
            self.free.push(other);
        }
        if start < first {
            self.recurring.remove(&(hash, first));
            self.recurring.insert((hash, start), number);
        }
        Some(number)
    }

    /// Whether its id was given to another request as well.
    fn comes_back(&self, request: &Request) -> bool {
        self.joined().n_of_id.get(&request.hash).is_some_and(|&n| n > 1)
    }

    fn joined(&self) -> &Joined {
        self.joined.get_or_init(|| {
            let mut joined = Joined::default();
            let mut stretches = self.recurring.iter().peekable();
            while let Some((&(hash, _), &number)) = stretches.next() {
                // Most are given once.
                if stretches.peek().is_none_or(|((other, _), _)| *other != hash) {
                    continue;
                }
                let mut first = number;
                let mut n_requests = 1;
                let mut end = self.requests[number as usize].end;
                let mut known: BTreeSet<u32> = self.requests[number as usize].services.iter().copied().collect();
                while let Some((_, &number)) = stretches.next_if(|((other, _), _)| *other == hash) {
                    let next = &self.requests[number as usize];
                    if may_go_on(end, next.start) && !next.services.iter().any(|one| known.contains(one)) {
                        known.extend(&next.services);
                        joined.others.entry(first).or_default().push(number);
                        joined.of_others.insert(number);
                    } else {
                        n_requests += 1;
                        first = number;
                        known = next.services.iter().copied().collect();
                    }
                    end = next.end;
                }
                joined.n_of_id.insert(hash, n_requests);
            }
            joined
        })
    }

    fn kind(&mut self, service: u32, message: &str) -> u16 {
        const _: () = assert!(MOST_KINDS <= u16::MAX as usize);
        let operation = operation_of(message);
        if let Some(&known) = self.kinds.get(&(service, operation)) {
            return known;
        }
        let next = self.kinds.len() as u16;
        if self.kinds.len() < MOST_KINDS {
            self.kinds.insert((service, operation), next);
            self.done.push((service, name_of(message).into()));
        }
        next
    }

    /// A request with all that there is of it, under half of its id too. `None`: it is a part of another.
    fn whole(&self, at: usize) -> Option<Cow<'_, Request>> {
        let request = &self.requests[at];
        let joined = self.joined();
        if self.halves.whole_of(request.hash).is_some() || joined.of_others.contains(&(at as u32)) {
            return None;
        }
        let is_of_it = request.half != 0 && self.halves.whole_of(request.half) == Some(request.hash);
        let half = self.numbers.get(&request.half).filter(|_| is_of_it);
        let others = joined.others.get(&(at as u32)).into_iter().flatten();
        let mut whole = Cow::Borrowed(request);
        for &other in half.into_iter().chain(others) {
            whole.to_mut().take(&self.requests[other as usize]);
        }
        Some(whole)
    }

    /// From when to when it lasted, with the services whose clocks are allowed for; those of the times as they are written, while it
    /// is not known better.
    fn extent(&self, at: usize, request: &Request) -> Extent {
        let placed = self.placed.get(&(at as u32)).filter(|_| request.n_placed == request.n_parts());
        placed.cloned().unwrap_or_else(|| Extent { start: request.start, end: request.end, later: Vec::new() })
    }

    /// Requests that are told apart.
    pub fn n_requests(&self) -> usize {
        self.requests.len()
    }

    /// Whether it is known how unusual each is.
    pub fn is_scored(&self) -> bool {
        self.oddities.is_some()
    }

    /// Whether it is known how long each lasted by right clocks.
    pub fn is_placed(&self) -> bool {
        self.is_placed
    }

    /// `requests`: of which each group is that was scored, as [`Gathering`] gives them.
    pub fn finish_scoring(&mut self, requests: &[u32], scoring: Scoring) {
        let mut oddities = vec![0.0; self.requests.len()];
        let scored = scoring.finish();
        for (&at, &score) in requests.iter().zip(&scored.scores) {
            oddities[at as usize] = score;
        }
        self.oddities = Some(oddities);
        self.habits = Habits::of(&scored.groups);
    }

    /// Why a request is unusual, if that is known and there is one thing that tells it.
    fn reason(&self, request: &Request) -> Option<Reason> {
        self.oddities.as_ref()?;
        let kinds = request.events.iter().map(|event| event.kind).collect();
        let oddest = self.habits.oddest(&kinds)?;
        // What is not kept of it may have been done.
        let is_known = oddest.is_done || request.events.len() as u64 == request.n_parts();
        let Oddity { kind, is_done, n_with } = Some(oddest).filter(|_| is_known)?;
        let (service, name) = self.done.get(usize::from(kind))?;
        let service = self.services.name(*service).to_owned();
        Some(Reason { name: name.to_string(), service, is_done, n_with, n_requests: self.habits.n_requests() })
    }

    /// Requests of which the filter finds an entry, all at once.
    pub fn requests(&self, order: RequestOrder, took: Option<(i64, i64)>, n_shown: usize) -> Requests {
        let mut listing = Listing::new(order, took);
        while listing.step(self, usize::MAX) {}
        listing.finish(self, n_shown)
    }

    fn line(&self, at: usize) -> Option<RequestLine> {
        let request = self.whole(at)?;
        let Extent { start, end, later } = self.extent(at, &request);
        let moved = later.into_iter().map(|(service, nanos)| (self.services.name(service).to_owned(), nanos));
        Some(RequestLine {
            id: request.id.to_string(),
            key: request.key,
            start: Nanos(start),
            nanos: end.saturating_sub(start),
            moved: moved.collect(),
            name: request.name.to_string(),
            service: self.services.name(request.service).to_owned(),
            n_spans: request.n_spans,
            n_entries: request.n_entries,
            n_errors: request.n_errors,
            n_services: request.services.len() as u64,
            oddity: self.oddities.as_ref().map(|oddities| oddities[at] as f32),
            reason: self.reason(&request),
        })
    }
}

/// Looks through the requests in steps: how long they took, and which of them are listed.
pub struct Listing {
    order: RequestOrder,
    took: Option<(i64, i64)>,
    next: usize,
    spread: Spread,
    n_again: u64,
    within: Vec<(Rank, u32)>,
}

/// What is listed first has the highest: by what was asked for, then the slowest, then the latest.
type Rank = (f64, i64, i64);

impl Listing {
    /// `took`: only those are listed; the spread is of all.
    pub fn new(order: RequestOrder, took: Option<(i64, i64)>) -> Self {
        Self { order, took, next: 0, spread: Spread::default(), n_again: 0, within: Vec::new() }
    }

    /// Looks at further requests, at most so many; `false`: there are no more.
    pub fn step(&mut self, count: &RequestCount, n_requests: usize) -> bool {
        let end = self.next.saturating_add(n_requests).min(count.requests.len());
        for at in self.next..end {
            let Some(request) = count.whole(at).filter(|request| request.is_found) else { continue };
            let Extent { start, end, .. } = count.extent(at, &request);
            let nanos = end.saturating_sub(start);
            self.spread.add(nanos, request.n_errors > 0);
            self.n_again += u64::from(count.comes_back(&request));
            if self.took.is_none_or(|(from, to)| (from..to).contains(&nanos)) {
                let first = match self.order {
                    RequestOrder::Slowest => nanos as f64,
                    RequestOrder::Failed => request.n_errors as f64,
                    RequestOrder::Unusual => count.oddities.as_ref().map_or(0.0, |oddities| oddities[at]),
                    RequestOrder::Latest => start as f64,
                };
                self.within.push(((first, nanos, start), at as u32));
            }
        }
        self.next = end;
        end < count.requests.len()
    }

    pub fn finish(self, count: &RequestCount, n_shown: usize) -> Requests {
        let Self { spread, n_again, mut within, .. } = self;
        let n_within = within.len() as u64;
        let id = |at: u32| &count.requests[at as usize].id;
        let before = |(a, a_at): &(Rank, u32), (b, b_at): &(Rank, u32)| {
            b.0.total_cmp(&a.0).then((b.1, b.2).cmp(&(a.1, a.2))).then_with(|| id(*a_at).cmp(id(*b_at)))
        };
        if within.len() > n_shown && n_shown > 0 {
            within.select_nth_unstable_by(n_shown - 1, before);
            within.truncate(n_shown);
        }
        within.sort_by(before);
        Requests {
            lines: within.into_iter().filter_map(|(_, at)| count.line(at as usize)).collect(),
            n_requests: spread.n(),
            n_failed: spread.n_failed(),
            n_again,
            n_within,
            durations: spread.durations(),
            buckets: spread.buckets(),
            n_left_out: count.n_left_out,
            complete: false,
        }
    }
}

#[cfg(test)]
mod tests;
