//! `/pattern/`: where one begins and ends, and whether its brackets are closed.

use crate::{key, say};

use super::Parser;

pub(super) const NOT_CLOSED: &str = key!("This regular expression is not closed; it ends with a “/”.");

impl Parser<'_> {
    /// The pattern of a regular expression, if one stands here: from `/` to a `/` that ends the term, or to flags that do.
    ///
    /// Paths (`/api/v1`) are text. One without its end is taken to the end of the query if its first word has characters
    /// that only make sense in a pattern: it is still being typed. `Some(None)`: one that cannot be read and is left out.
    pub(super) fn regex(&mut self) -> Option<Option<String>> {
        let body = self.rest().strip_prefix('/')?;
        if body.starts_with(|c: char| c == '/' || c.is_whitespace()) {
            return None;
        }
        let start = self.at;
        let mut escaped = false;
        for (offset, c) in body.char_indices() {
            if c == '/'
                && !escaped
                && let Some(flags) = flags_to_end(&body[offset + 1..], self.field.is_some())
                    .filter(|flags| may_have(&body[..offset], flags))
            {
                let pattern = &body[..offset];
                self.at = start + 1 + offset + 1 + flags.len();
                return Some(self.check_regex(pattern, start).then(|| with_flags(flags, pattern)));
            }
            escaped = c == '\\' && !escaped;
        }
        let first_word = body.split(char::is_whitespace).next().unwrap_or_default();
        let pattern = if escaped { &body[..body.len() - 1] } else { body };
        let reads_as_pattern = first_word.contains(['\\', '[', '(', '|', '^']) || first_word.contains(".*");
        if !reads_as_pattern || pattern.is_empty() {
            return None;
        }
        self.at = self.text.len();
        self.problem(start, self.at, NOT_CLOSED);
        let readable = closed(pattern);
        let is_some = !readable.is_empty() && self.check_regex(&readable, start);
        Some(is_some.then(|| between_slashes(&readable)))
    }

    /// Whether it can be read, as far as is seen without compiling: brackets. The data thread compiles.
    pub(super) fn check_regex(&mut self, pattern: &str, slash: usize) -> bool {
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
                    self.problem(at, at + 1, say!("This “)” closes nothing in the regular expression; write “\\)”."));
                }
                _ => {}
            }
        }
        if let Some(at) = open_class {
            self.problem(
                at,
                at + 1,
                say!("This “[” is not closed in the regular expression; write “\\[” for the character."),
            );
        }
        for at in open_groups {
            self.problem(
                at,
                at + 1,
                say!("This “(” is not closed in the regular expression; write “\\(” for the character."),
            );
        }
        self.problems.len() == n_problems
    }
}

/// The flags behind the closing slash, if the term ends with them: `i` lets case pass, `s` has `.` match
/// the ends of lines; `m` holds anyway: `^` and `$` match at lines. `is_listed`: it may end with a comma, too.
fn flags_to_end(rest: &str, is_listed: bool) -> Option<&str> {
    let n_bytes = rest.find(|c| !matches!(c, 'i' | 'm' | 's')).unwrap_or(rest.len());
    let (flags, rest) = rest.split_at(n_bytes);
    let ends = |next: char| next.is_whitespace() || next == ')' || is_listed && next == ',';
    rest.chars().next().is_none_or(ends).then_some(flags)
}

/// Flags as the expression itself can say them.
fn with_flags(flags: &str, pattern: &str) -> String {
    let mut distinct = String::new();
    distinct.extend(['i', 'm', 's'].into_iter().filter(|&flag| flags.contains(flag)));
    if distinct.is_empty() { pattern.to_owned() } else { format!("(?{distinct}){pattern}") }
}

/// The pattern with the brackets closed that are still open, and without a group or class that says nothing yet.
fn closed(pattern: &str) -> String {
    let mut open_groups = Vec::new();
    let mut open_class = None;
    let mut chars = pattern.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            '[' if open_class.is_none() => {
                open_class = Some(at);
                chars.next_if(|(_, next)| *next == '^');
                chars.next_if(|(_, next)| *next == ']');
            }
            ']' => open_class = None,
            '(' if open_class.is_none() => open_groups.push(at),
            ')' if open_class.is_none() => {
                open_groups.pop();
            }
            _ => {}
        }
    }
    let mut readable = pattern;
    if let Some(at) = open_class.filter(|&at| matches!(&pattern[at + 1..], "" | "^" | "]" | "^]")) {
        (readable, open_class) = (&pattern[..at], None);
    }
    // `(?`, `(?i`, `(?P<name`: what it says comes after a sign.
    let is_header = |at: usize| readable[at..].strip_prefix("(?").is_some_and(|rest| !rest.contains([':', '>', ')']));
    if let Some(&at) = open_groups.last()
        && at < readable.len()
        && is_header(at)
    {
        (readable, open_class) = (&readable[..at], None);
        open_groups.pop();
    }
    // Nothing stands behind a last bar yet, and nothing is found everywhere.
    let is_escaped = |text: &str| text.chars().rev().take_while(|&c| c == '\\').count() % 2 == 1;
    while let Some(before) = readable.strip_suffix('|').filter(|before| open_class.is_none() && !is_escaped(before)) {
        readable = before;
    }
    let class_end = if open_class.is_some() { "]" } else { "" };
    readable.to_owned() + class_end + &")".repeat(open_groups.len())
}

/// `/tmp/s` and `/usr/lib/i` are paths: what has flags is no path, or looks like none.
fn may_have(pattern: &str, flags: &str) -> bool {
    let is_surely_pattern = pattern.contains(['\\', '[', '(', '|', '^', '$', '*', '+', '?', '{']);
    flags.is_empty() || is_surely_pattern || flags == "i" && !pattern.contains('/')
}

/// A pattern that stood in quotes, or is not closed, as it stands between slashes.
pub(super) fn between_slashes(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut is_escaped = false;
    for c in pattern.chars() {
        match c {
            '/' if !is_escaped => out.push_str(r"\/"),
            c if c.is_whitespace() && out.is_empty() => out.extend(['[', c, ']']),
            c => out.push(c),
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    out
}
