//! The columns of a block: what the heads of its entries said.
//!
//! Entries of a block are alike: all that they have in common beside time and text is kept once, as a [`Shape`], and an
//! entry only says which shape it has. A test of severity or service is made once a shape, not once an entry.

use std::collections::HashMap;
use std::ops::Range;

use model::severity::Severity;
use model::time::{Nanos, Precision};

use super::packed::{Unpacker, compress, decompress, put_number, put_text, unzigzag, zigzag};
use super::{Corrupt, MAX_BLOCK_ENTRIES};
use crate::format::{Clock, FormatId, Formats, whole_time};

/// What many entries of a block have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Shape {
    pub precision: Precision,
    /// The stamp (or the one that was inherited) named no zone.
    pub naive: bool,
    pub severity: Severity,
    /// Index into [`Columns::service_names`].
    pub service: u16,
    pub format: FormatId,
    /// Where the stamp stands in the entry's text; empty if it has none.
    pub stamp: Range<u32>,
    /// The stamp is a clock alone, as its date stands elsewhere in the text.
    pub date_apart: bool,
    pub n_lines: u32,
}

/// The columns of a block, decoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    pub times: Vec<Nanos>,
    /// Where each entry's text ends in the block's text (its line feed not included).
    pub ends: Vec<u32>,
    /// Index into `shapes`, one an entry.
    pub shape_of: Vec<u16>,
    pub shapes: Vec<Shape>,
    /// The empty name stands for the source's own service.
    pub service_names: Vec<String>,
}

impl Columns {
    pub fn len(&self) -> usize {
        self.times.len()
    }

    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    #[inline]
    pub fn shape(&self, entry: usize) -> &Shape {
        &self.shapes[usize::from(self.shape_of[entry])]
    }

    pub fn severity(&self, entry: usize) -> Severity {
        self.shape(entry).severity
    }

    /// Empty: the source's own.
    pub fn service(&self, entry: usize) -> &str {
        &self.service_names[usize::from(self.shape(entry).service)]
    }

    /// Where the entry's text is in the block's text, its line feed not included.
    #[inline]
    pub fn text_range(&self, entry: usize) -> Range<usize> {
        let start = if entry == 0 { 0 } else { self.ends[entry - 1] as usize + 1 };
        start..self.ends[entry] as usize
    }

    /// Lines of the block before the entry. Cost: O(entry).
    pub fn lines_before(&self, entry: usize) -> u64 {
        self.shape_of[..entry].iter().map(|&shape| u64::from(self.shapes[usize::from(shape)].n_lines)).sum()
    }

    /// Entries that follow each other, with nothing of the others. `entries`: at least one.
    pub fn part(&self, entries: Range<usize>) -> Self {
        let start = self.text_range(entries.start).start as u32;
        let mut part = Self {
            times: self.times[entries.clone()].to_vec(),
            ends: self.ends[entries.clone()].iter().map(|end| end - start).collect(),
            ..Self::default()
        };
        let mut shape_numbers = vec![None; self.shapes.len()];
        let mut service_numbers = vec![None; self.service_names.len()];
        for &shape in &self.shape_of[entries] {
            let number = *shape_numbers[usize::from(shape)].get_or_insert_with(|| {
                let shape = &self.shapes[usize::from(shape)];
                let service = *service_numbers[usize::from(shape.service)].get_or_insert_with(|| {
                    part.service_names.push(self.service_names[usize::from(shape.service)].clone());
                    part.service_names.len() as u16 - 1
                });
                part.shapes.push(Shape { service, ..shape.clone() });
                part.shapes.len() as u16 - 1
            });
            part.shape_of.push(number);
        }
        part
    }

    /// Some entries of the block, each with another text, which has as many lines. `rewrite`: gives the text of an entry, and where its stamp is in that, from its shape and its text.
    pub fn rewritten(
        &self,
        text: &[u8],
        entries: Range<usize>,
        mut rewrite: impl FnMut(&Shape, &[u8]) -> (Vec<u8>, Range<u32>),
    ) -> (Self, Vec<u8>) {
        let mut part = self.part(entries.clone());
        let mut written = Vec::new();
        let mut numbers: HashMap<Shape, u16> = HashMap::new();
        let shapes = std::mem::take(&mut part.shapes);
        for (place, entry) in entries.enumerate() {
            let shape = &shapes[usize::from(part.shape_of[place])];
            let bytes = text.get(self.text_range(entry)).unwrap_or_default();
            let (bytes, stamp) = rewrite(shape, bytes);
            written.extend_from_slice(&bytes);
            part.ends[place] = written.len() as u32;
            written.push(b'\n');
            part.shape_of[place] = *numbers.entry(Shape { stamp, ..shape.clone() }).or_insert_with_key(|shape| {
                part.shapes.push(shape.clone());
                part.shapes.len() as u16 - 1
            });
        }
        (part, written)
    }

