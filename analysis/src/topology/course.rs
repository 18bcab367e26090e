//! How many calls there were over time, in spans of 2ⁿ nanoseconds: as few as can be, the same in whatever order calls come.
//!
//! What lies far from all else (an entry without a time has that of its file) takes one span of its own and does not widen the others.

use model::time::TimeRange;
use model::topology::Spans;

/// Spans of one course, while calls come: some half as many are left of them.
const MOST_KEPT: usize = 128;
/// Spans of all courses of a map.
const MOST_SPANS: i64 = 64;
/// About a millisecond.
const LEAST_SHIFT: u32 = 20;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    /// A span is two to this power, and [`LEAST_SHIFT`], long.
    wider: u32,
    /// Number of a span, calls, errors among them; by number.
    spans: Vec<(i64, u32, u32)>,
}

impl Course {
    pub fn add(&mut self, nanos: i64, is_error: bool) {
        self.put(nanos >> (LEAST_SHIFT + self.wider), 1, u32::from(is_error));
    }

    pub fn merge(&mut self, other: &Self) {
        self.widen(other.wider);
        for &(number, calls, n_errors) in &other.spans {
            self.put(number >> (self.wider - other.wider), calls, n_errors);
        }
    }

    /// `number`: of a span as wide as they are before.
    fn put(&mut self, number: i64, calls: u32, n_errors: u32) {
        match self.spans.binary_search_by_key(&number, |span| span.0) {
            Ok(at) => {
                let span = &mut self.spans[at];
                *span = (number, span.1.saturating_add(calls), span.2.saturating_add(n_errors));
            }
            Err(at) => self.spans.insert(at, (number, calls, n_errors)),
        }
        while self.spans.len() > MOST_KEPT {
            self.widen(self.wider + 1);
        }
    }

    fn widen(&mut self, wider: u32) {
        let by = wider.saturating_sub(self.wider);
        if by == 0 {
            return;
        }
        self.wider = wider;
        let mut spans: Vec<(i64, u32, u32)> = Vec::new();
        for &(number, calls, n_errors) in &self.spans {
            match spans.last_mut() {
                Some(last) if last.0 == number >> by => {
                    (last.1, last.2) = (last.1.saturating_add(calls), last.2.saturating_add(n_errors));
                }
                _ => spans.push((number >> by, calls, n_errors)),
            }
        }
        self.spans = spans;
    }
}

/// Calls in each span, and errors among them.
pub type Counts = Vec<(u32, u32)>;

/// All courses in the same spans, of what is in `range`. `None`: nothing is, or all of it at once.
pub fn in_spans(courses: Vec<Course>, range: Option<TimeRange>) -> Option<(Spans, Vec<Counts>)> {
    let range = range?;
    let mut wider = courses.iter().map(|course| course.wider).max()?;
    let number = |nanos: i64, wider: u32| nanos >> (LEAST_SHIFT + wider);
    let is_within = |wider: u32| {
        move |span: &&(i64, u32, u32)| {
            (number(range.start.0, wider)..=number(range.end.0.saturating_sub(1), wider)).contains(&span.0)
        }
    };
    let numbers = |course: &Course| {
        let mut all = course.spans.iter().filter(is_within(course.wider));
        let (wide, first) = (LEAST_SHIFT + course.wider, all.next().map(|span| span.0)?);
        let last = all.next_back().map_or(first, |span| span.0);
        Some((first << wide, last << wide))
    };
    let ends: Vec<(i64, i64)> = courses.iter().filter_map(numbers).collect();
    let (first, last) = (ends.iter().map(|ends| ends.0).min()?, ends.iter().map(|ends| ends.1).max()?);
    while number(last, wider) - number(first, wider) >= MOST_SPANS {
        wider += 1;
    }
    let (first, last) = (number(first, wider), number(last, wider));
    let n_spans = (last - first + 1) as usize;
    if n_spans < 2 {
        return None;
    }
    let counted = courses.into_iter().map(|mut course| {
        let is_within = is_within(course.wider);
        course.spans.retain(|span| is_within(&span));
        course.widen(wider);
        let mut counts = vec![(0, 0); n_spans];
        for (number, calls, n_errors) in course.spans {
            if let Some(count) = usize::try_from(number - first).ok().and_then(|at| counts.get_mut(at)) {
                *count = (calls, n_errors);
            }
        }
        counts
    });
    let nanos = 1 << (LEAST_SHIFT + wider);
    Some((
        Spans { start: model::time::Nanos(first << (LEAST_SHIFT + wider)), nanos, n: n_spans as u32 },
        counted.collect(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::Nanos;
    use proptest::prelude::*;

    const SECOND: i64 = 1_000_000_000;

    fn course(seconds: &[i64]) -> Course {
        let mut course = Course::default();
        seconds.iter().for_each(|second| course.add(second * SECOND, second % 2 == 1));
        course
    }

    #[test]
    fn calls_are_counted_in_spans_that_all_courses_share() {
        let range = TimeRange { start: Nanos(0), end: Nanos(1000 * SECOND) };
        let courses = vec![course(&(0..600).collect::<Vec<_>>()), course(&[3, 4])];
        let (spans, counts) = in_spans(courses, Some(range)).unwrap();
        assert!((32..=64).contains(&spans.n), "{spans:?}");
        assert_eq!(counts[0].iter().map(|count| count.0).sum::<u32>(), 600);
        assert_eq!(counts[0].iter().map(|count| count.1).sum::<u32>(), 300);
        assert_eq!(counts[1][0], (2, 1), "both within the first seventeen seconds");
    }

    #[test]
    fn what_has_no_time_of_its_own_does_not_widen_the_spans() {
        let range = TimeRange { start: Nanos(0), end: Nanos(100 * SECOND) };
        let mut late = course(&(0..90).collect::<Vec<_>>());
        late.add(1_000_000 * SECOND, false);
        let (spans, counts) = in_spans(vec![late], Some(range)).unwrap();
        assert!(spans.nanos < 4 * SECOND, "{spans:?}");
        assert_eq!(counts[0].iter().map(|count| count.0).sum::<u32>(), 90);
    }

    #[test]
    fn what_is_all_at_once_has_no_course() {
        assert_eq!(in_spans(vec![course(&[5])], Some(TimeRange { start: Nanos(0), end: Nanos(9 * SECOND) })), None);
        assert_eq!(in_spans(vec![course(&[5, 7])], None), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_order_of_calls_does_not_matter(mut seconds in proptest::collection::vec(0..1_000_000_i64, 0..400), at in 0..400_usize) {
            let whole = course(&seconds);
            let half = at.min(seconds.len());
            let mut parts = course(&seconds[half..]);
            parts.merge(&course(&seconds[..half]));
            seconds.reverse();
            prop_assert_eq!(&course(&seconds), &whole);
            prop_assert_eq!(&parts, &whole);
        }
    }
}
