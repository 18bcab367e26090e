//! Rotated logs: which files are parts of one log, and which of them is older.
//!
//! ```text
//! app.log.2.gz  app.log.1  app.log              numbered, the highest is the oldest
//! app.log.2026-11-19  app.log-20261119.gz       dated, behind the name …
//! app-2026-11-20.log  app-2026-11-20.1.log      … or within it, with a number for the parts of a day
//! ```

/// A file's place among the parts of its log; the oldest is the least.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Age {
    /// The one that is written to, without date and number, is the youngest.
    is_current: bool,
    /// Dated ones are older than those that have only a number, which are the latest.
    is_numbered: bool,
    /// Its digits.
    date: String,
    /// Counts up within a date, else the older the higher.
    number: i64,
}

const PACKED_SUFFIXES: [&str; 8] = [".gz", ".bz2", ".xz", ".zst", ".lz4", ".Z", ".zip", ".tgz"];
/// Higher numbers are years, ports, process ids and the like.
const MOST_NUMBER: i64 = 999;

/// The log that the file at `path` is a part of, as the path of its newest part, and the place among its parts. A file that
/// is not rotated is the newest part of a log of its own.
pub fn part_of(path: &str) -> (String, Age) {
    let name_start = path.rfind('/').map_or(0, |slash| slash + 1);
    let (folder, name) = path.split_at(name_start);
    let unpacked = PACKED_SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name);
    let (log, date, number) = take_off(unpacked);
    let is_current = date.is_empty() && number.is_none();
    let is_numbered = date.is_empty() && number.is_some();
    let number = number.unwrap_or(-1);
    let number = if is_numbered { -number } else { number };
    (format!("{folder}{log}"), Age { is_current, is_numbered, date, number })
}

/// A name without what rotation added to it: the date's digits and the number.
fn take_off(name: &str) -> (String, String, Option<i64>) {
    // app.log.1, app.log.2026-11-19, app.log-20261119, app.log.2026-11-19.1
    let (rest, number) = match name.rsplit_once('.') {
        Some((rest, digits)) if is_extended(rest) => (rest, small_number(digits)),
        _ => (name, None),
    };
    let rest = if number.is_some() { rest } else { name };
    if let Some((log, date)) = date_at_end(rest)
        && is_extended(log)
    {
        return (log.to_owned(), date, number);
    }
    if number.is_some() && !rest.is_empty() {
        return (rest.to_owned(), String::new(), number);
    }
    // app-2026-11-20.log, app-2026-11-20.1.log
    if let Some((stem, extension)) = name.rsplit_once('.')
        && !extension.bytes().all(|byte| byte.is_ascii_digit())
    {
        let counted = stem.rsplit_once(['.', '-', '_']).and_then(|(rest, digits)| Some((rest, small_number(digits)?)));
        for (stem, number) in [(stem, None)].into_iter().chain(counted.map(|(rest, number)| (rest, Some(number)))) {
            if let Some((log, date)) = date_at_end(stem) {
                return (format!("{log}.{extension}"), date, number);
            }
        }
    }
    (name.to_owned(), String::new(), None)
}

/// It has an extension, or is a log by its name: `syslog.1` and `messages-20261119`, not `10.0.0.1`.
fn is_extended(name: &str) -> bool {
    name.bytes().any(|byte| byte.is_ascii_alphabetic())
}

fn small_number(digits: &str) -> Option<i64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|&number| is_number && number <= MOST_NUMBER)
}

/// A day, or a day and an hour, at the end of a name, with what stands before it: `app.log` and `20261119`.
fn date_at_end(name: &str) -> Option<(&str, String)> {
    const SHAPES: [&str; 6] = ["dddd-dd-dd-dd", "dddd-dd-dd_dd", "dddddddddd", "dddd-dd-dd", "dddd_dd_dd", "dddddddd"];
    SHAPES.iter().find_map(|shape| {
        let (rest, date) = name.split_at_checked(name.len().checked_sub(shape.len())?)?;
        let fits = |(byte, kind): (u8, u8)| if kind == b'd' { byte.is_ascii_digit() } else { byte == kind };
        let digits: String = date.chars().filter(char::is_ascii_digit).collect();
        let number = |range| digits.get(range).and_then(|digits: &str| digits.parse::<u32>().ok());
        let is_date = date.bytes().zip(shape.bytes()).all(fits)
            && (1970..2100).contains(&number(0..4)?)
            && (1..=12).contains(&number(4..6)?)
            && (1..=31).contains(&number(6..8)?);
        let rest = rest.strip_suffix(['.', '-', '_'])?;
        (is_date && !rest.is_empty()).then_some((rest, digits))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parts of one log, oldest first.
    fn check(log: &str, parts: &[&str]) {
        let mut ages = Vec::new();
        for part in parts {
            let (name, age) = part_of(part);
            assert_eq!(name, log, "{part}");
            ages.push(age);
        }
        assert!(ages.is_sorted(), "{parts:?} {ages:?}");
    }

    #[test]
    fn numbered_parts_are_older_the_higher_the_number() {
        check("var/app.log", &["var/app.log.10.gz", "var/app.log.2.gz", "var/app.log.1", "var/app.log"]);
        check("syslog", &["syslog.2.gz", "syslog.1", "syslog"]);
        check("system.log", &["system.log.1.bz2", "system.log.0.bz2", "system.log"]);
    }

    #[test]
    fn dated_parts_are_in_the_order_of_their_days() {
        check(
            "app.log",
            &["app.log.2026-11-18", "app.log-20261119.gz", "app.log.2026-11-20-07", "app.log.1", "app.log"],
        );
        check("app.log", &["app-2026-11-19.log", "app-2026-11-20.0.log.gz", "app-2026-11-20.1.log", "app.log"]);
        check("messages", &["messages-20261118.xz", "messages-20261119", "messages"]);
    }

    #[test]
    fn what_only_looks_rotated_is_a_log_of_its_own() {
        for path in [
            "worker-1.log",
            "10.0.0.1",
            "report.2026",
            "app.log.98765",
            "v1.2/app.log",
            "2026-11-20.log",
            "x-20261399.log",
        ] {
            let (log, age) = part_of(path);
            assert_eq!((log.as_str(), age.is_current), (path, true), "{path}");
        }
        assert_ne!(part_of("a/app.log.1").0, part_of("b/app.log").0);
    }
}
