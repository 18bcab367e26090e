//! Windows as wholes: what was written together, how much of it by whom, how gravely and how fast, and which times are like no other.
//!
//! Windows slide ([`super::slide`]): each shares half of its time with the next, and is a row of numbers ([`super::window_rows`]).
//! Four detectors have a vote: the residual of a principal component analysis, an isolation forest, the distance to the nearest of
//! a few kinds of windows (k-means) and DBSCAN's noise. A window is odd if two of them say so: each of them alone is wrong now and
//! then. A time is, if all windows over it are.

use std::ops::Range;

use model::incident::{Aspect, ClusterBy, Clusters, Detector, N_SLID, Voter, WindowMap};
use model::severity::Band;

use super::finding::{Finding, Subject, stretches};
use super::tally::Tallied;
use super::window_rows::WindowRows;
use super::{slide, sum};
use crate::outlier::dbscan::{self, Distances};
use crate::outlier::isolation::Forest;
use crate::outlier::residual::{Components, Search};
use crate::outlier::vote::{VOTE, limit, usual};
use crate::outlier::{Rows, kmeans};

/// Axes of the space that windows are compared in.
const N_AXES: usize = 8;

/// Kinds of windows that k-means looks for.
const N_KINDS: usize = 4;

/// Windows within reach that make a window one of a crowd.
const N_NEAR: usize = 4;

/// What is as rare as this share of the windows is no crowd and no usual kind, however much alike its windows are.
const FEW_SHARE: usize = 24;

/// Fewer windows have no usual one.
const LEAST_WINDOWS: usize = 16;

/// Cells that are looked at in one step: a few milliseconds.
const AT_ONCE: usize = 1 << 20;

/// A vote counts as no more than this many robust standard deviations.
const LOUDEST: f64 = 10.0;

/// The windows in a space of few axes, the first two of which make a map.
#[derive(Clone, Debug, Default)]
pub struct Mix {
    points: Vec<Vec<f64>>,
    reach: f64,
    /// Farther from every kind than this a window is odd.
    kind_reach: f64,
    clusters: Vec<Option<u32>>,
    /// Of each [`Voter`], by sliding window: how odd, in standard deviations.
    votes: [Vec<f64>; 4],
    /// Of each [`Aspect`], by window side by side: how far from the middle of all, in standard deviations.
    aspects: [Vec<f64>; Aspect::ALL.len()],
    /// By window side by side: the second loudest vote.
    oddness: Vec<f64>,
}

/// On the way to a [`Mix`], in small steps.
pub struct MixSearch {
    rows: Rows,
    mix: Mix,
    stage: Stage,
}

enum Stage {
    Axes(Search),
    Patterns { search: Search, kinds: Vec<f64> },
    Isolation { residuals: Vec<f64>, kinds: Vec<f64>, forest: Forest },
    Done,
}

impl MixSearch {
    pub fn begin(tallied: &Tallied) -> Self {
        if tallied.n_windows() < LEAST_WINDOWS {
            return Self { rows: Rows::default(), mix: Mix::default(), stage: Stage::Done };
        }
        let windows = WindowRows::of(tallied);
        let aspect = |distances: Vec<f64>| slide::least(&votes(distances), tallied.n_windows());
        let mix = Mix { aspects: windows.distances().map(aspect), ..Mix::default() };
        let search = Search::for_axes(&windows.rows, N_AXES);
        Self { rows: windows.rows, mix, stage: Stage::Axes(search) }
    }

