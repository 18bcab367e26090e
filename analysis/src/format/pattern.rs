//! Entries whose head is written as an anchored regular expression with named groups.
//!
//! `time`, `level`, `service` and `message` are the well-known groups; every other one is a field. Without a `message`
//! group the message is what follows the head.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memmem::Finder;
use model::entry::Field;
use model::severity::Severity;

use super::clock::Clock;
use super::context::{add_context, has_context};
use super::logfmt::{add_pairs_of, any_pair_of};
use super::members::{note_id, place_of_stamp, typed, whole_time};
use super::opening::part_of;
use super::predictive::Matcher;
use super::service::ServiceIs;
use super::shape::{LazyRegex, LazyShape, Shape, Slots};
use super::stamp::with_joined;
use super::vocabulary::{Levels, Vocabulary, of_http_status, of_syslog};
use super::written::Written;
use super::{Head, Parsed};

/// The group that is the message.
const MESSAGE: &str = "message";

#[derive(Debug)]
pub struct Pattern {
    shapes: Vec<LazyShape>,
    /// Further fields behind the head, looked at only when an entry is opened.
    rest: Option<LazyShape>,
    rest_has_message: bool,
    /// Which entries go on with the one before them that has the same time.
    pub continues: Option<LazyRegex>,
    pub level_from: LevelFrom,
    /// Entries may come in parts, as the container runtime interface writes long lines.
    pub joins_parts: bool,
    /// Entries may take several lines, each with a head of its own.
    pub wraps_lines: bool,
    /// Lines that a head takes, and what the first of them looks like if there are more.
    pub head_lines: usize,
    pub first_line: Option<LazyRegex>,
    /// What the `service` group names: replicas lose their number.
    pub service_is: ServiceIs,
    /// A group with this text is left out.
    pub absent: String,
}

/// How the `level` group is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LevelFrom {
    /// A level word or number; without the group, a level word that opens the message.
    #[default]
    Word,
    /// An HTTP status.
    HttpStatus,
    /// A syslog priority: facility × 8 + severity.
    SyslogPriority,
    /// What a program ended with: an error, unless it is 0.
    ExitCode,
}

/// Places for looking at single fields.
#[derive(Default)]
pub struct FieldSlots {
    head: Slots,
    rest: Slots,
}

/// Text that stands right before a group wherever that matches.
#[derive(Clone, Debug)]
pub struct Landmark {
    pub before: Finder<'static>,
    inside: Matcher,
    absent: String,
}

impl Landmark {
    /// Whether `test` may hold for the group behind a landmark that ends before `at`; only what is false is certain.
    /// `line`: up to the end of the entry's first line, valid UTF-8.
    pub fn may_hold(&self, line: &[u8], at: usize, test: &mut dyn FnMut(Written<'_>) -> bool) -> bool {
        let Some(end) = self.inside.end(line, at) else { return false };
        let value = std::str::from_utf8(&line[at..end]);
        value.map_or(true, |value| !value.is_empty() && *value != self.absent && test(typed(value.trim())))
    }
}

impl Pattern {
    /// `rest`: anchored, like the heads.
    pub fn new(heads: &[String], rest: Option<&str>) -> Self {
        Self {
            rest_has_message: rest.is_some_and(|rest| rest.contains("(?<message>")),
            shapes: heads.iter().map(|head| Shape::lazy(head)).collect(),
            rest: rest.map(Shape::lazy_of_fields),
            continues: None,
            level_from: LevelFrom::default(),
            joins_parts: false,
            wraps_lines: false,
            head_lines: 1,
            first_line: None,
            service_is: ServiceIs::default(),
            absent: String::new(),
        }
    }

    /// Whether a line begins a head of several lines.
    pub fn begins(&self, line: &[u8]) -> bool {
        self.first_line.as_ref().is_some_and(|first_line| first_line.is_match(line))
    }

    fn end_of_head_lines(&self, text: &str) -> usize {
        memchr::memchr_iter(b'\n', text.as_bytes()).nth(self.head_lines - 1).unwrap_or(text.len())
    }

    /// The first head that matches a line, and where it ends.
    fn matching(&self, line: &[u8], slots: &mut Slots) -> Option<(&Shape, usize)> {
        self.shapes.iter().find_map(|shape| {
            let end = shape.find(line, slots)?;
            // `stream-1 {"level": "error"}`: an object is no program.
            let service = shape.service.and_then(|group| slots.groups[group]);
            let is_object = service.is_some_and(|(start, _)| line.get(start) == Some(&b'{'));
            (!is_object).then_some((&**shape, end))
        })
    }

