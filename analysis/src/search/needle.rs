//! The rule of a match as a scan: where a query's text occurs at token boundaries.

use memchr::memmem::Finder;

use super::Bitmap;
use crate::block::Columns;
use crate::fold::fold;
use crate::tokenize::{is_boundary, reads_as_time};

/// A query's text, looked for as [`crate::tokenize`] says.
pub struct Needle {
    finder: Finder<'static>,
    /// The last token may go on.
    is_prefix: bool,
    /// Reads as a clock time or a date: found in time stamps too.
    is_time: bool,
}

impl Needle {
    /// Whole tokens.
    pub fn whole(text: &str) -> Self {
        Self { finder: Finder::new(&fold(text)).into_owned(), is_prefix: false, is_time: reads_as_time(text) }
    }

    /// The end may stand in the middle of a token.
    pub fn prefix(text: &str) -> Self {
        Self { is_prefix: true, ..Self::whole(text) }
    }

    fn fits(&self, folded: &[u8], start: usize) -> bool {
        let end = start + self.finder.needle().len();
        is_boundary(folded, start) && (self.is_prefix || is_boundary(folded, end))
    }

    /// Where it occurs in folded text that holds no stamp, from `from` on.
    pub fn find_at(&self, folded: &[u8], mut from: usize) -> Option<std::ops::Range<usize>> {
        while let Some(start) = find_from(&self.finder, folded, from) {
            if self.fits(folded, start) {
                return Some(start..start + self.finder.needle().len());
            }
            from = start + 1;
        }
        None
    }

    /// Whether folded text that holds no stamp has it.
    pub fn is_in(&self, folded: &[u8]) -> bool {
        self.find_at(folded, 0).is_some()
    }

    /// The entries of `within` that have it. `folded`: the folded text of the whole block.
    pub fn find_entries(&self, folded: &[u8], columns: &Columns, within: &Bitmap) -> Bitmap {
        let n_bytes = self.finder.needle().len();
        scan_entries(&[&self.finder], folded, columns, within, |entry, start| {
            let (text, end) = (columns.text_range(entry), start + n_bytes);
            let stamp = &columns.shape(entry).stamp;
            let is_outside_stamp =
                || end <= text.start + stamp.start as usize || start >= text.start + stamp.end as usize;
            end <= text.end && (self.is_time || stamp.is_empty() || is_outside_stamp()) && self.fits(folded, start)
        })
    }
}

/// Entries of `within` in which one of the `finders` finds something that `accept(entry, start)` takes.
///
/// Scans the whole text of the block at once, unless few entries are left to look at.
pub fn scan_entries(
    finders: &[&Finder<'_>],
    text: &[u8],
    columns: &Columns,
    within: &Bitmap,
    accept: impl Fn(usize, usize) -> bool,
) -> Bitmap {
    /// From this share of the entries on it is faster to scan the text of all of them.
    const MANY: usize = 8;
    let mut found = Bitmap::none(columns.len());
    if within.count() * MANY < columns.len() {
        for entry in within.iter() {
            let range = columns.text_range(entry);
            let text = text.get(..range.end).unwrap_or_default();
            if finders.iter().any(|finder| accepted(finder, text, range.start, |start| accept(entry, start))) {
                found.insert(entry);
            }
        }
        return found;
    }
    for finder in finders {
        let (mut entry, mut from) = (0, 0);
        while let Some(start) = find_from(finder, text, from) {
            while columns.ends.get(entry).is_some_and(|&end| (end as usize) < start) {
                entry += 1;
            }
            if entry >= columns.len() {
                break;
            }
            if !within.has(entry) || found.has(entry) || accept(entry, start) {
                if within.has(entry) {
                    found.insert(entry);
                }
                from = columns.ends[entry] as usize + 1;
            } else {
                from = start + 1;
            }
        }
    }
    found
}

fn accepted(finder: &Finder<'_>, text: &[u8], mut from: usize, accept: impl Fn(usize) -> bool) -> bool {
    while let Some(start) = find_from(finder, text, from) {
        if accept(start) {
            return true;
        }
        from = start + 1;
    }
    false
}

fn find_from(finder: &Finder<'_>, text: &[u8], from: usize) -> Option<usize> {
    Some(from + finder.find(text.get(from..)?)?)
}
