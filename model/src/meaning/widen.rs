//! What a filter asks for, asked for under every name and in every word that the mapping table has for it.

use super::{Meaning, Meanings, POINT_FIELD, SPAN_FIELD, Signals, is_same};
use crate::query::{Comparison, Expr, Query, Stage, Test, exactly_any_case};

impl Meanings {
    /// The filter with each field that is a meaning written out: one of its names holds one of the words that say the same.
    ///
    /// ```
    /// use model::meaning::{Meaning, Meanings};
    /// use model::query::parse;
    /// let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
    /// let status = Meaning {
    ///     name: "order.status".into(),
    ///     logs: words(&["outcome"]),
    ///     values: vec![words(&["paid", "SUCCESS"])],
    ///     ..Meaning::default()
    /// };
    /// let meanings = Meanings { rows: vec![status] };
    /// let widened = meanings.widen(parse("timeout order.status:success").0);
    /// let written = "timeout (order.status:success OR order.status:paid OR outcome:success OR outcome:paid)";
    /// assert_eq!(widened.to_string(), written);
    /// ```
    pub fn widen(&self, expr: Expr) -> Expr {
        if self.is_empty() {
            return expr;
        }
        match expr {
            Expr::And(parts) => Expr::and(parts.into_iter().map(|part| self.widen(part))),
            Expr::Or(parts) => Expr::or(parts.into_iter().map(|part| self.widen(part))),
            Expr::Not(inner) => self.widen(*inner).negate(),
            Expr::Field { name, test } => match self.named(&name) {
                Some(meaning) => meaning.asked(&test),
                None => Expr::Field { name, test },
            },
            other => other,
        }
    }

    /// The meanings that a query asks for, in its filter or its stages.
    pub fn asked_by<'m>(&'m self, query: &Query) -> Vec<&'m Meaning> {
        let mut asked: Vec<&Meaning> = Vec::new();
        for meaning in query.names().into_iter().filter_map(|name| self.named(name)) {
            if !asked.iter().any(|known| known.name == meaning.name) {
                asked.push(meaning);
            }
        }
        asked
    }

    /// Conditions of `where` are over columns that hold the words that are shown: they ask for those.
    pub fn in_stages(&self, stages: &mut [Stage]) {
        if self.is_empty() {
            return;
        }
        for stage in stages {
            if let Stage::Where(condition) = stage {
                *condition = self.in_condition(std::mem::replace(condition, Expr::All));
            }
        }
    }

    fn in_condition(&self, expr: Expr) -> Expr {
        match expr {
            Expr::And(parts) => Expr::and(parts.into_iter().map(|part| self.in_condition(part))),
            Expr::Or(parts) => Expr::or(parts.into_iter().map(|part| self.in_condition(part))),
            Expr::Not(inner) => self.in_condition(*inner).negate(),
            Expr::Field { name, test } => {
                let test = match self.named(&name) {
                    Some(meaning) => meaning.in_shown_words(test),
                    None => test,
                };
                Expr::Field { name, test }
            }
            other => other,
        }
    }
}

impl Meaning {
    /// That one of its fields passes the test.
    fn asked(&self, test: &Test) -> Expr {
        let of_field = |(name, signals): (&str, Signals)| Expr::and([self.tested(name, test), signals.asked()]);
        Expr::or(self.fields().into_iter().map(of_field))
    }

    /// That this field holds the word, or another that says the same.
    fn tested(&self, name: &str, test: &Test) -> Expr {
        let field = |test: Test| Expr::Field { name: name.to_owned(), test };
        let others = |text: &str| {
            let group = self.group_of(text).unwrap_or_default();
            group.iter().filter(move |word| !is_same(word, text)).cloned().collect::<Vec<String>>()
        };
        let exactly = |word: String| {
            // The word leads to the blocks that have it; the pattern says that there is nothing else.
            let whole = field(Test::Matches(exactly_any_case(&word)));
            Expr::and([field(Test::Is(word)), whole])
        };
        match test {
            Test::Is(text) => {
                let others = others(text).into_iter().map(|word| field(Test::Is(word)));
                Expr::or([field(test.clone())].into_iter().chain(others))
            }
            Test::Equals(text) if self.group_of(text).is_some() => {
                Expr::or([text.clone()].into_iter().chain(others(text)).map(exactly))
            }
            Test::StartsWith(head) => {
                let head = head.to_lowercase();
                let begins = |word: &String| word.to_lowercase().starts_with(&head);
                let groups = self.values.iter().filter(|group| group.iter().any(begins));
                let others = groups.flatten().filter(|word| !begins(word)).cloned().map(exactly);
                Expr::or([field(test.clone())].into_iter().chain(others))
            }
            Test::Compare(Comparison::NotEqual, text) => {
                let differs = |word: String| field(Test::Compare(Comparison::NotEqual, word));
                Expr::and([text.clone()].into_iter().chain(others(text)).map(differs))
            }
            Test::Exists | Test::Equals(_) | Test::Matches(_) | Test::Within(_) | Test::Compare(..) => {
                field(test.clone())
            }
        }
    }

