//! Field columns: what the entries of a block have in each field, so that values are counted without opening entries.
//!
//! One byte string a block, beside the block's own columns. A directory names the fields and what is known of each as a
//! whole: how many entries have it, and its values with their counts where they are few. The values of single entries come
//! behind that, each field by itself, and are decoded for the fields that are asked for:
//!
//! | kept as | when | an entry takes |
//! |---|---|---|
//! | few values | at most three for four entries that have the field | as many bits as number the values |
//! | numbers | all are written in one [`Form`] | the bits of the largest difference |
//! | places | else: ids, messages, paths | where in the block's text the value stands |
//!
//! Of places a sketch tells about how many different values there are. A value is its text as it is shown; of an entry that
//! has a field more than once the first counts. Beside what [`Formats::parse`](crate::format::Formats::parse) finds there are
//! `level`, `service`, `format`, `message`, `trace_id` and `span_id`, by the names that queries have for them: an entry's own field
//! called `format` is `.format`.
//!
//! Columns do not depend on times, paths or zones, so a change of those leaves them true.

pub(crate) mod bits;

pub mod decimal;

mod make;
pub use make::make;

mod read;
pub use read::{BlockFields, FieldHead, Kept, Known, Place, Values};

pub mod sketch;

#[cfg(test)]
mod tests;

/// Grows when the bytes, or what they say of the same text, change otherwise than the formats do.
pub const VERSION: u32 = 6;

/// Which kinds of values a field has, by their text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kinds(pub u8);

impl Kinds {
    pub const TEXT: Self = Self(1);
    /// With or without a unit.
    pub const NUMBER: Self = Self(2);
    pub const BOOL: Self = Self(4);

    pub fn of(text: &str) -> Self {
        if text == "true" || text == "false" {
            Self::BOOL
        } else if text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'))
            && model::quantity::Quantity::read(text).is_some()
        {
            Self::NUMBER
        } else {
            Self::TEXT
        }
    }

    pub fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }
}
