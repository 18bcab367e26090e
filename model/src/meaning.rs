//! The mapping table: what is meant, and how logs, spans and metrics call it.
//!
//! A query that asks for a meaning finds it under every name and in every word that the table has for it: the filter is
//! [widened](Meanings::widen), and answers read the names as one field.

use serde::{Deserialize, Serialize};

use crate::query::{is_level_name, variable_place};
use crate::say;

mod text;
pub(crate) use text::quoted;
pub use text::to_text;

mod widen;

/// One row of the table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Meaning {
    /// What queries call it. Entries that have a field of this name say it, too.
    pub name: String,
    /// Names of fields, as queries have them, in entries of logs,
    pub logs: Vec<String>,
    /// of spans,
    pub spans: Vec<String>,
    /// and of metrics.
    pub metrics: Vec<String>,
    /// Words that say the same, whatever their case; the first of each group is the one that is shown.
    pub values: Vec<Vec<String>>,
}

/// The whole table, in the order in which its rows were written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Meanings {
    pub rows: Vec<Meaning>,
}

/// In entries of which signals a name is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signals {
    pub logs: bool,
    pub spans: bool,
    pub metrics: bool,
}

impl Signals {
    pub const ALL: Self = Self { logs: true, spans: true, metrics: true };
}

/// A field that every span has and nothing else, and one of every point of a metric.
pub const SPAN_FIELD: &str = "span.kind";
pub const POINT_FIELD: &str = "metric.kind";

/// What every entry has is no meaning: it is the same in all signals already.
const TAKEN: [&str; 8] = ["time", "service", "source", "format", "template", "message", "trace_id", "span_id"];

/// What fields of spans and points begin with; logs have other names.
const OF_SPANS_AND_POINTS: [&str; 9] =
    ["attributes", "resource", "span", "metric", "scope", "events", "links", "exemplars", "parent_span_id"];

/// More of each is a slip, and would make every query slow.
const MOST_ROWS: usize = 500;
const MOST_NAMES: usize = 40;
const MOST_GROUPS: usize = 100;
const MOST_WORDS: usize = 40;

/// Whether two names or words are the same: case makes no difference.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other) || !one.is_ascii() && one.to_lowercase() == other.to_lowercase()
}

impl Signals {
    /// Whether an entry that is a span, or a point of a metric, is of one of them.
    pub fn are_of(self, is_span: bool, is_point: bool) -> bool {
        match (is_span, is_point) {
            (true, true) => self.spans || self.metrics,
            (true, false) => self.spans,
            (false, true) => self.metrics,
            (false, false) => self.logs,
        }
    }

    fn and(self, other: Self) -> Self {
        Self { logs: self.logs || other.logs, spans: self.spans || other.spans, metrics: self.metrics || other.metrics }
    }

    /// In which entries a name of the logs' column is looked for.
    fn of_log_name(name: &str) -> Self {
        let head = name.split('.').next().unwrap_or(name);
        match OF_SPANS_AND_POINTS.iter().any(|other| is_same(other, head)) {
            true => Self { logs: true, ..Self::default() },
            // No span and no point has such a name: there is nothing to keep apart.
            false => Self::ALL,
        }
    }
}

impl Meaning {
    /// The fields that say it, in the order in which an entry is asked for them: its own name first.
    pub fn fields(&self) -> Vec<(&str, Signals)> {
        let (spans, metrics) =
            (Signals { spans: true, ..Signals::default() }, Signals { metrics: true, ..Signals::default() });
        let of_logs = self.logs.iter().map(|name| (name.as_str(), Signals::of_log_name(name)));
        let of_spans = self.spans.iter().map(|name| (name.as_str(), spans));
        let of_metrics = self.metrics.iter().map(|name| (name.as_str(), metrics));
        let mut fields: Vec<(&str, Signals)> = vec![(&self.name, Signals::ALL)];
        for (name, signals) in of_logs.chain(of_spans).chain(of_metrics) {
            match fields.iter_mut().find(|(known, _)| is_same(known, name)) {
                Some((_, known)) => *known = known.and(signals),
                None => fields.push((name, signals)),
            }
        }
        fields
    }

    /// The words that say the same as this one, it among them.
    pub fn group_of(&self, word: &str) -> Option<&[String]> {
        self.values.iter().find(|group| group.iter().any(|known| is_same(known, word))).map(Vec::as_slice)
    }

    /// The word that is shown for this one.
    pub fn shown<'w>(&'w self, word: &'w str) -> &'w str {
        self.group_of(word).and_then(|group| group.first()).map_or(word, String::as_str)
    }

