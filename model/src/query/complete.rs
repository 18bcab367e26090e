//! What is being written where the cursor is: a word or a field's name, a value, a stage, a column; what a suggestion
//! would replace, and what the query is without it.

use super::{Aggregate, Expr, Extraction, Measure, SortKey, Stage, Test, parse, parse_query, split};

/// The cursor's place in a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Byte range of the query that a suggestion replaces.
    pub start: usize,
    pub end: usize,
    /// What stands in the range before the cursor, without an opening quote.
    pub typed: String,
    pub wants: Wants,
    /// What is typed is to be less or more than the value: `took>4`.
    pub is_compared: bool,
    /// The filter without the term that is being written: which entries a suggested value is counted in.
    pub rest: String,
    /// What the stages before this one made.
    pub made: Made,
}

/// What stages made of entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// Columns in their order; before there is a table, what was extracted.
    pub names: Vec<String>,
    /// There is a table: fields of entries that are no column of it are gone.
    pub is_table: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wants {
    /// A word of the filter, or the name of a field.
    Word,
    /// A value of this field.
    Value(String),
    /// The first word after a bar.
    Stage,
    /// A field or column in this stage.
    Column(String),
    /// A measure in this stage, or `by`; whether one is written already.
    Measure { stage: String, has_one: bool },
}

/// What is being written with the cursor at this byte of the query.
///
/// ```
/// use model::query::{Wants, place_at};
/// let place = place_at("timeout service:ca | count", 18);
/// assert_eq!((place.wants, place.typed.as_str()), (Wants::Value("service".into()), "ca"));
/// assert_eq!((place.start, place.end, place.rest.as_str()), (16, 18, "timeout"));
/// ```
pub fn place_at(query: &str, cursor: usize) -> Place {
    let cursor = (0..=cursor.min(query.len())).rev().find(|&at| query.is_char_boundary(at)).unwrap_or_default();
    let (before, after) = query.split_at(cursor);
    let (filter, stages) = split(before);
    if stages.is_empty() {
        return in_filter(query, 0, before, after);
    }
    let whole_filter = split(query).0.trim().to_owned();
    let bar = filter.len() + last_outside_quotes(stages, |c| c == '|').unwrap_or_default();
    let stage = before[bar..].trim_start_matches('|').trim_start();
    let start = before.len() - stage.len();
    let made = made_by(&parse_query(&before[..bar]).0.stages);
    let Some(name) = stage.split_once(char::is_whitespace).map(|(name, _)| name) else {
        let end = cursor + word_length(after, ":=<>!,");
        return Place {
            start,
            end,
            typed: stage.to_owned(),
            wants: Wants::Stage,
            is_compared: false,
            rest: whole_filter,
            made,
        };
    };
    if name.eq_ignore_ascii_case("where") {
        let place = in_filter(query, start + name.len(), before, after);
        return Place { rest: whole_filter, made, ..place };
    }
    let cut = last_outside_quotes(stage, |c| c.is_whitespace() || matches!(c, ',' | '('));
    let word = cut.map_or(0, |cut| cut + stage[cut..].chars().next().map_or(0, char::len_utf8));
    let typed = stage[word..].trim_start_matches('-');
    Place {
        start: cursor - typed.len(),
        end: cursor + word_length(after, ":=<>!,"),
        typed: typed.trim_start_matches('"').to_owned(),
        wants: wanted_in(name.to_lowercase(), stage.get(name.len()..word).unwrap_or_default()),
        is_compared: false,
        rest: whole_filter,
        made,
    }
}

/// What a stage wants behind what is written of it.
fn wanted_in(stage: String, written: &str) -> Wants {
    let is_in_call = written.matches('(').count() > written.matches(')').count();
    let words = || written.split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')'));
    let has_by = words().any(|word| word.eq_ignore_ascii_case("by"));
    match stage.as_str() {
        "count" | "stats" | "timeline" if !is_in_call && !has_by => {
            Wants::Measure { has_one: words().any(|word| Aggregate::read(word).is_some()), stage }
        }
        _ => Wants::Column(stage),
    }
}

fn made_by(stages: &[Stage]) -> Made {
    let mut made = Made::default();
    for stage in stages {
        let columns: Vec<String> = match stage {
            Stage::Stats { measures, by } => by.iter().cloned().chain(measures.iter().map(Measure::name)).collect(),
            Stage::Timeline { measures, by, .. } => {
                let keys = std::iter::once("time".to_owned()).chain(by.iter().cloned());
                keys.chain(measures.iter().map(Measure::name)).collect()
            }
            Stage::Top { by, .. } | Stage::Rare { by, .. } => {
                by.iter().cloned().chain([Measure::count().name()]).collect()
            }
            Stage::Fields { names } => names.clone(),
            Stage::Extract { pattern, .. } => {
                made.names.extend(names_in(pattern));
                continue;
            }
            Stage::Sort { .. } | Stage::Dedup { .. } | Stage::Where(_) | Stage::Limit(_) => continue,
        };
        made = Made { names: columns, is_table: true };
    }
    made
}

