//! Reads query text: always an expression, and a list of what could not be read as meant.
//!
//! ```text
//! either  = all { "OR" all }
//! all     = term { [ "AND" ] term }
//! term    = { "NOT" | "-" | "!" | "+" } ( "(" either ")" | field | phrase | regex | word )
//! field   = name op value                  name is bare or quoted, no space before op …
//!         | name " " compare " " value     … or spaces on both sides
//!         | name ": " value                … or behind a colon, where that is no prose (`field::spaced_field_at`)
//! value   = "(" either of values, in which "," is OR ")" | phrase [ "*" ] | regex | [ compare ] word | ( "[" | "{" ) end "TO" end ( "]" | "}" )
//! end     = word | phrase
//! ```
//! A word ends at a space, a quote, or a parenthesis that is not paired inside it. The text is looked at term by term and
//! what a term is never depends on the terms around it; the printer relies on that.
//!
//! The filter ends at a `|` that begins a term, or ends a word, outside of parentheses: the [stages](stages) follow. So
//! `a|b` is a word, and quotes make text of any `|`.

use crate::say;

use super::pipe::Query;
use super::stars::{self, has_stars};
use super::{Comparison, Expr, Problem, Test};
pub use field::KNOWN_NAMES;
use field::{Operator, is_operator, may_stand_apart, operator_at};

mod advice;

mod barless;
pub use barless::with_bar;

mod field;

mod regex;

mod stages;
pub use stages::read_width;

/// Deeper parentheses are ignored, so that neither the parser nor an evaluation can run out of stack.
const MAX_DEPTH: u32 = 32;

/// Reads the filter of a query; what follows a `|` is for [`parse_query`]. Never fails: text that makes no sense is searched
/// for as it stands, or left out, with a [`Problem`].
///
/// ```
/// use model::query::{Expr, parse};
/// let (expr, problems) = parse("\"connection reset");
/// assert_eq!(expr, Expr::Phrase("connection reset".into()));
/// assert_eq!((problems[0].start, problems[0].end), (0, 17));
/// ```
pub fn parse(query: &str) -> (Expr, Vec<Problem>) {
    let mut parser = Parser::new(query);
    let filter = parser.whole();
    (filter, parser.into_problems())
}

/// Reads a query with its stages.
///
/// ```
/// use model::query::parse_query;
/// let (query, problems) = parse_query("status>=500 | count by service,level");
/// assert_eq!(query.to_string(), "status>=500 | count by service, level");
/// assert!(problems.is_empty());
/// ```
pub fn parse_query(text: &str) -> (Query, Vec<Problem>) {
    let mut parser = Parser::new(text);
    let filter = parser.whole();
    let stages = parser.stages();
    (Query { filter, stages }, parser.into_problems())
}

/// The text cut in two: the filter, and the stages with the `|` before them (empty where there are none).
pub fn split(text: &str) -> (&str, &str) {
    let mut parser = Parser::new(text);
    parser.whole();
    text.split_at(parser.at)
}

/// Reads what follows `where`: a filter in which columns of a table have names, too: `avg(took)>250ms`.
pub(super) fn parse_condition(text: &str) -> Expr {
    Parser { may_call: true, ..Parser::new(text) }.whole()
}

/// `-` and `!` negate what begins like this; before anything else they are text (`->`, `--force`).
pub(super) fn can_follow_minus(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '@' | '$' | '"' | '(' | '/' | '*') || !c.is_ascii() && !c.is_whitespace()
}

struct Parser<'q> {
    text: &'q str,
    at: usize,
    depth: u32,
    /// Set inside `field:( )`, where words are values of that field.
    field: Option<String>,
    /// Set inside `where`, where `avg(took)` is a name.
    may_call: bool,
    problems: Vec<Problem>,
}

const KEYWORDS: [&str; 3] = ["AND", "OR", "NOT"];

