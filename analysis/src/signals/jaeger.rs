//! Traces as Jaeger's page and API export them: times in microseconds, attributes as typed tags.

mod quick;
pub use quick::transcode_usual;

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::line::{ERROR, INFO, SpanLine, SpanPart, array, push, text, whole};

/// `{"traceID":…,"spans":[…],"processes":{"p1":{…}}}`
pub fn transcode(trace: &Value, lines: &mut Vec<u8>) {
    for span in array(&trace["spans"]) {
        let process = match &span["process"] {
            Value::Null => &trace["processes"][text(span, "processID")],
            process => process,
        };
        push_span(span, process, lines);
    }
}

fn push_span(span: &Value, process: &Value, lines: &mut Vec<u8>) {
    let mut attributes = tags(&span["tags"]);
    let kind = match attributes.remove("span.kind") {
        Some(Value::String(kind)) => kind,
        _ => "internal".to_owned(),
    };
    let is_true = |value: &Value| matches!(value, Value::Bool(true)) || value.as_str() == Some("true");
    let is_error = attributes.get("error").is_some_and(is_true)
        || attributes.get("otel.status_code").and_then(Value::as_str) == Some("ERROR");
    let references = array(&span["references"]);
    let is_parent = |reference: &Value| text(reference, "traceID") == text(span, "traceID");
    let parent = references.iter().position(|one| is_parent(one) && text(one, "refType") == "CHILD_OF");
    let parent = parent.or_else(|| references.iter().position(is_parent));
    let others = references.iter().enumerate().filter(|(at, _)| Some(*at) != parent);
    let links = others.map(|(_, other)| link(text(other, "traceID"), text(other, "spanID")));
    let events = array(&span["logs"]).iter().map(|log| {
        let mut event = tags(&log["fields"]);
        event.insert("time".to_owned(), nanos(&log["timestamp"]).into());
        Value::Object(event)
    });
    push(
        &SpanLine {
            time: nanos(&span["startTime"]).filter(|&time| time > 0),
            severity_number: if is_error { ERROR } else { INFO },
            service: text(process, "serviceName"),
            span: SpanPart {
                name: text(span, "operationName"),
                kind: &kind,
                duration_ms: nanos(&span["duration"]),
                status: if is_error { "error" } else { "" },
                ..SpanPart::default()
            },
            trace_id: text(span, "traceID"),
            span_id: text(span, "spanID"),
            parent_span_id: parent.map_or(text(span, "parentSpanID"), |at| text(&references[at], "spanID")),
            attributes,
            resource: Cow::Owned(tags(&process["tags"])),
            events: events.collect(),
            links: links.collect(),
            ..SpanLine::default()
        },
        lines,
    );
}

/// A span that another refers to and that is not its parent.
fn link(trace_id: &str, span_id: &str) -> Value {
    json!({ "trace_id": trace_id, "span_id": span_id })
}

fn nanos(micros: &Value) -> Option<i64> {
    whole(micros).map(|micros| micros.saturating_mul(1000))
}

/// `[{key, type, value}]` as a plain object.
fn tags(list: &Value) -> Map<String, Value> {
    array(list).iter().filter_map(|tag| Some((tag["key"].as_str()?.to_owned(), tag["value"].clone()))).collect()
}
