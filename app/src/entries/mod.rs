//! The table of entries: millions of rows, of which only the visible ones exist on the page.

mod choice;

mod choice_bar;

mod colour;

mod columns;

mod display;

mod entry_row;

mod find;

mod heads;

mod legend;

mod line;

mod pin;

mod press;

mod preview;

mod question;

mod rows;

mod scroll;

mod stamp;

mod strip;

mod table;

pub use self::colour::{USUAL_COLOURS, choose_colour, is_colour, set_colour, turn_colour};
pub use self::columns::{is_column, set_width, title as column_title, toggle_column};
pub use self::display::{Choice, Display};
pub use self::line::{marked, piece, pieces, visible};
use leptos::prelude::*;
use model::say;

use self::choice_bar::ChoiceBar;
use self::entry_row::EntryRow;
use self::find::FindBar;
use self::heads::{ColumnMenu, Heads, Opened};
use self::legend::Legend;
use self::scroll::Scroll;
use self::strip::Strip;
use self::table::Table;
use crate::focus::focus_first;
use crate::nothing::NothingFound;
use crate::wording;

#[component]
pub fn Entries() -> impl IntoView {
    let table = Table::new();
    let shared = table.shared;
    let visible = table.visible;
    let topmost = Memo::new(move |_| {
        let first = visible.with(|visible| visible.start);
        table.rows.with(|rows| rows.key(first)).map(|key| key.time)
    });
    Effect::new(move || shared.topmost.set(topmost.get()));
    let total = move || table.scroll.with(|scroll| scroll.n_rows);
    let window_height = move || format!("{}px", table.scroll.with(|scroll| scroll.view_pixels));
    let offset = move || format!("translateY({}px)", table.scroll.with(Scroll::first_offset));
    let time_chars = Memo::new(move |_| {
        let written = table.rows.with(|rows| rows.iter().map(|row| row.precision.fraction_digits()).max());
        let display = shared.display.get();
        stamp::width_chars(display, display.digits.count(written.unwrap_or_default()), shared.times_as_written.get())
    });
    let since_chars = Memo::new(move |_| {
        let written = table.rows.with(|rows| rows.iter().map(|row| row.precision.fraction_digits()).max());
        stamp::span_chars(shared.display.with(|display| display.digits.count(written.unwrap_or_default())))
    });
    let time_width = move || format!("{}.5ch", time_chars.get());
    let date_width = move || format!("{}ch", stamp::date_chars(shared.display.get()));
    let is_tall = move || shared.display.with(|display| display.n_lines() > 1);
    let n_lines = move || shared.display.with(|display| display.n_lines());
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
        <Legend table />
        <div class="beside-strip">
        <div id="entries" role="grid" aria-multiselectable="true" tabindex="0" aria-label=say!("Entries") node_ref=table.grid
            aria-rowcount=move || (total() + 1).to_string() aria-activedescendant=active
            aria-busy=move || (table.is_late.get() || table.is_stale()).to_string() class:stale=move || table.is_stale() && !table.preview.is_on.get() class:previewing=move || table.preview.is_on.get()
            data-shown=move || table.shown.with(|shown| shown.as_ref().map(|shown| shown.query.clone()))
            style=("--time-width", time_width) style=("--date-width", date_width) style=("--since-track", move || format!("{}.5ch", since_chars.get()))
            style=("--tracks", move || columns.tracks()) style=("--least-width", move || columns.least_width())
            style=("--entry", move || format!("{}px", shared.display.with(|display| display.row_pixels())))
            style=("--lines", move || n_lines().to_string()) class:tall=is_tall
            class:has-others=move || columns.has_others() class:usual=move || columns.are_usual()
            on:scroll=move |_| table.on_scroll() on:keydown=move |event| table.on_key(&event)>
            <div class="row columns" role="row" aria-rowindex="1">
                <Heads columns opened />
            </div>
            <div class="list" node_ref=table.spacer role="presentation"
                on:pointerdown=move |event| table.press.on_down(&event, |rank| table.rows.with_untracked(|rows| rows.key(rank)))
                on:pointermove=move |event| table.press.on_move(&event) on:pointerup=move |_| table.press.end()
                on:pointercancel=move |_| table.press.end() on:contextmenu=move |event| table.press.on_menu(&event)>
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
        <Show when=move || table.choice.chosen.with(|chosen| !chosen.is_empty())><ChoiceBar choice=table.choice /></Show>
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

/// The rank in what [`row_id`] made.
fn row_of_id(id: &str) -> Option<u64> {
    id.strip_prefix("row-")?.parse().ok()
}

/// Whoever selects some text wants just that.
pub fn has_text_selected() -> bool {
    window().get_selection().ok().flatten().is_some_and(|selection| !selection.is_collapsed())
}
