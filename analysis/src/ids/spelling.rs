//! One id as several services write it: in capitals, without the zeros that it begins with, in Amazon's parts, as Datadog's number, or
//! by half.

use std::borrow::Cow;

use super::headers::{amazon, is_hex};
use super::makes::make_of;
use crate::tokenize::token_hash;

/// What is left of an id of 64 or 128 bits without its zeros; a shorter one is no such id.
const LEAST_DIGITS: usize = 12;

/// Digits of 64 bits in hexadecimal.
const HALF_DIGITS: usize = 16;

/// Two ids are one where this is the same. Small letters; hexadecimal ids of 64 and 128 bits without the zeros they begin with, which
/// `uber-trace-id` may leave out; `1-67891233-abcdef012345678912345678`, and its whole header, as the 32 digits that it is elsewhere; Datadog's
/// `6554734444506566495` as the `5af7183fb1d4cf5f` that it is elsewhere.
pub fn canonical(id: &str) -> Cow<'_, str> {
    if let Some(digits) = digits_of_amazon(id).or_else(|| digits_of_datadog(id)) {
        return Cow::Owned(digits);
    }
    let is_padded = id.starts_with('0') && matches!(id.len(), 16 | 32) && is_hex(id);
    let id = Some(id.trim_start_matches('0')).filter(|rest| is_padded && !rest.is_empty()).unwrap_or(id);
    match id.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => Cow::Owned(id.to_ascii_lowercase()),
        false => Cow::Borrowed(id),
    }
}

/// What of an id of 128 bits a service of 64 bits passes on (B3, Datadog); of ids of other makes no half is an id. `id`: as [`canonical`]
/// gives it, and so is the half.
pub fn lower_half(id: &str) -> Option<&str> {
    // A number of other lengths is somebody's count of nanoseconds.
    let is_id = is_hex(id) && (id.len() == 32 || has_letter(id.as_bytes()));
    let half = half_of_digits(id.as_bytes()).filter(|_| is_id && make_of(id).is_none())?;
    id.get(id.len() - half.len()..)
}

/// The lower half of what may be an id of 128 bits, among the tokens of a text: of each id that [`lower_half`] knows the half of, and
/// of a few others. `token`: in small letters. Amazon's ids end with a token of 24 digits.
#[inline]
pub fn half_in_token(token: &[u8]) -> Option<&[u8]> {
    half_of_digits(token)
        .filter(|_| token.iter().all(u8::is_ascii_hexdigit) && (matches!(token.len(), 24 | 32) || has_letter(token)))
}

/// Stands in the postings for each id of 128 bits with this lower half; no token has it (but for one in 2⁴⁸).
pub fn half_hash(half: &[u8]) -> u64 {
    const OF_HALVES: u64 = 0x5A96_C3E1_7D2B_0000;
    token_hash(half) ^ OF_HALVES
}

/// Calls `found` with what may be an id, or the beginning or end of one, in a token where text of other letters stands beside it without
/// a space: `请求4bf9…5f，耗时` is one, and so is the beginning of `：req-88fd41`. `token`: in small letters.
#[inline]
pub fn for_each_id_beside_text(token: &[u8], mut found: impl FnMut(&[u8])) {
    if token.is_ascii() {
        return;
    }
    let mut at = 0;
    for part in token.split(|byte| !byte.is_ascii()) {
        let is_at_edge = at == 0 || at + part.len() == token.len();
        if !part.is_empty() && (is_at_edge || may_be_id_alone(part)) {
            found(part);
        }
        at += part.len() + 1;
    }
}

/// Has a digit, or is an id of 64 or 128 bits that has none.
fn may_be_id_alone(part: &[u8]) -> bool {
    part.iter().any(u8::is_ascii_digit)
        || matches!(part.len(), HALF_DIGITS | 32) && part.iter().all(u8::is_ascii_hexdigit)
}

/// Stands in the postings for each token that has it beside text of other letters; no token has it (but for one in 2⁴⁸).
pub fn hash_beside_text(id: &[u8]) -> u64 {
    const BESIDE_TEXT: u64 = 0x3C69_A5F0_D2B4_0000;
    token_hash(id) ^ BESIDE_TEXT
}

