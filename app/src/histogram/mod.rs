//! The timeline: entries over time by severity; click and drag to zoom.

mod axis;
pub use axis::{Tick, time_ticks};

mod flags;

mod gaps;

mod kept_times;

mod lanes;

mod overlay;

mod palette;

mod picture;

mod question;

pub mod still;

mod times;

use leptos::ev;
use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use model::compare::Against;
use model::deployment::Deployment;
use model::lanes::Split;
use model::protocol::{Answer, Ask, Histogram, HistogramAsk};
use model::scope::Filter;
use model::severity::{BANDS, Band, N_BANDS};
use model::time::{NANOS_PER_SECOND, Nanos, TimeRange, Zone, format_wall};
use model::{counted, say};
use plotters::prelude::IntoDrawingArea;
use plotters_canvas::CanvasBackend;

use self::flags::Flags;
use self::kept_times::KeptTimes;
use self::lanes::{Choice, Frame, Lanes, bars};
use self::overlay::Overlay;
use self::times::{Times, framed};
use crate::actions::Action;
use crate::answer::{Question, Remote, use_answer};
use crate::compare::{compare_range_with_rest, compare_with};
use crate::focus::focus_first;
use crate::late::{late, late_part};
use crate::measured::use_size;
use crate::scope::{Shared, Visit, use_shared};
use crate::search::{levels_of, toggle_level, without_levels};
use crate::theme::Themed;
use crate::{icons, wording};

/// Where only their sums are wanted.
const FEW_BUCKETS: u32 = 10;
/// A pointer that moved less than this clicked.
const CLICK_PIXELS: f64 = 4.0;
/// Rows of the text alternative: enough to follow, few enough to hear.
const SPOKEN_ROWS: usize = 24;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct AskDeployments;

impl Question for AskDeployments {
    type Answer = Vec<Deployment>;
    fn ask(&self) -> Ask {
        Ask::Deployments
    }
    fn read(answer: Answer) -> Option<Vec<Deployment>> {
        if let Answer::Deployments(found) = answer { Some(found) } else { None }
    }
}

#[component]
pub fn Timeline() -> impl IntoView {
    let shared = use_shared();
    let plot = NodeRef::<Div>::new();
    let size = use_size(plot);
    let framed = framed(shared);
    let answer = use_answer(shared.port, shared.revision, move || {
        framed.with(|filter| shared.zone.with(|zone| question::question(filter, zone, size.get().0)))
    });
    let histogram = Memo::new(move |_| answer.with(|answer| answer.answer.clone().unwrap_or_default()));
    let is_stale = Memo::new(move |_| answer.with(Remote::is_stale));
    let is_whole = Memo::new(move |_| histogram.with(|histogram| histogram.complete) && !is_stale.get());
    Effect::new(move || {
        if !is_stale.get() {
            shared.gaps.set(histogram.with(gaps::gaps));
            shared.timeline.set(histogram.get());
        }
    });
    let deployments = use_answer(shared.port, shared.revision, || Some(AskDeployments));
    Effect::new(move || {
        if let Some(found) = deployments.with(|answer| answer.answer.clone()) {
            shared.deployments.set(found);
        }
    });
    let range = Memo::new(move |_| {
        shared.filter.with(|filter| histogram.with(|histogram| question::shown_range(filter, histogram)))
    });
    let is_log = RwSignal::new(false);
    let is_split = Memo::new(move |_| shared.scope.with(|scope| scope.split != Split::None));
    view! {
        <section class="timeline" id="histogram" aria-label=say!("Timeline")
            aria-busy=move || is_stale.get().to_string() class:stale=move || is_stale.get()
            data-complete=move || is_whole.get().to_string()>
            <Legend histogram range size is_log />
            <Flags size range />
            <KeptTimes size range />
            <Plot plot size histogram is_whole range is_log />
            <Show when=move || is_split.get()>{late_part(lanes_below(size, range))}</Show>
            <InWords histogram range />
        </section>
    }
}

late! { in views: fn lanes_below(size: Signal<(f64, f64)>, range: Memo<TimeRange>) { view! { <Lanes size range /> } } }

