//! Values and pairs of keys and values as documents of traces have them, borrowed from the document where it is possible.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Error, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Number, Value};

use super::line::Attributes;

/// Why an object was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It goes on behind these bytes.
    CutOff,
    /// It is not as it usually is.
    Unusual,
}

/// The object that bytes begin with, and how many of them it has.
pub fn first<'s, T: Deserialize<'s>>(bytes: &'s [u8]) -> Result<(T, usize), Unread> {
    let mut objects = serde_json::Deserializer::from_slice(bytes).into_iter();
    // `9.` at the end is told as a number that is none.
    let cuts_number = || matches!(bytes.last(), Some(b'.' | b'-' | b'+' | b'e' | b'E'));
    match objects.next() {
        Some(Ok(object)) => Ok((object, objects.byte_offset())),
        Some(Err(error)) if !error.is_eof() && !cuts_number() => Err(Unread::Unusual),
        _ => Err(Unread::CutOff),
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Text<'t>(#[serde(borrow)] pub Cow<'t, str>);

/// Read from a text, a number or a truth: what is larger is left to those who know its form.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Plain<'t> {
    Text(Cow<'t, str>),
    Bool(bool),
    Whole(i64),
    Large(u64),
    Number(Number),
    Other(Value),
}

impl Plain<'_> {
    pub fn into_value(self) -> Value {
        match self {
            Self::Text(text) => Value::String(text.into_owned()),
            Self::Bool(truth) => truth.into(),
            Self::Whole(number) => number.into(),
            Self::Large(number) => number.into(),
            Self::Number(number) => Value::Number(number),
            Self::Other(value) => value,
        }
    }
}

impl<'de: 't, 't> Deserialize<'de> for Plain<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reading;
        impl<'de> Visitor<'de> for Reading {
            type Value = Plain<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a number or a truth")
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Plain<'de>, E> {
                Ok(Plain::Text(Cow::Borrowed(text)))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Plain<'de>, E> {
                Ok(Plain::Text(Cow::Owned(text.to_owned())))
            }
            fn visit_bool<E: Error>(self, truth: bool) -> Result<Plain<'de>, E> {
                Ok(Plain::Bool(truth))
            }
            fn visit_i64<E: Error>(self, number: i64) -> Result<Plain<'de>, E> {
                Ok(Plain::Whole(number))
            }
            fn visit_u64<E: Error>(self, number: u64) -> Result<Plain<'de>, E> {
                Ok(i64::try_from(number).map_or(Plain::Large(number), Plain::Whole))
            }
            fn visit_f64<E: Error>(self, number: f64) -> Result<Plain<'de>, E> {
                Number::from_f64(number).map(Plain::Number).ok_or_else(|| E::custom("a number"))
            }
        }
        deserializer.deserialize_any(Reading)
    }
}

/// In their order.
#[derive(Default)]
pub struct Pairs<'t>(Vec<(Cow<'t, str>, Plain<'t>)>);

impl<'t> Pairs<'t> {
    /// `None` where a key comes twice, which takes a map.
    pub fn each_once(pairs: impl Iterator<Item = (Cow<'t, str>, Plain<'t>)>) -> Option<Self> {
        const MOST: usize = 64;
        let pairs: Vec<_> = pairs.collect();
        let is_twice = |at: usize| pairs[..at].iter().any(|before| before.0 == pairs[at].0);
        (pairs.len() <= MOST && !(1..pairs.len()).any(is_twice)).then_some(Self(pairs))
    }

    pub fn get(&self, key: &str) -> Option<&Plain<'t>> {
        self.0.iter().find(|pair| pair.0 == key).map(|pair| &pair.1)
    }

    /// Takes a pair out, as a map does: the last one comes into its place.
    pub fn take(&mut self, key: &str) -> Option<Plain<'t>> {
        let at = self.0.iter().position(|pair| pair.0 == key)?;
        Some(self.0.swap_remove(at).1)
    }

    /// Unless the key is there.
    pub fn add(&mut self, key: &'static str, value: Cow<'t, str>) {
        if self.get(key).is_none() {
            self.0.push((Cow::Borrowed(key), Plain::Text(value)));
        }
    }

    pub fn into_map(self) -> Map<String, Value> {
        self.0.into_iter().map(|(key, value)| (key.into_owned(), value.into_value())).collect()
    }
}

impl Attributes for Pairs<'_> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Pairs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}