    /// Goes on a little; `false` when there is nothing more to do.
    pub fn step(&mut self) -> bool {
        let Self { rows, mix, .. } = self;
        let n_at_once = (AT_ONCE / rows.n_cells().max(1)).max(1);
        self.stage = match std::mem::replace(&mut self.stage, Stage::Done) {
            Stage::Axes(mut search) => {
                if (0..n_at_once).all(|_| search.advance(rows)) {
                    Stage::Axes(search)
                } else {
                    let kinds = mix.place(rows, &search.finish(rows));
                    Stage::Patterns { search: Search::begin(rows), kinds }
                }
            }
            Stage::Patterns { mut search, kinds } => {
                if (0..n_at_once).all(|_| search.advance(rows)) {
                    Stage::Patterns { search, kinds }
                } else {
                    let residuals = search.finish(rows).residuals_of(rows, 0..rows.len());
                    Stage::Isolation { residuals, kinds, forest: Forest::begin(rows) }
                }
            }
            Stage::Isolation { residuals, kinds, mut forest } => {
                if (0..n_at_once).all(|_| forest.grow(rows)) {
                    Stage::Isolation { residuals, kinds, forest }
                } else {
                    mix.vote([residuals, forest.scores(), kinds]);
                    Stage::Done
                }
            }
            Stage::Done => Stage::Done,
        };
        !matches!(self.stage, Stage::Done)
    }

    /// What was found, when all steps are done.
    pub fn take_mix(&mut self) -> Mix {
        std::mem::take(&mut self.mix)
    }
}

impl Mix {
    /// Puts the windows into the space of these axes. Gives how far each is from the nearest kind of windows.
    fn place(&mut self, rows: &Rows, components: &Components) -> Vec<f64> {
        self.points = (0..rows.len()).map(|window| components.place(rows.row(window))).collect();
        let distances = Distances::of(&self.points);
        self.reach = distances.usual_reach(N_NEAR);
        self.clusters = dbscan::cluster(&distances, self.reach, N_NEAR);
        let kinds = kmeans::kinds(&self.points, N_KINDS);
        self.kind_reach = limit(&kinds.distances);
        kinds.distances_to_usual(&self.points, self.n_few() + 1)
    }

    /// So many windows are few. Over what lasts a while lie some more than it fills.
    fn n_few(&self) -> usize {
        self.points.len() / FEW_SHARE + N_SLID - 1
    }

    /// By three scores of each window, and by whether it is in a crowd.
    fn vote(&mut self, scores: [Vec<f64>; 3]) {
        let [residual, isolation, kind] = scores.map(votes);
        let is_of_crowd = |cluster: &Option<u32>| {
            cluster.is_some() && self.clusters.iter().filter(|other| *other == cluster).count() > self.n_few()
        };
        let alone = self.clusters.iter().map(|cluster| if is_of_crowd(cluster) { 0.0 } else { VOTE });
        let votes = [residual, isolation, kind, alone.collect()];
        let second_loudest = |window: usize| {
            let mut of_window = votes.each_ref().map(|votes| votes[window]);
            of_window.sort_by(f64::total_cmp);
            of_window[of_window.len() - 2]
        };
        let of_slid: Vec<f64> = (0..self.points.len()).map(second_loudest).collect();
        self.oddness = slide::least(&of_slid, self.points.len() + N_SLID - 1);
        self.votes = votes;
    }

    /// Who says of one of the windows over these, which lie side by side, that it is odd. Those that agree on one need not be those that
    /// agree on the next.
    pub fn voters(&self, windows: &Range<usize>) -> Vec<Voter> {
        let over = (windows.start + 1).saturating_sub(N_SLID)..windows.end.min(self.points.len());
        let is_odd = |votes: &[f64]| votes[over.clone()].iter().any(|&vote| vote >= VOTE);
        Voter::ALL.into_iter().zip(&self.votes).filter(|(_, votes)| is_odd(votes)).map(|(voter, _)| voter).collect()
    }

    /// In what these windows, side by side, are unlike others, the most first.
    pub fn aspects(&self, windows: &Range<usize>) -> Vec<Aspect> {
        let furthest = |off: &Vec<f64>| off[windows.clone()].iter().copied().fold(0.0, f64::max);
        let mut odd: Vec<(f64, Aspect)> =
            Aspect::ALL.into_iter().zip(&self.aspects).map(|(aspect, off)| (furthest(off), aspect)).collect();
        odd.retain(|(off, _)| *off >= VOTE);
        odd.sort_by(|a, b| b.0.total_cmp(&a.0));
        odd.into_iter().map(|(_, aspect)| aspect).collect()
    }

