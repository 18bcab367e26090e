//! Regular expressions over the text of a block.
//!
//! An expression is read per entry, with `^` and `$` at line starts and ends (before a carriage return, too). It is run over
//! the whole text at once where that gives the same, and behind a filter of its own where it names text that every match must hold: the regex engine
//! searches alternations and `(?i)` slowly without wide SIMD (in WASM), substring search stays fast.

use memchr::memmem::{self, Finder};
use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look};

use super::Bitmap;
use super::needle::scan_entries;
use crate::block::Columns;
use crate::colour::ESCAPE;
use crate::fold::fold;

/// An expression that needs more than this compiled is refused.
const MAX_COMPILED_BYTES: usize = 4 << 20;

/// More alternatives than this are searched by the engine itself.
const MAX_LITERALS: usize = 16;

/// Shorter text stands in too many entries to be worth looking for.
const MIN_LITERAL_BYTES: usize = 2;

pub struct Pattern {
    regex: Regex,
    /// Uses `\A` or `\z`: means something else in a whole block.
    is_anchored: bool,
    /// Asks for starts or ends of lines: of an entry that ends with a carriage return those are others in a whole block.
    asks_for_lines: bool,
    required: Option<Required>,
    finders: Vec<Finder<'static>>,
}

/// Texts (folded) of which every match holds at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Required {
    pub literals: Vec<String>,
    /// Holds only where the text has neither `ſ` nor the Kelvin sign, which `(?i)` takes for `s` and `k`.
    pub without_lookalikes: bool,
    /// A text that holds one is a match, too: the expression is nothing but them, in any case of letters.
    pub is_exact: bool,
}

impl Pattern {
    /// The error is the reason as the regex library words it.
    pub fn new(expression: &str) -> Result<Self, String> {
        let regex = RegexBuilder::new(expression)
            .multi_line(true)
            .crlf(true)
            .size_limit(MAX_COMPILED_BYTES)
            .build()
            .map_err(|error| reason(&error.to_string()))?;
        let hir = read(expression);
        let look = hir.as_ref().map(|hir| hir.properties().look_set());
        let required = hir.as_ref().and_then(required).filter(Required::is_worthwhile);
        let literals = required.iter().flat_map(|required| &required.literals);
        let is_of_lines =
            |look: regex_syntax::hir::LookSet| look.contains(Look::StartCRLF) || look.contains(Look::EndCRLF);
        Ok(Self {
            regex,
            asks_for_lines: look.is_none_or(is_of_lines),
            is_anchored: look.is_none_or(|look| look.contains(Look::Start) || look.contains(Look::End)),
            finders: literals.map(|literal| Finder::new(literal).into_owned()).collect(),
            required,
        })
    }

    pub fn is_match(&self, text: &[u8]) -> bool {
        self.regex.is_match(text)
    }

    pub fn find_at(&self, text: &[u8], from: usize) -> Option<std::ops::Range<usize>> {
        self.regex.find_at(text, from).map(|found| found.range())
    }

    /// The entries of `within` that match. `folded`: the folded form of `text`, the text of the whole block.
    pub fn find_entries(&self, text: &[u8], folded: &[u8], columns: &Columns, within: &Bitmap) -> Bitmap {
        let is_match = |entry: usize| self.regex.is_match(&text[columns.text_range(entry)]);
        match &self.required {
            Some(required) if required.holds_in(folded) => {
                let finders: Vec<&Finder<'_>> = self.finders.iter().collect();
                let mut found = scan_entries(&finders, folded, columns, within, |_, _| true);
                if required.is_exact {
                    return found;
                }
                for entry in found.clone().iter().filter(|&entry| !is_match(entry)) {
                    found.remove(entry);
                }
                found
            }
            _ if self.is_anchored
                || within.count() < columns.len() / 2
                || self.asks_for_lines && memchr::memchr(b'\r', text).is_some() =>
            {
                Bitmap::from_fn(columns.len(), |entry| within.has(entry) && is_match(entry))
            }
            _ => self.scan(text, columns, within),
        }
    }

