//! Tests that cross crates: the native pipeline, goldens and the real browser. The library holds what they share.

pub mod claims;

pub mod seeds;

pub mod mutate;
