//! Requests that only metrics count: counters and histograms of servers by their usual names.
//!
//! A counter tells how many there were since its process began: what counts is by how much it grew from one scrape to the next, and all of
//! it where there is one scrape only, or where it came to a process that had been scraped before. One that falls began anew. Of delta
//! temporality it tells the amounts themselves; where that is not said, one that falls at every other step is taken for such. Percentiles are
//! those of the buckets of histograms ([`buckets`](super::buckets)).
//! Takes points in any order; [`scraped`](super::scraped) puts them together.

use model::entry::RowKey;

use super::buckets::Bucket;
use super::labels::{Temporality, buckets_of, family_of, labels_of, number_of, series_of};
use crate::quick_hash::QuickMap;
use crate::topology::Sighting;

/// Further points are left out. One is 64 bytes and 24 more for each bucket of a histogram: some 80 MB with the usual fifteen.
const MOST_POINTS: usize = 200_000;
/// Exponential histograms have more of them: 96 MB.
const MOST_BUCKETS: usize = 4_000_000;

#[derive(Clone, Default)]
pub struct Points {
    series: QuickMap<Box<str>, QuickMap<u64, Series>>,
    n_points: usize,
    n_buckets: usize,
    /// By service.
    n_left_out: QuickMap<Box<str>, u64>,
}

#[derive(Clone)]
pub(super) struct Series {
    pub family: usize,
    /// Where its points say it.
    pub temporality: Option<Temporality>,
    /// Of the process that counts.
    pub instance: u64,
    pub route: Box<str>,
    pub has_status: bool,
    pub is_error: bool,
    /// Four hundred and something.
    pub is_refused: bool,
    pub points: Vec<Point>,
}

#[derive(Clone)]
pub(super) struct Point {
    pub key: RowKey,
    /// Of the course.
    pub span: Option<usize>,
    pub count: f64,
    /// In nanoseconds.
    pub buckets: Box<[Bucket]>,
}

impl Points {
    /// Takes in a data point, if it counts requests. `span`: of the course.
    pub fn push(&mut self, seen: &Sighting<'_>, span: Option<usize>) {
        let parsed = seen.parsed;
        let Some((family, per_nano)) = family_of(parsed) else { return };
        let counted = number_of(parsed, "metric.count").or_else(|| number_of(parsed, "metric.value"));
        let Some(count) = counted.filter(|count| count.is_finite() && *count >= 0.0) else { return };
        if self.n_points == MOST_POINTS || self.n_buckets >= MOST_BUCKETS {
            match self.n_left_out.get_mut(seen.service) {
                Some(n_left_out) => *n_left_out += 1,
                None => {
                    self.n_left_out.insert(seen.service.into(), 1);
                }
            }
            return;
        }
        self.n_points += 1;
        let of_service = match self.series.get_mut(seen.service) {
            Some(of_service) => of_service,
            None => self.series.entry(seen.service.into()).or_default(),
        };
        let series =
            of_service.entry(labels_of(&family.to_string(), parsed)).or_insert_with(|| series_of(family, parsed));
        let buckets = buckets_of(parsed, per_nano);
        self.n_buckets += buckets.len();
        series.points.push(Point { key: seen.key, span, count, buckets });
    }

    /// Points beyond [`MOST_POINTS`] and [`MOST_BUCKETS`], but of services that are told otherwise.
    pub fn n_left_out(&self, is_told: impl Fn(&str) -> bool) -> u64 {
        self.n_left_out.iter().filter(|(service, _)| !is_told(service)).map(|(_, n)| n).sum()
    }

    /// Those that have metrics, ordered by name.
    pub fn services(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.series.keys().map(|name| &**name).collect();
        names.sort_unstable();
        names
    }

    /// What was scraped of a service, by its labels.
    pub fn of(&self, service: &str) -> &QuickMap<u64, Series> {
        &self.series[service]
    }
}

#[cfg(test)]
mod tests {
    use model::entry::SourceId;
    use model::severity::Severity;

    use model::time::Nanos;

    use super::super::RedCount;
    use super::*;
    use crate::format::Formats;

    /// Points of `api` a minute apart: `minute name {labels} numbers`. Gives `route requests errors p50 in ms` of each route.
    fn check(points: &[(i64, &str, &str, &str)], expected: &[(&str, u64, u64, Option<i64>)]) {
        let points: Vec<_> = points
            .iter()
            .map(|(minute, name, labels, numbers)| (1, minute * 60, *name, *labels, (*numbers).to_owned()))
            .collect();
        check_files(&points, expected);
    }

