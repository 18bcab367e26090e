//! The map of windows: times with the same mix of messages lie near each other, and what belongs to no crowd stands out.
//!
//! Colour and shape tell the clusters; a slider says how near is near, and the data thread clusters anew while it moves. Several windows
//! are chosen by dragging, with Shift held, or with the keyboard.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use leptos::ev;
use leptos::html::Div;
use leptos::prelude::*;
use model::incident::{ClusterBy, Clusters, Incidents, N_SLID, WindowMap, Windows};
use model::language::told;
use model::protocol::{Answer, Ask, ClustersAsk};
use model::scope::View;
use model::time::{Nanos, TimeRange};
use model::{counted, key, say};

use super::choosing::{self, MOST_STRETCHES};
use crate::answer::{Question, use_answer};
use crate::focus::focus_when_lost;
use crate::scope::{Visit, use_shared};
use crate::wording;

impl Question for ClustersAsk {
    type Answer = Clusters;
    fn ask(&self) -> Ask {
        Ask::Clusters(self.clone())
    }
    fn read(answer: Answer) -> Option<Clusters> {
        if let Answer::Clusters(clusters) = answer { Some(clusters) } else { None }
    }
}

/// The slider goes from a reach this many times smaller than the usual one to one as many times larger.
const MOST_TIMES: f32 = 8.0;
/// Steps to either side.
const N_STEPS: i32 = 40;

/// By what windows may be put together, as they are offered.
const WAYS: [(ClusterBy, &str); 2] = [
    (ClusterBy::Crowds, key!("in crowds (DBSCAN)")),
    (ClusterBy::Kinds, key!("by the nearest of four kinds (k-means)")),
];

/// Side of the map, and its margin, in its own units.
const SIDE: f32 = 400.0;
const MARGIN: f32 = 16.0;
/// From the middle of a symbol to its edge.
const HALF: f32 = 4.5;
/// Radius of the ring around the keyboard's symbol.
const AROUND: f32 = 11.0;

/// A pointer that moved less than this, in the map's units, clicked.
const CLICK: f32 = 4.0;

/// Of the buttons that are held.
const MAIN_BUTTON: u16 = 1;

/// More clusters than these look like the last one.
const N_LOOKS: u32 = 5;

