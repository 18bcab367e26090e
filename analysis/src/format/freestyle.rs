//! Lines with a time stamp near the start and perhaps a level word beside it: what most programs write.

use std::ops::Range;

use model::entry::{Field, Value};
use model::severity::Severity;
use model::time::NANOS_PER_SECOND;

use super::clock::Clock;
use super::context::{add_context, has_context};
use super::logfmt::{add_pairs_of, any_pair_of};
use super::members::note_id;
use super::stamp::{Stamp, read_calendar_stamp, read_clock, read_stamp};
use super::vocabulary::{Levels, Role, Vocabulary};
use super::written::Written;
use super::{Head, Parsed};
use crate::ids::text::in_front;

/// Where the stamp may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At the first byte, but for brackets and quotes.
    Start,
    /// Anywhere in the first [`NEAR_BYTES`].
    Near,
    /// At the first byte as well, a time of day without its date.
    ClockAtStart,
}

/// A stamp behind more text than this belongs to the message.
const NEAR_BYTES: usize = 100;
/// A level word behind more text than this belongs to the message.
const LEVEL_BYTES: usize = 96;
/// Words (a host, a thread) that may stand between the stamp and the level.
const WORDS_BEFORE_LEVEL: usize = 2;

/// `20261120102345`
const CALENDAR_DIGITS: usize = 14;
/// A number at the start of a line that is further from the entry before is no time, as far as its looks go.
const FAR: u64 = 400 * 86_400 * NANOS_PER_SECOND as u64;

/// The head, and where the message begins.
pub fn head(line: &[u8], place: Place, vocabulary: &Vocabulary, clock: &mut Clock) -> Option<(Head, usize)> {
    let (start, stamp) = find_stamp(line, place)?;
    let (time, naive) = clock.settle(&stamp)?;
    let end = start + stamp.len;
    // Lists of ids and telephone numbers.
    let is_number = line[start..end].iter().all(u8::is_ascii_digit) && stamp.len != CALENDAR_DIGITS;
    let is_far = clock.previous.is_some_and(|previous| previous.0.abs_diff(time.0) > FAR);
    if is_number && (is_far || end == line.len()) {
        return None;
    }
    let level = level_beside(line, start..end, &vocabulary.levels);
    let message = level.as_ref().filter(|level| level.ends_preamble).map_or(end, |level| level.end);
    let message = line.len() - without_front(&line[message..]).len();
    let head = Head {
        time: Some(time),
        precision: stamp.precision,
        naive,
        severity: level.map(|level| level.severity).unwrap_or_default(),
        stamp: start as u32..end as u32,
        ..Head::default()
    };
    Some((head, message))
}

/// The message is what follows the level, or the stamp if the level stands elsewhere: threads, sources and loggers in front
/// of it have no names here, so that they stay in it.
pub fn parse(text: &str, place: Place, vocabulary: &Vocabulary) -> Parsed {
    let Some((level, front, message)) = level_and_message(text, place, vocabulary) else {
        return Parsed { message: text.to_owned(), ..Parsed::default() };
    };
    let mut parsed = Parsed {
        severity_text: level.map(|level| text[level.range].to_owned()).unwrap_or_default(),
        message: message[message.len() - behind_separators(message.as_bytes()).len()..].to_owned(),
        ..Parsed::default()
    };
    add_pairs_of(message, vocabulary, &mut parsed);
    add_context(message, vocabulary, &mut parsed);
    if let Some((trace, span)) = in_front(front) {
        for (name, role, id) in [("trace_id", Role::TraceId, Some(trace)), ("span_id", Role::SpanId, span)] {
            let Some(id) = id.filter(|_| parsed.fields.iter().all(|field| field.name != name)) else { continue };
            note_id(&mut parsed, role, id);
            parsed.fields.push(Field { name: name.to_owned(), value: Value::Text(id.to_owned()) });
        }
    }
    parsed
}

/// The same around an entry of another format: its message is that entry, and no pairs are looked for.
pub fn open(text: &str, place: Place, vocabulary: &Vocabulary) -> Parsed {
    let Some((level, _, message)) = level_and_message(text, place, vocabulary) else {
        return Parsed { message: text.to_owned(), ..Parsed::default() };
    };
    Parsed {
        severity_text: level.map(|level| text[level.range].to_owned()).unwrap_or_default(),
        message: behind_front(message).to_owned(),
        ..Parsed::default()
    }
}

