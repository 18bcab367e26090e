//! Which service calls which, from spans and from logs, each edge with the entries that show it.
//!
//! In: opened entries, one after the other, in any order. Out: a [`Topology`], the same for every order. Spans and parent ids say
//! it; entries that name the other side say it too; else the [order] of entries within a trace tells. Memory is bounded:
//! of more traces than it takes, every second one is kept, every fourth, and so on, chosen by their id.

mod by_span;
use by_span::{BySpan, caller_of};

mod clocks;
use clocks::Clocks;

mod services;
pub use services::Services;

mod course;

mod drawing;
use drawing::{Drawing, is_final};

pub(crate) mod duration;

pub(crate) mod halves;

mod invocations;

mod later;

mod layout;
pub use layout::Layouting;

mod links;

pub mod names;

mod of_path;
pub use of_path::{OfPath, service_of_path};

mod order;

pub(crate) mod placing;

mod requests;

pub(crate) mod sighting;
pub use sighting::{OWN_NAME, says_own_name};

mod tally;

mod target;
use target::{Target, target_at, written_to};

mod together;

mod trace;

mod waits;
pub use trace::TraceBuilder;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use model::entry::{RowKey, Value};
use model::naming::Naming;
use model::severity::Severity;
use model::time::{NANOS_PER_SECOND, TimeRange};
use model::topology::{Method, NodeKind, Topology};

use crate::format::Parsed;
use crate::ids::{Flaw, Ids, canonical, ids_of, may_recur};
use crate::quick_hash::{QuickMap, hash_of};
use crate::skew::MOST_OF_REQUEST;
use duration::{duration_in_text, duration_of};
use halves::Halves;
use invocations::{Moment, by_request, invocations};
use links::{Link, Links};
use names::{Named, Reconciled};
use order::Order;
use requests::{Line, Requests};
use tally::{MOST_EVIDENCE, Tally};
use together::{Root, Roots, Routes};

/// Entries of traces that are kept: some 40 MB.
const MOST_MOMENTS: usize = 500_000;
/// A trace of more entries is none: something that runs on under one id.
const MOST_OF_TRACE: usize = 50_000;
/// Different hosts that services name.
const MOST_TARGETS: usize = 20_000;

/// An opened entry.
#[derive(Clone, Copy)]
pub struct Sighting<'e> {
    pub key: RowKey,
    /// Of the entry, or of its source.
    pub service: &'e str,
    pub severity: Severity,
    pub parsed: &'e Parsed,
}

#[derive(Default)]
pub struct Gatherer {
    naming: Rc<Naming>,
    services: Vec<Service>,
    service_numbers: QuickMap<String, u32>,
    targets: Vec<Target>,
    target_numbers: QuickMap<Target, u32>,
    traces: QuickMap<u64, Vec<Moment>>,
    halves: Halves,
    n_moments: usize,
    level: u32,
    named: BTreeMap<(u32, u32), Tally>,
    topics: BTreeMap<String, Topic>,
    requests: Requests,
    routes: Routes,
    links: Links,
    /// What courses are over.
    range: Option<TimeRange>,
    n_entries: u64,
    n_malformed_ids: u64,
}

/// A service, or what stands for one, as it is written.
#[derive(Default)]
struct Service {
    written: String,
    /// More than metrics whose file is called so.
    is_named: bool,
    /// It says so itself, as `service.name`.
    is_own_name: bool,
    /// Stamps of it are finer than a second.
    is_fine: bool,
    n_entries: u64,
    n_errors: u64,
}

#[derive(Default)]
struct Topic {
    writers: BTreeMap<u32, Tally>,
    readers: BTreeMap<u32, Tally>,
}

impl Gatherer {
    /// What the user says of names of services.
    pub fn call_by(&mut self, naming: &Rc<Naming>) {
        self.naming = naming.clone();
    }

    /// Calls are counted over this time as well: where the entries are that have one.
    pub fn cover(&mut self, range: Option<TimeRange>) {
        self.range = range;
    }

