//! Ids of requests and jobs that are given again: the name of a job that runs each night, a counter that begins anew.
//!
//! Ids at random are of one request, however long that takes. Any other that a service writes again after a long silence is of another one.
//! What another service writes of it within a day is of the same: it may have waited in a queue, or a clock may be in another zone.

use std::collections::BTreeSet;

use model::time::NANOS_PER_SECOND;

use super::headers::is_hex;
use super::makes::make_of;

/// Of a request something is written more often than this: half an hour, in nanoseconds.
///
/// By that much visits of a site are told apart since Catledge & Pitkow (1995) measured 25.5 minutes between those of one user. It also
/// lies between the runs of a job that runs each hour or less often. Those of one that runs each five or fifteen minutes under one id are
/// one request, of days: nothing but silence tells where one ends.
pub const SILENCE: i64 = 30 * 60 * NANOS_PER_SECOND;

/// What waits for longer is not waited for: a day, in nanoseconds.
const LONGEST_WAIT: i64 = 24 * 60 * 60 * NANOS_PER_SECOND;

/// Whether what begins then may be of a request of which nothing is written any more since `end`, if other services write it.
pub fn may_go_on(end: i64, start: i64) -> bool {
    start.saturating_sub(end) <= LONGEST_WAIT
}

/// Whether an id may be given again: no part of it is a number of 48 bits or more at random in hexadecimal, a UUID, or another id at random
/// (ULID, KSUID, nanoid), and it has not its time in it. `id`: in plain spelling ([`canonical`](super::canonical)).
pub fn may_recur(id: &str) -> bool {
    if matches!(id.len(), 16 | 32) && is_hex(id) {
        return false;
    }
    let parts: Vec<&str> = id.split(['-', '_', '.', ':']).collect();
    let of_uuid: [usize; 5] = [8, 4, 4, 4, 12];
    let is_uuid =
        |parts: &[&str]| parts.iter().map(|part| part.len()).eq(of_uuid) && parts.iter().all(|part| is_hex(part));
    !parts.iter().any(|part| is_at_random(part)) && !parts.windows(5).any(is_uuid) && make_of(id).is_none()
}

/// Whether nobody would call anything so, and nobody comes to it by counting.
fn is_at_random(part: &str) -> bool {
    /// 48 bits at random, and some 96 of other alphabets.
    const LEAST_OF_HEX: usize = 12;
    const LEAST_OF_OTHERS: usize = 20;
    /// Letters and digits take turns more often than in a name with a number or a date: `feed20261120`, `nightlycustomerexport7`.
    const LEAST_TURNS_OF_HEX: usize = 2;
    const LEAST_TURNS_OF_OTHERS: usize = 3;
    let turns = part.as_bytes().windows(2).filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit());
    let n_turns = turns.count();
    let is_of_others = part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    part.len() >= LEAST_OF_HEX && n_turns >= LEAST_TURNS_OF_HEX && is_hex(part)
        || part.len() >= LEAST_OF_OTHERS && n_turns >= LEAST_TURNS_OF_OTHERS && is_of_others
}

/// From when to when the requests last that an id was given to, in order. `extents`: beginning and end of what has the id, and of which
/// service it is, in any order.
pub fn stretches(extents: impl Iterator<Item = (i64, i64, u32)>) -> Vec<(i64, i64)> {
    let mut extents: Vec<(i64, i64, u32)> = extents.collect();
    extents.sort_unstable();
    let mut between_silences: Vec<(i64, i64, BTreeSet<u32>)> = Vec::new();
    for (start, end, service) in extents {
        match between_silences.last_mut() {
            Some(last) if start <= last.1.saturating_add(SILENCE) => {
                last.1 = last.1.max(end);
                last.2.insert(service);
            }
            _ => between_silences.push((start, end, BTreeSet::from([service]))),
        }
    }
    let mut found: Vec<(i64, i64, BTreeSet<u32>)> = Vec::new();
    for (start, end, services) in between_silences {
        match found.last_mut() {
            Some(last) if may_go_on(last.1, start) && last.2.is_disjoint(&services) => {
                last.1 = end;
                last.2.extend(services);
            }
            _ => found.push((start, end, services)),
        }
    }
    found.into_iter().map(|(start, end, _)| (start, end)).collect()
}

/// What has one id, each request that it was given to by itself, in the order of time. `extent`: as for [`stretches`].
pub fn parted<T: Copy>(all: &[T], extent: impl Fn(&T) -> (i64, i64, u32)) -> Vec<Vec<T>> {
    let times = stretches(all.iter().map(&extent));
    let mut parted: Vec<Vec<T>> = vec![Vec::new(); times.len()];
    for one in all {
        let (start, ..) = extent(one);
        let at = times.partition_point(|&(begin, _)| begin <= start);
        parted[at - 1].push(*one);
    }
    parted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_counts_come_back_and_ids_at_random_do_not() {
        for id in [
            "nightly-report-7",
            "nightly-20261120",
            "100042",
            "req-88fd41",
            "7f3a9b21",
            "1795161600",
            "batch_2",
            "nightlycustomerexport7",
            "feed20261120",
            "backup-1795161600000",
        ] {
            assert!(may_recur(id), "{id}");
        }
        for id in [
            "4bf92f3577b34da6a3ce929d0e0e4736",
            "f067aa0ba902b7",
            "7f3a9b21-c4d5-4e6f-8a01-22b3c4d5e6f7",
            "01arz3ndektsv4rrffq69g5fav",
            "65a1f0c2d4b3e7f8a9b0c1d2",
            "12.45.15050712345670001",
            "req-7f3a9b21-c4d5-4e6f-8a01-22b3c4d5e6f7",
            "order-saga-7f3a9b21-c4d5-4e6f-8a01-223344556677",
            "req_4bf92f3577b34da6a3ce929d0e0e4736",
            "saga:01arz3ndektsv4rrffq69g5fav",
        ] {
            assert!(!may_recur(id), "{id}");
        }
    }

    #[test]
    fn a_stretch_ends_where_nothing_is_written_for_long_before_its_service_writes_again() {
        let extents = [(3 * SILENCE, 3 * SILENCE + 1, 1), (0, 5, 1), (SILENCE + 5, SILENCE + 6, 1), (1, 2, 1)];
        assert_eq!(stretches(extents.into_iter()), [(0, SILENCE + 6), (3 * SILENCE, 3 * SILENCE + 1)]);
        assert_eq!(stretches(std::iter::empty()), []);
        // Each night the second service an hour behind, by its clock or in fact.
        let nights = [0, 48, 96]
            .map(|night| [(night * SILENCE, night * SILENCE, 1), ((night + 2) * SILENCE, (night + 2) * SILENCE, 2)]);
        let expected = [0, 48, 96].map(|night| (night * SILENCE, (night + 2) * SILENCE));
        assert_eq!(stretches(nights.into_iter().flatten()), expected);
        // Nothing waits for two days.
        let apart = [(0, 1, 1), (2 * LONGEST_WAIT, 2 * LONGEST_WAIT, 2)];
        assert_eq!(stretches(apart.into_iter()), apart.map(|(start, end, _)| (start, end)));
    }
}
