//! Lines of the decoded text, whole ones and pieces of those that are too long; each object of a list in one line is one.

use std::ops::Range;

use memchr::memchr;

use super::{MAX_ENTRY_BYTES, Reader};
use crate::format::list;

/// A line in the buffer.
pub(super) struct Line {
    pub content: Range<usize>,
    /// Behind the line end.
    pub end: usize,
    pub is_cut: bool,
    /// It is an object of a list in one line, and another one follows.
    pub in_list: bool,
}

impl Reader<'_> {
    /// The next whole line, or a piece of one that is too long.
    pub(super) fn next_line(&mut self) -> Option<Line> {
        let start = self.line_start;
        if let Some(item) = self.next_item() {
            return item;
        }
        let limit = self.text.len().min(start + MAX_ENTRY_BYTES + 1);
        let from = self.searched.max(start);
        if let Some(at) = memchr(b'\n', &self.text[from..limit]) {
            let end = from + at;
            let len = without_return(&self.text[start..end]).len();
            return Some(Line { content: start..start + len, end: end + 1, is_cut: false, in_list: false });
        }
        self.searched = limit;
        if limit - start > MAX_ENTRY_BYTES {
            let end = character_start(&self.text, start + MAX_ENTRY_BYTES);
            return Some(Line { content: start..end, end, is_cut: true, in_list: false });
        }
        if self.finished && start < self.text.len() {
            let len = without_return(&self.text[start..]).len();
            return Some(Line { content: start..start + len, end: self.text.len(), is_cut: false, in_list: false });
        }
        None
    }

    /// The next object of a list in one line, but for the last, which is the rest of the line. `Some(None)`: more bytes will
    /// tell.
    fn next_item(&self) -> Option<Option<Line>> {
        let start = self.line_start;
        let text = &self.text[start..self.text.len().min(start + MAX_ENTRY_BYTES + 1)];
        let item = if self.in_list { Some(0) } else { list::first_item(text).filter(|_| !self.in_line) }?;
        match list::item_end(text, item) {
            Some(end) => {
                let end = start + end;
                Some(Some(Line { content: start..end, end, is_cut: false, in_list: true }))
            }
            // The line may be whole, or too long; else its end is not there yet.
            None => {
                let is_undecided = memchr(b'\n', text).is_none() && text.len() <= MAX_ENTRY_BYTES && !self.finished;
                is_undecided.then_some(None)
            }
        }
    }
}

/// A line without the carriage return at its end.
pub(super) fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The start of the character that `at` lies in, so that none is cut; `at` itself where the text is not UTF-8.
pub(crate) fn character_start(text: &[u8], at: usize) -> usize {
    let is_inside = |at: usize| text.get(at).is_some_and(|byte| (0x80..0xC0).contains(byte));
    (0..4).map(|back| at - back).find(|&at| !is_inside(at)).unwrap_or(at)
}
