//! Rotated logs: which files are parts of one log, and which of them is older.
//!
//! ```text
//! app.log.2.gz  app.log.1  app.log  app.2.log   numbered, the highest is the oldest
//! app.log.old                                   the one before
//! app.log.2026-11-19  app.log-20261119.gz       dated, behind the name …
//! app-2026-11-20.log  app-2026-11-20.1.log      … or within it, with a number for the parts of a day
//! app.log.20261119-102345  app.log.1795170225   to the second
//! u_ex261119.log                                as IIS does
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
    if let Some(log) = name.strip_suffix(".old").filter(|log| is_extended(log)) {
        return (log.to_owned(), String::new(), Some(1));
    }
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
    // app.log.1795170225
    if let Some((log, seconds)) = name.rsplit_once(['.', '-'])
        && is_extended(log)
        && log.contains('.')
        && is_unix_time(seconds)
    {
        return (log.to_owned(), seconds.to_owned(), None);
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
        if let Some((log, date)) = iis_date(stem) {
            return (format!("{log}.{extension}"), date, None);
        }
        // app.1.log, but neither release-1.2.log nor Xorg.0.log, which is the newest one of a screen.
        if let Some((log, digits)) = stem.rsplit_once('.')
            && log.ends_with(|last: char| last.is_ascii_alphabetic())
            && let Some(number) = small_number(digits).filter(|&number| number > 0)
        {
            return (format!("{log}.{extension}"), String::new(), Some(number));
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

/// Seconds or milliseconds since 1970.
fn is_unix_time(digits: &str) -> bool {
    matches!(digits.len(), 10 | 13) && digits.starts_with('1') && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// What IIS calls its logs, and their day, perhaps with an hour: `u_ex` and `20261119`.
fn iis_date(stem: &str) -> Option<(&str, String)> {
    let log = ["u_ex", "u_in", "u_nc"].into_iter().find(|log| stem.starts_with(log))?;
    let digits = &stem[log.len()..];
    let is_date = matches!(digits.len(), 6 | 8) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_date.then(|| (log, format!("20{digits}")))
}

/// A day, or a day and a time of it, at the end of a name, with what stands before it: `app.log` and `20261119`.
fn date_at_end(name: &str) -> Option<(&str, String)> {
    /// The longest first.
    const SHAPES: [&str; 18] = [
        "dddd-dd-ddTdd-dd-dd.ddd",
        "dddd-dd-ddTdd:dd:dd.ddd",
        "dddd-dd-ddTdd-dd-dd",
        "dddd-dd-ddTdd:dd:dd",
        "dddd-dd-dd_dd-dd-dd",
        "dddd-dd-dd-dd-dd-dd",
        "dddd-dd-dd_dddddd",
        "dddd-dd-dd-dd-dd",
        "dddddddd-dddddd",
        "dddddddd_dddddd",
        "ddddddddTdddddd",
        "dddddddddddddd",
        "dddd-dd-dd-dd",
        "dddd-dd-dd_dd",
        "dddddddddd",
        "dddd-dd-dd",
        "dddd_dd_dd",
        "dddddddd",
    ];
    let without_zone = name.strip_suffix('Z').unwrap_or(name);
    SHAPES.iter().find_map(|shape| {
        let name = if shape.contains('T') { without_zone } else { name };
        let (rest, date) = name.split_at_checked(name.len().checked_sub(shape.len())?)?;
        let fits = |(byte, kind): (u8, u8)| if kind == b'd' { byte.is_ascii_digit() } else { byte == kind };
        let digits: String = date.chars().filter(char::is_ascii_digit).collect();
        let number = |range| digits.get(range).and_then(|digits: &str| digits.parse::<u32>().ok());
        let is_date = date.bytes().zip(shape.bytes()).all(fits)
            && (1970..2100).contains(&number(0..4)?)
            && (1..=12).contains(&number(4..6)?)
            && (1..=31).contains(&number(6..8)?);
        let rest = rest.strip_suffix(['.', '-', '_'])?.trim_end_matches('_');
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
    fn parts_are_known_however_their_program_names_them() {
        check("pod/0.log", &["pod/0.log.20261118-102345.gz", "pod/0.log.20261119-102345", "pod/0.log"]);
        check("app.log", &["app-2026-11-19T14-44-33.555.log.gz", "app-2026-11-20T00-00-00.001.log", "app.log"]);
        check("app.log", &["app.2.log.gz", "app.1.log", "app.log"]);
        check("app.log", &["app.log.1795170225", "app.log.1795170226", "app.log.old", "app.log"]);
        check("app.log", &["app.log.2026-11-19T14:44:33Z", "app.log.2026-11-19T14:44:34.123Z", "app.log"]);
        check("postgresql.log", &["postgresql-2026-11-19_000000.log", "postgresql-2026-11-19_120000.log"]);
        check("out.log", &["out__2026-11-18_00-00-00.log", "out__2026-11-19_00-00-00.log", "out.log"]);
        check("u_ex.log", &["u_ex261119.log", "u_ex261120.log"]);
        check("Xorg.0.log", &["Xorg.0.log.old", "Xorg.0.log"]);
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
            "release-1.2.log",
            "python3.11.log",
            "mongod.27017.log",
            "order-1795170225.log",
            "u_ex2611.log",
        ] {
            let (log, age) = part_of(path);
            assert_eq!((log.as_str(), age.is_current), (path, true), "{path}");
        }
        assert_ne!(part_of("a/app.log.1").0, part_of("b/app.log").0);
    }
}
