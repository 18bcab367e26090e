//! What logs come packed in: compressed files, archives, archives in archives.
//!
//! Everything is told by content, taken in slices of any size and given out in pieces of bounded size; what is damaged ends
//! with a sentence, and what was before the damage is kept.

mod unfold;
pub use unfold::{EVIDENCE_BYTES, Unfold, is_packed, is_zip};

mod member;
pub use member::{Member, Part};

mod directory;
pub use directory::{Listed, Listing};

mod zip;
pub use zip::Entry;

mod tar;

mod packed;
pub use packed::Damage;
pub(crate) use packed::is_bomb;

mod streams;

mod zstd;

mod lz4;

#[cfg(test)]
mod tests;
#[cfg(test)]
pub use tests::gzip;

#[cfg(test)]
mod archive_tests;
