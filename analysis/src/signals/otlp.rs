//! OpenTelemetry's protocol as JSON. What is written as usual goes the short way ([`quick`]), all else over a tree of values.
//!
//! Schema: opentelemetry-proto, `trace/v1`, `metrics/v1` and `logs/v1`; 64-bit numbers are text, ids hexadecimal.
//! Where things are: `{resourceSpans:[{resource:{}, scopeSpans:[{scope:{}, spans:[{…}]}]}]}`. A resource and a scope may stand behind
//! what is of them ([`Early`]).

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::exponential::{self, Side};
use super::line::{ERROR, INFO, MetricPart, PointLine, RecordLine, SpanLine, SpanPart, array, push, text, whole};

mod quick;
pub use quick::transcode_usual;

mod early;
pub use early::Early;

/// What has a resource, and what it holds.
pub const OF_RESOURCE: u32 = 2;
const RESOURCE: u32 = 3;
/// What has a scope, and what it holds.
pub const OF_SCOPE: u32 = 4;
const SCOPE: u32 = 5;
pub const ITEM: u32 = 6;

/// Names of scopes are those of libraries.
const MOST_SCOPE_BYTES: usize = 1 << 10;

/// Whether objects at this depth of a document are cut out.
pub fn is_wanted(depth: u32) -> bool {
    matches!(depth, RESOURCE | SCOPE | ITEM)
}

/// What the spans that follow have in common.
#[derive(Default)]
pub struct Around {
    resource: Map<String, Value>,
    service: String,
    scope: String,
    /// The resource was read, or is waited for no longer.
    is_told: bool,
    is_given_up: bool,
    /// The same of the scope.
    is_scope_told: bool,
    is_scope_given_up: bool,
}

impl Around {
    /// An object begins that has others of its own.
    pub fn forget(&mut self, depth: u32) {
        match depth {
            OF_RESOURCE => *self = Self::default(),
            OF_SCOPE => {
                self.scope.clear();
                (self.is_scope_told, self.is_scope_given_up) = (false, false);
            }
            _ => {}
        }
    }

    /// Whether an object at this depth is one that has to wait for its resource or its scope.
    pub fn keeps_waiting(&self, depth: u32) -> bool {
        depth == ITEM && !self.is_all_told()
    }

    pub fn is_all_told(&self) -> bool {
        self.is_told && self.is_scope_told
    }

    pub fn is_scope_told(&self) -> bool {
        self.is_scope_told
    }

    /// All that has the scope was read; if that was not among it, there is none.
    pub fn end_scope(&mut self) {
        self.is_scope_told = true;
    }

    pub fn give_up(&mut self) {
        self.is_given_up |= !self.is_told;
        self.is_scope_given_up |= !self.is_scope_told;
        (self.is_told, self.is_scope_told) = (true, true);
    }

    /// Whether an object at this depth is a resource or a scope that was waited for no longer.
    pub fn is_too_late(&self, depth: u32) -> bool {
        depth == RESOURCE && self.is_given_up || depth == SCOPE && self.is_scope_given_up
    }

    pub fn scope(&self) -> &str {
        &self.scope
    }

    /// Goes on with the scope of this name. Each line of what is in it has that: a text that is no name is cut.
    pub fn enter(&mut self, scope: &str) {
        let end = (0..=MOST_SCOPE_BYTES).rev().find(|&at| scope.is_char_boundary(at));
        self.scope.clear();
        self.scope.push_str(&scope[..end.unwrap_or_default()]);
    }
}

pub fn transcode(depth: u32, object: Value, around: &mut Around, lines: &mut Vec<u8>) {
    match depth {
        RESOURCE => {
            around.resource = attributes(&object);
            around.service = text_of(around.resource.remove("service.name"));
            around.is_told = true;
        }
        SCOPE => {
            around.enter(text(&object, "name"));
            around.is_scope_told = true;
        }
        _ if is_record(&object) => push_record(&object, around, lines),
        _ if is_span(&object) => push_span(&object, around, lines),
        _ => push_metric(&object, around, lines),
    }
}

