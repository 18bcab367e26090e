//! What a data point says of the requests it counts: by which metric, of which process and route, and how they ended.

use std::collections::BTreeSet;

use super::buckets::{Bucket, buckets};
use super::points::Series;
use super::{number, route_of_path, text, with_method};
use crate::format::Parsed;
use crate::quick_hash::hash_of;

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
/// What tells processes of a service apart, beside all that is said of its resource.
const INSTANCE_LABELS: [&str; 9] = [
    "instance",
    "exported_instance",
    "instance_id",
    "service.instance.id",
    "service_instance_id",
    "pod",
    "pod_name",
    "k8s.pod.name",
    "k8s_pod_name",
];
/// What gRPC's status is called where it may be a number.
const GRPC_STATUS: [&str; 5] =
    ["rpc.grpc.status_code", "rpc_grpc_status_code", "grpc_response_status", "grpc_status", "grpc_code"];
/// Unknown, deadline exceeded, unimplemented, internal, unavailable and data loss: what a server is to blame for.
const GRPC_ERRORS: [i64; 6] = [2, 4, 12, 13, 14, 15];

/// Whether a server is to blame, by a status of gRPC; `None`: there is none.
pub fn grpc_failed(parsed: &Parsed) -> Option<bool> {
    let by_number = number(parsed, &GRPC_STATUS).map(|code| GRPC_ERRORS.contains(&code));
    by_number.or_else(|| text(parsed, &GRPC_STATUS).map(is_bad_word))
}

/// `5xx`, and gRPC's names of what a server is to blame for, with `_` between their words or not.
fn is_bad_word(word: &str) -> bool {
    let word = word.to_ascii_lowercase().replace('_', "");
    ["5xx", "servererror", "internal", "unavailable", "unknown", "dataloss", "deadlineexceeded", "unimplemented"]
        .contains(&&*word)
        || word.len() == 3 && word.starts_with('5') && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether points tell how many there were since the one before, or in all.
#[derive(Clone, Copy, PartialEq)]
pub enum Temporality {
    Delta,
    Cumulative,
}

pub fn temporality_of(parsed: &Parsed) -> Option<Temporality> {
    match text(parsed, &["metric.temporality"])? {
        "delta" => Some(Temporality::Delta),
        "cumulative" => Some(Temporality::Cumulative),
        _ => None,
    }
}

/// Which of [`FAMILIES`], and how many nanoseconds its numbers are each.
pub(super) fn family_of(parsed: &Parsed) -> Option<(usize, f64)> {
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

pub fn number_of(parsed: &Parsed, name: &str) -> Option<f64> {
    let field = parsed.fields.iter().find(|field| field.name == name)?;
    field.value.to_string().parse().ok()
}

/// Tells series of `what` apart.
pub fn labels_of(what: &str, parsed: &Parsed) -> u64 {
    let is_label =
        |name: &str| name.starts_with("attributes.") || name.starts_with("resource.") || name == "metric.temporality";
    hash_of(format!("{what} {}", joined(parsed, is_label)).as_bytes())
}

fn instance_of(parsed: &Parsed) -> u64 {
    let tells_instance = |name: &str| match name.strip_prefix("attributes.") {
        Some(label) => INSTANCE_LABELS.contains(&label),
        None => name.starts_with("resource."),
    };
    hash_of(joined(parsed, tells_instance).as_bytes())
}

/// Labels with their values, ordered by name.
fn joined(parsed: &Parsed, is_wanted: impl Fn(&str) -> bool) -> String {
    let wanted = parsed.fields.iter().filter(|field| is_wanted(&field.name));
    let labels: BTreeSet<String> = wanted.map(|field| format!("{}={}", field.name, field.value)).collect();
    let labels: Vec<String> = labels.into_iter().collect();
    labels.join("\0")
}

pub(super) fn series_of(family: usize, parsed: &Parsed) -> Series {
    let rpc = text(parsed, &["rpc.method"]);
    let method = text(parsed, &["http.request.method", "http.method", "method", "http_method", "request_method"])
        .filter(|method| rpc != Some(method));
    let path = text(
        parsed,
        &["http.route", "route", "handler", "path", "uri", "endpoint", "url", "rpc.method", "grpc_method"],
    );
    let of_path = |path: &str| if path.starts_with('/') { route_of_path(path) } else { path.to_owned() };
    let route = path.map_or_else(|| parsed.message.clone(), of_path);
    const STATUS: [&str; 6] =
        ["http.response.status_code", "http.status_code", "status_code", "code", "status", "response_code"];
    // Its name ends as one of HTTP's does.
    let grpc_code = number(parsed, &GRPC_STATUS);
    let code = number(parsed, &STATUS);
    let word = text(parsed, &STATUS).or_else(|| text(parsed, &GRPC_STATUS)).or_else(|| text(parsed, &["outcome"]));
    Series {
        family,
        temporality: temporality_of(parsed),
        instance: instance_of(parsed),
        route: with_method(method, route).into(),
        has_status: grpc_code.is_some() || code.is_some() || word.is_some(),
        is_error: grpc_code.is_some_and(|code| GRPC_ERRORS.contains(&code))
            || code.is_some_and(|code| (500..600).contains(&code))
            || word.is_some_and(is_bad_word),
        is_refused: code.is_some_and(|code| (400..500).contains(&code))
            || word.is_some_and(|word| word.eq_ignore_ascii_case("4xx") || word.eq_ignore_ascii_case("client_error")),
        points: Vec::new(),
    }
}

pub(super) fn buckets_of(parsed: &Parsed, nanos: f64) -> Box<[Bucket]> {
    let list = |name: &str| -> Vec<f64> {
        let field = parsed.fields.iter().find(|field| field.name == name);
        let Some(written) = field.map(|field| field.value.to_string()) else { return Vec::new() };
        let inside = written.trim_start_matches('[').trim_end_matches(']');
        inside.split(',').filter_map(|number| number.trim().parse().ok()).collect()
    };
    let bounds: Vec<f64> = list("metric.bounds").into_iter().map(|bound| bound * nanos).collect();
    buckets(&bounds, &list("metric.buckets")).into()
}
