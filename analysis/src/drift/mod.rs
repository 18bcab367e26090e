//! Do the signals agree? What logs, spans and metrics say of one request or one service is compared, and what cannot be true at
//! once is told with the entries of each side.
//!
//! In: opened entries, one after the other, in any order. Out: a [`DriftReport`], the same for every order. Memory is bounded. Each of
//! the drifts has a file of its own. A false alarm is worse than a miss: a detector wants the same disagreement often, and
//! evidence from both sides.

mod clock;

mod context;

mod errors;

mod lost_id;

mod moment;

mod names;

mod sampled;

mod semconv;

mod side;

mod status;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use model::drift::{Drift, DriftReport, LookedAt, ServiceScore};
use model::entry::SourceId;
use model::naming::Naming;

use crate::cardinality::Costs;
use crate::ids::{Flaw, Rule, canonical, ids_of, may_recur, parted};
use crate::quick_hash::{QuickMap, hash_of};
use crate::skew::MOST_OF_REQUEST;
use crate::topology::names::{key_among, plainest, service_of_host, service_unless};
use crate::topology::{Sighting, sighting};
use moment::{Kind, Moment, hash_of_id, moment_of};
use sampled::Sampled;
use side::Examples;
use status::Outcomes;

/// Entries of requests that are kept: some 40 MB.
const MOST_MOMENTS: usize = 300_000;
/// Values that may name a request, and kinds of messages.
const MOST_VALUES: usize = 100_000;
const MOST_KINDS: usize = 20_000;
/// Different names of services, and of hosts that they call.
const MOST_NAMES: usize = 10_000;

/// What entries say, gathered one by one.
pub struct Gatherer {
    naming: Rc<Naming>,
    services: Vec<Service>,
    /// By how they are written; those that name themselves apart.
    service_numbers: [QuickMap<String, u32>; 2],
    /// Hosts that entries name as those they call.
    hosts: Vec<String>,
    host_numbers: QuickMap<String, u32>,
    requests: Sampled<Vec<Moment>>,
    n_moments: usize,
    values: Sampled<lost_id::Value>,
    kinds: Sampled<lost_id::MessageKind>,
    outcomes: Outcomes,
    costs: Costs,
    looked_at: LookedAt,
}

/// Which request an entry is of.
#[derive(Clone, Copy)]
pub(crate) struct Request {
    /// Of its id; 0: it has none.
    hash: u64,
    /// The id may be given to another one later.
    may_recur: bool,
}

/// A service by the name that entries have for it.
#[derive(Default)]
struct Service {
    name: String,
    n_entries: u64,
    /// How fine the finest stamp of its entries is.
    finest: clock::Precision,
    n_with_id: u64,
    n_malformed: u64,
    malformed: Examples,
    shown: Examples,
    replaced: semconv::Replaced,
    /// Entries by source.
    sources: BTreeMap<SourceId, u64>,
    /// Took messages from a queue or topic.
    reads_topics: bool,
}

impl Default for Gatherer {
    fn default() -> Self {
        Self {
            naming: Rc::default(),
            services: Vec::new(),
            service_numbers: Default::default(),
            hosts: Vec::new(),
            host_numbers: QuickMap::default(),
            requests: Sampled::new(usize::MAX),
            n_moments: 0,
            values: Sampled::new(MOST_VALUES),
            kinds: Sampled::new(MOST_KINDS),
            outcomes: Outcomes::default(),
            costs: Costs::default(),
            looked_at: LookedAt::default(),
        }
    }
}

impl Gatherer {
    /// What the user says of names of services; before the first entry.
    pub fn call_by(&mut self, naming: &Rc<Naming>) {
        self.naming = naming.clone();
    }

