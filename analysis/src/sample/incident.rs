//! What goes wrong in the sample logs, and why.
//!
//! Inventory rolls out a release whose schema migration drops an index. Its stock queries become sequential scans that
//! take longer as the page cache is pushed out; connections are held longer, the pool runs dry, and callers run into
//! their deadlines and try again, which asks even more of the pool. Creating the index anew ends it.
//! Everything other services log in that time follows from the answers they get from inventory.

use model::time::{NANOS_PER_SECOND, Nanos};

use super::random::Random;

/// Times are nanoseconds since the epoch.
#[derive(Clone, Debug)]
pub struct Incident {
    /// On a quiet day the release is not rolled out, and nothing below has any effect.
    pub happens: bool,
    /// The migration is applied: the cause.
    pub start: i64,
    /// The index is back.
    pub fix: i64,
    /// Queries are as fast as before.
    pub end: i64,
    /// Share of recent calls that were retries: what the callers' impatience adds.
    retry_share: f64,
}

/// A stock query with its index.
const QUERY_MILLIS: f64 = 3.0;
/// How many times as long it takes without, at worst.
const WORST_SLOWDOWN: f64 = 70.0;
/// Slowdown at which the connections of a normal hour are all in use.
const POOL_LIMIT_SLOWDOWN: f64 = 32.0;
/// How long a request waits for a connection before it is refused.
pub const POOL_PATIENCE_MILLIS: f64 = 500.0;
pub const POOL_SIZE: u32 = 20;
/// Queries that take longer are logged.
pub const SLOW_QUERY_MILLIS: f64 = 100.0;

/// Share of the incident until queries are at their slowest, and until the index is back.
const RAMP: f64 = 0.4;
const UNTIL_FIX: f64 = 0.85;

/// What one call finds at inventory.
pub struct Answer {
    /// Waiting for a connection.
    pub wait_millis: f64,
    /// The query itself.
    pub query_millis: f64,
}

impl Incident {
    /// In the evening peak of the last day; longer where the logs span more time, so that it keeps its share.
    pub fn new(happens: bool, start_of_logs: i64, end_of_logs: i64, random: &mut Random) -> Self {
        let span = end_of_logs - start_of_logs;
        let length = (span / 32).max(40 * 60 * NANOS_PER_SECOND);
        let minutes_off = i64::from(random.below(60));
        let start = end_of_logs - span / 6 - length + minutes_off * 60 * NANOS_PER_SECOND;
        let part = |share: f64| start + (length as f64 * share) as i64;
        Self { happens, start, fix: part(UNTIL_FIX), end: part(1.0), retry_share: 0.0 }
    }

    /// How many times as long a stock query takes.
    fn slowdown(&self, at: i64) -> f64 {
        if !self.happens || at < self.start || at >= self.end {
            return 1.0;
        }
        let length = (self.end - self.start) as f64;
        let peak = self.start as f64 + RAMP * length;
        let at = at as f64;
        let severity = if at < peak {
            (at - self.start as f64) / (peak - self.start as f64)
        } else if at < self.fix as f64 {
            1.0
        } else {
            (self.end as f64 - at) / (self.end - self.fix) as f64
        };
        1.0 + (WORST_SLOWDOWN - 1.0) * severity * severity
    }

    /// Demand for connections over supply; 1 is all of them.
    pub fn pool_pressure(&self, at: i64) -> f64 {
        self.slowdown(at) / POOL_LIMIT_SLOWDOWN * (0.5 + 0.5 * daily_rhythm(at)) * (1.0 + self.retry_share)
    }

    pub fn ask(&mut self, at: i64, is_retry: bool, random: &mut Random) -> Answer {
        self.retry_share += (f64::from(u8::from(is_retry)) - self.retry_share) / 64.0;
        let query_millis = random.latency(QUERY_MILLIS * self.slowdown(at));
        let excess = (self.pool_pressure(at) - 0.8).max(0.0);
        Answer { wait_millis: 600.0 * excess * random.exponential(), query_millis }
    }
}

/// Requests by hour of the day in UTC, 1 on average: nights are quiet, lunch and the evening are busy.
const HOURLY: [f64; 25] = [
    0.45, 0.32, 0.24, 0.20, 0.20, 0.28, 0.46, 0.72, 0.96, 1.12, 1.20, 1.28, 1.42, 1.36, 1.24, 1.18, 1.20, 1.30, 1.52,
    1.76, 1.80, 1.58, 1.14, 0.72, 0.45,
];

/// How busy the shop is, 1 on average over a day.
pub fn daily_rhythm(at: i64) -> f64 {
    const HOUR: i64 = 3600 * NANOS_PER_SECOND;
    let of_day = at.rem_euclid(24 * HOUR);
    let hour = (of_day / HOUR) as usize;
    let within = (of_day % HOUR) as f64 / HOUR as f64;
    HOURLY[hour] + (HOURLY[hour + 1] - HOURLY[hour]) * within
}

/// Mean of [`daily_rhythm`] over a day.
pub fn daily_mean() -> f64 {
    HOURLY[..24].iter().sum::<f64>() / 24.0
}

/// The last instant of the sample logs unless another is asked for: 2026-11-20 00:00 UTC.
pub const DEFAULT_END: Nanos = Nanos(1_795_132_800 * NANOS_PER_SECOND);

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400 * NANOS_PER_SECOND;

    #[test]
    fn a_day_has_the_average_it_claims() {
        let mean = (0..1440).map(|minute| daily_rhythm(minute * 60 * NANOS_PER_SECOND)).sum::<f64>() / 1440.0;
        assert!((mean - daily_mean()).abs() < 1e-3 && (0.95..1.05).contains(&mean), "{mean}");
    }

    #[test]
    fn inventory_is_quick_before_slow_in_between_and_quick_after() {
        let mut random = Random::new(7);
        let mut incident = Incident::new(true, DEFAULT_END.0 - DAY, DEFAULT_END.0, &mut random);
        let (start, fix, end) = (incident.start, incident.fix, incident.end);
        let mut mean_at = |at: i64| {
            let total: f64 = (0..200)
                .map(|_| incident.ask(at, false, &mut random))
                .map(|answer| answer.wait_millis + answer.query_millis)
                .sum();
            total / 200.0
        };
        assert!(mean_at(start) < 10.0);
        assert!(mean_at(fix - 1) > 300.0);
        assert!(mean_at(end + 1) < 10.0);
    }
}