    pub fn push(&mut self, seen: Sighting<'_>) {
        let Sighting { key, severity, parsed, .. } = seen;
        let is_error = sighting::is_error(severity);
        self.n_entries += 1;
        let service = self.service_number(seen.service);
        let is_point = sighting::is_point(parsed);
        let is_named = !is_point || parsed.service.is_some();
        let of = &mut self.services[service as usize];
        of.is_named |= is_named;
        of.is_own_name |= is_named && sighting::says_own_name(parsed);
        of.is_fine |= key.time.0.rem_euclid(NANOS_PER_SECOND) != 0;
        of.n_entries += 1;
        of.n_errors += u64::from(is_error);
        // A number is no part of a request, even where an exemplar leads to one.
        if is_point {
            return;
        }
        let (ids, flaw) = ids_of(parsed);
        // What goes wrong beside an id leaves that as it is.
        self.n_malformed_ids += u64::from(flaw.is_some_and(|flaw| flaw != Flaw::State));
        let kind = parsed.fields.iter().find(|field| field.name == "span.kind").map(|field| match &field.value {
            Value::Text(kind) => Cow::Borrowed(&**kind),
            other => Cow::Owned(other.to_string()),
        });
        let duration = duration_of(&parsed.fields);
        let target = match &kind {
            Some(kind) => {
                let named = target::of_span(kind, parsed).and_then(|target| self.target_number(target));
                let target = named.map_or(0, |number| number + 1);
                self.links.take(kind, parsed, Link { service, target, duration, is_error, key });
                target
            }
            None => self.take_names(service, is_error, duration, key, parsed),
        };
        if kind.is_none()
            && let Some(request) = sighting::request_line_of(parsed)
        {
            let has_trace = ids.trace.is_some();
            self.requests.push(request, Line { key, service, has_trace, is_error, duration });
        }
        if kind.is_none()
            && ids.trace.is_none()
            && let Some(route) = sighting::route_line_of(parsed)
        {
            self.routes.push(service, route, key, is_error);
        }
        if let Some(trace) = ids.trace {
            let (start, end) = sighting::extent(kind.is_some(), key.time.0, duration.unwrap_or(0));
            self.take_moment(
                trace,
                &ids,
                &parsed.message,
                Moment {
                    start,
                    end,
                    source: key.source.0,
                    entry: key.entry,
                    span: 0,
                    parent: 0,
                    operation: 0,
                    service,
                    target,
                    is_span: kind.is_some(),
                    is_error,
                    tells_duration: duration.is_some(),
                    may_recur: false,
                },
            );
        }
    }

