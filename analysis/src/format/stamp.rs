//! Reads time stamps from bytes: the shapes that logs are written in, by hand, without allocation.
//!
//! | shape | example |
//! |---|---|
//! | ISO 8601 / RFC 3339 and cousins | `2026-11-20T10:23:45.123Z`, `2026/11/20 10:23:45,123 +0100` |
//! | day first | `20/Nov/2026:10:23:45 +0000`, `20 Nov 2026 10:23:45.123`, `Fri, 20 Nov 2026 10:23:45 GMT` |
//! | month first | `Nov 20 10:23:45`, `Fri Nov 20 10:23:45.123456 2026`, `Nov 20 2026 10:23:45` |
//! | Unix time | `1763633025`, `1763633025.123`, and 13, 16 or 19 digits for ms, µs, ns |

use model::time::{Civil, NANOS_PER_SECOND, Nanos, Precision};

/// A stamp as written, before zone and year are settled by a [`super::clock::Clock`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    pub reading: Reading,
    pub precision: Precision,
    /// Bytes it takes.
    pub len: usize,
}

/// What a stamp says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// It names its zone, or counts from the epoch.
    Instant(Nanos),
    /// A wall clock in a zone that is not named, as if that were UTC.
    Wall(Nanos),
    /// A wall clock whose year is missing (it is 0 in there).
    Yearless(Civil),
}

/// The stamp that begins with the first byte of `text`, Unix times included.
pub fn read_stamp(text: &[u8]) -> Option<Stamp> {
    read_calendar_stamp(text).or_else(|| read_epoch(text))
}

/// What `read` makes of a date and a clock that stand apart.
pub fn with_joined<T>(date: &[u8], clock: &[u8], read: impl FnOnce(&[u8]) -> Option<T>) -> Option<T> {
    /// Longer ones are no stamp.
    const LONGEST: usize = 64;
    let mut joined = [b' '; LONGEST];
    let len = date.len() + 1 + clock.len();
    joined.get_mut(..date.len())?.copy_from_slice(date);
    joined.get_mut(date.len() + 1..len)?.copy_from_slice(clock);
    read(&joined[..len])
}

/// The calendar stamp that begins with the first byte of `text`.
pub fn read_calendar_stamp(text: &[u8]) -> Option<Stamp> {
    let mut cursor = Cursor { text, at: 0 };
    let stamp = match text.first()? {
        b'0'..=b'9' => match text.get(2)? {
            b'0'..=b'9' => year_first(&mut cursor)?,
            _ => day_first(&mut cursor)?,
        },
        b'A'..=b'Z' | b'a'..=b'z' => name_first(&mut cursor)?,
        _ => return None,
    };
    let goes_on = text.get(stamp.len).is_some_and(|&byte| byte.is_ascii_alphanumeric());
    (!goes_on).then_some(stamp)
}