#[component]
fn Legend(
    histogram: Memo<Histogram>,
    range: Memo<TimeRange>,
    size: Signal<(f64, f64)>,
    is_log: RwSignal<bool>,
) -> impl IntoView {
    let shared = use_shared();
    let sums = Memo::new(move |_| histogram.with(sums));
    let chosen = Memo::new(move |_| shared.filter.with(|filter| levels_of(&filter.query)));
    // While levels are chosen the others are not counted: those that could be added are asked for without the choice.
    let without_choice = use_answer(shared.port, shared.revision, move || {
        let is_narrowed = chosen.with(|chosen| !chosen.is_empty());
        let filter = shared.filter.get();
        let filter = Filter { query: without_levels(&filter.query), order: Default::default(), ..filter };
        is_narrowed.then(|| HistogramAsk { filter, max_buckets: FEW_BUCKETS, zone: Zone::utc() })
    });
    let occurring = Memo::new(move |before: Option<&Vec<Band>>| {
        let occurs =
            |sums: [u64; N_BANDS]| BANDS.into_iter().filter(|&band| sums[band as usize] > 0).collect::<Vec<_>>();
        match chosen.with(Vec::is_empty) {
            true => occurs(sums.get()),
            // Until the answer is there, those that were there before.
            false => without_choice.with(|answer| match &answer.answer {
                Some(histogram) if !answer.is_stale() => occurs(self::sums(histogram)),
                _ => before.cloned().unwrap_or_default(),
            }),
        }
    });
    let is_zoomed = Memo::new(move |_| shared.filter.with(|filter| filter.range.is_some()));
    let heading = move || {
        let undated = histogram.with(undated_in_words);
        if histogram.with(|histogram| histogram.buckets.is_empty()) {
            return undated;
        }
        let span = shared.zone.with(|zone| wording::span(range.get(), zone));
        let width = histogram.with(|histogram| wording::duration(histogram.width_nanos));
        let separator = if undated.is_empty() { "" } else { " · " };
        format!("{span} · {}{separator}{undated}", say!("{width} a bar", width))
    };
    let toggle = move |band: Band| {
        let query = shared.query.with_untracked(|query| toggle_level(query, band));
        shared.set_query(query, Visit::New);
    };
    let level = move |band: Band| {
        let n_entries = move || sums.with(|sums| sums[band as usize]);
        let is_chosen = move || chosen.with(|chosen| chosen.contains(&band));
        // A level that is chosen can be taken back, and others added to it; one that never occurs is not offered, unless
        // nothing else was chosen.
        let is_offered = move || {
            let is_usual = occurring.with(|bands| bands.contains(&band));
            let is_addable = chosen.with(|chosen| !chosen.is_empty()) && is_usual;
            let is_all_chosen = is_chosen()
                && occurring.with(|bands| chosen.with(|chosen| !chosen.iter().any(|band| bands.contains(band))));
            n_entries() > 0 || is_addable || is_all_chosen
        };
        view! {
            <Show when=is_offered>
                <button class=format!("quiet sev-{}", band.name()) aria-pressed=move || is_chosen().to_string()
                    title=say!("Filter for level {}", band.name()) on:click=move |_| toggle(band)>
                    <span class="swatch"></span>
                    <span class="sev" aria-hidden="true">{band.letter().to_string()}</span>
                    <span class="unseen">{band.name()}</span>
                    {move || (n_entries() > 0).then(|| wording::count(n_entries()))}
                </button>
            </Show>
        }
    };
    let save = move |kind| {
        let (width, range, is_log) = (size.get_untracked().0, range.get_untracked(), is_log.get_untracked());
        histogram.with_untracked(|histogram| bars::save(shared, histogram, &Frame { range, width, is_log }, kind));
    };
    view! {
        <div class="legend">
            <span class="span" title=heading>{heading}</span>
            <Times />
            {BANDS.into_iter().rev().map(level).collect_view()}
            <Choice />
            <button class="quiet" id="bars-log" aria-pressed=move || is_log.get().to_string() title=say!("Heights by magnitude")
                on:click=move |_| is_log.update(|is_log| *is_log = !*is_log)>{say!("log")}</button>
            <button class="quiet save" id="bars-svg" title=say!("Save as SVG") on:click=move |_| save(bars::Kind::Svg)>"SVG"</button>
            <button class="quiet save" id="bars-png" title=say!("Save as PNG") on:click=move |_| save(bars::Kind::Png)>"PNG"</button>
            <Show when=move || is_zoomed.get()>
                <button id="compare-rest" on:click=move |_| compare_with(shared, Against::default())
                    title=say!("What differs in this time from all other times (d)")>
                    {say!("Compare with the rest")}
                </button>
                <button id="note-time" hidden=move || !shared.owns.get() on:click=move |_| _ = shared.actions.act(Action::NoteOnTime)
                    title=say!("Keep this time and this search under a name, with a note; it is shown here (M)")>
                    {icons::icon(icons::PEN)}{say!("Note")}
                </button>
                <button id="zoom-out" on:click=move |_| { zoom_out(shared); focus_plot(); } title=say!("Zoom out (-)")>
                    {icons::icon(icons::MINUS)}{say!("Zoom out")}
                </button>
                <button id="zoom-reset" on:click=move |_| { shared.set_range(None); focus_plot(); } title=say!("Show all of the time (0)")>{say!("All")}</button>
            </Show>
        </div>
    }
}

