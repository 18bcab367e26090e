//! The rows that somebody chose among those of a filter: where they are, how many, and bookmarks on them.

use std::collections::BTreeMap;
use std::ops::Range;

use model::chosen::{Chosen, MOST_MARKED};
use model::entry::RowKey;
use model::kept::{Mark, MarkId};
use model::protocol::{Answer, ChosenAsk, Counted, Failure, MarkedChosen};
use model::scope::{Filter, Order};

use super::count::counted;
use super::{Job, STEP_BYTES, Step, kept};
use crate::store::{Blocks, Result, Search, Store};

/// Entries that are marked in one step: each opens a block.
const STEP_MARKS: usize = 16;

/// Their ranks, ascending; of a search that is complete.
pub fn ranks(search: &mut Search, blocks: &mut Blocks, order: Order, chosen: &Chosen) -> Result<Vec<Range<u64>>> {
    let mut ranges = Vec::new();
    if let Some([one, other]) = chosen.stretch {
        let (one, other) = (place(search, blocks, order, one)?, place(search, blocks, order, other)?);
        ranges.push(one.start.min(other.start)..one.end.max(other.end));
    }
    for &key in &chosen.turned {
        let turned = place(search, blocks, order, key)?;
        if turned.is_empty() {
            continue;
        }
        match ranges.iter().position(|range| range.start <= turned.start && turned.end <= range.end) {
            Some(at) => {
                let range = ranges[at].clone();
                ranges.splice(at..=at, [range.start..turned.start, turned.end..range.end]);
            }
            None => ranges.push(turned),
        }
    }
    ranges.retain(|range| !range.is_empty());
    ranges.sort_unstable_by_key(|range| range.start);
    Ok(ranges)
}

/// The rank of an entry; a range of none, at its place, where it is not found.
fn place(search: &mut Search, blocks: &mut Blocks, order: Order, key: RowKey) -> Result<Range<u64>> {
    let rank = search.rank(blocks, order, key)?;
    let is_found = search.page(blocks, order, rank..rank + 1)?.first().is_some_and(|found| found.key == key);
    Ok(rank..rank + u64::from(is_found))
}

/// The next of them from a rank on, at most so many, all beside each other.
pub fn next_ranks(ranges: &[Range<u64>], from: u64, n_most: u64) -> Option<Range<u64>> {
    let range = ranges.iter().find(|range| range.end > from)?;
    let start = range.start.max(from);
    Some(start..range.end.min(start + n_most))
}

pub fn n_chosen(ranges: &[Range<u64>]) -> u64 {
    ranges.iter().map(|range| range.end - range.start).sum()
}

/// How many they are.
pub struct ChosenJob {
    pub ask: ChosenAsk,
}

impl Job for ChosenJob {
    fn step(&mut self, store: &mut Store) -> std::result::Result<Step, Failure> {
        let ChosenAsk { filter, chosen } = &self.ask;
        let blocks = &mut store.blocks;
        let search = store.searches.get(filter, blocks)?;
        search.advance(blocks, filter.order, STEP_BYTES)?;
        if !search.is_complete() {
            let (done, total) = search.progress();
            return Ok(Step::More { done, total, so_far: None });
        }
        let n_entries = n_chosen(&ranks(search, blocks, filter.order, chosen)?);
        Ok(Step::Finished(Answer::Count(Counted { n_entries, ..counted(search, blocks) })))
    }
}

/// Marks them, where they are no more than [`MOST_MARKED`]; a note comes behind those they have. Without a note, where all of them are
/// marked, it takes off the marks that have none.
pub struct MarkChosenJob {
    ask: ChosenAsk,
    note: String,
    stage: Stage,
}

enum Stage {
    /// Which rows they are is to be found out.
    Begun,
    /// Which entries have marks is to be found out: a mark may be of a file that had another name.
    Finding { keys: Vec<RowKey>, marks: kept::MarksJob },
    /// So far all are marked.
    Looking { keys: Vec<RowKey>, marks: Vec<(MarkId, bool)> },
    /// `n_kept`: were marked before.
    Marking { keys: Vec<RowKey>, n_kept: u64, n_done: usize },
    /// `n_kept`: have a note.
    TakingOff { marks: Vec<Mark>, n_kept: u64, n_done: usize },
}

impl MarkChosenJob {
    pub fn new(ask: ChosenAsk, note: String) -> Self {
        Self { ask, note, stage: Stage::Begun }
    }
}

