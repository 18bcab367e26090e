//! Logs as protobuf messages: a stream of [`LogEntry`](log_entry), or OpenTelemetry logs, traces and metrics.
//!
//! They are told by their structure and become JSON lines, one an entry, which formats of their own read. What is cut off or
//! damaged keeps what was before; a `LogEntry` that cannot be read loses none of the others.

mod wire;

mod log_entry;

mod metrics;

mod otlp;

use log_entry::Unfolded;
use wire::Fields;

/// How messages follow each other in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Each behind its length: `LogEntry` of `docs/log_entry.proto`.
    LogEntries,
    /// Each behind its length: `LogsData` or `ExportLogsServiceRequest`.
    OtlpMessages,
    /// The same, the length in four bytes, the highest first: as the Collector's file exporter writes them.
    OtlpSizedMessages,
    /// One such message; what it repeats is taken one by one.
    OtlpMessage,
}

/// Bytes of a file that [`detect`] wants to see; of a shorter file all.
pub const EVIDENCE_BYTES: usize = 4 << 10;

/// Longer messages are damage.
const MOST_MESSAGE_BYTES: u64 = 256 << 20;

/// Lines are handed over when there are so many bytes of them.
const HANDED_OVER_BYTES: usize = 1 << 20;

/// The field of a message of OpenTelemetry logs that repeats: number 1, with a length.
const RESOURCE_LOGS: u8 = 0x0A;

/// Tells a file by its first bytes; text is never taken for protobuf.
pub fn detect(first_bytes: &[u8]) -> Option<Kind> {
    let first_bytes = &first_bytes[..first_bytes.len().min(EVIDENCE_BYTES)];
    if let Some((&RESOURCE_LOGS, rest)) = first_bytes.split_first()
        && let Some(logs) = first_message(rest)
        && otlp::looks_like_resource_logs(logs)
    {
        return Some(Kind::OtlpMessage);
    }
    if log_entry::look_like(messages(first_bytes)) {
        return Some(Kind::LogEntries);
    }
    let framings =
        [(first_message(first_bytes), Kind::OtlpMessages), (sized_message(first_bytes), Kind::OtlpSizedMessages)];
    framings.into_iter().find_map(|(message, kind)| message.filter(|message| is_of_otlp(message)).map(|_| kind))
}

/// Whether what is first in the message is certainly of OpenTelemetry.
fn is_of_otlp(message: &[u8]) -> bool {
    let first = Fields::new(message).next();
    matches!(first, Some(Ok((1, wire::Value::Bytes(logs)))) if otlp::looks_like_resource_logs(logs))
}

/// What there is of each message behind its length, one after the other.
fn messages(mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (n_bytes, rest) = wire::varint(bytes).ok()?;
        let message = message_behind((n_bytes, rest))?;
        bytes = &rest[message.len()..];
        Some(message)
    })
}

/// What there is of the message whose length comes first.
fn first_message(bytes: &[u8]) -> Option<&[u8]> {
    message_behind(wire::varint(bytes).ok()?)
}

/// The same where the length has four bytes.
fn sized_message(bytes: &[u8]) -> Option<&[u8]> {
    message_behind(sized(bytes)?)
}

fn message_behind((n_bytes, rest): (u64, &[u8])) -> Option<&[u8]> {
    (1..=MOST_MESSAGE_BYTES).contains(&n_bytes).then(|| &rest[..rest.len().min(n_bytes as usize)])
}

/// A length of four bytes and what follows it.
fn sized(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (n_bytes, rest) = bytes.split_first_chunk()?;
    Some((u64::from(u32::from_be_bytes(*n_bytes)), rest))
}

/// From protobuf to JSON lines, in slices of any size.
pub struct Transcoder {
    kind: Kind,
    held: Vec<u8>,
    unfolded: Unfolded,
    flaw: Option<Flaw>,
}

/// Gets whole lines.
pub type TakeLines<'t> = dyn FnMut(&[u8]) + 't;

/// Lines on their way out: a message repeats its resource in every line, so that all its lines need not fit in memory.
struct Lines<'l, 't> {
    text: Vec<u8>,
    take: &'l mut TakeLines<'t>,
}

impl Lines<'_, '_> {
    /// A line was added.
    fn ended(&mut self) {
        if self.text.len() >= HANDED_OVER_BYTES {
            self.hand_over();
        }
    }

    fn hand_over(&mut self) {
        if !self.text.is_empty() {
            (self.take)(&self.text);
            self.text.clear();
        }
    }
}

/// Why reading ended early, or what was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    Truncated,
    Corrupt,
    Bomb,
    CutPayload,
    /// So many messages.
    LeftOut(u64),
}

impl std::fmt::Display for Flaw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Truncated => "The file ends in the middle of a message; what was before is kept.",
            Self::Corrupt => "The file is damaged: a message in it cannot be read. What was before is kept.",
            Self::Bomb => {
                "The file is refused: its payloads unfold to more than 500 times its size, as no log does. What was read before \
                 that is kept."
            }
            Self::CutPayload => "A payload in the file unfolds to more than 16 MiB; the rest of it was left out.",
            Self::LeftOut(n_messages) => {
                return write!(f, "Messages of the file that are damaged were left out: {n_messages}. The others are kept.");
            }
        })
    }
}

