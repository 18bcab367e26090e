//! The loader of format files, ours and the user's; each sample in a file is a claim that is checked.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::severity::Severity;
use model::source::RAW_FORMAT;
use model::time::{Nanos, Zone};
use serde::Deserialize;
use toml::de::DeTable;

use super::delimited::{Columns, Delimited};
use super::freestyle::Place;
use super::made::INSIDE;
use super::members::whole_stamp;
use super::pattern::{LevelFrom, Pattern, ServiceIs};
use super::reach::Beginnings;
use super::shape::{lazily, over_bytes};
use super::shipped::Shipped;
use super::stamp::Reading;
use super::vocabulary::{Levels, Role, Vocabulary};
use super::{FormatId, Formats, Head, Kind, Opens, Parsed};
use crate::fold::fold;
use crate::read::{Context, Reader};
use crate::tokenize::tokens;
use crate::values::hides_tokens;

/// A longer text is no format.
const MOST_TEXT_BYTES: usize = 64 << 10;
/// A longer name is no name.
const MOST_NAME_BYTES: usize = 64;

/// Formats of this rank or less fit nearly anything.
pub const LAST_RESORT_RANK: u8 = 1;

/// Why a format cannot be used: a sentence for its author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub message: String,
    about: About,
}

/// What of a format's text is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    All,
    /// From this byte on.
    Byte(usize),
    /// The value of this key, or one of its values.
    Key(&'static str, usize),
}

