//! Drift 2: the outcome of one thing has several words.
//!
//! Fields whose names say the same (`payment_status`, `payment.status`, `paymentStatus`) are one outcome. Within a request two
//! services, or logs and spans of one, must say it with one word; metrics, which have no request, must have no words of their own while the
//! rest has others.

use std::collections::{BTreeMap, BTreeSet};

use model::drift::{Drift, DriftKind, Mend, Side};
use model::entry::RowKey;
use model::meaning::Meaning;

use super::Known;
use super::moment::{self, Kind, Moment};
use super::side::Examples;
use crate::format::Parsed;
use crate::quick_hash::QuickMap;
use crate::topology::{Sighting, sighting};

const LEAST: u64 = 10;
const LEAST_SHARE: f64 = 0.05;
/// A field with more different words is no outcome.
const MOST_WORDS: usize = 12;
/// Different outcomes with their words.
const MOST_OUTCOMES: usize = 5000;
/// So much of what metrics say, and of what the others do, must be in words of their own.
const LEAST_OWN_SHARE: f64 = 0.2;
/// Words that so many requests join say the same, if so large a share of them does.
const LEAST_SAME: u64 = 3;
const ALWAYS: f64 = 0.95;
/// Pairs of words that are told.
const MOST_TOLD: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signal {
    Log,
    Span,
    Metric,
}

impl Signal {
    pub fn of(parsed: &Parsed) -> Self {
        if sighting::is_point(parsed) {
            return Self::Metric;
        }
        if moment::kind_of(parsed) == Kind::Log { Self::Log } else { Self::Span }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Log => "logs",
            Self::Span => "spans",
            Self::Metric => "metrics",
        }
    }
}

/// An outcome as one side says it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Said {
    of: String,
    word: String,
    signal: Signal,
}

/// What was said by any entry, and by which service how often.
#[derive(Default)]
pub struct Outcomes {
    said: Vec<Said>,
    numbers: QuickMap<Said, u32>,
    by: BTreeMap<(u32, u32), (u64, Examples)>,
    /// What fields are called that say an outcome, by it.
    fields: BTreeMap<String, BTreeSet<(Signal, String)>>,
    n_fields: usize,
}

impl Outcomes {
    /// The number of what the entry says, if it does.
    pub fn take(&mut self, service: u32, signal: Signal, seen: &Sighting<'_>) -> Option<u32> {
        let moment::Outcome { of, word, field } = moment::outcome_of(seen.parsed)?;
        if let Some(name) = field {
            self.learn_name(&of, signal, name);
        }
        let said = Said { of, word, signal };
        let number = match self.numbers.get(&said) {
            Some(&number) => number,
            None if self.said.len() < MOST_OUTCOMES => {
                self.said.push(said.clone());
                self.numbers.insert(said, self.said.len() as u32 - 1);
                self.said.len() as u32 - 1
            }
            None => return None,
        };
        let by = self.by.entry((service, number)).or_default();
        by.0 += 1;
        by.1.show(seen.key);
        Some(number)
    }

    fn learn_name(&mut self, of: &str, signal: Signal, name: &str) {
        let is_known =
            |names: &BTreeSet<(Signal, String)>| names.iter().any(|(by, known)| *by == signal && known == name);
        if self.n_fields < MOST_OUTCOMES && !self.fields.get(of).is_some_and(is_known) {
            self.n_fields += 1;
            self.fields.entry(of.to_owned()).or_default().insert((signal, name.to_owned()));
        }
    }

    /// The outcome as a row of a mapping table, as far as it is known: its names.
    fn meaning_of(&self, of: &str) -> Meaning {
        let fields = self.fields.get(of);
        let names = |signal: Signal| {
            let of_signal = fields.into_iter().flatten().filter(|(by, _)| *by == signal);
            of_signal.map(|(_, name)| name.clone()).collect()
        };
        Meaning {
            name: of.replace(' ', "."),
            logs: names(Signal::Log),
            spans: names(Signal::Span),
            metrics: names(Signal::Metric),
            values: Vec::new(),
        }
    }

    /// `words`: those that the table has to say are the same. An outcome that no field says cannot be asked for by one.
    fn mends(&self, meaning: Option<Meaning>, words: Vec<(String, Vec<String>)>) -> Vec<Mend> {
        let meaning = meaning.filter(|meaning| self.fields.contains_key(&meaning.name.replace('.', " ")));
        meaning.map(|meaning| Mend { meaning, words }).into_iter().collect()
    }
}

