//! Places that stamps name their zones by (`Europe/Berlin`), and the clocks there, for the years in which they go as today.

use std::collections::HashMap;
use std::sync::LazyLock;

use model::time::{Civil, NANOS_PER_SECOND, Nanos, Zone};

/// The IANA time zone database as far as it goes by few rules; a browser's own copy is out of reach of what reads natively.
const TABLE: &str = include_str!("places.tsv");

const MINUTE: i64 = 60 * NANOS_PER_SECOND;
const DAY: i64 = 1440 * MINUTE;
/// Stamps of later years are read as if summer time ended with this one.
const LAST_YEAR: i32 = 2060;

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| TABLE.lines().filter_map(Row::read).collect());

static PLACES: LazyLock<HashMap<&str, Place>> = LazyLock::new(|| {
    let named = |(at, row): (usize, &Row)| row.names.split(' ').map(move |name| (name, Place(at as u16)));
    ROWS.iter().enumerate().flat_map(named).collect()
});

/// The clocks of a place: a row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(u16);

#[derive(Debug)]
struct Row {
    /// Minutes east of UTC without summer time.
    standard: i32,
    summer_time: Option<&'static SummerTime>,
    since: i32,
    names: &'static str,
}

/// Clocks are set forward by an hour, and back again.
#[derive(Debug)]
struct SummerTime {
    name: &'static str,
    begins: Switch,
    ends: Switch,
}

/// In this month on the first such day of the week (0: Monday) from a day on, so many minutes after midnight: of UTC, or of
/// the clock without summer time.
#[derive(Debug)]
struct Switch {
    month: u8,
    weekday: i64,
    from_day: u8,
    minutes: i32,
    by_utc: bool,
}

const FRIDAY: i64 = 4;
const SUNDAY: i64 = 6;

const fn by_utc(month: u8, weekday: i64, from_day: u8, minutes: i32) -> Switch {
    Switch { month, weekday, from_day, minutes, by_utc: true }
}

const fn by_clock(month: u8, weekday: i64, from_day: u8, minutes: i32) -> Switch {
    Switch { month, weekday, from_day, minutes, by_utc: false }
}

const SUMMER_TIMES: [SummerTime; 7] = [
    SummerTime { name: "europe", begins: by_utc(3, SUNDAY, 25, 60), ends: by_utc(10, SUNDAY, 25, 60) },
    SummerTime { name: "north-america", begins: by_clock(3, SUNDAY, 8, 120), ends: by_clock(11, SUNDAY, 1, 60) },
    SummerTime { name: "australia", begins: by_clock(10, SUNDAY, 1, 120), ends: by_clock(4, SUNDAY, 1, 120) },
    SummerTime { name: "new-zealand", begins: by_clock(9, SUNDAY, 24, 120), ends: by_clock(4, SUNDAY, 1, 120) },
    SummerTime { name: "chile", begins: by_utc(9, SUNDAY, 2, 240), ends: by_utc(4, SUNDAY, 2, 180) },
    SummerTime { name: "israel", begins: by_clock(3, FRIDAY, 23, 120), ends: by_clock(10, SUNDAY, 25, 60) },
    SummerTime { name: "cuba", begins: by_clock(3, SUNDAY, 8, 0), ends: by_clock(11, SUNDAY, 1, 0) },
];

impl Place {
    pub fn named(name: &[u8]) -> Option<Self> {
        PLACES.get(std::str::from_utf8(name).ok()?).copied()
    }

    /// Whether the clocks there went in this year as they do today.
    pub fn is_known_in(self, year: i32) -> bool {
        self.row().is_some_and(|row| year >= row.since)
    }

    /// For the years that are known.
    pub fn zone(self) -> Zone {
        self.row().map_or_else(Zone::utc, Row::zone)
    }

    fn row(self) -> Option<&'static Row> {
        ROWS.get(usize::from(self.0))
    }
}

impl Row {
    fn read(line: &'static str) -> Option<Self> {
        let mut cells = line.split('\t');
        let standard = cells.next()?.parse().ok()?;
        let rule = cells.next()?;
        let summer_time = SUMMER_TIMES.iter().find(|summer_time| summer_time.name == rule);
        Some(Self { standard, summer_time, since: cells.next()?.parse().ok()?, names: cells.next()? })
    }

