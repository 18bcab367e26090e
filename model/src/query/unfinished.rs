//! A value that is still being written: until it is whole, what begins so is found as well.
//!
//! Half a value is no value, so `service:pay` would find nothing on its way to `service:payment`.

use super::level::{Levels, is_level_name, words_from};
use super::time::is_time_name;
use super::{Expr, Place, Test, Wants, parse, place_at, split, written_name};

/// Words that may join values of a list.
const JOINING: [&str; 3] = ["AND", "OR", "NOT"];

/// A query whose last value is let go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// As it is written.
    pub written: String,
    /// What is asked for in its place.
    pub asked: String,
    /// `service:pay*`: what is let go on, in few words.
    pub open: String,
}

/// The query with the value that ends at the cursor (a byte) let go on. `None` where no value ends there that may go on: one in
/// quotes, a comparison, a time, a word that joins values of a list, or one that is left out, of which more would be than of the
/// whole.
///
/// ```
/// use model::query::while_written;
/// let unfinished = while_written("timeout service:pay | count", 19).unwrap();
/// assert_eq!(unfinished.asked, "timeout (service:pay OR service:pay*) | count");
/// assert_eq!(unfinished.open, "service:pay*");
/// assert_eq!(while_written("service:pay ", 12), None);
/// ```
pub fn while_written(query: &str, cursor: usize) -> Option<Unfinished> {
    let (filter, _) = split(query);
    let Place { start, end, typed, wants: Wants::Value(field), .. } = place_at(query, cursor) else { return None };
    let written = query.get(start..end).filter(|written| *written == typed && !written.is_empty())?;
    if end != cursor || end > filter.len() || is_time_name(&field) {
        return None;
    }
    let is = Expr::Field { name: field.clone(), test: Test::Is(written.to_owned()) };
    let name = written_name(&field);
    // A level that is none yet is left out by the parser.
    let is_value = parse(&format!("{name}:{written}")).0 == is || is_level_name(&field);
    if !is_value || is_left_out(&parse(query).0, &is) {
        return None;
    }
    let before = query[..start].strip_suffix([':', '=']).filter(|before| !before.ends_with(['=', '<', '>', '!', '~']));
    let may_join = before.is_none() && JOINING.iter().any(|word| written.eq_ignore_ascii_case(word));
    if may_join && !has(&parse(query).0, &is) {
        return None;
    }
    let alternatives = alternatives(&field, written)?;
    let (term, goes_on) = match before {
        Some(before) => (before.strip_suffix(&name)?.len(), Expr::or(alternatives).to_string()),
        // In parentheses behind the name, values stand alone.
        None if query[..start].ends_with(['(', ' ']) => (start, alone(&alternatives, &name)?),
        None => return None,
    };
    let asked = format!("{}({goes_on}){}", &query[..term], &query[end..]);
    Some(Unfinished { written: query.to_owned(), asked, open: format!("{name}:{written}*") })
}

/// What is asked for, any of it. `None`: nothing goes on so.
fn alternatives(field: &str, written: &str) -> Option<Vec<Expr>> {
    let term = |test: Test| Expr::Field { name: field.to_owned(), test };
    let is = |text: &str| term(Test::Is(text.to_owned()));
    if is_level_name(field) {
        let words = words_from(written);
        // One that has no other meaning is whole.
        let is_enough = words.is_empty() || Levels::read(written).is_some() && words.len() == 1;
        return (!is_enough).then(|| words.into_iter().map(is).collect());
    }
    let mut alternatives = vec![is(written), term(Test::StartsWith(written.to_owned()))];
    // Of a text in several words any may be the one.
    if field.eq_ignore_ascii_case("message") && written.chars().all(char::is_alphanumeric) {
        let begins = term(Test::Matches(format!("(?i)\\b{written}")));
        alternatives.push(Expr::And(vec![Expr::Prefix(written.to_owned()), begins]));
    }
    Some(alternatives)
}

