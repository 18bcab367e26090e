//! Two sets of entries side by side: what differs between them, and by how much.

use serde::{Deserialize, Serialize};

use crate::incident::TemplateName;
use crate::quantity::Unit;
use crate::query::{Expr, is_within, parse};
use crate::scope::Filter;
use crate::time::{NANOS_PER_SECOND, Nanos, TimeRange};

/// With what the entries of the scope are compared. Entries that are in both sets count as the scope's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Against {
    /// `None`: found by the scope's query, where it is time that tells the two apart; else any.
    pub query: Option<String>,
    pub time: When,
}

/// When the others were written, as seen from the scope's range. Without a range all of these are any time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum When {
    #[default]
    Any,
    Same,
    Before,
    /// As long a time, directly before.
    JustBefore,
    DayBefore,
    WeekBefore,
    Within(TimeRange),
}

const DAY: i64 = 86_400 * NANOS_PER_SECOND;

impl Against {
    /// Everything that was written before.
    pub fn before() -> Self {
        Self { query: None, time: When::Before }
    }

    /// The entries that those of `scope` are compared with.
    pub fn filter(&self, scope: &Filter) -> Filter {
        let range = scope.range.and_then(|range| self.time.seen_from(range));
        let range = if let When::Within(range) = self.time { Some(range) } else { range };
        let query = match &self.query {
            Some(query) => query.clone(),
            None if scope.range.is_some() && self.time != When::Same => scope.query.clone(),
            None => String::new(),
        };
        Filter { query, range, order: Default::default() }
    }

    /// Those of them that are not entries of `scope`, too.
    pub fn filter_without(&self, scope: &Filter) -> Filter {
        let others = self.filter(scope);
        let (of_scope, asked) = (parse(&scope.query).0, parse(&others.query).0);
        // What holds for all of the others anyway needs not be said.
        let query = if of_scope == asked { Expr::All } else { of_scope };
        let range = scope.range.filter(|range| others.range != Some(*range)).map_or(Expr::All, is_within);
        let both = Expr::and([query, range]);
        match both {
            Expr::All => others,
            both => Filter { query: Expr::and([asked, both.negate()]).to_string(), ..others },
        }
    }
}

impl When {
    fn seen_from(self, range: TimeRange) -> Option<TimeRange> {
        let span = range.end.0.saturating_sub(range.start.0);
        let earlier = |by: i64| TimeRange {
            start: Nanos(range.start.0.saturating_sub(by)),
            end: Nanos(range.end.0.saturating_sub(by)),
        };
        match self {
            Self::Any => None,
            Self::Same => Some(range),
            Self::Before => Some(TimeRange { start: Nanos(i64::MIN), end: range.start }),
            Self::JustBefore => Some(earlier(span)),
            Self::DayBefore => Some(earlier(DAY)),
            Self::WeekBefore => Some(earlier(7 * DAY)),
            Self::Within(range) => Some(range),
        }
    }
}

/// What differs between the entries of two filters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Entries that the first filter finds.
    pub n_a: u64,
    /// Entries that only the second finds.
    pub n_b: u64,
    /// Entries that both find: they count as the first's.
    pub n_both: u64,
    /// The largest first.
    pub differences: Vec<Difference>,
    /// Differences beyond those listed.
    pub n_more: u64,
    /// Differences that are more than chance and too slight to be listed.
    pub n_slight: u64,
    /// How many values, fields and templates were compared.
    pub n_compared: u64,
    /// All entries were counted.
    pub complete: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    pub subject: Subject,
    pub seen: Seen,
    /// Cohen's h, above 0 where there is more of it in the first: about 0.2 is small, 0.5 medium, 0.8 large, π all against none.
    /// Of numbers the same of how often one of the first is the larger, against how often one of the second is.
    pub effect: f64,
    /// How likely chance makes such a difference somewhere among all that was compared (the false discovery rate).
    pub p: f64,
    /// What exactly as many entries of both have: most likely the same ones.
    pub also: Vec<Subject>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Subject {
    Template(TemplateName),
    Value {
        field: String,
        value: String,
    },
    /// The field is there, whatever its value.
    Present {
        field: String,
    },
    Absent {
        field: String,
    },
    /// A field's numbers.
    Numbers {
        field: String,
    },
    /// The numbers in one place of a template's messages, counted from 0: those of some entries of both, evenly.
    Measure {
        template: TemplateName,
        place: u32,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Seen {
    /// How many entries of each have it.
    Share {
        a: u64,
        b: u64,
    },
    Numbers(Box<NumbersSeen>),
}

/// A field's numbers in both, over the same bars.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NumbersSeen {
    pub unit: Unit,
    pub a: Middle,
    pub b: Middle,
    /// Bounds of the bars, one more than there are; the last bar holds its end too.
    pub edges: Vec<f64>,
    /// Entries in each bar.
    pub bars: Vec<(u64, u64)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Middle {
    pub n: u64,
    pub p50: f64,
    pub p95: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(query: &str, range: Option<(i64, i64)>) -> Filter {
        let range = range.map(|(start, end)| TimeRange { start: Nanos(start), end: Nanos(end) });
        Filter { query: query.to_owned(), range, order: Default::default() }
    }

    #[test]
    fn the_rest_is_the_same_search_at_other_times_or_everything_else() {
        let rest = Against::default();
        assert_eq!(rest.filter(&scope("cart", Some((5, 9)))), scope("cart", None));
        assert_eq!(rest.filter(&scope("cart", None)), scope("", None));
        let same_time = Against { query: None, time: When::Same };
        assert_eq!(same_time.filter(&scope("cart", Some((5, 9)))), scope("", Some((5, 9))));
    }

    #[test]
    fn the_others_are_asked_for_without_those_of_the_scope() {
        let asked = |against: &Against, query: &str, range| against.filter_without(&scope(query, range)).query;
        let rest = Against::default();
        let time = "time>=1970-01-01T00:00:00.000000005Z time<1970-01-01T00:00:00.000000009Z";
        assert_eq!(asked(&rest, "cart", Some((5, 9))), format!("cart -({time})"));
        assert_eq!(asked(&rest, "level>=error OR cart", None), "-(level>=error OR cart)");
        assert_eq!(asked(&Against { query: None, time: When::Same }, "cart", Some((5, 9))), "-cart");
        let bank = Against { query: Some("bank".to_owned()), time: When::Any };
        assert_eq!(asked(&bank, "cart", Some((5, 9))), format!("bank -(cart {time})"));
        assert_eq!(asked(&bank, "a b | count", None), "bank -(a b)");
    }

    #[test]
    fn earlier_times_are_seen_from_the_range() {
        let times = |time| Against { query: None, time }.filter(&scope("", Some((DAY + 5, DAY + 9)))).range;
        let range = |start, end| Some(TimeRange { start: Nanos(start), end: Nanos(end) });
        assert_eq!(times(When::Before), range(i64::MIN, DAY + 5));
        assert_eq!(times(When::JustBefore), range(DAY + 1, DAY + 5));
        assert_eq!(times(When::DayBefore), range(5, 9));
        assert_eq!(Against::before().filter(&scope("", None)).range, None, "there is no before without a time");
    }
}
