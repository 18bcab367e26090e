//! Below the bars: a lane for each value of a field, or a heat map of its numbers, over the same times.

pub mod bars;

mod choice;
pub use choice::Choice;

mod export;
pub use export::Around;

mod picture;

use model::language::retold;
use std::sync::Arc;

use leptos::ev;
use leptos::html::{Div, Section};
use leptos::prelude::*;
use model::lanes::{Drawn, Heat, Lane, Lanes as Found, LanesAsk, Split};
use model::protocol::{Answer, Ask, HistogramAsk};
use model::query::{Change, value_term, with_condition};
use model::severity::Band;
use model::time::{Nanos, TimeRange, Zone};
use model::{counted, say};

pub use self::picture::Frame;
use self::picture::{HEAT_PIXELS, LANE_PIXELS, Outline};
use super::overlay::Overlay;
use super::{CLICK_PIXELS, framed, question};
use crate::answer::{Question, Remote, State, use_answer};
use crate::compare::compare_range_with_rest;
use crate::edge::{self, Edge, Size};
use crate::fields::condition::is_from_and_below;
use crate::fields::in_unit;
use crate::map::save;
use crate::measured::use_size;
use crate::scope::{Shared, Visit, use_shared};
use crate::wording;

/// Values with a lane of their own, and rows of a heat map.
const N_LANES: u32 = 8;
const N_HEAT_ROWS: u32 = 24;

/// Room for what is said of them and for a lane or two.
const LEAST_PIXELS: f64 = 84.0;

impl Question for LanesAsk {
    type Answer = Arc<Found>;
    fn ask(&self) -> Ask {
        Ask::Lanes(self.clone())
    }
    fn read(answer: Answer) -> Option<Arc<Found>> {
        if let Answer::Lanes(lanes) = answer { Some(Arc::from(lanes)) } else { None }
    }

    fn goes_on(&self, before: &Self) -> bool {
        let moved = Self { filter: question::moved_on(&before.filter, &self.filter), ..before.clone() };
        moved == *self
    }
}

/// The lanes, or the heat map, over the same times as these bars.
pub fn asked(bars: HistogramAsk, split: &Split, is_log: bool) -> LanesAsk {
    let is_heat = matches!(split, Split::Heat(_));
    LanesAsk {
        filter: bars.filter,
        split: split.clone(),
        max_buckets: bars.max_buckets,
        zone: bars.zone,
        n_rows: if is_heat { N_HEAT_ROWS } else { N_LANES },
        is_log: is_heat && is_log,
    }
}

/// A picture that needs no style sheet, and its size.
pub fn svg(lanes: &Found, frame: &Frame, zone: &Zone, around: &Around) -> (String, (f32, f32)) {
    export::svg(lanes, &outlines(lanes, frame), frame, zone, around)
}

fn outlines(lanes: &Found, frame: &Frame) -> Vec<Outline> {
    match &lanes.drawn {
        Drawn::Lanes(drawn) => picture::lane_outlines(lanes, drawn, frame),
        Drawn::Heat(heat) => picture::heat_outlines(lanes, heat, frame),
    }
}

