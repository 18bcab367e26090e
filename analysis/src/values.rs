//! How field values and names stand in the text of an entry.
//!
//! All formats take values from the text as it is, but for [`ESCAPES`]. So `field:value` is looked for in the text before any
//! entry is opened, and as it is written: `500` does not find `5e2`, `1.5` not `1.50` (comparisons do). Where values also
//! begin and end at token boundaries, the indexes help; blocks in which they may not are marked in the postings. The same
//! goes for names, which tests need that say nothing of how a value is written (`status>=500`).

use memchr::memchr2_iter;

use crate::colour::end_of_sequences;
use crate::search::Number;
use crate::tokenize::is_token_byte;

/// Stands in the postings of blocks where tokens of a field's value may not be tokens of the text. No token has this hash
/// (but for one in 2⁴⁸).
pub const VALUES_DIFFER: u64 = 1 << 16;

/// The same for the tokens of a message.
pub const MESSAGES_DIFFER: u64 = 2 << 16;

/// The same for the last part of a field's name.
pub const NAMES_DIFFER: u64 = 3 << 16;

/// Stands in the postings of every block whose ids of 128 bits are known by half as well, and ids beside text of other letters; those of
/// earlier builds have it not (some have `4 << 16`, which stood for the halves alone). Postings keep it exactly.
pub const KNOWS_IDS: u64 = 5 << 16;

/// Stands in the postings of blocks that have an id, or a part of one, beside text of other letters.
pub const IDS_BESIDE_TEXT: u64 = 6 << 16;

/// Bytes that make a value differ from its text: an escape, a terminal's colours.
pub const ESCAPES: [u8; 2] = [b'\\', 0x1B];

/// Whether a value that is shown as this is written so in the text (but for [`ESCAPES`]): numbers may be written otherwise
/// (`5e2`), bytes that are no text are shown as a sign of their own.
pub fn is_shown_as_written(value: &str) -> bool {
    !value.is_empty() && Number::read(value).is_none() && !value.contains('\u{FFFD}')
}

/// Whether escapes in an entry's text hide a token of a value: `\nfoo` has the value's `foo` only as `nfoo`, and a colour
/// inside of a word is not in the value.
pub fn hides_tokens(text: &[u8]) -> bool {
    // The byte after a backslash is part of its escape, though it may look like the next one.
    let mut from = 0;
    memchr2_iter(ESCAPES[0], ESCAPES[1], text).any(|at| {
        if at < from {
            return false;
        }
        let end = end_of_sequences(text, at);
        if end > at {
            from = end;
            let before = at.checked_sub(1).is_some_and(|before| is_token_byte(text[before]));
            return before && text.get(end).is_some_and(|&byte| is_token_byte(byte));
        }
        from = at + 2;
        match text.get(at + 1) {
            Some(b'b' | b'f' | b'n' | b'r' | b't') => text.get(at + 2).is_some_and(|&byte| is_token_byte(byte)),
            Some(b'"' | b'\\' | b'/') => text[at] != b'\\',
            _ => true,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_that_join_or_spell_letters_hide_tokens() {
        for hiding in [r"a\nb", r"\u00e9", r"x\", r"\\\tb", "a\u{1b}[31mred", "a\u{1b}[31m\u{1b}[1mb"] {
            assert!(hides_tokens(hiding.as_bytes()), "{hiding}");
        }
        for plain in [r#"say \"hi\""#, r"C:\\temp", r"a\n b", r"a\/b", r"\n\\n", "plain", "\u{1b}[31mred\u{1b}[0m"] {
            assert!(!hides_tokens(plain.as_bytes()), "{plain}");
        }
    }
}
