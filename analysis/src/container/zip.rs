//! zip archives: members one after the other as their local headers tell, and the list of members at the archive's end.
//!
//! Stored and deflated members, those of bzip2, xz and Zstandard, zip64, data descriptors. Format: APPNOTE 6.3.

use flate2::Crc;
use model::time::{Civil, Nanos};

use super::directory::{END, END_64, END_BYTES, LOCATOR_64, LOCATOR_64_BYTES};
use super::member::{Member, Part, TakePart, clean_path};
use super::packed::{Damage, Packing, Unpacker, is_bomb};

pub const LOCAL_HEADER: [u8; 4] = *b"PK\x03\x04";
const DIRECTORY_ENTRY: [u8; 4] = *b"PK\x01\x02";
const DESCRIPTOR: [u8; 4] = *b"PK\x07\x08";
pub(super) const LOCAL_BYTES: usize = 30;
pub(super) const DIRECTORY_BYTES: usize = 46;

const ENCRYPTED: u16 = 1;
/// Sizes and checksum follow the content.
const DESCRIBED_BEHIND: u16 = 1 << 3;
const IS_UTF8: u16 = 1 << 11;

const ZIP64: u16 = 1;
const UNIX_TIME: u16 = 0x5455;
/// Where the number is in the [`ZIP64`] field.
const ELSEWHERE: u32 = u32::MAX;

/// What a header says of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub path: String,
    pub is_folder: bool,
    pub method: u16,
    pub flags: u16,
    pub crc: u32,
    pub packed_bytes: u64,
    pub bytes: u64,
    pub modified_millis: i64,
    /// Where in the archive its local header begins; only the directory says.
    pub start: u64,
    /// Sizes behind the content take eight bytes each.
    pub is_zip64: bool,
}

/// Reads members from a stream of them, each beginning with its local header.
#[derive(Default)]
pub struct Zip {
    held: Vec<u8>,
    place: Place,
    /// What the directory says of the only member there is.
    known: Option<Entry>,
    /// The members were read, and the directory is passed over: another archive may be behind it.
    is_behind_members: bool,
}

#[derive(Default)]
enum Place {
    #[default]
    Header,
    Content(Box<Content>),
    Skipping(u64),
    /// Bytes of a descriptor.
    Behind(usize),
    Over(Option<Damage>),
}

struct Content {
    entry: Entry,
    /// `None`: stored.
    unpacker: Option<Unpacker>,
    /// Packed bytes to come, where that is known.
    n_left: Option<u64>,
    crc: Crc,
    n_out: u64,
}

impl Zip {
    /// Reads the one member that `entry` of the directory tells of, from its local header on.
    pub fn of_member(entry: Entry) -> Self {
        Self { known: Some(entry), ..Self::default() }
    }

    pub fn push(&mut self, bytes: &[u8], take: &mut TakePart<'_>) {
        if matches!(self.place, Place::Over(_)) {
            return;
        }
        let mut input = std::mem::take(&mut self.held);
        input.extend_from_slice(bytes);
        let mut rest = &input[..];
        while let Some(n_bytes) = self.step(rest, take) {
            rest = &rest[n_bytes..];
        }
        if !matches!(self.place, Place::Over(_)) {
            self.held = rest.to_vec();
        }
    }

    /// No more bytes will come; what is wrong with the archive, if anything is. The member being read is told its end.
    pub fn finish(&mut self, take: &mut TakePart<'_>) -> Option<Damage> {
        match std::mem::replace(&mut self.place, Place::Over(None)) {
            Place::Over(damage) => damage,
            Place::Header if self.held.is_empty() && self.known.is_none() => None,
            Place::Header | Place::Skipping(_) if self.is_behind_members => None,
            Place::Content(mut content) => {
                // A descriptor that is missing is no loss.
                let damage = content.end(take).or(content.n_left.and(Some(Damage::Truncated)));
                take(Part::End(damage.clone()));
                damage
            }
            _ => {
                if let Some(entry) = &self.known {
                    take(Part::Begin(entry.member()));
                    take(Part::End(Some(Damage::Truncated)));
                }
                Some(Damage::Truncated)
            }
        }
    }

