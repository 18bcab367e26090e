//! What entries are made from: templates with their counts over a scope, and what stands in the place of their values.

use crate::say;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::entry::RowKey;
use crate::facet::{Distinct, Spread};
use crate::severity::N_BANDS;
use crate::time::{Nanos, TimeRange};

/// How a value is written in a template.
pub const WILDCARD: &str = "<*>";

/// A hash of the text: the same for the same text, in every file, workspace and version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TemplateId(pub u64);

/// As queries write it: `template:0c7d5e2f9a14`.
impl fmt::Display for TemplateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012x}", self.0 >> 16)
    }
}

/// A query that names templates, and the same by the ids that they have now; `None` where those are the ones it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Followed {
    pub query: String,
    pub now: Option<String>,
}

/// What a value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Kind {
    Number,
    Hex,
    Time,
    Duration,
    Size,
    Uuid,
    Ip,
    Host,
    Mail,
    Path,
    Url,
    Version,
    Id,
    Quoted,
    Word,
    Text,
}

impl Kind {
    pub const ALL: [Self; 16] = [
        Self::Number,
        Self::Hex,
        Self::Time,
        Self::Duration,
        Self::Size,
        Self::Uuid,
        Self::Ip,
        Self::Host,
        Self::Mail,
        Self::Path,
        Self::Url,
        Self::Version,
        Self::Id,
        Self::Quoted,
        Self::Word,
        Self::Text,
    ];

    /// In a word or two.
    pub fn name(self) -> &'static str {
        match self {
            Self::Number => say!("number"),
            Self::Hex => say!("hex"),
            Self::Time => say!("time"),
            Self::Duration => say!("duration"),
            Self::Size => say!("size"),
            Self::Uuid => say!("UUID"),
            Self::Ip => say!("IP address"),
            Self::Host => say!("host"),
            Self::Mail => say!("mail address"),
            Self::Path => say!("path"),
            Self::Url => say!("URL"),
            Self::Version => say!("version"),
            Self::Id => say!("id"),
            Self::Quoted => say!("quoted"),
            Self::Word => say!("word"),
            Self::Text => say!("text"),
        }
    }
}

/// A template's text with what its values look like: `GET <path>`. Where their number is another, it stays as it is.
pub fn with_kinds(text: &str, kinds: &[Kind]) -> String {
    let texts: Vec<&str> = text.split(WILDCARD).collect();
    if texts.len() != kinds.len() + 1 {
        return text.to_owned();
    }
    let names = kinds.iter().map(|kind| format!("<{}>", kind.name())).chain([String::new()]);
    texts.into_iter().zip(names).map(|(text, name)| format!("{text}{name}")).collect()
}

/// The templates of a scope.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TemplateList {
    /// The most frequent first; their counts sum to `n_entries`.
    pub templates: Vec<TemplateCount>,
    pub n_entries: u64,
    /// What the sparklines are over; `None` without any time.
    pub range: Option<TimeRange>,
    /// Templates of the workspace that stand for several: there are too many messages that are seldom written.
    pub n_general: u32,
    /// The scope begins within the logs, so that what is new in it can be told.
    pub has_before: bool,
}

/// A template and the entries of the scope that are made from it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TemplateCount {
    pub id: TemplateId,
    /// The template that the family of those with mostly the same words is called by.
    pub family: TemplateId,
    /// Values as [`WILDCARD`].
    pub text: String,
    /// One for each value.
    pub kinds: Vec<Kind>,
    pub n_entries: u64,
    /// By severity band.
    pub bands: [u64; N_BANDS],
    /// The most frequent first, a few of them.
    pub services: Vec<(String, u64)>,
    pub n_services: u32,
    /// Of entries that have a time.
    pub first: Option<Nanos>,
    pub last: Option<Nanos>,
    /// Entries over the list's range, in spans of equal width; empty without any time.
    pub spans: Vec<u32>,
    pub novelty: Novelty,
    pub note: TemplateNote,
}

/// Fewer times as many are no trend,
const LEAST_TIMES: f64 = 1.3;

/// nor is what chance would make of counts that vary as much (in standard deviations).
const LEAST_STRENGTH: f64 = 4.0;

impl TemplateCount {
    /// Entries in the first half of the time, and in the second.
    pub fn n_of_halves(&self) -> (u64, u64) {
        let n_spans = self.spans.len() / 2;
        let sum = |half: &[u32]| half.iter().map(|&n| u64::from(n)).sum::<u64>();
        (sum(&self.spans[..n_spans]), sum(&self.spans[self.spans.len() - n_spans..]))
    }

