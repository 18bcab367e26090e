//! How long requests took, as bars; a click or a drag lists those of some of them.

use std::sync::Arc;

use leptos::ev;
use leptos::html::Div;
use leptos::prelude::*;
use model::requests::{Bucket, Requests};
use model::{counted, say};

use crate::wording;

/// Of the bars, in pixels, as the style sheet says.
const HEIGHT: f64 = 72.0;
/// Times that are told below the bars, about ten of one in the next: from 10 ns to 10 days.
const TIMES: [i64; 16] = [
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
    1_000_000_000,
    10_000_000_000,
    60_000_000_000,
    600_000_000_000,
    3_600_000_000_000,
    36_000_000_000_000,
    86_400_000_000_000,
    864_000_000_000_000,
];
/// From one of them to the next, and to the ends, as a share of the width: on a phone there is room for one.
const LEAST_SHARE: f64 = 0.12;

#[component]
pub fn Spread(requests: Memo<Arc<Requests>>, took: RwSignal<Option<(i64, i64)>>) -> impl IntoView {
    let frame = NodeRef::<Div>::new();
    // The bars that are chosen while the pointer is down.
    let drag = RwSignal::new(None::<(usize, usize)>);
    let bar_at = move |event: &ev::PointerEvent| {
        let bounds = frame.get_untracked()?.get_bounding_client_rect();
        let n = requests.with_untracked(|requests| requests.buckets.len());
        let share = (f64::from(event.client_x()) - bounds.left()) / bounds.width().max(1.0);
        (n > 0).then(|| ((share * n as f64).max(0.0) as usize).min(n - 1))
    };
    let on_down = move |event: ev::PointerEvent| {
        if let (Some(bar), Some(frame)) = (bar_at(&event), frame.get_untracked()) {
            // Without capture the drag only ends over the bars.
            let _ = frame.set_pointer_capture(event.pointer_id());
            drag.set(Some((bar, bar)));
        }
    };
    let on_move = move |event: ev::PointerEvent| {
        if let Some(bar) = bar_at(&event) {
            drag.update(|drag| *drag = drag.map(|(from, _)| (from, bar)));
        }
    };
    let choose = move |first: usize, last: usize| {
        let chosen = requests.with_untracked(|requests| {
            let (first, last) = (requests.buckets.get(first)?, requests.buckets.get(last)?);
            Some((first.from, last.to))
        });
        // Once more takes it back.
        took.update(|took| *took = chosen.filter(|_| *took != chosen));
    };
    let on_up = move |_| {
        if let Some((from, to)) = drag.get_untracked() {
            drag.set(None);
            choose(from.min(to), from.max(to));
        }
    };
    let bars = move || {
        let requests = requests.get();
        let most = requests.buckets.iter().map(|bucket| bucket.n).max().unwrap_or_default();
        let bars = requests.buckets.iter().enumerate().map(|(at, bucket)| {
            let Bucket { from, to, n, n_failed } = *bucket;
            let is_chosen = move || match drag.get() {
                Some((first, last)) => (first.min(last)..=first.max(last)).contains(&at),
                None => took.get().is_none_or(|(least, most)| least <= from && to <= most),
            };
            let hint = say!("{} to {}: {}", wording::duration(from), wording::duration(to), counted!(n, "request", "requests"));
            let hint = if n_failed > 0 { say!("{hint}, {} failed", hint, wording::count(n_failed)) } else { hint };
            let label = hint.clone();
            let tabindex = if n > 0 { "0" } else { "-1" };
            let [well, failed] = parts(n, n_failed, most);
            let on_key = move |event: ev::KeyboardEvent| {
                if matches!(event.key().as_str(), "Enter" | " ") {
                    event.prevent_default();
                    choose(at, at);
                }
            };
            view! {
                <span class="bucket" role="button" tabindex=tabindex aria-label=label title=hint class:chosen=is_chosen on:keydown=on_key>
                    <span class="all" style:height=format!("{well:.1}px")></span>
                    <span class="failed" style:height=format!("{failed:.1}px")></span>
                </span>
            }
        });
        bars.collect_view()
    };
    let ends = move || {
        let requests = requests.get();
        let (first, last) = (requests.buckets.first()?, requests.buckets.last()?);
        Some(view! { <span>{wording::duration(first.from)}</span><span>{wording::duration(last.to)}</span> })
    };
    let times = move || {
        let time = |(share, nanos): (f64, i64)| {
            view! { <span class="time" style:left=format!("{:.2}%", share * 100.0)>{wording::duration(nanos)}</span> }
        };
        requests.with(|requests| times_within(&requests.buckets).into_iter().map(time).collect_view())
    };
    let counts = move || {
        let most = requests.with(|requests| requests.buckets.iter().map(|bucket| bucket.n).max().unwrap_or_default());
        let count = |n: u64| {
            let bottom = format!("{:.1}px", height(n, most));
            view! { <span class="count" aria-hidden="true" style:bottom=bottom><span>{wording::count(n)}</span></span> }
        };
        // A quarter of them is half as high.
        [most, most / 4].into_iter().filter(|&n| n > 0).map(count).collect_view()
    };
    view! {
        <div class="spread">
            <div class="buckets" node_ref=frame role="group" aria-label=say!("How long requests took")
                on:pointerdown=on_down on:pointermove=on_move on:pointerup=on_up on:pointercancel=move |_| drag.set(None)>{bars}{counts}</div>
            <div class="ends">{ends}{times}</div>
            <Show when=move || took.get().is_some()>
                <button class="small" id="requests-all" on:click=move |_| took.set(None)>{say!("However long they took")}</button>
            </Show>
        </div>
    }
}

