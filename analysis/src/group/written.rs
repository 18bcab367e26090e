//! Ids that stand in the text of entries and in none of their fields: `blk_-1608999687919862906`, `req-7f3a`, `[a1b2c3d4]`, `job 1234`.
//!
//! They are told apart by how they are written, and named so: `blk_…`, `[…]`, `job …`, `session id: …`. What only stands in fields
//! (`order=ord-17a`) is not offered; what stands in the text of some entries and in fields of others joins both.

use std::ops::Range;

use model::group::{GroupField, IN_BRACKETS, REST, UUID};

use super::fields::{is_worth_grouping, sort_by_use};
use crate::fields::sketch::Sketch;
use crate::quick_hash::QuickMap;
use crate::tokenize::is_boundary;

/// No further into an entry.
const MOST_BYTES: usize = 4 << 10;

/// Ways to write ids that are told apart. Logs of more write something else so.
const MOST_FORMS: usize = 64;

/// Blocks without any, after which none is looked for any more.
const BLOCKS_WITHOUT: usize = 64;

/// A number behind one of these is an id, and no measure.
const NAMING: [&str; 13] = [
    "job",
    "task",
    "request",
    "session",
    "transaction",
    "txn",
    "order",
    "block",
    "trace",
    "run",
    "build",
    "container",
    "application",
];

/// Forms that fewer entries have in their text than one of so many are not offered.
const SELDOM: u64 = 100;

/// Ids that are in so many blocks each, and in so large a share of those that have the form, are codes of a catalogue.
const RECURRING_BLOCKS: f64 = 8.0;
const RECURRING_SHARE: f64 = 0.2;

/// Shorter ones are numbers of instances, versions and the like; and hexadecimal ones without a digit may be words.
const LEAST_BEHIND_PREFIX: usize = 4;
const LEAST_HEX: usize = 8;
const LONGEST_PREFIX: usize = 24;

/// Of a word that may be an id, by byte.
const IS_PART: [bool; 256] = {
    let mut is_part = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        is_part[byte] = (byte as u8).is_ascii_alphanumeric() || matches!(byte as u8, b'_' | b'-');
        byte += 1;
    }
    is_part
};

/// Calls `each` with the form and the id of each, in their order, and whether it stands in the text and is not the value of a key.
///
/// Only what a search for it finds: neither the beginning of a longer word, at the end of what is looked at, nor what has letters
/// beside it that are not ASCII.
fn each_id(whole: &[u8], each: &mut dyn FnMut(&str, &str, bool)) {
    let text = &whole[..whole.len().min(MOST_BYTES)];
    let is_part = |byte: u8| IS_PART[usize::from(byte)];
    let mut form = String::new();
    let mut at = 0;
    while at < text.len() {
        if !is_part(text[at]) {
            at += 1;
            continue;
        }
        let start = at;
        let mut has_digit = false;
        while at < text.len() && is_part(text[at]) {
            has_digit |= text[at].is_ascii_digit();
            at += 1;
        }
        let token = &text[start..at];
        if !has_digit && token.len() < LEAST_HEX {
            continue;
        }
        let (before, next) = (&text[..start], whole.get(at).copied());
        let goes_on = |byte: u8| is_part(byte) || !byte.is_ascii();
        if next.is_some_and(goes_on) || before.last().is_some_and(|&byte| goes_on(byte)) {
            continue;
        }
        let Ok(token) = std::str::from_utf8(token) else { continue };
        let token = token.trim_end_matches('-');
        if has_form(token, before, next, &mut form) {
            each(&form, token, !is_value_of_key(before));
        }
    }
}

/// Puts the form of what may be an id there. `before`: the text up to it.
fn has_form(token: &str, before: &[u8], next: Option<u8>, form: &mut String) -> bool {
    form.clear();
    if is_uuid(token) {
        form.push_str(UUID);
    } else if let Some(prefix) = prefix_of(token) {
        form.push_str(&token[..prefix]);
        form.push_str(REST);
    } else if before.last() == Some(&b'[') && next == Some(b']') && token.len() >= LEAST_HEX && is_hex(token) {
        form.push_str(IN_BRACKETS);
    } else if let Some(naming) = naming(token, before) {
        form.push_str(&naming.to_ascii_lowercase());
        form.push_str(REST);
    }
    !form.is_empty()
}

fn is_uuid(token: &str) -> bool {
    let is_in_place = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    token.len() == 36 && token.bytes().enumerate().all(is_in_place)
}

fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Length of the words before an id: `blk_`, `user-session-`.
fn prefix_of(token: &str) -> Option<usize> {
    let mut prefix = 0;
    while let Some(length) = token[prefix..].find(['-', '_']) {
        let word = &token[prefix..prefix + length];
        if word.len() < 2 || !word.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            break;
        }
        prefix += length + 1;
    }
    let id = token[prefix..].trim_start_matches('-');
    let has_digit = id.bytes().any(|byte| byte.is_ascii_digit());
    let is_date = id.len() == 10 && id.bytes().filter(|&byte| byte == b'-').count() == 2;
    let is_number = has_digit && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let is_word = id.len() >= LEAST_HEX && (has_digit && !id.contains(['-', '_']) || is_hex(id));
    let is_id = id.len() >= LEAST_BEHIND_PREFIX && !is_date && (is_number || is_word);
    (prefix > 0 && prefix <= LONGEST_PREFIX && is_id).then_some(prefix)
}

