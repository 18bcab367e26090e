//! Reads time stamps from bytes: the shapes that logs are written in, by hand, without allocation.
//!
//! | shape | example |
//! |---|---|
//! | ISO 8601 / RFC 3339 and cousins | `2026-11-20T10:23:45.123Z`, `2026/11/20 10:23:45,123 +0100`, `2026:11:20-10:23:45`, `2026 Nov 20 10:23:45` |
//! | day first | `20/Nov/2026:10:23:45 +0000`, `20 Nov 2026 10:23:45.123`, `20Nov2026 10:23:45`, `Fri, 20 Nov 2026 10:23:45 GMT` |
//! | month first | `Nov 20 10:23:45`, `Fri Nov 20 10:23:45.123456 2026`, `Nov 20 2026 10:23:45` |
//! | numbers only | `11/20/2026 10:23:45 AM`, `20.11.2026 10:23:45`, `26/11/20 10:23:45`, `20261120 102345`, `261120 102345` |
//! | year-less numbers | `11-20 10:23:45.123` |
//! | clock first | `10:23:45 20/11/2026`, `10:23:45.123 2026-11-20` |
//! | Unix time | `1763633025`, `1763633025.123`, and 13, 16 or 19 digits for ms, µs, ns; TAI64N: `@400000006b001fbb075bcd15`; where it is known to be a time `691eee51.1a2b3c4d` |

use model::time::{Civil, NANOS_PER_SECOND, Nanos, Precision};

use clock_first::clock_first;
use cursor::{ClockTime, Cursor, precision_of};

mod cursor;

mod clock_first;

mod names;

mod places;

pub use places::Place;

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
    /// The same of a place that is named.
    WallIn(Nanos, Place),
    /// The same, where numbers do not tell in which order they come: with the month (of `20/11/26` the year) first, and with
    /// the day first.
    EitherMonth(Nanos, Nanos),
    /// A wall clock whose year is missing (it is 0 in there), and the seconds east of UTC where it names its zone.
    Yearless(Civil, Option<i32>),
    /// A wall clock whose date is missing: nanoseconds of the day.
    Dateless(i64),
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

/// The time of day that begins with the first byte of `text`: to the second at least, or `3:04PM`.
pub fn read_clock(text: &[u8]) -> Option<Stamp> {
    if !matches!(text, [_, b':', ..] | [_, _, b':', ..]) {
        return None;
    }
    let mut cursor = Cursor { text, at: 0 };
    let clock = cursor.clock_time()?;
    let says_half = matches!(text[cursor.at - 1], b'M' | b'm');
    if clock.precision == Precision::Minute && !says_half {
        return None;
    }
    // `10:23:45: text`, but `10:23:45:12` and `00:11:22:aa:bb:cc` are none.
    let goes_on = match &text[cursor.at..] {
        [] | [b':' | b'.'] | [b':' | b'.', b' ' | b'\t', ..] => false,
        [next, ..] => next.is_ascii_alphanumeric() || matches!(next, b':' | b'.'),
    };
    let is_time = clock.hour < 24 && clock.minute < 60 && clock.second < 60;
    let seconds = i64::from(clock.hour) * 3600 + i64::from(clock.minute) * 60 + i64::from(clock.second);
    let reading = Reading::Dateless(seconds * NANOS_PER_SECOND + i64::from(clock.nanos));
    (is_time && !goes_on).then_some(Stamp { reading, precision: clock.precision, len: cursor.at })
}

/// `1120 10:23:45.123456`, `1120/102345`: too terse to be taken for a time wherever it stands.
pub fn read_terse(text: &[u8]) -> Option<Stamp> {
    let mut cursor = Cursor { text, at: 0 };
    if cursor.n_digits(5) != 4 {
        return None;
    }
    let (month, day) = (cursor.digits(2)? as u8, cursor.digits(2)? as u8);
    cursor.one_of(b" T/")?;
    let clock = cursor.clock_time().filter(|clock| clock.precision != Precision::Minute)?;
    stamp_of(Date { year: 0, month, day }, clock, None, cursor.at)
}

