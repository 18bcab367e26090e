//! Where in a shown text the query's words stand.

use model::query::Expr;

/// Byte ranges of `text` that the query's words, phrases and expressions match: ascending, not overlapping, on character
/// boundaries.
pub fn highlights(_expr: &Expr, _text: &str) -> Vec<(u32, u32)> {
    unimplemented!()
}
