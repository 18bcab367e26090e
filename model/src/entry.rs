//! One log entry: a line with its continuation lines, and how it is found again.

use crate::say;
use serde::{Deserialize, Serialize};

use crate::colour::Paint;
use crate::severity::Severity;
use crate::time::{Nanos, Precision, Reading};

/// Numbers the sources of a workspace in the order they were added, from 1; never used again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SourceId(pub u32);

/// Names an entry for good and is the order of every view: by time, then source, then position in the source.
///
/// The same file read again gives the same `entry` numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RowKey {
    pub time: Nanos,
    pub source: SourceId,
    /// Ordinal of the entry in its source, from 0.
    pub entry: u64,
}

/// A typed field value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Value {
    Text(String),
    Int(i64),
    Float(f64),
    Bool(bool),
    Null,
    /// An array, a number that would print otherwise (`39.50`) or another part that stays as JSON text.
    Json(String),
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) | Self::Json(text) => f.write_str(text),
            Self::Int(number) => write!(f, "{number}"),
            Self::Float(number) => write!(f, "{number}"),
            Self::Bool(truth) => write!(f, "{truth}"),
            Self::Null => f.write_str("null"),
        }
    }
}

/// Nested keys are joined with dots: `http.status`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    pub name: String,
    pub value: Value,
}

/// Which part of a line the entry is: a line that is too long to be one entry becomes several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    /// All of its line, or lines.
    #[default]
    Whole,
    First,
    Middle,
    Last,
}

impl Part {
    /// A word or two; `None` for what is no part.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Whole => None,
            Self::First => Some(say!("first part")),
            Self::Middle => Some(say!("part")),
            Self::Last => Some(say!("last part")),
        }
    }

    /// `None` for what is no part.
    pub fn in_words(self) -> Option<&'static str> {
        match self {
            Self::Whole => None,
            Self::First => Some(say!("the line goes on in the next entry")),
            Self::Middle => Some(say!("goes on with the line of the entry before, and in the next")),
            Self::Last => Some(say!("goes on with the line of the entry before")),
        }
    }
}

/// Everything known of one entry; asked for when a row is opened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub key: RowKey,
    /// From 1, inclusive.
    pub first_line: u64,
    pub last_line: u64,
    pub part: Part,
    pub precision: Precision,
    /// The stamp named no zone; the workspace's zone was used.
    pub naive: bool,
    pub zone: WrittenZone,
    /// What the stamp lacks of its date: that is from the file's name, its last change, or the entries around it.
    pub inferred: Inferred,
    /// What its zone makes of a stamp that names none.
    pub reading: Reading,
    pub severity: Severity,
    /// The level word as written ("WARNING"), or empty.
    pub severity_text: String,
    pub service: String,
    /// Where its name was found: `the field service.name`.
    pub service_rule: String,
    pub format: String,
    pub message: String,
    /// Fields in the order they occur, the well-known ones (time, level, message) left out.
    pub fields: Vec<Field>,
    pub trace_id: Option<String>,
    pub span_id: Option<String>,
    /// The request that it belongs to, and the rule that read its id: `W3C traceparent`.
    pub request: Option<(String, String)>,
    /// What is wrong with an id in it that is malformed.
    pub id_flaw: Option<String>,
    /// The text as it stands in the file, invalid bytes replaced; cut at [`SHOWN_RAW_BYTES`].
    pub raw: String,
    /// Byte ranges that the query matched, of the message and of the raw text without their terminal colours: ascending,
    /// on character boundaries.
    pub message_highlights: Vec<(u32, u32)>,
    pub raw_highlights: Vec<(u32, u32)>,
    /// Size of the whole text in the file.
    pub raw_bytes: u64,
}

/// What of a time its stamp does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Inferred {
    #[default]
    Nothing,
    Year,
    Date,
}

/// Longer texts are cut for display: enough for any stack trace, small enough to render at once.
pub const SHOWN_RAW_BYTES: usize = 256 << 10;

/// One line of the table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub key: RowKey,
    pub precision: Precision,
    pub severity: Severity,
    pub service: String,
    /// As many lines of the message as were asked for, then `name=value` of the other fields, those in columns left out; cut at a few hundred
    /// characters.
    pub text: String,
    /// Bytes of `text` that are the message; the fields follow.
    pub message_bytes: u32,
    /// Byte ranges of `text` that the query matched, ascending, on character boundaries.
    pub highlights: Vec<(u32, u32)>,
    /// The message's terminal colours, ascending.
    pub paints: Vec<Paint>,
    /// Lines of the entry beyond the one shown.
    pub n_more_lines: u32,
    pub part: Part,
    /// What the columns that were asked for hold, in their order; `None` where the entry has nothing of the kind.
    pub values: Vec<Option<Shown>>,
    /// What it has of the field that colours are of.
    pub colour: Option<String>,
    pub zone: WrittenZone,
}

/// The zone of an entry's stamp.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenZone {
    pub seconds_east: i32,
    /// The stamp says so; else it is the one that it was read in.
    pub is_named: bool,
}

/// A short text, and the byte ranges of it that the query matched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    pub text: String,
    pub highlights: Vec<(u32, u32)>,
}
