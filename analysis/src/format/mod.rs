//! Log formats: TOML data with samples, one loader, one reader.
//!
//! A format does two things: its *head* (time, severity, service: what every entry needs while it is taken in, no
//! allocation) and its *parse* (message, fields: only for entries somebody looks at).

use std::cell::OnceCell;
use std::ops::Range;
use std::sync::Arc;

use model::entry::Field;
use model::severity::Severity;
use model::time::{Nanos, Precision};

pub use clock::Clock;
pub use fits::Fits;
pub use load::Problem;
pub use opened::{FieldName, Places};
pub use pattern::{FieldSlots, Landmark};
pub use trial::{Excerpt, Trial};
pub use written::Written;
pub use written_out::{copy_of, from_nothing, title_of, without_samples};

pub(crate) use members::whole_time;
pub(crate) use wrapped::Origin;

use crate::quick_hash::hash_of;
use crate::read::Looks;
use candidates::Candidates;
use delimited::{Columns, Delimited};
use freestyle::Place;
use load::Spec;
use made::{Layout, Made, MadeFormats};
use pattern::Pattern;
use shape::Slots;
use shipped::Shipped;
use vocabulary::Vocabulary;

mod load;

mod shipped;

mod compile;

mod vocabulary;

mod stamp;

mod stamped;

pub(crate) mod clock;

mod members;

mod json;

pub(crate) mod list;

mod object;

mod otlp;

mod element;

mod record;

mod security_event;

mod cmtrace;

mod delimited;

mod cut_row;

mod logfmt;

mod context;

mod pattern;

mod service;

mod shape;

mod predictive;

mod sieve;

mod freestyle;

mod envelope;

mod wrapped;

mod made;

mod candidates;

pub(crate) mod opening;

mod heads;

mod opened;

mod written;

mod said;

mod fits;

mod reach;

mod written_out;

mod trial;

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
    /// Where the date stands, if there is more than separators between that and the stamp, which is a clock alone then.
    pub date: Option<Range<u32>>,
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
    /// Where the service's name was found, as words of a sentence; empty without one.
    pub service_rule: String,
    /// The well-known ones (time, level, message, service) left out, the others in their order, trace and span ids included.
    pub fields: Vec<Field>,
    pub trace_id: Option<String>,
    pub span_id: Option<String>,
    /// The text of a header that is a list of bytes, once somebody asked for the ids in it.
    pub of_bytes: OnceCell<Option<String>>,
}

/// All known formats, compiled, the most specific first; and those [made](made) of them while reading.
#[derive(Debug)]
pub struct Formats {
    /// By [`FormatId`].
    list: Vec<Format>,
    made: MadeFormats,
    candidates: Candidates,
    /// Those whose heads begin an entry behind lines of any other.
    breaking_in: Vec<FormatId>,
    /// Those that are heads only where an entry stands behind them.
    around_only: Vec<FormatId>,
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
    /// Its heads are none where no entry of another format stands behind them.
    needs_inside: bool,
    /// A line without a head goes on with the entry before it.
    joins_lines: bool,
    /// Each line of what a program wrote has a head of its own.
    wraps_lines: bool,
    /// Long lines come in parts.
    joins_parts: bool,
    /// Of entries that say none.
    severity: Severity,
    /// A message may name values of its entry in braces.
    fills_message: bool,
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
    Element(element::Elements),
    /// How its lines are written, what the first one begins with, and whether an empty line ends it.
    Record {
        lines: record::Lines,
        starts: Vec<String>,
        ends_when_empty: bool,
    },
    /// CEF and LEEF.
    SecurityEvent,
    Cmtrace,
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
    /// How the last message looks that stood in a format that wraps lines.
    pub looks: Looks,
}

/// Messages deeper inside stay text: `kubectl logs` of a pod of JSON lines has two formats around each object.
const DEEPEST: usize = 2;

impl HeadState {
    pub fn new(clock: Clock) -> Self {
        Self { clock, slots: Slots::default(), depth: 0, looks: Looks::default() }
    }
}

impl Formats {
    /// The formats that ship with Dendro.
    pub fn builtin() -> Self {
        Self::compile(Shipped::load()).expect("the shipped formats are valid")
    }

    /// Tells the shipped formats of one build from those of another that may read an entry otherwise.
    pub fn fingerprint() -> u64 {
        hash_of(shipped::DATA.as_bytes())
    }

    /// Those of the formats that ship with Dendro that have these names.
    pub fn builtin_of(names: &[&str]) -> Self {
        let mut shipped = Shipped::load();
        shipped.formats.retain(|spec| names.contains(&&*spec.name));
        Self::compile(shipped).expect("the shipped formats are valid")
    }

    /// The shipped formats and one more, written by the user; every sample of it must read as it says.
    pub fn with(text: &str) -> Result<Self, Problem> {
        let spec = Spec::read(text)?.of_user();
        load::check_samples(&spec)?;
        Self::compile(Shipped::load().and(vec![spec]))
    }

