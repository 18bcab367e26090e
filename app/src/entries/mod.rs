//! The table of entries: millions of rows, of which only the visible ones exist on the page.

mod columns;

mod heads;

mod line;

mod question;

mod rows;

mod scroll;

mod table;

pub use self::columns::{can_be_column, is_column, toggle_column};
pub use self::line::{marked, piece, pieces};
use leptos::prelude::*;
use model::query::with_open_words;
use model::time::{Precision, format_wall};

use self::heads::{ColumnMenu, FieldHeads, Opened};
use self::scroll::Scroll;
use self::table::Table;
use crate::scope::{Shared, Visit};
use crate::wording;

const DATE_CLOCK_CHARS: usize = 19;
/// Longer service names are cut.
const SERVICE_CHARS: usize = 18;

#[component]
pub fn Entries() -> impl IntoView {
    let table = Table::new();
    let shared = table.shared;
    let visible = table.visible;
    let total = move || table.scroll.with(|scroll| scroll.n_rows);
    let window_height = move || format!("{}px", table.scroll.with(|scroll| scroll.view_pixels));
    let offset = move || format!("translateY({}px)", table.scroll.with(Scroll::first_offset));
    let digits = Memo::new(move |_| {
        let digits = table.rows.with(|rows| rows.iter().map(|row| row.precision.fraction_digits()).max());
        digits.unwrap_or_default()
    });
    let time_width = move || match digits.get() {
        0 => format!("{DATE_CLOCK_CHARS}.5ch"),
        digits => format!("{}.5ch", DATE_CLOCK_CHARS + 1 + digits),
    };
    let service_chars = Memo::new(move |_| {
        let longest = table.rows.with(|rows| rows.iter().map(|row| row.service.chars().count()).max());
        match longest.unwrap_or_default() {
            0 => 0,
            longest => longest.clamp("Service".len(), SERVICE_CHARS),
        }
    });
    let service_width = move || format!("{}.5ch", service_chars.get());
    let columns = table.columns;
    let opened = RwSignal::new(Opened::default());
    let position = move || {
        let rank = table.cursor.get()?;
        let total = table.scroll.with_untracked(|scroll| scroll.n_rows);
        Some(format!("Entry {} of {}", wording::count(rank + 1), wording::count(total)))
    };
    let active = move || table.cursor.get().filter(|rank| visible.with(|visible| visible.contains(rank))).map(row_id);
    view! {
        <div id="entries" role="grid" tabindex="0" aria-label="Entries" node_ref=table.grid
            aria-rowcount=move || (total() + 1).to_string() aria-activedescendant=active
            aria-busy=move || (table.is_late.get() || table.is_stale()).to_string() class:stale=move || table.is_stale()
            data-shown=move || table.shown.with(|shown| shown.as_ref().map(|shown| shown.query.clone()))
            style=("--time-width", time_width) style=("--service-width", service_width)
            style=("--fields", move || columns.tracks()) style=("--fields-width", move || columns.sum())
            class:has-fields=move || columns.names.with(|names| !names.is_empty())
            on:scroll=move |_| table.on_scroll()>
            <div class="row columns" role="row" aria-rowindex="1">
                <span role="columnheader">"Time"</span>
                <span role="columnheader"><span class="unseen">"Level"</span></span>
                <span role="columnheader" class="service">
                    <span class:unseen=move || service_chars.get() == 0>"Service"</span>
                </span>
                <FieldHeads columns opened />
                <span role="columnheader">"Message"</span>
            </div>
            <div class="list" node_ref=table.spacer role="presentation">
                <div class="window" role="presentation" style:height=window_height>
                    <div role="rowgroup" style:transform=offset>
                        <For each=move || visible.get() key=|rank| *rank let:rank>
                            <EntryRow table rank />
                        </For>
                    </div>
                </div>
            </div>
        </div>
        <ColumnMenu columns opened />
        <Show when=move || table.found_nothing()><NothingFound shared /></Show>
        <p class="unseen" role="status" id="position">{position}</p>
    }
}

