//! Blocks: about 64 KiB of log text, compressed, with a column of each head value beside it.
//!
//! A block is self-contained (names of services and formats are inside), so readers need no common dictionary.
//! Bytes that are not what a block wrote give [`Corrupt`], never a panic.

mod builder;

mod columns;

pub(crate) mod packed;

mod token_set;

#[cfg(test)]
pub mod tests;

use model::time::Nanos;

use crate::read::Position;

pub use builder::{BlockBuilder, words_of};
pub use columns::{Columns, Shape, moved};

/// A block is closed by the entry that brings its text to this size.
pub const BLOCK_BYTES: usize = 64 << 10;

/// The first blocks of a source are smaller, so that its first rows are shown at once.
pub const FIRST_BLOCK_BYTES: usize = 4 << 10;

/// A block is closed by this many entries too: their numbers fit in 16 bits.
pub const MAX_BLOCK_ENTRIES: usize = u16::MAX as usize;

/// A finished block, as a reader hands it to the store.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Block {
    pub n_entries: u32,
    /// Ordinal in the source of the first entry.
    pub first_entry: u64,
    /// Lines of the source before the first entry.
    pub first_line: u64,
    pub n_lines: u32,
    pub min_time: Nanos,
    pub max_time: Nanos,
    /// Bit `b` is set if an entry's severity is in the band numbered `b`.
    pub bands: u8,
    /// Some stamp named no zone.
    pub naive: bool,
    /// No entry has a time, nor had any before: [`Precision::Undated`](model::time::Precision) all of them. A block is so
    /// as a whole or not at all.
    pub undated: bool,
    pub text_bytes: u32,
    /// Compressed columns; see [`Columns::decode`].
    #[serde(with = "packed::bytes")]
    pub columns: Vec<u8>,
    /// Compressed text: each entry followed by a line feed; see [`decode_text`].
    #[serde(with = "packed::bytes")]
    pub text: Vec<u8>,
    /// What the word index gets (see [`crate::tokenize`]): distinct, each preceded by its length in one byte.
    #[serde(with = "packed::bytes")]
    pub words: Vec<u8>,
    /// Every distinct token by hash, for the postings.
    #[serde(with = "packed::tokens")]
    pub tokens: Vec<TokenCount>,
    /// What its entries are made from: a [`BlockShapes`](crate::template::BlockShapes).
    #[serde(with = "packed::bytes")]
    pub shapes: Vec<u8>,
    /// Where reading goes on after this block.
    pub position: Position,
}

/// A token's hash (48 bits) and the number of a block's entries that have it (16 bits).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenCount(pub u64);

impl TokenCount {
    /// `hash` as [`crate::tokenize::token_hash`] gives it; larger counts read as 65,535.
    pub fn new(hash: u64, n_entries: u32) -> Self {
        Self((hash & !0xFFFF) | u64::from(n_entries.min(0xFFFF)))
    }

    pub fn hash(self) -> u64 {
        self.0 & !0xFFFF
    }

    pub fn n_entries(self) -> u32 {
        (self.0 & 0xFFFF) as u32
    }
}

/// Stored bytes are not what was written: of another build, or damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Corrupt;

impl std::fmt::Display for Corrupt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("stored log data could not be read")
    }
}

impl std::error::Error for Corrupt {}

/// The text of a block. `text_bytes` as the block says.
pub fn decode_text(packed: &[u8], text_bytes: u32) -> Result<Vec<u8>, Corrupt> {
    packed::decompress(packed, text_bytes as usize)
}
