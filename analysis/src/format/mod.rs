//! Log formats: TOML data with samples, one loader, one reader.
//!
//! A format does two things: its *head* (time, severity, service: what every entry needs while it is taken in, no
//! allocation) and its *parse* (message, fields: only for entries somebody looks at).

use std::ops::Range;

use model::entry::{Field, Value};
use model::severity::Severity;
use model::time::{Nanos, Precision};
use regex::bytes::RegexSet;

pub use load::Problem;

use clock::Clock;
use freestyle::Place;
use load::Spec;
use pattern::{Pattern, Slots};
use vocabulary::Vocabulary;

mod load;

mod vocabulary;

mod stamp;

pub(crate) mod clock;

mod members;

mod json;

mod object;

mod logfmt;

mod pattern;

mod predictive;

mod freestyle;

/// Index into [`Formats`]; stable only within one build, so stored data uses the name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FormatId(pub u16);

/// No format: the entry is its raw text.
pub const RAW: FormatId = FormatId(0);

/// What taking an entry in needs to know of it; ranges are bytes of the entry's text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// `None`: the entry has no stamp of its own.
    pub time: Option<Nanos>,
    pub precision: Precision,
    /// The stamp named no zone, the workspace's was used.
    pub naive: bool,
    pub severity: Severity,
    /// Where the stamp stands, empty if there is none. Words do not look inside it.
    pub stamp: Range<u32>,
    /// Where the service's name stands, if the entry names it.
    pub service: Option<Range<u32>>,
    pub format: FormatId,
}

/// An entry opened up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parsed {
    pub message: String,
    pub severity_text: String,
    pub service: Option<String>,
    /// The well-known ones (time, level, message, service) left out, the others in their order, trace and span ids included.
    pub fields: Vec<Field>,
    pub trace_id: Option<String>,
    pub span_id: Option<String>,
}

/// All known formats, compiled, the most specific first.
#[derive(Debug)]
pub struct Formats {
    vocabulary: Vocabulary,
    /// By [`FormatId`].
    list: Vec<Format>,
    /// The heads of all patterns at once, so that a line no format reads is looked at once, however many there are.
    patterns: RegexSet,
    /// The format of each pattern of the set.
    pattern_owners: Vec<FormatId>,
}

#[derive(Debug)]
struct Format {
    name: String,
    rank: u8,
    kind: Kind,
    /// A line without a head goes on with the entry before it.
    joins_lines: bool,
}

#[derive(Debug)]
enum Kind {
    Raw,
    Json,
    Logfmt,
    Pattern(Box<Pattern>),
    Freestyle(Place),
}

/// What reading heads needs beside the formats; one for each source.
pub(crate) struct HeadState {
    pub clock: Clock,
    slots: Slots,
}

impl HeadState {
    pub fn new(clock: Clock) -> Self {
        Self { clock, slots: Slots::default() }
    }
}

impl Formats {
    /// The formats that ship with Dendro.
    pub fn builtin() -> Self {
        let specs = load::BUILTIN.iter().map(|(file, text)| {
            Spec::read(text).unwrap_or_else(|problem| panic!("the shipped format {file} is valid: {problem}"))
        });
        Self::compile(specs.collect()).expect("the shipped formats are valid")
    }

    /// The shipped formats and one more, written by the user; every sample of it must read as it says.
    pub fn with(text: &str) -> Result<Self, Problem> {
        let mut specs: Vec<_> = load::BUILTIN.iter().filter_map(|(_, text)| Spec::read(text).ok()).collect();
        let spec = Spec::read(text)?;
        load::check_samples(&spec)?;
        specs.retain(|known| known.name != spec.name);
        specs.push(spec);
        Self::compile(specs)
    }

    fn compile(mut specs: Vec<Spec>) -> Result<Self, Problem> {
        specs.sort_by(|a, b| b.rank.cmp(&a.rank).then_with(|| a.name.cmp(&b.name)));
        let vocabulary = Vocabulary::builtin();
        let mut list = vec![Format { name: "raw".to_owned(), rank: 0, kind: Kind::Raw, joins_lines: false }];
        let mut heads = Vec::new();
        let mut pattern_owners = Vec::new();
        for spec in specs {
            let id = FormatId(list.len() as u16);
            let kind = spec.compile()?;
            if let Kind::Pattern(pattern) = &kind {
                for head in pattern.sources() {
                    heads.push(head.to_owned());
                    pattern_owners.push(id);
                }
            }
            list.push(Format { joins_lines: spec.joins_lines(), name: spec.name, rank: spec.rank, kind });
        }
        let patterns = regex::bytes::RegexSetBuilder::new(&heads)
            .unicode(false)
            .build()
            .map_err(|error| Problem::new(error.to_string()))?;
        Ok(Self { vocabulary, list, patterns, pattern_owners })
    }

    pub fn name(&self, id: FormatId) -> &str {
        &self.format(id).name
    }

    /// [`RAW`] for a name that is not known (stored by another build).
    pub fn id(&self, name: &str) -> FormatId {
        let at = self.list.iter().position(|format| format.name == name);
        at.map_or(RAW, |at| FormatId(at as u16))
    }

