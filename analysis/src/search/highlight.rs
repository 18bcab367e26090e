//! Where in a shown text the query's words stand.

use std::ops::Range;

use model::query::{Expr, Test, is_level_name, own_field, variable_place};

use super::needle::Needle;
use super::pattern::Pattern;
use crate::fold::fold_into;

/// A query's words, phrases and expressions, ready to be found in many shown texts.
pub struct Highlighter {
    marks: Vec<Mark>,
}

enum Mark {
    Needle(Needle),
    Pattern(Pattern),
    /// Only as the value of this (folded) name: `name=value`.
    Value {
        name: Vec<u8>,
        needle: Needle,
    },
}

impl Highlighter {
    pub fn new(expr: &Expr) -> Self {
        let mut marks = Vec::new();
        collect(expr, &mut marks);
        Self { marks }
    }

    /// Byte ranges of `text` that the query matches: ascending, not overlapping, on character boundaries.
    pub fn ranges(&self, text: &str) -> Vec<(u32, u32)> {
        if self.marks.is_empty() {
            return Vec::new();
        }
        let mut folded = Vec::new();
        fold_into(text.as_bytes(), &mut folded);
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for mark in &self.marks {
            let mut from = 0;
            while let Some(range) = mark.find_at(text, &folded, from) {
                from = range.end.max(range.start + 1);
                let on_characters = text.is_char_boundary(range.start) && text.is_char_boundary(range.end);
                if !range.is_empty() && on_characters && mark.counts(&folded, &range) {
                    ranges.push((range.start as u32, range.end as u32));
                }
            }
        }
        merged(ranges)
    }
}

impl Mark {
    fn find_at(&self, text: &str, folded: &[u8], from: usize) -> Option<Range<usize>> {
        match self {
            Self::Needle(needle) | Self::Value { needle, .. } => needle.find_at(folded, from),
            Self::Pattern(pattern) if from <= text.len() => pattern.find_at(text.as_bytes(), from),
            Self::Pattern(_) => None,
        }
    }

    fn counts(&self, folded: &[u8], range: &Range<usize>) -> bool {
        match self {
            Self::Needle(_) | Self::Pattern(_) => true,
            Self::Value { name, .. } => {
                let before = folded[..range.start].strip_suffix(b"\"").unwrap_or(&folded[..range.start]);
                before.strip_suffix(b"=").is_some_and(|before| before.ends_with(name))
            }
        }
    }
}

fn collect(expr: &Expr, marks: &mut Vec<Mark>) {
    match expr {
        Expr::All | Expr::Not(_) => {}
        Expr::And(exprs) | Expr::Or(exprs) => exprs.iter().for_each(|expr| collect(expr, marks)),
        Expr::Word(text) | Expr::Phrase(text) | Expr::Prefix(text) if text.is_empty() => {}
        Expr::Word(text) | Expr::Phrase(text) => marks.push(Mark::Needle(Needle::whole(text))),
        Expr::Prefix(text) => marks.push(Mark::Needle(Needle::prefix(text))),
        Expr::Regex(expression) => marks.extend(Pattern::new(expression).ok().map(Mark::Pattern)),
        Expr::Field { name, test } => {
            let needle = match test {
                Test::Is(text) | Test::Equals(text) if !text.is_empty() => Needle::whole(text),
                Test::StartsWith(text) if !text.is_empty() => Needle::prefix(text),
                _ => return,
            };
            match name.to_ascii_lowercase().as_str() {
                "message" => marks.push(Mark::Needle(needle)),
                "service" | "source" | "format" | "template" | "time" => {}
                _ if is_level_name(name) => {}
                _ if variable_place(name).is_some() => marks.push(Mark::Needle(needle)),
                name => {
                    let name = own_field(name).unwrap_or(name);
                    marks.push(Mark::Value { name: crate::fold::fold(name).into_bytes(), needle });
                }
            }
        }
    }
}

fn merged(mut ranges: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    ranges.sort_unstable();
    let mut merged: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
    for (start, end) in ranges {
        match merged.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => merged.push((start, end)),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    fn check(query: &str, text: &str, expected: Expect) {
        let mut shown = String::new();
        let mut at = 0;
        for (start, end) in Highlighter::new(&model::query::parse(query).0).ranges(text) {
            shown += &format!("{}[{}]", &text[at..start as usize], &text[start as usize..end as usize]);
            at = end as usize;
        }
        expected.assert_eq(&(shown + &text[at..]));
    }

    #[test]
    fn what_the_query_matches_is_marked() {
        check("timeout 10", "Timeout after 10 of 1024 ms", expect!["[Timeout] after [10] of 1024 ms"]);
        check("time* OR /r.*4/", "Timeout after 1024 ms", expect!["[Time]out afte[r 1024] ms"]);
        check("-timeout", "timeout", expect!["timeout"]);
        check("ГОД*", "в году", expect!["в [год]у"]);
    }

    #[test]
    fn a_field_marks_only_its_own_value() {
        check("status:500", "got 500 status=500 size=500", expect!["got 500 status=[500] size=500"]);
        check(".source:a.go", "a.go source=a.go", expect!["a.go source=[a.go]"]);
        check("message:got", "got it name=got", expect!["[got] it name=[got]"]);
    }

    proptest! {
        #[test]
        fn marks_are_in_order_and_cut_no_character(query in "[aé ./*:\"]{0,12}", text in "[aAéÉ./ ]{0,30}") {
            let mut at = 0;
            for (start, end) in Highlighter::new(&model::query::parse(&query).0).ranges(&text) {
                prop_assert!(at <= start as usize && start < end);
                prop_assert!(text.is_char_boundary(start as usize) && text.is_char_boundary(end as usize));
                at = end as usize;
            }
        }
    }
}
