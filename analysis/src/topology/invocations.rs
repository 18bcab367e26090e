//! From the moments of one trace to invocations: what a service did for one call, from its first entry to its last.

use std::borrow::Cow;

use model::entry::{RowKey, SourceId};
use model::time::{NANOS_PER_SECOND, Nanos};

use crate::ids::parted;
use crate::quick_hash::QuickMap;

/// An entry of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// An entry that tells how long something took began so much before it was written; a span begins at its time.
    pub start: i64,
    pub end: i64,
    pub source: u32,
    pub entry: u64,
    /// Hashes; 0: it names none.
    pub span: u64,
    pub parent: u64,
    pub operation: u64,
    pub service: u32,
    /// Among the targets; 0: it names none.
    pub target: u32,
    pub is_span: bool,
    pub is_error: bool,
    pub tells_duration: bool,
    /// Its id may be given to another request later.
    pub may_recur: bool,
}

impl Moment {
    pub fn key(&self) -> RowKey {
        let time = Nanos(if self.is_span { self.start } else { self.end });
        RowKey { time, source: SourceId(self.source), entry: self.entry }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invocation {
    pub service: u32,
    pub span: u64,
    pub parent: u64,
    pub first: i64,
    pub last: i64,
    /// Of its first entry.
    pub operation: u64,
    pub is_error: bool,
    pub n_moments: u32,
    pub first_key: RowKey,
    pub last_key: RowKey,
    duration: Option<i64>,
}

impl Invocation {
    fn of(moment: &Moment) -> Self {
        let key = moment.key();
        Self {
            service: moment.service,
            span: moment.span,
            parent: moment.parent,
            first: moment.start,
            last: moment.end,
            operation: moment.operation,
            is_error: moment.is_error,
            n_moments: 1,
            first_key: key,
            last_key: key,
            duration: moment.tells_duration.then_some(moment.end - moment.start),
        }
    }

    fn take(&mut self, moment: &Moment) {
        self.first = self.first.min(moment.start);
        if moment.end >= self.last {
            self.last = moment.end;
            self.last_key = moment.key();
        }
        self.is_error |= moment.is_error;
        self.n_moments += 1;
        self.parent = if self.parent == 0 { moment.parent } else { self.parent };
        if moment.tells_duration {
            // The longest is that of all of it.
            self.duration = self.duration.max(Some(moment.end - moment.start));
        }
    }

    /// By their beginning, the longer first.
    pub fn rank(&self) -> (i64, i64, RowKey) {
        (self.first, -self.last, self.first_key)
    }

    /// As it says itself, else from its first entry to its last; what lies between whole seconds may have taken any time.
    pub fn duration(&self) -> Option<i64> {
        let is_whole = |key: RowKey| key.time.0.rem_euclid(NANOS_PER_SECOND) == 0;
        let is_known = self.last > self.first && !(is_whole(self.first_key) && is_whole(self.last_key));
        self.duration.or(is_known.then_some(self.last - self.first))
    }

    pub fn contains(&self, other: &Self) -> bool {
        self.first <= other.first && self.last >= other.last && self.width() > other.width()
    }

    pub fn width(&self) -> i64 {
        self.last - self.first
    }
}

/// What has one id, each request that it was given to by itself. `node_of`: of a service.
pub fn by_request(moments: Cow<'_, [Moment]>, node_of: impl Fn(u32) -> u32) -> Vec<Cow<'_, [Moment]>> {
    if !moments.iter().any(|moment| moment.may_recur) {
        return vec![moments];
    }
    let parted = parted(&moments, |moment| (moment.start, moment.end, node_of(moment.service)));
    parted.into_iter().map(Cow::Owned).collect()
}

/// The invocations of one trace, by their beginning, the longer first. `moments`: in their order; those that are no spans, or all.
///
/// Entries of one service that name a span are one invocation for each. Those that name none belong to the one around or
/// nearest to them; where there is none, the line that begins the first invocation begins the next when it comes again.
pub fn invocations(moments: &[Moment]) -> Vec<Invocation> {
    let mut found: Vec<Invocation> = Vec::new();
    let mut by_span: QuickMap<(u32, u64), usize> = QuickMap::default();
    for moment in moments.iter().filter(|moment| moment.span != 0) {
        match by_span.get(&(moment.service, moment.span)) {
            Some(&at) => found[at].take(moment),
            None => {
                by_span.insert((moment.service, moment.span), found.len());
                found.push(Invocation::of(moment));
            }
        }
    }
    let n_with_span = found.len();
    let mut open: QuickMap<u32, usize> = QuickMap::default();
    for moment in moments.iter().filter(|moment| moment.span == 0) {
        let with_span = found[..n_with_span].iter_mut().filter(|invocation| invocation.service == moment.service);
        let distance =
            |invocation: &&mut Invocation| (invocation.first - moment.end).max(moment.start - invocation.last).max(0);
        if let Some(nearest) = with_span.min_by_key(distance) {
            nearest.take(moment);
            continue;
        }
        match open.get(&moment.service) {
            Some(&at) if found[at].operation != moment.operation => found[at].take(moment),
            _ => {
                open.insert(moment.service, found.len());
                found.push(Invocation::of(moment));
            }
        }
    }
    found.sort_by_key(Invocation::rank);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(service: u32, at: i64, span: u64, operation: u64) -> Moment {
        Moment {
            start: at,
            end: at,
            source: service,
            entry: at as u64,
            span,
            parent: 0,
            operation,
            service,
            target: 0,
            is_span: false,
            is_error: false,
            tells_duration: false,
            may_recur: false,
        }
    }

    fn check(moments: &[Moment], expected: &[(u32, i64, i64)]) {
        let found = invocations(moments);
        let found: Vec<_> = found.iter().map(|one| (one.service, one.first, one.last)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn each_span_is_an_invocation_and_entries_without_one_join_the_nearest() {
        let moments =
            [moment(1, 10, 7, 1), moment(1, 20, 7, 2), moment(1, 24, 0, 3), moment(1, 30, 8, 1), moment(1, 40, 8, 2)];
        check(&moments, &[(1, 10, 24), (1, 30, 40)]);
    }

    #[test]
    fn without_spans_the_line_that_begins_an_invocation_begins_the_next() {
        let moments = [moment(1, 10, 0, 1), moment(1, 20, 0, 2), moment(1, 30, 0, 1), moment(1, 40, 0, 2)];
        check(&moments, &[(1, 10, 20), (1, 30, 40)]);
    }

    #[test]
    fn a_job_that_comes_back_the_next_night_is_another_one() {
        const NIGHT: i64 = 24 * 3_600_000_000_000;
        let run = |at: i64| [moment(1, at, 0, 1), moment(2, at + 9, 0, 1)];
        let parts = |may_recur: bool| {
            let moments: Vec<Moment> = [run(NIGHT), run(0), run(2 * NIGHT)].concat();
            let moments: Vec<Moment> = moments.into_iter().map(|one| Moment { may_recur, ..one }).collect();
            let parted = by_request(Cow::Owned(moments), |service| service);
            parted.iter().map(|part| (part[0].start, part.len())).collect::<Vec<_>>()
        };
        assert_eq!(parts(true), [(0, 2), (NIGHT, 2), (2 * NIGHT, 2)]);
        assert_eq!(parts(false), [(NIGHT, 6)]);
    }

    #[test]
    fn whole_seconds_do_not_say_how_long_something_took() {
        let took = |first: i64, last: i64| invocations(&[moment(1, first, 7, 1), moment(1, last, 7, 2)])[0].duration();
        assert_eq!(took(2 * NANOS_PER_SECOND, 3 * NANOS_PER_SECOND), None);
        assert_eq!(took(2 * NANOS_PER_SECOND, 3 * NANOS_PER_SECOND + 1), Some(NANOS_PER_SECOND + 1));
    }

    #[test]
    fn an_entry_that_tells_a_duration_began_so_much_before() {
        let mut finished = moment(1, 50, 0, 1);
        (finished.start, finished.tells_duration) = (10, true);
        assert_eq!(invocations(&[finished])[0].duration(), Some(40));
    }
}
