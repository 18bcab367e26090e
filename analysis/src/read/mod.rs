//! Cuts a byte stream into entries and reads their heads.
//!
//! In: the bytes of one (uncompressed) file in slices of any size. Out: entries, the same for every slicing.
//! Never fails: bytes no format reads are raw entries, bytes that are not text are kept.
//!
//! An entry is a line and the lines that go on with it; each object of a list that a service delivers in one line counts as
//! a line, and so does a run of zeros before a line, which a crash left or a log that was emptied while it was written to. A line that a format in use reads begins an entry. Behind an
//! entry of free text every other line goes on with it; behind one of a format of single lines only lines that look so
//! (indented, pieces of stack traces), the others are raw entries. In a file of no format each line is an entry, but for the
//! trace behind an error. A crash begins one behind any line, and its dump goes on with it. An object
//! or an element behind a line of free text that ends in a colon is the body of that, whatever times are in it.

use std::ops::Range;

use memchr::memchr;
use model::time::{Nanos, Precision, Zone};
use serde::{Deserialize, Serialize};

pub(crate) use continuation::{Looks, goes_on};
pub use encoding::{decode, encode, looks_binary};
pub(crate) use lines::character_start;
pub use model::source::Encoding;

use crate::colour::{ESCAPE, Plain};
use crate::format::clock::Clock;
use crate::format::{FormatId, Formats, Head, HeadState, RAW};
use crate::template::Headers;
use collecting::Collecting;
use doubt::Course;
use encoding::Utf16;
use lines::without_return;

mod encoding;

mod collecting;

mod continuation;

mod detect;

mod doubt;

mod lines;

mod wrapped;

/// What is known of a file beside its bytes.
#[derive(Clone, Debug)]
pub struct Context {
    /// Path as dropped.
    pub path: String,
    pub modified: Nanos,
    /// Zone for stamps that name none.
    pub zone: Zone,
}

/// Where in a file reading stands, between two entries; carries all that reading on needs.
///
/// Stored with each commit: a reader resumed from it gives exactly the entries that follow. What a stored one lacks is zeros at
/// its end: a new field comes last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Bytes of the uncompressed file before the next entry.
    pub offset: u64,
    /// Lines before the next entry.
    pub lines: u64,
    /// Entries before the next one.
    pub entries: u64,
    /// Time of the last entry that had one.
    pub last_time: Option<Nanos>,
    /// That entry's stamp named no zone.
    pub last_naive: bool,
    /// Time of the last entry of which the file says the year: in its stamp, or in one that stamps without it are close to.
    pub last_dated: Option<Nanos>,
    pub encoding: Encoding,
    /// [Keys](Formats::key) of the formats in use; that of a delimited one has its columns.
    pub formats: Vec<String>,
    /// The next bytes go on with a line that was cut for its length.
    pub in_line: bool,
    /// Dates like `03/11/2026` begin with the day, or with the month. `None`: nothing tells.
    pub day_first: Option<bool>,
    /// How the lines so far began; the reader itself passes it on.
    pub headers: Headers,
    /// How steady the times so far were.
    pub course: Course,
    /// The next bytes go on with the objects of a list in one line.
    pub in_list: bool,
}

/// One entry, borrowed from the reader until the next is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    pub head: Head,
    /// UTF-8 as far as the file was; without the last line end. At most [`MAX_ENTRY_BYTES`].
    pub text: &'a [u8],
    /// Lines it takes in the file, at least 1 (0 for a piece of a line that was cut).
    pub n_lines: u32,
}

/// A longer entry goes on as further entries, so that a 100 MB line neither fills memory nor blocks.
pub const MAX_ENTRY_BYTES: usize = 1 << 20;

/// Every so many entries a line is offered to all formats: a file may go on in a format more specific than those in use.
const SECOND_LOOK_ENTRIES: u64 = 64;
/// More formats are not kept in use: a file of more is a collection of chance fits.
const MOST_FORMATS: usize = 12;

