//! Instants, ranges and zones.
//!
//! An instant is nanoseconds since the Unix epoch. A zone is a table of offset changes, so that no time-zone database is
//! carried: the page fills the table from the browser's own, a command line gives a fixed offset.
//! Calendar arithmetic after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (public domain).

use serde::{Deserialize, Serialize};

pub const NANOS_PER_SECOND: i64 = 1_000_000_000;
const SECONDS_PER_DAY: i64 = 86_400;
const NANOS_PER_HOUR: i64 = 3600 * NANOS_PER_SECOND;
const NANOS_PER_DAY: i64 = SECONDS_PER_DAY * NANOS_PER_SECOND;
/// 1970 began on a Thursday.
const FIRST_MONDAY: i64 = 4 * NANOS_PER_DAY;

/// Nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted. Reaches from 1677 to 2262.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Nanos(pub i64);

/// How finely a stamp was written; the unit of its last digit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Precision {
    /// The entry has no stamp of its own: its time is that of the last entry before it that has one or, at the head of a
    /// file, of the first after it.
    #[default]
    Inherited = 0,
    Minute = 1,
    Second = 2,
    Milli = 3,
    Micro = 4,
    Nano = 5,
    /// No entry has a stamp, neither this one nor those before it: its time is the file's date, good for an order only.
    Undated = 6,
    /// The entry's stamp is decades away from those around it, and not believed: its time is that of the entry before it.
    Doubted = 7,
}

impl Precision {
    /// The inverse of `as u8`; unknown numbers read as [`Precision::Inherited`].
    pub fn from_u8(number: u8) -> Self {
        match number {
            1 => Self::Minute,
            2 => Self::Second,
            3 => Self::Milli,
            4 => Self::Micro,
            5 => Self::Nano,
            6 => Self::Undated,
            7 => Self::Doubted,
            _ => Self::Inherited,
        }
    }

    /// The time is the entry's own, not that of another or of the file.
    pub fn is_own(self) -> bool {
        !matches!(self, Self::Inherited | Self::Undated | Self::Doubted)
    }

    /// How long the unit of the stamp's last digit is.
    pub fn unit_nanos(self) -> i64 {
        match self {
            Self::Minute => 60 * NANOS_PER_SECOND,
            _ => NANOS_PER_SECOND / 10_i64.pow(self.fraction_digits() as u32),
        }
    }

    /// Digits after the second's point that carry information: 0, 3, 6 or 9.
    pub fn fraction_digits(self) -> usize {
        match self {
            Self::Inherited | Self::Undated | Self::Doubted | Self::Minute | Self::Second => 0,
            Self::Milli => 3,
            Self::Micro => 6,
            Self::Nano => 9,
        }
    }

    /// How finely a time is shown that was written so and is moved by an offset.
    pub fn moved_by(self, offset_nanos: i64) -> Self {
        let of_offset = match fraction_digits_of(offset_nanos) {
            0 => return self,
            3 => Self::Milli,
            6 => Self::Micro,
            _ => Self::Nano,
        };
        if self.is_own() { self.max(of_offset) } else { self }
    }
}

/// Digits after the second's point that a length of time needs: 0, 3, 6 or 9.
pub fn fraction_digits_of(nanos: i64) -> usize {
    [(NANOS_PER_SECOND, 0), (1_000_000, 3), (1_000, 6)]
        .into_iter()
        .find(|(unit, _)| nanos % unit == 0)
        .map_or(9, |(_, digits)| digits)
}

/// Half-open: `start <= t < end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TimeRange {
    pub start: Nanos,
    pub end: Nanos,
}

impl TimeRange {
    pub fn contains(self, time: Nanos) -> bool {
        self.start <= time && time < self.end
    }
}

/// A wall-clock reading in some zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    pub year: i32,
    /// 1–12
    pub month: u8,
    /// 1–31
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
    /// 0–60; a leap second reads as the next second.
    pub second: u8,
    pub nanos: u32,
}

impl Civil {
    /// The instant at which a clock in UTC shows this reading, or `None` outside 1677–2262 or where a part is out of its range.
    pub fn to_utc(self) -> Option<Nanos> {
        let days_in_month = days_in_month(self.year, self.month)?;
        if self.day == 0 || self.day > days_in_month || self.hour > 23 || self.minute > 59 || self.second > 60 {
            return None;
        }
        let seconds = days_from_civil(self.year, self.month, self.day) * SECONDS_PER_DAY
            + i64::from(self.hour) * 3600
            + i64::from(self.minute) * 60
            + i64::from(self.second);
        seconds.checked_mul(NANOS_PER_SECOND)?.checked_add(i64::from(self.nanos)).map(Nanos)
    }

