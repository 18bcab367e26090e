//! A service that spoke regularly and then never again, while the others went on.
//!
//! How likely so many windows without an entry are follows from its own rhythm: the share of its windows that were empty, or,
//! where none was, what a negative binomial of their mean and variance gives (Anscombe 1949, "The statistical analysis of
//! insect counts"); a silence has to be twice as long as its longest one. Windows in which the others said little count as little.
//!
//! Logs that only end earlier say nothing about their service. That somebody still listened is known where another service went
//! on in the same source, or where most of the other sources go on to one common end. Where only one other source goes on, it is
//! *doubtful*: told only if something else that has to do with the service begins about then ([`super::look`]).

use model::incident::Detector;
use model::rotation::part_of;
use model::severity::Band;
use model::time::Nanos;

use super::finding::{Finding, Subject};
use super::names::Names;
use super::sum;
use super::tally::{Series, Tallied};
use crate::robust::median;

/// Windows in which it must have spoken, and the share of all over which it did: a job that ran once has not died.
const LEAST_SPOKEN: usize = 12;
const LEAST_SHARE: usize = 6;

/// Windows at the end that are too few to tell, and the same as a share of all: exports take a while.
const SHORT_TAIL: usize = 3;
const SHORT_SHARE: usize = 48;

/// As many times as long as any silence before.
const LONGER: f64 = 2.0;

/// An empty window is never less likely than this: counts do not follow their distribution that far.
const LEAST_CHANCE: f64 = 1e-9;

/// Sources that must agree on when the logs end, if a service has one of its own.
const LEAST_WITNESSES: usize = 2;

/// Ends are one if they are as near to each other as this share of the time from the service's end to theirs.
const NEAR_SHARE: i64 = 8;

/// Where there are more services, something else stands where their names should be.
const MOST_SERVICES: usize = 1000;

/// When a service spoke.
struct Presence {
    service: u32,
    /// A number a window.
    counts: Vec<f64>,
    first: usize,
    /// The window of its last entry, and when exactly that was.
    last: usize,
    end: Nanos,
    end_source: u32,
}

/// What has to do with a service that stopped begins within so many windows of that.
pub const LATEST_ECHO: usize = 3;

/// Goes through the services, some in each step.
pub struct Search {
    stage: Stage,
    sure: Vec<Finding>,
    doubtful: Vec<Finding>,
}

enum Stage {
    /// The place of the next service's first series.
    Listening {
        next: usize,
        services: Vec<Presence>,
        totals: Vec<f64>,
    },
    Telling {
        n_done: usize,
        services: Vec<Presence>,
        totals: Vec<f64>,
        ends: Ends,
    },
    Done,
}

impl Search {
    pub fn begin(tallied: &Tallied) -> Self {
        let stage = match tallied.services().count() {
            2..=MOST_SERVICES => {
                Stage::Listening { next: 0, services: Vec::new(), totals: vec![0.0; tallied.n_windows()] }
            }
            _ => Stage::Done,
        };
        Self { stage, sure: Vec::new(), doubtful: Vec::new() }
    }

    /// So many more services or series; `false` when all are done.
    pub fn step(&mut self, tallied: &Tallied, threshold: f64, n_at_once: usize) -> bool {
        self.stage = match std::mem::replace(&mut self.stage, Stage::Done) {
            Stage::Listening { mut next, mut services, mut totals } => {
                let end = next + n_at_once;
                while next < end
                    && let Some(first) = tallied.series.get(next)
                {
                    let of_service = tallied.series[next..].chunk_by(|a, b| a.key.service == b.key.service).next();
                    let of_service = of_service.unwrap_or_default();
                    next += of_service.len();
                    let Some(service) = presence(first.key.service, of_service, tallied) else { continue };
                    totals.iter_mut().zip(&service.counts).for_each(|(total, n)| *total += n);
                    services.push(service);
                }
                if next < tallied.series.len() {
                    Stage::Listening { next, services, totals }
                } else {
                    let ends = Ends::new(&services, tallied);
                    Stage::Telling { n_done: 0, services, totals, ends }
                }
            }
            Stage::Telling { n_done, services, totals, ends } => {
                let end = (n_done + n_at_once).min(services.len());
                for service in &services[n_done..end] {
                    let Some((watched, is_sure)) = ends.watched_until(service, tallied) else { continue };
                    let into = if is_sure { &mut self.sure } else { &mut self.doubtful };
                    into.extend(stopped(service, watched, tallied, &totals, threshold));
                }
                if end < services.len() { Stage::Telling { n_done: end, services, totals, ends } } else { Stage::Done }
            }
            Stage::Done => Stage::Done,
        };
        !matches!(self.stage, Stage::Done)
    }

    /// Services that stopped, and those that may have; when all steps are done.
    pub fn take_found(&mut self) -> (Vec<Finding>, Vec<Finding>) {
        (std::mem::take(&mut self.sure), std::mem::take(&mut self.doubtful))
    }
}

fn presence(service: u32, of_service: &[Series], tallied: &Tallied) -> Option<Presence> {
    let counts = sum(of_service, tallied.n_windows());
    let voice = tallied.voices_of(service).iter().max_by_key(|voice| (voice.last, voice.source))?;
    Some(Presence {
        service,
        first: counts.iter().position(|&n| n > 0.0)?,
        last: counts.iter().rposition(|&n| n > 0.0)?,
        counts,
        end: voice.last,
        end_source: voice.source,
    })
}

/// The sources that a service ends in, and when each of them does: what tells whether somebody still listened.
struct Ends {
    of_source: Vec<Nanos>,
    is_witness: Vec<bool>,
    /// Of the witnesses: when, and which; the latest last.
    by_time: Vec<(Nanos, u32)>,
}

