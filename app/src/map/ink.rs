//! The edges of a large map, as pixels: a browser moves and scales thousands of curves at once only where they are painted already.
//!
//! What is in sight, and some around it, is painted whenever the map rests, a few edges a task, on the canvas that is not seen; then the
//! two change places.

use std::sync::Arc;

use js_sys::Date;
use leptos::html::Canvas;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlElement};

use model::topology::{Picture, Place};

use super::draw;
use super::drawing::{Drawing, Then, is_far};
use super::sights::Sight;
use crate::theme::Themed;

/// Around the frame, in parts of it: the map can be moved so far without a gap.
const MARGIN: f64 = 0.5;
/// One task's share, so that frames go on.
const SLICE_MILLIS: f64 = 6.0;
/// Between looks at the clock.
const EDGES_AT_ONCE: usize = 16;
/// Of one frame: what a canvas is told it may paint only when the frame ends.
const EDGES_OF_FRAME: usize = 96;
/// More pixels for each of the page's take longer than they are worth.
const MOST_DENSITY: f64 = 2.0;

#[component]
pub fn Ink(
    drawing: Memo<Option<Arc<Drawing>>>,
    at_rest: RwSignal<Option<Sight>>,
    size: Signal<(f64, f64)>,
    then: Memo<Option<Arc<Then>>>,
) -> impl IntoView {
    let themed: Themed = expect_context();
    let canvases = [NodeRef::<Canvas>::new(), NodeRef::<Canvas>::new()];
    let shown = RwSignal::new(0_usize);
    let n_begun = StoredValue::new(0_u64);
    Effect::new(move |_| {
        themed.dark.track();
        let then = then.get();
        let (Some(drawing), Some(sight), (across, down)) = (drawing.get(), at_rest.get(), size.get()) else { return };
        let next = 1 - shown.get_untracked();
        let Some(canvas) = canvases[next].get() else { return };
        n_begun.update_value(|n_begun| *n_begun += 1);
        let number = n_begun.get_value();
        if !drawing.is_large() || across == 0.0 {
            canvases.iter().filter_map(|canvas| canvas.get()).for_each(|canvas| canvas.set_width(0));
            return;
        }
        let is_wanted = move || n_begun.try_get_value() == Some(number);
        let is_done = move || shown.set(next);
        if let Some(painter) = Painter::begin(canvas, (drawing, then), sight, (across, down)) {
            go_on(painter, is_wanted, is_done);
        }
    });
    let canvas =
        |at: usize| view! { <canvas class="map-ink" node_ref=canvases[at] class:hidden=move || shown.get() != at /> };
    view! { {canvas(0)} {canvas(1)} }
}

/// Paints on in every frame until all is painted, or something else is to be.
fn go_on(mut painter: Painter, is_wanted: impl Fn() -> bool + 'static, is_done: impl Fn() + 'static) {
    if !is_wanted() {
        return;
    }
    match painter.paint() {
        true => {
            painter.put_in_place();
            is_done();
        }
        false => request_animation_frame(move || go_on(painter, is_wanted, is_done)),
    }
}

struct Painter {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    drawing: Arc<Drawing>,
    then: Option<Arc<Then>>,
    is_far: bool,
    zoom: f64,
    /// Left, top, right and bottom of what is painted, on the map.
    within: [f64; 4],
    /// Of edges that are said, guessed, and that failed.
    colours: [String; 3],
    n_painted: usize,
}

impl Painter {
    fn begin(
        canvas: HtmlCanvasElement,
        (drawing, then): (Arc<Drawing>, Option<Arc<Then>>),
        sight: Sight,
        size: (f64, f64),
    ) -> Option<Self> {
        let Sight { zoom, x, y } = sight;
        let density = window().device_pixel_ratio().clamp(1.0, MOST_DENSITY);
        let (left, top) = ((-size.0 * MARGIN - x) / zoom, (-size.1 * MARGIN - y) / zoom);
        let (wide, high) = (size.0 * (1.0 + 2.0 * MARGIN), size.1 * (1.0 + 2.0 * MARGIN));
        canvas.set_width((wide * density) as u32);
        canvas.set_height((high * density) as u32);
        let context = canvas.get_context("2d").ok()??.unchecked_into::<CanvasRenderingContext2d>();
        let scale = zoom * density;
        context.set_transform(scale, 0.0, 0.0, scale, -left * scale, -top * scale).ok()?;
        let colours = ["edge", "edge guess", "edge bad"].map(colour_of);
        let within = [left, top, left + wide / zoom, top + high / zoom];
        Some(Self { canvas, context, is_far: is_far(zoom), drawing, then, zoom, within, colours, n_painted: 0 })
    }

