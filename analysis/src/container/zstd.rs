//! Zstandard: frames and frames to be skipped, a block at a time.
//!
//! Format: RFC 8878.

use ruzstd::decoding::FrameDecoder;

use super::packed::{Damage, Open};

const MAGIC: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];
/// Magic number and the longest frame header.
const MOST_HEADER_BYTES: usize = 18;
/// `zstd --ultra -22` and `--long` look back this far.
const MOST_WINDOW_BYTES: u64 = 128 << 20;
const CHECKSUM_BYTES: usize = 4;

#[derive(Default)]
pub struct Zstd {
    decoder: FrameDecoder,
    place: Place,
}

#[derive(Default)]
enum Place {
    #[default]
    Between,
    /// Bytes left of a frame that holds no data.
    Skipping(u64),
    InFrame {
        has_checksum: bool,
    },
}

impl Open for Zstd {
    fn step(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, Damage> {
        match self.place {
            Place::Between => self.begin(input),
            Place::Skipping(n_left) => {
                let n_bytes = n_left.min(input.len() as u64);
                self.place = if n_bytes == n_left { Place::Between } else { Place::Skipping(n_left - n_bytes) };
                Ok(n_bytes as usize)
            }
            Place::InFrame { has_checksum } => self.block(input, has_checksum, out),
        }
    }

    fn finish(&mut self, _: &mut Vec<u8>) -> bool {
        matches!(self.place, Place::Between)
    }
}

impl Zstd {
    fn begin(&mut self, input: &[u8]) -> Result<usize, Damage> {
        let Some(&[a, b, c, d, ref rest @ ..]) = input.first_chunk::<8>() else { return Ok(0) };
        if (0x50..=0x5F).contains(&a) && [b, c, d] == [0x2A, 0x4D, 0x18] {
            let n_bytes = u64::from(u32::from_le_bytes(*rest));
            self.place = if n_bytes == 0 { Place::Between } else { Place::Skipping(n_bytes) };
            return Ok(8);
        }
        if [a, b, c, d] != MAGIC {
            return Err(Damage::Corrupt);
        }
        let mut after = input;
        self.decoder.set_max_window_size(MOST_WINDOW_BYTES);
        match self.decoder.reset(&mut after) {
            Ok(()) => {
                self.place = Place::InFrame { has_checksum: rest[0] & 0b100 != 0 };
                Ok(input.len() - after.len())
            }
            // It may only lack the rest of its header.
            Err(_) if input.len() < MOST_HEADER_BYTES => Ok(0),
            Err(_) => Err(Damage::Unsupported("needs a dictionary, or more than 128 MB, to be unpacked")),
        }
    }

    /// One block, so that what comes out stays bounded, with the checksum behind the last.
    fn block(&mut self, input: &[u8], has_checksum: bool, out: &mut Vec<u8>) -> Result<usize, Damage> {
        let Some(&[a, b, c]) = input.first_chunk() else { return Ok(0) };
        let header = u32::from_le_bytes([a, b, c, 0]);
        let (is_last, is_run) = (header & 1 == 1, header >> 1 & 3 == 1);
        let content_bytes = if is_run { 1 } else { (header >> 3) as usize };
        let n_bytes = 3 + content_bytes + if is_last && has_checksum { CHECKSUM_BYTES } else { 0 };
        let Some(block) = input.get(..n_bytes) else { return Ok(0) };
        self.decoder.decode_from_to(block, &mut []).map_err(|_| Damage::Corrupt)?;
        self.decoder.collect_to_writer(&mut *out).map_err(|_| Damage::Corrupt)?;
        if is_last {
            self.place = Place::Between;
            let expected = self.decoder.get_checksum_from_data();
            if expected.is_some() && expected != self.decoder.get_calculated_checksum() {
                return Err(Damage::Corrupt);
            }
        }
        Ok(n_bytes)
    }
}
