//! A series over time: what a gauge stood at, or by how much a counter grew, in spans of equal width.

use model::time::{Nanos, TimeRange};

use super::rules::Growth;
use crate::red::labels::Temporality;

/// A gauge that is silent for more scrapes than that stood at nothing anyone knows.
const MOST_SCRAPES_HELD: i64 = 5;

/// Of a series, sorted by time, no two at once.
pub struct Run {
    pub points: Vec<(Nanos, f64)>,
    pub temporality: Option<Temporality>,
    /// When anything of the same process was scraped first.
    pub first: Nanos,
    /// From one scrape to the next, where there are several.
    pub interval: Option<i64>,
}

/// In each span; `all`: over all of the time.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    pub spans: Vec<Option<f64>>,
    pub all: f64,
    /// It is of one scrape.
    pub is_since_start: bool,
}

impl Run {
    /// `is_timeless`: of one scrape all that was counted is told. `None`: nothing can be told.
    pub fn course(
        &self,
        growth: Option<Growth>,
        is_timeless: bool,
        range: Option<TimeRange>,
        n_spans: usize,
    ) -> Option<Course> {
        let mut sums = Sums::new(range, n_spans);
        let is_since_start = growth.is_some() && self.has_one_total();
        match growth {
            None => self.stood_at(&mut sums),
            Some(growth) if is_since_start => {
                let (time, value) = self.points[0];
                let amount = if growth == Growth::InAll { value } else { value / 1e9 };
                sums.add(time.0, time.0, amount);
            }
            Some(_) => self.grew_by(&mut sums),
        }
        let is_told = !is_since_start || is_timeless;
        let all = sums.all(growth).filter(|_| is_told)?;
        let spans = (0..sums.amounts.len()).map(|span| sums.of_span(span, growth)).collect();
        Some(Course { spans, all, is_since_start })
    }

    fn has_one_total(&self) -> bool {
        self.points.len() == 1 && self.temporality != Some(Temporality::Delta) && !self.began_late()
    }

    /// It was not there when others were scraped: it had counted nothing.
    fn began_late(&self) -> bool {
        let since = self.points[0].0.0.saturating_sub(self.first.0);
        self.interval.is_some_and(|interval| since > interval / 2)
    }

    fn stood_at(&self, sums: &mut Sums) {
        for (at, &(time, value)) in self.points.iter().enumerate() {
            let next = self.points.get(at + 1).map(|next| next.0.0);
            let interval = self.interval.unwrap_or(0);
            let least = time.0.saturating_add(interval);
            let held = time.0.saturating_add(interval.saturating_mul(MOST_SCRAPES_HELD));
            let end = next.map_or(least, |next| if next > held { least } else { next });
            sums.add(time.0, end, value * (end - time.0).max(1) as f64);
        }
    }

    fn grew_by(&self, sums: &mut Sums) {
        let is_delta = self.temporality == Some(Temporality::Delta);
        let (first, value) = self.points[0];
        if is_delta || self.began_late() {
            let before = self.points.get(1).map(|next| next.0.0 - first.0).or(self.interval).unwrap_or(0);
            sums.add(first.0.saturating_sub(before), first.0, value);
        }
        for pair in self.points.windows(2) {
            let ((before, was), (time, is)) = (pair[0], pair[1]);
            // What fell began anew.
            let amount = if is_delta || is < was { is } else { is - was };
            sums.add(before.0, time.0, amount);
        }
    }
}

/// Amounts and the nanoseconds that they are over.
struct Sums {
    range: Option<TimeRange>,
    amounts: Vec<f64>,
    nanos: Vec<f64>,
    amount: f64,
    all_nanos: f64,
}

impl Sums {
    fn new(range: Option<TimeRange>, n_spans: usize) -> Self {
        let n_spans = if range.is_some() { n_spans } else { 0 };
        Self { range, amounts: vec![0.0; n_spans], nanos: vec![0.0; n_spans], amount: 0.0, all_nanos: 0.0 }
    }

