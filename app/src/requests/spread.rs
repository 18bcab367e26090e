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
            let on_key = move |event: ev::KeyboardEvent| {
                if matches!(event.key().as_str(), "Enter" | " ") {
                    event.prevent_default();
                    choose(at, at);
                }
            };
            view! {
                <span class="bucket" role="button" tabindex=tabindex aria-label=label title=hint class:chosen=is_chosen on:keydown=on_key>
                    <span class="all" style:height=format!("{:.1}px", height(n - n_failed, most))></span>
                    <span class="failed" style:height=format!("{:.1}px", height(n_failed, most))></span>
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
    view! {
        <div class="spread">
            <div class="buckets" node_ref=frame role="group" aria-label=say!("How long requests took")
                on:pointerdown=on_down on:pointermove=on_move on:pointerup=on_up on:pointercancel=move |_| drag.set(None)>{bars}</div>
            <div class="ends">{ends}</div>
            <Show when=move || took.get().is_some()>
                <button class="small" id="requests-all" on:click=move |_| took.set(None)>{say!("However long they took")}</button>
            </Show>
        </div>
    }
}

/// Few are seen beside very many: by the square root.
fn height(n: u64, most: u64) -> f64 {
    if n == 0 { 0.0 } else { ((n as f64 / most.max(1) as f64).sqrt() * HEIGHT).max(2.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_request_among_very_many_is_seen() {
        assert_eq!((height(0, 1_000_000), height(1, 1_000_000), height(9, 9)), (0.0, 2.0, HEIGHT));
    }
}
