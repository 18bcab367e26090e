//! Entries as Microsoft's CMTrace shows them (Configuration Manager, Intune): a text of any number of lines, then what is
//! known of it: `<![LOG[text]LOG]!><time="10:23:45.123-060" date="11-20-2026" component="CcmExec" type="3" …>`.

use std::ops::Range;

use memchr::{memchr, memmem};
use model::entry::Field;
use model::severity::Severity;
use model::time::{Civil, NANOS_PER_SECOND, Nanos};

use super::clock::Clock;
use super::members::typed;
use super::service::ServiceIs;
use super::stamp::{Reading, Stamp, read_clock};
use super::{Head, Parsed};

const BEGIN: &[u8] = b"<![LOG[";
const END: &[u8] = b"]LOG]!>";

/// No zone is further off.
const MOST_MINUTES: i32 = 18 * 60;

/// Name and value of what is known of an entry.
type Attribute = (Range<usize>, Range<usize>);

pub fn begins(line: &[u8]) -> bool {
    line.starts_with(BEGIN)
}

/// Whether an entry's text ends in this line.
pub fn ends(line: &[u8]) -> bool {
    memmem::find(line, END).is_some()
}

/// Where the text stands, and what is known of it.
fn parts(text: &[u8]) -> Option<(Range<usize>, Vec<Attribute>)> {
    let len = memmem::find(text.strip_prefix(BEGIN)?, END)?;
    let said = BEGIN.len()..BEGIN.len() + len;
    let mut attributes = Vec::new();
    let mut at = said.end + END.len();
    while let Some(equals) = memmem::find(&text[at..], b"=\"").map(|len| at + len) {
        let name_len = text[at..equals].iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let value = equals + 2;
        let Some(value_len) = memchr(b'"', &text[value..]) else { break };
        attributes.push((equals - name_len..equals, value..value + value_len));
        at = value + value_len + 1;
    }
    Some((said, attributes))
}

pub fn head(text: &[u8], clock: &mut Clock) -> Option<Head> {
    let (_, attributes) = parts(text)?;
    let value_of = |name: &[u8]| {
        let found = attributes.iter().find(|(own, _)| text[own.clone()] == *name);
        found.map(|(_, value)| value.clone())
    };
    let (time, date) = (value_of(b"time")?, value_of(b"date")?);
    let stamp = stamp_of(&text[time.clone()], &text[date])?;
    let (instant, naive) = clock.settle(&stamp)?;
    let service = value_of(b"component").filter(|name| !name.is_empty());
    Some(Head {
        time: Some(instant),
        precision: stamp.precision,
        naive,
        severity: value_of(b"type").map(|value| severity_of(&text[value])).unwrap_or_default(),
        stamp: time.start as u32..time.end as u32,
        service: service.map(|name| name.start as u32..name.end as u32),
        ..Head::default()
    })
}

pub fn parse(text: &str) -> Parsed {
    let Some((said, attributes)) = parts(text.as_bytes()) else {
        return Parsed { message: text.to_owned(), ..Parsed::default() };
    };
    let mut parsed = Parsed { message: text[said].to_owned(), ..Parsed::default() };
    for (name, value) in attributes {
        let (name, value) = (&text[name], &text[value]);
        match name {
            _ if value.is_empty() => {}
            "time" | "date" => {}
            "type" if severity_of(value.as_bytes()) != Severity::UNSPECIFIED => {
                value.clone_into(&mut parsed.severity_text)
            }
            "component" => {
                parsed.service = Some(value.to_owned());
                parsed.service_rule = ServiceIs::Name.rule_of_field(name);
            }
            _ => parsed.fields.push(Field { name: name.to_owned(), value: typed(value).into() }),
        }
    }
    parsed
}

fn severity_of(kind: &[u8]) -> Severity {
    match kind {
        b"1" => Severity::INFO,
        b"2" => Severity::WARN,
        b"3" => Severity::ERROR,
        _ => Severity::UNSPECIFIED,
    }
}

/// The month stands before the day. Behind the clock may stand how many minutes have to be added to be at UTC: `-060` is an
/// hour east of it.
fn stamp_of(time: &[u8], date: &[u8]) -> Option<Stamp> {
    let (month, rest) = date.split_at(memchr(b'-', date)?);
    let (day, year) = rest[1..].split_at(memchr(b'-', &rest[1..])?);
    let midnight = Civil {
        year: number(&year[1..]).filter(|year| (1970..2100).contains(year))?,
        month: u8::try_from(number(month)?).ok()?,
        day: u8::try_from(number(day)?).ok()?,
        hour: 0,
        minute: 0,
        second: 0,
        nanos: 0,
    };
    let clock_len = time.iter().position(|byte| matches!(byte, b'+' | b'-')).unwrap_or(time.len());
    let clock = read_clock(&time[..clock_len]).filter(|clock| clock.len == clock_len)?;
    let Reading::Dateless(of_day) = clock.reading else { return None };
    let wall = midnight.to_utc()?.0.checked_add(of_day)?;
    let reading = match number(&time[clock_len..]).filter(|minutes| minutes.abs() <= MOST_MINUTES) {
        Some(minutes) => Reading::Instant(Nanos(wall.checked_add(i64::from(minutes) * 60 * NANOS_PER_SECOND)?)),
        None => Reading::Wall(Nanos(wall)),
    };
    Some(Stamp { reading, len: time.len(), ..clock })
}

fn number(text: &[u8]) -> Option<i32> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minutes_behind_the_clock_lead_to_utc_and_the_month_stands_first() {
        /// 2026-03-04T12:00:00Z
        const AT_NOON: i64 = 1_772_625_600_000_000_000;
        let read = |time: &str, date: &str| stamp_of(time.as_bytes(), date.as_bytes()).map(|stamp| stamp.reading);
        let instant = |nanos: i64| Some(Reading::Instant(Nanos(nanos)));
        assert_eq!(read("12:00:00.000-060", "3-4-2026"), instant(AT_NOON - 3_600_000_000_000));
        assert_eq!(read("12:00:00.000+300", "03-04-2026"), instant(AT_NOON + 18_000_000_000_000));
        assert_eq!(read("12:00:00.0000000", "03-04-2026"), Some(Reading::Wall(Nanos(AT_NOON))));
        for (time, date) in
            [("12:00:00", "13-04-2026"), ("12:00", "3-4-2026"), ("", ""), ("12:00:00", "2026"), ("x", "-")]
        {
            assert_eq!(read(time, date), None, "{time} {date}");
        }
    }

    #[test]
    fn entries_that_were_cut_are_read_without_a_panic() {
        let whole = r#"<![LOG[a]LOG]!><time="10:23:45.123-060" date="11-20-2026" component="CcmExec" type="3">"#;
        for end in 0..whole.len() {
            parse(&whole[..end]);
        }
        assert_eq!(parse(whole).severity_text, "3");
    }
}
