//! What a call waited for, part by part, where its span or entry says so: events of a span with a time each, as browsers
//! (<https://www.w3.org/TR/resource-timing/>) and Go's `httptrace` have them, or durations in fields, as proxies and HAR have them. A part
//! may be a span of its own as well, as OpenTelemetry for Go and .NET have it: then that says it by its name.

use model::entry::{Field, Value};
use model::time::Nanos;
use model::trace::{Happening, Phase, Wait};
use serde_json::Value as Json;

use super::duration::{MOST_NANOS, last_part, without_unit};
use super::sighting::name_of;

/// More of one span nobody looks at.
const MOST_HAPPENINGS: usize = 64;

/// A part begins with the first of these events and ends with the next of the others.
const EVENTS: [(Phase, &[&str], &[&str]); 11] = [
    (Phase::Queue, &["fetchstart"], &["domainlookupstart", "connectstart", "requeststart"]),
    (
        Phase::Dns,
        &["domainlookupstart", "http.dns.start", "dns.start", "dnsstart"],
        &["domainlookupend", "http.dns.done", "dns.done", "dnsdone"],
    ),
    (
        Phase::Connect,
        &["connectstart", "http.connect.start", "connect.start"],
        &["secureconnectionstart", "connectend", "http.connect.done", "connect.done", "connectdone"],
    ),
    (
        Phase::Tls,
        &["secureconnectionstart", "http.tls.start", "tls.start", "tlshandshakestart"],
        &["connectend", "http.tls.done", "tls.done", "tlshandshakedone"],
    ),
    (
        Phase::Queue,
        &["http.getconn.start", "getconn"],
        &["http.getconn.receivedconn", "http.getconn.done", "gotconn", "http.dns.start", "http.connect.start"],
    ),
    (
        Phase::Send,
        &["http.send.start", "request.start"],
        &["http.send.done", "http.wroterequest", "request.end", "wroterequest"],
    ),
    (
        Phase::Server,
        &["requeststart", "http.wroterequest", "wroterequest", "http.send.done"],
        &["responsestart", "http.receive.start", "http.gotfirstresponsebyte", "gotfirstresponsebyte"],
    ),
    (
        Phase::Receive,
        &["responsestart", "http.receive.start", "http.gotfirstresponsebyte", "gotfirstresponsebyte"],
        &["responseend", "http.receive.done"],
    ),
    (
        Phase::Serialise,
        &["serialization.start", "serialize.start", "marshal.start"],
        &["serialization.end", "serialization.done", "serialize.end", "serialize.done", "marshal.end", "marshal.done"],
    ),
    (
        Phase::Serialise,
        &["deserialization.start", "deserialize.start", "unmarshal.start"],
        &["deserialization.end", "deserialize.end", "deserialize.done", "unmarshal.end", "unmarshal.done"],
    ),
    (Phase::Queue, &["enqueued", "queued"], &["dequeued", "started", "processing"]),
];

/// Last parts of fields' names, with the nanoseconds of one where the name does not say its unit. In the order in which a call has them.
const FIELDS: [(Phase, &[(&str, f64)]); 8] = [
    (
        Phase::Queue,
        &[
            ("blocked", 1e6),
            ("queue", 1e6),
            ("queue_time", 1e9),
            ("queue_wait", 1e6),
            ("time_queue", 1e6),
            ("request_processing_time", 1e9),
        ],
    ),
    (
        Phase::Dns,
        &[("dns", 1e6), ("dns_time", 1e9), ("dns_lookup", 1e6), ("dns_duration", 1e6), ("domain_lookup", 1e6)],
    ),
    (
        Phase::Connect,
        &[
            ("connect", 1e6),
            ("tcp_connect", 1e6),
            ("connect_duration", 1e6),
            ("connect_time", 1e9),
            ("time_connect", 1e6),
            ("upstream_connect_time", 1e9),
        ],
    ),
    (
        Phase::Tls,
        &[
            ("ssl", 1e6),
            ("tls", 1e6),
            ("tls_handshake", 1e6),
            ("tls_duration", 1e6),
            ("ssl_time", 1e9),
            ("tls_time", 1e9),
        ],
    ),
    (Phase::Send, &[("send", 1e6), ("send_time", 1e9)]),
    (
        Phase::Server,
        &[
            ("wait", 1e6),
            ("ttfb", 1e6),
            ("server_time", 1e9),
            ("time_response", 1e6),
            ("target_processing_time", 1e9),
            ("backend_processing_time", 1e9),
        ],
    ),
    (Phase::Receive, &[("receive", 1e6), ("receive_time", 1e9), ("response_processing_time", 1e9)]),
    (
        Phase::Serialise,
        &[
            ("serialization", 1e6),
            ("serialisation", 1e6),
            ("serialize", 1e6),
            ("serialization_time", 1e9),
            ("marshal", 1e6),
            ("unmarshal", 1e6),
        ],
    ),
];

