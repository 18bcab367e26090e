//! A source: one log file, and how far the workspace has taken it in.

use serde::{Deserialize, Serialize};

use crate::entry::SourceId;
use crate::time::TimeRange;

/// A file the user handed over; its bytes stay with the browser until the data thread reads them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileOffer {
    /// Path as dropped ("var/log/app.log"), or the bare name.
    pub path: String,
    pub bytes: u64,
    pub modified_millis: i64,
}

/// One source as the list shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Source {
    pub id: SourceId,
    pub path: String,
    /// Size of the file on disk.
    pub file_bytes: u64,
    /// Bytes of the file read so far; with `file_bytes` this is the progress.
    pub read_bytes: u64,
    /// Bytes of log text taken in (after decompression).
    pub text_bytes: u64,
    pub n_entries: u64,
    pub n_lines: u64,
    /// Titles of the formats found, most frequent first.
    pub formats: Vec<String>,
    pub range: Option<TimeRange>,
    /// Entries on disk: what a crash cannot take away.
    pub n_saved: u64,
    /// Log text per second while reading, else 0.
    pub bytes_per_second: u64,
    pub state: SourceState,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SourceState {
    Waiting,
    Reading,
    Paused,
    /// Read to its end.
    Complete,
    /// The user stopped it; what was read stays.
    Stopped,
    /// The page went away in the middle; goes on when the file is handed over again.
    Interrupted,
    /// Not a log (binary, empty name, unreadable); the reason is a sentence.
    Skipped {
        reason: String,
    },
    /// Reading ended early; what was read stays. The reason is a sentence.
    Failed {
        reason: String,
    },
}
