//! Which files are scrapes of one process, one after the other.

use std::collections::BTreeMap;

use model::entry::SourceId;
use model::time::Nanos;

/// Files of one process that continue each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain {
    /// Who was scraped, as far as labels tell.
    pub instance: u64,
    pub first: Nanos,
    pub last: Nanos,
}

/// Files of one process continue each other where one begins after the other's end; at the same time they are of different processes.
///
/// `points`: who was scraped, in which file, and when. Gives the chains, and the number of the one that a file is part of.
pub fn chains(points: impl Iterator<Item = (u64, SourceId, Nanos)>) -> (Vec<Chain>, BTreeMap<(u64, SourceId), usize>) {
    let mut files: BTreeMap<(u64, SourceId), (Nanos, Nanos)> = BTreeMap::new();
    for (instance, source, time) in points {
        let (first, last) = files.entry((instance, source)).or_insert((time, time));
        (*first, *last) = ((*first).min(time), (*last).max(time));
    }
    let mut order: Vec<_> = files.into_iter().collect();
    order.sort_by_key(|&((instance, source), times)| (instance, times, source));
    let mut chains: Vec<Chain> = Vec::new();
    let mut chain_of: BTreeMap<(u64, SourceId), usize> = BTreeMap::new();
    for ((instance, source), (first, last)) in order {
        let of_instance = chains.partition_point(|chain| chain.instance < instance);
        let continued = chains[of_instance..].iter().position(|chain| chain.last < first).map(|at| of_instance + at);
        match continued {
            Some(chain) => chains[chain].last = last,
            None => chains.push(Chain { instance, first, last }),
        }
        chain_of.insert((instance, source), continued.unwrap_or(chains.len() - 1));
    }
    (chains, chain_of)
}
