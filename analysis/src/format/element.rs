//! Entries that are one XML element: Windows events, the XML layouts of log4j and java.util.logging.
//!
//! Elements and attributes become fields with dotted names from the outermost element inwards: `System.EventID`,
//! `System.Provider.Name`. `<Data Name="User">ann</Data>` is a field `EventData.User`. Prefixes of names are left out.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memmem};
use model::entry::Value;

use super::clock::Clock;
use super::members::{HeadMembers, OpenMembers, typed};
use super::vocabulary::Vocabulary;
use super::{Head, Parsed};

/// Deeper elements belong to the text.
const DEEPEST: usize = 16;
/// An element with more parts is a dump; its first ones are enough.
const MOST_PARTS: usize = 512;

/// Which elements are entries.
#[derive(Debug)]
pub struct Elements {
    /// With their prefixes.
    pub names: Vec<String>,
    /// Dotted names of texts and attributes that each of them has.
    pub members: Vec<String>,
}

/// A text or an attribute with its dotted name.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    name: String,
    range: Range<usize>,
    /// Taken as it stands: no entities are meant.
    verbatim: bool,
}

pub fn head(text: &[u8], elements: &Elements, vocabulary: &Vocabulary, clock: &mut Clock) -> Option<Head> {
    super::opening::element_of(text, &elements.names)?;
    let text = std::str::from_utf8(text).ok()?;
    let parts = parts(text);
    if !elements.members.iter().all(|member| parts.iter().any(|part| part.name == *member)) {
        return None;
    }
    let mut found = HeadMembers::new(text.as_bytes(), &vocabulary.levels, clock);
    for part in parts {
        if let Some(role) = vocabulary.names.look_up(part.name.as_bytes()).role
            && !part.range.is_empty()
        {
            found.offer(role, part.range);
        }
    }
    Some(found.finish())
}

pub fn parse(text: &str, vocabulary: &Vocabulary) -> Parsed {
    let mut open = OpenMembers::new(vocabulary);
    for part in parts(text) {
        let written = &text[part.range];
        let value = if part.verbatim { written.into() } else { without_entities(written) };
        let value = match value {
            Cow::Borrowed(plain) => Value::from(typed(plain)),
            Cow::Owned(value) => Value::Text(value),
        };
        open.offer(part.name, written, value);
    }
    let mut parsed = open.finish();
    if parsed.message.is_empty() {
        parsed.message = if parsed.fields.is_empty() { text.to_owned() } else { summary(&parsed) };
    }
    parsed
}

/// Without an element for it, the message is what the entry's data says; `System` is about the event, not of it.
fn summary(parsed: &Parsed) -> String {
    let data = parsed.fields.iter().filter(|field| !field.name.starts_with("System."));
    let pairs = data.map(|field| format!("{}={}", field.name.rsplit('.').next().unwrap_or_default(), field.value));
    pairs.collect::<Vec<_>>().join(" ")
}

