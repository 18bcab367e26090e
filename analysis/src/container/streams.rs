//! gzip, bzip2, xz and bare deflate: what their crates offer, as steps.

use std::io::{ErrorKind, Write};

use flate2::write::MultiGzDecoder;
use flate2::{Decompress, FlushDecompress, Status};
use xz4rust::{XzDecoder, XzError, XzNextBlockResult};

use super::packed::{Damage, Open, PIECE_BYTES};

/// Deflate unfolds at most a thousandfold: what so many bytes hold fits in memory.
const GUNZIP_BYTES: usize = 4 << 10;

/// Any number of members, one after the other.
pub struct Gzip(MultiGzDecoder<Vec<u8>>);

impl Default for Gzip {
    fn default() -> Self {
        Self(MultiGzDecoder::new(Vec::new()))
    }
}

impl Open for Gzip {
    fn step(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, Damage> {
        let piece = &input[..input.len().min(GUNZIP_BYTES)];
        std::mem::swap(self.0.get_mut(), out);
        let written = self.0.write_all(piece);
        std::mem::swap(self.0.get_mut(), out);
        match written {
            Ok(()) => Ok(piece.len()),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err(Damage::Truncated),
            Err(_) => Err(Damage::Corrupt),
        }
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> bool {
        let is_whole = self.0.try_finish().is_ok();
        out.append(self.0.get_mut());
        is_whole
    }
}

pub struct Deflate {
    inflate: Decompress,
    ended: bool,
}

impl Default for Deflate {
    fn default() -> Self {
        Self { inflate: Decompress::new(false), ended: false }
    }
}

impl Open for Deflate {
    /// Takes nothing behind its end.
    fn step(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, Damage> {
        if self.ended {
            return Ok(0);
        }
        out.reserve(PIECE_BYTES);
        let before = self.inflate.total_in();
        let status = self.inflate.decompress_vec(input, out, FlushDecompress::None).map_err(|_| Damage::Corrupt)?;
        self.ended = status == Status::StreamEnd;
        Ok((self.inflate.total_in() - before) as usize)
    }

    fn finish(&mut self, _: &mut Vec<u8>) -> bool {
        self.ended
    }

    fn has_ended(&self) -> bool {
        self.ended
    }
}

/// Any number of streams, one after the other, as parallel compressors write them.
#[derive(Default)]
pub struct Bzip2(Option<bzip2::Decompress>);

impl Open for Bzip2 {
    fn step(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, Damage> {
        if input.is_empty() && self.0.is_none() {
            return Ok(0);
        }
        let stream = self.0.get_or_insert_with(|| bzip2::Decompress::new(false));
        out.reserve(PIECE_BYTES);
        let before = stream.total_in();
        let status = stream.decompress_vec(input, out).map_err(|_| Damage::Corrupt)?;
        let n_taken = (stream.total_in() - before) as usize;
        match status {
            bzip2::Status::StreamEnd => self.0 = None,
            bzip2::Status::MemNeeded => return Err(Damage::Unsupported("needs more memory than there is")),
            _ => {}
        }
        Ok(n_taken)
    }

    fn finish(&mut self, _: &mut Vec<u8>) -> bool {
        self.0.is_none()
    }
}

/// `xz -9` wants 64 MB to look back in.
const MOST_XZ_DICTIONARY_BYTES: usize = 128 << 20;
const FIRST_XZ_DICTIONARY_BYTES: usize = 1 << 20;

/// Any number of streams, with zeros between them.
pub struct Xz {
    decoder: Box<XzDecoder<'static>>,
    is_between: bool,
}

impl Default for Xz {
    fn default() -> Self {
        let decoder = XzDecoder::in_heap_with_alloc_dict_size(FIRST_XZ_DICTIONARY_BYTES, MOST_XZ_DICTIONARY_BYTES);
        Self { decoder, is_between: true }
    }
}

impl Open for Xz {
    fn step(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, Damage> {
        let n_zeros = if self.is_between { input.iter().take_while(|&&byte| byte == 0).count() } else { 0 };
        let input = &input[n_zeros..];
        if self.is_between && input.is_empty() {
            return Ok(n_zeros);
        }
        self.is_between = false;
        out.resize(PIECE_BYTES, 0);
        let decoded = self.decoder.decode(input, out);
        out.truncate(decoded.as_ref().map_or(0, XzNextBlockResult::output_produced));
        match decoded {
            Ok(XzNextBlockResult::NeedMoreData(n_taken, _)) => Ok(n_zeros + n_taken),
            Ok(XzNextBlockResult::EndOfStream(n_taken, _)) => {
                self.decoder.reset();
                self.is_between = true;
                Ok(n_zeros + n_taken)
            }
            Err(XzError::NeedsLargerInputBuffer) => Ok(n_zeros),
            Err(XzError::DictionaryTooLarge(_)) => Err(Damage::Unsupported("needs more than 128 MB to be unpacked")),
            Err(XzError::Sha256NotSupported) => Err(Damage::Unsupported("is checked with SHA-256")),
            Err(_) => Err(Damage::Corrupt),
        }
    }

    fn finish(&mut self, _: &mut Vec<u8>) -> bool {
        self.is_between
    }
}