impl Ends {
    fn new(services: &[Presence], tallied: &Tallied) -> Self {
        let of_source = tallied.source_ends();
        // Services of one source are one witness.
        let mut is_witness = vec![false; of_source.len()];
        services.iter().for_each(|service| is_witness[service.end_source as usize] = true);
        let ends = of_source.iter().zip(0..).zip(&is_witness);
        let mut by_time: Vec<(Nanos, u32)> =
            ends.filter(|(_, is_witness)| **is_witness).map(|((&end, source), _)| (end, source)).collect();
        by_time.sort_unstable();
        Self { of_source, is_witness, by_time }
    }

    /// Until when an entry of this service would have been seen, if that is longer than it was, and whether that is sure. Cost:
    /// O(log witnesses) for each source of its own.
    fn watched_until(&self, service: &Presence, tallied: &Tallied) -> Option<(Nanos, bool)> {
        let voices = tallied.voices_of(service.service);
        let end_of = |source: u32| self.of_source[source as usize];
        let is_other =
            |&&(_, source): &&(Nanos, u32)| voices.binary_search_by_key(&source, |voice| voice.source).is_err();
        // The other witnesses from one on: the first of them, and how many.
        let others_from = |first: usize| {
            let begin = self.by_time.get(first)?;
            let is_own = |source: u32| self.is_witness[source as usize] && (end_of(source), source) >= *begin;
            let n_own = voices.iter().filter(|voice| is_own(voice.source)).count();
            Some((self.by_time[first..].iter().find(is_other)?.0, self.by_time.len() - first - n_own))
        };
        let own = voices.iter().map(|voice| end_of(voice.source)).max();
        let last = self.by_time.iter().rev().find(is_other).map_or(Nanos(i64::MIN), |(end, _)| *end);
        let is_before =
            |(end, _): &(Nanos, u32)| last.0.saturating_sub(end.0) > last.0.saturating_sub(service.end.0) / NEAR_SHARE;
        let at_end = others_from(self.by_time.partition_point(is_before));
        let n_all = others_from(0).map_or(0, |(_, n)| n);
        let common = at_end.filter(|(_, n)| *n >= LEAST_WITNESSES && 3 * n >= 2 * n_all).map(|(end, _)| end);
        let sure = own.max(common).filter(|&until| until > service.end).map(|until| (until, true));
        sure.or_else(|| (n_all == 1 && last > service.end).then_some((last, false)))
    }
}

fn stopped(service: &Presence, watched: Nanos, tallied: &Tallied, totals: &[f64], threshold: f64) -> Option<Finding> {
    let n_windows = tallied.n_windows();
    // The last window may be cut short.
    let (from, to) = (service.last + 1, tallied.windows.of(watched));
    let n_active = service.last + 1 - service.first;
    if to < from + SHORT_TAIL.max(n_windows / SHORT_SHARE) || n_active * LEAST_SHARE < n_windows {
        return None;
    }
    let counts = &service.counts[service.first..=service.last];
    let n_empty = counts.iter().filter(|&&n| n == 0.0).count();
    if n_active - n_empty < LEAST_SPOKEN {
        return None;
    }
    let others: Vec<f64> = totals.iter().zip(&service.counts).map(|(total, own)| total - own).collect();
    let usual_others = median(others[service.first..=service.last].to_vec());
    let heard = |window: usize| (others[window] / usual_others.max(1.0)).min(1.0);
    let silence: f64 = (from..to).map(heard).sum();
    let longest = (service.first..=service.last).fold((0.0_f64, 0.0), |(longest, run), window| {
        let run = if service.counts[window] == 0.0 { run + heard(window) } else { 0.0 };
        (longest.max(run), run)
    });
    let chance = chance_of_none(counts, n_empty);
    let strength = (-2.0 * (silence - longest.0).max(0.0) * chance.ln()).sqrt();
    if usual_others < 1.0 || silence < LONGER * longest.0 || strength < threshold {
        return None;
    }
    let windows = from..(to + 1).min(n_windows);
    let of_window = counts.iter().sum::<f64>() / n_active as f64;
    let gap = tallied.windows.begin(windows.end).0.saturating_sub(service.end.0);
    Some(Finding {
        detector: Detector::Stopped,
        subject: Subject::Service(service.service),
        band: Band::Unspecified,
        windows,
        onset: service.end,
        seen: 0.0,
        usual: of_window * gap as f64 / tallied.windows.width_nanos.max(1) as f64,
        strength,
    })
}

/// That a window has no entry.
fn chance_of_none(counts: &[f64], n_empty: usize) -> f64 {
    let n = counts.len() as f64;
    if n_empty > 0 {
        return (n_empty + 1) as f64 / (n + 2.0);
    }
    let mean = counts.iter().sum::<f64>() / n;
    let variance = counts.iter().map(|count| (count - mean).powi(2)).sum::<f64>() / n;
    let chance = match variance > mean {
        true => (mean / variance).powf(mean * mean / (variance - mean)),
        false => (-mean).exp(),
    };
    chance.max(LEAST_CHANCE)
}

/// Whether its name tells why a service says no more: its log goes on in a part that is not here.
pub fn is_explained(finding: &Finding, tallied: &Tallied, names: &Names<'_>) -> bool {
    let (Detector::Stopped, Subject::Service(service)) = (finding.detector, finding.subject) else { return false };
    let own = tallied.voices_of(service).iter().max_by_key(|voice| (voice.last, voice.source));
    let Some(own) = own else { return false };
    let path = &names.sources[own.source as usize];
    let ends_with_it = tallied.source_ends()[own.source as usize] == own.last;
    ends_with_it && part_of(path).0 != *path
}
