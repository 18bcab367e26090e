//! What the named parts of an entry mean: shared by all formats whose entries consist of names and values.
//!
//! A value counts for its role only if it can be read as such (`"t":"request"` is no time), and the first one that can
//! wins; heads and opened entries decide by the same rule. The message, read only when an entry is opened, goes to the
//! best name of the list instead.

use std::ops::Range;

use model::entry::{Field, Value};
use model::severity::Severity;
use model::time::{NANOS_PER_SECOND, Precision};

use super::clock::Clock;
use super::service::ServiceIs;
use super::stamp::{Stamp, read_clock, read_hexadecimal, read_stamp, read_terse, with_joined};
use super::vocabulary::{Levels, Role, Vocabulary, of_http_status};
use super::written::Written;
use super::{Head, Parsed};
use crate::ids::{may_be_id, traceparent};
use crate::tokenize::is_token_byte;

/// Collects an entry's head from its members, in their order.
pub struct HeadMembers<'a> {
    text: &'a [u8],
    levels: &'a Levels,
    clock: &'a mut Clock,
    head: Head,
    /// What the service of the head was the name of.
    named_by: Option<ServiceIs>,
    /// What an HTTP status says of an entry that states no level.
    status: Severity,
    /// What the answer to a request says of it, if it is one.
    answer: Severity,
    is_request: bool,
    /// It tells of a program that ended with an error.
    is_bad_exit: bool,
    /// A date alone; a clock behind it makes it a time.
    date: Option<Range<usize>>,
    /// That date and its clock, and the zone that an entry names beside them.
    apart: Option<(Range<usize>, Range<usize>)>,
    zone: Option<Range<usize>>,
}

impl<'a> HeadMembers<'a> {
    pub fn new(text: &'a [u8], levels: &'a Levels, clock: &'a mut Clock) -> Self {
        Self {
            text,
            levels,
            clock,
            head: Head::default(),
            named_by: None,
            status: Severity::UNSPECIFIED,
            answer: Severity::UNSPECIFIED,
            is_request: false,
            is_bad_exit: false,
            date: None,
            apart: None,
            zone: None,
        }
    }

    #[inline]
    pub fn offer(&mut self, role: Role, range: Range<usize>) {
        let value = &self.text[range.clone()];
        match role {
            Role::Time if self.head.time.is_none() => {
                let joined =
                    self.date.as_ref().and_then(|date| with_joined(&self.text[date.clone()], value, whole_stamp));
                let date = self.date.clone().filter(|_| joined.is_some());
                if let Some(stamp) = whole_stamp(value).or(joined)
                    && let Some((time, naive)) = self.clock.settle(&stamp)
                {
                    self.head.time = Some(time);
                    self.head.naive = naive;
                    self.head.precision = stamp.precision;
                    self.apart = date.clone().map(|date| (date, range.clone()));
                    (self.head.stamp, self.head.date) = place_of_stamp(self.text, date, range);
                    self.settle_in_zone();
                } else if is_date(value) {
                    self.date = Some(range);
                }
            }
            Role::Time if self.head.precision < Precision::Nano => self.refine(value),
            Role::TimeNanos if self.head.precision == Precision::Second => {
                if let (Some(time), Some(nanos)) = (&mut self.head.time, nanos_of(value)) {
                    time.0 += nanos;
                    self.head.precision = Precision::Nano;
                }
            }
            Role::Zone if self.zone.is_none() => {
                self.zone = Some(range);
                self.settle_in_zone();
            }
            Role::Level | Role::LevelNumber | Role::SyslogLevel if self.head.severity == Severity::UNSPECIFIED => {
                self.head.severity = severity_of(role, value, self.levels).unwrap_or_default();
            }
            Role::Service | Role::Pod | Role::Container => {
                let names = ServiceIs::of_role(role);
                if names > self.named_by && ServiceIs::is_told_by(value) {
                    let own = names.map_or(0..value.len(), |names| names.within(value));
                    self.head.service = Some((range.start + own.start) as u32..(range.start + own.end) as u32);
                    self.named_by = names;
                }
            }
            Role::HttpStatus if self.status == Severity::UNSPECIFIED => self.status = of_http_status(value),
            Role::Failure if is_something(value) => self.status = Severity::ERROR,
            Role::Request => self.is_request |= is_something(value),
            Role::RequestStatus if self.answer == Severity::UNSPECIFIED => self.answer = of_answer(value),
            Role::ExitCode => self.is_bad_exit |= is_bad_exit(value),
            _ => {}
        }
    }

