//! Log formats: TOML data with samples, one loader, one reader.
//!
//! A format does two things: its *head* (time, severity, service: what every entry needs while it is taken in, no
//! allocation) and its *parse* (message, fields: only for entries somebody looks at).

use std::ops::Range;
use std::sync::Arc;

use model::entry::Field;
use model::severity::Severity;
use model::time::{Nanos, Precision};
use regex::bytes::RegexSet;

pub use clock::Clock;
pub use fits::Fits;
pub use load::Problem;
pub use pattern::{FieldSlots, Landmark};
pub use written::Written;

pub(crate) use members::whole_time;

use crate::colour::plain_str;
use crate::quick_hash::hash_of;
use delimited::{Columns, Delimited};
use envelope::Message;
use freestyle::Place;
use load::Spec;
use made::{Layout, Made, MadeFormats};
use opening::Opening;
use pattern::{Pattern, Slots};
use vocabulary::Vocabulary;

mod load;

mod vocabulary;

mod stamp;

pub(crate) mod clock;

mod members;

mod json;

mod object;

mod otlp;

mod element;

mod record;

mod security_event;

mod delimited;

mod logfmt;

mod pattern;

mod predictive;

mod freestyle;

mod envelope;

mod made;

pub(crate) mod opening;

mod written;

mod said;

mod fits;

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

/// All known formats, compiled, the most specific first; and those [made](made) of them while reading.
#[derive(Debug)]
pub struct Formats {
    /// By [`FormatId`].
    list: Vec<Format>,
    made: MadeFormats,
    /// The heads of all patterns at once, so that a line no format reads is looked at once, however many there are.
    patterns: RegexSet,
    /// The format of each pattern of the set.
    pattern_owners: Vec<FormatId>,
    /// What lines that name columns begin with, and the format they are of.
    headers: Vec<(String, FormatId)>,
}

#[derive(Debug)]
struct Format {
    name: String,
    title: String,
    rank: u8,
    kind: Kind,
    vocabulary: Arc<Vocabulary>,
    /// What of its messages is opened.
    opens: Opens,
    /// A line without a head goes on with the entry before it.
    joins_lines: bool,
    delimits_values: bool,
    delimits_messages: bool,
    /// The user's.
    is_own: bool,
}

#[derive(Debug)]
enum Kind {
    Raw,
    /// With the names that every entry has at its top.
    Json(Vec<String>),
    /// Of OpenTelemetry's file exporter.
    Otlp,
    Logfmt,
    Pattern(Box<Pattern>),
    Freestyle(Place),
    /// With the columns where all files have the same.
    Delimited(Box<Delimited>, Option<Box<Columns>>),
    /// Names of the elements.
    Element(Vec<String>),
    /// What stands between name and value, and what the first line begins with.
    Record {
        separator: String,
        start: String,
    },
    /// CEF and LEEF.
    SecurityEvent,
}

/// What of a format's messages is read by another format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opens {
    #[default]
    Nothing,
    /// JSON objects and pairs.
    Structured,
    /// Whatever has a time, a level or names.
    Anything,
}

/// What reading heads needs beside the formats; one for each source.
pub(crate) struct HeadState {
    pub clock: Clock,
    slots: Slots,
    /// Formats inside of formats that are being read.
    depth: usize,
}

/// Messages deeper inside stay text: `kubectl logs` of a pod of JSON lines has two formats around each object.
const DEEPEST: usize = 2;

