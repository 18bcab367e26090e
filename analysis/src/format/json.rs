//! Walks a JSON object by its structure, without building values.
//!
//! Lenient: what follows the first thing that is not JSON is not visited, and what was visited before counts.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memchr2};

use super::written::Written;

/// A value as it stands in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw {
    pub kind: Kind,
    /// Of a string: the range between the quotes.
    pub range: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// A string with backslashes in it.
    EscapedText,
    Number,
    Word,
    Object,
    Array,
}

/// Walks over the members of one object.
pub struct Members<'a> {
    text: &'a [u8],
    at: usize,
    broken: bool,
}

impl<'a> Members<'a> {
    /// The members of the object that begins at `at`, or `None` if none does.
    pub fn new(text: &'a [u8], at: usize) -> Option<Self> {
        (text.get(at) == Some(&b'{')).then_some(Self { text, at: at + 1, broken: false })
    }

    /// The object ended, or is cut off, before anything that is not JSON.
    pub fn well_formed(&self) -> bool {
        !self.broken
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.text.get(self.at) {
            self.at += 1;
        }
    }

    /// At a quote; moves behind the closing one.
    #[inline]
    fn string(&mut self) -> Option<Raw> {
        let start = self.at + 1;
        let mut kind = Kind::Text;
        let mut at = start;
        loop {
            at += memchr2(b'"', b'\\', self.text.get(at..)?)?;
            if self.text[at] == b'"' {
                self.at = at + 1;
                return Some(Raw { kind, range: start..at });
            }
            kind = Kind::EscapedText;
            at += 2;
        }
    }

    /// At an opening bracket; moves behind the closing one.
    fn nested(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.text.get(self.at)? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Some(());
            }
        }
    }

    #[inline]
    fn value(&mut self) -> Option<Raw> {
        let start = self.at;
        let kind = match self.text.get(start)? {
            b'"' => return self.string(),
            b'{' => Kind::Object,
            b'[' => Kind::Array,
            b'-' | b'0'..=b'9' => Kind::Number,
            b'a'..=b'z' | b'N' => Kind::Word,
            _ => return None,
        };
        if matches!(kind, Kind::Object | Kind::Array) {
            self.nested()?;
        } else {
            let len = self.text[start..]
                .iter()
                .position(|byte| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r'))?;
            self.at = start + len;
        }
        Some(Raw { kind, range: start..self.at })
    }

    /// Behind the closing quote of a name.
    #[inline]
    fn value_of_name(&mut self) -> Option<Raw> {
        self.skip_space();
        if self.text.get(self.at) != Some(&b':') {
            return None;
        }
        self.at += 1;
        self.skip_space();
        self.value()
    }

    #[inline]
    fn member(&mut self) -> Option<(Range<usize>, Raw)> {
        self.skip_space();
        match self.text.get(self.at)? {
            b',' => self.at += 1,
            b'}' => return None,
            b'"' => {}
            _ => {
                self.broken = true;
                return None;
            }
        }
        self.skip_space();
        self.broken = true;
        if self.text.get(self.at) != Some(&b'"') {
            return None;
        }
        let name = self.string()?.range;
        let value = self.value_of_name()?;
        self.broken = false;
        Some((name, value))
    }
}

impl Iterator for Members<'_> {
    /// The name's range (between its quotes) and the value.
    type Item = (Range<usize>, Raw);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.member()
    }
}

/// Walks over the elements of one array.
pub struct Elements<'a> {
    members: Members<'a>,
}

impl<'a> Elements<'a> {
    /// Of no array: none.
    pub fn new(text: &'a [u8], array: &Raw) -> Self {
        let at = if array.kind == Kind::Array { array.range.start + 1 } else { text.len() };
        Self { members: Members { text, at, broken: false } }
    }
}

impl Iterator for Elements<'_> {
    type Item = Raw;

    fn next(&mut self) -> Option<Raw> {
        self.members.skip_space();
        if self.members.text.get(self.members.at) == Some(&b',') {
            self.members.at += 1;
            self.members.skip_space();
        }
        self.members.value()
    }
}

/// The value of a member whose name ends before `at`, at its closing quote, if one does.
pub fn value_behind(text: &[u8], at: usize) -> Option<Raw> {
    let mut members = Members { text, at: at + 1, broken: false };
    (text.get(at) == Some(&b'"')).then(|| members.value_of_name())?
}

/// The value typed; arrays and objects stay JSON text. `part`: the value's range of the text.
pub fn value_of(part: &str, kind: Kind) -> Written<'_> {
    match kind {
        Kind::Text => Written::Text(part.into()),
        Kind::EscapedText => Written::Text(unescaped(part)),
        Kind::Number => match part.parse::<i64>() {
            Ok(number) => Written::Int(number),
            // An integer beyond i64 (an id) would lose digits as a float.
            Err(_) if part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') => Written::Text(part.into()),
            Err(_) => part.parse().map_or_else(|_| Written::Text(part.into()), Written::Float),
        },
        Kind::Word => match part {
            "true" => Written::Bool(true),
            "false" => Written::Bool(false),
            "null" => Written::Null,
            _ => Written::Text(part.into()),
        },
        Kind::Object | Kind::Array => Written::Json(part),
    }
}

/// The inside of a JSON string without its escapes; as it stands if they are not valid.
pub fn unescaped(inside: &str) -> Cow<'_, str> {
    if memchr(b'\\', inside.as_bytes()).is_none() {
        return Cow::Borrowed(inside);
    }
    serde_json::from_str(&format!("\"{inside}\"")).map_or(Cow::Borrowed(inside), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use model::entry::Value;

    use super::*;

    fn members(text: &str) -> (Vec<(String, Value)>, bool) {
        let mut members = Members::new(text.as_bytes(), 0).unwrap();
        let list = members
            .by_ref()
            .map(|(name, raw)| (text[name].to_owned(), value_of(&text[raw.range], raw.kind).into()))
            .collect();
        (list, members.well_formed())
    }

    #[test]
    fn values_have_their_types_and_nested_ones_stay_text() {
        let (list, well_formed) = members(
            r#"{ "a" : "x\"y\n" , "b":-7,"c":1.5e3,"d":[1,"]"],"e":{"f":"}"},"g":null,"h":true,"i":98765432109876543210 }"#,
        );
        assert!(well_formed);
        let values: Vec<_> = list.into_iter().map(|(_, value)| value).collect();
        assert_eq!(
            values,
            [
                Value::Text("x\"y\n".into()),
                Value::Int(-7),
                Value::Float(1500.0),
                Value::Json(r#"[1,"]"]"#.into()),
                Value::Json(r#"{"f":"}"}"#.into()),
                Value::Null,
                Value::Bool(true),
                Value::Text("98765432109876543210".into()),
            ]
        );
    }

    #[test]
    fn members_before_a_break_count() {
        let (list, well_formed) = members(r#"{"a":1,"b":"cut o"#);
        assert_eq!(list, [("a".to_owned(), Value::Int(1))]);
        assert!(!well_formed);
        assert!(!members("{a:1}").1);
    }
}
