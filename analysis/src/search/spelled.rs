//! `trace:ID` finds a request by its id in each notation that entries may write it in.

use model::query::Test;

use crate::ids::spellings;

/// The tests of which one must hold. `None`: there is only the one that was asked for.
pub fn spelled(name: &str, test: &Test) -> Option<Vec<Test>> {
    let (Test::Is(id) | Test::Equals(id)) = test else { return None };
    let of_id: fn(String) -> Test = if matches!(test, Test::Is(_)) { Test::Is } else { Test::Equals };
    let ids = name.eq_ignore_ascii_case("trace").then(|| spellings(id))?;
    (ids.len() > 1).then(|| ids.into_iter().map(of_id).collect())
}
