//! What a stamp, as it stands in the text, says beside its instant: what of the date is missing, the clock, the zone.

use model::entry::Inferred;
use model::time::{Civil, NANOS_PER_SECOND};

use super::Formats;
use super::members::whole_time;
use super::stamp::{Reading, read_epoch};

const DAY_NANOS: i64 = 86_400 * NANOS_PER_SECOND;

impl Formats {
    /// What a stamp, as it stands in the text, does not say of its date.
    pub fn inferred(stamp: &[u8]) -> Inferred {
        match whole_time(stamp).map(|stamp| stamp.reading) {
            Some(Reading::Yearless(..)) => Inferred::Year,
            Some(Reading::Dateless(_)) => Inferred::Date,
            _ => Inferred::Nothing,
        }
    }

    /// The wall clock that a stamp shows, as it stands in the text: nanoseconds of the day. `None`: it names its zone.
    pub fn clock_of(stamp: &[u8]) -> Option<i64> {
        match whole_time(stamp)?.reading {
            Reading::Instant(_) | Reading::Yearless(_, Some(_)) => None,
            Reading::Wall(wall) | Reading::EitherMonth(wall, _) => Some(wall.0.rem_euclid(DAY_NANOS)),
            // Any year that has all days.
            Reading::Yearless(civil, None) => Some(Civil { year: 2000, ..civil }.to_utc()?.0.rem_euclid(DAY_NANOS)),
            Reading::Dateless(nanos) => Some(nanos),
        }
    }

    /// Seconds east of UTC of the zone that a stamp, as it stands in the text, names. `None`: it names none.
    pub fn zone_named_by(stamp: &[u8]) -> Option<i32> {
        let instant = match whole_time(stamp)?.reading {
            Reading::Instant(instant) => instant,
            Reading::Yearless(_, zone) => return zone,
            Reading::Wall(_) | Reading::EitherMonth(..) | Reading::Dateless(_) => return None,
        };
        // What is left of it without its zone is the clock of that zone; numbers that count from the epoch have none.
        let is_count = read_epoch(stamp).is_some_and(|read| read.len == stamp.len());
        let clock = |end: usize| Self::clock_of(&stamp[..end]);
        let Some(clock) = (1..stamp.len()).rev().find_map(clock).filter(|_| !is_count) else { return Some(0) };
        // Zones reach from 12 hours west to 14 east; where the day is not told apart, those east are the more common ones.
        let west = 10 * 3600 * NANOS_PER_SECOND;
        let east = (clock - instant.0.rem_euclid(DAY_NANOS) + west).rem_euclid(DAY_NANOS) - west;
        Some((east / NANOS_PER_SECOND) as i32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_says_which_zone_its_clock_is_of() {
        for (stamp, hours) in [
            ("2026-11-20T10:23:45Z", Some(0.0)),
            ("2026-11-20T10:23:45.123456+02:00", Some(2.0)),
            ("20/Nov/2026:10:23:45 -0330", Some(-3.5)),
            ("2026-11-20 23:23:45 +1300", Some(13.0)),
            ("2026-11-20 00:10:00-08", Some(-8.0)),
            ("Fri Nov 20 10:23:45 UTC 2026", Some(0.0)),
            ("1763634225", Some(0.0)),
            ("1763634225123", Some(0.0)),
            ("2026-11-20 10:23:45", None),
            ("Nov 20 10:23:45", None),
            ("10:23:45", None),
            ("no stamp", None),
        ] {
            let seconds = hours.map(|hours: f64| (hours * 3600.0) as i32);
            assert_eq!(Formats::zone_named_by(stamp.as_bytes()), seconds, "{stamp}");
        }
    }
}
