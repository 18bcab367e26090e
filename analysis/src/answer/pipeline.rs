//! The stages of a query over a stream of blocks.
//!
//! Stages up to the first that needs all entries work entry by entry (`extract`, `where`); that one (`count`, `timeline`,
//! `sort`, …) keeps what it has so far; those behind it are run over its table each time that is asked for.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeSet;

use model::columns::{MESSAGE, USUAL};
use model::entry::RowKey;
use model::meaning::Meanings;
use model::quantity::{self, Unit};
use model::query::{DEFAULT_TOP, Measure, Present, Query, Stage, only_template, variable_name, variable_place};
use model::scope::{Filter, Order};
use model::table::{Cell, Column, ColumnRole, Drill, Picture, Table, TableRow};
use model::time::Nanos;

use super::block::{BlockView, Needs};
use super::condition::Condition;
use super::drill::Origin;
use super::entries::{Collector, TIME};
use super::extract::Extractor;
use super::groups::{Groups, MOST_KEYS, Spans, UNDATED};
use super::meant::needs_of;
use super::measures::Measures;
use super::opened::{NoEntries, Opened};
use super::rows::{Row, Rows, Seed, Sortable, compare_all, group_columns, group_row, sortable_text};
use crate::block::Corrupt;
use crate::fields::BlockFields;

/// Entries kept for the stages behind `sort` and the like.
const MOST_ENTRIES: usize = 50_000;
/// More groups are not made rows of while there are more to come.
const MANY_GROUPS: usize = 20_000;

pub struct Pipeline {
    steps: Vec<Step>,
    /// Of each step, how many entries came to it, and how many it found something in or let through.
    came_and_passed: Vec<(u64, u64)>,
    /// There were entries that no step saw, as they could not change the table.
    has_passed_over: bool,
    reducer: Reducer,
    /// Of groups the smallest come first, not the largest.
    are_rare_first: bool,
    rest: Vec<Stage>,
    present: Present,
    origin: Origin,
    max_rows: usize,
    /// Entries that came in.
    n_entries: u64,
    problems: Vec<String>,
}

/// What is done entry by entry.
enum Step {
    Extract(usize),
    Where {
        condition: Box<Condition>,
        /// As a query has it.
        written: String,
    },
}

enum Reducer {
    Groups { groups: Box<Groups>, measures: Measures, extractors: Vec<Extractor> },
    Entries { collector: Box<Collector>, extractors: Vec<Extractor> },
}

impl Pipeline {
    /// `auto_spans`: of a timeline that names no width.
    pub fn new(query: &Query, filter: &Filter, present: &Present, auto_spans: Spans, max_rows: usize) -> Self {
        let mut problems = Vec::new();
        let mut origin = Origin { filter: Some(query.filter.clone()), range: filter.range, ..Origin::default() };
        let (mut steps, mut extractors) = (Vec::new(), Vec::new());
        let mut shown: Option<Vec<String>> = None;
        let mut stages = query.stages.iter();
        let mut reducer = None;
        for stage in stages.by_ref() {
            match stage {
                Stage::Extract { from, pattern } => match Extractor::new(from.as_deref(), pattern) {
                    Ok(extractor) => {
                        steps.push(Step::Extract(extractors.len()));
                        extractors.push(extractor);
                    }
                    Err(problem) => problems.push(problem),
                },
                Stage::Where(expr) => {
                    // Quantities and words are tested otherwise than a filter does.
                    origin.is_nearly = true;
                    if extractors.is_empty() {
                        origin.conditions.push(expr.clone());
                    }
                    let condition = Box::new(Condition::new(expr, present, &mut problems));
                    steps.push(Step::Where { condition, written: expr.to_string() });
                }
                Stage::Fields { names } if shown.is_none() => shown = Some(names.clone()),
                other => {
                    reducer = Some(other);
                    break;
                }
            }
        }
        let mut rest: Vec<Stage> = stages.cloned().collect();
        let grouped = |by: &[String], measures: &[Measure], spans| (by.to_vec(), measures.to_vec(), spans);
        let groups = match reducer {
            Some(Stage::Stats { measures, by }) => Some(grouped(by, measures, None)),
            Some(Stage::Timeline { width_nanos, measures, by }) => {
                let width_nanos = width_nanos.unwrap_or(auto_spans.width_nanos).max(1);
                Some(grouped(by, measures, Some(Spans { width_nanos, ..auto_spans })))
            }
            Some(Stage::Top { by, .. } | Stage::Rare { by, .. }) => Some(grouped(by, &[Measure::count()], None)),
            _ => None,
        };
        let are_rare_first = matches!(reducer, Some(Stage::Rare { .. }));
        let reducer = match groups {
            Some((by, measures, spans)) => {
                if by.len() > MOST_KEYS {
                    problems
                        .push(format!("Entries are grouped by at most {MOST_KEYS} fields; the others are left out."));
                }
                if by.iter().any(|name| name == TIME) {
                    problems.push("Every entry has its own time: use timeline to group by spans of it.".to_owned());
                }
                if let Some(Stage::Top { n, .. } | Stage::Rare { n, .. }) = reducer {
                    rest.insert(0, Stage::Limit(*n));
                }
                let groups = Box::new(Groups::new(&by, spans));
                Reducer::Groups { groups, measures: Measures::new(&measures), extractors }
            }
            None => {
                let mut collector =
                    collector_for(reducer, &mut rest, shown.as_ref(), &extractors, filter.order, max_rows);
                rest.iter().for_each(|stage| ask_columns(stage, &mut collector.names, shown.is_some()));
                Reducer::Entries { collector: Box::new(collector), extractors }
            }
        };
        let (came_and_passed, present) = (vec![(0, 0); steps.len()], present.clone());
        let mut pipeline = Self {
            are_rare_first,
            steps,
            came_and_passed,
            has_passed_over: false,
            reducer,
            rest,
            present,
            origin,
            max_rows,
            n_entries: 0,
            problems,
        };
        if only_template(&query.filter).is_none()
            && let Some(&place) = pipeline.places().first()
        {
            pipeline.problems.push(format!(
                "{} is of each entry's own pattern: a filter for one pattern (template:…) says which is meant.",
                variable_name(place)
            ));
        }
        pipeline
    }

