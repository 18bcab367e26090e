//! Metrics of OpenTelemetry, a JSON line a data point, as `signals::line` writes it.
//!
//! Schema: opentelemetry-proto, `metrics/v1/metrics.proto`.

use super::Lines;
use super::otlp::{bytes_of, push_attributes, push_double, push_hex, push_text};
use super::push_json_text;
use super::wire::{Fields, Value, varint};
use crate::signals::exponential::{self, Side};

/// Fields of a `Metric` that hold points, and what they are called.
const KINDS: [(u32, &str); 5] =
    [(5, "gauge"), (7, "sum"), (9, "histogram"), (10, "exponential histogram"), (11, "summary")];

/// A point's time, in all kinds of them.
const TIME: u32 = 3;

/// A metric begins with a name, and all its fields have a length: spans begin with an id, they and log records say times.
pub fn is_metric(record: &[u8]) -> bool {
    let is_name = |bytes| std::str::from_utf8(bytes).is_ok_and(|name| !name.contains(char::is_control));
    let mut fields = Fields::new(record);
    let is_named = matches!(fields.next(), Some(Ok((1, Value::Bytes(name)))) if is_name(name));
    is_named && fields.all(|field| matches!(field, Ok((_, Value::Bytes(_)))))
}

/// The first time that a point says, if this may be a metric.
pub fn first_time(record: &[u8]) -> Option<u64> {
    points(record).find_map(|(_, point)| {
        let time = |field| if let (TIME, Value::Fixed64(time)) = field { Some(time) } else { None };
        Fields::new(point).flatten().find_map(time)
    })
}

/// The points with their kind.
fn points(record: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    data(record).flat_map(|(kind, data)| bytes_of(data, 1).map(move |point| (kind, point)))
}

/// What holds points, with their kind.
fn data(record: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let of_kind = |(number, value)| match value {
        Value::Bytes(data) => KINDS.iter().position(|(kind, _)| *kind == number).map(|kind| (kind, data)),
        _ => None,
    };
    Fields::new(record).flatten().filter_map(of_kind)
}

/// Delta or cumulative, of what holds points; gauges and summaries do not say it.
fn temporality_of(data: &[u8]) -> Option<&'static str> {
    Fields::new(data).flatten().find_map(|field| match field {
        (2, Value::Varint(1)) => Some("delta"),
        (2, Value::Varint(2)) => Some("cumulative"),
        _ => None,
    })
}

/// `around`: further members of each object, each with a comma before it.
pub fn push_metric(record: &[u8], around: &[u8], lines: &mut Lines<'_, '_>) {
    let name = bytes_of(record, 1).next().unwrap_or_default();
    let mut unit = Vec::new();
    bytes_of(record, 3).for_each(|text| push_text("unit", text, &mut unit));
    let with_temporality = |(kind, data)| {
        let temporality = temporality_of(data);
        bytes_of(data, 1).map(move |point| (kind, temporality, point))
    };
    for (kind, temporality, point) in data(record).flat_map(with_temporality) {
        let line = &mut lines.text;
        let (mut time, mut said) = (None, Said::default());
        for field in Fields::new(point).flatten() {
            match field {
                (TIME, Value::Fixed64(nanos)) => time = Some(nanos).filter(|&nanos| nanos > 0),
                _ => said.take(KINDS[kind].1, field),
            }
        }
        let time = time.map_or_else(|| "null".to_owned(), |time| time.to_string());
        line.extend(format!("{{\"time\":{time},\"metric\":{{\"name\":").bytes());
        push_json_text(&String::from_utf8_lossy(name), line);
        line.extend(format!(",\"kind\":\"{}\"", KINDS[kind].1).bytes());
        line.extend_from_slice(&unit);
        if let Some(temporality) = temporality {
            line.extend(format!(",\"temporality\":\"{temporality}\"").bytes());
        }
        line.extend_from_slice(&said.numbers);
        said.push_exponential(line);
        if !said.quantiles.is_empty() {
            line.extend(b",\"quantiles\":[");
            line.extend_from_slice(&said.quantiles);
            line.push(b']');
        }
        line.push(b'}');
        let attributes = match KINDS[kind].1 {
            "histogram" => 9,
            "exponential histogram" => 1,
            _ => 7,
        };
        push_attributes("attributes", point, attributes, line);
        line.extend_from_slice(around);
        if let Some(last) = said.exemplars.last() {
            bytes_of(last, 5).for_each(|id| push_hex("trace_id", id, line));
            line.extend(b",\"exemplars\":[");
            for (i, exemplar) in said.exemplars.iter().enumerate() {
                line.extend_from_slice(if i > 0 { b"," } else { b"" });
                push_exemplar(exemplar, line);
            }
            line.push(b']');
        }
        line.extend(b"}\n");
        lines.ended();
    }
}

/// What a point says beside its time and attributes.
#[derive(Default)]
struct Said<'p> {
    /// Members, each with a comma before it.
    numbers: Vec<u8>,
    /// Objects with commas between.
    quantiles: Vec<u8>,
    exemplars: Vec<&'p [u8]>,
    /// Of an exponential histogram: its scale, zeros, and numbers above and below.
    scale: i64,
    n_zero: u64,
    positive: Side,
    negative: Side,
}

