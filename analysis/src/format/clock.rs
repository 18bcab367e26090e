//! Settles what a stamp leaves open: the zone and the year.

use std::cmp::Reverse;

use model::time::{Civil, NANOS_PER_SECOND, Nanos, Zone};

use super::stamp::{Place, Reading, Stamp, read_stamp, with_joined};

/// Zones change their offset on quarters of an hour, so one offset holds for a whole quarter, but for the one of the change.
const QUARTER: i64 = 900 * NANOS_PER_SECOND;
/// Clocks differ: a file may hold entries a little later than its own modification.
const TOLERANCE: i64 = 86_400 * NANOS_PER_SECOND;

const DAY: i64 = 86_400 * NANOS_PER_SECOND;
/// A dated entry says nothing of one further away: a file may hold a line that quotes another year.
const NEARBY: i64 = 60 * DAY;

/// A clock so much earlier than the one before it is of an entry that was written late; what is further back is of the next day.
const LATE: i64 = DAY / 4;
/// The same for readings of an hour that came twice: what is further back is of the second time.
const LATE_IN_HOUR: i64 = QUARTER;

/// The last date in a path, `2026-11-20`, `20261120`, `20-11-2026` or `20Nov2026`, in days since 1970.
fn day_in(path: &str) -> Option<i64> {
    let bytes = path.as_bytes();
    let begins = |at: &usize| bytes[*at].is_ascii_digit() && (*at == 0 || !bytes[*at - 1].is_ascii_digit());
    let starts = (0..bytes.len()).rev().filter(begins);
    starts.map(|at| &bytes[at..]).find_map(|text| year_first(text).or_else(|| day_first(text)))
}

fn number_at(text: &[u8], from: usize, n_digits: usize) -> Option<i32> {
    let part = text.get(from..from + n_digits).filter(|part| part.iter().all(u8::is_ascii_digit))?;
    part.iter().try_fold(0_i32, |sum, byte| Some(sum * 10 + i32::from(byte - b'0')))
}

fn days(year: i32, month: i32, day: i32) -> Option<i64> {
    let date = Civil { year, month: month as u8, day: day as u8, hour: 0, minute: 0, second: 0, nanos: 0 };
    (1990..2100).contains(&year).then(|| Some(date.to_utc()?.0.div_euclid(DAY)))?
}

/// `2026-11-20`, `2026/11/20`, `20261120`, perhaps with a clock behind it: `20261120102345`.
fn year_first(text: &[u8]) -> Option<i64> {
    let mark = text.get(4).copied().filter(|byte| matches!(byte, b'-' | b'_' | b'.' | b'/'));
    let gap = usize::from(mark.is_some());
    let (year, month, day) = (number_at(text, 0, 4)?, number_at(text, 4 + gap, 2)?, number_at(text, 6 + 2 * gap, 2)?);
    let behind = &text[8 + 2 * gap..];
    let n_more = behind.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let is_below = |at: usize, limit: i32| n_more <= at || number_at(behind, at, 2).is_some_and(|part| part < limit);
    let is_clock = || matches!(n_more, 2 | 4 | 6) && is_below(0, 24) && is_below(2, 60) && is_below(4, 60);
    let ends = n_more == 0 || mark.is_none() && is_clock();
    let is_even = mark.is_none_or(|mark| text[6 + gap] == mark);
    days(year, month, day).filter(|_| ends && is_even)
}

/// `20-11-2026`, `20.11.2026`, `20Nov2026`, `20-Nov-2026`; a number that is no month settles which is.
fn day_first(text: &[u8]) -> Option<i64> {
    let ends_at = |len: usize| !text.get(len).is_some_and(u8::is_ascii_digit);
    let of_numbers = || {
        let mark = text.get(2).filter(|byte| matches!(byte, b'-' | b'_' | b'.'))?;
        let (first, second, year) = (number_at(text, 0, 2)?, number_at(text, 3, 2)?, number_at(text, 6, 4)?);
        let (month, day) = if second > 12 { (first, second) } else { (second, first) };
        days(year, month, day).filter(|_| text[5] == *mark && ends_at(10))
    };
    let of_name = |len: usize| {
        let date = text.get(..len).filter(|date| ends_at(len) && date.iter().any(u8::is_ascii_alphabetic))?;
        let stamp = with_joined(date, b"00:00:00", |both| read_stamp(both).filter(|stamp| stamp.len == both.len()))?;
        match stamp.reading {
            Reading::Wall(midnight) => Some(midnight.0.div_euclid(DAY)),
            _ => None,
        }
    };
    of_numbers().or_else(|| ["20Nov2026".len(), "20-Nov-2026".len()].into_iter().find_map(of_name))
}

