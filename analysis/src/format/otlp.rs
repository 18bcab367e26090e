//! Lines of OpenTelemetry's file exporter: an object with the records of a batch, of which the first is read.
//!
//! Its resource's and its own attributes are fields by their names.

use std::ops::Range;

use model::entry::Value;

use super::clock::Clock;
use super::json::{Elements, Kind, Members, Raw, value_of};
use super::members::{HeadMembers, OpenMembers};
use super::vocabulary::{Role, Vocabulary};
use super::{Head, Parsed};

/// The parts of the first record.
#[derive(Default)]
struct Parts {
    /// Name and value of each attribute, the resource's first, and of the record's other members.
    values: Vec<(Range<usize>, Raw)>,
}

/// The value of the member of this name.
fn member(text: &[u8], at: usize, wanted: &[u8]) -> Option<Raw> {
    Members::new(text, at)?.find(|(name, _)| &text[name.clone()] == wanted).map(|(_, value)| value)
}

/// The first object of an array.
fn first_of(text: &[u8], array: &Raw) -> Option<usize> {
    Elements::new(text, array).find(|raw| raw.kind == Kind::Object).map(|raw| raw.range.start)
}

/// What an AnyValue holds: `{"stringValue":"x"}`.
fn any_value(text: &[u8], value: &Raw) -> Option<Raw> {
    Members::new(text, value.range.start)?.next().map(|(_, value)| value)
}

fn parts(text: &[u8]) -> Option<Parts> {
    let mut parts = Parts::default();
    let resource_logs = first_of(text, &member(text, 0, b"resourceLogs")?)?;
    if let Some(resource) = member(text, resource_logs, b"resource") {
        add_attributes(text, resource.range.start, &mut parts);
    }
    let scopes = member(text, resource_logs, b"scopeLogs")?;
    let records = member(text, first_of(text, &scopes)?, b"logRecords")?;
    let record = first_of(text, &records)?;
    for (name, value) in Members::new(text, record)? {
        match &text[name.clone()] {
            b"attributes" => {}
            b"body" => parts.values.extend(any_value(text, &value).map(|value| (name, value))),
            _ => parts.values.push((name, value)),
        }
    }
    add_attributes(text, record, &mut parts);
    Some(parts)
}

fn add_attributes(text: &[u8], of: usize, parts: &mut Parts) {
    let Some(attributes) = member(text, of, b"attributes") else { return };
    for attribute in Elements::new(text, &attributes) {
        let at = attribute.range.start;
        if let (Some(key), Some(value)) = (member(text, at, b"key"), member(text, at, b"value"))
            && let Some(value) = any_value(text, &value)
        {
            parts.values.push((key.range, value));
        }
    }
}

pub fn head(text: &[u8], vocabulary: &Vocabulary, clock: &mut Clock) -> Option<Head> {
    let parts = parts(text)?;
    let mut found = HeadMembers::new(text, &vocabulary.levels, clock);
    for (name, value) in parts.values {
        if let Some(role) = vocabulary.names.look_up(&text[name]).role
            && !matches!(value.kind, Kind::Object | Kind::Array)
        {
            found.offer(role, value.range);
        }
    }
    Some(found.finish())
}

pub fn parse(text: &str, vocabulary: &Vocabulary) -> Parsed {
    let Some(parts) = parts(text.as_bytes()) else {
        return Parsed { message: text.to_owned(), ..Parsed::default() };
    };
    let mut open = OpenMembers::new(vocabulary);
    for (name, value) in parts.values {
        let (Some(name), Some(written)) = (text.get(name), text.get(value.range)) else { continue };
        let is_nested = matches!(value.kind, Kind::Object | Kind::Array);
        let value: Value = value_of(written, value.kind).into();
        match vocabulary.names.look_up(name.as_bytes()).role {
            Some(Role::Message) | None if is_nested => open.offer_plain(name.to_owned(), value),
            _ => open.offer(name.to_owned(), written, value),
        }
    }
    open.finish()
}
