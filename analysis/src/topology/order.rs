//! Who calls whom, from the order of entries within traces alone.
//!
//! A call lies within its caller: all that a service writes for it is between the caller's first entry and the last. Of all
//! that lie around an invocation the narrowest is the caller, so that `a → c` is not said where it is `a → b → c`. What lies in
//! none follows one that ended (a queue, a caller that wrote nothing more): which one, the many traces tell together. The
//! operation that always has such a call behind it and explains most of them goes first, and each of its invocations
//! explains one call.

use std::collections::{BTreeMap, BTreeSet};

use model::topology::Method;

use super::invocations::Invocation;
use super::tally::Tally;
use crate::quick_hash::QuickMap;

/// More invocations in a trace are no request, but something that runs on.
pub(super) const MOST_INVOCATIONS: usize = 2000;
/// Of the invocations that ended before, the last ones may be the caller.
const MOST_CANDIDATES: usize = 12;
/// A caller that wrote again since the candidate ended has its answer: it is less likely to have called later,
const RETURNED_WEIGHT: f64 = 0.8;
/// and still less where others have ended since.
const PASSED_WEIGHT: f64 = 0.5;
/// Within is better than after, if only a little where the one around is itself beside the request.
const AROUND_WEIGHT: f64 = 1.2;
/// Rarer ones among a service's calls, in both directions, are there by chance.
const LEAST_SHARE_OF_CALLEE: f64 = 0.02;
const LEAST_SHARE_OF_CALLER: f64 = 0.1;
/// A caller must explain so many of the calls that no other has explained,
const LEAST_SHARE_EXPLAINED: f64 = 0.1;
/// and more than one where there are more traces than these.
const FEW_TRACES: u64 = 10;

/// A service and the kind of its invocation.
type Operation = (u32, u64);

#[derive(Default)]
pub struct Order {
    within: BTreeMap<(u32, u32), Tally>,
    /// Within one that lies beside its request: certain only if the callee is found so everywhere.
    beside: Vec<Unexplained>,
    unexplained: Vec<Unexplained>,
    n_of_operation: QuickMap<Operation, u64>,
    n_invocations: BTreeMap<u32, u64>,
    /// Those of them of which the caller is asked for.
    n_asked: BTreeMap<u32, u64>,
    n_numbered: u64,
    n_traces: u64,
}

struct Unexplained {
    callee: Invocation,
    candidates: Vec<Candidate>,
}

#[derive(Clone, Copy)]
struct Candidate {
    caller: Invocation,
    /// Of all invocations.
    number: u64,
    weight: f64,
}

impl Order {
    /// Takes in the invocations of a trace, by their beginning. `is_asked`: of which services it is not known who calls them. Cost:
    /// quadratic.
    pub fn take_trace(&mut self, invocations: &[Invocation], is_asked: impl Fn(u32) -> bool) {
        if invocations.len() > MOST_INVOCATIONS {
            return;
        }
        self.n_traces += 1;
        let first_number = self.n_numbered;
        self.n_numbered += invocations.len() as u64;
        let around: Vec<Option<usize>> =
            invocations.iter().map(|callee| narrowest_around(callee, invocations)).collect();
        for (at, callee) in invocations.iter().enumerate() {
            *self.n_of_operation.entry((callee.service, callee.operation)).or_default() += 1;
            *self.n_invocations.entry(callee.service).or_default() += 1;
            if !is_asked(callee.service) {
                continue;
            }
            *self.n_asked.entry(callee.service).or_default() += 1;
            let is_beside = |at: usize| at > 0 && around[at].is_none();
            match around[at] {
                Some(caller) if !is_beside(caller) => {
                    count(
                        self.within.entry((invocations[caller].service, callee.service)).or_default(),
                        &invocations[caller],
                        callee,
                    );
                }
                None if goes_on(at, invocations) => {}
                around_it => {
                    let mut candidates = ended_before(at, invocations, &around, first_number);
                    candidates.extend(around_it.map(|caller| Candidate {
                        caller: invocations[caller],
                        number: first_number + caller as u64,
                        weight: AROUND_WEIGHT,
                    }));
                    let unexplained = Unexplained { callee: *callee, candidates };
                    match around_it {
                        Some(_) => self.beside.push(unexplained),
                        None if !unexplained.candidates.is_empty() => self.unexplained.push(unexplained),
                        None => {}
                    }
                }
            }
        }
    }

