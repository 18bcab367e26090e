//! Postings: which blocks of a group have a token, and how many of their entries.
//!
//! Built once for each group of up to 256 blocks, cut into chunks by token hash, so that a look-up reads one chunk a
//! group. Tokens of many blocks are kept exactly, with counts; the many tokens of few blocks (identifiers) by a shortened
//! hash without counts, in about two bytes for each block: a scan of the named blocks settles what a short hash leaves open.

use crate::block::{Corrupt, TokenCount};

/// Blocks of one group; a block's place in it fits in a byte.
pub const GROUP_BLOCKS: usize = 256;

/// A piece of a group's postings: the tokens whose hashes are at least `first_hash` and below the next chunk's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    pub first_hash: u64,
    pub bytes: Vec<u8>,
}

/// What a chunk knows of a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Exactly these blocks have it, in as many entries as `blocks` says. Else some of them may not, and the numbers
    /// are zero.
    pub exact: bool,
    /// Place in the group and number of entries, ascending by place.
    pub blocks: Vec<(u8, u32)>,
}

/// `group`: place in the group and [`crate::block::Block::tokens`] of each block. Ascending by `first_hash`; the first
/// chunk's is 0.
pub fn build(_group: &[(u8, &[TokenCount])]) -> Vec<Chunk> {
    unimplemented!()
}

/// Looks a token up in the last chunk whose `first_hash` is at most `hash`.
pub fn lookup(_chunk: &[u8], _hash: u64) -> Result<Found, Corrupt> {
    unimplemented!()
}
