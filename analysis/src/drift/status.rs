//! Drift 2: the outcome of one thing has several words.
//!
//! Fields whose names say the same (`payment_status`, `payment.status`, `paymentStatus`) are one outcome. Within a request two
//! services, or logs and spans of one, must say it with one word; metrics, which have no request, must share words with the rest.

use std::collections::{BTreeMap, BTreeSet};

use model::drift::{Drift, DriftKind, Side};
use model::entry::RowKey;

use super::Known;
use super::moment::{self, Moment};
use super::side::Examples;
use crate::quick_hash::QuickMap;
use crate::topology::Sighting;

const LEAST: u64 = 10;
const LEAST_SHARE: f64 = 0.05;
/// A field with more different words is no outcome.
const MOST_WORDS: usize = 12;
/// Different outcomes with their words.
const MOST_OUTCOMES: usize = 5000;
/// Pairs of words that are told.
const MOST_TOLD: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signal {
    Log,
    Span,
    Metric,
}

impl Signal {
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
}

impl Outcomes {
    /// The number of what the entry says, if it does.
    pub fn take(&mut self, service: u32, signal: Signal, seen: &Sighting<'_>) -> Option<u32> {
        let (of, word) = moment::outcomes_of(seen.parsed).into_iter().next()?;
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
    /// The words of both, where they differ.
    words: BTreeMap<(String, String), u64>,
    one: Examples,
    other: Examples,
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
                if !word.eq_ignore_ascii_case(other_word) {
                    pair.n_apart += 1;
                    *pair.words.entry(((*word).to_owned(), (*other_word).to_owned())).or_default() += 1;
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
                && pair.words.len() <= MOST_WORDS
        };
        let found = self.pairs.iter().filter(|(_, pair)| is_habit(pair));
        let mut drifts: Vec<Drift> = found
            .map(|((of, one, other), pair)| {
                let (one, other) = (name_of(*one, known), name_of(*other, known));
                let mut words: Vec<(&(String, String), &u64)> = pair.words.iter().collect();
                words.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
                let told: Vec<String> =
                    words.iter().take(MOST_TOLD).map(|((a, b), _)| format!("“{a}” here is “{b}” there")).collect();
                drift(of, one, other, told.join(", "), (pair.n_apart, pair.n), (&pair.one, &pair.other))
            })
            .collect();
        drifts.extend(without_request(known, outcomes));
        drifts
    }
}

/// The words of metrics, where they share none with those of logs and spans.
fn without_request(known: &Known, outcomes: &Outcomes) -> Vec<Drift> {
    struct Spoken {
        words: BTreeSet<String>,
        n: u64,
        shown: Examples,
    }
    let mut spoken: BTreeMap<(&str, Writer), Spoken> = BTreeMap::new();
    for (&(service, number), (n, shown)) in &outcomes.by {
        let said = &outcomes.said[number as usize];
        let writer = (known.group_of[service as usize], said.signal);
        let sum = spoken.entry((&said.of, writer)).or_insert_with(|| Spoken {
            words: BTreeSet::new(),
            n: 0,
            shown: Examples::default(),
        });
        sum.words.insert(said.word.to_lowercase());
        sum.n += n;
        shown.keys().iter().for_each(|&key| sum.shown.show(key));
    }
    let is_closed = |spoken: &Spoken| spoken.n >= LEAST && spoken.words.len() <= MOST_WORDS;
    let mut drifts = Vec::new();
    for ((of, metric), one) in spoken.iter().filter(|((_, writer), one)| writer.1 == Signal::Metric && is_closed(one)) {
        for ((_, writer), other) in
            spoken.iter().filter(|((other, writer), _)| other == of && writer.1 != Signal::Metric)
        {
            if is_closed(other) && one.words.is_disjoint(&other.words) {
                let list = |words: &BTreeSet<String>| words.iter().cloned().collect::<Vec<_>>().join(", ");
                let told = format!("“{}” here, “{}” there", list(&one.words), list(&other.words));
                let (one_name, other_name) = (name_of(*metric, known), name_of(*writer, known));
                drifts.push(drift(of, one_name, other_name, told, (other.n, other.n), (&one.shown, &other.shown)));
            }
        }
    }
    drifts
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
        kind: DriftKind::Status,
        services,
        what: format!(
            "The {of} in the {} of {} and in the {} of {} have different words: {told}.",
            one.1, one.0, other.1, other.0
        ),
        fix: format!("Agree on one list of words for the {of} and use it in every signal."),
        n,
        of: all,
        sides: vec![side(&one, one_shown), side(&other, other_shown)],
    }
}