/// Round times, and where they are, from 0 (left) to 1 (right): as far apart as they can be read.
fn times_within(buckets: &[Bucket]) -> Vec<(f64, i64)> {
    let mut times = Vec::new();
    let mut free_from = LEAST_SHARE;
    for nanos in TIMES {
        let is_within = |bucket: &Bucket| bucket.from > 0 && bucket.from <= nanos && nanos < bucket.to;
        let Some(place) = buckets.iter().position(is_within) else { continue };
        // A bucket is as much longer than the one before it as it is wide.
        let ratio = |to: i64| (to as f64 / buckets[place].from as f64).ln();
        let share = (place as f64 + ratio(nanos) / ratio(buckets[place].to)) / buckets.len() as f64;
        if (free_from..=1.0 - LEAST_SHARE).contains(&share) {
            times.push((share, nanos));
            free_from = share + LEAST_SHARE;
        }
    }
    times
}

/// Of a bar that is seen at all.
const LEAST_HEIGHT: f64 = 2.0;

/// Few are seen beside very many: by the square root.
fn height(n: u64, most: u64) -> f64 {
    if n == 0 { 0.0 } else { ((n as f64 / most.max(1) as f64).sqrt() * HEIGHT).max(LEAST_HEIGHT) }
}

/// Of a bar, what went well and what failed: as high together as all of them, each with its share of that. One that failed is seen.
fn parts(n: u64, n_failed: u64, most: u64) -> [f64; 2] {
    let all = height(n, most);
    let failed = match n_failed {
        0 => 0.0,
        n_failed => (all * n_failed as f64 / n.max(1) as f64).max(LEAST_HEIGHT).min(all),
    };
    [all - failed, failed]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_request_among_very_many_is_seen() {
        assert_eq!((height(0, 1_000_000), height(1, 1_000_000), height(9, 9)), (0.0, 2.0, HEIGHT));
    }

    #[test]
    fn a_bar_is_as_high_as_its_requests_are_many_and_red_as_far_as_they_failed() {
        assert_eq!(parts(60, 6, 60), [64.8, 7.2]);
        assert_eq!(parts(60, 0, 60), [HEIGHT, 0.0]);
        assert_eq!(parts(4, 4, 16), [0.0, 36.0]);
        // One of a thousand is seen, and where nothing failed but one, that.
        assert_eq!((parts(1000, 1, 1000), parts(1, 1, 1_000_000)), ([70.0, 2.0], [0.0, 2.0]));
        assert_eq!(parts(0, 0, 9), [0.0, 0.0]);
    }

    #[test]
    fn round_times_stand_where_they_are_and_apart_from_each_other() {
        let bucket = |from, to| Bucket { from, to, n: 1, n_failed: 0 };
        // Those that took no time, and eight doublings from 4 ms on.
        let doublings = (0..8).map(|at| bucket(4_000_000 << at, 8_000_000 << at));
        let buckets: Vec<Bucket> = std::iter::once(bucket(0, 1)).chain(doublings).collect();
        let told =
            times_within(&buckets).into_iter().map(|(share, nanos)| format!("{share:.2} {}", wording::duration(nanos)));
        assert_eq!(told.collect::<Vec<_>>(), ["0.26 10 ms", "0.63 100 ms"]);
        assert!(times_within(&[bucket(0, 1)]).is_empty());
    }
}
