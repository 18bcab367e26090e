//! The loader of format files, ours and the user's; each sample in a file is a claim that is checked.

use std::collections::BTreeMap;

use model::severity::Severity;
use model::time::{Nanos, Zone};
use serde::Deserialize;

use super::freestyle::Place;
use super::members::whole_stamp;
use super::pattern::{LevelFrom, Pattern};
use super::stamp::Reading;
use super::vocabulary::Levels;
use super::{Formats, Kind, Parsed};
use crate::fold::fold;
use crate::read::{Context, Reader};
use crate::tokenize::tokens;
use crate::values::hides_tokens;

/// Name and text of the files in `formats/`.
pub const BUILTIN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/formats.rs"));

/// Formats of this rank or less fit nearly anything.
pub const LAST_RESORT_RANK: u8 = 1;

/// Why a format cannot be used: a sentence for its author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub message: String,
}

impl Problem {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

/// A format file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    pub name: String,
    /// What the user sees; the name if it is not given.
    title: Option<String>,
    kind: KindName,
    /// How specific it is: of several formats that read a line the highest wins. 50: names its parts; 30: a fixed
    /// layout; 10: anything with a time; 1: the last resort.
    pub rank: u8,
    /// Lines without a head go on with the entry before them. Formats of free text do so by default.
    #[serde(default)]
    joins_lines: Option<bool>,
    /// Patterns: anchored regular expressions, tried in this order.
    #[serde(default)]
    pub heads: Vec<String>,
    /// Patterns: further fields behind the head, looked at only when an entry is opened.
    rest: Option<String>,
    #[serde(default)]
    level_from: LevelFrom,
    /// Tokens of values are tokens of the text, so that the index knows them: the format never cuts `500` out of `500ms`.
    #[serde(default)]
    pub delimits_values: bool,
    /// The same for messages.
    #[serde(default)]
    pub delimits_messages: bool,
    /// How the format writes that a value is missing (`-`).
    #[serde(default)]
    absent: String,
    /// Severity number → words that only this format uses.
    #[serde(default)]
    levels: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    sample: Vec<Sample>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum KindName {
    Json,
    Logfmt,
    Pattern,
    Stamp,
    StampInside,
}

/// One entry, and what it must read as. What is not stated is not checked, but for time and severity.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    text: String,
    /// RFC 3339. A stamp without year is dated as in a file last changed at the end of 2026.
    time: Option<String>,
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
const SAMPLES_MODIFIED: Nanos = Nanos(1_798_718_400_000_000_000);

impl Spec {
    pub fn read(text: &str) -> Result<Self, Problem> {
        let spec: Self = toml::from_str(text).map_err(|error| Problem::new(error.to_string()))?;
        let is_pattern = spec.kind == KindName::Pattern;
        if is_pattern == spec.heads.is_empty() {
            return Err(Problem::new(format!("format {}: `heads` is for kind \"pattern\", which needs it", spec.name)));
        }
        if let Some(head) = spec.heads.iter().find(|head| !head.starts_with('^')) {
            return Err(Problem::new(format!("format {}: a head begins with ^, unlike {head}", spec.name)));
        }
        Ok(spec)
    }

    #[cfg(test)]
    pub fn sample_texts(&self) -> impl Iterator<Item = &str> {
        self.sample.iter().map(|sample| &*sample.text)
    }

    pub fn title(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.name)
    }

    pub fn joins_lines(&self) -> bool {
        self.joins_lines.unwrap_or(matches!(self.kind, KindName::Stamp | KindName::StampInside))
    }

