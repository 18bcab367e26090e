//! What points tell of resources, put together in steps: which files are of one process, the run of each series, and the figures of each place.

use std::collections::{BTreeMap, btree_map};

use model::resources::{Resource, ResourceRow, Resources};
use model::time::Nanos;

use super::course::Run;
use super::{MOST_ROWS, ResourceCount, keep_most_used};
use crate::scrapes::{Chain, Files, Links};

/// Whose figures: service, instance, resource, part of it.
type Place = (Box<str>, Option<(String, String)>, Resource, Box<str>);
/// The runs of each rule's terms, by their number.
pub type ByRule = BTreeMap<usize, Vec<Vec<usize>>>;

#[derive(Default)]
pub struct Telling {
    /// Numbers of series, by service and metric.
    order: Vec<usize>,
    /// Of the order, or of the runs.
    next: usize,
    stage: Stage,
}

#[derive(Default)]
enum Stage {
    #[default]
    Begun,
    Filing(Files),
    Running(Running),
    Placing {
        runs: Vec<(usize, Run)>,
        places: BTreeMap<Place, ByRule>,
    },
    Measuring {
        runs: Vec<(usize, Run)>,
        places: btree_map::IntoIter<Place, ByRule>,
        rows: Vec<ResourceRow>,
    },
}

/// Each series, taken apart where files are of several processes.
struct Running {
    chains: Vec<Chain>,
    links: Links,
    /// Between the points of each chain.
    intervals: Vec<Vec<i64>>,
    runs: Vec<(usize, usize, Run)>,
}

impl Telling {
    /// Goes on through about so many points; `false`: there is nothing more to do.
    pub fn step(&mut self, count: &ResourceCount, n_points: usize) -> bool {
        self.stage = match std::mem::take(&mut self.stage) {
            Stage::Begun => {
                self.order = (0..count.series.len()).collect();
                self.order.sort_by(|&a, &b| {
                    let (a, b) = (&count.series[a], &count.series[b]);
                    (&a.service, &a.metric, a.key).cmp(&(&b.service, &b.metric, b.key))
                });
                Stage::Filing(Files::default())
            }
            Stage::Filing(mut files) => {
                let is_done = self.each_series(count, n_points, |at| {
                    let (series, process) = (&count.series[at], count.series[at].process());
                    let counts = count.counts(series);
                    let points = series.points.iter();
                    files.add(process, points.map(|&(time, source, value)| (source, time, counts.then_some(value))));
                });
                match is_done {
                    false => Stage::Filing(files),
                    true => {
                        let (chains, links) = files.chains();
                        let intervals = vec![Vec::new(); chains.len()];
                        Stage::Running(Running { chains, links, intervals, runs: Vec::new() })
                    }
                }
            }
            Stage::Running(mut running) => match self.each_series(count, n_points, |at| running.take(count, at)) {
                false => Stage::Running(running),
                true => Stage::Placing { runs: running.finish(), places: BTreeMap::new() },
            },
            Stage::Placing { runs, mut places } => {
                let end = self.next.saturating_add(n_points).min(runs.len());
                (self.next..end).for_each(|run| place(count, &runs, run, &mut places));
                self.next = end;
                match end < runs.len() {
                    true => Stage::Placing { runs, places },
                    false => Stage::Measuring { runs, places: places.into_iter(), rows: Vec::new() },
                }
            }
            Stage::Measuring { runs, mut places, mut rows } => {
                let mut n_looked_at = 0;
                while n_looked_at < n_points {
                    let Some((place, by_rule)) = places.next() else { break };
                    let of_terms = by_rule.values().flatten().flatten();
                    n_looked_at += of_terms.map(|&run| runs[run].1.points.len()).sum::<usize>() + count.n_spans;
                    let (service, instance, resource, part) = place;
                    let measures = count.measures(&by_rule, &runs);
                    if !measures.is_empty() {
                        let (service, part) = (service.into(), part.into());
                        rows.push(ResourceRow { service, instance, resource, part, measures });
                    }
                }
                let is_more = places.len() > 0;
                self.stage = Stage::Measuring { runs, places, rows };
                return is_more;
            }
        };
        true
    }

    /// Goes on with the series, of about so many points; `true`: those were the last.
    fn each_series(&mut self, count: &ResourceCount, n_points: usize, mut take: impl FnMut(usize)) -> bool {
        let mut n_looked_at = 0;
        while n_looked_at < n_points
            && let Some(&at) = self.order.get(self.next)
        {
            n_looked_at += count.series[at].points.len() + 1;
            take(at);
            self.next += 1;
        }
        let is_done = self.next == self.order.len();
        if is_done {
            self.next = 0;
        }
        is_done
    }

    /// All steps are done.
    pub fn finish(self, count: &ResourceCount) -> Resources {
        let mut rows = if let Stage::Measuring { rows, .. } = self.stage { rows } else { Vec::new() };
        let n_left_out = keep_most_used(&mut rows, MOST_ROWS);
        count.told(rows, n_left_out, true)
    }
}

impl Running {
    fn take(&mut self, count: &ResourceCount, at: usize) {
        let series = &count.series[at];
        let process = series.process();
        let mut by_chain: BTreeMap<usize, Vec<(Nanos, f64)>> = BTreeMap::new();
        for &(time, source, value) in &series.points {
            by_chain.entry(self.links[&(process, source)].chain).or_default().push((time, value));
        }
        let counts = count.counts(series);
        for (chain, mut points) in by_chain {
            // Of what was counted at one time the last is the most.
            let by_value = |a: f64, b: f64| if counts { b.total_cmp(&a) } else { a.total_cmp(&b) };
            points.sort_by(|a, b| a.0.cmp(&b.0).then(by_value(a.1, b.1)));
            points.dedup_by_key(|point| point.0);
            self.intervals[chain].extend(points.windows(2).map(|pair| pair[1].0.0.saturating_sub(pair[0].0.0)));
            let first = self.chains[chain].first;
            self.runs.push((at, chain, Run { points, temporality: series.temporality, first, interval: None }));
        }
    }

    fn finish(mut self) -> Vec<(usize, Run)> {
        let middle_of = |gaps: &mut Vec<i64>| {
            let middle = gaps.len() / 2;
            (!gaps.is_empty()).then(|| *gaps.select_nth_unstable(middle).1)
        };
        let middles: Vec<Option<i64>> = self.intervals.iter_mut().map(middle_of).collect();
        self.runs.into_iter().map(|(at, chain, run)| (at, Run { interval: middles[chain], ..run })).collect()
    }
}

fn place(count: &ResourceCount, runs: &[(usize, Run)], run: usize, places: &mut BTreeMap<Place, ByRule>) {
    let series = &count.series[runs[run].0];
    for one in &series.uses {
        let rule = &count.rules.rules[one.rule];
        let place = (series.service.clone(), series.instance.clone(), rule.told.resource, one.part.clone());
        let terms = places.entry(place).or_default().entry(one.rule).or_default();
        terms.resize_with(rule.terms.len(), Vec::new);
        terms[one.term].push(run);
    }
}