    /// What there was from `start` to `end`, evenly. A moment is a nanosecond long.
    fn add(&mut self, start: i64, end: i64, amount: f64) {
        let nanos = (end.saturating_sub(start)).max(1) as f64;
        (self.amount, self.all_nanos) = (self.amount + amount, self.all_nanos + nanos);
        let (Some(range), n_spans) = (self.range, self.amounts.len()) else { return };
        let width = ((range.end.0 as f64 - range.start.0 as f64) / n_spans as f64).max(1.0);
        let from = (start as i128 - i128::from(range.start.0)) as f64;
        let (first, last) = ((from / width).floor(), ((from + nanos) / width).ceil());
        for span in first.max(0.0) as usize..(last.max(0.0) as usize).min(n_spans) {
            let overlap = (from + nanos).min((span + 1) as f64 * width) - from.max(span as f64 * width);
            if overlap > 0.0 {
                self.amounts[span] += amount * overlap / nanos;
                self.nanos[span] += overlap;
            }
        }
    }

    fn of_span(&self, span: usize, growth: Option<Growth>) -> Option<f64> {
        (self.nanos[span] > 0.0).then(|| told(self.amounts[span], self.nanos[span], growth))
    }

    fn all(&self, growth: Option<Growth>) -> Option<f64> {
        (self.all_nanos > 0.0).then(|| told(self.amount, self.all_nanos, growth))
    }
}

fn told(amount: f64, nanos: f64, growth: Option<Growth>) -> f64 {
    match growth {
        Some(Growth::InAll) => amount,
        Some(Growth::PerSecond) => amount / nanos * 1e9,
        None => amount / nanos,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    /// Points at so many seconds.
    fn run(points: &[(i64, f64)]) -> Run {
        let points: Vec<_> = points.iter().map(|&(second, value)| (Nanos(second * SECOND), value)).collect();
        let interval = (points.len() > 1).then(|| points[1].0.0 - points[0].0.0);
        Run { first: points[0].0, points, temporality: None, interval }
    }

    /// Over forty seconds in four spans.
    fn spans(run: &Run, growth: Option<Growth>) -> (Vec<Option<f64>>, f64) {
        let range = TimeRange { start: Nanos(0), end: Nanos(40 * SECOND) };
        let course = run.course(growth, true, Some(range), 4).unwrap();
        let rounded = |number: f64| (number * 1000.0).round() / 1000.0;
        (course.spans.iter().map(|span| span.map(rounded)).collect(), rounded(course.all))
    }

    #[test]
    fn growth_between_two_scrapes_is_of_all_the_time_between_them() {
        let counter = run(&[(0, 100.0), (20, 140.0), (40, 150.0)]);
        assert_eq!(spans(&counter, Some(Growth::PerSecond)), (vec![Some(2.0), Some(2.0), Some(0.5), Some(0.5)], 1.25));
        assert_eq!(spans(&counter, Some(Growth::InAll)), (vec![Some(20.0), Some(20.0), Some(5.0), Some(5.0)], 50.0));
    }

    #[test]
    fn a_counter_that_fell_began_anew() {
        assert_eq!(spans(&run(&[(0, 100.0), (10, 4.0)]), Some(Growth::InAll)).1, 4.0);
    }

    #[test]
    fn a_gauge_stands_where_it_stood_until_the_next_scrape() {
        let gauge = run(&[(0, 1.0), (10, 3.0), (20, 3.0)]);
        assert_eq!(spans(&gauge, None).0, [Some(1.0), Some(3.0), Some(3.0), None]);
    }

    #[test]
    fn a_counter_that_came_late_had_counted_nothing() {
        let late = Run { first: Nanos(0), interval: Some(10 * SECOND), ..run(&[(20, 3.0)]) };
        assert_eq!(spans(&late, Some(Growth::InAll)), (vec![None, Some(3.0), None, None], 3.0));
    }

    #[test]
    fn of_one_scrape_only_totals_can_be_told() {
        let one = run(&[(5, 30.0)]);
        assert!(one.course(Some(Growth::InAll), true, None, 4).unwrap().is_since_start);
        assert_eq!(one.course(Some(Growth::PerSecond), false, None, 4), None);
    }
}
