//! Which encoding a file is in; UTF-16, Windows-1252 and ISO-8859-15 to UTF-8 in slices, and back.
//!
//! UTF-8 (and whatever else is neither) passes through as it is, invalid bytes included.

use model::source::Encoding;

/// Bytes that decide the encoding where there is no byte order mark.
pub const EVIDENCE_BYTES: usize = 64 << 10;
/// Of these, the first ones tell UTF-16.
const UTF16_EVIDENCE_BYTES: usize = 4096;

/// The encoding of a file that begins with `bytes`, and the size of its byte order mark.
///
/// Without a mark, a file is UTF-16 if nearly all of its first code units have one zero byte and always on the same side; it
/// is Windows-1252 if it is not UTF-8 and its bytes past ASCII stand as letters with accents do: by themselves.
pub fn detect(bytes: &[u8]) -> (Encoding, usize) {
    for encoding in [Encoding::Utf8, Encoding::Utf16Le, Encoding::Utf16Be] {
        let n_bytes = mark_bytes(bytes, encoding);
        if n_bytes > 0 {
            return (encoding, n_bytes);
        }
    }
    let all = &bytes[..bytes.len().min(EVIDENCE_BYTES)];
    let bytes = &all[..all.len().min(UTF16_EVIDENCE_BYTES)];
    let mut zeros = [0, 0];
    for unit in bytes.chunks_exact(2) {
        zeros[0] += usize::from(unit[0] == 0);
        zeros[1] += usize::from(unit[1] == 0);
    }
    let most = bytes.len() / 2 * 7 / 10;
    match zeros {
        [0, odd] if odd > most => (Encoding::Utf16Le, 0),
        [even, 0] if even > most => (Encoding::Utf16Be, 0),
        _ if looks_windows_1252(all) => (Encoding::Windows1252, 0),
        _ => (Encoding::Utf8, 0),
    }
}

/// Size of the byte order mark of this encoding that a file begins with.
pub fn mark_bytes(bytes: &[u8], encoding: Encoding) -> usize {
    match (encoding, bytes) {
        (Encoding::Utf8, [0xEF, 0xBB, 0xBF, ..]) => 3,
        (Encoding::Utf16Le, [0xFF, 0xFE, ..]) | (Encoding::Utf16Be, [0xFE, 0xFF, ..]) => 2,
        _ => 0,
    }
}

fn looks_windows_1252(bytes: &[u8]) -> bool {
    // A binary file has no letters; zeros are in no text of this encoding.
    if bytes.is_ascii() || bytes.contains(&0) {
        return false;
    }
    let (mut n_characters, mut n_alone, mut n_others) = (0, 0, 0);
    let mut left = bytes.len();
    for chunk in bytes.utf8_chunks() {
        n_characters += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        left -= chunk.valid().len() + chunk.invalid().len();
        match chunk.invalid() {
            // The last character may be cut off.
            [first, ..] if left == 0 && *first >= 0xC2 => {}
            [byte] if is_defined(*byte) => n_alone += 1,
            invalid => n_others += invalid.len(),
        }
    }
    // Bytes side by side are those of other encodings.
    let n_pairs = bytes.windows(2).filter(|pair| !pair[0].is_ascii() && !pair[1].is_ascii()).count();
    n_alone > n_characters && n_alone > 8 * n_others && n_pairs * 2 <= n_alone
}

/// Some places of the code page are empty.
fn is_defined(byte: u8) -> bool {
    !matches!(byte, 0x81 | 0x8D | 0x8F | 0x90 | 0x9D)
}

/// Decodes an encoding of one byte a character; bytes that Windows-1252 does not define become the control characters of
/// their number.
pub fn decode_single_bytes(encoding: Encoding, mut bytes: &[u8], text: &mut Vec<u8>) {
    while let Some(at) = bytes.iter().position(|byte| !byte.is_ascii()) {
        text.extend_from_slice(&bytes[..at]);
        push(character_of(encoding, bytes[at]), text);
        bytes = &bytes[at + 1..];
    }
    text.extend_from_slice(bytes);
}

