//! Drift 4: the context is lost where work is handed over: to a queue, a thread, a timer.
//!
//! From spans: work of a service that begins after its own parent ended, and has no link. From logs: a service that takes messages from a queue and
//! then writes of the same thing without an id. One service has one clock, so that neither is a matter of clocks.

use std::collections::BTreeMap;

use model::drift::{Drift, DriftKind};

use super::lost_id::Joined;
use super::moment::{Kind, Moment};
use super::side::Examples;
use super::{Gatherer, Known, percent, side};

const LEAST: u64 = 10;
/// Of entries of one kind, so many must be of a known request.
const LEAST_JOINED: f64 = 0.3;
/// Parents that end a moment before their children begin are rounded.
const TOLERANCE_NANOS: i64 = 2_000_000;

/// Messages of consumers that never have an id, though what they name came with one.
/// `joined`: as [`joined`](super::lost_id::joined) gives it.
pub fn find(gatherer: &Gatherer, known: &Known, joined: &BTreeMap<u64, Joined>) -> Vec<Drift> {
    let mut sums: BTreeMap<u32, (u64, u64, Examples, Examples)> = BTreeMap::new();
    let mut reads = vec![false; known.names.len()];
    for (at, service) in gatherer.services.iter().enumerate() {
        reads[known.group_of[at] as usize] |= service.reads_topics;
    }
    for (kind, joined) in joined {
        let Some(message) = gatherer.kinds.map.get(kind) else { continue };
        let group = known.group_of[message.service as usize];
        // Of the values some are left out where there are many.
        let n_seen = message.n_without as f64 / gatherer.values.one_of() as f64;
        let is_of_requests = joined.n_same_service >= LEAST && joined.n_same_service as f64 >= LEAST_JOINED * n_seen;
        if message.n_with == 0 && reads[group as usize] && is_of_requests {
            let sum = sums.entry(group).or_default();
            sum.0 += message.n_without;
            joined.without.keys().iter().for_each(|&key| sum.2.show(key));
            joined.with.keys().iter().for_each(|&key| sum.3.show(key));
        }
    }
    sums.into_iter()
        .map(|(group, (n, _, without, with))| {
            let name = known.name(group);
            let of = known.n_entries[group as usize];
            Drift {
                services: vec![name.to_owned()],
                what: format!("{name} takes messages with an id, and goes on to write of the same things without it."),
                fix: format!("Keep the context of the message while {name} works on it: pass it to its threads, timers and callbacks."),
                n,
                of: of.max(n),
                sides: vec![
                    side(format!("{name}, after the hand-over"), &without),
                    side("with the id".to_owned(), &with),
                ],
                ..Drift::of(DriftKind::LostContext)
            }
        })
        .collect()
}

/// Spans that begin after their parent ended, by service.
#[derive(Default)]
pub struct Late {
    of_service: BTreeMap<u32, LateSpans>,
}

#[derive(Default)]
struct LateSpans {
    n_children: u64,
    n: u64,
    late: Examples,
    parents: Examples,
}

impl Late {
    pub fn request(&mut self, moments: &[Moment]) {
        let spans = || moments.iter().filter(|moment| moment.kind != Kind::Log);
        let by_id: BTreeMap<u64, &Moment> =
            spans().filter(|span| span.span != 0).map(|span| (span.span, span)).collect();
        for span in spans() {
            let Some(parent) = by_id.get(&span.parent).filter(|parent| parent.service == span.service) else {
                continue;
            };
            // What is published is meant to be read later, and a link says what a span goes on with.
            if span.kind == Kind::Consumer || parent.kind == Kind::Producer || span.is_linked {
                continue;
            }
            let sum = self.of_service.entry(span.service).or_default();
            sum.n_children += 1;
            if span.start > parent.end + TOLERANCE_NANOS {
                sum.n += 1;
                sum.late.show(span.key());
                sum.parents.show(parent.key());
            }
        }
    }

    pub fn find(&self, known: &Known) -> Vec<Drift> {
        self.of_service
            .iter()
            .filter(|(_, sum)| sum.n >= LEAST)
            .map(|(&service, sum)| {
                let name = known.name(service);
                Drift {
                    services: vec![name.to_owned()],
                    what: format!(
                        "{} of the work inside {name} begins after the span that started it ended.",
                        percent(sum.n, sum.n_children)
                    ),
                    fix: format!(
                        "End the span in {name} when its work is done, or give the work a span of its own with a link."
                    ),
                    n: sum.n,
                    of: sum.n_children,
                    sides: vec![
                        side(format!("{name}, begun too late"), &sum.late),
                        side("the span that had ended".to_owned(), &sum.parents),
                    ],
                    ..Drift::of(DriftKind::LostContext)
                }
            })
            .collect()
    }
}
