//! What a word of a shape looks like, and what words announce.

use super::mask::SLOT;
use super::text::GAP;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Has a value in it.
    Value,
    /// Has room for a value, or stands for a missing one: `()`, `name=`, `-`, `****`.
    Empty,
    /// The name of a thing: `eth0`, `org.a.B`.
    Name,
    /// The name of something in the program: `blockMap`, `read_block`, `a.b`.
    Label,
    /// A word of a sentence, or a sign.
    Plain,
    /// What a number before it counts: `bytes`, `ms`.
    Unit,
}

pub fn class(word: &[u8]) -> Class {
    let core = core(word);
    if word.contains(&SLOT) || word == [GAP] {
        return Class::Value;
    }
    let is_missing = word.iter().all(|byte| matches!(byte, b'-' | b'*' | b'?'));
    if is_missing || core.is_empty() && holds_nothing(word) || word.ends_with(b"=") && word.len() > 1 {
        return Class::Empty;
    }
    if core.iter().any(u8::is_ascii_digit) || stands_for_value(core) {
        return Class::Name;
    }
    if is_unit(core) {
        return Class::Unit;
    }
    let has_lower = core.iter().any(u8::is_ascii_lowercase);
    let n_dots = core.iter().filter(|&&byte| byte == b'.').count();
    if n_dots >= 2
        && has_lower
        && core.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'$' | b'-'))
    {
        return Class::Name;
    }
    let has_inner_upper = has_lower && core.iter().skip(1).any(u8::is_ascii_uppercase);
    let has_inner_sign =
        has_lower && core.iter().any(|byte| matches!(byte, b'.' | b'_' | b'/' | b'\\' | b'$' | b'@' | b':'));
    if has_inner_upper || has_inner_sign { Class::Label } else { Class::Plain }
}

pub fn is_unit_of_size(word: &[u8]) -> bool {
    matches!(
        word,
        b"bytes"
            | b"byte"
            | b"Bytes"
            | b"B"
            | b"KB"
            | b"kB"
            | b"MB"
            | b"GB"
            | b"TB"
            | b"KiB"
            | b"MiB"
            | b"GiB"
            | b"TiB"
    )
}

pub fn is_unit(word: &[u8]) -> bool {
    is_unit_of_size(word)
        || matches!(
            word,
            b"ms"
                | b"us"
                | b"ns"
                | b"s"
                | b"sec"
                | b"secs"
                | b"second"
                | b"seconds"
                | b"min"
                | b"mins"
                | b"minutes"
                | b"hours"
                | b"msec"
                | b"msecs"
                | b"usec"
        )
}

/// Whether the word names what follows: `status:`, `size=`.
pub fn is_key(word: &[u8]) -> bool {
    matches!(word.last(), Some(b':' | b'='))
}

/// The word without the punctuation around it.
pub fn core(word: &[u8]) -> &[u8] {
    let is_outer = |byte: &u8| !byte.is_ascii_alphanumeric() && *byte < 0x80;
    let start = word.iter().position(|byte| !is_outer(byte)).unwrap_or(word.len());
    let end = word.iter().rposition(|byte| !is_outer(byte)).map_or(start, |last| last + 1);
    &word[start..end]
}

/// Brackets and quotes with nothing inside.
fn holds_nothing(word: &[u8]) -> bool {
    matches!(
        word,
        [b'(', b')', ..]
            | [b'[', b']', ..]
            | [b'{', b'}', ..]
            | [b'<', b'>', ..]
            | [b'"', b'"', ..]
            | [b'\'', b'\'', ..]
    )
}

/// Words that stand where a value could.
fn stands_for_value(core: &[u8]) -> bool {
    [&b"none"[..], b"n/a", b"undefined", b"nan", b"unknown", b"null"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(core))
}

/// Whether the word before announces a value: `user`, `host`, `name:`.
pub fn expects_value(word: &[u8]) -> bool {
    [&b"user"[..], b"username", b"host", b"hostname", b"account", b"login", b"group", b"file", b"directory", b"device"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(core(word)))
}

/// Whether who or what something concerns is named next.
pub fn is_preposition(word: &[u8]) -> bool {
    matches!(word, b"for" | b"by" | b"from" | b"to" | b"of" | b"on" | b"at" | b"with")
}