/// Names of spans that are such a part, in small letters with spaces between their words; another word may follow, as that of a host.
const NAMES: [(Phase, &[&str]); 4] = [
    (Phase::Queue, &["http getconn", "http wait for connection"]),
    (
        Phase::Dns,
        &["dns", "dns lookup", "dns resolve", "dns resolution", "dns query", "http dns", "resolve dns", "lookup dns"],
    ),
    (Phase::Connect, &["tcp connect", "socket connect", "net connect", "http connection setup"]),
    (
        Phase::Tls,
        &["tls", "tls connect", "tls handshake", "tls client handshake", "ssl handshake", "ssl connect", "http tls"],
    ),
];
/// Those of Go's `otelhttptrace` that are called otherwise elsewhere: `HTTP CONNECT` is a request.
const NAMES_OF_GO: [(Phase, &str); 3] =
    [(Phase::Connect, "http.connect"), (Phase::Send, "http.send"), (Phase::Receive, "http.receive")];
/// Names of spans in which something is written as bytes, or read from them, begin so.
const SERIALISING: [&str; 6] = ["serializ", "serialis", "deserializ", "deserialis", "marshal", "unmarshal"];

/// A span that is a part of a call all the time, by its name.
pub fn by_name(name: &str, start: i64, end: i64) -> Option<Wait> {
    let phase = phase_of(name_of(name))?;
    (end > start).then(|| Wait { phase, start: Nanos(start), nanos: end.saturating_sub(start) })
}

fn phase_of(name: &str) -> Option<Phase> {
    if let Some((phase, _)) = NAMES_OF_GO.iter().find(|(_, known)| *known == name) {
        return Some(*phase);
    }
    let name = name.to_ascii_lowercase().replace(['.', '_', '-'], " ");
    if SERIALISING.iter().any(|begin| name.starts_with(begin)) {
        return Some(Phase::Serialise);
    }
    let is_called = |known: &str| match name.strip_prefix(known) {
        // A word alone may begin any sentence.
        Some(rest) => rest.is_empty() || rest.starts_with(' ') && known.contains(' '),
        None => false,
    };
    NAMES.iter().find(|(_, names)| names.iter().any(|known| is_called(known))).map(|(phase, _)| *phase)
}

/// What happened in a span, by its events, in the order of time.
pub fn happenings(fields: &[Field]) -> Vec<Happening> {
    let Some(Value::Json(text)) = fields.iter().find(|field| field.name == "events").map(|field| &field.value) else {
        return Vec::new();
    };
    let Ok(Json::Array(events)) = serde_json::from_str(text) else { return Vec::new() };
    let happening = |event: &Json| {
        let time = event["time"].as_i64().or_else(|| event["time"].as_str()?.parse().ok())?;
        // Jaeger's logs call it `event` or `message`.
        let name = ["name", "event", "message"].iter().find_map(|name| event[*name].as_str()).unwrap_or_default();
        Some(Happening { time: Nanos(time), name: name_of(name).to_owned() })
    };
    let mut happenings: Vec<Happening> = events.iter().filter_map(happening).collect();
    happenings.sort_by_key(|one| one.time);
    happenings.truncate(MOST_HAPPENINGS);
    happenings
}

