//! Looks at what was counted in small steps, so that somebody who waits for something else is not kept waiting; then puts together
//! what goes together.

use std::ops::Range;

use model::incident::{Detector, Incident, WindowMap};

use super::finding::{Finding, threshold_for};
use super::gather::{Gathering, apart, are_near, grave_near};
use super::links::Links;
use super::mix::{Mix, MixSearch};
use super::names::Names;
use super::tally::Tallied;
use super::{
    LEAST_SCORE, MOST_INCIDENTS, active_in, counts, incident, levels, novelty, numbers, regime, silence, stop,
};

/// Values of series that are looked at in one step: a few milliseconds.
const AT_ONCE: usize = 1 << 15;

/// A series of next to no entries costs about as much as one of so many windows.
const LEAST_COST: usize = 32;

/// On the way from counts to findings. The result does not depend on how the steps are spread over time.
pub struct Look {
    tallied: Tallied,
    threshold: f64,
    found: Vec<Finding>,
    /// Of services that may have stopped: only what else is found tells.
    doubtful: Vec<Finding>,
    mix: Mix,
    stage: Stage,
}

enum Stage {
    Mix(Box<MixSearch>),
    Series { n_done: usize, throughout: Vec<f64>, service: Option<OfService> },
    Sources { n_done: usize, totals: Vec<f64> },
    Stops(stop::Search),
    Numbers { n_done: usize },
    Done,
}

/// What the series of one service are held against.
struct OfService {
    /// Places of its series.
    series: Range<usize>,
    /// Windows in which it wrote at all.
    active: Range<usize>,
    totals: Vec<f64>,
}

impl Look {
    pub fn begin(tallied: Tallied) -> Self {
        let threshold = threshold_for(tallied.n_windows() * (tallied.series.len() + tallied.numbers.len()));
        let stage = Stage::Mix(Box::new(MixSearch::begin(&tallied)));
        Self { tallied, threshold, found: Vec::new(), doubtful: Vec::new(), mix: Mix::default(), stage }
    }

    /// Goes on a little; `false` when there is nothing more to do.
    pub fn step(&mut self) -> bool {
        let Self { tallied, threshold, found, .. } = self;
        let n_at_once = (AT_ONCE / tallied.n_windows().max(1)).max(1);
        match &mut self.stage {
            Stage::Mix(search) => {
                if !search.step() {
                    self.mix = search.take_mix();
                    found.extend(self.mix.find(tallied));
                    found.extend(regime::find(self.mix.clusters(), tallied));
                    let throughout = levels::of_services_throughout(tallied);
                    self.stage = Stage::Series { n_done: 0, throughout, service: None };
                }
            }
            Stage::Series { n_done, throughout, service } => {
                let mut cost = 0;
                while cost < AT_ONCE
                    && let Some(series) = tallied.series.get(*n_done)
                {
                    let of = match service.take().filter(|of| of.series.contains(n_done)) {
                        Some(of) => of,
                        None => OfService::at(*n_done, tallied, throughout),
                    };
                    cost += if series.n > novelty::RARE { tallied.n_windows() } else { LEAST_COST };
                    found.extend(of_series(*n_done, tallied, service.insert(of), *threshold));
                    *n_done += 1;
                }
                if *n_done == tallied.series.len() {
                    self.stage = Stage::Sources { n_done: 0, totals: silence::totals(tallied) };
                }
            }
            Stage::Sources { n_done, totals } => {
                let end = (*n_done + n_at_once).min(tallied.sources.len());
                let some = *n_done..end;
                found.extend(some.flat_map(|source| silence::find(tallied, source, totals, *threshold)));
                *n_done = end;
                if end == tallied.sources.len() {
                    self.stage = Stage::Stops(stop::Search::begin(tallied));
                }
            }
            Stage::Stops(search) => {
                if !search.step(tallied, *threshold, n_at_once) {
                    let (sure, doubtful) = search.take_found();
                    found.extend(sure);
                    self.doubtful = doubtful;
                    self.stage = Stage::Numbers { n_done: 0 };
                }
            }
            Stage::Numbers { n_done } => {
                let end = (*n_done + n_at_once).min(tallied.numbers.len());
                let some = &tallied.numbers[*n_done..end];
                found.extend(some.iter().flat_map(|numbers| numbers::find(tallied, numbers, *threshold)));
                *n_done = end;
                if end == tallied.numbers.len() {
                    self.stage = Stage::Done;
                }
            }
            Stage::Done => {}
        }
        !matches!(self.stage, Stage::Done)
    }

