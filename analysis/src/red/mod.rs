//! Rate, errors and duration of services and their routes (Wilkie 2015), from spans, access logs or metrics, the first that a service has.
//!
//! A request is a span that serves one (kind server or consumer, or a root without a kind), or a log entry that has method, path and
//! status. Where a service has spans its access log is not counted, and where it has either its metrics are not ([`points`]): all tell of
//! the same requests.

mod buckets;
use buckets::Histogram;

pub(crate) mod labels;

mod points;

mod route;
pub use route::route_of;

mod scraped;

mod telling;
pub use telling::Telling;

use std::collections::BTreeSet;
use std::rc::Rc;

use model::entry::{RowKey, Value};
use model::naming::Naming;
use model::red::{Red, RouteRed, ToldBy};
use model::time::{Nanos, TimeRange};
use model::topology::Durations;

use crate::answer::quantiles::Quantiles;
use crate::format::Parsed;
use crate::ids::ids_of;
use crate::quick_hash::QuickMap;
use crate::topology::Sighting;
use crate::topology::duration::duration_of;
use crate::topology::names::{key_among, service_unless};
use crate::topology::sighting::{http_status, is_error, is_point, says_own_name};
use points::Points;

/// Routes that are told apart; requests of further ones are counted for their service only,
const MOST_ROUTES: usize = 5_000;
/// and those of services beyond so many in all only.
const MOST_SERVICES: usize = 5_000;
/// Routes that are told while requests are counted: more than a screen has room for.
const MOST_SO_FAR: usize = 200;

/// The requests so far. Takes entries in any order.
#[derive(Clone, Default)]
pub struct RedCount {
    naming: Rc<Naming>,
    range: Option<TimeRange>,
    n_spans: usize,
    /// When the first request was that an entry tells of, and when the last.
    requested: Option<(Nanos, Nanos)>,
    /// By service, once for its spans and once for its access log.
    services: [QuickMap<Box<str>, Service>; 2],
    /// Names that services say of themselves, which are no parts of a set.
    own_names: BTreeSet<Box<str>>,
    points: Points,
    n_routes: usize,
    n_services: usize,
    /// Requests on further routes, and those among them of further services.
    n_left_out: u64,
    n_of_no_service: u64,
}

/// All requests of a service, and those of each route.
#[derive(Clone, Default)]
struct Service {
    all: Tally,
    routes: QuickMap<Box<str>, Tally>,
    /// From the first scrape of its metrics to the last.
    seconds: Option<f64>,
}

#[derive(Clone, Default)]
struct Tally {
    n_requests: u64,
    n_errors: u64,
    n_refused: Option<u64>,
    durations: Quantiles,
    /// What is known of durations by the buckets of metrics, in nanoseconds.
    histogram: Histogram,
    course: Vec<(u32, u32)>,
    slowest: Option<(i64, RowKey)>,
    last_error: Option<RowKey>,
}

impl Tally {
    fn add(&mut self, one: &One, n_spans: usize) {
        self.n_requests += 1;
        if let Some(nanos) = one.duration {
            self.durations.add(nanos as f64, 1);
            self.slowest = self.slowest.max(Some((nanos, one.key)));
        }
        if let Some(status) = one.status {
            *self.n_refused.get_or_insert(0) += u64::from((400..500).contains(&status));
        }
        if one.is_error {
            self.n_errors += 1;
            self.last_error = self.last_error.max(Some(one.key));
        }
        if let Some(span) = one.span {
            self.course.resize(n_spans, (0, 0));
            self.course[span].0 += 1;
            self.course[span].1 += u32::from(one.is_error);
        }
    }