    pub fn head(&self, line: &[u8], levels: &Levels, slots: &mut Slots, clock: &mut Clock) -> Option<Head> {
        let (shape, end) = self.matching(line, slots)?;
        let message = shape.message.and_then(|group| slots.groups[group]).unwrap_or((end, line.len()));
        slots.message = message.0..message.1;
        let slots = Groups { slots, end };
        // `2026-11-20T10:23:45Z INFO cart: …` is laid out like syslog.
        if let Some(range) = shape.host.and_then(|group| slots.range(group))
            && levels.of_word(&line[range]).is_some()
        {
            return None;
        }
        let mut head = Head::default();
        if let Some(group) = shape.time {
            // A pattern may have no time in some lines, but what it calls time must be one.
            if let Some(range) = slots.range(group) {
                let date = shape.date.and_then(|group| slots.range(group));
                let joined = date.clone().and_then(|date| with_joined(&line[date], &line[range.clone()], whole_time));
                let date = date.filter(|_| joined.is_some());
                let stamp = joined.or_else(|| whole_time(&line[range.clone()]))?;
                let (time, naive) = clock.settle(&stamp)?;
                head.time = Some(time);
                head.naive = naive;
                head.precision = stamp.precision;
                (head.stamp, head.date) = place_of_stamp(line, date, range);
            }
        }
        head.severity = self.level(shape, line, &slots, levels).map(|(_, severity)| severity).unwrap_or_default();
        head.service = self.service(shape, line, &slots, levels).map(|range| range.start as u32..range.end as u32);
        Some(head)
    }

    pub fn parse(&self, text: &str, vocabulary: &Vocabulary) -> Parsed {
        let mut parsed = self.open(text, vocabulary);
        if parsed.message.len() < text.len() {
            let message = parsed.message.clone();
            add_pairs_of(&message, vocabulary, &mut parsed);
            add_context(&message, vocabulary, &mut parsed);
        }
        parsed
    }

    /// The same without the pairs of the message.
    pub fn open(&self, text: &str, vocabulary: &Vocabulary) -> Parsed {
        let line_end = self.end_of_head_lines(text);
        let line = &text.as_bytes()[..line_end];
        let mut parsed = Parsed::default();
        let mut slots = Slots::default();
        let matched = self.matching(line, &mut slots);
        let Some((shape, end)) = matched else {
            parsed.message = text.to_owned();
            return parsed;
        };
        let slots = Groups { slots: &slots, end };
        // Patterns match bytes; a group may cut a character only where a pattern is careless.
        let part = |range: Range<usize>| text.get(range).unwrap_or_default();
        if let Some((range, _)) = self.level(shape, line, &slots, &vocabulary.levels) {
            parsed.severity_text = part(range).to_owned();
        }
        let present = |group: usize| slots.range(group).map(part).filter(|value| *value != self.absent);
        parsed.service = self.service(shape, line, &slots, &vocabulary.levels).map(|range| part(range).to_owned());
        if parsed.service.is_some() {
            self.service_is.rule().clone_into(&mut parsed.service_rule);
        }
        for (group, name) in &shape.fields {
            if let Some(value) = present(*group) {
                if name == "structured" {
                    add_structured_data(value, vocabulary, &mut parsed);
                } else if !value.is_empty() {
                    parsed.fields.push(Field { name: name.clone(), value: typed(value.trim()).into() });
                }
            }
        }
        parsed.message = self.message(shape, text, line_end, &slots).into_owned();
        if let Some(rest) = &self.rest {
            let mut slots = Slots::default();
            if rest.find(&rest.reach(text, line_end)[end..], &mut slots).is_some() {
                for (group, name) in rest.fields.iter().filter(|(_, name)| name != MESSAGE) {
                    if let Some(value) = self.behind_head(text, end, &slots, *group) {
                        parsed.fields.push(Field { name: name.clone(), value: typed(value.trim()).into() });
                    }
                }
            }
        }
        parsed
    }

