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

/// Whether the query asks for `field:value`, as [`with_term`] writes it.
pub fn has_term(query: &str, field: &str, value: &str) -> bool {
    has_condition(query, &term(field, value))
}

/// The query without `field:value`; the rest stays.
pub fn without_term(query: &str, field: &str, value: &str) -> String {
    without_condition(query, &term(field, value))
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

/// A filter with the stages that followed the one before it.
fn join(filter: String, stages: &str) -> String {
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
fn terms(expr: &Expr) -> &[Expr] {
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
        assert_eq!(without_term("user:eve | count", "user", "eve"), "| count");
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
    fn what_was_added_can_be_taken_out_again() {
        for query in ["", "timeout", "a OR b", "level:error \"two words\""] {
            let added = with_term(query, "source", "var/log/a b.log", Change::Include);
            assert!(has_term(&added, "source", "var/log/a b.log"), "{added}");
            assert!(!has_term(query, "source", "var/log/a b.log"));
            assert_eq!(parse(&without_term(&added, "source", "var/log/a b.log")), parse(query), "{added}");
        }
    }
}
