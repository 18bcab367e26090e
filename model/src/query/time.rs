//! Times of queries: which instants `time>=2026-11-19` or `time>now-15m` speak of.

use super::edit::join;
use super::{Comparison, Expr, Query, Stage, Test, parse_query, split};
use crate::time::{Civil, NANOS_PER_SECOND, Nanos, TimeRange, Zone, format_wall};

/// The field name that means the entry's time.
pub fn is_time_name(field: &str) -> bool {
    field.eq_ignore_ascii_case("time")
}

/// What the times of a query are read by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Present {
    /// Of times that name none.
    pub zone: Zone,
    /// The last instant of the data: the clock of the machine means nothing for the logs of yesterday. Who means the clock
    /// says so ([`Now::Clock`](crate::scope::Now)), and its instants are written into the query ([`at_present`]).
    pub now: Nanos,
}

/// A time as a query writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrittenTime {
    /// A clock's reading, as if it were UTC; it stands for all of the unit of its last part.
    Reading { wall: Nanos, unit_nanos: i64, seconds_east: Option<i32> },
    /// `now-15m`.
    BeforeNow { nanos: i64 },
}

const DAY_NANOS: i64 = 86_400 * NANOS_PER_SECOND;

const UNITS: [(char, i64); 5] = [
    ('s', NANOS_PER_SECOND),
    ('m', 60 * NANOS_PER_SECOND),
    ('h', 3600 * NANOS_PER_SECOND),
    ('d', DAY_NANOS),
    ('w', 7 * DAY_NANOS),
];

impl WrittenTime {
    /// Reads `2026-11-19`, `2026-11-19T13`, `2026-11-19 13:00`, `2026-11-19T13:00:00.5+01:00`, `now` or `now-15m`.
    pub fn read(text: &str) -> Option<Self> {
        if let Some((word, ago)) = text.split_at_checked(3)
            && word.eq_ignore_ascii_case("now")
        {
            return Some(Self::BeforeNow {
                nanos: if ago.is_empty() { 0 } else { read_span(ago.strip_prefix('-')?)? },
            });
        }
        let (date, clock) = text.split_at_checked(10)?;
        let mut civil = read_date(date)?;
        let (mut unit_nanos, mut seconds_east) = (DAY_NANOS, None);
        if !clock.is_empty() {
            let clock = clock.strip_prefix(['T', 't', ' '])?;
            let zone_at = clock.find(['Z', 'z', '+', '-']).unwrap_or(clock.len());
            let (clock, zone) = clock.split_at(zone_at);
            unit_nanos = read_clock(clock, &mut civil)?;
            seconds_east = if zone.is_empty() { None } else { Some(read_offset(zone)?) };
        }
        Some(Self::Reading { wall: civil.to_utc()?, unit_nanos, seconds_east })
    }

    /// The instants it stands for.
    pub fn span(self, present: &Present) -> TimeRange {
        let from_wall = |wall: Nanos, seconds_east: Option<i32>| match seconds_east {
            Some(east) => Nanos(wall.0.saturating_sub(i64::from(east) * NANOS_PER_SECOND)),
            None => present.zone.from_wall(wall),
        };
        let (start, end) = match self {
            Self::BeforeNow { nanos } => {
                let start = present.now.0.saturating_sub(nanos);
                (Nanos(start), Nanos(start.saturating_add(1)))
            }
            Self::Reading { wall, unit_nanos, seconds_east } => {
                let start = from_wall(wall, seconds_east);
                let end = match unit_nanos {
                    // Days of a zone have 23 or 25 hours, too.
                    DAY_NANOS => from_wall(Nanos(wall.0.saturating_add(DAY_NANOS)), seconds_east),
                    _ => Nanos(start.0.saturating_add(unit_nanos)),
                };
                (start, end)
            }
        };
        TimeRange { start, end }
    }
}

/// A test of an entry's time made ready: inside or outside of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeTest {
    span: TimeRange,
    is_inside: bool,
}

