//! What spans say of others that they go on with, mostly of other traces: who takes a message links to whoever published it.
//!
//! Kept by the trace that they lead to, so that both sides are looked at where that trace is. Memory is bounded: of more links than are
//! kept those to every second trace are, to every fourth, and so on, chosen by its id.

use model::entry::RowKey;

use super::sighting;
use crate::format::Parsed;
use crate::ids::canonical;
use crate::quick_hash::{QuickMap, hash_of};

/// Some 10 MB.
const MOST_LINKS: usize = 200_000;
/// What leads to a trace so often is something that runs on.
const MOST_OF_TRACE: usize = 50_000;

/// The span that has the link.
#[derive(Clone, Copy)]
pub struct Link {
    pub service: u32,
    /// What it takes messages from, as a moment has it; 0: nothing.
    pub target: u32,
    pub duration: Option<i64>,
    pub is_error: bool,
    pub key: RowKey,
}

#[derive(Default)]
pub struct Links {
    /// With the hash of the span that each leads to.
    by_trace: QuickMap<u64, Vec<(u64, Link)>>,
    n_links: usize,
    level: u32,
}

impl Links {
    /// Takes in the links of a span, if it may be called by whom they lead to: what leaves its service is called by nobody.
    pub fn take(&mut self, kind: &str, parsed: &Parsed, link: Link) {
        if matches!(kind, "client" | "producer") {
            return;
        }
        for (trace, span) in sighting::links_of(parsed) {
            let [trace, span] = [trace, span].map(|id| hash_of(canonical(&id).as_bytes()));
            if trace.trailing_zeros() < self.level {
                continue;
            }
            let links = self.by_trace.entry(trace).or_default();
            if links.len() < MOST_OF_TRACE {
                links.push((span.max(1), link));
                self.n_links += 1;
            }
        }
        while self.n_links > MOST_LINKS && self.level < 32 {
            self.level += 1;
            let level = self.level;
            self.by_trace.retain(|trace, _| trace.trailing_zeros() >= level);
            self.n_links = self.by_trace.values().map(Vec::len).sum();
        }
    }

    /// Those that lead to a trace, with the hash of the span of each.
    pub fn to(&self, trace: u64) -> &[(u64, Link)] {
        self.by_trace.get(&trace).map(Vec::as_slice).unwrap_or_default()
    }
}
