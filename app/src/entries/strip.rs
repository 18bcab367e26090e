//! A strip beside the table: where among its rows the errors and warnings are, the bookmarks, and what is found among them. A click
//! goes there.
//!
//! It is drawn from the timeline's counts, which are of the same entries: only where something is found more is asked, and which
//! bookmarks are among the rows. What part of time has how many rows says at which row it begins.

use std::fmt::Write as _;

use leptos::ev;
use leptos::html::Div;
use leptos::prelude::*;
use model::entry::RowKey;
use model::protocol::{Answer, Ask, Histogram, HistogramAsk, KeepsAsk};
use model::say;
use model::scope::{Filter, Order, View};
use model::severity::Band;
use model::time::Nanos;

use super::find::hits;
use super::table::Table;
use crate::answer::{Question, State, use_answer};

/// The least share of the strip that can be seen and hit.
const LEAST_SHARE: f64 = 0.004;

const MARKED: [Band; 2] = [Band::Warn, Band::Error];
/// As many as a timeline has at most.
const MOST_BUCKETS: u32 = 400;
/// More lines than the strip has room for.
const MOST_BOOKMARKS: usize = 2000;
/// Looks from faint to strong.
const N_STRENGTHS: usize = 6;

/// Rows among which there are some that are worth a look.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Mark {
    /// Where they begin and how far they reach, as shares of all rows.
    start: f64,
    share: f64,
    band: Band,
    /// How many of them are, compared with where most are.
    strength: f64,
}

impl Mark {
    /// Which of the looks it has, the faintest first.
    fn look(&self) -> usize {
        ((self.strength * N_STRENGTHS as f64) as usize).min(N_STRENGTHS - 1)
    }
}

impl Question for KeepsAsk {
    type Answer = Vec<bool>;
    fn ask(&self) -> Ask {
        Ask::Keeps(self.clone())
    }
    fn read(answer: Answer) -> Option<Vec<bool>> {
        if let Answer::Keeps(keeps) = answer { Some(keeps) } else { None }
    }
}

#[component]
pub fn Strip(table: Table) -> impl IntoView {
    let shared = table.shared;
    let strip = NodeRef::<Div>::new();
    let marks = Memo::new(move |_| {
        let order = shared.filter.with(|filter| filter.order);
        shared.timeline.with(|timeline| marks(timeline, order))
    });
    let found = use_answer(shared.port, shared.revision, move || {
        let filter = Filter { order: Default::default(), ..hits(shared)? };
        Some(HistogramAsk { filter, max_buckets: MOST_BUCKETS, zone: shared.zone.with(|zone| (**zone).clone()) })
    });
    let found_marks = Memo::new(move |_| {
        let order = shared.filter.with(|filter| filter.order);
        let found = found.with(|found| found.answer.clone())?;
        let marks = shared.timeline.with(|timeline| self::marks(&with_hits(timeline, &found), order));
        Some(marks.into_iter().filter(|mark| mark.band == Band::Error).collect::<Vec<_>>())
    });
    let marked = Memo::new(move |_| {
        let keys = shared.marks.all.with(|all| all.iter().filter_map(|mark| mark.key).collect::<Vec<_>>());
        keys.into_iter().take(MOST_BOOKMARKS).collect::<Vec<_>>()
    });
    // It goes before what other views ask, and may look at as many blocks as there are bookmarks.
    let is_in_sight = Memo::new(move |_| shared.view.get() == View::Entries);
    let kept = use_answer(shared.port, shared.revision, move || {
        if !is_in_sight.get() {
            return None;
        }
        let filter = Filter { order: Default::default(), ..shared.filter.get() };
        Some(KeepsAsk { filter, keys: marked.get() }).filter(|ask| !ask.keys.is_empty())
    });
    let bookmarks = Memo::new(move |_| {
        let order = shared.filter.with(|filter| filter.order);
        let keeps = kept.with(|kept| kept.answer.clone().filter(|_| kept.state == State::Final)).unwrap_or_default();
        let times = marked.with(|keys| times_of(keys, &keeps));
        shared.timeline.with(|timeline| places(timeline, order, &times))
    });
    let go = move |event: ev::MouseEvent| {
        let Some(strip) = strip.get_untracked() else { return };
        let bounds = strip.get_bounding_client_rect();
        let share = (f64::from(event.client_y()) - bounds.top()) / bounds.height().max(1.0);
        table.show_share(share);
    };
    let look = |band: Band, strength: usize| {
        // The levels stand side by side, so that warnings never hide an error.
        let x = u8::from(band == Band::Error);
        let path = move || marks.with(|marks| path(marks, x, band, strength));
        view! { <path class=format!("sev-{}", band.name()) d=path fill-opacity=opacity(strength) /> }
    };
    let found_look = |strength: usize| {
        let path =
            move || found_marks.with(|marks| path(marks.as_deref().unwrap_or_default(), 2, Band::Error, strength));
        view! { <path class="found" d=path fill-opacity=opacity(strength) /> }
    };
    let looks = MARKED.map(|band| (0..N_STRENGTHS).map(|strength| look(band, strength)).collect_view());
    let finds = move || found_marks.with(|marks| marks.as_ref().is_some_and(|marks| !marks.is_empty()));
    // Keys e, E, w and W go from one to the next: this is for the pointer.
    view! {
        <div id="strip" node_ref=strip aria-hidden="true" hidden=move || marks.with(Vec::is_empty) && bookmarks.with(Vec::is_empty) && !finds()
            class:finds=finds title=say!("Warnings (left), errors and what is found (right) among the rows, and bookmarks (lines); click to go there") on:click=go>
            <svg viewBox=move || if finds() { "0 0 3 1" } else { "0 0 2 1" } preserveAspectRatio="none">
                {looks.into_iter().collect_view()}
                {(0..N_STRENGTHS).map(found_look).collect_view()}
                <path class="bookmark" d=move || bookmarks.with(|places| lines(places)) />
            </svg>
        </div>
    }
}