    /// `moment`: without what ids and message say, which of traces that are left out nobody asks.
    fn take_moment(&mut self, trace: &str, ids: &Ids<'_>, message: &str, moment: Moment) {
        let id = canonical(trace);
        let trace = hash_of(id.as_bytes());
        if trace.trailing_zeros() < self.level {
            return;
        }
        let hash = |id: Option<&str>| id.map_or(0, |id| hash_of(canonical(id).as_bytes()).max(1));
        let moments = match self.traces.entry(trace) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                self.halves.take(&id, trace);
                new.insert(Vec::new())
            }
        };
        if moments.len() < MOST_OF_TRACE {
            moments.push(Moment {
                span: hash(ids.span),
                parent: hash(ids.parent),
                operation: sighting::operation_of(message),
                may_recur: may_recur(&id),
                ..moment
            });
            self.n_moments += 1;
        }
        while self.n_moments > MOST_MOMENTS && self.level < 32 {
            self.level += 1;
            let level = self.level;
            self.traces.retain(|trace, _| trace.trailing_zeros() >= level);
            self.halves.retain(|trace| trace.trailing_zeros() >= level);
            self.n_moments = self.traces.values().map(Vec::len).sum();
        }
    }

    /// Whom an entry of a log names. Gives the first that it calls, as a moment has it; 0 for none.
    fn take_names(&mut self, service: u32, is_error: bool, duration: Option<i64>, key: RowKey, parsed: &Parsed) -> u32 {
        let mut called = 0;
        let others = sighting::others(parsed);
        // Only of a call that is told of: any other text may tell anything.
        let in_text = || if others.is_empty() { None } else { duration_in_text(&parsed.message) };
        let duration = duration.or_else(in_text);
        for other in &others {
            let target = Target {
                host: other.host.to_owned(),
                of: String::new(),
                named_by: Vec::new(),
                kind: other.kind,
                is_caller: other.is_caller,
                must_be_known: other.must_be_known,
            };
            if let Some(target) = self.target_number(target) {
                self.named.entry((service, target)).or_default().add(is_error, duration, [key]);
                called = if called == 0 && !other.is_caller { target + 1 } else { called };
            }
        }
        if let Some(topic) = sighting::topic_of(parsed)
            && (self.topics.len() < MOST_TARGETS || self.topics.contains_key(topic.name))
        {
            let of_topic = self.topics.entry(topic.name.to_owned()).or_default();
            let side = if topic.is_read { &mut of_topic.readers } else { &mut of_topic.writers };
            side.entry(service).or_default().add(is_error, None, [key]);
        }
        called
    }

    fn target_number(&mut self, target: Target) -> Option<u32> {
        if let Some(&number) = self.target_numbers.get(&target) {
            return Some(number);
        }
        let number = self.targets.len() as u32;
        (self.targets.len() < MOST_TARGETS).then(|| {
            self.targets.push(target.clone());
            self.target_numbers.insert(target, number);
            number
        })
    }

    fn service_number(&mut self, written: &str) -> u32 {
        let known = self.service_numbers.get(written).copied();
        known.unwrap_or_else(|| {
            let number = self.services.len() as u32;
            self.services.push(Service { written: written.to_owned(), ..Service::default() });
            self.service_numbers.insert(written.to_owned(), number);
            number
        })
    }

    /// What is known so far, at once, but for where it is drawn.
    pub fn topology(&self) -> Topology {
        let mut assembly = Assembly::begin(self);
        while assembly.step(self, usize::MAX) {}
        assembly.finish(self)
    }

    /// Traces by half, by those that they are half of.
    fn halves_by_whole(&self) -> QuickMap<u64, u64> {
        self.halves.by_whole(|trace| self.traces.contains_key(&trace))
    }

    fn n_traces(&self) -> u64 {
        (self.traces.len() - self.halves_by_whole().len()) as u64
    }

    /// Entries of traces that are kept.
    pub fn n_moments(&self) -> usize {
        self.n_moments
    }

    fn draw_names(&self, drawing: &mut Drawing, of: &impl Fn(u32) -> u32, names: &Reconciled<'_>) {
        for (&(service, target), tally) in &self.named {
            let target = &self.targets[target as usize];
            if let Some(other) = drawing.target(target, names) {
                let pair = if target.is_caller { (other, of(service)) } else { (of(service), other) };
                drawing.add(pair, Method::Named, 0.95, tally);
            }
        }
    }

    fn draw_topics(&self, drawing: &mut Drawing, of: &impl Fn(u32) -> u32) {
        for topic in self.topics.values() {
            for (&writer, written) in &topic.writers {
                for (&reader, read) in &topic.readers {
                    let mut tally = read.clone();
                    written.evidence().into_iter().take(MOST_EVIDENCE / 2).for_each(|key| tally.show(key));
                    drawing.add((of(writer), of(reader)), Method::Topic, 0.9, &tally);
                }
            }
        }
    }
}

/// A topology that is put together from what was gathered, in steps.
pub struct Assembly {
    clocks: Clocks,
    drawing: Drawing,
    order: Order,
    roots: Roots,
    /// Nodes of the services, by their number.
    node_of: Vec<u32>,
    halves: QuickMap<u64, u64>,
    /// Of the traces that are left, the next one last; those by half are of others.
    left: Vec<u64>,
}

