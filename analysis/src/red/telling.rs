//! What was counted, put together in steps: which services spans tell of, which an access log and which metrics alone; what those
//! metrics say; and the figures of each service and route.

use std::collections::BTreeSet;

use model::red::{Red, RouteRed, ToldBy};

use super::scraped::Scraped;
use super::{MOST_ROUTES, RedCount, Service};

/// Numbers that a route has more than its figures: sorting and finding it.
const ROW_WORK: usize = 64;

#[derive(Default)]
pub struct Telling {
    stage: Stage,
    /// Rows that are told; `None`: all that are told apart.
    most: Option<usize>,
    /// Only metrics tell of them, and no step was made for them: the next one last.
    left: Vec<Box<str>>,
    of_points: Vec<(Box<str>, Service)>,
    n_requests: u64,
    n_points_left_out: u64,
    services: Rows,
    routes: Rows,
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
    of: Of,
    /// `None`: all of the service.
    route: Option<Box<str>>,
    n_requests: u64,
}

/// Whose requests, and where they are counted.
#[derive(Clone)]
enum Of {
    Entries(ToldBy, Box<str>),
    /// By their number among those that only metrics tell of.
    Points(usize),
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
                let n_left = self.services.tell_some(count, &self.of_points, n_numbers);
                self.routes.tell_some(count, &self.of_points, n_left);
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
        let of_logs: Vec<&str> = by_log.keys().map(|name| &**name).filter(has_no_spans).collect();
        let of =
            |told_by: ToldBy, name: &str| (Of::Entries(told_by, name.into()), &count.services[told_by as usize][name]);
        let of_spans = by_spans.keys().map(|name| of(ToldBy::Spans, name));
        let counted: Vec<(Of, &Service)> =
            of_spans.chain(of_logs.iter().map(|name| of(ToldBy::AccessLog, name))).collect();
        counted.into_iter().for_each(|(of, service)| self.take(of, service));
        told.extend(by_log.keys().map(|service| key(service)));
        let is_told = |service: &str| told.contains(&key(service));
        if self.most.is_none() {
            let names = count.points.services().into_iter().rev();
            self.left = names.filter(|name| !is_told(name)).map(Box::from).collect();
        }
        self.n_points_left_out = count.points.n_left_out(is_told);
    }

    fn take(&mut self, of: Of, service: &Service) {
        self.n_requests += service.all.n_requests;
        self.services.order.push(Row { of: of.clone(), route: None, n_requests: service.all.n_requests });
        for (route, tally) in &service.routes {
            self.routes.order.push(Row { of: of.clone(), route: Some(route.clone()), n_requests: tally.n_requests });
        }
    }

    fn put_in_order(&mut self, count: &RedCount) {
        let of_points = std::mem::take(&mut self.of_points);
        for (at, (_, service)) in of_points.iter().enumerate() {
            self.take(Of::Points(at), service);
        }
        self.of_points = of_points;
        let most = self.most.unwrap_or(MOST_ROUTES);
        for rows in [&mut self.services, &mut self.routes] {
            rows.put_in_order(count, &self.of_points, most);
        }
    }

    /// All steps are done.
    pub fn finish(self, count: &RedCount) -> Red {
        Red {
            routes: self.routes.told,
            services: self.services.told,
            range: count.range,
            n_requests: self.n_requests,
            n_left_out: count.n_left_out,
            n_points_left_out: self.n_points_left_out,
            complete: self.most.is_none(),
        }
    }
}

impl Rows {
    /// The one of most requests first, at most so many.
    fn put_in_order(&mut self, count: &RedCount, of_points: &[(Box<str>, Service)], most: usize) {
        let before = |a: &Row, b: &Row| {
            let names = || (find(&a.of, count, of_points).0, find(&b.of, count, of_points).0);
            b.n_requests.cmp(&a.n_requests).then_with(|| {
                let (of_a, of_b) = names();
                (of_a, &a.route).cmp(&(of_b, &b.route))
            })
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
    fn tell_some(&mut self, count: &RedCount, of_points: &[(Box<str>, Service)], mut n_numbers: usize) -> usize {
        while n_numbers > 0
            && let Some(row) = self.order.get(self.told.len())
        {
            let (name, told_by, service) = find(&row.of, count, of_points);
            let tally = row.route.as_ref().map_or(&service.all, |route| &service.routes[route]);
            n_numbers = n_numbers.saturating_sub(ROW_WORK + tally.durations.n_kept() + tally.course.len());
            let route = row.route.as_deref().unwrap_or_default();
            let seconds = service.seconds;
            self.told.push(RouteRed { seconds, ..count.told_of(name, route, told_by, tally) });
        }
        n_numbers
    }
}

fn find<'c>(of: &'c Of, count: &'c RedCount, of_points: &'c [(Box<str>, Service)]) -> (&'c str, ToldBy, &'c Service) {
    match of {
        Of::Entries(told_by, name) => (name, *told_by, &count.services[*told_by as usize][name]),
        Of::Points(at) => (&of_points[*at].0, ToldBy::Metrics, &of_points[*at].1),
    }
}
