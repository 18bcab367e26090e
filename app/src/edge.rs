//! The edge of a panel: dragged, or moved with the arrow keys; two clicks or Enter give the usual size back.

use leptos::ev;
use leptos::html::Div;
use leptos::prelude::*;
use model::say;
use web_sys::DomRect;

use crate::kept;

/// A press of a key moves it by so much.
const KEY_PIXELS: f64 = 24.0;

/// What stands beside a panel keeps so much: a table of entries can be read in it. The style sheet has it too.
const REST_PIXELS: f64 = 480.0;

/// Where the panel is that the edge resizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    /// Around the edge, which is at its end.
    Around,
    /// Behind the edge.
    After,
    /// Above the edge, and above what the page is for, which keeps half of the window.
    Before,
}

/// The size that somebody chose for a panel, remembered under a name.
#[derive(Clone, Copy)]
pub struct Size {
    name: &'static str,
    pixels: RwSignal<Option<f64>>,
}

impl Size {
    pub fn remembered(name: &'static str) -> Self {
        let kept = kept::read(name).and_then(|pixels| pixels.parse().ok());
        Self { name, pixels: RwSignal::new(kept.filter(|pixels: &f64| pixels.is_finite())) }
    }

    /// As CSS has it; `None` for the usual one.
    pub fn css(self) -> Option<String> {
        self.pixels.get().map(|pixels| format!("{pixels}px"))
    }

    fn choose(self, pixels: Option<f64>) {
        self.pixels.set(pixels);
        match pixels {
            Some(pixels) => kept::write(self.name, &pixels.to_string()),
            None => kept::forget(self.name),
        }
    }
}

/// `size`: the panel's, where it stands beside the rest; `height`: where it stands under it, if it ever does.
/// `measured`: the panel's width and height as they are on screen. `least`: of the panel, in pixels.
#[component]
pub fn Edge(
    label: &'static str,
    panel: Panel,
    size: Size,
    #[prop(optional)] height: Option<Size>,
    measured: Signal<(f64, f64)>,
    #[prop(default = 160.0)] least: f64,
) -> impl IntoView {
    let edge = NodeRef::<Div>::new();
    let is_dragged = RwSignal::new(false);
    // Beside each other, or one under the other where there is little room.
    let is_beside = move || edge.get_untracked().is_some_and(|edge| edge.offset_height() > edge.offset_width());
    let bounds = move || -> Option<DomRect> {
        let edge = edge.get_untracked()?;
        let of = match panel {
            Panel::Around => edge.parent_element()?,
            Panel::After => edge.next_element_sibling()?,
            Panel::Before => edge.previous_element_sibling()?,
        };
        Some(of.get_bounding_client_rect())
    };
    let choose = move |pixels: Option<f64>| match height {
        Some(height) if !is_beside() => height.choose(pixels),
        _ => size.choose(pixels),
    };
    // More is not remembered. What else stands there bounds it as well, by the style sheet, for as long as it is there.
    let most = move || {
        let page = document().body();
        let most = page.map_or(f64::INFINITY, |page| match is_beside() {
            true => f64::from(page.client_width()) - REST_PIXELS,
            false if panel == Panel::Before => f64::from(page.client_height()) / 2.0,
            false => f64::from(page.client_height()),
        });
        most.max(least)
    };
    let set = move |pixels: f64| choose(Some(pixels.clamp(least, most()).round()));
    let on_down = move |event: ev::PointerEvent| {
        if let Some(edge) = edge.get_untracked() {
            // Without capture the drag only ends over the edge.
            let _ = edge.set_pointer_capture(event.pointer_id());
        }
        is_dragged.set(true);
    };
    let on_move = move |event: ev::PointerEvent| {
        let Some(bounds) = bounds().filter(|_| is_dragged.get_untracked()) else { return };
        let (start, end, at) = match is_beside() {
            true => (bounds.left(), bounds.right(), event.client_x()),
            false => (bounds.top(), bounds.bottom(), event.client_y()),
        };
        match panel {
            Panel::Around | Panel::Before => set(f64::from(at) - start),
            Panel::After => set(end - f64::from(at)),
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        let by = match event.key().as_str() {
            "ArrowRight" | "ArrowDown" => KEY_PIXELS,
            "ArrowLeft" | "ArrowUp" => -KEY_PIXELS,
            "Enter" => {
                choose(None);
                0.0
            }
            _ => return,
        };
        if let Some(bounds) = bounds().filter(|_| by != 0.0) {
            let now = if is_beside() { bounds.width() } else { bounds.height() };
            set(if panel == Panel::After { now - by } else { now + by });
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let now = move || {
        let (width, height) = measured.get();
        (if is_beside() { width } else { height }).round().to_string()
    };
    let most_now = move || {
        measured.track();
        most().round().to_string()
    };
    let orientation = move || {
        measured.track();
        if is_beside() { "vertical" } else { "horizontal" }
    };
    view! {
        <div class="handle" node_ref=edge role="separator" tabindex="0" aria-label=label title=say!("Drag to resize; two clicks give the usual size")
            aria-orientation=orientation aria-valuenow=now aria-valuemin=least.to_string() aria-valuemax=most_now on:pointerdown=on_down on:pointermove=on_move
            on:pointerup=move |_| is_dragged.set(false) on:pointercancel=move |_| is_dragged.set(false)
            on:dblclick=move |_| choose(None) on:keydown=on_key></div>
    }
}
