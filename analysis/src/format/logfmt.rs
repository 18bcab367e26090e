//! Entries that are `key=value` pairs, and pairs inside of messages.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memchr2, memchr3};

use super::clock::Clock;
use super::members::{HeadMembers, OpenMembers, typed};
use super::vocabulary::{Role, Vocabulary};
use super::written::Written;
use super::{Head, Parsed};

/// A message with more pairs is a dump; its first ones are enough.
pub const MOST_FIELDS: usize = 256;

/// One pair; of a quoted value the range between the quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    pub name: Range<usize>,
    pub value: Range<usize>,
    pub quoted: bool,
    pub escaped: bool,
}

/// The pairs of a text in their order; words that are none are passed over.
pub struct Pairs<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Pairs<'a> {
    pub fn new(text: &'a [u8], at: usize) -> Self {
        Self { text, at }
    }

    /// The pair that begins exactly here.
    #[inline]
    fn pair(&mut self) -> Option<Pair> {
        let start = self.at;
        let first = self.text.get(start)?;
        if !first.is_ascii_alphabetic() && !matches!(first, b'_' | b'@') {
            return None;
        }
        let len = self.text[start..].iter().position(|&byte| !is_name_byte(byte))?;
        let end = start + len;
        self.pair_named(start..end)
    }

    /// The pair of a name with an equals sign behind it.
    #[inline]
    fn pair_named(&mut self, name: Range<usize>) -> Option<Pair> {
        if self.text.get(name.end) != Some(&b'=') {
            return None;
        }
        let value_start = name.end + 1;
        if self.text.get(value_start) == Some(&b'\'')
            && let Some(end) = end_of_single_quotes(self.text, value_start + 1)
        {
            self.at = end + 1;
            return Some(Pair { name, value: value_start + 1..end, quoted: true, escaped: false });
        }
        if self.text.get(value_start) != Some(&b'"') {
            let rest = &self.text[value_start..];
            let len = memchr3(b' ', b'\t', b'\n', rest).unwrap_or(rest.len());
            self.at = value_start + len;
            let value = value_start..value_start + without_closing_bracket(&rest[..len]);
            return Some(Pair { name, value, quoted: false, escaped: false });
        }
        let mut at = value_start + 1;
        let mut escaped = false;
        loop {
            at += memchr2(b'"', b'\\', self.text.get(at..)?)?;
            if self.text[at] == b'"' {
                self.at = at + 1;
                return Some(Pair { name, value: value_start + 1..at, quoted: true, escaped });
            }
            escaped = true;
            at += 2;
        }
    }
}

impl Iterator for Pairs<'_> {
    type Item = Pair;

    #[inline]
    fn next(&mut self) -> Option<Pair> {
        loop {
            while let Some(b' ' | b'\t' | b'\n' | b',') = self.text.get(self.at) {
                self.at += 1;
            }
            if self.at >= self.text.len() {
                return None;
            }
            if let Some(pair) = self.pair() {
                return Some(pair);
            }
            let rest = &self.text[self.at..];
            self.at += match tag_len(rest) {
                Some(len) => len,
                None => memchr3(b' ', b'\t', b'\n', rest).unwrap_or(rest.len()),
            };
        }
    }
}

/// Bytes of the XML or HTML tag that a text begins with: its attributes are no pairs.
fn tag_len(text: &[u8]) -> Option<usize> {
    let (b'<', b'?' | b'/' | b'!' | b'a'..=b'z' | b'A'..=b'Z') = (text.first()?, text.get(1)?) else { return None };
    let end = memchr2(b'>', b'\n', text)?;
    (text[end] == b'>').then_some(end + 1)
}

/// Where single quotes that are open at `at` end, if that is the end of a word: `it's` has none.
fn end_of_single_quotes(text: &[u8], at: usize) -> Option<usize> {
    let end = at + memchr2(b'\'', b'\n', &text[at..])?;
    let ends_word = text.get(end + 1).is_none_or(|byte| b" \t\n,;.:)]}>".contains(byte));
    (text[end] == b'\'' && ends_word).then_some(end)
}

