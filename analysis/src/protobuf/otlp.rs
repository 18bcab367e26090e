//! OpenTelemetry logs, traces and metrics, a JSON line a log record, span or point with its resource and scope.
//!
//! Schema: opentelemetry-proto, `logs/v1/logs.proto`, `trace/v1/trace.proto` and `metrics/v1/metrics.proto`, which are alike down to
//! the record: a log record begins with its time, a span with the id of its trace, a metric with its name.

use super::wire::{Fields, Value};
use super::{Lines, is_plausible, metrics, push_base64, push_json_text};

/// Values in values; deeper ones are left out.
const MOST_DEPTH: u32 = 32;

/// Whether the message, or the beginning of one, is a `ResourceLogs`, `ResourceSpans` or `ResourceMetrics` for certain: every field is one of
/// it, and there is a log record, span or point with a time, or an attribute.
pub fn looks_like_resource_logs(logs: &[u8]) -> bool {
    let mut has_evidence = false;
    for field in Fields::new(logs) {
        match field {
            Ok((1, Value::Bytes(resource))) => match attribute_evidence(resource) {
                Some(evidence) => has_evidence |= evidence,
                None => return false,
            },
            Ok((2, Value::Bytes(scope_logs))) => match record_evidence(scope_logs) {
                Some(evidence) => has_evidence |= evidence,
                None => return false,
            },
            Ok((3, Value::Bytes(_))) | Err(super::Flaw::Truncated) => {}
            _ => return false,
        }
    }
    has_evidence
}

/// `None`: this is no `Resource`.
fn attribute_evidence(resource: &[u8]) -> Option<bool> {
    let mut has_evidence = false;
    for field in Fields::new(resource) {
        match field {
            Ok((1, Value::Bytes(attribute))) => {
                let is_name = |name: &[u8]| !name.is_empty() && name.iter().all(u8::is_ascii_graphic);
                let mut parts = Fields::new(attribute);
                let named = matches!(parts.next(), Some(Ok((1, Value::Bytes(name)))) if is_name(name));
                // Line feeds and tabs may look like names; what stands before a value is in no text.
                has_evidence |= named && matches!(parts.next(), Some(Ok((2, Value::Bytes(_)))));
            }
            Ok((2, Value::Varint(_)) | (3, Value::Bytes(_))) | Err(super::Flaw::Truncated) => {}
            _ => return None,
        }
    }
    Some(has_evidence)
}

/// `None`: this is no `ScopeLogs`.
fn record_evidence(scope_logs: &[u8]) -> Option<bool> {
    let mut has_evidence = false;
    for field in Fields::new(scope_logs) {
        match field {
            Ok((2, Value::Bytes(record))) => {
                let time = |field| match field {
                    (1 | 7 | 11, Value::Fixed64(time)) => Some(time),
                    _ => None,
                };
                has_evidence |= Fields::new(record).flatten().find_map(time).is_some_and(is_plausible);
                has_evidence |= metrics::first_time(record).is_some_and(is_plausible);
            }
            Ok((1 | 3, Value::Bytes(_))) | Err(super::Flaw::Truncated) => {}
            _ => return None,
        }
    }
    Some(has_evidence)
}

/// `LogsData` or `ExportLogsServiceRequest`.
pub(super) fn transcode_message(message: &[u8], lines: &mut Lines<'_, '_>) {
    for logs in bytes_of(message, 1) {
        transcode_resource_logs(logs, lines);
    }
}

pub(super) fn transcode_resource_logs(logs: &[u8], lines: &mut Lines<'_, '_>) {
    let mut resource = Vec::new();
    for message in bytes_of(logs, 1) {
        push_attributes("resource", message, 1, &mut resource);
    }
    for scope_logs in bytes_of(logs, 2) {
        let mut around = resource.clone();
        for name in bytes_of(scope_logs, 1).flat_map(|scope| bytes_of(scope, 1)) {
            push_text("scope", name, &mut around);
        }
        let mut fields = Fields::new(scope_logs);
        while let Some(field) = fields.next() {
            // The last record of what was cut off is cut off itself.
            if let (Ok((2, Value::Bytes(record))), None) = (field, fields.flaw()) {
                if metrics::is_metric(record) {
                    metrics::push_metric(record, &around, lines);
                } else if is_span(record) {
                    push_span(record, &around, &mut lines.text);
                    lines.ended();
                } else {
                    push_record(record, &around, &mut lines.text);
                    lines.ended();
                }
            }
        }
    }
}

fn is_span(record: &[u8]) -> bool {
    matches!(Fields::new(record).next(), Some(Ok((1, Value::Bytes(_)))))
}

