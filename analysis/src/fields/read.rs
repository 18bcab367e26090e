//! Reads field columns: the directory first, then the values of the fields that are asked for.

use std::ops::Range;

use super::Kinds;
use super::bits::{packed_bytes, unpack};
use super::decimal::{Form, MAX_DIGITS, MAX_SUFFIX};
use super::make::{FEW, NUMBERS, PLACES};
use super::sketch::N_REGISTERS;
use crate::block::packed::{Unpacker, decompress, unzigzag};
use crate::block::{Columns, Corrupt, MAX_BLOCK_ENTRIES};
use crate::search::Bitmap;

/// The field columns of a block, the directory unpacked.
pub struct BlockFields {
    n_entries: usize,
    n_fields: usize,
    heads: Vec<u8>,
    bytes: Vec<u8>,
    /// Where the values begin in `bytes`.
    values: usize,
}

/// What is known of a field of a block as a whole.
#[derive(Clone, Debug)]
pub struct FieldHead<'b> {
    pub name: &'b str,
    pub kinds: Kinds,
    /// Entries that have it.
    pub n_present: u32,
    pub kept: Kept<'b>,
    is_total: bool,
    data: Range<usize>,
}

#[derive(Clone, Debug)]
pub enum Kept<'b> {
    Few(Vec<Known<'b>>),
    Numbers {
        form: Form,
        least: i64,
        width: u32,
    },
    /// With the registers of a [`Sketch`](super::sketch::Sketch) of the values.
    Places {
        sketch: &'b [u8],
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known<'b> {
    pub text: &'b str,
    pub n_entries: u32,
}

/// A field's values, entry by entry.
#[derive(Clone, Debug)]
pub enum Values {
    /// By entry: 0 where it has none, else the place in [`Kept::Few`] counted from 1.
    Few(Vec<u8>),
    /// Numbers of the form, of those that have one.
    Numbers(Vec<(u32, i64)>),
    /// Of those that have one; the second part holds values that stand nowhere in the text as they are shown.
    Places(Vec<(u32, Place)>, Vec<u8>),
}

/// Where a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Text { start: u32, end: u32 },
    Beside { start: u32, end: u32 },
}

impl FieldHead<'_> {
    /// What the values of single entries take.
    pub fn value_bytes(&self) -> usize {
        self.data.len()
    }
}

impl Place {
    /// The value's text. `text`: the block's; `beside`: see [`Values::Places`].
    #[inline]
    pub fn of<'t>(self, text: &'t [u8], beside: &'t [u8]) -> &'t [u8] {
        let (bytes, start, end) = match self {
            Self::Text { start, end } => (text, start, end),
            Self::Beside { start, end } => (beside, start, end),
        };
        bytes.get(start as usize..end as usize).unwrap_or_default()
    }
}

impl BlockFields {
    /// What [`make`](super::make) gave.
    pub fn open(bytes: Vec<u8>) -> Result<Self, Corrupt> {
        let mut front = Unpacker::new(&bytes);
        let n_entries = front.number_up_to(MAX_BLOCK_ENTRIES as u64)? as usize;
        let n_fields = front.number_up_to(bytes.len() as u64 * 256)? as usize;
        let n_heads = front.number()?;
        let n_packed = front.number_up_to(bytes.len() as u64)?;
        let heads = decompress(front.bytes(n_packed as usize)?, usize::try_from(n_heads).map_err(|_| Corrupt)?)?;
        let values = bytes.len() - front.rest().len();
        Ok(Self { n_entries, n_fields, heads, bytes, values })
    }

    pub fn n_entries(&self) -> usize {
        self.n_entries
    }

    /// Bytes in memory.
    pub fn size(&self) -> usize {
        self.heads.len() + self.bytes.len()
    }

