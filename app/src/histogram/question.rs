//! Which histogram the scope asks for, and which part of time it fills.

use model::protocol::{Answer, Ask, Histogram, HistogramAsk};
use model::query::last_nanos;
use model::scope::Filter;
use model::severity::N_BANDS;
use model::time::{NANOS_PER_SECOND, Nanos, TimeRange, Zone};

use crate::answer::Question;

/// A bar and its gap: narrower ones could not be told apart or hit.
const BAR_PIXELS: f64 = 7.0;
/// Sizes are rounded to this many bars, so that dragging a panel's edge asks rarely.
const BAR_STEP: u32 = 20;

impl Question for HistogramAsk {
    type Answer = Histogram;

    fn ask(&self) -> Ask {
        Ask::Histogram(self.clone())
    }

    fn read(answer: Answer) -> Option<Histogram> {
        if let Answer::Histogram(histogram) = answer { Some(histogram) } else { None }
    }

    fn goes_on(&self, before: &Self) -> bool {
        let moved = Self { filter: moved_on(&before.filter, &self.filter), ..before.clone() };
        moved == *self
    }
}

/// `None` before the plot is on screen. The order of the entries makes no difference.
pub fn question(filter: &Filter, zone: &Zone, plot_pixels: f64) -> Option<HistogramAsk> {
    (plot_pixels >= BAR_PIXELS).then(|| asked_of_width(filter, zone, plot_pixels))
}

/// The filter with the time that its last minutes or hours are, where it asks for those and no other time was chosen: bars are of that
/// time alone. `last_nanos`: how long; `now`: their end.
pub fn framed(filter: &Filter, last_nanos: Option<i64>, now: Option<Nanos>) -> Filter {
    let last = last_nanos.zip(now).filter(|_| filter.range.is_none());
    let range = last.map(|(nanos, now)| TimeRange {
        start: Nanos(now.0.saturating_sub(nanos)),
        // What is written at this instant is seen too.
        end: Nanos(now.0.saturating_add(NANOS_PER_SECOND)),
    });
    Filter { range: filter.range.or(range), ..filter.clone() }
}

/// The filter with the time of the later one, where both are of the last minutes or hours of one query, and the data went on.
pub fn moved_on(filter: &Filter, later: &Filter) -> Filter {
    // Another time of the same length may have been chosen, too; that it is only asked once more does no harm.
    let is_last = |filter: &Filter| {
        let last = last_nanos(&filter.query).zip(filter.range).map(|(nanos, range)| {
            let length = range.end.0.saturating_sub(range.start.0);
            length == nanos.saturating_add(NANOS_PER_SECOND)
        });
        last.unwrap_or_default()
    };
    let range = if is_last(filter) && is_last(later) { later.range } else { filter.range };
    Filter { range, ..filter.clone() }
}

/// The bars that are told apart in a picture so wide.
pub fn asked_of_width(filter: &Filter, zone: &Zone, pixels: f64) -> HistogramAsk {
    let n_bars = (pixels / BAR_PIXELS) as u32;
    HistogramAsk {
        filter: Filter { order: Default::default(), ..filter.clone() },
        max_buckets: (n_bars / BAR_STEP * BAR_STEP).clamp(BAR_STEP, 400),
        zone: zone.clone(),
    }
}

/// The part of time that the plot's width shows: what was zoomed to, else all that was found. Of the last minutes or hours that is
/// where they were when these bars were asked for: while logs are read, the data ends later by now.
pub fn shown_range(filter: &Filter, histogram: &Histogram) -> TimeRange {
    let n_nanos = histogram.width_nanos.saturating_mul(histogram.buckets.len() as i64);
    let found = TimeRange { start: histogram.start, end: Nanos(histogram.start.0.saturating_add(n_nanos)) };
    let Some(zoomed) = filter.range else { return found };
    // A range from the address may be open at one end, and begin where nothing is any more.
    let start = if zoomed.start.0 == i64::MIN { found.start.min(zoomed.end) } else { zoomed.start };
    TimeRange { start, end: if zoomed.end.0 == i64::MAX { found.end.max(start) } else { zoomed.end } }
}

