//! One id as several services write it: in capitals, without the zeros that it begins with, or in Amazon's parts.

use std::borrow::Cow;

use super::headers::is_hex;

/// What is left of an id of 64 or 128 bits without its zeros; a shorter one is no such id.
const LEAST_DIGITS: usize = 12;

/// Two ids are one where this is the same. Small letters; hexadecimal ids of 64 and 128 bits without the zeros they begin with, which
/// `uber-trace-id` may leave out; `1-67891233-abcdef012345678912345678` as the 32 digits that it is in other headers.
pub fn canonical(id: &str) -> Cow<'_, str> {
    if let Some(digits) = digits_of_amazon(id) {
        return Cow::Owned(digits);
    }
    let is_padded = id.starts_with('0') && matches!(id.len(), 16 | 32) && is_hex(id);
    let id = Some(id.trim_start_matches('0')).filter(|rest| is_padded && !rest.is_empty()).unwrap_or(id);
    match id.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => Cow::Owned(id.to_ascii_lowercase()),
        false => Cow::Borrowed(id),
    }
}

/// What of an id of 128 bits a service of 64 bits passes on (B3). `id`: as [`canonical`] gives it, and so is the half.
pub fn lower_half(id: &str) -> Option<&str> {
    let upper_digits = id.len().checked_sub(16).filter(|n_digits| (1..=16).contains(n_digits))?;
    let half = id.get(upper_digits..)?.trim_start_matches('0');
    (is_hex(id) && !half.is_empty()).then_some(half)
}

/// As entries may write an id that is the same: itself first, and whatever its letters are.
pub fn spellings(id: &str) -> Vec<String> {
    let mut all = vec![id.to_owned()];
    let plain = canonical(id);
    if (LEAST_DIGITS..=32).contains(&plain.len()) && is_hex(&plain) {
        let of_64_bits = (plain.len() <= 16).then(|| format!("{plain:0>16}"));
        let of_128_bits = format!("{plain:0>32}");
        let of_amazon = (plain.len() == 32).then(|| format!("1-{}-{}", &plain[..8], &plain[8..]));
        for other in of_64_bits.into_iter().chain([of_128_bits, plain.into_owned()]).chain(of_amazon) {
            if !all.iter().any(|known| known.eq_ignore_ascii_case(&other)) {
                all.push(other);
            }
        }
    }
    all
}

fn digits_of_amazon(id: &str) -> Option<String> {
    let (time, unique) = id.strip_prefix("1-")?.split_once('-')?;
    let is_one = (time.len(), unique.len()) == (8, 24) && is_hex(time) && is_hex(unique);
    is_one.then(|| canonical(&format!("{time}{unique}")).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_same_however_it_is_written() {
        for (one, other) in [
            ("00000000000000005af7183fb1d4cf5f", "5AF7183FB1D4CF5F"),
            ("00000000000000af", "af"),
            ("1-67891233-abcdef012345678912345678", "67891233abcdef012345678912345678"),
            ("REQ-88fd41", "req-88fd41"),
        ] {
            assert_eq!(canonical(one), canonical(other));
        }
        // A number that somebody counts with, parts of another kind, and nothing but zeros.
        for id in ["00001234", "0000-00001234", "1-67891233-abcdef", "0000000000000000"] {
            assert_eq!(canonical(id), id);
        }
    }

    #[test]
    fn the_lower_half_is_that_of_a_long_id_alone() {
        assert_eq!(lower_half("5af7183fb1d4cf5f00f067aa0ba902b7"), Some("f067aa0ba902b7"));
        assert_eq!(lower_half("15af7183fb1d4cf5f"), Some("5af7183fb1d4cf5f"));
        for id in ["5af7183fb1d4cf5f", "req-5af7183fb1d4cf5f", "5af7183fb1d4cf5f0000000000000000"] {
            assert_eq!(lower_half(id), None, "{id}");
        }
    }

    #[test]
    fn an_id_is_looked_for_in_each_of_its_spellings() {
        let (padded, plain) = ("00000000000000005af7183fb1d4cf5f", "5af7183fb1d4cf5f");
        assert_eq!(spellings(padded), [padded, plain]);
        assert_eq!(spellings(plain), [plain, padded]);
        let amazon = "1-67891233-abcdef012345678912345678";
        assert_eq!(spellings(amazon), [amazon, "67891233abcdef012345678912345678"]);
        assert_eq!(spellings("67891233ABCDEF012345678912345678"), ["67891233ABCDEF012345678912345678", amazon]);
        assert_eq!(spellings("req-88fd41"), ["req-88fd41"]);
    }
}
