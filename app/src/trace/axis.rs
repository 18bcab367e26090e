//! The time of a request above its bars: marks, and a drag that looks closer.

use leptos::ev;
use leptos::html::Div;
use leptos::prelude::*;
use model::say;
use model::time::Nanos;
use model::trace::Trace;

use super::Sight;
use crate::scope::use_shared;
use crate::wording;

/// The lane is cut into so many parts of equal width.
const N_PARTS: i64 = 4;
/// A shorter drag is a click.
const LEAST_DRAG_PIXELS: f64 = 4.0;
/// What a key or a click adds on both sides of a bar, as a part of it.
const MARGIN: i64 = 20;

/// Nanoseconds since the request began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub start: i64,
    pub end: i64,
}

impl Window {
    pub fn of(trace: &Trace) -> Self {
        Self::over(trace.extent().unwrap_or_default())
    }

    /// All of a request that lasts from then to then.
    pub fn over((start, end): (Nanos, Nanos)) -> Self {
        Self { start: 0, end: (end.0 - start.0).max(1) }
    }

    /// What is around a part of the request.
    pub fn around(self, start: i64, nanos: i64) -> Self {
        let margin = (nanos / MARGIN).max(1);
        Self { start: (start - margin).max(self.start), end: (start + nanos + margin).min(self.end) }
    }

    /// Where a time is, in percent of the window; under 0 before it, over 100 behind it.
    pub fn percent(self, since: i64) -> f64 {
        (since - self.start) as f64 / (self.end - self.start).max(1) as f64 * 100.0
    }

    fn at(self, share: f64) -> i64 {
        self.start + ((self.end - self.start) as f64 * share.clamp(0.0, 1.0)) as i64
    }
}

#[component]
pub fn Axis(sight: Sight) -> impl IntoView {
    let shared = use_shared();
    let lane = NodeRef::<Div>::new();
    let whole = move || sight.trace.with(|trace| trace.as_ref().map(|trace| Window::of(trace)));
    let shown = move || sight.window.get().or_else(whole);
    // Where a drag began and where it is, in parts of the lane.
    let drag = RwSignal::new(None::<(f64, f64)>);
    let share_of = move |event: &ev::PointerEvent| {
        let bounds = lane.get_untracked()?.get_bounding_client_rect();
        (bounds.width() > 0.0).then(|| ((f64::from(event.client_x()) - bounds.left()) / bounds.width()).clamp(0.0, 1.0))
    };
    let on_down = move |event: ev::PointerEvent| {
        if let (Some(share), Some(lane)) = (share_of(&event), lane.get_untracked()) {
            // Without capture the drag only ends over the lane.
            let _ = lane.set_pointer_capture(event.pointer_id());
            drag.set(Some((share, share)));
            event.prevent_default();
        }
    };
    let on_move = move |event: ev::PointerEvent| {
        if let Some(share) = share_of(&event) {
            drag.update(|drag| *drag = drag.map(|(from, _)| (from, share)));
        }
    };
    let on_up = move |_| {
        let Some((from, to)) = drag.get_untracked() else { return };
        drag.set(None);
        let width = lane.get_untracked().map_or(0.0, |lane| f64::from(lane.client_width()));
        if (to - from).abs() * width < LEAST_DRAG_PIXELS {
            return;
        }
        if let Some(shown) = untrack(shown) {
            let window = Window { start: shown.at(from.min(to)), end: shown.at(from.max(to)) };
            sight.window.set((window.end > window.start).then_some(window));
        }
    };
    let band = move || {
        drag.get().map(|(from, to)| {
            let (left, width) = (from.min(to) * 100.0, (to - from).abs() * 100.0);
            view! { <span class="band" style:left=format!("{left:.2}%") style:width=format!("{width:.2}%")></span> }
        })
    };
    let marks = move || {
        let shown = shown()?;
        let mark = |part: i64| {
            let since = shown.start + (shown.end - shown.start) * part / N_PARTS;
            let class = if part == N_PARTS { "last" } else { "" };
            let left = format!("{}%", part * 100 / N_PARTS);
            view! { <span class=class style:left=left>{wording::duration(since)}</span> }
        };
        Some((0..=N_PARTS).map(mark).collect_view())
    };
    // The bar of the selected span, or that the selected entry is in.
    let selected = Memo::new(move |_| {
        let key = shared.scope.with(|scope| scope.selected)?;
        sight.trace.with(|trace| {
            let trace = trace.as_ref()?;
            let bar = trace.bars.iter().find(|bar| super::row::has(bar, key))?;
            let (start, _) = trace.extent()?;
            (bar.nanos > 0).then(|| Window::of(trace).around(bar.start.0 - start.0, bar.nanos))
        })
    });
    view! {
        <div class="trace-axis">
            <span class="zoom">
                <Show when=move || selected.get().is_some() && selected.get() != shown()>
                    <button class="small" id="trace-zoom" title=say!("Its time alone; dragging over the times does the same for any part")
                        on:click=move |_| sight.window.set(selected.get_untracked())>{say!("Zoom to it")}</button>
                </Show>
                <Show when=move || sight.window.get().is_some()>
                    <button class="small" id="trace-all" on:click=move |_| sight.window.set(None)>{say!("All of it")}</button>
                </Show>
            </span>
            <div class="marks" node_ref=lane title=say!("Drag to look closer") on:pointerdown=on_down on:pointermove=on_move on:pointerup=on_up
                on:pointercancel=move |_| drag.set(None)>{marks}{band}</div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_request_has_some_room_on_both_sides_but_none_outside_of_it() {
        let whole = Window { start: 0, end: 1000 };
        assert_eq!(whole.around(400, 200), Window { start: 390, end: 610 });
        assert_eq!(whole.around(0, 1000), whole);
        assert_eq!((whole.percent(250), Window { start: 250, end: 750 }.percent(1000)), (25.0, 150.0));
    }
}