/// The message that [`parse`] finds.
pub fn said<'t>(text: &'t str, place: Place, vocabulary: &Vocabulary) -> &'t str {
    let Some((_, _, message)) = level_and_message(text, place, vocabulary) else { return text };
    &message[message.len() - behind_separators(message.as_bytes()).len()..]
}

/// The message that [`open`] finds.
pub fn said_inside<'t>(text: &'t str, place: Place, vocabulary: &Vocabulary) -> &'t str {
    level_and_message(text, place, vocabulary).map_or(text, |(_, _, message)| behind_front(message))
}

fn behind_front(message: &str) -> &str {
    &message[message.len() - without_front(message.as_bytes()).len()..]
}

/// Whether `test` holds for a field of this name, its case ignored. `None`: only the opened entry tells.
pub fn any_field(
    text: &str,
    place: Place,
    name: &str,
    vocabulary: &Vocabulary,
    test: &mut dyn FnMut(Written<'_>) -> bool,
) -> Option<bool> {
    match level_and_message(text, place, vocabulary) {
        Some((_, front, message)) if has_context(message) || in_front(front).is_some() => None,
        Some((_, _, message)) => any_pair_of(message, name, 0, &mut Vec::new(), test),
        None => Some(false),
    }
}

/// The level, what stands between the stamp and the message, and the message.
fn level_and_message<'t>(
    text: &'t str,
    place: Place,
    vocabulary: &Vocabulary,
) -> Option<(Option<Level>, &'t str, &'t str)> {
    let first_line = text.as_bytes().split(|&byte| byte == b'\n').next().unwrap_or_default();
    let (start, stamp) = find_stamp(first_line, place)?;
    let end = start + stamp.len;
    let level = level_beside(first_line, start..end, &vocabulary.levels);
    let message_start = level.as_ref().filter(|level| level.ends_preamble).map_or(end, |level| level.end);
    Some((level, text.get(end..message_start).unwrap_or_default(), &text[message_start..]))
}

/// The message without what stands in front of it.
fn without_front(text: &[u8]) -> &[u8] {
    without_context(behind_separators(text))
}

/// Brackets, colons, dashes and spaces between stamp, level and message belong to none of them, nor does the line end behind a
/// stamp that stands alone in its line.
fn behind_separators(text: &[u8]) -> &[u8] {
    let behind = |text: &[u8], marks: &[u8]| text.iter().position(|byte| !marks.contains(byte)).unwrap_or(text.len());
    let text = &text[behind(text, b"])>\"|:,;")..];
    let text = &text[behind(text, b" \t")..];
    match text {
        [b'-' | b'|' | b':', b' ' | b'\t', rest @ ..] => &rest[behind(rest, b" \t")..],
        [b'\r', b'\n', rest @ ..] | [b'\n', rest @ ..] => rest,
        _ => text,
    }
}

/// Longest bracket or name in front of a message.
const LONGEST_CONTEXT: usize = 80;

/// The message without threads, sources and loggers in front of it: brackets and a dotted name, if a colon or dash ends them.
///
/// `[main] shop.Cart - ready` is `ready`, but `[warm] ready` and `see: this` stay.
fn without_context(text: &[u8]) -> &[u8] {
    let spaces = |text: &[u8]| text.iter().take_while(|byte| **byte == b' ').count();
    let mut rest = text;
    let mut n_brackets = 0;
    while rest.first() == Some(&b'[') {
        let Some(len) = rest.iter().take(LONGEST_CONTEXT).position(|&byte| byte == b']') else { return text };
        n_brackets += 1;
        rest = &rest[len + 1..];
        rest = &rest[spaces(rest)..];
    }
    if let Some(message) = behind_separator(rest).filter(|_| n_brackets > 0) {
        return message;
    }
    let len = rest.iter().take(LONGEST_CONTEXT).take_while(|byte| is_name_byte(**byte)).count();
    let (name, behind) = rest.split_at(len);
    let n_spaces = spaces(behind);
    let is_dotted = name.contains(&b'.') || name.windows(2).any(|pair| pair == b"::");
    let begins_as_name = name.first().is_some_and(u8::is_ascii_alphabetic);
    match behind_separator(&behind[n_spaces..]) {
        Some(message) if begins_as_name && (n_brackets > 0 || is_dotted) && n_spaces > 0 => message,
        _ => text,
    }
}