    /// What its groups matched in an entry's text, the message included.
    pub fn parts(&self, text: &str) -> Vec<(String, Range<usize>)> {
        let line_end = self.end_of_head_lines(text);
        let line = &text.as_bytes()[..line_end];
        let mut slots = Slots::default();
        let matched = self.matching(line, &mut slots);
        let Some((shape, end)) = matched else { return Vec::new() };
        let group_at = |slots: &Slots, group: usize| slots.groups[group].map(|(start, end)| start..end);
        let mut parts: Vec<(String, Range<usize>)> =
            shape.names().into_iter().filter_map(|(group, name)| Some((name, group_at(&slots, group)?))).collect();
        if let Some(rest) = &self.rest {
            let mut slots = Slots::default();
            if rest.find(&rest.reach(text, line_end)[end..], &mut slots).is_some() {
                let behind = |range: Range<usize>| end + range.start..end + range.end;
                let named = rest.fields.iter().filter_map(|(group, name)| Some((name, group_at(&slots, *group)?)));
                parts.extend(named.map(|(name, range)| (name.clone(), behind(range))));
            }
        }
        if shape.message.is_none() {
            let start = end + (text[end..].len() - text[end..].trim_start().len());
            let first_of_rest = parts.iter().map(|(_, range)| range.start).filter(|&at| at >= start).min();
            if first_of_rest.is_none() {
                parts.push(("message".to_owned(), start..line_end.max(start)));
            }
        }
        parts
    }