    /// Bytes of the block's text.
    pub fn text_bytes(&self) -> usize {
        self.ends.last().map_or(0, |&end| end as usize + 1)
    }

    /// Reads stamps that named no zone anew, as `clock` settles them. An instant does not tell how its stamp reads: a zone
    /// skips hours, and in some only the year tells one stamp from another.
    ///
    /// `text`: the block's. `before`: the time of the source's entry before this block, which entries without a stamp
    /// inherit. `otherwise`: the instant for the one that a stamp gave which can no longer be read.
    pub fn reread_naive_times(
        &mut self,
        text: &[u8],
        clock: &mut Clock,
        before: Option<Nanos>,
        otherwise: impl Fn(Nanos) -> Nanos,
    ) {
        let mut last = before;
        let mut n_waiting = 0;
        for entry in 0..self.len() {
            let shape = self.shape(entry);
            let time = match (shape.naive, shape.precision) {
                (false, _) => self.times[entry],
                (true, Precision::Inherited | Precision::Doubted) => match last {
                    Some(last) => last,
                    None => {
                        n_waiting += 1;
                        otherwise(self.times[entry])
                    }
                },
                (true, _) => {
                    clock.previous = last;
                    // The year is known from the file around it; another zone leaves it so.
                    clock.dated = Some(self.times[entry]);
                    let start = self.text_range(entry).start;
                    let stamp = text.get(start + shape.stamp.start as usize..start + shape.stamp.end as usize);
                    // A clock whose date stands elsewhere keeps its day.
                    let settled =
                        stamp.filter(|_| !shape.date_apart).and_then(whole_time).and_then(|stamp| clock.settle(&stamp));
                    settled.map_or_else(|| otherwise(self.times[entry]), |(time, _)| time)
                }
            };
            self.times[entry] = time;
            if n_waiting <= entry {
                // Those before the first stamp of a source have its time.
                let first_timed = entry - std::mem::take(&mut n_waiting);
                self.times[first_timed..entry].fill(time);
                last = Some(time);
            }
        }
    }

    /// Moves all times; moving them back gives them exactly as they were.
    pub fn move_times(&mut self, by_nanos: i64) {
        self.times.iter_mut().for_each(|time| *time = moved(*time, by_nanos));
    }

