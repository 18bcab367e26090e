//! Messages that are entries of another format: what the inner and the outer one say, joined.

use std::borrow::Cow;
use std::ops::Range;

use model::severity::Severity;
use model::time::Precision;

use super::{FormatId, Head, Opens, Parsed};
use crate::colour::plain_str;

/// A quote inside of a quoted cell.
const DOUBLED: &[u8] = b"\"\"";

/// The message of an entry, without its escapes and the colours that these spell.
#[derive(Clone, Debug)]
pub struct Message<'l> {
    line: &'l [u8],
    /// Where it stands in the line.
    range: Range<usize>,
    /// Where it is written with escapes.
    unescaped: Option<Vec<u8>>,
}

impl<'l> Message<'l> {
    pub fn plain(line: &'l [u8], range: Range<usize>) -> Self {
        Self { line, range, unescaped: None }
    }

    pub fn escaped(line: &'l [u8], range: Range<usize>) -> Self {
        let text = std::str::from_utf8(&line[range.clone()]).ok().map(super::json::unescaped);
        let unescaped = match text {
            Some(Cow::Owned(text)) => Some(match plain_str(&text) {
                Cow::Owned(plain) => plain.into_bytes(),
                Cow::Borrowed(_) => text.into_bytes(),
            }),
            _ => None,
        };
        Self { line, range, unescaped }
    }

    /// Of a cell, in which quotes are doubled.
    pub fn of_cell(line: &'l [u8], range: Range<usize>) -> Self {
        let is_quoted = range.start > 0 && line[range.start - 1] == b'"';
        let cell = &line[range.clone()];
        let unescaped = (is_quoted && memchr::memchr(b'"', cell).is_some()).then(|| {
            let mut text = Vec::with_capacity(cell.len());
            let mut from = 0;
            for at in memchr::memmem::find_iter(cell, DOUBLED) {
                text.extend_from_slice(&cell[from..=at]);
                from = at + DOUBLED.len();
            }
            text.extend_from_slice(&cell[from..]);
            text
        });
        Self { line, range, unescaped }
    }

    /// Of an entry each line of which has a part of it; `None`: one of them has none.
    pub fn of_parts(entry: &'l [u8], message_of: impl Fn(&'l [u8]) -> Option<Message<'l>>) -> Option<Self> {
        let mut said = Vec::new();
        let mut range: Option<Range<usize>> = None;
        let mut start = 0;
        for line in entry.split(|&byte| byte == b'\n') {
            let part = message_of(line)?;
            said.extend_from_slice(part.unescaped.as_deref().unwrap_or(&line[part.range.clone()]));
            let first = range.map_or(start + part.range.start, |range| range.start);
            range = Some(first..start + part.range.end);
            start += line.len() + 1;
        }
        Some(Self { line: entry, range: range?, unescaped: Some(said) })
    }

    /// Up to its first line end: what a head is read from.
    pub fn text(&self) -> &[u8] {
        let text = self.unescaped.as_deref().unwrap_or(&self.line[self.range.clone()]);
        let text = &text[..memchr::memchr(b'\n', text).unwrap_or(text.len())];
        text.strip_suffix(b"\r").unwrap_or(text)
    }

    pub fn may_be_read(&self, opens: Opens) -> bool {
        let first = self.text().first();
        match opens {
            Opens::Nothing => false,
            Opens::Structured => first.is_some_and(|&byte| byte == b'{' || byte.is_ascii_alphabetic()),
            Opens::Anything => match first {
                Some(b'{' | b'[' | b'<' | b'(' | b'"' | b'#' | b'0'..=b'9') => true,
                Some(b' ' | b'\t') | None => false,
                Some(_) => may_say_something(self.text()),
            },
        }
    }

    /// Where a part of the text stands in the line, if it stands there as it is.
    fn original(&self, part: &Range<u32>) -> Option<Range<u32>> {
        let (start, end) = (part.start as usize, part.end as usize);
        let Some(unescaped) = &self.unescaped else {
            let shift = self.range.start as u32;
            return Some(part.start + shift..part.end + shift);
        };
        let wanted = unescaped.get(start..end)?;
        let escaped = &self.line[self.range.clone()];
        // The same bytes may stand there more than once: escapes only make what is before longer.
        let at = start + memchr::memmem::find(escaped.get(start..)?, wanted)?;
        let at = (self.range.start + at) as u32;
        Some(at..at + part.len() as u32)
    }
}