    pub fn heads(&self) -> Result<Vec<FieldHead<'_>>, Corrupt> {
        let mut heads = Vec::with_capacity(self.n_fields);
        self.each_head(|head, data| {
            heads.push(self.head(head, data)?);
            Ok(())
        })?;
        Ok(heads)
    }

    /// Whether one of the fields that are meant is kept as places in the text. Looks at no more of each than that.
    pub fn has_places(&self, is_meant: impl Fn(&str) -> bool) -> Result<bool, Corrupt> {
        let mut has_some = false;
        self.each_head(|head, _| {
            let mut head = Unpacker::new(head);
            let name = head.text()?;
            has_some |= head.byte()? & 3 == PLACES && is_meant(name);
            Ok(())
        })?;
        Ok(has_some)
    }

    /// The field of this name, else one that differs from it in case only.
    pub fn find(&self, name: &str) -> Result<Option<FieldHead<'_>>, Corrupt> {
        let mut found: Option<(&[u8], Range<usize>, bool)> = None;
        self.each_head(|head, data| {
            let other = Unpacker::new(head).text()?;
            let is_same = other == name;
            if is_same || found.is_none() && other.eq_ignore_ascii_case(name) {
                let is_better = found.as_ref().is_none_or(|(_, _, was_same)| !was_same);
                if is_better {
                    found = Some((head, data, is_same));
                }
            }
            Ok(())
        })?;
        found.map(|(head, data, _)| self.head(head, data)).transpose()
    }

    /// The field of this name, and those that differ from it in case only, behind it.
    pub fn find_all(&self, name: &str) -> Result<Vec<FieldHead<'_>>, Corrupt> {
        let mut found = Vec::new();
        self.each_head(|head, data| {
            if Unpacker::new(head).text()?.eq_ignore_ascii_case(name) {
                found.push(self.head(head, data)?);
            }
            Ok(())
        })?;
        found.sort_by_key(|head: &FieldHead<'_>| head.name != name);
        Ok(found)
    }

    fn each_head<'b>(
        &'b self,
        mut each: impl FnMut(&'b [u8], Range<usize>) -> Result<(), Corrupt>,
    ) -> Result<(), Corrupt> {
        let mut heads = Unpacker::new(&self.heads);
        let mut start = self.values;
        for _ in 0..self.n_fields {
            let n_head = heads.number_up_to(self.heads.len() as u64)? as usize;
            let n_data = heads.number_up_to((self.bytes.len() - start) as u64)? as usize;
            each(heads.bytes(n_head)?, start..start + n_data)?;
            start += n_data;
        }
        Ok(())
    }

    fn head<'b>(&self, head: &'b [u8], data: Range<usize>) -> Result<FieldHead<'b>, Corrupt> {
        let mut head = Unpacker::new(head);
        let name = head.text()?;
        let flags = head.byte()?;
        let n_present = head.number_up_to(self.n_entries as u64)? as u32;
        let is_total = flags & 0x80 != 0;
        if is_total != (n_present as usize == self.n_entries) {
            return Err(Corrupt);
        }
        let kept = match flags & 3 {
            FEW => {
                let n = head.number_up_to(255)? as usize;
                let mut known = Vec::with_capacity(n);
                for _ in 0..n {
                    known.push(Known { text: head.text()?, n_entries: head.number_up_to(n_present.into())? as u32 });
                }
                Kept::Few(known)
            }
            NUMBERS => {
                let form = head.byte()?;
                let suffix = head.text()?.to_owned();
                let form = Form { decimals: form >> 1, is_fixed: form & 1 != 0, suffix };
                let least = unzigzag(head.number()?);
                let width = u32::from(head.byte()?);
                if usize::from(form.decimals) > MAX_DIGITS
                    || form.suffix.len() > MAX_SUFFIX
                    || width > 55
                    || least.unsigned_abs() > 1 << 53
                {
                    return Err(Corrupt);
                }
                Kept::Numbers { form, least, width }
            }
            PLACES => Kept::Places { sketch: head.bytes(N_REGISTERS)? },
            _ => return Err(Corrupt),
        };
        Ok(FieldHead { name, kinds: Kinds(flags >> 2 & 7), n_present, kept, is_total, data })
    }

    /// The values of a field. `columns`: the block's own.
    pub fn values(&self, head: &FieldHead<'_>, columns: &Columns) -> Result<Values, Corrupt> {
        let data = self.bytes.get(head.data.clone()).ok_or(Corrupt)?;
        match &head.kept {
            Kept::Few(known) => self.few(data, head.is_total, known.len()),
            &Kept::Numbers { least, width, .. } => {
                let (present, data) = self.present(data, head)?;
                let mut numbers = Vec::with_capacity(present.len());
                let mut entries = present.into_iter();
                unpack(data, head.n_present as usize, width, |number| {
                    numbers.extend(entries.next().map(|entry| (entry, least + number as i64)));
                })?;
                Ok(Values::Numbers(numbers))
            }
            Kept::Places { .. } => self.places(data, head, columns),
        }
    }

    /// The numbers of a field with how many entries have each, rising: of all entries, where they lie so close together that counting
    /// is quicker than looking each up.
    pub fn number_counts(&self, head: &FieldHead<'_>) -> Result<Option<Vec<(i64, u64)>>, Corrupt> {
        /// 65,536 numbers.
        const MOST_WIDTH: u32 = 16;
        /// Numbers that might be and are not, for each entry.
        const MOST_SPARE: usize = 64;
        let &Kept::Numbers { least, width, .. } = &head.kept else { return Ok(None) };
        if width > MOST_WIDTH || 1 << width > MOST_SPARE * head.n_present as usize {
            return Ok(None);
        }
        let data = self.bytes.get(head.data.clone()).ok_or(Corrupt)?;
        let n_bits = if head.is_total { 0 } else { packed_bytes(self.n_entries, 1) };
        let data = data.get(n_bits..).ok_or(Corrupt)?;
        let mut counts = vec![0u32; 1 << width];
        unpack(data, head.n_present as usize, width, |number| counts[number as usize] += 1)?;
        let found = (least..).zip(counts).filter(|(_, n_entries)| *n_entries > 0);
        Ok(Some(found.map(|(number, n_entries)| (number, u64::from(n_entries))).collect()))
    }

    /// Entries that have a field, ascending.
    pub fn present_entries(&self, head: &FieldHead<'_>) -> Result<Vec<u32>, Corrupt> {
        let data = self.bytes.get(head.data.clone()).ok_or(Corrupt)?;
        let Kept::Few(known) = &head.kept else { return Ok(self.present(data, head)?.0) };
        let Values::Few(ids) = self.few(data, head.is_total, known.len())? else { return Err(Corrupt) };
        Ok((0..).zip(ids).filter(|&(_, id)| id > 0).map(|(entry, _)| entry).collect())
    }

    fn few(&self, data: &[u8], is_total: bool, n_known: usize) -> Result<Values, Corrupt> {
        let first = u64::from(is_total);
        let width = super::bits::width_for((n_known as u64).checked_sub(first).ok_or(Corrupt)?);
        let mut ids = Vec::with_capacity(self.n_entries);
        let mut largest = 0;
        unpack(data, self.n_entries, width, |id| {
            largest = largest.max(id + first);
            ids.push((id + first) as u8);
        })?;
        if largest > n_known as u64 { Err(Corrupt) } else { Ok(Values::Few(ids)) }
    }

    /// The entries that have the field, and what follows.
    fn present<'b>(&self, data: &'b [u8], head: &FieldHead<'_>) -> Result<(Vec<u32>, &'b [u8]), Corrupt> {
        if head.is_total {
            return Ok(((0..self.n_entries as u32).collect(), data));
        }
        let (bits, rest) = data.split_at_checked(packed_bytes(self.n_entries, 1)).ok_or(Corrupt)?;
        let present = Bitmap::from_fn(self.n_entries, |entry| bits[entry / 8] >> (entry % 8) & 1 != 0);
        let entries: Vec<u32> = present.iter().map(|entry| entry as u32).collect();
        if entries.len() == head.n_present as usize { Ok((entries, rest)) } else { Err(Corrupt) }
    }

    fn places(&self, data: &[u8], head: &FieldHead<'_>, columns: &Columns) -> Result<Values, Corrupt> {
        if columns.len() != self.n_entries {
            return Err(Corrupt);
        }
        let (present, data) = self.present(data, head)?;
        let mut packed = Unpacker::new(data);
        let n_bytes = packed.number()?;
        let all = decompress(packed.rest(), usize::try_from(n_bytes).map_err(|_| Corrupt)?)?;
        let mut all = Unpacker::new(&all);
        let n_places = all.number_up_to(all.rest().len() as u64)? as usize;
        let mut places = Unpacker::new(all.bytes(n_places)?);
        let beside = all.rest().to_vec();
        let mut n_beside = 0u32;
        let mut found = Vec::with_capacity(present.len());
        for entry in present {
            let at = places.number_up_to(u64::from(u32::MAX))? as u32;
            let n = places.number_up_to(u64::from(u32::MAX / 2))? as u32;
            let place = match at & 1 {
                0 => {
                    let start = columns.text_range(entry as usize).start as u32;
                    let start = start.checked_add(at >> 1).ok_or(Corrupt)?;
                    Place::Text { start, end: start.checked_add(n).ok_or(Corrupt)? }
                }
                _ => {
                    let start = n_beside;
                    n_beside = n_beside.checked_add(n).ok_or(Corrupt)?;
                    Place::Beside { start, end: n_beside }
                }
            };
            found.push((entry, place));
        }
        Ok(Values::Places(found, beside))
    }
}
