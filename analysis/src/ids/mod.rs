//! Ids that join entries to a request: which trace, which span, which caller, and the rule that read them.
//!
//! Fields and headers go before free text, traces before requests and jobs. What is malformed is told, and is no id, but for a trace's
//! that is only of another length: some makes have ids of their own lengths, or leave out the zeros that they begin with.

pub mod headers;

mod makes;
use makes::{by_make, make_of};

mod recurring;
pub use recurring::{SILENCE, may_go_on, may_recur, parted, stretches};

mod spelling;
pub use spelling::{
    are_one, as_half, canonical, for_each_id_beside_text, half_hash, half_in_token, hash_beside_text, lower_half,
    of_trace, spellings_by_half,
};

pub mod text;

pub mod traceparent;

mod tracestate;

use std::collections::BTreeSet;

use model::entry::Value;
use model::key;

use crate::format::Parsed;
use crate::tokenize::token_hash;
use headers::{hex, is_hex};
use text::HeaderValue;

/// How ids were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    Traceparent,
    B3Single,
    B3,
    Uber,
    Amazon,
    Datadog,
    Sofa,
    SkyWalking,
    Field,
    Text,
    Brackets,
    Request,
    Job,
}

impl Rule {
    /// A few words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Traceparent => key!("W3C traceparent"),
            Self::B3Single => key!("B3 single header"),
            Self::B3 => key!("B3 headers"),
            Self::Uber => key!("Jaeger's uber-trace-id"),
            Self::Amazon => key!("X-Amzn-Trace-Id"),
            Self::Datadog => key!("Datadog's ids"),
            Self::Sofa => key!("SOFATracer's ids"),
            Self::SkyWalking => key!("SkyWalking's ids"),
            Self::Field => key!("a trace id's field"),
            Self::Text => key!("a trace id in the text"),
            Self::Brackets => key!("[trace,span] in the text"),
            Self::Request => key!("a request id"),
            Self::Job => key!("a job id"),
        }
    }
}

/// Why an id is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    Parts,
    Alphabet,
    Length,
    Version,
    Zero,
    State,
}

impl Flaw {
    /// What is wrong, about "an id of a request in it".
    pub fn name(self) -> &'static str {
        match self {
            Self::Parts => key!("has not all its parts"),
            Self::Alphabet => key!("has characters that may not be in it"),
            Self::Length => key!("has not the length it must have"),
            Self::Version => key!("is of a version that may not be"),
            Self::Zero => key!("is zero, which says there is none"),
            Self::State => key!("has a tracestate beside it that is no list of keys and values"),
        }
    }
}

/// What an entry says of its request. `rule`: that of the trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ids<'t> {
    pub rule: Option<Rule>,
    pub trace: Option<&'t str>,
    pub span: Option<&'t str>,
    /// The span that called.
    pub parent: Option<&'t str>,
}

/// The ids of an opened entry, and a flaw of one that is malformed.
pub fn ids_of(entry: &Parsed) -> (Ids<'_>, Option<Flaw>) {
    let (ids, flaw, _) = read(entry);
    (ids, flaw)
}

/// Every id that an opened entry has of its request: the one that leads (that of [`ids_of`]), that of its trace where a header says
/// another, and that of a request or job. One may come twice.
pub fn request_ids(entry: &Parsed) -> impl Iterator<Item = &str> {
    let (ids, _, of_field) = read(entry);
    let of_trace = entry.trace_id.as_deref().filter(|id| !traceparent::is_zero(id));
    let of_request = move || of_field.or_else(|| request_in_text(&entry.message).map(|(_, id)| id));
    [ids.trace, of_trace].into_iter().flatten().chain(std::iter::once_with(of_request).flatten())
}

