//! From the bytes of a file to blocks.
//!
//! gunzip (where the file is gzip) → [`Reader`](crate::read::Reader) → [`BlockBuilder`](crate::block::BlockBuilder). Never
//! fails: what could be read is in the blocks, and [`Importer::finish`] says in a sentence what could not.

use crate::block::Block;
use crate::format::Formats;
use crate::read::{Context, Position};

/// Takes one file in, in slices of any size.
pub struct Importer<'f> {
    _formats: &'f Formats,
}

/// How an import ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The whole file is in the blocks.
    Complete,
    /// What was before the damage is in the blocks; the reason is a sentence.
    Damaged { reason: String },
    /// Not a log; the reason is a sentence.
    NotText { reason: String },
}

impl<'f> Importer<'f> {
    pub fn new(formats: &'f Formats, _context: Context) -> Self {
        Self { _formats: formats }
    }

    /// Goes on after the block with this position; the bytes from [`Importer::start_byte`] on must be pushed.
    pub fn resume(formats: &'f Formats, _context: Context, _position: Position) -> Self {
        Self { _formats: formats }
    }

    /// Byte of the file as it is on disk that the first push must begin with: 0 for a compressed file (what was taken in
    /// before is skipped), else where the last block ended. `first_bytes`: the first few of the file.
    pub fn start_byte(_position: &Position, _first_bytes: &[u8]) -> u64 {
        unimplemented!()
    }

    /// Hands over the next bytes of the file; blocks that became full are added to `blocks`.
    pub fn push(&mut self, _bytes: &[u8], _blocks: &mut Vec<Block>) {
        unimplemented!()
    }

    /// No more bytes will come: the rest becomes the last block.
    pub fn finish(&mut self, _blocks: &mut Vec<Block>) -> Outcome {
        unimplemented!()
    }
}
