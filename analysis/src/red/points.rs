//! Requests that only metrics count: counters and histograms of servers by their usual names.
//!
//! A counter tells how many there were since its process began: what counts is by how much it grew from one scrape to the next, and all of
//! it where there is one scrape only. One that falls began anew; one that falls at every other step tells the amounts themselves (delta
//! temporality). Percentiles are as exact as the buckets of the histogram. Takes points in any order.

use std::collections::BTreeSet;

use model::entry::RowKey;
use model::time::Nanos;

use super::{Service, Tally, number, route_of_path, text, with_method};
use crate::format::Parsed;
use crate::quick_hash::{QuickMap, hash_of};
use crate::topology::Sighting;

/// Metrics that count requests which a service serves, the most telling first. A name fits with `_` for `.` as well, and with `_total`,
/// `_seconds` or `_milliseconds` behind it.
const FAMILIES: [&str; 14] = [
    // OpenTelemetry, semantic conventions, and what they were before.
    "http.server.request.duration",
    "http.server.duration",
    "rpc.server.call.duration",
    "rpc.server.duration",
    // Micrometer.
    "http.server.requests",
    // Prometheus client libraries and middlewares.
    "http.requests",
    "http.request.duration",
    "http.requests.duration",
    "http.request",
    "grpc.server.handled",
    "grpc.server.handling",
    // Proxies.
    "istio.requests",
    "traefik.service.requests",
    "nginx.http.requests",
];
/// Further points are not taken: some 30 MB.
const MOST_POINTS: usize = 200_000;

#[derive(Clone, Default)]
pub struct Points {
    series: QuickMap<Box<str>, QuickMap<u64, Series>>,
    n_points: usize,
}

#[derive(Clone)]
struct Series {
    family: usize,
    route: Box<str>,
    has_status: bool,
    is_error: bool,
    points: Vec<Point>,
}

#[derive(Clone)]
struct Point {
    key: RowKey,
    /// Of the course.
    span: Option<usize>,
    count: f64,
    /// The middle of each bucket, in nanoseconds, and how many requests were in it.
    buckets: Box<[(f64, f64)]>,
}

impl Points {
    /// Takes in a data point, if it counts requests. `span`: of the course.
    pub fn push(&mut self, seen: &Sighting<'_>, span: Option<usize>) {
        let parsed = seen.parsed;
        let Some((family, per_nano)) = family_of(parsed) else { return };
        let counted = number_of(parsed, "metric.count").or_else(|| number_of(parsed, "metric.value"));
        let Some(count) = counted.filter(|count| count.is_finite() && *count >= 0.0) else { return };
        if self.n_points == MOST_POINTS {
            return;
        }
        self.n_points += 1;
        let of_service = match self.series.get_mut(seen.service) {
            Some(of_service) => of_service,
            None => self.series.entry(seen.service.into()).or_default(),
        };
        let series = of_service.entry(labels_of(family, parsed)).or_insert_with(|| series_of(family, parsed));
        series.points.push(Point { key: seen.key, span, count, buckets: buckets_of(parsed, per_nano) });
    }

    /// What the metrics of each service tell, ordered by name; of those that `is_told` otherwise nothing.
    pub fn services(&self, n_spans: usize, is_told: impl Fn(&str) -> bool) -> Vec<(&str, Service)> {
        let mut names: Vec<&str> = self.series.keys().map(|name| &**name).filter(|name| !is_told(name)).collect();
        names.sort_unstable();
        names.into_iter().map(|name| (name, service_of(&self.series[name], n_spans))).collect()
    }
}

/// Which of [`FAMILIES`], and how many nanoseconds its numbers are each.
fn family_of(parsed: &Parsed) -> Option<(usize, f64)> {
    let dotted = parsed.message.to_ascii_lowercase().replace('_', ".");
    let name = dotted.strip_suffix(".total").unwrap_or(&dotted);
    let units = [(".milliseconds", 1e6), (".seconds", 1e9)];
    let by_name = units.iter().find_map(|(unit, nanos)| Some((name.strip_suffix(unit)?, *nanos)));
    let (name, nanos) = by_name.unwrap_or((name, 0.0));
    let family = FAMILIES.iter().position(|family| *family == name)?;
    let by_unit = match text(parsed, &["metric.unit"]) {
        Some("ms" | "milliseconds") => 1e6,
        Some("us" | "µs" | "microseconds") => 1e3,
        Some("ns" | "nanoseconds") => 1.0,
        // What was there before the semantic conventions were stable has milliseconds.
        None if nanos == 0.0 && name.ends_with("server.duration") => 1e6,
        _ => 1e9,
    };
    Some((family, if nanos > 0.0 { nanos } else { by_unit }))
}

fn number_of(parsed: &Parsed, name: &str) -> Option<f64> {
    let field = parsed.fields.iter().find(|field| field.name == name)?;
    field.value.to_string().parse().ok()
}

