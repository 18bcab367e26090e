//! The map while it is put together: services and what they call under one name each, and what is counted between two of them.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use model::entry::RowKey;
use model::naming::{Naming, SAID, SAME_KEY};
use model::topology::{Alias, Edge, Layout, Method, Node, NodeKind, Topology};

use super::course::{Course, in_spans};
use super::names::{self, Named, Reconciled, service_of_host};
use super::tally::{MOST_EVIDENCE, Tally};
use super::{Gatherer, Target};

/// No rule makes another name of it: it is a service's own, or the user said whose it is.
pub fn is_final(name: &str, own: &BTreeSet<String>, naming: &Naming) -> bool {
    own.contains(name) || naming.of(name).is_some()
}

/// Nodes and edges while they are put together.
pub struct Drawing {
    naming: Rc<Naming>,
    nodes: Vec<Node>,
    /// By kind, name, and what tells those of one name apart.
    numbers: BTreeMap<(NodeKind, String, String), u32>,
    /// Names with entries that the user joined to another, with the nodes that stand for them until all is found: what is found of each
    /// is added up in the end. As one node from the start, calls of one request to two of them would be one call.
    parts: BTreeMap<String, u32>,
    /// Of each node the one that it is a part of, or its own number.
    whole_of: Vec<u32>,
    /// What stands in for the names of services.
    canonical: BTreeMap<String, String>,
    /// Names that services have for themselves.
    own: BTreeSet<String>,
    pub edges: BTreeMap<(u32, u32), Ways>,
    /// What links between spans say, until all is found.
    pub linked: BTreeMap<(u32, u32), Tally>,
}

impl Drawing {
    /// `named`: the services, by their number. With the node of each.
    pub fn new(
        gatherer: &Gatherer,
        named: &[Named<'_>],
        names: &Reconciled<'_>,
        own: BTreeSet<String>,
    ) -> (Self, Vec<u32>) {
        let mut drawing = Self {
            naming: gatherer.naming.clone(),
            nodes: Vec::new(),
            numbers: BTreeMap::new(),
            parts: BTreeMap::new(),
            whole_of: Vec::new(),
            canonical: BTreeMap::new(),
            own,
            edges: BTreeMap::new(),
            linked: BTreeMap::new(),
        };
        // Numbered by their names: what is inferred may depend on the numbers, and must not on the order of reading.
        let mut order: Vec<usize> = (0..named.len()).filter(|&at| gatherer.services[at].is_named).collect();
        let name_of = |at: usize| names.name(named[at].name).unwrap_or(named[at].name);
        order.sort_by_key(|&at| (name_of(at), named[at].name));
        let mut node_of = vec![0; named.len()];
        for at in order {
            let (service, named, name) = (&gatherer.services[at], &named[at], name_of(at));
            for known in [named.name, name] {
                drawing.canonical.insert(known.to_owned(), name.to_owned());
            }
            let whole = drawing.node(NodeKind::Service, name);
            let is_joined = gatherer.naming.of(named.name).is_some_and(|service| service != named.name);
            node_of[at] = if is_joined { drawing.part(named.name, whole) } else { whole };
            let node = &mut drawing.nodes[whole as usize];
            node.n_entries += service.n_entries;
            node.n_errors += service.n_errors;
            let mut aliases = Vec::new();
            if !named.rules.is_empty() {
                aliases.push(Alias { name: service.written.clone(), rule: named.rules.join(", ") });
            }
            if named.name != name {
                let rule = if gatherer.naming.of(named.name).is_some() { SAID } else { SAME_KEY };
                aliases.push(Alias { name: named.name.to_owned(), rule: rule.to_owned() });
            }
            aliases.retain(|alias| !node.aliases.contains(alias));
            node.aliases.extend(aliases);
        }
        (drawing, node_of)
    }

    fn node(&mut self, kind: NodeKind, name: &str) -> u32 {
        self.node_apart(kind, name, "")
    }

    fn node_apart(&mut self, kind: NodeKind, name: &str, of: &str) -> u32 {
        let next = self.nodes.len() as u32;
        let number = *self.numbers.entry((kind, name.to_owned(), of.to_owned())).or_insert(next);
        if number == next {
            self.add_node(kind, name, number);
        }
        number
    }

    /// Of what is no service.
    fn outer_node(&mut self, target: &Target) -> u32 {
        let number = self.node_apart(target.kind, &target.host, &target.of);
        let known = &mut self.nodes[number as usize].named_by;
        // Where spans name it by several attributes, the same ones in whatever order they come.
        if !target.named_by.is_empty() && (known.is_empty() || target.named_by < *known) {
            known.clone_from(&target.named_by);
        }
        number
    }

    fn part(&mut self, name: &str, whole: u32) -> u32 {
        let next = self.nodes.len() as u32;
        let number = *self.parts.entry(name.to_owned()).or_insert(next);
        if number == next {
            self.add_node(NodeKind::Service, name, whole);
        }
        number
    }

    fn add_node(&mut self, kind: NodeKind, name: &str, whole: u32) {
        self.nodes.push(Node {
            name: name.to_owned(),
            kind,
            aliases: Vec::new(),
            n_entries: 0,
            n_errors: 0,
            named_by: Vec::new(),
        });
        self.whole_of.push(whole);
    }

    /// The service that a host stands for: as it is written, and as it is called.
    fn service_of<'h>(&'h self, host: &'h str) -> (&'h str, &'h str) {
        let name = names::service_unless(service_of_host(host), |name| is_final(name, &self.own, &self.naming)).name;
        (name, self.naming.of(name).unwrap_or(name))
    }

