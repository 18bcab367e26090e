//! The shapes of a block's messages, as they are stored beside it: each by its masked text, and which one each entry has.
//!
//! A block's shapes stand by themselves: numbers are the block's own, and [`Miner::merge_block`](super::Miner::merge_block)
//! says which of all shapes they are. So blocks may come, go and be made anew in any order.

use super::Miner;
use super::mask::SLOT;
use super::shapes::{Shape, SlotSeen};
use super::text::TemplateId;
use crate::block::packed::{Unpacker, compress, decompress, put_number};
use crate::block::{Corrupt, MAX_BLOCK_ENTRIES};
use crate::fields::bits::{pack, packed_bytes, unpack, width_for};

/// Grows when the bytes, or what they say of the same text, change otherwise than the formats do.
pub const VERSION: u32 = 1;

/// Masked text of a block is no longer than its text, and words of slots are parts of it.
const MOST_BYTES: u64 = 64 << 20;

#[derive(Clone, Debug, Default)]
pub struct BlockShapes {
    pub(super) list: Vec<Shape>,
    /// Index into the list, by entry.
    pub of_entry: Vec<u16>,
}

/// The template of each entry of a block.
#[derive(Clone, Debug, Default)]
pub struct BlockTemplates {
    /// Index into the ids, by entry.
    pub of_entry: Vec<u16>,
    /// An id may be there more than once.
    pub ids: Vec<TemplateId>,
}

/// Where nobody asks for templates.
pub static NO_TEMPLATES: BlockTemplates = BlockTemplates { of_entry: Vec::new(), ids: Vec::new() };

impl BlockShapes {
    pub(super) fn new(miner: Miner, of_entry: Vec<u16>) -> Self {
        Self { list: miner.shapes.into_list(), of_entry }
    }

    pub fn n_shapes(&self) -> usize {
        self.list.len()
    }

    /// How many entries have each shape.
    pub fn counts(&self) -> impl Iterator<Item = u64> {
        self.list.iter().map(|shape| shape.n_messages)
    }

    /// The texts of shapes that are wanted, values left out, each with its entries; none that more than `most` have.
    pub fn entries_with(&self, most: usize, is_wanted: impl Fn(&str) -> bool) -> Vec<(String, Vec<usize>)> {
        let is_rare = |shape: &Shape| shape.n_messages <= most as u64;
        let text = |shape: &Shape| Some(String::from_utf8_lossy(&shape.masked).into_owned()).filter(|it| is_wanted(it));
        let of_shape = |shape: &Shape| is_rare(shape).then(|| text(shape)).flatten().map(|text| (text, Vec::new()));
        let mut wanted: Vec<Option<(String, Vec<usize>)>> = self.list.iter().map(of_shape).collect();
        for (entry, &shape) in self.of_entry.iter().enumerate() {
            if let Some((_, entries)) = &mut wanted[usize::from(shape)] {
                entries.push(entry);
            }
        }
        wanted.into_iter().flatten().collect()
    }

    /// About how many bytes of memory it takes.
    pub fn size(&self) -> usize {
        let of_shape =
            |shape: &Shape| size_of::<Shape>() + shape.masked.len() + shape.slots.len() * size_of::<SlotSeen>();
        self.of_entry.len() * 2 + self.list.iter().map(of_shape).sum::<usize>()
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut plain = Vec::new();
        put_number(&mut plain, self.of_entry.len() as u64);
        put_number(&mut plain, self.list.len() as u64);
        let width = width_for(self.list.len().saturating_sub(1) as u64);
        pack(&mut plain, self.of_entry.iter().map(|&shape| u64::from(shape)), width);
        for shape in &self.list {
            put_bytes(&mut plain, &shape.masked);
            plain.push(u8::from(shape.is_loose));
            for slot in &shape.slots {
                put_number(&mut plain, u64::from(slot.kinds));
                plain.extend_from_slice(&slot.sketch.to_le_bytes());
                plain.push(u8::from(slot.word.is_some()));
                if let Some(word) = &slot.word {
                    put_bytes(&mut plain, word);
                }
            }
        }
        let mut bytes = Vec::new();
        put_number(&mut bytes, plain.len() as u64);
        bytes.extend_from_slice(&compress(&plain));
        bytes
    }

    pub fn decode(bytes: &[u8]) -> Result<Self, Corrupt> {
        let plain = opened(bytes)?;
        let mut plain = Unpacker::new(&plain);
        let (of_entry, counts) = read_entries(&mut plain)?;
        let shape = |n_messages: u64| read_shape(&mut plain, n_messages);
        let list = counts.into_iter().map(shape).collect::<Result<_, _>>()?;
        Ok(Self { list, of_entry })
    }

    /// The same as [`BlockShapes::of_entry`] of the decoded, without the shapes.
    pub fn decode_entries(bytes: &[u8]) -> Result<Vec<u16>, Corrupt> {
        Ok(read_entries(&mut Unpacker::new(&opened(bytes)?))?.0)
    }
}

fn opened(bytes: &[u8]) -> Result<Vec<u8>, Corrupt> {
    let mut outer = Unpacker::new(bytes);
    let n_bytes = outer.number_up_to(MOST_BYTES)?;
    decompress(outer.rest(), n_bytes as usize)
}

