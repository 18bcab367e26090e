//! Which lines make one entry: what a line joins, and what begins with it.

use memchr::memmem;
use model::severity::Severity;

use super::lines::Line;
use super::{Looks, MAX_ENTRY_BYTES, Reader, continuation, within_colours};
use crate::colour::plain;
use crate::format::opening::{self, Opening, Taken};
use crate::format::{FormatId, Head, Origin, RAW};

/// The entry that further lines may still join.
pub struct Collecting {
    pub head: Head,
    /// Where its text ends in the buffer, and where the line end behind it does.
    pub text_end: usize,
    pub end: usize,
    pub n_lines: u32,
    /// The file says the year of its time.
    pub is_dated: bool,
    /// Every line without a head joins it.
    pub joins_lines: bool,
    /// A stack trace is in it.
    pub is_trace: bool,
    /// What is the matter stands in its second line.
    pub awaits_line: bool,
    /// Of the last line, where each has heads of its own.
    pub origin: Option<Origin>,
    /// It ends in the middle of a line.
    pub is_cut: bool,
    /// It is a run of zeros, and a line of its own begins behind it.
    pub is_zeros: bool,
    /// Another object of its list follows in the line.
    pub in_list: bool,
    /// Its first line shows that it goes on; its head is read when it is whole, by this format.
    pub open: Option<(FormatId, Opening)>,
    /// A body that is open at its end.
    pub body: Option<Opening>,
    /// The formats in use before its first line, if that changed them: those of the position before it.
    pub in_use_before: Option<Vec<FormatId>>,
}

impl Collecting {
    /// Goes on with a line.
    pub fn take(&mut self, line: &Line, n_lines: u32) {
        self.text_end = line.content.end;
        self.end = line.end;
        self.in_list = line.in_list;
        self.n_lines += n_lines;
        self.awaits_line = false;
    }
}

