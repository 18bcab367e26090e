//! Fields of an entry that are called like what every entry has: `.source` is the entry's own.
//!
//! `var1`, `var2`, … are the values in an entry's pattern, counted from the left. Each pattern has its own: the second of one
//! and the second of another have nothing in common, so a query that means one names its pattern, too.

use std::borrow::Cow;

use super::{Expr, Test};

const VARIABLE: &str = "var";

/// What queries take these names for is not in the entry, or is no field of it.
const TAKEN: [&str; 7] = ["level", "severity", "service", "source", "format", "template", "time"];

fn is_taken(name: &str) -> bool {
    TAKEN.iter().any(|taken| name.eq_ignore_ascii_case(taken)) || variable_place(name).is_some()
}

/// Which value of its pattern a name stands for, counted from 0: `var1` is the first.
pub fn variable_place(name: &str) -> Option<usize> {
    let (head, digits) = name.split_at_checked(VARIABLE.len())?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    let number: usize = digits.parse().ok().filter(|_| is_number && head.eq_ignore_ascii_case(VARIABLE))?;
    Some(number - 1)
}

/// The inverse of [`variable_place`].
pub fn variable_name(place: usize) -> String {
    format!("{VARIABLE}{}", place + 1)
}

/// The pattern that all entries found are made from, if the filter says so: `template:0c7d5e2f9a14 level:error`.
pub fn only_template(filter: &Expr) -> Option<&str> {
    match filter {
        Expr::And(parts) => parts.iter().find_map(only_template),
        Expr::Field { name, test: Test::Is(id) | Test::Equals(id) } if name.eq_ignore_ascii_case("template") => {
            Some(id)
        }
        _ => None,
    }
}

/// The name of the entry's own field that a query calls so: `.source` is `source`. None for all names without need of the dot.
pub fn own_field(name: &str) -> Option<&str> {
    name.strip_prefix('.').filter(|own| is_taken(own))
}

/// What queries call a field of an entry.
pub fn name_of_own(field: &str) -> Cow<'_, str> {
    if is_taken(field) { Cow::Owned(format!(".{field}")) } else { Cow::Borrowed(field) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{parse, parse_query};

    #[test]
    fn a_field_with_a_taken_name_has_a_dot_before_it() {
        for field in ["source", "Level", "time", "user", "http.status"] {
            let name = name_of_own(field);
            assert_eq!(own_field(&name).unwrap_or(&name), field);
        }
        assert_eq!(own_field(".user"), None);
    }

    #[test]
    fn the_dot_is_written_without_quotes() {
        for query in [".source:reflector.go", "NOT .source:reflector.go", "a .level==9", ".service:*", ".time>5"] {
            let (filter, problems) = parse(query);
            assert!(problems.is_empty(), "{problems:?}");
            assert_eq!(filter.to_string(), query);
        }
        assert_eq!(parse_query("a | count by .source").0.to_string(), "a | count by .source");
    }

    #[test]
    fn values_of_patterns_are_counted_from_one() {
        assert_eq!([variable_place("var1"), variable_place("Var12")], [Some(0), Some(11)]);
        for other in ["var", "var0", "var01", "var1x", "variable", "vär1", "var+1", "1"] {
            assert_eq!(variable_place(other), None, "{other}");
        }
        assert_eq!(variable_name(1), "var2");
        assert_eq!(name_of_own("var2"), ".var2");
    }

    #[test]
    fn one_pattern_is_meant_where_every_entry_must_be_of_it() {
        for (query, id) in [("template:0c7d a", Some("0c7d")), ("a (b template==0c7d)", Some("0c7d")), ("var1:3", None)]
        {
            assert_eq!(only_template(&parse(query).0), id, "{query}");
        }
        assert_eq!(only_template(&parse("-template:0c7d").0), None);
        assert_eq!(only_template(&parse("template:a OR template:b").0), None);
    }

    #[test]
    fn other_words_with_a_dot_stay_words() {
        assert_eq!(parse(".env:3").0, crate::query::Expr::Word(".env:3".into()));
    }
}
