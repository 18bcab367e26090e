//! The mapping table under the findings: its rows, what was found that could be one, and the ways in and out as a file.

mod form;

mod lists;

use std::sync::Arc;

use leptos::html::Section;
use leptos::prelude::*;
use model::drift::DriftReport;
use model::meaning::{Meaning, Meanings, to_text};
use model::protocol::{Answer, Ask};
use model::{counted, say};
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use self::form::Form;
use super::take_file::TakeFile;
use crate::format_editor::text_of;
use crate::map::save;
use crate::mapping::{change, redo, take_in, undo};
use crate::port::Reply;
use crate::scope::{Shared, use_shared};

/// Rows that were found and are shown; with so many all are taken at once or none.
const MOST_SUGGESTED: usize = 50;

/// What is being written, by the row it is to replace.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Editing {
    Nothing,
    New,
    Row(String),
}

#[component]
pub fn Mapping(report: Memo<Option<Arc<DriftReport>>>) -> impl IntoView {
    let shared = use_shared();
    let table = shared.mapping.table.now;
    let editing = RwSignal::new(Editing::Nothing);
    let section = NodeRef::<Section>::new();
    // Who comes to see the table finds it in sight.
    Effect::new(move || {
        if let Some(section) = section.get()
            && shared.mapping.is_sought.get()
        {
            shared.mapping.is_sought.set(false);
            request_animation_frame(move || {
                // Nothing but the list moves.
                let nearest = web_sys::ScrollIntoViewOptions::new();
                nearest.set_block(web_sys::ScrollLogicalPosition::Nearest);
                section.scroll_into_view_with_scroll_into_view_options(&nearest);
                // Refused only for what is not on the page.
                let _ = section.focus();
            });
        }
    });
    let is_empty = Memo::new(move |_| table.with(|table| table.is_empty()));
    let rows = move || table.with(|table| table.rows.clone());
    view! {
        <section class="drift-kind mapping" id="mapping" tabindex="-1" aria-labelledby="mapping-title" node_ref=section>
            <h2 id="mapping-title">{say!("Mapping table")}</h2>
            <p class="facts">
                {say!("What is meant, and how logs, spans and metrics call it. A query for the name of a row finds it under every name and in every word of the row; tables, charts and the list of fields count them as one.")}
            </p>
            <Suggested report />
            <Show when=move || !is_empty.get()>
                <table>
                    <thead><tr>
                        <th scope="col">{say!("Meaning")}</th><th scope="col">{say!("In logs")}</th><th scope="col">{say!("In spans")}</th>
                        <th scope="col">{say!("In metrics")}</th><th scope="col">{say!("Words that say the same")}</th><th></th>
                    </tr></thead>
                    <tbody>
                        <For each=rows key=Meaning::clone let:meaning><Row meaning editing /></For>
                    </tbody>
                </table>
            </Show>
            <Show when=move || shared.owns.get()>
                <Show when=move || editing.with(|editing| *editing == Editing::New)>
                    <Form before=None close=Callback::new(move |()| editing.set(Editing::Nothing)) />
                </Show>
            </Show>
            <Actions editing />
        </section>
    }
}

/// The ways in and out.
#[component]
fn Actions(editing: RwSignal<Editing>) -> impl IntoView {
    let shared = use_shared();
    let table = shared.mapping.table.now;
    let export = move |_| {
        table.with_untracked(|table| save::text(shared, "mapping.toml", "application/toml", &to_text(table)));
    };
    let can_undo = Memo::new(move |_| shared.mapping.table.can_take_back() && shared.owns.get());
    let can_redo = Memo::new(move |_| shared.mapping.table.can_make_again() && shared.owns.get());
    view! {
        <div class="choices">
            <Show when=move || shared.owns.get()>
                <button class="small" id="new-meaning" on:click=move |_| editing.set(Editing::New)>{say!("Add a row…")}</button>
                <TakeFile of="mapping" hint=say!("A TOML file as Export writes it; its rows join those that are here") label=say!("Mapping file") take=take_file />
            </Show>
            <Show when=move || table.with(|table| !table.is_empty())>
                <button class="small" id="export-mapping" on:click=export>{say!("Export")}</button>
            </Show>
            <Show when=move || can_undo.get()>
                <button class="small quiet" id="undo-mapping" on:click=move |_| undo(shared)>{say!("Undo the last change")}</button>
            </Show>
            <Show when=move || can_redo.get()>
                <button class="small quiet" id="redo-mapping" on:click=move |_| redo(shared)>{say!("Make the change again")}</button>
            </Show>
        </div>
    }
}