/// Whether ids are of one request, by themselves: the same, or one is the lower half of the other. Both as [`canonical`] gives them.
pub fn are_one(one: &str, other: &str) -> bool {
    one == other || lower_half(one) == Some(other) || lower_half(other) == Some(one)
}

/// An id of 64 or 128 bits as [`canonical`] gives it, if this is one: such ids are known in each notation and by half.
pub fn of_trace(id: &str) -> Option<Cow<'_, str>> {
    Some(canonical(id)).filter(|plain| (LEAST_DIGITS..=2 * HALF_DIGITS).contains(&plain.len()) && is_hex(plain))
}

/// An id of 64 bits as [`canonical`] gives it, if this is one: it may be the lower half of others.
pub fn as_half(id: &str) -> Option<Cow<'_, str>> {
    of_trace(id).filter(|plain| plain.len() <= HALF_DIGITS)
}

/// As entries may write an id that is the same: itself first, and whatever its letters are.
pub fn spellings(id: &str) -> Vec<String> {
    let mut all = vec![id.to_owned()];
    if let Some(plain) = of_trace(id) {
        let is_short = plain.len() <= HALF_DIGITS;
        let of_64_bits = is_short.then(|| format!("{plain:0>16}"));
        let of_128_bits = format!("{plain:0>32}");
        let of_amazon = format!("1-{}-{}", &of_128_bits[..8], &of_128_bits[8..]);
        let number = u64::from_str_radix(&plain, 16).ok().filter(|_| is_short).map(|number| number.to_string());
        let of_datadog = number.filter(|number| digits_of_datadog(number).is_some());
        let others =
            of_64_bits.into_iter().chain([of_128_bits, plain.into_owned()]).chain(of_datadog).chain([of_amazon]);
        for other in others {
            if !all.iter().any(|known| known.eq_ignore_ascii_case(&other)) {
                all.push(other);
            }
        }
    }
    all
}

/// As entries may write an id that is the same, or its lower half: itself first.
pub fn spellings_by_half(id: &str) -> Vec<String> {
    let mut all = spellings(id);
    if let Some(half) = of_trace(id).as_deref().and_then(lower_half) {
        all.extend(spellings(half));
    }
    all
}

/// The last 64 bits of more hexadecimal digits than that, without the zeros they begin with.
#[inline]
fn half_of_digits(digits: &[u8]) -> Option<&[u8]> {
    let upper_digits = digits.len().checked_sub(HALF_DIGITS).filter(|n_digits| (1..=HALF_DIGITS).contains(n_digits))?;
    let half = &digits[upper_digits..];
    let n_zeros = half.iter().take_while(|&&digit| digit == b'0').count();
    Some(&half[n_zeros..]).filter(|half| !half.is_empty())
}

fn has_letter(digits: &[u8]) -> bool {
    digits.iter().any(u8::is_ascii_alphabetic)
}

/// Datadog writes 64 bits as a decimal number, which mostly has more digits than the hexadecimal one could. Of another number it is
/// but another spelling.
fn digits_of_datadog(id: &str) -> Option<String> {
    let is_one = (HALF_DIGITS + 1..=20).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit());
    let number = Some(id).filter(|id| is_one && !id.starts_with('0'))?.parse::<u64>().ok()?;
    Some(format!("{number:x}"))
}

