//! One request as a waterfall: its spans with the log entries in them, or invocations inferred from log entries alone.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use model::entry::{RowKey, Value};
use model::naming::Naming;
use model::severity::Severity;
use model::time::Nanos;
use model::trace::{Bar, Happening, Mark, Wait};

use super::later::{Placed, later};
use super::names::{Plainest, service_unless};
use super::sighting::{extent_of, is_error, is_point, is_span, says_own_name};
use super::waits::{happenings, waits};
use crate::format::Parsed;
use crate::ids::{Ids, SILENCE, are_one, canonical, ids_of, lower_half, may_recur, stretches};
use crate::quick_hash::hash_of;
use crate::skew::Seen;

/// Collects the entries of one trace.
pub struct TraceBuilder {
    trace: String,
    /// Ids that this one is the lower half of, as they are written.
    wholes: BTreeMap<u64, String>,
    naming: Rc<Naming>,
    services: Plainest,
    spans: Vec<Part>,
    entries: Vec<Part>,
    /// What was dropped: when it began and ended, and its service.
    others: Vec<(i64, i64, u32)>,
}

/// A span or a log entry.
#[derive(Clone, Debug)]
struct Part {
    key: RowKey,
    /// Of its id, in plain spelling.
    trace: u64,
    service: u32,
    name: String,
    severity: Severity,
    side: Option<Side>,
    span: String,
    parent: String,
    start: i64,
    end: i64,
    waits: Vec<Wait>,
    happenings: Vec<Happening>,
}

/// Of a call, as the kind of a span says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Caller,
    Callee,
}

fn side_of(parsed: &Parsed) -> Option<Side> {
    let kind = parsed.fields.iter().find(|field| field.name == "span.kind").map(|field| &field.value);
    let Some(Value::Text(kind)) = kind else { return None };
    match kind.as_str() {
        "client" | "producer" => Some(Side::Caller),
        "server" | "consumer" => Some(Side::Callee),
        _ => None,
    }
}

/// A bar before the tree is known.
struct Open {
    bar: Bar,
    service: u32,
    side: Option<Side>,
    span: String,
    parent: String,
}

impl Open {
    fn end(&self) -> i64 {
        self.bar.start.0 + self.bar.nanos
    }

    /// As a clock would have it that is so much behind.
    fn move_by(&mut self, nanos: i64) {
        let bar = &mut self.bar;
        bar.moved_nanos = nanos;
        let times = bar.waits.iter_mut().map(|wait| &mut wait.start);
        let times = times.chain(bar.happenings.iter_mut().map(|one| &mut one.time)).chain([&mut bar.start]);
        times.for_each(|time| time.0 = time.0.saturating_add(nanos));
    }

    fn contains(&self, other: &Self) -> bool {
        self.bar.start <= other.bar.start && self.end() >= other.end() && self.bar.nanos > other.bar.nanos
    }
}

impl TraceBuilder {
    /// `naming`: what the user says of names of services.
    pub fn new(trace: &str, naming: &Rc<Naming>) -> Self {
        Self {
            trace: canonical(trace).into_owned(),
            wholes: BTreeMap::new(),
            naming: naming.clone(),
            services: Plainest::default(),
            spans: Vec::new(),
            entries: Vec::new(),
            others: Vec::new(),
        }
    }

    /// Takes the entry in if it is of the trace.
    pub fn push(&mut self, key: RowKey, service: &str, severity: Severity, parsed: &Parsed) {
        let (ids, _) = ids_of(parsed);
        let Some(written) = ids.trace.filter(|_| !is_point(parsed)) else { return };
        let plain = canonical(written);
        if !are_one(&plain, &self.trace) {
            return;
        }
        let trace = hash_of(plain.as_bytes());
        if lower_half(&plain) == Some(&*self.trace) {
            self.wholes.entry(trace).or_insert_with(|| written.to_owned());
        }
        let is_span = is_span(parsed);
        let (start, end) = extent_of(parsed, key.time.0);
        let Ids { span, parent, .. } = ids;
        let happenings = if is_span { happenings(&parsed.fields) } else { Vec::new() };
        let id = |id: Option<&str>| id.map_or_else(String::new, |id| canonical(id).into_owned());
        let naming = &*self.naming;
        let is_final = |name: &str| says_own_name(parsed) || naming.of(name).is_some();
        let part = Part {
            key,
            trace,
            service: self.services.number(naming, service_unless(service, is_final).name),
            name: parsed.message.lines().next().unwrap_or_default().to_owned(),
            severity,
            side: side_of(parsed),
            span: id(span),
            parent: id(parent),
            start,
            end,
            waits: waits(&parsed.fields, &happenings, start, end),
            happenings,
        };
        if is_span { self.spans.push(part) } else { self.entries.push(part) }
    }

