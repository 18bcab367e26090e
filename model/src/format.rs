//! Log formats as the user writes them: their texts, what is wrong with one, and what it would read.

use serde::{Deserialize, Serialize};

/// A format of the user's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnFormat {
    pub name: String,
    pub title: String,
    /// TOML, as it was written.
    pub text: String,
}

/// Where a new format begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Draft {
    /// With the text of this one, under a name of its own.
    CopyOf(String),
    /// With a pattern that takes each line whole.
    FromNothing,
}

/// The format of which is asked what it would read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tried {
    /// The one that is written so.
    Text(String),
    /// The one of this name.
    Known(String),
}

/// Why a format cannot be used, as a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormatProblem {
    /// Of the format's text, from 1; `None` where it is none of its lines.
    pub line: Option<u32>,
    pub message: String,
}

/// What a format would read of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormatPreview {
    /// It can be kept only without any.
    pub problems: Vec<FormatProblem>,
    /// The title of the shipped format that has its name, and in whose place it would be.
    pub in_place_of: Option<String>,
    /// Names of the parts that the lines are taken apart into, in the order they come up.
    pub groups: Vec<String>,
    /// Lines looked at, all over the source, and those of them that begin an entry.
    pub n_lines: u64,
    pub n_read: u64,
    /// Those that go on with the entry before them.
    pub n_joined: u64,
    /// Some of them, in their order: those that are not read before others.
    pub lines: Vec<PreviewLine>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewLine {
    /// From 1.
    pub line: u64,
    /// Cut at [`SHOWN_LINE_CHARS`](crate::source::SHOWN_LINE_CHARS).
    pub text: String,
    pub reading: LineReading,
    /// One after the other; what none holds was matched, but is no part.
    pub parts: Vec<PreviewPart>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LineReading {
    /// An entry begins here.
    Begins,
    /// It goes on with the entry before it, as its looks say.
    GoesOn,
    /// No pattern reads it, so it goes on with the entry before it.
    Joins(Stop),
    /// The format does not read it.
    Stops(Stop),
}

/// How far a format reads a line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// Bytes of the line that were matched.
    pub bytes: u32,
    /// The part of the pattern that matches no further, or what else is wrong, as a sentence.
    pub pattern: String,
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewPart {
    /// Bytes of the line's text.
    pub start: u32,
    pub end: u32,
    /// Indices of the groups it belongs to, the innermost last.
    pub groups: Vec<u16>,
}