    /// It reads one member, not the archive.
    pub fn is_one_member(&self) -> bool {
        self.known.is_some()
    }

    pub fn is_over(&self) -> bool {
        matches!(self.place, Place::Over(_))
    }

    /// Bytes of use at the front of `input`; `None`: more are needed, or nothing more comes.
    fn step(&mut self, input: &[u8], take: &mut TakePart<'_>) -> Option<usize> {
        match &mut self.place {
            Place::Over(_) => None,
            Place::Header => self.begin(input, take),
            Place::Skipping(n_left) => {
                let n_bytes = (*n_left).min(input.len() as u64);
                *n_left -= n_bytes;
                if *n_left == 0 {
                    self.place = Place::Header;
                    return Some(n_bytes as usize);
                }
                (n_bytes > 0).then_some(n_bytes as usize)
            }
            Place::Behind(n_bytes) => {
                let n_bytes = *n_bytes + if input.first_chunk() == Some(&DESCRIPTOR) { 4 } else { 0 };
                if input.len() < n_bytes.max(4) {
                    return None;
                }
                self.place = Place::Header;
                Some(n_bytes)
            }
            Place::Content(content) => {
                let (n_bytes, is_end) = content.push(input, take);
                if is_end {
                    let damage = content.end(take);
                    take(Part::End(damage.clone()));
                    self.place = match content.n_left {
                        _ if self.known.is_some() => Place::Over(None),
                        Some(_) => Place::Header,
                        None if content.entry.is_zip64 || content.n_out > u64::from(u32::MAX) => Place::Behind(20),
                        None => Place::Behind(12),
                    };
                    return Some(n_bytes);
                }
                (n_bytes > 0).then_some(n_bytes)
            }
        }
    }

    fn begin(&mut self, input: &[u8], take: &mut TakePart<'_>) -> Option<usize> {
        let magic: &[u8; 4] = input.first_chunk()?;
        if *magic != LOCAL_HEADER {
            // The directory follows the last member.
            let is_end = self.is_behind_members || magic[..2] == *b"PK" && self.known.is_none();
            self.is_behind_members = is_end;
            if is_end && is_of_directory(*magic) {
                self.place = Place::Skipping(n_directory_bytes(input)?);
                return Some(0);
            }
            if let Some(entry) = &self.known {
                take(Part::Begin(entry.member()));
                take(Part::End(Some(Damage::Corrupt)));
            }
            self.place = Place::Over((!is_end).then_some(Damage::Corrupt));
            return None;
        }
        self.is_behind_members = false;
        let header = input.get(..LOCAL_BYTES)?;
        let (n_name, n_extra) = (usize::from(short(header, 26)), usize::from(short(header, 28)));
        let n_bytes = LOCAL_BYTES + n_name + n_extra;
        let behind = input.get(LOCAL_BYTES..n_bytes)?;
        let (name, extra) = behind.split_at(n_name);
        let entry = match &self.known {
            Some(entry) => entry.clone(),
            None => Entry::read(&header[6..], name, extra, 0),
        };
        self.place = self.content(entry, take);
        Some(n_bytes)
    }

    fn content(&self, entry: Entry, take: &mut TakePart<'_>) -> Place {
        let is_size_known = entry.flags & DESCRIBED_BEHIND == 0 || self.known.is_some();
        let packing = entry.packing();
        let refused = match packing {
            _ if entry.flags & ENCRYPTED != 0 => Some(Damage::Unsupported("is encrypted")),
            Err(ref damage) => Some(damage.clone()),
            Ok(_) if is_size_known && is_bomb(entry.packed_bytes, entry.bytes) => Some(Damage::Bomb),
            // Where it ends is told behind its end.
            Ok(packing) if !is_size_known && packing != Some(Packing::Deflate) => {
                Some(Damage::Unsupported("is stored without its size"))
            }
            Ok(_) => None,
        };
        if !entry.is_folder {
            take(Part::Begin(entry.member()));
        }
        if let Some(damage) = refused {
            if !entry.is_folder {
                take(Part::End(Some(damage.clone())));
            }
            return match is_size_known {
                _ if self.known.is_some() => Place::Over(None),
                true if entry.packed_bytes == 0 => Place::Header,
                true => Place::Skipping(entry.packed_bytes),
                false => Place::Over(Some(damage)),
            };
        }
        if entry.is_folder && is_size_known && entry.packed_bytes == 0 {
            return Place::Header;
        }
        Place::Content(Box::new(Content {
            n_left: is_size_known.then_some(entry.packed_bytes),
            unpacker: packing.ok().flatten().map(Unpacker::new),
            crc: Crc::new(),
            n_out: 0,
            entry,
        }))
    }
}