    /// When all entries are taken in: the whole id, where only its lower half was asked for. Of several with that half nothing is
    /// known of which it is, so that their entries are left out.
    pub fn whole_id(&mut self) -> Option<String> {
        if self.wholes.len() < 2 {
            return self.wholes.values().next().cloned();
        }
        let is_of_others = |part: &Part| self.wholes.contains_key(&part.trace);
        self.spans.retain(|part| !is_of_others(part));
        self.entries.retain(|part| !is_of_others(part));
        None
    }

    /// From when to when each lasted that the id was given to.
    fn times(&self) -> Vec<(i64, i64)> {
        let parts = self.spans.iter().chain(&self.entries).map(|part| (part.start, part.end, part.service));
        stretches(parts.chain(self.others.iter().copied()))
    }

    /// Keeps but the extents of what the id was given to at other times than that of this entry, where that is over: nothing more
    /// comes that is from before `from`. Cost: n log n, for what was dropped before as well.
    pub fn drop_other_times(&mut self, key: RowKey, from: Nanos) {
        if !may_recur(&self.trace) {
            return;
        }
        let times = self.times();
        // That of the entry, or what it may be of when it comes.
        let of_entry = times.iter().rposition(|&(start, _)| start <= key.time.0);
        let is_kept = |at: usize, end: i64| Some(at) == of_entry || end.saturating_add(SILENCE) >= from.0;
        let kept = times.iter().enumerate().filter(|&(at, &(_, end))| is_kept(at, end));
        let kept: Vec<(i64, i64)> = kept.map(|(_, &time)| time).collect();
        let Self { spans, entries, others, .. } = self;
        for parts in [spans, entries] {
            parts.retain(|part| {
                let at = kept.partition_point(|&(_, end)| end < part.start);
                let is_kept = kept.get(at).is_some_and(|&(start, _)| start <= part.start);
                if !is_kept {
                    others.push((part.start, part.end, part.service));
                }
                is_kept
            });
        }
    }

    /// Leaves what the id was given to at other times than that of this entry out, and tells how many times those are.
    pub fn only_around(&mut self, key: RowKey) -> u64 {
        if !may_recur(&self.trace) {
            return 0;
        }
        let parts = || self.spans.iter().chain(&self.entries);
        let asked = parts().find(|part| part.key == key).map(|part| part.start);
        let times = self.times();
        let around = times.iter().find(|(start, end)| asked.is_some_and(|asked| (*start..=*end).contains(&asked)));
        let Some(&(start, end)) = around else { return 0 };
        self.spans.retain(|part| (start..=end).contains(&part.start));
        self.entries.retain(|part| (start..=end).contains(&part.start));
        times.len() as u64 - 1
    }

    /// Spans and entries of which only the extents are kept.
    pub fn n_dropped(&self) -> u64 {
        self.others.len() as u64
    }

    pub fn n_spans(&self) -> u64 {
        self.spans.len() as u64
    }

    pub fn n_entries(&self) -> u64 {
        self.entries.len() as u64
    }

    /// The bars in the order of the waterfall. Cost: O(n log n), and [`MOST_LOOKS`] for what is inferred.
    pub fn bars(mut self) -> Vec<Bar> {
        self.spans.sort_by_key(|part| (part.start, -part.end, part.key));
        self.entries.sort_by_key(|part| (part.key, part.start));
        let opened = |part: &Part, is_span| opened(part, self.services.name(part.service), is_span);
        let mut open: Vec<Open> = self.spans.iter().map(|part| opened(part, true)).collect();
        let mut of_span: BTreeMap<(String, u32), usize> = BTreeMap::new();
        for (at, one) in open.iter().enumerate() {
            of_span.entry((one.span.clone(), one.service)).or_insert(at);
        }
        let mut running: BTreeMap<u32, Running> = BTreeMap::new();
        for (at, one) in open.iter().enumerate() {
            running.entry(one.service).or_default().to_begin.push_back(at);
        }
        let mut of_service: BTreeMap<u32, usize> = BTreeMap::new();
        for part in &self.entries {
            let by_id = of_span.get(&(part.span.clone(), part.service)).filter(|_| !part.span.is_empty());
            let by_time = || {
                let running = running.get_mut(&part.service).filter(|_| part.span.is_empty())?;
                running.narrowest(&open, part.key.time.0)
            };
            let known = || of_service.get(&part.service).filter(|_| part.span.is_empty()).copied();
            let at = by_id.copied().or_else(by_time).or_else(known);
            let at = at.unwrap_or_else(|| {
                open.push(opened(part, false));
                open.len() - 1
            });
            if part.span.is_empty() {
                of_service.insert(part.service, at);
            } else {
                of_span.insert((part.span.clone(), part.service), at);
            }
            add(&mut open[at], part);
        }
        let in_order = |one: &Open| (one.bar.start, -one.bar.nanos, one.bar.key);
        open.sort_by_key(in_order);
        let callers = parents(&open);
        let placed = open.iter().zip(&callers).map(|(one, &caller)| {
            let seen = Seen { start: one.bar.start.0, end: one.end() };
            Placed { service: one.service, seen, is_span: one.bar.is_span, caller }
        });
        let later = later(&placed.collect::<Vec<_>>());
        if later.is_empty() {
            return arranged(open, &callers);
        }
        for one in &mut open {
            later.get(&one.service).into_iter().for_each(|&nanos| one.move_by(nanos));
        }
        open.sort_by_key(in_order);
        let callers = parents(&open);
        arranged(open, &callers)
    }
}

