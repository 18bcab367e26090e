//! What the data thread answers.

use serde::{Deserialize, Serialize};

use super::failure::Failure;
use crate::blame::Suspects;
use crate::compare::Comparison;
use crate::deployment::Deployment;
use crate::disguise::{DisguisePreview, PseudonymList};
use crate::drift::DriftReport;
use crate::entry::{Entry, Row, RowKey, SourceId};
use crate::facet::Facets;
use crate::format::{FormatPreview, OwnFormat};
use crate::group::Groups;
use crate::incident::{Clusters, Incidents};
use crate::kept::{Mark, SavedView};
use crate::lanes::Lanes;
use crate::meaning::Meanings;
use crate::naming::Naming;
use crate::notebook::Notebook;
use crate::red::Red;
use crate::requests::Requests;
use crate::resources::Resources;
use crate::severity::N_BANDS;
use crate::source::{Fits, Source, Survey, TextChange, TimesPreview};
use crate::sql::OwnTable;
use crate::table::Table;
use crate::template::{Followed, TemplateDetail, TemplateList, TemplateTitle};
use crate::time::{Nanos, TimeRange, Zone};
use crate::topology::{Layout, Topology};
use crate::trace::Trace;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    Accepted,
    Sources(Vec<Source>),
    Status(Box<Status>),
    Count(Counted),
    Histogram(Histogram),
    Lanes(Box<Lanes>),
    Page(Page),
    Entry(Box<Entry>),
    Step(Option<Stepped>),
    Context(Context),
    /// One for each entry, in the order of the question.
    Keeps(Vec<bool>),
    /// The next part of a file.
    Exported(Vec<u8>),
    Disguised(DisguisePreview),
    /// In the order of what was asked for.
    DisguisedValues(Vec<String>),
    Pseudonyms(PseudonymList),
    Facets(Facets),
    Templates(Box<TemplateList>),
    Template(Box<TemplateDetail>),
    TemplateTitles(Vec<TemplateTitle>),
    Groups(Box<Groups>),
    Incidents(Box<Incidents>),
    /// In the order of their times.
    Deployments(Vec<Deployment>),
    Clusters(Clusters),
    Comparison(Box<Comparison>),
    Table(Box<Table>),
    Topology(Box<Topology>),
    Layout(Box<Layout>),
    Red(Box<Red>),
    Resources(Box<Resources>),
    Suspects(Box<Suspects>),
    Drift(Box<DriftReport>),
    Trace(Box<Trace>),
    Requests(Box<Requests>),
    Survey(Survey),
    Fits(Fits),
    Times(TimesPreview),
    Texts(Vec<TextChange>),
    OwnFormats(Vec<OwnFormat>),
    FormatText(String),
    FormatPreview(Box<FormatPreview>),
    /// Under this name, and so many sources were read again.
    FormatKept {
        name: String,
        n_reread: u64,
        /// The title of the shipped format that has the same name.
        in_place_of: Option<String>,
    },
    Marks(Vec<Mark>),
    MarkedChosen(MarkedChosen),
    MarkedEntries(Vec<(Mark, Option<Box<Entry>>)>),
    Views(Vec<SavedView>),
    Followed(Followed),
    Notebook(Notebook),
    OwnTables(Vec<OwnTable>),
    Meanings(Meanings),
    Naming(Naming),
    /// Where the browser has the file until the next one is asked for.
    CaseFile {
        address: String,
        n_bytes: u64,
    },
    Imported(Imported),
    /// The entry that has the selected one's first line now.
    Reread(Option<RowKey>),
}

/// What became of the bookmarks on the rows that were chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkedChosen {
    /// Rows that got one.
    pub n_marked: u64,
    /// Rows that had one already and keep it: because others got theirs, or because it has a note.
    pub n_kept: u64,
    /// Those that were taken off: with [`Ask::KeepMark`](super::Ask::KeepMark) they are there again.
    pub taken_off: Vec<Mark>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// Sources that were added or, for an interrupted import of the same file, are gone on with.
    pub added: Vec<SourceId>,
    /// Those among them of which more has been written since they were read, to their end or not: what is new is read, or all of it in
    /// the place of what was read.
    pub grown: Vec<SourceId>,
    /// Indices into the offers that the workspace already has (same size, same content fingerprint), and as what.
    pub known: Vec<(u32, SourceId)>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    pub n_entries: u64,
    /// All of it was looked at; until then `n_entries` is a lower bound.
    pub complete: bool,
    /// Parts of the query that can be parsed but find nothing, such as a regular expression that cannot be read, as
    /// sentences. Those that [`crate::query::parse`] finds are not among them.
    pub problems: Vec<String>,
    /// The last word of the query, where no entry has it: those were looked for that begin so.
    pub let_go_on: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    /// Start of the first bucket: a multiple of `width_nanos` on the clock that was asked for; weeks begin on a Monday.
    pub start: Nanos,
    pub width_nanos: i64,
    /// Entries by [`Band`] in each bucket, oldest first whatever the filter's order.
    pub buckets: Vec<[u32; N_BANDS]>,
    /// Entries that no bucket holds: their files say nothing of when they were written.
    pub undated: [u32; N_BANDS],
    pub complete: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// Rank of the first row.
    pub first: u64,
    pub rows: Vec<Row>,
    /// How many entries the filter finds, as far as is known by now.
    pub counted: Counted,
    /// Rank of the key that was asked for, where one was.
    pub asked_rank: Option<u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Context {
    /// The neighbours before, the entry, those after.
    pub rows: Vec<Row>,
    pub n_before: u32,
    /// There is nothing before the first row, after the last.
    pub is_start: bool,
    pub is_end: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stepped {
    pub key: RowKey,
    pub rank: u64,
}

/// The workspace's health: what is shown in the status line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Status {
    pub role: Role,
    pub storage: Storage,
    pub n_entries: u64,
    /// Entries that a crash cannot take away.
    pub n_saved: u64,
    /// Nor marks and saved views.
    pub is_kept_saved: bool,
    /// Kinds of findings that the user judged, and patterns that have a name or note.
    pub n_verdicts: u64,
    pub n_template_notes: u64,
    /// Log text taken in, and what it takes to store it with its index.
    pub text_bytes: u64,
    pub stored_bytes: u64,
    /// What the browser says this origin uses and may use; `None` where it does not say.
    pub usage_bytes: Option<u64>,
    pub quota_bytes: Option<u64>,
    /// The browser promised not to evict the data.
    pub persisted: bool,
    pub zone: Zone,
    /// First and last instant of all entries.
    pub range: Option<TimeRange>,
    /// WebAssembly memory of the data thread and its readers.
    pub wasm_memory_bytes: u64,
    /// What went wrong with opening, reading or saving; `None` when all is well.
    pub trouble: Option<Failure>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// This tab reads and writes.
    Owner,
    /// Another tab owns the workspace; this one waits for the user's decision.
    OpenElsewhere,
    /// This tab shows what was saved when it opened.
    ReadOnly,
    /// Another tab took the workspace over.
    TakenOver,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Storage {
    IndexedDb,
    /// IndexedDB is not available (private window): everything is gone when the tab closes.
    MemoryOnly,
}