#[component]
fn Row(meaning: Meaning, editing: RwSignal<Editing>) -> impl IntoView {
    let shared = use_shared();
    let name = StoredValue::new(meaning.name.clone());
    let is_edited = Memo::new(move |_| {
        editing.with(|editing| matches!(editing, Editing::Row(edited) if name.with_value(|name| name == edited)))
    });
    let delete = move |_| {
        let name = name.get_value();
        let mut table: Meanings = (*shared.mapping.table.latest.get_untracked()).clone();
        table.rows.retain(|row| row.name != name);
        change(shared, table, say!("{name} is no longer mapped.", name));
    };
    let edits = say!("Edit {name}", name.get_value());
    let deletes = say!("Delete {name}", name.get_value());
    let listed = |title: &'static str, names: &[String]| {
        let codes = names.iter().map(|name| view! { <code>{name.clone()}</code> }).collect_view();
        view! { <td data-title=title class:none=names.is_empty()>{codes}</td> }
    };
    let words =
        meaning.values.iter().map(|group| view! { <span class="same">{group.join(" = ")}</span> }).collect_view();
    let has_words = !meaning.values.is_empty();
    let cells = view! {
        {listed(say!("In logs"), &meaning.logs)}
        {listed(say!("In spans"), &meaning.spans)}
        {listed(say!("In metrics"), &meaning.metrics)}
    };
    let before = StoredValue::new(meaning);
    view! {
        <tr data-meaning=name.get_value()>
            <th scope="row">{name.get_value()}</th>
            {cells}
            <td data-title=say!("Words that say the same") class:none=!has_words>{words}</td>
            <td class="actions">
                <Show when=move || shared.owns.get()>
                    <button class="small" data-does="edit" aria-label=edits.clone() on:click=move |_| editing.set(Editing::Row(name.get_value()))>{say!("Edit…")}</button>
                    <button class="small quiet" data-does="delete" aria-label=deletes.clone() on:click=delete>{say!("Delete")}</button>
                </Show>
            </td>
        </tr>
        <Show when=move || is_edited.get()>
            <tr class="edited"><td colspan="6">
                <Form before=Some(before.get_value()) close=Callback::new(move |()| editing.set(Editing::Nothing)) />
            </td></tr>
        </Show>
    }
}

/// Rows that the findings ask for.
#[component]
fn Suggested(report: Memo<Option<Arc<DriftReport>>>) -> impl IntoView {
    let shared = use_shared();
    let suggested = Memo::new(move |_| {
        let table = shared.mapping.table.now.get();
        report.with(|report| report.as_ref().map(|report| report.suggested(&table)).unwrap_or_default())
    });
    let take_all = move |_| take(shared, suggested.get_untracked());
    let n_suggested = Memo::new(move |_| suggested.with(Vec::len));
    let row = move |meaning: Meaning| {
        let words = crate::mapping::in_words(&meaning);
        let name = meaning.name.clone();
        view! {
            <li data-suggested=name>
                <span>{words}</span>
                <Show when=move || shared.owns.get()>
                    <TakeIn rows=vec![meaning.clone()] />
                </Show>
            </li>
        }
    };
    let rows = move || suggested.get().into_iter().take(MOST_SUGGESTED).map(row).collect_view();
    view! {
        <Show when=move || { n_suggested.get() > 0 }>
            <div class="suggested">
                <h3>{say!("Found in what does not agree")}</h3>
                <ul>{rows}</ul>
                <Show when=move || { n_suggested.get() > 1 && shared.owns.get() }>
                    <button class="small" id="take-all" on:click=take_all>{move || say!("Take all {}", n_suggested.get())}</button>
                </Show>
            </div>
        </Show>
    }
}

#[component]
pub fn TakeIn(rows: Vec<Meaning>) -> impl IntoView {
    let shared = use_shared();
    let names = rows.iter().map(|meaning| &*meaning.name).collect::<Vec<_>>().join(", ");
    let title = say!("Put into the mapping table: {names}", names);
    let words = if rows.len() > 1 { say!("Map them") } else { say!("Map it") };
    view! { <button class="small" data-does="take" title=title on:click=move |_| take(shared, rows.clone())>{words}</button> }
}

fn take(shared: Shared, rows: Vec<Meaning>) {
    let words = match &rows[..] {
        [meaning] => say!("{name} is mapped: search for it.", meaning.name),
        rows => say!("{} rows are in the mapping table now.", rows.len()),
    };
    take_in(shared, rows, words);
}

/// The rows of a file join the table.
fn take_file(shared: Shared, file: File) {
    spawn_local(async move {
        let (name, text) = (file.name(), text_of(&file).await);
        let on_reply = move |reply| match reply {
            Reply::Done(Ok(Answer::Meanings(read))) => {
                let n_rows = counted!(read.rows.len() as u64, "row", "rows");
                take_in(shared, read.rows, say!("{n_rows} read from {name}.", n_rows, name));
            }
            Reply::Done(Err(failure)) => {
                shared.trouble.set(Some(say!("{name} is no mapping table. {failure}", name, failure)));
            }
            _ => {}
        };
        shared.port.with_value(|port| port.ask(Ask::ReadMeanings(text), on_reply).forget());
    });
}
