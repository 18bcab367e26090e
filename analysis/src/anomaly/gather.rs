//! Which findings go together, how much they matter, and what moved first.
//!
//! Findings that are strong enough to stand alone are joined where they have to do with each other ([`links`](super::links)) and
//! overlap in time, or nearly; those that last long only where they begin. Weak ones (a message seen once, an odd window) join
//! what is near of the same service, and never make an incident; rare warnings and errors that have to do with it by more than time join
//! it also where it has nothing else of their service.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use model::incident::Detector;
use model::severity::Band;

use super::finding::{Finding, Subject};

/// Windows between two findings that still go together.
pub const NEAR: usize = 2;

/// A finding that lasts longer than this share of all windows says little about what else happened in that time.
const LONG_SHARE: usize = 6;

/// Weak findings up to so many windows before an incident may be its cause.
pub const LEAD: usize = 3;

/// A score of 63 takes this much weight.
const SCALE: f64 = 18.0;

/// Findings that go together, and how much they matter in all.
#[derive(Clone, Debug)]
pub struct Group {
    pub findings: Vec<Finding>,
    pub windows: Range<usize>,
    /// 0 to 100.
    pub score: f64,
}

/// Findings that are strong enough to stand alone, and those that are not. `threshold`: strength at which a finding does.
pub fn apart(findings: Vec<Finding>, threshold: f64) -> (Vec<Finding>, Vec<Finding>) {
    let (mut strong, weak): (Vec<_>, Vec<_>) =
        findings.into_iter().partition(|finding| stands_alone(finding) && finding.strength >= threshold);
    // What is of no service says least about what it goes with, and comes when all else is in its place.
    let order = |finding: &Finding| (finding.subject.service().is_none(), finding.windows.start, finding.subject);
    strong.sort_by_key(order);
    (strong, weak)
}

/// Rare warnings and errors that may go with what stands alone, by when they were: so many at most.
const MOST_GRAVE: usize = 200;

pub fn grave_near<'f>(strong: &[&Finding], weak: &'f [Finding], n_windows: usize) -> Vec<&'f Finding> {
    let mut is_near = vec![false; n_windows];
    for finding in strong {
        let reach = reach_of(finding, n_windows);
        let end = (reach.end + NEAR).min(n_windows);
        is_near[reach.start.min(end)..end].fill(true);
    }
    let may_join = |finding: &&Finding| is_grave(finding) && is_near.get(finding.windows.start) == Some(&true);
    weak.iter().filter(may_join).take(MOST_GRAVE).collect()
}

/// Whether a weak finding may join others than those of its service.
fn is_grave(finding: &Finding) -> bool {
    finding.detector == Detector::Rare && finding.band >= Band::Warn
}

/// Whether two findings may go together, by when they were.
pub fn are_near(a: &Finding, b: &Finding, n_windows: usize) -> bool {
    let (a, b) = (reach_of(a, n_windows), reach_of(b, n_windows));
    a.start <= b.end + NEAR && b.start <= a.end + NEAR
}

/// Pairs of findings that are held against each other in one step: a few milliseconds.
const AT_ONCE: usize = 10_000;

/// Puts findings together, some in each step. The result does not depend on how the steps are spread over time.
pub struct Gathering {
    strong: std::vec::IntoIter<Finding>,
    weak: std::vec::IntoIter<Finding>,
    n_windows: usize,
    groups: Vec<Group>,
}

impl Gathering {
    pub fn begin(strong: Vec<Finding>, weak: Vec<Finding>, n_windows: usize) -> Self {
        let (strong, weak) = (strong.into_iter(), weak.into_iter());
        Self { strong, weak, n_windows, groups: Vec::new() }
    }

    /// Goes on a little; `false` when there is nothing more to do. `linked`: whether two findings have to do with each other, but
    /// for when they were.
    pub fn step(&mut self, linked: impl Fn(&Finding, &Finding) -> bool) -> bool {
        let mut n_compared = 0;
        while n_compared < AT_ONCE {
            n_compared += 1 + self.groups.iter().map(|group| group.findings.len()).sum::<usize>();
            if let Some(finding) = self.strong.next() {
                self.join_strong(finding, &linked);
            } else if let Some(finding) = self.weak.next() {
                self.join_weak(finding, &linked);
            } else {
                return false;
            }
        }
        true
    }

    fn join_strong(&mut self, finding: Finding, linked: &impl Fn(&Finding, &Finding) -> bool) {
        let groups = &mut self.groups;
        let reach = reach_of(&finding, self.n_windows);
        let near = |group: &Group| group.windows.start <= reach.end + NEAR && reach.start <= group.windows.end + NEAR;
        let is_concerned = |group: &Group| match finding.subject.service() {
            Some(_) => group.findings.iter().any(|other| linked(&finding, other)),
            None => true,
        };
        let mut places: Vec<usize> =
            (0..groups.len()).filter(|&place| near(&groups[place]) && is_concerned(&groups[place])).collect();
        if finding.subject.service().is_none() {
            let begins = |&place: &usize| groups[place].windows.start.abs_diff(reach.start);
            places = places.iter().copied().min_by_key(begins).into_iter().collect();
        }
        // What has to do with several shows that these are one.
        let mut group = Group { windows: reach, findings: Vec::new(), score: 0.0 };
        for place in places.into_iter().rev() {
            let other = groups.remove(place);
            group.windows = group.windows.start.min(other.windows.start)..group.windows.end.max(other.windows.end);
            group.findings.extend(other.findings);
        }
        group.findings.push(finding);
        groups.push(group);
    }

