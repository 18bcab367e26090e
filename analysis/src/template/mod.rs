//! Templates: the texts that a program's messages are made from, found from the messages alone.
//!
//! message → [`mask`]: values by their form → a *shape*, counted under a number (hot: one look-up a message) → [`cluster`] over
//! all shapes: words that are values after all → templates. An entry keeps the number of its shape, which never changes; which
//! template a shape belongs to is found anew when there are more of them. Every message is counted, and matches its template.
//!
//! Memory is bounded: past so many shapes, or so many that hardly any message has ([`CROWDED`]), new ones are made general first
//! (words seen rarely are values), past more ([`FULL`]) more so, and in the end ([`LIMIT`]) all that are new are one.

use std::collections::HashMap;

use vocabulary::WordCounts;

pub use block::{BlockShapes, BlockTemplates, NO_TEMPLATES, VERSION};
pub use mask::Kind;
pub use source::{Headers, SourceMiner};
pub use text::{Template, TemplateId, WILDCARD, line_of};
pub use values::ValueReader;
pub use variable::Variable;

use cluster::{Cluster, Clustering};
use mask::{Masked, SLOT, mask};
use shapes::{Shape, Shapes};

mod header;

mod bytes;

mod mask;

mod piece;

mod reach;

mod shapes;

mod vocabulary;

mod word;

mod rows;

mod cluster;

mod crowd;

mod text;

mod variable;

mod family;
pub use family::families;

mod block;

mod source;

mod values;

#[cfg(test)]
mod tests;

/// How many shapes there may be, how many of them that hardly any message has, and how many bytes they may take.
#[derive(Clone, Copy)]
struct Room {
    n_shapes: usize,
    n_rare: usize,
    n_bytes: usize,
}

impl Room {
    fn is_left(self, shapes: &Shapes) -> bool {
        shapes.len() < self.n_shapes && shapes.n_rare() < self.n_rare && shapes.memory_bytes() < self.n_bytes
    }
}

/// Until then shapes are taken as they are.
const CROWDED: Room = Room { n_shapes: 32 << 10, n_rare: 12 << 10, n_bytes: 10 << 20 };

/// Until then rare words of further shapes are values.
const FULL: Room = Room { n_shapes: 36 << 10, n_rare: 14 << 10, n_bytes: 11 << 20 };

/// Until then all but the commonest words of further shapes are values.
const LIMIT: Room = Room { n_shapes: 40 << 10, n_rare: 16 << 10, n_bytes: 12 << 20 };

/// A word seen so often before is part of the text, when shapes crowd.
const COMMON: u64 = 4;

/// One in so many messages has a word that is part of the text, when shapes are very many.
const COMMONEST: u64 = 64;

/// Takes messages in and counts their shapes.
#[derive(Clone, Debug, Default)]
pub struct Miner {
    shapes: Shapes,
    /// Only when shapes crowd.
    words: Option<WordCounts>,
    masked: Masked,
}

impl Miner {
    /// Counts a message; returns the number of its shape.
    pub fn push(&mut self, message: &str) -> u32 {
        let message = message.as_bytes();
        mask(message, &mut self.masked);
        if let Some(number) = self.shapes.find(&self.masked.text) {
            self.shapes.count(number, message, &self.masked.slots);
            return number;
        }
        if CROWDED.is_left(&self.shapes) {
            return self.shapes.insert(message, &self.masked);
        }
        let text = std::mem::take(&mut self.masked.text);
        let number = self.generalise(&text, 1);
        self.masked.text = text;
        self.shapes.count_only(number, 1);
        number
    }

    fn merge_all(&mut self, shapes: &[Shape]) -> Vec<u32> {
        let merge_one = |shape: &Shape| {
            if let Some(number) = self.shapes.find(&shape.masked) {
                self.shapes.merge(number, shape);
                return number;
            }
            if CROWDED.is_left(&self.shapes) {
                return self.shapes.insert_shape(shape);
            }
            let number = self.generalise(&shape.masked, shape.n_messages);
            self.shapes.count_only(number, shape.n_messages);
            number
        };
        shapes.iter().map(merge_one).collect()
    }

    /// Takes in the shapes of a block; returns the numbers here of its shapes. Miners that take in the same blocks in the same
    /// order give the same templates.
    pub fn merge_block(&mut self, block: &BlockShapes) -> Vec<u32> {
        self.merge_all(&block.list)
    }