/// As `signals::line` writes it. `around`: further members of its object, each with a comma before it.
fn push_span(record: &[u8], around: &[u8], line: &mut Vec<u8>) {
    const KINDS: [&str; 6] = ["internal", "internal", "server", "client", "producer", "consumer"];
    let (mut start, mut end, mut kind, mut status) = (0, 0, 0, 0);
    let (mut ids, mut name, mut state) = (Vec::new(), &b""[..], Vec::new());
    let (mut events, mut links) = (Vec::new(), Vec::new());
    for field in Fields::new(record).flatten() {
        match field {
            (1, Value::Bytes(id)) => push_hex("trace_id", id, &mut ids),
            (2, Value::Bytes(id)) => push_hex("span_id", id, &mut ids),
            (4, Value::Bytes(id)) => push_hex("parent_span_id", id, &mut ids),
            (3, Value::Bytes(text)) => push_text("trace_state", text, &mut state),
            (5, Value::Bytes(text)) => name = text,
            (6, Value::Varint(number)) => kind = number as usize,
            (7, Value::Fixed64(nanos)) => start = nanos,
            (8, Value::Fixed64(nanos)) => end = nanos,
            (11, Value::Bytes(event)) => push_event(event, &mut events),
            (13, Value::Bytes(link)) => push_link(link, &mut links),
            (15, Value::Bytes(message)) => {
                for field in Fields::new(message).flatten() {
                    match field {
                        (2, Value::Bytes(text)) => push_text("status_message", text, &mut state),
                        (3, Value::Varint(code)) => status = code,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    let severity = if status == 2 { 17 } else { 9 };
    line.extend(format!("{{\"time\":{start},\"severity_number\":{severity},\"span\":{{\"name\":").bytes());
    push_json_text(&String::from_utf8_lossy(name), line);
    let kind = KINDS.get(kind).unwrap_or(&KINDS[0]);
    let millis = end.saturating_sub(start) as f64 / 1e6;
    line.extend(format!(",\"kind\":\"{kind}\",\"duration_ms\":{millis:?}").bytes());
    if let Some(status) = ["", "ok", "error"].get(status as usize).filter(|status| !status.is_empty()) {
        line.extend(format!(",\"status\":\"{status}\"").bytes());
    }
    line.extend_from_slice(&state);
    line.push(b'}');
    line.extend_from_slice(&ids);
    push_attributes("attributes", record, 9, line);
    line.extend_from_slice(around);
    for (name, list) in [("events", &events), ("links", &links)] {
        if let Some((_, list)) = list.split_first() {
            push_name(name, line);
            line.push(b'[');
            line.extend_from_slice(list);
            line.push(b']');
        }
    }
    line.extend(b"}\n");
}

/// An event of a span as an object behind a comma: its attributes, its name and its time.
fn push_event(event: &[u8], list: &mut Vec<u8>) {
    let (mut time, mut name) = (None, &b""[..]);
    for field in Fields::new(event).flatten() {
        match field {
            (1, Value::Fixed64(nanos)) => time = Some(nanos),
            (2, Value::Bytes(text)) => name = text,
            _ => {}
        }
    }
    list.extend(b",{");
    push_pairs_but(["name", "time"], bytes_of(event, 3), list);
    list.extend(b"\"name\":");
    push_json_text(&String::from_utf8_lossy(name), list);
    let time = time.map_or_else(|| "null".to_owned(), |time| time.to_string());
    list.extend(format!(",\"time\":{time}}}").bytes());
}

/// A link of a span as an object behind a comma: its attributes, and the span it leads to.
fn push_link(link: &[u8], list: &mut Vec<u8>) {
    list.extend(b",{");
    push_pairs_but(["trace_id", "span_id"], bytes_of(link, 4), list);
    for (number, name, end) in [(1, "trace_id", b','), (2, "span_id", b'}')] {
        list.extend(format!("\"{name}\":").bytes());
        match bytes_of(link, number).next() {
            Some(id) => push_hex_text(id, list),
            None => list.extend(b"null"),
        }
        list.push(end);
    }
}

/// Pairs but for those of these names, each with a comma behind it.
fn push_pairs_but<'a>(names: [&str; 2], pairs: impl Iterator<Item = &'a [u8]>, out: &mut Vec<u8>) {
    for pair in pairs {
        if names.iter().all(|name| name.as_bytes() != name_of(pair)) {
            push_pair(pair, 0, out);
            out.push(b',');
        }
    }
}

/// `around`: further members of its object, each with a comma before it.
fn push_record(record: &[u8], around: &[u8], line: &mut Vec<u8>) {
    let (mut time, mut observed) = (0, 0);
    let mut members = Vec::new();
    for field in Fields::new(record).flatten() {
        match field {
            (1, Value::Fixed64(nanos)) => time = nanos,
            (11, Value::Fixed64(nanos)) => observed = nanos,
            (2, Value::Varint(number)) => members.extend(format!(",\"severity_number\":{number}").bytes()),
            (3, Value::Bytes(text)) => push_text("severity_text", text, &mut members),
            (5, Value::Bytes(body)) => {
                members.extend(b",\"body\":");
                push_value(body, 0, &mut members);
            }
            (9, Value::Bytes(id)) => push_hex("trace_id", id, &mut members),
            (10, Value::Bytes(id)) => push_hex("span_id", id, &mut members),
            (12, Value::Bytes(name)) => push_text("event_name", name, &mut members),
            _ => {}
        }
    }
    push_attributes("attributes", record, 6, &mut members);
    let time = if time > 0 { time } else { observed };
    line.extend(format!("{{\"time\":{time}").bytes());
    line.extend_from_slice(&members);
    line.extend_from_slice(around);
    line.extend(b"}\n");
}

pub(super) fn push_text(name: &str, text: &[u8], members: &mut Vec<u8>) {
    if !text.is_empty() {
        push_name(name, members);
        push_json_text(&String::from_utf8_lossy(text), members);
    }
}

/// Of a member, behind another.
fn push_name(name: &str, members: &mut Vec<u8>) {
    members.extend_from_slice(b",\"");
    members.extend_from_slice(name.as_bytes());
    members.extend_from_slice(b"\":");
}

pub(super) fn push_hex(name: &str, id: &[u8], members: &mut Vec<u8>) {
    if !id.is_empty() {
        push_name(name, members);
        push_hex_text(id, members);
    }
}

fn push_hex_text(id: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend(id.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| b"0123456789abcdef"[digit as usize]));
    out.push(b'"');
}

/// The attributes that field `number` of the message holds, as one object; nothing where there are none.
pub(super) fn push_attributes(name: &str, message: &[u8], number: u32, members: &mut Vec<u8>) {
    let mut attributes = bytes_of(message, number).peekable();
    if attributes.peek().is_some() {
        push_name(name, members);
        push_object(attributes, 0, members);
    }
}

fn push_object<'a>(pairs: impl Iterator<Item = &'a [u8]>, depth: u32, out: &mut Vec<u8>) {
    out.push(b'{');
    for (i, pair) in pairs.enumerate() {
        out.extend_from_slice(if i > 0 { b"," } else { b"" });
        push_pair(pair, depth, out);
    }
    out.push(b'}');
}

/// A `KeyValue`.
fn push_pair(pair: &[u8], depth: u32, out: &mut Vec<u8>) {
    push_json_text(&String::from_utf8_lossy(name_of(pair)), out);
    out.push(b':');
    push_value(bytes_of(pair, 2).next().unwrap_or_default(), depth + 1, out);
}

fn name_of(pair: &[u8]) -> &[u8] {
    bytes_of(pair, 1).next().unwrap_or_default()
}

/// An `AnyValue`.
fn push_value(value: &[u8], depth: u32, out: &mut Vec<u8>) {
    if depth > MOST_DEPTH {
        return out.extend(b"null");
    }
    match Fields::new(value).flatten().next() {
        Some((1, Value::Bytes(text))) => push_json_text(&String::from_utf8_lossy(text), out),
        Some((2, Value::Varint(truth))) => out.extend(if truth == 0 { &b"false"[..] } else { b"true" }),
        Some((3, Value::Varint(number))) => out.extend((number as i64).to_string().bytes()),
        Some((4, Value::Fixed64(bits))) => push_double(bits, out),
        Some((5, Value::Bytes(array))) => {
            out.push(b'[');
            for (i, value) in bytes_of(array, 1).enumerate() {
                out.extend_from_slice(if i > 0 { b"," } else { b"" });
                push_value(value, depth + 1, out);
            }
            out.push(b']');
        }
        Some((6, Value::Bytes(pairs))) => push_object(bytes_of(pairs, 1), depth, out),
        Some((7, Value::Bytes(bytes))) => push_base64(bytes, out),
        _ => out.extend(b"null"),
    }
}

/// What JSON has no number for is text.
pub(super) fn push_double(bits: u64, out: &mut Vec<u8>) {
    let number = f64::from_bits(bits);
    match number.is_finite() {
        true => out.extend(format!("{number:?}").bytes()),
        false => push_json_text(&number.to_string(), out),
    }
}

/// Every value of a field that has a length.
pub(super) fn bytes_of(message: &[u8], wanted: u32) -> impl Iterator<Item = &[u8]> {
    Fields::new(message).flatten().filter_map(move |field| match field {
        (number, Value::Bytes(bytes)) if number == wanted => Some(bytes),
        _ => None,
    })
}