    /// Paints for a slice of time; whether all is painted.
    fn paint(&mut self) -> bool {
        let (began, n_edges) = (Date::now(), self.drawing.topology.edges.len());
        let end = (self.n_painted + EDGES_OF_FRAME).min(n_edges);
        while self.n_painted < end && Date::now() - began < SLICE_MILLIS {
            let until = (self.n_painted + EDGES_AT_ONCE).min(end);
            (self.n_painted..until).for_each(|at| self.paint_edge(at));
            self.n_painted = until;
        }
        self.n_painted == n_edges
    }

    fn paint_edge(&self, at: usize) {
        let (drawing, context) = (&self.drawing, &self.context);
        let [left, top, right, bottom] = drawing.bounds[at].map(f64::from);
        let is_outside =
            left > self.within[2] || right < self.within[0] || top > self.within[3] || bottom < self.within[1];
        let Some(way) = drawing.topology.layout.ways.get(at).filter(|_| !is_outside) else { return };
        let edge = &drawing.topology.edges[at];
        let (calls, n_errors, most_calls) = match &self.then {
            Some(then) if then.counted[at].0 == 0 => return,
            Some(then) => (then.counted[at].0, then.counted[at].1, then.most_calls),
            None => (edge.calls, edge.n_errors, drawing.most_calls),
        };
        let is_said = edge.methods.first().is_some_and(|(method, _)| method.is_said());
        let (colour, dashes): (_, &[f64]) = match (n_errors > 0, is_said) {
            (true, _) => (&self.colours[2], &[9.0, 4.0]),
            (false, true) => (&self.colours[0], &[]),
            (false, false) => (&self.colours[1], &[1.0, 5.0]),
        };
        // Dashes too small to be seen take as long as any.
        let dashes: js_sys::Array =
            dashes.iter().filter(|_| !self.is_far).map(|&dash| wasm_bindgen::JsValue::from(dash)).collect();
        // Refused for numbers that are none, which these are not.
        let _ = context.set_line_dash(&dashes);
        // Of very many each is faint: where they run together it is dark.
        context.set_global_alpha(if n_errors > 0 { 0.75 } else { 0.4 });
        context.set_stroke_style_str(colour);
        let least = 0.5 / self.zoom;
        context.set_line_width(f64::from(draw::width(calls, most_calls) * drawing.thinned).max(least));
        context.begin_path();
        let point = |place: Place| (f64::from(place.x), f64::from(place.y));
        let mut last = None;
        for (nth, [start, a, b, end]) in
            draw::curves(way, drawing.topology.layout.picture).into_iter().map(|curve| curve.0.map(point)).enumerate()
        {
            if nth == 0 {
                context.move_to(start.0, start.1);
            }
            context.bezier_curve_to(a.0, a.1, b.0, b.1, end.0, end.1);
            last = Some((b, end));
        }
        context.stroke();
        if let Some((before, (x, y))) = last.filter(|_| !self.is_far) {
            // The tip points where the edge arrives.
            let tip = f64::from(draw::TIP);
            let (dx, dy) = match drawing.topology.layout.picture {
                Picture::Layers => (if before.0 <= x { tip } else { -tip }, 0.0),
                Picture::Forces => {
                    let length = (x - before.0).hypot(y - before.1).max(0.1);
                    ((x - before.0) / length * tip, (y - before.1) / length * tip)
                }
            };
            context.set_fill_style_str(colour);
            context.begin_path();
            context.move_to(x - dy * 0.45, y + dx * 0.45);
            context.line_to(x + dx, y + dy);
            context.line_to(x + dy * 0.45, y - dx * 0.45);
            context.fill();
        }
    }

    /// Onto the sheet, where what it shows belongs.
    fn put_in_place(&self) {
        let [left, top, right, bottom] = self.within;
        let (sheet_left, sheet_top, ..) = self.drawing.extent;
        let style = HtmlElement::style(&self.canvas);
        for (name, pixels) in [
            ("left", left - f64::from(sheet_left)),
            ("top", top - f64::from(sheet_top)),
            ("width", right - left),
            ("height", bottom - top),
        ] {
            // Lengths are taken.
            let _ = style.set_property(name, &format!("{pixels:.2}px"));
        }
    }
}

/// As the legend has it.
fn colour_of(class: &str) -> String {
    let like_it = document().query_selector(&format!(".map-legend [class=\"{class}\"]")).ok().flatten();
    let style = like_it.and_then(|like_it| window().get_computed_style(&like_it).ok().flatten());
    // Grey is seen on light and dark alike.
    style.and_then(|style| style.get_property_value("stroke").ok()).unwrap_or_else(|| "grey".to_owned())
}