/// What names the id behind it, up to it: `job `, `Job #`, `session id: `.
fn naming<'t>(token: &str, before: &'t [u8]) -> Option<&'t str> {
    let is_id = is_hex(token) && token.bytes().any(|byte| byte.is_ascii_digit());
    if !is_id || !(token.bytes().all(|byte| byte.is_ascii_digit()) || token.len() >= LEAST_HEX - 2) {
        return None;
    }
    let word = word_before(before)?;
    let word =
        if before[word.clone()].eq_ignore_ascii_case(b"id") { word_before(&before[..word.start])? } else { word };
    let names = NAMING.iter().any(|naming| before[word.clone()].eq_ignore_ascii_case(naming.as_bytes()));
    if names { std::str::from_utf8(&before[word.start..]).ok() } else { None }
}

/// Where the word is that a text ends with, but for spaces, a colon and a number sign.
fn word_before(text: &[u8]) -> Option<Range<usize>> {
    let end = text.iter().rposition(|byte| !matches!(byte, b' ' | b'#' | b':'))? + 1;
    let start = text[..end].iter().rposition(|byte| !byte.is_ascii_alphabetic()).map_or(0, |at| at + 1);
    let is_apart = text.len() - end <= 3 && text.len() > end && start < end && is_boundary(text, start);
    is_apart.then_some(start..end)
}

/// Whether the text before a value is a key: `order=`, `"order": "`.
fn is_value_of_key(before: &[u8]) -> bool {
    match before {
        [.., b'='] => true,
        [rest @ .., b'"' | b'\''] => matches!(rest.trim_ascii_end(), [.., b'=' | b':']),
        _ => false,
    }
}

/// What is there to group by in the text of entries: by form.
#[derive(Clone, Default)]
pub struct WrittenIds {
    forms: QuickMap<String, Seen>,
    n_blocks: usize,
    n_entries: u64,
}

#[derive(Clone, Default)]
struct Seen {
    n_entries: u64,
    /// Where it is not the value of a key.
    n_in_text: u64,
    ids: Sketch,
    /// Of the block that is taken in.
    ids_of_block: Sketch,
    /// Blocks that have the form, and the ids in each of them, summed up.
    n_blocks: u64,
    n_in_blocks: u64,
    /// The last entry it was counted in.
    entry: usize,
}

impl Seen {
    /// Its ids come again and again: products, not requests.
    fn recurs(&self) -> bool {
        let blocks_each = self.n_in_blocks as f64 / self.ids.estimate().max(1) as f64;
        blocks_each >= RECURRING_BLOCKS && blocks_each >= RECURRING_SHARE * self.n_blocks as f64
    }
}

impl WrittenIds {
    /// So many blocks had none that the rest need not be read.
    pub fn is_hopeless(&self) -> bool {
        self.forms.is_empty() && self.n_blocks >= BLOCKS_WITHOUT
    }

    /// Takes in the texts of entries of another block.
    pub fn add_block<'t>(&mut self, texts: impl Iterator<Item = &'t [u8]>) {
        self.n_blocks += 1;
        self.forms.values_mut().for_each(|seen| seen.entry = 0);
        for (entry, text) in texts.enumerate() {
            self.n_entries += 1;
            each_id(text, &mut |form, id, is_in_text| {
                if self.forms.len() == MOST_FORMS && !self.forms.contains_key(form) {
                    return;
                }
                let seen = match self.forms.get_mut(form) {
                    Some(seen) => seen,
                    None => self.forms.entry(form.to_owned()).or_default(),
                };
                // The first of an entry is whose it is.
                if seen.entry != entry + 1 {
                    seen.entry = entry + 1;
                    seen.n_entries += 1;
                    seen.n_in_text += u64::from(is_in_text);
                    seen.ids_of_block.add(id.as_bytes());
                }
            });
        }
        for seen in self.forms.values_mut().filter(|seen| seen.entry > 0) {
            let of_block = std::mem::take(&mut seen.ids_of_block);
            seen.ids.merge(of_block.registers());
            seen.n_blocks += 1;
            seen.n_in_blocks += of_block.estimate();
        }
    }

    /// Those that several entries share, among the fields that do.
    pub fn join(&self, mut fields: Vec<GroupField>) -> Vec<GroupField> {
        let field = |(form, seen): (&String, &Seen)| GroupField {
            name: form.clone(),
            n_groups: seen.ids.estimate(),
            is_exact: false,
            n_entries: seen.n_entries,
        };
        let is_in_texts = |(_, seen): &(&String, &Seen)| seen.n_in_text * SELDOM >= self.n_entries;
        fields.extend(
            self.forms
                .iter()
                .filter(is_in_texts)
                .filter(|(_, seen)| !seen.recurs())
                .map(field)
                .filter(is_worth_grouping),
        );
        sort_by_use(&mut fields);
        fields
    }
}

