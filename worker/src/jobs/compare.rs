//! What differs between the entries of two filters: counts both, a few blocks a step, and then compares.

use std::rc::Rc;

use analysis::compare::{Side, compare};
use analysis::search::Bitmap;
use analysis::template::Template;
use model::compare::Comparison;
use model::meaning::{Meaning, Meanings};
use model::protocol::{Answer, CompareAsk, Failure};
use model::query::{asked_fields, is_level_name};

use super::walk::{Opened, READING_BYTES};
use super::{Job, Rhythm, STEP_BYTES, Step};
use crate::store::{BlockHits, Blocks, Result, Searches, Slot, Store};

/// Blocks counted before a first answer: one of so many.
const TOLD_FROM: u64 = 4;

pub struct CompareJob {
    ask: CompareAsk,
    rhythm: Rhythm,
    counting: Option<Counting>,
}

impl CompareJob {
    pub fn new(ask: CompareAsk) -> Self {
        Self { ask, rhythm: Rhythm::default(), counting: None }
    }
}

impl Job for CompareJob {
    fn step(&mut self, store: &mut Store) -> std::result::Result<Step, Failure> {
        let generation = store.generation();
        let (blocks, searches) = (&mut store.blocks, &mut store.searches);
        if self.counting.as_ref().is_none_or(|counting| counting.generation != generation) {
            let slots = spread(&blocks.directory_mut().order().by_lowest);
            self.counting = Some(Counting { generation, slots, ..Counting::default() });
        }
        let counting = self.counting.as_mut().expect("just begun");
        let mut work = 0;
        while work < STEP_BYTES
            && let Some(&slot) = counting.slots.get(counting.n_done)
        {
            work += counting.add(&self.ask, searches, blocks, slot)?;
            counting.n_done += 1;
        }
        let (done, total) = (counting.n_done as u64, counting.slots.len() as u64);
        if done == total {
            return Ok(Step::Finished(counting.compared(&self.ask, blocks, true)?));
        }
        // Of a few blocks one source or another would be told from the rest.
        let so_far = match self.rhythm.is_rarely_due() && done * TOLD_FROM >= total {
            true => Some(counting.compared(&self.ask, blocks, false)?),
            false => None,
        };
        Ok(Step::More { done, total, so_far })
    }
}

/// The blocks there were at the first step.
#[derive(Default)]
struct Counting {
    generation: u64,
    slots: Vec<Slot>,
    n_done: usize,
    a: Side,
    b: Side,
    n_both: u64,
}

/// Every 64th, then those between: so that a first answer is of all times, as the last one is.
fn spread(slots: &[Slot]) -> Vec<Slot> {
    const STRIDE: usize = 64;
    (0..STRIDE).flat_map(|first| slots.iter().copied().skip(first).step_by(STRIDE)).collect()
}

impl Counting {
    /// Gives a measure of the work.
    fn add(&mut self, ask: &CompareAsk, searches: &mut Searches, blocks: &mut Blocks, slot: Slot) -> Result<u64> {
        let mut work = 256;
        let mut hits_of = |filter| {
            let search = searches.get(filter, blocks)?;
            work += search.look_at(blocks, slot)?;
            search.hits_of(blocks, slot)
        };
        let (a, b) = (hits_of(&ask.a)?, hits_of(&ask.b)?);
        let (b, n_both) = without(b, &a, blocks.info(slot).n_entries);
        self.n_both += n_both;
        let sides = [(&mut self.a, a), (&mut self.b, b)];
        let sides = sides.into_iter().filter(|(_, hits)| !matches!(hits, BlockHits::None)).collect::<Vec<_>>();
        if sides.is_empty() {
            return Ok(work);
        }
        let opened = Opened::open(blocks, slot, |fields, meanings| {
            let mut needs = analysis::answer::Needs::FieldsOnly;
            for (side, _) in &sides {
                needs = needs.max(side.needs(fields, meanings)?);
            }
            Ok(needs)
        })?;
        let heads = opened.fields.heads()?;
        let (of_entry, numbers) = (blocks.shapes_of_entries(slot)?, blocks.shape_numbers(slot));
        let found = blocks.templates()?;
        let of_shape: Vec<&Template> = numbers.iter().map(|&shape| found.template(shape)).collect();
        let mut to_read = Vec::new();
        for (side, hits) in sides {
            work += of_entry.len() as u64 * 8;
            let hits = if let BlockHits::Some(bitmap) = &hits { Some(&**bitmap) } else { None };
            side.add(&opened.view(blocks, hits), &heads, &of_entry, &numbers)?;
            let entries = side.to_read(hits, &of_entry, &of_shape);
            if !entries.is_empty() {
                work += entries.len() as u64 * READING_BYTES;
                to_read.push((side, entries));
            }
        }
        if !to_read.is_empty() {
            blocks.with_values(slot, |reader| {
                for (side, entries) in to_read {
                    side.read(reader, &entries);
                }
            })?;
        }
        Ok(work + opened.work)
    }