    /// Runs over the whole text, from match to match.
    fn scan(&self, text: &[u8], columns: &Columns, within: &Bitmap) -> Bitmap {
        let mut found = Bitmap::none(columns.len());
        let (mut entry, mut from) = (0, 0);
        while from < text.len()
            && let Some(range) = self.find_at(text, from)
        {
            entry += columns.ends[entry..].partition_point(|&end| (end as usize) < range.start);
            if entry >= columns.len() {
                break;
            }
            // A match that goes on into the next entry says nothing of this one alone.
            let entry_range = columns.text_range(entry);
            let holds = range.end <= entry_range.end || self.regex.is_match(&text[entry_range.clone()]);
            if holds && within.has(entry) {
                found.insert(entry);
            }
            from = entry_range.end + 1;
        }
        found
    }
}

impl Required {
    fn is_worthwhile(&self) -> bool {
        self.literals.len() <= MAX_LITERALS && self.shortest() >= MIN_LITERAL_BYTES
    }

    /// Whether every match in this folded text holds a literal as it is folded.
    fn holds_in(&self, folded: &[u8]) -> bool {
        let has_other_letters = self.without_lookalikes && has_lookalikes(folded);
        !has_other_letters && !has_colours(folded)
    }

    fn shortest(&self) -> usize {
        self.literals.iter().map(String::len).min().unwrap_or(0)
    }

    /// Long and few texts select best.
    fn is_better_than(&self, other: &Self) -> bool {
        (self.shortest(), std::cmp::Reverse(self.literals.len()))
            > (other.shortest(), std::cmp::Reverse(other.literals.len()))
    }
}

/// The texts every match of an expression must hold, where it names any.
pub fn required_texts(expression: &str) -> Option<Required> {
    required(&read(expression)?).filter(Required::is_worthwhile)
}

fn read(expression: &str) -> Option<Hir> {
    ParserBuilder::new().multi_line(true).crlf(true).utf8(false).build().parse(expression).ok()
}

fn reason(error: &str) -> String {
    error.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

fn has_lookalikes(folded: &[u8]) -> bool {
    !folded.is_ascii() && ["ſ", "\u{212A}"].iter().any(|like| memmem::find(folded, like.as_bytes()).is_some())
}

/// Colours are blanked in folded text, but an expression sees them.
fn has_colours(folded: &[u8]) -> bool {
    memchr::memchr(ESCAPE, folded).is_some()
}

fn required(hir: &Hir) -> Option<Required> {
    if let Some(literal) = literal(hir) {
        return (!literal.text.is_empty()).then(|| literal.into());
    }
    match hir.kind() {
        HirKind::Concat(parts) => required_of_concat(parts),
        HirKind::Alternation(choices) => {
            let mut all = Required { literals: Vec::new(), without_lookalikes: false, is_exact: true };
            for choice in choices {
                let one = required(choice)?;
                all.literals.extend(one.literals);
                all.without_lookalikes |= one.without_lookalikes;
                all.is_exact &= one.is_exact;
            }
            all.literals.sort();
            all.literals.dedup();
            Some(all)
        }
        HirKind::Repetition(repetition) if repetition.min > 0 => {
            required(&repetition.sub).map(|required| Required { is_exact: false, ..required })
        }
        HirKind::Capture(capture) => required(&capture.sub),
        _ => None,
    }
}

/// The best of: the runs of parts that are plain text, and what the other parts require.
fn required_of_concat(parts: &[Hir]) -> Option<Required> {
    let mut best: Option<Required> = None;
    let mut consider = |candidate: Option<Required>| {
        if let Some(candidate) = candidate
            && best.as_ref().is_none_or(|best| candidate.is_better_than(best))
        {
            best = Some(candidate);
        }
    };
    let mut run = Literal::default();
    for part in parts {
        match literal(part) {
            Some(more) => run.append(more),
            None => {
                consider(Some(std::mem::take(&mut run).into()));
                consider(required(part));
            }
        }
    }
    consider(Some(run.into()));
    // Something stands beside it.
    best.filter(|best| best.shortest() > 0).map(|best| Required { is_exact: false, ..best })
}

/// Text that a part of an expression stands for, case aside.
struct Literal {
    text: String,
    without_lookalikes: bool,
    /// The part stands for the text in any case of letters, and for nothing else.
    is_exact: bool,
}

impl Default for Literal {
    /// Nothing, exactly.
    fn default() -> Self {
        Self { text: String::new(), without_lookalikes: false, is_exact: true }
    }
}

impl Literal {
    fn append(&mut self, more: Self) {
        self.text.push_str(&more.text);
        self.without_lookalikes |= more.without_lookalikes;
        self.is_exact &= more.is_exact;
    }
}

impl From<Literal> for Required {
    fn from(literal: Literal) -> Self {
        let Literal { text, without_lookalikes, is_exact } = literal;
        Self { literals: vec![text], without_lookalikes, is_exact }
    }
}

fn literal(hir: &Hir) -> Option<Literal> {
    match hir.kind() {
        HirKind::Empty => Some(Literal::default()),
        HirKind::Look(_) => Some(Literal { is_exact: false, ..Literal::default() }),
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            // A letter stands for itself in one case only; a line end may be that between two entries.
            let has_no_case = |byte: u8| byte.is_ascii() && !byte.is_ascii_alphabetic() && byte != b'\n';
            Some(Literal { text: fold(text), without_lookalikes: false, is_exact: text.bytes().all(has_no_case) })
        }
        HirKind::Class(class) => one_letter(class),
        HirKind::Capture(capture) => literal(&capture.sub),
        HirKind::Concat(parts) => {
            let mut whole = Literal::default();
            for part in parts {
                whole.append(literal(part)?);
            }
            Some(whole)
        }
        _ => None,
    }
}

