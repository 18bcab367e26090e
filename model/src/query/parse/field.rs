//! `name op value`: what is a field, and what only looks like one.

use crate::say;

use crate::network::Network;

use super::super::own::own_field;
use super::super::pipe::Aggregate;
use super::super::stars::{self, has_stars};
use super::super::time::is_time_name;
use super::{Comparison, Expr, KEYWORDS, Parser, Test, bare_len, regex};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Is,
    Equals,
    /// By a regular expression, as PromQL and LogQL write it; text, unless an expression follows.
    Matches,
    MatchesNot,
    Compare(Comparison),
}

/// Longest first.
const OPERATORS: &[(&str, Operator)] = &[
    (":", Operator::Is),
    ("==", Operator::Equals),
    ("=~", Operator::Matches),
    ("~", Operator::Matches),
    ("!~", Operator::MatchesNot),
    ("=", Operator::Is),
    ("!=", Operator::Compare(Comparison::NotEqual)),
    ("<=", Operator::Compare(Comparison::LessOrEqual)),
    (">=", Operator::Compare(Comparison::GreaterOrEqual)),
    ("<", Operator::Compare(Comparison::Less)),
    (">", Operator::Compare(Comparison::Greater)),
];

pub(super) fn operator_at(text: &str) -> Option<(&'static str, Operator)> {
    OPERATORS
        .iter()
        .find(|(written, operator)| {
            let Some(value) = text.strip_prefix(written) else { return false };
            !matches!(operator, Operator::Matches | Operator::MatchesNot) || value.starts_with(['/', '"'])
        })
        .copied()
}

pub(super) fn is_operator(word: &str) -> bool {
    OPERATORS.iter().any(|&(written, _)| written == word && word != ":")
}

/// Names that mean something of every entry.
pub const KNOWN_NAMES: [&str; 12] = [
    "level",
    "severity",
    "time",
    "service",
    "source",
    "message",
    "format",
    "template",
    "trace",
    "trace_id",
    "span_id",
    "malformed_id",
];

