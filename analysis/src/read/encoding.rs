//! Which encoding a file is in, and UTF-16 to UTF-8 in slices.
//!
//! UTF-8 (and whatever else is not UTF-16) passes through as it is, invalid bytes included.

use serde::{Deserialize, Serialize};

/// How the bytes of a file become text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encoding {
    #[default]
    Utf8,
    Utf16Le,
    Utf16Be,
}

/// Bytes that decide the encoding where there is no byte order mark.
pub const EVIDENCE_BYTES: usize = 4096;

/// The encoding of a file that begins with `bytes`, and the size of its byte order mark.
///
/// Without a mark, a file is UTF-16 if nearly all of its code units in the first [`EVIDENCE_BYTES`] have one zero byte and always on the same side.
pub fn detect(bytes: &[u8]) -> (Encoding, usize) {
    match bytes {
        [0xEF, 0xBB, 0xBF, ..] => return (Encoding::Utf8, 3),
        [0xFF, 0xFE, ..] => return (Encoding::Utf16Le, 2),
        [0xFE, 0xFF, ..] => return (Encoding::Utf16Be, 2),
        _ => {}
    }
    let bytes = &bytes[..bytes.len().min(EVIDENCE_BYTES)];
    let mut zeros = [0, 0];
    for unit in bytes.chunks_exact(2) {
        zeros[0] += usize::from(unit[0] == 0);
        zeros[1] += usize::from(unit[1] == 0);
    }
    let most = bytes.len() / 2 * 7 / 10;
    match zeros {
        [0, odd] if odd > most => (Encoding::Utf16Le, 0),
        [even, 0] if even > most => (Encoding::Utf16Be, 0),
        _ => (Encoding::Utf8, 0),
    }
}

/// Whether a file that begins so is no log: it has zero bytes or many control bytes. UTF-16 is text.
pub fn looks_binary(first_bytes: &[u8]) -> bool {
    if detect(first_bytes).0 != Encoding::Utf8 {
        return false;
    }
    let is_control = |byte: u8| matches!(byte, 1..=6 | 0x0E..=0x1A | 0x1C..=0x1F);
    let n_controls = first_bytes.iter().filter(|&&byte| is_control(byte)).count();
    let n_zeros = first_bytes.iter().filter(|&&byte| byte == 0).count();
    // A crash may leave a run of zeros in a log; a start with them, or many, is no text.
    first_bytes.iter().take(512).any(|&byte| byte == 0)
        || n_zeros * 20 > first_bytes.len()
        || n_controls * 20 > first_bytes.len()
}

/// Decodes UTF-16 in slices of any size; a lone surrogate becomes the replacement character.
#[derive(Clone, Debug, Default)]
pub struct Utf16 {
    odd_byte: Option<u8>,
    high_surrogate: Option<u16>,
}

impl Utf16 {
    pub fn decode(&mut self, bytes: &[u8], big_endian: bool, text: &mut Vec<u8>) {
        let mut bytes = bytes.iter().copied();
        while let Some(first) = self.odd_byte.take().or_else(|| bytes.next()) {
            let Some(second) = bytes.next() else {
                self.odd_byte = Some(first);
                return;
            };
            let unit =
                if big_endian { u16::from_be_bytes([first, second]) } else { u16::from_le_bytes([first, second]) };
            self.unit(unit, text);
        }
    }

    fn unit(&mut self, unit: u16, text: &mut Vec<u8>) {
        if let Some(high) = self.high_surrogate.take() {
            if let Some(Ok(character)) = char::decode_utf16([high, unit]).next() {
                push(character, text);
                return;
            }
            push(char::REPLACEMENT_CHARACTER, text);
        }
        match char::from_u32(u32::from(unit)) {
            Some(character) => push(character, text),
            None if unit < 0xDC00 => self.high_surrogate = Some(unit),
            None => push(char::REPLACEMENT_CHARACTER, text),
        }
    }

    /// The file ended: half a character becomes the replacement character.
    pub fn finish(&mut self, text: &mut Vec<u8>) {
        for _ in 0..usize::from(self.high_surrogate.take().is_some()) + usize::from(self.odd_byte.take().is_some()) {
            push(char::REPLACEMENT_CHARACTER, text);
        }
    }
}

/// Bytes of the UTF-16 file that this decoded text took: two for each code unit.
pub fn utf16_bytes(text: &[u8]) -> u64 {
    let n_units: u64 = text
        .iter()
        .map(|&byte| match byte {
            0x80..=0xBF => 0,
            0xF0.. => 2,
            _ => 1,
        })
        .sum();
    2 * n_units
}

fn push(character: char, text: &mut Vec<u8>) {
    text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, big_endian: bool) -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    }

    #[test]
    fn encodings_are_found_by_mark_and_by_evidence() {
        assert_eq!(detect(b"\xEF\xBB\xBFabc"), (Encoding::Utf8, 3));
        assert_eq!(detect(b"\xFF\xFEa\0"), (Encoding::Utf16Le, 2));
        assert_eq!(detect(&utf16("plain ascii, and größer too", false)), (Encoding::Utf16Le, 0));
        assert_eq!(detect(&utf16("plain ascii, and größer too", true)), (Encoding::Utf16Be, 0));
        assert_eq!(detect("größer".as_bytes()), (Encoding::Utf8, 0));
        assert_eq!(detect(b""), (Encoding::Utf8, 0));
    }

    #[test]
    fn any_slicing_decodes_the_same_and_bytes_are_counted_back() {
        let text = "aß€😀\n";
        for big_endian in [false, true] {
            let bytes = utf16(text, big_endian);
            for cut in 0..=bytes.len() {
                let (mut decoder, mut decoded) = (Utf16::default(), Vec::new());
                decoder.decode(&bytes[..cut], big_endian, &mut decoded);
                decoder.decode(&bytes[cut..], big_endian, &mut decoded);
                decoder.finish(&mut decoded);
                assert_eq!(decoded, text.as_bytes());
                assert_eq!(utf16_bytes(&decoded), bytes.len() as u64);
            }
        }
    }

    #[test]
    fn half_characters_are_replaced() {
        let (mut decoder, mut decoded) = (Utf16::default(), Vec::new());
        decoder.decode(&[0x3D, 0xD8, 0x41, 0, 7], false, &mut decoded);
        decoder.finish(&mut decoded);
        assert_eq!(String::from_utf8(decoded).unwrap(), "\u{FFFD}A\u{FFFD}");
    }

    #[test]
    fn programs_and_images_are_binary_and_text_is_not() {
        assert!(looks_binary(b"\x7fELF\x02\x01\x01\0\0\0"));
        assert!(looks_binary(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"));
        assert!(!looks_binary("größer \u{1b}[31mred\u{1b}[0m\r\n\t".as_bytes()));
        assert!(!looks_binary(b"caf\xe9 au lait"));
        assert!(!looks_binary(&utf16("a log in UTF-16", false)));
        assert!(!looks_binary(b""));
    }
}
