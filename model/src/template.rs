//! What entries are made from: templates with their counts over a scope, and what stands in the place of their values.

use crate::say;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::entry::RowKey;
use crate::facet::Spread;
use crate::severity::N_BANDS;
use crate::time::{Nanos, TimeRange};

/// How a value is written in a template.
pub const WILDCARD: &str = "<*>";

/// A hash of the text: the same for the same text, in every file, workspace and version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TemplateId(pub u64);

/// As queries write it: `template:0c7d5e2f9a14`.
impl fmt::Display for TemplateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012x}", self.0 >> 16)
    }
}

/// What a value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Kind {
    Number,
    Hex,
    Time,
    Duration,
    Size,
    Uuid,
    Ip,
    Host,
    Mail,
    Path,
    Url,
    Version,
    Id,
    Quoted,
    Word,
    Text,
}

impl Kind {
    pub const ALL: [Self; 16] = [
        Self::Number,
        Self::Hex,
        Self::Time,
        Self::Duration,
        Self::Size,
        Self::Uuid,
        Self::Ip,
        Self::Host,
        Self::Mail,
        Self::Path,
        Self::Url,
        Self::Version,
        Self::Id,
        Self::Quoted,
        Self::Word,
        Self::Text,
    ];

    /// In a word or two.
    pub fn name(self) -> &'static str {
        match self {
            Self::Number => say!("number"),
            Self::Hex => say!("hex"),
            Self::Time => say!("time"),
            Self::Duration => say!("duration"),
            Self::Size => say!("size"),
            Self::Uuid => say!("UUID"),
            Self::Ip => say!("IP address"),
            Self::Host => say!("host"),
            Self::Mail => say!("mail address"),
            Self::Path => say!("path"),
            Self::Url => say!("URL"),
            Self::Version => say!("version"),
            Self::Id => say!("id"),
            Self::Quoted => say!("quoted"),
            Self::Word => say!("word"),
            Self::Text => say!("text"),
        }
    }
}

/// The templates of a scope.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TemplateList {
    /// The most frequent first; their counts sum to `n_entries`.
    pub templates: Vec<TemplateCount>,
    pub n_entries: u64,
    /// What the sparklines are over; `None` without any time.
    pub range: Option<TimeRange>,
    /// Templates of the workspace that stand for several: there are too many messages that are seldom written.
    pub n_general: u32,
    /// The scope begins within the logs, so that what is new in it can be told.
    pub has_before: bool,
}

/// A template and the entries of the scope that are made from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TemplateCount {
    pub id: TemplateId,
    /// The template that the family of those with mostly the same words is called by.
    pub family: TemplateId,
    /// Values as [`WILDCARD`].
    pub text: String,
    /// One for each value.
    pub kinds: Vec<Kind>,
    pub n_entries: u64,
    /// By severity band.
    pub bands: [u64; N_BANDS],
    /// The most frequent first, a few of them.
    pub services: Vec<(String, u64)>,
    pub n_services: u32,
    /// Of entries that have a time.
    pub first: Option<Nanos>,
    pub last: Option<Nanos>,
    /// Entries over the list's range, in spans of equal width; empty without any time.
    pub spans: Vec<u32>,
    pub novelty: Novelty,
    pub note: TemplateNote,
}

/// What the user calls a template and says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateNote {
    /// Empty: none.
    pub name: String,
    pub words: String,
}

impl TemplateNote {
    pub fn is_empty(&self) -> bool {
        self.name.is_empty() && self.words.is_empty()
    }
}

/// What the time before the scope says of a template.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Novelty {
    #[default]
    Known,
    /// In the scope, and not before it.
    New,
    /// Before the scope, and not in it.
    Gone,
}

/// One template looked at closely, from its entries in a scope.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TemplateDetail {
    /// A few entries, from all over the scope.
    pub examples: Vec<Example>,
    /// One for each value of the text.
    pub variables: Vec<VariableDetail>,
    /// Entries that the values are of.
    pub n_entries: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Example {
    pub key: RowKey,
    /// The first line of the message.
    pub text: String,
}

/// What stands in one place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VariableDetail {
    pub kind: Kind,
    pub n_different: u64,
    /// The most frequent values first, with how many entries have each.
    pub values: Vec<(String, u64)>,
    /// Where they are numbers.
    pub spread: Option<Spread>,
}
