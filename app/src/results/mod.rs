//! What the stages of the query make of its entries: a table or a chart, with the way back to the entries.

mod chart;
pub use chart::{Still, still_bars};

pub mod export;

mod grid;
pub use grid::Grid;
use grid::{sort_of, sorted};
use model::language::retold;

mod measure;
pub use measure::{MeasureChoice, Measures};

mod series;

use std::sync::Arc;

use leptos::prelude::*;
use model::protocol::{Answer, Ask, TableAsk};
use model::query::split;
use model::scope::{Scope, View};
use model::table::{Cell, Column, ColumnRole, Drill, Picture, Table};
use model::time::{NANOS_PER_SECOND, Nanos, TimeRange, Zone, format_wall};
use model::{counted, say};

use crate::answer::{Question, Remote, State, use_answer};
use crate::export::{HowFar, RowsForm, copy_rows, save_rows};
use crate::focus::focus_first;
use crate::nothing::{NoRows, NothingFound};
use crate::patterns::{has_ids, titled, use_titles};
use crate::scope::{Shared, Visit, use_shared};
use crate::wording;

/// More than anybody reads, and what a chart of a day by minute and service needs; little enough to come in one piece.
const MAX_ROWS: u32 = 10_000;

impl Question for TableAsk {
    type Answer = Arc<Table>;
    fn ask(&self) -> Ask {
        Ask::Table(self.clone())
    }
    fn read(answer: Answer) -> Option<Arc<Table>> {
        if let Answer::Table(table) = answer { Some(Arc::from(table)) } else { None }
    }
}

#[component]
pub fn Results() -> impl IntoView {
    let shared = use_shared();
    let answer = use_answer(shared.port, shared.revision, move || {
        let is_in_sight = shared.view.get() == View::Result;
        let zone = || shared.zone.with(|zone| Zone::clone(zone));
        is_in_sight.then(|| TableAsk { filter: shared.asked(), zone: zone(), max_rows: MAX_ROWS })
    });
    let table = Signal::derive(move || answer.with(|answer| answer.answer.clone()));
    give_out_rows(shared, View::Result, answer);
    let has_patterns = move || table.with(|table| table.as_ref().is_some_and(|table| has_ids(table)));
    let titles = use_titles(shared, has_patterns);
    // What is seen says what patterns are called; what is given out keeps their ids.
    let shown = Memo::new_with_compare(
        move |_| {
            let table = table.get()?;
            Some(titles.with(|titles| titled(&table, titles)))
        },
        |before: Option<&Option<Arc<Table>>>, now: Option<&Option<Arc<Table>>>| match (before, now) {
            (Some(Some(before)), Some(Some(now))) => !Arc::ptr_eq(before, now),
            _ => true,
        },
    );
    let picture =
        Memo::new(move |_| table.with(|table| table.as_ref().map(|table| picture_of(table)).unwrap_or_default()));
    let is_best_as_table =
        Memo::new(move |_| table.with(|table| table.as_ref().is_none_or(|table| table.picture == Picture::Table)));
    // As chosen by the user, for as long as the same picture is offered.
    let as_table = RwSignal::new(false);
    Effect::new(move || {
        picture.track();
        as_table.set(is_best_as_table.get());
    });
    let is_chart = Memo::new(move |_| picture.get() != Picture::Table && !as_table.get());
    let measures = Measures::of(shown.into(), Callback::new(move |span| drill_to_span(shared, span)));
    let is_stale = Memo::new(move |_| answer.with(Remote::is_stale));
    // Those of another query, or of a part of the entries, are not given out.
    let has_rows = Memo::new(move |_| {
        let has_any = |table: &Arc<Table>| !table.rows.is_empty();
        answer.with(|answer| answer.state == State::Final && answer.answer.as_ref().is_some_and(has_any))
    });
    let sorted_by = Memo::new(move |_| {
        let by = shared.query.with(|query| sort_of(query))?;
        let place = |table: &Arc<Table>| table.columns.iter().position(|column| column.name == by.name);
        Some((table.with(|table| table.as_ref().and_then(place))?, by.is_descending))
    });
    let sort = Callback::new(move |place: usize| {
        let column = table.with_untracked(|table| table.as_ref()?.columns.get(place).cloned());
        if let Some(column) = column {
            shared.set_query(shared.query.with_untracked(|query| sorted(query, &column)), Visit::New);
        }
    });
    let found_nothing = Memo::new(move |_| {
        let is_empty = |table: &Arc<Table>| table.n_entries == 0 && table.n_rows == 0;
        answer.with(|answer| answer.state == State::Final && answer.answer.as_ref().is_some_and(is_empty))
    });
    let has_no_rows = Memo::new(move |_| {
        let is_empty = |table: &Arc<Table>| table.n_entries > 0 && table.n_rows == 0;
        answer.with(|answer| answer.state == State::Final && answer.answer.as_ref().is_some_and(is_empty))
    });
    let body = move || {
        if found_nothing.get() {
            return view! { <NothingFound shared /> }.into_any();
        }
        if has_no_rows.get() {
            let n_entries =
                Signal::derive(move || table.with(|table| table.as_ref().map_or(0, |table| table.n_entries)));
            return view! { <NoRows shared n_entries /> }.into_any();
        }
        if !is_chart.get() {
            return view! { <Grid id="result-rows" table=shown.into() sorted_by sort /> }.into_any();
        }
        measures.chart()
    };
    let give = move |out: fn(Shared, Arc<Table>, RowsForm), form: RowsForm| {
        if let Some(table) = table.get_untracked() {
            out(shared, table, form);
        }
    };
    let can_give = move || has_rows.get() && !shared.taking_out.is_under_way();
    let problems = move || table.with(|table| table.as_ref().map(|table| table.problems.clone()).unwrap_or_default());
    view! {
        <section id="result" aria-label=say!("Result of the query") class:stale=move || is_stale.get() aria-busy=move || is_stale.get().to_string()
            data-complete=move || answer.with(|answer| answer.state == State::Final).to_string()>
            <div class="result-head">
                <span class="summary" role="status">{move || answer.with(summary)}</span>
                <MeasureChoice measures is_chart />
                <Show when=move || picture.get() != Picture::Table>
                    <button class="small" id="as-table" aria-pressed=move || as_table.get().to_string()
                        on:click=move |_| as_table.update(|as_table| *as_table = !*as_table)>{say!("As a table")}</button>
                </Show>
                <button class="small quiet" id="copy-csv" disabled=move || !can_give() on:click=move |_| give(copy_rows, RowsForm::Csv)>
                    {say!("Copy CSV")}
                </button>
                <button class="small quiet" id="save-csv" disabled=move || !can_give() on:click=move |_| give(save_rows, RowsForm::Csv)>
                    {say!("Save CSV")}
                </button>
                <button class="small quiet" id="copy-markdown" disabled=move || !can_give() on:click=move |_| give(copy_rows, RowsForm::Markdown)>
                    {say!("Copy Markdown")}
                </button>
                <HowFar />
            </div>
            <div class="result-problems" role="status">
                {move || problems().into_iter().map(|problem| view! { <p>{retold(&problem)}</p> }).collect_view()}
            </div>
            {body}
        </section>
    }
}

