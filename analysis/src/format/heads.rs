//! Heads of entries: which format reads a line, alone or around another one, and how an entry goes on behind it.

use std::ops::Range;

use model::severity::Severity;

use super::delimited::Columns;
use super::envelope::{self, Message};
use super::made::Layout;
use super::opening::{self, Opening};
use super::pattern::opening_level;
use super::{Format, FormatId, Formats, Head, HeadState, Kind, Opens};
use super::{cmtrace, cut_row, delimited, element, freestyle, logfmt, object, otlp, record, security_event};
use crate::read::Looks;

/// What the format around a message reads of an entry: its head, and the message if it has one.
type Around<'l> = (Head, Option<Message<'l>>);

impl Formats {
    /// How an entry of this format goes on behind its first line, if that does not end it.
    #[inline]
    pub(crate) fn opening(&self, id: FormatId, line: &[u8]) -> Option<Opening> {
        if let Some(made) = self.made.get(id) {
            return match &made.layout {
                Layout::Columns { columns, .. } => delimited::is_open(line, columns).then_some(Opening::Quote),
                Layout::Inside { outer, .. } if self.is_made(*outer) => self.opening(*outer, line),
                Layout::Inside { outer, .. } => self.opening_of_part(*outer, line),
            };
        }
        match &self.format(id).kind {
            Kind::Json(_) => opening::of_object(line).or_else(|| self.opening_of_part(id, line)),
            Kind::Delimited(_, Some(columns)) => delimited::is_open(line, columns).then_some(Opening::Quote),
            Kind::Element(elements) => opening::of_element(line, &elements.names),
            Kind::Cmtrace => (cmtrace::begins(line) && !cmtrace::ends(line)).then_some(Opening::Framed),
            Kind::Record { lines, starts, ends_when_empty } => {
                let start = starts.iter().find(|start| line.starts_with(start.as_bytes()))?.as_bytes().to_vec();
                Some(Opening::Block {
                    start,
                    ends_when_empty: *ends_when_empty,
                    may_have_sized: lines.may_be_sized,
                    sized: None,
                })
            }
            Kind::Pattern(pattern) if pattern.joins_parts => self.opening_of_part(id, line),
            Kind::Pattern(pattern) => pattern.begins(line).then(|| Opening::Lines { left: pattern.head_lines - 1 }),
            _ => None,
        }
    }

    /// How a line that was written in parts goes on.
    fn opening_of_part(&self, id: FormatId, line: &[u8]) -> Option<Opening> {
        let format = self.format(id);
        match &format.kind {
            Kind::Json(_) if format.joins_parts => opening::of_object_part(line),
            Kind::Pattern(_) if format.joins_parts => opening::of_part(line),
            _ => None,
        }
    }

    /// Whether a line behind a row whose quote is open is a row itself: the quote has no end. `open`: the row so far.
    pub(crate) fn begins_row_behind(&self, id: FormatId, open: &[u8], line: &[u8]) -> bool {
        self.columns_of(id).is_some_and(|columns| cut_row::begins_behind(open, line, columns))
    }

    fn columns_of(&self, id: FormatId) -> Option<&Columns> {
        match self.made.get(id).map(|made| &made.layout) {
            Some(Layout::Columns { columns, .. }) => Some(columns),
            Some(Layout::Inside { outer, .. }) => self.columns_of(*outer),
            None => match &self.format(id).kind {
                Kind::Delimited(_, columns) => columns.as_deref(),
                _ => None,
            },
        }
    }

    /// The format around the messages that this one reads; the one itself where there is none.
    pub(crate) fn around_messages(&self, id: FormatId) -> FormatId {
        match self.made.get(id).map(|made| &made.layout) {
            Some(Layout::Inside { outer, .. }) => *outer,
            _ => id,
        }
    }

    /// The formats that may have an entry begin with this line and go on behind it.
    pub(crate) fn fitting_openings(&self, line: &[u8]) -> impl Iterator<Item = (FormatId, Opening)> {
        let spans = |format: &Format| match &format.kind {
            Kind::Json(_) | Kind::Element(_) | Kind::Record { .. } | Kind::Delimited(_, Some(_)) | Kind::Cmtrace => {
                true
            }
            Kind::Pattern(pattern) => pattern.head_lines > 1,
            _ => false,
        };
        let ids = (1..self.list.len() as u16).map(FormatId).filter(move |&id| spans(self.format(id)));
        ids.filter_map(move |id| Some((id, self.opening(id, line)?)))
    }

