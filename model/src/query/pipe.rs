//! What follows the filter: stages that make a table of entries, each going on with what the one before it gave.
//!
//! ```text
//! status>=500 | extract "order {order}" | count by path, order | where count>10 | sort -count | limit 20
//! ```
//! `docs/query.md` has every stage with examples. Printing a query and reading it again gives the same query.

use std::fmt::{Display, Formatter, Result};

use serde::{Deserialize, Serialize};

use super::Expr;
use super::own::own_field;
use super::print::quoted;

/// The whole text of the search box.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Query {
    pub filter: Expr,
    pub stages: Vec<Stage>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Stage {
    /// `count by service, level`, `stats avg(took), p95 by path`: a row for each group, the largest first measure first.
    Stats { measures: Vec<Measure>, by: Vec<String> },
    /// `timeline 1m by status`: a row for each span of time and group, in time order, then as with `stats`.
    Timeline {
        /// `None`: the narrowest round width that gives a picture's worth of spans.
        width_nanos: Option<i64>,
        measures: Vec<Measure>,
        by: Vec<String>,
    },
    /// `top 20 path`: the values that most entries have, and their share.
    Top { n: u32, by: Vec<String> },
    /// `rare 20 user`: the values that fewest entries have.
    Rare { n: u32, by: Vec<String> },
    /// `fields a, b`: these columns and no others.
    Fields { names: Vec<String> },
    /// `sort -count, path`
    Sort { by: Vec<SortKey> },
    /// `dedup path`: the first row of each value; without names the first of rows that are the same.
    Dedup { by: Vec<String> },
    /// `extract "took {ms} ms"`, `extract path /v(?<version>\d+)/`: new fields out of the message or another field.
    Extract { from: Option<String>, pattern: Extraction },
    /// `where count>10`: rows that this holds for.
    Where(Expr),
    /// `limit 20`: the first rows.
    Limit(u32),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Extraction {
    /// Text with `{name}` where a value stands.
    Template(String),
    /// A regular expression with named groups.
    Regex(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    pub what: Aggregate,
    /// Empty for [`Aggregate::Count`].
    pub field: String,
    /// `avg(took) as mean`
    pub alias: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Aggregate {
    Count,
    /// How many different values.
    Distinct,
    Sum,
    Average,
    Min,
    Max,
    /// In hundredths of a percent: 9990 is `p99.9`.
    Percentile(u16),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SortKey {
    pub name: String,
    pub is_descending: bool,
}

/// `top path` without a number.
pub const DEFAULT_TOP: u32 = 10;

/// Words that begin a stage.
pub const STAGES: &[&str] =
    &["count", "timeline", "top", "rare", "stats", "fields", "sort", "dedup", "extract", "where", "limit"];

impl Measure {
    pub fn count() -> Self {
        Self { what: Aggregate::Count, field: String::new(), alias: None }
    }

    /// Name of the column: the alias, else as it is written: `count`, `p95(took)`.
    pub fn name(&self) -> String {
        match &self.alias {
            Some(alias) => alias.clone(),
            None if self.field.is_empty() => self.what.to_string(),
            None => format!("{}({})", self.what, self.field),
        }
    }
}

impl Aggregate {
    /// Reads `avg`, `p99.9`, or another name people know it by.
    pub fn read(word: &str) -> Option<Self> {
        let lower = word.to_ascii_lowercase();
        Some(match lower.as_str() {
            "count" => Self::Count,
            "distinct" | "dc" | "unique" => Self::Distinct,
            "sum" => Self::Sum,
            "avg" | "average" | "mean" => Self::Average,
            "min" => Self::Min,
            "max" => Self::Max,
            "median" => Self::Percentile(5000),
            _ => {
                let (whole, part) = lower.strip_prefix('p')?.split_once('.').unwrap_or((&lower[1..], ""));
                let are_digits =
                    |text: &str, most: usize| text.len() <= most && text.bytes().all(|b| b.is_ascii_digit());
                if whole.is_empty() || !are_digits(whole, 3) || !are_digits(part, 2) || lower.ends_with('.') {
                    return None;
                }
                let hundredths: u16 = format!("{whole}{part:0<2}").parse().ok()?;
                (hundredths <= 10_000).then_some(Self::Percentile(hundredths))?
            }
        })
    }
}

impl Display for Aggregate {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Count => f.write_str("count"),
            Self::Distinct => f.write_str("distinct"),
            Self::Sum => f.write_str("sum"),
            Self::Average => f.write_str("avg"),
            Self::Min => f.write_str("min"),
            Self::Max => f.write_str("max"),
            Self::Percentile(hundredths) if hundredths % 100 == 0 => write!(f, "p{}", hundredths / 100),
            Self::Percentile(hundredths) => {
                let part = format!("{:02}", hundredths % 100);
                write!(f, "p{}.{}", hundredths / 100, part.trim_end_matches('0'))
            }
        }
    }
}

impl Stage {
    /// Names of the fields or columns that it speaks of.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        match self {
            Self::Stats { measures, by } | Self::Timeline { measures, by, .. } => {
                names.extend(by.iter().map(String::as_str));
                names.extend(measures.iter().map(|measure| &*measure.field).filter(|field| !field.is_empty()));
            }
            Self::Top { by, .. } | Self::Rare { by, .. } | Self::Dedup { by } | Self::Fields { names: by } => {
                names.extend(by.iter().map(String::as_str));
            }
            Self::Sort { by } => names.extend(by.iter().map(|key| &*key.name)),
            Self::Extract { from, .. } => names.extend(from.as_deref()),
            Self::Where(condition) => condition.names(&mut names),
            Self::Limit(_) => {}
        }
        names
    }
}

