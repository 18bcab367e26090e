//! What the numbers of a tally stand for.

use model::incident::TemplateName;

use crate::quick_hash::QuickMap;

pub struct Names<'n> {
    pub services: &'n [String],
    pub templates: &'n [TemplateName],
    pub fields: &'n [String],
    /// Paths.
    pub sources: &'n [String],
}

/// Gives names numbers, in the order in which they are first asked for.
#[derive(Default)]
pub struct Numbered {
    pub names: Vec<String>,
    numbers: QuickMap<String, u32>,
}

impl Numbered {
    pub fn number(&mut self, name: &str) -> u32 {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let number = self.names.len() as u32;
        self.names.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number);
        number
    }
}