/// Who says it: service and signal.
type Writer = (u32, Signal);

/// What two writers say of one outcome, in requests in which both do.
#[derive(Default)]
pub struct Words {
    pairs: BTreeMap<(String, Writer, Writer), Pair>,
}

#[derive(Default)]
struct Pair {
    n: u64,
    n_apart: u64,
    /// The words of both.
    words: BTreeMap<(String, String), u64>,
    one: Examples,
    other: Examples,
}

fn is_apart(word: &str, other: &str) -> bool {
    !word.eq_ignore_ascii_case(other)
}

impl Pair {
    /// The words that differ.
    fn apart(&self) -> Vec<(&(String, String), u64)> {
        self.words.iter().filter(|((one, other), _)| is_apart(one, other)).map(|(words, &n)| (words, n)).collect()
    }

    /// Words of one side that are always another of the other side, and that one always them.
    ///
    /// Where one side says that something failed and the other that it did not, only one of the two holds.
    fn same_words(&self) -> Vec<Vec<String>> {
        let (mut of_one, mut of_other): (BTreeMap<&str, u64>, BTreeMap<&str, u64>) = Default::default();
        for ((one, other), n) in &self.words {
            *of_one.entry(one).or_default() += n;
            *of_other.entry(other).or_default() += n;
        }
        let is_always = |n: u64, of: u64| n >= LEAST_SAME && n as f64 >= ALWAYS * of as f64;
        let is_same = |((one, other), n): &(&(String, String), u64)| {
            is_always(*n, of_one[one.as_str()]) && is_always(*n, of_other[other.as_str()])
        };
        self.apart()
            .iter()
            .filter(|pair| is_same(pair))
            .map(|((one, other), _)| vec![one.clone(), other.clone()])
            .collect()
    }
}

impl Words {
    pub fn request(&mut self, moments: &[Moment], outcomes: &Outcomes) {
        let mut said: BTreeMap<(&str, Writer), (BTreeSet<&str>, RowKey)> = BTreeMap::new();
        for moment in moments.iter().filter(|moment| moment.outcome > 0) {
            let Said { of, word, signal } = &outcomes.said[moment.outcome as usize - 1];
            said.entry((of, (moment.service, *signal)))
                .or_insert_with(|| (BTreeSet::new(), moment.key()))
                .0
                .insert(word);
        }
        // Who says several things of one request tells how it goes on, not how it ended.
        let said: Vec<_> = said.into_iter().filter(|(_, (words, _))| words.len() == 1).collect();
        for (at, ((of, one), (words, key))) in said.iter().enumerate() {
            for ((_, other), (other_words, other_key)) in
                said[at + 1..].iter().take_while(|((other, _), _)| other == of)
            {
                let pair = self.pairs.entry(((*of).to_owned(), *one, *other)).or_default();
                let (word, other_word) = (words.first().unwrap_or(&""), other_words.first().unwrap_or(&""));
                pair.n += 1;
                *pair.words.entry(((*word).to_owned(), (*other_word).to_owned())).or_default() += 1;
                if is_apart(word, other_word) {
                    pair.n_apart += 1;
                    pair.one.show(*key);
                    pair.other.show(*other_key);
                }
            }
        }
    }

    pub fn find(&self, known: &Known, outcomes: &Outcomes) -> Vec<Drift> {
        let is_habit = |pair: &Pair| {
            pair.n_apart >= LEAST
                && pair.n_apart as f64 >= LEAST_SHARE * pair.n as f64
                && pair.apart().len() <= MOST_WORDS
        };
        let found = self.pairs.iter().filter(|(_, pair)| is_habit(pair));
        let mut meanings: BTreeMap<&str, Meaning> = BTreeMap::new();
        for ((of, ..), pair) in found.clone() {
            let meaning = meanings.entry(of).or_insert_with(|| outcomes.meaning_of(of));
            meaning.take_in(Meaning { values: pair.same_words(), ..Meaning::default() });
        }
        let mut drifts: Vec<Drift> = found
            .map(|((of, one, other), pair)| {
                let (one, other) = (name_of(*one, known), name_of(*other, known));
                let mut words = pair.apart();
                let apart = words.iter().map(|((a, b), _)| (a.clone(), vec![b.clone()])).collect();
                let mends = outcomes.mends(meanings.get(&**of).cloned(), apart);
                words.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
                let told: Vec<String> =
                    words.iter().take(MOST_TOLD).map(|((a, b), _)| format!("“{a}” here is “{b}” there")).collect();
                let drift = drift(of, one, other, told.join(", "), (pair.n_apart, pair.n), (&pair.one, &pair.other));
                Drift { mends, ..drift }
            })
            .collect();
        drifts.extend(without_request(known, outcomes, &meanings));
        drifts
    }
}

