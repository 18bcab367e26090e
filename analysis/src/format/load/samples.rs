//! The samples of a format: each is a claim that is checked.

use std::collections::BTreeMap;

use model::time::{Nanos, Zone};
use serde::Deserialize;

use super::super::members::whole_stamp;
use super::super::shipped::Shipped;
use super::super::stamp::Reading;
use super::super::written_out::quoted;
use super::super::{FormatId, Formats, Head, Parsed, trial};
use super::{Problem, Spec};
use crate::fold::fold;
use crate::read::{Context, Reader};
use crate::tokenize::tokens;
use crate::values::hides_tokens;

/// One entry, and what it must read as. What is not stated is not checked, but for time and severity.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    pub text: String,
    /// Lines before it in its file: the header of a delimited one.
    #[serde(default)]
    before: String,
    /// The format it is read by, if that is one inside of this: `syslog/json`.
    format: Option<String>,
    /// RFC 3339. A stamp without year is dated as in a file last changed at the end of 2026.
    pub(super) time: Option<String>,
    #[serde(default)]
    severity: u8,
    service: Option<String>,
    message: Option<String>,
    #[serde(default)]
    fields: BTreeMap<String, toml::Value>,
    trace_id: Option<String>,
    span_id: Option<String>,
}

/// 2026-12-31T12:00:00Z, when sample files were last changed.
pub(super) const SAMPLES_MODIFIED: Nanos = Nanos(1_798_718_400_000_000_000);

/// Reads every sample of a format with that format alone, or with all where it holds another one.
pub fn check_samples(spec: &Spec) -> Result<(), Problem> {
    let alone = Formats::compile(Shipped::load().but_only(vec![spec.clone()]))?;
    let among_all = match spec.sample.iter().any(|sample| sample.format.is_some()) {
        true => Formats::compile(Shipped::load().and(vec![spec.clone()]))?,
        false => Formats::compile(Shipped::load().but_only(Vec::new()))?,
    };
    for (index, sample) in spec.sample.iter().enumerate() {
        let formats = if sample.format.is_some() { &among_all } else { &alone };
        check_sample(spec, formats, sample).map_err(|reason| {
            Problem::new(format!("format {}, sample {}: {reason}", spec.name, index + 1)).of("sample", index)
        })?;
    }
    Ok(())
}

/// The head that the text of a sample has where it is read twice, as [`check_samples`] does. `None` where it would not be
/// read as one entry of this format.
pub fn sample_head(formats: &Formats, id: FormatId, before: &str, text: &str) -> Option<Head> {
    let mut reader = Reader::new(formats, sample_context());
    reader.push(format!("{before}{text}\n{text}\n").as_bytes());
    reader.finish();
    let n_before = before.lines().count() as u64;
    let mut heads = Vec::new();
    while let Some(record) = reader.next_record() {
        let (head, is_it) = (record.head.clone(), record.text == text.as_bytes());
        if reader.position().lines > n_before {
            heads.push((head, is_it));
        }
    }
    match &heads[..] {
        [(head, true), (_, true)] if formats.is_made_of(head.format, id) => Some(head.clone()),
        _ => None,
    }
}

fn sample_context() -> Context {
    Context { path: "sample.log".to_owned(), modified: SAMPLES_MODIFIED, zone: Zone::utc() }
}