    /// What a clock in UTC shows at `time`.
    pub fn from_utc(time: Nanos) -> Self {
        let seconds = time.0.div_euclid(NANOS_PER_SECOND);
        let days = seconds.div_euclid(SECONDS_PER_DAY);
        let of_day = seconds.rem_euclid(SECONDS_PER_DAY);
        let (year, month, day) = civil_from_days(days);
        Self {
            year,
            month,
            day,
            hour: (of_day / 3600) as u8,
            minute: (of_day / 60 % 60) as u8,
            second: (of_day % 60) as u8,
            nanos: time.0.rem_euclid(NANOS_PER_SECOND) as u32,
        }
    }
}

fn days_in_month(year: i32, month: u8) -> Option<u8> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 => Some(if leap { 29 } else { 28 }),
        _ => None,
    }
}

/// Days since 1970-01-01 of a proleptic Gregorian date.
pub fn days_from_civil(year: i32, month: u8, day: u8) -> i64 {
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted_month = (i64::from(month) + 9) % 12;
    let day_of_year = (153 * shifted_month + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn civil_from_days(days: i64) -> (i32, u8, u8) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * shifted_month + 2) / 5 + 1) as u8;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 } as u8;
    ((year_of_era + era * 400 + i64::from(month <= 2)) as i32, month, day)
}

/// A time zone as the table of its offset changes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Zone {
    /// IANA name ("Europe/Berlin"), "UTC", or an offset ("+02:00").
    pub name: String,
    /// Offset in seconds east of UTC before the first change.
    pub first_offset: i32,
    /// `(from, seconds east of UTC)`, ascending by instant.
    pub changes: Vec<(Nanos, i32)>,
}

impl Default for Zone {
    fn default() -> Self {
        Self::utc()
    }
}

impl Zone {
    pub fn utc() -> Self {
        Self { name: "UTC".to_owned(), first_offset: 0, changes: Vec::new() }
    }

    /// A zone that never changes; named like "+02:00".
    pub fn fixed(seconds_east: i32) -> Self {
        let sign = if seconds_east < 0 { '-' } else { '+' };
        let minutes = seconds_east.abs() / 60;
        Self {
            name: format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60),
            first_offset: seconds_east,
            changes: Vec::new(),
        }
    }

    /// Seconds east of UTC at `time`.
    pub fn offset_at(&self, time: Nanos) -> i32 {
        let n_before = self.changes.partition_point(|&(from, _)| from <= time);
        match n_before {
            0 => self.first_offset,
            n => self.changes[n - 1].1,
        }
    }

    /// `time` as this zone's wall clock shows it, expressed as if that reading were UTC.
    pub fn to_wall(&self, time: Nanos) -> Nanos {
        Nanos(time.0.saturating_add(i64::from(self.offset_at(time)) * NANOS_PER_SECOND))
    }

    /// The instant of a wall-clock reading (given as if it were UTC).
    ///
    /// A reading that occurs twice (clocks set back) gives the earlier instant; one that is skipped (clocks set
    /// forward) is read with the offset before the change: as RFC 5545 says in 3.3.5.
    pub fn from_wall(&self, wall: Nanos) -> Nanos {
        let [before, after] = self.around(wall);
        match [before, after].map(|time| self.to_wall(time) == wall) {
            [true, true] => before.min(after),
            [false, true] => after,
            [_, false] => before,
        }
    }

    /// The later instant of a reading that occurs twice.
    pub fn second_from_wall(&self, wall: Nanos) -> Option<Nanos> {
        let [before, after] = self.around(wall);
        let is_twice = before != after && [before, after].iter().all(|&time| self.to_wall(time) == wall);
        is_twice.then(|| before.max(after))
    }

    /// What `time` is of the instants at which the zone's clock shows a reading.
    pub fn reading(&self, wall: Nanos, time: Nanos) -> Reading {
        match self.second_from_wall(wall) {
            Some(second) if second == time => Reading::Second,
            Some(_) => Reading::First,
            None if self.to_wall(self.from_wall(wall)) == wall => Reading::Once,
            None => Reading::Skipped,
        }
    }

    /// The span of `width` nanoseconds that a time is in, as spans follow each other on the zone's clock.
    ///
    /// Spans of an hour and less are cut from the hour that the clock shows at that time, so that one it shows twice is two;
    /// longer ones begin where days begin, and those over a day are counted from a Monday. Where clocks are set within a long
    /// span it is longer or shorter by as much.
    pub fn span_of(&self, time: Nanos, width: i64) -> TimeRange {
        let start = self.start_of_span(time, width);
        let usual = Nanos(start.0.saturating_add(width));
        let end = match width <= NANOS_PER_HOUR {
            true => usual,
            // Where clocks are set back within it, the span is still that one when its width is over.
            false => (0..=6)
                .map(|half_hours| Nanos(usual.0.saturating_add(half_hours * NANOS_PER_HOUR / 2)))
                .map(|later| self.start_of_span(later, width))
                .find(|&end| end > start)
                .unwrap_or(usual),
        };
        TimeRange { start, end }
    }

    /// Where [`Self::span_of`] begins.
    pub fn start_of_span(&self, time: Nanos, width: i64) -> Nanos {
        let wall = self.to_wall(time);
        let first = if width > NANOS_PER_DAY { FIRST_MONDAY } else { 0 };
        let into = wall.0.saturating_sub(first).rem_euclid(width);
        match width <= NANOS_PER_HOUR {
            true => Nanos(time.0.saturating_sub(into)),
            false => self.from_wall(Nanos(wall.0.saturating_sub(into))),
        }
    }

    /// A reading with the zone's offset of the day before, and with that of the day after.
    fn around(&self, wall: Nanos) -> [Nanos; 2] {
        let back = |offset: i32| Nanos(wall.0.saturating_sub(i64::from(offset) * NANOS_PER_SECOND));
        [86_400, -86_400].map(|day| back(self.offset_at(back(day))))
    }
}

