//! Entries that are one JSON object.

use std::borrow::Cow;
use std::ops::Range;

use model::entry::Value;

use super::clock::Clock;
use super::envelope::Message;
use super::json::{Kind, Members, Raw, value_behind, value_of};
use super::list;
use super::members::{HeadMembers, OpenMembers};
use super::vocabulary::{Role, Vocabulary};
use super::written::Written;
use super::{Head, Parsed};
use crate::colour::plain_str;

/// Dotted names longer than this are not well-known.
const LONGEST_NAME: usize = 64;
/// Deeper objects stay JSON text.
const DEEPEST: usize = 8;

/// Where the object begins: at the first byte, or in an array that spans lines: indented, or behind its bracket; or as the
/// first of a [list].
fn start_of(text: &[u8]) -> usize {
    text.len() - in_array(text).len()
}

/// A line from where an object in it would begin.
pub fn in_array(line: &[u8]) -> &[u8] {
    if let Some(at) = list::first_item(line) {
        return &line[at..];
    }
    let behind_spaces = |text: &[u8]| text.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let line = &line[behind_spaces(line)..];
    let Some(inside) = line.strip_prefix(b"[") else { return line };
    let inside = &inside[behind_spaces(inside)..];
    if inside.first() == Some(&b'{') { inside } else { line }
}

/// The head of a line that begins with a JSON object of at least one member. `required`: names that must be among them.
pub fn head(line: &[u8], required: &[String], vocabulary: &Vocabulary, clock: &mut Clock) -> Option<Head> {
    let start = start_of(line);
    let mut members = Members::new(line, start)?;
    if !required.is_empty() && !has_all(line, required) {
        return None;
    }
    let mut found = HeadMembers::new(line, &vocabulary.levels, clock);
    let n_members = read_members(line, &mut members, &mut Path::default(), vocabulary, &mut found);
    (n_members > 0 || members.well_formed() && line.len() == start + 2).then(|| found.finish())
}

fn has_all(line: &[u8], required: &[String]) -> bool {
    // Most lines have not even the letters of the first.
    if required.first().is_some_and(|name| memchr::memmem::find(line, name.as_bytes()).is_none()) {
        return false;
    }
    let Some(members) = Members::new(line, start_of(line)) else { return false };
    let mut n_missing = required.len();
    for (name, _) in members {
        n_missing -= usize::from(required.iter().any(|wanted| wanted.as_bytes() == &line[name.clone()]));
        if n_missing == 0 {
            return true;
        }
    }
    false
}

/// The member that is the message, if it is a text.
pub fn message<'l>(line: &'l [u8], vocabulary: &Vocabulary) -> Option<Message<'l>> {
    let mut best = None;
    find_message(line, Members::new(line, start_of(line))?, &Path::default(), vocabulary, &mut best);
    match best? {
        (_, Raw { kind: Kind::Text, range }) => Some(Message::plain(line, range)),
        (_, Raw { kind: Kind::EscapedText, range }) => Some(Message::escaped(line, range)),
        _ => None,
    }
}

fn find_message(
    line: &[u8],
    members: Members<'_>,
    path: &Path,
    vocabulary: &Vocabulary,
    best: &mut Option<(u16, Raw)>,
) {
    for (name, value) in members {
        let known = match path.len {
            0 => vocabulary.names.look_up(&line[name.clone()]),
            _ => {
                path.with(&line[name.clone()]).map(|full| vocabulary.names.look_up(full.as_bytes())).unwrap_or_default()
            }
        };
        if value.kind == Kind::Object {
            if known.goes_on
                && let Some(inner) = path.with(&line[name]).and_then(|full| full.with(b"."))
                && let Some(members) = Members::new(line, value.range.start)
            {
                find_message(line, members, &inner, vocabulary, best);
            }
        } else if known.role == Some(Role::Message) && best.as_ref().is_none_or(|(rank, _)| known.rank < *rank) {
            *best = Some((known.rank, value));
        }
    }
}

/// What an object says beside its message and the value that the stamp stands in: names and values as they are written.
pub fn besides_message(line: &[u8], stamp: &Range<usize>, vocabulary: &Vocabulary) -> Vec<u8> {
    let mut besides = Vec::new();
    for (name, value) in Members::new(line, start_of(line)).into_iter().flatten() {
        let is_message = vocabulary.names.look_up(&line[name.clone()]).role == Some(Role::Message);
        if !is_message && !value.range.contains(&stamp.start) {
            besides.extend_from_slice(&line[name.start..value.range.end]);
        }
    }
    besides
}

/// The message that [`parse`] finds. `None`: only the opened entry tells, as where names have escapes in them.
pub fn said<'t>(text: &'t str, vocabulary: &Vocabulary) -> Option<Cow<'t, str>> {
    let line = text.as_bytes();
    let mut best = None;
    look_for_said(line, start_of(line), (&Path::default(), 0), vocabulary, &mut best)?;
    let (_, value) = best?;
    Some(match value.kind {
        Kind::EscapedText => super::json::unescaped(&text[value.range]),
        _ => text[value.range].into(),
    })
}