/// The ids, a flaw, and the id of a request or job that a field has.
fn read(entry: &Parsed) -> (Ids<'_>, Option<Flaw>, Option<&str>) {
    let mut found = Found::default();
    for field in &entry.fields {
        let name = last_part(&field.name);
        match &field.value {
            Value::Text(value) => {
                found.has_numbers |= is_of_datadog(&field.name);
                found.offer(name, value);
            }
            // Metadata of gRPC have lists of values, headers of Kafka are lists of keys and values.
            Value::Json(list) => match text::only_of_list(list) {
                Some(value) => found.offer(name, value),
                None if spelled_alike(name, "swctx") => found.offer(name, list),
                None if found.ids.trace.is_none() && text::names_headers(name) => {
                    let of_headers = headers_in_text(list, &mut found.flaw, &mut found.bytes);
                    if of_headers.trace.is_some() {
                        found.header(Ok(of_headers));
                    }
                }
                None => found.offer_bytes(&field.name, list),
            },
            Value::Int(number) => found.has_numbers |= *number != 0 && is_of_datadog(&field.name),
            _ => {}
        }
    }
    // Those that draw traces leave out zeros that an id begins with.
    let is_span = || entry.fields.iter().any(|field| field.name == "span.kind");
    let mut ids = found.ids;
    if found.has_numbers && ids.rule == Some(Rule::Field) {
        ids.rule = Some(Rule::Datadog);
    }
    let of_entry = entry.trace_id.as_deref().filter(|id| !traceparent::is_zero(id));
    if ids.trace.is_none()
        && let Some(of_header) = of_entry.filter(|id| id.contains('=')).and_then(|id| headers::amazon(id).ok())
    {
        ids = Ids { span: of_header.span.or(ids.span), parent: ids.parent, ..of_header };
    }
    if ids.trace.is_none()
        && let Some(id) = of_entry
    {
        let (joins_by, flaw) = trace_id(id);
        let flaw = flaw.filter(|_| !is_span());
        if flaw.is_none() || joins_by.is_some() {
            let rule = if found.has_numbers { Rule::Datadog } else { Rule::Field };
            ids = Ids { rule: Some(rule), trace: Some(id), span: entry.span_id.as_deref(), ..ids };
            found.flaw = found.flaw.or(flaw);
        } else {
            found.malformed = found.malformed.or(flaw);
        }
    }
    if ids.trace.is_none()
        && let Some(id) = found.of_other_length
    {
        ids = Ids { rule: Some(Rule::Field), trace: Some(id), ..ids };
        found.flaw = found.flaw.or_else(|| (!is_span()).then_some(Flaw::Length));
    }
    ids.span = ids.span.or(entry.span_id.as_deref()).filter(|id| !traceparent::is_zero(id));
    if ids.trace.is_none() {
        ids = Ids { parent: ids.parent, ..in_text(&entry.message, &mut found.flaw, &mut found.bytes) };
    }
    if ids.trace.is_none()
        && let Some((header, list)) = found.bytes
        && let Some(value) = entry.of_bytes.get_or_init(|| text::of_bytes(list))
    {
        match (header.read)(value) {
            Ok(of_header) if of_header.trace.is_some() => ids = of_header,
            Ok(_) => {}
            Err(flaw) => found.flaw = Some(flaw),
        }
    }
    if ids.trace.is_none() {
        found.flaw = found.flaw.or(found.malformed);
    }
    ids = by_make(ids, found.place);
    if ids.trace.is_none()
        && let Some((rule, id)) = found.request.or_else(|| request_in_text(&entry.message))
    {
        ids = Ids { rule: Some(rule), trace: Some(id), ..Ids::default() };
    }
    (ids, found.flaw, found.request.map(|(_, id)| id))
}

/// A hash of the id of the trace, request or job that an opened entry belongs to.
pub fn id_hash(entry: &Parsed) -> Option<u64> {
    ids_of(entry).0.trace.map(|id| token_hash(canonical(id).as_bytes()))
}

#[derive(Default)]
struct Found<'t> {
    ids: Ids<'t>,
    flaw: Option<Flaw>,
    request: Option<(Rule, &'t str)>,
    /// Trace and span are numbers.
    has_numbers: bool,
    /// Why a field of a trace id has none.
    malformed: Option<Flaw>,
    /// A trace id of a field, if no other is found.
    of_other_length: Option<&'t str>,
    /// A header whose value is a list of bytes.
    bytes: Option<(&'static Header, &'t str)>,
    /// What it calls its span.
    place: Option<&'t str>,
}