    /// The templates of all messages so far.
    pub fn templates(&self) -> Templates {
        let mut finding = Finding::begin(self);
        while finding.step(self) {}
        finding.finish()
    }

    pub fn n_shapes(&self) -> usize {
        self.shapes.len()
    }

    /// About how many bytes of memory this takes.
    pub fn memory_bytes(&self) -> usize {
        self.shapes.memory_bytes() + self.words.as_ref().map_or(0, WordCounts::memory_bytes)
    }

    /// The number of a shape that stands for this one and others like it.
    fn generalise(&mut self, text: &[u8], n_messages: u64) -> u32 {
        let words = self.words.get_or_insert_with(|| {
            let mut words = WordCounts::default();
            self.shapes.list().iter().for_each(|shape| words.add(&shape.masked, shape.n_messages));
            words
        });
        words.add(text, n_messages);
        let often = COMMON + n_messages;
        let reduced = words.keep_common(text, often);
        if let Some(number) = self.shapes.find(&reduced) {
            return number;
        }
        if FULL.is_left(&self.shapes) {
            return self.shapes.insert_text(&reduced);
        }
        let reduced = words.keep_common(text, often.max(words.n_messages() / COMMONEST));
        if let Some(number) = self.shapes.find(&reduced) {
            return number;
        }
        if LIMIT.is_left(&self.shapes) {
            return self.shapes.insert_text(&reduced);
        }
        self.shapes.find(&[SLOT]).unwrap_or_else(|| self.shapes.insert_text(&[SLOT]))
    }
}

/// On the way to the templates of what a [`Miner`] took in, in small steps.
pub struct Finding {
    clustering: Option<Clustering>,
    clusters: std::vec::IntoIter<Cluster>,
    found: Templates,
}

/// Shapes that are put into templates in one step: a few milliseconds.
const SHAPES_AT_ONCE: usize = 1 << 11;

impl Finding {
    pub fn begin(miner: &Miner) -> Self {
        let shapes = miner.shapes.list();
        let found = Templates { of_shape: vec![0; shapes.len()], ..Templates::default() };
        Self { clustering: Some(Clustering::begin(shapes)), clusters: Vec::new().into_iter(), found }
    }

    /// Goes on a little; `false` when there is nothing more to do. `miner`: the same, which took nothing in since.
    pub fn step(&mut self, miner: &Miner) -> bool {
        if let Some(mut clustering) = self.clustering.take() {
            if clustering.step() {
                self.clustering = Some(clustering);
            } else {
                self.clusters = clustering.finish().into_iter();
            }
            return true;
        }
        let shapes = miner.shapes.list();
        let Templates { list, of_shape, n_general } = &mut self.found;
        let mut n_done = 0;
        while n_done < SHAPES_AT_ONCE
            && let Some(cluster) = self.clusters.next()
        {
            n_done += cluster.shapes.len();
            cluster.shapes.iter().for_each(|&shape| of_shape[shape as usize] = list.len() as u32);
            list.push(Template::new(&cluster.text, cluster.shapes.iter().map(|&shape| &shapes[shape as usize])));
            *n_general += u32::from(cluster.is_loose);
        }
        self.clusters.len() > 0
    }

    /// The templates, when all steps are done.
    pub fn finish(self) -> Templates {
        self.found
    }
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Templates {
    /// Each text once; sorted by text, but for those that were [taken in](Templates::take_in) later.
    pub list: Vec<Template>,
    /// Index into the list, by shape.
    pub of_shape: Vec<u32>,
    /// How many of them stand for several, since there were too many messages that are seldom written.
    pub n_general: u32,
}

impl Templates {
    /// Shapes that the miner took in since these were found: until all are found anew each is of the template of its own text.
    /// `places`: in the list, by id, of all; of those that are added as well. Cost: that of the new shapes.
    pub fn take_in(&mut self, miner: &Miner, places: &mut HashMap<TemplateId, u32>) {
        for shape in &miner.shapes.list()[self.of_shape.len()..] {
            let template = Template::new(&shape.restored(), std::iter::once(shape));
            let place = *places.entry(template.id).or_insert(self.list.len() as u32);
            if place as usize == self.list.len() {
                self.list.push(template);
            }
            self.of_shape.push(place);
        }
    }
}
