//! Counts the fields and values of a stream of blocks.
//!
//! Of a block that is in the scope as a whole the directory of its field columns says nearly everything; only numbers, and
//! values that are too many for the directory, are looked at one by one.
//!
//! As in searches names that differ in case only are of one field, called as most entries call it.

use std::collections::BTreeSet;

use model::entry::SourceId;
use model::facet::{Distinct, Facet, Facets, ValueCount};
use model::meaning::Meanings;
use model::query::{variable_name, variable_place};

use super::block::{BlockView, Needs, Numbered};
use super::field_count::{CountedField, FieldCount};
use super::meant::needs_of;
use crate::block::Corrupt;
use crate::fields::{BlockFields, FieldHead};
use crate::quick_hash::QuickMap;

/// Fields that are counted; logs have no more unless their keys are data.
const MOST_FIELDS: usize = 1000;
/// Values that are in so many blocks for each source, and in so large a share of all that have the field, recur.
const RECURRING_BLOCKS: f64 = 2.0;
const RECURRING_SHARE: f64 = 0.2;

/// Shown first, in this order; the others by how many entries have them.
const FIRST: [&str; 3] = ["level", "service", "source"];
/// A text for people, not a value.
const LEFT_OUT: &str = "message";

#[derive(Clone, Default)]
pub struct FacetCount {
    n_entries: u64,
    fields: Vec<FieldCount>,
    /// By every name that was seen, and by that in lower case.
    places: QuickMap<Box<str>, usize>,
    /// There were more.
    has_passed_over: bool,
    /// Blocks that were taken in.
    n_blocks: u64,
    /// Some entries of a block were left out, so that what blocks say of themselves does not count.
    is_partial: bool,
    sources: BTreeSet<SourceId>,
}

impl FacetCount {
    pub fn needs(&self, fields: &BlockFields, meanings: &Meanings) -> Result<Needs, Corrupt> {
        let is_full = |name: &str| self.places.get(name).is_some_and(|&place| self.fields[place].is_full);
        let is_looked_at = |name: &str| name != LEFT_OUT && !is_full(name);
        let needs_text = fields.has_places(is_looked_at)?;
        let mut needs = if needs_text { Needs::ColumnsAndText } else { Needs::FieldsOnly };
        for meaning in &meanings.rows {
            needs = needs.max(needs_of(&meaning.name, meanings, fields)?);
        }
        Ok(needs)
    }

    /// Takes the entries of a block in.
    pub fn add(&mut self, block: &BlockView<'_>) -> Result<(), Corrupt> {
        self.add_fields(block, &block.fields.heads()?)
    }

