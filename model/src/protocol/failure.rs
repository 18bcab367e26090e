//! Why there is no answer, in sentences.

use serde::{Deserialize, Serialize};

use crate::chosen::MOST_MARKED;
use crate::language::retold;
use crate::say;

/// Why an ask could not be answered; each has a sentence for the user in its `Display`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failure {
    Cancelled,
    /// The browser's quota is used up; everything up to the last save is kept.
    StorageFull {
        /// 0 where that is not known.
        needed_bytes: u64,
    },
    /// The browser gives this tab no more memory.
    NoMemory,
    Storage {
        message: String,
    },
    /// This tab does not own the workspace.
    NotOwner,
    /// The entry or source is not (or no longer) there.
    Gone,
    /// Going on needs the file, which the browser has not kept.
    FileNeeded,
    /// The file is not the one that reading would go on with.
    FileChanged,
    /// A format cannot be used; a sentence with the line of its text.
    Format {
        message: String,
    },
    /// A mapping table cannot be used; a sentence.
    Meanings {
        message: String,
    },
    /// What is said of names of services cannot be kept; a sentence.
    Naming {
        message: String,
    },
    /// A case file cannot be opened; a sentence that begins with "it" or "the".
    CaseFile {
        message: String,
    },
    /// The entries of a case file would stand in too many places.
    Scattered,
    /// More entries are chosen than are bookmarked at once.
    TooManyChosen,
    /// A statement that SQL does not take; `at`: the byte of it where that is seen, where it is known.
    Sql {
        message: String,
        at: Option<u32>,
    },
    /// Sample logs are being made already.
    Busy,
    /// Page and data thread are of different builds.
    OtherBuild,
    /// The data thread stopped working.
    Crashed {
        message: String,
    },
}

impl std::fmt::Display for Failure {
    /// In the language of the thread that shows it; what the data thread put into it is told again.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&match self {
            Self::Cancelled => say!("Cancelled.").to_owned(),
            Self::StorageFull { needed_bytes: 0 } => say!(
                "The browser's storage is full. Everything saved so far is kept. Remove a source or free disk space, then resume."
            )
            .to_owned(),
            Self::StorageFull { needed_bytes } => say!(
                "The browser's storage is full: {} MB more are needed. Everything saved so far is kept. \
                 Remove a source or free disk space, then resume.",
                needed_bytes.div_ceil(1_000_000)
            ),
            Self::NoMemory => say!(
                "The browser gives this tab no more memory. Everything saved so far is kept. \
                 Remove a source or close other tabs, then resume."
            )
            .to_owned(),
            Self::Storage { message } => say!("The workspace could not be stored: {message}", retold(message)),
            Self::NotOwner => say!("The workspace is open in another tab; this one cannot change it.").to_owned(),
            Self::FileNeeded => say!("Choose the file once more: reading goes on where it stopped.").to_owned(),
            Self::FileChanged => say!("The file has changed since it was read. Drop it here to read it anew.").to_owned(),
            Self::Format { message }
            | Self::Meanings { message }
            | Self::Naming { message }
            | Self::Sql { message, .. } => retold(message),
            Self::CaseFile { message } => say!("The case file cannot be opened: {message}", retold(message)),
            Self::Scattered => say!(
                "This search finds single entries in too many places for a case file of them. Choose a span of time \
                 instead, or save the whole workspace."
            )
            .to_owned(),
            Self::TooManyChosen => say!("At most {} entries are bookmarked at once.", MOST_MARKED),
            Self::Busy => say!("Sample logs are being made already.").to_owned(),
            Self::Gone => say!("This is no longer in the workspace.").to_owned(),
            Self::OtherBuild => say!("Dendro was updated. Reload the page to go on.").to_owned(),
            Self::Crashed { message } => say!(
                "Dendro's data thread stopped working; what was saved is kept. Reload the page. ({message})",
                message
            ),
        })
    }
}