fn behind_separator(text: &[u8]) -> Option<&[u8]> {
    let (b'-' | b':', [b' ', message @ ..]) = text.split_first()? else { return None };
    (!message.is_empty()).then_some(message)
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'$' | b':' | b'/' | b'@')
}

fn find_stamp(line: &[u8], place: Place) -> Option<(usize, Stamp)> {
    if line.first().is_none_or(u8::is_ascii_whitespace) {
        return None;
    }
    let start = line.iter().take(2).take_while(|byte| matches!(byte, b'[' | b'(' | b'<' | b'"' | b'\'')).count();
    if place == Place::ClockAtStart {
        return read_clock(&line[start..]).map(|stamp| (start, stamp));
    }
    if let Some(stamp) = read_stamp(&line[start..]) {
        return Some((start, stamp));
    }
    if place == Place::Start {
        return None;
    }
    let near = &line[..line.len().min(NEAR_BYTES)];
    let mut before = b' ';
    near.iter().enumerate().find_map(|(at, &byte)| {
        let begins = byte.is_ascii_alphanumeric()
            && !before.is_ascii_alphanumeric()
            && !matches!(before, b'.' | b'-' | b'/')
            && (before != b':' || begins_with_year(&line[at..]));
        before = byte;
        if !begins || is_value_of_member(&line[..at]) {
            return None;
        }
        read_calendar_stamp(&line[at..]).map(|stamp| (at, stamp))
    })
}

/// `2026/11/20`: behind a colon anything else may be a part of a clock.
fn begins_with_year(text: &[u8]) -> bool {
    matches!(text, [a, b, c, d, b'-' | b'/', ..] if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()))
}

/// Whether what begins behind this text is the value of a JSON member: `{"time":"`.
fn is_value_of_member(before: &[u8]) -> bool {
    before.strip_suffix(b"\"").is_some_and(|before| before.trim_ascii_end().ends_with(b"\":"))
}

struct Level {
    range: Range<usize>,
    /// Behind what pads it in its brackets: `[WARN ]`.
    end: usize,
    severity: Severity,
    /// Only brackets and numbers stand between it and the stamp, so the message begins behind it.
    ends_preamble: bool,
}

/// The level word after the stamp, or right before it.
fn level_beside(line: &[u8], stamp: Range<usize>, levels: &Levels) -> Option<Level> {
    level_after(line, stamp.end, levels).or_else(|| level_before(line, stamp.start, levels))
}