/// Turns stamps into instants for one source. Remembers only to be fast: the same stamp always gives the same instant.
#[derive(Clone, Debug)]
pub struct Clock {
    zone: Zone,
    /// No entry without a year is dated later than this, shortly after the file's last change; and the year it is in.
    latest: Nanos,
    latest_year: i32,
    /// When the file was last changed, and the day its name says it is of (days since 1970).
    modified: Nanos,
    named_day: Option<i64>,
    /// Time of the entry before: one without a date is close to it.
    pub previous: Option<Nanos>,
    /// The nearest time before whose year the file itself says: a stamp without a year is close to it.
    pub dated: Option<Nanos>,
    /// The file shows that of two numbers below 13 the first is the day, or that it is not.
    pub day_first: Option<bool>,
    /// The last time settled of which that is so.
    settled_dated: Option<Nanos>,
    quarter: Option<Quarter>,
    /// The clock of the place that a stamp named last.
    there: Option<(Place, Box<Clock>)>,
}

/// The quarter of an hour last asked for.
#[derive(Clone, Copy, Debug)]
struct Quarter {
    number: i64,
    /// Nanoseconds that the clock is ahead in it; where it comes twice, those of the second time too.
    offset: i64,
    second_offset: Option<i64>,
}

impl Clock {
    pub fn new(zone: Zone, modified: Nanos) -> Self {
        let latest = Nanos(modified.0.saturating_add(TOLERANCE));
        let latest_year = Civil::from_utc(zone.to_wall(latest)).year;
        Self {
            zone,
            latest,
            latest_year,
            modified,
            named_day: None,
            previous: None,
            dated: None,
            day_first: None,
            settled_dated: None,
            quarter: None,
            there: None,
        }
    }

    /// The same for a file of this path, which may say of which day it is: `app-2026-11-20.log`.
    pub fn of_file(zone: Zone, modified: Nanos, path: &str) -> Self {
        Self { named_day: day_in(path), ..Self::new(zone, modified) }
    }

    /// The instant, and whether the workspace's zone had to be assumed. `None` for a date that no recent year has.
    pub fn settle(&mut self, stamp: &Stamp) -> Option<(Nanos, bool)> {
        let (time, is_dated) = match stamp.reading {
            Reading::Instant(time) => (time, true),
            Reading::Wall(wall) => (self.instant_of(wall), true),
            Reading::WallIn(wall, place) => (self.instant_in(place, wall), true),
            Reading::EitherMonth(month_first, day_first) => (self.either(month_first, day_first), true),
            Reading::Yearless(civil, None) => self.with_year(civil)?,
            Reading::Yearless(civil, Some(first_offset)) => {
                let named = Zone { name: String::new(), first_offset, changes: Vec::new() };
                let own = std::mem::replace(&mut self.zone, named);
                let settled = self.with_year(civil);
                self.zone = own;
                settled?
            }
            Reading::Dateless(nanos) => (self.day_of(nanos), false),
        };
        if is_dated {
            self.settled_dated = Some(time);
        }
        let names_zone =
            matches!(stamp.reading, Reading::Instant(_) | Reading::WallIn(..) | Reading::Yearless(_, Some(_)));
        Some((time, !names_zone))
    }

    /// The instant, and whether an entry nearby says the year.
    fn with_year(&mut self, civil: Civil) -> Option<(Nanos, bool)> {
        match self.year_beside(civil) {
            Some(time) => Some((time, true)),
            None => Some((self.date_back(civil)?, false)),
        }
    }

    /// What a stamp that may begin with its day is when it does not, and when it does.
    pub fn either_of(&mut self, stamp: &[u8]) -> Option<[Nanos; 2]> {
        let Reading::EitherMonth(month_first, day_first) = read_stamp(stamp)?.reading else { return None };
        Some([month_first, day_first].map(|wall| self.instant_of(wall)))
    }

    /// Whether [such stamps](Self::either_of) of lines that follow each other begin with their day: not unless with the day first
    /// fewer of them go back, or they alone are not of the future, or shortly before the file was changed.
    pub fn guess_day_first(&self, stamps: &[[Nanos; 2]]) -> Option<bool> {
        let last = stamps.last()?;
        let [month_first, day_first] = [0, 1].map(|order| {
            let n_back = stamps.windows(2).filter(|pair| pair[1][order] < pair[0][order]).count();
            let before = self.latest.0.saturating_sub(last[order].0);
            (Reverse(n_back), before >= 0, (0..=NEARBY).contains(&before))
        });
        Some(day_first > month_first)
    }

