//! The bars for those who do not see them, and what one of them says.

use leptos::prelude::*;
use model::protocol::Histogram;
use model::severity::{BANDS, Band, N_BANDS};
use model::time::{NANOS_PER_SECOND, TimeRange, Zone};
use model::{counted, say};

use super::{picture, question};
use crate::scope::use_shared;
use crate::wording;

/// Rows of the text alternative: enough to follow, few enough to hear.
const SPOKEN_ROWS: usize = 24;

/// The histogram for those who do not see it.
#[component]
pub fn InWords(histogram: Memo<Histogram>, range: Memo<TimeRange>) -> impl IntoView {
    let shared = use_shared();
    let summary = move || {
        let sums = histogram.with(sums);
        let n_entries = counted!(sums.iter().sum(), "entry", "entries");
        let span = match histogram.with(|histogram| histogram.buckets.is_empty()) {
            true => String::new(),
            false => format!(" {}", say!("from {}", shared.zone.with(|zone| wording::span(range.get(), zone)))),
        };
        let undated = match histogram.with(undated_in_words) {
            words if words.is_empty() => words,
            words => format!(" ({words})"),
        };
        let levels: Vec<_> = BANDS
            .into_iter()
            .filter(|&band| sums[band as usize] > 0)
            .map(|band| format!("{} {}", wording::count(sums[band as usize]), band.name()))
            .collect();
        match &*levels {
            [] => format!("{n_entries}{span}{undated}."),
            levels => format!("{n_entries}{span}{undated}: {}.", levels.join(", ")),
        }
    };
    // Nobody listens to numbers that are still growing.
    let counted = Memo::new(move |before: Option<&Histogram>| {
        histogram.with(|now| match before {
            Some(before) if !now.complete => before.clone(),
            _ => coarser(now, SPOKEN_ROWS),
        })
    });
    let rows = move || {
        let coarse = counted.get();
        let row = |i: usize| {
            let cells = coarse.buckets[i].map(|n| view! { <td>{n}</td> });
            view! { <tr><th scope="row">{shared.zone.with(|zone| bucket_span(&coarse, i, zone))}</th>{cells.into_iter().collect_view()}</tr> }
        };
        (0..coarse.buckets.len()).filter(|&i| picture::total(&coarse.buckets[i]) > 0).map(row).collect_view()
    };
    view! {
        <div class="unseen">
            <p>{summary}</p>
            <table>
                <caption>{say!("Entries over time by level")}</caption>
                <thead><tr><th scope="col">{say!("Time")}</th>
                    {BANDS.map(|band| view! { <th scope="col">{band.name()}</th> }).into_iter().collect_view()}
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// What no bar shows; empty if the bars show everything.
pub fn undated_in_words(histogram: &Histogram) -> String {
    match picture::total(&histogram.undated) {
        0 => String::new(),
        n_entries => say!("{} in files without times", counted!(n_entries.into(), "entry", "entries")),
    }
}

/// Entries by level, those that no bar shows included.
pub fn sums(histogram: &Histogram) -> [u64; N_BANDS] {
    let mut sums = [0; N_BANDS];
    for bucket in histogram.buckets.iter().chain([&histogram.undated]) {
        for (sum, &n_entries) in sums.iter_mut().zip(bucket) {
            *sum += u64::from(n_entries);
        }
    }
    sums
}

/// The same entries in at most `max_buckets` wider buckets.
fn coarser(histogram: &Histogram, max_buckets: usize) -> Histogram {
    let n_joined = histogram.buckets.len().div_ceil(max_buckets).max(1);
    let join = |part: &[[u32; N_BANDS]]| {
        part.iter().fold([0; N_BANDS], |mut sum: [u32; N_BANDS], bucket| {
            sum.iter_mut().zip(bucket).for_each(|(sum, &n)| *sum = sum.saturating_add(n));
            sum
        })
    };
    Histogram {
        start: histogram.start,
        width_nanos: histogram.width_nanos.saturating_mul(n_joined as i64),
        buckets: histogram.buckets.chunks(n_joined).map(join).collect(),
        undated: histogram.undated,
        complete: histogram.complete,
    }
}

pub fn bucket_span(histogram: &Histogram, bucket: usize, zone: &Zone) -> String {
    let range = question::bucket_range(histogram, bucket);
    let digits = if histogram.width_nanos < NANOS_PER_SECOND { 3 } else { 0 };
    wording::precise_span(range, zone, digits)
}

pub fn bucket_in_words(histogram: &Histogram, bucket: usize, zone: &Zone) -> String {
    let counts = histogram.buckets.get(bucket).copied().unwrap_or_default();
    let n_entries = counted!(picture::total(&counts).into(), "entry", "entries");
    let levels = [Band::Warn, Band::Error, Band::Fatal].map(|band| (counts[band as usize], band.name()));
    let grave: Vec<_> = levels.iter().filter(|(n, _)| *n > 0).map(|(n, name)| format!("{n} {name}")).collect();
    let grave = if grave.is_empty() { String::new() } else { say!(", of them {}", grave.join(", ")) };
    format!("{}: {n_entries}{grave}", bucket_span(histogram, bucket, zone))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::Nanos;

    #[test]
    fn joining_buckets_loses_no_entry() {
        let buckets: Vec<_> = (0..100).map(|n| [n, 0, 1, 0, 0, 2, 0]).collect();
        let fine = Histogram { start: Nanos(0), width_nanos: NANOS_PER_SECOND, buckets, ..Default::default() };
        let coarse = coarser(&fine, SPOKEN_ROWS);
        assert!(coarse.buckets.len() <= SPOKEN_ROWS);
        assert_eq!(sums(&coarse), sums(&fine));
        assert_eq!(coarse.width_nanos, 5 * NANOS_PER_SECOND);
    }

    #[test]
    fn a_bucket_is_told_with_what_is_grave_in_it() {
        let histogram = Histogram {
            start: Nanos(0),
            width_nanos: 60 * NANOS_PER_SECOND,
            buckets: vec![[0, 0, 0, 1_000, 2, 3, 0]],
            ..Default::default()
        };
        let words = bucket_in_words(&histogram, 0, &Zone::utc());
        assert_eq!(words, "1970-01-01 00:00:00 – 00:01:00: 1,005 entries, of them 2 warn, 3 error");
    }
}
