//! Clock offsets as people write them: `+1.5 s`, `-2 h`, `1 min 30 s`.

const UNITS: [(&str, i64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("min", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
];

/// Longer ones are slips of the finger.
const LONGEST: i64 = 100 * 366 * 86_400_000_000_000;

/// Nanoseconds; a number without a unit is seconds. `None` for what is no offset.
pub fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    let (sign, mut rest) = match text.chars().next() {
        None => return Some(0),
        Some(first @ ('+' | '-' | '−')) => (if first == '+' { 1 } else { -1 }, &text[first.len_utf8()..]),
        Some(_) => (1, text),
    };
    let mut sum = 0_i64;
    loop {
        rest = rest.trim_start();
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == ',').len();
        let (number, behind) = rest.split_at(digits);
        let behind = behind.trim_start();
        let letters = behind.len() - behind.trim_start_matches(char::is_alphabetic).len();
        let (unit, behind) = behind.split_at(letters);
        let (_, size) = UNITS.into_iter().find(|(name, _)| *name == if unit.is_empty() { "s" } else { unit })?;
        sum = sum.checked_add(scaled(number, size)?)?;
        rest = behind;
        if rest.trim().is_empty() {
            return Some(sign * sum).filter(|sum| sum.abs() <= LONGEST);
        }
    }
}

/// `number` (`1`, `1.5`, `,5`) units of `size` nanoseconds, exactly.
fn scaled(number: &str, size: i64) -> Option<i64> {
    let (whole, fraction) = number.split_once(['.', ',']).unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.len() > 9 {
        return None;
    }
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let parts: i64 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
    let tenths = 10_i64.pow(fraction.len() as u32);
    let part = i128::from(parts) * i128::from(size) / i128::from(tenths);
    whole.checked_mul(size)?.checked_add(part as i64)
}

/// What [`parse`] reads as the same: `+1.5 s`, `-2 h`, `0 s`.
pub fn write(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "+" };
    let mut left = nanos.unsigned_abs();
    if left == 0 {
        return "0 s".to_owned();
    }
    let mut parts = Vec::new();
    for (name, size) in [("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("min", 60_000_000_000)] {
        if left >= size {
            parts.push(format!("{} {name}", left / size));
            left %= size;
        }
    }
    if left > 0 {
        let (seconds, fraction) = (left / 1_000_000_000, left % 1_000_000_000);
        let fraction = format!("{fraction:09}");
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        parts.push(format!("{seconds}{point}{fraction} s"));
    }
    format!("{sign}{}", parts.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_read_as_people_write_them() {
        for (text, nanos) in [
            ("+1.5 s", Some(1_500_000_000)),
            ("−2 h", Some(-7_200_000_000_000)),
            ("-2h 30min", Some(-9_000_000_000_000)),
            ("250ms", Some(250_000_000)),
            ("3", Some(3_000_000_000)),
            ("0,25", Some(250_000_000)),
            ("", Some(0)),
            ("1 week", None),
            ("1e9", None),
            ("1.2.3", None),
            ("+", None),
            ("99999999 d", None),
        ] {
            assert_eq!(parse(text), nanos, "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_as_the_same() {
        for nanos in [0, 1, -1, 1_500_000_000, -7_200_000_000_000, 90_061_000_000_001, -86_400_000_000_000] {
            assert_eq!(parse(&write(nanos)), Some(nanos), "{}", write(nanos));
        }
        assert_eq!(write(-7_200_000_000_000), "-2 h");
        assert_eq!(write(1_500_000_000), "+1.5 s");
    }
}
