//! Entries whose first line shows that they go on: where they end.
//!
//! An object goes on to its closing brace, a quoted cell to its closing quote, an XML element to its end tag, a block to an
//! empty line, a line that was written in parts (also in an object each) to its last part.

use memchr::{memchr2, memmem};

use super::json::{Members, unescaped};
use super::object::in_array;
use super::{cmtrace, list};

/// An entry that is not whole yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opening {
    /// Braces and brackets that are open.
    Object { depth: usize },
    /// A cell whose quote is open.
    Quote,
    /// Up to the end tag, given with its brackets. `indent`: bytes before the tag that begins it.
    Element { end: Vec<u8>, indent: usize },
    /// Up to the line in which the text that CMTrace shows ends.
    Framed,
    /// Up to the last part of a line of this stream.
    Part { stream: Vec<u8> },
    /// The same where each part stands in an object.
    ObjectPart { stream: Vec<u8> },
    /// So many lines more.
    Lines { left: usize },
    /// Up to a line that is empty, if that ends it, or begins the next block. `sized`: the value in it that is counted out,
    /// where its values may be.
    Block { start: Vec<u8>, ends_when_empty: bool, may_have_sized: bool, sized: Option<SizedValue> },
}

/// A value of any bytes, as the journal exports it: its name alone in a line, then its length (64 bits, the lowest first) and the
/// bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SizedValue {
    /// Bytes of the length; a line end may be among them.
    length: Vec<u8>,
    /// Bytes so far, those and line ends included.
    n_taken: u64,
}

/// Bytes of a length.
pub const LENGTH_BYTES: usize = 8;

impl SizedValue {
    /// Takes a line; whether more of the value follows.
    fn take(&mut self, line: &[u8]) -> bool {
        let n_missing = LENGTH_BYTES - self.length.len();
        self.length.extend(line.iter().copied().chain([b'\n']).take(n_missing));
        self.n_taken += line.len() as u64 + 1;
        let length = self.length.iter().rev().fold(0_u64, |sum, &byte| sum << 8 | u64::from(byte));
        self.length.len() < LENGTH_BYTES || self.n_taken <= length.saturating_add(LENGTH_BYTES as u64)
    }
}

/// Whether a line is the name of a value whose length follows.
pub fn names_sized(line: &[u8]) -> bool {
    let is_of_name = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
    line.len() <= 64 && line.iter().all(is_of_name) && line.first().is_some_and(|byte| !byte.is_ascii_digit())
}

/// What became of a line offered to an entry that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It belongs to the entry, which goes on.
    Inside,
    /// It is the entry's last line.
    Last,
    /// It belongs to another entry: this one ends before it.
    No,
}

impl Opening {
    pub fn take(&mut self, line: &[u8]) -> Taken {
        match self {
            Self::Object { depth } => {
                // An object that was cut off does not swallow those behind it.
                if line.first() == Some(&b'{')
                    && line.last() == Some(&b'}')
                    && open_depth(line, 0) == Some(0)
                    && line.len() > 2
                {
                    return Taken::No;
                }
                if *depth == 1 && list::begins_below(line, true) {
                    return Taken::No;
                }
                match open_depth(line, *depth) {
                    Some(0) => Taken::Last,
                    Some(open) => {
                        *depth = open;
                        Taken::Inside
                    }
                    None => Taken::No,
                }
            }
            Self::Quote => {
                if leaves_quote_open(line) {
                    Taken::Inside
                } else {
                    Taken::Last
                }
            }
            // An element that was cut off does not swallow the next; one inside of it stands deeper.
            Self::Element { end, indent } if indent_of(line) <= *indent && begins_element(line, name_in(&end[..])) => {
                Taken::No
            }
            Self::Element { end, .. } => match memmem::find(line, end) {
                Some(_) => Taken::Last,
                None => Taken::Inside,
            },
            // An entry that was cut off does not swallow the next.
            Self::Framed if cmtrace::begins(line) => Taken::No,
            Self::Framed if cmtrace::ends(line) => Taken::Last,
            Self::Framed => Taken::Inside,
            Self::Part { stream } => match part_of(line) {
                Some((own, _, is_partial)) if own == *stream => {
                    if is_partial {
                        Taken::Inside
                    } else {
                        Taken::Last
                    }
                }
                _ => Taken::No,
            },
            Self::ObjectPart { stream } => match object_part_of(line) {
                Some((own, is_partial)) if own == *stream => {
                    if is_partial {
                        Taken::Inside
                    } else {
                        Taken::Last
                    }
                }
                _ => Taken::No,
            },
            Self::Lines { left } => {
                *left = left.saturating_sub(1);
                if *left == 0 { Taken::Last } else { Taken::Inside }
            }
            Self::Block { start, ends_when_empty, may_have_sized, sized } => {
                if let Some(value) = sized
                    && !line.starts_with(start)
                {
                    if !value.take(line) {
                        *sized = None;
                    }
                    return Taken::Inside;
                }
                if *may_have_sized && names_sized(line) {
                    *sized = Some(SizedValue::default());
                    Taken::Inside
                } else if *ends_when_empty && line.is_empty() {
                    Taken::Last
                } else if line.starts_with(start) {
                    Taken::No
                } else {
                    Taken::Inside
                }
            }
        }
    }
}

