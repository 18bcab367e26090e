//! A result as a table: any number of rows, of which only those in sight exist on the page.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use leptos::ev;
use leptos::html::Div;
use leptos::prelude::*;
use model::columns::MESSAGE;
use model::query::{SortKey, Stage, parse_query, split};
use model::say;
use model::table::{Cell, Column, ColumnRole, Table};
use model::time::Zone;
use wasm_bindgen::JsCast;

use super::{drill, shown_in};
use crate::entries;
use crate::export::{RowsForm, copy_rows};
use crate::grip::{Grip, Ruler};
use crate::measured::use_size;
use crate::scope::use_shared;

/// As in the table of entries.
const ROW_PIXELS: f64 = 24.0;
/// Rows on the page beyond each edge.
const MARGIN_ROWS: usize = 12;
/// Rows that decide how wide a column is: the others are cut to it.
const MEASURED_ROWS: usize = 300;
const COLUMN_CHARS: Range<usize> = 5..56;
/// Beside a message, where there is not enough room for all: a time is not cut.
const SHRUNK_CHARS: usize = 24;
const LEAST_MESSAGE_CHARS: usize = 36;

/// How wide a column is, in characters: as wide as it has to be, and up to as wide as its values where there is room; without a
/// bound it takes all the room there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Width {
    least: usize,
    most: Option<usize>,
}

impl Width {
    /// Where there is enough room, or where it cannot be told from here.
    fn usual(self) -> usize {
        self.most.unwrap_or(self.least)
    }

    fn track(self) -> String {
        match self {
            Self { least, most: None } => format!("minmax({least}.5ch, 1fr)"),
            Self { least, most: Some(most) } if least == most => format!("{most}.5ch"),
            Self { least, most: Some(most) } => format!("minmax({least}.5ch, {most}.5ch)"),
        }
    }
}

/// The column that rows are sorted by, from 0, and whether from the largest.
pub type SortedBy = Option<(usize, bool)>;

