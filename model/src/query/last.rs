//! The last quarter of an hour: a span before `now`, asked for and changed as a click does.

use super::edit::terms;
use super::time::{WrittenTime, is_time_name};
use super::{Change, Comparison, Expr, Test, parse, with_condition, without_condition};

/// The span before `now` that a query asks for, as it is written (`15m`); `None` where it asks for none, or for several.
///
/// ```
/// use model::query::asked_last;
/// assert_eq!(asked_last("disk time>now-15m"), Some("15m".to_owned()));
/// assert_eq!(asked_last("disk OR time>now-15m"), None);
/// ```
pub fn asked_last(query: &str) -> Option<String> {
    let filter = parse(query).0;
    let mut asked = terms(&filter).iter().filter_map(as_last);
    let first = asked.next()?.to_owned();
    asked.next().is_none().then_some(first)
}

/// The same in nanoseconds.
pub fn last_nanos(query: &str) -> Option<i64> {
    let WrittenTime::BeforeNow { nanos } = WrittenTime::read(&format!("now-{}", asked_last(query)?))? else {
        return None;
    };
    Some(nanos)
}

/// The query that asks for the last `span` ("15m") in place of what it asked for before `now`; `None`: for all of the time.
///
/// ```
/// use model::query::with_last;
/// let query = with_last("disk | count", Some("15m"));
/// assert_eq!(query, "disk time>now-15m | count");
/// assert_eq!(with_last(&query, Some("1h")), "disk time>now-1h | count");
/// assert_eq!(with_last(&query, None), "disk | count");
/// ```
pub fn with_last(query: &str, span: Option<&str>) -> String {
    let filter = parse(query).0;
    let earlier = terms(&filter).iter().filter(|term| as_last(term).is_some()).cloned();
    let query = earlier.fold(query.to_owned(), |query, term| without_condition(&query, &term));
    match span {
        Some(span) => {
            let test = Test::Compare(Comparison::Greater, format!("now-{span}"));
            with_condition(&query, &Expr::Field { name: "time".to_owned(), test }, Change::Include)
        }
        None => query,
    }
}

/// `15m` of `time>now-15m`.
fn as_last(term: &Expr) -> Option<&str> {
    let Expr::Field { name, test: Test::Compare(Comparison::Greater | Comparison::GreaterOrEqual, text) } = term else {
        return None;
    };
    let is_before_now = matches!(WrittenTime::read(text), Some(WrittenTime::BeforeNow { .. }));
    (is_time_name(name) && is_before_now).then(|| text.get(4..)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_replaces_the_one_before_and_leaves_other_times_alone() {
        let query = "time>=2026-11-20 disk time>now-15m";
        assert_eq!(asked_last(query).as_deref(), Some("15m"));
        assert_eq!(with_last(query, Some("6h")), "time>=2026-11-20 disk time>now-6h");
        assert_eq!(with_last(query, None), "time>=2026-11-20 disk");
        assert_eq!(last_nanos(query), Some(900_000_000_000));
        assert_eq!(with_last("a OR b", Some("1h")), "(a OR b) time>now-1h");
    }

    #[test]
    fn what_is_within_an_alternative_or_given_twice_is_no_span() {
        for query in ["", "time<now-15m", "disk OR time>now-15m", "time>now-1h time>now-2h", "-time>now-1h"] {
            assert_eq!(asked_last(query), None, "{query}");
        }
    }
}
