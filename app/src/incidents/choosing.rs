//! Choosing several windows on the map: which those are, and what narrows the other views to their times.

use std::collections::BTreeSet;

use model::incident::Windows;
use model::query::{Change, Comparison, Expr, Test, is_within, parse, with_condition, without_condition};
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

/// Narrows a filter to these times, in place of those that were chosen before: to its range where it is one, else by a condition
/// that names each of them.
pub fn narrow(filter: &mut Filter, stretches: Vec<TimeRange>) {
    let stretches = few(stretches);
    let (Some(first), Some(last)) = (stretches.first(), stretches.last()) else { return };
    filter.range = Some(TimeRange { start: first.start, end: last.end });
    let terms = match parse(&filter.query).0 {
        Expr::And(terms) => terms,
        one => vec![one],
    };
    // Between other times, those chosen before would leave nothing.
    let before: Vec<Expr> = terms.into_iter().filter(is_choice).collect();
    if !before.is_empty() {
        filter.query = without_condition(&filter.query, &Expr::and(before));
    }
    if stretches.len() > 1 {
        let within = Expr::or(stretches.iter().map(|&stretch| is_within(stretch)));
        filter.query = with_condition(&filter.query, &within, Change::Include);
    }
}

/// Whether a condition names several stretches of time, as [`narrow`] does.
fn is_choice(condition: &Expr) -> bool {
    matches!(condition, Expr::Or(stretches) if stretches.iter().all(is_stretch))
}

fn is_stretch(condition: &Expr) -> bool {
    let Expr::And(bounds) = condition else { return false };
    let compared = bounds.iter().map(|bound| match bound {
        Expr::Field { name, test: Test::Compare(comparison, _) } if name == "time" => Some(*comparison),
        _ => None,
    });
    compared.eq([Some(Comparison::GreaterOrEqual), Some(Comparison::Less)])
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

/// The windows on the way to another: in time all between the two, to a side the two alone.
pub fn on_the_way(from: Option<usize>, to: usize, is_in_time: bool) -> Vec<usize> {
    match from {
        Some(from) if is_in_time => (from.min(to)..=from.max(to)).collect(),
        from => from.into_iter().chain([to]).collect(),
    }
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
    fn a_second_choice_takes_the_place_of_the_first() {
        let then = |query: &str, chosen: &[usize]| {
            let mut filter = narrowed(query, [0, 6]);
            narrow(&mut filter, stretches(&chosen.iter().copied().collect(), &WINDOWS));
            (filter.range, filter.query)
        };
        assert_eq!(then("", &[3]), (Some(seconds(30, 50)), String::new()));
        assert_eq!(then("timeout | count by path", &[3]).1, "timeout | count by path");
        assert_eq!(then("timeout", &[1, 9]).1, narrowed("timeout", [1, 9]).query);
        // What was asked of the time otherwise stays.
        let asked = "timeout (time>=1970-01-01T00:00:10Z OR level:error)";
        assert_eq!(then(asked, &[3]).1, asked);
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
    fn in_time_all_between_is_on_the_way() {
        assert_eq!(on_the_way(Some(2), 5, true), [2, 3, 4, 5]);
        assert_eq!(on_the_way(Some(5), 2, true), [2, 3, 4, 5]);
        assert_eq!(on_the_way(Some(5), 2, false), [5, 2]);
        assert_eq!(on_the_way(None, 2, true), [2]);
    }

    #[test]
    fn what_lies_between_two_corners_is_chosen_whichever_came_first() {
        let places = [(0.0, 0.0), (10.0, 30.0), (20.0, 2.0)];
        assert_eq!(between(&places, (25.0, 40.0), (5.0, 1.0)).collect::<Vec<_>>(), [1, 2]);
    }
}