    /// As the file shows elsewhere; where that is not known, what is closer to the entries before.
    fn either(&mut self, month_first: Nanos, day_first: Nanos) -> Nanos {
        let (month_first, day_first) = (self.instant_of(month_first), self.instant_of(day_first));
        let is_day_first = self.day_first.unwrap_or_else(|| match self.dated.or(self.previous) {
            Some(near) => near.0.abs_diff(day_first.0) < near.0.abs_diff(month_first.0),
            None => false,
        });
        if is_day_first { day_first } else { month_first }
    }

    /// Whether the file says the year of this time, the one of the stamp settled last: in the stamp, or shortly before.
    pub fn is_dated(&self, time: Option<Nanos>) -> bool {
        time.is_some() && time == self.settled_dated
    }

    /// The date in the year that makes it close to the nearest time of which the file says the year.
    fn year_beside(&mut self, civil: Civil) -> Option<Nanos> {
        let dated = self.zone.to_wall(self.dated?);
        let year = Civil::from_utc(dated).year;
        let walls = (year - 1..=year + 1).filter_map(|year| Civil { year, ..civil }.to_utc());
        let closest = walls.min_by_key(|wall| wall.0.abs_diff(dated.0))?;
        (closest.0.abs_diff(dated.0) <= NEARBY as u64).then(|| self.instant_of(closest))
    }

    /// The time of day on the day that has it follow the entry before, or come little before it; of the first entry the day the file's name
    /// says, else the last one on which the file was changed later than that.
    fn day_of(&mut self, nanos: i64) -> Nanos {
        let at = |day: i64| day.saturating_mul(DAY).saturating_add(nanos);
        let wall = match (self.previous, self.named_day) {
            (Some(previous), _) => {
                let before = self.zone.to_wall(previous).0;
                let day = before.div_euclid(DAY);
                let follows = |day: &i64| at(*day) >= before.saturating_sub(LATE);
                at([day - 1, day].into_iter().find(follows).unwrap_or(day + 1))
            }
            (None, Some(day)) => at(day),
            (None, None) => {
                let changed = self.zone.to_wall(self.modified).0;
                let day = changed.div_euclid(DAY);
                if at(day) <= changed { at(day) } else { at(day - 1) }
            }
        };
        self.instant_of(Nanos(wall))
    }

    fn instant_in(&mut self, place: Place, wall: Nanos) -> Nanos {
        let known = self.there.take().filter(|(known, _)| *known == place).map(|(_, clock)| clock);
        let clock = known.unwrap_or_else(|| Box::new(Self::new(place.zone(), self.modified)));
        let (_, clock) = self.there.insert((place, clock));
        clock.previous = self.previous;
        clock.instant_of(wall)
    }

    /// Of an hour that came twice the second time where the first would be long before the entry before.
    fn instant_of(&mut self, wall: Nanos) -> Nanos {
        if self.zone.changes.is_empty() {
            return self.zone.from_wall(wall);
        }
        let (first, second) = self.instants_of(wall);
        let is_late =
            |time: Nanos| self.previous.is_some_and(|previous| time.0 < previous.0.saturating_sub(LATE_IN_HOUR));
        match second {
            Some(second) if is_late(first) && !is_late(second) => second,
            _ => first,
        }
    }