impl HeadState {
    pub fn new(clock: Clock) -> Self {
        Self { clock, slots: Slots::default(), depth: 0 }
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

    /// Tells the shipped formats of one build from those of another that may read an entry otherwise.
    pub fn fingerprint() -> u64 {
        let texts = load::BUILTIN.iter().flat_map(|(file, text)| [*file, *text]).chain([vocabulary::BUILTIN]);
        texts.fold(0, |hash, text| hash_of(&[&hash.to_le_bytes(), text.as_bytes()].concat()))
    }

    /// The shipped formats and one more, written by the user; every sample of it must read as it says.
    pub fn with(text: &str) -> Result<Self, Problem> {
        let spec = Spec::read(text)?.of_user();
        load::check_samples(&spec)?;
        Self::compile(Spec::builtin_and(&spec))
    }

    /// The shipped formats and those of a workspace. One that cannot be used is left out.
    pub fn with_all(texts: &[String]) -> Self {
        let mut specs: Vec<_> = load::BUILTIN.iter().filter_map(|(_, text)| Spec::read(text).ok()).collect();
        let own = texts.iter().filter_map(|text| Spec::read(text).ok()).map(Spec::of_user);
        let own: Vec<_> = own.filter(|spec| Self::compile(vec![spec.clone()]).is_ok()).collect();
        specs.retain(|known| !own.iter().any(|own| own.name == known.name));
        specs.extend(own);
        Self::compile(specs).unwrap_or_else(|_| Self::builtin())
    }

    fn compile(mut specs: Vec<Spec>) -> Result<Self, Problem> {
        specs.sort_by(|a, b| (b.rank, b.is_own, &a.name).cmp(&(a.rank, a.is_own, &b.name)));
        let shared = Arc::new(Vocabulary::builtin());
        let raw = Format {
            name: "raw".to_owned(),
            title: "plain text".to_owned(),
            rank: 0,
            kind: Kind::Raw,
            vocabulary: shared.clone(),
            opens: Opens::Nothing,
            joins_lines: false,
            delimits_values: true,
            delimits_messages: true,
            is_own: false,
        };
        let mut list = vec![raw];
        let (mut heads, mut pattern_owners, mut headers) = (Vec::new(), Vec::new(), Vec::new());
        for spec in specs {
            let id = FormatId(list.len() as u16);
            let vocabulary = spec.vocabulary(&shared)?;
            let kind = spec.compile(&vocabulary)?;
            match &kind {
                Kind::Pattern(pattern) => {
                    for head in pattern.sources().filter(|_| pattern.head_lines == 1) {
                        heads.push(head.to_owned());
                        pattern_owners.push(id);
                    }
                }
                Kind::Delimited(delimited, _) => {
                    headers.extend(delimited.header.iter().map(|header| (header.clone(), id)));
                }
                _ => {}
            }
            list.push(Format {
                title: spec.title().to_owned(),
                joins_lines: spec.joins_lines(),
                opens: spec.opens,
                delimits_values: spec.delimits_values,
                delimits_messages: spec.delimits_messages,
                is_own: spec.is_own,
                name: spec.name,
                rank: spec.rank,
                vocabulary,
                kind,
            });
        }
        let patterns = regex::bytes::RegexSetBuilder::new(&heads)
            .unicode(false)
            .build()
            .map_err(|error| Problem::new(error.to_string()))?;
        Ok(Self { list, made: MadeFormats::default(), patterns, pattern_owners, headers })
    }

    /// Whether a stamp, as it stands in the text, names no year.
    pub fn lacks_year(stamp: &[u8]) -> bool {
        whole_time(stamp)
            .is_some_and(|stamp| matches!(stamp.reading, stamp::Reading::Yearless(_) | stamp::Reading::Dateless(_)))
    }

    /// What the user sees and asks for: `json`, `syslog/json`.
    pub fn name(&self, id: FormatId) -> &str {
        self.made.get(id).map_or_else(|| &*self.format(id).name, |made| &made.name)
    }

    /// What the format is stored as; [`Formats::id`] finds it again.
    pub fn key(&self, id: FormatId) -> &str {
        self.made.get(id).map_or_else(|| &*self.format(id).name, |made| &made.key)
    }

    /// What the user sees: `plain text with time`.
    pub fn title(&self, id: FormatId) -> &str {
        self.made.get(id).map_or_else(|| &*self.format(id).title, |made| &made.title)
    }

    /// Whether it is the user's, not a shipped one.
    pub fn is_own(&self, id: FormatId) -> bool {
        self.format(id).is_own
    }

    /// Whether tokens of values are tokens of the text, save where [escapes hide them](crate::values::hides_tokens).
    pub fn delimits_values(&self, id: FormatId) -> bool {
        match self.made.get(id).map(|made| &made.layout) {
            Some(Layout::Inside { outer, inner }) => self.delimits_values(*outer) && self.delimits_values(*inner),
            _ => self.format(id).delimits_values,
        }
    }

    /// Whether tokens of messages are tokens of the text, save where [escapes hide them](crate::values::hides_tokens).
    pub fn delimits_messages(&self, id: FormatId) -> bool {
        match self.made.get(id).map(|made| &made.layout) {
            Some(Layout::Inside { outer, inner }) => self.delimits_messages(*outer) && self.delimits_messages(*inner),
            _ => self.format(id).delimits_messages,
        }
    }

    /// The format of a [key](Formats::key), made if it is one to be made; [`RAW`] for one that is not known (stored by
    /// another build).
    pub fn id(&self, key: &str) -> FormatId {
        self.id_of(key).unwrap_or(RAW)
    }

    fn id_of(&self, key: &str) -> Option<FormatId> {
        let at = self.list.iter().position(|format| format.name == key);
        if let Some(at) = at {
            return Some(FormatId(at as u16));
        }
        if let Some(id) = self.made.find(|made| made.key == key) {
            return Some(id);
        }
        if key.matches(made::INSIDE).count() > DEEPEST {
            return None;
        }
        let (name, behind) = key.split_once([made::INSIDE, delimited::KEY_SEPARATOR])?;
        let base = self.id_of(name).filter(|id| !self.is_made(*id))?;
        match key.as_bytes()[name.len()] {
            byte if byte == made::INSIDE as u8 => self.inside(base, self.id_of(behind)?),
            _ => self.with_columns(base, behind),
        }
    }

    fn is_made(&self, id: FormatId) -> bool {
        self.made.get(id).is_some()
    }

    /// The format `inner` inside the messages of `outer`.
    fn inside(&self, outer: FormatId, inner: FormatId) -> Option<FormatId> {
        let is_it =
            |made: &Made| matches!(made.layout, Layout::Inside { outer: o, inner: i } if (o, i) == (outer, inner));
        self.made.find(is_it).or_else(|| {
            let join = |outer: &str, inner: &str| format!("{outer}{}{inner}", made::INSIDE);
            self.made.add(Made {
                key: join(self.key(outer), self.key(inner)),
                name: join(self.name(outer), self.name(inner)),
                title: format!("{} in {}", self.title(inner), self.title(outer)),
                layout: Layout::Inside { outer, inner },
            })
        })
    }

    /// A delimited format with the columns of a [key](delimited::key_of).
    fn with_columns(&self, base: FormatId, columns_key: &str) -> Option<FormatId> {
        let format = self.format(base);
        let Kind::Delimited(delimited, _) = &format.kind else { return None };
        let key = format!("{}{}{columns_key}", format.name, delimited::KEY_SEPARATOR);
        self.made.find(|made| made.key == key).or_else(|| {
            let mut parts = columns_key.split(delimited::KEY_SEPARATOR);
            let separator = *parts.next()?.as_bytes().first()?;
            let names: Vec<&str> = parts.collect();
            let columns = Columns::new(delimited, separator, &names, &format.vocabulary);
            let layout = Layout::Columns { base, columns };
            self.made.add(Made { key, name: format.name.clone(), title: format.title.clone(), layout })
        })
    }

    /// The format that says what a made one is, else the one itself.
    fn base(&self, id: FormatId) -> FormatId {
        match self.made.get(id).map(|made| &made.layout) {
            Some(Layout::Columns { base, .. }) => *base,
            Some(Layout::Inside { outer, .. }) => *outer,
            None => id,
        }
    }

    /// Whether a format is this listed one or made of it.
    pub(crate) fn is_made_of(&self, id: FormatId, base: FormatId) -> bool {
        self.base(id) == base
    }

    fn format(&self, id: FormatId) -> &Format {
        self.list.get(usize::from(self.base(id).0)).unwrap_or(&self.list[0])
    }

    /// The order in which formats are asked: specific ones first, what is made of one before it.
    pub(crate) fn specificity(&self, id: FormatId) -> (u16, bool, u16) {
        (self.base(id).0, !self.is_made(id), id.0)
    }

    /// Both are made of the same delimited format: a header that names new columns ends the old ones.
    pub(crate) fn replaces(&self, new: FormatId, old: FormatId) -> bool {
        let is_columns = |id| matches!(self.made.get(id).map(|made| &made.layout), Some(Layout::Columns { .. }));
        is_columns(new) && is_columns(old) && self.base(new) == self.base(old)
    }

    /// Entries that have a field spell the last part of its name: the format itself gives no names.
    pub(crate) fn spells_names(&self, id: FormatId) -> bool {
        match self.made.get(id).map(|made| &made.layout) {
            Some(Layout::Inside { outer, inner }) => self.spells_names(*outer) && self.spells_names(*inner),
            Some(Layout::Columns { .. }) => false,
            None => !matches!(self.format(id).kind, Kind::Otlp | Kind::Pattern(_) | Kind::Delimited(..)),
        }
    }

    /// It says where the message begins; of others only where the time and level end is known.
    pub fn finds_message(&self, id: FormatId) -> bool {
        match self.made.get(id).map(|made| &made.layout) {
            Some(Layout::Inside { inner, .. }) => self.finds_message(*inner),
            Some(Layout::Columns { .. }) => true,
            None => !matches!(self.format(id).kind, Kind::Raw | Kind::Freestyle(_)),
        }
    }

    /// Lines without a head go on with the entry before them.
    pub(crate) fn joins_lines(&self, id: FormatId) -> bool {
        self.format(id).joins_lines
    }

    /// Fits so much that only evidence of a whole window of lines lets it in.
    pub(crate) fn is_last_resort(&self, id: FormatId) -> bool {
        self.format(id).rank <= load::LAST_RESORT_RANK
    }

    /// How an entry of this format goes on behind its first line, if that does not end it.
    #[inline]
    pub(crate) fn opening(&self, id: FormatId, line: &[u8]) -> Option<Opening> {
        if let Some(made) = self.made.get(id) {
            let Layout::Columns { columns, .. } = &made.layout else { return None };
            return delimited::is_open(line, columns).then_some(Opening::Quote);
        }
        match &self.format(id).kind {
            Kind::Json(_) => opening::of_object(line),
            Kind::Delimited(_, Some(columns)) => delimited::is_open(line, columns).then_some(Opening::Quote),
            Kind::Element(elements) => opening::of_element(line, elements),
            Kind::Record { start, .. } => line
                .starts_with(start.as_bytes())
                .then(|| Opening::Block { start: opening::BlockStart(start.as_bytes().to_vec()) }),
            Kind::Pattern(pattern) if pattern.joins_parts => opening::of_part(line),
            Kind::Pattern(pattern) => pattern.begins(line).then(|| Opening::Lines { left: pattern.head_lines - 1 }),
            _ => None,
        }
    }

    /// The formats that may have an entry begin with this line and go on behind it.
    pub(crate) fn fitting_openings(&self, line: &[u8]) -> impl Iterator<Item = (FormatId, Opening)> {
        let spans = |format: &Format| match &format.kind {
            Kind::Json(_) | Kind::Element(_) | Kind::Record { .. } | Kind::Delimited(_, Some(_)) => true,
            Kind::Pattern(pattern) => pattern.head_lines > 1,
            _ => false,
        };
        let ids = (1..self.list.len() as u16).map(FormatId).filter(move |&id| spans(self.format(id)));
        ids.filter_map(move |id| Some((id, self.opening(id, line)?)))
    }

    /// The delimited format whose columns a line names; of several the most specific that has all the names it asks for.
    pub(crate) fn header(&self, line: &[u8]) -> Option<FormatId> {
        self.headers.iter().filter(|(header, _)| line.starts_with(header.as_bytes())).find_map(|(header, base)| {
            let Kind::Delimited(delimited, _) = &self.format(*base).kind else { return None };
            let names = std::str::from_utf8(&line[header.len()..]).ok()?;
            let names: Vec<&str> =
                names.trim_end().split(delimited.header_separator as char).filter(|name| !name.is_empty()).collect();
            let is_header = !names.is_empty()
                && names.len() <= delimited::MOST_COLUMNS
                && delimited.members.iter().all(|member| names.contains(&&**member));
            let separator = *delimited.separators.first()?;
            is_header.then(|| self.with_columns(*base, &delimited::key_of(separator, &names, None)))?
        })
    }

    /// The delimited format whose columns the first line of a file names. `rows`: the lines behind it.
    pub(crate) fn header_in_first_line(&self, line: &[u8], rows: &[&[u8]]) -> Option<FormatId> {
        let line = std::str::from_utf8(line).ok()?;
        self.list.iter().enumerate().find_map(|(at, format)| {
            let Kind::Delimited(delimited, _) = &format.kind else { return None };
            let key = delimited
                .first_line
                .then(|| delimited::first_line_key(delimited, line, rows, &format.vocabulary))??;
            self.with_columns(FormatId(at as u16), &key)
        })
    }

    /// The head of an entry's first line (of all its lines where it is one that [goes on](Formats::opening)), if this
    /// format reads it.
    pub(crate) fn head(&self, id: FormatId, line: &[u8], state: &mut HeadState) -> Option<Head> {
        let head = match self.made.get(id).map(|made| &made.layout) {
            None => self.listed_head(id, line, state),
            Some(Layout::Columns { base, columns }) => {
                delimited::head(line, columns, &self.format(*base).vocabulary, &mut state.clock)
            }
            Some(Layout::Inside { outer, inner }) => {
                let head = self.listed_head(*outer, line, state)?;
                let message = self.message(*outer, line, state)?;
                return self.head_inside(*outer, &head, &message, *inner, state);
            }
        };
        head.map(|head| Head { format: id, ..head })
    }

    fn listed_head(&self, id: FormatId, line: &[u8], state: &mut HeadState) -> Option<Head> {
        let format = self.format(id);
        let vocabulary = &*format.vocabulary;
        let head = match &format.kind {
            Kind::Raw => None,
            Kind::Json(members) => object::head(line, members, vocabulary, &mut state.clock),
            Kind::Otlp => otlp::head(line, vocabulary, &mut state.clock),
            Kind::Logfmt => logfmt::head(line, vocabulary, &mut state.clock),
            Kind::Pattern(pattern) => pattern.head(line, &vocabulary.levels, &mut state.slots, &mut state.clock),
            Kind::Freestyle(place) => {
                freestyle::head(line, *place, vocabulary, &mut state.clock).map(|(head, message)| {
                    state.slots.message = message..line.len();
                    head
                })
            }
            Kind::Delimited(_, columns) => {
                // Commas alone make no row of columns that no header vouches for.
                let columns = columns.as_ref()?;
                delimited::head(line, columns, vocabulary, &mut state.clock).filter(|head| head.time.is_some())
            }
            Kind::Element(elements) => element::head(line, elements, vocabulary, &mut state.clock),
            Kind::Record { separator, start } => line
                .starts_with(start.as_bytes())
                .then(|| record::head(line, separator, vocabulary, &mut state.clock))?,
            Kind::SecurityEvent => security_event::head(line, vocabulary, &mut state.clock),
        };
        head.map(|head| Head { format: id, ..head })
    }

    /// The head of a line by the first of these formats that reads it. A message that none of them reads inside of its
    /// format is offered to all.
    #[inline]
    pub(crate) fn first_head(&self, in_use: &[FormatId], line: &[u8], state: &mut HeadState) -> Option<Head> {
        let mut tried: Option<(FormatId, Option<(Head, Message<'_>)>)> = None;
        for &id in in_use {
            let (outer, inner) = match self.made.get(id).map(|made| &made.layout) {
                Some(Layout::Inside { outer, inner }) => (*outer, Some(*inner)),
                None if self.format(id).opens != Opens::Nothing => (id, None),
                _ => match self.head(id, line, state) {
                    Some(head) => return Some(head),
                    None => continue,
                },
            };
            if tried.as_ref().is_none_or(|(last, _)| *last != outer) {
                let head = self.listed_head(outer, line, state);
                let read = head.and_then(|head| Some((head, self.message(outer, line, state)?)));
                tried = Some((outer, read));
            }
            let Some((head, message)) = tried.as_ref().and_then(|(_, read)| read.as_ref()) else { continue };
            match inner {
                Some(inner) => {
                    if let Some(head) = self.head_inside(outer, head, message, inner, state) {
                        return Some(head);
                    }
                }
                None => {
                    return Some(self.look_inside(outer, head, message, state).unwrap_or_else(|| head.clone()));
                }
            }
        }
        None
    }

    /// What the message of a line is whose head was read last.
    fn message<'l>(&self, id: FormatId, line: &'l [u8], state: &HeadState) -> Option<Message<'l>> {
        let format = self.format(id);
        match &format.kind {
            Kind::Json(_) => object::message(line, &format.vocabulary),
            Kind::Pattern(_) | Kind::Freestyle(_) => Some(Message::plain(line, state.slots.message.clone())),
            _ => None,
        }
    }

    /// The head of an entry of `outer` whose message is of the format `inner`.
    fn head_inside(
        &self,
        outer: FormatId,
        head: &Head,
        message: &Message<'_>,
        inner: FormatId,
        state: &mut HeadState,
    ) -> Option<Head> {
        let found = self.head(inner, message.text(), state)?;
        envelope::says_something(&found, self.names_parts(inner))
            .then(|| envelope::merged(head, &found, message, self.inside(outer, inner)))
    }

    /// The head of an entry whose message is of any format.
    fn look_inside(&self, outer: FormatId, head: &Head, message: &Message<'_>, state: &mut HeadState) -> Option<Head> {
        if state.depth == DEEPEST || !message.may_be_read(self.format(outer).opens) {
            return None;
        }
        state.depth += 1;
        let ids = (1..self.list.len() as u16).map(FormatId).filter(|&id| !self.is_last_resort(id) && id != outer);
        let says_something = |found: &Head| envelope::says_something(found, self.names_parts(found.format));
        let found = match self.format(outer).opens {
            Opens::Structured => {
                let structured = |id: &FormatId| matches!(self.format(*id).kind, Kind::Json(_) | Kind::Logfmt);
                ids.filter(structured).find_map(|id| self.head(id, message.text(), state).filter(says_something))
            }
            _ => self.heads_of(ids, message.text(), state).find(says_something),
        };
        state.depth -= 1;
        found.map(|found| envelope::merged(head, &found, message, self.inside(outer, found.format)))
    }

    /// Its entries are objects, which may be parts of an array.
    pub(crate) fn is_object(&self, id: FormatId) -> bool {
        !self.is_made(id) && matches!(self.format(id).kind, Kind::Json(_))
    }

    /// Its entries consist of names and values: that alone says something.
    fn names_parts(&self, id: FormatId) -> bool {
        matches!(self.format(id).kind, Kind::Json(_))
    }

    /// The heads that formats find in a line, most specific first.
    pub(crate) fn fitting_heads(&self, line: &[u8], state: &mut HeadState) -> impl Iterator<Item = Head> {
        let ids = (1..self.list.len() as u16).map(FormatId);
        self.heads_of(ids, line, state)
    }

    /// The head of the most specific format that finds a time in a line, the last resorts left out; of the formats
    /// more specific than `known`, if that is given.
    pub(crate) fn dated_head(&self, line: &[u8], known: Option<FormatId>, state: &mut HeadState) -> Option<Head> {
        let end = known.map_or(self.list.len() as u16, |known| self.base(known).0);
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
            let head = self.listed_head(id, line, state)?;
            if self.format(id).opens == Opens::Nothing {
                return Some(head);
            }
            let message = self.message(id, line, state);
            let inside = message.and_then(|message| self.look_inside(id, &head, &message, state));
            Some(inside.unwrap_or(head))
        })
    }

    /// Opens an entry's text (without its line end) up. Never fails: what the format does not read is message.
    /// Terminal colours are left out.
    pub fn parse(&self, id: FormatId, text: &str) -> Parsed {
        self.parse_plain(id, &plain_str(text))
    }

    fn parse_plain(&self, id: FormatId, text: &str) -> Parsed {
        let format = self.format(id);
        let vocabulary = &*format.vocabulary;
        match self.made.get(id).map(|made| &made.layout) {
            Some(Layout::Columns { columns, .. }) => return delimited::parse(text, columns, vocabulary),
            Some(Layout::Inside { outer, inner }) => {
                let around = match &format.kind {
                    Kind::Pattern(pattern) => pattern.open(text, vocabulary),
                    Kind::Freestyle(place) => freestyle::open(text, *place, vocabulary),
                    _ => self.parse_plain(*outer, text),
                };
                let message = self.parse_plain(*inner, envelope::without_line_end(&around.message));
                return envelope::opened(text, around, message);
            }
            None => {}
        }
        match &format.kind {
            Kind::Raw => Parsed { message: text.to_owned(), ..Parsed::default() },
            Kind::Json(_) => object::parse(text, vocabulary),
            Kind::Otlp => otlp::parse(text, vocabulary),
            Kind::Logfmt => logfmt::parse(text, vocabulary),
            Kind::Pattern(pattern) => pattern.parse(text, vocabulary),
            Kind::Freestyle(place) => freestyle::parse(text, *place, vocabulary),
            Kind::Delimited(_, columns) => match columns {
                Some(columns) => delimited::parse(text, columns, vocabulary),
                None => Parsed { message: text.to_owned(), ..Parsed::default() },
            },
            Kind::Element(_) => element::parse(text, vocabulary),
            Kind::Record { separator, .. } => record::parse(text, separator, vocabulary),
            Kind::SecurityEvent => security_event::parse(text, vocabulary),
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
        let FieldName { whole, .. } = name;
        let format = self.format(id);
        let is_plain = name.is_plain && !format.vocabulary.names.may_have_role(whole);
        let known = match (self.made.get(id).map(|made| &made.layout), &format.kind) {
            (None, Kind::Raw) => Some(false),
            _ if !is_plain => None,
            (Some(Layout::Columns { columns, .. }), _) => delimited::any_field(text, columns, whole, test),
            (Some(Layout::Inside { .. }), _) => None,
            (None, Kind::Json(_)) => Some(object::any_field(text, whole, test)),
            (None, Kind::Logfmt) => Some(logfmt::any_field(text, whole, test)),
            (None, Kind::Pattern(pattern)) => pattern.any_field(text, whole, slots, test),
            (None, Kind::Freestyle(place)) => freestyle::any_field(text, *place, whole, &format.vocabulary, test),
            _ => None,
        };
        known.unwrap_or_else(|| {
            let fields = self.parse_plain(id, text).fields;
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
            Kind::Json(_) => Places { is_spelled: true, may_be_escaped: true, ..Places::default() },
            Kind::Logfmt | Kind::Freestyle(_) => Places { is_spelled: true, ..Places::default() },
            Kind::Otlp | Kind::Delimited(..) | Kind::Element(_) | Kind::Record { .. } | Kind::SecurityEvent => {
                ANYWHERE.clone()
            }
        });
        FieldName {
            whole: name.to_owned(),
            last_bytes: last,
            is_plain: !self.list[0].vocabulary.names.may_have_role(name),
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
        if self.is_made(id) {
            return true;
        }
        match &self.format(id).kind {
            Kind::Json(_) => object::may_hold_behind(text, at, test),
            Kind::Logfmt | Kind::Freestyle(_) => logfmt::may_hold_behind(text, at, test),
            _ => true,
        }
    }
}

/// Of formats whose text does not tell where a field is.
static ANYWHERE: Places = Places { is_spelled: false, may_be_escaped: true, landmarks: Vec::new(), is_anywhere: true };

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
        self.places.get(usize::from(format.0)).unwrap_or(&ANYWHERE)
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
