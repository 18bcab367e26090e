//! The map as of a window of time, which is moved with a slider or moves by itself: services stay where they are.

use std::sync::Arc;
use std::time::Duration;

use leptos::ev;
use leptos::leptos_dom::helpers::IntervalHandle;
use leptos::prelude::*;
use model::say;
use model::time::{Nanos, TimeRange};
use model::topology::{Spans, Topology};

use crate::motion::is_calm;
use crate::scope::use_shared;
use crate::{icons, wording};

/// From one step to the next while it moves by itself; for who wants less motion it steps more rarely, by a whole window.
const STEP: Duration = Duration::from_millis(600);
const CALM_STEP: Duration = Duration::from_millis(2000);
/// A window is one such part of all of the time.
const PARTS: [u32; 3] = [16, 8, 4];

/// So many of a topology's spans, from one on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub first: u32,
    pub n: u32,
}

impl Window {
    /// Within a course.
    pub fn counted(self, course: &[(u32, u32)]) -> (u64, u64) {
        let within = course.iter().skip(self.first as usize).take(self.n as usize);
        within.fold((0, 0), |(calls, n_errors), &(n, bad)| (calls + u64::from(n), n_errors + u64::from(bad)))
    }

    pub fn range(self, spans: Spans) -> TimeRange {
        let at = |number: u32| Nanos(spans.start.0.saturating_add(spans.nanos.saturating_mul(i64::from(number))));
        TimeRange { start: at(self.first), end: at(self.first + self.n) }
    }
}

#[component]
pub fn Replay(topology: Signal<Option<Arc<Topology>>>, window: RwSignal<Option<Window>>) -> impl IntoView {
    let shared = use_shared();
    let spans = Memo::new(move |_| topology.with(|topology| topology.as_ref().and_then(|topology| topology.spans)));
    let part = RwSignal::new(PARTS[1]);
    let wide = Memo::new(move |_| spans.get().map_or(1, |spans| (spans.n / part.get()).max(1)));
    let last = Memo::new(move |_| spans.get().map_or(0, |spans| spans.n - wide.get().min(spans.n)));
    let go = move |first: u32| {
        window.set(Some(Window { first: first.min(last.get_untracked()), n: wide.get_untracked() }));
    };
    // Other entries, or a wider window: it stays about where it is.
    Effect::new(move |_| {
        let (wide, last) = (wide.get(), last.get());
        if let Some(now) = window.get_untracked() {
            window.set(spans.get_untracked().map(|_| Window { first: now.first.min(last), n: wide }));
        }
    });
    let playing = RwSignal::new(false);
    let timer = StoredValue::new_local(None::<IntervalHandle>);
    let stop = move || {
        // The map may be gone.
        let _ = playing.try_set(false);
        if let Some(Some(timer)) = timer.try_update_value(Option::take) {
            timer.clear();
        }
    };
    on_cleanup(stop);
    let toggle = move || {
        if playing.get_untracked() {
            return stop();
        }
        let (every, by) = match is_calm() {
            true => (CALM_STEP, wide.get_untracked()),
            false => (STEP, 1),
        };
        // From the beginning where it has come to the end.
        let now = window.get_untracked().filter(|now| now.first < last.get_untracked());
        go(now.map_or(0, |now| now.first));
        let step = move || match window.get_untracked() {
            Some(now) if now.first < last.get_untracked() => go(now.first + by),
            _ => stop(),
        };
        playing.set(true);
        timer.set_value(set_interval_with_handle(step, every).ok());
    };
    let words = move || match (window.get(), spans.get()) {
        (Some(window), Some(spans)) => shared.zone.with(|zone| wording::span(window.range(spans), zone)),
        _ => say!("all of the time").to_owned(),
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() == " " {
            event.prevent_default();
            toggle();
        }
    };
    let label = move || if playing.get() { say!("Pause") } else { say!("Replay the map over time") };
    let width = |part: u32| view! { <option value=part.to_string()>{say!("a window of 1/{part}", part)}</option> };
    view! {
        <Show when=move || spans.get().is_some()>
            <div class="map-replay" role="group" aria-label=say!("The map over time")>
                <button class="small square" id="map-play" aria-label=label title=label on:click=move |_| toggle()>
                    {move || icons::icon(if playing.get() { icons::PAUSE } else { icons::PLAY })}
                </button>
                <input type="range" id="map-time" min="0" max=move || last.get().to_string() aria-label=say!("Which time the map shows; the space bar replays it")
                    prop:value=move || window.get().map_or(0, |window| window.first).to_string() aria-valuetext=words
                    on:keydown=on_key on:input=move |event| { stop(); go(event_target_value(&event).parse().unwrap_or_default()); } />
                <output for="map-time" id="map-then">{words}</output>
                <select class="small" aria-label=say!("How much of the time is shown at once") prop:value=move || part.get().to_string()
                    on:change=move |event| part.set(event_target_value(&event).parse().unwrap_or(PARTS[1]))>{PARTS.map(width).into_iter().collect_view()}</select>
                <button class="small quiet" id="map-all-time" disabled=move || window.get().is_none() on:click=move |_| { stop(); window.set(None); }>
                    {say!("All of the time")}
                </button>
            </div>
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_counts_what_is_within() {
        let course = [(4, 0), (3, 1), (0, 0), (9, 9)];
        assert_eq!(Window { first: 1, n: 2 }.counted(&course), (3, 1));
        assert_eq!(Window { first: 3, n: 9 }.counted(&course), (9, 9));
        assert_eq!(Window { first: 0, n: 2 }.counted(&[]), (0, 0));
    }

    #[test]
    fn a_window_is_a_range_of_time() {
        let spans = Spans { start: Nanos(100), nanos: 10, n: 8 };
        assert_eq!(Window { first: 2, n: 3 }.range(spans), TimeRange { start: Nanos(120), end: Nanos(150) });
    }
}
