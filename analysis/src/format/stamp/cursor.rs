//! Goes over the parts of a stamp: numbers, names, the clock, the zone.

use model::time::Precision;

use super::places::Place;
use super::{ZoneName, names};

/// A time of day.
#[derive(Clone, Copy, Debug)]
pub struct ClockTime {
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
    pub nanos: u32,
    pub precision: Precision,
}

/// The unit of the last digit of a fraction.
pub fn precision_of(n_digits: usize) -> Precision {
    match n_digits {
        0 => Precision::Second,
        1..=3 => Precision::Milli,
        4..=6 => Precision::Micro,
        _ => Precision::Nano,
    }
}

/// Zone names that mean one thing to nearly everybody who logs them, in minutes east.
const ZONE_NAMES: [(&[u8], i32); 32] = [
    (b"UTC", 0),
    (b"GMT", 0),
    (b"Z", 0),
    (b"CET", 60),
    (b"CEST", 120),
    (b"EST", -300),
    (b"EDT", -240),
    (b"CST", -360),
    (b"CDT", -300),
    (b"MST", -420),
    (b"MDT", -360),
    (b"PST", -480),
    (b"PDT", -420),
    (b"WET", 0),
    (b"WEST", 60),
    (b"BST", 60),
    (b"EET", 120),
    (b"EEST", 180),
    (b"MSK", 180),
    (b"MEZ", 60),
    (b"MESZ", 120),
    (b"IST", 330),
    (b"JST", 540),
    (b"KST", 540),
    (b"AEST", 600),
    (b"AEDT", 660),
    (b"ACST", 570),
    (b"AWST", 480),
    (b"NZST", 720),
    (b"NZDT", 780),
    (b"AKST", -540),
    (b"HST", -600),
];

pub struct Cursor<'a> {
    pub text: &'a [u8],
    pub at: usize,
}

