//! Changes a query as a click on a value does: filter for it, filter it out.

use super::{Expr, Test, is_level_name, parse, split};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Include,
    Exclude,
}

/// The query with `field:value` asked for (or excluded); the opposite of it is taken out, the rest stays.
///
/// ```
/// use model::query::{Change, with_term};
/// assert_eq!(with_term("timeout", "service", "cart", Change::Exclude), "timeout -service:cart");
/// assert_eq!(with_term("timeout -service:cart", "service", "cart", Change::Include), "timeout service:cart");
/// ```
pub fn with_term(query: &str, field: &str, value: &str, change: Change) -> String {
    with_condition(query, &term(field, first_line(value)), change)
}

/// The query with `wanted` asked for too (or excluded); the opposite of it is taken out, the rest and the stages stay.
pub fn with_condition(query: &str, wanted: &Expr, change: Change) -> String {
    let (filter, stages) = split(query);
    join(filter_with(filter.trim_end(), wanted, change), stages)
}

fn filter_with(query: &str, condition: &Expr, change: Change) -> String {
    let (positive, negative) = (condition.clone(), condition.clone().negate());
    let (wanted, opposite) = match change {
        Change::Include => (positive, negative),
        Change::Exclude => (negative, positive),
    };
    let (expr, problems) = parse(query);
    let (terms, wanted_terms) = (terms(&expr), self::terms(&wanted));
    if wanted_terms.iter().all(|wanted| terms.contains(wanted)) {
        return query.to_owned();
    }
    if problems.is_empty() && !terms.contains(&opposite) {
        // What the user typed stays as it was typed, where adding to it means the same.
        let appended = format!("{query} {wanted}");
        let appended = appended.trim_start();
        if parse(appended).0 == Expr::and([expr.clone(), wanted.clone()]) {
            return appended.to_owned();
        }
    }
    let kept = terms.iter().filter(|&term| *term != opposite).cloned();
    Expr::and(kept.chain([wanted])).to_string()
}

/// Whether all of `condition` is among what the query asks for.
pub fn has_condition(query: &str, condition: &Expr) -> bool {
    let (expr, _) = parse(query);
    terms(condition).iter().all(|wanted| terms(&expr).contains(wanted))
}

/// The query without `condition`; the rest stays.
pub fn without_condition(query: &str, condition: &Expr) -> String {
    let (expr, _) = parse(query);
    let left = terms(&expr).iter().filter(|term| !terms(condition).contains(term)).cloned();
    join(Expr::and(left).to_string(), split(query).1)
}

/// The values of `field` that the query lets through: of `field:a`, or of `(field:a OR field:b)`. Empty where all are.
pub fn chosen_values(query: &str, field: &str) -> Vec<String> {
    terms(&parse(query).0).iter().find_map(|term| values_of(term, field)).unwrap_or_default()
}

/// The values that the query names of `field` to let them through, exactly or not: of `(field==a OR field:b)`.
pub fn named_values(query: &str, field: &str) -> Vec<String> {
    let named = |choice: Expr| match choice {
        Expr::Field { test: Test::Is(value) | Test::Equals(value), .. } => Some(value),
        _ => None,
    };
    choices(query, field).into_iter().filter_map(named).collect()
}

/// The query with these values of `field` let through in place of those it chose before; the rest stays.
///
/// ```
/// use model::query::choose_values;
/// let query = choose_values("timeout source:a", "source", ["a", "b"]);
/// assert_eq!(query, "timeout (source:a OR source:b)");
/// assert_eq!(choose_values(&query, "source", []), "timeout");
/// ```
pub fn choose_values<'v>(query: &str, field: &str, values: impl IntoIterator<Item = &'v str>) -> String {
    choose(query, field, values.into_iter().map(|value| term(field, value)).collect())
}

/// The same with entries whose field is exactly one of these values, as facets and tables show them.
///
/// ```
/// use model::query::choose_exactly;
/// let query = choose_exactly("timeout service:shop", "service", ["cart"]);
/// assert_eq!(query, "timeout service==cart");
/// assert_eq!(choose_exactly(&query, "service", ["cart", "shop"]), "timeout (service==cart OR service==shop)");
/// ```
pub fn choose_exactly<'v>(query: &str, field: &str, values: impl IntoIterator<Item = &'v str>) -> String {
    choose(query, field, values.into_iter().map(|value| value_term(field, value)).collect())
}

