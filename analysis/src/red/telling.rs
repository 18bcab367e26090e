//! What was counted, put together in steps: which services spans tell of, which an access log and which metrics alone; what those
//! metrics say; and the figures of each service and route.

use std::collections::{BTreeMap, BTreeSet};

use model::red::{Red, RouteRed, ToldBy};

use super::scraped::Scraped;
use super::{MOST_ROUTES, RedCount, Service};
use crate::topology::names::plainest;

/// Numbers that a route has more than its figures: sorting and finding it.
const ROW_WORK: usize = 64;

#[derive(Default)]
pub struct Telling {
    stage: Stage,
    /// Rows that are told; `None`: all that are told apart.
    most: Option<usize>,
    /// Names that spans or access logs tell of.
    by_entries: Vec<(ToldBy, Box<str>)>,
    /// Only metrics tell of them, and no step was made for them: the next one last.
    left: Vec<Box<str>>,
    of_points: Vec<(Box<str>, Service)>,
    n_requests: u64,
    n_points_left_out: u64,
    wholes: Vec<Whole>,
    services: Rows,
    routes: Rows,
}

/// What tells of a service under one of its names; its own figures where they are counted nowhere else.
type Teller = (ToldBy, Box<str>, Option<Service>);

/// A service under all of its names.
struct Whole {
    name: String,
    /// As they are written, in the order of the alphabet.
    names: Vec<String>,
    told_by: ToldBy,
    figures: Figures,
}

enum Figures {
    /// Of its only name, where they were counted.
    Counted(Box<str>),
    /// Told by metrics, or added up of several names.
    Own(Box<Service>),
}

impl Whole {
    fn service<'w>(&'w self, count: &'w RedCount) -> &'w Service {
        match &self.figures {
            Figures::Counted(name) => &count.services[self.told_by as usize][name],
            Figures::Own(service) => service,
        }
    }
}

#[derive(Default)]
enum Stage {
    #[default]
    Begun,
    Scraping(Option<Box<Scraped>>),
    Figuring,
}

/// Those that are told, in their order, and what is told of the first of them.
#[derive(Default)]
struct Rows {
    order: Vec<Row>,
    told: Vec<RouteRed>,
}

struct Row {
    /// Among the services.
    whole: usize,
    /// `None`: all of the service.
    route: Option<Box<str>>,
    n_requests: u64,
}

impl Telling {
    /// What is told while entries are counted: the first rows, and nothing of metrics.
    pub fn so_far(most: usize) -> Self {
        Self { most: Some(most), ..Self::default() }
    }

    /// Goes on through about so many numbers; `false`: there is nothing more to do.
    pub fn step(&mut self, count: &RedCount, n_numbers: usize) -> bool {
        match std::mem::take(&mut self.stage) {
            Stage::Begun => {
                self.begin(count);
                self.stage = Stage::Scraping(None);
            }
            Stage::Scraping(at_work) => match (at_work, self.left.last()) {
                (None, None) => {
                    self.put_in_order(count);
                    self.stage = Stage::Figuring;
                }
                (None, Some(next)) => {
                    self.stage = Stage::Scraping(Some(Box::new(Scraped::begin(count.points.of(next)))))
                }
                (Some(mut scraped), Some(next)) => {
                    self.stage = match scraped.step(count.points.of(next), n_numbers, count.n_spans) {
                        true => Stage::Scraping(Some(scraped)),
                        false => {
                            let next = self.left.pop().unwrap_or_default();
                            self.of_points.push((next, scraped.finish()));
                            Stage::Scraping(None)
                        }
                    };
                }
                (Some(_), None) => self.stage = Stage::Scraping(None),
            },
            Stage::Figuring => {
                let n_left = self.services.tell_some(count, &self.wholes, n_numbers);
                self.routes.tell_some(count, &self.wholes, n_left);
                self.stage = Stage::Figuring;
                return self.services.has_more() || self.routes.has_more();
            }
        }
        true
    }

    /// Who is told of by what: spans before access logs before metrics. Requests of an access log are those of spans only where both
    /// name the service alike: of two names that are one service elsewhere, one may have a log alone. Metrics are left out for
    /// whatever spans and logs call it.
    fn begin(&mut self, count: &RedCount) {
        let [by_spans, by_log] = &count.services;
        let key = |service: &str| count.key_of(service);
        let mut told: BTreeSet<String> = by_spans.keys().map(|service| key(service)).collect();
        let with_spans: BTreeSet<&str> = by_spans.keys().map(|service| count.written_name(service)).collect();
        let has_no_spans = |name: &&str| !with_spans.contains(count.written_name(name));
        let of_spans = by_spans.keys().map(|name| (ToldBy::Spans, name.clone()));
        let of_logs = by_log.keys().map(|name| &**name).filter(has_no_spans);
        self.by_entries = of_spans.chain(of_logs.map(|name| (ToldBy::AccessLog, name.into()))).collect();
        told.extend(by_log.keys().map(|service| key(service)));
        let is_told = |service: &str| told.contains(&key(service));
        if self.most.is_none() {
            let names = count.points.services().into_iter().rev();
            self.left = names.filter(|name| !is_told(name)).map(Box::from).collect();
        }
        self.n_points_left_out = count.points.n_left_out(is_told);
    }

