//! What one entry says that others may contradict.

use model::entry::{RowKey, SourceId, Value};
use model::severity::Severity;
use model::time::Nanos;

use crate::format::Parsed;
use crate::ids::{canonical, ids_of};
use crate::quick_hash::hash_of;
use crate::red::labels::grpc_failed;
use crate::topology::{Sighting, sighting};

/// What kind of span an entry is, if it is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Log,
    Internal,
    Server,
    Client,
    Producer,
    Consumer,
}

/// An entry of a request, as little of it as is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Of what it tells, in nanoseconds.
    pub start: i64,
    pub end: i64,
    pub source: u32,
    pub entry: u64,
    pub service: u32,
    pub span: u64,
    pub parent: u64,
    /// One more than the number of the service that it calls, by its name as it is written; 0 for none.
    pub callee: u32,
    pub kind: Kind,
    pub says: Says,
    /// One more than the number of what it says of an outcome, in the gatherer's table.
    pub outcome: u32,
    /// A span that says which other ones it goes on with.
    pub is_linked: bool,
    /// Its id may be given to another request later.
    pub may_recur: bool,
}

impl Moment {
    /// Entries are known by the time that they were written.
    pub fn key(&self) -> RowKey {
        let time = if self.kind == Kind::Log { self.end } else { self.start };
        RowKey { time: Nanos(time), source: SourceId(self.source), entry: self.entry }
    }
}

/// What an entry says of success.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Says {
    /// By its status: one of HTTP of 500 or more, or one of gRPC that a server is to blame for. `None`: it states none.
    pub status_failed: Option<bool>,
    /// A severity of at least warning.
    pub is_grave: bool,
    /// A severity of at least error.
    pub is_error: bool,
    pub span_failed: bool,
}

pub fn hash_of_id(id: Option<&str>) -> u64 {
    id.map_or(0, |id| hash_of(canonical(id).as_bytes()).max(1))
}

/// The entry as a moment of its request; what its id is, and whom it calls, are the caller's to set.
pub fn moment_of(seen: &Sighting<'_>, service: u32) -> Moment {
    let Sighting { key, severity, parsed, .. } = *seen;
    let kind = kind_of(parsed);
    let (start, end) = sighting::extent_of(parsed, key.time.0);
    let (ids, _) = ids_of(parsed);
    Moment {
        start,
        end,
        source: key.source.0,
        entry: key.entry,
        service,
        span: hash_of_id(ids.span),
        parent: hash_of_id(ids.parent),
        callee: 0,
        kind,
        says: says_of(severity, parsed),
        outcome: 0,
        is_linked: kind != Kind::Log && !sighting::links_of(parsed).is_empty(),
        may_recur: false,
    }
}

pub fn kind_of(parsed: &Parsed) -> Kind {
    match parsed.fields.iter().find(|field| field.name == "span.kind").map(|field| &field.value) {
        Some(Value::Text(kind)) => match &**kind {
            "server" => Kind::Server,
            "client" => Kind::Client,
            "producer" => Kind::Producer,
            "consumer" => Kind::Consumer,
            _ => Kind::Internal,
        },
        Some(_) => Kind::Internal,
        None => Kind::Log,
    }
}

fn says_of(severity: Severity, parsed: &Parsed) -> Says {
    let span_failed = parsed
        .fields
        .iter()
        .any(|field| field.name == "span.status" && matches!(&field.value, Value::Text(text) if &**text == "error"));
    let by_http = sighting::http_status(parsed).map(|status| status >= 500);
    // Either may say it of one entry.
    let status_failed = by_http.max(grpc_failed(parsed));
    Says { status_failed, is_grave: severity >= Severity::WARN, is_error: sighting::is_error(severity), span_failed }
}

/// Values that may name one request or thing: long enough and with digits enough to be no count.
pub fn specific_values(parsed: &Parsed) -> impl Iterator<Item = u64> + '_ {
    /// Further ones add nothing.
    const MOST_VALUES: usize = 6;
    const MOST_BYTES: usize = 2000;
    let in_fields = parsed.fields.iter().filter_map(|field| match &field.value {
        Value::Text(text) if text.len() <= 200 && !is_own_id(&field.name) => Some(&**text),
        _ => None,
    });
    let message = &parsed.message;
    let end = (0..=message.len().min(MOST_BYTES)).rev().find(|&at| message.is_char_boundary(at)).unwrap_or(0);
    let words = in_fields.chain([&message[..end]]).flat_map(|text| text.split(|c: char| !is_of_value(c)));
    words.filter(|word| is_specific(word)).map(|word| hash_of(word.as_bytes())).take(MOST_VALUES)
}