/// `hovered`: the time of the incident under the pointer.
#[component]
pub fn Map(found: Signal<Option<Arc<Incidents>>>, hovered: RwSignal<Option<TimeRange>>) -> impl IntoView {
    let shared = use_shared();
    // A verdict changes what is found and leaves the map as it is, with what is chosen on it.
    let found = Memo::new_with_compare(move |_| found.get(), |before, now| map_of(before) != map_of(now));
    let step = RwSignal::new(0_i32);
    let by = Memo::new(move |_| shared.scope.with(|scope| scope.clusters));
    let chosen = RwSignal::new(BTreeSet::<usize>::new());
    // The window of the keyboard's cursor.
    let cursor = RwSignal::new(None::<usize>);
    // Another map begins at its own usual reach, with nothing chosen.
    Effect::new(move || {
        found.track();
        step.set(0);
        chosen.set(BTreeSet::new());
        cursor.set(None);
    });
    let clusters = use_answer(shared.port, shared.revision, move || {
        let (step, by, is_in_sight) = (step.get(), by.get(), shared.view.get() == View::Incidents);
        found.with(|found| {
            let is_known = step == 0 && by == ClusterBy::Crowds;
            let map = &found.as_ref().filter(|_| !is_known && is_in_sight)?.map;
            let usual = if by == ClusterBy::Crowds { map.reach } else { map.kind_reach };
            Some(ClustersAsk { points: map.points.clone(), by, reach: usual * times(step) })
        })
    });
    let clusters = Memo::new(move |before: Option<&Clusters>| {
        let is_known = step.get() == 0 && by.get() == ClusterBy::Crowds;
        let anew = clusters.with(|clusters| clusters.answer.clone()).filter(|_| !is_known);
        let usual = || found.with(|found| found.as_ref().map(|found| found.map.clusters.clone()).unwrap_or_default());
        match anew {
            Some(anew) => anew,
            // While the first answer is awaited what was shown stays.
            None if !is_known => before.cloned().unwrap_or_else(usual),
            None => usual(),
        }
    });
    let choose_way = move |event| {
        let chosen = event_target_value(&event);
        if let Some((way, _)) = WAYS.iter().find(|(_, name)| *name == chosen) {
            shared.change(Visit::New, |scope| scope.clusters = *way);
        }
    };
    let places = Memo::new(move |_| {
        found.with(|found| found.as_ref().map(|found| places_of(&found.map.points)).unwrap_or_default())
    });
    let windows = move || found.with(|found| found.as_ref().map(|found| found.windows).unwrap_or_default());
    let range_of = move |window: usize| -> TimeRange { untrack(windows).slid(window) };
    let show = move |shown: BTreeSet<usize>| {
        let stretches = choosing::stretches(&shown, &untrack(windows));
        if !stretches.is_empty() {
            shared.change(Visit::New, |scope| {
                choosing::narrow(&mut scope.filter, stretches);
                scope.view = View::Result;
            });
            // The map goes out of sight, with the keyboard in it.
            let rows: &[&str] = match shared.has_stages.get_untracked() {
                true => &["#result-rows", "#result .hbar", "#as-table"],
                false => &["#entries"],
            };
            focus_when_lost(rows.iter().map(|&rows| rows.to_owned()).collect());
        }
    };
    let choose_none = move |_| {
        chosen.set(BTreeSet::new());
        focus_when_lost(vec![".window-map .windows".to_owned()]);
    };
    let toggle = move |window: usize| {
        chosen.update(|chosen| {
            if !chosen.remove(&window) {
                chosen.insert(window);
            }
        });
    };
    let frame = NodeRef::<Div>::new();
    // Where the window is low, the map is higher than what is in sight.
    Effect::new(move || {
        if let Some(window) = cursor.get()
            && let Some(frame) = frame.get_untracked()
            // Their signs are the first paths of the picture.
            && let Ok(Some(sign)) = frame.query_selector(&format!("path:nth-of-type({})", window + 1))
        {
            let nearest = web_sys::ScrollIntoViewOptions::new();
            nearest.set_block(web_sys::ScrollLogicalPosition::Nearest);
            sign.scroll_into_view_with_scroll_into_view_options(&nearest);
        }
    });
    // Where a drag began and where it is, in the map's units; it becomes a box once it is no click.
    let began = RwSignal::new(None::<(f32, f32)>);
    let lasso = RwSignal::new(None::<((f32, f32), (f32, f32))>);
    let was_dragged = StoredValue::new(false);
    let point_of = move |event: &ev::PointerEvent| {
        let bounds = frame.get_untracked()?.get_bounding_client_rect();
        let unit = bounds.width() / f64::from(SIDE);
        let place = |pixels: i32, edge: f64| ((f64::from(pixels) - edge) / unit) as f32;
        (unit > 0.0).then(|| (place(event.client_x(), bounds.left()), place(event.client_y(), bounds.top())))
    };
    let on_down = move |event: ev::PointerEvent| {
        was_dragged.set_value(false);
        began.set(point_of(&event).filter(|_| event.button() == 0));
    };
    let on_move = move |event: ev::PointerEvent| {
        let Some((from, to)) = began.get_untracked().zip(point_of(&event)) else { return };
        // It was let go outside, before it was a drag.
        if event.buttons() & MAIN_BUTTON == 0 {
            began.set(None);
            lasso.set(None);
            return;
        }
        let is_drag = lasso.with_untracked(Option::is_some) || (to.0 - from.0).hypot(to.1 - from.1) >= CLICK;
        if !is_drag {
            return;
        }
        if let Some(frame) = frame.get_untracked().filter(|_| lasso.with_untracked(Option::is_none)) {
            // Without capture the box only ends inside the map; with it from the beginning nothing in it could be clicked.
            let _ = frame.set_pointer_capture(event.pointer_id());
        }
        lasso.set(Some((from, to)));
    };
    let on_up = move |event: ev::PointerEvent| {
        began.set(None);
        let drawn = lasso.try_update(Option::take).flatten();
        if drawn.is_none() && !was_dragged.get_value() {
            return;
        }
        // The click that follows at once is of the drag, as is that of one that was given up; any later one is meant.
        was_dragged.set_value(true);
        set_timeout(move || was_dragged.set_value(false), Duration::ZERO);
        let Some((from, to)) = drawn else { return };
        chosen.update(|chosen| {
            if !event.shift_key() {
                chosen.clear();
            }
            places.with_untracked(|places| chosen.extend(choosing::between(places, from, to)));
        });
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let n_windows = places.with_untracked(Vec::len);
        let from = cursor.get_untracked();
        let beside = |towards: (f32, f32)| {
            let Some(from) = from else { return Some(0) };
            places.with_untracked(|places| choosing::beside(places, from, towards)).or(Some(from))
        };
        let to = match event.key().as_str() {
            "ArrowRight" => beside((1.0, 0.0)),
            "ArrowLeft" => beside((-1.0, 0.0)),
            "ArrowDown" => beside((0.0, 1.0)),
            "ArrowUp" => beside((0.0, -1.0)),
            "PageDown" => Some(from.map_or(0, |from| from + 1)),
            "PageUp" => Some(from.unwrap_or_default().saturating_sub(1)),
            "Home" => Some(0),
            "End" => Some(n_windows),
            "Enter" => {
                let shown = chosen.get_untracked();
                show(if shown.is_empty() { from.into_iter().collect() } else { shown });
                None
            }
            " " => {
                from.into_iter().for_each(toggle);
                None
            }
            // The box is given up, and what was chosen before stays.
            "Escape" if lasso.with_untracked(Option::is_some) => {
                began.set(None);
                lasso.set(None);
                was_dragged.set_value(true);
                None
            }
            "Escape" if chosen.with_untracked(|chosen| !chosen.is_empty()) => {
                chosen.set(BTreeSet::new());
                None
            }
            _ => return,
        };
        if let Some(to) = to.map(|to| to.min(n_windows.saturating_sub(1))) {
            if event.shift_key() {
                let is_in_time = !event.key().starts_with("Arrow");
                chosen.update(|chosen| chosen.extend(choosing::on_the_way(from, to, is_in_time)));
            }
            cursor.set(Some(to));
            shared.pointed.set(Some(range_of(to).start));
        }
        event.prevent_default();
        event.stop_propagation();
    };
    // What is pointed at on the map itself is seen there.
    let is_inside = RwSignal::new(false);
    let marked = Memo::new(move |_| {
        let is_own = is_inside.get() || cursor.get().is_some();
        let pointed = || shared.pointed.get().filter(|_| !is_own).map(instant);
        let time = hovered.get().or_else(pointed)?;
        overlapping(time, places.with(Vec::len), &windows())
    });
    let words_of = move |window: usize| {
        let n_entries = found.with(|found| found.as_ref()?.map.n_entries.get(window).copied());
        let span = shared.zone.with(|zone| wording::span(range_of(window), zone));
        say!("{span}: {}", span, counted!(n_entries.unwrap_or(0).into(), "entry", "entries"))
    };
    let symbols = move || {
        let symbol = |(window, (x, y)): (usize, (f32, f32))| {
            let look = Memo::new(move |_| clusters.with(|clusters| look_of(clusters, window)));
            let is_outside = Memo::new(move |_| {
                let range = shared.filter.with(|filter| filter.range);
                let own = range_of(window);
                range.is_some_and(|range| own.end <= range.start || range.end <= own.start)
            });
            let is_chosen = Memo::new(move |_| chosen.with(|chosen| chosen.contains(&window)));
            let is_current = Memo::new(move |_| cursor.get() == Some(window));
            let is_marked =
                Memo::new(move |_| marked.get().is_some_and(|(first, last)| (first..=last).contains(&window)));
            // As one text: another look written beside classes of their own would take those away.
            let class = move || {
                let also = |is_so: Memo<bool>, name: &'static str| if is_so.get() { name } else { "" };
                let (outside, chosen) = (also(is_outside, " outside"), also(is_chosen, " chosen"));
                let (current, marked) = (also(is_current, " current"), also(is_marked, " marked"));
                format!("window look-{}{outside}{chosen}{marked}{current}", look.get())
            };
            let on_click = move |event: ev::MouseEvent| match event.shift_key() {
                _ if was_dragged.get_value() => {}
                true => toggle(window),
                false => show(BTreeSet::from([window])),
            };
            view! {
                <path class=class d=move || outline(look.get(), x, y) on:pointerenter=move |_| shared.pointed.set(Some(range_of(window).start)) on:pointerleave=move |_| shared.pointed.set(None)
                    on:click=on_click><title>{move || words_of(window)}</title></path>
            }
        };
        places.get().into_iter().enumerate().map(symbol).collect_view()
    };
    let lasso_box = move || {
        lasso
            .get()
            .map(|((x, y), (to_x, to_y))| view! { <path class="lasso" d=format!("M{x} {y}H{to_x}V{to_y}H{x}z") /> })
    };
    // Signs are small: the keyboard's is found by what is around it.
    let around = move || {
        let (x, y) = cursor.get().and_then(|window| places.with(|places| places.get(window).copied()))?;
        let drawn = around_sign(x, y);
        Some(view! { <path class="around halo" d=drawn.clone() /><path class="around" d=drawn /> })
    };
    let has_chosen = Memo::new(move |_| chosen.with(|chosen| !chosen.is_empty()));
    let current_words = move || {
        let window = cursor.get()?;
        let words = words_of(window);
        Some(match chosen.with(|chosen| chosen.contains(&window)) {
            true => say!("{}, chosen.", words),
            false => say!("{}.", words),
        })
    };
    let chosen_words = move || {
        let sentences = chosen.with(|chosen| chosen_in_words(chosen, &windows()));
        sentences.into_iter().map(|sentence| view! { <span>{sentence}</span> }).collect_view()
    };
    let width = Memo::new(move |_| wording::duration(windows().width_nanos.saturating_mul(N_SLID as i64)));
    let is_there = move || places.with(|places| !places.is_empty());
    view! {
        <Show when=is_there>
            <figure class="window-map" aria-label=say!("Map of windows")>
                <figcaption>
                    <h2>{say!("Times, by what was written in them")}</h2>
                    <p class="facts">{move || say!("Each mark stands for {}: two windows next to each other, the second of which is in the next mark, too. Marks near each other stand for times that are alike, a cross for one that few others are like. A click shows its entries; dragging, or Shift and a click, chooses several.", width.get())}</p>
                </figcaption>
                <div class="windows" node_ref=frame tabindex="0" role="application" aria-label=say!("Map of windows: arrows go from one to the next, Space chooses it, Enter shows its entries")
                    on:pointerdown=on_down on:pointermove=on_move on:pointerup=on_up
                    on:pointerenter=move |_| is_inside.set(true) on:pointerleave=move |_| is_inside.set(false)
                    on:pointercancel=move |_| { began.set(None); lasso.set(None); }
                    on:blur=move |_| { cursor.set(None); shared.pointed.set(None); } on:keydown=on_key>
                    <svg viewBox=format!("0 0 {SIDE} {SIDE}") role="img" aria-label=move || clusters.with(in_words)>{symbols}{around}{lasso_box}</svg>
                </div>
                // Told each when it changes: the sum is not said again with each window that the keyboard comes to.
                <p class="facts sentences" id="current-window" role="status">{current_words}</p>
                <p class="facts sentences" id="chosen-windows" role="status">{chosen_words}</p>
                <Show when=move || has_chosen.get()>
                    <p class="choice">
                        <button class="small" id="show-windows" on:click=move |_| show(chosen.get_untracked())>{say!("Show their entries")}</button>
                        <button class="small quiet" id="choose-no-windows" on:click=choose_none>{say!("Choose none")}</button>
                    </p>
                </Show>
                <label class="reach">
                    <span>{say!("Grouped")}</span>
                    <select class="small" id="cluster-by" on:change=choose_way>
                        {WAYS.map(|(way, name)| view! { <option value=name selected=move || by.get() == way>{told(name)}</option> }).into_iter().collect_view()}
                    </select>
                </label>
                <label class="reach">
                    <span>{say!("Near is")}</span>
                    <input type="range" id="reach" min=-N_STEPS max=N_STEPS prop:value=move || step.get().to_string()
                        aria-valuetext=move || say!("{:.2} times the usual reach", times(step.get()))
                        on:input=move |event| step.set(event_target_value(&event).parse().unwrap_or(0)) />
                    <output>{move || format!("×{:.2}", times(step.get()))}</output>
                </label>
                <p class="facts" id="clusters" role="status">{move || clusters.with(in_words)}</p>
            </figure>
        </Show>
    }
}

