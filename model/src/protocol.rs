//! The messages between the page and the data thread.
//!
//! Every ask gets exactly one `Done`, last, cancelled or not. A partial answer (`so_far`) replaces the one before it, but for
//! those of [`Ask::Export`], which follow each other.
//! The data thread says `Ready` first; the page queues until then. `Changed` comes at most four times a second.

use serde::{Deserialize, Serialize};

use crate::blame::{BlameAsk, Suspects};
use crate::compare::Comparison;
use crate::disguise::{Disguise, DisguisePreview};
use crate::drift::{DriftAsk, DriftReport};
use crate::entry::{Entry, Row, RowKey, SourceId};
use crate::facet::Facets;
use crate::format::{Draft, FormatPreview, OwnFormat, Tried};
use crate::group::{Groups, GroupsAsk};
use crate::incident::{Clusters, Incidents};
use crate::kept::{Mark, MarkId, SavedView};
use crate::lanes::{Lanes, LanesAsk};
use crate::language::retold;
use crate::red::{Red, RedAsk};
use crate::say;
use crate::scope::Filter;
use crate::severity::{Band, N_BANDS};
use crate::source::{Encoding, FileOffer, Fits, ReadAs, Source, Survey, TextChange, TimesPreview};
use crate::sql::{OwnTable, SqlAsk};
use crate::table::Table;
use crate::template::{TemplateDetail, TemplateId, TemplateList, TemplateNote};
use crate::time::{Nanos, TimeRange, Zone};
use crate::topology::{Layout, LayoutAsk, Topology, TopologyAsk};
use crate::trace::{Trace, TraceAsk};
use crate::verdict::{FindingKind, Verdict};
use crate::written::Form;

/// Names the build; page and data thread must agree on it. Set by the build command.
pub const BUILD: &str = match option_env!("DENDRO_BUILD") {
    Some(build) => build,
    None => "dev",
};

/// Numbers the asks of one page; never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AskId(pub u64);

/// Grows with every change of the workspace that a view can see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Revision(pub u64);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToWorker {
    /// Files an `Import` speaks of travel beside this message, in the order of its offers.
    Ask {
        id: AskId,
        ask: Ask,
    },
    Cancel {
        id: AskId,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToApp {
    Ready { build: String, revision: Revision },
    Progress { id: AskId, done: u64, total: u64, so_far: Option<Answer> },
    Done { id: AskId, outcome: Result<Answer, Failure> },
    Changed { revision: Revision },
}

/// All of one entry, with what a query matches in it marked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EntryAsk {
    pub key: RowKey,
    /// Empty: nothing is marked.
    pub query: String,
}

impl From<RowKey> for EntryAsk {
    fn from(key: RowKey) -> Self {
        Self { key, query: String::new() }
    }
}