    pub fn encode(&self, formats: &Formats) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.len() * 6);
        put_number(&mut out, self.len() as u64);
        self.put_shapes(&mut out, formats);
        self.put_times(&mut out);
        for &shape in &self.shape_of {
            put_number(&mut out, u64::from(shape));
        }
        for entry in 0..self.len() {
            put_number(&mut out, self.text_range(entry).len() as u64);
        }
        let mut packed = Vec::with_capacity(out.len() / 2);
        put_number(&mut packed, out.len() as u64);
        packed.extend_from_slice(&compress(&out));
        packed
    }

    fn put_shapes(&self, out: &mut Vec<u8>, formats: &Formats) {
        put_number(out, self.service_names.len() as u64);
        for name in &self.service_names {
            put_text(out, name);
        }
        let mut ids: Vec<FormatId> = self.shapes.iter().map(|shape| shape.format).collect();
        ids.sort_unstable();
        ids.dedup();
        put_number(out, ids.len() as u64);
        for &id in &ids {
            put_text(out, formats.key(id));
        }
        put_number(out, self.shapes.len() as u64);
        for shape in &self.shapes {
            out.push(shape.precision as u8 | u8::from(shape.naive) << 3 | u8::from(shape.date_apart) << 4);
            out.push(shape.severity.0);
            put_number(out, u64::from(shape.service));
            put_number(out, ids.partition_point(|&id| id < shape.format) as u64);
            put_number(out, u64::from(shape.stamp.start));
            put_number(out, shape.stamp.len() as u64);
            put_number(out, u64::from(shape.n_lines));
        }
    }

    /// Differences between neighbours, in the largest unit of 1, 10³, 10⁶ or 10⁹ ns that divides them all.
    fn put_times(&self, out: &mut Vec<u8>) {
        let unit = [1_000_000_000, 1_000_000, 1_000]
            .into_iter()
            .find(|unit| self.times.iter().all(|time| time.0 % unit == 0))
            .unwrap_or(1);
        put_number(out, unit as u64);
        let mut before = 0i64;
        for &Nanos(time) in &self.times {
            put_number(out, zigzag((time / unit).wrapping_sub(before)));
            before = time / unit;
        }
    }

    pub fn decode(packed: &[u8], formats: &Formats) -> Result<Self, Corrupt> {
        let mut front = Unpacker::new(packed);
        let n_bytes = front.number_up_to(usize::MAX as u64)?;
        let bytes = decompress(front.rest(), n_bytes as usize)?;
        let mut bytes = Unpacker::new(&bytes);
        let n_entries = bytes.number_up_to(MAX_BLOCK_ENTRIES as u64)? as usize;
        let mut columns = Self::default();
        columns.take_shapes(&mut bytes, formats)?;
        columns.take_times(&mut bytes, n_entries)?;
        let n_shapes = columns.shapes.len() as u64;
        columns.shape_of.reserve_exact(n_entries);
        for _ in 0..n_entries {
            let shape = bytes.number()?;
            if shape >= n_shapes {
                return Err(Corrupt);
            }
            columns.shape_of.push(shape as u16);
        }
        columns.ends.reserve_exact(n_entries);
        let mut start = 0u64;
        for _ in 0..n_entries {
            let end = start + bytes.number_up_to(u64::from(u32::MAX))?;
            columns.ends.push(u32::try_from(end).map_err(|_| Corrupt)?);
            start = end + 1;
        }
        for (entry, &shape) in columns.shape_of.iter().enumerate() {
            if columns.shapes[usize::from(shape)].stamp.end as usize > columns.text_range(entry).len() {
                return Err(Corrupt);
            }
        }
        if bytes.is_empty() { Ok(columns) } else { Err(Corrupt) }
    }

    fn take_shapes(&mut self, bytes: &mut Unpacker<'_>, formats: &Formats) -> Result<(), Corrupt> {
        let at_most = MAX_BLOCK_ENTRIES as u64;
        for _ in 0..bytes.number_up_to(at_most)? {
            self.service_names.push(bytes.text()?.to_owned());
        }
        let mut ids = Vec::new();
        for _ in 0..bytes.number_up_to(at_most)? {
            ids.push(formats.id(bytes.text()?));
        }
        for _ in 0..bytes.number_up_to(at_most)? {
            let &[flags, severity] = bytes.bytes(2)? else { return Err(Corrupt) };
            let service = bytes.number_up_to(at_most)? as u16;
            if usize::from(service) >= self.service_names.len() {
                return Err(Corrupt);
            }
            let format = *ids.get(bytes.number_up_to(at_most)? as usize).ok_or(Corrupt)?;
            let start = bytes.number_up_to(u64::from(u32::MAX))? as u32;
            let n = bytes.number_up_to(u64::from(u32::MAX - start))? as u32;
            let n_lines = bytes.number_up_to(u64::from(u32::MAX))? as u32;
            self.shapes.push(Shape {
                precision: Precision::from_u8(flags & 7),
                naive: flags & 8 != 0,
                date_apart: flags & 16 != 0,
                severity: Severity(severity),
                service,
                format,
                stamp: start..start + n,
                n_lines,
            });
        }
        Ok(())
    }

    fn take_times(&mut self, bytes: &mut Unpacker<'_>, n_entries: usize) -> Result<(), Corrupt> {
        let unit = bytes.number_up_to(1_000_000_000)? as i64;
        self.times.reserve_exact(n_entries);
        let mut time = 0i64;
        for _ in 0..n_entries {
            time = time.wrapping_add(unzigzag(bytes.number()?));
            self.times.push(Nanos(time.wrapping_mul(unit)));
        }
        Ok(())
    }
}

/// Wraps around at the ends of time, so that nothing is lost on the way there and back.
pub fn moved(time: Nanos, by_nanos: i64) -> Nanos {
    Nanos(time.0.wrapping_add(by_nanos))
}
