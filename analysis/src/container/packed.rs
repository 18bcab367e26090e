//! Compressed bytes and what they hold.
//!
//! In: slices of any size. Out: the bytes they hold, the same for every slicing, in pieces of a few megabytes at most.

use super::lz4::Lz4;
use super::streams::{Bzip2, Deflate, Gzip, Xz};
use super::zstd::Zstd;

/// How bytes are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    Gzip,
    Bzip2,
    Xz,
    Zstd,
    Lz4,
    /// Without a frame of its own; only inside zip archives.
    Deflate,
}

impl Packing {
    /// By the first bytes, of which six are enough.
    pub fn of(first_bytes: &[u8]) -> Option<Self> {
        match first_bytes {
            [0x1F, 0x8B, ..] => Some(Self::Gzip),
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31 | 0x17, ..] => Some(Self::Bzip2),
            [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            [0x28, 0xB5, 0x2F, 0xFD, ..] => Some(Self::Zstd),
            [0x04, 0x22, 0x4D, 0x18, ..] | [0x02, 0x21, 0x4C, 0x18, ..] => Some(Self::Lz4),
            // A frame to be skipped, as parallel compressors begin with; both formats have it, Zstandard's use it.
            [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }
}

/// Why unpacking ended early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Damage {
    /// The bytes end before what they hold does.
    Truncated,
    Corrupt,
    /// An archive does not say what a part of it is.
    BadHeader,
    /// Its bytes are not those that were packed.
    Checksum,
    /// It holds far more than any log of its size.
    Bomb,
    /// Packed in a way that is not read here; the words follow "The file".
    Unsupported(&'static str),
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Truncated => f.write_str("The compressed file ends too early; what was there is kept."),
            Self::Corrupt => f.write_str("The compressed file is damaged; the lines before the damage are kept."),
            Self::BadHeader => f.write_str(
                "The archive is damaged: a file in it, or more, cannot be found. The files before and behind the damage are kept.",
            ),
            Self::Checksum => f.write_str(
                "The file is damaged: its checksum is wrong. Its entries are kept, but from some place on they may not be \
                 what was written.",
            ),
            Self::Bomb => write!(
                f,
                "The file is refused: it unfolds to more than {MOST_RATIO} times its size, as no log does. What was read \
                 before that is kept.",
            ),
            Self::Unsupported(how) => write!(f, "The file {how}, which cannot be read here."),
        }
    }
}

/// Logs are packed at 5 to 50 : 1, one line repeated for ever at some hundreds.
pub const MOST_RATIO: u64 = 500;

/// As much may come out of any file, however small.
pub const HARMLESS_BYTES: u64 = 64 << 20;

/// Whether so much out of so little is no log.
pub fn is_bomb(packed_bytes: u64, unpacked_bytes: u64) -> bool {
    unpacked_bytes > HARMLESS_BYTES && unpacked_bytes / MOST_RATIO > packed_bytes
}

/// Pieces given out at once are about this large; a whole block or window at most where the packing wants it.
pub(super) const PIECE_BYTES: usize = 256 << 10;

/// One packing, a step at a time.
pub(super) trait Open {
    /// Takes what it can from the front of `input` and appends what that holds to `out`. Returns the bytes taken. Where
    /// nothing is taken and nothing appended, it needs more input than this.
    fn step(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, Damage>;

    /// No more input will come: appends what was held back, and says whether the input may end here.
    fn finish(&mut self, out: &mut Vec<u8>) -> bool;

    /// It is at an end behind which nothing of it can come.
    fn has_ended(&self) -> bool {
        false
    }
}

/// Unpacks one stream.
pub struct Unpacker {
    open: Box<dyn Open>,
    /// Input that waits for more of it.
    held: Vec<u8>,
    out: Vec<u8>,
    packed_bytes: u64,
    unpacked_bytes: u64,
    damage: Option<Damage>,
}

impl Unpacker {
    pub fn new(packing: Packing) -> Self {
        let open: Box<dyn Open> = match packing {
            Packing::Gzip => Box::new(Gzip::default()),
            Packing::Bzip2 => Box::new(Bzip2::default()),
            Packing::Xz => Box::new(Xz::default()),
            Packing::Zstd => Box::new(Zstd::default()),
            Packing::Lz4 => Box::new(Lz4::default()),
            Packing::Deflate => Box::new(Deflate::default()),
        };
        Self { open, held: Vec::new(), out: Vec::new(), packed_bytes: 0, unpacked_bytes: 0, damage: None }
    }

    /// Hands over the next bytes; `take` gets what they hold. Nothing more comes after damage.
    pub fn push(&mut self, bytes: &[u8], take: &mut dyn FnMut(&[u8])) {
        // That something is behind the end is all there is to know of it.
        let is_behind_end = self.open.has_ended() && !self.held.is_empty();
        if self.damage.is_some() || is_behind_end {
            return;
        }
        if self.held.is_empty() {
            let n_taken = self.step_through(bytes, take);
            self.held.extend_from_slice(&bytes[n_taken..]);
        } else {
            let mut held = std::mem::take(&mut self.held);
            held.extend_from_slice(bytes);
            let n_taken = self.step_through(&held, take);
            held.drain(..n_taken);
            self.held = held;
        }
    }

    /// No more bytes will come; `take` gets what was held back. What is wrong with them, if anything is.
    pub fn finish(&mut self, take: &mut dyn FnMut(&[u8])) -> Option<Damage> {
        if self.damage.is_none() {
            self.out.clear();
            let is_whole = self.open.finish(&mut self.out) && self.held.is_empty();
            take(&self.out);
            self.damage = (!is_whole).then_some(Damage::Truncated);
        }
        self.damage.clone()
    }

    /// Where the stream says itself where it ends: how much of what was pushed last is behind that.
    pub fn n_behind_end(&mut self) -> Option<usize> {
        let held = &mut self.held;
        self.open.has_ended().then(|| std::mem::take(held).len())
    }

    /// It came to its damage: what follows is of no use.
    pub fn is_damaged(&self) -> bool {
        self.damage.is_some()
    }

    /// How much of the input was of use.
    fn step_through(&mut self, input: &[u8], take: &mut dyn FnMut(&[u8])) -> usize {
        let mut n_taken = 0;
        loop {
            self.out.clear();
            let stepped = self.open.step(&input[n_taken..], &mut self.out);
            self.packed_bytes += *stepped.as_ref().unwrap_or(&0) as u64;
            self.unpacked_bytes += self.out.len() as u64;
            if is_bomb(self.packed_bytes, self.unpacked_bytes) {
                self.damage = Some(Damage::Bomb);
                return input.len();
            }
            if !self.out.is_empty() {
                take(&self.out);
            }
            match stepped {
                Ok(0) if self.out.is_empty() => return n_taken,
                Ok(n_bytes) => n_taken += n_bytes,
                Err(damage) => {
                    self.damage = Some(damage);
                    return input.len();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn what_is_behind_the_end_of_a_stream_takes_no_memory() {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(b"a log\n").unwrap();
        let (mut unpacker, mut out) = (Unpacker::new(Packing::Deflate), Vec::new());
        let mut take = |bytes: &[u8]| out.extend_from_slice(bytes);
        unpacker.push(&encoder.finish().unwrap(), &mut take);
        for _ in 0..1000 {
            unpacker.push(&[b'x'; 1024], &mut take);
        }
        assert!(unpacker.held.capacity() <= 4096, "{} bytes", unpacker.held.capacity());
        assert_eq!(unpacker.finish(&mut take), Some(Damage::Truncated));
        assert_eq!(out, b"a log\n");
    }
}