pub(super) fn check_sample(spec: &Spec, formats: &Formats, sample: &Sample) -> Result<(), String> {
    // Twice, so that the end of the first entry is found by the beginning of the second.
    let twice = format!("{1}{0}\n{0}\n", sample.text, sample.before);
    let mut reader = Reader::new(formats, sample_context());
    reader.push(twice.as_bytes());
    reader.finish();
    let mut n_entries = 0;
    let n_before = sample.before.lines().count() as u64;
    while let Some(record) = reader.next_record() {
        let (head, text) = (record.head.clone(), String::from_utf8_lossy(record.text).into_owned());
        if reader.position().lines <= n_before {
            continue;
        }
        n_entries += 1;
        let expected = sample.format.as_deref().unwrap_or(&spec.name);
        if formats.name(head.format) != expected {
            let read = formats.name(head.format);
            let how_far = how_far(spec, &sample.text);
            return Err(if read == "raw" {
                how_far
            } else {
                format!("read as {read}, expected {expected}; {how_far}")
            });
        }
        differs("entry", &text, &sample.text, |text| quoted(text))?;
        let time = sample.time.as_deref().and_then(rfc3339);
        if sample.time.is_some() && time.is_none() {
            return Err("the expected time is not RFC 3339 with a zone".to_owned());
        }
        differs("time", &head.time, &time, |time| time.map_or_else(none, trial::rfc3339))?;
        differs("severity", &head.severity.0, &sample.severity, u8::to_string)?;
        let parsed = formats.parse(head.format, &sample.text);
        let head_service = head.service.map(|range| sample.text[range.start as usize..range.end as usize].to_owned());
        differs("service of head and entry", &head_service, &parsed.service, quoted_or_none)?;
        let optional = [
            ("service", &sample.service, &parsed.service),
            ("trace_id", &sample.trace_id, &parsed.trace_id),
            ("span_id", &sample.span_id, &parsed.span_id),
            ("message", &sample.message, &Some(parsed.message.clone())),
        ];
        for (what, expected, read) in optional {
            if expected.is_some() {
                differs(what, read, expected, quoted_or_none)?;
            }
        }
        for (name, expected) in &sample.fields {
            let read = parsed.fields.iter().find(|field| field.name == *name).map(|field| field.value.to_string());
            let expected = expected.as_str().map_or_else(|| expected.to_string(), str::to_owned);
            differs(&format!("field {name}"), &read, &Some(expected), quoted_or_none)?;
        }
        check_delimited(spec, &sample.text, &parsed)?;
    }
    differs("number of entries of the sample written twice", &n_entries, &2, i32::to_string)
}

/// That tokens are where the format says they are.
fn check_delimited(spec: &Spec, text: &str, parsed: &Parsed) -> Result<(), String> {
    if hides_tokens(text.as_bytes()) {
        return Ok(());
    }
    let text = fold(text);
    let in_text = tokens(&text);
    let check = |what: &str, value: &str| {
        let cut = tokens(&fold(value)).into_iter().find(|token| !in_text.contains(token)).map(str::to_owned);
        cut.map_or(Ok(()), |token| {
            Err(format!("{what} has {token:?}, which is cut out of the text: it does not delimit it"))
        })
    };
    for field in parsed.fields.iter().filter(|_| spec.delimits_values) {
        check(&format!("field {}", field.name), &field.value.to_string())?;
    }
    if spec.delimits_messages { check("message", &parsed.message) } else { Ok(()) }
}

/// `shown`: a value as it is written in a sample.
fn differs<T: PartialEq>(what: &str, read: &T, expected: &T, shown: impl Fn(&T) -> String) -> Result<(), String> {
    if read == expected {
        return Ok(());
    }
    Err(format!("{what} read as {}, expected {}", shown(read), shown(expected)))
}

fn quoted_or_none(text: &Option<String>) -> String {
    text.as_deref().map_or_else(none, quoted)
}

/// What is shown in the place of what is not there.
fn none() -> String {
    "none".to_owned()
}

fn rfc3339(text: &str) -> Option<Nanos> {
    match whole_stamp(text.as_bytes())?.reading {
        Reading::Instant(time) => Some(time),
        _ => None,
    }
}

/// Says where each head stops to fit: the longest part of it, from its start, that matches.
fn how_far(spec: &Spec, text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let mut report = "no head of this format reads the first line".to_owned();
    for (head, beginnings) in spec.heads.iter().zip(spec.heads()) {
        let reach = beginnings.reach(line.as_bytes());
        let (read, rest) = line.as_bytes().split_at(reach.line_bytes);
        let (read, rest) = (String::from_utf8_lossy(read), String::from_utf8_lossy(rest));
        report += &if reach.pattern_bytes == head.len() {
            format!("; {head} matches {read:?}, but its time is none that can be read")
        } else {
            let (matching, other) = head.split_at(reach.pattern_bytes);
            format!("; {matching} matches {read:?}, then {other} does not match {rest:?}")
        };
    }
    report
}