    /// The message that [`Pattern::parse`] finds.
    pub fn said<'t>(&self, text: &'t str, slots: &mut FieldSlots) -> Cow<'t, str> {
        let line_end = self.end_of_head_lines(text);
        let line = &text.as_bytes()[..line_end];
        let matched = self.matching(line, &mut slots.head);
        let Some((shape, end)) = matched else { return text.into() };
        self.message(shape, text, line_end, &Groups { slots: &slots.head, end })
    }

    /// Whether `test` holds for a field of this name, its case ignored, that is no role of the format. `None`: only the
    /// opened entry tells.
    pub fn any_field(
        &self,
        text: &str,
        name: &str,
        slots: &mut FieldSlots,
        test: &mut dyn FnMut(Written<'_>) -> bool,
    ) -> Option<bool> {
        let line_end = self.end_of_head_lines(text);
        let line = &text.as_bytes()[..line_end];
        let matched = self.matching(line, &mut slots.head);
        let Some((shape, end)) = matched else { return Some(false) };
        let groups = Groups { slots: &slots.head, end };
        let message = self.message(shape, text, line_end, &groups);
        if has_context(&message) {
            return None;
        }
        let mut taken = Vec::new();
        let mut n_fields = shape.fields.len();
        for (group, own) in &shape.fields {
            if own == "structured" {
                let structured = groups.range(*group).and_then(|range| text.get(range)).unwrap_or_default();
                if !structured.is_empty() && name.contains('.') {
                    return None;
                }
                n_fields += memchr::memchr_iter(b'=', structured.as_bytes()).count();
            } else if own.eq_ignore_ascii_case(name) {
                let value = groups.range(*group).map(|range| text.get(range).unwrap_or_default());
                if let Some(value) = value.filter(|value| *value != self.absent && !value.is_empty()) {
                    if test(typed(value.trim())) {
                        return Some(true);
                    }
                    taken.push(&**own);
                }
            }
        }
        if let Some(rest) = &self.rest {
            n_fields += rest.fields.len();
            if rest.has_field(name) && rest.find(&rest.reach(text, line_end)[end..], &mut slots.rest).is_some() {
                for (group, own) in rest.fields.iter().filter(|(_, own)| own.eq_ignore_ascii_case(name)) {
                    if let Some(value) = self.behind_head(text, end, &slots.rest, *group) {
                        if test(typed(value.trim())) {
                            return Some(true);
                        }
                        taken.push(own);
                    }
                }
            }
        }
        // A message that is all of the entry is not looked through for pairs, here as where it is opened.
        if message.len() >= text.len() {
            return Some(false);
        }
        any_pair_of(&message, name, n_fields, &mut taken, test)
    }

    /// Where the groups of this name, its case ignored, can match. `None`: no text stands before each of them that is
    /// always the same and rare enough to look for.
    pub fn landmarks(&self, name: &str) -> Option<Vec<Landmark>> {
        let mut landmarks: Vec<Landmark> = Vec::new();
        for shape in self.shapes.iter().chain(&self.rest) {
            for (group, _) in shape.fields.iter().filter(|(_, own)| own.eq_ignore_ascii_case(name)) {
                let (before, inside) = shape.predictive()?.landmark(*group)?;
                let is_rare = before.len() > 1 || before.iter().any(u8::is_ascii_punctuation);
                if !is_rare {
                    return None;
                }
                let is_known = |known: &Landmark| known.before.needle() == before && known.inside.is_like(&inside);
                if !landmarks.iter().any(is_known) {
                    let before = Finder::new(&before).into_owned();
                    landmarks.push(Landmark { before, inside, absent: self.absent.clone() });
                }
            }
        }
        Some(landmarks)
    }

    /// The value of a group of the rest, which begins where the head ends.
    fn behind_head<'t>(&self, text: &'t str, end: usize, slots: &Slots, group: usize) -> Option<&'t str> {
        let (from, to) = slots.groups[group]?;
        text.get(end + from..end + to).filter(|value| *value != self.absent && !value.is_empty())
    }

    /// The message, where a group of the rest is it.
    fn message_of_rest<'t>(&self, text: &'t str, line_end: usize, end: usize) -> Option<&'t str> {
        let rest = self.rest.as_ref().filter(|_| self.rest_has_message)?;
        let (group, _) = rest.fields.iter().find(|(_, name)| name == MESSAGE)?;
        let mut slots = Slots::default();
        rest.find(&rest.reach(text, line_end)[end..], &mut slots)?;
        self.behind_head(text, end, &slots, *group)
    }

    /// The message with its continuation lines.
    fn message<'t>(&self, shape: &Shape, text: &'t str, line_end: usize, slots: &Groups) -> Cow<'t, str> {
        let part = |range: Range<usize>| text.get(range).unwrap_or_default();
        if self.joins_parts && line_end < text.len() {
            return joined_parts(text);
        }
        if self.wraps_lines && line_end < text.len() {
            return self.unwrapped(shape, text, line_end, slots).into();
        }
        if let Some(message) = self.message_of_rest(text, line_end, slots.end) {
            return message.into();
        }
        match shape.message.and_then(|group| slots.range(group)) {
            Some(range) if range.end == line_end => part(range.start..text.len()).into(),
            Some(range) if line_end == text.len() => part(range).into(),
            Some(range) => (part(range).to_owned() + part(line_end..text.len())).into(),
            // Syslog may mark UTF-8 by a byte order mark; some heads stand on a line of their own.
            None => part(slots.end..text.len()).trim_start_matches([' ', '\t', '\r', '\n', '\u{feff}']).into(),
        }
    }

    /// The messages of all lines, below each other; lines without a head are as they are.
    fn unwrapped(&self, shape: &Shape, text: &str, line_end: usize, slots: &Groups) -> String {
        let mut message = self.message(shape, &text[..line_end], line_end, slots).into_owned();
        let mut own = Slots::default();
        for line in text[line_end..].split('\n').skip(1) {
            let line = line.trim_end_matches('\r');
            message.push('\n');
            match self.matching(line.as_bytes(), &mut own) {
                Some((shape, end)) => {
                    let range = shape.message.and_then(|group| own.groups[group]).unwrap_or((end, line.len()));
                    message.push_str(line.get(range.0..range.1).unwrap_or_default());
                }
                None => message.push_str(line),
            }
        }
        message
    }

    /// Where the service's name stands, without the marks of a replica.
    fn service(&self, shape: &Shape, line: &[u8], slots: &Groups, shared: &Levels) -> Option<Range<usize>> {
        let range = shape.service.and_then(|group| slots.range(group))?;
        let name = &line[range.clone()];
        if name.is_empty() || name == self.absent.as_bytes() || self.level_instead(name, shared).is_some() {
            return None;
        }
        let own = self.service_is.within(name);
        Some(range.start + own.start..range.start + own.end)
    }

    /// What a name says that is a level in the place of one: `web-1 ERROR: lost` names no program.
    fn level_instead(&self, name: &[u8], shared: &Levels) -> Option<Severity> {
        /// Programs are called so too.
        const ALSO_NAMES: [&[u8]; 8] = [b"alert", b"all", b"config", b"log", b"stats", b"success", b"trace", b"verb"];
        let may_be = self.service_is == ServiceIs::Name && name.len() > 2;
        let severity = if may_be { shared.of_word(name)? } else { return None };
        let is_shouted = name.iter().all(u8::is_ascii_uppercase);
        let is_name = !is_shouted && ALSO_NAMES.iter().any(|known| known.eq_ignore_ascii_case(name));
        (!is_name).then_some(severity)
    }

    fn level(&self, shape: &Shape, line: &[u8], slots: &Groups, shared: &Levels) -> Option<(Range<usize>, Severity)> {
        if let Some(range) = shape.level.and_then(|group| slots.range(group)) {
            let value = &line[range.clone()];
            let severity = match self.level_from {
                LevelFrom::Word => shared.of_value(value)?,
                LevelFrom::HttpStatus => of_http_status(value),
                LevelFrom::ExitCode if value.iter().all(|&digit| digit == b'0') => Severity::INFO,
                LevelFrom::ExitCode => Severity::ERROR,
                LevelFrom::SyslogPriority => {
                    of_syslog((std::str::from_utf8(value).ok()?.parse::<u16>().ok()? & 7) as u8)
                }
            };
            return Some((range, severity));
        }
        if let Some(range) = shape.service.and_then(|group| slots.range(group))
            && let Some(severity) = self.level_instead(&line[range.clone()], shared)
        {
            return Some((range, severity));
        }
        let start = shape.message.and_then(|group| slots.range(group)).map_or(slots.end, |range| range.start);
        opening_level(line, start, shared)
    }
}