    pub fn needs(&self, fields: &BlockFields, meanings: &Meanings) -> Result<Needs, Corrupt> {
        for name in self.names() {
            if needs_of(name, meanings, fields)? == Needs::ColumnsAndText {
                return Ok(Needs::ColumnsAndText);
            }
        }
        let needs_columns =
            self.steps.iter().any(|step| matches!(step, Step::Where { condition, .. } if condition.needs_columns()));
        Ok(match &self.reducer {
            Reducer::Groups { groups, measures, .. }
                if groups.width_nanos().is_none() && !needs_columns && !measures.needs_times() =>
            {
                Needs::FieldsOnly
            }
            // Times and keys.
            Reducer::Groups { .. } | Reducer::Entries { .. } => Needs::Columns,
        })
    }

    /// Whether it asks for the templates of entries.
    pub fn needs_templates(&self) -> bool {
        self.names().iter().any(|name| name.eq_ignore_ascii_case("template"))
    }

    /// The places in templates whose values it asks for.
    pub fn places(&self) -> BTreeSet<usize> {
        self.names().into_iter().filter_map(variable_place).collect()
    }

    /// Fields that it asks for.
    fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for step in &self.steps {
            match step {
                Step::Extract(place) => names.push(self.extractors()[*place].from.as_str()),
                Step::Where { condition, .. } => {
                    condition.names(&mut names);
                    if condition.has_words() {
                        names.push("message");
                    }
                }
            }
        }
        match &self.reducer {
            Reducer::Groups { groups, measures, .. } => {
                names.extend(groups.by.iter().map(String::as_str));
                measures.names(&mut names);
            }
            Reducer::Entries { collector, .. } => collector.asked(&mut names),
        }
        names
    }

    fn extractors(&self) -> &[Extractor] {
        match &self.reducer {
            Reducer::Groups { extractors, .. } | Reducer::Entries { extractors, .. } => extractors,
        }
    }

    /// No entry between these keys can change the table; [`Pipeline::pass`] then says how many there are.
    pub fn can_pass(&self, lowest: RowKey, highest: RowKey) -> bool {
        let has_conditions = self.steps.iter().any(|step| matches!(step, Step::Where { .. }));
        match &self.reducer {
            Reducer::Entries { collector, .. } => !has_conditions && collector.has_no_room_for(lowest, highest),
            Reducer::Groups { .. } => false,
        }
    }

    pub fn pass(&mut self, n_entries: u64) {
        self.n_entries += n_entries;
        self.has_passed_over |= n_entries > 0;
        if let Reducer::Entries { collector, .. } = &mut self.reducer {
            collector.pass(n_entries);
        }
    }

    /// Takes the entries of a block in.
    pub fn add(&mut self, block: &BlockView<'_>) -> Result<(), Corrupt> {
        let mut entries = block.entries();
        self.n_entries += entries.len() as u64;
        let mut opened = Opened::new(block);
        let mut counts = std::mem::take(&mut self.came_and_passed);
        for (step, (n_came, n_passed)) in self.steps.iter().zip(&mut counts) {
            *n_came += entries.len() as u64;
            *n_passed += match step {
                Step::Extract(place) => opened.extract(&self.extractors()[*place], &entries)?,
                Step::Where { condition, .. } => {
                    let found = opened.passing(condition)?;
                    entries.retain(|&entry| found.has(entry as usize));
                    entries.len() as u64
                }
            };
        }
        self.came_and_passed = counts;
        match &mut self.reducer {
            Reducer::Groups { groups, measures, .. } => {
                // A filter finds what any of a meaning's fields says, a table counts the first.
                for meaning in groups.by.iter().filter_map(|name| block.meanings.named(name)) {
                    self.origin.is_nearly = self.origin.is_nearly || block.contradicts_itself(meaning)?;
                }
                let times = (!block.undated).then_some(block.columns.times.as_slice());
                let group_of = groups.assign(&opened, &entries, times)?;
                measures.add(&opened, &entries, &group_of, groups.len())
            }
            Reducer::Entries { collector, .. } => collector.add(&opened, &entries, |entry| block.key(entry)),
        }
    }

    /// There are so many groups that a table of them, for the stages behind, takes its time: not one to be made meanwhile.
    pub fn is_costly(&self) -> bool {
        match &self.reducer {
            Reducer::Groups { groups, .. } => groups.len() > MANY_GROUPS && !self.rest.is_empty(),
            Reducer::Entries { .. } => false,
        }
    }

    /// The answer so far.
    pub fn table(&mut self, is_complete: bool) -> Result<Table, Corrupt> {
        self.table_with(is_complete, Self::drill)
    }

    /// The answer once all entries went in, without the ways from its rows back to them.
    pub fn bare_table(&mut self) -> Result<Table, Corrupt> {
        self.table_with(true, |_, _| Drill::Nowhere)
    }

    fn table_with(&mut self, is_complete: bool, drill: impl Fn(&Self, &Row) -> Drill) -> Result<Table, Corrupt> {
        let mut problems = self.problems.clone();
        problems.extend(is_complete.then(|| self.dead_end()).flatten());
        let (mut percentile_error, mut distinct_error, mut n_entries_left_out) = (None, None, 0);
        let (mut table, n_left_out) = match &mut self.reducer {
            Reducer::Groups { groups, measures, .. } => {
                groups.ensure_one();
                measures.add(&NoEntries, &[], &[], groups.len())?;
                if is_complete && self.n_entries > 0 {
                    let in_words = |name| format!("No entry that was found has a number in “{name}”.");
                    problems.extend(measures.without_numbers().map(in_words));
                }
                n_entries_left_out = groups.n_left_out;
                (percentile_error, distinct_error) = (measures.percentile_error(), measures.distinct_error());
                let first = first_groups(groups, measures, self.are_rare_first, &self.rest, self.max_rows);
                (first, 0)
            }
            Reducer::Entries { collector, .. } => {
                let role = |name: &str| if name == TIME { ColumnRole::Instant } else { ColumnRole::Key };
                let column = |name: &String| Column { name: name.clone(), role: role(name), unit: Unit::Plain };
                let columns = collector.names.iter().map(column).collect();
                let rows = Rows { columns, rows: collector.rows() };
                let n_rows = collector.n_rows();
                let n_left_out = match collector.n_left_out() {
                    0 => n_missing(&self.rest, n_rows, rows.rows.len() as u64),
                    n => {
                        let n_kept = quantity::grouped(rows.rows.len() as u64);
                        problems
                            .push(format!("There are more than {n_kept} different values: how many is an estimate."));
                        n
                    }
                };
                (Counted { rows, n_rows }, n_left_out)
            }
        };
        for stage in &self.rest {
            table.rows = table.rows.apply(stage, &self.present, &mut problems)?;
            table.n_rows = match stage {
                // These neither add rows nor take any away, so that the number of those that were not made stays true.
                Stage::Sort { .. } | Stage::Fields { .. } | Stage::Extract { .. } => table.n_rows,
                Stage::Limit(n) => table.n_rows.min(u64::from(*n)),
                Stage::Where(condition) if is_complete && table.n_rows > 0 && table.rows.rows.is_empty() => {
                    let n_rows = quantity::grouped(table.n_rows);
                    problems.push(format!("None of the {n_rows} rows passes “where {condition}”."));
                    0
                }
                _ => table.rows.rows.len() as u64,
            };
        }
        problems.dedup();
        let Counted { mut rows, n_rows } = table;
        rows.rows.truncate(self.max_rows);
        let picture = picture_of(&rows.columns, rows.rows.len());
        let me = &*self;
        Ok(Table {
            rows: rows.rows.into_iter().map(|row| TableRow { entries: drill(me, &row), cells: row.cells }).collect(),
            columns: rows.columns,
            n_rows,
            n_entries: self.n_entries,
            complete: is_complete,
            picture,
            percentile_error,
            distinct_error,
            n_left_out,
            n_entries_left_out,
            problems,
        })
    }

    /// The first stage behind which there is nothing, though entries came to it. Of entries that were passed over nothing is known.
    fn dead_end(&self) -> Option<String> {
        if self.has_passed_over {
            return None;
        }
        let counts = self.steps.iter().zip(&self.came_and_passed);
        let (step, (n_came, _)) = counts.into_iter().find(|(_, (n_came, n_passed))| *n_came > 0 && *n_passed == 0)?;
        let n_came = quantity::grouped(*n_came);
        Some(match step {
            Step::Where { written, .. } => format!("None of the {n_came} entries passes “where {written}”."),
            Step::Extract(place) => {
                let Extractor { from, .. } = &self.extractors()[*place];
                format!(
                    "“extract” finds nothing in “{from}” of the {n_came} entries: its pattern matches none of them."
                )
            }
        })
    }

    fn drill(&self, row: &Row) -> Drill {
        match (&row.seed, &self.reducer) {
            (Seed::Entry(key), _) => Drill::Entry(*key),
            (Seed::Group(group), Reducer::Groups { groups, extractors, .. }) => {
                let group = *group as usize;
                let value =
                    |(field, name): (usize, &String)| (name.clone(), groups.value(group, field).map(str::to_owned));
                self.origin.drill(extractors, groups.by.iter().enumerate().map(value), groups.span(group))
            }
            (Seed::Values(values), _) => {
                let drill = self.origin.drill(self.extractors(), values.iter().cloned(), None);
                match drill {
                    // Stages between the entries and this table may have left some out.
                    Drill::Entries { query, range } => Drill::Nearly { query, range },
                    drill => drill,
                }
            }
            (Seed::Group(_), Reducer::Entries { .. }) => self.origin.drill(&[], std::iter::empty(), None),
        }
    }
}