    /// The delimited format whose columns a line names; of several the most specific that has all the names it asks for.
    pub(crate) fn header(&self, line: &[u8]) -> Option<FormatId> {
        self.headers.iter().filter(|(header, _)| line.starts_with(header.as_bytes())).find_map(|(header, base)| {
            let Kind::Delimited(delimited, _) = &self.format(*base).kind else { return None };
            let names = std::str::from_utf8(&line[header.len()..]).ok()?;
            let names: Vec<&str> =
                names.trim_end().split(delimited.header_separator as char).filter(|name| !name.is_empty()).collect();
            let is_header = !names.is_empty()
                && names.len() <= delimited::MOST_COLUMNS
                && delimited.members.iter().all(|member| names.contains(&&**member));
            let separator = *delimited.separators.first()?;
            is_header.then(|| self.with_columns(*base, &delimited::key_of(separator, &names, &[])))?
        })
    }

    /// The delimited format whose columns the first line of a file names. `rows`: the lines behind it.
    pub(crate) fn header_in_first_line(&self, line: &[u8], rows: &[&[u8]]) -> Option<FormatId> {
        let line = std::str::from_utf8(line).ok()?;
        self.list.iter().enumerate().find_map(|(at, format)| {
            let Kind::Delimited(delimited, _) = &format.kind else { return None };
            let key = delimited
                .first_line
                .then(|| delimited::first_line_key(delimited, line, rows, &format.vocabulary))??;
            self.with_columns(FormatId(at as u16), &key)
        })
    }

    /// The head of an entry's first line (of all its lines where it is one that [goes on](Formats::opening)), if this
    /// format reads it.
    pub(crate) fn head(&self, id: FormatId, line: &[u8], state: &mut HeadState) -> Option<Head> {
        let head = match self.made.get(id).map(|made| &made.layout) {
            Some(Layout::Inside { outer, inner }) => {
                let head = self.head_alone(*outer, line, state)?;
                let message = self.message(*outer, line, state)?;
                self.head_inside(*outer, &head, &message, *inner, state)
            }
            _ => self.head_alone(id, line, state),
        };
        head.map(|head| Head { format: id, ..head })
    }

    /// The head of an entry read by one format, with its columns where it is one that a header gave them.
    fn head_alone(&self, id: FormatId, line: &[u8], state: &mut HeadState) -> Option<Head> {
        let Some(Layout::Columns { base, columns }) = self.made.get(id).map(|made| &made.layout) else {
            return self.listed_head(id, line, state);
        };
        let (head, message) = delimited::head(line, columns, &self.format(*base).vocabulary, &mut state.clock)?;
        state.slots.message = message;
        Some(Head { format: id, ..head })
    }

    fn listed_head(&self, id: FormatId, line: &[u8], state: &mut HeadState) -> Option<Head> {
        let format = self.format(id);
        let vocabulary = &*format.vocabulary;
        let head = match &format.kind {
            Kind::Raw => None,
            Kind::Json(members) => object::head(line, members, vocabulary, &mut state.clock),
            Kind::Otlp => otlp::head(line, vocabulary, &mut state.clock),
            Kind::Logfmt => logfmt::head(line, vocabulary, &mut state.clock),
            Kind::Pattern(pattern) => pattern.head(line, &vocabulary.levels, &mut state.slots, &mut state.clock),
            Kind::Freestyle(place) => {
                freestyle::head(line, *place, vocabulary, &mut state.clock).map(|(head, message)| {
                    state.slots.message = message..line.len();
                    head
                })
            }
            Kind::Delimited(_, columns) => {
                // Commas alone make no row of columns that no header vouches for.
                let columns = columns.as_ref()?;
                let (head, _) = delimited::head(line, columns, vocabulary, &mut state.clock)?;
                head.time.is_some().then_some(head)
            }
            Kind::Element(elements) => element::head(line, elements, vocabulary, &mut state.clock),
            Kind::Record { lines, starts, .. } => {
                let begins = starts.iter().any(|start| line.starts_with(start.as_bytes()));
                begins.then(|| record::head(line, lines, vocabulary, &mut state.clock))?
            }
            Kind::SecurityEvent => security_event::head(line, vocabulary, &mut state.clock),
            Kind::Cmtrace => cmtrace::head(line, &mut state.clock),
        };
        head.map(|head| {
            let is_stated = head.severity != Severity::UNSPECIFIED;
            Head { format: id, severity: if is_stated { head.severity } else { format.severity }, ..head }
        })
    }

