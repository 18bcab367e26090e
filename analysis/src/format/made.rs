//! Formats that come up while reading: a delimited format with the columns that a header names, and a format inside the
//! messages of another.
//!
//! A made format is known by its *key*, which says all of it: stored with blocks and positions, it is made again wherever
//! it is read. Ids are given out in the order of making; a made format lives as long as its [`super::Formats`].

use std::sync::OnceLock;

use super::FormatId;
use super::delimited::Columns;

/// Ids from here on are of made formats.
const FIRST: u16 = 0x8000;
/// More are not made: what asks for one is read by the format it would be made of.
const MOST: usize = 1024;

/// Stands between the outer format's name and the key of the inner one.
pub const INSIDE: char = '/';

#[derive(Debug)]
pub struct Made {
    pub key: String,
    /// What the user sees and asks for: `csv`, `syslog/json`.
    pub name: String,
    pub title: String,
    pub layout: Layout,
}

#[derive(Debug)]
pub enum Layout {
    /// A delimited format, its columns known.
    Columns { base: FormatId, columns: Columns },
    /// The messages of `outer` (a listed format, or one with its columns) are of the format `inner`.
    Inside { outer: FormatId, inner: FormatId },
}

/// Grows without moving, so that what is made can be lent while more is made.
#[derive(Debug)]
pub struct MadeFormats {
    places: Box<[OnceLock<Made>]>,
}

impl Default for MadeFormats {
    fn default() -> Self {
        Self { places: std::iter::repeat_with(OnceLock::new).take(MOST).collect() }
    }
}

impl MadeFormats {
    #[inline]
    pub fn get(&self, id: FormatId) -> Option<&Made> {
        self.places.get(usize::from(id.0.checked_sub(FIRST)?))?.get()
    }

    pub fn find(&self, is_wanted: impl Fn(&Made) -> bool) -> Option<FormatId> {
        let made = self.places.iter().map_while(OnceLock::get);
        made.enumerate().find(|(_, made)| is_wanted(made)).map(|(at, _)| FormatId(FIRST + at as u16))
    }

    /// The id of this key, made now if it is new. `None` if there are too many.
    pub fn add(&self, made: Made) -> Option<FormatId> {
        let mut made = Some(made);
        for (at, place) in self.places.iter().enumerate() {
            let there = place.get_or_init(|| made.take().expect("taken only once: then it is found here"));
            let is_it = made.as_ref().is_none_or(|made| made.key == there.key);
            if is_it {
                return Some(FormatId(FIRST + at as u16));
            }
        }
        None
    }
}
