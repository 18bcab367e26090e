//! Where the spans and log entries of one request are in its waterfall: which bar an entry is written in, which bar called which, and how
//! much later than they say the bars of a service are drawn. Of each span and entry no more is needed than a list of all requests can keep.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use model::entry::Value;

use super::later::{Placed, later};
use crate::format::Parsed;
use crate::ids::canonical;
use crate::quick_hash::{QuickMap, hash_of};
use crate::skew::{Seen, TOLERANCE_NANOS};

/// A span or a log entry, or the bar that is made of some.
#[derive(Clone, Copy, Debug)]
pub struct Piece {
    pub service: u32,
    pub is_span: bool,
    /// It says itself when it began: a span, or an entry that tells how long all took. Of other entries nobody knows whether the first was
    /// written then.
    pub tells_start: bool,
    pub side: Option<Side>,
    /// As [`hash_of_id`] gives them.
    pub span: u64,
    pub parent: u64,
    pub start: i64,
    pub end: i64,
}

/// Of a call, as the kind of a span says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Caller,
    Callee,
}

/// 0: there is none.
pub fn hash_of_id(id: Option<&str>) -> u64 {
    id.filter(|id| !id.is_empty()).map_or(0, |id| hash_of(canonical(id).as_bytes()))
}

pub fn side_of(parsed: &Parsed) -> Option<Side> {
    let kind = parsed.fields.iter().find(|field| field.name == "span.kind").map(|field| &field.value);
    let Some(Value::Text(kind)) = kind else { return None };
    match kind.as_str() {
        "client" | "producer" => Some(Side::Caller),
        "server" | "consumer" => Some(Side::Callee),
        _ => None,
    }
}

impl Piece {
    pub fn nanos(&self) -> i64 {
        self.end.saturating_sub(self.start)
    }

    /// As a clock would have it that is so much behind.
    pub fn move_by(&mut self, nanos: i64) {
        let length = self.nanos();
        self.start = self.start.saturating_add(nanos);
        self.end = self.start.saturating_add(length);
    }

    fn contains(&self, other: &Self) -> bool {
        self.start <= other.start && self.end >= other.end && self.nanos() > other.nanos()
    }
}

/// The bars: all spans in their order, then what is inferred of other entries; and the bar that each entry is in. `spans`: by their
/// beginning, longer ones first. `entries`: by their end.
pub fn bars(spans: &[Piece], entries: &[Piece]) -> (Vec<Piece>, Vec<usize>) {
    let mut bars = spans.to_vec();
    let mut of_span: QuickMap<(u64, u32), usize> = QuickMap::default();
    let mut running: BTreeMap<u32, Running> = BTreeMap::new();
    for (at, bar) in bars.iter().enumerate() {
        of_span.entry((bar.span, bar.service)).or_insert(at);
        running.entry(bar.service).or_default().to_begin.push_back(at);
    }
    let mut of_service: BTreeMap<u32, usize> = BTreeMap::new();
    let mut bar_of_entry = Vec::with_capacity(entries.len());
    for entry in entries {
        let known = if entry.span == 0 {
            let running = running.get_mut(&entry.service).and_then(|running| running.narrowest(&bars, entry.end));
            running.or_else(|| of_service.get(&entry.service).copied())
        } else {
            of_span.get(&(entry.span, entry.service)).copied()
        };
        let at = known.unwrap_or_else(|| {
            bars.push(*entry);
            bars.len() - 1
        });
        if entry.span == 0 {
            of_service.insert(entry.service, at);
        } else {
            of_span.insert((entry.span, entry.service), at);
        }
        let bar = &mut bars[at];
        // One that is inferred reaches as far as its entries do.
        if !bar.is_span {
            // A start that is written just before is the same.
            let is_earlier = entry.start < bar.start;
            let is_same = entry.start.saturating_sub(bar.start) <= TOLERANCE_NANOS;
            bar.tells_start =
                if is_earlier { entry.tells_start } else { bar.tells_start || is_same && entry.tells_start };
            (bar.start, bar.end) = (bar.start.min(entry.start), bar.end.max(entry.end));
            if bar.parent == 0 {
                bar.parent = entry.parent;
            }
        }
        bar_of_entry.push(at);
    }
    (bars, bar_of_entry)
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
    fn narrowest(&mut self, bars: &[Piece], time: i64) -> Option<usize> {
        while let Some(&at) = self.to_begin.front()
            && bars[at].start <= time
        {
            self.to_begin.pop_front();
            self.begun.insert((bars[at].nanos(), at));
        }
        while let Some(&(_, at)) = self.begun.first() {
            if bars[at].end >= time {
                return Some(at);
            }
            self.begun.pop_first();
        }
        None
    }
}

/// Bars that are looked at for those around others: of more, nothing is inferred. A tenth of a second natively.
const MOST_LOOKS: usize = 20_000_000;
/// Bars of one span id that are told apart: both sides of a call, and some that were made twice.
const MOST_OF_SPAN: usize = 16;

