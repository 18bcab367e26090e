//! Stages whose bar was left out: `count(*)`, `avg(took) by path`, `count by service`.

use crate::say;

use super::super::pipe::Aggregate;
use super::field::leading_name;
use super::{Parser, parse_query, split};

impl Parser<'_> {
    /// SQL asks so for a number; here it is a stage.
    pub(super) fn hint_at_call(&mut self, word: &str, start: usize) {
        // Behind `where` it may be the name of a column.
        if let Some(stage) = called(word).filter(|_| !self.may_call) {
            let message =
                say!("“{word}” is searched as text; write | {stage} for a table of what is found.", word, stage);
            self.problem(start, self.at, message);
        }
    }

    /// `count by service` at the beginning of a query; behind other words it may be a part of their sentence.
    pub(super) fn hint_at_stage(&mut self, start: usize) {
        if self.may_call || self.depth > 0 || !self.text[..start].trim().is_empty() {
            return;
        }
        let word = self.text[start..].split('|').next().unwrap_or_default().trim_end();
        // Calls say it by themselves.
        let Some(stage) = stage_of(word).filter(|_| !word.contains('(')) else { return };
        let (read, problems) = parse_query(&format!("| {stage}"));
        if problems.is_empty() && read.stages.len() == 1 {
            let message =
                say!("“{word}” is searched as text; write | {stage} for a table of what is found.", word, stage);
            self.problem(start, start + word.len(), message);
        }
    }
}

/// The query with what was meant for a stage behind a bar; `None` where nothing in it reads so.
///
/// ```
/// use model::query::with_bar;
/// assert_eq!(with_bar("refused count(*) by service").as_deref(), Some("refused | count by service"));
/// ```
pub fn with_bar(query: &str) -> Option<String> {
    let (filter, stages) = split(query);
    let n_stages = parse_query(query).0.stages.len();
    let mut rest = filter.trim_start();
    while let Some(word) = rest.split_whitespace().next() {
        if let Some(stage) = stage_of(rest) {
            let before = filter[..filter.len() - rest.len()].trim_end();
            let meant = format!("{before} | {} {stages}", stage.trim_end()).trim().to_owned();
            let (read, problems) = parse_query(&meant);
            return (problems.is_empty() && read.stages.len() > n_stages).then_some(meant);
        }
        rest = rest[word.len()..].trim_start();
    }
    None
}

/// The stage that a text begins with, as it is written behind a bar.
fn stage_of(text: &str) -> Option<String> {
    let mut words = text.split_whitespace();
    let word = words.next()?;
    if let Some(stage) = called(word) {
        return Some(format!("{stage}{}", &text[word.len()..]));
    }
    let next = words.next()?;
    let is_stage = match word.to_ascii_lowercase().as_str() {
        "count" | "timeline" => next.eq_ignore_ascii_case("by") && words.next().is_some(),
        "stats" => called(next).is_some(),
        _ => false,
    };
    is_stage.then(|| text.to_owned())
}

/// The stage for a measure that is written as a call: `count(*)`, `p95(took)`.
fn called(word: &str) -> Option<String> {
    let (what, of) = word.strip_suffix(')')?.split_once('(')?;
    let measure = Aggregate::read(what)?;
    let is_name = leading_name(of) == Some(of);
    match measure {
        Aggregate::Count if matches!(of, "" | "*" | "1") => Some("count".to_owned()),
        Aggregate::Count if is_name => Some(format!("count({of})")),
        measure if is_name => Some(format!("stats {measure}({of})")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::parse;

    fn check(query: &str, expected: Option<&str>) {
        assert_eq!(with_bar(query).as_deref(), expected, "{query}");
    }

    #[test]
    fn a_stage_without_its_bar_is_recognised() {
        check("count(*)", Some("| count"));
        check("level:error COUNT(1)", Some("level:error | count"));
        check("\"a  b\" avg(took) by path", Some("\"a  b\" | stats avg(took) by path"));
        check("stats p95(took)", Some("| stats p95(took)"));
        check("count by service, level", Some("| count by service, level"));
        check("refused count(*) | limit 3", Some("refused | count | limit 3"));
    }

    #[test]
    fn words_that_are_no_stage_stay_words() {
        for query in ["", "count", "count by", "count them", "f(x)", "max(3)", "SELECT count(*) FROM entries"] {
            check(query, None);
        }
        check("\"count by service\"", None);
        check("message:\"the count by service\"", None);
        check("status>=500 | count by service", None);
    }

    #[test]
    fn a_call_says_how_it_is_written() {
        let (_, problems) = parse("timeout count(*)");
        assert_eq!(
            problems.iter().map(|problem| &*problem.message).collect::<Vec<_>>(),
            ["“count(*)” is searched as text; write | count for a table of what is found."]
        );
        assert_eq!(parse_query("| count by path | where count(x)>3 max(a)").1, []);
    }

    #[test]
    fn a_stage_at_the_beginning_says_how_it_is_written() {
        let (query, problems) = parse_query("count by service, level | limit 3");
        assert_eq!((query.stages.len(), problems.len()), (1, 1), "{problems:?}");
        assert_eq!((problems[0].start, problems[0].end), (0, 23));
        assert_eq!(
            problems[0].message,
            "“count by service, level” is searched as text; write | count by service, level for a table of what is found."
        );
        for text in
            ["count", "count by", "counted by them", "the count by service", "\"count by service\"", "| count by a"]
        {
            assert_eq!(parse_query(text).1, [], "{text}");
        }
    }
}