/// `691eee51.1a2b3c4d`, `691eee51`: Unix seconds, and nanoseconds (of five digits: microseconds), in hexadecimal, as OpenLDAP
/// writes them: too terse as well.
pub fn read_hexadecimal(text: &[u8]) -> Option<Stamp> {
    let n_digits = |from: usize| text[from..].iter().take(9).take_while(|byte| byte.is_ascii_hexdigit()).count();
    let number = |from: usize, len: usize| {
        text[from..from + len]
            .iter()
            .filter_map(|byte| (*byte as char).to_digit(16))
            .fold(0_i64, |sum, digit| sum * 16 + i64::from(digit))
    };
    if n_digits(0) != 8 {
        return None;
    }
    let (nanos, precision, len) = match text.get(8) {
        Some(b'.') => match n_digits(9) {
            8 => (number(9, 8), Precision::Nano, 17),
            5 => (number(9, 5) * 1000, Precision::Micro, 14),
            _ => return None,
        },
        _ => (0, Precision::Second, 8),
    };
    let seconds = number(0, 8);
    let is_time = (1_000_000_000..4_102_444_800).contains(&seconds) && nanos < NANOS_PER_SECOND;
    let reading = Reading::Instant(Nanos(seconds * NANOS_PER_SECOND + nanos));
    is_time.then_some(Stamp { reading, precision, len })
}

/// The calendar stamp that begins with the first byte of `text`.
pub fn read_calendar_stamp(text: &[u8]) -> Option<Stamp> {
    let mut cursor = Cursor { text, at: 0 };
    let stamp = match text.first()? {
        b'0'..=b'9' => match cursor.n_digits(15) {
            4 => year_first(&mut cursor)?,
            n_digits @ (1 | 2) if text.get(n_digits) == Some(&b':') => clock_first(&mut cursor)?,
            1 | 2 => day_first(&mut cursor)?,
            6 | 8 | 14 => compact(&mut cursor)?,
            _ => return None,
        },
        b'A'..=b'Z' | b'a'..=b'z' | 0xC3..=0xD1 => name_first(&mut cursor)?,
        b'@' => read_tai64n(text)?,
        _ => return None,
    };
    let goes_on = text.get(stamp.len).is_some_and(|&byte| byte.is_ascii_alphanumeric());
    (!goes_on).then_some(stamp)
}

/// `@400000006b001fbb075bcd15`: TAI64N, as multilog and s6-log write it. Like theirs, its seconds are ten ahead of Unix time.
fn read_tai64n(text: &[u8]) -> Option<Stamp> {
    const UNIX_EPOCH: i64 = (1 << 62) + 10;
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0_i64, |sum, &byte| Some((sum << 4) | i64::from((byte as char).to_digit(16)?)))
    };
    let seconds = number(text.get(1..17)?)?.checked_sub(UNIX_EPOCH)?;
    let nanos = number(text.get(17..25)?)?;
    let is_time = (1_000_000_000..4_102_444_800).contains(&seconds) && nanos < NANOS_PER_SECOND;
    is_time.then(|| {
        let reading = Reading::Instant(Nanos(seconds * NANOS_PER_SECOND + nanos));
        Stamp { reading, precision: Precision::Nano, len: 25 }
    })
}

