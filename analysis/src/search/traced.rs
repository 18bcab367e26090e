//! `trace:ID` finds a request by its id in each notation that entries may write it in, and by half.

use model::query::Test;

use crate::ids::of_trace;

/// The id that is asked for, where it is one of 64 or 128 bits; others are looked for as they are written.
pub fn trace_asked_for<'q>(name: &str, test: &'q Test) -> Option<&'q str> {
    let (Test::Is(id) | Test::Equals(id)) = test else { return None };
    (name.eq_ignore_ascii_case("trace") && of_trace(id).is_some()).then_some(id.as_str())
}
