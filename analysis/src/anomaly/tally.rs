//! What was written in each window of time: small counts that stand for millions of entries.

use std::collections::BTreeSet;

use model::incident::{MOST_WINDOWS, Windows};
use model::quantity::{Quantity, Unit};
use model::severity::Band;
use model::time::Nanos;

use super::scale::{Logs, scale_for};
use crate::quick_hash::QuickMap;

/// One kind of message of one service. Requests that failed have the words of those that did not: severity tells them apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub service: u32,
    pub template: u32,
    pub band: Band,
}

/// Entries of a series in one window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    pub window: u32,
    pub n: u32,
    pub first: Nanos,
}

/// Entries of one kind over time; cells in the order of windows, none empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    pub key: Key,
    pub n: u64,
    pub cells: Vec<Cell>,
}

/// The numbers that one field of one kind of message had in a window, as logarithms.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NumberCell {
    pub window: u32,
    pub n: u32,
    pub sum: f64,
    pub sum_of_squares: f64,
}

/// A field's numbers over time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Numbers {
    pub key: Key,
    pub field: u32,
    pub unit: Unit,
    /// Their logarithms are of parts of 1 / `scale`.
    pub scale: f64,
    pub cells: Vec<NumberCell>,
}

/// The same while they are counted.
#[derive(Clone, Debug)]
struct Measured {
    key: Key,
    field: u32,
    unit: Unit,
    cells: Vec<(u32, Logs)>,
}

/// A service in one source, and when it spoke there last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Voice {
    pub service: u32,
    pub source: u32,
    pub last: Nanos,
}

/// Counts entries. They may come in any order; those of one source are best added one after the other.
#[derive(Clone, Debug)]
pub struct Tally {
    pub windows: Windows,
    series: Vec<Series>,
    by_key: QuickMap<Key, u32>,
    /// By source: a series whose key says nothing.
    sources: Vec<Series>,
    voices: Vec<Voice>,
    by_voice: QuickMap<(u32, u32), u32>,
    /// The one that spoke last: mostly it goes on.
    voice: usize,
    numbers: Vec<Measured>,
    by_field: QuickMap<(Key, u32), u32>,
    /// Fields whose numbers measure nothing.
    outcomes: BTreeSet<u32>,
}

/// In nanoseconds.
const DAY: i64 = 86_400_000_000_000;

/// Widths that people think in, in seconds.
const WIDTHS: [i64; 22] = [
    1, 2, 5, 10, 15, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800,
    604_800, 2_592_000,
];

/// Enough windows to see when something began, few enough to look at all of them together.
const MOST_CHOSEN: i64 = 480;

/// Windows of fewer entries than this on average tell more about chance than about what happened.
const ENTRIES_PER_WINDOW: u64 = 12;

/// The narrowest windows from a first to a last time that hold enough of `n_entries`, and are not too many.
pub fn choose_windows(first: Nanos, last: Nanos, n_entries: u64) -> Windows {
    let span = last.0.saturating_sub(first.0).max(1);
    let most = MOST_CHOSEN.min((n_entries / ENTRIES_PER_WINDOW) as i64).max(8);
    let widths = WIDTHS.iter().map(|seconds| seconds * 1_000_000_000);
    let width = widths.clone().find(|width| span / width < most);
    // Less than a few seconds, or more than a human life.
    let width = width.filter(|width| span / width >= 4).unwrap_or_else(|| (span / most).max(1));
    windows_of(first, last, width)
}

/// Windows of this width, or of the narrowest multiple of it of which there are not too many; they begin at multiples of it.
pub fn windows_of(first: Nanos, last: Nanos, width_nanos: i64) -> Windows {
    let width_nanos = width_nanos.max(1);
    let n_asked = last.0.saturating_sub(first.0).max(0) / width_nanos + 2;
    let width_nanos = width_nanos.saturating_mul(((n_asked - 1) / i64::from(MOST_WINDOWS) + 1).max(1));
    let start = first.0.saturating_sub(first.0.rem_euclid(width_nanos));
    let n = last.0.saturating_sub(start) / width_nanos + 1;
    Windows { start: Nanos(start), width_nanos, n: n.clamp(1, MOST_WINDOWS.into()) as u32 }
}

impl Tally {
    pub fn new(windows: Windows) -> Self {
        Self {
            windows,
            series: Vec::new(),
            by_key: QuickMap::default(),
            sources: Vec::new(),
            voices: Vec::new(),
            by_voice: QuickMap::default(),
            voice: 0,
            numbers: Vec::new(),
            by_field: QuickMap::default(),
            outcomes: BTreeSet::new(),
        }
    }

