//! Whether field values stand in an entry's text as they are shown.
//!
//! Where they do, `field:value` can be looked for in the text and by the indexes before any entry is opened, and is looked
//! for as it is written: `500` does not find `5e2` there. Where they may not (a format that computes or cuts values, an
//! escape), only the opened entry tells.

use memchr::memchr2_iter;

use crate::format::{FormatId, Formats};
use crate::tokenize::is_token_byte;

/// Stands in the postings of blocks with a value that is shown otherwise than its tokens are written. No token's hash
/// (or one in 2⁴⁸).
pub const VALUES_DIFFER: u64 = 1 << 16;

/// Bytes that make a value differ from its text: an escape in JSON and logfmt, a terminal's colours.
pub const ESCAPES: [u8; 2] = [b'\\', 0x1B];

/// Whether a format shows values as they stand in the text, between token boundaries, but for [`ESCAPES`].
pub fn keeps_values(formats: &Formats, format: FormatId) -> bool {
    matches!(formats.name(format), "json" | "logfmt" | "raw")
}

/// Whether escapes in an entry's text hide a token of a value: `\nfoo` has the value's `foo` only as `nfoo`.
pub fn hides_tokens(text: &[u8]) -> bool {
    // The byte after a backslash is part of its escape, though it may look like the next one.
    let mut from = 0;
    memchr2_iter(ESCAPES[0], ESCAPES[1], text).any(|at| {
        if at < from {
            return false;
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
        for hiding in [r"a\nb", r"\u00e9", r"x\", r"\\\tb", "\u{1b}[31mred"] {
            assert!(hides_tokens(hiding.as_bytes()), "{hiding}");
        }
        for plain in [r#"say \"hi\""#, r"C:\\temp", r"a\n b", r"a\/b", r"\n\\n", "plain"] {
            assert!(!hides_tokens(plain.as_bytes()), "{plain}");
        }
    }
}
