//! `10:23:45 20/11/2026`, `10:23:45.123 2026-11-20`: a clock before a date that has its year.

use model::time::Precision;

use super::cursor::Cursor;
use super::{Date, Reading, Stamp, stamp_of};

/// The stamp that begins with a clock.
#[inline(never)]
pub fn clock_first(cursor: &mut Cursor) -> Option<Stamp> {
    let clock = cursor.clock_time().filter(|clock| clock.precision != Precision::Minute)?;
    let zone = cursor.zone();
    cursor.one_of(b" ")?;
    let mut day_first = None;
    let (year, month, day) = if cursor.n_digits(5) == 4 {
        let year = cursor.digits(4)?;
        let separator = cursor.one_of(b"-/.")?;
        let month = cursor.digits(2)?;
        cursor.one_of(&[separator])?;
        (year, month, cursor.digits(2)?)
    } else {
        let first = cursor.one_or_two_digits()?;
        let separator = cursor.one_of(b"/.-")?;
        let second = cursor.one_or_two_digits()?;
        cursor.one_of(&[separator])?;
        let year = if cursor.n_digits(5) == 4 { cursor.digits(4)? } else { return None };
        // As in `numbers`.
        let month_first = if separator == b'/' { second > 12 || first <= 12 } else { second > 12 };
        if separator == b'/' && first <= 12 && second <= 12 && first != second {
            day_first = Some((year, second, first));
        }
        if month_first { (year, first, second) } else { (year, second, first) }
    };
    // The date may be that of a clock of its own, or the beginning of an address.
    let goes_on = match &cursor.text[cursor.at..] {
        [b' ' | b'T', b'0'..=b'9', b'0'..=b'9', b':', ..] => true,
        [b'-' | b'/' | b'.' | b':', next, ..] => next.is_ascii_alphanumeric(),
        _ => false,
    };
    if goes_on || !(1970..2100).contains(&year) {
        return None;
    }
    let stamp_on = |(year, month, day): (u32, u32, u32)| {
        stamp_of(Date { year: year as i32, month: month as u8, day: day as u8 }, clock, zone, cursor.at)
    };
    let stamp = stamp_on((year, month, day))?;
    match (stamp.reading, day_first.and_then(stamp_on).map(|stamp| stamp.reading)) {
        (Reading::Wall(usual), Some(Reading::Wall(day_first))) => {
            Some(Stamp { reading: Reading::EitherMonth(usual, day_first), ..stamp })
        }
        _ => Some(stamp),
    }
}