    /// A date and a clock that stand apart are of the zone that stands beside them, if they name none.
    fn settle_in_zone(&mut self) {
        let (Some((date, clock)), Some(zone)) = (&self.apart, &self.zone) else { return };
        if let Some(stamp) = stamp_in_zone(self.text, date, clock, zone)
            && let Some((time, naive)) = self.clock.settle(&stamp)
        {
            (self.head.time, self.head.naive) = (Some(time), naive);
        }
    }

    /// Some write the same time once more, with more digits.
    fn refine(&mut self, value: &[u8]) {
        let Some(coarse) = self.head.time else { return };
        let unit = self.head.precision.unit_nanos();
        if let Some(stamp) = whole_stamp(value)
            && stamp.precision > self.head.precision
            && let Some((fine, _)) = self.clock.settle(&stamp)
            && fine.0.div_euclid(unit) == coarse.0.div_euclid(unit)
        {
            (self.head.time, self.head.precision) = (Some(fine), stamp.precision);
        }
    }

    /// Whether it has a time or a level, or is a request with its answer.
    pub fn says_something(&self) -> bool {
        let is_answered = self.is_request && self.answer != Severity::UNSPECIFIED;
        let has_level = self.head.severity != Severity::UNSPECIFIED || self.status != Severity::UNSPECIFIED;
        self.head.time.is_some() || has_level || is_answered
    }

    pub fn finish(self) -> Head {
        let answer = if self.is_request { self.answer } else { Severity::UNSPECIFIED };
        let exit = if self.is_bad_exit { Severity::ERROR } else { Severity::UNSPECIFIED };
        let told = [self.head.severity, self.status, answer, exit];
        let severity = told.into_iter().find(|severity| *severity != Severity::UNSPECIFIED).unwrap_or_default();
        Head { severity, ..self.head }
    }

    /// Nothing more can be learnt.
    pub fn complete(&self) -> bool {
        self.head.time.is_some()
            && self.head.severity != Severity::UNSPECIFIED
            && self.named_by == Some(ServiceIs::Name)
    }
}

/// Collects an opened entry from its members, in their order.
pub struct OpenMembers<'a> {
    vocabulary: &'a Vocabulary,
    parsed: Parsed,
    has_time: bool,
    /// That time has no fraction of a second.
    is_whole_second: bool,
    has_level: bool,
    /// What the service was the name of.
    named_by: Option<ServiceIs>,
    /// An HTTP status that is a level where none is stated.
    status: Option<String>,
    /// The same in an entry that is a request, and the exit code of a program that failed.
    answer: Option<String>,
    is_request: bool,
    bad_exit: Option<String>,
    /// A date alone; a clock behind it makes it a time.
    date: Option<String>,
    /// Place among the fields, and rank, of the best message so far.
    message: Option<(usize, u16)>,
}

impl<'a> OpenMembers<'a> {
    pub fn new(vocabulary: &'a Vocabulary) -> Self {
        Self {
            vocabulary,
            parsed: Parsed::default(),
            has_time: false,
            is_whole_second: false,
            has_level: false,
            named_by: None,
            status: None,
            answer: None,
            is_request: false,
            bad_exit: None,
            date: None,
            message: None,
        }
    }

    /// `written`: the value as it stands in the text.
    pub fn offer(&mut self, name: String, written: &str, value: Value) {
        let known = self.vocabulary.names.look_up(name.as_bytes());
        match known.role {
            Some(role) => self.offer_as(role, known.rank, name, written, value),
            None => self.offer_plain(name, value),
        }
    }

