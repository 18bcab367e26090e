//! Entries over time by severity.

use model::protocol::{Answer, Failure, Histogram, HistogramAsk};
use model::severity::N_BANDS;
use model::time::{NANOS_PER_SECOND, Nanos, TimeRange, Zone};

use super::walk::closed;
use super::{Job, Rhythm, STEP_BYTES, Step};
use crate::store::{Bars, BlockHits, Blocks, Result, Search, Slot, Store};

/// More bars than any screen has pixels for.
const MAX_BUCKETS: u32 = 8192;

pub struct HistogramJob {
    ask: HistogramAsk,
    rhythm: Rhythm,
    progress: Option<Progress>,
}

/// The blocks there were at the first step.
struct Progress {
    generation: u64,
    n_blocks: usize,
    /// Those that were not counted in before, in time order, and how far they are counted in.
    slots: Vec<Slot>,
    n_done: usize,
    histogram: Histogram,
}

impl Progress {
    /// Goes on with the search's last histogram where its buckets still do: while logs are read, many are asked for.
    fn begin(ask: &HistogramAsk, generation: u64, search: &Search, blocks: &mut Blocks) -> Self {
        let order = blocks.directory_mut().order();
        let range = closed(ask.filter.range, blocks);
        let mut histogram = empty(range, ask.max_buckets, &ask.zone);
        let n_counted = match &search.bars {
            Some(bars) if bars.max_buckets == ask.max_buckets && take_over(&mut histogram, &bars.histogram) => {
                bars.n_blocks
            }
            _ => 0,
        };
        let slots = order.by_lowest.iter().copied().filter(|&slot| slot >= n_counted).collect();
        Self { generation, n_blocks: order.by_lowest.len(), slots, n_done: 0, histogram }
    }
}

/// Copies the buckets of `before`; false, and nothing is done, if they are not among those of `histogram`.
fn take_over(histogram: &mut Histogram, before: &Histogram) -> bool {
    if before.width_nanos != histogram.width_nanos || before.buckets.is_empty() {
        return false;
    }
    let Some(first) = bucket_of(histogram, before.start) else { return false };
    // Of another clock they begin in the middle of buckets.
    let since = i128::from(before.start.0) - i128::from(histogram.start.0);
    if since % i128::from(histogram.width_nanos) != 0 {
        return false;
    }
    let Some(places) = histogram.buckets.get_mut(first..first + before.buckets.len()) else { return false };
    places.copy_from_slice(&before.buckets);
    histogram.undated = before.undated;
    true
}

impl HistogramJob {
    pub fn new(ask: HistogramAsk) -> Self {
        Self { ask, rhythm: Rhythm::default(), progress: None }
    }
}

impl Job for HistogramJob {
    fn step(&mut self, store: &mut Store) -> std::result::Result<Step, Failure> {
        let generation = store.generation();
        let blocks = &mut store.blocks;
        let search = store.searches.get(&self.ask.filter, blocks)?;
        let progress = match self.progress.take() {
            Some(progress) if progress.generation == generation => progress,
            _ => Progress::begin(&self.ask, generation, search, blocks),
        };
        let progress = self.progress.insert(progress);
        let mut work = 0;
        while let Some(&slot) = progress.slots.get(progress.n_done)
            && work < STEP_BYTES
        {
            work += 256 + add_block(&mut progress.histogram, search, blocks, slot)?;
            progress.n_done += 1;
        }
        let (done, total) = (progress.n_done as u64, progress.slots.len() as u64);
        if done == total {
            progress.histogram.complete = true;
            let histogram = std::mem::take(&mut progress.histogram);
            let (max_buckets, n_blocks) = (self.ask.max_buckets, progress.n_blocks);
            search.bars = Some(Bars { max_buckets, n_blocks, histogram: histogram.clone() });
            return Ok(Step::Finished(Answer::Histogram(histogram)));
        }
        let so_far = self.rhythm.is_due().then(|| Answer::Histogram(progress.histogram.clone()));
        Ok(Step::More { done, total, so_far })
    }
}

