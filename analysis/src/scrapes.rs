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

/// The number of the chain that a file of a process is part of.
pub type ChainOf = BTreeMap<(u64, SourceId), usize>;

/// From when to when each file has points of a process.
#[derive(Default)]
pub struct Files(BTreeMap<(u64, SourceId), (Nanos, Nanos)>);

impl Files {
    pub fn add(&mut self, instance: u64, source: SourceId, time: Nanos) {
        let (first, last) = self.0.entry((instance, source)).or_insert((time, time));
        (*first, *last) = ((*first).min(time), (*last).max(time));
    }

    /// Files of one process continue each other where one begins after the other's end; at the same time they are of different processes.
    pub fn chains(self) -> (Vec<Chain>, ChainOf) {
        chains_of(self)
    }
}

fn chains_of(files: Files) -> (Vec<Chain>, ChainOf) {
    let mut order: Vec<_> = files.0.into_iter().collect();
    order.sort_by_key(|&((instance, source), times)| (instance, times, source));
    let mut chains: Vec<Chain> = Vec::new();
    let mut chain_of = ChainOf::new();
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
