//! The rows of a statement as a table: which columns are times, names or numbers, and what shows them best.

use std::collections::BTreeSet;

use model::protocol::Failure;
use model::quantity::Unit;
use model::table::{Cell, Column, ColumnRole, Drill, Picture, Table, TableRow};
use model::time::{NANOS_PER_SECOND, Nanos};
use rusqlite::Statement;
use rusqlite::types::ValueRef;

use super::empty;
use crate::store::{ENTRY_TYPE, Store, TIME_TYPE, key_of};

/// Text of one cell: an entry may be long, and a table shows its beginning.
const MOST_CELL_BYTES: usize = 64 << 10;
/// Text of all cells: the answer is one message.
const MOST_BYTES: usize = 16 << 20;
/// More bars than anybody compares, and more columns than a picture has room for.
const MOST_BARS: usize = 200;
const MOST_NAMES: usize = 2;
const MOST_MEASURES: usize = 3;
/// Whole seconds from 2000 to 2100, in nanoseconds: what a number must be to be taken for an instant that was worked out.
const INSTANTS: std::ops::Range<i64> = 946_684_800_000_000_000..4_102_444_800_000_000_000;

/// Words that instants are called by, beside those with "time" in them.
const TIME_WORDS: [&str; 9] = ["first", "last", "start", "end", "since", "until", "when", "seen", "at"];

/// What a column is as far as the statement says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Declared {
    Time,
    Entry,
    /// A column of a table, which has names in it even where they are numbers.
    Name,
    /// Worked out.
    Nothing,
}

pub struct Rows {
    names: Vec<String>,
    declared: Vec<Declared>,
    rows: Vec<TableRow>,
    /// There are no more.
    complete: bool,
    problems: Vec<String>,
}

impl Rows {
    /// `names`: what the columns are called.
    pub fn read(statement: &mut Statement<'_>, names: Vec<String>, most: usize) -> rusqlite::Result<Self> {
        let declared: Vec<Declared> = statement.columns().map(|column| declared_as(column.decl_type())).collect();
        let mut read = Self { names, declared, rows: Vec::new(), complete: true, problems: Vec::new() };
        let mut n_bytes = 0;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if n_bytes > MOST_BYTES {
                read.problems.push("These rows are all that fits into one answer: choose fewer columns.".to_owned());
            }
            if read.rows.len() == most || n_bytes > MOST_BYTES {
                read.complete = false;
                break;
            }
            let mut cells = Vec::with_capacity(read.declared.len());
            for (place, declared) in read.declared.iter().enumerate() {
                let cell = cell(row.get_ref(place)?, *declared);
                n_bytes += size_of::<Cell>() + if let Cell::Text(text) = &cell { text.len() } else { 0 };
                cells.push(cell);
            }
            read.rows.push(TableRow { cells, entries: Drill::Nowhere });
        }
        Ok(read)
    }

    /// A row that has the number of an entry leads to it.
    pub fn name_entries(&mut self, store: &mut Store) -> Result<(), Failure> {
        let Some(place) = self.declared.iter().position(|declared| *declared == Declared::Entry) else { return Ok(()) };
        for row in &mut self.rows {
            let number = if let Cell::Text(number) = &row.cells[place] { number.parse().ok() } else { None };
            let key = match number {
                Some(number) => key_of(&mut store.blocks, number)?,
                None => None,
            };
            row.entries = key.map_or(Drill::Nowhere, Drill::Entry);
        }
        Ok(())
    }

    pub fn into_table(mut self) -> Table {
        let mut columns: Vec<Column> = Vec::new();
        for (place, name) in self.names.iter().enumerate() {
            let role = self.role_of(place);
            if matches!(role, ColumnRole::Instant | ColumnRole::Time { .. }) {
                self.rows.iter_mut().for_each(|row| become_time(&mut row.cells[place]));
            }
            columns.push(Column { name: name.clone(), role, unit: Unit::Plain });
        }
        // Of numbers alone the first says what the others are of: a status, a size.
        if columns.len() > 1 && columns.iter().all(|column| column.role == ColumnRole::Measure) {
            columns[0].role = ColumnRole::Key;
        }
        if let Some(width_nanos) = self.width_of_first(&columns) {
            columns[0].role = ColumnRole::Time { width_nanos };
        }
        let mut table = Table { columns, n_rows: self.rows.len() as u64, complete: self.complete, ..empty() };
        table.picture = picture_of(&table.columns, &self.rows);
        table.rows = self.rows;
        table.problems = self.problems;
        table
    }

    fn role_of(&self, place: usize) -> ColumnRole {
        let cells = || self.rows.iter().map(|row| &row.cells[place]).filter(|cell| **cell != Cell::Nothing);
        let is_instant = |cell: &Cell| matches!(cell, Cell::Count(number) if INSTANTS.contains(&(*number as i64)) && number % NANOS_PER_SECOND as u64 == 0);
        // `min(time)` has no declared type, and its name says what it is of.
        let name = self.names[place].to_ascii_lowercase();
        let mut words = name.split(|c: char| !c.is_alphanumeric());
        let is_named_time = words.any(|word| word.contains("time") || TIME_WORDS.contains(&word));
        let in_range = |cell: &Cell| matches!(cell, Cell::Count(number) if INSTANTS.contains(&(*number as i64)));
        let has_some = cells().next().is_some();
        match self.declared[place] {
            Declared::Time => ColumnRole::Instant,
            Declared::Entry | Declared::Name => ColumnRole::Key,
            Declared::Nothing if has_some && is_named_time && cells().all(in_range) => ColumnRole::Instant,
            Declared::Nothing if has_some && cells().all(is_instant) => ColumnRole::Instant,
            Declared::Nothing => match cells().all(|cell| matches!(cell, Cell::Count(_) | Cell::Number(_))) {
                true => ColumnRole::Measure,
                false => ColumnRole::Key,
            },
        }
    }

    /// Instants at equal distances (but for gaps) with numbers beside them are spans of time.
    fn width_of_first(&self, columns: &[Column]) -> Option<i64> {
        let is_over_time = columns.first()?.role == ColumnRole::Instant
            && self.declared[0] == Declared::Nothing
            && columns.iter().any(|column| column.role == ColumnRole::Measure);
        let time = |row: &TableRow| if let Cell::Time(time) = row.cells[0] { Some(time.0) } else { None };
        let times: BTreeSet<i64> = self.rows.iter().filter(|_| is_over_time).filter_map(time).collect();
        let times: Vec<i64> = times.into_iter().collect();
        let width = times.windows(2).map(|pair| pair[1] - pair[0]).min()?;
        times.iter().all(|time| (time - times[0]) % width == 0).then_some(width)
    }
}

