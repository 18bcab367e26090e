//! One page: a view with its picture, its chart or the first rows of its table, or a bookmark with its entry, and its note; or a
//! text of the user's own.

use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::prelude::*;
use model::kept::{MarkId, SavedView};
use model::protocol::Ask;
use model::scope::{Scope, View};
use model::table::{Picture, Table};
use model::time::{Precision, TimeRange, Zone};
use model::{counted, say};

use super::shown::as_address;
use super::{Answered, Finding, Kept, Marked, Shown};
use crate::answer::{State, use_answer};
use crate::entries::visible;
use crate::results::{Measures, shown};
use crate::saved::{KeptNote, KeptText, go_to};
use crate::scope::{Shared, use_shared};
use crate::theme::Themed;
use crate::wording;

/// Rows of a table in the notebook; all of them are a click away.
pub const MOST_ROWS: usize = 10;

#[component]
pub fn ViewSection(
    name: String,
    views: Memo<Arc<Vec<SavedView>>>,
    found: RwSignal<BTreeMap<String, Answered>>,
    is_in_sight: Memo<bool>,
    tools: ViewFn,
) -> impl IntoView {
    let shared = use_shared();
    let name = StoredValue::new(name);
    let kept = Memo::new(move |_| {
        let called = |view: &&SavedView| name.with_value(|name| view.name == *name);
        views.with(|views| views.iter().find(called).cloned()).unwrap_or_default()
    });
    let finding = Memo::new(move |_| {
        is_in_sight.get().then(|| kept.with(|view| shared.zone.with(|zone| Finding::of(view, zone))))
    });
    // A statement sees what there was when the page was turned to.
    let is_sql = kept.with_untracked(|view| is_statement(&Scope::from_hash(&view.address)));
    let revision = if is_sql { RwSignal::new(Default::default()) } else { shared.revision };
    let answer = use_answer(shared.port, revision, move || finding.get());
    let shown = move || answer.with(|answer| answer.answer.clone());
    let table = Signal::derive(move || match shown() {
        Some(Shown::Table(table)) if table.picture == Picture::Bars && table.rows.len() > MOST_ROWS => {
            let rows = table.rows[..MOST_ROWS].to_vec();
            Some(Arc::new(Table { rows, ..Table::clone(&table) }))
        }
        Some(Shown::Table(table)) => Some(table),
        _ => None,
    });
    found.update(|found| {
        found.insert(name.get_value(), answer);
    });
    on_cleanup(move || {
        found.try_update(|found| found.remove(&name.get_value()));
    });
    let scope = Memo::new(move |_| kept.with(|view| Scope::from_hash(&view.address)));
    let go = Callback::new(move |span: TimeRange| {
        let mut there = scope.get_untracked();
        there.filter.range = Some(span);
        shared.visit(there);
    });
    let measures = Measures::of(table, go);
    let themed = expect_context::<Themed>();
    let picture = move || {
        let shown = shown()?;
        let picture = shared.zone.with(|zone| scope.with(|scope| shown.picture(scope, zone)))?;
        Some(view! { <img class="still" class:dark=move || themed.dark.get() src=as_address(&picture.svg) alt=picture.title /> }.into_any())
    };
    let body = move || match shown() {
        Some(Shown::Table(table)) if table.picture == Picture::Lines => measures.chart(),
        Some(Shown::Table(table)) if table.picture == Picture::Bars => {
            view! { {measures.chart()}{more_rows(&table, is_sql)} }.into_any()
        }
        Some(Shown::Table(table)) => first_rows(shared, &table, is_sql).into_any(),
        Some(_) => {
            picture().unwrap_or_else(|| view! { <p class="aside">{say!("There is nothing to draw.")}</p> }.into_any())
        }
        None => answer.with(|answer| match &answer.state {
            State::Failed(failure) => view! { <p class="bad">{failure.to_string()}</p> }.into_any(),
            _ => view! { <p class="aside">{say!("counting…")}</p> }.into_any(),
        }),
    };
    let keep = Callback::new(move |note: String| {
        shared.tell(Ask::SetViewNote { name: name.get_value(), note });
    });
    let note = Memo::new(move |_| kept.with(|view| view.note.clone()));
    let asked = move || scope.with(asked_of);
    let facts = move || {
        let time = shared.zone.with(|zone| scope.with(|scope| time_of(scope, zone)));
        let time = time.unwrap_or_else(|| say!("all of the time").to_owned());
        // Which entries a statement looked at nobody knows.
        let entries = shown().filter(|_| !is_sql).map(|shown| counted!(shown.n_entries(), "entry", "entries"));
        [Some(time), entries].into_iter().flatten().collect::<Vec<_>>().join(" · ")
    };
    view! {
        <article class="page" data-name=name.get_value()>
            <header>
                <h2>{name.get_value()}</h2>
                <button class="small" on:click=move |_| shared.visit(scope.get_untracked())>{say!("Open")}</button>
                {tools.run()}
            </header>
            <p class="facts">{move || asked().map(|asked| view! { <code>{asked}</code>" · " })}{facts}</p>
            <KeptNote note keep is_writing=RwSignal::new(false) />
            {body}
        </article>
    }
}