/// Unix seconds (perhaps with a fraction), milli-, micro- or nanoseconds; the unit follows from the number of digits.
///
/// Reads instants from 2001 to 2099 only, so that other long numbers are not taken for times.
pub fn read_epoch(text: &[u8]) -> Option<Stamp> {
    let n_digits = text.iter().take(20).take_while(|byte| byte.is_ascii_digit()).count();
    let (nanos_per_unit, precision) = match n_digits {
        10 => (NANOS_PER_SECOND, Precision::Second),
        13 => (1_000_000, Precision::Milli),
        16 => (1_000, Precision::Micro),
        19 => (1, Precision::Nano),
        _ => return None,
    };
    let number =
        text[..n_digits].iter().fold(0_i64, |sum, byte| sum.wrapping_mul(10).wrapping_add(i64::from(byte - b'0')));
    const LAST: i64 = 4_102_444_799 * NANOS_PER_SECOND;
    if number < 1_000_000_000 * (NANOS_PER_SECOND / nanos_per_unit) || number > LAST / nanos_per_unit {
        return None;
    }
    let mut cursor = Cursor { text, at: n_digits };
    let mut nanos = number * nanos_per_unit;
    let mut precision = precision;
    if matches!(n_digits, 10 | 13)
        && let Some((fraction, digits)) = cursor.fraction(b".")
    {
        if n_digits == 10 {
            nanos += i64::from(fraction);
            precision = precision_of(digits);
        } else {
            nanos += i64::from(fraction) / 1000;
            precision = if digits > 3 { Precision::Nano } else { Precision::Micro };
        }
    }
    let goes_on = text.get(cursor.at).is_some_and(|&byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (!goes_on).then_some(Stamp { reading: Reading::Instant(Nanos(nanos)), precision, len: cursor.at })
}

/// `2026-11-20T10:23:45.123Z`
fn year_first(cursor: &mut Cursor) -> Option<Stamp> {
    let year = cursor.digits(4)?;
    let separator = cursor.one_of(b"-/.")?;
    let month = cursor.digits(2)?;
    cursor.one_of(&[separator])?;
    let day = cursor.digits(2)?;
    let between = cursor.one_of(b"T t_-\t")?;
    if between == b' ' && cursor.peek() == Some(b' ') {
        cursor.at += 1;
    }
    let date = Date { year: year as i32, month: month as u8, day: day as u8 };
    let clock = cursor.clock_time()?;
    cursor.finish(date, clock)
}

/// `20/Nov/2026:10:23:45 +0000`, `20 Nov 2026 10:23:45`, `20-Nov-2026 10:23:45`; the year of `20 Nov 10:23:45` is missing.
fn day_first(cursor: &mut Cursor) -> Option<Stamp> {
    let day = cursor.one_or_two_digits()?;
    let separator = cursor.one_of(b"/ -")?;
    let month = cursor.month_name()?;
    cursor.one_of(&[separator])?;
    let year = if cursor.text.get(cursor.at + 2).is_some_and(u8::is_ascii_digit) {
        let year = cursor.digits(4)? as i32;
        cursor.one_of(b": T")?;
        year
    } else {
        0
    };
    let clock = cursor.clock_time()?;
    cursor.finish(Date { year, month, day: day as u8 }, clock)
}

/// `Nov 20 10:23:45`, and behind a week-day name also [`day_first`].
fn name_first(cursor: &mut Cursor) -> Option<Stamp> {
    if cursor.weekday_name().is_some() {
        let _ = cursor.one_of(b",");
        cursor.one_of(b" ")?;
        if cursor.peek()?.is_ascii_digit() {
            return day_first(cursor);
        }
    }
    let month = cursor.month_name()?;
    cursor.one_of(b" ")?;
    let _ = cursor.one_of(b" ");
    let day = cursor.one_or_two_digits()? as u8;
    let _ = cursor.one_of(b",");
    cursor.one_of(b" ")?;
    let year_ahead = cursor.text.get(cursor.at + 2).is_some_and(u8::is_ascii_digit);
    let year = if year_ahead {
        let year = cursor.digits(4)? as i32;
        cursor.one_of(b" ")?;
        year
    } else {
        0
    };
    let clock = cursor.clock_time()?;
    if year != 0 {
        return cursor.finish(Date { year, month, day }, clock);
    }
    // `asctime` and `date` put the year last, the latter behind the zone.
    let before = cursor.at;
    let zone = cursor.zone();
    if cursor.one_of(b" ").is_some()
        && let Some(year) = cursor.digits(4)
        && (1970..2100).contains(&year)
        && !cursor.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b':' | b'-' | b'/'))
    {
        return stamp_of(Date { year: year as i32, month, day }, clock, zone, cursor.at);
    }
    cursor.at = before;
    stamp_of(Date { year: 0, month, day }, clock, None, cursor.at)
}

#[derive(Clone, Copy)]
struct Date {
    year: i32,
    month: u8,
    day: u8,
}

#[derive(Clone, Copy)]
struct ClockTime {
    hour: u8,
    minute: u8,
    second: u8,
    nanos: u32,
    precision: Precision,
}

fn stamp_of(date: Date, clock: ClockTime, zone: Option<i32>, len: usize) -> Option<Stamp> {
    let civil = Civil {
        year: date.year,
        month: date.month,
        day: date.day,
        hour: clock.hour,
        minute: clock.minute,
        second: clock.second,
        nanos: clock.nanos,
    };
    let reading = if date.year == 0 {
        // A leap year vouches for the other parts.
        Civil { year: 2000, ..civil }.to_utc()?;
        Reading::Yearless(civil)
    } else {
        let wall = civil.to_utc()?;
        match zone {
            Some(seconds_east) => {
                Reading::Instant(Nanos(wall.0.checked_sub(i64::from(seconds_east) * NANOS_PER_SECOND)?))
            }
            None => Reading::Wall(wall),
        }
    };
    Some(Stamp { reading, precision: clock.precision, len })
}

/// The unit of the last digit of a fraction.
fn precision_of(n_digits: usize) -> Precision {
    match n_digits {
        0 => Precision::Second,
        1..=3 => Precision::Milli,
        4..=6 => Precision::Micro,
        _ => Precision::Nano,
    }
}

