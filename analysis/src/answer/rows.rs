//! Tables in memory, and the stages that go on with one: `where`, `sort`, `limit`, `fields`, `dedup`, and grouping anew.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashSet;

use model::entry::RowKey;
use model::quantity::{Quantity, Unit};
use model::query::{Aggregate, Levels, Measure, Present, SortKey, Stage, is_level_name};
use model::table::{Cell, Column, ColumnRole};
use model::time::Nanos;

use super::block::{Amounts, Numbered};
use super::condition::{ColumnTest, Condition};
use super::extract::Extractor;
use super::groups::Groups;
use super::measures::{Fields, Measures};
use crate::block::Corrupt;

#[derive(Clone, Debug, Default)]
pub struct Rows {
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
}

#[derive(Clone, Debug)]
pub struct Row {
    pub cells: Vec<Cell>,
    pub seed: Seed,
}

/// Where a row comes from: the way back to its entries grows from it.
#[derive(Clone, Debug)]
pub enum Seed {
    /// A group of entries.
    Group(u32),
    Entry(RowKey),
    /// Entries with these values, as far as is known.
    Values(Vec<(String, Option<String>)>),
}

/// A cell, ready to be compared.
#[derive(Clone, Debug, PartialEq)]
pub enum Sortable {
    /// To the nanosecond, which a floating point number does not tell.
    Time(Nanos),
    Number(f64),
    Text(String),
    /// Comes last in either direction.
    Nothing,
}

impl Rows {
    /// The place of a column: by its name, its name but for case, or the measure that alone has this name (`p95` for
    /// `p95(took)`). Of two that are called the same, as in `count by count`, the measure.
    pub fn find(&self, name: &str) -> Option<usize> {
        let place = |is_it: &dyn Fn(&str) -> bool| {
            let is_measure = |column: &Column| column.role == ColumnRole::Measure;
            let measure = self.columns.iter().position(|column| is_measure(column) && is_it(&column.name));
            measure.or_else(|| self.columns.iter().position(|column| is_it(&column.name)))
        };
        let alone = || {
            let begins = |column: &&Column| column.name.split('(').next() == Some(name) && column.name.ends_with(')');
            let mut found = self.columns.iter().enumerate().filter(|(_, column)| begins(column));
            found.next().filter(|_| found.next().is_none()).map(|(place, _)| place)
        };
        // `dc(user)` is called `distinct(user)`.
        let spelled = || {
            let (what, field) = name.split_once('(')?;
            let name = format!("{}({field}", Aggregate::read(what)?);
            self.columns.iter().position(|column| column.name == name)
        };
        place(&|other| other == name)
            .or_else(|| place(&|other| other.eq_ignore_ascii_case(name)))
            .or_else(alone)
            .or_else(spelled)
    }

    /// What a stage makes of this table. What it cannot do is told, and then leaves the table as it is.
    pub fn apply(self, stage: &Stage, present: &Present, problems: &mut Vec<String>) -> Result<Self, Corrupt> {
        match stage {
            Stage::Where(expr) => Ok(self.filtered(&Condition::new(expr, present, problems), problems)),
            Stage::Sort { by } => Ok(self.sorted(by, problems)),
            Stage::Limit(n) => {
                let mut table = self;
                table.rows.truncate(*n as usize);
                Ok(table)
            }
            Stage::Fields { names } => Ok(self.projected(names, problems)),
            Stage::Dedup { by } => Ok(self.deduplicated(by, problems)),
            Stage::Extract { from, pattern } => match Extractor::new(from.as_deref(), pattern) {
                Ok(extractor) => Ok(self.extracted(&extractor, problems)),
                Err(problem) => {
                    problems.push(problem);
                    Ok(self)
                }
            },
            Stage::Stats { measures, by } => self.grouped(measures, by, problems),
            Stage::Top { n, by } | Stage::Rare { n, by } => {
                let mut table = self.grouped(&[Measure::count()], by, problems)?;
                let is_rare = matches!(stage, Stage::Rare { .. });
                let count = table.columns.len() - 1;
                table.sort_by_place(&[(count, !is_rare)]);
                table.rows.truncate(*n as usize);
                Ok(table)
            }
            Stage::Timeline { .. } => {
                problems.push("A timeline is of entries: it stands before other tables.".to_owned());
                Ok(self)
            }
        }
    }

    fn place(&self, name: &str, problems: &mut Vec<String>) -> Option<usize> {
        let place = self.find(name);
        if place.is_none() {
            problems.push(format!("There is no column “{name}” at this point."));
        }
        place
    }

