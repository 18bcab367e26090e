//! Rate, errors and duration of services and their routes (Wilkie 2015), from spans or access logs, whichever a service has.
//!
//! A request is a span that serves one (kind server or consumer, or a root without a kind), or a log entry that has method, path and
//! status. Where a service has spans its access log is not counted: both tell of the same requests.

mod route;
pub use route::route_of;

use model::entry::{RowKey, Value};
use model::red::{Red, RouteRed, ToldBy};
use model::time::TimeRange;
use model::topology::Durations;

use crate::answer::quantiles::Quantiles;
use crate::format::Parsed;
use crate::ids::ids_of;
use crate::quick_hash::QuickMap;
use crate::topology::Sighting;
use crate::topology::names::service_of;
use crate::topology::sighting::{duration_of, is_error, is_point};

/// Routes that are told apart; requests of further ones are counted only.
const MOST_ROUTES: usize = 5_000;

/// The requests so far. Takes entries in any order.
#[derive(Clone, Default)]
pub struct RedCount {
    range: Option<TimeRange>,
    n_spans: usize,
    places: QuickMap<(Box<str>, Box<str>, bool), usize>,
    routes: Vec<Tally>,
    n_left_out: u64,
}

#[derive(Clone)]
struct Tally {
    service: Box<str>,
    route: Box<str>,
    told_by: ToldBy,
    n_requests: u64,
    n_errors: u64,
    durations: Quantiles,
    course: Vec<(u32, u32)>,
    slowest: Option<(i64, RowKey)>,
    last_error: Option<RowKey>,
}

impl Tally {
    fn merge(&mut self, other: &Self) {
        self.n_requests += other.n_requests;
        self.n_errors += other.n_errors;
        for (number, n) in other.durations.spread() {
            self.durations.add(number, n);
        }
        for (sum, span) in self.course.iter_mut().zip(&other.course) {
            *sum = (sum.0 + span.0, sum.1 + span.1);
        }
        self.slowest = self.slowest.max(other.slowest);
        self.last_error = self.last_error.max(other.last_error);
    }
}

/// What an entry tells of a request.
struct Request {
    route: String,
    told_by: ToldBy,
    is_error: bool,
}

impl RedCount {
    /// `range`: what courses are over.
    pub fn new(range: Option<TimeRange>, n_spans: usize) -> Self {
        Self { range, n_spans: n_spans.max(1), ..Self::default() }
    }

    /// Takes an entry in, if it tells of a request. `is_dated`: its time is known.
    pub fn push(&mut self, seen: Sighting<'_>, is_dated: bool) {
        let Some(request) = request_of(&seen) else { return };
        let key = (seen.service.into(), request.route.as_str().into(), request.told_by == ToldBy::Spans);
        let place = match self.places.get(&key) {
            Some(&place) => place,
            None if self.routes.len() == MOST_ROUTES => {
                self.n_left_out += 1;
                return;
            }
            None => {
                self.routes.push(Tally {
                    service: key.0.clone(),
                    route: key.1.clone(),
                    told_by: request.told_by,
                    n_requests: 0,
                    n_errors: 0,
                    durations: Quantiles::default(),
                    course: vec![(0, 0); self.n_spans],
                    slowest: None,
                    last_error: None,
                });
                self.places.insert(key, self.routes.len() - 1);
                self.routes.len() - 1
            }
        };
        let tally = &mut self.routes[place];
        tally.n_requests += 1;
        if let Some(nanos) = duration_of(&seen.parsed.fields) {
            tally.durations.add(nanos as f64, 1);
            tally.slowest = tally.slowest.max(Some((nanos, seen.key)));
        }
        if request.is_error {
            tally.n_errors += 1;
            tally.last_error = tally.last_error.max(Some(seen.key));
        }
        if let Some(range) = self.range.filter(|range| is_dated && range.contains(seen.key.time)) {
            let width = (i128::from(range.end.0) - i128::from(range.start.0)).max(1);
            let since = i128::from(seen.key.time.0) - i128::from(range.start.0);
            let span = &mut tally.course[(since * self.n_spans as i128 / width) as usize];
            span.0 += 1;
            span.1 += u32::from(request.is_error);
        }
    }

    /// The routes of all requests, the one of most first. Services are called what entries call them, so that a query finds those.
    pub fn red(&self, complete: bool) -> Red {
        // Spans and logs may call it differently.
        fn named(tally: &Tally) -> &str {
            service_of(&tally.service).name
        }
        let has_spans: std::collections::BTreeSet<&str> =
            self.routes.iter().filter(|tally| tally.told_by == ToldBy::Spans).map(named).collect();
        let counts = |tally: &&Tally| tally.told_by == ToldBy::Spans || !has_spans.contains(named(tally));
        let mut services: Vec<Tally> = Vec::new();
        for tally in self.routes.iter().filter(counts) {
            match services.iter_mut().find(|known| known.service == tally.service) {
                Some(service) => service.merge(tally),
                None => services.push(Tally { route: Box::default(), ..tally.clone() }),
            }
        }
        let routes = self.told(self.routes.iter().filter(counts));
        let n_requests = routes.iter().map(|route| route.n_requests).sum();
        let services = self.told(services.iter());
        Red { routes, services, range: self.range, n_requests, n_left_out: self.n_left_out, complete }
    }