    pub fn push(&mut self, seen: Sighting<'_>) {
        self.looked_at.n_entries += 1;
        self.costs.take(&seen);
        let Some(number) = self.service_number(seen.service, sighting::says_own_name(seen.parsed)) else { return };
        let service = &mut self.services[number as usize];
        service.n_entries += 1;
        service.shown.show(seen.key);
        let signal = status::Signal::of(seen.parsed);
        service.replaced.take(seen.parsed, signal, seen.key);
        *service.sources.entry(seen.key.source).or_default() += 1;
        if signal == status::Signal::Metric {
            self.looked_at.n_points += 1;
            self.outcomes.take(number, signal, &seen);
            return;
        }
        service.finest = service.finest.max(clock::Precision::of(seen.key.time));
        let (ids, flaw) = ids_of(seen.parsed);
        // What goes wrong beside an id leaves that as it is.
        if flaw.is_some_and(|flaw| flaw != Flaw::State) {
            service.n_malformed += 1;
            service.malformed.show(seen.key);
        }
        // Ids of jobs are no requests that go from service to service.
        let id = ids.trace.filter(|_| ids.rule != Some(Rule::Job));
        service.n_with_id += u64::from(id.is_some());
        service.reads_topics |= sighting::topic_of(seen.parsed).is_some_and(|topic| topic.is_read);
        let request = Request { hash: hash_of_id(id), may_recur: id.is_some_and(|id| may_recur(&canonical(id))) };
        let mut moment = Moment { may_recur: request.may_recur, ..moment_of(&seen, number) };
        let is_span = signal == status::Signal::Span;
        service.reads_topics |= moment.kind == Kind::Consumer;
        self.looked_at.n_spans += u64::from(is_span);
        moment.outcome = self.outcomes.take(number, signal, &seen).map_or(0, |outcome| outcome + 1);
        if !is_span {
            let other = sighting::others(seen.parsed).into_iter().find(|other| !other.is_caller);
            moment.callee = other.and_then(|other| self.host_number(other.host)).map_or(0, |number| number + 1);
            self.take_message(&seen, number, request);
        }
        if id.is_some() {
            self.take_moment(request.hash, moment);
        }
    }

    /// What tells whether ids are lost: which kinds of messages have them, and which values are of one request alone.
    fn take_message(&mut self, seen: &Sighting<'_>, service: u32, request: Request) {
        let words = moment::words_of(&seen.parsed.message);
        let kind = hash_of(format!("{}\n{words}", self.services[service as usize].name).as_bytes());
        if let Some(tally) = self.kinds.get_mut(kind) {
            tally.take(service, request.hash != 0, seen);
        }
        for value in moment::specific_values(seen.parsed) {
            if let Some(known) = self.values.get_mut(value) {
                known.take(service, kind, request, seen.key);
            }
        }
    }

    fn take_moment(&mut self, request: u64, moment: Moment) {
        let Some(moments) = self.requests.get_mut(request) else { return };
        if moments.len() < MOST_OF_REQUEST {
            moments.push(moment);
            self.n_moments += 1;
        }
        while self.n_moments > MOST_MOMENTS {
            self.requests.thin();
            self.n_moments = self.requests.map.values().map(Vec::len).sum();
        }
    }

    fn service_number(&mut self, written: &str, is_own_name: bool) -> Option<u32> {
        let numbers = &self.service_numbers[usize::from(is_own_name)];
        if let Some(&number) = numbers.get(written) {
            return Some(number);
        }
        let n_written: usize = self.service_numbers.iter().map(QuickMap::len).sum();
        let name = service_unless(written, |name| is_own_name || self.naming.of(name).is_some()).name;
        let known = self.services.iter().position(|service| service.name == name);
        let number = known.unwrap_or(self.services.len());
        if number >= MOST_NAMES || n_written >= 4 * MOST_NAMES {
            return None;
        }
        if known.is_none() {
            self.services.push(Service { name: name.to_owned(), ..Service::default() });
        }
        self.service_numbers[usize::from(is_own_name)].insert(written.to_owned(), number as u32);
        Some(number as u32)
    }

    fn host_number(&mut self, host: &str) -> Option<u32> {
        if let Some(&number) = self.host_numbers.get(host) {
            return Some(number);
        }
        let number = self.hosts.len();
        (number < MOST_NAMES).then(|| {
            self.hosts.push(host.to_owned());
            self.host_numbers.insert(host.to_owned(), number as u32);
            number as u32
        })
    }

    /// What is known so far, at once.
    pub fn report(&self) -> DriftReport {
        let mut assembly = Assembly::begin(self);
        while assembly.step(self, usize::MAX) {}
        assembly.finish(self)
    }
}

/// Services by what they really are: several names may be one.
pub(crate) struct Known {
    /// Of each name.
    group_of: Vec<u32>,
    /// Of each host that is named.
    group_of_host: Vec<Option<u32>>,
    /// The plainest name that entries use, in the order of the alphabet.
    names: Vec<String>,
    /// All that entries call it, as it is written.
    written: Vec<BTreeSet<String>>,
    n_entries: Vec<u64>,
    /// How fine its finest stamp is.
    precision: Vec<clock::Precision>,
    /// Those that have entries of it,
    sources: Vec<Vec<SourceId>>,
    /// and next to none of others.
    own_sources: Vec<Vec<SourceId>>,
}

