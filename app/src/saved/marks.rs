//! Bookmarks on the page: which entries have one, and what keys and buttons do with them.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use leptos::prelude::*;
use model::entry::{RowKey, SourceId};
use model::kept::{Anchor, Mark};
use model::protocol::{Answer, Ask, Direction, Revision};
use model::scope::{Order, View};
use model::{counted, say};

use crate::answer::{Question, use_answer};
use crate::port::Port;
use crate::scope::{Shared, Visit};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AskMarks;

impl Question for AskMarks {
    type Answer = Arc<Vec<Mark>>;
    fn ask(&self) -> Ask {
        Ask::Marks
    }
    fn read(answer: Answer) -> Option<Arc<Vec<Mark>>> {
        if let Answer::Marks(marks) = answer { Some(Arc::new(marks)) } else { None }
    }
}

/// Handles only.
#[derive(Clone, Copy)]
pub struct Marks {
    /// In the order of their times.
    pub all: Memo<Arc<Vec<Mark>>>,
    /// Places in `all`, by entry.
    by_entry: Memo<BTreeMap<(SourceId, u64), usize>>,
    /// Those that were taken off last, one or all at once: they can be put back.
    pub taken_off: RwSignal<Vec<Mark>>,
}

impl Marks {
    pub fn new(port: StoredValue<Port, LocalStorage>, revision: RwSignal<Revision>) -> Self {
        let answer = use_answer(port, revision, || Some(AskMarks));
        let all = Memo::new(move |_| answer.with(|answer| answer.answer.clone().unwrap_or_default()));
        let by_entry = Memo::new(move |_| {
            let entry = |(place, mark): (usize, &Mark)| mark.key.map(|key| ((key.source, key.entry), place));
            all.with(|all| all.iter().enumerate().filter_map(entry).collect())
        });
        let taken_off = RwSignal::new(Vec::<Mark>::new());
        // An entry that was marked again needs no way back: its mark is there, or it was taken off once more.
        Effect::new(move |before: Option<Arc<Vec<Mark>>>| {
            let now = all.get();
            let before = before.unwrap_or_else(|| now.clone());
            let left = taken_off.with_untracked(|taken_off| without_those_again(taken_off, &before, &now));
            if let Some(left) = left {
                taken_off.set(left);
            }
            now
        });
        Self { all, by_entry, taken_off }
    }

    pub fn has(self, key: RowKey) -> bool {
        self.by_entry.with(|by_entry| by_entry.contains_key(&(key.source, key.entry)))
    }

    pub fn on(self, key: RowKey) -> Option<Mark> {
        let place = self.by_entry.with(|by_entry| by_entry.get(&(key.source, key.entry)).copied())?;
        self.all.with(|all| all.get(place).cloned())
    }
}

/// Those that were taken off, without the ones whose lines are marked now and were not before; `None` where there is none of these.
fn without_those_again(taken_off: &[Mark], before: &[Mark], now: &[Mark]) -> Option<Vec<Mark>> {
    // The list still has those that were taken off just now.
    let known: HashSet<&Anchor> = before.iter().map(|mark| &mark.anchor).collect();
    let again: HashSet<&Anchor> =
        now.iter().map(|mark| &mark.anchor).filter(|anchor| !known.contains(anchor)).collect();
    let left = taken_off.iter().filter(|mark| !again.contains(&mark.anchor));
    let left: Vec<Mark> = left.cloned().collect();
    (left.len() < taken_off.len()).then_some(left)
}

/// Marks the entry, or takes its mark off. A mark that was just taken off comes back with its note.
pub fn toggle(shared: Shared, key: RowKey) {
    if let Some(mark) = untrack(|| shared.marks.on(key)) {
        take_off(shared, mark);
        return;
    }
    let is_on_it = |mark: &&Mark| mark.key == Some(key);
    let taken_off = shared.marks.taken_off.with_untracked(|marks| marks.iter().find(is_on_it).cloned());
    match taken_off {
        Some(mark) => put_back(shared, vec![mark]),
        None => {
            shared.tell(Ask::Mark(key));
            shared.said.set(say!("Bookmarked.").to_owned());
        }
    }
}

pub fn take_off(shared: Shared, mark: Mark) {
    shared.tell(Ask::Unmark(mark.id));
    let taken_off = vec![mark];
    shared.said.set(taken_off_in_words(&taken_off).unwrap_or_default());
    shared.marks.taken_off.set(taken_off);
}

/// That they were taken off; `None` where none was.
pub fn taken_off_in_words(marks: &[Mark]) -> Option<String> {
    match marks {
        [] => None,
        [mark] if mark.note.is_empty() => Some(say!("Bookmark removed.").to_owned()),
        [_] => Some(say!("Bookmark and note removed.").to_owned()),
        _ => Some(counted!(marks.len() as u64, "bookmark taken off.", "bookmarks taken off.")),
    }
}

