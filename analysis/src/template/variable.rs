//! What stands in the place of a template's values: of what type they are, and how many different ones there are.

use super::mask::{Kind, SLOT};
use super::shapes::{Shape, SlotSeen, sketch_of};

/// One place of a template where values differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable {
    /// [`Kind::Text`] if the values are of several kinds.
    pub kind: Kind,
    /// About how many different values were seen; `None`: more than a few dozen.
    pub n_different: Option<u32>,
}

/// What was seen in one place so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    /// Bit `kind as u8` is set for each kind.
    kinds: u16,
    sketch: u64,
}

impl Seen {
    /// Takes in what a shape has in this place: `value` is that part of its text, `slots` those of its slots that are in it.
    fn add(&mut self, value: &str, slots: &[&SlotSeen]) {
        match slots {
            [slot] if value.len() == 1 => {
                self.kinds |= slot.kinds;
                self.sketch |= slot.sketch;
            }
            [] => {
                self.kinds |= 1 << Kind::Word as u8;
                self.sketch |= sketch_of(value.as_bytes());
            }
            _ => {
                self.kinds |= 1 << Kind::Text as u8;
                self.sketch = !0;
            }
        }
    }

    pub fn variable(self) -> Variable {
        let kinds = || Kind::ALL.into_iter().filter(|&kind| self.kinds & 1 << kind as u8 != 0);
        let kind = if kinds().count() == 1 { kinds().next() } else { None };
        Variable { kind: kind.unwrap_or(Kind::Text), n_different: counted(self.sketch) }
    }
}

/// Adds what a shape has in the places of its template, given the values there of its restored text.
pub fn add_shape(seen: &mut [Seen], values: &[&str], shape: &Shape) {
    let mut open = shape.slots.iter().filter(|slot| slot.word.is_none());
    for (seen, value) in seen.iter_mut().zip(values) {
        let n_slots = memchr::memchr_iter(SLOT, value.as_bytes()).count();
        let slots: Vec<&SlotSeen> = open.by_ref().take(n_slots).collect();
        seen.add(value, &slots);
    }
}

/// Linear counting (Whang et al., 1990) with 64 bits, as far as it is any good.
fn counted(sketch: u64) -> Option<u32> {
    let n_free = sketch.count_zeros();
    (n_free >= 16).then(|| (64.0 * (64.0 / f64::from(n_free)).ln()).round() as u32)
}