/// The query with one value more, or one less, let through.
pub fn toggle_value(query: &str, field: &str, value: &str) -> String {
    toggle_choice(query, &term(field, value))
}

/// The query with what a click on a value of a field asks for, or without it where it is asked for already: a second value
/// of a field is let through beside the first. Other conditions come and go as they are.
///
/// ```
/// use model::query::{toggle_choice, value_term};
/// let query = toggle_choice("timeout path==\"/a\"", &value_term("path", "/b"));
/// assert_eq!(query, "timeout (path==\"/a\" OR path==\"/b\")");
/// assert_eq!(toggle_choice(&query, &value_term("path", "/a")), "timeout path==\"/b\"");
/// ```
pub fn toggle_choice(query: &str, condition: &Expr) -> String {
    let Some(field) = chosen_field(condition) else {
        return match has_condition(query, condition) {
            true => without_condition(query, condition),
            false => with_condition(query, condition, Change::Include),
        };
    };
    let mut choices = choices(query, field);
    match choices.iter().position(|other| other == condition) {
        Some(at) => drop(choices.remove(at)),
        None => choices.push(condition.clone()),
    }
    let query = match choices.contains(condition) {
        true => without_condition(query, &condition.clone().negate()),
        false => query.to_owned(),
    };
    choose(&query, field, choices)
}

/// The query that lets `field:value` through beside what it has chosen of the field.
pub fn with_choice(query: &str, field: &str, value: &str) -> String {
    let condition = term(field, first_line(value));
    if is_chosen(query, &condition) { query.to_owned() } else { toggle_choice(query, &condition) }
}

/// Whether entries with this are let through for its own sake: it is asked for, or is one of several that are.
pub fn is_chosen(query: &str, condition: &Expr) -> bool {
    has_condition(query, condition)
        || chosen_field(condition).is_some_and(|field| choices(query, field).contains(condition))
}

/// The query without the values it chooses of `field`; `None` where it chooses none.
pub fn without_choice(query: &str, field: &str) -> Option<String> {
    (!choices(query, field).is_empty()).then(|| choose(query, field, Vec::new()))
}

/// What the query lets through of `field`, as conditions of which one must hold.
fn choices(query: &str, field: &str) -> Vec<Expr> {
    terms(&parse(query).0).iter().find_map(|term| choices_of(term, field)).unwrap_or_default()
}

fn choices_of(term: &Expr, field: &str) -> Option<Vec<Expr>> {
    match term {
        Expr::Or(parts) => {
            parts.iter().map(|part| choices_of(part, field)).collect::<Option<Vec<_>>>().map(|all| all.concat())
        }
        one => chosen_field(one).filter(|name| name.eq_ignore_ascii_case(field)).map(|_| vec![one.clone()]),
    }
}

/// The field of which a condition lets one value, or its absence, through.
fn chosen_field(condition: &Expr) -> Option<&str> {
    match condition {
        Expr::Field { name, test: Test::Is(_) | Test::Equals(_) } => Some(name),
        Expr::Not(inner) => match &**inner {
            Expr::Field { name, test: Test::Exists } => Some(name),
            _ => None,
        },
        _ => None,
    }
}

/// The query with these conditions, of which one must hold, in place of what it chose of `field` before.
fn choose(query: &str, field: &str, choices: Vec<Expr>) -> String {
    let (filter, problems) = parse(query);
    let chosen = if choices.is_empty() { Expr::All } else { Expr::or(choices) };
    let (earlier, rest): (Vec<_>, Vec<_>) =
        terms(&filter).iter().cloned().partition(|term| choices_of(term, field).is_some());
    let (written, stages) = split(query);
    if earlier.is_empty() && problems.is_empty() {
        // What the user typed stays as it was typed, where adding to it means the same.
        let appended = match &chosen {
            Expr::Or(_) => format!("{} ({chosen})", written.trim_end()),
            one => format!("{} {one}", written.trim_end()),
        };
        let wanted = Expr::and([filter, chosen.clone()]);
        if parse(appended.trim()).0 == wanted {
            return join(appended.trim().to_owned(), stages);
        }
    }
    join(Expr::and(rest.into_iter().chain([chosen])).to_string(), stages)
}

fn values_of(term: &Expr, field: &str) -> Option<Vec<String>> {
    match term {
        Expr::Field { name, test: Test::Is(value) } if name.eq_ignore_ascii_case(field) => Some(vec![value.clone()]),
        Expr::Or(parts) => {
            parts.iter().map(|part| values_of(part, field)).collect::<Option<Vec<_>>>().map(|all| all.concat())
        }
        _ => None,
    }
}

