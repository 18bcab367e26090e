//! What is usual at each window: a running median, and the hours of the day where the logs span several.
//!
//! Medians do not see what lasts less than half their width (Hampel 1974; the robust way of a seasonal-trend
//! decomposition, Cleveland et al. 1990). Counts are made comparable first: twice the square root of a Poisson count varies
//! by 1 whatever its mean (Anscombe 1948).

use crate::robust::median;

/// Half the width of the running median, as a share of all windows: what lasts less than an eighth of the time stands out.
const REACH_SHARE: usize = 8;
const LEAST_REACH: usize = 5;

/// Days needed before their hours are compared.
const LEAST_PERIODS: usize = 3;

/// A count as a value that chance moves by 1.
pub fn steady(count: f64) -> f64 {
    2.0 * (count + 0.375).sqrt()
}

/// The count of such a value.
pub fn count_of(steady: f64) -> f64 {
    (steady * steady / 4.0 - 0.375).max(0.0)
}

/// The usual value at each place. `period`: after how many values a day begins anew.
pub fn usual(values: &[f64], period: Option<usize>) -> Vec<f64> {
    usual_at(values, period, |at| at)
}

/// The same of values that not every window has. `window`: of the n-th of them, rising; `period`: windows of a day.
pub fn usual_at(values: &[f64], period: Option<usize>, window: impl Fn(usize) -> usize) -> Vec<f64> {
    let spans_days = |&period: &usize| {
        period >= 2 && !values.is_empty() && window(values.len() - 1) + 1 - window(0) >= LEAST_PERIODS * period
    };
    let season = period.filter(spans_days).and_then(|period| season(values, period, &window));
    let Some(season) = season else { return running_median(values) };
    let of_season = |at: usize| season[window(at) % season.len()];
    let without: Vec<f64> = values.iter().enumerate().map(|(at, value)| value - of_season(at)).collect();
    let trend = running_median(&without);
    trend.iter().enumerate().map(|(at, value)| value + of_season(at)).collect()
}

/// By time of the day: how far from the middle of all. `None` where too few days have values of one time.
fn season(values: &[f64], period: usize, window: impl Fn(usize) -> usize) -> Option<Vec<f64>> {
    let middle = median(values.to_vec());
    let mut of_phase = vec![Vec::new(); period];
    values.iter().enumerate().for_each(|(at, &value)| of_phase[window(at) % period].push(value));
    let n_phases = of_phase.iter().filter(|values| !values.is_empty()).count();
    let from_middle = |phase: usize| {
        // Nothing is ever held against that.
        if of_phase[phase].is_empty() {
            return 0.0;
        }
        let mut near: Vec<f64> = of_phase[phase].clone();
        // What few days have a value of is as it is just before and after that.
        for reach in 1..=period / 2 {
            if near.len() >= LEAST_PERIODS {
                break;
            }
            near.extend(&of_phase[(phase + reach) % period]);
            near.extend(&of_phase[(phase + period - reach) % period]);
        }
        median(near) - middle
    };
    (values.len() >= LEAST_PERIODS * n_phases).then(|| (0..period).map(from_middle).collect())
}

fn running_median(values: &[f64]) -> Vec<f64> {
    let reach = (values.len() / REACH_SHARE).max(LEAST_REACH);
    let mut sorted: Vec<f64> = Vec::with_capacity(2 * reach + 1);
    let place = |sorted: &[f64], value: f64| sorted.partition_point(|other| other.total_cmp(&value).is_lt());
    let mut medians = Vec::with_capacity(values.len());
    let mut n_in = 0;
    for at in 0..values.len() {
        while n_in < values.len().min(at + reach + 1) {
            let value = values[n_in];
            sorted.insert(place(&sorted, value), value);
            n_in += 1;
        }
        if at > reach {
            let gone = place(&sorted, values[at - reach - 1]);
            sorted.remove(gone);
        }
        medians.push(sorted[sorted.len() / 2]);
    }
    medians
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_does_not_move_what_is_usual() {
        let mut values = vec![10.0; 100];
        values[40..46].fill(500.0);
        assert_eq!(usual(&values, None), vec![10.0; 100]);
    }

    #[test]
    fn busy_hours_are_usual_where_every_day_has_them() {
        let day = |hour: usize| if hour == 12 { 90.0 } else { 10.0 };
        let values: Vec<f64> = (0..24 * 5).map(|hour| day(hour % 24)).collect();
        assert_eq!(usual(&values, Some(24)), values);
        assert_eq!(usual(&values[..48], Some(24))[12], 10.0);
    }

    #[test]
    fn busy_hours_are_usual_where_nothing_is_known_of_the_nights() {
        let day = |hour: usize| if hour == 12 { 90.0 } else { 10.0 };
        let hours: Vec<usize> = (0..24 * 5).filter(|hour| (8..20).contains(&(hour % 24))).collect();
        let values: Vec<f64> = hours.iter().map(|hour| day(hour % 24)).collect();
        assert_eq!(usual_at(&values, Some(24), |at| hours[at]), values);
        // Of two days nobody knows whether the third would be so.
        assert_eq!(usual_at(&values[..24], Some(24), |at| hours[at])[4], 10.0);
    }

    #[test]
    fn counts_become_values_that_vary_by_one() {
        for count in [0.0, 1.0, 50.0, 1e6] {
            assert!((count_of(steady(count)) - count).abs() < 1e-6 * (1.0 + count));
        }
        // One standard deviation of a count of 10,000 is 100.
        assert!((steady(10_100.0) - steady(10_000.0) - 1.0).abs() < 0.01);
    }
}