#[component]
pub fn TextSection(id: u32, kept: Kept, tools: ViewFn) -> impl IntoView {
    let text = Memo::new(move |_| kept.text(id).unwrap_or_default());
    let keep = Callback::new(move |text: String| kept.change(|pages, _| pages.with_text(id, text)));
    let is_writing = RwSignal::new(kept.begun.get_untracked() == Some(id));
    kept.begun.update_untracked(|begun| *begun = begun.filter(|begun| *begun != id));
    view! {
        <article class="page text" aria-label=say!("Text")>
            {tools.run()}
            <KeptText text keep is_writing />
        </article>
    }
}

/// What is shown of it are the rows of a statement.
pub fn is_statement(scope: &Scope) -> bool {
    scope.view == View::Sql && !scope.sql.trim().is_empty()
}

/// What is asked for, as it is written; nothing where it is all entries.
pub fn asked_of(scope: &Scope) -> Option<String> {
    let asked = if is_statement(scope) { &scope.sql } else { &scope.filter.query };
    Some(asked.trim().to_owned()).filter(|asked| !asked.is_empty())
}

/// `None`: all of the time.
fn time_of(scope: &Scope, zone: &Zone) -> Option<String> {
    scope.filter.range.map(|range| format!("{} {}", wording::span(range, zone), zone.name))
}

fn first_rows(shared: Shared, table: &Table, is_sql: bool) -> impl IntoView + use<> {
    let heads = table.columns.iter().map(|column| view! { <th scope="col">{column.name.clone()}</th> }).collect_view();
    let row = |cells: &[model::table::Cell]| {
        let cells = table.columns.iter().zip(cells);
        let cells = shared.zone.with_untracked(|zone| {
            cells.map(|(column, cell)| view! { <td>{shown(column, cell, zone)}</td> }).collect_view()
        });
        view! { <tr>{cells}</tr> }
    };
    let rows = table.rows.iter().take(MOST_ROWS).map(|record| row(&record.cells)).collect_view();
    view! {
        <div class="some-rows"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>
        {more_rows(table, is_sql)}
    }
}

fn more_rows(table: &Table, is_sql: bool) -> impl IntoView + use<> {
    let n_more = table.n_rows.saturating_sub(MOST_ROWS as u64);
    // How many rows a statement would give without end is not known.
    let words = match is_sql && !table.complete {
        true => say!("more than {} rows more", wording::count(n_more)),
        false => counted!(n_more, "row more", "rows more"),
    };
    (n_more > 0).then(|| view! { <p class="aside">{words}</p> })
}

#[component]
pub fn MarkSection(id: MarkId, marked: Memo<Arc<Vec<Marked>>>, tools: ViewFn) -> impl IntoView {
    let shared = use_shared();
    let kept = Memo::new(move |_| marked.with(|marked| marked.iter().find(|(mark, _)| mark.id == id).cloned()));
    let of_mark =
        move |tell: fn(&Marked) -> String| move || kept.with(|kept| kept.as_ref().map(tell).unwrap_or_default());
    let key = Memo::new(move |_| kept.with(|kept| kept.as_ref().and_then(|(mark, _)| mark.key)));
    let when = move || {
        kept.with(|kept| {
            let (mark, _) = kept.as_ref()?;
            Some(match mark.precision {
                Precision::Undated => say!("no time").to_owned(),
                precision => shared.zone.with(|zone| wording::moment(mark.time, zone, precision.fraction_digits())),
            })
        })
    };
    let note =
        Memo::new(move |_| kept.with(|kept| kept.as_ref().map(|(mark, _)| mark.note.clone()).unwrap_or_default()));
    let keep = Callback::new(move |note: String| shared.tell(Ask::SetNote { mark: id, note }));
    let level = move || kept.with(|kept| kept.as_ref().map_or("none", |(mark, _)| mark.severity.band().name()));
    let go = move |_| {
        if let Some(key) = key.get_untracked() {
            shared.turn_to(View::Entries);
            go_to(shared, key);
        }
    };
    view! {
        <article class="page">
            <header>
                <h2><span class=move || format!("sev-{}", level())><span class="sev">{level}</span></span>" "{when}" "{of_mark(|(mark, _)| visible(&mark.service).into_owned())}</h2>
                <button class="small" hidden=move || key.get().is_none() on:click=go>{say!("Open")}</button>
                {tools.run()}
            </header>
            <p class="facts"><code>{of_mark(|(mark, _)| mark.place())}</code>
                {move || key.get().is_none().then(|| format!(" · {}", say!("Its file is not here.")))}</p>
            <KeptNote note keep is_writing=RwSignal::new(false) />
            <pre>{of_mark(|(mark, entry)| visible(&super::report::text_of(mark, entry.as_deref())).into_owned())}</pre>
        </article>
    }
}
