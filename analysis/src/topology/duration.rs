//! How long something took, by fields that say so with their unit, in their name or behind the number, and by what a text says.

use model::entry::{Field, Value};

/// As [`signals`](crate::signals) writes how long a span took.
const OF_SPAN: &str = "span.duration_ms";

/// How long what the entry tells of took, in nanoseconds, from a field that says so with its unit. Of a span it is the field of that name
/// and no other, however long it took.
pub fn duration_of(fields: &[Field]) -> Option<i64> {
    if let Some(millis) = fields.iter().find(|field| field.name == OF_SPAN).and_then(|field| number_of(&field.value)) {
        return (millis >= 0.0).then_some((millis * 1e6).min(MOST_NANOS_OF_SPAN) as i64);
    }
    fields.iter().find_map(|field| {
        let number = match &field.value {
            Value::Text(text) => return is_duration(last_part(&field.name)).then(|| with_unit(text))?,
            value => number_of(value)?,
        };
        let nanos = number * unit_of(last_part(&field.name))?;
        (0.0..MOST_NANOS).contains(&nanos).then_some(nanos as i64)
    })
}

/// Longer ones are no calls: a day.
pub const MOST_NANOS: f64 = 86_400e9;
/// Longer spans are as long as this: ten years, so that ends are instants all the same.
const MOST_NANOS_OF_SPAN: f64 = 3_650.0 * MOST_NANOS;

fn number_of(value: &Value) -> Option<f64> {
    match value {
        Value::Int(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        Value::Json(text) => text.parse().ok(),
        _ => None,
    }
}

const WORDS: [&str; 8] =
    ["duration", "elapsed", "latency", "took", "request_time", "response_time", "upstream_response_time", "rt"];

fn is_duration(name: &str) -> bool {
    WORDS.iter().any(|word| name.eq_ignore_ascii_case(word)) || unit_of(name).is_some()
}

/// Nanoseconds of one, where the name says the unit or habit does.
fn unit_of(name: &str) -> Option<f64> {
    let name = name.to_ascii_lowercase();
    let of_habit = (&*name, if name.ends_with("_time") { 1e9 } else { 1e6 });
    let (word, unit) = without_unit(&name).unwrap_or(of_habit);
    let word = word.strip_prefix("call_").unwrap_or(word);
    WORDS.contains(&word).then_some(unit)
}

/// A name in lower case without the unit at its end, and the nanoseconds of one: `wait_ms` is `wait` in milliseconds.
pub fn without_unit(name: &str) -> Option<(&str, f64)> {
    const UNITS: [(&str, f64); 9] = [
        ("_ms", 1e6),
        ("_millis", 1e6),
        ("ms", 1e6),
        ("_us", 1e3),
        ("_micros", 1e3),
        ("_ns", 1.0),
        ("_nanos", 1.0),
        ("_seconds", 1e9),
        ("_s", 1e9),
    ];
    UNITS.iter().find_map(|(end, unit)| Some((name.strip_suffix(end)?, *unit)))
}

/// How long a call took by the text that tells of it: `finished in 2.7 ms`, `took 20ms`. Only where words before it say that it is that,
/// and not when something will be done (`retry in 200 ms`).
pub fn duration_in_text(text: &str) -> Option<i64> {
    /// What was done is said in the first line.
    const MOST_WORDS: usize = 60;
    const ENDED: [&str; 17] = [
        "finished",
        "completed",
        "done",
        "answered",
        "returned",
        "responded",
        "failed",
        "succeeded",
        "served",
        "handled",
        "processed",
        "executed",
        "received",
        "ended",
        "replied",
        "loaded",
        "ok",
    ];
    const TOOK: [&str; 4] = ["took", "elapsed", "duration", "latency"];
    let words: Vec<&str> = text
        .split([' ', '\t', '\n', '(', ')', '[', ']', '='])
        .filter(|word| !word.is_empty())
        .take(MOST_WORDS)
        .collect();
    let is = |word: &str, among: &[&str]| among.iter().any(|one| word.trim_end_matches(':').eq_ignore_ascii_case(one));
    let is_to_come = |at: usize| at > 0 && words[at - 1].to_ascii_lowercase().starts_with("retr");
    words.iter().enumerate().skip(1).find_map(|(at, word)| {
        let before = words[at - 1];
        // `answered APPROVED in 122 ms` has a word between them.
        let is_ended =
            || words[at.saturating_sub(3)..at - 1].iter().any(|word| is(word, &ENDED)) && !is_to_come(at - 1);
        if !(is(before, &TOOK) || is(before, &["in", "after"]) && is_ended()) {
            return None;
        }
        let word = word.trim_end_matches(['.', ',', ';', ':']);
        let next = words.get(at + 1).map_or("", |next| next.trim_end_matches(['.', ',', ';', ':']));
        with_unit(word).or_else(|| with_unit(&format!("{word} {next}")))
    })
}

/// `12ms`, `1.5 s`, `340µs`.
fn with_unit(text: &str) -> Option<i64> {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
    let number: f64 = text[..end].parse().ok()?;
    let unit = match text[end..].trim() {
        "ns" => 1.0,
        "us" | "µs" | "μs" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        "m" | "min" => 60e9,
        _ => return None,
    };
    let nanos = number * unit;
    (0.0..MOST_NANOS).contains(&nanos).then_some(nanos as i64)
}

pub fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::{Formats, Parsed};

    #[test]
    fn a_text_says_how_long_what_it_tells_of_took() {
        for (text, millis) in [
            ("Call to inventory:9090 Commit finished in 2.7 ms", Some(2.7)),
            ("call to cart:80 took 20ms.", Some(20.0)),
            ("Card network answered APPROVED in 122.1 ms", Some(122.1)),
            ("request failed after 1.5s (took: 1502 ms)", Some(1500.0)),
            ("call to cart:80 failed, retry in 200 ms", None),
            ("attempt 2 failed retrying in 200 ms", None),
            ("finished in time", None),
            ("took 3 items", None),
            ("in 5 ms", None),
        ] {
            assert_eq!(duration_in_text(text).map(|nanos| nanos as f64 / 1e6), millis, "{text}");
        }
    }

    fn parsed(line: &str) -> Parsed {
        let formats = Formats::builtin_of(&["json"]);
        formats.parse(formats.id("json"), line)
    }

    #[test]
    fn durations_have_the_unit_of_their_name() {
        for (field, nanos) in [
            (r#""duration_ms":2.5"#, 2_500_000),
            (r#""elapsed":"340µs""#, 340_000),
            (r#""request_time":0.25"#, 250_000_000),
            (r#""took":7"#, 7_000_000),
            (r#""http":{"latency_us":9}"#, 9_000),
        ] {
            assert_eq!(duration_of(&parsed(&format!(r#"{{"msg":"x",{field}}}"#)).fields), Some(nanos), "{field}");
        }
        let of_span = |millis: &str| {
            let line = format!(r#"{{"msg":"x","took":7,"span":{{"kind":"server","duration_ms":{millis}}}}}"#);
            duration_of(&parsed(&line).fields)
        };
        assert_eq!(of_span("12.5"), Some(12_500_000));
        assert_eq!(of_span("90000000.0"), Some(90_000_000_000_000));
        assert_eq!(of_span("1e300"), Some(MOST_NANOS_OF_SPAN as i64));
        assert_eq!(duration_of(&parsed(r#"{"msg":"x","items":7,"age_s":3,"elapsed":"long"}"#).fields), None);
    }
}
