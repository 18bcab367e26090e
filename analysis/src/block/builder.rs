//! Collects entries until they make a block.

use model::time::Nanos;

use super::Block;
use crate::format::Formats;
use crate::read::{Position, Record};

/// Collects records until a block is full.
///
/// Where blocks end depends only on the entries before, so a resumed import cuts the same blocks.
pub struct BlockBuilder {}

impl BlockBuilder {
    /// `fallback`: the time of entries of a block in which nothing has a time, nor anything before (the file's own).
    pub fn new(_fallback: Nanos) -> Self {
        Self {}
    }

    /// Goes on after the block that ended at `position`.
    pub fn resume(_fallback: Nanos, _position: &Position) -> Self {
        Self {}
    }

    pub fn push(&mut self, _record: &Record<'_>) {
        unimplemented!()
    }

    pub fn is_empty(&self) -> bool {
        unimplemented!()
    }

    /// Time to [`BlockBuilder::finish`].
    pub fn is_full(&self) -> bool {
        unimplemented!()
    }

    /// The block of all records pushed since the last. `position`: the reader's, after the last of them.
    pub fn finish(&mut self, _position: Position, _formats: &Formats) -> Block {
        unimplemented!()
    }
}