    fn filtered(mut self, condition: &Condition, problems: &mut Vec<String>) -> Self {
        let mut names = Vec::new();
        condition.names(&mut names);
        for name in names {
            self.place(name, problems);
        }
        let Self { columns, rows } = &mut self;
        let shown = Self { columns: columns.clone(), rows: Vec::new() };
        let holds = |row: &Row| {
            let column = |test: &ColumnTest| {
                let Some(place) = shown.find(&test.name) else { return false };
                let unit = shown.columns[place].unit;
                match &row.cells[place] {
                    Cell::Nothing => false,
                    Cell::Time(time) if test.asks_for_time() => test.holds_for_time(*time),
                    Cell::Number(amount) => test.holds_for_amount(Quantity { amount: *amount, unit }),
                    cell => test.holds_for_text(&cell.to_string()),
                }
            };
            let any = |test: &crate::search::ValueTest| {
                row.cells.iter().any(|cell| *cell != Cell::Nothing && test.holds_for_text(&cell.to_string()))
            };
            condition.holds(&column, &any)
        };
        rows.retain(holds);
        self
    }

    fn sorted(mut self, by: &[SortKey], problems: &mut Vec<String>) -> Self {
        let places: Vec<(usize, bool)> =
            by.iter().filter_map(|key| Some((self.place(&key.name, problems)?, key.is_descending))).collect();
        self.sort_by_place(&places);
        self
    }

    /// Stable. `by`: columns, and whether the largest come first.
    pub fn sort_by_place(&mut self, by: &[(usize, bool)]) {
        let key = |row: &Row| -> Vec<Sortable> {
            by.iter().map(|&(place, _)| sortable(&self.columns[place].name, &row.cells[place])).collect()
        };
        let mut keyed: Vec<(Vec<Sortable>, Row)> = Vec::with_capacity(self.rows.len());
        for row in std::mem::take(&mut self.rows) {
            keyed.push((key(&row), row));
        }
        keyed.sort_by(|(a, _), (b, _)| {
            let directions = by.iter().map(|&(_, is_descending)| is_descending);
            compare_all(a, b, directions)
        });
        self.rows = keyed.into_iter().map(|(_, row)| row).collect();
    }

    fn projected(self, names: &[String], problems: &mut Vec<String>) -> Self {
        let places: Vec<usize> = names.iter().filter_map(|name| self.place(name, problems)).collect();
        if places.is_empty() {
            return self;
        }
        let columns = places.iter().map(|&place| self.columns[place].clone()).collect();
        let rows = self.rows.into_iter().map(|row| {
            let cells = places.iter().map(|&place| row.cells[place].clone()).collect();
            Row { cells, seed: row.seed }
        });
        Self { columns, rows: rows.collect() }
    }

    fn deduplicated(mut self, by: &[String], problems: &mut Vec<String>) -> Self {
        let mut places: Vec<usize> = by.iter().filter_map(|name| self.place(name, problems)).collect();
        if places.is_empty() {
            if !by.is_empty() {
                return self;
            }
            places = (0..self.columns.len()).collect();
        }
        let mut seen = HashSet::new();
        let text = |cell: &Cell| (*cell != Cell::Nothing).then(|| cell.to_string());
        self.rows.retain(|row| seen.insert(places.iter().map(|&place| text(&row.cells[place])).collect::<Vec<_>>()));
        self
    }

    fn extracted(mut self, extractor: &Extractor, problems: &mut Vec<String>) -> Self {
        let Some(place) = self.place(&extractor.from, problems) else { return self };
        for (name, _) in &extractor.names {
            self.columns.push(Column { name: name.clone(), role: ColumnRole::Key, unit: Unit::Plain });
        }
        for row in &mut self.rows {
            let text = row.cells[place].to_string();
            let found = extractor.find(&text).unwrap_or_else(|| vec![None; extractor.names.len()]);
            row.cells.extend(found.into_iter().map(|value| value.map_or(Cell::Nothing, Cell::Text)));
        }
        self
    }

    fn grouped(self, measures: &[Measure], by: &[String], problems: &mut Vec<String>) -> Result<Self, Corrupt> {
        for name in by.iter().chain(measures.iter().map(|measure| &measure.field)).filter(|name| !name.is_empty()) {
            self.place(name, problems);
        }
        let (mut groups, mut measured) = (Groups::new(by, None), Measures::new(measures));
        let all: Vec<u32> = (0..self.rows.len() as u32).collect();
        groups.ensure_one();
        let group_of = groups.assign(&self, &all, None)?;
        measured.add(&self, &all, &group_of, groups.len())?;
        let is_key = |name: &String| self.find(name).is_some_and(|place| self.columns[place].role == ColumnRole::Key);
        let known: Vec<bool> = by.iter().map(is_key).collect();
        let mut table = group_rows(&groups, &measured);
        for (group, row) in table.rows.iter_mut().enumerate() {
            let values = groups.by.iter().enumerate().filter(|&(field, _)| known[field]);
            let values = values.map(|(field, name)| (name.clone(), groups.value(group, field).map(str::to_owned)));
            row.seed = Seed::Values(values.collect());
        }
        table.sort_by_measure();
        Ok(table)
    }

    /// The largest first measure first, then by the values that rows are grouped by.
    pub fn sort_by_measure(&mut self) {
        let is_measure = |column: &Column| column.role == ColumnRole::Measure;
        let n_keys = self.columns.iter().take_while(|column| !is_measure(column)).count();
        let measure = (n_keys < self.columns.len()).then_some((n_keys, true));
        let by: Vec<(usize, bool)> = measure.into_iter().chain((0..n_keys).map(|place| (place, false))).collect();
        self.sort_by_place(&by);
    }
}

