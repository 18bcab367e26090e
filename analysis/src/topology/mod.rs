//! Which service calls which, from spans and from logs, each edge with the entries that show it.
//!
//! In: opened entries, one after the other, in any order. Out: a [`Topology`], the same for every order. Spans and parent ids say
//! it; entries that name the other side say it too; else the [order] of entries within a trace tells. Memory is bounded:
//! of more traces than it takes, every second one is kept, every fourth, and so on, chosen by their id.

mod course;
use course::in_spans;

mod invocations;

mod layout;
pub use layout::Layouting;

pub mod names;

mod order;

mod requests;

pub(crate) mod sighting;

mod tally;

mod together;

mod trace;

mod waits;
pub use trace::TraceBuilder;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use model::entry::{RowKey, Value};
use model::severity::Severity;
use model::time::TimeRange;
use model::topology::{Alias, Edge, Layout, Method, Node, NodeKind, Topology};

use crate::format::Parsed;
use crate::ids::{Flaw, Ids, ids_of};
use crate::quick_hash::{QuickMap, hash_of};
use invocations::{Moment, invocations};
use names::{Named, Reconciled, SAME_KEY, service_of_host};
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
    services: Vec<Service>,
    service_numbers: QuickMap<String, u32>,
    targets: Vec<Target>,
    target_numbers: QuickMap<Target, u32>,
    traces: QuickMap<u64, Vec<Moment>>,
    n_moments: usize,
    level: u32,
    named: BTreeMap<(u32, u32), Tally>,
    topics: BTreeMap<String, Topic>,
    requests: Requests,
    routes: Routes,
    /// What courses are over.
    range: Option<TimeRange>,
    n_entries: u64,
    n_malformed_ids: u64,
}

/// A service, or what stands for one, as it is written.
struct Service {
    written: String,
    /// It says so itself, as `service.name`.
    is_own_name: bool,
    n_entries: u64,
    n_errors: u64,
}

/// The other side, as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Target {
    host: String,
    kind: NodeKind,
    is_caller: bool,
    must_be_known: bool,
}

#[derive(Default)]
struct Topic {
    writers: BTreeMap<u32, Tally>,
    readers: BTreeMap<u32, Tally>,
}

impl Gatherer {
    /// Calls are counted over this time as well: where the entries are that have one.
    pub fn cover(&mut self, range: Option<TimeRange>) {
        self.range = range;
    }

    pub fn push(&mut self, seen: Sighting<'_>) {
        let Sighting { key, severity, parsed, .. } = seen;
        let is_error = sighting::is_error(severity);
        self.n_entries += 1;
        let service = self.service_number(seen.service);
        self.services[service as usize].is_own_name |= sighting::says_own_name(parsed);
        self.services[service as usize].n_entries += 1;
        self.services[service as usize].n_errors += u64::from(is_error);
        // A number is no part of a request, even where an exemplar leads to one.
        if sighting::is_point(parsed) {
            return;
        }
        let (ids, flaw) = ids_of(parsed);
        // What goes wrong beside an id leaves that as it is.
        self.n_malformed_ids += u64::from(flaw.is_some_and(|flaw| flaw != Flaw::State));
        let kind = parsed.fields.iter().find(|field| field.name == "span.kind").map(|field| field.value.to_string());
        let duration = sighting::duration_of(&parsed.fields);
        let mut target = 0;
        match &kind {
            Some(kind) => target = self.target_of_span(kind, parsed),
            None => self.take_names(service, is_error, duration, key, parsed),
        }
        if let Some(request) = sighting::request_line_of(parsed).filter(|_| kind.is_none()) {
            self.requests.push(request, Line { key, service, has_trace: ids.trace.is_some(), is_error });
        }
        if kind.is_none()
            && ids.trace.is_none()
            && let Some(route) = sighting::route_line_of(parsed)
        {
            self.routes.push(service, route, key, is_error);
        }
        if let Some(trace) = ids.trace {
            self.take_moment(
                trace,
                &ids,
                Moment {
                    start: if kind.is_some() { key.time.0 } else { key.time.0.saturating_sub(duration.unwrap_or(0)) },
                    end: if kind.is_some() { key.time.0.saturating_add(duration.unwrap_or(0)) } else { key.time.0 },
                    source: key.source.0,
                    entry: key.entry,
                    span: 0,
                    parent: 0,
                    operation: sighting::operation_of(&parsed.message),
                    service,
                    target,
                    is_span: kind.is_some(),
                    is_error,
                    tells_duration: duration.is_some(),
                },
            );
        }
    }

