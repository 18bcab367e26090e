//! Metrics as Prometheus and OpenMetrics write them in text, one scrape or several after each other.
//!
//! A sample becomes a line as [`PointLine`](super::line) writes it; the samples of one histogram or summary become one line. Points
//! without a stamp have the time at which the file was last changed, and say so. A line that is none is kept as it is.

mod sample;

use std::collections::BTreeMap;

use model::time::Nanos;
use serde_json::{Map, Value, json};

use super::line::{MetricPart, PointLine, push};
use super::{EVIDENCE_BYTES, Flaw, HANDED_OVER_BYTES, TakeLines};
use sample::{Labels, Line, Sample};

/// A longer line is cut: it is no metric.
const MOST_LINE_BYTES: usize = 1 << 20;
/// Names whose type is remembered.
const MOST_FAMILIES: usize = 50_000;
/// Samples that are gathered for one point.
const MOST_PARTS: usize = 10_000;
/// What the label is called that names the service, the first that is there.
const SERVICE_LABELS: [&str; 3] = ["service_name", "service", "job"];
/// What exemplars call the id of their trace.
const TRACE_LABELS: [&str; 3] = ["trace_id", "traceID", "traceId"];

/// Whether a file that begins so has metrics: something says what a metric is, or labels stand in braces, and next to
/// nothing is no metric.
pub fn detect(first_bytes: &[u8]) -> bool {
    let bytes = &first_bytes[..first_bytes.len().min(EVIDENCE_BYTES)];
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = String::from_utf8_lossy(bytes);
    // The last line may be cut off.
    let whole =
        if first_bytes.len() < EVIDENCE_BYTES { &*text } else { text.rsplit_once('\n').map_or("", |(whole, _)| whole) };
    let (mut n_told, mut n_labelled, mut n_others) = (0, 0, 0);
    for line in whole.lines() {
        match sample::read(line) {
            Some(Line::Type { .. }) => n_told += 1,
            Some(Line::Sample(sample)) if !sample.labels.is_empty() => n_labelled += 1,
            Some(_) => {}
            None => n_others += 1,
        }
    }
    (n_told > 0 || n_labelled > 1) && n_others * 10 <= n_told + n_labelled
}

/// From text to JSON lines, in slices of any size.
pub struct Transcoder {
    /// For points without a stamp.
    modified: Option<i64>,
    held: Vec<u8>,
    families: BTreeMap<String, Family>,
    /// The first series of a scrape without a stamp: when it comes again, so does the next scrape. Those with stamps may come
    /// many times in one.
    first_series: Option<(String, Vec<(String, String)>)>,
    n_scrapes: u64,
    has_ended: bool,
    point: Option<Point>,
    lines: Vec<u8>,
    flaw: Option<Flaw>,
}

/// What comments say of a metric.
#[derive(Default)]
struct Family {
    kind: String,
    unit: String,
    /// Taken by the first point.
    description: String,
}

/// Samples that are one point.
struct Point {
    family: String,
    kind: String,
    labels: Vec<(String, String)>,
    time: Option<i64>,
    numbers: Map<String, Value>,
    /// Upper bounds, and how many are below each.
    buckets: Vec<(String, f64)>,
    quantiles: Vec<Value>,
    exemplars: Vec<Value>,
}

impl Transcoder {
    /// `modified`: when the file was changed.
    pub fn new(modified: Nanos) -> Self {
        Self {
            modified: Some(modified.0).filter(|&modified| modified > 0),
            held: Vec::new(),
            families: BTreeMap::new(),
            first_series: None,
            n_scrapes: 1,
            has_ended: false,
            point: None,
            lines: Vec::new(),
            flaw: None,
        }
    }

