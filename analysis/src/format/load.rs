//! The loader of format files, ours and the user's; each sample in a file is a claim that is checked.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::severity::Severity;
use model::source::RAW_FORMAT;
use serde::Deserialize;
use toml::de::DeTable;

use super::delimited::{Columns, Delimited};
use super::element::Elements;
use super::freestyle::Place;
use super::made::INSIDE;
use super::pattern::{LevelFrom, Pattern};
use super::reach::Beginnings;
use super::service::ServiceIs;
use super::shape::{lazily, over_bytes};
use super::vocabulary::{Levels, Role, Vocabulary};
use super::{Kind, Opens, record};

pub use samples::{check_samples, sample_head};

use samples::Sample;

mod samples;

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
    /// Its heads begin an entry behind lines of any other format, though they have no time.
    #[serde(default)]
    pub breaks_in: bool,
    /// Patterns: anchored regular expressions, tried in this order.
    #[serde(default)]
    pub heads: Vec<String>,
    /// Patterns: further fields behind the head, looked at only when an entry is opened.
    rest: Option<String>,
    /// Patterns: which entries go on with the one before them that has the same time.
    continues: Option<String>,
    #[serde(default)]
    level_from: LevelFrom,
    /// Patterns, JSON: the severity number of entries that say none.
    #[serde(default)]
    severity: u8,
    /// JSON: a message may name values of the entry in braces, which stand there in their place.
    #[serde(default)]
    pub fills_message: bool,
    /// What of the messages is opened by other formats.
    #[serde(default)]
    pub opens: Opens,
    /// A head is one only where what it opens states a time or a level.
    #[serde(default)]
    pub needs_inside: bool,
    /// Patterns, JSON: long lines come in parts, as the container runtime interface and docker write them.
    #[serde(default)]
    pub joins_parts: bool,
    /// Each line that a program wrote has a head of its own: what it writes over several lines goes on behind the next heads.
    #[serde(default)]
    pub wraps_lines: bool,
    /// Patterns: heads that take several lines, and what the first of them looks like.
    #[serde(default = "one")]
    pub head_lines: usize,
    first_line: Option<String>,
    /// Patterns: what the group `service` names.
    #[serde(default)]
    service_is: ServiceIs,
    /// JSON, XML: names that every entry has. Delimited: names that a header has.
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
    /// Delimited: of what the message of a row is made that has none.
    #[serde(default)]
    says: Vec<String>,
    /// Delimited: lines that begin so are no rows.
    comment: Option<String>,
    /// XML: the elements that are entries.
    #[serde(default)]
    elements: Vec<String>,
    /// Records: what the first line begins with, and what stands between a name and its value.
    #[serde(default)]
    starts: Vec<String>,
    name_separator: Option<String>,
    /// Records: what may stand before a name, and before the value of the first line.
    #[serde(default)]
    name_marks: String,
    /// Records: a name alone in its line has its value below it, the length before that.
    #[serde(default)]
    has_sized_values: bool,
    /// Records: an empty line is of the record, which ends where the next one begins.
    #[serde(default)]
    has_empty_lines: bool,
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
    Clock,
    Delimited,
    Xml,
    Record,
    SecurityEvent,
    Cmtrace,
}

fn one() -> usize {
    1
}

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

    pub fn severity(&self) -> Severity {
        Severity(self.severity.min(24))
    }

    pub fn joins_lines(&self) -> bool {
        self.joins_lines.unwrap_or(matches!(self.kind, KindName::Stamp | KindName::StampInside | KindName::Clock))
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
            KindName::Clock => Kind::Freestyle(Place::ClockAtStart),
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
                pattern.wraps_lines = self.wraps_lines;
                pattern.head_lines = self.head_lines;
                pattern.first_line = self.first_line.as_deref().map(lazily);
                pattern.service_is = self.service_is;
                pattern.absent.clone_from(&self.absent);
                Kind::Pattern(Box::new(pattern))
            }
            KindName::Delimited => self.compile_delimited(vocabulary)?,
            KindName::SecurityEvent => Kind::SecurityEvent,
            KindName::Cmtrace => Kind::Cmtrace,
            KindName::Xml => {
                if self.elements.is_empty() {
                    return Err(Problem::new(format!("format {}: kind \"xml\" needs `elements`", self.name)));
                }
                Kind::Element(Elements { names: self.elements.clone(), members: self.members.clone() })
            }
            KindName::Record => {
                let separator = self.name_separator.clone().unwrap_or_default();
                if self.starts.is_empty() || self.starts.iter().any(String::is_empty) || separator.is_empty() {
                    let reason = format!("format {}: kind \"record\" needs `starts` and `name_separator`", self.name);
                    return Err(Problem::new(reason));
                }
                Kind::Record {
                    lines: record::Lines {
                        separator,
                        marks: self.name_marks.clone(),
                        may_be_sized: self.has_sized_values,
                    },
                    starts: self.starts.clone(),
                    ends_when_empty: !self.has_empty_lines,
                }
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
            says: self.says.clone(),
            absent: [self.absent.clone()].into_iter().filter(|absent| !absent.is_empty()).collect(),
            separators,
        };
        let names: Vec<&str> = self.columns.iter().map(String::as_str).collect();
        let columns = (!names.is_empty()).then(|| Box::new(Columns::new(&delimited, first, &names, vocabulary)));
        Ok(Kind::Delimited(Box::new(delimited), columns))
    }
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
mod tests;