    pub fn compile(&self) -> Result<Kind, Problem> {
        Ok(match self.kind {
            KindName::Json => Kind::Json,
            KindName::Logfmt => Kind::Logfmt,
            KindName::Stamp => Kind::Freestyle(Place::Start),
            KindName::StampInside => Kind::Freestyle(Place::Near),
            KindName::Pattern => {
                let mut levels = Levels::default();
                for (number, words) in &self.levels {
                    let number = number.parse().ok().filter(|number| (1..=24).contains(number));
                    let severity = number
                        .map(Severity)
                        .ok_or_else(|| Problem::new(format!("format {}: levels are numbered 1 to 24", self.name)))?;
                    words.iter().for_each(|word| levels.add(word, severity));
                }
                let mut pattern = Pattern::new(&self.heads, self.rest.as_deref())
                    .map_err(|error| Problem::new(format!("format {}: {error}", self.name)))?;
                pattern.levels = levels;
                pattern.level_from = self.level_from;
                pattern.absent.clone_from(&self.absent);
                Kind::Pattern(Box::new(pattern))
            }
        })
    }
}

/// Reads every sample of a format with that format alone.
pub fn check_samples(spec: &Spec) -> Result<(), Problem> {
    let formats = Formats::compile(vec![spec.clone()])?;
    for (index, sample) in spec.sample.iter().enumerate() {
        check_sample(spec, &formats, sample)
            .map_err(|reason| Problem::new(format!("format {}, sample {}: {reason}", spec.name, index + 1)))?;
    }
    Ok(())
}

