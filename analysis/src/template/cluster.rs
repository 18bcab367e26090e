//! From shapes to templates: which words are values after all.
//!
//! A shape tells values by form. Names and words that are values (users, hosts, classes) show only among many messages: all
//! else is equal and one place differs. Shapes of the same number of words (as in Drain, He et al. 2017, and Brain, Yu et al.
//! 2023) that differ in one place are held side by side; whether they are one template depends on how many words stand there
//! and on what kind of words they are, never on which. The result depends on the set of shapes, not on their order.

use std::collections::HashMap;

use super::crowd;
use super::mask::SLOT;
use super::rows::{Row, VALUE, Word, Words, unite};
use super::shapes::Shape;
use super::word::{Class, begins_phrase, end_alike, expects_value, is_key, is_preposition, may_be_name};

/// So many different words in one place of a short sentence are values, whatever they look like.
const MANY_WORDS: usize = 10;

/// The more words around them are equal the fewer it takes, but never fewer than this; nor fewer than [`MANY_WORDS`] where they end
/// alike: what may become of something (`placed`, `shipped`) is told by verbs of one form.
const FEWEST_WORDS: usize = 4;

/// In a sentence of so many words that are equal, what follows `for` or `by` is a name.
const LONG_SENTENCE: usize = 4;

/// Words between a preposition and what it leads to: `for invalid user ann`.
const PHRASE: usize = 3;

/// Rounds in which one place of each shape may turn out to be a value.
const MOST_ROUNDS: usize = 6;

/// Values in a row that may be a list.
const SHORTEST_LIST: usize = 3;

/// Shapes that are one template.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// With [`SLOT`] in the place of values.
    pub text: Vec<u8>,
    pub shapes: Vec<u32>,
    /// Words that were rare are values.
    pub is_loose: bool,
}

/// On the way from shapes to clusters. A step goes once over all rows: some ten milliseconds with ten thousand of them.
pub struct Clustering {
    words: Words,
    rows: Vec<Row>,
    stage: Stage,
}

enum Stage {
    /// How many rounds are over, and how many rows there were when this one began.
    Names {
        n_rounds: usize,
        n_before: usize,
    },
    OnePlace {
        n_rounds: usize,
        n_before: usize,
    },
    Quantities,
    Lists,
    Crowd(crowd::Reducing),
    Done,
}

impl Clustering {
    pub fn begin(shapes: &[Shape]) -> Self {
        let mut words = Words::default();
        let rows = shapes.iter().enumerate().map(|(number, shape)| Row {
            words: words.split(&shape.restored()),
            shapes: vec![number as u32],
            n_messages: shape.n_messages,
            is_loose: shape.is_loose,
        });
        let rows = unite(rows.collect());
        let n_before = rows.len();
        Self { words, rows, stage: Stage::Names { n_rounds: 0, n_before } }
    }

    /// Goes on a little; `false` when there is nothing more to do.
    pub fn step(&mut self) -> bool {
        let words = &mut self.words;
        let rows = std::mem::take(&mut self.rows);
        (self.rows, self.stage) = match std::mem::replace(&mut self.stage, Stage::Done) {
            Stage::Names { n_rounds, n_before } => {
                (unite(merge_names(rows, words)), Stage::OnePlace { n_rounds, n_before })
            }
            Stage::OnePlace { n_rounds, n_before } => {
                let rows = unite(merge_one_place(rows, words));
                let n_rounds = n_rounds + 1;
                let is_over = rows.len() == n_before || n_rounds == MOST_ROUNDS;
                let n_before = rows.len();
                (rows, if is_over { Stage::Quantities } else { Stage::Names { n_rounds, n_before } })
            }
            Stage::Quantities => (merge_quantities(rows, words), Stage::Lists),
            Stage::Lists => (merge_lists(rows), Stage::Crowd(crowd::Reducing::default())),
            Stage::Crowd(mut reducing) => {
                if reducing.is_due(&rows) {
                    (reducing.reduce(rows, words), Stage::Crowd(reducing))
                } else {
                    (rows, Stage::Done)
                }
            }
            Stage::Done => (rows, Stage::Done),
        };
        !matches!(self.stage, Stage::Done)
    }