impl Known {
    fn new(gatherer: &Gatherer) -> Self {
        let naming = &*gatherer.naming;
        let mut by_key: BTreeMap<String, Vec<&Service>> = BTreeMap::new();
        for service in &gatherer.services {
            by_key.entry(key_among(naming, &service.name)).or_default().push(service);
        }
        let best = |services: &Vec<&Service>| {
            plainest(naming, services.iter().map(|service| &*service.name)).unwrap_or_default()
        };
        let mut groups: Vec<(String, &String, &Vec<&Service>)> =
            by_key.iter().map(|(key, services)| (best(services), key, services)).collect();
        groups.sort_by_key(|(name, key, _)| (name.clone(), *key));
        let number: BTreeMap<&str, u32> =
            groups.iter().enumerate().map(|(at, (_, key, _))| (key.as_str(), at as u32)).collect();
        let group = |name: &str| number.get(&*key_among(naming, name)).copied();
        let group_of_host =
            |host: &String| group(service_unless(service_of_host(host), |name| naming.of(name).is_some()).name);
        let sum =
            |services: &[&Service], of: fn(&Service) -> u64| services.iter().map(|service| of(service)).sum::<u64>();
        let mut written = vec![BTreeSet::new(); groups.len()];
        for (name, &service) in gatherer.service_numbers.iter().flatten() {
            if let Some(group) = group(&gatherer.services[service as usize].name) {
                written[group as usize].insert(name.clone());
            }
        }
        Self {
            written,
            group_of: gatherer.services.iter().map(|service| group(&service.name).unwrap_or_default()).collect(),
            group_of_host: gatherer.hosts.iter().map(group_of_host).collect(),
            n_entries: groups.iter().map(|(.., services)| sum(services, |service| service.n_entries)).collect(),
            precision: groups.iter().map(|(.., services)| finest(services)).collect(),
            sources: groups.iter().map(|(.., services)| all_sources(services)).collect(),
            own_sources: own_sources(gatherer, &groups),
            names: groups.into_iter().map(|(name, ..)| name).collect(),
        }
    }

    pub(crate) fn name(&self, group: u32) -> &str {
        &self.names[group as usize]
    }

    /// No stamp of it is finer than a second.
    fn is_coarse(&self, group: u32) -> bool {
        self.precision[group as usize] == clock::Precision::Second
    }
}

fn finest(services: &[&Service]) -> clock::Precision {
    services.iter().map(|service| service.finest).max().unwrap_or_default()
}

fn all_sources(services: &[&Service]) -> Vec<SourceId> {
    let all: BTreeSet<SourceId> = services.iter().flat_map(|service| service.sources.keys()).copied().collect();
    all.into_iter().collect()
}

/// By group.
fn own_sources(gatherer: &Gatherer, groups: &[(String, &String, &Vec<&Service>)]) -> Vec<Vec<SourceId>> {
    /// A few entries of a library or a proxy make nobody else's source of it.
    const LEAST_SHARE: f64 = 0.95;
    let sum = |services: &mut dyn Iterator<Item = &Service>| {
        let mut sums: BTreeMap<SourceId, u64> = BTreeMap::new();
        services.flat_map(|service| &service.sources).for_each(|(&source, n)| *sums.entry(source).or_default() += n);
        sums
    };
    let all = sum(&mut gatherer.services.iter());
    let of_group = |(_, _, services): &(String, &String, &Vec<&Service>)| {
        let own = sum(&mut services.iter().copied());
        let is_own = |(source, n): &(SourceId, u64)| *n as f64 >= LEAST_SHARE * all[source] as f64;
        own.into_iter().filter(is_own).map(|(source, _)| source).collect()
    };
    groups.iter().map(of_group).collect()
}

/// A report that is put together from what was gathered, in steps.
pub struct Assembly {
    known: Known,
    orphans: lost_id::Orphans,
    words: status::Words,
    clocks: clock::Clocks,
    late: context::Late,
    classes: errors::Classes,
    n_requests: u64,
    /// Requests that are left, the next one last.
    left: Vec<u64>,
}

impl Assembly {
    pub fn begin(gatherer: &Gatherer) -> Self {
        let mut left: Vec<u64> = gatherer.requests.map.keys().copied().collect();
        left.sort_unstable();
        Self {
            known: Known::new(gatherer),
            orphans: Default::default(),
            words: Default::default(),
            clocks: Default::default(),
            late: Default::default(),
            classes: Default::default(),
            n_requests: 0,
            left,
        }
    }