/// Zone names that mean one thing to nearly everybody who logs them, in hours east.
const ZONE_NAMES: [(&[u8], i32); 13] = [
    (b"UTC", 0),
    (b"GMT", 0),
    (b"Z", 0),
    (b"CET", 1),
    (b"CEST", 2),
    (b"EST", -5),
    (b"EDT", -4),
    (b"CST", -6),
    (b"CDT", -5),
    (b"MST", -7),
    (b"MDT", -6),
    (b"PST", -8),
    (b"PDT", -7),
];

struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    #[inline]
    fn digits(&mut self, count: usize) -> Option<u32> {
        let mut number = 0;
        for &byte in self.text.get(self.at..self.at + count)? {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                return None;
            }
            number = number * 10 + u32::from(digit);
        }
        self.at += count;
        Some(number)
    }

    fn one_or_two_digits(&mut self) -> Option<u32> {
        self.digits(2).or_else(|| self.digits(1))
    }

    #[inline]
    fn one_of(&mut self, bytes: &[u8]) -> Option<u8> {
        let byte = self.peek()?;
        bytes.contains(&byte).then(|| {
            self.at += 1;
            byte
        })
    }

    /// Three letters, in lower case.
    fn short_name(&self) -> Option<[u8; 3]> {
        let name = self.text.get(self.at..self.at + 3)?;
        Some([name[0] | 0x20, name[1] | 0x20, name[2] | 0x20])
    }

    fn month_name(&mut self) -> Option<u8> {
        let month = match &self.short_name()? {
            b"jan" => 1,
            b"feb" => 2,
            b"mar" => 3,
            b"apr" => 4,
            b"may" => 5,
            b"jun" => 6,
            b"jul" => 7,
            b"aug" => 8,
            b"sep" => 9,
            b"oct" => 10,
            b"nov" => 11,
            b"dec" => 12,
            _ => return None,
        };
        self.at += 3;
        Some(month)
    }

    fn weekday_name(&mut self) -> Option<()> {
        let is_weekday = matches!(&self.short_name()?, b"mon" | b"tue" | b"wed" | b"thu" | b"fri" | b"sat" | b"sun");
        is_weekday.then(|| self.at += 3)
    }

    /// `10:23`, `10:23:45`, `10:23:45.123`; the hour may have one digit.
    #[inline]
    fn clock_time(&mut self) -> Option<ClockTime> {
        let hour = self.one_or_two_digits()? as u8;
        self.one_of(b":")?;
        let minute = self.digits(2)? as u8;
        if self.peek() != Some(b':') {
            return Some(ClockTime { hour, minute, second: 0, nanos: 0, precision: Precision::Minute });
        }
        self.at += 1;
        let second = self.digits(2)? as u8;
        let (nanos, n_digits) = self.fraction(b".,").unwrap_or((0, 0));
        Some(ClockTime { hour, minute, second, nanos, precision: precision_of(n_digits) })
    }

    /// `.123` as nanoseconds and the number of digits; digits past the ninth are passed over.
    #[inline]
    fn fraction(&mut self, marks: &[u8]) -> Option<(u32, usize)> {
        if !marks.contains(&self.peek()?) || !self.text.get(self.at + 1)?.is_ascii_digit() {
            return None;
        }
        self.at += 1;
        let (mut nanos, mut n_digits) = (0, 0);
        while let Some(byte) = self.peek().filter(u8::is_ascii_digit) {
            if n_digits < 9 {
                nanos = nanos * 10 + u32::from(byte - b'0');
            }
            n_digits += 1;
            self.at += 1;
        }
        const POWERS: [u32; 10] =
            [1_000_000_000, 100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];
        Some((nanos * POWERS[n_digits.min(9)], n_digits))
    }

    /// Seconds east of UTC: `Z`, `+01:00`, `-0700`, ` +0100`, ` UTC`, `+01`.
    #[inline]
    fn zone(&mut self) -> Option<i32> {
        let before = self.at;
        let spaced = self.one_of(b" ").is_some();
        let offset = match self.peek() {
            Some(b'+' | b'-') => self.numeric_offset(spaced),
            Some(b'A'..=b'Z') => self.named_zone(spaced),
            _ => None,
        };
        if offset.is_none() {
            self.at = before;
        }
        offset
    }

    fn numeric_offset(&mut self, spaced: bool) -> Option<i32> {
        let sign = if self.one_of(b"+-")? == b'-' { -1 } else { 1 };
        let hours = self.digits(2)?;
        let colon = self.one_of(b":");
        let minutes = match self.digits(2) {
            Some(minutes) => minutes,
            None if spaced || colon.is_some() => return None,
            None => 0,
        };
        let goes_on = self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric());
        (hours <= 18 && minutes < 60 && !goes_on).then(|| sign * (hours * 3600 + minutes * 60) as i32)
    }

    fn named_zone(&mut self, spaced: bool) -> Option<i32> {
        let rest = &self.text[self.at..];
        let len = rest.iter().take(5).take_while(|byte| byte.is_ascii_alphabetic()).count();
        let (name, hours) = ZONE_NAMES.iter().find(|(name, _)| *name == &rest[..len])?;
        if spaced && name.len() == 1 || rest.get(len).is_some_and(u8::is_ascii_digit) {
            return None;
        }
        self.at += len;
        Some(hours * 3600)
    }

    #[inline]
    fn finish(&mut self, date: Date, clock: ClockTime) -> Option<Stamp> {
        let zone = self.zone();
        stamp_of(date, clock, zone, self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::{Zone, format_wall};

    /// The stamp's text, what it reads as, and its precision: `i` an instant, `w` a wall clock, `y` without year.
    fn read(text: &str) -> String {
        let Some(stamp) = read_stamp(text.as_bytes()) else { return "none".to_owned() };
        let (kind, time) = match stamp.reading {
            Reading::Instant(time) => ('i', format_wall(time, &Zone::utc(), 9)),
            Reading::Wall(time) => ('w', format_wall(time, &Zone::utc(), 9)),
            Reading::Yearless(c) => (
                'y',
                format!("{:02}-{:02} {:02}:{:02}:{:02}.{:09}", c.month, c.day, c.hour, c.minute, c.second, c.nanos),
            ),
        };
        format!("{kind} {time} {:?} |{}", stamp.precision, &text[stamp.len..])
    }

    #[test]
    fn every_shape_reads_as_the_instant_it_means() {
        for (text, expected) in [
            ("2026-11-20T10:23:45.123Z x", "i 2026-11-20 10:23:45.123000000 Milli | x"),
            ("2026-11-20 10:23:45,123456 x", "w 2026-11-20 10:23:45.123456000 Micro | x"),
            ("2026-11-20T10:23:45.123456789+01:00", "i 2026-11-20 09:23:45.123456789 Nano |"),
            ("2026-11-20 10:23:45 +0530 x", "i 2026-11-20 04:53:45.000000000 Second | x"),
            ("2026-11-20 10:23:45 - x", "w 2026-11-20 10:23:45.000000000 Second | - x"),
            ("2026-11-20 10:23:45 UTC x", "i 2026-11-20 10:23:45.000000000 Second | x"),
            ("2026-11-20 10:23 x", "w 2026-11-20 10:23:00.000000000 Minute | x"),
            ("2026/11/20 10:23:45 x", "w 2026-11-20 10:23:45.000000000 Second | x"),
            ("20/Nov/2026:10:23:45 -0700] x", "i 2026-11-20 17:23:45.000000000 Second |] x"),
            ("20 Nov 2026 10:23:45.5 x", "w 2026-11-20 10:23:45.500000000 Milli | x"),
            ("Fri, 20 Nov 2026 10:23:45 GMT", "i 2026-11-20 10:23:45.000000000 Second |"),
            ("Nov 20 10:23:45 host", "y 11-20 10:23:45.000000000 Second | host"),
            ("Nov  2 10:23:45.25 host", "y 11-02 10:23:45.250000000 Milli | host"),
            ("Fri Nov 20 10:23:45.123456 2026] x", "w 2026-11-20 10:23:45.123456000 Micro |] x"),
            ("Fri Nov 20 10:23:45 CET 2026", "i 2026-11-20 09:23:45.000000000 Second |"),
            ("Nov 20 10:23:45 10.0.3.7 x", "y 11-20 10:23:45.000000000 Second | 10.0.3.7 x"),
            ("Nov 20 2026 10:23:45: x", "w 2026-11-20 10:23:45.000000000 Second |: x"),
            ("1763633025 x", "i 2025-11-20 10:03:45.000000000 Second | x"),
            ("1763633025.25 x", "i 2025-11-20 10:03:45.250000000 Milli | x"),
            ("1763633025123", "i 2025-11-20 10:03:45.123000000 Milli |"),
            ("1763633025123456", "i 2025-11-20 10:03:45.123456000 Micro |"),
            ("1763633025123456789", "i 2025-11-20 10:03:45.123456789 Nano |"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_stamp_is_none() {
        for text in [
            "",
            "2026",
            "2026-13-20T10:23:45Z",
            "2026-11-31 10:23:45",
            "2026-11-20 25:23:45",
            "2026-11-20",
            "Nov",
            "Mon",
            "May 32 10:00:00",
            "9999999999",
            "176363302512",
            "17636330251234567890",
            "2026-11-20T10:23:45abc",
            "99/Nov/2026:10:23:45 +0000",
        ] {
            assert_eq!(read(text), "none", "{text}");
        }
    }
}