/// Whether the word begins what says more of the words before it: `locked after 3 attempts`.
pub fn begins_phrase(word: &[u8]) -> bool {
    is_preposition(word)
        || matches!(
            word,
            b"in"
                | b"into"
                | b"as"
                | b"via"
                | b"after"
                | b"since"
                | b"before"
                | b"until"
                | b"during"
                | b"because"
                | b"due"
                | b"and"
        )
}

/// Whether of several words at least three quarters are of letters only and end in the same two: verbs of one form.
pub fn end_alike<'a>(words: impl ExactSizeIterator<Item = &'a [u8]>) -> bool {
    let n_words = words.len();
    let mut endings: Vec<[u8; 2]> = words
        .map(core)
        .filter(|word| word.iter().all(u8::is_ascii_alphabetic))
        .filter_map(|word| word.last_chunk::<2>())
        .map(|ending| ending.map(|byte| byte.to_ascii_lowercase()))
        .collect();
    endings.sort_unstable();
    let n_most = endings.chunk_by(|a, b| a == b).map(<[_]>::len).max().unwrap_or(0);
    n_words > 1 && n_most * 4 >= n_words * 3
}

/// Whether the word may be somebody's or something's name: small letters.
pub fn may_be_name(word: &[u8]) -> bool {
    core(word).iter().any(u8::is_ascii_lowercase)
}

/// What several words have in common at their ends, cut where a part of a word ends, and [`SLOT`] between.
pub fn common<'a>(mut words: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let first = words.next().unwrap_or_default();
    let (mut n_prefix, mut n_suffix) = (first.len(), first.len());
    for word in words {
        n_prefix = first.iter().zip(word).take(n_prefix).take_while(|(a, b)| a == b).count();
        let n_rest = word.len().min(first.len()) - n_prefix;
        n_suffix =
            first.iter().rev().zip(word.iter().rev()).take(n_suffix.min(n_rest)).take_while(|(a, b)| a == b).count();
    }
    let is_inner = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | 0x80..);
    // A number is not cut at its dots.
    let is_digit = |at: usize| first.get(at).is_some_and(u8::is_ascii_digit);
    let is_end =
        |at: usize| !is_inner(&first[at]) && !(first[at] == b'.' && (is_digit(at + 1) || at > 0 && is_digit(at - 1)));
    let prefix = &first[..(0..n_prefix).rev().find(|&at| is_end(at)).map_or(0, |last| last + 1)];
    let suffix = &first[(first.len() - n_suffix..first.len()).find(|&at| is_end(at)).unwrap_or(first.len())..];
    let mut common = prefix.to_vec();
    if common.last() != Some(&SLOT) {
        common.push(SLOT);
    }
    common.extend_from_slice(suffix.strip_prefix(&[SLOT]).unwrap_or(suffix));
    common
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_of_one_form_end_alike_and_names_do_not() {
        let end_alike = |words: &[&str]| super::end_alike(words.iter().map(|word| word.as_bytes()));
        assert!(end_alike(&["locked", "unlocked,"]) && end_alike(&["placed", "SHIPPED", "sent", "refunded"]));
        assert!(
            !end_alike(&["ann", "bob"]) && !end_alike(&["sent", "lost", "placed"]) && !end_alike(&["a1ed", "b2ed"])
        );
        assert!(!end_alike(&["failed"]) && !end_alike(&[]));
    }

    #[test]
    fn what_words_have_in_common_ends_where_a_part_does() {
        let check = |words: &[&str], expected: &str| {
            let found = common(words.iter().map(|word| word.as_bytes()));
            assert_eq!(String::from_utf8(found).unwrap().replace('\u{1}', "<*>"), expected);
        };
        check(&["org.a.Bar", "org.a.Baz"], "org.a.<*>");
        check(&["mode[fast]", "mode[last]"], "mode[<*>]");
        check(&["()", "(web)"], "(<*>)");
        check(&["curl/7.68.0", "curl/7.81.0"], "curl/<*>");
        check(&["eth0:", "eth01:"], "<*>:");
        check(&["\u{1}", "\u{1},"], "<*>");
        check(&["größe", "größer"], "<*>");
    }
}
