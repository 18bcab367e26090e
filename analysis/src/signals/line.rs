//! The lines that spans, data points and log records become; `formats/span.toml`, `metric.toml` and `otlp-record.toml` read them.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

/// What a span is said to have, in whatever it was read into.
pub trait Attributes: Serialize {
    fn is_empty(&self) -> bool;
}

impl Attributes for Map<String, Value> {
    fn is_empty(&self) -> bool {
        self.is_empty()
    }
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct SpanLine<'s, A: Attributes = Map<String, Value>> {
    /// Nanoseconds since the epoch; `null` where the span says none.
    pub time: Option<i64>,
    pub severity_number: u8,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub service: &'s str,
    pub span: SpanPart<'s>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub trace_id: &'s str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub span_id: &'s str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub parent_span_id: &'s str,
    #[serde(skip_serializing_if = "Attributes::is_empty")]
    pub attributes: A,
    #[serde(skip_serializing_if = "is_none_there")]
    pub resource: Cow<'s, Map<String, Value>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub scope: &'s str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Value>,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct SpanPart<'s> {
    pub name: &'s str,
    /// `internal`, `server`, `client`, `producer` or `consumer`.
    pub kind: &'s str,
    #[serde(serialize_with = "millis", skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<i64>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub status: &'s str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub status_message: &'s str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub trace_state: &'s str,
}

fn is_none_there(map: &Map<String, Value>) -> bool {
    map.is_empty()
}

/// Nanoseconds, as milliseconds.
fn millis<S: serde::Serializer>(nanos: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(nanos.unwrap_or_default() as f64 / 1e6)
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct PointLine<'s> {
    pub time: Option<i64>,
    /// The point has no stamp: its time is when the file was changed.
    #[serde(rename = "time_from", serialize_with = "from_file", skip_serializing_if = "std::ops::Not::not")]
    pub has_file_time: bool,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub service: &'s str,
    pub metric: MetricPart<'s>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub attributes: Map<String, Value>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub resource: Map<String, Value>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub scope: &'s str,
    /// Of the last exemplar: leads from the point to a request that it counts.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub trace_id: &'s str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exemplars: Vec<Value>,
}

fn from_file<S: serde::Serializer>(_: &bool, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str("file")
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct MetricPart<'s> {
    pub name: &'s str,
    pub kind: &'s str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub unit: &'s str,
    /// `delta` or `cumulative`, where the metric says it.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub temporality: &'s str,
    /// `value`, or `count`, `sum`, `min`, `max` and what else a point says.
    #[serde(flatten)]
    pub numbers: Map<String, Value>,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct RecordLine<'s> {
    pub time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity_number: Option<i64>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub severity_text: &'s str,
    pub body: Value,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub trace_id: &'s str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub span_id: &'s str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub event_name: &'s str,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub attributes: Map<String, Value>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub resource: Map<String, Value>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub scope: &'s str,
}

pub const INFO: u8 = 9;
pub const ERROR: u8 = 17;

pub fn push(line: &impl Serialize, lines: &mut Vec<u8>) {
    serde_json::to_writer(&mut *lines, line).expect("texts and numbers are JSON, and memory takes them");
    lines.push(b'\n');
}

/// The text of a member; empty where it is none.
pub fn text<'v>(object: &'v Value, name: &str) -> &'v str {
    object[name].as_str().unwrap_or_default()
}

/// A number that is written as one, or as text, as 64 bits are in the JSON of protobuf.
pub fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|number| number as i64)),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

pub fn array(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}