    fn zone(&self) -> Zone {
        let (standard, summer) = (self.standard * 60, self.standard * 60 + 3600);
        let mut zone = Zone { name: String::new(), first_offset: standard, changes: Vec::new() };
        if let Some(summer_time) = self.summer_time {
            let both = [(&summer_time.begins, summer), (&summer_time.ends, standard)];
            let years = self.since..=LAST_YEAR;
            let changes = years.flat_map(|year| both.map(|(switch, offset)| (switch.at(year, self.standard), offset)));
            zone.changes = changes.collect();
            zone.changes.sort_unstable();
            // In the south a year begins in summer.
            if zone.changes.first().is_some_and(|&(_, offset)| offset == standard) {
                zone.first_offset = summer;
            }
        }
        zone
    }
}

impl Switch {
    fn at(&self, year: i32, standard: i32) -> Nanos {
        let first = Civil { year, month: self.month, day: self.from_day, hour: 0, minute: 0, second: 0, nanos: 0 };
        let first = first.to_utc().unwrap_or_default().0.div_euclid(DAY);
        // 1970 began on a Thursday.
        let day = first + (self.weekday - (first + 3)).rem_euclid(7);
        let minutes = if self.by_utc { self.minutes } else { self.minutes - standard };
        Nanos(day * DAY + i64::from(minutes) * MINUTE)
    }
}

#[cfg(test)]
mod tests {
    use model::time::format_wall;

    use super::*;

    /// The instants at which the clocks of a place were set in a year, and the minutes east of UTC from then on.
    fn switches(place: &str, year: i32) -> Vec<String> {
        let zone = Place::named(place.as_bytes()).unwrap().zone();
        let changes =
            zone.changes.iter().map(|&(at, offset)| format!("{} {}", format_wall(at, &Zone::utc(), 0), offset / 60));
        changes.filter(|change| change.starts_with(&year.to_string())).collect()
    }

    #[test]
    fn clocks_are_set_as_in_the_years_that_are_known() {
        // As `zdump -v` has them.
        assert_eq!(switches("Europe/Berlin", 2026), ["2026-03-29 01:00:00 120", "2026-10-25 01:00:00 60"]);
        assert_eq!(switches("Europe/London", 2024), ["2024-03-31 01:00:00 60", "2024-10-27 01:00:00 0"]);
        assert_eq!(switches("America/New_York", 2025), ["2025-03-09 07:00:00 -240", "2025-11-02 06:00:00 -300"]);
        assert_eq!(switches("Australia/Sydney", 2026), ["2026-04-04 16:00:00 600", "2026-10-03 16:00:00 660"]);
        assert_eq!(switches("Pacific/Auckland", 2026), ["2026-04-04 14:00:00 720", "2026-09-26 14:00:00 780"]);
        assert_eq!(switches("America/Santiago", 2025), ["2025-04-06 03:00:00 -240", "2025-09-07 04:00:00 -180"]);
        assert_eq!(switches("Asia/Jerusalem", 2026), ["2026-03-27 00:00:00 180", "2026-10-24 23:00:00 120"]);
        assert_eq!(switches("America/Havana", 2026), ["2026-03-08 05:00:00 -240", "2026-11-01 05:00:00 -300"]);
        assert!(switches("Asia/Kolkata", 2026).is_empty());
    }

    #[test]
    fn the_year_begins_in_summer_in_the_south() {
        let offset = |place: &str, at: i64| Place::named(place.as_bytes()).unwrap().zone().offset_at(Nanos(at)) / 60;
        let january = 1_767_225_600 * NANOS_PER_SECOND;
        assert_eq!(offset("Australia/Sydney", january), 660);
        assert_eq!(offset("Asia/Kolkata", january), 330);
        assert_eq!(offset("Europe/Istanbul", january), 180);
    }

    #[test]
    fn places_and_years_that_go_by_other_rules_are_not_known() {
        assert_eq!(Place::named(b"Africa/Casablanca"), None);
        assert_eq!(Place::named(b"Europe/Nowhere"), None);
        let is_known = |place: &str, year: i32| Place::named(place.as_bytes()).unwrap().is_known_in(year);
        assert!(is_known("America/Sao_Paulo", 2026) && !is_known("America/Sao_Paulo", 2015));
    }

    #[test]
    fn every_row_is_read() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
        assert_eq!(ROWS.len(), lines.clone().count());
        for (line, row) in lines.zip(&*ROWS) {
            assert_eq!(row.summer_time.is_some(), !line.contains("\t-\t"), "{line}");
        }
    }
}