/// A clock behind more text belongs to the message. Most messages are prose, and this tells quickly.
const NEAR_BYTES: usize = 100;

/// How a runtime begins to tell of a program that ended: that says a level.
const OPENINGS: [&[u8]; 5] =
    [b"Exception in thread ", b"Unhandled exception. ", b"Unhandled Exception: ", b"Uncaught ", b"thread '"];

fn may_say_something(text: &[u8]) -> bool {
    let near = &text[..text.len().min(NEAR_BYTES)];
    let is_clock = |at: usize| {
        let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
        at > 0 && is_digit(near.get(at - 1)) && is_digit(near.get(at + 1))
    };
    let first_word = &near[..memchr::memchr(b' ', near).unwrap_or(near.len())];
    // How a program ended says a level.
    let is_end = |at: usize| near[at..].starts_with(b"xited");
    first_word.contains(&b'=')
        || memchr::memchr_iter(b':', near).any(is_clock)
        || memchr::memchr_iter(b'x', near).any(is_end)
        || OPENINGS.iter().any(|opening| text.starts_with(opening))
}

/// An entry with a time or a level, or of names and values.
pub fn says_something(inner: &Head, names_parts: bool) -> bool {
    names_parts || inner.time.is_some() || inner.severity != Severity::UNSPECIFIED
}

/// The head of both. `format`: the inner one inside of the outer one; without it the outer's.
pub fn merged(outer: &Head, inner: &Head, message: &Message<'_>, format: Option<FormatId>) -> Head {
    let mut head = outer.clone();
    let Some(format) = format else { return head };
    head.format = format;
    if inner.time.is_some() && inner_time_is_better(outer, inner) {
        head.time = inner.time;
        head.naive = inner.naive;
        head.precision = inner.precision;
        if let Some(stamp) = message.original(&inner.stamp) {
            head.stamp = stamp;
            head.date = inner.date.as_ref().map(|date| message.original(date).unwrap_or_default());
        }
    }
    if inner.severity != Severity::UNSPECIFIED {
        head.severity = inner.severity;
    }
    if let Some(service) = inner.service.as_ref().and_then(|service| message.original(service)) {
        head.service = Some(service);
    }
    head
}

/// The program's own time says when it happened, that around it when it was written down; but a time that names its zone is
/// better than one that does not, and one of whole seconds would lose the order.
fn inner_time_is_better(outer: &Head, inner: &Head) -> bool {
    if outer.time.is_none() || outer.naive && !inner.naive {
        return true;
    }
    let is_fine = inner.precision >= Precision::Milli || inner.precision >= outer.precision;
    is_fine && (outer.naive || !inner.naive)
}

/// What is opened of both: the message is the inner one's. `text`: of the whole entry.
pub fn opened(text: &str, outer: Parsed, inner: Parsed) -> Parsed {
    let mut fields = outer.fields;
    fields.extend(inner.fields);
    // Heads find a name only where it stands as it is.
    let service = inner.service.filter(|name| text.contains(name.as_str()));
    let service_rule = if service.is_some() { inner.service_rule } else { outer.service_rule };
    Parsed {
        message: inner.message,
        severity_text: if inner.severity_text.is_empty() { outer.severity_text } else { inner.severity_text },
        service: service.or(outer.service),
        service_rule,
        fields,
        trace_id: inner.trace_id.or(outer.trace_id),
        span_id: inner.span_id.or(outer.span_id),
        ..Parsed::default()
    }
}

pub fn without_line_end(message: &str) -> &str {
    let message = message.strip_suffix('\n').unwrap_or(message);
    message.strip_suffix('\r').unwrap_or(message)
}