fn is_of_value(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

/// Ids of the request are compared by themselves.
fn is_own_id(name: &str) -> bool {
    ["trace", "span", "parent"].iter().any(|word| name.to_ascii_lowercase().contains(word))
}

fn is_specific(word: &str) -> bool {
    const LEAST_DIGITS: usize = 4;
    let n_digits = word.bytes().filter(u8::is_ascii_digit).count();
    let is_number = n_digits == word.len();
    let is_date = word.len() == 10 && n_digits == 8;
    (6..=64).contains(&word.len()) && n_digits >= LEAST_DIGITS && !is_date && (!is_number || n_digits >= 8)
}

/// Tells the kinds of messages of a service apart, whether they carry ids or not: the first words without values and ids.
pub fn words_of(message: &str) -> String {
    /// Further words are mostly values.
    const MOST_WORDS: usize = 8;
    let is_plain = |word: &&str| {
        let lower = word.to_ascii_lowercase();
        !word.bytes().any(|byte| byte.is_ascii_digit() || byte == b'=')
            && !["trace", "span"].iter().any(|id| lower.contains(id))
    };
    let words: Vec<&str> = message.split_ascii_whitespace().filter(is_plain).take(MOST_WORDS).collect();
    words.join(" ")
}

/// What an entry says of how something ended.
pub struct Outcome<'e> {
    /// `payment status`
    pub of: String,
    pub word: String,
    /// The field that says it, where it is one.
    pub field: Option<&'e str>,
}

/// `payment_status=paid`: of what, and what. Names of one word say too little of what they are about.
pub fn outcome_of(parsed: &Parsed) -> Option<Outcome<'_>> {
    let in_field = parsed.fields.iter().find_map(|field| {
        let Value::Text(value) = &field.value else { return None };
        outcome(&field.name, value).map(|(of, word)| Outcome { of, word, field: Some(&field.name) })
    });
    in_field.or_else(|| {
        let mut pairs = parsed.message.split_ascii_whitespace().filter_map(|word| word.split_once('='));
        let (of, word) = pairs.find_map(|(name, value)| outcome(name, value.trim_matches(['"', ',', ';'])))?;
        Some(Outcome { of, word, field: None })
    })
}

fn outcome(name: &str, value: &str) -> Option<(String, String)> {
    const WORDS: [&str; 4] = ["status", "state", "outcome", "result"];
    /// Their words are somebody else's, or no business of the service.
    const OTHERS: [&str; 10] =
        ["http", "grpc", "rpc", "span", "otel", "response", "trace", "exit", "thread", "connection"];
    let mut words: Vec<String> = Vec::new();
    let mut was_small = false;
    for c in name.chars() {
        if !c.is_alphanumeric() {
            words.push(String::new());
        } else {
            if words.is_empty() || c.is_uppercase() && was_small {
                words.push(String::new());
            }
            words.last_mut()?.extend(c.to_lowercase());
        }
        was_small = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    let [.., what, last] = &words[..] else { return None };
    let is_outcome =
        WORDS.contains(&&**last) && !OTHERS.contains(&&**what) && !matches!(&**what, "attributes" | "fields");
    let is_word =
        (1..=32).contains(&value.len()) && value.chars().all(|c| c.is_alphabetic() || matches!(c, '_' | '-' | ' '));
    (is_outcome && is_word).then(|| (format!("{what} {last}"), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_told_by_what_they_are_of() {
        let check = |name, value, expected: Option<(&str, &str)>| {
            assert_eq!(outcome(name, value), expected.map(|(of, what)| (of.to_owned(), what.to_owned())), "{name}");
        };
        check("payment_status", "PAID", Some(("payment status", "PAID")));
        check("attributes.payment.status", "settled", Some(("payment status", "settled")));
        check("paymentStatus", "ok", Some(("payment status", "ok")));
        for (name, value) in
            [("status", "ok"), ("http.status", "OK"), ("payment_status", "7"), ("attributes.status", "x")]
        {
            check(name, value, None);
        }
    }

    #[test]
    fn a_message_is_the_same_with_an_id_and_without() {
        for message in
            ["Card declined for order ord-7 trace_id=7f3a", "Card declined TraceID: 7f3a SpanID: 00f1 for order ord-8"]
        {
            assert_eq!(words_of(message), "Card declined for order");
        }
    }

    #[test]
    fn counts_dates_and_durations_are_no_values_that_name_a_thing() {
        for word in ["ord-4000001", "7f3a9b21-c4d5-4e6f-8a01-22b3c4d5e6f7", "1727562471"] {
            assert!(is_specific(word), "{word}");
        }
        for word in ["12345", "2026-11-20", "v2", "1234567", "exec-4", ""] {
            assert!(!is_specific(word), "{word}");
        }
    }
}