/// What a table can be seen as, if not as a table. Of more groups than a chart has room for it shows the first.
fn picture_of(table: &Table) -> Picture {
    let is_of_groups = table.columns.first().is_some_and(|first| first.role == ColumnRole::Key)
        && table.columns.iter().any(|column| column.role == ColumnRole::Measure);
    match table.picture {
        Picture::Table if is_of_groups && table.rows.len() > 1 => Picture::Bars,
        picture => picture,
    }
}

/// Offers the rows of a view as a file, for as long as it is in sight. Those of a query before are not given out for those of
/// this one.
pub fn give_out_rows(shared: Shared, view: View, answer: Signal<Remote<Arc<Table>>>) {
    Effect::new(move |given: Option<Option<Arc<Table>>>| {
        let is_in_sight = shared.view.get() == view;
        let rows = answer.with(|answer| answer.answer.clone().filter(|_| is_in_sight && answer.state == State::Final));
        let given = given.flatten();
        // The view that came into sight may have given its own already: those stay.
        let is_own = |now: &Option<Arc<Table>>| match (now, &given) {
            (Some(now), Some(given)) => Arc::ptr_eq(now, given),
            _ => false,
        };
        if rows.is_some() || shared.rows.with_untracked(is_own) {
            shared.rows.set(rows.clone());
        }
        rows
    });
}