    /// The same of points in several files: `file second name {labels} numbers`.
    fn check_files(points: &[(u32, i64, &str, &str, String)], expected: &[(&str, u64, u64, Option<i64>)]) {
        let formats = Formats::builtin_of(&["metric"]);
        for is_backward in [false, true] {
            let mut count = RedCount::new(None, 1, &Default::default());
            let mut points: Vec<_> = points.iter().enumerate().collect();
            if is_backward {
                points.reverse();
            }
            for (at, (file, second, name, labels, numbers)) in points {
                let line = format!(
                    r#"{{"time":1,"service":"api","metric":{{"name":"{name}","kind":"sum",{numbers}}},"attributes":{{{labels}}}}}"#
                );
                let parsed = formats.parse(formats.id("metric"), &line);
                let key = RowKey { time: Nanos(second * 1_000_000_000), source: SourceId(*file), entry: at as u64 };
                count.push(Sighting { key, service: "api", severity: Severity::INFO, parsed: &parsed }, true);
            }
            let red = count.red();
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
    fn a_rate_is_over_the_time_that_was_scraped_and_what_was_refused_is_known_with_a_status() {
        let formats = Formats::builtin_of(&["metric"]);
        let red_of = |points: &[(i64, &str, &str)]| {
            // The workspace reaches over a day.
            let range = model::time::TimeRange { start: Nanos(0), end: Nanos(86_400_000_000_000) };
            let mut count = RedCount::new(Some(range), 1, &Default::default());
            for (at, (second, labels, numbers)) in points.iter().enumerate() {
                let line = format!(
                    r#"{{"time":1,"metric":{{"name":"http_requests_total","kind":"sum",{numbers}}},"attributes":{{{labels}}}}}"#
                );
                let parsed = formats.parse(formats.id("metric"), &line);
                let key = RowKey { time: Nanos(second * 1_000_000_000), source: SourceId(1), entry: at as u64 };
                count.push(Sighting { key, service: "api", severity: Severity::INFO, parsed: &parsed }, true);
            }
            let [all] = &count.red().services[..] else { panic!("one service") };
            (all.n_requests, all.n_refused, all.seconds)
        };
        let (good, refused) = (r#""path":"/a","code":"200""#, r#""path":"/a","code":"404""#);
        let scraped = [
            (600, good, r#""value":100"#),
            (600, refused, r#""value":10"#),
            (660, good, r#""value":150"#),
            (660, refused, r#""value":13"#),
        ];
        assert_eq!(red_of(&scraped), (53, Some(3), Some(60.0)));
        assert_eq!(red_of(&[(600, r#""path":"/a""#, r#""value":100"#)]), (100, None, Some(0.0)), "scraped once");
        let delta = r#""temporality":"delta","value":30"#;
        assert_eq!(red_of(&[(600, good, delta), (660, good, delta)]), (60, Some(0), Some(120.0)));
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
            &[("GET /cart", 10, 0, Some(250))],
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

    /// `second labels value` of `http_requests_total` in a file.
    fn scraped(file: u32, points: &[(i64, &'static str, u64)]) -> Vec<(u32, i64, &'static str, &'static str, String)> {
        let point = |&(second, labels, value): &(i64, _, u64)| {
            (file, second, "http_requests_total", labels, format!(r#""value":{value}"#))
        };
        points.iter().map(point).collect()
    }

    #[test]
    fn what_a_second_instance_had_counted_before_is_no_request() {
        for [a, b] in [
            [r#""pod":"a","path":"/a""#, r#""pod":"b","path":"/a""#],
            [r#""instance":"10.0.0.1:80","path":"/a""#, r#""instance":"10.0.0.2:80","path":"/a""#],
            // A label that says nothing of instances.
            [r#""path":"/a","zone":"1""#, r#""path":"/a","zone":"2""#],
        ] {
            check_files(
                &scraped(1, &[(0, a, 1000), (60, a, 1010), (7, b, 2000), (67, b, 2010)]),
                &[("/a", 20, 0, None)],
            );
        }
        // It died after its only scrape, or came late.
        let [a, b] = [r#""pod":"a","path":"/a""#, r#""pod":"b","path":"/a""#];
        for late in [7, 600] {
            check_files(&scraped(1, &[(0, a, 1000), (60, a, 1010), (late, b, 2000)]), &[("/a", 10, 0, None)]);
        }
    }

    #[test]
    fn a_route_that_an_instance_serves_first_now_began_with_nothing() {
        let [a, b, new] = [r#""pod":"a","path":"/a""#, r#""pod":"b","path":"/a""#, r#""pod":"b","path":"/new""#];
        let points = [(0, a, 1000), (60, a, 1010), (7, b, 2000), (67, b, 2010), (67, new, 3)];
        check_files(&scraped(1, &points), &[("/a", 20, 0, None), ("/new", 3, 0, None)]);
    }

    #[test]
    fn files_of_the_same_time_are_of_two_instances_and_others_continue_each_other() {
        let a = r#""path":"/a""#;
        let of_two = [scraped(1, &[(0, a, 1000), (60, a, 1010)]), scraped(2, &[(7, a, 2000), (67, a, 2010)])];
        check_files(&of_two.concat(), &[("/a", 20, 0, None)]);
        let of_one = [scraped(1, &[(0, a, 1000)]), scraped(2, &[(60, a, 1010)]), scraped(3, &[(120, a, 1040)])];
        check_files(&of_one.concat(), &[("/a", 40, 0, None)]);
    }

    #[test]
    fn scrapes_without_a_stamp_of_files_of_one_time_continue_each_other_where_all_counters_do() {
        let (a, b) = (r#""path":"/a""#, r#""path":"/b""#);
        let of_one = [
            scraped(1, &[(60, a, 52), (60, b, 7)]),
            scraped(2, &[(60, a, 10), (60, b, 5)]),
            scraped(3, &[(60, a, 30), (60, b, 5)]),
        ];
        check_files(&of_one.concat(), &[("/a", 42, 0, None), ("/b", 2, 0, None)]);
        // Of two instances each has its own busiest route.
        let of_two = [scraped(1, &[(60, a, 52), (60, b, 5)]), scraped(2, &[(60, a, 10), (60, b, 7)])];
        check_files(&of_two.concat(), &[("/a", 62, 0, None), ("/b", 12, 0, None)]);
    }

    #[test]
    fn the_status_of_grpc_is_a_number_and_some_are_errors() {
        for (code, is_error) in [
            ("0", false),
            ("5", false),
            ("2", true),
            ("4", true),
            ("12", true),
            ("13", true),
            ("14", true),
            (r#""15""#, true),
        ] {
            for name in ["rpc.grpc.status_code", "rpc_grpc_status_code"] {
                let labels = format!(r#""rpc.method":"Pay","{name}":{code}"#);
                let numbers = r#""count":4,"bounds":[1000],"buckets":[4,0]"#;
                let n_errors = if is_error { 4 } else { 0 };
                check(&[(0, "rpc.server.duration", &labels, numbers)], &[("Pay", 4, n_errors, Some(500))]);
            }
        }
    }

    #[test]
    fn what_a_metric_says_of_its_temporality_is_not_guessed() {
        let of = |temporality: &str, counts: [u64; 4]| {
            let point = |(at, count): (usize, u64)| {
                let numbers = format!(r#""temporality":"{temporality}","value":{count}"#);
                (1, at as i64 * 60, "http.server.requests", r#""uri":"/a""#, numbers)
            };
            counts.into_iter().enumerate().map(point).collect::<Vec<_>>()
        };
        check_files(&of("delta", [3, 4, 4, 5]), &[("/a", 16, 0, None)]);
        // It began anew twice.
        check_files(&of("cumulative", [100, 3, 5, 1]), &[("/a", 6, 0, None)]);
    }

    #[test]
    fn points_beyond_what_is_kept_are_told() {
        let parsed = Formats::builtin_of(&["metric"]);
        let line = r#"{"time":1,"metric":{"name":"http_requests_total","kind":"sum","value":1}}"#;
        let parsed = parsed.parse(parsed.id("metric"), line);
        let mut count = RedCount::new(None, 1, &Default::default());
        count.points.n_points = MOST_POINTS - 1;
        for service in ["api", "api", "cart"] {
            count.push(Sighting { key: RowKey::default(), service, severity: Severity::INFO, parsed: &parsed }, true);
        }
        assert_eq!((count.red().n_requests, count.red().n_points_left_out), (1, 2));
        assert_eq!(count.points.n_left_out(|service| service == "api"), 1);
    }

    #[test]
    fn other_metrics_count_no_requests() {
        check(
            &[(0, "jvm_memory_used_bytes", "", r#""value":5"#), (0, "http_client_requests_total", "", r#""value":5"#)],
            &[],
        );
    }
}
