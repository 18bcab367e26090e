//! Makes the field columns of a block: opens every entry once.

use std::borrow::Cow;
use std::collections::HashMap;

use memchr::memmem;
use model::entry::Value;
use model::query::name_of_own;

use super::Kinds;
use super::bits::{pack, packed_bytes, width_for};
use super::decimal::{self, Form};
use super::sketch::Sketch;
use crate::block::Columns;
use crate::block::packed::{compress, put_number, put_text};
use crate::format::Formats;
use crate::quick_hash::QuickMap;

/// Values of a field that are numbered in one byte, beside "absent".
const MOST_FEW: usize = 255;
/// So few are kept whatever share of the entries has another.
const ALWAYS_FEW: usize = 16;
/// Numbers of so many values take fewer bits as numbers.
const MOST_FEW_NUMBERS: usize = 64;

/// The values of one field, of the entries that have it.
#[derive(Default)]
struct Gathered {
    name: String,
    entries: Vec<u32>,
    texts: Vec<String>,
}

/// The columns of a block's fields. `columns`, `text`: the block's own. Cost: as reading the text, several times over.
pub fn make(columns: &Columns, text: &[u8], formats: &Formats) -> Vec<u8> {
    let fields = gather(columns, text, formats);
    let (mut heads, mut data) = (Vec::new(), Vec::new());
    for field in &fields {
        let mut head = Vec::new();
        let n_before = data.len();
        put_field(&mut head, &mut data, field, columns, text);
        put_number(&mut heads, head.len() as u64);
        put_number(&mut heads, (data.len() - n_before) as u64);
        heads.extend(head);
    }
    let packed = compress(&heads);
    let mut out = Vec::with_capacity(packed.len() + data.len() + 16);
    put_number(&mut out, columns.len() as u64);
    put_number(&mut out, fields.len() as u64);
    put_number(&mut out, heads.len() as u64);
    put_number(&mut out, packed.len() as u64);
    out.extend(packed);
    out.extend(data);
    out
}

fn gather(columns: &Columns, text: &[u8], formats: &Formats) -> Vec<Gathered> {
    let mut fields = Fields::default();
    for entry in 0..columns.len() {
        let shape = columns.shape(entry);
        let raw = text.get(columns.text_range(entry)).unwrap_or_default();
        // Faster than the lossy way, which looks at each byte.
        let raw = std::str::from_utf8(raw).map_or_else(|_| String::from_utf8_lossy(raw), Cow::Borrowed);
        let parsed = formats.parse(shape.format, &raw);
        fields.begin(entry);
        if shape.severity.band() != model::severity::Band::Unspecified {
            fields.add("level", || shape.severity.band().name().to_owned());
        }
        // Empty: the source's own, which the block does not know.
        fields.add("service", || columns.service(entry).to_owned());
        fields.add("format", || formats.name(shape.format).to_owned());
        if !parsed.message.is_empty() {
            fields.add("message", || parsed.message);
        }
        if let Some(id) = parsed.trace_id {
            fields.add("trace_id", || id);
        }
        if let Some(id) = parsed.span_id {
            fields.add("span_id", || id);
        }
        for field in parsed.fields {
            // What every entry has keeps its name.
            fields.add(&name_of_own(&field.name), || match field.value {
                Value::Text(text) | Value::Json(text) => text,
                value => value.to_string(),
            });
        }
    }
    fields.list
}

#[derive(Default)]
struct Fields {
    list: Vec<Gathered>,
    places: HashMap<String, usize>,
    entry: u32,
    /// Entries of a block are alike: the next field is mostly the one that followed in the entry before.
    last: usize,
}

impl Fields {
    fn begin(&mut self, entry: usize) {
        self.entry = entry as u32;
        self.last = usize::MAX;
    }

    fn add(&mut self, name: &str, value: impl FnOnce() -> String) {
        let next = self.last.wrapping_add(1);
        let place = match self.list.get(next) {
            Some(field) if field.name == name => next,
            _ => *self.places.entry(name.to_owned()).or_insert_with(|| {
                self.list.push(Gathered { name: name.to_owned(), ..Gathered::default() });
                self.list.len() - 1
            }),
        };
        self.last = place;
        let field = &mut self.list[place];
        if field.entries.last() != Some(&self.entry) {
            field.entries.push(self.entry);
            field.texts.push(value());
        }
    }
}

/// What the first byte of a head says the values are kept as.
pub(super) const FEW: u8 = 0;
pub(super) const NUMBERS: u8 = 1;
pub(super) const PLACES: u8 = 2;