/// The same inside a filter that begins at `from`.
fn in_filter(query: &str, from: usize, before: &str, after: &str) -> Place {
    let mut word = from;
    let mut is_quoted = false;
    // What each open parenthesis belongs to: where its term begins, and the field it holds values of.
    let mut groups: Vec<(usize, Option<String>)> = Vec::new();
    for (at, c) in before.char_indices().skip_while(|&(at, _)| at < from) {
        match c {
            '"' if !before[..at].ends_with('\\') => is_quoted = !is_quoted,
            _ if is_quoted => {}
            '(' => {
                groups
                    .push((word, named(&before[word..at]).filter(|(_, value)| value.is_empty()).map(|(name, _)| name)));
                word = at + 1;
            }
            ')' => {
                groups.pop();
                word = at + 1;
            }
            c if c.is_whitespace() => word = at + c.len_utf8(),
            ',' if groups.last().is_some_and(|(_, field)| field.is_some()) => word = at + 1,
            _ => {}
        }
    }
    let term = before[word..].trim_start_matches(['-', '!', '+']);
    let (term_start, wants, typed) = match (named(term), groups.last()) {
        (Some((name, value)), _) => (word, Wants::Value(name), value),
        (None, Some((start, Some(field)))) => (*start, Wants::Value(field.clone()), term),
        (None, _) => (word, Wants::Word, term),
    };
    let ends = match groups.last() {
        _ if wants == Wants::Word => ":=<>!",
        Some((_, Some(_))) => ",",
        _ => "",
    };
    let rest_of_word = match is_quoted {
        true => after.find('"').map_or(0, |quote| quote + 1),
        false => word_length(after, ends),
    };
    let end = before.len() + rest_of_word;
    let rest = format!("{} {}", before[..term_start].trim_end(), query[end..].trim_start_matches(')').trim_start());
    let start = before.len() - typed.len();
    Place {
        start,
        end,
        typed: typed.trim_start_matches('"').to_owned(),
        wants,
        is_compared: before[..start].trim_end_matches('=').ends_with(['<', '>']),
        rest: split(rest.trim()).0.trim().to_owned(),
        made: Made::default(),
    }
}

/// The field and what is written of its value, where a term has come that far.
fn named(term: &str) -> Option<(String, &str)> {
    let term = term.trim_start_matches(['-', '!', '+']);
    let (name, after) = match term.strip_prefix('"') {
        Some(quoted) => quoted.split_at(quoted.find('"')?),
        None => term.split_at(term.find([':', '=', '<', '>', '!'])?),
    };
    let operator = after.trim_start_matches('"');
    let value = operator.trim_start_matches([':', '=', '<', '>', '!']);
    (!name.is_empty() && value.len() < operator.len()).then(|| (name.to_owned(), value))
}

fn last_outside_quotes(text: &str, is_wanted: impl Fn(char) -> bool) -> Option<usize> {
    let mut is_quoted = false;
    let mut found = None;
    for (at, c) in text.char_indices() {
        match c {
            '"' => is_quoted = !is_quoted,
            c if !is_quoted && is_wanted(c) => found = Some(at),
            _ => {}
        }
    }
    found
}

/// Bytes up to the end of the word that `text` begins with.
fn word_length(text: &str, ends: &str) -> usize {
    text.find(|c: char| c.is_whitespace() || "()|\"".contains(c) || ends.contains(c)).unwrap_or(text.len())
}

/// A field's name as a query writes it: in quotes where it needs them.
pub fn written_name(name: &str) -> String {
    let written = Expr::Field { name: name.to_owned(), test: Test::Exists }.to_string();
    written.strip_suffix(":*").unwrap_or(&written).to_owned()
}

/// A column's name as a stage writes it: `p95(took)`, in quotes where it needs them.
pub fn written_column(name: &str) -> String {
    SortKey { name: name.to_owned(), is_descending: false }.to_string()
}

/// A value as a query writes it behind the name of a field.
pub fn written_value(value: &str) -> String {
    let line = value.lines().next().unwrap_or_default();
    let written = Expr::Field { name: "f".to_owned(), test: Test::Is(line.to_owned()) }.to_string();
    written.strip_prefix("f:").unwrap_or(&written).to_owned()
}

/// Names of the fields that the filter of a query asks about.
pub fn asked_fields(query: &str) -> Vec<String> {
    let mut names = Vec::new();
    collect_names(&parse(query).0, &mut names);
    names
}