    /// As the page draws it.
    pub fn map(&self, tallied: &Tallied) -> WindowMap {
        let n_entries = slide::sums(&sum(&tallied.series, tallied.n_windows()));
        let short = |point: &Vec<f64>| point.iter().map(|&coordinate| coordinate as f32).collect();
        WindowMap {
            points: self.points.iter().map(short).collect(),
            n_entries: n_entries.into_iter().map(|n| n as u32).collect(),
            reach: self.reach as f32,
            kind_reach: self.kind_reach as f32,
            clusters: Clusters { of: self.clusters.clone() },
        }
    }

    /// Of each sliding window.
    pub fn clusters(&self) -> &[Option<u32>] {
        &self.clusters
    }

    pub fn find(&self, tallied: &Tallied) -> Vec<Finding> {
        let finding = |stretch: super::finding::Stretch| Finding {
            detector: Detector::Windows,
            subject: Subject::Everything,
            band: Band::Unspecified,
            onset: tallied.windows.begin(stretch.windows.start),
            windows: stretch.windows,
            seen: 0.0,
            usual: 0.0,
            strength: stretch.peak,
        };
        stretches(&self.oddness, VOTE).into_iter().map(finding).collect()
    }
}

/// The clusters of a map's points at another reach.
pub fn clusters_within(points: &[Vec<f32>], by: ClusterBy, reach: f32) -> Clusters {
    let long: Vec<Vec<f64>> = points.iter().map(|point| point.iter().copied().map(f64::from).collect()).collect();
    let reach = f64::from(reach);
    let of = match by {
        ClusterBy::Crowds => dbscan::cluster(&Distances::of(&long), reach, N_NEAR),
        ClusterBy::Kinds => {
            let kinds = kmeans::kinds(&long, N_KINDS);
            let each = kinds.of.iter().zip(&kinds.distances);
            numbered_by_first(each.map(|(&kind, &distance)| (distance <= reach).then_some(kind)))
        }
    };
    Clusters { of }
}

/// Clusters by their first window, as [`Clusters`] has them.
fn numbered_by_first(of: impl Iterator<Item = Option<u32>>) -> Vec<Option<u32>> {
    let mut known: Vec<u32> = Vec::new();
    let mut number = |kind: u32| {
        let place = known.iter().position(|&other| other == kind).unwrap_or_else(|| {
            known.push(kind);
            known.len() - 1
        });
        place as u32
    };
    of.map(|kind| kind.map(&mut number)).collect()
}

fn votes(scores: Vec<f64>) -> Vec<f64> {
    let (middle, chance) = usual(&scores);
    scores.into_iter().map(|score| ((score - middle) / chance).clamp(0.0, LOUDEST)).collect()
}

#[cfg(test)]
mod tests {
    use model::incident::Windows;
    use model::time::Nanos;

    use super::*;
    use crate::anomaly::{Key, Tally};
    use crate::sample::random::Random;

    const WINDOWS: Windows = Windows { start: Nanos(0), width_nanos: 1_000_000, n: 200 };

    /// In what which windows are unlike others, where in each so many entries of each key are written, of the 30 templates of each of
    /// two services; all of them have a number.
    fn odd(n: impl Fn(usize, u32, Band) -> f64, number: impl Fn(usize) -> f64) -> Vec<(Range<usize>, Vec<Aspect>)> {
        let (mut tally, mut random) = (Tally::new(WINDOWS), Random::new(3));
        for window in 0..WINDOWS.n as usize {
            for (template, band) in (0..60).flat_map(|template| [(template, Band::Info), (template, Band::Error)]) {
                let key = Key { service: template % 2, template, band };
                let time = WINDOWS.begin(window);
                let mut until = random.exponential();
                while until < n(window, key.service, band) {
                    tally.add(0, key, time);
                    until += random.exponential();
                }
            }
            let key = Key { service: 0, template: 60, band: Band::Info };
            for _ in 0..12 {
                tally.add(0, key, WINDOWS.begin(window));
                tally.add_number(key, 0, WINDOWS.begin(window), number(window) * (0.5 + random.unit()));
            }
        }
        let tallied = tally.finish();
        let mut search = MixSearch::begin(&tallied);
        while search.step() {}
        let mix = search.take_mix();
        mix.find(&tallied).into_iter().map(|found| (found.windows.clone(), mix.aspects(&found.windows))).collect()
    }

