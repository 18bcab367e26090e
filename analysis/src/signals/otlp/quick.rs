//! Spans, resources and scopes as exporters write them, read straight into their line: spans come by the hundred thousand, and a tree of
//! values for each takes several times as long.
//!
//! What is written in another way is left alone; the long way gives the same line for all that is read here.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::super::line::{ERROR, INFO, SpanLine, SpanPart, push};
use super::super::plain::{Pairs, Plain, Text, Unread, first};
use super::{Around, ITEM, RESOURCE, SCOPE, kind_of, plain, plain_event, plain_link, text_of};

/// Reads the object that `bytes` begin with. Returns how many bytes it has; where it was not read nothing was done.
pub fn transcode_usual(depth: u32, bytes: &[u8], around: &mut Around, lines: &mut Vec<u8>) -> Result<usize, Unread> {
    match depth {
        RESOURCE => take_resource(bytes, around),
        SCOPE => take_scope(bytes, around),
        ITEM => push_span(bytes, around, lines),
        _ => Err(Unread::Unusual),
    }
}

#[derive(Deserialize)]
struct Resource<'s> {
    #[serde(borrow, default)]
    attributes: Vec<Pair<'s>>,
}

fn take_resource(bytes: &[u8], around: &mut Around) -> Result<usize, Unread> {
    let (resource, n_bytes): (Resource<'_>, usize) = first(bytes)?;
    around.resource = each_once(resource.attributes)?.into_map();
    around.service = text_of(around.resource.remove("service.name"));
    around.is_told = true;
    Ok(n_bytes)
}

#[derive(Deserialize)]
struct Scope<'s> {
    #[serde(borrow, default)]
    name: Cow<'s, str>,
}

fn take_scope(bytes: &[u8], around: &mut Around) -> Result<usize, Unread> {
    let (scope, n_bytes): (Scope<'_>, usize) = first(bytes)?;
    around.enter(&scope.name);
    around.is_scope_told = true;
    Ok(n_bytes)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Span<'s> {
    #[serde(borrow)]
    name: Cow<'s, str>,
    #[serde(borrow, alias = "trace_id")]
    trace_id: Cow<'s, str>,
    #[serde(borrow, default, alias = "span_id")]
    span_id: Cow<'s, str>,
    #[serde(borrow, default, alias = "parent_span_id")]
    parent_span_id: Cow<'s, str>,
    #[serde(borrow, default, alias = "trace_state")]
    trace_state: Cow<'s, str>,
    #[serde(default)]
    kind: Value,
    #[serde(alias = "start_time_unix_nano")]
    start_time_unix_nano: Whole,
    #[serde(alias = "end_time_unix_nano")]
    end_time_unix_nano: Whole,
    #[serde(borrow, default)]
    status: Status<'s>,
    #[serde(borrow, default)]
    attributes: Vec<Pair<'s>>,
    #[serde(default)]
    events: Vec<Value>,
    #[serde(default)]
    links: Vec<Value>,
}

#[derive(Default, Deserialize)]
struct Status<'s> {
    #[serde(default)]
    code: Value,
    #[serde(borrow, default)]
    message: Cow<'s, str>,
}

fn push_span(bytes: &[u8], around: &Around, lines: &mut Vec<u8>) -> Result<usize, Unread> {
    let (span, n_bytes): (Span<'_>, usize) = first(bytes)?;
    let attributes = each_once(span.attributes)?;
    let time = Some(span.start_time_unix_nano.0).filter(|&time| time > 0);
    let (severity_number, status) = match &span.status.code {
        Value::Number(code) if code.as_i64() == Some(2) => (ERROR, "error"),
        Value::Number(code) if code.as_i64() == Some(1) => (INFO, "ok"),
        Value::String(code) if code == "STATUS_CODE_ERROR" => (ERROR, "error"),
        Value::String(code) if code == "STATUS_CODE_OK" => (INFO, "ok"),
        _ => (INFO, ""),
    };
    push(
        &SpanLine {
            time,
            severity_number,
            service: &around.service,
            span: SpanPart {
                name: &span.name,
                kind: kind_of(&span.kind),
                duration_ms: time.map(|start| span.end_time_unix_nano.0.saturating_sub(start)),
                status,
                status_message: &span.status.message,
                trace_state: &span.trace_state,
            },
            trace_id: &span.trace_id,
            span_id: &span.span_id,
            parent_span_id: &span.parent_span_id,
            attributes,
            resource: Cow::Borrowed(&around.resource),
            scope: &around.scope,
            events: span.events.iter().map(plain_event).collect(),
            links: span.links.iter().map(plain_link).collect(),
        },
        lines,
    );
    Ok(n_bytes)
}

/// 64 bits, written as a number or as text.
struct Whole(i64);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reading;
        impl Visitor<'_> for Reading {
            type Value = Whole;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number or its digits")
            }
            fn visit_str<E: Error>(self, digits: &str) -> Result<Whole, E> {
                digits.parse().map(Whole).map_err(E::custom)
            }
            fn visit_i64<E: Error>(self, number: i64) -> Result<Whole, E> {
                Ok(Whole(number))
            }
            fn visit_u64<E: Error>(self, number: u64) -> Result<Whole, E> {
                i64::try_from(number).map(Whole).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Reading)
    }
}

