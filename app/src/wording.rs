//! Numbers and spans as people read them: counts, bytes, rates, durations.

use model::language::is_english;
use model::quantity::Unit;
pub use model::quantity::grouped as count;
use model::time::{Nanos, TimeRange, Zone, format_wall};
use model::{key, say};

/// Said of entries before which no line of their file has a time.
pub const UNDATED: &str = key!("no time up to here in this file; ordered by the file's date");

/// Decimal units, three digits at most: `172 MB`, `1.5 GB`.
pub fn bytes(number: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "kB", "MB", "GB", "TB"];
    let mut unit = 0;
    // Whole tenths, so that no floating-point formatting is needed.
    let mut tenths = number.saturating_mul(10);
    while tenths >= 9_995 && unit + 1 < UNITS.len() {
        tenths = (tenths + 500) / 1000;
        unit += 1;
    }
    if unit == 0 {
        return if number == 1 { say!("1 byte").to_owned() } else { say!("{number} bytes", number) };
    }
    match tenths {
        0..100 if !tenths.is_multiple_of(10) => format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit]),
        _ => format!("{} {}", (tenths + 5) / 10, UNITS[unit]),
    }
}

/// A measured number, three digits at least: `12.3 ms`, `1.5 MB`, `1,234.57`.
pub fn amount(number: f64, unit: Unit) -> String {
    /// Beyond this one thinks in minutes; longer than any that [`duration`] leaves to this.
    const MANY_SECONDS: f64 = 120.0;
    let size = number.abs();
    let text = match unit {
        _ if !number.is_finite() => return number.to_string(),
        Unit::Plain => significant(size, 6),
        Unit::Bytes => bytes(size.round() as u64),
        Unit::Seconds if size >= MANY_SECONDS => duration((size * 1e9) as i64),
        Unit::Seconds if size >= 1.0 || size == 0.0 => format!("{} s", significant(size, 3)),
        Unit::Seconds if size >= 1e-3 => format!("{} ms", significant(size * 1e3, 3)),
        Unit::Seconds if size >= 1e-6 => format!("{} µs", significant(size * 1e6, 3)),
        Unit::Seconds => format!("{} ns", significant(size * 1e9, 3)),
    };
    if number < 0.0 { format!("−{text}") } else { text }
}

/// So many digits, those before the point grouped and never rounded away; zeros at the end say nothing.
fn significant(size: f64, digits: usize) -> String {
    let (mut before, mut scale) = (0, 1.0);
    while size >= scale && before < digits {
        before += 1;
        scale *= 10.0;
    }
    let mut lacking = 0;
    while before == 0 && size > 0.0 && size * scale < 0.1 && lacking < 12 {
        lacking += 1;
        scale *= 10.0;
    }
    let written = format!("{size:.*}", digits - before + lacking);
    let (whole, part) = written.split_once('.').unwrap_or((&written, ""));
    let whole = whole.parse().map(count).unwrap_or_else(|_| whole.to_owned());
    match part.trim_end_matches('0') {
        "" => whole,
        part => format!("{whole}.{part}"),
    }
}

/// A span of time: its two largest parts, `3 d 4 h`, `12 min`; under a minute three digits, `2.9 s`, `250 ms`, `40 µs`.
pub fn duration(nanos: i64) -> String {
    const PARTS: [(i64, &str); 4] =
        [(86_400_000_000_000, "d"), (3_600_000_000_000, "h"), (60_000_000_000, "min"), (1_000_000_000, "s")];
    let Some(first) = PARTS[..3].iter().position(|&(size, _)| nanos >= size) else {
        return amount(nanos.max(0) as f64 / 1e9, Unit::Seconds);
    };
    let (size, name) = PARTS[first];
    let text = format!("{} {name}", nanos / size);
    match PARTS.get(first + 1) {
        Some(&(smaller, smaller_name)) if nanos % size / smaller > 0 => {
            format!("{text} {} {smaller_name}", nanos % size / smaller)
        }
        _ => text,
    }
}

/// `part` of `whole` in percent, never 100 before it is all.
pub fn percent(part: u64, whole: u64) -> u64 {
    if part >= whole { 100 } else { (part as f64 / whole as f64 * 100.0) as u64 }
}

/// Never nothing for what is there, and never all before it is.
pub fn share(part: u64, whole: u64) -> String {
    match percent(part, whole.max(1)) {
        0 if part > 0 => "< 1 %".to_owned(),
        percent => format!("{percent} %"),
    }
}

/// A time in a sentence: its date is written as the language writes dates. Tables, rows of entries and what leaves Dendro have it as
/// logs do ([`format_wall`]).
pub fn moment(time: Nanos, zone: &Zone, fraction_digits: usize) -> String {
    let wall = format_wall(time, zone, fraction_digits);
    match wall.split_once(' ') {
        Some((day, clock)) => format!("{} {clock}", date(day)),
        None => wall,
    }
}

/// `2026-03-05`, as the language writes it.
fn date(day: &str) -> String {
    let mut parts = day.rsplitn(3, '-');
    let (Some(day_of_month), Some(month), Some(year)) = (parts.next(), parts.next(), parts.next()) else {
        return day.to_owned();
    };
    say!("{year}-{month}-{day}", year, in_date(month), in_date(day_of_month))
}