    fn take_moment(&mut self, trace: &str, ids: &Ids<'_>, moment: Moment) {
        let trace = hash_of(trace.to_ascii_lowercase().as_bytes());
        if trace.trailing_zeros() < self.level {
            return;
        }
        let hash = |id: Option<&str>| id.map_or(0, |id| hash_of(id.to_ascii_lowercase().as_bytes()).max(1));
        let moments = self.traces.entry(trace).or_default();
        if moments.len() < MOST_OF_TRACE {
            moments.push(Moment { span: hash(ids.span), parent: hash(ids.parent), ..moment });
            self.n_moments += 1;
        }
        while self.n_moments > MOST_MOMENTS && self.level < 32 {
            self.level += 1;
            let level = self.level;
            self.traces.retain(|trace, _| trace.trailing_zeros() >= level);
            self.n_moments = self.traces.values().map(Vec::len).sum();
        }
    }

    /// Whom an entry of a log names.
    fn take_names(&mut self, service: u32, is_error: bool, duration: Option<i64>, key: RowKey, parsed: &Parsed) {
        for other in sighting::others(parsed) {
            let target = Target {
                host: other.host.to_owned(),
                kind: other.kind,
                is_caller: other.is_caller,
                must_be_known: other.must_be_known,
            };
            if let Some(target) = self.target_number(target) {
                self.named.entry((service, target)).or_default().add(is_error, duration, [key]);
            }
        }
        if let Some(topic) = sighting::topic_of(parsed)
            && (self.topics.len() < MOST_TARGETS || self.topics.contains_key(topic.name))
        {
            let of_topic = self.topics.entry(topic.name.to_owned()).or_default();
            let side = if topic.is_read { &mut of_topic.readers } else { &mut of_topic.writers };
            side.entry(service).or_default().add(is_error, None, [key]);
        }
    }

    /// What a span that leaves its service goes to; 0 for none.
    fn target_of_span(&mut self, kind: &str, parsed: &Parsed) -> u32 {
        let is_caller = match kind {
            "client" | "producer" => false,
            "consumer" => true,
            _ => return 0,
        };
        let attribute = |wanted: &[&str]| {
            wanted.iter().find_map(|wanted| {
                let is_it = |name: &str| name.strip_prefix("attributes.").unwrap_or(name) == *wanted;
                parsed.fields.iter().find(|field| is_it(&field.name)).and_then(|field| match &field.value {
                    Value::Text(text) if !text.is_empty() => Some(text.clone()),
                    _ => None,
                })
            })
        };
        let found = if let Some(system) = attribute(&["messaging.system"]) {
            let names = ["messaging.destination.name", "messaging.destination", "kafka.topic", "rabbit.queue"];
            Some((attribute(&names).unwrap_or(system), NodeKind::Queue))
        } else if let Some(system) = attribute(&["db.system.name", "db.system"]) {
            Some((attribute(&["db.namespace", "db.name", "peer.service"]).unwrap_or(system), NodeKind::Database))
        } else if let Some(peer) = attribute(&["peer.service", "server.address", "net.peer.name"]) {
            let kind = names::target_of(&peer).map_or(NodeKind::Service, |target| target.kind);
            Some((peer, if kind == NodeKind::Service { NodeKind::Host } else { kind }))
        } else {
            None
        };
        let target = found.map(|(host, kind)| Target { host, kind, is_caller, must_be_known: false });
        target.and_then(|target| self.target_number(target)).map_or(0, |number| number + 1)
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
            self.services.push(Service { written: written.to_owned(), is_own_name: false, n_entries: 0, n_errors: 0 });
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

    /// Entries of traces that are kept.
    pub fn n_moments(&self) -> usize {
        self.n_moments
    }

    fn draw_names(&self, drawing: &mut Drawing, of: &impl Fn(u32) -> u32, names: &Reconciled) {
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
                    written.evidence().iter().take(MOST_EVIDENCE / 2).for_each(|&key| tally.show(key));
                    drawing.add((of(writer), of(reader)), Method::Topic, 0.9, &tally);
                }
            }
        }
    }
}

