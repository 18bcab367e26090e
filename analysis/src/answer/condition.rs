//! Conditions behind `where`: a filter's expression over the values of rows.
//!
//! Fields are tested as in a filter: numbers with units by what they measure (`avg(took)>250ms`), levels by their rank (of a
//! table only the band is known), sources by their paths, times as instants. Words stand for rows in which some value has them.

use model::quantity::{self, Quantity, Written};
use model::query::{Comparison, Expr, Levels, Present, Test, TimeTest, is_level_name, is_time_name};
use model::severity::Severity;
use model::time::Nanos;

use crate::search::{Bitmap, LevelTest, PathPattern, ValueTest, is_as_wanted};

pub enum Condition {
    All,
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
    Column(ColumnTest),
    /// Some column passes.
    Any(ValueTest),
}

pub struct ColumnTest {
    pub name: String,
    test: ValueTest,
    compared: Option<Compared>,
    /// What `time` is asked for.
    time: Option<TimeTest>,
    /// What `level` is asked for.
    level: Option<LevelTest>,
    /// What `source` is asked for.
    path: Option<PathPattern>,
}

struct Compared {
    comparison: Comparison,
    wanted: Option<Written>,
}

impl Condition {
    /// What cannot be read passes every row, and is told as a sentence.
    pub fn new(expr: &Expr, present: &Present, problems: &mut Vec<String>) -> Self {
        let mut list = |exprs: &[Expr]| exprs.iter().map(|expr| Self::new(expr, present, problems)).collect::<Vec<_>>();
        match expr {
            Expr::All => Self::All,
            Expr::And(exprs) => Self::And(list(exprs)),
            Expr::Or(exprs) => Self::Or(list(exprs)),
            Expr::Not(expr) => Self::Not(Box::new(Self::new(expr, present, problems))),
            Expr::Word(text) | Expr::Phrase(text) => Self::any(&Test::Is(text.clone()), problems),
            Expr::Prefix(text) => Self::any(&Test::StartsWith(text.clone()), problems),
            Expr::Regex(expression) => Self::any(&Test::Matches(expression.clone()), problems),
            Expr::Field { name, test } => match ValueTest::of_field(name, test) {
                Ok(value_test) => {
                    let compared = match test {
                        Test::Compare(comparison, wanted) => {
                            Some(Compared { comparison: *comparison, wanted: Written::read(wanted) })
                        }
                        _ => None,
                    };
                    let time = if is_time_name(name) { TimeTest::new(test, present) } else { None };
                    let level = if is_level_name(name) { LevelTest::new(test).ok() } else { None };
                    let is_source = name.eq_ignore_ascii_case("source");
                    let path = if is_source { PathPattern::of_test(test) } else { None };
                    Self::Column(ColumnTest { name: name.clone(), test: value_test, compared, time, level, path })
                }
                Err(reason) => {
                    problems.push(format!("The expression for {name} is left out: {reason}."));
                    Self::All
                }
            },
        }
    }

    fn any(test: &Test, problems: &mut Vec<String>) -> Self {
        match ValueTest::new(test) {
            Ok(test) => Self::Any(test),
            Err(reason) => {
                problems.push(format!("An expression is left out: {reason}."));
                Self::All
            }
        }
    }

    /// Columns that it asks for.
    pub fn names<'c>(&'c self, names: &mut Vec<&'c str>) {
        match self {
            Self::And(list) | Self::Or(list) => list.iter().for_each(|part| part.names(names)),
            Self::Not(part) => part.names(names),
            Self::Column(test) => names.push(&test.name),
            Self::All | Self::Any(_) => {}
        }
    }

    /// Whether it asks for the time or the severity of entries.
    pub fn needs_columns(&self) -> bool {
        match self {
            Self::And(list) | Self::Or(list) => list.iter().any(Self::needs_columns),
            Self::Not(part) => part.needs_columns(),
            Self::Column(test) => test.asks_for_time() || test.asks_for_level(),
            Self::All | Self::Any(_) => false,
        }
    }

    pub fn has_words(&self) -> bool {
        match self {
            Self::And(list) | Self::Or(list) => list.iter().any(Self::has_words),
            Self::Not(part) => part.has_words(),
            Self::Any(_) => true,
            Self::All | Self::Column(_) => false,
        }
    }

    /// Whether it holds for a row. `column`: whether the row passes the test of a column; `any`: whether some value does.
    pub fn holds(&self, column: &dyn Fn(&ColumnTest) -> bool, any: &dyn Fn(&ValueTest) -> bool) -> bool {
        match self {
            Self::All => true,
            Self::And(list) => list.iter().all(|part| part.holds(column, any)),
            Self::Or(list) => list.iter().any(|part| part.holds(column, any)),
            Self::Not(part) => !part.holds(column, any),
            Self::Column(test) => column(test),
            Self::Any(test) => any(test),
        }
    }

    /// The entries of a block it holds for. `passing`: the entries that pass the test of a column, or of any.
    pub fn entries<E>(
        &self,
        n_entries: usize,
        passing: &mut dyn FnMut(Part<'_>) -> Result<Bitmap, E>,
    ) -> Result<Bitmap, E> {
        Ok(match self {
            Self::All => Bitmap::all(n_entries),
            Self::And(list) => {
                let mut found = Bitmap::all(n_entries);
                for part in list {
                    found.and(&part.entries(n_entries, passing)?);
                }
                found
            }
            Self::Or(list) => {
                let mut found = Bitmap::none(n_entries);
                for part in list {
                    found.or(&part.entries(n_entries, passing)?);
                }
                found
            }
            Self::Not(part) => {
                let mut found = part.entries(n_entries, passing)?;
                found.not();
                found
            }
            Self::Column(test) => passing(Part::Column(test))?,
            Self::Any(test) => passing(Part::Any(test))?,
        })
    }
}

/// A test at a leaf of a condition.
pub enum Part<'c> {
    Column(&'c ColumnTest),
    Any(&'c ValueTest),
}

impl ColumnTest {
    pub fn asks_for_time(&self) -> bool {
        self.time.is_some()
    }

    pub fn asks_for_level(&self) -> bool {
        self.level.is_some()
    }

    pub fn holds_for_severity(&self, severity: Severity) -> bool {
        self.level.as_ref().is_some_and(|test| test.holds(severity))
    }

    /// For a value that was extracted under this name: it is no path of a source.
    pub fn holds_for_extracted(&self, text: &str) -> bool {
        if self.path.is_some() { self.test.holds_for_text(text) } else { self.holds_for_text(text) }
    }

    /// Whether it compares with something that has a unit.
    pub fn asks_for_unit(&self) -> bool {
        self.test.asks_for_unit()
    }

    pub fn holds_for_time(&self, time: Nanos) -> bool {
        self.time.is_some_and(|test| test.holds(time))
    }

    pub fn holds_for_text(&self, text: &str) -> bool {
        if let (Some(wanted), Some(value)) = (&self.level, Levels::read(text)) {
            return wanted.holds(value.lowest);
        }
        if let Some(path) = &self.path {
            return path.matches(text);
        }
        self.test.holds_for_text(text)
    }

    /// For a number of a column that may have a unit.
    pub fn holds_for_amount(&self, value: Quantity) -> bool {
        if let Some(compared) = &self.compared
            && let Some(wanted) = compared.wanted
        {
            let value = Written { quantity: value, number: value.amount };
            return is_as_wanted(quantity::compare(&self.name, value, wanted), compared.comparison);
        }
        self.test.holds_for_text(&value.amount.to_string())
    }
}