/// The values as they stand behind `name:(`.
fn alone(alternatives: &[Expr], name: &str) -> Option<String> {
    let fields = alternatives.iter().filter(|part| matches!(part, Expr::Field { .. }));
    let values: Option<Vec<String>> =
        fields.map(|part| part.to_string().strip_prefix(name)?.strip_prefix(':').map(str::to_owned)).collect();
    values.map(|values| values.join(" OR "))
}

/// Whether entries with the value are those that are not found.
fn is_left_out(filter: &Expr, value: &Expr) -> bool {
    match filter {
        Expr::Not(inner) => has(inner, value),
        Expr::And(parts) | Expr::Or(parts) => parts.iter().any(|part| is_left_out(part, value)),
        _ => false,
    }
}

fn has(filter: &Expr, value: &Expr) -> bool {
    match filter {
        Expr::Not(inner) => has(inner, value),
        Expr::And(parts) | Expr::Or(parts) => parts.iter().any(|part| has(part, value)),
        part => part == value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `^` is the cursor.
    fn check(written: &str, expected: Option<&str>) {
        let cursor = written.find('^').unwrap();
        let unfinished = while_written(&written.replace('^', ""), cursor);
        assert_eq!(unfinished.as_ref().map(|unfinished| &*unfinished.asked), expected, "{written}");
        if let Some(Unfinished { asked, .. }) = unfinished {
            assert_eq!(parse(&asked).1, [], "{asked}");
        }
    }

    #[test]
    fn half_a_value_finds_what_begins_so() {
        check("service:p^", Some("(service:p OR service:p*)"));
        check("a service=pay^ b", Some("a (service:pay OR service:pay*) b"));
        check("service:(cart OR pa^)", Some("service:(cart OR (pa OR pa*))"));
        check("level:(warn OR e^)", Some("level:(warn OR (error OR emergency))"));
        check("\"user name\":ev^", Some("(\"user name\":ev OR \"user name\":ev*)"));
        check("path:/a^ b/", Some("(path:\"/a\" OR path:\"/a\"*) b/"));
        check("status:20^ | count by path", Some("(status:20 OR status:20*) | count by path"));
        check("message:time^", Some(r"(message:time OR message:time* OR time* message:/(?i)\btime/)"));
    }

    #[test]
    fn in_parentheses_that_are_still_open_half_a_value_goes_on_as_well() {
        let unfinished = while_written("service:(cart OR pa", 19).unwrap();
        let whole = parse("service:(cart OR (pa OR pa*))").0;
        assert_eq!(parse(&unfinished.asked).0, whole);
        assert_eq!(whole, parse("service:cart OR service:pa OR service:pa*").0);
    }

    #[test]
    fn what_joins_values_of_a_list_is_none_itself() {
        for written in ["service:(payment OR^", "service:(payment or^", "service:(cart, NOT^", "service:(cart AND^"] {
            check(written, None);
        }
        assert!(while_written("service:OR", 10).is_some());
        assert!(while_written("service:(cart OR ora)", 20).is_some());
    }

    #[test]
    fn half_a_level_finds_the_levels_that_begin_so() {
        check("level:er^", Some("(level:error)"));
        check("level:e^", Some("(level:error OR level:emergency)"));
        for whole in ["level:err^", "level:w^", "level:error^", "level:zz^", "level:17^"] {
            check(whole, None);
        }
    }

    #[test]
    fn what_is_whole_or_no_value_is_asked_for_as_it_is() {
        for written in [
            "service:pay ^",
            "service:pa^y",
            "service:^",
            "service:\"pay^",
            "service==pay^",
            "status>=5^",
            "service:pa*^",
            "took:[1 TO^",
            "time:2026-11^",
            "pay^",
            "-service:pa^",
            "NOT (a service:pa^)",
            "service!=pa^",
            "http://pa^",
            "a | where service:pa^",
            "client:10.0.0.0/8^",
        ] {
            check(written, None);
        }
    }

    #[test]
    fn other_terms_that_are_left_out_make_no_difference() {
        check("-level:info service:pa^", Some("-level:info (service:pa OR service:pa*)"));
    }
}
