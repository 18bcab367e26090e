//! Fields of an entry that are called like what every entry has: `.source` is the entry's own.

use std::borrow::Cow;

/// What queries take these names for is not in the entry, or is no field of it.
const TAKEN: [&str; 7] = ["level", "severity", "service", "source", "format", "template", "time"];

fn is_taken(name: &str) -> bool {
    TAKEN.iter().any(|taken| name.eq_ignore_ascii_case(taken))
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
    fn other_words_with_a_dot_stay_words() {
        assert_eq!(parse(".env:3").0, crate::query::Expr::Word(".env:3".into()));
    }
}
