//! What may come next in a statement: tables, their columns, fields of the logs, functions and words of SQL.

use model::sql::{SQL_FUNCTIONS, SQL_TABLES, SqlTable};

/// As many as fit beside the statement.
const MOST: usize = 9;

const WORDS: [&str; 47] = [
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP BY",
    "ORDER BY",
    "LIMIT",
    "HAVING",
    "JOIN",
    "LEFT JOIN",
    "ON",
    "USING",
    "AS",
    "AND",
    "OR",
    "NOT",
    "NULL",
    "IS NULL",
    "IS NOT NULL",
    "IN",
    "BETWEEN",
    "LIKE",
    "GLOB",
    "MATCH",
    "DISTINCT",
    "DESC",
    "ASC",
    "WITH",
    "UNION ALL",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "OVER",
    "PARTITION BY",
    "EXISTS",
    "count(*)",
    "sum(",
    "avg(",
    "min(",
    "max(",
    "lag(",
    "lead(",
    "row_number()",
    "length(",
    "substr(",
    "round(",
];

/// Byte range of the text that a suggestion replaces, and what may stand there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suggestions {
    pub start: usize,
    pub end: usize,
    pub list: Vec<Suggestion>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    pub text: String,
    /// What kind of thing it is.
    pub kind: &'static str,
}

/// `fields`: names of the fields of the logs. `is_asked_for`: without a letter to begin with, too.
pub fn suggestions(text: &str, caret: usize, fields: &[String], is_asked_for: bool) -> Suggestions {
    let Some(before) = text.get(..caret) else { return Suggestions::default() };
    if let Some(name) = field_being_written(before) {
        // Where the quote is not closed yet, what follows is not of the name.
        let is_end = |c: char| c == '\'' || c.is_whitespace();
        let end = caret + text[caret..].find(is_end).unwrap_or(text.len() - caret);
        let named = fields.iter().filter(|field| begins(field, name));
        let list = named.take(MOST).map(|field| Suggestion { text: field.clone(), kind: "field" }).collect();
        return Suggestions { start: caret - name.len(), end, list };
    }
    if is_in_text(before) {
        return Suggestions::default();
    }
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let start = before.trim_end_matches(is_name).len();
    let end = caret + text[caret..].find(|c| !is_name(c)).unwrap_or(text.len() - caret);
    let (typed, ahead) = (&before[start..], &before[..start]);
    let mut list = Vec::new();
    let mut add = |kind: &'static str, words: &mut dyn Iterator<Item = &str>| {
        for word in words.filter(|word| begins(word, typed) && !word.eq_ignore_ascii_case(typed)) {
            let is_known = list.iter().any(|known: &Suggestion| known.text == word);
            if list.len() < MOST && !is_known {
                list.push(Suggestion { text: word.to_owned(), kind });
            }
        }
    };
    if let Some(owner) = ahead.strip_suffix('.') {
        let owner = &owner[owner.trim_end_matches(is_name).len()..];
        let table = named_tables(text).into_iter().find(|(alias, _)| alias.eq_ignore_ascii_case(owner));
        add("column", &mut table.iter().flat_map(|(_, table)| table.columns).map(|(name, _)| *name));
        return Suggestions { start, end, list };
    }
    let word_before = ahead.split_whitespace().next_back().unwrap_or_default();
    if ["from", "join"].iter().any(|word| word_before.eq_ignore_ascii_case(word)) {
        add("table", &mut SQL_TABLES.iter().map(|table| table.name));
        return Suggestions { start, end, list };
    }
    if typed.is_empty() && !is_asked_for {
        return Suggestions::default();
    }
    let named = named_tables(text);
    let tables: Vec<&SqlTable> = if named.is_empty() {
        SQL_TABLES[..1].iter().collect()
    } else {
        named.into_iter().map(|(_, table)| table).collect()
    };
    add("column", &mut tables.iter().flat_map(|table| table.columns).map(|(name, _)| *name));
    add("function", &mut SQL_FUNCTIONS.iter().map(|(call, _)| *call));
    add("", &mut WORDS.iter().copied());
    add("table", &mut SQL_TABLES.iter().map(|table| table.name));
    Suggestions { start, end, list }
}

fn begins(word: &str, typed: &str) -> bool {
    word.get(..typed.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(typed))
}

/// `fields->>'sta` is writing a field's name.
fn field_being_written(before: &str) -> Option<&str> {
    let quote = before.rfind('\'')?;
    let name = &before[quote + 1..];
    let arrow = before[..quote].trim_end();
    (arrow.ends_with("->>") || arrow.ends_with("->")).then_some(name).filter(|name| !name.contains('\n'))
}

/// The end lies in a string, a quoted name or a comment.
fn is_in_text(before: &str) -> bool {
    let mut chars = before.chars().peekable();
    let mut within = None;
    while let Some(c) = chars.next() {
        match within {
            None if c == '-' && chars.peek() == Some(&'-') => within = Some('\n'),
            None if matches!(c, '\'' | '"') => within = Some(c),
            Some(end) if c == end => within = None,
            _ => {}
        }
    }
    within.is_some()
}

/// Tables of the statement by the names it has for them.
fn named_tables(text: &str) -> Vec<(&str, &'static SqlTable)> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let words: Vec<&str> = text.split(|c: char| !is_name(c)).filter(|word| !word.is_empty()).collect();
    let mut named = Vec::new();
    for (place, word) in words.iter().enumerate() {
        let Some(table) = SQL_TABLES.iter().find(|table| table.name.eq_ignore_ascii_case(word)) else { continue };
        named.push((*word, table));
        let after = words.get(place + 1..).unwrap_or_default();
        let alias = after.iter().find(|word| !word.eq_ignore_ascii_case("as"));
        named.extend(alias.map(|alias| (*alias, table)));
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `|` is the caret.
    fn offered(written: &str) -> Vec<String> {
        let caret = written.find('|').unwrap();
        let text = written.replace('|', "");
        let fields = ["status".to_owned(), "stage".to_owned(), "user".to_owned()];
        suggestions(&text, caret, &fields, false).list.into_iter().map(|suggestion| suggestion.text).collect()
    }

    #[test]
    fn tables_follow_from_and_columns_come_from_the_tables_named() {
        assert_eq!(offered("SELECT * FROM te|"), ["templates"]);
        assert_eq!(offered("SELECT sev| FROM entries"), ["severity"]);
        assert_eq!(offered("SELECT n_| FROM fields"), ["n_entries", "n_values"]);
        assert_eq!(offered("sel|"), ["SELECT"]);
    }

    #[test]
    fn an_alias_has_the_columns_of_its_table() {
        assert_eq!(offered("SELECT t.te| FROM entries e JOIN templates AS t USING (template)"), ["template", "text"]);
        assert_eq!(offered("SELECT x.te| FROM entries"), [""; 0]);
    }

    #[test]
    fn fields_of_the_logs_are_offered_behind_an_arrow() {
        assert_eq!(offered("SELECT fields->>'sta|' FROM entries"), ["status", "stage"]);
        assert_eq!(offered("SELECT 'sta|' FROM entries"), [""; 0]);
    }

    #[test]
    fn nothing_is_offered_where_nothing_was_begun_or_in_a_comment() {
        assert_eq!(offered("SELECT |"), [""; 0]);
        assert_eq!(offered("-- sel|"), [""; 0]);
    }
}