/// Names of the fields of entries that the stages of a query speak of: what is extracted is none, and behind the first stage
/// that makes groups of entries there are columns.
pub fn fields_of_stages(query: &str) -> Vec<String> {
    let (mut names, mut made) = (Vec::<String>::new(), Vec::<String>::new());
    for stage in parse_query(query).0.stages {
        for name in stage.names() {
            if !names.iter().chain(&made).any(|known| known.eq_ignore_ascii_case(name)) {
                names.push(name.to_owned());
            }
        }
        match &stage {
            Stage::Extract { pattern, .. } => made.extend(names_in(pattern)),
            Stage::Stats { .. } | Stage::Timeline { .. } | Stage::Top { .. } | Stage::Rare { .. } => break,
            _ => {}
        }
    }
    names
}

/// What an extraction calls the values that it finds.
fn names_in(pattern: &Extraction) -> Vec<String> {
    let (text, opening, closing) = match pattern {
        Extraction::Template(text) => (text, '{', '}'),
        Extraction::Regex(text) => (text, '<', '>'),
    };
    let named = text.split(opening).skip(1).filter_map(|rest| rest.split_once(closing));
    named.map(|(name, _)| name.trim().to_owned()).collect()
}

fn collect_names(expr: &Expr, names: &mut Vec<String>) {
    match expr {
        Expr::And(parts) | Expr::Or(parts) => parts.iter().for_each(|part| collect_names(part, names)),
        Expr::Not(inner) => collect_names(inner, names),
        Expr::Field { name, .. } if !names.contains(name) => names.push(name.clone()),
        _ => {}
    }
}

/// The query with another name for a field where it first asks about it.
pub fn with_field_renamed(query: &str, from: &str, to: &str) -> String {
    let from = written_name(from);
    let is_asked = |&(at, _): &(usize, &str)| {
        let starts = query[..at].chars().next_back().is_none_or(|c| c.is_whitespace() || "(-!".contains(c));
        starts && query[at + from.len()..].trim_start().starts_with([':', '=', '<', '>', '!'])
    };
    let filter_bytes = split(query).0.len();
    let is_in_stage = |&(at, _): &(usize, &str)| {
        let starts = query[..at].chars().next_back().is_some_and(|c| c.is_whitespace() || "(,-".contains(c));
        let ends = query[at + from.len()..].chars().next().is_none_or(|c| c.is_whitespace() || "),|".contains(c));
        // A template has names of its own.
        let is_quoted = query[filter_bytes.min(at)..at].matches('"').count() % 2 == 1;
        at >= filter_bytes && starts && ends && !is_quoted
    };
    let found = query.match_indices(&from).find(is_asked).or_else(|| query.match_indices(&from).find(is_in_stage));
    match found {
        Some((at, _)) => format!("{}{}{}", &query[..at], written_name(to), &query[at + from.len()..]),
        None => query.to_owned(),
    }
}

/// The name that was probably meant: with the same letters but for a few, or with this name as one of its parts.
pub fn nearest_name<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let wanted = name.to_lowercase();
    let most_edits = (wanted.chars().count() / 3).clamp(1, 3);
    let distance = |other: &str| {
        let other = other.to_lowercase();
        let is_part = other.split(['.', '_', '-']).any(|part| part == wanted);
        if is_part { 1 } else { edits(&wanted, &other) }
    };
    let near = names.into_iter().map(|other| (distance(other), other)).filter(|(edits, _)| *edits <= most_edits);
    near.min_by_key(|(edits, _)| *edits).map(|(_, other)| other)
}

