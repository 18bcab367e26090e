//! The right edge of a column: dragged, moved with the arrow keys; Enter or two clicks make it fit.

use leptos::ev;
use leptos::html::Span;
use leptos::prelude::*;
use model::columns::WIDTHS;
use model::say;
use web_sys::Element;

/// As many characters as the ruler is long.
const RULER_CHARS: f64 = 10.0;

/// Stands in the head of the column. `chars`: how wide that is; `set`: what it shall be, `None` for as wide as its values.
#[component]
pub fn Grip(name: String, chars: Signal<u32>, set: Callback<Option<u32>>) -> impl IntoView {
    let grip = NodeRef::<Span>::new();
    // Where the drag began: the pointer, the width, and how many pixels a character has.
    let drag = RwSignal::new(None::<(f64, f64, f64)>);
    let on_down = move |event: ev::PointerEvent| {
        let head = grip.get_untracked().and_then(|grip| {
            // Without capture the drag only ends over the edge.
            let _ = grip.set_pointer_capture(event.pointer_id());
            grip.parent_element()
        });
        let Some(head) = head else { return };
        let char_pixels = char_pixels(&head);
        // As it is on the page: where there is not enough room, it is less than what it could be.
        let n_chars = head.get_bounding_client_rect().width() / char_pixels - 0.5;
        drag.set(Some((f64::from(event.client_x()), n_chars, char_pixels)));
        event.prevent_default();
    };
    let on_move = move |event: ev::PointerEvent| {
        if let Some((from, n_chars, char_pixels)) = drag.get_untracked() {
            let n_chars = n_chars + (f64::from(event.client_x()) - from) / char_pixels;
            set.run(Some(n_chars.round().max(0.0) as u32));
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        match event.key().as_str() {
            "ArrowLeft" => set.run(Some(chars.get_untracked().saturating_sub(1))),
            "ArrowRight" => set.run(Some(chars.get_untracked() + 1)),
            "Home" => set.run(Some(*WIDTHS.start())),
            "Enter" => set.run(None),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    view! {
        <span class="grip" node_ref=grip role="separator" tabindex="0" aria-orientation="vertical"
            aria-label=say!("Width of {name}", name)
            aria-valuenow=move || chars.get().to_string() aria-valuetext=move || say!("{} characters", chars.get())
            aria-valuemin=WIDTHS.start().to_string() aria-valuemax=WIDTHS.end().to_string()
            title=say!("Drag to resize; two clicks make it fit")
            on:pointerdown=on_down on:pointermove=on_move on:pointerup=move |_| drag.set(None)
            on:pointercancel=move |_| drag.set(None) on:dblclick=move |_| set.run(None) on:keydown=on_key></span>
    }
}

/// Beside the heads: how wide a character is in the cells below them.
#[component]
pub fn Ruler() -> impl IntoView {
    view! { <span class="ruler" aria-hidden="true"></span> }
}

fn char_pixels(head: &Element) -> f64 {
    let ruler = head.parent_element().and_then(|heads| heads.query_selector(".ruler").ok().flatten());
    ruler.map_or(1.0, |ruler| ruler.get_bounding_client_rect().width() / RULER_CHARS).max(1.0)
}
