//! Cuts a byte stream into entries and reads their heads.
//!
//! In: the bytes of one (uncompressed) file in slices of any size. Out: entries, the same for every slicing.
//! Never fails: bytes no format reads are raw entries, bytes that are not text are kept.

use model::time::{Nanos, Zone};
use serde::{Deserialize, Serialize};

use crate::format::{Formats, Head};

/// What is known of a file beside its bytes.
#[derive(Clone, Debug)]
pub struct Context {
    /// Path as dropped; year-less and service-less entries are read with its help.
    pub path: String,
    pub modified: Nanos,
    /// Zone for stamps that name none.
    pub zone: Zone,
}

/// Where in a file reading stands, between two entries; carries all that reading on needs.
///
/// Stored with each commit: a reader resumed from it gives exactly the entries that follow.
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
    /// That entry's stamp named no zone; told by the block builder.
    pub last_naive: bool,
    // The reader adds what it needs (encoding, formats in use, year), as plain values.
}

/// One entry, borrowed from the reader until the next is asked for.
pub struct Record<'a> {
    pub head: Head,
    /// UTF-8 as far as the file was; without the last line end. At most [`MAX_ENTRY_BYTES`].
    pub text: &'a [u8],
    /// Lines it takes in the file, at least 1 (0 for a piece of a line that was cut).
    pub n_lines: u32,
}

/// A longer entry goes on as further entries, so that a 100 MB line neither fills memory nor blocks.
pub const MAX_ENTRY_BYTES: usize = 1 << 20;

pub struct Reader<'f> {
    _formats: &'f Formats,
}

impl<'f> Reader<'f> {
    pub fn new(formats: &'f Formats, _context: Context) -> Self {
        Self { _formats: formats }
    }

    /// Goes on from a stored position; the next bytes pushed must be those at `position.offset`.
    pub fn resume(formats: &'f Formats, _context: Context, _position: Position) -> Self {
        Self { _formats: formats }
    }

    /// Hands over the next bytes of the file.
    pub fn push(&mut self, _bytes: &[u8]) {}

    /// No more bytes will come; what is held back becomes entries.
    pub fn finish(&mut self) {}

    /// The next entry that is certain to be whole, or `None` until more bytes are pushed.
    pub fn next_record(&mut self) -> Option<Record<'_>> {
        None
    }

    /// Where reading stands after the last record returned.
    pub fn position(&self) -> Position {
        Position::default()
    }
}