impl<'t> Found<'t> {
    fn offer(&mut self, name: &str, value: &'t str) {
        /// All names of ids begin with one of these, and most names with none.
        const BEGIN: &[u8] = b"abcjprstuwx";
        let is = |wanted: &[&str]| wanted.iter().any(|wanted| spelled_alike(name, wanted));
        // Amazon's says itself what it is, whatever has it.
        if ["Root=1-", "Self=1-"].iter().any(|begin| value.starts_with(begin)) {
            self.header(headers::amazon(value));
            return;
        }
        let first = name.bytes().find(|byte| !matches!(byte, b'_' | b'-' | b' ')).unwrap_or_default();
        if !BEGIN.contains(&first.to_ascii_lowercase()) {
            return;
        }
        if is(&["traceparent"]) {
            self.header(traceparent::read(value).map(traceparent::ids));
        } else if is(&["tracestate"]) {
            if !tracestate::is_valid(value) {
                self.flaw.get_or_insert(Flaw::State);
            }
        } else if is(&["b3"]) {
            self.header(headers::b3_single(value));
        } else if is(&["ubertraceid"]) {
            self.header(headers::uber(value));
        } else if is(&["xamzntraceid", "amzntraceid", "awsxraytraceid", "xraytraceid"]) {
            self.header(headers::amazon(value));
        } else if is(&["xb3traceid"]) {
            self.header(hex(value, &[16, 32]).map(|trace| Ids {
                rule: Some(Rule::B3),
                trace: Some(trace),
                ..self.ids
            }));
        } else if is(&["xb3spanid"]) {
            self.ids.span = self.take(hex(value, &[16]));
        } else if is(&["xb3parentspanid", "parentspanid", "parentid"]) {
            self.ids.parent = self.ids.parent.or(Some(value).filter(|id| may_be_id(id)));
        } else if is(&["xdatadogtraceid"]) {
            let trace = self.take(headers::datadog(value));
            self.ids = Ids { rule: trace.map(|_| Rule::Datadog), trace, ..self.ids };
        } else if is(&["traceid"]) {
            match trace_id(value) {
                (Some(id), None) if self.ids.trace.is_none() => {
                    self.ids = Ids { rule: Some(Rule::Field), trace: Some(id), ..self.ids };
                }
                (_, None) => {}
                (id, Some(flaw)) => {
                    self.malformed = self.malformed.or(Some(flaw));
                    self.of_other_length = self.of_other_length.or(id);
                }
            }
        } else if is(&["tid", "tracerid", "thread"]) {
            // A thread, or what traces, may be called so as well; layouts have SkyWalking's id where others have the thread.
            self.of_make(text::without_tid(value), None);
        } else if is(&["swctx"]) {
            if let Some((id, place)) = text::made_in_brackets(value) {
                self.of_make(id, place);
            }
        } else if is(&["spanid", "rpcid"]) {
            self.place = self.place.or(Some(value));
        } else if self.request.is_none() && is_request_id(value) {
            if is(&["requestid", "reqid", "xrequestid", "correlationid", "xcorrelationid", "transactionid"]) {
                self.request = Some((Rule::Request, value));
            } else if is(&["jobid", "taskid", "workflowid"]) {
                self.request = Some((Rule::Job, value));
            }
        }
    }

    /// Takes a trace id whose form tells whose it is.
    fn of_make(&mut self, id: &'t str, place: Option<&'t str>) {
        if self.ids.trace.is_none() && make_of(id).is_some() {
            self.ids = Ids { rule: Some(Rule::Field), trace: Some(id), ..self.ids };
            self.place = self.place.or(place);
        }
    }

    /// `headers.traceparent` may be a list of bytes, or `headers.traceparent.data`, as Node writes a buffer.
    fn offer_bytes(&mut self, name: &str, list: &'t str) {
        let is_header = |header: &&Header| {
            let name = name.strip_suffix(".data").unwrap_or(name);
            last_part(name).eq_ignore_ascii_case(header.name)
        };
        if self.bytes.is_none() {
            self.bytes = HEADERS.iter().find(is_header).map(|header| (header, list));
        }
    }

