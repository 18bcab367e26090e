//! The values in messages of a block: what stands in the places of each entry's template.

use std::borrow::Cow;
use std::cell::RefCell;

use super::source::SourceMiner;
use super::text::{Template, line_of};
use crate::block::Columns;
use crate::format::{FieldSlots, Formats};

/// Reads the values of a block's entries from their text, one entry at a time.
pub struct ValueReader<'b> {
    pub formats: &'b Formats,
    pub columns: &'b Columns,
    pub text: &'b [u8],
    /// One that knows how the lines of the block's source begin.
    pub miner: &'b SourceMiner,
    /// Which shape of the block each entry has.
    pub of_entry: &'b [u16],
    /// The template of each shape.
    pub of_shape: &'b [&'b Template],
    slots: RefCell<FieldSlots>,
}

impl<'b> ValueReader<'b> {
    pub fn new(
        formats: &'b Formats,
        (columns, text): (&'b Columns, &'b [u8]),
        miner: &'b SourceMiner,
        (of_entry, of_shape): (&'b [u16], &'b [&'b Template]),
    ) -> Self {
        Self { formats, columns, text, miner, of_entry, of_shape, slots: RefCell::default() }
    }

    /// Whether the entry's template has a value in this place, counted from 0.
    #[inline]
    pub fn has_place(&self, entry: usize, place: usize) -> bool {
        self.template(entry).is_some_and(|template| place < template.variables.len())
    }

    /// Hands over an entry's template and its values from the left, if it has any; one that is nothing is empty.
    pub fn with_values<T>(&self, entry: usize, take: impl FnOnce(&Template, &[&str]) -> T) -> Option<T> {
        let template = self.template(entry).filter(|template| !template.variables.is_empty())?;
        let bytes = self.text.get(self.columns.text_range(entry))?;
        // Faster than the lossy way, which looks at each byte.
        let text = std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed);
        let format = self.columns.shape(entry).format;
        let message = self.miner.message(self.formats, format, &text, &mut self.slots.borrow_mut());
        template.values(&line_of(&message)).map(|values| take(template, &values))
    }

    fn template(&self, entry: usize) -> Option<&'b Template> {
        self.of_shape.get(usize::from(*self.of_entry.get(entry)?)).copied()
    }
}