pub struct Reader<'f> {
    formats: &'f Formats,
    /// When the file was last changed.
    modified: Nanos,
    state: HeadState,
    /// Bytes kept until there are enough to tell the encoding.
    undecided: Option<Vec<u8>>,
    /// What the user says that the encoding is.
    told_encoding: Option<Encoding>,
    utf16: Utf16,
    /// Decoded text; what lies before `start` was given out.
    text: Vec<u8>,
    /// Some of the text so far: only then a line is looked through for colours.
    has_escapes: bool,
    /// Where the entry being collected begins.
    start: usize,
    /// Where the next line begins, and how far its end was looked for.
    line_start: usize,
    searched: usize,
    /// Lines counted so far for the window of detection, `None` when the formats are known.
    window: Option<Window>,
    /// Most specific first.
    in_use: Vec<FormatId>,
    /// The one format that is read, where the user said so; no line brings another into use.
    only: Option<FormatId>,
    collecting: Option<Collecting>,
    /// The line that begins here goes on with one that was cut.
    in_line: bool,
    /// It is an object of a list in one line.
    in_list: bool,
    finished: bool,
    /// Bytes of the file handed over or left out, and those that are in no text and not yet counted to an entry: a byte order mark,
    /// what was left out.
    pushed: u64,
    uncounted: u64,
    /// After the last record given out; its formats are filled in when asked for.
    position: Position,
}

#[derive(Default)]
struct Window {
    n_lines: usize,
    searched: usize,
}

impl<'f> Reader<'f> {
    pub fn new(formats: &'f Formats, context: Context) -> Self {
        Self {
            formats,
            modified: context.modified,
            state: HeadState::new(Clock::of_file(context.zone, context.modified, &context.path)),
            undecided: Some(Vec::new()),
            told_encoding: None,
            utf16: Utf16::default(),
            text: Vec::new(),
            has_escapes: false,
            start: 0,
            line_start: 0,
            searched: 0,
            window: Some(Window::default()),
            in_use: Vec::new(),
            only: None,
            collecting: None,
            in_line: false,
            in_list: false,
            finished: false,
            pushed: 0,
            uncounted: 0,
            position: Position::default(),
        }
    }

    /// Goes on from a stored position; the next bytes pushed must be those at `position.offset`.
    pub fn resume(formats: &'f Formats, context: Context, position: Position) -> Self {
        let mut reader = Self::new(formats, context);
        if position.offset > 0 {
            reader.undecided = None;
            reader.window = None;
            reader.in_use = position.formats.iter().map(|name| formats.id(name)).filter(|&id| id != RAW).collect();
            reader.in_use.sort_by_key(|&id| formats.specificity(id));
            reader.in_line = position.in_line;
            reader.in_list = position.in_list;
            reader.state.clock.day_first = position.day_first;
            reader.pushed = position.offset;
            reader.position = position;
        }
        reader
    }

    /// Reads all lines in this format, whatever the evidence; [`RAW`]: each line is an entry.
    pub fn only(mut self, format: FormatId) -> Self {
        self.only = Some(format);
        self.keep_only();
        self
    }

    /// Leaves in use what is made of the one format that is read, and that one.
    fn keep_only(&mut self) {
        let Some(only) = self.only else { return };
        self.in_use.retain(|&id| self.formats.is_made_of(id, only));
        if only != RAW && !self.in_use.contains(&only) {
            self.in_use.push(only);
        }
    }

    /// The bytes to come are UTF-8 as far as they can be, and no byte order mark is among them.
    pub fn of_text(mut self) -> Self {
        self.undecided = None;
        self
    }

    /// Takes the bytes for text in this encoding, whatever the evidence; `None`: by evidence.
    pub fn in_encoding(self, told_encoding: Option<Encoding>) -> Self {
        Self { told_encoding, ..self }
    }

    /// So many bytes that come before the first ones pushed are left out; they count to the next entry.
    pub fn leave_out(&mut self, n_bytes: u64) {
        self.pushed += n_bytes;
        self.uncounted += n_bytes;
    }

    /// Hands over the next bytes of the file.
    pub fn push(&mut self, bytes: &[u8]) {
        self.pushed += bytes.len() as u64;
        self.forget_given_out();
        match &mut self.undecided {
            None => self.decode(bytes),
            Some(held) => {
                held.extend_from_slice(bytes);
                if held.len() >= encoding::EVIDENCE_BYTES {
                    self.decide_encoding();
                }
            }
        }
    }

    /// No more bytes will come; what is held back becomes entries.
    pub fn finish(&mut self) {
        self.decide_encoding();
        self.utf16.finish(&mut self.text);
        self.finished = true;
    }

    /// Forgets the bytes behind the last line end, if there is one: what was read there is not what was written.
    pub fn drop_unfinished_line(&mut self) {
        self.decide_encoding();
        if let Some(at) = memchr::memrchr(b'\n', &self.text) {
            self.text.truncate(at + 1);
        } else if self.position.entries > 0 {
            self.text.truncate(self.line_start);
        }
        self.searched = self.searched.min(self.text.len());
    }