    pub fn add(&mut self, source: u32, key: Key, time: Nanos) {
        let window = self.windows.of(time) as u32;
        let next = self.series.len() as u32;
        let series = *self.by_key.entry(key).or_insert(next);
        if series == next {
            self.series.push(Series { key, ..Series::default() });
        }
        self.series[series as usize].add(window, time);
        if self.sources.len() <= source as usize {
            self.sources.resize_with(source as usize + 1, Series::default);
        }
        self.sources[source as usize].add(window, time);
        self.hear(key.service, source, time);
    }

    fn hear(&mut self, service: u32, source: u32, time: Nanos) {
        let is_same = |voice: &Voice| (voice.service, voice.source) == (service, source);
        if !self.voices.get(self.voice).is_some_and(is_same) {
            let next = self.voices.len() as u32;
            self.voice = *self.by_voice.entry((service, source)).or_insert(next) as usize;
            if self.voice == next as usize {
                self.voices.push(Voice { service, source, last: time });
            }
        }
        let voice = &mut self.voices[self.voice];
        voice.last = voice.last.max(time);
    }

    /// `number`: a value of a field of an entry that was added.
    pub fn add_number(&mut self, key: Key, field: u32, time: Nanos, number: f64) {
        if !number.is_finite() {
            return;
        }
        let window = self.windows.of(time) as u32;
        let next = self.numbers.len() as u32;
        let at = *self.by_field.entry((key, field)).or_insert(next);
        if at == next {
            self.numbers.push(Measured { key, field, unit: Unit::Plain, cells: Vec::new() });
        }
        let cells = &mut self.numbers[at as usize].cells;
        if cells.last().is_none_or(|(last, _)| *last != window) {
            cells.push((window, Logs::default()));
        }
        let (_, logs) = cells.last_mut().expect("just pushed");
        logs.add(number);
    }

    /// The same with what it counts.
    pub fn add_quantity(&mut self, key: Key, field: u32, time: Nanos, quantity: Quantity) {
        self.add_number(key, field, time, quantity.amount);
        if quantity.unit != Unit::Plain
            && let Some(&at) = self.by_field.get(&(key, field))
        {
            self.numbers[at as usize].unit = quantity.unit;
        }
    }

    /// This field's numbers are no measure: they tell how requests ended, which is no matter of more or less.
    pub fn tells_apart(&mut self, field: u32) {
        self.outcomes.insert(field);
    }

    /// What was counted so far of each kind: its windows once, in order.
    pub fn series(&mut self) -> &[Series] {
        self.series.iter_mut().for_each(Series::settle);
        &self.series
    }

    /// Ready to be looked at: every series and its windows once, in order.
    pub fn finish(self) -> Tallied {
        self.finish_as(|service| service)
    }

    /// The same with other numbers for services; those with the same one are counted together.
    pub fn finish_as(mut self, service_of: impl Fn(u32) -> u32) -> Tallied {
        let keys = self.series.iter_mut().map(|series| &mut series.key);
        keys.chain(self.numbers.iter_mut().map(|numbers| &mut numbers.key))
            .for_each(|key| key.service = service_of(key.service));
        self.voices.iter_mut().for_each(|voice| voice.service = service_of(voice.service));
        self.series.sort_by_key(|series| series.key);
        self.series.dedup_by(|later, kept| {
            let is_same = later.key == kept.key;
            if is_same {
                kept.n += later.n;
                kept.cells.append(&mut later.cells);
            }
            is_same
        });
        self.series.iter_mut().chain(&mut self.sources).for_each(Series::settle);
        self.numbers.sort_by_key(|numbers| (numbers.key, numbers.field));
        self.numbers.dedup_by(|later, kept| {
            let is_same = (later.key, later.field) == (kept.key, kept.field);
            if is_same {
                kept.unit = if kept.unit == Unit::Plain { later.unit } else { kept.unit };
                kept.cells.append(&mut later.cells);
            }
            is_same
        });
        let numbers = self.numbers.into_iter().map(Measured::settled);
        let (outcomes, numbers): (Vec<Numbers>, Vec<Numbers>) =
            numbers.partition(|numbers| self.outcomes.contains(&numbers.field));
        self.voices.sort_unstable();
        self.voices.dedup_by(|later, kept| {
            let is_same = (later.service, later.source) == (kept.service, kept.source);
            kept.last = if is_same { later.last } else { kept.last };
            is_same
        });
        let Self { windows, series, sources, voices, .. } = self;
        Tallied { windows, series, sources, voices, numbers, outcomes }
    }
}

