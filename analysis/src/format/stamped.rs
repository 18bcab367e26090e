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
            Reading::Instant(_) | Reading::WallIn(..) | Reading::Yearless(_, Some(_)) => None,
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
            Reading::WallIn(wall, place) => {
                let zone = place.zone();
                return Some(zone.offset_at(zone.from_wall(wall)));
            }
            Reading::Yearless(_, zone) => return zone,
            Reading::Wall(_) | Reading::EitherMonth(..) | Reading::Dateless(_) => return None,
        };
        // Numbers that count from the epoch have no zone.
        if read_epoch(stamp).is_some_and(|read| read.len == stamp.len()) {
            return Some(0);
        }
        // What is left of it without its zone is the clock of that zone.
        let east = |end: usize| match whole_time(&stamp[..end])?.reading {
            Reading::Wall(wall) | Reading::EitherMonth(wall, _) => {
                Some((wall.0.checked_sub(instant.0)? / NANOS_PER_SECOND) as i32)
            }
            // The year stands behind the zone.
            Reading::Yearless(_, zone) => zone,
            Reading::Instant(_) | Reading::WallIn(..) | Reading::Dateless(_) => None,
        };
        Some((1..stamp.len()).rev().find_map(east).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_says_which_zone_its_clock_is_of() {
        for (stamp, hours) in [
            ("2026-11-20T10:23:45Z", Some(0.0)),
            ("1795170225,123", Some(0.0)),
            ("2026-11-20T10:23:45.123456+02:00", Some(2.0)),
            ("20/Nov/2026:10:23:45 -0330", Some(-3.5)),
            ("2026-11-20 23:23:45 +1300", Some(13.0)),
            ("2026-11-20 23:23:45 -1100", Some(-11.0)),
            ("11/12/2026 23:23:45 -1100", Some(-11.0)),
            ("Fri Nov 20 23:23:45 -1100 2026", Some(-11.0)),
            ("2026-11-20 00:10:00-08", Some(-8.0)),
            ("Fri Nov 20 10:23:45 UTC 2026", Some(0.0)),
            ("2026-07-20 10:23:45 America/New_York", Some(-4.0)),
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