    /// How many times as many entries the second half of the time has as the first, where that is more than chance makes of it. Counts of
    /// messages come in crowds: how much they vary from span to span is taken for chance (a quasi-Poisson test, McCullagh & Nelder 1989).
    pub fn trend(&self) -> Option<f64> {
        let (first, second) = self.spans.split_at(self.spans.len() / 2);
        let second = &second[second.len() - first.len()..];
        let sum = |half: &[u32]| half.iter().map(|&n| f64::from(n)).sum::<f64>();
        let (before, after) = (sum(first), sum(second));
        let n_spans = first.len().max(1) as f64;
        let squares =
            |half: &[u32], sum: f64| half.iter().map(|&n| (f64::from(n) - sum / n_spans).powi(2)).sum::<f64>();
        let variance = (squares(first, before) + squares(second, after)) / (2.0 * n_spans - 2.0).max(1.0);
        let mean = (before + after) / (2.0 * n_spans);
        let crowding = (variance / mean.max(f64::MIN_POSITIVE)).max(1.0);
        let strength = (after - before) / (crowding * (before + after)).max(1.0).sqrt();
        let times = (after + 0.5) / (before + 0.5);
        (strength.abs() >= LEAST_STRENGTH && !(1.0 / LEAST_TIMES..LEAST_TIMES).contains(&times)).then_some(times)
    }
}

/// What the user calls a template and says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateNote {
    /// Empty: none.
    pub name: String,
    pub words: String,
}

impl TemplateNote {
    pub fn is_empty(&self) -> bool {
        self.name.is_empty() && self.words.is_empty()
    }
}

/// What a template is called, for where its id stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateTitle {
    pub id: TemplateId,
    /// Values as [`WILDCARD`].
    pub text: String,
    /// One for each value.
    pub kinds: Vec<Kind>,
    /// By the user; empty: not.
    pub name: String,
}

/// What the time before the scope says of a template.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Novelty {
    #[default]
    Known,
    /// In the scope, and not before it.
    New,
    /// Before the scope, and not in it: severity, service and time are those of the last entry there was.
    Gone,
}

/// One template looked at closely, from its entries in a scope.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TemplateDetail {
    /// A few entries, from all over the scope.
    pub examples: Vec<Example>,
    /// One for each value of the text.
    pub variables: Vec<VariableDetail>,
    /// Entries that the values are of.
    pub n_entries: u64,
    /// Further entries in the scope that were not read, evenly among those that were.
    pub n_unread: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Example {
    pub key: RowKey,
    /// `None` where no entry of its file has one.
    pub time: Option<Nanos>,
    /// The first line of the message.
    pub text: String,
}

/// What stands in one place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VariableDetail {
    pub kind: Kind,
    /// How many different values there are.
    pub distinct: Distinct,
    /// The most frequent values first, with how many entries have each.
    pub values: Vec<(String, u64)>,
    /// Where they are numbers.
    pub spread: Option<Spread>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(spans: impl Iterator<Item = u32>) -> TemplateCount {
        TemplateCount { spans: spans.collect(), ..TemplateCount::default() }
    }

    fn trend(spans: impl Iterator<Item = u32>) -> Option<f64> {
        counted(spans).trend()
    }

    #[test]
    fn values_are_told_by_what_they_look_like() {
        assert_eq!(with_kinds("GET <*> took <*>", &[Kind::Path, Kind::Duration]), "GET <path> took <duration>");
        assert_eq!(with_kinds("<*> of <*>", &[Kind::Id]), "<*> of <*>");
        assert_eq!(with_kinds("started", &[]), "started");
    }

    #[test]
    fn what_one_half_has_is_told_from_what_the_other_has() {
        assert_eq!(counted([0, 0, 7, 2, 3].into_iter()).n_of_halves(), (0, 5));
        assert_eq!(counted([4, 1].into_iter()).n_of_halves(), (4, 1));
        assert_eq!(counted(std::iter::empty()).n_of_halves(), (0, 0));
    }

    #[test]
    fn a_trend_is_more_than_chance_and_crowds_make() {
        assert_eq!(trend((0..40).map(|n| 10 + n % 3)), None);
        assert_eq!(trend(std::iter::empty()), None);
        assert_eq!(trend((0..40).map(|n| u32::from(n == 31) * 90)), None, "one crowd is a burst");
        assert!(trend((0..40).map(|n| 5 + n)).is_some_and(|times| (1.5..3.0).contains(&times)));
        assert!(trend((0..40).map(|n| 45 - n)).is_some_and(|times| (0.3..0.7).contains(&times)));
        assert!(trend((0..40).map(|n| if n < 20 { 0 } else { 9 })).is_some_and(|times| times > 100.0));
    }
}