/// The query with each of its words let go on, and these words; `None` where it has none.
///
/// ```
/// use model::query::with_open_words;
/// assert_eq!(with_open_words("serv level:error"), Some(("serv* level:error".into(), vec!["serv".into()])));
/// ```
pub fn with_open_words(query: &str) -> Option<(String, Vec<String>)> {
    let mut words = Vec::new();
    let opened = opened(parse(query).0, &mut words);
    (!words.is_empty()).then(|| (join(opened.to_string(), split(query).1), words))
}

fn opened(expr: Expr, words: &mut Vec<String>) -> Expr {
    match expr {
        Expr::And(parts) => Expr::and(parts.into_iter().map(|part| opened(part, words))),
        Expr::Or(parts) => Expr::or(parts.into_iter().map(|part| opened(part, words))),
        Expr::Word(word) if word.ends_with(char::is_alphanumeric) => {
            words.push(word.clone());
            Expr::Prefix(word)
        }
        other => other,
    }
}

/// A filter with the stages that followed the one before it.
pub(super) fn join(filter: String, stages: &str) -> String {
    match (filter.is_empty(), stages.is_empty()) {
        (_, true) => filter,
        (true, false) => stages.to_owned(),
        (false, false) => format!("{filter} {stages}"),
    }
}

/// The filter for entries whose field is exactly this value, as a facet or a table shows it.
pub fn value_term(field: &str, value: &str) -> Expr {
    // Levels have names of their own, whatever an entry calls them.
    if is_level_name(field) {
        return term(field, value);
    }
    Expr::Field { name: field.to_owned(), test: Test::Equals(value.to_owned()) }
}

fn term(field: &str, value: &str) -> Expr {
    Expr::Field { name: field.to_owned(), test: Test::Is(value.to_owned()) }
}

/// A search box holds one line; the first line of a longer value finds it.
fn first_line(value: &str) -> &str {
    value.lines().next().unwrap_or_default()
}

