//! Whether a field's numbers count on with the order in which the entries were written (offsets, sequence numbers).

use std::collections::HashMap;

use crate::answer::BlockView;
use crate::block::Corrupt;
use crate::fields::{FieldHead, Kept, Values};

/// Numbers of a field that are looked at: from more nothing else is learnt.
const MOST_LOOKED_AT: usize = 20_000;
/// Fewer numbers than this, beside the first of each block, may be in order by accident.
const LEAST_FREE: usize = 6;
/// A rank correlation from here on is that of numbers that follow their order; that of others is near 0.
const FOLLOWING: f64 = 0.8;

/// The numbers of each field against the order of their entries.
#[derive(Clone, Default)]
pub struct Orders {
    of_field: HashMap<String, Order>,
}

/// Spearman's rank correlation (1904), gathered within blocks: so it is of one source each, and blocks may come in any order.
#[derive(Clone, Copy, Debug, Default)]
pub struct Order {
    n: usize,
    n_blocks: usize,
    /// Sums of products of the distances from the middle: of place and rank, and of place and place.
    together: f64,
    alone: f64,
    /// Some numbers are not whole.
    has_parts: bool,
}

impl Orders {
    /// Takes the hits of a block in. `heads`: of all its fields; `has_few_values`: where a field's values come again and again, nobody
    /// asks for its order.
    pub fn add(
        &mut self,
        block: &BlockView<'_>,
        heads: &[FieldHead<'_>],
        has_few_values: impl Fn(&str) -> bool,
    ) -> Result<(), Corrupt> {
        let is_hit = |entry: u32| block.hits.is_none_or(|hits| hits.has(entry as usize));
        for head in heads {
            let Kept::Numbers { form, .. } = &head.kept else { continue };
            let is_known = |order: &Order| order.has_parts || order.n >= MOST_LOOKED_AT;
            if self.of_field.get(head.name).is_some_and(is_known) || has_few_values(head.name) {
                continue;
            }
            if form.decimals > 0 {
                if block.fields.present_entries(head)?.into_iter().any(is_hit) {
                    self.order(head.name).has_parts = true;
                }
                continue;
            }
            let Values::Numbers(numbers) = block.fields.values(head, block.columns)? else { return Err(Corrupt) };
            let hits = numbers.into_iter().filter(|&(entry, _)| is_hit(entry)).map(|(_, number)| number);
            self.order(head.name).add(&hits.collect::<Vec<_>>());
        }
        Ok(())
    }

    fn order(&mut self, field: &str) -> &mut Order {
        if !self.of_field.contains_key(field) {
            self.of_field.insert(field.to_owned(), Order::default());
        }
        self.of_field.get_mut(field).expect("it is there or was just put there")
    }

    /// Whether they do, be it downwards, as in a file that begins with the newest entry; `None` where too few are known.
    pub fn counts_on(&self, field: &str) -> Option<bool> {
        self.of_field.get(field)?.counts_on()
    }
}

impl Order {
    /// `numbers`: of one block, in the order of their entries.
    pub fn add(&mut self, numbers: &[i64]) {
        let mut by_number: Vec<usize> = (0..numbers.len()).collect();
        by_number.sort_by_key(|&place| (numbers[place], place));
        let middle = numbers.len().saturating_sub(1) as f64 / 2.0;
        for (rank, &place) in by_number.iter().enumerate() {
            let (rank, place) = (rank as f64 - middle, place as f64 - middle);
            self.together += rank * place;
            self.alone += place * place;
        }
        self.n += numbers.len();
        self.n_blocks += usize::from(!numbers.is_empty());
    }

    pub fn counts_on(&self) -> Option<bool> {
        if self.has_parts {
            return Some(false);
        }
        (self.n >= self.n_blocks + LEAST_FREE).then(|| self.together.abs() >= FOLLOWING * self.alone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts_on(blocks: &[Vec<i64>]) -> Option<bool> {
        let mut order = Order::default();
        blocks.iter().for_each(|block| order.add(block));
        order.counts_on()
    }

    #[test]
    fn offsets_count_on_in_blocks_of_any_order_and_durations_do_not() {
        let offsets = |from: i64| (0..100).map(|i| from + i * 7 % 3 + i * 13).collect::<Vec<_>>();
        assert_eq!(counts_on(&[offsets(9000), offsets(0), offsets(5000)]), Some(true));
        assert_eq!(counts_on(&[offsets(0).into_iter().rev().collect()]), Some(true));
        let durations = (0..100).map(|i| 5000 + i * 37 % 101).collect::<Vec<_>>();
        assert_eq!(counts_on(&[durations]), Some(false));
        assert_eq!(counts_on(&[vec![1, 2], vec![5, 6]]), None);
    }
}
