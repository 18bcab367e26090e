//! Do logs, traces and metrics agree? Where they do not: what drifted, how often, the entries of each side, and the fix.

use crate::say;
use serde::{Deserialize, Serialize};

use crate::cardinality::{self, Cardinality};
use crate::entry::{RowKey, SourceId};
use crate::meaning::{Meaning, Meanings};
use crate::scope::Filter;
use crate::written::markdown_text;

/// Where the entries that the filter finds contradict each other. Streams nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DriftAsk {
    pub filter: Filter,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DriftReport {
    /// By kind, the most frequent first.
    pub drifts: Vec<Drift>,
    /// The lowest score first, then by name.
    pub services: Vec<ServiceScore>,
    pub looked_at: LookedAt,
    pub cardinality: Cardinality,
}

/// What a report is about: nothing found means little where there was little to compare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookedAt {
    pub n_entries: u64,
    pub n_spans: u64,
    pub n_points: u64,
    /// Requests that entries of two services or more were joined by.
    pub n_requests: u64,
    /// Requests are compared in one of so many: more are not kept in memory.
    pub one_request_of: u64,
}

/// 100: nothing found. Each drift takes the share that it concerns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceScore {
    pub service: String,
    /// What its entries call it, in the order of the alphabet: a query finds these.
    pub names: Vec<String>,
    pub score: u8,
    pub n_drifts: u32,
    pub n_entries: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Drift {
    pub kind: DriftKind,
    /// Who has to change something, most concerned first.
    pub services: Vec<String>,
    /// What does not agree, in a sentence.
    pub what: String,
    /// What to do, in a sentence.
    pub fix: String,
    /// So many, of so many that were compared.
    pub n: u64,
    pub of: u64,
    pub sides: Vec<Side>,
    /// What in a mapping table would make one of it.
    pub mends: Vec<Mend>,
    /// Where a clock is apart: how it can be put right.
    pub offset: Option<ClockOffset>,
}

/// What a mapping table has to say, so that queries do not meet a disagreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mend {
    /// A row of the table.
    pub meaning: Meaning,
    /// Each word of one side, with those of the other of which one says the same.
    pub words: Vec<(String, Vec<String>)>,
}

impl Mend {
    /// The row that says it.
    pub fn row_in<'m>(&self, table: &'m Meanings) -> Option<&'m Meaning> {
        let row = table.covering(&self.meaning)?;
        let shown = |word: &str| row.shown(word).to_lowercase();
        let is_one = |(word, others): &(String, Vec<String>)| others.iter().any(|other| shown(other) == shown(word));
        self.words.iter().all(is_one).then_some(row)
    }
}

/// What is to be added to the times of sources, so that a clock agrees with the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockOffset {
    pub offset_nanos: i64,
    /// Those that have entries of the service and next to none of others.
    pub sources: Vec<SourceId>,
    /// Where there are none: those that have entries of several services, so that no offset of theirs is right for all.
    pub shared: Vec<SourceId>,
}

impl Drift {
    /// Nothing is said of it yet.
    pub fn of(kind: DriftKind) -> Self {
        Self {
            kind,
            services: Vec::new(),
            what: String::new(),
            fix: String::new(),
            n: 0,
            of: 0,
            sides: Vec::new(),
            mends: Vec::new(),
            offset: None,
        }
    }

    /// The rows of the table that cover all of it.
    pub fn covered_by<'m>(&self, table: &'m Meanings) -> Option<Vec<&'m Meaning>> {
        let mut rows: Vec<&Meaning> = Vec::new();
        for mend in &self.mends {
            let row = mend.row_in(table)?;
            if !rows.iter().any(|known| known.name == row.name) {
                rows.push(row);
            }
        }
        (!rows.is_empty()).then_some(rows)
    }
}

impl DriftReport {
    /// Rows for the mapping table that what was found asks for, and that it does not have.
    pub fn suggested(&self, table: &Meanings) -> Vec<Meaning> {
        let mut suggested = Meanings::default();
        for mend in self.drifts.iter().flat_map(|drift| &drift.mends) {
            if table.covering(&mend.meaning).is_none() {
                suggested.add(mend.meaning.clone());
            }
        }
        suggested.rows
    }
}

/// One side of a disagreement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Side {
    /// `payment, without an id`.
    pub name: String,
    /// Entries that show it, the earliest first: a few.
    pub examples: Vec<RowKey>,
}

/// In the order of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum DriftKind {
    LostId,
    Status,
    Clock,
    LostContext,
    Names,
    Errors,
    OldNames,
}

