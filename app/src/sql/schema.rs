//! Which tables there are, with their columns, and the fields of the logs; a click writes a name into the statement.

use std::sync::Arc;

use leptos::prelude::*;
use model::language::told;
use model::sql::{OwnTable, SQL_FUNCTIONS, SQL_TABLES, SqlTable};
use model::{counted, say};

/// More are offered while one writes.
const MOST_FIELDS: usize = 40;

#[component]
pub fn Schema(fields: Signal<Vec<String>>, own: Signal<Arc<Vec<OwnTable>>>, insert: Callback<String>) -> impl IntoView {
    let name = move |name: &'static str, words: &'static str| {
        view! {
            <li>
                <button class="quiet small" on:click=move |_| insert.run(name.to_owned())><code>{name}</code></button>
                <span>{told(words)}</span>
            </li>
        }
    };
    let table = move |(place, table): (usize, &'static SqlTable)| {
        view! {
            <details open=place == 0>
                <summary><code>{table.name}</code>" "<span>{told(table.words)}</span></summary>
                <ul>{table.columns.iter().map(|&(column, words)| name(column, words)).collect_view()}</ul>
            </details>
        }
    };
    let field = move |field: String| {
        let written = format!("fields->>'{}'", field.replace('\'', "''"));
        view! {
            <li><button class="quiet small" title=written.clone() on:click=move |_| insert.run(written.clone())><code>{field}</code></button></li>
        }
    };
    let own_table = move |table: OwnTable| {
        let column = move |column: String| {
            let written = column.clone();
            view! { <li><button class="quiet small" on:click=move |_| insert.run(written.clone())><code>{column}</code></button></li> }
        };
        view! {
            <details>
                <summary><code>{table.name}</code>" "<span>{counted!(table.n_rows, "row", "rows")}</span></summary>
                <ul>{table.columns.into_iter().map(column).collect_view()}</ul>
            </details>
        }
    };
    view! {
        <Show when=move || own.with(|own| !own.is_empty())>
            <h2>{say!("Own tables")}</h2>
            <div class="sql-tables" id="sql-own">{move || own.with(|own| own.iter().cloned().map(own_table).collect_view())}</div>
        </Show>
        <h2>{say!("Tables")}</h2>
        <div class="sql-tables">{SQL_TABLES.iter().enumerate().map(table).collect_view()}</div>
        <h2>{say!("Functions")}</h2>
        <p class="sql-functions">
            {SQL_FUNCTIONS.iter().map(|&(call, words)| view! { <code>{call}</code>" "{told(words)}"; " }).collect_view()}
            {say!("and all of SQLite’s, window functions and JSON among them.")}
        </p>
        <Show when=move || fields.with(|fields| !fields.is_empty())>
            <h2>{say!("Fields of these logs")}</h2>
            <ul class="sql-fields">{move || fields.get().into_iter().take(MOST_FIELDS).map(field).collect_view()}</ul>
        </Show>
    }
}