/// A row for each group, in the order they were found.
pub fn group_rows(groups: &Groups, measures: &Measures) -> Rows {
    Rows {
        columns: group_columns(groups, measures),
        rows: (0..groups.len()).map(|group| group_row(groups, measures, group)).collect(),
    }
}

pub fn group_columns(groups: &Groups, measures: &Measures) -> Vec<Column> {
    let key = |name: &String| Column { name: name.clone(), role: ColumnRole::Key, unit: Unit::Plain };
    let mut columns: Vec<Column> = groups.by.iter().map(key).collect();
    for (place, measure) in measures.list().iter().enumerate() {
        let role = if measures.is_time(place) { ColumnRole::Instant } else { ColumnRole::Measure };
        columns.push(Column { name: measure.name(), role, unit: measures.unit(place) });
    }
    columns
}

pub fn group_row(groups: &Groups, measures: &Measures, group: usize) -> Row {
    let key = |field| groups.value(group, field).map_or(Cell::Nothing, |value| Cell::Text(value.to_owned()));
    let keys = (0..groups.by.len()).map(key);
    let cells = keys.chain((0..measures.list().len()).map(|place| measures.cell(place, group))).collect();
    Row { cells, seed: Seed::Group(group as u32) }
}

impl Fields for Rows {
    fn numbered(&self, name: &str) -> Result<Numbered<'_>, Corrupt> {
        let place = self.find(name);
        let text = |row: &Row| match &row.cells[place?] {
            Cell::Nothing => None,
            cell => Some(cell.to_string()),
        };
        Ok(Numbered::of(self.rows.iter().map(text)))
    }

    fn amounts(&self, name: &str) -> Result<Amounts, Corrupt> {
        let Some(place) = self.find(name) else {
            return Ok(Amounts { amounts: vec![f64::NAN; self.rows.len()], unit: Unit::Plain });
        };
        if self.columns[place].role == ColumnRole::Key {
            return Ok(self.numbered(name)?.amounts());
        }
        let amount = |row: &Row| match row.cells[place] {
            Cell::Count(number) => number as f64,
            Cell::Number(number) => number,
            _ => f64::NAN,
        };
        Ok(Amounts { amounts: self.rows.iter().map(amount).collect(), unit: self.columns[place].unit })
    }

    fn times(&self, name: &str) -> Option<Vec<Option<Nanos>>> {
        let place = self.find(name)?;
        let time = |row: &Row| match row.cells[place] {
            Cell::Time(time) => Some(time),
            _ => None,
        };
        let times: Vec<Option<Nanos>> = self.rows.iter().map(time).collect();
        times.iter().any(Option::is_some).then_some(times)
    }
}

/// Numbers by what they measure, levels by their rank, other texts as they are written.
pub fn sortable(column: &str, cell: &Cell) -> Sortable {
    match cell {
        Cell::Nothing => Sortable::Nothing,
        Cell::Count(number) => Sortable::Number(*number as f64),
        Cell::Number(number) => Sortable::Number(*number),
        Cell::Time(time) => Sortable::Time(*time),
        Cell::Text(text) => sortable_text(column, text.into()),
    }
}

pub fn sortable_text(column: &str, text: Cow<'_, str>) -> Sortable {
    if is_level_name(column)
        && let Some(levels) = Levels::read(&text)
    {
        return Sortable::Number(f64::from(levels.lowest.0));
    }
    match Quantity::read(&text) {
        Some(quantity) => Sortable::Number(quantity.amount),
        None => Sortable::Text(text.into_owned()),
    }
}

/// Times come before numbers, those before texts, what is absent comes last in either direction.
fn compare(a: &Sortable, b: &Sortable, is_descending: bool) -> Ordering {
    let order = match (a, b) {
        (Sortable::Nothing, Sortable::Nothing) => return Ordering::Equal,
        (Sortable::Nothing, _) => return Ordering::Greater,
        (_, Sortable::Nothing) => return Ordering::Less,
        (Sortable::Time(a), Sortable::Time(b)) => a.cmp(b),
        (Sortable::Time(_), _) => Ordering::Less,
        (_, Sortable::Time(_)) => Ordering::Greater,
        (Sortable::Number(a), Sortable::Number(b)) => a.total_cmp(b),
        (Sortable::Text(a), Sortable::Text(b)) => a.cmp(b),
        (Sortable::Number(_), Sortable::Text(_)) => Ordering::Less,
        (Sortable::Text(_), Sortable::Number(_)) => Ordering::Greater,
    };
    if is_descending { order.reverse() } else { order }
}

pub fn compare_all(a: &[Sortable], b: &[Sortable], directions: impl Iterator<Item = bool>) -> Ordering {
    let orders = a.iter().zip(b).zip(directions).map(|((a, b), is_descending)| compare(a, b, is_descending));
    orders.fold(Ordering::Equal, Ordering::then)
}
