//! What the page asks for.

use serde::{Deserialize, Serialize};

use crate::blame::BlameAsk;
use crate::chosen::Chosen;
use crate::columns::Shows;
use crate::disguise::{Disguise, Given, PseudonymsAsk};
use crate::drift::DriftAsk;
use crate::entry::{RowKey, SourceId};
use crate::format::{Draft, Tried};
use crate::group::GroupsAsk;
use crate::incident::ClusterBy;
use crate::kept::{Mark, MarkId};
use crate::lanes::LanesAsk;
use crate::meaning::Meanings;
use crate::naming::Naming;
use crate::notebook::Notebook;
use crate::red::RedAsk;
use crate::requests::RequestsAsk;
use crate::resources::ResourcesAsk;
use crate::scope::Filter;
use crate::severity::Band;
use crate::source::{Encoding, FileOffer, ReadAs};
use crate::sql::SqlAsk;
use crate::template::{TemplateId, TemplateNote};
use crate::time::Zone;
use crate::topology::{LayoutAsk, TopologyAsk};
use crate::trace::TraceAsk;
use crate::verdict::{FindingKind, Verdict};
use crate::written::Form;

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
/// [`Ask::Context`], [`Ask::Export`], [`Ask::Keeps`], [`Ask::Chosen`], [`Ask::PreviewDisguise`], [`Ask::DisguiseValues`], [`Ask::Pseudonyms`], [`Ask::Facets`], [`Ask::Templates`],
/// [`Ask::Template`], [`Ask::TemplateTitles`], [`Ask::Groups`], [`Ask::Incidents`], [`Ask::Deployments`], [`Ask::Clusters`], [`Ask::Compare`], [`Ask::Table`], [`Ask::Sql`], [`Ask::Topology`], [`Ask::Layout`], [`Ask::Red`], [`Ask::Resources`], [`Ask::Blame`], [`Ask::Drift`],
/// [`Ask::Trace`], [`Ask::Requests`], [`Ask::Sources`], [`Ask::Survey`], [`Ask::Fits`], [`Ask::PreviewTimes`], [`Ask::PreviewEncoding`],
/// [`Ask::OwnFormats`], [`Ask::DraftFormat`], [`Ask::PreviewFormat`], [`Ask::SampleFormat`], [`Ask::Marks`], [`Ask::Views`], [`Ask::Follow`], [`Ask::Notebook`], [`Ask::OwnTables`], [`Ask::Meanings`], [`Ask::ReadMeanings`], [`Ask::Naming`], [`Ask::NamingBefore`], [`Ask::ReadNaming`],
/// [`Ask::Status`]; the others change the workspace and answer [`Answer::Accepted`](super::Answer::Accepted) unless noted.
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
    /// Which of some entries a filter keeps.
    Keeps(KeepsAsk),
    /// How many rows are chosen. Answers [`Answer::Count`](super::Answer::Count).
    Chosen(ChosenAsk),
    PreviewDisguise(DisguiseAsk),
    /// Values with pseudonyms in them, each with the name of its field or column. Answers
    /// [`Answer::DisguisedValues`](super::Answer::DisguisedValues).
    DisguiseValues {
        disguise: Disguise,
        values: Vec<(String, String)>,
    },
    /// What stands behind the pseudonyms that were given.
    Pseudonyms(PseudonymsAsk),
    /// Forgets what stands behind one; `None`: behind all. Names that were given are given to nobody else.
    ForgetPseudonyms {
        which: Option<Given>,
    },
    /// Takes forgetting one back. [`Failure::Gone`](super::Failure::Gone) where that was met again since and has another name.
    RememberPseudonym(Given),
    Facets(FacetsAsk),
    /// What the entries are made from. Streams.
    Templates(TemplatesAsk),
    /// One of those, looked at closely.
    Template(TemplateAsk),
    /// What templates are called.
    TemplateTitles(TitlesAsk),
    /// Which groups of entries that share an id are unlike the others. Streams.
    Groups(GroupsAsk),
    /// What is unusual in the entries of a filter. Reports progress.
    Incidents(IncidentsAsk),
    /// When services came to run another version, in all that the workspace holds.
    Deployments,
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
    /// Utilisation, saturation and errors of resources. Streams.
    Resources(ResourcesAsk),
    Blame(BlameAsk),
    Drift(DriftAsk),
    Trace(TraceAsk),
    /// Streams.
    Requests(RequestsAsk),
    /// How a source was read, or the parts of a log together, from all entries. Streams.
    Survey(Vec<SourceId>),
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
    /// Which templates a query is meant for that names some by ids they no longer have. Answers [`Answer::Followed`](super::Answer::Followed).
    Follow(String),
    /// The notebook's own texts and the order of its pages.
    Notebook,
    /// Keeps them so.
    SetNotebook(Notebook),
    /// The tables that statements of SQL made.
    OwnTables,
    /// The mapping table.
    Meanings,
    /// The mapping table that a text is; nothing is kept. Answers [`Answer::Meanings`](super::Answer::Meanings).
    ReadMeanings(String),
    /// Keeps this mapping table in place of the one there is.
    SetMeanings(Meanings),
    /// What the user says of names of services.
    Naming,
    /// What was said of them before the last change, to go back to; answers [`Answer::Naming`](super::Answer::Naming). Without a change: what is said now.
    NamingBefore,
    /// What a text says of them; nothing is kept. Answers [`Answer::Naming`](super::Answer::Naming).
    ReadNaming(String),
    /// Keeps that in place of what was said.
    SetNaming(Naming),
    /// Marks an entry; one that is marked stays as it is.
    Mark(RowKey),
    /// Marks the rows that are chosen, if they are not too many, and puts this note on each, behind the one it may have. Without a
    /// note, where all are marked: takes the marks off, but for those with a note. Answers [`Answer::MarkedChosen`](super::Answer::MarkedChosen).
    MarkChosen {
        chosen: ChosenAsk,
        note: String,
    },
    /// Puts a mark back that was taken off, with its note.
    KeepMark(Box<Mark>),
    SetNote {
        mark: MarkId,
        note: String,
    },
    Unmark(MarkId),
    /// Keeps a view, in place of one of its name, whose note stays. `before`: what it was called until now, where it gets
    /// another name.
    SaveView {
        name: String,
        address: String,
        before: Option<String>,
    },
    SetViewNote {
        name: String,
        note: String,
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
    ExportCase {
        of: Option<Filter>,
        /// What gets pseudonyms in it.
        disguise: Option<Disguise>,
    },
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
    /// A field whose values their colours are of; empty for none.
    pub colour: String,
    /// What their text is: the message, with the fields that have no column behind it where that is not asked for alone.
    pub shows: Shows,
    /// At most so many lines of the message; the first at least.
    pub n_lines: u32,
    /// A query; what it matches is marked beside what the filter's does.
    pub marks: String,
}