/// The first id of a form in an entry.
pub fn id_of_form(text: &[u8], wanted: &str) -> Option<String> {
    let mut found = None;
    each_id(text, &mut |form, id, _| {
        if found.is_none() && form == wanted {
            found = Some(id.to_owned());
        }
    });
    found
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(text: &str, expected: Expect) {
        let mut found = Vec::new();
        each_id(text.as_bytes(), &mut |form, id, is_in_text| {
            if is_in_text {
                found.push(format!("{form} {id}"));
            }
        });
        expected.assert_eq(&found.join(", "));
    }

    #[test]
    fn ids_in_text_are_named_by_how_they_are_written() {
        check(
            "Receiving block blk_-1608999687919862906 src: /10.250.19.102:54106",
            expect!["blk_… blk_-1608999687919862906"],
        );
        check(
            "[req-ab12cd34-0001] Job #1234 of session id: 77af01",
            expect!["req-… req-ab12cd34-0001, job #… 1234, session id: … 77af01"],
        );
        check(
            "[deadbeef] [a1b2c3d4] user-session-beefcafe",
            expect!["[…] deadbeef, […] a1b2c3d4, user-session-… user-session-beefcafe"],
        );
        check("mail caf54de1-212b-4cc7-9281-29d99c0a1b2c sent", expect!["UUID… caf54de1-212b-4cc7-9281-29d99c0a1b2c"]);
    }

    #[test]
    fn what_is_a_field_a_measure_or_a_part_of_a_name_is_none() {
        check(r#"order=ord-17a01 {"id": "req-7f3a1b"} id="req-7f3a1b""#, expect![""]);
        check("took 1234 ms on worker-12, utf-8, backup-2026-11-20, eth0, well-known effaced", expect![""]);
        check("2026-11-20T10:00:00.123Z 10.0.0.1:8080 HTTP/1.1 200", expect![""]);
    }

    #[test]
    fn what_a_search_for_it_would_not_find_is_none() {
        check("req-1234_ req-1234é éreq-1234 my_job 1234 (req-1234-)", expect!["req-… req-1234"]);
        for (n_before, expected) in
            [(4096 - 9, expect!["req-… req-12345"]), (4096 - 8, expect![""]), (4096 - 5, expect![""])]
        {
            check(&format!("{:1$}req-12345 x", " ", n_before), expected);
        }
    }

    #[test]
    fn what_stands_in_fields_alone_is_not_offered_but_joins_what_stands_in_texts() {
        let fields: Vec<String> = (0..90).map(|n| format!("order=ord-{:05} done", n % 30)).collect();
        let texts: Vec<String> = (0..90).map(|n| format!("shipping ord-{:05}", n % 30)).collect();
        let offered = |texts: &[&[String]]| {
            let mut written = WrittenIds::default();
            written.add_block(texts.iter().copied().flatten().map(String::as_bytes));
            written.join(Vec::new()).iter().map(|field| (field.name.clone(), field.n_entries)).collect::<Vec<_>>()
        };
        assert_eq!(offered(&[&fields]), []);
        assert_eq!(offered(&[&fields, &texts]), [("ord-…".to_owned(), 180)]);
        assert_eq!(id_of_form(fields[3].as_bytes(), "ord-…").as_deref(), Some("ord-00003"));
    }

    #[test]
    fn codes_that_come_throughout_the_logs_are_no_ids_and_requests_are() {
        let mut written = WrittenIds::default();
        for block in 0..40 {
            let text = |n: usize| format!("sold SKU-{} to req-{:05} again", 1000 + n % 30, block * 30 + n / 3);
            let texts: Vec<String> = (0..90).map(text).collect();
            written.add_block(texts.iter().map(String::as_bytes));
        }
        let found = written.join(Vec::new());
        assert_eq!(found.iter().map(|field| &*field.name).collect::<Vec<_>>(), ["req-…"]);
    }

    #[test]
    fn forms_are_offered_that_several_entries_share() {
        let mut written = WrittenIds::default();
        let texts: Vec<String> =
            (0..90).map(|n| format!("job {} step blk_{} of blk_1", 1000 + n % 30, 5000 + n)).collect();
        written.add_block(texts.iter().map(String::as_bytes));
        let found = written.join(Vec::new());
        assert_eq!(found.iter().map(|field| (&*field.name, field.n_entries)).collect::<Vec<_>>(), [("job …", 90)]);
        assert!(found[0].n_groups.abs_diff(30) <= 5, "{found:?}");
        assert_eq!(id_of_form(texts[3].as_bytes(), "job …").as_deref(), Some("1003"));
        assert_eq!(id_of_form(texts[3].as_bytes(), "blk_…").as_deref(), Some("blk_5003"));
    }
}
