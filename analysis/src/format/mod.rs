//! Log formats: TOML data with samples, one loader, one reader.
//!
//! A format does two things: its *head* (time, severity, service: what every entry needs while it is taken in, no
//! allocation) and its *parse* (message, fields: only for entries somebody looks at).

use std::ops::Range;

use model::entry::Field;
use model::severity::Severity;
use model::time::{Nanos, Precision};
use regex::bytes::RegexSet;

pub use clock::Clock;
pub use load::Problem;
pub use pattern::{FieldSlots, Landmark};
pub use written::Written;

pub(crate) use members::whole_stamp;

use crate::colour::plain_str;
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

mod written;

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
    title: String,
    rank: u8,
    kind: Kind,
    /// A line without a head goes on with the entry before it.
    joins_lines: bool,
    delimits_values: bool,
    delimits_messages: bool,
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
        let raw = Format {
            name: "raw".to_owned(),
            title: "plain text".to_owned(),
            rank: 0,
            kind: Kind::Raw,
            joins_lines: false,
            delimits_values: true,
            delimits_messages: true,
        };
        let mut list = vec![raw];
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
            list.push(Format {
                title: spec.title().to_owned(),
                joins_lines: spec.joins_lines(),
                delimits_values: spec.delimits_values,
                delimits_messages: spec.delimits_messages,
                name: spec.name,
                rank: spec.rank,
                kind,
            });
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

    /// What the user sees: `plain text with time`.
    pub fn title(&self, id: FormatId) -> &str {
        &self.format(id).title
    }

    /// Whether tokens of values are tokens of the text, save where [escapes hide them](crate::values::hides_tokens).
    pub fn delimits_values(&self, id: FormatId) -> bool {
        self.format(id).delimits_values
    }

    /// Whether tokens of messages are tokens of the text, save where [escapes hide them](crate::values::hides_tokens).
    pub fn delimits_messages(&self, id: FormatId) -> bool {
        self.format(id).delimits_messages
    }

    /// [`RAW`] for a name that is not known (stored by another build).
    pub fn id(&self, name: &str) -> FormatId {
        let at = self.list.iter().position(|format| format.name == name);
        at.map_or(RAW, |at| FormatId(at as u16))
    }

    fn format(&self, id: FormatId) -> &Format {
        self.list.get(usize::from(id.0)).unwrap_or(&self.list[0])
    }

    /// Entries that have a field spell the last part of its name: the format itself gives no names.
    pub(crate) fn spells_names(&self, id: FormatId) -> bool {
        !matches!(self.format(id).kind, Kind::Pattern(_))
    }

    /// It says where the message begins; of others only where the time and level end is known.
    pub fn finds_message(&self, id: FormatId) -> bool {
        !matches!(self.format(id).kind, Kind::Raw | Kind::Freestyle(_))
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
    /// Terminal colours are left out.
    pub fn parse(&self, id: FormatId, text: &str) -> Parsed {
        let text = &*plain_str(text);
        match &self.format(id).kind {
            Kind::Raw => Parsed { message: text.to_owned(), ..Parsed::default() },
            Kind::Json => object::parse(text, &self.vocabulary),
            Kind::Logfmt => logfmt::parse(text, &self.vocabulary),
            Kind::Pattern(pattern) => pattern.parse(text, &self.vocabulary),
            Kind::Freestyle(place) => freestyle::parse(text, *place, &self.vocabulary),
        }
    }

    /// Whether `test` holds for one of the fields of this dotted name, its case ignored, that [`Formats::parse`] finds.
    /// Opens no more of the entry than that takes, and copies next to nothing.
    pub fn any_field(
        &self,
        id: FormatId,
        text: &str,
        name: &FieldName,
        slots: &mut FieldSlots,
        test: &mut dyn FnMut(Written<'_>) -> bool,
    ) -> bool {
        let text = &*plain_str(text);
        let FieldName { whole, is_plain, .. } = name;
        let known = match &self.format(id).kind {
            Kind::Raw => Some(false),
            _ if !is_plain => None,
            Kind::Json => Some(object::any_field(text, whole, test)),
            Kind::Logfmt => Some(logfmt::any_field(text, whole, test)),
            Kind::Pattern(pattern) => pattern.any_field(text, whole, slots, test),
            Kind::Freestyle(place) => freestyle::any_field(text, *place, whole, &self.vocabulary, test),
        };
        known.unwrap_or_else(|| {
            let fields = self.parse(id, text).fields;
            fields.iter().any(|field| field.name.eq_ignore_ascii_case(whole) && test((&field.value).into()))
        })
    }

    /// The name as [`Formats::any_field`] takes it.
    pub fn field_name(&self, name: &str) -> FieldName {
        let last = name.rsplit('.').next().unwrap_or(name).len();
        let places = self.list.iter().map(|format| match &format.kind {
            Kind::Raw => Places::default(),
            Kind::Pattern(pattern) => {
                let landmarks = pattern.landmarks(name);
                Places {
                    is_spelled: true,
                    is_anywhere: landmarks.is_none(),
                    landmarks: landmarks.unwrap_or_default(),
                    ..Places::default()
                }
            }
            Kind::Json => Places { is_spelled: true, may_be_escaped: true, ..Places::default() },
            Kind::Logfmt | Kind::Freestyle(_) => Places { is_spelled: true, ..Places::default() },
        });
        FieldName {
            whole: name.to_owned(),
            last_bytes: last,
            is_plain: !self.vocabulary.names.may_have_role(name),
            places: places.collect(),
        }
    }

    /// Whether `test` may hold for a field of which the last part of the name, spelled in the text, ends before `at`. Only
    /// what is false is certain. `text`: up to the entry's end.
    pub fn may_hold_behind_name(
        &self,
        id: FormatId,
        text: &[u8],
        at: usize,
        test: &mut dyn FnMut(Written<'_>) -> bool,
    ) -> bool {
        match &self.format(id).kind {
            Kind::Json => object::may_hold_behind(text, at, test),
            Kind::Logfmt | Kind::Freestyle(_) => logfmt::may_hold_behind(text, at, test),
            Kind::Raw | Kind::Pattern(_) => true,
        }
    }
}

/// A field's dotted name, with what the formats know of it.
#[derive(Clone, Debug)]
pub struct FieldName {
    whole: String,
    last_bytes: usize,
    /// Not the name of a time, level, message or service, whatever its case: those may be no fields.
    is_plain: bool,
    /// By [`FormatId`].
    places: Vec<Places>,
}

impl FieldName {
    /// What is behind the last dot: the part that formats spell which have fields inside of fields.
    pub fn last_part(&self) -> &str {
        &self.whole[self.whole.len() - self.last_bytes..]
    }

    pub fn places(&self, format: FormatId) -> &Places {
        self.places.get(usize::from(format.0)).unwrap_or(&self.places[0])
    }
}

/// Where an entry of a format shows that it has a field: in at least one of these places.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Where the last part of the name stands in the text,
    pub is_spelled: bool,
    /// and as that may be written with escapes, wherever a backslash is.
    pub may_be_escaped: bool,
    /// Behind one of these texts, in its first line.
    pub landmarks: Vec<Landmark>,
    /// Perhaps where none of these is.
    pub is_anywhere: bool,
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
        let has = |format: &str, text: &str, name: &str, wanted: Written<'_>| {
            let (name, mut slots) = (formats.field_name(name), FieldSlots::default());
            formats.any_field(formats.id(format), text, &name, &mut slots, &mut |value| value == wanted)
        };
        let text = r#"{"msg":"x","http":{"status":503},"":{"a":1,"":{"b":2}},"a":7,"A":8}"#;
        assert!(has("json", text, "HTTP.status", Written::Int(503)));
        assert!(!has("json", text, "status", Written::Int(503)));
        assert!(has("json", text, "a", Written::Int(1)) && has("json", text, "a", Written::Int(8)));
        assert!(has("json", text, "b", Written::Int(2)));
        let text = r#"10.0.3.7 - - [20/Nov/2026:10:23:45 +0000] "GET / HTTP/1.1" 503 - "-" "curl""#;
        assert!(has("access", text, "status", Written::Int(503)));
        assert!(has("access", text, "user_agent", Written::Text("curl".into())));
        assert!(!has("access", text, "referer", Written::Text("-".into())));
        let text = "Nov 20 10:23:45 host su[12]: PID=9 pid=13 user=ann user=bob";
        assert!(has("syslog", text, "pid", Written::Int(12)) && has("syslog", text, "pid", Written::Int(9)));
        assert!(!has("syslog", text, "pid", Written::Int(13)), "the head's goes first");
        assert!(has("syslog", text, "user", Written::Text("ann".into())));
        assert!(!has("syslog", text, "user", Written::Text("bob".into())), "the first goes first");
    }
}
