//! Cuts text into tokens, for the indexes and for queries.
//!
//! **A token** is a maximal run of letters, digits, `_` and non-ASCII characters, case folded ([`crate::fold`]).
//! Everything else separates: `user_id=42 GET /api/v2 10.0.3.7` has the tokens `user_id 42 get api v2 10 0 3 7`.
//!
//! Terminal colours separate too, all of them: `ESC[31mERROR` has the token `error` ([`crate::colour`]).
//!
//! **A query's text finds an entry** where its characters occur, case folded, with both ends at token boundaries and
//! outside the entry's own time stamp. So an address, a UUID, a path, a dotted name or a `key=value` pair is found whole
//! and by its parts, and `10` is not found inside `1024`. Text that reads as a clock time or a date (`10:23`,
//! `2026-11-20`) is looked for in the stamp too. [`Needle`](crate::search) is this rule as a scan; the indexes hold tokens, and
//! since a text that occurs at token boundaries brings all its tokens with it, they name every block the scan would find.
//!
//! **The postings** have every token (by [`token_hash`], however long), and each run of four small numbers joined by dots
//! (`10.0.3.7`) as one more, for the parts of an address select nothing; and the lower half of what may be an id of 128 bits, which
//! some services know a trace by ([`half_hash`](crate::ids::half_hash)), and what may be an id in a token where text in other letters stands
//! beside it without a space ([`hash_beside_text`](crate::ids::hash_beside_text)). **The word index** has what [`indexed_word`]
//! keeps. Tokens that touch the entry's time stamp are in neither.

/// The word index keeps this much of a word: what is longer is not prose.
pub const MAX_WORD_BYTES: usize = 64;

/// Whether a byte is part of a token.
#[inline]
pub fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Whether a token can begin or end before byte `at` of `text`.
#[inline]
pub fn is_boundary(text: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|i| text.get(i)).is_some_and(|&byte| is_token_byte(byte));
    let after = text.get(at).is_some_and(|&byte| is_token_byte(byte));
    !(before && after)
}

/// Calls `found` with the start and end of each token of `text`, in order.
///
/// Cost: about one step a token; bytes are classed 64 at a time.
#[inline]
pub fn for_each_token(text: &[u8], mut found: impl FnMut(usize, usize)) {
    let mut start = 0;
    // Whether the byte before the chunk is of a token, as a bit.
    let mut carry = 0u64;
    let mut on_edges = |at: usize, mask: u64, carry: u64| {
        let mut edges = mask ^ (mask << 1 | carry);
        let mut is_inside = carry != 0;
        while edges != 0 {
            let edge = at + edges.trailing_zeros() as usize;
            if is_inside {
                found(start, edge);
            } else {
                start = edge;
            }
            is_inside = !is_inside;
            edges &= edges - 1;
        }
    };
    let (chunks, rest) = text.as_chunks::<64>();
    for (i, chunk) in chunks.iter().enumerate() {
        let mask = token_mask(chunk);
        on_edges(i * 64, mask, carry);
        carry = mask >> 63;
    }
    let mut last = [0; 64];
    last[..rest.len()].copy_from_slice(rest);
    let mask = token_mask(&last);
    // The chunk is never full, so a token that reaches the end of the text ends inside it.
    on_edges(chunks.len() * 64, mask, carry);
}

/// Bit `i` is set if byte `i` is of a token.
#[inline]
fn token_mask(chunk: &[u8; 64]) -> u64 {
    let mut classes = [0u8; 64];
    for (class, &byte) in classes.iter_mut().zip(chunk) {
        // Without branches and table, so that the compiler does 16 at once.
        let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        let digit = byte.wrapping_sub(b'0') < 10;
        *class = u8::from(letter | digit | (byte == b'_') | (byte >= 0x80));
    }
    // Brings the lowest bits of eight bytes together: byte i, times 2^(7 · (8 - i)), arrives at bit 56 + i.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let mut mask = 0;
    for (i, &eight) in classes.as_chunks::<8>().0.iter().enumerate() {
        mask |= (u64::from_le_bytes(eight).wrapping_mul(GATHER) >> 56) << (8 * i);
    }
    mask
}

/// The tokens of a (folded) query text.
pub fn tokens(folded: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    for_each_token(folded.as_bytes(), |start, end| tokens.push(&folded[start..end]));
    tokens
}

/// The hash of a folded token, in the upper 48 bits; part of what is stored, so it never changes.
pub fn token_hash(token: &[u8]) -> u64 {
    hash_at(token, 0, token.len())
}

