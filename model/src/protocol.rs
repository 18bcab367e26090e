//! The messages between the page and the data thread.
//!
//! Every ask gets exactly one `Done`, last, cancelled or not. A partial answer (`so_far`) replaces the one before it, but for
//! those of [`Ask::Export`], which follow each other.
//! The data thread says `Ready` first; the page queues until then. `Changed` comes at most four times a second.

mod ask;
pub use ask::{
    Ask, At, ChosenAsk, ClustersAsk, CompareAsk, ContextAsk, Count, Direction, DisguiseAsk, EntryAsk, ExportAsk,
    FacetsAsk, HistogramAsk, Import, IncidentsAsk, KeepsAsk, MOST_NEIGHBOURS, Near, OnKnown, PageAsk, RowForm, StepAsk,
    TableAsk, TemplateAsk, TemplatesAsk, TitlesAsk,
};

mod answer;
pub use answer::{Answer, Context, Counted, Histogram, Imported, MarkedChosen, Page, Role, Status, Stepped, Storage};

mod failure;
pub use failure::Failure;

use serde::{Deserialize, Serialize};

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