impl Cursor<'_> {
    pub fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    #[inline]
    pub fn digits(&mut self, count: usize) -> Option<u32> {
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

    pub fn one_or_two_digits(&mut self) -> Option<u32> {
        self.digits(2).or_else(|| self.digits(1))
    }

    #[inline]
    pub fn one_of(&mut self, bytes: &[u8]) -> Option<u8> {
        let byte = self.peek()?;
        bytes.contains(&byte).then(|| {
            self.at += 1;
            byte
        })
    }

    /// How many digits come next, up to `limit`.
    #[inline]
    pub fn n_digits(&self, limit: usize) -> usize {
        self.text[self.at.min(self.text.len())..].iter().take(limit).take_while(|byte| byte.is_ascii_digit()).count()
    }

    /// What Spanish and Portuguese write around a month.
    pub fn pass_of(&mut self) {
        if self.text[self.at.min(self.text.len())..].starts_with(names::OF) {
            self.at += names::OF.len();
        }
    }

    pub fn month_name(&mut self) -> Option<u8> {
        let (month, len) = names::month(&self.text[self.at.min(self.text.len())..])?;
        self.at += len;
        Some(month)
    }

    pub fn weekday_name(&mut self) -> Option<()> {
        let len = names::weekday(&self.text[self.at..])?;
        self.at += len;
        Some(())
    }

    /// `10:23`, `10:23:45`, `10:23:45.123`, `10:23:45:123`, `10.23.45`, `102345`, `1:23:45 PM`; the hour may have one digit.
    #[inline]
    pub fn clock_time(&mut self) -> Option<ClockTime> {
        let n_digits = self.n_digits(7);
        if n_digits == 6 {
            let (hour, minute, second) = (self.digits(2)? as u8, self.digits(2)? as u8, self.digits(2)? as u8);
            let (nanos, n_digits) = self.fraction(b".,").unwrap_or((0, 0));
            return Some(ClockTime { hour, minute, second, nanos, precision: precision_of(n_digits) });
        }
        let hour = self.one_or_two_digits()? as u8;
        let mark = self.one_of(b":.")?;
        let minute = self.digits(2)? as u8;
        if self.peek() != Some(mark) || mark == b'.' && self.n_digits_behind() != 2 {
            let whole = ClockTime { hour, minute, second: 0, nanos: 0, precision: Precision::Minute };
            return if mark == b':' { self.half_of_day(whole) } else { None };
        }
        let before = self.at;
        self.at += 1;
        let Some(second) = self.digits(2) else {
            // `10:23: text`
            let ends = mark == b':' && self.n_digits(1) == 0;
            self.at = before;
            let whole = ClockTime { hour, minute, second: 0, nanos: 0, precision: Precision::Minute };
            return ends.then_some(whole);
        };
        let second = second as u8;
        let (nanos, n_digits) = self.fraction(b".,").or_else(|| self.colon_fraction()).unwrap_or((0, 0));
        self.half_of_day(ClockTime { hour, minute, second, nanos, precision: precision_of(n_digits) })
    }

    /// How many digits stand behind the next byte.
    fn n_digits_behind(&self) -> usize {
        Cursor { text: self.text, at: self.at + 1 }.n_digits(3)
    }

    /// `:123`, three or six digits and no more clock behind them.
    fn colon_fraction(&mut self) -> Option<(u32, usize)> {
        if self.peek() != Some(b':') {
            return None;
        }
        let n_digits = Cursor { text: self.text, at: self.at + 1 }.n_digits(7);
        let ends = self.text.get(self.at + 1 + n_digits).is_none_or(|byte| *byte != b':');
        if ends && matches!(n_digits, 3 | 6) { self.fraction(b":") } else { None }
    }

    /// The clock with what an `AM` or `PM` behind it says; in Spanish that is `p. m.`
    #[inline]
    fn half_of_day(&mut self, clock: ClockTime) -> Option<ClockTime> {
        let rest = &self.text[self.at..];
        let half = &rest[space_bytes(rest)..];
        let [half @ (b'A' | b'a' | b'P' | b'p'), behind @ ..] = half else { return Some(clock) };
        let behind = match behind {
            [b'M' | b'm', behind @ ..] => behind,
            [b'.', behind @ ..] => match &behind[space_bytes(behind)..] {
                [b'M' | b'm', b'.', behind @ ..] => behind,
                _ => return Some(clock),
            },
            _ => return Some(clock),
        };
        if behind.first().is_some_and(u8::is_ascii_alphanumeric) || !(1..=12).contains(&clock.hour) {
            return Some(clock);
        }
        self.at = self.text.len() - behind.len();
        let is_afternoon = matches!(half, b'P' | b'p');
        Some(ClockTime { hour: clock.hour % 12 + if is_afternoon { 12 } else { 0 }, ..clock })
    }

    /// `.123` as nanoseconds and the number of digits; digits past the ninth are passed over.
    #[inline]
    pub fn fraction(&mut self, marks: &[u8]) -> Option<(u32, usize)> {
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

    /// `Z`, `+01:00`, `-0700`, ` +0100`, ` UTC`, `+01`, ` -03 [`, ` Europe/Berlin`, ` Z]`
    #[inline]
    pub fn zone(&mut self) -> Option<ZoneName> {
        let before = self.at;
        let spaced = self.one_of(b" ").is_some();
        let offset = match self.peek() {
            Some(b'+' | b'-') => self.numeric_offset(spaced),
            Some(b'A'..=b'Z') => self.named_zone(spaced),
            _ => None,
        };
        if let Some(seconds_east) = offset {
            return Some(ZoneName::Offset(seconds_east));
        }
        self.at = before;
        if spaced { self.place_name().map(ZoneName::Place) } else { None }
    }

    /// ` Europe/Berlin`; of a name that looks so but is not known, the clock before it is one of the source's zone.
    fn place_name(&mut self) -> Option<Place> {
        const AREAS: [&[u8]; 11] = [
            b"Europe",
            b"America",
            b"Asia",
            b"Africa",
            b"Australia",
            b"Pacific",
            b"Atlantic",
            b"Indian",
            b"Etc",
            b"Antarctica",
            b"Arctic",
        ];
        let name = &self.text[self.at + 1..];
        let len = name.iter().take(11).take_while(|byte| byte.is_ascii_alphabetic()).count();
        if name.get(len) != Some(&b'/') || !AREAS.contains(&&name[..len]) {
            return None;
        }
        let is_of_place = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'/');
        let n_bytes = name[len + 1..].iter().take(32).take_while(is_of_place).count();
        if !name.get(len + 1).is_some_and(u8::is_ascii_uppercase) {
            return None;
        }
        self.at += 1 + len + 1 + n_bytes;
        Place::named(&name[..len + 1 + n_bytes])
    }

    fn numeric_offset(&mut self, spaced: bool) -> Option<i32> {
        let sign = if self.one_of(b"+-")? == b'-' { -1 } else { 1 };
        let hours = self.digits(2)?;
        let colon = self.one_of(b":");
        let minutes = match self.digits(2) {
            Some(minutes) => minutes,
            None if colon.is_some() || spaced && !(hours <= 14 && self.ends_zone()) => return None,
            None => 0,
        };
        let goes_on = self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric());
        (hours <= 18 && minutes < 60 && !goes_on).then(|| sign * (hours * 3600 + minutes * 60) as i32)
    }

    /// Whether a zone of a space, a sign and two digits may end here: a number with its sign looks the same. PostgreSQL and `date`
    /// write ` -03` where a zone has no name of letters.
    fn ends_zone(&self) -> bool {
        let behind = match &self.text[self.at..] {
            [] | [b'[' | b']' | b'"' | b'\r' | b'\n', ..] => return true,
            [b',', behind @ ..] => return !behind.first().is_some_and(u8::is_ascii_digit),
            [b' ', behind @ ..] => behind,
            _ => return false,
        };
        const LONGEST_WORD: usize = 128;
        let word_len = behind.iter().take(LONGEST_WORD).take_while(|byte| !byte.is_ascii_whitespace()).count();
        match &behind[..word_len] {
            // `[4711]`, and `>LOG:` behind `< `.
            [b'[' | b'>', ..] => true,
            // `Fri Nov 20 10:23:45 -03 2026`
            [b'1' | b'2', rest @ ..] => rest.len() == 3 && rest.iter().all(u8::is_ascii_digit),
            // `LOG:`
            [level @ .., b':'] => !level.is_empty() && level.iter().all(u8::is_ascii_uppercase),
            // `app@shop`
            word => word.contains(&b'@'),
        }
    }

    /// `+060`, `-300`, `-60`: minutes. What may as well be hours is none.
    pub fn minutes_offset(&mut self) -> Option<i32> {
        const MOST_MINUTES: u32 = 14 * 60;
        let before = self.at;
        let sign = self.one_of(b"+-").map(|sign| if sign == b'-' { -1 } else { 1 });
        let n_digits = self.n_digits(4);
        let minutes = if matches!(n_digits, 2 | 3) { self.digits(n_digits) } else { None };
        let goes_on = self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b':');
        // Zones differ by quarters of an hour.
        let minutes = minutes.filter(|minutes| minutes % 15 == 0 && *minutes <= MOST_MINUTES && !goes_on);
        let offset = sign.zip(minutes).map(|(sign, minutes)| sign * minutes as i32);
        if offset.is_none() {
            self.at = before;
        }
        offset
    }

    fn named_zone(&mut self, spaced: bool) -> Option<i32> {
        let rest = &self.text[self.at..];
        let len = rest.iter().take(5).take_while(|byte| byte.is_ascii_alphabetic()).count();
        let (name, minutes) = ZONE_NAMES.iter().find(|(name, _)| *name == &rest[..len])?;
        // `MSK-2` and `EST.example` are hosts.
        let is_host =
            name.len() > 1 && matches!(rest.get(len), Some(b'-' | b'.' | b'_')) && !matches!(*name, b"GMT" | b"UTC");
        // ` Z` may begin a text, unless that is all.
        let is_word = spaced && name.len() == 1 && !matches!(rest.get(len), None | Some(b']' | b'"'));
        if is_word || is_host || rest.get(len).is_some_and(u8::is_ascii_digit) {
            return None;
        }
        self.at += len;
        // `GMT+2` and `UTC+05:30` say how far off.
        if *minutes == 0 && name.len() == 3 && matches!(self.peek(), Some(b'+' | b'-')) {
            let before = self.at;
            let sign = if self.one_of(b"+-")? == b'-' { -1 } else { 1 };
            if let Some(hours) = self.one_or_two_digits().filter(|hours| *hours <= 14) {
                let _ = self.one_of(b":");
                let minutes = self.digits(2).unwrap_or_default();
                return Some(sign * (hours * 3600 + minutes * 60) as i32);
            }
            self.at = before;
        }
        Some(minutes * 60)
    }
}

/// Of the space that `text` begins with, if it does; newer programs write one that does not break, narrow or not.
fn space_bytes(text: &[u8]) -> usize {
    match text {
        [b' ', ..] => 1,
        [0xC2, 0xA0, ..] => 2,
        [0xE2, 0x80, 0xAF, ..] => 3,
        _ => 0,
    }
}
