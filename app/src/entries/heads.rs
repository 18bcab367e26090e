//! The heads of the columns: their names, the edges that resize them, and the menu that moves and hides them.

use leptos::ev;
use leptos::prelude::*;
use model::columns::{LEVEL, MESSAGE, SINCE_PIN, Shows, TIME};
use model::query::{SortKey, Stage, split};
use model::say;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::columns::{ShownColumns, is_resizable, set_width, title, toggle_column};
use super::display::Choice;
use super::{colour, focus_entries, pin};
use crate::focus::{focus_when_lost, quoted};
use crate::grip::{Grip, Ruler};
use crate::icons;
use crate::scope::{Shared, Visit, use_shared};

/// Room for the menu beside the right edge of the window.
const MENU_PIXELS: f64 = 180.0;
/// A head that is moved less is pressed.
const LEAST_DRAG_PIXELS: f64 = 6.0;

/// The column whose menu is open, and where.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Opened {
    name: String,
    x: f64,
    y: f64,
}

/// A head that is dragged, and how many columns further it would stand.
#[derive(Clone, Debug, PartialEq)]
struct Dragged {
    name: String,
    from_x: f64,
    by: isize,
    /// It was moved far enough to be no press.
    is_moved: bool,
}

#[component]
pub fn Heads(columns: ShownColumns, opened: RwSignal<Opened>) -> impl IntoView {
    let shared = use_shared();
    let shows = Memo::new(move |_| shared.scope.with(|scope| scope.shows));
    let dragged = RwSignal::new(None::<Dragged>);
    view! {
        <Show when=move || shows.get() == Shows::Columns fallback=move || only_head(shared, shows)>
            <For each=move || columns.names.get() key=|name| name.clone() let:name>
                <Head columns name opened dragged />
            </For>
            <Ruler />
        </Show>
    }
}

/// In place of the columns: what rows show instead, and the way back.
fn only_head(shared: Shared, shows: Memo<Shows>) -> impl IntoView {
    let back = move |_| {
        shared.change(Visit::New, |scope| scope.shows = Shows::Columns);
        focus_entries();
    };
    view! {
        <span role="columnheader" class="only">
            {move || shows.get().words()}
            <button class="quiet" id="show-columns" title=say!("Show the columns again") aria-label=say!("Show the columns again") on:click=back>
                {icons::icon(icons::CLOSE)}
            </button>
        </span>
    }
}

