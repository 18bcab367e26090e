//! `extract`: new fields out of a text, by a template or a regular expression.

use model::query::Extraction;
use regex::Regex;

/// Compiled, with the names of what it finds.
pub struct Extractor {
    /// Field that is looked into.
    pub from: String,
    pub pattern: Extraction,
    /// The pattern as a regular expression.
    pub expression: String,
    regex: Regex,
    /// Names of the groups, and their numbers.
    pub names: Vec<(String, usize)>,
}

/// Larger expressions are refused, so that none takes all memory.
const MAX_COMPILED_BYTES: usize = 4 << 20;

impl Extractor {
    /// The error is a sentence for the user.
    pub fn new(from: Option<&str>, pattern: &Extraction) -> Result<Self, String> {
        let expression = match pattern {
            Extraction::Regex(expression) => expression.clone(),
            Extraction::Template(template) => expression_of(template, true)?,
        };
        let mut builder = regex::RegexBuilder::new(&expression);
        let regex = builder.multi_line(true).crlf(true).size_limit(MAX_COMPILED_BYTES).build();
        let regex = regex.map_err(|_| "The expression of “extract” cannot be read.".to_owned())?;
        let names: Vec<_> =
            regex.capture_names().enumerate().filter_map(|(i, name)| Some((name?.to_owned(), i))).collect();
        if names.is_empty() {
            return Err("“extract” names no value: {name} in quotes, (?<name>…) between slashes.".to_owned());
        }
        let from = from.unwrap_or("message").to_owned();
        Ok(Self { from, pattern: pattern.clone(), expression, regex, names })
    }

    /// What it finds in a text first, by the order of `names`; `None` where it finds nothing.
    pub fn find(&self, text: &str) -> Option<Vec<Option<String>>> {
        let captures = self.regex.captures(text)?;
        let value = |&(_, group): &(String, usize)| captures.get(group).map(|found| found.as_str().to_owned());
        Some(self.names.iter().map(value).collect())
    }
}

/// `took {ms} ms`: a value goes up to the text that follows it; one at the end, or the beginning, is a run without spaces.
/// `with_names`: values are found by their names, else they only have to be there.
pub fn expression_of(template: &str, with_names: bool) -> Result<String, String> {
    let mut expression = String::new();
    let mut rest = template;
    while let Some((literal, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
        if !is_name {
            return Err(format!("“{{{name}}}” is no name: letters, digits, dots and underscores are."));
        }
        expression += &regex::escape(literal);
        let is_at_edge = after.is_empty() || expression.is_empty();
        let value = if is_at_edge { r"\S+" } else { ".+?" };
        expression += &if with_names { format!("(?<{name}>{value})") } else { value.to_owned() };
        rest = after;
    }
    Ok(expression + &regex::escape(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(template: &str, text: &str, expected: &[&str]) {
        let extractor = Extractor::new(None, &Extraction::Template(template.into())).unwrap();
        let found = extractor.find(text).unwrap_or_default();
        assert_eq!(
            found.iter().map(|value| value.as_deref().unwrap_or("-")).collect::<Vec<_>>(),
            expected,
            "{template}"
        );
    }

    #[test]
    fn a_template_is_text_with_places_for_values() {
        check("took {ms} ms", "request took 12.5 ms in all", &["12.5"]);
        check("order {order}", "for order ord-17 now", &["ord-17"]);
        check("{user} logged in from {host}", "then ann logged in from 10.0.3.7", &["ann", "10.0.3.7"]);
        check("(a+{x}]", "zz (a+b c] d", &["b c"]);
        check("took {ms} s", "request took 12.5 ms", &[]);
    }

    #[test]
    fn a_line_may_end_with_a_carriage_return() {
        let extractor = Extractor::new(None, &Extraction::Regex("^user (?<user>.+)$".into())).unwrap();
        assert_eq!(extractor.find("login\r\nuser ann\r\nfrom x"), Some(vec![Some("ann".to_owned())]));
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        assert!(Extractor::new(None, &Extraction::Template("{a b}".into())).is_err());
        assert!(Extractor::new(None, &Extraction::Regex("(?<a>x".into())).is_err());
        assert!(Extractor::new(None, &Extraction::Template("took".into())).is_err(), "nothing to extract");
        let twice = Extractor::new(None, &Extraction::Template("{a} {a}".into()));
        assert!(twice.is_err(), "two values of one name");
    }
}