fn text_of(value: Option<Value>) -> String {
    match value {
        Some(Value::String(text)) => text,
        Some(value) => value.to_string(),
        None => String::new(),
    }
}

/// A log record has one of them at least.
const RECORD_MEMBERS: [&str; 7] = [
    "body",
    "timeUnixNano",
    "time_unix_nano",
    "observedTimeUnixNano",
    "observed_time_unix_nano",
    "severityNumber",
    "severity_number",
];

/// Metrics and spans have a name.
fn is_record(object: &Value) -> bool {
    object.get("name").is_none() && RECORD_MEMBERS.iter().any(|name| object.get(name).is_some())
}

fn push_record(record: &Value, around: &Around, lines: &mut Vec<u8>) {
    let time = |name, in_schema| whole(member(record, name, in_schema)).filter(|&time| time > 0);
    let observed = || time("observedTimeUnixNano", "observed_time_unix_nano");
    let mut resource = around.resource.clone();
    if !around.service.is_empty() {
        resource.insert("service.name".to_owned(), around.service.as_str().into());
    }
    push(
        &RecordLine {
            time: time("timeUnixNano", "time_unix_nano").or_else(observed),
            severity_number: whole(member(record, "severityNumber", "severity_number")),
            severity_text: member(record, "severityText", "severity_text").as_str().unwrap_or_default(),
            body: plain(&record["body"]),
            trace_id: member(record, "traceId", "trace_id").as_str().unwrap_or_default(),
            span_id: member(record, "spanId", "span_id").as_str().unwrap_or_default(),
            event_name: member(record, "eventName", "event_name").as_str().unwrap_or_default(),
            attributes: attributes(record),
            resource,
            scope: &around.scope,
        },
        lines,
    );
}

fn is_span(object: &Value) -> bool {
    ["traceId", "trace_id", "spanId", "span_id"].iter().any(|name| object.get(name).is_some())
}

/// A member by its name in JSON, or as it is in the schema.
fn member<'v>(object: &'v Value, name: &str, in_schema: &str) -> &'v Value {
    object.get(name).or_else(|| object.get(in_schema)).unwrap_or(&Value::Null)
}

fn push_span(span: &Value, around: &Around, lines: &mut Vec<u8>) {
    let time = whole(member(span, "startTimeUnixNano", "start_time_unix_nano")).filter(|&time| time > 0);
    let end = whole(member(span, "endTimeUnixNano", "end_time_unix_nano"));
    let is_error = match &span["status"]["code"] {
        Value::String(code) => code == "STATUS_CODE_ERROR",
        code => code.as_i64() == Some(2),
    };
    let is_ok = matches!(&span["status"]["code"], Value::String(code) if code == "STATUS_CODE_OK")
        || span["status"]["code"].as_i64() == Some(1);
    push(
        &SpanLine {
            time,
            severity_number: if is_error { ERROR } else { INFO },
            service: &around.service,
            span: SpanPart {
                name: text(span, "name"),
                kind: kind_of(&span["kind"]),
                duration_ms: time.zip(end).map(|(start, end)| end.saturating_sub(start)),
                status: if is_error {
                    "error"
                } else if is_ok {
                    "ok"
                } else {
                    ""
                },
                status_message: text(&span["status"], "message"),
                trace_state: member(span, "traceState", "trace_state").as_str().unwrap_or_default(),
            },
            trace_id: member(span, "traceId", "trace_id").as_str().unwrap_or_default(),
            span_id: member(span, "spanId", "span_id").as_str().unwrap_or_default(),
            parent_span_id: member(span, "parentSpanId", "parent_span_id").as_str().unwrap_or_default(),
            attributes: attributes(span),
            resource: Cow::Borrowed(&around.resource),
            scope: &around.scope,
            events: array(&span["events"]).iter().map(plain_event).collect(),
            links: array(&span["links"]).iter().map(plain_link).collect(),
        },
        lines,
    );
}