    fn in_shown_words(&self, test: Test) -> Test {
        let shown = |text: String| self.shown(&text).to_owned();
        match test {
            Test::Is(text) => Test::Is(shown(text)),
            Test::Equals(text) => Test::Equals(shown(text)),
            Test::Compare(Comparison::NotEqual, text) => Test::Compare(Comparison::NotEqual, shown(text)),
            other => other,
        }
    }
}

impl Signals {
    /// That an entry is of one of these signals.
    fn asked(self) -> Expr {
        let has = |name: &str| Expr::Field { name: name.to_owned(), test: Test::Exists };
        let (span, point) = (has(SPAN_FIELD), has(POINT_FIELD));
        match (self.logs, self.spans, self.metrics) {
            (true, true, true) => Expr::All,
            (true, true, false) => point.negate(),
            (true, false, true) => span.negate(),
            (true, false, false) => Expr::and([span.negate(), point.negate()]),
            (false, true, true) => Expr::or([span, point]),
            (false, true, false) => span,
            (false, false, true) => point,
            (false, false, false) => Expr::All.negate(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::meaning;
    use super::*;
    use crate::query::{parse, parse_query};

    fn table() -> Meanings {
        let paid: &[&str] = &["paid", "SUCCESS"];
        let rows = vec![
            meaning("order.status", &["outcome"], &[], &[], &[paid]),
            meaning("http.method", &["method"], &["attributes.m"], &[], &[]),
        ];
        Meanings { rows }
    }

    fn check(query: &str, expected: &str) {
        assert_eq!(table().widen(parse(query).0).to_string(), expected, "{query}");
    }

    #[test]
    fn a_meaning_is_asked_for_under_all_its_names_and_in_all_its_words() {
        check("order.status:open", "order.status:open OR outcome:open");
        check(
            "a -Order.Status:Paid",
            "a -(order.status:Paid OR order.status:SUCCESS OR outcome:Paid OR outcome:SUCCESS)",
        );
        check("order.status:*", "order.status:* OR outcome:*");
        check("order.status!=paid", "order.status!=paid order.status!=SUCCESS OR outcome!=paid outcome!=SUCCESS");
        check("http.method==GET", "http.method==GET OR method==GET OR attributes.m==GET span.kind:*");
        check("http.method>5", "http.method>5 OR method>5 OR attributes.m>5 span.kind:*");
        let whole = |name: &str, word: &str| format!(r"{name}:{word} {name}:/(?i)\A{word}\z/");
        let begins = |name: &str| format!("{name}:pa* OR {}", whole(name, "SUCCESS"));
        check("order.status:pa*", &format!("{} OR {}", begins("order.status"), begins("outcome")));
        let equals = |name: &str| format!("{} OR {}", whole(name, "SUCCESS"), whole(name, "paid"));
        check("order.status==SUCCESS", &format!("{} OR {}", equals("order.status"), equals("outcome")));
    }

    #[test]
    fn what_is_no_meaning_stays_as_it_is() {
        for query in ["a b", "outcome:paid", "-x:1 OR (y:2 z)", "*", "order.status"] {
            let expr = parse(query).0;
            assert_eq!(table().widen(expr.clone()), expr);
        }
        let expr = parse("order.status:paid").0;
        assert_eq!(Meanings::default().widen(expr.clone()), expr);
        let meanings = table();
        let asked = |query: &str| {
            let query = parse_query(query).0;
            let names = meanings.asked_by(&query).into_iter().map(|meaning| meaning.name.clone());
            names.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(asked("a (order.status:x OR -http.method:y) Order.Status:z"), "order.status http.method");
        assert_eq!(
            asked("outcome:x | stats count, max(http.method) by b | where a:1 order.status:x"),
            "http.method order.status"
        );
    }

    #[test]
    fn conditions_behind_stages_ask_for_the_words_that_are_shown() {
        let (mut query, _) =
            parse_query("| count by order.status | where order.status:SUCCESS -order.status!=success b:1");
        table().in_stages(&mut query.stages);
        assert_eq!(query.to_string(), "| count by order.status | where order.status:paid -order.status!=paid b:1");
    }
}
