//! How fast spans become blocks, from each document that holds them: `cargo bench -p analysis --bench spans`.
//!
//! Prints one JSON object: of each kind of document spans and megabytes a second on one core, the best of some runs.

use std::time::Instant;

use analysis::format::Formats;
use analysis::import::Importer;
use analysis::read::Context;
use model::time::{Nanos, Zone};

const N_SPANS: u64 = 20_000;
const SPANS_OF_TRACE: u64 = 10;
const N_RUNS: usize = 9;
const START_NANOS: u64 = 1_790_000_000_000_000_000;

/// What differs between spans.
fn ids(n: u64) -> (String, String, String, u64) {
    let (trace, at) = (n / SPANS_OF_TRACE, n % SPANS_OF_TRACE);
    let span = |at: u64| format!("{:016x}", (trace * SPANS_OF_TRACE + at).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let parent = if at == 0 { String::new() } else { span(at - 1) };
    (format!("{:032x}", trace.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1), span(at), parent, START_NANOS + n * 1_000_000)
}

fn otlp_json() -> Vec<u8> {
    let span = |n: u64| {
        let (trace, id, parent, start) = ids(n);
        format!(
            r#"{{"traceId":"{trace}","spanId":"{id}","parentSpanId":"{parent}","name":"GET /orders","kind":2,"startTimeUnixNano":"{start}","endTimeUnixNano":"{}","attributes":[{{"key":"http.request.method","value":{{"stringValue":"GET"}}}},{{"key":"url.path","value":{{"stringValue":"/orders/{n}"}}}},{{"key":"http.response.status_code","value":{{"intValue":"200"}}}}],"status":{{}}}}"#,
            start + 2_500_000
        )
    };
    let spans: Vec<String> = (0..N_SPANS).map(span).collect();
    format!(
        r#"{{"resourceSpans":[{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"cart"}}}}]}},"scopeSpans":[{{"scope":{{"name":"shop"}},"spans":[{}]}}]}}]}}"#,
        spans.join(",")
    )
    .into_bytes()
}

fn jaeger() -> Vec<u8> {
    let span = |n: u64| {
        let (trace, id, parent, start) = ids(n);
        let references = match parent.as_str() {
            "" => String::new(),
            parent => format!(r#"{{"refType":"CHILD_OF","traceID":"{trace}","spanID":"{parent}"}}"#),
        };
        format!(
            r#"{{"traceID":"{trace}","spanID":"{id}","operationName":"GET /orders","references":[{references}],"startTime":{},"duration":2500,"tags":[{{"key":"span.kind","type":"string","value":"server"}},{{"key":"http.request.method","type":"string","value":"GET"}},{{"key":"url.path","type":"string","value":"/orders/{n}"}},{{"key":"http.response.status_code","type":"int64","value":200}}],"logs":[],"processID":"p1","warnings":null}}"#,
            start / 1000
        )
    };
    let trace = |trace: u64| {
        let spans: Vec<String> = (trace * SPANS_OF_TRACE..(trace + 1) * SPANS_OF_TRACE).map(span).collect();
        format!(
            r#"{{"traceID":"{}","spans":[{}],"processes":{{"p1":{{"serviceName":"cart","tags":[]}}}},"warnings":null}}"#,
            ids(trace * SPANS_OF_TRACE).0,
            spans.join(",")
        )
    };
    let traces: Vec<String> = (0..N_SPANS / SPANS_OF_TRACE).map(trace).collect();
    format!(r#"{{"data":[{}],"total":0}}"#, traces.join(",")).into_bytes()
}

fn zipkin() -> Vec<u8> {
    let span = |n: u64| {
        let (trace, id, parent, start) = ids(n);
        let parent = if parent.is_empty() { parent } else { format!(r#""parentId":"{parent}","#) };
        format!(
            r#"{{"traceId":"{trace}","id":"{id}",{parent}"kind":"SERVER","name":"get /orders","timestamp":{},"duration":2500,"localEndpoint":{{"serviceName":"cart"}},"tags":{{"http.method":"GET","http.path":"/orders/{n}","http.status_code":"200"}}}}"#,
            start / 1000
        )
    };
    let spans: Vec<String> = (0..N_SPANS).map(span).collect();
    format!("[{}]", spans.join(",")).into_bytes()
}

fn otlp_protobuf() -> Vec<u8> {
    fn put_length(number: u32, bytes: &[u8], out: &mut Vec<u8>) {
        out.push((number << 3 | 2) as u8);
        let mut left = bytes.len();
        while left > 127 {
            out.push(left as u8 | 128);
            left >>= 7;
        }
        out.push(left as u8);
        out.extend_from_slice(bytes);
    }
    fn attribute(name: &str, value: &[u8]) -> Vec<u8> {
        let mut pair = Vec::new();
        put_length(1, name.as_bytes(), &mut pair);
        put_length(2, value, &mut pair);
        pair
    }
    fn text(value: &str) -> Vec<u8> {
        let mut any = Vec::new();
        put_length(1, value.as_bytes(), &mut any);
        any
    }
    let bytes_of = |hex: &str| -> Vec<u8> {
        let digit = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("digits");
        (0..hex.len()).step_by(2).map(digit).collect()
    };
    let mut scope_spans = Vec::new();
    for n in 0..N_SPANS {
        let (trace, id, parent, start) = ids(n);
        let mut span = Vec::new();
        put_length(1, &bytes_of(&trace), &mut span);
        put_length(2, &bytes_of(&id), &mut span);
        if !parent.is_empty() {
            put_length(4, &bytes_of(&parent), &mut span);
        }
        put_length(5, b"GET /orders", &mut span);
        span.extend([6 << 3, 2]);
        for (number, nanos) in [(7_u8, start), (8, start + 2_500_000)] {
            span.push(number << 3 | 1);
            span.extend(nanos.to_le_bytes());
        }
        put_length(9, &attribute("http.request.method", &text("GET")), &mut span);
        put_length(9, &attribute("url.path", &text(&format!("/orders/{n}"))), &mut span);
        put_length(9, &attribute("http.response.status_code", &[3 << 3, 200, 1]), &mut span);
        put_length(2, &span, &mut scope_spans);
    }
    let mut resource = Vec::new();
    put_length(1, &attribute("service.name", &text("cart")), &mut resource);
    let mut resource_spans = Vec::new();
    put_length(1, &resource, &mut resource_spans);
    put_length(2, &scope_spans, &mut resource_spans);
    let mut request = Vec::new();
    put_length(1, &resource_spans, &mut request);
    request
}

fn main() {
    let formats = Formats::builtin();
    let kinds =
        [("OTLP JSON", otlp_json()), ("OTLP protobuf", otlp_protobuf()), ("Jaeger", jaeger()), ("Zipkin", zipkin())];
    let mut figures = serde_json::Map::new();
    for (kind, document) in kinds {
        let mut best = f64::INFINITY;
        for _ in 0..N_RUNS {
            let context = Context { path: "spans".into(), modified: Nanos(START_NANOS as i64), zone: Zone::utc() };
            let started = Instant::now();
            let mut import = Importer::of_content(&formats, context, None);
            let mut blocks = Vec::new();
            document.chunks(256 << 10).for_each(|slice| import.push(slice, &mut blocks));
            import.finish(&mut blocks);
            best = best.min(started.elapsed().as_secs_f64());
            let n_entries: u64 = blocks.iter().map(|block| u64::from(block.n_entries)).sum();
            assert_eq!(n_entries, N_SPANS, "{kind}");
        }
        figures.insert(
            kind.to_owned(),
            serde_json::json!({
                "spans_per_s": (N_SPANS as f64 / best).round(),
                "mb_per_s": (document.len() as f64 / best / 1e5).round() / 10.0,
            }),
        );
    }
    println!("{:#}", serde_json::Value::Object(figures));
}