fn check_sample(spec: &Spec, formats: &Formats, sample: &Sample) -> Result<(), String> {
    // Twice, so that the end of the first entry is found by the beginning of the second.
    let twice = format!("{0}\n{0}\n", sample.text);
    let context = Context { path: "sample.log".to_owned(), modified: SAMPLES_MODIFIED, zone: Zone::utc() };
    let mut reader = Reader::new(formats, context);
    reader.push(twice.as_bytes());
    reader.finish();
    let mut n_entries = 0;
    while let Some(record) = reader.next_record() {
        n_entries += 1;
        if formats.name(record.head.format) != spec.name {
            return Err(how_far(spec, &sample.text));
        }
        differs("entry", &&*String::from_utf8_lossy(record.text), &sample.text.as_str())?;
        let time = sample.time.as_deref().and_then(rfc3339);
        if sample.time.is_some() && time.is_none() {
            return Err("the expected time is not RFC 3339 with a zone".to_owned());
        }
        differs("time", &record.head.time, &time)?;
        differs("severity", &record.head.severity.0, &sample.severity)?;
        let parsed = formats.parse(record.head.format, &sample.text);
        let head_service =
            record.head.service.map(|range| sample.text[range.start as usize..range.end as usize].to_owned());
        differs("service of head and entry", &head_service, &parsed.service)?;
        let optional = [
            ("service", &sample.service, &parsed.service),
            ("trace_id", &sample.trace_id, &parsed.trace_id),
            ("span_id", &sample.span_id, &parsed.span_id),
            ("message", &sample.message, &Some(parsed.message.clone())),
        ];
        for (what, expected, read) in optional {
            if expected.is_some() {
                differs(what, read, expected)?;
            }
        }
        for (name, expected) in &sample.fields {
            let read = parsed.fields.iter().find(|field| field.name == *name).map(|field| field.value.to_string());
            let expected = expected.as_str().map_or_else(|| expected.to_string(), str::to_owned);
            differs(&format!("field {name}"), &read, &Some(expected))?;
        }
        check_delimited(spec, &sample.text, &parsed)?;
    }
    differs("number of entries of the sample written twice", &n_entries, &2)
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

fn differs<T: PartialEq + std::fmt::Debug>(what: &str, read: &T, expected: &T) -> Result<(), String> {
    if read == expected { Ok(()) } else { Err(format!("{what} read as {read:?}, expected {expected:?}")) }
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
    for head in &spec.heads {
        let reach = (1..=head.len()).rev().filter(|&end| head.is_char_boundary(end)).find_map(|end| {
            let part = regex::bytes::RegexBuilder::new(&head[..end]).unicode(false).build().ok()?;
            let matched = part.find(line.as_bytes())?.end();
            Some((end, matched))
        });
        let (end, matched) = reach.unwrap_or((1, 0));
        let read = String::from_utf8_lossy(&line.as_bytes()[..matched]);
        let rest = String::from_utf8_lossy(&line.as_bytes()[matched..]);
        report += &if end == head.len() {
            format!("; {head} matches {read:?}, but its time is none that can be read")
        } else {
            format!("; {} matches {read:?}, then {} does not match {rest:?}", &head[..end], &head[end..])
        };
    }
    report
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_sample_reads_as_its_file_says() {
        for (file, text) in BUILTIN {
            let spec = Spec::read(text).unwrap_or_else(|problem| panic!("{file}: {problem}"));
            assert!(!spec.sample.is_empty(), "{file} has no sample");
            check_samples(&spec).unwrap_or_else(|problem| panic!("{file}: {problem}"));
        }
    }

    #[test]
    fn every_shipped_sample_is_read_by_its_own_format_among_all() {
        let formats = Formats::builtin();
        for (file, text) in BUILTIN {
            let spec = Spec::read(text).unwrap();
            for sample in &spec.sample {
                let context = Context { path: String::new(), modified: SAMPLES_MODIFIED, zone: Zone::utc() };
                let mut reader = Reader::new(&formats, context);
                reader.push(sample.text.as_bytes());
                reader.finish();
                let record = reader.next_record().unwrap();
                assert_eq!(formats.name(record.head.format), spec.name, "{file}: {}", sample.text);
            }
        }
    }

    const LETTERED: &str = r#"
        name = "lettered"
        kind = "pattern"
        rank = 30
        heads = ['^(?<level>[IWE]) (?<time>\S+) (?<pid>\d+) ']
        [levels]
        21 = ["E"]
        [[sample]]
        text = "E 2026-11-20T10:23:45Z 7 lost"
        time = "2026-11-20T10:23:45Z"
        severity = 21
        message = "lost"
    "#;

    #[test]
    fn a_users_format_is_read_like_ours() {
        let formats = Formats::with(LETTERED).unwrap();
        let parsed = formats.parse(formats.id("lettered"), "E 2026-11-20T10:23:45Z 7 lost");
        assert_eq!(parsed.fields[0].value, model::entry::Value::Int(7));
    }

    #[test]
    fn a_failing_sample_says_how_far_the_pattern_matched() {
        let problem = Formats::with(&LETTERED.replace("Z 7 lost", "Z seven lost")).unwrap_err();
        expect_test::expect![[r#"format lettered, sample 1: no head of this format reads the first line; ^(?<level>[IWE]) (?<time>\S+)  matches "E 2026-11-20T10:23:45Z ", then (?<pid>\d+)  does not match "seven lost""#]]
            .assert_eq(&problem.message);
        let problem = Formats::with(&LETTERED.replace("severity = 21", "severity = 9")).unwrap_err();
        assert_eq!(problem.message, "format lettered, sample 1: severity read as 21, expected 9");
    }

    #[test]
    fn a_format_that_cuts_values_out_of_words_cannot_say_that_it_delimits_them() {
        let cutting = LETTERED.replace(r"(?<pid>\d+) ", r"(?<pid>\d+)ms ").replace("Z 7 lost", "Z 7ms lost");
        let formats = Formats::with(&cutting).unwrap();
        assert!(!formats.delimits_values(formats.id("lettered")));
        let problem = Formats::with(&cutting.replace("rank = 30", "rank = 30\ndelimits_values = true")).unwrap_err();
        assert_eq!(
            problem.message,
            "format lettered, sample 1: field pid has \"7\", which is cut out of the text: it does not delimit it"
        );
    }

    #[test]
    fn a_users_format_is_not_trusted_for_its_name() {
        let formats = Formats::with(&LETTERED.replace("lettered", "json")).unwrap();
        let json = formats.id("json");
        assert!(!formats.delimits_values(json) && !formats.delimits_messages(json));
    }
}