/// Bytes of a value up to a bracket that was opened in front of its name: `[x id=0]`.
fn without_closing_bracket(value: &[u8]) -> usize {
    let end = value.len() - value.iter().rev().take_while(|byte| matches!(byte, b',' | b';' | b':' | b'.')).count();
    let opening = match value[..end].last() {
        Some(b']') => b'[',
        Some(b')') => b'(',
        Some(b'}') => b'{',
        _ => return value.len(),
    };
    if memchr(opening, &value[..end]).is_some() { value.len() } else { end - 1 }
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'@' | b'/')
}

/// The head of a line that begins with a pair, has a second one, and names its time or level, or a request and its answer.
pub fn head(line: &[u8], vocabulary: &Vocabulary, clock: &mut Clock) -> Option<Head> {
    let mut pairs = Pairs::new(line, 0);
    let mut pair = pairs.pair()?;
    let mut found = HeadMembers::new(line, &vocabulary.levels, clock);
    let mut n_pairs = 1;
    loop {
        if let Some(role) = vocabulary.names.look_up(&line[pair.name.clone()]).role {
            found.offer(role, pair.value);
        }
        if n_pairs > 1 && found.complete() {
            return Some(found.finish());
        }
        match pairs.next() {
            Some(next) => pair = next,
            None => break,
        }
        n_pairs += 1;
    }
    (n_pairs > 1 && found.says_something()).then(|| found.finish())
}

/// Opens a logfmt entry. Words that belong to no pair stand in no field, but in the raw text.
pub fn parse(text: &str, vocabulary: &Vocabulary) -> Parsed {
    let mut open = OpenMembers::new(vocabulary);
    for pair in Pairs::new(text.as_bytes(), 0) {
        let written = &text[pair.value.clone()];
        open.offer(text[pair.name.clone()].to_owned(), written, value_of(written, &pair).into());
    }
    open.finish()
}

/// The message that [`parse`] finds.
pub fn said<'t>(text: &'t str, vocabulary: &Vocabulary) -> Cow<'t, str> {
    let mut best: Option<(u16, Pair)> = None;
    for pair in Pairs::new(text.as_bytes(), 0) {
        let known = vocabulary.names.look_up(&text.as_bytes()[pair.name.clone()]);
        if known.role == Some(Role::Message) && best.as_ref().is_none_or(|(rank, _)| known.rank < *rank) {
            best = Some((known.rank, pair));
        }
    }
    match best.map(|(_, pair)| value_of(&text[pair.value.clone()], &pair)) {
        Some(Written::Text(said)) => said,
        Some(other) => model::entry::Value::from(other).to_string().into(),
        None => "".into(),
    }
}