/// The map of what is found, and its times.
fn map_of(found: Option<&Option<Arc<Incidents>>>) -> Option<(&WindowMap, Windows)> {
    let found = found?.as_ref()?;
    Some((&found.map, found.windows))
}

/// A moment as a range.
fn instant(time: Nanos) -> TimeRange {
    TimeRange { start: time, end: Nanos(time.0.saturating_add(1)) }
}

/// The first and the last of so many windows that have some of this time.
fn overlapping(time: TimeRange, n: usize, windows: &Windows) -> Option<(usize, usize)> {
    let overlaps = |window: &usize| {
        let own = windows.slid(*window);
        own.start < time.end && time.start < own.end
    };
    Some(((0..n).find(overlaps)?, (0..n).rev().find(overlaps)?))
}

fn times(step: i32) -> f32 {
    MOST_TIMES.powf(step as f32 / N_STEPS as f32)
}

/// Where each window is drawn: ranks would hide how far outliers are, distances alone would crowd the rest in a corner; roots
/// of the distances from the middle show both.
fn places_of(points: &[Vec<f32>]) -> Vec<(f32, f32)> {
    let axis = |axis: usize| {
        let values: Vec<f32> = points.iter().map(|point| point.get(axis).copied().unwrap_or(0.0)).collect();
        let mut sorted = values.clone();
        sorted.sort_by(f32::total_cmp);
        let middle = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
        let rooted: Vec<f32> =
            values.iter().map(|value| (value - middle).signum() * (value - middle).abs().sqrt()).collect();
        let (low, high) =
            rooted.iter().fold((0.0_f32, 0.0_f32), |(low, high), &value| (low.min(value), high.max(value)));
        let span = (high - low).max(f32::MIN_POSITIVE);
        rooted.into_iter().map(move |value| MARGIN + (value - low) / span * (SIDE - 2.0 * MARGIN))
    };
    axis(0).zip(axis(1)).collect()
}