/// What the zone a stamp was read in makes of it, where the stamp names none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reading {
    #[default]
    Once,
    /// Clocks were set back: there are two such times, and the earlier one was taken.
    First,
    /// Of two such times the later one was taken.
    Second,
    /// Clocks were set forward: no clock showed it; it is read as if they had not been.
    Skipped,
}

/// `2026-11-20 10:23:45.123` as the zone's clock shows it; `fraction_digits` of 0, 3, 6 or 9.
pub fn format_wall(time: Nanos, zone: &Zone, fraction_digits: usize) -> String {
    let c = Civil::from_utc(zone.to_wall(time));
    let mut text = format!("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", c.year, c.month, c.day, c.hour, c.minute, c.second);
    if fraction_digits > 0 {
        let digits = format!("{:09}", c.nanos);
        text.push('.');
        text.push_str(&digits[..fraction_digits.min(9)]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn civil_and_instant_agree_in_both_directions() {
        for seconds in [-9_000_000_000_i64, -1, 0, 951_782_399, 951_782_400, 1_700_000_000, 4_102_444_800] {
            let time = Nanos(seconds * NANOS_PER_SECOND + 7);
            assert_eq!(Civil::from_utc(time).to_utc(), Some(time));
        }
    }

    #[test]
    fn impossible_dates_are_no_time() {
        let date = |month, day| Civil { year: 2023, month, day, hour: 0, minute: 0, second: 0, nanos: 0 };
        assert_eq!(date(2, 29).to_utc(), None);
        assert_eq!(date(13, 1).to_utc(), None);
        assert_eq!(date(0, 1).to_utc(), None);
    }

    #[test]
    fn a_reading_that_occurs_twice_gives_the_earlier_instant() {
        // Berlin, 2026-10-25: 03:00 CEST becomes 02:00 CET at 01:00 UTC.
        let change = Civil { year: 2026, month: 10, day: 25, hour: 1, minute: 0, second: 0, nanos: 0 }
            .to_utc()
            .expect("a valid date");
        let berlin = Zone { name: "Europe/Berlin".into(), first_offset: 7200, changes: vec![(change, 3600)] };
        let half_past_two = Nanos(change.0 + 5400 * NANOS_PER_SECOND);
        assert_eq!(berlin.from_wall(half_past_two), Nanos(change.0 - 1800 * NANOS_PER_SECOND));
        assert_eq!(berlin.to_wall(change), Nanos(change.0 + 3600 * NANOS_PER_SECOND));
        let (first, second) = (berlin.from_wall(half_past_two), berlin.second_from_wall(half_past_two).unwrap());
        assert_eq!(second, Nanos(change.0 + 1800 * NANOS_PER_SECOND));
        assert_eq!([first, second].map(|time| berlin.reading(half_past_two, time)), [Reading::First, Reading::Second]);
        let three = Nanos(change.0 + 7200 * NANOS_PER_SECOND);
        assert_eq!(berlin.reading(three, berlin.from_wall(three)), Reading::Once);
    }

    #[test]
    fn a_reading_that_is_skipped_is_read_with_the_offset_before() {
        // Berlin, 2026-03-29: 02:00 CET becomes 03:00 CEST at 01:00 UTC.
        let change = Civil { year: 2026, month: 3, day: 29, hour: 1, minute: 0, second: 0, nanos: 0 }
            .to_utc()
            .expect("a valid date");
        let berlin = Zone { name: "Europe/Berlin".into(), first_offset: 3600, changes: vec![(change, 7200)] };
        let half_past_two = Nanos(change.0 + 5400 * NANOS_PER_SECOND);
        let read = berlin.from_wall(half_past_two);
        assert_eq!(read, Nanos(change.0 + 1800 * NANOS_PER_SECOND));
        assert_eq!(
            (berlin.reading(half_past_two, read), berlin.second_from_wall(half_past_two)),
            (Reading::Skipped, None)
        );
        let three = Nanos(change.0 + 7200 * NANOS_PER_SECOND);
        assert_eq!(berlin.reading(three, berlin.from_wall(three)), Reading::Once);
    }

    #[test]
    fn a_time_that_is_moved_is_shown_as_finely_as_what_moves_it() {
        for (written, offset_nanos, shown) in [
            (Precision::Second, 0, Precision::Second),
            (Precision::Second, -7_200_000_000_000, Precision::Second),
            (Precision::Second, 1_500_000_000, Precision::Milli),
            (Precision::Minute, -250_000, Precision::Micro),
            (Precision::Nano, 1_500_000_000, Precision::Nano),
            (Precision::Milli, 1, Precision::Nano),
            (Precision::Inherited, 1_500_000_000, Precision::Inherited),
        ] {
            assert_eq!(written.moved_by(offset_nanos), shown, "{written:?} {offset_nanos}");
        }
    }

    #[test]
    fn times_are_written_as_the_zone_shows_them() {
        let time = Nanos(1_763_633_025_123_456_789);
        assert_eq!(format_wall(time, &Zone::utc(), 3), "2025-11-20 10:03:45.123");
        assert_eq!(format_wall(time, &Zone::fixed(-5400), 0), "2025-11-20 08:33:45");
    }

    #[test]
    fn spans_follow_each_other_without_a_gap_and_days_begin_where_the_clock_begins_them() {
        let hour = |hours: i64| Nanos(hours * NANOS_PER_HOUR);
        // An hour east, two in summer: clocks are set forward 26 hours after 1970 began, and back ten days later.
        let changes = vec![(hour(26), 7200), (hour(266), 3600)];
        let zone = Zone { name: String::new(), first_offset: 3600, changes };
        for width in [1, 2, 6, 24, 48, 168].map(|hours| hours * NANOS_PER_HOUR) {
            for half_hour in -48..900 {
                let time = Nanos(half_hour * NANOS_PER_HOUR / 2);
                let span = zone.span_of(time, width);
                assert!(span.contains(time), "{time:?} in {span:?} of {width}");
                assert_eq!(zone.span_of(Nanos(span.end.0 - 1), width), span);
                assert_eq!(zone.span_of(span.end, width).start, span.end);
            }
        }
        // From midnight to midnight on the clock: one day has 23 hours, another 25.
        let day = |time| zone.span_of(time, NANOS_PER_DAY);
        assert_eq!(day(hour(30)), TimeRange { start: hour(23), end: hour(46) });
        assert_eq!(day(hour(266)), TimeRange { start: hour(262), end: hour(287) });
        assert_eq!(zone.span_of(hour(90), 7 * NANOS_PER_DAY).start, hour(95 - 168));
    }
}
