//! `LogEntry` of `docs/log_entry.proto`, as a JSON line.

use std::borrow::Cow;
use std::io::Read;

use super::wire::{Fields, Value};
use super::{Flaw, is_plausible, push_base64, push_json_text};
use crate::container::is_bomb;

/// A payload that unfolds to more is cut.
const MOST_PAYLOAD_BYTES: usize = 16 << 20;

/// What the messages of a file were and what their payloads unfolded to.
#[derive(Default)]
pub struct Unfolded {
    in_bytes: u64,
    out_bytes: u64,
    pub is_cut: bool,
    /// Messages that could not be read.
    pub n_left_out: u64,
}

#[derive(Default)]
struct LogEntry<'a> {
    log_id: Cow<'a, str>,
    source_type: String,
    /// Nanoseconds since 1970.
    timestamp: u64,
    payload: &'a [u8],
    labels: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// Every field is one of this message.
    is_known: bool,
    /// Some field is.
    has_own: bool,
    /// It ends in the middle of a field.
    is_cut: bool,
}

/// Whether these messages, the last of which may be only begun, are `LogEntry` for certain: the first that has a time tells, and
/// those before it may be without one.
pub fn look_like<'a>(messages: impl Iterator<Item = &'a [u8]>) -> bool {
    for entry in messages.map(read) {
        let is_own = entry.is_known && entry.log_id.chars().all(|letter| !letter.is_control());
        if !is_own || entry.timestamp != 0 {
            return is_own && is_plausible(entry.timestamp);
        }
    }
    false
}

/// Adds the line. As readers of protobuf do, it passes over fields that it does not know; a message that cannot be read is counted.
pub fn transcode(message: &[u8], unfolded: &mut Unfolded, line: &mut Vec<u8>) -> Result<(), Flaw> {
    unfolded.in_bytes += message.len() as u64;
    let entry = read(message);
    if entry.is_cut || !entry.has_own && !message.is_empty() {
        unfolded.n_left_out += 1;
        return Ok(());
    }
    let unpacked = unpack(entry.payload, unfolded);
    if is_bomb(unfolded.in_bytes, unfolded.out_bytes) {
        return Err(Flaw::Bomb);
    }
    line.extend(format!("{{\"timestamp\":{}", entry.timestamp).bytes());
    for (name, value) in [("log_id", &*entry.log_id), ("source_type", &entry.source_type)] {
        if !value.is_empty() {
            line.extend(format!(",\"{name}\":").bytes());
            push_json_text(value, line);
        }
    }
    if !entry.labels.is_empty() {
        line.extend(b",\"labels\":{");
        for (i, (name, value)) in entry.labels.iter().enumerate() {
            line.extend_from_slice(if i > 0 { b"," } else { b"" });
            push_json_text(name, line);
            line.push(b':');
            push_json_text(value, line);
        }
        line.push(b'}');
    }
    let payload = unpacked.as_deref().unwrap_or(entry.payload);
    match std::str::from_utf8(payload) {
        Ok(payload) => {
            line.extend(b",\"payload\":");
            push_json_text(payload.trim_end_matches(['\r', '\n']), line);
        }
        Err(_) => {
            line.extend(b",\"payload_base64\":");
            push_base64(payload, line);
        }
    }
    line.extend(b"}\n");
    Ok(())
}

fn read(message: &[u8]) -> LogEntry<'_> {
    let mut entry = LogEntry { is_known: true, ..LogEntry::default() };
    let mut fields = Fields::new(message);
    for field in &mut fields {
        entry.has_own |= matches!(field, Ok((1..=5, _)));
        match field {
            Ok((1, Value::Bytes(id))) => entry.log_id = utf8(id, &mut entry.is_known),
            Ok((2, Value::Varint(number))) => entry.source_type = source_type(number),
            Ok((2, Value::Bytes(name))) => entry.source_type = utf8(name, &mut entry.is_known).into_owned(),
            Ok((3, Value::Varint(nanos) | Value::Fixed64(nanos))) => entry.timestamp = nanos,
            Ok((3, Value::Bytes(timestamp))) => entry.timestamp = well_known(timestamp),
            Ok((4, Value::Bytes(payload))) => entry.payload = payload,
            Ok((5, Value::Bytes(label))) => {
                let mut pair = (Cow::default(), Cow::default());
                for field in Fields::new(label).flatten() {
                    match field {
                        (1, Value::Bytes(name)) => pair.0 = utf8(name, &mut entry.is_known),
                        (2, Value::Bytes(value)) => pair.1 = utf8(value, &mut entry.is_known),
                        _ => entry.is_known = false,
                    }
                }
                entry.labels.push(pair);
            }
            Err(Flaw::Truncated) => {}
            _ => entry.is_known = false,
        }
    }
    entry.is_cut = fields.flaw().is_some();
    entry
}

/// Cut off in the middle of a letter is fine.
fn utf8<'a>(bytes: &'a [u8], is_known: &mut bool) -> Cow<'a, str> {
    if let Err(error) = std::str::from_utf8(bytes) {
        *is_known &= error.error_len().is_none();
    }
    String::from_utf8_lossy(bytes)
}

fn source_type(number: u64) -> String {
    match number {
        0 => String::new(),
        1 => "http".to_owned(),
        2 => "grpc".to_owned(),
        3 => "file".to_owned(),
        other => other.to_string(),
    }
}

/// `google.protobuf.Timestamp`, which some writers prefer.
fn well_known(message: &[u8]) -> u64 {
    let part = |wanted: u32| {
        Fields::new(message).flatten().find_map(|field| match field {
            (number, Value::Varint(value)) if number == wanted => Some(value),
            _ => None,
        })
    };
    let seconds = part(1).unwrap_or(0);
    seconds.saturating_mul(1_000_000_000).saturating_add(part(2).unwrap_or(0))
}

/// What a gzip payload holds, as far as it can be read; `None` for any other.
fn unpack(payload: &[u8], unfolded: &mut Unfolded) -> Option<Vec<u8>> {
    if !payload.starts_with(&[0x1F, 0x8B]) {
        return None;
    }
    let mut unpacked = Vec::new();
    let most_bytes = MOST_PAYLOAD_BYTES as u64 + 1;
    let read = flate2::read::MultiGzDecoder::new(payload).take(most_bytes).read_to_end(&mut unpacked);
    unfolded.out_bytes += unpacked.len() as u64;
    if unpacked.len() > MOST_PAYLOAD_BYTES {
        unpacked.truncate(MOST_PAYLOAD_BYTES);
        unfolded.is_cut = true;
    }
    (read.is_ok() || !unpacked.is_empty()).then_some(unpacked)
}
