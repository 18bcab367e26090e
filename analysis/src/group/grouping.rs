//! Takes entries in, each with the id of its group, and hands out what each group is made of.

use model::severity::Band;
use model::time::Nanos;

use crate::quick_hash::QuickMap;

/// Groups that are held; entries of further ones are counted only.
const MOST_GROUPS: usize = 200_000;
/// Entries that are held: sixteen bytes each.
const MOST_ENTRIES: usize = 4_000_000;

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
    entries: Vec<(u32, u32, Nanos)>,
    pub n_left_out: u64,
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
    /// The number of an id's group; `None` where no more can be held.
    pub fn group(&mut self, id: &str) -> Option<u32> {
        if let Some(&number) = self.numbers.get(id) {
            return Some(number);
        }
        if self.groups.len() == MOST_GROUPS {
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
        let Some(number) = group.filter(|_| self.entries.len() < MOST_ENTRIES) else {
            self.n_left_out += 1;
            return;
        };
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
        self.entries.push((number, entry.shape, entry.time.unwrap_or(Nanos(i64::MIN))));
    }

    pub fn n_entries(&self) -> u64 {
        self.entries.len() as u64
    }

    /// By group: the templates of its entries in time order, those of one time as they came. `of_shape`: the template of
    /// each shape.
    pub fn take_events(&mut self, of_shape: &[u32]) -> Vec<Vec<u32>> {
        let entries = std::mem::take(&mut self.entries);
        let mut timed: Vec<Vec<(Nanos, u32)>> =
            self.groups.iter().map(|group| Vec::with_capacity(group.n_entries as usize)).collect();
        for (group, shape, time) in entries {
            timed[group as usize].push((time, of_shape[shape as usize]));
        }
        let in_order = |mut events: Vec<(Nanos, u32)>| {
            events.sort_by_key(|&(time, _)| time);
            events.into_iter().map(|(_, template)| template).collect()
        };
        timed.into_iter().map(in_order).collect()
    }
}