/// The hash of the token at `start..end` of `text`: the same, read from where it stands.
#[inline(always)]
pub fn hash_at(text: &[u8], start: usize, end: usize) -> u64 {
    // Odd constants with well spread bits (the golden ratio; Weyl constant of MurmurHash's finaliser).
    const FIRST: u64 = 0x9E37_79B9_7F4A_7C15;
    const LAST: u64 = 0xFF51_AFD7_ED55_8CCD;
    let mut hash = (end - start) as u64;
    let mut at = start;
    while end - at > 8 {
        hash = mix(hash ^ eight_bytes(text, at)).wrapping_mul(FIRST);
        at += 8;
    }
    let n_unused_bits = 64 - 8 * (end - at) as u32;
    let last = eight_bytes(text, at) & (!0u64).checked_shr(n_unused_bits).unwrap_or(0);
    hash = mix((hash ^ last).wrapping_mul(FIRST)).wrapping_mul(LAST);
    hash & !0xFFFF
}

#[inline]
fn mix(hash: u64) -> u64 {
    hash ^ hash >> 32
}

/// The eight bytes from `at` on, zeros beyond the end of `text`.
#[inline(always)]
fn eight_bytes(text: &[u8], at: usize) -> u64 {
    match text.get(at..at + 8) {
        Some(eight) => u64::from_le_bytes(eight.try_into().expect("eight bytes")),
        None => {
            let mut eight = [0; 8];
            let rest = &text[at..];
            eight[..rest.len()].copy_from_slice(rest);
            u64::from_le_bytes(eight)
        }
    }
}

/// What the word index keeps of a folded token: the letters before its first digit, cut at [`MAX_WORD_BYTES`].
///
/// A token without digits is always kept. Of one with digits the head is kept for prefix search (`need*` finds
/// `needle238`), unless it [tells nothing](is_telling).
#[inline]
pub fn indexed_word(token: &[u8]) -> Option<&[u8]> {
    let n_letters = token.iter().position(u8::is_ascii_digit).unwrap_or(token.len());
    let head = &token[..n_letters.min(MAX_WORD_BYTES)];
    (n_letters == token.len() || is_telling(head)).then_some(head)
}

/// Whether a head is more than one letter and more than hexadecimal digits: the heads of ids like `bad4c0de` would fill the
/// word index. Whatever begins with a telling text is telling too.
pub fn is_telling(head: &[u8]) -> bool {
    head.len() >= 2 && head.iter().any(|byte| !matches!(byte, b'a'..=b'f' | b'_'))
}

/// Finds four numbers of at most three digits joined by dots, among tokens given in order.
#[derive(Default)]
pub struct DottedQuads {
    /// Starts of the last numbers that were joined by dots, the latest last.
    starts: [usize; 4],
    n_joined: usize,
    end: usize,
}

impl DottedQuads {
    /// Takes the next token; returns where a quad that it completes starts (it ends with the token).
    #[inline]
    pub fn push(&mut self, text: &[u8], start: usize, end: usize) -> Option<usize> {
        if end - start > 3 || !text[start..end].iter().all(u8::is_ascii_digit) {
            self.n_joined = 0;
            return None;
        }
        let is_joined = start == self.end + 1 && text[self.end] == b'.';
        self.n_joined = if is_joined { self.n_joined + 1 } else { 1 };
        self.starts = [self.starts[1], self.starts[2], self.starts[3], start];
        self.end = end;
        (self.n_joined >= 4).then_some(self.starts[0])
    }
}

/// Whether a text is a clock time, a date or both: such text is looked for in time stamps too.
pub fn reads_as_time(text: &str) -> bool {
    let date = |text: &str| -> Option<usize> {
        [b"dddd-dd-dd".as_slice(), b"dddd/dd/dd", b"dddd-dd"].into_iter().find_map(|shape| shape_at(text, shape))
    };
    let clock = |text: &str| -> Option<usize> {
        let shapes = [b"dd:dd:dd".as_slice(), b"d:dd:dd", b"dd:dd", b"d:dd"];
        let mut n = shapes.into_iter().find_map(|shape| shape_at(text, shape))?;
        if text[n..].starts_with(['.', ',']) {
            let fraction = &text[n + 1..];
            n += 1 + fraction.bytes().take_while(u8::is_ascii_digit).count();
        }
        Some(n)
    };
    let zone = |text: &str| {
        matches!(text, "" | "z" | "Z") || {
            let digits = text.strip_prefix(['+', '-']).unwrap_or("x");
            [b"dd:dd".as_slice(), b"dddd", b"dd"].into_iter().any(|shape| shape_at(digits, shape) == Some(digits.len()))
        }
    };
    match date(text) {
        Some(n) if n == text.len() => true,
        Some(n) => {
            let rest = text[n..].strip_prefix(['T', 't', ' ', '_']);
            rest.is_some_and(|rest| clock(rest).is_some_and(|n| zone(&rest[n..])))
        }
        None => clock(text).is_some_and(|n| zone(&text[n..])),
    }
}