impl Job for MarkChosenJob {
    fn step(&mut self, store: &mut Store) -> std::result::Result<Step, Failure> {
        let more = |n_done: usize, n_all: usize| Step::More { done: n_done as u64, total: n_all as u64, so_far: None };
        let mut next = None;
        let step = match &mut self.stage {
            Stage::Begun => {
                let keys = keys(store, &self.ask.filter, &self.ask.chosen)?;
                next = keys.map(|keys| Stage::Finding { keys, marks: kept::MarksJob::default() });
                more(0, 1)
            }
            Stage::Finding { keys, marks } => {
                if let Step::Finished(_) = marks.step(store)? {
                    let keys = std::mem::take(keys);
                    next = Some(match self.note.is_empty() {
                        true => Stage::Looking { keys, marks: Vec::new() },
                        false => Stage::Marking { keys, n_kept: 0, n_done: 0 },
                    });
                }
                more(0, 1)
            }
            Stage::Looking { keys, marks } => {
                for &key in keys.iter().skip(marks.len()).take(STEP_MARKS) {
                    match store.mark_on(key)? {
                        Some(mark) => marks.push(mark),
                        None => {
                            next = Some(Stage::Marking { keys: std::mem::take(keys), n_kept: 0, n_done: 0 });
                            break;
                        }
                    }
                }
                if next.is_none() && marks.len() == keys.len() {
                    let n_kept = marks.iter().filter(|(_, has_note)| *has_note).count() as u64;
                    next = Some(Stage::TakingOff { marks: without_note(store, keys, marks)?, n_kept, n_done: 0 });
                }
                more(0, 1)
            }
            Stage::Marking { keys, n_kept, n_done } => {
                for &key in keys.iter().skip(*n_done).take(STEP_MARKS) {
                    let mut marked = store.mark_on(key)?;
                    *n_kept += u64::from(marked.is_some());
                    if marked.is_none() {
                        kept::mark(store, key)?;
                        marked = store.mark_on(key)?;
                    }
                    if let Some((mark, _)) = marked.filter(|_| !self.note.is_empty()) {
                        store.add_note(mark, &self.note)?;
                    }
                }
                *n_done = (*n_done + STEP_MARKS).min(keys.len());
                if *n_done == keys.len() {
                    let n_marked = keys.len() as u64 - *n_kept;
                    let marked = MarkedChosen { n_marked, n_kept: *n_kept, taken_off: Vec::new() };
                    return Ok(Step::Finished(Answer::MarkedChosen(marked)));
                }
                more(*n_done, keys.len())
            }
            Stage::TakingOff { marks, n_kept, n_done } => {
                for mark in marks.iter().skip(*n_done).take(STEP_MARKS) {
                    store.unmark(mark.id)?;
                }
                *n_done = (*n_done + STEP_MARKS).min(marks.len());
                if *n_done == marks.len() {
                    let marked = MarkedChosen { n_marked: 0, n_kept: *n_kept, taken_off: std::mem::take(marks) };
                    return Ok(Step::Finished(Answer::MarkedChosen(marked)));
                }
                more(*n_done, marks.len())
            }
        };
        if let Some(next) = next {
            self.stage = next;
        }
        Ok(step)
    }
}

/// Of the marks on these entries those without a note, whole.
fn without_note(
    store: &mut Store,
    keys: &[RowKey],
    marks: &[(MarkId, bool)],
) -> std::result::Result<Vec<Mark>, Failure> {
    let of_marks = keys.iter().zip(marks).filter(|(_, (_, has_note))| !has_note);
    let keys: BTreeMap<MarkId, RowKey> = of_marks.map(|(&key, &(mark, _))| (mark, key)).collect();
    let on_key = |mark: Mark| keys.get(&mark.id).map(|&key| Mark { key: Some(key), ..mark });
    Ok(store.marks()?.into_iter().filter_map(on_key).collect())
}

/// `None` until it is known which the filter finds.
fn keys(store: &mut Store, filter: &Filter, chosen: &Chosen) -> std::result::Result<Option<Vec<RowKey>>, Failure> {
    let blocks = &mut store.blocks;
    let search = store.searches.get(filter, blocks)?;
    search.advance(blocks, filter.order, STEP_BYTES)?;
    if !search.is_complete() {
        return Ok(None);
    }
    let ranges = ranks(search, blocks, filter.order, chosen)?;
    if n_chosen(&ranges) > MOST_MARKED {
        return Err(Failure::TooManyChosen);
    }
    let (mut keys, mut from) = (Vec::new(), 0);
    while let Some(next) = next_ranks(&ranges, from, MOST_MARKED) {
        from = next.end;
        keys.extend(search.page(blocks, filter.order, next)?.into_iter().map(|found| found.key));
    }
    Ok(Some(keys))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_chosen_is_taken_piece_by_piece() {
        let ranges = [2..5, 9..10];
        assert_eq!(next_ranks(&ranges, 0, 100), Some(2..5));
        assert_eq!(next_ranks(&ranges, 3, 1), Some(3..4));
        assert_eq!(next_ranks(&ranges, 5, 100), Some(9..10));
        assert_eq!(next_ranks(&ranges, 10, 100), None);
        assert_eq!(n_chosen(&ranges), 4);
    }
}
