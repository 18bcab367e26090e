//! Bytes as blocks store them: variable-length numbers, LZ4, and serde for whole byte strings at once.

use super::Corrupt;

/// A damaged size must not ask for all memory; no block comes near it.
const MAX_UNPACKED_BYTES: usize = 64 << 20;

pub fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

pub fn put_text(out: &mut Vec<u8>, text: &str) {
    put_number(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// Small magnitudes of either sign become small numbers.
pub fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

pub fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// Takes numbers and texts off the front of stored bytes.
pub struct Unpacker<'a> {
    rest: &'a [u8],
}

impl<'a> Unpacker<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What has not been taken yet.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    #[inline]
    pub fn number(&mut self) -> Result<u64, Corrupt> {
        let mut number = 0u64;
        for (i, &byte) in self.rest.iter().enumerate().take(10) {
            number |= u64::from(byte & 0x7F) << (7 * i as u32);
            if byte < 0x80 {
                self.rest = &self.rest[i + 1..];
                return Ok(number);
            }
        }
        Err(Corrupt)
    }

    /// A number that must be at most `limit`.
    #[inline]
    pub fn number_up_to(&mut self, limit: u64) -> Result<u64, Corrupt> {
        let number = self.number()?;
        if number <= limit { Ok(number) } else { Err(Corrupt) }
    }

    #[inline]
    pub fn byte(&mut self) -> Result<u8, Corrupt> {
        let (&byte, rest) = self.rest.split_first().ok_or(Corrupt)?;
        self.rest = rest;
        Ok(byte)
    }

    pub fn bytes(&mut self, n: usize) -> Result<&'a [u8], Corrupt> {
        let (bytes, rest) = self.rest.split_at_checked(n).ok_or(Corrupt)?;
        self.rest = rest;
        Ok(bytes)
    }

    pub fn text(&mut self) -> Result<&'a str, Corrupt> {
        let n = self.number_up_to(self.rest.len() as u64)?;
        std::str::from_utf8(self.bytes(n as usize)?).map_err(|_| Corrupt)
    }
}

pub fn compress(bytes: &[u8]) -> Vec<u8> {
    lz4_flex::block::compress(bytes)
}

pub fn decompress(packed: &[u8], n_bytes: usize) -> Result<Vec<u8>, Corrupt> {
    if n_bytes > MAX_UNPACKED_BYTES {
        return Err(Corrupt);
    }
    let bytes = lz4_flex::block::decompress(packed, n_bytes).map_err(|_| Corrupt)?;
    if bytes.len() == n_bytes { Ok(bytes) } else { Err(Corrupt) }
}

/// `#[serde(with)]`: a byte string copied whole (serde would visit each byte).
pub mod bytes {
    use serde::de::{Deserializer, SeqAccess, Visitor};
    use serde::ser::Serializer;

    pub fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(bytes)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        struct Bytes;
        impl<'de> Visitor<'de> for Bytes {
            type Value = Vec<u8>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
                Ok(bytes.to_vec())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<u8>, A::Error> {
                let mut bytes = Vec::new();
                while let Some(byte) = items.next_element()? {
                    bytes.push(byte);
                }
                Ok(bytes)
            }
        }
        from.deserialize_bytes(Bytes)
    }
}

/// `#[serde(with)]`: tokens as one byte string of eight bytes each, little-endian.
pub mod tokens {
    use serde::de::{Deserializer, Error};
    use serde::ser::Serializer;

    use super::super::TokenCount;

    pub fn serialize<S: Serializer>(tokens: &[TokenCount], to: S) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = tokens.iter().flat_map(|token| token.0.to_le_bytes()).collect();
        to.serialize_bytes(&bytes)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<TokenCount>, D::Error> {
        let bytes = super::bytes::deserialize(from)?;
        let (tokens, rest) = bytes.as_chunks::<8>();
        if !rest.is_empty() {
            return Err(D::Error::custom("tokens take eight bytes each"));
        }
        Ok(tokens.iter().map(|&token| TokenCount(u64::from_le_bytes(token))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_come_back(numbers: Vec<u64>) {
            let mut bytes = Vec::new();
            for &number in &numbers {
                put_number(&mut bytes, number);
            }
            let mut unpacker = Unpacker::new(&bytes);
            for &number in &numbers {
                prop_assert_eq!(unpacker.number(), Ok(number));
            }
            prop_assert!(unpacker.is_empty());
        }

        #[test]
        fn signs_survive_zigzag(number: i64) {
            prop_assert_eq!(unzigzag(zigzag(number)), number);
        }
    }

    #[test]
    fn a_number_without_end_is_corrupt() {
        assert_eq!(Unpacker::new(&[0xFF; 20]).number(), Err(Corrupt));
        assert_eq!(Unpacker::new(&[0x80]).number(), Err(Corrupt));
    }
}
