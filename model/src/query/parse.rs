//! Reads query text: always an expression, and a list of what could not be read as meant.
//!
//! ```text
//! either  = all { "OR" all }
//! all     = term { [ "AND" ] term }
//! term    = { "NOT" | "-" | "!" } ( "(" either ")" | field | phrase | regex | word )
//! field   = name op value                  name is bare or quoted, no space before op …
//!         | name " " compare " " value     … or spaces on both sides, not for ":"
//! value   = "(" either of values ")" | phrase [ "*" ] | regex | [ compare ] word | ( "[" | "{" ) word "TO" word ( "]" | "}" )
//! ```
//! A word ends at a space, a quote, or a parenthesis that is not paired inside it. The text is looked at term by term and
//! what a term is never depends on the terms around it; the printer relies on that.
//!
//! The filter ends at a `|` that begins a term, or ends a word, outside of parentheses: the [stages](stages) follow. So
//! `a|b` is a word, and quotes make text of any `|`.

use super::level::{Levels, is_level_name, suggestion};
use super::own::own_field;
use super::pipe::{Aggregate, Query};
use super::{Comparison, Expr, Problem, Test};

mod stages;

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

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Is,
    Equals,
    Compare(Comparison),
}

/// Longest first.
const OPERATORS: &[(&str, Operator)] = &[
    (":", Operator::Is),
    ("==", Operator::Equals),
    ("=", Operator::Is),
    ("!=", Operator::Compare(Comparison::NotEqual)),
    ("<=", Operator::Compare(Comparison::LessOrEqual)),
    (">=", Operator::Compare(Comparison::GreaterOrEqual)),
    ("<", Operator::Compare(Comparison::Less)),
    (">", Operator::Compare(Comparison::Greater)),
];

fn operator_at(text: &str) -> Option<(&'static str, Operator)> {
    OPERATORS.iter().find(|(written, _)| text.starts_with(written)).copied()
}

fn is_operator(word: &str) -> bool {
    OPERATORS.iter().any(|&(written, _)| written == word && word != ":")
}

/// Fields that every entry can have.
const WELL_KNOWN: [&str; 9] =
    ["level", "severity", "service", "source", "message", "format", "template", "trace_id", "span_id"];

const KEYWORDS: [&str; 3] = ["AND", "OR", "NOT"];

