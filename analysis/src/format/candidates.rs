//! Which formats may read a line: told by its first bytes, so that a line that no format reads costs little, however many
//! formats there are.

use super::freestyle::Place;
use super::sieve::Sieve;
use super::{FormatId, Kind};

#[derive(Debug)]
pub struct Candidates {
    /// The heads of all patterns.
    heads: Sieve,
    /// The format of each head.
    owners: Vec<FormatId>,
    /// Formats of other kinds, by the first byte of the lines they may read.
    others: Vec<Vec<FormatId>>,
    /// Of these those of names and values.
    structured: Vec<Vec<FormatId>>,
}

impl Candidates {
    /// `heads`: those of one line, with their formats, in the order of these.
    pub fn new<'k>(kinds: impl Iterator<Item = (FormatId, &'k Kind)>, heads: &[(FormatId, String)]) -> Self {
        let (mut others, mut structured) = (vec![Vec::new(); 256], vec![Vec::new(); 256]);
        for (id, kind) in kinds {
            for byte in (0..=u8::MAX).filter(|&byte| may_begin(kind, byte)) {
                others[usize::from(byte)].push(id);
                if matches!(kind, Kind::Json(_) | Kind::Otlp | Kind::Logfmt) {
                    structured[usize::from(byte)].push(id);
                }
            }
        }
        let owners = heads.iter().map(|(id, _)| *id).collect();
        Self { heads: Sieve::new(heads.iter().map(|(_, head)| &**head)), owners, others, structured }
    }

    /// The most specific first.
    pub fn of(&self, line: &[u8]) -> Vec<FormatId> {
        let mut ids = line.first().map_or_else(Vec::new, |&byte| self.others[usize::from(byte)].clone());
        let n_others = ids.len();
        ids.extend(self.heads.left(line).map(|head| self.owners[head]));
        if ids.len() > n_others {
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
        Kind::Json(_) => matches!(byte, b'{' | b'[' | b' ' | b'\t'),
        Kind::Otlp => byte == b'{',
        Kind::Logfmt => byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'@'),
        Kind::Freestyle(Place::ClockAtStart) => matches!(byte, b'0'..=b'9' | b'[' | b'(' | b'<' | b'"' | b'\''),
        Kind::Freestyle(_) => !byte.is_ascii_whitespace(),
        Kind::Element(_) => matches!(byte, b'<' | b' ' | b'\t'),
        Kind::Record { starts, .. } => starts.iter().any(|start| start.as_bytes()[0] == byte),
        // Without columns of its own it reads nothing before a header.
        Kind::Delimited(_, columns) => columns.is_some(),
        Kind::SecurityEvent => true,
        Kind::Cmtrace => byte == b'<',
    }
}