/// Adds the block's hits. Gives the bytes looked at, as a measure of the work.
fn add_block(histogram: &mut Histogram, search: &mut Search, blocks: &mut Blocks, slot: Slot) -> Result<u64> {
    let looked_at = search.look_at(blocks, slot)?;
    let hits = search.hits_of(blocks, slot)?;
    if matches!(hits, BlockHits::None) {
        return Ok(looked_at);
    }
    let info = blocks.info(slot);
    if info.undated {
        let columns = blocks.columns(slot)?;
        let mut add = |entry: usize| histogram.undated[columns.severity(entry).band() as usize] += 1;
        match hits {
            BlockHits::None => {}
            BlockHits::All => (0..columns.len()).for_each(&mut add),
            BlockHits::Some(bitmap) => bitmap.iter().for_each(&mut add),
        }
        return Ok(looked_at + columns.len() as u64 * 16);
    }
    if histogram.buckets.is_empty() {
        return Ok(looked_at);
    }
    if matches!(hits, BlockHits::All)
        && info.bands.is_power_of_two()
        && let Some(bucket) = bucket_of(histogram, info.min_time)
        && bucket_of(histogram, info.max_time) == Some(bucket)
    {
        histogram.buckets[bucket][info.bands.trailing_zeros() as usize] += info.n_entries;
        return Ok(looked_at);
    }
    let columns = blocks.columns(slot)?;
    let bands: Vec<usize> = columns.shapes.iter().map(|shape| shape.severity.band() as usize).collect();
    // Neighbours are mostly of one bucket: its bounds spare most divisions.
    let (mut bucket, mut from, mut to) = (0, 0, 0);
    let mut add = |entry: usize| {
        let time = columns.times[entry];
        if !(from..to).contains(&time.0) {
            let Some(place) = bucket_of(histogram, time) else {
                return;
            };
            bucket = place;
            from = histogram.start.0 + place as i64 * histogram.width_nanos;
            to = from.saturating_add(histogram.width_nanos);
        }
        histogram.buckets[bucket][bands[usize::from(columns.shape_of[entry])]] += 1;
    };
    match hits {
        BlockHits::None => {}
        BlockHits::All => (0..columns.len()).for_each(&mut add),
        BlockHits::Some(bitmap) => bitmap.iter().for_each(&mut add),
    }
    Ok(looked_at + columns.len() as u64 * 16)
}

pub fn bucket_of(histogram: &Histogram, time: Nanos) -> Option<usize> {
    let offset = i128::from(time.0) - i128::from(histogram.start.0);
    if offset < 0 {
        return None;
    }
    let place = (offset as u64) / (histogram.width_nanos as u64);
    usize::try_from(place).ok().filter(|&place| place < histogram.buckets.len())
}

/// Buckets over the range, none filled; no buckets where there is no range.
pub fn empty(range: Option<TimeRange>, max_buckets: u32, zone: &Zone) -> Histogram {
    let Some(range) = range.filter(|range| range.start < range.end) else {
        return Histogram::default();
    };
    let max_buckets = i128::from(max_buckets.clamp(1, MAX_BUCKETS));
    let offset = i128::from(zone.offset_at(range.start)) * i128::from(NANOS_PER_SECOND);
    // Where the clock says that buckets begin, counted from its year 1970; what is wider than a day from its first Monday.
    let origin = |width: i64| if width > DAY { i128::from(4 * DAY) - offset } else { -offset };
    let number = |time: i64, width: i64| (i128::from(time) - origin(width)).div_euclid(width.into());
    let n_buckets = |width: i64| number(range.end.0 - 1, width) - number(range.start.0, width) + 1;
    let width = widths().find(|&width| n_buckets(width) <= max_buckets).unwrap_or(i64::MAX);
    let start = number(range.start.0, width) * i128::from(width) + origin(width);
    Histogram {
        start: Nanos(start.clamp(i64::MIN.into(), i64::MAX.into()) as i64),
        width_nanos: width,
        buckets: vec![[0; N_BANDS]; n_buckets(width).max(1) as usize],
        ..Histogram::default()
    }
}

/// The narrowest round width that cuts the range into at most `max_buckets`, on a clock in UTC.
pub fn width_for(range: TimeRange, max_buckets: u32) -> i64 {
    empty(Some(range), max_buckets, &Zone::utc()).width_nanos
}