/// Where words stand between the numbers, no zeros stand before them: so it is in Chinese. A catalogue of a language that writes zeros
/// would have to say so; it cannot yet.
fn in_date(number: &str) -> &str {
    if is_english() { number } else { number.trim_start_matches('0') }
}

/// From first to last, in a sentence; the day is named once when it is the same.
pub fn span(range: TimeRange, zone: &Zone) -> String {
    precise_span(range, zone, 0)
}

/// The same with so many digits behind the second.
pub fn precise_span(range: TimeRange, zone: &Zone, fraction_digits: usize) -> String {
    joined([range.start, range.end].map(|time| moment(time, zone, fraction_digits)))
}

/// The same in the form of logs: for tables and what leaves Dendro.
pub fn logged_span(range: TimeRange, zone: &Zone) -> String {
    joined([range.start, range.end].map(|time| format_wall(time, zone, 0)))
}

fn joined([start, end]: [String; 2]) -> String {
    match (start.split_once(' '), end.split_once(' ')) {
        (Some((day, _)), Some((other, clock))) if day == other => format!("{start} – {clock}"),
        _ => format!("{start} – {end}"),
    }
}

#[cfg(test)]
mod tests {
    use model::time::Nanos;

    use super::*;

    #[test]
    fn a_span_within_a_day_names_the_day_once() {
        let hour = 3_600_000_000_000;
        let range = TimeRange { start: Nanos(0), end: Nanos(hour) };
        assert_eq!(span(range, &Zone::utc()), "1970-01-01 00:00:00 – 01:00:00");
        assert_eq!(span(range, &Zone::fixed(-1800)), "1969-12-31 23:30:00 – 1970-01-01 00:30:00");
    }

    #[test]
    fn dates_in_sentences_are_written_as_the_language_writes_them() {
        let day = 86_400_000_000_000;
        let (first, last) = (Nanos(63 * day), Nanos(300 * day));
        assert_eq!(moment(first, &Zone::utc(), 3), "1970-03-05 00:00:00.000");
        model::language::speak(Some("{year}-{month}-{day}\n{year}年{month}月{day}日\n".to_owned()));
        assert_eq!(moment(first, &Zone::utc(), 3), "1970年3月5日 00:00:00.000");
        let range = TimeRange { start: first, end: last };
        assert_eq!(span(range, &Zone::utc()), "1970年3月5日 00:00:00 – 1970年10月28日 00:00:00");
        let hour = TimeRange { start: first, end: Nanos(first.0 + day / 24) };
        assert_eq!(span(hour, &Zone::utc()), "1970年3月5日 00:00:00 – 01:00:00");
        assert_eq!(logged_span(hour, &Zone::utc()), "1970-03-05 00:00:00 – 01:00:00");
        model::language::speak(None);
    }

    #[test]
    fn bytes_have_three_digits_at_most() {
        let cases = [
            (1, "1 byte"),
            (999, "999 bytes"),
            (1_000, "1 kB"),
            (1_540, "1.5 kB"),
            (172_400_000, "172 MB"),
            (999_960, "1 MB"),
            (5_100_000_000, "5.1 GB"),
        ];
        for (number, text) in cases {
            assert_eq!(bytes(number), text, "{number}");
        }
    }

    #[test]
    fn amounts_have_the_digits_that_matter() {
        let plain = [
            (0.0, "0"),
            (1234567.0, "1,234,567"),
            (1234.567, "1,234.57"),
            (0.000123456, "0.000123456"),
            (-2.5, "−2.5"),
        ];
        for (number, text) in plain {
            assert_eq!(amount(number, Unit::Plain), text);
        }
        for (number, text) in
            [(0.0123, "12.3 ms"), (1.5, "1.5 s"), (90.0, "90 s"), (150.0, "2 min 30 s"), (4e-8, "40 ns")]
        {
            assert_eq!(amount(number, Unit::Seconds), text);
        }
        assert_eq!(amount(1_540.0, Unit::Bytes), "1.5 kB");
    }

    #[test]
    fn durations_name_their_two_largest_parts() {
        assert_eq!(duration(0), "0 s");
        assert_eq!(duration(2_900_000_000), "2.9 s");
        assert_eq!(duration(5_500_000), "5.5 ms");
        assert_eq!(duration(90_000_000_000), "1 min 30 s");
        assert_eq!(duration(273_600_000_000_000), "3 d 4 h");
        assert_eq!(duration(86_400_000_000_000 + 60_000_000_000), "1 d");
        assert_eq!(duration(40_000), "40 µs");
    }

    #[test]
    fn a_part_is_never_all_of_it() {
        assert_eq!(percent(999_999, 1_000_000), 99);
        assert_eq!(percent(0, 0), 100);
    }

    #[test]
    fn what_is_rare_is_not_nothing_and_what_lacks_is_not_all() {
        assert_eq!(share(1, 1_000_000), "< 1 %");
        assert_eq!(share(999_999, 1_000_000), "99 %");
        assert_eq!(share(0, 0), "0 %");
        assert_eq!(share(7, 7), "100 %");
    }
}
