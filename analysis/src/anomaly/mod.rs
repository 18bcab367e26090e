//! What is unusual in time: windows → findings → incidents.
//!
//! In: entries as (source, service, template, severity, time) and numbers of their fields, counted in windows by a
//! [`Tally`]; then the ids of those entries that tell which findings go together ([`Links`]). Out: incidents with their evidence in the order in which it began, and a map of the windows. Nothing here looks
//! at words: a message is odd by when and how often it is written. The same counts give the same incidents.
//!
//! Each detector has a file of its own that names its source; what it found goes through one gate ([`gather`]).

use std::ops::Range;

use model::incident::{Detector, Evidence, Incident};
use model::time::TimeRange;

use finding::{Finding, Subject, threshold_for};
use gather::{Group, apart, are_near, gather, services_of, weight_of};
pub use links::Links;
pub use mix::{Mix, clusters_within};
use tally::Series;
pub use tally::{Key, Tallied, Tally, choose_windows, windows_of};

mod baseline;

mod counts;

mod enough;
pub use enough::lack_of;

mod finding;

mod gather;

mod levels;

mod links;

mod measures;
pub use measures::each_measure;

mod mix;

mod names;
pub use names::Names;

mod novelty;

mod numbers;

mod rhythm;

mod silence;

mod stop;

mod tally;

#[cfg(test)]
mod tests;

/// Incidents that are listed.
const MOST_INCIDENTS: usize = 50;

/// Findings of an incident that are listed.
const MOST_EVIDENCE: usize = 40;

/// Incidents of a lower score are not worth a name.
const LEAST_SCORE: f64 = 5.0;

const DAY: i64 = 86_400_000_000_000;

/// What was found, before it is known what goes together.
pub struct Findings {
    strong: Vec<Finding>,
    weak: Vec<Finding>,
    /// To be filled with the ids of the entries it asks for; without them less goes together.
    pub links: Links,
}

/// Looks at what was counted.
pub fn look(tallied: &Tallied, mix: &Mix) -> Findings {
    let n_windows = tallied.n_windows();
    let threshold = threshold_for(n_windows * (tallied.series.len() + tallied.numbers.len()));
    let (strong, weak) = apart(findings(tallied, mix, threshold), threshold);
    let links = Links::wanted_by(&strong.iter().collect::<Vec<_>>(), |a, b| are_near(a, b, n_windows));
    Findings { strong, weak, links }
}

impl Findings {
    /// The incidents, the most important first.
    pub fn incidents(mut self, tallied: &Tallied, names: &Names<'_>) -> Vec<Incident> {
        self.links.settle();
        self.strong.retain(|finding| !stop::is_explained(finding, tallied, names));
        let linked = |a: &Finding, b: &Finding| self.links.are_linked(a, b, names);
        let groups = gather((self.strong, self.weak), tallied.n_windows(), linked);
        let worthy = groups.into_iter().filter(|group| group.score >= LEAST_SCORE).take(MOST_INCIDENTS);
        worthy.map(|group| incident(group, tallied, names)).collect()
    }
}

fn findings(tallied: &Tallied, mix: &Mix, threshold: f64) -> Vec<Finding> {
    let n_windows = tallied.n_windows();
    let width = tallied.windows.width_nanos.max(1);
    let period = (DAY % width == 0).then_some((DAY / width) as usize);
    let totals = sum(&tallied.series, n_windows);
    let throughout = levels::of_services_throughout(tallied);
    let mut findings = mix.find(tallied);
    for of_service in tallied.services() {
        let active = active_in(of_service);
        let others = levels::compared_with(&throughout, of_service, &active);
        for series in of_service {
            let before = findings.len();
            if series.n > novelty::RARE {
                findings.extend(counts::find(tallied, series, active.clone(), period, threshold));
            }
            // What came all at once is new by that already.
            let is_known_new = findings[before..].iter().any(|finding| finding.detector == Detector::New);
            let novel = novelty::find(tallied, series, active.clone(), threshold);
            findings.extend(novel.into_iter().filter(|finding| !(is_known_new && finding.detector == Detector::New)));
            if findings.len() == before {
                findings.extend(levels::find(tallied, series, &others, active.clone(), threshold));
            }
        }
    }
    for source in 0..tallied.sources.len() {
        findings.extend(silence::find(tallied, source, threshold));
    }
    findings.extend(stop::find(tallied, &totals, threshold));
    for numbers in &tallied.numbers {
        findings.extend(numbers::find(tallied, numbers, threshold));
    }
    findings
}