    fn merge(&mut self, other: &Self) {
        self.n_requests += other.n_requests;
        self.n_errors += other.n_errors;
        if let Some(n_refused) = other.n_refused {
            *self.n_refused.get_or_insert(0) += n_refused;
        }
        for (nanos, n) in other.durations.spread() {
            self.durations.add(nanos, n);
        }
        self.histogram.merge(&other.histogram);
        self.course.resize(self.course.len().max(other.course.len()), (0, 0));
        for (sum, one) in self.course.iter_mut().zip(&other.course) {
            *sum = (sum.0 + one.0, sum.1 + one.1);
        }
        self.slowest = self.slowest.max(other.slowest);
        self.last_error = self.last_error.max(other.last_error);
    }
}

impl Service {
    /// Adds what is told of it under another name.
    fn merge(&mut self, other: &Self) {
        self.all.merge(&other.all);
        for (route, tally) in &other.routes {
            self.routes.entry(route.clone()).or_default().merge(tally);
        }
        self.seconds = match (self.seconds, other.seconds) {
            (Some(own), Some(others)) => Some(own.max(others)),
            (own, others) => own.or(others),
        };
    }
}

/// One request.
struct One {
    key: RowKey,
    duration: Option<i64>,
    is_error: bool,
    status: Option<i64>,
    /// Of the course.
    span: Option<usize>,
}

/// What an entry tells of a request.
struct Request {
    route: String,
    told_by: ToldBy,
    is_error: bool,
    status: Option<i64>,
}

impl RedCount {
    /// `range`: what courses are over. `naming`: what the user says of names of services.
    pub fn new(range: Option<TimeRange>, n_spans: usize, naming: &Rc<Naming>) -> Self {
        Self { naming: naming.clone(), range, n_spans: n_spans.max(1), ..Self::default() }
    }

    /// Takes an entry in, if it tells of a request. `is_dated`: its time is known.
    pub fn push(&mut self, seen: Sighting<'_>, is_dated: bool) {
        if is_point(seen.parsed) {
            let span = self.span_of(seen.key.time, is_dated);
            return self.points.push(&seen, span);
        }
        let Some(request) = request_of(&seen) else { return };
        let span = self.span_of(seen.key.time, is_dated);
        if is_dated {
            let time = seen.key.time;
            let (first, last) = self.requested.unwrap_or((time, time));
            self.requested = Some((first.min(time), last.max(time)));
        }
        let services = &mut self.services[request.told_by as usize];
        if !services.contains_key(seen.service) {
            if self.n_services == MOST_SERVICES {
                self.n_left_out += 1;
                self.n_of_no_service += 1;
                return;
            }
            self.n_services += 1;
            services.insert(seen.service.into(), Service::default());
        }
        if says_own_name(seen.parsed) && !self.own_names.contains(seen.service) {
            self.own_names.insert(seen.service.into());
        }
        let Request { route, is_error, status, .. } = request;
        let one = One { key: seen.key, duration: duration_of(&seen.parsed.fields), is_error, status, span };
        let service = services.get_mut(seen.service).expect("it is there or was just put there");
        service.all.add(&one, self.n_spans);
        match service.routes.get_mut(&*route) {
            Some(tally) => tally.add(&one, self.n_spans),
            None if self.n_routes == MOST_ROUTES => self.n_left_out += 1,
            None => {
                self.n_routes += 1;
                service.routes.entry(route.into()).or_default().add(&one, self.n_spans);
            }
        }
    }

    /// Of the course.
    fn span_of(&self, time: Nanos, is_dated: bool) -> Option<usize> {
        let range = self.range.filter(|range| is_dated && range.contains(time))?;
        let width = (i128::from(range.end.0) - i128::from(range.start.0)).max(1);
        let since = i128::from(time.0) - i128::from(range.start.0);
        Some((since * self.n_spans as i128 / width) as usize)
    }

    /// What rates of requests are over that entries tell of: other entries may be months away. `None`: they are all of one time.
    fn seconds(&self) -> Option<f64> {
        let (first, last) = self.requested.filter(|(first, last)| first < last)?;
        Some((last.0 as f64 - first.0 as f64) / 1e9)
    }