/// The spans of a service, asked in the order of time which of them run.
#[derive(Default)]
struct Running {
    /// In the order in which they begin.
    to_begin: VecDeque<usize>,
    /// The narrowest first; some have ended.
    begun: BTreeSet<(i64, usize)>,
}

impl Running {
    fn narrowest(&mut self, open: &[Open], time: i64) -> Option<usize> {
        while let Some(&at) = self.to_begin.front()
            && open[at].bar.start.0 <= time
        {
            self.to_begin.pop_front();
            self.begun.insert((open[at].bar.nanos, at));
        }
        while let Some(&(_, at)) = self.begun.first() {
            if open[at].end() >= time {
                return Some(at);
            }
            self.begun.pop_first();
        }
        None
    }
}

fn opened(part: &Part, service: &str, is_span: bool) -> Open {
    let bar = Bar {
        name: part.name.clone(),
        service: service.to_owned(),
        key: part.key,
        start: Nanos(part.start),
        nanos: part.end - part.start,
        moved_nanos: 0,
        own_nanos: 0,
        depth: 0,
        is_span,
        is_error: is_error(part.severity),
        own: Vec::new(),
        critical: Vec::new(),
        waits: if is_span { part.waits.clone() } else { Vec::new() },
        happenings: part.happenings.clone(),
        marks: Vec::new(),
    };
    Open { bar, service: part.service, side: part.side, span: part.span.clone(), parent: part.parent.clone() }
}

/// A log entry written in a bar; one that is inferred reaches as far as its entries do.
fn add(open: &mut Open, part: &Part) {
    let bar = &mut open.bar;
    bar.marks.push(Mark { key: part.key, severity: part.severity });
    if bar.waits.is_empty() {
        bar.waits.clone_from(&part.waits);
    }
    if !bar.is_span {
        let end = (bar.start.0 + bar.nanos).max(part.end);
        bar.start = bar.start.min(Nanos(part.start));
        bar.nanos = end - bar.start.0;
        bar.is_error |= is_error(part.severity);
        if open.parent.is_empty() {
            open.parent.clone_from(&part.parent);
        }
    }
}

/// Bars that are looked at for those around others: of more, nothing is inferred. A tenth of a second natively.
const MOST_LOOKS: usize = 20_000_000;
/// Bars of one span id that are told apart: both sides of a call, and some that were made twice.
const MOST_OF_SPAN: usize = 16;

/// By parent ids; for what is inferred without one the narrowest of another service around it.
fn parents(open: &[Open]) -> Vec<Option<usize>> {
    let mut by_id: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, one) in open.iter().enumerate().filter(|(_, one)| !one.span.is_empty()) {
        let of_id = by_id.entry(&one.span).or_default();
        if of_id.len() < MOST_OF_SPAN {
            of_id.push(at);
        }
    }
    let n_inferred = open.iter().filter(|one| !one.bar.is_span).count();
    let are_few = n_inferred.saturating_mul(open.len()) <= MOST_LOOKS;
    let mut parents: Vec<Option<usize>> = Vec::with_capacity(open.len());
    for (at, one) in open.iter().enumerate() {
        // Both sides of a call may have one span: the side that called is of another service.
        let shared = by_id.get(one.span.as_str()).into_iter().flatten().copied();
        let other_side = shared.filter(|&other| open[other].service != one.service).find(|&other| {
            // Where their kinds do not tell which it is, it began before.
            match (open[other].side, one.side) {
                (Some(caller), Some(callee)) if caller != callee => caller == Side::Caller,
                _ => other < at,
            }
        });
        // Where a span is of both sides, what the server calls is the server's.
        let callers =
            || by_id.get(one.parent.as_str()).into_iter().flatten().copied().filter(move |&caller| caller != at);
        let named = callers().find(|&caller| open[caller].service == one.service).or_else(|| callers().next());
        let around = || {
            let before = open[..at].iter().enumerate().filter(|(_, other)| other.service != one.service);
            before.filter(|(_, other)| other.contains(one)).min_by_key(|(_, other)| other.bar.nanos).map(|(at, _)| at)
        };
        let parent = other_side.or(named).or_else(|| if one.bar.is_span || !are_few { None } else { around() });
        parents.push(parent);
    }
    open_rings(&mut parents);
    parents
}

