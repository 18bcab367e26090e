//! Which group each entry belongs to: by the values of some fields, and by spans of time.

use std::rc::Rc;

use model::time::{Nanos, TimeRange, Zone};

use super::block::Numbered;
use super::measures::Fields;
use crate::block::Corrupt;
use crate::quick_hash::QuickMap;

/// More fields to group by are left out.
pub const MOST_KEYS: usize = 8;
/// Entries of further groups are left out.
const MOST_GROUPS: usize = 1 << 19;
/// Pairs of values are numbered in a table up to this size, in a map beyond.
const MOST_IN_TABLE: usize = 1 << 16;

/// The span of entries that have no time.
pub const UNDATED: i64 = i64::MIN;

#[derive(Clone, Debug, Default)]
pub struct Groups {
    pub by: Vec<String>,
    /// Groups are parted by spans of time, too.
    spans: Option<Spans>,
    interned: Vec<Interned>,
    numbers: QuickMap<GroupKey, u32>,
    keys: Vec<GroupKey>,
    /// Entries of groups that were too many.
    pub n_left_out: u64,
}

/// Spans of time, as they follow each other on a zone's clock.
#[derive(Clone, Debug)]
pub struct Spans {
    pub width_nanos: i64,
    pub zone: Zone,
}

impl Spans {
    pub fn of(&self, time: Nanos) -> TimeRange {
        self.zone.span_of(time, self.width_nanos)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct GroupKey {
    /// Start of the span, or 0.
    start: i64,
    /// By field: 0 where it is absent.
    values: [u32; MOST_KEYS],
}

/// Values by number, from 1.
#[derive(Clone, Debug, Default)]
struct Interned {
    numbers: QuickMap<Rc<str>, u32>,
    texts: Vec<Rc<str>>,
}

impl Interned {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let text: Rc<str> = text.into();
        self.texts.push(text.clone());
        let number = self.texts.len() as u32;
        self.numbers.insert(text, number);
        number
    }
}

impl Groups {
    pub fn new(by: &[String], spans: Option<Spans>) -> Self {
        let by: Vec<String> = by.iter().take(MOST_KEYS).cloned().collect();
        Self { interned: vec![Interned::default(); by.len()], by, spans, ..Self::default() }
    }

    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Start of the group's span of time.
    pub fn start(&self, group: usize) -> Option<i64> {
        self.spans.as_ref().map(|_| self.keys[group].start)
    }

    /// The group's span of time, where its entries have times.
    pub fn span(&self, group: usize) -> Option<TimeRange> {
        let start = self.start(group).filter(|&start| start != UNDATED);
        self.spans.as_ref().zip(start).map(|(spans, start)| spans.of(Nanos(start)))
    }

    pub fn width_nanos(&self) -> Option<i64> {
        self.spans.as_ref().map(|spans| spans.width_nanos)
    }

    pub fn value(&self, group: usize, field: usize) -> Option<&str> {
        let number = self.keys[group].values[field] as usize;
        number.checked_sub(1).map(|place| &*self.interned[field].texts[place])
    }

    /// The group that all entries are in where there is nothing to group by, even if there are none.
    pub fn ensure_one(&mut self) {
        if self.by.is_empty() && self.spans.is_none() && self.keys.is_empty() {
            self.group(GroupKey { start: 0, values: [0; MOST_KEYS] });
        }
    }

    /// The group of each of `entries`; [`u32::MAX`] for those that are left out. `times`: of all entries, `None` where they
    /// have none.
    pub fn assign(
        &mut self,
        fields: &dyn Fields,
        entries: &[u32],
        times: Option<&[Nanos]>,
    ) -> Result<Vec<u32>, Corrupt> {
        let mut local = Local { number_of: vec![0; entries.len()], n: 1 };
        if let (Some(spans), Some(times)) = (&self.spans, times) {
            local.part_by_time(entries, times, spans);
        }
        let mut columns = Vec::with_capacity(self.by.len());
        for name in &self.by {
            let column = fields.numbered(name)?;
            local.part_by(entries, &column);
            columns.push(column);
        }
        // One entry of each local group tells which it is.
        let mut examples = vec![u32::MAX; local.n];
        for (&entry, &number) in entries.iter().zip(&local.number_of) {
            if examples[number as usize] == u32::MAX {
                examples[number as usize] = entry;
            }
        }
        let mut interned: Vec<Vec<u32>> = columns.iter().map(|column| vec![0; column.values.len() + 1]).collect();
        let mut groups = Vec::with_capacity(examples.len());
        for example in examples {
            if example == u32::MAX {
                groups.push(u32::MAX);
                continue;
            }
            let start = match (&self.spans, times) {
                (Some(spans), Some(times)) => spans.of(times[example as usize]).start.0,
                (Some(_), None) => UNDATED,
                (None, _) => 0,
            };
            let mut key = GroupKey { start, values: [0; MOST_KEYS] };
            for (field, column) in columns.iter().enumerate() {
                let id = column.ids[example as usize] as usize;
                if id > 0 {
                    let number = &mut interned[field][id];
                    if *number == 0 {
                        *number = self.interned[field].number(&column.values[id - 1]);
                    }
                    key.values[field] = *number;
                }
            }
            groups.push(self.group(key));
        }
        let of_entries: Vec<u32> = local.number_of.iter().map(|&number| groups[number as usize]).collect();
        self.n_left_out += of_entries.iter().filter(|&&group| group == u32::MAX).count() as u64;
        Ok(of_entries)
    }

    fn group(&mut self, key: GroupKey) -> u32 {
        if let Some(&group) = self.numbers.get(&key) {
            return group;
        }
        if self.keys.len() >= MOST_GROUPS {
            return u32::MAX;
        }
        let group = self.keys.len() as u32;
        self.keys.push(key);
        self.numbers.insert(key, group);
        group
    }
}

/// Groups within a block, numbered as they come.
struct Local {
    /// One for each entry looked at.
    number_of: Vec<u32>,
    n: usize,
}

impl Local {
    fn part_by_time(&mut self, entries: &[u32], times: &[Nanos], spans: &Spans) {
        let mut numbers: QuickMap<i64, u32> = QuickMap::default();
        // Neighbours are mostly of one span: its bounds spare most divisions.
        let (mut span, mut number) = (TimeRange { start: Nanos(0), end: Nanos(0) }, 0);
        for (slot, &entry) in self.number_of.iter_mut().zip(entries) {
            let time = times[entry as usize];
            if !span.contains(time) {
                span = spans.of(time);
                let n = numbers.len() as u32;
                number = *numbers.entry(span.start.0).or_insert(n);
            }
            *slot = number;
        }
        self.n = numbers.len().max(1);
    }

    fn part_by(&mut self, entries: &[u32], column: &Numbered<'_>) {
        let n_values = column.values.len() + 1;
        let mut n = 0u32;
        let mut next = || {
            n += 1;
            n - 1
        };
        if self.n * n_values <= MOST_IN_TABLE {
            let mut table = vec![u32::MAX; self.n * n_values];
            for (slot, &entry) in self.number_of.iter_mut().zip(entries) {
                let number = &mut table[*slot as usize * n_values + column.ids[entry as usize] as usize];
                if *number == u32::MAX {
                    *number = next();
                }
                *slot = *number;
            }
        } else {
            let mut map: QuickMap<u64, u32> = QuickMap::default();
            for (slot, &entry) in self.number_of.iter_mut().zip(entries) {
                let pair = u64::from(*slot) << 32 | u64::from(column.ids[entry as usize]);
                *slot = *map.entry(pair).or_insert_with(&mut next);
            }
        }
        self.n = n as usize;
    }
}
