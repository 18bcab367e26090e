//! What a click on a value, a bar or an absence asks for.

use model::facet::{Bar, Spread};
use model::quantity::Unit;
use model::query::{Comparison, Expr, Test, value_term};

/// Entries that have exactly this value; of a value of several lines, those whose value begins with its first.
pub fn is_value(field: &str, value: &str) -> Expr {
    match value.split_once('\n') {
        Some((first, _)) => asks(field, Test::StartsWith(first.trim_end().to_owned())),
        None => value_term(field, value),
    }
}

/// Entries without the field.
pub fn is_absent(field: &str) -> Expr {
    asks(field, Test::Exists).negate()
}

/// Entries whose number is within the bar; the last bar holds its end too.
pub fn is_in_bar(field: &str, spread: &Spread, bar: &Bar) -> Expr {
    is_between(field, spread.unit, (bar.from, bar.to), spread.bars.last() == Some(bar))
}

/// Entries whose number is at least the first and below the second, or up to that.
fn is_between(field: &str, unit: Unit, (from, to): (f64, f64), is_up_to: bool) -> Expr {
    let below = if is_up_to { Comparison::LessOrEqual } else { Comparison::Less };
    Expr::and([is_number(field, unit, Comparison::GreaterOrEqual, from), is_number(field, unit, below, to)])
}

/// Entries whose number is at least the first and below the second, where these are given.
pub fn is_from_and_below(field: &str, unit: Unit, (from, below): (Option<f64>, Option<f64>)) -> Expr {
    let from = from.map(|from| is_number(field, unit, Comparison::GreaterOrEqual, from));
    let below = below.map(|below| is_number(field, unit, Comparison::Less, below));
    Expr::and(from.into_iter().chain(below))
}

fn is_number(field: &str, unit: Unit, comparison: Comparison, amount: f64) -> Expr {
    let suffix = match unit {
        Unit::Plain => "",
        Unit::Seconds => "s",
        Unit::Bytes => "B",
    };
    asks(field, Test::Compare(comparison, format!("{}{suffix}", rounded(amount))))
}

/// To nine digits: what arithmetic leaves behind them says nothing.
fn rounded(amount: f64) -> f64 {
    format!("{amount:.8e}").parse().unwrap_or(amount)
}

fn asks(field: &str, test: Test) -> Expr {
    Expr::Field { name: field.to_owned(), test }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_asked_for_exactly() {
        assert_eq!(is_value("path", "/api").to_string(), r#"path=="/api""#);
        assert_eq!(is_value("level", "error").to_string(), "level:error");
        assert_eq!(is_value("stack", "first\nsecond").to_string(), "stack:first*");
        assert_eq!(is_absent("user").to_string(), "-user:*");
    }

    #[test]
    fn neighbouring_bars_share_no_number() {
        let bars = vec![Bar { from: 0.1, to: 0.1 + 0.2, n_entries: 1 }, Bar { from: 0.1 + 0.2, to: 5.0, n_entries: 1 }];
        let spread = Spread { unit: Unit::Seconds, has_parts: true, min: 0.1, p50: 1.0, p95: 2.0, max: 5.0, bars };
        let asked = |bar: usize| is_in_bar("took", &spread, &spread.bars[bar]).to_string();
        assert_eq!(asked(0), "took>=0.1s took<0.3s");
        assert_eq!(asked(1), "took>=0.3s took<=5s");
        let open = |bounds| is_from_and_below("took", Unit::Seconds, bounds).to_string();
        assert_eq!([open((Some(0.5), None)), open((None, Some(2.0)))], ["took>=0.5s", "took<2s"]);
    }
}
