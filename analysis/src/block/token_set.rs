//! The distinct tokens of a block, each with the number of entries that have it.