impl<'q> Parser<'q> {
    /// The field name that stands here, if what stands here could be one.
    fn leading_name(&self) -> Option<&'q str> {
        let rest = self.rest();
        let name = leading_name(rest)?;
        if self.may_call
            && Aggregate::read(name).is_some()
            && let Some(called) = rest[name.len()..].strip_prefix('(')
            && let Some(end) = called.find(')')
            && !called[..end].contains(|c: char| c.is_whitespace() || matches!(c, '(' | '"' | '|'))
        {
            return Some(&rest[..name.len() + 1 + end + 1]);
        }
        Some(name)
    }

    /// Whether the bare text up to `end` is a field whose value is yet to be typed: `level>=`, `service:`.
    ///
    /// Any other name before a colon is prose (`ERROR:`).
    pub(super) fn awaits_value(&self, end: usize) -> bool {
        let Some(name) = self.leading_name() else { return false };
        let after_name = self.at + name.len();
        let Some((written, operator)) = operator_at(&self.text[after_name..end.max(after_name)]) else { return false };
        let is_field = matches!(operator, Operator::Compare(_))
            || KNOWN_NAMES.iter().any(|known| name.eq_ignore_ascii_case(known));
        is_field && after_name + written.len() == end && !self.value_starts_at(end)
    }

    /// The field that the bare text up to `end` is or begins: its name, operator, and where its value begins.
    pub(super) fn field_at(&mut self, end: usize) -> Option<(&'q str, Operator, usize)> {
        let start = self.at;
        let name = self.leading_name()?;
        let after_name = start + name.len();
        if let Some((written, operator)) = operator_at(&self.text[after_name..]) {
            let value_start = after_name + written.len();
            if !self.value_starts_at(value_start) {
                if written != "==" && value_start == end {
                    let value = self.text[end..].trim_start();
                    let value = &value[..bare_len(value)];
                    let message = if written == ":" && may_stand_apart(name) && leading_name(value).is_some() {
                        say!(
                            "A field needs a value right after “:”; this is searched as text. Write {name}:{value} if you mean the field.",
                            name,
                            value
                        )
                    } else {
                        say!("A field needs a value right after “{written}”; this is searched as text.", written)
                    };
                    self.problem(start, end, message);
                }
                return None;
            }
            let value = &self.text[value_start..end.max(value_start)];
            let reads_as_text = reads_as_text(name, written, value);
            return (!reads_as_text).then_some((name, operator, value_start));
        }
        if after_name != end {
            return None;
        }
        let after_space = self.text[end..].trim_start();
        let (written, operator) = operator_at(after_space).filter(|&(written, _)| written != ":")?;
        let after_operator = &after_space[written.len()..];
        let spaced = after_space.len() < self.text.len() - end && after_operator.starts_with(char::is_whitespace);
        let value_start = self.text.len() - after_operator.trim_start().len();
        (spaced && self.value_starts_at(value_start)).then_some((name, operator, value_start))
    }

    /// The field before a colon that has a space behind it, or on both sides, and where its value begins: `status: (404 or 503)`,
    /// `status : 404`, as other languages write it.
    ///
    /// Prose has such colons as well (`error: disk full`): behind one the value must look like one, or the name be one that every
    /// entry has.
    pub(super) fn spaced_field_at(&self, end: usize) -> Option<(&'q str, usize)> {
        let name = self.leading_name().filter(|name| may_stand_apart(name))?;
        let after_name = self.at + name.len();
        let after_colon = match self.text.get(after_name..end)? {
            ":" => &self.text[end..],
            "" => self.text[end..].trim_start().strip_prefix(':')?,
            _ => return None,
        };
        let value = after_colon.trim_start();
        let word = &value[..bare_len(value)];
        let looks_so = word == "*" || value.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '"' | '(' | '['));
        let is_meant =
            looks_so || after_name == end || KNOWN_NAMES.iter().any(|known| name.eq_ignore_ascii_case(known));
        let is_text = value.len() == after_colon.len()
            || value.is_empty()
            || value.starts_with([')', '|'])
            || KEYWORDS.contains(&word)
            || reads_as_text(name, ":", word);
        (is_meant && !is_text).then(|| (name, self.text.len() - value.len()))
    }

    pub(super) fn value_starts_at(&self, at: usize) -> bool {
        self.text[at..].chars().next().is_some_and(|c| !c.is_whitespace() && c != ')')
    }

    pub(super) fn value(&mut self, name: &str, operator: Operator) -> Option<Expr> {
        let start = self.at;
        let field = |test| Expr::Field { name: name.to_owned(), test };
        if matches!(operator, Operator::Matches | Operator::MatchesNot) {
            let pattern = match self.peek() {
                Some('"') => {
                    let pattern = regex::between_slashes(&self.quoted());
                    let n_problems = self.problems.len();
                    let is_readable = self.check_regex(&pattern, start);
                    for problem in &mut self.problems[n_problems..] {
                        // Between quotes characters stand elsewhere than in the pattern.
                        (problem.start, problem.end) = (start as u32, self.at as u32);
                    }
                    Some(pattern).filter(|pattern| is_readable && !pattern.is_empty())
                }
                _ => match self.regex() {
                    Some(pattern) => pattern,
                    None => {
                        self.at += bare_len(self.rest());
                        self.problem(start, self.at, regex::NOT_CLOSED);
                        None
                    }
                },
            };
            let matches =
                pattern.filter(|_| self.check_pattern(name, start)).map(|pattern| field(Test::Matches(pattern)));
            return if operator == Operator::Matches { matches } else { matches.map(Expr::negate) };
        }
        match self.peek() {
            Some('(') => return self.values(name, operator),
            Some('"') => {
                let text = self.quoted();
                if self.peek() == Some('*') && operator == Operator::Is {
                    self.at += 1;
                    if !text.is_empty() && !self.check_pattern(name, start) {
                        return None;
                    }
                    return Some(field(if text.is_empty() { Test::Exists } else { Test::StartsWith(text) }));
                }
                if operator == Operator::Is {
                    self.hint_at_quoted_network(&text, start);
                }
                let is_one = self.check_value(name, &text, start);
                self.leave_out_distance();
                return is_one.then(|| field(operator.test(asked_value(name, &text).to_owned())));
            }
            _ => {}
        }
        if operator == Operator::Is {
            if let Some(pattern) = self.regex() {
                let pattern = pattern.filter(|_| self.check_pattern(name, start));
                return pattern.map(|pattern| field(Test::Matches(pattern)));
            }
            if let Some(range) = self.range(name) {
                return range;
            }
            let compared = operator_at(self.rest())
                .filter(|&(written, inner)| inner != Operator::Is && self.value_starts_at(self.at + written.len()));
            if let Some((written, inner)) = compared {
                self.at += written.len();
                return self.value(name, inner);
            }
        }
        // A keyword directly after the operator is the value; everything else bare reads as a word does.
        self.at += self.bare_value_len();
        let text = &self.text[start..self.at];
        if operator == Operator::Is {
            if text == "*" {
                return Some(field(Test::Exists));
            }
            // Stars in a path are part of its test.
            let is_path = name.eq_ignore_ascii_case("source");
            if let Some(head) = text.strip_suffix('*')
                && (is_path || !head.contains('*'))
            {
                return self.check_pattern(name, start).then(|| field(Test::StartsWith(head.to_owned())));
            }
            if let Some(network) = Network::read(text).filter(|_| !is_path) {
                return self.check_pattern(name, start).then(|| field(Test::Within(network)));
            }
            if has_stars(text) && !is_path {
                return self.check_pattern(name, start).then(|| field(Test::Matches(stars::of_value(text))));
            }
            self.hint_at_existence(name, text, start);
            self.hint_at_signs(name, text, start);
        }
        if operator == Operator::Compare(Comparison::NotEqual)
            && let Some(network) = Network::read(text)
        {
            return Some(Expr::and(vec![field(Test::Exists), field(Test::Within(network)).negate()]));
        }
        if let Operator::Compare(comparison) = operator {
            self.hint_at_text_order(name, comparison, text, start);
        }
        let is_one = self.check_value(name, text, start);
        if is_one {
            self.hint_at_clock(name, text, start);
        }
        is_one.then(|| field(operator.test(asked_value(name, text).to_owned())))
    }

    /// Length of the bare value that stands here: among values of a field it ends at a comma.
    fn bare_value_len(&self) -> usize {
        let len = bare_len(self.rest());
        if self.field.is_none() {
            return len;
        }
        let mut depth = 0_i32;
        let comma = self.rest()[..len].char_indices().find(|&(at, c)| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            c == ',' && at > 0 && depth == 0
        });
        comma.map_or(len, |(at, _)| at)
    }

    /// `[400 TO 499]`, with `{ }` where the end itself is left out and `*` where there is none: two comparisons. `None`: no range;
    /// an end that cannot be read is left out, and so is a range without any.
    pub(super) fn range(&mut self, name: &str) -> Option<Option<Expr>> {
        let least = match self.peek()? {
            '[' => Comparison::GreaterOrEqual,
            '{' => Comparison::Greater,
            _ => return None,
        };
        let start = self.at;
        let Some(length) = self.rest().find([']', '}']).map(|at| at + 1) else {
            // Words behind a bracket may be meant as they are; not those of a range that has been begun.
            let mut words = self.rest().split_whitespace();
            let is_begun = words.clone().nth(1).is_some_and(|word| word.eq_ignore_ascii_case("to"))
                || words.any(|word| word == "TO");
            return is_begun.then(|| {
                self.at = self.text.len();
                let message = say!("The range is not finished: {name}:[400 TO 499], or * for an open end.", name);
                self.problem(start, self.at, message);
                None
            });
        };
        let most = if self.rest()[..length].ends_with(']') { Comparison::LessOrEqual } else { Comparison::Less };
        let ends = &self.rest()[1..length - 1];
        let is_outside_quotes = |&at: &usize| ends[..at].matches('"').count().is_multiple_of(2);
        let lower = ends.to_ascii_lowercase();
        let between = lower.match_indices(" to ").map(|(at, _)| at).find(is_outside_quotes)?;
        let (from, to) = (&ends[..between], &ends[between + " to ".len()..]);
        let (from, to) = (bound(name, from)?, bound(name, to)?);
        self.at += length;
        let mut tests = Vec::new();
        for (comparison, bound) in [(least, from), (most, to)] {
            if bound != "*" && self.check_value(name, bound, start) {
                self.hint_at_text_order(name, comparison, bound, start);
                let test = Test::Compare(comparison, bound.to_owned());
                tests.push(Expr::Field { name: name.to_owned(), test });
            }
        }
        if (from, to) == ("*", "*") {
            tests.push(Expr::Field { name: name.to_owned(), test: Test::Exists });
        }
        Some((!tests.is_empty()).then(|| Expr::and(tests)))
    }

    /// `field:(a OR b)`
    pub(super) fn values(&mut self, name: &str, operator: Operator) -> Option<Expr> {
        let start = self.at;
        let outer = self.field.replace(name.to_owned());
        let inner = self.group();
        self.field = outer;
        let written = match operator {
            Operator::Is => {
                self.hint_at_several_values(name, start, inner.as_ref());
                return inner;
            }
            Operator::Equals => "==".to_owned(),
            Operator::Matches => "~".to_owned(),
            Operator::MatchesNot => "!~".to_owned(),
            Operator::Compare(comparison) => comparison.to_string(),
        };
        let message = say!("“{written}” takes one value; for several write {name}:( ) or -{name}:( ).", written, name);
        self.problem(start, start + 1, message);
        if operator == Operator::Compare(Comparison::NotEqual) { inner.map(Expr::negate) } else { inner }
    }
}