/// Unix seconds (perhaps with a fraction), milli-, micro- or nanoseconds; the unit follows from the number of digits.
///
/// Reads instants from 2001 to 2099 only, so that other long numbers are not taken for times.
pub fn read_epoch(text: &[u8]) -> Option<Stamp> {
    let n_digits = text.iter().take(20).take_while(|byte| byte.is_ascii_digit()).count();
    if n_digits == 1 {
        return read_scientific(text);
    }
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
    let mark = if n_digits == 10 && is_fraction_behind_comma(&text[n_digits..]) { b"," } else { b"." };
    if matches!(n_digits, 10 | 13)
        && let Some((fraction, digits)) = cursor.fraction(mark)
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

/// `,123 INFO`: in a table the next comma ends the cell.
fn is_fraction_behind_comma(text: &[u8]) -> bool {
    let is_end = matches!(text.get(4), None | Some(b' ' | b'\t' | b']'));
    is_end && matches!(text.get(..4), Some([b',', digits @ ..]) if digits.iter().all(u8::is_ascii_digit))
}

/// `1.7637930251234567e+09`: Unix seconds, as Go's zap writes them.
fn read_scientific(text: &[u8]) -> Option<Stamp> {
    let (b'1'..=b'3', [b'.', behind @ ..]) = text.split_first()? else { return None };
    let n_digits = behind.iter().take(19).take_while(|byte| byte.is_ascii_digit()).count();
    let exponent =
        [&b"e+09"[..], b"e09", b"e9", b"E9"].into_iter().find(|part| behind[n_digits..].starts_with(part))?;
    let mut digits = [b'0'; 19];
    digits[0] = text[0];
    let n_kept = n_digits.min(18);
    digits[1..=n_kept].copy_from_slice(&behind[..n_kept]);
    let nanos = digits.iter().fold(0_i64, |nanos, digit| nanos * 10 + i64::from(digit - b'0'));
    let reading = Reading::Instant(Nanos(nanos));
    let precision = precision_of(n_digits.saturating_sub(9));
    let len = 2 + n_digits + exponent.len();
    let goes_on = text.get(len).is_some_and(u8::is_ascii_alphanumeric);
    (!goes_on).then_some(Stamp { reading, precision, len })
}

/// `2026-11-20T10:23:45.123Z`
fn year_first(cursor: &mut Cursor) -> Option<Stamp> {
    let year = cursor.digits(4)?;
    // Sophos UTM and cameras write colons.
    let separator = cursor.one_of(b"-/.: ")?;
    if separator == b' ' || cursor.peek().is_some_and(|byte| byte.is_ascii_alphabetic()) {
        return name_behind_year(cursor, year as i32, separator);
    }
    let month = cursor.digits(2)?;
    cursor.one_of(&[separator])?;
    let day = cursor.digits(2)?;
    // `2026-11-20, 10:23:45 UTC`, as Airflow writes it.
    if cursor.text[cursor.at..].starts_with(b", ") {
        cursor.at += 1;
    }
    let between = cursor.one_of(b"T t_-\t")?;
    if between == b' ' {
        cursor.at += match &cursor.text[cursor.at..] {
            [b' ', ..] => 1,
            // As Gin writes it.
            [b'-', b' ', ..] => 2,
            _ => 0,
        };
    }
    let date = Date { year: year as i32, month: month as u8, day: day as u8 };
    let clock = cursor.clock_time()?;
    // Db2 writes the zone in minutes.
    if between == b'-'
        && let Some(minutes_east) = cursor.minutes_offset()
    {
        return stamp_of(date, clock, Some(ZoneName::Offset(minutes_east * 60)), cursor.at);
    }
    finish(cursor, date, clock)
}

/// `2026-Nov-20 10:23:45.123456`, as Boost writes it, and `2026 Nov 20 10:23:45`, as NX-OS does: behind the first separator.
#[inline(never)]
fn name_behind_year(cursor: &mut Cursor, year: i32, separator: u8) -> Option<Stamp> {
    let month = names::english_month(&cursor.text[cursor.at..]).filter(|_| (1970..2100).contains(&year))?;
    cursor.at += 3;
    cursor.one_of(&[separator])?;
    let _ = cursor.one_of(b" ");
    let day = cursor.one_or_two_digits()? as u8;
    cursor.one_of(b" T")?;
    let clock = cursor.clock_time().filter(|clock| clock.precision != Precision::Minute)?;
    finish(cursor, Date { year, month, day }, clock)
}

/// `20261120 102345`, `20261120T10:23:45.123Z`, `20261120:102345.123`, `20261120102345`, `261120 10:23:45`
fn compact(cursor: &mut Cursor) -> Option<Stamp> {
    let n_digits = cursor.n_digits(15);
    let year = match n_digits {
        6 => century(cursor.digits(2)?),
        _ => cursor.digits(4)? as i32,
    };
    if !(1970..2100).contains(&year) {
        return None;
    }
    let (month, day) = (cursor.digits(2)? as u8, cursor.digits(2)? as u8);
    if n_digits < 14 {
        cursor.one_of(if n_digits == 6 { b" " } else { b"T t_-:" })?;
        let _ = cursor.one_of(b" ");
    }
    let clock = cursor.clock_time()?;
    if clock.precision == Precision::Minute {
        return None;
    }
    finish(cursor, Date { year, month, day }, clock)
}

/// A year of two digits.
fn century(year: u32) -> i32 {
    if year < 70 { 2000 + year as i32 } else { 1900 + year as i32 }
}

/// `11/20/2026 10:23:45`, `20.11.2026 10:23:45`, `26/11/20 10:23:45`, `11-20 10:23:45`: behind the first number.
///
/// Points and dashes put the day first, slashes the month; a number that is no month settles it.
fn numbers(cursor: &mut Cursor, first: u32, separator: u8) -> Option<Stamp> {
    let second = cursor.one_or_two_digits()?;
    if cursor.one_of(&[separator]).is_none() {
        // Without seconds it would be a fraction or a range. go-ethereum writes a bar, Snort a dash.
        cursor.one_of(if separator == b'/' { b" T|-" } else { b" T|" })?;
        let (month, day) = if first > 12 { (second, first) } else { (first, second) };
        let clock = cursor.clock_time().filter(|clock| clock.precision != Precision::Minute)?;
        return stamp_of(Date { year: 0, month: month as u8, day: day as u8 }, clock, None, cursor.at);
    }
    let mut day_first = None;
    let (year, month, day) = match cursor.n_digits(5) {
        4 => {
            let year = cursor.digits(4)? as i32;
            let month_first = if separator == b'/' { second > 12 || first <= 12 } else { second > 12 };
            if month_first { (year, first, second) } else { (year, second, first) }
        }
        2 => {
            let third = cursor.digits(2)?;
            // `20/11/26` is 2020 or 2026.
            day_first = Some((century(third), second, first)).filter(|_| first > 12 && separator != b'.');
            match separator {
                b'.' => (century(third), second, first),
                b'/' if first <= 12 => (century(third), first, second),
                _ => (century(first), second, third),
            }
        }
        _ => return None,
    };
    let comma = cursor.one_of(b",");
    let mark = cursor.one_of(b" T-:");
    mark.or(comma)?;
    if mark == Some(b' ') {
        cursor.at += match &cursor.text[cursor.at..] {
            // As games of the Source engine write it, and Suricata.
            [b'-', b' ', ..] => 2,
            [b'-', b'-', b' ', ..] => 3,
            _ => 0,
        };
    }
    // `1/2/26,10:23` may as well be three cells.
    let clock = cursor.clock_time().filter(|clock| mark.is_some() || clock.precision != Precision::Minute)?;
    // Microsoft's deployment tools write how many minutes UTC is ahead.
    let ahead = if separator == b'-' { cursor.minutes_offset() } else { None };
    let zone = ahead.map(|minutes| ZoneName::Offset(-minutes * 60)).or_else(|| cursor.zone());
    if separator == b'/' && (month, day) == (first, second) && day <= 12 && month != day {
        day_first = Some((year, day, month));
    }
    let stamp_on = |(year, month, day): (i32, u32, u32)| {
        stamp_of(Date { year, month: month as u8, day: day as u8 }, clock, zone, cursor.at)
    };
    let stamp = stamp_on((year, month, day));
    let other = day_first.and_then(stamp_on).map(|stamp| stamp.reading);
    match (stamp.map(|stamp| stamp.reading), other) {
        (Some(Reading::Wall(usual)), Some(Reading::Wall(day_first))) => {
            Some(Stamp { reading: Reading::EitherMonth(usual, day_first), ..stamp? })
        }
        _ => stamp,
    }
}

/// Whether a stamp like `20/11/2026 …` shows that its first number is a day; `None` where it does not tell.
pub fn shows_day_first(stamp: &[u8]) -> Option<bool> {
    // The date may stand behind the clock.
    let has_clock_first = matches!(stamp, [_, b':', ..] | [_, _, b':', ..]);
    let date_at = if has_clock_first { memchr::memchr(b' ', stamp)? + 1 } else { 0 };
    let mut cursor = Cursor { text: stamp, at: date_at };
    let first = cursor.one_or_two_digits()?;
    cursor.one_of(b"/")?;
    let second = cursor.one_or_two_digits()?;
    cursor.one_of(b"/").filter(|_| cursor.n_digits(5) == 4)?;
    match (first > 12, second > 12) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    }
}

