//! The shapes seen so far, each with its number, how many messages have it and what stood in its slots.

use super::bytes::is_space;
use super::mask::{Kind, Masked, SLOT, Slot};
use crate::tokenize::token_hash;

/// What so many messages have is no accident.
pub const OFTEN: u64 = 4;

/// Longer uncertain values are values.
const LONGEST_WORD: usize = 120;

/// A message with marks in place of values.
#[derive(Clone, Debug)]
pub struct Shape {
    pub masked: Box<[u8]>,
    pub n_messages: u64,
    pub slots: Box<[SlotSeen]>,
    /// Words that were rare are values.
    pub is_loose: bool,
    hash: u64,
}

impl Shape {
    pub fn new(masked: &[u8], n_messages: u64, slots: Box<[SlotSeen]>, is_loose: bool) -> Self {
        Self { masked: masked.into(), n_messages, slots, is_loose, hash: token_hash(masked) }
    }

    /// The text with uncertain values written out where only one was ever seen.
    pub fn restored(&self) -> Vec<u8> {
        let mut text = Vec::with_capacity(self.masked.len());
        let mut slots = self.slots.iter();
        for &byte in &self.masked {
            if byte != SLOT {
                text.push(byte);
                continue;
            }
            let slot = slots.next().expect("each mark has its slot");
            match &slot.word {
                Some(word) => text.extend_from_slice(word),
                None => text.push(SLOT),
            }
        }
        text
    }
}

/// What stood in one slot of a shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotSeen {
    /// Bit `kind as u8` is set for each kind seen.
    pub kinds: u16,
    /// The only value so far, if it may be part of the text; its spaces are single.
    pub word: Option<Box<[u8]>>,
    /// One bit for each sixty-fourth of the values' hashes.
    pub sketch: u64,
}

impl SlotSeen {
    fn new(slot: &Slot, value: &[u8]) -> Self {
        let is_word = !slot.is_certain && value.len() <= LONGEST_WORD;
        Self {
            kinds: 1 << slot.kind as u8,
            word: is_word.then(|| single_spaced(value).into_boxed_slice()),
            sketch: sketch_of(value),
        }
    }

    #[inline]
    fn add(&mut self, slot: &Slot, value: &[u8]) {
        self.kinds |= 1 << slot.kind as u8;
        self.sketch |= sketch_of(value);
        if let Some(word) = &self.word
            && (slot.is_certain || **word != *value && **word != *single_spaced(value))
        {
            self.word = None;
        }
    }

    fn merge(&mut self, other: &Self) {
        self.kinds |= other.kinds;
        self.sketch |= other.sketch;
        if self.word != other.word {
            self.word = None;
        }
    }
}

/// The bit of a value.
pub fn sketch_of(value: &[u8]) -> u64 {
    1 << (token_hash(value) >> 58)
}

fn single_spaced(value: &[u8]) -> Vec<u8> {
    let mut words = value.split(|&byte| is_space(byte)).filter(|word| !word.is_empty());
    let mut spaced = words.next().unwrap_or_default().to_vec();
    for word in words {
        spaced.push(b' ');
        spaced.extend_from_slice(word);
    }
    spaced
}

/// Shapes by number and by text.
#[derive(Clone, Debug)]
pub struct Shapes {
    list: Vec<Shape>,
    /// Open addressing, a power of two places: number + 1 of a shape, or 0.
    places: Vec<u32>,
    /// Of the shapes themselves.
    n_bytes: usize,
    /// Shapes of fewer than [`OFTEN`] messages.
    n_rare: usize,
}

impl Default for Shapes {
    fn default() -> Self {
        Self { list: Vec::new(), places: vec![0; 64], n_bytes: 0, n_rare: 0 }
    }
}

impl Shapes {
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// How many are not those of many messages.
    pub fn n_rare(&self) -> usize {
        self.n_rare
    }

    pub fn list(&self) -> &[Shape] {
        &self.list
    }

    pub fn into_list(self) -> Vec<Shape> {
        self.list
    }