    fn compared(&self, ask: &CompareAsk, blocks: &mut Blocks, is_complete: bool) -> Result<Answer> {
        let apart = told_apart_by(ask, blocks.meanings());
        let found = blocks.templates()?;
        let comparison = compare(&self.a, &self.b, &found.templates, &apart, blocks.naming());
        let comparison = Comparison { n_both: self.n_both, complete: is_complete, ..comparison };
        Ok(Answer::Comparison(Box::new(comparison)))
    }
}

/// The fields that tell the two apart because they were asked for: they differ, and that is no news.
fn told_apart_by(ask: &CompareAsk, meanings: &Meanings) -> Vec<String> {
    if ask.a.query == ask.b.query {
        return Vec::new();
    }
    let mut asked: Vec<String> = [&ask.a, &ask.b].into_iter().flat_map(|filter| asked_fields(&filter.query)).collect();
    let meant: Vec<&Meaning> = asked.iter().filter_map(|name| meanings.named(name)).collect();
    let fields = meant.iter().flat_map(|meaning| meaning.fields()).map(|(name, _)| name.to_owned());
    asked.extend(fields.collect::<Vec<_>>());
    asked.into_iter().map(|name| if is_level_name(&name) { "level".to_owned() } else { name }).collect()
}

/// These hits without the others, and how many are in both.
fn without(hits: BlockHits, others: &BlockHits, n_entries: u32) -> (BlockHits, u64) {
    let n_of = |hits: &BlockHits| match hits {
        BlockHits::None => 0,
        BlockHits::All => n_entries as usize,
        BlockHits::Some(bitmap) => bitmap.count(),
    };
    let n_before = n_of(&hits);
    let left = match (hits, others) {
        (hits, BlockHits::None) => hits,
        (BlockHits::None, _) | (_, BlockHits::All) => BlockHits::None,
        (hits, BlockHits::Some(others)) => {
            let mut left =
                if let BlockHits::Some(own) = hits { (*own).clone() } else { Bitmap::all(n_entries as usize) };
            left.and_not(others);
            if left.is_empty() { BlockHits::None } else { BlockHits::Some(Rc::new(left)) }
        }
    };
    let n_both = n_before - n_of(&left);
    (left, n_both as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_find_is_taken_from_the_second() {
        let some = |entries: &[usize]| BlockHits::Some(Rc::new(Bitmap::from_fn(10, |entry| entries.contains(&entry))));
        let (left, n_both) = without(BlockHits::All, &some(&[1, 2]), 10);
        assert_eq!((n_both, left.has(0), left.has(1), left.has(9)), (2, true, false, true));
        let (left, n_both) = without(some(&[1, 5]), &some(&[1, 2, 5]), 10);
        assert!(matches!(left, BlockHits::None) && n_both == 2);
        let (left, n_both) = without(some(&[1]), &BlockHits::None, 10);
        assert!(left.has(1) && n_both == 0);
    }

    #[test]
    fn every_block_is_counted_once() {
        let mut order = spread(&(0..150).collect::<Vec<_>>());
        assert_eq!(order[..3], [0, 64, 128]);
        order.sort_unstable();
        assert!(order.into_iter().eq(0..150));
    }
}
