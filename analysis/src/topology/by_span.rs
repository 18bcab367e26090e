//! The spans of a trace by their ids: who called whom, as parents say it.

use model::entry::RowKey;

/// Whose span each is, and where; both sides of a call may have one. By its hash, of one in the order in which they came.
#[derive(Default)]
pub struct BySpan(Vec<(u64, u32, RowKey)>);

impl BySpan {
    /// Those that have no span are left out.
    pub fn take(&mut self, spans: impl Iterator<Item = (u64, u32, RowKey)>) {
        self.0.extend(spans.filter(|(span, ..)| *span != 0));
        self.0.sort_by_key(|(span, ..)| *span);
    }

    fn get(&self, span: u64) -> &[(u64, u32, RowKey)] {
        let rest = &self.0[self.0.partition_point(|(other, ..)| *other < span)..];
        &rest[..rest.partition_point(|(other, ..)| *other == span)]
    }
}

/// The span that called, if it is of another service. Both sides of a call may have the same span.
pub fn caller_of(parent: u64, service: u32, of_span: &BySpan) -> Option<(u32, RowKey)> {
    let callers = of_span.get(parent);
    let is_own = callers.iter().any(|(_, caller, _)| *caller == service);
    callers.first().map(|(_, caller, key)| (*caller, *key)).filter(|_| !is_own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_called_is_the_first_that_has_the_span_unless_that_is_of_both_sides() {
        let key = |entry: u64| RowKey { entry, ..RowKey::default() };
        let mut of_span = BySpan::default();
        of_span.take([(9, 1, key(1)), (7, 2, key(2)), (0, 3, key(3)), (9, 2, key(4))].into_iter());
        of_span.take([(7, 1, key(5)), (8, 3, key(6))].into_iter());
        let called = |parent: u64, service: u32| caller_of(parent, service, &of_span).map(|(_, key)| key.entry);
        assert_eq!([called(7, 4), called(9, 4), called(8, 4)], [Some(2), Some(1), Some(6)]);
        assert_eq!([called(9, 2), called(0, 4), called(5, 4)], [None, None, None]);
    }
}