impl<'p> Said<'p> {
    fn take(&mut self, kind: &str, field: (u32, Value<'p>)) {
        let is_number = matches!(kind, "gauge" | "sum");
        let (is_histogram, is_exponential) = (kind == "histogram", kind == "exponential histogram");
        match field {
            (4, Value::Fixed64(bits)) if is_number => self.double("value", bits),
            (6, Value::Fixed64(bits)) if is_number => self.whole("value", bits as i64),
            (4, Value::Fixed64(count)) => self.whole("count", count),
            (5, Value::Fixed64(bits)) if !is_number => self.double("sum", bits),
            (11, Value::Fixed64(bits)) if is_histogram => self.double("min", bits),
            (12, Value::Fixed64(bits)) if is_histogram => self.double("max", bits),
            (12, Value::Fixed64(bits)) if is_exponential => self.double("min", bits),
            (13, Value::Fixed64(bits)) if is_exponential => self.double("max", bits),
            (6, Value::Bytes(packed)) if is_histogram => {
                push_numbers("buckets", of_64_bits(packed), &mut self.numbers, push_whole);
            }
            (7, Value::Bytes(packed)) if is_histogram => {
                push_numbers("bounds", of_64_bits(packed), &mut self.numbers, push_double);
            }
            (6, Value::Varint(scale)) if is_exponential => {
                self.scale = signed(scale);
                self.whole("scale", self.scale);
            }
            (7, Value::Fixed64(count)) if is_exponential => {
                self.n_zero = count;
                self.whole("zero_count", count);
            }
            (8, Value::Bytes(side)) if is_exponential => take_side(side, &mut self.positive),
            (9, Value::Bytes(side)) if is_exponential => take_side(side, &mut self.negative),
            (6, Value::Bytes(quantile)) if kind == "summary" => self.quantile(quantile),
            (5, Value::Bytes(exemplar)) if is_number => self.exemplars.push(exemplar),
            (8, Value::Bytes(exemplar)) if is_histogram => self.exemplars.push(exemplar),
            (11, Value::Bytes(exemplar)) if is_exponential => self.exemplars.push(exemplar),
            _ => {}
        }
    }

    fn push_exponential(&mut self, line: &mut Vec<u8>) {
        let (positive, negative) = (std::mem::take(&mut self.positive), std::mem::take(&mut self.negative));
        let Some(found) = exponential::buckets(self.scale, self.n_zero, positive, negative) else { return };
        push_numbers("bounds", found.bounds.iter().map(|bound| bound.to_bits()), line, push_double);
        push_numbers("buckets", found.counts.iter().copied(), line, push_whole);
    }

    fn double(&mut self, name: &str, bits: u64) {
        self.numbers.extend(format!(",\"{name}\":").bytes());
        push_double(bits, &mut self.numbers);
    }

    fn whole(&mut self, name: &str, number: impl std::fmt::Display) {
        self.numbers.extend(format!(",\"{name}\":{number}").bytes());
    }

    fn quantile(&mut self, message: &[u8]) {
        // Zero is not written.
        let (mut at, mut value) = (0, 0);
        for field in Fields::new(message).flatten() {
            match field {
                (1, Value::Fixed64(bits)) => at = bits,
                (2, Value::Fixed64(bits)) => value = bits,
                _ => {}
            }
        }
        let out = &mut self.quantiles;
        out.extend(if out.is_empty() { &b"{\"quantile\":"[..] } else { b",{\"quantile\":" });
        push_double(at, out);
        out.extend(b",\"value\":");
        push_double(value, out);
        out.push(b'}');
    }
}

/// Numbers of 64 bits behind each other.
fn of_64_bits(packed: &[u8]) -> impl Iterator<Item = u64> {
    packed.as_chunks::<8>().0.iter().map(|bytes| u64::from_le_bytes(*bytes))
}

fn push_numbers(name: &str, numbers: impl Iterator<Item = u64>, out: &mut Vec<u8>, push: impl Fn(u64, &mut Vec<u8>)) {
    out.extend(format!(",\"{name}\":[").bytes());
    for (i, number) in numbers.enumerate() {
        out.extend_from_slice(if i > 0 { b"," } else { b"" });
        push(number, out);
    }
    out.push(b']');
}

fn push_whole(number: u64, out: &mut Vec<u8>) {
    out.extend(number.to_string().bytes());
}

/// As a `sint32` is written: its sign comes last.
fn signed(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// The `Buckets` of numbers above zero, or of those below.
fn take_side(message: &[u8], side: &mut Side) {
    for field in Fields::new(message).flatten() {
        match field {
            (1, Value::Varint(offset)) => side.offset = signed(offset).clamp(i32::MIN.into(), i32::MAX.into()) as i32,
            (2, Value::Varint(count)) => side.push(count),
            (2, Value::Bytes(mut packed)) => {
                while let Ok((count, rest)) = varint(packed) {
                    side.push(count);
                    packed = rest;
                }
            }
            _ => {}
        }
    }
}

fn push_exemplar(exemplar: &[u8], out: &mut Vec<u8>) {
    let mut members = Vec::new();
    for field in Fields::new(exemplar).flatten() {
        match field {
            (2, Value::Fixed64(nanos)) => members.extend(format!(",\"time\":{nanos}").bytes()),
            (3, Value::Fixed64(bits)) => {
                members.extend(b",\"value\":");
                push_double(bits, &mut members);
            }
            (6, Value::Fixed64(bits)) => members.extend(format!(",\"value\":{}", bits as i64).bytes()),
            (4, Value::Bytes(id)) => push_hex("span_id", id, &mut members),
            (5, Value::Bytes(id)) => push_hex("trace_id", id, &mut members),
            _ => {}
        }
    }
    out.push(b'{');
    out.extend_from_slice(members.get(1..).unwrap_or_default());
    out.push(b'}');
}