    /// The node of a host that a log names; `None` for words that may be anything.
    pub fn target(&mut self, target: &Target, names: &Reconciled<'_>) -> Option<u32> {
        let (written, service) = self.service_of(&target.host);
        if let Some(&part) = self.parts.get(written) {
            return Some(part);
        }
        let service = service.to_owned();
        match names.name(&service) {
            Some(name) => Some(self.node(NodeKind::Service, name)),
            None if target.must_be_known && matches!(target.kind, NodeKind::Service | NodeKind::Host) => None,
            None if target.kind == NodeKind::Service => Some(self.node(NodeKind::Service, &service)),
            None => Some(self.outer_node(target)),
        }
    }

    /// The node of the service that is meant, if it has said something itself.
    pub fn known_service(&self, target: &Target, names: &Reconciled<'_>) -> Option<u32> {
        let (written, service) = self.service_of(&target.host);
        let of_name =
            || self.numbers.get(&(NodeKind::Service, names.name(service)?.to_owned(), String::new())).copied();
        self.parts.get(written).copied().or_else(of_name)
    }

    pub fn other(&mut self, target: &Target) -> u32 {
        let (written, service) = self.service_of(&target.host);
        match (self.parts.get(written).copied(), self.canonical.get(service).cloned()) {
            (Some(part), _) if target.kind == NodeKind::Host => part,
            (_, Some(name)) if target.kind == NodeKind::Host => self.node(NodeKind::Service, &name),
            _ => self.outer_node(target),
        }
    }

    /// Some way that an edge was found by is no guess.
    pub fn is_said(&self, from: u32, to: u32) -> bool {
        self.edges.get(&(from, to)).is_some_and(|found| found.keys().any(|way| way.is_said()))
    }

    /// Whoever names its parent may link to it as well: what parents say is not counted again.
    pub fn draw_linked(&mut self) {
        for (pair, tally) in std::mem::take(&mut self.linked) {
            if self.edges.get(&pair).is_none_or(|ways| !ways.contains_key(&Method::Spans)) {
                self.add(pair, Method::Spans, 0.95, &tally);
            }
        }
    }

    pub fn add(&mut self, pair: (u32, u32), method: Method, certainty: f64, tally: &Tally) {
        if pair.0 != pair.1 {
            self.tally(pair, method, certainty).merge(tally);
        }
    }

    /// What is counted of two nodes, found in this way.
    pub fn tally(&mut self, pair: (u32, u32), method: Method, certainty: f64) -> &mut Tally {
        let found = self.edges.entry(pair).or_default().entry(method).or_insert((certainty, Tally::default()));
        found.0 = found.0.max(certainty);
        &mut found.1
    }