fn declared_as(decl_type: Option<&str>) -> Declared {
    match decl_type {
        Some(TIME_TYPE) => Declared::Time,
        Some(ENTRY_TYPE) => Declared::Entry,
        Some("") | None => Declared::Nothing,
        Some(_) => Declared::Name,
    }
}

fn cell(value: ValueRef<'_>, declared: Declared) -> Cell {
    match value {
        ValueRef::Null => Cell::Nothing,
        ValueRef::Integer(number) if matches!(declared, Declared::Entry | Declared::Name) => {
            Cell::Text(number.to_string())
        }
        ValueRef::Integer(number) if declared == Declared::Time => Cell::Time(Nanos(number)),
        ValueRef::Integer(number) => match u64::try_from(number) {
            Ok(number) => Cell::Count(number),
            Err(_) => Cell::Number(number as f64),
        },
        ValueRef::Real(number) => Cell::Number(number),
        ValueRef::Text(text) => Cell::Text(beginning(&String::from_utf8_lossy(text))),
        ValueRef::Blob(bytes) => Cell::Text(format!("({} bytes)", bytes.len())),
    }
}

fn beginning(text: &str) -> String {
    if text.len() <= MOST_CELL_BYTES {
        return text.to_owned();
    }
    let end = (0..=MOST_CELL_BYTES).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    format!("{}…", &text[..end])
}

fn become_time(cell: &mut Cell) {
    if let Cell::Count(number) = cell {
        *cell = Cell::Time(Nanos(*number as i64));
    }
}

/// Numbers over time are lines; numbers of some names, each once, are bars.
fn picture_of(columns: &[Column], rows: &[TableRow]) -> Picture {
    let has = |role: fn(&ColumnRole) -> bool| columns.iter().any(|column| role(&column.role));
    if !has(|role| *role == ColumnRole::Measure) || rows.len() < 2 {
        return Picture::Table;
    }
    if has(|role| matches!(role, ColumnRole::Time { .. })) {
        return Picture::Lines;
    }
    let keys: Vec<usize> = (0..columns.len()).filter(|&place| columns[place].role == ColumnRole::Key).collect();
    let name = |row: &TableRow| keys.iter().map(|&place| row.cells[place].to_string()).collect::<Vec<_>>();
    let n_measures = columns.iter().filter(|column| column.role == ColumnRole::Measure).count();
    let is_small = (1..=MOST_NAMES).contains(&keys.len()) && n_measures <= MOST_MEASURES;
    let is_of_names = is_small && !has(|role| *role == ColumnRole::Instant) && rows.len() <= MOST_BARS;
    let is_each_once = || rows.iter().map(name).collect::<BTreeSet<_>>().len() == rows.len();
    if is_of_names && is_each_once() { Picture::Bars } else { Picture::Table }
}
