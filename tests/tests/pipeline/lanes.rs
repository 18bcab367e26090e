//! Lanes over a workspace: each holds exactly the entries that a query for its value finds, and together they are all.

use model::lanes::{Drawn, Lanes, LanesAsk, Split};
use model::protocol::{Answer, Ask, HistogramAsk};
use model::query::value_term;
use model::scope::{Filter, Order};
use model::time::{Nanos, TimeRange, Zone};

use crate::incidents::with_samples;
use crate::workspace::{Workspace, filter};

fn lanes(workspace: &mut Workspace, filter: Filter, split: Split) -> Lanes {
    let ask = LanesAsk { filter, split, max_buckets: 100, zone: Zone::utc(), n_rows: 4, is_log: false };
    match workspace.ask(Ask::Lanes(ask)) {
        Ok(Answer::Lanes(found)) => *found,
        other => panic!("no lanes: {other:?}"),
    }
}

#[test]
fn every_lane_holds_the_entries_of_its_value_and_all_together_are_those_of_the_bars() {
    let mut workspace = with_samples();
    let ask = HistogramAsk { filter: Filter::default(), max_buckets: 100, zone: Zone::utc() };
    let Ok(Answer::Histogram(bars)) = workspace.ask(Ask::Histogram(ask)) else { panic!("no bars") };
    for field in ["service", "level", "source", "template", "method"] {
        let found = lanes(&mut workspace, Filter::default(), Split::Lanes(field.to_owned()));
        assert_eq!((found.start, found.width_nanos, found.complete), (bars.start, bars.width_nanos, true));
        let Drawn::Lanes(all) = &found.drawn else { panic!("no lanes by {field}") };
        let in_lanes: u64 = all.iter().map(|lane| lane.n_entries).sum();
        assert_eq!(in_lanes + found.n_without, 20_000, "by {field}");
        assert!((1..=5).contains(&all.len()), "by {field}");
        for lane in all {
            assert_eq!(lane.buckets.iter().flatten().map(|&n| u64::from(n)).sum::<u64>(), lane.n_entries);
            let Some(value) = &lane.value else { continue };
            let query = value_term(field, value).to_string();
            assert_eq!(workspace.count(&filter(&query, Order::OldestFirst)).n_entries, lane.n_entries, "{query}");
        }
        if field == "template" {
            assert!(all.iter().any(|lane| lane.called().contains("<path>")), "values are told by what they look like");
        }
        if found.n_without == 0 {
            for (bucket, bar) in bars.buckets.iter().enumerate() {
                let of_lanes =
                    all.iter().map(|lane| lane.buckets[bucket]).fold([0; 7], |mut sum: [u32; 7], of_lane| {
                        sum.iter_mut().zip(of_lane).for_each(|(sum, n)| *sum += n);
                        sum
                    });
                assert_eq!(&of_lanes, bar, "{field}, bucket {bucket}");
            }
        }
    }
}

#[test]
fn a_heat_map_has_every_number_of_the_part_that_is_zoomed_to() {
    let mut workspace = with_samples();
    let all = lanes(&mut workspace, Filter::default(), Split::Heat("duration_ms".to_owned()));
    let half = TimeRange { start: all.start, end: model::time::Nanos(all.start.0 + all.width_nanos * 50) };
    let zoomed = Filter { range: Some(half), ..Filter::default() };
    let n_there = |workspace: &mut Workspace, range| {
        let with_number = Filter { range, ..filter("duration_ms:*", Order::OldestFirst) };
        workspace.count(&with_number).n_entries
    };
    for (filter, range) in [(Filter::default(), None), (zoomed, Some(half))] {
        let found = lanes(&mut workspace, filter, Split::Heat("duration_ms".to_owned()));
        let Drawn::Heat(heat) = &found.drawn else { panic!("no heat map") };
        let in_cells: u64 = heat.cells.iter().flatten().map(|&n| u64::from(n)).sum();
        assert_eq!(in_cells, n_there(&mut workspace, range));
        assert!(in_cells > 1000 && heat.edges.len() == 5);
        for percentiles in heat.percentiles.iter().flatten() {
            assert!(percentiles.is_sorted() && percentiles[2] <= heat.edges[4] * 1.01, "{percentiles:?}");
        }
    }
    let nothing = lanes(&mut Workspace::in_memory(), Filter::default(), Split::Lanes("service".to_owned()));
    assert_eq!((nothing.n_buckets, nothing.drawn), (0, Drawn::Lanes(Vec::new())));
}

#[test]
fn a_range_that_is_open_at_an_end_goes_no_further_than_the_entries() {
    let mut workspace = with_samples();
    let mut bars = |range: Option<TimeRange>| {
        let filter = Filter { range, ..Filter::default() };
        let ask = HistogramAsk { filter: filter.clone(), max_buckets: 100, zone: Zone::utc() };
        let Ok(Answer::Histogram(bars)) = workspace.ask(Ask::Histogram(ask)) else { panic!("no bars") };
        let lanes = lanes(&mut workspace, filter, Split::Lanes("service".to_owned()));
        let n_buckets = bars.buckets.len();
        assert_eq!(
            (lanes.start, lanes.width_nanos, lanes.n_buckets as usize),
            (bars.start, bars.width_nanos, n_buckets)
        );
        let end = Nanos(bars.start.0 + bars.width_nanos * n_buckets as i64);
        (TimeRange { start: bars.start, end }, bars.width_nanos)
    };
    let (all, width) = bars(None);
    let middle = Nanos(all.start.0 + (all.end.0 - all.start.0) / 2);
    let is_near = |one: Nanos, other: Nanos| (one.0 - other.0).abs() <= width;
    let (until_end, _) = bars(Some(TimeRange { start: middle, end: Nanos(i64::MAX) }));
    assert!(is_near(until_end.start, middle) && is_near(until_end.end, all.end), "{until_end:?}");
    let (from_start, _) = bars(Some(TimeRange { start: Nanos(i64::MIN), end: middle }));
    assert!(is_near(from_start.start, all.start) && is_near(from_start.end, middle), "{from_start:?}");
}