fn labels_of(family: usize, parsed: &Parsed) -> u64 {
    let is_label = |name: &str| name.starts_with("attributes.") || name.starts_with("resource.");
    let labels: BTreeSet<String> = parsed
        .fields
        .iter()
        .filter(|field| is_label(&field.name))
        .map(|field| format!("{}={}", field.name, field.value))
        .collect();
    let labels: Vec<String> = labels.into_iter().collect();
    hash_of(format!("{family} {}", labels.join("\0")).as_bytes())
}

fn series_of(family: usize, parsed: &Parsed) -> Series {
    let method = text(parsed, &["http.request.method", "http.method", "method", "http_method", "request_method"]);
    let path = text(
        parsed,
        &["http.route", "route", "handler", "path", "uri", "endpoint", "url", "rpc.method", "grpc_method"],
    );
    let of_path = |path: &str| if path.starts_with('/') { route_of_path(path) } else { path.to_owned() };
    let route = path.map_or_else(|| parsed.message.clone(), of_path);
    const STATUS: [&str; 6] =
        ["http.response.status_code", "http.status_code", "status_code", "code", "status", "response_code"];
    let code = number(parsed, &STATUS);
    // `5xx`, and gRPC's names of what a server is to blame for.
    let word = text(parsed, &STATUS).or_else(|| text(parsed, &["grpc_code", "rpc.grpc.status_code", "outcome"]));
    let is_bad_word = |word: &str| {
        let word = word.to_ascii_lowercase();
        ["5xx", "server_error", "internal", "unavailable", "unknown", "dataloss", "deadlineexceeded", "unimplemented"]
            .contains(&&*word)
            || word.len() == 3 && word.starts_with('5') && word.bytes().all(|byte| byte.is_ascii_digit())
    };
    Series {
        family,
        route: with_method(method, route).into(),
        has_status: code.is_some() || word.is_some(),
        is_error: code.is_some_and(|code| (500..600).contains(&code)) || word.is_some_and(is_bad_word),
        points: Vec::new(),
    }
}

fn buckets_of(parsed: &Parsed, nanos: f64) -> Box<[(f64, f64)]> {
    let list = |name: &str| -> Vec<f64> {
        let field = parsed.fields.iter().find(|field| field.name == name);
        let Some(written) = field.map(|field| field.value.to_string()) else { return Vec::new() };
        let inside = written.trim_start_matches('[').trim_end_matches(']');
        inside.split(',').filter_map(|number| number.trim().parse().ok()).collect()
    };
    let (bounds, counts) = (list("metric.bounds"), list("metric.buckets"));
    if bounds.is_empty() || counts.len() != bounds.len() + 1 {
        return Box::default();
    }
    let middle = |at: usize| match (at.checked_sub(1).map(|before| bounds[before]), bounds.get(at)) {
        (before, Some(bound)) => (before.unwrap_or(0.0) + bound) / 2.0,
        (before, None) => before.unwrap_or(0.0),
    };
    counts.iter().enumerate().map(|(at, count)| (middle(at) * nanos, *count)).collect()
}

fn service_of(all: &QuickMap<u64, Series>, n_spans: usize) -> Service {
    let mut order: Vec<(&u64, &Series)> = all.iter().collect();
    order.sort_by_key(|(labels, series)| (series.family, &series.route, **labels));
    let best = |is_fit: &dyn Fn(&Series) -> bool| {
        order.iter().map(|(_, series)| *series).find(|s| is_fit(s)).map(|s| s.family)
    };
    // Several metrics count the same requests: one of them is believed, one that says how requests ended if there is any.
    let counted = best(&|series| series.has_status).or_else(|| best(&|_| true));
    let timed = best(&|series| series.points.iter().any(|point| !point.buckets.is_empty()));
    let mut service = Service { all: Tally::default(), routes: QuickMap::default() };
    for family in [counted, timed.filter(|_| timed != counted)].into_iter().flatten() {
        let of_family = || order.iter().map(|(_, series)| *series).filter(|series| series.family == family);
        let first = of_family().flat_map(|series| &series.points).map(|point| point.key.time).min();
        for series in of_family() {
            let tallies = [&mut service.all, service.routes.entry(series.route.clone()).or_default()];
            for tally in tallies {
                add(tally, series, (counted == Some(family), timed == Some(family)), first, n_spans);
            }
        }
    }
    service.routes.retain(|_, tally| tally.n_requests > 0);
    service
}

