//! Numbers with units, as logs and people write them: `250ms`, `1.5 s`, `1m30s`, `4kB`, `1MiB`, `95%`.
//!
//! Durations are seconds and sizes bytes, so that values of one kind compare whatever unit each was written in. Many fields
//! have their unit in the name instead (`duration_ms`, `bodyBytes`): [`unit_of_name`] reads it there.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

/// What a number counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Unit {
    #[default]
    Plain,
    Seconds,
    Bytes,
}

/// `amount` is in the unit's own measure: `250ms` is 0.25 seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantity {
    pub amount: f64,
    pub unit: Unit,
}

const DURATIONS: &[(&str, f64)] = &[
    ("ns", 1e-9),
    ("us", 1e-6),
    ("µs", 1e-6),
    ("μs", 1e-6),
    ("ms", 1e-3),
    ("s", 1.0),
    ("sec", 1.0),
    ("m", 60.0),
    ("min", 60.0),
    ("h", 3600.0),
    ("d", 86_400.0),
];

const SIZES: &[(&str, f64)] = &[
    ("b", 1.0),
    ("kb", 1e3),
    ("mb", 1e6),
    ("gb", 1e9),
    ("tb", 1e12),
    ("kib", 1024.0),
    ("mib", 1_048_576.0),
    ("gib", 1_073_741_824.0),
    ("tib", 1_099_511_627_776.0),
];

/// Last words of field names that say in what the field is measured.
const NAME_ENDINGS: &[(&str, Unit, f64)] = &[
    ("ns", Unit::Seconds, 1e-9),
    ("nanos", Unit::Seconds, 1e-9),
    ("us", Unit::Seconds, 1e-6),
    ("micros", Unit::Seconds, 1e-6),
    ("ms", Unit::Seconds, 1e-3),
    ("msec", Unit::Seconds, 1e-3),
    ("millis", Unit::Seconds, 1e-3),
    ("sec", Unit::Seconds, 1.0),
    ("secs", Unit::Seconds, 1.0),
    ("seconds", Unit::Seconds, 1.0),
    ("bytes", Unit::Bytes, 1.0),
    ("kb", Unit::Bytes, 1e3),
    ("mb", Unit::Bytes, 1e6),
];

impl Quantity {
    /// Reads a number with or without a unit; `None` where the text is anything else.
    ///
    /// ```
    /// use model::quantity::{Quantity, Unit};
    /// assert_eq!(Quantity::read("1m30s"), Some(Quantity { amount: 90.0, unit: Unit::Seconds }));
    /// assert_eq!(Quantity::read("1.5 MB"), Some(Quantity { amount: 1_500_000.0, unit: Unit::Bytes }));
    /// assert_eq!(Quantity::read("10.0.3.7"), None);
    /// ```
    pub fn read(text: &str) -> Option<Self> {
        // `1e999` is more than can be counted with.
        Self::read_any(text).filter(|quantity| quantity.amount.is_finite())
    }

    fn read_any(text: &str) -> Option<Self> {
        let (number, rest) = take_number(text.trim())?;
        let (unit_text, rest) = take_unit(rest);
        if unit_text.is_empty() || unit_text == "%" {
            return rest.is_empty().then_some(Self { amount: number, unit: Unit::Plain });
        }
        if let Some(factor) = factor_of(DURATIONS, unit_text, str::eq) {
            // Parts are of one sign, the first one's: -1m30s is 90 seconds ago.
            let rest = more_of_duration(rest)?;
            return Some(Self { amount: number * factor + rest.copysign(number), unit: Unit::Seconds });
        }
        let factor = factor_of(SIZES, unit_text, str::eq_ignore_ascii_case)?;
        rest.is_empty().then_some(Self { amount: number * factor, unit: Unit::Bytes })
    }
}

/// The unit that a field's name says its plain numbers are in, and what one of them is.
pub fn unit_of_name(name: &str) -> Option<(Unit, f64)> {
    // `http.duration_ms`, `durationMs`, `body-bytes`; the name of a measure ends with a parenthesis: `p95(duration_ms)`.
    let name = name.trim_end_matches(')');
    let start = name.char_indices().rev().find_map(|(at, c)| match c {
        '_' | '.' | '-' | ' ' | '(' => Some(at + 1),
        c if c.is_ascii_uppercase() => Some(at),
        _ => None,
    });
    let word = &name[start.unwrap_or(0)..];
    let found = NAME_ENDINGS.iter().find(|(ending, ..)| word.eq_ignore_ascii_case(ending));
    found.map(|&(_, unit, factor)| (unit, factor))
}

/// A quantity, and the number that it was written with: that of `250ms` is 250. Of several parts (`1m30s`) it is what they are
/// together, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Written {
    pub quantity: Quantity,
    pub number: f64,
}

impl Written {
    pub fn read(text: &str) -> Option<Self> {
        let quantity = Quantity::read(text)?;
        let (number, rest) = take_number(text.trim())?;
        let is_one_part = take_unit(rest).1.is_empty();
        Some(Self { quantity, number: if is_one_part { number } else { quantity.amount } })
    }
}