pub fn kind_of(kind: &Value) -> &'static str {
    let name = kind.as_str().map(|name| name.trim_start_matches("SPAN_KIND_"));
    match (kind.as_i64(), name) {
        (Some(2), _) | (_, Some("SERVER")) => "server",
        (Some(3), _) | (_, Some("CLIENT")) => "client",
        (Some(4), _) | (_, Some("PRODUCER")) => "producer",
        (Some(5), _) | (_, Some("CONSUMER")) => "consumer",
        _ => "internal",
    }
}

fn plain_event(event: &Value) -> Value {
    let mut plain = attributes(event);
    plain.insert("name".to_owned(), text(event, "name").into());
    plain.insert("time".to_owned(), whole(member(event, "timeUnixNano", "time_unix_nano")).into());
    Value::Object(plain)
}

fn plain_link(link: &Value) -> Value {
    let mut plain = attributes(link);
    plain.insert("trace_id".to_owned(), member(link, "traceId", "trace_id").clone());
    plain.insert("span_id".to_owned(), member(link, "spanId", "span_id").clone());
    Value::Object(plain)
}

/// `[{key, value: {stringValue}}]` as a plain object.
fn attributes(of: &Value) -> Map<String, Value> {
    attributes_of(&of["attributes"])
}

fn attributes_of(list: &Value) -> Map<String, Value> {
    let pair = |pair: &Value| Some((pair["key"].as_str()?.to_owned(), plain(&pair["value"])));
    array(list).iter().filter_map(pair).collect()
}

/// An `AnyValue`.
fn plain(value: &Value) -> Value {
    let Some((kind, inside)) = value.as_object().and_then(|object| object.iter().next()) else { return Value::Null };
    match kind.as_str() {
        "intValue" | "int_value" => whole(inside).map_or_else(|| inside.clone(), Value::from),
        "arrayValue" | "array_value" => array(&inside["values"]).iter().map(plain).collect(),
        "kvlistValue" | "kvlist_value" => {
            let pair = |pair: &Value| Some((pair["key"].as_str()?.to_owned(), plain(&pair["value"])));
            Value::Object(array(&inside["values"]).iter().filter_map(pair).collect())
        }
        _ => inside.clone(),
    }
}

fn push_metric(metric: &Value, around: &Around, lines: &mut Vec<u8>) {
    const KINDS: [(&str, &str, &str); 5] = [
        ("gauge", "gauge", "gauge"),
        ("sum", "sum", "sum"),
        ("histogram", "histogram", "histogram"),
        ("exponentialHistogram", "exponential_histogram", "exponential histogram"),
        ("summary", "summary", "summary"),
    ];
    for (name, in_schema, kind) in KINDS {
        let data = member(metric, name, in_schema);
        let temporality = temporality_of(member(data, "aggregationTemporality", "aggregation_temporality"));
        for point in array(member(data, "dataPoints", "data_points")) {
            let numbers = numbers_of(point);
            let (name, unit) = (text(metric, "name"), text(metric, "unit"));
            let exemplars: Vec<Value> = array(&point["exemplars"]).iter().map(plain_exemplar).collect();
            let trace_id = exemplars.last().map(|exemplar| text(exemplar, "trace_id").to_owned()).unwrap_or_default();
            push(
                &PointLine {
                    time: whole(member(point, "timeUnixNano", "time_unix_nano")).filter(|&time| time > 0),
                    service: &around.service,
                    metric: MetricPart { name, kind, unit, temporality, numbers },
                    attributes: attributes(point),
                    resource: around.resource.clone(),
                    scope: &around.scope,
                    trace_id: &trace_id,
                    exemplars,
                    ..PointLine::default()
                },
                lines,
            );
        }
    }
}

fn temporality_of(written: &Value) -> &'static str {
    let name = written.as_str().map(|name| name.trim_start_matches("AGGREGATION_TEMPORALITY_"));
    match (whole(written), name) {
        (Some(1), _) | (_, Some("DELTA")) => "delta",
        (Some(2), _) | (_, Some("CUMULATIVE")) => "cumulative",
        _ => "",
    }
}

