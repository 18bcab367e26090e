//! What the metrics of one service tell of its requests, put together in steps.
//!
//! Several metrics count the same requests: one of them is believed, one that says how requests ended if there is any. Its points
//! are gone through three times: which files are of one process, how often that was scraped, and by how much each counter grew.

use std::collections::BTreeMap;

use model::time::Nanos;

use super::buckets::{Bucket, n_before};
use super::labels::Temporality;
use super::points::{Point, Series};
use super::{Service, Tally};
use crate::quick_hash::QuickMap;
use crate::scrapes::{Chain, Files, Link, Links};

pub struct Scraped {
    walk: Walk,
    best: Best,
    stage: Stage,
    service: Service,
}

/// Through the series of the service, in the order of their labels' numbers.
struct Walk {
    order: Vec<u64>,
    next: usize,
}

/// Families of metrics, the first of those that tell it.
#[derive(Clone, Copy, Default)]
struct Best {
    any: Option<usize>,
    with_status: Option<usize>,
    timed: Option<usize>,
}

/// What is done with the series one after the other.
#[derive(Default)]
enum Stage {
    #[default]
    Choosing,
    Filing(usize, Files),
    Measuring(Family),
    Counting(Family),
    Done,
}

/// One family of metrics: which files are of one process, and how often that was scraped.
struct Family {
    number: usize,
    chains: Vec<Chain>,
    links: Links,
    gaps: Vec<i64>,
    /// The first scrape and the last.
    scraped: Option<(i64, i64)>,
    /// Amounts are over the time before them as well: as long as between the first two.
    before_first: i64,
    /// Between two scrapes; `None` where there is one only.
    interval: Option<i64>,
}

impl Scraped {
    pub fn begin(all: &QuickMap<u64, Series>) -> Self {
        let mut order: Vec<u64> = all.keys().copied().collect();
        order.sort_unstable();
        Self {
            walk: Walk { order, next: 0 },
            best: Best::default(),
            stage: Stage::default(),
            service: Service::default(),
        }
    }

    /// Goes on through about so many points of the series it began with; `false`: there is nothing more to do.
    pub fn step(&mut self, all: &QuickMap<u64, Series>, n_points: usize, n_spans: usize) -> bool {
        let Self { walk, best, stage, service } = self;
        *stage = match std::mem::take(stage) {
            Stage::Choosing => match walk.each(all, n_points, |series| best.take(series)) {
                false => Stage::Choosing,
                true => of_family(best.counted()),
            },
            Stage::Filing(family, mut files) => {
                let is_done = walk.each_of(family, all, n_points, |series| {
                    let counts = series.temporality != Some(Temporality::Delta);
                    let points = series.points.iter();
                    let points = points.map(|point| (point.key.source, point.key.time, counts.then_some(point.count)));
                    files.add(series.instance, points);
                });
                match is_done {
                    false => Stage::Filing(family, files),
                    true => Stage::Measuring(Family::of(family, files)),
                }
            }
            Stage::Measuring(mut family) => {
                match walk.each_of(family.number, all, n_points, |series| family.measure(series)) {
                    false => Stage::Measuring(family),
                    true => {
                        family.take_middle();
                        if best.counted() == Some(family.number) {
                            service.seconds = Some(family.seconds());
                        }
                        Stage::Counting(family)
                    }
                }
            }
            Stage::Counting(family) => {
                let number = family.number;
                let what = (best.counted() == Some(number), best.timed == Some(number));
                let is_done = walk.each_of(number, all, n_points, |series| {
                    for run in family.runs(series) {
                        let of_route = service.routes.entry(series.route.clone()).or_default();
                        [&mut service.all, of_route].into_iter().for_each(|tally| add(tally, &run, what, n_spans));
                    }
                });
                match is_done {
                    false => Stage::Counting(family),
                    true => {
                        of_family(best.timed.filter(|_| best.counted() == Some(number) && best.timed != Some(number)))
                    }
                }
            }
            Stage::Done => Stage::Done,
        };
        !matches!(stage, Stage::Done)
    }

    /// All steps are done.
    pub fn finish(mut self) -> Service {
        self.service.routes.retain(|_, tally| tally.n_requests > 0);
        self.service
    }
}

fn of_family(family: Option<usize>) -> Stage {
    family.map_or(Stage::Done, |family| Stage::Filing(family, Files::default()))
}

impl Walk {
    /// Goes on with the series, of about so many points; `true`: those were the last.
    fn each<'s>(&mut self, all: &'s QuickMap<u64, Series>, n_points: usize, mut take: impl FnMut(&'s Series)) -> bool {
        let mut n_looked_at = 0;
        while n_looked_at < n_points
            && let Some(labels) = self.order.get(self.next)
        {
            let series = &all[labels];
            n_looked_at += series.points.len() + 1;
            take(series);
            self.next += 1;
        }
        let is_done = self.next == self.order.len();
        if is_done {
            self.next = 0;
        }
        is_done
    }

    fn each_of(
        &mut self,
        family: usize,
        all: &QuickMap<u64, Series>,
        n_points: usize,
        mut take: impl FnMut(&Series),
    ) -> bool {
        self.each(all, n_points, |series| {
            if series.family == family {
                take(series);
            }
        })
    }
}