    fn header(&mut self, read: Result<Ids<'t>, Flaw>) {
        match read {
            // Of the request nothing is said but whether it is sampled.
            Ok(ids) if ids.trace.is_none() => {}
            Ok(ids) => {
                self.ids = Ids { span: ids.span.or(self.ids.span), parent: ids.parent.or(self.ids.parent), ..ids }
            }
            Err(flaw) => self.flaw = Some(flaw),
        }
    }

    fn take(&mut self, read: Result<&'t str, Flaw>) -> Option<&'t str> {
        read.map_err(|flaw| self.flaw = Some(flaw)).ok()
    }
}

struct Header {
    name: &'static str,
    /// Letters of it, as they are mostly written.
    part: &'static str,
    read: for<'t> fn(&'t str) -> Result<Ids<'t>, Flaw>,
}

const HEADERS: &[Header] = &[
    Header { name: "traceparent", part: "race", read: |value| traceparent::read(value).map(traceparent::ids) },
    Header { name: text::UBER, part: "ber-", read: headers::uber },
    Header { name: "x-amzn-trace-id", part: "mzn-", read: headers::amazon },
    Header { name: "b3", part: "b3", read: headers::b3_single },
    Header { name: "b3", part: "B3", read: headers::b3_single },
];

/// The headers whose value may be written as a list of bytes, each once.
pub fn header_names() -> impl Iterator<Item = &'static str> {
    HEADERS.iter().map(|header| header.name).collect::<BTreeSet<_>>().into_iter()
}

/// An id as it stands in a header that is written byte by byte, with spaces and without: `49, 97` and `49,97`. `None`: no header has it.
pub fn byte_by_byte(id: &str) -> Option<[String; 2]> {
    /// Longer ids are in no header.
    const MOST_BYTES: usize = 64;
    if id.is_empty() || id.len() > MOST_BYTES || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let bytes: Vec<String> = id.bytes().map(|byte| byte.to_string()).collect();
    Some([bytes.join(", "), bytes.join(",")])
}

/// Headers that a text has by their names; what is malformed is told, and what is a list of bytes is noted.
fn headers_in_text<'t>(
    text: &'t str,
    flaw: &mut Option<Flaw>,
    bytes: &mut Option<(&'static Header, &'t str)>,
) -> Ids<'t> {
    for header in HEADERS {
        match text::header(text, header.name, header.part) {
            None => {}
            Some(HeaderValue::Bytes(list)) => *bytes = bytes.or(Some((header, list))),
            Some(HeaderValue::Text(value)) => match (header.read)(value) {
                Ok(ids) if ids.trace.is_some() => return ids,
                Ok(_) => {}
                // Two characters may be anything's name; a state of sampling alone is no id.
                Err(_) if header.name == "b3" => {}
                Err(found) => *flaw = Some(found),
            },
        }
    }
    Ids::default()
}

fn in_text<'t>(text: &'t str, flaw: &mut Option<Flaw>, bytes: &mut Option<(&'static Header, &'t str)>) -> Ids<'t> {
    let of_header = headers_in_text(text, flaw, bytes);
    if of_header.trace.is_some() {
        return of_header;
    }
    let (start, value) = text::key_and_value(text, ["trace", "id"]).unzip();
    let (trace, of_trace) = value.map(trace_id).unwrap_or_default();
    if trace.is_some() {
        *flaw = flaw.or(of_trace);
        let span = text::value_behind(text, ["span", "id"]).filter(|id| may_be_id(id));
        let rule = start.map(|start| text::rule_of_key(text, start));
        return Ids { rule, trace, span, parent: None };
    }
    if let Some(ids) = text::of_amazon(text).and_then(|value| headers::amazon(value).ok()) {
        return ids;
    }
    if let Some(trace) = text::tid(text) {
        return Ids { rule: Some(Rule::Text), trace: Some(trace), ..Ids::default() };
    }
    if let Some((trace, place)) = text::made_in_brackets(text) {
        return by_make(Ids { rule: Some(Rule::Text), trace: Some(trace), ..Ids::default() }, place);
    }
    if let Some((trace, span)) = text::in_brackets(text) {
        return Ids { rule: Some(Rule::Brackets), trace: Some(trace), span: Some(span), parent: None };
    }
    match text::behind_chinese(text) {
        Some(trace) => Ids { rule: Some(Rule::Text), trace: Some(trace), ..Ids::default() },
        None => Ids::default(),
    }
}