    /// The same. `heads`: of all fields of the block.
    pub(crate) fn add_fields(&mut self, block: &BlockView<'_>, heads: &[FieldHead<'_>]) -> Result<(), Corrupt> {
        let n_entries = block.hits.map_or(block.n_entries(), |hits| hits.count());
        if n_entries == 0 {
            return Ok(());
        }
        self.n_entries += n_entries as u64;
        self.n_blocks += 1;
        self.is_partial |= n_entries < block.n_entries();
        self.sources.insert(block.source);
        let source = self.field("source");
        source.n_present += n_entries as u64;
        source.add_text(block.path, n_entries as u64);
        for (at, head) in heads.iter().enumerate() {
            // A field that is called like a meaning is counted as that.
            if head.name == LEFT_OUT || block.meanings.named(head.name).is_some() {
                continue;
            }
            if self.fields.len() >= MOST_FIELDS && self.place_of(head.name).is_none() {
                self.has_passed_over = true;
                continue;
            }
            let n_blocks = self.n_blocks;
            let field = self.field(head.name);
            let n_before = field.n_present;
            match std::mem::replace(&mut field.last_block, n_blocks) == n_blocks {
                false => field.add(block, head)?,
                true => field.add_beside(block, head, &heads[..at])?,
            }
            field.count_name(head.name, field.n_present - n_before);
        }
        for place in block.values.places() {
            // The values in one place of the entries' templates.
            self.add_values(block, &variable_name(place), &block.values.numbered(place, block.n_entries()));
        }
        for meaning in &block.meanings.rows {
            self.add_values(block, &meaning.name, &block.meant(meaning)?);
        }
        Ok(())
    }

    /// Counts values that are of no field of the block.
    fn add_values(&mut self, block: &BlockView<'_>, name: &str, numbered: &Numbered<'_>) {
        let mut counts = vec![0; numbered.values.len() + 1];
        match block.hits {
            None => numbered.ids.iter().for_each(|&id| counts[id as usize] += 1),
            Some(hits) => hits.iter().for_each(|entry| counts[numbered.ids[entry] as usize] += 1),
        }
        if numbered.values.is_empty() {
            return;
        }
        let field = self.field(name);
        for (value, &n_entries) in numbered.values.iter().zip(&counts[1..]).filter(|(_, n)| **n > 0) {
            field.n_present += n_entries;
            field.add_text(value, n_entries);
        }
    }

    /// There are far fewer values of a field than entries that have one.
    pub(crate) fn has_few_values(&self, name: &str) -> bool {
        self.place_of(name).is_some_and(|place| self.fields[place].has_few_values())
    }

    fn place_of(&self, name: &str) -> Option<usize> {
        if let Some(&place) = self.places.get(name) {
            return Some(place);
        }
        let is_lower = !name.bytes().any(|byte| byte.is_ascii_uppercase());
        if is_lower { None } else { self.places.get(name.to_ascii_lowercase().as_str()).copied() }
    }

    fn field(&mut self, name: &str) -> &mut FieldCount {
        let place = match self.places.get(name) {
            Some(&place) => place,
            None => {
                let place = self.place_of(name).unwrap_or(self.fields.len());
                if place == self.fields.len() {
                    self.fields.push(FieldCount::of(name));
                }
                self.places.insert(name.to_ascii_lowercase().into(), place);
                self.places.insert(name.into(), place);
                place
            }
        };
        &mut self.fields[place]
    }

    /// The answer so far.
    pub fn facets(&self, n_values: usize, is_complete: bool) -> Facets {
        let known = self.fields.iter().filter(|field| field.n_present > 0);
        let mut fields: Vec<(&str, &FieldCount)> = known.map(|field| (field.name(), field)).collect();
        let place = |name: &str| match FIRST.iter().position(|&first| first == name) {
            Some(place) => place,
            // Of one pattern all are there, in their order.
            None => FIRST.len() + variable_place(name).unwrap_or(usize::MAX - FIRST.len()),
        };
        fields.sort_by(|&(a, one), &(b, other)| (place(a), other.n_present, a).cmp(&(place(b), one.n_present, b)));
        Facets {
            n_entries: self.n_entries,
            fields: fields.into_iter().map(|(_, field)| field.facet(n_values, self.is_partial)).collect(),
            has_all_fields: self.has_all_fields(),
            complete: is_complete,
        }
    }

    /// The answer so far, of one field, however it is written.
    pub fn facet(&self, name: &str, n_values: usize, is_complete: bool) -> Facets {
        let field = self.place_of(name).map(|place| &self.fields[place]).filter(|field| field.n_present > 0);
        Facets {
            n_entries: self.n_entries,
            fields: field.map(|field| field.facet(n_values, self.is_partial)).into_iter().collect(),
            has_all_fields: self.has_all_fields(),
            complete: is_complete,
        }
    }

    pub fn n_entries(&self) -> u64 {
        self.n_entries
    }

    /// Fields whose values come again and again throughout the logs, as those of a catalogue do (products, hosts): a request is written
    /// about in one block of each source, or in few.
    pub fn recurring(&self) -> Vec<&str> {
        let n_sources = self.sources.len() as f64;
        let recurs = |field: &&FieldCount| {
            let blocks_each = field.n_in_blocks as f64 / field.counted().n_different.max(1) as f64;
            blocks_each >= RECURRING_BLOCKS * n_sources && blocks_each >= RECURRING_SHARE * field.n_blocks as f64
        };
        let known = self.fields.iter().filter(|field| field.n_present > 0);
        known.filter(recurs).map(FieldCount::name).collect()
    }

    /// Every field with its most frequent values; of those with too many to count each a handful, and about how many there are.
    pub fn to_judge(&self, n_values: usize) -> Vec<Facet> {
        let fields = self.fields.iter().filter(|field| field.n_present > 0);
        let judged = |field: &FieldCount| {
            let facet = field.facet(n_values, self.is_partial);
            if !field.is_full {
                return facet;
            }
            // Of values that are kept in the text, those of entries outside the scope are sketched with the others.
            let n_different = field.many.n_different().max(field.counted().n_different).min(field.n_present);
            let top =
                field.many.handful.iter().map(|value| ValueCount { value: value.clone(), n_entries: 1 }).collect();
            Facet { distinct: Distinct::About(n_different), top, ..facet }
        };
        fields.map(judged).collect()
    }

    /// No field was passed over because there were too many.
    pub fn has_all_fields(&self) -> bool {
        !self.has_passed_over
    }

    /// Every field that some entry has.
    pub fn counted(&self) -> impl Iterator<Item = CountedField<'_>> {
        self.fields.iter().filter(|field| field.n_present > 0).map(FieldCount::counted)
    }
}
