//! Traces, metrics and logs that are JSON documents: OTLP (one document, or one a line), Jaeger, Zipkin v2; and metrics as text
//! ([`exposition`]).
//!
//! They are told by how they begin and become JSON lines, a span, a data point or a log record each, which formats of their own read; so
//! everything that holds for entries of a log holds for them. A document is cut at the objects that repeat in it and never held
//! as a whole. What is cut off or damaged keeps what was before.

pub mod exponential;

pub mod exposition;

mod jaeger;

mod line;

mod otlp;

mod plain;

mod zipkin;

#[cfg(test)]
mod tests;

use serde_json::Value;

pub use line::{SpanLine, SpanPart};
use otlp::{Around, Early};
use plain::Unread;

/// What a document holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `resourceSpans`, `resourceMetrics` and `resourceLogs`, in an object at this depth.
    Otlp { depth: u32 },
    /// A trace each: `{"data":[…]}` at depth 2, or a trace alone.
    Jaeger { depth: u32 },
    /// A span each, in a list, or in a list of traces.
    Zipkin { depth: u32 },
}

/// Bytes of a file that [`detect`] wants to see; of a shorter file all.
pub const EVIDENCE_BYTES: usize = 4 << 10;

/// A larger object of a document is not taken apart.
const MOST_OBJECT_BYTES: usize = 64 << 20;
/// Lines are handed over when there are so many bytes of them.
const HANDED_OVER_BYTES: usize = 1 << 20;
/// Deeper documents are somebody's joke.
const MOST_DEPTH: u32 = 1 << 16;

/// Tells a file by its first bytes.
pub fn detect(first_bytes: &[u8]) -> Option<Kind> {
    let text = &first_bytes[..first_bytes.len().min(EVIDENCE_BYTES)];
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    // Without white space, which tells nothing here.
    let text: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let has = |wanted: &str| memchr::memmem::find(&text, wanted.as_bytes()).is_some();
    let begins = |wanted: &str| text.starts_with(wanted.as_bytes());
    for name in
        ["resourceSpans", "resourceMetrics", "resourceLogs", "resource_spans", "resource_metrics", "resource_logs"]
    {
        if begins(&format!("{{\"{name}\":[")) {
            return Some(Kind::Otlp { depth: 0 });
        }
        if begins(&format!("{{\"result\":{{\"{name}\":[")) {
            return Some(Kind::Otlp { depth: 1 });
        }
    }
    // The processes of a trace may come before its spans, and fill all that is seen here.
    let has_processes = has("\"processes\":{") && has("\"serviceName\":");
    let is_of_trace = has("\"traceID\":") && (has("\"spanID\":") || has_processes);
    if begins_with_data(&text) && (is_of_trace || has_processes && has("\"data\":[{\"processes\":{")) {
        return Some(Kind::Jaeger { depth: 2 });
    }
    if begins("{\"traceID\":") && (has("\"spans\":[") || has_processes) {
        return Some(Kind::Jaeger { depth: 0 });
    }
    let is_span = has("\"traceId\":") && has("\"id\":") && (has("\"timestamp\":") || has("Endpoint\":"));
    match &text[..] {
        [b'[', b'{', ..] if is_span => Some(Kind::Zipkin { depth: 1 }),
        [b'[', b'[', b'{', ..] if is_span => Some(Kind::Zipkin { depth: 2 }),
        _ => None,
    }
}

/// Whether an answer of Jaeger's API begins so: what it says beside its traces may come before them. `text`: without white space.
fn begins_with_data(text: &[u8]) -> bool {
    let Some(mut rest) = text.strip_prefix(b"{") else { return false };
    while let Some(value) = ["\"total\":", "\"limit\":", "\"offset\":", "\"errors\":"]
        .iter()
        .find_map(|name| rest.strip_prefix(name.as_bytes()))
    {
        let n_digits = value.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let behind =
            [&b"null"[..], b"[]"].iter().find_map(|none| value.strip_prefix(*none)).unwrap_or(&value[n_digits..]);
        let Some(next) = behind.strip_prefix(b",") else { return false };
        rest = next;
    }
    rest.starts_with(b"\"data\":[{")
}

/// Why reading ended early, or what was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    Truncated,
    TooLarge,
    Corrupt,
    NoMetric,
    LateResource,
}