    /// The number of a shape that is known.
    #[inline]
    pub fn find(&self, text: &[u8]) -> Option<u32> {
        self.look_up(text, token_hash(text)).ok()
    }

    /// Counts a message of a known shape.
    #[inline]
    pub fn count(&mut self, number: u32, message: &[u8], slots: &[Slot]) {
        let shape = &mut self.list[number as usize];
        shape.n_messages += 1;
        self.n_rare -= usize::from(shape.n_messages == OFTEN);
        for (seen, slot) in shape.slots.iter_mut().zip(slots) {
            seen.add(slot, &message[slot.start as usize..slot.end as usize]);
        }
    }

    /// Counts messages that stand for a shape without slots of their own.
    pub fn count_only(&mut self, number: u32, n_messages: u64) {
        let shape = &mut self.list[number as usize];
        self.n_rare -= usize::from(shape.n_messages < OFTEN && shape.n_messages + n_messages >= OFTEN);
        shape.n_messages += n_messages;
    }

    pub fn insert(&mut self, message: &[u8], masked: &Masked) -> u32 {
        let slots =
            masked.slots.iter().map(|slot| SlotSeen::new(slot, &message[slot.start as usize..slot.end as usize]));
        self.add(&masked.text, 1, slots.collect(), false)
    }

    /// A shape in which rare words are values.
    pub fn insert_text(&mut self, text: &[u8]) -> u32 {
        let slot = SlotSeen { kinds: 1 << Kind::Text as u8, word: None, sketch: !0 };
        let n_slots = memchr::memchr_iter(SLOT, text).count();
        self.add(text, 0, vec![slot; n_slots].into_boxed_slice(), true)
    }

    pub fn insert_shape(&mut self, shape: &Shape) -> u32 {
        self.add(&shape.masked, shape.n_messages, shape.slots.clone(), shape.is_loose)
    }

    /// Adds what was counted elsewhere of the same shape.
    pub fn merge(&mut self, number: u32, shape: &Shape) {
        self.count_only(number, shape.n_messages);
        let own = &mut self.list[number as usize];
        own.slots.iter_mut().zip(&shape.slots).for_each(|(own, other)| own.merge(other));
    }

    /// About how many bytes of memory this takes.
    pub fn memory_bytes(&self) -> usize {
        self.n_bytes + self.places.len() * size_of::<u32>()
    }

    fn add(&mut self, text: &[u8], n_messages: u64, slots: Box<[SlotSeen]>, is_loose: bool) -> u32 {
        if self.list.len() * 2 >= self.places.len() {
            self.grow();
        }
        let shape = Shape::new(text, n_messages, slots, is_loose);
        let number = self.list.len() as u32;
        let place = self.look_up(text, shape.hash).expect_err("the shape is new");
        self.places[place] = number + 1;
        let words = shape.slots.iter().filter_map(|slot| slot.word.as_ref()).map(|word| word.len()).sum::<usize>();
        self.n_bytes += size_of::<Shape>() + text.len() + shape.slots.len() * size_of::<SlotSeen>() + words;
        self.n_rare += usize::from(n_messages < OFTEN);
        self.list.push(shape);
        number
    }

    /// The number, or the free place it would take.
    #[inline]
    fn look_up(&self, text: &[u8], hash: u64) -> Result<u32, usize> {
        let mut place = self.first_place(hash);
        loop {
            let Some(number) = self.places[place].checked_sub(1) else { return Err(place) };
            let shape = &self.list[number as usize];
            if shape.hash == hash && *shape.masked == *text {
                return Ok(number);
            }
            place = (place + 1) & (self.places.len() - 1);
        }
    }

    fn first_place(&self, hash: u64) -> usize {
        (hash >> 16) as usize & (self.places.len() - 1)
    }

    fn grow(&mut self) {
        self.places = vec![0; self.places.len() * 2];
        for number in 0..self.list.len() {
            let mut place = self.first_place(self.list[number].hash);
            while self.places[place] != 0 {
                place = (place + 1) & (self.places.len() - 1);
            }
            self.places[place] = number as u32 + 1;
        }
    }
}