/// The time that is zoomed in: what was zoomed to, else what the bars show. Bars of another question, or none, are no guide: then it
/// is the time that is asked for, else everything. `None` where that is no time.
pub fn turned_from(
    zoomed: Option<TimeRange>,
    framed: &Filter,
    histogram: Option<&Histogram>,
    everything: TimeRange,
) -> Option<TimeRange> {
    let found = histogram.filter(|histogram| !histogram.buckets.is_empty());
    let found = found.map(|histogram| shown_range(&Filter::default(), histogram));
    let range = zoomed.or(found).or(framed.range).unwrap_or(everything);
    // A range from the address may be open at one end.
    let start = if range.start.0 == i64::MIN { everything.start } else { range.start };
    let end = if range.end.0 == i64::MAX { Nanos(everything.end.0.saturating_add(1)) } else { range.end };
    (start < end).then_some(TimeRange { start, end })
}

/// The bucket's share of time.
pub fn bucket_range(histogram: &Histogram, bucket: usize) -> TimeRange {
    let start = histogram.start.0.saturating_add(histogram.width_nanos.saturating_mul(bucket as i64));
    TimeRange { start: Nanos(start), end: Nanos(start.saturating_add(histogram.width_nanos)) }
}

/// The bucket that holds `time`, if the histogram reaches there.
pub fn bucket_at(histogram: &Histogram, time: Nanos) -> Option<usize> {
    let since = time.0.checked_sub(histogram.start.0).filter(|&since| since >= 0 && histogram.width_nanos > 0)?;
    usize::try_from(since / histogram.width_nanos).ok().filter(|&bucket| bucket < histogram.buckets.len())
}

/// The brushed part of time, widened to whole buckets.
pub fn brushed(histogram: &Histogram, from: Nanos, to: Nanos) -> TimeRange {
    in_whole_buckets((histogram.start, histogram.width_nanos), from, to)
}

/// The time between two, widened to whole buckets; where the first of these begins, and how wide they are.
pub fn in_whole_buckets((start, width): (Nanos, i64), from: Nanos, to: Nanos) -> TimeRange {
    let width = width.max(1);
    let (from, to) = (from.min(to), from.max(to));
    let since = |time: Nanos| i128::from(time.0) - i128::from(start.0);
    let snap = |buckets: i128| {
        let nanos = i128::from(start.0) + buckets * i128::from(width);
        Nanos(nanos.clamp(i64::MIN.into(), i64::MAX.into()) as i64)
    };
    let first = since(from).div_euclid(width.into());
    let last = (since(to) - 1).div_euclid(width.into()).max(first);
    TimeRange { start: snap(first), end: snap(last + 1) }
}

/// From the first bucket that has entries to the last; `None` where none has.
pub fn fitted(histogram: &Histogram) -> Option<TimeRange> {
    let has_some = |counts: &[u32; N_BANDS]| counts.iter().any(|&n| n > 0);
    let first = histogram.buckets.iter().position(has_some)?;
    let last = histogram.buckets.iter().rposition(has_some)?;
    Some(across(histogram, first, last))
}

/// All was looked at, and nothing was found.
pub fn is_empty(histogram: &Histogram) -> bool {
    histogram.complete && histogram.buckets.iter().flatten().all(|&n| n == 0)
}

/// Both buckets and what is between them.
pub fn across(histogram: &Histogram, one: usize, other: usize) -> TimeRange {
    let (first, last) = (one.min(other), one.max(other));
    TimeRange { start: bucket_range(histogram, first).start, end: bucket_range(histogram, last).end }
}

/// Three times the range around the same middle; `None` when that is everything.
pub fn zoomed_out(range: TimeRange, everything: Option<TimeRange>) -> Option<TimeRange> {
    let span = range.end.0.saturating_sub(range.start.0);
    let wider =
        TimeRange { start: Nanos(range.start.0.saturating_sub(span)), end: Nanos(range.end.0.saturating_add(span)) };
    let everything = everything?;
    let has_everything = wider.start <= everything.start && wider.end > everything.end;
    (!has_everything).then_some(wider)
}