/// Finished counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tallied {
    pub windows: Windows,
    /// Sorted by key.
    pub series: Vec<Series>,
    /// By source number.
    pub sources: Vec<Series>,
    /// Sorted by service and source.
    pub voices: Vec<Voice>,
    /// Sorted by key and field.
    pub numbers: Vec<Numbers>,
    /// The same of numbers that measure nothing: how requests ended.
    pub outcomes: Vec<Numbers>,
}

impl Tallied {
    pub fn n_windows(&self) -> usize {
        self.windows.n as usize
    }

    /// How many windows a day has, where days begin with windows.
    pub fn windows_a_day(&self) -> Option<usize> {
        let width = self.windows.width_nanos.max(1);
        (DAY % width == 0).then_some((DAY / width) as usize)
    }

    /// The series of each service, by service.
    pub fn services(&self) -> impl Iterator<Item = &[Series]> {
        self.series.chunk_by(|a, b| a.key.service == b.key.service)
    }

    /// Where a service spoke.
    pub fn voices_of(&self, service: u32) -> &[Voice] {
        let start = self.voices.partition_point(|voice| voice.service < service);
        let end = self.voices.partition_point(|voice| voice.service <= service);
        &self.voices[start..end]
    }

    /// By source: when its last entry was.
    pub fn source_ends(&self) -> Vec<Nanos> {
        let mut ends = vec![Nanos(i64::MIN); self.sources.len()];
        for voice in &self.voices {
            let end = &mut ends[voice.source as usize];
            *end = voice.last.max(*end);
        }
        ends
    }

    /// What the numbers of a field of one kind of message count.
    pub fn unit_of(&self, key: Key, field: u32) -> Unit {
        let found = self.numbers.binary_search_by_key(&(key, field), |numbers| (numbers.key, numbers.field));
        found.map_or(Unit::Plain, |at| self.numbers[at].unit)
    }

    /// How requests of one kind of message ended.
    pub fn outcomes_of(&self, key: Key) -> &[Numbers] {
        let start = self.outcomes.partition_point(|numbers| numbers.key < key);
        let end = self.outcomes.partition_point(|numbers| numbers.key <= key);
        &self.outcomes[start..end]
    }

    /// All kinds of messages with these words of one service, whatever their severity.
    pub fn with_words_of(&self, key: Key) -> &[Series] {
        let words = |key: Key| (key.service, key.template);
        let start = self.series.partition_point(|series| words(series.key) < words(key));
        let end = self.series.partition_point(|series| words(series.key) <= words(key));
        &self.series[start..end]
    }

    pub fn series_of(&self, key: Key) -> Option<&Series> {
        self.series.binary_search_by_key(&key, |series| series.key).ok().map(|at| &self.series[at])
    }
}

impl Series {
    fn add(&mut self, window: u32, time: Nanos) {
        self.n += 1;
        match self.cells.last_mut() {
            Some(cell) if cell.window == window => {
                cell.n += 1;
                cell.first = cell.first.min(time);
            }
            _ => self.cells.push(Cell { window, n: 1, first: time }),
        }
    }

    fn settle(&mut self) {
        self.cells.sort_by_key(|cell| (cell.window, cell.first));
        self.cells.dedup_by(|later, kept| {
            let is_same = later.window == kept.window;
            kept.n += if is_same { later.n } else { 0 };
            is_same
        });
    }

    /// A number a window.
    pub fn counts(&self, n_windows: usize) -> Vec<f64> {
        let mut counts = vec![0.0; n_windows];
        self.cells.iter().for_each(|cell| counts[cell.window as usize] = f64::from(cell.n));
        counts
    }

    /// The time of the first entry in or after a window.
    pub fn first_from(&self, window: usize) -> Option<Nanos> {
        let at = self.cells.partition_point(|cell| (cell.window as usize) < window);
        self.cells.get(at).map(|cell| cell.first)
    }

    pub fn first(&self) -> Option<&Cell> {
        self.cells.first()
    }

    pub fn last(&self) -> Option<&Cell> {
        self.cells.last()
    }
}

