//! The numbers of entries whose size means something: latencies, counts, bytes; not those that only name things. Fields have some, others
//! stand in messages alone (`took 340 ms`).

use super::numbers::{LEAST_VALUES, LEAST_WINDOWS};
use super::tally::{Key, Series, Tally};
use crate::answer::unit_of_suffix;
use crate::block::{Columns, Corrupt};
use crate::fields::{BlockFields, FieldHead, Kept, Kinds, Values};
use crate::quick_hash::QuickMap;
use crate::template::{Kind, Template};
use crate::topology::sighting::is_http_status;
use model::quantity::{Quantity, Unit, unit_of_name};

/// Numbers by these names say who, where, when or how it ended, not how much.
const NAMES: &[&str] = &[
    "id", "pid", "tid", "thread", "port", "line", "uid", "gid", "user", "index", "seq", "version", "status", "code",
    "errno", "level", "priority", "epoch",
];

/// Whether [`each_measure`] reads the block's text: numbers of several units (`1.2ms`, `850µs`) are kept as places in it.
pub fn needs_text(fields: &BlockFields) -> Result<bool, Corrupt> {
    Ok(fields.heads()?.iter().any(|head| is_measured(head) && matches!(head.kept, Kept::Places { .. })))
}

/// Whether a field's numbers are no measure, and only tell how requests ended: [`Tally::tells_apart`].
pub fn is_outcome(name: &str) -> bool {
    is_http_status(name)
}

