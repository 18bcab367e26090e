//! Choosing several windows on the map: which those are, and what narrows the other views to their times.

use std::collections::BTreeSet;

use model::incident::Windows;
use model::query::{Change, Expr, is_within, with_condition};
use model::scope::Filter;
use model::time::TimeRange;

/// Stretches of time that a query names at most; the shortest gaps between more of them are shown with them.
pub const MOST_STRETCHES: usize = 12;

/// What lies this much further to the side is as far away as what lies straight ahead.
const ASIDE: f32 = 2.0;

/// The times of these windows, joined where they touch.
pub fn stretches(chosen: &BTreeSet<usize>, windows: &Windows) -> Vec<TimeRange> {
    let mut joined: Vec<TimeRange> = Vec::new();
    for time in chosen.iter().map(|&window| windows.slid(window)) {
        match joined.last_mut() {
            Some(last) if time.start <= last.end => last.end = last.end.max(time.end),
            _ => joined.push(time),
        }
    }
    joined
}

/// Narrows a filter to these times: to its range where it is one, else by a condition that names each of them.
pub fn narrow(filter: &mut Filter, stretches: Vec<TimeRange>) {
    let stretches = few(stretches);
    let (Some(first), Some(last)) = (stretches.first(), stretches.last()) else { return };
    filter.range = Some(TimeRange { start: first.start, end: last.end });
    if stretches.len() > 1 {
        let within = Expr::or(stretches.iter().map(|&stretch| is_within(stretch)));
        filter.query = with_condition(&filter.query, &within, Change::Include);
    }
}

fn few(mut stretches: Vec<TimeRange>) -> Vec<TimeRange> {
    while stretches.len() > MOST_STRETCHES {
        let gap = |at: &usize| stretches[*at].start.0.saturating_sub(stretches[*at - 1].end.0);
        let Some(at) = (1..stretches.len()).min_by_key(gap) else { break };
        let later = stretches.remove(at);
        stretches[at - 1].end = later.end;
    }
    stretches
}

/// The windows between two corners.
pub fn between(places: &[(f32, f32)], from: (f32, f32), to: (f32, f32)) -> impl Iterator<Item = usize> {
    let is_in = move |(x, y): (f32, f32)| {
        (from.0.min(to.0)..=from.0.max(to.0)).contains(&x) && (from.1.min(to.1)..=from.1.max(to.1)).contains(&y)
    };
    places.iter().enumerate().filter(move |(_, place)| is_in(**place)).map(|(window, _)| window)
}

/// The nearest window on one side of another. `towards`: a step to that side.
pub fn beside(places: &[(f32, f32)], from: usize, towards: (f32, f32)) -> Option<usize> {
    let &(x, y) = places.get(from)?;
    let distance = |(to_x, to_y): (f32, f32)| {
        let ahead = (to_x - x) * towards.0 + (to_y - y) * towards.1;
        let aside = ((to_x - x) * towards.1 - (to_y - y) * towards.0).abs();
        (ahead > 0.0 && aside <= ASIDE * ahead).then_some(ahead + ASIDE * aside)
    };
    let others = places.iter().enumerate().filter_map(|(window, &place)| Some((window, distance(place)?)));
    others.min_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(window, _)| window)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::Nanos;

    const SECOND: i64 = 1_000_000_000;
    const WINDOWS: Windows = Windows { start: Nanos(0), width_nanos: 10 * SECOND, n: 100 };

    fn seconds(start: i64, end: i64) -> TimeRange {
        TimeRange { start: Nanos(start * SECOND), end: Nanos(end * SECOND) }
    }

    fn narrowed(query: &str, chosen: impl IntoIterator<Item = usize>) -> Filter {
        let mut filter = Filter { query: query.to_owned(), ..Filter::default() };
        narrow(&mut filter, stretches(&chosen.into_iter().collect(), &WINDOWS));
        filter
    }

    #[test]
    fn windows_that_touch_are_one_stretch_and_that_is_a_range() {
        let filter = narrowed("timeout", [3, 4, 6]);
        assert_eq!((filter.range, filter.query.as_str()), (Some(seconds(30, 80)), "timeout"));
        assert_eq!(narrowed("timeout", []), Filter { query: "timeout".to_owned(), ..Filter::default() });
    }

    #[test]
    fn windows_apart_are_named_by_the_query_each() {
        let filter = narrowed("timeout", [0, 6]);
        assert_eq!(filter.range, Some(seconds(0, 80)));
        let (first, last) = (
            "time>=1970-01-01T00:00:00Z time<1970-01-01T00:00:20Z",
            "time>=1970-01-01T00:01:00Z time<1970-01-01T00:01:20Z",
        );
        assert_eq!(filter.query, format!("timeout ({first} OR {last})"));
    }

    #[test]
    fn of_very_many_stretches_those_next_to_each_other_are_joined() {
        // Two that are near each other, and as many as are named beside them.
        let chosen = [0, 3].into_iter().chain((0..MOST_STRETCHES - 1).map(|n| 10 + 5 * n));
        let filter = narrowed("", chosen);
        assert_eq!(filter.query.matches(" OR ").count() + 1, MOST_STRETCHES);
        assert!(
            filter.query.starts_with("time>=1970-01-01T00:00:00Z time<1970-01-01T00:00:50Z OR "),
            "{}",
            filter.query
        );
    }

    #[test]
    fn arrows_go_to_what_is_nearest_on_that_side() {
        let places = [(0.0, 0.0), (10.0, 30.0), (20.0, 2.0), (40.0, 0.0), (-5.0, 0.0)];
        assert_eq!(beside(&places, 0, (1.0, 0.0)), Some(2));
        assert_eq!(beside(&places, 0, (-1.0, 0.0)), Some(4));
        assert_eq!(beside(&places, 0, (0.0, 1.0)), Some(1));
        assert_eq!(beside(&places, 0, (0.0, -1.0)), None);
        assert_eq!(beside(&places, 9, (1.0, 0.0)), None);
    }

    #[test]
    fn what_lies_between_two_corners_is_chosen_whichever_came_first() {
        let places = [(0.0, 0.0), (10.0, 30.0), (20.0, 2.0)];
        assert_eq!(between(&places, (25.0, 40.0), (5.0, 1.0)).collect::<Vec<_>>(), [1, 2]);
    }
}
