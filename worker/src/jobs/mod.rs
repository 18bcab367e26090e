//! Jobs: each answers one ask, in small steps.
//!
//! A step is one bounded piece of work (a few milliseconds); between steps a job keeps only where it stands. Streaming,
//! progress, cancellation and fairness all come from this.

mod blame;

mod context;

mod chosen;

mod keeps;

mod count;

mod deployments;

mod disguise;

mod drift;

mod entry;

mod export;

mod facets;

mod fits;

mod format_text;

mod formats;

mod groups;

mod excerpts;

mod preview;

mod pseudonyms;

mod histogram;

mod incidents;

mod lanes;

mod compare;

mod kept;

mod meanings;
mod naming;

mod page;

mod parquet;

mod red;

mod requests;

mod resources;

mod read_as;
pub use read_as::ReadAsJob;

mod removal;
pub use removal::RemovalJob;

mod row;

mod stride;

mod sightings;

mod signals;

mod survey;

mod table;

mod template;

mod templates;

mod templates_first;

mod texts;

mod times;

mod titles;

mod topology;

mod trace;

mod walk;

mod zone;

use model::protocol::{Answer, Ask, Failure};
use model::verdict::{FindingKind, Verdict};

use self::kept::KeepJob;
use self::signals::SignalsJob;
use self::templates_first::{TemplatesFirst, needs_templates};
use crate::store::{FormatChange, Store};

pub trait Job {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure>;

    /// Whether what is left to do is in the tables, so that it is gone on with when the workspace is opened again.
    fn may_rest(&self) -> bool {
        false
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// `so_far` replaces the one before it; `None` where there is nothing new to show.
    More {
        done: u64,
        total: u64,
        so_far: Option<Answer>,
    },
    Finished(Answer),
}

impl Step {
    /// Of a job that has several stages, each told as long as the others: how far it is in one of them.
    fn more_of(stage: u64, n_stages: u64, (done, total): (u64, u64), so_far: Option<Answer>) -> Self {
        let total = total.max(1);
        Self::More { done: stage * total + done.min(total), total: n_stages * total, so_far }
    }
}

/// Which job goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Somebody waits for these rows.
    Rows,
    /// A number or picture that may grow while one looks.
    Summary,
    /// A change of the whole workspace.
    Change,
    /// Nobody waits for it.
    Unasked,
}

/// Text looked at in one step: about a millisecond at scanning speed, some more where fields are taken apart.
const STEP_BYTES: u64 = 1 << 20;

/// What services are called beyond those that are told apart.
const OTHER_SERVICES: &str = "(other services)";

/// The job for an ask, or the ask itself where it is not one the store can answer alone.
pub fn job_for(ask: Ask) -> Result<(Urgency, Box<dyn Job>), Box<Ask>> {
    let needs_templates = needs_templates(&ask);
    let (urgency, job) = job_of(ask)?;
    Ok((urgency, if needs_templates { Box::new(TemplatesFirst::new(job)) } else { job }))
}