/// Compares a field's value with what somebody wrote, as quantities: `None` where they are of different kinds, as `1MB` and `1s`.
///
/// What has no unit, where the name of the field says one of the other's kind, is in that unit. Where one side still has no
/// unit, what counts are the numbers as they are written.
pub fn compare(name: &str, value: Written, wanted: Written) -> Option<Ordering> {
    let (unit, wanted_unit) = (value.quantity.unit, wanted.quantity.unit);
    let amounts = |factor: f64, wanted_factor: f64| {
        (value.quantity.amount * factor).partial_cmp(&(wanted.quantity.amount * wanted_factor))
    };
    if unit == wanted_unit {
        return amounts(1.0, 1.0);
    }
    let named = |unit: Unit| unit_of_name(name).filter(|&(named, _)| named == unit).map(|(_, factor)| factor);
    match (unit, wanted_unit) {
        (Unit::Plain, other) | (other, Unit::Plain) => match named(other) {
            Some(factor) if unit == Unit::Plain => amounts(factor, 1.0),
            Some(factor) => amounts(1.0, factor),
            None => value.number.partial_cmp(&wanted.number),
        },
        _ => None,
    }
}

fn factor_of(units: &[(&str, f64)], wanted: &str, same: fn(&str, &str) -> bool) -> Option<f64> {
    units.iter().find(|(unit, _)| same(unit, wanted)).map(|&(_, factor)| factor)
}

/// Decimal digits with a sign, a point, an exponent; not "inf" or "nan", which are words.
fn take_number(text: &str) -> Option<(f64, &str)> {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let sign = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let whole = digits(sign);
    let mut end = sign + whole;
    if bytes.get(end) == Some(&b'.') {
        let fraction = digits(end + 1);
        if whole + fraction > 0 {
            end += 1 + fraction;
        }
    }
    if end == sign {
        return None;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let signed = end + 1 + usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        if signed <= bytes.len() && digits(signed) > 0 {
            end = signed + digits(signed);
        }
    }
    Some((text[..end].parse().ok()?, &text[end..]))
}

/// The letters in front, after at most one space.
fn take_unit(text: &str) -> (&str, &str) {
    let text = text.strip_prefix(' ').unwrap_or(text);
    let end = text.find(|c: char| !c.is_alphabetic() && c != '%').unwrap_or(text.len());
    text.split_at(end)
}

/// The further parts of `1h2m3.5s`, in seconds.
fn more_of_duration(mut text: &str) -> Option<f64> {
    let mut seconds = 0.0;
    while !text.is_empty() {
        let (number, rest) = take_number(text).filter(|_| text.as_bytes()[0].is_ascii_digit())?;
        let (unit, rest) = take_unit(rest);
        seconds += number * factor_of(DURATIONS, unit, str::eq)?;
        text = rest;
    }
    Some(seconds)
}

/// `1234567` → `1,234,567`.
pub fn grouped(number: u64) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(name: &str, value: &str, wanted: &str) -> Option<Ordering> {
        super::compare(name, Written::read(value)?, Written::read(wanted)?)
    }

    #[test]
    fn where_one_side_has_no_unit_the_numbers_compare_as_they_are_written() {
        assert_eq!(compare("took", "250ms", "40"), Some(Ordering::Greater));
        assert_eq!(compare("took", "7ms", "40"), Some(Ordering::Less));
        assert_eq!(compare("duration", "1200", "250ms"), Some(Ordering::Greater));
        assert_eq!(compare("took", "1m30s", "40"), Some(Ordering::Greater));
        assert_eq!(compare("status", "500", "250ms"), Some(Ordering::Greater));
        assert_eq!(compare("duration_ms", "1.2s", "250"), Some(Ordering::Greater), "the name says what 250 is");
    }

    #[test]
    fn units_of_one_kind_compare_whatever_they_are_written_in() {
        for (less, more) in [("250ms", "1s"), ("999us", "1ms"), ("1m30s", "2min"), ("1MB", "1MiB"), ("4 kB", "0.1mb")] {
            assert_eq!(compare("took", less, more), Some(Ordering::Less), "{less} < {more}");
        }
        assert_eq!(compare("took", "1500ms", "1.5s"), Some(Ordering::Equal));
        assert_eq!(compare("took", "1MB", "1s"), None);
    }

    #[test]
    fn a_name_says_what_its_plain_numbers_are() {
        assert_eq!(compare("duration_ms", "251", "250ms"), Some(Ordering::Greater));
        assert_eq!(compare("http.durationMs", "0.2", "1ms"), Some(Ordering::Less));
        assert_eq!(compare("p95(duration_ms)", "1100", "1s"), Some(Ordering::Greater));
        assert_eq!(compare("items", "5", "5"), Some(Ordering::Equal), "no unit on either side");
        assert_eq!(unit_of_name("status"), None);
    }

    #[test]
    fn what_is_no_number_is_no_quantity() {
        for text in [
            "", "-", ".", "ms", "inf", "nan", "10.0.3.7", "5x", "1s2", "1m2x", "0x10", "12:30", "1MB2", "1e999",
            "-1e308d",
        ] {
            assert_eq!(Quantity::read(text), None, "{text}");
        }
        assert_eq!(Quantity::read("-1.5e3"), Some(Quantity { amount: -1500.0, unit: Unit::Plain }));
        assert_eq!(Quantity::read("-1m30s").map(|quantity| quantity.amount), Some(-90.0));
        assert_eq!(Quantity::read("95%"), Some(Quantity { amount: 95.0, unit: Unit::Plain }));
    }

    #[test]
    fn counts_are_grouped_by_three() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