/// What the page can ask. Views: [`Ask::Page`], [`Ask::Count`], [`Ask::Histogram`], [`Ask::Lanes`], [`Ask::Entry`], [`Ask::Step`],
/// [`Ask::Context`], [`Ask::Export`], [`Ask::PreviewDisguise`], [`Ask::Facets`], [`Ask::Templates`],
/// [`Ask::Template`], [`Ask::Groups`], [`Ask::Incidents`], [`Ask::Clusters`], [`Ask::Compare`], [`Ask::Table`], [`Ask::Sql`], [`Ask::Topology`], [`Ask::Layout`], [`Ask::Red`], [`Ask::Blame`], [`Ask::Drift`],
/// [`Ask::Trace`], [`Ask::Sources`], [`Ask::Survey`], [`Ask::Fits`], [`Ask::PreviewTimes`], [`Ask::PreviewEncoding`],
/// [`Ask::OwnFormats`], [`Ask::DraftFormat`], [`Ask::PreviewFormat`], [`Ask::SampleFormat`], [`Ask::Marks`], [`Ask::Views`], [`Ask::OwnTables`],
/// [`Ask::Status`]; the others change the workspace and answer [`Answer::Accepted`] unless noted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Ask {
    Sources,
    Status,
    Count(Count),
    Histogram(HistogramAsk),
    /// Entries over time by a field. Streams.
    Lanes(LanesAsk),
    Page(PageAsk),
    Entry(EntryAsk),
    Step(StepAsk),
    Context(ContextAsk),
    /// The entries of a filter, written for a file. Each part that comes follows the one before it.
    Export(ExportAsk),
    PreviewDisguise(DisguiseAsk),
    Facets(FacetsAsk),
    /// What the entries are made from. Streams.
    Templates(TemplatesAsk),
    /// One of those, looked at closely.
    Template(TemplateAsk),
    /// Which groups of entries that share an id are unlike the others. Streams.
    Groups(GroupsAsk),
    /// What is unusual in the entries of a filter. Reports progress.
    Incidents(IncidentsAsk),
    /// The clusters of windows at another reach.
    Clusters(ClustersAsk),
    /// What differs between the entries of two filters. Streams.
    Compare(CompareAsk),
    Table(TableAsk),
    /// A statement of SQL, in a thread of its own: others are answered meanwhile. Answers [`Answer::Table`].
    Sql(SqlAsk),
    Topology(TopologyAsk),
    /// Where a part of a topology is drawn.
    Layout(LayoutAsk),
    /// Rate, errors and duration by service and route. Streams.
    Red(RedAsk),
    Blame(BlameAsk),
    Drift(DriftAsk),
    Trace(TraceAsk),
    /// How a source was read, from all its entries. Streams.
    Survey(SourceId),
    /// How many of its lines each format reads. Streams.
    Fits(SourceId),
    /// What [`Ask::SetReadAs`] would do to the times of a source.
    PreviewTimes {
        source: SourceId,
        read_as: Box<ReadAs>,
    },
    /// The first lines that this encoding (`None`: the one by evidence) would read otherwise.
    PreviewEncoding {
        source: SourceId,
        encoding: Option<Encoding>,
    },

    /// The formats of the user's, by name.
    OwnFormats,
    /// The text that a new format begins with. Answers [`Answer::FormatText`].
    DraftFormat(Draft),
    /// What a format would read of a source.
    PreviewFormat {
        source: SourceId,
        tried: Tried,
    },
    /// The text of a format with samples from a source in place of those it has. Answers [`Answer::FormatText`].
    SampleFormat {
        source: SourceId,
        text: String,
    },

    /// Bookmarks, in the order of their times.
    Marks,
    /// The same, each with all of its entry where that is here.
    MarkedEntries,
    /// Saved views, by name.
    Views,
    /// The tables that statements of SQL made.
    OwnTables,
    /// Marks an entry; one that is marked stays as it is.
    Mark(RowKey),
    /// Puts a mark back that was taken off, with its note.
    KeepMark(Box<Mark>),
    SetNote {
        mark: MarkId,
        note: String,
    },
    Unmark(MarkId),
    /// Keeps a view, in place of one of its name. `before`: what it was called until now, where it gets another name.
    SaveView {
        view: SavedView,
        before: Option<String>,
    },
    DeleteView {
        name: String,
    },

    /// Takes files in. Answers [`Answer::Imported`] as soon as every offer has been looked at; reading goes on after.
    Import(Import),
    /// Makes sample logs in a worker of their own and takes them in like dropped files. Answers [`Answer::Imported`].
    ImportSamples {
        n_entries: u64,
        seed: u64,
    },
    Pause(SourceId),
    Resume(SourceId),
    /// Stops reading; what was read stays.
    Stop(SourceId),
    /// Takes the source and all its entries out of the workspace; of an archive what came out of it, too.
    Remove(SourceId),
    /// Empties the workspace.
    Clear,
    /// The whole workspace as one file, or what it has of the entries of a filter. Reports progress. Answers
    /// [`Answer::CaseFile`].
    ExportCase(Option<Filter>),
    /// Such a file, which travels beside this, takes the place of the workspace. Reports progress.
    OpenCase,
    /// Reads stamps that name no zone as this zone's wall clock, those already read included. Reports progress.
    SetZone(Zone),
    /// Reads a source otherwise, from its text in the workspace. Reports progress. `selected`: an entry of it that is
    /// looked at, since another format may cut the text into other entries. Answers [`Answer::Reread`].
    SetReadAs {
        source: SourceId,
        read_as: Box<ReadAs>,
        selected: Option<RowKey>,
    },
    /// Keeps a format of the user's, in place of the one of its name if there is one; what that has read is read again.
    /// Reports progress. Answers [`Answer::FormatKept`].
    SaveFormat {
        text: String,
    },
    /// Takes a format of the user's away. What it has read is read again by evidence. Reports progress.
    DeleteFormat {
        name: String,
    },
    /// Remembers what the user thinks of these kinds of findings; `None` forgets it.
    Judge {
        kinds: Vec<FindingKind>,
        verdict: Option<Verdict>,
    },
    /// Remembers what the user calls a template and says of it; an empty note forgets it.
    NoteTemplate {
        id: TemplateId,
        note: TemplateNote,
    },
    /// Asks the browser to keep the data (`navigator.storage.persist`).
    Persist,
    /// Another tab has the workspace: take it from there.
    TakeOver,
    /// Another tab has the workspace: show what is saved, without importing.
    OpenReadOnly,
    /// Saves everything and lets go of the store, before the page is replaced by an update.
    Close,
}

/// How many entries the filter finds. Streams.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Count {
    pub filter: Filter,
}

/// Entries over time by severity. Streams.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct HistogramAsk {
    pub filter: Filter,
    /// At most this many buckets, of the narrowest round width that does: 1, 2, 5 × powers of ten below a second, then
    /// what clocks and calendars have.
    pub max_buckets: u32,
    /// Buckets begin where hours, days and weeks begin on this zone's clock, as it goes at the range's start.
    pub zone: Zone,
}

/// A window of the table.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PageAsk {
    pub filter: Filter,
    pub at: At,
    pub n_rows: u32,
    pub form: RowForm,
}

