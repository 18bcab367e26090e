//! A value that nothing has: what may have been meant by it.
//!
//! While a value is written it goes on (`unfinished.rs`); once it is whole, half a value finds nothing.

use super::edit::{join, terms};
use super::{Expr, Test, is_level_name, is_time_name, nearest_name, parse, split};

/// A value that a query asks for as a whole one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedValue {
    pub field: String,
    pub value: String,
    /// Nothing longer, case and all: `field==value`.
    is_exact: bool,
    /// The filter without the term that it is in: other values are looked for in the entries that this finds.
    pub rest: String,
}

/// The values that a filter asks for, in their order; those that are left out, levels and times are none.
///
/// ```
/// use model::query::{asked_values, with_beginning};
/// let asked = asked_values("timeout service:pa");
/// assert_eq!((asked[0].field.as_str(), asked[0].value.as_str(), asked[0].rest.as_str()), ("service", "pa", "timeout"));
/// assert_eq!(with_beginning("timeout service:pa | count", &asked[0]), "timeout service:pa* | count");
/// ```
pub fn asked_values(filter: &str) -> Vec<AskedValue> {
    let (expr, _) = parse(filter);
    let all = terms(&expr);
    let mut asked = Vec::new();
    for (at, term) in all.iter().enumerate() {
        let others = all.iter().enumerate().filter(|(other, _)| *other != at);
        let rest = Expr::and(others.map(|(_, term)| term.clone())).to_string();
        collect(term, &rest, &mut asked);
    }
    asked
}

fn collect(term: &Expr, rest: &str, asked: &mut Vec<AskedValue>) {
    match term {
        Expr::And(parts) | Expr::Or(parts) => parts.iter().for_each(|part| collect(part, rest, asked)),
        Expr::Field { name, test } if !is_level_name(name) && !is_time_name(name) => {
            let (Test::Is(value) | Test::Equals(value)) = test else { return };
            let is_exact = matches!(test, Test::Equals(_));
            asked.push(AskedValue { field: name.clone(), value: value.clone(), is_exact, rest: rest.to_owned() });
        }
        _ => {}
    }
}

/// The query with all values that begin so in the place of this one.
pub fn with_beginning(query: &str, asked: &AskedValue) -> String {
    with_test(query, asked, &Test::StartsWith(asked.value.clone()))
}

/// The query with another value in the place of this one.
pub fn with_other_value(query: &str, asked: &AskedValue, value: &str) -> String {
    with_test(query, asked, &asked.test(value))
}

fn with_test(query: &str, asked: &AskedValue, test: &Test) -> String {
    join(replaced(parse(query).0, asked, test).to_string(), split(query).1)
}

fn replaced(expr: Expr, asked: &AskedValue, test: &Test) -> Expr {
    match expr {
        Expr::And(parts) => Expr::and(parts.into_iter().map(|part| replaced(part, asked, test))),
        Expr::Or(parts) => Expr::or(parts.into_iter().map(|part| replaced(part, asked, test))),
        part if part == asked.with_value(&asked.value) => Expr::Field { name: asked.field.clone(), test: test.clone() },
        other => other,
    }
}

impl AskedValue {
    /// The same term with another value.
    pub fn with_value(&self, value: &str) -> Expr {
        Expr::Field { name: self.field.clone(), test: self.test(value) }
    }

    fn test(&self, value: &str) -> Test {
        // A search box holds one line.
        let value = value.lines().next().unwrap_or_default().to_owned();
        if self.is_exact { Test::Equals(value) } else { Test::Is(value) }
    }

    pub fn begins(&self, value: &str) -> bool {
        value.to_lowercase().starts_with(&self.value.to_lowercase())
    }

    /// Which of the values that its field has may be meant: those that begin so, else those that have it in them, else the one
    /// that is written nearly so. None where it is a value of the field: then it is not what finds nothing.
    pub fn meant<'v>(&self, known: &[&'v str]) -> Vec<&'v str> {
        /// A letter or two are in most values.
        const LEAST_INSIDE: usize = 3;
        let is_known = |value: &&str| match self.is_exact {
            true => **value == self.value,
            false => value.eq_ignore_ascii_case(&self.value),
        };
        if self.value.is_empty() || known.iter().any(is_known) {
            return Vec::new();
        }
        let wanted = self.value.to_lowercase();
        let begin: Vec<&str> = known.iter().copied().filter(|value| self.begins(value)).collect();
        if !begin.is_empty() {
            return begin;
        }
        let is_inside = |value: &&str| value.to_lowercase().contains(&wanted);
        let inside: Vec<&str> = known.iter().copied().filter(is_inside).collect();
        if wanted.chars().count() >= LEAST_INSIDE && !inside.is_empty() {
            return inside;
        }
        // One number is not another written wrongly, and beside other terms the value may well be one elsewhere.
        let is_word = wanted.chars().any(char::is_alphabetic);
        let nearest = nearest_name(&self.value, known.iter().copied()).filter(|_| is_word && self.rest.is_empty());
        nearest.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICES: [&str; 4] = ["payment", "checkout", "pay-gateway", "Cart"];

    fn meant(query: &str) -> Vec<&'static str> {
        asked_values(query)[0].meant(&SERVICES)
    }

    #[test]
    fn half_a_value_means_those_that_begin_so() {
        assert_eq!(meant("service:pa"), ["payment", "pay-gateway"]);
        assert_eq!(meant("timeout service==ca"), ["Cart"]);
        assert_eq!(meant("service:gateway-2"), Vec::<&str>::new());
    }

    #[test]
    fn else_those_with_it_inside_or_written_nearly_so() {
        assert_eq!(meant("service:eck"), ["checkout"]);
        assert_eq!(meant("service:paymnet"), ["payment"]);
        assert_eq!(meant("timeout service:paymnet"), Vec::<&str>::new());
        assert_eq!(asked_values("status:505")[0].meant(&["500", "404"]), Vec::<&str>::new());
    }

    #[test]
    fn a_value_that_is_there_is_not_what_finds_nothing() {
        assert_eq!(meant("service:cart"), Vec::<&str>::new());
        assert_eq!(meant("service==cart"), ["Cart"]);
    }

    #[test]
    fn the_rest_of_the_query_stays() {
        let query = "a service:(pa OR ca) -service:b | count";
        let asked = asked_values(split(query).0);
        assert_eq!(asked.iter().map(|asked| &*asked.value).collect::<Vec<_>>(), ["pa", "ca"]);
        assert_eq!(asked[0].rest, "a -service:b");
        assert_eq!(with_beginning(query, &asked[0]), "a (service:pa* OR service:ca) -service:b | count");
        assert_eq!(
            with_other_value(query, &asked[1], "my cart"),
            "a (service:pa OR service:\"my cart\") -service:b | count"
        );
    }

    #[test]
    fn levels_and_times_have_no_half_values() {
        assert_eq!(asked_values("level:error time:2026-11-19 -user:eve word took>5"), []);
    }
}