fn request_in_text(text: &str) -> Option<(Rule, &str)> {
    const KEYS: [([&str; 2], Rule); 5] = [
        (["request", "id"], Rule::Request),
        (["req", "id"], Rule::Request),
        (["correlation", "id"], Rule::Request),
        (["job", "id"], Rule::Job),
        (["task", "id"], Rule::Job),
    ];
    /// As Chinese writes it.
    const OTHER_KEYS: [([&str; 2], Rule); 3] =
        [(["请求", "id"], Rule::Request), (["請求", "id"], Rule::Request), (["任务", "id"], Rule::Job)];
    let others: &[([&str; 2], Rule)] = if text.is_ascii() { &[] } else { &OTHER_KEYS };
    let value = |&(words, rule): &([&str; 2], Rule)| {
        text::value_behind(text, words).filter(|id| is_request_id(id)).map(|id| (rule, id))
    };
    KEYS.iter().chain(others).find_map(value)
}

/// The same but for case and what stands between the words.
fn spelled_alike(name: &str, plain: &str) -> bool {
    let letters = name.bytes().filter(|byte| !matches!(byte, b'_' | b'-' | b' '));
    letters.map(|byte| byte.to_ascii_lowercase()).eq(plain.bytes())
}

fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

fn is_of_datadog(name: &str) -> bool {
    matches!(name, "dd.trace_id" | "dd.span_id" | "dd_trace_id" | "dd_span_id")
}

/// The shape of an id of tracing: long, of digits and letters, and not zero.
pub fn may_be_id(id: &str) -> bool {
    (8..=64).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && (id.bytes().any(|byte| byte.is_ascii_digit()) || matches!(id.len(), 16 | 32) && is_hex(id))
        && !id.bytes().all(|byte| matches!(byte, b'0' | b'-'))
}

/// What stands where a trace id belongs, and what is wrong with it; neither: it says that there is none. Hexadecimal ids are of 64 or 128
/// bits, but for zeros that the shorter ones may begin without; ids of other makes ([`makes`]) have other forms. One of another length is
/// an id all the same: some leave out the zeros of a longer one.
fn trace_id(value: &str) -> (Option<&str>, Option<Flaw>) {
    /// An ObjectId, and a hash of 256 bits.
    const OTHER_LENGTHS: [usize; 2] = [24, 64];
    const WORDS_OF_NONE: [&str; 5] = ["null", "none", "nil", "n/a", "ignored_trace"];
    let has_length = || matches!(value.len(), 8..=16 | 32) || OTHER_LENGTHS.contains(&value.len());
    let is_of_id = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let is_number = || value.bytes().all(|byte| byte.is_ascii_digit());
    match value {
        _ if value.bytes().all(|byte| matches!(byte, b'0' | b'-')) => (None, None),
        _ if make_of(value).is_some() => (Some(value), None),
        _ if is_hex(value) && !is_number() && !has_length() => {
            (Some(value).filter(|id| may_be_id(id)), Some(Flaw::Length))
        }
        _ if may_be_id(value) => (Some(value), None),
        // A short number counts something else.
        _ if is_number() || WORDS_OF_NONE.iter().any(|word| value.eq_ignore_ascii_case(word)) => (None, None),
        _ if value.bytes().all(is_of_id) && !(8..=64).contains(&value.len()) => (None, Some(Flaw::Length)),
        _ => (None, Some(Flaw::Alphabet)),
    }
}

/// The shape of an id that somebody gave a request: a short number counts something else.
fn is_request_id(id: &str) -> bool {
    (6..=128).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':'))
        && id.bytes().any(|byte| byte.is_ascii_digit())
        && !id.bytes().all(|byte| matches!(byte, b'0' | b'-'))
}

#[cfg(test)]
mod tests;
