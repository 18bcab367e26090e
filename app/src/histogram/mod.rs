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

mod plot;

mod question;

pub mod still;

mod times;

mod wheel;

mod words;

use leptos::html::Div;
use leptos::prelude::*;
use model::compare::Against;
use model::deployment::Deployment;
use model::lanes::Split;
use model::protocol::{Answer, Ask, Histogram, HistogramAsk};
use model::say;
use model::scope::Filter;
use model::severity::{BANDS, Band, N_BANDS};
use model::time::{TimeRange, Zone};

use self::flags::Flags;
use self::kept_times::KeptTimes;
use self::lanes::{Choice, Frame, Lanes, bars};
use self::plot::Plot;
use self::times::{Times, framed};
use self::words::{InWords, sums, undated_in_words};
use crate::actions::Action;
use crate::answer::{Question, Remote, use_answer};
use crate::compare::compare_with;
use crate::edge::{self, Edge, Size};
use crate::focus::{focus_first, focus_when_lost};
use crate::kept;
use crate::late::{late, late_part};
use crate::measured::use_size;
use crate::scope::{Shared, Visit, use_shared};
use crate::search::{levels_of, toggle_level, without_levels};
use crate::{icons, wording};

/// Where only their sums are wanted.
const FEW_BUCKETS: u32 = 10;
/// Bars that are lower tell nothing.
const LEAST_PIXELS: f64 = 56.0;
/// A pointer that moved less than this clicked.
const CLICK_PIXELS: f64 = 4.0;

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
            let query = shared.filter.with(|filter| filter.query.clone());
            shared.gaps.set(histogram.with(|histogram| gaps::gaps(histogram, &query)));
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
    let height = Size::remembered("timeline-height");
    // Lanes below bars that were made higher leave half of the window to what is below both.
    let lanes_most = move || height.css().map(|_| "max(7rem, 50dvh - 11rem - var(--plot))".to_owned());
    let is_folded = RwSignal::new(kept::read(FOLDED).is_some());
    shared.actions.on(move |action| match action {
        Action::FoldTimeline => {
            fold(is_folded);
            true
        }
        // Whoever goes into it wants to see it.
        Action::Timeline if is_folded.get_untracked() => {
            fold(is_folded);
            request_animation_frame(focus_plot);
            true
        }
        _ => false,
    });
    let on_wheel = wheel::zoom(shared, plot, wheel::Bars { framed, histogram, is_stale });
    view! {
        <section class="timeline" id="histogram" aria-label=say!("Timeline")
            aria-busy=move || is_stale.get().to_string() class:stale=move || is_stale.get()
            class:folded=move || is_folded.get() style=("--bars", move || height.css()) style=("--lanes-most", lanes_most)
            data-complete=move || is_whole.get().to_string() on:wheel=on_wheel>
            <Legend histogram range size is_log is_folded />
            <Flags size range />
            <KeptTimes size range />
            <Plot plot size histogram is_whole range is_log />
            <Edge label=say!("Height of the timeline") panel=edge::Panel::Before size=height measured=size least=LEAST_PIXELS />
            <Show when=move || is_split.get() && !is_folded.get()>{late_part(lanes_below(size, range))}</Show>
            <InWords histogram range />
        </section>
    }
}

/// What is kept where only the row above the bars is to be seen.
const FOLDED: &str = "timeline-folded";

/// Shows the bars and lanes, or hides them.
fn fold(is_folded: RwSignal<bool>) {
    let is_now = !is_folded.get_untracked();
    is_folded.set(is_now);
    match is_now {
        true => kept::write(FOLDED, "yes"),
        false => kept::forget(FOLDED),
    }
    let is_inside = |element: web_sys::Element| {
        element.closest("#histogram :is(.plot, .handle, #lanes)").is_ok_and(|found| found.is_some())
    };
    if is_now && document().active_element().is_some_and(is_inside) {
        focus_when_lost(vec!["#fold-timeline".to_owned()]);
    }
}

late! { in views: fn lanes_below(size: Signal<(f64, f64)>, range: Memo<TimeRange>) { view! { <Lanes size range /> } } }

#[component]
fn Legend(
    histogram: Memo<Histogram>,
    range: Memo<TimeRange>,
    size: Signal<(f64, f64)>,
    is_log: RwSignal<bool>,
    is_folded: RwSignal<bool>,
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
                Some(histogram) if !answer.is_stale() => occurs(words::sums(histogram)),
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
            <button class="quiet" id="fold-timeline" aria-expanded=move || (!is_folded.get()).to_string() aria-label=say!("Timeline")
                title=say!("Show or hide the timeline (I)") on:click=move |_| fold(is_folded)>{icons::icon(icons::MORE)}</button>
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
                    {icons::icon(icons::PEN)}<span class="long">{say!("Note")}</span>
                </button>
                <button id="zoom-out" on:click=move |_| { zoom_out(shared); focus_plot(); } title=say!("Zoom out (-)")>
                    {icons::icon(icons::MINUS)}<span class="long">{say!("Zoom out")}</span>
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
