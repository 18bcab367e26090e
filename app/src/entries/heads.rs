//! The heads of the columns: their names, the edges that resize them, and the menu that moves and removes them.

use leptos::ev;
use leptos::html::Span;
use leptos::prelude::*;
use model::say;
use wasm_bindgen::JsCast;

use super::columns::{CHARS, Columns, can_shift, shift_column, toggle_column};
use super::focus_entries;
use crate::scope::{Shared, use_shared};

/// Room for the menu beside the right edge of the window.
const MENU_PIXELS: f64 = 180.0;

/// The column whose menu is open, and where.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Opened {
    name: String,
    x: f64,
    y: f64,
}

#[component]
pub fn FieldHeads(columns: Columns, opened: RwSignal<Opened>) -> impl IntoView {
    view! {
        <For each=move || columns.names.get() key=|name| name.clone() let:name>
            <Head columns name opened />
        </For>
    }
}

#[component]
fn Head(columns: Columns, name: String, opened: RwSignal<Opened>) -> impl IntoView {
    let open = {
        let name = name.clone();
        move |event: ev::MouseEvent| {
            let Some(button) = event.current_target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()) else {
                return;
            };
            let bounds = button.get_bounding_client_rect();
            let width = window().inner_width().ok().and_then(|width| width.as_f64()).unwrap_or_default();
            let x = bounds.left().min(width - MENU_PIXELS).max(0.0);
            opened.set(Opened { name: name.clone(), x, y: bounds.bottom() });
        }
    };
    let title = say!("{name}: move or remove this column", name);
    view! {
        <span role="columnheader" class="field-column" data-column=name.clone()>
            <button class="quiet" popovertarget="column-menu" aria-haspopup="dialog" title=title on:click=open>
                {name.clone()}
            </button>
            <Grip columns name=name.clone() />
        </span>
    }
}

/// The right edge of a column: dragged, moved with the arrow keys; Enter or two clicks make it fit.
#[component]
fn Grip(columns: Columns, name: String) -> impl IntoView {
    let grip = NodeRef::<Span>::new();
    let name = StoredValue::new(name);
    // Where the drag began: the pointer, the width, and how many pixels a character has.
    let drag = RwSignal::new(None::<(f64, f64, f64)>);
    let chars = move || name.with_value(|name| columns.width(name));
    let set = move |chars: Option<u32>| name.with_value(|name| columns.set_width(name, chars));
    let on_down = move |event: ev::PointerEvent| {
        let head = grip.get_untracked().and_then(|grip| {
            // Without capture the drag only ends over the edge.
            let _ = grip.set_pointer_capture(event.pointer_id());
            grip.parent_element()
        });
        let Some(head) = head else { return };
        let n_chars = f64::from(untrack(chars));
        let char_pixels = (head.get_bounding_client_rect().width() / (n_chars + 0.5)).max(1.0);
        drag.set(Some((f64::from(event.client_x()), n_chars, char_pixels)));
        event.prevent_default();
    };
    let on_move = move |event: ev::PointerEvent| {
        if let Some((from, n_chars, char_pixels)) = drag.get_untracked() {
            set(Some((n_chars + (f64::from(event.client_x()) - from) / char_pixels).round().max(0.0) as u32));
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        match event.key().as_str() {
            "ArrowLeft" => set(Some(untrack(chars).saturating_sub(1))),
            "ArrowRight" => set(Some(untrack(chars) + 1)),
            "Home" => set(Some(*CHARS.start())),
            "Enter" => set(None),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    view! {
        <span class="grip" node_ref=grip role="separator" tabindex="0" aria-orientation="vertical"
            aria-label=name.with_value(|name| say!("Width of {name}", name))
            aria-valuenow=move || chars().to_string() aria-valuetext=move || say!("{} characters", chars())
            aria-valuemin=CHARS.start().to_string() aria-valuemax=CHARS.end().to_string()
            title=say!("Drag to resize; two clicks make it fit")
            on:pointerdown=on_down on:pointermove=on_move on:pointerup=move |_| drag.set(None)
            on:pointercancel=move |_| drag.set(None) on:dblclick=move |_| set(None) on:keydown=on_key></span>
    }
}

/// Moves and removes the column that it was opened for.
#[component]
pub fn ColumnMenu(columns: Columns, opened: RwSignal<Opened>) -> impl IntoView {
    let shared = use_shared();
    let name = move || opened.with(|opened| opened.name.clone());
    let step = move |words: &'static str, by: isize| {
        let is_end = move || columns.names.with(|names| opened.with(|opened| !can_shift(names, &opened.name, by)));
        let shift = move |_| shift_column(shared, &opened.with_untracked(|opened| opened.name.clone()), by);
        view! { <button class="quiet" aria-disabled=move || is_end().to_string() on:click=shift>{words}</button> }
    };
    view! {
        <div popover="auto" id="column-menu" role="dialog" aria-label=move || say!("Column {}", name())
            style=("--x", move || format!("{}px", opened.with(|opened| opened.x)))
            style=("--y", move || format!("{}px", opened.with(|opened| opened.y)))>
            <h2>{name}</h2>
            {step(say!("Move left"), -1)}
            {step(say!("Move right"), 1)}
            <button class="quiet" id="remove-column" popovertarget="column-menu" popovertargetaction="hide" on:click=move |_| remove(shared, opened)>
                {say!("Remove")}
            </button>
        </div>
    }
}

fn remove(shared: Shared, opened: RwSignal<Opened>) {
    toggle_column(shared, &opened.with_untracked(|opened| opened.name.clone()));
    // The head that had the keyboard is gone.
    focus_entries();
}