/// Whether it is found for good, so that nothing behind it matters. `path`, `depth`: of the object that begins at `at`.
fn look_for_said(
    line: &[u8],
    at: usize,
    (path, depth): (&Path, usize),
    vocabulary: &Vocabulary,
    best: &mut Option<(u16, Raw)>,
) -> Option<bool> {
    let mut members = Members::new(line, at)?;
    for (name, value) in members.by_ref() {
        let name = &line[name];
        if memchr::memchr(b'\\', name).is_some() {
            return None;
        }
        let full = if path.len == 0 { None } else { Some(path.with(name)) };
        let known = match &full {
            None => vocabulary.names.look_up(name),
            Some(Some(full)) => vocabulary.names.look_up(full.as_bytes()),
            Some(None) => continue,
        };
        let is_message = known.role == Some(Role::Message);
        if value.kind == Kind::Object && known.goes_on {
            let inner = path.with(name).and_then(|path| path.with(b".")).filter(|_| depth < DEEPEST)?;
            if look_for_said(line, value.range.start, (&inner, depth + 1), vocabulary, best)? {
                return Some(true);
            }
            continue;
        }
        let is_text = matches!(value.kind, Kind::Text | Kind::EscapedText);
        // Names in an object without a name begin anew.
        if is_message && !is_text || value.kind == Kind::Object && name.is_empty() {
            return None;
        }
        if is_message && best.as_ref().is_none_or(|(rank, _)| known.rank < *rank) {
            let is_best = known.rank == 0 && !value.range.is_empty();
            *best = Some((known.rank, value));
            if is_best {
                return Some(true);
            }
        }
    }
    members.well_formed().then_some(false)
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
    let well_formed = flatten(text, start_of(text.as_bytes()), "", 0, &mut open);
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
        let name = if prefix.is_empty() { name.into_owned() } else { [prefix, ".", &*name].concat() };
        if raw.kind == Kind::Object && depth < DEEPEST {
            well_formed &= flatten(text, raw.range.start, &name, depth + 1, open);
            continue;
        }
        let written = &text[raw.range];
        match value_of(written, raw.kind) {
            value @ (Written::Null | Written::Json(_)) => {
                match bytes_of(written).filter(|_| name == MESSAGE_OF_BYTES) {
                    Some(bytes) => {
                        let message = String::from_utf8_lossy(&bytes);
                        open.offer(name, written, Value::Text(plain_str(&message).into_owned()));
                    }
                    None => open.offer_plain(name, value.into()),
                }
            }
            value => open.offer(name, written, value.into()),
        }
    }
    well_formed && members.well_formed()
}

/// What systemd's journal calls the message, which it may write as a list of bytes.
const MESSAGE_OF_BYTES: &str = "MESSAGE";

/// A list of bytes: how systemd writes a text with colours, or one that is not UTF-8.
fn bytes_of(list: &str) -> Option<Vec<u8>> {
    let inside = list.strip_prefix('[')?.strip_suffix(']')?;
    inside.split(',').map(|byte| byte.trim().parse().ok()).collect()
}

/// Whether `test` holds for a field of this dotted name (its case ignored) that has no role.
pub fn any_field(text: &str, name: &str, test: &mut dyn FnMut(Written<'_>) -> bool) -> bool {
    let is_escaped = memchr::memchr(b'\\', text.as_bytes()).is_some();
    any_inside(text, start_of(text.as_bytes()), Wanted { name, rest: name, is_escaped }, 0, test)
}

#[derive(Clone, Copy)]
struct Wanted<'n> {
    name: &'n str,
    /// What is left of the name inside the object.
    rest: &'n str,
    /// There are escapes somewhere in the text.
    is_escaped: bool,
}

fn any_inside(
    text: &str,
    at: usize,
    wanted: Wanted<'_>,
    depth: usize,
    test: &mut dyn FnMut(Written<'_>) -> bool,
) -> bool {
    let Some(mut members) = Members::new(text.as_bytes(), at) else { return false };
    members.any(|(key, raw)| {
        let key = if wanted.is_escaped { super::json::unescaped(&text[key]) } else { text[key].into() };
        let Some((head, behind)) = wanted.rest.split_at_checked(key.len()) else { return false };
        if !head.eq_ignore_ascii_case(&key) {
            return false;
        }
        if raw.kind == Kind::Object && depth < DEEPEST {
            // Names inside an object without a name begin anew.
            let is_nameless = behind.len() == wanted.name.len();
            let inner = if is_nameless { Some(behind) } else { behind.strip_prefix('.') };
            return inner
                .is_some_and(|rest| any_inside(text, raw.range.start, Wanted { rest, ..wanted }, depth + 1, test));
        }
        behind.is_empty() && test(value_of(&text[raw.range], raw.kind))
    })
}

/// Whether `test` may hold for a member whose name ends before `at`; of objects only the opened entry tells.
pub fn may_hold_behind(text: &[u8], at: usize, test: &mut dyn FnMut(Written<'_>) -> bool) -> bool {
    let Some(raw) = value_behind(text, at) else { return false };
    raw.kind == Kind::Object
        || std::str::from_utf8(&text[raw.range]).map_or(true, |part| test(value_of(part, raw.kind)))
}
