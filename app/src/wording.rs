//! Numbers and spans as people read them: counts, bytes, rates, durations.

/// Said of entries before which no line of their file has a time.
pub const UNDATED: &str = "no time up to here in this file; ordered by the file's date";

/// `1234567` → `1,234,567`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `count` with its noun: `1 entry`, `2,000 entries`.
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

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
        return if number == 1 { "1 byte".to_owned() } else { format!("{number} bytes") };
    }
    match tenths {
        0..100 if !tenths.is_multiple_of(10) => format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit]),
        _ => format!("{} {}", (tenths + 5) / 10, UNITS[unit]),
    }
}

/// The two largest parts of a span of time: `3 d 4 h`, `12 min`, `250 ms`, `40 µs`.
pub fn duration(nanos: i64) -> String {
    const PARTS: [(i64, &str); 7] = [
        (86_400_000_000_000, "d"),
        (3_600_000_000_000, "h"),
        (60_000_000_000, "min"),
        (1_000_000_000, "s"),
        (1_000_000, "ms"),
        (1_000, "µs"),
        (1, "ns"),
    ];
    let Some(first) = PARTS.iter().position(|&(size, _)| nanos >= size) else { return "0 s".to_owned() };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_by_three() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_000), "1,000");
        assert_eq!(counted(1, "entry", "entries"), "1 entry");
        assert_eq!(counted(1_234_567, "entry", "entries"), "1,234,567 entries");
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
    fn durations_name_their_two_largest_parts() {
        assert_eq!(duration(0), "0 s");
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
}