/// What people write who mean a keyword.
const NEAR_KEYWORDS: &[(&str, &str)] = &[("and", "AND"), ("or", "OR"), ("not", "NOT"), ("&&", "AND"), ("||", "OR")];

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
            self.problem(self.at, self.at + 1, "This “)” closes nothing; it is ignored.");
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
        KEYWORDS.into_iter().find(|keyword| {
            self.rest().strip_prefix(keyword).is_some_and(|after| {
                after.chars().next().is_none_or(|c| c.is_whitespace() || matches!(c, '(' | ')' | '"' | '|'))
            })
        })
    }

    fn either(&mut self) -> Option<Expr> {
        let mut branches = Vec::new();
        // The span of an OR that has no right side yet.
        let mut open_or = None;
        loop {
            let branch = self.all();
            let or = (self.keyword() == Some("OR")).then(|| (self.at, self.at + 2));
            match (&branch, open_or, or) {
                (None, Some((start, end)), _) => self.problem(start, end, "OR needs something after it."),
                (None, None, Some((start, end))) => self.problem(start, end, "OR needs something before it."),
                _ => {}
            }
            branches.extend(branch);
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
                _ if self.is_at_pipe() => break,
                (_, Some("AND")) => {
                    if parts.is_empty() || open_and.is_some() {
                        self.problem(self.at, self.at + 3, "AND needs something before it.");
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
            self.problem(start, start + 3, "AND needs something after it.");
        }
        (!parts.is_empty()).then(|| Expr::and(parts))
    }

    fn term(&mut self, has_left: bool) -> Option<Expr> {
        let start = self.at;
        let mut negated = false;
        loop {
            let mut chars = self.rest().chars();
            if self.keyword() == Some("NOT") {
                self.at += 3;
                self.skip_space();
            } else if matches!(chars.next(), Some('-' | '!')) && chars.next().is_some_and(can_follow_minus) {
                self.at += 1;
            } else {
                break;
            }
            negated = !negated;
        }
        let nothing_follows = matches!(self.peek(), None | Some(')')) || self.keyword().is_some() || self.is_at_pipe();
        if nothing_follows && self.at > start {
            self.problem(start, start + 3, "NOT needs something after it.");
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
            self.problem(start, start + 1, "This is nested too deeply; the parenthesis is ignored.");
            return None;
        }
        self.depth += 1;
        let inner = self.either();
        self.depth -= 1;
        let closed = self.peek() == Some(')');
        if closed {
            self.at += 1;
        } else {
            self.problem(start, start + 1, "This “(” is not closed; a “)” at the end is assumed.");
        }
        if inner.is_none() && closed {
            self.problem(start, self.at, "There is nothing between these parentheses; they are ignored.");
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
            return (!text.is_empty()).then_some(Expr::Phrase(text));
        }
        if let Some(pattern) = self.regex() {
            return pattern.map(Expr::Regex);
        }
        let end = start + bare_len(self.rest());
        if self.awaits_value(end) {
            let field = &self.text[start..end];
            self.problem(start, end, format!("“{field}” needs a value; it is left out. As text, put it in quotes."));
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
        self.word(word, start)
    }

    fn word(&mut self, word: &str, start: usize) -> Option<Expr> {
        if word == "*" {
            return Some(Expr::All);
        }
        if is_operator(word) {
            let message = format!("“{word}” compares a field with a value, as in status{word}500; it is left out.");
            self.problem(start, self.at, message);
            return None;
        }
        if word == "/" {
            self.problem(start, self.at, "A regular expression stands between slashes: /…/. This one is left out.");
            return None;
        }
        if let Some(head) = word.strip_suffix('*') {
            self.check_stars(head, start);
            return Some(Expr::Prefix(head.to_owned()));
        }
        self.check_stars(word, start);
        if word.bytes().all(|byte| byte.is_ascii_punctuation() && byte != b'_') {
            let message =
                format!("“{word}” has no letter and no digit; it is searched as it stands, in all of the text.");
            self.problem(start, self.at, message);
        }
        // What follows a slash could make it a regular expression, and a bar could begin a stage; a phrase is certain.
        let bar_begins = word.starts_with('|') && !word.starts_with("||");
        let bar_ends = word.ends_with('|') && !word.ends_with("||");
        Some(if word.starts_with('/') || bar_begins || bar_ends {
            Expr::Phrase(word.to_owned())
        } else {
            Expr::Word(word.to_owned())
        })
    }

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
    fn awaits_value(&self, end: usize) -> bool {
        let Some(name) = self.leading_name() else { return false };
        let after_name = self.at + name.len();
        let Some((written, operator)) = operator_at(&self.text[after_name..end.max(after_name)]) else { return false };
        let is_field =
            matches!(operator, Operator::Compare(_)) || WELL_KNOWN.iter().any(|known| name.eq_ignore_ascii_case(known));
        is_field && after_name + written.len() == end && !self.value_starts_at(end)
    }

    /// The field that the bare text up to `end` is or begins: its name, operator, and where its value begins.
    fn field_at(&mut self, end: usize) -> Option<(&'q str, Operator, usize)> {
        let start = self.at;
        let name = self.leading_name()?;
        let after_name = start + name.len();
        if let Some((written, operator)) = operator_at(&self.text[after_name..]) {
            let value_start = after_name + written.len();
            if !self.value_starts_at(value_start) {
                if written != "==" && value_start == end {
                    let message = format!("A field needs a value right after “{written}”; this is searched as text.");
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

    fn value_starts_at(&self, at: usize) -> bool {
        self.text[at..].chars().next().is_some_and(|c| !c.is_whitespace() && c != ')')
    }

    fn value(&mut self, name: &str, operator: Operator) -> Option<Expr> {
        let start = self.at;
        let field = |test| Expr::Field { name: name.to_owned(), test };
        match self.peek() {
            Some('(') => return self.values(name, operator),
            Some('"') => {
                let text = self.quoted();
                if self.peek() == Some('*') && operator == Operator::Is {
                    self.at += 1;
                    return Some(field(if text.is_empty() { Test::Exists } else { Test::StartsWith(text) }));
                }
                return self.check_level(name, &text, start).then(|| field(operator.test(text)));
            }
            _ => {}
        }
        if operator == Operator::Is {
            if let Some(pattern) = self.regex() {
                return pattern.map(|pattern| field(Test::Matches(pattern)));
            }
            if let Some(range) = self.range(name) {
                return Some(range);
            }
            let compared = operator_at(self.rest())
                .filter(|&(written, inner)| inner != Operator::Is && self.value_starts_at(self.at + written.len()));
            if let Some((written, inner)) = compared {
                self.at += written.len();
                return self.value(name, inner);
            }
        }
        // A keyword directly after the operator is the value; everything else bare reads as a word does.
        self.at += bare_len(self.rest());
        let text = &self.text[start..self.at];
        if operator == Operator::Is {
            if text == "*" {
                return Some(field(Test::Exists));
            }
            // In a path a star may stand anywhere.
            let is_path = name.eq_ignore_ascii_case("source");
            if let Some(head) = text.strip_suffix('*') {
                if !is_path {
                    self.check_stars(head, start);
                }
                return Some(field(Test::StartsWith(head.to_owned())));
            }
            if !is_path {
                self.check_stars(text, start);
            }
            self.hint_at_existence(name, text, start);
        }
        if let Operator::Compare(comparison) = operator {
            self.hint_at_text_order(name, comparison, text, start);
        }
        self.check_level(name, text, start).then(|| field(operator.test(text.to_owned())))
    }

    /// `[400 TO 499]`, with `{ }` where the end itself is left out and `*` where there is none: two comparisons.
    fn range(&mut self, name: &str) -> Option<Expr> {
        let least = match self.peek()? {
            '[' => Comparison::GreaterOrEqual,
            '{' => Comparison::Greater,
            _ => return None,
        };
        let start = self.at;
        let length = self.rest().find([']', '}'])? + 1;
        let most = if self.rest()[..length].ends_with(']') { Comparison::LessOrEqual } else { Comparison::Less };
        let mut words = self.rest()[1..length - 1].split_whitespace();
        let (from, _to, to) = (words.next()?, words.next().filter(|&word| word == "TO")?, words.next()?);
        if words.next().is_some() || from.contains('"') || to.contains('"') {
            return None;
        }
        self.at += length;
        let bounds = [(least, from), (most, to)].into_iter().filter(|&(_, bound)| bound != "*");
        let tests: Vec<_> = bounds
            .filter(|&(_, bound)| self.check_level(name, bound, start))
            .map(|(comparison, bound)| Expr::Field {
                name: name.to_owned(),
                test: Test::Compare(comparison, bound.to_owned()),
            })
            .collect();
        if tests.is_empty() {
            return Some(Expr::Field { name: name.to_owned(), test: Test::Exists });
        }
        Some(Expr::and(tests))
    }

    /// `field:(a OR b)`
    fn values(&mut self, name: &str, operator: Operator) -> Option<Expr> {
        let start = self.at;
        let outer = self.field.replace(name.to_owned());
        let inner = self.group();
        self.field = outer;
        let written = match operator {
            Operator::Is => return inner,
            Operator::Equals => "==".to_owned(),
            Operator::Compare(comparison) => comparison.to_string(),
        };
        let message = format!("“{written}” takes one value; for several write {name}:( ) or -{name}:( ).");
        self.problem(start, start + 1, message);
        if operator == Operator::Compare(Comparison::NotEqual) { inner.map(Expr::negate) } else { inner }
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
        self.problem(start, self.at, "This quote is not closed; the phrase goes to the end.");
        text
    }

    /// The pattern of a regular expression, if one stands here: from `/` to a `/` that ends the term.
    ///
    /// Paths (`/api/v1`) are text. One without its end is taken to the end of the query if its first word has characters
    /// that only make sense in a pattern: it is still being typed. `Some(None)`: one that cannot be read and is left out.
    fn regex(&mut self) -> Option<Option<String>> {
        let body = self.rest().strip_prefix('/')?;
        if body.starts_with(|c: char| c == '/' || c.is_whitespace()) {
            return None;
        }
        let start = self.at;
        let mut escaped = false;
        for (offset, c) in body.char_indices() {
            let ends_term = || body[offset + 1..].chars().next().is_none_or(|next| next.is_whitespace() || next == ')');
            if c == '/' && !escaped && ends_term() {
                let pattern = &body[..offset];
                self.at = start + 1 + offset + 1;
                return Some(self.check_regex(pattern, start).then(|| pattern.to_owned()));
            }
            escaped = c == '\\' && !escaped;
        }
        let first_word = body.split(char::is_whitespace).next().unwrap_or_default();
        let pattern = if escaped { &body[..body.len() - 1] } else { body };
        let reads_as_pattern = first_word.contains(['\\', '[', '|', '^']) || first_word.contains(".*");
        if !reads_as_pattern || pattern.is_empty() {
            return None;
        }
        self.at = self.text.len();
        self.problem(start, self.at, "This regular expression is not closed; it ends with a “/”.");
        Some(self.check_regex(pattern, start).then(|| pattern.to_owned()))
    }

    /// Whether it can be read, as far as is seen without compiling: brackets. The data thread compiles.
    fn check_regex(&mut self, pattern: &str, slash: usize) -> bool {
        let n_problems = self.problems.len();
        let mut open_groups = Vec::new();
        let mut open_class = None;
        let mut chars = pattern.char_indices();
        while let Some((offset, c)) = chars.next() {
            let at = slash + 1 + offset;
            match c {
                '\\' => {
                    chars.next();
                }
                '[' if open_class.is_none() => {
                    open_class = Some(at);
                    // A bracket right at the start of a class is a member of it: []a], [^]a].
                    let class = &pattern[offset + 1..];
                    let n_skipped = class.strip_prefix('^').map_or(0, |_| 1);
                    if class[n_skipped..].starts_with(']') {
                        chars.nth(n_skipped);
                    }
                }
                ']' => open_class = None,
                '(' if open_class.is_none() => open_groups.push(at),
                ')' if open_class.is_none() && open_groups.pop().is_none() => {
                    self.problem(at, at + 1, "This “)” closes nothing in the regular expression; write “\\)”.");
                }
                _ => {}
            }
        }
        if let Some(at) = open_class {
            self.problem(
                at,
                at + 1,
                "This “[” is not closed in the regular expression; write “\\[” for the character.",
            );
        }
        for at in open_groups {
            self.problem(
                at,
                at + 1,
                "This “(” is not closed in the regular expression; write “\\(” for the character.",
            );
        }
        self.problems.len() == n_problems
    }

    fn check_stars(&mut self, text: &str, start: usize) {
        if let Some(offset) = text.find('*') {
            let at = start + offset;
            self.problem(at, at + 1, "“*” stands for more only at the end of a word; here it is the character.");
        }
    }

    /// Whether `text` can be a value of this field. What cannot is left out, so that half a word does not empty the view.
    fn check_level(&mut self, name: &str, text: &str, start: usize) -> bool {
        if !is_level_name(name) || Levels::read(text).is_some() {
            return true;
        }
        let known = "trace, debug, info, warn, error, fatal";
        let message = match suggestion(text) {
            Some(meant) => format!("“{text}” is no level; it is left out. Did you mean {meant}?"),
            None => format!("“{text}” is no level; it is left out. Levels are {known}."),
        };
        self.problem(start, self.at, message);
        false
    }

    /// Other query languages ask so whether there is a field.
    fn hint_at_existence(&mut self, name: &str, text: &str, start: usize) {
        let is_asked = ["has", "exists", "_exists_"].iter().any(|known| name.eq_ignore_ascii_case(known));
        if is_asked && leading_name(text) == Some(text) {
            let message =
                format!("To find entries that have the field {text}, write {text}:* (this looks in a field “{name}”).");
            self.problem(start, self.at, message);
        }
    }

    /// “More” and “less” mean the alphabet where a value is no number.
    fn hint_at_text_order(&mut self, name: &str, comparison: Comparison, text: &str, start: usize) {
        let reads_as_number = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
        if comparison != Comparison::NotEqual && !reads_as_number && !is_level_name(name) {
            let message = format!("“{text}” is no number; values are compared with it by the alphabet.");
            self.problem(start, self.at, message);
        }
    }

    fn hint_at_keywords(&mut self, word: &str, start: usize, has_left: bool) {
        let Some(&(_, keyword)) = NEAR_KEYWORDS.iter().find(|(near, _)| word.eq_ignore_ascii_case(near)) else {
            return;
        };
        let has_right = !self.rest().trim_start().is_empty() && !self.rest().trim_start().starts_with(')');
        if has_right && (has_left || keyword == "NOT") {
            let message = format!("“{word}” is searched as text; write {keyword} if you mean the operator.");
            self.problem(start, self.at, message);
        }
    }
}

impl Operator {
    fn test(self, text: String) -> Test {
        match self {
            Self::Is => Test::Is(text),
            Self::Equals => Test::Equals(text),
            Self::Compare(comparison) => Test::Compare(comparison, text),
        }
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

/// The field name that `text` begins with, if what it begins with could be one.
fn leading_name(text: &str) -> Option<&str> {
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

#[cfg(test)]
mod tests;