    fn format(&self, id: FormatId) -> &Format {
        self.list.get(usize::from(id.0)).unwrap_or(&self.list[0])
    }

    /// Lines without a head go on with the entry before them.
    pub(crate) fn joins_lines(&self, id: FormatId) -> bool {
        self.format(id).joins_lines
    }

    /// Fits so much that only evidence of a whole window of lines lets it in.
    pub(crate) fn is_last_resort(&self, id: FormatId) -> bool {
        self.format(id).rank <= load::LAST_RESORT_RANK
    }

    /// The head of an entry's first line, if this format reads it.
    pub(crate) fn head(&self, id: FormatId, line: &[u8], state: &mut HeadState) -> Option<Head> {
        let head = match &self.format(id).kind {
            Kind::Raw => None,
            Kind::Json => object::head(line, &self.vocabulary, &mut state.clock),
            Kind::Logfmt => logfmt::head(line, &self.vocabulary, &mut state.clock),
            Kind::Pattern(pattern) => pattern.head(line, &self.vocabulary.levels, &mut state.slots, &mut state.clock),
            Kind::Freestyle(place) => freestyle::head(line, *place, &self.vocabulary, &mut state.clock),
        };
        head.map(|head| Head { format: id, ..head })
    }

    /// The heads that formats find in a line, most specific first.
    pub(crate) fn fitting_heads(&self, line: &[u8], state: &mut HeadState) -> impl Iterator<Item = Head> {
        let ids = (1..self.list.len() as u16).map(FormatId);
        self.heads_of(ids, line, state)
    }

    /// The head of the most specific format that finds a time in a line, the last resorts left out; of the formats
    /// more specific than `known`, if that is given.
    pub(crate) fn dated_head(&self, line: &[u8], known: Option<FormatId>, state: &mut HeadState) -> Option<Head> {
        let end = known.map_or(self.list.len() as u16, |known| known.0);
        let ids = (1..end).map(FormatId).filter(|&id| !self.is_last_resort(id));
        self.heads_of(ids, line, state).find(|head| head.time.is_some())
    }

    fn heads_of(
        &self,
        ids: impl Iterator<Item = FormatId>,
        line: &[u8],
        state: &mut HeadState,
    ) -> impl Iterator<Item = Head> {
        let matched = self.patterns.matches(line);
        ids.filter_map(move |id| {
            let is_pattern = matches!(self.format(id).kind, Kind::Pattern(_));
            if is_pattern && !matched.iter().any(|pattern| self.pattern_owners[pattern] == id) {
                return None;
            }
            self.head(id, line, state)
        })
    }

    /// Opens an entry's text (without its line end) up. Never fails: what the format does not read is message.
    pub fn parse(&self, id: FormatId, text: &str) -> Parsed {
        match &self.format(id).kind {
            Kind::Raw => Parsed { message: text.to_owned(), ..Parsed::default() },
            Kind::Json => object::parse(text, &self.vocabulary),
            Kind::Logfmt => logfmt::parse(text, &self.vocabulary),
            Kind::Pattern(pattern) => pattern.parse(text, &self.vocabulary),
            Kind::Freestyle(place) => freestyle::parse(text, *place, &self.vocabulary),
        }
    }

    /// One field of an entry, by its dotted name: what [`Formats::parse`] finds, without opening the rest where it can.
    pub fn field(&self, id: FormatId, text: &str, name: &str) -> Option<Value> {
        let kind = &self.format(id).kind;
        let names_fields = matches!(kind, Kind::Json | Kind::Logfmt | Kind::Freestyle(_));
        let last_part = name.rsplit('.').next().unwrap_or(name);
        if names_fields && memchr::memmem::find(text.as_bytes(), last_part.as_bytes()).is_none() {
            // An escape may spell any letter of a name.
            let may_be_escaped = matches!(kind, Kind::Json) && memchr::memmem::find(text.as_bytes(), b"\\u").is_some();
            if !may_be_escaped {
                return None;
            }
        }
        // A well-known name may be no field but the time, level, message or service.
        let is_plain = self.vocabulary.names.look_up(name.as_bytes()).role.is_none();
        match kind {
            Kind::Json if is_plain => object::field(text, name),
            Kind::Logfmt if is_plain => logfmt::field(text, name),
            _ => self.parse(id, text).fields.into_iter().find(|field| field.name == name).map(|field| field.value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_known_by_name_and_unknown_names_are_raw() {
        let formats = Formats::builtin();
        for name in ["json", "logfmt", "timestamp"] {
            assert_eq!(formats.name(formats.id(name)), name);
        }
        assert_eq!(formats.id("of another build"), RAW);
        assert_eq!(formats.name(FormatId(999)), "raw");
    }

    #[test]
    fn one_field_is_found_without_opening_by_hand() {
        let formats = Formats::builtin();
        let text = r#"{"msg":"x","http":{"status":503}}"#;
        assert_eq!(formats.field(formats.id("json"), text, "http.status"), Some(Value::Int(503)));
        assert_eq!(formats.field(formats.id("json"), text, "http.method"), None);
    }
}
