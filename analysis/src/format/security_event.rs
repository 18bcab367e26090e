//! Security events in ArcSight's Common Event Format (CEF) and IBM's Log Event Extended Format (LEEF): parts between bars,
//! then pairs whose values may hold spaces. Perhaps behind syslog's head, and CEF also without its own first word.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memchr_iter, memmem};

use super::clock::Clock;
use super::members::{HeadMembers, OpenMembers, typed};
use super::stamp::read_stamp;
use super::vocabulary::{Role, Vocabulary};
use super::{Head, Parsed};

const CEF_PARTS: [&[u8]; 7] =
    [b"cef_version", b"vendor", b"product", b"product_version", b"event_id", b"name", b"severity"];
const LEEF_PARTS: [&[u8]; 5] = [b"leef_version", b"vendor", b"product", b"product_version", b"event_id"];

/// Syslog's head is no longer than this.
const PREFIX_BYTES: usize = 160;

/// How values of an event's extension end.
#[derive(Clone, Copy)]
enum Ends {
    /// Before the next name, which a space and an equals sign enclose.
    AtNextName,
    AtByte(u8),
}

/// An event whose parts are still to be told.
struct Event {
    /// What syslog wrote before it.
    prefix: Range<usize>,
    /// Behind `CEF:` or `LEEF:`.
    start: usize,
    names: &'static [&'static [u8]],
}

impl Event {
    fn find(line: &[u8]) -> Option<Self> {
        let near = &line[..line.len().min(PREFIX_BYTES)];
        for (mark, names) in [(&b"CEF:"[..], &CEF_PARTS[..]), (b"LEEF:", &LEEF_PARTS)] {
            let Some(at) = memmem::find(near, mark) else { continue };
            if at > 0 && line[at - 1] != b' ' {
                continue;
            }
            let start = at + mark.len() + usize::from(line.get(at + mark.len()) == Some(&b' '));
            return Some(Self { prefix: 0..at, start, names });
        }
        let is_cut = line.first().is_some_and(u8::is_ascii_digit) && line.get(1) == Some(&b'|');
        is_cut.then_some(Self { prefix: 0..0, start: 0, names: &CEF_PARTS })
    }

    /// Calls `found` with the name of each part and where its value stands; false if a part is missing.
    fn for_each_part<'t>(&self, text: &'t [u8], found: &mut dyn FnMut(&'t [u8], Range<usize>)) -> bool {
        let mut at = self.start;
        for (n, name) in self.names.iter().enumerate() {
            let Some(end) = bar_behind(text, at) else { return false };
            if n == 0 && !(at + 1..=at + 3).contains(&end) {
                return false;
            }
            found(name, at..end);
            at = end + 1;
        }
        let mut ends = Ends::AtNextName;
        if self.names.len() == LEEF_PARTS.len() {
            ends = Ends::AtByte(b'\t');
            if text[self.start..].starts_with(b"2")
                && let Some(len) = memchr(b'|', &text[at..]).filter(|&len| len <= 5)
            {
                ends = Ends::AtByte(delimiter(&text[at..at + len]));
                at += len + 1;
            }
        }
        let n_pairs = for_each_pair(text, at, ends, found);
        // Bars stand in other tables too.
        n_pairs > 0 || self.start > 0
    }

    /// The stamp in what syslog wrote, and the host behind it.
    fn stamp_and_host(&self, text: &[u8]) -> Option<(Range<usize>, Range<usize>)> {
        let prefix = &text[self.prefix.clone()];
        let start = if prefix.first() == Some(&b'<') { memchr(b'>', prefix)? + 1 } else { 0 };
        let end = start + read_stamp(&prefix[start..])?.len;
        let host = prefix[end..].trim_ascii();
        let host_end = prefix.trim_ascii_end().len();
        let is_host = memchr(b' ', host).is_none();
        Some((start..end, if is_host { host_end - host.len()..host_end } else { end..end }))
    }
}

/// The next bar that no backslash stands before.
fn bar_behind(text: &[u8], from: usize) -> Option<usize> {
    memchr_iter(b'|', text.get(from..)?).map(|at| from + at).find(|&at| at == 0 || text[at - 1] != b'\\')
}

/// LEEF 2.0 names it as itself or as its number: `^`, `x09`, `0x09`.
fn delimiter(text: &[u8]) -> u8 {
    let number = text.strip_prefix(b"0x").or_else(|| text.strip_prefix(b"x"));
    let number = number.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
    number.or_else(|| text.first().copied()).unwrap_or(b'\t')
}

