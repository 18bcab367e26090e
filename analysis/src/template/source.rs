//! The templates of one source: finds each entry's message, then mines it.

use std::collections::BTreeMap;

use crate::format::{FormatId, Formats};

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
        let messages: Vec<String> = entries.iter().map(|&(format, text)| message_of(formats, format, text)).collect();
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
fn message_of(formats: &Formats, format: FormatId, text: &str) -> String {
    let message = formats.parse(format, text).message;
    if message.trim().is_empty() { text.to_owned() } else { message }
}
