//! Spans as Zipkin's clients write them, read straight into their line: a tree of values for each takes several times as long.
//!
//! What is written in another way is left alone; the long way gives the same line for all that is read here.

use std::borrow::Cow;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::super::line::{ERROR, INFO, SpanLine, SpanPart, push};
use super::super::plain::{Pairs, Plain, Text, Unread, first};
use super::{kind_of, role_of_other};

/// Reads the span that `bytes` begin with. Returns how many bytes it has; where it was not read nothing was done.
pub fn transcode_usual(bytes: &[u8], lines: &mut Vec<u8>) -> Result<usize, Unread> {
    let (span, n_bytes) = first(bytes)?;
    push_span(span, lines).ok_or(Unread::Unusual)?;
    Ok(n_bytes)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Span<'t> {
    #[serde(borrow)]
    trace_id: Cow<'t, str>,
    #[serde(borrow, default)]
    id: Cow<'t, str>,
    #[serde(borrow, default)]
    parent_id: Cow<'t, str>,
    #[serde(borrow, default)]
    kind: Cow<'t, str>,
    #[serde(borrow, default)]
    name: Cow<'t, str>,
    timestamp: Option<i64>,
    duration: Option<i64>,
    #[serde(borrow, default)]
    local_endpoint: Endpoint<'t>,
    #[serde(borrow, default)]
    remote_endpoint: Endpoint<'t>,
    #[serde(borrow, default)]
    annotations: Vec<Annotation<'t>>,
    #[serde(borrow, default)]
    tags: Tags<'t>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Endpoint<'t> {
    #[serde(borrow, default)]
    service_name: Cow<'t, str>,
    #[serde(borrow)]
    ipv4: Option<Text<'t>>,
    #[serde(borrow)]
    ipv6: Option<Text<'t>>,
}

#[derive(Deserialize)]
struct Annotation<'t> {
    timestamp: i64,
    #[serde(borrow)]
    value: Cow<'t, str>,
}

/// `{"http.path":"/"}`
#[derive(Default)]
struct Tags<'t>(Vec<(Cow<'t, str>, Plain<'t>)>);

impl<'de: 't, 't> Deserialize<'de> for Tags<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reading;
        impl<'de> Visitor<'de> for Reading {
            type Value = Tags<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of plain values")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tags<'de>, A::Error> {
                let mut tags = Vec::new();
                while let Some((Text(key), value)) = map.next_entry()? {
                    tags.push((key, value));
                }
                Ok(Tags(tags))
            }
        }
        deserializer.deserialize_map(Reading)
    }
}

fn push_span(span: Span<'_>, lines: &mut Vec<u8>) -> Option<()> {
    let mut attributes = Pairs::each_once(span.tags.0.into_iter())?;
    let kind = kind_of(&span.kind);
    let Endpoint { service_name, ipv4, ipv6 } = span.remote_endpoint;
    if !service_name.is_empty() {
        attributes.add(role_of_other(kind), service_name);
    } else if let Some(Text(address)) = ipv4.or(ipv6) {
        attributes.add("net.peer.ip", address);
    }
    let nanos = |micros: i64| micros.saturating_mul(1000);
    let events = span.annotations.into_iter().map(|annotation| {
        let (name, time) = (Value::String(annotation.value.into_owned()), nanos(annotation.timestamp).into());
        Value::Object([("name".to_owned(), name), ("time".to_owned(), time)].into_iter().collect())
    });
    let is_error = attributes.get("error").is_some();
    push(
        &SpanLine {
            time: span.timestamp.map(nanos).filter(|&time| time > 0),
            severity_number: if is_error { ERROR } else { INFO },
            service: &span.local_endpoint.service_name,
            span: SpanPart {
                name: &span.name,
                kind,
                duration_ms: span.duration.map(nanos),
                status: if is_error { "error" } else { "" },
                ..SpanPart::default()
            },
            trace_id: &span.trace_id,
            span_id: &span.id,
            parent_span_id: &span.parent_id,
            attributes,
            resource: Cow::default(),
            events: events.collect(),
            links: Vec::new(),
            scope: "",
        },
        lines,
    );
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPAN: &str = r#"{"traceId":"ab","id":"2","parentId":"1","kind":"CLIENT","name":"get \"/\"","timestamp":1790000000000000,"duration":2500,
        "localEndpoint":{"serviceName":"web","ipv4":"10.0.0.1"},"remoteEndpoint":{"serviceName":"cart","port":80},
        "annotations":[{"timestamp":1790000000000100,"value":"ws"}],"tags":{"http.path":"/","error":"refused"},"shared":true}"#;

    /// The lines of a span, read the short way and the long one; `None`: it is not as usual.
    fn both(span: &str) -> (Option<String>, String) {
        let (mut quick, mut long) = (Vec::new(), Vec::new());
        let is_usual = transcode_usual(span.as_bytes(), &mut quick) == Ok(span.len());
        super::super::transcode(&serde_json::from_str(span).unwrap(), &mut long);
        (is_usual.then(|| String::from_utf8(quick).unwrap()), String::from_utf8(long).unwrap())
    }

    #[test]
    fn both_ways_lead_to_the_same_line() {
        for (usual, other) in [
            ("", ""),
            (r#""serviceName":"cart","#, r#""ipv6":"::1","#),
            (r#""kind":"CLIENT""#, r#""kind":"PRODUCER""#),
            (r#","error":"refused""#, r#","peer.service":"known""#),
            (r#""timestamp":1790000000000000,"duration":2500,"#, ""),
        ] {
            let (quick, long) = both(&SPAN.replacen(usual, other, 1));
            assert_eq!(quick.as_deref(), Some(&*long), "{other}");
        }
        assert!(both(SPAN).1.contains(r#""peer.service":"cart""#));
    }

    #[test]
    fn what_is_written_otherwise_is_left_to_the_long_way() {
        for (usual, unusual) in [
            (r#""http.path":"/""#, r#""http.path":["/"]"#),
            (r#""http.path":"/""#, r#""error":"twice""#),
            (r#""duration":2500"#, r#""duration":"2500""#),
            (r#""parentId":"1""#, r#""parentId":null"#),
            (r#""value":"ws""#, r#""value":7"#),
        ] {
            let span = SPAN.replacen(usual, unusual, 1);
            assert_ne!(span, SPAN);
            assert_eq!(both(&span).0, None, "{unusual}");
        }
    }
}