/// How many rows there are, of how many entries, and how exact that is.
fn summary(answer: &Remote<Arc<Table>>) -> String {
    let Some(table) = &answer.answer else {
        return match &answer.state {
            State::Failed(failure) => failure.to_string(),
            _ => say!("counting…").to_owned(),
        };
    };
    let rows = counted!(table.n_rows, "row", "rows");
    let mut parts = vec![match table.rows.len() as u64 {
        n_sent if n_sent < table.n_rows => say!("the first {} of {rows}", wording::count(n_sent), rows),
        _ => rows,
    }];
    parts.push(say!("from {}", counted!(table.n_entries, "entry", "entries")));
    match &answer.state {
        State::Partial { done, total } => parts.push(say!("so far, {} %", wording::percent(*done, *total))),
        State::Asked => parts.push(say!("of the query before, counting…").to_owned()),
        State::Failed(failure) => return failure.to_string(),
        State::Idle | State::Final => {}
    }
    if let Some(error) = table.percentile_error {
        parts.push(say!("(percentiles within {:.1} %)", error * 100.0));
    }
    if let Some(error) = table.distinct_error {
        parts.push(say!("(distinct values estimated: within {:.1} % two times out of three)", error * 100.0));
    }
    if table.n_left_out > 0 {
        parts.push(say!("({} left out)", counted!(table.n_left_out, "row", "rows")));
    }
    if table.n_entries_left_out > 0 {
        parts.push(say!("({} of further groups left out)", counted!(table.n_entries_left_out, "entry", "entries")));
    }
    parts.join(" ")
}

/// The cell of a column as the table has it: a group of entries without the field is called as its bar is. In a list of entries a
/// dash says it, since most have only some of the fields.
fn shown_in(table: &Table, place: usize, cell: &Cell, zone: &Zone) -> String {
    let column = &table.columns[place];
    let is_of_groups = || table.columns.iter().any(|column| column.role == ColumnRole::Measure);
    match (cell, column.role) {
        (Cell::Nothing, ColumnRole::Key) if is_of_groups() => say!("not there").to_owned(),
        _ => shown(column, cell, zone),
    }
}

/// A cell as people read it.
pub fn shown(column: &Column, cell: &Cell, zone: &Zone) -> String {
    match (cell, column.role) {
        (Cell::Nothing, _) => "–".to_owned(),
        (Cell::Text(text), _) => text.clone(),
        (Cell::Count(number), _) => wording::count(*number),
        (Cell::Number(number), _) => wording::amount(*number, column.unit),
        (Cell::Time(time), ColumnRole::Time { width_nanos }) if width_nanos % NANOS_PER_SECOND == 0 => {
            format_wall(*time, zone, 0)
        }
        (Cell::Time(time), _) => format_wall(*time, zone, fraction_digits(*time)),
    }
}

/// As many digits behind the second as the time has, by thousandths: those of entries that have microseconds are not cut.
fn fraction_digits(time: Nanos) -> usize {
    match time.0 {
        nanos if nanos % 1_000_000 == 0 => 3,
        nanos if nanos % 1_000 == 0 => 6,
        _ => 9,
    }
}

/// Goes to the entries behind a row; "back" comes back to the result.
fn drill(shared: Shared, way: &Drill) {
    if let Drill::Nearly { .. } = way {
        shared.said.set(say!("These entries are the row's, and perhaps a few more.").to_owned());
    }
    match way.clone() {
        Drill::Entries { query, range } | Drill::Nearly { query, range } => {
            shared.change(Visit::New, |scope| {
                scope.filter.query = query;
                scope.filter.range = range;
                leave_sql(scope);
            });
        }
        Drill::Nowhere => {}
        Drill::Entry(key) => {
            let query = filter_as_written(shared);
            shared.change(Visit::New, |scope| {
                scope.filter.query = query;
                scope.selected = Some(key);
            });
            shared.details_open.set(true);
        }
    }
}

/// A span or a bar in a picture of a statement's rows stands for entries, which are looked at in their own view.
fn leave_sql(scope: &mut Scope) {
    if scope.view == View::Sql {
        scope.view = View::Entries;
    }
}

/// The query without its stages, its times as somebody wrote them.
fn filter_as_written(shared: Shared) -> String {
    shared.query.with_untracked(|query| split(query).0.trim_end().to_owned())
}

/// Goes to all entries of a span of time.
pub fn drill_to_span(shared: Shared, span: TimeRange) {
    let (query, range) = (filter_as_written(shared), shared.filter.with_untracked(|filter| filter.range));
    let range =
        range.map_or(span, |range| TimeRange { start: range.start.max(span.start), end: range.end.min(span.end) });
    drill(shared, &Drill::Entries { query, range: Some(range) });
}

