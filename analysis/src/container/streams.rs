//! gzip, bzip2, xz and bare deflate: what their crates offer, as steps.

use flate2::{Crc, Decompress, FlushDecompress, Status};
use xz4rust::{XzDecoder, XzError, XzNextBlockResult};

use super::packed::{Damage, Open, PIECE_BYTES};

/// Any number of members (RFC 1952), one after the other, with zeros between them or behind them, as tapes leave them.
#[derive(Default)]
pub struct Gzip(Member);

#[derive(Default)]
enum Member {
    #[default]
    First,
    Between,
    Content(Deflate, Crc),
    /// Its checksum and length.
    Trailer(Crc),
}

const GZIP_HEADER_BYTES: usize = 10;
const GZIP_TRAILER_BYTES: usize = 8;
/// A name in the header is a file's name.
const MOST_HEADER_BYTES: usize = 128 << 10;

impl Open for Gzip {
    fn step(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, Damage> {
        match &mut self.0 {
            Member::Between if input.first() == Some(&0) => Ok(input.iter().take_while(|&&byte| byte == 0).count()),
            Member::First | Member::Between => match gzip_header_bytes(input)? {
                Some(n_bytes) => {
                    self.0 = Member::Content(Deflate::default(), Crc::new());
                    Ok(n_bytes)
                }
                None => Ok(0),
            },
            Member::Content(deflate, crc) => {
                let n_before = out.len();
                let stepped = deflate.step(input, out);
                crc.update(&out[n_before..]);
                if deflate.has_ended() {
                    self.0 = Member::Trailer(std::mem::take(crc));
                    if stepped == Ok(0) && out.len() == n_before {
                        return self.step(input, out);
                    }
                }
                stepped
            }
            Member::Trailer(crc) => {
                let Some(trailer) = input.first_chunk::<GZIP_TRAILER_BYTES>() else { return Ok(0) };
                let [a, b, c, d, sizes @ ..] = *trailer;
                if (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes(sizes)) != (crc.sum(), crc.amount()) {
                    return Err(Damage::Checksum);
                }
                self.0 = Member::Between;
                Ok(GZIP_TRAILER_BYTES)
            }
        }
    }

    fn finish(&mut self, _: &mut Vec<u8>) -> bool {
        matches!(self.0, Member::Between)
    }
}

/// What a member's header takes; `None`: more of it is needed to tell.
fn gzip_header_bytes(input: &[u8]) -> Result<Option<usize>, Damage> {
    let magic = [0x1F, 0x8B, 8];
    if !magic.starts_with(&input[..input.len().min(magic.len())]) {
        return Err(Damage::Corrupt);
    }
    let Some(header) = input.first_chunk::<GZIP_HEADER_BYTES>() else { return Ok(None) };
    let [_, _, _, flags, ..] = *header;
    let has = |bit: u8| flags & bit != 0;
    let mut n_bytes = GZIP_HEADER_BYTES;
    if has(4) {
        let Some(length) = input.get(n_bytes..).and_then(<[u8]>::first_chunk) else { return Ok(None) };
        n_bytes += 2 + usize::from(u16::from_le_bytes(*length));
    }
    // A name and a comment, each up to a zero.
    for _ in 0..usize::from(has(8)) + usize::from(has(16)) {
        let rest = input.get(n_bytes..).unwrap_or_default();
        match memchr::memchr(0, rest) {
            Some(at) => n_bytes += at + 1,
            None if input.len() > MOST_HEADER_BYTES => return Err(Damage::Corrupt),
            None => return Ok(None),
        }
    }
    n_bytes += if has(2) { 2 } else { 0 };
    Ok((n_bytes <= input.len()).then_some(n_bytes))
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
