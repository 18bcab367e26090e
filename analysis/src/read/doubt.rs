//! Times that are not believed: a stamp decades away from those around it says that its line is damaged, or quotes another.
//!
//! One such entry would stretch the timeline over decades. Where a file has kept to its time for a while, a far stamp is believed
//! only when the next one agrees (a clock that was set), and never where it lies behind the file's own last change. An entry
//! that is not believed has the time of the one before it, and says so.

use model::time::Nanos;
use serde::{Deserialize, Serialize};

/// No log pauses for so long, and no clock is set by so much but from 1970.
const FAR_NANOS: u64 = 10 * 365 * 86_400 * 1_000_000_000;
/// As many stamps near each other make a log of a file; in a table of birthdays every other one is far from the last.
const STEADY: u8 = 16;
/// Clocks differ: a file may hold entries a little later than its own last change.
const TOLERANCE_NANOS: i64 = 86_400 * 1_000_000_000;

/// How the times of a file went so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// Stamps in a row that were near the one before, up to [`STEADY`].
    n_near: u8,
    /// The last stamp, if it was not believed.
    doubted: Option<Nanos>,
}

impl Course {
    /// Whether a stamp says a time that is not to be believed. `last`: the last one that was; `modified`: the file's last change.
    pub fn doubts(&self, time: Nanos, last: Option<Nanos>, modified: Nanos) -> bool {
        let Some(last) = last.filter(|&last| self.n_near == STEADY && is_far(time, last)) else { return false };
        let latest = Nanos(modified.0.saturating_add(TOLERANCE_NANOS));
        // Archives may say no date, or an early one: then it bounds nothing.
        let is_of_future = last <= latest && latest < time;
        is_of_future || self.doubted.is_none_or(|doubted| is_far(doubted, time))
    }

    /// Goes on behind an entry with this stamp, which was believed.
    pub fn believe(&mut self, time: Nanos, last: Option<Nanos>) {
        let is_near = last.is_none_or(|last| !is_far(time, last));
        self.n_near = if is_near { (self.n_near + 1).min(STEADY) } else { 0 };
        self.doubted = None;
    }

    pub fn disbelieve(&mut self, time: Nanos) {
        self.doubted = Some(time);
    }
}

fn is_far(a: Nanos, b: Nanos) -> bool {
    a.0.abs_diff(b.0) > FAR_NANOS
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use model::time::{Precision, Zone, format_wall};

    use super::super::{Context, Reader};
    use super::*;
    use crate::format::Formats;

    static FORMATS: LazyLock<Formats> = LazyLock::new(Formats::builtin);

    /// The year of each entry behind twenty of 2026, `?` where its stamp is not believed. The file was changed in 2027.
    fn years(stamps: &[&str]) -> String {
        let steady = (0..20).map(|second| format!("2026-11-20 10:00:{second:02} INFO steady\n"));
        let log: String = steady.chain(stamps.iter().map(|year| format!("{year}-11-20 11:00:00 INFO x\n"))).collect();
        let modified = Nanos(1_800_000_000_000_000_000);
        let mut reader = Reader::new(&FORMATS, Context { path: "a.log".into(), modified, zone: Zone::utc() });
        reader.push(log.as_bytes());
        reader.finish();
        let mut years = Vec::new();
        while let Some(record) = reader.next_record() {
            years.push(match record.head.time {
                Some(time) => format_wall(time, &Zone::utc(), 0)[..4].to_owned(),
                None if record.head.precision == Precision::Doubted => "?".to_owned(),
                None => "-".to_owned(),
            });
        }
        years.split_off(20).join(" ")
    }

    #[test]
    fn a_stamp_decades_away_from_all_around_it_is_not_believed() {
        assert_eq!(years(&["2026", "1996", "2026", "2206", "2026"]), "2026 ? 2026 ? 2026");
        assert_eq!(years(&["1996", "2017", "2026"]), "? 2017 2026", "ten years are no decades");
    }

    #[test]
    fn a_clock_that_was_set_is_believed_from_its_second_stamp_on() {
        assert_eq!(years(&["1970", "1970", "1970", "2026", "2026"]), "? 1970 1970 2026 2026");
    }

    #[test]
    fn nothing_is_written_decades_after_the_file_was_changed() {
        assert_eq!(years(&["2096", "2096", "2096", "2026"]), "? ? ? 2026");
    }

    #[test]
    fn dates_that_are_decades_apart_from_the_start_are_believed() {
        let mut course = Course::default();
        let mut last = None;
        for time in [0, 40, 10, 70, 30].map(|years| Nanos(years * 365 * 86_400 * 1_000_000_000)) {
            assert!(!course.doubts(time, last, Nanos(0)));
            course.believe(time, last);
            last = Some(time);
        }
    }
}