impl Measured {
    fn settled(mut self) -> Numbers {
        self.cells.sort_by_key(|(window, _)| *window);
        self.cells.dedup_by(|(window, later), (kept_window, kept)| {
            let is_same = window == kept_window;
            if is_same {
                kept.join(*later);
            }
            is_same
        });
        let scale = scale_for(self.cells.iter().map(|(_, logs)| logs));
        let cell = |&(window, logs): &(u32, Logs)| {
            let sums = logs.sums(scale);
            NumberCell { window, n: logs.n(), sum: sums.sum, sum_of_squares: sums.sum_of_squares }
        };
        Numbers {
            key: self.key,
            field: self.field,
            unit: self.unit,
            scale,
            cells: self.cells.iter().map(cell).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    #[test]
    fn a_day_of_a_million_entries_has_windows_of_three_minutes() {
        let windows = choose_windows(Nanos(0), Nanos(86_399 * SECOND), 1_000_000);
        assert_eq!((windows.width_nanos, windows.n), (180 * SECOND, 480));
        let windows = choose_windows(Nanos(0), Nanos(86_399 * SECOND), 1000);
        assert_eq!(windows.width_nanos, 1800 * SECOND);
    }

    #[test]
    fn narrow_windows_over_a_long_time_are_as_many_times_wider_as_there_is_room_for() {
        let windows = windows_of(Nanos(0), Nanos(30 * 86_400 * SECOND), 10 * SECOND);
        assert_eq!((windows.width_nanos, windows.n), (1_810 * SECOND, 1_433));
        assert_eq!(windows_of(Nanos(0), Nanos(3_599 * SECOND), 10 * SECOND).n, 360);
    }

    #[test]
    fn a_single_instant_has_a_window_too() {
        let windows = choose_windows(Nanos(5), Nanos(5), 1);
        assert_eq!(windows.of(Nanos(5)), 0);
        assert!(windows.n >= 1);
    }

    #[test]
    fn entries_may_come_in_any_order() {
        let windows = Windows { start: Nanos(0), width_nanos: 10, n: 4 };
        let tally = |times: &[i64]| {
            let mut tally = Tally::new(windows);
            for &time in times {
                tally.add(0, Key::default(), Nanos(time));
                tally.add_number(Key::default(), 0, Nanos(time), 2.0);
            }
            tally.finish()
        };
        let counted = tally(&[25, 3, 31, 1]);
        assert_eq!(counted, tally(&[1, 3, 25, 31]));
        assert_eq!(counted.series[0].counts(4), [2.0, 0.0, 1.0, 1.0]);
        assert_eq!(counted.series[0].first_from(1), Some(Nanos(25)));
        assert_eq!(counted.numbers[0].cells[0].n, 2);
    }

    #[test]
    fn how_requests_ended_is_kept_beside_what_they_measured() {
        let mut tally = Tally::new(Windows { start: Nanos(0), width_nanos: 10, n: 4 });
        tally.tells_apart(1);
        tally.add(0, Key::default(), Nanos(3));
        tally.add_quantity(Key::default(), 0, Nanos(3), Quantity { amount: 20.0, unit: Unit::Seconds });
        tally.add_number(Key::default(), 1, Nanos(3), 503.0);
        let tallied = tally.finish();
        assert_eq!(tallied.numbers.iter().map(|numbers| numbers.field).collect::<Vec<_>>(), [0]);
        assert_eq!([0, 1].map(|field| tallied.unit_of(Key::default(), field)), [Unit::Seconds, Unit::Plain]);
        assert_eq!(tallied.outcomes_of(Key::default()).iter().map(|one| one.field).collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn services_that_are_one_are_counted_together() {
        let windows = Windows { start: Nanos(0), width_nanos: 10, n: 4 };
        let mut tally = Tally::new(windows);
        for (service, time) in [(0, 5), (1, 12), (2, 13), (1, 38)] {
            let key = Key { service, ..Key::default() };
            tally.add(0, key, Nanos(time));
            tally.add_number(key, 0, Nanos(time), 2.0);
        }
        let counted = tally.finish_as(|service| service.min(1));
        let series: Vec<Vec<f64>> = counted.series.iter().map(|series| series.counts(4)).collect();
        assert_eq!(series, [[1.0, 0.0, 0.0, 0.0], [0.0, 2.0, 0.0, 1.0]]);
        assert_eq!(counted.numbers.iter().map(|numbers| numbers.cells.len()).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(counted.voices_of(1), [Voice { service: 1, source: 0, last: Nanos(38) }]);
    }
}
