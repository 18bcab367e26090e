//! The query language: an expression tree, a parser that never fails, and a printer that is its inverse.
//!
//! | written | means |
//! |---|---|
//! | `timeout db` | both words, anywhere in the entry, whole words, case ignored |
//! | `time*` | a word that begins with `time` |
//! | `"connection reset"` | these characters in a row, starting and ending at word boundaries |
//! | `/5\d\d$/` | a regular expression over the raw text; `(?i)` ignores case |
//! | `service:checkout` | the field holds this word or phrase; `service:*` that it exists |
//! | `status>=500`, `level>=warn` | comparison; levels by severity, numbers by value, else text |
//! | `a OR b`, `NOT a`, `-a`, `( )` | Boolean; AND binds tighter than OR |
//!
//! Words do not look inside an entry's time stamp, except those that read as a clock time or date (`10:23`,
//! `2026-11-20`): use the timeline for time.

use serde::{Deserialize, Serialize};

/// What an entry must satisfy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Expr {
    /// Every entry: the empty query.
    All,
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    /// Whole words (the text may hold several tokens: `10.0.3.7`, `api/v2`), case ignored.
    Word(String),
    /// The last token may go on: `time*`.
    Prefix(String),
    /// Like [`Expr::Word`], but was quoted and may hold spaces.
    Phrase(String),
    Regex(String),
    Field {
        name: String,
        test: Test,
    },
}

/// What a field must satisfy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Test {
    Exists,
    /// Equals, or contains at word boundaries; case ignored. Compares as numbers where both are.
    Is(String),
    /// The value begins with this, case ignored.
    StartsWith(String),
    Matches(String),
    Compare(Comparison, String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    NotEqual,
}

/// Something in the query that could not be read as meant; the rest was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Byte range of the query text.
    pub start: u32,
    pub end: u32,
    /// A sentence for the user.
    pub message: String,
}
