//! One of two sets of entries, counted: block after block, in any order.

use model::meaning::Meanings;

use super::measured::Measured;
use super::order::Orders;
use crate::answer::{BlockView, FacetCount, Needs};
use crate::block::Corrupt;
use crate::fields::{BlockFields, FieldHead};
use crate::search::Bitmap;
use crate::template::{Template, Templates, ValueReader};

#[derive(Clone, Default)]
pub struct Side {
    pub(super) facets: FacetCount,
    pub(super) orders: Orders,
    pub(super) measured: Measured,
    /// Entries by shape: which template a shape belongs to may change until the end.
    of_shape: Vec<u64>,
}

impl Side {
    pub fn n_entries(&self) -> u64 {
        self.facets.n_entries()
    }

    pub fn needs(&self, fields: &BlockFields, meanings: &Meanings) -> Result<Needs, Corrupt> {
        self.facets.needs(fields, meanings)
    }

    /// Takes the hits of a block in. `heads`: of all its fields; `of_entry`: which shape of its block each entry has; `numbers`: which of
    /// all shapes those are.
    pub fn add(
        &mut self,
        block: &BlockView<'_>,
        heads: &[FieldHead<'_>],
        of_entry: &[u16],
        numbers: &[u32],
    ) -> Result<(), Corrupt> {
        self.facets.add_fields(block, heads)?;
        self.orders.add(block, heads, |field| self.facets.has_few_values(field))?;
        self.add_shapes(block.hits, of_entry, numbers);
        Ok(())
    }

    /// Which hits of a block are to be read for the numbers in their messages. `of_shape`: the template of each shape of the block.
    pub fn to_read(&self, hits: Option<&Bitmap>, of_entry: &[u16], of_shape: &[&Template]) -> Vec<usize> {
        self.measured.wanted(hits, of_entry, of_shape)
    }

    pub fn read(&mut self, reader: &ValueReader<'_>, entries: &[usize]) {
        self.measured.add(reader, entries);
    }

    fn add_shapes(&mut self, hits: Option<&Bitmap>, of_entry: &[u16], numbers: &[u32]) {
        // Neighbours' shapes are counted by their numbers in the block, of which there are few.
        let mut counts = vec![0u64; numbers.len()];
        let mut count = |entry: usize| {
            if let Some(count) = of_entry.get(entry).and_then(|&shape| counts.get_mut(usize::from(shape))) {
                *count += 1;
            }
        };
        match hits {
            None => (0..of_entry.len()).for_each(&mut count),
            Some(hits) => hits.iter().for_each(&mut count),
        }
        let n_shapes = numbers.iter().max().map_or(0, |&last| last as usize + 1);
        if self.of_shape.len() < n_shapes {
            self.of_shape.resize(n_shapes, 0);
        }
        for (&number, n) in numbers.iter().zip(counts) {
            self.of_shape[number as usize] += n;
        }
    }

    /// Entries of each template, in the order of the list.
    pub(super) fn of_templates(&self, templates: &Templates) -> Vec<u64> {
        let mut counts = vec![0; templates.list.len()];
        for (n, &template) in self.of_shape.iter().zip(&templates.of_shape) {
            counts[template as usize] += n;
        }
        counts
    }
}