/// `{key, value: {stringValue}}`
#[derive(Deserialize)]
struct Pair<'s> {
    #[serde(borrow)]
    key: Cow<'s, str>,
    #[serde(borrow)]
    value: AnyValue<'s>,
}

fn each_once(pairs: Vec<Pair<'_>>) -> Result<Pairs<'_>, Unread> {
    Pairs::each_once(pairs.into_iter().map(|pair| (pair.key, pair.value.0))).ok_or(Unread::Unusual)
}

/// What an `AnyValue` holds.
struct AnyValue<'s>(Plain<'s>);

impl<'de: 's, 's> Deserialize<'de> for AnyValue<'s> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reading<'s>(PhantomData<&'s ()>);
        impl<'de: 's, 's> Visitor<'de> for Reading<'s> {
            type Value = AnyValue<'s>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with one member")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<AnyValue<'s>, A::Error> {
                let Some(Text(kind)) = map.next_key()? else { return Ok(AnyValue(Plain::Other(Value::Null))) };
                let value = match &*kind {
                    "stringValue" | "string_value" => Plain::Text(map.next_value::<Text<'de>>()?.0),
                    "intValue" | "int_value" => Plain::Whole(map.next_value::<Whole>()?.0),
                    "doubleValue" | "double_value" => Plain::Number(map.next_value()?),
                    "boolValue" | "bool_value" => Plain::Bool(map.next_value()?),
                    _ => {
                        let inside: Value = map.next_value()?;
                        Plain::Other(plain(&Value::Object(Map::from_iter([(kind.into_owned(), inside)]))))
                    }
                };
                match map.next_key::<Text<'de>>()? {
                    Some(_) => Err(A::Error::custom("one member is enough")),
                    None => Ok(AnyValue(value)),
                }
            }
        }
        deserializer.deserialize_map(Reading(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::super::transcode;
    use super::*;

    /// The lines of a document's objects, read the short way where that does it, and how many it did.
    fn lines(objects: &[(u32, &str)], is_quick: bool) -> (String, usize) {
        let (mut around, mut lines, mut n_quick) = (Around::default(), Vec::new(), 0);
        for (depth, object) in objects {
            if is_quick && transcode_usual(*depth, object.as_bytes(), &mut around, &mut lines) == Ok(object.len()) {
                n_quick += 1;
            } else if let Ok(object) = serde_json::from_str(object) {
                transcode(*depth, object, &mut around, &mut lines);
            }
        }
        (String::from_utf8(lines).unwrap(), n_quick)
    }

    #[test]
    fn both_ways_lead_to_the_same_line() {
        let resource = r#"{"attributes":[{"key":"service.name","value":{"stringValue":"ca\"rt"}},{"key":"n","value":{"intValue":"7"}}]}"#;
        let scope = r#"{"name":"io.shop","version":"1"}"#;
        let span = |more: &str| {
            format!(
                r#"{{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","name":"GET /","startTimeUnixNano":"1790000000000000000","endTimeUnixNano":1790000000250000000{more}}}"#
            )
        };
        let usual = [
            "",
            r#","kind":2,"parentSpanId":"53995c3f42cd8ad8","traceState":"a=b","status":{"code":2,"message":"no\nroom"}"#,
            r#","kind":"SPAN_KIND_CLIENT","status":{"code":"STATUS_CODE_OK"},"flags":257,"attributes":[]"#,
            r#","attributes":[{"key":"a","value":{"doubleValue":1}},{"key":"b","value":{"doubleValue":0.1}},{"key":"c","value":{"boolValue":true}},{"key":"é","value":{}}]"#,
            r#","attributes":[{"key":"l","value":{"arrayValue":{"values":[{"intValue":"1"},{"stringValue":"x"}]}}},{"key":"k","value":{"kvlistValue":{"values":[{"key":"z","value":{"intValue":2}}]}}}]"#,
            r#","events":[{"name":"e","timeUnixNano":"5","attributes":[{"key":"x","value":{"stringValue":"y"}}]}],"links":[{"traceId":"1","spanId":"2"}]"#,
        ];
        let unusual = [
            r#","attributes":[{"key":"a","value":{"intValue":"1"}},{"key":"a","value":{"intValue":"2"}}]"#,
            r#","attributes":[{"key":"a"},{"value":{"intValue":"2"}}]"#,
            r#","attributes":[{"key":"a","value":{"intValue":"many"}}]"#,
            r#","attributes":7,"kind":null,"status":null"#,
            r#","name":"twice""#,
            r#","trace_id":"ab""#,
        ];
        for (more, is_usual) in usual.iter().map(|more| (more, true)).chain(unusual.iter().map(|more| (more, false))) {
            let span = span(more);
            let document = [(RESOURCE, resource), (SCOPE, scope), (ITEM, &*span)];
            let (quick, n_quick) = lines(&document, true);
            assert_eq!((&*quick, n_quick), (&*lines(&document, false).0, if is_usual { 3 } else { 2 }), "{more}");
        }
        for other in
            [r#"{"name":"requests","sum":{"dataPoints":[{"asInt":"3"}]}}"#, r#"{"body":{"stringValue":"x"}}"#, "{}"]
        {
            assert_eq!(lines(&[(ITEM, other)], true), (lines(&[(ITEM, other)], false).0, 0));
        }
    }
}
