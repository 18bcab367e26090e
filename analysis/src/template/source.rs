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
        self.learn_headers(formats, entries, &mut slots);
        for &(format, text) in entries {
            let message = match self.headers.get(&format).filter(|header| !header.is_empty()) {
                Some(header) => behind(header, formats.said(format, text, &mut slots)),
                None => formats.said_behind_front(format, text, &mut slots),
            };
            // An entry without a message says all that it holds.
            let is_silent = message.trim_ascii().is_empty();
            shapes.push(self.miner.push(if is_silent { text } else { &message }));
        }
    }

    fn learn_headers(&mut self, formats: &Formats, entries: &[(FormatId, &str)], slots: &mut FieldSlots) {
        for &(format, _) in entries {
            if self.headers.contains_key(&format) || formats.finds_message(format) {
                continue;
            }
            let of_format = entries.iter().filter(|(other, _)| *other == format);
            let texts: Vec<Cow<'_, str>> = of_format.map(|&(format, text)| formats.said(format, text, slots)).collect();
            let texts: Vec<&str> = texts.iter().map(|text| &**text).collect();
            if let Some(header) = Header::learn(&texts) {
                self.headers.insert(format, header);
            }
        }
    }

    pub fn miner(&self) -> &Miner {
        &self.miner
    }

    pub fn templates(&self) -> Templates {
        self.miner.templates()
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
        let (mut miner, mut shapes) = (SourceMiner::default(), Vec::new());
        miner.push_block(&formats, &entries, &mut shapes);
        assert_eq!(shapes.len(), entries.len());
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