fn digits_of_amazon(id: &str) -> Option<String> {
    let root = if id.contains('=') { amazon(id).ok()?.trace? } else { id };
    let Some((time, unique)) = root.strip_prefix("1-").and_then(|parts| parts.split_once('-')) else {
        return (root.len() < id.len()).then(|| canonical(root).into_owned());
    };
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
            ("1-00000000-000000005af7183fb1d4cf5f", "5af7183fb1d4cf5f"),
            ("Root=1-67891233-abcdef012345678912345678;Parent=463ac35c9f6413ad", "67891233abcdef012345678912345678"),
            ("Self=1-67891233-ABCDEF012345678912345678", "1-67891233-abcdef012345678912345678"),
            ("Root=67891233abcdef012345678912345678", "67891233abcdef012345678912345678"),
            ("6554734444506566495", "5AF7183FB1D4CF5F"),
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
        // Nor of nanoseconds since 1970, or of SOFATracer.
        for id in [
            "5af7183fb1d4cf5f",
            "req-5af7183fb1d4cf5f",
            "5af7183fb1d4cf5f0000000000000000",
            "1795161600000000000",
            "0ad1348f1403169275002100356696",
        ] {
            assert_eq!(lower_half(id), None, "{id}");
        }
    }

    #[test]
    fn whatever_has_a_lower_half_has_it_in_a_token() {
        for id in [
            "5af7183fb1d4cf5f00f067aa0ba902b7",
            "15af7183fb1d4cf5f",
            "00000000000000a5af7183fb1d4cf5f0",
            "1-67891233-abcdef012345678912345678",
            "1-67891233-000000012345678912345678",
        ] {
            let plain = canonical(id).into_owned();
            let token = id.rsplit('-').next().unwrap_or(id);
            assert_eq!(half_in_token(token.as_bytes()), lower_half(&plain).map(str::as_bytes), "{id}");
            assert!(lower_half(&plain).is_some_and(|half| are_one(half, &plain) && are_one(&plain, half)), "{id}");
        }
        for token in ["5af7183fb1d4cf5f", "1795161600000000000", "onboarding_checklist"] {
            assert_eq!(half_in_token(token.as_bytes()), None, "{token}");
        }
        assert!(!are_one("5af7183fb1d4cf5f00f067aa0ba902b7", "15af7183fb1d4cf5f00f067aa0ba902b"));
    }

    #[test]
    fn ids_are_told_from_the_text_of_other_letters_beside_them() {
        let beside = |text: &str| {
            let mut found = Vec::new();
            for token in crate::tokenize::tokens(text) {
                for_each_id_beside_text(token.as_bytes(), |id| found.push(String::from_utf8_lossy(id).into_owned()));
            }
            found.join(" ")
        };
        assert_eq!(beside("请求4bf92f3577b34da6完成 4bf92f35"), "4bf92f3577b34da6");
        assert_eq!(beside("编号：req-88-abc，耗时5ms"), "req abc 5ms");
        assert_eq!(beside("请求abcdefabcdefabcd完成"), "abcdefabcdefabcd");
        // Words may begin an id and end one.
        assert_eq!(beside("调用shop服务 größe é x：y"), "gr e x y");
        assert_eq!(beside("trace_id=4bf92f3577b34da6 done"), "");
    }

    #[test]
    fn an_id_is_looked_for_in_each_of_its_spellings() {
        let (padded, plain, number) = ("00000000000000005af7183fb1d4cf5f", "5af7183fb1d4cf5f", "6554734444506566495");
        let amazon = "1-00000000-000000005af7183fb1d4cf5f";
        assert_eq!(spellings(padded), [padded, plain, number, amazon]);
        assert_eq!(spellings(plain), [plain, padded, number, amazon]);
        assert_eq!(spellings(number), [number, plain, padded, amazon]);
        assert_eq!(spellings(amazon), [amazon, plain, padded, number]);
        let amazon = "1-67891233-abcdef012345678912345678";
        assert_eq!(spellings(amazon), [amazon, "67891233abcdef012345678912345678"]);
        assert_eq!(spellings("67891233ABCDEF012345678912345678"), ["67891233ABCDEF012345678912345678", amazon]);
        assert_eq!(spellings("req-88fd41"), ["req-88fd41"]);
    }

    #[test]
    fn a_whole_id_is_looked_for_by_its_half_as_well() {
        let whole = "00f067aa0ba902b75af7183fb1d4cf5f";
        let half = "5af7183fb1d4cf5f";
        assert_eq!(spellings_by_half(whole)[..2], [whole.to_owned(), whole.trim_start_matches('0').to_owned()]);
        assert!(spellings_by_half(whole).ends_with(&spellings(half)));
        assert_eq!((spellings_by_half(half), as_half(half).as_deref()), (spellings(half), Some(half)));
        assert_eq!((as_half(whole), as_half("req-5af7183fb1d4cf5f")), (None, None));
    }
}
