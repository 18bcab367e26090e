//! The messages of one source: how its lines begin, and the shapes of its blocks.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Miner;
use super::block::BlockShapes;
use super::header::Header;
use crate::block::Columns;
use crate::format::{FieldSlots, FormatId, Formats};

/// How the lines of a source begin: by the key of each format that does not say itself where the message begins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Headers(Vec<(String, Header)>);

impl Headers {
    /// Of how many formats.
    pub fn n_formats(&self) -> usize {
        self.0.len()
    }

    /// As they were when so many formats were known.
    pub fn first(&self, n_formats: usize) -> Self {
        Self(self.0[..n_formats].to_vec())
    }
}

/// Takes the entries of one source in, block by block.
///
/// What it gives of a block depends on that block and, in formats that do not say themselves where the message begins, on
/// how the source's first lines begin. That is [`SourceMiner::headers`]: with it another goes on as this one would.
#[derive(Default)]
pub struct SourceMiner {
    headers: Headers,
    /// The same by format, and which formats need none.
    known: BTreeMap<FormatId, Option<Header>>,
    slots: FieldSlots,
}

impl SourceMiner {
    pub fn resume(headers: Headers) -> Self {
        Self { headers, ..Self::default() }
    }

    /// How the lines of the formats seen so far begin.
    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// The shapes of the next block.
    pub fn shapes(&mut self, formats: &Formats, columns: &Columns, text: &[u8]) -> BlockShapes {
        let whole = std::str::from_utf8(text).ok();
        let text_of = |entry: usize| {
            let range = columns.text_range(entry);
            let part = whole.and_then(|text| text.get(range.clone()));
            part.map_or_else(|| String::from_utf8_lossy(&text[range]), Cow::Borrowed)
        };
        let texts: Vec<Cow<'_, str>> = (0..columns.len()).map(text_of).collect();
        let entries: Vec<(FormatId, &str)> =
            texts.iter().enumerate().map(|(entry, text)| (columns.shape(entry).format, &**text)).collect();
        self.shapes_of(formats, &entries)
    }

    fn shapes_of(&mut self, formats: &Formats, entries: &[(FormatId, &str)]) -> BlockShapes {
        self.learn(formats, entries);
        let mut miner = Miner::default();
        let mut of_entry = Vec::with_capacity(entries.len());
        let mut slots = std::mem::take(&mut self.slots);
        for &(format, text) in entries {
            // A block has no more entries than 16 bits count.
            of_entry.push(miner.push(&self.message(formats, format, text, &mut slots)) as u16);
        }
        self.slots = slots;
        BlockShapes::new(miner, of_entry)
    }

    /// What an entry of a block taken in before says, as its template sees it.
    pub fn message<'t>(
        &self,
        formats: &Formats,
        format: FormatId,
        text: &'t str,
        slots: &mut FieldSlots,
    ) -> Cow<'t, str> {
        let message = match self.known.get(&format) {
            Some(Some(header)) => behind(header, formats.said(format, text, slots)),
            _ => formats.said_behind_front(format, text, slots),
        };
        // An entry without a message says all that it holds.
        if message.trim_ascii().is_empty() { text.into() } else { message }
    }

    /// Whether this block would tell of a format how its lines begin, which is not known yet.
    pub fn would_learn(&mut self, formats: &Formats, columns: &Columns) -> bool {
        columns.shapes.iter().any(|shape| self.is_unknown(formats, shape.format))
    }

    /// Learns how lines begin, where no block before told.
    pub fn learn(&mut self, formats: &Formats, entries: &[(FormatId, &str)]) {
        for &(format, _) in entries {
            if !self.is_unknown(formats, format) {
                continue;
            }
            let of_format = entries.iter().filter(|(other, _)| *other == format);
            let slots = &mut self.slots;
            let texts: Vec<Cow<'_, str>> = of_format.map(|&(format, text)| formats.said(format, text, slots)).collect();
            let texts: Vec<&str> = texts.iter().map(|text| &**text).collect();
            if let Some(header) = Header::learn(&texts) {
                self.headers.0.push((formats.key(format).to_owned(), header.clone()));
                self.known.insert(format, Some(header).filter(|header| !header.is_empty()));
            }
        }
    }

    fn is_unknown(&mut self, formats: &Formats, format: FormatId) -> bool {
        if self.known.contains_key(&format) {
            return false;
        }
        let key = formats.key(format);
        let header = self.headers.0.iter().find(|(of, _)| of == key).map(|(_, header)| header);
        if header.is_none() && !formats.finds_message(format) {
            return true;
        }
        self.known.insert(format, header.filter(|header| !header.is_empty()).cloned());
        false
    }
}

fn behind<'t>(header: &Header, text: Cow<'t, str>) -> Cow<'t, str> {
    match text {
        Cow::Borrowed(text) => header.message(text).into(),
        Cow::Owned(text) => header.message(&text).to_owned().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The templates of entries that one format reads.
    fn check(format: &str, entries: &[String], expected: &[&str]) {
        let formats = Formats::builtin();
        let entries: Vec<(FormatId, &str)> = entries.iter().map(|text| (formats.id(format), &**text)).collect();
        let shapes = SourceMiner::default().shapes_of(&formats, &entries);
        assert_eq!(shapes.of_entry.len(), entries.len());
        let mut miner = Miner::default();
        miner.merge_block(&shapes);
        let templates = miner.templates();
        assert_eq!(templates.list.iter().map(|template| &*template.text).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_stands_in_front_of_messages_differs_from_line_to_line() {
        let line = |n: usize| {
            let front = ["shop.exe", "shop.exe *64", "cart.exe"][n % 3];
            format!("2026-11-20 10:23:{:02} {front} - order {n} {}", n % 60, ["placed", "lost"][n % 2])
        };
        check("timestamp", &(0..40).map(line).collect::<Vec<_>>(), &["order <*> lost", "order <*> placed"]);
    }

    #[test]
    fn a_few_lines_are_read_as_their_format_reads_them() {
        check("timestamp", &["2026-11-20 10:23:45 INFO [main] shop.Cart - ready".to_owned()], &["ready"]);
    }

    #[test]
    fn an_entry_without_a_message_says_all_that_it_holds() {
        let entries = [r#"{"turned":"on","n":1}"#, r#"{"turned":"off","n":2}"#].map(str::to_owned);
        check("json", &entries, &[r#"{"turned":"<*>","n":<*>}"#]);
    }
}