impl Reader<'_> {
    /// Joins a line to the entry being collected, or begins one with it.
    pub(super) fn take_line(&mut self, line: &Line) -> Option<Collecting> {
        // Of a line in pieces the last one counts.
        let n_lines = u32::from(!line.is_cut && !line.in_list);
        let mut begun = Collecting {
            head: Head::default(),
            text_end: line.content.end,
            end: line.end,
            n_lines,
            is_dated: false,
            joins_lines: false,
            is_trace: false,
            awaits_line: false,
            origin: None,
            is_cut: line.is_cut,
            is_zeros: line.is_zeros,
            in_list: line.in_list,
            open: None,
            body: None,
            in_use_before: None,
        };
        if self.in_line {
            return Some(begun);
        }
        if line.is_zeros {
            self.close_collecting();
            return Some(begun);
        }
        let plain = if self.has_escapes { plain(&self.text[line.content.clone()]) } else { None };
        let content = plain.as_ref().map_or(&self.text[line.content.clone()], |plain| &plain.text);
        if let Some(entry) = &mut self.collecting
            && let Some((id, opening)) = &mut entry.open
        {
            let begun = &self.text[self.start..entry.text_end];
            let is_cut_off = *opening == Opening::Quote && self.formats.begins_row_behind(*id, begun, content);
            let fits = !line.is_cut && line.content.end - self.start <= MAX_ENTRY_BYTES;
            let taken = if fits && !is_cut_off { opening.take(content) } else { Taken::No };
            if taken != Taken::No {
                entry.take(line, n_lines);
            }
            if taken != Taken::Inside {
                self.close_collecting();
            }
            if taken != Taken::No {
                return None;
            }
        }
        let content = plain.as_ref().map_or(&self.text[line.content.clone()], |plain| &plain.text);
        if let Some(entry) = &mut self.collecting
            && (entry.body.is_some() || opening::begins_body(content) && !line.in_list)
            && !entry.is_cut
            && !line.is_cut
            && line.content.end - self.start <= MAX_ENTRY_BYTES
        {
            let taken = if let Some(body) = &mut entry.body {
                if opening::may_be_in_body(content) { body.take(content) } else { Taken::No }
            } else {
                let begun = &self.text[self.start..entry.text_end];
                let is_text = entry.joins_lines && entry.head.time.is_some();
                let is_announced = is_text && (begun.ends_with(b":") || begun.ends_with(b"?>"));
                entry.body = if is_announced { opening::of_body(content) } else { None };
                match (is_announced, &entry.body) {
                    (false, _) => Taken::No,
                    (true, Some(_)) => Taken::Inside,
                    (true, None) => Taken::Last,
                }
            };
            if taken != Taken::Inside {
                entry.body = None;
            }
            if taken != Taken::No {
                entry.take(line, n_lines);
                return None;
            }
        }
        let content = plain.as_ref().map_or(&self.text[line.content.clone()], |plain| &plain.text);
        if let Some(id) = self.formats.header(content) {
            begun.in_use_before = self.use_columns(id);
            begun.head.format = id;
            return Some(begun);
        }
        let opened = self.in_use.iter().find_map(|&id| Some((id, self.formats.opening(id, content)?)));
        if opened.is_some() && !line.is_cut {
            begun.open = opened;
            return Some(begun);
        }
        let looks_joined = continuation::goes_on(content) && !self.is_in_array(content);
        let mut head = if looks_joined { None } else { self.head(line.content.clone(), plain.as_ref()) };
        let content = plain.as_ref().map_or(&self.text[line.content.clone()], |plain| &plain.text);
        // The stacks behind a crash are its dump.
        let is_of_crash = self.collecting.as_ref().is_some_and(|entry| self.formats.breaks_in(entry.head.format));
        let is_own = |head: &Head| head.time.is_some() || self.formats.breaks_in(head.format);
        head = head.filter(|(head, _)| !is_of_crash || is_own(head) || !continuation::is_in_dump(content));
        head = head.filter(|(head, _)| !self.is_traceback_of_entry(head, content));
        // `http: panic serving …`: Go's server goes on.
        if continuation::opens_own_stack(content)
            && head.as_ref().is_none_or(|(head, _)| head.time.is_none())
            && let Some(entry) = &mut self.collecting
            && entry.joins_lines
            && entry.head.time.is_some()
        {
            head = None;
            let begun = &self.text[self.start..entry.text_end];
            if entry.head.severity == Severity::UNSPECIFIED && memmem::find(begun, b"panic").is_some() {
                entry.head.severity = Severity::ERROR;
            }
        }
        let content = plain.as_ref().map_or(&self.text[line.content.clone()], |plain| &plain.text);
        if let (Some((head, None)), Some(entry)) = (&head, &mut self.collecting)
            && (head.format, head.time) == (entry.head.format, entry.head.time)
            && self.formats.continues(head.format, content)
            && !entry.is_cut
            && !line.is_cut
            && line.content.end - self.start <= MAX_ENTRY_BYTES
        {
            entry.take(line, n_lines);
            return None;
        }
        if let Some((head, None)) = &head
            && self.goes_on_inside(line, head)
        {
            self.collecting.as_mut().expect("it goes on with one").take(line, n_lines);
            return None;
        }
        let content = plain.as_ref().map_or(&self.text[line.content.clone()], |plain| &plain.text);
        if let Some((head, in_use_before)) = head {
            // Behind a crash in a file of no format nothing but the looks of a line would end the dump.
            begun.joins_lines = self.formats.joins_lines(head.format) && !self.in_use.is_empty();
            begun.is_dated = self.state.clock.is_dated(head.time);
            begun.is_trace = matches!(self.state.looks, Looks::OpensTrace | Looks::OpensPanic | Looks::NamesError);
            begun.awaits_line = self.state.looks == Looks::OpensPanic;
            begun.head = match &plain {
                Some(plain) => within_colours(head, plain),
                None => head,
            };
            begun.in_use_before = in_use_before;
            return Some(begun);
        }
        let has_formats = !self.in_use.is_empty();
        let is_in_dump = |entry: &Collecting| {
            let is_piece = entry.n_lines == 1
                || looks_joined
                || continuation::is_in_dump(content)
                || continuation::opens_traceback(content);
            is_piece && self.formats.breaks_in(entry.head.format)
        };
        // In a file of no format what looks joined is so only behind an error.
        let is_of_error = |entry: &Collecting| {
            let is_first = || entry.n_lines == 1 && continuation::opens_error(&self.text[self.start..entry.text_end]);
            entry.head.format == RAW && (entry.is_trace || is_first())
        };
        if let Some(entry) = &mut self.collecting
            && (entry.joins_lines || looks_joined && (has_formats || is_of_error(entry)) || is_in_dump(entry))
            && !entry.is_cut
            && !line.is_cut
            && line.content.end - self.start <= MAX_ENTRY_BYTES
        {
            entry.is_trace |= looks_joined && entry.head.format == RAW;
            entry.take(line, n_lines);
            return None;
        }
        let content = plain.as_ref().map_or(&self.text[line.content.clone()], |plain| &plain.text);
        begun.joins_lines = has_formats && continuation::opens_trace(content);
        Some(begun)
    }

    /// Whether a line with this head opens a traceback of what the entry being collected tells of, not one of its own.
    fn is_traceback_of_entry(&self, head: &Head, line: &[u8]) -> bool {
        if !self.formats.breaks_in(head.format) || !continuation::opens_traceback(line) {
            return false;
        }
        let Some(entry) = &self.collecting else { return false };
        let severity = entry.head.severity;
        let may_tell_of_it = severity == Severity::UNSPECIFIED || severity >= Severity::WARN;
        entry.joins_lines && may_tell_of_it && !self.formats.breaks_in(entry.head.format)
            || continuation::ends_in_cause(&self.text[self.start..entry.text_end])
    }

    /// Whether an indented line is an object of an array, in a file of objects.
    fn is_in_array(&self, line: &[u8]) -> bool {
        line.trim_ascii_start().first() == Some(&b'{') && self.in_use.iter().any(|&id| self.formats.is_object(id))
    }

    fn close_collecting(&mut self) {
        if let Some(mut entry) = self.collecting.take() {
            self.close(&mut entry);
            self.collecting = Some(entry);
        }
    }

    /// Reads the head of an entry that was open: it is whole.
    pub(super) fn close(&mut self, entry: &mut Collecting) {
        let Some((id, _)) = entry.open.take() else { return };
        let text = &self.text[self.start..entry.text_end];
        self.state.clock.previous = self.position.last_time;
        self.state.clock.dated = self.position.last_dated;
        let plain = if self.has_escapes { plain(text) } else { None };
        let content = plain.as_ref().map_or(text, |plain| &plain.text);
        // Its message may be of no format, or of another than those of the lines before it.
        let head = self.formats.first_head(&[id, self.formats.around_messages(id)], content, &mut self.state);
        entry.head = match (head, &plain) {
            (Some(head), Some(plain)) => within_colours(head, plain),
            (Some(head), None) => head,
            (None, _) => Head::default(),
        };
        entry.is_dated = self.state.clock.is_dated(entry.head.time);
        entry.joins_lines = self.formats.joins_lines(entry.head.format);
    }
}