    /// What was found; where steps are left they are done now.
    pub fn finish(mut self) -> Findings {
        while self.step() {}
        let Self { tallied, threshold, found, doubtful, mix, .. } = self;
        let (strong, weak) = apart(found, threshold);
        let n_windows = tallied.n_windows();
        let all: Vec<&Finding> = strong.iter().chain(&doubtful).collect();
        let links = Links::wanted_by(&all, &grave_near(&all, &weak, n_windows), n_windows);
        Findings { tallied, mix, strong, doubtful, weak, links, gathering: None }
    }
}

impl OfService {
    fn at(series: usize, tallied: &Tallied, throughout: &[f64]) -> Self {
        let service = tallied.series[series].key.service;
        let n_series = tallied.series[series..].partition_point(|series| series.key.service == service);
        let of_service = &tallied.series[series..series + n_series];
        let active = active_in(of_service);
        let totals = levels::compared_with(throughout, of_service, &active);
        Self { series: series..series + n_series, active, totals }
    }
}

fn of_series(at: usize, tallied: &Tallied, of: &OfService, threshold: f64) -> Vec<Finding> {
    let (series, active) = (&tallied.series[at], of.active.clone());
    let period = tallied.windows_a_day();
    let mut found = Vec::new();
    if series.n > novelty::RARE {
        found.extend(counts::find(tallied, series, active.clone(), period, threshold));
    }
    // What came all at once is new by that already.
    let is_known_new = found.iter().any(|finding| finding.detector == Detector::New);
    let novel = novelty::find(tallied, series, active.clone(), threshold);
    let is_known = |finding: &Finding| match finding.detector {
        Detector::New => is_known_new,
        Detector::Burst | Detector::Rare => {
            let is_same = |known: &Finding| {
                matches!(known.detector, Detector::New | Detector::Burst)
                    && known.windows.start < finding.windows.end
                    && finding.windows.start < known.windows.end
            };
            found.iter().any(is_same)
        }
        _ => false,
    };
    let novel: Vec<Finding> = novel.into_iter().filter(|finding| !is_known(finding)).collect();
    found.extend(novel);
    let shifts = levels::find(tallied, series, &of.totals, active, &found, threshold);
    found.extend(shifts);
    found
}

/// What was found, before it is known what goes together.
pub struct Findings {
    tallied: Tallied,
    mix: Mix,
    strong: Vec<Finding>,
    doubtful: Vec<Finding>,
    weak: Vec<Finding>,
    /// To be filled with the ids of the entries it asks for; without them less goes together.
    pub links: Links,
    gathering: Option<Gathering>,
}

impl Findings {
    /// Goes on a little with what goes together, when all ids are there; `false` when that is known.
    pub fn step(&mut self, names: &Names<'_>) -> bool {
        let Self { tallied, strong, doubtful, weak, links, gathering, .. } = self;
        let gathering = gathering.get_or_insert_with(|| {
            links.settle();
            let mut strong = std::mem::take(strong);
            let n_windows = tallied.n_windows();
            let is_told = |stop: &Finding| {
                strong.iter().any(|other| {
                    let is_other = other.subject.service().is_some_and(|of| Some(of) != stop.subject.service());
                    is_other
                        && other.detector != Detector::Stopped
                        && other.windows.start.abs_diff(stop.windows.start) <= stop::LATEST_ECHO
                        && are_near(other, stop, n_windows)
                        && links.are_linked(other, stop, names)
                })
            };
            let told: Vec<Finding> = std::mem::take(doubtful).into_iter().filter(is_told).collect();
            strong.extend(told);
            strong.retain(|finding| !stop::is_explained(finding, tallied, names));
            Gathering::begin(strong, std::mem::take(weak), n_windows)
        });
        gathering.step(|a, b| links.are_linked(a, b, names))
    }

    /// The incidents, the most important first.
    pub fn incidents(&mut self, names: &Names<'_>) -> Vec<Incident> {
        while self.step(names) {}
        let groups = self.gathering.as_mut().map(Gathering::take_groups).unwrap_or_default();
        let worthy = groups.into_iter().filter(|group| group.score >= LEAST_SCORE).take(MOST_INCIDENTS);
        worthy.map(|group| incident(group, &self.tallied, &self.mix, names)).collect()
    }

    /// What was counted.
    pub fn tallied(&self) -> &Tallied {
        &self.tallied
    }

    /// The windows as the page draws them.
    pub fn map(&self) -> WindowMap {
        self.mix.map(&self.tallied)
    }
}
