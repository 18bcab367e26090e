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

/// Where a file stands among those that continue each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The number of its chain.
    pub chain: usize,
    /// How many files of the chain are before it.
    pub place: usize,
}

/// Of the files of each process.
pub type Links = BTreeMap<(u64, SourceId), Link>;

/// From when to when each file has points of a process, and what its counters say.
#[derive(Default)]
pub struct Files {
    files: BTreeMap<(u64, SourceId), File>,
    n_series: u32,
}

struct File {
    first: Nanos,
    last: Nanos,
    /// Series and what it said at least and at most, while all is of one time.
    counters: Vec<(u32, f64, f64)>,
}

impl Files {
    /// Takes in a series with all of its points: file, time, and what had been counted by then; `None` where that may fall.
    pub fn add(&mut self, instance: u64, points: impl Iterator<Item = (SourceId, Nanos, Option<f64>)>) {
        let series = self.n_series;
        self.n_series += 1;
        for (source, time, counted) in points {
            let file =
                self.files.entry((instance, source)).or_insert(File { first: time, last: time, counters: Vec::new() });
            (file.first, file.last) = (file.first.min(time), file.last.max(time));
            if file.first < file.last {
                file.counters = Vec::new();
                continue;
            }
            let Some(counted) = counted else { continue };
            match file.counters.last_mut() {
                Some((last, least, most)) if *last == series => {
                    (*least, *most) = (least.min(counted), most.max(counted))
                }
                _ => file.counters.push((series, counted, counted)),
            }
        }
    }

    /// Files of one process continue each other where one begins after the other's end; at the same time they are of different processes.
    /// Points without a stamp have the time of their file, and what was unpacked together has one: those whose counters all stand as the
    /// other's or further continue it.
    pub fn chains(self) -> (Vec<Chain>, Links) {
        chains_of(self)
    }
}

impl File {
    fn sum(&self) -> f64 {
        self.counters.iter().map(|(_, least, _)| least).sum()
    }

    fn continues(&self, before: &Self) -> bool {
        before.last < self.first || before.first == self.last && before.last == self.first && self.counts_on(before)
    }

    /// Each counter of the other stands there or further, and one does further.
    fn counts_on(&self, before: &Self) -> bool {
        let mut has_grown = false;
        let mut own = self.counters.iter();
        for &(series, _, most) in &before.counters {
            // Both are in the order of series.
            let Some(&(_, least, _)) = own.by_ref().find(|(other, ..)| *other >= series).filter(|one| one.0 == series)
            else {
                return false;
            };
            if least < most {
                return false;
            }
            has_grown |= least > most;
        }
        has_grown
    }
}

fn chains_of(files: Files) -> (Vec<Chain>, Links) {
    let mut order: Vec<((u64, SourceId), File)> = files.files.into_iter().collect();
    // Whoever counts on has counted more.
    order.sort_by(|((a_of, a_source), a), ((b_of, b_source), b)| {
        let by_time = (a_of, a.first, a.last).cmp(&(b_of, b.first, b.last));
        by_time.then_with(|| a.sum().total_cmp(&b.sum())).then(a_source.cmp(b_source))
    });
    let mut chains: Vec<Chain> = Vec::new();
    // The last file of each chain, and how many it has.
    let mut ends: Vec<(usize, usize)> = Vec::new();
    let mut links = Links::new();
    for (at, ((instance, source), file)) in order.iter().enumerate() {
        let of_instance = chains.partition_point(|chain| chain.instance < *instance);
        let mut known = ends[of_instance..].iter();
        let continued = known.position(|&(end, _)| file.continues(&order[end].1)).map(|chain| of_instance + chain);
        let chain = continued.unwrap_or(chains.len());
        match continued {
            Some(chain) => {
                chains[chain].last = file.last;
                ends[chain] = (at, ends[chain].1 + 1);
            }
            None => {
                chains.push(Chain { instance: *instance, first: file.first, last: file.last });
                ends.push((at, 1));
            }
        }
        links.insert((*instance, *source), Link { chain, place: ends[chain].1 - 1 });
    }
    (chains, links)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Series of one process, each with what files say of it at times. Gives chain and place of each file.
    fn check(series: &[&[(u32, i64, f64)]], expected: &[(u32, usize, usize)]) {
        let mut files = Files::default();
        for points in series {
            files.add(7, points.iter().map(|&(file, time, counted)| (SourceId(file), Nanos(time), Some(counted))));
        }
        let (_, links) = files.chains();
        let found: Vec<_> = links.iter().map(|((_, source), link)| (source.0, link.chain, link.place)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn files_of_one_time_continue_each_other_where_every_counter_counts_on() {
        let (a, b) = ([(1, 0, 30.0), (2, 0, 10.0), (3, 0, 52.0)], [(1, 0, 5.0), (2, 0, 5.0), (3, 0, 7.0)]);
        check(&[&a, &b], &[(1, 0, 1), (2, 0, 0), (3, 0, 2)]);
        // One that stands behind in any is another process, and so is one that has not all of them.
        check(&[&a, &[(1, 0, 5.0), (2, 0, 6.0), (3, 0, 7.0)]], &[(1, 1, 0), (2, 0, 0), (3, 0, 1)]);
        check(&[&a, &[(2, 0, 1.0)]], &[(1, 1, 0), (2, 0, 0), (3, 1, 1)]);
        // Of two that say the same nobody knows.
        check(&[&[(1, 0, 5.0), (2, 0, 5.0)]], &[(1, 0, 0), (2, 1, 0)]);
        // They were scraped again and again at the same times.
        check(&[&[(1, 0, 5.0), (1, 9, 6.0), (2, 0, 7.0), (2, 9, 8.0)]], &[(1, 0, 0), (2, 1, 0)]);
    }
}