/// Returns how many there are.
fn for_each_pair<'t>(text: &'t [u8], from: usize, ends: Ends, found: &mut dyn FnMut(&'t [u8], Range<usize>)) -> usize {
    let mut n_pairs = 0;
    let mut open: Option<(Range<usize>, usize)> = None;
    for equals in memchr_iter(b'=', &text[from..]).map(|at| from + at) {
        let name_len = text[from..equals].iter().rev().take_while(|&&byte| is_name_byte(byte)).count();
        let name = equals - name_len..equals;
        let before = if name.start == from { None } else { Some(text[name.start - 1]) };
        let begins = match ends {
            Ends::AtNextName => before.is_none_or(|byte| byte == b' '),
            Ends::AtByte(end) => before.is_none_or(|byte| byte == end),
        };
        if name.is_empty() || !begins {
            continue;
        }
        if let Some((name, value)) = open.take() {
            found(&text[name], value..(equals - name_len).saturating_sub(1).max(value));
        }
        open = Some((name, equals + 1));
        n_pairs += 1;
    }
    if let Some((name, value)) = open {
        found(&text[name], value..text.len());
    }
    n_pairs
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'[' | b']')
}

pub fn head(line: &[u8], vocabulary: &Vocabulary, clock: &mut Clock) -> Option<Head> {
    let event = Event::find(line)?;
    let mut found = HeadMembers::new(line, &vocabulary.levels, clock);
    let is_whole = event.for_each_part(line, &mut |name, value| {
        if let Some(role) = vocabulary.names.look_up(name).role {
            found.offer(role, value);
        }
    });
    if !is_whole {
        return None;
    }
    if let Some((stamp, _)) = event.stamp_and_host(line) {
        found.offer(Role::Time, stamp);
    }
    Some(found.finish())
}

pub fn parse(text: &str, vocabulary: &Vocabulary) -> Parsed {
    let mut open = OpenMembers::new(vocabulary);
    let mut is_whole = false;
    if let Some(event) = Event::find(text.as_bytes()) {
        is_whole = event.for_each_part(text.as_bytes(), &mut |name, value| {
            let name = String::from_utf8_lossy(name).into_owned();
            match text.get(value).unwrap_or_default() {
                "" => {}
                value => {
                    let value = unescaped(value);
                    open.offer(name, &value, typed(&value).into());
                }
            }
        });
        if let Some((_, host)) = event.stamp_and_host(text.as_bytes())
            && let Some(host) = text.get(host).filter(|host| !host.is_empty())
        {
            open.offer_plain("host".to_owned(), typed(host).into());
        }
    }
    let parsed = open.finish();
    if is_whole { parsed } else { Parsed { message: text.to_owned(), ..Parsed::default() } }
}

fn unescaped(value: &str) -> Cow<'_, str> {
    match memchr(b'\\', value.as_bytes()) {
        None => value.into(),
        Some(_) => value.replace("\\|", "|").replace("\\=", "=").replace("\\n", "\n").replace("\\\\", "\\").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<(&str, &str)> {
        let mut parts = Vec::new();
        let event = Event::find(text.as_bytes()).unwrap();
        event.for_each_part(text.as_bytes(), &mut |name, value| {
            parts.push((std::str::from_utf8(name).unwrap(), &text[value]));
        });
        parts.split_off(event.names.len())
    }

    #[test]
    fn values_go_on_to_the_next_name() {
        let text = r"CEF:0|v|p|1|7|n|3|src=10.0.3.7 request=http://a/?b=c msg=two words \= one  act=";
        let expected = [("src", "10.0.3.7"), ("request", "http://a/?b=c"), ("msg", r"two words \= one "), ("act", "")];
        assert_eq!(parts(text), expected);
        assert_eq!(parts("LEEF:2.0|v|p|1|7|x5E|a=b c^d=e=f"), [("a", "b c"), ("d", "e=f")]);
        assert_eq!(parts("LEEF:1.0|v|p|1|7|a=b c\td=e"), [("a", "b c"), ("d", "e")]);
    }

    #[test]
    fn what_only_mentions_an_event_is_none() {
        let mut clock = Clock::new(model::time::Zone::utc(), model::time::Nanos(0));
        for line in [
            "CEF: what is it",
            "see xCEF:0|a|b|c|d|e|f|",
            "CEF:0|a|b",
            "3|4|5",
            "1|2|3|4|5|6|7|8",
            "LEEF:100000|a|b|c|d|",
            "",
        ] {
            assert_eq!(head(line.as_bytes(), &Vocabulary::shipped(), &mut clock), None, "{line}");
        }
    }
}