    /// The one of most requests first.
    fn told<'t>(&self, tallies: impl Iterator<Item = &'t Tally>) -> Vec<RouteRed> {
        let mut told: Vec<RouteRed> = tallies.map(|tally| self.told_of(tally)).collect();
        told.sort_by(|a, b| {
            b.n_requests.cmp(&a.n_requests).then_with(|| (&a.service, &a.route).cmp(&(&b.service, &b.route)))
        });
        told
    }

    fn told_of(&self, tally: &Tally) -> RouteRed {
        let at = |hundredths| tally.durations.at(hundredths).map(|nanos| nanos as i64);
        let durations = || Some(Durations { p50: at(50_00)?, p95: at(95_00)?, p99: at(99_00)? });
        RouteRed {
            service: tally.service.to_string(),
            route: tally.route.to_string(),
            told_by: tally.told_by,
            n_requests: tally.n_requests,
            n_errors: tally.n_errors,
            durations: durations(),
            course: if self.range.is_some() { tally.course.clone() } else { Vec::new() },
            slowest: tally.slowest.map(|(_, key)| key),
            last_error: tally.last_error,
        }
    }
}

fn request_of(seen: &Sighting<'_>) -> Option<Request> {
    let parsed = seen.parsed;
    if is_point(parsed) {
        return None;
    }
    let status =
        number(parsed, &["http.response.status_code", "http.status_code", "status_code", "status", "response_code"]);
    let failed = is_error(seen.severity) || status.is_some_and(|status| status >= 500);
    let method =
        text(parsed, &["http.request.method", "http.method", "method", "http_method", "request_method", "verb"]);
    if parsed.fields.iter().any(|field| field.name.starts_with("span.")) {
        return serves(parsed).then(|| {
            let path = text(parsed, &["http.route", "url.path", "http.target", "http.url"]);
            // `GET /users/7` is a path behind a method; `charge card` is a name.
            let named = parsed.message.split_once(' ').filter(|(_, path)| path.starts_with('/'));
            let route = match (path, named) {
                (Some(path), _) => with_method(method, path),
                (None, Some((method, path))) => with_method(Some(method), path),
                (None, None) => parsed.message.clone(),
            };
            let said = text(parsed, &["span.status"]).is_some_and(|status| status.eq_ignore_ascii_case("error"));
            Request { route, told_by: ToldBy::Spans, is_error: failed || said }
        });
    }
    let path =
        text(parsed, &["path", "uri", "url", "request_uri", "request_path", "url_path", "url.path", "http.target"])?;
    let is_answered = status.is_some_and(|status| (100..600).contains(&status));
    (method.is_some() && is_answered).then(|| Request {
        route: with_method(method, path),
        told_by: ToldBy::AccessLog,
        is_error: failed,
    })
}

fn with_method(method: Option<&str>, path: &str) -> String {
    let asked = path.find(['?', '#']).map_or(path, |end| &path[..end]);
    // What is a route already says so by its own signs.
    let is_route = asked.starts_with('/') && asked.split('/').any(|part| part.starts_with(['{', ':']));
    let route = if is_route { asked.to_owned() } else { route_of(path) };
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
    use model::time::Nanos;

    /// `severity`: as a reader would have found it.
    fn red_of(lines: &[(&str, &str, Severity)]) -> Red {
        let formats = Formats::builtin();
        let mut count = RedCount::new(Some(TimeRange { start: Nanos(0), end: Nanos(10) }), 2);
        for (at, (format, line, severity)) in lines.iter().enumerate() {
            let parsed = formats.parse(formats.id(format), line);
            let service = parsed.service.clone().unwrap_or_else(|| "web".to_owned());
            let key = RowKey { time: Nanos(at as i64), entry: at as u64, ..RowKey::default() };
            count.push(Sighting { key, service: &service, severity: *severity, parsed: &parsed }, true);
        }
        count.red(true)
    }

    fn told(red: &Red) -> Vec<(String, u64, u64)> {
        red.routes.iter().map(|r| (format!("{}: {}", r.service, r.route), r.n_requests, r.n_errors)).collect()
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
    fn spans_that_serve_are_requests_and_the_same_requests_in_a_log_are_not_counted_again() {
        let span = |kind: &str, name: &str, attributes: &str| {
            format!(
                r#"{{"time":1,"severity_number":9,"service":"cart","span":{{"name":"{name}","kind":"{kind}","duration_ms":5}},"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","parent_span_id":"53995c3f42cd8ad8","attributes":{{{attributes}}}}}"#
            )
        };
        let lines = [
            span("server", "GET /carts/17", ""),
            span("server", "GET", r#""http.route":"/carts/{id}","http.request.method":"GET""#),
            span("client", "GET /stock", ""),
            span("consumer", "handle order", r#""http.response.status_code":502"#),
        ];
        let mut all: Vec<(&str, &str, Severity)> =
            lines.iter().map(|line| ("span", line.as_str(), Severity::INFO)).collect();
        all.push(("logfmt", "service=cart msg=served method=GET path=/carts/3 status=200", Severity::INFO));
        let red = red_of(&all);
        assert_eq!(told(&red), [("cart: GET /carts/{id}".to_owned(), 2, 0), ("cart: handle order".to_owned(), 1, 1)]);
    }
}
