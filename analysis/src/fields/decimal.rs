//! Numbers as they are written, kept exact: `133.4` is 1334 with one decimal, `250ms` is 250 with a suffix.
//!
//! Values of one [`Form`] differ only in a whole number, and writing that in the form gives back the text.

/// How the numbers of a column are written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Form {
    /// Decimals that the whole numbers have.
    pub decimals: u8,
    /// All decimals are written, trailing zeros too: `10.50`.
    pub is_fixed: bool,
    /// What follows each number: `ms`, ` kB`, `%`.
    pub suffix: String,
}

/// More digits than this do not fit.
pub const MAX_DIGITS: usize = 17;
/// Bytes of a suffix.
pub const MAX_SUFFIX: usize = 8;
/// A sign, a point, the digits with a zero before the point, and the suffix.
pub const MAX_TEXT: usize = 3 + MAX_DIGITS + MAX_SUFFIX;
/// Powers of ten up to here are exact as floating point, and so is a quotient of smaller whole numbers.
const MAX_EXACT: i64 = 1 << 53;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Decimal<'t> {
    digits: i64,
    n_decimals: u8,
    suffix: &'t str,
}

/// Reads a number whose digits, written out again, are the text: no `+5`, `007`, `1e3`, `-0`.
fn read(text: &str) -> Option<Decimal<'_>> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let end = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at(end);
    if suffix.len() > MAX_SUFFIX || suffix.bytes().any(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let has_point = number.len() > whole.len();
    let is_usual = !whole.is_empty() && (whole == "0" || !whole.starts_with('0')) && has_point != part.is_empty();
    if !is_usual || part.contains('.') || whole.len() + part.len() > MAX_DIGITS {
        return None;
    }
    let digits: i64 = format!("{whole}{part}").parse().ok()?;
    let is_negative = unsigned.len() < text.len();
    if is_negative && digits == 0 || digits > MAX_EXACT {
        return None;
    }
    Some(Decimal { digits: if is_negative { -digits } else { digits }, n_decimals: part.len() as u8, suffix })
}

/// The form that all of the texts have, and their whole numbers; `None` where there is none.
pub fn read_all<'t>(texts: impl Iterator<Item = &'t str> + Clone) -> Option<(Form, Vec<i64>)> {
    let mut decimals = Vec::new();
    for text in texts {
        let decimal = read(text)?;
        if decimals.first().is_some_and(|first: &Decimal<'_>| first.suffix != decimal.suffix) {
            return None;
        }
        decimals.push(decimal);
    }
    let n_decimals = decimals.iter().map(|decimal| decimal.n_decimals).max()?;
    let is_fixed = decimals.iter().all(|decimal| decimal.n_decimals == n_decimals);
    // Either all decimals are written, or none that says nothing.
    let is_short = |decimal: &Decimal<'_>| decimal.n_decimals == 0 || decimal.digits % 10 != 0;
    if !is_fixed && !decimals.iter().all(is_short) {
        return None;
    }
    let mut numbers = Vec::with_capacity(decimals.len());
    for decimal in &decimals {
        let number = decimal.digits.checked_mul(10i64.checked_pow(u32::from(n_decimals - decimal.n_decimals))?)?;
        if number.abs() > MAX_EXACT {
            return None;
        }
        numbers.push(number);
    }
    Some((Form { decimals: n_decimals, is_fixed, suffix: decimals[0].suffix.to_owned() }, numbers))
}

impl Form {
    /// The text whose whole number this is.
    pub fn text(&self, number: i64) -> String {
        String::from_utf8_lossy(self.bytes(number, &mut [0; MAX_TEXT])).into_owned()
    }

    /// The bytes of that text, at the end of `room`: a field may have millions of numbers.
    pub fn bytes<'r>(&self, number: i64, room: &'r mut [u8; MAX_TEXT]) -> &'r [u8] {
        let mut first = MAX_TEXT - self.suffix.len();
        room[first..].copy_from_slice(self.suffix.as_bytes());
        let mut put = |byte: u8| {
            first -= 1;
            room[first] = byte;
        };
        let (mut rest, mut n_decimals) = (number.unsigned_abs(), self.decimals);
        while !self.is_fixed && n_decimals > 0 && rest.is_multiple_of(10) {
            (rest, n_decimals) = (rest / 10, n_decimals - 1);
        }
        let mut n_written = 0;
        // The digit before the point is written even where it is a zero.
        while rest > 0 || n_written <= n_decimals {
            if n_decimals > 0 && n_written == n_decimals {
                put(b'.');
            }
            put(b'0' + (rest % 10) as u8);
            rest /= 10;
            n_written += 1;
        }
        if number < 0 {
            put(b'-');
        }
        &room[first..]
    }

    /// The number before the suffix, as reading its text would give it.
    pub fn number(&self, number: i64) -> f64 {
        number as f64 / POWERS[usize::from(self.decimals)]
    }
}

/// Exact, as are quotients of them and whole numbers below 2⁵³, once rounded.
const POWERS: [f64; MAX_DIGITS + 1] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn form_of(texts: &[&str]) -> Option<String> {
        let (form, numbers) = read_all(texts.iter().copied())?;
        Some(format!(
            "{numbers:?} {} {} {:?}",
            form.decimals,
            if form.is_fixed { "fixed" } else { "short" },
            form.suffix
        ))
    }

    #[test]
    fn numbers_of_one_form_are_whole_numbers() {
        assert_eq!(form_of(&["7", "-12"]).as_deref(), Some(r#"[7, -12] 0 fixed """#));
        assert_eq!(form_of(&["2.3", "133.45", "8"]).as_deref(), Some(r#"[230, 13345, 800] 2 short """#));
        assert_eq!(form_of(&["10.50", "0.09"]).as_deref(), Some(r#"[1050, 9] 2 fixed """#));
        assert_eq!(form_of(&["250ms", "3ms"]).as_deref(), Some(r#"[250, 3] 0 fixed "ms""#));
        assert_eq!(form_of(&["1.50", "2"]), None, "neither all decimals nor the fewest");
        for other in ["", "-", ".5", "5.", "007", "1e3", "+1", "-0", "1.2.3", "12:30", "99999999999999999999", "a1"] {
            assert_eq!(form_of(&[other]), None, "{other}");
        }
        assert_eq!(form_of(&["1ms", "1s"]), None);
    }

    proptest! {
        #[test]
        fn what_was_read_is_written_again(
            texts in proptest::collection::vec(r"-?(0|[1-9][0-9]{0,5})(\.[0-9]{1,3})?", 1..6),
            suffix in "(ms| kB|%)?",
        ) {
            let texts: Vec<String> = texts.into_iter().map(|text| text + &suffix).collect();
            if let Some((form, numbers)) = read_all(texts.iter().map(String::as_str)) {
                for (text, &number) in texts.iter().zip(&numbers) {
                    prop_assert_eq!(&form.text(number), text);
                    let plain = text.strip_suffix(&*suffix).unwrap();
                    prop_assert_eq!(form.number(number), plain.parse::<f64>().unwrap());
                }
            }
        }
    }
}