    /// Sorted by text; where steps are left they are done now.
    pub fn finish(mut self) -> Vec<Cluster> {
        while self.step() {}
        let Self { words, rows, .. } = self;
        let mut clusters: Vec<Cluster> = rows
            .into_iter()
            .map(|row| Cluster { text: words.join(&row.words), shapes: row.shapes, is_loose: row.is_loose })
            .collect();
        clusters.sort_by(|a, b| a.text.cmp(&b.text));
        clusters
    }
}

/// Rows that differ in names of things only (`org.a.B`, `eth0`) are one.
fn merge_names(mut rows: Vec<Row>, words: &mut Words) -> Vec<Row> {
    let mut groups: HashMap<Vec<Word>, Vec<usize>> = HashMap::new();
    for (at, row) in rows.iter().enumerate() {
        let is_name = |place: usize| match words.class(row.words[place]) {
            Class::Value | Class::Name => true,
            Class::Label => place > 0 && !names_what_follows(place, &row.words, words),
            Class::Empty | Class::Plain | Class::Unit => false,
        };
        let key: Vec<Word> =
            (0..row.words.len()).map(|place| if is_name(place) { VALUE } else { row.words[place] }).collect();
        let n_plain = key.iter().filter(|&&word| words.class(word) == Class::Plain).count();
        if n_plain >= 2 && n_plain < key.len() {
            groups.entry(key).or_default().push(at);
        }
    }
    for members in groups.into_values().filter(|members| members.len() >= 2) {
        for place in 0..rows[members[0]].words.len() {
            put_value(place, &members, &mut rows, words);
        }
    }
    rows
}

/// Rows that differ in one place, where values stand by the look of them, are one.
fn merge_one_place(mut rows: Vec<Row>, words: &mut Words) -> Vec<Row> {
    // A row stands once for each of its places, beside those that differ in no other.
    let mut stands: Vec<(u64, u32, u32)> = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let hash = row.hash();
        let of_row = row.words.iter().enumerate();
        stands.extend(of_row.map(|(place, &word)| (hash.without(place, word), place as u32, at as u32)));
    }
    stands.sort_unstable();
    let groups = stands.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).filter(|group| group.len() >= 2);
    let mut merged: Vec<(usize, Vec<usize>)> = groups
        .map(|group| (group[0].1 as usize, group.iter().map(|&(_, _, at)| at as usize).collect()))
        .filter(|(place, members): &(usize, Vec<usize>)| are_values(*place, members, &rows, words))
        .collect();
    merged.sort();
    for (place, members) in merged {
        put_value(place, &members, &mut rows, words);
    }
    rows
}

/// Where the rows differ in this place they get a value, around it what the words there have in common.
fn put_value(place: usize, members: &[usize], rows: &mut [Row], words: &mut Words) {
    let first = rows[members[0]].words[place];
    if members.iter().all(|&at| rows[at].words[place] == first) {
        return;
    }
    let value = words.common(members.iter().map(|&at| rows[at].words[place]));
    members.iter().for_each(|&at| rows[at].words[place] = value);
}

/// Whether what the rows have in this place, all else being equal, is values.
fn are_values(place: usize, members: &[usize], rows: &[Row], words: &Words) -> bool {
    let row = &rows[members[0]].words;
    let is_plain = |word: Word| words.class(word) == Class::Plain;
    let n_plain = row.iter().enumerate().filter(|&(at, &word)| at != place && is_plain(word)).count();
    if n_plain == 0 {
        return false;
    }
    let is_head = place == 0 || members.iter().all(|&at| names_what_follows(place, &rows[at].words, words));
    let are_verbs = end_alike(members.iter().map(|&at| words.text(rows[at].words[place])));
    let fewest = if are_verbs { MANY_WORDS } else { FEWEST_WORDS };
    let many = MANY_WORDS.saturating_sub(n_plain).max(fewest) * if is_head { 3 } else { 1 };
    let before = if place > 0 { words.text(row[place - 1]) } else { b"" };
    if members.len() >= many {
        return true;
    }
    if expects_value(before) {
        let is_name = |at: &usize| !matches!(words.class(rows[*at].words[place]), Class::Plain | Class::Unit);
        let are_many = members.len() >= FEWEST_WORDS;
        return members.iter().any(is_name) || !are_verbs && (are_many || has_room_for_name(place, row, words));
    }
    if is_preposition(before)
        && n_plain >= LONG_SENTENCE
        && members.iter().all(|&at| may_be_name(words.text(rows[at].words[place])))
    {
        return true;
    }
    let is_empty = |at: &usize| words.class(rows[*at].words[place]) == Class::Empty;
    !members.iter().all(is_empty)
        && members.iter().all(|&at| match words.class(rows[at].words[place]) {
            Class::Value | Class::Empty | Class::Name => true,
            Class::Label => !is_head,
            Class::Plain | Class::Unit => false,
        })
}

