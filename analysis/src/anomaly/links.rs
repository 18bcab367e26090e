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
use super::gather::{NEAR, reach_of};
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

/// A service, and the template and severity of one of its messages.
type Message = (u32, Option<(u32, Band)>);

/// Ids of entries that would tell which findings go together.
#[derive(Clone, Debug, Default)]
pub struct Links {
    wanted: Vec<Wanted>,
    /// Places in `wanted`, by service and by message: `None` for any message of the service.
    of_message: QuickMap<Message, Vec<usize>>,
    /// Whether a template names a service, as far as it was asked for.
    named: RefCell<QuickMap<(u32, u32), bool>>,
}

#[derive(Clone, Debug)]
struct Wanted {
    windows: Range<usize>,
    n_left: u32,
    /// Sorted when all are there.
    ids: Vec<u64>,
}

impl Links {
    /// Those of findings that something of another service is near. `weak`: what may go with them, but makes nothing by itself.
    pub fn wanted_by(findings: &[&Finding], weak: &[&Finding], n_windows: usize) -> Self {
        let spoken = Spoken::of(findings.iter().chain(weak), n_windows);
        let mut links = Self::default();
        for finding in findings {
            let Some(service) = finding.subject.service().filter(|&own| spoken.is_other_near(own, finding)) else {
                continue;
            };
            links.want(service, message_of(finding), finding.windows.clone());
            links.want(service, None, finding.windows.start.saturating_sub(BEFORE)..finding.windows.start);
        }
        for finding in weak {
            if let Some(service) = finding.subject.service() {
                links.want(service, message_of(finding), finding.windows.clone());
            }
        }
        let n_each = MOST_ENTRIES / links.wanted.len().max(1) as u32;
        let n_each = n_each.clamp(LEAST_OF_ONE, MOST_OF_ONE);
        links.wanted.iter_mut().for_each(|wanted| wanted.n_left = n_each);
        links
    }

    fn want(&mut self, service: u32, message: Option<(u32, Band)>, windows: Range<usize>) {
        let places = self.of_message.entry((service, message)).or_default();
        if !places.iter().any(|&place| self.wanted[place].windows == windows) {
            places.push(self.wanted.len());
            self.wanted.push(Wanted { windows, n_left: 0, ids: Vec::new() });
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
        let messages = [None, Some((key.template, key.band))];
        let places = messages.into_iter().filter_map(move |message| self.of_message.get(&(key.service, message)));
        places.flatten().copied().filter(move |&place| self.wanted[place].windows.contains(&window))
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
        let places = finding.subject.service().and_then(|service| self.of_message.get(&(service, message)));
        let wanted = places.into_iter().flatten().map(|&place| &self.wanted[place]);
        let mut found = wanted.filter(|wanted| wanted.windows == windows);
        found.next().map_or(&[], |wanted| &wanted.ids)
    }
}

/// Which services findings are of, by window.
struct Spoken {
    /// In or near each window: no service, this one alone, or several.
    by_window: Vec<Service>,
    n_windows: usize,
}

#[derive(Clone, Copy)]
enum Service {
    None,
    One(u32),
    Several,
}

impl Spoken {
    fn of<'f>(findings: impl Iterator<Item = &'f &'f Finding>, n_windows: usize) -> Self {
        let mut spoken = Self { by_window: vec![Service::None; n_windows + NEAR + 2], n_windows };
        for (finding, service) in findings.filter_map(|finding| Some((finding, finding.subject.service()?))) {
            let near = spoken.near(finding);
            for known in &mut spoken.by_window[near] {
                *known = match *known {
                    Service::None => Service::One(service),
                    Service::One(other) if other == service => Service::One(service),
                    Service::One(_) | Service::Several => Service::Several,
                };
            }
        }
        spoken
    }

    fn is_other_near(&self, service: u32, finding: &Finding) -> bool {
        self.by_window[self.near(finding)].iter().any(|known| match known {
            Service::None => false,
            Service::One(other) => *other != service,
            Service::Several => true,
        })
    }

    /// Two findings may go together by when they were if these have a window in common.
    fn near(&self, finding: &Finding) -> Range<usize> {
        let reach = reach_of(finding, self.n_windows);
        reach.start.min(self.n_windows)..reach.end.min(self.n_windows) + NEAR + 1
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
    let Some(template) = names.templates.get(template as usize) else { return false };
    let text = fold(&template.text);
    let text = tokens(&text);
    let is_said = |name: &String| {
        let name = fold(name);
        let name = tokens(&name);
        !name.is_empty() && text.windows(name.len()).any(|words| words == name)
    };
    let services = names.services;
    let called = services.names.get(service as usize).into_iter();
    called.chain(services.written.get(service as usize).into_iter().flatten()).any(is_said)
}

/// Whether two sorted lists have enough in common.
fn overlap(a: &[u64], b: &[u64]) -> bool {
    let (fewer, more) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let n_shared = fewer.iter().filter(|id| more.binary_search(id).is_ok()).count();
    n_shared > 0 && n_shared * SHARED_SHARE >= fewer.len()
}