/// By parent ids; for what is inferred without one the narrowest of another service around it. `bars`: by their beginning, longer ones
/// first.
pub fn parents(bars: &[Piece]) -> Vec<Option<usize>> {
    let mut by_id: QuickMap<u64, Vec<usize>> = QuickMap::default();
    for (at, bar) in bars.iter().enumerate().filter(|(_, bar)| bar.span != 0) {
        let of_id = by_id.entry(bar.span).or_default();
        if of_id.len() < MOST_OF_SPAN {
            of_id.push(at);
        }
    }
    let of_id = |id: u64| by_id.get(&id).into_iter().flatten().copied();
    let n_inferred = bars.iter().filter(|bar| !bar.is_span).count();
    let are_few = n_inferred.saturating_mul(bars.len()) <= MOST_LOOKS;
    let mut parents: Vec<Option<usize>> = Vec::with_capacity(bars.len());
    for (at, bar) in bars.iter().enumerate() {
        // Both sides of a call may have one span: the side that called is of another service.
        let other_side = of_id(bar.span).filter(|&other| bars[other].service != bar.service).find(|&other| {
            // Where their kinds do not tell which it is, it began before.
            match (bars[other].side, bar.side) {
                (Some(caller), Some(callee)) if caller != callee => caller == Side::Caller,
                _ => other < at,
            }
        });
        // Where a span is of both sides, what the server calls is the server's.
        let callers = || of_id(bar.parent).filter(move |&caller| caller != at);
        let named = callers().find(|&caller| bars[caller].service == bar.service).or_else(|| callers().next());
        let around = || {
            let before = bars[..at].iter().enumerate().filter(|(_, other)| other.service != bar.service);
            before.filter(|(_, other)| other.contains(bar)).min_by_key(|(_, other)| other.nanos()).map(|(at, _)| at)
        };
        let parent = other_side.or(named).or_else(|| if bar.is_span || !are_few { None } else { around() });
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

/// How much later than they say the bars of each service are drawn, in nanoseconds ([`later`]). `bars`: as for [`parents`].
pub fn nanos_later(bars: &[Piece], parents: &[Option<usize>]) -> BTreeMap<u32, i64> {
    let placed = bars.iter().zip(parents).map(|(bar, &caller)| {
        let seen = Seen { start: bar.start, end: bar.end };
        // What lies around an entry is its caller because of its times: those tell nothing of clocks.
        let is_named = |caller: &Piece| caller.is_span || bar.parent != 0 && caller.span == bar.parent;
        let is_compared = caller.is_some_and(|at| bars[at].tells_start && is_named(&bars[at]));
        Placed { service: bar.service, seen, is_span: bar.is_span, caller, is_compared }
    });
    later(&placed.collect::<Vec<_>>())
}

/// From when to when a request lasts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    pub start: i64,
    pub end: i64,
    /// As in [`nanos_later`].
    pub later: Vec<(u32, i64)>,
}

/// As the bars of its waterfall do. `pieces`: spans and entries of it, in any order. `None`: there are none.
pub fn extent(pieces: impl Iterator<Item = Piece>) -> Option<Extent> {
    let (mut spans, mut entries): (Vec<Piece>, Vec<Piece>) = pieces.partition(|piece| piece.is_span);
    spans.sort_by_key(|piece| (piece.start, Reverse(piece.end)));
    entries.sort_by_key(|piece| (piece.end, piece.start));
    let (mut bars, _) = bars(&spans, &entries);
    bars.sort_by_key(|bar| (bar.start, Reverse(bar.nanos())));
    let later = nanos_later(&bars, &parents(&bars));
    for bar in &mut bars {
        bar.move_by(later.get(&bar.service).copied().unwrap_or_default());
    }
    let start = bars.iter().map(|bar| bar.start).min()?;
    let end = bars.iter().map(|bar| bar.end).max()?;
    Some(Extent { start, end, later: later.into_iter().collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_into_a_ring_of_parents_stays_below_it() {
        let mut parents = [Some(1), Some(2), Some(3), Some(1), None, Some(4), Some(6)];
        open_rings(&mut parents);
        assert_eq!(parents, [Some(1), None, Some(3), Some(1), None, Some(4), None]);
    }

    #[test]
    fn a_request_lasts_as_long_as_its_bars_where_those_are_drawn() {
        let piece = |service, is_span, (span, parent), (start, end): (i64, i64)| Piece {
            service,
            is_span,
            tells_start: is_span || end > start,
            side: None,
            span,
            parent,
            start: start * 1_000_000,
            end: end * 1_000_000,
        };
        let root = piece(1, true, (1, 0), (0, 100));
        // A clock that is 500 ms behind, and what is written in its span.
        let call = piece(2, true, (2, 1), (-480, -420));
        let entry = piece(2, false, (2, 1), (-430, -430));
        let found = extent([entry, call, root].into_iter()).unwrap();
        assert_eq!(found, Extent { start: 0, end: 100_000_000, later: vec![(2, 500_000_000)] });
        assert_eq!(
            extent([entry].into_iter()).map(|found| (found.start, found.end)),
            Some((-430_000_000, -430_000_000))
        );
        assert_eq!(extent(std::iter::empty()), None);
    }
}
