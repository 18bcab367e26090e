//! The table of entries: millions of rows, of which only the visible ones exist on the page.

mod columns;

mod display;

mod entry_row;

mod find;

mod heads;

mod line;

mod question;

mod rows;

mod scroll;

mod stamp;

mod strip;

mod table;

pub use self::columns::{can_be_column, is_column, toggle_column};
pub use self::display::{Choice, Display};
pub use self::line::{marked, piece, pieces, visible};
use leptos::prelude::*;
use model::say;

use self::entry_row::EntryRow;
use self::find::FindBar;
use self::heads::{ColumnMenu, FieldHeads, Opened};
use self::scroll::Scroll;
use self::strip::Strip;
use self::table::Table;
use crate::focus::focus_first;
use crate::nothing::NothingFound;
use crate::wording;

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
    let time_chars = Memo::new(move |_| {
        let written = table.rows.with(|rows| rows.iter().map(|row| row.precision.fraction_digits()).max());
        let display = shared.display.get();
        stamp::width_chars(display, display.digits.count(written.unwrap_or_default()))
    });
    let time_width = move || format!("{}.5ch", time_chars.get());
    let is_tall = move || shared.display.with(|display| display.n_lines() > 1);
    let n_lines = move || shared.display.with(|display| display.n_lines());
    let service_chars = Memo::new(move |_| {
        let longest = table.rows.with(|rows| rows.iter().map(|row| row.service.chars().count()).max());
        match longest.unwrap_or_default() {
            0 => 0,
            longest => longest.clamp(say!("Service").len(), SERVICE_CHARS),
        }
    });
    let service_width = move || format!("{}.5ch", service_chars.get());
    let columns = table.columns;
    let opened = RwSignal::new(Opened::default());
    let position = move || {
        let rank = table.cursor.get()?;
        let total = table.scroll.with_untracked(|scroll| scroll.n_rows);
        Some(say!("Entry {} of {}", wording::count(rank + 1), wording::count(total)))
    };
    let active = move || table.cursor.get().filter(|rank| visible.with(|visible| visible.contains(rank))).map(row_id);
    view! {
        <Show when=move || table.find.is_open.get()><FindBar find=table.find table /></Show>
        <div class="beside-strip">
        <div id="entries" role="grid" tabindex="0" aria-label=say!("Entries") node_ref=table.grid
            aria-rowcount=move || (total() + 1).to_string() aria-activedescendant=active
            aria-busy=move || (table.is_late.get() || table.is_stale()).to_string() class:stale=move || table.is_stale()
            data-shown=move || table.shown.with(|shown| shown.as_ref().map(|shown| shown.query.clone()))
            style=("--time-width", time_width) style=("--service-width", service_width)
            style=("--fields", move || columns.tracks()) style=("--fields-width", move || columns.sum())
            style=("--entry", move || format!("{}px", shared.display.with(|display| display.row_pixels())))
            style=("--lines", move || n_lines().to_string()) class:tall=is_tall
            class:has-fields=move || columns.names.with(|names| !names.is_empty())
            on:scroll=move |_| table.on_scroll()>
            <div class="row columns" role="row" aria-rowindex="1">
                <span role="columnheader">{say!("Time")}</span>
                <span role="columnheader"><span class="unseen">{say!("Level")}</span></span>
                <span role="columnheader" class="service">
                    <span class:unseen=move || service_chars.get() == 0>{say!("Service")}</span>
                </span>
                <FieldHeads columns opened />
                <span role="columnheader">{say!("Message")}</span>
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
        <Strip table />
        </div>
        <ColumnMenu columns opened />
        <Show when=move || table.found_nothing()><NothingFound shared /></Show>
        <p class="unseen" role="status" id="position">{position}</p>
    }
}

/// Puts the keyboard into the table, if it is there.
pub fn focus_entries() -> bool {
    focus_first(&["#entries"])
}

fn row_id(rank: u64) -> String {
    format!("row-{rank}")
}