    /// Whether all that another one says is said by this one, too, whatever it is called.
    pub fn covers(&self, other: &Self) -> bool {
        let has_all = |own: &[String], others: &[String]| {
            others.iter().all(|name| is_same(name, &self.name) || own.iter().any(|known| is_same(known, name)))
        };
        let is_one = |group: &Vec<String>| match group.first().and_then(|word| self.group_of(word)) {
            Some(own) => group.iter().all(|word| own.iter().any(|known| is_same(known, word))),
            None => group.len() < 2,
        };
        has_all(&self.logs, &other.logs)
            && has_all(&self.spans, &other.spans)
            && has_all(&self.metrics, &other.metrics)
            && other.values.iter().all(is_one)
    }

    /// Takes up what another one says; the name stays.
    pub fn take_in(&mut self, other: Self) {
        add_new(&mut self.logs, other.logs);
        add_new(&mut self.spans, other.spans);
        add_new(&mut self.metrics, other.metrics);
        for words in other.values {
            let has_some =
                |group: &Vec<String>| group.iter().any(|known| words.iter().any(|word| is_same(known, word)));
            let (mut same, others): (Vec<_>, Vec<_>) = std::mem::take(&mut self.values).into_iter().partition(has_some);
            self.values = others;
            // Words that were apart are one where the other one says so.
            let mut group = if same.is_empty() { Vec::new() } else { same.remove(0) };
            same.into_iter().for_each(|words| add_new(&mut group, words));
            add_new(&mut group, words);
            self.values.push(group);
        }
    }

    /// Without spaces around names and words, without what is empty or there twice; a word alone says nothing.
    pub fn tidied(self) -> Self {
        let tidy = |texts: Vec<String>| {
            let mut tidied = Vec::new();
            add_new(
                &mut tidied,
                texts.iter().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect(),
            );
            tidied
        };
        let groups = self.values.into_iter().map(tidy).filter(|group| group.len() > 1).collect();
        Self {
            name: self.name.trim().to_owned(),
            logs: tidy(self.logs),
            spans: tidy(self.spans),
            metrics: tidy(self.metrics),
            values: groups,
        }
    }

    /// Why it cannot be used, in a sentence.
    pub fn problem(&self) -> Option<String> {
        let Self { name, logs, spans, metrics, values } = self;
        if name.is_empty() {
            return Some(say!("A meaning needs a name that queries can ask for.").to_owned());
        }
        let is_taken = |name: &str| {
            is_level_name(name) || variable_place(name).is_some() || TAKEN.iter().any(|taken| is_same(taken, name))
        };
        let mut names = [name].into_iter().chain(logs).chain(spans).chain(metrics);
        if let Some(name) = names.clone().find(|name| is_taken(name)) {
            return Some(say!("“{name}” is what every entry has; it is the same everywhere already.", name));
        }
        if names.any(|name| name.contains(['\n', '"', '|']) || name.starts_with('.')) {
            return Some(
                say!("A name of a field is one line without quotes, bars, or a dot at its beginning.").to_owned(),
            );
        }
        if logs.len() + spans.len() + metrics.len() == 0 && values.is_empty() {
            return Some(say!("“{name}” has no other name and no words that say the same.", name));
        }
        let is_in_others = |at: usize, word: &String| {
            let others = values.iter().enumerate().filter(|(other, _)| *other != at);
            others.flat_map(|(_, group)| group).any(|other| is_same(other, word))
        };
        let twice = values.iter().enumerate().find_map(|(at, group)| group.iter().find(|word| is_in_others(at, word)));
        if let Some(word) = twice {
            return Some(say!("“{word}” cannot say two different things.", word));
        }
        let is_too_long = [logs, spans, metrics].iter().any(|names| names.len() > MOST_NAMES)
            || values.len() > MOST_GROUPS
            || values.iter().any(|group| group.len() > MOST_WORDS);
        is_too_long.then(|| say!("“{name}” has too many names or words to ask for all of them.", name))
    }
}

fn add_new(known: &mut Vec<String>, more: Vec<String>) {
    for text in more {
        if !known.iter().any(|known| is_same(known, &text)) {
            known.push(text);
        }
    }
}

impl Meanings {
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The one that queries call so.
    pub fn named(&self, name: &str) -> Option<&Meaning> {
        self.rows.iter().find(|meaning| is_same(&meaning.name, name))
    }

    /// The row that says all that this one does.
    pub fn covering(&self, other: &Meaning) -> Option<&Meaning> {
        self.rows.iter().find(|meaning| meaning.covers(other))
    }

    /// Takes a row in: beside the others, or into the one of its name, or the one that has one of its names already.
    pub fn add(&mut self, new: Meaning) {
        let shares = |known: &[String], names: &[String]| {
            known.iter().any(|known| names.iter().any(|name| is_same(known, name)))
        };
        let place = self.rows.iter().position(|known| is_same(&known.name, &new.name)).or_else(|| {
            self.rows.iter().position(|known| {
                shares(&known.logs, &new.logs)
                    || shares(&known.spans, &new.spans)
                    || shares(&known.metrics, &new.metrics)
            })
        });
        match place {
            Some(place) => self.rows[place].take_in(new),
            None => self.rows.push(new),
        }
    }