/// What a point measured, as it is called in a line.
fn numbers_of(point: &Value) -> Map<String, Value> {
    let mut numbers = Map::new();
    for (name, from, in_schema) in [
        ("value", "asDouble", "as_double"),
        ("value", "asInt", "as_int"),
        ("count", "count", "count"),
        ("sum", "sum", "sum"),
        ("min", "min", "min"),
        ("max", "max", "max"),
        ("scale", "scale", "scale"),
        ("zero_count", "zeroCount", "zero_count"),
    ] {
        if let Some(number) = number(member(point, from, in_schema)) {
            numbers.insert(name.to_owned(), number);
        }
    }
    for (name, from, in_schema) in
        [("bounds", "explicitBounds", "explicit_bounds"), ("buckets", "bucketCounts", "bucket_counts")]
    {
        if let Some(list) = member(point, from, in_schema).as_array() {
            numbers.insert(name.to_owned(), list.iter().map(|written| number(written).unwrap_or_default()).collect());
        }
    }
    if let Some(exponential::Buckets { bounds, counts }) = exponential_of(point) {
        numbers.insert("bounds".to_owned(), bounds.into());
        numbers.insert("buckets".to_owned(), counts.into());
    }
    if let Some(list) = member(point, "quantileValues", "quantile_values").as_array() {
        // Zero is not written.
        let or_zero = |written: &Value| number(written).unwrap_or_else(|| 0.0.into());
        let quantile = |at: &Value| json!({ "quantile": or_zero(&at["quantile"]), "value": or_zero(&at["value"]) });
        numbers.insert("quantiles".to_owned(), list.iter().map(quantile).collect());
    }
    numbers
}

/// `None`: the point is not of an exponential histogram, or there are no numbers in its buckets.
fn exponential_of(point: &Value) -> Option<exponential::Buckets> {
    let side_of = |written: &Value| {
        let mut side = Side::default();
        for count in array(member(written, "bucketCounts", "bucket_counts")) {
            side.push(whole(count).and_then(|count| u64::try_from(count).ok()).unwrap_or_default());
        }
        side.offset = i32::try_from(whole(&written["offset"]).unwrap_or_default()).ok()?;
        Some(side)
    };
    let n_zero = whole(member(point, "zeroCount", "zero_count")).and_then(|n| u64::try_from(n).ok());
    let scale = whole(&point["scale"]).unwrap_or_default();
    exponential::buckets(scale, n_zero.unwrap_or_default(), side_of(&point["positive"])?, side_of(&point["negative"])?)
}

/// A number that may be written as text; what JSON has no number for is text, as `protobuf::metrics` writes it.
fn number(written: &Value) -> Option<Value> {
    match written {
        Value::Number(_) => Some(written.clone()),
        Value::String(text) => match (text.parse::<i64>(), text.parse::<f64>()) {
            (Ok(whole), _) => Some(whole.into()),
            (_, Ok(number)) if number.is_finite() => Some(number.into()),
            (_, Ok(number)) => Some(number.to_string().into()),
            _ => None,
        },
        _ => None,
    }
}

/// A measured value, and the request it was measured in.
fn plain_exemplar(exemplar: &Value) -> Value {
    let mut plain = attributes_of(member(exemplar, "filteredAttributes", "filtered_attributes"));
    let value =
        number(member(exemplar, "asDouble", "as_double")).or_else(|| number(member(exemplar, "asInt", "as_int")));
    plain.insert("value".to_owned(), value.unwrap_or_default());
    plain.insert("time".to_owned(), whole(member(exemplar, "timeUnixNano", "time_unix_nano")).into());
    plain.insert("trace_id".to_owned(), member(exemplar, "traceId", "trace_id").clone());
    plain.insert("span_id".to_owned(), member(exemplar, "spanId", "span_id").clone());
    Value::Object(plain)
}