/// Of ids that call each other in a ring one is nobody's child. Cost: each bar is walked over once.
fn open_rings(parents: &mut [Option<usize>]) {
    // The walk that a bar was met in; those of earlier ones lead to a root.
    let mut met_in: Vec<Option<usize>> = vec![None; parents.len()];
    for walk in 0..parents.len() {
        let mut up = Some(walk);
        while let Some(at) = up
            && met_in[at].is_none()
        {
            met_in[at] = Some(walk);
            up = parents[at];
        }
        if let Some(at) = up
            && met_in[at] == Some(walk)
        {
            parents[at] = None;
        }
    }
}

fn arranged(open: Vec<Open>, parents: &[Option<usize>]) -> Vec<Bar> {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); open.len()];
    let mut left = Vec::new();
    for (at, parent) in parents.iter().enumerate() {
        match parent {
            Some(parent) => children[*parent].push(at),
            None => left.push((at, 0)),
        }
    }
    let mut bars: Vec<Bar> = open.into_iter().map(|open| open.bar).collect();
    let extent = bars.iter().map(|bar| bar.start.0).min().zip(bars.iter().map(end_of).max());
    let near = extent.map_or(0, |(start, end)| (end - start) / FINEST);
    for at in 0..bars.len() {
        let own = own_pieces(&bars, at, &children[at]);
        bars[at].own_nanos = own.iter().map(|(_, nanos)| nanos).sum();
        bars[at].own = joined(own, near);
    }
    if let Some(&(root, _)) = left.iter().max_by_key(|&&(at, _)| bars[at].nanos) {
        mark_critical(&mut bars, root, &children, near);
    }
    left.reverse();
    let mut order = Vec::with_capacity(bars.len());
    while let Some((at, depth)) = left.pop() {
        bars[at].depth = depth;
        order.push(at);
        left.extend(children[at].iter().rev().map(|&child| (child, depth + 1)));
    }
    let mut bars: Vec<Option<Bar>> = bars.into_iter().map(Some).collect();
    order.into_iter().filter_map(|at| bars[at].take()).collect()
}

/// Pieces nearer to each other than this part of the request are one in a picture.
const FINEST: i64 = 1000;

fn end_of(bar: &Bar) -> i64 {
    bar.start.0.saturating_add(bar.nanos)
}

/// What is left of a bar without the time in which any of its children ran. `children`: by their beginning.
fn own_pieces(bars: &[Bar], at: usize, children: &[usize]) -> Vec<(Nanos, i64)> {
    let (mut reached, end) = (bars[at].start.0, end_of(&bars[at]));
    let mut pieces = Vec::new();
    for &child in children {
        let from = bars[child].start.0.min(end);
        if from > reached {
            pieces.push((Nanos(reached), from - reached));
        }
        reached = reached.max(end_of(&bars[child]).min(end));
    }
    if end > reached {
        pieces.push((Nanos(reached), end - reached));
    }
    pieces
}

/// `pieces`: in the order of time.
fn joined(pieces: Vec<(Nanos, i64)>, near: i64) -> Vec<(Nanos, i64)> {
    let mut joined: Vec<(Nanos, i64)> = Vec::new();
    for (start, nanos) in pieces {
        match joined.last_mut() {
            Some(last) if start.0 - (last.0.0 + last.1) <= near => last.1 = start.0 + nanos - last.0.0,
            _ => joined.push((start, nanos)),
        }
    }
    joined
}

/// From the end backwards: of those that had ended, the one that ended last is what was waited for.
fn mark_critical(bars: &mut [Bar], root: usize, children: &[Vec<usize>], near: i64) {
    let mut left = vec![root];
    while let Some(at) = left.pop() {
        let mut cursor = end_of(&bars[at]);
        let mut pieces = Vec::new();
        let mut by_end: Vec<usize> = children[at].clone();
        by_end.sort_by_key(|&child| end_of(&bars[child]));
        while let Some(child) = by_end.pop() {
            if end_of(&bars[child]) <= cursor {
                pieces.push((Nanos(end_of(&bars[child])), cursor - end_of(&bars[child])));
                cursor = bars[child].start.0;
                left.push(child);
            }
        }
        let start = bars[at].start.0.min(cursor);
        pieces.push((Nanos(start), cursor - start));
        pieces.reverse();
        // One that took no time is on the path all the same.
        let is_of_time = pieces.iter().any(|&(_, nanos)| nanos > 0);
        pieces.retain(|&(_, nanos)| nanos > 0 || !is_of_time);
        bars[at].critical = joined(pieces, near);
    }
}

#[cfg(test)]
mod tests;
