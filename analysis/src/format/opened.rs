//! Opened entries: message, fields and ids by the format of their head, and single fields without opening the rest.

use model::entry::Field;

use super::envelope;
use super::made::Layout;
use super::pattern::{FieldSlots, Landmark};
use super::written::Written;
use super::{FormatId, Formats, Kind, Parsed};
use super::{cmtrace, delimited, element, freestyle, logfmt, object, otlp, record, security_event};
use crate::colour::plain_str;

impl Formats {
    /// Opens an entry's text (without its line end) up. Never fails: what the format does not read is message.
    /// Terminal colours are left out.
    pub fn parse(&self, id: FormatId, text: &str) -> Parsed {
        self.parse_plain(id, &plain_str(text))
    }

    pub(super) fn parse_plain(&self, id: FormatId, text: &str) -> Parsed {
        let format = self.format(id);
        let vocabulary = &*format.vocabulary;
        match self.made.get(id).map(|made| &made.layout) {
            Some(Layout::Columns { columns, .. }) => {
                let (parsed, is_of_cell) = delimited::parse(text, columns, vocabulary);
                return if is_of_cell { self.with_level_of_message(id, parsed) } else { parsed };
            }
            Some(Layout::Inside { outer, inner }) => {
                let around = match &format.kind {
                    Kind::Pattern(pattern) => pattern.open(text, vocabulary),
                    Kind::Freestyle(place) => freestyle::open(text, *place, vocabulary),
                    _ => self.parse_plain(*outer, text),
                };
                let message = self.parse_plain(*inner, &plain_str(envelope::without_line_end(&around.message)));
                return envelope::opened(text, around, message);
            }
            None => {}
        }
        match &format.kind {
            Kind::Raw => Parsed { message: text.to_owned(), ..Parsed::default() },
            Kind::Json(_) => {
                let mut parsed = object::parse(text, vocabulary);
                if let Some(message) = self.unwrapped_objects(id, text) {
                    parsed.message = message;
                }
                if format.wraps_lines {
                    parsed.message.truncate(envelope::without_line_end(&parsed.message).len());
                }
                if format.fills_message {
                    parsed.message = filled(&parsed.message, &parsed.fields);
                }
                self.with_level_of_message(id, parsed)
            }
            Kind::Otlp => otlp::parse(text, vocabulary),
            Kind::Logfmt => logfmt::parse(text, vocabulary),
            Kind::Pattern(pattern) => pattern.parse(text, vocabulary),
            Kind::Freestyle(place) => freestyle::parse(text, *place, vocabulary),
            Kind::Delimited(_, columns) => match columns {
                Some(columns) => delimited::parse(text, columns, vocabulary).0,
                None => Parsed { message: text.to_owned(), ..Parsed::default() },
            },
            Kind::Element(_) => element::parse(text, vocabulary),
            Kind::Record { lines, .. } => record::parse(text, lines, vocabulary),
            Kind::SecurityEvent => security_event::parse(text, vocabulary),
            Kind::Cmtrace => cmtrace::parse(text),
        }
    }

    /// An object or a row that states no level has the one that its message begins with.
    fn with_level_of_message(&self, id: FormatId, mut parsed: Parsed) -> Parsed {
        let message = plain_str(&parsed.message);
        if parsed.severity_text.is_empty()
            && let Some((level, _)) = self.level_of_message(id, message.as_bytes())
        {
            parsed.severity_text = message[level].to_owned();
        }
        parsed
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
            Kind::Otlp
            | Kind::Delimited(..)
            | Kind::Element(_)
            | Kind::Record { .. }
            | Kind::SecurityEvent
            | Kind::Cmtrace => ANYWHERE.clone(),
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
            Kind::Logfmt => logfmt::may_hold_behind(text, at, test),
            // Pairs in the message, or a context behind it.
            Kind::Freestyle(_) => logfmt::may_hold_behind(text, at, test) || object::may_hold_behind(text, at, test),
            _ => true,
        }
    }
}

/// A message template (https://messagetemplates.org) with the values of its entry in the places that name them; what none is for
/// stays as it is.
fn filled(template: &str, fields: &[Field]) -> String {
    let mut message = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, brace) = rest.split_at(at);
        message.push_str(before);
        let is_doubled = brace[1..].starts_with(&brace[..1]);
        let hole = brace.strip_prefix('{').filter(|_| !is_doubled).and_then(|inside| inside.split_once('}'));
        let value = hole.and_then(|(hole, _)| {
            let name = hole.split([',', ':']).next().unwrap_or_default().trim_start_matches(['@', '$']);
            fields.iter().find(|field| field.name == name)
        });
        match (value, hole) {
            (Some(field), Some((_, behind))) => {
                message.push_str(&field.value.to_string());
                rest = behind;
            }
            _ => {
                message.push_str(&brace[..1]);
                rest = &brace[1 + usize::from(is_doubled)..];
            }
        }
    }
    message + rest
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