/// `size`: of the bars above, which are as wide.
#[component]
pub fn Lanes(size: Signal<(f64, f64)>, range: Memo<TimeRange>) -> impl IntoView {
    let shared = use_shared();
    let split = Memo::new(move |_| shared.scope.with(|scope| scope.split.clone()));
    // As one asked for it; else as suits.
    let chosen_log = RwSignal::new(None::<bool>);
    let is_log =
        Memo::new(move |_| chosen_log.get().unwrap_or_else(|| split.with(|split| matches!(split, Split::Heat(_)))));
    let framed = framed(shared);
    let answer = use_answer(shared.port, shared.revision, move || {
        let bars = framed.with(|filter| shared.zone.with(|zone| question::question(filter, zone, size.get().0)))?;
        Some(asked(bars, &split.get(), is_log.get()))
    });
    let lanes = Memo::new(move |before: Option<&Arc<Found>>| {
        answer.with(|answer| answer.answer.clone()).or_else(|| before.cloned()).unwrap_or_default()
    });
    // What is drawn is of another field or other times than what is asked for: a click would ask for a value of the one in the other.
    let is_stale = Memo::new(move |_| answer.with(Remote::is_stale));
    let frame = move || Frame { range: range.get(), width: size.get().0, is_log: is_log.get() };
    let outlines = Memo::new(move |_| lanes.with(|lanes| outlines(lanes, &frame())));
    let height = Memo::new(move |_| lanes.with(|lanes| export::height(lanes)));
    let (rows, section) = (NodeRef::<Div>::new(), NodeRef::<Section>::new());
    let (chosen_height, measured) = (Size::remembered("lanes-height"), use_size(section));
    // With the bars above they leave half of the window to what is below.
    let bounded = move || Some(format!("min({}, max(7rem, 50dvh - 11rem - var(--plot)))", chosen_height.css()?));
    let pointer = RwSignal::new(None::<Point>);
    // Where the brush began and where it is, in CSS pixels.
    let brush = RwSignal::new(None::<(Point, Point)>);
    let point_of = move |event: &ev::PointerEvent| {
        let bounds = rows.get_untracked()?.get_bounding_client_rect();
        Some((f64::from(event.client_x()) - bounds.left(), f64::from(event.client_y()) - bounds.top()))
    };
    let time_at = move |x: f64| {
        let range = range.get_untracked();
        let span = range.end.0 as f64 - range.start.0 as f64;
        let share = (x / size.get_untracked().0.max(1.0)).clamp(0.0, 1.0);
        Nanos(range.start.0.saturating_add((span * share) as i64))
    };
    let under = move |(x, y): Point| {
        let found = lanes.get_untracked();
        let since = time_at(x).0.checked_sub(found.start.0).filter(|&since| since >= 0)?;
        let bucket = usize::try_from(since.checked_div(found.width_nanos)?).ok()?;
        (bucket < found.n_buckets as usize).then_some((bucket, row_at(&found.drawn, y)))
    };
    // The bucket and the lane under the pointer: other ones, too, once the time is zoomed below it.
    let pointed = Memo::new(move |_| {
        range.track();
        size.track();
        lanes.track();
        pointer.get().and_then(under)
    });
    let on_down = move |event: ev::PointerEvent| {
        // Names are pressed by themselves.
        let is_name = event_target::<web_sys::Element>(&event).closest("button").is_ok_and(|found| found.is_some());
        if event.button() != 0 || is_name {
            return;
        }
        if let Some(rows) = rows.get_untracked() {
            // Without capture the brush only ends inside.
            let _ = rows.set_pointer_capture(event.pointer_id());
        }
        brush.set(point_of(&event).map(|point| (point, point)));
    };
    let on_move = move |event: ev::PointerEvent| {
        let Some(point) = point_of(&event) else { return };
        pointer.set(Some(point));
        shared.pointed.set(Some(time_at(point.0)));
        if brush.with_untracked(Option::is_some) {
            brush.update(|brush| *brush = brush.map(|(from, _)| (from, point)));
        }
    };
    let on_leave = move |_| {
        pointer.set(None);
        shared.pointed.set(None);
    };
    let on_up = move |event: ev::PointerEvent| {
        let Some(((from, to), found)) = brush.try_update(Option::take).flatten().zip(Some(lanes.get_untracked()))
        else {
            return;
        };
        if is_stale.get_untracked() {
            return;
        }
        let heights = brushed_heights(&found, from.1, to.1);
        if (to.0 - from.0).abs() < CLICK_PIXELS && heights.is_none() {
            if let Some((bucket, row)) = under(to) {
                zoom_into(shared, &found, &split.get_untracked(), bucket, row);
            }
            return;
        }
        let time = question::in_whole_buckets((found.start, found.width_nanos), time_at(from.0), time_at(to.0));
        let narrowed = narrowed_to(shared, &found, &split.get_untracked(), heights);
        match event.shift_key() {
            true => compare_range_with_rest(shared, time, narrowed),
            false => shared.change(Visit::New, |scope| {
                scope.filter.range = Some(time);
                scope.filter.query = narrowed.unwrap_or_else(|| std::mem::take(&mut scope.filter.query));
            }),
        }
    };
    let brush_box = move || {
        brush
            .get()
            .filter(|(from, to)| (to.0 - from.0).abs() >= CLICK_PIXELS || (to.1 - from.1).abs() >= CLICK_PIXELS)
            .map(|(from, to)| {
                // Of lanes all are meant; of a heat map what is between, if one goes up or down.
                let (top, bottom) = match lanes.with(|found| brushed_heights(found, from.1, to.1)) {
                    Some(_) => (from.1.min(to.1), from.1.max(to.1)),
                    None => (0.0, height.get()),
                };
                let [left, width, top, height] =
                    [from.0.min(to.0), (to.0 - from.0).abs(), top, bottom - top].map(|pixels| format!("{pixels}px"));
                view! { <div class="brush" style:left=left style:width=width style:top=top style:height=height></div> }
            })
    };
    let names = move || {
        let found = lanes.get();
        match &found.drawn {
            Drawn::Lanes(drawn) => {
                let name = |lane: &Lane| name(shared, split, is_stale, lane, name_and_scale(lane, drawn));
                drawn.iter().map(name).collect_view().into_any()
            }
            Drawn::Heat(heat) => {
                let field = split.with(|split| field_of(split).to_owned());
                let end = |edge: Option<&f64>| edge.map(|&edge| amount(edge, heat, &field));
                let tick = |(y, number): (f64, f64)| {
                    view! { <span class="lane-name tick" style:top=format!("{y:.1}px")>{amount(number, heat, &field)}</span> }
                };
                let ticks = picture::ticks(heat).into_iter().map(tick).collect_view();
                view! { <span class="lane-name">{end(heat.edges.last())}</span>{ticks}<span class="lane-name least">{end(heat.edges.first())}</span> }.into_any()
            }
        }
    };
    let drawn = move || {
        let found = lanes.get_untracked();
        let around = Around::seen(shared, &split.get_untracked(), &found);
        shared.zone.with_untracked(|zone| svg(&found, &untrack(frame), zone, &around))
    };
    let save_svg = move |_| {
        let (svg, _) = drawn();
        save::text(shared, "timeline.svg", "image/svg+xml", &svg);
    };
    let save_png = move |_| {
        let (svg, size) = drawn();
        save::png(shared, "timeline.png", &svg, size);
    };
    let is_final = move || answer.with(|answer| answer.state == State::Final);
    let words = move || {
        let found = lanes.get();
        match (answer.with(|answer| answer.state.clone()), pointed.get()) {
            (State::Failed(failure), _) => failure.to_string(),
            (_, Some((bucket, row))) => {
                split.with(|split| shared.zone.with(|zone| in_words(&found, field_of(split), (bucket, row), zone)))
            }
            _ => summary(&found, &split.get()),
        }
    };
    view! {
        <section id="lanes" node_ref=section style=("--lanes-height", bounded) aria-label=say!("Lanes") class:stale=move || is_stale.get() data-complete=move || is_final().to_string()>
            <div class="lanes-head">
                <span class="summary">{words}</span>
                <button class="small quiet" id="lanes-log" aria-pressed=move || is_log.get().to_string() title=say!("Heights by magnitude")
                    on:click=move |_| chosen_log.set(Some(!is_log.get_untracked()))>{say!("log")}</button>
                <button class="small quiet" id="lanes-svg" title=say!("Save as SVG") on:click=save_svg>"SVG"</button>
                <button class="small quiet" id="lanes-png" title=say!("Save as PNG") on:click=save_png>"PNG"</button>
            </div>
            <div class="lane-rows" node_ref=rows style:width=move || format!("{}px", size.get().0) style:height=move || format!("{}px", height.get())
                title=say!("Drag to zoom in; with Shift held, to compare with the rest") on:pointerdown=on_down on:pointermove=on_move
                on:pointerup=on_up on:pointercancel=move |_| brush.set(None) on:pointerleave=on_leave>
                <svg aria-hidden="true" width="100%" height=move || height.get().to_string()>
                    {move || outlines.get().into_iter().map(|outline| view! { <path class=outline.look d=outline.path /> }).collect_view()}
                </svg>
                <Overlay range />
                {brush_box}
                {names}
            </div>
        </section>
        <Edge label=say!("Height of the lanes") panel=edge::Panel::Before size=chosen_height measured least=LEAST_PIXELS />
    }
}

