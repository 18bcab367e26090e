//! tar archives: V7, ustar, GNU (long names, large numbers) and pax, in slices of any size.
//!
//! Folders, links and devices have no content and are passed over. Behind a damaged header reading goes on with the next good one:
//! it begins a block, too.

use super::member::{Member, Part, TakePart, clean_path};
use super::packed::Damage;

/// Headers and contents fill blocks of this size.
pub const BLOCK_BYTES: usize = 512;
/// Longer names and attributes are nobody's.
const MOST_NOTE_BYTES: u64 = 1 << 20;

#[derive(Default)]
pub struct Tar {
    held: Vec<u8>,
    place: Place,
    /// What the headers before the member's own say of it.
    named: Notes,
    /// A header was damaged, and no good one came since.
    is_lost: bool,
    damage: Option<Damage>,
}

#[derive(Default)]
enum Place {
    #[default]
    Header,
    Content {
        n_left: u64,
        n_padding: u64,
    },
    Skipping(u64),
    /// A header's content that is about the next member.
    Note {
        kind: u8,
        n_left: u64,
        n_padding: u64,
        text: Vec<u8>,
    },
    Over,
}

#[derive(Default)]
struct Notes {
    path: Option<Vec<u8>>,
    bytes: Option<u64>,
    modified_millis: Option<i64>,
}

/// Whether a file that begins so is a tar archive: the header's checksum fits.
pub fn is_tar(first_bytes: &[u8]) -> bool {
    first_bytes.get(..BLOCK_BYTES).is_some_and(|header| header[0] != 0 && has_good_checksum(header))
}

impl Tar {
    pub fn push(&mut self, mut bytes: &[u8], take: &mut TakePart<'_>) {
        while !bytes.is_empty() {
            match &mut self.place {
                Place::Over => return,
                Place::Header => {
                    let n_bytes = (BLOCK_BYTES - self.held.len()).min(bytes.len());
                    self.held.extend_from_slice(&bytes[..n_bytes]);
                    bytes = &bytes[n_bytes..];
                    if self.held.len() == BLOCK_BYTES {
                        let header = std::mem::take(&mut self.held);
                        self.begin(&header, take);
                    }
                }
                Place::Content { n_left, n_padding } => {
                    let n_bytes = (*n_left).min(bytes.len() as u64);
                    take(Part::Bytes(&bytes[..n_bytes as usize]));
                    bytes = &bytes[n_bytes as usize..];
                    *n_left -= n_bytes;
                    if *n_left == 0 {
                        take(Part::End(None));
                        self.place = skipping(*n_padding);
                    }
                }
                Place::Skipping(n_left) => {
                    let n_bytes = (*n_left).min(bytes.len() as u64);
                    bytes = &bytes[n_bytes as usize..];
                    self.place = skipping(*n_left - n_bytes);
                }
                Place::Note { kind, n_left, n_padding, text } => {
                    let n_bytes = (*n_left).min(bytes.len() as u64);
                    text.extend_from_slice(&bytes[..n_bytes as usize]);
                    bytes = &bytes[n_bytes as usize..];
                    *n_left -= n_bytes;
                    if *n_left == 0 {
                        self.named.hear(*kind, text);
                        self.place = skipping(*n_padding);
                    }
                }
            }
        }
    }

    /// No more bytes will come; what is wrong with the archive, if anything is. The member being read is told its end.
    pub fn finish(&mut self, take: &mut TakePart<'_>) -> Option<Damage> {
        let own = match std::mem::replace(&mut self.place, Place::Over) {
            Place::Over => None,
            Place::Header if self.held.is_empty() => None,
            Place::Content { .. } => {
                take(Part::End(Some(Damage::Truncated)));
                Some(Damage::Truncated)
            }
            _ => Some(Damage::Truncated),
        };
        self.damage.take().or(own)
    }

    /// Nothing more comes.
    pub fn is_over(&self) -> bool {
        matches!(self.place, Place::Over)
    }