/// The shape of each entry, and how many entries each shape has.
fn read_entries(plain: &mut Unpacker<'_>) -> Result<(Vec<u16>, Vec<u64>), Corrupt> {
    let n_entries = plain.number_up_to(MAX_BLOCK_ENTRIES as u64)? as usize;
    let n_shapes = plain.number_up_to(n_entries as u64)? as usize;
    let width = width_for(n_shapes.saturating_sub(1) as u64);
    let packed = plain.bytes(packed_bytes(n_entries, width))?;
    let mut of_entry = Vec::with_capacity(n_entries);
    let mut counts = vec![0u64; n_shapes];
    let mut are_known = true;
    unpack(packed, n_entries, width, |shape| {
        are_known &= counts.get_mut(shape as usize).map(|count| *count += 1).is_some();
        of_entry.push(shape as u16);
    })?;
    if !are_known {
        return Err(Corrupt);
    }
    Ok((of_entry, counts))
}

fn read_shape(plain: &mut Unpacker<'_>, n_messages: u64) -> Result<Shape, Corrupt> {
    let masked = read_bytes(plain)?;
    let is_loose = plain.byte()? != 0;
    let n_slots = memchr::memchr_iter(SLOT, masked).count();
    let slots = (0..n_slots).map(|_| {
        let kinds = plain.number_up_to(u64::from(u16::MAX))? as u16;
        let sketch = plain.bytes(size_of::<u64>())?.try_into().map_err(|_| Corrupt)?;
        let word = if plain.byte()? == 0 { None } else { Some(read_bytes(plain)?.into()) };
        Ok(SlotSeen { kinds, sketch: u64::from_le_bytes(sketch), word })
    });
    let slots = slots.collect::<Result<_, Corrupt>>()?;
    Ok(Shape::new(masked, n_messages, slots, is_loose))
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_number(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn read_bytes<'b>(from: &mut Unpacker<'b>) -> Result<&'b [u8], Corrupt> {
    let n = from.number_up_to(from.rest().len() as u64)?;
    from.bytes(n as usize)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shapes_of(messages: &[String]) -> BlockShapes {
        let mut miner = Miner::default();
        let of_entry = messages.iter().map(|message| miner.push(message) as u16).collect();
        BlockShapes::new(miner, of_entry)
    }

    #[test]
    fn blocks_that_were_stored_have_the_templates_of_all_messages_taken_in_at_once() {
        let message = |n: usize| match n % 3 {
            0 => format!("order {n} placed by eth{}", n % 2),
            1 => format!("state is mode={}", ["on", "off"][n / 50]),
            _ => "ready".to_owned(),
        };
        let messages: Vec<String> = (0..100).map(message).collect();
        let (mut at_once, mut by_block) = (Miner::default(), Miner::default());
        let numbers: Vec<u32> = messages.iter().map(|message| at_once.push(message)).collect();
        let mut numbers_by_block = Vec::new();
        for block in messages.chunks(30) {
            let stored = BlockShapes::decode(&shapes_of(block).encode()).unwrap();
            let numbers = by_block.merge_block(&stored);
            numbers_by_block.extend(stored.of_entry.iter().map(|&shape| numbers[usize::from(shape)]));
        }
        assert_eq!(by_block.templates(), at_once.templates());
        assert_eq!(numbers_by_block, numbers);
    }

    #[test]
    fn what_many_messages_say_does_not_hide_what_one_says() {
        let mut messages: Vec<String> = (0..65).map(|n| format!("job {n} running")).collect();
        messages.extend(["order 7 placed", "inventory 2.14.0 started"].map(str::to_owned));
        let found = shapes_of(&messages).entries_with(64, |text| !text.starts_with("order"));
        assert_eq!(found.iter().map(|(_, entries)| &entries[..]).collect::<Vec<_>>(), [[66]]);
        let all = shapes_of(&messages).entries_with(65, |_| true);
        assert_eq!(all.iter().map(|(_, entries)| entries.len()).collect::<Vec<_>>(), [65, 1, 1]);
    }

    proptest! {
        #[test]
        fn stored_shapes_are_read_back(messages in prop::collection::vec("[a-c =:0-9\"/]{0,12}", 0..40)) {
            let shapes = shapes_of(&messages);
            let read = BlockShapes::decode(&shapes.encode()).unwrap();
            prop_assert_eq!(&read.of_entry, &shapes.of_entry);
            prop_assert_eq!(read.encode(), shapes.encode());
            prop_assert!(read.counts().eq(shapes.counts()));
        }

        #[test]
        fn damaged_bytes_are_refused_or_read_never_trusted(
            messages in prop::collection::vec("[a-c0-9 ]{0,12}", 1..20), at: prop::sample::Index, byte: u8,
        ) {
            let mut bytes = shapes_of(&messages).encode();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            if let Ok(read) = BlockShapes::decode(&bytes) {
                prop_assert!(read.of_entry.iter().all(|&shape| usize::from(shape) < read.n_shapes()));
            }
        }
    }
}
