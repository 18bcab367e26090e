//! The words all formats share, from `formats/vocabulary.toml`: level words and the names of well-known fields.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::severity::Severity;
use serde::Deserialize;

/// What a well-known field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Time,
    /// Nanoseconds that belong to a time of whole seconds before them.
    TimeNanos,
    /// The zone of a date and a clock that stand apart; stays a field.
    Zone,
    Level,
    /// A SeverityNumber of OpenTelemetry.
    LevelNumber,
    /// A level word, or a number after syslog.
    SyslogLevel,
    Message,
    Service,
    /// The name of the pod or container that the entry comes from: its service where it names none. Stays a field.
    Pod,
    Container,
    TraceId,
    SpanId,
    /// W3C trace context: version, trace id, span id, flags.
    Traceparent,
    /// Tells a severity where no level is stated; stays a field.
    HttpStatus,
    /// Tells of a failure where no level is stated, if there is something in it; stays a field.
    Failure,
    /// What was asked for over HTTP: its method or its path. Stays a field.
    Request,
    /// The same as [`Role::HttpStatus`] in an entry that tells what was asked for: elsewhere it may be any number.
    RequestStatus,
    /// How a program ended: anything but 0 tells of an error where no level is stated; stays a field.
    ExitCode,
    /// A field and nothing else, whatever the name means elsewhere.
    Plain,
}

/// The file.
#[derive(Deserialize)]
pub struct File {
    levels: BTreeMap<String, Vec<String>>,
    names: BTreeMap<Role, Vec<String>>,
}

/// Level words and field names, ready for look-up by bytes.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    pub levels: Levels,
    pub names: Names,
}

impl Vocabulary {
    pub fn new(file: &File) -> Self {
        let mut levels = Levels::default();
        for (number, words) in &file.levels {
            let severity = Severity(number.parse().expect("the shipped levels are numbers"));
            words.iter().for_each(|word| levels.add(word, severity));
        }
        let mut names = Names::default();
        for (&role, list) in &file.names {
            for (rank, name) in list.iter().enumerate() {
                names.add(name, role, rank as u16);
            }
        }
        Self { levels, names }
    }
}

impl Vocabulary {
    #[cfg(test)]
    pub fn shipped() -> Self {
        Self::new(&super::shipped::Shipped::load().vocabulary)
    }

    /// This vocabulary and words that only one format uses: they win over the shared ones.
    pub fn with(&self, names: &BTreeMap<Role, Vec<String>>, levels: &Levels) -> Self {
        let mut own = self.clone();
        for (&role, list) in names {
            own.names.make_room(role, list.len() as u16);
            for (rank, name) in list.iter().enumerate() {
                own.names.add(name, role, rank as u16);
            }
        }
        own.levels.add_all(levels);
        own
    }
}

/// The longest level word, and then some.
const LONGEST_WORD: usize = 16;

/// Level words with their severities, by length; case is ignored.
#[derive(Clone, Debug)]
pub struct Levels {
    by_length: [Vec<([u8; LONGEST_WORD], Severity)>; LONGEST_WORD + 1],
}

impl Default for Levels {
    fn default() -> Self {
        Self { by_length: std::array::from_fn(|_| Vec::new()) }
    }
}

impl Levels {
    /// Words longer than [`LONGEST_WORD`] are passed over. The word added last wins.
    pub fn add(&mut self, word: &str, severity: Severity) {
        let Some(folded) = fold(word.as_bytes()) else { return };
        let list = &mut self.by_length[word.len()];
        list.retain(|(known, _)| *known != folded);
        list.push((folded, severity));
    }

    fn add_all(&mut self, other: &Self) {
        for (length, words) in other.by_length.iter().enumerate() {
            for (word, severity) in words {
                self.add(&String::from_utf8_lossy(&word[..length]), *severity);
            }
        }
    }

    #[inline]
    pub fn of_word(&self, word: &[u8]) -> Option<Severity> {
        let list = self.by_length.get(word.len())?;
        if list.is_empty() {
            return None;
        }
        let folded = fold(word)?;
        list.iter().find(|(known, _)| *known == folded).map(|&(_, severity)| severity)
    }

    /// A level as a field holds it whose name does not tell whose numbers these are: 3 is an error to syslog, a warning to
    /// .NET and information to others, and says nothing here.
    pub fn of_plain_value(&self, value: &[u8]) -> Option<Severity> {
        if matches!(value, [b'0'..=b'7']) { self.of_word(value) } else { self.of_value(value) }
    }

    /// A level as a field holds it: a word, or a number after syslog (0–7) or bunyan and pino (10–60).
    pub fn of_value(&self, value: &[u8]) -> Option<Severity> {
        if let Some(severity) = self.of_word(value) {
            return Some(severity);
        }
        if value.first().is_some_and(u8::is_ascii_digit) {
            let number: u32 = std::str::from_utf8(value).ok()?.parse().ok()?;
            return match number {
                0..=7 => Some(of_syslog(number as u8)),
                10..=60 => Some(Severity((number as u8 / 10 - 1) * 4 + 1)),
                _ => None,
            };
        }
        of_otel_text(value)
    }
}

/// Severity of a syslog severity code (RFC 5424, table 2) after OpenTelemetry's mapping.
pub fn of_syslog(code: u8) -> Severity {
    match code & 7 {
        0 => Severity::FATAL,
        1 => Severity::ERROR3,
        2 => Severity::ERROR2,
        3 => Severity::ERROR,
        4 => Severity::WARN,
        5 => Severity::INFO2,
        6 => Severity::INFO,
        _ => Severity::DEBUG,
    }
}

