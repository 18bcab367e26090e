//! Case folding that keeps every byte in its place.
//!
//! ASCII letters, and every other character whose lower-case form takes as many bytes (Latin, Greek, Cyrillic and most
//! others), become lower case. What differs in length stays, and so do bytes that are not UTF-8. So a byte range found in
//! folded text is the same range of the text itself, and folding a part gives that part of the folded whole. Terminal colours
//! are blanked ([`crate::colour`]); a part must not cut them.

use std::sync::OnceLock;

use crate::colour::blank;

/// Folds `text` into `folded` (whatever was in it goes).
pub fn fold_into(text: &[u8], folded: &mut Vec<u8>) {
    folded.clear();
    folded.extend(text.iter().map(u8::to_ascii_lowercase));
    if !text.is_ascii() {
        fold_beyond_ascii(folded);
    }
    blank(folded);
}

/// The folded form of a query's text.
pub fn fold(text: &str) -> String {
    let mut folded = Vec::new();
    fold_into(text.as_bytes(), &mut folded);
    String::from_utf8(folded).expect("folding puts characters in the place of characters")
}

fn fold_beyond_ascii(bytes: &mut [u8]) {
    let mut at = 0;
    while let Some(n_ascii) = bytes[at..].iter().position(|byte| !byte.is_ascii()) {
        at += n_ascii;
        match bytes[at..] {
            [first @ 0xC2..=0xDF, second @ 0x80..=0xBF, ..] => {
                let [first, second] = two_byte_folds()[usize::from(first & 0x1F) << 6 | usize::from(second & 0x3F)];
                (bytes[at], bytes[at + 1]) = (first, second);
                at += 2;
            }
            _ => at += fold_one(&mut bytes[at..]),
        }
    }
}

/// Folds the character that `bytes` begin with, and returns its length; 1 if it is none.
fn fold_one(bytes: &mut [u8]) -> usize {
    let n_bytes = match bytes[0] {
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return 1,
    };
    let Some(character) = bytes.get_mut(..n_bytes) else { return 1 };
    let Some(lower) = std::str::from_utf8(character).ok().and_then(|text| folded_char(text.chars().next()?)) else {
        return 1;
    };
    lower.encode_utf8(character);
    n_bytes
}

/// The lower-case form if it is one character of the same length, else the character itself.
fn folded_char(character: char) -> Option<char> {
    let mut lower = character.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) if one.len_utf8() == character.len_utf8() => Some(one),
        _ => Some(character),
    }
}

/// The folded form of every character of two bytes: all of Latin-1, Greek, Cyrillic, Armenian, Hebrew and Arabic.
fn two_byte_folds() -> &'static [[u8; 2]] {
    static FOLDS: OnceLock<Vec<[u8; 2]>> = OnceLock::new();
    FOLDS.get_or_init(|| {
        (0..0x800u32)
            .map(|code| {
                let mut bytes = [0xC0 | (code >> 6) as u8, 0x80 | (code & 0x3F) as u8];
                if let Some(lower) = char::from_u32(code).filter(|_| code >= 0x80).and_then(folded_char) {
                    lower.encode_utf8(&mut bytes);
                }
                bytes
            })
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn letters_of_many_scripts_lose_their_case() {
        assert_eq!(fold("ERROR Straße ÄÖÜ ΑΒΓ ЖУРНАЛ Ａ"), "error straße äöü αβγ журнал ａ");
    }

    #[test]
    fn a_letter_whose_lower_case_has_another_length_stays() {
        // Capital dotted I, the Kelvin sign, capital sharp s.
        assert_eq!(fold("\u{130} \u{212A} \u{1E9E}"), "\u{130} \u{212A} \u{1E9E}");
    }

    #[test]
    fn bytes_that_are_not_utf8_stay() {
        let mut folded = Vec::new();
        fold_into(b"A\xFFB\xC3 \xE2\x82C\xC3\x84", &mut folded);
        assert_eq!(folded, b"a\xFFb\xC3 \xE2\x82c\xC3\xA4");
    }

    proptest! {
        #[test]
        fn each_character_is_folded_alone_and_in_place(text in any::<String>()) {
            let expected: String = text.chars().map(|c| {
                let lower: String = c.to_lowercase().collect();
                if lower.len() == c.len_utf8() && lower.chars().count() == 1 { lower } else { c.to_string() }
            }).collect();
            prop_assert_eq!(fold(&text), expected);
        }

        #[test]
        fn the_parts_between_ascii_bytes_fold_alone(bytes in proptest::collection::vec(prop_oneof![any::<u8>(), Just(b' ')], 0..60)) {
            let mut whole = Vec::new();
            fold_into(&bytes, &mut whole);
            let mut joined = Vec::new();
            for part in bytes.split_inclusive(|&byte| byte == b' ') {
                let mut folded = Vec::new();
                fold_into(part, &mut folded);
                joined.extend(folded);
            }
            prop_assert_eq!(whole, joined);
        }
    }
}
