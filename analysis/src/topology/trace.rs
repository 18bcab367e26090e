//! One request as a waterfall: its spans with the log entries in them, or invocations inferred from log entries alone.

use std::collections::BTreeMap;
use std::rc::Rc;

use model::entry::{RowKey, Value};
use model::naming::Naming;
use model::severity::Severity;
use model::time::Nanos;
use model::trace::{Bar, Happening, Mark, Wait};

use super::names::{Plainest, service_unless};
use super::placing::{self, Piece, Side, hash_of_id, side_of};
use super::sighting::{extent_of, is_error, is_point, is_span, says_own_name};
use super::waits::{by_name, happenings, waits};
use crate::format::Parsed;
use crate::ids::{Ids, SILENCE, are_one, canonical, ids_of, lower_half, may_recur, stretches};
use crate::quick_hash::hash_of;

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
    /// Data points that have it as an example.
    n_points: u64,
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
    /// As [`placing::hash_of_id`] gives them.
    span: u64,
    parent: u64,
    start: i64,
    end: i64,
    waits: Vec<Wait>,
    happenings: Vec<Happening>,
}

/// A bar before the tree is known.
struct Open {
    bar: Bar,
    piece: Piece,
}

impl Open {
    fn move_by(&mut self, nanos: i64) {
        self.piece.move_by(nanos);
        let bar = &mut self.bar;
        bar.moved_nanos = nanos;
        let times = bar.waits.iter_mut().map(|wait| &mut wait.start);
        let times = times.chain(bar.happenings.iter_mut().map(|one| &mut one.time)).chain([&mut bar.start]);
        times.for_each(|time| time.0 = time.0.saturating_add(nanos));
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
            n_points: 0,
        }
    }

    /// Takes the entry in if it is of the trace.
    pub fn push(&mut self, key: RowKey, service: &str, severity: Severity, parsed: &Parsed) {
        let (ids, _) = ids_of(parsed);
        if is_point(parsed) {
            self.n_points += u64::from(self.is_example_of(ids.trace, parsed));
            return;
        }
        let Some(written) = ids.trace else { return };
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
        let side = side_of(parsed);
        let mut waits = waits(&parsed.fields, &happenings, start, end);
        // What a service serves is no part of its own call.
        if is_span && waits.is_empty() && side != Some(Side::Callee) {
            waits.extend(by_name(&parsed.message, start, end));
        }
        let naming = &*self.naming;
        let is_final = |name: &str| says_own_name(parsed) || naming.of(name).is_some();
        let part = Part {
            key,
            trace,
            service: self.services.number(naming, service_unless(service, is_final).name),
            name: parsed.message.lines().next().unwrap_or_default().to_owned(),
            severity,
            side,
            span: hash_of_id(span),
            parent: hash_of_id(parent),
            start,
            end,
            waits,
            happenings,
        };
        if is_span { self.spans.push(part) } else { self.entries.push(part) }
    }

    /// The last of a point's examples is that which it says it is of.
    fn is_example_of(&self, of_point: Option<&str>, parsed: &Parsed) -> bool {
        let examples = parsed.fields.iter().find(|field| field.name == "exemplars").map(|field| &field.value);
        let is_one_of = |examples: &Value| match examples {
            Value::Json(examples) => examples.to_ascii_lowercase().contains(&self.trace),
            _ => false,
        };
        of_point.is_some_and(|id| are_one(&canonical(id), &self.trace)) || examples.is_some_and(is_one_of)
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

    /// Data points of metrics that have it as an example.
    pub fn n_points(&self) -> u64 {
        self.n_points
    }

    pub fn n_spans(&self) -> u64 {
        self.spans.len() as u64
    }

    pub fn n_entries(&self) -> u64 {
        self.entries.len() as u64
    }

    /// The bars in the order of the waterfall. Cost: O(n log n), and what is inferred ([`placing::parents`]).
    pub fn bars(self) -> Vec<Bar> {
        let Self { mut spans, mut entries, services, .. } = self;
        spans.sort_by_key(|part| (part.start, -part.end, part.key));
        entries.sort_by_key(|part| (part.key, part.start));
        let (placed, bar_of_entry) = placing::bars(&pieces(&spans, true), &pieces(&entries, false));
        let opened = |part: &mut Part, is_span| {
            let service = services.name(part.service);
            opened(part, service, is_span)
        };
        let mut bars: Vec<Bar> = spans.iter_mut().map(|part| opened(part, true)).collect();
        for (part, at) in entries.iter_mut().zip(bar_of_entry) {
            if at == bars.len() {
                bars.push(opened(part, false));
            }
            add(&mut bars[at], part);
        }
        let place = |(bar, piece): (Bar, Piece)| {
            let bar = Bar { start: Nanos(piece.start), nanos: piece.nanos(), ..bar };
            Open { bar, piece }
        };
        let mut open: Vec<Open> = bars.into_iter().zip(placed).map(place).collect();
        let parents = callers(&mut open);
        let placed: Vec<Piece> = open.iter().map(|one| one.piece).collect();
        let later = placing::nanos_later(&placed, &parents);
        if later.is_empty() {
            return arranged(open, &parents);
        }
        for one in &mut open {
            later.get(&one.piece.service).into_iter().for_each(|&nanos| one.move_by(nanos));
        }
        let parents = callers(&mut open);
        arranged(open, &parents)
    }
}

fn pieces(parts: &[Part], is_span: bool) -> Vec<Piece> {
    let piece = |part: &Part| {
        let &Part { service, side, span, parent, start, end, .. } = part;
        Piece { service, is_span, tells_start: is_span || end > start, side, span, parent, start, end }
    };
    parts.iter().map(piece).collect()
}

/// Brings the bars in order, and gives that which called each.
fn callers(open: &mut [Open]) -> Vec<Option<usize>> {
    open.sort_by_key(|one| (one.bar.start, -one.bar.nanos, one.bar.key));
    let placed: Vec<Piece> = open.iter().map(|one| one.piece).collect();
    placing::parents(&placed)
}

/// What the part tells at length goes into the bar; its times come later.
fn opened(part: &mut Part, service: &str, is_span: bool) -> Bar {
    Bar {
        name: std::mem::take(&mut part.name),
        service: service.to_owned(),
        key: part.key,
        start: Nanos(part.start),
        nanos: 0,
        moved_nanos: 0,
        own_nanos: 0,
        depth: 0,
        is_span,
        is_error: is_error(part.severity),
        own: Vec::new(),
        critical: Vec::new(),
        waits: if is_span { std::mem::take(&mut part.waits) } else { Vec::new() },
        happenings: std::mem::take(&mut part.happenings),
        marks: Vec::new(),
    }
}

/// A log entry written in a bar.
fn add(bar: &mut Bar, part: &mut Part) {
    bar.marks.push(Mark { key: part.key, severity: part.severity });
    if bar.waits.is_empty() {
        bar.waits = std::mem::take(&mut part.waits);
    }
    if !bar.is_span {
        bar.is_error |= is_error(part.severity);
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
