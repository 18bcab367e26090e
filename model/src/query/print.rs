//! Writes an expression as query text: `parse` of it gives the expression back.
//!
//! Each term is written as plainly as it can be: the printer offers the parser the bare form first and takes quotes only
//! where that reads differently. So the two cannot drift apart.

use std::fmt::{Display, Formatter, Result};

use super::parse::{can_follow_minus, parse, parse_condition};
use super::stars;
use super::{Comparison, Expr, Test};

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::All => Ok(()),
            other => f.write_str(&other.written(Place::Top)),
        }
    }
}

impl Display for Comparison {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::NotEqual => "!=",
        })
    }
}

/// What an expression stands in: decides where parentheses are needed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Top,
    Or,
    And,
    Not,
}

impl Expr {
    fn written(&self, place: Place) -> String {
        match self {
            Self::All => "*".to_owned(),
            Self::And(parts) => {
                let text = written_parts(parts, Place::And, " ");
                if place == Place::Not || place == Place::And { format!("({text})") } else { text }
            }
            Self::Or(parts) => {
                let text = written_parts(parts, Place::Or, " OR ");
                if place == Place::Top { text } else { format!("({text})") }
            }
            Self::Not(inner) => {
                let text = inner.written(Place::Not);
                match text.chars().next() {
                    Some(first) if can_follow_minus(first) => format!("-{text}"),
                    _ => format!("NOT {text}"),
                }
            }
            Self::Word(text) => self.plainest([bare(text), quoted(text)]),
            Self::Phrase(text) => quoted(text),
            Self::Prefix(text) => self.plainest([format!("{}*", bare(text)), format!("{}*", quoted(text))]),
            Self::Regex(pattern) => {
                let written = format!("/{pattern}/");
                self.plainest([
                    stars::word_of(pattern).filter(|text| bare(text) == *text).unwrap_or_else(|| written.clone()),
                    written,
                ])
            }
            Self::Field { name, test } => {
                let values = match test {
                    Test::Exists => [":*".to_owned(), ":*".to_owned()],
                    Test::Is(text) => [format!(":{}", bare_value(text)), format!(":{}", quoted(text))],
                    Test::Equals(text) => [format!("=={}", bare_value(text)), format!("=={}", quoted(text))],
                    Test::StartsWith(text) => [format!(":{}*", bare_value(text)), format!(":{}*", quoted(text))],
                    Test::Matches(pattern) => {
                        let written = format!(":/{pattern}/");
                        let with_stars = stars::value_of(pattern)
                            .filter(|text| bare_value(text) == *text)
                            .map(|text| format!(":{text}"));
                        [with_stars.unwrap_or_else(|| written.clone()), written]
                    }
                    Test::Within(network) => [format!(":{network}"), format!(":{network}")],
                    Test::Compare(op, text) => [format!("{op}{}", bare(text)), format!("{op}{}", quoted(text))],
                };
                let quoted_name = quoted(name);
                self.plainest([
                    format!("{name}{}", values[0]),
                    format!("{name}{}", values[1]),
                    format!("{quoted_name}{}", values[0]),
                    format!("{quoted_name}{}", values[1]),
                ])
            }
        }
    }

    /// The first form that the parser reads as this expression wherever it stands, else the last, which has the most quotes.
    fn plainest<const N: usize>(&self, forms: [String; N]) -> String {
        let last = forms[N - 1].clone();
        let reads_as_this = |form: &String| parse(form).0 == *self && parse_condition(form) == *self;
        forms.into_iter().find(reads_as_this).unwrap_or(last)
    }
}

fn written_parts(parts: &[Expr], place: Place, separator: &str) -> String {
    parts.iter().map(|part| part.written(place)).collect::<Vec<_>>().join(separator)
}

/// What follows could make a regular expression of a text that begins with a slash, so it is always quoted.
fn bare(text: &str) -> String {
    if text.starts_with('/') { quoted(text) } else { text.to_owned() }
}

/// The same holds for a value that begins with a bracket: it could become a range.
fn bare_value(text: &str) -> String {
    if text.starts_with(['[', '{']) { quoted(text) } else { bare(text) }
}

pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let needs_escape = match c {
            '"' => true,
            '\\' => matches!(chars.peek(), None | Some('"' | '\\')),
            _ => false,
        };
        if needs_escape {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}