    fn join_weak(&mut self, finding: Finding, linked: &impl Fn(&Finding, &Finding) -> bool) {
        let fits = |group: &Group| {
            finding.windows.start + LEAD >= group.windows.start && finding.windows.start < group.windows.end + NEAR
        };
        let concerned = |group: &Group| match finding.subject.service() {
            Some(service) => group.findings.iter().any(|other| other.subject.service() == Some(service)),
            None => true,
        };
        // What another service has done before is no part of it by that: what follows is.
        let goes_with = |group: &Group| {
            finding.windows.start >= group.windows.start
                && group.findings.iter().any(|other| stands_alone(other) && linked(&finding, other))
        };
        let place =
            |fits_too: &dyn Fn(&Group) -> bool| self.groups.iter().position(|group| fits(group) && fits_too(group));
        let of_others = || if is_grave(&finding) { place(&goes_with) } else { None };
        let found = place(&concerned).or_else(of_others);
        if let Some(found) = found {
            self.groups[found].findings.push(finding);
        }
    }

    /// The most important first; when all steps are done.
    pub fn take_groups(&mut self) -> Vec<Group> {
        let mut groups = std::mem::take(&mut self.groups);
        for group in &mut groups {
            // A window begins before what happens in it; what only a window tells comes last.
            let order = |finding: &Finding| (finding.subject == Subject::Everything, finding.onset, finding.subject);
            group.findings.sort_by_key(|finding| (order(finding), finding.detector));
            group.score = score_of(&group.findings);
        }
        groups.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.windows.start.cmp(&b.windows.start)));
        groups
    }
}

/// Whether a finding may make an incident, and name it. A message seen once, an odd window or another kind of windows moves nothing
/// by itself, but it tells which of those in trouble to look at.
pub fn stands_alone(finding: &Finding) -> bool {
    !matches!(finding.detector, Detector::Rare | Detector::Windows | Detector::Regime)
}

pub fn reach_of(finding: &Finding, n_windows: usize) -> Range<usize> {
    let is_long = finding.windows.len() * LONG_SHARE > n_windows;
    if is_long { finding.windows.start..finding.windows.start + 1 } else { finding.windows.clone() }
}

/// What a finding adds: errors more than warnings, those more than the rest; more of something, or something slower, more
/// than less of it.
pub fn weight_of(finding: &Finding) -> f64 {
    let of_band = match finding.band {
        // Whatever it wrote before: a service that is gone is as grave as an error.
        _ if finding.detector == Detector::Stopped => 2.0,
        Band::Fatal | Band::Error => 2.0,
        Band::Warn => 1.4,
        _ => 0.8,
    };
    let of_detector = match finding.detector {
        Detector::Stopped => 2.0,
        Detector::New | Detector::Burst | Detector::Silence => 1.0,
        Detector::Value | Detector::Vanished | Detector::Level => 0.8,
        Detector::Fewer => 0.6,
        Detector::Windows | Detector::Regime => 0.4,
        Detector::Rare => 0.1,
    };
    of_band * of_detector * (1.0 + finding.strength).ln()
}

/// Each thing that changed counts once, by what changed most about it. Weak findings, however many, add no more than the others weigh:
/// a program that starts writes much that it never wrote before.
fn score_of(findings: &[Finding]) -> f64 {
    let weigh = |is_strong: bool| -> f64 {
        let mut heaviest: BTreeMap<Subject, f64> = BTreeMap::new();
        for finding in findings.iter().filter(|finding| stands_alone(finding) == is_strong) {
            let weight = heaviest.entry(thing(finding.subject)).or_default();
            *weight = weight.max(weight_of(finding));
        }
        heaviest.values().sum()
    };
    let strong = weigh(true);
    let total = strong + weigh(false).min(strong);
    100.0 * (1.0 - (-total / SCALE).exp())
}

/// Numbers of a message change with the message.
fn thing(subject: Subject) -> Subject {
    match subject {
        Subject::Field(key, _) => Subject::Template(key),
        other => other,
    }
}

/// The services of a group, most concerned first.
pub fn services_of(group: &Group) -> Vec<u32> {
    let mut weights: BTreeMap<u32, f64> = BTreeMap::new();
    for finding in &group.findings {
        if let Some(service) = finding.subject.service() {
            *weights.entry(service).or_default() += weight_of(finding);
        }
    }
    let mut services: Vec<u32> = weights.keys().copied().collect();
    services.sort_by_key(|service| Reverse((weights[service] * 1e6) as u64));
    services
}
