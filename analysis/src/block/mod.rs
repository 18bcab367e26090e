//! Blocks: about 64 KiB of log text, compressed, with a column of each head value beside it.
//!
//! A block is self-contained (names of services and formats are inside), so readers need no common dictionary.

use model::severity::Severity;
use model::time::{Nanos, Precision};

use crate::format::FormatId;
use crate::read::{Position, Record};

/// A block is closed by the entry that brings its text to this size.
pub const BLOCK_BYTES: usize = 64 << 10;

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
    pub text_bytes: u32,
    /// Compressed columns; see `columns`.
    pub columns: Vec<u8>,
    /// Compressed text: each entry followed by a line feed.
    pub text: Vec<u8>,
    /// The distinct words (folded tokens without a digit), each preceded by its length in one byte.
    pub words: Vec<u8>,
    /// Every distinct token: its hash and the number of entries that have it.
    pub tokens: Vec<(u64, u32)>,
    /// Where reading goes on after this block.
    pub position: Position,
}

/// Collects records until a block is full.
pub struct BlockBuilder {}

impl BlockBuilder {
    pub fn new() -> Self {
        Self {}
    }

    pub fn push(&mut self, _record: &Record<'_>) {}

    pub fn is_full(&self) -> bool {
        false
    }
}

/// The columns of a block, decoded; one element an entry.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    pub times: Vec<Nanos>,
    pub precisions: Vec<Precision>,
    pub naive: Vec<bool>,
    pub severities: Vec<Severity>,
    /// Indices into `service_names`.
    pub services: Vec<u16>,
    /// The empty name stands for the source's own service.
    pub service_names: Vec<String>,
    pub formats: Vec<FormatId>,
    /// Where each entry's text ends in the block's text (its line feed not included).
    pub ends: Vec<u32>,
    pub stamps: Vec<std::ops::Range<u32>>,
    pub n_lines: Vec<u32>,
}