/// Whether plain words behind one that announces a value are rather names than what became of it. A name is part of a longer phrase
/// (`for user ann`, `user: ann`), or somebody does something (`user ann has left`); an outcome ends its own: `login failed`, `host up since 3 s`.
fn has_room_for_name(place: usize, row: &[Word], words: &Words) -> bool {
    let announced = place.saturating_sub(1);
    let is_led_to =
        row[announced.saturating_sub(PHRASE)..announced].iter().any(|&word| is_preposition(words.text(word)));
    is_led_to
        || is_key(words.text(row[announced]))
        || row.get(place + 1).is_some_and(|&next| {
            let text = words.text(next);
            words.class(next) == Class::Plain && may_be_name(text) && !begins_phrase(text)
        })
}

/// Whether the word in this place is the name of what follows it: `size:`, `limit =`.
fn names_what_follows(place: usize, row: &[Word], words: &Words) -> bool {
    is_key(words.text(row[place]))
        || row.get(place + 1).is_some_and(|&next| matches!(words.text(next), b"=" | b":" | b"is"))
}

/// A quantity is one value where its unit differs, or is not always written: `12 bytes`, `1.2 KB`, `<1 sec`.
fn merge_quantities(rows: Vec<Row>, words: &mut Words) -> Vec<Row> {
    merge_by(rows, |row| {
        let mut key: Vec<Word> = Vec::with_capacity(row.words.len());
        for &word in &row.words {
            match words.class(word) {
                // What stands behind the unit now stands behind the value.
                Class::Unit if key.last() == Some(&VALUE) => {
                    let behind = word_end(words.text(word));
                    let value = words.number(&[&[SLOT], &*behind].concat());
                    *key.last_mut().expect("a value is there") = value;
                }
                Class::Value if matches!(words.text(word), [b'<' | b'>' | b'~', SLOT]) => key.push(VALUE),
                _ => key.push(word),
            }
        }
        key
    })
}

fn word_end(word: &[u8]) -> Vec<u8> {
    let n = word.iter().rposition(u8::is_ascii_alphanumeric).map_or(0, |last| last + 1);
    word[n..].to_vec()
}

/// Rows that differ in the length of a list of values only are one.
fn merge_lists(rows: Vec<Row>) -> Vec<Row> {
    merge_by(rows, |row| {
        let mut key: Vec<Word> = Vec::with_capacity(row.words.len());
        for run in row.words.chunk_by(|a, b| a == b) {
            key.extend(if run[0] == VALUE { &run[..1] } else { run });
        }
        let is_list = |run: &[Word]| run[0] == VALUE && run.len() >= SHORTEST_LIST;
        // A short list joins a longer one: which of them is one shows when they are together.
        if row.words.chunk_by(|a, b| a == b).any(is_list) || key.len() == row.words.len() {
            key
        } else {
            row.words.clone()
        }
    })
}

/// Rows of the same key get it for their words, if they differ.
fn merge_by(rows: Vec<Row>, mut key: impl FnMut(&Row) -> Vec<Word>) -> Vec<Row> {
    let mut groups: HashMap<Vec<Word>, Vec<usize>> = HashMap::new();
    for (at, row) in rows.iter().enumerate() {
        groups.entry(key(row)).or_default().push(at);
    }
    let mut rows = rows;
    for (key, members) in groups.into_iter().filter(|(_, members)| members.len() >= 2) {
        members.iter().for_each(|&at| rows[at].words = key.clone());
    }
    unite(rows)
}