    fn instants_of(&mut self, wall: Nanos) -> (Nanos, Option<Nanos>) {
        let number = wall.0.div_euclid(QUARTER);
        let quarter = match self.quarter.filter(|quarter| quarter.number == number) {
            Some(known) => known,
            None => {
                let ends = [number.saturating_mul(QUARTER), number.saturating_mul(QUARTER).saturating_add(QUARTER - 1)];
                let [offset, last] = ends.map(|wall| wall.saturating_sub(self.zone.from_wall(Nanos(wall)).0));
                let [second_offset, last_second] = ends
                    .map(|wall| self.zone.second_from_wall(Nanos(wall)).map(|second| wall.saturating_sub(second.0)));
                if offset != last || second_offset != last_second {
                    return (self.zone.from_wall(wall), self.zone.second_from_wall(wall));
                }
                *self.quarter.insert(Quarter { number, offset, second_offset })
            }
        };
        let at = |offset: i64| Nanos(wall.0.saturating_sub(offset));
        (at(quarter.offset), quarter.second_offset.map(at))
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
    fn the_day_comes_first_where_the_file_shows_it_else_what_is_near() {
        let stamp = read_stamp(b"03/11/2026 10:00:00").unwrap();
        let (march, november) = (at("2026-03-11T10:00:00Z"), at("2026-11-03T10:00:00Z"));
        let check = |day_first, dated: Option<&str>, modified: &str, expected| {
            let mut clock = Clock::new(Zone::utc(), at(modified));
            (clock.day_first, clock.dated) = (day_first, dated.map(at));
            assert_eq!(clock.settle(&stamp), Some((expected, true)));
        };
        let (early, late) = ("2026-06-01T00:00:00Z", "2026-12-01T00:00:00Z");
        check(Some(true), Some("2026-03-10T00:00:00Z"), late, november);
        check(Some(false), Some("2026-11-03T00:00:00Z"), late, march);
        check(None, Some("2026-11-01T00:00:00Z"), late, november);
        check(None, None, late, march);
        let guess = |stamp: &[u8]| {
            let mut clock = Clock::new(Zone::utc(), at(early));
            let either = clock.either_of(stamp)?;
            clock.guess_day_first(&[either])
        };
        assert_eq!(guess(b"03/11/2026 10:00:00"), Some(false));
        assert_eq!(guess(b"09/05/2026 10:00:00"), Some(true), "the file is not of the future");
        assert_eq!(
            guess(b"02/05/2026 10:00:00"),
            Some(true),
            "of May: in February it was long to go until it was changed"
        );
        assert_eq!(guess(b"05/02/2026 10:00:00"), Some(false));
        assert_eq!(guess(b"02/03/2025 10:00:00"), Some(false), "both are long before");
        assert_eq!(guess(b"18/05/26 10:00:00"), Some(true), "of 2026, not of 2018");
        assert_eq!(guess(b"26/05/18 10:00:00"), Some(false));
        assert_eq!((guess(b"13/05/2026 10:00:00"), guess(b"05/05/2026 10:00:00")), (None, None));
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
    fn a_stamp_without_year_is_of_the_zone_behind_it_else_of_the_sources() {
        let berlin = Zone { name: "Europe/Berlin".into(), first_offset: 3600, changes: Vec::new() };
        let mut clock = Clock::new(berlin, at("2026-12-31T12:00:00Z"));
        let mut read = |text: &str| {
            let (time, naive) = clock.settle(&read_stamp(text.as_bytes()).unwrap()).unwrap();
            (format_wall(time, &Zone::utc(), 0), naive)
        };
        assert_eq!(read("Nov 20 10:23:45"), ("2026-11-20 09:23:45".to_owned(), true));
        assert_eq!(read("Nov 20 10:23:45 UTC"), ("2026-11-20 10:23:45".to_owned(), false));
        assert_eq!(read("Nov 20 10:23:45 EST"), ("2026-11-20 15:23:45".to_owned(), false));
        assert_eq!(read("Nov 20 10:23:45 America/New_York"), ("2026-11-20 09:23:45".to_owned(), true));
        assert_eq!(read("Jan  1 00:30:00 CET"), ("2026-12-31 23:30:00".to_owned(), false));
    }

    #[test]
    fn a_stamp_without_year_is_close_to_those_that_say_it() {
        let mut clock = Clock::new(Zone::utc(), at("2026-01-02T08:00:00Z"));
        let mut read = |dated: &str, text: &str| {
            let is_near = dated < "2020-02";
            clock.dated = Some(at(dated));
            let (time, naive) = clock.settle(&read_stamp(text.as_bytes()).unwrap()).unwrap();
            assert!(naive && clock.is_dated(Some(time)) == is_near);
            format_wall(time, &Zone::utc(), 0)
        };
        assert_eq!(read("2019-02-25T16:19:48Z", "Feb 25 16:19:38"), "2019-02-25 16:19:38");
        assert_eq!(read("2019-12-31T23:59:59Z", "Jan  1 00:00:01"), "2020-01-01 00:00:01");
        assert_eq!(read("2020-01-01T00:00:01Z", "Dec 31 23:59:59"), "2019-12-31 23:59:59");
        assert_eq!(read("2020-07-01T00:00:00Z", "Jan  1 00:00:01"), "2026-01-01 00:00:01");
    }

    #[test]
    fn a_clock_alone_is_of_the_day_that_file_name_or_neighbours_say() {
        let read = |clock: &mut Clock, text: &str| {
            let (time, naive) = clock.settle(&crate::format::stamp::read_clock(text.as_bytes()).unwrap()).unwrap();
            clock.previous = Some(time);
            assert!(naive);
            format_wall(time, &Zone::utc(), 0)
        };
        let modified = at("2026-11-21T08:00:00Z");
        let mut clock = Clock::new(Zone::utc(), modified);
        assert_eq!(read(&mut clock, "23:59:59"), "2026-11-20 23:59:59");
        assert_eq!(read(&mut clock, "00:00:01"), "2026-11-21 00:00:01");
        assert_eq!(read(&mut clock, "23:59:58"), "2026-11-20 23:59:58");
        let mut clock = Clock::of_file(Zone::utc(), modified, "logs/2025/app-20261103.log.gz");
        assert_eq!(read(&mut clock, "10:00:00"), "2026-11-03 10:00:00");
        assert_eq!(
            read(&mut clock, "23:59:59"),
            "2026-11-03 23:59:59",
            "a quiet day goes on, however long it was quiet"
        );
        assert_eq!(read(&mut clock, "00:00:01"), "2026-11-04 00:00:01");
        assert_eq!(read(&mut clock, "00:00:00"), "2026-11-04 00:00:00");
        assert_eq!(day_in("a/2026-11-03/b-1234567890.log"), day_in("20261103"));
        assert_eq!(day_in("app-20269903.log"), None);
        for path in [
            "app_03-11-2026.log",
            "app-11.03.2026.log",
            "2026/11/03/app.log",
            "2025/app-20261103102201.log",
            "app-2026110310.log",
            "app-03Nov2026.log",
            "app-03-Nov-2026.log.gz",
            "app_2026_11_03-17.log",
        ] {
            let expected = if path.contains("11.03") { "20260311" } else { "20261103" };
            assert_eq!(day_in(path), day_in(expected), "{path}");
        }
        for path in ["app-20261103256199.log", "2026/11-03.log", "03-11-20261.log", "03-11_2026.log", "a-03Now2026"] {
            assert_eq!(day_in(path), None, "{path}");
        }
    }

    #[test]
    fn a_place_that_a_stamp_names_has_a_clock_of_its_own() {
        let mut clock = Clock::new(Zone::fixed(-8 * 3600), at("2026-12-01T00:00:00Z"));
        let mut read = |text: &str| clock.settle(&read_stamp(text.as_bytes()).unwrap());
        assert_eq!(read("20-Nov-2026 10:00:00 Europe/Berlin"), Some((at("2026-11-20T09:00:00Z"), false)));
        assert_eq!(read("20-Jul-2026 10:00:00 Europe/Berlin"), Some((at("2026-07-20T08:00:00Z"), false)));
        assert_eq!(read("20-Jul-2026 10:00:00 America/New_York"), Some((at("2026-07-20T14:00:00Z"), false)));
        assert_eq!(read("20-Jul-2026 10:00:00 Africa/Casablanca"), Some((at("2026-07-20T18:00:00Z"), true)));
    }

    #[test]
    fn remembering_an_offset_never_changes_the_instant() {
        let change = at("2026-10-25T01:00:00Z");
        let berlin = Zone { name: "Europe/Berlin".into(), first_offset: 7200, changes: vec![(change, 3600)] };
        let mut clock = Clock::new(berlin.clone(), change);
        for minutes in -300..300 {
            let wall = Nanos(change.0 + minutes * 60 * NANOS_PER_SECOND);
            let expected = (berlin.from_wall(wall), berlin.second_from_wall(wall));
            assert_eq!(clock.instants_of(wall), expected, "{minutes}");
            assert_eq!(clock.instant_of(wall), expected.0, "nothing before tells");
        }
    }

    #[test]
    fn an_hour_that_comes_twice_is_the_one_that_follows_the_entry_before() {
        let change = at("2026-10-25T01:00:00Z");
        let berlin = Zone { name: "Europe/Berlin".into(), first_offset: 7200, changes: vec![(change, 3600)] };
        let mut clock = Clock::new(berlin, at("2026-11-01T00:00:00Z"));
        let mut read = |text: &str| {
            let (time, _) = clock.settle(&read_stamp(format!("2026-10-25 {text}").as_bytes()).unwrap()).unwrap();
            clock.previous = Some(time);
            format_wall(time, &Zone::utc(), 0)[11..].to_owned()
        };
        let written = ["01:59:00", "02:05:00", "02:40:00", "02:39:00", "02:59:59"];
        assert_eq!(written.map(&mut read), ["23:59:00", "00:05:00", "00:40:00", "00:39:00", "00:59:59"]);
        let written = ["02:00:01", "02:30:00", "02:29:00", "03:00:00", "02:59:58"];
        assert_eq!(written.map(&mut read), ["01:00:01", "01:30:00", "01:29:00", "02:00:00", "01:59:58"]);
    }
}