/// `sort`: a click on a head.
#[component]
pub fn Grid(
    id: &'static str,
    table: Signal<Option<Arc<Table>>>,
    sorted_by: Memo<SortedBy>,
    sort: Callback<usize>,
) -> impl IntoView {
    let shared = use_shared();
    let grid = NodeRef::<Div>::new();
    let size = use_size(grid);
    let first_pixel = RwSignal::new(0.0);
    let cursor = RwSignal::new(None::<usize>);
    let n_rows = move || table.with(|table| table.as_ref().map_or(0, |table| table.rows.len()));
    let visible = Memo::new(move |_| {
        let first = (first_pixel.get() / ROW_PIXELS) as usize;
        let n_visible = (size.get().1 / ROW_PIXELS) as usize + 1;
        first.saturating_sub(MARGIN_ROWS)..(first + n_visible + MARGIN_ROWS).min(n_rows())
    });
    // Those that somebody chose are of the scope, as those of entries.
    let chosen = Memo::new(move |_| shared.scope.with(|scope| scope.widths.clone()));
    let fitting = Memo::new(move |_| {
        table.with(|table| table.as_ref().map(|table| shared.zone.with(|zone| widths(table, zone))).unwrap_or_default())
    });
    let template = Memo::new(move |_| {
        let names = table.with(|table| table.as_ref().map(|table| names(table)).unwrap_or_default());
        chosen.with(|chosen| fitting.with(|fitting| with_chosen(fitting, &names, chosen)))
    });
    let heads =
        Memo::new(move |_| table.with(|table| table.as_ref().map(|table| table.columns.clone())).unwrap_or_default());
    let head = move |(place, column): (usize, Column)| {
        let direction = move || sorted_by.get().filter(|(by, _)| *by == place).map(|(_, is_descending)| is_descending);
        let chars =
            Signal::derive(move || template.with(|widths| widths.get(place).map_or(0, |width| width.usual() as u32)));
        let set = {
            let name = column.name.clone();
            Callback::new(move |chars: Option<u32>| entries::set_width(shared, &name, chars))
        };
        // Nobody bounds what takes the room that there is.
        let is_bounded = fitting.with_untracked(|widths| widths.get(place).is_some_and(|width| width.most.is_some()));
        let grip = is_bounded.then(|| view! { <Grip name=column.name.clone() chars set /> });
        view! {
            <span role="columnheader" class:number=column.role == ColumnRole::Measure aria-colindex=(place + 1).to_string()
                aria-sort=move || match direction() { Some(true) => "descending", Some(false) => "ascending", None => "none" }>
                <button class="quiet" title=say!("Sort by this; once more the other way round") on:click=move |_| sort.run(place)>
                    <span class="name">{column.name}</span>
                    <span aria-hidden="true">{move || match direction() { Some(true) => " ↓", Some(false) => " ↑", None => "" }}</span>
                </button>
                {grip}
            </span>
        }
    };
    let open = move |row: usize| {
        let way = table.with_untracked(|table| table.as_ref()?.rows.get(row).map(|row| row.entries.clone()));
        if let Some(way) = way {
            drill(shared, &way);
        }
    };
    // Whoever selects some text wants just that.
    let press = move |row: usize| {
        if !entries::has_text_selected() {
            open(row);
        }
    };
    let copy = move |row: usize| {
        let one = table.with_untracked(|table| {
            let table = table.as_ref()?;
            let rows = vec![table.rows.get(row)?.clone()];
            Some(Table { columns: table.columns.clone(), rows, n_rows: 1, complete: true, ..Table::default() })
        });
        if let Some(one) = one {
            copy_rows(shared, Arc::new(one), RowsForm::Text);
        }
    };
    let record = move |row: usize| {
        let cells = move || {
            table.with(|table| {
                let table = table.as_ref()?;
                let cells = &table.rows.get(row)?.cells;
                let cell = |(place, (column, cell)): (usize, (&Column, &Cell))| {
                    let text = shared.zone.with(|zone| shown_in(table, place, cell, zone));
                    let text = entries::visible(&text).into_owned();
                    let (is_number, is_nothing) = (column.role == ColumnRole::Measure, *cell == Cell::Nothing);
                    view! {
                        <span role="gridcell" class:number=is_number class:absent=is_nothing title=text.clone()>{text.clone()}</span>
                    }
                };
                Some(table.columns.iter().zip(cells).enumerate().map(cell).collect_view())
            })
        };
        view! {
            <div role="row" class="record" id=row_id(id, row) aria-rowindex=(row + 2).to_string()
                aria-selected=move || (cursor.get() == Some(row)).to_string() on:click=move |_| press(row)>
                {cells}
            </div>
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let is_on_head = target.is_some_and(|target| target.closest(".columns").ok().flatten().is_some());
        let n_rows = table.with_untracked(|table| table.as_ref().map_or(0, |table| table.rows.len()));
        let is_held = (event.ctrl_key() || event.meta_key()) && !event.shift_key() && !event.alt_key();
        let is_bare = !event.ctrl_key() && !event.meta_key() && !event.alt_key();
        let copies = event.key() == "c" && is_held || event.key() == "y" && is_bare;
        if let Some(row) = cursor.get_untracked().filter(|_| copies && !is_on_head && !entries::has_text_selected()) {
            copy(row);
            event.prevent_default();
            event.stop_propagation();
            return;
        }
        if n_rows == 0 || is_on_head || event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let page = ((size.get_untracked().1 / ROW_PIXELS) as usize).max(2) - 1;
        let from = cursor.get_untracked();
        let next = match event.key().as_str() {
            "ArrowDown" | "j" => from.map_or(0, |row| row + 1),
            "ArrowUp" | "k" => from.map_or(0, |row| row.saturating_sub(1)),
            "PageDown" | " " => from.map_or(0, |row| row + page),
            "PageUp" => from.map_or(0, |row| row.saturating_sub(page)),
            "Home" | "g" => 0,
            "End" | "G" => n_rows - 1,
            "Enter" => {
                event.prevent_default();
                event.stop_propagation();
                from.into_iter().for_each(open);
                return;
            }
            _ => return,
        };
        let next = next.min(n_rows - 1);
        cursor.set(Some(next));
        if let Some(grid) = grid.get_untracked() {
            let (top, height) = (f64::from(grid.scroll_top()), size.get_untracked().1 - ROW_PIXELS);
            let row_top = next as f64 * ROW_PIXELS;
            if row_top < top || row_top + ROW_PIXELS > top + height {
                let to = if row_top < top { row_top } else { row_top + ROW_PIXELS - height };
                grid.set_scroll_top(to.max(0.0) as i32);
            }
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let on_scroll = move |_| {
        if let Some(grid) = grid.get_untracked() {
            first_pixel.set(f64::from(grid.scroll_top()));
        }
    };
    let active =
        move || cursor.get().filter(|row| visible.with(|visible| visible.contains(row))).map(|row| row_id(id, row));
    view! {
        <div id=id class="rows-of-result" role="grid" tabindex="0" aria-label=say!("Result") node_ref=grid style=("--columns", move || template.with(|widths| tracks(widths)))
            style=("--least-width", move || template.with(|widths| least_width(widths)))
            aria-rowcount=move || (n_rows() + 1).to_string() aria-activedescendant=active
            on:scroll=on_scroll on:keydown=on_key>
            // A row without cells would be no row: until the answer says which columns there are, it is only room for them.
            <div class="record columns" role=move || if heads.with(Vec::is_empty) { "presentation" } else { "row" }
                aria-rowindex=move || (!heads.with(Vec::is_empty)).then_some("1")>
                {move || heads.get().into_iter().enumerate().map(head).collect_view()}
                <Ruler />
            </div>
            <div role="rowgroup" style:height=move || format!("{}px", n_rows() as f64 * ROW_PIXELS)>
                <div role="presentation" style:transform=move || format!("translateY({}px)", visible.with(|visible| visible.start) as f64 * ROW_PIXELS)>
                    <For each=move || visible.get() key=|row| *row let:row>{record(row)}</For>
                </div>
            </div>
        </div>
    }
}

fn row_id(grid: &str, row: usize) -> String {
    format!("{grid}-{row}")
}

/// As wide as what is in the columns. A message at the end takes what room there is: where that is little, long values before it
/// make way.
fn widths(table: &Table, zone: &Zone) -> Vec<Width> {
    let ends_with_message = table.columns.last().is_some_and(|column| column.name == MESSAGE);
    let width = |(place, column): (usize, &Column)| {
        let of_row = |row: &model::table::TableRow| shown_in(table, place, &row.cells[place], zone).chars().count();
        let widest = table.rows.iter().take(MEASURED_ROWS).map(of_row).max().unwrap_or_default();
        // The head has its arrow beside it.
        let chars = widest.max(column.name.chars().count() + 2).clamp(COLUMN_CHARS.start, COLUMN_CHARS.end);
        match ends_with_message {
            true if place + 1 == table.columns.len() => Width { least: LEAST_MESSAGE_CHARS, most: None },
            true if chars > SHRUNK_CHARS => Width { least: SHRUNK_CHARS, most: Some(chars) },
            _ => Width { least: chars, most: Some(chars) },
        }
    };
    table.columns.iter().enumerate().map(width).collect()
}

fn names(table: &Table) -> Vec<String> {
    table.columns.iter().map(|column| column.name.clone()).collect()
}

/// What somebody chose goes before what fits, but for the column that takes the room that the others leave.
fn with_chosen(fitting: &[Width], names: &[String], chosen: &BTreeMap<String, u32>) -> Vec<Width> {
    let width = |(fitting, name): (&Width, &String)| match (chosen.get(name), fitting.most) {
        (Some(&chars), Some(_)) => Width { least: chars as usize, most: Some(chars as usize) },
        _ => *fitting,
    };
    fitting.iter().zip(names).map(width).collect()
}

/// Of a CSS grid.
fn tracks(widths: &[Width]) -> String {
    widths.iter().map(|width| width.track()).collect::<Vec<_>>().join(" ")
}

/// The least that all of them need with the gaps between them, as a CSS length.
fn least_width(widths: &[Width]) -> String {
    let n_columns = widths.len();
    let chars = widths.iter().map(|width| width.least).sum::<usize>() as f64 + n_columns as f64 / 2.0;
    format!("calc({chars}ch + {} * 1.25rem + 1.5rem)", n_columns.saturating_sub(1))
}

/// What the query sorts its result by last.
pub fn sort_of(query: &str) -> Option<SortKey> {
    match parse_query(query).0.stages.pop() {
        Some(Stage::Sort { by }) => by.into_iter().next(),
        _ => None,
    }
}

/// The query with its result sorted by a column: numbers from the largest, the rest from the first; once more turns it.
pub fn sorted(query: &str, column: &Column) -> String {
    let mut stages = parse_query(query).0.stages;
    let starts_descending = column.role == ColumnRole::Measure;
    let is_descending = match stages.pop() {
        Some(Stage::Sort { by }) => match by.first().filter(|key| key.name == column.name) {
            Some(key) => !key.is_descending,
            None => starts_descending,
        },
        other => {
            let sort =
                Stage::Sort { by: vec![SortKey { name: column.name.clone(), is_descending: starts_descending }] };
            // What the user typed stays as it was typed.
            return if other.is_some() { format!("{} | {sort}", query.trim_end()) } else { query.to_owned() };
        }
    };
    stages.push(Stage::Sort { by: vec![SortKey { name: column.name.clone(), is_descending }] });
    let filter = split(query).0.trim_end();
    stages.iter().fold(filter.to_owned(), |text, stage| format!("{text} | {stage}")).trim_start().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::quantity::Unit;
    use model::table::{Drill, TableRow};

    fn column(name: &str, role: ColumnRole) -> Column {
        Column { name: name.to_owned(), role, unit: Unit::Plain }
    }

    #[test]
    fn the_query_says_what_the_result_is_sorted_by() {
        let (count, path) = (column("count", ColumnRole::Measure), column("path", ColumnRole::Key));
        let once = sorted("a AND b |count by path", &count);
        assert_eq!(once, "a AND b |count by path | sort -count");
        let twice = sorted(&once, &count);
        assert_eq!(twice, "a AND b | count by path | sort count");
        assert_eq!(sorted(&twice, &path), "a AND b | count by path | sort path");
        assert_eq!(sort_of(&twice), Some(SortKey { name: "count".to_owned(), is_descending: false }));
        assert_eq!(sorted("| count by path", &count), "| count by path | sort -count");
    }

    #[test]
    fn a_long_value_makes_way_for_the_message_behind_it() {
        let table = |names: [&str; 2]| Table {
            columns: names.map(|name| column(name, ColumnRole::Key)).to_vec(),
            rows: vec![TableRow {
                cells: [40, 90].map(|chars| Cell::Text("x".repeat(chars))).to_vec(),
                entries: Drill::Entries { query: String::new(), range: None },
            }],
            ..Table::default()
        };
        let widths = |names| widths(&table(names), &Zone::utc());
        let of_message = widths(["path", "message"]);
        assert_eq!(tracks(&of_message), "minmax(24.5ch, 40.5ch) minmax(36.5ch, 1fr)");
        assert_eq!(least_width(&of_message), "calc(61ch + 1 * 1.25rem + 1.5rem)");
        assert_eq!(tracks(&widths(["message", "path"])), "40.5ch 56.5ch");

        // A width that was chosen does not make way; what takes the room there is has none.
        let chosen = BTreeMap::from([("path".to_owned(), 9), ("message".to_owned(), 9), ("gone".to_owned(), 9)]);
        let chosen = with_chosen(&of_message, &["path", "message"].map(str::to_owned), &chosen);
        assert_eq!(tracks(&chosen), "9.5ch minmax(36.5ch, 1fr)");
        assert_eq!(least_width(&chosen), "calc(46ch + 1 * 1.25rem + 1.5rem)");
    }

    #[test]
    fn a_column_is_called_in_a_query_as_it_is_in_its_head() {
        let text = sorted("| stats p95(took) by path", &column("p95(took)", ColumnRole::Measure));
        assert_eq!(sort_of(&text).map(|key| key.name), Some("p95(took)".to_owned()), "{text}");
        assert!(parse_query(&text).1.is_empty(), "{text}");
    }
}
