//! What a statement gave: its rows as a table or a chart, and as text for other programs.

use std::sync::Arc;

use leptos::prelude::*;
use model::language::retold;
use model::sql::{MOST_ROWS, SqlSort};
use model::table::{ColumnRole, Picture, Table};
use model::{counted, say};

use crate::answer::{Remote, State};
use crate::export::{HowFar, RowsForm, copy_rows, save_rows};
use crate::results::{Grid, MeasureChoice, Measures, drill_to_span};
use crate::scope::{Shared, use_shared};

#[component]
pub fn Rows(
    answer: Signal<Remote<Arc<Table>>>,
    is_stopped: Signal<bool>,
    max_rows: Signal<u32>,
    more: Callback<()>,
    sort: RwSignal<Option<SqlSort>>,
) -> impl IntoView {
    let shared = use_shared();
    let table = Memo::new(move |_| answer.with(|answer| answer.answer.clone()));
    let picture = Memo::new(move |_| table.with(|table| table.as_ref().map(|table| table.picture).unwrap_or_default()));
    let wants_chart = RwSignal::new(true);
    let is_chart = Memo::new(move |_| picture.get() != Picture::Table && wants_chart.get());
    let measures = Measures::of(table.into(), Callback::new(move |span| drill_to_span(shared, span)));
    let failed = Memo::new(move |_| answer.with(|answer| matches!(answer.state, State::Failed(_))));
    let sorted_by = Memo::new(move |_| sort.get().map(|sort| (sort.column as usize, sort.is_descending)));
    // As in results: numbers from the largest, the rest from the first; once more turns it.
    let sort_by = Callback::new(move |place: usize| {
        let is_of_numbers =
            |table: &Arc<Table>| table.columns.get(place).map(|column| column.role == ColumnRole::Measure);
        let starts_descending =
            table.with_untracked(|table| table.as_ref().and_then(is_of_numbers)).unwrap_or_default();
        sort.update(|sort| {
            let before = sort.filter(|sort| sort.column as usize == place);
            let is_descending = before.map_or(starts_descending, |before| !before.is_descending);
            *sort = Some(SqlSort { column: place as u32, is_descending });
        });
    });
    let body = move || {
        // Those of another statement say nothing of this one.
        if failed.get() {
            return ().into_any();
        }
        if !is_chart.get() {
            return view! { <Grid id="sql-rows" table=table.into() sorted_by sort=sort_by /> }.into_any();
        }
        measures.chart()
    };
    let has_more = Memo::new(move |_| {
        let most = max_rows.get();
        table.with(|table| table.as_ref().is_some_and(|table| may_have_more(table, most)))
    });
    let has_rows = Memo::new(move |_| {
        let is_final = answer.with(|answer| answer.state == State::Final);
        is_final && table.with(|table| table.as_ref().is_some_and(|table| !table.rows.is_empty()))
    });
    let is_giving = move || shared.taking_out.is_under_way();
    let problems =
        Memo::new(move |_| table.with(|table| table.as_ref().map(|t| t.problems.clone()).unwrap_or_default()));
    let give = move |out: fn(Shared, Arc<Table>, RowsForm), form: RowsForm| {
        if let Some(table) = table.get_untracked() {
            out(shared, table, form);
        }
    };
    view! {
        <div class="result-head">
            <span class="summary" id="sql-said" role="status" class:bad=move || failed.get()>
                {move || if is_stopped.get() { say!("Stopped.").to_owned() } else { answer.with(summary) }}
            </span>
            <MeasureChoice measures is_chart />
            <Show when=move || picture.get() != Picture::Table>
                <button class="small" id="sql-as-table" aria-pressed=move || (!wants_chart.get()).to_string()
                    on:click=move |_| wants_chart.update(|wants| *wants = !*wants)>{say!("As a table")}</button>
            </Show>
            <Show when=move || has_rows.get() && has_more.get()>
                <button class="small" id="sql-more" on:click=move |_| more.run(())>{say!("More rows")}</button>
            </Show>
            <Show when=move || has_rows.get()>
                <button class="small quiet" disabled=is_giving on:click=move |_| give(copy_rows, RowsForm::Csv)>{say!("Copy CSV")}</button>
                <button class="small quiet" disabled=is_giving on:click=move |_| give(copy_rows, RowsForm::Markdown)>{say!("Copy Markdown")}</button>
                <button class="small quiet" id="sql-save-csv" disabled=is_giving on:click=move |_| give(save_rows, RowsForm::Csv)>{say!("Save CSV")}</button>
                <button class="small quiet" id="sql-save-jsonl" disabled=is_giving on:click=move |_| give(save_rows, RowsForm::JsonLines)>{say!("Save JSON lines")}</button>
                <HowFar />
            </Show>
        </div>
        <div class="result-problems" role="status">
            {move || problems.get().into_iter().map(|problem| view! { <p>{retold(&problem)}</p> }).collect_view()}
        </div>
        {body}
    }
}

/// Whether more rows come where more than `most` are asked for. Fewer came where no more fit into an answer.
fn may_have_more(table: &Table, most: u32) -> bool {
    !table.complete && most < MOST_ROWS && table.rows.len() as u64 >= u64::from(most)
}

fn summary(answer: &Remote<Arc<Table>>) -> String {
    match (&answer.state, &answer.answer) {
        (State::Failed(failure), _) => failure.to_string(),
        (State::Final, Some(table)) if !table.complete && table.n_rows >= u64::from(MOST_ROWS) => {
            say!(
                "The first {}, which is the most that is shown; there are more.",
                counted!(table.n_rows, "row", "rows")
            )
        }
        (State::Final, Some(table)) if !table.complete => {
            say!("The first {}; there are more.", counted!(table.n_rows, "row", "rows"))
        }
        (State::Final, Some(table)) => counted!(table.n_rows, "row", "rows"),
        (State::Idle, _) => String::new(),
        (_, _) => say!("running…").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::table::{Drill, TableRow};

    #[test]
    fn rows_that_were_left_out_are_not_hidden() {
        let said = |complete| {
            let table = Table { n_rows: 1000, complete, ..Table::default() };
            summary(&Remote { answer: Some(Arc::new(table)), state: State::Final })
        };
        assert_eq!(
            (said(true).as_str(), said(false).as_str()),
            ("1,000 rows", "The first 1,000 rows; there are more.")
        );
    }

    #[test]
    fn more_rows_are_offered_only_where_more_come() {
        let table = |n_rows: usize| {
            let row = TableRow { cells: Vec::new(), entries: Drill::Nowhere };
            Table { n_rows: n_rows as u64, rows: vec![row; n_rows], complete: false, ..Table::default() }
        };
        assert!(may_have_more(&table(2000), 2000));
        assert!(!may_have_more(&Table { complete: true, ..table(2000) }, 2000));
        assert!(!may_have_more(&table(1500), 2000), "no more fit");
        let most = table(MOST_ROWS as usize);
        assert!(!may_have_more(&most, MOST_ROWS));
        let said = summary(&Remote { answer: Some(Arc::new(most)), state: State::Final });
        assert_eq!(said, "The first 20,000 rows, which is the most that is shown; there are more.");
    }
}