fn level_after(line: &[u8], from: usize, levels: &Levels) -> Option<Level> {
    let limit = line.len().min(from + LEVEL_BYTES);
    let mut at = from;
    let mut n_words = 0;
    while at < limit {
        let byte = line[at];
        if !byte.is_ascii_alphanumeric() {
            at += 1;
            continue;
        }
        let start = at;
        at += line[start..].iter().position(|&byte| !is_word_byte(byte)).unwrap_or(line.len() - start);
        let word = &line[start..at];
        let before = line[start - 1];
        let after = line.get(at).copied().unwrap_or(b' ');
        // Columns are padded with spaces, sentences are not.
        let is_column = word.len() > 2 && line[at..].starts_with(b"  ");
        let marked = is_column
            || matches!(before, b'[' | b'|' | b'<' | b'(')
            || matches!(after, b':' | b']' | b'|' | b'>' | b')' | b'/');
        let prose = if marked { Prose::No } else { Prose::of(word, &line[at..]) };
        let written_as_level = marked || n_words == 0 || word.iter().all(u8::is_ascii_uppercase);
        // `T:4711`, `I/O`
        let is_other = match &line[at..] {
            [b':', next, ..] => word.len() == 1 && next.is_ascii_digit(),
            rest => word == b"I" && rest.starts_with(b"/O"),
        };
        let fits = written_as_level
            && !is_other
            && prose != Prose::Chance
            && (word.len() > 1
                || word[0].is_ascii_uppercase() && (marked || n_words == 0 && matches!(after, b' ' | b'\t')));
        if fits
            && !matches!(before, b'/' | b'.' | b'=' | b'-' | b'_')
            && !matches!(after, b'=' | b'.' | b'_' | b'-')
            && let Some(severity) = levels.of_word(word)
            && !is_value_of_member(&line[..start])
        {
            let end = at + line[at..].iter().take_while(|byte| **byte == b' ').count();
            let is_padded = matches!(line.get(end), Some(b']' | b')'));
            return Some(Level {
                range: start..at,
                end: if is_padded { end } else { at },
                severity,
                ends_preamble: prose == Prose::No && n_words == 0 || matches!(before, b'[' | b'|'),
            });
        }
        if after == b'.'
            && let Some(level) = level_of_channel(line, at, levels)
        {
            return Some(Level { ends_preamble: n_words == 0, ..level });
        }
        // What stands in brackets (a thread, a logger) and numbers (a pid) do not count as words.
        if matches!(before, b'[' | b'(') {
            let close = if before == b'[' { b']' } else { b')' };
            let rest = &line[at..limit.max(at)];
            at += memchr::memchr(close, rest).unwrap_or(0);
            continue;
        }
        n_words += usize::from(!word.iter().all(u8::is_ascii_digit));
        if n_words > WORDS_BEFORE_LEVEL {
            return None;
        }
        // Names such as `a.b.C` or `pool-1` are one word.
        at += line[at..]
            .iter()
            .position(|&byte| matches!(byte, b' ' | b'\t' | b'[' | b'|' | b']'))
            .unwrap_or(line.len() - at);
    }
    None
}

/// What the first word of a message is that is spelled like a level and not marked as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prose {
    No,
    /// The sentence says how bad it is, and begins with that: `error opening the file`.
    Telling,
    /// The sentence happens to begin so: `A user logged in`, `Critical path computed`.
    Chance,
}

impl Prose {
    /// `behind`: what follows the word.
    fn of(word: &[u8], behind: &[u8]) -> Self {
        const BY_CHANCE: [&[u8]; 19] = [
            b"a",
            b"all",
            b"alert",
            b"config",
            b"critical",
            b"emergency",
            b"fault",
            b"fine",
            b"finer",
            b"finest",
            b"log",
            b"note",
            b"notice",
            b"panic",
            b"silly",
            b"stats",
            b"success",
            b"trace",
            b"verbose",
        ];
        const TELLING: [&[u8]; 5] = [b"error", b"failure", b"fatal", b"severe", b"warning"];
        let goes_on = matches!(behind, [b' ', next, ..] if next.is_ascii_lowercase() || next.is_ascii_digit());
        let is_shouted = word.len() > 1 && word.iter().all(u8::is_ascii_uppercase);
        if !goes_on || is_shouted {
            return Self::No;
        }
        let is_among = |words: &[&[u8]]| words.iter().any(|known| word.eq_ignore_ascii_case(known));
        match () {
            () if is_among(&BY_CHANCE) => Self::Chance,
            () if is_among(&TELLING) => Self::Telling,
            () => Self::No,
        }
    }
}

/// The level behind the name of a channel or environment that goes on at `at`: `local.ERROR: …`.
fn level_of_channel(line: &[u8], at: usize, levels: &Levels) -> Option<Level> {
    let start = at + 1;
    let end = start + line[start..].iter().position(|byte| !byte.is_ascii_uppercase())?;
    if line[end] != b':' {
        return None;
    }
    levels.of_word(&line[start..end]).map(|severity| Level { range: start..end, end, severity, ends_preamble: false })
}

fn level_before(line: &[u8], stamp_start: usize, levels: &Levels) -> Option<Level> {
    let end = line[..stamp_start].iter().rposition(|&byte| is_word_byte(byte))? + 1;
    let start = line[..end].iter().rposition(|&byte| !is_word_byte(byte)).map_or(0, |at| at + 1);
    let severity = levels.of_word(&line[start..end])?;
    Some(Level { range: start..end, end, severity, ends_preamble: false })
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}