    /// The edges, with how certain each is. `is_known`: edges that were found otherwise, which need no guess in the other
    /// direction.
    pub fn finish(mut self, is_known: impl Fn(u32, u32) -> bool) -> BTreeMap<(u32, u32), (Method, f64, Tally)> {
        self.settle_those_beside();
        self.drop_chance();
        let mut found = BTreeMap::new();
        for (&(from, to), tally) in &self.within {
            // One in the other's middle by chance is as often the other way round.
            let back = self.within.get(&(to, from)).map_or(0, |tally| tally.calls);
            if tally.calls < back || is_known(to, from) && !is_known(from, to) {
                continue;
            }
            let share = tally.calls as f64 / self.n_asked[&to] as f64;
            let certainty = 0.5 + 0.4 * share.min(1.0).sqrt() * (1.0 - 0.5 / tally.calls as f64);
            found.insert((from, to), (Method::Within, certainty, tally.clone()));
        }
        for ((from, to), (share, tally)) in self.explain() {
            let is_contradicted =
                is_known(to, from) || found.get(&(to, from)).is_some_and(|(.., other)| other.calls > tally.calls);
            if from == to || is_contradicted {
                continue;
            }
            let certainty = 0.2 + 0.3 * share * (1.0 - 0.5 / tally.calls as f64);
            found.entry((from, to)).or_insert((Method::After, certainty, tally));
        }
        found
    }

    /// Where a service is called without anything around it too, lying in the middle of something else may be chance.
    fn settle_those_beside(&mut self) {
        let mut n_after: BTreeMap<u32, usize> = BTreeMap::new();
        self.unexplained.iter().for_each(|one| *n_after.entry(one.callee.service).or_default() += 1);
        let mut n_beside: BTreeMap<u32, usize> = BTreeMap::new();
        self.beside.iter().for_each(|one| *n_beside.entry(one.callee.service).or_default() += 1);
        for one in std::mem::take(&mut self.beside) {
            let service = one.callee.service;
            let is_doubtful = n_after.get(&service).is_some_and(|&n| n * 4 >= n_beside[&service]);
            match one.candidates.last() {
                Some(around) if !is_doubtful => {
                    count(
                        self.within.entry((around.caller.service, service)).or_default(),
                        &around.caller,
                        &one.callee,
                    );
                }
                _ => self.unexplained.push(one),
            }
        }
    }

    fn drop_chance(&mut self) {
        let Self { n_invocations, n_asked, within, .. } = self;
        within.retain(|(from, to), tally| {
            tally.calls as f64 >= LEAST_SHARE_OF_CALLEE * n_asked[to] as f64
                || tally.calls as f64 >= LEAST_SHARE_OF_CALLER * n_invocations[from] as f64
        });
    }

    /// For each callee the callers that explain its calls, with the share that each explains.
    fn explain(&self) -> BTreeMap<(u32, u32), (f64, Tally)> {
        let mut by_callee: BTreeMap<u32, Vec<&Unexplained>> = BTreeMap::new();
        self.unexplained.iter().for_each(|one| by_callee.entry(one.callee.service).or_default().push(one));
        let mut explained = BTreeMap::new();
        for (callee, mut left) in by_callee {
            let n_all = left.len() as f64;
            left.sort_by_key(|one| one.callee.first_key);
            let how_often = self.how_often_followed(&left);
            let mut chosen = BTreeSet::new();
            while let Some(caller) = best_caller(&left, &how_often, &chosen) {
                let tally = take_explained(&mut left, caller);
                let share = tally.calls as f64 / n_all;
                chosen.insert(caller);
                let is_rare = (tally.calls as f64) < LEAST_SHARE_OF_CALLEE * self.n_asked[&callee] as f64;
                let is_single = tally.calls == 1 && self.n_traces > FEW_TRACES;
                if share < LEAST_SHARE_EXPLAINED || is_rare || is_single {
                    break;
                }
                explained.insert((caller, callee), (share, tally));
                // What is left over, further tries and the like, are of those that were found.
                left.retain(|one| {
                    !one.candidates.iter().any(|candidate| chosen.contains(&candidate.caller.service))
                        || has_other(one, &chosen)
                });
            }
        }
        explained
    }