impl TimeTest {
    /// `time>2026-11-20` is after all of that day. `None`: the test names no time.
    pub fn new(test: &Test, present: &Present) -> Option<Self> {
        let read = |text: &str| WrittenTime::read(text).map(|time| time.span(present));
        let before = |end: Nanos| TimeRange { start: Nanos(i64::MIN), end };
        let (span, is_inside) = match test {
            // Every entry has a time.
            Test::Exists => (before(Nanos(i64::MIN)), false),
            Test::Is(text) | Test::Equals(text) => (read(text)?, true),
            Test::Compare(comparison, text) => {
                let span = read(text)?;
                match comparison {
                    Comparison::Less => (before(span.start), true),
                    Comparison::LessOrEqual => (before(span.end), true),
                    Comparison::Greater => (before(span.end), false),
                    Comparison::GreaterOrEqual => (before(span.start), false),
                    Comparison::NotEqual => (span, false),
                }
            }
            Test::StartsWith(_) | Test::Matches(_) | Test::Within(_) => return None,
        };
        Some(Self { span, is_inside })
    }

    pub fn holds(self, time: Nanos) -> bool {
        self.span.contains(time) == self.is_inside
    }

    /// As comparisons of a field with instants.
    fn as_instants(self, name: &str) -> Expr {
        let TimeRange { start, end } = self.span;
        let than = |comparison, bound: Nanos| than_instant(name, comparison, bound);
        let (from, to) = match self.is_inside {
            true => (Comparison::GreaterOrEqual, Comparison::Less),
            false => (Comparison::Less, Comparison::GreaterOrEqual),
        };
        let bounds = (start.0 > i64::MIN).then(|| than(from, start)).into_iter().chain([than(to, end)]);
        if self.is_inside { Expr::and(bounds) } else { Expr::or(bounds) }
    }

    /// Whether it holds for every instant of `times` or for none of them; `None`: for some.
    pub fn holds_throughout(self, times: TimeRange) -> Option<bool> {
        let is_apart = times.end <= self.span.start || self.span.end <= times.start;
        let is_within = self.span.start <= times.start && times.end <= self.span.end;
        (is_apart || is_within).then_some(is_apart != self.is_inside)
    }
}

fn than_instant(name: &str, comparison: Comparison, bound: Nanos) -> Expr {
    let digits = if bound.0.rem_euclid(NANOS_PER_SECOND) == 0 { 0 } else { 9 };
    let instant = format!("{}Z", format_wall(bound, &Zone::utc(), digits).replacen(' ', "T", 1));
    Expr::Field { name: name.to_owned(), test: Test::Compare(comparison, instant) }
}

/// Entries that were written within a range; an end that is open asks for nothing.
///
/// ```
/// use model::query::is_within;
/// use model::time::{Nanos, TimeRange};
/// let range = TimeRange { start: Nanos(0), end: Nanos(1_500_000_000) };
/// assert_eq!(is_within(range).to_string(), "time>=1970-01-01T00:00:00Z time<1970-01-01T00:00:01.500000000Z");
/// assert_eq!(is_within(TimeRange { start: Nanos(i64::MIN), ..range }).to_string(), "time<1970-01-01T00:00:01.500000000Z");
/// ```
pub fn is_within(range: TimeRange) -> Expr {
    let from = (range.start.0 > i64::MIN).then(|| than_instant("time", Comparison::GreaterOrEqual, range.start));
    let to = (range.end.0 < i64::MAX).then(|| than_instant("time", Comparison::Less, range.end));
    Expr::and(from.into_iter().chain(to))
}

