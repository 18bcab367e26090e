//! Which severities a query leaves possible: blocks without any of them need not be opened.

use model::query::{Expr, Levels, Test, is_level_name};
use model::severity::Severity;

/// One bit a severity number.
const ALL: u32 = (1 << 25) - 1;

/// Bit `b` is set if an entry that the query finds can be of the band numbered `b` (as in
/// [`Block::bands`](crate::block::Block::bands)).
pub fn possible_bands(expr: &Expr) -> u8 {
    let severities = possible(expr).severities;
    let is_possible = |number: u8| severities >> number & 1 != 0;
    let bands = (0..25).filter(|&number| is_possible(number)).map(|number| Severity(number).band() as u8);
    bands.fold(0, |bits, band| bits | 1 << band)
}

/// Every match has one of `severities`; where `exact`, every entry with one of them matches.
#[derive(Clone, Copy)]
struct Possible {
    severities: u32,
    exact: bool,
}

const ANYTHING: Possible = Possible { severities: ALL, exact: false };

fn possible(expr: &Expr) -> Possible {
    match expr {
        Expr::All => Possible { severities: ALL, exact: true },
        Expr::And(parts) => parts.iter().map(possible).fold(Possible { severities: ALL, exact: true }, |a, b| {
            Possible { severities: a.severities & b.severities, exact: a.exact && b.exact }
        }),
        Expr::Or(parts) => parts.iter().map(possible).fold(Possible { severities: 0, exact: true }, |a, b| Possible {
            severities: a.severities | b.severities,
            exact: a.exact && b.exact,
        }),
        Expr::Not(part) => match possible(part) {
            Possible { severities, exact: true } => Possible { severities: ALL & !severities, exact: true },
            _ => ANYTHING,
        },
        Expr::Field { name, test } if is_level_name(name) => level(test),
        _ => ANYTHING,
    }
}

fn level(test: &Test) -> Possible {
    let of = |word: &str, holds: &dyn Fn(Levels, Severity) -> bool| match Levels::read(word) {
        Some(levels) => Possible {
            severities: (0..25).filter(|&number| holds(levels, Severity(number))).fold(0, |bits, n| bits | 1 << n),
            exact: true,
        },
        None => ANYTHING,
    };
    match test {
        Test::Is(word) | Test::Equals(word) => of(word, &Levels::contain),
        Test::Compare(comparison, word) => of(word, &|levels, severity| levels.compare(severity, *comparison)),
        Test::Exists | Test::StartsWith(_) | Test::Matches(_) | Test::Within(_) => ANYTHING,
    }
}

#[cfg(test)]
mod tests {
    use model::severity::BANDS;

    use super::*;

    fn check(query: &str, expected: &[&str]) {
        let bits = possible_bands(&model::query::parse(query).0);
        let names: Vec<_> =
            BANDS.iter().filter(|&&band| bits >> (band as u8) & 1 != 0).map(|band| band.name()).collect();
        assert_eq!(names, expected, "{query}");
    }

    const EVERY: [&str; 7] = ["none", "trace", "debug", "info", "warn", "error", "fatal"];

    #[test]
    fn level_tests_leave_their_bands_and_other_tests_all() {
        check("level>=error", &["error", "fatal"]);
        check("level:critical timeout", &["error"]);
        check("level:error OR level:info", &["info", "error"]);
        check("level:error OR timeout", &EVERY);
        check("level:nonsense", &EVERY);
        check("", &EVERY);
    }

    #[test]
    fn a_negation_turns_round_only_what_is_known_exactly() {
        check("NOT level>=info", &["none", "trace", "debug"]);
        check("NOT (level>=info timeout)", &EVERY);
        check("NOT level:critical", &EVERY);
    }
}