    fn begin(&mut self, header: &[u8], take: &mut TakePart<'_>) {
        self.place = Place::Header;
        if header.iter().all(|&byte| byte == 0) {
            // What is lost may have had zeros in it.
            if !self.is_lost {
                self.place = Place::Over;
            }
            return;
        }
        // What is lost may have had anything in it that adds up.
        if self.is_lost && &header[257..262] != b"ustar" {
            return;
        }
        // Sizes near 2^64 are damage; what they would pad to does not exist.
        let header_bytes = number(&header[124..136]).filter(|&n_bytes| n_bytes <= u64::MAX / 2);
        let Some(header_bytes) = header_bytes.filter(|_| has_good_checksum(header)) else {
            self.is_lost = true;
            self.damage = Some(Damage::BadHeader);
            self.named = Notes::default();
            return;
        };
        self.is_lost = false;
        let kind = header[156];
        let n_padding = |n_bytes: u64| n_bytes.next_multiple_of(BLOCK_BYTES as u64) - n_bytes;
        match kind {
            b'L' | b'x' if header_bytes <= MOST_NOTE_BYTES => {
                let n_padding = n_padding(header_bytes);
                self.place = Place::Note { kind, n_left: header_bytes, n_padding, text: Vec::new() };
                if header_bytes == 0 {
                    self.place = Place::Header;
                }
            }
            0 | b'0' | b'7' | b'S' => {
                let named = std::mem::take(&mut self.named);
                let n_bytes = named.bytes.unwrap_or(header_bytes).min(u64::MAX / 2);
                let path = named.path.unwrap_or_else(|| path_of(header));
                // Old archives name folders so.
                if path.ends_with(b"/") {
                    self.place = skipping(n_bytes + n_padding(n_bytes));
                    return;
                }
                let seconds = number(&header[136..148]).and_then(|seconds| i64::try_from(seconds).ok());
                let modified_millis = named.modified_millis.or(seconds.and_then(|seconds| seconds.checked_mul(1000)));
                take(Part::Begin(Member {
                    path: clean_path(&path),
                    bytes: n_bytes,
                    modified_millis: modified_millis.unwrap_or(0),
                }));
                if kind == b'S' {
                    take(Part::End(Some(Damage::Unsupported("is stored with holes"))));
                    self.place = skipping(n_bytes + n_padding(n_bytes));
                } else if n_bytes == 0 {
                    take(Part::End(None));
                    self.place = Place::Header;
                } else {
                    self.place = Place::Content { n_left: n_bytes, n_padding: n_padding(n_bytes) };
                }
            }
            // Links, devices and folders; notes about the whole archive.
            kind => {
                if kind != b'g' && kind != b'K' {
                    self.named = Notes::default();
                }
                let n_bytes = if matches!(kind, b'1'..=b'6') { 0 } else { header_bytes };
                self.place = skipping(n_bytes + n_padding(n_bytes));
            }
        }
    }
}

impl Notes {
    fn hear(&mut self, kind: u8, text: &[u8]) {
        if kind == b'L' {
            self.path = Some(until_zero(text).to_vec());
            return;
        }
        // "LENGTH KEY=VALUE\n", the length being that of the whole record.
        let mut rest = text;
        while let Some(space) = rest.iter().position(|&byte| byte == b' ') {
            let length = std::str::from_utf8(&rest[..space]).ok().and_then(|length| length.parse::<usize>().ok());
            let Some(record) = length.and_then(|length| rest.get(space + 1..length)) else { return };
            rest = &rest[space + 1 + record.len()..];
            let record = record.strip_suffix(b"\n").unwrap_or(record);
            let Some(equals) = record.iter().position(|&byte| byte == b'=') else { continue };
            let value = &record[equals + 1..];
            let as_text = std::str::from_utf8(value).unwrap_or("");
            match &record[..equals] {
                b"path" => self.path = Some(value.to_vec()),
                b"size" => self.bytes = as_text.parse().ok(),
                b"mtime" => self.modified_millis = as_text.parse::<f64>().ok().map(|seconds| (seconds * 1000.0) as i64),
                _ => {}
            }
        }
    }
}

fn skipping(n_bytes: u64) -> Place {
    if n_bytes == 0 { Place::Header } else { Place::Skipping(n_bytes) }
}

fn path_of(header: &[u8]) -> Vec<u8> {
    let name = until_zero(&header[..100]);
    let prefix = until_zero(&header[345..500]);
    // GNU's header has times where ustar has a prefix.
    if &header[257..263] != b"ustar\0" || prefix.is_empty() {
        return name.to_vec();
    }
    [prefix, b"/", name].concat()
}

fn until_zero(bytes: &[u8]) -> &[u8] {
    bytes.split(|&byte| byte == 0).next().unwrap_or(bytes)
}

/// Octal digits, or, with the highest bit set, a binary number.
fn number(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 != 0 {
        let (high, low) = field.split_last_chunk().filter(|(high, _)| !high.is_empty())?;
        return high[1..].iter().all(|&byte| byte == 0).then_some(u64::from_be_bytes(*low));
    }
    let digits = until_zero(field).trim_ascii();
    let digit = |total: u64, byte: &u8| match byte {
        b'0'..=b'7' => total.checked_mul(8).map(|total| total + u64::from(byte - b'0')),
        _ => None,
    };
    digits.iter().try_fold(0, digit)
}

/// The sum of the header's bytes, its own field counted as spaces; some old programs summed them signed.
fn has_good_checksum(header: &[u8]) -> bool {
    let Some(expected) = number(&header[148..156]) else { return false };
    let counted = header.iter().enumerate().map(|(at, &byte)| if (148..156).contains(&at) { b' ' } else { byte });
    let unsigned: u64 = counted.clone().map(u64::from).sum();
    let signed: i64 = counted.map(|byte| i64::from(byte as i8)).sum();
    unsigned == expected || i64::try_from(expected) == Ok(signed)
}