/// The query with the times that name no zone written as instants, as the clock of `zone` shows them, those behind `where`
/// among them, and, where `clock` says what time it is, those before `now` too; `None` where it has none.
///
/// ```
/// use model::query::at_present;
/// use model::time::{Nanos, Zone};
/// let utc = Zone::utc();
/// let instants = "disk time>=2026-11-20T00:00:00Z time<2026-11-21T00:00:00Z";
/// assert_eq!(at_present("disk time:2026-11-20", &utc, None).as_deref(), Some(instants));
/// assert_eq!(at_present("disk time>=now-15m", &utc, None), None);
/// let clock = Some(Nanos(1_795_176_000_000_000_000));
/// assert_eq!(at_present("disk time>=now-15m", &utc, clock).as_deref(), Some("disk time>=2026-11-20T11:45:00Z"));
/// ```
pub fn at_present(query: &str, zone: &Zone, clock: Option<Nanos>) -> Option<String> {
    let (Query { filter, mut stages }, _) = parse_query(query);
    let present = Present { zone: zone.clone(), now: clock.unwrap_or_default() };
    let is_meant = |test: &Test| match written_time(test) {
        Some(WrittenTime::Reading { seconds_east, .. }) => seconds_east.is_none(),
        Some(WrittenTime::BeforeNow { .. }) => clock.is_some(),
        None => false,
    };
    let (mut has_some, mut has_some_behind) = (false, false);
    let filter = placed(filter, &present, &is_meant, &mut has_some);
    for stage in &mut stages {
        if let Stage::Where(condition) = stage {
            let written = std::mem::replace(condition, Expr::All);
            *condition = placed(written, &present, &is_meant, &mut has_some_behind);
        }
    }
    match (has_some, has_some_behind) {
        (false, false) => None,
        (true, false) => Some(join(filter.to_string(), split(query).1)),
        (_, true) => Some(Query { filter, stages }.to_string()),
    }
}

fn placed(expr: Expr, present: &Present, is_meant: &dyn Fn(&Test) -> bool, has_some: &mut bool) -> Expr {
    match expr {
        Expr::And(parts) => Expr::and(parts.into_iter().map(|part| placed(part, present, is_meant, has_some))),
        Expr::Or(parts) => Expr::or(parts.into_iter().map(|part| placed(part, present, is_meant, has_some))),
        Expr::Not(inner) => placed(*inner, present, is_meant, has_some).negate(),
        Expr::Field { name, test } if is_time_name(&name) && is_meant(&test) => match TimeTest::new(&test, present) {
            Some(time) => {
                *has_some = true;
                time.as_instants(&name)
            }
            None => Expr::Field { name, test },
        },
        other => other,
    }
}

fn written_time(test: &Test) -> Option<WrittenTime> {
    let (Test::Is(text) | Test::Equals(text) | Test::Compare(_, text)) = test else { return None };
    WrittenTime::read(text)
}

/// Whether what a filter finds depends on when the data ends.
pub fn asks_for_now(filter: &Expr) -> bool {
    match filter {
        Expr::And(parts) | Expr::Or(parts) => parts.iter().any(asks_for_now),
        Expr::Not(inner) => asks_for_now(inner),
        Expr::Field { name, test } => {
            is_time_name(name) && matches!(written_time(test), Some(WrittenTime::BeforeNow { .. }))
        }
        _ => false,
    }
}

impl Stage {
    /// Whether what it makes depends on when the data ends.
    pub fn asks_for_now(&self) -> bool {
        matches!(self, Self::Where(condition) if asks_for_now(condition))
    }
}

/// `15m`
fn read_span(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let &(_, nanos) = UNITS.iter().find(|(letter, _)| unit == letter.encode_utf8(&mut [0; 4]))?;
    digits(number, 1..=9).and_then(|number| number.checked_mul(nanos))
}

/// `2026-11-19`, its first instant.
fn read_date(text: &str) -> Option<Civil> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let of_two = |text: &str| digits(text, 2..=2).map(|number| number as u8);
    let civil = Civil {
        year: digits(year, 4..=4)? as i32,
        month: of_two(month)?,
        day: of_two(day)?,
        hour: 0,
        minute: 0,
        second: 0,
        nanos: 0,
    };
    parts.next().is_none().then_some(civil)
}

