//! Settles what a stamp leaves open: the zone and the year.

use model::time::{Civil, NANOS_PER_SECOND, Nanos, Zone};

use super::stamp::{Reading, Stamp};

/// Zones change their offset on quarters of an hour, so one offset holds for a whole quarter, but for the one of the change.
const QUARTER: i64 = 900 * NANOS_PER_SECOND;
/// Clocks differ: a file may hold entries a little later than its own modification.
const TOLERANCE: i64 = 86_400 * NANOS_PER_SECOND;

/// Turns stamps into instants for one source. Remembers only to be fast: the same stamp always gives the same instant.
#[derive(Clone, Debug)]
pub struct Clock {
    zone: Zone,
    /// No entry without a year is dated later than this, shortly after the file's last change; and the year it is in.
    latest: Nanos,
    latest_year: i32,
    /// The quarter of an hour last asked for, and its offset in nanoseconds.
    quarter: Option<(i64, i64)>,
}

impl Clock {
    pub fn new(zone: Zone, modified: Nanos) -> Self {
        let latest = Nanos(modified.0.saturating_add(TOLERANCE));
        let latest_year = Civil::from_utc(zone.to_wall(latest)).year;
        Self { zone, latest, latest_year, quarter: None }
    }

    /// The instant, and whether the workspace's zone had to be assumed. `None` for a date that no recent year has.
    pub fn settle(&mut self, stamp: &Stamp) -> Option<(Nanos, bool)> {
        match stamp.reading {
            Reading::Instant(time) => Some((time, false)),
            Reading::Wall(wall) => Some((self.instant_of(wall), true)),
            Reading::Yearless(civil) => Some((self.date_back(civil)?, true)),
        }
    }

    fn instant_of(&mut self, wall: Nanos) -> Nanos {
        if self.zone.changes.is_empty() {
            return self.zone.from_wall(wall);
        }
        let number = wall.0.div_euclid(QUARTER);
        if let Some((known, offset)) = self.quarter
            && known == number
        {
            return Nanos(wall.0.saturating_sub(offset));
        }
        let offset_of = |wall: i64| wall.saturating_sub(self.zone.from_wall(Nanos(wall)).0);
        let first = offset_of(number.saturating_mul(QUARTER));
        let last = offset_of(number.saturating_mul(QUARTER).saturating_add(QUARTER - 1));
        if first != last {
            return self.zone.from_wall(wall);
        }
        self.quarter = Some((number, first));
        Nanos(wall.0.saturating_sub(first))
    }

    /// The latest year in which the date exists and is not after the file's last change.
    fn date_back(&mut self, civil: Civil) -> Option<Nanos> {
        // 29 February may be eight years back (1904 from 1896).
        (self.latest_year - 8..=self.latest_year).rev().find_map(|year| {
            let wall = Civil { year, ..civil }.to_utc()?;
            // No zone is a whole day off, so that most years are settled without asking for one.
            if wall.0 > self.latest.0.saturating_add(86_400 * NANOS_PER_SECOND) {
                return None;
            }
            let time = self.instant_of(wall);
            (time <= self.latest).then_some(time)
        })
    }
}

#[cfg(test)]
mod tests {
    use model::time::format_wall;

    use super::*;
    use crate::format::stamp::read_stamp;

    fn at(text: &str) -> Nanos {
        let stamp = read_stamp(text.as_bytes()).unwrap();
        Clock::new(Zone::utc(), Nanos(0)).settle(&stamp).unwrap().0
    }

    #[test]
    fn a_stamp_without_year_is_of_the_last_year_that_the_file_allows() {
        let mut clock = Clock::new(Zone::utc(), at("2026-01-02T08:00:00Z"));
        let mut read = |text: &str| {
            let (time, naive) = clock.settle(&read_stamp(text.as_bytes()).unwrap()).unwrap();
            assert!(naive);
            format_wall(time, &Zone::utc(), 0)
        };
        assert_eq!(read("Dec 31 23:59:59"), "2025-12-31 23:59:59");
        assert_eq!(read("Jan  1 00:00:01"), "2026-01-01 00:00:01");
        assert_eq!(read("Jan  2 20:00:00"), "2026-01-02 20:00:00");
        assert_eq!(read("Feb 29 12:00:00"), "2024-02-29 12:00:00");
    }

    #[test]
    fn remembering_an_offset_never_changes_the_instant() {
        let change = at("2026-10-25T01:00:00Z");
        let berlin = Zone { name: "Europe/Berlin".into(), first_offset: 7200, changes: vec![(change, 3600)] };
        let mut clock = Clock::new(berlin.clone(), change);
        for minutes in -300..300 {
            let wall = Nanos(change.0 + minutes * 60 * NANOS_PER_SECOND);
            assert_eq!(clock.instant_of(wall), berlin.from_wall(wall), "{minutes}");
        }
    }
}