    /// In which share of its invocations an operation has such a call behind it.
    fn how_often_followed(&self, calls: &[&Unexplained]) -> QuickMap<Operation, f64> {
        let mut followed: QuickMap<Operation, BTreeSet<u64>> = QuickMap::default();
        for candidate in calls.iter().flat_map(|one| &one.candidates) {
            followed
                .entry((candidate.caller.service, candidate.caller.operation))
                .or_default()
                .insert(candidate.number);
        }
        let share = |(operation, numbers): (Operation, BTreeSet<u64>)| {
            (operation, numbers.len() as f64 / self.n_of_operation[&operation] as f64)
        };
        followed.into_iter().map(share).collect()
    }
}

fn has_other(one: &Unexplained, chosen: &BTreeSet<u32>) -> bool {
    one.candidates.iter().any(|candidate| !chosen.contains(&candidate.caller.service) && candidate.weight >= 1.0)
}

fn count(tally: &mut Tally, caller: &Invocation, callee: &Invocation) {
    tally.add(callee.is_error, callee.duration(), [caller.first_key, callee.first_key]);
}

/// A service that did something before in the same trace, and does something else now, goes on with it under another span.
fn goes_on(at: usize, invocations: &[Invocation]) -> bool {
    let callee = &invocations[at];
    let earlier = invocations[..at].iter().find(|one| one.service == callee.service);
    earlier.is_some_and(|one| one.operation != callee.operation)
}

fn narrowest_around(callee: &Invocation, invocations: &[Invocation]) -> Option<usize> {
    let begun = invocations.iter().take_while(|one| one.first <= callee.first).enumerate();
    begun
        .filter(|(_, one)| one.service != callee.service && one.contains(callee))
        .min_by_key(|(at, one)| (one.width(), usize::MAX - at))
        .map(|(at, _)| at)
}

/// The last that began before and do not lie around it: they have ended, or run beside it.
fn ended_before(at: usize, invocations: &[Invocation], around: &[Option<usize>], first_number: u64) -> Vec<Candidate> {
    let callee = &invocations[at];
    let mut found: Vec<Candidate> = invocations[..at]
        .iter()
        .enumerate()
        .filter(|(_, one)| one.service != callee.service && one.first < callee.first && !one.contains(callee))
        .map(|(number, one)| {
            let has_returned = around[number].is_some_and(|caller| {
                let caller = &invocations[caller];
                caller.last < callee.first || caller.contains(callee)
            });
            let weight = if has_returned { RETURNED_WEIGHT } else { 1.0 };
            Candidate { caller: *one, number: first_number + number as u64, weight }
        })
        .collect();
    found.sort_by_key(|candidate| std::cmp::Reverse((candidate.caller.last, candidate.number)));
    let returned = found.iter_mut().filter(|candidate| candidate.weight < 1.0);
    returned.skip(1).for_each(|candidate| candidate.weight = PASSED_WEIGHT);
    found.truncate(MOST_CANDIDATES);
    found
}

/// The service that explains most of the calls: those it may have made, counted by how sure its operations are of one.
fn best_caller(calls: &[&Unexplained], how_often: &QuickMap<Operation, f64>, chosen: &BTreeSet<u32>) -> Option<u32> {
    let mut scores: BTreeMap<u32, f64> = BTreeMap::new();
    for one in calls {
        let mut best: BTreeMap<u32, f64> = BTreeMap::new();
        for candidate in &one.candidates {
            let operation = (candidate.caller.service, candidate.caller.operation);
            let score = candidate.weight * how_often[&operation];
            let at = best.entry(candidate.caller.service).or_default();
            *at = at.max(score);
        }
        best.into_iter().for_each(|(service, score)| *scores.entry(service).or_default() += score);
    }
    let left = scores.into_iter().filter(|(service, _)| !chosen.contains(service));
    left.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0))).map(|(service, _)| service)
}

/// Takes out the calls that the caller explains: one for each of its invocations, the next after it.
fn take_explained(calls: &mut Vec<&Unexplained>, caller: u32) -> Tally {
    let mut tally = Tally::default();
    let mut used = BTreeSet::new();
    calls.retain(|one| {
        let of_caller = one.candidates.iter().filter(|candidate| candidate.caller.service == caller);
        let Some(candidate) = of_caller
            .min_by_key(|candidate| (used.contains(&candidate.number), std::cmp::Reverse(candidate.caller.last)))
        else {
            return true;
        };
        if !used.insert(candidate.number) {
            return true;
        }
        count(&mut tally, &candidate.caller, &one.callee);
        false
    });
    tally
}
