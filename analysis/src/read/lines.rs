//! Lines of the decoded text, whole ones and pieces of those that are too long; each object of a list in one line is one, and a
//! run of zeros before a line.

use std::ops::Range;

use memchr::memchr;

use super::{MAX_ENTRY_BYTES, Reader};
use crate::format::list;
use crate::format::opening::Opening;

/// A line in the buffer.
pub(super) struct Line {
    pub content: Range<usize>,
    /// Behind the line end.
    pub end: usize,
    pub is_cut: bool,
    /// It is an object of a list in one line, and another one follows.
    pub in_list: bool,
    /// It is a run of zeros before a line, cut off from it.
    pub is_zeros: bool,
}

impl Line {
    /// More of the same line follows.
    pub fn goes_on(&self) -> bool {
        self.is_cut && !self.is_zeros
    }
}

/// A run of fewer zeros belongs to the line that it begins.
const LEAST_ZEROS: usize = 16;

impl Reader<'_> {
    /// The next whole line, or a piece of one that is too long.
    pub(super) fn next_line(&mut self) -> Option<Line> {
        let start = self.line_start;
        if let Some(item) = self.next_item().or_else(|| self.next_zeros()) {
            return item;
        }
        let limit = self.text.len().min(start + MAX_ENTRY_BYTES + 1);
        let from = self.searched.max(start);
        if let Some(at) = memchr(b'\n', &self.text[from..limit]) {
            let end = from + at;
            let len = without_return(&self.text[start..end]).len();
            return Some(Line {
                content: start..start + len,
                end: end + 1,
                is_cut: false,
                in_list: false,
                is_zeros: false,
            });
        }
        self.searched = limit;
        if limit - start > MAX_ENTRY_BYTES {
            let end = character_start(&self.text, start + MAX_ENTRY_BYTES);
            return Some(Line { content: start..end, end, is_cut: true, in_list: false, is_zeros: false });
        }
        if self.finished && start < self.text.len() {
            let len = without_return(&self.text[start..]).len();
            return Some(Line {
                content: start..start + len,
                end: self.text.len(),
                is_cut: false,
                in_list: false,
                is_zeros: false,
            });
        }
        None
    }

    /// The next object of a list in one line, but for the last, which is the rest of the line. `Some(None)`: more bytes will
    /// tell.
    fn next_item(&self) -> Option<Option<Line>> {
        let start = self.line_start;
        let text = &self.text[start..self.text.len().min(start + MAX_ENTRY_BYTES + 1)];
        let item = match self.in_list {
            true => 0,
            false => list::first_item(text).filter(|_| !self.in_line && !self.is_counted_out())?,
        };
        match list::item_end(text, item) {
            Some(end) => {
                let end = start + end;
                Some(Some(Line { content: start..end, end, is_cut: false, in_list: true, is_zeros: false }))
            }
            // The line may be whole, or too long; else its end is not there yet.
            None => {
                let is_undecided = memchr(b'\n', text).is_none() && text.len() <= MAX_ENTRY_BYTES && !self.finished;
                is_undecided.then_some(None)
            }
        }
    }

    /// Whether a value of any bytes is being read: it may have lists and zeros at any place.
    fn is_counted_out(&self) -> bool {
        self.collecting.as_ref().is_some_and(|entry| matches!(entry.open, Some((_, Opening::Block { .. }))))
    }

    /// The run of zeros before the next line. `Some(None)`: more bytes will tell.
    fn next_zeros(&self) -> Option<Option<Line>> {
        let start = self.line_start;
        if self.in_line || self.in_list || self.is_counted_out() || self.text.get(start) != Some(&0) {
            return None;
        }
        let text = &self.text[start..self.text.len().min(start + MAX_ENTRY_BYTES)];
        let n_zeros = text.iter().take_while(|&&byte| byte == 0).count();
        if n_zeros == text.len() && n_zeros < MAX_ENTRY_BYTES && !self.finished {
            return Some(None);
        }
        // A line of zeros alone is one.
        let is_line = matches!(text.get(n_zeros), Some(b'\r' | b'\n'));
        let end = start + n_zeros;
        (n_zeros >= LEAST_ZEROS && !is_line).then_some(Some(Line {
            content: start..end,
            end,
            is_cut: true,
            in_list: false,
            is_zeros: true,
        }))
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
