//! The list at the end of a zip archive, read through a few ranges of the file.
//!
//! ```ignore
//! let mut listing = Listing::new(file_bytes);
//! while let Some(range) = listing.wants() { listing.give(&read(range)); }
//! let listed = listing.finish();
//! ```

use std::ops::Range;

use super::packed::{Damage, is_bomb};
use super::unfold::{MOST_MEMBERS, TOO_MANY_MEMBERS};
use super::zip::{Entry, long, longer, short};

pub(super) const END: [u8; 4] = *b"PK\x05\x06";
pub(super) const END_BYTES: usize = 22;
pub(super) const END_64: [u8; 4] = *b"PK\x06\x06";
const END_64_BYTES: u64 = 56;
pub(super) const LOCATOR_64: [u8; 4] = *b"PK\x06\x07";
pub(super) const LOCATOR_64_BYTES: usize = 20;
/// A comment may follow the end.
const TAIL_BYTES: u64 = (END_BYTES + LOCATOR_64_BYTES + 0xFFFF) as u64;
/// Far more than the members that are read take.
const MOST_DIRECTORY_BYTES: u64 = 128 << 20;

pub struct Listing {
    file_bytes: u64,
    place: Place,
}

enum Place {
    Tail,
    End64(Range<u64>),
    Directory(Directory),
    Listed(Vec<Listed>),
    /// There is no list, or not the whole of it: the archive is cut off, damaged, or no archive.
    Missing,
    Refused(Damage),
}

/// What the end says of the list.
struct Directory {
    range: Range<u64>,
    n_entries: u64,
}

/// A member and where it is in the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub entry: Entry,
    /// From its local header to the next member.
    pub range: Range<u64>,
}

impl Listing {
    pub fn new(file_bytes: u64) -> Self {
        Self { file_bytes, place: Place::Tail }
    }

    /// The next range of the file to be given; `None` when all is known.
    pub fn wants(&self) -> Option<Range<u64>> {
        match &self.place {
            Place::Tail => Some(self.file_bytes.saturating_sub(TAIL_BYTES)..self.file_bytes),
            Place::End64(range) | Place::Directory(Directory { range, .. }) => Some(range.clone()),
            Place::Listed(_) | Place::Missing | Place::Refused(_) => None,
        }
    }

    /// The bytes of the range that was wanted.
    pub fn give(&mut self, bytes: &[u8]) {
        self.place = match &self.place {
            Place::Tail => self.find_end(bytes),
            Place::End64(range) if bytes.starts_with(&END_64) => {
                directory(longer(bytes, 48), longer(bytes, 40), longer(bytes, 32), range.start)
            }
            Place::Directory(directory) => self.list(bytes, directory),
            _ => Place::Missing,
        };
    }

    /// The members, folders left out. `None` where there is no list, or less of it than its end says: then the archive is read
    /// from its front.
    pub fn finish(self) -> Result<Option<Vec<Listed>>, Damage> {
        match self.place {
            Place::Listed(listed) => Ok(Some(listed)),
            Place::Refused(damage) => Err(damage),
            _ => Ok(None),
        }
    }

    fn find_end(&self, tail: &[u8]) -> Place {
        let fits = |&at: &usize| {
            tail[at..].starts_with(&END)
                && tail.len() >= at + END_BYTES
                && at + END_BYTES + usize::from(short(tail, at + 20)) <= tail.len()
        };
        let Some(at) = (0..tail.len().saturating_sub(END_BYTES - 1)).rev().find(fits) else { return Place::Missing };
        if let Some(locator) = at.checked_sub(LOCATOR_64_BYTES).map(|at| &tail[at..])
            && locator.starts_with(&LOCATOR_64)
        {
            let start = longer(locator, 8);
            return match start.checked_add(END_64_BYTES).filter(|&end| end <= self.file_bytes) {
                Some(end) => Place::End64(start..end),
                None => Place::Missing,
            };
        }
        let [start, n_bytes] = [16, 12].map(|field| u64::from(long(tail, at + field)));
        let tail_start = self.file_bytes.saturating_sub(tail.len() as u64);
        directory(start, n_bytes, u64::from(short(tail, at + 10)), tail_start + at as u64)
    }

    fn list(&self, mut bytes: &[u8], directory: &Directory) -> Place {
        let mut listed = Vec::new();
        while let Some((entry, n_bytes)) = Entry::of_directory(bytes) {
            bytes = bytes.get(n_bytes..).unwrap_or_default();
            listed.push(entry);
            if listed.len() > MOST_MEMBERS as usize {
                return Place::Refused(TOO_MANY_MEMBERS);
            }
        }
        // More of them are fine: without zip64 the number has 16 bits, and some writers go on counting from 0.
        if (listed.len() as u64) < directory.n_entries {
            return Place::Missing;
        }
        // Of one that is refused by itself nothing is unpacked.
        let read = listed.iter().filter(|entry| !is_bomb(entry.packed_bytes, entry.bytes));
        let unpacked_bytes = read.fold(0_u64, |sum, entry| sum.saturating_add(entry.bytes));
        if is_bomb(self.file_bytes, unpacked_bytes) {
            return Place::Refused(Damage::Bomb);
        }
        // A member ends where the next one begins: what it is said to take is not to be trusted.
        let mut starts: Vec<u64> = listed.iter().map(|entry| entry.start).chain([directory.range.start]).collect();
        starts.sort_unstable();
        // Members that share their content are how an archive of a few megabytes holds more than any disk.
        if starts.windows(2).any(|pair| pair[0] == pair[1]) {
            return Place::Refused(Damage::Bomb);
        }
        let with_range = |entry: Entry| {
            let next = starts[starts.partition_point(|&start| start <= entry.start)..].first();
            let end = next.copied().unwrap_or(self.file_bytes).min(self.file_bytes);
            Listed { range: entry.start.min(end)..end, entry }
        };
        Place::Listed(listed.into_iter().filter(|entry| !entry.is_folder).map(with_range).collect())
    }
}

/// A list that does not end where its end begins, at `end`, is of another archive: of one behind which this one was put.
fn directory(start: u64, n_bytes: u64, n_entries: u64, end: u64) -> Place {
    if start.checked_add(n_bytes) == Some(end) && n_bytes <= MOST_DIRECTORY_BYTES {
        return Place::Directory(Directory { range: start..end, n_entries });
    }
    Place::Missing
}
