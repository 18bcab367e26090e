//! The pseudonyms that were given, and the words in a text that have one whatever stands around them.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use model::disguise::{Given, Trait};
use model::entry::Field;
use model::query::name_of_own;

use super::likeness::pseudonym;
use super::{LEAST_CHARS, key_of, places_in};

/// Values of more parts are looked for by their form alone: each more is another look at every word.
const MOST_PARTS: usize = 16;

/// The pseudonyms that were given, by what they stand for.
#[derive(Default)]
pub struct Pseudonyms {
    names: HashMap<(Trait, String), String>,
    /// How many of each trait were given, those that are forgotten among them; numbers by how many digits they have.
    n_named: HashMap<(Trait, usize), u64>,
    /// Those that nobody took to keep them.
    fresh: Vec<Given>,
    /// Those of them that are not told by their form wherever they stand, in small letters.
    words: HashMap<String, Vec<Word>>,
    /// A query that names a field means the field, whoever is called so, too.
    field_names: HashSet<String>,
    /// How many of [`words_in`] are in the longest of both.
    most_parts: usize,
}

struct Word {
    what: Trait,
    value: String,
    name: String,
}

impl Pseudonyms {
    /// Those given since this was asked last, in the order they were given in.
    pub fn take_fresh(&mut self) -> Vec<Given> {
        std::mem::take(&mut self.fresh)
    }

    /// Those that were taken and could not be kept: whoever asks next has them again.
    pub fn put_back_fresh(&mut self, fresh: Vec<Given>) {
        self.fresh.splice(..0, fresh);
    }

    /// Takes one in that was given earlier, in the same order. Of one that is forgotten only the name is known.
    pub fn restore(&mut self, given: &Given) {
        let Given { what, value, name } = given;
        *self.n_named.entry((*what, n_digits(*what, name))).or_insert(0) += 1;
        if !value.is_empty() {
            self.know(given);
        }
    }

    fn know(&mut self, Given { what, value, name }: &Given) {
        self.names.insert((*what, key_of(*what, value)), name.clone());
        self.add_word(*what, value, name);
    }

    /// No longer knows what stands behind it. No other value gets its name.
    pub fn forget(&mut self, given: &Given) {
        self.names.remove(&(given.what, key_of(given.what, &given.value)));
        for words in self.words.values_mut() {
            words.retain(|word| (word.what, &word.name) != (given.what, &given.name));
        }
        self.words.retain(|_, words| !words.is_empty());
        self.fresh.retain(|fresh| fresh != given);
    }

    /// Takes forgetting one back, unless what stood behind it was met again since: then it has another name, and this is false.
    pub fn remember(&mut self, given: &Given) -> bool {
        let is_free = self.named(given.what, &given.value).is_none();
        if is_free {
            self.know(given);
        }
        is_free
    }

    pub fn forget_all(&mut self) {
        self.names.clear();
        self.words.clear();
        self.fresh.clear();
    }

    /// What it is called, if it was named.
    pub(super) fn named(&self, what: Trait, value: &str) -> Option<&str> {
        self.names.get(&(what, key_of(what, value))).map(String::as_str)
    }

    /// What it is called from now on.
    pub(super) fn name(&mut self, what: Trait, value: &str) -> String {
        if let Some(name) = self.named(what, value) {
            return name.to_owned();
        }
        let number = self.n_named.get(&(what, n_digits(what, value))).map_or(1, |n_named| n_named + 1);
        let name = pseudonym(what, value, number);
        let given = Given { what, value: value.to_owned(), name: name.clone() };
        self.restore(&given);
        self.fresh.push(given);
        name
    }

    fn add_word(&mut self, what: Trait, value: &str, name: &str) {
        // Of addresses and ids there may be millions, and their form tells them again.
        let is_told = places_in(value, u8::MAX).get(&0) == Some(&(value.len(), what));
        let bare = value.trim_matches(|c: char| !is_of_word(c));
        let n_parts = words_in(bare).len();
        if is_told || is_number(bare) || bare.chars().count() < LEAST_CHARS || n_parts > MOST_PARTS {
            return;
        }
        let word = Word { what, value: bare.to_owned(), name: name.to_owned() };
        self.words.entry(bare.to_ascii_lowercase()).or_default().push(word);
        self.most_parts = self.most_parts.max(n_parts);
    }

    pub(super) fn add_field_names(&mut self, fields: &[Field]) {
        for field in fields {
            if !self.field_names.contains(&field.name) {
                self.most_parts = self.most_parts.max(words_in(&field.name).len().min(MOST_PARTS));
                self.field_names.insert(field.name.clone());
            }
        }
    }

    /// Known words in a text, and what stands in their place. The longest has the first say.
    pub(super) fn known_in(&self, text: &str, traits: &[Trait]) -> Vec<(Range<usize>, String)> {
        let mut found = Vec::new();
        if self.words.is_empty() {
            return found;
        }
        // As long as the text, so that places are the same.
        let (small, parts) = (text.to_ascii_lowercase(), words_in(text));
        let mut first = 0;
        while first < parts.len() {
            let mut next = first + 1;
            for last in (first..parts.len().min(first + self.most_parts)).rev() {
                let range = parts[first].start..parts[last].end;
                let (written, small) = (&text[range.clone()], &small[range.clone()]);
                let is_field = self.field_names.contains(written) || self.field_names.contains(small);
                let name = self.name_of_word(written, small, traits);
                if is_field || name.is_some() {
                    let is_name = is_field || name_of_own(small) != small;
                    found.extend(name.filter(|_| !is_name).map(|name| (range, name.to_owned())));
                    next = last + 1;
                    break;
                }
            }
            first = next;
        }
        found
    }

    /// Searches do not mind case, so neither does this, unless there are several.
    fn name_of_word(&self, written: &str, small: &str, traits: &[Trait]) -> Option<&str> {
        let words = self.words.get(small)?;
        let among = || words.iter().filter(move |word| traits.contains(&word.what));
        let word = among().find(|word| word.value == written).or_else(|| among().next())?;
        Some(&word.name)
    }
}

/// The same of a number and its pseudonym.
fn n_digits(what: Trait, number: &str) -> usize {
    if what == Trait::Number { number.len() } else { 0 }
}

pub(super) fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Of digits alone: another that is the same may count something.
pub(super) fn is_number(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_digit())
}

/// Where the words of a text are.
fn words_in(text: &str) -> Vec<Range<usize>> {
    let mut words: Vec<Range<usize>> = Vec::new();
    for (start, c) in text.char_indices().filter(|(_, c)| is_of_word(*c)) {
        let end = start + c.len_utf8();
        match words.last_mut() {
            Some(word) if word.end == start => word.end = end,
            _ => words.push(start..end),
        }
    }
    words
}
