//! The encoding of protobuf messages, without their schema.
//!
//! Format: <https://protobuf.dev/programming-guides/encoding/>.

use super::Flaw;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    Varint(u64),
    Fixed64(u64),
    /// Text, bytes or a message. Cut off where its message is.
    Bytes(&'a [u8]),
    Fixed32(u32),
}

/// The fields of a message in their order, with their numbers; ends at the first that cannot be read.
pub struct Fields<'a> {
    rest: &'a [u8],
    flaw: Option<Flaw>,
}

impl<'a> Fields<'a> {
    pub fn new(message: &'a [u8]) -> Self {
        Self { rest: message, flaw: None }
    }

    /// What the end of the fields so far was, if not the end of the message. The last of them may be cut off.
    pub fn flaw(&self) -> Option<Flaw> {
        self.flaw
    }

    fn field(&mut self) -> Result<(u32, Value<'a>), Flaw> {
        let (tag, rest) = varint(self.rest)?;
        let number = u32::try_from(tag >> 3).ok().filter(|&number| number > 0).ok_or(Flaw::Corrupt)?;
        let (value, rest) = match tag & 7 {
            0 => varint(rest).map(|(number, rest)| (Value::Varint(number), rest))?,
            1 => {
                let (bytes, rest) = rest.split_first_chunk().ok_or(Flaw::Truncated)?;
                (Value::Fixed64(u64::from_le_bytes(*bytes)), rest)
            }
            2 => {
                let (n_bytes, rest) = varint(rest)?;
                let n_there = n_bytes.min(rest.len() as u64);
                if n_there < n_bytes {
                    self.flaw = Some(Flaw::Truncated);
                }
                let (bytes, rest) = rest.split_at(n_there as usize);
                (Value::Bytes(bytes), rest)
            }
            5 => {
                let (bytes, rest) = rest.split_first_chunk().ok_or(Flaw::Truncated)?;
                (Value::Fixed32(u32::from_le_bytes(*bytes)), rest)
            }
            // Groups are of the last century.
            _ => return Err(Flaw::Corrupt),
        };
        self.rest = rest;
        Ok((number, value))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u32, Value<'a>), Flaw>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() || self.flaw.is_some() {
            return None;
        }
        let field = self.field();
        if let Err(flaw) = &field {
            self.flaw = Some(*flaw);
        }
        Some(field)
    }
}

/// A number and what follows it.
pub fn varint(bytes: &[u8]) -> Result<(u64, &[u8]), Flaw> {
    let mut number = 0;
    for (at, &byte) in bytes.iter().enumerate().take(10) {
        number |= u64::from(byte & 0x7F).checked_shl(7 * at as u32).unwrap_or(0);
        if byte < 0x80 {
            return Ok((number, &bytes[at + 1..]));
        }
    }
    Err(if bytes.len() < 10 { Flaw::Truncated } else { Flaw::Corrupt })
}
