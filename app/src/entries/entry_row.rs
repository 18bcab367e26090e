//! One row of the table.

use leptos::prelude::*;
use model::entry::Row;
use model::{counted, say};

use super::columns::Columns;
use super::display::Stripe;
use super::stamp::{Stamp, StampCell};
use super::table::Table;
use super::{line, row_id};
use crate::series::{N_COLOURS, class_of_service};

/// Put up once for each place on screen: only what stands in its cells follows the rows.
#[component]
pub fn EntryRow(table: Table, rank: u64) -> impl IntoView {
    let shared = table.shared;
    let row = Memo::new(move |_| table.rows.with(|rows| rows.get(rank)));
    let is_selected = move || {
        let selected = shared.scope.with(|scope| scope.selected);
        selected.is_some() && row.with(|row| row.as_ref().map(|row| row.key)) == selected
    };
    let class = move || {
        let stripe = shared.display.with(|display| display.stripe);
        row.with(|row| match row {
            Some(row) => {
                let marked = if shared.marks.has(row.key) { " marked" } else { "" };
                format!("row entry sev-{}{}{marked}", row.severity.band().name(), stripe_class(row, stripe))
            }
            None => "row entry awaited".to_owned(),
        })
    };
    let stamp =
        Memo::new(move |_| row.with(|row| row.as_ref().map(|row| Stamp::of(table, rank, row))).unwrap_or_default());
    let band = move || row.with(|row| row.as_ref().map(|row| row.severity.band()));
    let in_words = move || {
        let bookmarked = row.with(|row| row.as_ref().is_some_and(|row| shared.marks.has(row.key)));
        band().map(|band| format!("{}{}", band.name(), if bookmarked { say!(", bookmarked") } else { "" }))
    };
    let text = move || {
        let row = row.get()?;
        let more = (row.n_more_lines > 0)
            .then(|| counted!(row.n_more_lines.into(), "more line", "more lines"))
            .map(|words| view! { <span class="more">{format!("  +{words}")}</span> });
        let part = row.part.name().map(|name| view! { <span class="part" title=row.part.in_words()>{name}</span> });
        // Where more lines are shown, a long one wraps.
        let pieces = match shared.display.with(|display| display.n_lines()) {
            1 => line::pieces_in_sight(&row),
            _ => line::pieces(&row),
        };
        // Behind the message: the fields may not fit.
        let (message, fields): (Vec<_>, Vec<_>) = pieces.into_iter().partition(|piece| !piece.is_field);
        let shown = |pieces: Vec<line::Piece>| pieces.into_iter().map(line::piece).collect_view();
        Some(view! { {part}{shown(message)}{more}{shown(fields)} })
    };
    let choose = move |_| {
        // Whoever selects some of its text wants just that.
        if window().get_selection().ok().flatten().is_some_and(|selection| !selection.is_collapsed()) {
            return;
        }
        table.choose(rank);
        shared.details_open.set(true);
    };
    view! {
        <div class=class role="row" id=row_id(rank) aria-rowindex=(rank + 2).to_string()
            aria-selected=move || is_selected().to_string() on:click=choose>
            <StampCell stamp />
            <span role="gridcell" class="sev" title=move || band().map(|band| band.name())>
                {move || band().map(|band| band.letter().to_string())}<span class="unseen">{in_words}</span>
            </span>
            <span role="gridcell" class="service">{move || row.with(|row| row.as_ref().map(|row| row.service.clone()))}</span>
            <FieldCells table rank columns=table.columns />
            <span role="gridcell" class="text">{text}</span>
        </div>
    }
}

/// The class of the colour at the start; that of the severity is the row's own.
fn stripe_class(row: &Row, stripe: Stripe) -> String {
    match stripe {
        Stripe::Severity => String::new(),
        Stripe::Source => format!(" series-{}", row.key.source.0 % N_COLOURS),
        Stripe::Service => format!(" {}", class_of_service(&row.service)),
    }
}

#[component]
fn FieldCells(table: Table, rank: u64, columns: Columns) -> impl IntoView {
    move || {
        let names = columns.names.get();
        names.into_iter().map(|name| view! { <FieldCell table rank name /> }).collect_view()
    }
}

/// What an entry holds in a column.
#[component]
fn FieldCell(table: Table, rank: u64, name: String) -> impl IntoView {
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
    view! { <span role="gridcell" class="value-cell" class:number=is_number class:absent=is_absent title=title>{content}</span> }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::entry::{RowKey, SourceId};

    #[test]
    fn a_service_has_one_colour_and_entries_without_one_have_none_of_those() {
        let row = |service: &str, source: u32| Row {
            key: RowKey { source: SourceId(source), ..RowKey::default() },
            precision: Default::default(),
            severity: Default::default(),
            service: service.to_owned(),
            text: String::new(),
            message_bytes: 0,
            highlights: Vec::new(),
            paints: Vec::new(),
            n_more_lines: 0,
            part: Default::default(),
            values: Vec::new(),
        };
        let of_service = |service| stripe_class(&row(service, 1), Stripe::Service);
        assert_eq!(of_service("cart"), stripe_class(&row("cart", 2), Stripe::Service));
        assert_ne!(of_service("cart"), of_service("payment"));
        assert_eq!(of_service(""), " series-7");
        assert_ne!(stripe_class(&row("", 1), Stripe::Source), stripe_class(&row("", 2), Stripe::Source));
        assert_eq!(stripe_class(&row("cart", 1), Stripe::Severity), "");
    }
}