    /// The routes of all requests so far, the one of most first: some of them, and nothing of what only metrics tell.
    pub fn so_far(&self) -> Red {
        self.told(Telling::so_far(MOST_SO_FAR))
    }

    /// The routes of all requests, all at once.
    pub fn red(&self) -> Red {
        self.told(Telling::default())
    }

    fn told(&self, mut telling: Telling) -> Red {
        while telling.step(self, usize::MAX) {}
        telling.finish(self)
    }

    /// What all names of a service have in common: spans and logs may call it differently.
    fn key_of(&self, service: &str) -> String {
        key_among(&self.naming, self.written_name(service))
    }

    /// The service that a name is written to be of: that of a pod, of a log, of a part of a set.
    fn written_name<'n>(&self, service: &'n str) -> &'n str {
        service_unless(service, |name| self.own_names.contains(name) || self.naming.of(name).is_some()).name
    }

    fn told_of(&self, service: &str, route: &str, told_by: ToldBy, tally: &Tally) -> RouteRed {
        let at = |hundredths: u16| {
            let of_histogram = || tally.histogram.at(f64::from(hundredths) / 10_000.0);
            tally.durations.at(hundredths).or_else(of_histogram).map(|nanos| nanos as i64)
        };
        let durations = || Some(Durations { p50: at(50_00)?, p95: at(95_00)?, p99: at(99_00)? });
        RouteRed {
            service: service.to_owned(),
            names: Vec::new(),
            route: route.to_owned(),
            told_by,
            n_requests: tally.n_requests,
            n_errors: tally.n_errors,
            n_refused: tally.n_refused,
            seconds: None,
            durations: durations(),
            course: match (self.range, tally.course.is_empty()) {
                (None, _) => Vec::new(),
                (Some(_), true) => vec![(0, 0); self.n_spans],
                (Some(_), false) => tally.course.clone(),
            },
            slowest: tally.slowest.map(|(_, key)| key),
            last_error: tally.last_error,
        }
    }
}

fn request_of(seen: &Sighting<'_>) -> Option<Request> {
    let parsed = seen.parsed;
    let status = http_status(parsed);
    let failed = is_error(seen.severity) || status.is_some_and(|status| status >= 500);
    let method =
        text(parsed, &["http.request.method", "http.method", "method", "http_method", "request_method", "verb"]);
    if parsed.fields.iter().any(|field| field.name.starts_with("span.")) {
        return serves(parsed).then(|| {
            // What is a route is not taken for a path.
            let named = text(parsed, &["http.route"]).map(|route| with_method(method, route.to_owned()));
            let path = text(parsed, &["url.path", "http.target", "http.url"]);
            // `GET /users/7` is a path behind a method; `charge card` is a name.
            let in_name = || parsed.message.split_once(' ').filter(|(_, path)| path.starts_with('/'));
            let of_path = || path.map(|path| with_method(method, route_of_path(path)));
            let of_name = || in_name().map(|(method, path)| with_method(Some(method), route_of_path(path)));
            let route = named.or_else(of_path).or_else(of_name).unwrap_or_else(|| parsed.message.clone());
            let said = text(parsed, &["span.status"]).is_some_and(|status| status.eq_ignore_ascii_case("error"));
            Request { route, told_by: ToldBy::Spans, is_error: failed || said, status }
        });
    }
    let path =
        text(parsed, &["path", "uri", "url", "request_uri", "request_path", "url_path", "url.path", "http.target"])?;
    (method.is_some() && status.is_some()).then(|| Request {
        route: with_method(method, route_of_path(path)),
        told_by: ToldBy::AccessLog,
        is_error: failed,
        status,
    })
}

/// A path that has signs of a route (`/users/:id`) is one.
fn route_of_path(path: &str) -> String {
    let asked = path.find(['?', '#']).map_or(path, |end| &path[..end]);
    let is_route = asked.starts_with('/') && asked.split('/').any(|part| part.starts_with(['{', ':']));
    if is_route { asked.to_owned() } else { route_of(path) }
}