/// 0 is noise, then the clusters.
fn look_of(clusters: &Clusters, window: usize) -> u32 {
    clusters.of.get(window).copied().flatten().map_or(0, |cluster| 1 + cluster.min(N_LOOKS - 1))
}

/// A sign of its own for each look: cross, circle, square, triangle, diamond, bar.
fn outline(look: u32, x: f32, y: f32) -> String {
    let h = HALF;
    match look {
        0 => format!("M{} {}l{w} {w}M{} {}l{w} -{w}", x - h, y - h, x - h, y + h, w = 2.0 * h),
        1 => format!("M{} {y}a{h} {h} 0 1 0 {w} 0a{h} {h} 0 1 0 -{w} 0z", x - h, w = 2.0 * h),
        2 => format!("M{} {}h{w}v{w}h-{w}z", x - h * 0.9, y - h * 0.9, w = 1.8 * h),
        3 => format!("M{x} {}l{h} {w}h-{w}z", y - h, w = 2.0 * h),
        4 => format!("M{x} {}l{h} {h}l-{h} {h}l-{h} -{h}z", y - h),
        _ => format!("M{} {}h{w}v{h}h-{w}z", x - h, y - h / 2.0, w = 2.0 * h),
    }
}

/// A ring with a tick to each side.
fn around_sign(x: f32, y: f32) -> String {
    let (r, w, tick) = (AROUND, 2.0 * AROUND, AROUND / 2.0);
    let ring = format!("M{} {y}a{r} {r} 0 1 0 {w} 0a{r} {r} 0 1 0 -{w} 0z", x - r);
    let sideways = format!("M{} {y}h-{tick}M{} {y}h{tick}", x - r, x + r);
    format!("{ring}{sideways}M{x} {}v-{tick}M{x} {}v{tick}", y - r, y + r)
}

