//! Which severities a query asks for, and the query with one more or one less: what the legend's buttons do.

use model::query::{Expr, Levels, Test, is_level_name, parse, split};
use model::severity::{BANDS, Band};

/// Bands that the query's level term names, or none where it has no such term.
pub fn levels_of(query: &str) -> Vec<Band> {
    let (expr, _) = parse(query);
    terms(&expr).iter().find_map(bands_of).unwrap_or_default()
}

/// The query with `band` added to, or taken out of, the levels it asks for. The rest stays.
pub fn toggle_level(query: &str, band: Band) -> String {
    let (expr, _) = parse(query);
    let mut bands = terms(&expr).iter().find_map(bands_of).unwrap_or_default();
    match bands.iter().position(|&other| other == band) {
        Some(at) => drop(bands.remove(at)),
        None => bands.push(band),
    }
    bands.sort();
    let rest = terms(&expr).iter().filter(|term| bands_of(term).is_none()).cloned();
    let levels = Expr::or(bands.into_iter().map(|band| level_is(band.name())));
    let chosen = if matches!(&levels, Expr::Or(parts) if parts.is_empty()) { Expr::All } else { levels };
    let filter = Expr::and(rest.chain([chosen]).filter(|term| *term != Expr::All)).to_string();
    format!("{filter} {}", split(query).1).trim().to_owned()
}

/// The filter without the levels it asks for.
pub fn without_levels(query: &str) -> String {
    let (expr, _) = parse(query);
    let rest = terms(&expr).iter().filter(|term| bands_of(term).is_none()).cloned();
    Expr::and(rest.filter(|term| *term != Expr::All)).to_string()
}

fn terms(expr: &Expr) -> &[Expr] {
    match expr {
        Expr::And(parts) => parts,
        other => std::slice::from_ref(other),
    }
}

/// The bands of `level:a`, `level:(a OR b)` or `level>=a`; `None` for any other term, and where a band is cut in two.
fn bands_of(term: &Expr) -> Option<Vec<Band>> {
    match term {
        Expr::Field { name, test: Test::Compare(comparison, value) } if is_level_name(name) => {
            let levels = Levels::read(value)?;
            let holds_at = |severity| levels.compare(severity, *comparison);
            let is_whole = |band: &Band| holds_at(band.lowest()) == holds_at(band.highest());
            let bands = BANDS.into_iter().filter(|band| holds_at(band.lowest()));
            BANDS.iter().all(is_whole).then(|| bands.collect())
        }
        Expr::Field { name, test: Test::Is(value) } if is_level_name(name) => {
            Some(vec![Levels::read(value)?.lowest.band()])
        }
        Expr::Or(parts) => {
            let bands: Option<Vec<_>> = parts.iter().map(bands_of).collect();
            bands.filter(|bands| !bands.is_empty()).map(|bands| bands.concat())
        }
        _ => None,
    }
}

fn level_is(name: &str) -> Expr {
    Expr::Field { name: "level".to_owned(), test: Test::Is(name.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_added_and_taken_away_again() {
        let one = toggle_level("timeout", Band::Error);
        assert_eq!(one, "timeout level:error");
        let two = toggle_level(&one, Band::Warn);
        assert_eq!(levels_of(&two), [Band::Warn, Band::Error]);
        assert_eq!(toggle_level(&two, Band::Warn), one);
        assert_eq!(toggle_level(&one, Band::Error), "timeout");
        assert_eq!(toggle_level("level:error", Band::Error), "");
        assert_eq!(toggle_level("timeout | count by path", Band::Error), "timeout level:error | count by path");
    }

    #[test]
    fn what_is_asked_for_beside_levels_stays() {
        assert_eq!(without_levels("timeout level>=warn -health"), "timeout -health");
        assert_eq!(without_levels("level:error"), "");
        assert_eq!(without_levels("timeout OR level:error"), "timeout OR level:error");
    }

    #[test]
    fn a_comparison_names_levels_too() {
        assert_eq!(levels_of("timeout level>=warn"), [Band::Warn, Band::Error, Band::Fatal]);
        assert_eq!(levels_of("level<info"), [Band::Trace, Band::Debug]);
        assert_eq!(toggle_level("level>=error", Band::Fatal), "level:error");
        assert!(levels_of("level>notice").is_empty(), "a part of a band is not the band");
    }

    #[test]
    fn entries_without_a_level_can_be_asked_for() {
        assert_eq!(levels_of(&toggle_level("", Band::Unspecified)), [Band::Unspecified]);
    }

    #[test]
    fn other_terms_are_not_levels() {
        assert!(levels_of("service:error").is_empty());
        assert!(levels_of("(error OR warn)").is_empty());
    }
}
