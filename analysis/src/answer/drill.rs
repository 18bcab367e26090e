//! The way from a row back to its entries: the filter, and a term for each value that the row stands for.

use model::query::{Expr, Extraction, Test, is_time_name, value_term};
use model::table::Drill;
use model::time::TimeRange;

use super::extract::Extractor;

/// What the entries of a table have in common.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    pub filter: Option<Expr>,
    pub range: Option<TimeRange>,
    /// What `where` left of the entries, as filters.
    pub conditions: Vec<Expr>,
    /// Some condition cannot be said exactly in a filter.
    pub is_nearly: bool,
}

impl Origin {
    /// `values`: what fields of the entries are, `None` where they are absent. `span`: of time.
    pub fn drill(
        &self,
        extractors: &[Extractor],
        values: impl Iterator<Item = (String, Option<String>)>,
        span: Option<TimeRange>,
    ) -> Drill {
        let mut is_nearly = self.is_nearly;
        let mut terms: Vec<Expr> = self.filter.iter().chain(&self.conditions).cloned().collect();
        for (name, value) in values {
            // Entries are not grouped by it; the table says so.
            if value.is_none() && is_time_name(&name) && !extractors.iter().any(|extractor| extractor.has(&name)) {
                continue;
            }
            // Of two that find a value under the name the later one has the last word.
            let place = extractors.iter().rposition(|extractor| extractor.has(&name));
            terms.push(match (place, value) {
                (Some(place), value) => {
                    is_nearly = true;
                    term(extractors, place, &name, value.as_deref())
                }
                (None, Some(value)) => value_term(&name, &value),
                (None, None) => Expr::Field { name, test: Test::Exists }.negate(),
            });
        }
        let query = Expr::and(terms).to_string();
        let range =
            match span {
                Some(span) => Some(self.range.map_or(span, |range| TimeRange {
                    start: range.start.max(span.start),
                    end: range.end.min(span.end),
                })),
                None => self.range,
            };
        if is_nearly { Drill::Nearly { query, range } } else { Drill::Entries { query, range } }
    }
}

/// Entries in which an extractor finds `value` under the name, as far as a filter can say so: what an earlier one found is no
/// field that a filter knows, so that only that it found something is asked for.
fn term(extractors: &[Extractor], place: usize, name: &str, value: Option<&str>) -> Expr {
    let extractor = &extractors[place];
    match extractors[..place].iter().rposition(|earlier| earlier.has(&extractor.from)) {
        None => extractor.term(name, value),
        Some(_) if value.is_none() => Expr::All,
        Some(mut earlier) => {
            while let Some(before) =
                extractors[..earlier].iter().rposition(|other| other.has(&extractors[earlier].from))
            {
                earlier = before;
            }
            extractors[earlier].found()
        }
    }
}

impl Extractor {
    fn has(&self, name: &str) -> bool {
        self.names.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    /// Entries in which this finds something.
    fn found(&self) -> Expr {
        Expr::Field { name: self.from.clone(), test: Test::Matches(self.expression.clone()) }
    }

    /// Entries in which this finds `value` under the name, as far as an expression can say so.
    fn term(&self, name: &str, value: Option<&str>) -> Expr {
        let expression = match (&self.pattern, value) {
            (Extraction::Template(template), Some(value)) => {
                let text = template.replace(&format!("{{{name}}}"), value);
                super::extract::expression_of(&text, false).unwrap_or_else(|_| self.expression.clone())
            }
            _ => self.expression.clone(),
        };
        let found = Expr::Field { name: self.from.clone(), test: Test::Matches(expression) };
        if value.is_some() { found } else { found.negate() }
    }
}