/// The length of `shape` if `text` begins with it: `d` stands for a digit, all else for itself.
fn shape_at(text: &str, shape: &[u8]) -> Option<usize> {
    let fits = |(&want, &byte): (&u8, &u8)| if want == b'd' { byte.is_ascii_digit() } else { want == byte };
    (text.len() >= shape.len() && shape.iter().zip(text.as_bytes()).all(fits)).then_some(shape.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    fn check(text: &str, expected: Expect) {
        expected.assert_eq(&tokens(&crate::fold::fold(text)).join(" "));
    }

    #[test]
    fn log_punctuation_separates() {
        check("user_id=42 GET /api/v2?x=[1]", expect!["user_id 42 get api v2 x 1"]);
        check(r#"{"trace-id":"4bf9-22","größe":1.5}"#, expect!["trace id 4bf9 22 größe 1 5"]);
        check("", expect![""]);
    }

    #[test]
    fn a_token_across_the_64_byte_chunks_is_one() {
        let long = "x".repeat(200);
        for n_before in 0..70 {
            let text = format!("{}{long} y", " ".repeat(n_before));
            assert_eq!(tokens(&text), [&*long, "y"]);
        }
    }

    #[test]
    fn heads_of_ids_with_letters_beyond_hex_are_words() {
        let word = |token: &str| indexed_word(token.as_bytes()).map(|word| String::from_utf8_lossy(word).into_owned());
        assert_eq!(word("needle238"), Some("needle".into()));
        assert_eq!(word("deadbeef"), Some("deadbeef".into()));
        assert_eq!(word("dead238"), None);
        assert_eq!(word("x238"), None);
        assert_eq!(word("238"), None);
        assert_eq!(word(&"z".repeat(100)), Some("z".repeat(MAX_WORD_BYTES)));
    }

    #[test]
    fn every_four_numbers_joined_by_dots_are_a_quad() {
        let quads = |text: &str| {
            let (mut quads, mut found) = (DottedQuads::default(), Vec::new());
            for_each_token(text.as_bytes(), |start, end| {
                found.extend(quads.push(text.as_bytes(), start, end).map(|from| text[from..end].to_owned()));
            });
            found.join(" ")
        };
        assert_eq!(quads("from 10.0.3.7:80"), "10.0.3.7");
        assert_eq!(quads("1.2.3.4.5"), "1.2.3.4 2.3.4.5");
        assert_eq!(quads("1.2.3 4.5.6.7000 1..2.3.4 a1.2.3.4"), "");
    }

    #[test]
    fn clock_times_and_dates_are_told_from_addresses_and_versions() {
        for time in
            ["10:23", "9:05:17", "2026-11-20", "2026/11/20", "10:23:45.123", "2026-11-20T10:23:45Z", "10:23:45+02:00"]
        {
            assert!(reads_as_time(time), "{time}");
        }
        for other in
            ["10.0.3.7", "10.0.3.7:80", "10", "fe80::1", "1-2", "10:23a", "2026", "a:10", "127:8080", "10:23:4b", "+02"]
        {
            assert!(!reads_as_time(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn tokens_are_the_maximal_runs_of_token_bytes(text in proptest::collection::vec(
            prop_oneof![Just(b' '), Just(b'a'), Just(b'9'), any::<u8>()], 0..300))
        {
            let mut found = Vec::new();
            for_each_token(&text, |start, end| found.push(start..end));
            let mut expected = Vec::new();
            let mut at = 0;
            for run in text.chunk_by(|&a, &b| is_token_byte(a) == is_token_byte(b)) {
                if is_token_byte(run[0]) {
                    expected.push(at..at + run.len());
                }
                at += run.len();
            }
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn a_token_has_one_hash_wherever_it_stands(token in "[a-z0-9_]{1,40}", before in ".{0,9}", after in "( .{0,9})?") {
            let text = format!("{before}{token}{after}");
            let hash = hash_at(text.as_bytes(), before.len(), before.len() + token.len());
            prop_assert_eq!(hash, token_hash(token.as_bytes()));
        }
    }
}