/// Puts the keyboard into the table, if it is there.
pub fn focus_entries() -> bool {
    use wasm_bindgen::JsCast;
    let found = document().get_element_by_id("entries").and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok());
    found.is_some_and(|grid| grid.focus().is_ok())
}

fn row_id(rank: u64) -> String {
    format!("row-{rank}")
}

#[component]
fn EntryRow(table: Table, rank: u64) -> impl IntoView {
    let shared = table.shared;
    let row = Memo::new(move |_| table.rows.with(|rows| rows.get(rank)));
    let is_selected = move || {
        let selected = shared.scope.with(|scope| scope.selected);
        selected.is_some() && row.with(|row| row.as_ref().map(|row| row.key)) == selected
    };
    let class = move || {
        row.with(|row| match row {
            Some(row) => format!("row entry sev-{}", row.severity.band().name()),
            None => "row entry awaited".to_owned(),
        })
    };
    let values = move || {
        let names = table.columns.names.get();
        names.into_iter().map(|name| view! { <FieldCell table rank name /> }).collect_view()
    };
    let cells = move || {
        let row = row.get()?;
        let stamp = shared.zone.with(|zone| format_wall(row.key.time, zone, row.precision.fraction_digits()));
        let (date, clock) = stamp.split_at(stamp.find(' ').map_or(0, |space| space + 1));
        let (clock, fraction) = clock.split_at(clock.find('.').unwrap_or(clock.len()));
        let (date, clock, fraction, hint) = match row.precision {
            Precision::Undated => ("", "—", "", Some(format!("{}: {stamp}", wording::UNDATED))),
            _ => (date, clock, fraction, None),
        };
        let (date, clock, fraction) = (date.to_owned(), clock.to_owned(), fraction.to_owned());
        let band = row.severity.band();
        let more = (row.n_more_lines > 0)
            .then(|| wording::counted(row.n_more_lines.into(), "more line", "more lines"))
            .map(|words| view! { <span class="more">{format!("  +{words}")}</span> });
        let part = row.part.name().map(|name| view! { <span class="part" title=row.part.in_words()>{name}</span> });
        Some(view! {
            <span role="gridcell" class="time" title=hint><span class="date">{date}</span>{clock}<span class="fraction">{fraction}</span></span>
            <span role="gridcell" class="sev" title=band.name()>
                {band.letter().to_string()}<span class="unseen">{band.name()}</span>
            </span>
            <span role="gridcell" class="service">{row.service.clone()}</span>
            {values}
            <span role="gridcell" class="text">{part}{line::pieces(&row).into_iter().map(line::piece).collect_view()}{more}</span>
        })
    };
    let choose = move |_| {
        table.choose(rank);
        shared.details_open.set(true);
    };
    view! {
        <div class=class role="row" id=row_id(rank) aria-rowindex=(rank + 2).to_string()
            aria-selected=move || is_selected().to_string() on:click=choose>
            {cells}
        </div>
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
        Some(value) => Some(marked(&value.text, &value.highlights)),
        None => Some(view! { <span aria-label="not there">"–"</span> }.into_any()),
    };
    view! { <span role="gridcell" class="value-cell" class:number=is_number class:absent=is_absent title=title>{content}</span> }
}

#[component]
fn NothingFound(shared: Shared) -> impl IntoView {
    let has_query = move || shared.filter.with(|filter| !filter.query.is_empty());
    // A word is a whole one: whoever typed half of it is told how to go on.
    let opened = move || shared.query.with(|query| with_open_words(query));
    let has_range = move || shared.filter.with(|filter| filter.range.is_some());
    view! {
        <div class="nothing">
            <p>"No entry matches."</p>
            {move || opened().map(|(query, words)| view! {
                <button id="open-words" on:click=move |_| shared.set_query(query.clone(), Visit::New)>
                    {format!("Search words that begin with {}", words.join(", "))}
                </button>
            })}
            <Show when=has_query>
                <button on:click=move |_| shared.set_query(String::new(), Visit::New)>"Clear the search"</button>
            </Show>
            <Show when=has_range>
                <button on:click=move |_| shared.set_range(None)>"Look in all of the time"</button>
            </Show>
        </div>
    }
}