    /// Looks at further requests, of so many entries or a few more. `false`: there are no more.
    pub fn step(&mut self, gatherer: &Gatherer, n_moments: usize) -> bool {
        let mut n_looked_at = 0;
        while n_looked_at < n_moments
            && let Some(id) = self.left.pop()
        {
            let moments = &gatherer.requests.map[&id];
            n_looked_at += moments.len();
            if moments.len() < MOST_OF_REQUEST {
                self.take_id(moments, &gatherer.outcomes);
            }
        }
        !self.left.is_empty()
    }

    /// What has one id: of one request, or of several that it was given to one after the other.
    fn take_id(&mut self, moments: &[Moment], outcomes: &Outcomes) {
        let known = &self.known;
        let in_group = |moment: &Moment| Moment {
            service: known.group_of[moment.service as usize],
            callee: match moment.callee {
                0 => 0,
                host => known.group_of_host[host as usize - 1].map_or(0, |group| group + 1),
            },
            ..*moment
        };
        let mut moments: Vec<Moment> = moments.iter().map(in_group).collect();
        moments.sort_unstable();
        if !moments.iter().any(|moment| moment.may_recur) {
            return self.take_request(&moments, outcomes);
        }
        for moments in parted(&moments, |moment| (moment.start, moment.end, moment.service)) {
            self.take_request(&moments, outcomes);
        }
    }

    /// `moments`: in their order.
    fn take_request(&mut self, moments: &[Moment], outcomes: &Outcomes) {
        self.n_requests += u64::from(moments.iter().any(|moment| moment.service != moments[0].service));
        self.orphans.request(moments);
        self.words.request(moments, outcomes);
        self.clocks.request(moments, &self.known);
        self.late.request(moments);
        self.classes.request(moments);
    }

    pub fn finish(self, gatherer: &Gatherer) -> DriftReport {
        let Self { known, .. } = &self;
        let joined = lost_id::joined(gatherer, known);
        let mut drifts = lost_id::find(gatherer, known, &joined);
        drifts.extend(self.orphans.find(known));
        drifts.extend(self.words.find(known, &gatherer.outcomes));
        drifts.extend(self.clocks.find(known));
        drifts.extend(context::find(gatherer, known, &joined));
        drifts.extend(self.late.find(known));
        drifts.extend(names::find(gatherer, known));
        drifts.extend(self.classes.find(known));
        drifts.extend(semconv::find(gatherer, known));
        drifts.sort_by(|a, b| (a.kind, b.n, &a.what).cmp(&(b.kind, a.n, &b.what)));
        let looked_at =
            LookedAt { n_requests: self.n_requests, one_request_of: gatherer.requests.one_of(), ..gatherer.looked_at };
        let cardinality = gatherer.costs.cardinality();
        DriftReport { services: scores(&drifts, known), drifts, looked_at, cardinality }
    }
}

fn scores(drifts: &[Drift], known: &Known) -> Vec<ServiceScore> {
    /// However little of a service a drift concerns, it takes so much.
    const LEAST: f64 = 0.05;
    let score = |((name, written), &n_entries): ((&String, &BTreeSet<String>), &u64)| {
        let own: Vec<&Drift> = drifts.iter().filter(|drift| drift.services.first() == Some(name)).collect();
        let share = |drift: &&Drift| (drift.n as f64 / drift.of.max(1) as f64).clamp(LEAST, 0.5);
        let left: f64 = own.iter().map(|drift| 1.0 - share(drift)).product();
        ServiceScore {
            service: name.clone(),
            names: written.iter().cloned().collect(),
            score: (100.0 * left).round() as u8,
            n_drifts: own.len() as u32,
            n_entries,
        }
    };
    let mut scores: Vec<ServiceScore> =
        known.names.iter().zip(&known.written).zip(&known.n_entries).map(score).collect();
    scores.sort_by(|a, b| (a.score, &a.service).cmp(&(b.score, &b.service)));
    scores
}

/// "7 %"
fn percent(n: u64, of: u64) -> String {
    match 100.0 * n as f64 / of.max(1) as f64 {
        share if share < 1.0 => "less than 1 %".to_owned(),
        share => format!("{share:.0} %"),
    }
}

/// Where an entry of the other side stands.
fn side(name: String, examples: &Examples) -> model::drift::Side {
    model::drift::Side { name, examples: examples.keys().to_vec() }
}