impl Content {
    /// Bytes taken, and whether that was the content's end.
    fn push(&mut self, input: &[u8], take: &mut TakePart<'_>) -> (usize, bool) {
        let n_most = self.n_left.map_or(input.len() as u64, |n_left| n_left.min(input.len() as u64)) as usize;
        let Self { unpacker, crc, n_out, .. } = self;
        let mut out = |bytes: &[u8]| {
            crc.update(bytes);
            *n_out += bytes.len() as u64;
            take(Part::Bytes(bytes));
        };
        match unpacker {
            None => out(&input[..n_most]),
            Some(unpacker) => unpacker.push(&input[..n_most], &mut out),
        }
        match &mut self.n_left {
            Some(n_left) => {
                *n_left -= n_most as u64;
                (n_most, *n_left == 0)
            }
            None => {
                let unpacker = self.unpacker.as_mut().expect("stored members know their size");
                match unpacker.n_behind_end() {
                    Some(n_behind) => (n_most - n_behind, true),
                    // What follows the damage cannot be told from the content.
                    None => (n_most, unpacker.is_damaged() && n_most == 0),
                }
            }
        }
    }

    /// What is wrong with the content.
    fn end(&mut self, take: &mut TakePart<'_>) -> Option<Damage> {
        let Self { unpacker, crc, n_out, .. } = self;
        let damage = unpacker.as_mut().and_then(|unpacker| {
            unpacker.finish(&mut |bytes| {
                crc.update(bytes);
                *n_out += bytes.len() as u64;
                take(Part::Bytes(bytes));
            })
        });
        let is_truncated = self.n_left.is_some_and(|n_left| n_left > 0);
        let is_described = self.n_left.is_some();
        let is_wrong = is_described && (self.crc.sum(), self.n_out) != (self.entry.crc, self.entry.bytes);
        damage.or(is_truncated.then_some(Damage::Truncated)).or(is_wrong.then_some(Damage::Checksum))
    }
}

impl Entry {
    /// `fields`: from the flags on, as local headers and the directory have them. `start`: as the directory says.
    fn read(fields: &[u8], name: &[u8], extra: &[u8], start: u32) -> Self {
        let (packed_bytes, bytes) = (long(fields, 12), long(fields, 16));
        let mut entry = Self {
            path: clean_path(&unpaged(name, short(fields, 0) & IS_UTF8 != 0)),
            is_folder: name.ends_with(b"/") || name.ends_with(b"\\"),
            flags: short(fields, 0),
            method: short(fields, 2),
            crc: long(fields, 8),
            packed_bytes: u64::from(packed_bytes),
            bytes: u64::from(bytes),
            modified_millis: dos_millis(short(fields, 6), short(fields, 4)),
            start: u64::from(start),
            is_zip64: false,
        };
        let mut extra = extra;
        while let Some((&[a, b, c, d], rest)) = extra.split_first_chunk() {
            let Some((field, rest)) = rest.split_at_checked(usize::from(u16::from_le_bytes([c, d]))) else { break };
            extra = rest;
            match u16::from_le_bytes([a, b]) {
                ZIP64 => {
                    entry.is_zip64 = true;
                    // Those that did not fit, in this order.
                    let mut numbers = field.chunks_exact(8).filter_map(|bytes| bytes.first_chunk().copied());
                    for (number, is_here) in [
                        (&mut entry.bytes, bytes == ELSEWHERE),
                        (&mut entry.packed_bytes, packed_bytes == ELSEWHERE),
                        (&mut entry.start, start == ELSEWHERE),
                    ] {
                        if let (true, Some(bytes)) = (is_here, if is_here { numbers.next() } else { None }) {
                            *number = u64::from_le_bytes(bytes);
                        }
                    }
                }
                UNIX_TIME => {
                    if let [flags, a, b, c, d, ..] = *field
                        && flags & 1 == 1
                    {
                        entry.modified_millis = i64::from(i32::from_le_bytes([a, b, c, d])) * 1000;
                    }
                }
                _ => {}
            }
        }
        entry
    }

