//! One row of the table.

use std::sync::Arc;

use leptos::ev;
use leptos::prelude::*;
use model::columns::{LEVEL, MESSAGE, SERVICE, SINCE_PIN, TIME};
use model::entry::Row;
use model::{counted, say};

use super::stamp::{Stamp, StampCell, since_pin};
use super::table::{Reach, Table};
use super::{colour, focus_entries, has_text_selected, line, pin, row_id};
use crate::icons;

/// Put up once for each place on screen: only what stands in its cells follows the rows.
#[component]
pub fn EntryRow(table: Table, rank: u64) -> impl IntoView {
    let shared = table.shared;
    let row = Memo::new(move |_| table.rows.with(|rows| rows.get(rank)));
    let is_selected = move || {
        let selected = shared.scope.with(|scope| scope.selected);
        selected.is_some() && row.with(|row| row.as_ref().map(|row| row.key)) == selected
    };
    let is_chosen = move || row.with(|row| row.as_ref().is_some_and(|row| table.choice.has(row.key)));
    // Where several are chosen, the one that is looked at need not be one of them.
    let is_one = move || if table.choice.chosen.with(|chosen| chosen.is_empty()) { is_selected() } else { is_chosen() };
    let class = move || {
        row.with(|row| match row {
            Some(row) => {
                let states = [
                    ("marked", shared.marks.has(row.key)),
                    ("pinned", pin::is_pinned(shared, row.key)),
                    ("cursor", is_selected()),
                    ("going", table.preview.takes(row.key)),
                ];
                let states: String =
                    states.iter().filter(|(_, is_so)| *is_so).flat_map(|(name, _)| [" ", name]).collect();
                let colour = shared.scope.with(|scope| colour::class(&scope.colour, row));
                format!("row entry sev-{} {colour}{states}", row.severity.band().name())
            }
            None => "row entry awaited".to_owned(),
        })
    };
    // What colours say is said in words, too.
    let colour = Memo::new(move |_| {
        row.with(|row| shared.scope.with(|scope| row.as_ref().and_then(|row| colour::in_words(&scope.colour, row))))
    });
    let is_marked = move || row.with(|row| row.as_ref().is_some_and(|row| shared.marks.has(row.key)));
    let choose = move |event: ev::MouseEvent| {
        let key = row.with_untracked(|row| row.as_ref().map(|row| row.key));
        if table.press.takes_click(key) {
            return;
        }
        if event.shift_key() {
            return table.choose(rank, Reach::Stretch);
        }
        if event.ctrl_key() || event.meta_key() {
            if let Some(key) = key {
                table.choice.turn(key);
                table.choose(rank, Reach::Keep);
            }
            return;
        }
        if has_text_selected() {
            return;
        }
        table.choose(rank, Reach::Alone);
        shared.details_open.set(true);
    };
    // A stretch of rows, not of text.
    let on_down = move |event: ev::MouseEvent| {
        if event.shift_key() {
            event.prevent_default();
            focus_entries();
        }
    };
    view! {
        <div class=class role="row" id=row_id(rank) aria-rowindex=(rank + 2).to_string()
            aria-selected=move || is_one().to_string() on:click=choose on:mousedown=on_down>
            {move || colour.get().map(|words| {
                let title = words.clone();
                view! { <span class="stripe" title=title><span class="unseen">{words}" "</span></span> }
            })}
            {move || is_marked().then(|| view! { <span class="unseen">{say!("bookmarked")}" "</span> })}
            {move || table.columns.names.get().into_iter().map(|name| cell(table, rank, row, name)).collect_view()}
        </div>
    }
}

/// What an entry shows in a column.
fn cell(table: Table, rank: u64, row: Memo<Option<Arc<Row>>>, name: String) -> AnyView {
    match name.as_str() {
        TIME => view! { <TimeCell table rank row /> }.into_any(),
        SINCE_PIN => view! { <SincePinCell table row /> }.into_any(),
        LEVEL => view! { <LevelCell row /> }.into_any(),
        MESSAGE => view! { <MessageCell table row /> }.into_any(),
        _ => view! { <ValueCell table rank name /> }.into_any(),
    }
}

#[component]
fn TimeCell(table: Table, rank: u64, row: Memo<Option<Arc<Row>>>) -> impl IntoView {
    let stamp =
        Memo::new(move |_| row.with(|row| row.as_ref().map(|row| Stamp::of(table, rank, row))).unwrap_or_default());
    view! { <StampCell stamp /> }
}

/// How long before or after the pinned row.
#[component]
fn SincePinCell(table: Table, row: Memo<Option<Arc<Row>>>) -> impl IntoView {
    let is_pinned = move || row.with(|row| row.as_ref().is_some_and(|row| pin::is_pinned(table.shared, row.key)));
    let text = move || row.with(|row| row.as_ref().map(|row| since_pin(table, row)));
    view! {
        <span role="gridcell" class="time span since">
            {move || is_pinned().then(|| view! { {icons::icon(icons::PIN)}<span class="unseen">{say!("pinned")}" "</span> })}{text}
        </span>
    }
}

#[component]
fn LevelCell(row: Memo<Option<Arc<Row>>>) -> impl IntoView {
    let band = move || row.with(|row| row.as_ref().map(|row| row.severity.band()));
    view! {
        <span role="gridcell" class="sev" title=move || band().map(|band| band.name())>
            {move || band().map(|band| band.letter().to_string())}<span class="unseen">{move || band().map(|band| band.name())}</span>
        </span>
    }
}

/// The message, and what else there is room for.
#[component]
fn MessageCell(table: Table, row: Memo<Option<Arc<Row>>>) -> impl IntoView {
    let text = move || {
        let row = row.get()?;
        let more = (row.n_more_lines > 0)
            .then(|| counted!(row.n_more_lines.into(), "more line", "more lines"))
            .map(|words| view! { <span class="more">{format!("  +{words}")}</span> });
        let part = row.part.name().map(|name| view! { <span class="part" title=row.part.in_words()>{name}</span> });
        // Where more lines are shown, a long one wraps.
        let pieces = match table.shared.display.with(|display| display.n_lines()) {
            1 => line::pieces_in_sight(&row),
            _ => line::pieces(&row),
        };
        // Behind the message: the fields may not fit.
        let (message, fields): (Vec<_>, Vec<_>) = pieces.into_iter().partition(|piece| !piece.is_field);
        let shown = |pieces: Vec<line::Piece>| pieces.into_iter().map(line::piece).collect_view();
        Some(view! { {part}{shown(message)}{more}{shown(fields)} })
    };
    view! { <span role="gridcell" class="text">{text}</span> }
}

/// What an entry holds under a name that queries have for it.
#[component]
fn ValueCell(table: Table, rank: u64, name: String) -> impl IntoView {
    let class = if name == SERVICE { "service" } else { "value-cell" };
    let value = Memo::new(move |_| table.rows.with(|rows| rows.value(rank, &name)));
    let is_number = move || value.with(|value| matches!(value, Some(Some(value)) if value.text.parse::<f64>().is_ok()));
    let is_absent = move || value.with(|value| matches!(value, Some(None)));
    let title = move || value.get().flatten().map(|value| value.text);
    let content = move || match value.get()? {
        Some(value) => Some(line::marked(&value.text, &value.highlights)),
        None => Some(
            view! { <span aria-hidden="true">"–"</span><span class="unseen">{say!("not there")}</span> }.into_any(),
        ),
    };
    view! { <span role="gridcell" class=class class:number=is_number class:absent=is_absent title=title>{content}</span> }
}