/// How much time is chosen, in sentences; none where nothing is.
fn chosen_in_words(chosen: &BTreeSet<usize>, windows: &Windows) -> Vec<String> {
    let stretches = choosing::stretches(chosen, windows);
    if stretches.is_empty() {
        return Vec::new();
    }
    let nanos: i64 = stretches.iter().map(|stretch| stretch.end.0 - stretch.start.0).sum();
    let sum = say!(
        "{} chosen: {}, {} in all.",
        counted!(chosen.len() as u64, "window", "windows"),
        counted!(stretches.len() as u64, "stretch of time", "stretches of time"),
        wording::duration(nanos)
    );
    let is_joined = stretches.len() > MOST_STRETCHES;
    let gaps = is_joined.then(|| say!("The shortest gaps between them are shown with them.").to_owned());
    [Some(sum), gaps].into_iter().flatten().collect()
}

fn in_words(clusters: &Clusters) -> String {
    let n_kinds = clusters.of.iter().flatten().max().map_or(0, |last| u64::from(*last) + 1);
    let n_alone = clusters.of.iter().filter(|cluster| cluster.is_none()).count() as u64;
    say!(
        "{}, {} like no other",
        counted!(n_kinds, "kind of time", "kinds of times"),
        counted!(n_alone, "window", "windows")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_drawn_within_the_map_and_outliers_apart() {
        let points: Vec<Vec<f32>> = (0..20).map(|n| vec![n as f32 / 10.0, 0.0]).chain([vec![100.0, 5.0]]).collect();
        let places = places_of(&points);
        assert!(places.iter().all(|&(x, y)| (0.0..=SIDE).contains(&x) && (0.0..=SIDE).contains(&y)), "{places:?}");
        assert!(places[20].0 > places[19].0 + SIDE / 2.0);
    }

    #[test]
    fn a_time_is_marked_on_all_windows_that_have_some_of_it() {
        let windows = Windows { start: Nanos(100), width_nanos: 10, n: 5 };
        let range = |start, end| TimeRange { start: Nanos(start), end: Nanos(end) };
        assert_eq!(overlapping(range(120, 130), 4, &windows), Some((1, 2)));
        assert_eq!(overlapping(instant(Nanos(100)), 4, &windows), Some((0, 0)));
        assert_eq!(overlapping(range(0, 100), 4, &windows), None);
    }

    #[test]
    fn clusters_are_counted_in_words() {
        let clusters = Clusters { of: vec![Some(0), Some(1), None, Some(0)] };
        assert_eq!(in_words(&clusters), "2 kinds of times, 1 window like no other");
        assert_eq!([0, 1, 2].map(|window| look_of(&clusters, window)), [1, 2, 0]);
    }

    #[test]
    fn what_is_chosen_is_told_by_how_much_time_it_is() {
        let windows = Windows { width_nanos: 60_000_000_000, n: 200, ..Windows::default() };
        let said = |chosen: &[usize]| chosen_in_words(&chosen.iter().copied().collect(), &windows);
        assert_eq!(said(&[]), [""; 0]);
        assert_eq!(said(&[4, 5, 9]), ["3 windows chosen: 2 stretches of time, 5 min in all."]);
        let many: Vec<usize> = (0..=MOST_STRETCHES).map(|n| 3 * n).collect();
        assert!(said(&many).last().is_some_and(|last| last.ends_with("are shown with them.")));
    }

    #[test]
    fn the_middle_of_the_slider_is_the_usual_reach() {
        assert_eq!((times(0), times(N_STEPS)), (1.0, MOST_TIMES));
    }
}