impl Expr {
    /// Adds the names of the fields that it asks about.
    fn names<'e>(&'e self, names: &mut Vec<&'e str>) {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.names(names)),
            Self::Not(inner) => inner.names(names),
            Self::Field { name, .. } => names.push(name),
            _ => {}
        }
    }
}

impl Query {
    /// Names of the fields or columns that filter and stages speak of.
    pub fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.filter.names(&mut names);
        names.extend(self.stages.iter().flat_map(Stage::names));
        names
    }
}

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}", self.filter)?;
        for (i, stage) in self.stages.iter().enumerate() {
            let separator = if i == 0 && self.filter == Expr::All { "| " } else { " | " };
            write!(f, "{separator}{stage}")?;
        }
        Ok(())
    }
}

impl Display for Stage {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Stats { measures, by } if *measures == [Measure::count()] => write!(f, "count{}", By(by)),
            Self::Stats { measures, by } => write!(f, "stats {}{}", list(measures), By(by)),
            Self::Timeline { width_nanos, measures, by } => {
                f.write_str("timeline")?;
                if let Some(width) = width_nanos {
                    write!(f, " {}", written_width(*width))?;
                }
                if *measures != [Measure::count()] {
                    write!(f, " {}", list(measures))?;
                }
                write!(f, "{}", By(by))
            }
            Self::Top { n, by } => write!(f, "top {n} {}", names(by)),
            Self::Rare { n, by } => write!(f, "rare {n} {}", names(by)),
            Self::Fields { names: shown } => write!(f, "fields {}", names(shown)),
            Self::Sort { by } => write!(f, "sort {}", list(by)),
            Self::Dedup { by } if by.is_empty() => f.write_str("dedup"),
            Self::Dedup { by } => write!(f, "dedup {}", names(by)),
            Self::Extract { from, pattern } => {
                f.write_str("extract ")?;
                if let Some(from) = from {
                    write!(f, "{} ", name(from))?;
                }
                match pattern {
                    Extraction::Template(template) => f.write_str(&quoted(template)),
                    Extraction::Regex(pattern) => write!(f, "/{pattern}/"),
                }
            }
            Self::Where(Expr::All) => f.write_str("where *"),
            Self::Where(expr) => write!(f, "where {expr}"),
            Self::Limit(n) => write!(f, "limit {n}"),
        }
    }
}

impl Display for Measure {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}", self.what)?;
        if !self.field.is_empty() {
            write!(f, "({})", name(&self.field))?;
        }
        match &self.alias {
            Some(alias) => write!(f, " as {}", name(alias)),
            None => Ok(()),
        }
    }
}

impl Display for SortKey {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}{}", if self.is_descending { "-" } else { "" }, name(&self.name))
    }
}

struct By<'a>(&'a [String]);

impl Display for By<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, " by {}", names(self.0)) }
    }
}

fn list<T: Display>(parts: &[T]) -> String {
    parts.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
}

fn names(names: &[String]) -> String {
    names.iter().map(|text| name(text)).collect::<Vec<_>>().join(", ")
}

/// In quotes unless it reads as a name without them.
fn name(text: &str) -> String {
    if reads_as_name(text) { text.to_owned() } else { quoted(text) }
}

/// Words that mean something between names.
pub(super) const NAME_KEYWORDS: [&str; 4] = ["by", "as", "asc", "desc"];

/// `status`, `http.status`, `p95(took)`: what a list of names takes without quotes.
fn reads_as_name(text: &str) -> bool {
    let is_name_char = |c: char| c.is_alphanumeric() || matches!(c, '_' | '@' | '$' | '.' | '-' | '/');
    let begins_well = |text: &str| text.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '@' | '$'));
    let is_plain = |text: &str| begins_well(text) && text.chars().all(is_name_char);
    let is_call = || {
        let inner = text.strip_suffix(')').and_then(|text| text.split_once('('));
        inner.is_some_and(|(what, field)| Aggregate::read(what).is_some() && is_plain(field))
    };
    let is_keyword = NAME_KEYWORDS.iter().any(|keyword| text.eq_ignore_ascii_case(keyword));
    !is_keyword && (is_plain(text) || is_call() || own_field(text).is_some())
}

/// The widths that `timeline` takes, largest first.
pub(super) const WIDTHS: &[(&str, i64)] = &[
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

fn written_width(nanos: i64) -> String {
    let (unit, factor) = WIDTHS.iter().find(|(_, factor)| nanos % factor == 0).expect("the last factor is one");
    format!("{}{unit}", nanos / factor)
}
