//! The wheel over the bars and the lanes: with Ctrl held it zooms in time, around the pointer.

use std::time::Duration;

use leptos::ev;
use leptos::html::Div;
use leptos::prelude::*;
use model::time::{Nanos, TimeRange};
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::question;
use crate::scope::{Shared, Visit};

/// Turns are done together, at this pace.
const PACE: Duration = Duration::from_millis(40);
/// Turns that follow each other sooner are one step to take back.
const REST_MILLIS: f64 = 1000.0;
/// What a wheel that counts in lines calls one.
const LINE_PIXELS: f64 = 33.0;
/// A notch of a usual wheel, 100 pixels, is a fifth.
const ZOOM_OF_PIXEL: f64 = 0.0018;

/// What is done with each turn. `plot` is as wide as everything that is drawn over time.
pub fn zoom(shared: Shared, plot: NodeRef<Div>, range: Memo<TimeRange>) -> impl Fn(ev::WheelEvent) + Copy + 'static {
    // What the wheel was turned by and is not done yet, and when the last of it was done.
    let (turned, last_turn) = (StoredValue::new(0.0), StoredValue::new(f64::MIN));
    let zoom_at = move |share: f64| {
        let Some(pixels) = turned.try_update_value(std::mem::take) else { return };
        let everything = shared.status.with_untracked(|status| status.answer.as_ref().and_then(|status| status.range));
        let shown = range.get_untracked();
        let at = shown.start.0.saturating_add(((shown.end.0 as f64 - shown.start.0 as f64) * share) as i64);
        let zoomed = question::zoomed_at(shown, Nanos(at), f64::exp(pixels * ZOOM_OF_PIXEL), everything);
        let (before, now) = (last_turn.get_value(), js_sys::Date::now());
        last_turn.set_value(now);
        let visit = if now - before < REST_MILLIS { Visit::Same } else { Visit::New };
        if shared.scope.with_untracked(|scope| scope.filter.range != zoomed) {
            shared.change(visit, |scope| scope.filter.range = zoomed);
        }
    };
    move |event: ev::WheelEvent| {
        // Alone it scrolls what the timeline is in.
        let is_held = event.ctrl_key() || event.meta_key();
        let Some(plot) = plot.get_untracked().filter(|_| is_held && is_over_time(&event)) else { return };
        event.prevent_default();
        let bounds = plot.get_bounding_client_rect();
        let share = ((f64::from(event.client_x()) - bounds.left()) / bounds.width().max(1.0)).clamp(0.0, 1.0);
        let by = event.delta_y() * if event.delta_mode() == 0 { 1.0 } else { LINE_PIXELS };
        let is_waiting = turned.get_value() != 0.0;
        turned.update_value(|turned| *turned += by);
        if !is_waiting && by != 0.0 {
            set_timeout(move || zoom_at(share), PACE);
        }
    }
}

/// Over the words beside it the browser enlarges the page.
fn is_over_time(event: &ev::WheelEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.closest(".plot, .lane-rows").ok().flatten().is_some())
}