/// The button that was pressed may be gone.
fn focus_plot() {
    focus_first(&["#histogram .plot"]);
}

fn is_zoomed_in(shared: Shared) -> bool {
    shared.filter.with_untracked(|filter| filter.range.is_some())
}

fn zoom_out(shared: Shared) {
    let everything = shared.status.with_untracked(|status| status.answer.as_ref().and_then(|status| status.range));
    let range = shared.filter.with_untracked(|filter| filter.range);
    shared.set_range(range.and_then(|range| question::zoomed_out(range, everything)));
}

#[component]
fn Plot(
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
        let Some(canvas) = canvas.get().filter(|_| width > 0.0) else { return };
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
    let is_left = middle < 0.5;
    let gap = format!("calc({}% + 1rem)", if is_left { middle } else { 1.0 - middle } * 100.0);
    view! {
        <div class="tip" aria-hidden="true" style:left=is_left.then(|| gap.clone()) style:right=(!is_left).then(|| gap.clone())>
            <div>{title}</div>
            <dl>{BANDS.into_iter().rev().map(line).collect_view()}</dl>
        </div>
    }
}

/// The histogram for those who do not see it.
#[component]
fn InWords(histogram: Memo<Histogram>, range: Memo<TimeRange>) -> impl IntoView {
    let shared = use_shared();
    let summary = move || {
        let sums = histogram.with(sums);
        let n_entries = counted!(sums.iter().sum(), "entry", "entries");
        let span = match histogram.with(|histogram| histogram.buckets.is_empty()) {
            true => String::new(),
            false => format!(" {}", say!("from {}", shared.zone.with(|zone| wording::span(range.get(), zone)))),
        };
        let undated = match histogram.with(undated_in_words) {
            words if words.is_empty() => words,
            words => format!(" ({words})"),
        };
        let levels: Vec<_> = BANDS
            .into_iter()
            .filter(|&band| sums[band as usize] > 0)
            .map(|band| format!("{} {}", wording::count(sums[band as usize]), band.name()))
            .collect();
        match &*levels {
            [] => format!("{n_entries}{span}{undated}."),
            levels => format!("{n_entries}{span}{undated}: {}.", levels.join(", ")),
        }
    };
    // Nobody listens to numbers that are still growing.
    let counted = Memo::new(move |before: Option<&Histogram>| {
        histogram.with(|now| match before {
            Some(before) if !now.complete => before.clone(),
            _ => coarser(now, SPOKEN_ROWS),
        })
    });
    let rows = move || {
        let coarse = counted.get();
        let row = |i: usize| {
            let cells = coarse.buckets[i].map(|n| view! { <td>{n}</td> });
            view! { <tr><th scope="row">{shared.zone.with(|zone| bucket_span(&coarse, i, zone))}</th>{cells.into_iter().collect_view()}</tr> }
        };
        (0..coarse.buckets.len()).filter(|&i| picture::total(&coarse.buckets[i]) > 0).map(row).collect_view()
    };
    view! {
        <div class="unseen">
            <p>{summary}</p>
            <table>
                <caption>{say!("Entries over time by level")}</caption>
                <thead><tr><th scope="col">{say!("Time")}</th>
                    {BANDS.map(|band| view! { <th scope="col">{band.name()}</th> }).into_iter().collect_view()}
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// What no bar shows; empty if the bars show everything.
fn undated_in_words(histogram: &Histogram) -> String {
    match picture::total(&histogram.undated) {
        0 => String::new(),
        n_entries => say!("{} in files without times", counted!(n_entries.into(), "entry", "entries")),
    }
}

/// Entries by level, those that no bar shows included.
fn sums(histogram: &Histogram) -> [u64; N_BANDS] {
    let mut sums = [0; N_BANDS];
    for bucket in histogram.buckets.iter().chain([&histogram.undated]) {
        for (sum, &n_entries) in sums.iter_mut().zip(bucket) {
            *sum += u64::from(n_entries);
        }
    }
    sums
}

/// The same entries in at most `max_buckets` wider buckets.
fn coarser(histogram: &Histogram, max_buckets: usize) -> Histogram {
    let n_joined = histogram.buckets.len().div_ceil(max_buckets).max(1);
    let join = |part: &[[u32; N_BANDS]]| {
        part.iter().fold([0; N_BANDS], |mut sum: [u32; N_BANDS], bucket| {
            sum.iter_mut().zip(bucket).for_each(|(sum, &n)| *sum = sum.saturating_add(n));
            sum
        })
    };
    Histogram {
        start: histogram.start,
        width_nanos: histogram.width_nanos.saturating_mul(n_joined as i64),
        buckets: histogram.buckets.chunks(n_joined).map(join).collect(),
        undated: histogram.undated,
        complete: histogram.complete,
    }
}

fn bucket_span(histogram: &Histogram, bucket: usize, zone: &Zone) -> String {
    let range = question::bucket_range(histogram, bucket);
    let digits = if histogram.width_nanos < NANOS_PER_SECOND { 3 } else { 0 };
    let start = format_wall(range.start, zone, digits);
    let end = format_wall(range.end, zone, digits);
    let (same_day, clock) = match (start.split_once(' '), end.split_once(' ')) {
        (Some((day, _)), Some((other, clock))) => (day == other, clock),
        _ => (false, ""),
    };
    if same_day { format!("{start} – {clock}") } else { format!("{start} – {end}") }
}

fn bucket_in_words(histogram: &Histogram, bucket: usize, zone: &Zone) -> String {
    let counts = histogram.buckets.get(bucket).copied().unwrap_or_default();
    let n_entries = counted!(picture::total(&counts).into(), "entry", "entries");
    let levels = [Band::Warn, Band::Error, Band::Fatal].map(|band| (counts[band as usize], band.name()));
    let grave: Vec<_> = levels.iter().filter(|(n, _)| *n > 0).map(|(n, name)| format!("{n} {name}")).collect();
    let grave = if grave.is_empty() { String::new() } else { say!(", of them {}", grave.join(", ")) };
    format!("{}: {n_entries}{grave}", bucket_span(histogram, bucket, zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joining_buckets_loses_no_entry() {
        let buckets: Vec<_> = (0..100).map(|n| [n, 0, 1, 0, 0, 2, 0]).collect();
        let fine = Histogram { start: Nanos(0), width_nanos: NANOS_PER_SECOND, buckets, ..Default::default() };
        let coarse = coarser(&fine, SPOKEN_ROWS);
        assert!(coarse.buckets.len() <= SPOKEN_ROWS);
        assert_eq!(sums(&coarse), sums(&fine));
        assert_eq!(coarse.width_nanos, 5 * NANOS_PER_SECOND);
    }

    #[test]
    fn a_bucket_is_told_with_what_is_grave_in_it() {
        let histogram = Histogram {
            start: Nanos(0),
            width_nanos: 60 * NANOS_PER_SECOND,
            buckets: vec![[0, 0, 0, 1_000, 2, 3, 0]],
            ..Default::default()
        };
        let words = bucket_in_words(&histogram, 0, &Zone::utc());
        assert_eq!(words, "1970-01-01 00:00:00 – 00:01:00: 1,005 entries, of them 2 warn, 3 error");
    }
}