impl Default for RowForm {
    fn default() -> Self {
        Self { columns: Vec::new(), colour: String::new(), shows: Shows::Columns, n_lines: 1, marks: String::new() }
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

/// Neighbours on a side that come in one answer, which must stay a small message. Further ones are those of the first, or the last.
pub const MOST_NEIGHBOURS: u32 = 1000;

/// The entries next to one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ContextAsk {
    pub key: RowKey,
    pub near: Near,
    /// At most [`MOST_NEIGHBOURS`], as those after it.
    pub n_before: u32,
    pub n_after: u32,
    /// What it matches is marked.
    pub query: String,
}

/// Rows in sight and the filter that comes next, or bookmarks and the filter that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct KeepsAsk {
    pub filter: Filter,
    pub keys: Vec<RowKey>,
}

/// Some of the entries of a filter.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ChosenAsk {
    pub filter: Filter,
    pub chosen: Chosen,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ExportAsk {
    pub filter: Filter,
    /// Only those of its entries.
    pub chosen: Option<Chosen>,
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TitlesAsk {
    /// That of this entry alone; `None`: all of them.
    pub of: Option<RowKey>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentsAsk {
    /// Only these entries are looked at.
    pub filter: Filter,
    /// Width of the windows; `None` for one that suits the logs.
    pub window_nanos: Option<i64>,
    /// Nobody waits for it: everything else goes first.
    pub is_unasked: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClustersAsk {
    /// As [`WindowMap`](crate::incident::WindowMap) has them.
    pub points: Vec<Vec<f32>>,
    pub by: ClusterBy,
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
    /// Only known ones are meant, to go on with: one that is not has changed, and is not taken in.
    GoOn,
}