#[component]
fn Head(
    columns: ShownColumns,
    name: String,
    opened: RwSignal<Opened>,
    dragged: RwSignal<Option<Dragged>>,
) -> impl IntoView {
    let shared = use_shared();
    let own = StoredValue::new(name.clone());
    let is_own = move |dragged: &Dragged| own.with_value(|name| dragged.name == *name);
    let open = move |event: ev::MouseEvent| {
        let Some(button) = event.current_target().and_then(|t| t.dyn_into::<Element>().ok()) else { return };
        let bounds = button.get_bounding_client_rect();
        let width = window().inner_width().ok().and_then(|width| width.as_f64()).unwrap_or_default();
        let x = bounds.left().min(width - MENU_PIXELS).max(0.0);
        opened.set(Opened { name: own.get_value(), x, y: bounds.bottom() });
    };
    let on_down = move |event: ev::PointerEvent| {
        if event.button() == 0 {
            if let Some(button) = event.current_target().and_then(|t| t.dyn_into::<Element>().ok()) {
                // Without capture the drag would end where the head does.
                let _ = button.set_pointer_capture(event.pointer_id());
            }
            dragged.set(Some(Dragged {
                name: own.get_value(),
                from_x: event.client_x().into(),
                by: 0,
                is_moved: false,
            }));
        }
    };
    let on_move = move |event: ev::PointerEvent| {
        let Some(before) = dragged.get_untracked().filter(is_own) else { return };
        let x = f64::from(event.client_x());
        let is_moved = before.is_moved || (x - before.from_x).abs() >= LEAST_DRAG_PIXELS;
        if !is_moved {
            return;
        }
        let by = columns.names.with_untracked(|names| places_to(names, &before.name, x));
        dragged.set(Some(Dragged { by, is_moved, ..before }));
    };
    let on_up = move |_| {
        let Some(was) = dragged.get_untracked().filter(is_own) else { return };
        // The press that ends a drag opens no menu: it comes after this.
        set_timeout(move || dragged.set(None), std::time::Duration::ZERO);
        columns.shift(&was.name, was.by);
    };
    let on_key = move |event: ev::KeyboardEvent| {
        let by = match event.key().as_str() {
            "ArrowLeft" if event.shift_key() => -1,
            "ArrowRight" if event.shift_key() => 1,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        own.with_value(|name| {
            columns.shift(name, by);
            // It stands elsewhere on the page now.
            focus_when_lost(vec![format!("#entries [data-column={}] button", quoted(name))]);
        });
    };
    // Where a drag would put it: before or behind this one.
    let mark = move || {
        let dragged = dragged.get().filter(|dragged| dragged.is_moved)?;
        columns.names.with(|names| {
            let place = |name: &str| names.iter().position(|other| other == name);
            let (from, here) = (place(&dragged.name)?, own.with_value(|name| place(name))?);
            let is_target = dragged.by != 0 && from.checked_add_signed(dragged.by) == Some(here);
            is_target.then_some(if dragged.by > 0 { "behind" } else { "before" })
        })
    };
    let is_dragged = move || dragged.with(|dragged| dragged.as_ref().is_some_and(|one| one.is_moved && is_own(one)));
    let chars = Signal::derive(move || own.with_value(|name| columns.width(name)));
    let set = Callback::new(move |chars: Option<u32>| own.with_value(|name| set_width(shared, name, chars)));
    let hint = say!("{}: menu; drag or Shift and arrow keys move the column", title(&name));
    // The column of levels is as wide as a letter.
    let words = if name == LEVEL { say!("L") } else { title(&name) }.to_owned();
    let label = (name == LEVEL).then(|| title(&name).to_owned());
    view! {
        <span role="columnheader" class="head" data-column=name.clone() data-drop=mark class:dragged=is_dragged>
            <button class="quiet" popovertarget="column-menu" aria-haspopup="dialog" title=hint aria-label=label
                on:click=move |event| match dragged.with_untracked(|dragged| dragged.as_ref().is_some_and(|one| one.is_moved)) {
                    true => event.prevent_default(),
                    false => open(event),
                }
                on:pointerdown=on_down on:pointermove=on_move on:pointerup=on_up
                on:pointercancel=move |_| dragged.set(None) on:keydown=on_key>
                {words}
            </button>
            {(name == SINCE_PIN).then(|| view! { <PinTools /> })}
            {is_resizable(&name).then(|| view! {
                // Of services where there are none nothing is to be seen.
                <Show when=move || { chars.get() > 0 }><Grip name=own.get_value() chars set /></Show>
            })}
        </span>
    }
}

/// To the pinned row, and away with it.
#[component]
fn PinTools() -> impl IntoView {
    let shared = use_shared();
    let go = move |_| {
        if let Some(key) = shared.scope.with_untracked(|scope| scope.pinned) {
            shared.select(Some(key));
        }
    };
    let let_go = move |_| {
        pin::let_go(shared);
        focus_entries();
    };
    view! {
        <button class="quiet" id="go-to-pin" title=say!("Go to the pinned row") aria-label=say!("Go to the pinned row") on:click=go>{icons::icon(icons::PIN)}</button>
        <button class="quiet" id="let-go-of-pin" title=say!("Let go of the pinned row (P)") aria-label=say!("Let go of the pinned row") on:click=let_go>{icons::icon(icons::CLOSE)}</button>
    }
}

/// How many columns further the one of this name stands where it is dropped at `x`, in pixels of the window.
fn places_to(names: &[String], dragged: &str, x: f64) -> isize {
    let middle = |name: &String| {
        let head = document().query_selector(&format!("#entries [data-column={}]", quoted(name))).ok().flatten()?;
        let bounds = head.get_bounding_client_rect();
        Some(bounds.left() + bounds.width() / 2.0)
    };
    let middles: Vec<f64> = names.iter().filter_map(middle).collect();
    let Some(from) = names.iter().position(|name| name == dragged) else { return 0 };
    places_passed(&middles, from, x)
}

/// Those are passed whose middle lies between the column's own place and the pointer.
fn places_passed(middles: &[f64], from: usize, x: f64) -> isize {
    let n_behind = middles.iter().skip(from + 1).filter(|&&middle| x > middle).count() as isize;
    let n_before = middles.iter().take(from).filter(|&&middle| x < middle).count() as isize;
    n_behind - n_before
}

/// Moves and hides the column that it was opened for.
#[component]
pub fn ColumnMenu(columns: ShownColumns, opened: RwSignal<Opened>) -> impl IntoView {
    let shared = use_shared();
    let name = move || opened.with(|opened| title(&opened.name).to_owned());
    let step = move |words: &'static str, by: isize| {
        let is_end = move || opened.with(|opened| !columns.can_shift(&opened.name, by));
        let shift = move |_| opened.with_untracked(|opened| columns.shift(&opened.name, by));
        view! { <button class="quiet" aria-disabled=move || is_end().to_string() on:click=shift>{words}</button> }
    };
    let is_colour = move || opened.with(|opened| colour::is_colour(shared, &opened.name));
    let can_colour = move || opened.with(|opened| ![TIME, SINCE_PIN, MESSAGE].contains(&opened.name.as_str()));
    let colour_by = move |_| {
        // Pressed again, it is the level's colour.
        let name =
            if untrack(is_colour) { LEVEL.to_owned() } else { opened.with_untracked(|opened| opened.name.clone()) };
        colour::set_colour(shared, &name);
    };
    let can_sort = move || opened.with(|opened| ![TIME, SINCE_PIN, MESSAGE].contains(&opened.name.as_str()));
    let sort = move |_| {
        let query = shared.query.with_untracked(|query| {
            let names = columns.names.get_untracked();
            opened.with_untracked(|opened| sorted_by(query, names, &opened.name))
        });
        shared.set_query(query, Visit::New);
        // The entries go out of sight, and with them the head that has the keyboard; the rows come with their answer.
        focus_when_lost(["#result-rows", "#as-table"].map(str::to_owned).to_vec());
    };
    view! {
        <div popover="auto" id="column-menu" role="dialog" aria-label=move || say!("Column {}", name())
            style=("--x", move || format!("{}px", opened.with(|opened| opened.x)))
            style=("--y", move || format!("{}px", opened.with(|opened| opened.y)))>
            <h2>{name}</h2>
            {step(say!("Move left"), -1)}
            {step(say!("Move right"), 1)}
            <button class="quiet" id="colour-by-column" aria-pressed=move || is_colour().to_string() hidden=move || !can_colour() on:click=colour_by>
                {say!("Colour rows by it")}
            </button>
            <button class="quiet" id="sort-by-column" popovertarget="column-menu" popovertargetaction="hide" hidden=move || !can_sort()
                title=say!("As a table of these columns, the largest first, in place of what stands behind the search: entries stay in the order of their times") on:click=sort>
                {say!("Sort by it")}
            </button>
            <button class="quiet" id="hide-column" popovertarget="column-menu" popovertargetaction="hide" on:click=move |_| hide(shared, opened)>
                {say!("Hide")}
            </button>
        </div>
    }
}