/// The lane so far from the top; of a heat map the row, counted from the bottom.
fn row_at(drawn: &Drawn, y: f64) -> usize {
    match drawn {
        Drawn::Lanes(_) => (y.max(0.0) / LANE_PIXELS) as usize,
        Drawn::Heat(heat) => {
            let n_rows = heat.edges.len().saturating_sub(1);
            ((1.0 - y / HEAT_PIXELS).max(0.0) * n_rows as f64) as usize
        }
    }
}

/// In CSS pixels from the left and from the top.
type Point = (f64, f64);

/// From which number on, and below which.
type Heights = (Option<f64>, Option<f64>);

/// The numbers of a heat map between two heights; `None` where one did not go up or down, or over all of it. The lowest row and the
/// highest have all that is lower or higher: their outer edges are middles of what is counted together.
fn brushed_heights(found: &Found, from: f64, to: f64) -> Option<Heights> {
    let Drawn::Heat(heat) = &found.drawn else { return None };
    let n_rows = heat.edges.len().checked_sub(1).filter(|&n_rows| n_rows > 0)?;
    let row_pixels = HEAT_PIXELS / n_rows as f64;
    let row_at = |y: f64| ((HEAT_PIXELS - y).clamp(0.0, HEAT_PIXELS - 0.1) / row_pixels) as usize;
    let (low, high) = (row_at(from.max(to)), row_at(from.min(to)));
    let is_all = low == 0 && high + 1 == n_rows;
    let is_meant = (from - to).abs() >= 2.0 * row_pixels && !is_all;
    is_meant.then(|| ((low > 0).then(|| heat.edges[low]), (high + 1 < n_rows).then(|| heat.edges[high + 1])))
}