/// A topology that is put together from what was gathered, in steps.
pub struct Assembly {
    drawing: Drawing,
    order: Order,
    roots: Roots,
    /// Nodes of the services, by their number.
    node_of: Vec<u32>,
    /// Of the traces that are left, the next one last.
    left: Vec<u64>,
}

impl Assembly {
    pub fn begin(gatherer: &Gatherer) -> Self {
        let own = gatherer.services.iter().filter(|service| service.is_own_name);
        let own: BTreeSet<String> = own.map(|service| service.written.trim().to_owned()).collect();
        let named: Vec<Named<'_>> = gatherer
            .services
            .iter()
            .map(|service| names::service_unless(&service.written, |name| own.contains(name)))
            .collect();
        let mut counted: BTreeMap<&str, u64> = BTreeMap::new();
        for (named, service) in named.iter().zip(&gatherer.services) {
            *counted.entry(named.name).or_default() += service.n_entries;
        }
        let names = Reconciled::new(counted);
        let (mut drawing, node_of) = Drawing::new(gatherer, &named, &names, own.clone());
        let of = |service: u32| node_of[service as usize];
        gatherer.draw_names(&mut drawing, &of, &names);
        gatherer.draw_topics(&mut drawing, &of);
        let mut left: Vec<u64> = gatherer.traces.keys().copied().collect();
        left.sort_unstable();
        Self { drawing, order: Order::default(), roots: Roots::default(), node_of, left }
    }

    /// Looks at further traces, of so many entries or a few more. `false`: there are no more.
    pub fn step(&mut self, gatherer: &Gatherer, n_moments: usize) -> bool {
        let mut n_looked_at = 0;
        while n_looked_at < n_moments
            && let Some(id) = self.left.pop()
        {
            let moments = &gatherer.traces[&id];
            n_looked_at += moments.len();
            if moments.len() < MOST_OF_TRACE {
                self.take_trace(moments, &gatherer.targets);
            }
        }
        !self.left.is_empty()
    }