impl<'q> Parser<'q> {
    fn new(text: &'q str) -> Self {
        Self { text, at: 0, depth: 0, field: None, may_call: false, problems: Vec::new() }
    }

    fn into_problems(self) -> Vec<Problem> {
        let mut problems = self.problems;
        problems.sort_by_key(|problem| (problem.start, problem.end));
        problems
    }

    /// Everything up to the next stage or the end.
    fn whole(&mut self) -> Expr {
        let mut parts = Vec::new();
        loop {
            parts.extend(self.either());
            if self.rest().is_empty() || self.is_at_pipe() {
                return Expr::and(parts);
            }
            self.problem(self.at, self.at + 1, say!("This “)” closes nothing; it is ignored."));
            self.at += 1;
        }
    }

    /// A stage begins here.
    fn is_at_pipe(&self) -> bool {
        self.depth == 0 && self.rest().starts_with('|') && !self.rest().starts_with("||")
    }

    fn rest(&self) -> &'q str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn problem(&mut self, start: usize, end: usize, message: impl Into<String>) {
        let [start, end] = [start, end].map(|at| u32::try_from(at).unwrap_or(u32::MAX));
        self.problems.push(Problem { start, end, message: message.into() });
    }

    fn skip_space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// A keyword standing here by itself.
    fn keyword(&self) -> Option<&'static str> {
        let rest = self.rest();
        let stands_here = |keyword: &&'static str| {
            let is_small = || rest.get(..keyword.len()).is_some_and(|word| word.eq_ignore_ascii_case(keyword));
            rest.starts_with(*keyword) || *keyword != "NOT" && is_small() && self.joins_values(keyword.len())
        };
        let ends = |keyword: &&'static str| {
            let next = rest[keyword.len()..].chars().next();
            next.is_none_or(|c| c.is_whitespace() || matches!(c, '(' | ')' | '"' | '|'))
        };
        KEYWORDS.into_iter().find(|keyword| stands_here(keyword) && ends(keyword))
    }

    /// Whether a word of so many bytes stands between values of a field, where a keyword may be in small letters:
    /// `status:(404 or 503)`.
    fn joins_values(&self, n_bytes: usize) -> bool {
        let before = &self.text[..self.at];
        let after = self.text.get(self.at + n_bytes..).unwrap_or_default().trim_start();
        let is_bound = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',');
        let is_value = |word: Option<&str>| word.is_some_and(|word| !word.is_empty() && !KEYWORDS.contains(&word));
        let begins = || before.ends_with(|c: char| c.is_whitespace() || matches!(c, ')' | '"'));
        let has_left = || {
            let before = before.trim_end();
            before.ends_with(')') || is_value(before.rsplit(is_bound).next())
        };
        // At the end of the text the value behind it is yet to be typed.
        let has_right = || after.is_empty() || after.starts_with('(') || is_value(after.split(is_bound).next());
        self.field.is_some() && begins() && has_left() && has_right()
    }

    /// Between values of a field a comma means OR.
    fn is_at_comma(&self) -> bool {
        self.field.is_some() && self.rest().starts_with(',')
    }

    fn either(&mut self) -> Option<Expr> {
        let mut branches = Vec::new();
        // The span of an OR that has no right side yet.
        let mut open_or = None;
        loop {
            let branch = self.all();
            let or = (self.keyword() == Some("OR")).then(|| (self.at, self.at + 2));
            match (&branch, open_or, or) {
                (None, Some((start, end)), _) => self.problem(start, end, say!("OR needs something after it.")),
                (None, None, Some((start, end))) => self.problem(start, end, say!("OR needs something before it.")),
                _ => {}
            }
            branches.extend(branch);
            if self.is_at_comma() {
                self.at += 1;
                open_or = None;
                continue;
            }
            let Some((_, end)) = or else { break };
            self.at = end;
            open_or = or;
        }
        (!branches.is_empty()).then(|| Expr::or(branches))
    }

    fn all(&mut self) -> Option<Expr> {
        let mut parts = Vec::new();
        let mut open_and = None;
        loop {
            self.skip_space();
            match (self.peek(), self.keyword()) {
                (None | Some(')'), _) | (_, Some("OR")) => break,
                _ if self.is_at_pipe() || self.is_at_comma() => break,
                (_, Some("AND")) => {
                    if parts.is_empty() || open_and.is_some() {
                        self.problem(self.at, self.at + 3, say!("AND needs something before it."));
                    }
                    open_and = Some(self.at);
                    self.at += 3;
                }
                _ => {
                    open_and = None;
                    let has_left = !parts.is_empty();
                    parts.extend(self.term(has_left));
                }
            }
        }
        if let Some(start) = open_and
            && !parts.is_empty()
        {
            self.problem(start, start + 3, say!("AND needs something after it."));
        }
        (!parts.is_empty()).then(|| Expr::and(parts))
    }

    fn term(&mut self, has_left: bool) -> Option<Expr> {
        let start = self.at;
        let mut negated = false;
        loop {
            let mut chars = self.rest().chars();
            let (first, is_sign) = (chars.next(), chars.next().is_some_and(can_follow_minus));
            match first {
                _ if self.keyword() == Some("NOT") => {
                    self.at += 3;
                    self.skip_space();
                }
                Some('-' | '!') if is_sign => self.at += 1,
                // Other languages say so of a term that must hold, as all do here.
                Some('+') if is_sign => {
                    self.at += 1;
                    continue;
                }
                _ => break,
            }
            negated = !negated;
        }
        let nothing_follows = matches!(self.peek(), None | Some(')'))
            || self.keyword().is_some()
            || self.is_at_pipe()
            || self.is_at_comma();
        if nothing_follows && self.at > start {
            self.problem(start, start + 3, say!("NOT needs something after it."));
            return None;
        }
        let expr = if self.peek() == Some('(') {
            self.group()
        } else if let Some(name) = self.field.clone() {
            self.value(&name, Operator::Is)
        } else {
            self.plain_term(has_left)
        };
        expr.map(|expr| if negated { expr.negate() } else { expr })
    }

    fn group(&mut self) -> Option<Expr> {
        let start = self.at;
        self.at += 1;
        if self.depth == MAX_DEPTH {
            self.problem(start, start + 1, say!("This is nested too deeply; the parenthesis is ignored."));
            return None;
        }
        self.depth += 1;
        let inner = self.either();
        self.depth -= 1;
        let closed = self.peek() == Some(')');
        if closed {
            self.at += 1;
        } else {
            self.problem(start, start + 1, say!("This “(” is not closed; a “)” at the end is assumed."));
        }
        if inner.is_none() && closed {
            self.problem(start, self.at, say!("There is nothing between these parentheses; they are ignored."));
        }
        inner
    }

    fn plain_term(&mut self, has_left: bool) -> Option<Expr> {
        let start = self.at;
        if self.peek() == Some('"') {
            let text = self.quoted();
            if self.peek() == Some('*') {
                self.at += 1;
                return Some(if text.is_empty() { Expr::All } else { Expr::Prefix(text) });
            }
            if let Some((written, operator)) = operator_at(self.rest())
                && !text.is_empty()
                && self.value_starts_at(self.at + written.len())
            {
                self.at += written.len();
                return self.value(&text, operator);
            }
            self.leave_out_distance();
            return (!text.is_empty()).then_some(Expr::Phrase(text));
        }
        if let Some(pattern) = self.regex() {
            return pattern.map(Expr::Regex);
        }
        let end = start + bare_len(self.rest());
        if let Some((name, value_start)) = self.spaced_field_at(end) {
            self.at = value_start;
            return self.value(name, Operator::Is);
        }
        if self.awaits_value(end) {
            let field = &self.text[start..end];
            self.problem(
                start,
                end,
                say!("“{field}” needs a value; it is left out. As text, put it in quotes.", field),
            );
            self.at = end;
            return None;
        }
        if let Some((name, operator, value_start)) = self.field_at(end) {
            self.at = value_start;
            return self.value(name, operator);
        }
        self.at = end;
        let word = &self.text[start..end];
        self.hint_at_keywords(word, start, has_left);
        self.hint_at_call(word, start);
        self.hint_at_stage(start);
        self.word(word, start)
    }

    fn word(&mut self, word: &str, start: usize) -> Option<Expr> {
        if word == "*" {
            return Some(Expr::All);
        }
        if is_operator(word) {
            let message = say!("“{word}” compares a field with a value, as in status{word}500; it is left out.", word);
            self.problem(start, self.at, message);
            return None;
        }
        if word == "/" {
            self.problem(
                start,
                self.at,
                say!("A regular expression stands between slashes: /…/. This one is left out."),
            );
            return None;
        }
        if let Some(head) = word.strip_suffix('*')
            && !head.contains('*')
        {
            return Some(Expr::Prefix(head.to_owned()));
        }
        if has_stars(word) {
            return Some(Expr::Regex(stars::of_word(word)));
        }
        if word.bytes().all(|byte| byte.is_ascii_punctuation() && byte != b'_') {
            let message =
                say!("“{word}” has no letter and no digit; it is searched as it stands, in all of the text.", word);
            self.problem(start, self.at, message);
        }
        self.hint_at_signs_of_word(word, start);
        // What follows a slash could make it a regular expression, or a colon the name of a field, and a bar could begin a stage;
        // a phrase is certain.
        let bar_begins = word.starts_with('|') && !word.starts_with("||");
        let bar_ends = word.ends_with('|') && !word.ends_with("||");
        let colon_ends = word == ":" || word.strip_suffix(':').is_some_and(may_stand_apart);
        Some(if word.starts_with('/') || bar_begins || bar_ends || colon_ends {
            Expr::Phrase(word.to_owned())
        } else {
            Expr::Word(word.to_owned())
        })
    }

    /// The text of a quoted phrase. `\"` and `\\` stand for the character itself; an unclosed one goes to the end.
    fn quoted(&mut self) -> String {
        let start = self.at;
        let mut text = String::new();
        let mut chars = self.text[start + 1..].char_indices().peekable();
        while let Some((offset, c)) = chars.next() {
            match (c, chars.peek()) {
                ('"', _) => {
                    self.at = start + 1 + offset + 1;
                    return text;
                }
                ('\\', Some(&(_, escaped @ ('"' | '\\')))) => {
                    chars.next();
                    text.push(escaped);
                }
                _ => text.push(c),
            }
        }
        self.at = self.text.len();
        self.problem(start, self.at, say!("This quote is not closed; the phrase goes to the end."));
        text
    }
}

/// Length of the bare text that `text` begins with: at least one character, if there is any.
fn bare_len(text: &str) -> usize {
    let mut open = Vec::new();
    let mut end = text.len();
    for (at, c) in text.char_indices() {
        match c {
            _ if at == 0 && c != '(' => {}
            '(' if open.is_empty() && KEYWORDS.contains(&&text[..at]) => return at,
            '(' => open.push(at),
            ')' if open.pop().is_some() => {}
            '"' | ')' => {
                end = at;
                break;
            }
            '|' if open.is_empty() && ends_word_with_pipe(text, at) => return at,
            _ if c.is_whitespace() => {
                end = at;
                break;
            }
            _ => {}
        }
    }
    // A parenthesis without its partner is not the word's own.
    open.first().map_or(end, |&at| at)
}

/// Whether the `|` there stands apart from what follows, so that the next stage begins: `failed| count`.
fn ends_word_with_pipe(text: &str, at: usize) -> bool {
    text[at + 1..].chars().next().is_none_or(char::is_whitespace) && !text[..at].ends_with('|')
}

#[cfg(test)]
mod tests;