impl Assembly {
    pub fn begin(gatherer: &Gatherer) -> Self {
        let own = gatherer.services.iter().filter(|service| service.is_own_name);
        let own: BTreeSet<String> = own.map(|service| service.written.trim().to_owned()).collect();
        let named: Vec<Named<'_>> = gatherer
            .services
            .iter()
            .map(|service| names::service_unless(&service.written, |name| is_final(name, &own, &gatherer.naming)))
            .collect();
        let with_name = gatherer.services.iter().zip(&named).filter(|(service, _)| service.is_named);
        let names = Reconciled::new(&gatherer.naming, with_name.map(|(_, named)| named.name));
        let (mut drawing, node_of) = Drawing::new(gatherer, &named, &names, own.clone());
        let of = |service: u32| node_of[service as usize];
        gatherer.draw_names(&mut drawing, &of, &names);
        gatherer.draw_topics(&mut drawing, &of);
        let service_of = |target| drawing.known_service(target, &names);
        let clocks = Clocks::new(gatherer.targets.iter().map(service_of).collect(), coarse_nodes(gatherer, &node_of));
        let halves = gatherer.halves_by_whole();
        let of_others: BTreeSet<u64> = halves.values().copied().collect();
        let mut left: Vec<u64> = gatherer.traces.keys().copied().filter(|trace| !of_others.contains(trace)).collect();
        left.sort_unstable();
        Self { clocks, drawing, order: Order::default(), roots: Roots::default(), node_of, halves, left }
    }

    /// Looks at further traces, of so many entries or a few more. `false`: there are no more.
    pub fn step(&mut self, gatherer: &Gatherer, n_moments: usize) -> bool {
        let mut n_looked_at = 0;
        // Before the order of entries tells anything, clocks must agree.
        while !self.clocks.are_compared() {
            let Some(&id) = self.left.iter().rev().nth(self.clocks.n_traces()) else {
                self.clocks.finish();
                break;
            };
            if n_looked_at >= n_moments {
                return true;
            }
            for moments in self.requests_of(gatherer, id) {
                n_looked_at += moments.len();
                // Calls are told by log entries alone.
                if moments.len() <= MOST_OF_REQUEST && moments.iter().any(|moment| !moment.is_span) {
                    let moments = self.in_order(&moments);
                    self.clocks.compare(&moments);
                }
            }
            self.clocks.end_trace();
        }
        while n_looked_at < n_moments
            && let Some(id) = self.left.pop()
        {
            for moments in self.requests_of(gatherer, id) {
                n_looked_at += moments.len();
                if moments.len() < MOST_OF_TRACE {
                    self.take_trace(&moments, &gatherer.targets);
                }
            }
            self.take_links(gatherer, id);
        }
        !self.left.is_empty()
    }