    /// Of several names one service, by the rules that all views have.
    fn put_together(&mut self, count: &RedCount) {
        let of_entries = std::mem::take(&mut self.by_entries).into_iter();
        let of_points = std::mem::take(&mut self.of_points).into_iter();
        let all = of_entries
            .map(|(told_by, name)| (told_by, name, None))
            .chain(of_points.map(|(name, service)| (ToldBy::Metrics, name, Some(service))));
        let mut by_key: BTreeMap<String, Vec<Teller>> = BTreeMap::new();
        for one in all {
            by_key.entry(count.key_of(&one.1)).or_default().push(one);
        }
        for mut group in by_key.into_values() {
            group.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
            let written = group.iter().map(|(_, name, _)| count.written_name(name));
            let name = plainest(&count.naming, written).unwrap_or_default();
            let names: BTreeSet<String> = group.iter().map(|(_, name, _)| name.to_string()).collect();
            let told_by = group[0].0;
            let figures = match group.pop() {
                Some((_, name, None)) if group.is_empty() => Figures::Counted(name),
                last => {
                    let mut sum = Service::default();
                    for (told_by, name, own) in group.into_iter().chain(last) {
                        sum.merge(own.as_ref().unwrap_or_else(|| &count.services[told_by as usize][&name]));
                    }
                    Figures::Own(Box::new(sum))
                }
            };
            self.wholes.push(Whole { name, names: names.into_iter().collect(), told_by, figures });
        }
    }

    fn put_in_order(&mut self, count: &RedCount) {
        self.put_together(count);
        for (at, whole) in self.wholes.iter().enumerate() {
            let service = whole.service(count);
            let n_requests = service.all.n_requests;
            self.n_requests += n_requests;
            self.services.order.push(Row { whole: at, route: None, n_requests });
            for (route, tally) in &service.routes {
                self.routes.order.push(Row { whole: at, route: Some(route.clone()), n_requests: tally.n_requests });
            }
        }
        let most = self.most.unwrap_or(MOST_ROUTES);
        for rows in [&mut self.services, &mut self.routes] {
            rows.put_in_order(&self.wholes, most);
        }
    }

    /// All steps are done.
    pub fn finish(self, count: &RedCount) -> Red {
        Red {
            routes: self.routes.told,
            services: self.services.told,
            range: count.range,
            n_requests: self.n_requests + count.n_of_no_service,
            n_left_out: count.n_left_out,
            n_points_left_out: self.n_points_left_out,
            complete: self.most.is_none(),
        }
    }
}

impl Rows {
    /// The one of most requests first, at most so many.
    fn put_in_order(&mut self, wholes: &[Whole], most: usize) {
        let before = |a: &Row, b: &Row| {
            let name = |row: &Row| &wholes[row.whole].name;
            b.n_requests.cmp(&a.n_requests).then_with(|| (name(a), &a.route).cmp(&(name(b), &b.route)))
        };
        if self.order.len() > most && most > 0 {
            self.order.select_nth_unstable_by(most - 1, before);
            self.order.truncate(most);
        }
        self.order.sort_by(before);
    }

    fn has_more(&self) -> bool {
        self.told.len() < self.order.len()
    }

    /// Tells further ones, of about so many numbers. Gives how many are left of those.
    fn tell_some(&mut self, count: &RedCount, wholes: &[Whole], mut n_numbers: usize) -> usize {
        while n_numbers > 0
            && let Some(row) = self.order.get(self.told.len())
        {
            let whole = &wholes[row.whole];
            let service = whole.service(count);
            let tally = row.route.as_ref().map_or(&service.all, |route| &service.routes[route]);
            n_numbers = n_numbers.saturating_sub(ROW_WORK + tally.durations.n_kept() + tally.course.len());
            let route = row.route.as_deref().unwrap_or_default();
            let (names, seconds) = (whole.names.clone(), service.seconds.or_else(|| count.seconds()));
            self.told.push(RouteRed { seconds, names, ..count.told_of(&whole.name, route, whole.told_by, tally) });
        }
        n_numbers
    }
}
