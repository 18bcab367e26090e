//! Traces as Jaeger writes them, read straight into their lines: a tree of values for each takes several times as long.
//!
//! What is written in another way is left alone; the long way gives the same line for all that is read here.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::super::line::{ERROR, INFO, SpanLine, SpanPart, push};
use super::super::plain::{Pairs, Plain, Text, Unread, first};
use super::link;

/// Reads the trace that `bytes` begin with. Returns how many bytes it has; where it was not read nothing was done.
pub fn transcode_usual(bytes: &[u8], lines: &mut Vec<u8>) -> Result<usize, Unread> {
    let n_before = lines.len();
    let (trace, n_bytes) = first(bytes)?;
    if push_trace(trace, lines).is_none() {
        lines.truncate(n_before);
        return Err(Unread::Unusual);
    }
    Ok(n_bytes)
}

#[derive(Deserialize)]
struct Trace<'t> {
    #[serde(borrow)]
    spans: Vec<Span<'t>>,
    #[serde(borrow)]
    processes: BTreeMap<Text<'t>, Process<'t>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Process<'t> {
    #[serde(borrow)]
    service_name: Cow<'t, str>,
    #[serde(borrow, default)]
    tags: Vec<Tag<'t>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Span<'t> {
    #[serde(borrow, rename = "traceID")]
    trace_id: Cow<'t, str>,
    #[serde(borrow, rename = "spanID")]
    span_id: Cow<'t, str>,
    #[serde(borrow, default, rename = "parentSpanID")]
    parent_span_id: Cow<'t, str>,
    #[serde(borrow, rename = "processID")]
    process_id: Text<'t>,
    /// In place of one of the trace's.
    process: Option<Value>,
    #[serde(borrow)]
    operation_name: Cow<'t, str>,
    #[serde(borrow, default)]
    references: Vec<Reference<'t>>,
    start_time: i64,
    duration: i64,
    #[serde(borrow, default)]
    tags: Vec<Tag<'t>>,
    #[serde(borrow, default)]
    logs: Vec<Log<'t>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reference<'t> {
    #[serde(borrow, default)]
    ref_type: Cow<'t, str>,
    #[serde(borrow, default, rename = "traceID")]
    trace_id: Cow<'t, str>,
    #[serde(borrow, default, rename = "spanID")]
    span_id: Cow<'t, str>,
}

#[derive(Deserialize)]
struct Log<'t> {
    timestamp: i64,
    #[serde(borrow, default)]
    fields: Vec<Tag<'t>>,
}

#[derive(Deserialize)]
struct Tag<'t> {
    #[serde(borrow)]
    key: Cow<'t, str>,
    #[serde(borrow)]
    value: Plain<'t>,
}

fn push_trace(Trace { spans, processes }: Trace<'_>, lines: &mut Vec<u8>) -> Option<()> {
    let mut known = BTreeMap::new();
    for (id, process) in processes {
        known.insert(id, (process.service_name.into_owned(), map_of(process.tags)));
    }
    for span in spans {
        let (service, resource) = known.get(&span.process_id).filter(|_| span.process.is_none())?;
        push_span(span, service, resource, lines)?;
    }
    Some(())
}

fn push_span(span: Span<'_>, service: &str, resource: &Map<String, Value>, lines: &mut Vec<u8>) -> Option<()> {
    let mut attributes = Pairs::each_once(span.tags.into_iter().map(|tag| (tag.key, tag.value)))?;
    let kind = match attributes.take("span.kind") {
        Some(Plain::Text(kind)) => kind,
        _ => Cow::Borrowed("internal"),
    };
    let is_error = match attributes.get("error") {
        Some(Plain::Bool(truth)) => *truth,
        Some(Plain::Text(text)) => text == "true",
        _ => false,
    } || matches!(attributes.get("otel.status_code"), Some(Plain::Text(code)) if code == "ERROR");
    let is_parent = |reference: &Reference<'_>| reference.trace_id == span.trace_id;
    let parent = span.references.iter().position(|one| is_parent(one) && one.ref_type == "CHILD_OF");
    let parent = parent.or_else(|| span.references.iter().position(is_parent));
    let others = span.references.iter().enumerate().filter(|(at, _)| Some(*at) != parent);
    let links = others.map(|(_, other)| link(&other.trace_id, &other.span_id)).collect();
    let parent_span_id: &str = match parent {
        Some(at) => &span.references[at].span_id,
        None => &span.parent_span_id,
    };
    let events = span.logs.into_iter().map(|log| {
        let mut event = map_of(log.fields);
        event.insert("time".to_owned(), log.timestamp.saturating_mul(1000).into());
        Value::Object(event)
    });
    push(
        &SpanLine {
            time: Some(span.start_time.saturating_mul(1000)).filter(|&time| time > 0),
            severity_number: if is_error { ERROR } else { INFO },
            service,
            span: SpanPart {
                name: &span.operation_name,
                kind: &kind,
                duration_ms: Some(span.duration.saturating_mul(1000)),
                status: if is_error { "error" } else { "" },
                ..SpanPart::default()
            },
            trace_id: &span.trace_id,
            span_id: &span.span_id,
            parent_span_id,
            attributes,
            resource: Cow::Borrowed(resource),
            events: events.collect(),
            links,
            scope: "",
        },
        lines,
    );
    Some(())
}