/// One end of a range: a word, anything in quotes, a time with a space in it.
fn bound<'t>(name: &str, text: &'t str) -> Option<&'t str> {
    let text = text.trim();
    let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let is_one = quoted.is_some() || !text.contains(char::is_whitespace) || is_time_name(name);
    let bound = quoted.unwrap_or(text);
    (is_one && !bound.is_empty() && !bound.contains(['"', '\\'])).then_some(bound)
}

/// Of a whole header that is pasted behind `trace:` the id: `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01` (W3C Trace
/// Context).
fn asked_value<'t>(name: &str, text: &'t str) -> &'t str {
    let is_hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let parts: Vec<&str> = text.split('-').collect();
    match parts[..] {
        [version, id, span, flags]
            if name.eq_ignore_ascii_case("trace")
                && [version, id, span, flags].map(str::len) == [2, 32, 16, 2]
                && parts.iter().all(|part| is_hex(part)) =>
        {
            id
        }
        _ => text,
    }
}

impl Operator {
    fn test(self, text: String) -> Test {
        match self {
            Self::Is => Test::Is(text),
            Self::Equals => Test::Equals(text),
            Self::Matches | Self::MatchesNot => Test::Matches(text),
            Self::Compare(comparison) => Test::Compare(comparison, text),
        }
    }
}