    /// What has the id, each request that it was given to by itself.
    fn requests_of<'g>(&self, gatherer: &'g Gatherer, trace: u64) -> Vec<Cow<'g, [Moment]>> {
        by_request(self.moments_of(gatherer, trace), |service| self.node_of[service as usize])
    }

    fn moments_of<'g>(&self, gatherer: &'g Gatherer, trace: u64) -> Cow<'g, [Moment]> {
        let moments = gatherer.traces[&trace].as_slice();
        match self.halves.get(&trace) {
            None => Cow::Borrowed(moments),
            Some(half) => Cow::Owned([moments, &gatherer.traces[half]].concat()),
        }
    }

    /// With nodes in the place of services.
    fn in_order(&self, moments: &[Moment]) -> Vec<Moment> {
        let of_node = |moment: &Moment| Moment { service: self.node_of[moment.service as usize], ..*moment };
        let mut moments: Vec<Moment> = moments.iter().map(of_node).collect();
        moments.sort_unstable();
        moments
    }

    /// Spans of other traces, mostly, that link to some of this one were called by those.
    fn take_links(&mut self, gatherer: &Gatherer, trace: u64) {
        // Whoever links to it may know half of its id.
        let ids = [Some(trace), self.halves.get(&trace).copied()];
        let links: Vec<&(u64, Link)> = ids.into_iter().flatten().flat_map(|id| gatherer.links.to(id)).collect();
        if links.is_empty() {
            return;
        }
        let moments = self.in_order(&self.moments_of(gatherer, trace));
        let mut of_span = BySpan::default();
        let spans = || moments.iter().filter(|moment| moment.is_span);
        of_span.take(spans().map(|span| (span.span, span.service, span.key())));
        let targets = &gatherer.targets;
        let written_to = written_to(spans(), targets);
        for (span, link) in links {
            let callee = self.node_of[link.service as usize];
            let Some((caller, key)) = caller_of(*span, callee, &of_span) else { continue };
            let taken_from =
                target_at(targets, link.target).filter(|target| target.kind == NodeKind::Queue && target.is_caller);
            let mut node = |queue: &Target| self.drawing.other(queue);
            let (pair, duration) = match (written_to.get(span).copied(), taken_from) {
                (None, None) => ((caller, callee), link.duration),
                (Some(queue), None) => ((node(queue), callee), link.duration),
                (None, Some(queue)) => ((caller, node(queue)), None),
                // Both sides say it themselves; one may hand on to the other.
                (Some(queue), Some(other)) => ((node(queue), node(other)), None),
            };
            if pair.0 != pair.1 {
                let tally = self.drawing.linked.entry(pair).or_default();
                tally.add(link.is_error && pair.1 == callee, duration, [key, link.key]);
            }
        }
    }

    /// Draws what spans and parent ids say; the others are left to their order.
    fn take_trace(&mut self, moments: &[Moment], targets: &[Target]) {
        let moments = self.in_order(moments);
        let Self { clocks, drawing, order, roots, .. } = self;
        let (spans, entries): (Vec<Moment>, Vec<Moment>) = moments.iter().partition(|moment| moment.is_span);
        let mut invocations = invocations(&entries);
        clocks.put_right(&mut invocations);
        clocks.place_coarse(&mut invocations, &entries, |callee, caller| drawing.is_said(caller, callee));
        let mut of_span = BySpan::default();
        of_span.take(spans.iter().map(|span| (span.span, span.service, span.key())));
        let mut left_by: BTreeSet<u64> = BTreeSet::new();
        // What goes through a queue is drawn through it, whichever side names it.
        let written_to = written_to(spans.iter(), targets);
        let queue_of = |span: &Moment| target_at(targets, span.target).filter(|target| target.kind == NodeKind::Queue);
        let writers: BTreeSet<(u32, &str)> = spans
            .iter()
            .filter_map(|span| Some((span.service, &*queue_of(span).filter(|queue| !queue.is_caller)?.host)))
            .collect();
        for span in &spans {
            let Some(caller) = caller_of(span.parent, span.service, &of_span) else { continue };
            left_by.insert(span.parent);
            let taken_from = queue_of(span).filter(|queue| queue.is_caller);
            let (pair, duration) = match (written_to.get(&span.parent).copied(), taken_from) {
                (None, None) => ((caller.0, span.service), Some(span.end - span.start)),
                (Some(queue), None) => ((drawing.other(queue), span.service), Some(span.end - span.start)),
                (None, Some(queue)) if writers.contains(&(caller.0, &*queue.host)) => continue,
                (None, Some(queue)) => ((caller.0, drawing.other(queue)), None),
                // Both sides say it themselves; one may hand on to the other, as an exchange does.
                (Some(queue), Some(other)) => ((drawing.other(queue), drawing.other(other)), None),
            };
            if pair.0 != pair.1 {
                // Whoever takes a message tells how that went, not whoever sent it.
                let is_error = span.is_error && duration.is_some();
                drawing.tally(pair, Method::Spans, 1.0).add(is_error, duration, [caller.1, span.key()]);
            }
        }
        for span in &spans {
            let Some(target) = target_at(targets, span.target) else { continue };
            if target.kind != NodeKind::Queue && left_by.contains(&span.span) {
                continue;
            }
            let other = drawing.other(target);
            let pair = if target.is_caller { (other, span.service) } else { (span.service, other) };
            if other != span.service {
                let duration = Some(span.end - span.start);
                drawing.tally(pair, Method::Spans, 1.0).add(span.is_error, duration, [span.key()]);
            }
        }
        of_span.take(invocations.iter().map(|one| (one.span, one.service, one.first_key)));
        for one in &invocations {
            if let Some(caller) = caller_of(one.parent, one.service, &of_span) {
                let tally = drawing.tally((caller.0, one.service), Method::ParentId, 0.98);
                tally.add(one.is_error, one.duration(), [caller.1, one.first_key]);
            }
        }
        // Whoever did most of it, and nobody is known to have called.
        let is_called = |parent, service| caller_of(parent, service, &of_span).is_some();
        let of_spans = spans.iter().filter(|span| !is_called(span.parent, span.service));
        let of_entries = invocations.iter().filter(|one| spans.is_empty() && !is_called(one.parent, one.service));
        let root = of_spans
            .map(|span| (span.end - span.start, Root { last: span.end, key: span.key(), service: span.service }))
            .chain(
                of_entries.map(|one| (one.width(), Root { last: one.last, key: one.first_key, service: one.service })),
            )
            .max_by_key(|(width, root)| (*width, std::cmp::Reverse(*root)));
        if let Some((_, root)) = root {
            roots.push(root);
        }
        let span_services: BTreeSet<u32> = spans.iter().map(|span| span.service).collect();
        if span_services.len() < 2 {
            order.take_trace(&invocations, |_| true);
            return;
        }
        // Spans say who calls the services that have some. Who calls one that has none their times and those of its entries tell.
        let has_none = |service: u32| !span_services.contains(&service);
        if moments.len() <= MOST_OF_REQUEST && invocations.iter().any(|one| has_none(one.service)) {
            let mut all = invocations::invocations(&moments);
            clocks.put_right(&mut all);
            clocks.place_coarse(&mut all, &entries, |callee, caller| drawing.is_said(caller, callee));
            order.take_trace(&all, has_none);
        }
    }

    /// All but where it is drawn.
    pub fn finish(self, gatherer: &Gatherer) -> Topology {
        let Self { mut drawing, order, roots, node_of, .. } = self;
        drawing.draw_linked();
        for (pair, (method, certainty, tally)) in order.finish(|from, to| drawing.is_said(from, to)) {
            drawing.add(pair, method, certainty, &tally);
        }
        for ((from, to), share, tally) in gatherer.requests.edges(|service| node_of[service as usize]) {
            if !drawing.edges.contains_key(&(to, from)) {
                drawing.add((from, to), Method::SameRequest, 0.4 + 0.4 * share, &tally);
            }
        }
        for ((from, to), share, tally) in gatherer.routes.edges(&roots, |service| node_of[service as usize]) {
            if !drawing.edges.contains_key(&(from, to)) && !drawing.edges.contains_key(&(to, from)) {
                drawing.add((from, to), Method::Together, 0.2 + 0.3 * share.min(1.0), &tally);
            }
        }
        drawing.finish(gatherer)
    }
}

/// Nodes all of whose services have stamps of whole seconds alone.
fn coarse_nodes(gatherer: &Gatherer, node_of: &[u32]) -> BTreeSet<u32> {
    let fine = |is_fine: bool| {
        let named = gatherer.services.iter().zip(node_of).filter(|(service, _)| service.is_named);
        let services = named.filter(move |(service, _)| service.is_fine == is_fine);
        services.map(|(_, &node)| node).collect::<BTreeSet<u32>>()
    };
    &fine(false) - &fine(true)
}