fn job_of(ask: Ask) -> Result<(Urgency, Box<dyn Job>), Box<Ask>> {
    Ok(match ask {
        Ask::Page(ask) => (Urgency::Rows, Box::new(page::PageJob::new(ask))),
        Ask::Entry(ask) => (Urgency::Rows, Box::new(entry::EntryJob { ask })),
        Ask::Context(ask) => (Urgency::Rows, Box::new(context::ContextJob::new(ask))),
        Ask::Step(ask) => (Urgency::Rows, Box::new(stride::StrideJob::new(ask))),
        Ask::Sources => (Urgency::Rows, Box::new(SourcesJob)),
        Ask::Count(ask) => (Urgency::Summary, Box::new(count::CountJob::new(ask))),
        Ask::Histogram(ask) => (Urgency::Summary, Box::new(histogram::HistogramJob::new(ask))),
        Ask::Lanes(ask) => (Urgency::Summary, Box::new(lanes::LanesJob::new(ask))),
        Ask::Survey(sources) => (Urgency::Summary, Box::new(survey::SurveyJob::new(sources))),
        Ask::Fits(source) => (Urgency::Summary, Box::new(fits::FitsJob::new(source))),
        Ask::OwnFormats => (Urgency::Rows, Box::new(format_text::OwnFormatsJob)),
        Ask::DraftFormat(draft) => (Urgency::Rows, Box::new(format_text::DraftJob { draft })),
        Ask::PreviewFormat { source, tried } => (Urgency::Summary, Box::new(preview::PreviewJob::new(source, tried))),
        Ask::SampleFormat { source, text } => (Urgency::Summary, Box::new(preview::SampleJob::new(source, text))),
        Ask::SaveFormat { text } => (Urgency::Change, Box::new(formats::FormatsJob::new(FormatChange::Keep { text }))),
        Ask::DeleteFormat { name } => {
            (Urgency::Change, Box::new(formats::FormatsJob::new(FormatChange::Delete { name })))
        }
        Ask::PreviewTimes { source, read_as } => (Urgency::Summary, Box::new(times::TimesJob::new(source, *read_as))),
        Ask::PreviewEncoding { source, encoding } => {
            (Urgency::Summary, Box::new(texts::TextsJob::new(source, encoding)))
        }
        Ask::SetReadAs { source, read_as, selected } => {
            (Urgency::Change, Box::new(ReadAsJob::new(source, *read_as, selected)))
        }
        Ask::PreviewDisguise(ask) => (Urgency::Summary, Box::new(disguise::DisguiseJob::new(ask))),
        Ask::DisguiseValues { disguise, values } => {
            let job = disguise::DisguiseValuesJob::new(disguise, values);
            (Urgency::Summary, Box::new(job))
        }
        Ask::Pseudonyms(ask) => (Urgency::Summary, Box::new(pseudonyms::PseudonymsJob::new(ask))),
        Ask::ForgetPseudonyms { which } => (Urgency::Change, Box::new(pseudonyms::ForgetJob::new(which))),
        Ask::RememberPseudonym(given) => (Urgency::Change, Box::new(pseudonyms::RememberJob { given })),
        Ask::Keeps(ask) => (Urgency::Rows, Box::new(keeps::KeepsJob::new(ask))),
        Ask::Chosen(ask) => (Urgency::Summary, Box::new(chosen::ChosenJob { ask })),
        Ask::Export(ask) => (Urgency::Summary, Box::new(export::ExportJob::new(ask))),
        Ask::Facets(ask) => (Urgency::Summary, Box::new(facets::FacetsJob::new(ask))),
        Ask::Templates(ask) => (Urgency::Summary, Box::new(templates::TemplatesJob::new(ask))),
        Ask::Template(ask) => (Urgency::Summary, Box::new(template::TemplateJob::new(ask))),
        Ask::TemplateTitles(ask) => (Urgency::Summary, Box::new(titles::TitlesJob { ask })),
        Ask::Groups(ask) => (Urgency::Summary, Box::new(groups::GroupsJob::new(ask))),
        Ask::Incidents(ask) => {
            let urgency = if ask.is_unasked { Urgency::Unasked } else { Urgency::Summary };
            (urgency, Box::new(incidents::IncidentsJob::new(ask)))
        }
        Ask::Deployments => (Urgency::Summary, Box::new(deployments::DeploymentsJob::default())),
        Ask::Clusters(ask) => (Urgency::Rows, Box::new(incidents::ClustersJob { ask })),
        Ask::Compare(ask) => (Urgency::Summary, Box::new(compare::CompareJob::new(ask))),
        Ask::Table(ask) => (Urgency::Summary, Box::new(table::TableJob::new(ask))),
        Ask::Trace(ask) => (Urgency::Summary, Box::new(trace::TraceJob::new(ask))),
        Ask::Requests(ask) => (Urgency::Summary, Box::new(requests::RequestsJob::new(ask))),
        Ask::Red(ask) => (Urgency::Summary, Box::new(SignalsJob::<red::Requests>::new(ask.filter, ask.n_spans))),
        Ask::Resources(ask) => {
            (Urgency::Summary, Box::new(SignalsJob::<resources::Points>::new(ask.filter, ask.n_spans)))
        }
        Ask::Blame(ask) => (Urgency::Summary, Box::new(blame::BlameJob::new(ask))),
        Ask::Drift(ask) => (Urgency::Summary, Box::new(drift::DriftJob::new(ask))),
        Ask::Topology(ask) => (Urgency::Summary, Box::new(topology::TopologyJob::new(ask))),
        Ask::Layout(ask) => (Urgency::Rows, Box::new(topology::LayoutJob::new(ask))),
        // No question finds it any more.
        Ask::Remove(_) => (Urgency::Change, Box::new(RemovalJob::default())),
        Ask::Marks => (Urgency::Rows, Box::new(kept::MarksJob::default())),
        Ask::MarkedEntries => (Urgency::Summary, Box::new(kept::MarkedEntriesJob::default())),
        Ask::OwnTables => (Urgency::Rows, Box::new(kept::OwnTablesJob)),
        Ask::Meanings => (Urgency::Rows, Box::new(meanings::MeaningsJob)),
        Ask::ReadMeanings(text) => (Urgency::Rows, Box::new(meanings::ReadJob { text })),
        Ask::SetMeanings(meanings) => (Urgency::Rows, Box::new(meanings::SetJob { meanings })),
        Ask::Naming => (Urgency::Rows, Box::new(naming::NamingJob)),
        Ask::NamingBefore => (Urgency::Rows, Box::new(naming::BeforeJob)),
        Ask::ReadNaming(text) => (Urgency::Rows, Box::new(naming::ReadJob { text })),
        Ask::SetNaming(naming) => (Urgency::Rows, Box::new(naming::SetJob { naming })),
        Ask::Views => (Urgency::Rows, Box::new(kept::ViewsJob::default())),
        Ask::Follow(query) => (Urgency::Summary, Box::new(kept::FollowJob { query })),
        Ask::Notebook => (Urgency::Rows, Box::new(kept::NotebookJob)),
        Ask::SetNotebook(notebook) => (Urgency::Rows, Box::new(KeepJob::SetNotebook(notebook))),
        Ask::Mark(key) => (Urgency::Rows, Box::new(KeepJob::Mark(key))),
        Ask::MarkChosen { chosen, note } => (Urgency::Change, Box::new(chosen::MarkChosenJob::new(chosen, note))),
        Ask::KeepMark(mark) => (Urgency::Rows, Box::new(KeepJob::KeepMark(mark))),
        Ask::SetNote { mark, note } => (Urgency::Rows, Box::new(KeepJob::SetNote { mark, note })),
        Ask::Unmark(mark) => (Urgency::Rows, Box::new(KeepJob::Unmark(mark))),
        Ask::SaveView { name, address, before } => {
            (Urgency::Rows, Box::new(KeepJob::SaveView { name, address, before }))
        }
        Ask::SetViewNote { name, note } => (Urgency::Rows, Box::new(KeepJob::SetViewNote { name, note })),
        Ask::DeleteView { name } => (Urgency::Rows, Box::new(KeepJob::DeleteView { name })),
        Ask::Judge { kinds, verdict } => (Urgency::Change, Box::new(JudgeJob { kinds, verdict })),
        Ask::NoteTemplate { id, note } => (Urgency::Rows, Box::new(templates::NoteJob { id, note })),
        Ask::SetZone(zone) => (Urgency::Change, Box::new(zone::ZoneJob::new(zone))),
        ask => return Err(Box::new(ask)),
    })
}

struct SourcesJob;

impl Job for SourcesJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        Ok(Step::Finished(Answer::Sources(store.sources())))
    }
}

struct JudgeJob {
    kinds: Vec<FindingKind>,
    verdict: Option<Verdict>,
}

impl Job for JudgeJob {
    fn step(&mut self, store: &mut Store) -> Result<Step, Failure> {
        store.judge(std::mem::take(&mut self.kinds), self.verdict)?;
        Ok(Step::Finished(Answer::Accepted))
    }
}

/// Says after which steps a partial answer is worth a message: the first few at once, then ever more rarely.
#[derive(Debug, Default)]
struct Rhythm {
    n_steps: u32,
}

impl Rhythm {
    fn is_due(&mut self) -> bool {
        self.n_steps += 1;
        self.n_steps.is_power_of_two() || self.n_steps.is_multiple_of(16)
    }

    /// For answers that cost about as much as the steps between them.
    fn is_rarely_due(&mut self) -> bool {
        self.n_steps += 1;
        let is_power_of_four = self.n_steps.is_power_of_two() && self.n_steps.trailing_zeros().is_multiple_of(2);
        is_power_of_four || self.n_steps.is_multiple_of(64)
    }
}