/// The query with what was brushed of a heat map asked for too.
fn narrowed_to(shared: Shared, found: &Found, split: &Split, heights: Option<Heights>) -> Option<String> {
    let (Drawn::Heat(heat), Split::Heat(field)) = (&found.drawn, split) else { return None };
    let wanted = is_from_and_below(field, heat.unit, heights?);
    Some(shared.scope.with_untracked(|scope| with_condition(&scope.filter.query, &wanted, Change::Include)))
}

/// What a lane is called.
fn called(lane: &Lane) -> String {
    if lane.value.is_none() { retold(&lane.title) } else { lane.called() }
}

/// The same, and whether its bars cannot be compared with those of the others.
fn name_and_scale(lane: &Lane, drawn: &[Lane]) -> String {
    let title = called(lane);
    let is_apart = drawn.len() > 1 && picture::has_own_scale(lane, drawn);
    if is_apart { say!("{title} (own scale)", title) } else { title }
}

/// A lane's name, over its bars; a click asks for its entries.
fn name(shared: Shared, split: Memo<Split>, is_stale: Memo<bool>, lane: &Lane, title: String) -> impl IntoView + use<> {
    let n_entries = wording::count(lane.n_entries);
    match lane.value.clone() {
        None => view! { <span class="lane-name">{title}" "<span class="n">{n_entries}</span></span> }.into_any(),
        Some(value) => {
            let narrow = move |event: ev::MouseEvent| {
                event.stop_propagation();
                if let Split::Lanes(field) = split.get_untracked()
                    && !is_stale.get_untracked()
                {
                    shared.narrow(&value_term(&field, &value), Change::Include);
                }
            };
            let hint = say!("Filter for {title}", title);
            view! {
                <button class="lane-name quiet" title=hint on:click=narrow>
                    {title}" "<span class="n">{n_entries}</span>
                </button>
            }
            .into_any()
        }
    }
}