fn character_of(encoding: Encoding, byte: u8) -> char {
    const FROM_0X80: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match (encoding, byte) {
        (Encoding::Iso8859_15, 0xA4) => '€',
        (Encoding::Iso8859_15, 0xA6) => 'Š',
        (Encoding::Iso8859_15, 0xA8) => 'š',
        (Encoding::Iso8859_15, 0xB4) => 'Ž',
        (Encoding::Iso8859_15, 0xB8) => 'ž',
        (Encoding::Iso8859_15, 0xBC) => 'Œ',
        (Encoding::Iso8859_15, 0xBD) => 'œ',
        (Encoding::Iso8859_15, 0xBE) => 'Ÿ',
        (Encoding::Windows1252, 0x80..=0x9F) => FROM_0X80[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

/// The text of bytes that are all there; `None`: in the encoding that they look to be in. A byte order mark is none of it.
pub fn decode(encoding: Option<Encoding>, bytes: &[u8]) -> Vec<u8> {
    let (encoding, n_mark) = encoding.map_or_else(|| detect(bytes), |told| (told, mark_bytes(bytes, told)));
    let (bytes, mut text) = (&bytes[n_mark..], Vec::new());
    match encoding {
        Encoding::Utf8 => text.extend_from_slice(bytes),
        Encoding::Utf16Le | Encoding::Utf16Be => {
            let mut utf16 = Utf16::default();
            utf16.decode(bytes, encoding == Encoding::Utf16Be, &mut text);
            utf16.finish(&mut text);
        }
        Encoding::Windows1252 | Encoding::Iso8859_15 => decode_single_bytes(encoding, bytes, &mut text),
    }
    text
}

/// Gives back the bytes that decoded text was made of, byte order marks and halves of characters left out.
pub fn encode(encoding: Encoding, text: &[u8], bytes: &mut Vec<u8>) {
    let characters = || text.utf8_chunks().flat_map(|chunk| chunk.valid().chars());
    match encoding {
        Encoding::Utf8 => bytes.extend_from_slice(text),
        Encoding::Utf16Le | Encoding::Utf16Be => {
            let mut units = [0; 2];
            for character in characters() {
                for unit in character.encode_utf16(&mut units) {
                    let unit = if encoding == Encoding::Utf16Le { unit.to_le_bytes() } else { unit.to_be_bytes() };
                    bytes.extend_from_slice(&unit);
                }
            }
        }
        Encoding::Windows1252 | Encoding::Iso8859_15 => bytes.extend(characters().map(|character| match character {
            '\0'..='\x7f' => character as u8,
            _ => (0x80..=0xFF).find(|&byte| character_of(encoding, byte) == character).unwrap_or(b'?'),
        })),
    }
}

/// Bytes of a file of one byte a character that this decoded text took.
pub fn single_bytes(text: &[u8]) -> u64 {
    text.iter().filter(|&&byte| !matches!(byte, 0x80..=0xBF)).count() as u64
}

/// Programs and pictures have zeros within so many bytes.
const START_BYTES: usize = 512;

/// Whether a file that begins so is no log: it has runs of zeros or many control bytes. UTF-16 is text.
pub fn looks_binary(first_bytes: &[u8]) -> bool {
    // The journal's export has the length of what is of many lines as a number of 64 bits.
    if matches!(detect(first_bytes).0, Encoding::Utf16Le | Encoding::Utf16Be) || first_bytes.starts_with(b"__CURSOR=") {
        return false;
    }
    let is_control = |byte: u8| matches!(byte, 1..=6 | 0x0E..=0x1A | 0x1C..=0x1F);
    // A crash, or a log that was cut while it was written to, leaves runs of zeros: each counts as one, which among text is a
    // slip, and none at the start. Binary files have many short ones.
    let mut text = first_bytes.to_vec();
    text.dedup_by(|byte, before| (*byte, *before) == (0, 0));
    let text = text.strip_prefix(b"\0").unwrap_or(&text);
    let n_controls = text.iter().filter(|&&byte| is_control(byte)).count();
    let n_zeros = text.iter().filter(|&&byte| byte == 0).count();
    let n_zeros_at_start = text.iter().take(START_BYTES).filter(|&&byte| byte == 0).count();
    let is_much = |n: usize, one_of: usize| n * one_of > text.len();
    text.is_empty() && !first_bytes.is_empty()
        || n_zeros_at_start * 100 > text.len().min(START_BYTES)
        || is_much(n_zeros, 20)
        || is_much(n_controls, 20)
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
    fn letters_with_accents_that_are_no_utf_8_are_windows_1252_and_other_bytes_are_not() {
        let is = |bytes: &[u8]| detect(bytes).0 == Encoding::Windows1252;
        assert!(is(b"2026-11-20 10:00:00 INFO caf\xe9 \x80 12\n2026-11-20 10:00:01 INFO gr\xf6\xdfer\n2026-11-20 INFO \xfcber\n"));
        assert!(!is("größer und größer".as_bytes()) && !is(b"plain") && !is(&"größer".as_bytes()[..3]));
        assert!(!is(b"a broken character in gr\xc3\xb6\xc3\x9fer \xff"), "what is UTF-8 otherwise stays so");
        assert!(!is(b"\xcf\xf0\xe8\xe2\xe5\xf2 \xec\xe8\xf0"), "another code page");
        assert!(!is(b"\x8c\x81\x8d\x90\x9d\x8f"));
    }

    #[test]
    fn windows_1252_is_decoded_and_its_bytes_are_counted_back() {
        let (bytes, mut text) = ((0..=255).collect::<Vec<u8>>(), Vec::new());
        decode_single_bytes(Encoding::Windows1252, &bytes, &mut text);
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains("\u{7f}€\u{81}‚") && text.ends_with("þÿ"));
        assert_eq!((text.chars().count(), single_bytes(text.as_bytes())), (256, 256));
    }

    #[test]
    fn decoded_text_gives_back_its_bytes() {
        let all: Vec<u8> = (0..=255).collect();
        for encoding in [Encoding::Windows1252, Encoding::Iso8859_15] {
            let (mut text, mut bytes) = (Vec::new(), Vec::new());
            decode_single_bytes(encoding, &all, &mut text);
            encode(encoding, &text, &mut bytes);
            assert_eq!(bytes, all, "{encoding:?}");
        }
        for big_endian in [false, true] {
            let mut bytes = Vec::new();
            let encoding = if big_endian { Encoding::Utf16Be } else { Encoding::Utf16Le };
            encode(encoding, "aß€😀\n".as_bytes(), &mut bytes);
            assert_eq!(bytes, utf16("aß€😀\n", big_endian));
        }
        let mut text = Vec::new();
        decode_single_bytes(Encoding::Iso8859_15, b"5 \xa4", &mut text);
        assert_eq!(text, "5 €".as_bytes());
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

    #[test]
    fn zeros_that_a_crash_left_do_not_make_a_log_binary() {
        let log = "10:23:45 INFO one line of a log that goes on\n".repeat(20);
        let with = |zeros: usize| [&b"\0".repeat(zeros)[..], log.as_bytes()].concat();
        assert!(!looks_binary(&with(4000)));
        assert!(!looks_binary(log.replacen("INFO", "IN\0FO", 1).as_bytes()));
        assert!(looks_binary(&b"\0".repeat(40)));
        assert!(!looks_binary(b"__CURSOR=s=7\nMESSAGE\n\x01\0\0\0\0\0\0\0x\n"));
        assert!(looks_binary(log.replace(' ', "\0").as_bytes()));
        let within = |zeros: usize| [&log.as_bytes()[..225], &b"\0".repeat(zeros)[..], log.as_bytes()].concat();
        assert!(!looks_binary(&within(60)));
        assert!(!looks_binary(&within(4000)[..4096]), "next to nothing but zeros behind the first lines");
        let sparse = |record: &[u8]| [record, &[0; 250]].concat().repeat(12);
        assert!(looks_binary(&sparse(b"\x65\x4f\xa1\x69pts/0")), "records with room between them");
    }
}