/// `first`: when the family was scraped first; a series that came later began with nothing.
fn add(tally: &mut Tally, series: &Series, (is_counted, is_timed): (bool, bool), first: Option<Nanos>, n_spans: usize) {
    let mut points: Vec<&Point> = series.points.iter().collect();
    points.sort_by_key(|point| point.key);
    let is_fall = |pair: &&[&Point]| pair[1].count < pair[0].count;
    let n_falls = points.windows(2).filter(is_fall).count();
    let tells_amounts = n_falls > 1 && n_falls * 3 > points.len();
    for (at, point) in points.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| points[before]);
        let began = points.len() == 1 || Some(point.key.time) > first;
        let since = match before {
            _ if tells_amounts => None,
            None if began => None,
            None => Some(*point),
            Some(before) if point.count < before.count => None,
            Some(before) => Some(before),
        };
        let n = (point.count - since.map_or(0.0, |since| since.count)).round() as u64;
        if is_counted && n > 0 {
            tally.n_requests += n;
            let n_errors = if series.is_error { n } else { 0 };
            tally.n_errors += n_errors;
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
            for (place, (nanos, count)) in point.buckets.iter().enumerate() {
                let before = since.and_then(|since| since.buckets.get(place)).map_or(0.0, |(_, count)| *count);
                let n = (count - before).max(0.0).round() as u64;
                if n > 0 {
                    tally.durations.add(*nanos, n);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use model::entry::SourceId;
    use model::severity::Severity;

    use super::super::RedCount;
    use super::*;
    use crate::format::Formats;

    /// Points of `api` a minute apart: `minute name {labels} numbers`. Gives `route requests errors p50 in ms` of each route.
    fn check(points: &[(i64, &str, &str, &str)], expected: &[(&str, u64, u64, Option<i64>)]) {
        let formats = Formats::builtin_of(&["metric"]);
        for is_backward in [false, true] {
            let mut count = RedCount::new(None, 1);
            let mut points: Vec<_> = points.iter().enumerate().collect();
            if is_backward {
                points.reverse();
            }
            for (at, (minute, name, labels, numbers)) in points {
                let line = format!(
                    r#"{{"time":1,"service":"api","metric":{{"name":"{name}","kind":"sum",{numbers}}},"attributes":{{{labels}}}}}"#
                );
                let parsed = formats.parse(formats.id("metric"), &line);
                let key = RowKey { time: Nanos(minute * 60_000_000_000), source: SourceId(1), entry: at as u64 };
                count.push(Sighting { key, service: "api", severity: Severity::INFO, parsed: &parsed }, true);
            }
            let red = count.red(true);
            let millis = |route: &model::red::RouteRed| route.durations.map(|durations| durations.p50 / 1_000_000);
            let found: Vec<_> =
                red.routes.iter().map(|one| (&*one.route, one.n_requests, one.n_errors, millis(one))).collect();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_counter_counts_by_how_much_it_grew() {
        let (good, bad) = (
            r#""method":"GET","handler":"/users/12345","code":"200""#,
            r#""method":"GET","handler":"/users/12345","code":"503""#,
        );
        check(
            &[
                (0, "http_requests_total", good, r#""value":1000"#),
                (1, "http_requests_total", good, r#""value":1040"#),
                // It began anew.
                (2, "http_requests_total", good, r#""value":7"#),
                // It was not there before.
                (2, "http_requests_total", bad, r#""value":3"#),
            ],
            &[("GET /users/{id}", 50, 3, None)],
        );
    }

    #[test]
    fn of_two_metrics_one_counts_and_the_histogram_times() {
        let labels = r#""method":"GET","route":"/cart""#;
        let with_code = format!(r#"{labels},"code":"200""#);
        let histogram = r#""count":10,"sum":4.5,"bounds":[0.1,0.5],"buckets":[2,8,0]"#;
        check(
            &[
                (0, "http_requests_total", &with_code, r#""value":10"#),
                (0, "http_request_duration_seconds", labels, histogram),
            ],
            &[("GET /cart", 10, 0, Some(300))],
        );
    }

    #[test]
    fn opentelemetry_says_all_in_one_and_its_older_name_has_milliseconds() {
        let labels = r#""http.request.method":"POST","http.route":"/pay","http.response.status_code":500"#;
        let point = |name: &'static str, bounds: &str| {
            (0, name, labels, format!(r#""count":4,"bounds":{bounds},"buckets":[0,4,0]"#))
        };
        for (name, bounds) in [("http.server.request.duration", "[1,3]"), ("http.server.duration", "[1000,3000]")] {
            let (minute, name, labels, numbers) = point(name, bounds);
            check(&[(minute, name, labels, &numbers)], &[("POST /pay", 4, 4, Some(2000))]);
        }
    }

    #[test]
    fn amounts_of_delta_temporality_are_added_up() {
        let point = |minute, numbers| (minute, "http.server.requests", r#""uri":"/a""#, numbers);
        let points =
            [point(0, r#""value":5"#), point(1, r#""value":3"#), point(2, r#""value":6"#), point(3, r#""value":2"#)];
        check(&points, &[("/a", 16, 0, None)]);
    }

    #[test]
    fn other_metrics_count_no_requests() {
        check(
            &[(0, "jvm_memory_used_bytes", "", r#""value":5"#), (0, "http_client_requests_total", "", r#""value":5"#)],
            &[],
        );
    }
}