/// `20Nov2026 10:23:45.123`, as Minecraft's Forge and Check Point write it: behind the day.
fn run_together(cursor: &mut Cursor, day: u32) -> Option<Stamp> {
    let month = names::english_month(&cursor.text[cursor.at..])?;
    cursor.at += 3;
    let year = cursor.digits(4)? as i32;
    cursor.one_of(b" ")?;
    let clock = cursor.clock_time().filter(|clock| clock.precision != Precision::Minute)?;
    finish(cursor, Date { year, month, day: day as u8 }, clock)
}

/// `20/Nov/2026:10:23:45 +0000`, `20 Nov 2026 10:23:45`, `20-Nov-2026 10:23:45`; the year of `20 Nov 10:23:45` is missing.
#[inline(never)]
fn day_first(cursor: &mut Cursor) -> Option<Stamp> {
    let day = cursor.one_or_two_digits()?;
    let Some(separator) = cursor.one_of(b"/ -.") else { return run_together(cursor, day) };
    if cursor.peek()?.is_ascii_digit() {
        return if separator == b' ' { None } else { numbers(cursor, day, separator) };
    }
    let _ = cursor.one_of(b" ");
    cursor.pass_of();
    let month = cursor.month_name()?;
    let _ = cursor.one_of(&[separator]).or_else(|| cursor.one_of(b" "))?;
    cursor.pass_of();
    let year = match cursor.n_digits(5) {
        4 => cursor.digits(4)? as i32,
        2 if cursor.text.get(cursor.at + 2) == Some(&b' ') => century(cursor.digits(2)?),
        _ => 0,
    };
    if year != 0 {
        let _ = cursor.one_of(b",");
        if cursor.one_of(b": T")? == b':' {
            // `20-Nov-2026::10:23:45`, as Erlang writes it.
            let _ = cursor.one_of(b":");
        }
    }
    let clock = cursor.clock_time()?;
    let date = Date { year, month, day: day as u8 };
    let behind = if year == 0 { year_behind(cursor, date, clock) } else { None };
    behind.or_else(|| finish(cursor, date, clock))
}