pub fn put_back(shared: Shared, marks: Vec<Mark>) {
    shared.marks.taken_off.update(|taken_off| taken_off.retain(|mark| !marks.contains(mark)));
    for mark in marks {
        shared.tell(Ask::KeepMark(Box::new(mark)));
    }
    shared.said.set(say!("Bookmarked again.").to_owned());
}

/// Shows an entry with its details; in the table, whichever view was in sight.
pub fn go_to(shared: Shared, key: RowKey) {
    let view = shared.view.get_untracked();
    match view {
        View::Entries => shared.select(Some(key)),
        _ => shared.change(Visit::New, |scope| {
            scope.view = View::Entries;
            scope.selected = Some(key);
        }),
    }
    shared.details_side.set(crate::details::Side::Entry);
    shared.details_open.set(true);
}

/// Goes to the next bookmark in the order of the table.
pub fn step(shared: Shared, direction: Direction) {
    let (order, selected) = shared.scope.with_untracked(|scope| (scope.filter.order, scope.selected));
    let keys = shared.marks.all.with_untracked(|all| all.iter().filter_map(|mark| mark.key).collect::<Vec<_>>());
    match next_of(keys, selected, order, direction) {
        Some(key) => go_to(shared, key),
        None => shared.said.set(say!("No further bookmark.").to_owned()),
    }
}

fn next_of(mut keys: Vec<RowKey>, from: Option<RowKey>, order: Order, direction: Direction) -> Option<RowKey> {
    let place = |key: &RowKey| order.place(*key);
    let is_rising = (order == Order::NewestFirst) == (direction == Direction::Backward);
    keys.retain(|key| {
        from.is_none_or(|from| if is_rising { place(key) > place(&from) } else { place(key) < place(&from) })
    });
    if is_rising { keys.into_iter().min_by_key(place) } else { keys.into_iter().max_by_key(place) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::kept::MarkId;
    use model::severity::Severity;
    use model::time::{Nanos, Precision};

    fn mark(line: u64) -> Mark {
        let anchor =
            Anchor { path: "app.log".to_owned(), file_bytes: 9, fingerprint: 1, copy: 0, line, line_hash: line };
        Mark {
            id: MarkId(line as u32),
            anchor,
            note: String::new(),
            time: Nanos(0),
            precision: Precision::default(),
            severity: Severity::default(),
            service: String::new(),
            text: String::new(),
            key: None,
        }
    }

    #[test]
    fn what_is_marked_again_is_no_longer_offered_to_be_put_back() {
        let (one, two, other) = (mark(1), mark(2), mark(3));
        let off = [one.clone(), two.clone()];
        // Not heard of yet, and then gone from the list.
        assert_eq!(without_those_again(&off, &off, &off), None);
        assert_eq!(without_those_again(&off, &off, std::slice::from_ref(&other)), None);
        assert_eq!(
            without_those_again(&off, std::slice::from_ref(&other), &[other.clone(), one.clone()]),
            Some(vec![two])
        );
        assert_eq!(without_those_again(&off, &[], &off), Some(vec![]));
        assert_eq!(without_those_again(&[], &[], &[one]), None);
    }

    #[test]
    fn the_next_bookmark_is_the_next_in_the_order_of_the_table() {
        let key = |time, source, entry| RowKey { time: Nanos(time), source: SourceId(source), entry };
        let (a, b, c) = (key(1, 2, 0), key(5, 1, 9), key(5, 2, 3));
        let next = |from, order, direction| next_of(vec![c, a, b], from, order, direction);
        use Direction::{Backward, Forward};
        assert_eq!(next(None, Order::OldestFirst, Forward), Some(a));
        assert_eq!(next(Some(a), Order::OldestFirst, Forward), Some(b));
        assert_eq!(next(Some(b), Order::OldestFirst, Forward), Some(c));
        assert_eq!(next(Some(c), Order::OldestFirst, Forward), None);
        assert_eq!(next(Some(key(3, 1, 1)), Order::OldestFirst, Backward), Some(a));
        assert_eq!(next(Some(b), Order::NewestFirst, Forward), Some(a));
        assert_eq!(next(None, Order::NewestFirst, Forward), Some(c));
        assert_eq!(next(Some(b), Order::NewestFirst, Backward), Some(c));
        assert_eq!(next(Some(b), Order::AsWritten, Forward), Some(a));
        assert_eq!(next(Some(c), Order::AsWritten, Backward), Some(a));
        assert_eq!(next(Some(a), Order::OldestFirst, Backward), None);
        let only = next_of(vec![a], Some(c), Order::OldestFirst, Backward);
        assert_eq!(only, Some(a));
    }
}