impl std::fmt::Display for Flaw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Truncated => "The file ends in the middle of a document; what was before is kept.",
            Self::TooLarge => "An object in the file is larger than 64 MiB and was left out.",
            Self::Corrupt => "A part of the file is no JSON and was left out.",
            Self::NoMetric => "Some lines of the file are no metrics; they are kept as they are.",
            Self::LateResource => {
                "A resource or a scope comes behind more than 16 MiB of what it is of; those entries do without it."
            }
        })
    }
}

/// From documents to JSON lines, in slices of any size.
pub struct Transcoder {
    kind: Kind,
    /// Brackets that are open.
    depth: u32,
    in_text: bool,
    is_escaped: bool,
    /// The object that is being cut out, and the depth at which it began: one that the bytes at hand do not have all of, or that is
    /// not as usual.
    cut: Option<(u32, Vec<u8>)>,
    /// The last object that began was not.
    is_unusual: bool,
    around: Around,
    early: Early,
    lines: Vec<u8>,
    flaw: Option<Flaw>,
}

/// Gets whole lines.
pub type TakeLines<'t> = dyn FnMut(&[u8]) + 't;

impl Transcoder {
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            depth: 0,
            in_text: false,
            is_escaped: false,
            cut: None,
            is_unusual: false,
            around: Around::default(),
            early: Early::default(),
            lines: Vec::new(),
            flaw: None,
        }
    }

    /// Hands over the next bytes; `take` gets whole lines, a megabyte or so at a time.
    pub fn push(&mut self, bytes: &[u8], take: &mut TakeLines<'_>) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let n_bytes = self.transcode_whole(rest).unwrap_or_else(|| self.step(rest, take));
            let (now, later) = rest.split_at(n_bytes);
            if let Some((_, object)) = &mut self.cut
                && object.len() <= MOST_OBJECT_BYTES
            {
                object.extend_from_slice(now);
            }
            if self.is_cut_whole() {
                self.transcode(take);
            }
            if self.around.is_scope_told() {
                self.early.name(self.around.scope());
            }
            if self.around.is_all_told() {
                self.release(take);
            }
            self.hand_over(HANDED_OVER_BYTES, take);
            rest = later;
        }
        self.hand_over(1, take);
    }

    /// No more bytes will come; what is wrong with them, if anything is.
    pub fn finish(&mut self, take: &mut TakeLines<'_>) -> Option<Flaw> {
        self.release(take);
        self.hand_over(1, take);
        let is_open = self.depth > 0 || self.in_text;
        self.flaw.or(is_open.then_some(Flaw::Truncated))
    }

    /// Reads the object that begins here and matters, if these bytes have all of it and it is as usual. Returns how many bytes it has.
    fn transcode_whole(&mut self, bytes: &[u8]) -> Option<usize> {
        let begins = bytes.first() == Some(&b'{') && self.cut.is_none() && !self.in_text && !self.is_escaped;
        if !begins || !self.is_wanted() {
            return None;
        }
        if self.around.is_too_late(self.depth_of_otlp(self.depth)) {
            self.flaw = self.flaw.or(Some(Flaw::LateResource));
        }
        if self.around.keeps_waiting(self.depth_of_otlp(self.depth)) {
            self.is_unusual = false;
            return None;
        }
        let read = self.transcode_usual(self.depth, bytes);
        self.is_unusual = read == Err(Unread::Unusual);
        read.ok()
    }

    fn transcode_usual(&mut self, depth: u32, bytes: &[u8]) -> Result<usize, Unread> {
        match self.kind {
            Kind::Otlp { depth: start } => {
                otlp::transcode_usual(depth.wrapping_sub(start), bytes, &mut self.around, &mut self.lines)
            }
            Kind::Jaeger { .. } => jaeger::transcode_usual(bytes, &mut self.lines),
            Kind::Zipkin { .. } => zipkin::transcode_usual(bytes, &mut self.lines),
        }
    }

    /// Goes on up to the beginning or the end of an object that matters, or to the end of the bytes. Returns how far that is.
    fn step(&mut self, bytes: &[u8], take: &mut TakeLines<'_>) -> usize {
        let mut next = 0;
        while let Some(&byte) = bytes.get(next) {
            let at = next;
            next += 1;
            if self.is_escaped {
                self.is_escaped = false;
                continue;
            }
            if self.in_text {
                let Some(found) = memchr::memchr2(b'"', b'\\', &bytes[at..]) else { break };
                next = at + found + 1;
                match bytes[at + found] {
                    b'"' => self.in_text = false,
                    _ => self.is_escaped = true,
                }
                continue;
            }
            match byte {
                b'"' => self.in_text = true,
                b'{' if self.cut.is_none() && self.is_wanted() => {
                    // What stands before it is not of it.
                    if at > 0 {
                        return at;
                    }
                    self.cut = Some((self.depth, Vec::new()));
                    self.depth += 1;
                }
                b'{' | b'[' => {
                    if byte == b'{' {
                        self.forget_around(take);
                    }
                    self.depth = (self.depth + 1).min(MOST_DEPTH);
                }
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.is_cut_whole() {
                        return at + 1;
                    }
                    match self.depth_of_otlp(self.depth) {
                        otlp::OF_RESOURCE => self.release(take),
                        otlp::OF_SCOPE if self.cut.is_none() => self.end_scope(take),
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        bytes.len()
    }

    fn is_cut_whole(&self) -> bool {
        self.cut.as_ref().is_some_and(|(depth, _)| *depth == self.depth)
    }

    /// Whether an object that begins now is one that repeats, or says what is around those.
    fn is_wanted(&self) -> bool {
        match self.kind {
            Kind::Otlp { depth } => otlp::is_wanted(self.depth.wrapping_sub(depth)),
            Kind::Jaeger { depth } | Kind::Zipkin { depth } => self.depth == depth,
        }
    }

    /// A depth as one within a document of OpenTelemetry; of others none that it has.
    fn depth_of_otlp(&self, depth: u32) -> u32 {
        match self.kind {
            Kind::Otlp { depth: start } => depth.wrapping_sub(start),
            Kind::Jaeger { .. } | Kind::Zipkin { .. } => u32::MAX,
        }
    }

    fn forget_around(&mut self, take: &mut TakeLines<'_>) {
        let depth = self.depth_of_otlp(self.depth);
        if depth == otlp::OF_RESOURCE {
            self.release(take);
        }
        self.around.forget(depth);
    }

    fn end_scope(&mut self, take: &mut TakeLines<'_>) {
        self.around.end_scope();
        self.early.name(self.around.scope());
        if self.around.is_all_told() {
            self.release(take);
        }
    }

    /// Reads what waited for its resource and scope, with what is known of those by now.
    fn release(&mut self, take: &mut TakeLines<'_>) {
        let Kind::Otlp { depth: start } = self.kind else { return };
        for (scope, object) in self.early.take() {
            self.around.enter(&scope);
            self.is_unusual = false;
            self.transcode_object(start + otlp::ITEM, &object);
            self.hand_over(HANDED_OVER_BYTES, take);
        }
    }

    /// What was read, if it has so many bytes.
    fn hand_over(&mut self, n_bytes: usize, take: &mut TakeLines<'_>) {
        if self.lines.len() >= n_bytes {
            take(&self.lines);
            self.lines.clear();
        }
    }

    fn transcode(&mut self, take: &mut TakeLines<'_>) {
        let Some((depth, object)) = self.cut.take() else { return };
        if object.len() > MOST_OBJECT_BYTES {
            self.flaw = Some(Flaw::TooLarge);
        } else if self.around.keeps_waiting(self.depth_of_otlp(depth)) {
            let has_room = self.early.hold(object);
            if self.around.is_scope_told() {
                self.early.name(self.around.scope());
            }
            if !has_room {
                self.release(take);
                self.around.give_up();
            }
        } else {
            self.transcode_object(depth, &object);
        }
    }

    fn transcode_object(&mut self, depth: u32, object: &[u8]) {
        if !self.is_unusual && self.transcode_usual(depth, object).is_ok() {
            return;
        }
        let Ok(object) = serde_json::from_slice::<Value>(object) else {
            self.flaw = self.flaw.or(Some(Flaw::Corrupt));
            return;
        };
        match self.kind {
            Kind::Otlp { depth: start } => {
                otlp::transcode(depth.wrapping_sub(start), object, &mut self.around, &mut self.lines)
            }
            Kind::Jaeger { .. } => jaeger::transcode(&object, &mut self.lines),
            Kind::Zipkin { .. } => zipkin::transcode(&object, &mut self.lines),
        }
    }
}
