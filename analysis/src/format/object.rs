//! Entries that are one JSON object.

use model::entry::Value;

use super::clock::Clock;
use super::json::{Kind, Members, value_of};
use super::members::{HeadMembers, OpenMembers};
use super::vocabulary::Vocabulary;
use super::{Head, Parsed};

/// Dotted names longer than this are not well-known.
const LONGEST_NAME: usize = 64;
/// Deeper objects stay JSON text.
const DEEPEST: usize = 8;

/// The head of a line that begins with a JSON object of at least one member.
pub fn head(line: &[u8], vocabulary: &Vocabulary, clock: &mut Clock) -> Option<Head> {
    let mut found = HeadMembers::new(line, &vocabulary.levels, clock);
    let mut members = Members::new(line, 0)?;
    let n_members = read_members(line, &mut members, &mut Path::default(), vocabulary, &mut found);
    (n_members > 0 || members.well_formed() && line.len() == 2).then_some(found.head)
}

/// The dotted name of the object being read, and a dot.
#[derive(Clone, Copy)]
struct Path {
    bytes: [u8; LONGEST_NAME],
    len: usize,
}

impl Default for Path {
    fn default() -> Self {
        Self { bytes: [0; LONGEST_NAME], len: 0 }
    }
}

impl Path {
    fn with(&self, name: &[u8]) -> Option<Self> {
        let mut longer = *self;
        longer.bytes.get_mut(self.len..self.len + name.len())?.copy_from_slice(name);
        longer.len += name.len();
        Some(longer)
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// Offers the well-known members to `found`; returns how many there were in all, as far as it had to look.
fn read_members(
    line: &[u8],
    members: &mut Members,
    path: &mut Path,
    vocabulary: &Vocabulary,
    found: &mut HeadMembers,
) -> usize {
    let mut n_members = 0;
    for (name, value) in members.by_ref() {
        n_members += 1;
        let full = if path.len == 0 { None } else { Some(path.with(&line[name.clone()])) };
        let known = match &full {
            None => vocabulary.names.look_up(&line[name.clone()]),
            Some(Some(full)) => vocabulary.names.look_up(full.as_bytes()),
            Some(None) => continue,
        };
        if value.kind == Kind::Object {
            if known.goes_on
                && let Some(mut inner) = path.with(&line[name]).and_then(|path| path.with(b"."))
                && let Some(mut inner_members) = Members::new(line, value.range.start)
            {
                read_members(line, &mut inner_members, &mut inner, vocabulary, found);
            }
        } else if value.kind != Kind::Array
            && let Some(role) = known.role
            && &line[value.range.clone()] != b"null"
        {
            found.offer(role, value.range);
        }
        if found.complete() {
            break;
        }
    }
    n_members
}

/// Opens a JSON entry. What is not JSON in it (a line that was cut, text behind the object) is message.
pub fn parse(text: &str, vocabulary: &Vocabulary) -> Parsed {
    let mut open = OpenMembers::new(vocabulary);
    let well_formed = flatten(text, 0, "", 0, &mut open);
    let mut parsed = open.finish();
    if !well_formed && parsed.message.is_empty() {
        parsed.message = text.to_owned();
    }
    parsed
}

fn flatten(text: &str, at: usize, prefix: &str, depth: usize, open: &mut OpenMembers) -> bool {
    let Some(mut members) = Members::new(text.as_bytes(), at) else { return false };
    let mut well_formed = true;
    for (name, raw) in members.by_ref() {
        let name = super::json::unescaped(&text[name]);
        let name = if prefix.is_empty() { name.into_owned() } else { format!("{prefix}.{name}") };
        if raw.kind == Kind::Object && depth < DEEPEST {
            well_formed &= flatten(text, raw.range.start, &name, depth + 1, open);
            continue;
        }
        match value_of(text, &raw) {
            value @ (Value::Null | Value::Json(_)) => open.offer_plain(name, value),
            value => open.offer(name, &text[raw.range], value),
        }
    }
    well_formed && members.well_formed()
}

/// The field of this dotted name, not well-known, as [`parse`] finds it.
pub fn field(text: &str, name: &str) -> Option<Value> {
    field_inside(text, 0, name, 0)
}

fn field_inside(text: &str, at: usize, name: &str, depth: usize) -> Option<Value> {
    Members::new(text.as_bytes(), at)?.find_map(|(key, raw)| {
        let key = super::json::unescaped(&text[key]);
        let rest = name.strip_prefix(&*key)?;
        if raw.kind == Kind::Object && depth < DEEPEST {
            return field_inside(text, raw.range.start, rest.strip_prefix('.')?, depth + 1);
        }
        rest.is_empty().then(|| value_of(text, &raw))
    })
}