/// The range `by` times as long, around a time that stays where it is; `None` when that is everything.
pub fn zoomed_at(range: TimeRange, at: Nanos, by: f64, everything: Option<TimeRange>) -> Option<TimeRange> {
    /// In less, hardly any log tells times apart.
    const LEAST_NANOS: f64 = 1_000_000.0;
    let everything = everything?;
    let span = range.end.0.saturating_sub(range.start.0).max(1) as f64;
    let by = by.max((LEAST_NANOS / span).min(1.0));
    let scaled = |nanos: i64| (nanos as f64 * by).round() as i64;
    let start = at.0.saturating_sub(scaled(at.0.saturating_sub(range.start.0))).max(everything.start.0);
    let end = at.0.saturating_add(scaled(range.end.0.saturating_sub(at.0))).min(everything.end.0.saturating_add(1));
    let has_everything = start <= everything.start.0 && end > everything.end.0;
    (!has_everything).then_some(if start < end { TimeRange { start: Nanos(start), end: Nanos(end) } } else { range })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram() -> Histogram {
        Histogram { start: Nanos(1_000), width_nanos: 10, buckets: vec![[0; N_BANDS]; 5], ..Default::default() }
    }

    fn range(start: i64, end: i64) -> TimeRange {
        TimeRange { start: Nanos(start), end: Nanos(end) }
    }

    #[test]
    fn the_last_minutes_fill_the_plot_unless_another_time_was_chosen() {
        let (minute, now) = (60 * NANOS_PER_SECOND, Nanos(3600 * NANOS_PER_SECOND));
        let last = framed(&Filter::default(), Some(minute), Some(now));
        assert_eq!(last.range, Some(range(3540 * NANOS_PER_SECOND, 3601 * NANOS_PER_SECOND)));
        let zoomed = Filter { range: Some(range(1, 2)), ..Filter::default() };
        assert_eq!(framed(&zoomed, Some(minute), Some(now)), zoomed);
        assert_eq!(framed(&Filter::default(), None, Some(now)), Filter::default());
    }

    #[test]
    fn bars_of_the_last_minutes_are_asked_for_once_more_as_the_data_goes_on_and_anew_for_other_times() {
        let asked = |query: &str, now: i64, zoomed: Option<TimeRange>| {
            let filter = Filter { query: query.to_owned(), range: zoomed, ..Filter::default() };
            asked_of_width(&framed(&filter, last_nanos(query), Some(Nanos(now))), &Zone::utc(), 700.0)
        };
        let hour = 3600 * NANOS_PER_SECOND;
        let before = asked("time>now-15m", hour, None);
        assert!(asked("time>now-15m", 2 * hour, None).goes_on(&before));
        assert!(!asked("time>now-1h", 2 * hour, None).goes_on(&before));
        assert!(!asked("disk time>now-15m", 2 * hour, None).goes_on(&before));
        assert!(!asked("time>now-15m", 2 * hour, Some(range(1, 2))).goes_on(&before));
        let zoomed = asked("", hour, Some(range(0, hour)));
        assert!(zoomed.goes_on(&zoomed) && !asked("", hour, Some(range(1, hour + 1))).goes_on(&zoomed));
    }

    #[test]
    fn what_is_under_the_pointer_stays_there_while_the_time_is_zoomed() {
        let everything = Some(range(0, 1_000_000_000));
        let zoomed = |shown, at, by| zoomed_at(shown, Nanos(at), by, everything);
        let (eighth, quarter) = (125_000_000, 250_000_000);
        assert_eq!(zoomed(range(0, 8 * eighth), quarter, 0.5), Some(range(eighth, 5 * eighth)));
        let all_but_the_last = Some(range(0, 8 * eighth));
        assert_eq!(zoomed(range(eighth, 5 * eighth), quarter, 2.0), all_but_the_last, "but for the last entry");
        assert_eq!(zoomed(range(eighth, 5 * eighth), quarter, 3.0), None);
        let to_the_end = Some(range(400_000_000, 1_000_000_001));
        assert_eq!(zoomed(range(400_000_000, 600_000_000), 400_000_000, 4.0), to_the_end);
        // No nearer than there is something to see.
        assert_eq!(zoomed(range(5_000_000, 6_000_000), 5_500_000, 0.1), Some(range(5_000_000, 6_000_000)));
        assert_eq!(zoomed(range(4_000_000, 8_000_000), 6_000_000, 0.1), Some(range(5_500_000, 6_500_000)));
        assert_eq!(zoomed_at(range(0, 10), Nanos(5), 0.5, None), None);
    }

    #[test]
    fn bars_of_another_time_are_not_zoomed() {
        let (everything, framed) = (range(0, 9_000), Filter::default());
        let last = Filter { range: Some(range(8_000, 9_001)), ..Filter::default() };
        let (bars, none) = (histogram(), Histogram::default());
        let from = |zoomed, framed, bars| turned_from(zoomed, framed, bars, everything);
        assert_eq!(from(Some(range(5, 6)), &framed, Some(&bars)), Some(range(5, 6)));
        assert_eq!(from(None, &framed, Some(&bars)), Some(range(1_000, 1_050)));
        // All of the time is in sight again, and its bars have not come; or none have come yet.
        assert_eq!(from(None, &framed, None), Some(everything));
        assert_eq!(from(None, &framed, Some(&none)), Some(everything));
        assert_eq!(from(None, &last, None), last.range);
        assert_eq!(from(Some(range(i64::MIN, 7)), &framed, None), Some(range(0, 7)));
        assert_eq!(turned_from(None, &framed, None, range(5, 5)), None);
    }

    #[test]
    fn fitting_leaves_out_the_empty_ends_alone() {
        let mut histogram = histogram();
        assert_eq!(fitted(&histogram), None);
        assert!(!is_empty(&histogram), "it is still being counted");
        histogram.complete = true;
        assert!(is_empty(&histogram));
        (histogram.buckets[1][3], histogram.buckets[3][0]) = (2, 1);
        assert_eq!(fitted(&histogram), Some(range(1_010, 1_040)));
        assert!(!is_empty(&histogram));
        assert_eq!(across(&histogram, 4, 2), range(1_020, 1_050));
    }

    #[test]
    fn a_brush_takes_whole_buckets_in_either_direction() {
        assert_eq!(brushed(&histogram(), Nanos(1_012), Nanos(1_031)), range(1_010, 1_040));
        assert_eq!(brushed(&histogram(), Nanos(1_031), Nanos(1_012)), range(1_010, 1_040));
        assert_eq!(brushed(&histogram(), Nanos(1_010), Nanos(1_020)), range(1_010, 1_020));
        assert_eq!(brushed(&histogram(), Nanos(1_015), Nanos(1_015)), range(1_010, 1_020));
    }

    #[test]
    fn an_instant_finds_its_bucket() {
        assert_eq!(bucket_at(&histogram(), Nanos(1_049)), Some(4));
        assert_eq!(bucket_at(&histogram(), Nanos(1_050)), None);
        assert_eq!(bucket_at(&histogram(), Nanos(999)), None);
        assert_eq!(bucket_at(&Histogram::default(), Nanos(0)), None);
    }

    #[test]
    fn zooming_out_ends_with_everything() {
        assert_eq!(zoomed_out(range(100, 110), Some(range(0, 1_000))), Some(range(90, 120)));
        assert_eq!(zoomed_out(range(100, 800), Some(range(0, 1_000))), None);
        assert_eq!(zoomed_out(range(i64::MIN, i64::MAX), Some(range(0, 1_000))), None);
    }

    #[test]
    fn a_half_open_range_reaches_to_what_was_found() {
        let filter = Filter { range: Some(range(i64::MIN, 1_020)), ..Default::default() };
        assert_eq!(shown_range(&filter, &histogram()), range(1_000, 1_020));
        assert_eq!(shown_range(&Filter::default(), &histogram()), range(1_000, 1_050));
    }
}
