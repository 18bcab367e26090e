//! Entries that belong together because they share an id, and which of those groups are unlike the others.

use crate::{key, say};

use serde::{Deserialize, Serialize};

use crate::incident::{TemplateName, quote};
use crate::query::{Expr, value_term};
use crate::scope::Filter;
use crate::severity::Band;
use crate::time::TimeRange;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupsAsk {
    pub filter: Filter,
    /// Entries with the same value of it are a group; `None` for a field that suits.
    pub field: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Groups {
    /// Fields whose values look like ids, the one that suits best first.
    pub fields: Vec<GroupField>,
    /// What it is grouped by; `None` where no field looks like that.
    pub field: Option<String>,
    /// By which it is grouped as well, where an entry has no such field: what other programs call the same id.
    pub also: Vec<String>,
    pub n_groups: u64,
    /// Entries that are in a group.
    pub n_entries: u64,
    /// Entries without the field.
    pub n_without: u64,
    /// Entries that are not compared: of further groups than can be, of very large ones, of values too long for an id.
    pub n_left_out: u64,
    /// The most unusual first, those that are cut last; groups of exactly the same messages are one of these.
    pub odd: Vec<OddGroup>,
}

/// Stands for the rest of an id that is in no field but in the text: `blk_…`; or for all of it, behind what names it: `job …`.
pub const REST: &str = "…";
/// Ids in the text by nothing but their form.
pub const UUID: &str = "UUID…";
pub const IN_BRACKETS: &str = "[…]";

/// Whether this is no field but a form of ids in texts.
pub fn is_written(field: &str) -> bool {
    field.contains(REST)
}

/// Whether fields of this name hold ids of traces: `trace_id`, `traceId`, `shop@32473.trace_id`.
pub fn names_trace(field: &str) -> bool {
    let last = field.rsplit(['.', '/', ':']).next().unwrap_or(field);
    let plain: String = last.chars().filter(char::is_ascii_alphanumeric).collect();
    plain.eq_ignore_ascii_case("traceid")
}

impl Groups {
    /// What finds the entries of the group of this id.
    pub fn entries_of(&self, id: &str) -> Expr {
        let field = self.field.as_deref().unwrap_or_default();
        match self.also.is_empty() {
            true => entries_of(field, id),
            false => Expr::or(
                [field].into_iter().chain(self.also.iter().map(String::as_str)).map(|name| entries_of(name, id)),
            ),
        }
    }
}

/// What finds the entries of a group.
pub fn entries_of(field: &str, id: &str) -> Expr {
    if !is_written(field) {
        return value_term(field, id);
    }
    // Other than a prefix, what names an id is no part of it.
    let naming = field.strip_suffix(REST).filter(|before| before.ends_with([' ', '#', ':']));
    Expr::Phrase(naming.unwrap_or_default().to_owned() + id)
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupField {
    /// Of a field, or a form of ids in texts.
    pub name: String,
    /// Exactly so many, or about.
    pub n_groups: u64,
    pub is_exact: bool,
    pub n_entries: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OddGroup {
    pub id: String,
    /// 0 is like all others; each further 1 is about e times rarer.
    pub score: f32,
    pub n_entries: u64,
    /// The gravest of its entries.
    pub gravest: Band,
    /// From its first entry to its last; `None` without any time.
    pub time: Option<TimeRange>,
    /// The logs begin or end in it, and all that is odd is what is missing: the rest of it was written before or after.
    pub is_cut: bool,
    /// Most entries first, a few of them.
    pub services: Vec<String>,
    pub n_services: u32,
    /// The most unusual first.
    pub differences: Vec<GroupDifference>,
    /// Who says that it is apart from all others.
    pub voters: Vec<GroupVoter>,
    /// Others of exactly the same messages, a few of them.
    pub alike: Vec<String>,
    pub n_alike: u64,
}

/// Which of those that look at where a group lies among all others says that it is apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GroupVoter {
    Kinds,
    Crowds,
}

impl GroupVoter {
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Kinds => {
                say!("Unlike each of the few kinds that most groups are of (k-means, up to 512 groups drawn).")
            }
            Self::Crowds => {
                say!("Too few groups are like it to make a crowd with it (DBSCAN, up to 512 groups drawn).")
            }
        }
    }
}

/// In what a group is unlike the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum GroupDifference {
    Count {
        template: TemplateName,
        n: u64,
        /// Most groups have so many, first and last.
        usual: (u32, u32),
        /// Of all groups so many have about as many as this one, and so many the usual number.
        n_groups: u64,
        n_usual: u64,
    },
    /// One message comes after another; `None` is before the first, after the last.
    Step {
        from: Option<TemplateName>,
        to: Option<TemplateName>,
        /// Groups in which the one is, and those of them in which the other follows.
        n_from: u64,
        n_groups: u64,
    },
}

/// What kind of difference it is, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    More,
    Fewer,
    Missing,
    Order,
}

impl Sort {
    pub fn name(self) -> &'static str {
        match self {
            Self::More => key!("more"),
            Self::Fewer => key!("fewer"),
            Self::Missing => key!("missing"),
            Self::Order => key!("order"),
        }
    }
}