    /// The next entry that is certain to be whole, or `None` until more bytes are pushed.
    pub fn next_record(&mut self) -> Option<Record<'_>> {
        if self.window.is_some() && !self.detect_formats() {
            return None;
        }
        loop {
            let Some(line) = self.next_line() else {
                let mut last = if self.finished { self.collecting.take() } else { None };
                if let Some(entry) = &mut last {
                    self.close(entry);
                }
                return last.map(|entry| self.give_out(entry));
            };
            let begun = self.take_line(&line);
            self.line_start = line.end;
            self.searched = line.end;
            self.in_line = line.goes_on();
            self.in_list = line.in_list;
            if let Some(entry) = begun.and_then(|begun| self.collecting.replace(begun)) {
                return Some(self.give_out(entry));
            }
        }
    }

    /// Where reading stands after the last record returned.
    pub fn position(&self) -> Position {
        let before = self.collecting.as_ref().and_then(|entry| entry.in_use_before.as_ref());
        let known = before.unwrap_or(&self.in_use).iter();
        Position { formats: known.map(|&id| self.formats.key(id).to_owned()).collect(), ..self.position.clone() }
    }

    fn decide_encoding(&mut self) {
        let Some(held) = self.undecided.take() else { return };
        let (encoding, mark_bytes) = match self.told_encoding {
            Some(told) => (told, encoding::mark_bytes(&held, told)),
            None => encoding::detect(&held),
        };
        self.position.encoding = encoding;
        self.uncounted += mark_bytes as u64;
        self.decode(&held[mark_bytes..]);
    }

    fn decode(&mut self, bytes: &[u8]) {
        let n_before = self.text.len();
        match self.position.encoding {
            Encoding::Utf8 => self.text.extend_from_slice(bytes),
            Encoding::Utf16Le => self.utf16.decode(bytes, false, &mut self.text),
            Encoding::Utf16Be => self.utf16.decode(bytes, true, &mut self.text),
            encoding @ (Encoding::Windows1252 | Encoding::Iso8859_15) => {
                encoding::decode_single_bytes(encoding, bytes, &mut self.text);
            }
        }
        self.has_escapes = self.has_escapes || memchr(ESCAPE, &self.text[n_before..]).is_some();
    }

    /// Makes room, but only when that moves less than it frees: each byte is moved a bounded number of times.
    fn forget_given_out(&mut self) {
        if self.start * 2 < self.text.len() {
            return;
        }
        self.text.drain(..self.start);
        self.line_start -= self.start;
        self.searched = self.searched.saturating_sub(self.start);
        if let Some(entry) = &mut self.collecting {
            entry.text_end -= self.start;
            entry.end -= self.start;
        }
        self.start = 0;
    }

    /// Looks at the first lines as soon as there are enough of them; whether the formats are known now.
    fn detect_formats(&mut self) -> bool {
        let Some(window) = &mut self.window else { return true };
        let limit = self.text.len().min(detect::WINDOW_BYTES);
        while window.n_lines < detect::WINDOW_LINES {
            match memchr(b'\n', &self.text[window.searched..limit]) {
                Some(at) => {
                    window.searched += at + 1;
                    window.n_lines += 1;
                }
                None => break,
            }
        }
        let is_full = window.n_lines == detect::WINDOW_LINES || self.text.len() >= detect::WINDOW_BYTES;
        if !is_full && !self.finished || self.undecided.is_some() {
            return false;
        }
        // A last line that is cut off by the window counts only if it is all there is.
        let end = if window.searched > 0 && is_full { window.searched } else { limit };
        let lines = self.text[..end].split(|&byte| byte == b'\n').take(detect::WINDOW_LINES).map(without_return);
        let lines: Vec<&[u8]> = lines.flat_map(detect::items).take(detect::WINDOW_LINES).collect();
        let lines = lines.into_iter();
        self.in_use = detect::formats_in_use(lines.clone(), self.formats, &mut self.state);
        self.position.day_first = detect::day_first(lines.clone(), self.formats, &self.in_use, &mut self.state);
        self.state.clock.day_first = self.position.day_first;
        self.position.last_dated = detect::first_dated(lines, self.formats, &self.in_use, &mut self.state);
        self.keep_only();
        self.window = None;
        true
    }

    /// The columns that are in use from a line on that names them. Returns the formats in use before.
    fn use_columns(&mut self, id: FormatId) -> Option<Vec<FormatId>> {
        let is_other = self.only.is_some_and(|only| !self.formats.is_made_of(id, only));
        if is_other || self.in_use.contains(&id) {
            return None;
        }
        let before = self.in_use.clone();
        self.in_use.retain(|&known| !self.formats.replaces(id, known));
        self.in_use.push(id);
        self.in_use.sort_by_key(|&id| self.formats.specificity(id));
        Some(before)
    }

    /// The head of a line: by a format in use, else by any that finds a time in it, which is in use from then on; then also
    /// the formats in use before; else by one that breaks in. `plain`: the line without its colours, if it has some.
    fn head(&mut self, line: Range<usize>, plain: Option<&Plain>) -> Option<(Head, Option<Vec<FormatId>>)> {
        let line = plain.map_or(&self.text[line], |plain| &plain.text);
        self.state.looks = Looks::default();
        let ordinal = self.position.entries + u64::from(self.collecting.is_some());
        let believed = self.collecting.as_ref().filter(|entry| entry.head.time.is_some_and(|time| !self.doubts(time)));
        self.state.clock.previous = believed.and_then(|entry| entry.head.time).or(self.position.last_time);
        let dated = believed.filter(|entry| entry.is_dated).and_then(|entry| entry.head.time);
        self.state.clock.dated = dated.or(self.position.last_dated);
        let known = self.formats.first_head(&self.in_use, line, &mut self.state);
        let is_known = |head: &Head| self.in_use.contains(&head.format);
        let is_due = ordinal > 0 && ordinal.is_multiple_of(SECOND_LOOK_ENTRIES);
        let head = match known {
            Some(known) if !is_due || self.only.is_some() => known,
            None if self.only.is_some() => return None,
            known => {
                let candidates = self.formats.candidates_of(line);
                let than = known.as_ref().map(|head| head.format);
                match self.formats.dated_head(&candidates, line, than, &mut self.state).or(known) {
                    Some(head) => head,
                    None => {
                        let breaking = self.formats.breaking_head(&candidates, line, &mut self.state);
                        return breaking.map(|head| (head, None));
                    }
                }
            }
        };
        if is_known(&head) || self.in_use.len() >= MOST_FORMATS {
            return Some((head, None));
        }
        let before = self.in_use.clone();
        self.in_use.push(head.format);
        self.in_use.sort_by_key(|&id| self.formats.specificity(id));
        Some((head, Some(before)))
    }

    fn doubts(&self, time: Nanos) -> bool {
        self.position.course.doubts(time, self.position.last_time, self.modified)
    }

    /// The entry is whole; the next one, if any, begins behind it.
    fn give_out(&mut self, mut entry: Collecting) -> Record<'_> {
        if let Some(time) = entry.head.time {
            match self.doubts(time) {
                true => {
                    self.position.course.disbelieve(time);
                    // Its words can be looked for.
                    entry.head = Head { time: None, precision: Precision::Doubted, stamp: 0..0, ..entry.head };
                    entry.is_dated = false;
                }
                false => self.position.course.believe(time, self.position.last_time),
            }
        }
        let start = self.start;
        let end = entry.end;
        self.start = end;
        let taken = match self.position.encoding {
            Encoding::Utf8 => (end - start) as u64,
            Encoding::Utf16Le | Encoding::Utf16Be => encoding::utf16_bytes(&self.text[start..end]),
            Encoding::Windows1252 | Encoding::Iso8859_15 => encoding::single_bytes(&self.text[start..end]),
        };
        let position = &mut self.position;
        // Half a code unit at the end of a file was read as a whole one.
        position.offset = (position.offset + taken + std::mem::take(&mut self.uncounted)).min(self.pushed);
        position.lines += u64::from(entry.n_lines);
        position.entries += 1;
        if entry.head.time.is_some() {
            position.last_time = entry.head.time;
            position.last_naive = entry.head.naive;
        }
        if entry.is_dated {
            position.last_dated = entry.head.time;
        }
        position.in_line = entry.is_cut && !entry.is_zeros;
        position.in_list = entry.in_list;
        Record { head: entry.head, text: &self.text[start..entry.text_end], n_lines: entry.n_lines }
    }
}

/// The head of a line that was read without its colours, as the head of the line itself.
fn within_colours(head: Head, plain: &Plain) -> Head {
    let original = |range: Range<u32>| {
        let range = plain.original(range.start as usize..range.end as usize);
        range.start as u32..range.end as u32
    };
    // A name with colours inside is told when the entry is opened.
    let service = head.service.clone().and_then(|range| {
        let original = original(range.clone());
        (original.len() == range.len()).then_some(original)
    });
    let date = head.date.clone().map(original);
    Head { stamp: original(head.stamp.clone()), date, service, ..head }
}
