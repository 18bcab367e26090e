//! One line of the Prometheus text format or of OpenMetrics.
//!
//! Formats: <https://prometheus.io/docs/instrumenting/exposition_formats/>, <https://prometheus.io/docs/specs/om/open_metrics_spec/>,
//! and names in quotes (`{"http.requests", code="200"} 7`), as Prometheus has written them since its third version.

use std::borrow::Cow;

#[derive(Clone, Debug, PartialEq)]
pub enum Line<'l> {
    Empty,
    Help {
        name: &'l str,
        text: &'l str,
    },
    Type {
        name: &'l str,
        kind: &'l str,
    },
    Unit {
        name: &'l str,
        unit: &'l str,
    },
    /// The end of a scrape.
    Eof,
    Comment,
    Sample(Sample<'l>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Sample<'l> {
    pub name: Cow<'l, str>,
    pub labels: Labels<'l>,
    /// As it is written; a number, `NaN`, `+Inf` or `-Inf`.
    pub value: &'l str,
    /// Nanoseconds since the epoch.
    pub time: Option<i64>,
    pub exemplar: Option<Exemplar<'l>>,
}

pub type Labels<'l> = Vec<(Cow<'l, str>, Cow<'l, str>)>;

#[derive(Clone, Debug, PartialEq)]
pub struct Exemplar<'l> {
    pub labels: Labels<'l>,
    pub value: &'l str,
    pub time: Option<i64>,
}

/// What the specifications allow behind `# TYPE name`.
const KINDS: [&str; 9] =
    ["counter", "gauge", "histogram", "summary", "untyped", "unknown", "info", "stateset", "gaugehistogram"];

/// `None`: it is no line of metrics.
pub fn read(line: &str) -> Option<Line<'_>> {
    let line = line.trim();
    if line.is_empty() {
        return Some(Line::Empty);
    }
    match line.strip_prefix('#') {
        Some(comment) => Some(read_comment(comment)),
        None => read_sample(line).map(Line::Sample),
    }
}

fn read_comment(comment: &str) -> Line<'_> {
    let (word, rest) = first_word(comment);
    let (name, rest) = first_word(rest);
    let name = name.trim_matches('"');
    match word {
        "EOF" if name.is_empty() => Line::Eof,
        _ if !is_name(name) => Line::Comment,
        "HELP" => Line::Help { name, text: rest.trim() },
        "TYPE" if KINDS.contains(&rest.trim()) => Line::Type { name, kind: rest.trim() },
        "UNIT" => Line::Unit { name, unit: rest.trim() },
        _ => Line::Comment,
    }
}

fn first_word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    text.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((text, ""))
}

fn read_sample(line: &str) -> Option<Sample<'_>> {
    let end = line.find(|c: char| c == '{' || c.is_ascii_whitespace())?;
    let (name, rest) = line.split_at(end);
    let rest = rest.trim_start();
    let (mut labels, rest) = if rest.starts_with('{') { read_labels(rest)? } else { (Vec::new(), rest) };
    let name = match labels.iter().position(|(name, _)| name.is_empty()) {
        // The name is in the braces.
        Some(at) if name.is_empty() => labels.remove(at).1,
        None if is_name(name) => Cow::Borrowed(name),
        _ => return None,
    };
    let (numbers, exemplar) = match rest.split_once('#') {
        Some((numbers, exemplar)) => (numbers, Some(read_exemplar(exemplar)?)),
        None => (rest, None),
    };
    let (value, time) = read_numbers(numbers)?;
    Some(Sample { name, labels, value, time, exemplar })
}

fn read_exemplar(text: &str) -> Option<Exemplar<'_>> {
    let (labels, rest) = read_labels(text.trim_start())?;
    let (value, time) = read_numbers(rest)?;
    Some(Exemplar { labels, value, time })
}

/// A value, and a time stamp where there is one.
fn read_numbers(text: &str) -> Option<(&str, Option<i64>)> {
    let mut words = text.split_ascii_whitespace();
    let value = words.next().filter(|value| value.parse::<f64>().is_ok())?;
    let time = words.next().map(nanos_of);
    match (time, words.next()) {
        (None, _) => Some((value, None)),
        (Some(Some(time)), None) => Some((value, Some(time))),
        _ => None,
    }
}

/// Prometheus writes milliseconds, OpenMetrics seconds with a fraction: no file is from the years in which they could be mixed up.
fn nanos_of(stamp: &str) -> Option<i64> {
    const FIRST_MILLIS: f64 = 1e11;
    let number: f64 = stamp.parse().ok()?;
    let nanos_per_unit = if number.abs() >= FIRST_MILLIS { 1_000_000 } else { 1_000_000_000 };
    let (whole, fraction) = stamp.split_once('.').unwrap_or((stamp, ""));
    if let Ok(whole) = whole.parse::<i64>()
        && fraction.len() <= 9
        && let Ok(fraction) = format!("{fraction:0<9}").parse::<i64>()
    {
        let sign = if stamp.starts_with('-') { -1 } else { 1 };
        let of_fraction = sign * fraction / (1_000_000_000 / nanos_per_unit);
        return whole.checked_mul(nanos_per_unit)?.checked_add(of_fraction);
    }
    // `1.5e9` is allowed too.
    number.is_finite().then_some((number * nanos_per_unit as f64) as i64)
}