/// `Nov 20 10:23:45`, and behind a week-day name also [`day_first`].
#[inline(never)]
fn name_first(cursor: &mut Cursor) -> Option<Stamp> {
    let start = cursor.at;
    // `mar 24 nov` is a Tuesday, but no March.
    if let Some(stamp) = names::english_month(&cursor.text[start..]).and_then(|_| month_first(cursor)) {
        return Some(stamp);
    }
    cursor.at = start;
    if !names::is_english_weekday(cursor.text) && !has_clock(cursor.text) {
        return None;
    }
    behind_weekday(cursor).or_else(|| {
        cursor.at = start;
        month_first(cursor)
    })
}

/// Whether a clock may stand where one does behind names of a day and a month. Most lines that begin with a word have none, and
/// need not be looked up in any language.
fn has_clock(text: &[u8]) -> bool {
    const NEAR_BYTES: usize = 64;
    let near = &text[..text.len().min(NEAR_BYTES)];
    let is_digit = |at: usize| near.get(at).is_some_and(u8::is_ascii_digit);
    memchr::memchr2_iter(b':', b'.', near).any(|at| at > 0 && is_digit(at - 1) && is_digit(at + 1))
}

fn behind_weekday(cursor: &mut Cursor) -> Option<Stamp> {
    cursor.weekday_name()?;
    let _ = cursor.one_of(b",");
    cursor.one_of(b" ")?;
    if cursor.peek()?.is_ascii_digit() { day_first(cursor) } else { month_first(cursor) }
}