/// From the first to the last window in which a service wrote at all.
fn active_in(of_service: &[Series]) -> Range<usize> {
    let first = of_service.iter().filter_map(|series| series.first()).map(|cell| cell.window).min();
    let last = of_service.iter().filter_map(|series| series.last()).map(|cell| cell.window).max();
    first.map_or(0, |first| first as usize)..last.map_or(0, |last| last as usize + 1)
}

/// Entries of all these, by window.
fn sum<'s>(series: impl IntoIterator<Item = &'s Series>, n_windows: usize) -> Vec<f64> {
    let mut totals = vec![0.0; n_windows];
    for cell in series.into_iter().flat_map(|series| &series.cells) {
        totals[cell.window as usize] += f64::from(cell.n);
    }
    totals
}

fn incident(mut group: Group, tallied: &Tallied, names: &Names<'_>) -> Incident {
    let services = services_of(&group);
    let n_more = keep_heaviest(&mut group.findings);
    let findings = &group.findings;
    let headline = headline(findings);
    let other = findings[headline].subject.service();
    let then = (0..findings.len()).find(|&at| {
        let finding = &findings[at];
        let is_worth_it = !matches!(finding.detector, Detector::Rare | Detector::Windows);
        is_worth_it
            && finding.subject.service().is_some_and(|service| other.is_some_and(|other| other != service))
            && finding.onset > findings[headline].onset
    });
    // What lasts long counts where it begins; but as long as a service is gone, that is not over.
    let end = match &findings[headline] {
        gone if gone.detector == Detector::Stopped => group.windows.end.max(gone.windows.end),
        _ => group.windows.end,
    };
    Incident {
        score: group.score.round() as u8,
        time: TimeRange { start: findings[0].onset, end: tallied.windows.begin(end) },
        services: services.into_iter().map(|service| names.services[service as usize].clone()).collect(),
        evidence: findings.iter().map(|finding| evidence(finding, tallied, names)).collect(),
        n_more,
        headline,
        then,
        verdict: None,
    }
}

/// Returns how many are left out.
fn keep_heaviest(findings: &mut Vec<Finding>) -> u32 {
    let n_before = findings.len();
    if n_before > MOST_EVIDENCE {
        let mut weights: Vec<f64> = findings.iter().map(weight_of).collect();
        weights.sort_by(|a, b| b.total_cmp(a));
        let least = weights[MOST_EVIDENCE - 1];
        findings.retain(|finding| weight_of(finding) >= least);
        findings.truncate(MOST_EVIDENCE);
    }
    (n_before - findings.len()) as u32
}

/// The heaviest finding of the service that moved first. A message seen once moves nothing by itself, but it tells which service
/// of those in trouble to look at.
fn headline(findings: &[Finding]) -> usize {
    let stands = |finding: &Finding| !matches!(finding.detector, Detector::Rare | Detector::Windows);
    let heaviest_of = |service: Option<u32>| {
        let own = (0..findings.len()).filter(|&at| stands(&findings[at]) && findings[at].subject.service() == service);
        own.max_by(|&a, &b| weight_of(&findings[a]).total_cmp(&weight_of(&findings[b])).then(b.cmp(&a)))
    };
    let heaviest = findings.iter().map(weight_of).fold(0.0, f64::max);
    let services = findings.iter().filter(|finding| finding.subject != Subject::Everything);
    let mut candidates = services.filter_map(|finding| heaviest_of(finding.subject.service()));
    // A service of little weight may have begun before by chance.
    candidates.find(|&at| weight_of(&findings[at]) >= heaviest / 3.0).unwrap_or(0)
}

fn evidence(finding: &Finding, tallied: &Tallied, names: &Names<'_>) -> Evidence {
    let template = match finding.subject {
        Subject::Template(key) | Subject::Field(key, _) => Some(names.templates[key.template as usize].clone()),
        _ => None,
    };
    let subject = match finding.subject {
        Subject::Field(_, field) => names.fields[field as usize].clone(),
        Subject::Source(source) => names.sources[source as usize].clone(),
        _ => String::new(),
    };
    let end = tallied.windows.begin(finding.windows.end);
    Evidence {
        detector: finding.detector,
        service: finding.subject.service().map_or_else(String::new, |service| names.services[service as usize].clone()),
        template,
        subject,
        band: finding.band,
        time: TimeRange { start: finding.onset, end: end.max(finding.onset) },
        seen: finding.seen,
        usual: finding.usual,
        strength: finding.strength,
    }
}
