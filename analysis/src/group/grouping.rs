//! Takes entries in, each with the id of its group, and counts what cannot be held.

use model::severity::Band;
use model::time::Nanos;

use crate::quick_hash::QuickMap;

/// Groups that are held; entries of further ones are counted only.
const MOST_GROUPS: usize = 200_000;
/// Entries that are held: sixteen bytes each.
const MOST_ENTRIES: u64 = 4_000_000;
/// Entries of one group that are held. What has more is no request or session, and nothing of it is to take long by itself.
const MOST_OF_GROUP: u64 = 100_000;
/// A longer value is a text and no id.
const LONGEST_ID: usize = 256;
/// Entries that lie in one piece: a megabyte. None is ever moved to make room for more.
const CHUNK: usize = 1 << 16;

/// So many of a hundred groups are as long as is usual, or shorter; and of such lengths there is room for so many in the logs.
const USUAL_PERCENT: usize = 95;
const LEAST_LENGTHS: i64 = 20;

/// Services of a group that are told apart.
const MOST_SERVICES: usize = 16;

/// What of an entry counts for its group.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// `None`: its file says nothing of when it was written.
    pub time: Option<Nanos>,
    /// Which of all shapes: what template that is may not be known yet.
    pub shape: u32,
    pub band: Band,
    /// The service's number.
    pub service: u32,
}

#[derive(Debug, Default)]
pub struct Grouping {
    pub groups: Vec<Group>,
    numbers: QuickMap<Box<str>, u32>,
    entries: Vec<Vec<Held>>,
    n_entries: u64,
    pub n_left_out: u64,
}

/// An entry that is held.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    pub group: u32,
    pub shape: u32,
    /// `Nanos(i64::MIN)` where it has none.
    pub time: Nanos,
}

#[derive(Clone, Debug)]
pub struct Group {
    pub id: Box<str>,
    pub n_entries: u64,
    pub gravest: Band,
    /// Of its entries with a time.
    pub times: Option<(Nanos, Nanos)>,
    /// With how many entries.
    pub services: Vec<(u32, u32)>,
}

impl Grouping {
    /// The number of an id's group; `None` where no more can be held, or where it is no id.
    pub fn group(&mut self, id: &str) -> Option<u32> {
        if let Some(&number) = self.numbers.get(id) {
            return Some(number);
        }
        if self.groups.len() == MOST_GROUPS || id.len() > LONGEST_ID {
            return None;
        }
        let number = self.groups.len() as u32;
        self.numbers.insert(id.into(), number);
        self.groups.push(Group {
            id: id.into(),
            n_entries: 0,
            gravest: Band::default(),
            times: None,
            services: Vec::new(),
        });
        Some(number)
    }

    /// Takes an entry into a group that [`Grouping::group`] gave, or counts it where there is none.
    pub fn add(&mut self, group: Option<u32>, entry: Entry) {
        let has_room =
            |&number: &u32| self.n_entries < MOST_ENTRIES && self.groups[number as usize].n_entries < MOST_OF_GROUP;
        let Some(number) = group.filter(has_room) else {
            self.n_left_out += 1;
            return;
        };
        self.n_entries += 1;
        let group = &mut self.groups[number as usize];
        group.n_entries += 1;
        group.gravest = group.gravest.max(entry.band);
        if let Some(time) = entry.time {
            group.times = Some(group.times.map_or((time, time), |(first, last)| (first.min(time), last.max(time))));
        }
        match group.services.iter().position(|&(service, _)| service == entry.service) {
            Some(place) => group.services[place].1 += 1,
            None if group.services.len() < MOST_SERVICES => group.services.push((entry.service, 1)),
            None => {}
        }
        if self.entries.last().is_none_or(|chunk| chunk.len() == CHUNK) {
            self.entries.push(Vec::with_capacity(CHUNK));
        }
        let held = Held { group: number, shape: entry.shape, time: entry.time.unwrap_or(Nanos(i64::MIN)) };
        self.entries.last_mut().expect("just put there").push(held);
    }

    /// Where the logs may have cut groups in two: a group that begins before the first of these times, or ends at or after the
    /// second, may go on where nothing was written down. `None` where hardly any group has times.
    pub fn cut_at(&self) -> Option<(Nanos, Nanos)> {
        let times = self.groups.iter().filter_map(|group| group.times);
        let (first, last) = (times.clone().map(|(first, _)| first).min()?, times.clone().map(|(_, last)| last).max()?);
        let mut lengths: Vec<i64> = times.map(|(first, last)| last.0.saturating_sub(first.0)).collect();
        lengths.retain(|&length| length > 0);
        if lengths.is_empty() {
            return None;
        }
        let usual = (lengths.len() - 1) * USUAL_PERCENT / 100;
        let length = *lengths.select_nth_unstable_by(usual, i64::cmp).1;
        // Groups that last as long as the logs would all be cut.
        let whole = last.0.saturating_sub(first.0);
        let length = length.min(whole / LEAST_LENGTHS);
        Some((Nanos(first.0.saturating_add(length)), Nanos(last.0.saturating_sub(length))))
    }

    pub fn n_entries(&self) -> u64 {
        self.n_entries
    }

    pub(super) fn take_entries(&mut self) -> Vec<Vec<Held>> {
        std::mem::take(&mut self.entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(shape: u32) -> Entry {
        Entry { time: None, shape, band: Band::Info, service: 0 }
    }

    #[test]
    fn what_is_no_id_and_what_one_group_has_too_much_of_is_counted_and_not_held() {
        let mut grouping = Grouping::default();
        let text = "x".repeat(LONGEST_ID + 1);
        assert_eq!(grouping.group(&text), None);
        grouping.add(None, entry(0));
        let group = grouping.group("a");
        (0..MOST_OF_GROUP + 5).for_each(|_| grouping.add(group, entry(0)));
        assert_eq!((grouping.n_entries(), grouping.n_left_out), (MOST_OF_GROUP, 6));
        assert_eq!(grouping.take_entries().iter().map(|chunk| chunk.len() as u64).sum::<u64>(), MOST_OF_GROUP);
    }
}