/// The query with its entries as a table of these columns, the largest of one first.
fn sorted_by(query: &str, columns: Vec<String>, name: &str) -> String {
    let fields = Stage::Fields { names: columns.into_iter().filter(|column| column != SINCE_PIN).collect() };
    let sort = Stage::Sort { by: vec![SortKey { name: name.to_owned(), is_descending: true }] };
    format!("{} | {fields} | {sort}", split(query).0.trim_end()).trim_start().to_owned()
}

fn hide(shared: Shared, opened: RwSignal<Opened>) {
    opened.with_untracked(|opened| match opened.name.as_str() {
        // Nothing else would show that there is one.
        SINCE_PIN => pin::let_go(shared),
        name => toggle_column(shared, name),
    });
    // The head that had the keyboard is gone.
    focus_entries();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_sorts_a_table_of_all_that_are_shown() {
        let columns = ["time", "since-pin", "took", "message"].map(str::to_owned).to_vec();
        let sorted = |query: &str| sorted_by(query, columns.clone(), "took");
        assert_eq!(sorted(""), "| fields time, took, message | sort -took");
        assert_eq!(sorted("took>1s | count"), "took>1s | fields time, took, message | sort -took");
    }

    #[test]
    fn a_head_is_dropped_where_it_passed_the_middle_of_others() {
        let middles = [10.0, 50.0, 90.0, 300.0];
        let passed = |from, x| places_passed(&middles, from, x);
        assert_eq!((passed(1, 60.0), passed(1, 89.0), passed(1, 91.0), passed(1, 999.0)), (0, 0, 1, 2));
        assert_eq!((passed(3, 89.0), passed(3, 0.0), passed(0, 11.0)), (-1, -3, 0));
    }
}