    /// The head of a line by the first of these formats that reads it. A message that none of them reads inside of its
    /// format is offered to all.
    #[inline]
    pub(crate) fn first_head(&self, in_use: &[FormatId], line: &[u8], state: &mut HeadState) -> Option<Head> {
        let mut tried: Option<(FormatId, Option<Around<'_>>)> = None;
        for &id in in_use {
            let (outer, inner) = match self.made.get(id).map(|made| &made.layout) {
                Some(Layout::Inside { outer, inner }) => (*outer, Some(*inner)),
                _ if self.format(id).opens != Opens::Nothing => (id, None),
                _ => match self.head(id, line, state) {
                    Some(head) => return Some(head),
                    None => continue,
                },
            };
            if tried.as_ref().is_none_or(|(last, _)| *last != outer) {
                let head = self.head_alone(outer, line, state);
                tried = Some((outer, head.map(|head| (head, self.message(outer, line, state)))));
            }
            let Some((head, message)) = tried.as_ref().and_then(|(_, read)| read.as_ref()) else { continue };
            let Some(message) = message else {
                if inner.is_none() {
                    return Some(head.clone());
                }
                continue;
            };
            match inner {
                Some(inner) => {
                    if let Some(whole) = self.head_inside(outer, head, message, inner, state) {
                        return Some(self.look_deeper(outer, head, message, inner, state).unwrap_or(whole));
                    }
                }
                None => {
                    let whole = self.around(outer, head, message, state);
                    if self.is_entry(&whole) {
                        return Some(whole);
                    }
                }
            }
        }
        None
    }

    /// What the message of a line is whose head was read last.
    fn message<'l>(&self, id: FormatId, line: &'l [u8], state: &mut HeadState) -> Option<Message<'l>> {
        let format = self.format(id);
        let message = match &format.kind {
            Kind::Delimited(..) => Some(Message::of_cell(line, state.slots.message.clone())),
            Kind::Json(_) if format.joins_parts && line.contains(&b'\n') => {
                Message::of_parts(line, |part| object::message(part, &format.vocabulary))
            }
            Kind::Json(_) => object::message(line, &format.vocabulary),
            Kind::Pattern(_) | Kind::Freestyle(_) => Some(Message::plain(line, state.slots.message.clone())),
            Kind::Record { lines, .. } if format.opens != Opens::Nothing => {
                record::message(line, lines, &format.vocabulary).map(|range| Message::plain(line, range))
            }
            _ => None,
        };
        if format.wraps_lines
            && let Some(message) = &message
        {
            state.looks = Looks::of(message.text());
        }
        message
    }

    /// The head of an entry of `outer` whose message is of the format `inner`.
    fn head_inside(
        &self,
        outer: FormatId,
        head: &Head,
        message: &Message<'_>,
        inner: FormatId,
        state: &mut HeadState,
    ) -> Option<Head> {
        let found = self.head(inner, message.text(), state)?;
        self.is_inside(head, &found)
            .then(|| envelope::merged(head, &found, message, self.inside(outer, inner)))
            .filter(|whole| self.is_entry(whole))
    }

    /// Whether what was found in an entry's message is an entry: behind words only if it states the level that is not stated
    /// before them.
    fn is_inside(&self, head: &Head, found: &Head) -> bool {
        let adds_level = head.severity == Severity::UNSPECIFIED && found.severity != Severity::UNSPECIFIED;
        envelope::says_something(found, self.names_parts(found.format))
            && (adds_level || !self.needs_inside(found.format))
    }

    /// Whether a head is one: of some formats only with an entry behind it that states a time or a level.
    fn is_entry(&self, head: &Head) -> bool {
        let is_stated = head.time.is_some() || head.severity != Severity::UNSPECIFIED;
        !self.needs_inside(head.format) || self.is_made(head.format) && is_stated
    }

    /// The head of an entry whose message is of the format `inner` and holds another one in its turn: lines that do and
    /// lines that do not come in one file. `None` where it holds none.
    fn look_deeper(
        &self,
        outer: FormatId,
        head: &Head,
        message: &Message<'_>,
        inner: FormatId,
        state: &mut HeadState,
    ) -> Option<Head> {
        if self.is_made(inner) || self.format(inner).opens == Opens::Nothing {
            return None;
        }
        let around = self.listed_head(inner, message.text(), state)?;
        let inside = self.message(inner, message.text(), state)?;
        let found = self.look_inside(inner, &around, &inside, state)?;
        Some(envelope::merged(head, &found, message, self.inside(outer, found.format)))
    }

    /// The head of an entry whose message may be of any format; of one in prose the level is the word that opens it.
    fn around(&self, outer: FormatId, head: &Head, message: &Message<'_>, state: &mut HeadState) -> Head {
        let mut whole = self.look_inside(outer, head, message, state).unwrap_or_else(|| head.clone());
        if whole.severity == Severity::UNSPECIFIED
            && whole.format == outer
            && let Some((_, severity)) = self.level_of_message(outer, message.text())
        {
            whole.severity = severity;
        }
        whole
    }

    /// The level word that opens the message of an object or a row around anything, and where it stands; patterns find
    /// theirs themselves.
    pub(super) fn level_of_message(&self, outer: FormatId, message: &[u8]) -> Option<(Range<usize>, Severity)> {
        let format = self.format(outer);
        let has_names = matches!(format.kind, Kind::Json(_) | Kind::Delimited(..));
        let is_envelope = has_names && format.opens == Opens::Anything;
        is_envelope.then(|| opening_level(message, 0, &format.vocabulary.levels))?
    }

    /// The head of an entry whose message is of any format.
    fn look_inside(&self, outer: FormatId, head: &Head, message: &Message<'_>, state: &mut HeadState) -> Option<Head> {
        if state.depth == super::DEEPEST || !message.may_be_read(self.format(outer).opens) {
            return None;
        }
        state.depth += 1;
        let is_inside = |found: &Head| self.is_inside(head, found);
        let may_hold = |id: &FormatId| !self.is_last_resort(*id) && *id != outer;
        let text = message.text();
        let found = match self.format(outer).opens {
            Opens::Structured => {
                let ids = self.candidates.structured(text).iter().copied().filter(may_hold);
                let found = ids.into_iter().find_map(|id| self.head(id, text, state).filter(is_inside));
                match found {
                    None if head.severity == Severity::UNSPECIFIED && may_hold_behind_words(text) => {
                        let ids = self.around_only.iter().copied().filter(may_hold);
                        self.heads_of(ids, text, state).find(is_inside)
                    }
                    found => found,
                }
            }
            _ => {
                let ids = self.candidates.of(text).into_iter().filter(may_hold);
                self.heads_of(ids, text, state).find(is_inside)
            }
        };
        state.depth -= 1;
        found.map(|found| envelope::merged(head, &found, message, self.inside(outer, found.format)))
    }

    /// Its entries are objects, which may be parts of an array.
    pub(crate) fn is_object(&self, id: FormatId) -> bool {
        !self.is_made(id) && matches!(self.format(id).kind, Kind::Json(_))
    }

    /// Its entries consist of names and values: that alone says something.
    fn names_parts(&self, id: FormatId) -> bool {
        matches!(self.format(id).kind, Kind::Json(_))
    }

    /// The heads that formats find in a line, most specific first.
    pub(crate) fn fitting_heads(&self, line: &[u8], state: &mut HeadState) -> impl Iterator<Item = Head> {
        self.heads_of(self.candidates.of(line).into_iter(), line, state)
    }

    /// Of the formats that [may read](Formats::candidates_of) a line, the head of the most specific one that finds a time in
    /// it, the last resorts left out; of those more specific than `known`, if that is given.
    pub(crate) fn dated_head(
        &self,
        candidates: &[FormatId],
        line: &[u8],
        known: Option<FormatId>,
        state: &mut HeadState,
    ) -> Option<Head> {
        let end = known.map_or(FormatId(self.list.len() as u16), |known| self.base(known));
        let is_certain = |id: FormatId| !self.is_last_resort(id) && !self.needs_inside(id);
        let ids = candidates.iter().copied().filter(|&id| id < end && is_certain(id));
        self.heads_of(ids, line, state).find(|head| head.time.is_some())
    }

    /// The head of a line that begins an entry whatever is in use.
    pub(crate) fn breaking_head(&self, candidates: &[FormatId], line: &[u8], state: &mut HeadState) -> Option<Head> {
        candidates.iter().filter(|&&id| self.breaks_in(id)).find_map(|&id| self.listed_head(id, line, state))
    }

    /// The formats that may read a line, most specific first.
    pub(crate) fn candidates_of(&self, line: &[u8]) -> Vec<FormatId> {
        self.candidates.of(line)
    }

    fn heads_of(
        &self,
        ids: impl Iterator<Item = FormatId>,
        line: &[u8],
        state: &mut HeadState,
    ) -> impl Iterator<Item = Head> {
        ids.filter_map(move |id| {
            let head = self.listed_head(id, line, state)?;
            if self.format(id).opens == Opens::Nothing {
                return Some(head);
            }
            let whole = match self.message(id, line, state) {
                Some(message) => self.around(id, &head, &message, state),
                None => head,
            };
            self.is_entry(&whole).then_some(whole)
        })
    }
}

/// Whether an object or a pair may stand behind the first words of a message; this tells quickly that none does.
fn may_hold_behind_words(text: &[u8]) -> bool {
    /// Of a name of a stream or a container, and then some.
    const NEAR_BYTES: usize = 100;
    memchr::memchr2(b'{', b'=', &text[..text.len().min(NEAR_BYTES)]).is_some()
}