/// A class that is one letter in its cases.
fn one_letter(class: &Class) -> Option<Literal> {
    const MOST_CASES: usize = 4;
    let letters: Vec<char> = match class {
        Class::Unicode(class) => {
            let ranges = class.ranges();
            if ranges.len() > MOST_CASES || ranges.iter().any(|range| range.len() > MOST_CASES) {
                return None;
            }
            ranges.iter().flat_map(|range| range.start()..=range.end()).collect()
        }
        Class::Bytes(class) => {
            let ranges = class.ranges();
            if ranges.len() > MOST_CASES || ranges.iter().any(|range| range.len() > MOST_CASES || range.end() >= 0x80) {
                return None;
            }
            ranges.iter().flat_map(|range| range.start()..=range.end()).map(char::from).collect()
        }
    };
    let is_lookalike = |letter: &char| matches!(letter, 'ſ' | '\u{212A}');
    let plain: Vec<char> = letters.iter().copied().filter(|letter| !is_lookalike(letter)).collect();
    let mut folded = plain.iter().map(|letter| fold(&letter.to_string()));
    let text = folded.next()?;
    let is_exact = matches!(plain[..], [upper @ 'A'..='Z', lower] if lower == upper.to_ascii_lowercase());
    let without_lookalikes = letters.iter().any(is_lookalike);
    folded.all(|other| other == text).then_some(Literal { text, without_lookalikes, is_exact })
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(expression: &str, expected: Expect) {
        let shown = match required_texts(expression) {
            None => "-".to_owned(),
            Some(required) => {
                required.literals.join(" | ")
                    + if required.is_exact { " (exactly)" } else { "" }
                    + if required.without_lookalikes { " (no look-alikes)" } else { "" }
            }
        };
        expected.assert_eq(&shown);
    }

    #[test]
    fn the_text_that_every_match_holds_is_found() {
        check("status=5\\d\\d", expect!["status=5"]);
        check("(?i)Connection (refused|reset)", expect!["connection "]);
        check("timeout|timed out|(deadline) exceeded", expect!["deadline exceeded | timed out | timeout"]);
        check("(?i)timeout|error", expect!["error | timeout (exactly)"]);
        check("(?i)disk", expect!["disk (exactly) (no look-alikes)"]);
        check("(?i)(db|io)-error", expect!["-error"]);
        check("(?i)\\btimeout", expect!["timeout"]);
        check(
            "(?i)timeout\n",
            expect![[r#"
            timeout
        "#]],
        );
        check("timeout|(?i)error", expect!["error | timeout"]);
        check("10\\.0\\.|::", expect!["10.0. | :: (exactly)"]);
        check("a+(bcd)+", expect!["bcd"]);
        check("^ERROR$", expect!["error"]);
    }

    #[test]
    fn expressions_that_name_no_text_have_no_filter() {
        for expression in ["\\d+", ".*", "(abc)?", "abc|\\d", "a", "[a-z]{3}", ""] {
            check(expression, expect!["-"]);
        }
    }
}