/// The words of metrics and those of logs and spans, where each have some that the others lack.
fn without_request(known: &Known, outcomes: &Outcomes, meanings: &BTreeMap<&str, Meaning>) -> Vec<Drift> {
    let mut spoken: BTreeMap<(&str, Writer), Spoken> = BTreeMap::new();
    for (&(service, number), (n, shown)) in &outcomes.by {
        let said = &outcomes.said[number as usize];
        let writer = (known.group_of[service as usize], said.signal);
        let sum = spoken.entry((&said.of, writer)).or_default();
        *sum.words.entry(said.word.to_lowercase()).or_default() += n;
        shown.keys().iter().for_each(|&key| sum.shown.show(key));
    }
    let mut drifts = Vec::new();
    for ((of, metric), one) in spoken.iter().filter(|((_, writer), _)| writer.1 == Signal::Metric) {
        for ((_, writer), other) in
            spoken.iter().filter(|((other, writer), _)| other == of && writer.1 != Signal::Metric)
        {
            if let (Some(words), Some(other_words)) = (one.own_words(other), other.own_words(one)) {
                let told = format!("“{}” here, “{}” there", words.join(", "), other_words.join(", "));
                let (one_name, other_name) = (name_of(*metric, known), name_of(*writer, known));
                let meaning = meanings.get(of).cloned().unwrap_or_else(|| outcomes.meaning_of(of));
                let n = other_words.iter().map(|word| other.words[word]).sum();
                let apart = words.into_iter().map(|word| (word, other_words.clone())).collect();
                let mends = outcomes.mends(Some(meaning), apart);
                let drift = drift(of, one_name, other_name, told, (n, other.n()), (&one.shown, &other.shown));
                drifts.push(Drift { mends, ..drift });
            }
        }
    }
    drifts
}

/// All that a writer says of one outcome.
#[derive(Default)]
struct Spoken {
    /// How often it says each word, in lower case.
    words: BTreeMap<String, u64>,
    shown: Examples,
}

impl Spoken {
    fn n(&self) -> u64 {
        self.words.values().sum()
    }

    /// The words that the other lacks, if they are not so rare that the other may just never have had cause to say them.
    fn own_words(&self, other: &Self) -> Option<Vec<String>> {
        let own: BTreeMap<&String, u64> = self
            .words
            .iter()
            .filter(|(word, _)| !other.words.contains_key(*word))
            .map(|(word, &n)| (word, n))
            .collect();
        let (n_own, n) = (own.values().sum::<u64>(), self.n());
        let is_habit = n >= LEAST && self.words.len() <= MOST_WORDS && n_own as f64 >= LEAST_OWN_SHARE * n as f64;
        (is_habit && !own.is_empty()).then(|| own.into_keys().cloned().collect())
    }
}

fn name_of(writer: Writer, known: &Known) -> (String, &'static str) {
    (known.name(writer.0).to_owned(), writer.1.name())
}

fn drift(
    of: &str,
    one: (String, &str),
    other: (String, &str),
    told: String,
    (n, all): (u64, u64),
    (one_shown, other_shown): (&Examples, &Examples),
) -> Drift {
    let side = |(name, signal): &(String, &str), shown: &Examples| Side {
        name: format!("{signal} of {name}"),
        examples: shown.keys().to_vec(),
    };
    let mut services = vec![one.0.clone()];
    if other.0 != one.0 {
        services.push(other.0.clone());
    }
    Drift {
        services,
        what: format!(
            "The {of} in the {} of {} and in the {} of {} have different words: {told}.",
            one.1, one.0, other.1, other.0
        ),
        fix: format!("Agree on one list of words for the {of} and use it in every signal."),
        n,
        of: all,
        sides: vec![side(&one, one_shown), side(&other, other_shown)],
        ..Drift::of(DriftKind::Status)
    }
}