    /// What has a name in common with something else is called by what tells it apart as well: `users (mysql)`.
    fn tell_apart(&mut self) {
        let mut n_called: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, name, _) in self.numbers.keys() {
            *n_called.entry(name).or_default() += 1;
        }
        for ((_, name, of), &number) in &self.numbers {
            if !of.is_empty() && n_called[name.as_str()] > 1 {
                self.nodes[number as usize].name = format!("{name} ({of})");
            }
        }
    }

    pub fn finish(mut self, gatherer: &Gatherer) -> Topology {
        self.tell_apart();
        let Self { nodes, edges, whole_of, .. } = self;
        let mut order: Vec<u32> = (0..nodes.len() as u32).filter(|&at| whole_of[at as usize] == at).collect();
        order.sort_by(|&a, &b| {
            let (a, b) = (&nodes[a as usize], &nodes[b as usize]);
            (&a.name, a.kind).cmp(&(&b.name, b.kind))
        });
        let mut place = vec![0; nodes.len()];
        order.iter().enumerate().for_each(|(at, &number)| place[number as usize] = at as u32);
        let mut whole: BTreeMap<(u32, u32), Found> = BTreeMap::new();
        for ((from, to), ways) in edges {
            let (from, to) = (whole_of[from as usize], whole_of[to as usize]);
            if from != to {
                whole.entry((from, to)).or_default().take(ways);
            }
        }
        let courses = whole.values().map(|found| found.course.clone()).collect();
        let over_time = in_spans(courses, gatherer.range);
        let (spans, courses) = over_time.map_or((None, Vec::new()), |(spans, courses)| (Some(spans), courses));
        let mut courses = courses.into_iter();
        let mut edges: Vec<Edge> = whole
            .into_iter()
            .map(|((from, to), found)| Edge {
                course: courses.next().unwrap_or_default(),
                ..found.edge(place[from as usize], place[to as usize])
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
            n_traces: gatherer.n_traces(),
            one_trace_of: 1 << gatherer.level,
            n_malformed_ids: gatherer.n_malformed_ids,
            complete: false,
            spans,
            layout: Layout::default(),
        }
    }
}

/// Every way by which calls of a node to another were found, with how certain it is.
type Ways = BTreeMap<Method, (f64, Tally)>;

/// What is known of an edge, of all parts of its two ends.
#[derive(Default)]
struct Found {
    ways: Ways,
    calls: u64,
    n_errors: u64,
    course: Course,
}

impl Found {
    /// Adds what was found of two nodes; the way that found most calls says how many there were.
    fn take(&mut self, ways: Ways) {
        self.calls += ways.values().map(|(_, tally)| tally.calls).max().unwrap_or_default();
        self.n_errors += ways.values().map(|(_, tally)| tally.n_errors).max().unwrap_or_default();
        if let Some(most) = ways.values().map(|(_, tally)| tally).max_by_key(|tally| tally.calls) {
            self.course.merge(&most.course);
        }
        for (method, (certainty, tally)) in ways {
            match self.ways.entry(method) {
                Entry::Vacant(entry) => {
                    entry.insert((certainty, tally));
                }
                Entry::Occupied(mut entry) => {
                    let known = entry.get_mut();
                    known.0 = known.0.max(certainty);
                    known.1.merge(&tally);
                }
            }
        }
    }

    fn edge(self, from: u32, to: u32) -> Edge {
        let Self { ways, calls, n_errors, .. } = self;
        // The most certain way says how long calls took.
        let durations = ways.values().find_map(|(_, tally)| tally.durations());
        let best = ways.values().map(|(certainty, _)| *certainty).fold(0.0, f64::max);
        // Another way to the same edge makes it surer.
        let doubt = ways.values().fold(1.0, |doubt, (certainty, _)| doubt * (1.0 - certainty));
        let confidence = best.max(1.0 - doubt) as f32;
        let mut evidence: Vec<RowKey> = ways.values().flat_map(|(_, tally)| tally.evidence()).collect();
        evidence.truncate(MOST_EVIDENCE);
        evidence.sort_unstable();
        let methods = ways.iter().map(|(method, (_, tally))| (*method, tally.calls)).collect();
        Edge { from, to, calls, n_errors, durations, methods, confidence, course: Vec::new(), evidence }
    }
}
