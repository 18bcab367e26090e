//! Rows of numbered words, as shapes are compared in.

use std::collections::HashMap;

use super::mask::SLOT;
use super::text;
use super::word::{Class, class, common};
use crate::sample::random::scramble;

pub type Word = u32;

/// The word that is a value and nothing else.
pub const VALUE: Word = 0;

/// The word that is a value or nothing at all.
pub const GAP: Word = 1;

/// Shapes of the same words.
#[derive(Clone, Debug)]
pub struct Row {
    pub words: Vec<Word>,
    pub shapes: Vec<u32>,
    pub n_messages: u64,
    /// Of shapes in which rare words are values.
    pub is_loose: bool,
}

impl Row {
    pub fn hash(&self) -> RowHash {
        let words = self.words.iter().enumerate();
        RowHash(words.fold(self.words.len() as u64, |sum, (place, &word)| sum.wrapping_add(hash_at(place, word))))
    }
}

/// A sum over the places, so that one of them is easily left out.
pub struct RowHash(u64);

impl RowHash {
    pub fn without(&self, place: usize, word: Word) -> u64 {
        self.0.wrapping_sub(hash_at(place, word))
    }
}

fn hash_at(place: usize, word: Word) -> u64 {
    scramble((place as u64) << 32 | u64::from(word))
}

/// Rows of the same words become one, in the order of their words.
pub fn unite(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by(|a, b| a.words.cmp(&b.words).then_with(|| a.shapes.cmp(&b.shapes)));
    let mut united: Vec<Row> = Vec::with_capacity(rows.len());
    for row in rows {
        match united.last_mut() {
            Some(last) if last.words == row.words => {
                last.shapes.extend(row.shapes);
                last.n_messages += row.n_messages;
                last.is_loose |= row.is_loose;
            }
            _ => united.push(row),
        }
    }
    united
}

/// All words, numbered.
pub struct Words {
    texts: Vec<Box<[u8]>>,
    classes: Vec<Class>,
    numbers: HashMap<Box<[u8]>, Word>,
}

impl Default for Words {
    fn default() -> Self {
        let mut words = Self { texts: Vec::new(), classes: Vec::new(), numbers: HashMap::new() };
        words.number(&[SLOT]);
        words.number(&[text::GAP]);
        words
    }
}

impl Words {
    pub fn number(&mut self, text: &[u8]) -> Word {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let number = self.texts.len() as Word;
        self.texts.push(text.into());
        self.classes.push(class(text));
        self.numbers.insert(text.into(), number);
        number
    }

    pub fn split(&mut self, text: &[u8]) -> Vec<Word> {
        text.split(|&byte| byte == b' ').map(|word| self.number(word)).collect()
    }

    pub fn join(&self, words: &[Word]) -> Vec<u8> {
        let texts: Vec<&[u8]> = words.iter().map(|&word| self.text(word)).collect();
        texts.join(&b' ')
    }

    /// The word that all these have in common, with a value in it.
    pub fn common(&mut self, words: impl Iterator<Item = Word>) -> Word {
        let text = common(words.map(|word| &*self.texts[word as usize]));
        self.number(&text)
    }

    pub fn len(&self) -> usize {
        self.texts.len()
    }

    pub fn text(&self, word: Word) -> &[u8] {
        &self.texts[word as usize]
    }

    pub fn class(&self, word: Word) -> Class {
        self.classes[word as usize]
    }
}
