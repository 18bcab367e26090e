//! Lines with heads of their own that go on with what a program wrote in the line before: pieces of stack traces, statements
//! and elements in the log of a container, or behind syslog's heads.

use model::severity::Severity;
use model::time::NANOS_PER_SECOND;

use super::continuation::{self, Looks};
use super::lines::Line;
use super::{MAX_ENTRY_BYTES, Reader};
use crate::colour::plain;
use crate::format::Head;

/// A trace is written at once; an indented line that comes later is another.
const LONGEST_PAUSE: i64 = NANOS_PER_SECOND;
/// A statement or an element says less by its looks.
const LONGEST_PAUSE_IN_BODY: i64 = NANOS_PER_SECOND / 100;

impl Reader<'_> {
    /// Whether a line with this head only goes on with the entry being collected: both come from the same program, at about the
    /// same time, and its text looks so. If it does, the entry knows of it.
    pub(super) fn goes_on_inside(&mut self, line: &Line, head: &Head) -> bool {
        let looks = self.state.looks;
        let is_awaited = self.collecting.as_ref().is_some_and(|entry| entry.awaits_line);
        if looks == Looks::Fresh && !is_awaited || line.is_cut || line.content.end - self.start > MAX_ENTRY_BYTES {
            return false;
        }
        let Some(entry) = self.collecting.as_mut().filter(|entry| !entry.is_cut) else { return false };
        // A line that another format reads inside says more than how it looks.
        let Some(wrapping) = self.formats.wrapping(head.format).filter(|wrapping| *wrapping == head.format) else {
            return false;
        };
        if self.formats.wrapping(entry.head.format) != Some(wrapping) {
            return false;
        }
        let is_trouble = entry.is_trace || entry.head.severity >= Severity::WARN;
        // An object has its trace inside.
        let may_have_trace = is_trouble && !self.formats.wraps_object(entry.head.format);
        let first_line = || {
            let begun = &self.text[self.start..entry.text_end];
            &begun[..memchr::memchr(b'\n', begun).unwrap_or(begun.len())]
        };
        let may_have_body = !self.formats.wraps_object(entry.head.format);
        let goes_on = match looks {
            _ if is_awaited => true,
            Looks::Fresh => false,
            Looks::GoesOn => true,
            Looks::OpensTrace | Looks::OpensPanic | Looks::NamesError => may_have_trace,
            Looks::InDump => entry.is_trace,
            Looks::InStatement => may_have_body && continuation::has_statement(first_line()),
            Looks::InElement => may_have_body && continuation::has_element(first_line()),
        };
        if !goes_on {
            return false;
        }
        let (formats, text, state) = (self.formats, &self.text, &mut self.state);
        let mut origin_of = |line: &[u8]| {
            let plain = if self.has_escapes { plain(line) } else { None };
            formats.origin(wrapping, plain.as_ref().map_or(line, |plain| &plain.text), state)
        };
        let begun = &text[self.start..entry.text_end];
        let before = match entry.origin.take() {
            Some(before) => Some(before),
            None => origin_of(&begun[..memchr::memchr(b'\n', begun).unwrap_or(begun.len())]),
        };
        let own = origin_of(&text[line.content.clone()]);
        let (Some(before), Some(own)) = (before, own) else { return false };
        let pause = before.time.zip(own.time).map_or(0, |(before, own)| own.0.saturating_sub(before.0));
        let is_in_body = matches!(looks, Looks::InStatement | Looks::InElement);
        let longest_pause = if is_in_body { LONGEST_PAUSE_IN_BODY } else { LONGEST_PAUSE };
        let is_same = before.is_same(&own) && (0..=longest_pause).contains(&pause);
        entry.origin = Some(if is_same { own } else { before });
        entry.is_trace |= is_same && looks != Looks::GoesOn && !is_in_body;
        is_same
    }
}
