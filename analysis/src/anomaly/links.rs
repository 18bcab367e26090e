//! Which findings have to do with each other. That they fall into the same minutes says nothing: two services may fail at once.
//!
//! Findings go together that are of one service or of one message; where a warning or an error names the other's service; or where
//! their entries share ids of traces, requests or jobs. Something that is missing has no entries, and not every message carries
//! an id: then what counts is whether the two services shared ids in the time before.

use std::cell::RefCell;
use std::ops::Range;

use model::incident::Detector;
use model::severity::Band;

use super::finding::{Finding, Subject};
use super::names::Names;
use super::tally::Key;
use crate::fold::fold;
use crate::quick_hash::QuickMap;
use crate::tokenize::tokens;

/// Entries whose ids are read, in all and of one finding; where findings are very many, the least of each.
const MOST_ENTRIES: u32 = 60_000;
const MOST_OF_ONE: u32 = 4_000;
const LEAST_OF_ONE: u32 = 64;

/// Ids that are shared, of the fewer that one of the two has.
const SHARED_SHARE: usize = 10;

/// Windows before an incident in which services are looked at as they usually are.
const BEFORE: usize = 4;

/// Ids of entries that would tell which findings go together.
#[derive(Clone, Debug, Default)]
pub struct Links {
    wanted: Vec<Wanted>,
    /// Places in `wanted`, by service.
    of_service: QuickMap<u32, Vec<usize>>,
    /// Whether a template names a service, as far as it was asked for.
    named: RefCell<QuickMap<(u32, u32), bool>>,
}

#[derive(Clone, Debug)]
struct Wanted {
    /// `None`: any message of the service.
    message: Option<(u32, Band)>,
    windows: Range<usize>,
    n_left: u32,
    /// Sorted when all are there.
    ids: Vec<u64>,
}

impl Links {
    /// `near`: whether two findings are near enough in time to go together.
    pub fn wanted_by(findings: &[&Finding], near: impl Fn(&Finding, &Finding) -> bool) -> Self {
        let is_open = |finding: &&&Finding| {
            let service = finding.subject.service();
            let is_other = |other: &&Finding| other.subject.service().is_some_and(|of| Some(of) != service);
            service.is_some() && findings.iter().any(|other| is_other(other) && near(finding, other))
        };
        let mut links = Self::default();
        for finding in findings.iter().filter(is_open) {
            let Some(service) = finding.subject.service() else { continue };
            links.want(service, message_of(finding), finding.windows.clone());
            links.want(service, None, finding.windows.start.saturating_sub(BEFORE)..finding.windows.start);
        }
        let n_each = MOST_ENTRIES / links.wanted.len().max(1) as u32;
        let n_each = n_each.clamp(LEAST_OF_ONE, MOST_OF_ONE);
        links.wanted.iter_mut().for_each(|wanted| wanted.n_left = n_each);
        links
    }

    fn want(&mut self, service: u32, message: Option<(u32, Band)>, windows: Range<usize>) {
        let of_service = self.of_service.entry(service).or_default();
        let is_known = |&&place: &&usize| {
            let wanted = &self.wanted[place];
            wanted.message == message && wanted.windows == windows
        };
        if !of_service.iter().any(|place| is_known(&place)) {
            of_service.push(self.wanted.len());
            self.wanted.push(Wanted { message, windows, n_left: 0, ids: Vec::new() });
        }
    }

    /// From the first to the last window of which ids are wanted; `None` if nothing is in doubt.
    pub fn windows(&self) -> Option<Range<usize>> {
        let start = self.wanted.iter().map(|wanted| wanted.windows.start).min()?;
        let end = self.wanted.iter().map(|wanted| wanted.windows.end).max()?;
        Some(start..end)
    }

    /// Whether the id of such an entry is wanted.
    pub fn asks_for(&self, key: Key, window: usize) -> bool {
        self.places(key, window).any(|place| self.wanted[place].n_left > 0)
    }

    /// An entry that was asked for, and what its id hashes to if it has one.
    pub fn add(&mut self, key: Key, window: usize, id: Option<u64>) {
        let places: Vec<usize> = self.places(key, window).collect();
        for place in places {
            let wanted = &mut self.wanted[place];
            if wanted.n_left > 0 {
                wanted.n_left -= 1;
                wanted.ids.extend(id);
            }
        }
    }