impl Problem {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), about: About::All }
    }

    fn of(self, key: &'static str, index: usize) -> Self {
        Self { about: About::Key(key, index), ..self }
    }

    /// The line, from 1, of the format's text that it is about.
    pub fn line(&self, text: &str) -> Option<u32> {
        let byte = match self.about {
            About::All => return None,
            About::Byte(byte) => byte,
            About::Key(key, index) => {
                let (table, _) = DeTable::parse_recoverable(text);
                let value = table.get_ref().iter().find(|(name, _)| name.get_ref() == key)?.1;
                let part = value.get_ref().as_array().and_then(|values| values.get(index));
                part.unwrap_or(value).span().start
            }
        };
        let before = text.as_bytes().get(..byte)?;
        Some(before.iter().filter(|&&byte| byte == b'\n').count() as u32 + 1)
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
    /// Patterns: which entries go on with the one before them that has the same time.
    continues: Option<String>,
    #[serde(default)]
    level_from: LevelFrom,
    /// What of the messages is opened by other formats.
    #[serde(default)]
    pub opens: Opens,
    /// Patterns: long lines come in parts, as the container runtime interface writes them.
    #[serde(default)]
    joins_parts: bool,
    /// Patterns: heads that take several lines, and what the first of them looks like.
    #[serde(default = "one")]
    pub head_lines: usize,
    first_line: Option<String>,
    /// Patterns: what the group `service` names.
    #[serde(default)]
    service_is: ServiceIs,
    /// JSON: names that every entry has. Delimited: names that a header has.
    #[serde(default)]
    members: Vec<String>,
    /// Delimited: what may stand between cells; the first one that fits.
    #[serde(default)]
    separators: Vec<String>,
    /// Delimited: what a line that names the columns begins with, and what stands between the names.
    header: Option<String>,
    header_separator: Option<String>,
    /// Delimited: the first line of a file names the columns.
    #[serde(default)]
    header_in_first_line: bool,
    /// Delimited: the columns of all files.
    #[serde(default)]
    columns: Vec<String>,
    /// Delimited: a row may end before the last columns, but has at least as many.
    #[serde(default)]
    least_columns: usize,
    /// Delimited: lines that begin so are no rows.
    comment: Option<String>,
    /// XML: the elements that are entries.
    #[serde(default)]
    elements: Vec<String>,
    /// Records: what the first line begins with, and what stands between a name and its value.
    start: Option<String>,
    name_separator: Option<String>,
    /// Roles → names of fields that have them, before those that all formats share.
    #[serde(default)]
    names: BTreeMap<Role, Vec<String>>,
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
    /// Written by the user: of formats as specific as this one it goes first.
    #[serde(skip)]
    pub is_own: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum KindName {
    Json,
    Otlp,
    Logfmt,
    Pattern,
    Stamp,
    StampInside,
    Delimited,
    Xml,
    Record,
    SecurityEvent,
}

/// One entry, and what it must read as. What is not stated is not checked, but for time and severity.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    text: String,
    /// Lines before it in its file: the header of a delimited one.
    #[serde(default)]
    before: String,
    /// The format it is read by, if that is one inside of this: `syslog/json`.
    format: Option<String>,
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

fn one() -> usize {
    1
}

/// 2026-12-31T12:00:00Z, when sample files were last changed.
const SAMPLES_MODIFIED: Nanos = Nanos(1_798_718_400_000_000_000);

impl Spec {
    pub fn read(text: &str) -> Result<Self, Problem> {
        if text.len() > MOST_TEXT_BYTES {
            return Err(Problem::new("a format has at most 64 KiB of text"));
        }
        let spec: Self = toml::from_str(text).map_err(|error| Problem {
            message: error.message().to_owned(),
            about: error.span().map_or(About::All, |span| About::Byte(span.start)),
        })?;
        let is_name = !spec.name.is_empty() && spec.name.len() <= MOST_NAME_BYTES;
        let is_apart = |c: char| c == INSIDE || c.is_control() || c.is_whitespace();
        if !is_name || spec.name.contains(is_apart) || spec.name == RAW_FORMAT {
            let reason = format!("a format's name is one word without {INSIDE}, and not \"{RAW_FORMAT}\"");
            return Err(Problem::new(reason).of("name", 0));
        }
        let is_pattern = spec.kind == KindName::Pattern;
        if is_pattern == spec.heads.is_empty() {
            let reason = format!("format {}: `heads` is for kind \"pattern\", which needs it", spec.name);
            return Err(Problem::new(reason).of("kind", 0));
        }
        if let Some(at) = spec.heads.iter().position(|head| !head.starts_with('^')) {
            let reason = format!("format {}: a head begins with ^, unlike {}", spec.name, spec.heads[at]);
            return Err(Problem::new(reason).of("heads", at));
        }
        Ok(spec)
    }

    pub fn of_user(self) -> Self {
        Self { is_own: true, ..self }
    }

    #[cfg(test)]
    pub fn without_samples(self) -> Self {
        Self { sample: Vec::new(), ..self }
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

    /// The words of this format and those that all share.
    pub fn vocabulary(&self, shared: &Arc<Vocabulary>) -> Result<Arc<Vocabulary>, Problem> {
        if self.names.is_empty() && self.levels.is_empty() {
            return Ok(shared.clone());
        }
        let mut levels = Levels::default();
        for (number, words) in &self.levels {
            let number = number.parse().ok().filter(|number| (1..=24).contains(number));
            let severity = number
                .map(Severity)
                .ok_or_else(|| Problem::new(format!("format {}: levels are numbered 1 to 24", self.name)))?;
            words.iter().for_each(|word| levels.add(word, severity));
        }
        Ok(Arc::new(shared.with(&self.names, &levels)))
    }

    pub fn compile(&self, vocabulary: &Vocabulary) -> Result<Kind, Problem> {
        Ok(match self.kind {
            KindName::Json => Kind::Json(self.members.clone()),
            KindName::Otlp => Kind::Otlp,
            KindName::Logfmt => Kind::Logfmt,
            KindName::Stamp => Kind::Freestyle(Place::Start),
            KindName::StampInside => Kind::Freestyle(Place::Near),
            KindName::Pattern => {
                if self.is_own {
                    self.try_patterns()?;
                }
                if self.head_lines == 0 || (self.head_lines > 1) != self.first_line.is_some() {
                    let reason = "a head of several lines needs `first_line`, others do not";
                    return Err(Problem::new(format!("format {}: {reason}", self.name)));
                }
                let mut pattern = Pattern::new(&self.heads, self.rest.as_deref());
                pattern.continues = self.continues.as_deref().map(lazily);
                pattern.level_from = self.level_from;
                pattern.joins_parts = self.joins_parts;
                pattern.head_lines = self.head_lines;
                pattern.first_line = self.first_line.as_deref().map(lazily);
                pattern.service_is = self.service_is;
                pattern.absent.clone_from(&self.absent);
                Kind::Pattern(Box::new(pattern))
            }
            KindName::Delimited => self.compile_delimited(vocabulary)?,
            KindName::SecurityEvent => Kind::SecurityEvent,
            KindName::Xml => {
                if self.elements.is_empty() {
                    return Err(Problem::new(format!("format {}: kind \"xml\" needs `elements`", self.name)));
                }
                Kind::Element(self.elements.clone())
            }
            KindName::Record => {
                let (Some(start), Some(separator)) = (self.start.clone(), self.name_separator.clone()) else {
                    let reason = format!("format {}: kind \"record\" needs `start` and `name_separator`", self.name);
                    return Err(Problem::new(reason));
                };
                if start.is_empty() || separator.is_empty() {
                    return Err(Problem::new(format!(
                        "format {}: `start` and `name_separator` are not empty",
                        self.name
                    )));
                }
                Kind::Record { separator, start }
            }
        })
    }

    /// Whether all patterns can be used.
    fn try_patterns(&self) -> Result<(), Problem> {
        let heads = self.heads.iter().enumerate().map(|(at, head)| ("heads", at, head));
        let others = [("rest", &self.rest), ("first_line", &self.first_line), ("continues", &self.continues)];
        let others = others.into_iter().filter_map(|(key, pattern)| Some((key, 0, pattern.as_ref()?)));
        heads.chain(others).try_for_each(|(key, at, pattern)| match over_bytes(pattern) {
            Ok(_) => Ok(()),
            Err(error) => Err(Problem::new(why_unusable(pattern, &error)).of(key, at)),
        })
    }

    /// The patterns that heads are matched by.
    pub fn heads(&self) -> impl Iterator<Item = Beginnings<'_>> {
        self.heads.iter().map(|head| Beginnings::of(head))
    }

    fn compile_delimited(&self, vocabulary: &Vocabulary) -> Result<Kind, Problem> {
        let byte_of = |text: &String| match text.as_bytes() {
            [byte] if byte.is_ascii() => Ok(*byte),
            _ => Err(Problem::new(format!("format {}: {text:?} is not one ASCII character", self.name))),
        };
        let separators = self.separators.iter().map(byte_of).collect::<Result<Vec<_>, _>>()?;
        let Some(&first) = separators.first() else {
            return Err(Problem::new(format!("format {}: kind \"delimited\" needs `separators`", self.name)));
        };
        let n_sources = usize::from(self.header.is_some())
            + usize::from(self.header_in_first_line)
            + usize::from(!self.columns.is_empty());
        if n_sources != 1 || self.header.as_ref().is_some_and(String::is_empty) {
            let reason = "one of `header`, `header_in_first_line` and `columns` names the columns";
            return Err(Problem::new(format!("format {}: {reason}", self.name)));
        }
        let delimited = Delimited {
            header: self.header.clone(),
            header_separator: self.header_separator.as_ref().map_or(Ok(first), byte_of)?,
            members: self.members.clone(),
            first_line: self.header_in_first_line,
            comment: self.comment.as_ref().map(byte_of).transpose()?,
            least_columns: self.least_columns,
            absent: [self.absent.clone()].into_iter().filter(|absent| !absent.is_empty()).collect(),
            separators,
        };
        let names: Vec<&str> = self.columns.iter().map(String::as_str).collect();
        let columns = (!names.is_empty()).then(|| Box::new(Columns::new(&delimited, first, &names, vocabulary)));
        Ok(Kind::Delimited(Box::new(delimited), columns))
    }
}

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

fn check_sample(spec: &Spec, formats: &Formats, sample: &Sample) -> Result<(), String> {
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
        differs("entry", &text.as_str(), &sample.text.as_str())?;
        let time = sample.time.as_deref().and_then(rfc3339);
        if sample.time.is_some() && time.is_none() {
            return Err("the expected time is not RFC 3339 with a zone".to_owned());
        }
        differs("time", &head.time, &time)?;
        differs("severity", &head.severity.0, &sample.severity)?;
        let parsed = formats.parse(head.format, &sample.text);
        let head_service = head.service.map(|range| sample.text[range.start as usize..range.end as usize].to_owned());
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

/// Why a pattern cannot be used, as a sentence.
fn why_unusable(pattern: &str, error: &regex::Error) -> String {
    let at = |reason: String, start: usize| match pattern.get(start..).filter(|rest| !rest.is_empty()) {
        Some(rest) => format!("this pattern cannot be read from {rest} on: {reason}"),
        None => format!("this pattern cannot be read to its end: {reason}"),
    };
    match regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build().parse(pattern) {
        Err(regex_syntax::Error::Parse(error)) => at(error.kind().to_string(), error.span().start.offset),
        Err(regex_syntax::Error::Translate(error)) => at(error.kind().to_string(), error.span().start.offset),
        _ if matches!(error, regex::Error::CompiledTooBig(_)) => {
            "this pattern is too large: it repeats something large many times".to_owned()
        }
        _ => "this pattern cannot be used".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::shipped::TEXTS;

    #[test]
    fn every_shipped_sample_reads_as_its_file_says() {
        for (file, text) in TEXTS {
            let spec = Spec::read(text).unwrap_or_else(|problem| panic!("{file}: {problem}"));
            assert!(!spec.sample.is_empty(), "{file} has no sample");
            check_samples(&spec).unwrap_or_else(|problem| panic!("{file}: {problem}"));
        }
    }

    #[test]
    fn every_shipped_sample_is_read_by_its_own_format_among_all() {
        let formats = Formats::builtin();
        for (file, text) in TEXTS {
            let spec = Spec::read(text).unwrap();
            for sample in &spec.sample {
                check_sample(&spec, &formats, sample)
                    .unwrap_or_else(|reason| panic!("{file}: {reason}\n{}", sample.text));
            }
        }
    }

    #[test]
    fn the_readme_lists_every_format() {
        let readme = include_str!("../../../README.md");
        let (before, rest) = readme.split_once(" readme -->\n").unwrap();
        let (_, after) = rest.split_once("<!-- end of formats -->").unwrap();
        let mut titles: Vec<_> =
            TEXTS.iter().map(|(_, text)| Spec::read(text).unwrap().title().replace('|', "\\|")).collect();
        titles.sort_by_key(|title| title.to_lowercase());
        let expected = format!("{before} readme -->\n{}.\n<!-- end of formats -->{after}", titles.join(" ·\n"));
        expect_test::expect_file!["../../../README.md"].assert_eq(&expected);
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
    fn what_an_entry_says_is_the_message_of_the_opened_one() {
        let formats = Formats::builtin();
        let mut slots = crate::format::FieldSlots::default();
        let mut check = |id, text: &str| {
            let said = formats.said(id, text, &mut slots);
            assert_eq!(said, formats.parse(id, text).message, "{}: {text}", formats.name(id));
        };
        for (_, text) in TEXTS {
            let spec = Spec::read(text).unwrap();
            let context = Context { path: "x.log".to_owned(), modified: SAMPLES_MODIFIED, zone: Zone::utc() };
            for sample in spec.sample_texts() {
                let mut reader = Reader::new(&formats, context.clone());
                reader.push(format!("{sample}\n{sample}\n").as_bytes());
                reader.finish();
                while let Some(record) = reader.next_record() {
                    let text = String::from_utf8_lossy(record.text);
                    check(record.head.format, &text);
                    // Cut off, escaped and coloured.
                    check(record.head.format, &text[..text.floor_char_boundary(text.len() * 2 / 3)]);
                    check(record.head.format, &format!("\u{1b}[31m{text}\u{1b}[0m"));
                }
            }
        }
        let (json, logfmt) = (formats.id("json"), formats.id("logfmt"));
        for text in [
            r#"{"msg":7,"level":"x"}"#,
            r#"{"message":"a\"b","msg":"c"}"#,
            r#"{"a":{"message":"x"}}"#,
            "{}",
            r#"{"msg":"x"#,
        ] {
            check(json, text);
        }
        for text in ["level=x msg=7 message=8", "level=x msg=\"a \\\"b\" c=1", "a=1 b=2"] {
            check(logfmt, text);
        }
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
