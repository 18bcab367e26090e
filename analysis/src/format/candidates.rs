//! Which formats may read a line: told by its first byte and by one look at all patterns together, so that a line that no
//! format reads costs no more, however many formats there are.

use regex::bytes::{RegexSet, RegexSetBuilder};

use super::load::Problem;
use super::{FormatId, Kind};

/// The automaton of all patterns is built as lines need it, up to so much.
const AUTOMATON_BYTES: usize = 8 << 20;

#[derive(Debug)]
pub struct Candidates {
    /// The heads of all patterns.
    patterns: RegexSet,
    /// The format of each pattern of the set.
    owners: Vec<FormatId>,
    /// Formats of other kinds, by the first byte of the lines they may read.
    others: Vec<Vec<FormatId>>,
    /// Of these those of names and values.
    structured: Vec<Vec<FormatId>>,
}

impl Candidates {
    pub fn new<'k>(kinds: impl Iterator<Item = (FormatId, &'k Kind)>) -> Result<Self, Problem> {
        let (mut heads, mut owners) = (Vec::new(), Vec::new());
        let (mut others, mut structured) = (vec![Vec::new(); 256], vec![Vec::new(); 256]);
        for (id, kind) in kinds {
            if let Kind::Pattern(pattern) = kind {
                // Heads of several lines are found by what their first line looks like.
                for head in pattern.sources().filter(|_| pattern.head_lines == 1) {
                    heads.push(head);
                    owners.push(id);
                }
                continue;
            }
            for byte in 0..=u8::MAX {
                if may_begin(kind, byte) {
                    others[usize::from(byte)].push(id);
                    if matches!(kind, Kind::Json(_) | Kind::Otlp | Kind::Logfmt) {
                        structured[usize::from(byte)].push(id);
                    }
                }
            }
        }
        let patterns = RegexSetBuilder::new(&heads)
            .unicode(false)
            .dfa_size_limit(AUTOMATON_BYTES)
            .build()
            .map_err(|error| Problem::new(error.to_string()))?;
        Ok(Self { patterns, owners, others, structured })
    }

    /// The most specific first.
    pub fn of(&self, line: &[u8]) -> Vec<FormatId> {
        let mut ids = line.first().map_or_else(Vec::new, |&byte| self.others[usize::from(byte)].clone());
        let matched = self.patterns.matches(line);
        if matched.matched_any() {
            ids.extend(matched.iter().map(|pattern| self.owners[pattern]));
            ids.sort_unstable();
            ids.dedup();
        }
        ids
    }

    /// Of names and values only.
    pub fn structured(&self, line: &[u8]) -> &[FormatId] {
        line.first().map_or(&[], |&byte| &self.structured[usize::from(byte)])
    }
}

/// Whether a line that this kind reads may begin so.
fn may_begin(kind: &Kind, byte: u8) -> bool {
    match kind {
        Kind::Raw | Kind::Pattern(_) => false,
        Kind::Json(_) => matches!(byte, b'{' | b' ' | b'\t'),
        Kind::Otlp => byte == b'{',
        Kind::Logfmt => byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'@'),
        Kind::Freestyle(_) => !byte.is_ascii_whitespace(),
        Kind::Element(_) => matches!(byte, b'<' | b' ' | b'\t'),
        Kind::Record { start, .. } => start.as_bytes().first() == Some(&byte),
        // Without columns of its own it reads nothing before a header.
        Kind::Delimited(_, columns) => columns.is_some(),
        Kind::SecurityEvent => true,
    }
}