impl Transcoder {
    pub fn new(kind: Kind) -> Self {
        Self { kind, held: Vec::new(), unfolded: Unfolded::default(), flaw: None }
    }

    /// Hands over the next bytes; `take` gets whole lines, a few megabytes of them at a time.
    pub fn push(&mut self, bytes: &[u8], take: &mut TakeLines<'_>) {
        if self.flaw.is_some() {
            return;
        }
        self.held.extend_from_slice(bytes);
        let mut held = std::mem::take(&mut self.held);
        let mut lines = Lines { text: Vec::new(), take };
        let mut rest = &held[..];
        loop {
            match self.step(rest, &mut lines) {
                Ok(Some(after)) => rest = after,
                Ok(None) => break,
                Err(flaw) => {
                    self.flaw = Some(flaw);
                    break;
                }
            }
        }
        lines.hand_over();
        // A message that is not whole yet stays where it is, however many slices it takes.
        let n_used = held.len() - rest.len();
        held.drain(..n_used);
        self.held = held;
    }

    /// No more bytes will come; what is wrong with them, if anything is. Of a message that was cut off, what is there is read.
    pub fn finish(&mut self, take: &mut TakeLines<'_>) -> Option<Flaw> {
        if self.flaw.is_none() && !self.held.is_empty() {
            self.flaw = Some(Flaw::Truncated);
            let held = std::mem::take(&mut self.held);
            let message = match self.kind {
                Kind::OtlpMessage => held.get(1..).and_then(first_message),
                Kind::OtlpSizedMessages => sized_message(&held),
                Kind::LogEntries | Kind::OtlpMessages => first_message(&held),
            };
            let mut lines = Lines { text: Vec::new(), take };
            match (self.kind, message) {
                (Kind::OtlpMessage, Some(logs)) => otlp::transcode_resource_logs(logs, &mut lines),
                (Kind::OtlpMessages | Kind::OtlpSizedMessages, Some(message)) => {
                    otlp::transcode_message(message, &mut lines)
                }
                _ => {}
            }
            lines.hand_over();
        }
        let n_left_out = self.unfolded.n_left_out;
        let left_out = || (n_left_out > 0).then_some(Flaw::LeftOut(n_left_out));
        self.flaw.or_else(left_out).or(self.unfolded.is_cut.then_some(Flaw::CutPayload))
    }

    /// What follows the next message; `None` where that is not whole yet.
    fn step<'b>(&mut self, bytes: &'b [u8], lines: &mut Lines<'_, '_>) -> Result<Option<&'b [u8]>, Flaw> {
        let counted = match (self.kind, bytes.split_first()) {
            (_, None) => return Ok(None),
            (Kind::OtlpMessage, Some((&RESOURCE_LOGS, rest))) => rest,
            (Kind::OtlpMessage, Some(_)) => return Err(Flaw::Corrupt),
            _ => bytes,
        };
        let length = match self.kind {
            Kind::OtlpSizedMessages => sized(counted).ok_or(Flaw::Truncated),
            Kind::LogEntries | Kind::OtlpMessages | Kind::OtlpMessage => wire::varint(counted),
        };
        let (n_bytes, rest) = match length {
            Ok(read) => read,
            Err(Flaw::Truncated) => return Ok(None),
            Err(flaw) => return Err(flaw),
        };
        if n_bytes > MOST_MESSAGE_BYTES {
            return Err(Flaw::Corrupt);
        }
        let Some((message, rest)) = rest.split_at_checked(n_bytes as usize) else { return Ok(None) };
        match self.kind {
            Kind::LogEntries => {
                log_entry::transcode(message, &mut self.unfolded, &mut lines.text)?;
                lines.ended();
            }
            Kind::OtlpMessages | Kind::OtlpSizedMessages => otlp::transcode_message(message, lines),
            Kind::OtlpMessage => otlp::transcode_resource_logs(message, lines),
        }
        Ok(Some(rest))
    }
}

/// Instants from 1990 to 2100, in nanoseconds: what a log may be of.
fn is_plausible(time: u64) -> bool {
    (631_152_000_000_000_000..4_102_444_800_000_000_000).contains(&time)
}

fn push_json_text(text: &str, out: &mut Vec<u8>) {
    serde_json::to_writer(out, text).expect("a string is JSON, and memory takes it");
}

fn push_base64(bytes: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    out.push(b'"');
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0_u32, |bits, &byte| bits << 8 | u32::from(byte)) << (8 * (3 - three.len()));
        for digit in 0..4 {
            let value = (bits >> (18 - 6 * digit) & 63) as usize;
            out.push(if digit <= three.len() { DIGITS[value] } else { b'=' });
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests;