/// Calls `each` with the field's name, the entry's place in the block, and the quantity, of measures and outcomes: durations are
/// seconds and sizes bytes, where the unit is written behind them, or the field's name ends with it. `text`: the block's, where it
/// is needed.
pub fn each_measure(
    fields: &BlockFields,
    columns: &Columns,
    text: &[u8],
    each: &mut dyn FnMut(&str, usize, Quantity),
) -> Result<(), Corrupt> {
    for head in fields.heads()?.iter().filter(|head| is_measured(head)) {
        let of_name = unit_of_name(head.name);
        let amount = |text: &str| Quantity::read(text).map(|quantity| in_unit(quantity, of_name));
        match (&head.kept, fields.values(head, columns)?) {
            (Kept::Numbers { form, .. }, Values::Numbers(numbers)) => {
                let (unit, one) = unit_of_suffix(&form.suffix);
                for (entry, number) in numbers {
                    let quantity = Quantity { amount: form.number(number) * one, unit };
                    each(head.name, entry as usize, in_unit(quantity, of_name));
                }
            }
            (Kept::Few(known), Values::Few(places)) => {
                let amounts: Vec<Option<Quantity>> = known.iter().map(|known| amount(known.text)).collect();
                for (entry, &place) in places.iter().enumerate().filter(|(_, place)| **place > 0) {
                    if let Some(amount) = amounts[usize::from(place) - 1] {
                        each(head.name, entry, amount);
                    }
                }
            }
            (Kept::Places { .. }, Values::Places(places, beside)) => {
                for (entry, place) in places {
                    if let Some(amount) = std::str::from_utf8(place.of(text, &beside)).ok().and_then(amount) {
                        each(head.name, entry as usize, amount);
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Messages that are read for the values in them, if that leaves enough of each: reading all would take as long as reading the logs.
const MOST_READ: u64 = 40_000;

/// Of one kind of message in one window at least, as fewer values say little, and at most.
const LEAST_OF_WINDOW: u32 = 6;
const MOST_OF_WINDOW: u32 = 64;

/// Where even the least would be far too many, only every so manieth window is read, but at least so many of them.
const LEAST_READ_WINDOWS: u32 = 2 * LEAST_WINDOWS as u32;

/// Chooses the messages whose values are read: of each kind that measures something, in each window, some of those that were counted,
/// evenly.
#[derive(Clone, Debug, Default)]
pub struct Sampler {
    /// By template: where it has values that measure something, and the unit that the words behind these say.
    places: Vec<Vec<Place>>,
    of_window: QuickMap<(Key, u32), Sampled>,
}

/// A value of a template, and the unit that stands behind it.
type Place = (usize, Option<(Unit, f64)>);

#[derive(Clone, Copy, Debug)]
struct Sampled {
    n_entries: u32,
    n_read: u32,
    n_seen: u32,
}

impl Sampler {
    /// `tally`: all entries that are looked at.
    pub fn new(templates: &[Template], tally: &mut Tally) -> Self {
        let places: Vec<Vec<Place>> = templates.iter().map(measuring_places).collect();
        let n_windows = tally.windows.n;
        let is_measuring =
            |series: &&Series| places.get(series.key.template as usize).is_some_and(|own| !own.is_empty());
        // In fewer windows nothing could be found.
        let enough = |series: &Series| -> Vec<(Key, u32, u32)> {
            let told = series.cells.iter().filter(|cell| cell.n >= LEAST_VALUES);
            let told: Vec<_> = told.map(|cell| (series.key, cell.window, cell.n)).collect();
            if told.len() < LEAST_WINDOWS { Vec::new() } else { told }
        };
        let wanted: Vec<(Key, u32, u32)> = tally.series().iter().filter(is_measuring).flat_map(enough).collect();
        let n_read = |most: u32| wanted.iter().map(|(_, _, n)| u64::from(*n.min(&most))).sum::<u64>();
        let mosts: Vec<u32> = (LEAST_OF_WINDOW..=MOST_OF_WINDOW).collect();
        let most = mosts[mosts.partition_point(|&most| n_read(most) <= MOST_READ).saturating_sub(1)];
        let most_apart = (n_windows / LEAST_READ_WINDOWS).max(1);
        let apart = (n_read(most).div_ceil(MOST_READ) as u32).clamp(1, most_apart);
        let is_read = |(_, window, _): &&(Key, u32, u32)| window.is_multiple_of(apart);
        let sampled = |&(key, window, n): &(Key, u32, u32)| {
            ((key, window), Sampled { n_entries: n, n_read: n.min(most), n_seen: 0 })
        };
        let of_window = wanted.iter().filter(is_read).map(sampled).collect();
        Self { places, of_window }
    }

    /// Whether anything is to be read.
    pub fn is_empty(&self) -> bool {
        self.of_window.is_empty()
    }

    /// Whether the next entry of this kind in this window is to be read.
    pub fn wants(&mut self, key: Key, window: usize) -> bool {
        let Some(sampled) = self.of_window.get_mut(&(key, window as u32)) else { return false };
        let n_read_of = |n_seen: u32| u64::from(n_seen) * u64::from(sampled.n_read) / u64::from(sampled.n_entries);
        let n_before = n_read_of(sampled.n_seen);
        sampled.n_seen += 1;
        n_read_of(sampled.n_seen) > n_before
    }

    /// Calls `each` with the place and the quantity of each value that measures something.
    pub fn each_measure(&self, template: u32, values: &[&str], each: &mut dyn FnMut(usize, Quantity)) {
        for &(place, unit) in self.places.get(template as usize).into_iter().flatten() {
            // In one place there is one unit, but where values bring theirs with them.
            if let Some(quantity) = values.get(place).and_then(|value| Quantity::read(value)) {
                each(place, in_unit(quantity, unit));
            }
        }
    }
}

/// Where durations, sizes, and numbers with a unit behind them stand.
fn measuring_places(template: &Template) -> Vec<Place> {
    let measure = |place: usize| match template.variables[place].kind {
        Kind::Duration | Kind::Size => Some((place, None)),
        Kind::Number if !template.unit(place).is_empty() => Some((place, Some(unit_of_suffix(template.unit(place))))),
        _ => None,
    };
    (0..template.variables.len()).filter_map(measure).collect()
}

/// A number without a unit is in the one that stands beside it, if any does.
fn in_unit(quantity: Quantity, beside: Option<(Unit, f64)>) -> Quantity {
    match (quantity.unit, beside) {
        (Unit::Plain, Some((unit, one))) => Quantity { amount: quantity.amount * one, unit },
        _ => quantity,
    }
}

fn is_measured(head: &FieldHead<'_>) -> bool {
    head.kinds == Kinds::NUMBER && (is_measure(head.name) || is_outcome(head.name))
}

fn is_measure(name: &str) -> bool {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let last_of_camel = name.rfind(|c: char| c.is_ascii_uppercase()).map_or("", |at| &name[at..]);
    let is_name = |word: &str| NAMES.iter().any(|known| known.eq_ignore_ascii_case(word));
    !name.ends_with("ID") && !is_name(last_of_camel) && !words.into_iter().any(is_name)
}

#[cfg(test)]
mod tests {
    use model::incident::Windows;
    use model::time::{Nanos, Zone};

    use super::*;
    use crate::block::decode_text;
    use crate::fields;
    use crate::format::Formats;
    use crate::import::Importer;
    use crate::read::Context;
    use crate::template::Miner;

    const WINDOWS: Windows = Windows { start: Nanos(0), width_nanos: 100, n: 96 };

    /// Of how many messages values are read, where each of these templates has so many in each window.
    fn n_read(templates: &[Template], counts: &[(u32, u32)]) -> Vec<usize> {
        let mut tally = Tally::new(WINDOWS);
        let each = || {
            counts
                .iter()
                .flat_map(|&(template, n)| (0..96).flat_map(move |window| (0..n).map(move |_| (template, window))))
        };
        let key = |template: u32| Key { template, ..Key::default() };
        each().for_each(|(template, window)| tally.add(0, key(template), WINDOWS.begin(window)));
        let mut sampler = Sampler::new(templates, &mut tally);
        let mut read = vec![0; counts.len()];
        for (template, window) in each() {
            let at = counts.iter().position(|(other, _)| *other == template).unwrap();
            read[at] += usize::from(sampler.wants(key(template), window));
        }
        read
    }

    fn templates(lines: impl Iterator<Item = String>) -> Vec<Template> {
        let mut miner = Miner::default();
        for line in lines {
            miner.push(&line);
        }
        miner.templates().list
    }

    #[test]
    fn values_with_units_are_read_of_some_messages_of_each_window() {
        let lines = (0..200).flat_map(|n| [format!("order {n} took {} ms", n % 90), format!("order {n} placed")]);
        let templates = templates(lines.chain(["flushed 3MB".to_owned(), "flushed 7MB".to_owned()]));
        let at = |text: &str| templates.iter().position(|template| template.text == text).unwrap() as u32;
        let (took, placed, flushed) = (at("order <*> took <*> ms"), at("order <*> placed"), at("flushed <*>"));
        let read = n_read(&templates, &[(took, 640), (placed, 640), (flushed, 5)]);
        assert_eq!(read[1], 0, "an order's number is no measure");
        assert_eq!(read[0], 96 * 64);
        assert_eq!(read[2], 96 * 5, "where there are few each is read");
        let mut found = Vec::new();
        let sampler = Sampler::new(&templates, &mut Tally::new(WINDOWS));
        let mut each = |place: usize, quantity: Quantity| {
            found.push((place, (quantity.amount * 1e6).round(), quantity.unit));
        };
        sampler.each_measure(took, &["7", "34"], &mut each);
        sampler.each_measure(flushed, &["3MB"], &mut each);
        assert_eq!(found, [(1, 34_000.0, Unit::Seconds), (0, 3e12, Unit::Bytes)]);
    }

    #[test]
    fn however_many_kinds_of_messages_measure_something_enough_of_each_is_read() {
        // Messages that have no word in common but the last.
        let word = |n: u32| {
            let letter = |n: u32| char::from(b'a' + n as u8);
            format!("{}o{}a", letter(n % 26), letter(n / 26))
        };
        let text = |n: u32| format!("{} {} {}", word(n), word(n + 200), word(n + 400));
        let lines = (0..200).flat_map(|n| (0..4).map(move |ms| format!("{} {ms} ms", text(n))));
        let templates = templates(lines);
        let counts: Vec<(u32, u32)> = (0..templates.len() as u32).map(|template| (template, 8)).collect();
        let read = n_read(&templates, &counts);
        let least = LEAST_WINDOWS * LEAST_VALUES as usize;
        assert!(templates.len() > 100 && read.iter().all(|&n| n >= least), "{}: {read:?}", templates.len());
        assert!(read.iter().sum::<usize>() as u64 <= 2 * MOST_READ);
    }

    /// The numbers that one field has in lines with these values, in billionths.
    fn measured<'v>(values: impl Iterator<Item = &'v str>) -> Vec<i64> {
        let lines: Vec<String> = values.map(|value| format!("{{\"msg\": \"served\", \"took\": {value}}}\n")).collect();
        let (formats, mut found) = (Formats::builtin(), Vec::new());
        let context = Context { path: "app.log".into(), modified: Nanos(0), zone: Zone::utc() };
        let (mut importer, mut blocks) = (Importer::new(&formats, context), Vec::new());
        importer.push(lines.concat().as_bytes(), &mut blocks);
        importer.finish(&mut blocks);
        for block in &blocks {
            let columns = Columns::decode(&block.columns, &formats).unwrap();
            let text = decode_text(&block.text, block.text_bytes).unwrap();
            let fields = BlockFields::open(fields::make(&columns, &text, &formats)).unwrap();
            let text = if needs_text(&fields).unwrap() { &text[..] } else { b"" };
            each_measure(&fields, &columns, text, &mut |name, _, quantity| {
                assert_eq!(name, "took");
                found.push((quantity.amount * 1e9).round() as i64);
            })
            .unwrap();
        }
        found
    }

    #[test]
    fn units_behind_the_numbers_of_a_field_count_however_these_are_kept() {
        let few = (0..400).map(|n| [r#""1.204ms""#, r#""850.1µs""#, r#""2s""#][n % 3]);
        assert_eq!(measured(few)[..3], [1_204_000, 850_100, 2_000_000_000]);
        let of_one_form: Vec<String> = (0..400).map(|n| format!("\"{n}.5ms\"")).collect();
        assert_eq!(measured(of_one_form.iter().map(String::as_str))[7], 7_500_000);
        let of_two: Vec<String> = (0..400).map(|n| format!("\"{n}.5{}\"", ["ms", "µs"][n % 2])).collect();
        let found = measured(of_two.iter().map(String::as_str));
        assert_eq!((found.len(), found[6], found[7]), (400, 6_500_000, 7_500));
    }

    #[test]
    fn numbers_are_in_the_unit_that_their_fields_name_says_unless_they_have_one() {
        let quantity = |amount: f64, unit: Unit| Quantity { amount, unit };
        let millis = unit_of_name("duration_ms");
        assert_eq!(in_unit(quantity(500.0, Unit::Plain), millis), quantity(0.5, Unit::Seconds));
        assert_eq!(in_unit(quantity(2.0, Unit::Seconds), millis), quantity(2.0, Unit::Seconds));
        assert_eq!(in_unit(quantity(7.0, Unit::Plain), unit_of_name("items")), quantity(7.0, Unit::Plain));
    }

    #[test]
    fn numbers_that_name_things_are_no_measures() {
        assert!(["duration_ms", "bytes", "http.response.size", "activeConnections"].into_iter().all(is_measure));
        assert!(!["thread", "order_id", "orderId", "process.pid", "server-port"].into_iter().any(is_measure));
        let outcomes = ["status", "http.response.status_code", "statusCode", "exitCode", "errno", "syslog.priority"];
        assert!(!outcomes.into_iter().any(is_measure));
        assert!(is_outcome("status") && !is_outcome("duration_ms"));
    }
}