fn bucket_range(found: &Found, bucket: usize) -> TimeRange {
    let begin = |bucket: usize| Nanos(found.start.0.saturating_add(found.width_nanos.saturating_mul(bucket as i64)));
    TimeRange { start: begin(bucket), end: begin(bucket + 1) }
}

/// Shows the bucket's time, of one lane where it is a value's.
fn zoom_into(shared: Shared, found: &Found, split: &Split, bucket: usize, row: usize) {
    let value = match &found.drawn {
        Drawn::Lanes(drawn) => drawn.get(row).and_then(|lane| lane.value.clone()),
        Drawn::Heat(_) => None,
    };
    shared.change(Visit::New, |scope| {
        scope.filter.range = Some(bucket_range(found, bucket));
        if let (Some(value), Split::Lanes(field)) = (value, split) {
            scope.filter.query = with_condition(&scope.filter.query, &value_term(field, &value), Change::Include);
        }
    });
}

/// `inventory, 2026-11-20 10:15:00 – 10:30:00: 120 entries, 3 error`
fn in_words(found: &Found, field: &str, (bucket, row): (usize, usize), zone: &Zone) -> String {
    let span = wording::span(bucket_range(found, bucket), zone);
    match &found.drawn {
        Drawn::Lanes(drawn) => {
            let Some((lane, counts)) = drawn.get(row).and_then(|lane| Some((lane, lane.buckets.get(bucket)?))) else {
                return span;
            };
            let n_entries = counted!(counts.iter().map(|&n| u64::from(n)).sum(), "entry", "entries");
            let grave = [Band::Warn, Band::Error, Band::Fatal].into_iter().filter(|&band| counts[band as usize] > 0);
            let grave: String = grave
                .map(|band| format!(", {} {}", wording::count(counts[band as usize].into()), band.name()))
                .collect();
            format!("{}, {span}: {n_entries}{grave}", called(lane))
        }
        Drawn::Heat(heat) => {
            let n_entries = heat.cells.get(bucket).map_or(0, |cells| cells.iter().map(|&n| u64::from(n)).sum());
            let Some(numbers) = heat.percentiles.get(bucket).copied().flatten() else {
                return say!("{span}: none", span);
            };
            let [p50, p95, p99] = numbers.map(|number| amount(number, heat, field));
            let words =
                format!("{span}: {}, p50 {p50}, p95 {p95}, p99 {p99}", counted!(n_entries, "number", "numbers"));
            let cell = heat.cells.get(bucket).and_then(|cells| cells.get(row)).copied();
            let (Some(n), Some(&low), Some(&high)) = (cell, heat.edges.get(row), heat.edges.get(row + 1)) else {
                return words;
            };
            let (low, high, n) = (amount(low, heat, field), amount(high, heat, field), wording::count(n.into()));
            say!("{words}; {n} of them from {low} to {high}", words, n, low, high)
        }
    }
}

fn field_of(split: &Split) -> &str {
    match split {
        Split::Lanes(field) | Split::Heat(field) => field,
        Split::None => "",
    }
}

/// Numbers are usually known within this share: three digits say all of it.
const USUAL_ERROR: f64 = 0.008;

/// In the unit that the numbers of the field are written with, or that its name says.
fn amount(number: f64, heat: &Heat, field: &str) -> String {
    in_unit(field, heat.unit)(format!("{number:.2e}").parse().unwrap_or(number))
}