/// What all must hold.
pub(super) fn terms(expr: &Expr) -> &[Expr] {
    match expr {
        Expr::And(parts) => parts,
        other => std::slice::from_ref(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_stays_as_it_was_typed() {
        assert_eq!(with_term("a AND b", "user", "eve", Change::Include), "a AND b user:eve");
        assert_eq!(with_term("", "user", "eve", Change::Include), "user:eve");
    }

    #[test]
    fn a_choice_keeps_its_meaning() {
        assert_eq!(with_term("a OR b", "user", "eve", Change::Exclude), "(a OR b) -user:eve");
    }

    #[test]
    fn the_opposite_is_replaced_and_the_same_is_not_added_twice() {
        assert_eq!(with_term("-user:eve x", "user", "eve", Change::Include), "x user:eve");
        assert_eq!(with_term("user:eve x", "user", "eve", Change::Exclude), "x -user:eve");
        assert_eq!(with_term("user:eve x", "user", "eve", Change::Include), "user:eve x");
    }

    #[test]
    fn values_are_quoted_where_they_need_it() {
        assert_eq!(with_term("", "message", "cart is \"full\"", Change::Include), r#"message:"cart is \"full\"""#);
        assert_eq!(with_term("", "path", "/api/v1", Change::Include), r#"path:"/api/v1""#);
        assert_eq!(with_term("", "user name", "*", Change::Exclude), r#"-"user name":"*""#);
        assert_eq!(with_term("", "stack", "first\nsecond", Change::Include), "stack:first");
    }

    #[test]
    fn the_stages_stay_behind_the_filter() {
        assert_eq!(with_term("a | count by user", "user", "eve", Change::Include), "a user:eve | count by user");
        assert_eq!(with_term("| count", "user", "eve", Change::Exclude), "-user:eve | count");
        assert_eq!(toggle_value("user:eve | count", "user", "eve"), "| count");
    }

    #[test]
    fn a_condition_of_two_terms_comes_and_goes_as_one() {
        let span = parse("took>=1s took<2s").0;
        let narrowed = with_condition("user:eve | count", &span, Change::Include);
        assert_eq!(narrowed, "user:eve took>=1s took<2s | count");
        assert!(has_condition(&narrowed, &span));
        assert!(!has_condition("took>=1s", &span));
        assert_eq!(with_condition(&narrowed, &span, Change::Include), narrowed);
        assert_eq!(without_condition(&narrowed, &span), "user:eve | count");
        assert_eq!(with_condition("a", &span, Change::Exclude), "a -(took>=1s took<2s)");
    }

    #[test]
    fn an_absent_field_is_asked_for_and_excluded_like_a_value() {
        let absent = parse("-user:*").0;
        assert_eq!(with_condition("a", &absent, Change::Include), "a -user:*");
        assert_eq!(with_condition("a -user:*", &absent, Change::Exclude), "a user:*");
    }

    #[test]
    fn an_unfinished_query_is_finished_first() {
        assert_eq!(with_term("\"half", "user", "eve", Change::Include), "\"half\" user:eve");
    }

    #[test]
    fn words_are_opened_where_they_are_asked_for() {
        let opened = |query: &str| with_open_words(query).map(|(opened, _)| opened);
        assert_eq!(opened("serv OR clie | count").as_deref(), Some("serv* OR clie* | count"));
        assert_eq!(opened("serv -clie").as_deref(), Some("serv* -clie"));
        assert_eq!(opened("level:error \"two words\" time*"), None);
    }

    #[test]
    fn two_values_of_a_field_are_either_of_them() {
        let both = toggle_value("timeout source:a", "source", "b");
        assert_eq!(parse(&both), parse("timeout source:(a OR b)"));
        assert_eq!(chosen_values(&both, "source"), ["a", "b"]);
        assert_eq!(toggle_value(&both, "source", "a"), "timeout source:b");
        assert_eq!(toggle_value("source:(a OR b OR c)", "source", "b"), "source:a OR source:c");
        assert_eq!(toggle_value("source:a x source:b", "source", "b"), "x (source:a OR source:b)");
        assert_eq!(named_values("x (source==a OR source:b OR -source:*)", "source"), ["a", "b"]);
    }

    #[test]
    fn a_second_value_of_a_field_is_let_through_beside_the_first() {
        let one = toggle_choice("timeout", &value_term("user", "eve"));
        assert_eq!(one, "timeout user==eve");
        let two = toggle_choice(&one, &value_term("user", "bob"));
        assert_eq!(two, "timeout (user==eve OR user==bob)");
        assert!(is_chosen(&two, &value_term("user", "eve")) && !is_chosen(&two, &value_term("user", "ann")));
        let with_absent = toggle_choice(&two, &parse("-user:*").0);
        assert_eq!(with_absent, "timeout (user==eve OR user==bob OR -user:*)");
        assert_eq!(toggle_choice(&with_absent, &value_term("user", "eve")), "timeout (user==bob OR -user:*)");
        assert_eq!(without_choice(&two, "user").as_deref(), Some("timeout"));
        assert_eq!(without_choice("timeout", "user"), None);
    }

    #[test]
    fn a_choice_of_another_field_and_what_is_no_value_narrow_further() {
        let level = parse("level:error").0;
        assert_eq!(toggle_choice("user==eve", &level), "user==eve level:error");
        let span = parse("took>=1s took<2s").0;
        let narrowed = toggle_choice("took:3s", &span);
        assert_eq!(narrowed, "took:3s took>=1s took<2s");
        assert_eq!(toggle_choice(&narrowed, &span), "took:3s");
    }

    #[test]
    fn a_value_that_was_filtered_out_is_let_in_again() {
        assert_eq!(toggle_choice("-user==eve x", &value_term("user", "eve")), "x user==eve");
    }

    #[test]
    fn other_conditions_are_no_choice_of_values() {
        for query in ["source:a OR level:error", "-source:a", "source:web/*", "service:a"] {
            assert!(chosen_values(query, "source").is_empty(), "{query}");
            let chosen = toggle_value(query, "source", "b");
            assert_eq!(parse(&chosen).0, Expr::and([parse(query).0, term("source", "b")]), "{query}");
        }
    }

    #[test]
    fn a_value_that_was_chosen_can_be_taken_back() {
        for query in ["", "timeout", "a OR b", "level:error \"two words\"", "timeout | count"] {
            let added = toggle_value(query, "source", "var/log/a b.log");
            assert_eq!(chosen_values(&added, "source"), ["var/log/a b.log"], "{added}");
            assert_eq!(parse(&toggle_value(&added, "source", "var/log/a b.log")), parse(query), "{added}");
        }
    }
}
