//! Terminal colours in log text: what `ESC [ 3 1 m` and its like spell is not text.
//!
//! The raw text keeps the sequences ([`model::colour`]). Folding [blanks](blank) them, so that they separate tokens for
//! indexes, scans and queries alike; heads and fields are read from the text [without](plain) them.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr;
pub use model::colour::ESCAPE;
use model::colour::sequence_bytes;

/// Where the colour sequences that follow one another from the next one on stand.
fn next_sequences(text: &[u8], mut from: usize) -> Option<Range<usize>> {
    loop {
        let start = from + memchr(ESCAPE, text.get(from..)?)?;
        let end = end_of_sequences(text, start);
        if end > start {
            return Some(start..end);
        }
        from = start + 1;
    }
}

/// Where the colour sequences that begin at `start` end; `start` if there is none.
pub fn end_of_sequences(text: &[u8], start: usize) -> usize {
    let mut end = start;
    loop {
        match sequence_bytes(&text[end..]) {
            0 => return end,
            n_bytes => end += n_bytes,
        }
    }
}

/// Overwrites all of each colour sequence with `ESC`. Cost where there is none: one fast scan.
pub fn blank(text: &mut [u8]) {
    let mut from = 0;
    while let Some(sequences) = next_sequences(text, from) {
        from = sequences.end;
        text[sequences].fill(ESCAPE);
    }
}

/// Text without its colour sequences, and where its bytes stood.
#[derive(Debug, Default)]
pub struct Plain {
    pub text: Vec<u8>,
    /// Bytes of `text` before a sequence, and bytes of sequences up to the end of it.
    cuts: Vec<(usize, usize)>,
}

impl Plain {
    /// Where the bytes of a part of `text` stood, sequences between them included.
    pub fn original(&self, part: Range<usize>) -> Range<usize> {
        let place = |at: usize| {
            let n_cuts = self.cuts.partition_point(|&(before, _)| before <= at);
            at + n_cuts.checked_sub(1).map_or(0, |last| self.cuts[last].1)
        };
        let start = place(part.start);
        if part.is_empty() { start..start } else { start..place(part.end - 1) + 1 }
    }
}

/// The text without its colour sequences; `None` if it has none.
pub fn plain(text: &[u8]) -> Option<Plain> {
    let mut sequences = next_sequences(text, 0)?;
    let mut plain = Plain::default();
    let (mut from, mut n_cut) = (0, 0);
    loop {
        plain.text.extend_from_slice(&text[from..sequences.start]);
        from = sequences.end;
        n_cut += sequences.len();
        plain.cuts.push((plain.text.len(), n_cut));
        match next_sequences(text, from) {
            Some(next) => sequences = next,
            None => break,
        }
    }
    plain.text.extend_from_slice(&text[from..]);
    Some(plain)
}

/// The same of a string.
pub fn plain_str(text: &str) -> Cow<'_, str> {
    match plain(text.as_bytes()) {
        None => Cow::Borrowed(text),
        Some(plain) => Cow::Owned(String::from_utf8(plain.text).expect("only ASCII was taken out")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sequences_are_taken_out_and_nothing_else() {
        for (text, expected) in [
            ("\u{1b}[31mERROR\u{1b}[0m x", "ERROR x"),
            ("\u{1b}[1;38;5;12m\u{1b}[4ma\u{1b}[mb", "ab"),
            ("\u{1b}[?25lhidden\u{1b}[2K", "hidden"),
            ("[31m \u{1b} \u{1b}[31", "[31m \u{1b} \u{1b}[31"),
            ("\u{1b}\u{1b}[0m\u{1b}[é", "\u{1b}\u{1b}[é"),
        ] {
            assert_eq!(plain_str(text), expected);
        }
    }

    #[test]
    fn a_part_of_plain_text_is_found_again_in_the_original() {
        let text = b"\x1b[31mERROR\x1b[0m 1\x1b[m0";
        let plain = plain(text).unwrap();
        assert_eq!(plain.text, b"ERROR 10");
        let original = |part: Range<usize>| &text[plain.original(part)];
        assert_eq!(original(0..5), b"ERROR");
        assert_eq!(original(6..8), b"1\x1b[m0");
        assert_eq!(original(8..8), b"");
    }

    proptest! {
        #[test]
        fn each_byte_stood_where_it_is_said_and_the_others_are_blanked(parts in proptest::collection::vec(
            prop_oneof![Just("\u{1b}[0m"), Just("\u{1b}[1;31m"), Just("\u{1b}"), Just("["), Just("3"), Just("m"), Just("x y")], 0..20))
        {
            let text = parts.concat().into_bytes();
            let mut blanked = text.clone();
            blank(&mut blanked);
            match plain(&text) {
                None => prop_assert_eq!(&blanked, &text),
                Some(plain) => {
                    for at in 0..plain.text.len() {
                        let place = plain.original(at..at + 1);
                        prop_assert_eq!(&text[place.clone()], &plain.text[at..at + 1]);
                        prop_assert_eq!(blanked[place.start], plain.text[at]);
                    }
                    let n_blank = blanked.iter().filter(|&&byte| byte == ESCAPE).count();
                    let n_escapes = plain.text.iter().filter(|&&byte| byte == ESCAPE).count();
                    prop_assert_eq!(n_blank - n_escapes, text.len() - plain.text.len());
                }
            }
        }
    }
}
