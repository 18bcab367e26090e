//! The wheel over the bars and the lanes: with Ctrl held it zooms in time, around the pointer.

use std::time::Duration;

use leptos::ev;
use leptos::html::Div;
use leptos::prelude::*;
use model::protocol::Histogram;
use model::scope::{Filter, Scope};
use model::time::Nanos;
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

/// The bars on screen.
#[derive(Clone, Copy)]
pub struct Bars {
    /// What they are asked for by.
    pub framed: Memo<Filter>,
    pub histogram: Memo<Histogram>,
    /// They are of another question.
    pub is_stale: Memo<bool>,
}

/// What is done with each turn. `plot` is as wide as everything that is drawn over time.
pub fn zoom(shared: Shared, plot: NodeRef<Div>, bars: Bars) -> impl Fn(ev::WheelEvent) + Copy + 'static {
    // What the wheel was turned by and is not done yet, and the last turn that changed something.
    let (turned, last_turn) = (StoredValue::new(0.0), StoredValue::new(None::<Turn>));
    let zoom_at = move |share: f64| {
        let Some(pixels) = turned.try_update_value(std::mem::take) else { return };
        let everything = shared.status.with_untracked(|status| status.answer.as_ref().and_then(|status| status.range));
        let here = shared.scope.with_untracked(|scope| scope.filter.range);
        let Some(everything) = everything.filter(|_| here.is_some() || pixels < 0.0) else { return };
        let is_fresh = !bars.is_stale.get_untracked();
        // Where nothing is, there is nothing to see nearer by.
        if pixels < 0.0 && is_fresh && here.is_some() && bars.histogram.with_untracked(question::is_empty) {
            return;
        }
        let shown = bars.framed.with_untracked(|framed| {
            bars.histogram.with_untracked(|histogram| {
                question::turned_from(here, framed, is_fresh.then_some(histogram), everything)
            })
        });
        let Some(shown) = shown else { return };
        let at = shown.start.0.saturating_add(((shown.end.0 as f64 - shown.start.0 as f64) * share) as i64);
        let zoomed = question::zoomed_at(shown, Nanos(at), f64::exp(pixels * ZOOM_OF_PIXEL), Some(everything));
        if zoomed == here {
            return;
        }
        let now = js_sys::Date::now();
        let goes_on = shared.scope.with_untracked(|scope| {
            last_turn.with_value(|last| last.as_ref().is_some_and(|last| last.goes_on(scope, now)))
        });
        shared.change(if goes_on { Visit::Same } else { Visit::New }, |scope| scope.filter.range = zoomed);
        last_turn.set_value(Some(Turn { millis: now, left: shared.scope.get_untracked() }));
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
    target.is_some_and(|target| target.closest(".plot, .lane-rows, .flags, .kept-times").ok().flatten().is_some())
}

/// A turn that changed something.
struct Turn {
    /// When, since 1970.
    millis: f64,
    /// What was looked at after it.
    left: Scope,
}

impl Turn {
    /// Whether another turn is of the same step: it comes soon, and nothing else was done since.
    fn goes_on(&self, here: &Scope, now_millis: f64) -> bool {
        // Moving the selection is not a step.
        now_millis - self.millis < REST_MILLIS && Scope { selected: here.selected, ..self.left.clone() } == *here
    }
}

#[cfg(test)]
mod tests {
    use model::time::TimeRange;

    use super::*;

    #[test]
    fn turns_are_one_step_unless_something_else_was_done_between_them() {
        let zoomed = Scope {
            filter: Filter { range: Some(TimeRange { start: Nanos(1), end: Nanos(9) }), ..Filter::default() },
            ..Scope::default()
        };
        let turn = Turn { millis: 5_000.0, left: zoomed.clone() };
        assert!(turn.goes_on(&zoomed, 5_900.0));
        assert!(!turn.goes_on(&zoomed, 6_100.0), "it rested");
        assert!(!turn.goes_on(&Scope::default(), 5_100.0), "it was taken back");
        let query = "level:error".to_owned();
        let narrowed = Scope { filter: Filter { query, ..zoomed.filter.clone() }, ..zoomed.clone() };
        assert!(!turn.goes_on(&narrowed, 5_100.0), "a level was pressed");
    }
}
