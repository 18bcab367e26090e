//! Tests of a value in an entry's template: `var2>250ms`.
//!
//! Blocks are ruled out by the templates they have, entries by their template's column, by the text that a value must bring
//! with it, and only then are messages read. All but the last only spare work.

use memchr::memmem::Finder;
use model::query::Test;

use super::field::{Number, ValueTest};
use crate::fold::fold;
use crate::template::Template;

pub struct VariableTest {
    /// Counted from 0.
    pub place: usize,
    test: ValueTest,
    /// What the (folded) text of every entry that passes has, unless it holds escapes.
    pub telltale: Option<Finder<'static>>,
}

impl VariableTest {
    pub fn new(place: usize, written: &Test, test: ValueTest) -> Self {
        Self { place, test, telltale: telltale(written) }
    }

    pub fn holds(&self, template: &Template, values: &[&str]) -> bool {
        let Some(&value) = values.get(self.place).filter(|value| !value.is_empty()) else { return false };
        match &self.test {
            // A number is meant as it is written, like that of a field.
            ValueTest::Is { folded, number: Some(_), .. } if Number::read(value).is_some() => fold(value) == *folded,
            test if test.asks_for_unit() => self.test.holds_for_text(&format!("{value}{}", template.unit(self.place))),
            test => test.holds_for_text(value),
        }
    }
}

fn telltale(test: &Test) -> Option<Finder<'static>> {
    let (Test::Is(text) | Test::Equals(text) | Test::StartsWith(text)) = test else { return None };
    // Messages are read with single spaces, and bytes that are no text as signs of their own.
    let is_elsewhere = |c: char| c.is_whitespace() || c.is_control() || c == char::REPLACEMENT_CHARACTER;
    let is_written_so = !text.is_empty() && !text.contains(is_elsewhere);
    is_written_so.then(|| Finder::new(&fold(text)).into_owned())
}
