//! Whose clocks are apart, by the calls that entries of both sides tell of, and whose are too coarse, so that the order of entries
//! within a trace can be told all the same.

use std::collections::{BTreeMap, BTreeSet};

use model::time::NANOS_PER_SECOND;

use super::invocations::{Invocation, Moment};
use super::order::MOST_INVOCATIONS;
use crate::skew::{self, Entry, Seen, Skews};

/// Of more traces these are compared.
const MOST_TRACES: usize = 5_000;

pub struct Clocks {
    /// Of the targets, by their number.
    node_of_target: Vec<Option<u32>>,
    /// Whose stamps are whole seconds.
    coarse: BTreeSet<u32>,
    skews: Skews,
    n_traces: usize,
    /// What is to be added to the times of nodes, once all is compared.
    offsets: Option<BTreeMap<u32, i64>>,
}

impl Clocks {
    pub fn new(node_of_target: Vec<Option<u32>>, coarse: BTreeSet<u32>) -> Self {
        Self { node_of_target, coarse, skews: Skews::default(), n_traces: 0, offsets: None }
    }

    pub fn are_compared(&self) -> bool {
        self.offsets.is_some()
    }

    /// Traces that were compared or left out.
    pub fn n_traces(&self) -> usize {
        self.n_traces
    }

    /// `moments`: of one request, in their order.
    pub fn compare(&mut self, moments: &[Moment]) {
        let called = |moment: &Moment| {
            let target = moment.target.checked_sub(1)?;
            self.node_of_target[target as usize]
        };
        let entry = |moment: &Moment| Entry {
            service: moment.service,
            span: moment.span,
            parent: moment.parent,
            callee: called(moment).map_or(0, |node| node + 1),
            seen: Seen { start: moment.start, end: moment.end },
        };
        let entries: Vec<Entry> = moments.iter().filter(|moment| !moment.is_span).map(entry).collect();
        for call in skew::calls(&entries) {
            let is_coarse = self.coarse.contains(&call.pair.0) || self.coarse.contains(&call.pair.1);
            self.skews.compare(&call, is_coarse);
        }
    }

    /// All requests of a trace were compared or left out.
    pub fn end_trace(&mut self) {
        self.n_traces += 1;
        if self.n_traces == MOST_TRACES {
            self.finish();
        }
    }

    /// There are no more traces.
    pub fn finish(&mut self) {
        let wrong = self.skews.wrong().into_iter();
        self.offsets = Some(wrong.map(|wrong| (wrong.service, -wrong.ahead_nanos as i64)).collect());
    }

    /// As a clock would have it that agrees with the others.
    pub fn put_right(&self, invocations: &mut [Invocation]) {
        let Some(offsets) = self.offsets.as_ref().filter(|offsets| !offsets.is_empty()) else { return };
        for one in invocations.iter_mut() {
            let offset = offsets.get(&one.service).copied().unwrap_or_default();
            (one.first, one.last) = (one.first.saturating_add(offset), one.last.saturating_add(offset));
        }
        invocations.sort_by_key(Invocation::rank);
    }

    /// Whole seconds say when something began no better than that: what somebody is known to call begins after the last that this one
    /// wrote in that second. `entries`: of the trace. `is_called_by`: callee and caller. More invocations than have an order stay where
    /// they are.
    pub fn place_coarse(
        &self,
        invocations: &mut [Invocation],
        entries: &[Moment],
        is_called_by: impl Fn(u32, u32) -> bool,
    ) {
        let is_coarse = |node: u32| self.coarse.contains(&node);
        if invocations.len() > MOST_INVOCATIONS || !invocations.iter().any(|one| is_coarse(one.service)) {
            return;
        }
        let offset =
            |node: u32| self.offsets.as_ref().and_then(|offsets| offsets.get(&node)).copied().unwrap_or_default();
        let mut ends: BTreeMap<u32, Vec<i64>> = BTreeMap::new();
        for entry in entries.iter().filter(|entry| !is_coarse(entry.service)) {
            ends.entry(entry.service).or_default().push(entry.end.saturating_add(offset(entry.service)));
        }
        ends.values_mut().for_each(|ends| ends.sort_unstable());
        for one in invocations.iter_mut().filter(|one| is_coarse(one.service)) {
            let of_callers = ends.iter().filter(|(caller, _)| is_called_by(one.service, **caller));
            let in_second = one.first..one.first.saturating_add(NANOS_PER_SECOND);
            let last_of = |ends: &[i64]| ends[..ends.partition_point(|&end| end < in_second.end)].last().copied();
            let last = of_callers.filter_map(|(_, ends)| last_of(ends)).filter(|last| in_second.contains(last)).max();
            if let Some(last) = last {
                let by = last + 1 - one.first;
                (one.first, one.last) = (one.first + by, one.last + by);
            }
        }
        invocations.sort_by_key(Invocation::rank);
    }
}
