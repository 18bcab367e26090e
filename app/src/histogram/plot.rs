//! The bars themselves: drawn on a canvas, with a cursor and a brush for pointer and keyboard.

use leptos::ev;
use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use model::protocol::Histogram;
use model::say;
use model::severity::{BANDS, Band};
use model::time::{Nanos, TimeRange};
use plotters::prelude::IntoDrawingArea;
use plotters_canvas::CanvasBackend;

use super::overlay::Overlay;
use super::words::{bucket_in_words, bucket_span};
use super::{CLICK_PIXELS, is_zoomed_in, palette, picture, question, zoom_out};
use crate::actions::Action;
use crate::compare::compare_range_with_rest;
use crate::scope::{Shared, use_shared};
use crate::theme::Themed;
use crate::wording;

#[component]
pub fn Plot(
    plot: NodeRef<Div>,
    size: Signal<(f64, f64)>,
    histogram: Memo<Histogram>,
    is_whole: Memo<bool>,
    range: Memo<TimeRange>,
    is_log: RwSignal<bool>,
) -> impl IntoView {
    let shared = use_shared();
    let themed = expect_context::<Themed>();
    let canvas = NodeRef::<Canvas>::new();
    // The bucket under the pointer or the keyboard's cursor.
    let cursor = RwSignal::new(None::<usize>);
    // Where the brush began and where it is, in CSS pixels.
    let brush = RwSignal::new(None::<(f64, f64)>);
    // The bar that the keyboard's brush began at; it reaches to the cursor.
    let anchor = RwSignal::new(None::<usize>);
    let across = move || Some((anchor.get()?, cursor.get()?));

    let palette = Memo::new(move |_| palette::read_palette(themed.dark.get()));
    Effect::new(move || {
        let (width, height) = size.get();
        let Some(canvas) = canvas.get().filter(|_| width > 0.0 && height > 0.0) else { return };
        let scale = window().device_pixel_ratio();
        canvas.set_width((width * scale).round() as u32);
        canvas.set_height((height * scale).round() as u32);
        let Some(backend) = CanvasBackend::with_canvas_object(canvas) else { return };
        let frame = picture::Frame { range: range.get(), scale, is_log: is_log.get() };
        let area = backend.into_drawing_area();
        shared.zone.with(|zone| {
            histogram.with(|histogram| {
                // A canvas that cannot be drawn to was taken off the page.
                let _ = palette.with(|palette| picture::draw(&area, histogram, &frame, zone, palette));
            });
        });
    });

    let time_at = move |x: f64| {
        let range = range.get_untracked();
        let span = range.end.0 as f64 - range.start.0 as f64;
        let share = (x / size.get_untracked().0.max(1.0)).clamp(0.0, 1.0);
        Nanos(range.start.0.saturating_add((span * share) as i64))
    };
    let bucket_under = move |x: f64| histogram.with_untracked(|histogram| question::bucket_at(histogram, time_at(x)));
    let pointer_x = move |event: &ev::PointerEvent| {
        let left = plot.get_untracked().map_or(0.0, |plot| plot.get_bounding_client_rect().left());
        f64::from(event.client_x()) - left
    };
    let on_down = move |event: ev::PointerEvent| {
        if event.button() != 0 {
            return;
        }
        if let Some(plot) = plot.get_untracked() {
            // Without capture the brush only ends inside the plot.
            let _ = plot.set_pointer_capture(event.pointer_id());
        }
        let x = pointer_x(&event);
        brush.set(Some((x, x)));
    };
    let on_move = move |event: ev::PointerEvent| {
        let x = pointer_x(&event);
        cursor.set(bucket_under(x));
        shared.pointed.set(Some(time_at(x)));
        anchor.set(None);
        if brush.with_untracked(Option::is_some) {
            brush.update(|brush| *brush = brush.map(|(from, _)| (from, x)));
        }
    };
    let on_up = move |event: ev::PointerEvent| {
        let Some((from, _)) = brush.get_untracked() else { return };
        brush.set(None);
        let to = pointer_x(&event);
        if (to - from).abs() >= CLICK_PIXELS {
            let zoomed = histogram.with_untracked(|histogram| question::brushed(histogram, time_at(from), time_at(to)));
            match event.shift_key() {
                true => compare_range_with_rest(shared, zoomed, None),
                false => shared.set_range(Some(zoomed)),
            }
        } else if let Some(bucket) = bucket_under(to) {
            zoom_into(shared, histogram, bucket);
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let n_buckets = histogram.with_untracked(|histogram| histogram.buckets.len());
        let step = |by: isize| {
            let from = cursor.get_untracked().unwrap_or(if by > 0 { usize::MAX } else { n_buckets });
            cursor.set(Some(from.wrapping_add_signed(by).min(n_buckets.saturating_sub(1))));
        };
        let key = event.key();
        let is_arrow = matches!(key.as_str(), "ArrowRight" | "ArrowLeft" | "Home" | "End");
        let begin = anchor.get_untracked().or(cursor.get_untracked());
        match key.as_str() {
            "ArrowRight" => step(1),
            "ArrowLeft" if cursor.get_untracked() == Some(0) => {}
            "ArrowLeft" => step(-1),
            "Home" => cursor.set(Some(0)),
            "End" => cursor.set(Some(n_buckets.saturating_sub(1))),
            "Enter" | " " | "+" => {
                if let Some(bucket) = cursor.get_untracked() {
                    let from = anchor.get_untracked().unwrap_or(bucket);
                    let range = histogram.with_untracked(|histogram| question::across(histogram, from, bucket));
                    anchor.set(None);
                    shared.set_range(Some(range));
                }
            }
            "Escape" if anchor.get_untracked().is_some() => anchor.set(None),
            _ => return,
        }
        if is_arrow {
            anchor.set(if event.shift_key() { begin.or(cursor.get_untracked()) } else { None });
        }
        event.prevent_default();
        event.stop_propagation();
    };

    shared.actions.on(move |action| match action {
        Action::ZoomOut => {
            is_zoomed_in(shared) && {
                zoom_out(shared);
                true
            }
        }
        Action::ZoomAll => {
            is_zoomed_in(shared) && {
                shared.set_range(None);
                true
            }
        }
        Action::ZoomFit => {
            // What is not counted to its end says nothing of where the last match is.
            let fitted = is_whole.get_untracked().then(|| histogram.with_untracked(question::fitted)).flatten();
            fitted.is_some_and(|range| {
                shared.set_range(Some(range));
                true
            })
        }
        Action::Back => brush.try_update(Option::take).flatten().is_some(),
        _ => false,
    });
    let brushed_span = move || match brush.get() {
        Some((from, to)) => Some(histogram.with(|histogram| question::brushed(histogram, time_at(from), time_at(to)))),
        None => across().map(|(from, to)| histogram.with(|histogram| question::across(histogram, from, to))),
    };
    let brushed = move || {
        let span = brushed_span()?;
        let length = wording::duration(span.end.0.saturating_sub(span.start.0));
        Some(format!("{} · {length}", shared.zone.with(|zone| wording::span(span, zone))))
    };
    let box_of = move |bounds: TimeRange| {
        let range = range.get();
        let left = picture::share(range, bounds.start).max(0.0);
        let right = picture::share(range, bounds.end).min(1.0);
        (left < right).then_some((left, right))
    };
    let bucket_box = move || {
        let bucket = cursor.get()?;
        box_of(histogram.with(|histogram| question::bucket_range(histogram, bucket)))
    };
    // In shares of the plot's width.
    let brush_box = move || match brush.get() {
        Some((from, to)) => {
            let width = size.get().0.max(1.0);
            Some((from.min(to) / width, from.max(to) / width))
        }
        None => across().and_then(|_| box_of(brushed_span()?)),
    };
    let cursor_words = move || {
        let Some(bucket) = cursor.get() else { return say!("No bar chosen").to_owned() };
        if anchor.get().is_some() {
            return say!("{}; Enter zooms in", brushed().unwrap_or_default());
        }
        histogram.with(|histogram| shared.zone.with(|zone| bucket_in_words(histogram, bucket, zone)))
    };
    view! {
        <div class="plot" node_ref=plot tabindex="0" role="slider" aria-label=say!("Timeline cursor")
            aria-valuemin="0" aria-valuemax=move || histogram.with(|histogram| histogram.buckets.len().saturating_sub(1).to_string())
            aria-valuenow=move || cursor.get().unwrap_or(0).to_string() aria-valuetext=cursor_words
            on:pointerdown=on_down on:pointermove=on_move on:pointerup=on_up
            on:pointercancel=move |_| brush.set(None) on:pointerleave=move |_| { cursor.set(None); shared.pointed.set(None); }
            on:blur=move |_| { cursor.set(None); anchor.set(None); } on:keydown=on_key>
            <canvas node_ref=canvas aria-hidden="true"></canvas>
            <Overlay range />
            {move || bucket_box().map(|(left, right)| view! {
                <div class="cursor" style:left=format!("{}%", left * 100.0) style:width=format!("{}%", (right - left) * 100.0)></div>
            })}
            {move || brush_box().map(|(left, right)| view! {
                <div class="brush" style:left=format!("{}%", left * 100.0) style:width=format!("{}%", (right - left) * 100.0)></div>
                <div class="brushed" aria-hidden="true">{brushed}</div>
            })}
            {move || bucket_box().filter(|_| brush_box().is_none()).map(|(left, right)| tip(shared, histogram, cursor, (left + right) / 2.0))}
        </div>
    }
}

fn zoom_into(shared: Shared, histogram: Memo<Histogram>, bucket: usize) {
    let range = histogram.with_untracked(|histogram| question::bucket_range(histogram, bucket));
    shared.set_range(Some(range));
}

/// What the bucket holds, beside it; on the side that has room.
fn tip(shared: Shared, histogram: Memo<Histogram>, cursor: RwSignal<Option<usize>>, middle: f64) -> impl IntoView {
    let bucket = cursor.get().unwrap_or_default();
    let counts = histogram.with(|histogram| histogram.buckets.get(bucket).copied().unwrap_or_default());
    let title = histogram.with(|histogram| shared.zone.with(|zone| bucket_span(histogram, bucket, zone)));
    let line = move |band: Band| {
        let n_entries = counts[band as usize];
        (n_entries > 0).then(|| {
            view! {
                <dt class=format!("sev-{}", band.name())>
                    <span class="sev">{band.letter().to_string()}</span>" "{band.name()}
                </dt>
                <dd>{wording::count(n_entries.into())}</dd>
            }
        })
    };
    let span = histogram.with(|histogram| question::bucket_range(histogram, bucket));
    let is_in = |found: &TimeRange| found.start <= span.start && span.end <= found.end;
    let hatched = shared.gaps.with(|found| found.iter().any(is_in)).then(|| {
        view! { <div>{say!("Hatched: nothing was found for far longer than is usual between these bars")}</div> }
    });
    let is_left = middle < 0.5;
    let gap = format!("calc({}% + 1rem)", if is_left { middle } else { 1.0 - middle } * 100.0);
    view! {
        <div class="tip" aria-hidden="true" style:left=is_left.then(|| gap.clone()) style:right=(!is_left).then(|| gap.clone())>
            <div>{title}</div>
            <dl>{BANDS.into_iter().rev().map(line).collect_view()}</dl>
            {hatched}
        </div>
    }
}