/// What is open behind a line that begins `depth` deep; `None` where a string has no end or more is closed than open: then
/// the line is no part of a JSON text.
pub fn open_depth(line: &[u8], depth: usize) -> Option<usize> {
    let mut depth = depth;
    let mut at = 0;
    while let Some(byte) = line.get(at) {
        match byte {
            b'"' => {
                at += 1;
                loop {
                    at += memchr2(b'"', b'\\', line.get(at..)?)?;
                    if line[at] == b'"' {
                        break;
                    }
                    at += 2;
                }
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        at += 1;
    }
    Some(depth)
}

/// Whether a line that begins inside a quoted cell ends inside one: its quotes, doubled ones being two, are even in number.
pub fn leaves_quote_open(line: &[u8]) -> bool {
    memchr::memchr_iter(b'"', line).count().is_multiple_of(2)
}

/// The opening of a line that begins an object and does not close it.
pub fn of_object(line: &[u8]) -> Option<Opening> {
    let line = in_array(line).trim_ascii();
    if list::begins_below(line, false) {
        return None;
    }
    if line.first() != Some(&b'{') || line.strip_suffix(b",").unwrap_or(line).last() == Some(&b'}') && line.len() > 1 {
        return None;
    }
    let depth = open_depth(line, 0).filter(|&depth| depth > 0)?;
    Some(Opening::Object { depth })
}

/// Stream, start of the text, and whether more of the line follows, of a line as the container runtime interface has it:
/// `TIME STREAM TAG TEXT`, the tag `P` where the text was cut.
pub fn part_of(line: &[u8]) -> Option<(&[u8], usize, bool)> {
    let mut spaces = memchr::memchr_iter(b' ', line);
    let (time_end, stream_end) = (spaces.next()?, spaces.next()?);
    let tag_end = spaces.next().unwrap_or(line.len());
    let tag = &line[stream_end + 1..tag_end];
    let is_tag = matches!(tag.first(), Some(b'P' | b'F')) && tag.get(1).is_none_or(|byte| *byte == b':');
    is_tag.then(|| (&line[time_end + 1..stream_end], (tag_end + 1).min(line.len()), tag[0] == b'P'))
}

/// The opening of a line of which more follows.
pub fn of_part(line: &[u8]) -> Option<Opening> {
    let (stream, _, is_partial) = part_of(line)?;
    is_partial.then(|| Opening::Part { stream: stream.to_vec() })
}

/// Docker cuts a line that a program wrote into parts of so many bytes; the last one ends with the line end.
const OBJECT_PART_BYTES: usize = 16 << 10;

/// Stream, and whether more of the line follows, of a line as docker's default driver has it:
/// `{"log":"TEXT","stream":"STREAM","time":"TIME"}`.
fn object_part_of(line: &[u8]) -> Option<(&[u8], bool)> {
    let (mut log, mut stream) = (None, None);
    for (name, value) in Members::new(line, 0)? {
        match &line[name] {
            b"log" => log = Some(value.range),
            b"stream" => stream = Some(&line[value.range]),
            _ => {}
        }
    }
    let log = unescaped(std::str::from_utf8(&line[log?]).ok()?);
    Some((stream?, log.len() >= OBJECT_PART_BYTES && !log.ends_with('\n')))
}

/// The opening of an object that holds a part of a line, of which more follows.
pub fn of_object_part(line: &[u8]) -> Option<Opening> {
    // Nearly all lines are shorter.
    if line.len() < OBJECT_PART_BYTES {
        return None;
    }
    let (stream, is_partial) = object_part_of(line)?;
    is_partial.then(|| Opening::ObjectPart { stream: stream.to_vec() })
}

/// The opening of a line that begins one of these elements and does not end it.
pub fn of_element(line: &[u8], elements: &[String]) -> Option<Opening> {
    let name = element_of(line, elements)?;
    let end = format!("</{name}>").into_bytes();
    let is_whole = memmem::find(line, &end).is_some() || line.trim_ascii_end().ends_with(b"/>");
    (!is_whole).then(|| Opening::Element { end, indent: indent_of(line) })
}

/// Whether an object or an element begins at the left margin: the body of a message whose line says that one follows.
pub fn begins_body(line: &[u8]) -> bool {
    matches!(line, [b'{', ..] | [b'<', b'a'..=b'z' | b'A'..=b'Z' | b'?', ..])
}

/// The opening of a body that its first line does not end, whatever the names in it.
pub fn of_body(line: &[u8]) -> Option<Opening> {
    let Some(inside) = line.strip_prefix(b"<") else { return of_object(line) };
    let name = &inside[..inside.iter().position(|byte| matches!(byte, b' ' | b'\t' | b'>' | b'/'))?];
    let end = [&b"</"[..], name, b">"].concat();
    let is_whole = memmem::find(line, &end).is_some() || line.trim_ascii_end().ends_with(b"/>");
    (!is_whole && !name.starts_with(b"?")).then_some(Opening::Element { end, indent: 0 })
}

/// Whether a line may be a part of a body that is open: one that was cut off does not swallow the entries behind it.
pub fn may_be_in_body(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    match line {
        [] | [b'"' | b'{' | b'}' | b']' | b',', ..] | [b'['] | [b'[', b'"' | b'{' | b'[', ..] => true,
        [b'<', b'a'..=b'z' | b'A'..=b'Z' | b'/' | b'!', ..] => true,
        _ => memchr::memchr(b' ', line).is_none(),
    }
}

fn indent_of(line: &[u8]) -> usize {
    line.len() - line.trim_ascii_start().len()
}

/// The name in an end tag.
fn name_in(end: &[u8]) -> &[u8] {
    let name = end.strip_prefix(b"</").unwrap_or(end);
    name.strip_suffix(b">").unwrap_or(name)
}

fn begins_element(line: &[u8], name: &[u8]) -> bool {
    let behind = line.trim_ascii_start().strip_prefix(b"<").and_then(|inside| inside.strip_prefix(name));
    behind.is_some_and(|rest| rest.first().is_none_or(|byte| matches!(byte, b' ' | b'>' | b'\t' | b'/')))
}

/// Which of these elements a line begins.
pub fn element_of<'e>(line: &[u8], elements: &'e [String]) -> Option<&'e str> {
    elements.iter().find(|name| begins_element(line, name.as_bytes())).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_taken(mut opening: Opening, lines: &[&str]) -> Vec<Taken> {
        lines.iter().map(|line| opening.take(line.as_bytes())).collect()
    }

    #[test]
    fn an_object_ends_with_its_brace_and_braces_in_strings_do_not_count() {
        let opening = of_object(b"{").unwrap();
        let taken = lines_taken(opening, &[r#"  "a": "}\"{","#, r#"  "b": {"c": [1,"#, "2]}", "}"]);
        assert_eq!(taken, [Taken::Inside, Taken::Inside, Taken::Inside, Taken::Last]);
        assert_eq!(of_object(br#"{"a":1}"#), None);
        assert_eq!(of_object(br#"{"a":"cut of"#), None);
        assert_eq!(of_object(br#"[{"a":1},"#), None);
        assert_eq!(lines_taken(of_object(b"[{").unwrap(), &["\"a\": 1", "},"]), [Taken::Inside, Taken::Last]);
        assert_eq!(of_object(b"text {"), None);
    }

    #[test]
    fn an_object_that_was_cut_does_not_swallow_the_next_one() {
        let opening = of_object(br#"{"a": {"#).unwrap();
        assert_eq!(lines_taken(opening, &[r#"{"b":1}"#]), [Taken::No]);
    }

    #[test]
    fn an_element_ends_with_its_end_tag() {
        let elements = ["Event".to_owned()];
        let opening = of_element(b"<Event xmlns='x'>", &elements).unwrap();
        assert_eq!(lines_taken(opening, &["<System>", "</System></Event>"]), [Taken::Inside, Taken::Last]);
        for whole in ["<Event/>", "<Event><System/></Event>", "<Events>", "Event"] {
            assert_eq!(of_element(whole.as_bytes(), &elements), None, "{whole}");
        }
    }

    #[test]
    fn an_element_that_was_cut_does_not_swallow_the_next_one() {
        let elements = ["log4j:event".to_owned()];
        let opening = || of_element(b"<log4j:event level=\"ERROR\">", &elements).unwrap();
        assert_eq!(lines_taken(opening(), &["<log4j:message>x", "<log4j:event level=\"INFO\">"])[1], Taken::No);
        assert_eq!(lines_taken(opening(), &["<log4j:event/>"]), [Taken::No]);
        for inside in ["<log4j:events>", "  <log4j:event>", "text of <log4j:event>"] {
            assert_eq!(lines_taken(opening(), &[inside]), [Taken::Inside], "{inside}");
        }
    }

    #[test]
    fn a_cell_ends_with_its_quote() {
        assert_eq!(lines_taken(Opening::Quote, &["more \"\"text\"\"", "end\",1"]), [Taken::Inside, Taken::Last]);
    }

    #[test]
    fn a_line_in_objects_ends_with_the_part_that_has_its_end() {
        let part =
            |log: &str, stream: &str| format!(r#"{{"log":"{log}","stream":"{stream}","time":"2026-11-20T10:23:45Z"}}"#);
        let full = part(&"x".repeat(OBJECT_PART_BYTES), "stdout");
        let opening = || of_object_part(full.as_bytes()).unwrap();
        assert_eq!(lines_taken(opening(), &[&full, &part("end\\n", "stdout")]), [Taken::Inside, Taken::Last]);
        assert_eq!(lines_taken(opening(), &[&part("a program that ends without a line end", "stdout")]), [Taken::Last]);
        assert_eq!(lines_taken(opening(), &[&part("of another stream\\n", "stderr")]), [Taken::No]);
        let whole = "x".repeat(OBJECT_PART_BYTES - 1);
        for log in ["short".to_owned(), whole.clone(), format!("{whole}\\n")] {
            assert_eq!(of_object_part(part(&log, "stdout").as_bytes()), None);
        }
    }

    #[test]
    fn a_block_ends_before_the_next_or_behind_an_empty_line() {
        let block = |ends_when_empty| Opening::Block {
            start: b"__CURSOR=".to_vec(),
            ends_when_empty,
            may_have_sized: true,
            sized: None,
        };
        assert_eq!(lines_taken(block(true), &["A=1", ""]), [Taken::Inside, Taken::Last]);
        assert_eq!(lines_taken(block(true), &["__CURSOR=x"]), [Taken::No]);
        assert_eq!(lines_taken(block(false), &["", "__CURSOR=x"]), [Taken::Inside, Taken::No]);
        let sized = ["MESSAGE", "\u{4}\0\0\0\0\0\0\0a", "", "b", "A=1", ""];
        assert_eq!(lines_taken(block(true), &sized)[2..], [Taken::Inside, Taken::Inside, Taken::Inside, Taken::Last]);
        // Ten bytes: the length is a line end.
        let ten = ["MESSAGE", "", "\0\0\0\0\0\0\0four", "", "five", ""];
        assert_eq!(lines_taken(block(true), &ten)[3..], [Taken::Inside, Taken::Inside, Taken::Last]);
    }
}
