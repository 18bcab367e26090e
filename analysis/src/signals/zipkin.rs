//! Spans of Zipkin's API, version 2.
//!
//! Schema: <https://zipkin.io/zipkin-api/#/default/post_spans>. Both sides of a call may have the same span.

mod quick;
pub use quick::transcode_usual;

use serde_json::{Map, Value};

use super::line::{ERROR, INFO, SpanLine, SpanPart, array, push, text, whole};

pub fn transcode(span: &Value, lines: &mut Vec<u8>) {
    if span.get("traceId").is_none() {
        return;
    }
    let mut attributes: Map<String, Value> = span["tags"].as_object().cloned().unwrap_or_default();
    let kind = kind_of(text(span, "kind"));
    let remote = &span["remoteEndpoint"];
    let address = ["ipv4", "ipv6"].iter().find_map(|name| remote[name].as_str());
    if let Some(name) = remote["serviceName"].as_str().filter(|name| !name.is_empty()) {
        attributes.entry(role_of_other(kind)).or_insert_with(|| name.into());
    } else if let Some(address) = address {
        attributes.entry("net.peer.ip").or_insert_with(|| address.into());
    }
    let events = array(&span["annotations"]).iter().map(|annotation| {
        let time = nanos(&annotation["timestamp"]);
        Value::Object(
            [("name".to_owned(), annotation["value"].clone()), ("time".to_owned(), time.into())].into_iter().collect(),
        )
    });
    let is_error = attributes.contains_key("error");
    push(
        &SpanLine {
            time: nanos(&span["timestamp"]).filter(|&time| time > 0),
            severity_number: if is_error { ERROR } else { INFO },
            service: text(&span["localEndpoint"], "serviceName"),
            span: SpanPart {
                name: text(span, "name"),
                kind,
                duration_ms: nanos(&span["duration"]),
                status: if is_error { "error" } else { "" },
                ..SpanPart::default()
            },
            trace_id: text(span, "traceId"),
            span_id: text(span, "id"),
            parent_span_id: text(span, "parentId"),
            events: events.collect(),
            attributes,
            ..SpanLine::default()
        },
        lines,
    );
}

fn kind_of(written: &str) -> &'static str {
    match written {
        "SERVER" => "server",
        "CLIENT" => "client",
        "PRODUCER" => "producer",
        "CONSUMER" => "consumer",
        _ => "internal",
    }
}

/// The attribute that the name of the remote endpoint is.
fn role_of_other(kind: &str) -> &'static str {
    if matches!(kind, "producer" | "consumer") { "messaging.system" } else { "peer.service" }
}

fn nanos(micros: &Value) -> Option<i64> {
    whole(micros).map(|micros| micros.saturating_mul(1000))
}