    fn places(&self, key: Key, window: usize) -> impl Iterator<Item = usize> {
        let of_service = self.of_service.get(&key.service).into_iter().flatten().copied();
        of_service.filter(move |&place| {
            let wanted = &self.wanted[place];
            wanted.windows.contains(&window) && wanted.message.is_none_or(|message| message == (key.template, key.band))
        })
    }

    /// All ids are there.
    pub fn settle(&mut self) {
        for wanted in &mut self.wanted {
            wanted.ids.sort_unstable();
            wanted.ids.dedup();
        }
    }

    pub fn are_linked(&self, a: &Finding, b: &Finding, names: &Names<'_>) -> bool {
        let (Some(service), Some(other)) = (a.subject.service(), b.subject.service()) else { return false };
        service == other
            || template_of(a).is_some_and(|template| template_of(b) == Some(template))
            || self.blames(a, other, names)
            || self.blames(b, service, names)
            || self.share_ids(a, b)
    }

    /// "cannot reach payment": what goes wrong here is told to be the other's fault.
    fn blames(&self, finding: &Finding, service: u32, names: &Names<'_>) -> bool {
        let Some(template) = template_of(finding).filter(|_| finding.band >= Band::Warn) else { return false };
        *self.named.borrow_mut().entry((template, service)).or_insert_with(|| names_service(template, service, names))
    }

    fn share_ids(&self, a: &Finding, b: &Finding) -> bool {
        let (own, other) = (self.ids_of(a), self.ids_of(b));
        if !is_absence(a) && !is_absence(b) && !own.is_empty() && !other.is_empty() {
            return overlap(own, other);
        }
        overlap(self.ids_before(a), self.ids_before(b))
    }

    fn ids_of(&self, finding: &Finding) -> &[u64] {
        self.ids(finding, message_of(finding), finding.windows.clone())
    }

    fn ids_before(&self, finding: &Finding) -> &[u64] {
        self.ids(finding, None, finding.windows.start.saturating_sub(BEFORE)..finding.windows.start)
    }

    fn ids(&self, finding: &Finding, message: Option<(u32, Band)>, windows: Range<usize>) -> &[u64] {
        let of_service = finding.subject.service().and_then(|service| self.of_service.get(&service));
        let wanted = of_service.into_iter().flatten().map(|&place| &self.wanted[place]);
        let mut found = wanted.filter(|wanted| wanted.message == message && wanted.windows == windows);
        found.next().map_or(&[], |wanted| &wanted.ids)
    }
}

fn template_of(finding: &Finding) -> Option<u32> {
    match finding.subject {
        Subject::Template(key) | Subject::Field(key, _) => Some(key.template),
        _ => None,
    }
}

fn message_of(finding: &Finding) -> Option<(u32, Band)> {
    match finding.subject {
        Subject::Template(key) | Subject::Field(key, _) => Some((key.template, key.band)),
        _ => None,
    }
}

/// There is less than there should be.
fn is_absence(finding: &Finding) -> bool {
    match finding.detector {
        Detector::Vanished | Detector::Fewer | Detector::Silence | Detector::Stopped => true,
        Detector::Level => finding.seen < finding.usual,
        _ => false,
    }
}

fn names_service(template: u32, service: u32, names: &Names<'_>) -> bool {
    let text = names.templates.get(template as usize);
    let name = names.services.get(service as usize).filter(|name| !name.is_empty());
    let (Some(template), Some(name)) = (text, name) else { return false };
    let (text, name) = (fold(&template.text), fold(name));
    let (text, name) = (tokens(&text), tokens(&name));
    !name.is_empty() && text.windows(name.len()).any(|words| words == name)
}

/// Whether two sorted lists have enough in common.
fn overlap(a: &[u64], b: &[u64]) -> bool {
    let (fewer, more) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let n_shared = fewer.iter().filter(|id| more.binary_search(id).is_ok()).count();
    n_shared > 0 && n_shared * SHARED_SHARE >= fewer.len()
}