    const CHANGED: Range<usize> = 90..96;

    #[track_caller]
    fn check(found: &[(Range<usize>, Vec<Aspect>)], expected: Aspect) {
        let [(windows, aspects)] = found else { panic!("{found:?}") };
        assert!(windows.start >= CHANGED.start && windows.end <= CHANGED.end && windows.len() > 3, "{windows:?}");
        assert!(aspects.contains(&expected), "{found:?}");
    }

    fn usual_n(_: usize, _: u32, band: Band) -> f64 {
        if band == Band::Info { 0.4 } else { 0.1 }
    }

    #[test]
    fn a_usual_time_is_like_others() {
        assert_eq!(odd(usual_n, |_| 30.0), []);
    }

    #[test]
    fn a_time_in_which_only_latencies_change_is_like_no_other() {
        check(&odd(usual_n, |window| if CHANGED.contains(&window) { 90.0 } else { 30.0 }), Aspect::Numbers);
    }

    #[test]
    fn a_time_in_which_one_service_writes_in_place_of_another_is_like_no_other() {
        let n = |window: usize, service: u32, band: Band| {
            let times = if CHANGED.contains(&window) { [0.05, 2.5][service as usize] } else { 1.0 };
            2.0 * usual_n(window, service, band) * times
        };
        check(&odd(n, |_| 30.0), Aspect::Services);
    }

    #[test]
    fn a_time_in_which_only_severities_change_is_like_no_other() {
        let n = |window: usize, _: u32, band: Band| match CHANGED.contains(&window) {
            true if band == Band::Error => 0.45,
            true => 0.05,
            false => usual_n(window, 0, band),
        };
        check(&odd(n, |_| 30.0), Aspect::Severities);
    }

    #[test]
    fn each_point_of_the_map_is_a_window_that_shares_half_of_its_entries_with_the_next() {
        let mut tally = Tally::new(WINDOWS);
        (0..WINDOWS.n as usize).for_each(|window| {
            (0..=window).for_each(|_| tally.add(0, Key::default(), WINDOWS.begin(window)));
        });
        let tallied = tally.finish();
        let mut search = MixSearch::begin(&tallied);
        while search.step() {}
        let map = search.take_mix().map(&tallied);
        assert_eq!((map.points.len(), map.n_entries.len()), (199, 199));
        assert_eq!((map.n_entries[0], map.n_entries[198]), (1 + 2, 199 + 200));
    }

    #[test]
    fn windows_far_from_every_kind_are_of_none_until_the_reach_is_wide() {
        let mut points: Vec<Vec<f32>> = (0..40).map(|n| vec![(n % 2) as f32 * 50.0 + (n % 5) as f32, 0.0]).collect();
        points.push(vec![25.0, 90.0]);
        let alone = |reach: f32| {
            let clusters = clusters_within(&points, ClusterBy::Kinds, reach);
            clusters.of.iter().filter(|cluster| cluster.is_none()).count()
        };
        assert!(alone(0.0) > points.len() / 2, "only what is in the middle, or a kind by itself, is near");
        assert_eq!(alone(1e6), 0);
        let clusters = clusters_within(&points, ClusterBy::Kinds, 1e6);
        assert_eq!(clusters.of[0], Some(0), "numbered by the first window");
    }
}