/// The field name that `text` begins with, if what it begins with could be one.
pub(super) fn leading_name(text: &str) -> Option<&str> {
    if let Some(name) = text.strip_prefix('.').and_then(leading_name) {
        return own_field(&text[..name.len() + 1]).map(|_| &text[..name.len() + 1]);
    }
    let first = text.chars().next()?;
    if !first.is_alphabetic() && !matches!(first, '_' | '@' | '$') {
        return None;
    }
    let is_name_char = |c: char| c.is_alphanumeric() || matches!(c, '_' | '@' | '$' | '.' | '-' | '/');
    let name = &text[..text.find(|c| !is_name_char(c)).unwrap_or(text.len())];
    name.ends_with(|c: char| !matches!(c, '.' | '-' | '/')).then_some(name)
}

/// Whether its colon may have spaces around it: `ERROR: x` and `Content-Length: 5` are prose.
pub(super) fn may_stand_apart(name: &str) -> bool {
    let begins_so = |c: char| c.is_lowercase() || matches!(c, '_' | '@' | '.');
    name.starts_with(begins_so) && !name.contains('/') && leading_name(name) == Some(name)
}

/// Endings of source files, for `main.rs:42`.
const SOURCE_ENDINGS: &[&str] = &[
    "c", "cc", "cpp", "cs", "cxx", "dart", "ex", "exs", "go", "h", "hpp", "java", "js", "jsx", "kt", "lua", "mjs",
    "php", "pl", "py", "rb", "rs", "scala", "swift", "ts", "tsx",
];

/// Text with an operator in it that is no field: URLs, paths, places in source code, addresses, generics.
fn reads_as_text(name: &str, operator: &str, value: &str) -> bool {
    if operator == "<" {
        return value.contains('>');
    }
    if operator != ":" {
        return false;
    }
    let is_drive = name.len() == 1 && value.starts_with('/');
    let in_source = || {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending);
        ending.is_some_and(|ending| SOURCE_ENDINGS.contains(&ending)) && value.starts_with(|c: char| c.is_ascii_digit())
    };
    let is_hex = |part: &str| part.len() <= 4 && part.bytes().all(|b| b.is_ascii_hexdigit());
    let is_address = || value.contains(':') && is_hex(name) && value.split(':').all(is_hex);
    value.starts_with([':', '\\']) || value.starts_with("//") || is_drive || in_source() || is_address()
}
