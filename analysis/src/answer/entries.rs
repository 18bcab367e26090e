//! Tables of entries: the first ones by time, by other columns, or one of each value.

use std::cmp::Ordering;

use model::entry::RowKey;
use model::query::SortKey;
use model::scope::Order;
use model::table::Cell;

use super::measures::Fields;
use super::rows::{Row, Seed, Sortable, compare_all, sortable_text};
use crate::block::Corrupt;
use crate::fields::sketch::Sketch;
use crate::quick_hash::QuickMap;

/// Column of an entry's instant.
pub const TIME: &str = "time";

/// Keeps the entries that come first.
#[derive(Clone, Debug)]
pub struct Collector {
    pub names: Vec<String>,
    order: Order,
    sort: Vec<SortKey>,
    /// Of entries with the same values of these the first is kept; of all if there are none of these either.
    dedup: Option<Vec<String>>,
    /// At most this many are kept.
    capacity: usize,
    kept: Vec<Kept>,
    /// By values to be deduplicated: the place in `kept`.
    places: QuickMap<Vec<Option<Box<str>>>, usize>,
    /// Entries that came in, those that were not kept included.
    pub n_seen: u64,
    /// Values to be deduplicated that did not fit; each may come any number of times.
    left_out: Option<Sketch>,
    /// The last that is kept, once as many are as fit.
    worst: Option<RowKey>,
}

#[derive(Clone, Debug)]
struct Kept {
    key: RowKey,
    by: Vec<Sortable>,
    cells: Vec<Cell>,
}

impl Collector {
    pub fn new(
        names: Vec<String>,
        order: Order,
        sort: Vec<SortKey>,
        dedup: Option<Vec<String>>,
        capacity: usize,
    ) -> Self {
        Self {
            names,
            order,
            sort,
            dedup,
            capacity,
            kept: Vec::new(),
            places: QuickMap::default(),
            n_seen: 0,
            left_out: None,
            worst: None,
        }
    }

    /// Columns it asks for.
    pub fn asked<'c>(&'c self, names: &mut Vec<&'c str>) {
        names.extend(self.names.iter().map(String::as_str));
        names.extend(self.sort.iter().map(|key| key.name.as_str()));
        names.extend(self.dedup.iter().flatten().map(String::as_str));
    }

    /// No entry between these keys can be kept.
    pub fn has_no_room_for(&self, lowest: RowKey, highest: RowKey) -> bool {
        self.worst.is_some_and(|worst| match self.order {
            Order::OldestFirst => lowest > worst,
            Order::NewestFirst => highest < worst,
            Order::AsWritten => (lowest.source, lowest.entry) > (worst.source, worst.entry),
        })
    }

    pub fn add(
        &mut self,
        fields: &dyn Fields,
        entries: &[u32],
        key_of: impl Fn(usize) -> RowKey,
    ) -> Result<(), Corrupt> {
        self.n_seen += entries.len() as u64;
        let columns = |names: &mut dyn Iterator<Item = &str>| {
            names
                .map(|name| if name == TIME { Ok(None) } else { fields.numbered(name).map(Some) })
                .collect::<Result<Vec<_>, _>>()
        };
        let shown = columns(&mut self.names.iter().map(String::as_str))?;
        let sorted = columns(&mut self.sort.iter().map(|key| key.name.as_str()))?;
        let told_apart = columns(&mut self.dedup.iter().flatten().map(String::as_str))?;
        for &entry in entries {
            let key = key_of(entry as usize);
            if self.has_no_room_for(key, key) {
                continue;
            }
            let by = sorted.iter().zip(&self.sort).map(|(column, sort)| match column {
                None => Sortable::Time(key.time),
                Some(column) => column
                    .value(entry as usize)
                    .map_or(Sortable::Nothing, |value| sortable_text(&sort.name, value.into())),
            });
            let by = by.collect();
            let cells = || {
                let cell = |column: &Option<super::block::Numbered<'_>>| match column {
                    None => Cell::Time(key.time),
                    Some(column) => {
                        column.value(entry as usize).map_or(Cell::Nothing, |value| Cell::Text(value.to_owned()))
                    }
                };
                shown.iter().map(cell).collect()
            };
            if self.dedup.is_some() {
                let value = |column: &Option<super::block::Numbered<'_>>| match column {
                    None => Some(key.time.0.to_string().into_boxed_str()),
                    Some(column) => column.value(entry as usize).map(Box::from),
                };
                let values: Vec<_> = told_apart.iter().map(value).collect();
                match self.places.get(&values) {
                    Some(&place) => {
                        if self.compare_keys(key, self.kept[place].key).is_lt() {
                            self.kept[place] = Kept { key, by, cells: cells() };
                        }
                    }
                    None if self.kept.len() >= self.capacity => {
                        self.left_out.get_or_insert_default().add(&joined(&values));
                    }
                    None => {
                        self.places.insert(values, self.kept.len());
                        self.kept.push(Kept { key, by, cells: cells() });
                    }
                }
                continue;
            }
            self.kept.push(Kept { key, by, cells: cells() });
            if self.kept.len() >= self.capacity.saturating_mul(2).max(64) {
                self.cut();
            }
        }
        Ok(())
    }

    fn compare_keys(&self, a: RowKey, b: RowKey) -> Ordering {
        match self.order {
            Order::OldestFirst => a.cmp(&b),
            Order::NewestFirst => b.cmp(&a),
            Order::AsWritten => (a.source, a.entry).cmp(&(b.source, b.entry)),
        }
    }

    fn compare(&self, a: &Kept, b: &Kept) -> Ordering {
        let directions = self.sort.iter().map(|key| key.is_descending);
        compare_all(&a.by, &b.by, directions).then_with(|| self.compare_keys(a.key, b.key))
    }

    fn sort(&mut self) {
        let mut kept = std::mem::take(&mut self.kept);
        kept.sort_by(|a, b| self.compare(a, b));
        self.kept = kept;
    }

    /// Lets go of all that are not among the first.
    fn cut(&mut self) {
        self.sort();
        self.kept.truncate(self.capacity);
        if self.sort.is_empty() && self.kept.len() == self.capacity {
            self.worst = self.kept.last().map(|kept| kept.key);
        }
    }

    /// The rows so far, in order.
    pub fn rows(&self) -> Vec<Row> {
        let mut ordered: Vec<&Kept> = self.kept.iter().collect();
        ordered.sort_by(|a, b| self.compare(a, b));
        ordered.truncate(self.capacity);
        ordered.into_iter().map(|kept| Row { cells: kept.cells.clone(), seed: Seed::Entry(kept.key) }).collect()
    }

    /// How many rows there would be if all were kept.
    pub fn n_rows(&self) -> u64 {
        if self.dedup.is_some() { self.kept.len() as u64 + self.n_left_out() } else { self.n_seen }
    }

    /// About how many distinct values did not fit.
    pub fn n_left_out(&self) -> u64 {
        self.left_out.as_ref().map_or(0, Sketch::estimate)
    }

    /// Entries that came in without being looked at: there was no room for them.
    pub fn pass(&mut self, n: u64) {
        self.n_seen += n;
    }
}

/// One text for several values, another for others.
fn joined(values: &[Option<Box<str>>]) -> Vec<u8> {
    let mut text = Vec::new();
    for value in values {
        let n_bytes = value.as_ref().map_or(u64::MAX, |value| value.len() as u64);
        text.extend_from_slice(&n_bytes.to_le_bytes());
        text.extend_from_slice(value.as_deref().unwrap_or_default().as_bytes());
    }
    text
}