    /// Why it cannot be used as it is, in a sentence.
    pub fn problem(&self) -> Option<String> {
        let is_named_before =
            |at: usize, meaning: &Meaning| self.rows[..at].iter().any(|other| is_same(&other.name, &meaning.name));
        let twice = self.rows.iter().enumerate().find(|(at, meaning)| is_named_before(*at, meaning));
        if let Some((_, Meaning { name, .. })) = twice {
            return Some(say!("There are two rows for “{name}”.", name));
        }
        if self.rows.len() > MOST_ROWS {
            return Some(say!("A mapping table has at most {} rows.", MOST_ROWS));
        }
        self.rows.iter().find_map(Meaning::problem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn meaning(name: &str, logs: &[&str], spans: &[&str], metrics: &[&str], values: &[&[&str]]) -> Meaning {
        let list = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        let values = values.iter().map(|group| list(group)).collect();
        Meaning { name: name.to_owned(), logs: list(logs), spans: list(spans), metrics: list(metrics), values }
    }

    #[test]
    fn a_name_is_looked_for_in_the_signals_that_it_is_listed_for() {
        let state = "attributes.state";
        let all = meaning("order.status", &["outcome", "Order.Status", state], &[state], &["attributes.word"], &[]);
        let none = Signals::default();
        assert_eq!(
            all.fields(),
            [
                ("order.status", Signals::ALL),
                ("outcome", Signals::ALL),
                (state, Signals { logs: true, spans: true, ..none }),
                ("attributes.word", Signals { metrics: true, ..none }),
            ]
        );
    }

    #[test]
    fn a_row_covers_what_it_says_whatever_it_is_called() {
        let own = meaning("order.status", &["outcome"], &["attributes.state"], &[], &[&["paid", "SUCCESS", "ok"]]);
        let check = |other: Meaning, expected| assert_eq!(own.covers(&other), expected, "{other:?}");
        check(meaning("x", &["Outcome"], &["attributes.state"], &[], &[&["ok", "PAID"]]), true);
        check(meaning("x", &["order.status"], &[], &[], &[]), true);
        check(meaning("x", &["outcome"], &[], &["outcome"], &[]), false);
        check(meaning("x", &["outcome"], &[], &[], &[&["ok", "failed"]]), false);
    }

    #[test]
    fn what_is_taken_in_joins_the_row_that_has_its_name_or_one_of_its_names() {
        let mut table = Meanings { rows: vec![meaning("a", &["x"], &[], &[], &[&["1", "one"], &["2", "two"]])] };
        table.add(meaning("b", &["X", "y"], &[], &[], &[&["ONE", "eins"], &["3", "three"]]));
        table.add(meaning("A", &[], &["s"], &[], &[&["eins", "two"]]));
        table.add(meaning("c", &["z"], &[], &[], &[]));
        let joined = meaning("a", &["x", "y"], &["s"], &[], &[&["3", "three"], &["2", "two", "1", "one", "eins"]]);
        assert_eq!(table.rows.len(), 2);
        assert_eq!((&table.rows[0].logs, &table.rows[0].spans), (&joined.logs, &joined.spans));
        let mut groups = table.rows[0].values.clone();
        groups.iter_mut().for_each(|group| group.sort());
        groups.sort();
        assert_eq!(groups, [vec!["1", "2", "eins", "one", "two"], vec!["3", "three"]]);
    }

    #[test]
    fn what_cannot_be_used_says_why() {
        let problem = |meaning: Meaning| meaning.tidied().problem().unwrap_or_default();
        assert!(problem(meaning(" ", &["x"], &[], &[], &[])).contains("needs a name"));
        assert!(problem(meaning("level", &["x"], &[], &[], &[])).contains("every entry has"));
        assert!(problem(meaning("a", &["var2"], &[], &[], &[])).contains("every entry has"));
        assert!(problem(meaning("a", &[" "], &[], &[], &[&["alone"]])).contains("no other name"));
        assert!(problem(meaning("a", &["x"], &[], &[], &[&["1", "2"], &["3", "2"]])).contains("two different"));
        assert_eq!(problem(meaning("a", &["x"], &[], &[], &[&["1", " 2 ", "1"]])), "");
        let twice = Meanings { rows: vec![meaning("a", &["x"], &[], &[], &[]), meaning("A", &["y"], &[], &[], &[])] };
        assert!(twice.problem().is_some_and(|words| words.contains("two rows")));
    }
}