fn put_field(head: &mut Vec<u8>, data: &mut Vec<u8>, field: &Gathered, columns: &Columns, text: &[u8]) {
    let mut numbered: QuickMap<&str, u32> = QuickMap::default();
    let mut kinds = Kinds::default();
    let mut counts = Vec::new();
    let mut ids = Vec::with_capacity(field.texts.len());
    for value in &field.texts {
        let id = *numbered.entry(value).or_insert_with(|| {
            kinds.add(Kinds::of(value));
            counts.push((value.as_str(), 0u32));
            counts.len() as u32 - 1
        });
        counts[id as usize].1 += 1;
        ids.push(id);
    }
    let n_distinct = counts.len();
    let is_few = n_distinct <= MOST_FEW && (n_distinct <= ALWAYS_FEW || n_distinct * 4 <= field.texts.len() * 3);
    let numbers = match kinds {
        Kinds::NUMBER if !is_few || n_distinct > MOST_FEW_NUMBERS => {
            decimal::read_all(counts.iter().map(|&(value, _)| value))
        }
        _ => None,
    };
    let is_total = field.entries.len() == columns.len();
    let kept_as = if numbers.is_some() {
        NUMBERS
    } else if is_few {
        FEW
    } else {
        PLACES
    };
    put_text(head, &field.name);
    head.push(kept_as | kinds.0 << 2 | u8::from(is_total) << 7);
    put_number(head, field.entries.len() as u64);
    match numbers {
        Some((form, numbers)) => {
            put_numbers(head, data, field, columns.len(), &form, ids.iter().map(|&id| numbers[id as usize]))
        }
        None if is_few => put_few(head, data, field, columns.len(), &counts, &ids),
        None => put_places(head, data, field, columns, text, counts.iter().map(|&(value, _)| value)),
    }
}

fn put_few(
    head: &mut Vec<u8>,
    data: &mut Vec<u8>,
    field: &Gathered,
    n_entries: usize,
    counts: &[(&str, u32)],
    ids: &[u32],
) {
    put_number(head, counts.len() as u64);
    for &(value, n_entries) in counts {
        put_text(head, value);
        put_number(head, u64::from(n_entries));
    }
    if field.entries.len() == n_entries {
        pack(data, ids.iter().map(|&id| u64::from(id)), width_for(counts.len() as u64 - 1));
        return;
    }
    let mut all = vec![0; n_entries];
    for (&entry, &id) in field.entries.iter().zip(ids) {
        all[entry as usize] = u64::from(id) + 1;
    }
    pack(data, all.into_iter(), width_for(counts.len() as u64));
}

fn put_presence(data: &mut Vec<u8>, field: &Gathered, n_entries: usize) {
    if field.entries.len() < n_entries {
        let mut present = vec![0; packed_bytes(n_entries, 1)];
        for &entry in &field.entries {
            present[entry as usize / 8] |= 1 << (entry % 8);
        }
        data.extend(present);
    }
}

fn put_numbers(
    head: &mut Vec<u8>,
    data: &mut Vec<u8>,
    field: &Gathered,
    n_entries: usize,
    form: &Form,
    numbers: impl Iterator<Item = i64> + Clone,
) {
    let least = numbers.clone().min().unwrap_or(0);
    let most = numbers.clone().max().unwrap_or(0);
    // Forms hold numbers below 2⁵³ only, so that no difference overflows.
    let width = width_for((most - least) as u64);
    head.push(form.decimals << 1 | u8::from(form.is_fixed));
    put_text(head, &form.suffix);
    put_number(head, crate::block::packed::zigzag(least));
    head.push(width as u8);
    put_presence(data, field, n_entries);
    pack(data, numbers.map(|number| (number - least) as u64), width);
}

fn put_places<'t>(
    head: &mut Vec<u8>,
    data: &mut Vec<u8>,
    field: &Gathered,
    columns: &Columns,
    text: &[u8],
    distinct: impl Iterator<Item = &'t str>,
) {
    let mut sketch = Sketch::default();
    distinct.for_each(|value| sketch.add(value.as_bytes()));
    head.extend(sketch.registers());
    put_presence(data, field, columns.len());
    let (mut places, mut strangers) = (Vec::new(), Vec::<u8>::new());
    let mut before = 0;
    for (&entry, value) in field.entries.iter().zip(&field.texts) {
        let raw = text.get(columns.text_range(entry as usize)).unwrap_or_default();
        let value = value.as_bytes();
        // Where it stood in the entry before, its neighbourhood, anywhere: any place does that has these bytes.
        let stands_at = |at: usize| raw.get(at..).is_some_and(|rest| rest.starts_with(value));
        let found = match stands_at(before) {
            true => Some(before),
            false => memmem::find(raw, value),
        };
        match found {
            Some(at) => {
                before = at;
                put_number(&mut places, (at as u64) << 1);
            }
            // Escapes and colours: what is shown is not what is written.
            None => {
                put_number(&mut places, 1);
                strangers.extend(value);
            }
        }
        put_number(&mut places, value.len() as u64);
    }
    let mut all = Vec::with_capacity(places.len() + strangers.len() + 4);
    put_number(&mut all, places.len() as u64);
    all.extend(places);
    all.extend(strangers);
    put_number(data, all.len() as u64);
    data.extend(compress(&all));
}