/// How many letters must be put in, left out or exchanged (Levenshtein); two that changed places count as one.
fn edits(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (i, &a) in from.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &b) in to.iter().enumerate() {
            let mut least = (last[j] + usize::from(a != b)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a == to[j - 1] && from[i - 1] == b {
                least = least.min(before_last[j - 1] + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[to.len()]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `^` is the cursor; `[ ]` in what comes out is what a suggestion replaces.
    fn check(written: &str, expected: &str) {
        let cursor = written.find('^').unwrap();
        let query = written.replace('^', "");
        let Place { start, end, typed, wants, rest, .. } = place_at(&query, cursor);
        let marked = format!("{}[{}]{}", &query[..start], &query[start..end], &query[end..]);
        assert_eq!(format!("{wants:?} {typed:?} in {rest:?}: {marked}"), expected);
    }

    #[test]
    fn a_word_may_become_a_field() {
        check("stat^", r#"Word "stat" in "": [stat]"#);
        check("timeout -st^at:5 b", r#"Word "st" in "timeout :5 b": timeout -[stat]:5 b"#);
        check("a ^", r#"Word "" in "a": a []"#);
        check("(a OR st^", r#"Word "st" in "(a OR": (a OR [st]"#);
    }

    #[test]
    fn behind_an_operator_a_value_is_wanted() {
        check("timeout service:^", r#"Value("service") "" in "timeout": timeout service:[]"#);
        check("service:ca^rt x", r#"Value("service") "ca" in "x": service:[cart] x"#);
        check("-status>=5^", r#"Value("status") "5" in "": -status>=[5]"#);
        check(r#"a path:"/api v^1" b"#, r#"Value("path") "/api v" in "a b": a path:["/api v1"] b"#);
        check(r#""user name":e^"#, r#"Value("user name") "e" in "": "user name":[e]"#);
        check("a service:(cart OR p^) b", r#"Value("service") "p" in "a b": a service:(cart OR [p]) b"#);
        check("status:(40^, 503)", r#"Value("status") "40" in ", 503)": status:([40], 503)"#);
        check("status:(404,50^", r#"Value("status") "50" in "": status:(404,[50]"#);
    }

    #[test]
    fn behind_a_bar_a_stage_and_then_its_columns_are_wanted() {
        check("a | co^", r#"Stage "co" in "a": a | [co]"#);
        check("a |^", r#"Stage "" in "a": a |[]"#);
        check("a | count by ser^ | limit 3", r#"Column("count") "ser" in "a": a | count by [ser] | limit 3"#);
        check("| stats avg(to^)", r#"Column("stats") "to" in "": | stats avg([to])"#);
        check("| sort -co^", r#"Column("sort") "co" in "": | sort -[co]"#);
        let measure = |has_one| format!(r#"Measure {{ stage: "stats", has_one: {has_one} }}"#);
        check("| stats ^", &format!(r#"{} "" in "": | stats []"#, measure(false)));
        check("| stats avg(took) b^", &format!(r#"{} "b" in "": | stats avg(took) [b]"#, measure(true)));
        check("| stats avg(took) by p^", r#"Column("stats") "p" in "": | stats avg(took) by [p]"#);
        check("a | count by b | where c^", r#"Word "c" in "a": a | count by b | where [c]"#);
    }

    #[test]
    fn behind_a_stage_there_are_the_columns_that_it_made() {
        let made = |query: &str| {
            let Made { names, is_table } = place_at(query, query.len()).made;
            (names.join(" "), is_table)
        };
        for (query, names, is_table) in [
            ("| sort s", "", false),
            ("a | count by service | sort c", "service count", true),
            ("| timeline 1m p95(took), max(took) as most by path | where ", "time path p95(took) most", true),
            ("| extract \"took {ms} ms\" | stats avg(m", "ms", false),
            ("| top 5 path | limit 3 | fields co", "path count", true),
            ("| count by a, b | fields b, count | sort ", "b count", true),
        ] {
            assert_eq!(made(query), (names.to_owned(), is_table), "{query}");
        }
        assert_eq!((written_column("p95(took)"), written_column("a b")), ("p95(took)".into(), "\"a b\"".into()));
    }

    #[test]
    fn names_and_values_are_quoted_where_they_need_it() {
        assert_eq!(
            (written_name("user name"), written_name("http.status")),
            ("\"user name\"".into(), "http.status".into())
        );
        assert_eq!((written_value("a b"), written_value("cart")), ("\"a b\"".into(), "cart".into()));
    }

    #[test]
    fn a_name_that_was_mistyped_is_recognised() {
        let names = ["status", "http.path", "user_id", "took"];
        let near = |name| nearest_name(name, names);
        assert_eq!(
            (near("statsu"), near("Path"), near("usr_id"), near("took2")),
            (Some("status"), Some("http.path"), Some("user_id"), Some("took"))
        );
        assert_eq!(near("colour"), None);
        assert_eq!(asked_fields("a statsu>5 OR -usr:b | count by c"), ["statsu", "usr"]);
        assert_eq!(
            fields_of_stages("a:1 | extract \"took {ms} ms\" | where ms>5 b:2 | stats max(c) by d | sort e"),
            ["b", "d", "c"]
        );
        assert_eq!(
            with_field_renamed("statsu | count by statsu, b", "statsu", "status"),
            "statsu | count by status, b"
        );
        assert_eq!(
            with_field_renamed(r#"| extract "a {b} usr c" | count by usr"#, "usr", "user"),
            r#"| extract "a {b} usr c" | count by user"#
        );
        assert_eq!(with_field_renamed("xstatsu:1 statsu>5 | count", "statsu", "status"), "xstatsu:1 status>5 | count");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_cursor_has_a_place(query in "[a-c:=<>()\"|, é-]{0,24}", cursor in 0usize..30) {
            let place = place_at(&query, cursor);
            prop_assert!(place.start <= place.end && place.end <= query.len());
            prop_assert!(query.get(place.start..place.end).is_some());
        }
    }
}