/// Severity of an HTTP status: 5xx is the server's error, 4xx a warning.
pub fn of_http_status(status: &[u8]) -> Severity {
    match status {
        [b'5', _, _] => Severity::ERROR,
        [b'4', _, _] => Severity::WARN,
        [b'1'..=b'3', _, _] => Severity::INFO,
        _ => Severity::UNSPECIFIED,
    }
}

/// `INFO2`, `ERROR3`: short names of OpenTelemetry.
fn of_otel_text(value: &[u8]) -> Option<Severity> {
    let (word, [step @ b'2'..=b'4']) = value.split_last_chunk::<1>()? else { return None };
    let lowest = [("trace", 1), ("debug", 5), ("info", 9), ("warn", 13), ("error", 17), ("fatal", 21)]
        .into_iter()
        .find(|(name, _)| name.as_bytes().eq_ignore_ascii_case(word))?
        .1;
    Some(Severity(lowest + step - b'1'))
}

fn fold(word: &[u8]) -> Option<[u8; LONGEST_WORD]> {
    let mut folded = [0; LONGEST_WORD];
    folded.get_mut(..word.len())?.copy_from_slice(word);
    folded.make_ascii_lowercase();
    Some(folded)
}

/// Names of well-known fields, by length.
#[derive(Clone, Debug, Default)]
pub struct Names {
    by_length: Vec<Vec<Name>>,
}

#[derive(Clone, Debug)]
struct Name {
    /// Shared with the vocabularies made of this one.
    text: Arc<[u8]>,
    known: Known,
}

/// What is known of a name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    pub role: Option<Role>,
    /// Its place in the list of its role; the first is the best.
    pub rank: u16,
    /// A well-known name goes on behind this one and a dot.
    pub goes_on: bool,
}

impl Names {
    pub fn add(&mut self, text: &str, role: Role, rank: u16) {
        let name = self.entry(text);
        (name.role, name.rank) = (Some(role), rank);
        for (dot, _) in text.match_indices('.') {
            self.entry(&text[..dot]).goes_on = true;
        }
    }

    /// Moves the names of a role behind `n` better ones.
    fn make_room(&mut self, role: Role, n: u16) {
        let names = self.by_length.iter_mut().flatten().filter(|name| name.known.role == Some(role));
        names.for_each(|name| name.known.rank += n);
    }

    fn entry(&mut self, text: &str) -> &mut Known {
        if self.by_length.len() <= text.len() {
            self.by_length.resize_with(text.len() + 1, Vec::new);
        }
        let list = &mut self.by_length[text.len()];
        let at = list.iter().position(|name| *name.text == *text.as_bytes()).unwrap_or_else(|| {
            list.push(Name { text: text.as_bytes().into(), known: Known::default() });
            list.len() - 1
        });
        &mut list[at].known
    }

    /// Whether a field of this name, in some case, can be the entry's time, level, message or service.
    pub fn may_have_role(&self, name: &str) -> bool {
        let is_part = |role| {
            use Role::{
                Container, ExitCode, HttpStatus, Pod, Request, RequestStatus, SpanId, TraceId, Traceparent, Zone,
            };
            let is_id = matches!(role, TraceId | SpanId | Traceparent);
            let tells_level = matches!(role, HttpStatus | Request | RequestStatus | ExitCode);
            !is_id && !tells_level && !matches!(role, Pod | Container | Zone)
        };
        let list = self.by_length.get(name.len()).map(Vec::as_slice).unwrap_or_default();
        list.iter()
            .any(|known| known.text.eq_ignore_ascii_case(name.as_bytes()) && known.known.role.is_some_and(is_part))
    }

    /// What the field of this (dotted) name holds.
    #[inline]
    pub fn look_up(&self, name: &[u8]) -> Known {
        let Some(list) = self.by_length.get(name.len()) else { return Known::default() };
        list.iter().find(|candidate| *candidate.text == *name).map(|found| found.known).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use model::severity::Band;

    use super::*;

    #[test]
    fn levels_are_read_in_any_case_and_as_numbers() {
        let levels = Vocabulary::shipped().levels;
        for (text, number) in [
            ("WARNING", 13),
            ("Err", 17),
            ("trace", 1),
            ("50", 17),
            ("10", 1),
            ("60", 21),
            ("3", 17),
            ("7", 5),
            ("INFO2", 10),
            ("Error4", 20),
            ("FINEST", 1),
            ("Finer", 5),
            ("FINE", 5),
            ("DEBUG5", 5),
        ] {
            assert_eq!(levels.of_value(text.as_bytes()), Some(Severity(number)), "{text}");
        }
        for number in 1..=5 {
            let word = format!("Debug{number}");
            assert!(levels.of_word(word.as_bytes()).is_some_and(|severity| severity.band() == Band::Debug), "{word}");
        }
        for text in ["", "warned", "99", "8", "INFO9", "a word much longer than any level"] {
            assert_eq!(levels.of_value(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn names_are_found_whole_and_as_the_way_to_longer_ones() {
        let names = Vocabulary::shipped().names;
        let read = |name: &str| {
            let known = names.look_up(name.as_bytes());
            (known.role, known.goes_on)
        };
        assert_eq!(read("log.level"), (Some(Role::Level), false));
        assert_eq!(read("service"), (Some(Role::Service), true));
        assert_eq!(read("resource.attributes"), (None, true));
        assert_eq!(read("resources"), (None, false));
    }
}
