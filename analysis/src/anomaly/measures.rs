//! The numbers of entries whose size means something: latencies, counts, bytes; not those that only name things. Fields have some, others
//! stand in messages alone (`took 340 ms`).

use crate::block::{Columns, Corrupt};
use crate::fields::{BlockFields, Kept, Kinds, Values};
use crate::template::{Kind, Template};
use model::quantity::Quantity;

/// Numbers by these names say who or where, not how much.
const NAMES: &[&str] = &["id", "pid", "tid", "thread", "port", "line", "uid", "gid", "user", "index", "seq", "version"];

/// Calls `each` with the field's name, the entry's place in the block, and the number.
pub fn each_measure(
    fields: &BlockFields,
    columns: &Columns,
    each: &mut dyn FnMut(&str, usize, f64),
) -> Result<(), Corrupt> {
    for head in fields.heads()? {
        if head.kinds != Kinds::NUMBER || !is_measure(head.name) {
            continue;
        }
        match (&head.kept, fields.values(&head, columns)?) {
            (Kept::Numbers { form, .. }, Values::Numbers(numbers)) => {
                numbers.into_iter().for_each(|(entry, number)| each(head.name, entry as usize, form.number(number)));
            }
            (Kept::Few(known), Values::Few(places)) => {
                let numbers: Vec<Option<f64>> = known.iter().map(|known| known.text.parse().ok()).collect();
                for (entry, &place) in places.iter().enumerate().filter(|(_, place)| **place > 0) {
                    if let Some(number) = numbers[usize::from(place) - 1] {
                        each(head.name, entry, number);
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Messages that are read for the values in them: of all, and of one template. Reading each would take as long as reading the logs.
const MOST_READ: u64 = 40_000;
const LEAST_OF_ONE: u64 = 480;
const MOST_OF_ONE: u64 = 8_000;

/// Chooses the messages whose values are read: of each template that measures something every so manieth.
#[derive(Clone, Debug, Default)]
pub struct Sampler {
    of_template: Vec<Sampled>,
}

#[derive(Clone, Debug)]
struct Sampled {
    places: Vec<usize>,
    stride: u64,
    n_seen: u64,
}

impl Sampler {
    pub fn new(templates: &[Template]) -> Self {
        let places: Vec<Vec<usize>> = templates.iter().map(measuring_places).collect();
        let n_measuring = places.iter().filter(|places| !places.is_empty()).count() as u64;
        let most = (MOST_READ / n_measuring.max(1)).clamp(LEAST_OF_ONE, MOST_OF_ONE);
        let sampled = |(template, places): (&Template, Vec<usize>)| Sampled {
            places,
            stride: template.n_entries.div_ceil(most).max(1),
            n_seen: 0,
        };
        Self { of_template: templates.iter().zip(places).map(sampled).collect() }
    }

    /// Whether the next entry of a template, by its place in the list, is to be read.
    pub fn wants(&mut self, template: u32) -> bool {
        let Some(sampled) = self.of_template.get_mut(template as usize).filter(|sampled| !sampled.places.is_empty())
        else {
            return false;
        };
        sampled.n_seen += 1;
        sampled.n_seen.is_multiple_of(sampled.stride)
    }

    /// Calls `each` with the place and the number of each value that measures something.
    pub fn each_measure(&self, template: u32, values: &[&str], each: &mut dyn FnMut(usize, f64)) {
        let places = self.of_template.get(template as usize).map_or(&[][..], |sampled| &sampled.places);
        for &place in places {
            // In one place there is one unit, but where values bring theirs with them.
            if let Some(quantity) = values.get(place).and_then(|value| Quantity::read(value)) {
                each(place, quantity.amount);
            }
        }
    }
}

/// Where durations, sizes, and numbers with a unit behind them stand.
fn measuring_places(template: &Template) -> Vec<usize> {
    let is_measure = |&place: &usize| match template.variables[place].kind {
        Kind::Duration | Kind::Size => true,
        Kind::Number => !template.unit(place).is_empty(),
        _ => false,
    };
    (0..template.variables.len()).filter(is_measure).collect()
}

fn is_measure(name: &str) -> bool {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let is_camel_id = name.ends_with("Id") || name.ends_with("ID");
    !is_camel_id && !words.into_iter().any(|word| NAMES.iter().any(|known| known.eq_ignore_ascii_case(word)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::Miner;

    #[test]
    fn values_with_units_are_read_of_some_messages_of_each_template() {
        let mut miner = Miner::default();
        for n in 0..20_000 {
            miner.push(&format!("order {n} took {} ms", n % 90));
            miner.push(&format!("order {n} placed"));
        }
        miner.push("flushed 3MB");
        miner.push("flushed 7MB");
        let templates = miner.templates();
        let mut sampler = Sampler::new(&templates.list);
        let at = |text: &str| templates.list.iter().position(|template| template.text == text).unwrap() as u32;
        let mut n_wanted = |template: u32, n: u32| (0..n).filter(|_| sampler.wants(template)).count();
        assert_eq!(n_wanted(at("order <*> placed"), 100), 0, "an order's number is no measure");
        assert_eq!(n_wanted(at("order <*> took <*> ms"), 20_000), 20_000 / 3);
        assert_eq!(n_wanted(at("flushed <*>"), 2), 2);
        let mut found = Vec::new();
        sampler
            .each_measure(at("order <*> took <*> ms"), &["7", "34"], &mut |place, number| found.push((place, number)));
        sampler.each_measure(at("flushed <*>"), &["3MB"], &mut |place, number| found.push((place, number)));
        assert_eq!(found, [(1, 34.0), (0, 3_000_000.0)]);
    }

    #[test]
    fn numbers_that_name_things_are_no_measures() {
        assert!(["duration_ms", "bytes", "http.response.size", "activeConnections"].into_iter().all(is_measure));
        assert!(!["thread", "order_id", "orderId", "process.pid", "server-port"].into_iter().any(is_measure));
    }
}
