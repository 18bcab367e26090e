//! The numbers that stand in messages alone (`took 340 ms`): of some entries of each template, evenly from its blocks.

use std::collections::{BTreeMap, HashMap};

use model::quantity::{Quantity, Unit};

use super::order::Order;
use crate::search::Bitmap;
use crate::template::{Template, TemplateId, ValueReader};

/// Entries that are read of a template in one block, and of it in all blocks: enough to tell how numbers are spread,
const MOST_OF_BLOCK: usize = 16;
const MOST_OF_TEMPLATE: u32 = 2_000;
/// and of all templates together, as reading each entry would take as long as reading the logs.
const MOST_READ: u32 = 60_000;

/// The numbers of one of two sets, block after block.
#[derive(Clone, Default)]
pub struct Measured {
    n_read: u32,
    of_template: HashMap<TemplateId, OfTemplate>,
}

#[derive(Clone, Default)]
struct OfTemplate {
    n_read: u32,
    of_place: BTreeMap<usize, OfPlace>,
}

/// What stands in one place, durations in seconds and sizes in bytes.
#[derive(Clone, Default)]
pub struct OfPlace {
    pub unit: Unit,
    pub numbers: Vec<f64>,
    order: Order,
}

impl OfPlace {
    /// Whether they count on with the order of their entries, as uptimes do.
    pub fn counts_on(&self) -> bool {
        self.order.counts_on().unwrap_or(true)
    }
}

impl Measured {
    /// Which of a block's hits are to be read. `of_entry`: which shape each entry has; `of_shape`: the template of each of these.
    pub fn wanted(&self, hits: Option<&Bitmap>, of_entry: &[u16], of_shape: &[&Template]) -> Vec<usize> {
        let is_asked: Vec<bool> = of_shape.iter().map(|template| self.asks_for(template)).collect();
        if !is_asked.contains(&true) {
            return Vec::new();
        }
        let mut of_template: BTreeMap<TemplateId, Vec<usize>> = BTreeMap::new();
        let mut see = |entry: usize| {
            let shape = of_entry.get(entry).map(|&shape| usize::from(shape));
            if let Some(shape) = shape.filter(|&shape| is_asked.get(shape) == Some(&true)) {
                of_template.entry(of_shape[shape].id).or_default().push(entry);
            }
        };
        match hits {
            None => (0..of_entry.len()).for_each(&mut see),
            Some(hits) => hits.iter().for_each(&mut see),
        }
        let mut wanted = Vec::new();
        for entries in of_template.values() {
            let n = entries.len().min(MOST_OF_BLOCK);
            wanted.extend((0..n).map(|at| entries[at * entries.len() / n]));
        }
        wanted.sort_unstable();
        wanted
    }

    fn asks_for(&self, template: &Template) -> bool {
        let is_read_out = self.of_template.get(&template.id).is_some_and(|known| known.n_read >= MOST_OF_TEMPLATE);
        !is_read_out && self.n_read < MOST_READ && measuring(template).next().is_some()
    }

    /// Reads these entries of a block.
    pub fn add(&mut self, reader: &ValueReader<'_>, entries: &[usize]) {
        let mut in_block: BTreeMap<(TemplateId, usize), Vec<i64>> = BTreeMap::new();
        for &entry in entries {
            reader.with_values(entry, |template, values| {
                let known = self.of_template.entry(template.id).or_default();
                known.n_read += 1;
                self.n_read += 1;
                for (place, unit, one) in measuring(template) {
                    let Some(quantity) = values.get(place).and_then(|value| Quantity::read(value)) else { continue };
                    // A value may bring its unit with it.
                    let amount = quantity.amount * if quantity.unit == Unit::Plain { one } else { 1.0 };
                    let of_place = known.of_place.entry(place).or_default();
                    of_place.unit = unit;
                    of_place.numbers.push(amount);
                    in_block.entry((template.id, place)).or_default().push((amount * 1e6) as i64);
                }
            });
        }
        for ((template, place), numbers) in in_block {
            if let Some(of_place) = self.of_template.get_mut(&template).and_then(|known| known.of_place.get_mut(&place))
            {
                of_place.order.add(&numbers);
            }
        }
    }

    pub fn of(&self, template: TemplateId, place: usize) -> Option<&OfPlace> {
        self.of_template.get(&template)?.of_place.get(&place)
    }
}

/// The places that measure something and are no fields by themselves, with what they do.
fn measuring(template: &Template) -> impl Iterator<Item = (usize, Unit, f64)> {
    let places = (0..template.variables.len()).filter(move |&place| !template.is_named(place));
    places.filter_map(move |place| template.measure(place).map(|(unit, one)| (place, unit, one)))
}