impl DriftKind {
    pub const ALL: [Self; 7] =
        [Self::LostId, Self::Status, Self::Clock, Self::LostContext, Self::Names, Self::Errors, Self::OldNames];

    pub fn title(self) -> &'static str {
        match self {
            Self::LostId => say!("Request ids lost"),
            Self::Status => say!("One outcome, several words"),
            Self::Clock => say!("Clocks and precision"),
            Self::LostContext => say!("Context lost after a hand-over"),
            Self::Names => say!("One service, several names"),
            Self::Errors => say!("Errors classified differently"),
            Self::OldNames => say!("Names of yesterday"),
        }
    }

    /// In programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::LostId => "lost id",
            Self::Status => "status split",
            Self::Clock => "clock",
            Self::LostContext => "lost context",
            Self::Names => "names mixed",
            Self::Errors => "error classes",
            Self::OldNames => "old names",
        }
    }

    /// What was compared to find it, in a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::LostId => {
                say!("Entries of a request that carry no id of it, malformed ids, and spans whose parent nobody sent.")
            }
            Self::Status => say!("The words that logs, spans and metrics use for the outcome of the same thing."),
            Self::Clock => {
                say!(
                    "Whether a call begins after its caller and stamps are fine enough to tell the order of a request."
                )
            }
            Self::LostContext => {
                say!("Work that goes on after its parent ended or a message was taken from a queue, and carries no id.")
            }
            Self::Names => say!("The names under which logs, spans and metrics know one service."),
            Self::OldNames => {
                say!("Names of attributes and metrics that OpenTelemetry's semantic conventions have replaced.")
            }
            Self::Errors => say!("HTTP status, severity, error codes and span status of the same request."),
        }
    }
}

/// The report as text to paste: Markdown.
pub fn markdown(report: &DriftReport) -> String {
    let LookedAt { n_entries, n_spans, n_points, n_requests, .. } = report.looked_at;
    let mut text = format!(
        "# Do the signals agree?\n\nCompared: {n_entries} entries, {n_spans} of them spans and {n_points} metric points, \
         in {n_requests} requests of two services or more.\n"
    );
    for kind in DriftKind::ALL {
        let of_kind: Vec<&Drift> = report.drifts.iter().filter(|drift| drift.kind == kind).collect();
        text += &format!("\n## {}\n\n", kind.title());
        if of_kind.is_empty() {
            text += "Nothing found.\n";
        }
        for drift in of_kind {
            let (what, fix) = (markdown_text(&drift.what), markdown_text(&drift.fix));
            text += &format!("- {what} ({} of {})\n  - Fix: {fix}\n", drift.n, drift.of);
        }
    }
    if !report.services.is_empty() {
        text += "\n## Services\n\n| service | score | drifts | entries |\n|---|---|---|---|\n";
    }
    for service in &report.services {
        let name = markdown_text(&service.service);
        text += &format!("| {name} | {} | {} | {} |\n", service.score, service.n_drifts, service.n_entries);
    }
    if !report.cardinality.is_empty() {
        text += "\n## Cardinality\n";
        text += &cardinality::markdown(&report.cardinality);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_to_paste_says_what_was_found_and_what_was_not() {
        let drift = Drift {
            services: vec!["payment".to_owned()],
            what: "payment is also called payment-svc-v2.".to_owned(),
            fix: "Give it one service.name.".to_owned(),
            n: 7,
            of: 70,
            ..Drift::of(DriftKind::Names)
        };
        let score =
            ServiceScore { service: "payment".to_owned(), names: Vec::new(), score: 90, n_drifts: 1, n_entries: 70 };
        let text = markdown(&DriftReport { drifts: vec![drift], services: vec![score], ..DriftReport::default() });
        assert!(text.contains("## Request ids lost\n\nNothing found.\n"), "{text}");
        assert!(text.contains("- payment is also called payment-svc-v2. (7 of 70)\n  - Fix: Give it one"), "{text}");
        assert!(text.contains("| payment | 90 | 1 | 70 |"), "{text}");
    }

    #[test]
    fn a_name_of_a_log_brings_no_picture_into_a_report_to_paste() {
        let what = "![x](https://a/b.png) is also called cart.".to_owned();
        let text = markdown(&DriftReport {
            drifts: vec![Drift { what, ..Drift::of(DriftKind::Names) }],
            ..DriftReport::default()
        });
        assert!(text.contains(r"- \!\[x](https://a/b.png) is also called cart."), "{text}");
    }
}