/// `13`, `13:00`, `13:00:00` or `13:00:00.123`; gives the unit of the last part.
fn read_clock(text: &str, civil: &mut Civil) -> Option<i64> {
    let of_two = |text: &str| digits(text, 2..=2).map(|number| number as u8);
    let mut parts = text.split(':');
    civil.hour = of_two(parts.next()?)?;
    let Some(minute) = parts.next() else { return Some(3600 * NANOS_PER_SECOND) };
    civil.minute = of_two(minute)?;
    let Some(seconds) = parts.next() else { return Some(60 * NANOS_PER_SECOND) };
    let (seconds, fraction) =
        seconds.split_once(['.', ',']).map_or((seconds, None), |(whole, part)| (whole, Some(part)));
    civil.second = of_two(seconds)?;
    let unit_nanos = match fraction {
        Some(fraction) => {
            let unit = 10_i64.pow(9_u32.checked_sub(fraction.len() as u32)?);
            civil.nanos = (digits(fraction, 1..=9)? * unit) as u32;
            unit
        }
        None => NANOS_PER_SECOND,
    };
    parts.next().is_none().then_some(unit_nanos)
}

/// `Z`, `+01:00`, `-0530` or `+01`, as seconds east.
fn read_offset(text: &str) -> Option<i32> {
    if text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (sign, rest) = text.split_at_checked(1)?;
    let (hours, minutes) = rest.split_at_checked(2)?;
    let minutes = minutes.strip_prefix(':').unwrap_or(minutes);
    let hours = digits(hours, 2..=2).filter(|&hours| hours < 24)?;
    let minutes = if minutes.is_empty() { 0 } else { digits(minutes, 2..=2).filter(|&minutes| minutes < 60)? };
    let seconds = (hours * 3600 + minutes * 60) as i32;
    Some(if sign == "-" { -seconds } else { seconds })
}