/// What the rows of a page hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RowForm {
    /// Fields that they hold the values of, by the names that queries have for them.
    pub columns: Vec<String>,
    /// At most so many lines of the message; the first at least.
    pub n_lines: u32,
    /// A query; what it matches is marked beside what the filter's does.
    pub marks: String,
}

impl Default for RowForm {
    fn default() -> Self {
        Self { columns: Vec::new(), n_lines: 1, marks: String::new() }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum At {
    /// Position in the filter's order, from 0.
    Rank(u64),
    /// The window that has this entry (or the place where it would be) in its middle.
    Key(RowKey),
}

/// The next entry of at least this severity after (or before) `from`, in the filter's order.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StepAsk {
    pub filter: Filter,
    pub from: Option<RowKey>,
    pub least: Band,
    pub direction: Direction,
}

/// The entries next to one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ContextAsk {
    pub key: RowKey,
    pub near: Near,
    pub n_before: u32,
    pub n_after: u32,
    /// What it matches is marked.
    pub query: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ExportAsk {
    pub filter: Filter,
    pub form: Form,
    /// Fields with a column each in a CSV file, by the names that queries have for them; without any all fields are in one.
    pub columns: Vec<String>,
    /// What gets pseudonyms in the file.
    pub disguise: Option<Disguise>,
}

/// What of the first entries of a filter would get pseudonyms.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DisguiseAsk {
    pub filter: Filter,
    pub disguise: Disguise,
}

/// Among which entries an entry has neighbours.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Near {
    /// Those of its source, as they stand in the file.
    Source,
    /// Those that a query finds, by time; the entry itself need not be one of them.
    Found(String),
}

/// Fields and values of the entries that the filter finds. Streams.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FacetsAsk {
    pub filter: Filter,
    /// At most this many values of each field.
    pub n_values: u32,
    /// Only this one, where there are entries with it.
    pub field: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplatesAsk {
    pub filter: Filter,
    /// Spans of each sparkline.
    pub n_spans: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateAsk {
    pub filter: Filter,
    pub id: TemplateId,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentsAsk {
    /// Only these entries are looked at.
    pub filter: Filter,
    /// Width of the windows; `None` for one that suits the logs.
    pub window_nanos: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClustersAsk {
    /// As [`WindowMap`](crate::incident::WindowMap) has them.
    pub points: Vec<Vec<f32>>,
    pub reach: f32,
}

/// Entries that both find count as the first's.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CompareAsk {
    pub a: Filter,
    pub b: Filter,
}

/// What the stages behind the filter's query make of the entries it finds; without stages the entries as a table. Streams.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TableAsk {
    pub filter: Filter,
    /// Whose clock a timeline's spans follow.
    pub zone: Zone,
    /// At most this many rows are sent.
    pub max_rows: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Direction {
    Forward,
    Backward,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    pub offers: Vec<FileOffer>,
    /// What to do with files the workspace already has.
    pub known: OnKnown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OnKnown {
    /// Leave them out and name them in the answer, so that the user can be asked.
    Report,
    /// Take them in once more, as sources of their own.
    AddAgain,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    Accepted,
    Sources(Vec<Source>),
    Status(Status),
    Count(Counted),
    Histogram(Histogram),
    Lanes(Box<Lanes>),
    Page(Page),
    Entry(Box<Entry>),
    Step(Option<Stepped>),
    Context(Context),
    /// The next part of a file.
    Exported(Vec<u8>),
    Disguised(DisguisePreview),
    Facets(Facets),
    Templates(Box<TemplateList>),
    Template(Box<TemplateDetail>),
    Groups(Box<Groups>),
    Incidents(Box<Incidents>),
    Clusters(Clusters),
    Comparison(Box<Comparison>),
    Table(Box<Table>),
    Topology(Box<Topology>),
    Layout(Box<Layout>),
    Red(Box<Red>),
    Suspects(Box<Suspects>),
    Drift(Box<DriftReport>),
    Trace(Box<Trace>),
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
    },
    Marks(Vec<Mark>),
    MarkedEntries(Vec<(Mark, Option<Box<Entry>>)>),
    Views(Vec<SavedView>),
    OwnTables(Vec<OwnTable>),
    /// Where the browser has the file until the next one is asked for.
    CaseFile {
        address: String,
        n_bytes: u64,
    },
    Imported(Imported),
    /// The entry that has the selected one's first line now.
    Reread(Option<RowKey>),
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// Sources that were added or, for an interrupted import of the same file, are gone on with.
    pub added: Vec<SourceId>,
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
    /// A format cannot be used; a sentence with the line of its text.
    Format {
        message: String,
    },
    /// A case file cannot be opened; a sentence that begins with "it" or "the".
    CaseFile {
        message: String,
    },
    /// The entries of a case file would stand in too many places.
    Scattered,
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
            Self::Format { message } | Self::Sql { message, .. } => retold(message),
            Self::CaseFile { message } => say!("The case file cannot be opened: {message}", retold(message)),
            Self::Scattered => say!(
                "This search finds single entries in too many places for a case file of them. Choose a span of time \
                 instead, or save the whole workspace."
            )
            .to_owned(),
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