/// The texts and attributes in their order; an element without text is one part if it has no attributes either.
fn parts(text: &str) -> Vec<Part> {
    let bytes = text.as_bytes();
    let mut parts = Vec::new();
    let mut path: Vec<String> = Vec::new();
    let mut at = 0;
    while let Some(open) = memchr(b'<', &bytes[at..]).map(|len| at + len) {
        push_text(text, at..open, &path, &mut parts);
        if parts.len() >= MOST_PARTS {
            break;
        }
        if let Some(inside) = text[open..].strip_prefix("<![CDATA[") {
            let start = open + 9;
            let end = inside.find("]]>").map_or(text.len(), |len| start + len);
            if let Some(name) = name_of(&path) {
                parts.push(Part { name, range: start..end, verbatim: true });
            }
            at = (end + 3).min(text.len());
            continue;
        }
        let skipped = [("<!--", "-->"), ("<?", "?>"), ("<!", ">")];
        if let Some((_, end)) = skipped.iter().find(|(start, _)| text[open..].starts_with(start)) {
            at = memmem::find(&bytes[open..], end.as_bytes()).map_or(text.len(), |len| open + len + end.len());
            continue;
        }
        let Some(close) = end_of_tag(bytes, open) else { break };
        let tag = &text[open + 1..close];
        at = close + 1;
        if tag.starts_with('/') {
            path.pop();
            continue;
        }
        let (tag, is_empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        if path.len() >= DEEPEST {
            break;
        }
        read_tag(text, open + 1, tag, &mut path, &mut parts);
        if is_empty {
            path.pop();
        }
    }
    parts
}

/// The `>` of the tag that begins at `open`; quoted attributes may have one inside.
fn end_of_tag(bytes: &[u8], open: usize) -> Option<usize> {
    let mut quote = None;
    bytes[open..]
        .iter()
        .position(|&byte| {
            match quote {
                Some(mark) if byte == mark => quote = None,
                None if matches!(byte, b'"' | b'\'') => quote = Some(byte),
                _ => {}
            }
            byte == b'>' && quote.is_none()
        })
        .map(|len| open + len)
}

/// Goes into the element of a tag, whose text begins at `start`, and adds its attributes.
fn read_tag(text: &str, start: usize, tag: &str, path: &mut Vec<String>, parts: &mut Vec<Part>) {
    let name_len = tag.find(|c: char| c.is_ascii_whitespace()).unwrap_or(tag.len());
    let name = tag[..name_len].rsplit(':').next().unwrap_or_default();
    path.push(name.to_owned());
    let mut at = start + name_len;
    let end = start + tag.len();
    let mut attributes = Vec::new();
    while let Some(equals) = memchr(b'=', &text.as_bytes()[at..end]).map(|len| at + len) {
        let key = text[at..equals].trim();
        let Some(quote) = text[equals + 1..end].find(['"', '\'']).map(|len| equals + 1 + len) else { break };
        let mark = text.as_bytes()[quote];
        let Some(close) = memchr(mark, &text.as_bytes()[quote + 1..end]).map(|len| quote + 1 + len) else { break };
        attributes.push((key, quote + 1..close));
        at = close + 1;
    }
    // `<Data Name="User">` and `<property name="user" value="…">` are what their attribute says.
    let named = attributes.iter().find(|(key, _)| key.eq_ignore_ascii_case("name"));
    if let Some((_, range)) = named
        && matches!(name, "Data" | "data")
        && !text[range.clone()].is_empty()
    {
        *path.last_mut().expect("pushed above") = text[range.clone()].to_owned();
        return;
    }
    for (key, range) in attributes.iter().filter(|(key, _)| !key.starts_with("xmlns")) {
        let key = key.rsplit(':').next().unwrap_or_default();
        let prefix = name_of(path).map(|name| name + ".").unwrap_or_default();
        parts.push(Part { name: prefix + key, range: range.clone(), verbatim: false });
    }
}

/// The dotted name of the innermost element, the outermost one left out.
fn name_of(path: &[String]) -> Option<String> {
    (path.len() > 1).then(|| path[1..].join("."))
}

fn push_text(text: &str, range: Range<usize>, path: &[String], parts: &mut Vec<Part>) {
    let inside = &text[range.clone()];
    let trimmed = inside.trim();
    if trimmed.is_empty() {
        return;
    }
    let start = range.start + inside.len() - inside.trim_start().len();
    if let Some(name) = name_of(path) {
        parts.push(Part { name, range: start..start + trimmed.len(), verbatim: false });
    }
}

/// `&lt;` and its like as the characters they stand for.
fn without_entities(text: &str) -> Cow<'_, str> {
    if memchr(b'&', text.as_bytes()).is_none() {
        return text.into();
    }
    const ENTITIES: [(&str, &str); 5] =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    ENTITIES.iter().fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_attributes_have_dotted_names() {
        let text = r#"<Event xmlns="x"><System><Provider Name="a>b" /><EventID Qualifiers="0">7</EventID></System>
            <EventData><Data Name="User">ann &amp; bob</Data><Data>plain</Data></EventData><m:msg><![CDATA[a <b>]]></m:msg></Event>"#;
        let read: Vec<_> = parts(text).into_iter().map(|part| (part.name, &text[part.range])).collect();
        let read: Vec<_> = read.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        assert_eq!(
            read,
            [
                ("System.Provider.Name", "a>b"),
                ("System.EventID.Qualifiers", "0"),
                ("System.EventID", "7"),
                ("EventData.User", "ann &amp; bob"),
                ("EventData.Data", "plain"),
                ("msg", "a <b>"),
            ]
        );
        assert_eq!(without_entities("ann &amp; &lt;bob&gt;"), "ann & <bob>");
    }

    #[test]
    fn broken_elements_end_without_a_panic() {
        for text in [
            "<",
            "<a",
            "<a b=",
            "<a b='",
            "<a><",
            "</a></a>",
            "<![CDATA[x",
            "<!--",
            "<a b='>'",
            "<é>ü</é>",
            "<a =\"x\">",
        ] {
            parts(text);
        }
    }
}