/// Lines that came in parts, their heads left out; lines that are no parts go on below.
fn joined_parts(text: &str) -> Cow<'_, str> {
    let mut joined = String::with_capacity(text.len());
    let mut is_cut = true;
    for line in text.split('\n') {
        if !is_cut {
            joined.push('\n');
        }
        let part = part_of(line.as_bytes());
        is_cut = part.is_some_and(|(_, _, is_cut)| is_cut);
        match part {
            Some((_, start, _)) => joined.push_str(line.get(start..).unwrap_or_default().trim_end_matches('\r')),
            None => joined.push_str(line),
        }
    }
    joined.into()
}

/// A level word that opens a message and is marked as one: `[warn] …`, `ERROR: …`, `<Error> …`.
pub fn opening_level(line: &[u8], from: usize, levels: &Levels) -> Option<(Range<usize>, Severity)> {
    let rest = line.get(from..)?;
    let start = from + rest.iter().take(3).take_while(|byte| matches!(byte, b' ' | b'[' | b'<' | b'(')).count();
    let n_letters = line[start..].iter().take(12).take_while(|byte| byte.is_ascii_alphabetic()).count();
    // `DEBUG1`
    let with_digit = line.get(start..start + n_letters + 1);
    let is_step = with_digit.is_some_and(|word| word[n_letters].is_ascii_digit() && levels.of_word(word).is_some());
    let len = n_letters + usize::from(is_step);
    let word = &line[start..start + len];
    let marked = matches!(line.get(start + len), Some(b':' | b']' | b'>' | b')'))
        || len > 3 && !word.iter().any(u8::is_ascii_lowercase);
    if !marked || len < 3 {
        return None;
    }
    levels.of_word(word).map(|severity| (start..start + len, severity))
}

/// RFC 5424 structured data: `[origin@1 ip="10.0.3.7"][meta seq="3"]` becomes `origin@1.ip`, `meta.seq`.
fn add_structured_data(mut text: &str, vocabulary: &Vocabulary, parsed: &mut Parsed) {
    while let Some(inside) = text.strip_prefix('[') {
        let (id, mut rest) = inside.split_at(inside.find([' ', ']']).unwrap_or(inside.len()));
        while let Some((name, behind)) = rest.trim_start().split_once("=\"") {
            let Some(end) = closing_quote(behind) else { return };
            let value = behind[..end].replace("\\\"", "\"").replace("\\]", "]").replace("\\\\", "\\");
            if let Some(role) = vocabulary.names.look_up(name.as_bytes()).role {
                note_id(parsed, role, &value);
            }
            parsed.fields.push(Field { name: format!("{id}.{name}"), value: typed(&value).into() });
            rest = &behind[end + 1..];
            if rest.starts_with(']') {
                break;
            }
        }
        let Some(behind) = rest.strip_prefix(']') else { return };
        text = behind;
    }
}

fn closing_quote(text: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.as_bytes().get(at..)?)?;
        if text.as_bytes()[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

struct Groups<'s> {
    slots: &'s Slots,
    /// Where the head ends.
    end: usize,
}

impl Groups<'_> {
    fn range(&self, group: usize) -> Option<Range<usize>> {
        self.slots.groups[group].map(|(start, end)| start..end)
    }
}
