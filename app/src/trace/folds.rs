//! Which bars of a request are shown where some hide the calls below them.

use std::collections::BTreeSet;

use model::entry::RowKey;
use model::trace::Bar;

/// Bars that are called by this one, at any depth; they follow it.
pub fn n_below(bars: &[Bar], at: usize) -> usize {
    bars[at + 1..].iter().take_while(|bar| bar.depth > bars[at].depth).count()
}

/// The bars that called this one, the nearest first.
pub fn callers(bars: &[Bar], at: usize) -> Vec<RowKey> {
    let mut callers = Vec::new();
    let mut depth = bars[at].depth;
    for bar in bars[..at].iter().rev() {
        if bar.depth < depth {
            depth = bar.depth;
            callers.push(bar.key);
        }
    }
    callers
}

/// The places of the bars that are shown, in their order.
pub fn shown_bars(bars: &[Bar], folded: &BTreeSet<RowKey>) -> Vec<usize> {
    let mut shown = Vec::with_capacity(bars.len());
    let mut at = 0;
    while at < bars.len() {
        shown.push(at);
        at += 1 + if folded.contains(&bars[at].key) { n_below(bars, at) } else { 0 };
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::Nanos;

    fn bar(entry: u64, depth: u32) -> Bar {
        Bar {
            name: String::new(),
            service: String::new(),
            key: RowKey { entry, ..RowKey::default() },
            start: Nanos(0),
            nanos: 0,
            own_nanos: 0,
            depth,
            is_span: true,
            moved_nanos: 0,
            is_error: false,
            own: Vec::new(),
            critical: Vec::new(),
            waits: Vec::new(),
            happenings: Vec::new(),
            marks: Vec::new(),
        }
    }

    #[test]
    fn a_folded_bar_hides_all_that_it_called_and_nothing_else() {
        let bars: Vec<Bar> = [0, 1, 2, 2, 1, 0].iter().zip(0..).map(|(&depth, entry)| bar(entry, depth)).collect();
        let shown = |folded: &[usize]| shown_bars(&bars, &folded.iter().map(|&at| bars[at].key).collect());
        assert_eq!(shown(&[]), [0, 1, 2, 3, 4, 5]);
        assert_eq!(shown(&[1]), [0, 1, 4, 5]);
        assert_eq!(shown(&[0, 1]), [0, 5]);
        assert_eq!(shown(&[3]), [0, 1, 2, 3, 4, 5]);
        assert_eq!((n_below(&bars, 0), n_below(&bars, 5)), (4, 0));
    }

    #[test]
    fn a_bar_is_hidden_by_folds_of_its_callers_alone() {
        let bars: Vec<Bar> = [0, 1, 2, 2, 1, 0].iter().zip(0..).map(|(&depth, entry)| bar(entry, depth)).collect();
        let callers_of = |at: usize| callers(&bars, at).iter().map(|key| key.entry).collect::<Vec<_>>();
        assert_eq!([0, 3, 4, 5].map(callers_of), [vec![], vec![1, 0], vec![0], vec![]]);
    }
}