impl GroupDifference {
    pub fn sort(&self) -> Sort {
        match self {
            Self::Count { n: 0, .. } => Sort::Missing,
            Self::Count { n, usual, .. } if *n < u64::from(usual.0) => Sort::Fewer,
            Self::Count { .. } => Sort::More,
            Self::Step { .. } => Sort::Order,
        }
    }

    /// The message it is about; of an order the later one.
    pub fn template(&self) -> Option<&TemplateName> {
        match self {
            Self::Count { template, .. } => Some(template),
            Self::Step { from, to, .. } => to.as_ref().or(from.as_ref()),
        }
    }

    /// "‘connection reset’ ×48, usually none: so in 3 of 1,204 groups". `n_groups`: of all.
    pub fn phrase(&self, n_groups: u64) -> String {
        match self {
            Self::Count { template, n: 0, n_usual, .. } => {
                say!("{}, which {} have", quote(&template.text), share(*n_usual, n_groups))
            }
            Self::Count { template, n, usual: (0, _), n_groups: n_like, .. } => {
                let who = if *n_like <= 1 {
                    say!("no other group has").to_owned()
                } else {
                    say!("{} have", share(*n_like, n_groups))
                };
                say!("{} ×{n}, which {who}", quote(&template.text), n, who)
            }
            Self::Count { template, n, usual: (first, last), .. } => {
                let usual = if first == last { first.to_string() } else { say!("{first} to {last}", first, last) };
                say!("{} ×{n}, usually {usual}", quote(&template.text), n, usual)
            }
            Self::Step { from: None, to: Some(to), n_groups: n_like, .. } => {
                say!("{} comes first, as in {}", quote(&to.text), share(*n_like, n_groups))
            }
            Self::Step { from: Some(from), to: None, n_groups: n_like, n_from } => {
                say!("{} comes last, as in {} with it", quote(&from.text), share(*n_like, *n_from))
            }
            Self::Step { from: Some(from), to: Some(to), n_groups: n_like, n_from } => {
                let after = if from == to { "itself".to_owned() } else { quote(&from.text) };
                say!(
                    "{} comes right after {after}, as in {} with that",
                    quote(&to.text),
                    after,
                    share(*n_like, *n_from)
                )
            }
            Self::Step { from: None, to: None, .. } => say!("no entries").to_owned(),
        }
    }
}

/// "3 of 1,204 groups", "98 % of the groups"
fn share(part: u64, whole: u64) -> String {
    let percent = part as f64 / whole.max(1) as f64 * 100.0;
    match percent {
        ..2.0 => say!("{} of {} groups", by_thousands(part), by_thousands(whole)),
        99.5.. if part < whole => say!("nearly all groups").to_owned(),
        _ if part == whole => say!("all groups").to_owned(),
        _ => say!("{percent:.0} % of the groups", percent),
    }
}

fn by_thousands(number: u64) -> String {
    let digits = number.to_string();
    let first = (digits.len() - 1) % 3 + 1;
    let (head, rest) = digits.split_at(first);
    rest.as_bytes().chunks(3).fold(head.to_owned(), |text, three| text + "," + &String::from_utf8_lossy(three))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(n: u64, usual: (u32, u32), n_groups: u64, n_usual: u64) -> GroupDifference {
        let template = TemplateName { id: "1".to_owned(), text: "read <*> rows".to_owned() };
        GroupDifference::Count { template, n, usual, n_groups, n_usual }
    }

    #[track_caller]
    fn check(difference: &GroupDifference, sort: Sort, phrase: &str) {
        assert_eq!((difference.sort(), difference.phrase(1000).as_str()), (sort, phrase));
    }

    #[test]
    fn a_difference_is_told_in_plain_words() {
        check(&count(0, (1, 1), 3, 980), Sort::Missing, "‘read … rows’, which 98 % of the groups have");
        check(&count(4, (0, 0), 3, 990), Sort::More, "‘read … rows’ ×4, which 3 of 1,000 groups have");
        check(&count(4, (0, 0), 1, 999), Sort::More, "‘read … rows’ ×4, which no other group has");
        check(&count(40, (2, 2), 3, 990), Sort::More, "‘read … rows’ ×40, usually 2");
        check(&count(1, (6, 7), 3, 990), Sort::Fewer, "‘read … rows’ ×1, usually 6 to 7");
        let named = |text: &str| Some(TemplateName { id: "2".to_owned(), text: text.to_owned() });
        let step = |from, to| GroupDifference::Step { from, to, n_from: 500, n_groups: 2 };
        check(
            &step(named("begin"), named("end")),
            Sort::Order,
            "‘end’ comes right after ‘begin’, as in 2 of 500 groups with that",
        );
        check(&step(named("begin"), None), Sort::Order, "‘begin’ comes last, as in 2 of 500 groups with it");
        check(&step(None, named("end")), Sort::Order, "‘end’ comes first, as in 2 of 1,000 groups");
    }
}
