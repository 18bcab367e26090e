//! How far a pattern matches a line that it does not match whole: what the author of a format wants to know.

use std::cell::OnceCell;

use regex::bytes::Regex;
use regex_syntax::ast::{Ast, GroupKind, parse::Parser};

use super::shape::over_bytes;

/// The beginnings of a pattern: its parts one after the other, and those of its groups.
pub struct Beginnings<'p> {
    pattern: &'p str,
    /// Shorter ones first.
    cuts: Vec<Cut>,
}

struct Cut {
    /// Where it ends in the pattern.
    end: usize,
    /// Groups that are open there.
    depth: usize,
    regex: OnceCell<Option<Regex>>,
}

/// How much of a pattern matches how much of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    pub pattern_bytes: usize,
    pub line_bytes: usize,
}

impl<'p> Beginnings<'p> {
    /// Of a pattern that can be used.
    pub fn of(pattern: &'p str) -> Self {
        let mut cuts = Vec::new();
        if let Ok(ast) = Parser::new().parse(pattern) {
            cut(&ast, 0, &mut cuts);
        }
        cuts.dedup_by_key(|cut| cut.end);
        Self { pattern, cuts }
    }

    /// The longest beginning that matches. Cost: a few matches, and making the regular expressions of those.
    pub fn reach(&self, line: &[u8]) -> Reach {
        let end_in_line = |cut: &Cut| {
            let regex = cut
                .regex
                .get_or_init(|| over_bytes(&format!("{}{}", &self.pattern[..cut.end], ")".repeat(cut.depth))).ok());
            regex.as_ref().and_then(|regex| regex.find(line)).map(|found| found.end())
        };
        // What a longer beginning matches begins with what a shorter one does.
        let n_matching = self.cuts.partition_point(|cut| end_in_line(cut).is_some());
        let longest = n_matching.checked_sub(1).map(|last| &self.cuts[last]);
        longest.map_or(Reach { pattern_bytes: 0, line_bytes: 0 }, |cut| Reach {
            pattern_bytes: cut.end,
            line_bytes: end_in_line(cut).unwrap_or(0),
        })
    }

    /// The part of the pattern behind a reach: the first that does not match. Of a group that begins with it the end is written, too.
    pub fn next(&self, reach: Reach) -> String {
        let Some(next) = self.cuts.iter().find(|cut| cut.end > reach.pattern_bytes) else { return String::new() };
        let before = self.cuts.iter().find(|cut| cut.end == reach.pattern_bytes);
        let n_open = next.depth.saturating_sub(before.map_or(0, |before| before.depth));
        let mut part = self.pattern[reach.pattern_bytes..next.end].to_owned();
        let behind = &self.pattern.as_bytes()[next.end..];
        for level in 0..n_open {
            part += if behind.get(level) == Some(&b')') { ")" } else { "…)" };
        }
        part
    }
}

fn cut(ast: &Ast, depth: usize, cuts: &mut Vec<Cut>) {
    match ast {
        Ast::Concat(concat) => concat.asts.iter().for_each(|part| cut(part, depth, cuts)),
        Ast::Group(group) if !matches!(&group.kind, GroupKind::NonCapturing(flags) if !flags.items.is_empty()) => {
            cut(&group.ast, depth + 1, cuts);
            end(ast, depth, cuts);
        }
        _ => end(ast, depth, cuts),
    }
}

fn end(ast: &Ast, depth: usize, cuts: &mut Vec<Cut>) {
    cuts.push(Cut { end: ast.span().end.offset, depth, regex: OnceCell::new() });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, line: &str, matched: &str, next: &str) {
        let beginnings = Beginnings::of(pattern);
        let reach = beginnings.reach(line.as_bytes());
        assert_eq!((&line[..reach.line_bytes], beginnings.next(reach)), (matched, next.to_owned()), "{pattern}");
    }

    #[test]
    fn the_longest_beginning_that_matches_is_found_part_by_part() {
        let pattern = r"^(?<level>[IWE]) (?<time>\S+) \[(?<pid>\d+)\] ";
        check(pattern, "E 10:00 [x] lost", "E 10:00 [", r"(?<pid>\d+)");
        check(pattern, "E 10:00 [7 lost", "E 10:00 [7", r"\]");
        check(pattern, "X", "", "(?<level>[IWE])");
        check(pattern, "E 10:00 [7] lost", "E 10:00 [7] ", "");
    }

    #[test]
    fn alternatives_and_repetitions_are_parts_as_a_whole() {
        check("^a(?:b|cd)+e", "abcdx", "abcd", "e");
        check("^a(?i:B)c", "abx", "ab", "c");
        check("^a|b", "x", "", "^a|b");
        check(r"^a(?<b>c\d(?<e>x)y)", "ac", "ac", r"\d");
        check(r"^a(?<b>c\d)", "ax", "a", "(?<b>c…)");
    }
}