/// What is drawn: `by service`, `duration_ms: p50 —, …`.
fn summary(found: &Found, split: &Split) -> String {
    let (Split::Lanes(field) | Split::Heat(field)) = split else { return String::new() };
    let what = match &found.drawn {
        Drawn::Lanes(_) if field == "template" => say!("by pattern").to_owned(),
        Drawn::Lanes(_) => say!("by {field}", field),
        Drawn::Heat(heat) if heat.edges.is_empty() => say!("{field}: no numbers", field),
        Drawn::Heat(heat) => {
            let error =
                if heat.error > USUAL_ERROR { say!("; within {:.1} %", heat.error * 100.0) } else { String::new() };
            format!("{field}: p50 —, p95 – –, p99 · ·{error}")
        }
    };
    match found.n_without {
        0 => what,
        n => say!("{what}; {} without it", what, counted!(n, "entry", "entries")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::NANOS_PER_SECOND;

    #[test]
    fn the_outer_rows_of_a_heat_map_have_all_that_is_lower_or_higher() {
        let heat = Heat { edges: (0..=24).map(f64::from).collect(), ..Heat::default() };
        let found = Found { drawn: Drawn::Heat(heat), ..Found::default() };
        // Rows are 6 pixels high, the highest at the top.
        assert_eq!(brushed_heights(&found, 3.0, 39.0), Some((Some(17.0), None)));
        assert_eq!(brushed_heights(&found, 200.0, 100.0), Some((None, Some(8.0))));
        assert_eq!(brushed_heights(&found, 39.0, 63.0), Some((Some(13.0), Some(18.0))));
        assert_eq!((brushed_heights(&found, 0.0, 144.0), brushed_heights(&found, 50.0, 51.0)), (None, None));
    }

    #[test]
    fn the_numbers_of_a_heat_map_are_in_the_unit_that_their_field_names() {
        assert_eq!(amount(340.0, &Heat::default(), "duration_ms"), "340 ms");
        assert_eq!(amount(340.0, &Heat::default(), "size"), "340");
    }

    #[test]
    fn a_cell_of_a_heat_map_is_told_by_its_numbers() {
        let edges = (0..=24).map(f64::from).collect();
        let heat = Heat { edges, percentiles: vec![Some([1.0; 3])], cells: vec![vec![0, 0, 7]], ..Heat::default() };
        let found = Found { width_nanos: NANOS_PER_SECOND, n_buckets: 1, drawn: Drawn::Heat(heat), ..Found::default() };
        // Rows are 6 pixels high, the lowest at the bottom.
        let row = row_at(&found.drawn, 144.0 - 13.0);
        assert_eq!((row, row_at(&found.drawn, 1.0)), (2, 23));
        assert!(in_words(&found, "took", (0, row), &Zone::utc()).ends_with("; 7 of them from 2 to 3"));
    }

    #[test]
    fn what_is_pointed_at_is_told() {
        let lane = Lane {
            value: Some("web".to_owned()),
            title: "web".to_owned(),
            n_entries: 1_203,
            buckets: vec![[0, 0, 0, 1_200, 0, 3, 0]],
            ..Lane::default()
        };
        let found = Found {
            width_nanos: 60 * NANOS_PER_SECOND,
            n_buckets: 1,
            drawn: Drawn::Lanes(vec![lane]),
            n_without: 5,
            ..Found::default()
        };
        assert_eq!(
            in_words(&found, "took", (0, 0), &Zone::utc()),
            "web, 1970-01-01 00:00:00 – 00:01:00: 1,203 entries, 3 error"
        );
        assert_eq!(summary(&found, &Split::Lanes("service".to_owned())), "by service; 5 entries without it");
        let heat = Heat { percentiles: vec![Some([1.0, 2.0, 3456.789])], cells: vec![vec![4]], ..Heat::default() };
        let found = Found { drawn: Drawn::Heat(heat), ..found };
        assert!(in_words(&found, "took", (0, 0), &Zone::utc()).ends_with("4 numbers, p50 1, p95 2, p99 3,460"));
    }
}