/// A number of so many digits and nothing else.
fn digits(text: &str, lengths: std::ops::RangeInclusive<usize>) -> Option<i64> {
    let is_number = lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// First instant and length in seconds, in a zone two hours east, where the data ends at noon of 2026-11-20 UTC.
    fn span(text: &str) -> Option<(String, f64)> {
        let now = Civil { year: 2026, month: 11, day: 20, hour: 12, minute: 0, second: 0, nanos: 0 }.to_utc()?;
        let span = WrittenTime::read(text)?.span(&Present { zone: Zone::fixed(7200), now });
        let seconds = (span.end.0 - span.start.0) as f64 / 1e9;
        Some((format_wall(span.start, &Zone::utc(), 3), seconds))
    }

    #[test]
    fn a_time_stands_for_the_unit_of_its_last_part() {
        let check = |text: &str, start: &str, seconds: f64| {
            assert_eq!(span(text), Some((format!("2026-11-{start}"), seconds)), "{text}");
        };
        check("2026-11-19", "18 22:00:00.000", 86_400.0);
        check("2026-11-19T13", "19 11:00:00.000", 3600.0);
        check("2026-11-19 13Z", "19 13:00:00.000", 3600.0);
        check("2026-11-19T13:00", "19 11:00:00.000", 60.0);
        check("2026-11-19 13:00:05", "19 11:00:05.000", 1.0);
        check("2026-11-19t13:00:05.25", "19 11:00:05.250", 0.01);
        check("2026-11-19T13:00:05,123456789Z", "19 13:00:05.123", 1e-9);
        check("2026-11-19T13:00:05+05:30", "19 07:30:05.000", 1.0);
        check("2026-11-19T13:00-0100", "19 14:00:00.000", 60.0);
        check("now", "20 12:00:00.000", 1e-9);
        check("NOW-15m", "20 11:45:00.000", 1e-9);
        check("now-2d", "18 12:00:00.000", 1e-9);
        check("now-1w", "13 12:00:00.000", 1e-9);
    }

    #[test]
    fn times_without_a_zone_become_instants_of_the_zone_they_are_seen_in() {
        let east = Zone::fixed(7200);
        let placed = |query: &str| at_present(query, &east, None);
        assert_eq!(placed("time>2026-11-19T13:00 a").as_deref(), Some("time>=2026-11-19T11:01:00Z a"));
        assert_eq!(
            placed("a -time:2026-11-19").as_deref(),
            Some("a -(time>=2026-11-18T22:00:00Z time<2026-11-19T22:00:00Z)")
        );
        assert_eq!(
            placed("time<=2026-11-19T13:00:00.5 | top 3 a").as_deref(),
            Some("time<2026-11-19T11:00:00.600000000Z | top 3 a")
        );
        assert_eq!(
            placed("a time:2026-11-19T13:00:00Z | fields time, b | where time>=2026-11-19T13:00 OR b:c | limit 3")
                .as_deref(),
            Some("a time:2026-11-19T13:00:00Z | fields time, b | where time>=2026-11-19T11:00:00Z OR b:c | limit 3")
        );
        for as_it_is in ["time>=2026-11-19T13:00Z", "| where time>now-5m", "time>now-5m", "a b:c", "time:soon"] {
            assert_eq!(placed(as_it_is), None, "{as_it_is}");
        }
        // What is placed stays where it is.
        let once = placed("time!=2026-11-19").unwrap();
        assert_eq!(placed(&once), None, "{once}");
    }

    #[test]
    fn what_is_no_time_is_not_read() {
        for text in [
            "",
            "yesterday",
            "13:00",
            "2026",
            "2026-11",
            "2026-02-29",
            "2026-11-19T",
            "2026-11-19T1",
            "2026-11-19T24",
            "2026-11-19T13:",
            "2026-11-19T25:00",
            "2026-11-19T13:00:00.",
            "2026-11-19T13:00:00.1234567890",
            "2026-11-19T13:00X",
            "2026-11-19T13:00+1",
            "2026-11-19T13:00+24:00",
            "2026-11-1é",
            "20é",
            "now-",
            "now-15",
            "now-15y",
            "now-é",
            "now+1h",
            "now-1h/h",
            "nowhere",
            "42ms",
            "2026-11-19-20",
        ] {
            assert_eq!(WrittenTime::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_on_which_clocks_change_is_as_long_as_it_was() {
        let change = Civil { year: 2026, month: 10, day: 25, hour: 1, minute: 0, second: 0, nanos: 0 }.to_utc();
        let changes = vec![(change.expect("a valid date"), 3600)];
        let zone = Zone { name: "Europe/Berlin".into(), first_offset: 7200, changes };
        let span = WrittenTime::read("2026-10-25").expect("a day").span(&Present { zone, now: Nanos(0) });
        assert_eq!(span.end.0 - span.start.0, 25 * 3600 * NANOS_PER_SECOND);
    }

    #[test]
    fn a_comparison_takes_a_day_as_one_step() {
        let holds = |comparison, hour: i64| {
            let test = Test::Compare(comparison, "1970-01-02".into());
            let test = TimeTest::new(&test, &Present::default()).expect("a time");
            let time = Nanos(hour * 3600 * NANOS_PER_SECOND);
            let at_once = test.holds_throughout(TimeRange { start: time, end: Nanos(time.0 + 1) });
            assert_eq!(at_once, Some(test.holds(time)));
            test.holds(time)
        };
        let of_day = |comparison| [23, 24, 47, 48].map(|hour| holds(comparison, hour));
        assert_eq!(of_day(Comparison::Less), [true, false, false, false]);
        assert_eq!(of_day(Comparison::LessOrEqual), [true, true, true, false]);
        assert_eq!(of_day(Comparison::Greater), [false, false, false, true]);
        assert_eq!(of_day(Comparison::GreaterOrEqual), [false, true, true, true]);
        assert_eq!(of_day(Comparison::NotEqual), [true, false, false, true]);
    }

    #[test]
    fn a_span_across_an_end_is_undecided() {
        let test = TimeTest::new(&Test::Is("1970-01-01T00:00:01".into()), &Present::default()).expect("a time");
        let range =
            |start: f64, end: f64| TimeRange { start: Nanos((start * 1e9) as i64), end: Nanos((end * 1e9) as i64) };
        assert_eq!(test.holds_throughout(range(0.5, 1.5)), None);
        assert_eq!(test.holds_throughout(range(0.0, 9.0)), None);
        assert_eq!(test.holds_throughout(range(1.0, 2.0)), Some(true));
        assert_eq!(test.holds_throughout(range(2.0, 3.0)), Some(false));
        let every = TimeTest::new(&Test::Exists, &Present::default()).expect("a test");
        assert_eq!(every.holds_throughout(range(0.0, 9.0)), Some(true));
        assert!(every.holds(Nanos(i64::MIN)) && every.holds(Nanos(i64::MAX)));
    }
}