    /// Hands over the next bytes; `take` gets whole lines, a megabyte or so at a time.
    pub fn push(&mut self, bytes: &[u8], take: &mut TakeLines<'_>) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let n_room = MOST_LINE_BYTES - self.held.len();
            let piece = &rest[..rest.len().min(n_room)];
            match memchr::memchr(b'\n', piece) {
                Some(end) => {
                    self.held.extend_from_slice(&piece[..end]);
                    rest = &rest[end + 1..];
                    self.take_held();
                }
                None => {
                    self.held.extend_from_slice(piece);
                    rest = &rest[piece.len()..];
                    if self.held.len() == MOST_LINE_BYTES {
                        self.take_held();
                    }
                }
            }
            if self.lines.len() >= HANDED_OVER_BYTES {
                take(&self.lines);
                self.lines.clear();
            }
        }
        self.hand_over(take);
    }

    /// No more bytes will come; what is wrong with them, if anything is.
    pub fn finish(&mut self, take: &mut TakeLines<'_>) -> Option<Flaw> {
        if !self.held.is_empty() {
            self.take_held();
        }
        self.end_point();
        self.hand_over(take);
        self.flaw
    }

    fn hand_over(&mut self, take: &mut TakeLines<'_>) {
        if !self.lines.is_empty() {
            take(&self.lines);
            self.lines.clear();
        }
    }

    fn take_held(&mut self) {
        let held = std::mem::take(&mut self.held);
        let text = String::from_utf8_lossy(&held);
        let line = text.trim_start_matches('\u{feff}');
        match sample::read(line) {
            Some(Line::Sample(sample)) => self.take_sample(sample),
            Some(Line::Type { name, kind }) => self.family(name, true).kind = kind.to_owned(),
            Some(Line::Help { name, text }) => self.family(name, false).description = text.to_owned(),
            Some(Line::Unit { name, unit }) => self.family(name, false).unit = unit.to_owned(),
            Some(Line::Eof) => self.has_ended = true,
            Some(Line::Empty | Line::Comment) => {}
            None => self.keep(line),
        }
        // Its memory is used for the next line.
        self.held = held;
        self.held.clear();
    }

    /// What comments say of a metric goes here. Its type is told once a scrape.
    fn family(&mut self, name: &str, is_type: bool) -> &mut Family {
        let is_told = |family: &Family| if is_type { !family.kind.is_empty() } else { false };
        if self.has_ended || self.families.get(name).is_some_and(is_told) {
            self.begin_scrape();
        }
        if self.families.len() >= MOST_FAMILIES && !self.families.contains_key(name) {
            self.families.clear();
        }
        self.families.entry(name.to_owned()).or_default()
    }

    fn begin_scrape(&mut self) {
        self.end_point();
        // Help comes before the type, and belongs to the scrape that begins.
        self.families.retain(|_, family| family.kind.is_empty());
        self.first_series = None;
        self.has_ended = false;
        self.n_scrapes += 1;
    }

    /// A line that is no metric.
    fn keep(&mut self, line: &str) {
        self.end_point();
        self.flaw = Some(Flaw::NoMetric);
        let part = MetricPart { name: line, kind: "unreadable", ..MetricPart::default() };
        push(&PointLine { time: self.modified, metric: part, ..PointLine::default() }, &mut self.lines);
    }

    fn take_sample(&mut self, sample: Sample<'_>) {
        let mut labels = owned(&sample.labels);
        let is_stamped = sample.time.is_some();
        if self.has_ended || !is_stamped && self.is_first_series(&sample.name, &labels) {
            self.begin_scrape();
        }
        if !is_stamped && self.first_series.is_none() {
            self.first_series = Some((sample.name.clone().into_owned(), labels.clone()));
        }
        let (mut family, mut part) = self.part_of(&sample);
        let bound = match part {
            Part::Bucket => take_label(&mut labels, "le"),
            Part::Quantile => take_label(&mut labels, "quantile"),
            _ => None,
        };
        let is_same = |point: &Point| {
            let n_parts = point.buckets.len() + point.quantiles.len();
            point.family == family && point.labels == labels && point.time == sample.time && n_parts < MOST_PARTS
        };
        let has_it = |point: &Point| part.name().is_some_and(|name| point.numbers.contains_key(name));
        let goes_on = self.point.as_ref().is_some_and(|point| is_same(point) && !has_it(point));
        // Away from what it is of it is a metric by itself.
        let is_alone = part == Part::Created && !goes_on;
        if is_alone {
            (family, part) = (sample.name.clone().into_owned(), Part::Value);
        }
        if part == Part::Value || !goes_on {
            self.end_point();
        }
        let kind = match self.families.get(&family).map(|family| &*family.kind) {
            _ if is_alone => "gauge",
            Some("") | None if part == Part::Bucket => "histogram",
            Some("") | None if part == Part::Quantile => "summary",
            Some("") | None => "unknown",
            Some(kind) => kind,
        };
        // When a counter of OpenMetrics began to count may be told next.
        let is_whole = part == Part::Value && !(kind == "counter" && family != *sample.name);
        let point = self.point.get_or_insert_with(|| Point {
            kind: kind.to_owned(),
            family,
            labels,
            time: sample.time,
            numbers: Map::new(),
            buckets: Vec::new(),
            quantiles: Vec::new(),
            exemplars: Vec::new(),
        });
        match (part, bound) {
            (Part::Bucket, Some(bound)) => point.buckets.push((bound, sample.value.parse().unwrap_or_default())),
            (Part::Quantile, Some(bound)) => {
                point.quantiles.push(json!({ "quantile": number(&bound), "value": number(sample.value) }));
            }
            _ => {
                point.numbers.insert(part.name().unwrap_or("value").to_owned(), number(sample.value));
            }
        }
        point.exemplars.extend(sample.exemplar.map(|exemplar| {
            let labels = exemplar.labels.iter().map(|(name, value)| (name.to_string(), Value::from(&**value)));
            let mut plain: Map<String, Value> = labels.collect();
            plain.insert("value".to_owned(), number(exemplar.value));
            plain.insert("time".to_owned(), exemplar.time.into());
            Value::Object(plain)
        }));
        if is_whole {
            self.end_point();
        }
    }

    fn is_first_series(&self, name: &str, labels: &[(String, String)]) -> bool {
        self.first_series.as_ref().is_some_and(|first| first.0 == name && first.1 == labels)
    }

    /// Of which metric a sample is a part.
    fn part_of(&self, sample: &Sample<'_>) -> (String, Part) {
        let name = &*sample.name;
        let has = |label: &str| sample.labels.iter().any(|(name, _)| name == label);
        let kind_of = |family: &str| self.families.get(family).map_or("", |family| &family.kind);
        let is_under_way = |family: &str| self.point.as_ref().is_some_and(|point| point.family == family);
        for (end, part) in [("_bucket", Part::Bucket), ("_sum", Part::Sum), ("_count", Part::Count)] {
            let Some(family) = name.strip_suffix(end) else { continue };
            let is_of_many =
                matches!(kind_of(family), "histogram" | "gaugehistogram" | "summary") || is_under_way(family);
            if is_of_many && (part != Part::Bucket || has("le")) || part == Part::Bucket && has("le") {
                return (family.to_owned(), part);
            }
        }
        if has("quantile") && matches!(kind_of(name), "summary" | "") {
            return (name.to_owned(), Part::Quantile);
        }
        let is_counted = |family: &&str| matches!(kind_of(family), "counter" | "histogram" | "summary");
        if let Some(family) = name.strip_suffix("_created").filter(|_| kind_of(name).is_empty()).filter(is_counted) {
            return (family.to_owned(), Part::Created);
        }
        // OpenMetrics names a counter without the end of its samples' name, and what describes a target too.
        let named = |end: &str, kind: &str| name.strip_suffix(end).filter(|family| kind_of(family) == kind);
        let family = named("_total", "counter").or_else(|| named("_info", "info"));
        (family.unwrap_or(name).to_owned(), Part::Value)
    }

    fn end_point(&mut self) {
        let Some(mut point) = self.point.take() else { return };
        let told = self.families.get_mut(&point.family);
        let (unit, description) =
            told.map(|family| (family.unit.clone(), std::mem::take(&mut family.description))).unwrap_or_default();
        if !point.buckets.is_empty() {
            let (bounds, counts) = apart(point.buckets);
            point.numbers.insert("bounds".to_owned(), bounds);
            point.numbers.insert("buckets".to_owned(), counts);
        }
        if !point.quantiles.is_empty() {
            point.numbers.insert("quantiles".to_owned(), point.quantiles.into());
        }
        if !description.is_empty() {
            point.numbers.insert("description".to_owned(), description.into());
        }
        if self.n_scrapes > 1 {
            point.numbers.insert("scrape".to_owned(), self.n_scrapes.into());
        }
        let named = |label: &str| point.labels.iter().find(|(name, _)| name == label);
        let service = SERVICE_LABELS.iter().find_map(|label| named(label)).map(|(_, value)| value.clone());
        let trace_of = |exemplar: &Value| {
            let id = TRACE_LABELS.iter().find_map(|label| exemplar[*label].as_str());
            id.map(str::to_owned)
        };
        let trace = point.exemplars.iter().rev().find_map(trace_of).unwrap_or_default();
        let line = PointLine {
            time: point.time.or(self.modified),
            has_file_time: point.time.is_none(),
            service: service.as_deref().unwrap_or_default(),
            metric: MetricPart {
                name: &point.family,
                kind: &point.kind,
                unit: &unit,
                numbers: point.numbers,
                ..MetricPart::default()
            },
            attributes: point.labels.into_iter().map(|(name, value)| (name, value.into())).collect(),
            trace_id: &trace,
            exemplars: point.exemplars,
            ..PointLine::default()
        };
        push(&line, &mut self.lines);
    }
}

