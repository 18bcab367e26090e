//! LZ4: frames, frames to be skipped, and the older format without them, a block at a time.
//!
//! Format: <https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md>. Header and block checksums are passed over; that
//! of the content is looked at.

use std::hash::Hasher;

use lz4_flex::block::decompress_into_with_dict;
use twox_hash::XxHash32;

use super::packed::{Damage, Open};

const MAGIC: u32 = 0x184D_2204;
const OLD_MAGIC: u32 = 0x184C_2102;
const SKIPPED_MAGICS: std::ops::RangeInclusive<u32> = 0x184D_2A50..=0x184D_2A5F;
/// What a block of the older format holds.
const OLD_BLOCK_BYTES: usize = 8 << 20;
/// How far a block may look back.
const WINDOW_BYTES: usize = 64 << 10;
const STORED: u32 = 1 << 31;

#[derive(Default)]
pub struct Lz4 {
    place: Place,
    /// The last bytes that came out, for blocks that look back.
    window: Vec<u8>,
    /// Blocks are unpacked into this; as large as the largest may be.
    block: Vec<u8>,
}

#[derive(Default)]
enum Place {
    #[default]
    Between,
    /// Bytes left of a frame that holds no data.
    Skipping(u64),
    InFrame(Frame),
    /// In the older format, which ends where its file does.
    InOld,
}

struct Frame {
    block_bytes: usize,
    has_block_checksums: bool,
    /// Of the content so far, where it has a checksum.
    checksum: Option<XxHash32>,
    /// Blocks look back into those before them.
    is_linked: bool,
}

impl Open for Lz4 {
    fn step(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, Damage> {
        match &mut self.place {
            Place::Between => self.begin(input),
            Place::Skipping(n_left) => {
                let n_bytes = (*n_left).min(input.len() as u64);
                *n_left -= n_bytes;
                if *n_left == 0 {
                    self.place = Place::Between;
                }
                Ok(n_bytes as usize)
            }
            Place::InOld => self.old_block(input, out),
            Place::InFrame(_) => self.block(input, out),
        }
    }

    fn finish(&mut self, _: &mut Vec<u8>) -> bool {
        matches!(self.place, Place::Between | Place::InOld)
    }
}

impl Lz4 {
    fn begin(&mut self, input: &[u8]) -> Result<usize, Damage> {
        let Some(magic) = number(input, 0) else { return Ok(0) };
        self.window.clear();
        match magic {
            OLD_MAGIC => {
                self.place = Place::InOld;
                Ok(4)
            }
            magic if SKIPPED_MAGICS.contains(&magic) => {
                let Some(n_bytes) = number(input, 4) else { return Ok(0) };
                self.place = if n_bytes == 0 { Place::Between } else { Place::Skipping(u64::from(n_bytes)) };
                Ok(8)
            }
            MAGIC => {
                let &[.., flags, sizes] = input.first_chunk::<6>().unwrap_or(&[0; 6]);
                if input.len() < 6 {
                    return Ok(0);
                }
                let (has_size, has_dictionary) = (flags & 0b1000 != 0, flags & 1 != 0);
                // Two of flags, the sizes that are there, and a checksum.
                let n_bytes = 4 + 2 + if has_size { 8 } else { 0 } + if has_dictionary { 4 } else { 0 } + 1;
                if input.len() < n_bytes {
                    return Ok(0);
                }
                if flags >> 6 != 1 || sizes >> 4 & 7 < 4 {
                    return Err(Damage::Corrupt);
                }
                if has_dictionary {
                    return Err(Damage::Unsupported("needs a dictionary to be unpacked"));
                }
                self.place = Place::InFrame(Frame {
                    block_bytes: 1 << (8 + 2 * (sizes >> 4 & 7)),
                    has_block_checksums: flags & 0b1_0000 != 0,
                    checksum: (flags & 0b100 != 0).then(|| XxHash32::with_seed(0)),
                    is_linked: flags & 0b10_0000 == 0,
                });
                Ok(n_bytes)
            }
            _ => Err(Damage::Corrupt),
        }
    }

    fn block(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, Damage> {
        let Place::InFrame(frame) = &mut self.place else { return Ok(0) };
        let Some(size) = number(input, 0) else { return Ok(0) };
        if size == 0 {
            return self.end(input);
        }
        let n_packed = (size & !STORED) as usize;
        if n_packed > frame.block_bytes {
            return Err(Damage::Corrupt);
        }
        let Some(packed) = input.get(4..4 + n_packed) else { return Ok(0) };
        let n_bytes = 4 + n_packed + if frame.has_block_checksums { 4 } else { 0 };
        if input.len() < n_bytes {
            return Ok(0);
        }
        if size & STORED != 0 {
            out.extend_from_slice(packed);
        } else {
            out.extend_from_slice(unpack(packed, frame.block_bytes, &self.window, &mut self.block)?);
        }
        if let Some(checksum) = &mut frame.checksum {
            checksum.write(out);
        }
        if frame.is_linked {
            self.window.extend_from_slice(&out[out.len().saturating_sub(WINDOW_BYTES)..]);
            let n_gone = self.window.len().saturating_sub(WINDOW_BYTES);
            self.window.drain(..n_gone);
        }
        Ok(n_bytes)
    }

    /// Behind the mark that no more blocks come.
    fn end(&mut self, input: &[u8]) -> Result<usize, Damage> {
        let Place::InFrame(frame) = &mut self.place else { return Ok(0) };
        let Some(checksum) = &frame.checksum else {
            self.place = Place::Between;
            return Ok(4);
        };
        let Some(expected) = number(input, 4) else { return Ok(0) };
        if checksum.finish() != u64::from(expected) {
            return Err(Damage::Corrupt);
        }
        self.place = Place::Between;
        Ok(8)
    }

    fn old_block(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, Damage> {
        let Some(size) = number(input, 0) else { return Ok(0) };
        if size == OLD_MAGIC || size == MAGIC || SKIPPED_MAGICS.contains(&size) {
            self.place = Place::Between;
            return self.begin(input);
        }
        if size as usize > lz4_flex::block::get_maximum_output_size(OLD_BLOCK_BYTES) {
            return Err(Damage::Corrupt);
        }
        let Some(packed) = input.get(4..4 + size as usize) else { return Ok(0) };
        out.extend_from_slice(unpack(packed, OLD_BLOCK_BYTES, &[], &mut self.block)?);
        Ok(4 + packed.len())
    }
}

/// Into `block`, which is cleared only once: a file may have a million blocks of a few bytes.
fn unpack<'b>(packed: &[u8], most_bytes: usize, window: &[u8], block: &'b mut Vec<u8>) -> Result<&'b [u8], Damage> {
    if block.len() < most_bytes {
        block.resize(most_bytes, 0);
    }
    let n_bytes = decompress_into_with_dict(packed, &mut block[..most_bytes], window).map_err(|_| Damage::Corrupt)?;
    Ok(&block[..n_bytes])
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}