const SECOND: i64 = NANOS_PER_SECOND;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Round widths, ascending: 1, 2, 5 × powers of ten below a second, then what clocks and calendars have.
fn widths() -> impl Iterator<Item = i64> {
    let below_a_second = (0..9).flat_map(|power| [1, 2, 5].map(|n| n * 10_i64.pow(power)));
    let of_a_clock =
        [1, 2, 5, 10, 15, 30].map(|n| n * SECOND).into_iter().chain([1, 2, 5, 10, 15, 30].map(|n| n * MINUTE));
    let of_a_day = [1, 2, 3, 6, 12].map(|n| n * HOUR);
    let of_a_calendar = [1, 2, 7, 14, 28, 91, 182, 364, 3640, 36_400].map(|n| n * DAY);
    below_a_second.chain(of_a_clock).chain(of_a_day).chain(of_a_calendar)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(start: i64, end: i64) -> Option<TimeRange> {
        Some(TimeRange { start: Nanos(start), end: Nanos(end) })
    }

    #[test]
    fn the_buckets_cover_the_range_with_the_narrowest_round_width() {
        let histogram = empty(range(61_500_000_000, 120_000_000_001), 60, &Zone::utc());
        assert_eq!(histogram.start, Nanos(61_000_000_000));
        assert_eq!(histogram.width_nanos, 1_000_000_000);
        assert_eq!(histogram.buckets.len(), 60, "61 s up to and with 120 s");
        assert_eq!(empty(range(61_500_000_000, 120_000_000_001), 59, &Zone::utc()).width_nanos, 2_000_000_000);
    }

    #[test]
    fn every_range_has_few_enough_buckets_and_its_ends_are_in_them() {
        let ends =
            [(0, 1), (-5, 5), (i64::MIN, i64::MAX), (-1, 0), (1_700_000_000_000_000_000, 1_700_000_000_000_000_001)];
        for (start, end) in ends {
            for (max_buckets, hours) in [(1, 0), (7, 14), (100, -12), (u32::MAX, 5)] {
                let histogram = empty(range(start, end), max_buckets, &Zone::fixed(hours * 3600));
                let (n, width) = (histogram.buckets.len(), histogram.width_nanos);
                // Two centuries on each side of 1970 touch several of the widest buckets.
                assert!(
                    n <= max_buckets as usize || width == i64::MAX,
                    "{start}..{end} in {max_buckets}: {n} of {width}"
                );
                assert!(bucket_of(&histogram, Nanos(end - 1)).is_some(), "{start}..{end} in {max_buckets}");
            }
        }
        assert_eq!(empty(None, 10, &Zone::utc()), Histogram::default());
    }

    #[test]
    fn buckets_begin_where_the_zones_clock_begins_hours_days_and_weeks() {
        // Noon in UTC on 20 November 2026, a Friday.
        let noon = 1_795_176_000 * SECOND;
        let start = |span: i64, max_buckets: u32, zone: &Zone| {
            let histogram = empty(range(noon, noon + span), max_buckets, zone);
            (histogram.width_nanos, zone.to_wall(histogram.start).0 - (noon - 12 * HOUR))
        };
        let nepal = Zone::fixed(20_700);
        assert_eq!(start(10 * HOUR, 12, &nepal), (HOUR, 17 * HOUR), "17:45 on its clock");
        assert_eq!(start(10 * DAY, 12, &nepal), (DAY, 0));
        assert_eq!(start(10 * DAY, 12, &Zone::fixed(-12 * 3600)), (DAY, 0));
        assert_eq!(start(10 * DAY, 12, &Zone::fixed(13 * 3600)), (DAY, DAY), "it is Saturday there");
        assert_eq!(start(70 * DAY, 12, &nepal), (7 * DAY, -4 * DAY), "Monday");
    }

    #[test]
    fn a_histogram_of_another_clock_is_not_gone_on_with() {
        let histogram = |zone: &Zone| empty(range(0, 10 * DAY), 12, zone);
        let mut next = histogram(&Zone::fixed(3600));
        assert!(!take_over(&mut next, &histogram(&Zone::utc())));
        assert!(take_over(&mut next, &histogram(&Zone::fixed(3600))));
    }
}