impl Best {
    fn take(&mut self, series: &Series) {
        let least =
            |known: &mut Option<usize>| *known = Some(known.map_or(series.family, |known| known.min(series.family)));
        least(&mut self.any);
        if series.has_status {
            least(&mut self.with_status);
        }
        if series.points.iter().any(|point| !point.buckets.is_empty()) {
            least(&mut self.timed);
        }
    }

    fn counted(self) -> Option<usize> {
        self.with_status.or(self.any)
    }
}

impl Family {
    fn of(number: usize, files: Files) -> Self {
        let (chains, links) = files.chains();
        Self { number, chains, links, gaps: Vec::new(), scraped: None, before_first: 0, interval: None }
    }

    /// The points of a series, taken apart where files are of several processes.
    fn runs<'s>(&self, series: &'s Series) -> Vec<Run<'s>> {
        let mut by_chain: BTreeMap<usize, Vec<&Point>> = BTreeMap::new();
        let link_of = |point: &Point| self.links[&(series.instance, point.key.source)];
        for point in &series.points {
            by_chain.entry(link_of(point).chain).or_default().push(point);
        }
        let run = |(chain, mut points): (usize, Vec<&'s Point>)| {
            points.sort_by_cached_key(|point| {
                let Link { place, .. } = link_of(point);
                (point.key.time, place, point.key)
            });
            Run { series, points, first: self.chains[chain].first, interval: self.interval }
        };
        by_chain.into_iter().map(run).collect()
    }

    fn measure(&mut self, series: &Series) {
        for run in self.runs(series) {
            self.gaps.extend(run.points.windows(2).map(gap_between));
            let (first, last) = (run.points[0].key.time.0, run.points[run.points.len() - 1].key.time.0);
            let (earliest, latest) = self.scraped.unwrap_or((first, last));
            self.scraped = Some((earliest.min(first), latest.max(last)));
            if run.tells_amounts()
                && let Some(pair) = run.points.get(..2)
            {
                self.before_first = self.before_first.max(gap_between(pair));
            }
        }
    }

    fn take_middle(&mut self) {
        let mut gaps = std::mem::take(&mut self.gaps);
        let middle = gaps.len() / 2;
        self.interval = (!gaps.is_empty()).then(|| *gaps.select_nth_unstable(middle).1);
    }

    /// What was counted over.
    fn seconds(&self) -> f64 {
        let (first, last) = self.scraped.unwrap_or_default();
        last.saturating_sub(first).saturating_add(self.before_first) as f64 / 1e9
    }
}

/// Points of a series one after the other, from one file or from several that continue each other.
struct Run<'s> {
    series: &'s Series,
    points: Vec<&'s Point>,
    /// When any series of the same process was scraped first, in these files.
    first: Nanos,
    interval: Option<i64>,
}

impl Run<'_> {
    /// Of each point by itself, not of all before it as well.
    fn tells_amounts(&self) -> bool {
        let is_fall = |pair: &&[&Point]| pair[1].count < pair[0].count;
        let n_falls = self.points.windows(2).filter(is_fall).count();
        match self.series.temporality {
            Some(temporality) => temporality == Temporality::Delta,
            None => n_falls > 1 && n_falls * 3 > self.points.len(),
        }
    }

    /// Whether a series that has this point first counted nothing before: then it was not there when others were scraped. Those
    /// of one scrape may be a little apart.
    fn began_with(&self, point: &Point) -> bool {
        self.interval.is_none_or(|interval| point.key.time.0.saturating_sub(self.first.0) > interval / 2)
    }
}

fn gap_between(pair: &[&Point]) -> i64 {
    pair[1].key.time.0.saturating_sub(pair[0].key.time.0)
}

fn add(tally: &mut Tally, run: &Run<'_>, (is_counted, is_timed): (bool, bool), n_spans: usize) {
    let (series, points) = (run.series, &run.points);
    let tells_amounts = run.tells_amounts();
    for (at, point) in points.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| points[before]);
        let since = match before {
            _ if tells_amounts => None,
            None if run.began_with(point) => None,
            None => Some(*point),
            Some(before) if point.count < before.count => None,
            Some(before) => Some(before),
        };
        let n = (point.count - since.map_or(0.0, |since| since.count)).round() as u64;
        if is_counted && n > 0 {
            tally.n_requests += n;
            let n_errors = if series.is_error { n } else { 0 };
            tally.n_errors += n_errors;
            if series.has_status {
                *tally.n_refused.get_or_insert(0) += if series.is_refused { n } else { 0 };
            }
            if n_errors > 0 {
                tally.last_error = tally.last_error.max(Some(point.key));
            }
            if let Some(span) = point.span {
                tally.course.resize(n_spans, (0, 0));
                let least = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
                tally.course[span].0 = tally.course[span].0.saturating_add(least(n));
                tally.course[span].1 = tally.course[span].1.saturating_add(least(n_errors));
            }
        }
        if is_timed {
            for (place, bucket) in point.buckets.iter().enumerate() {
                let before = since.map_or(0.0, |since| n_before(&since.buckets, &point.buckets, place));
                if bucket.n > before {
                    tally.histogram.add(Bucket { n: bucket.n - before, ..*bucket });
                }
            }
        }
    }
}
