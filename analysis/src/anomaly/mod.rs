//! What is unusual in time: windows → findings → incidents.
//!
//! In: entries as (source, service, template, severity, time) and numbers of their fields, counted in windows by a
//! [`Tally`]; then the ids of those entries that tell which findings go together ([`Links`]). Out: incidents with their evidence in the order in which it began, and a map of the windows. Nothing here looks
//! at words: a message is odd by when and how often it is written. The same counts give the same incidents.
//!
//! Each detector has a file of its own that names its source; what it found goes through one gate ([`gather`]).

use std::ops::Range;

use model::incident::{Detector, Evidence, Incident};
use model::quantity::Unit;
use model::time::TimeRange;

use finding::{Finding, Subject};
use gather::{Group, LEAD, NEAR, services_of, stands_alone, weight_of};
pub use links::Links;
use mix::Mix;
pub use mix::clusters_within;
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

mod look;
pub use look::{Findings, Look};

mod measures;
pub use measures::{Sampler, each_measure, is_outcome, needs_text};

mod mix;

mod names;
pub use names::Names;

mod novelty;

mod numbers;

mod outcome;

mod regime;

mod rhythm;

mod scale;

mod silence;

mod slide;

mod stop;

mod tally;

mod window_rows;

#[cfg(test)]
mod tests;

/// Incidents that are listed.
const MOST_INCIDENTS: usize = 50;

/// Findings of an incident that are listed.
const MOST_EVIDENCE: usize = 40;

/// Incidents of a lower score are not worth a name.
const LEAST_SCORE: f64 = 5.0;

/// A finding of at least this share of the weight of its service's heaviest names the incident, if it moved before that.
const HEADLINE_SHARE: f64 = 0.5;

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

fn incident(mut group: Group, tallied: &Tallied, mix: &Mix, names: &Names<'_>) -> Incident {
    let services = services_of(&group);
    let n_more = keep_heaviest(&mut group.findings);
    let findings = &group.findings;
    let headline = headline(findings);
    let then = who_followed(findings, headline);
    let after = what_came_before(findings, headline);
    // What lasts long goes with others only where it begins; but as long as something is silent, or stays at another level, that is
    // not over. What is written no more says nothing of how long the rest of it lasted.
    let headline_end = match &findings[headline] {
        Finding { detector: Detector::Stopped | Detector::Silence | Detector::Level, windows, .. } => windows.end,
        _ => 0,
    };
    let end = group.windows.end.max(headline_end);
    Incident {
        score: group.score.round() as u8,
        time: TimeRange { start: findings[0].onset, end: tallied.windows.begin(end) },
        services: services.into_iter().map(|service| names.services.names[service as usize].clone()).collect(),
        evidence: findings.iter().map(|finding| evidence(finding, tallied, mix, names)).collect(),
        n_more,
        headline,
        after,
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
        // Of those that weigh just as much the first.
        let mut n_as_light = MOST_EVIDENCE - weights.iter().filter(|&&weight| weight > least).count();
        findings.retain(|finding| {
            let weight = weight_of(finding);
            let is_among_first = weight == least && n_as_light > 0;
            n_as_light -= usize::from(is_among_first);
            weight > least || is_among_first
        });
    }
    (n_before - findings.len()) as u32
}

/// Of the service that moved first, what moved first: not what weighs little beside its heaviest finding.
fn headline(findings: &[Finding]) -> usize {
    let weights: Vec<f64> = findings.iter().map(weight_of).collect();
    let heaviest = weights.iter().copied().fold(0.0, f64::max);
    let own = |service: Option<u32>| {
        (0..findings.len()).filter(move |&at| stands_alone(&findings[at]) && findings[at].subject.service() == service)
    };
    let services = findings.iter().filter(|finding| finding.subject != Subject::Everything);
    let mut services = services.map(|finding| finding.subject.service());
    let of = services.find_map(|service| {
        let heaviest_own = own(service).map(|at| weights[at]).fold(0.0, f64::max);
        // A service of little weight may have begun before by chance.
        let is_candidate = heaviest_own > 0.0 && heaviest_own >= heaviest / 3.0;
        is_candidate.then_some((service, heaviest_own))
    });
    let first = of.and_then(|(service, most)| {
        let first = own(service).find(|&at| weights[at] >= HEADLINE_SHARE * most)?;
        // What came in the place of something tells more than that there is less of that.
        let begins = findings[first].windows.start;
        let came_instead = |&at: &usize| {
            is_of_more(&findings[at])
                && weights[at] >= weights[first]
                && findings[at].windows.start.abs_diff(begins) < NEAR
        };
        Some(own(service).find(came_instead).filter(|_| is_of_less(&findings[first])).unwrap_or(first))
    });
    first.unwrap_or(0)
}

fn is_of_less(finding: &Finding) -> bool {
    match finding.detector {
        Detector::Fewer | Detector::Vanished => true,
        Detector::Level => finding.seen < finding.usual,
        _ => false,
    }
}

fn is_of_more(finding: &Finding) -> bool {
    match finding.detector {
        Detector::New | Detector::Burst => true,
        Detector::Level => finding.seen > finding.usual,
        _ => false,
    }
}

/// A message of the headline's service, written once or never before, that came first: what was done before the trouble began.
fn what_came_before(findings: &[Finding], headline: usize) -> Option<usize> {
    let is_event = |finding: &Finding| matches!(finding.detector, Detector::Rare | Detector::New);
    let before = findings[..headline].iter().position(|finding| {
        is_event(finding)
            && finding.windows.end + LEAD > findings[headline].windows.start
            && finding.subject.service().is_some()
            && finding.subject.service() == findings[headline].subject.service()
    })?;
    (findings[before].onset < findings[headline].onset).then_some(before)
}

/// The first finding of another service after the headline, of one that had not moved before it.
fn who_followed(findings: &[Finding], headline: usize) -> Option<usize> {
    let (own, onset) = (findings[headline].subject.service()?, findings[headline].onset);
    let is_of_another = |finding: &&Finding| stands_alone(finding) && finding.subject.service() != Some(own);
    let moved_before = |service: u32| {
        let mut earlier = findings.iter().filter(is_of_another).filter(|finding| finding.onset <= onset);
        earlier.any(|finding| finding.subject.service() == Some(service))
    };
    findings.iter().position(|finding| {
        is_of_another(&finding)
            && finding.onset > onset
            && finding.subject.service().is_some_and(|service| !moved_before(service))
    })
}

fn evidence(finding: &Finding, tallied: &Tallied, mix: &Mix, names: &Names<'_>) -> Evidence {
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
    let (voters, aspects) = match finding.detector {
        Detector::Windows => (mix.voters(&finding.windows), mix.aspects(&finding.windows)),
        _ => Default::default(),
    };
    let outcome = match finding.subject {
        Subject::Template(key) | Subject::Field(key, _) => outcome::outcome(key, &finding.windows, tallied),
        _ => String::new(),
    };
    let unit = match finding.subject {
        Subject::Field(key, field) => tallied.unit_of(key, field),
        _ => Unit::Plain,
    };
    Evidence {
        detector: finding.detector,
        service: finding
            .subject
            .service()
            .map_or_else(String::new, |service| names.services.names[service as usize].clone()),
        template,
        subject,
        outcome,
        band: finding.band,
        time: TimeRange { start: finding.onset, end: end.max(finding.onset) },
        seen: finding.seen,
        usual: finding.usual,
        unit,
        strength: finding.strength,
        voters,
        aspects,
    }
}