fn month_first(cursor: &mut Cursor) -> Option<Stamp> {
    let month = cursor.month_name()?;
    let separator = cursor.one_of(b" -/")?;
    let _ = cursor.one_of(b" ");
    let day = cursor.one_or_two_digits()? as u8;
    let _ = cursor.one_of(b",");
    // MikroTik leaves out this year.
    cursor.one_of(if separator == b'/' { b"/ " } else { b" " })?;
    let year_ahead = cursor.text.get(cursor.at + 2).is_some_and(u8::is_ascii_digit);
    let year = if year_ahead {
        let year = cursor.digits(4)? as i32;
        let _ = cursor.one_of(b",");
        cursor.one_of(b" ")?;
        // `Nov 20, 2026 @ 10:23:45.123`, as Kibana shows times.
        if cursor.one_of(b"@").is_some() {
            cursor.one_of(b" ")?;
        }
        year
    } else {
        0
    };
    let clock = cursor.clock_time()?;
    let date = Date { year, month, day };
    if year != 0 {
        return finish(cursor, date, clock);
    }
    year_behind(cursor, date, clock).or_else(|| finish(cursor, date, clock))
}

/// `asctime` and `date` put the year last, the latter behind the zone.
fn year_behind(cursor: &mut Cursor, date: Date, clock: ClockTime) -> Option<Stamp> {
    let before = cursor.at;
    let zone = cursor.zone();
    if cursor.one_of(b" ").is_some()
        && let Some(year) = cursor.digits(4)
        && (1970..2100).contains(&year)
        && !goes_on_behind_year(&cursor.text[cursor.at..])
    {
        return stamp_of(Date { year: year as i32, ..date }, clock, zone, cursor.at);
    }
    cursor.at = before;
    None
}

/// Whether what looks like a year is the beginning of something else: a name, an address, a clock.
fn goes_on_behind_year(text: &[u8]) -> bool {
    match text {
        [b':', behind @ ..] => behind.first().is_some_and(u8::is_ascii_digit),
        [next, ..] => next.is_ascii_alphanumeric() || matches!(next, b'.' | b'-' | b'/'),
        [] => false,
    }
}

#[derive(Clone, Copy)]
struct Date {
    year: i32,
    month: u8,
    day: u8,
}

/// How a stamp names its zone.
#[derive(Clone, Copy)]
pub enum ZoneName {
    /// Seconds east of UTC.
    Offset(i32),
    Place(Place),
}

fn stamp_of(date: Date, clock: ClockTime, zone: Option<ZoneName>, len: usize) -> Option<Stamp> {
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
        let offset = match zone {
            Some(ZoneName::Offset(seconds_east)) => Some(seconds_east),
            Some(ZoneName::Place(_)) | None => None,
        };
        Reading::Yearless(civil, offset)
    } else {
        let wall = civil.to_utc()?;
        match zone {
            Some(ZoneName::Offset(seconds_east)) => {
                Reading::Instant(Nanos(wall.0.checked_sub(i64::from(seconds_east) * NANOS_PER_SECOND)?))
            }
            Some(ZoneName::Place(place)) if place.is_known_in(date.year) => Reading::WallIn(wall, place),
            Some(ZoneName::Place(_)) | None => Reading::Wall(wall),
        }
    };
    Some(Stamp { reading, precision: clock.precision, len })
}

#[inline]
fn finish(cursor: &mut Cursor, date: Date, clock: ClockTime) -> Option<Stamp> {
    let zone = cursor.zone();
    stamp_of(date, clock, zone, cursor.at)
}

#[cfg(test)]
mod tests;