/// Entries that stages behind would have to see, and that were not kept.
fn n_missing(rest: &[Stage], n_rows: u64, n_kept: u64) -> u64 {
    let n_wanted = match rest.first() {
        Some(Stage::Limit(n)) => n_rows.min(u64::from(*n)),
        _ => n_rows,
    };
    let sees_all = |stage: &Stage| {
        !matches!(stage, Stage::Sort { .. } | Stage::Fields { .. } | Stage::Extract { .. } | Stage::Limit(_))
    };
    if rest.iter().any(sees_all) { n_wanted.saturating_sub(n_kept) } else { 0 }
}

/// Rows, and how many there would be had all been made.
struct Counted {
    rows: Rows,
    n_rows: u64,
}

/// The first rows of a table of groups: all that the stages behind it, or whoever looks at it, can see.
fn first_groups(
    groups: &Groups,
    measures: &Measures,
    are_rare_first: bool,
    rest: &[Stage],
    max_rows: usize,
) -> Counted {
    let mut columns = group_columns(groups, measures);
    let n_rows = groups.len();
    let mut order: Vec<usize> = (0..n_rows).collect();
    let value = |group: usize, field: usize| match groups.value(group, field) {
        Some(value) => sortable_text(&groups.by[field], Cow::Borrowed(value)),
        None => Sortable::Nothing,
    };
    let sign = if are_rare_first { 1.0 } else { -1.0 };
    let in_order = |group: usize| match measures.cell(0, group) {
        Cell::Count(number) => sign * number as f64,
        Cell::Number(number) => sign * number,
        Cell::Time(time) => sign * time.0 as f64,
        _ => f64::INFINITY,
    };
    // Each as (start of its span, first measure): what nearly always decides, worked out once.
    let firsts: Vec<(i64, f64)> = order
        .iter()
        .map(|&group| match groups.start(group) {
            Some(start) if start == UNDATED => (i64::MAX, in_order(group)),
            start => (start.unwrap_or(0), in_order(group)),
        })
        .collect();
    let compare = |a: &usize, b: &usize| {
        let by_values = || {
            (0..groups.by.len()).fold(Ordering::Equal, |order, field| {
                order.then_with(|| compare_all(&[value(*a, field)], &[value(*b, field)], std::iter::once(false)))
            })
        };
        let (first, other) = (firsts[*a], firsts[*b]);
        first.0.cmp(&other.0).then(first.1.total_cmp(&other.1)).then_with(by_values).then(a.cmp(b))
    };
    let is_all_seen = match rest.first() {
        None => max_rows,
        Some(Stage::Limit(n)) => *n as usize,
        Some(_) => usize::MAX,
    };
    if is_all_seen < n_rows {
        if is_all_seen > 0 {
            order.select_nth_unstable_by(is_all_seen - 1, compare);
        }
        order.truncate(is_all_seen);
    }
    order.sort_by(compare);
    let mut rows: Vec<Row> = order.iter().map(|&group| group_row(groups, measures, group)).collect();
    if let Some(width_nanos) = groups.width_nanos() {
        let role = ColumnRole::Time { width_nanos };
        columns.insert(0, Column { name: TIME.to_owned(), role, unit: Unit::Plain });
        for (row, &group) in rows.iter_mut().zip(&order) {
            let start = groups.start(group).filter(|&start| start != UNDATED);
            row.cells.insert(0, start.map_or(Cell::Nothing, |start| Cell::Time(Nanos(start))));
        }
    }
    Counted { rows: Rows { columns, rows }, n_rows: n_rows as u64 }
}