    /// The next entry of the directory and the bytes it takes.
    pub(super) fn of_directory(directory: &[u8]) -> Option<(Self, usize)> {
        let header = directory.get(..DIRECTORY_BYTES).filter(|header| header.starts_with(&DIRECTORY_ENTRY))?;
        let [n_name, n_extra, n_comment] = [28, 30, 32].map(|at| usize::from(short(header, at)));
        let behind = directory.get(DIRECTORY_BYTES..)?;
        let (name, rest) = behind.split_at_checked(n_name)?;
        let extra = rest.get(..n_extra)?;
        let n_bytes = DIRECTORY_BYTES + n_name + n_extra + n_comment;
        Some((Self::read(&header[8..], name, extra, long(header, 42)), n_bytes))
    }

    pub fn member(&self) -> Member {
        Member { path: self.path.clone(), bytes: self.bytes, modified_millis: self.modified_millis }
    }

    /// `None`: stored.
    fn packing(&self) -> Result<Option<Packing>, Damage> {
        match self.method {
            0 => Ok(None),
            8 => Ok(Some(Packing::Deflate)),
            12 => Ok(Some(Packing::Bzip2)),
            93 => Ok(Some(Packing::Zstd)),
            95 => Ok(Some(Packing::Xz)),
            9 => Err(Damage::Unsupported("is packed with Deflate64")),
            14 => Err(Damage::Unsupported("is packed with LZMA")),
            _ => Err(Damage::Unsupported("is packed in a way that is not known")),
        }
    }
}

fn is_of_directory(magic: [u8; 4]) -> bool {
    [DIRECTORY_ENTRY, END_64, LOCATOR_64, END].contains(&magic)
}

/// What an entry of the directory, or a part of its end, takes; `None`: more of it is needed to tell.
fn n_directory_bytes(bytes: &[u8]) -> Option<u64> {
    match *bytes.first_chunk()? {
        DIRECTORY_ENTRY => {
            let header = bytes.get(..DIRECTORY_BYTES)?;
            let n_behind = [28, 30, 32].map(|at| u64::from(short(header, at)));
            Some(DIRECTORY_BYTES as u64 + n_behind.iter().sum::<u64>())
        }
        END_64 => Some(longer(bytes.get(..12)?, 4).saturating_add(12)),
        LOCATOR_64 => Some(LOCATOR_64_BYTES as u64),
        _ => Some(END_BYTES as u64 + u64::from(short(bytes.get(..END_BYTES)?, 20))),
    }
}

/// Names are UTF-8, or what of the old code page is not ASCII is replaced.
fn unpaged(name: &[u8], is_utf8: bool) -> Vec<u8> {
    match is_utf8 || std::str::from_utf8(name).is_ok() {
        true => name.to_vec(),
        false => name.iter().map(|&byte| if byte.is_ascii() { byte } else { b'_' }).collect(),
    }
}

/// Wall-clock time of who made the archive; read as UTC.
fn dos_millis(date: u16, time: u16) -> i64 {
    let civil = Civil {
        year: 1980 + i32::from(date >> 9),
        month: (date >> 5 & 15) as u8,
        day: (date & 31) as u8,
        hour: (time >> 11) as u8,
        minute: (time >> 5 & 63) as u8,
        second: (time & 31) as u8 * 2,
        ..Civil::from_utc(Nanos(0))
    };
    civil.to_utc().map_or(0, |nanos| nanos.0 / 1_000_000)
}

pub(super) fn short(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u16::from_le_bytes(*bytes))
}

pub(super) fn long(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

pub(super) fn longer(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u64::from_le_bytes(*bytes))
}