    /// The shipped formats and those of a workspace. One that cannot be used is left out.
    pub fn with_all(texts: &[String]) -> Self {
        let own = texts.iter().filter_map(|text| Spec::read(text).ok()).map(Spec::of_user);
        let own = own.filter(|spec| Self::compile(Shipped::load().but_only(vec![spec.clone()])).is_ok()).collect();
        Self::compile(Shipped::load().and(own)).unwrap_or_else(|_| Self::builtin())
    }

    /// Whether a stamp, as it stands in the text, shows that its first number is a day. `None`: it does not tell.
    pub(crate) fn shows_day_first(stamp: &[u8]) -> Option<bool> {
        stamp::shows_day_first(stamp)
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
        // Columns may be called anything: `r/s`.
        let formats = key.split(delimited::KEY_SEPARATOR).next()?;
        if formats.matches(made::INSIDE).count() > DEEPEST {
            return None;
        }
        let (name, behind) = key.split_once([made::INSIDE, delimited::KEY_SEPARATOR])?;
        let base = self.id_of(name).filter(|id| !self.is_made(*id))?;
        if key.as_bytes()[name.len()] == made::INSIDE as u8 {
            return self.inside(base, self.id_of(behind)?);
        }
        match behind.split_once(delimited::HOLDS) {
            Some((_, inner)) if inner.contains(delimited::HOLDS) => None,
            Some((columns, inner)) => self.inside(self.with_columns(base, columns)?, self.id_of(inner)?),
            None => self.with_columns(base, behind),
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
            let behind_outer = if self.is_made(outer) { delimited::HOLDS } else { made::INSIDE };
            self.made.add(Made {
                key: format!("{}{behind_outer}{}", self.key(outer), self.key(inner)),
                name: format!("{}{}{}", self.name(outer), made::INSIDE, self.name(inner)),
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
            Some(Layout::Inside { outer, .. }) => self.base(*outer),
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
    pub(crate) fn specificity(&self, id: FormatId) -> (u16, u8, u16) {
        let depth = match self.made.get(id).map(|made| &made.layout) {
            Some(Layout::Inside { .. }) => 0,
            Some(Layout::Columns { .. }) => 1,
            None => 2,
        };
        (self.base(id).0, depth, id.0)
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

    /// Whether an entry of format `id` is read by the format listed under `name`, alone or with another.
    pub fn takes_part(&self, name: &str, id: FormatId) -> bool {
        match self.made.get(id).map(|made| &made.layout) {
            Some(Layout::Inside { outer, inner }) => self.takes_part(name, *outer) || self.takes_part(name, *inner),
            Some(Layout::Columns { base, .. }) => self.takes_part(name, *base),
            None => self.format(id).name == name,
        }
    }

    /// Lines without a head go on with the entry before them.
    pub(crate) fn joins_lines(&self, id: FormatId) -> bool {
        self.format(id).joins_lines
    }

    /// Its heads begin an entry behind lines of any other format: that it reads some says nothing of the file.
    pub(crate) fn breaks_in(&self, id: FormatId) -> bool {
        self.breaking_in.contains(&id)
    }

    /// Its heads are none where no entry stands behind them. That one does may be chance: sentences quote objects.
    pub(crate) fn needs_inside(&self, id: FormatId) -> bool {
        self.format(id).needs_inside
    }

    /// The line has a head of this format, but tells more of the entry of the same time before it.
    pub(crate) fn continues(&self, id: FormatId, line: &[u8]) -> bool {
        match &self.format(id).kind {
            Kind::Pattern(pattern) if !self.is_made(id) => {
                pattern.continues.as_ref().is_some_and(|continues| continues.is_match(line))
            }
            _ => false,
        }
    }

    /// Fits so much that only evidence of a whole window of lines lets it in.
    pub(crate) fn is_last_resort(&self, id: FormatId) -> bool {
        self.format(id).rank <= load::LAST_RESORT_RANK
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formats_that_know_times_only_are_shipped() {
        let formats = Formats::builtin();
        for name in model::source::TIME_FORMATS {
            assert!(formats.list.iter().any(|format| format.name == name), "{name}");
        }
    }

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
    fn a_table_is_known_again_by_its_key_whatever_its_columns_are_called() {
        let key = format!("csv{0},{0}time{0}r/s{0}w/s{0}rkB/s{0}wkB/s{0}rrqm/s{0}wrqm/s", delimited::KEY_SEPARATOR);
        for key in [key.clone(), format!("syslog{}{key}", made::INSIDE)] {
            let formats = Formats::builtin();
            assert_eq!(formats.key(formats.id(&key)), key);
        }
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
        assert!(!has("crash", "panic: lost a=1", "a", Written::Int(1)), "all of it is message");
        assert!(formats.parse(formats.id("crash"), "panic: lost a=1").fields.is_empty());
        assert!(has("syslog", text, "user", Written::Text("ann".into())));
        assert!(!has("syslog", text, "user", Written::Text("bob".into())), "the first goes first");
    }
}
