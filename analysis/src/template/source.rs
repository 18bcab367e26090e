//! The templates of one source: finds each entry's message, then mines it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::format::{FieldSlots, FormatId, Formats};

use super::header::Header;
use super::{Miner, Templates};

/// Takes the entries of one source in, block by block.
#[derive(Clone, Debug, Default)]
pub struct SourceMiner {
    miner: Miner,
    /// Of the formats seen so far that do not say themselves where the message begins.
    headers: BTreeMap<FormatId, Header>,
}

impl SourceMiner {
    /// Takes the next block of entries in, each its format and whole text; adds the number of each one's shape to `shapes`.
    pub fn push_block(&mut self, formats: &Formats, entries: &[(FormatId, &str)], shapes: &mut Vec<u32>) {
        let mut slots = FieldSlots::default();
        let messages: Vec<Cow<'_, str>> =
            entries.iter().map(|&(format, text)| message_of(formats, format, text, &mut slots)).collect();
        for &(format, _) in entries {
            if !self.headers.contains_key(&format) && !formats.finds_message(format) {
                let of_format = entries.iter().zip(&messages).filter(|((other, _), _)| *other == format);
                let messages: Vec<&str> = of_format.map(|(_, message)| &**message).collect();
                if let Some(header) = Header::learn(&messages) {
                    self.headers.insert(format, header);
                }
            }
        }
        for ((format, _), message) in entries.iter().zip(&messages) {
            let header = self.headers.get(format);
            shapes.push(self.miner.push(header.map_or(message, |header| header.message(message))));
        }
    }

    pub fn miner(&self) -> &Miner {
        &self.miner
    }

    pub fn templates(&self) -> Templates {
        self.miner.templates()
    }
}

/// What an entry says; one without a message says all that it holds.
fn message_of<'t>(formats: &Formats, format: FormatId, text: &'t str, slots: &mut FieldSlots) -> Cow<'t, str> {
    let message = formats.said(format, text, slots);
    if message.trim_ascii().is_empty() { text.into() } else { message }
}
