//! A source: one log file, and how far the workspace has taken it in.

use serde::{Deserialize, Serialize};

use crate::entry::SourceId;
use crate::time::{Nanos, Precision, TimeRange, Zone};

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
    /// Of a file in an archive with the archive's before it: `logs.zip/var/app.log`.
    pub path: String,
    /// The source it was taken out of.
    pub archive: Option<SourceId>,
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
    /// What the user said about how it is to be read.
    pub read_as: ReadAs,
    /// What they had said before that, to go back to.
    pub read_before: Option<ReadAs>,
    /// How far it is read again in another format, in bytes of text and all of them; until the end it stays as it was.
    pub rereading: Option<(u64, u64)>,
}

/// How the bytes of a file become text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encoding {
    #[default]
    Utf8,
    Utf16Le,
    Utf16Be,
    /// A superset of Latin-1, which files that say nothing are read as where they cannot be UTF-8.
    Windows1252,
    /// Latin-1 with the euro sign.
    Iso8859_15,
}

impl Encoding {
    pub const ALL: [Self; 5] = [Self::Utf8, Self::Utf16Le, Self::Utf16Be, Self::Windows1252, Self::Iso8859_15];

    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le => "UTF-16 (little endian)",
            Self::Utf16Be => "UTF-16 (big endian)",
            Self::Windows1252 => "Windows-1252",
            Self::Iso8859_15 => "ISO-8859-15",
        }
    }
}

/// How a source is read where the user knows better than the evidence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadAs {
    /// Name of the one format it is read in; `None`: formats are found by evidence.
    pub format: Option<String>,
    /// Zone of its stamps that name none; `None`: the workspace's.
    pub zone: Option<Zone>,
    /// Added to each of its times: positive where its clock was slow.
    pub offset_nanos: i64,
    /// What its bytes are; `None`: by evidence.
    pub encoding: Option<Encoding>,
}

/// What all entries of a source tell about how it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    pub n_lines: u64,
    /// All of it was looked at.
    pub complete: bool,
    /// Its lines by the formats that read their entries, most frequent first; those that no format read are of [`RAW_FORMAT`].
    pub formats: Vec<FormatShare>,
    /// Entries with a stamp of their own, those of them that name no zone, and those that name no year.
    pub n_stamped: u64,
    pub n_zoneless: u64,
    pub n_yearless: u64,
    /// Of these, those that name no day.
    pub n_dateless: u64,
    /// By service, most frequent first; the less frequent ones are left out.
    pub services: Vec<ServiceShare>,
    pub n_services: u64,
    /// The first lines that no format read.
    pub unread: Vec<UnreadLine>,
    /// What its bytes were read as, by name.
    pub encoding: String,
}

/// Name of the format of entries that no format reads.
pub const RAW_FORMAT: &str = "raw";

/// Names of the formats that find a time, and know nothing of how the rest is laid out.
pub const TIME_FORMATS: [&str; 3] = ["timestamp", "timestamp-inside", "clock"];

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormatShare {
    pub name: String,
    pub title: String,
    pub n_lines: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceShare {
    pub name: String,
    pub n_entries: u64,
    pub rule: ServiceRule,
}

/// Where a service's name was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ServiceRule {
    /// The entry says it.
    Entry,
    /// The file's name does.
    File,
    /// The folder's name does, where any service may have a file of that name.
    Folder,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadLine {
    pub source: SourceId,
    /// From 1.
    pub line: u64,
    /// Cut at [`SHOWN_LINE_CHARS`].
    pub text: String,
}

/// Lines in panels are cut here: more than is looked at, less than hurts.
pub const SHOWN_LINE_CHARS: usize = 400;

/// How many of a source's lines each format would read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fits {
    /// Lines looked at, all over the source; lines that go on with others are left out.
    pub n_lines: u64,
    /// All formats, those that read most first.
    pub formats: Vec<FormatFit>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormatFit {
    pub name: String,
    pub title: String,
    pub n_read: u64,
    /// The user's own.
    pub is_own: bool,
}

/// What another zone or clock offset would do to a source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimesPreview {
    /// The first entries whose times would change.
    pub changes: Vec<TimeChange>,
}

/// A line that another encoding would read otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextChange {
    /// From 1.
    pub line: u64,
    /// Cut at [`SHOWN_LINE_CHARS`], like `after`.
    pub before: String,
    pub after: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeChange {
    /// From 1.
    pub line: u64,
    /// Cut at [`SHOWN_LINE_CHARS`].
    pub text: String,
    pub precision: Precision,
    pub before: Nanos,
    pub after: Nanos,
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
    /// An archive, read to its end: the files in it are sources of their own.
    Opened,
    /// Only those of its entries are here that a case file of a search or of a span of time took along.
    Excerpt,
}
