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

const END: [u8; 4] = *b"PK\x05\x06";
const END_BYTES: usize = 22;
const END_64: [u8; 4] = *b"PK\x06\x06";
const END_64_BYTES: u64 = 56;
const LOCATOR_64: [u8; 4] = *b"PK\x06\x07";
const LOCATOR_64_BYTES: usize = 20;
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
    Directory(Range<u64>),
    Listed(Vec<Listed>),
    /// There is no list: the archive is cut off, or no archive.
    Missing,
    Refused(Damage),
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
            Place::End64(range) | Place::Directory(range) => Some(range.clone()),
            Place::Listed(_) | Place::Missing | Place::Refused(_) => None,
        }
    }

    /// The bytes of the range that was wanted.
    pub fn give(&mut self, bytes: &[u8]) {
        self.place = match &self.place {
            Place::Tail => self.find_end(bytes),
            Place::End64(_) if bytes.starts_with(&END_64) => self.directory(longer(bytes, 48), longer(bytes, 40)),
            Place::Directory(range) => self.list(bytes, range.start),
            _ => Place::Missing,
        };
    }

    /// The members, folders left out. `None` where there is no list at all: then the archive is read from its front.
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
        self.directory(u64::from(long(tail, at + 16)), u64::from(long(tail, at + 12)))
    }

    fn directory(&self, start: u64, n_bytes: u64) -> Place {
        match start.checked_add(n_bytes) {
            Some(end) if end <= self.file_bytes && n_bytes <= MOST_DIRECTORY_BYTES => Place::Directory(start..end),
            _ => Place::Missing,
        }
    }

    fn list(&self, mut directory: &[u8], directory_start: u64) -> Place {
        let mut listed = Vec::new();
        while let Some((entry, n_bytes)) = Entry::of_directory(directory) {
            directory = directory.get(n_bytes..).unwrap_or_default();
            listed.push(entry);
            if listed.len() > MOST_MEMBERS as usize {
                return Place::Refused(TOO_MANY_MEMBERS);
            }
        }
        let unpacked_bytes = listed.iter().fold(0_u64, |sum, entry| sum.saturating_add(entry.bytes));
        if is_bomb(self.file_bytes, unpacked_bytes) {
            return Place::Refused(Damage::Bomb);
        }
        // A member ends where the next one begins: what it is said to take is not to be trusted.
        let mut starts: Vec<u64> = listed.iter().map(|entry| entry.start).chain([directory_start]).collect();
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