/// Whether `test` holds for a field of this name (its case ignored) that has no role.
pub fn any_field(text: &str, name: &str, test: &mut dyn FnMut(Written<'_>) -> bool) -> bool {
    Pairs::new(text.as_bytes(), 0).any(|pair| {
        text[pair.name.clone()].eq_ignore_ascii_case(name) && test(value_of(&text[pair.value.clone()], &pair))
    })
}

/// Whether `test` may hold for a pair whose name ends before `at`.
pub fn may_hold_behind(text: &[u8], at: usize, test: &mut dyn FnMut(Written<'_>) -> bool) -> bool {
    let Some(pair) = Pairs::new(text, at).pair_named(at..at) else { return false };
    std::str::from_utf8(&text[pair.value.clone()]).map_or(true, |part| test(value_of(part, &pair)))
}

/// Whether `test` holds for a field of this name (its case ignored) that [`add_pairs_of`] adds to `n_fields` others, of
/// which `taken` have this name. `None`: there are so many pairs that only the opened entry tells.
pub fn any_pair_of<'t>(
    message: &'t str,
    name: &str,
    n_fields: usize,
    taken: &mut Vec<&'t str>,
    test: &mut dyn FnMut(Written<'_>) -> bool,
) -> Option<bool> {
    if memchr(b'=', message.as_bytes()).is_none() {
        return Some(false);
    }
    for (n_pairs, pair) in Pairs::new(message.as_bytes(), 0).enumerate() {
        if n_fields + n_pairs >= MOST_FIELDS {
            return None;
        }
        let own = &message[pair.name.clone()];
        if !own.eq_ignore_ascii_case(name) || pair.value.is_empty() || taken.contains(&own) {
            continue;
        }
        if test(value_of(&message[pair.value.clone()], &pair)) {
            return Some(true);
        }
        taken.push(own);
    }
    Some(false)
}

/// Adds the pairs of a message (`order=7 took=3ms`) to the fields, and its trace and span ids.
pub fn add_pairs_of(message: &str, vocabulary: &Vocabulary, parsed: &mut Parsed) {
    if memchr(b'=', message.as_bytes()).is_none() {
        return;
    }
    for pair in Pairs::new(message.as_bytes(), 0) {
        let name = &message[pair.name.clone()];
        if parsed.fields.len() >= MOST_FIELDS {
            break;
        }
        if pair.value.is_empty() || parsed.fields.iter().any(|field| field.name == name) {
            continue;
        }
        if let Some(role @ (Role::TraceId | Role::SpanId | Role::Traceparent)) =
            vocabulary.names.look_up(name.as_bytes()).role
        {
            super::members::note_id(parsed, role, &message[pair.value.clone()]);
        }
        let value = value_of(&message[pair.value.clone()], &pair).into();
        parsed.fields.push(model::entry::Field { name: name.to_owned(), value });
    }
}

fn value_of<'a>(written: &'a str, pair: &Pair) -> Written<'a> {
    match (pair.quoted, pair.escaped) {
        (true, true) => Written::Text(super::json::unescaped(written)),
        (true, false) => Written::Text(written.into()),
        _ => typed(written.trim_end_matches([',', ';'])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_found_between_other_words() {
        let text = r#"took a=1 plain b="x \"y\" z" =no c= d=e=f, "q=1""#;
        let pairs: Vec<_> = Pairs::new(text.as_bytes(), 0).map(|pair| (&text[pair.name], &text[pair.value])).collect();
        assert_eq!(pairs, [("a", "1"), ("b", r#"x \"y\" z"#), ("c", ""), ("d", "e=f,")]);
    }

    #[test]
    fn tabs_stand_between_pairs_as_spaces_do() {
        let text = "lost\tconnection\ta=1\tb=\"x\ty\"\tc=2";
        let pairs: Vec<_> = Pairs::new(text.as_bytes(), 0).map(|pair| (&text[pair.name], &text[pair.value])).collect();
        assert_eq!(pairs, [("a", "1"), ("b", "x\ty"), ("c", "2")]);
    }

    #[test]
    fn values_lose_quotes_and_brackets_around_them_and_tags_have_none() {
        let text = "[x id=0] (a='b c', n=f(1)) it's=x'y <?xml version='1.0'?><a href='z'>t <a k=1";
        let pairs: Vec<_> = Pairs::new(text.as_bytes(), 0).map(|pair| (&text[pair.name], &text[pair.value])).collect();
        assert_eq!(pairs, [("id", "0"), ("n", "f(1))"), ("k", "1")]);
        let pairs: Vec<_> = Pairs::new(b"a='b c', d='e", 0).map(|pair| pair.value).collect();
        assert_eq!(pairs, [3..6, 11..13]);
    }

    #[test]
    fn prose_with_a_pair_is_not_logfmt() {
        let vocabulary = Vocabulary::shipped();
        let mut clock = Clock::new(model::time::Zone::utc(), model::time::Nanos(0));
        for line in ["level=info", "a=1 b=2", "see level=info and b=2", "level: info"] {
            assert_eq!(head(line.as_bytes(), &vocabulary, &mut clock), None, "{line}");
        }
    }
}