/// What a sample says of its metric.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Value,
    Bucket,
    Quantile,
    Sum,
    Count,
    /// When it began to count.
    Created,
}

impl Part {
    /// What its number is called; `None`: there are several.
    fn name(self) -> Option<&'static str> {
        match self {
            Self::Value => Some("value"),
            Self::Sum => Some("sum"),
            Self::Count => Some("count"),
            Self::Created => Some("created"),
            Self::Bucket | Self::Quantile => None,
        }
    }
}

fn owned(labels: &Labels<'_>) -> Vec<(String, String)> {
    labels.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

fn take_label(labels: &mut Vec<(String, String)>, wanted: &str) -> Option<String> {
    let at = labels.iter().position(|(name, _)| name == wanted)?;
    Some(labels.remove(at).1)
}

/// As a number of JSON; what that cannot say is text.
fn number(written: &str) -> Value {
    match (written.parse::<i64>(), written.parse::<f64>()) {
        (Ok(whole), _) => whole.into(),
        (_, Ok(number)) if number.is_finite() => number.into(),
        _ => written.into(),
    }
}

/// Bounds and counts as OpenTelemetry has them: each bucket by itself, the last without a bound.
fn apart(buckets: Vec<(String, f64)>) -> (Value, Value) {
    let mut before = 0.0;
    let mut counts = Vec::with_capacity(buckets.len());
    let mut bounds = Vec::with_capacity(buckets.len());
    for (bound, below) in buckets {
        let own = (below - before).max(0.0);
        counts.push(if own == own.trunc() { Value::from(own as u64) } else { own.into() });
        before = below;
        if !bound.parse::<f64>().is_ok_and(f64::is_infinite) {
            bounds.push(number(&bound));
        }
    }
    (bounds.into(), counts.into())
}

#[cfg(test)]
mod tests;