fn opacity(strength: usize) -> String {
    format!("{:.2}", 0.12 + 0.88 * (strength + 1) as f64 / N_STRENGTHS as f64)
}

/// The timeline with what is found in each bar as its errors, and all else as nothing.
fn with_hits(timeline: &Histogram, found: &Histogram) -> Histogram {
    let mut counted = timeline.clone();
    for bucket in &mut counted.buckets {
        let n_rows = bucket.iter().sum();
        *bucket = Default::default();
        bucket[Band::Unspecified as usize] = n_rows;
    }
    for (place, hits) in found.buckets.iter().enumerate() {
        let time = found.start.0.saturating_add(found.width_nanos.saturating_mul(place as i64));
        let since = time.saturating_sub(timeline.start.0).max(0);
        let Some(bucket) = counted.buckets.get_mut((since / timeline.width_nanos.max(1)) as usize) else { continue };
        let n_hits = hits.iter().sum::<u32>().min(bucket[Band::Unspecified as usize]);
        bucket[Band::Unspecified as usize] -= n_hits;
        bucket[Band::Error as usize] += n_hits;
    }
    counted
}

/// The outline of all marks that look the same.
fn path(marks: &[Mark], x: u8, band: Band, strength: usize) -> String {
    let mut path = String::new();
    for mark in marks.iter().filter(|mark| mark.band == band && mark.look() == strength) {
        // A string takes all that is written to it.
        let _ = write!(path, "M{x} {:.4}h1v{:.4}h-1z", mark.start, mark.share.max(LEAST_SHARE));
    }
    path
}

/// When those of the entries are that are kept.
fn times_of(keys: &[RowKey], keeps: &[bool]) -> Vec<Nanos> {
    keys.iter().zip(keeps).filter(|(_, is_kept)| **is_kept).map(|(key, _)| key.time).collect()
}

/// A line across the strip for each place.
fn lines(places: &[f64]) -> String {
    places.iter().map(|place| format!("M0 {:.4}h3v{LEAST_SHARE}h-3z", place.min(1.0 - LEAST_SHARE))).collect()
}

/// About where among the rows these times are, as shares of all; none where rows are not in the order of time.
fn places(timeline: &Histogram, order: Order, times: &[Nanos]) -> Vec<f64> {
    let Some(n_rows) = n_rows_by_time(timeline, order) else { return Vec::new() };
    let mut n_before = vec![0];
    for bucket in &timeline.buckets {
        n_before.push(n_before.last().copied().unwrap_or_default() + sum(bucket));
    }
    let place = |time: &Nanos| {
        let since = time.0.checked_sub(timeline.start.0).filter(|&since| since >= 0)?;
        let width = timeline.width_nanos.max(1);
        let bucket = usize::try_from(since / width).ok()?;
        let (start, end) = (*n_before.get(bucket)?, *n_before.get(bucket + 1)?);
        let part = (since % width) as f64 / width as f64;
        let place = (start as f64 + part * (end - start) as f64) / n_rows as f64;
        Some(if order == Order::NewestFirst { 1.0 - place } else { place })
    };
    times.iter().filter_map(place).collect()
}

fn sum(bands: &[u32]) -> u64 {
    bands.iter().map(|&n| u64::from(n)).sum()
}

/// `None` where there are none, or they are not in the order of time.
fn n_rows_by_time(timeline: &Histogram, order: Order) -> Option<u64> {
    let n_rows: u64 = timeline.buckets.iter().map(|bucket| sum(bucket)).sum();
    let is_by_time = order != Order::AsWritten && sum(&timeline.undated) == 0;
    (n_rows > 0 && is_by_time).then_some(n_rows)
}