/// What a call from `start` to `end` waited for, in the order of time; nothing where it does not say.
pub fn waits(fields: &[Field], happenings: &[Happening], start: i64, end: i64) -> Vec<Wait> {
    let mut waits = by_events(happenings);
    if waits.is_empty() {
        waits = by_fields(fields, start);
    }
    // What cannot have been within it was measured otherwise.
    waits.retain(|wait| wait.nanos > 0 && wait.start.0 >= start && wait.start.0.saturating_add(wait.nanos) <= end);
    waits.sort_by_key(|wait| (wait.start, wait.phase));
    waits
}

fn by_events(happenings: &[Happening]) -> Vec<Wait> {
    let names: Vec<String> = happenings.iter().map(|one| one.name.to_ascii_lowercase()).collect();
    let find = |wanted: &[&str], from: usize| (from..names.len()).find(|&at| wanted.contains(&&*names[at]));
    let wait = |(phase, begins, ends): &(Phase, &[&str], &[&str])| {
        let first = find(begins, 0)?;
        let last = find(ends, first + 1)?;
        let (start, end) = (happenings[first].time, happenings[last].time);
        Some(Wait { phase: *phase, start, nanos: end.0.saturating_sub(start.0) })
    };
    EVENTS.iter().filter_map(wait).collect()
}

/// One after the other from the start: fields say how long, and not when.
fn by_fields(fields: &[Field], start: i64) -> Vec<Wait> {
    // Of each part the longest.
    let mut longest: [Option<(i64, bool)>; FIELDS.len()] = [None; FIELDS.len()];
    for field in fields {
        let Some(number) = number_of(&field.value) else { continue };
        let name = last_part(&field.name).to_ascii_lowercase();
        for ((_, names), longest) in FIELDS.iter().zip(&mut longest) {
            let unit = unit_of(&name, names, is_timing(field));
            let nanos = unit.map(|unit| number * unit).filter(|&nanos| nanos > 0.0 && nanos < MOST_NANOS);
            *longest = (*longest).max(nanos.map(|nanos| (nanos as i64, is_timing(field))));
        }
    }
    let told = FIELDS.iter().zip(longest).filter_map(|(&(phase, _), longest)| Some((phase, longest?)));
    let told: Vec<(Phase, i64, bool)> = told.map(|(phase, (nanos, is_timing))| (phase, nanos, is_timing)).collect();
    let tls = told.iter().find(|(phase, _, is_timing)| *phase == Phase::Tls && *is_timing).map_or(0, |told| told.1);
    let mut waits = Vec::new();
    let mut at = start;
    for (phase, nanos, is_timing) in told {
        // HAR has the handshake within the time it took to connect; whoever has more of it than of that, beside it.
        let is_around = phase == Phase::Connect && is_timing && nanos >= tls;
        let nanos = if is_around { nanos - tls } else { nanos };
        if nanos > 0 {
            waits.push(Wait { phase, start: Nanos(at), nanos });
            at = at.saturating_add(nanos);
        }
    }
    waits
}

/// One of a group of such, as HAR has it (<http://www.softwareishard.com/blog/har-12-spec/#timings>).
fn is_timing(field: &Field) -> bool {
    field.name.contains("timings.")
}