fn with_method(method: Option<&str>, route: String) -> String {
    match method {
        Some(method) => format!("{method} {route}"),
        None => route,
    }
}

/// Whether a span is a request that its service serves.
fn serves(parsed: &Parsed) -> bool {
    match text(parsed, &["span.kind"]) {
        Some("server" | "consumer") => true,
        Some("client" | "producer") => false,
        _ => ids_of(parsed).0.parent.is_none(),
    }
}

/// The field of one of these names, whatever stands before its last part: the first name that is there.
fn value<'p>(parsed: &'p Parsed, names: &[&str]) -> Option<&'p Value> {
    let is_named = |field: &str, name: &str| {
        field.len() >= name.len()
            && field.is_char_boundary(field.len() - name.len())
            && field[field.len() - name.len()..].eq_ignore_ascii_case(name)
            && (field.len() == name.len() || field[..field.len() - name.len()].ends_with('.'))
    };
    names
        .iter()
        .find_map(|name| parsed.fields.iter().find(|field| is_named(&field.name, name)))
        .map(|field| &field.value)
}

fn text<'p>(parsed: &'p Parsed, names: &[&str]) -> Option<&'p str> {
    match value(parsed, names)? {
        Value::Text(text) if !text.is_empty() => Some(text),
        _ => None,
    }
}