    /// Draws what spans and parent ids say; the others are left to their order.
    fn take_trace(&mut self, moments: &[Moment], targets: &[Target]) {
        let Self { drawing, order, roots, node_of, .. } = self;
        let mut moments = moments.to_vec();
        moments.iter_mut().for_each(|moment| moment.service = node_of[moment.service as usize]);
        moments.sort_unstable();
        let (spans, entries): (Vec<Moment>, Vec<Moment>) = moments.iter().partition(|moment| moment.is_span);
        let invocations = invocations(&entries);
        let mut of_span: QuickMap<u64, Vec<(u32, RowKey)>> = QuickMap::default();
        for span in spans.iter().filter(|span| span.span != 0) {
            of_span.entry(span.span).or_default().push((span.service, span.key()));
        }
        let mut left_by: BTreeSet<u64> = BTreeSet::new();
        for span in &spans {
            if let Some(caller) = caller_of(span.parent, span.service, &of_span) {
                left_by.insert(span.parent);
                let tally = drawing.tally((caller.0, span.service), Method::Spans, 1.0);
                tally.add(span.is_error, Some(span.end - span.start), [caller.1, span.key()]);
            }
        }
        for span in spans.iter().filter(|span| span.target > 0 && !left_by.contains(&span.span)) {
            let target = &targets[span.target as usize - 1];
            let other = drawing.other(target);
            let pair = if target.is_caller { (other, span.service) } else { (span.service, other) };
            if other != span.service {
                let duration = Some(span.end - span.start);
                drawing.tally(pair, Method::Spans, 1.0).add(span.is_error, duration, [span.key()]);
            }
        }
        for one in invocations.iter().filter(|one| one.span != 0) {
            of_span.entry(one.span).or_default().push((one.service, one.first_key));
        }
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
            order.take_trace(&invocations);
        }
    }

    /// All but where it is drawn.
    pub fn finish(self, gatherer: &Gatherer) -> Topology {
        let Self { mut drawing, order, roots, node_of, .. } = self;
        let is_said =
            |from, to| drawing.edges.get(&(from, to)).is_some_and(|found| found.keys().any(|way| way.is_said()));
        for (pair, (method, certainty, tally)) in order.finish(is_said) {
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

/// The span that called, if it is of another service. Both sides of a call may have the same span.
fn caller_of(parent: u64, service: u32, of_span: &QuickMap<u64, Vec<(u32, RowKey)>>) -> Option<(u32, RowKey)> {
    let callers = of_span.get(&parent).filter(|_| parent != 0)?;
    let is_own = callers.iter().any(|(caller, _)| *caller == service);
    callers.first().copied().filter(|_| !is_own)
}

/// Nodes and edges while they are put together.
struct Drawing {
    nodes: Vec<Node>,
    numbers: BTreeMap<(NodeKind, String), u32>,
    /// What stands in for the names of services.
    canonical: BTreeMap<String, String>,
    /// Names that services have for themselves.
    own: BTreeSet<String>,
    edges: BTreeMap<(u32, u32), BTreeMap<Method, (f64, Tally)>>,
}

impl Drawing {
    /// `named`: the services, by their number. With the node of each.
    fn new(gatherer: &Gatherer, named: &[Named<'_>], names: &Reconciled, own: BTreeSet<String>) -> (Self, Vec<u32>) {
        let mut drawing = Self {
            nodes: Vec::new(),
            numbers: BTreeMap::new(),
            canonical: BTreeMap::new(),
            own,
            edges: BTreeMap::new(),
        };
        // Numbered by their names: what is inferred may depend on the numbers, and must not on the order of reading.
        let mut order: Vec<usize> = (0..named.len()).collect();
        let name_of = |at: usize| names.name(named[at].name).unwrap_or(named[at].name);
        order.sort_by_key(|&at| name_of(at));
        let mut node_of = vec![0; named.len()];
        for at in order {
            let (service, named, name) = (&gatherer.services[at], &named[at], name_of(at));
            drawing.canonical.insert(named.name.to_owned(), name.to_owned());
            node_of[at] = drawing.node(NodeKind::Service, name);
            let node = &mut drawing.nodes[node_of[at] as usize];
            node.n_entries += service.n_entries;
            node.n_errors += service.n_errors;
            let mut aliases = Vec::new();
            if !named.rules.is_empty() {
                aliases.push(Alias { name: service.written.clone(), rule: named.rules.join(", ") });
            }
            if named.name != name {
                aliases.push(Alias { name: named.name.to_owned(), rule: SAME_KEY.to_owned() });
            }
            aliases.retain(|alias| !node.aliases.contains(alias));
            node.aliases.extend(aliases);
        }
        (drawing, node_of)
    }

    fn node(&mut self, kind: NodeKind, name: &str) -> u32 {
        let next = self.nodes.len() as u32;
        let number = *self.numbers.entry((kind, name.to_owned())).or_insert(next);
        if number == next {
            self.nodes.push(Node { name: name.to_owned(), kind, aliases: Vec::new(), n_entries: 0, n_errors: 0 });
        }
        number
    }

    /// The service that a host stands for.
    fn service_of<'h>(&self, host: &'h str) -> &'h str {
        names::service_unless(service_of_host(host), |name| self.own.contains(name)).name
    }

    /// The node of a host that a log names; `None` for words that may be anything.
    fn target(&mut self, target: &Target, names: &Reconciled) -> Option<u32> {
        let service = self.service_of(&target.host);
        match names.name(service) {
            Some(name) => Some(self.node(NodeKind::Service, name)),
            None if target.must_be_known && target.kind == NodeKind::Service => None,
            None if target.kind == NodeKind::Service => Some(self.node(NodeKind::Service, service)),
            None => Some(self.node(target.kind, &target.host)),
        }
    }

    fn other(&mut self, target: &Target) -> u32 {
        match self.canonical.get(self.service_of(&target.host)).cloned() {
            Some(name) if target.kind == NodeKind::Host => self.node(NodeKind::Service, &name),
            _ => self.node(target.kind, &target.host),
        }
    }

    fn add(&mut self, pair: (u32, u32), method: Method, certainty: f64, tally: &Tally) {
        if pair.0 != pair.1 {
            self.tally(pair, method, certainty).merge(tally);
        }
    }

    /// What is counted of two nodes, found in this way.
    fn tally(&mut self, pair: (u32, u32), method: Method, certainty: f64) -> &mut Tally {
        let found = self.edges.entry(pair).or_default().entry(method).or_insert((certainty, Tally::default()));
        found.0 = found.0.max(certainty);
        &mut found.1
    }

    fn finish(self, gatherer: &Gatherer) -> Topology {
        let Self { nodes, edges, .. } = self;
        let mut order: Vec<u32> = (0..nodes.len() as u32).collect();
        order.sort_by(|&a, &b| {
            let (a, b) = (&nodes[a as usize], &nodes[b as usize]);
            (&a.name, a.kind).cmp(&(&b.name, b.kind))
        });
        let mut place = vec![0; nodes.len()];
        order.iter().enumerate().for_each(|(at, &number)| place[number as usize] = at as u32);
        let course = |found: &BTreeMap<Method, (f64, Tally)>| {
            let most = found.values().map(|(_, tally)| tally).max_by_key(|tally| tally.calls);
            most.map(|tally| tally.course.clone()).unwrap_or_default()
        };
        let over_time = in_spans(edges.values().map(course).collect(), gatherer.range);
        let (spans, courses) = over_time.map_or((None, Vec::new()), |(spans, courses)| (Some(spans), courses));
        let mut courses = courses.into_iter();
        let mut edges: Vec<Edge> = edges
            .into_iter()
            .map(|((from, to), found)| Edge {
                course: courses.next().unwrap_or_default(),
                ..edge(place[from as usize], place[to as usize], found)
            })
            .collect();
        edges.sort_by(|a, b| {
            b.confidence.total_cmp(&a.confidence).then(b.calls.cmp(&a.calls)).then((a.from, a.to).cmp(&(b.from, b.to)))
        });
        let mut nodes: Vec<Option<Node>> = nodes.into_iter().map(Some).collect();
        let mut sorted: Vec<Node> = order.iter().filter_map(|&number| nodes[number as usize].take()).collect();
        sorted.iter_mut().for_each(|node| node.aliases.sort());
        Topology {
            nodes: sorted,
            edges,
            n_entries: gatherer.n_entries,
            n_traces: gatherer.traces.len() as u64,
            one_trace_of: 1 << gatherer.level,
            n_malformed_ids: gatherer.n_malformed_ids,
            complete: false,
            spans,
            layout: Layout::default(),
        }
    }
}

/// `found`: of at least one method. The most certain says how many calls there were, and how they went.
fn edge(from: u32, to: u32, found: BTreeMap<Method, (f64, Tally)>) -> Edge {
    let calls = found.values().map(|(_, tally)| tally.calls).max().unwrap_or_default();
    let n_errors = found.values().map(|(_, tally)| tally.n_errors).max().unwrap_or_default();
    let durations = found.values().find_map(|(_, tally)| tally.durations());
    let best = found.values().map(|(certainty, _)| *certainty).fold(0.0, f64::max);
    // Another way to the same edge makes it surer.
    let doubt = found.values().fold(1.0, |doubt, (certainty, _)| doubt * (1.0 - certainty));
    let confidence = best.max(1.0 - doubt) as f32;
    let mut evidence: Vec<RowKey> = found.values().flat_map(|(_, tally)| tally.evidence()).copied().collect();
    evidence.truncate(MOST_EVIDENCE);
    evidence.sort_unstable();
    let methods = found.iter().map(|(method, (_, tally))| (*method, tally.calls)).collect();
    Edge { from, to, calls, n_errors, durations, methods, confidence, course: Vec::new(), evidence }
}