/// None where rows are not in the order of time.
fn marks(timeline: &Histogram, order: Order) -> Vec<Mark> {
    let Some(n_rows) = n_rows_by_time(timeline, order) else { return Vec::new() };
    let count = |bucket: &[u32], band: Band| match band {
        Band::Error => sum(&bucket[Band::Error as usize..]),
        band => u64::from(bucket[band as usize]),
    };
    let mut marks = Vec::new();
    for band in MARKED {
        let density = |bucket: &[u32]| count(bucket, band) as f64 / sum(bucket).max(1) as f64;
        let densest = timeline.buckets.iter().map(|bucket| density(bucket)).fold(0.0, f64::max);
        let mut n_before = 0;
        for bucket in &timeline.buckets {
            let n_here = sum(bucket);
            if count(bucket, band) > 0 {
                let share = n_here as f64 / n_rows as f64;
                let start = n_before as f64 / n_rows as f64;
                let start = if order == Order::NewestFirst { 1.0 - start - share } else { start };
                marks.push(Mark { start, share, band, strength: density(bucket) / densest });
            }
            n_before += n_here;
        }
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::severity::N_BANDS;

    fn timeline(buckets: &[(u32, u32, u32)]) -> Histogram {
        let bucket = |&(info, warn, error): &(u32, u32, u32)| {
            let mut bucket = [0; N_BANDS];
            bucket[Band::Info as usize] = info;
            bucket[Band::Warn as usize] = warn;
            bucket[Band::Error as usize] = error;
            bucket
        };
        Histogram { buckets: buckets.iter().map(bucket).collect(), ..Histogram::default() }
    }

    #[test]
    fn marks_are_where_the_rows_are_whatever_time_passed_between_them() {
        let timeline = timeline(&[(6, 0, 0), (0, 0, 0), (1, 0, 1), (0, 2, 0)]);
        let mark = |start, share, band, strength| Mark { start, share, band, strength };
        let expected = [mark(0.8, 0.2, Band::Warn, 1.0), mark(0.6, 0.2, Band::Error, 1.0)];
        assert_eq!(marks(&timeline, Order::OldestFirst), expected);
        let newest: Vec<f64> = marks(&timeline, Order::NewestFirst).iter().map(|mark| mark.start).collect();
        assert!(newest[0].abs() < 1e-9 && (newest[1] - 0.2).abs() < 1e-9, "{newest:?}");
    }

    #[test]
    fn the_stronger_mark_has_more_of_its_rows() {
        let timeline = timeline(&[(9, 0, 1), (5, 0, 5)]);
        let strengths: Vec<f64> = marks(&timeline, Order::OldestFirst).iter().map(|mark| mark.strength).collect();
        assert_eq!(strengths, [0.2, 1.0]);
    }

    #[test]
    fn what_is_found_stands_where_its_rows_are() {
        let of_width = |histogram: Histogram, width_nanos| Histogram { width_nanos, ..histogram };
        let timeline = of_width(timeline(&[(6, 0, 0), (4, 0, 0)]), 60);
        let found = of_width(self::timeline(&[(0, 0, 0), (0, 0, 0), (1, 0, 0), (0, 0, 1)]), 30);
        let counted = with_hits(&timeline, &found);
        assert_eq!(counted.buckets.iter().map(|bucket| bucket[Band::Error as usize]).collect::<Vec<_>>(), [0, 2]);
        assert_eq!(marks(&counted, Order::OldestFirst).iter().map(|mark| mark.start).collect::<Vec<_>>(), [0.6]);
    }

    #[test]
    fn bookmarks_stand_where_their_rows_are() {
        let timeline = Histogram { width_nanos: 10, start: Nanos(100), ..timeline(&[(6, 0, 0), (0, 0, 0), (2, 0, 0)]) };
        let key = |time| RowKey { time: Nanos(time), ..RowKey::default() };
        let times = times_of(
            &[key(99), key(100), key(105), key(125), key(126), key(130)],
            &[true, true, true, true, false, true],
        );
        assert_eq!(
            places(&timeline, Order::OldestFirst, &times),
            [0.0, 0.375, 0.875],
            "those before and after are not there"
        );
        assert_eq!(places(&timeline, Order::NewestFirst, &times), [1.0, 0.625, 0.125]);
        assert_eq!(places(&timeline, Order::AsWritten, &times), [0.0; 0]);
        assert_eq!(lines(&[0.5, 1.0]), "M0 0.5000h3v0.004h-3zM0 0.9960h3v0.004h-3z");
    }

    #[test]
    fn marks_of_one_look_are_one_outline() {
        let marks = marks(&timeline(&[(9, 0, 1), (5, 0, 5), (5, 0, 5)]), Order::OldestFirst);
        assert_eq!(path(&marks, 1, Band::Error, N_STRENGTHS - 1), "M1 0.3333h1v0.3333h-1zM1 0.6667h1v0.3333h-1z");
        assert_eq!(path(&marks, 1, Band::Error, 1), "M1 0.0000h1v0.3333h-1z");
        assert_eq!(path(&marks, 0, Band::Warn, 1), "");
    }

    #[test]
    fn there_is_no_strip_where_rows_are_not_by_time() {
        let mut timeline = timeline(&[(1, 1, 1)]);
        assert!(marks(&timeline, Order::AsWritten).is_empty());
        timeline.undated[0] = 1;
        assert!(marks(&timeline, Order::OldestFirst).is_empty());
        assert!(marks(&Histogram::default(), Order::OldestFirst).is_empty());
    }
}