fn number(parsed: &Parsed, names: &[&str]) -> Option<i64> {
    match value(parsed, names)? {
        Value::Int(number) => Some(*number),
        Value::Text(text) => text.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Formats;
    use model::severity::Severity;

    /// `severity`: as a reader would have found it.
    fn red_of(lines: &[(&str, &str, Severity)]) -> Red {
        let formats = Formats::builtin();
        let mut count = RedCount::new(Some(TimeRange { start: Nanos(0), end: Nanos(10) }), 2, &Rc::default());
        for (at, (format, line, severity)) in lines.iter().enumerate() {
            let parsed = formats.parse(formats.id(format), line);
            let service = parsed.service.clone().unwrap_or_else(|| "web".to_owned());
            let key = RowKey { time: Nanos(at as i64), entry: at as u64, ..RowKey::default() };
            count.push(Sighting { key, service: &service, severity: *severity, parsed: &parsed }, true);
        }
        count.red()
    }

    fn told(red: &Red) -> Vec<(String, u64, u64)> {
        red.routes.iter().map(|r| (format!("{}: {}", r.service, r.route), r.n_requests, r.n_errors)).collect()
    }

    #[test]
    fn in_steps_the_same_is_told_as_at_once() {
        let formats = Formats::builtin_of(&["logfmt", "metric"]);
        let mut count = RedCount::new(Some(TimeRange { start: Nanos(0), end: Nanos(1_000) }), 4, &Rc::default());
        for at in 0..400_u64 {
            let (format, line) = match at % 2 {
                0 => ("logfmt", format!("msg=x method=GET path=/r{} status=200 duration_ms={at}", at % 7)),
                _ => (
                    "metric",
                    format!(
                        r#"{{"time":1,"metric":{{"name":"http_requests_total","kind":"sum","value":{at}}},"attributes":{{"path":"/m{}"}}}}"#,
                        at % 5
                    ),
                ),
            };
            let parsed = formats.parse(formats.id(format), &line);
            let service = if at % 2 == 0 { "web" } else { ["api", "cart", "stock"][at as usize % 3] };
            let key = RowKey { time: Nanos(at as i64), entry: at, ..RowKey::default() };
            count.push(Sighting { key, service, severity: Severity::INFO, parsed: &parsed }, true);
        }
        let mut telling = Telling::default();
        let mut n_steps = 0;
        while telling.step(&count, 10) {
            n_steps += 1;
        }
        assert_eq!(telling.finish(&count), count.red());
        assert_eq!(count.red().services.len(), 4);
        assert!(n_steps > 60, "{n_steps}");
    }

    #[test]
    fn a_rate_is_over_the_time_of_the_requests_however_far_away_other_entries_are() {
        let formats = Formats::builtin_of(&["logfmt"]);
        let month = 2_592_000_000_000_000;
        let mut count = RedCount::new(Some(TimeRange { start: Nanos(0), end: Nanos(month) }), 1, &Rc::default());
        let served = "msg=served method=GET path=/cart status=200";
        for (at, line) in [(0, served), (180_000_000_000, served), (month - 1, "msg=started")] {
            let parsed = formats.parse(formats.id("logfmt"), line);
            let key = RowKey { time: Nanos(at), ..RowKey::default() };
            count.push(Sighting { key, service: "web", severity: Severity::INFO, parsed: &parsed }, true);
        }
        let red = count.red();
        assert_eq!((red.services[0].seconds, red.routes[0].seconds), (Some(180.0), Some(180.0)));
    }

    #[test]
    fn an_access_log_is_left_out_only_where_its_own_service_has_spans() {
        let of = |naming: &Naming| {
            let formats = Formats::builtin();
            let mut count = RedCount::new(None, 1, &Rc::new(naming.clone()));
            let span = r#"{"span":{"kind":"server","duration_ms":3},"msg":"GET /cart","trace_id":"7f3a9b21c4d5e6f0"}"#;
            let log = "msg=served method=GET path=/cart status=200";
            for (service, format, line) in [
                ("shop", "json", span),
                ("shop-access", "logfmt", log),
                ("shop-v2", "logfmt", log),
                ("till", "logfmt", log),
            ] {
                let parsed = formats.parse(formats.id(format), line);
                let key = RowKey::default();
                count.push(Sighting { key, service, severity: Severity::INFO, parsed: &parsed }, true);
            }
            count.red().n_requests
        };
        let mut naming = Naming::default();
        assert_eq!(of(&naming), 3);
        naming.join(["till"], "shop");
        assert_eq!(of(&naming), 3, "what is joined has requests of its own");
        naming.part("shop-access");
        assert_eq!(of(&naming), 4);
    }

    #[test]
    fn an_access_log_tells_routes_errors_and_durations() {
        let red = red_of(&[
            ("logfmt", "msg=served method=GET path=/users/7 status=200 duration_ms=10", Severity::INFO),
            ("logfmt", "msg=served method=GET path=/users/8?x=1 status=200 duration_ms=30", Severity::INFO),
            ("logfmt", "msg=served method=GET path=/users/9 status=503 duration_ms=20", Severity::INFO),
            ("logfmt", "msg=served method=POST path=/users status=201", Severity::INFO),
            ("logfmt", "msg=called path=/users status=200", Severity::INFO),
        ]);
        assert_eq!(told(&red), [("web: GET /users/{id}".to_owned(), 3, 1), ("web: POST /users".to_owned(), 1, 0)]);
        let first = &red.routes[0];
        assert_eq!(first.durations.map(|d| (d.p50, d.p99)), Some((20_000_000, 30_000_000)));
        assert_eq!(first.course, [(3, 1), (0, 0)]);
        assert_eq!((first.slowest.map(|key| key.entry), first.last_error.map(|key| key.entry)), (Some(1), Some(2)));
        assert_eq!((first.told_by, red.n_requests), (ToldBy::AccessLog, 4));
        let [all] = &red.services[..] else { panic!("one service") };
        assert_eq!((all.n_requests, all.n_errors, &all.course[..]), (4, 1, &[(4, 1), (0, 0)][..]));
        assert_eq!((all.durations, all.slowest), (first.durations, first.slowest));
    }

    #[test]
    fn requests_on_more_routes_than_are_told_apart_are_those_of_their_service_all_the_same() {
        let formats = Formats::builtin_of(&["logfmt"]);
        let mut count = RedCount::new(None, 1, &Rc::default());
        count.n_routes = MOST_ROUTES - 1;
        let mut push = |service: &str, path: &str| {
            let line = format!("msg=served method=GET path={path} status=200");
            let parsed = formats.parse(formats.id("logfmt"), &line);
            let key = RowKey::default();
            count.push(Sighting { key, service, severity: Severity::INFO, parsed: &parsed }, true);
        };
        for (service, path) in [("web", "/cart"), ("web", "/orders"), ("web", "/cart"), ("api", "/stock")] {
            push(service, path);
        }
        let red = count.red();
        let all: Vec<_> = red.services.iter().map(|one| (&*one.service, one.n_requests)).collect();
        assert_eq!(all, [("web", 3), ("api", 1)]);
        assert_eq!(told(&red), [("web: GET /cart".to_owned(), 2, 0)]);
        assert_eq!((red.n_requests, red.n_left_out), (4, 2));
        count.n_services = MOST_SERVICES;
        let line = "msg=served method=GET path=/cart status=200";
        let parsed = formats.parse(formats.id("logfmt"), line);
        for service in ["till", "web"] {
            let key = RowKey::default();
            count.push(Sighting { key, service, severity: Severity::INFO, parsed: &parsed }, true);
        }
        let red = count.red();
        assert_eq!((red.services.len(), red.n_requests, red.n_left_out), (2, 6, 3));
    }

    #[test]
    fn a_service_with_several_names_has_one_row_for_each_route() {
        let line = |service: &str, millis: u32| {
            format!("service={service} msg=served method=GET path=/pay status=200 duration_ms={millis}")
        };
        let lines = [line("payment-svc-v2", 10), line("payment", 30), line("cart-5c67c48447-fj8b7", 5)];
        let lines: Vec<_> = lines.iter().map(|line| ("logfmt", line.as_str(), Severity::INFO)).collect();
        let red = red_of(&lines);
        assert_eq!(told(&red), [("payment: GET /pay".to_owned(), 2, 0), ("cart: GET /pay".to_owned(), 1, 0)]);
        assert_eq!(red.routes[0].names, ["payment", "payment-svc-v2"]);
        assert_eq!(red.routes[1].names, ["cart-5c67c48447-fj8b7"]);
        assert_eq!(red.services[0].durations.map(|of| of.p99), Some(30_000_000));
        assert_eq!((red.services[0].course.as_slice(), red.n_requests), (&[(2, 0), (0, 0)][..], 3));
    }

    #[test]
    fn spans_that_serve_are_requests_and_the_same_requests_in_a_log_are_not_counted_again() {
        let span = |kind: &str, name: &str, attributes: &str| {
            format!(
                r#"{{"time":1,"severity_number":9,"service":"cart","span":{{"name":"{name}","kind":"{kind}","duration_ms":5}},"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","parent_span_id":"53995c3f42cd8ad8","attributes":{{{attributes}}}}}"#
            )
        };
        let lines = [
            span("server", "GET /carts/17", ""),
            span("server", "GET", r#""http.route":"/carts/{id}","http.request.method":"GET""#),
            span(
                "server",
                "GET",
                r#""http.route":"/v2024/carts","http.request.method":"GET","url.path":"/v2024/carts""#,
            ),
            span("client", "GET /stock", ""),
            span("consumer", "handle order", r#""http.response.status_code":502"#),
        ];
        let mut all: Vec<(&str, &str, Severity)> =
            lines.iter().map(|line| ("span", line.as_str(), Severity::INFO)).collect();
        all.push(("logfmt", "service=cart msg=served method=GET path=/carts/3 status=200", Severity::INFO));
        let red = red_of(&all);
        assert_eq!(
            told(&red),
            [
                ("cart: GET /carts/{id}".to_owned(), 2, 0),
                ("cart: GET /v2024/carts".to_owned(), 1, 0),
                ("cart: handle order".to_owned(), 1, 1)
            ]
        );
    }
}
