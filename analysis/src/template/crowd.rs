//! Few templates out of very many shapes: what to do when messages carry fresh words in shifting places.
//!
//! Words that hardly any message has are values then. Rows that become so are held against those of the same length that they
//! do not contradict, and those of the same words in the same order are one, whatever stands between.

use std::collections::{BTreeMap, HashMap};

use super::rows::{GAP, Row, VALUE, Word, Words, unite};
use super::shapes::OFTEN;

/// So many templates that hardly any message has can be those of programs; more are values taken for words.
const MOST_RARE: usize = 3_000;

/// Templates in all, however many messages have each.
const MOST_TEMPLATES: usize = 20_000;

/// Rows of one length that others are held against.
const MOST_LEADERS: usize = 64;

/// Makes rows more general, the rarest first, until they are few enough.
pub struct Reducing {
    /// What fewer messages have is rare, in this round.
    rare: u64,
}

impl Default for Reducing {
    fn default() -> Self {
        Self { rare: 2 }
    }
}

impl Reducing {
    pub fn is_due(&self, rows: &[Row]) -> bool {
        let has_loose = || self.rare == 2 && rows.iter().any(|row| row.is_loose);
        let n_rare = || rows.iter().filter(|row| row.n_messages < OFTEN).count();
        rows.len() > MOST_TEMPLATES || n_rare() > MOST_RARE || has_loose()
    }

    /// A round.
    pub fn reduce(&mut self, rows: Vec<Row>, words: &Words) -> Vec<Row> {
        let rare = self.rare;
        let n_messages = messages_by_word(&rows, words);
        let is_rare = |word: Word| n_messages[word as usize] < rare;
        let is_due = |row: &Row| {
            row.is_loose || row.n_messages < rare && row.words.iter().any(|&word| is_rare(word) || word == VALUE)
        };
        let (mut due, kept): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(is_due);
        for row in &mut due {
            row.words.iter_mut().filter(|word| is_rare(**word)).for_each(|word| *word = VALUE);
            row.is_loose = true;
        }
        let mut general = follow_leaders(unite(due));
        general.extend(kept);
        self.rare *= 2;
        unite(unite_by_words(general))
    }
}

fn messages_by_word(rows: &[Row], words: &Words) -> Vec<u64> {
    let mut n_messages = vec![0; words.len()];
    for row in rows {
        for (place, &word) in row.words.iter().enumerate() {
            if !row.words[..place].contains(&word) {
                n_messages[word as usize] += row.n_messages;
            }
        }
    }
    n_messages[VALUE as usize] = u64::MAX;
    n_messages[GAP as usize] = u64::MAX;
    n_messages
}

/// Rows of one length are one where none contradicts the first, as long as half of that one's words are left.
fn follow_leaders(mut rows: Vec<Row>) -> Vec<Row> {
    let n_words = |words: &[Word]| words.iter().filter(|&&word| word != VALUE).count();
    rows.sort_by(|a, b| {
        let order = |row: &Row| (row.words.len(), usize::MAX - n_words(&row.words));
        order(a).cmp(&order(b)).then(b.n_messages.cmp(&a.n_messages)).then_with(|| a.words.cmp(&b.words))
    });
    let mut led: Vec<Row> = Vec::new();
    for of_length in rows.chunk_by(|a, b| a.words.len() == b.words.len()) {
        // Beside each the words it began with.
        let mut leaders: Vec<(Vec<Word>, Row)> = Vec::new();
        for row in of_length {
            let follows = |(first, leader): &&mut (Vec<Word>, Row)| {
                let contradicts = first.iter().zip(&row.words).any(|(a, b)| a != b && *a != VALUE && *b != VALUE);
                let n_left = leader.words.iter().zip(&row.words).filter(|(a, b)| a == b && **a != VALUE).count();
                !contradicts && n_left > 0 && n_left * 2 >= n_words(first)
            };
            match leaders.iter_mut().take(MOST_LEADERS).find(follows) {
                Some((_, leader)) => {
                    let differ = leader.words.iter_mut().zip(&row.words).filter(|(own, word)| own != word);
                    differ.for_each(|(own, _)| *own = VALUE);
                    leader.shapes.extend(&row.shapes);
                    leader.n_messages += row.n_messages;
                }
                None => leaders.push((row.words.clone(), row.clone())),
            }
        }
        led.extend(leaders.into_iter().map(|(_, row)| row));
    }
    led
}

/// Rows of the same words in the same order are one if one of them is loose; values stand where any of them has some.
fn unite_by_words(rows: Vec<Row>) -> Vec<Row> {
    let mut groups: HashMap<Vec<Word>, Vec<Row>> = HashMap::new();
    for row in rows {
        let key = row.words.iter().copied().filter(|&word| word != VALUE && word != GAP).collect();
        groups.entry(key).or_default().push(row);
    }
    let groups: BTreeMap<Vec<Word>, Vec<Row>> = groups.into_iter().collect();
    let mut united = Vec::new();
    for (words, members) in groups {
        if members.len() < 2 || !members.iter().any(|row| row.is_loose) {
            united.extend(members);
            continue;
        }
        // How many of the members have a value before each word and behind the last.
        let mut n_values = vec![0; words.len() + 1];
        let mut has_gap = vec![false; words.len() + 1];
        for row in &members {
            let mut place = 0;
            for run in row.words.chunk_by(|a, b| is_open(*a) == is_open(*b)) {
                if is_open(run[0]) {
                    n_values[place] += 1;
                    has_gap[place] |= run.iter().all(|&word| word == GAP);
                } else {
                    place += run.len();
                }
            }
        }
        let mut text = Vec::new();
        for place in 0..=words.len() {
            match n_values[place] {
                0 => {}
                n if n == members.len() && !has_gap[place] => text.push(VALUE),
                _ => text.push(GAP),
            }
            text.extend(words.get(place));
        }
        united.push(Row {
            words: text,
            n_messages: members.iter().map(|row| row.n_messages).sum(),
            is_loose: true,
            shapes: members.into_iter().flat_map(|row| row.shapes).collect(),
        });
    }
    united
}

fn is_open(word: Word) -> bool {
    word == VALUE || word == GAP
}