fn number_of(value: &Value) -> Option<f64> {
    match value {
        Value::Int(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        Value::Json(text) | Value::Text(text) => text.parse().ok(),
        _ => None,
    }
}

/// Nanoseconds of one, of a field that is called by one of these names. `name`: in lower case.
fn unit_of(name: &str, names: &[(&str, f64)], is_timing: bool) -> Option<f64> {
    let known = |name: &str| names.iter().find(|(known, _)| *known == name);
    match without_unit(name) {
        Some((word, unit)) if known(word).is_some() => Some(unit),
        // `queue` may be the name of one, and `connect` a method: a number behind a word alone counts in a group of such.
        _ => known(name).filter(|_| name.contains('_') || is_timing).map(|known| known.1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Formats;

    const MILLI: i64 = 1_000_000;

    /// Each part with its beginning and its length in milliseconds.
    fn told(format: &str, line: &str) -> Vec<(Phase, i64, i64)> {
        let formats = Formats::builtin_of(&[format]);
        let fields = formats.parse(formats.id(format), line).fields;
        let happenings = happenings(&fields);
        let waits = waits(&fields, &happenings, 0, 500 * MILLI);
        waits.iter().map(|wait| (wait.phase, wait.start.0 / MILLI, wait.nanos / MILLI)).collect()
    }

    #[test]
    fn events_of_a_browser_tell_what_a_fetch_waited_for() {
        let events = [
            ("fetchStart", 0),
            ("domainLookupStart", 10),
            ("domainLookupEnd", 60),
            ("connectStart", 60),
            ("secureConnectionStart", 100),
            ("connectEnd", 150),
            ("requestStart", 150),
            ("responseStart", 400),
            ("responseEnd", 480),
        ];
        let events: Vec<String> =
            events.iter().map(|(name, at)| format!(r#"{{"name":"{name}","time":{}}}"#, at * MILLI)).collect();
        let line = format!(r#"{{"msg":"GET","events":[{}]}}"#, events.join(","));
        assert_eq!(
            told("json", &line),
            [
                (Phase::Queue, 0, 10),
                (Phase::Dns, 10, 50),
                (Phase::Connect, 60, 40),
                (Phase::Tls, 100, 50),
                (Phase::Server, 150, 250),
                (Phase::Receive, 400, 80)
            ]
        );
    }

    #[test]
    fn a_span_that_is_a_part_says_it_by_its_name() {
        for (name, phase) in [
            ("dns.lookup", Phase::Dns),
            ("DNS lookup shop.example", Phase::Dns),
            ("http.getconn", Phase::Queue),
            ("http.connect", Phase::Connect),
            ("tls.connect", Phase::Tls),
            ("TLS client handshake shop.example", Phase::Tls),
            ("serialize response", Phase::Serialise),
        ] {
            assert_eq!(by_name(name, 5, 9), Some(Wait { phase, start: Nanos(5), nanos: 4 }), "{name}");
        }
        for name in ["HTTP CONNECT", "connect", "dns records are read", "tlsx", "GET /dns", "socket"] {
            assert_eq!(by_name(name, 5, 9), None, "{name}");
        }
        assert_eq!(by_name("dns.lookup", 5, 5), None);
    }

    #[test]
    fn a_connection_that_was_there_took_no_time() {
        let line =
            r#"{"msg":"GET","events":[{"name":"domainLookupStart","time":5},{"name":"domainLookupEnd","time":5}]}"#;
        assert_eq!(told("json", line), []);
    }

    #[test]
    fn fields_of_a_proxy_tell_it_too() {
        assert_eq!(
            told("logfmt", "msg=served upstream_connect_time=0.004 queue_wait=2 target_processing_time=0.25"),
            [(Phase::Queue, 0, 2), (Phase::Connect, 2, 4), (Phase::Server, 6, 250)]
        );
        assert_eq!(told("logfmt", "msg=joined queue=7 connect=1 wait=900"), []);
        assert_eq!(
            told("json", r#"{"msg":"x","timings":{"dns":20,"ssl":30,"wait":9000}}"#),
            [(Phase::Dns, 0, 20), (Phase::Tls, 20, 30)]
        );
    }

    #[test]
    fn the_handshake_of_a_har_is_within_its_connecting() {
        let timings = r#""blocked":10,"dns":20,"connect":80,"ssl":30,"send":5,"wait":200,"receive":185"#;
        assert_eq!(
            told("json", &format!(r#"{{"msg":"x","timings":{{{timings}}}}}"#)),
            [
                (Phase::Queue, 0, 10),
                (Phase::Dns, 10, 20),
                (Phase::Connect, 30, 50),
                (Phase::Tls, 80, 30),
                (Phase::Send, 110, 5),
                (Phase::Server, 115, 200),
                (Phase::Receive, 315, 185)
            ]
        );
    }
}