    /// A value whose role is known, whatever its name; `rank`: of the name among those of the role.
    pub fn offer_as(&mut self, role: Role, rank: u16, name: String, written: &str, value: Value) {
        match role {
            Role::Time
                if !self.has_time
                    && let Some(stamp) = self.stamp_of(written.as_bytes()) =>
            {
                self.has_time = true;
                self.is_whole_second = stamp.precision == Precision::Second;
                return;
            }
            Role::TimeNanos if self.is_whole_second && nanos_of(written.as_bytes()).is_some() => {
                self.is_whole_second = false;
                return;
            }
            Role::Time if !self.has_time && is_date(written.as_bytes()) => self.date = Some(written.to_owned()),
            Role::Level | Role::LevelNumber | Role::SyslogLevel
                if !self.has_level && severity_of(role, written.as_bytes(), &self.vocabulary.levels).is_some() =>
            {
                self.has_level = true;
                self.parsed.severity_text = written.to_owned();
                return;
            }
            Role::Service | Role::Pod | Role::Container
                if ServiceIs::is_told_by(written.as_bytes())
                    && let Some(names) = ServiceIs::of_role(role).filter(|&names| Some(names) > self.named_by) =>
            {
                self.parsed.service = written.get(names.within(written.as_bytes())).map(str::to_owned);
                self.parsed.service_rule = names.rule_of_field(&name);
                self.named_by = Some(names);
                // The name of a replica says more than that of its service.
                if names == ServiceIs::Name {
                    return;
                }
            }
            Role::Message if self.message.is_none_or(|(_, best)| rank < best) => {
                self.message = Some((self.parsed.fields.len(), rank));
            }
            Role::HttpStatus if self.status.is_none() => {
                let is_status = of_http_status(written.as_bytes()) != Severity::UNSPECIFIED;
                self.status = is_status.then(|| written.to_owned());
            }
            Role::Failure if is_something(written.as_bytes()) => self.status = Some(written.to_owned()),
            Role::Request => self.is_request |= is_something(written.as_bytes()),
            Role::RequestStatus if self.answer.is_none() => {
                let is_status = of_answer(written.as_bytes()) != Severity::UNSPECIFIED;
                self.answer = is_status.then(|| written.to_owned());
            }
            Role::ExitCode if self.bad_exit.is_none() => {
                self.bad_exit = is_bad_exit(written.as_bytes()).then(|| written.to_owned());
            }
            _ => note_id(&mut self.parsed, role, written),
        }
        self.parsed.fields.push(Field { name, value });
    }

    fn stamp_of(&self, value: &[u8]) -> Option<Stamp> {
        let joined = || self.date.as_ref().and_then(|date| with_joined(date.as_bytes(), value, whole_stamp));
        whole_stamp(value).or_else(joined)
    }

    /// A value that can have no role.
    pub fn offer_plain(&mut self, name: String, value: Value) {
        self.parsed.fields.push(Field { name, value });
    }

    pub fn finish(mut self) -> Parsed {
        let answer = self.answer.filter(|_| self.is_request);
        if let Some(told) = self.status.or(answer).or(self.bad_exit).filter(|_| !self.has_level) {
            self.parsed.severity_text = told;
        }
        if let Some((at, _)) = self.message {
            self.parsed.message = self.parsed.fields.remove(at).value.to_string();
        }
        self.parsed
    }
}

/// What date, clock and zone say that stand apart.
pub fn stamp_in_zone(text: &[u8], date: &Range<usize>, clock: &Range<usize>, zone: &Range<usize>) -> Option<Stamp> {
    with_joined(&text[date.clone()], &text[clock.clone()], |both| with_joined(both, &text[zone.clone()], whole_stamp))
}

/// Where a stamp is, and where its date if that stands apart, with more than separators between the two: what stands between
/// is no part of a stamp. `date`: `None` where the clock says all.
pub fn place_of_stamp(
    text: &[u8],
    date: Option<Range<usize>>,
    clock: Range<usize>,
) -> (Range<u32>, Option<Range<u32>>) {
    let place = |range: Range<usize>| range.start as u32..range.end as u32;
    let is_beside = |date: &Range<usize>| {
        let between = text.get(date.end..clock.start);
        between.is_some_and(|between| !between.iter().copied().any(is_token_byte))
    };
    match date {
        Some(date) if is_beside(&date) => (place(date.start..clock.end), None),
        date => (place(clock), date.map(place)),
    }
}

fn is_something(value: &[u8]) -> bool {
    !value.is_empty() && value != b"null"
}

/// Of a value that may as well be a word: `open` has no answer.
fn of_answer(value: &[u8]) -> Severity {
    if value.iter().all(u8::is_ascii_digit) { of_http_status(value) } else { Severity::UNSPECIFIED }
}

