//! Numbers for names: what is counted by name is then an index away. With bounded memory.

use crate::quick_hash::QuickMap;

/// Names that are told apart. A log of more has something else where names should be.
const MOST_NAMES: usize = 10_000;

/// Gives names numbers, in the order in which they are first asked for. Where there are too many, further ones share one number.
pub struct Numbered {
    pub names: Vec<String>,
    numbers: QuickMap<String, u32>,
    others: &'static str,
}

impl Numbered {
    /// `others`: what names are called that are not told apart any more.
    pub fn new(others: &'static str) -> Self {
        Self { names: Vec::new(), numbers: QuickMap::default(), others }
    }

    pub fn number(&mut self, name: &str) -> u32 {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let number = self.names.len() as u32;
        match self.names.len() {
            ..MOST_NAMES => {
                self.names.push(name.to_owned());
                self.numbers.insert(name.to_owned(), number);
                number
            }
            MOST_NAMES => {
                self.names.push(self.others.to_owned());
                number
            }
            _ => MOST_NAMES as u32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_many_names_there_are_the_last_number_is_that_of_all_others() {
        let mut numbered = Numbered::new("others");
        for n in 0..MOST_NAMES as u32 {
            assert_eq!(numbered.number(&n.to_string()), n);
        }
        assert_eq!((numbered.number("x"), numbered.number("y"), numbered.number("7")), (10_000, 10_000, 7));
        assert_eq!((numbered.names.len(), numbered.names.last().unwrap().as_str()), (10_001, "others"));
    }
}