/// Puts the keyboard into the result, if there is one.
pub fn focus_results() -> bool {
    focus_first(&["#result-rows", "#result .hbar", "#as-table"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::quantity::Unit;
    use model::table::TableRow;

    #[test]
    fn cells_are_shown_with_units_and_separators() {
        let check = |cell: Cell, role: ColumnRole, unit: Unit, expected: &str| {
            let column = Column { name: "x".to_owned(), role, unit };
            assert_eq!(shown(&column, &cell, &Zone::utc()), expected);
        };
        check(Cell::Count(12_345), ColumnRole::Measure, Unit::Plain, "12,345");
        check(Cell::Number(0.25), ColumnRole::Measure, Unit::Seconds, "250 ms");
        check(Cell::Nothing, ColumnRole::Key, Unit::Plain, "–");
        let minute = ColumnRole::Time { width_nanos: 60 * NANOS_PER_SECOND };
        check(Cell::Time(Nanos(0)), minute, Unit::Plain, "1970-01-01 00:00:00");
        check(Cell::Time(Nanos(1_000_000)), ColumnRole::Instant, Unit::Plain, "1970-01-01 00:00:00.001");
        check(Cell::Time(Nanos(1_234_000)), ColumnRole::Instant, Unit::Plain, "1970-01-01 00:00:00.001234");
        check(Cell::Time(Nanos(1_234_567)), ColumnRole::Instant, Unit::Plain, "1970-01-01 00:00:00.001234567");
    }

    #[test]
    fn a_group_without_the_field_is_called_so_and_an_entry_without_it_has_a_dash() {
        let column = |role| Column { name: "x".to_owned(), role, unit: Unit::Plain };
        let told = |roles: &[ColumnRole], place| {
            let table = Table { columns: roles.iter().map(|&role| column(role)).collect(), ..Table::default() };
            shown_in(&table, place, &Cell::Nothing, &Zone::utc())
        };
        assert_eq!(told(&[ColumnRole::Key, ColumnRole::Measure], 0), "not there");
        assert_eq!(told(&[ColumnRole::Key, ColumnRole::Measure], 1), "–");
        assert_eq!(told(&[ColumnRole::Instant, ColumnRole::Key], 1), "–");
    }

    #[test]
    fn many_groups_are_a_table_that_can_be_seen_as_bars() {
        let column = |role| Column { name: "x".to_owned(), role, unit: Unit::Plain };
        let table = |roles: &[ColumnRole], n_rows| Table {
            columns: roles.iter().map(|&role| column(role)).collect(),
            rows: vec![TableRow { cells: Vec::new(), entries: Drill::Nowhere }; n_rows],
            ..Table::default()
        };
        let picture = |roles: &[ColumnRole], n_rows| picture_of(&table(roles, n_rows));
        assert_eq!(picture(&[ColumnRole::Key, ColumnRole::Measure], 51), Picture::Bars);
        assert_eq!(picture(&[ColumnRole::Key, ColumnRole::Measure], 1), Picture::Table);
        assert_eq!(picture(&[ColumnRole::Instant, ColumnRole::Key], 51), Picture::Table, "entries");
        assert_eq!(picture(&[ColumnRole::Key, ColumnRole::Key], 51), Picture::Table);
    }

    #[test]
    fn a_part_of_the_rows_is_not_said_to_be_all() {
        let table = Table { n_rows: 5000, n_entries: 9000, percentile_error: Some(0.008), ..Table::default() };
        let answer = |state| Remote { answer: Some(Arc::new(table.clone())), state };
        assert_eq!(
            summary(&answer(State::Final)),
            "the first 0 of 5,000 rows from 9,000 entries (percentiles within 0.8 %)"
        );
        assert!(summary(&answer(State::Partial { done: 1, total: 2 })).contains("so far, 50 %"));
    }

    #[test]
    fn each_number_that_is_not_exact_says_so_for_itself() {
        let table = Table {
            n_rows: 1,
            n_entries: 9000,
            percentile_error: Some(0.0078),
            distinct_error: Some(0.065),
            n_entries_left_out: 12,
            ..Table::default()
        };
        let said = summary(&Remote { answer: Some(Arc::new(table)), state: State::Final });
        assert!(
            said.ends_with(
                "(percentiles within 0.8 %) (distinct values estimated: within 6.5 % two times out of three) (12 entries of further groups left out)"
            ),
            "{said}"
        );
    }
}