/// A number other than 0.
fn is_bad_exit(value: &[u8]) -> bool {
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) && digits.iter().any(|digit| *digit != b'0')
}

/// `2026-11-20`: a date and no time.
fn is_date(value: &[u8]) -> bool {
    value.len() == 10 && with_joined(value, b"00:00:00", whole_stamp).is_some()
}

/// A number of nanoseconds shorter than a second.
fn nanos_of(value: &[u8]) -> Option<i64> {
    let nanos: i64 = std::str::from_utf8(value).ok()?.parse().ok()?;
    (0..NANOS_PER_SECOND).contains(&nanos).then_some(nanos)
}

/// Keeps a trace or span id, if the value is one and none is known yet.
pub fn note_id(parsed: &mut Parsed, role: Role, written: &str) {
    match role {
        Role::TraceId if parsed.trace_id.is_none() && may_be_id(written) => {
            parsed.trace_id = Some(written.to_owned());
        }
        Role::SpanId if parsed.span_id.is_none() && may_be_id(written) => parsed.span_id = Some(written.to_owned()),
        Role::Traceparent => {
            // One that is malformed is no id, and stays a field.
            if let Ok(read) = traceparent::read(written) {
                parsed.trace_id.get_or_insert_with(|| read.trace.to_owned());
                parsed.span_id.get_or_insert_with(|| read.parent.to_owned());
            }
        }
        _ => {}
    }
}

/// The stamp that is all of `value`, a zone's name in brackets behind it left out.
pub fn whole_stamp(value: &[u8]) -> Option<Stamp> {
    let is_whole = |stamp: &Stamp| stamp.len == value.len() || is_zone_name(&value[stamp.len..]);
    read_stamp(value).filter(is_whole)
}

/// The same for a value that is known to be a time: it may be terse, or a clock alone.
pub fn whole_time(value: &[u8]) -> Option<Stamp> {
    let is_whole = |stamp: &Stamp| stamp.len == value.len();
    whole_stamp(value)
        .or_else(|| read_terse(value).filter(is_whole))
        .or_else(|| read_clock(value).filter(is_whole))
        .or_else(|| read_hexadecimal(value).filter(is_whole))
}

/// `[Europe/Berlin]`, as Java writes behind the offset that says it all.
fn is_zone_name(text: &[u8]) -> bool {
    text.len() > 2 && text.starts_with(b"[") && text.ends_with(b"]") && !text.contains(&b' ')
}

pub fn severity_of(role: Role, value: &[u8], levels: &Levels) -> Option<Severity> {
    match role {
        Role::LevelNumber => {
            let number: u8 = std::str::from_utf8(value).ok()?.parse().ok()?;
            (1..=24).contains(&number).then_some(Severity(number))
        }
        Role::Level => levels.of_plain_value(value),
        _ => levels.of_value(value),
    }
}

/// Whether a decimal number without its sign, or one that JSON does not write so, gives the same digits when it is printed.
fn prints_alike(digits: &str) -> bool {
    /// More digits than these do not fit into a floating point number.
    const MOST: usize = 16;
    let is_of_json = digits.starts_with(|first: char| first.is_ascii_digit()) && !digits.ends_with('.');
    !is_of_json || !digits.ends_with('0') && digits.len() <= MOST
}

/// A bare value typed: integers, decimal numbers, truth values, else text. A number that would print otherwise stays as it
/// is written: `39.50`.
pub fn typed(text: &str) -> Written<'_> {
    let looks_numeric = text.len() < 20
        && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'.'))
        && text.bytes().any(|byte| byte.is_ascii_digit());
    if looks_numeric {
        // Leading zeros mark an id, not a number.
        let digits = text.trim_start_matches('-');
        let is_id = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
        if !is_id {
            if let Ok(number) = text.parse::<i64>() {
                return Written::Int(number);
            }
            if let Ok(number) = text.parse::<f64>() {
                return if prints_alike(digits) { Written::Float(number) } else { Written::Json(text) };
            }
        }
    }
    match text {
        "true" => Written::Bool(true),
        "false" => Written::Bool(false),
        "null" => Written::Null,
        _ => Written::Text(text.into()),
    }
}