/// `{a="b",c="d"}` and what follows it. A name alone, in quotes, is that of the metric: its label name is empty.
fn read_labels(text: &str) -> Option<(Labels<'_>, &str)> {
    let mut labels = Vec::new();
    let mut rest = text.strip_prefix('{')?.trim_start();
    loop {
        if let Some(behind) = rest.strip_prefix('}') {
            return Some((labels, behind));
        }
        let (name, behind) = match rest.starts_with('"') {
            true => read_quoted(rest)?,
            false => {
                let end = rest.find(|c: char| c == '=' || c.is_ascii_whitespace())?;
                (Cow::Borrowed(&rest[..end]), &rest[end..])
            }
        };
        let behind = behind.trim_start();
        match behind.strip_prefix('=') {
            Some(behind) => {
                let (value, behind) = read_quoted(behind.trim_start())?;
                if name.is_empty() || !rest.starts_with('"') && !is_name(&name) {
                    return None;
                }
                labels.push((name, value));
                rest = behind.trim_start();
            }
            None if rest.starts_with('"') && labels.is_empty() && !name.is_empty() => {
                labels.push((Cow::Borrowed(""), name));
                rest = behind;
            }
            None => return None,
        }
        match rest.strip_prefix(',') {
            Some(behind) => rest = behind.trim_start(),
            None if rest.starts_with('}') => {}
            None => return None,
        }
    }
}

/// What is in the quotes, with `\\`, `\"` and `\n` undone, and what follows.
fn read_quoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let inside = text.strip_prefix('"')?;
    let mut owned = String::new();
    let (mut from, mut at) = (0, 0);
    loop {
        at += inside[at..].find(['"', '\\'])?;
        if inside[at..].starts_with('"') {
            let content = match owned.is_empty() {
                true => Cow::Borrowed(&inside[from..at]),
                false => Cow::Owned(owned + &inside[from..at]),
            };
            return Some((content, &inside[at + 1..]));
        }
        owned.push_str(&inside[from..at]);
        let escaped = inside[at + 1..].chars().next()?;
        owned.push(if escaped == 'n' { '\n' } else { escaped });
        at += 1 + escaped.len_utf8();
        from = at;
    }
}

fn is_name(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '.' | '-' | '/');
    name.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | ':')) && name.chars().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(line: &str) -> Sample<'_> {
        match read(line) {
            Some(Line::Sample(sample)) => sample,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn comments_say_what_a_metric_is() {
        assert_eq!(read("# HELP hits Requests, all.  "), Some(Line::Help { name: "hits", text: "Requests, all." }));
        assert_eq!(read("#TYPE hits counter"), Some(Line::Type { name: "hits", kind: "counter" }));
        assert_eq!(read("# UNIT took seconds"), Some(Line::Unit { name: "took", unit: "seconds" }));
        assert_eq!(
            (read("# EOF"), read("# TYPE hits wheel"), read("#")),
            (Some(Line::Eof), Some(Line::Comment), Some(Line::Comment))
        );
    }

    #[test]
    fn labels_are_read_with_their_escapes() {
        let sample = sample(r#"hits { path="C:\\DIR\n", error = "a \"b\"" , } 7"#);
        assert_eq!((&*sample.name, sample.value), ("hits", "7"));
        assert_eq!(sample.labels, [("path".into(), "C:\\DIR\n".into()), ("error".into(), "a \"b\"".into())]);
        let quoted = super::tests::sample(r#"{"http.hits", "a.b"="c"} NaN"#);
        assert_eq!((&*quoted.name, quoted.labels), ("http.hits", vec![("a.b".into(), "c".into())]));
    }

    #[test]
    fn stamps_are_milliseconds_or_seconds() {
        let time = |line| sample(line).time;
        assert_eq!(time("a 1 1395066363000"), Some(1_395_066_363_000_000_000));
        assert_eq!(time("a 1 1395066363.25"), Some(1_395_066_363_250_000_000));
        assert_eq!(time("a 1 1395066363"), Some(1_395_066_363_000_000_000));
        assert_eq!((time("a 1 -3982045"), time("a 1")), (Some(-3_982_045_000_000_000), None));
    }

    #[test]
    fn an_exemplar_is_behind_the_number() {
        let sample = sample(r#"took_bucket{le="0.1"} 8 # {trace_id="KOO5S4vxi0o"} 0.054 1520879607.789"#);
        let exemplar = sample.exemplar.unwrap();
        assert_eq!((exemplar.value, exemplar.time), ("0.054", Some(1_520_879_607_789_000_000)));
        assert_eq!(exemplar.labels, [("trace_id".into(), "KOO5S4vxi0o".into())]);
    }

    #[test]
    fn what_is_no_sample_is_told() {
        for line in
            ["hits", "hits x", "hits{a=b} 1", "hits{a=\"b\" 1", "7 8", "hits 1 2 3", "a{\"b\"} 1", "{\"a\":1}", "{} 1"]
        {
            assert_eq!(read(line), None, "{line}");
        }
    }
}