/// Of a key that comes twice the last one counts.
fn map_of(tags: Vec<Tag<'_>>) -> Map<String, Value> {
    tags.into_iter().map(|tag| (tag.key.into_owned(), tag.value.into_value())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = r#"{"traceID":"ab","spans":[
        {"traceID":"ab","spanID":"1","flags":1,"operationName":"GET \"/\"","references":[],"startTime":1790000000000000,"duration":2500,
         "tags":[{"key":"span.kind","type":"string","value":"server"},{"key":"http.status_code","type":"int64","value":200},{"key":"a","type":"float64","value":0.5}],
         "logs":[{"timestamp":1790000000000100,"fields":[{"key":"event","type":"string","value":"retry"}]}],"processID":"p1","warnings":null},
        {"traceID":"ab","spanID":"2","operationName":"charge","references":[{"refType":"FOLLOWS_FROM","traceID":"ab","spanID":"9"},{"refType":"CHILD_OF","traceID":"ab","spanID":"1"}],
         "startTime":1790000000000200,"duration":0,"tags":[{"key":"error","type":"bool","value":true}],"logs":[],"processID":"p2"}],
        "processes":{"p1":{"serviceName":"cart","tags":[{"key":"ip","type":"string","value":"10.0.0.1"}]},"p2":{"serviceName":"pay","tags":[]}}}"#;

    /// The lines of a trace, read the short way and the long one; `None`: it is not as usual.
    fn both(trace: &str) -> (Option<String>, String) {
        let (mut quick, mut long) = (Vec::new(), Vec::new());
        let is_usual = transcode_usual(trace.as_bytes(), &mut quick) == Ok(trace.len());
        super::super::transcode(&serde_json::from_str(trace).unwrap(), &mut long);
        (is_usual.then(|| String::from_utf8(quick).unwrap()), String::from_utf8(long).unwrap())
    }

    #[test]
    fn both_ways_lead_to_the_same_lines() {
        let (quick, long) = both(TRACE);
        assert_eq!(quick.as_deref(), Some(&*long));
        assert!(long.lines().count() == 2 && long.contains(r#""parent_span_id":"1""#), "{long}");
    }

    #[test]
    fn references_that_are_no_parents_are_links() {
        let elsewhere = r#"{"refType":"CHILD_OF","traceID":"cd","spanID":"7"}"#;
        let (quick, long) = both(&TRACE.replacen(r#""references":[]"#, &format!(r#""references":[{elsewhere}]"#), 1));
        assert_eq!(quick.as_deref(), Some(&*long));
        let links = |line: &str| serde_json::from_str::<Value>(line).unwrap()["links"].to_string();
        assert_eq!(
            long.lines().map(links).collect::<Vec<_>>(),
            [r#"[{"trace_id":"cd","span_id":"7"}]"#, r#"[{"trace_id":"ab","span_id":"9"}]"#]
        );
        assert!(!long.lines().next().unwrap().contains("parent_span_id"), "{long}");
    }

    #[test]
    fn what_is_written_otherwise_is_left_to_the_long_way() {
        for (usual, unusual) in [
            (r#""value":"server""#, r#""value":["server"]"#),
            (r#""startTime":1790000000000000,"#, r#""startTime":"1790000000000000","#),
            (r#""processID":"p2""#, r#""process":{"serviceName":"pay"},"processID":"p2""#),
            (r#""processID":"p2""#, r#""processID":"p3""#),
            (r#"{"key":"a","type""#, r#"{"key":"span.kind","type""#),
        ] {
            let trace = TRACE.replacen(usual, unusual, 1);
            assert_ne!(trace, TRACE);
            assert_eq!(both(&trace).0, None, "{unusual}");
        }
    }
}
