//! What a person keeps of a workspace: marks on entries, with notes, and views to come back to.

use serde::{Deserialize, Serialize};

use crate::entry::RowKey;
use crate::severity::Severity;
use crate::time::{Nanos, Precision};

/// Numbers the marks of a workspace, from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MarkId(pub u32);

/// A bookmark on an entry. It goes by what the file says, not by a row's number: it survives another reading of the file,
/// and waits while the file is not in the workspace.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Mark {
    pub id: MarkId,
    pub anchor: Anchor,
    /// Markdown; tags are words in it that begin with `#`. Empty: a mark and no more.
    pub note: String,
    /// What is shown of the entry, as it was when it was marked; `time` as it is now, where the entry is here.
    pub time: Nanos,
    pub precision: Precision,
    pub severity: Severity,
    pub service: String,
    /// The beginning of its message.
    pub text: String,
    /// The entry, where its file is here.
    pub key: Option<RowKey>,
}

impl Mark {
    /// Where it stands, as people say it: `web/app.log:17`.
    pub fn place(&self) -> String {
        format!("{}:{}", self.anchor.path, self.anchor.line + 1)
    }
}

/// Names a line of a file by what is in both.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Anchor {
    pub path: String,
    pub file_bytes: u64,
    /// Of the file's content.
    pub fingerprint: u64,
    /// Which one, from 0, of several sources with all of that in common.
    pub copy: u32,
    /// From 0: the line that the entry begins with.
    pub line: u64,
    /// Of that line's text.
    pub line_hash: u64,
}

/// A scope under a name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    /// No two of a workspace have the same.
    pub name: String,
    /// As [`Scope::to_hash`](crate::scope::Scope::to_hash) writes it; no entry is selected in it.
    pub address: String,
    /// What is to be said of it; Markdown.
    pub note: String,
}

/// The tags in a note, without their `#`, each once, as they come first. A tag begins where a word does.
pub fn tags(note: &str) -> Vec<&str> {
    let mut tags = Vec::new();
    for (at, _) in note.match_indices('#') {
        let begins_word = note[..at].chars().next_back().is_none_or(|c| c.is_whitespace() || "([,;".contains(c));
        let tag = &note[at + 1..at + 1 + tag_bytes(&note[at + 1..])];
        if begins_word && !tag.is_empty() && !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

/// How long the tag is that `text` begins with; 0 where it begins with none. A number alone is none: `#1` is an issue's.
pub fn tag_bytes(text: &str) -> usize {
    let is_of_tag = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/');
    let n_bytes = text.find(|c| !is_of_tag(c)).unwrap_or(text.len());
    if text[..n_bytes].contains(char::is_alphabetic) { n_bytes } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_words_with_a_hash_before_them() {
        assert_eq!(tags("first #cause, then #follow-up (#Ursache) and #cause"), ["cause", "follow-up", "Ursache"]);
        assert_eq!(tags("see a#b, #1, # alone, ##, /x#y"), Vec::<&str>::new());
        assert_eq!(tags("#db"), ["db"]);
    }
}