/// What keeps entries, by the first stage that needs all of them.
fn collector_for(
    stage: Option<&Stage>,
    rest: &mut Vec<Stage>,
    shown: Option<&Vec<String>>,
    extractors: &[Extractor],
    order: Order,
    max_rows: usize,
) -> Collector {
    let mut names = shown.cloned().unwrap_or_else(|| USUAL.map(str::to_owned).to_vec());
    if shown.is_none() {
        names.extend(extractors.iter().flat_map(|extractor| &extractor.names).map(|(name, _)| name.clone()));
    }
    if let Some(stage @ (Stage::Sort { .. } | Stage::Dedup { .. })) = stage {
        ask_columns(stage, &mut names, shown.is_some());
    }
    if shown.is_none() {
        // Behind all that is shorter, where there is room for it.
        names.retain(|name| name != MESSAGE);
        names.push(MESSAGE.to_owned());
    }
    let (mut sort, mut dedup) = (Vec::new(), None);
    match stage {
        Some(Stage::Sort { by }) => sort.clone_from(by),
        // Of entries that show the same message the first stays.
        Some(Stage::Dedup { by }) if by.is_empty() => {
            dedup = Some(shown.cloned().unwrap_or_else(|| vec![MESSAGE.into()]))
        }
        Some(Stage::Dedup { by }) => dedup = Some(by.clone()),
        Some(other) => rest.insert(0, other.clone()),
        None => {}
    }
    let capacity = match rest.first() {
        // A table of entries that nothing follows is only looked at.
        None if dedup.is_none() => max_rows,
        Some(Stage::Limit(n)) if dedup.is_none() => (*n as usize).min(MOST_ENTRIES),
        _ => MOST_ENTRIES,
    };
    Collector::new(names, order, sort, dedup, capacity)
}

/// Adds the columns that a stage speaks of, so that `sort -took` shows by what, and `limit 100 | sort -took` has it.
fn ask_columns(stage: &Stage, names: &mut Vec<String>, is_chosen: bool) {
    // Columns that were chosen stay those that were chosen.
    if is_chosen {
        return;
    }
    for name in stage.names() {
        if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            names.push(name.to_owned());
        }
    }
}

fn picture_of(columns: &[Column], n_rows: usize) -> Picture {
    let n_measures = columns.iter().filter(|column| column.role == ColumnRole::Measure).count();
    let is_time = |column: &Column| matches!(column.role, ColumnRole::Time { .. });
    match columns.first() {
        Some(first) if is_time(first) && n_measures > 0 => Picture::Lines,
        Some(first)
            if first.role == ColumnRole::Key && n_measures >= 1 && (2..=DEFAULT_TOP as usize * 5).contains(&n_rows) =>
        {
            Picture::Bars
        }
        _ => Picture::Table,
    }
}
